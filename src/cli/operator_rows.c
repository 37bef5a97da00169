/* SPDX-License-Identifier: Apache-2.0 */
/* operator_rows - see the header. The names in the statements are the drill's own. */
#include "cli/operator_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

extern char **environ;

enum { SQL_BYTES = 2048, ANSWER_BYTES = 64 };

/* The number of the owner of that name. */
#define OWNER "(SELECT key FROM owner WHERE instr(value, CAST('%s' AS BLOB)) > 0)"

static enum err start(const char *database, char *sql, int to, pid_t *out_pid,
		      struct err_note *note)
{
	posix_spawn_file_actions_t files;
	char program[] = "sqlite3";
	char path[FILE_PATH_BYTES];
	char *words[] = {program, path, sql, NULL};
	int result;

	must(str_copy(path, sizeof(path), database));
	if (posix_spawn_file_actions_init(&files) != 0)
		return ERR_MEMORY;
	result = posix_spawn_file_actions_adddup2(&files, to, STDOUT_FILENO);
	if (result == 0)
		result = posix_spawnp(out_pid, program, &files, NULL, words, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	if (result == ENOENT)
		return err_say(ERR_MISSING, note,
			       "sqlite3 is not installed; this drill exchanges rows with "
			       "it");
	return result == 0 ? OK : err_say(ERR_IO, note, "sqlite3: %s", strerror(result));
}

static void read_answer(int fd, char answer[ANSWER_BYTES])
{
	size_t size = 0;
	ssize_t got = 1;

	while (size < ANSWER_BYTES - 1 && got > 0) {
		got = read(fd, answer + size, ANSWER_BYTES - 1 - size);
		size += got > 0 ? (size_t)got : 0;
	}
	answer[size] = '\0';
}

static enum err run(const struct keeper_alone *keeper, char *sql,
		    char answer[ANSWER_BYTES], struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	int ends[2];
	int status = -1;
	pid_t pid = 0;
	enum err err;

	must(file_join(path, sizeof(path), keeper->folder, "keeper/keeper.db"));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_say(ERR_IO, note, "a pipe cannot be made");
	err = start(path, sql, ends[1], &pid, note);
	(void)close(ends[1]);
	if (!err) {
		read_answer(ends[0], answer);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	(void)close(ends[0]);
	return err || status == 0 ? err : err_say(ERR_IO, note, "sqlite3 failed");
}

enum err operator_rows_count(const struct keeper_alone *keeper, const char *table,
			     const char *owner, size_t *out_count, struct err_note *note)
{
	char sql[SQL_BYTES];
	char answer[ANSWER_BYTES] = "";
	int64_t count = 0;
	enum err err;

	must(str_format(sql, sizeof(sql),
			"SELECT count(*) FROM %s WHERE substr(key, 1, 16) = " OWNER,
			table, owner));
	err = run(keeper, sql, answer, note);
	str_trim(answer);
	if (!err && !str_to_int(answer, 0, INT32_MAX, &count))
		err = err_say(ERR_FORMAT, note, "sqlite3 does not count");
	if (!err)
		*out_count = (size_t)count;
	return err;
}

enum err operator_rows_file_as(const struct keeper_alone *keeper, const char *table,
			       const char *from, const char *to, struct err_note *note)
{
	char sql[SQL_BYTES];
	char answer[ANSWER_BYTES];

	must(str_format(sql, sizeof(sql),
			"INSERT OR REPLACE INTO %s SELECT household, CAST(" OWNER
			" || substr(key, 17) AS BLOB), value FROM %s WHERE "
			"substr(key, 1, 16) = " OWNER,
			table, to, table, from));
	return run(keeper, sql, answer, note);
}

enum err operator_rows_exchange(const struct keeper_alone *keeper, const char *table,
				const char *one, const char *other, struct err_note *note)
{
	char sql[SQL_BYTES];
	char answer[ANSWER_BYTES];

	must(str_format(
		sql, sizeof(sql),
		"CREATE TEMP TABLE a AS SELECT key, value FROM %s WHERE substr(key, 1, 16) "
		"= " OWNER " ORDER BY key LIMIT 1;"
		"CREATE TEMP TABLE b AS SELECT key, value FROM %s WHERE substr(key, 1, 16) "
		"= " OWNER " ORDER BY key LIMIT 1;"
		"UPDATE %s SET value = (SELECT value FROM b) WHERE key = (SELECT key FROM "
		"a);"
		"UPDATE %s SET value = (SELECT value FROM a) WHERE key = (SELECT key FROM "
		"b)",
		table, one, table, other, table, table));
	return run(keeper, sql, answer, note);
}
