/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_keeper - the real behest-keeper: killed again and again while a ledger outside
 * remembers what it acknowledged; searched byte by byte for what it must not show; and
 * met by the hub's own side of the wire.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/keep_wire.h"
#include "adapter/link_unix.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/rand_fake.h"

enum {
	KILLS = 25,
	PER_LIFE = 24, /* messages sent between two kills */
	SAMPLES = 20000,
	START_MS = 30000,
	ANSWER_MS = 30000,
	LEDGER_MAX = KILLS * PER_LIFE,
	FILE_BYTES_MAX = 64 * 1024 * 1024,
	LINE_BYTES = 2048,
};

static const char PASSPHRASE[] = "correct horse battery";
static const char WORDS[] = "please dim the velvet lantern";

struct keeper {
	char data[256];
	pid_t pid;
	char said[FILE_PATH_BYTES]; /* its stderr */
};

/* What was acknowledged. */
struct ledger {
	size_t turn_count;
	uint64_t turns[LEDGER_MAX];
	size_t record_count;
	struct record_id records[LEDGER_MAX];
};

static struct rand_fake dice;
static int16_t sound[SAMPLES];

/* --- the program ------------------------------------------------------------------------ */

static void path_in(const struct keeper *keeper, const char *name,
		    char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, keeper->data, name));
}

static pid_t spawn(const struct keeper *keeper, const char *said)
{
	char program[FILE_PATH_BYTES];
	const char *build = getenv("BEHEST_BUILD");
	pid_t pid;

	assert_true(file_join(program, sizeof(program), build ? build : "build",
			      "behest-keeper"));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(said, O_WRONLY | O_CREAT | O_APPEND, 0600);

		if (fd >= 0)
			(void)dup2(fd, 2);
		(void)execl(program, program, "--data", keeper->data, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static struct link_client *try_link(const struct keeper *keeper, enum wire_party party)
{
	struct link_client *client = NULL;
	struct err_note note = {.text = ""};
	char path[FILE_PATH_BYTES];
	bool is_hub = party == WIRE_PARTY_HUB;

	path_in(keeper, is_hub ? "run/keeper/hub.sock" : "run/keeper/owner.sock", path);
	if (link_client_open(path, is_hub ? WIRE_LINK_HUB_KEEPER : WIRE_LINK_OWNER_KEEPER,
			     party, "test", ANSWER_MS, &client, &note) != OK)
		return NULL;
	return client;
}

/* Waits until it greets; fails the test when it ends instead. */
static struct link_client *open_link(struct keeper *keeper, enum wire_party party)
{
	int64_t until_ms = loop_now_ms() + START_MS;
	struct link_client *client = try_link(keeper, party);

	while (!client && loop_now_ms() < until_ms) {
		assert_int_equal(waitpid(keeper->pid, NULL, WNOHANG), 0);
		(void)poll(NULL, 0, 10);
		client = try_link(keeper, party);
	}
	assert_non_null(client);
	return client;
}

static void start(struct keeper *keeper)
{
	keeper->pid = spawn(keeper, keeper->said);
}

static void kill_hard(struct keeper *keeper)
{
	assert_int_equal(kill(keeper->pid, SIGKILL), 0);
	assert_int_equal(waitpid(keeper->pid, NULL, 0), keeper->pid);
}

static int stop(struct keeper *keeper)
{
	int status = 0;

	assert_int_equal(kill(keeper->pid, SIGTERM), 0);
	assert_int_equal(waitpid(keeper->pid, &status, 0), keeper->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void begin(struct keeper *keeper)
{
	assert_true(str_copy(keeper->data, sizeof(keeper->data),
			     "/tmp/behest-keeper-XXXXXX"));
	assert_non_null(mkdtemp(keeper->data));
	assert_true(
		str_format(keeper->said, sizeof(keeper->said), "%s.log", keeper->data));
	start(keeper);
}

static void remove_files(const char *folder)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	char path[FILE_PATH_BYTES];

	if (!open_folder)
		return;
	while ((entry = readdir(open_folder))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		(void)unlink(path); /* not a folder, or left for below */
	}
	(void)closedir(open_folder);
	(void)rmdir(folder);
}

static void end(struct keeper *keeper)
{
	static const char *const folders[] = {"run/keeper", "run", "keeper", "."};
	char path[FILE_PATH_BYTES];

	for (size_t i = 0; i < STR_COUNT(folders); i++) {
		path_in(keeper, folders[i], path);
		remove_files(path);
	}
	assert_int_equal(rmdir(keeper->data), 0);
	(void)unlink(keeper->said);
}

/* --- talking ---------------------------------------------------------------------------- */

/* What every hub is told that comes is passed over. */
static const struct wire_message *wait_for(struct link_client *client,
					   enum wire_type type)
{
	const struct wire_message *message = NULL;
	struct err_note note = {.text = ""};

	do
		assert_int_equal(link_client_wait(client, ANSWER_MS, &message, &note),
				 OK);
	while (message->type == WIRE_reach || message->type == WIRE_waiting);
	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

static void say(struct link_client *client, enum wire_type type, const void *fields)
{
	struct err_note note = {.text = ""};

	assert_int_equal(link_client_send(client, type, fields, &note), OK);
}

static struct link_client *sign_in(struct keeper *keeper)
{
	struct link_client *client = open_link(keeper, WIRE_PARTY_OWNER);
	struct wire_unlock unlock = {.owner = "alice"};

	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), PASSPHRASE));
	say(client, WIRE_unlock, &unlock);
	(void)wait_for(client, WIRE_unlocked);
	return client;
}

static void settle_house(struct keeper *keeper, char recovery[128])
{
	struct link_client *client = open_link(keeper, WIRE_PARTY_OWNER);
	struct wire_owner_create create = {.name = "alice"};
	const struct wire_room_set room = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	char path[FILE_PATH_BYTES];
	struct buf code;

	path_in(keeper, "keeper/owner.code", path);
	assert_int_equal(file_read(path, 64, &code, NULL), OK);
	assert_true(str_copy_bytes(create.code, sizeof(create.code), (char *)code.bytes,
				   code.size));
	str_trim(create.code);
	buf_finish(&code);
	assert_true(str_copy(create.passphrase, sizeof(create.passphrase), PASSPHRASE));
	say(client, WIRE_owner_create, &create);
	assert_true(
		str_copy(recovery, 128,
			 wait_for(client, WIRE_owner_created)->owner_created.recovery));
	assert_false(file_exists(path)); /* the code is void */
	link_client_close(client);
	client = sign_in(keeper);
	say(client, WIRE_room_set, &room);
	assert_int_equal(wait_for(client, WIRE_done)->done.err, OK);
	link_client_close(client);
}

static uint64_t new_turn(void)
{
	static uint64_t last;
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	last++;
	return ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) << 16 |
	       (last & 0xffff);
}

static enum err send_decided(struct link_client *client, uint64_t token, uint64_t turn)
{
	struct wire_append append = {.token = token};

	event_init(&append.event, EVENT_DECIDED, (struct turn_id){turn}, "kitchen",
		   (int64_t)(turn >> 16));
	event_add(&append.event, "decision", "act");
	event_add(&append.event, "action", "light.on");
	event_add(&append.event, "reason", "NONE");
	return link_client_send(client, WIRE_append, &append, NULL);
}

static enum err send_recording(struct link_client *client, uint64_t token, uint64_t turn)
{
	struct wire_seal_begin begin_ = {.token = token,
					 .turn = turn,
					 .room = "kitchen",
					 .samples = SAMPLES};
	const struct wire_seal_sound piece = {
		.token = token,
		.pcm = wire_from_samples((struct audio_span){sound, SAMPLES})};
	const struct wire_seal_end end_ = {.token = token};
	enum err err;

	assert_true(str_copy(begin_.transcript, sizeof(begin_.transcript), WORDS));
	err = link_client_send(client, WIRE_seal_begin, &begin_, NULL);
	if (err == OK)
		err = link_client_send(client, WIRE_seal_sound, &piece, NULL);
	if (err == OK)
		err = link_client_send(client, WIRE_seal_end, &end_, NULL);
	return err;
}

static bool is_whole(struct link_client *client)
{
	const struct wire_message *message;

	say(client, WIRE_verify_get, &(struct wire_verify_get){.unused = 0});
	message = wait_for(client, WIRE_verified);
	if (!message->verified.whole)
		print_message("%s\n", message->verified.trouble);
	return message->verified.whole;
}

static void expect_sound(struct link_client *client, struct record_id record)
{
	struct wire_play_get get;
	const struct wire_message *message = NULL;
	static int16_t heard[SAMPLES];
	size_t count = 0;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	say(client, WIRE_play_get, &get);
	while (link_client_wait(client, ANSWER_MS, &message, NULL) == OK &&
	       message->type == WIRE_play_sound)
		count += wire_to_samples(message->play_sound.pcm, heard + count,
					 SAMPLES - count);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	assert_int_equal(count, SAMPLES);
	assert_memory_equal(heard, sound, sizeof(sound));
}

/* --- killed at any moment --------------------------------------------------------------- */

/* Sends a mix, reads some of the answers, and kills it somewhere in between. */
static void live_and_die(struct keeper *keeper, struct ledger *ledger)
{
	struct link_client *client = open_link(keeper, WIRE_PARTY_HUB);
	uint64_t turns[PER_LIFE];
	uint32_t read_count = rand_fake_below(&dice, PER_LIFE + 1);
	const struct wire_message *message;

	for (uint64_t i = 0; i < PER_LIFE; i++) {
		turns[i] = new_turn();
		assert_int_equal(i % 6 == 5 ? send_recording(client, i, turns[i])
					    : send_decided(client, i, turns[i]),
				 OK);
	}
	for (uint32_t i = 0; i < read_count; i++) {
		message = wait_for(client, WIRE_done);
		assert_true(message->done.token < PER_LIFE);
		assert_int_equal(message->done.err, OK);
		if (message->done.token % 6 == 5)
			memcpy(ledger->records[ledger->record_count++].bytes,
			       message->done.record.bytes, ID_BYTES);
		else
			ledger->turns[ledger->turn_count++] = turns[message->done.token];
	}
	kill_hard(keeper);
	link_client_close(client);
}

static size_t count_missing(struct link_client *client, const struct ledger *ledger)
{
	const struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 1000};
	static bool found[LEDGER_MAX];
	const struct wire_message *message = NULL;
	size_t missing = 0;

	memset(found, 0, sizeof(found));
	say(client, WIRE_history_get, &get);
	while (link_client_wait(client, ANSWER_MS, &message, NULL) == OK &&
	       message->type == WIRE_history_row) {
		for (size_t i = 0; i < ledger->turn_count; i++)
			found[i] =
				found[i] || ledger->turns[i] == message->history_row.turn;
	}
	assert_int_equal(message->type, WIRE_end);
	for (size_t i = 0; i < ledger->turn_count; i++)
		missing += !found[i];
	return missing;
}

static void killed_at_any_moment_it_loses_nothing_acknowledged(void **state)
{
	struct keeper keeper;
	static struct ledger ledger;
	struct link_client *client;
	char recovery[128];

	(void)state;
	begin(&keeper);
	settle_house(&keeper, recovery);
	for (size_t i = 0; i < KILLS; i++) {
		live_and_die(&keeper, &ledger);
		start(&keeper);
	}
	client = sign_in(&keeper);
	assert_true(is_whole(client));
	assert_true(ledger.turn_count > KILLS && ledger.record_count > 0);
	assert_int_equal(count_missing(client, &ledger), 0);
	for (size_t i = 0; i < ledger.record_count; i++)
		expect_sound(client, ledger.records[i]);
	link_client_close(client);
	assert_int_equal(stop(&keeper), 0);
	end(&keeper);
}

/* --- searched byte by byte -------------------------------------------------------------- */

struct needle {
	const void *bytes;
	size_t size;
};

static void search_file(const char *path, const struct needle *needles, size_t count)
{
	struct buf buf;

	assert_int_equal(file_read(path, FILE_BYTES_MAX, &buf, NULL), OK);
	for (size_t i = 0; i < count; i++) {
		if (buf.size > 0 &&
		    memmem(buf.bytes, buf.size, needles[i].bytes, needles[i].size))
			fail_msg("%s holds needle %zu", path, i);
	}
	buf_finish(&buf);
}

/* All files of the folder and of the keeper's below it; how many there were. */
static size_t search_files(const struct keeper *keeper, const struct needle *needles,
			   size_t count)
{
	static const char *const folders[] = {".", "run/keeper", "keeper"};
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct dirent *entry;
	struct stat status;
	size_t files = 0;

	for (size_t i = 0; i < STR_COUNT(folders); i++) {
		DIR *open_folder;

		path_in(keeper, folders[i], folder);
		open_folder = opendir(folder);
		assert_non_null(open_folder);
		while ((entry = readdir(open_folder))) {
			assert_true(file_join(path, sizeof(path), folder, entry->d_name));
			assert_int_equal(lstat(path, &status), 0);
			if (!S_ISREG(status.st_mode))
				continue;
			search_file(path, needles, count);
			files++;
		}
		(void)closedir(open_folder);
	}
	return files;
}

static void no_file_shows_sound_words_or_keys(void **state)
{
	struct keeper keeper;
	struct link_client *hub;
	char recovery[128];
	const uint8_t *bytes = (const uint8_t *)sound;
	const struct needle needles[] = {
		{bytes, 12},
		{bytes + 16000, 12},
		{bytes + sizeof(sound) - 12, 12},
		{WORDS, 12},
		{"velvet lantern", 14},
		{"lantern", 7},
		{PASSPHRASE, 12},
		{recovery, 11},
		{recovery + 12, 11},
		{"light.on", 8}, /* the journal's bodies */
	};

	(void)state;
	begin(&keeper);
	settle_house(&keeper, recovery);
	hub = open_link(&keeper, WIRE_PARTY_HUB);
	assert_int_equal(send_decided(hub, 1, new_turn()), OK);
	assert_int_equal(send_recording(hub, 2, new_turn()), OK);
	assert_int_equal(wait_for(hub, WIRE_done)->done.err, OK);
	assert_int_equal(wait_for(hub, WIRE_done)->done.err, OK);
	/* While it runs: database, its log, key, lock. */
	assert_true(search_files(&keeper, needles, STR_COUNT(needles)) >= 4);
	link_client_close(hub);
	assert_int_equal(stop(&keeper), 0);
	assert_true(search_files(&keeper, needles, STR_COUNT(needles)) >= 3);
	end(&keeper);
}

/* --- starting wrongly ------------------------------------------------------------------- */

/* Its exit status; the line it said is left in line. */
static int run_to_end(const char *data, char line[LINE_BYTES])
{
	struct keeper keeper;
	struct buf said;
	int status = 0;

	assert_true(str_copy(keeper.data, sizeof(keeper.data), data));
	assert_true(
		str_copy(keeper.said, sizeof(keeper.said), "/tmp/behest-said-XXXXXX"));
	assert_int_not_equal(close(mkstemp(keeper.said)), -1);
	start(&keeper);
	assert_int_equal(waitpid(keeper.pid, &status, 0), keeper.pid);
	assert_int_equal(file_read(keeper.said, LINE_BYTES - 1, &said, NULL), OK);
	assert_true(str_copy_bytes(line, LINE_BYTES, (char *)said.bytes, said.size));
	buf_finish(&said);
	(void)unlink(keeper.said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void a_second_keeper_is_refused(void **state)
{
	struct keeper keeper;
	char line[LINE_BYTES];

	(void)state;
	begin(&keeper);
	link_client_close(open_link(&keeper, WIRE_PARTY_OWNER));
	assert_int_equal(run_to_end(keeper.data, line), 1);
	assert_non_null(strstr(line, "another keeper"));
	assert_int_equal(count_lines(line), 1);
	link_client_close(open_link(&keeper, WIRE_PARTY_OWNER)); /* the first goes on */
	assert_int_equal(stop(&keeper), 0);
	end(&keeper);
}

static void a_folder_that_cannot_be_written_gives_one_line(void **state)
{
	char line[LINE_BYTES];

	(void)state;
	assert_int_equal(run_to_end("/dev/null/house", line), 1);
	assert_non_null(strstr(line, "/dev/null/house"));
	assert_int_equal(count_lines(line), 1);
}

static void a_lost_or_damaged_key_file_is_named(void **state)
{
	struct keeper keeper;
	char path[FILE_PATH_BYTES];
	char line[LINE_BYTES];

	(void)state;
	begin(&keeper);
	link_client_close(open_link(&keeper, WIRE_PARTY_OWNER));
	assert_int_equal(stop(&keeper), 0);
	path_in(&keeper, "keeper/keeper.key", path);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(run_to_end(keeper.data, line), 1);
	assert_non_null(strstr(line, "keeper.key: damaged"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run_to_end(keeper.data, line), 1);
	assert_non_null(strstr(line, "keeper.key is missing"));
	assert_int_equal(count_lines(line), 1);
	end(&keeper);
}

/* --- the hub's side --------------------------------------------------------------------- */

struct hub {
	struct loop *loop;
	struct keep keep;
	size_t done_count;
	enum err err;
	struct event_id event;
	struct record_id record;
	size_t changed_count;
};

static void hub_done(void *context, uint64_t token, enum err err, struct event_id event,
		     struct record_id record)
{
	struct hub *hub = context;

	(void)token;
	hub->done_count++;
	hub->err = err;
	hub->event = event;
	hub->record = record;
}

static void hub_changed(void *context)
{
	((struct hub *)context)->changed_count++;
}

static bool has_policy(struct hub *hub)
{
	return keep_is_up(&hub->keep) && keep_policy(&hub->keep)->has_owner;
}

static bool is_down(struct hub *hub)
{
	return !keep_is_up(&hub->keep);
}

static bool is_done(struct hub *hub)
{
	return hub->done_count > 0;
}

static void run_until(struct hub *hub, bool (*reached)(struct hub *hub))
{
	int64_t until_ms = loop_now_ms() + START_MS;

	while (!reached(hub) && loop_now_ms() < until_ms)
		assert_int_equal(loop_run_once(hub->loop, 100), OK);
	assert_true(reached(hub));
}

static void the_hub_survives_its_keeper(void **state)
{
	struct keeper keeper;
	struct hub hub = {.loop = NULL};
	const struct keep_listener listener = {.context = &hub,
					       .done = hub_done,
					       .changed = hub_changed};
	struct err_note note = {.text = ""};
	const struct keep_recording recording = {.turn = {new_turn()},
						 .room = "kitchen",
						 .sound = {sound, SAMPLES},
						 .transcript = WORDS};
	struct link_client *client;
	struct record_id record;
	struct event event;
	char path[FILE_PATH_BYTES];
	char recovery[128];

	(void)state;
	begin(&keeper);
	settle_house(&keeper, recovery);
	path_in(&keeper, "run/keeper/hub.sock", path);
	assert_int_equal(loop_create(&hub.loop), OK);
	assert_int_equal(keep_wire_create(hub.loop, path, &listener, &hub.keep, &note),
			 OK);
	run_until(&hub, has_policy);
	assert_non_null(policy_room(keep_policy(&hub.keep), "kitchen"));
	assert_int_equal(keep_seal(&hub.keep, &recording, 7), OK);
	run_until(&hub, is_done);
	assert_int_equal(hub.err, OK);
	assert_true(hub.event.value > 0 && !id_is_none(hub.record.bytes));
	record = hub.record;
	kill_hard(&keeper);
	event_init(&event, EVENT_DECIDED, recording.turn, "kitchen", 0);
	hub.done_count = 0;
	if (keep_append(&hub.keep, &event, 8) == OK) { /* the loss is not yet noticed */
		run_until(&hub, is_done);
		assert_int_equal(hub.err, ERR_CLOSED);
	}
	run_until(&hub, is_down);
	assert_int_equal(keep_append(&hub.keep, &event, 9), ERR_CLOSED);
	start(&keeper);
	run_until(&hub, has_policy);
	hub.done_count = 0;
	assert_int_equal(keep_append(&hub.keep, &event, 10), OK);
	run_until(&hub, is_done);
	assert_int_equal(hub.err, OK);
	client = sign_in(&keeper);
	expect_sound(client, record);
	link_client_close(client);
	keep_close(&hub.keep);
	loop_destroy(hub.loop);
	assert_int_equal(stop(&keeper), 0);
	end(&keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment_it_loses_nothing_acknowledged),
		cmocka_unit_test(no_file_shows_sound_words_or_keys),
		cmocka_unit_test(a_second_keeper_is_refused),
		cmocka_unit_test(a_folder_that_cannot_be_written_gives_one_line),
		cmocka_unit_test(a_lost_or_damaged_key_file_is_named),
		cmocka_unit_test(the_hub_survives_its_keeper),
	};
	struct rand rand = rand_fake_init(&dice, rand_fake_seed());

	(void)signal(SIGPIPE, SIG_IGN);
	rand_fill(&rand, (uint8_t *)sound, sizeof(sound));
	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
