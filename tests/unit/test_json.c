/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests base/json: what is refused and where, what is read, what is written.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"

enum { SIZE_MAX_READ = 4096 };

static enum err parse(const char *text, struct json **out_json, struct err_note *note)
{
	return json_parse("a.json", text, strlen(text), SIZE_MAX_READ, out_json, note);
}

static void test_reads_values(void **state)
{
	struct json *json = NULL;
	struct err_note note = {""};
	const struct json_value *root = NULL;
	const struct json_value *value = NULL;

	(void)state;
	assert_int_equal(parse("{\"b\": [1, 2.5, true, null, \"\\u00fc\"], \"a\": {}}",
			       &json, &note),
			 OK);
	root = json_root(json);
	assert_true(json_is_object(root));
	assert_int_equal(json_count(root), 2);
	assert_string_equal(json_key_at(root, 0, &value), "b");
	assert_true(json_is_array(value));
	assert_int_equal(json_count(value), 5);
	assert_true(json_number(json_at(value, 0), 0) == 1.0);
	assert_true(json_number(json_at(value, 1), 0) == 2.5);
	assert_true(json_bool(json_at(value, 2), false));
	assert_false(json_is_text(json_at(value, 3)));
	assert_string_equal(json_text(json_at(value, 4), ""), "\xc3\xbc");
	assert_null(json_at(value, 5));
	assert_string_equal(json_key_at(root, 1, &value), "a");
	assert_null(json_key_at(root, 2, &value));
	json_destroy(json);
}

static void test_absent_and_wrong_types_give_fallbacks(void **state)
{
	struct json *json = NULL;
	struct err_note note = {""};
	const struct json_value *root = NULL;

	(void)state;
	assert_int_equal(parse("{\"text\": \"x\", \"number\": 3}", &json, &note), OK);
	root = json_root(json);
	assert_null(json_get(root, "missing"));
	assert_null(json_get(json_get(root, "missing"), "deeper"));
	assert_null(json_get(json_get(root, "text"), "deeper"));
	assert_null(json_at(root, 0));
	assert_int_equal(json_count(json_get(root, "text")), 0);
	assert_string_equal(json_text(json_get(root, "number"), "fallback"), "fallback");
	assert_true(json_number(json_get(root, "text"), 7) == 7);
	assert_true(json_bool(json_get(root, "number"), true));
	assert_null(json_key_at(json_get(root, "text"), 0, NULL));
	assert_null(json_key_at(NULL, 0, NULL));
	json_destroy(json);
	json_destroy(NULL);
	assert_null(json_root(NULL));
}

static void test_refuses_with_the_place(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		const char *note_starts;
	} rows[] = {
		{"", ERR_FORMAT, "a.json:1:1: "},
		{"{", ERR_FORMAT, "a.json:1:1: "},
		{"{\"a\": 1, \"a\": 2}", ERR_FORMAT, "a.json:1:"},
		{"{\n  \"a\": 1,\n  \"a\": 2}", ERR_FORMAT, "a.json:3:"},
		{"[1, 2] x", ERR_FORMAT, "a.json:1:"},
		{"[1,\n 2,\n !]", ERR_FORMAT, "a.json:3:"},
		{"[1,]", ERR_FORMAT, "a.json:1:"},
		{"{'a': 1}", ERR_FORMAT, "a.json:1:"},
		{"[\"a\\u0000b\"]", ERR_FORMAT, "a.json:1:"},
		{"[\"\xff\"]", ERR_FORMAT, "a.json:1:"},
		{"[\"\xed\xa0\x80\"]", ERR_FORMAT, "a.json:1:"},
		{"[1e999]", ERR_FORMAT, "a.json:1:"},
		{"[NaN]", ERR_FORMAT, "a.json:1:"},
		{"[01]", ERR_FORMAT, "a.json:1:"},
		{"[\"a\nb\"]", ERR_FORMAT, "a.json:1:"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct json *json = NULL;
		struct err_note note = {""};

		assert_int_equal(parse(rows[i].text, &json, &note), rows[i].err);
		assert_null(json);
		if (!str_starts(note.text, rows[i].note_starts))
			fail_msg("row %zu says \"%s\"", i, note.text);
	}
}

static void test_limits(void **state)
{
	char deep[2 * JSON_DEPTH_MAX + 8] = "";
	struct json *json = NULL;
	struct err_note note = {""};

	(void)state;
	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(parse(deep, &json, &note), OK);
	json_destroy(json);
	json = NULL;
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	deep[0] = '\n';
	deep[1] = '[';
	memset(deep + 2, '[', JSON_DEPTH_MAX);
	assert_int_equal(parse(deep, &json, &note), ERR_LIMIT);
	assert_string_equal(note.text, "a.json:2:33: nested more than 32 deep");
	note.text[0] = 0;
	assert_int_equal(json_parse("a.json", "[12345]", 7, 6, &json, &note), ERR_LIMIT);
	assert_string_equal(note.text, "a.json:1:1: 7 bytes; at most 6 are read");
	assert_null(json);
	/* brackets in texts are no depth */
	assert_int_equal(parse("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]", &json,
			       NULL),
			 OK);
	json_destroy(json);
}

static void write_everything(struct json_write *write)
{
	json_open_object(write, NULL);
	json_add_text(write, "text", "a\"\\\n\t\x01\x7f/\xc3\xbc");
	json_add_text(write, "none", NULL);
	json_add_text(write, "bad", "\xff.\xc0\xaf.\xed\xa0\x80.\xf0\x9f");
	json_add_int(write, "int", INT64_MIN);
	json_add_double(write, "double", -0.125, 2);
	json_add_double(write, "nan", (double)NAN, 2);
	json_open_array(write, "list");
	json_add_bool(write, NULL, true);
	json_add_bool(write, NULL, false);
	json_open_object(write, NULL);
	json_close(write, '}');
	json_close(write, ']');
	json_close(write, '}');
}

static void test_writes(void **state)
{
	struct buf buf;
	struct json_write write;
	struct json *json = NULL;
	struct err_note note = {""};

	(void)state;
	buf_init(&buf, SIZE_MAX_READ);
	json_write_init(&write, &buf);
	write_everything(&write);
	assert_int_equal(json_write_finish(&write), OK);
	assert_string_equal(
		(const char *)buf.bytes,
		"{\"text\":\"a\\\"\\\\\\n\\t\\u0001\\u007f/\xc3\xbc\",\"none\":null,"
		"\"bad\":\"\xef\xbf\xbd.\xef\xbf\xbd\xef\xbf\xbd.\xef\xbf\xbd\xef\xbf\xbd\xef\xbf"
		"\xbd.\xef\xbf\xbd\xef\xbf\xbd\",\"int\":-9223372036854775808,\"double\":-0.12,"
		"\"nan\":null,\"list\":[true,false,{}]}");
	assert_int_equal(json_parse("written", (const char *)buf.bytes, buf.size,
				    SIZE_MAX_READ, &json, &note),
			 OK);
	assert_string_equal(json_text(json_get(json_root(json), "text"), ""),
			    "a\"\\\n\t\x01\x7f/\xc3\xbc");
	json_destroy(json);
	buf_finish(&buf);
}

static void test_write_keeps_the_first_error(void **state)
{
	struct buf buf;
	struct json_write write;

	(void)state;
	buf_init(&buf, 16);
	json_write_init(&write, &buf);
	write_everything(&write);
	assert_int_equal(json_write_finish(&write), ERR_LIMIT);
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_values),
		cmocka_unit_test(test_absent_and_wrong_types_give_fallbacks),
		cmocka_unit_test(test_refuses_with_the_place),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_write_keeps_the_first_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
