/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_sqlite - rows as tables (household, key, value), one per space of store.def.
 * Does not look into values, keeps no key, and never repairs: a damaged file is
 * reported, not guessed at.
 *
 * Invariants: every answer is given from inside step; a batch is answered OK only after
 * the commit that holds it returned, and, when rows were destroyed in it, after the
 * write-ahead log was truncated. One process at a time (keeper.lock).
 */
#include "adapter/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

enum {
	APPLICATION_ID = 0x42485354, /* "BHST" */
	SQL_BYTES = 256,
	PAGE_BYTES_MIN = 512, /* the smallest that SQLite knows */
};

enum statement_kind {
	STATEMENT_APPEND,
	STATEMENT_DESTROY,
	STATEMENT_PUT,
	STATEMENT_GET,
	STATEMENT_FORWARDS,
	STATEMENT_BACKWARDS,
	STATEMENT_COUNT
};

/* The space's table stands between the two. */
static const struct {
	const char *before;
	const char *after;
} statement_sql[STATEMENT_COUNT] = {
	[STATEMENT_APPEND] = {"INSERT INTO ",
			      " (household, key, value) VALUES (?1, ?2, ?3)"},
	[STATEMENT_DESTROY] = {"DELETE FROM ", " WHERE household = ?1 AND key = ?2"},
	[STATEMENT_PUT] = {"INSERT OR REPLACE INTO ",
			   " (household, key, value) VALUES (?1, ?2, ?3)"},
	[STATEMENT_GET] = {"SELECT key, value FROM ",
			   " WHERE household = ?1 AND key = ?2"},
	[STATEMENT_FORWARDS] =
		{"SELECT key, value FROM ",
		 " WHERE household = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key"},
	[STATEMENT_BACKWARDS] = {"SELECT key, value FROM ",
				 " WHERE household = ?1 AND key BETWEEN ?2 AND ?3"
				 " ORDER BY key DESC"},
};

static const enum statement_kind act_statements[] = {
	[STORE_APPEND] = STATEMENT_APPEND,
	[STORE_DESTROY] = STATEMENT_DESTROY,
	[STORE_CLEAR] = STATEMENT_DESTROY,
	[STORE_PUT] = STATEMENT_PUT,
};

static const struct {
	const char *table;
	bool is_large;
} spaces[STORE_SPACE_COUNT] = {
#define SPACE(name, text, is_key, is_large) [STORE_##name] = {text, is_large},
#include "port/store.def"
#undef SPACE
};

/* Around every group and every batch: prepared once, like the others. */
enum bracket {
	BRACKET_BEGIN,
	BRACKET_SAVE,
	BRACKET_UNDO,
	BRACKET_RELEASE,
	BRACKET_COMMIT,
	BRACKET_COUNT
};

static const char *const bracket_sql[BRACKET_COUNT] = {
	[BRACKET_BEGIN] = "BEGIN IMMEDIATE",  [BRACKET_SAVE] = "SAVEPOINT batch",
	[BRACKET_UNDO] = "ROLLBACK TO batch", [BRACKET_RELEASE] = "RELEASE batch",
	[BRACKET_COMMIT] = "COMMIT",
};

enum request_kind { REQUEST_SUBMIT, REQUEST_GET, REQUEST_RANGE };

/* Owns its copies: writes and values lie in one allocation. */
struct request {
	enum request_kind kind;
	uint64_t token;
	enum err err;
	size_t count;
	struct store_write *writes;
	struct store_range range; /* get: first is the key */
};

struct sqlite_store {
	struct store_listener listener;
	sqlite3 *db;
	sqlite3_stmt *statements[STORE_SPACE_COUNT][STATEMENT_COUNT];
	sqlite3_stmt *brackets[BRACKET_COUNT];
	int lock_fd;
	int event_fd;
	bool destroying; /* the group under way destroyed something */
	bool is_stale;   /* the log may hold what was destroyed */
	bool is_doubted; /* and who destroyed it was not told that it is done */
	size_t waiting_count;
	struct request waiting[STORE_WAITING_MAX];
};

static enum err err_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return OK;
	case SQLITE_FULL:
		return ERR_LIMIT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_FORMAT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CONSTRAINT:
		return ERR_EXISTS;
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}

static enum err run_sql(struct sqlite_store *store, const char *sql)
{
	return err_of(sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

/* --- opening ------------------------------------------------------------------------ */

static enum err take_lock(struct sqlite_store *store, const char *folder,
			  struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	if (!file_join(path, sizeof(path), folder, "keeper.lock"))
		return err_say(ERR_LIMIT, note, "data folder: its path is too long");
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock_fd < 0)
		return err_say(ERR_IO, note, "data folder %s cannot be written: %s",
			       folder, strerror(errno));
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return err_say(ERR_BUSY, note, "another keeper uses the data folder %s",
			       folder);
	return OK;
}

static enum err read_number(struct sqlite_store *store, const char *sql,
			    int64_t *out_number)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		*out_number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return err_of(result);
}

/* The library truncates the log and leaves it at that: until it is synced, a power cut brings
 * back what was in it. */
static enum err sync_log(struct sqlite_store *store)
{
	sqlite3_file *log = NULL;
	enum err err = err_of(sqlite3_file_control(store->db, "main",
						   SQLITE_FCNTL_JOURNAL_POINTER, &log));

	if (err == OK && log && log->pMethods)
		err = err_of(log->pMethods->xSync(log, SQLITE_SYNC_FULL));
	return err;
}

/* From then on no byte of what was destroyed is left in it. */
static enum err truncate_log(struct sqlite_store *store)
{
	int64_t busy = 1;
	enum err err = read_number(store, "PRAGMA wal_checkpoint(TRUNCATE)", &busy);

	if (err == OK && busy != 0)
		err = ERR_IO;
	if (err == OK)
		err = sync_log(store);
	store->is_stale = err != OK;
	return err;
}

/* Those that are missing. Small rows live in the tree itself, sound beside it. */
static enum err make_tables(struct sqlite_store *store)
{
	char sql[SQL_BYTES];
	enum err err = OK;

	for (size_t i = 0; err == OK && i < STORE_SPACE_COUNT; i++) {
		must(str_format(
			sql, sizeof(sql),
			"CREATE TABLE IF NOT EXISTS %s (household BLOB NOT NULL, key BLOB NOT NULL,"
			" value BLOB NOT NULL, PRIMARY KEY (household, key)) STRICT%s",
			spaces[i].table, spaces[i].is_large ? "" : ", WITHOUT ROWID"));
		err = run_sql(store, sql);
	}
	if (err == OK) {
		must(str_format(sql, sizeof(sql), "PRAGMA application_id = %d",
				APPLICATION_ID));
		err = run_sql(store, sql);
	}
	return err;
}

/* From version i to i + 1; later versions add rows here and never change one. */
static enum err (*const migrations[STORE_SQLITE_VERSION])(struct sqlite_store *store) = {
	make_tables, make_tables, /* fuse */
	make_tables,              /* proposal, memo, memo_key */
	make_tables,              /* attested */
	make_tables,              /* amendment */
	make_tables, /* backup, box, certificate, cosignature, incident, kek, retention, tile */
	make_tables, /* book */
};

static enum err migrate(struct sqlite_store *store, int64_t from)
{
	char sql[SQL_BYTES];
	enum err err = run_sql(store, "BEGIN IMMEDIATE");

	for (int64_t i = from; err == OK && i < STORE_SQLITE_VERSION; i++)
		err = migrations[i](store);
	must(str_format(sql, sizeof(sql), "PRAGMA user_version = %d",
			STORE_SQLITE_VERSION));
	if (err == OK)
		err = run_sql(store, sql);
	if (err == OK)
		err = run_sql(store, "COMMIT");
	return err;
}

/* An empty database beside keys that have been used was not made by us. */
static enum err say_empty(const char *path, struct err_note *note)
{
	return err_say(ERR_MISSING, note,
		       "%s: is missing or empty, and keeper.key is not new; restore it "
		       "from a backup, or move both away to begin a new household",
		       path);
}

static enum err check_version(struct sqlite_store *store, const char *path, bool may_make,
			      struct err_note *note)
{
	int64_t version = 0;
	int64_t tables = 0;
	int64_t application = 0;
	enum err err = read_number(store, "PRAGMA user_version", &version);

	if (err == OK)
		err = read_number(store, "PRAGMA application_id", &application);
	if (err == OK)
		err = read_number(store, "SELECT count(*) FROM sqlite_master", &tables);
	if (err != OK)
		return err;
	if (tables > 0 && application != APPLICATION_ID)
		return err_say(ERR_FORMAT, note, "%s: is not a keeper's file", path);
	if (version < 0 || version > STORE_SQLITE_VERSION)
		return err_say(
			ERR_VERSION, note,
			"%s: has version %lld, this program knows up to %d; use the newer"
			" program",
			path, (long long)version, STORE_SQLITE_VERSION);
	if (tables == 0 && !may_make)
		return say_empty(path, note);
	if (version < STORE_SQLITE_VERSION)
		err = migrate(store, version);
	return err;
}

static enum err configure(struct sqlite_store *store)
{
	static const char *const pragmas[] = {
		"PRAGMA locking_mode = EXCLUSIVE", /* no shared memory file; one process */
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA secure_delete = ON",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA cell_size_check = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA journal_size_limit = 16777216",
		"PRAGMA wal_autocheckpoint = 400", /* pages: who has something deleted waits for them */
		"PRAGMA cache_size = -8192", /* KiB */
	};
	enum err err = OK;

	for (size_t i = 0; err == OK && i < STR_COUNT(pragmas); i++)
		err = run_sql(store, pragmas[i]);
	return err;
}

/* What a keeper that was killed destroyed, and told nobody yet, may still stand in the log.
 * A disk without space for that is one to read from. */
static enum err clear_log(struct sqlite_store *store)
{
	const enum err err = truncate_log(store);

	return err == ERR_LIMIT ? OK : err;
}

/* The library takes a part of a page at the end for a whole one. */
static enum err check_end(struct sqlite_store *store)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 bytes = 0;
	int64_t page_bytes = 1;
	enum err err = read_number(store, "PRAGMA page_size", &page_bytes);

	if (err == OK)
		err = err_of(sqlite3_file_control(store->db, "main",
						  SQLITE_FCNTL_FILE_POINTER, &file));
	if (err == OK && file && file->pMethods)
		err = err_of(file->pMethods->xFileSize(file, &bytes));
	return err == OK && bytes % page_bytes != 0 ? ERR_FORMAT : err;
}

/* Looked at before the library does: it takes less than a page for nothing, writes a page
 * there and deletes the log beside it. */
static bool is_empty(const char *path)
{
	struct stat about;

	return stat(path, &about) != 0 || about.st_size < PAGE_BYTES_MIN;
}

static enum err open_database(struct sqlite_store *store, const char *folder,
			      bool may_make, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	mode_t before;
	int result;
	enum err err;

	if (!file_join(path, sizeof(path), folder, "keeper.db"))
		return err_say(ERR_LIMIT, note, "data folder: its path is too long");
	if (!may_make && is_empty(path))
		return say_empty(path, note);
	before = umask(0077);
	result = sqlite3_open_v2(path, &store->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
					 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
				 NULL);
	err = err_of(result);
	if (err == OK) {
		(void)sqlite3_extended_result_codes(store->db, 1);
		err = configure(store);
	}
	if (err == OK)
		err = check_version(store, path, may_make, note);
	if (err == OK)
		err = clear_log(store);
	/* Not before: the log may hold what was torn at the end. */
	if (err == OK && !store->is_stale)
		err = check_end(store);
	(void)umask(before);
	if (err == ERR_MISSING)
		return err; /* said above */
	if (err == ERR_FORMAT)
		return err_say(
			err, note,
			"%s: is damaged (%s); restore it from a backup, nothing was changed",
			path, sqlite3_errmsg(store->db));
	if (err != OK)
		return err_say(err, note, "%s: cannot be used: %s", path,
			       store->db ? sqlite3_errmsg(store->db) : err_words(err));
	return OK;
}

/* --- requests ----------------------------------------------------------------------- */

static void request_finish(struct request *request)
{
	free(request->writes);
	*request = (struct request){.writes = NULL};
}

static bool key_is_good(const struct store_key *key)
{
	return key->space < STORE_SPACE_COUNT && key->size > 0 &&
	       key->size <= STORE_KEY_BYTES_MAX;
}

static enum err check_writes(const struct store_write *writes, size_t count,
			     size_t *out_bytes)
{
	size_t bytes = 0;

	if (count == 0 || count > STORE_BATCH_WRITES_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		if (!key_is_good(&writes[i].row.key))
			return ERR_RANGE;
		if (!store_act_has_value(writes[i].act))
			continue;
		if (writes[i].row.size > STORE_VALUE_BYTES_MAX)
			return ERR_LIMIT;
		bytes += writes[i].row.size;
	}
	*out_bytes = bytes;
	return bytes > STORE_BATCH_BYTES_MAX ? ERR_LIMIT : OK;
}

static enum err copy_writes(const struct store_write *from, size_t count, size_t bytes,
			    struct store_write **out_writes)
{
	size_t head = count * sizeof(*from);
	struct store_write *writes = malloc(head + bytes);
	uint8_t *to;

	if (!writes)
		return ERR_MEMORY;
	memcpy(writes, from, head);
	to = (uint8_t *)writes + head;
	for (size_t i = 0; i < count; i++) {
		if (!store_act_has_value(writes[i].act))
			continue;
		if (writes[i].row.size > 0)
			memcpy(to, from[i].row.value, writes[i].row.size);
		writes[i].row.value = to;
		to += writes[i].row.size;
	}
	*out_writes = writes;
	return OK;
}

static void wait_for_step(struct sqlite_store *store, const struct request *request)
{
	const uint64_t one = 1;

	store->waiting[store->waiting_count] = *request;
	store->waiting_count++;
	must(write(store->event_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
}

static enum err sqlite_submit(void *self, const struct store_write *writes, size_t count,
			      uint64_t token)
{
	struct sqlite_store *store = self;
	struct request request = {.kind = REQUEST_SUBMIT, .token = token, .count = count};
	size_t bytes = 0;
	enum err err;

	if (store->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	err = check_writes(writes, count, &bytes);
	if (err == OK)
		err = copy_writes(writes, count, bytes, &request.writes);
	if (err == OK)
		wait_for_step(store, &request);
	return err;
}

static enum err sqlite_get(void *self, const struct store_key *key, uint64_t token)
{
	struct sqlite_store *store = self;
	struct request request = {.kind = REQUEST_GET, .token = token};

	if (store->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	if (!key_is_good(key))
		return ERR_RANGE;
	request.range.first = *key;
	wait_for_step(store, &request);
	return OK;
}

static enum err sqlite_range(void *self, const struct store_range *range, uint64_t token)
{
	struct sqlite_store *store = self;
	struct request request = {.kind = REQUEST_RANGE, .token = token, .range = *range};

	if (store->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	if (!key_is_good(&range->first) || !key_is_good(&range->last) ||
	    range->first.space != range->last.space ||
	    !id_equal(range->first.household.bytes, range->last.household.bytes) ||
	    range->limit == 0 || range->limit > STORE_RANGE_ROWS_MAX)
		return ERR_RANGE;
	wait_for_step(store, &request);
	return OK;
}

/* --- carrying them out -------------------------------------------------------------- */

static enum err statement_ready(struct sqlite_store *store, enum store_space space,
				enum statement_kind kind, sqlite3_stmt **out_statement)
{
	sqlite3_stmt **statement = &store->statements[space][kind];
	char sql[SQL_BYTES];

	if (!*statement) {
		int result;

		must(str_format(sql, sizeof(sql), "%s%s%s", statement_sql[kind].before,
				spaces[space].table, statement_sql[kind].after));
		result = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
					    statement, NULL);
		if (result != SQLITE_OK)
			return err_of(result);
	}
	*out_statement = *statement;
	return OK;
}

static enum err bind_key(sqlite3_stmt *statement, int at, const struct store_key *key)
{
	int result = sqlite3_bind_blob(statement, 1, key->household.bytes, ID_BYTES,
				       SQLITE_STATIC);

	if (result == SQLITE_OK)
		result = sqlite3_bind_blob(statement, at, key->bytes, (int)key->size,
					   SQLITE_STATIC);
	return err_of(result);
}

static void statement_over(sqlite3_stmt *statement)
{
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
}

static enum err carry_out_write(struct sqlite_store *store,
				const struct store_write *change)
{
	static const uint8_t nothing = 0;
	sqlite3_stmt *statement = NULL;
	const bool has_value = store_act_has_value(change->act);
	enum err err = statement_ready(store, change->row.key.space,
				       act_statements[change->act], &statement);

	if (err == OK)
		err = bind_key(statement, 2, &change->row.key);
	if (err == OK && has_value)
		err = err_of(sqlite3_bind_blob(statement, 3,
					       change->row.size > 0 ? change->row.value
								    : &nothing,
					       (int)change->row.size, SQLITE_STATIC));
	if (err == OK)
		err = err_of(sqlite3_step(statement));
	if (err == OK && !has_value) {
		store->destroying = true;
		if (change->act == STORE_DESTROY && sqlite3_changes(store->db) != 1)
			err = ERR_MISSING;
	}
	if (statement)
		statement_over(statement);
	return err;
}

static enum err run_bracket(struct sqlite_store *store, enum bracket bracket)
{
	sqlite3_stmt **statement = &store->brackets[bracket];
	int result = SQLITE_OK;

	if (!*statement)
		result = sqlite3_prepare_v3(store->db, bracket_sql[bracket], -1,
					    SQLITE_PREPARE_PERSISTENT, statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(*statement);
	if (*statement)
		(void)sqlite3_reset(*statement);
	return err_of(result);
}

/* One batch inside the group: whole or not at all. */
static enum err carry_out_batch(struct sqlite_store *store, const struct request *request)
{
	enum err err = run_bracket(store, BRACKET_SAVE);

	if (err != OK)
		return err;
	for (size_t i = 0; err == OK && i < request->count; i++)
		err = carry_out_write(store, &request->writes[i]);
	if (err != OK && sqlite3_get_autocommit(store->db) == 0 &&
	    run_bracket(store, BRACKET_UNDO) != OK)
		err = ERR_IO;
	if (sqlite3_get_autocommit(store->db) == 0 &&
	    run_bracket(store, BRACKET_RELEASE) != OK)
		err = ERR_IO;
	return err;
}

/* After the commit: a group that destroyed something is not done before the log is cleared.
 * What is left there of others goes with the next group that can. */
static enum err settle_log(struct sqlite_store *store)
{
	enum err err = OK;

	if (store->destroying || store->is_stale)
		err = truncate_log(store);
	if (err != OK)
		log_line("store: what was destroyed still stands in the log: %s",
			 err_words(err));
	if (err == OK || !store->destroying)
		return OK;
	/* It is committed: not even for want of space was nothing written. */
	store->is_doubted = true;
	return ERR_IO;
}

/* Ends the group; what it says holds for every batch of it that went well so far. */
static enum err commit_group(struct sqlite_store *store, enum err so_far)
{
	enum err err = so_far;

	if (err == OK)
		err = run_bracket(store, BRACKET_COMMIT);
	if (err != OK) {
		if (sqlite3_get_autocommit(store->db) == 0)
			(void)run_sql(store, "ROLLBACK");
		log_line("store: a commit failed: %s", sqlite3_errmsg(store->db));
		return err;
	}
	return settle_log(store);
}

static void carry_out_submits(struct sqlite_store *store, struct request *requests,
			      size_t count)
{
	enum err group = run_bracket(store, BRACKET_BEGIN);

	store->destroying = false;
	for (size_t i = 0; i < count; i++) {
		if (requests[i].kind != REQUEST_SUBMIT)
			continue;
		requests[i].err =
			group == OK ? carry_out_batch(store, &requests[i]) : group;
		/* A full disk may have undone the whole group. */
		if (group == OK && sqlite3_get_autocommit(store->db) != 0)
			group = requests[i].err != OK ? requests[i].err : ERR_IO;
	}
	group = commit_group(store, group);
	for (size_t i = 0; i < count; i++) {
		if (requests[i].kind != REQUEST_SUBMIT)
			continue;
		if (requests[i].err == OK)
			requests[i].err = group;
		store->listener.done(store->listener.context, requests[i].token,
				     requests[i].err);
	}
}

struct found {
	size_t count;
	size_t bytes;
	bool more;
	struct store_row rows[STORE_RANGE_ROWS_MAX];
	uint8_t *values[STORE_RANGE_ROWS_MAX]; /* owned; rows borrow them */
};

static enum err add_found(struct found *found, const struct store_key *like,
			  sqlite3_stmt *statement)
{
	struct store_row *row = &found->rows[found->count];
	size_t key_size = (size_t)sqlite3_column_bytes(statement, 0);
	size_t size = (size_t)sqlite3_column_bytes(statement, 1);
	const void *key = sqlite3_column_blob(statement, 0);
	const void *value = sqlite3_column_blob(statement, 1);
	uint8_t *copy;

	/* What is read back is as untrusted as anything from outside. */
	if (key_size == 0 || key_size > STORE_KEY_BYTES_MAX ||
	    size > STORE_VALUE_BYTES_MAX || !key || (size > 0 && !value))
		return ERR_FORMAT;
	copy = malloc(size > 0 ? size : 1);
	if (!copy)
		return ERR_MEMORY;
	if (size > 0)
		memcpy(copy, value, size);
	row->key = *like;
	row->key.size = key_size;
	memcpy(row->key.bytes, key, key_size);
	row->value = copy;
	row->size = size;
	found->values[found->count] = copy;
	found->count++;
	found->bytes += size;
	return OK;
}

/* Whoever reads after a batch that did not go well takes what is gone for destroyed. */
static enum err end_doubt(struct sqlite_store *store)
{
	enum err err = OK;

	if (store->is_doubted)
		err = truncate_log(store);
	if (err != OK)
		return ERR_IO;
	store->is_doubted = false;
	return OK;
}

static enum err find_rows(struct sqlite_store *store, const struct request *request,
			  struct found *found)
{
	const struct store_range *range = &request->range;
	bool is_get = request->kind == REQUEST_GET;
	size_t limit = is_get ? 1 : range->limit;
	sqlite3_stmt *statement = NULL;
	int result = SQLITE_ROW;
	enum err err = statement_ready(store, range->first.space,
				       is_get             ? STATEMENT_GET
				       : range->backwards ? STATEMENT_BACKWARDS
							  : STATEMENT_FORWARDS,
				       &statement);

	if (err == OK)
		err = bind_key(statement, 2, &range->first);
	if (err == OK && !is_get)
		err = bind_key(statement, 3, &range->last);
	while (err == OK) {
		result = sqlite3_step(statement);
		err = err_of(result);
		if (result != SQLITE_ROW)
			break;
		if (found->count == limit || found->bytes >= STORE_RANGE_BYTES_MAX) {
			found->more = true;
			break;
		}
		err = add_found(found, &range->first, statement);
	}
	if (err == OK && is_get && found->count == 0)
		err = ERR_MISSING;
	if (statement)
		statement_over(statement);
	return err;
}

static void answer_rows(struct sqlite_store *store, const struct request *request)
{
	struct found *found = calloc(1, sizeof(*found));
	struct store_rows rows;
	enum err err = found ? end_doubt(store) : ERR_MEMORY;

	if (err == OK)
		err = find_rows(store, request, found);
	if (err == OK) {
		rows = (struct store_rows){found->count, found->rows, found->more};
		store->listener.rows(store->listener.context, request->token, OK, &rows);
	} else {
		store->listener.rows(store->listener.context, request->token, err, NULL);
	}
	for (size_t i = 0; found && i < found->count; i++)
		free(found->values[i]);
	free(found);
}

static void sqlite_step(void *self)
{
	struct sqlite_store *store = self;
	struct request requests[STORE_WAITING_MAX];
	size_t count = store->waiting_count;
	bool has_submit = false;
	uint64_t unused;

	(void)!read(store->event_fd, &unused, sizeof(unused));
	memcpy(requests, store->waiting, count * sizeof(requests[0]));
	store->waiting_count = 0;
	for (size_t i = 0; i < count; i++)
		has_submit = has_submit || requests[i].kind == REQUEST_SUBMIT;
	if (has_submit)
		carry_out_submits(store, requests, count);
	for (size_t i = 0; i < count; i++) {
		if (requests[i].kind != REQUEST_SUBMIT)
			answer_rows(store, &requests[i]);
		request_finish(&requests[i]);
	}
}

static void sqlite_close(void *self)
{
	struct sqlite_store *store = self;

	if (!store)
		return;
	for (size_t i = 0; i < store->waiting_count; i++)
		request_finish(&store->waiting[i]);
	for (size_t i = 0; i < STORE_SPACE_COUNT; i++) {
		for (size_t j = 0; j < STATEMENT_COUNT; j++)
			(void)sqlite3_finalize(store->statements[i][j]);
	}
	for (size_t i = 0; i < BRACKET_COUNT; i++)
		(void)sqlite3_finalize(store->brackets[i]);
	if (store->db)
		(void)sqlite3_close(store->db);
	if (store->event_fd >= 0)
		(void)close(store->event_fd);
	if (store->lock_fd >= 0)
		(void)close(store->lock_fd);
	free(store);
}

static const struct store_ops sqlite_ops = {
	.submit = sqlite_submit,
	.get = sqlite_get,
	.range = sqlite_range,
	.step = sqlite_step,
	.close = sqlite_close,
};

enum err store_sqlite_open(const char *folder, bool may_make,
			   const struct store_listener *listener, struct store *out_store,
			   struct err_note *note)
{
	struct sqlite_store *store = calloc(1, sizeof(*store));
	enum err err;

	if (!store)
		return ERR_MEMORY;
	store->listener = *listener;
	store->lock_fd = -1;
	store->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = store->event_fd >= 0 ? OK : ERR_IO;
	if (err == OK)
		err = take_lock(store, folder, note);
	if (err == OK)
		err = open_database(store, folder, may_make, note);
	if (err != OK) {
		sqlite_close(store);
		return err;
	}
	*out_store =
		(struct store){.ops = &sqlite_ops, .self = store, .fd = store->event_fd};
	return OK;
}
