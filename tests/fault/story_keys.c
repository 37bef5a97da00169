/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_keys - the words that open an owner's keys are changed, added, removed and renewed;
 * and somebody who left the house ends all of theirs.
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
#include "vault/owner.h"

enum {
	WAIT_MS = 61 * 1000, /* longer than anybody who signed in wrongly must wait */
	FURTHER = OWNER_WRAP_COUNT + 1, /* the number of a first further passphrase */
	WORDS_BYTES = 128,
};

/* --- the words -------------------------------------------------------------------------- */

static const char BOB[] = "the words of bob";
static const char LAST[] = "the last battery of all";
static const char OTHER[] = "a quite other battery";
static const char FURTHER_WORDS[] = "the words of the study";
static const char THIRD_WORDS[] = "and one in the cellar";
static char recovery[WORDS_BYTES]; /* with which it begins */
static char renewed[WORDS_BYTES];  /* as it was told */

enum { TOLD_CHANGED, TOLD_ADDED, TOLD_REMOVED, TOLD_RENEWED, TOLD_BOB };

static enum err add_words(struct fault_world *world, const char *name, const char *words)
{
	struct wire_key_add add = {.name = ""};

	must(str_copy(add.name, sizeof(add.name), name));
	must(str_copy(add.passphrase, sizeof(add.passphrase), words));
	return fault_change(world, world->house.alice, WIRE_key_add, &add);
}

static void set_up_words(struct fault_world *world)
{
	fault_make_house(world, recovery);
	assert_non_null(fault_seal(world, 1, "kitchen"));
	assert_int_equal(add_words(world, "study", FURTHER_WORDS), OK);
}

/* A row of alice's wraps is gone. */
static void wrap_is_gone(struct fault_world *world, uint8_t number)
{
	struct ledger *ledger = &world->ledger;

	for (size_t i = 0; i < world->known_count; i++) {
		const struct store_key *key = &world->known[i].key;

		if (key->space == STORE_WRAP && key->bytes[ID_BYTES] == number)
			ledger->gone[ledger->gone_count++] = &world->known[i];
	}
}

static enum err change_words(struct fault_world *world, const char *words)
{
	struct ledger *ledger = &world->ledger;
	struct wire_key_set set = {.number = 0};
	enum err err;

	must(str_copy(set.passphrase, sizeof(set.passphrase), words));
	ledger->words[1] = words;
	err = fault_change(world, world->house.alice, WIRE_key_set, &set);
	if (err != OK)
		return err;
	ledger->words[0] = words;
	ledger->words[1] = NULL;
	wrap_is_gone(world, OWNER_WRAP_PASSPHRASE);
	fault_is_gone(world, STORE_BACKUP, NULL);
	return OK;
}

static void renew_recovery(struct fault_world *world)
{
	struct desk_bench_link *alice = world->house.alice;
	const struct wire_message *message;

	house_forget(alice);
	fault_say(world, alice, WIRE_recovery_new,
		  &(struct wire_recovery_new){.unused = 0});
	message = desk_bench_take(alice);
	if (!message || message->type != WIRE_recovery_made)
		return;
	world->ledger.told[TOLD_RENEWED] = true;
	must(str_copy(renewed, sizeof(renewed), message->recovery_made.recovery));
	wrap_is_gone(world, OWNER_WRAP_RECOVERY);
}

static void live_words(struct fault_world *world)
{
	const struct wire_key_remove remove = {.number = FURTHER};
	bool *told = world->ledger.told;

	if (!fault_sign_in(world))
		return;
	told[TOLD_ADDED] = add_words(world, "cellar", THIRD_WORDS) == OK;
	told[TOLD_CHANGED] = change_words(world, OTHER) == OK;
	told[TOLD_REMOVED] =
		fault_change(world, world->house.alice, WIRE_key_remove, &remove) == OK;
	if (told[TOLD_REMOVED])
		wrap_is_gone(world, FURTHER);
	renew_recovery(world);
	house_forget(world->house.alice);
	told[TOLD_BOB] = desk_bench_make_owner(world->bench, world->house.alice, "bob",
					       BOB, NULL, NULL);
	(void)fault_seal(world, 50, "kitchen");
}

static bool opens(struct fault_world *world, const char *name, const char *words)
{
	clock_fake_pass(&world->bench->clock, WAIT_MS);
	house_forget(world->house.alice);
	return desk_bench_unlock(world->bench, world->house.alice, name, words);
}

/* Whichever of the two it is by now. */
static void run_on_words(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;

	if (ledger->words[1] && opens(world, "alice", ledger->words[1]))
		ledger->words[0] = ledger->words[1];
	ledger->words[1] = NULL;
	assert_true(opens(world, "alice", ledger->words[0]));
	assert_int_equal(change_words(world, LAST), OK);
}

/* Of her first passphrase and what it was changed to the ledger knows. */
static void check_words(struct fault_world *world)
{
	const bool *told = world->ledger.told;

	if (told[TOLD_ADDED])
		assert_true(opens(world, "alice", THIRD_WORDS));
	if (told[TOLD_CHANGED])
		assert_false(opens(world, "alice", FAULT_PASSPHRASE));
	if (told[TOLD_REMOVED])
		assert_false(opens(world, "alice", FURTHER_WORDS));
	if (told[TOLD_BOB])
		assert_true(opens(world, "bob", BOB));
	if (told[TOLD_RENEWED]) {
		assert_true(opens(world, "alice", renewed));
		assert_false(opens(world, "alice", recovery));
	}
}

const struct story STORY_WORDS = {"words are changed", set_up_words, live_words,
				  check_words, run_on_words};

/* --- the end of all --------------------------------------------------------------------- */

static struct owner_id bob;
static struct record_id of_bob; /* a recording */

enum { TOLD_ENDED };

static bool sign_in_bob(struct fault_world *world, struct desk_bench_link *link)
{
	house_forget(link);
	return desk_bench_unlock(world->bench, link, "bob", BOB);
}

/* Bob lived here, has a recording, and was removed. */
static void set_up_leaving(struct fault_world *world)
{
	const struct wire_owner_remove remove = {.name = "bob"};
	struct ledger *ledger = &world->ledger;
	struct ledger_record *record;
	struct desk_bench_link *link;

	fault_make_house(world, NULL);
	clock_fake_pass(&world->bench->clock, 1000);
	assert_true(desk_bench_make_owner(world->bench, world->house.alice, "bob", BOB,
					  &bob, NULL));
	link = desk_bench_link(world->bench, DESK_OWNER);
	assert_true(sign_in_bob(world, link));
	assert_true(desk_bench_add_room(world->bench, link, "attic"));
	record = fault_seal(world, 1, "attic");
	assert_non_null(record);
	of_bob = record->id;
	ledger->record_count = 0; /* alice's are in there */
	assert_non_null(fault_seal(world, 2, "kitchen"));
	assert_int_equal(fault_change(world, world->house.alice, WIRE_owner_remove,
				      &remove),
			 OK);
	world->begin_ms = 2000;
}

static void live_leaving(struct fault_world *world)
{
	const struct wire_owner_end end = {.name = "bob"};
	struct desk_bench_link *link = desk_bench_link(world->bench, DESK_OWNER);

	if (sign_in_bob(world, link) || sign_in_bob(world, link)) {
		world->ledger.told[TOLD_ENDED] =
			fault_change(world, link, WIRE_owner_end, &end) == OK;
		if (world->ledger.told[TOLD_ENDED]) {
			fault_is_gone(world, STORE_WRAP, bob.bytes);
			fault_is_gone(world, STORE_KEK, bob.bytes);
			fault_is_gone(world, STORE_BACKUP, NULL);
		}
	}
	(void)fault_seal(world, 50, "kitchen");
	fault_tick(world, 1000);
}

/* He can sign in and hear what is his, or nobody can any more. */
static void check_leaving(struct fault_world *world)
{
	struct desk_bench_link *link = desk_bench_link(world->bench, DESK_OWNER);
	const bool can_sign_in = sign_in_bob(world, link);

	if (can_sign_in)
		assert_true(fault_plays(world, link, of_bob));
	if (world->ledger.told[TOLD_ENDED])
		assert_false(can_sign_in);
}

const struct story STORY_OWNER_LEAVES = {"an owner leaves", set_up_leaving, live_leaving,
					 check_leaving, NULL};
