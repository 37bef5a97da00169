/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_binding - one row per kind of device and action: which of its words, on its command
 * topic. What has no row is tried as an ordinary command: a switch that nobody marked
 * harmless is switched like any other, once it was approved.
 */
#include "adapter/mqtt_binding.h"

#include "base/str.h"

static const struct {
	enum entity_domain domain;
	enum action_kind kind;
	enum mqtt_word word;
} ROWS[] = {
	{ENTITY_ALARM, ACTION_DISARM_ALARM, MQTT_WORD_DISARM},
	{ENTITY_BUTTON, ACTION_PRESS, MQTT_WORD_PRESS},
	{ENTITY_COVER, ACTION_OPEN_COVER, MQTT_WORD_OPEN},
	{ENTITY_COVER, ACTION_STOP_COVER, MQTT_WORD_STOP},
	{ENTITY_LOCK, ACTION_UNLOCK, MQTT_WORD_UNLOCK},
	{ENTITY_SCENE, ACTION_PRESS, MQTT_WORD_PRESS},
	{ENTITY_SCENE, ACTION_TURN_ON, MQTT_WORD_PRESS},
	{ENTITY_SIREN, ACTION_TURN_OFF, MQTT_WORD_OFF},
	{ENTITY_SIREN, ACTION_TURN_ON, MQTT_WORD_ON},
	{ENTITY_VALVE, ACTION_CLOSE_COVER, MQTT_WORD_CLOSE},
	{ENTITY_VALVE, ACTION_OPEN_COVER, MQTT_WORD_OPEN},
	{ENTITY_VALVE, ACTION_STOP_COVER, MQTT_WORD_STOP},
	{ENTITY_VALVE, ACTION_TURN_OFF, MQTT_WORD_CLOSE},
	{ENTITY_VALVE, ACTION_TURN_ON, MQTT_WORD_OPEN},
};

/* How far something is opened is a number, and no word. */
static bool is_place(const struct mqtt_device *device, const struct action *action)
{
	const bool moves =
		action->kind == ACTION_SET_POSITION || action->kind == ACTION_SET_TILT;

	return moves && (device->entity.domain == ENTITY_COVER ||
			 device->entity.domain == ENTITY_VALVE);
}

enum err mqtt_binding_command(const struct mqtt_device *device,
			      const struct action *action,
			      struct mqtt_messages *out_messages)
{
	struct mqtt_messages messages = {0};
	enum err err = ERR_UNSUPPORTED;

	if (device->entity.read_only)
		return err;
	if (is_place(device, action)) {
		err = mqtt_device_add_place(device, action, &messages);
		if (!err)
			*out_messages = messages;
		return err;
	}
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		if (ROWS[i].domain != device->entity.domain ||
		    ROWS[i].kind != action->kind)
			continue;
		err = mqtt_device_add_word(device, MQTT_COMMAND, ROWS[i].word, &messages);
		if (!err)
			*out_messages = messages;
		return err;
	}
	return mqtt_device_command(device, action, out_messages);
}
