/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toy_device - one table of devices, and a row of functions for each kind.
 *
 * Each device announces itself in another of the forms that real ones use: full names
 * and abbreviations, JSON and plain topics, templates, a device message.
 */
#include "toy_device.h"

#include <math.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { COMMAND_MAX = 512 };

static const double CELSIUS_MIN = 5.0;
static const double CELSIUS_MAX = 30.0;

enum toy_kind {
	TOY_JSON_LIGHT,
	TOY_DIM_LIGHT,
	TOY_PLAIN_LIGHT,
	TOY_HEAT,
	TOY_BLIND,
	TOY_LOCK,
	TOY_ALARM,
	TOY_BUTTON
};

struct toy_device {
	enum toy_kind kind;
	const char *component;
	const char *id;
	const char *name;
	const char *area; /* "" none */
	bool on;
	int brightness; /* 0..255, or 0..100 of the dim light */
	int red, green, blue;
	int position;
	double celsius;
	const char *mode;  /* thermostat */
	const char *state; /* lock, alarm */
	unsigned presses;
};

static struct toy_device DEVICES[] = {
	{.kind = TOY_JSON_LIGHT,
	 .component = "light",
	 .id = "kitchen_light",
	 .name = "kitchen light",
	 .area = "kitchen",
	 .brightness = 255,
	 .red = 255,
	 .green = 255,
	 .blue = 255},
	{.kind = TOY_DIM_LIGHT,
	 .component = "light",
	 .id = "living_room_lamp",
	 .name = "living room lamp",
	 .area = "living room",
	 .brightness = 100},
	{.kind = TOY_PLAIN_LIGHT,
	 .component = "light",
	 .id = "bedroom_light",
	 .name = "bedroom light",
	 .area = "bedroom"},
	{.kind = TOY_HEAT,
	 .component = "climate",
	 .id = "living_room_thermostat",
	 .name = "living room thermostat",
	 .area = "living room",
	 .celsius = 19.0,
	 .mode = "heat"},
	{.kind = TOY_BLIND,
	 .component = "cover",
	 .id = "bedroom_blind",
	 .name = "bedroom blind",
	 .area = "bedroom",
	 .position = 100},
	{.kind = TOY_LOCK,
	 .component = "lock",
	 .id = "front_door_lock",
	 .name = "front door",
	 .area = "",
	 .state = "LOCKED"},
	{.kind = TOY_ALARM,
	 .component = "alarm_control_panel",
	 .id = "alarm",
	 .name = "alarm",
	 .area = "",
	 .state = "disarmed"},
	{.kind = TOY_BUTTON,
	 .component = "button",
	 .id = "garden_gate",
	 .name = "garden gate",
	 .area = ""},
};

size_t toy_device_count(void)
{
	return STR_COUNT(DEVICES);
}

struct toy_device *toy_device_at(size_t index)
{
	must(index < STR_COUNT(DEVICES));
	return &DEVICES[index];
}

const char *toy_device_name(const struct toy_device *device)
{
	return device->name;
}

/* --- announcing --- */

static void add_base(const struct toy_device *device, struct json_write *write)
{
	char base[TOY_TOPIC_BYTES];

	must(str_format(base, sizeof(base), "toy/%s/%s", device->component, device->id));
	json_add_text(write, "~", base);
}

static void add_about(const struct toy_device *device, struct json_write *write,
		      const char *key)
{
	json_open_object(write, key);
	json_open_array(write, "identifiers");
	json_add_text(write, NULL, device->id);
	json_close(write, ']');
	json_add_text(write, "name", device->name);
	json_add_text(write, "manufacturer", "Behest");
	json_add_text(write, "model", "toy");
	if (device->area[0])
		json_add_text(write, "suggested_area", device->area);
	json_close(write, '}');
}

static void add_identity(const struct toy_device *device, struct json_write *write)
{
	char id[TOY_TOPIC_BYTES];

	must(str_format(id, sizeof(id), "toy_%s", device->id));
	json_add_null(write, "name");
	json_add_text(write, "unique_id", id);
}

static void announce_json_light(struct json_write *write)
{
	json_add_text(write, "schema", "json");
	json_add_text(write, "state_topic", "~/state");
	json_add_text(write, "command_topic", "~/set");
	json_add_bool(write, "brightness", true);
	json_open_array(write, "supported_color_modes");
	json_add_text(write, NULL, "rgb");
	json_close(write, ']');
}

static void announce_dim_light(struct json_write *write)
{
	json_add_text(write, "stat_t", "~/state");
	json_add_text(write, "cmd_t", "~/set");
	json_add_text(write, "bri_cmd_t", "~/brightness/set");
	json_add_text(write, "bri_stat_t", "~/brightness");
	json_add_int(write, "bri_scl", 100);
	json_add_text(write, "on_cmd_type", "brightness");
}

static void announce_plain_light(struct json_write *write)
{
	json_add_text(write, "stat_t", "~/state");
	json_add_text(write, "stat_val_tpl", "{{ value_json.state }}");
	json_add_text(write, "cmd_t", "~/set");
}

static void announce_heat(struct json_write *write)
{
	json_add_text(write, "mode_stat_t", "~/state");
	json_add_text(write, "mode_stat_tpl", "{{ value_json.mode }}");
	json_add_text(write, "mode_cmd_t", "~/mode/set");
	json_add_text(write, "temp_stat_t", "~/state");
	json_add_text(write, "temp_stat_tpl", "{{ value_json[\"temperature\"] }}");
	json_add_text(write, "temp_cmd_t", "~/set");
	json_add_text(write, "curr_temp_t", "~/state");
	json_add_text(write, "curr_temp_tpl", "{{ value_json['measured'] }}");
	json_add_text(write, "temp_unit", "C");
	json_add_double(write, "min_temp", CELSIUS_MIN, 1);
	json_add_double(write, "max_temp", CELSIUS_MAX, 1);
	json_add_double(write, "temp_step", 0.5, 1);
	json_open_array(write, "modes");
	json_add_text(write, NULL, "off");
	json_add_text(write, NULL, "heat");
	json_close(write, ']');
}

static void announce_blind(struct json_write *write)
{
	json_add_text(write, "device_class", "blind");
	json_add_text(write, "state_topic", "~/state");
	json_add_text(write, "value_template", "{{ value_json.state | lower }}");
	json_add_text(write, "command_topic", "~/set");
	json_add_text(write, "position_topic", "~/state");
	json_add_text(write, "position_template", "{{ value_json.position }}");
	json_add_text(write, "set_position_topic", "~/set");
	json_add_text(write, "set_position_template", "{ \"position\": {{ position }} }");
}

static void announce_lock(struct json_write *write)
{
	json_add_text(write, "stat_t", "~/state");
	json_add_text(write, "cmd_t", "~/set");
	json_add_text(write, "secure_command_topic", "~/secure");
}

static void announce_alarm(struct json_write *write)
{
	json_add_text(write, "state_topic", "~/state");
	json_add_text(write, "command_topic", "~/set");
	json_add_text(write, "secure_command_topic", "~/secure");
	json_add_bool(write, "code_arm_required", false);
	json_open_array(write, "supported_features");
	json_add_text(write, NULL, "arm_home");
	json_add_text(write, NULL, "arm_away");
	json_add_text(write, NULL, "arm_night");
	json_close(write, ']');
}

static void announce_button(struct json_write *write)
{
	json_add_text(write, "command_topic", "~/set");
}

static void announce_kind(const struct toy_device *device, struct json_write *write)
{
	static void (*const fns[])(struct json_write * write) = {
		[TOY_JSON_LIGHT] = announce_json_light,
		[TOY_DIM_LIGHT] = announce_dim_light,
		[TOY_PLAIN_LIGHT] = announce_plain_light,
		[TOY_HEAT] = announce_heat,
		[TOY_BLIND] = announce_blind,
		[TOY_LOCK] = announce_lock,
		[TOY_ALARM] = announce_alarm,
		[TOY_BUTTON] = announce_button,
	};

	fns[device->kind](write);
}

/* The lock speaks in the form of a device message, with a battery that is no main thing. */
static void announce_as_device(const struct toy_device *device, struct json_write *write)
{
	json_open_object(write, NULL);
	add_about(device, write, "dev");
	json_open_object(write, "o");
	json_add_text(write, "name", "toy-home");
	json_close(write, '}');
	json_add_text(write, "avty_t", "toy/status");
	json_open_object(write, "cmps");
	json_open_object(write, "lock");
	json_add_text(write, "p", device->component);
	add_base(device, write);
	add_identity(device, write);
	announce_kind(device, write);
	json_close(write, '}');
	json_open_object(write, "battery");
	json_add_text(write, "p", "sensor");
	add_base(device, write);
	json_add_text(write, "name", "battery");
	json_add_text(write, "uniq_id", "toy_front_door_battery");
	json_add_text(write, "dev_cla", "battery");
	json_add_text(write, "ent_cat", "diagnostic");
	json_add_text(write, "stat_t", "~/battery");
	json_close(write, '}');
	json_close(write, '}');
	json_close(write, '}');
}

static void announce_alone(const struct toy_device *device, struct json_write *write)
{
	json_open_object(write, NULL);
	add_base(device, write);
	add_identity(device, write);
	announce_kind(device, write);
	json_add_text(write, "availability_topic", "toy/status");
	add_about(device, write, "device");
	json_close(write, '}');
}

enum err toy_device_announce(const struct toy_device *device, char topic[TOY_TOPIC_BYTES],
			     struct buf *payload)
{
	bool as_device = device->kind == TOY_LOCK;
	struct json_write write;

	json_write_init(&write, payload);
	if (as_device)
		announce_as_device(device, &write);
	else
		announce_alone(device, &write);
	if (!str_format(topic, TOY_TOPIC_BYTES, "homeassistant/%s/toy_%s/config",
			as_device ? "device" : device->component, device->id))
		return ERR_LIMIT;
	return json_write_finish(&write);
}

/* --- saying --- */

static const char *on_word(bool on)
{
	return on ? "ON" : "OFF";
}

static const char *blind_word(int position)
{
	return position > 0 ? "OPEN" : "CLOSED";
}

void toy_device_describe(const struct toy_device *device, struct json_write *write)
{
	switch (device->kind) {
	case TOY_JSON_LIGHT:
		json_add_text(write, "state", on_word(device->on));
		json_add_int(write, "brightness", device->brightness);
		json_add_text(write, "color_mode", "rgb");
		json_open_object(write, "color");
		json_add_int(write, "r", device->red);
		json_add_int(write, "g", device->green);
		json_add_int(write, "b", device->blue);
		json_close(write, '}');
		break;
	case TOY_DIM_LIGHT:
		json_add_text(write, "state", on_word(device->on));
		json_add_int(write, "brightness", device->brightness);
		break;
	case TOY_PLAIN_LIGHT:
		json_add_text(write, "state", on_word(device->on));
		break;
	case TOY_HEAT:
		json_add_text(write, "mode", device->mode);
		json_add_double(write, "temperature", device->celsius, 1);
		json_add_double(write, "measured", 18.5, 1);
		break;
	case TOY_BLIND:
		json_add_text(write, "state", blind_word(device->position));
		json_add_int(write, "position", device->position);
		break;
	case TOY_LOCK:
	case TOY_ALARM:
		json_add_text(write, "state", device->state);
		break;
	case TOY_BUTTON:
		json_add_int(write, "presses", device->presses);
		break;
	}
}

static enum err say_json(const struct toy_device *device, struct buf *payload)
{
	struct json_write write;

	json_write_init(&write, payload);
	json_open_object(&write, NULL);
	toy_device_describe(device, &write);
	json_close(&write, '}');
	return json_write_finish(&write);
}

static enum err say_part(const struct toy_device *device, size_t index,
			 const char **out_part, struct buf *payload)
{
	bool is_first = index == 0;

	*out_part = is_first                   ? "state"
		    : device->kind == TOY_LOCK ? "battery"
					       : "brightness";
	switch (device->kind) {
	case TOY_JSON_LIGHT:
	case TOY_PLAIN_LIGHT:
	case TOY_HEAT:
	case TOY_BLIND:
		return is_first ? say_json(device, payload) : ERR_MISSING;
	case TOY_DIM_LIGHT:
		if (index > 1)
			return ERR_MISSING;
		return is_first ? buf_add_text(payload, on_word(device->on))
				: buf_add_format(payload, "%d", device->brightness);
	case TOY_LOCK:
		if (index > 1)
			return ERR_MISSING;
		return buf_add_text(payload, is_first ? device->state : "87");
	case TOY_ALARM:
		return is_first ? buf_add_text(payload, device->state) : ERR_MISSING;
	case TOY_BUTTON:
		return ERR_MISSING;
	}
	return ERR_MISSING;
}

enum err toy_device_say(const struct toy_device *device, size_t index,
			char topic[TOY_TOPIC_BYTES], struct buf *payload)
{
	const char *part = "";
	enum err err = say_part(device, index, &part, payload);

	if (!err && !str_format(topic, TOY_TOPIC_BYTES, "toy/%s/%s/%s", device->component,
				device->id, part))
		err = ERR_LIMIT;
	return err;
}

/* --- obeying --- */

static int clamp(double value, int smallest, int largest)
{
	return value < smallest  ? smallest
	       : value > largest ? largest
				 : (int)lround(value);
}

static bool to_on(const char *word, bool *out_on)
{
	if (!str_equal(word, "ON") && !str_equal(word, "OFF"))
		return false;
	*out_on = str_equal(word, "ON");
	return true;
}

/* A number of the object, clamped; absent leaves the value, another type is wrong. */
static bool take_number(const struct json_value *object, const char *key, int largest,
			int *value)
{
	const struct json_value *found = json_get(object, key);

	if (!found)
		return true;
	if (!json_is_number(found))
		return false;
	*value = clamp(json_number(found, 0.0), 0, largest);
	return true;
}

static bool obey_json_light(struct toy_device *device, const struct json_value *command)
{
	struct toy_device next = *device;
	const struct json_value *colour = json_get(command, "color");

	if (!json_is_object(command) || (colour && !json_is_object(colour)))
		return false;
	if (json_get(command, "state") &&
	    !to_on(json_text(json_get(command, "state"), ""), &next.on))
		return false;
	if (!take_number(command, "brightness", 255, &next.brightness) ||
	    !take_number(colour, "r", 255, &next.red) ||
	    !take_number(colour, "g", 255, &next.green) ||
	    !take_number(colour, "b", 255, &next.blue))
		return false;
	*device = next;
	return true;
}

static bool obey_dim_light(struct toy_device *device, const char *part, const char *text)
{
	double value = 0.0;

	if (str_equal(part, "set"))
		return to_on(text, &device->on);
	if (!str_equal(part, "brightness/set") || !str_to_double(text, -1e6, 1e6, &value))
		return false;
	device->brightness = clamp(value, 0, 100);
	device->on = device->brightness > 0;
	return true;
}

static bool obey_heat(struct toy_device *device, const char *part, const char *text)
{
	double value = 0.0;

	if (str_equal(part, "mode/set")) {
		if (!str_equal(text, "heat") && !str_equal(text, "off"))
			return false;
		device->mode = str_equal(text, "heat") ? "heat" : "off";
		return true;
	}
	if (!str_equal(part, "set") || !str_to_double(text, -1e6, 1e6, &value))
		return false;
	value = round(value * 2.0) / 2.0;
	device->celsius = value < CELSIUS_MIN   ? CELSIUS_MIN
			  : value > CELSIUS_MAX ? CELSIUS_MAX
						: value;
	return true;
}

static bool obey_blind(struct toy_device *device, const char *text,
		       const struct json_value *command)
{
	if (str_equal(text, "OPEN"))
		device->position = 100;
	else if (str_equal(text, "CLOSE"))
		device->position = 0;
	else if (json_is_number(json_get(command, "position")))
		return take_number(command, "position", 100, &device->position);
	else
		return str_equal(text, "STOP");
	return true;
}

/* Words that a part takes, and the state each leads to. */
struct word_row {
	const char *part;
	const char *word;
	const char *state;
};

static bool obey_words(struct toy_device *device, const struct word_row *rows,
		       size_t count, const char *part, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(rows[i].part, part) && str_equal(rows[i].word, text)) {
			device->state = rows[i].state;
			return true;
		}
	return false;
}

static bool obey_lock(struct toy_device *device, const char *part, const char *text)
{
	static const struct word_row rows[] = {
		{"secure", "LOCK", "LOCKED"},
		{"set", "LOCK", "LOCKED"},
		{"set", "UNLOCK", "UNLOCKED"},
	};

	return obey_words(device, rows, STR_COUNT(rows), part, text);
}

static bool obey_alarm(struct toy_device *device, const char *part, const char *text)
{
	static const struct word_row rows[] = {
		{"secure", "ARM_AWAY", "armed_away"},
		{"secure", "ARM_HOME", "armed_home"},
		{"secure", "ARM_NIGHT", "armed_night"},
		{"set", "ARM_AWAY", "armed_away"},
		{"set", "ARM_HOME", "armed_home"},
		{"set", "ARM_NIGHT", "armed_night"},
		{"set", "DISARM", "disarmed"},
	};

	return obey_words(device, rows, STR_COUNT(rows), part, text);
}

static bool obey(struct toy_device *device, const char *part, const char *text,
		 const struct json_value *command)
{
	bool is_set = str_equal(part, "set");

	switch (device->kind) {
	case TOY_JSON_LIGHT:
		return is_set && obey_json_light(device, command);
	case TOY_DIM_LIGHT:
		return obey_dim_light(device, part, text);
	case TOY_PLAIN_LIGHT:
		return is_set && to_on(text, &device->on);
	case TOY_HEAT:
		return obey_heat(device, part, text);
	case TOY_BLIND:
		return is_set && obey_blind(device, text, command);
	case TOY_LOCK:
		return obey_lock(device, part, text);
	case TOY_ALARM:
		return obey_alarm(device, part, text);
	case TOY_BUTTON:
		if (is_set && str_equal(text, "PRESS"))
			device->presses++;
		return is_set && str_equal(text, "PRESS");
	}
	return false;
}

bool toy_device_obey(struct toy_device *device, const char *topic, const char *payload,
		     size_t size)
{
	char base[TOY_TOPIC_BYTES];
	char text[COMMAND_MAX];
	struct json *json = NULL;
	bool obeyed = false;

	must(str_format(base, sizeof(base), "toy/%s/%s/", device->component, device->id));
	if (!str_starts(topic, base) ||
	    !str_copy_bytes(text, sizeof(text), payload, size))
		return false;
	if (text[0] == '{' && json_parse(topic, payload, size, COMMAND_MAX, &json, NULL))
		return false;
	obeyed = obey(device, topic + strlen(base), text, json_root(json));
	json_destroy(json);
	return obeyed;
}
