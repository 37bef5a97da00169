/* SPDX-License-Identifier: Apache-2.0 */
/* A home from JSON: what it becomes, and what is said of a wrong one. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/home_file.h"
#include "cli/home_same.h"

static enum err parse(const char *text, struct home *home, struct err_note *note)
{
	struct json *json = NULL;
	enum err err;

	note->text[0] = '\0';
	home_init(home);
	err = json_parse("h.json", text, strlen(text), 65536, &json, note);
	if (!err)
		err = home_file_parse("h.json", json_root(json), home, note);
	json_destroy(json);
	return err;
}

static void reads_everything(void **state)
{
	struct err_note note;
	struct home home;
	const struct entity *lamp;
	const struct entity *thermostat;

	(void)state;
	assert_int_equal(
		parse("{\"entities\":[{\"name\":\"Desk Lamp\",\"domain\":\"light\",\"area\":"
		      "\"Office\",\"state\":\"on\",\"aliases\":[\"lamp\"],\"attributes\":{"
		      "\"brightness\":128,\"supported_color_modes\":[\"brightness\"]}},"
		      "{\"name\":\"Desk Lamp\",\"domain\":\"light\"},"
		      "{\"name\":\"heat\",\"domain\":\"climate\",\"attributes\":{\"min_temp\":7,"
		      "\"max_temp\":25,\"temperature\":20.5}},"
		      "{\"name\":\"door\",\"domain\":\"lock\"},"
		      "{\"name\":\"thing\",\"domain\":\"quux\"}],"
		      "\"areas\":[{\"name\":\"Office\",\"floor\":\"Upstairs\",\"aliases\":[\"study\"]}],"
		      "\"floors\":[{\"name\":\"Upstairs\"}],\"timers\":[{}],\"media\":[],"
		      "\"people\":[\"Anna\"],\"contacts\":[{\"name\":\"Ben\"}],\"here\":\"Office\"}",
		      &home, &note),
		OK);
	assert_string_equal(note.text, "");
	assert_int_equal(home.entity_count, 5);
	lamp = home_find_const(&home, "light.desk_lamp");
	assert_non_null(lamp);
	assert_int_equal(lamp->area, home_find_area(&home, "study"));
	assert_int_equal(lamp->features, ENTITY_CAN_SWITCH | ENTITY_CAN_DIM);
	assert_int_equal(lamp->state.brightness_percent, 50);
	assert_true(lamp->state.on && lamp->state.known && lamp->exposed);
	assert_string_equal(lamp->aliases[0], "lamp");
	assert_non_null(home_find_const(&home, "light.desk_lamp_2"));
	thermostat = home_find_const(&home, "climate.heat");
	assert_non_null(thermostat);
	assert_true(thermostat->celsius_min == 7 && thermostat->celsius_max == 25);
	assert_true(thermostat->state.target_celsius == 20.5);
	assert_non_null(home_find_const(&home, "lock.door"));
	assert_int_equal(home_find_const(&home, "unknown.thing")->domain, ENTITY_UNKNOWN);
	assert_int_equal(home.areas[0].floor, 0);
	assert_string_equal(home.floors[0].name, "Upstairs");
	assert_int_equal(home.person_count, 2);
	assert_true(home.people[1].is_contact);
	assert_string_equal(home.here, "Office");
	home_finish(&home);
}

static void refuses(const char *text, const char *words)
{
	struct err_note note;
	struct home home;

	assert_int_not_equal(parse(text, &home, &note), OK);
	assert_string_equal(note.text, words);
	home_finish(&home);
}

static void says_where_it_is_wrong(void **state)
{
	(void)state;
	refuses("[]", "h.json: expected an object with \"entities\"");
	refuses("{\"entities\":{}}", "h.json: entities: expected a list");
	refuses("{\"entities\":[7]}", "h.json: entities[0]: expected an object");
	refuses("{\"entities\":[{\"name\":\"a\",\"domain\":\"light\"},{\"name\":\"\"}]}",
		"h.json: entities[1].name: expected a text that is not empty");
	refuses("{\"entities\":[{\"name\":\"a\"}]}",
		"h.json: entities[0].domain: expected a text that is not empty");
	refuses("{\"entities\":[{\"name\":\"a\",\"domain\":\"light\",\"aliases\":\"b\"}]}",
		"h.json: entities[0].aliases: expected a list of at most 8 texts");
	refuses("{\"entities\":[{\"name\":\"a\",\"domain\":\"light\",\"state\":[]}]}",
		"h.json: entities[0].state: expected a short text or a number");
	refuses("{\"people\":[3]}", "h.json: people[0]: expected a name");
	refuses("{\"here\":3}", "h.json: here: expected the name of an area");
	refuses("{\"entities\":[}", "h.json:1:14: unexpected token near '}'");
}

static void names_a_missing_file(void **state)
{
	struct err_note note = {""};
	struct home home;

	(void)state;
	assert_int_equal(home_file_read("/nowhere/home.json", &home, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "/nowhere/home.json"));
	home_finish(&home);
}

static void a_hundred_areas_too_many(void **state)
{
	char text[16384] = "{\"areas\":[";
	struct err_note note;
	struct home home;
	size_t used = strlen(text);

	(void)state;
	for (int i = 0; i < 200; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s{\"name\":\"a%d\"}", i ? "," : "", i);
	snprintf(text + used, sizeof(text) - used, "]}");
	assert_int_equal(parse(text, &home, &note), ERR_FORMAT);
	assert_string_equal(note.text,
			    "h.json: areas[128]: expected no more than 128 areas");
	home_finish(&home);
}

static void knows_the_same_home_again(void **state)
{
	static const char one[] = "{\"entities\":[{\"name\":\"a\",\"domain\":\"light\"}],"
				  "\"here\":\"x\"}";
	static const char other[] =
		"{\"entities\":[{\"name\":\"b\",\"domain\":\"light\"}]}";
	struct err_note note;
	struct home a;
	struct home b;
	struct home c;

	(void)state;
	assert_int_equal(parse(one, &a, &note), OK);
	assert_int_equal(parse(one, &b, &note), OK);
	assert_int_equal(parse(other, &c, &note), OK);
	b.here[0] = 'y';
	assert_true(home_same(&a, &b));
	assert_false(home_same(&a, &c));
	home_finish(&a);
	home_finish(&b);
	home_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(says_where_it_is_wrong),
		cmocka_unit_test(names_a_missing_file),
		cmocka_unit_test(a_hundred_areas_too_many),
		cmocka_unit_test(knows_the_same_home_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
