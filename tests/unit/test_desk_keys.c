/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_keys - what the keeper does with its owners' keys: the key above the epochs, its
 * end and the next one; the words that open an owner's own, changed, added, removed and ended.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"

enum { SEED = 46, SAMPLES = 8000 };

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

/* A house with alice and her kitchen. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

static void sign_in(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_sign_in(house->bench, "alice");
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", "kitchen");
	return house;
}

static void restart(struct house *house)
{
	desk_bench_restart(house->bench);
	sign_in(house);
}

static enum err record(struct house *house, struct record_id *out_record)
{
	return desk_bench_record(house->bench, house->hub,
				 &(struct desk_bench_said){"kitchen", "turn on the light",
							   sound, SAMPLES},
				 out_record);
}

static enum err play(struct house *house, struct record_id record)
{
	return desk_bench_play(house->bench, house->alice, record);
}

/* The index of the n-th row of a space, or the number of all rows. */
static size_t row_of(const struct house *house, enum store_space space, size_t n)
{
	size_t count = store_fake_row_count(house->bench->rows);
	size_t at = 0;

	for (; at < count; at++) {
		if (store_fake_row(house->bench->rows, at, NULL)->key.space == space &&
		    n-- == 0)
			break;
	}
	return at;
}

static bool has_row(const struct house *house, enum store_space space, size_t n)
{
	return row_of(house, space, n) < store_fake_row_count(house->bench->rows);
}

static uint64_t generation_of(const struct house *house, size_t n)
{
	const struct store_row *row =
		store_fake_row(house->bench->rows, row_of(house, STORE_KEK, n), NULL);
	struct owner_id owner;
	uint64_t generation = 0;

	assert_int_equal(kek_from_store_key(row->key.bytes, row->key.size, &owner,
					    &generation),
			 OK);
	return generation;
}

static void an_owner_comes_with_a_key(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	assert_true(has_row(&house, STORE_KEK, 0));
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(record(&house, &id), OK);
	restart(&house);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(play(&house, id), OK);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* --- the end of a generation ------------------------------------------------------------ */

static void renewed(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	desk_kek_written(desk, item, err);
}

static enum err renew(struct house *house)
{
	struct item *item = NULL;
	enum err err;

	assert_int_equal(item_create(NULL, 0, renewed, &item), OK);
	desk_event(house->bench->desk, &item->event, EVENT_KEK_BEGUN, "");
	err = desk_kek_renew(house->bench->desk, 0, item);
	if (err == OK)
		desk_write_take(house->bench->desk, &item);
	item_destroy(item);
	return err;
}

static void its_end_is_the_end_of_all_before(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	assert_int_equal(renew(&house), OK);
	assert_int_equal(renew(&house), ERR_BUSY);
	desk_bench_settle(house.bench);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 2);
	assert_true(has_row(&house, STORE_RECORD, 0)); /* and is of no use any more */
	assert_int_equal(play(&house, before), ERR_MISSING);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	restart(&house);
	assert_int_equal(play(&house, before), ERR_MISSING);
	assert_int_equal(play(&house, after), OK);
	desk_bench_destroy(house.bench);
}

/* What was begun before the end is not finished behind it. */
static void an_unfinished_recording_ends_with_it(void **state)
{
	struct house house = make_house();
	struct wire_seal_begin begin = {.token = 90, .samples = SAMPLES, .turn = 5};

	(void)state;
	while (desk_bench_take(house.hub))
		;
	assert_true(str_copy(begin.room, sizeof(begin.room), "kitchen"));
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(renew(&house), OK);
	assert_int_equal(desk_bench_done(house.hub, 90, NULL, NULL), ERR_DENIED);
	/* Nor is one begun before the next key is durable. */
	begin.token = 91;
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(desk_bench_done(house.hub, 91, NULL, NULL), ERR_BUSY);
	desk_bench_destroy(house.bench);
}

static void an_end_that_is_not_written_is_none(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	assert_int_equal(renew(&house), OK);
	desk_bench_settle(house.bench);
	store_fake_heal(house.bench->rows);
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(play(&house, before), OK);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	desk_bench_destroy(house.bench);
}

/* --- what is found at the start --------------------------------------------------------- */

static void a_house_of_before_gets_one(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	store_fake_remove(house.bench->rows, row_of(&house, STORE_KEK, 0));
	restart(&house);
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* Only what it opens is lost, and the owner can go on. */
static void a_changed_one_is_not_sealed_to(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;
	uint8_t *value;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	(void)store_fake_row(house.bench->rows, row_of(&house, STORE_KEK, 0), &value);
	value[60] ^= 1;
	restart(&house);
	assert_true(desk_trouble(house.bench->desk)[0] != '\0');
	assert_int_equal(play(&house, before), ERR_AUTH);
	assert_int_equal(generation_of(&house, 1), 2);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	/* It goes with the next end all the same. */
	assert_int_equal(renew(&house), OK);
	desk_bench_settle(house.bench);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 3);
	desk_bench_destroy(house.bench);
}

static void too_many_are_refused(void **state)
{
	struct house house = make_house();
	struct store_row row;
	size_t at = row_of(&house, STORE_KEK, 0);

	(void)state;
	for (size_t i = 0; i < DESK_KEK_OTHERS_MAX + 1; i++) {
		row = *store_fake_row(house.bench->rows, at, NULL);
		row.key.bytes[KEK_STORE_KEY_BYTES - 1] = (uint8_t)(10 + i);
		assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	}
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	desk_bench_destroy(house.bench);
}

/* Nobody's, and one of a number that no house reaches: said, and left alone. */
static void what_is_nobodys_is_left_alone(void **state)
{
	struct house house = make_house();
	struct store_row row;
	struct record_id id;
	size_t at = row_of(&house, STORE_KEK, 0);

	(void)state;
	row = *store_fake_row(house.bench->rows, at, NULL);
	row.key.bytes[0] ^= 1;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	row = *store_fake_row(house.bench->rows, row_of(&house, STORE_KEK, 0), NULL);
	row.key.bytes[ID_BYTES] = 0xff;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	restart(&house);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* --- the words that open an owner's own ------------------------------------------------- */

struct shown {
	size_t count;
	struct wire_key_row rows[DESK_WRAP_ROWS_MAX];
};

static struct shown show(struct house *house, struct desk_bench_link *link)
{
	static const struct wire_keys_get get;
	const struct wire_message *message;
	struct shown shown = {.count = 0};

	while (desk_bench_take(link))
		;
	desk_bench_say(house->bench, link, WIRE_keys_get, &get);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(link)) && message->type == WIRE_key_row)
		shown.rows[shown.count++] = message->key_row;
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	return shown;
}

static const struct wire_key_row *shown_name(const struct shown *shown, const char *kind,
					     const char *name)
{
	for (size_t i = 0; i < shown->count; i++)
		if (str_equal(shown->rows[i].kind, kind) &&
		    str_equal(shown->rows[i].name, name))
			return &shown->rows[i];
	return NULL;
}

static const char *add_key(struct house *house, const char *name, const char *words)
{
	struct wire_key_add add = {.name = ""};

	assert_true(str_copy(add.name, sizeof(add.name), name));
	assert_true(str_copy(add.passphrase, sizeof(add.passphrase), words));
	return desk_bench_change(house->bench, house->alice, WIRE_key_add, &add);
}

static const char *set_key(struct house *house, uint8_t number, const char *words)
{
	struct wire_key_set set = {.number = number};

	assert_true(str_copy(set.passphrase, sizeof(set.passphrase), words));
	return desk_bench_change(house->bench, house->alice, WIRE_key_set, &set);
}

static const char *remove_key(struct house *house, uint8_t number)
{
	const struct wire_key_remove remove = {.number = number};

	return desk_bench_change(house->bench, house->alice, WIRE_key_remove, &remove);
}

static bool can_sign_in(struct house *house, const char *words)
{
	struct desk_bench_link *link = desk_bench_link(house->bench, DESK_OWNER);
	bool can = desk_bench_unlock(house->bench, link, "alice", words);

	desk_bench_unlink(house->bench, link);
	return can;
}

/* Is there a row in the wraps that is byte for byte this one? */
static bool has_wrap(const struct house *house, const uint8_t *bytes)
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		if (row->key.space == STORE_WRAP && row->size == OWNER_WRAP_BYTES &&
		    memcmp(row->value, bytes, OWNER_WRAP_BYTES) == 0)
			return true;
	}
	return false;
}

static void copy_wrap(const struct house *house, size_t n, uint8_t to[OWNER_WRAP_BYTES])
{
	memcpy(to,
	       store_fake_row(house->bench->rows, row_of(house, STORE_WRAP, n), NULL)
		       ->value,
	       OWNER_WRAP_BYTES);
}

static void a_passphrase_is_changed(void **state)
{
	struct house house = make_house();
	struct record_id id;
	uint8_t before[OWNER_WRAP_BYTES];
	struct shown shown;

	(void)state;
	assert_int_equal(record(&house, &id), OK);
	copy_wrap(&house, 0, before);
	assert_true(has_wrap(&house, before));
	assert_string_equal(set_key(&house, 0, "short"), "OUT_OF_RANGE");
	assert_string_equal(set_key(&house, 77, "battery staple"), "UNKNOWN_KEY");
	assert_string_equal(set_key(&house, 2, "battery staple"), "UNKNOWN_KEY");
	assert_string_equal(set_key(&house, 0, "battery staple"), "");
	assert_false(has_wrap(&house, before));
	assert_false(can_sign_in(&house, PASSPHRASE));
	assert_true(can_sign_in(&house, "battery staple"));
	assert_int_equal(play(&house, id), OK);
	shown = show(&house, house.alice);
	assert_int_equal(shown.count, 2);
	assert_non_null(shown_name(&shown, "passphrase", ""));
	assert_non_null(shown_name(&shown, "recovery code", ""));
	desk_bench_destroy(house.bench);
}

static void further_passphrases_come_and_go(void **state)
{
	struct house house = make_house();
	struct shown shown;
	struct record_id id;

	(void)state;
	assert_int_equal(record(&house, &id), OK);
	assert_string_equal(add_key(&house, " ", "battery staple"), "OUT_OF_RANGE");
	assert_string_equal(add_key(&house, "travel", "battery staple"), "");
	assert_string_equal(add_key(&house, "Travel", "battery stapler"), "NAME_TAKEN");
	assert_true(can_sign_in(&house, PASSPHRASE));
	assert_true(can_sign_in(&house, "battery staple"));
	assert_false(can_sign_in(&house, "battery stapl"));
	restart(&house);
	assert_true(can_sign_in(&house, "battery staple"));
	shown = show(&house, house.alice);
	assert_int_equal(shown.count, 3);
	/* The first one is changed, and still both open. */
	assert_string_equal(set_key(&house, 0, "another one"), "");
	assert_true(can_sign_in(&house, "another one"));
	assert_true(can_sign_in(&house, "battery staple"));
	shown = show(&house, house.alice);
	assert_string_equal(
		remove_key(&house, shown_name(&shown, "passphrase", "travel")->number),
		"");
	assert_false(can_sign_in(&house, "battery staple"));
	assert_true(can_sign_in(&house, "another one"));
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

static void the_last_one_stays(void **state)
{
	struct house house = make_house();
	struct shown shown;
	char name[16];

	(void)state;
	assert_string_equal(remove_key(&house, 9), "UNKNOWN_KEY");
	assert_string_equal(remove_key(&house, 2), "");
	assert_string_equal(remove_key(&house, 1), "LAST_KEY");
	for (unsigned i = 1; i < OWNER_WRAPS_MAX; i++) {
		assert_true(str_format(name, sizeof(name), "number %u", i));
		assert_string_equal(add_key(&house, name, "battery staple"), "");
	}
	assert_string_equal(add_key(&house, "one more", "battery staple"), "KEYS_LIMIT");
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_recovery_new,
					      NULL),
			    "KEYS_LIMIT");
	shown = show(&house, house.alice);
	assert_int_equal(shown.count, OWNER_WRAPS_MAX);
	for (size_t i = 0; i + 1 < shown.count; i++)
		assert_string_equal(remove_key(&house, shown.rows[i].number), "");
	assert_string_equal(remove_key(&house, shown.rows[shown.count - 1].number),
			    "LAST_KEY");
	assert_true(can_sign_in(&house, "battery staple"));
	desk_bench_destroy(house.bench);
}

static void renew_code(struct house *house, char to[OWNER_RECOVERY_TEXT_BYTES])
{
	static const struct wire_recovery_new renew_;
	const struct wire_message *message;

	while (desk_bench_take(house->alice))
		;
	desk_bench_say(house->bench, house->alice, WIRE_recovery_new, &renew_);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_recovery_made);
	assert_true(
		str_copy(to, OWNER_RECOVERY_TEXT_BYTES, message->recovery_made.recovery));
}

/* Lost: signed in by the code, another one is set. */
static void a_recovery_code_replaces_a_lost_passphrase(void **state)
{
	struct house house = make_house();
	char first[OWNER_RECOVERY_TEXT_BYTES];
	char second[OWNER_RECOVERY_TEXT_BYTES];
	struct record_id id;

	(void)state;
	assert_int_equal(record(&house, &id), OK);
	renew_code(&house, first);
	renew_code(&house, second);
	assert_false(can_sign_in(&house, first));
	assert_true(can_sign_in(&house, second));
	desk_bench_unlink(house.bench, house.alice);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", second));
	assert_string_equal(set_key(&house, 0, "battery staple"), "");
	assert_true(can_sign_in(&house, "battery staple"));
	assert_false(can_sign_in(&house, PASSPHRASE));
	assert_true(can_sign_in(&house, second));
	assert_int_equal(play(&house, id), OK);
	/* All passphrases gone: the code alone opens, and another one is made with it. */
	assert_string_equal(remove_key(&house, show(&house, house.alice).rows[0].number),
			    "");
	desk_bench_destroy(house.bench);
}

static void a_change_signs_out_others(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *other = desk_bench_link(house.bench, DESK_OWNER);

	(void)state;
	assert_true(desk_bench_unlock(house.bench, other, "alice", PASSPHRASE));
	assert_string_equal(set_key(&house, 0, "battery staple"), "");
	assert_string_equal(desk_bench_change(house.bench, other, WIRE_hold_set,
					      &(struct wire_hold_set){.hold_s = 20}),
			    "NOT_SIGNED_IN");
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_hold_set,
					      &(struct wire_hold_set){.hold_s = 20}),
			    "");
	desk_bench_destroy(house.bench);
}

static void what_is_not_written_changes_nothing(void **state)
{
	struct house house = make_house();

	(void)state;
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	assert_string_equal(set_key(&house, 0, "battery staple"), "NOT_WRITTEN");
	store_fake_fail_gets(house.bench->rows, 1, ERR_IO);
	assert_string_equal(set_key(&house, 0, "battery staple"), "NOT_WRITTEN");
	store_fake_heal(house.bench->rows);
	assert_true(can_sign_in(&house, PASSPHRASE));
	assert_string_equal(set_key(&house, 0, "battery staple"), "");
	desk_bench_destroy(house.bench);
}

static void a_damaged_one_is_shown_and_removed(void **state)
{
	struct house house = make_house();
	struct shown shown;
	uint8_t *value;

	(void)state;
	assert_string_equal(add_key(&house, "travel", "battery staple"), "");
	(void)store_fake_row(house.bench->rows, row_of(&house, STORE_WRAP, 0), &value);
	value[OWNER_WRAP_BYTES - 1] ^= 1;
	assert_false(can_sign_in(&house, PASSPHRASE));
	assert_true(can_sign_in(&house, "battery staple"));
	shown = show(&house, house.alice);
	assert_string_equal(shown.rows[0].kind, "damaged");
	assert_string_equal(remove_key(&house, shown.rows[0].number), "");
	assert_int_equal(show(&house, house.alice).count, 2);
	desk_bench_destroy(house.bench);
}

/* Somebody with SQL puts another owner's row under hers. */
static void anothers_row_lets_nobody_in(void **state)
{
	struct house house = make_house();
	struct store_row row;
	size_t alices;

	(void)state;
	clock_fake_pass(&house.bench->clock, 1000);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "battery staple", NULL, NULL));
	assert_true(has_row(&house, STORE_WRAP, 3));
	alices = row_of(&house, STORE_WRAP, 0);
	for (size_t i = 1; i < 4; i++) {
		size_t other = row_of(&house, STORE_WRAP, i);

		store_fake_swap_values(house.bench->rows, alices, other);
		assert_false(can_sign_in(&house, "battery staple"));
		store_fake_swap_values(house.bench->rows, alices, other);
	}
	row = *store_fake_row(house.bench->rows, row_of(&house, STORE_WRAP, 0), NULL);
	row.key.bytes[ID_BYTES] = 7; /* the same under another number */
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	assert_int_equal(show(&house, house.alice).count, 3);
	desk_bench_destroy(house.bench);
}

/* --- the end of an owner's keys --------------------------------------------------------- */

static const char *end_all(struct house *house, struct desk_bench_link *link,
			   const char *name)
{
	struct wire_owner_end end = {.name = ""};

	assert_true(str_copy(end.name, sizeof(end.name), name));
	return desk_bench_change(house->bench, link, WIRE_owner_end, &end);
}

static size_t rows_of_alice(const struct house *house, enum store_space space,
			    const uint8_t *alice)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		count += row->key.space == space &&
			 memcmp(row->key.bytes, alice, ID_BYTES) == 0;
	}
	return count;
}

static void who_leaves_can_end_it_all(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);
	struct wire_owner_remove leave = {.name = "alice"};
	uint8_t alice[ID_BYTES];
	struct record_id id;
	char name[16];

	(void)state;
	assert_int_equal(record(&house, &id), OK);
	memcpy(alice,
	       store_fake_row(house.bench->rows, row_of(&house, STORE_OWNER, 0), NULL)
		       ->key.bytes,
	       ID_BYTES);
	clock_fake_pass(&house.bench->clock, 1000);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob",
					  "battery staple", NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, bob, "bob", "battery staple"));
	for (unsigned i = 2; i < OWNER_WRAPS_MAX; i++) { /* more than an item holds */
		assert_true(str_format(name, sizeof(name), "number %u", i));
		assert_string_equal(add_key(&house, name, "battery staple"), "");
	}
	assert_string_equal(end_all(&house, house.alice, "alice"), "STILL_OWNER");
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_owner_remove,
					      &leave),
			    "");
	assert_string_equal(end_all(&house, house.alice, "bob"), "NAME_DIFFERS");
	assert_int_equal(play(&house, id), OK); /* removed, and may still listen */
	assert_int_equal(rows_of_alice(&house, STORE_WRAP, alice), OWNER_WRAPS_MAX);
	assert_string_equal(end_all(&house, house.alice, "Alice"), "");
	assert_int_equal(rows_of_alice(&house, STORE_WRAP, alice), 0);
	assert_int_equal(rows_of_alice(&house, STORE_KEK, alice), 0);
	assert_false(can_sign_in(&house, PASSPHRASE));
	assert_string_equal(end_all(&house, house.alice, "alice"), "NOT_SIGNED_IN");
	assert_int_equal(record(&house, &id), ERR_DENIED);
	desk_bench_restart(house.bench);
	assert_int_equal(rows_of_alice(&house, STORE_KEK, alice), 0);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	assert_int_equal(record(&house, &id), ERR_DENIED);
	desk_bench_destroy(house.bench);
}

/* --- certificates ----------------------------------------------------------------------- */

static void add_bob(struct house *house)
{
	clock_fake_pass(&house->bench->clock, 1000);
	assert_true(desk_bench_make_owner(house->bench, house->alice, "bob",
					  "battery staple", NULL, NULL));
}

/* A room with a key of its own. */
static void add_keyed_room(struct house *house, uint8_t number)
{
	struct wire_room_set set = {.room = "attic", .capabilities = MAY_ALL};
	uint8_t key[POLICY_KEY_BYTES] = {number};

	assert_int_equal(key_to_text(key, set.key), OK);
	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_room_set,
					      &set),
			    "");
}

static bool attic_is_revoked(struct house *house)
{
	static struct policy policy;

	desk_bench_policy(house->bench, house->hub, &policy);
	assert_non_null(policy_room(&policy, "attic"));
	return policy_room(&policy, "attic")->is_revoked;
}

static size_t count_rows(const struct house *house, enum store_space space)
{
	size_t count = 0;

	while (has_row(house, space, count))
		count++;
	return count;
}

/* What verify says: "" for a whole journal. */
static const char *verify(struct house *house)
{
	static const struct wire_verify_get get;
	static char trouble[256];
	const struct wire_message *message;

	while (desk_bench_take(house->alice))
		;
	desk_bench_say(house->bench, house->alice, WIRE_verify_get, &get);
	desk_bench_settle(house->bench);
	do {
		message = desk_bench_take(house->alice);
		assert_non_null(message);
	} while (message->type != WIRE_verified);
	assert_true(str_copy(trouble, sizeof(trouble), message->verified.trouble));
	assert_int_equal(message->verified.whole, trouble[0] == '\0');
	assert_string_equal(message->verified.wrong,
			    trouble[0] == '\0' ? "nothing" : "certificate");
	return trouble;
}

static void each_key_of_the_house_is_certified(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 1);
	add_bob(&house);
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 2);
	add_keyed_room(&house, 1);
	add_keyed_room(&house, 1); /* the same needs no other */
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 3);
	assert_string_equal(verify(&house), "");
	restart(&house);
	assert_string_equal(desk_trouble(house.bench->desk), "");
	assert_false(attic_is_revoked(&house));
	assert_string_equal(verify(&house), "");
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 3);
	desk_bench_destroy(house.bench);
}

/* Rows in the order of their keys: alice's and bob's, then the room's. */
static size_t certificate_of(const struct house *house, const char *owner)
{
	struct owner read;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	size_t n = 0;

	seal_sign_pair(secret_view(house->bench->seed), public_key);
	for (;; n++) {
		const struct store_row *row =
			store_fake_row(house->bench->rows, row_of(house, STORE_OWNER, n),
				       NULL);

		assert_int_equal(owner_read(house->bench->household, public_key,
					    row->value, row->size, &read),
				 OK);
		if (str_equal(read.name, owner))
			return row_of(house, STORE_CERTIFICATE, n);
	}
}

static void an_owner_without_one_stops_the_house(void **state)
{
	static const char *const names[] = {"alice", "bob"};

	(void)state;
	for (size_t who = 0; who < STR_COUNT(names); who++) {
		struct house house = make_house();
		uint8_t *value;

		add_bob(&house);
		(void)store_fake_row(house.bench->rows,
				     certificate_of(&house, names[who]), &value);
		value[200] ^= 1;
		desk_bench_restart(house.bench);
		/* Without alice's own, nobody has one that counts, as in a house of before:
		 * below. */
		assert_int_equal(desk_state_of(house.bench->desk),
				 who == 0 ? DESK_READY : DESK_BROKEN);
		value[200] ^= 1;
		desk_bench_restart(house.bench);
		assert_int_equal(desk_state_of(house.bench->desk), DESK_READY);
		store_fake_remove(house.bench->rows, certificate_of(&house, names[who]));
		desk_bench_restart(house.bench);
		assert_int_equal(desk_state_of(house.bench->desk),
				 who == 0 ? DESK_READY : DESK_BROKEN);
		desk_bench_destroy(house.bench);
	}
}

/* By a wrap that was made when there were certificates. */
static void without_any_a_house_is_not_old(void **state)
{
	struct house house = make_house();

	(void)state;
	add_bob(&house);
	store_fake_remove(house.bench->rows, certificate_of(&house, "alice"));
	desk_bench_restart(house.bench);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	(void)desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	assert_string_equal(desk_trouble(house.bench->desk),
			    "the certificates of this house were removed; restore "
			    "keeper.db from a backup");
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 1);
	desk_bench_destroy(house.bench);
}

/* Somebody who has the keeper's own key makes an owner, and has nobody's word for it. */
static void put_mallory(struct house *house, const char *by, const char *passphrase)
{
	const struct owner_request request = {.household = house->bench->household,
					      .name = "mallory",
					      .passphrase = "let me in now",
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed =
						      secret_view(house->bench->seed)};
	static struct rand_fake dice;
	const struct rand rand = rand_fake_init(&dice, 77);
	uint8_t bytes[CERTIFICATE_STORE_KEY_BYTES_MAX];
	uint8_t value[CERTIFICATE_ROW_BYTES];
	struct certificate certificate;
	struct owner_view *view = NULL;
	struct owner_made made;
	struct store_row row;

	assert_int_equal(owner_create(&request, &rand, &made), OK);
	row = (struct store_row){.value = made.row, .size = made.row_size};
	row.key =
		desk_key(house->bench->desk, STORE_OWNER, made.owner.id.bytes, ID_BYTES);
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
	if (by) {
		view = desk_bench_view(house->bench, by, passphrase);
	} else {
		static struct clock_fake ticks;
		const struct clock clock = clock_fake_init(&ticks);

		assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE,
					      made.wraps[0], OWNER_WRAP_BYTES,
					      request.passphrase, &clock, &view),
				 OK);
	}
	certificate = certificate_of_owner(&made.owner);
	assert_int_equal(certificate_make(view, request.keeper_seed, &certificate, value),
			 OK);
	row = (struct store_row){.value = value, .size = sizeof(value)};
	row.key = desk_key(house->bench->desk, STORE_CERTIFICATE, bytes,
			   certificate_store_key(&certificate, bytes));
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
	owner_view_destroy(view);
}

static void nobody_makes_themselves_an_owner(void **state)
{
	struct house house = make_house();

	(void)state;
	put_mallory(&house, NULL, NULL);
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	desk_bench_destroy(house.bench);
	/* With alice's word it is another matter, though verify still names it. */
	house = make_house();
	put_mallory(&house, "alice", PASSPHRASE);
	restart(&house);
	assert_string_equal(verify(&house),
			    "a certificate is not the one that the journal tells of");
	desk_bench_destroy(house.bench);
}

static void exchanged_ones_stop_the_house(void **state)
{
	struct house house = make_house();

	(void)state;
	add_bob(&house);
	store_fake_swap_values(house.bench->rows, certificate_of(&house, "alice"),
			       certificate_of(&house, "bob"));
	desk_bench_restart(house.bench);
	/* Neither counts, and whoever signs in certifies nothing anew. */
	assert_false(house.bench->desk->has_certificates);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	(void)desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	desk_bench_destroy(house.bench);
}

static void a_room_without_one_is_not_let_in(void **state)
{
	struct house house = make_house();

	(void)state;
	add_keyed_room(&house, 1);
	restart(&house);
	assert_false(attic_is_revoked(&house));
	store_fake_remove(house.bench->rows, row_of(&house, STORE_CERTIFICATE, 1));
	restart(&house);
	assert_true(desk_trouble(house.bench->desk)[0] != '\0');
	assert_true(attic_is_revoked(&house));
	add_keyed_room(&house, 1); /* named again, it is */
	assert_false(attic_is_revoked(&house));
	restart(&house);
	assert_string_equal(desk_trouble(house.bench->desk), "");
	assert_false(attic_is_revoked(&house));
	desk_bench_destroy(house.bench);
}

static void a_house_of_before_is_certified_at_sign_in(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	add_bob(&house);
	add_keyed_room(&house, 1);
	assert_int_equal(record(&house, &id), OK);
	desk_bench_age(house.bench, "alice", PASSPHRASE);
	desk_bench_restart(house.bench);
	assert_false(house.bench->desk->has_certificates);
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 0);
	sign_in(&house);
	desk_bench_settle(house.bench);
	assert_true(house.bench->desk->has_certificates);
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 3);
	assert_string_equal(verify(&house), "");
	restart(&house);
	assert_string_equal(desk_trouble(house.bench->desk), "");
	assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 3);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* Cut short: what is there is begun again by whoever signs in next. */
static void a_beginning_that_was_cut_short_is_begun_again(void **state)
{
	struct house house = make_house();

	(void)state;
	add_bob(&house);
	add_keyed_room(&house, 1);
	for (size_t good = 1; good < 5; good++) {
		struct desk_bench_link *bob;

		desk_bench_age(house.bench, "alice", PASSPHRASE);
		desk_bench_age(house.bench, "bob", "battery staple");
		desk_bench_restart(house.bench);
		store_fake_fail_after(house.bench->rows, good, ERR_LIMIT, false);
		bob = desk_bench_link(house.bench, DESK_OWNER);
		(void)desk_bench_unlock(house.bench, bob, "bob", "battery staple");
		desk_bench_settle(house.bench);
		store_fake_heal(house.bench->rows);
		restart(&house);
		desk_bench_settle(house.bench);
		assert_true(house.bench->desk->has_certificates);
		assert_int_equal(count_rows(&house, STORE_CERTIFICATE), 3);
		restart(&house);
		assert_string_equal(desk_trouble(house.bench->desk), "");
	}
	desk_bench_destroy(house.bench);
}

static void verify_holds_them_against_the_journal(void **state)
{
	struct house house = make_house();
	uint8_t *value;
	size_t at;

	(void)state;
	add_bob(&house);
	at = row_of(&house, STORE_CERTIFICATE, 0);
	(void)store_fake_row(house.bench->rows, at, &value);
	value[90] ^= 1;
	assert_string_equal(verify(&house), "a certificate was changed or removed");
	value[90] ^= 1;
	assert_string_equal(verify(&house), "");
	store_fake_remove(house.bench->rows, at);
	assert_string_equal(verify(&house), "a certificate was changed or removed");
	desk_bench_destroy(house.bench);
}

/* Somebody who has the keeper's key and an owner's view writes one that was never said. */
static void one_that_the_journal_does_not_tell_of_is_named(void **state)
{
	struct house house = make_house();
	struct owner_view *view = desk_bench_view(house.bench, "alice", PASSPHRASE);
	struct certificate certificate = {.kind = CERTIFICATE_DEVICE,
					  .household = house.bench->household,
					  .sign_public = {9}};
	uint8_t bytes[CERTIFICATE_STORE_KEY_BYTES_MAX];
	uint8_t value[CERTIFICATE_ROW_BYTES];
	struct store_row row = {.value = value, .size = sizeof(value)};

	(void)state;
	assert_int_equal(certificate_make(view, secret_view(house.bench->seed),
					  &certificate, value),
			 OK);
	owner_view_destroy(view);
	row.key = desk_key(house.bench->desk, STORE_CERTIFICATE, bytes,
			   certificate_store_key(&certificate, bytes));
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	restart(&house);
	assert_string_equal(verify(&house),
			    "a certificate is not the one that the journal tells of");
	desk_bench_destroy(house.bench);
}

/* A row that the keeper's key signed, but with other public keys than the certified ones. */
static void exchanged_public_keys_seal_nothing(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	house.bench->desk->owners[0].box_public[0] ^= 1;
	assert_int_equal(record(&house, &id), ERR_AUTH);
	house.bench->desk->owners[0].box_public[0] ^= 1;
	assert_int_equal(record(&house, &id), OK);
	house.bench->desk->owners[0].sign_public[0] ^= 1;
	assert_int_equal(play(&house, id), ERR_AUTH);
	house.bench->desk->owners[0].sign_public[0] ^= 1;
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_comes_with_a_key),
		cmocka_unit_test(its_end_is_the_end_of_all_before),
		cmocka_unit_test(an_unfinished_recording_ends_with_it),
		cmocka_unit_test(an_end_that_is_not_written_is_none),
		cmocka_unit_test(a_house_of_before_gets_one),
		cmocka_unit_test(a_changed_one_is_not_sealed_to),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(what_is_nobodys_is_left_alone),
		cmocka_unit_test(a_passphrase_is_changed),
		cmocka_unit_test(further_passphrases_come_and_go),
		cmocka_unit_test(the_last_one_stays),
		cmocka_unit_test(a_recovery_code_replaces_a_lost_passphrase),
		cmocka_unit_test(a_change_signs_out_others),
		cmocka_unit_test(what_is_not_written_changes_nothing),
		cmocka_unit_test(a_damaged_one_is_shown_and_removed),
		cmocka_unit_test(anothers_row_lets_nobody_in),
		cmocka_unit_test(who_leaves_can_end_it_all),
		cmocka_unit_test(each_key_of_the_house_is_certified),
		cmocka_unit_test(an_owner_without_one_stops_the_house),
		cmocka_unit_test(without_any_a_house_is_not_old),
		cmocka_unit_test(nobody_makes_themselves_an_owner),
		cmocka_unit_test(exchanged_ones_stop_the_house),
		cmocka_unit_test(a_room_without_one_is_not_let_in),
		cmocka_unit_test(a_house_of_before_is_certified_at_sign_in),
		cmocka_unit_test(a_beginning_that_was_cut_short_is_begun_again),
		cmocka_unit_test(verify_holds_them_against_the_journal),
		cmocka_unit_test(one_that_the_journal_does_not_tell_of_is_named),
		cmocka_unit_test(exchanged_public_keys_seal_nothing),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("desk_keys", tests, NULL, NULL);
}
