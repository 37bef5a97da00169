/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_files - paths below models/ of the share folder. Opens nothing.
 */
#include "adapter/wake_files.h"

#include <string.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/str.h"

enum { NAME_BYTES = 80 };

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
