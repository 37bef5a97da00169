/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs - writes and reads DIR/run/programs.json. Starts and stops nothing.
 */
#include "cli/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"

enum { FILE_BYTES_MAX = 4096, STAT_BYTES = 512 };

static enum err file_path(const struct paths *paths, char to[FILE_PATH_BYTES],
			  struct err_note *note)
{
	if (!file_join(to, FILE_PATH_BYTES, paths->run, "programs.json"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", paths->run);
	return OK;
}

static enum err to_json(const struct supervisor *supervisor, struct buf *to)
{
	struct json_write write;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_int(&write, "supervisor", getpid());
	json_open_array(&write, "programs");
	for (size_t i = 0; i < supervisor_count(supervisor); i++) {
		const struct supervise_child child = supervisor_child(supervisor, i);

		json_open_object(&write, NULL);
		json_add_text(&write, "program", child.name);
		json_add_int(&write, "pid", child.pid);
		json_add_int(&write, "starts", child.starts);
		json_close(&write, '}');
	}
	json_close(&write, ']');
	json_close(&write, '}');
	return json_write_finish(&write);
}

enum err programs_write(const struct paths *paths, const struct supervisor *supervisor,
			struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf json;
	enum err err = file_path(paths, path, note);

	buf_init(&json, FILE_BYTES_MAX);
	if (!err)
		err = to_json(supervisor, &json);
	if (!err)
		err = file_write(path, json.bytes, json.size, 0600, note);
	buf_finish(&json);
	return err;
}

void programs_remove(const struct paths *paths)
{
	char path[FILE_PATH_BYTES];

	if (file_path(paths, path, NULL) == OK)
		(void)unlink(path);
}

/* A process of that number whose parent is the supervisor: numbers are used again. */
static bool is_child(pid_t pid, pid_t parent)
{
	char path[64];
	char text[STAT_BYTES];
	size_t size;
	const char *at;
	FILE *file;

	must(str_format(path, sizeof(path), "/proc/%d/stat", (int)pid));
	file = pid > 0 && parent > 0 ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[size] = '\0';
	at = strrchr(text, ')'); /* "pid (name) state parent ..." */
	return at && strlen(at) > 4 && at[2] != 'Z' &&
	       strtol(at + 4, NULL, 10) == (long)parent;
}

static pid_t to_pid(const struct json_value *value)
{
	const double number = json_number(value, 0);

	return number >= 1 && number <= INT32_MAX ? (pid_t)number : 0;
}

static enum err take(const struct json_value *root, const char *path,
		     struct programs *programs, struct err_note *note)
{
	const struct json_value *list = json_get(root, "programs");
	const pid_t parent = to_pid(json_get(root, "supervisor"));

	if (!json_is_array(list) || json_count(list) > SUPERVISE_CHILDREN_MAX)
		return err_say(ERR_FORMAT, note, "%s: expected a list of programs", path);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json_value *item = json_at(list, i);
		const pid_t pid = to_pid(json_get(item, "pid"));
		const double starts = json_number(json_get(item, "starts"), 0);

		if (!str_copy(programs->items[i].name, SUPERVISE_NAME_BYTES,
			      json_text(json_get(item, "program"), "")) ||
		    !programs->items[i].name[0])
			return err_say(ERR_FORMAT, note, "%s: expected a program's name",
				       path);
		programs->items[i].pid = is_child(pid, parent) ? pid : 0;
		if (programs->items[i].pid != 0)
			programs->supervisor = parent;
		programs->items[i].starts =
			starts >= 0 && starts <= UINT32_MAX ? (unsigned)starts : 0;
		programs->count++;
	}
	return OK;
}

enum err programs_read(const struct paths *paths, struct programs *out_programs,
		       struct err_note *note)
{
	struct programs programs = {.count = 0};
	char path[FILE_PATH_BYTES];
	struct json *json = NULL;
	struct buf bytes;
	enum err err = file_path(paths, path, note);

	buf_init(&bytes, FILE_BYTES_MAX);
	if (!err && file_exists(path)) {
		err = file_read(path, FILE_BYTES_MAX, &bytes, note);
		if (!err)
			err = json_parse(path, (const char *)bytes.bytes, bytes.size,
					 FILE_BYTES_MAX, &json, note);
		if (!err)
			err = take(json_root(json), path, &programs, note);
	}
	if (!err)
		*out_programs = programs;
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}
