/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_erase - recordings are destroyed: one and a room's by their owner, everything at
 * once with the sweep behind it, and what is old by the keeper itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "domain/erasure.h"
#include "fault/fault_stories.h"

enum {
	RECEIPT_MAX = 1 << 16,
	DAY_MS = 24 * 60 * 60 * 1000,
	HOUR_MS = 60 * 60 * 1000,
	TICKS = 4, /* until everything is done that is due */
	MINUTE_MS = 60 * 1000,
};

/* Alice with a kitchen and a study, and so many recordings in each. */
static void make_house(struct fault_world *world, size_t kitchen, size_t study)
{
	uint64_t token = 0;

	fault_make_house(world, NULL);
	assert_true(desk_bench_add_room(world->bench, world->house.alice, "study"));
	for (size_t i = 0; i < kitchen; i++)
		assert_non_null(fault_seal(world, ++token, "kitchen"));
	for (size_t i = 0; i < study; i++)
		assert_non_null(fault_seal(world, ++token, "study"));
}

static void tick_until_done(struct fault_world *world)
{
	for (size_t i = 0; i < TICKS; i++)
		fault_tick(world, MINUTE_MS);
}

/* --- some ------------------------------------------------------------------------------- */

/* Everything up to the end: how that was, and the receipt. */
static enum err take_end(struct desk_bench_link *link, struct buf *receipt)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_receipt)
			assert_int_equal(buf_add(receipt, message->receipt.text.bytes,
						 message->receipt.text.size),
					 OK);
		else if (message->type == WIRE_end)
			return (enum err)message->end.err;
		else if (message->type == WIRE_refused)
			return (enum err)message->refused.err;
	}
	return ERR_CLOSED;
}

/* Also where not all of it could be done, what the receipt names is. */
static bool is_named(const struct buf *receipt, struct record_id id)
{
	char text[ID_TEXT_BYTES];

	id_to_text(text, id.bytes);
	return receipt->size > 0 &&
	       memmem(receipt->bytes, receipt->size, text, strlen(text));
}

/* Of the ledger's from first on, count: those that are asked about. */
static enum err erase(struct fault_world *world, const struct wire_erase_ask *asked,
		      size_t first, size_t count)
{
	struct desk_bench_link *alice = world->house.alice;
	struct ledger_record *records = &world->ledger.records[first];
	const struct wire_erase_do yes = {.count = count};
	const struct wire_message *message;
	struct buf receipt;
	enum err err;

	house_forget(alice);
	fault_say(world, alice, WIRE_erase_ask, asked);
	message = desk_bench_take(alice);
	if (!message || message->type != WIRE_erase_found)
		return ERR_CLOSED;
	assert_int_equal(message->erase_found.count, count);
	for (size_t i = 0; i < count; i++)
		records[i].fate = FATE_ASKED;
	fault_say(world, alice, WIRE_erase_do, &yes);
	buf_init(&receipt, RECEIPT_MAX);
	err = take_end(alice, &receipt);
	for (size_t i = 0; i < count; i++)
		if (err == OK || is_named(&receipt, records[i].id))
			fault_record_is_gone(world, &records[i]);
	/* With whatever key is destroyed the key of backups ends. */
	if (err == OK)
		fault_is_gone(world, STORE_BACKUP, NULL);
	buf_finish(&receipt);
	return err;
}

static struct wire_erase_ask one_of(const struct fault_world *world, size_t at)
{
	struct wire_erase_ask one = {.what = ERASURE_RECORD};

	memcpy(one.record.bytes, world->ledger.records[at].id.bytes, ID_BYTES);
	return one;
}

static void set_up_some(struct fault_world *world)
{
	make_house(world, 2, 2);
}

static void live_some(struct fault_world *world)
{
	const struct wire_erase_ask one = one_of(world, 0);
	const struct wire_erase_ask room = {.what = ERASURE_RANGE,
					    .room = "study",
					    .from_ms = INT64_MIN,
					    .to_ms = INT64_MAX};

	if (!fault_sign_in(world))
		return;
	(void)erase(world, &one, 0, 1);
	(void)erase(world, &room, 2, 2);
	(void)fault_seal(world, 50, "kitchen");
}

static void run_on_some(struct fault_world *world)
{
	const struct wire_erase_ask one = one_of(world, 1);

	assert_int_equal(erase(world, &one, 1, 1), OK);
}

const struct story STORY_ERASE_SOME = {"some are deleted", set_up_some, live_some, NULL,
				       run_on_some};

/* --- everything ------------------------------------------------------------------------- */

static void set_up_all(struct fault_world *world)
{
	make_house(world, 2, 1);
}

static enum err erase_all(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;
	const size_t count = ledger->record_count;
	struct buf receipt;
	enum err err;

	house_forget(world->house.alice);
	for (size_t i = 0; i < count; i++)
		if (ledger->records[i].fate == FATE_KEPT)
			ledger->records[i].fate = FATE_ASKED;
	fault_say(world, world->house.alice, WIRE_erase_all,
		  &(struct wire_erase_all){.unused = 0});
	buf_init(&receipt, RECEIPT_MAX);
	err = take_end(world->house.alice, &receipt);
	buf_finish(&receipt);
	if (err != OK)
		return err;
	for (size_t i = 0; i < count; i++)
		ledger->records[i].fate = FATE_GONE;
	fault_is_gone(world, STORE_KEK, NULL);
	fault_is_gone(world, STORE_BACKUP, NULL);
	return OK;
}

static void live_all(struct fault_world *world)
{
	if (!fault_sign_in(world))
		return;
	(void)erase_all(world);
	(void)fault_seal(world, 50, "kitchen");
	tick_until_done(world);
	fault_append(world, 51);
}

static void run_on_all(struct fault_world *world)
{
	assert_int_equal(erase_all(world), OK);
	assert_non_null(fault_seal(world, 60, "kitchen"));
}

/* What was erased is swept by now, however often that was begun. */
static void check_all(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;

	tick_until_done(world);
	for (size_t i = 0; i < ledger->record_count; i++)
		if (ledger->records[i].fate == FATE_GONE)
			fault_record_is_gone(world, &ledger->records[i]);
}

const struct story STORY_ERASE_ALL = {"everything is erased", set_up_all, live_all,
				      check_all, run_on_all};

/* --- what is old ------------------------------------------------------------------------ */

/* Two are older than the day that they are kept from now on, and one is not. */
static void set_up_retention(struct fault_world *world)
{
	const struct wire_retention_set day = {.days = 1};

	make_house(world, 2, 0);
	fault_tick(world, 0); /* the clock is looked at for the first time */
	fault_tick(world, DAY_MS + HOUR_MS);
	assert_non_null(fault_seal(world, 9, "study"));
	assert_true(fault_sign_in(world));
	assert_int_equal(fault_change(world, world->house.alice, WIRE_retention_set,
				      &day),
			 OK);
	world->begin_ms = DAY_MS + HOUR_MS + 1000;
}

static void live_retention(struct fault_world *world)
{
	world->ledger.records[0].fate = FATE_ASKED;
	world->ledger.records[1].fate = FATE_ASKED;
	fault_append(world, 50);
	tick_until_done(world);
	(void)fault_seal(world, 51, "study");
}

/* By now they are gone: nobody has to be told for that. */
static void check_retention(struct fault_world *world)
{
	tick_until_done(world);
	fault_record_is_gone(world, &world->ledger.records[0]);
	fault_record_is_gone(world, &world->ledger.records[1]);
}

const struct story STORY_RETENTION = {"what is old goes", set_up_retention,
				      live_retention, check_retention, NULL};
