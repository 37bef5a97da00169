/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_incident - a recording that somebody spoilt is played, another one is reported, an
 * incident is closed, and somebody who asked for recordings is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "fault/fault_rows.h"
#include "fault/fault_stories.h"

static struct record_id spoilt;
static uint8_t reported[ID_BYTES]; /* the incident */

enum { TOLD_REPORTED, TOLD_CLOSED };

/* One bit of its sound, on the disk itself. */
static void spoil(struct fault_world *world)
{
	static const enum store_space space = STORE_RECORD;
	static struct fault_rows rows;
	uint8_t *disk;
	uint8_t *at;
	size_t size = 0;
	size_t i = 0;

	fault_rows_take(world, &space, 1, &rows);
	while (i < rows.count &&
	       memcmp(rows.rows[i].key.bytes + ID_BYTES, spoilt.bytes, ID_BYTES) != 0)
		i++;
	assert_true(i < rows.count);
	disk = vfs_power_file(world->power, "keeper.db", &size);
	at = memmem(disk, size, rows.rows[i].value + rows.rows[i].size / 2, 16);
	assert_non_null(at);
	at[0] ^= 1;
	fault_rows_free(&rows);
	vfs_power_shorten(world->power, "keeper.db", size); /* it is durable */
}

static void set_up(struct fault_world *world)
{
	struct ledger_record *second;

	fault_make_house(world, NULL);
	assert_non_null(fault_seal(world, 1, "kitchen"));
	second = fault_seal(world, 2, "kitchen");
	assert_non_null(second);
	spoilt = second->id;
	world->ledger.record_count--;
	fault_world_close(world);
	spoil(world);
	assert_true(fault_world_open(world));
}

static void report(struct fault_world *world)
{
	struct desk_bench_link *alice = world->house.alice;
	struct wire_incident_report report = {.words = "this is not mine"};
	const struct wire_message *message;

	memcpy(report.record.bytes, world->ledger.records[0].id.bytes, ID_BYTES);
	house_forget(alice);
	fault_say(world, alice, WIRE_incident_report, &report);
	message = desk_bench_take(alice);
	if (!message || message->type != WIRE_incident_opened)
		return;
	world->ledger.told[TOLD_REPORTED] = true;
	memcpy(reported, message->incident_opened.id.bytes, ID_BYTES);
}

static void close_it(struct fault_world *world)
{
	struct wire_incident_step step = {.kind = "closed", .words = "it was mine"};

	memcpy(step.id.bytes, reported, ID_BYTES);
	world->ledger.told[TOLD_CLOSED] =
		fault_change(world, world->house.alice, WIRE_incident_step, &step) == OK;
}

static void live(struct fault_world *world)
{
	static const struct wire_authority_record asked = {.who = "somebody",
							   .reference = "7/26",
							   .words = "all recordings"};
	struct ledger *ledger = &world->ledger;

	if (!fault_sign_in(world))
		return;
	(void)fault_plays(world, world->house.alice, spoilt);
	report(world);
	if (ledger->told[TOLD_REPORTED])
		close_it(world);
	house_forget(world->house.alice);
	fault_say(world, world->house.alice, WIRE_authority_record, &asked);
	fault_append(world, 50);
	fault_tick(world, 1000);
}

/* It may be told of once more. */
static void run_on(struct fault_world *world)
{
	world->ledger.told[TOLD_REPORTED] = false;
	world->ledger.told[TOLD_CLOSED] = false;
	report(world);
	assert_true(world->ledger.told[TOLD_REPORTED]);
	close_it(world);
	assert_true(world->ledger.told[TOLD_CLOSED]);
}

/* False: the list does not tell of it. */
static bool has_step(struct fault_world *world, const uint8_t id[ID_BYTES],
		     const char *kind)
{
	struct desk_bench_link *alice = world->house.alice;
	struct wire_incident_get get = {.requests = 0};
	const struct wire_message *message;
	bool has = false;

	memcpy(get.id.bytes, id, ID_BYTES);
	house_forget(alice);
	fault_say(world, alice, WIRE_incident_get, &get);
	while ((message = desk_bench_take(alice)))
		has = has || (message->type == WIRE_incident_row &&
			      str_equal(message->incident_row.kind, kind));
	return has;
}

/* What was reported is there with its steps; what does not open freezes exports, however
 * often it has to be found. */
static void check(struct fault_world *world)
{
	static const struct wire_export_begin begin;
	struct ledger *ledger = &world->ledger;
	struct desk_bench_link *alice = world->house.alice;

	assert_true(fault_sign_in(world));
	if (ledger->told[TOLD_REPORTED])
		assert_true(has_step(world, reported, "opened"));
	if (ledger->told[TOLD_CLOSED])
		assert_true(has_step(world, reported, "closed"));
	assert_false(fault_plays(world, alice, spoilt));
	fault_say(world, alice, WIRE_export_begin, &begin);
	house_expect_refused(alice, "EXPORT_FROZEN");
	fault_tick(world, 1000);
}

const struct story STORY_INCIDENT = {"an incident", set_up, live, check, run_on};
