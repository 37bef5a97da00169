/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music - names of music, checked before they are kept. Pure.
 */
#include "domain/music.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const char *const KINDS[] = {
#define MUSIC_KIND(name, text) [MUSIC_##name] = text,
	MUSIC_KINDS(MUSIC_KIND)
#undef MUSIC_KIND
		[MUSIC_ANYTHING] = "",
	[MUSIC_SEARCH] = "search",
};

const char *music_kind_text(enum music_kind kind)
{
	must(kind <= MUSIC_SEARCH);
	return KINDS[kind];
}

bool music_kind_from_text(const char *text, enum music_kind *out_kind)
{
	for (size_t i = 0; i < STR_COUNT(KINDS); i++) {
		if (!str_equal(KINDS[i], text))
			continue;
		*out_kind = (enum music_kind)i;
		return true;
	}
	return false;
}

static bool has_control(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at < ' ' || *at == 0x7f)
			return true;
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* C1 */
			return true;
	}
	return false;
}

bool music_name_take(char *to, size_t size, const char *text)
{
	char kept[NAME_BYTES];

	if (!str_is_utf8(text, strlen(text)) || has_control(text) ||
	    !str_copy(kept, sizeof(kept), text))
		return false;
	str_trim(kept);
	if (kept[0] == '\0' || strlen(kept) >= size)
		return false;
	return str_copy(to, size, kept);
}

static size_t count_of(const struct music_library *library, enum music_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < library->count; i++)
		count += library->names[i].kind == kind;
	return count;
}

static bool is_known(const struct music_library *library, const struct music_name *name)
{
	for (size_t i = 0; i < library->count; i++)
		if (library->names[i].kind == name->kind &&
		    str_equal(library->names[i].text, name->text))
			return true;
	return false;
}

void music_library_add(struct music_library *library, enum music_kind kind,
		       const char *text)
{
	struct music_name name = {.kind = kind};

	must(kind < MUSIC_KIND_COUNT);
	if (!music_name_take(name.text, sizeof(name.text), text) ||
	    count_of(library, kind) == MUSIC_SPOKEN_MAX) {
		library->left_out[kind]++;
		return;
	}
	if (!is_known(library, &name))
		library->names[library->count++] = name;
}

/* In the same order: players tell them sorted. */
static bool is_same(const struct music_library *a, const struct music_library *b,
		    enum music_kind kind)
{
	size_t at = 0;

	if (count_of(a, kind) != count_of(b, kind))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->names[i].kind != kind)
			continue;
		while (b->names[at].kind != kind)
			at++;
		if (!str_equal(a->names[i].text, b->names[at++].text))
			return false;
	}
	return true;
}

static void forget(struct music_library *library, enum music_kind kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < library->count; i++)
		if (library->names[i].kind != kind)
			library->names[kept++] = library->names[i];
	library->count = kept;
}

void music_library_take(struct music_library *library, enum music_kind kind,
			const struct music_library *from)
{
	library->left_out[kind] = from->left_out[kind];
	if (is_same(library, from, kind))
		return;
	forget(library, kind);
	for (size_t i = 0; i < from->count; i++)
		if (from->names[i].kind == kind)
			library->names[library->count++] = from->names[i];
	library->version++;
}
