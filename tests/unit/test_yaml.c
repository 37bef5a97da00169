/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests base/yaml: what is read with which line, JSON's escapes, what is refused where.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "base/yaml.h"

static struct yaml *parse(const char *text)
{
	struct yaml *yaml = NULL;
	struct err_note note = {""};
	enum err err = yaml_parse("a.yaml", text, strlen(text), &yaml, &note);
	if (err)
		print_error("%s\n", note.text);
	assert_int_equal(err, OK);
	return yaml;
}

static void test_reads_a_tree_with_places(void **state)
{
	(void)state;
	struct yaml *yaml = parse("# first\n"
				  "names: [one, \"two\"]\n"
				  "deep:\n"
				  "  - key: 'value'\n"
				  "    other: >\n"
				  "      folded\n");
	const struct yaml_node *root = yaml_root(yaml);
	assert_int_equal(root->kind, YAML_MAP);
	assert_int_equal(root->count, 2);
	const struct yaml_node *names = yaml_get(root, "names");
	assert_int_equal(names->count, 2);
	assert_string_equal(names->key, "names");
	assert_string_equal(names->children[0].text, "one");
	assert_false(names->children[0].quoted);
	assert_true(names->children[1].quoted);
	assert_int_equal(names->children[1].line, 2);
	assert_int_equal(names->children[1].column, 14);
	const struct yaml_node *item = &yaml_get(root, "deep")->children[0];
	assert_string_equal(yaml_text(yaml_get(item, "key"), ""), "value");
	assert_int_equal(yaml_get(item, "key")->line, 4);
	assert_string_equal(yaml_text(yaml_get(item, "other"), ""), "folded\n");
	assert_null(yaml_get(item, "absent"));
	assert_null(yaml_get(NULL, "absent"));
	assert_string_equal(yaml_text(NULL, "fallback"), "fallback");
	yaml_destroy(yaml);
	yaml_destroy(NULL);
}

static void check_text(const char *document, const char *expected)
{
	struct yaml *yaml = parse(document);
	assert_string_equal(yaml_text(yaml_get(yaml_root(yaml), "a"), "?"), expected);
	yaml_destroy(yaml);
}

static void test_reads_json(void **state)
{
	(void)state;
	check_text("{\"a\":\"b\",\"c\":[1,2.5,true,null,{}]}", "b");
	check_text("{\n\t\"a\" : \"tab\"\n}\n", "tab");
	check_text("{\"a\": \"x\\/y\\\"\\\\\\n\"}", "x/y\"\\\n");
	check_text("{\"a\": \"\\u00fc\\u20AC\"}", "ü€");
	check_text("{\"a\": \"\\ud83d\\uDE00!\"}", "😀!");
	/* An escaped backslash in front of a u is no escape. */
	check_text("{\"a\": \"\\\\ud83d\\\\ude00\"}", "\\ud83d\\ude00");
	check_text("\xef\xbb\xbf{\"a\": \"mark\"}", "mark");
}

struct refusal {
	const char *document;
	enum err err;
	const char *note; /* how it begins */
};

static void check_refused(const struct refusal *refusal)
{
	struct yaml *yaml = NULL;
	struct err_note note = {""};
	enum err err = yaml_parse("a.yaml", refusal->document, strlen(refusal->document),
				  &yaml, &note);
	if (err != refusal->err || !str_starts(note.text, refusal->note))
		print_error("%.80s -> %d %s\n", refusal->document, (int)err, note.text);
	assert_int_equal(err, refusal->err);
	assert_null(yaml);
	assert_true(str_starts(note.text, refusal->note));
	assert_non_null(strstr(note.text, "; expected "));
}

static void test_refuses(void **state)
{
	static const struct refusal REFUSALS[] = {
		{"", ERR_FORMAT, "a.yaml:1:1: nothing;"},
		{"# only a comment\n", ERR_FORMAT, "a.yaml:1:1: nothing;"},
		{"a: 1\nb: [1, 2\nc: 3\n", ERR_FORMAT, "a.yaml:3:"},
		{"a: 1\n b: 2\n", ERR_FORMAT, "a.yaml:2:"},
		{"{\"a\": \"open", ERR_FORMAT, "a.yaml:1:"},
		{"a: 1\nb: 2\na: 3\n", ERR_FORMAT,
		 "a.yaml:3:4: the key 'a' a second time;"},
		{"a: &x 1\nb: *x\n", ERR_FORMAT, "a.yaml:2:4: an alias;"},
		{"a: !!int 1\n", ERR_FORMAT, "a.yaml:1:4: a tag;"},
		{"a: !include x\n", ERR_FORMAT, "a.yaml:1:4: a tag;"},
		{"--- a\n--- b\n", ERR_FORMAT, "a.yaml:2:1: a second document;"},
		{"? [a]\n: b\n", ERR_FORMAT, "a.yaml:1:3: a list or map as key;"},
		{"a: \"x\\0y\"\n", ERR_FORMAT, "a.yaml:1:4: a NUL character;"},
		{"{\"a\": \"\\ud83d\"}", ERR_FORMAT, "a.yaml:1:"},
		{"a: fine\nb: \xff\n", ERR_FORMAT,
		 "a.yaml:2:1: bytes that are not UTF-8, or a NUL;"},
		{"a:\n\tb: 1\n", ERR_FORMAT, "a.yaml:2:1: a tab; expected spaces"},
		{"a:\n  b: 1\n \t c: 1\n", ERR_FORMAT, "a.yaml:3:"},
		{"a: fine\nb: \x1b[0m\n", ERR_FORMAT,
		 "a.yaml:2:1: a control character; expected text without it"},
		{"a: \x7f\n", ERR_FORMAT, "a.yaml:1:1: a control character;"},
	};
	(void)state;
	for (size_t i = 0; i < STR_COUNT(REFUSALS); i++)
		check_refused(&REFUSALS[i]);
}

static void test_depth_is_limited(void **state)
{
	char deep[2 * YAML_DEPTH_MAX + 3];
	(void)state;
	memset(deep, '[', sizeof(deep));
	memset(deep + YAML_DEPTH_MAX, ']', YAML_DEPTH_MAX);
	deep[2 * (size_t)YAML_DEPTH_MAX] = '\0';
	yaml_destroy(parse(deep));
	memset(deep, '[', YAML_DEPTH_MAX + 1);
	memset(deep + YAML_DEPTH_MAX + 1, ']', YAML_DEPTH_MAX + 1);
	deep[2 * (size_t)YAML_DEPTH_MAX + 2] = '\0';
	check_refused(&(struct refusal){deep, ERR_LIMIT,
					"a.yaml:1:25: values nested too deep;"});
}

static void test_node_count_is_limited(void **state)
{
	size_t size = 2 * (size_t)YAML_NODES_MAX + 3;
	char *wide = malloc(size);
	(void)state;
	assert_non_null(wide);
	wide[0] = '[';
	for (size_t i = 1; i + 2 < size; i += 2) {
		wide[i] = '1';
		wide[i + 1] = ',';
	}
	wide[size - 2] = ']';
	wide[size - 1] = '\0';
	check_refused(
		&(struct refusal){wide, ERR_LIMIT, "a.yaml:1:2000000: too many values;"});
	free(wide);
}

/* Every beginning of a good document is read or refused with a place, never worse. */
static void test_truncated(void **state)
{
	static const char WHOLE[] =
		"{\"a\": [\"\\ud83d\\ude00\", {\"b\": 'c'}], \"d\": e}\n";
	(void)state;
	for (size_t size = 0; size < sizeof(WHOLE); size++) {
		struct yaml *yaml = NULL;
		struct err_note note = {""};
		char *copy = malloc(size ? size : 1);
		assert_non_null(copy);
		memcpy(copy, WHOLE, size);
		enum err err = yaml_parse("a.yaml", copy, size, &yaml, &note);
		assert_true(err == OK ? yaml != NULL : note.text[0] != '\0');
		yaml_destroy(yaml);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_tree_with_places),
		cmocka_unit_test(test_reads_json),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_depth_is_limited),
		cmocka_unit_test(test_node_count_is_limited),
		cmocka_unit_test(test_truncated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
