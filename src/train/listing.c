/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing - see the header. Which files count is decided by their endings; what they hold
 * is found out when they are read. Links to folders are not followed, so that there are no
 * circles.
 */
#include "train/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

static const char *const ENDINGS[] = {".flac", ".oga", ".ogg", ".opus", ".wav"};

/* Folders still to be searched; owned paths. */
struct waiting {
	char *paths[LISTING_DEPTH_MAX];
	size_t count;
};

static bool is_sound(const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < STR_COUNT(ENDINGS); i++) {
		size_t ending = strlen(ENDINGS[i]);

		if (size > ending && strcasecmp(name + size - ending, ENDINGS[i]) == 0)
			return true;
	}
	return false;
}

static enum err add_file(struct listing *listing, const char *path, struct err_note *note)
{
	if (listing->count >= LISTING_FILES_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d files", path,
			       LISTING_FILES_MAX);
	if (listing->count == listing->room) {
		size_t room = listing->room ? 2 * listing->room : 1024;
		struct listed_file *files =
			realloc(listing->files, room * sizeof(*listing->files));

		if (!files)
			return ERR_MEMORY;
		listing->files = files;
		listing->room = room;
	}
	listing->files[listing->count].path = strdup(path);
	if (!listing->files[listing->count].path)
		return ERR_MEMORY;
	listing->files[listing->count].source = (uint32_t)listing->source_count;
	listing->count++;
	return OK;
}

static enum err add_entry(struct listing *listing, struct waiting *waiting,
			  const char *folder, const char *name, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct stat about;

	if (name[0] == '.')
		return OK;
	if (!file_join(path, sizeof(path), folder, name))
		return err_say(ERR_LIMIT, note, "%s: a path below it is too long",
			       folder);
	if (lstat(path, &about) != 0)
		return err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(about.st_mode))
		return is_sound(name) ? add_file(listing, path, note) : OK;
	if (waiting->count == LISTING_DEPTH_MAX)
		return err_say(ERR_LIMIT, note, "%s: too many folders", folder);
	waiting->paths[waiting->count] = strdup(path);
	return waiting->paths[waiting->count++] ? OK : ERR_MEMORY;
}

static enum err search_one(struct listing *listing, struct waiting *waiting,
			   const char *folder, struct err_note *note)
{
	DIR *opened = opendir(folder);
	enum err err = OK;

	if (!opened)
		return err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, note, "%s: %s",
			       folder, strerror(errno));
	while (!err) {
		const struct dirent *entry = readdir(opened);

		if (!entry)
			break;
		err = add_entry(listing, waiting, folder, entry->d_name, note);
	}
	closedir(opened);
	return err;
}

static enum err search(struct listing *listing, const char *folder, struct err_note *note)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	enum err err = waiting ? search_one(listing, waiting, folder, note) : ERR_MEMORY;

	while (!err && waiting->count > 0) {
		char *next = waiting->paths[--waiting->count];

		err = search_one(listing, waiting, next, note);
		free(next);
	}
	for (size_t i = 0; waiting && i < waiting->count; i++)
		free(waiting->paths[i]);
	free(waiting);
	return err;
}

/* The list's paths are as they are written: relative ones from where the program runs. */
static enum err read_list(struct listing *listing, const char *path,
			  struct err_note *note)
{
	struct buf text;
	size_t line_number = 1;
	enum err err = file_read(path, LISTING_LIST_BYTES_MAX, &text, note);

	for (char *line = err ? NULL : (char *)text.bytes; line && !err; line_number++) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		str_trim(line);
		if (*line && strlen(line) >= FILE_PATH_BYTES)
			err = err_say(ERR_LIMIT, note, "%s:%zu: the path is too long",
				      path, line_number);
		else if (*line && *line != '#')
			err = add_file(listing, line, note);
		line = end ? end + 1 : NULL;
	}
	buf_finish(&text);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct listed_file *left = a;
	const struct listed_file *right = b;

	return strcmp(left->path, right->path);
}

static void name_source(struct listing_source *source, const char *label, size_t size,
			const char *place)
{
	const char *end = place + strlen(place);
	const char *begin;

	if (size > 0 && str_copy_bytes(source->label, sizeof(source->label), label, size))
		return;
	while (end > place && end[-1] == '/')
		end--;
	for (begin = end; begin > place && begin[-1] != '/' && begin[-1] != '@'; begin--)
		;
	if (!str_copy_bytes(source->label, sizeof(source->label), begin,
			    (size_t)(end - begin)))
		must(str_copy(source->label, sizeof(source->label), "data"));
}

static enum err add_place(struct listing *listing, const char *place,
			  struct err_note *note)
{
	struct stat about;

	if (place[0] == '@')
		return read_list(listing, place + 1, note);
	if (stat(place, &about) != 0)
		return err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, note, "%s: %s",
			       place, strerror(errno));
	return S_ISDIR(about.st_mode) ? search(listing, place, note)
				      : add_file(listing, place, note);
}

enum err listing_add(struct listing *listing, const char *place, struct err_note *note)
{
	const char *equals = strchr(place, '=');
	struct listing_source *source = &listing->sources[listing->source_count];
	size_t label_size = 0;
	enum err err;

	if (equals && memchr(place, '/', (size_t)(equals - place)) == NULL)
		label_size = (size_t)(equals - place);
	if (listing->source_count == LISTING_SOURCES_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d places", place,
			       LISTING_SOURCES_MAX);
	if (label_size > 0)
		name_source(source, place, label_size, equals + 1);
	else
		name_source(source, NULL, 0, place);
	source->first = listing->count;
	err = add_place(listing, label_size > 0 ? equals + 1 : place, note);
	if (err)
		return err;
	source->count = listing->count - source->first;
	if (source->count == 0)
		return err_say(ERR_MISSING, note,
			       "%s: no sound in it (.flac, .ogg, .opus, .wav)", place);
	qsort(listing->files + source->first, source->count, sizeof(*listing->files),
	      by_path);
	listing->source_count++;
	return OK;
}

void listing_finish(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->files[i].path);
	free(listing->files);
	*listing = (struct listing){.files = NULL};
}
