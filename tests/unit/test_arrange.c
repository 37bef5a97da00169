/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The household's own files: what they may hold, what is refused and how, and that what
 * they name is understood.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/must.h"
#include "base/str.h"
#include "understand/arrange.h"

static enum err read_text(struct arranged *arranged, const char *text,
			  struct err_note *note)
{
	memset(note, 0, sizeof(*note));
	return arrange_read("r.yaml", text, strlen(text), arranged, note);
}

static struct arranged *fresh(void)
{
	struct arranged *arranged = calloc(1, sizeof(*arranged));

	must(arranged);
	return arranged;
}

static void test_reads(void **state)
{
	static const char GROUPS[] = "floors:\n"
				     "  upstairs: [bedroom, Bath Room]\n"
				     "groups:\n"
				     "  christmas lights: [tree, window star]\n";
	static const char ROUTINES[] = "routines:\n"
				       "  - name: Good Night\n"
				       "    sentences: [we go to bed]\n"
				       "    do:\n"
				       "      - turn off all the lights\n"
				       "      - lock the front door\n";
	struct arranged *arranged = fresh();
	struct err_note note;
	struct home home;

	(void)state;
	assert_int_equal(read_text(arranged, GROUPS, &note), OK);
	assert_int_equal(read_text(arranged, ROUTINES, &note), OK);
	const struct routine *routine = arranged_routine(arranged, "good night");
	assert_non_null(routine);
	assert_int_equal(routine->line_count, 2);
	assert_string_equal(routine->lines[1].text, "lock the front door");
	assert_int_equal(routine->lines[1].number, 6);
	assert_int_equal(routine->sentence_count, 2);
	assert_string_equal(routine->sentences[0], "Good Night");
	assert_true(
		arranged_has_member(arranged_floor(arranged, "UPSTAIRS"), "bath room"));
	assert_false(arranged_has_member(arranged_group(arranged, "christmas lights"),
					 "bedroom"));
	assert_null(arranged_group(arranged, "upstairs"));
	assert_null(arranged_group(NULL, "upstairs"));
	home_init(&home);
	arranged_name(arranged, &home);
	arranged_name(arranged, &home); /* as often as names change */
	assert_int_equal(home.floor_count, 1);
	assert_int_equal(home.group_count, 1);
	assert_string_equal(home.routines[0], "Good Night");
	home_finish(&home);
	free(arranged);
}

/* The text, and what is said of it; "%s" is where the line and the column stand. */
static const struct {
	const char *text;
	enum err err;
	const char *says;
} REFUSED[] = {
	{"roads: 7", ERR_FORMAT, "r.yaml:1:8: an unknown key; expected floors, groups"},
	{"[a]", ERR_FORMAT, "r.yaml:1:1: a list; expected floors, groups or routines"},
	{"groups: 7", ERR_FORMAT, "r.yaml:1:9: a text; expected a map of names"},
	{"groups:\n  a: []", ERR_FORMAT, "r.yaml:2:6: nothing; expected at least one"},
	{"groups:\n  a: b", ERR_FORMAT, "r.yaml:2:6: a text; expected a list of names"},
	{"groups:\n  a: [b]\n  A: [c]", ERR_FORMAT,
	 "r.yaml:3:6: a name for the second time"},
	{"groups:\n  a: [\"  \"]", ERR_FORMAT, "r.yaml:2:7: an empty text"},
	{"routines: [{name: a}]", ERR_FORMAT, "no name, or nothing to do"},
	{"routines: [{do: [a]}]", ERR_FORMAT, "no name, or nothing to do"},
	{"routines: [{name: a, do: []}]", ERR_FORMAT, "nothing; expected at least one"},
	{"routines: [{name: a, do: [b], x: 1}]", ERR_FORMAT, "an unknown key"},
	{"routines: [{name: \"a [b]\", do: [c]}]", ERR_FORMAT,
	 "a character that nobody can say"},
	{"routines: [{name: a, sentences: [\"b {name}\"], do: [c]}]", ERR_FORMAT,
	 "r.yaml:1:34: a character that nobody can say"},
	{"routines:\n  - name: a\n    do: [a]", ERR_FORMAT,
	 "r.yaml:3:10: a line that calls a routine"},
	{"routines:\n  - {name: a, do: [lock]}\n  - {name: b, do: [A]}", ERR_FORMAT,
	 "r.yaml:3:20: a line that calls a routine"},
	{"routines: [{name: a, do: [b]}, {name: c, sentences: [A], do: [b]}]", ERR_FORMAT,
	 "what calls another routine as well"},
};

static void test_refuses(void **state)
{
	struct arranged *arranged = fresh();
	const struct arranged *nothing = fresh();
	struct err_note note;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(REFUSED); i++) {
		assert_int_equal(read_text(arranged, REFUSED[i].text, &note),
				 REFUSED[i].err);
		if (!strstr(note.text, REFUSED[i].says))
			fail_msg("%s: %s", REFUSED[i].text, note.text);
		assert_memory_equal(arranged, nothing, sizeof(*nothing));
	}
	free(arranged);
	free((void *)(uintptr_t)nothing);
}

/* One more than there may be, of each. */
static void many(char *to, size_t size, const char *before, const char *each,
		 size_t count, const char *behind)
{
	must(str_copy(to, size, before));
	for (size_t i = 0; i < count; i++)
		must(str_append(to, size, "%sn%zu%s", i ? ", " : "", i, each));
	must(str_append(to, size, "%s", behind));
}

static void expect_limit(size_t most, const char *before, const char *each,
			 const char *behind)
{
	static char text[64 * 1024];
	struct arranged *arranged = fresh();
	struct err_note note;

	many(text, sizeof(text), before, each, most, behind);
	assert_int_equal(read_text(arranged, text, &note), OK);
	memset(arranged, 0, sizeof(*arranged));
	many(text, sizeof(text), before, each, most + 1, behind);
	assert_int_equal(read_text(arranged, text, &note), ERR_LIMIT);
	free(arranged);
}

static void test_limits(void **state)
{
	static char large[ARRANGED_FILE_BYTES_MAX + 2];
	struct arranged *arranged = fresh();
	struct err_note note = {""};

	(void)state;
	expect_limit(GROUPS_MAX, "groups: {", ": [x]", "}");
	expect_limit(HOME_FLOORS_MAX, "floors: {", ": [x]", "}");
	expect_limit(ARRANGED_MEMBERS_MAX, "groups: {a: [", "", "]}");
	expect_limit(ROUTINE_LINES_MAX, "routines: [{name: a, do: [", "", "]}]");
	expect_limit(ROUTINE_SENTENCES_MAX - 1, "routines: [{name: a, sentences: [", "",
		     "], do: [x]}]");
	memset(large, ' ', sizeof(large) - 1);
	assert_int_equal(arrange_read("r.yaml", large, sizeof(large) - 1, arranged,
				      &note),
			 ERR_LIMIT);
	assert_true(str_starts(note.text, "r.yaml: 131073 bytes; expected at most"));
	free(arranged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("arrange", tests, NULL, NULL);
}
