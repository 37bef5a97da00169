/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests understand/: what is refused of templates, frames, YAML and JSON files, with its
 * place; what looks wrong and is read all the same, with the reason; and limits.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "understand/sentences.h"

enum { LONG_BYTES = 10 * 1024 * 1024 };

/* Compiles one file for an empty house; NULL when it is refused, the note says why. */
static struct understand *compile_bytes(const char *bytes, size_t size,
					struct err_note *note)
{
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home *home = calloc(1, sizeof(*home));
	assert_non_null(home);
	home_init(home);
	note->text[0] = '\0';
	assert_int_equal(sentences_create(&sentences), OK);
	enum err err = sentences_add(sentences, "a.yaml", bytes, size, note);
	if (!err)
		err = understand_create(sentences, home, &understand, note);
	assert_true(err == OK || note->text[0] != '\0');
	assert_true(err == OK || understand == NULL);
	assert_null(strchr(note->text, '\n')); /* one line */
	sentences_destroy(sentences);
	home_finish(home);
	free(home);
	return understand;
}

static struct understand *compile(const char *text, struct err_note *note)
{
	return compile_bytes(text, strlen(text), note);
}

/* The intent of a text, or the reason's code. */
static void check(const struct understand *understand, const char *text,
		  const char *expected)
{
	struct understanding understanding;
	understand_text(understand, text, "", &understanding);
	assert_string_equal(understanding.reason ? reason_code(understanding.reason)
						 : understanding.intent.name,
			    expected);
}

struct refusal {
	const char *text;
	const char *note; /* how it begins */
};

/* Tells of each that is wrong; fails in the end. */
static bool is_refused(const char *text, const char *note_start)
{
	struct err_note note;
	struct understand *understand = compile(text, &note);
	const bool refused = !understand && str_starts(note.text, note_start) &&
			     strstr(note.text, "; expected ");
	understand_destroy(understand);
	if (!refused)
		print_error("%.200s\n  is: %s\n not: %s\n", text, note.text, note_start);
	return refused;
}

static void check_all_refused(const struct refusal *refusals, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++)
		wrong += !is_refused(refusals[i].text, refusals[i].note);
	assert_int_equal(wrong, 0);
}

static bool template_is_refused(const char *template, const char *expected)
{
	char file[TEXT_BYTES];
	assert_true(str_format(file, sizeof(file),
			       "intents:\n  Yes:\n    data:\n      - sentences:\n"
			       "          - \"%s\"\n",
			       template));
	return is_refused(file, expected);
}

static void test_bad_templates(void **state)
{
	static const struct {
		const char *template;
		const char *note;
	} BAD[] = {
		{"turn (on", "a.yaml:5:19: '(' that is never closed; expected ')'"},
		{"turn [on", "a.yaml:5:19: '[' that is never closed; expected ']'"},
		{"turn on)", "a.yaml:5:21: ')' without '(';"},
		{"turn on]", "a.yaml:5:21: ']' without '[';"},
		{"turn (on]", "a.yaml:5:22: ']' without '[';"},
		{"a (|)", "a.yaml:5:18: a group of nothing;"},
		{"a (b;)", "a.yaml:5:19: an empty alternative;"},
		{"|a", "a.yaml:5:14: an empty alternative;"},
		{"a ()", "a.yaml:5:17: an empty alternative;"},
		{"(a|b;c)", "a.yaml:5:18: '|' and ';' in one group;"},
		{"(a;b;c;d;e;f)", "a.yaml:5:26: too many parts in any order;"},
		{"a {name", "a.yaml:5:16: '{' without '}';"},
		{"a <name", "a.yaml:5:16: '<' without '>';"},
		{"a }", "a.yaml:5:16: '}' without '{';"},
		{"a >", "a.yaml:5:16: '>' without '<';"},
		{"a {}", "a.yaml:5:16: a list without a name;"},
		{"a {b:}", "a.yaml:5:16: a list without a name;"},
		{"a <>", "a.yaml:5:16: a rule without a name;"},
		{"a {9..1:x}", "a.yaml:5:16: a range that is none;"},
		{"a {x..1:x}", "a.yaml:5:16: a range that is none;"},
		{"a {1..9,0:x}", "a.yaml:5:16: a range that is none;"},
		{"a {nobody}", "a.yaml:5:16: the unknown list {nobody};"},
		{"a <nobody>", "a.yaml:5:16: the unknown rule <nobody>;"},
		{"((((((((((((((((((((((((((((((((((a",
		 "a.yaml:5:46: brackets nested too deep;"},
		{"", "a.yaml:5:14: an empty sentence;"},
		{"a (b", "a.yaml:5:16: '(' that is never closed;"},
		{"a [b (c]", "a.yaml:5:21: ']' without '[';"},
		{"a [b (c] d)", "a.yaml:5:21: ']' without '[';"},
		{"a {b [c}] d", "a.yaml:5:16: a list without a name;"},
		{"a <b (c>) d", "a.yaml:5:16: a rule without a name;"},
		{"a {b<c}>", "a.yaml:5:16: a list without a name;"},
		{"a []", "a.yaml:5:17: an empty alternative;"},
		{"a [|]", "a.yaml:5:18: a group of nothing;"},
		{"a [;b]", "a.yaml:5:17: an empty alternative;"},
		{"a ((b|))(())", "a.yaml:5:24: an empty alternative;"},
		{"   ", "a.yaml:5:13: a sentence without words;"},
		{"?!.", "a.yaml:5:13: a sentence without words;"},
		{"a \\\\", "a.yaml:5:16: '\\' at the end; expected a character after it"},
		{"a [b\\\\", "a.yaml:5:18: '\\' at the end;"},
		{"a {name\\\\}", "a.yaml:5:16: a list without a name;"},
		{"(a;b;(c;d;e;f;g;h))",
		 "a.yaml:5:31: too many parts in any order; expected at most 5"},
		{"a {b:c:d}", "a.yaml:5:16: the unknown list {b}"},
		{"a {1..}", "a.yaml:5:16: a range that is none;"},
		{"a {..2:x}", "a.yaml:5:16: a range that is none;"},
		{"a {1..9,-1:x}", "a.yaml:5:16: a range that is none;"},
		{"a {1..9,0.0001:x}", "a.yaml:5:16: a range that is none;"},
		{"a {1..9,2,3:x}", "a.yaml:5:16: a range that is none;"},
		{"a {0..nan:x}", "a.yaml:5:16: a range that is none;"},
		{"a {0..inf:x}", "a.yaml:5:16: a range that is none;"},
		{"a {0..99999999999999999999:x}", "a.yaml:5:16: a range that is none;"},
		{"a {0..1000000:x}",
		 "a.yaml:5:16: the list {0..1000000} of too many values;"},
		{"a {-1000000..1000000,0.001:x}",
		 "a.yaml:5:16: the list {-1000000..1000000,0.001} of too many"},
		{"a {1..2:a-slot-with-a-name-of-32-bytes-xx}",
		 "a.yaml:5:16: a slot's name that is too long;"},
		{"é {nobody}", "a.yaml:5:16: the unknown list {nobody};"},
	};
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++)
		wrong += !template_is_refused(BAD[i].template, BAD[i].note);
	assert_int_equal(wrong, 0);
}

static void test_bad_files(void **state)
{
	static const struct refusal REFUSALS[] = {
		{"", "a.yaml:1:1: nothing;"},
		{"intents: {", "a.yaml:2:1: "},
		{"- a\n", "a.yaml:1:1: a list;"},
		{"language: en\n", "a.yaml:1:1: nothing to say;"},
		{"intent: {}\n", "a.yaml:1:9: the unknown key 'intent';"},
		{"intents: text\n", "a.yaml:1:10: text;"},
		{"intents:\n  A: []\n", "a.yaml:2:6: a list;"},
		{"intents:\n  A: {}\n", "a.yaml:2:6: an intent without data;"},
		{"intents:\n  A: {data: [{}]}\n",
		 "a.yaml:2:14: a block without sentences;"},
		{"intents:\n  A: {data: [{sentences: a}]}\n", "a.yaml:2:26: text;"},
		{"intents:\n  A: {data: [{sentence: [a]}]}\n",
		 "a.yaml:2:25: the unknown key 'sentence';"},
		{"intents:\n  A: {data: [{sentences: [[a]]}]}\n", "a.yaml:2:27: a list;"},
		{"intents:\n  - sentences: [a]\n",
		 "a.yaml:2:5: an intent without a name;"},
		{"lists:\n  a: {}\n", "a.yaml:2:6: a list of nothing;"},
		{"lists:\n  a: {values: [{out: x}]}\n",
		 "a.yaml:2:16: a value without 'in';"},
		{"lists:\n  a: {values: ['(x']}\n",
		 "a.yaml:2:17: '(' that is never closed;"},
		{"lists:\n  a: {range: {from: x}}\n", "a.yaml:2:21: no number;"},
		{"lists:\n  a: {range: {from: 5, to: 1}}\n",
		 "a.yaml:2:14: an empty range;"},
		{"lists:\n  a: {range: {fractions: thirds}}\n",
		 "a.yaml:2:26: other fractions;"},
		{"expansion_rules:\n  a: [b]\n", "a.yaml:2:6: a list;"},
		{"skip_words: a\n", "a.yaml:1:13: text;"},
		{"intents:\n  A: {data: [{sentences: [a], requires_context: x}]}\n",
		 "a.yaml:2:49: text;"},
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules:\n"
		 "  r: 'a <s>'\n  s: '[<r>] b'\n",
		 "a.yaml:5:8: the rule <r> inside itself;"},
		{"intents:\n  A: {data: [{sentences: ['{l}']}]}\n"
		 "lists: {l: {values: ['a {area}']}}\n",
		 "a.yaml:2:28: a list inside a list's value;"},
		/* rules */
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules: {r: 'a <r>'}\n",
		 "a.yaml:3:25: the rule <r> inside itself;"},
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules:\n"
		 "  r: '<s>'\n  s: 'a [<t>]'\n  t: '(b|<r>)'\n",
		 "a.yaml:6:10: the rule <r> inside itself;"},
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules: {r: '<s>'}\n",
		 "a.yaml:3:23: the unknown rule <s>;"},
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules: {r: '{s}'}\n",
		 "a.yaml:3:23: the unknown list {s};"},
		{"expansion_rules: {r: 'a (b'}\n",
		 "a.yaml:1:25: '(' that is never closed;"},
		/* keys that are missing, doubled or of another type */
		{"intents:\n  A: {data: [{sentences: [a]}]}\n  A: {data: []}\n",
		 "a.yaml:3:6: the key 'A' a second time;"},
		{"{\"intents\":[{\"sentences\":[\"a\"]}]}",
		 "a.yaml:1:13: an intent without a name;"},
		{"{\"intents\":[{\"intent\":[\"A\"],\"sentences\":[\"a\"]}]}",
		 "a.yaml:1:13: an intent without a name;"},
		{"{\"intents\":[{\"intent\":\"A\"}]}",
		 "a.yaml:1:13: a block without sentences;"},
		{"{\"intents\":[{\"intent\":\"A\",\"sentences\":[5,{}]}]}",
		 "a.yaml:1:42: a map; expected a sentence"},
		{"{\"intents\":[\"A\"]}", "a.yaml:1:13: an intent without a name;"},
		{"{\"intents\":null}",
		 "a.yaml:1:12: text; expected a map or list of intents"},
		{"{\"intents\":{\"A\":{\"data\":null}}}",
		 "a.yaml:1:25: text; expected a list of blocks"},
		{"null", "a.yaml:1:1: text;"},
		{"{}", "a.yaml:1:1: nothing to say;"},
		{"{\"intents\":{\"A\":{\"data\":[{\"sentences\":[\"a", "a.yaml:"},
		{"language: [de]\nintents: {}\n", "a.yaml:1:11: a list; expected a word"},
		{"language: a-language-of-more-than-31-bytes\nintents: {}\n",
		 "a.yaml:1:11: a word of 32 bytes; expected at most 31"},
		{"typed: maybe\nintents: {}\n", "a.yaml:1:8: neither true nor false;"},
		{"lists:\n  a: {values: {b: c}}\n", "a.yaml:2:15: a map;"},
		{"lists:\n  a: {values: [{in: b, out: []}]}\n", "a.yaml:2:29: a list;"},
		{"lists:\n  a: {values: [{in: b, context: [c]}]}\n",
		 "a.yaml:2:33: a list; expected a map of context values"},
		{"lists:\n  a: {values: [b], range: {from: 1}}\n",
		 "a.yaml:2:27: a range beside values;"},
		{"lists:\n  a: {range: {step: 0}}\n", "a.yaml:2:14: an empty range;"},
		{"lists:\n  a: {range: {step: -1}}\n", "a.yaml:2:14: an empty range;"},
		{"lists:\n  a: {range: {to: 1e300}}\n", "a.yaml:2:19: no number;"},
		{"lists:\n  a: {range: {to: '5'}}\n", "a.yaml:2:19: no number;"},
		{"lists:\n  a: {wildcard: maybe}\n", "a.yaml:2:6: a list of nothing;"},
		{"lists:\n  a: {wildcard: true, except: b}\n", "a.yaml:2:31: text;"},
		{"skip_words: [[a]]\n", "a.yaml:1:14: a list; expected words"},
		{"decisive_words: {a: b}\n", "a.yaml:1:17: a map;"},
		/* bytes */
		{"intents:\n\tA: {data: []}\n", "a.yaml:2:1: a tab; expected spaces"},
		{"intents:\n  A:\n  \tdata: []\n", "a.yaml:3:"},
		{"intents:\n  A: {data: [{sentences: ['a \x07']}]}\n",
		 "a.yaml:2:1: a control character; expected text without it"},
		{"intents:\n  A: {data: [{sentences: ['a \xc3']}]}\n",
		 "a.yaml:2:1: bytes that are not UTF-8, or a NUL;"},
		{"{\"intents\":[\"\\ud800\"]}", "a.yaml:1:"},
	};
	(void)state;
	check_all_refused(REFUSALS, STR_COUNT(REFUSALS));
}

/* What stands in a block beside its sentences. */
static void test_bad_blocks(void **state)
{
	static const struct {
		const char *beside;
		const char *note;
	} BAD[] = {
		{"requires_context: x",
		 "a.yaml:5:27: text; expected a map of context values"},
		{"requires_context: []",
		 "a.yaml:5:27: a list; expected a map of context values"},
		{"requires_context: null",
		 "a.yaml:5:27: text; expected a map of context values"},
		{"excludes_context: 5",
		 "a.yaml:5:27: text; expected a map of context values"},
		{"requires_context: {domain: []}", "a.yaml:5:36: a list of nothing;"},
		{"requires_context: {domain: [[x]]}",
		 "a.yaml:5:37: a list; expected text"},
		{"requires_context: {domain: {value: {x: 1}}}",
		 "a.yaml:5:44: a map; expected text"},
		{"requires_context: {domain: {values: x}}",
		 "a.yaml:5:45: the unknown key 'values';"},
		{"requires_context: {area: {slot: maybe}}",
		 "a.yaml:5:41: neither true nor false;"},
		{"requires_context: {area: {slot: [true]}}",
		 "a.yaml:5:41: neither true nor false;"},
		{"requires_context: {a-name-that-is-longer-than-31-bytes: {slot: true}}",
		 "a.yaml:5:65: a context's name that is too long;"},
		{"slots: []", "a.yaml:5:16: a list; expected a map of slots"},
		{"slots: 5", "a.yaml:5:16: text; expected a map of slots"},
		{"slots: {a: [1]}", "a.yaml:5:20: a list; expected text or a number"},
		{"slots: {a: {b: 1}}", "a.yaml:5:20: a map; expected text or a number"},
		{"slots: {'': 1}", "a.yaml:5:21: a slot without a name;"},
		{"slots: {a-name-that-is-longer-than-31-bytes: 1}",
		 "a.yaml:5:54: a slot that is too long;"},
		{"slots: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, "
		 "l: 1, m: 1, n: 1, o: 1, p: 1, q: 1}",
		 "a.yaml:5:16: 17 slots; expected at most 16"},
		{"response: [a]", "a.yaml:5:19: a list; expected a word"},
		{"response: a-key-of-a-response-that-is-longer-than-sixty-three-bytes-okayed",
		 "a.yaml:5:19: a word of 64 bytes; expected at most 63"},
		{"lists: []", "a.yaml:5:16: a list; expected a map of lists"},
		{"expansion_rules: 5", "a.yaml:5:26: text; expected a map of rules"},
		{"sentence: [a]", "a.yaml:5:19: the unknown key 'sentence';"},
	};
	char file[TEXT_BYTES];
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		assert_true(str_format(file, sizeof(file),
				       "intents:\n  A:\n    data:\n"
				       "      - sentences: [a]\n        %s\n",
				       BAD[i].beside));
		wrong += !is_refused(file, BAD[i].note);
	}
	assert_int_equal(wrong, 0);
}

/* Accepted, with the reason. */
static void test_what_is_no_mistake(void **state)
{
	static const char *const GOOD[] = {
		/* Nothing to say yet; so is a bundle's intent in a language that lacks it. */
		"intents: {}\n",
		"intents: {A: {data: []}}\n",
		"intents: {A: {data: [{sentences: []}]}}\n",
		"lists: {a: {values: []}}\n",
		/* The bundle form gives an intent in many blocks. */
		"{\"intents\":[{\"intent\":\"A\",\"sentences\":[\"a\"]},"
		"{\"intent\":\"A\",\"sentences\":[\"b\"]}]}",
		/* A bundle may know kinds of device that we do not, and values that no house
		 * has; its sentences then never fit. */
		"intents: {A: {data: [{sentences: [a], requires_context: {domain: lihgt}}]}}\n",
		/* Any value will do. */
		"intents: {A: {data: [{sentences: [a], requires_context: {area: {}}}]}}\n",
		/* Languages stand beside each other; what ICU does not know is spoken in
		 * English. */
		"language: tlh\nintents: {A: {data: [{sentences: [a]}]}}\n",
		/* What nobody uses does no harm. */
		"expansion_rules: {r: '<r>', s: '<nobody> {nobody}'}\n",
		"tests: 7\nresponses: 5\nmetadata: [x]\nintents: {}\n",
		/* Editors of other systems. */
		"\xef\xbb\xbfintents: {A: {data: [{sentences: [a]}]}}\n",
		"intents:\r\n  A:\r\n    data:\r\n    - sentences: [a]\r\n",
		"{\n\t\"intents\":\t{}\n}\n",
		/* Control characters that are escaped divide words like any other. */
		"intents: {A: {data: [{sentences: [\"a\\a b\"]}]}}\n",
	};
	struct err_note note;
	(void)state;
	for (size_t i = 0; i < STR_COUNT(GOOD); i++) {
		struct understand *understand = compile(GOOD[i], &note);
		if (!understand)
			fail_msg("%s\n%s", GOOD[i], note.text);
		understand_destroy(understand);
	}
}

/* --- limits --- */

/* `count` times a text between a beginning and an end. */
static char *repeat(const char *before, const char *each, size_t count, const char *after)
{
	const size_t size = strlen(each);
	char *text = malloc(LONG_BYTES);
	assert_non_null(text);
	assert_true(strlen(before) + size * count + strlen(after) < LONG_BYTES);
	char *at = stpcpy(text, before);
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, each);
	(void)stpcpy(at, after);
	return text;
}

static void test_what_is_too_much(void **state)
{
	static const struct {
		const char *before;
		const char *each;
		size_t count;
		const char *after;
		const char *note;
	} BAD[] = {
		{"intents: {A: {data: [{sentences: ['", "a ", 10000, "']}]}}",
		 "a.yaml:1:36: a sentence that is too long; expected at most 4096 bytes"},
		{"intents: {A: {data: [{sentences: ['", "a ", 2000, "']}]}}",
		 "a.yaml:1:35: text of too many words; expected at most 160"},
		{"intents: {A: {data: [{sentences: ['", "a", 100000, "']}]}}",
		 "a.yaml:1:36: a sentence that is too long; expected at most 4096 bytes"},
		{"intents: {A: {data: [{sentences: ['", "a", 4000, "']}]}}",
		 "a.yaml:1:35: a word that is too long; expected at most 255 bytes"},
		{"intents: {A: {data: [{sentences: [", "a,", 50001, "]}]}}",
		 "a.yaml:1:100035: too many sentences; expected at most 50000"},
		{"intents: {A: {data: [", "{sentences: []},", 20001, "]}}",
		 "a.yaml:1:320022: too many blocks; expected at most 20000"},
		{"lists:\n  l:\n    values:\n", "    - a\n", 20001, "",
		 "a.yaml:4:5: the list {l} of 20001 values; expected at most 20000"},
		{"lists:\n  l:\n    values:\n", "    - a\n", 1000000, "",
		 "a.yaml:1000000:7: too many values; expected at most 1000000 in one file"},
		{"{\"lists\":{\"l\":{\"values\":[", "\"a\",", 1000000, "\"b\"]}}}",
		 "a.yaml:1:4000010: too many values; expected at most 1000000 in one file"},
		{"{\"lists\":{\"l\":{\"values\":[", "\"value\",", 1050000, "\"b\"]}}}",
		 "a.yaml:1:1: 8400032 bytes; expected at most 8388608"},
		{"[", "[", 100000, "", "a.yaml:1:25: values nested too deep;"},
		{"a: ", "{a: ", 100000, "", "a.yaml:1:96: values nested too deep;"},
		{"", "- ", 100000, "a", "a.yaml:1:49: values nested too deep;"},
		{"skip_words: [", "a,", 257, "]",
		 "a.yaml:1:13: 257 phrases; expected at most"},
	};
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		char *file =
			repeat(BAD[i].before, BAD[i].each, BAD[i].count, BAD[i].after);
		wrong += !is_refused(file, BAD[i].note);
		free(file);
	}
	assert_int_equal(wrong, 0);
}

/* A chain of rules, each inside of the one before. */
static void test_rules_inside_rules(void **state)
{
	char file[8192];
	struct err_note note;
	(void)state;
	assert_true(str_copy(file, sizeof(file),
			     "intents: {A: {data: [{sentences: ['<r0>']}]}}\n"
			     "expansion_rules:\n"));
	for (size_t i = 0; i < 40; i++)
		assert_true(str_append(file, sizeof(file), "  r%zu: 'a [<r%zu>]'\n", i,
				       i + 1));
	assert_null(compile(file, &note));
	assert_true(str_starts(note.text, "a.yaml:34:12: the rule <r32> too deep inside "
					  "others; expected at most 32 levels"));
}

static void test_a_nul_is_no_end(void **state)
{
	static const char FILE_BYTES[] = "intents: {}\n\0lists: [\n";
	struct err_note note;
	(void)state;
	assert_null(compile_bytes(FILE_BYTES, sizeof(FILE_BYTES) - 1, &note));
	assert_true(
		str_starts(note.text, "a.yaml:2:1: bytes that are not UTF-8, or a NUL;"));
}

/* A few words that stand for millions of sentences. */
static void test_exploding_templates(void **state)
{
	static const struct refusal REFUSALS[] = {
		{"intents:\n  A: {data: [{sentences: ['<a>']}]}\n"
		 "expansion_rules:\n"
		 "  a: '<b> <b> <b> <b> <b> <b> <b> <b> <b> <b>'\n"
		 "  b: '<c> <c> <c> <c> <c> <c> <c> <c> <c> <c>'\n"
		 "  c: '<d> <d> <d> <d> <d> <d> <d> <d> <d> <d>'\n"
		 "  d: '<e> <e> <e> <e> <e> <e> <e> <e> <e> <e>'\n"
		 "  e: '<f> <f> <f> <f> <f> <f> <f> <f> <f> <f>'\n"
		 "  f: '[a] [b] [c] [d] [e]'\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['<a><a><a><a><a><a><a><a>']}]}\n"
		 "expansion_rules:\n  a: '(a|b|c|d|e|f|g|h|i|j)'\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['((a;b;c;d;e);(f;g;h;i;j);"
		 "(k;l;m;n;o);(p;q;r;s;t);(u;v;w;x;y))']}]}\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['{l}']}]}\n"
		 "lists: {l: {values: ['<a> <a> <a> <a> <a>']}}\n"
		 "expansion_rules:\n  a: '(a|b|c|d|e|f|g|h|i|j)'\n",
		 "a.yaml:2:28: the list {l} of too many values;"},
	};
	(void)state;
	check_all_refused(REFUSALS, STR_COUNT(REFUSALS));
}

static void test_nothing_of_a_broken_file_is_added(void **state)
{
	static const char GOOD[] = "intents: {A: {data: [{sentences: [yes]}]}}\n";
	static const char BAD[] = "intents: {B: {data: [{sentences: [no, '(']}]}}\n";
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home home;
	struct err_note note = {""};
	(void)state;
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", GOOD, strlen(GOOD), &note), OK);
	assert_int_equal(sentences_add(sentences, "b", BAD, strlen(BAD), &note),
			 ERR_FORMAT);
	assert_true(str_starts(note.text, "b:1:40: '(' that is never closed;"));
	home_init(&home);
	assert_int_equal(understand_create(sentences, &home, &understand, &note), OK);
	check(understand, "yes", "A");
	check(understand, "no", "NO_MATCH");
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(&home);
	understand_destroy(NULL);
	sentences_destroy(NULL);
}

static void test_bad_frames(void **state)
{
	static const struct {
		const char *block;
		const char *note;
	} BAD[] = {
		{"frame: []", "a.yaml:1:30: a frame without parts"},
		{"may: [a]", "a.yaml:1:22: a frame without parts"},
		{"rest: a", "a.yaml:1:22: a frame without parts"},
		{"frame: a", "a.yaml:1:30: text; expected a list of parts"},
		{"frame: [a, b, c, d, e]", "a.yaml:1:30: 5 parts; expected at most 4"},
		{"frame: ['(a']", "a.yaml:1:32: '(' that is never closed;"},
		{"frame: ['<r>']", "a.yaml:1:32: the unknown rule <r>;"},
		{"frame: [a], may: b", "a.yaml:1:40: text; expected a list of parts"},
		{"frame: [a], rest: [b]", "a.yaml:1:41: a list; expected a sentence"},
	};
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		char file[256];
		struct err_note note;
		assert_true(str_format(file, sizeof(file),
				       "intents: {A: {data: [{%s}]}}\n", BAD[i].block));
		assert_null(compile(file, &note));
		if (!str_starts(note.text, BAD[i].note))
			print_error("%s\n%s\n", BAD[i].block, note.text);
		assert_true(str_starts(note.text, BAD[i].note));
	}
}

/* A frame of all orders of parts that are large themselves. */
static void test_a_frame_that_explodes(void **state)
{
	static const char WORDS[] = "((a|b|c|d) (e|f|g|h) [i] [j] [k]|(l|m) [n] [o])";
	char file[8192];
	struct err_note note;
	(void)state;
	assert_true(str_copy(file, sizeof(file),
			     "intents: {A: {data: [{frame: ['<r>', '<r>', '<r>', "
			     "'<r>'], may: ["));
	for (size_t i = 0; i < 32; i++)
		assert_true(str_append(file, sizeof(file), "%s'<r>'", i ? ", " : ""));
	assert_true(
		str_append(file, sizeof(file),
			   "]}]}}\nexpansion_rules: {r: '<q> <q> <q> <q>', q: '%s'}\n",
			   WORDS));
	assert_null(compile(file, &note));
	assert_non_null(strstr(note.text, "unfolds into too many"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_templates),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_bad_blocks),
		cmocka_unit_test(test_what_is_no_mistake),
		cmocka_unit_test(test_what_is_too_much),
		cmocka_unit_test(test_rules_inside_rules),
		cmocka_unit_test(test_a_nul_is_no_end),
		cmocka_unit_test(test_exploding_templates),
		cmocka_unit_test(test_nothing_of_a_broken_file_is_added),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_a_frame_that_explodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
