/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_took - what was said in a room that is nobody's is theirs whose device approved
 * what was asked for in it: by the keeper's own knowledge, and by nothing that the hub says.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/hash_chain.h"
#include "base/str.h"
#include "domain/proposal.h"
#include "fake/desk_house.h"
#include "keeper/desk_inner.h"

enum {
	FRAMES = 40,
	SAMPLES = FRAMES * AUDIO_FRAME_SAMPLES,
	TOKEN = 77,
	SAID_MS = 800,
};

static int16_t sound[SAMPLES];
static uint64_t sequence;
static uint64_t turn;

struct place {
	struct house house;
	struct phone alices;
	struct phone bobs;
	struct phone carols; /* who is no owner */
	struct desk_bench_link *bob;
	struct owner_id bob_id;
};

static void make_nobodys(struct place *place, bool has_box)
{
	const struct wire_box_set set = {.on = has_box};

	house_set_room(&place->house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL});
	house_say(&place->house, place->house.alice, WIRE_box_set, &set);
	house_forget(place->house.alice);
}

static struct place make(bool has_box)
{
	struct place place = {.house = house_make()};
	uint8_t carol[ID_BYTES];

	sequence = 0;
	turn = (uint64_t)place.house.bench->clock.wall_ms << 16 | 5;
	clock_fake_pass(&place.house.bench->clock, 1000); /* bob comes later */
	assert_true(desk_bench_make_owner(place.house.bench, place.house.alice, "bob",
					  "another passphrase", &place.bob_id, NULL));
	place.bob = desk_bench_link(place.house.bench, DESK_OWNER);
	assert_true(desk_bench_unlock(place.house.bench, place.bob, "bob",
				      "another passphrase"));
	house_forget(place.house.alice);
	house_add_person(&place.house, "carol", "adult", MAY_ALL, carol);
	house_pair_phone(&place.house, 1, place.house.alice_id.bytes, &place.alices);
	house_pair_phone(&place.house, 2, place.bob_id.bytes, &place.bobs);
	house_pair_phone(&place.house, 3, carol, &place.carols);
	make_nobodys(&place, has_box);
	house_forget(place.house.hub);
	return place;
}

static struct action unlock_of(const char *entity)
{
	struct action action = {.kind = ACTION_UNLOCK, .room = "kitchen"};

	assert_true(str_copy(action.entity, sizeof(action.entity), entity));
	return action;
}

static struct proposal_id ask(struct place *place, const char *entity)
{
	const struct action action = unlock_of(entity);
	struct proposal_id id;
	char reason[32];

	house_forget(place->house.hub);
	house_propose(&place->house, &action, turn, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	return id;
}

static void give(struct place *place, struct phone *phone, struct proposal_id id,
		 const char *entity, enum approval_verdict verdict)
{
	const struct verdict given = {id, id, unlock_of(entity), verdict, verdict};

	house_forget(phone->link);
	house_say_verdict(&place->house, phone, &given);
}

static void tap(struct place *place, struct phone *phone, struct proposal_id id,
		const char *entity)
{
	give(place, phone, id, entity, APPROVAL_APPROVE);
}

/* What the room has to say of the sound, as it lies in `sound` now. */
static void room_signs_of(struct place *place, enum event_kind kind, uint64_t of)
{
	struct wire_append append = {.token = TOKEN + 1};
	struct event *event = &append.event;
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct hash_chain chain;
	size_t size = 0;

	hash_chain_init(&chain);
	assert_int_equal(hash_chain_add(&chain, sound, sizeof(sound)), OK);
	event_init(event, kind, (struct turn_id){of}, "kitchen",
		   place->house.bench->clock.wall_ms);
	if (kind == EVENT_LEASE_CLOSED) {
		evidence_lease_closed(event, SAID_MS, "end of speech");
		evidence_sound(event, chain.blocks, chain.hash);
	} else {
		evidence_lease_opened(event, LEASE_ANSWER);
	}
	hash_chain_finish(&chain);
	event->is_signed = true;
	event->sequence = ++sequence;
	house_room_seed("kitchen", seed);
	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	house_say(&place->house, place->house.hub, WIRE_append, &append);
}

static void room_signs(struct place *place)
{
	room_signs_of(place, EVENT_LEASE_CLOSED, turn);
}

static void seal(struct place *place)
{
	house_forget(place->house.hub);
	desk_bench_seal(place->house.bench, place->house.hub, TOKEN, turn, "kitchen",
			"words", sound, SAMPLES);
	desk_bench_settle(place->house.bench);
}

/* The hub's answer, which must have come. */
static struct wire_done answer(struct place *place)
{
	const struct wire_message *message;

	do {
		message = desk_bench_take(place->house.hub);
		assert_non_null(message);
	} while (message->type != WIRE_done || message->done.token != TOKEN);
	return message->done;
}

static size_t rows_in(const struct place *place, enum store_space space)
{
	const struct desk_bench *bench = place->house.bench;
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++)
		count += store_fake_row(bench->rows, i, NULL)->key.space == space;
	return count;
}

/* What that owner's history tells of the turn: "device words", "box", "no row" ... */
static const char *told(struct place *place, struct desk_bench_link *owner)
{
	static char text[128];
	const struct wire_history_get get = {.limit = 10, .before_ms = INT64_MAX};
	const struct wire_message *message;

	assert_true(str_copy(text, sizeof(text), "no row"));
	house_forget(owner);
	house_say(&place->house, owner, WIRE_history_get, &get);
	while ((message = desk_bench_take(owner)) && message->type != WIRE_end) {
		if (message->type != WIRE_history_row ||
		    message->history_row.turn != turn)
			continue;
		assert_true(str_format(text, sizeof(text), "%s%s%s",
				       message->history_row.by,
				       message->history_row.transcript[0] ? " " : "",
				       message->history_row.transcript));
	}
	return text;
}

/* A row of it is in the journal, also where nothing was recorded. */
static void decide(struct place *place)
{
	desk_bench_append(place->house.bench, place->house.hub, TOKEN + 2, EVENT_DECIDED,
			  turn, "kitchen");
	desk_bench_settle(place->house.bench);
	house_forget(place->house.hub);
}

static void expect_told(struct place *place, const char *alice, const char *bob)
{
	assert_string_equal(told(place, place->house.alice), alice);
	assert_string_equal(told(place, place->bob), bob);
}

static void end(struct place *place)
{
	desk_bench_destroy(place->house.bench);
}

/* --- whose it is ------------------------------------------------------------------------ */

static void a_tap_makes_it_theirs(void **state)
{
	struct place place = make(false);
	struct proposal_id id;
	struct wire_done done;

	(void)state;
	decide(&place);
	id = ask(&place, "lock.front");
	room_signs(&place);
	seal(&place);
	done = answer(&place); /* it does not wait */
	assert_int_equal(done.err, OK);
	assert_true(id_is_none(done.record.bytes));
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	house_pass(&place.house, 60 * 1000);
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	tap(&place, &place.alices, id, "lock.front");
	assert_int_equal(rows_in(&place, STORE_RECORD), 2);
	expect_told(&place, "device words", "no row");
	end(&place);
}

static void a_tap_before_the_sound_came(void **state)
{
	struct place place = make(true);
	struct proposal_id id;

	(void)state;
	id = ask(&place, "lock.front");
	tap(&place, &place.bobs, id, "lock.front");
	room_signs(&place);
	seal(&place);
	assert_false(id_is_none(answer(&place).record.bytes));
	expect_told(&place, "no row", "device words");
	end(&place);
}

/* The same of the turn in which it was confirmed aloud. */
static void the_turn_that_confirmed_is_theirs_too(void **state)
{
	struct place place = make(false);
	const struct proposal_id id = ask(&place, "lock.front");
	struct desk *desk = place.house.bench->desk;

	(void)state;
	turn++;
	assert_int_equal(desk->proposal_count, 1);
	desk->proposals[0]->said_in = (struct turn_id){turn};
	room_signs(&place);
	seal(&place);
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	turn--;
	tap(&place, &place.alices, id, "lock.front");
	turn++;
	assert_int_equal(rows_in(&place, STORE_RECORD), 2);
	expect_told(&place, "device words", "no row");
	end(&place);
}

/* Without a device, by the passphrase: what was asked aloud to be deleted. */
static void signed_in_it_is_theirs_as_well(void **state)
{
	static const struct wire_forget_get get;
	const struct action action = {.kind = ACTION_RECORD_ERASE,
				      .mode = "today",
				      .room = "kitchen"};
	struct place place = make(false);
	struct desk_bench_link *alice = place.house.alice;
	struct wire_forget_approve said = {.token = 9};
	uint8_t hash[SEAL_HASH_BYTES];
	const struct wire_message *message;
	struct proposal_id id;
	char reason[32];

	(void)state;
	house_propose(&place.house, &action, turn, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	room_signs(&place);
	seal(&place);
	house_say(&place.house, alice, WIRE_forget_get, &get);
	message = house_expect(alice, WIRE_notice);
	assert_int_equal(seal_sha256(&(struct seal_part){message->notice.action.bytes,
							 message->notice.action.size},
				     1, hash),
			 OK);
	memcpy(said.proposal.bytes, id.bytes, ID_BYTES);
	said.hash = (struct wire_slice){hash, sizeof(hash)};
	house_say(&place.house, alice, WIRE_forget_approve, &said);
	expect_told(&place, "session words", "no row");
	end(&place);
}

/* Called off, let be, or approved by somebody who is no owner: by the rule of the room. */
static void without_a_tap_of_an_owner(void **state)
{
	(void)state;
	for (size_t way = 0; way < 3; way++) {
		for (size_t box = 0; box < 2; box++) {
			struct place place = make(box == 1);
			struct proposal_id id;

			decide(&place);
			id = ask(&place, "lock.front");
			room_signs(&place);
			seal(&place);
			assert_int_equal(rows_in(&place, STORE_RECORD), 0);
			if (way == 0)
				give(&place, &place.alices, id, "lock.front",
				     APPROVAL_CANCEL);
			else if (way == 1)
				house_pass(&place.house, PROPOSAL_WAIT_MS);
			else
				tap(&place, &place.carols, id, "lock.front");
			desk_bench_settle(place.house.bench);
			assert_int_equal(rows_in(&place, STORE_RECORD), 2 * box);
			expect_told(&place, box ? "box" : "", box ? "box" : "");
			end(&place);
		}
	}
}

static void of_two_owners_it_is_neithers(void **state)
{
	struct place place = make(false);
	struct proposal_id first;
	struct proposal_id second;

	(void)state;
	decide(&place);
	first = ask(&place, "lock.front");
	second = ask(&place, "lock.back");
	room_signs(&place);
	seal(&place);
	tap(&place, &place.alices, first, "lock.front");
	assert_int_equal(rows_in(&place, STORE_RECORD), 0); /* more may come of it */
	tap(&place, &place.bobs, second, "lock.back");
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	expect_told(&place, "", "");
	end(&place);
}

static void whoever_keeps_nothing_keeps_nothing(void **state)
{
	const struct wire_retention_set none = {.days = 0};
	struct place place = make(true);
	struct proposal_id id;

	(void)state;
	decide(&place);
	house_say(&place.house, place.house.alice, WIRE_retention_set, &none);
	id = ask(&place, "lock.front");
	room_signs(&place);
	seal(&place);
	tap(&place, &place.alices, id, "lock.front");
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	expect_told(&place, "", "");
	end(&place);
}

/* --- what a hub can try ----------------------------------------------------------------- */

/* Another sound than the one that the room heard in that turn. */
static void another_sound_is_nobodys(void **state)
{
	struct place place = make(false);
	struct proposal_id id;

	(void)state;
	decide(&place);
	id = ask(&place, "lock.front");
	room_signs(&place);
	sound[SAMPLES / 2] ^= 1;
	seal(&place);
	sound[SAMPLES / 2] ^= 1;
	assert_int_equal(answer(&place).err, ERR_DENIED);
	tap(&place, &place.alices, id, "lock.front");
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	expect_told(&place, "", "");
	end(&place);
}

/* What nobody signed, or was said to a question that anybody may have answered. */
static void no_word_of_the_room_for_it(void **state)
{
	(void)state;
	for (size_t is_answer = 0; is_answer < 2; is_answer++) {
		struct place place = make(false);
		struct proposal_id id = ask(&place, "lock.front");

		tap(&place, &place.alices, id, "lock.front");
		if (is_answer) {
			room_signs_of(&place, EVENT_LEASE_OPENED, turn);
			room_signs(&place);
		}
		seal(&place);
		house_pass(&place.house, DESK_SIGNED_WAIT_MS);
		assert_int_equal(answer(&place).err, ERR_DENIED);
		assert_int_equal(rows_in(&place, STORE_RECORD), 0);
		end(&place);
	}
}

/* Its turn was another; it is sent a second time; or nothing was asked for before it came. */
static void one_tap_is_one_recording(void **state)
{
	struct place place = make(false);
	struct proposal_id id = ask(&place, "lock.front");

	(void)state;
	tap(&place, &place.alices, id, "lock.front");
	turn++;
	room_signs(&place);
	seal(&place);
	assert_int_equal(answer(&place).err, ERR_DENIED);
	turn--;
	room_signs(&place);
	seal(&place);
	assert_int_equal(answer(&place).err, OK);
	assert_int_equal(rows_in(&place, STORE_RECORD), 2);
	seal(&place);
	assert_int_equal(answer(&place).err, ERR_DENIED);
	assert_int_equal(rows_in(&place, STORE_RECORD), 2);
	end(&place);
}

static void a_tap_that_comes_too_late(void **state)
{
	struct place place = make(true);
	struct proposal_id id;

	(void)state;
	room_signs(&place);
	seal(&place);
	assert_false(id_is_none(answer(&place).record.bytes));
	id = ask(&place, "lock.front");
	tap(&place, &place.alices, id, "lock.front");
	expect_told(&place, "box", "box");
	end(&place);
}

/* The house is asked for more than it keeps waiting: that goes by the rule of the room. */
static void only_so_many_wait(void **state)
{
	struct place place = make(false);
	const uint64_t first = turn;
	struct proposal_id last;

	(void)state;
	for (size_t i = 0; i <= DESK_PARKED_MAX; i++, turn++) {
		char entity[32];

		assert_true(str_format(entity, sizeof(entity), "lock.door_%zu", i));
		last = ask(&place, entity);
		room_signs(&place);
		seal(&place);
		assert_int_equal(answer(&place).err,
				 i < DESK_PARKED_MAX ? OK : ERR_DENIED);
	}
	tap(&place, &place.alices, last, "lock.door_4");
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	turn = first;
	end(&place); /* with what still waits */
}

/* Muting the room, or giving it to somebody, ends what waits. */
static void a_room_that_changed(void **state)
{
	(void)state;
	for (size_t way = 0; way < 2; way++) {
		struct place place = make(true);
		struct proposal_id id;

		id = ask(&place, "lock.front");
		room_signs(&place);
		seal(&place);
		house_set_room(&place.house, "kitchen",
			       (struct wire_room_set){.capabilities = way ? MAY_SECURITY
									  : MAY_ALL,
						      .is_private = way == 0});
		tap(&place, &place.alices, id, "lock.front");
		desk_bench_settle(place.house.bench);
		assert_int_equal(rows_in(&place, STORE_RECORD), 0);
		end(&place);
	}
}

/* Nothing of it is on the disk; the house does not know of it any more. */
static void what_waits_ends_with_the_keeper(void **state)
{
	struct place place = make(true);

	(void)state;
	(void)ask(&place, "lock.front");
	room_signs(&place);
	seal(&place);
	desk_bench_restart(place.house.bench);
	desk_bench_settle(place.house.bench);
	assert_int_equal(rows_in(&place, STORE_RECORD), 0);
	end(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tap_makes_it_theirs),
		cmocka_unit_test(a_tap_before_the_sound_came),
		cmocka_unit_test(the_turn_that_confirmed_is_theirs_too),
		cmocka_unit_test(signed_in_it_is_theirs_as_well),
		cmocka_unit_test(without_a_tap_of_an_owner),
		cmocka_unit_test(of_two_owners_it_is_neithers),
		cmocka_unit_test(whoever_keeps_nothing_keeps_nothing),
		cmocka_unit_test(another_sound_is_nobodys),
		cmocka_unit_test(no_word_of_the_room_for_it),
		cmocka_unit_test(one_tap_is_one_recording),
		cmocka_unit_test(a_tap_that_comes_too_late),
		cmocka_unit_test(only_so_many_wait),
		cmocka_unit_test(a_room_that_changed),
		cmocka_unit_test(what_waits_ends_with_the_keeper),
	};

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 31);
	return cmocka_run_group_tests_name("desk_took", tests, NULL, NULL);
}
