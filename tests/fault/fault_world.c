/* SPDX-License-Identifier: Apache-2.0 */
/* fault_world - see the header. */
#include "fault/fault_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/store_sqlite.h"
#include "base/must.h"
#include "base/str.h"
#include "fault/fault_audit.h"
#include "folder.h"

enum {
	SAMPLES = 6000, /* 12 KB */
	TICK_MS = 1000,
	RUNNING_TOKEN = 90,
	WAIT_MS = 61 * 1000, /* longer than anybody who signed in wrongly must wait */
	ID_IN_RECORDING = ID_BYTES, /* where its id stands in the keys of its rows */
};

static int16_t sound[SAMPLES];

/* --- the store -------------------------------------------------------------------------- */

enum err fault_world_open_store(void *context, const struct store_listener *listener,
				struct store *out_store)
{
	struct fault_world *world = context;
	struct err_note note = {.text = ""};
	enum err err;

	if (world->stays_closed)
		return ERR_CLOSED;
	err = store_sqlite_open(world->folder, world->may_make, listener, out_store,
				&note);
	/* No failure without a line. */
	assert_true(err == OK || err == ERR_MEMORY || note.text[0]);
	return err;
}

/* --- opening and closing ---------------------------------------------------------------- */

bool fault_world_open(struct fault_world *world)
{
	struct desk_bench *bench = world->bench;

	desk_bench_start(bench);
	world->house = (struct house){.bench = bench};
	if (bench->open_err == OK)
		house_open_links(&world->house);
	return bench->open_err == OK;
}

void fault_world_close(struct fault_world *world)
{
	desk_bench_stop(world->bench);
}

void fault_world_rewind(struct fault_world *world, uint64_t seed)
{
	must(!world->bench->desk);
	vfs_power_put_back(world->power, world->begin);
	vfs_power_seed(world->power, seed);
	world->ledger = world->begin_ledger;
	world->may_make = true;
	/* The clock must not go back, and no id may come again. */
	(void)rand_fake_init(&world->bench->rand, seed + 100);
	(void)clock_fake_init(&world->bench->clock);
	clock_fake_pass(&world->bench->clock, world->begin_ms);
}

static struct fault_world *make_world(void)
{
	struct fault_world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	(void)str_copy(world->folder, sizeof(world->folder), "/tmp/behest-fault-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->power = vfs_power_create(1);
	world->may_make = true;
	world->ledger.words[0] = FAULT_PASSPHRASE;
	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	return world;
}

/* Nothing is written before a story begins. */
static void make_bench(struct fault_world *world)
{
	world->stays_closed = true;
	world->bench = desk_bench_create_on(7, fault_world_open_store, world);
	world->stays_closed = false;
	desk_bench_stop(world->bench);
}

struct fault_world *fault_world_create(const struct story *story)
{
	struct fault_world *world = make_world();

	make_bench(world);
	if (story->set_up) {
		assert_true(fault_world_open(world));
		story->set_up(world);
		fault_world_close(world);
		fault_know(world);
	}
	world->begin = vfs_power_keep(world->power);
	world->begin_ledger = world->ledger;
	return world;
}

void fault_world_destroy(struct fault_world *world)
{
	desk_bench_destroy(world->bench);
	vfs_power_image_destroy(world->begin);
	vfs_power_destroy(world->power);
	(void)folder_remove(world->folder);
	free(world);
}

void fault_make_house(struct fault_world *world, char recovery[128])
{
	struct house *house = &world->house;

	assert_true(desk_bench_make_owner(world->bench, house->alice, "alice",
					  FAULT_PASSPHRASE, &house->alice_id, recovery));
	world->ledger.has_owner = true;
	assert_true(fault_sign_in(world));
	assert_true(desk_bench_add_room(world->bench, house->alice, "kitchen"));
	world->ledger.has_room = true;
	world->begin_ms = 1000;
}

/* --- steps, each of which may fail ------------------------------------------------------ */

void fault_say(struct fault_world *world, struct desk_bench_link *link,
	       enum wire_type type, const void *fields)
{
	house_say(&world->house, link, type, fields);
}

enum err fault_take_done(struct desk_bench_link *link, uint64_t token,
			 struct record_id *out_record)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_refused && message->refused.token == token) {
			assert_true(message->refused.err != OK);
			assert_true(message->refused.words[0]);
			return (enum err)message->refused.err;
		}
		if (message->type != WIRE_done || message->done.token != token)
			continue;
		if (out_record)
			memcpy(out_record->bytes, message->done.record.bytes, ID_BYTES);
		return (enum err)message->done.err;
	}
	return ERR_CLOSED;
}

enum err fault_change(struct fault_world *world, struct desk_bench_link *link,
		      enum wire_type type, const void *fields)
{
	house_forget(link);
	fault_say(world, link, type, fields);
	return fault_take_done(link, 0, NULL);
}

/* NULL: she is in; else why not. */
static const char *refusal_of(struct fault_world *world, const char *words)
{
	static char reason[sizeof(((struct wire_refused *)NULL)->reason)];
	struct desk_bench_link *alice = world->house.alice;
	struct wire_unlock unlock = {.owner = "alice"};
	const struct wire_message *message;

	must(str_copy(unlock.passphrase, sizeof(unlock.passphrase), words));
	house_forget(alice);
	fault_say(world, alice, WIRE_unlock, &unlock);
	message = desk_bench_take(alice);
	if (message && message->type == WIRE_unlocked)
		return NULL;
	must(str_copy(reason, sizeof(reason),
		      message && message->type == WIRE_refused ? message->refused.reason
							       : ""));
	return reason;
}

static bool sign_in_with(struct fault_world *world, const char *words)
{
	return words && !refusal_of(world, words);
}

bool fault_sign_in(struct fault_world *world)
{
	const struct ledger *ledger = &world->ledger;
	const char *reason = refusal_of(world, ledger->words[0]);

	if (!reason)
		return true;
	/* Whatever failed, these were the right ones. */
	if (ledger->has_owner && !ledger->words[1])
		assert_string_not_equal(reason, "WRONG_PASSPHRASE");
	return sign_in_with(world, ledger->words[1]) ||
	       sign_in_with(world, ledger->words[0]);
}

static uint64_t turn_at(const struct fault_world *world, uint64_t number)
{
	return (uint64_t)world->bench->clock.wall_ms << 16 | number;
}

void fault_append(struct fault_world *world, uint64_t token)
{
	const uint64_t turn = turn_at(world, token);
	struct ledger *ledger = &world->ledger;

	house_forget(world->house.hub);
	desk_bench_append(world->bench, world->house.hub, token, EVENT_DECIDED, turn,
			  "kitchen");
	desk_bench_settle(world->bench);
	if (fault_take_done(world->house.hub, token, NULL) == OK)
		ledger->turns[ledger->event_count++] = turn;
}

struct ledger_record *fault_seal(struct fault_world *world, uint64_t token,
				 const char *room)
{
	struct ledger *ledger = &world->ledger;
	struct ledger_record *record = &ledger->records[ledger->record_count];

	assert_true(ledger->record_count < LEDGER_RECORDS_MAX);
	house_forget(world->house.hub);
	desk_bench_seal(world->bench, world->house.hub, token, turn_at(world, token),
			room, "words", sound, SAMPLES);
	desk_bench_settle(world->bench);
	*record = (struct ledger_record){.fate = FATE_KEPT};
	if (fault_take_done(world->house.hub, token, &record->id) != OK)
		return NULL;
	ledger->record_count++;
	return record;
}

void fault_tick(struct fault_world *world, int64_t ms)
{
	desk_bench_tick(world->bench, ms);
}

/* --- what must be there ----------------------------------------------------------------- */

static bool has_event(struct fault_world *world, uint64_t turn)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message;
	bool has;

	fault_say(world, world->house.alice, WIRE_why_get, &get);
	message = desk_bench_take(world->house.alice);
	has = message && message->type == WIRE_why_row;
	house_forget(world->house.alice);
	return has;
}

bool fault_plays(struct fault_world *world, struct desk_bench_link *link,
		 struct record_id record)
{
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get = {0};
	bool plays;

	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	house_forget(link);
	fault_say(world, link, WIRE_play_get, &get);
	message = desk_bench_take(link);
	plays = message && message->type == WIRE_play_sound;
	if (plays) {
		assert_int_equal(wire_to_samples(message->play_sound.pcm, heard, SAMPLES),
				 SAMPLES);
		assert_memory_equal(heard, sound, sizeof(sound));
	}
	house_forget(link);
	return plays;
}

static bool is_as_told(struct fault_world *world, struct ledger_record *record)
{
	record->plays = fault_plays(world, world->house.alice, record->id);
	return record->fate == FATE_ASKED || record->plays == (record->fate == FATE_KEPT);
}

static bool is_ledger_there(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;
	bool all = true;

	for (size_t i = 0; all && i < ledger->event_count; i++)
		all = has_event(world, ledger->turns[i]);
	for (size_t i = 0; all && i < ledger->record_count; i++)
		all = is_as_told(world, &ledger->records[i]);
	return all;
}

bool fault_world_is_all_there(struct fault_world *world)
{
	const struct wire_verify_get verify = {.unused = 0};
	const struct wire_message *message;

	if (!sign_in_with(world, world->ledger.words[0]) || !is_ledger_there(world))
		return false;
	fault_say(world, world->house.alice, WIRE_verify_get, &verify);
	message = desk_bench_take(world->house.alice);
	return message && message->type == WIRE_verified && message->verified.whole;
}

static void expect_whole_journal(struct fault_world *world)
{
	const struct wire_message *message;

	fault_say(world, world->house.alice, WIRE_verify_get,
		  &(struct wire_verify_get){.unused = 0});
	message = desk_bench_take(world->house.alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	if (!message->verified.whole)
		fail_msg("the journal: %s", message->verified.trouble);
}

/* --- what must be gone ------------------------------------------------------------------ */

static bool holds_id(const struct store_key *key, const uint8_t id[ID_BYTES])
{
	return !id || memcmp(key->bytes, id, ID_BYTES) == 0 ||
	       (key->size >= ID_IN_RECORDING + ID_BYTES &&
		memcmp(key->bytes + ID_IN_RECORDING, id, ID_BYTES) == 0);
}

void fault_is_gone(struct fault_world *world, enum store_space space,
		   const uint8_t id[ID_BYTES])
{
	struct ledger *ledger = &world->ledger;

	for (size_t i = 0; i < world->known_count; i++) {
		const struct known *known = &world->known[i];

		if (known->key.space != space || !holds_id(&known->key, id))
			continue;
		assert_true(ledger->gone_count < LEDGER_GONE_MAX);
		ledger->gone[ledger->gone_count++] = known;
	}
}

void fault_record_is_gone(struct fault_world *world, struct ledger_record *record)
{
	record->fate = FATE_GONE;
	fault_is_gone(world, STORE_SALT, record->id.bytes);
	fault_is_gone(world, STORE_RECORD, record->id.bytes);
}

static void expect_gone(const struct fault_world *world)
{
	for (size_t i = 0; i < world->ledger.gone_count; i++) {
		const struct known *known = world->ledger.gone[i];

		for (size_t k = 0; k < known->piece_count; k++)
			assert_int_equal(vfs_power_find(world->power, known->pieces[k],
							known->piece_size),
					 0);
	}
}

/* --- comparing -------------------------------------------------------------------------- */

/* Exactly one of the words lets her in, or the only ones. */
static void expect_words(struct fault_world *world)
{
	const char *const *words = world->ledger.words;
	const bool first = sign_in_with(world, words[0]);

	clock_fake_pass(&world->bench->clock, WAIT_MS);
	if (words[1])
		assert_true(first != sign_in_with(world, words[1]));
	else
		assert_true(first);
	assert_true(!first || !words[1] || sign_in_with(world, words[0]));
}

static void expect_ledger(struct fault_world *world)
{
	if (!desk_has_owner(world->bench->desk)) {
		assert_false(world->ledger.has_owner);
		return;
	}
	/* An owner whose making was not confirmed may be there: the passphrase is known. */
	expect_words(world);
	assert_true(is_ledger_there(world));
}

/* The rest of it is compared after the restart. */
void fault_world_check_running(struct fault_world *world, const struct story *story)
{
	struct ledger *ledger = &world->ledger;

	if (world->bench->open_err != OK)
		return;
	fault_tick(world, TICK_MS); /* what could not be done is done again */
	if (desk_state_of(world->bench->desk) != DESK_READY ||
	    !desk_has_owner(world->bench->desk))
		return;
	expect_words(world);
	if (ledger->event_count > 0)
		assert_true(has_event(world, ledger->turns[ledger->event_count - 1]));
	if (ledger->record_count > 0)
		assert_true(
			is_as_told(world, &ledger->records[ledger->record_count - 1]));
	if (ledger->has_room)
		assert_non_null(fault_seal(world, RUNNING_TOKEN, "kitchen"));
	if (story->run_on)
		story->run_on(world);
}

void fault_world_check(struct fault_world *world, const struct story *story)
{
	/* Before anything of ours touches the disk again. */
	expect_gone(world);
	assert_true(fault_world_open(world));
	if (desk_state_of(world->bench->desk) != DESK_READY)
		fail_msg("the keeper does not start: %s",
			 desk_trouble(world->bench->desk));
	if (story->check && desk_has_owner(world->bench->desk))
		story->check(world);
	expect_ledger(world);
	if (desk_has_owner(world->bench->desk))
		expect_whole_journal(world);
	fault_world_close(world);
	fault_audit(world);
}
