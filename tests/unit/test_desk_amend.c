/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What devices change of the policy: a mute, and what a room may do where somebody asked
 * for it. Only a device's own word over exactly that, once, by somebody who may, counts;
 * it lasts over restarts and an owner's changes. And who hears that anything loosened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "keeper/amend_row.h"

enum { TURN = 77 };

static struct policy policy;

/* As the hub is told it. */
static const struct room_policy *room_of(struct house *house, const char *name)
{
	const struct room_policy *room;

	desk_bench_policy(house->bench, house->hub, &policy);
	room = policy_room(&policy, name);
	assert_non_null(room);
	return room;
}

static bool is_muted(struct house *house, const char *name)
{
	return room_of(house, name)->muted;
}

static void start_anew(struct house *house)
{
	desk_bench_restart(house->bench);
	house_open_links(house);
	desk_bench_settle(house->bench);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice",
				      "correct horse battery"));
	house_forget(house->hub);
}

static void come_back(struct house *house, struct phone *phone)
{
	house_come_back(house, phone);
	house_forget(phone->link);
}

/* Says it by that phone; "" when it was done, else the reason. */
static const char *say_mute(struct house *house, struct phone *phone, uint64_t number,
			    const char *room, bool on)
{
	static char reason[32];
	const struct mute_word word = house_mute_word(phone, number, room, on);
	const struct wire_message *answer;

	house_forget(phone->link);
	house_say_mute(house, phone, &word);
	do
		answer = desk_bench_take(phone->link);
	while (answer &&
	       (answer->type == WIRE_notice || answer->type == WIRE_policy_news));
	assert_non_null(answer);
	if (answer->type == WIRE_done)
		return "";
	assert_int_equal(answer->type, WIRE_refused);
	assert_int_equal(answer->refused.token, number);
	assert_true(str_copy(reason, sizeof(reason), answer->refused.reason));
	return reason;
}

static size_t count_rows(struct house *house, enum store_space space)
{
	struct store_fake *rows = house->bench->rows;
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(rows); i++)
		count += store_fake_row(rows, i, NULL)->key.space == space;
	return count;
}

static struct action action_of(enum action_kind kind, const char *room, const char *what)
{
	struct action action = {.kind = kind, .room = "kitchen"};

	assert_true(str_copy(action.entity, sizeof(action.entity), room));
	assert_true(str_copy(action.mode, sizeof(action.mode), what));
	return action;
}

static struct proposal_id ask(struct house *house, const struct action *action)
{
	struct proposal_id id;
	char reason[32];

	house_forget(house->hub);
	house_propose(house, action, TURN, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	return id;
}

static void give(struct house *house, struct phone *phone, struct proposal_id id,
		 const struct action *action, enum approval_verdict verdict)
{
	const struct verdict given = {id, id, *action, verdict, verdict};

	house_forget(phone->link);
	house_say_verdict(house, phone, &given);
}

/* --- muting ----------------------------------------------------------------------------- */

static void a_device_mutes_and_unmutes(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "KITCHEN", true), "");
	/* The hub is told without asking. */
	assert_true(house_expect(house.hub, WIRE_policy)->policy.policy.rooms[0].muted);
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	come_back(&house, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	assert_false(is_muted(&house, "kitchen"));
	start_anew(&house);
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

static void what_is_so_already_is_done(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	assert_int_equal(count_rows(&house, STORE_AMENDMENT), 0);
	assert_string_equal(say_mute(&house, &phone, 2, "cellar", true), "UNKNOWN_ROOM");
	desk_bench_destroy(house.bench);
}

static void who_mutes_and_who_unmutes(void **state)
{
	static const struct {
		const char *role;
		unsigned may;
		const char *mute;
		const char *unmute;
		const char *unmute_private;
	} rows[] = {
		{"guest", MAY_POLICY, "", "", "NOT_YOURS"},
		{"guest", MAY_ALL & ~MAY_POLICY, "MAY_NOT_MUTE", "MAY_NOT_UNMUTE",
		 "MAY_NOT_UNMUTE"},
		{"child", 0, "", "MAY_NOT_UNMUTE", "MAY_NOT_UNMUTE"},
		{"adult", MAY_ALL & ~MAY_POLICY, "", "MAY_NOT_UNMUTE", "MAY_NOT_UNMUTE"},
		{"adult", MAY_ALL, "", "", "NOT_YOURS"},
	};
	struct house house = house_make();
	struct phone owners;

	(void)state;
	house_pair_phone(&house, 99, house.alice_id.bytes, &owners);
	for (uint8_t i = 0; i < STR_COUNT(rows); i++) {
		struct phone phone;
		uint8_t id[ID_BYTES];
		char name[] = "person 0";

		name[7] = (char)('0' + i);
		house_add_person(&house, name, rows[i].role, rows[i].may, id);
		house_pair_phone(&house, (uint8_t)(i + 1), id, &phone);
		house_set_room(&house, "kitchen",
			       (struct wire_room_set){.capabilities = MAY_ALL});
		assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true),
				    rows[i].mute);
		assert_int_equal(is_muted(&house, "kitchen"), rows[i].mute[0] == '\0');
		house_set_room(&house, "kitchen",
			       (struct wire_room_set){.capabilities = MAY_ALL,
						      .muted = 1});
		assert_string_equal(say_mute(&house, &phone, 2, "kitchen", false),
				    rows[i].unmute);
		assert_int_equal(is_muted(&house, "kitchen"), rows[i].unmute[0] != '\0');
		house_set_room(&house, "kitchen",
			       (struct wire_room_set){.capabilities = MAY_ALL,
						      .muted = 1,
						      .is_private = 1});
		assert_string_equal(say_mute(&house, &phone, 3, "kitchen", false),
				    rows[i].unmute_private);
		assert_true(is_muted(&house, "kitchen"));
	}
	assert_string_equal(say_mute(&house, &owners, 1, "kitchen", false), "");
	desk_bench_destroy(house.bench);
}

/* Says it as it is, and expects that it does nothing. */
static void refuses(struct house *house, struct phone *phone,
		    const struct mute_word *word, const char *reason)
{
	house_forget(phone->link);
	house_say_mute(house, phone, word);
	house_expect_refused(phone->link, reason);
	assert_true(is_muted(house, "kitchen"));
	assert_false(is_muted(house, "bedroom"));
}

static void forged_crossed_and_replayed_words_do_nothing(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone stranger;
	struct mute_word word;
	struct mute_word old;

	(void)state;
	house_add_room(&house, "bedroom", MAY_ALL);
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	old = house_mute_word(&phone, 5, "kitchen", false);
	house_say_mute(&house, &phone, &old); /* it is not muted: done, and used up */
	assert_string_equal(say_mute(&house, &phone, 6, "kitchen", true), "");
	/* replayed, and one with an earlier number */
	refuses(&house, &phone, &old, "SAID_BEFORE");
	word = house_mute_word(&phone, 6, "kitchen", false);
	refuses(&house, &phone, &word, "SAID_BEFORE");
	word = house_mute_word(&phone, 4, "kitchen", false);
	refuses(&house, &phone, &word, "SAID_BEFORE");
	/* replayed under another number */
	old.number = 7;
	refuses(&house, &phone, &old, "WRONG_SIGNATURE");
	/* of another room; the other way */
	word = house_mute_word(&phone, 7, "bedroom", false);
	word.room = "kitchen";
	refuses(&house, &phone, &word, "WRONG_SIGNATURE");
	word = house_mute_word(&phone, 7, "kitchen", true);
	word.on = false;
	refuses(&house, &phone, &word, "WRONG_SIGNATURE");
	/* of another house */
	word = house_mute_word(&phone, 7, "kitchen", false);
	word.signed_word.household.bytes[3] ^= 1;
	refuses(&house, &phone, &word, "WRONG_SIGNATURE");
	/* stale: of a link that is gone */
	word = house_mute_word(&phone, 9, "kitchen", false);
	come_back(&house, &phone);
	refuses(&house, &phone, &word, "WRONG_SIGNATURE");
	/* by a key that nobody paired */
	house_make_phone(&house, 2, &stranger);
	stranger.household = phone.household;
	word = house_mute_word(&stranger, 1, "kitchen", false);
	refuses(&house, &stranger, &word, "UNKNOWN_DEVICE");
	/* and what is as it must be counts */
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

static void a_revoked_device_unmutes_nothing(void **state)
{
	struct house house = house_make();
	struct wire_device gone = {.name = "phone", .is_revoked = 1};
	struct phone phone;
	struct mute_word word;

	(void)state;
	house_add_room(&house, "bedroom", MAY_ALL);
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	memcpy(gone.person.bytes, house.alice_id.bytes, ID_BYTES);
	assert_int_equal(key_to_text(phone.key, gone.key), OK);
	house_say(&house, house.alice, WIRE_device, &gone);
	word = house_mute_word(&phone, 2, "kitchen", false);
	refuses(&house, &phone, &word, "UNKNOWN_DEVICE");
	/* What it said before holds: an owner signed it meanwhile. */
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

/* While an unmute is being written the room is muted, and soon it is not: nobody is told that
 * it is muted, and a fuse that blows is told again until it is. */
static void what_comes_while_an_unmute_is_written(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone other;
	struct mute_word word;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_pair_phone(&house, 2, house.alice_id.bytes, &other);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	house_forget(phone.link);
	house_forget(other.link);
	house_forget(house.hub);
	word = house_mute_word(&phone, 2, "kitchen", false);
	house_tell_mute(&house, &phone, &word);
	word = house_mute_word(&other, 1, "kitchen", true);
	house_tell_mute(&house, &other, &word);
	house_expect_refused(other.link, "TOO_MUCH_WAITS");
	desk_bench_append(house.bench, house.hub, 1, EVENT_FUSE_BLOWN, 0, "kitchen");
	assert_int_equal(house_expect(house.hub, WIRE_done)->done.err, ERR_BUSY);
	desk_bench_settle(house.bench);
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_append(house.bench, house.hub, 1, EVENT_FUSE_BLOWN, 0, "kitchen");
	desk_bench_settle(house.bench);
	house_forget(house.hub);
	assert_true(is_muted(&house, "kitchen"));
	assert_string_equal(say_mute(&house, &other, 2, "kitchen", true), "");
	desk_bench_destroy(house.bench);
}

static void an_owners_change_carries_it_on(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	house_add_room(&house, "bedroom", MAY_ALL);
	assert_true(is_muted(&house, "kitchen"));
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	house_add_room(&house, "kitchen", MAY_ALL); /* which unmutes it */
	start_anew(&house);
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

static void blow(struct house *house)
{
	desk_bench_append(house->bench, house->hub, 1, EVENT_FUSE_BLOWN, 0, "kitchen");
	desk_bench_settle(house->bench);
	house_forget(house->hub);
}

/* Whichever came last holds, also after a restart. */
static void fuses_and_devices(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	blow(&house);
	assert_true(is_muted(&house, "kitchen"));
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	start_anew(&house);
	assert_false(is_muted(&house, "kitchen"));
	blow(&house);
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	come_back(&house, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	start_anew(&house);
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

static void what_is_not_written_does_not_hold(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "NOT_WRITTEN");
	store_fake_heal(house.bench->rows);
	assert_false(is_muted(&house, "kitchen"));
	assert_string_equal(say_mute(&house, &phone, 2, "kitchen", true), "");
	desk_bench_destroy(house.bench);
}

/* An owner is being made while a device mutes: neither is lost. */
static void an_owner_who_comes_meanwhile_stays(void **state)
{
	static struct desk_bench_people people;
	struct house house = house_make();
	struct phone phone;
	const struct wire_owner_create create = {.name = "bob",
						 .passphrase = "another long one"};

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	desk_bench_say(house.bench, house.alice, WIRE_owner_create, &create);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	assert_true(is_muted(&house, "kitchen"));
	house_forget(house.alice);
	desk_bench_people(house.bench, house.alice, &people);
	assert_non_null(desk_bench_person(&people, "bob"));
	desk_bench_destroy(house.bench);
}

/* What is signed, byte for byte: other programs make it, too. */
static void the_bytes_under_a_mute(void **state)
{
	struct approval_mute mute = {.number = 0x0102, .on = true, .room = "attic"};
	uint8_t bytes[APPROVAL_MUTE_BYTES_MAX];
	const uint8_t tail[] = {0, 0, 0, 0, 0, 0, 1, 2, 1, 'a', 't', 't', 'i', 'c'};

	(void)state;
	memset(mute.household.bytes, 7, ID_BYTES);
	memset(mute.nonce, 8, sizeof(mute.nonce));
	assert_int_equal(approval_mute_bytes(&mute, bytes), 48 + sizeof(tail));
	for (size_t i = 0; i < 48; i++)
		assert_int_equal(bytes[i], i < ID_BYTES ? 7 : 8);
	assert_memory_equal(bytes + 48, tail, sizeof(tail));
}

/* --- rows, as an intruder has them ------------------------------------------------------ */

/* The one amendment that there is. */
static size_t the_row(struct house *house, uint8_t **out_value)
{
	struct store_fake *rows = house->bench->rows;

	for (size_t i = 0; i < store_fake_row_count(rows); i++)
		if (store_fake_row(rows, i, out_value)->key.space == STORE_AMENDMENT)
			return i;
	fail();
	return 0;
}

static void a_spoilt_row_does_not_count(void **state)
{
	struct house house = house_make();
	struct phone phone;
	uint8_t *value = NULL;
	size_t size;

	(void)state;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .muted = 1});
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", false), "");
	size = store_fake_row(house.bench->rows, the_row(&house, &value), NULL)->size;
	for (size_t at = 0; at < size; at += 3) {
		(void)the_row(&house, &value);
		value[at] ^= 1;
		start_anew(&house);
		assert_true(is_muted(&house, "kitchen")); /* as the owner signed */
		(void)the_row(&house, &value);
		value[at] ^= 1;
	}
	start_anew(&house);
	assert_false(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

/* An unmute of an older policy, or of another room, put where the newest is read. */
static void a_row_counts_in_its_place(void **state)
{
	struct house house = house_make();
	struct phone phone;
	uint8_t *value = NULL;
	struct store_row copy;
	uint8_t bytes[AMEND_ROW_BYTES_MAX];
	const uint64_t version = desk_bench_policy_version(house.bench);

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	assert_string_equal(say_mute(&house, &phone, 2, "kitchen", false), "");
	copy = *store_fake_row(house.bench->rows, the_row(&house, &value), NULL);
	memcpy(bytes, copy.value, copy.size);
	copy.value = bytes;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .muted = 1});
	assert_true(desk_bench_policy_version(house.bench) > version);
	for (size_t i = 0; i < 8; i++)
		copy.key.bytes[i] =
			(uint8_t)(desk_bench_policy_version(house.bench) >> (56 - 8 * i));
	assert_int_equal(store_fake_put(house.bench->rows, &copy), OK);
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

/* An unmute of before, put under another key, so that it is read behind the mute. */
static void a_row_counts_under_its_own_key(void **state)
{
	struct house house = house_make();
	struct phone phone;
	uint8_t *value = NULL;
	struct store_row copy;
	uint8_t bytes[AMEND_ROW_BYTES_MAX];

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	assert_string_equal(say_mute(&house, &phone, 2, "kitchen", false), "");
	copy = *store_fake_row(house.bench->rows, the_row(&house, &value), NULL);
	memcpy(bytes, copy.value, copy.size);
	copy.value = bytes;
	assert_string_equal(say_mute(&house, &phone, 3, "kitchen", true), "");
	copy.key.bytes[AMEND_KEY_BYTES - 1] = 1;
	assert_int_equal(store_fake_put(house.bench->rows, &copy), OK);
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

/* Of an owner who was removed nothing counts any more, but what others have signed since. */
static void a_removed_owners_device_changes_nothing(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_ALLOW, "kitchen", "message");
	struct owner_id bob;
	struct phone phone;
	struct phone bobs;
	struct proposal_id id;

	(void)state;
	clock_fake_pass(&house.bench->clock, 1000);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "another long one", &bob, NULL));
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_pair_phone(&house, 2, bob.bytes, &bobs);
	house_add_room(&house, "kitchen", MAY_ALL & ~MAY_MESSAGE);
	id = ask(&house, &action);
	house_say(&house, house.alice, WIRE_owner_remove,
		  &(struct wire_owner_remove){.name = "bob"});
	assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
	give(&house, &bobs, id, &action, APPROVAL_APPROVE);
	house_expect_refused(bobs.link, "UNKNOWN_DEVICE");
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	const struct mute_word word = house_mute_word(&bobs, 1, "kitchen", false);
	house_say_mute(&house, &bobs, &word);
	house_expect_refused(bobs.link, "UNKNOWN_DEVICE");
	assert_true(is_muted(&house, "kitchen"));
	assert_false(room_of(&house, "kitchen")->capabilities & MAY_MESSAGE);
	desk_bench_destroy(house.bench);
}

/* The keeper's own signature is not enough: the device's word is in the row. */
static void the_devices_word_is_looked_at_again(void **state)
{
	struct house house = house_make();
	struct phone phone;
	uint8_t row[AMEND_ROW_BYTES_MAX];
	struct amendment forged = {.room = "kitchen", .on = false, .number = 1};
	struct store_row stored = {.key = {.household = house.bench->household,
					   .space = STORE_AMENDMENT,
					   .size = AMEND_KEY_BYTES},
				   .value = row};

	(void)state;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .muted = 1});
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	memcpy(forged.device, phone.key, sizeof(forged.device));
	const uint64_t version = desk_bench_policy_version(house.bench);
	assert_int_equal(amend_row_write(house.bench->household, version, &forged,
					 secret_view(house.bench->seed), row,
					 &stored.size),
			 OK);
	desk_bench_policy(house.bench, house.hub, &policy);
	amend_row_key(&policy, version, &forged, stored.key.bytes);
	assert_int_equal(store_fake_put(house.bench->rows, &stored), OK);
	start_anew(&house);
	assert_true(is_muted(&house, "kitchen"));
	desk_bench_destroy(house.bench);
}

/* A row as the keeper writes it when that phone has approved it. */
static void put_approved(struct house *house, const struct phone *phone, const char *room,
			 unsigned capability, bool on)
{
	struct amendment amendment = {.capability = capability, .on = on};
	struct store_row stored = {.key = {.household = house->bench->household,
					   .space = STORE_AMENDMENT,
					   .size = AMEND_KEY_BYTES}};
	const uint64_t version = desk_bench_policy_version(house->bench);
	char canonical[ACTION_BYTES_MAX];
	char what[CAPABILITIES_TEXT_BYTES];
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_BYTES];
	uint8_t row[AMEND_ROW_BYTES_MAX];
	size_t size = 0;

	capabilities_to_text(capability, what);
	amendment.action =
		(struct action){.kind = on ? ACTION_ROOM_ALLOW : ACTION_ROOM_FORBID};
	assert_true(str_copy(amendment.room, sizeof(amendment.room), room));
	assert_true(str_copy(amendment.action.entity, NAME_BYTES, room));
	assert_true(str_copy(amendment.action.mode, ACTION_MODE_BYTES, what));
	memcpy(amendment.device, phone->key, sizeof(amendment.device));
	assert_int_equal(action_bytes(&amendment.action, canonical, &size), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){canonical, size}, 1, hash), OK);
	approval_bytes(house->bench->household, amendment.proposal, hash, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed, approval_label(APPROVAL_APPROVE),
					    bytes, sizeof(bytes), amendment.signature),
			 OK);
	assert_int_equal(amend_row_write(house->bench->household, version, &amendment,
					 secret_view(house->bench->seed), row,
					 &stored.size),
			 OK);
	stored.value = row;
	amend_row_key(&policy, version, &amendment, stored.key.bytes);
	assert_int_equal(store_fake_put(house->bench->rows, &stored), OK);
}

/* More than one page of them: each of as many rooms as there can be, and each thing. */
static void all_that_there_can_be_are_read(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	for (unsigned i = 1; i < POLICY_ROOMS_MAX; i++) {
		struct wire_room_set set = {.capabilities = MAY_ALL & ~AMEND_MAY_GIVE};

		assert_true(str_format(set.room, sizeof(set.room), "room %u", i));
		house_say(&house, house.alice, WIRE_room_set, &set);
		(void)house_expect(house.alice, WIRE_done);
		house_forget(house.hub);
	}
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	desk_bench_policy(house.bench, house.hub, &policy);
	for (unsigned i = 1; i < POLICY_ROOMS_MAX; i++)
		for (unsigned bit = 1; bit <= MAY_ALL; bit *= 2) {
			char room[NAME_BYTES];

			assert_true(str_format(room, sizeof(room), "room %u", i));
			put_approved(&house, &phone, room, bit, bit & AMEND_MAY_GIVE);
		}
	assert_true(count_rows(&house, STORE_AMENDMENT) > STORE_RANGE_ROWS_MAX);
	start_anew(&house);
	assert_int_equal(room_of(&house, "room 1")->capabilities, AMEND_MAY_GIVE);
	assert_int_equal(room_of(&house, "room 63")->capabilities, AMEND_MAY_GIVE);
	desk_bench_destroy(house.bench);
}

/* A row of before, as the keeper and the device signed it, gives it no more than one can ask
 * for today. */
static void what_is_stored_gives_no_more_either(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_room(&house, "hall", 0);
	desk_bench_policy(house.bench, house.hub, &policy);
	for (unsigned bit = 1; bit <= MAY_ALL; bit *= 2)
		put_approved(&house, &phone, "hall", bit, true);
	start_anew(&house);
	assert_int_equal(room_of(&house, "hall")->capabilities, AMEND_MAY_GIVE);
	desk_bench_destroy(house.bench);
}

/* --- what was asked for ----------------------------------------------------------------- */

static void a_tap_changes_what_a_room_may(void **state)
{
	struct house house = house_make();
	struct action action = action_of(ACTION_ROOM_FORBID, "kitchen", "message");
	struct phone phone;
	struct proposal_id id;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = ask(&house, &action);
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	(void)house_expect(phone.link, WIRE_done);
	house_expect_state(phone.link, "ordered");
	house_expect_state(phone.link, "done");
	house_expect_no_order(&house);
	assert_int_equal(room_of(&house, "kitchen")->capabilities,
			 MAY_ALL & ~MAY_MESSAGE);
	start_anew(&house);
	assert_int_equal(room_of(&house, "kitchen")->capabilities,
			 MAY_ALL & ~MAY_MESSAGE);
	assert_int_equal(count_rows(&house, STORE_PROPOSAL), 0);
	/* And back: by another room, for this one. */
	come_back(&house, &phone);
	action = action_of(ACTION_ROOM_ALLOW, "kitchen", "message");
	id = ask(&house, &action);
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	start_anew(&house);
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	desk_bench_destroy(house.bench);
}

static void who_may_not_changes_nothing(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_ALLOW, "attic", "message");
	struct phone phone;
	struct phone childs;
	struct phone adults;
	uint8_t tom[ID_BYTES];
	uint8_t eva[ID_BYTES];
	struct proposal_id id;

	(void)state;
	house_set_room(&house, "attic",
		       (struct wire_room_set){.capabilities = MAY_TELL, .is_private = 1});
	house_add_person(&house, "Tom", "child", 0, tom);
	house_add_person(&house, "Eva", "adult", MAY_ALL, eva);
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_pair_phone(&house, 2, tom, &childs);
	house_pair_phone(&house, 3, eva, &adults);
	house_forget(childs.link);
	house_forget(adults.link);
	id = ask(&house, &action);
	assert_int_equal(house_expect(childs.link, WIRE_notice)->notice.may, 0);
	assert_int_equal(house_expect(adults.link, WIRE_notice)->notice.may, 0);
	give(&house, &childs, id, &action, APPROVAL_APPROVE);
	house_expect_refused(childs.link, "MAY_NOT_APPROVE");
	give(&house, &adults, id, &action, APPROVAL_APPROVE); /* it is alice's own */
	house_expect_refused(adults.link, "MAY_NOT_APPROVE");
	give(&house, &adults, id, &action, APPROVAL_RECEIPT);
	assert_int_equal(room_of(&house, "attic")->capabilities, MAY_TELL);
	/* The gate's word is no word about the house's own. */
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	assert_int_equal(room_of(&house, "attic")->capabilities, MAY_TELL | MAY_MESSAGE);
	desk_bench_destroy(house.bench);
}

static void neither_hub_nor_gate_carries_it_out(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_FORBID, "kitchen", "record");
	struct wire_carried carried = {.err = OK};
	struct wire_confirm confirm = {.token = 6, .turn = TURN + 1};
	struct phone phone;
	struct proposal_id id;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = ask(&house, &action);
	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	memcpy(confirm.proposal.bytes, id.bytes, ID_BYTES);
	house_say(&house, house.gate, WIRE_carried, &carried);
	house_say(&house, house.hub, WIRE_confirm, &confirm);
	house_expect_no_order(&house);
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	house_forget(phone.link);
	house_pass(&house, PROPOSAL_WAIT_MS);
	house_expect_state(phone.link, "expired");
	desk_bench_destroy(house.bench);
}

/* It was tapped, and the change itself could not be written: nobody says meanwhile that it
 * is done, and it is tried again while it may be. */
static void what_could_not_be_written_is_tried_again(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_FORBID, "kitchen", "record");
	struct wire_carried carried = {.err = OK};
	struct phone phone;
	struct proposal_id id;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = ask(&house, &action);
	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	store_fake_fail_after(house.bench->rows, 1, ERR_LIMIT, false);
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	(void)house_expect(phone.link, WIRE_done);
	house_expect_state(phone.link, "ordered");
	store_fake_heal(house.bench->rows);
	house_say(&house, house.gate, WIRE_carried, &carried);
	assert_int_equal(desk_bench_waiting(phone.link), 0);
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	house_pass(&house, 1000);
	house_expect_state(phone.link, "done");
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL & ~MAY_RECORD);
	desk_bench_destroy(house.bench);
}

/* For longer than an order lasts: then it is not done, and not done later. */
static void what_cannot_be_written_fails(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_FORBID, "kitchen", "record");
	struct phone phone;
	struct proposal_id id;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	id = ask(&house, &action);
	store_fake_fail_after(house.bench->rows, 1, ERR_LIMIT, false);
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	for (int i = 0; i < 16; i++)
		house_pass(&house, 1000);
	store_fake_heal(house.bench->rows);
	house_pass(&house, PROPOSAL_ORDER_MS);
	house_pass(&house, 1000);
	(void)house_expect(phone.link, WIRE_done);
	house_expect_state(phone.link, "ordered");
	house_expect_state(phone.link, "failed");
	assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
	desk_bench_destroy(house.bench);
}

/* It is so already, and an owner's change that ends that is being written: it is done
 * after that, not said to be done before. */
static void what_is_so_only_until_something_is_written(void **state)
{
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_FORBID, "hall", "message");
	struct wire_room_set set = {.room = "hall", .capabilities = MAY_ALL};
	struct verdict verdict = {.action = action,
				  .signed_as = APPROVAL_APPROVE,
				  .told_as = APPROVAL_APPROVE};
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_room(&house, "hall", MAY_ALL & ~MAY_MESSAGE);
	verdict.signed_id = verdict.told_id = ask(&house, &action);
	house_tell_verdict(&house, &phone, &verdict);
	desk_bench_say(house.bench, house.alice, WIRE_room_set, &set);
	desk_bench_settle(house.bench);
	house_forget(house.hub);
	assert_int_equal(room_of(&house, "hall")->capabilities, MAY_ALL & ~MAY_MESSAGE);
	assert_int_equal(count_rows(&house, STORE_PROPOSAL), 0);
	desk_bench_destroy(house.bench);
}

static void what_cannot_be_is_not_asked_for(void **state)
{
	static const struct {
		const char *room;
		const char *what;
	} rows[] = {
		{"cellar", "message"},   {"", "message"},
		{"kitchen", ""},         {"kitchen", "fly"},
		{"kitchen", "nothing"},  {"kitchen", "message,tell"},
		{"kitchen", "security"}, {"kitchen", "policy"},
		{"kitchen", "move"},     {"kitchen", "tell"},
	};
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct action action =
			action_of(ACTION_ROOM_ALLOW, rows[i].room, rows[i].what);
		struct proposal_id id;
		char reason[32];

		house_propose(&house, &action, TURN, &id, reason);
		assert_string_equal(reason, "NO_ACTION");
	}
	house_add_room(&house, "hall", MAY_ALL & ~MAY_POLICY);
	struct action from_hall = action_of(ACTION_ROOM_ALLOW, "kitchen", "message");
	struct proposal_id id;
	char reason[32];

	assert_true(str_copy(from_hall.room, sizeof(from_hall.room), "hall"));
	house_forget(house.hub);
	house_propose(&house, &from_hall, TURN, &id, reason);
	assert_string_equal(reason, "CAPABILITY_OFF");
	desk_bench_destroy(house.bench);
}

/* It was tapped, and then the machine stopped: what was not done is not done later, and
 * what was done is said to be. */
static void ordered_at_a_restart(void **state)
{
	static const enum action_kind kinds[] = {ACTION_ROOM_FORBID, ACTION_ROOM_ALLOW};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(kinds); i++) {
		struct house house = house_make();
		struct proposal ordered = {.id = {{7}},
					   .turn = {TURN},
					   .state = PROPOSAL_ORDERED,
					   .step = 1,
					   .asked_ms = house.bench->clock.wall_ms,
					   .since_ms = house.bench->clock.wall_ms};

		ordered.action = action_of(kinds[i], "kitchen", "message");
		assert_int_equal(proposal_hash(&ordered), OK);
		house_put_row(&house, &ordered, false);
		desk_bench_begin_restart(house.bench);
		house_open_links(&house);
		desk_bench_settle(house.bench);
		assert_string_equal(
			house_expect(house.hub, WIRE_proposal)->proposal.state,
			kinds[i] == ACTION_ROOM_ALLOW ? "done" : "failed");
		assert_int_equal(room_of(&house, "kitchen")->capabilities, MAY_ALL);
		assert_int_equal(count_rows(&house, STORE_PROPOSAL), 0);
		desk_bench_destroy(house.bench);
	}
}

/* --- who hears of it -------------------------------------------------------------------- */

/* The next that the phone is told of it; NULL: nothing. */
static const struct wire_policy_news *next_news(struct phone *phone)
{
	const struct wire_message *message;

	do
		message = desk_bench_take(phone->link);
	while (message && message->type != WIRE_policy_news);
	return message ? &message->policy_news : NULL;
}

static void expect_news(struct phone *phone, const char *by, const char *words)
{
	const struct wire_policy_news *news = next_news(phone);

	assert_non_null(news);
	assert_string_equal(news->by, by);
	assert_non_null(strstr(news->words, words));
}

static void every_device_hears_what_loosens(void **state)
{
	struct house house = house_make();
	struct phone phone;
	struct phone childs;
	uint8_t tom[ID_BYTES];

	(void)state;
	house_add_person(&house, "Tom", "child", 0, tom);
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_pair_phone(&house, 2, tom, &childs);
	house_add_room(&house, "kitchen", MAY_TELL); /* that tightens */
	house.bench->hears_news = true;
	house_forget(phone.link);
	house_forget(childs.link);
	house_add_room(&house, "kitchen", MAY_TELL | MAY_MESSAGE);
	expect_news(&phone, "the owner alice", "kitchen may send messages");
	expect_news(&childs, "the owner alice", "kitchen may send messages");
	house_add_room(&house, "kitchen", MAY_MESSAGE);
	assert_null(next_news(&phone));
	assert_string_equal(say_mute(&house, &phone, 1, "kitchen", true), "");
	assert_null(next_news(&childs));
	assert_string_equal(say_mute(&house, &phone, 2, "kitchen", false), "");
	expect_news(&childs, "the device phone of alice", "kitchen is not muted");
	/* One more owner is told of as well. */
	house_forget(childs.link);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "another long one", NULL, NULL));
	expect_news(&childs, "an owner", "bob is an owner as well");
	desk_bench_destroy(house.bench);
}

static void who_was_away_hears_it_on_coming_back(void **state)
{
	struct house house = house_make();
	struct phone phone;
	uint64_t last = 0;
	size_t count = 0;
	const struct wire_policy_news *news;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_room(&house, "attic", MAY_TELL);
	assert_string_equal(say_mute(&house, &phone, 1, "attic", true), "");
	clock_fake_pass(&house.bench->clock, 1000);
	assert_string_equal(say_mute(&house, &phone, 2, "attic", false), "");
	start_anew(&house); /* the unmute is no owner's yet */
	house.bench->hears_news = true;
	house_come_back(&house, &phone);
	while ((news = next_news(&phone)) != NULL) {
		assert_true(news->number > last);
		last = news->number;
		count++;
		if (strstr(news->words, "attic is a room"))
			assert_string_equal(news->by, "the owner alice");
		if (strstr(news->words, "attic is not muted"))
			assert_string_equal(news->by, "the device phone of alice");
	}
	assert_int_equal(count, 4); /* kitchen, phone, attic, unmuted */
	desk_bench_destroy(house.bench);
}

static void expect_rows(struct house *house, const char *const *fields, size_t count)
{
	const struct wire_message *row;
	size_t at = 0;

	house_forget(house->alice);
	house_say(house, house->alice, WIRE_why_get, &(struct wire_why_get){.policy = 1});
	while ((row = desk_bench_take(house->alice)) && row->type == WIRE_why_row) {
		const struct event *event = &row->why_row.event;
		char sentence[EVENT_SENTENCE_BYTES];

		event_sentence(event, sentence);
		if (at < count && strstr(sentence, fields[at]))
			at++;
	}
	if (at < count)
		fail_msg("the journal does not say: %s", fields[at]);
}

static void the_journal_says_who_loosened_what(void **state)
{
	static const char *const told[] = {
		"An owner was added",
		"The room was added; that loosens (class C): kitchen is a room",
		"(class C): a device is paired; signed by an owner",
		"changed: what the room may do; signed by an owner.",
		"changed: kitchen is muted; by the device ",
		"changed: kitchen is not muted; that loosens (class C): kitchen is not",
		"changed: kitchen may send messages out of the house; that loosens",
	};
	struct house house = house_make();
	const struct action action = action_of(ACTION_ROOM_ALLOW, "kitchen", "message");
	struct phone phone;
	struct proposal_id id;
	struct wire_why_get get = {.turn = TURN};
	const struct wire_message *row;
	bool found = false;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_add_room(&house, "kitchen", MAY_ALL & ~MAY_MESSAGE);
	(void)say_mute(&house, &phone, 1, "kitchen", true);
	(void)say_mute(&house, &phone, 2, "kitchen", false);
	id = ask(&house, &action);
	give(&house, &phone, id, &action, APPROVAL_APPROVE);
	expect_rows(&house, told, STR_COUNT(told));
	/* And the turn in which it was asked for tells of it, with the approval behind it. */
	house_forget(house.alice);
	house_say(&house, house.alice, WIRE_why_get, &get);
	while ((row = desk_bench_take(house.alice)) && row->type == WIRE_why_row) {
		const struct event *event = &row->why_row.event;
		char text[ID_TEXT_BYTES];

		if (event->kind != EVENT_POLICY_CHANGED)
			continue;
		id_to_text(text, id.bytes);
		assert_string_equal(event_value(event, "proposal"), text);
		assert_string_equal(event_value(event, "class"), "C");
		assert_string_equal(event_value(event, "factor"), "tap");
		assert_string_equal(event_value(event, "effect"), "loosens");
		found = true;
	}
	assert_true(found);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_mutes_and_unmutes),
		cmocka_unit_test(what_is_so_already_is_done),
		cmocka_unit_test(who_mutes_and_who_unmutes),
		cmocka_unit_test(forged_crossed_and_replayed_words_do_nothing),
		cmocka_unit_test(a_revoked_device_unmutes_nothing),
		cmocka_unit_test(what_comes_while_an_unmute_is_written),
		cmocka_unit_test(an_owners_change_carries_it_on),
		cmocka_unit_test(fuses_and_devices),
		cmocka_unit_test(what_is_not_written_does_not_hold),
		cmocka_unit_test(an_owner_who_comes_meanwhile_stays),
		cmocka_unit_test(the_bytes_under_a_mute),
		cmocka_unit_test(a_spoilt_row_does_not_count),
		cmocka_unit_test(a_row_counts_in_its_place),
		cmocka_unit_test(a_row_counts_under_its_own_key),
		cmocka_unit_test(a_removed_owners_device_changes_nothing),
		cmocka_unit_test(the_devices_word_is_looked_at_again),
		cmocka_unit_test(all_that_there_can_be_are_read),
		cmocka_unit_test(what_is_stored_gives_no_more_either),
		cmocka_unit_test(a_tap_changes_what_a_room_may),
		cmocka_unit_test(who_may_not_changes_nothing),
		cmocka_unit_test(neither_hub_nor_gate_carries_it_out),
		cmocka_unit_test(what_could_not_be_written_is_tried_again),
		cmocka_unit_test(what_cannot_be_written_fails),
		cmocka_unit_test(what_is_so_only_until_something_is_written),
		cmocka_unit_test(what_cannot_be_is_not_asked_for),
		cmocka_unit_test(ordered_at_a_restart),
		cmocka_unit_test(every_device_hears_what_loosens),
		cmocka_unit_test(who_was_away_hears_it_on_coming_back),
		cmocka_unit_test(the_journal_says_who_loosened_what),
	};
	return cmocka_run_group_tests_name("desk_amend", tests, NULL, NULL);
}
