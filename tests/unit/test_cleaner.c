/* SPDX-License-Identifier: Apache-2.0 */
/* The cleaner's file and what is refused, what a net adds, and the front end around it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/cleaner.h"
#include "adapter/front.h"
#include "base/crc.h"
#include "base/half.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "unit/cmocka_all.h"

#define MODEL "/usr/share/pocketsphinx/model/en-us/en-us"

enum {
	HIDDEN = 3,
	VALUES = 2 * SPHINX_CEP,
	INPUTS = CLEANER_FRAMES * VALUES,
	SCALES = VALUES, /* where the scales begin */
	AMOUNTS = 2 * VALUES,
	FIRST = AMOUNTS + SPHINX_CEP,
	FIRST_BIAS = FIRST + INPUTS * HIDDEN,
	SECOND = FIRST_BIAS + HIDDEN,
	SECOND_BIAS = SECOND + HIDDEN * HIDDEN,
	LAST = SECOND_BIAS + HIDDEN,
	LAST_BIAS = LAST + HIDDEN * SPHINX_CEP,
	NUMBERS = LAST_BIAS + SPHINX_CEP,
	HEAD_BYTES = 24,
	FILE_BYTES = HEAD_BYTES + NUMBERS * HALF_BYTES + 4,
};

struct file {
	float numbers[NUMBERS];
	uint8_t bytes[FILE_BYTES + 1];
};

static void seal(struct file *file)
{
	struct pack pack;
	size_t at;

	pack_init(&pack, file->bytes, FILE_BYTES);
	pack_bytes(&pack, "BHSTCLNR", 8);
	pack_u32(&pack, 1);
	pack_u32(&pack, CLEANER_BEFORE);
	pack_u32(&pack, CLEANER_AFTER);
	pack_u32(&pack, HIDDEN);
	assert_true(half_put(&pack, file->numbers, NUMBERS, &at));
	pack_u32(&pack, crc32_of(file->bytes, pack.size));
	assert_true(pack_is_whole(&pack) && pack.size == FILE_BYTES);
}

/* Nothing but scales of 1: a net that adds nothing. */
static struct file *blank(void)
{
	struct file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	for (size_t i = 0; i < VALUES; i++)
		file->numbers[SCALES + i] = 1;
	for (size_t i = 0; i < SPHINX_CEP; i++)
		file->numbers[AMOUNTS + i] = 1;
	seal(file);
	return file;
}

static struct cleaner *load(const struct file *file)
{
	struct cleaner *cleaner = NULL;

	assert_int_equal(cleaner_decode("x", file->bytes, FILE_BYTES, &cleaner, NULL),
			 OK);
	return cleaner;
}

/* Adds to c0 twice the newest frame's raw c0, if that is above its mean of 5; and 0.25 to
 * c12 whatever comes. */
static void adds_what_the_net_says(void **state)
{
	struct file *file = blank();
	struct cleaner_frame frames[CLEANER_FRAMES] = {0};
	const struct cleaner_frame *window[CLEANER_FRAMES];
	struct sphinx_cep cep = {{10}};
	struct cleaner *cleaner;
	const size_t newest = (size_t)(CLEANER_FRAMES - 1) * VALUES + SPHINX_CEP;

	(void)state;
	file->numbers[SPHINX_CEP] = 5;          /* mean of raw c0 */
	file->numbers[SCALES + SPHINX_CEP] = 2; /* its scale */
	file->numbers[FIRST + newest * HIDDEN + 1] = 1;
	file->numbers[SECOND + 1 * HIDDEN + 2] = 0.5F;
	file->numbers[LAST + 2 * SPHINX_CEP + 0] = 8;
	file->numbers[LAST_BIAS + 12] = 0.5F;
	file->numbers[AMOUNTS + 12] = 0.5F;
	seal(file);
	cleaner = load(file);
	for (size_t i = 0; i < CLEANER_FRAMES; i++)
		window[i] = &frames[i];
	frames[CLEANER_FRAMES - 1].raw.value[0] = 9;
	cleaner_clean(cleaner, window, &cep);
	assert_true(cep.value[0] == 10 + 8); /* (9 - 5) / 2 * 0.5 * 8 */
	assert_true(cep.value[12] == 0.25F && cep.value[1] == 0);
	frames[CLEANER_FRAMES - 1].raw.value[0] = 1; /* below the mean: shut */
	cleaner_clean(cleaner, window, &cep);
	assert_true(cep.value[0] == 18 && cep.value[12] == 0.5F);
	cleaner_destroy(cleaner);
	free(file);
}

static void refuses(const uint8_t *bytes, size_t size, const char *what)
{
	struct cleaner *cleaner = NULL;
	struct err_note note = {""};

	assert_int_equal(cleaner_decode("x", bytes, size, &cleaner, &note), ERR_FORMAT);
	assert_null(cleaner);
	assert_int_equal(strncmp(note.text, "x: byte ", 8), 0);
	if (!strstr(note.text, what))
		fail_msg("'%s' does not say '%s'", note.text, what);
}

static void bad_files(void **state)
{
	static const struct {
		size_t at;
		const char *what;
	} HEADS[] = {{0, "BHSTCLNR"}, {11, "version"},   {15, "other frames"},
		     {19, "frames"},  {22, "cut short"}, {20, "the width"}};
	struct file *file = blank();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(HEADS); i++) {
		file->bytes[HEADS[i].at] ^= 1;
		refuses(file->bytes, FILE_BYTES, HEADS[i].what);
		file->bytes[HEADS[i].at] ^= 1;
	}
	for (size_t size = 0; size < FILE_BYTES; size += size < 40 ? 1 : 97)
		refuses(file->bytes, size, size < 8 ? "BHSTCLNR" : "");
	refuses(file->bytes, FILE_BYTES + 1, "too long");
	for (size_t i = HEAD_BYTES; i < FILE_BYTES; i += 61) {
		file->bytes[i] ^= 1;
		refuses(file->bytes, FILE_BYTES, "");
		file->bytes[i] ^= 1;
	}
	file->bytes[HEAD_BYTES] = 0x7C; /* infinite */
	refuses(file->bytes, FILE_BYTES, "not finite");
	file->numbers[SCALES + 3] = 0;
	seal(file);
	refuses(file->bytes, FILE_BYTES, "above zero");
	free(file);
}

static void missing_file(void **state)
{
	struct cleaner *cleaner = NULL;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(cleaner_load("/nowhere/net", &cleaner, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "/nowhere/net"));
	cleaner_destroy(NULL);
}

/* --- the front end --- */

enum { SECONDS = 3, SAMPLES = SECONDS * 16000, STEP = 320, OUT_MAX = SECONDS * 110 };

struct run {
	struct front_frame frames[OUT_MAX];
	struct sphinx_cep cleaned[OUT_MAX];
	size_t count;
	size_t cleaned_count;
	size_t late; /* the most frames that could not be cleaned yet */
};

/* A second of something like a voice between quiet. */
static void make_sound(int16_t *samples)
{
	uint32_t luck = 1;

	for (size_t i = 0; i < SAMPLES; i++) {
		luck = luck * 1664525 + 1013904223;
		double noise = (double)(luck >> 16) / 65536 - 0.5;
		double voice = i / 16000 == 1 ? 6000 * sin((double)i * 0.06) *
							sin((double)i * 0.0007)
					      : 0;
		samples[i] = (int16_t)(voice + 20 * noise);
	}
}

static void clean_ready(const struct front *front, struct run *run)
{
	while (run->cleaned_count < run->count &&
	       front_clean(front, &run->frames[run->cleaned_count],
			   &run->cleaned[run->cleaned_count]))
		run->cleaned_count++;
	if (run->count - run->cleaned_count > run->late)
		run->late = run->count - run->cleaned_count;
}

static void run_front(struct front *front, const int16_t *samples, struct run *run)
{
	memset(run, 0, sizeof(*run));
	front_begin(front);
	for (size_t i = 0; i + STEP <= SAMPLES; i += STEP) {
		run->count +=
			front_feed(front, samples + i, STEP, run->frames + run->count);
		clean_ready(front, run);
	}
	run->count += front_end(front, run->frames + run->count);
	clean_ready(front, run);
	assert_in_range(run->count, 50, OUT_MAX);
	assert_int_equal(run->cleaned_count, run->count);
}

static bool same_plain(const struct run *a, const struct run *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (memcmp(&a->frames[i].cep, &b->frames[i].cep,
			   sizeof(struct sphinx_cep)) != 0)
			return false;
	return a->count == b->count;
}

/* With a cleaner the library's frames come out as without one; cleaned, each has
 * what the net adds, here its own c0 where that is above zero: so the net looked at the
 * right frame. */
static void front_with_and_without(void **state)
{
	static int16_t samples[SAMPLES];
	struct run *with = calloc(1, sizeof(*with));
	struct run *without = calloc(1, sizeof(*without));
	struct sphinx_search *search = NULL;
	struct front *plain = NULL;
	struct front *cleaning = NULL;
	struct file *file = blank();
	struct cleaner *cleaner;

	(void)state;
	assert_non_null(with);
	assert_non_null(without);
	file->numbers[FIRST + (size_t)CLEANER_BEFORE * VALUES * HIDDEN] = 1;
	file->numbers[SECOND] = file->numbers[LAST] = 1;
	seal(file);
	cleaner = load(file);
	make_sound(samples);
	assert_int_equal(sphinx_grammar_create(MODEL, false, &search, NULL), OK);
	assert_int_equal(front_create(search, NULL, &plain), OK);
	assert_int_equal(front_create(search, cleaner, &cleaning), OK);
	for (int round = 0; round < 2; round++) {
		run_front(plain, samples, without);
		run_front(cleaning, samples, with);
		assert_true(same_plain(with, without));
		for (size_t i = 0; i < with->count; i++) {
			float c0 = with->frames[i].cep.value[0];
			assert_true(with->cleaned[i].value[0] == c0 + fmaxf(c0, 0));
			assert_true(with->cleaned[i].value[5] ==
				    with->frames[i].cep.value[5]);
		}
		assert_memory_equal(&without->cleaned[7], &without->frames[7].cep,
				    sizeof(struct sphinx_cep));
		/* A frame leaves at once, and its cleaned form when those after it have. */
		assert_int_equal(without->late, 0);
		assert_in_range(with->late, 1, CLEANER_AFTER);
	}
	front_destroy(plain);
	front_destroy(cleaning);
	front_destroy(NULL);
	sphinx_search_destroy(search);
	cleaner_destroy(cleaner);
	free(file);
	free(with);
	free(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_what_the_net_says),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(front_with_and_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
