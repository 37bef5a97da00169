/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vault_kills - a real behest-keeper is killed a thousand times, at random moments of
 * taking recordings and events in, and of its own starts; an outside ledger remembers what
 * it acknowledged. Afterwards all of that is there and opens, and the journal is whole.
 *
 * Prints its seed and takes it back in BEHEST_SEED; BEHEST_ROUNDS makes it longer: after
 * each thousand the ledger is compared and a new house begins. kill -9 keeps what the kernel
 * has; losing power is for tests/fault/test_power.c.
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
#include <unistd.h>

#include "adapter/link_unix.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/journal_reader.h"
#include "e2e/process.h"
#include "folder.h"

enum {
	ROUNDS = 1000,
	ROUNDS_OF_HOUSE = 1000,
	PER_ROUND = 16,
	RECORDING_EVERY = 4,
	START_EVERY = 10, /* killed once more while it starts */
	LIFE_US_MAX = 12000,
	START_US_MAX = 30000,
	SAMPLES = 6000, /* 12 KB */
	ANSWER_MS = 30000,
	STEP_MS = 1,
	LEDGER_MAX = ROUNDS_OF_HOUSE * PER_ROUND,
};

static const char PASSPHRASE[] = "correct horse battery";
static int16_t sound[SAMPLES];

/* What was acknowledged. */
static struct {
	size_t event_count;
	struct {
		uint64_t turn;
		uint64_t place;
	} events[LEDGER_MAX];
	size_t record_count;
	struct record_id records[LEDGER_MAX];
} ledger;

static struct {
	char data[64];
	char log[80];
	pid_t pid;
	uint64_t token;
	size_t starts;
	int64_t start_ms_max;
	int64_t start_ms_sum;
} keeper;

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

/* --- the program ------------------------------------------------------------------------ */

static void start_keeper(void)
{
	const char *const words[] = {process_program("behest-keeper"), "--data",
				     keeper.data, NULL};

	keeper.pid = process_start(words, keeper.log);
}

static void kill_keeper(void)
{
	const int status = process_end(&keeper.pid, SIGKILL);

	/* It must not have ended by itself before. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static struct link_client *link_to(const char *socket, enum wire_link kind,
				   enum wire_party party)
{
	const int64_t began_ms = loop_now_ms();
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];
	int status = 0;

	assert_true(file_join(path, sizeof(path), keeper.data, socket));
	while (link_client_open(path, kind, party, "test", ANSWER_MS, &client, NULL) !=
	       OK) {
		assert_false(process_is_over(&keeper.pid, &status));
		assert_true(loop_now_ms() - began_ms < ANSWER_MS);
		(void)poll(NULL, 0, STEP_MS);
	}
	return client;
}

/* Waits for it to be there, and remembers how long that was. */
static struct link_client *link_of_hub(void)
{
	const int64_t began_ms = loop_now_ms();
	struct link_client *client =
		link_to("run/keeper/hub.sock", WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB);
	const int64_t took_ms = loop_now_ms() - began_ms;

	keeper.starts++;
	keeper.start_ms_sum += took_ms;
	if (took_ms > keeper.start_ms_max)
		keeper.start_ms_max = took_ms;
	return client;
}

static struct link_client *link_of_owner(void)
{
	return link_to("run/keeper/owner.sock", WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER);
}

static const struct wire_message *ask(struct link_client *client, enum wire_type type,
				      const void *fields)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
	assert_int_equal(link_client_wait(client, ANSWER_MS, &message, NULL), OK);
	return message;
}

static struct link_client *sign_in(void)
{
	struct link_client *client = link_of_owner();
	struct wire_unlock unlock = {.owner = "alice"};

	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), PASSPHRASE));
	assert_int_equal(ask(client, WIRE_unlock, &unlock)->type, WIRE_unlocked);
	return client;
}

/* --- a house ---------------------------------------------------------------------------- */

static void make_owner(void)
{
	struct link_client *client = link_of_owner();
	struct wire_owner_create create = {.name = "alice"};
	char path[FILE_PATH_BYTES];
	struct buf code;

	assert_true(file_join(path, sizeof(path), keeper.data, "keeper/owner.code"));
	assert_int_equal(file_read(path, 64, &code, NULL), OK);
	assert_true(str_copy_bytes(create.code, sizeof(create.code), (char *)code.bytes,
				   code.size));
	str_trim(create.code);
	buf_finish(&code);
	assert_true(str_copy(create.passphrase, sizeof(create.passphrase), PASSPHRASE));
	assert_int_equal(ask(client, WIRE_owner_create, &create)->type,
			 WIRE_owner_created);
	link_client_close(client);
}

static void begin_house(void)
{
	const struct wire_room_set room = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	const struct wire_message *message;
	struct link_client *client;

	memset(&ledger, 0, sizeof(ledger));
	memset(&keeper, 0, sizeof(keeper));
	assert_true(
		str_copy(keeper.data, sizeof(keeper.data), "/tmp/behest-kills-XXXXXX"));
	assert_non_null(mkdtemp(keeper.data));
	assert_true(str_format(keeper.log, sizeof(keeper.log), "%s.log", keeper.data));
	start_keeper();
	make_owner();
	client = sign_in();
	message = ask(client, WIRE_room_set, &room);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
	link_client_close(client);
}

/* --- a round ---------------------------------------------------------------------------- */

static bool is_recording(uint64_t token)
{
	return token % RECORDING_EVERY == 0;
}

static uint64_t turn_of(uint64_t token)
{
	return (uint64_t)1700000000000 << 16 | token;
}

static void send_event(struct link_client *client, uint64_t token)
{
	static struct wire_append append;

	append.token = token;
	event_init(&append.event, EVENT_DECIDED, (struct turn_id){turn_of(token)},
		   "kitchen", 1);
	event_add(&append.event, "decision", "act");
	event_add(&append.event, "action", "light.on");
	event_add(&append.event, "reason", "NONE");
	assert_int_equal(link_client_send_append(client, &append, NULL), OK);
}

static void send_recording(struct link_client *client, uint64_t token)
{
	const struct wire_seal_begin begin = {.token = token,
					      .turn = turn_of(token),
					      .room = "kitchen",
					      .transcript = "turn the lantern on",
					      .samples = SAMPLES};
	const struct wire_seal_sound piece = {
		.token = token,
		.pcm = wire_from_samples((struct audio_span){sound, SAMPLES})};

	assert_int_equal(link_client_send_seal_begin(client, &begin, NULL), OK);
	assert_int_equal(link_client_send_seal_sound(client, &piece, NULL), OK);
	assert_int_equal(link_client_send_seal_end(
				 client, &(struct wire_seal_end){.token = token}, NULL),
			 OK);
}

/* Takes what was confirmed until the keeper is gone. */
static void take_confirmed(struct link_client *client)
{
	const struct wire_message *message = NULL;

	while (link_client_wait(client, ANSWER_MS, &message, NULL) == OK) {
		if (message->type != WIRE_done || message->done.err != OK)
			continue;
		if (is_recording(message->done.token)) {
			memcpy(ledger.records[ledger.record_count++].bytes,
			       message->done.record.bytes, ID_BYTES);
			continue;
		}
		ledger.events[ledger.event_count].turn = turn_of(message->done.token);
		ledger.events[ledger.event_count].place = message->done.event;
		ledger.event_count++;
	}
	link_client_close(client);
}

static void live_and_die(void)
{
	struct link_client *client = link_of_hub();

	for (size_t i = 0; i < PER_ROUND; i++) {
		keeper.token++;
		if (is_recording(keeper.token))
			send_recording(client, keeper.token);
		else
			send_event(client, keeper.token);
	}
	wait_us(random_below(LIFE_US_MAX));
	kill_keeper();
	take_confirmed(client);
}

/* --- comparing -------------------------------------------------------------------------- */

static void expect_sound(struct link_client *client, struct record_id record)
{
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get = {0};

	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	message = ask(client, WIRE_play_get, &get);
	assert_int_equal(message->type, WIRE_play_sound);
	assert_int_equal(wire_to_samples(message->play_sound.pcm, heard, SAMPLES),
			 SAMPLES);
	assert_memory_equal(heard, sound, sizeof(sound));
	assert_int_equal(link_client_wait(client, ANSWER_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_end);
}

static void check_recordings(void)
{
	struct link_client *client = sign_in();
	const struct wire_verify_get verify = {.unused = 0};
	const struct wire_message *message = ask(client, WIRE_verify_get, &verify);

	assert_int_equal(message->type, WIRE_verified);
	if (!message->verified.whole)
		fail_msg("the journal: %s", message->verified.trouble);
	for (size_t i = 0; i < ledger.record_count; i++)
		expect_sound(client, ledger.records[i]);
	link_client_close(client);
}

static void check_events(void)
{
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];

	assert_true(file_join(folder, sizeof(folder), keeper.data, "keeper"));
	journal_copy_read(&journal, folder);
	for (size_t i = 0; i < ledger.event_count; i++) {
		const uint64_t place = ledger.events[i].place;

		if (place == 0 || place > journal.count)
			fail_msg("entry %" PRIu64 " was confirmed and is gone", place);
		assert_int_equal(journal_copy_at(&journal, place)->turn.value,
				 ledger.events[i].turn);
	}
	journal_copy_finish(&journal);
}

static void end_house(void)
{
	check_recordings();
	assert_int_equal(process_end(&keeper.pid, SIGTERM), 0);
	check_events();
	print_message("%zu events and %zu recordings were confirmed, and all are there; "
		      "ready after %.1f ms, %" PRId64 " at most\n",
		      ledger.event_count, ledger.record_count,
		      (double)keeper.start_ms_sum / (double)keeper.starts,
		      keeper.start_ms_max);
	assert_true(ledger.event_count > 0 && ledger.record_count > 0);
	(void)folder_remove(keeper.data);
	(void)unlink(keeper.log);
}

static void killed_at_any_moment_it_loses_nothing(void **state)
{
	const uint64_t rounds = number_from("BEHEST_ROUNDS", ROUNDS);

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	begin_house();
	for (uint64_t i = 1; i <= rounds; i++) {
		live_and_die();
		start_keeper();
		if (i % START_EVERY == 0) {
			wait_us(random_below(START_US_MAX));
			kill_keeper();
			start_keeper();
		}
		if (i % ROUNDS_OF_HOUSE == 0 && i < rounds) {
			end_house();
			begin_house();
		}
	}
	end_house();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment_it_loses_nothing),
	};

	luck = number_from("BEHEST_SEED", (uint64_t)time(NULL));
	print_message("BEHEST_SEED=%" PRIu64 "\n", luck);
	return cmocka_run_group_tests_name("vault_kills", tests, NULL, NULL);
}
