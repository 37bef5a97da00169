/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_forget - "delete what I just said": proposed by the hub, counted by the keeper,
 * approved by a device of whose they are, and carried out by the keeper alone.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/reason.h"
#include "fake/desk_house.h"
#include "keeper/desk_inner.h"

enum { TURN = 77, SAMPLES = 4000, MINUTE_MS = 60 * 1000, ROWS_OF_ONE = 4 };

static int16_t sound[SAMPLES];
static uint64_t turns;

static void keep_private(struct house *house, bool is_private)
{
	house_set_room(house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL,
					      .is_private = is_private});
	house_forget(house->hub);
}

static struct record_id record(struct house *house, const char *room)
{
	struct record_id made;
	const struct wire_message *message;

	house_forget(house->hub);
	turns++;
	desk_bench_seal(house->bench, house->hub, turns, turns, room, "words", sound,
			SAMPLES);
	desk_bench_settle(house->bench);
	house_pass(house, DESK_SIGNED_WAIT_MS); /* its room says nothing of it */
	do {
		message = desk_bench_take(house->hub);
		assert_non_null(message);
	} while (message->type != WIRE_done);
	assert_int_equal(message->done.err, OK);
	memcpy(made.bytes, message->done.record.bytes, ID_BYTES);
	house_forget(house->hub);
	return made;
}

static size_t rows_of(const struct house *house, struct record_id which)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		count += (row->key.space == STORE_SALT ||
			  row->key.space == STORE_RECORD) &&
			 memcmp(row->key.bytes + ID_BYTES, which.bytes, ID_BYTES) == 0;
	}
	return count;
}

static struct action to_delete(const char *mode)
{
	struct action action = {.kind = ACTION_RECORD_ERASE, .room = "kitchen"};

	assert_true(str_copy(action.mode, sizeof(action.mode), mode));
	return action;
}

static void expect_refused(struct house *house, const struct action *action,
			   const char *reason)
{
	struct proposal_id id;
	char said[32];

	house_forget(house->hub);
	house_propose(house, action, TURN, &id, said);
	assert_string_equal(said, reason);
}

/* The action as the device is to approve it. */
static struct action ask(struct house *house, struct phone *phone,
			 const struct action *action, struct proposal_id *out_id)
{
	const struct wire_message *message;
	struct action told = {.room = ""};
	char reason[32];

	house_forget(house->hub);
	house_forget(phone->link);
	house_propose(house, action, TURN, out_id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	message = house_expect(phone->link, WIRE_notice);
	assert_int_equal(action_read((const char *)message->notice.action.bytes,
				     message->notice.action.size, &told),
			 OK);
	return told;
}

static void approve(struct house *house, struct phone *phone, struct proposal_id id,
		    const struct action *action)
{
	const struct verdict given = {id, id, *action, APPROVAL_APPROVE,
				      APPROVAL_APPROVE};

	house_forget(phone->link);
	house_forget(house->hub);
	house_say_verdict(house, phone, &given);
	house_pass(house, 1);
}

static struct house make(struct phone *phone)
{
	struct house house = house_make();

	keep_private(&house, true);
	house_pair_phone(&house, 1, house.alice_id.bytes, phone);
	return house;
}

static void what_is_approved_is_deleted(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct record_id made[2];
	struct record_id later;
	struct proposal_id id;
	struct action told;

	(void)state;
	made[0] = record(&house, "kitchen");
	made[1] = record(&house, "kitchen");
	told = ask(&house, &phone, &asked, &id);
	assert_true(str_starts(told.entity, "2 recordings, 2026-03-01 "));
	assert_int_equal(rows_of(&house, made[0]), ROWS_OF_ONE);
	clock_fake_pass(&house.bench->clock, 1000);
	later = record(&house, "kitchen");
	approve(&house, &phone, id, &told);
	assert_int_equal(rows_of(&house, made[0]) + rows_of(&house, made[1]), 0);
	assert_int_equal(rows_of(&house, later), ROWS_OF_ONE);
	house_expect_no_order(&house);
	desk_bench_destroy(house.bench);
}

static void just_is_the_last_one(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("just");
	struct record_id made[2];
	struct proposal_id id;
	struct action told;

	(void)state;
	made[0] = record(&house, "kitchen");
	clock_fake_pass(&house.bench->clock, MINUTE_MS);
	made[1] = record(&house, "kitchen");
	told = ask(&house, &phone, &asked, &id);
	assert_true(str_starts(told.entity, "1 recording, "));
	approve(&house, &phone, id, &told);
	assert_int_equal(rows_of(&house, made[1]), 0);
	assert_int_equal(rows_of(&house, made[0]), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

static void what_was_said_an_hour_ago_is_not_just(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("just");
	struct record_id kept;

	(void)state;
	kept = record(&house, "kitchen");
	clock_fake_pass(&house.bench->clock, 11 * (int64_t)MINUTE_MS);
	house_come_back(&house, &phone); /* it is reachable */
	expect_refused(&house, &asked, "NOTHING_RECORDED");
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

static void the_hub_names_nothing(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	struct action asked = to_delete("today");

	(void)state;
	(void)record(&house, "kitchen");
	assert_true(str_copy(asked.entity, sizeof(asked.entity), "0 recordings"));
	expect_refused(&house, &asked, "NO_ACTION");
	asked = to_delete("century");
	expect_refused(&house, &asked, "NO_ACTION");
	asked = to_delete("");
	expect_refused(&house, &asked, "NO_ACTION");
	desk_bench_destroy(house.bench);
}

static void only_whose_they_are_approves(void **state)
{
	struct phone alices;
	struct phone adults;
	struct house house = make(&alices);
	const struct action asked = to_delete("all");
	struct phone bobs;
	struct owner_id bob;
	uint8_t adult[ID_BYTES];
	struct record_id kept;
	struct proposal_id id;
	struct action told;

	(void)state;
	house_add_person(&house, "carol", "adult", MAY_ALL, adult);
	house_pair_phone(&house, 2, adult, &adults);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "another passphrase", &bob, NULL));
	house_forget(house.alice);
	house_pair_phone(&house, 3, bob.bytes, &bobs);
	kept = record(&house, "kitchen");
	told = ask(&house, &alices, &asked, &id);
	approve(&house, &adults, id, &told);
	house_expect_refused(adults.link, "MAY_NOT_APPROVE");
	approve(&house, &bobs, id, &told);
	house_expect_refused(bobs.link, "MAY_NOT_APPROVE");
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	approve(&house, &alices, id, &told);
	assert_int_equal(rows_of(&house, kept), 0);
	desk_bench_destroy(house.bench);
}

/* In a room that is nobody's: what was recorded there for whoever approves it. */
static void in_a_shared_room(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct record_id here;
	struct record_id elsewhere;
	struct proposal_id id;
	struct action told;

	(void)state;
	house_set_room(&house, "study",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	here = record(&house, "kitchen");
	elsewhere = record(&house, "study");
	keep_private(&house, false);
	told = ask(&house, &phone, &asked, &id);
	assert_string_equal(told.entity, ""); /* whose they are is not known yet */
	approve(&house, &phone, id, &told);
	assert_int_equal(rows_of(&house, here), 0);
	assert_int_equal(rows_of(&house, elsewhere), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

static size_t events_of(struct house *house, enum event_kind kind)
{
	const struct wire_why_get get = {.turn = TURN};
	const struct wire_message *message;
	size_t count = 0;

	house_forget(house->alice);
	house_say(house, house->alice, WIRE_why_get, &get);
	while ((message = desk_bench_take(house->alice)) && message->type == WIRE_why_row)
		count += message->why_row.event.kind == kind;
	return count;
}

static void play(struct house *house, struct record_id which)
{
	struct wire_play_get get;

	memcpy(get.record.bytes, which.bytes, ID_BYTES);
	house_forget(house->alice);
	house_say(house, house->alice, WIRE_play_get, &get);
}

/* All of it, up to the approval, with the one key above it: nothing is left that opens. */
static void everything_ends_with_its_key(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("all");
	struct record_id made[2];
	struct record_id later;
	struct proposal_id id;
	struct action told;

	(void)state;
	made[0] = record(&house, "kitchen");
	told = ask(&house, &phone, &asked, &id);
	assert_true(str_starts(told.entity, "everything, 1 recording, 2026-03-01 "));
	clock_fake_pass(&house.bench->clock, 1000);
	made[1] = record(&house, "kitchen");
	approve(&house, &phone, id, &told);
	later = record(&house, "kitchen");
	assert_int_equal(events_of(&house, EVENT_ERASED), 1);
	assert_int_equal(events_of(&house, EVENT_DELETED), 0);
	for (size_t i = 0; i < 2; i++) {
		play(&house, made[i]);
		assert_int_not_equal(house_expect(house.alice, WIRE_end)->end.err, OK);
	}
	play(&house, later);
	assert_int_equal(house_expect(house.alice, WIRE_play_sound)->type,
			 WIRE_play_sound);
	house_pass(&house, DESK_TICK_MS);
	assert_int_equal(rows_of(&house, made[0]) + rows_of(&house, made[1]), 0);
	assert_int_equal(rows_of(&house, later), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

/* --- by its owner, signed in ------------------------------------------------------------ */

/* The notices that this owner is shown, and the last of them. */
static size_t shown(struct house *house, struct desk_bench_link *owner,
		    struct wire_forget_approve *out_last)
{
	static uint8_t hash[SEAL_HASH_BYTES];
	static const struct wire_forget_get get;
	const struct wire_message *message;
	size_t count = 0;

	house_forget(owner);
	house_say(house, owner, WIRE_forget_get, &get);
	while ((message = desk_bench_take(owner)) && message->type == WIRE_notice) {
		const struct seal_part part = {message->notice.action.bytes,
					       message->notice.action.size};

		assert_int_equal(message->notice.may, 1);
		assert_int_equal(seal_sha256(&part, 1, hash), OK);
		memcpy(out_last->proposal.bytes, message->notice.id.bytes, ID_BYTES);
		out_last->hash = (struct wire_slice){hash, sizeof(hash)};
		out_last->token = 9;
		count++;
	}
	assert_true(message && message->type == WIRE_end);
	return count;
}

static void approved_by_passphrase(void **state)
{
	static const char *const MODES[] = {"today", "all"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(MODES); i++) {
		struct phone phone;
		struct house house = make(&phone);
		const struct action asked = to_delete(MODES[i]);
		struct wire_forget_approve said = {.token = 0};
		const struct record_id made = record(&house, "kitchen");
		struct proposal_id id;

		assert_int_equal(shown(&house, house.alice, &said), 0);
		(void)ask(&house, &phone, &asked, &id);
		assert_int_equal(shown(&house, house.alice, &said), 1);
		house_say(&house, house.alice, WIRE_forget_approve, &said);
		assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
		house_pass(&house, 1);
		house_pass(&house, DESK_TICK_MS);
		assert_int_equal(rows_of(&house, made), 0);
		assert_int_equal(shown(&house, house.alice, &said), 0);
		house_say(&house, house.alice, WIRE_forget_approve, &said);
		house_expect_refused(house.alice, "UNKNOWN_PROPOSAL");
		desk_bench_destroy(house.bench);
	}
}

/* Of other owners, of what is no deletion, and of other bytes than were shown. */
static void a_passphrase_approves_nothing_else(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	const struct action unlock = {.kind = ACTION_UNLOCK,
				      .entity = "lock.front",
				      .room = "kitchen"};
	const struct record_id kept = record(&house, "kitchen");
	struct desk_bench_link *bobs = desk_bench_link(house.bench, DESK_OWNER);
	struct wire_forget_approve said = {.token = 0};
	uint8_t spoilt[SEAL_HASH_BYTES];
	struct proposal_id id;
	struct owner_id bob;
	char reason[32];

	(void)state;
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "another passphrase", &bob, NULL));
	assert_true(desk_bench_unlock(house.bench, bobs, "bob", "another passphrase"));
	(void)ask(&house, &phone, &asked, &id);
	assert_int_equal(shown(&house, bobs, &said), 0);
	assert_int_equal(shown(&house, house.alice, &said), 1);
	house_say(&house, bobs, WIRE_forget_approve, &said);
	house_expect_refused(bobs, "UNKNOWN_PROPOSAL");
	memcpy(spoilt, said.hash.bytes, sizeof(spoilt));
	spoilt[7] ^= 1;
	said.hash.bytes = spoilt;
	house_say(&house, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "UNKNOWN_PROPOSAL");
	house_forget(house.hub);
	house_propose(&house, &unlock, TURN + 1, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	assert_int_equal(shown(&house, house.alice, &said), 1);
	memcpy(said.proposal.bytes, id.bytes, ID_BYTES);
	house_say(&house, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "UNKNOWN_PROPOSAL");
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

/* It was counted as one owner's; when the room is nobody's by then, or somebody else's, nothing
 * is deleted, and who approves it is told so. */
static void a_room_that_changed_hands_meanwhile_is_not_emptied(void **state)
{
	(void)state;
	for (unsigned others = 0; others < 2; others++) {
		struct phone phone;
		struct house house = make(&phone);
		const struct action asked = to_delete("today");
		struct record_id kept;
		struct proposal_id id;
		struct action told;

		kept = record(&house, "kitchen");
		told = ask(&house, &phone, &asked, &id);
		keep_private(&house, false);
		if (others) {
			struct desk_bench_link *bob =
				desk_bench_link(house.bench, DESK_OWNER);

			assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
							  "another passphrase", NULL,
							  NULL));
			assert_true(desk_bench_unlock(house.bench, bob, "bob",
						      "another passphrase"));
			house.alice = bob;
			keep_private(&house, true);
		}
		approve(&house, &phone, id, &told);
		house_pass(&house, 1000);
		assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
		desk_bench_destroy(house.bench);
	}
}

/* More of that time than was counted, because a clock was set back: none of it is deleted. */
static void more_than_was_counted_is_not_deleted(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct record_id made[2];
	struct proposal_id id;
	struct action told;

	(void)state;
	made[0] = record(&house, "kitchen");
	told = ask(&house, &phone, &asked, &id);
	house.bench->clock.wall_ms -= MINUTE_MS;
	made[1] = record(&house, "kitchen");
	approve(&house, &phone, id, &told);
	house_pass(&house, 1000);
	assert_int_equal(rows_of(&house, made[0]), ROWS_OF_ONE);
	assert_int_equal(rows_of(&house, made[1]), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

/* Where keys are older than what is deleted with them: one after the other. */
static void everything_of_a_house_of_before(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("all");
	struct record_id made[2];
	struct proposal_id id;
	struct action told;

	(void)state;
	made[0] = record(&house, "kitchen");
	house.bench->desk->keks[0].now.created_ms++;
	told = ask(&house, &phone, &asked, &id);
	clock_fake_pass(&house.bench->clock, 1000);
	made[1] = record(&house, "kitchen"); /* up to the approval */
	approve(&house, &phone, id, &told);
	house_pass(&house, 1000);
	assert_int_equal(rows_of(&house, made[0]), 0);
	(void)made[1];
	assert_int_equal(events_of(&house, EVENT_ERASED), 0);
	assert_true(events_of(&house, EVENT_DELETED) > 0);
	desk_bench_destroy(house.bench);
}

/* A passphrase approves once, in time, and by all of what was shown. */
static void a_passphrase_approves_once_and_in_time(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct wire_forget_approve said = {.token = 0};
	const struct record_id first = record(&house, "kitchen");
	struct record_id kept;
	struct proposal_id id;

	(void)state;
	(void)ask(&house, &phone, &asked, &id);
	assert_int_equal(shown(&house, house.alice, &said), 1);
	said.hash.size--;
	house_say(&house, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "UNKNOWN_PROPOSAL");
	said.hash.size++;
	desk_bench_say(house.bench, house.alice, WIRE_forget_approve, &said);
	desk_bench_say(house.bench, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "TOO_MUCH_WAITS");
	desk_bench_settle(house.bench);
	assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
	house_pass(&house, 1000);
	assert_int_equal(rows_of(&house, first), 0);
	kept = record(&house, "kitchen");
	(void)ask(&house, &phone, &asked, &id);
	assert_int_equal(shown(&house, house.alice, &said), 1);
	clock_fake_pass(&house.bench->clock, 5 * (int64_t)MINUTE_MS); /* and no tick */
	house_say(&house, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "TOO_LATE");
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

/* What could not be read is tried again; and when it is, it has to be theirs still. */
static void what_fails_is_tried_again(void **state)
{
	enum { AGAIN, UNKNOWN, SHARED, GONE, WAYS };

	(void)state;
	for (unsigned way = AGAIN; way < WAYS; way++) {
		struct phone phone;
		struct house house = make(&phone);
		const struct action asked = to_delete("today");
		struct wire_forget_approve said = {.token = 0};
		const struct record_id made = record(&house, "kitchen");
		struct proposal_id id;
		struct action told = ask(&house, &phone, &asked, &id);

		store_fake_fail_question(house.bench->rows, 0, ERR_IO, way == AGAIN);
		approve(&house, &phone, id, &told);
		assert_true(store_fake_has_failed(house.bench->rows));
		store_fake_heal(house.bench->rows);
		assert_int_equal(rows_of(&house, made), ROWS_OF_ONE);
		assert_int_equal(shown(&house, house.alice, &said), 0); /* approved */
		if (way == UNKNOWN) /* whose was the device? */
			house.bench->desk->policy.devices[0].key[0] ^= 1;
		else if (way == SHARED)
			keep_private(&house, false);
		else if (way == GONE) /* there is no such room any more */
			for (size_t i = 0; i < house.bench->desk->policy.room_count; i++)
				house.bench->desk->policy.rooms[i].room.text[0] ^= 1;
		house_pass(&house, 2000);
		house_pass(&house, 2000);
		assert_int_equal(rows_of(&house, made), way == AGAIN ? 0 : ROWS_OF_ONE);
		desk_bench_destroy(house.bench);
	}
}

/* Who is not signed in, or no more, is told of nothing. */
static void only_who_is_signed_in_is_told(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct desk_bench_link *stranger = desk_bench_link(house.bench, DESK_OWNER);
	struct wire_forget_get get = {.unused = 0};
	struct proposal_id id;

	(void)state;
	(void)record(&house, "kitchen");
	house_forget(house.alice);
	(void)ask(&house, &phone, &asked, &id);
	assert_int_equal(desk_bench_waiting(stranger), 0);
	clock_fake_pass(&house.bench->clock, 60 * (int64_t)MINUTE_MS);
	house_come_back(&house, &phone);
	(void)record(&house, "kitchen");
	house_forget(house.alice);
	(void)ask(&house, &phone, &asked, &id);
	assert_int_equal(desk_bench_waiting(stranger), 0);
	house_forget(house.alice);
	house_say(&house, house.alice, WIRE_forget_get, &get);
	house_expect_refused(house.alice, "NOT_SIGNED_IN");
	desk_bench_destroy(house.bench);
}

/* What is not written down yet is neither shown nor approved. */
static void what_is_not_written_is_not_approved(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	struct desk *desk = house.bench->desk;
	struct wire_propose propose = {.token = 5, .turn = TURN};
	struct wire_forget_approve said = {.token = 6};
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;

	(void)state;
	(void)record(&house, "kitchen");
	assert_int_equal(action_bytes(&asked, bytes, &size), OK);
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	store_fake_hold_writes(house.bench->rows, true);
	desk_bench_say(house.bench, house.hub, WIRE_propose, &propose);
	for (size_t i = 0; i < 100; i++)
		store_step(&house.bench->store);
	assert_int_equal(desk->proposal_count, 1);
	memcpy(said.proposal.bytes, desk->proposals[0]->now.id.bytes, ID_BYTES);
	said.hash =
		(struct wire_slice){desk->proposals[0]->now.hash, APPROVAL_HASH_BYTES};
	house_forget(house.alice);
	desk_bench_say(house.bench, house.alice, WIRE_forget_get,
		       &(struct wire_forget_get){.unused = 0});
	assert_int_equal(house_expect(house.alice, WIRE_end)->end.err, OK);
	desk_bench_say(house.bench, house.alice, WIRE_forget_approve, &said);
	house_expect_refused(house.alice, "UNKNOWN_PROPOSAL");
	store_fake_hold_writes(house.bench->rows, false);
	desk_bench_settle(house.bench);
	assert_int_equal(shown(&house, house.alice, &said), 1);
	desk_bench_destroy(house.bench);
}

/* A hub that asks, and goes before it is counted. */
static void whoever_asks_may_be_gone(void **state)
{
	struct phone phone;
	struct house house = make(&phone);
	const struct action asked = to_delete("today");
	char bytes[ACTION_BYTES_MAX];
	struct wire_propose propose = {.token = 5, .turn = TURN};
	size_t size = 0;

	(void)state;
	(void)record(&house, "kitchen");
	assert_int_equal(action_bytes(&asked, bytes, &size), OK);
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	desk_bench_say(house.bench, house.hub, WIRE_propose, &propose);
	desk_bench_unlink(house.bench, house.hub);
	desk_bench_settle(house.bench);
	assert_true(desk_is_idle(house.bench->desk));
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_approved_is_deleted),
		cmocka_unit_test(just_is_the_last_one),
		cmocka_unit_test(what_was_said_an_hour_ago_is_not_just),
		cmocka_unit_test(the_hub_names_nothing),
		cmocka_unit_test(only_whose_they_are_approves),
		cmocka_unit_test(in_a_shared_room),
		cmocka_unit_test(everything_ends_with_its_key),
		cmocka_unit_test(approved_by_passphrase),
		cmocka_unit_test(a_passphrase_approves_nothing_else),
		cmocka_unit_test(a_room_that_changed_hands_meanwhile_is_not_emptied),
		cmocka_unit_test(more_than_was_counted_is_not_deleted),
		cmocka_unit_test(everything_of_a_house_of_before),
		cmocka_unit_test(a_passphrase_approves_once_and_in_time),
		cmocka_unit_test(what_fails_is_tried_again),
		cmocka_unit_test(only_who_is_signed_in_is_told),
		cmocka_unit_test(what_is_not_written_is_not_approved),
		cmocka_unit_test(whoever_asks_may_be_gone),
	};

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	return cmocka_run_group_tests_name("desk_forget", tests, NULL, NULL);
}
