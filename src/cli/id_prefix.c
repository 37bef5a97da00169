/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id_prefix - see the header. Invariant: what more than one id begins with names none.
 */
#include "cli/id_prefix.h"

#include <ctype.h>
#include <stdbool.h>

#include "base/str.h"

static bool is_prefix(const char *digits)
{
	size_t count = 0;

	while (isxdigit((unsigned char)digits[count]))
		count++;
	return digits[count] == '\0' && count >= ID_PREFIX_LETTERS_MIN &&
	       count < ID_TEXT_BYTES;
}

/* How many begin so; *out_at is the last of them. */
static size_t count_with(const struct id_prefix_list *list, const char *folded,
			 size_t *out_at)
{
	char id[ID_TEXT_BYTES];
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		id_to_text(id, list->id_at(list->context, i));
		if (!str_starts(id, folded))
			continue;
		*out_at = i;
		count++;
	}
	return count;
}

enum err id_prefix_find(const struct id_prefix_list *list, const char *digits,
			size_t *out_at, struct err_note *note)
{
	char folded[ID_TEXT_BYTES];
	size_t at = 0;
	size_t count;

	if (!is_prefix(digits) || !str_copy(folded, sizeof(folded), digits))
		return err_say(ERR_RANGE, note,
			       "\"%.40s\": expected the first digits of an id, at least "
			       "%d, as `%s` lists them",
			       digits, ID_PREFIX_LETTERS_MIN, list->lists);
	str_fold(folded);
	count = count_with(list, folded, &at);
	if (count > 1)
		return err_say(ERR_EXISTS, note,
			       "\"%s\": several begin so; give more digits", digits);
	if (count == 0)
		return err_say(ERR_MISSING, note, "\"%s\": %s", digits, list->none);
	*out_at = at;
	return OK;
}
