/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_owners - owners who are removed: by whom, what they may still do (read what is
 * theirs) and what not (decide anything), also by rows that they put into the store.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/pack.h"
#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/policy_row.h"

enum { SEED = 45, SAMPLES = 8000, LATER_MS = 60000, ROW_BYTES = 512 };

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

/* Alice came first, bob later; the study is bob's private room. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
	struct desk_bench_link *bob;
};

static struct desk_bench_people people;
static struct policy policy;

static void sign_in(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_sign_in(house->bench, "alice");
	house->bob = desk_bench_sign_in(house->bench, "bob");
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", NULL);
	clock_fake_pass(&house.bench->clock, LATER_MS);
	house.bob = desk_bench_add_owner(house.bench, house.alice, "bob", "study");
	return house;
}

static void restart(struct house *house)
{
	desk_bench_restart(house->bench);
	sign_in(house);
}

static const char *remove_owner(struct house *house, struct desk_bench_link *by,
				const char *name)
{
	struct wire_owner_remove set = {.name = ""};

	assert_true(str_copy(set.name, sizeof(set.name), name));
	return desk_bench_change(house->bench, by, WIRE_owner_remove, &set);
}

static void look(struct house *house)
{
	desk_bench_people(house->bench, house->alice, &people);
	desk_bench_policy(house->bench, house->hub, &policy);
}

/* --- who removes whom ------------------------------------------------------------------- */

static void who_came_later_removes_nobody_before(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_string_equal(remove_owner(&house, house.bob, "alice"), "SENIOR");
	assert_string_equal(remove_owner(&house, house.bob, "carol"), "UNKNOWN_PERSON");
	assert_string_equal(remove_owner(&house, house.bob, ""), "UNKNOWN_PERSON");
	look(&house);
	assert_int_equal(people.person_count, 2);
	desk_bench_destroy(house.bench);
}

static void owners_remove_themselves_but_the_last(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_string_equal(remove_owner(&house, house.alice, "Alice"), "");
	assert_string_equal(remove_owner(&house, house.alice, "bob"), "REMOVED");
	assert_string_equal(remove_owner(&house, house.bob, "alice"), "UNKNOWN_PERSON");
	assert_string_equal(remove_owner(&house, house.bob, "bob"), "LAST_OWNER");
	look(&house);
	assert_int_equal(people.person_count, 1);
	assert_string_equal(people.people[0].name, "bob");
	/* Another one came: then it goes. */
	clock_fake_pass(&house.bench->clock, LATER_MS);
	assert_true(desk_bench_make_owner(house.bench, house.bob, "carol", PASSPHRASE,
					  NULL, NULL));
	assert_string_equal(remove_owner(&house, house.bob, "bob"), "");
	desk_bench_destroy(house.bench);
}

/* --- what a removed owner may not ------------------------------------------------------- */

static void expect_decides_nothing(struct house *house)
{
	static const struct wire_room_set room = {.room = "attic"};
	static const struct wire_person person = {.name = "eve", .role = "adult"};
	static const struct wire_contact contact = {.name = "eve",
						    .kind = "mail",
						    .address = "eve@example.org"};
	static const struct wire_device device = {.key = "", .is_revoked = 1};
	static const struct wire_hold_set hold = {.hold_s = 10};
	static const struct wire_harmless_set harmless = {.entity = "switch.x",
							  .harmless = 1};
	static const struct wire_owner_remove remove = {.name = "alice"};
	static const struct wire_owner_create owner = {.name = "eve",
						       .passphrase = "correct horse"};
	static const struct {
		enum wire_type type;
		const void *fields;
	} changes[] = {
		{WIRE_room_set, &room},       {WIRE_person, &person},
		{WIRE_contact, &contact},     {WIRE_device, &device},
		{WIRE_hold_set, &hold},       {WIRE_harmless_set, &harmless},
		{WIRE_owner_remove, &remove}, {WIRE_owner_create, &owner},
	};

	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		const char *why = desk_bench_change(house->bench, house->bob,
						    changes[i].type, changes[i].fields);

		if (!str_equal(why, "REMOVED"))
			fail_msg("%s: \"%s\"", wire_type_name(changes[i].type), why);
	}
}

static void a_removed_owner_decides_nothing(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_string_equal(remove_owner(&house, house.alice, "BOB"), "");
	expect_decides_nothing(&house); /* over a link that was signed in before */
	for (unsigned round = 0; round < 2; round++) {
		look(&house);
		assert_int_equal(people.person_count, 1);
		assert_int_equal(policy.person_count, 1);
		assert_string_equal(policy.people[0].name, "alice");
		assert_non_null(policy_room(&policy, "study"));
		assert_false(policy_room(&policy, "study")->is_private);
		assert_true(
			id_is_none(policy_room(&policy, "study")->private_owner.bytes));
		restart(&house);
		expect_decides_nothing(&house);
	}
	/* And the name is not free for somebody else. */
	assert_false(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					   NULL, NULL));
	desk_bench_destroy(house.bench);
}

/* --- what is theirs stays theirs -------------------------------------------------------- */

static struct record_id record_for_bob(struct house *house)
{
	const uint64_t turn = (uint64_t)house->bench->clock.wall_ms << 16 | 1;
	struct record_id record;

	while (desk_bench_take(house->hub))
		continue;
	desk_bench_append(house->bench, house->hub, 1, EVENT_DECIDED, turn, "study");
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, 1, NULL, NULL), OK);
	desk_bench_seal(house->bench, house->hub, 2, turn, "study", "secret words", sound,
			SAMPLES);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, 2, NULL, &record), OK);
	return record;
}

static void expect_theirs(struct house *house, struct record_id record)
{
	const struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 10};
	const struct wire_message *message;
	struct wire_play_get play = {.record = {{0}}};
	size_t bytes = 0;

	desk_bench_say(house->bench, house->bob, WIRE_history_get, &get);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->bob);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_history_row);
	assert_string_equal(message->history_row.transcript, "secret words");
	assert_memory_equal(message->history_row.record.bytes, record.bytes, ID_BYTES);
	assert_int_equal(desk_bench_take(house->bob)->type, WIRE_end);
	memcpy(play.record.bytes, record.bytes, ID_BYTES);
	desk_bench_say(house->bench, house->bob, WIRE_play_get, &play);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(house->bob)) &&
	       message->type == WIRE_play_sound)
		bytes += message->play_sound.pcm.size;
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	assert_int_equal(bytes, sizeof(sound));
}

static void a_removed_owner_reads_what_is_theirs(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_for_bob(&house);

	(void)state;
	assert_string_equal(remove_owner(&house, house.alice, "bob"), "");
	expect_theirs(&house, record);
	restart(&house);
	expect_theirs(&house, record);
	desk_bench_destroy(house.bench);
}

/* --- rows that are put there by hand ---------------------------------------------------- */

/* A policy with bob's room alone, in the layout of before keys (1) or people (2). */
static size_t old_row(struct house *house, unsigned layout, uint64_t version,
		      const char *signer, uint8_t row[ROW_BYTES])
{
	struct owner_view *view = desk_bench_view(house->bench, signer, PASSPHRASE);
	const struct owner_id id = owner_view_id(view);
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;

	pack_init(&pack, row, ROW_BYTES);
	pack_u8(&pack, (uint8_t)layout);
	pack_bytes(&pack, house->bench->household.bytes, ID_BYTES);
	pack_u64(&pack, version);
	pack_bytes(&pack, id.bytes, ID_BYTES);
	pack_i64(&pack, 500);
	pack_i64(&pack, 3000);
	pack_u32(&pack, 1);
	pack_text(&pack, "cellar");
	pack_u32(&pack, MAY_MOVE | MAY_TELL);
	pack_u8(&pack, 1);
	pack_u8(&pack, 0);
	pack_bytes(&pack, (const uint8_t[ID_BYTES]){0}, ID_BYTES);
	if (layout == 2) {
		pack_u8(&pack, 4); /* has a key */
		pack_bytes(&pack, (const uint8_t[POLICY_KEY_BYTES]){1}, POLICY_KEY_BYTES);
	}
	pack_u32(&pack, 0);
	assert_int_equal(owner_view_sign(view, "behest policy row v1", row, pack.size,
					 signature),
			 OK);
	pack_bytes(&pack, signature, sizeof(signature));
	assert_true(pack_is_whole(&pack));
	owner_view_destroy(view);
	return pack.size;
}

static void older_layouts_are_read(void **state)
{
	(void)state;
	for (unsigned layout = 1; layout <= 2; layout++) {
		struct house house = {.bench = desk_bench_create(SEED)};
		const struct wire_person mia = {.name = "mia", .role = "guest"};
		uint8_t row[ROW_BYTES];

		house.alice = desk_bench_link(house.bench, DESK_OWNER);
		assert_true(desk_bench_make_owner(house.bench, house.alice, "alice",
						  PASSPHRASE, NULL, NULL));
		for (uint64_t version = 1; version <= 2; version++)
			desk_bench_put_policy(house.bench, version, row,
					      old_row(&house, layout, version, "alice",
						      row));
		desk_bench_age(house.bench, "alice", PASSPHRASE);
		desk_bench_restart(house.bench);
		house.hub = desk_bench_link(house.bench, DESK_HUB);
		house.alice = desk_bench_link(house.bench, DESK_OWNER);
		assert_true(
			desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
		look(&house);
		assert_string_equal(desk_trouble(house.bench->desk), "");
		assert_non_null(policy_room(&policy, "cellar"));
		assert_true(policy_room(&policy, "cellar")->muted);
		assert_int_equal(policy_room(&policy, "cellar")->has_key, layout == 2);
		assert_int_equal(policy.hold_s, POLICY_HOLD_S);
		assert_int_equal(policy.person_count, 1);
		/* And goes on from there in today's. */
		assert_string_equal(desk_bench_change(house.bench, house.alice,
						      WIRE_person, &mia),
				    "");
		assert_int_equal(desk_bench_policy_version(house.bench), 3);
		desk_bench_destroy(house.bench);
	}
}

/* What does not count permits nothing, and gives no removed owner a word again. */
static void expect_does_not_count(struct house *house)
{
	restart(house);
	look(house);
	assert_string_not_equal(desk_trouble(house->bench->desk), "");
	assert_int_equal(policy.room_count, 0);
	assert_int_equal(policy.person_count, 1);
	assert_string_equal(policy.people[0].name, "alice");
	expect_decides_nothing(house);
}

/* Signed by bob, and by whoever bob takes for a keeper. */
static void put_todays_row(struct house *house, uint64_t version)
{
	static const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {9};
	struct owner_view *view = desk_bench_view(house->bench, "bob", PASSPHRASE);
	struct buf row;

	look(house);
	policy.removed_count = 0;
	buf_init(&row, POLICY_ROW_BYTES_MAX);
	assert_int_equal(policy_row_write(house->bench->household, version, &policy, view,
					  seed, &row),
			 OK);
	desk_bench_put_policy(house->bench, version, row.bytes, row.size);
	buf_finish(&row);
	owner_view_destroy(view);
}

static void a_row_without_the_keeper_does_not_count(void **state)
{
	struct house house = make_house();
	uint64_t version;

	(void)state;
	assert_string_equal(remove_owner(&house, house.alice, "bob"), "");
	version = desk_bench_policy_version(house.bench);
	put_todays_row(&house, version + 1);
	expect_does_not_count(&house);
	put_todays_row(&house, version + 2);
	expect_does_not_count(&house);
	/* Alice sets the house again, and that counts. */
	assert_true(desk_bench_add_room(house.bench, house.alice, "kitchen"));
	restart(&house);
	look(&house);
	assert_string_equal(desk_trouble(house.bench->desk), "");
	assert_non_null(policy_room(&policy, "kitchen"));
	expect_decides_nothing(&house);
	desk_bench_destroy(house.bench);
}

/* The layouts of before, which no keeper signed, are no way around that. */
static void nor_does_an_older_layout(void **state)
{
	struct house house = make_house();
	uint64_t version;
	uint8_t row[ROW_BYTES];

	(void)state;
	assert_string_equal(remove_owner(&house, house.alice, "bob"), "");
	version = desk_bench_policy_version(house.bench);
	for (unsigned layout = 1; layout <= 2; layout++) {
		version++;
		desk_bench_put_policy(house.bench, version, row,
				      old_row(&house, layout, version, "bob", row));
		expect_does_not_count(&house);
	}
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_came_later_removes_nobody_before),
		cmocka_unit_test(owners_remove_themselves_but_the_last),
		cmocka_unit_test(a_removed_owner_decides_nothing),
		cmocka_unit_test(a_removed_owner_reads_what_is_theirs),
		cmocka_unit_test(older_layouts_are_read),
		cmocka_unit_test(a_row_without_the_keeper_does_not_count),
		cmocka_unit_test(nor_does_an_older_layout),
	};
	return cmocka_run_group_tests_name("desk_owners", tests, NULL, NULL);
}
