/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_arranged - groups.yaml or routines.yaml of anybody.
 *
 * Beyond not crashing: what is taken is within its limits and calls no routine from a
 * routine; what is refused leaves everything as it was and is refused in one line with a
 * place. What is taken can be compiled beside other sentences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/arrange.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_group(const struct arranged_group *group)
{
	must(group->name[0] && group->member_count >= 1 &&
	     group->member_count <= ARRANGED_MEMBERS_MAX);
	for (size_t i = 0; i < group->member_count; i++)
		must(group->members[i][0]);
}

static bool is_called(const struct arranged *arranged, const char *text)
{
	for (size_t i = 0; i < arranged->routine_count; i++)
		for (size_t k = 0; k < arranged->routines[i].sentence_count; k++)
			if (str_equal_folded(arranged->routines[i].sentences[k], text))
				return true;
	return false;
}

static void check_routine(const struct arranged *arranged, const struct routine *routine)
{
	must(routine->name[0]);
	must(routine->sentence_count >= 1 &&
	     routine->sentence_count <= ROUTINE_SENTENCES_MAX);
	must(routine->line_count >= 1 && routine->line_count <= ROUTINE_LINES_MAX);
	must(str_equal(routine->sentences[0], routine->name));
	for (size_t i = 0; i < routine->line_count; i++) {
		must(routine->lines[i].text[0] && routine->lines[i].number >= 1);
		must(!is_called(arranged, routine->lines[i].text));
	}
	must(arranged_routine(arranged, routine->name) == routine);
}

static void check_taken(const struct arranged *arranged)
{
	struct sentences *sentences = NULL;
	struct err_note note = {""};

	must(arranged->floor_count <= HOME_FLOORS_MAX);
	must(arranged->group_count <= GROUPS_MAX);
	must(arranged->routine_count <= ROUTINES_MAX);
	for (size_t i = 0; i < arranged->floor_count; i++)
		check_group(&arranged->floors[i]);
	for (size_t i = 0; i < arranged->group_count; i++)
		check_group(&arranged->groups[i]);
	for (size_t i = 0; i < arranged->routine_count; i++)
		check_routine(arranged, &arranged->routines[i]);
	must(sentences_create(&sentences) == OK);
	must(arrange_sentences(arranged, sentences, &note) == OK);
	sentences_destroy(sentences);
}

static void check_refused(const struct arranged *arranged, const struct err_note *note)
{
	static const struct arranged nothing;
	unsigned line = 0;
	unsigned column = 0;

	must(memcmp(arranged, &nothing, sizeof(nothing)) == 0);
	must(!strchr(note->text, '\n'));
	must(sscanf(note->text, "fuzz:%u:%u: ", &line, &column) == 2 ||
	     str_starts(note->text, "fuzz: "));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arranged *arranged = calloc(1, sizeof(*arranged));
	struct err_note note = {""};
	/* An own copy of exactly this size, so that reading behind it is seen. */
	char *exact = malloc(size > 0 ? size : 1);

	must(exact && arranged);
	if (size > 0)
		memcpy(exact, bytes, size);
	if (arrange_read("fuzz", exact, size, arranged, &note))
		check_refused(arranged, &note);
	else
		check_taken(arranged);
	free(arranged);
	free(exact);
	return 0;
}
