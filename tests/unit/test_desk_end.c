/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_end - a household ends: who may, what they have to type, what is left, and that a
 * kill at any moment of it leads to the same end, with one receipt that can be checked.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "fake/store_fake.h"
#include "keeper/desk_inner.h"
#include "tlog/note.h"
#include "tlog/proof_text.h"

enum { SAMPLES = 3000, STEPS_MAX = 200 };

static const char PASSPHRASE[] = "correct horse";
static const enum store_space KEYS[] = {STORE_WRAP,   STORE_KEK,      STORE_BOX,
					STORE_BACKUP, STORE_MEMO_KEY, STORE_EPOCH,
					STORE_BOOK};

/* --- the house -------------------------------------------------------------------------- */

static size_t rows_in(const struct house *house, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++)
		count += store_fake_row(house->bench->rows, i, NULL)->key.space == space;
	return count;
}

static size_t keys_left(const struct house *house)
{
	size_t count = 0;

	for (size_t i = 0; i < STR_COUNT(KEYS); i++)
		count += rows_in(house, KEYS[i]);
	return count;
}

static void record(struct house *house, uint64_t number)
{
	static const int16_t sound[SAMPLES] = {1, 2, 3};

	house_forget(house->hub);
	desk_bench_seal(house->bench, house->hub, number,
			(uint64_t)house->bench->clock.wall_ms << 16 | number, "study",
			"turn on the light", sound, SAMPLES);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, number, NULL, NULL), OK);
	house_forget(house->hub);
}

/* A reminder, as the hub has it put into the house book. */
static void put_entry(struct house *house, uint8_t number)
{
	static const char BODY[] = "call the doctor";
	struct wire_book_put put = {.token = 70,
				    .kind = BOOK_REMINDER,
				    .body = {(const uint8_t *)BODY, strlen(BODY)}};

	put.id.bytes[0] = number;
	house_say(house, house->hub, WIRE_book_put, &put);
	assert_int_equal(desk_bench_done(house->hub, put.token, NULL, NULL), OK);
	house_forget(house->hub);
}

/* With recordings and a house book, and two who live there. */
static struct house make(void)
{
	struct house house = house_make();

	house_pass(&house, 1000); /* alice came first */
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	for (uint64_t i = 1; i <= 3; i++)
		record(&house, i);
	put_entry(&house, 1);
	put_entry(&house, 2);
	house_forget(house.alice);
	return house;
}

/* The names in the order in which the keeper has them. */
static struct wire_wipe_found found(struct house *house)
{
	house_forget(house->alice);
	house_say(house, house->alice, WIRE_wipe_ask,
		  &(struct wire_wipe_ask){.unused = 0});
	return house_expect(house->alice, WIRE_wipe_found)->wipe_found;
}

static void say_wipe(struct house *house, const char *name)
{
	struct wire_wipe_do asked = {.name = ""};

	must(str_copy(asked.name, sizeof(asked.name), name));
	house_forget(house->alice);
	desk_bench_say(house->bench, house->alice, WIRE_wipe_do, &asked);
}

/* Until the receipt is kept. */
static void go_on(struct house *house)
{
	for (size_t i = 0; i < STEPS_MAX && !house->bench->end.is_kept; i++) {
		desk_tick(house->bench->desk);
		desk_bench_settle(house->bench);
	}
	assert_true(house->bench->end.is_kept);
}

/* --- its receipt ------------------------------------------------------------------------ */

static size_t count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, words)); at++)
		count++;
	return count;
}

/* Signed, of both, and proved against the tree in which it is the last entry. */
static void expect_receipt(const struct house *house)
{
	const char *text = house->bench->end.receipt;
	const char *mark = strstr(text, "\n\n\xe2\x80\x94 ");
	const char *entry = strstr(text, "\nentry ");
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t leaf[SEAL_HASH_BYTES];
	char household[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	struct proof_text proof;
	struct merkle_head head;
	unsigned long place = 0;
	int at = 0;

	seal_sign_pair(secret_view(house->bench->seed), public_key);
	id_to_text(household, house->bench->household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	assert_non_null(mark);
	assert_non_null(entry);
	const struct note_key key = {name, NOTE_ED25519, public_key};
	assert_int_equal(note_read_line(&key, mark + 2, (size_t)(entry - mark - 2),
					signature, sizeof(signature)),
			 OK);
	assert_int_equal(seal_verify(public_key, text, (size_t)(mark + 1 - text),
				     signature),
			 OK);
	assert_non_null(strstr(text, "\nwhat the household\n"));
	assert_non_null(strstr(text, " alice\n"));
	assert_non_null(strstr(text, " bob\n"));
	assert_non_null(strstr(text, "\nbackup none\n"));
	assert_int_equal(count_of(text, "\nended "), 1);
	assert_int_equal(count_of(text, "\nentry "), 1);
	assert_int_equal(sscanf(entry, "\nentry %lu %n", &place, &at), 1);
	const char *line = strchr(entry + 1, '\n');
	assert_int_equal(seal_from_base64(entry + at, (size_t)(line - entry - at), leaf,
					  sizeof(leaf)),
			 OK);
	assert_int_equal(proof_text_check(house->bench->household, public_key, leaf,
					  line + 1, strlen(line + 1), &proof, &head),
			 OK);
	assert_int_equal(proof.index + 1, place);
	assert_int_equal(head.size, place); /* the last there is */
}

/* --- cases ------------------------------------------------------------------------------ */

static void only_the_exact_names(void **state)
{
	static const char *const wrong[] = {"",           "alice",
					    "bob",        "alice,bob",
					    "ALICE, BOB", "alice, bob, carol"};
	struct house house = make();
	struct wire_wipe_found who = found(&house);
	const size_t keys = keys_left(&house);

	(void)state;
	assert_int_equal(who.owners, 2);
	assert_true(str_equal(who.name, "alice, bob") ||
		    str_equal(who.name, "bob, alice"));
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		say_wipe(&house, wrong[i]);
		desk_bench_settle(house.bench);
		house_expect_refused(house.alice, "HOUSE_DIFFERS");
	}
	/* What cannot be written down is not begun. */
	house.bench->end.begin_err = ERR_IO;
	say_wipe(&house, who.name);
	desk_bench_settle(house.bench);
	house_expect_refused(house.alice, "NOT_WRITTEN");
	house_pass(&house, 10000);
	assert_int_equal(keys_left(&house), keys);
	record(&house, 9);
	desk_bench_destroy(house.bench);
}

static void nobody_who_is_removed_or_not_signed_in(void **state)
{
	struct house house = make();
	const struct wire_wipe_found who = found(&house);
	struct wire_wipe_do asked = {.name = ""};
	struct wire_owner_remove remove = {.name = "bob"};
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);

	(void)state;
	must(str_copy(asked.name, sizeof(asked.name), who.name));
	house_say(&house, bob, WIRE_wipe_do, &asked);
	house_expect_refused(bob, "NOT_SIGNED_IN");
	assert_true(desk_bench_unlock(house.bench, bob, "bob", PASSPHRASE));
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_owner_remove,
					      &remove),
			    "");
	house_forget(bob);
	house_say(&house, bob, WIRE_wipe_do, &asked);
	house_expect_refused(bob, "REMOVED");
	/* What was kept for him goes too, and is named. */
	assert_int_equal(found(&house).owners, 2);
	assert_false(house.bench->end.is_begun);
	desk_bench_destroy(house.bench);
}

static void every_key_is_gone_and_it_says_so(void **state)
{
	struct house house = make();
	const struct wire_wipe_found who = found(&house);
	const struct wire_message *message;
	size_t told = 0;

	(void)state;
	assert_true(keys_left(&house) >= 9);
	assert_int_equal(rows_in(&house, STORE_BOOK), 2);
	say_wipe(&house, who.name);
	desk_bench_settle(house.bench);
	go_on(&house);
	assert_int_equal(keys_left(&house), 0);
	expect_receipt(&house);
	while ((message = desk_bench_take(house.alice)) &&
	       message->type == WIRE_receipt) {
		assert_memory_equal(house.bench->end.receipt + told,
				    message->receipt.text.bytes,
				    message->receipt.text.size);
		told += message->receipt.text.size;
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(told, house.bench->end.receipt_size);
	/* Nobody is served, and nothing is written. */
	house_say(&house, house.alice, WIRE_history_get,
		  &(struct wire_history_get){.limit = 1});
	house_expect_refused(house.alice, "HOUSE_ENDS");
	const size_t entries = rows_in(&house, STORE_JOURNAL);
	desk_bench_append(house.bench, house.hub, 77, EVENT_WAKE, 5, "kitchen");
	house_pass(&house, 120000);
	assert_int_equal(rows_in(&house, STORE_JOURNAL), entries);
	assert_int_equal(keys_left(&house), 0);
	desk_bench_destroy(house.bench);
}

/* Killed behind each step of the store. */
static void a_kill_at_any_moment(void **state)
{
	size_t steps = 0;
	bool was_over = false;

	(void)state;
	for (; !was_over && steps < STEPS_MAX; steps++) {
		struct house house = make();
		const struct wire_wipe_found who = found(&house);

		say_wipe(&house, who.name);
		for (size_t i = 0; i < steps; i++) {
			if (store_fake_waiting(house.bench->rows) == 0)
				desk_tick(house.bench->desk);
			store_step(&house.bench->store);
		}
		was_over = house.bench->end.is_kept;
		assert_true(house.bench->end.is_begun);
		desk_bench_restart(house.bench);
		house.bench->end.is_kept = false; /* it was told again, and is the same */
		go_on(&house);
		assert_int_equal(keys_left(&house), 0);
		expect_receipt(&house);
		desk_bench_destroy(house.bench);
	}
	assert_true(was_over);
	assert_true(steps > 5);
}

/* A disk that is full for a while. */
static void the_receipt_is_kept_in_the_end(void **state)
{
	struct house house = make();
	const struct wire_wipe_found who = found(&house);

	(void)state;
	house.bench->end.keep_err = ERR_IO;
	say_wipe(&house, who.name);
	desk_bench_settle(house.bench);
	house_pass(&house, 10000);
	assert_null(desk_bench_take(house.alice));
	house.bench->end.keep_err = OK;
	go_on(&house);
	expect_receipt(&house);
	assert_int_equal(house_expect(house.alice, WIRE_receipt)->type, WIRE_receipt);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_exact_names),
		cmocka_unit_test(nobody_who_is_removed_or_not_signed_in),
		cmocka_unit_test(every_key_is_gone_and_it_says_so),
		cmocka_unit_test(a_kill_at_any_moment),
		cmocka_unit_test(the_receipt_is_kept_in_the_end),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
