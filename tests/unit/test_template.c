/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/template: the shapes that are understood, and that nothing else is.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/template.h"
#include "base/str.h"

/* What the template makes of the payload; "-" when it makes nothing, "?" when it is not
 * understood. */
static void read_with(const char *text, const char *payload, char *to, size_t size)
{
	struct template *template = NULL;
	struct json *json = NULL;
	struct template_input input = {.text = payload};

	(void)str_copy(to, size, "?");
	if (template_parse_value(text, &template))
		return;
	if (json_parse("payload", payload, strlen(payload), 4096, &json, NULL) == OK)
		input.json = json_root(json);
	if (!template_read(template, input, to, size))
		(void)str_copy(to, size, "-");
	json_destroy(json);
	template_destroy(template);
}

static void test_values(void **state)
{
	static const struct {
		const char *template;
		const char *payload;
		const char *text;
	} rows[] = {
		{"{{ value }}", "on", "on"},
		{"{{value_json.state}}", "{\"state\":\"ON\"}", "ON"},
		{"{{ value_json[\"state\"] }}", "{\"state\":\"ON\"}", "ON"},
		{"{{ value_json['state'] }}", "{\"state\":\"ON\"}", "ON"},
		{"{{ value_json.a.b['c'].d }}", "{\"a\":{\"b\":{\"c\":{\"d\":7}}}}", "7"},
		{"{{ value_json.state | lower }}", "{\"state\":\"ON\"}", "on"},
		{"{{ value_json.t }}", "{\"t\":21.5}", "21.5"},
		{"{{ value_json.t }}", "{\"t\":true}", "True"},
		{"{{ value_json.t }}", "{\"t\":null}", "-"},
		{"{{ value_json.t }}", "{\"t\":{}}", "-"},
		{"{{ value_json.t }}", "{}", "-"},
		{"{{ value_json.t }}", "not json", "-"},
		{"{% if value_json.a == \"x\" %}one{% else %} two {% endif %}",
		 "{\"a\":\"x\"}", "one"},
		{"{% if value_json.a == \"x\" %}one{% else %} two {% endif %}",
		 "{\"a\":\"y\"}", "two"},
		{"{% if value_json.a != 'x' %}one{% else %}two{% endif %}",
		 "{\"a\":\"y\"}", "one"},
		{"{% if \"a\" in value_json and value_json.a %} {{ value_json.a }} {% else %} still "
		 "{% endif %}",
		 "{\"a\":\"up\"}", "up"},
		{"{% if \"a\" in value_json and value_json.a %} {{ value_json.a }} {% else %} still "
		 "{% endif %}",
		 "{}", "still"},
		{"{{ 'open' if value_json.a == 'O' else 'closed' }}", "{\"a\":\"O\"}",
		 "open"},
		{"{{ 'open' if value_json.a else 'closed' }}", "{\"a\":false}", "closed"},
		{"{{ {'a': 'one', 2: 'two', None: 'three'}[value_json.k] }}", "{\"k\":2}",
		 "two"},
		{"{{ {'a': 'one'}[value_json.k] }}", "{\"k\":\"b\"}", "-"},
		{"{% set values = {None:None,'idle':'idle','heat':'heating'} %}{{ "
		 "values[value_json.s] }}",
		 "{\"s\":\"heat\"}", "heating"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		char text[TEMPLATE_PAYLOAD_BYTES];

		read_with(rows[i].template, rows[i].payload, text, sizeof(text));
		if (strcmp(text, rows[i].text) != 0)
			fail_msg("row %zu: %s", i, text);
	}
}

static void test_other_values_are_not_understood(void **state)
{
	static const char *const rows[] = {
		"",
		"ON",
		"{{ }}",
		"{{ value_json }}",
		"{{ value_json. }}",
		"{{ value_json.a }} x",
		"{{ value_json.a | upper }}",
		"{{ value_json.a | int + 1 }}",
		"{{ value_json.a * 2 }}",
		"{{ value_json.a() }}",
		"{{ value_json.a.b.c.d.e }}",
		"{{ valuejson.a }}",
		"{{ states('lock.front_door') }}",
		"{{ value_json.a }}{{ value_json.b }}",
		"{% for i in range(100000000) %}x{% endfor %}",
		"{% if value_json.a %}x{% endif %}",
		("{% if value_json.a %}{% if value_json.b %}x{% else %}y{% endif %}{% else "
		 "%}z{% endif %}"),
		"{% set values = {'a':'b'} %}{{ other[value_json.a] }}",
		"{{ {'a':'b'[value_json.a] }}",
		"{{ value_json[\"a }}",
		"{{ value_json['a\\'b'] }}",
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct template *template = NULL;

		if (template_parse_value(rows[i], &template) != ERR_UNSUPPORTED)
			fail_msg("row %zu is understood: %s", i, rows[i]);
		assert_null(template);
	}
}

static void test_long_templates_are_not_understood(void **state)
{
	char text[TEMPLATE_BYTES_MAX + 64];
	struct template *template = NULL;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "{{ value", 8);
	memcpy(text + sizeof(text) - 3, "}}", 3);
	assert_int_equal(template_parse_value(text, &template), ERR_UNSUPPORTED);
	memcpy(text, "{{ value_json.", 14);
	memset(text + 14, 'k', TEMPLATE_WORD_BYTES);
	memcpy(text + 14 + TEMPLATE_WORD_BYTES, " }}", 4);
	assert_int_equal(template_parse_value(text, &template), ERR_UNSUPPORTED);
}

static void test_commands(void **state)
{
	static const struct template_insert inserts[] = {{"value", "40"},
							 {"position", "40"}};
	static const struct {
		const char *template;
		const char *text; /* NULL: not understood */
	} rows[] = {
		{"{ \"position\": {{ position }} }", "{ \"position\": 40 }"},
		{"{{ value }}", "40"},
		{"{{value}}-{{position}}", "40-40"},
		{"no insert", NULL},
		{"", NULL},
		{"{{ value | int }}", NULL},
		{"{{ value }", NULL},
		{"{% if value %}1{% endif %}", NULL},
		{"{% if value %}{{ value }}{% endif %}", NULL},
		{"{{ value }}{# x #}", NULL},
		{"{{value}}{{value}}{{value}}{{value}}{{value}}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct template *template = NULL;
		char text[TEMPLATE_PAYLOAD_BYTES] = "";
		enum err err = template_parse_command(rows[i].template, &template);

		assert_int_equal(err, rows[i].text ? OK : ERR_UNSUPPORTED);
		if (!rows[i].text)
			continue;
		assert_true(template_write(template, inserts, 2, text, sizeof(text)));
		assert_string_equal(text, rows[i].text);
		template_destroy(template);
	}
}

static void test_commands_name_what_they_need(void **state)
{
	static const struct template_insert inserts[] = {{"value", "40"}};
	static const char *const names[] = {"value"};
	struct template *template = NULL;
	char text[8] = "";

	(void)state;
	assert_int_equal(template_parse_command("{\"UNLOCK\":{{ code }}}", &template),
			 OK);
	assert_false(template_knows(template, names, 1));
	assert_false(template_write(template, inserts, 1, text, sizeof(text)));
	assert_true(template_holds(template, "unlock"));
	assert_false(template_holds(template, "disarm"));
	template_destroy(template);
	assert_int_equal(template_parse_command("123456{{ value }}", &template), OK);
	assert_true(template_knows(template, names, 1));
	assert_false(template_write(template, inserts, 1, text, sizeof(text)));
	template_destroy(template);
	assert_true(template_write(NULL, inserts, 1, text, sizeof(text)));
	assert_string_equal(text, "40");
	template_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_other_values_are_not_understood),
		cmocka_unit_test(test_long_templates_are_not_understood),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_commands_name_what_they_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
