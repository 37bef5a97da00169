/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a command's words by its option table.
 *
 * Does not print, exit or look at the environment; every complaint is a note. The last
 * value of an option that does not repeat must be its only one, so that a script's
 * mistake is seen instead of half obeyed.
 */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/nearest.h"

enum { NAME_SHOWN_MAX = 64 };

static size_t find(const struct args *args, const char *name)
{
	size_t at = 0;

	while (at < args->option_count && !str_equal(args->options[at].name, name))
		at++;
	return at;
}

static enum err unknown(const struct args *args, const char *name, struct err_note *note)
{
	const char *names[ARGS_OPTIONS_MAX + 1];
	const char *near;

	for (size_t i = 0; i < args->option_count; i++)
		names[i] = args->options[i].name;
	names[args->option_count] = "help";
	near = nearest(name, names, args->option_count + 1);
	if (near)
		return err_say(ERR_FORMAT, note,
			       "unknown option --%s; did you mean --%s?", name, near);
	return err_say(ERR_FORMAT, note, "unknown option --%s; see --help", name);
}

static enum err take_value(struct args *args, size_t at, const char *value,
			   struct err_note *note)
{
	const struct option *option = &args->options[at];
	size_t max = option->repeats ? (size_t)ARGS_TEXTS_MAX : 1;

	if (args->counts[at] >= max)
		return err_say(ERR_LIMIT, note, "--%s was given more than %zu time%s",
			       option->name, max, max == 1 ? "" : "s");
	if (option->kind == OPTION_NUMBER &&
	    !str_to_int(value, option->smallest, option->largest, &args->numbers[at]))
		return err_say(ERR_RANGE, note,
			       "--%s %s: expected a whole number from %lld to %lld",
			       option->name, value, (long long)option->smallest,
			       (long long)option->largest);
	args->texts[at][args->counts[at]++] = value;
	return OK;
}

static enum err take_flag(struct args *args, size_t at, bool has_value,
			  struct err_note *note)
{
	if (has_value)
		return err_say(ERR_FORMAT, note, "--%s takes no value",
			       args->options[at].name);
	args->counts[at] = 1;
	return OK;
}

/* word is "--name" or "--name=value"; next is the word behind it or NULL. */
static enum err take_option(struct args *args, const char *word, const char *next,
			    size_t *used, struct err_note *note)
{
	const char *equals = strchr(word, '=');
	size_t size = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
	char name[NAME_SHOWN_MAX];
	size_t at;

	*used = 1;
	if (!str_copy_bytes(name, sizeof(name), word + 2, size))
		return err_say(ERR_FORMAT, note, "unknown option %.40s...; see --help",
			       word);
	if (str_equal(name, "help") && !equals) {
		args->help = true;
		return OK;
	}
	at = find(args, name);
	if (at == args->option_count)
		return unknown(args, name, note);
	if (args->options[at].kind == OPTION_FLAG)
		return take_flag(args, at, equals != NULL, note);
	if (equals)
		return take_value(args, at, equals + 1, note);
	if (!next)
		return err_say(ERR_FORMAT, note, "--%s needs a value: --%s %s", name,
			       name, args->options[at].argument);
	*used = 2;
	return take_value(args, at, next, note);
}

enum err args_parse(const struct option *options, size_t option_count,
		    const char *const *words, size_t count, struct args *out_args,
		    struct err_note *note)
{
	enum err err = OK;
	bool ended = false;
	size_t at = 0;

	must(option_count <= ARGS_OPTIONS_MAX);
	memset(out_args, 0, sizeof(*out_args));
	out_args->options = options;
	out_args->option_count = option_count;
	if (count > ARGS_WORDS_MAX)
		return err_say(ERR_LIMIT, note, "more than %d words", ARGS_WORDS_MAX);
	out_args->rest = calloc(count + 1, sizeof(*out_args->rest));
	if (!out_args->rest)
		return ERR_MEMORY;
	while (!err && at < count && !out_args->help) {
		const char *word = words[at];
		size_t used = 1;

		if (ended || word[0] != '-' || word[1] == '\0')
			out_args->rest[out_args->rest_count++] = word;
		else if (str_equal(word, "--"))
			ended = true;
		else if (str_equal(word, "-h"))
			out_args->help = true;
		else if (word[1] != '-')
			err = err_say(ERR_FORMAT, note,
				      "unknown option %.40s; options are long (--help)",
				      word);
		else
			err = take_option(out_args, word,
					  at + 1 < count ? words[at + 1] : NULL, &used,
					  note);
		at += used;
	}
	return err;
}

void args_finish(struct args *args)
{
	free(args->rest);
	memset(args, 0, sizeof(*args));
}

static size_t index_of(const struct args *args, const char *name)
{
	size_t at = find(args, name);

	must(at < args->option_count);
	return at;
}

bool args_flag(const struct args *args, const char *name)
{
	return args->counts[index_of(args, name)] > 0;
}

const char *args_text(const struct args *args, const char *name, const char *fallback)
{
	size_t at = index_of(args, name);

	return args->counts[at] ? args->texts[at][0] : fallback;
}

int64_t args_number(const struct args *args, const char *name, int64_t fallback)
{
	size_t at = index_of(args, name);

	must(args->options[at].kind == OPTION_NUMBER);
	return args->counts[at] ? args->numbers[at] : fallback;
}

enum err args_yes(const struct args *args, const char *name, uint8_t *out_yes,
		  struct err_note *note)
{
	const char *word = args_text(args, name, NULL);

	if (!word)
		return OK;
	if (!str_equal(word, "yes") && !str_equal(word, "no"))
		return err_say(ERR_RANGE, note, "--%s %s: expected yes or no", name,
			       word);
	*out_yes = str_equal(word, "yes");
	return OK;
}

size_t args_count(const struct args *args, const char *name)
{
	return args->counts[index_of(args, name)];
}

const char *args_text_at(const struct args *args, const char *name, size_t index)
{
	size_t at = index_of(args, name);

	must(index < args->counts[at]);
	return args->texts[at][index];
}
