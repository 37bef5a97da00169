/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_restore - a house is copied while it goes on, and comes back whole; what was
 * deleted does not, whichever older file is restored; and what is wrong with a file is named.
 *
 * A restore gives up its rights for good, so each one is a child of the test.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/backup_file.h"
#include "adapter/sandbox_linux.h"
#include "adapter/store_sqlite.h"
#include "base/file.h"
#include "base/str.h"
#include "e2e/journal_reader.h"
#include "e2e/search.h"
#include "fake/desk_bench.h"
#include "folder.h"
#include "keeper/backup_stream.h"
#include "keeper/desk_inner.h"
#include "keeper/household.h"
#include "keeper/restore.h"
#include "keeper/restore_read.h"

/* Where what was reached is counted, a restore keeps its rights, and is done here: with them
 * gone nothing could be written of that. */
#ifdef RESTORE_HERE
enum { IS_HERE = 1 };
enum err __wrap_sandbox_enter(const struct sandbox_rules *rules,
			      struct sandbox_report *out_report, struct err_note *note);

enum err __wrap_sandbox_enter(const struct sandbox_rules *rules,
			      struct sandbox_report *out_report, struct err_note *note)
{
	(void)rules;
	(void)out_report;
	(void)note;
	return OK;
}
#else
enum { IS_HERE = 0 };
#endif

enum {
	SEED = 11,
	SAMPLES = 4000,
	RECORDS_MAX = 256,
	FIRST = 24, /* recordings before a backup */
	HEAD = 256, /* of a row: says what others say, too */
	FILE_BYTES_MAX = 64 * 1024 * 1024,
};

static const char PASSPHRASE[] = "correct horse";
static const char *const NAMES[BACKUP_KIND_COUNT] = {"ciphertext", "keys", "key"};

struct house {
	char folder[64];
	char data[128]; /* of a restored one */
	const char *as; /* whose words a restore is given; NULL: the only owner's */
	char recovery[128];
	bool stays_closed; /* the restored one: its bench is being made */
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
	uint64_t turn;
	size_t count;
	struct record_id records[RECORDS_MAX];
	int16_t sound[RECORDS_MAX][SAMPLES];
	bool is_gone[RECORDS_MAX];
	struct buf files[BACKUP_KIND_COUNT]; /* of the backup being taken */
	size_t begun[BACKUP_KIND_COUNT];     /* how often each was */
};

/* --- the house --------------------------------------------------------------------------- */

static int begin(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	assert_non_null(house);
	*state = house;
	assert_true(str_copy(house->folder, sizeof(house->folder),
			     "/tmp/behest-backup-XXXXXX"));
	assert_non_null(mkdtemp(house->folder));
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		buf_init(&house->files[i], FILE_BYTES_MAX);
	house->bench = desk_bench_create(SEED);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_make_owner(house->bench, house->alice, "alice", PASSPHRASE,
					  NULL, house->recovery));
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	assert_true(desk_bench_add_room(house->bench, house->alice, "kitchen"));
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	while (desk_bench_take(house->hub))
		continue;
	return 0;
}

static int end(void **state)
{
	struct house *house = *state;

	desk_bench_destroy(house->bench);
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		buf_finish(&house->files[i]);
	(void)folder_remove(house->folder);
	free(house);
	return 0;
}

/* Says a recording; it is written by the next settling. */
static void say_recording(struct house *house)
{
	int16_t *sound = house->sound[house->count];

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)rand_fake_below(&house->bench->rand, 65536);
	desk_bench_seal(house->bench, house->hub, house->count, ++house->turn << 16,
			"kitchen", "what time is it", sound, SAMPLES);
	house->count++;
}

/* What the hub was told: where each recording went. */
static void hear(struct house *house)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(house->hub))) {
		if (message->type != WIRE_done)
			continue;
		assert_int_equal(message->done.err, OK);
		memcpy(house->records[message->done.token].bytes,
		       message->done.record.bytes, ID_BYTES);
	}
}

static void record(struct house *house, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		say_recording(house);
		desk_bench_settle(house->bench);
	}
	hear(house);
}

static void ignore_done(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	assert_int_equal(err, OK);
}

static struct owner_id alice_id(const struct house *house)
{
	return house->bench->desk->owners[0].id;
}

/* As deleting does: its salts and its rows, and the journal's word. Not yet settled. */
static void say_delete(struct house *house, size_t at)
{
	struct desk *desk = house->bench->desk;
	struct item *item = NULL;
	uint8_t bytes[RECORDING_KEY_BYTES];
	static const enum store_space spaces[] = {STORE_SALT, STORE_RECORD};

	assert_int_equal(item_create(NULL, 0, ignore_done, &item), OK);
	desk_event(desk, &item->event, EVENT_DELETED, "");
	desk_event_add_id(&item->event, "record", house->records[at].bytes);
	desk_event_add_id(&item->event, "owner", alice_id(house).bytes);
	for (size_t i = 0; i < 2 * STR_COUNT(spaces); i++) {
		const enum recording_kind kind =
			i % 2 ? RECORDING_TRANSCRIPT : RECORDING_SOUND;
		struct store_key key;

		recording_key(alice_id(house), house->records[at], kind, bytes);
		key = desk_key(desk, spaces[i / 2], bytes, sizeof(bytes));
		item_destroy_row(item, &key);
	}
	desk_write_take(desk, &item);
	house->is_gone[at] = true;
}

static void delete (struct house *house, size_t at)
{
	say_delete(house, at);
	desk_bench_settle(house->bench);
}

/* --- a backup ---------------------------------------------------------------------------- */

typedef void meanwhile_fn(struct house *house, unsigned round);

static void ask_backup(struct house *house)
{
	desk_bench_say(house->bench, house->alice, WIRE_backup_get,
		       &(struct wire_backup_get){.unused = 0});
}

static void ask_more(struct house *house, uint32_t pieces)
{
	desk_bench_say(house->bench, house->alice, WIRE_backup_more,
		       &(struct wire_backup_more){.pieces = pieces});
}

/* Takes what was told; true once it is all. */
static bool take_pieces(struct house *house, struct wire_backup_made *made)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(house->alice))) {
		const struct wire_backup_piece *piece = &message->backup_piece;

		if (message->type == WIRE_backup_made) {
			*made = message->backup_made;
			return true;
		}
		assert_string_equal(wire_type_name(message->type), "backup_piece");
		if (piece->again) {
			buf_clear(&house->files[piece->file - 1]);
			house->begun[piece->file - 1]++;
		}
		assert_int_equal(buf_add(&house->files[piece->file - 1],
					 piece->bytes.bytes, piece->bytes.size),
				 OK);
	}
	return false;
}

/* Whole, a step of the store at a time, with something happening between the steps. */
static void take_backup(struct house *house, meanwhile_fn *meanwhile)
{
	struct wire_backup_made made = {.entries = 0};

	memset(house->begun, 0, sizeof(house->begun));
	ask_backup(house);
	for (unsigned round = 0; !take_pieces(house, &made); round++) {
		assert_true(round < 100000);
		ask_more(house, 1);
		if (meanwhile)
			meanwhile(house, round);
		store_step(&house->bench->store);
	}
	desk_bench_settle(house->bench);
	hear(house);
	assert_true(made.entries > 0);
}

static void keep_backup(struct house *house)
{
	const struct wire_backup_kept kept = {.bytes = 12345};
	const struct wire_message *message;

	desk_bench_say(house->bench, house->alice, WIRE_backup_kept, &kept);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
}

static void write_backup(const struct house *house, const char *more);

/* All of it; more tells the backups apart. */
static void back_up(struct house *house, meanwhile_fn *meanwhile, const char *more)
{
	take_backup(house, meanwhile);
	keep_backup(house);
	write_backup(house, more);
}

static void path_of(const struct house *house, const char *name, const char *more,
		    char to[FILE_PATH_BYTES])
{
	assert_true(
		str_format(to, FILE_PATH_BYTES, "%s/%s%s", house->folder, name, more));
}

static void write_file(const struct house *house, size_t kind, const char *more,
		       const struct buf *bytes)
{
	char path[FILE_PATH_BYTES];

	path_of(house, NAMES[kind], more, path);
	assert_int_equal(file_write(path, bytes->bytes, bytes->size, 0600, NULL), OK);
}

static void write_backup(const struct house *house, const char *more)
{
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		write_file(house, i, more, &house->files[i]);
}

/* --- a restore --------------------------------------------------------------------------- */

struct files {
	const char *ciphertext; /* which backup's */
	const char *keys;
	const char *key;
};

static void change_it(uint64_t done, uint64_t total);

static enum err restore_here(const struct house *house, const struct files *files,
			     const char *words, const char *said)
{
	char paths[BACKUP_KIND_COUNT][FILE_PATH_BYTES];
	struct restore_result result;
	struct secret *passphrase = NULL;
	struct err_note note = {.text = ""};
	const struct restore_words how = {.data = house->data,
					  .ciphertext = paths[0],
					  .keys = paths[1],
					  .key = paths[2],
					  .owner = house->as,
					  .told = change_it};
	struct restore_words whole = how;
	FILE *to = fopen(said, "w");
	enum err err;

	path_of(house, NAMES[0], files->ciphertext, paths[0]);
	path_of(house, NAMES[1], files->keys, paths[1]);
	path_of(house, NAMES[2], files->key, paths[2]);
	if (!to || secret_copy(words, strlen(words) + 1, &passphrase) != OK)
		return ERR_MEMORY;
	whole.passphrase = passphrase;
	err = restore_house(&whole, &result, &note);
	(void)fprintf(to,
		      err == OK ? "recordings %llu left out %llu older %d known %d"
				: "%llu%llu%d%d",
		      err == OK ? (unsigned long long)result.recordings : 0,
		      err == OK ? (unsigned long long)result.left_out : 0,
		      err == OK && result.is_older, err == OK && result.by_whom_known);
	if (err != OK)
		(void)fprintf(to, " %s", note.text);
	(void)fclose(to);
	secret_destroy(passphrase);
	return err;
}

/* Its error, and its words in said. */
static enum err restore(struct house *house, const char *name, const struct files *files,
			const char *words, char said[1024])
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	int status = 0;
	pid_t child;

	assert_true(str_format(house->data, sizeof(house->data), "%s/%s", house->folder,
			       name));
	path_of(house, "said", "", path);
	child = IS_HERE ? 0 : fork();
	assert_true(child >= 0);
	if (IS_HERE)
		status = (int)restore_here(house, files, words, path) << 8;
	else if (child == 0)
		_exit((int)restore_here(house, files, words, path));
	else
		assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(file_read(path, 1000, &bytes, NULL), OK);
	assert_true(str_copy_bytes(said, 1024, (const char *)bytes.bytes, bytes.size));
	buf_finish(&bytes);
	return (enum err)WEXITSTATUS(status);
}

static enum err open_restored(void *context, const struct store_listener *listener,
			      struct store *out_store)
{
	const struct house *house = context;
	char folder[FILE_PATH_BYTES];

	if (house->stays_closed)
		return ERR_CLOSED;
	if (!file_join(folder, sizeof(folder), house->data, "keeper"))
		return ERR_LIMIT;
	return store_sqlite_open(folder, false, listener, out_store, NULL);
}

/* The same house's keys: the bench makes them always the same. */
static void expect_same_keys(const struct house *house)
{
	struct household household;
	char folder[FILE_PATH_BYTES];
	struct rand_fake dice;
	const struct rand rand = rand_fake_init(&dice, 1);

	assert_true(file_join(folder, sizeof(folder), house->data, "keeper"));
	assert_int_equal(household_open(folder, &rand, &household, NULL), OK);
	assert_memory_equal(household.id.bytes, house->bench->household.bytes, ID_BYTES);
	assert_true(secret_equal(household.seed, house->bench->seed));
	assert_true(secret_equal(household.house_key, house->bench->house_key));
	assert_false(household.is_new);
	household_close(&household);
}

/* Plays it: OK and the same sound, or why not. */
static enum err play(struct desk_bench *bench, struct desk_bench_link *alice,
		     struct record_id record_, const int16_t *sound)
{
	static int16_t heard[SAMPLES];
	struct wire_play_get get = {.unused = 0};
	const struct wire_message *message;
	size_t count = 0;

	memcpy(get.record.bytes, record_.bytes, ID_BYTES);
	desk_bench_say(bench, alice, WIRE_play_get, &get);
	desk_bench_settle(bench);
	while ((message = desk_bench_take(alice)) && message->type == WIRE_play_sound)
		count += wire_to_samples(message->play_sound.pcm, heard + count,
					 SAMPLES - count);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	if (message->end.err == OK) {
		assert_int_equal(count, SAMPLES);
		assert_memory_equal(heard, sound, sizeof(heard));
	}
	return (enum err)message->end.err;
}

static void expect_whole(struct desk_bench *bench, struct desk_bench_link *alice)
{
	const struct wire_message *message;

	desk_bench_say(bench, alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(bench);
	message = desk_bench_take(alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	assert_string_equal(message->verified.trouble, "");
	assert_true(message->verified.whole);
}

/* What the journal tells of that kind, and of that recording where one is given. The house
 * must not be open. */
static size_t count_events(const struct house *house, enum event_kind kind,
			   const struct record_id *of)
{
	struct journal_copy copy;
	char folder[FILE_PATH_BYTES];
	char text[ID_TEXT_BYTES] = "";
	size_t count = 0;

	if (of)
		id_to_text(text, of->bytes);
	assert_true(file_join(folder, sizeof(folder), house->data, "keeper"));
	journal_copy_read(&copy, folder);
	for (size_t i = 0; i < copy.count; i++)
		count += copy.events[i].kind == kind &&
			 (!of || str_equal(event_value(&copy.events[i], "record"), text));
	journal_copy_finish(&copy);
	return count;
}

/* The restored house opens as ever, and has exactly the recordings that it is to have: of
 * the first so many those that were not deleted. */
static void expect_house(struct house *house, size_t count)
{
	struct desk_bench *bench = desk_bench_create_on(SEED + 1, open_restored, house);
	struct desk_bench_link *alice = desk_bench_link(bench, DESK_OWNER);

	expect_same_keys(house);
	assert_true(desk_bench_unlock(bench, alice, "alice", PASSPHRASE));
	expect_whole(bench, alice);
	for (size_t i = 0; i < house->count; i++)
		assert_int_equal(play(bench, alice, house->records[i], house->sound[i]),
				 i < count && !house->is_gone[i] ? OK : ERR_MISSING);
	desk_bench_destroy(bench);
	assert_int_equal(count_events(house, EVENT_RESTORED, NULL), 1);
}

/* The bytes of a row of the running house. */
static const struct store_row *row_of(const struct house *house, enum store_space space,
				      size_t record_, enum recording_kind kind)
{
	uint8_t bytes[RECORDING_KEY_BYTES];

	recording_key(alice_id(house), house->records[record_], kind, bytes);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		uint8_t *value;
		const struct store_row *row =
			store_fake_row(house->bench->rows, i, &value);

		if (row->key.space == space && row->key.size == sizeof(bytes) &&
		    memcmp(row->key.bytes, bytes, sizeof(bytes)) == 0)
			return row;
	}
	return NULL;
}

static void add_needles(struct search *search, const struct house *house, size_t at)
{
	static const enum store_space spaces[] = {STORE_SALT, STORE_RECORD};

	for (size_t i = 0; i < 2 * STR_COUNT(spaces); i++) {
		const struct store_row *row =
			row_of(house, spaces[i / 2], at,
			       i % 2 ? RECORDING_TRANSCRIPT : RECORDING_SOUND);
		const size_t skip = spaces[i / 2] == STORE_SALT ? 1 : HEAD;

		assert_non_null(row);
		search_add_bytes(search, "of the deleted", row->value + skip,
				 row->size - skip, 1);
	}
}

/* --- tests ------------------------------------------------------------------------------- */

static void it_comes_back_whole(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];

	record(house, FIRST);
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 24 left out 0 older 0 known 1");
	expect_house(house, FIRST);
}

/* --- the house book ----------------------------------------------------------------------- */

enum { BOOK_BODY = 90, BOOK_OLD = 1, BOOK_NEW };
enum { BOOK_TOKEN = RECORDS_MAX - 1, BOOK_ROUNDS = 12 }; /* no recording's token */

static void fill_entry(uint8_t body[BOOK_BODY], uint8_t number, int form)
{
	for (size_t i = 0; i < BOOK_BODY; i++)
		body[i] = (uint8_t)(number * 31 + form * 7 + (int)i);
}

static void put_entry(struct house *house, uint8_t number, int form)
{
	uint8_t body[BOOK_BODY];
	struct wire_book_put put = {.token = BOOK_TOKEN,
				    .kind = BOOK_TIMER,
				    .body = {body, sizeof(body)}};

	fill_entry(body, number, form);
	put.id.bytes[0] = number;
	desk_bench_say(house->bench, house->hub, WIRE_book_put, &put);
}

static void take_out_entry(struct house *house, uint8_t number)
{
	struct wire_book_remove remove = {.token = BOOK_TOKEN};

	remove.id.bytes[0] = number;
	desk_bench_say(house->bench, house->hub, WIRE_book_remove, &remove);
}

/* What any hub is told of it; 0: there is no such entry, else its form. */
static void look_into_book(struct desk_bench *bench, int forms[UINT8_MAX + 1])
{
	const struct wire_book_get get = {.token = BOOK_TOKEN};
	struct desk_bench_link *hub = desk_bench_link(bench, DESK_HUB);
	const struct wire_message *message;

	memset(forms, 0, (UINT8_MAX + 1) * sizeof(*forms));
	while (desk_bench_take(hub))
		continue;
	desk_bench_say(bench, hub, WIRE_book_get, &get);
	desk_bench_settle(bench);
	while ((message = desk_bench_take(hub)) && message->type == WIRE_book_row) {
		const struct wire_book_row *row = &message->book_row;
		uint8_t body[BOOK_BODY];

		assert_int_equal(row->kind, BOOK_TIMER);
		assert_int_equal(row->body.size, sizeof(body));
		for (int form = BOOK_OLD; form <= BOOK_NEW; form++) {
			fill_entry(body, row->id.bytes[0], form);
			if (memcmp(body, row->body.bytes, sizeof(body)) == 0)
				forms[row->id.bytes[0]] = form;
		}
		assert_int_not_equal(forms[row->id.bytes[0]], 0);
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
}

/* The keeper that has it now, and the restored one, in which nothing is foreign. */
static void expect_same_book(struct house *house)
{
	struct desk_bench *bench = desk_bench_create_on(SEED + 1, open_restored, house);
	int here[UINT8_MAX + 1];
	int there[UINT8_MAX + 1];

	look_into_book(house->bench, here);
	look_into_book(bench, there);
	assert_memory_equal(here, there, sizeof(here));
	assert_false(desk_incident_freezes(bench->desk));
	desk_bench_destroy(bench);
}

/* While it is copied: entries come, change and go; not in its last steps, of which nobody
 * knows which of them are in it. */
static void write_in_book_at_first(struct house *house, unsigned round)
{
	if (round >= BOOK_ROUNDS)
		return;
	put_entry(house, (uint8_t)(40 + round), BOOK_NEW);
	take_out_entry(house, (uint8_t)(20 + round));
	put_entry(house, (uint8_t)(1 + round), BOOK_NEW);
}

static void the_house_book_comes_back_as_it_was(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	const struct files mixed = {"a", "b", "b"};
	char said[1024];

	for (uint8_t number = 1; number <= 40; number++) {
		put_entry(house, number, BOOK_OLD);
		desk_bench_settle(house->bench);
	}
	take_out_entry(house, 7);
	record(house, 8);
	back_up(house, write_in_book_at_first, "a");
	assert_int_equal(restore(house, "first", &files, PASSPHRASE, said), OK);
	expect_same_book(house);
	/* And what went since does not come out of an older ciphertext. */
	take_out_entry(house, 11);
	put_entry(house, 12, BOOK_NEW);
	desk_bench_settle(house->bench);
	back_up(house, NULL, "b");
	assert_int_equal(restore(house, "second", &mixed, PASSPHRASE, said), OK);
	expect_same_book(house);
}

static void a_recovery_code_opens_it_too(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];

	record(house, 2);
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &files, house->recovery, said), OK);
	expect_house(house, 2);
}

static void record_now_and_then(struct house *house, unsigned round)
{
	if (round % 3 == 0 && house->count < RECORDS_MAX)
		say_recording(house);
}

static void what_is_recorded_meanwhile_is_in_it_or_not_known_to_it(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	size_t in_it = 0;
	bool opens[RECORDS_MAX];
	char said[1024];
	struct desk_bench *bench;
	struct desk_bench_link *alice;

	record(house, FIRST);
	back_up(house, record_now_and_then, "a");
	assert_true(house->count > FIRST + 3);
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	bench = desk_bench_create_on(SEED + 1, open_restored, house);
	alice = desk_bench_link(bench, DESK_OWNER);
	assert_true(desk_bench_unlock(bench, alice, "alice", PASSPHRASE));
	expect_whole(bench, alice);
	for (size_t i = 0; i < house->count; i++)
		opens[i] = play(bench, alice, house->records[i], house->sound[i]) == OK;
	desk_bench_destroy(bench);
	for (size_t i = 0; i < house->count; i++) {
		assert_int_equal(count_events(house, EVENT_RECORDED, &house->records[i]),
				 opens[i]);
		in_it += opens[i];
	}
	assert_int_equal(count_events(house, EVENT_DELETED, NULL), 0);
	assert_true(in_it > FIRST);
}

static void an_old_ciphertext_brings_nothing_back(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "b", "b"};
	struct search *search = search_create();
	char where[SEARCH_WHERE_BYTES];
	char said[1024];
	char old[FILE_PATH_BYTES];

	record(house, FIRST);
	back_up(house, NULL, "a");
	add_needles(search, house, 5);
	/* The search finds it where it is. */
	path_of(house, "", "", old);
	assert_true(search_folder(search, old, where));
	delete (house, 5);
	record(house, 2);
	/* Nor is a salt there without its recording. */
	add_needles(search, house, FIRST);
	back_up(house, NULL, "b");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 23 left out 2 older 1 known 1");
	assert_false(search_folder(search, house->data, where));
	assert_true(search_files(search) > 0);
	expect_house(house, FIRST);
	search_destroy(search);
}

static void the_journal_of_an_old_ciphertext_learns_what_is_gone(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "b", "b"};
	char said[1024];

	record(house, 6);
	delete (house, 1); /* of which the old journal knows */
	back_up(house, NULL, "a");
	delete (house, 3);
	back_up(house, NULL, "b");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(count_events(house, EVENT_DELETED, &house->records[i]),
				 house->is_gone[i]);
}

static void kek_done(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	assert_int_equal(err, OK);
	desk_kek_written(desk, item, err);
}

/* Everything of an owner ends at once, and the rest is there until it is swept. */
static void what_was_erased_at_once_stays_away(void **state)
{
	struct house *house = *state;
	const struct files old = {"a", "b", "b"};
	const struct files now = {"b", "b", "b"};
	struct item *item = NULL;
	char said[1024];

	record(house, 8);
	back_up(house, NULL, "a");
	assert_int_equal(item_create(NULL, 0, kek_done, &item), OK);
	desk_event(house->bench->desk, &item->event, EVENT_ERASED, "");
	desk_event_add_id(&item->event, "owner", alice_id(house).bytes);
	assert_int_equal(desk_kek_renew(house->bench->desk, 0, item), OK);
	desk_write_take(house->bench->desk, &item);
	desk_bench_settle(house->bench);
	for (size_t i = 0; i < 8; i++)
		house->is_gone[i] = true;
	record(house, 3);
	back_up(house, NULL, "b");
	assert_int_equal(restore(house, "new", &old, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 0 left out 16 older 1 known 1");
	expect_house(house, 8);
	assert_int_equal(restore(house, "other", &now, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 3 left out 16 older 0 known 1");
	expect_house(house, 11);
}

static void an_old_key_table_does_not_open(void **state)
{
	struct house *house = *state;
	const struct files old_keys = {"b", "a", "b"};
	const struct files old_key = {"b", "b", "a"};
	const struct files both = {"a", "a", "a"};
	char said[1024];

	record(house, 3);
	back_up(house, NULL, "a");
	delete (house, 1);
	back_up(house, NULL, "b");
	assert_int_equal(restore(house, "new", &old_keys, PASSPHRASE, said), ERR_AUTH);
	assert_non_null(strstr(said, "another backup key"));
	assert_int_equal(restore(house, "new", &old_key, PASSPHRASE, said), ERR_AUTH);
	assert_non_null(strstr(said, "another backup key"));
	/* Who kept both, and knows the passphrase, opens it: docs/backups.md says so. */
	assert_int_equal(restore(house, "new", &both, PASSPHRASE, said), OK);
}

static void nobody_else_opens_it(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];
	char path[FILE_PATH_BYTES];

	record(house, 1);
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &files, "wrong horse", said), ERR_DENIED);
	assert_non_null(strstr(said, "no owner with that name and passphrase"));
	assert_true(file_join(path, sizeof(path), house->data, "keeper"));
	assert_int_equal(rmdir(path), 0); /* it is empty */
}

static void a_house_is_never_written_over(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];

	record(house, 1);
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), ERR_EXISTS);
	assert_non_null(strstr(said, "there is a house already"));
	expect_house(house, 1);
}

/* --- files that are not as they were written --------------------------------------------- */

static enum err take_any(void *context, const struct backup_row *row)
{
	(void)context;
	(void)row;
	return OK;
}

/* Reads one by its outer form; said names what is wrong. */
static enum err read_form(const struct house *house, size_t kind, const char *more,
			  struct err_note *note)
{
	const struct restore_walk walk = {.row = take_any};
	struct restore_file file = {.kind = (enum backup_kind)(kind + 1)};
	char path[FILE_PATH_BYTES];
	enum err err;

	path_of(house, NAMES[kind], more, path);
	file.path = path;
	file.fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(file.fd >= 0);
	note->text[0] = '\0';
	err = restore_read(&file, &walk, note);
	(void)close(file.fd);
	return err;
}

static void every_changed_bit_is_found(void **state)
{
	struct house *house = *state;

	record(house, 2);
	take_backup(house, NULL);
	for (size_t kind = 0; kind < BACKUP_KIND_COUNT; kind++) {
		struct buf *file = &house->files[kind];
		struct err_note note;
		/* All of a small one, and of a large one a prime step apart. */
		const size_t step = file->size / 400 + 1;

		write_file(house, kind, "a", file);
		assert_int_equal(read_form(house, kind, "a", &note), OK);
		for (size_t at = 0; at < file->size; at += step) {
			file->bytes[at] ^= (uint8_t)(1U << at % 8);
			write_file(house, kind, "x", file);
			assert_int_not_equal(read_form(house, kind, "x", &note), OK);
			assert_non_null(strstr(note.text, NAMES[kind]));
			file->bytes[at] ^= (uint8_t)(1U << at % 8);
		}
	}
}

static void what_is_cut_short_is_found(void **state)
{
	struct house *house = *state;

	record(house, 2);
	take_backup(house, NULL);
	for (size_t kind = 0; kind < BACKUP_KIND_COUNT; kind++) {
		struct buf cut = house->files[kind];
		struct err_note note;
		const size_t step = cut.size / 200 + 1;

		for (; cut.size > 0; cut.size -= cut.size < step ? cut.size : step) {
			if (cut.size == house->files[kind].size)
				continue;
			write_file(house, kind, "x", &cut);
			assert_int_equal(read_form(house, kind, "x", &note), ERR_FORMAT);
			assert_non_null(strstr(note.text, NAMES[kind]));
		}
		assert_int_equal(buf_add(&house->files[kind], "x", 1), OK);
		write_file(house, kind, "x", &house->files[kind]);
		assert_int_equal(read_form(house, kind, "x", &note), ERR_FORMAT);
	}
}

static void files_of_two_houses_are_told_apart(void **state)
{
	struct house *house = *state;
	const struct files files = {"other", "a", "a"};
	void *other_state = NULL;
	struct house *other;
	char said[1024];

	record(house, 1);
	back_up(house, NULL, "a");
	assert_int_equal(begin(&other_state), 0);
	other = other_state;
	desk_bench_destroy(other->bench);
	other->bench = desk_bench_create_house(SEED, 1);
	other->hub = desk_bench_link(other->bench, DESK_HUB);
	other->alice = desk_bench_link(other->bench, DESK_OWNER);
	assert_true(desk_bench_make_owner(other->bench, other->alice, "alice", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(other->bench, other->alice, "alice", PASSPHRASE));
	take_backup(other, NULL);
	write_file(house, 0, "other", &other->files[0]);
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), ERR_AUTH);
	assert_non_null(strstr(said, "two houses"));
	assert_int_equal(end(&other_state), 0);
}

/* --- the backup key ---------------------------------------------------------------------- */

static void every_deletion_ends_the_backup_key(void **state)
{
	struct house *house = *state;
	struct desk *desk = house->bench->desk;
	uint64_t number = desk->backup.number;
	size_t rows = 0;

	assert_true(number > 0);
	record(house, 3);
	assert_int_equal(desk->backup.number, number); /* what is added ends nothing */
	delete (house, 0);
	assert_int_equal(desk->backup.number, number + 1);
	delete (house, 1);
	assert_int_equal(desk->backup.number, number + 2);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		uint8_t *value;

		rows += store_fake_row(house->bench->rows, i, &value)->key.space ==
			STORE_BACKUP;
	}
	assert_int_equal(rows, 1);
	desk_bench_restart(house->bench);
	assert_int_equal(house->bench->desk->backup.number, number + 2);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
}

static void fail_done(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	assert_int_not_equal(err, OK);
}

static void a_deletion_that_is_not_written_ends_none(void **state)
{
	struct house *house = *state;
	struct desk *desk = house->bench->desk;
	const uint64_t number = desk->backup.number;
	struct item *item = NULL;
	const struct store_key key = desk_key(desk, STORE_SALT, "nobody's", 8);

	assert_int_equal(item_create(NULL, 0, fail_done, &item), OK);
	desk_event(desk, &item->event, EVENT_DELETED, "");
	item_destroy_row(item, &key);
	desk_write_take(desk, &item);
	desk_bench_settle(house->bench);
	assert_int_equal(desk->backup.number, number);
	record(house, 1);
	delete (house, 0);
	assert_int_equal(desk->backup.number, number + 1);
}

static void any_done(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)desk;
	(void)item;
	(void)err;
	(void)place;
}

static uint64_t stored_number(const struct house *house)
{
	uint64_t number = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		if (row->key.space == STORE_BACKUP)
			assert_true(desk_number_of(&row->key, &number));
	}
	return number;
}

/* Without an entry of the journal, only the key itself says whether it was written. */
static void a_quiet_deletion_in_doubt_is_looked_up(void **state)
{
	enum { TRIES = 16 };
	struct house *house = *state;
	struct desk *desk = house->bench->desk;
	const struct store_key key = desk_key(desk, STORE_SALT, "nobody's", 8);
	size_t written = 0;

	record(house, 1);
	for (size_t i = 0; i < TRIES; i++) {
		const uint64_t number = desk->backup.number;
		struct item *item = NULL;

		assert_int_equal(item_create(NULL, 0, any_done, &item), OK);
		item->has_no_event = true;
		item_clear_row(item, &key);
		store_fake_fail_after(house->bench->rows, 0, ERR_IO, true);
		desk_write_take(desk, &item);
		desk_bench_settle(house->bench);
		store_fake_heal(house->bench->rows);
		assert_int_equal(desk->backup.number, stored_number(house));
		written += desk->backup.number == number + 1;
		take_backup(house, NULL);
		keep_backup(house);
	}
	assert_in_range(written, 1, TRIES - 1);
}

static void it_is_known_whether_the_last_one_is_older_than_a_deletion(void **state)
{
	struct house *house = *state;

	record(house, 2);
	assert_false(desk_backup_is_older(house->bench->desk)); /* there is none */
	take_backup(house, NULL);
	assert_int_equal(house->bench->desk->backup.last.made_ms, 0); /* nor yet */
	keep_backup(house);
	assert_int_equal(house->bench->desk->backup.last.bytes, 12345);
	assert_false(desk_backup_is_older(house->bench->desk));
	delete (house, 0);
	assert_true(desk_backup_is_older(house->bench->desk));
	desk_bench_restart(house->bench);
	assert_int_equal(house->bench->desk->backup.last.bytes, 12345);
	assert_true(desk_backup_is_older(house->bench->desk));
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	take_backup(house, NULL);
	keep_backup(house);
	assert_false(desk_backup_is_older(house->bench->desk));
}

static void delete_now_and_then(struct house *house, unsigned round)
{
	if (round % 4 == 1 && round / 4 < FIRST)
		say_delete(house, round / 4);
}

static void what_is_deleted_meanwhile_is_not_in_it(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	struct desk_bench *bench;
	struct desk_bench_link *alice;
	bool opens[FIRST];
	char said[1024];
	size_t gone = 0;

	record(house, FIRST);
	take_backup(house, delete_now_and_then);
	for (size_t i = 0; i < FIRST; i++)
		gone += house->is_gone[i];
	assert_true(gone > 2);
	write_backup(house, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_true(house->begun[BACKUP_KEYS - 1] >= 1);
	bench = desk_bench_create_on(SEED + 1, open_restored, house);
	alice = desk_bench_link(bench, DESK_OWNER);
	assert_true(desk_bench_unlock(bench, alice, "alice", PASSPHRASE));
	expect_whole(bench, alice);
	for (size_t i = 0; i < FIRST; i++)
		opens[i] = play(bench, alice, house->records[i], house->sound[i]) == OK;
	desk_bench_destroy(bench);
	/* What was deleted after the backup's end may be in it. */
	for (size_t i = 0; i < FIRST; i++) {
		assert_int_equal(count_events(house, EVENT_DELETED, &house->records[i]),
				 !opens[i]);
		assert_true(opens[i] || house->is_gone[i]);
	}
}

static void delete_all_the_time(struct house *house, unsigned round)
{
	if (round % 2 == 0 && round / 2 < FIRST)
		say_delete(house, round / 2);
}

static void a_key_that_ends_all_the_time_is_waited_for_while_the_queue_is_held(
	void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];

	record(house, FIRST);
	take_backup(house, delete_all_the_time);
	assert_in_range(house->begun[BACKUP_KEYS - 1], 2, 8);
	write_backup(house, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
}

/* --- what is written meanwhile ----------------------------------------------------------- */

enum { NOTES = 65536, MANY = 1200 };

/* Rows of that space, so many; none of them ends a key. */
static void write_many(struct house *house, enum store_space space, size_t count)
{
	struct desk *desk = house->bench->desk;

	for (size_t i = 0; i < count; i += ITEM_ROWS_MAX) {
		struct item *item = NULL;

		assert_int_equal(item_create(NULL, 0, any_done, &item), OK);
		item->has_no_event = true;
		for (size_t j = i; j < i + ITEM_ROWS_MAX; j++) {
			const struct store_key key = desk_key_number(desk, space, j);

			assert_int_equal(item_put_row(item, &key, "row", 3), OK);
		}
		desk_write_take(desk, &item);
		if (!desk->backup.is_held)
			desk_bench_settle(house->bench);
	}
}

static void expect_refused(struct house *house, const char *reason)
{
	const struct wire_message *message = NULL;

	for (unsigned round = 0; !message || message->type == WIRE_backup_piece;
	     round++) {
		assert_true(round < 1000);
		ask_more(house, 1);
		desk_bench_settle(house->bench);
		message = desk_bench_take(house->alice);
	}
	assert_int_equal(message->type, WIRE_refused);
	assert_string_equal(message->refused.reason, reason);
	assert_null(house->bench->desk->backup.job);
	while (desk_bench_take(house->alice)) /* that it asked for more too late */
		continue;
}

static void more_than_can_be_noted_ends_it(void **state)
{
	struct house *house = *state;

	record(house, 1);
	ask_backup(house);
	desk_bench_settle(house->bench);
	write_many(house, STORE_TILE, NOTES + 1);
	expect_refused(house, "BACKUP_OVERRUN");
	take_backup(house, NULL);
}

/* Each of them may come while the other file is copied, or before it was begun. */
static void many_notes_are_followed_in_between(void **state)
{
	static const enum store_space spaces[][2] = {{STORE_TILE, STORE_ATTESTED},
						     {STORE_ATTESTED, STORE_TILE},
						     {STORE_ATTESTED, STORE_ATTESTED}};
	struct house *house = *state;

	record(house, 1);
	for (size_t i = 0; i < STR_COUNT(spaces); i++) {
		struct wire_backup_made made = {.entries = 0};
		bool is_made = false;

		ask_backup(house);
		desk_bench_settle(house->bench);
		for (unsigned round = 0; !is_made; round++) {
			assert_true(round < 10000);
			if (round < 2)
				write_many(house, spaces[i][round], MANY);
			ask_more(house, 1);
			desk_bench_settle(house->bench);
			is_made = take_pieces(house, &made);
		}
		keep_backup(house);
	}
}

static void write_all_the_time(struct house *house, unsigned round)
{
	if (round == 2)
		write_many(house, STORE_TILE, MANY);
	if (round % 8 == 0 && !house->bench->desk->backup.is_held)
		write_many(house, STORE_TILE, ITEM_ROWS_MAX);
}

static void a_house_that_never_rests_is_held_all_the_same(void **state)
{
	struct house *house = *state;

	record(house, 1);
	take_backup(house, write_all_the_time);
	assert_false(house->bench->desk->backup.is_held);
}

/* A batch that was under way when it began, one while the queue is held, and one that the
 * store did not write. */
static void batches_under_way_are_waited_for(void **state)
{
	struct house *house = *state;
	struct desk *desk = house->bench->desk;
	const struct files files = {"a", "a", "a"};
	const struct store_key key = desk_key(desk, STORE_SALT, "nobody's", 8);
	struct wire_backup_made made = {.entries = 0};
	struct item *item = NULL;
	char said[1024];

	record(house, 2);
	say_recording(house);
	ask_backup(house);
	desk_bench_settle(house->bench);
	assert_int_equal(item_create(NULL, 0, fail_done, &item), OK);
	item->has_no_event = true;
	item_destroy_row(item, &key);
	desk_write_take(desk, &item);
	desk_bench_settle(house->bench);
	store_fake_hold_writes(house->bench->rows, true);
	say_recording(house);
	for (unsigned round = 0; round < 200; round++) {
		ask_more(house, 1);
		store_step(&house->bench->store);
		assert_false(take_pieces(house, &made));
	}
	assert_true(desk->backup.is_held);
	clock_fake_pass(&house->bench->clock, 1000);
	desk_tick(desk);
	assert_true(desk->backup.is_held);
	store_fake_hold_writes(house->bench->rows, false);
	for (unsigned round = 0; !take_pieces(house, &made); round++) {
		assert_true(round < 1000);
		ask_more(house, 1);
		store_step(&house->bench->store);
	}
	desk_bench_settle(house->bench);
	hear(house);
	write_backup(house, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 4 left out 0 older 0 known 1");
	expect_house(house, 4);
}

/* --- rows of the backup key -------------------------------------------------------------- */

static void put_row(struct house *house, enum store_space space, const void *key,
		    size_t size)
{
	struct store_row row = {.key = desk_key(house->bench->desk, space, key, size),
				.value = (const uint8_t *)"row",
				.size = 3};

	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static void sign_in_again(struct house *house)
{
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
}

static size_t find_row(const struct house *house, enum store_space space, uint64_t number)
{
	const struct store_key key = desk_key_number(house->bench->desk, space, number);
	size_t at = 0;

	for (; at < store_fake_row_count(house->bench->rows); at++) {
		const struct store_key *found =
			&store_fake_row(house->bench->rows, at, NULL)->key;

		if (found->space == space && found->size == key.size &&
		    memcmp(found->bytes, key.bytes, key.size) == 0)
			return at;
	}
	fail_msg("no such row");
	return at;
}

static void without_its_key_it_is_refused(void **state)
{
	struct house *house = *state;

	record(house, 2);
	store_fake_remove(house->bench->rows,
			  find_row(house, STORE_BACKUP,
				   house->bench->desk->backup.number));
	ask_backup(house);
	expect_refused(house, "DAMAGED");
	delete (house, 0); /* which begins another one */
	take_backup(house, NULL);
}

static void rows_beside_the_key_that_nobody_wrote_do_no_harm(void **state)
{
	static const uint8_t newest[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct house *house = *state;
	struct backup_last none = {.made_ms = 0};
	uint64_t number;
	uint8_t *value;

	record(house, 2);
	take_backup(house, NULL);
	keep_backup(house);
	number = house->bench->desk->backup.number;
	put_row(house, STORE_BACKUP, "\0\0\0\0\0\0\0\0\1", 9);
	put_row(house, STORE_BACKUP, newest, sizeof(newest));
	put_row(house, STORE_WRAP, "id", 2);
	(void)store_fake_row(house->bench->rows,
			     find_row(house, STORE_BACKUP, BACKUP_NUMBER_LAST), &value);
	value[30] ^= 1;
	desk_bench_restart(house->bench);
	assert_int_equal(house->bench->desk->backup.number, number);
	assert_memory_equal(&house->bench->desk->backup.last, &none, sizeof(none));
	sign_in_again(house);
	take_backup(house, NULL);
	keep_backup(house);
	assert_int_equal(house->bench->desk->backup.last.bytes, 12345);
}

/* --- who asks for it --------------------------------------------------------------------- */

static void nobody_who_stops_asking_holds_the_house_up(void **state)
{
	struct house *house = *state;
	const struct wire_message *message;

	record(house, 2);
	ask_backup(house);
	for (unsigned round = 0; !house->bench->desk->backup.is_held; round++) {
		assert_true(round < 10000);
		if (store_fake_waiting(house->bench->rows) == 0)
			ask_more(house, 1);
		else
			store_step(&house->bench->store);
	}
	say_recording(house);
	house->bench->clock.now_us += 20000000;
	desk_tick(house->bench->desk);
	desk_bench_settle(house->bench);
	assert_false(house->bench->desk->backup.is_held);
	hear(house);
	assert_false(id_is_none(house->records[2].bytes));
	while ((message = desk_bench_take(house->alice)) &&
	       message->type == WIRE_backup_piece)
		continue;
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_refused);
	take_backup(house, NULL);
}

static void a_link_that_closes_ends_its_backup(void **state)
{
	struct house *house = *state;
	struct wire_backup_made made;

	record(house, 2);
	ask_backup(house);
	ask_more(house, 1);
	desk_bench_settle(house->bench);
	assert_false(take_pieces(house, &made));
	desk_bench_unlink(house->bench, house->alice);
	assert_null(house->bench->desk->backup.job);
	assert_false(house->bench->desk->backup.is_held);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	take_backup(house, NULL);
}

static void only_one_is_made_at_a_time(void **state)
{
	struct house *house = *state;
	struct desk_bench_link *first = house->alice;

	ask_backup(house);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_backup_get,
					      &(struct wire_backup_get){.unused = 0}),
			    "BACKUP_RUNS");
	/* And what belongs to one is taken from its own link alone. */
	assert_string_equal(desk_bench_change(house->bench, house->alice,
					      WIRE_backup_more,
					      &(struct wire_backup_more){.pieces = 1}),
			    "TOO_LATE");
	assert_string_equal(desk_bench_change(house->bench, house->alice,
					      WIRE_backup_kept,
					      &(struct wire_backup_kept){.bytes = 1}),
			    "TOO_LATE");
	assert_string_equal(desk_bench_change(house->bench, first, WIRE_backup_kept,
					      &(struct wire_backup_kept){.bytes = 1}),
			    "TOO_LATE");
}

static void it_takes_an_owner_who_is_signed_in(void **state)
{
	struct house *house = *state;
	struct desk_bench_link *link = desk_bench_link(house->bench, DESK_OWNER);

	assert_string_equal(desk_bench_change(house->bench, house->alice,
					      WIRE_backup_more,
					      &(struct wire_backup_more){.pieces = 1}),
			    "TOO_LATE"); /* none is made */
	assert_string_equal(desk_bench_change(house->bench, link, WIRE_backup_get,
					      &(struct wire_backup_get){.unused = 0}),
			    "NOT_SIGNED_IN");
}

/* --- a house of two, with a box and a gate ------------------------------------------------ */

static void add_bob(struct house *house)
{
	const struct wire_room_set hall = {.room = "hall", .capabilities = MAY_ALL};
	const struct wire_box_set box = {.on = 1};
	struct desk_bench_link *bob = desk_bench_link(house->bench, DESK_OWNER);

	clock_fake_pass(&house->bench->clock, 1000);
	assert_true(desk_bench_make_owner(house->bench, house->alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(house->bench, bob, "bob", PASSPHRASE));
	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_room_set,
					      &hall),
			    "");
	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_box_set,
					      &box),
			    "");
	desk_bench_unlink(house->bench, bob);
	while (desk_bench_take(house->hub))
		continue;
}

/* In a room that is nobody's. */
static void record_in_hall(struct house *house)
{
	int16_t *sound = house->sound[house->count];

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 3);
	desk_bench_seal(house->bench, house->hub, house->count, ++house->turn << 16,
			"hall", "what time is it", sound, SAMPLES);
	house->count++;
	desk_bench_settle(house->bench);
	hear(house);
}

/* The restored house at the time at which it was restored. */
static struct desk_bench *open_now(struct house *house)
{
	struct desk_bench *bench;

	house->stays_closed = true;
	bench = desk_bench_create_on(SEED + 1, open_restored, house);
	house->stays_closed = false;
	desk_bench_stop(bench);
	bench->clock.wall_ms = (int64_t)time(NULL) * 1000;
	desk_bench_start(bench);
	return bench;
}

static void expect_box_opens(struct house *house, const char *name)
{
	struct desk_bench *bench = open_now(house);
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);
	const size_t last = house->count - 1;

	assert_true(desk_bench_unlock(bench, link, name, PASSPHRASE));
	expect_whole(bench, link);
	assert_int_equal(play(bench, link, house->records[last], house->sound[last]), OK);
	desk_bench_destroy(bench);
}

/* Each of them may restore it; whose it was made by is known to that one alone. */
static void the_box_the_gate_and_the_other_owner_come_back(void **state)
{
	static const struct {
		const char *name;
		const char *said;
	} as[] = {{"alice", "recordings 3 left out 0 older 0 known 1"},
		  {"bob", "recordings 3 left out 0 older 0 known 0"}};
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char path[FILE_PATH_BYTES];
	char said[1024];

	/* A restore goes by the machine's clock, and the box forgets after a day. */
	house->bench->clock.wall_ms = (int64_t)time(NULL) * 1000;
	record(house, 2);
	add_bob(house);
	record_in_hall(house);
	assert_int_equal(play(house->bench, house->alice, house->records[2],
			      house->sound[2]),
			 OK);
	back_up(house, NULL, "a");
	house->as = NULL;
	assert_int_equal(restore(house, "nobody", &files, PASSPHRASE, said), ERR_DENIED);
	assert_non_null(strstr(said, "say --owner NAME"));
	house->as = "carol";
	assert_int_equal(restore(house, "carol", &files, PASSPHRASE, said), ERR_DENIED);
	for (size_t i = 0; i < STR_COUNT(as); i++) {
		house->as = as[i].name;
		assert_int_equal(restore(house, as[i].name, &files, PASSPHRASE, said),
				 OK);
		assert_string_equal(said, as[i].said);
		assert_true(
			file_join(path, sizeof(path), house->data, "keeper/gate.key"));
		assert_true(file_exists(path));
		expect_box_opens(house, "alice");
		expect_box_opens(house, "bob");
	}
}

/* Who was removed makes none, and opens none. */
static void a_removed_owner_is_in_none(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	const struct wire_owner_remove removal = {.name = "bob"};
	struct desk_bench_link *bob;
	char said[1024];

	record(house, 2);
	add_bob(house);
	bob = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, bob, "bob", PASSPHRASE));
	assert_string_equal(desk_bench_change(house->bench, house->alice,
					      WIRE_owner_remove, &removal),
			    "");
	assert_string_equal(desk_bench_change(house->bench, bob, WIRE_backup_get,
					      &(struct wire_backup_get){.unused = 0}),
			    "REMOVED");
	desk_bench_settle(house->bench);
	back_up(house, NULL, "a");
	house->as = "bob";
	assert_int_equal(restore(house, "bob", &files, PASSPHRASE, said), ERR_DENIED);
	house->as = NULL;
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	expect_house(house, 2);
}

/* What lay in the box for its day, and no key opens by then. */
static void what_the_box_has_forgotten_does_not_come_back(void **state)
{
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	const int64_t day_ms = 24 * 3600 * (int64_t)1000;
	char said[1024];

	add_bob(house);
	record_in_hall(house);
	for (int64_t ms = 0; ms < 2 * day_ms; ms += day_ms / 24) {
		clock_fake_pass(&house->bench->clock, day_ms / 24);
		desk_tick(house->bench->desk);
		desk_bench_settle(house->bench);
	}
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	back_up(house, NULL, "a");
	house->as = "alice";
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_non_null(strstr(said, "recordings 0 "));
}

/* --- files that somebody wrote anew ----------------------------------------------------- */

enum { FILE_CIPHERTEXT, FILE_KEYS, FILE_KEY, OLD_EPOCH_BYTES = 233 };

struct rewriting {
	const struct edit *edit;
	struct backup_stream *to;
	size_t met; /* rows that the edit is about */
};

/* What is done to the rows of a space, or of an extra, of one of the files. */
static const struct edit {
	const char *what;
	size_t file;
	enum backup_extra of;
	enum store_space space; /* with BACKUP_EXTRA_NONE */
	enum {
		DROP,
		FLIP,
		CUT_KEY,
		CUT,
		GROW,
		TWICE,
		SOME,
		MANY_MORE,
		GONE,
		TURN,
		STRANGE,
		OLD,     /* of layout 1 */
		FOREIGN, /* the file is another keeper's */
	} how;
	enum backup_extra as;    /* TURN: the row becomes one of these */
	enum store_space turned; /* the same */
	const char *words;       /* of the refusal; NULL: it is restored, */
	const char *said;        /* and this is said */
} EDITS[] = {
	{"nobody signed it", FILE_KEY, BACKUP_EXTRA_BY, 0, DROP, 0, 0, "nobody signed it",
	 NULL},
	{"its signature is another", FILE_KEY, BACKUP_EXTRA_BY, 0, FLIP, 0, 0,
	 "did not sign this backup", NULL},
	{"its signature is short", FILE_KEY, BACKUP_EXTRA_BY, 0, CUT, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"whose signature is cut", FILE_KEY, BACKUP_EXTRA_BY, 0, CUT_KEY, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"somebody else signed it", FILE_KEY, BACKUP_EXTRA_BY, 0, STRANGE, 0, 0, NULL,
	 "known 0"},
	{"the key in it is another", FILE_KEY, BACKUP_EXTRA_BOX, 0, FLIP, 0, 0,
	 "the backup key in it is not the one", NULL},
	{"the key in it is short", FILE_KEY, BACKUP_EXTRA_BOX, 0, CUT, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"whose key it is is cut", FILE_KEY, BACKUP_EXTRA_BOX, 0, CUT_KEY, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"a key of nobody's", FILE_KEY, BACKUP_EXTRA_BOX, 0, STRANGE, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"no key for anybody", FILE_KEY, BACKUP_EXTRA_BOX, 0, DROP, 0, 0, "owner", NULL},
	{"a row of it is gone", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, GONE, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"a wrap is long", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, GROW, 0, 0,
	 "keyb: what it holds are not rows", NULL},
	{"whose wrap it is is cut", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, CUT_KEY, 0,
	 0, "keyb: what it holds are not rows", NULL},
	{"wraps are others", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, FLIP, 0, 0,
	 "no owner with that name and passphrase", NULL},
	{"no wraps", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, DROP, 0, 0,
	 "no owner with that name and passphrase", NULL},
	{"an owner is another", FILE_KEY, BACKUP_EXTRA_NONE, STORE_OWNER, FLIP, 0, 0,
	 "keyb: it does not verify", NULL},
	{"the keeper's keys lie in it", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, TURN,
	 BACKUP_EXTRA_KEEPER, 0, "keyb: what it holds are not rows", NULL},
	{"a salt lies in it", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, TURN,
	 BACKUP_EXTRA_NONE, STORE_SALT, "keyb: what it holds are not rows", NULL},
	{"no keeper", FILE_KEYS, BACKUP_EXTRA_KEEPER, 0, DROP, 0, 0,
	 "the keeper's keys are not in it", NULL},
	{"the keeper is short", FILE_KEYS, BACKUP_EXTRA_KEEPER, 0, CUT, 0, 0, "keys",
	 NULL},
	{"the keeper twice", FILE_KEYS, BACKUP_EXTRA_KEEPER, 0, TWICE, 0, 0, "keys",
	 NULL},
	{"the keeper of another house", FILE_KEYS, BACKUP_EXTRA_KEEPER, 0, STRANGE, 0, 0,
	 "keys", NULL},
	{"the keeper is another", FILE_KEYS, BACKUP_EXTRA_KEEPER, 0, FLIP, 0, 0,
	 "not one of this keeper\'s", NULL},
	{"the gate is short", FILE_KEYS, BACKUP_EXTRA_GATE, 0, CUT, 0, 0, "keys", NULL},
	{"the gate twice", FILE_KEYS, BACKUP_EXTRA_GATE, 0, TWICE, 0, 0, "keys", NULL},
	{"no gate", FILE_KEYS, BACKUP_EXTRA_GATE, 0, DROP, 0, 0, NULL,
	 "recordings 2 left"},
	{"a recording lies among keys", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_SALT, TURN,
	 BACKUP_EXTRA_NONE, STORE_RECORD, "keys", NULL},
	{"a signature lies among keys", FILE_KEYS, BACKUP_EXTRA_GATE, 0, TURN,
	 BACKUP_EXTRA_BY, 0, "keys", NULL},
	{"no epochs", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_EPOCH, DROP, 0, 0, NULL,
	 "recordings 0 left out 4"},
	{"epochs of no layout", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_EPOCH, CUT, 0, 0,
	 NULL, "recordings 0 left out 4"},
	{"no owner's keys", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_KEK, DROP, 0, 0, NULL,
	 "recordings 0 left out 4"},
	{"no salts", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_SALT, DROP, 0, 0, NULL,
	 "recordings 0 left out 4"},
	{"an extra among recordings", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD,
	 TURN, BACKUP_EXTRA_GATE, 0, "ciphertext", NULL},
	{"a salt among recordings", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD,
	 TURN, BACKUP_EXTRA_NONE, STORE_SALT, "ciphertext", NULL},
	{"recordings of no form", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD, CUT,
	 0, 0, NULL, "recordings 0 left out 4"},
	{"no journal", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_JOURNAL, DROP, 0, 0,
	 "journal", NULL},
	{"another journal", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_JOURNAL, FLIP, 0, 0,
	 "journal", NULL},
	{"owners without end", FILE_KEY, BACKUP_EXTRA_NONE, STORE_OWNER, MANY_MORE, 0, 0,
	 "keyb: ", NULL},
	{"wraps without end", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, MANY_MORE, 0, 0,
	 "keyb: ", NULL},
	{"more wraps than one has", FILE_KEY, BACKUP_EXTRA_NONE, STORE_WRAP, SOME, 0, 0,
	 NULL, "recordings 2 left out 0"},
	{"the house's wraps are others", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_WRAP, FLIP,
	 0, 0, "cannot sign in to what was restored", NULL},
	{"epochs are gone", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_EPOCH, GONE, 0, 0, NULL,
	 "recordings 0 left out 4"},
	{"epochs of layout 1", FILE_KEYS, BACKUP_EXTRA_NONE, STORE_EPOCH, OLD, 0, 0, NULL,
	 "recordings 2 left out 0"},
	{"recordings twice", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD, TWICE, 0,
	 0, NULL, "recordings 2 left out 0"},
	{"recordings are gone", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD, GONE, 0,
	 0, NULL, "recordings 0 left out 0"},
	{"of another keeper", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_RECORD, FOREIGN,
	 0, 0, "are of two houses", NULL},
	{"no checkpoints", FILE_CIPHERTEXT, BACKUP_EXTRA_NONE, STORE_CHECKPOINT, DROP, 0,
	 0, "", NULL},
};

static enum err write_edited(struct rewriting *rewriting, struct backup_row row)
{
	static uint8_t value[STORE_VALUE_BYTES_MAX + 1];
	static uint8_t key[STORE_KEY_BYTES_MAX];
	static const size_t copies[FOREIGN + 1] = {
		[TWICE] = 1,
		[SOME] = OWNER_WRAPS_MAX,
		[MANY_MORE] = DESK_OWNERS_MAX * OWNER_WRAPS_MAX,
	};
	const struct edit *edit = rewriting->edit;
	const bool is_first = rewriting->met++ == 0;
	enum err err = OK;

	if (row.size > 0)
		memcpy(value, row.value, row.size);
	if (row.key_size > 0)
		memcpy(key, row.key, row.key_size);
	row.value = value;
	row.key = key;
	if (edit->how == DROP)
		return OK;
	if (edit->how == FLIP)
		value[row.size - 1 - row.size / 4] ^= 1;
	else if (edit->how == CUT_KEY)
		row.key_size--;
	else if (edit->how == CUT)
		row.size = 1;
	else if (edit->how == GROW)
		row.size = 4096;
	else if (edit->how == STRANGE)
		(row.key_size > 0 ? key : value)[0] ^= 1;
	else if (edit->how == GONE)
		row.is_gone = true;
	else if (edit->how == OLD) {
		value[0] = 1;
		row.size = OLD_EPOCH_BYTES;
	}
	for (size_t i = 0; err == OK && i < copies[edit->how]; i++)
		err = backup_stream_row(rewriting->to, &row);
	if (edit->how == TURN && is_first) {
		row.extra = edit->as;
		row.space = edit->turned;
	}
	return err ? err : backup_stream_row(rewriting->to, &row);
}

static enum err rewrite_row(void *context, const struct backup_row *row)
{
	struct rewriting *rewriting = context;
	const struct edit *edit = rewriting->edit;

	if (row->extra == edit->of &&
	    (row->extra != BACKUP_EXTRA_NONE || row->space == edit->space))
		return write_edited(rewriting, *row);
	return backup_stream_row(rewriting->to, row);
}

static enum err pass_over(void *context, const struct backup_row *row)
{
	(void)context;
	(void)row;
	return OK;
}

static enum err keep_bytes(void *context, enum backup_kind kind, bool again,
			   const uint8_t *bytes, size_t size)
{
	(void)kind;
	(void)again;
	return buf_add(context, bytes, size);
}

static void read_backup_key(const struct house *house, uint8_t to[SEAL_KEY_BYTES])
{
	const struct desk *desk = house->bench->desk;
	const struct store_key key =
		desk_key_number(desk, STORE_BACKUP, desk->backup.number);

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		if (row->key.space == STORE_BACKUP && row->key.size == key.size &&
		    memcmp(row->key.bytes, key.bytes, key.size) == 0)
			assert_int_equal(
				backup_key_unlock(house->bench->household,
						  secret_view(house->bench->house_key),
						  desk->backup.number, row->value,
						  row->size, to),
				OK);
	}
}

/* Backup "a" with one file written anew, and signed by the keeper, is "b". */
static void rewrite(struct house *house, const struct edit *edit)
{
	struct rewriting rewriting = {.edit = edit};
	static const uint8_t other_seed[SEAL_SIGN_SEED_BYTES] = {1};
	uint8_t backup_key[SEAL_KEY_BYTES];
	char path[FILE_PATH_BYTES];
	struct restore_file file = {.path = path,
				    .kind = (enum backup_kind)(edit->file + 1)};
	const struct restore_walk look = {.row = pass_over};
	struct restore_walk walk = {.row = rewrite_row, .context = &rewriting};
	struct backup_about about;
	struct backup_tail tail;
	struct buf bytes;

	buf_init(&bytes, FILE_BYTES_MAX);
	path_of(house, NAMES[edit->file], "a", path);
	read_backup_key(house, backup_key);
	file.fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(file.fd >= 0);
	assert_int_equal(restore_read(&file, &look, NULL), OK);
	about = file.about;
	if (edit->how == FOREIGN)
		seal_sign_pair(other_seed, about.keeper);
	if (edit->file == FILE_KEYS)
		walk.key = backup_key;
	assert_int_equal(backup_stream_begin(&about,
					     edit->file == FILE_CIPHERTEXT ? NULL
									   : backup_key,
					     keep_bytes, &bytes, &rewriting.to),
			 OK);
	assert_int_equal(restore_read(&file, &walk, NULL), OK);
	tail = file.tail;
	assert_int_equal(backup_stream_end(rewriting.to, &tail,
					   edit->how == FOREIGN
						   ? other_seed
						   : secret_view(house->bench->seed)),
			 OK);
	backup_stream_destroy(rewriting.to);
	(void)close(file.fd);
	assert_true(rewriting.met > 0);
	write_file(house, edit->file, "b", &bytes);
	buf_finish(&bytes);
}

/* Whoever writes one anew, though they had the keeper's own key, is refused, or what is left
 * is what comes back; and after a refusal there is nothing. */
static void what_is_written_anew_is_seen_through(void **state)
{
	struct house *house = *state;
	size_t wrong = 0;

	record(house, 2);
	back_up(house, NULL, "a");
	for (size_t i = 0; i < STR_COUNT(EDITS); i++) {
		struct files files = {"a", "a", "a"};
		char folder[FILE_PATH_BYTES];
		char said[1024];
		enum err err;

		rewrite(house, &EDITS[i]);
		*(EDITS[i].file == FILE_KEY    ? &files.key
		  : EDITS[i].file == FILE_KEYS ? &files.keys
					       : &files.ciphertext) = "b";
		err = restore(house, "b", &files, PASSPHRASE, said);
		if ((err == OK) != !EDITS[i].words ||
		    !strstr(said, EDITS[i].words ? EDITS[i].words : EDITS[i].said)) {
			print_error("%s: %s (%s)\n", EDITS[i].what, said, err_words(err));
			wrong++;
		}
		assert_true(file_join(folder, sizeof(folder), house->data,
				      "keeper/keeper.db"));
		assert_int_equal(file_exists(folder), err == OK);
		(void)folder_remove(house->data);
	}
	assert_int_equal(wrong, 0);
}

/* --- files of no rows -------------------------------------------------------------------- */

struct chunk {
	bool is_sealed;
	bool is_last;
	const char *text; /* NULL: there is none */
	size_t size;
};

#define CHUNK(sealed, last, text)                    \
	{                                            \
		sealed, last, text, sizeof(text) - 1 \
	}
#define GONE_ROW "\x04salt\x02\x01k"

static const struct raw {
	size_t file;
	struct chunk chunks[2];
	uint64_t rows; /* that its end tells */
	const char *words;
} RAWS[] = {
	{FILE_KEYS, {CHUNK(false, false, "short")}, 1, "does not open under the backup"},
	{FILE_KEYS,
	 {CHUNK(true, true, GONE_ROW), CHUNK(false, false, "something behind its end")},
	 2,
	 "does not open under the backup"},
	{FILE_KEYS, {CHUNK(true, false, GONE_ROW)}, 1, "rows are cut short"},
	{FILE_KEYS, {CHUNK(true, true, GONE_ROW)}, 2, "rows are cut short"},
	{FILE_KEYS, {CHUNK(true, true, GONE_ROW)}, 1, "keys are not in it"},
	{FILE_CIPHERTEXT,
	 {CHUNK(false, false,
		"\x05"
		"blobs\x02\x01k")},
	 1,
	 "use the newer program"},
	{FILE_CIPHERTEXT, {CHUNK(false, false, "\x04tile\x02\x01k")}, 2, "cut short"},
};

/* The keeper's own key signs them. */
static void write_raw(struct house *house, const struct raw *raw)
{
	static uint8_t piece[BACKUP_PIECE_BYTES_MAX];
	const struct restore_walk look = {.row = pass_over};
	uint8_t backup_key[SEAL_KEY_BYTES];
	uint8_t header[BACKUP_HEADER_BYTES];
	uint8_t sealed[64 + SEAL_STREAM_EXTRA_BYTES];
	char path[FILE_PATH_BYTES];
	struct restore_file file = {.path = path,
				    .kind = (enum backup_kind)(raw->file + 1)};
	struct seal_stream *stream = NULL;
	struct backup_tail tail;
	struct backup_out out;
	struct buf bytes;

	buf_init(&bytes, FILE_BYTES_MAX);
	path_of(house, NAMES[raw->file], "a", path);
	read_backup_key(house, backup_key);
	file.fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(file.fd >= 0);
	assert_int_equal(restore_read(&file, &look, NULL), OK);
	(void)close(file.fd);
	if (raw->file == FILE_KEYS)
		assert_int_equal(seal_stream_start(backup_key, file.about.stream,
						   &stream),
				 OK);
	assert_int_equal(backup_out_begin(&out, &file.about, header), OK);
	assert_int_equal(buf_add(&bytes, header, sizeof(header)), OK);
	for (size_t i = 0; i < STR_COUNT(raw->chunks) && raw->chunks[i].text; i++) {
		const struct chunk *chunk = &raw->chunks[i];
		const uint8_t *from = (const uint8_t *)chunk->text;
		size_t size = chunk->size;

		if (chunk->is_sealed) {
			seal_stream_push(stream,
					 (struct seal_part){header, sizeof(header)}, from,
					 size, chunk->is_last, sealed);
			from = sealed;
			size += SEAL_STREAM_EXTRA_BYTES;
		}
		assert_int_equal(backup_out_chunk(&out, from, size, piece), OK);
		assert_int_equal(buf_add(&bytes, piece, size + BACKUP_CHUNK_EXTRA_BYTES),
				 OK);
	}
	tail = file.tail;
	tail.rows = raw->rows;
	assert_int_equal(backup_out_end(&out, &tail, secret_view(house->bench->seed),
					piece),
			 OK);
	assert_int_equal(buf_add(&bytes, piece, BACKUP_TAIL_BYTES), OK);
	seal_stream_destroy(stream);
	write_file(house, raw->file, "b", &bytes);
	buf_finish(&bytes);
}

static void what_holds_no_rows_is_named(void **state)
{
	struct house *house = *state;

	record(house, 1);
	back_up(house, NULL, "a");
	for (size_t i = 0; i < STR_COUNT(RAWS); i++) {
		struct files files = {"a", "a", "a"};
		char said[1024];

		write_raw(house, &RAWS[i]);
		*(RAWS[i].file == FILE_KEYS ? &files.keys : &files.ciphertext) = "b";
		assert_int_not_equal(restore(house, "b", &files, PASSPHRASE, said), OK);
		if (!strstr(said, RAWS[i].words))
			fail_msg("file %zu: %s", i, said);
	}
}

static void files_that_are_not_there_are_named(void **state)
{
	struct house *house = *state;
	const struct files none = {"a", "none", "a"};
	const struct files under = {"a", "a", "a/b"};
	char said[1024];

	record(house, 1);
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &none, PASSPHRASE, said), ERR_MISSING);
	assert_non_null(strstr(said, "keysnone: expected the "));
	assert_int_equal(restore(house, "new", &under, PASSPHRASE, said), ERR_IO);
	assert_non_null(strstr(said, "keya/b: expected the "));
}

/* --- files that change meanwhile --------------------------------------------------------- */

static struct {
	int fd; /* -1: nothing is changed */
	const uint8_t *bytes;
	size_t size;
	off_t at;
} change = {.fd = -1};

/* All of it was read for the first time. */
static void change_it(uint64_t done, uint64_t total)
{
	if (change.fd < 0 || done < total)
		return;
	(void)!pwrite(change.fd, change.bytes, change.size, change.at);
	(void)close(change.fd);
	change.fd = -1;
}

static void add_row_to(struct house *house, enum store_space space, uint64_t number,
		       const void *bytes, size_t size)
{
	const struct store_key key = desk_key_number(house->bench->desk, space, number);
	struct item *item = NULL;

	assert_int_equal(item_create(NULL, 0, ignore_done, &item), OK);
	item->has_no_event = true;
	assert_int_equal(item_add_row(item, &key, bytes, size), OK);
	desk_write_take(house->bench->desk, &item);
	desk_bench_settle(house->bench);
}

/* Another whole one takes the place of the one that was read, or a byte becomes another. */
static void a_file_that_changes_while_it_is_read_is_not_restored(void **state)
{
	enum { LARGE = 2000000 };
	static uint8_t large[LARGE];
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char path[FILE_PATH_BYTES];
	char said[1024];
	struct desk_bench_link *link;
	struct buf other;

	record(house, FIRST);
	add_row_to(house, STORE_ATTESTED, 1, large, sizeof(large));
	link = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, link, "alice", PASSPHRASE));
	take_backup(house, NULL);
	desk_bench_unlink(house->bench, house->alice);
	house->alice = link;
	buf_init(&other, FILE_BYTES_MAX);
	assert_int_equal(buf_add(&other, house->files[0].bytes, house->files[0].size),
			 OK);
	buf_clear(&house->files[0]);
	take_backup(house, NULL);
	assert_int_equal(other.size, house->files[0].size);
	path_of(house, NAMES[0], "a", path);
	for (int i = 0; i < 2; i++) {
		write_backup(house, "a");
		change.fd = open(path, O_RDWR | O_CLOEXEC);
		assert_true(change.fd >= 0);
		change.at = i == 0 ? 0 : (off_t)other.size / 2;
		change.bytes = other.bytes;
		change.size = i == 0 ? other.size : 100;
		assert_int_not_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
		assert_non_null(strstr(said, i == 0 ? "were changed while they were read"
						    : "was changed"));
		if (change.fd >= 0)
			(void)close(change.fd);
		change.fd = -1;
	}
	buf_finish(&other);
}

/* Thousands of rows, megabytes, and messages: those whose key is there. */
static void a_large_house_comes_back(void **state)
{
	enum { LARGE = 3 * 1024 * 1024, LARGE_ONES = 4, COUNT = 140 };
	static uint8_t large[LARGE];
	struct house *house = *state;
	const struct files files = {"a", "a", "a"};
	char said[1024];

	record(house, COUNT);
	for (uint64_t i = 0; i < LARGE_ONES + 2; i++) {
		add_row_to(house, STORE_MEMO, i, large, i < LARGE_ONES ? LARGE : i % 2);
		if (i != LARGE_ONES + 1)
			add_row_to(house, STORE_MEMO_KEY, i, "key", 3);
	}
	for (size_t i = 0; i < 5; i++)
		desk_bench_tick(house->bench, 60000);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	back_up(house, NULL, "a");
	assert_int_equal(restore(house, "new", &files, PASSPHRASE, said), OK);
	assert_string_equal(said, "recordings 140 left out 1 older 0 known 1");
	expect_house(house, COUNT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_comes_back_whole),
		TEST(the_house_book_comes_back_as_it_was),
		TEST(a_recovery_code_opens_it_too),
		TEST(what_is_recorded_meanwhile_is_in_it_or_not_known_to_it),
		TEST(an_old_ciphertext_brings_nothing_back),
		TEST(the_journal_of_an_old_ciphertext_learns_what_is_gone),
		TEST(what_was_erased_at_once_stays_away),
		TEST(an_old_key_table_does_not_open),
		TEST(nobody_else_opens_it),
		TEST(a_house_is_never_written_over),
		TEST(every_changed_bit_is_found),
		TEST(what_is_cut_short_is_found),
		TEST(files_of_two_houses_are_told_apart),
		TEST(every_deletion_ends_the_backup_key),
		TEST(a_deletion_that_is_not_written_ends_none),
		TEST(a_quiet_deletion_in_doubt_is_looked_up),
		TEST(it_is_known_whether_the_last_one_is_older_than_a_deletion),
		TEST(what_is_deleted_meanwhile_is_not_in_it),
		TEST(a_key_that_ends_all_the_time_is_waited_for_while_the_queue_is_held),
		TEST(nobody_who_stops_asking_holds_the_house_up),
		TEST(a_link_that_closes_ends_its_backup),
		TEST(only_one_is_made_at_a_time),
		TEST(it_takes_an_owner_who_is_signed_in),
		TEST(what_is_written_anew_is_seen_through),
		TEST(the_box_the_gate_and_the_other_owner_come_back),
		TEST(what_the_box_has_forgotten_does_not_come_back),
		TEST(a_removed_owner_is_in_none),
		TEST(what_holds_no_rows_is_named),
		TEST(files_that_are_not_there_are_named),
		TEST(a_file_that_changes_while_it_is_read_is_not_restored),
		TEST(a_large_house_comes_back),
		TEST(more_than_can_be_noted_ends_it),
		TEST(many_notes_are_followed_in_between),
		TEST(a_house_that_never_rests_is_held_all_the_same),
		TEST(batches_under_way_are_waited_for),
		TEST(without_its_key_it_is_refused),
		TEST(rows_beside_the_key_that_nobody_wrote_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
