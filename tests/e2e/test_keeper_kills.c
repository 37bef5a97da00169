/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_keeper_kills - the keeper is killed at random moments of typed and spoken turns,
 * again and again; then what the toy home did is compared with the journal, line by line.
 *
 * Prints its seed and takes it back in BEHEST_SEED; BEHEST_ROUNDS makes it longer. The
 * moments are random; what must hold holds at any of them. kill -9 keeps what the kernel
 * has; losing power is for the fault tests of the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/journal_reader.h"
#include "e2e/process.h"

enum {
	ROUNDS = 40,
	ROUNDS_MAX = 1000,
	SPOKEN_EVERY = 10,
	AWAY_EVERY = 4, /* requests while the keeper is dead */
	AWAY_REQUESTS = 4,
	TYPED_US_MAX = 12000,
	SPOKEN_US_MAX = 4000000,
	LATE_US_MAX = 8000,
	ASKED_MAX = 2 * ROUNDS_MAX + AWAY_REQUESTS,
	APPENDS = 12, /* in each round, beside the turn */
	PERCENT_MAX = 99,
};

static const char LAMP[] = "living room lamp";
static const char BEDROOM[] = "bedroom light";

static struct house house;

/* What was asked, and what the hub said of it. */
struct asked {
	const char *device;
	int percent; /* of the lamp */
	struct house_turn turn;
};
static struct asked asked[ASKED_MAX];
static size_t asked_count;

/* What the keeper said that it had written. */
struct acknowledged {
	uint64_t turn;
	uint64_t place;
};
static struct acknowledged acknowledged[ROUNDS_MAX * APPENDS];
static size_t acknowledged_count;
static uint64_t last_append;

/* --- luck ------------------------------------------------------------------------------- */

static uint64_t luck;

static uint32_t random_below(uint32_t limit)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(luck >> 33) % limit;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void wait_us(uint32_t us)
{
	const struct timespec pause = {.tv_sec = us / 1000000,
				       .tv_nsec = (long)(us % 1000000) * 1000};

	(void)nanosleep(&pause, NULL);
}

/* --- a round ---------------------------------------------------------------------------- */

static struct asked *next_asked(const char *device, int percent)
{
	struct asked *next = &asked[asked_count++];

	assert_true(asked_count <= ASKED_MAX);
	next->device = device;
	next->percent = percent;
	return next;
}

static void type_lamp(struct asked *what)
{
	char words[64];

	assert_true(str_format(words, sizeof(words), "set the %s to %d percent", LAMP,
			       what->percent));
	house_type(&house, words);
}

static void answer_of(struct asked *what)
{
	do {
		house_turn(&house, &what->turn);
	} while (what->turn.token != house.token);
}

/* A second one on the hub's socket, who only wants things written. */
static struct link_client *writer(void)
{
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.run, "keeper/hub.sock"));
	assert_int_equal(link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB,
					  "writer", HOUSE_WAIT_MS, &client, NULL),
			 OK);
	return client;
}

static void send_appends(struct link_client *client)
{
	for (size_t i = 0; i < APPENDS; i++) {
		static struct wire_append append;

		last_append++;
		append.token = last_append;
		event_init(&append.event, EVENT_WAKE_REJECTED,
			   (struct turn_id){last_append}, HOUSE_ROOM, 1);
		assert_int_equal(link_client_send_append(client, &append, NULL), OK);
	}
}

/* Takes what was confirmed until the keeper is gone. */
static void take_confirmed(struct link_client *client)
{
	const struct wire_message *message = NULL;

	while (link_client_wait(client, HOUSE_WAIT_MS, &message, NULL) == OK) {
		if (message->type != WIRE_done || message->done.err != OK)
			continue;
		acknowledged[acknowledged_count].turn = message->done.token;
		acknowledged[acknowledged_count].place = message->done.event;
		acknowledged_count++;
	}
	link_client_close(client);
}

static void kill_keeper(void)
{
	const int status = process_end(&house.keeper, SIGKILL);

	/* It must not have ended by itself before. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void typed_round(int percent)
{
	struct link_client *client = writer();
	struct asked *what = next_asked(LAMP, percent);

	send_appends(client);
	type_lamp(what);
	wait_us(random_below(TYPED_US_MAX));
	kill_keeper();
	take_confirmed(client);
	answer_of(what);
}

static void spoken_round(bool on)
{
	struct asked *what = next_asked(BEDROOM, on);

	house_speak(&house, on ? HOUSE_WORD ", turn on the bedroom light."
			       : HOUSE_WORD ", turn off the bedroom light.");
	wait_us(random_below(SPOKEN_US_MAX));
	kill_keeper();
	do {
		house_turn(&house, &what->turn);
	} while (what->turn.token != 0);
}

static void start_keeper(void)
{
	house_start_keeper(&house);
	house_wait_flag(&house, "keeper", true); /* the hub recovers by itself */
}

/* Nobody can write it down: it is not done, and said so. And while that is written later,
 * the keeper is killed again. */
static void away_round(int *percent)
{
	for (size_t i = 0; i < AWAY_REQUESTS; i++) {
		struct asked *what;

		*percent = *percent % PERCENT_MAX + 1;
		what = next_asked(LAMP, *percent);
		type_lamp(what);
		answer_of(what);
		assert_string_equal(what->turn.decision, "refuse");
		assert_string_equal(what->turn.reason, "JOURNAL_UNAVAILABLE");
		assert_non_null(strstr(what->turn.said, "can't write it down"));
	}
	start_keeper();
	wait_us(random_below(LATE_US_MAX));
	kill_keeper();
}

static void test_killed_at_any_moment(void **state)
{
	const uint64_t rounds = number_from("BEHEST_ROUNDS", ROUNDS);
	int percent = 0;
	bool on = false;

	(void)state;
	assert_true(rounds <= ROUNDS_MAX);
	for (uint64_t i = 0; i < rounds; i++) {
		percent = percent % PERCENT_MAX + 1;
		if (i % SPOKEN_EVERY == SPOKEN_EVERY - 1) {
			on = !on;
			spoken_round(on);
		} else {
			typed_round(percent);
		}
		if (i % AWAY_EVERY == AWAY_EVERY - 1)
			away_round(&percent);
		start_keeper();
	}
	house_wait_written(&house);
	/* And now everything works, without a word to the hub. */
	percent = percent % PERCENT_MAX + 1;
	struct asked *what = next_asked(LAMP, percent);

	type_lamp(what);
	answer_of(what);
	assert_string_equal(what->turn.reason, "NONE");
}

/* --- what the toy home did -------------------------------------------------------------- */

struct change {
	char device[64];
	int64_t at_ms;
	int percent; /* brightness, or on */
};
static struct change changes[2 * ASKED_MAX];
static size_t change_count;

static void take_line(const char *line, size_t size)
{
	struct json *json = NULL;
	const struct json_value *root;
	struct change *change = &changes[change_count];

	assert_int_equal(json_parse("toy", line, size, size + 1, &json, NULL), OK);
	root = json_root(json);
	if (str_equal(json_text(json_get(root, "event"), ""), "command")) {
		assert_true(str_copy(change->device, sizeof(change->device),
				     json_text(json_get(root, "device"), "")));
		change->at_ms = (int64_t)json_number(json_get(root, "at_ms"), 0);
		change->percent =
			str_equal(change->device, LAMP)
				? (int)json_number(json_get(root, "brightness"), -1)
				: str_equal(json_text(json_get(root, "state"), ""), "ON");
		change_count++;
		assert_true(change_count < STR_COUNT(changes));
	}
	json_destroy(json);
}

/* A command that was confirmed has reached the broker, and its line may still come. */
static void read_changes(size_t at_least)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const char *at;

	do {
		(void)fixture_toy_printed(&house.fixture, "nobody", "nothing");
		change_count = 0;
		at = (const char *)house.fixture.toy_printed.bytes;
		while (at && strchr(at, '\n')) {
			const size_t size = strcspn(at, "\n");

			take_line(at, size);
			at += size + 1;
		}
		(void)poll(NULL, 0, change_count < at_least ? HOUSE_STEP_MS : 0);
	} while (change_count < at_least && loop_now_ms() < until_ms);
	assert_true(change_count >= at_least);
}

/* --- comparing -------------------------------------------------------------------------- */

static bool was_done(const struct asked *what)
{
	return str_equal(what->turn.decision, "act") &&
	       str_equal(what->turn.reason, "NONE");
}

static size_t done_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < asked_count; i++)
		count += was_done(&asked[i]);
	return count;
}

/* The place of the decision to act in this turn, or 0. */
static uint64_t decision_to_act(const struct journal_copy *journal, uint64_t turn)
{
	for (size_t i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];

		if (event->turn.value == turn && event->kind == EVENT_DECIDED &&
		    str_equal(event_value(event, "decision"), "act"))
			return i + 1;
	}
	return 0;
}

static bool has_refusal(const struct journal_copy *journal, const struct asked *what)
{
	for (size_t i = 0; i < journal->count; i++) {
		const struct event *event = &journal->events[i];

		if (event->turn.value == what->turn.id && event->kind == EVENT_DECIDED &&
		    str_equal(event_value(event, "reason"), what->turn.reason))
			return true;
	}
	return false;
}

/* The next turn, from *next on, that asked for this and says that it was done. Changes
 * come in the order of their turns. */
static const struct asked *turn_of(const struct change *change, size_t *next)
{
	for (; *next < asked_count; (*next)++) {
		const struct asked *what = &asked[*next];

		if (was_done(what) && str_equal(what->device, change->device) &&
		    what->percent == change->percent) {
			(*next)++;
			return what;
		}
	}
	fail_msg("%s became %d, and no turn did that", change->device, change->percent);
	return NULL;
}

static void check_changes(const struct journal_copy *journal)
{
	size_t next = 0;

	for (size_t i = 0; i < change_count; i++) {
		const struct asked *what = turn_of(&changes[i], &next);
		const uint64_t decided = decision_to_act(journal, what->turn.id);

		if (decided == 0)
			fail_msg("%s became %d without a decision in the journal",
				 changes[i].device, changes[i].percent);
		assert_true(journal_copy_at(journal, decided)->at_ms <= changes[i].at_ms);
	}
	assert_int_equal(change_count, done_count()); /* nothing twice */
}

/* What the room did is written later if it must be, and never not at all. */
static void check_heard(const struct journal_copy *journal, uint64_t turn)
{
	assert_true(journal_copy_find(journal, turn, EVENT_WAKE) > 0);
	assert_true(journal_copy_find(journal, turn, EVENT_LEASE_OPENED) > 0);
	assert_true(journal_copy_find(journal, turn, EVENT_LEASE_CLOSED) > 0);
}

static void check_turns(const struct journal_copy *journal)
{
	size_t refused = 0;

	for (size_t i = 0; i < asked_count; i++) {
		const struct asked *what = &asked[i];
		const uint64_t turn = what->turn.id;
		const uint64_t done = journal_copy_find(journal, turn, EVENT_DONE);

		assert_false(what->turn.refused);
		if (what->turn.token == 0)
			check_heard(journal, turn);
		if (was_done(what)) {
			assert_int_equal(what->turn.done, 1);
			assert_true(decision_to_act(journal, turn) > 0);
			assert_true(done > decision_to_act(journal, turn));
			continue;
		}
		/* Spoken words may also be not believed. */
		if (what->turn.token != 0 &&
		    !str_equal(what->turn.reason, "JOURNAL_UNAVAILABLE"))
			fail_msg("request %zu, '%s': %s", i, what->turn.text,
				 what->turn.reason);
		else if (!str_equal(what->turn.reason, "JOURNAL_UNAVAILABLE"))
			print_message("spoken, and refused: %s\n", what->turn.reason);
		assert_string_equal(what->turn.decision, "refuse");
		assert_int_equal(what->turn.done, 0);
		assert_true(has_refusal(journal, what));
		assert_int_equal(done, 0);
		refused++;
	}
	print_message("%zu turns: %zu done, %zu not written and so not done\n",
		      asked_count, done_count(), refused);
	assert_true(refused > 0 && done_count() > 1);
}

static void check_acknowledged(const struct journal_copy *journal)
{
	for (size_t i = 0; i < acknowledged_count; i++) {
		const uint64_t place = acknowledged[i].place;

		if (place == 0 || place > journal->count)
			fail_msg("entry %" PRIu64 " was confirmed and is gone", place);
		assert_int_equal(journal_copy_at(journal, place)->turn.value,
				 acknowledged[i].turn);
	}
	print_message("%zu of %" PRIu64 " entries were confirmed, and all are there\n",
		      acknowledged_count, last_append);
	assert_true(acknowledged_count > 0);
}

static void check_recordings(const struct journal_copy *journal)
{
	static int16_t sound[HOUSE_SOUND_MAX];
	struct link_client *owner;
	size_t opened = 0;

	house_start_keeper(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	for (size_t i = 0; i < asked_count; i++) {
		size_t count = 0;

		if (!asked[i].turn.record[0])
			continue;
		assert_true(journal_copy_find(journal, asked[i].turn.id, EVENT_RECORDED) >
			    0);
		assert_int_equal(house_listen(owner, asked[i].turn.record, sound,
					      HOUSE_SOUND_MAX, &count),
				 OK);
		assert_true(count > AUDIO_HZ / 2);
		opened++;
	}
	print_message("%zu recordings were confirmed, and all open\n", opened);
	link_client_close(owner);
}

static void test_the_journal_tells_of_all_of_it(void **state)
{
	struct journal_copy journal;
	struct link_client *owner;
	char folder[FILE_PATH_BYTES];
	uint64_t entries;

	(void)state;
	house_wait_written(&house);
	read_changes(done_count());
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	entries = house_verify(owner);
	print_message("the journal is whole: %" PRIu64 " entries\n", entries);
	link_client_close(owner);
	house_stop_room(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	assert_true(file_join(folder, sizeof(folder), house.data, "keeper"));
	journal_copy_read(&journal, folder);
	assert_true(journal.count >= entries);
	check_turns(&journal);
	check_changes(&journal);
	check_acknowledged(&journal);
	check_recordings(&journal);
	journal_copy_finish(&journal);
}

/* --- all of it -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	const uint64_t seed = number_from("BEHEST_SEED", (uint64_t)time(NULL));

	(void)state;
	luck = seed;
	print_message("BEHEST_SEED=%" PRIu64 "\n", seed);
	house_begin(&house);
	house_up(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_any_moment),
		cmocka_unit_test(test_the_journal_tells_of_all_of_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
