/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search - a table of the first eight bytes of every stretch, and a comparison of the rest
 * where those are the same.
 *
 * Does not know what wrote the files. Invariant: every stretch that was added and has
 * enough variety is in the table.
 */
#include "search.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

enum {
	KEY_BYTES = 8,
	BUCKET_BITS = 21,
	BUCKETS = 1 << BUCKET_BITS,
	NEEDLES_MAX = 64,
	WORDS_MIN = 4,
	FOLDERS_OPEN_MAX = 16,
};

struct needle {
	char name[64];
	uint8_t *bytes; /* owned */
	size_t size;
};

struct stretch {
	uint32_t needle;
	uint32_t at; /* in the needle */
	uint32_t size;
	uint32_t next; /* in the bucket, 1-based; 0 none */
};

struct search {
	size_t needle_count;
	struct needle needles[NEEDLES_MAX];
	size_t count;
	size_t capacity;
	struct stretch *stretches; /* owned */
	uint32_t buckets[BUCKETS]; /* 1-based; 0 none */
	size_t files;
	size_t read;
};

struct search *search_create(void)
{
	struct search *search = calloc(1, sizeof(*search));

	assert_non_null(search);
	return search;
}

void search_destroy(struct search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < search->needle_count; i++)
		free(search->needles[i].bytes);
	free(search->stretches);
	free(search);
}

size_t search_size(const struct search *search)
{
	return search->count;
}

size_t search_files(const struct search *search)
{
	return search->files;
}

size_t search_read(const struct search *search)
{
	return search->read;
}

/* --- what to look for ------------------------------------------------------------------- */

static uint32_t bucket_of(const uint8_t *bytes, size_t size)
{
	uint64_t key = 0;

	memcpy(&key, bytes, size < KEY_BYTES ? size : (size_t)KEY_BYTES);
	return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> (64 - BUCKET_BITS));
}

static bool has_variety(const uint8_t *bytes, size_t size)
{
	bool seen[256] = {false};
	size_t different = 0;

	for (size_t i = 0; i < size; i++) {
		different += !seen[bytes[i]];
		seen[bytes[i]] = true;
	}
	return different >= SEARCH_VARIETY;
}

static void add_stretch(struct search *search, uint32_t needle, size_t at, size_t key,
			size_t size)
{
	const uint32_t bucket = bucket_of(search->needles[needle].bytes + at, key);

	if (search->count == search->capacity) {
		search->capacity = search->capacity ? 2 * search->capacity : 65536;
		search->stretches =
			realloc(search->stretches,
				search->capacity * sizeof(*search->stretches));
		assert_non_null(search->stretches);
	}
	search->stretches[search->count] =
		(struct stretch){.needle = needle,
				 .at = (uint32_t)at,
				 .size = (uint32_t)size,
				 .next = search->buckets[bucket]};
	search->count++;
	search->buckets[bucket] = (uint32_t)search->count;
}

static uint32_t add_needle(struct search *search, const char *name, const void *bytes,
			   size_t size)
{
	struct needle *needle = &search->needles[search->needle_count];

	assert_true(search->needle_count < NEEDLES_MAX);
	assert_true(str_copy(needle->name, sizeof(needle->name), name));
	needle->bytes = malloc(size);
	assert_non_null(needle->bytes);
	memcpy(needle->bytes, bytes, size);
	needle->size = size;
	return (uint32_t)search->needle_count++;
}

void search_add_bytes(struct search *search, const char *name, const void *bytes,
		      size_t size, size_t step)
{
	const uint32_t needle = add_needle(search, name, bytes, size);

	for (size_t at = 0; at + SEARCH_STRETCH <= size; at += step) {
		if (has_variety(search->needles[needle].bytes + at, SEARCH_STRETCH))
			add_stretch(search, needle, at, KEY_BYTES, SEARCH_STRETCH);
	}
}

static void add_converted(struct search *search, struct audio_span sound)
{
	float *whole = malloc(sound.count * sizeof(*whole));
	float *scaled = malloc(sound.count * sizeof(*scaled));
	double *wide = malloc(sound.count * sizeof(*wide));
	uint16_t *swapped = malloc(sound.count * sizeof(*swapped));

	assert_true(whole && scaled && wide && swapped);
	for (size_t i = 0; i < sound.count; i++) {
		const uint16_t bits = (uint16_t)sound.samples[i];

		whole[i] = (float)sound.samples[i];
		scaled[i] = (float)sound.samples[i] / 32768.0F;
		wide[i] = (double)sound.samples[i] / 32768.0;
		swapped[i] = (uint16_t)(bits >> 8 | bits << 8);
	}
	search_add_bytes(search, "sound as floats", whole, sound.count * sizeof(*whole),
			 sizeof(*whole));
	search_add_bytes(search, "sound as scaled floats", scaled,
			 sound.count * sizeof(*scaled), sizeof(*scaled));
	search_add_bytes(search, "sound as doubles", wide, sound.count * sizeof(*wide),
			 sizeof(*wide));
	search_add_bytes(search, "sound in the other byte order", swapped,
			 sound.count * sizeof(*swapped), sizeof(*swapped));
	free(whole);
	free(scaled);
	free(wide);
	free(swapped);
}

static void add_hex(struct search *search, const uint8_t *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);

	assert_non_null(text);
	str_to_hex(text, bytes, size);
	search_add_bytes(search, "sound in hexadecimal", text, 2 * size, 2);
	for (size_t i = 0; i < 2 * size; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
	search_add_bytes(search, "sound in HEXADECIMAL", text, 2 * size, 2);
	free(text);
}

/* shift: how many bytes stand before the sound in its group of three. */
static void add_base64(struct search *search, const uint8_t *bytes, size_t size,
		       size_t shift)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t first = (3 - shift) % 3;
	char *text = malloc(size / 3 * 4 + 4);
	size_t count = 0;

	assert_non_null(text);
	for (size_t at = first; at + 3 <= size; at += 3) {
		const uint32_t group = (uint32_t)bytes[at] << 16 |
				       (uint32_t)bytes[at + 1] << 8 | bytes[at + 2];

		for (int bit = 18; bit >= 0; bit -= 6)
			text[count++] = letters[group >> bit & 63];
	}
	search_add_bytes(search, "sound in base64", text, count, 4);
	free(text);
}

void search_add_sound(struct search *search, struct audio_span sound)
{
	const uint8_t *bytes = (const uint8_t *)sound.samples;
	const size_t size = sound.count * sizeof(*sound.samples);

	search_add_bytes(search, "sound", bytes, size, sizeof(*sound.samples));
	add_converted(search, sound);
	add_hex(search, bytes, size);
	for (size_t shift = 0; shift < 3; shift++)
		add_base64(search, bytes, size, shift);
}

/* The whole of it, whatever its variety. */
static void add_whole(struct search *search, const char *name, const void *bytes,
		      size_t size)
{
	const uint32_t needle = add_needle(search, name, bytes, size);

	add_stretch(search, needle, 0, size < KEY_BYTES ? size : (size_t)KEY_BYTES, size);
}

void search_add_words(struct search *search, const char *words)
{
	char name[64];
	char bytes[64];
	char wide[128];
	const size_t size = strlen(words);

	assert_true(size >= WORDS_MIN && size < sizeof(bytes));
	assert_true(str_format(name, sizeof(name), "the words '%s'", words));
	for (int folded = 0; folded < 2; folded++) {
		for (size_t i = 0; i < size; i++) {
			const unsigned char letter = (unsigned char)words[i];

			bytes[i] = (char)(folded ? toupper(letter) : tolower(letter));
			wide[2 * i] = bytes[i];
			wide[2 * i + 1] = '\0';
		}
		/* Four letters are in the table by four; longer ones by eight. */
		add_whole(search, name, bytes, size);
		add_whole(search, name, wide, 2 * size);
	}
}

/* --- looking ---------------------------------------------------------------------------- */

static const struct stretch *find_in_bucket(const struct search *search, uint32_t bucket,
					    const uint8_t *bytes, size_t left)
{
	for (uint32_t i = search->buckets[bucket]; i != 0;
	     i = search->stretches[i - 1].next) {
		const struct stretch *stretch = &search->stretches[i - 1];

		if (stretch->size <= left &&
		    memcmp(search->needles[stretch->needle].bytes + stretch->at, bytes,
			   stretch->size) == 0)
			return stretch;
	}
	return NULL;
}

bool search_bytes(struct search *search, const void *given, size_t size,
		  const char **out_name)
{
	const uint8_t *bytes = given;

	for (size_t at = 0; at + WORDS_MIN <= size; at++) {
		const struct stretch *found = NULL;

		for (size_t key = WORDS_MIN; !found && key <= KEY_BYTES; key++) {
			if (size - at >= key)
				found = find_in_bucket(search, bucket_of(bytes + at, key),
						       bytes + at, size - at);
		}
		if (found) {
			*out_name = search->needles[found->needle].name;
			return true;
		}
	}
	return false;
}

/* nftw has no context. */
static struct search *walking;
static char *found_where;
static bool was_found;

static void look_into(const char *path, const struct stat *about)
{
	const size_t size = (size_t)about->st_size;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *name = NULL;
	void *bytes;

	if (fd < 0 && errno == ENOENT)
		return; /* it went while we looked */
	if (fd < 0)
		fail_msg("%s: cannot be searched: %s", path, strerror(errno));
	bytes = malloc(size + 1);
	assert_non_null(bytes);
	const ssize_t got = pread(fd, bytes, size, 0);
	close(fd);
	assert_true(got >= 0);
	walking->files++;
	walking->read += (size_t)got;
	if (search_bytes(walking, bytes, (size_t)got, &name)) {
		was_found = true;
		(void)str_format(found_where, SEARCH_WHERE_BYTES, "%s: %s", path, name);
	}
	free(bytes);
}

static int visit(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)place;
	if (kind == FTW_F && S_ISREG(about->st_mode) && about->st_size > 0)
		look_into(path, about);
	return was_found;
}

bool search_folder(struct search *search, const char *folder,
		   char where[SEARCH_WHERE_BYTES])
{
	walking = search;
	found_where = where;
	was_found = false;
	search->files = 0;
	search->read = 0;
	assert_true(nftw(folder, visit, FOLDERS_OPEN_MAX, FTW_PHYS) >= 0);
	return was_found;
}
