/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_files - paths below models/ of the share folder. Opens no file.
 */
#include "adapter/wake_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/str.h"

enum { NAME_BYTES = 80 };

static const char head_ending[] = ".head";

enum err wake_files_find_net(char *to, size_t size, struct err_note *note)
{
	struct err_note unused = {""};
	const enum err err =
		share_find("models", "speech-embedding.net", to, size, &unused);

	if (err == ERR_MISSING)
		return err_say(ERR_MISSING, note,
			       "%s/models/speech-embedding.net: not there; tools/setup "
			       "fetches it (the wake engine pocketsphinx needs none)",
			       share_folder());
	return err ? err_say(err, note, "%s", unused.text) : OK;
}

enum err wake_files_find_head(const char *word, char *to, size_t size,
			      struct err_note *note)
{
	struct err_note unused = {""};
	char name[NAME_BYTES];
	enum err err;

	if (!str_copy(name, sizeof(name), word))
		return err_say(ERR_FORMAT, note, "wake word: longer than %d letters",
			       NAME_BYTES - 1);
	str_fold(name);
	str_trim(name);
	if (name[0] == '\0' ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789'- ")] != '\0')
		return err_say(ERR_FORMAT, note,
			       "wake word '%.60s': expected letters, with spaces between "
			       "words",
			       word);
	for (char *at = strchr(name, ' '); at; at = strchr(at, ' '))
		*at = '_';
	if (!str_append(name, sizeof(name), ".head"))
		return err_say(ERR_FORMAT, note, "wake word: longer than %d letters",
			       NAME_BYTES - 6);
	err = share_find("models", name, to, size, &unused);
	if (err == ERR_MISSING)
		return err_say(ERR_MISSING, note,
			       "%s/models/%s: no head comes along for '%.60s'; train one "
			       "with behest wake train",
			       share_folder(), name, word);
	return err ? err_say(err, note, "%s", unused.text) : OK;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True unless it is a head that does not fit. */
static bool take_head(struct wake_file_names *names, const char *file)
{
	const size_t size = strlen(file);
	const size_t ending = strlen(head_ending);

	if (size <= ending || !str_equal(file + size - ending, head_ending))
		return true;
	return names->count < WAKE_FILES_HEADS_MAX &&
	       str_copy_bytes(names->names[names->count++], WAKE_FILES_NAME_BYTES, file,
			      size - ending);
}

enum err wake_files_list_heads(struct wake_file_names *out_names, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	const struct dirent *entry;
	DIR *models;
	bool fits = true;

	out_names->count = 0;
	if (!file_join(folder, sizeof(folder), share_folder(), "models"))
		return err_say(ERR_LIMIT, note, "%s: too long", share_folder());
	models = opendir(folder);
	while (models && fits && (entry = readdir(models)))
		fits = take_head(out_names, entry->d_name);
	if (models)
		(void)closedir(models);
	if (!fits)
		return err_say(
			ERR_LIMIT, note,
			"%s: more than %d heads, or a name of more than %d letters",
			folder, WAKE_FILES_HEADS_MAX, WAKE_FILES_NAME_BYTES - 1);
	if (out_names->count == 0)
		return err_say(ERR_MISSING, note, "%s: no head is there", folder);
	qsort(out_names->names, out_names->count, sizeof(out_names->names[0]), compare);
	return OK;
}
