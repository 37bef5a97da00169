/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saying - the rows of saying.def, and values for their slots. Pure; knows no words.
 */
#include "domain/saying.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	enum saying_kind kind;
} SLOTS_TABLE[SLOT_COUNT] = {
#define SLOT(name, text, kind, description) [SLOT_##name] = {text, SAYING_KIND_##kind},
#include "domain/saying.def"
#undef SLOT
};

#define SLOTS(...)          \
	{                   \
		__VA_ARGS__ \
	}
static const struct {
	const char *text;
	enum saying_slot slots[SAYING_SLOTS_MAX];
} SAYINGS[SAYING_COUNT] = {
	[SAYING_NONE] = {"", {SLOT_NONE}},
#define SAYING(name, key, slots, description) [SAYING_##name] = {key, slots},
#include "domain/saying.def"
#undef SAYING
};
#undef SLOTS

const char *saying_key_text(enum saying_key key)
{
	must(key < SAYING_COUNT);
	return SAYINGS[key].text;
}

enum saying_slot saying_slot_at(enum saying_key key, size_t index)
{
	must(key < SAYING_COUNT);
	return index < SAYING_SLOTS_MAX ? SAYINGS[key].slots[index] : SLOT_NONE;
}

const char *saying_slot_text(enum saying_slot slot)
{
	must(slot > SLOT_NONE && slot < SLOT_COUNT);
	return SLOTS_TABLE[slot].text;
}

enum saying_kind saying_slot_kind(enum saying_slot slot)
{
	must(slot > SLOT_NONE && slot < SLOT_COUNT);
	return SLOTS_TABLE[slot].kind;
}

bool saying_slot_is_number(enum saying_slot slot)
{
	enum saying_kind kind = saying_slot_kind(slot);

	return kind == SAYING_KIND_COUNT || kind == SAYING_KIND_DECIMAL;
}

struct saying saying_make(enum saying_key key)
{
	struct saying saying;

	must(key < SAYING_COUNT);
	memset(&saying, 0, sizeof(saying));
	saying.key = key;
	return saying;
}

struct saying saying_refusal(enum reason reason)
{
	struct saying saying = saying_make(SAYING_REFUSED);

	saying_set_number(&saying, SLOT_REFUSAL, reason);
	return saying;
}

static struct saying_value *value_of(struct saying *saying, enum saying_slot slot)
{
	struct saying_value *value = NULL;

	must(slot != SLOT_NONE);
	for (size_t i = 0; i < SAYING_SLOTS_MAX; i++)
		if (saying_slot_at(saying->key, i) == slot)
			value = &saying->values[i];
	must(value);
	return value;
}

/* As much of it as fits, in whole characters. */
static void copy_cut(char *to, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(to, text, length);
	to[length] = '\0';
	str_clean(to);
}

void saying_set_text(struct saying *saying, enum saying_slot slot, const char *text)
{
	struct saying_value *value = value_of(saying, slot);
	enum saying_kind kind = saying_slot_kind(slot);

	must(kind == SAYING_KIND_COLOUR || kind == SAYING_KIND_DEVICE ||
	     kind == SAYING_KIND_STATE || kind == SAYING_KIND_WORDS);
	copy_cut(value->text, sizeof(value->text), text);
}

void saying_set_number(struct saying *saying, enum saying_slot slot, double number)
{
	struct saying_value *value = value_of(saying, slot);
	enum saying_kind kind = saying_slot_kind(slot);

	must(saying_slot_is_number(slot) || kind == SAYING_KIND_ACTION ||
	     kind == SAYING_KIND_AGO || kind == SAYING_KIND_BECAUSE ||
	     kind == SAYING_KIND_CLOCK || kind == SAYING_KIND_DAY ||
	     kind == SAYING_KIND_DURATION || kind == SAYING_KIND_REFUSAL ||
	     kind == SAYING_KIND_SKY || kind == SAYING_KIND_UNIT ||
	     kind == SAYING_KIND_WHEN);
	value->number = number;
}

void saying_set_date(struct saying *saying, enum saying_slot slot,
		     const struct saying_date *date)
{
	struct saying_value *value = value_of(saying, slot);

	must(saying_slot_kind(slot) == SAYING_KIND_DATE);
	must(date->month >= 0 && date->month < 12);
	must(date->weekday >= 0 && date->weekday < 7);
	value->date = *date;
}

void saying_add_name(struct saying *saying, enum saying_slot slot, const char *name)
{
	struct saying_value *value = value_of(saying, slot);
	enum saying_kind kind = saying_slot_kind(slot);

	must(kind == SAYING_KIND_ENTRIES || kind == SAYING_KIND_EXAMPLES ||
	     kind == SAYING_KIND_KINDS || kind == SAYING_KIND_LINES ||
	     kind == SAYING_KIND_NAMES || kind == SAYING_KIND_PLACES);
	if (value->name_count < SAYING_NAMES_MAX)
		copy_cut(value->names[value->name_count], NAME_BYTES, name);
	value->name_count++;
}
