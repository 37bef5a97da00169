/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/discovery and what devices say: the good, then each lie.
 */
#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/discovery.h"
#include "base/str.h"

static struct discovery discovery;
static struct err_note note;

static enum err parse(const char *topic, const char *payload)
{
	note.text[0] = 0;
	return discovery_parse("homeassistant", topic, payload, strlen(payload),
			       &discovery, &note);
}

/* The only device of a message; the test destroys it. */
static struct mqtt_device *only(const char *topic, const char *payload)
{
	struct mqtt_device *device = NULL;

	if (parse(topic, payload) || discovery.count != 1)
		fail_msg("%s gives %zu devices: %s", topic, discovery.count, note.text);
	device = discovery.devices[0];
	discovery.count = 0;
	return device;
}

static bool hear(struct mqtt_device *device, const char *topic, const char *payload)
{
	struct template_input input = {.text = payload};
	struct json *json = NULL;
	bool changed = false;

	if (json_parse(topic, payload, strlen(payload), 4096, &json, NULL) == OK)
		input.json = json_root(json);
	assert_true(mqtt_device_hears(device, topic, mqtt_topic_hash(topic)));
	changed = mqtt_device_hear(device, topic, mqtt_topic_hash(topic), input);
	json_destroy(json);
	return changed;
}

static void test_topics(void **state)
{
	(void)state;
	assert_true(discovery_is_topic("homeassistant", "homeassistant/light/x/config"));
	assert_true(
		discovery_is_topic("homeassistant", "homeassistant/light/node/x/config"));
	assert_true(discovery_is_topic("ha/disc", "ha/disc/device/x/config"));
	assert_false(discovery_is_topic("homeassistant", "homeassistant/light/config"));
	assert_false(discovery_is_topic("homeassistant", "homeassistant/light/x/state"));
	assert_false(
		discovery_is_topic("homeassistant", "homeassistant/light/a/b/c/config"));
	assert_false(
		discovery_is_topic("homeassistant", "homeassistant/light/a b/config"));
	assert_false(discovery_is_topic("homeassistant", "homeassistant/light//config"));
	assert_false(
		discovery_is_topic("homeassistant", "homeassistants/light/x/config"));
	assert_false(discovery_is_topic("homeassistant", "homeassistant"));
	assert_false(discovery_is_topic("homeassistant", ""));
}

/* Names are what people typed into other programs, in any script. */
static void test_names_of_all_scripts(void **state)
{
	static const char *const NAMES[][2] = {
		{"Küche 💡", "Küche 💡"},
		{"Ku\u0308che", "Ku\u0308che"},
		{"مصباح", "مصباح"},
		{"אור במטבח", "אור במטבח"},
		{"چراغ\u200cخواب", "چراغخواب"},
		{"\u200d👨\u200d👩\u200d👧\u200c", "👨👩👧"},
		{"台所の灯り", "台所の灯り"},
		{" lamp\u00a0", "lamp\u00a0"},
	};
	char payload[512];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(NAMES); i++) {
		assert_true(str_format(payload, sizeof(payload),
				       "{\"name\":\"%s\",\"command_topic\":\"x\"}",
				       NAMES[i][0]));
		struct mqtt_device *device =
			only("homeassistant/switch/x/config", payload);
		assert_string_equal(device->entity.name, NAMES[i][1]);
		mqtt_device_destroy(device);
	}
}

/* Three readings of one device would all bear its name. */
static void test_a_sensor_is_called_after_what_it_measures(void **state)
{
	static const struct {
		const char *own;
		const char *name;
	} rows[] = {
		{"\"device_class\":\"humidity\"", "balcony humidity"},
		{"\"device_class\":\"atmospheric_pressure\"",
		 "balcony atmospheric pressure"},
		{"\"device_class\":\"humidity\",\"name\":null", "balcony"},
		{"\"device_class\":\"humidity\",\"name\":\"damp\"", "balcony damp"},
		{"\"state_class\":\"measurement\"", "balcony"},
	};
	char payload[512];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_true(str_format(payload, sizeof(payload),
				       "{\"device\":{\"name\":\"balcony\"},%s,"
				       "\"state_topic\":\"s\"}",
				       rows[i].own));
		struct mqtt_device *device =
			only("homeassistant/sensor/x/config", payload);
		assert_string_equal(device->entity.name, rows[i].name);
		mqtt_device_destroy(device);
	}
}

/* As zigbee2mqtt announces a lamp. */
static void test_json_light(void **state)
{
	struct mqtt_device *device = only(
		"homeassistant/light/0x1/light/config",
		"{\"schema\":\"json\",\"brightness\":true,\"brightness_scale\":254,"
		"\"command_topic\":\"zigbee2mqtt/living_room_lamp/set\","
		"\"state_topic\":\"zigbee2mqtt/living_room_lamp\",\"name\":null,"
		"\"supported_color_modes\":[\"xy\",\"color_temp\"],"
		"\"unique_id\":\"0x1_light\",\"device\":{\"name\":\"living_room_lamp\","
		"\"suggested_area\":\"Living_Room\"},"
		"\"availability\":[{\"topic\":\"zigbee2mqtt/bridge/state\","
		"\"value_template\":\"{{ value_json.state }}\"}]}");

	(void)state;
	assert_string_equal(device->entity.id, "light.0x1_light");
	assert_string_equal(device->entity.name, "living room lamp");
	assert_string_equal(device->area, "Living Room");
	assert_true(device->entity.exposed && !device->entity.read_only);
	assert_int_equal(device->entity.features, ENTITY_CAN_SWITCH | ENTITY_CAN_DIM |
							  ENTITY_CAN_COLOUR |
							  ENTITY_CAN_WHITE);
	assert_int_equal(device->colour, MQTT_XY);
	assert_false(device->entity.state.known || device->entity.state.available);
	assert_true(hear(device, "zigbee2mqtt/bridge/state", "{\"state\":\"online\"}"));
	assert_true(device->entity.state.available);
	assert_true(hear(device, "zigbee2mqtt/living_room_lamp",
			 "{\"state\":\"ON\",\"brightness\":127}"));
	assert_true(device->entity.state.known && device->entity.state.on);
	assert_int_equal(device->entity.state.brightness_percent, 50);
	assert_false(
		hear(device, "zigbee2mqtt/living_room_lamp", "{\"state\":\"MAYBE\"}"));
	assert_false(hear(device, "zigbee2mqtt/living_room_lamp", "[1]"));
	assert_false(hear(device, "zigbee2mqtt/living_room_lamp", "ON"));
	mqtt_device_forget_state(device);
	assert_false(device->entity.state.known || device->entity.state.available);
	mqtt_device_destroy(device);
}

static void test_abbreviated_light(void **state)
{
	struct mqtt_device *device = only(
		"homeassistant/light/lamp/config",
		"{\"~\":\"my/lamp\",\"stat_t\":\"~/state\",\"cmd_t\":\"my/~\","
		"\"bri_cmd_t\":\"~/bri/set\",\"bri_stat_t\":\"~/bri\",\"bri_scl\":\"100\","
		"\"rgb_cmd_t\":\"~/rgb/set\",\"on_cmd_type\":\"first\",\"name\":\"Desk\","
		"\"pl_on\":1,\"pl_off\":0}");

	(void)state;
	assert_string_equal(device->entity.id, "light.light/lamp/");
	assert_string_equal(device->channels[MQTT_STATE].topic, "my/lamp/state");
	assert_string_equal(device->channels[MQTT_COMMAND].topic, "my/my/lamp");
	assert_int_equal(device->on_order, MQTT_ON_FIRST);
	assert_int_equal(device->colour, MQTT_RGB);
	assert_true(device->entity.state.available);
	assert_true(hear(device, "my/lamp/state", "1"));
	assert_true(device->entity.state.on);
	assert_true(hear(device, "my/lamp/bri", "40"));
	assert_int_equal(device->entity.state.brightness_percent, 40);
	assert_false(hear(device, "my/lamp/bri", "4e99"));
	mqtt_device_destroy(device);
}

/* What a component that has few words says of itself. */
static void test_more_states(void **state)
{
	struct mqtt_device *device =
		only("homeassistant/cover/b/config",
		     "{\"name\":\"b\",\"tilt_cmd_t\":\"b/tilt\",\"tilt_status_t\":\"b\","
		     "\"tilt_status_tpl\":\"{{ value_json.tilt }}\",\"tilt_min\":-90,"
		     "\"tilt_max\":90}");

	(void)state;
	assert_true(device->entity.features & ENTITY_CAN_TILT);
	assert_int_equal(device->entity.state.tilt_percent, -1);
	assert_true(hear(device, "b", "{\"tilt\":0}"));
	assert_int_equal(device->entity.state.tilt_percent, 50);
	assert_false(hear(device, "b", "{\"tilt\":\"x\"}"));
	mqtt_device_destroy(device);

	device = only("homeassistant/fan/f/config",
		      "{\"name\":\"f\",\"cmd_t\":\"f/set\",\"stat_t\":\"f/on\","
		      "\"pct_cmd_t\":\"f/speed/set\",\"pct_stat_t\":\"f/speed\","
		      "\"spd_rng_min\":1,\"spd_rng_max\":3}");
	assert_int_equal(device->entity.features, ENTITY_CAN_SWITCH | ENTITY_CAN_SPEED);
	assert_true(hear(device, "f/speed", "2"));
	assert_int_equal(device->entity.state.speed_percent, 67);
	assert_true(hear(device, "f/speed", "0"));
	assert_int_equal(device->entity.state.speed_percent, 0);
	mqtt_device_destroy(device);

	device = only("homeassistant/humidifier/h/config",
		      "{\"name\":\"h\",\"cmd_t\":\"h/set\",\"hum_cmd_t\":\"h/hum\","
		      "\"hum_stat_t\":\"h\",\"hum_state_tpl\":\"{{ value_json.rh }}\","
		      "\"min_hum\":\"35\",\"max_hum\":65}");
	assert_int_equal(device->entity.features,
			 ENTITY_CAN_SWITCH | ENTITY_CAN_HUMIDITY);
	assert_int_equal(device->entity.humidity_min, 35);
	assert_int_equal(device->entity.humidity_max, 65);
	assert_true(hear(device, "h", "{\"rh\":48}"));
	assert_int_equal(device->entity.state.humidity_percent, 48);
	mqtt_device_destroy(device);
}

static void test_valves_and_sirens(void **state)
{
	struct mqtt_device *device =
		only("homeassistant/valve/v/config",
		     "{\"name\":\"v\",\"cmd_t\":\"v/set\",\"stat_t\":\"v\","
		     "\"reports_position\":true}");

	(void)state;
	assert_true(hear(device, "v", "{\"state\":\"opening\",\"position\":10}"));
	assert_string_equal(device->entity.state.text, "opening");
	assert_int_equal(device->entity.state.position_percent, 10);
	assert_true(hear(device, "v", "0"));
	assert_string_equal(device->entity.state.text, "closed");
	assert_false(device->entity.state.on);
	mqtt_device_destroy(device);

	device = only("homeassistant/siren/s/config",
		      "{\"name\":\"s\",\"cmd_t\":\"s/set\",\"stat_t\":\"s\"}");
	assert_true(hear(device, "s", "{\"state\":\"ON\",\"tone\":\"bell\"}"));
	assert_true(device->entity.state.on);
	assert_true(hear(device, "s", "OFF"));
	assert_false(device->entity.state.on);
	mqtt_device_destroy(device);

	device = only("homeassistant/sensor/p/config",
		      "{\"name\":\"p\",\"stat_t\":\"p\",\"unit_of_meas\":\"kWh\"}");
	assert_string_equal(device->entity.unit, "kWh");
	mqtt_device_destroy(device);
	device = only("homeassistant/sensor/p/config",
		      "{\"name\":\"p\",\"stat_t\":\"p\",\"unit_of_meas\":\"\\u202eW\"}");
	assert_string_equal(device->entity.unit, "");
	mqtt_device_destroy(device);
}

/* What is not a number within reason is refused, and says where. */
static void test_limits_that_lie(void **state)
{
	static const char *const rows[][3] = {
		{"fan", "\"spd_rng_max\":0", "speed_range_max"},
		{"fan", "\"spd_rng_min\":9,\"spd_rng_max\":3", "speed_range_max"},
		{"humidifier", "\"max_hum\":1000", "max_humidity"},
		{"cover", "\"tilt_min\":\"left\"", "tilt_min"},
		{"light", "\"min_mirs\":0", "min_mireds"},
		{"light", "\"min_mirs\":400,\"max_mirs\":200", "max_mireds"},
		{"light", "\"max_k\":1e9", "max_kelvin"},
		{"climate", "\"modes\":\"heat\"", "modes"},
		{"siren", "\"pl_on\":\"a\\\"b\"", "payload_on"},
		{"valve", "\"reports_position\":7", "reports_position"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		char topic[64];
		char payload[128];

		assert_true(str_format(topic, sizeof(topic), "homeassistant/%s/x/config",
				       rows[i][0]));
		assert_true(str_format(payload, sizeof(payload),
				       "{\"name\":\"x\",\"cmd_t\":\"c\",%s}",
				       rows[i][1]));
		assert_int_equal(parse(topic, payload), ERR_FORMAT);
		assert_non_null(strstr(note.text, rows[i][2]));
		assert_non_null(strstr(note.text, topic));
	}
	assert_int_equal(parse("homeassistant/light/x/config",
			       "{\"migrate_discovery\":true}"),
			 OK);
	assert_int_equal(discovery.count, 0);
}

static void test_climate(void **state)
{
	struct mqtt_device *device = only(
		"homeassistant/climate/t/config",
		"{\"name\":\"heating\",\"temp_cmd_t\":\"t/set\",\"temp_stat_t\":\"t\","
		"\"temp_stat_tpl\":\"{{ value_json.target }}\",\"curr_temp_t\":\"t\","
		"\"curr_temp_tpl\":\"{{ value_json.now }}\",\"mode_stat_t\":\"t\","
		"\"mode_stat_tpl\":\"{{ value_json.mode }}\",\"mode_cmd_t\":\"t/mode\","
		"\"modes\":[\"off\",\"heat\"],\"min_temp\":41,\"max_temp\":\"86\","
		"\"temperature_unit\":\"F\"}");

	(void)state;
	assert_int_equal(device->entity.features,
			 ENTITY_CAN_SET_HEAT | ENTITY_CAN_SWITCH | ENTITY_CAN_MODE);
	assert_true(fabs(device->entity.celsius_min - 5.0) < 1e-9);
	assert_true(fabs(device->entity.celsius_max - 30.0) < 1e-9);
	assert_true(
		hear(device, "t", "{\"target\":68,\"now\":\"64.4\",\"mode\":\"heat\"}"));
	assert_true(fabs(device->entity.state.target_celsius - 20.0) < 1e-9);
	assert_true(fabs(device->entity.state.measured_celsius - 18.0) < 1e-9);
	assert_string_equal(device->entity.state.text, "heat");
	assert_false(hear(device, "t", "{\"target\":99999,\"mode\":\"explode\"}"));
	mqtt_device_destroy(device);
}

static void test_cover_lock_and_alarm(void **state)
{
	struct mqtt_device *cover = only(
		"homeassistant/cover/b/config",
		"{\"name\":\"blind\",\"command_topic\":\"b/set\",\"position_topic\":\"b/p\","
		"\"set_position_topic\":\"b/p/set\",\"position_open\":0,\"position_closed\":100}");
	struct mqtt_device *lock = only(
		"homeassistant/lock/l/config",
		"{\"name\":\"door\",\"command_topic\":\"l/set\",\"state_topic\":\"l\","
		"\"state_locked\":\"LOCK\",\"state_unlocked\":\"UNLOCK\","
		"\"value_template\":\"{{ value_json.state }}\"}");
	struct mqtt_device *alarm = only(
		"homeassistant/alarm_control_panel/a/config",
		"{\"name\":\"alarm\",\"command_topic\":\"a/set\",\"state_topic\":\"a\"}");

	(void)state;
	assert_true(hear(cover, "b/p", "25"));
	assert_int_equal(cover->entity.state.position_percent, 75);
	assert_string_equal(cover->entity.state.text, "open");
	assert_false(mqtt_device_is_guarded(cover));
	assert_true(hear(lock, "l", "{\"state\":\"LOCK\"}"));
	assert_string_equal(lock->entity.state.text, "locked");
	assert_false(hear(lock, "l", "{\"state\":\"LOCKED\"}"));
	assert_true(mqtt_device_is_guarded(lock));
	assert_true(hear(alarm, "a", "armed_away"));
	assert_true(alarm->entity.state.on);
	assert_false(hear(alarm, "a", "disarmed by mistake"));
	mqtt_device_destroy(cover);
	mqtt_device_destroy(lock);
	mqtt_device_destroy(alarm);
}

static void test_sensors_are_read_only(void **state)
{
	struct mqtt_device *sensor = only(
		"homeassistant/sensor/s/config",
		"{\"name\":\"outside\",\"state_topic\":\"s\",\"device_class\":\"Temperature\","
		"\"value_template\":\"{{ value_json.t }}\"}");
	struct mqtt_device *door = only(
		"homeassistant/binary_sensor/d/config",
		"{\"name\":\"door\",\"state_topic\":\"d\",\"payload_on\":true,"
		"\"payload_off\":false,\"value_template\":\"{{ value_json.contact }}\"}");

	(void)state;
	assert_true(sensor->entity.read_only && sensor->entity.exposed);
	assert_true(hear(sensor, "s", "{\"t\":-3.5}"));
	assert_true(sensor->entity.state.measured_celsius < -3.4);
	assert_true(hear(door, "d", "{\"contact\":true}"));
	assert_true(door->entity.state.on);
	mqtt_device_destroy(sensor);
	mqtt_device_destroy(door);
}

static void test_device_message(void **state)
{
	(void)state;
	assert_int_equal(
		parse("homeassistant/device/x/config",
		      "{\"dev\":{\"name\":\"front door\",\"sa\":\"hall\"},\"o\":{\"name\":\"n\"},"
		      "\"avty_t\":\"x/online\",\"state_topic\":\"x\",\"cmps\":{"
		      "\"a\":{\"p\":\"lock\",\"uniq_id\":\"l\",\"cmd_t\":\"x/set\",\"name\":null},"
		      "\"b\":{\"platform\":\"sensor\",\"unique_id\":\"s\",\"name\":\"battery\","
		      "\"ent_cat\":\"diagnostic\"},"
		      "\"gone\":{\"p\":\"light\"},"
		      "\"other\":{\"p\":\"update\",\"unique_id\":\"u\"},"
		      "\"bad\":{\"p\":\"light\",\"cmd_t\":\"x/set\"},"
		      "\"worse\":7}}"),
		OK);
	assert_int_equal(discovery.count, 2);
	assert_int_equal(discovery.refused, 2);
	assert_string_equal(
		note.text,
		"homeassistant/device/x/config: unique_id: expected one for each component");
	assert_string_equal(discovery.devices[0]->entity.name, "front door");
	assert_string_equal(discovery.devices[0]->area, "hall");
	assert_string_equal(discovery.devices[0]->channels[MQTT_STATE].topic, "x");
	assert_int_equal(discovery.devices[0]->availability_count, 1);
	assert_string_equal(discovery.devices[1]->entity.name, "front door battery");
	assert_false(discovery.devices[1]->entity.exposed);
	discovery_finish(&discovery);
}

static void test_nothing_is_announced(void **state)
{
	(void)state;
	assert_int_equal(parse("homeassistant/light/x/config", ""), OK);
	assert_int_equal(discovery.count, 0);
	assert_int_equal(parse("homeassistant/update/x/config", "{}"), OK);
	assert_int_equal(discovery.count, 0);
}

static void test_what_is_not_exposed_or_commanded(void **state)
{
	static const struct {
		const char *topic;
		const char *payload;
		bool exposed;
		bool read_only;
	} rows[] = {
		{"homeassistant/switch/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"entity_category\":\"config\"}",
		 false, false},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"enabled_by_default\":false}",
		 false, false},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"permit join\",\"command_topic\":\"zigbee2mqtt/bridge/request/x\","
		 "\"device\":{\"identifiers\":[\"zigbee2mqtt_bridge_0x1\"]}}",
		 false, true},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"covered\",\"command_topic\":\"z/radiator/set/covered\"}",
		 false, false},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"left\",\"command_topic\":\"z/plug/left/set\"}", true,
		 false},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"et/command\"}", true, false},
		{"homeassistant/light/x/config", "{\"name\":\"a\",\"state_topic\":\"x\"}",
		 true, true},
		{"homeassistant/light/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"schema\":\"template\"}", true,
		 true},
		{"homeassistant/light/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"state_topic\":\"x/s\","
		 "\"state_value_template\":\"{{ value_json.a | int > 3 }}\"}",
		 true, true},
		{"homeassistant/cover/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"set_position_topic\":\"p\","
		 "\"set_position_template\":\"{{ position + 1 }}\"}",
		 true, true},
		{"homeassistant/cover/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"set_position_topic\":\"p\","
		 "\"set_position_template\":\"{\\\"state\\\":\\\"UNLOCK\\\",\\\"p\\\":{{ position "
		 "}}}\"}",
		 true, true},
		{"homeassistant/light/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"payload_on\":\"Unlock\"}",
		 true, true},
		{"homeassistant/switch/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"payload_off\":\"DISARM\"}",
		 true, true},
		{"homeassistant/alarm_control_panel/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"code\":\"REMOTE_CODE\"}",
		 true, true},
		{"homeassistant/alarm_control_panel/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"code\":\"1234\","
		 "\"code_arm_required\":false}",
		 true, false},
		{"homeassistant/lock/x/config",
		 "{\"name\":\"a\",\"command_topic\":\"x\",\"code_format\":\"^\\\\d+$\"}",
		 true, true},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct mqtt_device *device = only(rows[i].topic, rows[i].payload);

		if (device->entity.exposed != rows[i].exposed ||
		    device->entity.read_only != rows[i].read_only)
			fail_msg("row %zu: exposed %d read only %d", i,
				 device->entity.exposed, device->entity.read_only);
		mqtt_device_destroy(device);
	}
}

static void test_lies(void **state)
{
	static const struct {
		const char *payload;
		const char *note_ends;
	} rows[] = {
		{"no json", NULL},
		{"[]", "expected an object"},
		{"{\"name\":5,\"command_topic\":\"x\"}", "name: expected text"},
		{"{\"name\":\"a\",\"command_topic\":[\"x\"]}",
		 "command_topic: expected text"},
		{"{\"name\":\"a\",\"command_topic\":\"x/#\"}",
		 "command_topic: expected a topic of at most 255 bytes without wildcards"},
		{"{\"name\":\"a\",\"command_topic\":\"x\",\"state_topic\":\"+/x\"}",
		 "state_topic: expected a topic of at most 255 bytes without wildcards"},
		{"{\"name\":\"a\",\"state_topic\":\"$SYS/broker/uptime\"}",
		 "state_topic: expected a topic of at most 255 bytes without wildcards"},
		{"{\"name\":\"a\",\"command_topic\":\"x\\ny\"}",
		 "command_topic: expected a topic of at most 255 bytes without wildcards"},
		{"{\"name\":\"a\",\"~\":\"#\",\"command_topic\":\"~\"}",
		 "command_topic: expected a topic of at most 255 bytes without wildcards"},
		{"{\"name\":\"a\",\"~\":1,\"command_topic\":\"~\"}", "~: expected text"},
		{"{\"name\":\"a\",\"command_topic\":\"homeassistant/lock/door/config\"}",
		 "command_topic: expected a topic outside of others' discovery"},
		{"{\"name\":\"a\",\"command_topic\":\"homeassistant/light/x/config\"}",
		 "command_topic: expected a topic outside of others' discovery"},
		{"{\"name\":\"a\",\"command_topic\":\"homeassistant/status\"}",
		 "command_topic: expected a topic outside of others' discovery"},
		{"{\"name\":\"a\",\"command_topic\":\"homeassistant\"}",
		 "command_topic: expected a topic outside of others' discovery"},
		{"{\"name\":\"a\\u0007\",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"a\\u202eb\",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"a\\u0085\",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"\\ufeffa\",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"\\u200d\",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"   \",\"command_topic\":\"x\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"a234567890123456789012345678901234567890123456789012345678901234"
		 "b234567890123456789012345678901234567890123456789012345678901234\"}",
		 "name: expected 1 to 127 bytes that can be seen"},
		{"{\"name\":\"a\",\"device\":{\"name\":[]}}",
		 "device.name: expected text"},
		{"{\"name\":\"a\",\"device\":{\"suggested_area\":\"\\u001b[2J\"}}",
		 "device.suggested_area: expected at most 127 bytes that can be seen"},
		{"{\"name\":\"a\",\"unique_id\":\"\\t\"}",
		 "unique_id: expected at most 96 bytes that can be seen"},
		{"{\"name\":\"a\",\"unique_id\":7}", "unique_id: expected text"},
		{"{\"name\":\"a\",\"brightness_scale\":\"many\"}",
		 "brightness_scale: expected a number within its limits"},
		{"{\"name\":\"a\",\"brightness_scale\":0}",
		 "brightness_scale: expected a number within its limits"},
		{"{\"name\":\"a\",\"schema\":\"json\",\"brightness\":\"yes\"}",
		 "brightness: expected true or false"},
		{"{\"name\":\"a\",\"schema\":\"json\",\"supported_color_modes\":7}",
		 "supported_color_modes: expected a list of modes"},
		{"{\"name\":\"a\",\"payload_on\":{}}",
		 "payload_on: expected a word of at most 63 bytes"},
		{"{\"name\":\"a\",\"availability\":7}",
		 "availability: expected a list of topics"},
		{"{\"name\":\"a\",\"availability\":[{}]}",
		 "availability: expected a topic in each row"},
		{"{\"name\":\"a\",\"availability_mode\":\"sometimes\"}",
		 "availability_mode: expected latest, all or any"},
		{"{\"name\":\"a\",\"availability\":[{\"t\":\"1\"},{\"t\":\"2\"},{\"t\":\"3\"},"
		 "{\"t\":\"4\"},{\"t\":\"5\"},{\"t\":\"6\"},{\"t\":\"7\"},{\"t\":\"8\"},"
		 "{\"t\":\"9\"}]}",
		 "availability: expected at most 8 topics"},
		{"{\"name\":\"a\",\"name\":\"b\"}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		enum err err = parse("homeassistant/light/x/config", rows[i].payload);

		if (err != ERR_FORMAT)
			fail_msg("row %zu is believed", i);
		if (!str_starts(note.text, "homeassistant/light/x/config:") ||
		    (rows[i].note_ends && !str_ends(note.text, rows[i].note_ends)))
			fail_msg("row %zu says \"%s\"", i, note.text);
	}
}

static void test_giants(void **state)
{
	size_t size = DISCOVERY_PAYLOAD_MAX + 1;
	char *payload = malloc(size + 1);

	(void)state;
	assert_non_null(payload);
	memset(payload, ' ', size);
	payload[size] = 0;
	assert_int_equal(parse("homeassistant/light/x/config", payload), ERR_LIMIT);
	memset(payload, '[', size);
	payload[1000] = 0;
	assert_int_equal(parse("homeassistant/light/x/config", payload), ERR_LIMIT);
	memset(payload, 0, size);
	(void)str_copy(payload, size, "{\"cmps\":{");
	for (size_t i = 0; i <= DISCOVERY_DEVICES_MAX; i++)
		(void)str_append(payload, size, "%s\"c%zu\":{\"p\":\"light\"}",
				 i ? "," : "", i);
	(void)str_append(payload, size, "}}");
	assert_int_equal(parse("homeassistant/device/x/config", payload), ERR_LIMIT);
	free(payload);
}

static void test_availability_modes(void **state)
{
	static const struct {
		const char *mode;
		bool after_one;
		bool after_both;
		bool after_first_left;
	} rows[] = {{"all", false, true, false},
		    {"any", true, true, true},
		    {"latest", true, true, false}};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		char payload[512];
		struct mqtt_device *device = NULL;

		assert_true(str_format(
			payload, sizeof(payload),
			"{\"name\":\"a\",\"command_topic\":\"x\","
			"\"availability_mode\":\"%s\",\"availability\":"
			"[{\"topic\":\"one\"},{\"topic\":\"two\",\"pl_avail\":1,"
			"\"pl_not_avail\":0}]}",
			rows[i].mode));
		device = only("homeassistant/light/x/config", payload);
		assert_false(device->entity.state.available);
		(void)hear(device, "one", "online");
		assert_int_equal(device->entity.state.available, rows[i].after_one);
		(void)hear(device, "two", "1");
		assert_int_equal(device->entity.state.available, rows[i].after_both);
		(void)hear(device, "two", "nonsense");
		(void)hear(device, "one", "offline");
		assert_int_equal(device->entity.state.available,
				 rows[i].after_first_left);
		mqtt_device_destroy(device);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_names_of_all_scripts),
		cmocka_unit_test(test_a_sensor_is_called_after_what_it_measures),
		cmocka_unit_test(test_json_light),
		cmocka_unit_test(test_abbreviated_light),
		cmocka_unit_test(test_more_states),
		cmocka_unit_test(test_valves_and_sirens),
		cmocka_unit_test(test_limits_that_lie),
		cmocka_unit_test(test_climate),
		cmocka_unit_test(test_cover_lock_and_alarm),
		cmocka_unit_test(test_sensors_are_read_only),
		cmocka_unit_test(test_device_message),
		cmocka_unit_test(test_nothing_is_announced),
		cmocka_unit_test(test_what_is_not_exposed_or_commanded),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_giants),
		cmocka_unit_test(test_availability_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
