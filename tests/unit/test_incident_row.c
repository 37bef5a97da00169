/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_row: a step reads back as it was written, by its keeper, house and key alone, and
 * not with a bit of it changed or cut off; what it says does not stand there to be read.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "keeper/incident_row.h"

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {7};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {3};
static const struct incident_place PLACE = {{{1}}, HOUSE_KEY};

struct bench {
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct incident_step step;
	uint8_t key[INCIDENT_KEY_BYTES];
	uint8_t row[INCIDENT_ROW_BYTES_MAX];
	size_t size;
};

static void fill(char *to, size_t size, char with)
{
	memset(to, with, size - 1);
	to[size - 1] = '\0';
}

/* Everything as long as it may be. */
static struct incident_step longest(enum incident_kind kind)
{
	struct incident_step step = {
		.id = {{9, 8, 7}},
		.number = 515,
		.kind = kind,
		.at_ms = 1700000000123,
		.by = {{4}},
	};

	fill(step.who, sizeof(step.who), 'w');
	fill(step.reference, sizeof(step.reference), 'r');
	fill(step.words, sizeof(step.words), 'x');
	if (kind != INCIDENT_OPENED)
		return step;
	step.cause = INCIDENT_REPORTED;
	step.about = (struct incident_about){.owner = {{5}},
					     .record = {{6}},
					     .turn = {77},
					     .export = {{8}}};
	fill(step.about.entry, sizeof(step.about.entry), 'e');
	return step;
}

static void make(struct bench *bench, const struct incident_step *step)
{
	memset(bench, 0, sizeof(*bench));
	seal_sign_pair(SEED, bench->public_key);
	bench->step = *step;
	incident_row_key(step, bench->key);
	assert_int_equal(incident_row_write(&PLACE, step, SEED, bench->row, &bench->size),
			 OK);
	assert_true(bench->size <= INCIDENT_ROW_BYTES_MAX);
}

static enum err read_as(const struct bench *bench, const struct incident_place *place,
			const uint8_t *key, const uint8_t *public_key)
{
	struct incident_step step = {.number = 4242};
	const enum err err =
		incident_row_read(place, key, public_key, bench->row, bench->size, &step);

	if (err != OK)
		assert_int_equal(step.number, 4242); /* untouched */
	return err;
}

static void every_kind_reads_back(void **state)
{
	struct incident_step again;
	struct bench bench;

	(void)state;
	for (enum incident_kind kind = 0; kind < INCIDENT_KIND_COUNT; kind++) {
		const struct incident_step step = longest(kind);

		make(&bench, &step);
		assert_int_equal(incident_row_read(&PLACE, bench.key, bench.public_key,
						   bench.row, bench.size, &again),
				 OK);
		assert_memory_equal(again.id.bytes, step.id.bytes, ID_BYTES);
		assert_int_equal(again.number, step.number);
		assert_int_equal(again.kind, kind);
		assert_int_equal(again.at_ms, step.at_ms);
		assert_memory_equal(again.by.bytes, step.by.bytes, ID_BYTES);
		assert_int_equal(again.cause, step.cause);
		assert_memory_equal(&again.about, &step.about, sizeof(step.about));
		assert_string_equal(again.who, step.who);
		assert_string_equal(again.reference, step.reference);
		assert_string_equal(again.words, step.words);
	}
}

static void of_another_house_keeper_key_or_place_it_does_not(void **state)
{
	static const uint8_t other_key[SEAL_KEY_BYTES] = {9};
	static const uint8_t other_seed[SEAL_SIGN_SEED_BYTES] = {9};
	static const struct incident_place house = {{{2}}, HOUSE_KEY};
	static const struct incident_place locked = {{{1}}, other_key};
	const struct incident_step step = longest(INCIDENT_OPENED);
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t key[INCIDENT_KEY_BYTES];
	struct bench bench;

	(void)state;
	make(&bench, &step);
	seal_sign_pair(other_seed, public_key);
	assert_int_equal(read_as(&bench, &PLACE, bench.key, bench.public_key), OK);
	assert_int_equal(read_as(&bench, &house, bench.key, bench.public_key), ERR_AUTH);
	assert_int_equal(read_as(&bench, &locked, bench.key, bench.public_key), ERR_AUTH);
	assert_int_equal(read_as(&bench, &PLACE, bench.key, public_key), ERR_AUTH);
	for (size_t i = 0; i < sizeof(key); i++) {
		memcpy(key, bench.key, sizeof(key));
		key[i] ^= 1;
		assert_int_equal(read_as(&bench, &PLACE, key, bench.public_key),
				 ERR_AUTH);
	}
}

static void no_bit_of_it_can_be_changed(void **state)
{
	const struct incident_step step = longest(INCIDENT_MEASURE);
	struct bench bench;

	(void)state;
	make(&bench, &step);
	for (size_t bit = 0; bit < bench.size * 8; bit++) {
		bench.row[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_not_equal(read_as(&bench, &PLACE, bench.key, bench.public_key),
				     OK);
		bench.row[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_int_equal(read_as(&bench, &PLACE, bench.key, bench.public_key), OK);
}

static void cut_short_or_longer_it_is_none(void **state)
{
	const struct incident_step step = longest(INCIDENT_CLOSED);
	struct bench bench;
	size_t whole;

	(void)state;
	make(&bench, &step);
	whole = bench.size;
	for (bench.size = 0; bench.size <= sizeof(bench.row); bench.size++)
		if (bench.size != whole)
			assert_int_not_equal(read_as(&bench, &PLACE, bench.key,
						     bench.public_key),
					     OK);
}

static void more_than_any_is_not_read(void **state)
{
	static uint8_t row[INCIDENT_ROW_BYTES_MAX + 1];
	const struct incident_step step = longest(INCIDENT_CLOSED);
	struct incident_step again;
	struct bench bench;

	(void)state;
	make(&bench, &step);
	memcpy(row, bench.row, bench.size);
	assert_int_equal(incident_row_read(&PLACE, bench.key, bench.public_key, row,
					   sizeof(row), &again),
			 ERR_FORMAT);
}

static void a_later_version_is_said_to_be_one(void **state)
{
	const struct incident_step step = longest(INCIDENT_TOLD);
	struct bench bench;

	(void)state;
	make(&bench, &step);
	bench.row[0]++;
	assert_int_equal(read_as(&bench, &PLACE, bench.key, bench.public_key),
			 ERR_VERSION);
}

static bool holds(const struct bench *bench, const char *text)
{
	const size_t size = strlen(text);

	for (size_t i = 0; i + size <= bench->size; i++)
		if (memcmp(bench->row + i, text, size) == 0)
			return true;
	return false;
}

static void what_it_says_is_not_there_to_be_read(void **state)
{
	struct incident_step step = longest(INCIDENT_REFUSED);
	struct bench bench;

	(void)state;
	assert_true(str_copy(step.words, sizeof(step.words), "Mrs Miller of number 9"));
	make(&bench, &step);
	assert_false(holds(&bench, "Miller"));
	assert_false(holds(&bench, "wwww"));
	assert_false(holds(&bench, "rrrr"));
	assert_false(holds(&bench, "refused"));
}

static void numbers_begin_with_one_and_end(void **state)
{
	struct incident_step step = longest(INCIDENT_TOLD);
	uint8_t row[INCIDENT_ROW_BYTES_MAX];
	size_t size = 0;

	(void)state;
	step.number = 0;
	assert_int_equal(incident_row_write(&PLACE, &step, SEED, row, &size), ERR_RANGE);
	step.number = INCIDENT_STEPS_MAX + 1;
	assert_int_equal(incident_row_write(&PLACE, &step, SEED, row, &size), ERR_RANGE);
	step.number = INCIDENT_STEPS_MAX;
	assert_int_equal(incident_row_write(&PLACE, &step, SEED, row, &size), OK);
}

static void names_are_read_back(void **state)
{
	(void)state;
	for (enum incident_kind kind = 0; kind < INCIDENT_KIND_COUNT; kind++) {
		enum incident_kind again = INCIDENT_KIND_COUNT;

		assert_true(strlen(incident_kind_text(kind)) < INCIDENT_CODE_BYTES);
		assert_true(incident_kind_from_text(incident_kind_text(kind), &again));
		assert_int_equal(again, kind);
	}
	for (enum incident_cause cause = 0; cause < INCIDENT_CAUSE_COUNT; cause++) {
		enum incident_cause again = INCIDENT_CAUSE_COUNT;

		assert_true(strlen(incident_cause_text(cause)) < INCIDENT_CODE_BYTES);
		assert_true(incident_cause_from_text(incident_cause_text(cause), &again));
		assert_int_equal(again, cause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_reads_back),
		cmocka_unit_test(of_another_house_keeper_key_or_place_it_does_not),
		cmocka_unit_test(no_bit_of_it_can_be_changed),
		cmocka_unit_test(cut_short_or_longer_it_is_none),
		cmocka_unit_test(more_than_any_is_not_read),
		cmocka_unit_test(a_later_version_is_said_to_be_one),
		cmocka_unit_test(what_it_says_is_not_there_to_be_read),
		cmocka_unit_test(numbers_begin_with_one_and_end),
		cmocka_unit_test(names_are_read_back),
	};

	return seal_init() == OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
