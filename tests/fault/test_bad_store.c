/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_bad_store - a database that somebody or something has spoilt: each of its pages in
 * turn changed, emptied or filled with rubbish, cut short at each page, of a newer and of
 * every older version, read-only. The keeper does not crash, never hands out another sound,
 * and where it does not start it says in one line which file is wrong and leaves it alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/store_sqlite.h"
#include "base/file.h"
#include "base/str.h"
#include "fault/fault_stories.h"
#include "folder.h"

enum { PAGE_BYTES = 4096, FLIPS = 3, NOBODY = 65534 };

/* A house with an owner, events and recordings, and the ledger of them. */
static struct fault_world *lived(void)
{
	struct fault_world *world = fault_world_create(&STORY_BEGIN);

	fault_world_rewind(world, 1);
	assert_true(fault_world_open(world));
	STORY_BEGIN.live(world);
	assert_true(world->ledger.has_room && world->ledger.record_count > 0);
	fault_world_close(world);
	/* All of it in one file: a start clears the log. */
	assert_true(fault_world_open(world));
	fault_world_close(world);
	return world;
}

/* --- spoilt ----------------------------------------------------------------------------- */

struct tally {
	size_t refused; /* it did not start */
	size_t harmless;
	size_t noticed; /* it started, and something does not open or verify */
};

/* Where it did not start, not a byte of it was changed. */
static void expect_untouched(struct fault_world *world, const uint8_t *before,
			     size_t size)
{
	size_t now_size = 0;
	const uint8_t *now = vfs_power_file(world->power, "keeper.db", &now_size);

	assert_non_null(now);
	assert_int_equal(now_size, size);
	assert_memory_equal(now, before, size);
}

/* Starts it, and lets the owner look at everything. */
static void look(struct fault_world *world, struct tally *tally)
{
	size_t size = 0;
	const uint8_t *spoilt = vfs_power_file(world->power, "keeper.db", &size);
	uint8_t *before = malloc(size + 1);
	bool is_refused;

	assert_non_null(before);
	memcpy(before, spoilt, size);
	is_refused = !fault_world_open(world) ||
		     desk_state_of(world->bench->desk) == DESK_BROKEN;
	if (is_refused) {
		assert_true(world->bench->open_err != OK ||
			    desk_trouble(world->bench->desk)[0]);
		tally->refused++;
	} else if (fault_world_is_all_there(world)) {
		tally->harmless++;
	} else {
		tally->noticed++;
	}
	fault_world_close(world);
	if (is_refused)
		expect_untouched(world, before, size);
	free(before);
}

enum spoiling { FLIP, ZERO, RUBBISH, SPOILING_COUNT };

static void spoil(uint8_t *page, enum spoiling how, unsigned round)
{
	static const size_t places[FLIPS] = {0, 7, 2049};

	for (size_t i = 0; how != FLIP && i < PAGE_BYTES; i++)
		page[i] = how == ZERO ? 0 : (uint8_t)(i * 181 + 77);
	if (how == FLIP)
		page[places[round]] ^= 0x10;
}

static void no_spoilt_page_passes_for_another(void **state)
{
	struct fault_world *world = lived();
	struct vfs_power_image *whole = vfs_power_keep(world->power);
	struct tally tally = {0};
	size_t size = 0;

	(void)state;
	(void)vfs_power_file(world->power, "keeper.db", &size);
	for (size_t page = 0; page < size / PAGE_BYTES; page++) {
		for (unsigned how = 0; how < SPOILING_COUNT; how++) {
			const unsigned rounds = how == FLIP ? FLIPS : 1;

			for (unsigned i = 0; i < rounds; i++) {
				vfs_power_put_back(world->power, whole);
				spoil(vfs_power_file(world->power, "keeper.db", &size) +
					      page * PAGE_BYTES,
				      (enum spoiling)how, i);
				look(world, &tally);
			}
		}
	}
	printf("%zu pages: %zu times it did not start, %zu times something is noticed, "
	       "%zu times all is there\n",
	       size / PAGE_BYTES, tally.refused, tally.noticed, tally.harmless);
	assert_true(tally.refused > 0 && tally.noticed > 0);
	vfs_power_put_back(world->power, whole);
	vfs_power_image_destroy(whole);
	fault_world_check(world, &STORY_BEGIN);
	fault_world_destroy(world);
}

static void cut_short_it_does_not_pass_for_whole(void **state)
{
	struct fault_world *world = lived();
	struct vfs_power_image *whole = vfs_power_keep(world->power);
	struct tally tally = {0};
	size_t size = 0;

	(void)state;
	(void)vfs_power_file(world->power, "keeper.db", &size);
	for (size_t at = PAGE_BYTES / 2; at < size; at += PAGE_BYTES / 2) {
		vfs_power_put_back(world->power, whole);
		vfs_power_shorten(world->power, "keeper.db", at);
		look(world, &tally);
	}
	printf("%zu times it did not start, %zu times something is noticed, %zu times all "
	       "is there\n",
	       tally.refused, tally.noticed, tally.harmless);
	assert_int_equal(tally.harmless, 0);
	vfs_power_put_back(world->power, whole);
	vfs_power_image_destroy(whole);
	fault_world_destroy(world);
}

/* --- versions --------------------------------------------------------------------------- */

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)token;
	*(enum err *)context = err;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	(void)token;
	*(enum err *)context = err;
	if (err == OK)
		assert_memory_equal(rows->rows[0].value, "value", 5);
}

static enum err open_folder(const char *folder, enum err *answer, struct store *store,
			    struct err_note *note)
{
	const struct store_listener listener = {answer, on_done, on_rows};

	note->text[0] = '\0';
	return store_sqlite_open(folder, false, &listener, store, note);
}

/* What each version began with; store.def's names are for ever. */
static const struct {
	int version; /* the first that has it */
	const char *table;
	bool is_large;
} OLD_TABLES[] = {
	{1, "checkpoint", false}, {1, "epoch", false},     {1, "journal", false},
	{1, "owner", false},      {1, "policy", false},    {1, "record", true},
	{1, "salt", false},       {1, "wrap", false},      {2, "fuse", false},
	{3, "memo", true},        {3, "memo_key", false},  {3, "proposal", false},
	{4, "attested", false},   {5, "amendment", false},
};

static void run_sql(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* As that version made it, with a row of the journal and one of the owners. */
static void make_old(const char *folder, int version)
{
	char path[FILE_PATH_BYTES];
	char sql[512];
	sqlite3 *db = NULL;

	assert_true(file_join(path, sizeof(path), folder, "keeper.db"));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	run_sql(db, "PRAGMA journal_mode = WAL");
	for (size_t i = 0; i < STR_COUNT(OLD_TABLES); i++) {
		if (OLD_TABLES[i].version > version)
			continue;
		assert_true(str_format(
			sql, sizeof(sql),
			"CREATE TABLE %s (household BLOB NOT NULL, key BLOB NOT NULL, "
			"value BLOB NOT NULL, PRIMARY KEY (household, key)) STRICT%s;"
			"INSERT INTO %s VALUES (zeroblob(16), x'01', "
			"CAST('value' AS BLOB))",
			OLD_TABLES[i].table,
			OLD_TABLES[i].is_large ? "" : ", WITHOUT ROWID",
			OLD_TABLES[i].table));
		run_sql(db, sql);
	}
	assert_true(
		str_format(sql, sizeof(sql),
			   "PRAGMA application_id = 1112036180; PRAGMA user_version = %d",
			   version));
	run_sql(db, sql);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char *table_of(enum store_space space)
{
	static const char *const tables[] = {
#define SPACE(name, text, is_key, is_large) [STORE_##name] = text,
#include "port/store.def"
#undef SPACE
	};

	return tables[space];
}

/* What was there is there, and what came later can be written. */
static void expect_rows(struct store *store, enum err *answer, int version)
{
	for (unsigned space = 0; space < STORE_SPACE_COUNT; space++) {
		struct store_write write = {
			.act = STORE_PUT,
			.row = {.key = {.space = (enum store_space)space,
					.size = 1,
					.bytes = {1}},
				.value = (const uint8_t *)"value",
				.size = 5},
		};

		for (size_t i = 0; i < STR_COUNT(OLD_TABLES); i++) {
			if (OLD_TABLES[i].version > version ||
			    !str_equal(OLD_TABLES[i].table, table_of(space)))
				continue;
			*answer = ERR_TIMEOUT;
			assert_int_equal(store_get(store, &write.row.key, 1), OK);
			store_step(store);
			assert_int_equal(*answer, OK);
		}
		*answer = ERR_TIMEOUT;
		assert_int_equal(store_submit(store, &write, 1, 2), OK);
		store_step(store);
		assert_int_equal(*answer, OK);
	}
}

static void make_folder(char folder[64])
{
	assert_true(str_copy(folder, 64, "/tmp/behest-bad-XXXXXX"));
	assert_non_null(mkdtemp(folder));
}

static void every_older_version_is_brought_up_to_date(void **state)
{
	(void)state;
	for (int version = 1; version < STORE_SQLITE_VERSION; version++) {
		struct store store = {.ops = NULL};
		struct err_note note;
		enum err answer = OK;
		char folder[64];

		make_folder(folder);
		make_old(folder, version);
		assert_int_equal(open_folder(folder, &answer, &store, &note), OK);
		expect_rows(&store, &answer, version);
		store_close(&store);
		assert_int_equal(folder_remove(folder), 0);
	}
}

static void read_whole(const char *folder, struct buf *out_bytes)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, "keeper.db"));
	assert_int_equal(file_read(path, (size_t)1 << 20, out_bytes, NULL), OK);
}

static void a_newer_version_is_left_alone(void **state)
{
	struct store store = {.ops = NULL};
	struct err_note note;
	enum err answer = OK;
	char folder[64];
	struct buf before;
	struct buf after;

	(void)state;
	make_folder(folder);
	make_old(folder, STORE_SQLITE_VERSION + 1);
	read_whole(folder, &before);
	assert_int_equal(open_folder(folder, &answer, &store, &note), ERR_VERSION);
	assert_non_null(strstr(note.text, folder));
	assert_non_null(strstr(note.text, "use the newer program"));
	assert_null(strchr(note.text, '\n'));
	read_whole(folder, &after);
	assert_int_equal(before.size, after.size);
	assert_memory_equal(before.bytes, after.bytes, before.size);
	buf_finish(&before);
	buf_finish(&after);
	assert_int_equal(folder_remove(folder), 0);
}

/* --- read-only -------------------------------------------------------------------------- */

/* By somebody who may not write: 0, or which expectation failed. */
static int open_as_nobody(const char *folder)
{
	struct store store = {.ops = NULL};
	struct err_note note;
	enum err answer = OK;
	enum err err;

	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		return 2;
	err = open_folder(folder, &answer, &store, &note);
	store_close(&store);
	if (err == OK)
		return 3;
	if (!strstr(note.text, folder) || strchr(note.text, '\n'))
		return 4;
	return 0;
}

static void expect_refused(const char *folder)
{
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(open_as_nobody(folder));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void what_is_read_only_is_named(void **state)
{
	char path[FILE_PATH_BYTES];
	char lock[FILE_PATH_BYTES];
	char folder[64];
	int fd;

	(void)state;
	make_folder(folder);
	make_old(folder, STORE_SQLITE_VERSION);
	assert_true(file_join(path, sizeof(path), folder, "keeper.db"));
	assert_true(file_join(lock, sizeof(lock), folder, "keeper.lock"));
	/* The folder: there is no place for the lock. */
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	expect_refused(folder);
	/* The file alone. */
	assert_int_equal(chmod(folder, 0777), 0);
	fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	assert_int_equal(close(fd), 0);
	expect_refused(folder);
	assert_int_equal(folder_remove(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_spoilt_page_passes_for_another),
		cmocka_unit_test(cut_short_it_does_not_pass_for_whole),
		cmocka_unit_test(every_older_version_is_brought_up_to_date),
		cmocka_unit_test(a_newer_version_is_left_alone),
		cmocka_unit_test(what_is_read_only_is_named),
	};

	return cmocka_run_group_tests_name("bad_store", tests, NULL, NULL);
}
