/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox_find - see the header. Invariant: digits that could be both are a number.
 */
#include "cli/inbox_find.h"

#include <string.h>

#include "base/str.h"
#include "cli/id_prefix.h"

static const uint8_t *id_at(const void *context, size_t at)
{
	const struct device_letter *letters = context;

	return letters[at].id.bytes;
}

/* Too short for an id, so that a number is what was meant. */
static bool is_number_only(const char *word)
{
	int64_t number = 0;

	return strlen(word) < ID_PREFIX_LETTERS_MIN &&
	       str_to_int(word, 1, INT64_MAX, &number);
}

enum err inbox_find(const struct device_letter *letters, size_t count, const char *word,
		    const struct device_letter **out_letter, struct err_note *note)
{
	const struct id_prefix_list list = {.lists = "behest messages",
					    .none = "no message begins so",
					    .context = letters,
					    .count = count,
					    .id_at = id_at};
	int64_t number = 0;
	size_t at = 0;
	enum err err = OK;

	if (str_to_int(word, 1, (int64_t)count, &number))
		at = (size_t)number - 1;
	else if (is_number_only(word))
		err = err_say(ERR_MISSING, note,
			      "there is no message %s; `behest messages` lists them",
			      word);
	else
		err = id_prefix_find(&list, word, &at, note);
	if (!err)
		*out_letter = &letters[at];
	return err;
}
