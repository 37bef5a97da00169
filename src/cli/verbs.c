/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs - finds the verb, counts the words behind it, and says how it ended. Knows no
 * verb's business.
 */
#include "cli/verbs.h"

#include "base/must.h"
#include "base/str.h"

enum { LIST_BYTES = 128 };

static enum cli_exit unknown(const struct verb *verbs, size_t count, const char *word)
{
	char list[LIST_BYTES] = "";

	for (size_t i = 0; i < count; i++)
		must(str_append(list, sizeof(list), "%s%s",
				i == 0          ? ""
				: i + 1 < count ? ", "
						: " or ",
				verbs[i].name));
	return command_fail(CLI_USAGE, "\"%.40s\": expected %s", word, list);
}

static const struct verb *find(const struct verb *verbs, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(verbs[i].name, word))
			return &verbs[i];
	return NULL;
}

enum cli_exit verbs_run(const struct verb *verbs, size_t count, const struct args *args,
			const char *what)
{
	const char *word = args->rest_count ? args->rest[0] : verbs[0].name;
	const size_t behind = args->rest_count ? args->rest_count - 1 : 0;
	const struct verb *verb = find(verbs, count, word);
	struct err_note note = {""};
	struct paths paths;
	enum err err;

	if (!verb)
		return unknown(verbs, count, word);
	if (behind < verb->least || behind > verb->most)
		return command_fail(CLI_USAGE, "expected %s behind %s",
				    verb->expected ? verb->expected : "nothing", word);
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = verb->run(args, &paths, &note);
	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%s", note.text);
	return err ? command_fail_err(err, &note, what) : CLI_DONE;
}
