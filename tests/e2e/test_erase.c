/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_erase - the real keeper and the real command line: what was deleted is in no file of
 * the keeper's any more, byte by byte, also when it is killed in the middle; and the receipt
 * can be checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "adapter/store_sqlite.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/search.h"
#include "fake/rand_fake.h"

enum {
	SAMPLES = 20000,
	START_MS = 30000,
	ANSWER_MS = 30000,
	WORDS_MAX = 16,
	ROWS_MAX = 64,
	KILLS = 12,
	KILL_RECORDS = 80,
};

static const char PASSPHRASE[] = "correct horse battery";

/* A keeper on a folder of its own, with alice and her kitchen. */
struct house {
	char data[128];
	char log[160];
	char passphrase[160];
	pid_t pid;
	uint64_t turns;
};

static struct rand_fake dice;
static int16_t sound[SAMPLES];

/* --- the keeper ------------------------------------------------------------------------- */

static void path_in(const struct house *house, const char *name, char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, house->data, name));
}

static void start(struct house *house)
{
	const char *const words[] = {process_program("behest-keeper"), "--data",
				     house->data, NULL};

	house->pid = process_start(words, house->log);
}

static struct link_client *open_link(const struct house *house, enum wire_party party)
{
	const bool is_hub = party == WIRE_PARTY_HUB;
	const int64_t until_ms = loop_now_ms() + START_MS;
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];

	path_in(house, is_hub ? "run/keeper/hub.sock" : "run/keeper/owner.sock", path);
	while (link_client_open(path,
				is_hub ? WIRE_LINK_HUB_KEEPER : WIRE_LINK_OWNER_KEEPER,
				party, "test", ANSWER_MS, &client, NULL) != OK) {
		assert_true(loop_now_ms() < until_ms);
		(void)poll(NULL, 0, 10);
	}
	return client;
}

static const struct wire_message *next(struct link_client *client)
{
	const struct wire_message *message = NULL;

	do
		assert_int_equal(link_client_wait(client, ANSWER_MS, &message, NULL), OK);
	while (message->type == WIRE_reach || message->type == WIRE_waiting ||
	       message->type == WIRE_policy);
	return message;
}

static const struct wire_message *wait_for(struct link_client *client,
					   enum wire_type type)
{
	const struct wire_message *message = next(client);

	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

static void say(struct link_client *client, enum wire_type type, const void *fields)
{
	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
}

static struct link_client *sign_in(const struct house *house)
{
	struct link_client *client = open_link(house, WIRE_PARTY_OWNER);
	struct wire_unlock unlock = {.owner = "alice"};

	must(str_copy(unlock.passphrase, sizeof(unlock.passphrase), PASSPHRASE));
	say(client, WIRE_unlock, &unlock);
	(void)wait_for(client, WIRE_unlocked);
	return client;
}

static void make_owner(const struct house *house)
{
	struct link_client *client = open_link(house, WIRE_PARTY_OWNER);
	struct wire_owner_create create = {.name = "alice"};
	const struct wire_room_set room = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	char path[FILE_PATH_BYTES];
	struct buf code;

	path_in(house, "keeper/owner.code", path);
	assert_int_equal(file_read(path, 64, &code, NULL), OK);
	must(str_copy_bytes(create.code, sizeof(create.code), (char *)code.bytes,
			    code.size));
	str_trim(create.code);
	buf_finish(&code);
	must(str_copy(create.passphrase, sizeof(create.passphrase), PASSPHRASE));
	say(client, WIRE_owner_create, &create);
	(void)wait_for(client, WIRE_owner_created);
	link_client_close(client);
	client = sign_in(house);
	say(client, WIRE_room_set, &room);
	assert_int_equal(wait_for(client, WIRE_done)->done.err, OK);
	link_client_close(client);
}

static struct house begin(void)
{
	struct house house = {.data = "/tmp/behest-erase-XXXXXX"};
	char line[sizeof(PASSPHRASE) + 1];

	assert_non_null(mkdtemp(house.data));
	must(str_format(house.log, sizeof(house.log), "%s.log", house.data));
	must(str_format(house.passphrase, sizeof(house.passphrase), "%s.pass",
			house.data));
	must(str_format(line, sizeof(line), "%s\n", PASSPHRASE));
	assert_int_equal(file_write(house.passphrase, line, strlen(line), 0600, NULL),
			 OK);
	start(&house);
	make_owner(&house);
	return house;
}

static void end(struct house *house)
{
	const char *const words[] = {"/bin/rm",         "-rf", house->data, house->log,
				     house->passphrase, NULL};
	struct process_ran ran;

	(void)process_end(&house->pid, SIGTERM);
	process_run(words, PROCESS_WAIT_MS, &ran);
	process_ran_finish(&ran);
}

static void send_recording(struct link_client *client, uint64_t token, uint64_t turn)
{
	const struct wire_seal_begin first = {.token = token,
					      .turn = turn,
					      .room = "kitchen",
					      .at_ms = (int64_t)(turn >> 16),
					      .transcript = "dim the velvet lantern",
					      .samples = SAMPLES};
	const struct wire_seal_sound piece = {
		.token = token,
		.pcm = wire_from_samples((struct audio_span){sound, SAMPLES})};

	say(client, WIRE_seal_begin, &first);
	say(client, WIRE_seal_sound, &piece);
	say(client, WIRE_seal_end, &(struct wire_seal_end){.token = token});
}

static void record_some(struct house *house, struct record_id *out_records, size_t count)
{
	struct link_client *hub = open_link(house, WIRE_PARTY_HUB);
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	for (size_t i = 0; i < count; i++) {
		const uint64_t number = ++house->turns;
		const struct wire_message *message;

		send_recording(hub, number,
			       ((uint64_t)now.tv_sec * 1000) << 16 | (number & 0xffff));
		message = wait_for(hub, WIRE_done);
		assert_int_equal(message->done.err, OK);
		memcpy(out_records[i].bytes, message->done.record.bytes, ID_BYTES);
	}
	link_client_close(hub);
}

/* --- its rows, while it is off ---------------------------------------------------------- */

struct rows {
	struct search *search;
	const char *name;
	const uint8_t *begin; /* of the keys that are looked for, behind the owner's id */
	size_t count;
	bool is_over;
};

static void take_rows(void *context, uint64_t token, enum err err,
		      const struct store_rows *found)
{
	struct rows *rows = context;

	(void)token;
	assert_int_equal(err, OK);
	for (size_t i = 0; i < found->count; i++) {
		const struct store_row *row = &found->rows[i];

		if (rows->begin &&
		    memcmp(row->key.bytes + ID_BYTES, rows->begin, ID_BYTES) != 0)
			continue;
		rows->count++;
		/* The beginnings of rows are ids that others have as well; the ends are not. */
		const size_t part = row->size > 1024 ? row->size / 2 : SEARCH_STRETCH;
		if (rows->search)
			search_add_bytes(rows->search, rows->name,
					 row->value + row->size - part, part, 1);
	}
	rows->is_over = true;
}

static void no_answer(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	(void)err;
}

/* All rows of the space whose key holds that id; NULL: all. */
static void add_rows(const struct house *house, struct rows *rows, enum store_space space)
{
	const struct store_listener listener = {rows, no_answer, take_rows};
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	struct store store = {.ops = NULL};
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct err_note note = {.text = ""};
	struct buf mark;
	char *line;

	path_in(house, "keeper", folder);
	path_in(house, "keeper/keeper.mark", path);
	assert_int_equal(file_read(path, 1024, &mark, NULL), OK);
	line = strchr((char *)mark.bytes, '\n') + 1;
	line[2 * ID_BYTES] = '\0';
	assert_true(id_from_text(range.first.household.bytes, line));
	buf_finish(&mark);
	range.first.space = space;
	range.first.size = 1;
	range.last = range.first;
	range.last.size = STORE_KEY_BYTES_MAX;
	memset(range.last.bytes, UINT8_MAX, sizeof(range.last.bytes));
	assert_int_equal(store_sqlite_open(folder, false, &listener, &store, &note), OK);
	rows->is_over = false;
	assert_int_equal(store_range_get(&store, &range, 1), OK);
	while (!rows->is_over)
		store_step(&store);
	store_close(&store);
}

/* Salt and ciphertext of one recording. The keeper is off. */
static struct search *look_for(const struct house *house, const struct record_id *record,
			       size_t expected)
{
	struct rows rows = {.search = search_create(),
			    .name = "row",
			    .begin = record ? record->bytes : NULL};

	add_rows(house, &rows, STORE_SALT);
	add_rows(house, &rows, STORE_RECORD);
	if (!record) {
		add_rows(house, &rows, STORE_EPOCH);
		add_rows(house, &rows, STORE_KEK);
	}
	assert_true(rows.count >= expected);
	return rows.search;
}

static bool is_there(const struct house *house, struct search *search)
{
	char where[SEARCH_WHERE_BYTES];

	return search_folder(search, house->data, where);
}

/* --- the command line ------------------------------------------------------------------- */

static void run(const struct house *house, const char *const *words, int expected,
		struct process_ran *out_ran)
{
	const char *all[WORDS_MAX] = {process_program("behest")};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	all[count++] = "--data";
	all[count++] = house->data;
	all[count++] = "--owner";
	all[count++] = "alice";
	all[count++] = "--passphrase-file";
	all[count++] = house->passphrase;
	process_run(all, PROCESS_WAIT_MS, out_ran);
	if (out_ran->status != expected)
		print_message("%s%s", process_out(out_ran), process_err(out_ran));
	assert_int_equal(out_ran->status, expected);
}

static void expect(const struct house *house, const char *const *words, int status)
{
	struct process_ran ran;

	run(house, words, status, &ran);
	process_ran_finish(&ran);
}

/* --- one, some, all --------------------------------------------------------------------- */

static void deleted_is_in_no_file(void **state)
{
	enum { COUNT = 3 };
	struct house house = begin();
	struct record_id records[COUNT];
	struct search *gone;
	struct search *kept;
	char id[ID_TEXT_BYTES];
	char receipt[FILE_PATH_BYTES];

	(void)state;
	record_some(&house, records, COUNT);
	(void)process_end(&house.pid, SIGTERM);
	gone = look_for(&house, &records[0], 4);
	kept = look_for(&house, &records[1], 4);
	start(&house);
	link_client_close(sign_in(&house));
	assert_true(is_there(&house, gone));
	assert_true(is_there(&house, kept));
	id_to_text(id, records[0].bytes);
	path_in(&house, "first.receipt", receipt);
	/* Nobody can be asked. */
	expect(&house, (const char *const[]){"erase", id, NULL}, 1);
	assert_true(is_there(&house, gone));
	expect(&house,
	       (const char *const[]){"erase", id, "--yes", "--receipt", receipt, NULL},
	       0);
	assert_false(is_there(&house, gone)); /* while it runs: its log as well */
	assert_true(is_there(&house, kept));
	expect(&house, (const char *const[]){"verify", receipt, NULL}, 0);
	expect(&house, (const char *const[]){"verify", receipt, "--json", NULL}, 0);
	expect(&house, (const char *const[]){"verify", NULL}, 0);
	expect(&house, (const char *const[]){"erase", id, "--yes", NULL}, 1);
	/* What is left is of today. */
	expect(&house, (const char *const[]){"erase", "--today", "--yes", NULL}, 0);
	assert_false(is_there(&house, kept));
	search_destroy(gone);
	search_destroy(kept);
	end(&house);
}

static void all_is_in_no_file_once_it_is_swept(void **state)
{
	enum { COUNT = 5, SWEEP_MS = 60000 };
	struct house house = begin();
	const int64_t until_ms = loop_now_ms() + SWEEP_MS;
	struct record_id records[COUNT];
	struct search *gone;
	struct process_ran ran;

	(void)state;
	record_some(&house, records, COUNT);
	(void)process_end(&house.pid, SIGTERM);
	gone = look_for(&house, NULL, 2 * 2 * COUNT + 2);
	start(&house);
	link_client_close(sign_in(&house));
	assert_true(is_there(&house, gone));
	run(&house, (const char *const[]){"erase", "--all", "--yes", "--json", NULL}, 0,
	    &ran);
	assert_non_null(strstr(process_out(&ran), "\"everything\":true"));
	process_ran_finish(&ran);
	while (is_there(&house, gone)) {
		assert_true(loop_now_ms() < until_ms);
		(void)poll(NULL, 0, 100);
	}
	search_destroy(gone);
	expect(&house, (const char *const[]){"verify", NULL}, 0);
	end(&house);
}

static void what_is_typed_counts(void **state)
{
	struct house house = begin();
	const char *const words[] = {process_program("behest"),
				     "erase",
				     "--room",
				     "kitchen",
				     "--data",
				     house.data,
				     "--owner",
				     "alice",
				     "--passphrase-file",
				     house.passphrase,
				     NULL};
	const char *behest = strdup(words[0]);
	const char *typed_words[STR_COUNT(words)];
	const struct process_typed wrong[] = {{"type 2:", "yes\n"}};
	const struct process_typed right[] = {{"type 2:", "2\n"}};
	struct record_id records[2];
	struct process_ran ran;

	(void)state;
	memcpy(typed_words, words, sizeof(words));
	typed_words[0] = behest;
	record_some(&house, records, 2);
	process_run_typed(typed_words, wrong, 1, PROCESS_WAIT_MS, &ran);
	assert_int_not_equal(ran.status, 0);
	if (!strstr(process_out(&ran), "nothing was deleted"))
		print_message("%s\n", process_out(&ran));
	assert_non_null(strstr(process_out(&ran), "nothing was deleted"));
	process_ran_finish(&ran);
	process_run_typed(typed_words, right, 1, PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "deleted: 2 recordings"));
	process_ran_finish(&ran);
	free((void *)(uintptr_t)behest);
	end(&house);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- and an archive --------------------------------------------------------------------- */

/* So many sounds are in an archive that is made now. */
static void expect_archive(const struct house *house, const char *name, size_t sounds)
{
	char path[FILE_PATH_BYTES];
	struct process_ran ran;
	size_t count = 0;

	path_in(house, name, path);
	expect(house, WORDS("export", "--by-room", "--out", path), 0);
	process_run((const char *const[]){"/usr/bin/unzip", "-l", path, NULL},
		    PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	for (const char *at = process_out(&ran); (at = strstr(at, ".wav")); at++)
		count++;
	process_ran_finish(&ran);
	assert_int_equal(count, sounds);
}

/* And so many are said to be deleted, by whom, and none to be gone. */
static void expect_history(const struct house *house, size_t deleted)
{
	struct process_ran ran;
	size_t count = 0;

	run(house, WORDS("history"), 0, &ran);
	for (const char *at = process_out(&ran); (at = strstr(at, "  deleted  ")); at++)
		count++;
	assert_int_equal(count, deleted);
	for (const char *at = process_out(&ran);
	     (at = strstr(at, ": its owner asked for it)")); at++)
		count--;
	assert_int_equal(count, 0);
	assert_null(strstr(process_out(&ran), "gone"));
	process_ran_finish(&ran);
}

/* What is deleted is no gap that an archive trips over: it is not in it, and that is all. */
static void an_archive_holds_what_is_left(void **state)
{
	struct house house = begin();
	struct record_id records[3];

	(void)state;
	record_some(&house, records, 3);
	expect_archive(&house, "three.zip", 3);
	expect(&house, WORDS("erase", "--yes", "1"), 0);
	expect_archive(&house, "two.zip", 2);
	expect_history(&house, 1);
	expect(&house, WORDS("erase", "--all", "--yes"), 0);
	expect_archive(&house, "none.zip", 0);
	expect_history(&house, 3);
	record_some(&house, records, 1);
	expect_archive(&house, "one.zip", 1);
	end(&house);
}

/* --- a backup of before ------------------------------------------------------------------ */

/* The answer and the receipt say it; and a lost receipt is made again. */
static void an_older_backup_is_named(void **state)
{
	struct house house = begin();
	struct record_id records[2];
	struct process_ran ran;
	char receipt[FILE_PATH_BYTES];
	char again[FILE_PATH_BYTES];
	char backup[FILE_PATH_BYTES];

	(void)state;
	record_some(&house, records, 2);
	path_in(&house, "a.receipt", receipt);
	path_in(&house, "again.receipt", again);
	path_in(&house, "backup", backup);
	run(&house, WORDS("erase", "--yes", "1"), 0, &ran);
	assert_null(strstr(process_out(&ran), "is older"));
	process_ran_finish(&ran);
	assert_int_equal(file_make_folder(backup, NULL), OK);
	expect(&house, WORDS("backup", backup), 0);
	run(&house, WORDS("erase", "--yes", "--today", "--receipt", receipt), 0, &ran);
	assert_non_null(strstr(process_out(&ran), "is older. Its ciphertext alone"));
	process_ran_finish(&ran);
	run(&house, WORDS("verify", receipt), 0, &ran);
	assert_non_null(strstr(process_out(&ran), "is older: with its key table"));
	process_ran_finish(&ran);
	run(&house, WORDS("erase", "--receipts"), 0, &ran);
	assert_non_null(
		strstr(process_out(&ran), "  2 deleted, 0 of them for their age"));
	process_ran_finish(&ran);
	expect(&house, WORDS("erase", "--receipts", "--today", "--receipt", again), 0);
	run(&house, WORDS("verify", again), 0, &ran);
	assert_non_null(strstr(process_out(&ran), "2 of 2 entries"));
	process_ran_finish(&ran);
	expect(&house, WORDS("erase", "--receipts", "--all"), 2);
	end(&house);
}

/* --- words that make no sense ----------------------------------------------------------- */

static void bad_words(void **state)
{
	static const struct {
		const char *words[6];
		int status;
	} cases[] = {
		{{"erase", NULL}, 2},
		{{"erase", "1", "--all", NULL}, 2},
		{{"erase", "--all", "--room", "kitchen", NULL}, 2},
		{{"erase", "--today", "--since", "today", NULL}, 2},
		{{"erase", "--since", "2026-13-40", NULL}, 2},
		{{"erase", "--since", "2026-02-02", "--until", "2026-02-01"}, 2},
		{{"erase", "1", "2", NULL}, 2},
		{{"erase", "99", "--yes", NULL}, 1},
		{{"erase", "00000000000000000000000000000001", "--yes", NULL}, 1},
		{{"erase", "--until", "2020-01-01", "--yes", NULL}, 0},
		{{"erase", "--all", "--yes", "--receipt", "/nowhere/at/all", NULL}, 1},
		{{"erase", "--all", "--yes", "--receipt", "/dev/null", NULL}, 1},
		{{"verify", "/dev/null", NULL}, 1},
		{{"verify", "/nowhere/at/all", NULL}, 1},
	};
	struct house house = begin();
	struct record_id kept;
	struct link_client *client;

	(void)state;
	record_some(&house, &kept, 1);
	for (size_t i = 0; i < STR_COUNT(cases); i++) {
		const char *words[WORDS_MAX] = {NULL};

		for (size_t k = 0; k < STR_COUNT(cases[i].words); k++)
			words[k] = cases[i].words[k];
		expect(&house, words, cases[i].status);
	}
	client = sign_in(&house);
	say(client, WIRE_erase_ask,
	    &(struct wire_erase_ask){.what = 2,
				     .from_ms = INT64_MIN,
				     .to_ms = INT64_MAX});
	assert_int_equal(wait_for(client, WIRE_erase_found)->erase_found.count, 1);
	link_client_close(client);
	end(&house);
}

/* Each byte of a receipt that is another is seen, or changes nothing of what it says. */
static void a_changed_receipt_is_refused(void **state)
{
	struct house house = begin();
	struct record_id record;
	char path[FILE_PATH_BYTES];
	char changed[FILE_PATH_BYTES];
	struct buf text;

	(void)state;
	record_some(&house, &record, 1);
	path_in(&house, "a.receipt", path);
	path_in(&house, "b.receipt", changed);
	expect(&house,
	       (const char *const[]){"erase", "--today", "--yes", "--receipt", path,
				     NULL},
	       0);
	assert_int_equal(file_read(path, 1 << 20, &text, NULL), OK);
	assert_non_null(strstr((char *)text.bytes, "\nentry "));
	for (size_t at = 3; at < text.size; at += 97) {
		const uint8_t was = text.bytes[at];

		text.bytes[at] = was == 'A' ? 'B' : 'A';
		assert_int_equal(file_write(changed, text.bytes, text.size, 0600, NULL),
				 OK);
		expect(&house, (const char *const[]){"verify", changed, NULL}, 1);
		text.bytes[at] = was;
	}
	assert_int_equal(file_write(changed, text.bytes, text.size / 2, 0600, NULL), OK);
	expect(&house, (const char *const[]){"verify", changed, NULL}, 1);
	buf_finish(&text);
	end(&house);
}

/* --- killed in the middle --------------------------------------------------------------- */

static uint64_t found(struct link_client *client)
{
	say(client, WIRE_erase_ask,
	    &(struct wire_erase_ask){.what = 2,
				     .from_ms = INT64_MIN,
				     .to_ms = INT64_MAX});
	return wait_for(client, WIRE_erase_found)->erase_found.count;
}

/* How many it said are deleted, until it is killed. */
static uint64_t erase_and_kill(struct house *house, uint64_t count)
{
	struct link_client *client = sign_in(house);
	const struct wire_message *message = NULL;
	uint64_t said = 0;
	const uint32_t after = rand_fake_below(&dice, 20);

	assert_int_equal(found(client), count);
	say(client, WIRE_erase_do, &(struct wire_erase_do){.count = count});
	(void)poll(NULL, 0, (int)after);
	(void)process_end(&house->pid, SIGKILL);
	while (link_client_wait(client, ANSWER_MS, &message, NULL) == OK)
		if (message->type == WIRE_erased)
			said = message->erased.done;
	link_client_close(client);
	return said;
}

static void killed_in_the_middle(void **state)
{
	struct house house = begin();
	uint64_t there = 0;
	struct record_id records[KILL_RECORDS];

	(void)state;
	for (size_t i = 0; i < KILLS; i++) {
		struct link_client *client;
		uint64_t left;

		record_some(&house, records, KILL_RECORDS - (size_t)there);
		there = KILL_RECORDS;
		const uint64_t said = erase_and_kill(&house, there);
		start(&house);
		client = sign_in(&house);
		left = found(client);
		assert_true(left <= there - said); /* what was called deleted is */
		say(client, WIRE_verify_get, &(struct wire_verify_get){.unused = 0});
		assert_true(wait_for(client, WIRE_verified)->verified.whole);
		link_client_close(client);
		there = left;
		/* No half of one: rows and journal say the same. */
		(void)process_end(&house.pid, SIGTERM);
		struct rows rows = {.search = NULL};
		add_rows(&house, &rows, STORE_SALT);
		assert_int_equal(rows.count, 2 * left);
		start(&house);
	}
	end(&house);
}

static struct house *stops;

static void stop_house(int number)
{
	(void)number;
	(void)kill(stops->pid, SIGTERM);
}

/* --- everything there is ---------------------------------------------------------------- */

/* Where the receipt goes to, beside the data folder. */
static void receipt_of(const struct house *house, char to[FILE_PATH_BYTES])
{
	assert_true(str_format(to, FILE_PATH_BYTES, "%s.receipt", house->data));
}

/* As the last line of `wipe` says: with the public key alone, and by a foreign tool. */
static void expect_proof(const struct house *house, const char *out)
{
	static const char SAID[] = "public key was ";
	const char *said = strstr(out, SAID);
	char path[FILE_PATH_BYTES];
	char key[80] = "";
	char tool[FILE_PATH_BYTES];
	struct process_ran ran;

	receipt_of(house, path);
	assert_non_null(said);
	assert_true(str_copy_bytes(key, sizeof(key), said + strlen(SAID),
				   strcspn(said + strlen(SAID), "\n")));
	process_run((const char *const[]){process_program("behest"), "verify", "--key",
					  key, path, NULL},
		    PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "the household was ended by"));
	assert_non_null(strstr(process_out(&ran), "1 of 1 entries"));
	process_ran_finish(&ran);
	/* By another key it is nobody's. */
	key[0] = key[0] == 'A' ? 'B' : 'A';
	process_run((const char *const[]){process_program("behest"), "verify", "--key",
					  key, path, NULL},
		    PROCESS_WAIT_MS, &ran);
	assert_int_equal(ran.status, 1);
	process_ran_finish(&ran);
	must(str_format(tool, sizeof(tool), "%s/tests/e2e/verify_receipt.py",
			getenv("BEHEST_SOURCE")));
	process_run((const char *const[]){tool, path, NULL}, PROCESS_WAIT_MS, &ran);
	if (ran.status != 0)
		print_message("%s\n", process_err(&ran));
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
}

static void remove_receipt(const struct house *house)
{
	char path[FILE_PATH_BYTES];

	receipt_of(house, path);
	assert_int_equal(unlink(path), 0);
}

/* A second one, for whom something may be kept as well. */
static void add_bob(struct house *house)
{
	struct link_client *client = sign_in(house);
	struct wire_owner_create create = {.name = "bob"};

	must(str_copy(create.passphrase, sizeof(create.passphrase), "bob's own words"));
	say(client, WIRE_owner_create, &create);
	(void)wait_for(client, WIRE_owner_created);
	link_client_close(client);
}

/* Where nobody supervises it, the keeper ends by itself; and whoever lives there has to be
 * named. */
static void a_house_of_two_has_to_be_named(void **state)
{
	struct house house = begin();
	struct record_id record;
	struct search *gone;
	struct process_ran ran;
	char receipt[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	const char *names;
	char name[32] = "";

	(void)state;
	receipt_of(&house, receipt);
	add_bob(&house);
	record_some(&house, &record, 1);
	(void)process_end(&house.pid, SIGTERM);
	gone = look_for(&house, NULL, 4);
	start(&house);
	link_client_close(sign_in(&house));
	assert_true(is_there(&house, gone));
	run(&house, WORDS("wipe"), 1, &ran); /* nobody can be asked */
	process_ran_finish(&ran);
	expect(&house, WORDS("wipe", "--household", "alice"), 3);
	run(&house, WORDS("wipe", "--yes"), 3, &ran);
	names = strstr(process_err(&ran), "give --household \"");
	assert_non_null(strstr(process_err(&ran), "2 people live there"));
	assert_non_null(names);
	names += strlen("give --household \"");
	assert_true(str_copy_bytes(name, sizeof(name), names, strcspn(names, "\"")));
	process_ran_finish(&ran);
	assert_true(is_there(&house, gone));
	/* What cannot be kept is not asked for. */
	expect(&house, WORDS("wipe", "--household", name, "--receipt", "/nowhere/at/all"),
	       1);
	path_in(&house, "keeper/keeper.ending", path);
	assert_false(file_exists(path));
	path_in(&house, "somebody-elses.txt", path);
	assert_int_equal(file_write(path, "x", 1, 0600, NULL), OK);
	run(&house, WORDS("wipe", "--household", name, "--receipt", receipt), 0, &ran);
	assert_non_null(strstr(process_out(&ran), "somebody-elses.txt"));
	assert_non_null(strstr(process_out(&ran), " bob\n"));
	expect_proof(&house, process_out(&ran));
	process_ran_finish(&ran);
	assert_false(is_there(&house, gone));
	path_in(&house, "keeper", path);
	assert_false(file_exists(path));
	search_destroy(gone);
	remove_receipt(&house);
	end(&house);
}

/* As `behest up` runs it: all of it goes, and no byte of it is in the folder. */
static void wiped_is_gone(void **state)
{
	struct house house = begin();
	struct record_id records[2];
	struct process_ran ran;
	char receipt[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	char text[256];

	(void)state;
	receipt_of(&house, receipt);
	record_some(&house, records, 2);
	/* We are its supervisor, as the file says; it stops the keeper by stopping us. */
	path_in(&house, "run/programs.json", path);
	must(str_format(text, sizeof(text),
			"{\"supervisor\":%d,\"programs\":[{\"program\":\"keeper\","
			"\"pid\":%d,\"starts\":1}]}\n",
			(int)getpid(), (int)house.pid));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	stops = &house;
	assert_true(signal(SIGTERM, stop_house) != SIG_ERR);
	run(&house, WORDS("wipe", "--yes", "--receipt", receipt), 0, &ran);
	assert_true(signal(SIGTERM, SIG_DFL) != SIG_ERR);
	assert_non_null(strstr(process_out(&ran), "nothing of the household is left"));
	expect_proof(&house, process_out(&ran));
	process_ran_finish(&ran);
	assert_false(file_exists(house.data));
	remove_receipt(&house);
	end(&house);
}

/* Killed after a while; then somebody starts it, and it goes on by itself. What is left opens
 * for nobody, and `behest wipe` asks nobody again. */
static void wipe_killed_after(int after_ms)
{
	struct house house = begin();
	struct link_client *client;
	struct wire_wipe_do wipe = {.name = "alice"};
	struct record_id records[3];
	struct search *gone;
	struct process_ran ran;
	char receipt[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];

	receipt_of(&house, receipt);
	record_some(&house, records, 3);
	(void)process_end(&house.pid, SIGTERM);
	gone = look_for(&house, NULL, 4);
	start(&house);
	client = sign_in(&house);
	say(client, WIRE_wipe_do, &wipe);
	(void)poll(NULL, 0, after_ms);
	(void)process_end(&house.pid, SIGKILL);
	link_client_close(client);
	path_in(&house, "keeper/keeper.ending", path);
	if (!file_exists(path)) { /* it did not get so far, or to its end */
		path_in(&house, "keeper/house.ended", path);
		if (!file_exists(path)) {
			start(&house);
			link_client_close(sign_in(&house));
			assert_true(is_there(&house, gone));
			search_destroy(gone);
			end(&house);
			return;
		}
	}
	/* Whoever gives another passphrase, or none, goes on all the same. */
	process_run((const char *const[]){process_program("behest"), "wipe", "--data",
					  house.data, "--receipt", receipt, NULL},
		    PROCESS_WAIT_MS, &ran);
	if (ran.status != 0)
		print_message("%s%s", process_out(&ran), process_err(&ran));
	assert_int_equal(ran.status, 0);
	assert_int_equal(ran.hung, false);
	process_ran_finish(&ran);
	assert_false(file_exists(house.data));
	assert_true(file_exists(receipt));
	search_destroy(gone);
	remove_receipt(&house);
	end(&house);
}

static void wipe_killed_in_the_middle(void **state)
{
	(void)state;
	for (int after_ms = 0; after_ms <= 48; after_ms += 8)
		wipe_killed_after(after_ms);
}

/* Beside a house's own key nothing counts but what that has signed. */
static void expect_of_another_house_nothing(const struct buf *receipt)
{
	struct house house = begin();
	char path[FILE_PATH_BYTES];
	int status = -1;

	(void)process_end(&house.pid, SIGTERM);
	path_in(&house, "keeper/house.ended", path);
	assert_int_equal(file_write(path, receipt->bytes, receipt->size, 0600, NULL), OK);
	start(&house);
	while (!process_is_over(&house.pid, &status))
		(void)poll(NULL, 0, 5);
	assert_int_not_equal(status, 0);
	assert_int_equal(unlink(path), 0);
	start(&house);
	link_client_close(sign_in(&house));
	end(&house);
}

/* The next start of the keeper goes on, and comes to its end without being asked; so does one
 * that finds only the receipt, beside files that it did not get to. */
static void the_next_start_goes_on(void **state)
{
	struct house house = begin();
	struct record_id record;
	struct search *gone;
	struct owner_id alice;
	char path[FILE_PATH_BYTES];
	char text[FILE_PATH_BYTES];
	char id[ID_TEXT_BYTES];
	struct link_client *client = sign_in(&house);
	struct buf kept;
	int status = -1;

	(void)state;
	record_some(&house, &record, 1);
	link_client_close(client);
	(void)process_end(&house.pid, SIGTERM);
	gone = look_for(&house, NULL, 4);
	assert_true(is_there(&house, gone));
	memset(alice.bytes, 7, sizeof(alice.bytes));
	id_to_text(id, alice.bytes);
	path_in(&house, "keeper/keeper.ending", path);
	/* A mark of nobody is not believed. */
	assert_int_equal(file_write(path, "behest ending v1\n", 17, 0600, NULL), OK);
	start(&house);
	while (!process_is_over(&house.pid, &status))
		(void)poll(NULL, 0, 5);
	assert_int_not_equal(status, 0);
	assert_true(is_there(&house, gone));
	must(str_format(text, sizeof(text), "behest ending v1\n%s\n", id));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	start(&house);
	while (!process_is_over(&house.pid, &status))
		(void)poll(NULL, 0, 5);
	assert_int_equal(status, 0);
	assert_false(is_there(&house, gone));
	assert_false(file_exists(path));
	path_in(&house, "keeper/house.ended", path);
	assert_int_equal(file_read(path, 1 << 20, &kept, NULL), OK);
	assert_non_null(strstr((const char *)kept.bytes, id));
	/* And again, over what a power cut left. */
	path_in(&house, "keeper/keeper.key", text);
	assert_int_equal(file_write(text, "left over", 9, 0600, NULL), OK);
	start(&house);
	while (!process_is_over(&house.pid, &status))
		(void)poll(NULL, 0, 5);
	assert_int_equal(status, 0);
	assert_false(file_exists(text));
	assert_true(file_exists(path));
	expect_of_another_house_nothing(&kept);
	buf_finish(&kept);
	search_destroy(gone);
	end(&house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deleted_is_in_no_file),
		cmocka_unit_test(all_is_in_no_file_once_it_is_swept),
		cmocka_unit_test(what_is_typed_counts),
		cmocka_unit_test(an_archive_holds_what_is_left),
		cmocka_unit_test(an_older_backup_is_named),
		cmocka_unit_test(bad_words),
		cmocka_unit_test(a_changed_receipt_is_refused),
		cmocka_unit_test(killed_in_the_middle),
		cmocka_unit_test(a_house_of_two_has_to_be_named),
		cmocka_unit_test(wiped_is_gone),
		cmocka_unit_test(wipe_killed_in_the_middle),
		cmocka_unit_test(the_next_start_goes_on),
	};
	struct rand rand = rand_fake_init(&dice, 48);

	(void)signal(SIGPIPE, SIG_IGN);
	if (seal_init() != OK)
		return 1;
	rand_fill(&rand, (uint8_t *)sound, sizeof(sound));
	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
