/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_backup_files - the outer form of a backup's files, and how they get into their places.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/backup_files.h"
#include "folder.h"

enum { FILE_MAX = 1 << 20, CHUNK = 1000, CHUNKS = 3, WALL_MS = 1000 };
/* Of a header: all behind its magic, version, kind and spare byte. */
enum {
	ABOUT_BYTES = ID_BYTES + SEAL_SIGN_PUBLIC_BYTES + ID_BYTES + 8 + 8 +
		      SEAL_COMMIT_BYTES + SEAL_STREAM_HEADER_BYTES
};

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {7};
static char folder[64];

static int begin(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-files-XXXXXX"));
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int end(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static struct keeper_mark mark_of(void)
{
	struct keeper_mark mark = {.household = {{1}}};

	seal_sign_pair(SEED, mark.key);
	return mark;
}

/* One of backup number id, as the keeper makes it. */
static void make(enum backup_kind kind, uint8_t id, struct buf *to)
{
	const struct keeper_mark mark = mark_of();
	struct backup_about about = {.kind = kind,
				     .household = mark.household,
				     .id = {id},
				     .made_ms = id};
	struct backup_tail tail = {.journal_size = 5, .rows = 6};
	uint8_t piece[BACKUP_PIECE_BYTES_MAX];
	uint8_t chunk[CHUNK];
	struct backup_out out;

	memcpy(about.keeper, mark.key, sizeof(about.keeper));
	memset(chunk, id, sizeof(chunk));
	buf_init(to, FILE_MAX);
	assert_int_equal(backup_out_begin(&out, &about, piece), OK);
	assert_int_equal(buf_add(to, piece, BACKUP_HEADER_BYTES), OK);
	for (int i = 0; i < CHUNKS; i++) {
		assert_int_equal(backup_out_chunk(&out, chunk, sizeof(chunk), piece), OK);
		assert_int_equal(buf_add(to, piece,
					 sizeof(chunk) + BACKUP_CHUNK_EXTRA_BYTES),
				 OK);
	}
	assert_int_equal(backup_out_end(&out, &tail, SEED, piece), OK);
	assert_int_equal(buf_add(to, piece, BACKUP_TAIL_BYTES), OK);
}

static void put(const char *name, enum backup_kind kind, uint8_t id)
{
	char path[FILE_PATH_BYTES];
	char other[FILE_PATH_BYTES];
	struct buf file;

	make(kind, id, &file);
	assert_true(file_join(path, sizeof(path), folder, name));
	assert_true(file_join(other, sizeof(other), folder, "aside"));
	assert_int_equal(file_write(other, file.bytes, file.size, 0600, NULL), OK);
	assert_int_equal(rename(other, path), 0);
	buf_finish(&file);
}

static bool is_there(const char *name)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, name));
	return file_exists(path);
}

static enum err write_one(struct backup_files *files, enum backup_kind kind, uint8_t id,
			  size_t cut)
{
	struct buf file;
	enum err err;

	make(kind, id, &file);
	err = backup_files_write(files, kind, true, file.bytes, BACKUP_HEADER_BYTES,
				 NULL);
	if (!err)
		err = backup_files_write(files, kind, false,
					 file.bytes + BACKUP_HEADER_BYTES,
					 file.size - BACKUP_HEADER_BYTES - cut, NULL);
	buf_finish(&file);
	return err;
}

static enum err keep(struct backup_files *files, uint8_t id, struct err_note *note)
{
	const struct keeper_mark mark = mark_of();

	note->text[0] = '\0';
	return backup_files_keep(files, &mark, (const uint8_t[ID_BYTES]){id}, note);
}

/* A whole one into the folder. */
static void keep_whole(uint8_t id)
{
	struct backup_files files;
	struct err_note note;

	assert_int_equal(backup_files_begin(&files, folder, NULL, WALL_MS, NULL), OK);
	for (int kind = BACKUP_CIPHERTEXT; kind <= BACKUP_KEY; kind++)
		assert_int_equal(write_one(&files, (enum backup_kind)kind, id, 0), OK);
	assert_int_equal(keep(&files, id, &note), OK);
	backup_files_prune(&files);
	backup_files_end(&files);
}

static void they_get_into_their_places_together(void **state)
{
	struct backup_found found;

	(void)state;
	keep_whole(1);
	assert_true(is_there("ciphertext-19700101T000001Z.bhb"));
	assert_true(is_there("keys.bhb") && is_there("backup.key"));
	assert_false(is_there("keys.bhb.new"));
	keep_whole(2); /* of the same second: another name, and the former goes */
	assert_true(is_there("ciphertext-19700101T000002Z.bhb"));
	assert_false(is_there("ciphertext-19700101T000001Z.bhb"));
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.ciphertext, "ciphertext-19700101T000002Z.bhb"));
	assert_true(str_ends(found.key, "backup.key"));
}

static void what_is_not_whole_gets_nowhere(void **state)
{
	(void)state;
	keep_whole(1);
	for (int bad = BACKUP_CIPHERTEXT; bad <= BACKUP_KEY + 1; bad++) {
		struct backup_files files;
		struct err_note note;

		assert_int_equal(backup_files_begin(&files, folder, NULL, 9000, NULL),
				 OK);
		for (int kind = BACKUP_CIPHERTEXT; kind <= BACKUP_KEY; kind++)
			assert_int_equal(write_one(&files, (enum backup_kind)kind, 2,
						   kind == bad ? 1 : 0),
					 OK);
		/* Or of another backup than the keeper said. */
		assert_int_not_equal(keep(&files, bad > BACKUP_KEY ? 3 : 2, &note), OK);
		assert_true(note.text[0] != '\0');
		backup_files_end(&files);
		assert_false(is_there("ciphertext-19700101T000009Z.bhb"));
		assert_false(is_there("ciphertext-19700101T000009Z.bhb.new"));
		assert_false(is_there("keys.bhb.new"));
		assert_false(is_there("backup.key.new"));
	}
}

/* Whole, and yet not what this house's keeper told: none of it gets into its place. */
static void what_is_read_back_is_of_this_house(void **state)
{
	enum { HOUSE, KEEPER, KIND, LONGER, WAYS };

	(void)state;
	keep_whole(1);
	for (unsigned way = HOUSE; way < WAYS; way++) {
		struct keeper_mark mark = mark_of();
		struct backup_files files;
		struct err_note note = {""};

		mark.household.bytes[0] ^= way == HOUSE;
		mark.key[0] ^= way == KEEPER;
		assert_int_equal(backup_files_begin(&files, folder, NULL, 9000, NULL),
				 OK);
		for (int kind = BACKUP_CIPHERTEXT; kind <= BACKUP_KEY; kind++)
			assert_int_equal(write_one(&files, (enum backup_kind)kind, 2, 0),
					 OK);
		if (way == KIND) /* the key table, where the key is to be */
			put("backup.key.new", BACKUP_KEYS, 2);
		if (way == LONGER)
			files.places[0].bytes++;
		assert_int_equal(backup_files_keep(&files, &mark,
						   (const uint8_t[ID_BYTES]){2}, &note),
				 ERR_AUTH);
		assert_non_null(
			strstr(note.text, "is not what this house's keeper told"));
		backup_files_end(&files);
		assert_false(is_there("ciphertext-19700101T000009Z.bhb"));
		assert_true(is_there("ciphertext-19700101T000001Z.bhb"));
	}
}

/* Files of somebody's own lie beside them, and stay. */
static void only_ciphertext_of_before_is_pruned(void **state)
{
	static const char *const others[] = {"ciphertext-of-mine.txt", "notes.bhb",
					     "ciphertext-19690101T000000Z.bhb"};
	struct backup_found found;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(others); i++)
		put(others[i], BACKUP_CIPHERTEXT, 9);
	keep_whole(1);
	assert_true(is_there(others[0]) && is_there(others[1]));
	assert_false(is_there(others[2]));
	put(others[2], BACKUP_CIPHERTEXT, 9);
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.ciphertext, "ciphertext-19700101T000001Z.bhb"));
}

struct bytes {
	const struct buf *buf;
	size_t at;
};

static enum err read_bytes(void *context, void *to, size_t size, size_t *out_got)
{
	struct bytes *from = context;
	const size_t left = from->buf->size - from->at;

	*out_got = size < left ? size : left;
	memcpy(to, from->buf->bytes + from->at, *out_got);
	from->at += *out_got;
	return OK;
}

static enum err begin_of(struct backup_in *in, struct bytes *from)
{
	memset(in, 0, sizeof(*in));
	in->name = "keys.bhb";
	in->read = read_bytes;
	in->context = from;
	return backup_in_begin(in, NULL);
}

/* Each byte of a header says something, and one that nobody writes is refused. */
static void headers_that_nobody_writes_are_refused(void **state)
{
	static struct backup_in in;
	struct err_note note;
	struct buf file;
	size_t versions = 0;

	(void)state;
	make(BACKUP_KEYS, 1, &file);
	for (size_t at = 0; at < BACKUP_HEADER_BYTES - ABOUT_BYTES; at++) {
		struct bytes from = {&file, 0};
		const uint8_t was = file.bytes[at];
		enum err err;

		if (at == BACKUP_HEADER_BYTES - ABOUT_BYTES - 2) {
			file.bytes[at] = 0; /* the kind: there is none of that number */
			assert_int_equal(begin_of(&in, &from), ERR_FORMAT);
			from.at = 0;
		}
		memset(&in, 0, sizeof(in));
		in.name = "keys.bhb";
		in.read = read_bytes;
		in.context = &from;
		note.text[0] = '\0';
		file.bytes[at] = 0x7f;
		err = backup_in_begin(&in, &note);
		file.bytes[at] = was;
		assert_int_not_equal(err, OK);
		assert_true(str_starts(note.text, "keys.bhb: "));
		versions += err == ERR_VERSION;
	}
	assert_true(versions > 0);
	buf_finish(&file);
}

static void files_come_in_order_and_are_of_three_kinds(void **state)
{
	struct backup_files files;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(backup_files_begin(&files, folder, NULL, WALL_MS, NULL), OK);
	assert_int_equal(backup_files_write(&files, 0, true, "x", 1, &note), ERR_FORMAT);
	assert_int_equal(backup_files_write(&files, 4, true, "x", 1, &note), ERR_FORMAT);
	assert_int_equal(backup_files_write(&files, BACKUP_KEYS, false, "x", 1, &note),
			 ERR_FORMAT);
	assert_int_equal(write_one(&files, BACKUP_KEYS, 1, 0), OK);
	/* Not all of them were told. */
	assert_int_equal(keep(&files, 1, &note), ERR_FORMAT);
	/* And one that is begun again is what came last. */
	assert_int_equal(write_one(&files, BACKUP_KEYS, 2, 7), OK);
	assert_int_equal(write_one(&files, BACKUP_KEYS, 2, 0), OK);
	assert_int_equal(write_one(&files, BACKUP_CIPHERTEXT, 2, 0), OK);
	assert_int_equal(write_one(&files, BACKUP_KEY, 2, 0), OK);
	assert_int_equal(keep(&files, 2, &note), OK);
	backup_files_end(&files);
}

static void one_program_at_a_time(void **state)
{
	struct backup_files one;
	struct backup_files other;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(backup_files_begin(&one, folder, NULL, WALL_MS, NULL), OK);
	assert_int_equal(backup_files_begin(&other, folder, NULL, WALL_MS, &note),
			 ERR_BUSY);
	backup_files_end(&other);
	backup_files_end(&one);
	assert_int_equal(backup_files_begin(&one, folder, NULL, WALL_MS, NULL), OK);
	backup_files_end(&one);
}

/* Ended between its last two steps. */
static void a_key_beside_its_place_is_found_and_put_there(void **state)
{
	struct backup_found found;
	struct backup_files files;

	(void)state;
	keep_whole(1);
	put("keys.bhb", BACKUP_KEYS, 2);
	put("backup.key.new", BACKUP_KEY, 2);
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.key, "backup.key.new"));
	assert_int_equal(backup_files_begin(&files, folder, NULL, WALL_MS, NULL), OK);
	backup_files_end(&files);
	assert_false(is_there("backup.key.new"));
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.key, "backup.key"));
	/* One that is of no key table there is nobody's. */
	put("backup.key.new", BACKUP_KEY, 3);
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.key, "backup.key"));
}

static void a_folder_without_a_backup_is_said_so(void **state)
{
	struct backup_found found;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(backup_files_find(folder, NULL, &found, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "expected a backup"));
	note.text[0] = '\0';
	assert_int_equal(backup_files_find("/nonexistent", NULL, &found, &note),
			 ERR_MISSING);
}

/* --- paths that are long, taken, or not in the folder ------------------------------------ */

/* The folder, with so many bytes of a name behind it in all. */
static void long_path(char to[FILE_PATH_BYTES], size_t size)
{
	const int length = snprintf(to, FILE_PATH_BYTES, "%s/", folder);

	memset(to + length, 'x', size - (size_t)length);
	to[size] = '\0';
}

static void paths_that_are_too_long_are_said_so(void **state)
{
	static char endless[2 * FILE_PATH_BYTES];
	char key[FILE_PATH_BYTES];
	struct backup_files files;
	struct backup_found found;
	struct err_note note = {""};

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	keep_whole(1);
	assert_int_equal(backup_files_begin(&files, endless, NULL, WALL_MS, &note),
			 ERR_LIMIT);
	assert_true(str_starts(note.text, "xxx"));
	backup_files_end(&files);
	assert_int_equal(backup_files_begin(&files, folder, endless, WALL_MS, NULL),
			 ERR_LIMIT);
	backup_files_end(&files);
	long_path(key, FILE_PATH_BYTES - 2); /* with .new it does not fit */
	assert_int_equal(backup_files_begin(&files, folder, key, WALL_MS, NULL),
			 ERR_LIMIT);
	backup_files_end(&files);
	assert_int_equal(backup_files_find(folder, endless, &found, NULL), ERR_LIMIT);
	assert_int_equal(backup_files_find(folder, key, &found, NULL), ERR_LIMIT);
}

/* The key lies in the folder where one is. */
static void a_key_without_a_folder_is_put_here(void **state)
{
	struct backup_files files;
	struct backup_found found;
	struct err_note note;

	(void)state;
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(backup_files_begin(&files, folder, "my.key", WALL_MS, NULL), OK);
	for (int kind = BACKUP_CIPHERTEXT; kind <= BACKUP_KEY; kind++)
		assert_int_equal(write_one(&files, (enum backup_kind)kind, 1, 0), OK);
	assert_int_equal(keep(&files, 1, &note), OK);
	backup_files_end(&files);
	assert_true(is_there("my.key"));
	assert_false(is_there("backup.key"));
	assert_int_equal(backup_files_find(folder, "my.key", &found, NULL), OK);
	assert_string_equal(found.key, "my.key");
	assert_int_equal(chdir("/"), 0);
}

static void make_folder_in(const char *name)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_make_folder(path, NULL), OK);
}

static void where_nothing_can_be_written_is_named(void **state)
{
	struct backup_files files;
	struct err_note note = {""};

	(void)state;
	make_folder_in("keys.bhb.new");
	assert_int_equal(backup_files_begin(&files, folder, NULL, WALL_MS, NULL), OK);
	assert_int_equal(backup_files_write(&files, BACKUP_KEYS, true, "x", 1, &note),
			 ERR_IO);
	assert_non_null(strstr(note.text, "keys.bhb.new: cannot be written"));
	backup_files_end(&files);
}

/* The key table is in its place, and the key cannot get to its own: the key is all that
 * opens it, and stays beside its place. */
static void a_key_that_cannot_get_to_its_place_is_kept(void **state)
{
	struct backup_files files;
	struct backup_found found;
	struct err_note note;

	(void)state;
	make_folder_in("backup.key");
	assert_int_equal(backup_files_begin(&files, folder, NULL, WALL_MS, NULL), OK);
	for (int kind = BACKUP_CIPHERTEXT; kind <= BACKUP_KEY; kind++)
		assert_int_equal(write_one(&files, (enum backup_kind)kind, 1, 0), OK);
	assert_int_equal(keep(&files, 1, &note), ERR_IO);
	assert_non_null(strstr(note.text, "backup.key: cannot be put there"));
	backup_files_end(&files);
	assert_true(is_there("keys.bhb") && is_there("backup.key.new"));
	assert_int_equal(backup_files_find(folder, NULL, &found, NULL), OK);
	assert_true(str_ends(found.key, "backup.key.new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(they_get_into_their_places_together,
						begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_whole_gets_nowhere, begin,
						end),
		cmocka_unit_test_setup_teardown(
			files_come_in_order_and_are_of_three_kinds, begin, end),
		cmocka_unit_test_setup_teardown(what_is_read_back_is_of_this_house, begin,
						end),
		cmocka_unit_test_setup_teardown(only_ciphertext_of_before_is_pruned,
						begin, end),
		cmocka_unit_test_setup_teardown(headers_that_nobody_writes_are_refused,
						begin, end),
		cmocka_unit_test_setup_teardown(one_program_at_a_time, begin, end),
		cmocka_unit_test_setup_teardown(
			a_key_beside_its_place_is_found_and_put_there, begin, end),
		cmocka_unit_test_setup_teardown(paths_that_are_too_long_are_said_so,
						begin, end),
		cmocka_unit_test_setup_teardown(a_key_without_a_folder_is_put_here, begin,
						end),
		cmocka_unit_test_setup_teardown(where_nothing_can_be_written_is_named,
						begin, end),
		cmocka_unit_test_setup_teardown(
			a_key_that_cannot_get_to_its_place_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(a_folder_without_a_backup_is_said_so,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
