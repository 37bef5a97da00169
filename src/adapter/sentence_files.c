/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads sentence files for the pure compiler, which knows no paths.
 */
#include "adapter/sentence_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter/phrasebook_file.h"
#include "adapter/speller_icu.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

static enum err add_file(struct sentences *sentences, const char *path,
			 struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, SENTENCE_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = sentences_add(sentences, path, (const char *)bytes.bytes,
				    bytes.size, note);
	buf_finish(&bytes);
	return err;
}

static int is_sentence_file(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return name[0] != '.' && !str_equal(name, PHRASEBOOK_FILE_NAME) &&
	       (str_ends(name, ".yaml") || str_ends(name, ".yml") ||
		str_ends(name, ".json"));
}

static enum err add_names(struct sentences *sentences, const char *folder,
			  struct dirent *const *names, int count, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = OK;

	if (count == 0)
		return err_say(ERR_MISSING, note,
			       "%s: holds no .yaml or .json sentence file", folder);
	if (count > SENTENCE_FILES_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d sentence files", folder,
			       SENTENCE_FILES_MAX);
	for (int i = 0; !err && i < count; i++) {
		if (!file_join(path, sizeof(path), folder, names[i]->d_name))
			err = err_say(ERR_LIMIT, note, "%s: the path is too long",
				      folder);
		else
			err = add_file(sentences, path, note);
	}
	return err;
}

/* Once a file has named the language. English is spoken without help, and what ICU does
 * not know is spoken in English. */
static enum err use_speller(struct sentences *sentences)
{
	const char *language = sentences_language(sentences);
	struct speller speller;
	enum err err;

	if (sentences_has_speller(sentences) || !language[0] ||
	    str_starts(language, "en"))
		return OK;
	err = speller_icu_create(language, &speller);
	if (!err)
		sentences_use_speller(sentences, speller);
	return err == ERR_UNSUPPORTED ? OK : err;
}

enum err sentence_files_add(struct sentences *sentences, const char *path,
			    struct err_note *note)
{
	struct dirent **names = NULL;
	struct stat about;
	enum err err;
	int count;

	if (stat(path, &about) != 0)
		return err_say(errno == EACCES ? ERR_IO : ERR_MISSING, note,
			       "%s: expected a sentence file or a folder of them: %s",
			       path, strerror(errno));
	if (!S_ISDIR(about.st_mode)) {
		err = add_file(sentences, path, note);
		return err ? err : use_speller(sentences);
	}
	count = scandir(path, &names, is_sentence_file, alphasort);
	if (count < 0)
		return err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	err = add_names(sentences, path, names, count, note);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return err ? err : use_speller(sentences);
}
