/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk - the keeper by its messages: who is let in, what is kept and for whom, what
 * is told, and that nobody is answered before the store was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake/desk_bench.h"
#include "port/keep.h"
#include "vault/epoch.h"
#include "vault/recording.h"

enum { SAMPLES = 40000, SEED = 42 };

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

/* A house with alice, her kitchen, and links that are signed in. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

static uint64_t turn_at(const struct house *house, uint64_t number)
{
	return (uint64_t)house->bench->clock.wall_ms << 16 | number;
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", "kitchen");
	desk_bench_forget(house.hub); /* the policy, as it grew */
	return house;
}

static void expect_refused(struct desk_bench_link *link, const char *reason)
{
	const struct wire_message *message = desk_bench_take(link);

	assert_non_null(message);
	assert_int_equal(message->type, WIRE_refused);
	assert_string_equal(message->refused.reason, reason);
	assert_int_not_equal(message->refused.words[0], '\0');
}

static void expect_end(struct desk_bench_link *link, enum err err)
{
	const struct wire_message *message = desk_bench_take(link);

	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, err);
}

static void ask_history(struct house *house, struct desk_bench_link *link, uint32_t limit)
{
	const struct wire_history_get get = {.before_ms = INT64_MAX, .limit = limit};

	desk_bench_say(house->bench, link, WIRE_history_get, &get);
	desk_bench_settle(house->bench);
}

static struct record_id seal_one(struct house *house, uint64_t turn, const char *words)
{
	struct record_id record;

	desk_bench_seal(house->bench, house->hub, turn, turn, "kitchen", words, sound,
			SAMPLES);
	assert_int_equal(desk_bench_waiting(house->hub), 0);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, turn, NULL, &record), OK);
	return record;
}

/* The hash over a row of that record, as an intruder finds it. */
static void hash_row(const struct house *house, struct record_id record, uint8_t kind,
		     uint8_t out_hash[SEAL_HASH_BYTES])
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		const struct seal_part part = {row->value, row->size};

		if (row->key.space != STORE_RECORD ||
		    !id_equal(row->key.bytes + ID_BYTES, record.bytes) ||
		    row->key.bytes[2 * ID_BYTES] != kind)
			continue;
		assert_int_equal(seal_sha256(&part, 1, out_hash), OK);
		return;
	}
	fail_msg("no such row");
}

static void ask_play(struct house *house, struct desk_bench_link *link,
		     struct record_id record)
{
	struct wire_play_get get;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	desk_bench_say(house->bench, link, WIRE_play_get, &get);
	desk_bench_settle(house->bench);
}

/* The samples that come, up to the end, which must be OK. */
static size_t take_sound(struct desk_bench_link *link, int16_t *to, size_t count_max)
{
	const struct wire_message *message;
	size_t count = 0;

	while ((message = desk_bench_take(link)) && message->type == WIRE_play_sound)
		count += wire_to_samples(message->play_sound.pcm, to + count,
					 count_max - count);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	return count;
}

static const struct wire_verified *verify(struct house *house)
{
	const struct wire_message *message;

	desk_bench_say(house->bench, house->alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	return &message->verified;
}

/* --- owners ----------------------------------------------------------------------------- */

static void the_first_owner_needs_the_code(void **state)
{
	struct desk_bench *bench = desk_bench_create(SEED);
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);
	struct wire_owner_create create = {.code = "AAAA-AAAA-AAAA-AAAA",
					   .name = "alice",
					   .passphrase = "correct horse"};
	char recovery[128];

	(void)state;
	desk_bench_say(bench, link, WIRE_owner_create, &create);
	desk_bench_settle(bench);
	expect_refused(link, "WRONG_CODE");
	assert_false(desk_has_owner(bench->desk));
	assert_true(
		desk_bench_make_owner(bench, link, "alice", PASSPHRASE, NULL, recovery));
	assert_true(owner_is_recovery_code(recovery));
	assert_int_equal(bench->owners_made, 1);
	assert_string_equal(desk_code(bench->desk), ""); /* void */
	desk_bench_destroy(bench);
}

static void further_owners_need_an_owner(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *stranger = desk_bench_link(house.bench, DESK_OWNER);

	(void)state;
	assert_false(desk_bench_make_owner(house.bench, stranger, "bob", PASSPHRASE, NULL,
					   NULL));
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_false(desk_bench_make_owner(house.bench, house.alice, "Bob", PASSPHRASE,
					   NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, stranger, "bob", PASSPHRASE));
	assert_int_equal(house.bench->owners_made, 1);
	desk_bench_destroy(house.bench);
}

static void owners_have_limits(void **state)
{
	struct desk_bench *bench = desk_bench_create(SEED);
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);

	(void)state;
	assert_false(desk_bench_make_owner(bench, link, "alice", "short", NULL, NULL));
	assert_false(desk_bench_make_owner(bench, link, "", PASSPHRASE, NULL, NULL));
	assert_true(desk_bench_make_owner(bench, link, "alice", PASSPHRASE, NULL, NULL));
	desk_bench_destroy(bench);
}

static void the_recovery_code_signs_in_as_well(void **state)
{
	struct desk_bench *bench = desk_bench_create(SEED);
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);
	char recovery[128];

	(void)state;
	assert_true(
		desk_bench_make_owner(bench, link, "alice", PASSPHRASE, NULL, recovery));
	assert_true(desk_bench_unlock(bench, link, "alice", recovery));
	desk_bench_destroy(bench);
}

static void a_wrong_passphrase_is_like_an_unknown_owner(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *link = desk_bench_link(house.bench, DESK_OWNER);
	struct wire_unlock unlock = {.owner = "alice", .passphrase = "correct cow"};
	struct wire_refused answers[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct wire_message *message;

		desk_bench_say(house.bench, link, WIRE_unlock, &unlock);
		desk_bench_settle(house.bench);
		message = desk_bench_take(link);
		assert_non_null(message);
		assert_int_equal(message->type, WIRE_refused);
		answers[i] = message->refused;
		assert_true(str_copy(unlock.owner, sizeof(unlock.owner), "nobody"));
	}
	assert_memory_equal(&answers[0], &answers[1], sizeof(answers[0]));
	assert_string_equal(answers[0].reason, "WRONG_PASSPHRASE");
	desk_bench_destroy(house.bench);
}

static void wrong_tries_make_wait(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *link = desk_bench_link(house.bench, DESK_OWNER);

	(void)state;
	for (size_t i = 0; i < DESK_TRIES_FREE; i++)
		assert_false(desk_bench_unlock(house.bench, link, "alice", "wrong one"));
	/* Now even the right one has to wait, and is told so. */
	assert_false(desk_bench_unlock(house.bench, link, "alice", PASSPHRASE));
	clock_fake_pass(&house.bench->clock, DESK_TRIES_WAIT_MS);
	assert_false(desk_bench_unlock(house.bench, link, "alice", "wrong one"));
	clock_fake_pass(&house.bench->clock, DESK_TRIES_WAIT_MS);
	assert_false(desk_bench_unlock(house.bench, link, "alice", PASSPHRASE));
	clock_fake_pass(&house.bench->clock, DESK_TRIES_WAIT_MS);
	assert_true(desk_bench_unlock(house.bench, link, "alice", PASSPHRASE));
	/* From here on they count anew. */
	assert_false(desk_bench_unlock(house.bench, link, "alice", "wrong one"));
	assert_true(desk_bench_unlock(house.bench, link, "alice", PASSPHRASE));
	desk_bench_destroy(house.bench);
}

static void nothing_is_told_without_signing_in(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *stranger = desk_bench_link(house.bench, DESK_OWNER);
	const struct wire_room_set set = {.room = "attic", .capabilities = MAY_ALL};
	const struct wire_harmless_set harmless = {.entity = "switch.pump",
						   .harmless = 1};
	struct record_id record = seal_one(&house, turn_at(&house, 1), "secret words");

	(void)state;
	ask_history(&house, stranger, 10);
	expect_refused(stranger, "NOT_SIGNED_IN");
	ask_play(&house, stranger, record);
	expect_refused(stranger, "NOT_SIGNED_IN");
	desk_bench_say(house.bench, stranger, WIRE_why_get,
		       &(struct wire_why_get){.turn = 0});
	expect_refused(stranger, "NOT_SIGNED_IN");
	desk_bench_say(house.bench, stranger, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	expect_refused(stranger, "NOT_SIGNED_IN");
	desk_bench_say(house.bench, stranger, WIRE_room_set, &set);
	expect_refused(stranger, "NOT_SIGNED_IN");
	desk_bench_say(house.bench, stranger, WIRE_harmless_set, &harmless);
	expect_refused(stranger, "NOT_SIGNED_IN");
	assert_int_equal(desk_bench_waiting(stranger), 0);
	desk_bench_destroy(house.bench);
}

static void an_idle_link_is_signed_out(void **state)
{
	struct house house = make_house();

	(void)state;
	seal_one(&house, turn_at(&house, 1), "words");
	clock_fake_pass(&house.bench->clock, OWNER_IDLE_MS);
	desk_tick(house.bench->desk);
	ask_history(&house, house.alice, 10);
	expect_refused(house.alice, "NOT_SIGNED_IN");
	desk_bench_destroy(house.bench);
}

static void status_needs_no_key(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *stranger = desk_bench_link(house.bench, DESK_OWNER);
	const struct wire_message *message;

	(void)state;
	desk_bench_say(house.bench, stranger, WIRE_status_get,
		       &(struct wire_status_get){.unused = 0});
	message = desk_bench_take(stranger);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_status);
	assert_non_null(strstr(message->status.json, "\"state\":\"ready\""));
	assert_non_null(strstr(message->status.json, "\"owners\":1"));
	assert_null(strstr(message->status.json, "alice"));
	desk_bench_destroy(house.bench);
}

/* --- the journal ------------------------------------------------------------------------ */

static void events_are_answered_in_order_and_only_when_durable(void **state)
{
	struct house house = make_house();
	uint64_t places[20];

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		desk_bench_append(house.bench, house.hub, i, EVENT_DECIDED,
				  turn_at(&house, i + 1), "kitchen");
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_waiting(house.hub), 20);
	for (uint64_t i = 0; i < 20; i++) {
		assert_int_equal(desk_bench_done(house.hub, i, &places[i], NULL), OK);
		assert_true(i == 0 || places[i] == places[i - 1] + 1);
	}
	assert_true(verify(&house)->whole);
	desk_bench_destroy(house.bench);
}

static void the_hub_cannot_write_the_keepers_events(void **state)
{
	static const enum event_kind kinds[] = {EVENT_STARTED,    EVENT_OWNER_ADDED,
						EVENT_ROOM_ADDED, EVENT_POLICY_CHANGED,
						EVENT_RECORDED,   EVENT_PLAYED,
						EVENT_SIGNED_IN,  EVENT_SIGN_IN_FAILED,
						EVENT_BACKED_UP,  EVENT_RESTORED};
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(kinds); i++) {
		desk_bench_append(house.bench, house.hub, i, kinds[i], 1, "kitchen");
		assert_int_equal(desk_bench_done(house.hub, i, NULL, NULL), ERR_DENIED);
	}
	desk_bench_destroy(house.bench);
}

static void the_hub_may_write_what_it_sees(void **state)
{
	static const enum event_kind kinds[] = {
		EVENT_WAKE,          EVENT_WAKE_REJECTED,
		EVENT_LEASE_OPENED,  EVENT_LEASE_CLOSED,
		EVENT_DONE,          EVENT_FAILED,
		EVENT_NOT_RECORDED,  EVENT_DECIDED,
		EVENT_SPOKEN,        EVENT_ANNOUNCEMENT_REFUSED,
		EVENT_FUSE_BLOWN,    EVENT_STOPPED,
		EVENT_STOP_REJECTED, EVENT_QUESTION_OVER};
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(kinds); i++)
		desk_bench_append(house.bench, house.hub, i, kinds[i], 0, "");
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < STR_COUNT(kinds); i++)
		assert_int_equal(desk_bench_done(house.hub, i, NULL, NULL), OK);
	desk_bench_destroy(house.bench);
}

/* The newest policy that the hub was told says so. */
static bool kitchen_is_muted(struct house *house, bool before)
{
	const struct wire_message *message;
	bool muted = before;

	while ((message = desk_bench_take(house->hub)))
		if (message->type == WIRE_policy)
			muted = policy_room(&message->policy.policy, "kitchen")->muted;
	return muted;
}

static bool policy_says_muted(struct house *house)
{
	desk_bench_say(house->bench, house->hub, WIRE_policy_get,
		       &(struct wire_policy_get){0});
	desk_bench_settle(house->bench);
	return kitchen_is_muted(house, false);
}

static void set_room(struct house *house, const char *room, bool muted)
{
	struct wire_room_set set = {.capabilities = MAY_ALL, .muted = muted};

	assert_true(str_copy(set.room, sizeof(set.room), room));
	desk_bench_say(house->bench, house->alice, WIRE_room_set, &set);
	desk_bench_settle(house->bench);
}

static bool status_says_blown(struct house *house)
{
	struct desk_bench_link *stranger = desk_bench_link(house->bench, DESK_OWNER);
	const struct wire_message *message;

	desk_bench_say(house->bench, stranger, WIRE_status_get,
		       &(struct wire_status_get){.unused = 0});
	message = desk_bench_take(stranger);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_status);
	return strstr(message->status.json, "\"fuse_blown\":true") != NULL;
}

/* It stays so over a restart and other changes of the policy, until the owner says so. */
static void a_blown_fuse_mutes_until_the_owner_unmutes(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_false(policy_says_muted(&house));
	assert_false(status_says_blown(&house));
	desk_bench_append(house.bench, house.hub, 1, EVENT_FUSE_BLOWN, 0, "kitchen");
	desk_bench_settle(house.bench);
	assert_true(kitchen_is_muted(&house, false));
	assert_true(status_says_blown(&house));
	desk_bench_append(house.bench, house.hub, 2, EVENT_FUSE_BLOWN, 0, "kitchen");
	desk_bench_settle(house.bench);
	assert_true(policy_says_muted(&house));
	desk_bench_restart(house.bench);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	desk_bench_settle(house.bench);
	assert_true(policy_says_muted(&house));
	assert_true(status_says_blown(&house));
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
	set_room(&house, "bedroom", false);
	assert_true(policy_says_muted(&house));
	assert_true(status_says_blown(&house));
	set_room(&house, "kitchen", false);
	assert_false(policy_says_muted(&house));
	assert_false(status_says_blown(&house));
	desk_bench_destroy(house.bench);
}

/* An owner's change that comes while the fuse is being written waits its turn: it is
 * refused, and said again it carries the mute on. */
static void a_change_meanwhile_does_not_unmute(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = {.room = "bedroom", .capabilities = MAY_ALL};

	(void)state;
	desk_bench_append(house.bench, house.hub, 1, EVENT_FUSE_BLOWN, 0, "kitchen");
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
	desk_bench_settle(house.bench);
	assert_true(policy_says_muted(&house));
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
	desk_bench_settle(house.bench);
	assert_true(policy_says_muted(&house));
	desk_bench_destroy(house.bench);
}

static void a_fuse_of_no_room_mutes_none(void **state)
{
	struct house house = make_house();

	(void)state;
	desk_bench_append(house.bench, house.hub, 1, EVENT_FUSE_BLOWN, 0, "cellar");
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), OK);
	assert_false(policy_says_muted(&house));
	desk_bench_destroy(house.bench);
}

static void the_journal_knows_a_recording_by_its_hash(void **state)
{
	struct house house = make_house();
	uint64_t turn = turn_at(&house, 1);
	const struct record_id record = seal_one(&house, turn, "words");
	const struct wire_why_get get = {.turn = turn};
	const int64_t ms = house.bench->clock.wall_ms;
	uint8_t hashes[2][SEAL_HASH_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
	char text[2 * SEAL_HASH_BYTES + 1];
	const struct wire_message *message;

	(void)state;
	hash_row(&house, record, RECORDING_SOUND, hashes[0]);
	hash_row(&house, record, RECORDING_TRANSCRIPT, hashes[1]);
	assert_int_equal(seal_sha256(&(struct seal_part){hashes, sizeof(hashes)}, 1,
				     hash),
			 OK);
	str_to_hex(text, hash, sizeof(hash));
	desk_bench_say(house.bench, house.alice, WIRE_why_get, &get);
	desk_bench_settle(house.bench);
	message = desk_bench_take(house.alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_why_row);
	assert_string_equal(event_value(&message->why_row.event, "sealed"), text);
	for (size_t i = 0; i < 6; i++) /* and its id begins with the time */
		assert_int_equal(record.bytes[i], (uint8_t)(ms >> 8 * (5 - i)));
	desk_bench_destroy(house.bench);
}

static void why_tells_one_turn_in_order(void **state)
{
	struct house house = make_house();
	uint64_t turn = turn_at(&house, 1);
	uint64_t other = turn_at(&house, 2);
	static const enum event_kind expected[] = {EVENT_WAKE, EVENT_DECIDED, EVENT_DONE,
						   EVENT_RECORDED};
	const struct wire_message *message;
	struct wire_why_get get = {.turn = turn};

	(void)state;
	desk_bench_append(house.bench, house.hub, 1, EVENT_WAKE, turn, "kitchen");
	desk_bench_append(house.bench, house.hub, 2, EVENT_DECIDED, turn, "kitchen");
	desk_bench_append(house.bench, house.hub, 3, EVENT_DONE, turn, "kitchen");
	desk_bench_settle(house.bench);
	while (desk_bench_take(house.hub))
		;
	(void)seal_one(&house, turn, "words");
	desk_bench_append(house.bench, house.hub, 4, EVENT_WAKE_REJECTED, other,
			  "kitchen");
	desk_bench_settle(house.bench);
	for (size_t round = 0; round < 2; round++) { /* by its id, and as the newest */
		desk_bench_say(house.bench, house.alice, WIRE_why_get, &get);
		desk_bench_settle(house.bench);
		for (size_t i = 0; i < STR_COUNT(expected); i++) {
			message = desk_bench_take(house.alice);
			assert_non_null(message);
			assert_int_equal(message->type, WIRE_why_row);
			assert_int_equal(message->why_row.event.kind, expected[i]);
			assert_true(message->why_row.event.turn.value == turn);
		}
		expect_end(house.alice, OK);
		get.turn = 0;
	}
	get.turn = 12345;
	desk_bench_say(house.bench, house.alice, WIRE_why_get, &get);
	desk_bench_settle(house.bench);
	expect_end(house.alice, OK);
	desk_bench_destroy(house.bench);
}

/* --- recordings ------------------------------------------------------------------------- */

static void a_recording_is_kept_played_and_told_of(void **state)
{
	struct house house = make_house();
	uint64_t turn = turn_at(&house, 1);
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct record_id record;

	(void)state;
	desk_bench_append(house.bench, house.hub, 1, EVENT_DECIDED, turn, "kitchen");
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), OK);
	record = seal_one(&house, turn, "turn on the kitchen light");
	ask_play(&house, house.alice, record);
	assert_int_equal(take_sound(house.alice, heard, SAMPLES), SAMPLES);
	assert_memory_equal(heard, sound, sizeof(sound));
	ask_history(&house, house.alice, 10);
	message = desk_bench_take(house.alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_history_row);
	assert_true(message->history_row.turn == turn);
	assert_memory_equal(message->history_row.record.bytes, record.bytes, ID_BYTES);
	assert_string_equal(message->history_row.room, "kitchen");
	assert_string_equal(message->history_row.transcript, "turn on the kitchen light");
	assert_string_equal(message->history_row.outcome, "act light.on: NONE");
	assert_int_equal(message->history_row.sound_ms, SAMPLES / 16);
	assert_true(message->history_row.at_ms == house.bench->clock.wall_ms);
	expect_end(house.alice, OK);
	desk_bench_destroy(house.bench);
}

static void nothing_is_kept_where_nothing_may_be(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = {.room = "hall", .capabilities = MAY_ALL};
	size_t rows;

	(void)state;
	/* A room that is nobody's, one that may not record, a muted one, an unknown one. */
	static const struct {
		uint8_t is_private;
		uint8_t muted;
		uint32_t capabilities;
		const char *room;
	} rooms[] = {{0, 0, MAY_ALL, "hall"},
		     {1, 0, MAY_MOVE | MAY_TELL, "hall"},
		     {1, 1, MAY_ALL, "hall"},
		     {1, 0, MAY_ALL, "cellar"}};
	for (size_t i = 0; i < STR_COUNT(rooms); i++) {
		set.is_private = rooms[i].is_private;
		set.muted = rooms[i].muted;
		set.capabilities = rooms[i].capabilities;
		desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
		desk_bench_settle(house.bench);
		while (desk_bench_take(house.hub) || desk_bench_take(house.alice))
			;
		rows = store_fake_row_count(house.bench->rows);
		desk_bench_seal(house.bench, house.hub, i, turn_at(&house, 9),
				rooms[i].room, "words", sound, SAMPLES);
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.hub, i, NULL, NULL), ERR_DENIED);
		assert_int_equal(desk_bench_waiting(house.hub), 0);
		assert_int_equal(store_fake_row_count(house.bench->rows), rows);
	}
	desk_bench_destroy(house.bench);
}

/* The owner mutes the room while the recording is on its way in. */
static void the_policy_is_looked_at_twice(void **state)
{
	struct house house = make_house();
	const struct wire_room_set mute = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .muted = 1,
					   .is_private = 1};
	struct wire_seal_begin begin = {.token = 1,
					.turn = 1,
					.samples = 100,
					.room = "kitchen"};
	const struct wire_seal_sound piece = {.token = 1,
					      .pcm = wire_from_samples(
						      (struct audio_span){sound, 100})};

	(void)state;
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	desk_bench_say(house.bench, house.hub, WIRE_seal_sound, &piece);
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &mute);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_take(house.hub)->type, WIRE_policy);
	desk_bench_say(house.bench, house.hub, WIRE_seal_end,
		       &(struct wire_seal_end){.token = 1});
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), ERR_DENIED);
	desk_bench_destroy(house.bench);
}

static void seals_have_limits(void **state)
{
	struct house house = make_house();
	struct wire_seal_begin begin = {.token = 1,
					.turn = 1,
					.samples = 10,
					.room = "kitchen"};
	const struct wire_seal_sound too_much = {.token = 1,
						 .pcm = wire_from_samples(
							 (struct audio_span){sound, 11})};

	(void)state;
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	desk_bench_say(house.bench, house.hub, WIRE_seal_sound, &too_much);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), ERR_LIMIT);
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	desk_bench_say(house.bench, house.hub, WIRE_seal_end,
		       &(struct wire_seal_end){.token = 1});
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), ERR_FORMAT);
	begin.samples = (uint32_t)KEEP_SECONDS_MAX * AUDIO_HZ + 1;
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), ERR_RANGE);
	begin.samples = 10;
	for (begin.token = 1; begin.token <= DESK_SEALS_MAX; begin.token++)
		desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(desk_bench_done(house.hub, DESK_SEALS_MAX + 1, NULL, NULL),
			 ERR_BUSY);
	/* Those that are never ended make room after a while. */
	clock_fake_pass(&house.bench->clock, DESK_SEAL_MS);
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	desk_bench_destroy(house.bench);
}

static void another_owner_sees_and_hears_nothing(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);
	const struct wire_room_set take_it = {.room = "kitchen",
					      .capabilities = MAY_ALL,
					      .is_private = 1};
	struct wire_why_get get = {.turn = turn_at(&house, 1)};
	struct record_id record;

	(void)state;
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, bob, "bob", PASSPHRASE));
	while (desk_bench_take(house.hub))
		;
	desk_bench_append(house.bench, house.hub, 1, EVENT_DECIDED, get.turn, "kitchen");
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), OK);
	record = seal_one(&house, get.turn, "secret words");
	ask_play(&house, bob, record);
	expect_end(bob, ERR_MISSING);
	ask_history(&house, bob, 10);
	expect_end(bob, OK); /* no rows */
	desk_bench_say(house.bench, bob, WIRE_why_get, &get);
	desk_bench_settle(house.bench);
	expect_end(bob, OK);
	desk_bench_say(house.bench, bob, WIRE_room_set, &take_it);
	expect_refused(bob, "NOT_YOURS");
	desk_bench_destroy(house.bench);
}

/* An epoch's key is made, used for its quarter of an hour, and replaced. */
static void epochs_follow_one_another(void **state)
{
	struct house house = make_house();
	struct record_id records[3];
	static int16_t heard[SAMPLES];
	size_t epochs = 0;

	(void)state;
	records[0] = seal_one(&house, turn_at(&house, 1), "one");
	records[1] = seal_one(&house, turn_at(&house, 2), "two");
	clock_fake_pass(&house.bench->clock, EPOCH_LIFE_MS);
	desk_tick(house.bench->desk);
	records[2] = seal_one(&house, turn_at(&house, 3), "three");
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
		epochs += store_fake_row(house.bench->rows, i, NULL)->key.space ==
			  STORE_EPOCH;
	assert_int_equal(epochs, 2);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
	for (size_t i = 0; i < 3; i++) {
		ask_play(&house, house.alice, records[i]);
		assert_int_equal(take_sound(house.alice, heard, SAMPLES), SAMPLES);
		assert_memory_equal(heard, sound, sizeof(sound));
	}
	desk_bench_destroy(house.bench);
}

static void no_row_holds_sound_or_words(void **state)
{
	struct house house = make_house();
	static const char words[] = "turn on the secret light";
	const uint8_t *bytes = (const uint8_t *)sound;

	(void)state;
	(void)seal_one(&house, turn_at(&house, 1), words);
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
		const struct store_row *row = store_fake_row(house.bench->rows, i, NULL);

		assert_null(memmem(row->value, row->size, words, 8));
		assert_null(memmem(row->value, row->size, "light", 5));
		for (size_t at = 0; at + 16 <= sizeof(sound); at += 4000)
			assert_null(memmem(row->value, row->size, bytes + at, 16));
	}
	desk_bench_destroy(house.bench);
}

/* --- policy ----------------------------------------------------------------------------- */

static void the_hub_learns_of_every_change(void **state)
{
	struct house house = make_house();
	struct wire_harmless_set set = {.entity = "switch.pump", .harmless = 1};
	const struct wire_message *message;

	(void)state;
	desk_bench_say(house.bench, house.hub, WIRE_policy_get,
		       &(struct wire_policy_get){.unused = 0});
	message = desk_bench_take(house.hub);
	assert_int_equal(message->type, WIRE_policy);
	assert_true(message->policy.policy.has_owner);
	assert_int_equal(message->policy.policy.room_count, 1);
	assert_string_equal(message->policy.policy.rooms[0].room.text, "kitchen");
	for (size_t i = 0; i < 2; i++) {
		desk_bench_say(house.bench, house.alice, WIRE_harmless_set, &set);
		assert_int_equal(desk_bench_waiting(house.hub),
				 0); /* not before it lasts */
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.alice, 0, NULL, NULL), OK);
		message = desk_bench_take(house.hub);
		assert_int_equal(message->type, WIRE_policy);
		assert_int_equal(message->policy.policy.harmless_count, set.harmless);
		set.harmless = 0;
	}
	desk_bench_destroy(house.bench);
}

static void bad_rooms_are_refused(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = {.room = "  ", .capabilities = MAY_ALL};

	(void)state;
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
	expect_refused(house.alice, "OUT_OF_RANGE");
	assert_true(str_copy(set.room, sizeof(set.room), "attic"));
	set.capabilities = MAY_ALL + 1;
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
	expect_refused(house.alice, "OUT_OF_RANGE");
	desk_bench_destroy(house.bench);
}

/* --- restarts and failures -------------------------------------------------------------- */

static void everything_is_there_after_a_restart(void **state)
{
	struct house house = make_house();
	struct record_id record = seal_one(&house, turn_at(&house, 1), "words");
	static int16_t heard[SAMPLES];
	const struct wire_message *message;

	(void)state;
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_READY);
	assert_true(desk_has_owner(house.bench->desk));
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	ask_play(&house, house.alice, record);
	expect_refused(house.alice, "NOT_SIGNED_IN");
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
	ask_play(&house, house.alice, record);
	assert_int_equal(take_sound(house.alice, heard, SAMPLES), SAMPLES);
	assert_true(verify(&house)->whole);
	desk_bench_say(house.bench, house.hub, WIRE_policy_get,
		       &(struct wire_policy_get){.unused = 0});
	message = desk_bench_take(house.hub);
	assert_int_equal(message->policy.policy.room_count, 1);
	desk_bench_destroy(house.bench);
}

/* A full disk: the new is refused with its reason, the old stays, and it goes on. */
static void a_full_store_refuses_and_recovers(void **state)
{
	struct house house = make_house();
	struct record_id record = seal_one(&house, turn_at(&house, 1), "words");
	static int16_t heard[SAMPLES];

	(void)state;
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	desk_bench_append(house.bench, house.hub, 5, EVENT_DECIDED, 1, "kitchen");
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 5, NULL, NULL), ERR_IO);
	desk_bench_seal(house.bench, house.hub, 6, 2, "kitchen", "words", sound, SAMPLES);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 6, NULL, NULL), ERR_IO);
	ask_play(&house, house.alice, record); /* not told of, so not done */
	expect_end(house.alice, ERR_IO);
	store_fake_heal(house.bench->rows);
	ask_play(&house, house.alice, record);
	assert_int_equal(take_sound(house.alice, heard, SAMPLES), SAMPLES);
	(void)seal_one(&house, turn_at(&house, 3), "again");
	assert_true(verify(&house)->whole);
	desk_bench_destroy(house.bench);
}

/* The store fails in a way that leaves open whether it wrote: what was answered OK is
 * there, and the journal is whole, whichever way it was. */
static void doubtful_writes_are_looked_after(void **state)
{
	struct house house = make_house();
	size_t good = 0;

	(void)state;
	for (uint64_t i = 0; i < 60; i++) {
		enum err err;

		if (i % 3 == 0)
			store_fake_fail_after(house.bench->rows, i % 2, ERR_IO, true);
		desk_bench_append(house.bench, house.hub, i, EVENT_DECIDED,
				  turn_at(&house, i + 1), "kitchen");
		desk_bench_settle(house.bench);
		err = desk_bench_done(house.hub, i, NULL, NULL);
		assert_true(err == OK || err == ERR_IO);
		good += err == OK;
	}
	assert_in_range(good, 10, 50); /* both happened */
	store_fake_heal(house.bench->rows);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_READY);
	assert_true(verify(&house)->whole);
	desk_bench_destroy(house.bench);
}

static size_t find_space(const struct desk_bench *bench, enum store_space space,
			 size_t which)
{
	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++) {
		if (store_fake_row(bench->rows, i, NULL)->key.space == space &&
		    which-- == 0)
			return i;
	}
	fail_msg("no such row");
	return 0;
}

static void tampering_is_named(void **state)
{
	struct house house = make_house();
	uint8_t *value;
	const struct wire_verified *verified;
	size_t size;

	(void)state;
	(void)seal_one(&house, turn_at(&house, 1), "words");
	assert_true(verify(&house)->whole);
	size = store_fake_row(house.bench->rows,
			      find_space(house.bench, STORE_JOURNAL, 2), &value)
		       ->size;
	value[size - 1] ^= 1;
	verified = verify(&house);
	assert_false(verified->whole);
	assert_string_equal(verified->trouble, "entry 3 was changed");
	value[size - 1] ^= 1;
	assert_true(verify(&house)->whole);
	store_fake_remove(house.bench->rows, find_space(house.bench, STORE_JOURNAL, 1));
	verified = verify(&house);
	assert_string_equal(verified->trouble, "entry 2 is missing");
	desk_bench_destroy(house.bench);
}

/* More entries than fit a window, in many batches. */
static void a_long_journal_is_walked_whole(void **state)
{
	struct house house = make_house();
	uint64_t before = verify(&house)->entries;

	(void)state;
	for (uint64_t i = 0; i < 900; i++) {
		desk_bench_append(house.bench, house.hub, i, EVENT_DECIDED,
				  turn_at(&house, i / 3 + 1), "kitchen");
		if (i % 7 == 0)
			desk_bench_settle(house.bench);
		while (desk_bench_take(house.hub))
			;
	}
	desk_bench_settle(house.bench);
	assert_true(verify(&house)->whole);
	assert_int_equal(verify(&house)->entries, before + 900);
	ask_history(&house, house.alice, 250);
	assert_int_equal(desk_bench_waiting(house.alice), 251);
	desk_bench_destroy(house.bench);
}

static void forged_rows_are_not_believed(void **state)
{
	enum { CAPABILITIES_AT = 72 };
	struct house house = make_house();
	uint8_t *value;

	(void)state;
	(void)store_fake_row(house.bench->rows, find_space(house.bench, STORE_POLICY, 0),
			     &value);
	value[CAPABILITIES_AT] ^= 1; /* still a policy, but for the signature */
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_READY);
	assert_non_null(strstr(desk_trouble(house.bench->desk), "policy"));
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	desk_bench_seal(house.bench, house.hub, 1, 1, "kitchen", "x", sound, 10);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, NULL), ERR_DENIED);
	(void)store_fake_row(house.bench->rows, find_space(house.bench, STORE_OWNER, 0),
			     &value);
	value[100] ^= 1;
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	desk_bench_destroy(house.bench);
}

static void a_forged_checkpoint_breaks_it(void **state)
{
	struct house house = make_house();
	uint8_t *value;
	size_t newest = 0;

	(void)state;
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
		if (store_fake_row(house.bench->rows, i, NULL)->key.space ==
		    STORE_CHECKPOINT)
			newest = i;
	}
	(void)store_fake_row(house.bench->rows, newest, &value);
	value[20] ^= 1;
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	assert_non_null(strstr(desk_trouble(house.bench->desk), "checkpoint"));
	desk_bench_destroy(house.bench);
}

static void a_cut_journal_is_reported_at_start(void **state)
{
	struct house house = make_house();
	size_t last = 0;

	(void)state;
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
		if (store_fake_row(house.bench->rows, i, NULL)->key.space ==
		    STORE_JOURNAL)
			last = i;
	}
	store_fake_remove(house.bench->rows, last);
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_READY);
	assert_non_null(strstr(desk_trouble(house.bench->desk), "is missing"));
	desk_bench_destroy(house.bench);
}

/* Links close while their requests are under way; the address sanitizer watches. */
static void links_may_close_at_any_moment(void **state)
{
	(void)state;
	for (size_t steps = 0; steps < 12; steps++) {
		struct house house = make_house();
		struct record_id record = seal_one(&house, turn_at(&house, 1), "words");
		struct wire_play_get get;
		struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);
		struct wire_unlock unlock = {.owner = "alice",
					     .passphrase = "correct horse"};

		memset(&get, 0, sizeof(get));
		memcpy(get.record.bytes, record.bytes, ID_BYTES);
		desk_bench_say(house.bench, house.alice, WIRE_play_get, &get);
		desk_bench_say(house.bench, bob, WIRE_unlock, &unlock);
		desk_bench_append(house.bench, house.hub, 1, EVENT_DECIDED, 1, "kitchen");
		for (size_t i = 0; i < steps && store_fake_waiting(house.bench->rows) > 0;
		     i++)
			store_step(&house.bench->store);
		desk_bench_unlink(house.bench, house.alice);
		desk_bench_unlink(house.bench, bob);
		desk_bench_unlink(house.bench, house.hub);
		desk_bench_settle(house.bench);
		assert_true(desk_is_idle(house.bench->desk));
		desk_bench_destroy(house.bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_owner_needs_the_code),
		cmocka_unit_test(further_owners_need_an_owner),
		cmocka_unit_test(owners_have_limits),
		cmocka_unit_test(the_recovery_code_signs_in_as_well),
		cmocka_unit_test(a_wrong_passphrase_is_like_an_unknown_owner),
		cmocka_unit_test(wrong_tries_make_wait),
		cmocka_unit_test(nothing_is_told_without_signing_in),
		cmocka_unit_test(an_idle_link_is_signed_out),
		cmocka_unit_test(status_needs_no_key),
		cmocka_unit_test(events_are_answered_in_order_and_only_when_durable),
		cmocka_unit_test(the_hub_cannot_write_the_keepers_events),
		cmocka_unit_test(the_hub_may_write_what_it_sees),
		cmocka_unit_test(a_blown_fuse_mutes_until_the_owner_unmutes),
		cmocka_unit_test(a_change_meanwhile_does_not_unmute),
		cmocka_unit_test(a_fuse_of_no_room_mutes_none),
		cmocka_unit_test(the_journal_knows_a_recording_by_its_hash),
		cmocka_unit_test(why_tells_one_turn_in_order),
		cmocka_unit_test(a_recording_is_kept_played_and_told_of),
		cmocka_unit_test(nothing_is_kept_where_nothing_may_be),
		cmocka_unit_test(the_policy_is_looked_at_twice),
		cmocka_unit_test(seals_have_limits),
		cmocka_unit_test(another_owner_sees_and_hears_nothing),
		cmocka_unit_test(epochs_follow_one_another),
		cmocka_unit_test(no_row_holds_sound_or_words),
		cmocka_unit_test(the_hub_learns_of_every_change),
		cmocka_unit_test(bad_rooms_are_refused),
		cmocka_unit_test(everything_is_there_after_a_restart),
		cmocka_unit_test(a_full_store_refuses_and_recovers),
		cmocka_unit_test(doubtful_writes_are_looked_after),
		cmocka_unit_test(tampering_is_named),
		cmocka_unit_test(a_long_journal_is_walked_whole),
		cmocka_unit_test(forged_rows_are_not_believed),
		cmocka_unit_test(a_forged_checkpoint_breaks_it),
		cmocka_unit_test(a_cut_journal_is_reported_at_start),
		cmocka_unit_test(links_may_close_at_any_moment),
	};
	struct rand_fake dice;
	struct rand rand = rand_fake_init(&dice, SEED);

	rand_fill(&rand, (uint8_t *)sound, sizeof(sound));
	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
