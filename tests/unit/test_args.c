/* SPDX-License-Identifier: Apache-2.0 */
/* The option table: what it takes, what it refuses and in which words. */
#include "cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/nearest.h"

static const struct option OPTIONS[] = {
	{.name = "json", .kind = OPTION_FLAG, .words = ""},
	{.name = "home", .kind = OPTION_FILE, .argument = "FILE", .words = ""},
	{.name = "limit",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .words = "",
	 .smallest = 1,
	 .largest = 9},
	{.name = "sentences",
	 .kind = OPTION_FILE,
	 .repeats = true,
	 .argument = "FILE",
	 .words = ""},
};

static enum err parse(const char *const *words, size_t count, struct args *args,
		      struct err_note *note)
{
	note->text[0] = '\0';
	return args_parse(OPTIONS, STR_COUNT(OPTIONS), words, count, args, note);
}

static void takes_options_anywhere(void **state)
{
	const char *words[] = {"one", "--json",      "--home=a b", "--sentences", "x",
			       "two", "--sentences", "y",          "--limit",     "3",
			       "--",  "--json",      "-"};
	struct err_note note;
	struct args args;

	(void)state;
	assert_int_equal(parse(words, STR_COUNT(words), &args, &note), OK);
	assert_true(args_flag(&args, "json"));
	assert_string_equal(args_text(&args, "home", NULL), "a b");
	assert_int_equal(args_number(&args, "limit", 0), 3);
	assert_int_equal(args_count(&args, "sentences"), 2);
	assert_string_equal(args_text_at(&args, "sentences", 1), "y");
	assert_int_equal(args.rest_count, 4);
	assert_string_equal(args.rest[2], "--json");
	assert_string_equal(args.rest[3], "-");
	args_finish(&args);
}

static void absent_options_have_fallbacks(void **state)
{
	struct err_note note;
	struct args args;

	(void)state;
	assert_int_equal(parse(NULL, 0, &args, &note), OK);
	assert_false(args_flag(&args, "json"));
	assert_string_equal(args_text(&args, "home", "none"), "none");
	assert_int_equal(args_number(&args, "limit", 7), 7);
	args_finish(&args);
}

static void refuses(const char *first, const char *second, enum err wanted,
		    const char *words)
{
	const char *list[] = {first, second};
	struct err_note note;
	struct args args;

	assert_int_equal(parse(list, second ? 2 : 1, &args, &note), wanted);
	assert_string_equal(note.text, words);
	args_finish(&args);
}

static void yes_or_no_and_nothing_else(void **state)
{
	const char *words[] = {"--home", "yes"};
	struct err_note note;
	struct args args;
	uint8_t yes = 7;

	(void)state;
	assert_int_equal(parse(NULL, 0, &args, &note), OK);
	assert_int_equal(args_yes(&args, "home", &yes, &note), OK);
	assert_int_equal(yes, 7); /* as it was */
	args_finish(&args);
	assert_int_equal(parse(words, 2, &args, &note), OK);
	assert_int_equal(args_yes(&args, "home", &yes, &note), OK);
	assert_int_equal(yes, 1);
	args_finish(&args);
	words[1] = "no";
	assert_int_equal(parse(words, 2, &args, &note), OK);
	assert_int_equal(args_yes(&args, "home", &yes, &note), OK);
	assert_int_equal(yes, 0);
	args_finish(&args);
	words[1] = "Yes";
	assert_int_equal(parse(words, 2, &args, &note), OK);
	assert_int_equal(args_yes(&args, "home", &yes, &note), ERR_RANGE);
	assert_string_equal(note.text, "--home Yes: expected yes or no");
	assert_int_equal(yes, 0);
	args_finish(&args);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	refuses("--jsn", NULL, ERR_FORMAT, "unknown option --jsn; did you mean --json?");
	refuses("--frobnicate", NULL, ERR_FORMAT,
		"unknown option --frobnicate; see --help");
	refuses("--home", NULL, ERR_FORMAT, "--home needs a value: --home FILE");
	refuses("--json=yes", NULL, ERR_FORMAT, "--json takes no value");
	refuses("--limit", "12", ERR_RANGE,
		"--limit 12: expected a whole number from 1 to 9");
	refuses("--limit", "3x", ERR_RANGE,
		"--limit 3x: expected a whole number from 1 to 9");
	refuses("--limit=", NULL, ERR_RANGE,
		"--limit : expected a whole number from 1 to 9");
	refuses("--home=a", "--home=b", ERR_LIMIT, "--home was given more than 1 time");
	refuses("-j", NULL, ERR_FORMAT, "unknown option -j; options are long (--help)");
}

static void help_stops_the_reading(void **state)
{
	const char *words[] = {"--help", "--nonsense"};
	struct err_note note;
	struct args args;

	(void)state;
	assert_int_equal(parse(words, 2, &args, &note), OK);
	assert_true(args.help);
	args_finish(&args);
}

static void finds_the_nearest_word(void **state)
{
	static const char *const known[] = {"history", "hear", "why", "verify", "up"};

	(void)state;
	assert_string_equal(nearest("histroy", known, 5), "history");
	assert_string_equal(nearest("haer", known, 5), "hear");
	assert_string_equal(nearest("verfy", known, 5), "verify");
	assert_null(nearest("zzz", known, 5));
	assert_null(nearest("", known, 5));
	assert_null(
		nearest("a word that is longer than any command could ever be, by far",
			known, 5));
}

static void the_table_is_in_order_and_complete(void **state)
{
	size_t count;
	const struct command *const *table = command_table(&count);

	(void)state;
	assert_true(count > 10);
	for (size_t i = 0; i < count; i++) {
		const struct command *command = table[i];

		assert_non_null(command->run);
		assert_non_null(command->words);
		assert_true(command->rest_min <= command->rest_max);
		assert_true(command->option_count <= ARGS_OPTIONS_MAX);
		assert_false(str_ends(command->summary, "."));
		if (i > 0)
			assert_true(strcmp(table[i - 1]->name, command->name) < 0);
		for (size_t j = 0; j < command->option_count; j++) {
			const struct option *option = &command->options[j];

			assert_int_equal(option->argument == NULL,
					 option->kind == OPTION_FLAG);
			if (j > 0)
				assert_true(strcmp(option[-1].name, option->name) < 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_options_anywhere),
		cmocka_unit_test(absent_options_have_fallbacks),
		cmocka_unit_test(yes_or_no_and_nothing_else),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(help_stops_the_reading),
		cmocka_unit_test(finds_the_nearest_word),
		cmocka_unit_test(the_table_is_in_order_and_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
