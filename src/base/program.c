/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program - reads the words of main into paths and values. Opens nothing.
 */
#include "base/program.h"

#include <getopt.h>
#include <stdio.h>

#include "base/must.h"
#include "base/str.h"

/* Beyond the letters that getopt itself answers with. */
enum { GIVEN_DATA = 1000, GIVEN_HELP, GIVEN_RUN, GIVEN_VERSION, GIVEN_MORE };

static int read_words(struct program *program, int count, char **words)
{
	struct option table[PROGRAM_OPTIONS_MAX + 5] = {
		{"data", required_argument, NULL, GIVEN_DATA},
		{"help", no_argument, NULL, GIVEN_HELP},
		{"run", required_argument, NULL, GIVEN_RUN},
		{"version", no_argument, NULL, GIVEN_VERSION},
	};
	bool fits = true;
	int given;

	must(program->option_count <= PROGRAM_OPTIONS_MAX);
	for (size_t i = 0; i < program->option_count; i++)
		table[4 + i] =
			(struct option){program->options[i].name,
					program->options[i].is_flag ? no_argument
								    : required_argument,
					NULL, GIVEN_MORE + (int)i};
	while (fits && (given = getopt_long(count, words, "", table, NULL)) != -1) {
		if (given == GIVEN_HELP || given == GIVEN_VERSION)
			return given;
		if (given == GIVEN_DATA)
			fits = str_copy(program->data, sizeof(program->data), optarg);
		else if (given == GIVEN_RUN)
			fits = str_copy(program->run, sizeof(program->run), optarg);
		else if (given >= GIVEN_MORE)
			program->options[given - GIVEN_MORE].value = optarg ? optarg : "";
		else
			fits = false;
	}
	if (!fits || optind != count || program->data[0] == '\0')
		return '?';
	if (program->run[0] == '\0' &&
	    !file_join(program->run, sizeof(program->run), program->data, "run"))
		return '?';
	return 0;
}

bool program_read(struct program *program, int count, char **words, int *out_status)
{
	const int found = read_words(program, count, words);

	if (found == 0)
		return true;
	if (found == GIVEN_HELP)
		(void)fputs(program->usage, stdout);
	else if (found == GIVEN_VERSION)
		(void)printf("%s %s\n", program->name, BEHEST_VERSION);
	else
		(void)fputs(program->usage, stderr);
	*out_status = found == '?' ? PROGRAM_USAGE : PROGRAM_DONE;
	return false;
}
