/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_backup - behest backup and behest restore with the real keeper: while recordings go
 * on, onto a disk that fills, killed on either side, and never over a house.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "fake/rand_fake.h"
#include "folder.h"

enum {
	SAMPLES = 16000,
	RECORDS_MAX = 4096,
	FIRST = 40,
	WAIT_MS = 60000,
	KILLS = 12,
	FILE_BYTES_MAX = 256 * 1024 * 1024,
	NAMES_MAX = 64,
	TURN_SHIFT = 16,
};

static const char PASSPHRASE[] = "correct horse battery";

struct house {
	char folder[64];
	char data[128];
	char backup[128];
	char words[128]; /* the file with the passphrase */
	char log[128];
	pid_t keeper;
	size_t count;
	struct record_id records[RECORDS_MAX];
};

static int16_t sound[SAMPLES];

/* --- programs ---------------------------------------------------------------------------- */

static void path_in(const char *folder, const char *name, char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, folder, name));
}

static struct link_client *try_link(const struct house *house, enum wire_party party)
{
	const bool is_hub = party == WIRE_PARTY_HUB;
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];

	path_in(house->data, is_hub ? "run/keeper/hub.sock" : "run/keeper/owner.sock",
		path);
	return link_client_open(path,
				is_hub ? WIRE_LINK_HUB_KEEPER : WIRE_LINK_OWNER_KEEPER,
				party, "test", WAIT_MS, &client, NULL) == OK
		       ? client
		       : NULL;
}

static struct link_client *open_link(const struct house *house, enum wire_party party)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	struct link_client *client = try_link(house, party);

	while (!client && loop_now_ms() < until_ms) {
		(void)poll(NULL, 0, PROCESS_STEP_MS);
		client = try_link(house, party);
	}
	assert_non_null(client);
	return client;
}

static void start_keeper(struct house *house)
{
	const char *words[] = {process_program("behest-keeper"), "--data", house->data,
			       NULL};

	house->keeper = process_start(words, house->log);
	link_client_close(open_link(house, WIRE_PARTY_OWNER));
}

static void stop_keeper(struct house *house)
{
	assert_int_equal(process_end(&house->keeper, SIGTERM), 0);
}

/* behest with these words; "" ends them. Its exit status. */
static int behest(const struct house *house, struct process_ran *ran, const char *verb,
		  const char *operand, const char *const *more)
{
	const char *words[PROCESS_WORDS_MAX] = {process_program("behest"), verb};
	size_t count = 2;

	(void)house;
	if (operand)
		words[count++] = operand;
	for (size_t i = 0; more && more[i]; i++)
		words[count++] = more[i];
	process_run(words, WAIT_MS, ran);
	assert_false(ran->hung);
	return ran->status;
}

static int back_up(const struct house *house, struct process_ran *ran)
{
	const char *more[] = {
		"--data",     house->data, "--owner", "alice", "--passphrase-file",
		house->words, "--json",    NULL};

	return behest(house, ran, "backup", house->backup, more);
}

static int restore(const struct house *house, const char *data, struct process_ran *ran)
{
	const char *more[] = {
		"--data",     data,     "--owner", "alice", "--passphrase-file",
		house->words, "--json", NULL};

	return behest(house, ran, "restore", house->backup, more);
}

static void expect_back_up(const struct house *house)
{
	struct process_ran ran;

	if (back_up(house, &ran) != 0)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
}

/* --- talking ----------------------------------------------------------------------------- */

static const struct wire_message *wait_for(struct link_client *client,
					   enum wire_type type)
{
	const struct wire_message *message = NULL;

	do
		assert_int_equal(link_client_wait(client, WAIT_MS, &message, NULL), OK);
	while (message->type == WIRE_reach || message->type == WIRE_waiting);
	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

static void say(struct link_client *client, enum wire_type type, const void *fields)
{
	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
}

/* A keeper that has just begun has not read all its data yet, and says that it is busy. */
static struct link_client *sign_in(const struct house *house)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	struct link_client *client = open_link(house, WIRE_PARTY_OWNER);
	const struct wire_message *message = NULL;
	struct wire_unlock unlock = {.owner = "alice"};
	bool is_busy;

	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), PASSPHRASE));
	do {
		say(client, WIRE_unlock, &unlock);
		assert_int_equal(link_client_wait(client, WAIT_MS, &message, NULL), OK);
		is_busy =
			message->type == WIRE_refused && message->refused.err == ERR_BUSY;
		if (is_busy)
			(void)poll(NULL, 0, PROCESS_STEP_MS);
	} while (is_busy && loop_now_ms() < until_ms);
	assert_string_equal(wire_type_name(message->type), wire_type_name(WIRE_unlocked));
	return client;
}

static void settle_house(struct house *house)
{
	struct link_client *client = open_link(house, WIRE_PARTY_OWNER);
	struct wire_owner_create create = {.name = "alice"};
	const struct wire_room_set room = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	char path[FILE_PATH_BYTES];
	struct buf code;

	path_in(house->data, "keeper/owner.code", path);
	assert_int_equal(file_read(path, 64, &code, NULL), OK);
	assert_true(str_copy_bytes(create.code, sizeof(create.code), (char *)code.bytes,
				   code.size));
	str_trim(create.code);
	buf_finish(&code);
	assert_true(str_copy(create.passphrase, sizeof(create.passphrase), PASSPHRASE));
	say(client, WIRE_owner_create, &create);
	(void)wait_for(client, WIRE_owner_created);
	link_client_close(client);
	client = sign_in(house);
	say(client, WIRE_room_set, &room);
	assert_int_equal(wait_for(client, WIRE_done)->done.err, OK);
	link_client_close(client);
}

static uint64_t new_turn(void)
{
	static uint64_t last;

	return ((uint64_t)time(NULL) * 1000) << TURN_SHIFT | (++last & 0xffff);
}

static void send_recording(struct link_client *hub, uint64_t token)
{
	struct wire_seal_begin begin = {.token = token,
					.turn = new_turn(),
					.room = "kitchen",
					.samples = SAMPLES};
	const struct wire_seal_sound piece = {
		.token = token,
		.pcm = wire_from_samples((struct audio_span){sound, SAMPLES})};

	assert_true(str_copy(begin.transcript, sizeof(begin.transcript), "what time"));
	say(hub, WIRE_seal_begin, &begin);
	say(hub, WIRE_seal_sound, &piece);
	say(hub, WIRE_seal_end, &(struct wire_seal_end){.token = token});
}

static void record(struct house *house, size_t count)
{
	struct link_client *hub = open_link(house, WIRE_PARTY_HUB);

	for (size_t i = 0; i < count; i++) {
		const struct wire_message *message;

		send_recording(hub, house->count);
		message = wait_for(hub, WIRE_done);
		assert_int_equal(message->done.err, OK);
		memcpy(house->records[house->count].bytes, message->done.record.bytes,
		       ID_BYTES);
		house->count++;
	}
	link_client_close(hub);
}

static enum err play(struct link_client *alice, struct record_id record_)
{
	static int16_t heard[SAMPLES];
	struct wire_play_get get = {.unused = 0};
	const struct wire_message *message = NULL;
	size_t count = 0;

	memcpy(get.record.bytes, record_.bytes, ID_BYTES);
	say(alice, WIRE_play_get, &get);
	while (link_client_wait(alice, WAIT_MS, &message, NULL) == OK &&
	       message->type == WIRE_play_sound)
		count += wire_to_samples(message->play_sound.pcm, heard + count,
					 SAMPLES - count);
	assert_int_equal(message->type, WIRE_end);
	if (message->end.err == OK) {
		assert_int_equal(count, SAMPLES);
		assert_memory_equal(heard, sound, sizeof(heard));
	}
	return (enum err)message->end.err;
}

/* How many of the house's recordings open, all of the first ones among them; and the journal
 * is whole. */
static size_t count_opening(const struct house *house, size_t first)
{
	struct link_client *alice = sign_in(house);
	const struct wire_message *message;
	size_t count = 0;

	say(alice, WIRE_verify_get, &(struct wire_verify_get){.unused = 0});
	message = wait_for(alice, WIRE_verified);
	assert_string_equal(message->verified.trouble, "");
	assert_true(message->verified.whole);
	for (size_t i = 0; i < house->count; i++) {
		const enum err err = play(alice, house->records[i]);

		assert_true(err == OK || (i >= first && err == ERR_MISSING));
		count += err == OK;
	}
	link_client_close(alice);
	return count;
}

/* --- the house --------------------------------------------------------------------------- */

static int begin(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	assert_non_null(house);
	*state = house;
	assert_true(str_copy(house->folder, sizeof(house->folder),
			     "/tmp/behest-backup-XXXXXX"));
	assert_non_null(mkdtemp(house->folder));
	assert_true(
		str_format(house->data, sizeof(house->data), "%s/data", house->folder));
	assert_true(str_format(house->backup, sizeof(house->backup), "%s/backup",
			       house->folder));
	assert_true(str_format(house->words, sizeof(house->words), "%s/words",
			       house->folder));
	assert_true(str_format(house->log, sizeof(house->log), "%s/log", house->folder));
	assert_int_equal(file_write(house->words, PASSPHRASE, strlen(PASSPHRASE), 0600,
				    NULL),
			 OK);
	start_keeper(house);
	settle_house(house);
	return 0;
}

static int end(void **state)
{
	struct house *house = *state;

	if (house->keeper)
		(void)process_end(&house->keeper, SIGKILL);
	(void)folder_remove(house->folder);
	free(house);
	return 0;
}

/* The house as it came back, with the same recordings to be looked for. */
static void enter(const struct house *from, const char *name, struct house *to)
{
	*to = *from;
	to->keeper = 0;
	assert_true(str_format(to->data, sizeof(to->data), "%s/%s", from->folder, name));
}

/* --- the folder of the backup ------------------------------------------------------------ */

struct listing {
	size_t count;
	char names[NAMES_MAX][64];
	struct buf files[NAMES_MAX];
};

static void read_listing(const char *path, struct listing *listing)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	listing->count = 0;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char file[FILE_PATH_BYTES];

		if (entry->d_name[0] == '.' || str_ends(entry->d_name, ".new"))
			continue;
		assert_true(listing->count < NAMES_MAX);
		path_in(path, entry->d_name, file);
		assert_int_equal(file_read(file, FILE_BYTES_MAX,
					   &listing->files[listing->count], NULL),
				 OK);
		assert_true(str_copy(listing->names[listing->count], 64, entry->d_name));
		listing->count++;
	}
	(void)closedir(folder);
}

static void finish_listing(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		buf_finish(&listing->files[i]);
}

static bool holds(const struct listing *listing, const char *name, const struct buf *file)
{
	for (size_t i = 0; i < listing->count; i++) {
		if (str_equal(listing->names[i], name))
			return listing->files[i].size == file->size &&
			       memcmp(listing->files[i].bytes, file->bytes, file->size) ==
				       0;
	}
	return false;
}

/* Every file of before is there, and as it was. */
static void expect_unchanged(const char *path, const struct listing *before)
{
	struct listing now;

	read_listing(path, &now);
	for (size_t i = 0; i < before->count; i++) {
		if (!holds(&now, before->names[i], &before->files[i]))
			fail_msg("%s: %s is not as it was", path, before->names[i]);
	}
	finish_listing(&now);
}

/* --- tests ------------------------------------------------------------------------------- */

/* Records as fast as it is taken, until told to stop. */
struct talker {
	struct house *house;
	bool must_stop; /* atomic */
	size_t count;
	struct record_id records[RECORDS_MAX];
	pthread_t thread;
};

static void *talk(void *context)
{
	struct talker *talker = context;
	struct link_client *hub = open_link(talker->house, WIRE_PARTY_HUB);

	while (!__atomic_load_n(&talker->must_stop, __ATOMIC_ACQUIRE) &&
	       talker->count < RECORDS_MAX - FIRST) {
		const struct wire_message *message;

		send_recording(hub, talker->count);
		message = wait_for(hub, WIRE_done);
		assert_int_equal(message->done.err, OK);
		memcpy(talker->records[talker->count].bytes, message->done.record.bytes,
		       ID_BYTES);
		__atomic_store_n(&talker->count, talker->count + 1, __ATOMIC_RELEASE);
	}
	link_client_close(hub);
	return NULL;
}

static void it_is_made_while_recordings_go_on(void **state)
{
	struct house *house = *state;
	struct talker *talker = calloc(1, sizeof(*talker));
	struct house back;
	struct process_ran ran;
	size_t before;

	assert_non_null(talker);
	record(house, FIRST);
	talker->house = house;
	assert_int_equal(pthread_create(&talker->thread, NULL, talk, talker), 0);
	while (__atomic_load_n(&talker->count, __ATOMIC_ACQUIRE) < 3)
		(void)poll(NULL, 0, PROCESS_STEP_MS);
	before = FIRST + __atomic_load_n(&talker->count, __ATOMIC_ACQUIRE);
	expect_back_up(house);
	__atomic_store_n(&talker->must_stop, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(talker->thread, NULL), 0);
	for (size_t i = 0; i < talker->count; i++)
		house->records[house->count++] = talker->records[i];
	assert_int_equal(count_opening(house, house->count), house->count);
	stop_keeper(house);
	enter(house, "back", &back);
	if (restore(house, back.data, &ran) != 0)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
	start_keeper(&back);
	/* What was acknowledged before it began is in it. */
	assert_true(count_opening(&back, before) >= before);
	stop_keeper(&back);
	free(talker);
}

static void status_tells_of_it(void **state)
{
	struct house *house = *state;
	const char *more[] = {"--data", house->data, "--json", NULL};
	struct process_ran ran;

	(void)behest(house, &ran, "status", NULL, more);
	assert_non_null(strstr(process_out(&ran), "\"backup\":{\"is_there\":false"));
	process_ran_finish(&ran);
	expect_back_up(house);
	(void)behest(house, &ran, "status", NULL, more);
	assert_non_null(strstr(process_out(&ran), "\"backup\":{\"is_there\":true"));
	assert_non_null(strstr(process_out(&ran), "\"older_than_deletion\":false"));
	process_ran_finish(&ran);
}

static size_t count_ciphertexts(const struct house *house)
{
	struct listing listing;
	size_t count = 0;

	read_listing(house->backup, &listing);
	for (size_t i = 0; i < listing.count; i++)
		count += str_starts(listing.names[i], "ciphertext-");
	finish_listing(&listing);
	return count;
}

static void older_ciphertext_goes_unless_it_is_to_stay(void **state)
{
	struct house *house = *state;
	const char *more[] = {
		"--data",     house->data,  "--owner", "alice", "--passphrase-file",
		house->words, "--keep-old", NULL};
	struct process_ran ran;

	expect_back_up(house);
	assert_int_equal(count_ciphertexts(house), 1);
	assert_int_equal(behest(house, &ran, "backup", house->backup, more), 0);
	process_ran_finish(&ran);
	assert_int_equal(count_ciphertexts(house), 2);
	expect_back_up(house);
	assert_int_equal(count_ciphertexts(house), 1);
}

static void the_key_may_lie_elsewhere(void **state)
{
	struct house *house = *state;
	char key[FILE_PATH_BYTES];
	char here[FILE_PATH_BYTES];
	char data[FILE_PATH_BYTES];
	const char *more[] = {"--data", house->data, "--owner",           "alice",
			      "--key",  key,         "--passphrase-file", house->words,
			      NULL};
	struct process_ran ran;

	record(house, 2);
	path_in(house->folder, "stick.key", key);
	path_in(house->backup, "backup.key", here);
	path_in(house->folder, "back", data);
	assert_int_equal(behest(house, &ran, "backup", house->backup, more), 0);
	process_ran_finish(&ran);
	assert_true(file_exists(key));
	assert_false(file_exists(here));
	assert_int_equal(restore(house, data, &ran), 1); /* it is not there */
	assert_non_null(strstr(process_err(&ran), "backup.key"));
	process_ran_finish(&ran);
	more[1] = data;
	assert_int_equal(behest(house, &ran, "restore", house->backup, more), 0);
	process_ran_finish(&ran);
}

static void a_wrong_passphrase_is_refused(void **state)
{
	struct house *house = *state;
	char data[FILE_PATH_BYTES];
	char words[FILE_PATH_BYTES];
	struct process_ran ran;
	struct house wrong = *house;

	expect_back_up(house);
	path_in(house->folder, "back", data);
	path_in(house->folder, "wrong", words);
	assert_int_equal(file_write(words, "wrong horse\n", 12, 0600, NULL), OK);
	assert_true(str_copy(wrong.words, sizeof(wrong.words), words));
	assert_int_equal(restore(&wrong, data, &ran), 3);
	assert_int_equal(process_lines(process_err(&ran)), 1);
	assert_non_null(
		strstr(process_err(&ran), "no owner with that name and passphrase"));
	process_ran_finish(&ran);
	path_in(data, "keeper", words);
	assert_false(file_exists(words));
	path_in(data, "restoring", words);
	assert_false(file_exists(words));
}

static void it_never_goes_over_a_house(void **state)
{
	struct house *house = *state;
	struct process_ran ran;

	record(house, 3);
	expect_back_up(house);
	assert_int_equal(restore(house, house->data, &ran), 3); /* the keeper runs */
	assert_non_null(strstr(process_err(&ran), "there is a house already"));
	process_ran_finish(&ran);
	stop_keeper(house);
	assert_int_equal(restore(house, house->data, &ran), 3);
	process_ran_finish(&ran);
	start_keeper(house);
	assert_int_equal(count_opening(house, 3), 3);
}

/* A file that may not grow beyond some blocks is a disk that is full. */
static void expect_no_room(const struct house *house, unsigned blocks)
{
	struct process_ran ran;
	char script[1024];
	const char *words[] = {"/bin/sh", "-c", script, NULL};

	assert_true(str_format(script, sizeof(script),
			       "ulimit -f %u; exec %s backup %s --data %s --owner alice "
			       "--passphrase-file %s",
			       blocks, process_program("behest"), house->backup,
			       house->data, house->words));
	process_run(words, WAIT_MS, &ran);
	assert_int_equal(ran.status, 1);
	assert_int_equal(process_lines(process_err(&ran)), 1);
	assert_non_null(strstr(process_err(&ran), "cannot be written"));
	process_ran_finish(&ran);
}

static void a_full_disk_leaves_the_former_backup(void **state)
{
	struct house *house = *state;
	struct listing before;
	struct process_ran ran;
	char data[FILE_PATH_BYTES];

	record(house, FIRST);
	expect_back_up(house);
	read_listing(house->backup, &before);
	record(house, 2);
	for (unsigned blocks = 0; blocks < 1000; blocks = blocks * 4 + 1) {
		expect_no_room(house, blocks);
		expect_unchanged(house->backup, &before);
	}
	finish_listing(&before);
	path_in(house->folder, "back", data);
	assert_int_equal(restore(house, data, &ran), 0);
	process_ran_finish(&ran);
	expect_back_up(house);
}

static pid_t start_back_up(const struct house *house)
{
	const char *words[] = {process_program("behest"),
			       "backup",
			       house->backup,
			       "--data",
			       house->data,
			       "--owner",
			       "alice",
			       "--passphrase-file",
			       house->words,
			       NULL};

	return process_start(words, house->log);
}

/* Whatever was killed when: what lies there opens, and is a house that verifies. */
static void expect_restores(const struct house *house, unsigned number, size_t first)
{
	struct house back;
	struct process_ran ran;
	char name[32];

	assert_true(str_format(name, sizeof(name), "back-%u", number));
	enter(house, name, &back);
	if (restore(house, back.data, &ran) != 0)
		fail_msg("kill %u: %s", number, process_err(&ran));
	process_ran_finish(&ran);
	start_keeper(&back);
	(void)count_opening(&back, first);
	stop_keeper(&back);
	(void)folder_remove(back.data);
}

static void killed_on_either_side_it_leaves_a_whole_backup(void **state)
{
	struct house *house = *state;
	struct rand_fake dice;

	(void)rand_fake_init(&dice, 5);
	record(house, FIRST);
	expect_back_up(house);
	for (unsigned i = 0; i < KILLS; i++) {
		pid_t child = start_back_up(house);
		int status;

		(void)poll(NULL, 0, (int)rand_fake_below(&dice, 260));
		if (i % 3 == 2) {
			(void)process_end(&house->keeper, SIGKILL);
			while (!process_is_over(&child, &status))
				(void)poll(NULL, 0, PROCESS_STEP_MS);
			start_keeper(house);
		} else {
			(void)process_end(&child, SIGKILL);
		}
		expect_restores(house, i, FIRST);
	}
	expect_back_up(house);
}

/* Half a house, where one is made. */
static void what_an_ended_one_left_is_cleared(void **state)
{
	static const char *const parts[] = {"back", "back/restoring",
					    "back/restoring/keeper"};
	struct house *house = *state;
	char path[FILE_PATH_BYTES];
	struct house back;
	struct process_ran ran;

	record(house, FIRST);
	expect_back_up(house);
	for (size_t i = 0; i < STR_COUNT(parts); i++) {
		path_in(house->folder, parts[i], path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	path_in(house->folder, "back/restoring/keeper/keeper.db", path);
	assert_int_equal(file_write(path, "half", 4, 0600, NULL), OK);
	enter(house, "back", &back);
	path_in(house->folder, "back", path);
	assert_int_equal(restore(house, path, &ran), 0);
	process_ran_finish(&ran);
	path_in(house->folder, "back/restoring", path);
	assert_false(file_exists(path));
	start_keeper(&back);
	assert_int_equal(count_opening(&back, FIRST), FIRST);
	stop_keeper(&back);
}

static void killed_it_restores_the_next_time(void **state)
{
	struct house *house = *state;
	struct rand_fake dice;
	char data[FILE_PATH_BYTES];
	struct house back;
	struct process_ran ran;

	(void)rand_fake_init(&dice, 6);
	record(house, FIRST);
	expect_back_up(house);
	path_in(house->folder, "back", data);
	enter(house, "back", &back);
	for (unsigned i = 0; i < KILLS; i++) {
		const char *words[] = {process_program("behest"),
				       "restore",
				       house->backup,
				       "--data",
				       data,
				       "--owner",
				       "alice",
				       "--passphrase-file",
				       house->words,
				       NULL};
		pid_t child = process_start(words, house->log);
		char place[FILE_PATH_BYTES];

		(void)poll(NULL, 0, (int)rand_fake_below(&dice, 300));
		(void)process_end(&child, SIGKILL);
		path_in(data, "keeper", place);
		if (file_exists(place))
			break; /* it was quicker */
		/* The keeper's program goes on without it, to nobody's harm. */
		(void)poll(NULL, 0, 500);
	}
	if (restore(house, data, &ran) != 0 && ran.status != 3)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
	start_keeper(&back);
	assert_int_equal(count_opening(&back, FIRST), FIRST);
	stop_keeper(&back);
}

/* Between its last two steps the backup key is beside its place. */
static void ended_before_its_last_step_it_opens_and_is_finished(void **state)
{
	struct house *house = *state;
	char key[FILE_PATH_BYTES];
	char fresh[FILE_PATH_BYTES];
	char old[FILE_PATH_BYTES];
	struct listing before;

	record(house, 2);
	expect_back_up(house);
	path_in(house->backup, "backup.key", key);
	path_in(house->backup, "backup.key.new", fresh);
	read_listing(house->backup, &before);
	expect_back_up(house);
	/* The new one beside, and the old one in its place. */
	path_in(house->folder, "old", old);
	for (size_t i = 0; i < before.count; i++) {
		if (str_equal(before.names[i], "backup.key"))
			assert_int_equal(file_write(old, before.files[i].bytes,
						    before.files[i].size, 0600, NULL),
					 OK);
	}
	assert_int_equal(rename(key, fresh), 0);
	assert_int_equal(rename(old, key), 0);
	finish_listing(&before);
	expect_restores(house, 1, 2);
	assert_true(file_exists(fresh));
	/* The next one finishes it before it writes anything. */
	expect_no_room(house, 0);
	assert_false(file_exists(fresh));
	expect_restores(house, 2, 2);
	expect_back_up(house);
}

static void a_changed_file_is_named(void **state)
{
	static const char *const names[] = {"keys.bhb", "backup.key", "ciphertext-"};
	struct house *house = *state;
	struct listing listing;
	struct process_ran ran;
	char data[FILE_PATH_BYTES];

	record(house, 2);
	expect_back_up(house);
	path_in(house->folder, "back", data);
	read_listing(house->backup, &listing);
	assert_int_equal(listing.count, 3);
	for (size_t i = 0; i < listing.count; i++) {
		char path[FILE_PATH_BYTES];
		struct buf *file = &listing.files[i];

		path_in(house->backup, listing.names[i], path);
		file->bytes[file->size / 2] ^= 1;
		assert_int_equal(file_write(path, file->bytes, file->size, 0600, NULL),
				 OK);
		assert_int_equal(restore(house, data, &ran), 1);
		assert_int_equal(process_lines(process_err(&ran)), 1);
		for (size_t j = 0; j < STR_COUNT(names); j++)
			assert_true(!str_starts(listing.names[i], names[j]) ||
				    strstr(process_err(&ran), names[j]));
		process_ran_finish(&ran);
		file->bytes[file->size / 2] ^= 1;
		assert_int_equal(file_write(path, file->bytes, file->size, 0600, NULL),
				 OK);
	}
	finish_listing(&listing);
	assert_int_equal(restore(house, data, &ran), 0);
	process_ran_finish(&ran);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_made_while_recordings_go_on),
		TEST(status_tells_of_it),
		TEST(older_ciphertext_goes_unless_it_is_to_stay),
		TEST(the_key_may_lie_elsewhere),
		TEST(a_wrong_passphrase_is_refused),
		TEST(it_never_goes_over_a_house),
		TEST(a_full_disk_leaves_the_former_backup),
		TEST(killed_on_either_side_it_leaves_a_whole_backup),
		TEST(what_an_ended_one_left_is_cleared),
		TEST(killed_it_restores_the_next_time),
		TEST(ended_before_its_last_step_it_opens_and_is_finished),
		TEST(a_changed_file_is_named),
	};
	struct rand_fake dice;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)rand_fake_init(&dice, 3);
	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)rand_fake_below(&dice, 65536);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
