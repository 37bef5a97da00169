/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message_steps - a voice message, and kill -9 in each step of its way: of the keeper,
 * of the hub, of both. What was acknowledged is there afterwards, nothing goes out twice or
 * without its whole hold, what was called off never opens, and what was only half done has
 * become one of the few things that a table states for it.
 *
 * Room and phone are the test's own, on the wire; keeper and hub are the real programs. One
 * house for all tests, in their order. Prints its seed and takes it back in BEHEST_SEED.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/loop.h"
#include "base/str.h"
#include "domain/proposal.h"
#include "e2e/journal_reader.h"
#include "e2e/process.h"
#include "e2e/spoken.h"
#include "fake/rand_fake.h"

enum {
	MESSAGES_MAX = 48,
	STEP_MS = 10,
	KILL_US_MAX = 5000,
	LISTEN_US_MAX = 1500, /* about what an answer takes */
	CANCEL_EVERY = 3,
	AT_ONCE = 3, /* messages whose holds end together */
	LISTENS = 4, /* kills while one is listened to */
	RECALLS = 4, /* and while one is recalled */
};

#define FRIEND "Alice Miller"

enum victim { KEEPER, HUB, BOTH, VICTIM_COUNT };
static const char *const VICTIMS[VICTIM_COUNT] = {"keeper", "hub", "both"};

static struct spoken_house all;
static struct spoken messages[MESSAGES_MAX];
static size_t message_count;
static struct rand_fake dice;
static char last_reason[32]; /* of the newest turn that the hub told of */

/* --- killing ---------------------------------------------------------------------------- */

static void wait_us(uint32_t us)
{
	const struct timespec pause = {.tv_nsec = (long)us * 1000};

	(void)nanosleep(&pause, NULL);
}

/* It must not have ended by itself before. */
static void kill_one(pid_t *pid)
{
	const int status = process_end(pid, SIGKILL);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The hub's link to the room is closed here: what it said and we did not read is lost with
 * it, as it is in a room. */
static void start_again(enum victim victim)
{
	wire_phone_close(&all.phone);
	if (victim != HUB)
		house_start_keeper(&all.house);
	if (victim != KEEPER)
		house_start_hub(&all.house);
	wire_phone_open(&all.phone);
	spoken_house_wait_hub(&all);
	if (victim != KEEPER)
		wire_room_open(&all.room, all.rooms_socket);
}

static void strike(enum victim victim)
{
	wait_us(rand_fake_below(&dice, KILL_US_MAX));
	if (victim != HUB)
		kill_one(&all.house.keeper);
	if (victim != KEEPER)
		kill_one(&all.house.hub);
	start_again(victim);
}

/* --- looking ---------------------------------------------------------------------------- */

/* All that the keeper said before it answered this has come. */
static void take_notices(void)
{
	assert_int_equal(wire_phone_list(&all.phone), OK);
}

static void take_turns(void)
{
	struct house_turn turn;

	json_destroy(house_status(&all.house)); /* behind what the hub told before */
	while (house_turn_within(&all.house, 0, &turn))
		(void)str_copy(last_reason, sizeof(last_reason), turn.reason);
}

static struct wire_phone_told *told_of(const struct spoken *message)
{
	return wire_phone_find(&all.phone, message->body);
}

static bool has_state(const struct spoken *message, const char *state)
{
	const struct wire_phone_told *told = told_of(message);

	return told && str_equal(told->state, state);
}

static void wait_state(const struct spoken *message, const char *state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!has_state(message, state)) {
		assert_true(wire_phone_poll(&all.phone));
		assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
		if (loop_now_ms() > until_ms)
			fail_msg("it never was %s", state);
	}
}

static bool is_over(const struct wire_phone_told *told)
{
	enum proposal_state state;

	assert_true(proposal_state_from_text(told->state, &state));
	return proposal_is_over(state);
}

/* What was told to be on its way is told of again by the keeper that came after. */
static void nothing_is_forgotten(void)
{
	for (size_t i = 0; i < all.phone.told_count; i++)
		if (!is_over(&all.phone.told[i]))
			assert_int_equal(all.phone.told[i].opening, all.phone.openings);
}

/* --- a message, and a kill in its way --------------------------------------------------- */

static struct spoken *new_message(void)
{
	struct spoken *message = &messages[message_count];

	assert_true(message_count < MESSAGES_MAX);
	spoken_make(message, &all, FRIEND, (unsigned)message_count);
	message_count++;
	return message;
}

/* Whatever the hub says last, so that the room waits for its name again. */
static void hear_the_end(void)
{
	if (all.room.say != 0)
		wire_room_heard(&all.room);
	(void)wire_room_wait_over(&all.room);
}

/* The room goes on, as far as the hub does. */
static void go_on(struct spoken *message, enum spoken_step from)
{
	for (enum spoken_step step = from; step < SPOKEN_STEP_COUNT; step++) {
		if (spoken_go(message, step))
			continue;
		if (all.room.link)
			hear_the_end();
		return;
	}
}

/* The state that its phone was told of, or the reason why there is none. */
static const char *outcome_of(const struct spoken *message)
{
	take_turns();
	take_notices();
	return told_of(message) ? told_of(message)->state : last_reason;
}

static void expect_outcome(const char *step, enum victim victim, const char *outcome,
			   const char *allowed)
{
	char word[40];

	print_message("%-12s %-7s %s\n", step, VICTIMS[victim], outcome);
	assert_true(str_format(word, sizeof(word), " %s ", outcome));
	if (!strstr(allowed, word))
		fail_msg("%s, and the %s killed: %s; expected one of%s", step,
			 VICTIMS[victim], outcome, allowed);
}

/* Tapped or called off, in turn: nothing of it is left to its five minutes. */
static void decide(const struct spoken *message)
{
	struct wire_phone_told *told = told_of(message);
	const size_t number = (size_t)(message - messages);

	if (!told || !str_equal(told->state, "asked"))
		return;
	(void)wire_phone_say(&all.phone, told,
			     number % CANCEL_EVERY == 0 ? APPROVAL_CANCEL
							: APPROVAL_APPROVE);
	assert_int_equal(wire_phone_wait_answer(&all.phone), OK);
	take_notices();
}

/* What may have become of it where the keeper, the hub or both were killed behind a step;
 * "gone" is nothing at all: nobody was told of it. */
static const char *const ALLOWED[SPOKEN_STEP_COUNT][VICTIM_COUNT] = {
	[SPOKEN_ASKED_FOR] = {" unreceipted held ", " gone ", " gone "},
	[SPOKEN_PROMPTED] = {" MEMO_LOST unreceipted held ", " gone ", " gone "},
	[SPOKEN_HALF] = {" MEMO_LOST unreceipted held ", " gone ", " gone "},
	[SPOKEN_SENT] = {" MEMO_LOST JOURNAL_UNAVAILABLE asked unreceipted held ",
			 " gone asked ", " gone asked "},
	[SPOKEN_PROPOSED] = {" asked ", " asked ", " asked "},
	[SPOKEN_SAID] = {" asked unreceipted held ", " asked unreceipted held ",
			 " asked unreceipted held "},
	[SPOKEN_ANSWERED] = {" unreceipted held ", " unreceipted held ",
			     " unreceipted held "},
};

static void killed_behind(enum spoken_step step, enum victim victim)
{
	struct spoken *message = new_message();

	for (enum spoken_step to = 0; to <= step; to++)
		if (!spoken_go(message, to))
			fail_msg("%s: the hub goes another way", spoken_step_text(to));
	(void)str_copy(last_reason, sizeof(last_reason), "gone");
	take_turns();
	(void)str_copy(last_reason, sizeof(last_reason), "gone");
	strike(victim);
	nothing_is_forgotten();
	if (victim == KEEPER)
		go_on(message, step + 1);
	expect_outcome(spoken_step_text(step), victim, outcome_of(message),
		       ALLOWED[step][victim]);
	decide(message);
}

static void killed_while_it_is_spoken(void **state)
{
	(void)state;
	for (enum spoken_step step = 0; step < SPOKEN_STEP_COUNT; step++)
		for (enum victim victim = 0; victim < VICTIM_COUNT; victim++)
			killed_behind(step, victim);
}

/* --- from the phrase to the hold -------------------------------------------------------- */

static void say_all(struct spoken *message)
{
	for (enum spoken_step step = 0; step < SPOKEN_STEP_COUNT; step++)
		if (!spoken_go(message, step))
			fail_msg("%s: the hub goes another way", spoken_step_text(step));
}

/* Nothing more: its phone keeps silent. */
static void wait_unreceipted(const struct spoken *message)
{
	wait_state(message, "unreceipted");
}

static void say_receipt(const struct spoken *message)
{
	wait_state(message, "unreceipted");
	assert_true(wire_phone_say(&all.phone, told_of(message), APPROVAL_RECEIPT));
}

static void wait_held(const struct spoken *message)
{
	say_receipt(message);
	wait_state(message, "held");
}

/* After a keeper that was killed every hold begins anew, with a receipt. */
static const struct {
	const char *text;
	void (*go)(const struct spoken *message);
	const char *allowed[VICTIM_COUNT];
} HOLDS[] = {
	{"unreceipted",
	 wait_unreceipted,
	 {" unreceipted ", " unreceipted ", " unreceipted "}},
	{"receipt", say_receipt, {" unreceipted ", " held ", " unreceipted "}},
	{"held", wait_held, {" unreceipted ", " held ", " unreceipted "}},
};

static void killed_while_it_is_held(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(HOLDS); i++) {
		for (enum victim victim = 0; victim < VICTIM_COUNT; victim++) {
			struct spoken *message = new_message();

			all.phone.gives_receipts = false;
			say_all(message);
			HOLDS[i].go(message);
			strike(victim);
			nothing_is_forgotten();
			expect_outcome(HOLDS[i].text, victim, outcome_of(message),
				       HOLDS[i].allowed[victim]);
			all.phone.gives_receipts = true;
			wire_phone_open(&all.phone); /* what waits is told again */
		}
	}
}

/* --- what came of it -------------------------------------------------------------------- */

static bool is_out(const struct spoken *message)
{
	return has_state(message, "sent") || has_state(message, "fetched");
}

static bool is_settled(const struct spoken *message)
{
	return !told_of(message) || is_out(message) || has_state(message, "cancelled") ||
	       has_state(message, "recalled");
}

static void wait_settled(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	for (size_t i = 0; i < message_count; i++) {
		while (!is_settled(&messages[i])) {
			assert_true(wire_phone_poll(&all.phone));
			assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
			if (loop_now_ms() > until_ms)
				fail_msg("message %zu stays %s", i,
					 told_of(&messages[i])->state);
		}
	}
}

static size_t rows_of(const struct spoken *message)
{
	const struct wire_phone_told *told = told_of(message);
	size_t count = 0;

	for (size_t i = 0; told && i < all.phone.row_count; i++)
		count +=
			memcmp(all.phone.rows[i].id.bytes, told->id.bytes, ID_BYTES) == 0;
	return count;
}

static void expect_sound(const struct spoken *message)
{
	struct buf sound;

	assert_true(wire_phone_ask_sound(&all.phone, told_of(message)->id));
	assert_int_equal(wire_phone_take_sound(&all.phone, &sound), OK);
	assert_int_equal(sound.size, message->size);
	assert_memory_equal(sound.bytes, message->opus, message->size);
	buf_finish(&sound);
}

static void expect_no_sound(const struct spoken *message)
{
	struct buf sound;

	assert_true(wire_phone_ask_sound(&all.phone, told_of(message)->id));
	assert_int_equal(wire_phone_take_sound(&all.phone, &sound), ERR_MISSING);
	assert_int_equal(sound.size, 0);
	buf_finish(&sound);
}

/* The hold is counted from a word of the phone that it had sent before. */
static void expect_held(const struct spoken *message)
{
	const struct wire_phone_told *told = told_of(message);

	assert_int_equal(told->ordered, 1);
	assert_true(told->ordered_ms - told->word_ms >= SPOKEN_HOLD_S * 1000);
}

/* Exactly those that are out lie there, each once and with its own sound. */
static void expect_what_came_of_it(void)
{
	size_t out = 0;

	assert_int_equal(wire_phone_list(&all.phone), OK);
	for (size_t i = 0; i < message_count; i++) {
		const struct spoken *message = &messages[i];

		assert_int_equal(rows_of(message), is_out(message) ? 1 : 0);
		out += is_out(message);
		if (is_out(message))
			expect_held(message);
		else if (told_of(message))
			expect_no_sound(message);
	}
	assert_int_equal(all.phone.row_count, out);
	print_message("%zu messages, %zu of them out\n", message_count, out);
}

static void each_is_out_once(void **state)
{
	(void)state;
	wait_settled();
	expect_what_came_of_it();
}

/* --- the end of the hold ---------------------------------------------------------------- */

/* Whichever comes first: the others' holds are over in the same moment, too. */
static void killed_at_the_end_of_the_hold(void **state)
{
	struct spoken *first = NULL;
	bool is_over = false;

	(void)state;
	for (size_t i = 0; i < AT_ONCE; i++) {
		first = i == 0 ? new_message() : first;
		all.phone.gives_receipts = false;
		say_all(i == 0 ? first : new_message());
	}
	all.phone.gives_receipts = true;
	wire_phone_open(&all.phone);
	while (!is_over) {
		assert_true(wire_phone_poll(&all.phone));
		assert_int_equal(loop_run_once(all.loop, 1), OK);
		for (size_t i = 0; i < AT_ONCE; i++)
			is_over = is_over || is_out(first + i);
	}
	strike(BOTH);
	nothing_is_forgotten();
	wait_settled();
	expect_what_came_of_it();
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_true(is_out(first + i));
}

/* --- while it is listened to, and recalled ---------------------------------------------- */

static struct spoken *out_and_new(void)
{
	for (size_t i = 0; i < message_count; i++)
		if (has_state(&messages[i], "sent"))
			return &messages[i];
	fail_msg("none is left");
	return NULL;
}

static bool is_heard(const struct spoken *message)
{
	for (size_t i = 0; i < all.phone.row_count; i++)
		if (memcmp(all.phone.rows[i].id.bytes, told_of(message)->id.bytes,
			   ID_BYTES) == 0)
			return all.phone.rows[i].is_heard != 0;
	fail_msg("it does not lie there");
	return false;
}

/* Not a byte of it leaves before it counts as heard; and it lies there still. */
static void killed_while_it_is_listened_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < LISTENS; i++) {
		struct spoken *message = out_and_new();
		struct buf sound;
		enum err err;

		assert_true(wire_phone_ask_sound(&all.phone, told_of(message)->id));
		wait_us(rand_fake_below(&dice, LISTEN_US_MAX));
		kill_one(&all.house.keeper);
		err = wire_phone_take_sound(&all.phone, &sound);
		start_again(KEEPER);
		take_notices();
		print_message("listened to: %s, %zu bytes came, then it is %s\n",
			      err_words(err), sound.size,
			      is_heard(message) ? "heard" : "new");
		if (sound.size > 0)
			assert_true(is_heard(message));
		buf_finish(&sound);
		expect_sound(message);
		take_notices();
		assert_true(has_state(message, "fetched"));
	}
	expect_what_came_of_it();
}

/* What the device was told to be recalled is; else it is recalled then. It never opens. */
static void killed_while_it_is_recalled(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECALLS; i++) {
		struct spoken *message = out_and_new();
		enum err err;

		assert_true(
			wire_phone_say(&all.phone, told_of(message), APPROVAL_CANCEL));
		wait_us(rand_fake_below(&dice, LISTEN_US_MAX));
		kill_one(&all.house.keeper);
		err = wire_phone_wait_answer(&all.phone);
		start_again(KEEPER);
		take_notices();
		print_message("recalled: %s, then it %s\n", err_words(err),
			      rows_of(message) ? "lies there" : "is gone");
		if (err == OK)
			assert_int_equal(rows_of(message), 0);
		if (rows_of(message)) {
			assert_true(wire_phone_say(&all.phone, told_of(message),
						   APPROVAL_CANCEL));
			assert_int_equal(wire_phone_wait_answer(&all.phone), OK);
		}
		expect_no_sound(message);
		assert_true(str_copy(told_of(message)->state,
				     sizeof(told_of(message)->state), "recalled"));
	}
	expect_what_came_of_it();
}

/* --- while a room plays them ------------------------------------------------------------ */

static size_t count_new(void)
{
	size_t count = 0;

	take_notices();
	for (size_t i = 0; i < all.phone.row_count; i++)
		count += all.phone.rows[i].is_heard == 0;
	return count;
}

static void ask_to_play(void)
{
	spoken_request(&all.room, &all.house.voice, "play my messages.");
	assert_true(wire_room_wait_say(&all.room));
	wire_room_heard(&all.room);
	assert_true(wire_room_wait_over(&all.room));
}

/* Who it is from; then, unless somebody is killed before, the message. */
static void begin_to_play(enum victim victim, bool is_sounding)
{
	ask_to_play();
	assert_true(wire_room_wait_say(&all.room));
	wire_room_heard(&all.room);
	if (is_sounding)
		assert_true(wire_room_wait_say(&all.room));
	strike(victim);
	if (victim == KEEPER) /* whoever goes away hears no more */
		wire_room_open(&all.room, all.rooms_socket);
}

/* A room is handed each once: what had sounded is not played again, what had not may have
 * been taken as heard, and lies with its listener's device. */
static void killed_while_a_room_plays_it(void **state)
{
	size_t left = count_new();

	(void)state;
	for (enum victim victim = 0; victim < VICTIM_COUNT; victim++) {
		for (int is_sounding = 0; is_sounding <= 1; is_sounding++) {
			const size_t before = left;

			begin_to_play(victim, is_sounding != 0);
			left = count_new();
			print_message("played, %-7s %s killed: %zu new, then %zu\n",
				      VICTIMS[victim],
				      is_sounding ? "in the middle" : "before", before,
				      left);
			assert_in_range(left, before - 1,
					is_sounding ? before - 1 : before);
			expect_what_came_of_it();
		}
	}
}

/* --- what is written -------------------------------------------------------------------- */

static size_t count_state(const struct journal_copy *journal,
			  const struct wire_phone_told *told, const char *state,
			  int64_t *out_at_ms)
{
	char id[ID_TEXT_BYTES];
	size_t count = 0;

	id_to_text(id, told->id.bytes);
	for (size_t i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];

		if (event->kind != EVENT_PROPOSAL ||
		    !str_equal(event_value(event, "proposal"), id) ||
		    !str_equal(event_value(event, "state"), state))
			continue;
		*out_at_ms = event->at_ms;
		count++;
	}
	return count;
}

/* By the keeper's own clock: out once, and not before the last hold was over. */
static void the_journal_says_the_same(void **state)
{
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];
	size_t ordered = 0;

	(void)state;
	house_wait_written(&all.house);
	wire_phone_close(&all.phone);
	wire_room_close(&all.room);
	house_stop_hub(&all.house);
	house_stop_keeper(&all.house);
	assert_true(file_join(folder, sizeof(folder), all.house.data, "keeper"));
	journal_copy_read(&journal, folder);
	for (size_t i = 0; i < all.phone.told_count; i++) {
		const struct wire_phone_told *told = &all.phone.told[i];
		int64_t held_ms = 0;
		int64_t ordered_ms = 0;

		assert_int_equal(count_state(&journal, told, "asked", &held_ms), 1);
		if (count_state(&journal, told, "ordered", &ordered_ms) == 0)
			continue;
		assert_int_equal(count_state(&journal, told, "ordered", &ordered_ms), 1);
		assert_true(count_state(&journal, told, "held", &held_ms) > 0);
		assert_true(ordered_ms - held_ms >= SPOKEN_HOLD_S * 1000);
		ordered++;
	}
	print_message("%zu were ordered by the journal\n", ordered);
	assert_true(ordered > 0);
	journal_copy_finish(&journal);
}

/* --- all of it -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	struct wire_contact contact = {.name = FRIEND,
				       .kind = "house",
				       .voice_allowed = 1};
	struct link_client *owner;

	(void)state;
	spoken_house_begin(&all);
	owner = house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	memcpy(contact.person.bytes, all.owner, ID_BYTES);
	spoken_house_add_contact(&all, owner, &contact);
	link_client_close(owner);
	spoken_house_wait_hub(&all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	spoken_house_end(&all);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_while_it_is_spoken),
		cmocka_unit_test(killed_while_it_is_held),
		cmocka_unit_test(each_is_out_once),
		cmocka_unit_test(killed_at_the_end_of_the_hold),
		cmocka_unit_test(killed_while_it_is_listened_to),
		cmocka_unit_test(killed_while_it_is_recalled),
		cmocka_unit_test(killed_while_a_room_plays_it),
		cmocka_unit_test(the_journal_says_the_same),
	};

	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("message_steps", tests, set_up, tear_down);
}
