/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_rooms - rooms by their keys: recorded, revoked and named again by the owner
 * alone; and what they sign: believed once, for one thing. Also policies from before keys.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/pack.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "fake/desk_bench.h"
#include "keeper/policy_row.h"

enum { SEED = 43, TURN = 7 };

static const char PASSPHRASE[] = "correct horse";

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
	uint8_t seed[SEAL_SIGN_SEED_BYTES]; /* the kitchen's */
	char key[KEY_TEXT_BYTES];
	uint64_t token;
};

static void key_of(const uint8_t seed[SEAL_SIGN_SEED_BYTES], char to[KEY_TEXT_BYTES])
{
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

	seal_sign_pair(seed, public_key);
	assert_int_equal(key_to_text(public_key, to), OK);
}

static const struct wire_message *set_room(struct house *house,
					   const struct wire_room_set *set)
{
	desk_bench_say(house->bench, house->alice, WIRE_room_set, set);
	desk_bench_settle(house->bench);
	return desk_bench_take(house->alice);
}

static void expect_done(const struct wire_message *message)
{
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_done);
}

static void expect_refused(const struct wire_message *message, const char *reason)
{
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_refused);
	assert_string_equal(message->refused.reason, reason);
}

static struct wire_room_set kitchen_of(const struct house *house)
{
	struct wire_room_set set = {.room = "kitchen", .capabilities = MAY_ALL};

	assert_true(str_copy(set.key, sizeof(set.key), house->key));
	return set;
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};
	struct wire_room_set set;

	memset(house.seed, 5, sizeof(house.seed));
	key_of(house.seed, house.key);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "alice", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
	set = kitchen_of(&house);
	expect_done(set_room(&house, &set));
	return house;
}

/* The newest policy that the hub was told. */
static struct policy policy_of(struct house *house)
{
	struct policy policy;

	desk_bench_policy(house->bench, house->hub, &policy);
	return policy;
}

/* --- keys ------------------------------------------------------------------------------- */

static void a_key_is_recorded_and_stays(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = {.room = "kitchen", .capabilities = MAY_TELL};
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct policy policy;

	(void)state;
	seal_sign_pair(house.seed, public_key);
	expect_done(set_room(&house, &set)); /* without a key: as it was */
	desk_bench_restart(house.bench);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	policy = policy_of(&house);
	assert_int_equal(policy.rooms[0].capabilities, MAY_TELL);
	assert_true(policy.rooms[0].has_key);
	assert_memory_equal(policy.rooms[0].key, public_key, sizeof(public_key));
	assert_false(policy_room_is_thin(&policy.rooms[0]));
	assert_ptr_equal(policy_room_of_key(&policy, public_key), &policy.rooms[0]);
	desk_bench_destroy(house.bench);
}

static void wrong_keys_are_refused(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = kitchen_of(&house);

	(void)state;
	set.key[3] = set.key[3] == '0' ? '2' : '0';
	expect_refused(set_room(&house, &set), "WRONG_KEY");
	assert_true(str_copy(set.room, sizeof(set.room), "attic"));
	assert_true(str_copy(set.key, sizeof(set.key), house.key));
	expect_refused(set_room(&house, &set), "KEY_TAKEN");
	assert_int_equal(policy_of(&house).room_count, 1);
	desk_bench_destroy(house.bench);
}

static void revoked_until_the_key_is_named_again(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = kitchen_of(&house);

	(void)state;
	set.key[0] = '\0';
	set.is_revoked = 1;
	expect_done(set_room(&house, &set));
	assert_true(policy_of(&house).rooms[0].is_revoked);
	set.is_revoked = 0; /* a change of something else */
	expect_done(set_room(&house, &set));
	assert_true(policy_of(&house).rooms[0].is_revoked);
	set = kitchen_of(&house);
	expect_done(set_room(&house, &set));
	assert_false(policy_of(&house).rooms[0].is_revoked);
	desk_bench_destroy(house.bench);
}

static void a_room_without_a_key_is_thin(void **state)
{
	struct house house = make_house();
	struct wire_room_set set = {.room = "attic", .capabilities = MAY_ALL};
	struct policy policy;

	(void)state;
	expect_done(set_room(&house, &set));
	set = kitchen_of(&house);
	set.is_thin = 1;
	expect_done(set_room(&house, &set));
	policy = policy_of(&house);
	assert_true(policy_room_is_thin(policy_room(&policy, "attic")));
	assert_true(policy_room_is_thin(policy_room(&policy, "kitchen")));
	desk_bench_destroy(house.bench);
}

/* --- what rooms sign -------------------------------------------------------------------- */

static struct event lease_of(uint64_t turn)
{
	struct event event;

	event_init(&event, EVENT_LEASE_OPENED, (struct turn_id){turn}, "kitchen", 1);
	evidence_lease_opened(&event, LEASE_REQUEST);
	return event;
}

static void sign(const struct house *house, struct event *event, uint64_t sequence)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(evidence_bytes(event, sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(house->seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	event->is_signed = true;
	event->sequence = sequence;
}

/* Appends it and says what the keeper wrote as its verdict. */
static void append(struct house *house, const struct event *event, enum err expected,
		   char verdict[EVENT_FIELD_VALUE_BYTES])
{
	const struct wire_append message = {.token = ++house->token, .event = *event};
	const struct wire_why_get get = {.turn = event->turn.value};
	const struct wire_message *answer;

	while (desk_bench_take(house->hub))
		continue;
	desk_bench_say(house->bench, house->hub, WIRE_append, &message);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, house->token, NULL, NULL), expected);
	verdict[0] = '\0';
	desk_bench_say(house->bench, house->alice, WIRE_why_get, &get);
	desk_bench_settle(house->bench);
	while ((answer = desk_bench_take(house->alice)) && answer->type == WIRE_why_row)
		assert_true(str_copy(verdict, EVENT_FIELD_VALUE_BYTES,
				     event_value(&answer->why_row.event, "attested")));
}

static void what_is_signed_is_believed_once(void **state)
{
	struct house house = make_house();
	char verdict[EVENT_FIELD_VALUE_BYTES];
	struct event event = lease_of(TURN);

	(void)state;
	sign(&house, &event, 100);
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "yes");
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: used before");
	sign(&house, &event, 99);
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: used before");
	sign(&house, &event, 101);
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "yes");
	desk_bench_destroy(house.bench);
}

static void for_another_turn_it_is_refused(void **state)
{
	struct house house = make_house();
	char verdict[EVENT_FIELD_VALUE_BYTES];
	struct event event = lease_of(TURN);

	(void)state;
	sign(&house, &event, 100);
	event.turn.value++;
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: the signature is wrong");
	event = lease_of(TURN + 2);
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: not signed");
	sign(&house, &event, 101);
	assert_true(str_copy(event.fields[1].value, EVENT_FIELD_VALUE_BYTES, "99999"));
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: the signature is wrong");
	desk_bench_destroy(house.bench);
}

/* Whoever has the hub cannot write the verdict. */
static void the_hub_judges_nothing(void **state)
{
	struct house house = make_house();
	char verdict[EVENT_FIELD_VALUE_BYTES];
	struct event event = lease_of(TURN);

	(void)state;
	event_add(&event, "attested", "yes");
	append(&house, &event, ERR_DENIED, verdict);
	assert_string_equal(verdict, "");
	desk_bench_destroy(house.bench);
}

static void revoked_and_thin_rooms_prove_nothing(void **state)
{
	struct house house = make_house();
	char verdict[EVENT_FIELD_VALUE_BYTES];
	struct wire_room_set set = kitchen_of(&house);
	struct event event = lease_of(TURN);

	(void)state;
	sign(&house, &event, 100);
	set.is_thin = 1;
	expect_done(set_room(&house, &set));
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: the room is marked thin");
	set.is_thin = 0;
	set.is_revoked = 1;
	expect_done(set_room(&house, &set));
	append(&house, &event, OK, verdict);
	assert_string_equal(verdict, "no: the room's key is revoked");
	desk_bench_destroy(house.bench);
}

/* --- layouts ---------------------------------------------------------------------------- */

/* A policy as it was stored before rooms had keys: still read, its room thin. */
static void layout_1_is_read(void **state)
{
	static const char label[] = "behest policy row v1";
	struct desk_bench *bench = desk_bench_create(SEED);
	struct clock_fake ticks;
	struct clock clock = clock_fake_init(&ticks);
	const struct owner_request request = {
		.household = bench->household,
		.name = "alice",
		.passphrase = PASSPHRASE,
		.cost = {.memory_kib = 8, .passes = 1},
		.keeper_seed = secret_view(bench->seed),
	};
	struct rand rand = rand_fake_init(&bench->rand, SEED);
	struct owner_view *view = NULL;
	struct owner_made made;
	struct policy policy;
	const struct policy_signers signers = {.keeper_public = made.owner.sign_public,
					       .owners = &made.owner,
					       .owner_count = 1};
	uint8_t row[512];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;

	(void)state;
	assert_int_equal(owner_create(&request, &rand, &made), OK);
	assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE, made.wraps[0],
				      OWNER_WRAP_BYTES, PASSPHRASE, &clock, &view),
			 OK);
	pack_init(&pack, row, sizeof(row));
	pack_u8(&pack, 1);
	pack_bytes(&pack, bench->household.bytes, ID_BYTES);
	pack_u64(&pack, 3);
	pack_bytes(&pack, made.owner.id.bytes, ID_BYTES);
	pack_i64(&pack, 500);
	pack_i64(&pack, 3000);
	pack_u32(&pack, 1);
	pack_text(&pack, "kitchen");
	pack_u32(&pack, MAY_ALL & ~(unsigned)(MAY_POLICY | MAY_BUY |
					      MAY_LISTS)); /* all there was then */
	pack_u8(&pack, 1);
	pack_u8(&pack, 0);
	pack_bytes(&pack, (uint8_t[ID_BYTES]){0}, ID_BYTES);
	pack_u32(&pack, 0);
	assert_int_equal(owner_view_sign(view, label, row, pack.size, signature), OK);
	pack_bytes(&pack, signature, sizeof(signature));
	assert_true(pack_is_whole(&pack));
	assert_int_equal(policy_row_read(bench->household, 3, &signers, row, pack.size,
					 &policy),
			 OK);
	assert_int_equal(policy.room_count, 1);
	assert_true(policy.rooms[0].muted);
	assert_int_equal(policy.rooms[0].capabilities,
			 MAY_ALL & ~(unsigned)(MAY_POLICY | MAY_BUY | MAY_LISTS));
	assert_false(policy.rooms[0].has_key);
	assert_true(policy_room_is_thin(&policy.rooms[0]));
	row[0] = 7;
	assert_int_equal(policy_row_read(bench->household, 3, &signers, row, pack.size,
					 &policy),
			 ERR_VERSION);
	owner_view_destroy(view);
	owner_made_wipe(&made);
	desk_bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_recorded_and_stays),
		cmocka_unit_test(wrong_keys_are_refused),
		cmocka_unit_test(revoked_until_the_key_is_named_again),
		cmocka_unit_test(a_room_without_a_key_is_thin),
		cmocka_unit_test(what_is_signed_is_believed_once),
		cmocka_unit_test(for_another_turn_it_is_refused),
		cmocka_unit_test(the_hub_judges_nothing),
		cmocka_unit_test(revoked_and_thin_rooms_prove_nothing),
		cmocka_unit_test(layout_1_is_read),
	};
	return cmocka_run_group_tests_name("desk_rooms", tests, NULL, NULL);
}
