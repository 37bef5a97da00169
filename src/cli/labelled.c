/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labelled - see the header. Does not read the sounds, only makes sure that they are
 * there: a label without a sound is a mistake that would pass for a lost command.
 */
#include "cli/labelled.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/clips.h"

enum { TEXTS_BYTES_MAX = 64 * 1024 * 1024 };

static const char *const ENDINGS[] = {".flac", ".wav", ".ogg", ".oga", ".opus"};

struct item {
	char *path;
	char *words;                    /* NULL: by label */
	const struct json_value *label; /* of the document */
};

struct labelled {
	struct arena *arena;
	struct json *labels; /* NULL: a list */
	struct item *items;  /* in the arena */
	size_t count;
	size_t room;
};

static enum err make_items(struct labelled *labelled, size_t room, const char *place,
			   struct err_note *note)
{
	void *memory = NULL;

	if (room > LABELLED_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d sounds", place,
			       LABELLED_MAX);
	enum err err = arena_take_array(labelled->arena, room + 1,
					sizeof(*labelled->items), &memory);
	labelled->items = memory;
	labelled->room = room;
	return err;
}

/* ---- a folder ---- */

static bool find_sound(const char *folder, const char *id, char path[FILE_PATH_BYTES])
{
	for (size_t i = 0; i < STR_COUNT(ENDINGS); i++) {
		if (str_format(path, FILE_PATH_BYTES, "%s/%s%s", folder, id,
			       ENDINGS[i]) &&
		    file_exists(path))
			return true;
	}
	return false;
}

static enum err add_labels(struct labelled *labelled, const char *folder,
			   struct err_note *note)
{
	const struct json_value *root = json_root(labelled->labels);
	enum err err = make_items(labelled, json_count(root), folder, note);

	while (!err && labelled->count < labelled->room) {
		struct item *item = &labelled->items[labelled->count];
		const char *id = json_key_at(root, labelled->count, &item->label);
		char path[FILE_PATH_BYTES];

		must(id);
		if (!json_is_object(item->label))
			return err_say(ERR_FORMAT, note,
				       "%s/labels.json: %s: expected {\"intent\", "
				       "\"slots\"}",
				       folder, id);
		if (!find_sound(folder, id, path))
			return err_say(ERR_MISSING, note, "%s: no sound file %s.flac",
				       folder, id);
		err = arena_copy_text(labelled->arena, path, &item->path);
		labelled->count++;
	}
	return err;
}

static enum err read_folder(struct labelled *labelled, const char *folder,
			    struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err = OK;

	buf_init(&bytes, 0);
	if (!file_join(path, sizeof(path), folder, "labels.json"))
		err = ERR_LIMIT;
	if (!err)
		err = file_read(path, LABELLED_BYTES_MAX, &bytes, note);
	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 LABELLED_BYTES_MAX, &labelled->labels, note);
	if (!err && !json_is_object(json_root(labelled->labels)))
		err = err_say(ERR_FORMAT, note, "%s: expected an object of sounds", path);
	if (!err)
		err = add_labels(labelled, folder, note);
	buf_finish(&bytes);
	return err;
}

/* ---- a list ---- */

/* Paths begin where the list lies. */
static bool beside(const char *list, const char *name, char path[FILE_PATH_BYTES])
{
	const char *slash = strrchr(list, '/');

	if (name[0] == '/' || !slash)
		return str_copy(path, FILE_PATH_BYTES, name);
	return str_format(path, FILE_PATH_BYTES, "%.*s/%s", (int)(slash - list), list,
			  name);
}

static enum err add_line(struct labelled *labelled, const char *place, size_t number,
			 char *line, struct err_note *note)
{
	struct item *item = &labelled->items[labelled->count];
	char *tab = strchr(line, '\t');
	char path[FILE_PATH_BYTES];
	enum err err;

	if (tab)
		*tab = '\0';
	if (!tab || !beside(place, line, path))
		return err_say(ERR_FORMAT, note,
			       "%s:%zu: expected a sound file, a tab and the words",
			       place, number);
	str_trim(tab + 1);
	if (!tab[1] || strlen(tab + 1) >= TEXT_BYTES)
		return err_say(ERR_FORMAT, note,
			       "%s:%zu: expected words of at most %d bytes behind the "
			       "tab",
			       place, number, TEXT_BYTES - 1);
	if (!file_exists(path))
		return err_say(ERR_MISSING, note, "%s:%zu: no sound file %s", place,
			       number, path);
	err = arena_copy_text(labelled->arena, path, &item->path);
	if (!err)
		err = arena_copy_text(labelled->arena, tab + 1, &item->words);
	labelled->count++;
	return err;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

static enum err add_lines(struct labelled *labelled, const char *place, char *text,
			  struct err_note *note)
{
	enum err err = make_items(labelled, count_lines(text), place, note);
	size_t number = 0;

	while (!err && text) {
		char *line = strsep(&text, "\n");

		number++;
		str_trim(line);
		if (line[0] && line[0] != '#')
			err = add_line(labelled, place, number, line, note);
	}
	return err;
}

static enum err read_list(struct labelled *labelled, const char *place,
			  struct err_note *note)
{
	struct buf bytes;
	enum err err;

	buf_init(&bytes, 0);
	err = file_read(place, LABELLED_BYTES_MAX, &bytes, note);
	if (!err && (bytes.size == 0 || strlen((const char *)bytes.bytes) != bytes.size))
		err = err_say(ERR_FORMAT, note,
			      "%s: expected lines of a sound file, a tab and the words",
			      place);
	if (!err)
		err = add_lines(labelled, place, (char *)bytes.bytes, note);
	buf_finish(&bytes);
	return err;
}

enum err labelled_open(const char *place, struct labelled **out_labelled,
		       struct err_note *note)
{
	struct labelled *made = calloc(1, sizeof(*made));
	struct stat about;
	enum err err = made ? arena_create(TEXTS_BYTES_MAX, &made->arena) : ERR_MEMORY;

	if (!err && stat(place, &about) != 0)
		err = err_say(ERR_MISSING, note, "%s: nothing is there", place);
	if (!err)
		err = S_ISDIR(about.st_mode) ? read_folder(made, place, note)
					     : read_list(made, place, note);
	if (!err && made->count == 0)
		err = err_say(ERR_FORMAT, note, "%s: it labels no sound", place);
	if (err) {
		labelled_close(made);
		return err;
	}
	*out_labelled = made;
	return OK;
}

void labelled_close(struct labelled *labelled)
{
	if (!labelled)
		return;
	json_destroy(labelled->labels);
	arena_destroy(labelled->arena);
	free(labelled);
}

size_t labelled_count(const struct labelled *labelled)
{
	return labelled->count;
}

const char *labelled_path(const struct labelled *labelled, size_t index)
{
	must(index < labelled->count);
	return labelled->items[index].path;
}

bool labelled_right(const struct labelled *labelled, size_t index, const struct ear *ear,
		    const char *text)
{
	const struct item *item = &labelled->items[index];
	struct intent heard;

	must(index < labelled->count);
	if (!text[0])
		return false;
	if (item->words)
		return str_equal_folded(item->words, text) ||
		       ear_same(ear, item->words, text);
	ear_understand(ear, text, &heard);
	return clips_label_right(item->label, &heard);
}
