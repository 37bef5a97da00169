/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest config: checks the settings file, prints it whole with what each row means, or
 * prints the rows for the manual. All of it comes from domain/settings.def.
 */
#include <inttypes.h>

#include "adapter/settings_file.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/paths.h"

enum { CONFIG_PRINT_BYTES = 256 * 1024 };

static const struct option options[] = {
	{.name = "check",
	 .kind = OPTION_FLAG,
	 .words = "only say whether the file is right"},
	COMMAND_OPTION_DATA,
	{.name = "man",
	 .kind = OPTION_FLAG,
	 .words = "print the rows for behest.conf(5)"},
	{.name = "print",
	 .kind = OPTION_FLAG,
	 .words =
		 "print every setting with its meaning (what happens without an option)"},
};

/* A sentence of its own: a capital letter and a full stop. */
static void man_text(const char *words)
{
	putchar(words[0] >= 'a' && words[0] <= 'z' ? words[0] - 'a' + 'A' : words[0]);
	printf("%s.\n", words + 1);
}

static void man_values(const struct settings_row *row)
{
	switch (row->kind) {
	case SETTINGS_NUMBER:
		printf("A number from %" PRId64 " to %" PRId64 ".\n", row->smallest,
		       row->largest);
		break;
	case SETTINGS_TEXT:
		puts("A text.");
		break;
	case SETTINGS_CHOICE:
		fputs("One of\n.Cm ", stdout);
		for (const char *at = row->choices; *at; at++) {
			if (*at == '|')
				fputs(" ,\n.Cm ", stdout);
			else
				putchar(*at);
		}
		puts(" .");
		break;
	}
}

/* The table of behest.conf(5), as mdoc. */
static void print_man(void)
{
	const char *section = "";

	for (size_t i = 0; i < settings_row_count(); i++) {
		const struct settings_row *row = settings_row(i);

		if (!str_equal(section, row->section)) {
			printf("%s.Ss Section %s\n.Bl -tag -width Ds\n",
			       *section ? ".El\n" : "", row->section);
			section = row->section;
		}
		printf(".It Cm %s\n", row->key);
		man_text(row->words);
		man_values(row);
		if (*row->standard)
			printf("Default:\n.Cm %s .\n", row->standard);
		else
			puts("Default: empty.");
	}
	puts(".El");
}

static enum cli_exit print_settings(const struct settings *settings)
{
	struct buf text;
	enum err err;

	buf_init(&text, CONFIG_PRINT_BYTES);
	err = settings_print(settings, &text);
	if (!err)
		fwrite(text.bytes, 1, text.size, stdout);
	buf_finish(&text);
	return err ? command_fail_err(err, NULL, "the settings") : CLI_DONE;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct settings settings;
	struct paths paths;
	enum err err;

	if (args_flag(args, "man")) {
		print_man();
		return CLI_DONE;
	}
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (err)
		return command_fail_err(err, &note, "the data folder");
	err = settings_file_read(args->rest_count ? args->rest[0] : paths.config,
				 args->rest_count > 0, &settings, &note);
	if (err)
		return command_fail_err(err, &note, "the settings");
	return args_flag(args, "check") ? CLI_DONE : print_settings(&settings);
}

const struct command command_config = {
	.name = "config",
	.summary = "check or print the settings",
	.operands = "[FILE]",
	.words =
		"Without FILE, behest.conf in the data folder is meant; without that, every "
		"setting has its default.",
	.choices = "",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
