/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_book - a timer is set, another one changed, a third one removed, and one stays: what
 * was acknowledged is there, what was removed is nowhere, and nothing is half of either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "domain/book.h"
#include "fault/fault_stories.h"

enum { STAYS = 1, CHANGES, GOES, COMES, ENTRIES };
enum { OLD = 1, NEW }; /* what their bodies begin with */
enum { TOLD_CHANGED, TOLD_GONE, TOLD_CAME };

/* Entries are opaque to the keeper. */
enum { BODY_BYTES = 200, TOKEN = 70 };

static void fill(uint8_t body[BODY_BYTES], int entry, int form)
{
	for (size_t i = 0; i < BODY_BYTES; i++)
		body[i] = (uint8_t)(entry * 50 + form * 7 + (int)i);
}

static enum err put(struct fault_world *world, int entry, int form)
{
	uint8_t body[BODY_BYTES];
	const uint64_t token = TOKEN + (uint64_t)(entry * 2 + form);
	struct wire_book_put put = {.token = token, .kind = BOOK_TIMER};

	fill(body, entry, form);
	put.id.bytes[0] = (uint8_t)entry;
	put.body = (struct wire_slice){body, sizeof(body)};
	house_forget(world->house.hub);
	fault_say(world, world->house.hub, WIRE_book_put, &put);
	return fault_take_done(world->house.hub, token, NULL);
}

static void set_up(struct fault_world *world)
{
	fault_make_house(world, NULL);
	for (int entry = STAYS; entry <= GOES; entry++)
		assert_int_equal(put(world, entry, OLD), OK);
}

static void live(struct fault_world *world)
{
	struct wire_book_remove remove = {.token = TOKEN};
	bool *told = world->ledger.told;

	told[TOLD_CAME] = put(world, COMES, NEW) == OK;
	told[TOLD_CHANGED] = put(world, CHANGES, NEW) == OK;
	remove.id.bytes[0] = GOES;
	house_forget(world->house.hub);
	fault_say(world, world->house.hub, WIRE_book_remove, &remove);
	told[TOLD_GONE] = fault_take_done(world->house.hub, TOKEN, NULL) == OK;
	if (told[TOLD_GONE])
		fault_is_gone(world, STORE_BOOK, remove.id.bytes);
}

/* Which form an entry has; 0 none. Anything else is half of something. */
static int form_of(const struct wire_book_row *row)
{
	uint8_t body[BODY_BYTES];

	assert_int_equal(row->kind, BOOK_TIMER);
	assert_int_equal(row->body.size, sizeof(body));
	for (int form = OLD; form <= NEW; form++) {
		fill(body, row->id.bytes[0], form);
		if (memcmp(body, row->body.bytes, sizeof(body)) == 0)
			return form;
	}
	fail_msg("an entry is not one that was written");
	return 0;
}

static void look(struct fault_world *world, int forms[ENTRIES])
{
	const struct wire_book_get get = {.token = TOKEN};
	struct desk_bench_link *hub = world->house.hub;
	const struct wire_message *message;

	memset(forms, 0, ENTRIES * sizeof(forms[0]));
	house_forget(hub);
	fault_say(world, hub, WIRE_book_get, &get);
	while ((message = desk_bench_take(hub)) && message->type == WIRE_book_row) {
		const int entry = message->book_row.id.bytes[0];

		assert_true(entry > 0 && entry < ENTRIES && forms[entry] == 0);
		forms[entry] = form_of(&message->book_row);
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
}

static void check(struct fault_world *world)
{
	const bool *told = world->ledger.told;
	int forms[ENTRIES];

	look(world, forms);
	assert_int_equal(forms[STAYS], OLD);
	assert_int_not_equal(forms[CHANGES], 0);
	if (told[TOLD_CHANGED])
		assert_int_equal(forms[CHANGES], NEW);
	if (told[TOLD_GONE])
		assert_int_equal(forms[GOES], 0);
	if (told[TOLD_CAME])
		assert_int_equal(forms[COMES], NEW);
}

static void run_on(struct fault_world *world)
{
	assert_int_equal(put(world, COMES, NEW), OK);
	world->ledger.told[TOLD_CAME] = true;
}

const struct story STORY_BOOK = {"the house book", set_up, live, check, run_on};
