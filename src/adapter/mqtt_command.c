/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_command - from an action to the messages that a device understands.
 *
 * One table row per kind of device and action. What is not in the table has no way out
 * of this program: unlocking, disarming, pressing a button, opening a door or gate.
 * Nothing is retained, and a command never depends on a later message.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "adapter/colour.h"
#include "adapter/mqtt_device.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

enum { NUMBER_TEXT_BYTES = 32 };

static const double CELSIUS_ABS_MAX = 100.0; /* of a device without limits */

/* Adds a message on the role's topic; the first insert is the plain payload. */
static enum err add(const struct mqtt_device *device, enum mqtt_role role,
		    const struct template_insert *inserts, size_t count,
		    struct mqtt_messages *messages)
{
	const struct mqtt_channel *channel = &device->channels[role];
	struct mqtt_message *message = &messages->items[messages->count];

	if (!channel->topic || messages->count == MQTT_MESSAGES_MAX)
		return ERR_UNSUPPORTED;
	if (!template_write(channel->template, inserts, count, message->payload,
			    sizeof(message->payload)))
		return ERR_UNSUPPORTED;
	message->topic = channel->topic;
	messages->count++;
	return OK;
}

static enum err add_text(const struct mqtt_device *device, enum mqtt_role role,
			 const char *text, struct mqtt_messages *messages)
{
	const struct template_insert inserts[] = {{"value", text},
						  {"position", text},
						  {"action", text}};

	return add(device, role, inserts, STR_COUNT(inserts), messages);
}

enum err mqtt_device_add_word(const struct mqtt_device *device, enum mqtt_role role,
			      enum mqtt_word word, struct mqtt_messages *messages)
{
	if (!device->words[word])
		return ERR_UNSUPPORTED;
	return add_text(device, role, device->words[word], messages);
}

static enum err add_number(const struct mqtt_device *device, enum mqtt_role role,
			   double value, int decimals, struct mqtt_messages *messages)
{
	char text[NUMBER_TEXT_BYTES];

	if (!str_format(text, sizeof(text), "%.*f", decimals, value))
		return ERR_UNSUPPORTED;
	return add_text(device, role, text, messages);
}

/* What a JSON light gets besides "state": nothing, a brightness, or a colour. */
struct light_wish {
	bool on;
	bool dims;
	double brightness;
	bool colours;
	struct colour colour;
	bool whitens;
	double white; /* in the device's own unit */
};

static void write_colour(struct json_write *write, const struct mqtt_device *device,
			 struct colour colour)
{
	double first = 0.0;
	double second = 0.0;

	json_open_object(write, "color");
	switch (device->colour) {
	case MQTT_RGB:
	case MQTT_RGBW:
	case MQTT_RGBWW:
		json_add_int(write, "r", colour.red);
		json_add_int(write, "g", colour.green);
		json_add_int(write, "b", colour.blue);
		if (device->colour == MQTT_RGBWW)
			json_add_int(write, "c", 0);
		if (device->colour != MQTT_RGB)
			json_add_int(write, "w", 0);
		break;
	case MQTT_HS:
		colour_to_hs(colour, &first, &second);
		json_add_double(write, "h", first, 1);
		json_add_double(write, "s", second, 1);
		break;
	case MQTT_XY:
		colour_to_xy(colour, &first, &second);
		json_add_double(write, "x", first, 4);
		json_add_double(write, "y", second, 4);
		break;
	case MQTT_NO_COLOUR:
		break;
	}
	json_close(write, '}');
}

static enum err add_json_light(const struct mqtt_device *device, struct light_wish wish,
			       struct mqtt_messages *messages)
{
	struct json_write write;
	struct buf payload;
	enum err err = OK;

	buf_init(&payload, MQTT_PAYLOAD_BYTES - 1);
	json_write_init(&write, &payload);
	json_open_object(&write, NULL);
	json_add_text(&write, "state", wish.on ? "ON" : "OFF");
	if (wish.dims)
		json_add_int(&write, "brightness", (int64_t)wish.brightness);
	if (wish.whitens)
		json_add_int(&write, "color_temp", (int64_t)wish.white);
	if (wish.colours)
		write_colour(&write, device, wish.colour);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		err = add_text(device, MQTT_COMMAND, (const char *)payload.bytes,
			       messages);
	buf_finish(&payload);
	return err;
}

static enum err light_switch(const struct mqtt_device *device, bool on,
			     struct mqtt_messages *messages)
{
	if (device->json_light)
		return add_json_light(device, (struct light_wish){.on = on}, messages);
	return mqtt_device_add_word(device, MQTT_COMMAND,
				    on ? MQTT_WORD_ON : MQTT_WORD_OFF, messages);
}

static enum err light_on(const struct mqtt_device *device, const struct action *action,
			 struct mqtt_messages *messages)
{
	(void)action;
	return light_switch(device, true, messages);
}

static enum err light_off(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	(void)action;
	return light_switch(device, false, messages);
}

static double scaled_brightness(const struct mqtt_device *device, int percent)
{
	double value = round(device->brightness_scale * percent / 100.0);

	return value < 1.0 ? 1.0 : value;
}

/* The default schema: brightness or colour on their own topics, "on" before or behind. */
static enum err add_with_on(const struct mqtt_device *device,
			    enum err (*add_style)(const struct mqtt_device *device,
						  const void *style,
						  struct mqtt_messages *messages),
			    const void *style, struct mqtt_messages *messages)
{
	enum err err = OK;

	if (device->on_order == MQTT_ON_FIRST)
		err = light_switch(device, true, messages);
	if (!err)
		err = add_style(device, style, messages);
	if (!err && device->on_order == MQTT_ON_LAST)
		err = light_switch(device, true, messages);
	return err;
}

static enum err add_brightness(const struct mqtt_device *device, const void *style,
			       struct mqtt_messages *messages)
{
	const int *percent = style;

	return add_number(device, MQTT_BRIGHTNESS_COMMAND,
			  scaled_brightness(device, *percent), 0, messages);
}

static enum err light_dim(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	struct light_wish wish = {.on = true, .dims = true};

	if (!(device->entity.features & ENTITY_CAN_DIM))
		return ERR_UNSUPPORTED;
	if (action->percent < 0 || action->percent > 100)
		return ERR_RANGE;
	if (action->percent == 0)
		return light_switch(device, false, messages);
	wish.brightness = scaled_brightness(device, action->percent);
	if (device->json_light)
		return add_json_light(device, wish, messages);
	return add_with_on(device, add_brightness, &action->percent, messages);
}

static enum err add_rgb(const struct mqtt_device *device, struct colour colour,
			struct mqtt_messages *messages)
{
	char all[NUMBER_TEXT_BYTES];
	char red[NUMBER_TEXT_BYTES];
	char green[NUMBER_TEXT_BYTES];
	char blue[NUMBER_TEXT_BYTES];
	const struct template_insert inserts[] = {{"value", all},
						  {"red", red},
						  {"green", green},
						  {"blue", blue}};

	(void)str_format(all, sizeof(all), "%u,%u,%u", colour.red, colour.green,
			 colour.blue);
	(void)str_format(red, sizeof(red), "%u", colour.red);
	(void)str_format(green, sizeof(green), "%u", colour.green);
	(void)str_format(blue, sizeof(blue), "%u", colour.blue);
	return add(device, MQTT_RGB_COMMAND, inserts, STR_COUNT(inserts), messages);
}

/* Two numbers, alone in inserts 1 and 2 and together in insert 0. */
static enum err add_pair(const struct mqtt_device *device, enum mqtt_role role,
			 const char *const names[2], const double values[2], int decimals,
			 struct mqtt_messages *messages)
{
	char both[2 * NUMBER_TEXT_BYTES];
	char first[NUMBER_TEXT_BYTES];
	char second[NUMBER_TEXT_BYTES];
	const struct template_insert inserts[] = {{"value", both},
						  {names[0], first},
						  {names[1], second}};

	(void)str_format(first, sizeof(first), "%.*f", decimals, values[0]);
	(void)str_format(second, sizeof(second), "%.*f", decimals, values[1]);
	(void)str_format(both, sizeof(both), "%s,%s", first, second);
	return add(device, role, inserts, STR_COUNT(inserts), messages);
}

static enum err add_colour(const struct mqtt_device *device, const void *style,
			   struct mqtt_messages *messages)
{
	static const char *const hs_names[2] = {"hue", "sat"};
	static const char *const xy_names[2] = {"x", "y"};
	const struct colour *colour = style;
	double values[2] = {0.0, 0.0};

	switch (device->colour) {
	case MQTT_RGB:
	case MQTT_RGBW:
	case MQTT_RGBWW:
		return add_rgb(device, *colour, messages);
	case MQTT_HS:
		colour_to_hs(*colour, &values[0], &values[1]);
		return add_pair(device, MQTT_HS_COMMAND, hs_names, values, 1, messages);
	case MQTT_XY:
		colour_to_xy(*colour, &values[0], &values[1]);
		return add_pair(device, MQTT_XY_COMMAND, xy_names, values, 4, messages);
	case MQTT_NO_COLOUR:
		break;
	}
	return ERR_UNSUPPORTED;
}

static enum err add_white(const struct mqtt_device *device, const void *style,
			  struct mqtt_messages *messages)
{
	const double *white = style;

	return add_number(device, MQTT_WHITE_COMMAND, *white, 0, messages);
}

/* The nearest white that it can show. */
static double white_of(const struct mqtt_device *device, double mireds)
{
	static const double MILLION = 1e6;
	const double near = fmin(fmax(mireds, device->mireds_min), device->mireds_max);

	return round(device->kelvin ? MILLION / near : near);
}

static enum err light_white(const struct mqtt_device *device, double mireds,
			    struct mqtt_messages *messages)
{
	const double white = white_of(device, mireds);

	if (device->json_light)
		return add_json_light(device,
				      (struct light_wish){.on = true,
							  .whitens = true,
							  .white = white},
				      messages);
	return add_with_on(device, add_white, &white, messages);
}

/* A white is a temperature where the lamp has them, else a colour like others. */
static enum err light_colour(const struct mqtt_device *device,
			     const struct action *action, struct mqtt_messages *messages)
{
	struct colour colour = {0};
	double mireds = 0.0;

	if (device->entity.features & ENTITY_CAN_WHITE &&
	    colour_to_mireds(action->colour, &mireds))
		return light_white(device, mireds, messages);
	if (device->colour == MQTT_NO_COLOUR)
		return ERR_UNSUPPORTED;
	if (!colour_from_name(action->colour, &colour))
		return ERR_RANGE;
	if (device->json_light)
		return add_json_light(device,
				      (struct light_wish){.on = true,
							  .colours = true,
							  .colour = colour},
				      messages);
	return add_with_on(device, add_colour, &colour, messages);
}

static enum err plain_on(const struct mqtt_device *device, const struct action *action,
			 struct mqtt_messages *messages)
{
	(void)action;
	return mqtt_device_add_word(device, MQTT_COMMAND, MQTT_WORD_ON, messages);
}

static enum err plain_off(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	(void)action;
	return mqtt_device_add_word(device, MQTT_COMMAND, MQTT_WORD_OFF, messages);
}

/* By its switch where it has one, else by what it does then. */
static enum err climate_on(const struct mqtt_device *device, const struct action *action,
			   struct mqtt_messages *messages)
{
	if (device->channels[MQTT_COMMAND].topic)
		return plain_on(device, action, messages);
	return mqtt_device_add_word(device, MQTT_MODE_COMMAND, MQTT_WORD_MODE_ON,
				    messages);
}

static enum err climate_off(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *messages)
{
	if (device->channels[MQTT_COMMAND].topic)
		return plain_off(device, action, messages);
	return mqtt_device_add_word(device, MQTT_MODE_COMMAND, MQTT_WORD_MODE_OFF,
				    messages);
}

/* Only what it offers. */
static enum err climate_mode(const struct mqtt_device *device,
			     const struct action *action, struct mqtt_messages *messages)
{
	for (size_t i = 0; i < MQTT_MODE_COUNT; i++) {
		const char *text = mqtt_mode_text((enum mqtt_mode)i);

		if (str_equal(text, action->mode) && device->modes & 1u << i)
			return add_text(device, MQTT_MODE_COMMAND, text, messages);
	}
	return ERR_UNSUPPORTED;
}

static enum err climate_set(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *messages)
{
	const struct entity *entity = &device->entity;
	double celsius = action->celsius;

	if (!isfinite(celsius) || fabs(celsius) > CELSIUS_ABS_MAX ||
	    celsius < entity->celsius_min || celsius > entity->celsius_max)
		return ERR_RANGE;
	return add_number(device, MQTT_TARGET_COMMAND,
			  device->fahrenheit ? celsius * 1.8 + 32.0 : celsius, 1,
			  messages);
}

/* Percent of the way from closed to open, in the device's own numbers. */
static double on_scale(double closed, double open, int percent)
{
	return round(closed + (open - closed) * percent / 100.0);
}

/* A valve that tells a number takes it where others take a word. */
static enum err add_position(const struct mqtt_device *device, int percent,
			     struct mqtt_messages *messages)
{
	return add_number(device,
			  device->reports_position ? MQTT_COMMAND : MQTT_POSITION_COMMAND,
			  on_scale(device->position_closed, device->position_open,
				   percent),
			  0, messages);
}

static enum err add_tilt(const struct mqtt_device *device, int percent,
			 struct mqtt_messages *messages)
{
	char text[NUMBER_TEXT_BYTES];
	const struct template_insert inserts[] = {{"value", text},
						  {"tilt_position", text}};

	if (!str_format(text, sizeof(text), "%.0f",
			on_scale(device->tilt_closed, device->tilt_open, percent)))
		return ERR_RANGE;
	return add(device, MQTT_TILT_COMMAND, inserts, STR_COUNT(inserts), messages);
}

enum err mqtt_device_add_place(const struct mqtt_device *device,
			       const struct action *action,
			       struct mqtt_messages *messages)
{
	if (action->percent < 0 || action->percent > 100)
		return ERR_RANGE;
	return action->kind == ACTION_SET_TILT
		       ? add_tilt(device, action->percent, messages)
		       : add_position(device, action->percent, messages);
}

static enum err cover_place(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *messages)
{
	return mqtt_device_is_guarded(device)
		       ? ERR_UNSUPPORTED
		       : mqtt_device_add_place(device, action, messages);
}

static enum err cover_stop(const struct mqtt_device *device, const struct action *action,
			   struct mqtt_messages *messages)
{
	(void)action;
	if (mqtt_device_is_guarded(device))
		return ERR_UNSUPPORTED;
	return mqtt_device_add_word(device, MQTT_COMMAND, MQTT_WORD_STOP, messages);
}

/* 1 to 100 percent are its lowest to its highest speed; zero is off. */
static enum err fan_speed(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	const double steps = device->speed_max - device->speed_min + 1.0;
	double value = 0.0;

	if (action->percent < 0 || action->percent > 100)
		return ERR_RANGE;
	if (action->percent > 0)
		value = device->speed_min - 1.0 + ceil(steps * action->percent / 100.0);
	return add_number(device, MQTT_SPEED_COMMAND, value, 0, messages);
}

static enum err humidity_set(const struct mqtt_device *device,
			     const struct action *action, struct mqtt_messages *messages)
{
	if (action->percent < device->entity.humidity_min ||
	    action->percent > device->entity.humidity_max)
		return ERR_RANGE;
	return add_number(device, MQTT_HUMIDITY_COMMAND, action->percent, 0, messages);
}

static enum err cover_open(const struct mqtt_device *device, const struct action *action,
			   struct mqtt_messages *messages)
{
	(void)action;
	if (mqtt_device_is_guarded(device))
		return ERR_UNSUPPORTED;
	return mqtt_device_add_word(device, MQTT_COMMAND, MQTT_WORD_OPEN, messages);
}

static enum err cover_close(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *messages)
{
	(void)action;
	return mqtt_device_add_word(device, MQTT_COMMAND, MQTT_WORD_CLOSE, messages);
}

/* Prefers the topic that cannot do the opposite. */
static enum err add_securing(const struct mqtt_device *device, enum mqtt_word word,
			     struct mqtt_messages *messages)
{
	enum mqtt_role role =
		device->channels[MQTT_SECURE].topic ? MQTT_SECURE : MQTT_COMMAND;

	return mqtt_device_add_word(device, role, word, messages);
}

static enum err lock_lock(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	(void)action;
	return add_securing(device, MQTT_WORD_LOCK, messages);
}

static enum err alarm_arm(const struct mqtt_device *device, const struct action *action,
			  struct mqtt_messages *messages)
{
	static const struct {
		const char *mode;
		enum mqtt_word word;
	} rows[] = {
		{"", MQTT_WORD_ARM_AWAY},
		{"away", MQTT_WORD_ARM_AWAY},
		{"home", MQTT_WORD_ARM_HOME},
		{"night", MQTT_WORD_ARM_NIGHT},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (str_equal(rows[i].mode, action->mode))
			return add_securing(device, rows[i].word, messages);
	return ERR_UNSUPPORTED;
}

typedef enum err command_fn(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *messages);

static const struct {
	enum entity_domain domain;
	enum action_kind kind;
	command_fn *fn;
} COMMANDS[] = {
	{ENTITY_ALARM, ACTION_ARM_ALARM, alarm_arm},
	{ENTITY_CLIMATE, ACTION_SET_HEAT, climate_set},
	{ENTITY_CLIMATE, ACTION_SET_MODE, climate_mode},
	{ENTITY_CLIMATE, ACTION_TURN_OFF, climate_off},
	{ENTITY_CLIMATE, ACTION_TURN_ON, climate_on},
	{ENTITY_COVER, ACTION_CLOSE_COVER, cover_close},
	{ENTITY_COVER, ACTION_OPEN_COVER, cover_open},
	{ENTITY_COVER, ACTION_SET_POSITION, cover_place},
	{ENTITY_COVER, ACTION_SET_TILT, cover_place},
	{ENTITY_COVER, ACTION_STOP_COVER, cover_stop},
	{ENTITY_FAN, ACTION_SET_SPEED, fan_speed},
	{ENTITY_FAN, ACTION_TURN_OFF, plain_off},
	{ENTITY_FAN, ACTION_TURN_ON, plain_on},
	{ENTITY_HUMIDIFIER, ACTION_SET_HUMIDITY, humidity_set},
	{ENTITY_HUMIDIFIER, ACTION_TURN_OFF, plain_off},
	{ENTITY_HUMIDIFIER, ACTION_TURN_ON, plain_on},
	{ENTITY_LIGHT, ACTION_LIGHT_COLOUR, light_colour},
	{ENTITY_LIGHT, ACTION_LIGHT_DIM, light_dim},
	{ENTITY_LIGHT, ACTION_TURN_OFF, light_off},
	{ENTITY_LIGHT, ACTION_TURN_ON, light_on},
	{ENTITY_LOCK, ACTION_LOCK, lock_lock},
	{ENTITY_SWITCH, ACTION_TURN_OFF, plain_off},
	{ENTITY_SWITCH, ACTION_TURN_ON, plain_on},
	{ENTITY_VACUUM, ACTION_TURN_OFF, plain_off},
	{ENTITY_VACUUM, ACTION_TURN_ON, plain_on},
	{ENTITY_VACUUM, ACTION_VACUUM_DOCK, plain_off},
	{ENTITY_VACUUM, ACTION_VACUUM_START, plain_on},
};

/* The last look: whatever words and templates made it, this is not sent. */
static bool binds(const struct mqtt_messages *messages)
{
	static const char *const binding[] = {"unlock", "disarm"};

	for (size_t i = 0; i < messages->count; i++) {
		char text[MQTT_PAYLOAD_BYTES];

		(void)str_copy(text, sizeof(text), messages->items[i].payload);
		str_fold(text);
		for (size_t j = 0; j < STR_COUNT(binding); j++)
			if (strstr(text, binding[j]))
				return true;
	}
	return false;
}

enum err mqtt_device_command(const struct mqtt_device *device,
			     const struct action *action,
			     struct mqtt_messages *out_messages)
{
	struct mqtt_messages messages = {0};
	enum err err = ERR_UNSUPPORTED;

	if (device->entity.read_only)
		return ERR_UNSUPPORTED;
	for (size_t i = 0; i < STR_COUNT(COMMANDS); i++)
		if (COMMANDS[i].domain == device->entity.domain &&
		    COMMANDS[i].kind == action->kind) {
			err = COMMANDS[i].fn(device, action, &messages);
			break;
		}
	if (!err && binds(&messages))
		err = ERR_UNSUPPORTED;
	if (!err)
		*out_messages = messages;
	return err;
}
