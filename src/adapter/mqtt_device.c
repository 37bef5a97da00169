/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_device - what a device's own messages say about it.
 *
 * A word that is not among the device's words changes nothing: state is what the device
 * said in the language that it announced, or unknown. Commands are in mqtt_command.c.
 */
#include "adapter/mqtt_device.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const double CELSIUS_MIN = -100.0;
static const double CELSIUS_MAX = 300.0;
static const double NUMBER_MAX = 1e6;

enum err mqtt_device_create(struct mqtt_device **out_device)
{
	struct mqtt_device *device = calloc(1, sizeof(*device));

	if (!device)
		return ERR_MEMORY;
	device->entity = entity_blank();
	device->brightness_scale = 255.0;
	device->position_open = 100.0;
	device->position_closed = 0.0;
	device->mireds_min = 153.0;
	device->mireds_max = 500.0;
	device->speed_min = 1.0;
	device->speed_max = 100.0;
	device->tilt_open = 100.0;
	device->tilt_closed = 0.0;
	*out_device = device;
	return OK;
}

void mqtt_device_destroy(struct mqtt_device *device)
{
	if (!device)
		return;
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		free(device->channels[i].topic);
		template_destroy(device->channels[i].template);
	}
	for (size_t i = 0; i < MQTT_WORD_COUNT; i++)
		free(device->words[i]);
	for (size_t i = 0; i < device->availability_count; i++) {
		free(device->availability[i].topic);
		template_destroy(device->availability[i].template);
	}
	free(device);
}

uint32_t mqtt_topic_hash(const char *topic)
{
	uint32_t hash = 2166136261u;

	for (; *topic; topic++)
		hash = (hash ^ (uint8_t)*topic) * 16777619u;
	return hash;
}

bool mqtt_role_is_heard(enum mqtt_role role)
{
	switch (role) {
	case MQTT_STATE:
	case MQTT_BRIGHTNESS_STATE:
	case MQTT_POSITION_STATE:
	case MQTT_TILT_STATE:
	case MQTT_SPEED_STATE:
	case MQTT_HUMIDITY_STATE:
	case MQTT_TARGET_STATE:
	case MQTT_MEASURED_STATE:
	case MQTT_MODE_STATE:
		return true;
	case MQTT_COMMAND:
	case MQTT_SECURE:
	case MQTT_BRIGHTNESS_COMMAND:
	case MQTT_RGB_COMMAND:
	case MQTT_HS_COMMAND:
	case MQTT_XY_COMMAND:
	case MQTT_WHITE_COMMAND:
	case MQTT_POSITION_COMMAND:
	case MQTT_TILT_COMMAND:
	case MQTT_SPEED_COMMAND:
	case MQTT_HUMIDITY_COMMAND:
	case MQTT_TARGET_COMMAND:
	case MQTT_MODE_COMMAND:
	case MQTT_ROLE_COUNT:
		return false;
	}
	return false;
}

void mqtt_device_finish_topics(struct mqtt_device *device)
{
	device->topics_mask = 0;
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		struct mqtt_channel *channel = &device->channels[i];

		if (!channel->topic)
			continue;
		channel->hash = mqtt_topic_hash(channel->topic);
		if (mqtt_role_is_heard((enum mqtt_role)i))
			device->topics_mask |= UINT64_C(1) << (channel->hash % 64);
	}
	for (size_t i = 0; i < device->availability_count; i++) {
		struct mqtt_availability *row = &device->availability[i];

		row->hash = mqtt_topic_hash(row->topic);
		device->topics_mask |= UINT64_C(1) << (row->hash % 64);
	}
	device->entity.state.available = device->availability_count == 0;
}

const char *mqtt_device_heard_topic(const struct mqtt_device *device, size_t index)
{
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++)
		if (mqtt_role_is_heard((enum mqtt_role)i) && device->channels[i].topic &&
		    index-- == 0)
			return device->channels[i].topic;
	return index < device->availability_count ? device->availability[index].topic
						  : NULL;
}

static bool is_topic(const char *own, uint32_t own_hash, const char *topic, uint32_t hash)
{
	return own && own_hash == hash && str_equal(own, topic);
}

bool mqtt_device_hears(const struct mqtt_device *device, const char *topic, uint32_t hash)
{
	if (!(device->topics_mask & UINT64_C(1) << (hash % 64)))
		return false;
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++)
		if (mqtt_role_is_heard((enum mqtt_role)i) &&
		    is_topic(device->channels[i].topic, device->channels[i].hash, topic,
			     hash))
			return true;
	for (size_t i = 0; i < device->availability_count; i++)
		if (is_topic(device->availability[i].topic, device->availability[i].hash,
			     topic, hash))
			return true;
	return false;
}

static bool is_word(const struct mqtt_device *device, enum mqtt_word word,
		    const char *text)
{
	return device->words[word] && str_equal(device->words[word], text);
}

static void set_text(struct entity_state *state, const char *text)
{
	(void)str_copy(state->text, sizeof(state->text), text);
	state->known = true;
}

static void set_on(struct entity_state *state, bool on)
{
	state->on = on;
	set_text(state, on ? "on" : "off");
}

static int to_percent(double value, double zero, double full)
{
	double percent = 0.0;

	if (full >= zero && full <= zero)
		return -1;
	percent = round(100.0 * (value - zero) / (full - zero));
	return percent < 0.0 ? 0 : percent > 100.0 ? 100 : (int)percent;
}

static bool to_number(const char *text, double *out_value)
{
	return str_to_double(text, -NUMBER_MAX, NUMBER_MAX, out_value);
}

static bool to_celsius(const struct mqtt_device *device, const char *text,
		       double *out_celsius)
{
	double value = 0.0;

	if (!to_number(text, &value))
		return false;
	if (device->fahrenheit)
		value = (value - 32.0) / 1.8;
	if (value < CELSIUS_MIN || value > CELSIUS_MAX)
		return false;
	*out_celsius = value;
	return true;
}

/* {"state": "ON", "brightness": 128} */
static void hear_json_light(struct mqtt_device *device, const struct json_value *json)
{
	struct entity_state *state = &device->entity.state;
	const char *word = json_text(json_get(json, "state"), "");
	double brightness = json_number(json_get(json, "brightness"), -1.0);

	if (str_equal(word, "ON") || str_equal(word, "OFF"))
		set_on(state, str_equal(word, "ON"));
	if (brightness >= 0.0)
		state->brightness_percent =
			to_percent(brightness, 0.0, device->brightness_scale);
}

static void hear_switch(struct mqtt_device *device, const char *text)
{
	if (is_word(device, MQTT_WORD_STATE_ON, text))
		set_on(&device->entity.state, true);
	else if (is_word(device, MQTT_WORD_STATE_OFF, text))
		set_on(&device->entity.state, false);
}

/* The device's words for what we call text. */
struct state_word {
	enum mqtt_word word;
	const char *text;
	bool on;
};

static void hear_words(struct mqtt_device *device, const char *text,
		       const struct state_word *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_word(device, rows[i].word, text))
			continue;
		device->entity.state.on = rows[i].on;
		set_text(&device->entity.state, rows[i].text);
		return;
	}
}

static void hear_cover(struct mqtt_device *device, const char *text)
{
	static const struct state_word rows[] = {
		{MQTT_WORD_STATE_OPEN, "open", true},
		{MQTT_WORD_STATE_OPENING, "opening", true},
		{MQTT_WORD_STATE_CLOSED, "closed", false},
		{MQTT_WORD_STATE_CLOSING, "closing", true},
		{MQTT_WORD_STATE_STOPPED, "stopped", true},
	};

	hear_words(device, text, rows, STR_COUNT(rows));
}

static void hear_lock(struct mqtt_device *device, const char *text)
{
	static const struct state_word rows[] = {
		{MQTT_WORD_STATE_LOCKED, "locked", false},
		{MQTT_WORD_STATE_LOCKING, "locking", true},
		{MQTT_WORD_STATE_UNLOCKED, "unlocked", true},
		{MQTT_WORD_STATE_UNLOCKING, "unlocking", true},
		{MQTT_WORD_STATE_JAMMED, "jammed", true},
	};

	hear_words(device, text, rows, STR_COUNT(rows));
}

static void hear_alarm(struct mqtt_device *device, const char *text)
{
	static const char *const states[] = {
		"armed_away",  "armed_custom_bypass", "armed_home",
		"armed_night", "armed_vacation",      "arming",
		"disarmed",    "disarming",           "pending",
		"triggered",
	};

	for (size_t i = 0; i < STR_COUNT(states); i++) {
		if (!str_equal(states[i], text))
			continue;
		device->entity.state.on = !str_starts(text, "disarm");
		set_text(&device->entity.state, text);
		return;
	}
}

static void hear_sensor(struct mqtt_device *device, const char *text)
{
	struct entity_state *state = &device->entity.state;

	if (str_copy(state->text, sizeof(state->text), text))
		state->known = true;
	if (str_equal(device->entity.device_class, "temperature"))
		(void)to_celsius(device, text, &state->measured_celsius);
}

/* {"state": "cleaning"} */
static void hear_vacuum(struct mqtt_device *device, const struct json_value *json)
{
	static const char *const states[] = {"cleaning", "docked", "error",
					     "idle",     "paused", "returning"};
	const char *word = json_text(json_get(json, "state"), "");

	for (size_t i = 0; i < STR_COUNT(states); i++) {
		if (!str_equal(states[i], word))
			continue;
		device->entity.state.on = str_equal(word, "cleaning");
		set_text(&device->entity.state, word);
		return;
	}
}

/* A valve that tells its position does so where others tell a word; either may stand in
 * JSON: {"state": "opening", "position": 10}. */
static void hear_valve(struct mqtt_device *device, const struct json_value *json,
		       const char *text)
{
	double value = json_number(json_get(json, "position"), -1.0);

	if (json_is_object(json))
		text = json_text(json_get(json, "state"), "");
	hear_cover(device, text);
	if (!device->reports_position || (value < 0.0 && !to_number(text, &value)))
		return;
	device->entity.state.position_percent =
		to_percent(value, device->position_closed, device->position_open);
	if (!json_is_object(json) || !text[0])
		set_text(&device->entity.state,
			 device->entity.state.position_percent > 0 ? "open" : "closed");
	device->entity.state.on = device->entity.state.position_percent > 0;
}

static void hear_state(struct mqtt_device *device, struct template_input input,
		       const char *text)
{
	enum entity_domain domain = device->entity.domain;

	if (device->json_light)
		hear_json_light(device, input.json);
	else if (domain == ENTITY_VACUUM)
		hear_vacuum(device, input.json);
	else if (domain == ENTITY_COVER)
		hear_cover(device, text);
	else if (domain == ENTITY_VALVE)
		hear_valve(device, input.json, text);
	else if (domain == ENTITY_SIREN && json_is_object(input.json) &&
		 !device->channels[MQTT_STATE].template)
		hear_switch(device, json_text(json_get(input.json, "state"), ""));
	else if (domain == ENTITY_LOCK)
		hear_lock(device, text);
	else if (domain == ENTITY_ALARM)
		hear_alarm(device, text);
	else if (domain == ENTITY_SENSOR)
		hear_sensor(device, text);
	else
		hear_switch(device, text);
}

static void hear_position(struct mqtt_device *device, const char *text)
{
	struct entity_state *state = &device->entity.state;
	double value = 0.0;

	if (!to_number(text, &value))
		return;
	state->position_percent =
		to_percent(value, device->position_closed, device->position_open);
	state->known = true;
	if (device->channels[MQTT_STATE].topic)
		return; /* its words are nearer to the truth */
	state->on = state->position_percent > 0;
	set_text(state, state->on ? "open" : "closed");
}

static void hear_brightness(struct mqtt_device *device, const char *text)
{
	double value = 0.0;

	if (to_number(text, &value))
		device->entity.state.brightness_percent =
			to_percent(value, 0.0, device->brightness_scale);
}

const char *mqtt_mode_text(enum mqtt_mode mode)
{
	static const char *const modes[MQTT_MODE_COUNT] = {
		[MQTT_MODE_AUTO] = "auto", [MQTT_MODE_COOL] = "cool",
		[MQTT_MODE_DRY] = "dry",   [MQTT_MODE_FAN_ONLY] = "fan_only",
		[MQTT_MODE_HEAT] = "heat", [MQTT_MODE_HEAT_COOL] = "heat_cool",
		[MQTT_MODE_OFF] = "off",
	};

	return mode < MQTT_MODE_COUNT ? modes[mode] : NULL;
}

static void hear_mode(struct mqtt_device *device, const char *text)
{
	for (size_t i = 0; i < MQTT_MODE_COUNT; i++) {
		if (!str_equal(mqtt_mode_text((enum mqtt_mode)i), text))
			continue;
		device->entity.state.on = !str_equal(text, "off");
		set_text(&device->entity.state, text);
		return;
	}
}

/* A scale of the device as percent of ours. */
static void hear_percent(const char *text, double zero, double full, int *percent)
{
	double value = 0.0;

	if (to_number(text, &value))
		*percent = to_percent(value, zero, full);
}

/* The lowest speed is not yet zero: 1 of 1..3 is a third. */
static void hear_speed(struct mqtt_device *device, const char *text)
{
	hear_percent(text, device->speed_min - 1.0, device->speed_max,
		     &device->entity.state.speed_percent);
}

static void hear_heat(struct mqtt_device *device, const char *text, double *celsius)
{
	if (to_celsius(device, text, celsius))
		device->entity.state.known = true;
}

static void hear_role(struct mqtt_device *device, enum mqtt_role role,
		      struct template_input input)
{
	struct entity_state *state = &device->entity.state;
	char text[MQTT_PAYLOAD_BYTES] = "";
	bool is_json = device->json_light || device->entity.domain == ENTITY_VACUUM;

	if (!is_json &&
	    !template_read(device->channels[role].template, input, text, sizeof(text)))
		return;
	str_trim(text);
	switch (role) {
	case MQTT_STATE:
		hear_state(device, input, text);
		break;
	case MQTT_BRIGHTNESS_STATE:
		hear_brightness(device, text);
		break;
	case MQTT_POSITION_STATE:
		hear_position(device, text);
		break;
	case MQTT_TILT_STATE:
		hear_percent(text, device->tilt_closed, device->tilt_open,
			     &state->tilt_percent);
		break;
	case MQTT_SPEED_STATE:
		hear_speed(device, text);
		break;
	case MQTT_HUMIDITY_STATE:
		hear_percent(text, 0.0, 100.0, &state->humidity_percent);
		break;
	case MQTT_TARGET_STATE:
		hear_heat(device, text, &state->target_celsius);
		break;
	case MQTT_MEASURED_STATE:
		hear_heat(device, text, &state->measured_celsius);
		break;
	case MQTT_MODE_STATE:
		hear_mode(device, text);
		break;
	case MQTT_COMMAND:
	case MQTT_SECURE:
	case MQTT_BRIGHTNESS_COMMAND:
	case MQTT_RGB_COMMAND:
	case MQTT_HS_COMMAND:
	case MQTT_XY_COMMAND:
	case MQTT_WHITE_COMMAND:
	case MQTT_POSITION_COMMAND:
	case MQTT_TILT_COMMAND:
	case MQTT_SPEED_COMMAND:
	case MQTT_HUMIDITY_COMMAND:
	case MQTT_TARGET_COMMAND:
	case MQTT_MODE_COMMAND:
	case MQTT_ROLE_COUNT:
		break; /* what others command says nothing about the device */
	}
}

static bool is_available(const struct mqtt_device *device, size_t latest)
{
	size_t online = 0;

	for (size_t i = 0; i < device->availability_count; i++)
		if (device->availability[i].said && device->availability[i].is_online)
			online++;
	switch (device->availability_mode) {
	case MQTT_LATEST:
		return device->availability[latest].is_online;
	case MQTT_ALL:
		return online == device->availability_count;
	case MQTT_ANY:
		return online > 0;
	}
	return false;
}

static void hear_availability(struct mqtt_device *device, size_t index,
			      struct template_input input)
{
	struct mqtt_availability *row = &device->availability[index];
	char text[TEMPLATE_WORD_BYTES] = "";

	if (!template_read(row->template, input, text, sizeof(text)))
		return;
	str_trim(text);
	if (!str_equal(text, row->online) && !str_equal(text, row->offline))
		return;
	row->said = true;
	row->is_online = str_equal(text, row->online);
	device->entity.state.available = is_available(device, index);
}

/* Numbers that are unknown are NAN, which is not equal to itself. */
static bool is_same_number(double a, double b)
{
	return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

static bool is_same_state(const struct entity_state *a, const struct entity_state *b)
{
	return a->known == b->known && a->available == b->available && a->on == b->on &&
	       a->brightness_percent == b->brightness_percent &&
	       a->position_percent == b->position_percent &&
	       a->tilt_percent == b->tilt_percent &&
	       a->speed_percent == b->speed_percent &&
	       a->humidity_percent == b->humidity_percent &&
	       is_same_number(a->target_celsius, b->target_celsius) &&
	       is_same_number(a->measured_celsius, b->measured_celsius) &&
	       str_equal(a->text, b->text);
}

bool mqtt_device_hear(struct mqtt_device *device, const char *topic, uint32_t hash,
		      struct template_input input)
{
	struct entity_state before = device->entity.state;

	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		if (!mqtt_role_is_heard((enum mqtt_role)i) ||
		    !is_topic(device->channels[i].topic, device->channels[i].hash, topic,
			      hash))
			continue;
		hear_role(device, (enum mqtt_role)i, input);
		device->states_heard++;
	}
	for (size_t i = 0; i < device->availability_count; i++)
		if (is_topic(device->availability[i].topic, device->availability[i].hash,
			     topic, hash))
			hear_availability(device, i, input);
	return !is_same_state(&before, &device->entity.state);
}

void mqtt_device_forget_state(struct mqtt_device *device)
{
	device->entity.state = entity_blank().state;
	for (size_t i = 0; i < device->availability_count; i++) {
		device->availability[i].said = false;
		device->availability[i].is_online = false;
	}
	device->entity.state.available = device->availability_count == 0;
}

bool mqtt_device_is_guarded(const struct mqtt_device *device)
{
	static const char *const ways_in[] = {"door", "garage", "gate", "window"};

	if (device->entity.domain == ENTITY_LOCK || device->entity.domain == ENTITY_ALARM)
		return true;
	if (device->entity.domain != ENTITY_COVER)
		return false;
	for (size_t i = 0; i < STR_COUNT(ways_in); i++)
		if (str_equal(device->entity.device_class, ways_in[i]))
			return true;
	return false;
}
