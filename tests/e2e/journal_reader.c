/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_reader - pages through the journal's rows in the store.
 *
 * Does not check the chain: that is the keeper's verify. Invariant: places are without a
 * gap from 1.
 */
#include "journal_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/rand_system.h"
#include "adapter/store_sqlite.h"
#include "base/pack.h"
#include "base/seal.h"
#include "journal/journal.h"
#include "keeper/household.h"
#include "port/store.h"

enum { ANSWER_MS = 20000, PLACE_BYTES = 8 };

struct reader {
	struct household household;
	struct journal *journal;
	struct store store;
	struct journal_copy *copy;
	bool answered;
	bool more;
};

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	fail_msg("nothing was written: %s", err_words(err));
}

static void take(struct reader *reader, const struct store_row *row)
{
	struct journal_copy *copy = reader->copy;
	struct unpack unpack;

	if (copy->count == copy->capacity) {
		copy->capacity = copy->capacity ? 2 * copy->capacity : 1024;
		copy->events =
			realloc(copy->events, copy->capacity * sizeof(*copy->events));
		assert_non_null(copy->events);
	}
	unpack_init(&unpack, row->key.bytes, row->key.size);
	assert_int_equal(unpack_u64(&unpack), copy->count + 1);
	assert_int_equal(journal_read(reader->journal, copy->count + 1, row->value,
				      row->size, &copy->events[copy->count]),
			 OK);
	copy->count++;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	struct reader *reader = context;

	(void)token;
	assert_int_equal(err, OK);
	for (size_t i = 0; i < rows->count; i++)
		take(reader, &rows->rows[i]);
	reader->more = rows->more;
	reader->answered = true;
}

static struct store_key key_of(const struct reader *reader, uint64_t place)
{
	struct store_key key = {.household = reader->household.id,
				.space = STORE_JOURNAL,
				.size = PLACE_BYTES};
	struct pack pack;

	pack_init(&pack, key.bytes, PLACE_BYTES);
	pack_u64(&pack, place);
	return key;
}

static void read_page(struct reader *reader)
{
	const struct store_range range = {
		.first = key_of(reader, reader->copy->count + 1),
		.last = key_of(reader, UINT64_MAX),
		.limit = STORE_RANGE_ROWS_MAX,
	};

	reader->answered = false;
	assert_int_equal(store_range_get(&reader->store, &range, 1), OK);
	while (!reader->answered) {
		struct pollfd ready = {.fd = reader->store.fd, .events = POLLIN};

		assert_int_equal(poll(&ready, 1, ANSWER_MS), 1);
		store_step(&reader->store);
	}
}

void journal_copy_read(struct journal_copy *copy, const char *folder)
{
	struct reader reader = {.copy = copy, .more = true};
	const struct store_listener listener = {&reader, on_done, on_rows};
	const struct rand rand = rand_system();
	struct err_note note = {""};
	struct journal_keys keys;

	memset(copy, 0, sizeof(*copy));
	assert_int_equal(seal_init(), OK);
	if (household_open(folder, &rand, &reader.household, &note) != OK ||
	    store_sqlite_open(folder, false, &listener, &reader.store, &note) != OK)
		fail_msg("%s", note.text);
	keys = (struct journal_keys){.household = reader.household.id,
				     .seed = secret_view(reader.household.seed),
				     .house_key =
					     secret_view(reader.household.house_key)};
	assert_int_equal(journal_create(&keys, &reader.journal), OK);
	while (reader.more)
		read_page(&reader);
	journal_destroy(reader.journal);
	store_close(&reader.store);
	household_close(&reader.household);
}

void journal_copy_finish(struct journal_copy *copy)
{
	free(copy->events);
	memset(copy, 0, sizeof(*copy));
}

uint64_t journal_copy_find(const struct journal_copy *copy, uint64_t turn,
			   enum event_kind kind)
{
	for (size_t i = 0; i < copy->count; i++) {
		if (copy->events[i].kind == kind && copy->events[i].turn.value == turn)
			return i + 1;
	}
	return 0;
}

size_t journal_copy_count(const struct journal_copy *copy, uint64_t turn,
			  enum event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < copy->count; i++)
		count += copy->events[i].kind == kind &&
			 (turn == 0 || copy->events[i].turn.value == turn);
	return count;
}

const struct event *journal_copy_at(const struct journal_copy *copy, uint64_t place)
{
	assert_in_range(place, 1, copy->count);
	return &copy->events[place - 1];
}
