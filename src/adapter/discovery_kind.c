/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery_kind - two tables that all components share, and a function for what one
 * of them has besides.
 *
 * A template that is not understood makes its device read-only. Invariant: a
 * device that can be commanded has no word for unlocking or disarming.
 */
#include "adapter/discovery_kind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { INSERTS_MAX = 4 };

/* A topic, and the templates that go with it. */
struct topic_row {
	enum entity_domain domain;
	enum mqtt_role role;
	const char *topic;
	const char *templates[2];
	const char *inserts[INSERTS_MAX];
};

static const struct topic_row TOPICS[] = {
#define TOPIC(component, role, topic, template, other, ...) \
	{ENTITY_##component, MQTT_##role, topic, {template, other}, {__VA_ARGS__}},
#include "adapter/discovery_topics.def"
#undef TOPIC
};

struct word_row {
	enum entity_domain domain;
	enum mqtt_word word;
	const char *key;
	const char *fallback;
};

static const struct word_row WORDS[] = {
#define WORD(component, word, key, fallback) \
	{ENTITY_##component, MQTT_WORD_##word, key, fallback},
#include "adapter/discovery_words.def"
#undef WORD
};

/* The components that we have a use for; all others are passed over. */
static const enum entity_domain KNOWN[] = {
	ENTITY_ALARM,  ENTITY_BINARY_SENSOR, ENTITY_BUTTON, ENTITY_CLIMATE, ENTITY_COVER,
	ENTITY_FAN,    ENTITY_HUMIDIFIER,    ENTITY_LIGHT,  ENTITY_LOCK,    ENTITY_SCENE,
	ENTITY_SENSOR, ENTITY_SIREN,         ENTITY_SWITCH, ENTITY_VACUUM,  ENTITY_VALVE,
};

enum entity_domain discovery_kind(const char *component)
{
	enum entity_domain domain = entity_domain_from_text(component);

	for (size_t i = 0; i < STR_COUNT(KNOWN); i++)
		if (KNOWN[i] == domain)
			return domain;
	return ENTITY_UNKNOWN;
}

static size_t count_inserts(const struct topic_row *row)
{
	size_t count = 0;

	while (count < INSERTS_MAX && row->inserts[count])
		count++;
	return count;
}

/* A template that is not understood makes the device read-only; wrong types refuse it. */
static enum err parse_template(const char *text, const struct topic_row *row,
			       struct template **out_template)
{
	size_t inserts = count_inserts(row);
	struct template *template = NULL;
	enum err err = inserts > 0 ? template_parse_command(text, &template)
				   : template_parse_value(text, &template);

	if (err)
		return err;
	if (inserts > 0 && !template_knows(template, row->inserts, inserts)) {
		template_destroy(template);
		return ERR_UNSUPPORTED;
	}
	*out_template = template;
	return OK;
}

/* The first of the row's templates that is there; NULL without one. ERR_UNSUPPORTED when
 * it is not understood, ERR_FORMAT when it is no text. */
static enum err read_template(const struct announced *announced,
			      const struct topic_row *row, struct template **out_template)
{
	const char *text = NULL;

	for (size_t i = 0; i < STR_COUNT(row->templates); i++) {
		enum err err = OK;

		if (!row->templates[i])
			continue;
		err = announced_text(announced, row->templates[i], &text);
		if (err)
			return err;
		if (text && text[0])
			return parse_template(text, row, out_template);
	}
	return OK;
}

/* What is only ever read is told of as well where it can be no honest template. */
static void tell_template(const struct announced *announced, const struct topic_row *row,
			  const struct mqtt_device *device)
{
	const char *key = row->templates[0] ? row->templates[0] : row->topic;

	for (size_t i = 0; i < STR_COUNT(row->templates); i++)
		if (row->templates[i] && announced_find(announced, row->templates[i]))
			key = row->templates[i];
	if (device->entity.domain == ENTITY_SENSOR ||
	    device->entity.domain == ENTITY_BINARY_SENSOR)
		return;
	(void)err_say(ERR_UNSUPPORTED, announced->note,
		      "%s: %s: no shape of a template that is understood; the device is "
		      "only read",
		      announced->topic, key);
}

static enum err read_channel(const struct announced *announced,
			     const struct topic_row *row, struct mqtt_device *device)
{
	struct mqtt_channel *channel = &device->channels[row->role];
	const char *text = NULL;
	enum err err = announced_text(announced, row->topic, &text);

	if (err || !text || !text[0])
		return err;
	err = read_template(announced, row, &channel->template);
	if (err == ERR_UNSUPPORTED) {
		device->entity.read_only = true;
		tell_template(announced, row, device);
		return OK; /* without its template the topic means nothing to us */
	}
	return err ? err : announced_topic(announced, row->topic, text, &channel->topic);
}

static enum err read_channels(const struct announced *announced,
			      struct mqtt_device *device)
{
	for (size_t i = 0; i < STR_COUNT(TOPICS); i++) {
		enum err err = OK;

		if (TOPICS[i].domain != device->entity.domain)
			continue;
		err = read_channel(announced, &TOPICS[i], device);
		if (err)
			return err;
	}
	return OK;
}

static enum err read_word(const struct announced *announced, const struct word_row *row,
			  struct mqtt_device *device)
{
	const struct json_value *value = announced_find(announced, row->key);
	char text[ANNOUNCED_WORD_BYTES] = "";
	char *copy = NULL;

	if (!value && !row->fallback)
		return OK;
	if (!value && json_get(announced->own, row->key))
		return OK; /* an explicit null: it has no such command */
	if (value ? !announced_word(value, text)
		  : !str_copy(text, sizeof(text), row->fallback))
		return announced_refuse(announced, row->key,
					"a word of at most 63 bytes");
	if (!announced_is_visible(text))
		return announced_refuse(announced, row->key,
					"a word without control characters");
	copy = strdup(text);
	if (!copy)
		return ERR_MEMORY;
	free(device->words[row->word]);
	device->words[row->word] = copy;
	return OK;
}

static enum err read_words(const struct announced *announced, struct mqtt_device *device)
{
	for (size_t i = 0; i < STR_COUNT(WORDS); i++) {
		enum err err = OK;

		if (WORDS[i].domain != device->entity.domain)
			continue;
		err = read_word(announced, &WORDS[i], device);
		if (err)
			return err;
	}
	return OK;
}

static bool list_has(const struct json_value *list, const char *text)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (str_equal(json_text(json_at(list, i), ""), text))
			return true;
	return false;
}

/* JSON lights announce colour modes as a list, one text, or old flags. */
static enum err has_colour_mode(const struct announced *announced, const char *mode,
				bool *out_has)
{
	const struct json_value *modes =
		announced_find(announced, "supported_color_modes");

	if (!modes)
		return announced_bool(announced, mode, false, out_has);
	if (!json_is_array(modes) && !json_is_text(modes))
		return announced_refuse(announced, "supported_color_modes",
					"a list of modes");
	*out_has = list_has(modes, mode) || str_equal(json_text(modes, ""), mode);
	return OK;
}

static enum err read_json_light(const struct announced *announced,
				struct mqtt_device *device)
{
	static const struct {
		const char *name;
		enum mqtt_colour_mode colour;
		unsigned features;
	} modes[] = {
		{"xy", MQTT_XY, ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{"hs", MQTT_HS, ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{"rgbww", MQTT_RGBWW, ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{"rgbw", MQTT_RGBW, ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{"rgb", MQTT_RGB, ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{"color_temp", MQTT_NO_COLOUR, ENTITY_CAN_DIM | ENTITY_CAN_WHITE},
		{"brightness", MQTT_NO_COLOUR, ENTITY_CAN_DIM},
	};
	bool has = false;
	enum err err = announced_bool(announced, "brightness", false, &has);

	device->json_light = true;
	for (size_t i = 0; i < STR_COUNT(modes) && !err; i++) {
		err = has_colour_mode(announced, modes[i].name, &has);
		if (err || !has)
			continue;
		device->entity.features |= modes[i].features;
		if (modes[i].colour != MQTT_NO_COLOUR)
			device->colour = modes[i].colour;
	}
	return err;
}

static enum err read_plain_light(const struct announced *announced,
				 struct mqtt_device *device)
{
	static const struct {
		enum mqtt_role role;
		enum mqtt_colour_mode colour;
	} roles[] = {{MQTT_XY_COMMAND, MQTT_XY},
		     {MQTT_HS_COMMAND, MQTT_HS},
		     {MQTT_RGB_COMMAND, MQTT_RGB}};
	static const char *const orders[] = {"last", "first", "brightness"};
	const char *order = NULL;
	enum err err = announced_text(announced, "on_command_type", &order);

	if (err)
		return err;
	for (size_t i = 0; i < STR_COUNT(orders) && order; i++)
		if (str_equal(order, orders[i]))
			device->on_order = (enum mqtt_on_order)i;
	if (device->channels[MQTT_BRIGHTNESS_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_DIM;
	if (device->channels[MQTT_WHITE_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_WHITE;
	for (size_t i = 0; i < STR_COUNT(roles); i++)
		if (device->channels[roles[i].role].topic) {
			device->colour = roles[i].colour;
			device->entity.features |= ENTITY_CAN_COLOUR;
		}
	return OK;
}

/* The whites that it can show, in mireds: a million over kelvin. */
static enum err read_white(const struct announced *announced, struct mqtt_device *device)
{
	static const double MILLION = 1e6;
	double coldest = 0.0;
	double warmest = 0.0;
	enum err err =
		announced_bool(announced, "color_temp_kelvin", false, &device->kelvin);

	if (!err)
		err = announced_number(announced, "min_mireds", 1.0, 1e4,
				       device->mireds_min, &device->mireds_min);
	if (!err)
		err = announced_number(announced, "max_mireds", 1.0, 1e4,
				       device->mireds_max, &device->mireds_max);
	if (!err)
		err = announced_number(announced, "max_kelvin", 100.0, 1e6,
				       MILLION / device->mireds_min, &coldest);
	if (!err)
		err = announced_number(announced, "min_kelvin", 100.0, 1e6,
				       MILLION / device->mireds_max, &warmest);
	if (err)
		return err;
	device->mireds_min = MILLION / coldest;
	device->mireds_max = MILLION / warmest;
	if (device->mireds_min > device->mireds_max)
		return announced_refuse(announced, "max_mireds",
					"no less than the least");
	return OK;
}

static enum err read_light(const struct announced *announced, struct mqtt_device *device)
{
	const char *schema = NULL;
	enum err err = announced_text(announced, "schema", &schema);

	if (!err)
		err = announced_number(announced, "brightness_scale", 1.0, 65535.0, 255.0,
				       &device->brightness_scale);
	if (!err)
		err = read_white(announced, device);
	if (err)
		return err;
	device->entity.features |= ENTITY_CAN_SWITCH;
	if (schema && str_equal(schema, "json"))
		return read_json_light(announced, device);
	if (schema && !str_equal(schema, "basic") && !str_equal(schema, "default"))
		device->entity.read_only = true; /* the template schema */
	return read_plain_light(announced, device);
}

static void forget_word(struct mqtt_device *device, enum mqtt_word word)
{
	free(device->words[word]);
	device->words[word] = NULL;
}

static enum err set_word(struct mqtt_device *device, enum mqtt_word word,
			 const char *text)
{
	device->words[word] = strdup(text);
	return device->words[word] ? OK : ERR_MEMORY;
}

/* What it does when it is switched on: the first of these that it offers. */
static enum err read_modes(const struct announced *announced, struct mqtt_device *device)
{
	static const enum mqtt_mode on[] = {MQTT_MODE_HEAT, MQTT_MODE_AUTO,
					    MQTT_MODE_HEAT_COOL, MQTT_MODE_COOL,
					    MQTT_MODE_FAN_ONLY};
	static const unsigned usual =
		(1u << MQTT_MODE_COUNT) - 1 - (1u << MQTT_MODE_HEAT_COOL);
	const struct json_value *modes = announced_find(announced, "modes");
	enum err err = OK;

	if (modes && !json_is_array(modes))
		return announced_refuse(announced, "modes", "a list");
	for (size_t i = 0; modes && i < MQTT_MODE_COUNT; i++)
		if (list_has(modes, mqtt_mode_text((enum mqtt_mode)i)))
			device->modes |= 1u << i;
	if (!modes && device->channels[MQTT_MODE_COMMAND].topic)
		device->modes = usual;
	for (size_t i = 0; i < STR_COUNT(on) && !err; i++)
		if (device->modes & 1u << on[i] && !device->words[MQTT_WORD_MODE_ON])
			err = set_word(device, MQTT_WORD_MODE_ON, mqtt_mode_text(on[i]));
	if (!err && device->modes & 1u << MQTT_MODE_OFF)
		err = set_word(device, MQTT_WORD_MODE_OFF, mqtt_mode_text(MQTT_MODE_OFF));
	return err;
}

static enum err read_climate(const struct announced *announced,
			     struct mqtt_device *device)
{
	const char *unit = NULL;
	enum err err = announced_text(announced, "temperature_unit", &unit);

	if (!err)
		err = announced_number(announced, "min_temp", -100.0, 300.0, (double)NAN,
				       &device->entity.celsius_min);
	if (!err)
		err = announced_number(announced, "max_temp", -100.0, 300.0, (double)NAN,
				       &device->entity.celsius_max);
	if (!err)
		err = read_modes(announced, device);
	if (err)
		return err;
	device->fahrenheit = unit && str_equal(unit, "F");
	if (device->fahrenheit) {
		device->entity.celsius_min = (device->entity.celsius_min - 32.0) / 1.8;
		device->entity.celsius_max = (device->entity.celsius_max - 32.0) / 1.8;
	}
	if (device->channels[MQTT_TARGET_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SET_HEAT;
	if (device->channels[MQTT_MODE_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_MODE;
	if (device->channels[MQTT_COMMAND].topic ||
	    (device->channels[MQTT_MODE_COMMAND].topic &&
	     device->words[MQTT_WORD_MODE_ON] && device->words[MQTT_WORD_MODE_OFF]))
		device->entity.features |= ENTITY_CAN_SWITCH;
	return OK;
}

static enum err read_cover(const struct announced *announced, struct mqtt_device *device)
{
	enum err err = announced_number(announced, "position_open", -1e4, 1e4, 100.0,
					&device->position_open);

	if (!err)
		err = announced_number(announced, "position_closed", -1e4, 1e4, 0.0,
				       &device->position_closed);
	if (!err)
		err = announced_number(announced, "tilt_min", -1e4, 1e4, 0.0,
				       &device->tilt_closed);
	if (!err)
		err = announced_number(announced, "tilt_max", -1e4, 1e4, 100.0,
				       &device->tilt_open);
	if (!err && device->channels[MQTT_POSITION_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_POSITION;
	if (!err && device->channels[MQTT_TILT_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_TILT;
	return err;
}

/* One that takes a number is opened and closed by its ends. */
static enum err read_valve(const struct announced *announced, struct mqtt_device *device)
{
	char text[ANNOUNCED_WORD_BYTES];
	enum err err = read_cover(announced, device);

	if (!err)
		err = announced_bool(announced, "reports_position", false,
				     &device->reports_position);
	if (err || !device->reports_position)
		return err;
	forget_word(device, MQTT_WORD_OPEN);
	forget_word(device, MQTT_WORD_CLOSE);
	if (!str_format(text, sizeof(text), "%.0f", device->position_open))
		return ERR_LIMIT;
	err = set_word(device, MQTT_WORD_OPEN, text);
	if (!err && !str_format(text, sizeof(text), "%.0f", device->position_closed))
		err = ERR_LIMIT;
	if (!err)
		err = set_word(device, MQTT_WORD_CLOSE, text);
	device->entity.features |= ENTITY_CAN_POSITION;
	return err;
}

static enum err read_fan(const struct announced *announced, struct mqtt_device *device)
{
	enum err err = announced_number(announced, "speed_range_min", 1.0, 1e4, 1.0,
					&device->speed_min);

	if (!err)
		err = announced_number(announced, "speed_range_max", 1.0, 1e4, 100.0,
				       &device->speed_max);
	if (!err && device->speed_min > device->speed_max)
		err = announced_refuse(announced, "speed_range_max",
				       "no less than the least");
	if (!err && device->channels[MQTT_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SWITCH;
	if (!err && device->channels[MQTT_SPEED_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SPEED;
	return err;
}

static enum err read_humidifier(const struct announced *announced,
				struct mqtt_device *device)
{
	double least = 0.0;
	double most = 0.0;
	enum err err =
		announced_number(announced, "min_humidity", 0.0, 100.0, 0.0, &least);

	if (!err)
		err = announced_number(announced, "max_humidity", 0.0, 100.0, 100.0,
				       &most);
	if (err)
		return err;
	device->entity.humidity_min = (int)least;
	device->entity.humidity_max = (int)most;
	if (device->channels[MQTT_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SWITCH;
	if (device->channels[MQTT_HUMIDITY_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_HUMIDITY;
	return OK;
}

/* A panel that wants a code for arming is read-only: codes are never spoken. */
static enum err read_alarm(const struct announced *announced, struct mqtt_device *device)
{
	static const struct {
		const char *feature;
		enum mqtt_word word;
	} rows[] = {{"arm_away", MQTT_WORD_ARM_AWAY},
		    {"arm_home", MQTT_WORD_ARM_HOME},
		    {"arm_night", MQTT_WORD_ARM_NIGHT}};
	const struct json_value *features =
		announced_find(announced, "supported_features");
	bool wants_code = false;
	enum err err = announced_bool(announced, "code_arm_required", true, &wants_code);

	if (err)
		return err;
	if (features && !json_is_array(features))
		return announced_refuse(announced, "supported_features", "a list");
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (features && !list_has(features, rows[i].feature))
			forget_word(device, rows[i].word);
	if (announced_find(announced, "code") && wants_code)
		device->entity.read_only = true;
	return OK;
}

static enum err read_lock(const struct announced *announced, struct mqtt_device *device)
{
	if (announced_find(announced, "code_format"))
		device->entity.read_only = true; /* it wants a code */
	return OK;
}

static enum err read_sensor(const struct announced *announced, struct mqtt_device *device)
{
	const char *unit = NULL;
	enum err err = announced_text(announced, "unit_of_measurement", &unit);

	if (!err && unit &&
	    (!announced_is_visible(unit) ||
	     !str_copy(device->entity.unit, sizeof(device->entity.unit), unit)))
		device->entity.unit[0] = '\0'; /* none that could be spoken */
	if (!err)
		device->fahrenheit = unit && (str_equal(unit, "\xc2\xb0"
							      "F") ||
					      str_equal(unit, "F"));
	return err;
}

/* Without a template it wants its word in JSON. */
static enum err read_siren(const struct announced *announced, struct mqtt_device *device)
{
	static const enum mqtt_word words[] = {MQTT_WORD_ON, MQTT_WORD_OFF};
	enum err err = OK;

	if (device->channels[MQTT_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SWITCH;
	if (announced_find(announced, "command_template"))
		return OK;
	for (size_t i = 0; i < STR_COUNT(words) && !err; i++) {
		char text[2 * ANNOUNCED_WORD_BYTES];

		if (!device->words[words[i]])
			continue;
		if (strpbrk(device->words[words[i]], "\"\\") ||
		    !str_format(text, sizeof(text), "{\"state\":\"%s\"}",
				device->words[words[i]]))
			return announced_refuse(announced, "payload_on", "a plain word");
		forget_word(device, words[i]);
		err = set_word(device, words[i], text);
	}
	return err;
}

static enum err read_switch(const struct announced *announced, struct mqtt_device *device)
{
	(void)announced;
	if (device->channels[MQTT_COMMAND].topic)
		device->entity.features |= ENTITY_CAN_SWITCH;
	return OK;
}

static enum err read_details(const struct announced *announced,
			     struct mqtt_device *device)
{
	static const struct {
		enum entity_domain domain;
		enum err (*fn)(const struct announced *announced,
			       struct mqtt_device *device);
	} rows[] = {
		{ENTITY_ALARM, read_alarm},
		{ENTITY_CLIMATE, read_climate},
		{ENTITY_COVER, read_cover},
		{ENTITY_FAN, read_fan},
		{ENTITY_HUMIDIFIER, read_humidifier},
		{ENTITY_LIGHT, read_light},
		{ENTITY_LOCK, read_lock},
		{ENTITY_SENSOR, read_sensor},
		{ENTITY_SIREN, read_siren},
		{ENTITY_SWITCH, read_switch},
		{ENTITY_VACUUM, read_switch},
		{ENTITY_VALVE, read_valve},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].domain == device->entity.domain)
			return rows[i].fn(announced, device);
	return OK;
}

static bool word_holds(const char *word, const char *folded)
{
	char text[ANNOUNCED_WORD_BYTES] = "";

	if (!word)
		return false;
	(void)str_copy(text, sizeof(text), word);
	str_fold(text);
	return strstr(text, folded) != NULL;
}

/* No kind may send the words of what only a person's approval does. */
static bool has_binding_word(const struct mqtt_device *device)
{
	static const char *const binding[] = {"unlock", "disarm"};

	for (size_t i = 0; i < STR_COUNT(binding); i++) {
		for (size_t j = 0; j < MQTT_WORD_STATE_ON; j++)
			if (word_holds(device->words[j], binding[i]))
				return true;
		for (size_t j = 0; j < MQTT_ROLE_COUNT; j++)
			if (template_holds(device->channels[j].template, binding[i]))
				return true;
	}
	return false;
}

static bool can_be_commanded(const struct mqtt_device *device)
{
	static const enum mqtt_role roles[] = {
		MQTT_COMMAND,        MQTT_SECURE,          MQTT_POSITION_COMMAND,
		MQTT_TARGET_COMMAND, MQTT_MODE_COMMAND,    MQTT_TILT_COMMAND,
		MQTT_SPEED_COMMAND,  MQTT_HUMIDITY_COMMAND};

	if (device->entity.domain == ENTITY_LIGHT)
		return device->channels[MQTT_COMMAND].topic != NULL;
	for (size_t i = 0; i < STR_COUNT(roles); i++)
		if (device->channels[roles[i]].topic)
			return true;
	return false;
}

enum err discovery_kind_read(const struct announced *announced,
			     struct mqtt_device *device)
{
	enum err err = read_channels(announced, device);

	if (!err)
		err = read_words(announced, device);
	if (!err)
		err = read_details(announced, device);
	if (!err && has_binding_word(device)) {
		device->entity.read_only = true;
		(void)err_say(ERR_DENIED, announced->note,
			      "%s: its words for something else unlock or disarm; it is "
			      "only read",
			      announced->topic);
	}
	if (!err && !can_be_commanded(device))
		device->entity.read_only = true;
	return err;
}
