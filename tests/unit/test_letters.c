/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters: what was approved and nothing else goes out, again and again until the server has
 * said something for good, and always under the same name.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/memo_form.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/mail_fake.h"
#include "folder.h"
#include "gate/letters.h"

enum { SOUND_BYTES = 100000, PIECE_BYTES = 64000 };

struct bench {
	char folder[64];
	char path[96];
	struct clock_fake clock;
	struct mail_fake *fake;
	struct mail mail;
	struct ledger *ledger;
	struct letters *letters;
	struct letters_parts parts;
	struct action action;
	struct contact contact;
	uint8_t sound[SOUND_BYTES];
	enum err fetch_err;
	unsigned fetched;
	uint64_t token; /* of the last fetch */
	unsigned told;
	struct proposal_id last_id;
	enum err last_err;
};

static enum err fetch(void *context, uint64_t token, struct proposal_id id)
{
	struct bench *bench = context;

	(void)id;
	bench->fetched++;
	bench->token = token;
	return bench->fetch_err;
}

static void carried(void *context, struct proposal_id id, enum err err)
{
	struct bench *bench = context;

	bench->told++;
	bench->last_id = id;
	bench->last_err = err;
}

static void mailed(void *context, uint64_t token, const struct delivery *result)
{
	const struct bench *bench = context;

	letters_mailed(bench->letters, token, result);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(bench->folder, sizeof(bench->folder),
			     "/tmp/behest-letters-XXXXXX"));
	assert_non_null(mkdtemp(bench->folder));
	assert_true(
		str_format(bench->path, sizeof(bench->path), "%s/ledger", bench->folder));
	assert_int_equal(ledger_open(bench->path, &bench->ledger, NULL), OK);
	assert_int_equal(mail_fake_create((struct mail_listener){bench, mailed},
					  &bench->fake),
			 OK);
	bench->mail = mail_fake_mail(bench->fake);
	bench->parts = (struct letters_parts){.clock = clock_fake_init(&bench->clock),
					      .ledger = bench->ledger,
					      .mail = &bench->mail,
					      .language = "en",
					      .from_name = "Our house",
					      .fetch = fetch,
					      .carried = carried,
					      .context = bench};
	assert_int_equal(letters_create(&bench->parts, &bench->letters), OK);
	for (size_t i = 0; i < SOUND_BYTES; i++)
		bench->sound[i] = (uint8_t)(i * 7 + i / 251);
	bench->action = (struct action){.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};
	assert_int_equal(seal_sha256(&(struct seal_part){bench->sound, SOUND_BYTES}, 1,
				     bench->action.body),
			 OK);
	bench->contact = (struct contact){.name = "Anna",
					  .kind = CONTACT_MAIL,
					  .address = "anna@example.org"};
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	int failed;

	letters_destroy(bench->letters);
	mail_fake_destroy(bench->fake);
	ledger_close(bench->ledger);
	failed = folder_remove(bench->folder);
	free(bench);
	return failed;
}

static void take(struct bench *bench, uint8_t id)
{
	const struct proposal_id proposal = {{id}};

	letters_take(bench->letters, proposal, &bench->action, &bench->contact);
}

/* The keeper's answer to the last question. */
static void answer(struct bench *bench)
{
	size_t at = 0;

	for (; SOUND_BYTES - at > PIECE_BYTES; at += PIECE_BYTES)
		letters_sound(bench->letters, bench->token, bench->sound + at,
			      PIECE_BYTES, false);
	letters_sound(bench->letters, bench->token, bench->sound + at, SOUND_BYTES - at,
		      true);
	letters_fetched(bench->letters, bench->token, OK);
}

static void server_says(struct bench *bench, enum delivery_outcome outcome, unsigned code)
{
	const struct delivery result = {.outcome = outcome, .code = code, .words = "x"};

	assert_true(mail_fake_answer(bench->fake, &result));
}

static bool in_ledger(const struct bench *bench, uint8_t id, enum err *out_outcome)
{
	return ledger_find(bench->ledger, (struct proposal_id){{id}}, out_outcome);
}

static void it_goes_out_as_it_was_approved(void **state)
{
	struct bench *bench = *state;
	const struct mail_fake_sent *sent;
	enum err outcome = ERR_IO;

	take(bench, 1);
	assert_int_equal(bench->fetched, 1);
	answer(bench);
	assert_int_equal(mail_fake_count(bench->fake), 1);
	sent = mail_fake_sent(bench->fake, 0);
	assert_string_equal(sent->id, "01000000000000000000000000000000");
	assert_string_equal(sent->to, "anna@example.org");
	assert_string_equal(sent->to_name, "Anna");
	assert_string_equal(sent->subject, "Voice message from Our house");
	assert_int_equal(sent->sound_size, SOUND_BYTES);
	assert_memory_equal(sent->sound, bench->sound, SOUND_BYTES);
	assert_int_equal(bench->told, 0);
	server_says(bench, DELIVERY_ACCEPTED, 250);
	assert_int_equal(bench->told, 1);
	assert_int_equal(bench->last_err, OK);
	assert_int_equal(bench->last_id.bytes[0], 1);
	assert_true(in_ledger(bench, 1, &outcome));
	assert_int_equal(outcome, OK);
}

/* Only what no further try changes is written down. */
static void how_it_ended_is_told(void **state)
{
	static const struct {
		enum delivery_outcome outcome;
		unsigned code;
		enum err err;
		bool is_final;
	} rows[] = {
		{DELIVERY_ACCEPTED, 250, OK, true},
		{DELIVERY_REFUSED, 550, ERR_DENIED, true},
		{DELIVERY_REFUSED, 535, ERR_IO, false}, /* a wrong password */
		{DELIVERY_LATER, 451, ERR_IO, false},
		{DELIVERY_UNKNOWN, 0, ERR_TIMEOUT, false},
	};
	struct bench *bench = *state;
	enum err outcome;

	for (uint8_t i = 0; i < STR_COUNT(rows); i++) {
		take(bench, i + 1);
		answer(bench);
		server_says(bench, rows[i].outcome, rows[i].code);
		assert_int_equal(bench->told, i + 1);
		assert_int_equal(bench->last_err, rows[i].err);
		assert_int_equal(in_ledger(bench, i + 1, &outcome), rows[i].is_final);
	}
}

static void told_again_it_has_the_same_name(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 0; i < 2; i++) {
		take(bench, 1);
		answer(bench);
		server_says(bench, DELIVERY_UNKNOWN, 0);
		clock_fake_pass(&bench->clock, LETTERS_PAUSE_MS);
	}
	assert_int_equal(mail_fake_count(bench->fake), 2);
	assert_string_equal(mail_fake_sent(bench->fake, 0)->id,
			    mail_fake_sent(bench->fake, 1)->id);
}

/* Told every half minute, it is tried after 30 s, 60 s, and in the end once an hour. */
static void it_is_tried_less_and_less_often(void **state)
{
	struct bench *bench = *state;
	int64_t pause_ms = LETTERS_PAUSE_MS;

	for (unsigned tries = 1; tries <= 10; tries++) {
		take(bench, 1);
		assert_int_equal(bench->fetched, tries);
		answer(bench);
		server_says(bench, DELIVERY_LATER, 451);
		assert_int_equal(bench->last_err, ERR_IO);
		clock_fake_pass(&bench->clock, pause_ms - 1);
		take(bench, 1);
		assert_int_equal(bench->last_err, ERR_BUSY);
		assert_int_equal(bench->fetched, tries);
		clock_fake_pass(&bench->clock, 1);
		pause_ms = pause_ms * 2 < LETTERS_PAUSE_MAX_MS ? pause_ms * 2
							       : LETTERS_PAUSE_MAX_MS;
	}
	take(bench, 2); /* another waits for none of it */
	assert_int_equal(bench->fetched, 11);
}

static void what_nobody_knows_is_not_tried_for_ever(void **state)
{
	struct bench *bench = *state;
	enum err outcome = OK;

	for (unsigned i = 1; i <= LETTERS_UNKNOWN_MAX; i++) {
		assert_false(in_ledger(bench, 1, &outcome));
		take(bench, 1);
		answer(bench);
		server_says(bench, DELIVERY_UNKNOWN, 0);
		assert_int_equal(bench->last_err,
				 i < LETTERS_UNKNOWN_MAX ? ERR_TIMEOUT : ERR_EXISTS);
		clock_fake_pass(&bench->clock, LETTERS_PAUSE_MAX_MS);
	}
	assert_true(in_ledger(bench, 1, &outcome));
	assert_int_equal(outcome, ERR_EXISTS);
	assert_int_equal(mail_fake_count(bench->fake), LETTERS_UNKNOWN_MAX);
}

static void more_than_can_be_put_off_are_sent(void **state)
{
	struct bench *bench = *state;

	for (uint8_t i = 1; i <= LETTERS_PUT_OFF_MAX + 1; i++) {
		take(bench, i);
		answer(bench);
		server_says(bench, DELIVERY_LATER, 451);
		clock_fake_pass(&bench->clock, 1);
	}
	take(bench, LETTERS_PUT_OFF_MAX + 1);
	assert_int_equal(bench->last_err, ERR_BUSY);
	take(bench, 2);
	assert_int_equal(bench->fetched, LETTERS_PUT_OFF_MAX + 1);
	take(bench, 1); /* the one that was forgotten */
	assert_int_equal(bench->fetched, LETTERS_PUT_OFF_MAX + 2);
}

static void while_it_is_under_way_it_is_not_begun_again(void **state)
{
	struct bench *bench = *state;

	take(bench, 1);
	take(bench, 1);
	answer(bench);
	take(bench, 1);
	assert_int_equal(bench->fetched, 1);
	assert_int_equal(mail_fake_count(bench->fake), 1);
	assert_int_equal(bench->told, 0);
}

static void another_sound_does_not_go_out(void **state)
{
	struct bench *bench = *state;

	take(bench, 1);
	bench->sound[SOUND_BYTES - 1] ^= 1;
	answer(bench);
	assert_int_equal(bench->last_err, ERR_AUTH);
	take(bench, 2); /* none at all */
	letters_fetched(bench->letters, bench->token, OK);
	assert_int_equal(bench->last_err, ERR_AUTH);
	take(bench, 3); /* not whole */
	bench->sound[SOUND_BYTES - 1] ^= 1;
	letters_sound(bench->letters, bench->token, bench->sound, SOUND_BYTES, false);
	letters_fetched(bench->letters, bench->token, OK);
	assert_int_equal(bench->last_err, ERR_AUTH);
	take(bench, 4); /* more behind its end */
	letters_sound(bench->letters, bench->token, bench->sound, SOUND_BYTES, true);
	letters_sound(bench->letters, bench->token, bench->sound, 1, true);
	assert_int_equal(bench->last_err, ERR_FORMAT);
	assert_int_equal(bench->told, 4);
	assert_int_equal(mail_fake_count(bench->fake), 0);
}

static void a_sound_has_an_end(void **state)
{
	struct bench *bench = *state;

	take(bench, 1);
	for (size_t size = 0; size + SOUND_BYTES <= MEMO_FORM_BYTES_MAX;
	     size += SOUND_BYTES)
		letters_sound(bench->letters, bench->token, bench->sound, SOUND_BYTES,
			      false);
	assert_int_equal(bench->told, 0);
	letters_sound(bench->letters, bench->token, bench->sound, SOUND_BYTES, false);
	assert_int_equal(bench->last_err, ERR_LIMIT);
	assert_int_equal(bench->told, 1);
}

static void what_the_keeper_does_not_have_is_told(void **state)
{
	struct bench *bench = *state;

	take(bench, 1);
	letters_fetched(bench->letters, bench->token + 1, ERR_MISSING); /* not ours */
	assert_int_equal(bench->told, 0);
	letters_fetched(bench->letters, bench->token, ERR_MISSING);
	assert_int_equal(bench->last_err, ERR_MISSING);
	take(bench, 2);
	letters_fetched(bench->letters, bench->token, ERR_DENIED);
	assert_int_equal(bench->last_err, ERR_IO);
	bench->fetch_err = ERR_CLOSED;
	take(bench, 3);
	assert_int_equal(bench->last_err, ERR_IO);
	assert_int_equal(bench->told, 3);
}

/* Nothing is told of it, for nobody is there to hear; it is told again. */
static void a_lost_keeper_leaves_nothing_half(void **state)
{
	struct bench *bench = *state;
	uint64_t before;

	take(bench, 1);
	before = bench->token;
	letters_sound(bench->letters, before, bench->sound, PIECE_BYTES, false);
	letters_lost(bench->letters);
	assert_int_equal(bench->told, 0);
	take(bench, 1);
	assert_int_equal(bench->fetched, 2);
	assert_true(bench->token != before);
	answer(bench);
	letters_lost(bench->letters); /* what is at the server already stays there */
	server_says(bench, DELIVERY_ACCEPTED, 250);
	assert_int_equal(bench->last_err, OK);
}

static void there_are_so_many_at_a_time(void **state)
{
	struct bench *bench = *state;

	for (uint8_t i = 0; i < LETTERS_MAX; i++)
		take(bench, i + 1);
	assert_int_equal(bench->told, 0);
	take(bench, 100);
	assert_int_equal(bench->last_err, ERR_BUSY);
	letters_lost(bench->letters);
	take(bench, 100);
	assert_int_equal(bench->told, 1);
}

static void an_address_that_is_none_is_refused_for_good(void **state)
{
	struct bench *bench = *state;
	enum err outcome = OK;

	assert_true(
		str_copy(bench->contact.address, sizeof(bench->contact.address), "anna"));
	take(bench, 1);
	answer(bench);
	assert_int_equal(bench->last_err, ERR_DENIED);
	assert_true(in_ledger(bench, 1, &outcome));
	assert_int_equal(outcome, ERR_DENIED);
}

static void without_a_server_nothing_is_fetched(void **state)
{
	struct bench *bench = *state;

	bench->mail.ops = NULL;
	take(bench, 1);
	assert_int_equal(bench->last_err, ERR_UNSUPPORTED);
	assert_int_equal(bench->fetched, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_goes_out_as_it_was_approved),
		TEST(how_it_ended_is_told),
		TEST(told_again_it_has_the_same_name),
		TEST(it_is_tried_less_and_less_often),
		TEST(what_nobody_knows_is_not_tried_for_ever),
		TEST(more_than_can_be_put_off_are_sent),
		TEST(while_it_is_under_way_it_is_not_begun_again),
		TEST(another_sound_does_not_go_out),
		TEST(a_sound_has_an_end),
		TEST(what_the_keeper_does_not_have_is_told),
		TEST(a_lost_keeper_leaves_nothing_half),
		TEST(there_are_so_many_at_a_time),
		TEST(an_address_that_is_none_is_refused_for_good),
		TEST(without_a_server_nothing_is_fetched),
	};

	return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
