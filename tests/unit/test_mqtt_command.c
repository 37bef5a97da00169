/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/mqtt_command and mqtt_binding: each action's messages, and every one that
 * must not exist.
 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "adapter/discovery.h"
#include "adapter/mqtt_binding.h"
#include "base/str.h"

static const char LIGHT_JSON[] =
	"{\"name\":\"a\",\"schema\":\"json\",\"command_topic\":\"c\",\"brightness\":true,"
	"\"brightness_scale\":254,\"supported_color_modes\":[\"rgb\"]}";
static const char LIGHT_XY[] =
	"{\"name\":\"a\",\"schema\":\"json\",\"command_topic\":\"c\","
	"\"supported_color_modes\":[\"xy\"]}";
static const char LIGHT_HS[] =
	"{\"name\":\"a\",\"schema\":\"json\",\"command_topic\":\"c\",\"hs\":true}";
static const char LIGHT_PLAIN[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"brightness_command_topic\":\"b\","
	"\"rgb_command_topic\":\"r\",\"payload_on\":\"1\",\"payload_off\":\"0\"}";
static const char LIGHT_FIRST[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"brightness_command_topic\":\"b\","
	"\"brightness_scale\":100,\"on_command_type\":\"first\","
	"\"brightness_command_template\":\"{\\\"b\\\":{{ value }}}\","
	"\"hs_command_topic\":\"h\",\"hs_command_template\":\"{{ sat }}/{{ hue }}\"}";
static const char LIGHT_BRIGHTNESS[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"brightness_command_topic\":\"b\","
	"\"on_command_type\":\"brightness\",\"xy_command_topic\":\"x\"}";
static const char LIGHT_SWITCHED[] = "{\"name\":\"a\",\"command_topic\":\"c\"}";
static const char LIGHT_WHITE[] =
	"{\"name\":\"a\",\"schema\":\"json\",\"command_topic\":\"c\","
	"\"supported_color_modes\":[\"color_temp\"],\"min_mireds\":200,\"max_mireds\":350}";
static const char LIGHT_KELVIN[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"clr_temp_cmd_t\":\"w\",\"clr_temp_k\":true,"
	"\"clr_temp_cmd_tpl\":\"{\\\"k\\\":{{ value }}}\",\"max_k\":6000}";
static const char LIGHT_RGBWW[] =
	"{\"name\":\"a\",\"schema\":\"json\",\"command_topic\":\"c\","
	"\"supported_color_modes\":[\"rgbww\"]}";
static const char CLIMATE_POWER[] =
	"{\"name\":\"a\",\"pow_cmd_t\":\"p\",\"mode_cmd_t\":\"m\",\"modes\":[\"cool\",\"dry\"]}";
static const char CLIMATE_USUAL[] = "{\"name\":\"a\",\"mode_cmd_t\":\"m\"}";
static const char BLIND[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"tilt_cmd_t\":\"t\",\"tilt_min\":-90,"
	"\"tilt_max\":90}";
static const char BLIND_TEMPLATE[] =
	"{\"name\":\"a\",\"tilt_cmd_t\":\"t\",\"tilt_cmd_tpl\":\"{\\\"tilt\\\": {{ tilt_position "
	"}} }\",\"pl_stop\":null}";
static const char GATE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"tilt_cmd_t\":\"t\",\"dev_cla\":\"gate\"}";
static const char FAN[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"pct_cmd_t\":\"p\",\"spd_rng_max\":3}";
static const char HUMIDIFIER[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"hum_cmd_t\":\"h\",\"min_hum\":30,"
	"\"max_hum\":70}";
static const char VACUUM[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"pl_ret\":\"home\"}";
static const char VALVE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"pl_stop\":\"HALT\"}";
static const char VALVE_POSITION[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"reports_position\":true,\"pos_clsd\":10}";
static const char SIREN[] = "{\"name\":\"a\",\"command_topic\":\"c\",\"pl_on\":\"loud\"}";
static const char SIREN_TEMPLATE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"cmd_tpl\":\"{{ value }}\"}";
static const char CLIMATE[] =
	"{\"name\":\"a\",\"temp_cmd_t\":\"t\",\"temp_cmd_tpl\":\"{\\\"sp\\\":{{ value }}}\","
	"\"mode_cmd_t\":\"m\",\"modes\":[\"off\",\"heat\"],\"min_temp\":5,\"max_temp\":30}";
static const char CLIMATE_F[] =
	"{\"name\":\"a\",\"temp_cmd_t\":\"t\",\"temp_unit\":\"F\"}";
static const char COVER[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"set_position_topic\":\"p\","
	"\"set_position_template\":\"{ \\\"position\\\": {{ position }} }\"}";
static const char COVER_TURNED[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"set_position_topic\":\"p\","
	"\"pos_open\":0,\"pos_clsd\":255,\"payload_open\":null}";
static const char GARAGE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"set_position_topic\":\"p\","
	"\"device_class\":\"garage\"}";
static const char LOCK[] = "{\"name\":\"a\",\"command_topic\":\"c\"}";
static const char LOCK_SECURE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"secure_command_topic\":\"s\"}";
static const char ALARM[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"secure_command_topic\":\"s\","
	"\"supported_features\":[\"arm_away\",\"arm_home\"]}";
static const char ALARM_TEMPLATE[] =
	"{\"name\":\"a\",\"command_topic\":\"c\",\"command_template\":\"{\\\"a\\\":\\\"{{ action "
	"}}\\\"}\"}";
static const char SWITCH[] = "{\"name\":\"a\",\"command_topic\":\"c\"}";

typedef enum err command_fn(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *out_messages);

/* Sends the action to a device of the component; "topic payload; ..." or the error. */
static void send(command_fn *how, const char *component, const char *config,
		 const struct action *action, char *to, size_t size)
{
	char topic[128];
	struct discovery discovery = {0};
	struct mqtt_messages messages = {0};
	struct err_note note = {""};
	enum err err = OK;

	assert_true(
		str_format(topic, sizeof(topic), "homeassistant/%s/x/config", component));
	if (discovery_parse("homeassistant", topic, config, strlen(config), &discovery,
			    &note))
		fail_msg("%s", note.text);
	assert_int_equal(discovery.count, 1);
	err = how(discovery.devices[0], action, &messages);
	to[0] = 0;
	if (err)
		(void)str_copy(to, size, err_words(err));
	for (size_t i = 0; i < messages.count; i++)
		(void)str_append(to, size, "%s%s %s", i ? "; " : "",
				 messages.items[i].topic, messages.items[i].payload);
	discovery_finish(&discovery);
}

struct row {
	const char *component;
	const char *config;
	struct action action;
	const char *sent;
};

static void check_with(command_fn *how, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char sent[1024];

		send(how, rows[i].component, rows[i].config, &rows[i].action, sent,
		     sizeof(sent));
		if (strcmp(sent, rows[i].sent) != 0)
			fail_msg("row %zu sends \"%s\", expected \"%s\"", i, sent,
				 rows[i].sent);
	}
}

static void check(const struct row *rows, size_t count)
{
	check_with(mqtt_device_command, rows, count);
}

#define ON                             \
	{                              \
		.kind = ACTION_TURN_ON \
	}
#define OFF                             \
	{                               \
		.kind = ACTION_TURN_OFF \
	}
#define DIM(value)                                         \
	{                                                  \
		.kind = ACTION_LIGHT_DIM, .percent = value \
	}
#define COLOUR(name)                                        \
	{                                                   \
		.kind = ACTION_LIGHT_COLOUR, .colour = name \
	}
#define HEAT(value)                                       \
	{                                                 \
		.kind = ACTION_SET_HEAT, .celsius = value \
	}
#define POSITION(value)                                       \
	{                                                     \
		.kind = ACTION_SET_POSITION, .percent = value \
	}
#define ARM(word)                                      \
	{                                              \
		.kind = ACTION_ARM_ALARM, .mode = word \
	}

static const char UNSUPPORTED[] = "not supported here";
static const char RANGE[] = "outside the allowed range";

static void test_lights(void **state)
{
	static const struct row rows[] = {
		{"light", LIGHT_JSON, ON, "c {\"state\":\"ON\"}"},
		{"light", LIGHT_JSON, OFF, "c {\"state\":\"OFF\"}"},
		{"light", LIGHT_JSON, DIM(40), "c {\"state\":\"ON\",\"brightness\":102}"},
		{"light", LIGHT_JSON, DIM(100),
		 "c {\"state\":\"ON\",\"brightness\":254}"},
		{"light", LIGHT_JSON, DIM(0), "c {\"state\":\"OFF\"}"},
		{"light", LIGHT_JSON, DIM(101), RANGE},
		{"light", LIGHT_JSON, DIM(-1), RANGE},
		{"light", LIGHT_JSON, COLOUR("Dark Orange"),
		 "c {\"state\":\"ON\",\"color\":{\"r\":255,\"g\":140,\"b\":0}}"},
		{"light", LIGHT_JSON, COLOUR("no colour"), RANGE},
		{"light", LIGHT_XY, COLOUR("red"),
		 "c {\"state\":\"ON\",\"color\":{\"x\":0.6401,\"y\":0.3300}}"},
		{"light", LIGHT_HS, COLOUR("blue"),
		 "c {\"state\":\"ON\",\"color\":{\"h\":240.0,\"s\":100.0}}"},
		{"light", LIGHT_PLAIN, ON, "c 1"},
		{"light", LIGHT_PLAIN, OFF, "c 0"},
		{"light", LIGHT_PLAIN, DIM(1), "b 3; c 1"},
		{"light", LIGHT_PLAIN, DIM(50), "b 128; c 1"},
		{"light", LIGHT_PLAIN, COLOUR("lime"), "r 0,255,0; c 1"},
		{"light", LIGHT_FIRST, DIM(50), "c ON; b {\"b\":50}"},
		{"light", LIGHT_FIRST, COLOUR("lime"), "c ON; h 100.0/120.0"},
		{"light", LIGHT_BRIGHTNESS, DIM(50), "b 128"},
		{"light", LIGHT_BRIGHTNESS, COLOUR("white"), "x 0.3127,0.3290"},
		{"light", LIGHT_SWITCHED, DIM(50), UNSUPPORTED},
		{"light", LIGHT_SWITCHED, COLOUR("red"), UNSUPPORTED},
		{"light", LIGHT_SWITCHED, {.kind = ACTION_UNLOCK}, UNSUPPORTED},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_whites(void **state)
{
	static const struct row rows[] = {
		{"light", LIGHT_WHITE, COLOUR("warmwhite"),
		 "c {\"state\":\"ON\",\"color_temp\":350}"},
		{"light", LIGHT_WHITE, COLOUR("coolwhite"),
		 "c {\"state\":\"ON\",\"color_temp\":200}"},
		{"light", LIGHT_WHITE, COLOUR("white"),
		 "c {\"state\":\"ON\",\"color_temp\":250}"},
		{"light", LIGHT_WHITE, COLOUR("red"), UNSUPPORTED},
		{"light", LIGHT_KELVIN, COLOUR("warmwhite"), "w {\"k\":2703}; c ON"},
		{"light", LIGHT_KELVIN, COLOUR("coolwhite"), "w {\"k\":6000}; c ON"},
		{"light", LIGHT_JSON, COLOUR("warmwhite"),
		 "c {\"state\":\"ON\",\"color\":{\"r\":255,\"g\":167,\"b\":87}}"},
		{"light", LIGHT_RGBWW, COLOUR("red"),
		 "c {\"state\":\"ON\",\"color\":{\"r\":255,\"g\":0,\"b\":0,\"c\":0,\"w\":0}}"},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

#define PERCENT(what, value)                              \
	{                                                 \
		.kind = ACTION_##what, .percent = (value) \
	}
#define MODE(word)                                    \
	{                                             \
		.kind = ACTION_SET_MODE, .mode = word \
	}

static void test_air(void **state)
{
	static const struct row rows[] = {
		{"climate", CLIMATE, MODE("heat"), "m heat"},
		{"climate", CLIMATE, MODE("cool"), UNSUPPORTED},
		{"climate", CLIMATE, MODE("heat\n"), UNSUPPORTED},
		{"climate", CLIMATE_POWER, ON, "p ON"},
		{"climate", CLIMATE_POWER, OFF, "p OFF"},
		{"climate", CLIMATE_POWER, MODE("dry"), "m dry"},
		{"climate", CLIMATE_USUAL, MODE("fan_only"), "m fan_only"},
		{"climate", CLIMATE_USUAL, MODE("heat_cool"), UNSUPPORTED},
		{"climate", CLIMATE_USUAL, ON, "m heat"},
		{"fan", FAN, PERCENT(SET_SPEED, 100), "p 3"},
		{"fan", FAN, PERCENT(SET_SPEED, 33), "p 1"},
		{"fan", FAN, PERCENT(SET_SPEED, 34), "p 2"},
		{"fan", FAN, PERCENT(SET_SPEED, 1), "p 1"},
		{"fan", FAN, PERCENT(SET_SPEED, 0), "p 0"},
		{"fan", FAN, PERCENT(SET_SPEED, 101), RANGE},
		{"fan", SWITCH, PERCENT(SET_SPEED, 10), UNSUPPORTED},
		{"humidifier", HUMIDIFIER, PERCENT(SET_HUMIDITY, 30), "h 30"},
		{"humidifier", HUMIDIFIER, PERCENT(SET_HUMIDITY, 29), RANGE},
		{"humidifier", HUMIDIFIER, PERCENT(SET_HUMIDITY, 71), RANGE},
		{"vacuum", VACUUM, {.kind = ACTION_VACUUM_START}, "c start"},
		{"vacuum", VACUUM, {.kind = ACTION_VACUUM_DOCK}, "c home"},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_slats(void **state)
{
	static const struct row rows[] = {
		{"cover", BLIND, PERCENT(SET_TILT, 0), "t -90"},
		{"cover", BLIND, PERCENT(SET_TILT, 50), "t 0"},
		{"cover", BLIND, PERCENT(SET_TILT, 101), RANGE},
		{"cover", BLIND, {.kind = ACTION_STOP_COVER}, "c STOP"},
		{"cover", BLIND_TEMPLATE, PERCENT(SET_TILT, 30), "t {\"tilt\": 30 }"},
		{"cover", BLIND_TEMPLATE, {.kind = ACTION_STOP_COVER}, UNSUPPORTED},
		{"cover", COVER, PERCENT(SET_TILT, 30), UNSUPPORTED},
		{"cover", GATE, PERCENT(SET_TILT, 30), UNSUPPORTED},
		{"cover", GATE, {.kind = ACTION_STOP_COVER}, UNSUPPORTED},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_heating(void **state)
{
	static const struct row rows[] = {
		{"climate", CLIMATE, HEAT(21.5), "t {\"sp\":21.5}"},
		{"climate", CLIMATE, HEAT(5), "t {\"sp\":5.0}"},
		{"climate", CLIMATE, HEAT(4.9), RANGE},
		{"climate", CLIMATE, HEAT(30.1), RANGE},
		{"climate", CLIMATE, HEAT((double)NAN), RANGE},
		{"climate", CLIMATE, HEAT((double)INFINITY), RANGE},
		{"climate", CLIMATE, ON, "m heat"},
		{"climate", CLIMATE, OFF, "m off"},
		{"climate", CLIMATE_F, HEAT(20), "t 68.0"},
		{"climate", CLIMATE_F, HEAT(1000), RANGE},
		{"climate", CLIMATE_F, ON, UNSUPPORTED},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_covers(void **state)
{
	static const struct row rows[] = {
		{"cover", COVER, {.kind = ACTION_OPEN_COVER}, "c OPEN"},
		{"cover", COVER, {.kind = ACTION_CLOSE_COVER}, "c CLOSE"},
		{"cover", COVER, POSITION(30), "p { \"position\": 30 }"},
		{"cover", COVER, POSITION(130), RANGE},
		{"cover", COVER_TURNED, POSITION(100), "p 0"},
		{"cover", COVER_TURNED, POSITION(0), "p 255"},
		{"cover", COVER_TURNED, {.kind = ACTION_OPEN_COVER}, UNSUPPORTED},
		{"cover", GARAGE, {.kind = ACTION_OPEN_COVER}, UNSUPPORTED},
		{"cover", GARAGE, POSITION(100), UNSUPPORTED},
		{"cover", GARAGE, POSITION(0), UNSUPPORTED},
		{"cover", GARAGE, {.kind = ACTION_CLOSE_COVER}, "c CLOSE"},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_what_secures(void **state)
{
	static const struct row rows[] = {
		{"lock", LOCK, {.kind = ACTION_LOCK}, "c LOCK"},
		{"lock", LOCK_SECURE, {.kind = ACTION_LOCK}, "s LOCK"},
		{"alarm_control_panel", ALARM, ARM(""), "s ARM_AWAY"},
		{"alarm_control_panel", ALARM, ARM("away"), "s ARM_AWAY"},
		{"alarm_control_panel", ALARM, ARM("home"), "s ARM_HOME"},
		{"alarm_control_panel", ALARM, ARM("night"), UNSUPPORTED},
		{"alarm_control_panel", ALARM, ARM("holiday"), UNSUPPORTED},
		{"alarm_control_panel", ALARM_TEMPLATE, ARM("night"),
		 "c {\"a\":\"ARM_NIGHT\"}"},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

static void test_others(void **state)
{
	static const struct row rows[] = {
		{"switch", SWITCH, ON, "c ON"},
		{"switch", SWITCH, OFF, "c OFF"},
		{"fan", SWITCH, ON, "c ON"},
		{"humidifier", SWITCH, OFF, "c OFF"},
		{"vacuum", SWITCH, ON, "c start"},
		{"vacuum", SWITCH, OFF, "c return_to_base"},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

/* No kind of device has a message for an action that binds the household, nor for one
 * that is not its own. Every pair is tried. */
static void test_nothing_else_has_a_way_out(void **state)
{
	static const char *const components[] = {
		"alarm_control_panel",
		"binary_sensor",
		"button",
		"climate",
		"cover",
		"fan",
		"humidifier",
		"light",
		"lock",
		"scene",
		"sensor",
		"siren",
		"switch",
		"vacuum",
		"valve",
	};
	static const char config[] =
		"{\"name\":\"a\",\"command_topic\":\"c\",\"state_topic\":\"s\","
		"\"temp_cmd_t\":\"t\",\"mode_cmd_t\":\"m\",\"modes\":[\"off\",\"heat\"],"
		"\"bri_cmd_t\":\"b\",\"rgb_cmd_t\":\"r\",\"set_pos_t\":\"p\"}";
	static const enum action_kind binding[] = {ACTION_DISARM_ALARM, ACTION_PRESS,
						   ACTION_SEND_MESSAGE, ACTION_UNLOCK};
	static const char *const mute[] = {"binary_sensor", "button", "scene",
					   "sensor",        "siren",  "valve"};
	char sent[1024];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(components); i++) {
		for (size_t j = 0; j < STR_COUNT(binding); j++) {
			struct action action = {.kind = binding[j]};

			send(mqtt_device_command, components[i], config, &action, sent,
			     sizeof(sent));
			assert_string_equal(sent, UNSUPPORTED);
		}
		for (size_t j = 0; j < ACTION_KIND_COUNT; j++) {
			struct action action = {.kind = (enum action_kind)j,
						.colour = "red"};

			send(mqtt_device_command, components[i], config, &action, sent,
			     sizeof(sent));
			assert_null(strstr(sent, "UNLOCK"));
			assert_null(strstr(sent, "DISARM"));
			for (size_t k = 0; k < STR_COUNT(mute); k++)
				if (str_equal(mute[k], components[i]))
					assert_string_equal(sent, UNSUPPORTED);
		}
	}
}

static void test_read_only_is_never_commanded(void **state)
{
	static const struct row rows[] = {
		{"light",
		 "{\"name\":\"a\",\"command_topic\":\"c\",\"state_topic\":\"s\","
		 "\"state_value_template\":\"{{ now() }}\"}",
		 ON, UNSUPPORTED},
		{"light", "{\"name\":\"a\",\"state_topic\":\"s\"}", ON, UNSUPPORTED},
		/* a lock whose own words make LOCK into its opposite */
		{"lock",
		 "{\"name\":\"a\",\"command_topic\":\"c\",\"command_template\":\"UN{{ value "
		 "}}\"}",
		 {.kind = ACTION_LOCK},
		 UNSUPPORTED},
	};

	(void)state;
	check(rows, STR_COUNT(rows));
}

/* What the gate sends, once it was approved; the rest as the hub would. */
static void test_what_binds(void **state)
{
	static const char own_words[] =
		"{\"name\":\"a\",\"command_topic\":\"c\",\"payload_unlock\":\"auf\"}";
	static const struct row rows[] = {
		{"lock", LOCK, {.kind = ACTION_UNLOCK}, "c UNLOCK"},
		{"lock", own_words, {.kind = ACTION_UNLOCK}, "c auf"},
		{"lock", LOCK_SECURE, {.kind = ACTION_UNLOCK}, "c UNLOCK"},
		{"cover", GATE, {.kind = ACTION_STOP_COVER}, "c STOP"},
		{"cover", GATE, PERCENT(SET_TILT, 30), "t 30"},
		{"cover", GATE, PERCENT(SET_TILT, 101), RANGE},
		{"cover", GATE, POSITION(40), UNSUPPORTED},
		{"cover", GARAGE, POSITION(40), "p 40"},
		{"cover", GARAGE, POSITION(101), RANGE},
		{"valve", VALVE_POSITION, POSITION(50), "c 55"},
		{"valve", VALVE, POSITION(50), UNSUPPORTED},
		{"valve", VALVE, {.kind = ACTION_OPEN_COVER}, "c OPEN"},
		{"valve", VALVE, {.kind = ACTION_TURN_OFF}, "c CLOSE"},
		{"valve", VALVE, {.kind = ACTION_STOP_COVER}, "c HALT"},
		{"valve", VALVE_POSITION, {.kind = ACTION_OPEN_COVER}, "c 100"},
		{"valve", VALVE_POSITION, {.kind = ACTION_CLOSE_COVER}, "c 10"},
		{"valve", VALVE_POSITION, {.kind = ACTION_STOP_COVER}, UNSUPPORTED},
		{"siren", SIREN, {.kind = ACTION_TURN_ON}, "c {\"state\":\"loud\"}"},
		{"siren", SIREN_TEMPLATE, {.kind = ACTION_TURN_OFF}, "c OFF"},
		{"lock", LOCK_SECURE, {.kind = ACTION_LOCK}, "s LOCK"},
		{"alarm_control_panel", ALARM, {.kind = ACTION_DISARM_ALARM}, "c DISARM"},
		{"button",
		 "{\"name\":\"a\",\"command_topic\":\"c\"}",
		 {.kind = ACTION_PRESS},
		 "c PRESS"},
		{"cover", GARAGE, {.kind = ACTION_OPEN_COVER}, "c OPEN"},
		{"switch", SWITCH, ON, "c ON"},
		{"lock",
		 "{\"name\":\"a\",\"command_topic\":\"c\",\"code_format\":\"x\"}",
		 {.kind = ACTION_UNLOCK},
		 UNSUPPORTED},
		{"light", LIGHT_PLAIN, {.kind = ACTION_UNLOCK}, UNSUPPORTED},
	};

	(void)state;
	check_with(mqtt_binding_command, rows, STR_COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lights),
		cmocka_unit_test(test_whites),
		cmocka_unit_test(test_air),
		cmocka_unit_test(test_slats),
		cmocka_unit_test(test_heating),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_what_secures),
		cmocka_unit_test(test_what_binds),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_nothing_else_has_a_way_out),
		cmocka_unit_test(test_read_only_is_never_commanded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
