/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_discovery - what somebody on the broker may announce and say.
 *
 * The input is messages: topic, newline, payload, each ended by a byte 0. Beyond not
 * crashing: an accepted device has topics that may be subscribed to and published on,
 * a name that can be spoken, and no action makes it unlock or disarm anything.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter/announced.h"
#include "adapter/discovery.h"
#include "adapter/mqtt_home.h"
#include "base/must.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char PREFIX[] = "homeassistant";

static void check_topic(const char *topic)
{
	must(topic[0] && topic[0] != '$' && !strpbrk(topic, "+#"));
	must(strlen(topic) < MQTT_TOPIC_BYTES && !str_ends(topic, "/config"));
}

static void on_topic(void *context, const char *topic, bool wanted)
{
	(void)context;
	(void)wanted;
	/* a state topic outside of the prefix may be called anything */
	must(topic[0] && topic[0] != '$' && !strpbrk(topic, "+#"));
}

static void check_message(const struct mqtt_message *message)
{
	char text[MQTT_PAYLOAD_BYTES];

	if (str_starts(message->topic, PREFIX))
		check_topic(message->topic);
	must(str_copy(text, sizeof(text), message->payload));
	str_fold(text);
	must(!strstr(text, "unlock") && !strstr(text, "disarm"));
}

static void check_commands(const struct mqtt_device *device)
{
	for (size_t i = 0; i < ACTION_KIND_COUNT; i++) {
		struct action action = {.kind = (enum action_kind)i,
					.percent = 37,
					.celsius = 20,
					.mode = "heat",
					.colour = "red"};
		struct mqtt_messages messages = {0};

		if (mqtt_device_command(device, &action, &messages))
			continue;
		must(!device->entity.read_only && messages.count > 0);
		must(action.kind != ACTION_UNLOCK && action.kind != ACTION_DISARM_ALARM &&
		     action.kind != ACTION_PRESS);
		for (size_t j = 0; j < messages.count; j++)
			check_message(&messages.items[j]);
	}
}

/* No way around: what is commanded is neither where something that lets somebody in is
 * commanded nor where it is heard. */
static void check_apart(const struct mqtt_device *device,
			const struct mqtt_device *guarded)
{
	if (device == guarded || device->entity.read_only)
		return;
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		const char *own = device->channels[i].topic;

		if (!own || mqtt_role_is_heard((enum mqtt_role)i))
			continue;
		must(!mqtt_device_hears(guarded, own, mqtt_topic_hash(own)));
		for (size_t j = 0; j < MQTT_ROLE_COUNT; j++)
			must(!guarded->channels[j].topic || j == MQTT_SECURE ||
			     mqtt_role_is_heard((enum mqtt_role)j) ||
			     !str_equal(own, guarded->channels[j].topic));
	}
}

static void check_guarded(struct mqtt_home *devices, const struct home *home)
{
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct mqtt_device *guarded =
			mqtt_home_find(devices, home->entities[i].id);

		for (size_t j = 0;
		     mqtt_device_is_guarded(guarded) && j < home->entity_count; j++)
			check_apart(mqtt_home_find(devices, home->entities[j].id),
				    guarded);
	}
}

static void check_state(const struct entity_state *state)
{
	const int percents[] = {state->brightness_percent, state->position_percent,
				state->tilt_percent, state->speed_percent,
				state->humidity_percent};

	for (size_t i = 0; i < STR_COUNT(percents); i++)
		must(percents[i] >= -1 && percents[i] <= 100);
}

static void check_devices(struct mqtt_home *devices)
{
	const struct home *home = mqtt_home_value(devices);

	must(home->entity_count == mqtt_home_count(devices));
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];
		const struct mqtt_device *device = mqtt_home_find(devices, entity->id);

		must(device && entity->name[0] && announced_is_visible(entity->name));
		must(announced_is_visible(entity->unit));
		check_state(&entity->state);
		check_commands(device);
	}
	check_guarded(devices, home);
}

static void take_message(struct mqtt_home *devices, const char *topic,
			 const char *payload, size_t size)
{
	struct err_note note = {""};
	bool changed = false;

	if (!discovery_is_topic(PREFIX, topic)) {
		(void)mqtt_home_hear(devices, topic, payload, size, &note);
		return;
	}
	if (mqtt_home_announce(devices, topic, payload, size, &changed, &note))
		must(note.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct mqtt_home *devices = NULL;
	char *text = malloc(size + 1);

	must(text && mqtt_home_create(PREFIX, on_topic, NULL, &devices) == OK);
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = 0;
	for (size_t at = 0; at < size;) {
		char *message = text + at;
		size_t message_size = strlen(message);
		char *end = strchr(message, '\n');

		at += message_size + 1;
		if (!end)
			continue;
		*end = 0;
		take_message(devices, message, end + 1, strlen(end + 1));
	}
	check_devices(devices);
	mqtt_home_begin(devices);
	(void)mqtt_home_sweep(devices);
	must(mqtt_home_count(devices) == 0);
	mqtt_home_destroy(devices);
	free(text);
	return 0;
}
