/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_book - the keeper's side of the house book: entries are durable when that is
 * said, sealed, bound to their place, told to hubs alone, and at most so many.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/book.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"

enum { SEED = 5, TOKEN = 9 };

static const char SECRET[] = "call the doctor about the results";

struct stage {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
};

static struct stage make_stage(void)
{
	struct stage stage = {.bench = desk_bench_create(SEED)};

	stage.hub = desk_bench_link(stage.bench, DESK_HUB);
	desk_bench_settle(stage.bench);
	desk_bench_forget(stage.hub);
	return stage;
}

static void restart(struct stage *stage)
{
	desk_bench_restart(stage->bench);
	stage->hub = desk_bench_link(stage->bench, DESK_HUB);
	desk_bench_settle(stage->bench);
	desk_bench_forget(stage->hub);
}

static void say_put(struct stage *stage, const uint8_t *id, unsigned kind,
		    const char *body)
{
	struct wire_book_put put = {.token = TOKEN, .kind = (uint8_t)kind};

	memcpy(put.id.bytes, id, ID_BYTES);
	put.body = (struct wire_slice){(const uint8_t *)body, strlen(body)};
	desk_bench_say(stage->bench, stage->hub, WIRE_book_put, &put);
}

static enum err put(struct stage *stage, uint8_t number, unsigned kind, const char *body)
{
	const uint8_t id[ID_BYTES] = {number};

	say_put(stage, id, kind, body);
	desk_bench_settle(stage->bench);
	return desk_bench_done(stage->hub, TOKEN, NULL, NULL);
}

static enum err remove_entry(struct stage *stage, uint8_t number)
{
	struct wire_book_remove remove = {.token = TOKEN};

	remove.id.bytes[0] = number;
	desk_bench_say(stage->bench, stage->hub, WIRE_book_remove, &remove);
	desk_bench_settle(stage->bench);
	return desk_bench_done(stage->hub, TOKEN, NULL, NULL);
}

struct found {
	size_t count;
	uint8_t numbers[8];
	unsigned kinds[8];
	char bodies[8][64];
};

static void look_over(struct stage *stage, struct desk_bench_link *link,
		      struct found *found)
{
	const struct wire_book_get get = {.token = TOKEN};
	const struct wire_message *message;

	memset(found, 0, sizeof(*found));
	desk_bench_say(stage->bench, link, WIRE_book_get, &get);
	desk_bench_settle(stage->bench);
	while ((message = desk_bench_take(link)) && message->type == WIRE_book_row) {
		const struct wire_book_row *row = &message->book_row;

		assert_int_equal(row->token, TOKEN);
		if (found->count < 8) {
			found->numbers[found->count] = row->id.bytes[0];
			found->kinds[found->count] = row->kind;
			assert_true(row->body.size < sizeof(found->bodies[0]));
			memcpy(found->bodies[found->count], row->body.bytes,
			       row->body.size);
		}
		found->count++;
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
}

static void look(struct stage *stage, struct found *found)
{
	look_over(stage, stage->hub, found);
}

static size_t row_count(const struct stage *stage)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(stage->bench->rows); i++)
		count += store_fake_row(stage->bench->rows, i, NULL)->key.space ==
			 STORE_BOOK;
	return count;
}

/* --- the tests -------------------------------------------------------------------------- */

static void what_was_acknowledged_is_there_after_a_restart(void **state)
{
	struct stage stage = make_stage();
	struct found found;

	(void)state;
	assert_int_equal(put(&stage, 3, BOOK_TIMER, "three"), OK);
	assert_int_equal(put(&stage, 1, BOOK_REMINDER, SECRET), OK);
	assert_int_equal(put(&stage, 3, BOOK_TIMER, "three again"), OK);
	restart(&stage);
	look(&stage, &found);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.numbers[0], 1);
	assert_int_equal(found.kinds[0], BOOK_REMINDER);
	assert_string_equal(found.bodies[0], SECRET);
	assert_string_equal(found.bodies[1], "three again");
	assert_int_equal(remove_entry(&stage, 1), OK);
	assert_int_equal(remove_entry(&stage, 1), OK); /* also where there is none */
	restart(&stage);
	look(&stage, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.numbers[0], 3);
	desk_bench_destroy(stage.bench);
}

/* The journal grows by nothing, and no row shows a word of it. */
static void nobody_reads_it_in_the_store(void **state)
{
	struct stage stage = make_stage();

	(void)state;
	assert_int_equal(put(&stage, 1, BOOK_REMINDER, SECRET), OK);
	assert_int_equal(put(&stage, 2, BOOK_REMINDER, SECRET), OK);
	assert_int_equal(row_count(&stage), 2);
	for (size_t i = 0; i < store_fake_row_count(stage.bench->rows); i++) {
		const struct store_row *row = store_fake_row(stage.bench->rows, i, NULL);

		assert_null(memmem(row->value, row->size, "doctor", 6));
	}
	desk_bench_destroy(stage.bench);
}

static struct store_row *row_of(struct stage *stage, size_t number)
{
	for (size_t i = 0; i < store_fake_row_count(stage->bench->rows); i++) {
		const struct store_row *row = store_fake_row(stage->bench->rows, i, NULL);

		if (row->key.space == STORE_BOOK && number-- == 0)
			return (struct store_row *)(uintptr_t)row;
	}
	return NULL;
}

/* One that was changed, cut, or moved to another's place, is nobody's. */
static void a_row_counts_in_its_place_alone(void **state)
{
	enum { WAYS = 4 };
	struct found found;

	(void)state;
	for (int way = 0; way < WAYS; way++) {
		struct stage stage = make_stage();
		struct store_row *first;
		struct store_row *second;

		assert_int_equal(put(&stage, 1, BOOK_TIMER, "one of these"), OK);
		assert_int_equal(put(&stage, 2, BOOK_TIMER, "two of these"), OK);
		first = row_of(&stage, 0);
		second = row_of(&stage, 1);
		assert_int_equal(first->size, second->size);
		if (way == 0)
			((uint8_t *)(uintptr_t)first->value)[first->size - 1] ^= 1;
		else if (way == 1) /* its kind */
			((uint8_t *)(uintptr_t)first->value)[1] = BOOK_ALARM;
		else if (way == 2)
			memcpy((uint8_t *)(uintptr_t)first->value, second->value,
			       first->size);
		else
			first->size = 3;
		assert_false(desk_incident_freezes(stage.bench->desk));
		look(&stage, &found);
		assert_int_equal(found.count, 1);
		assert_int_equal(found.numbers[0], 2);
		desk_bench_settle(stage.bench);
		assert_true(desk_incident_freezes(stage.bench->desk));
		desk_bench_destroy(stage.bench);
	}
}

static void what_is_no_entry_is_refused(void **state)
{
	const uint8_t none[ID_BYTES] = {0};
	struct stage stage = make_stage();

	(void)state;
	assert_int_equal(put(&stage, 1, BOOK_NOTHING, "x"), ERR_FORMAT);
	assert_int_equal(put(&stage, 1, BOOK_KIND_COUNT, "x"), ERR_FORMAT);
	assert_int_equal(put(&stage, 1, BOOK_TIMER, ""), ERR_FORMAT);
	say_put(&stage, none, BOOK_TIMER, "x");
	desk_bench_settle(stage.bench);
	assert_int_equal(desk_bench_done(stage.hub, TOKEN, NULL, NULL), ERR_FORMAT);
	assert_int_equal(row_count(&stage), 0);
	desk_bench_destroy(stage.bench);
}

static void there_are_only_so_many(void **state)
{
	struct stage stage = make_stage();
	uint8_t id[ID_BYTES] = {1};
	struct found found;

	(void)state;
	for (size_t i = 0; i < BOOK_ENTRIES_MAX; i++) {
		id[1] = (uint8_t)(i >> 8);
		id[2] = (uint8_t)i;
		say_put(&stage, id, BOOK_ITEM, "milk");
		desk_bench_settle(stage.bench);
		assert_int_equal(desk_bench_done(stage.hub, TOKEN, NULL, NULL), OK);
	}
	for (int start = 0; start < 2; start++) {
		assert_int_equal(put(&stage, 2, BOOK_ITEM, "one more"), ERR_LIMIT);
		assert_int_equal(put(&stage, 1, BOOK_ITEM, "of those there"), OK);
		restart(&stage);
	}
	look(&stage, &found);
	assert_int_equal(found.count, BOOK_ENTRIES_MAX);
	assert_int_equal(remove_entry(&stage, 1), OK);
	assert_int_equal(put(&stage, 2, BOOK_ITEM, "one more"), OK);
	assert_int_equal(row_count(&stage), BOOK_ENTRIES_MAX);
	desk_bench_destroy(stage.bench);
}

/* Nothing is said before it is durable. */
static void nothing_is_acknowledged_too_early(void **state)
{
	const uint8_t id[ID_BYTES] = {1};
	struct stage stage = make_stage();

	(void)state;
	say_put(&stage, id, BOOK_TIMER, "five minutes");
	assert_int_equal(desk_bench_waiting(stage.hub), 0);
	assert_int_equal(row_count(&stage), 0);
	desk_bench_settle(stage.bench);
	assert_int_equal(desk_bench_done(stage.hub, TOKEN, NULL, NULL), OK);
	assert_int_equal(row_count(&stage), 1);
	desk_bench_destroy(stage.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_is_there_after_a_restart),
		cmocka_unit_test(nobody_reads_it_in_the_store),
		cmocka_unit_test(a_row_counts_in_its_place_alone),
		cmocka_unit_test(what_is_no_entry_is_refused),
		cmocka_unit_test(there_are_only_so_many),
		cmocka_unit_test(nothing_is_acknowledged_too_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
