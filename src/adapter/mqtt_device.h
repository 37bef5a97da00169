/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_device - one announced device: its topics, its words, and what both mean.
 *
 * Made by adapter/discovery.c. Turns its own messages into an entity's state, and an
 * action into messages. Has no command for what binds the household: unlocking,
 * disarming, pressing, opening doors; that is another program's. Pure but for memory.
 */
#ifndef ADAPTER_MQTT_DEVICE_H
#define ADAPTER_MQTT_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/template.h"
#include "base/err.h"
#include "domain/action.h"
#include "domain/home.h"

enum {
	MQTT_TOPIC_BYTES = 256,
	MQTT_PAYLOAD_BYTES = TEMPLATE_PAYLOAD_BYTES,
	MQTT_AVAILABILITY_MAX = 8,
	MQTT_MESSAGES_MAX = 3, /* one action sends at most so many */
};

/* What a topic is for. */
enum mqtt_role {
	MQTT_STATE,
	MQTT_COMMAND,
	MQTT_SECURE, /* our extension: obeys only LOCK and ARM_..., never the opposite */
	MQTT_BRIGHTNESS_STATE,
	MQTT_BRIGHTNESS_COMMAND,
	MQTT_RGB_COMMAND,
	MQTT_HS_COMMAND,
	MQTT_XY_COMMAND,
	MQTT_WHITE_COMMAND, /* colour temperature */
	MQTT_POSITION_STATE,
	MQTT_POSITION_COMMAND,
	MQTT_TILT_STATE,
	MQTT_TILT_COMMAND,
	MQTT_SPEED_STATE,
	MQTT_SPEED_COMMAND,
	MQTT_HUMIDITY_STATE,
	MQTT_HUMIDITY_COMMAND,
	MQTT_TARGET_STATE,
	MQTT_TARGET_COMMAND,
	MQTT_MEASURED_STATE,
	MQTT_MODE_STATE,
	MQTT_MODE_COMMAND,
	MQTT_ROLE_COUNT
};

/* What a device calls things. */
enum mqtt_word {
	MQTT_WORD_ON,
	MQTT_WORD_OFF,
	MQTT_WORD_OPEN,
	MQTT_WORD_CLOSE,
	MQTT_WORD_STOP,
	MQTT_WORD_LOCK,
	MQTT_WORD_ARM_AWAY,
	MQTT_WORD_ARM_HOME,
	MQTT_WORD_ARM_NIGHT,
	MQTT_WORD_MODE_ON,
	MQTT_WORD_MODE_OFF,
	MQTT_WORD_STATE_ON,
	MQTT_WORD_STATE_OFF,
	MQTT_WORD_STATE_OPEN,
	MQTT_WORD_STATE_OPENING,
	MQTT_WORD_STATE_CLOSED,
	MQTT_WORD_STATE_CLOSING,
	MQTT_WORD_STATE_STOPPED,
	MQTT_WORD_STATE_LOCKED,
	MQTT_WORD_STATE_LOCKING,
	MQTT_WORD_STATE_UNLOCKED,
	MQTT_WORD_STATE_UNLOCKING,
	MQTT_WORD_STATE_JAMMED,
	/* What only the gate says: adapter/mqtt_binding.c. */
	MQTT_WORD_UNLOCK,
	MQTT_WORD_DISARM,
	MQTT_WORD_PRESS,
	MQTT_WORD_COUNT
};

struct mqtt_channel {
	char *topic;               /* owned; NULL: has none */
	struct template *template; /* owned; NULL: the payload itself */
	uint32_t hash;             /* of topic */
};

struct mqtt_availability {
	char *topic;               /* owned */
	struct template *template; /* owned or NULL */
	uint32_t hash;
	char online[TEMPLATE_WORD_BYTES];
	char offline[TEMPLATE_WORD_BYTES];
	bool said; /* it has said one of them on this connection */
	bool is_online;
};

enum mqtt_availability_mode { MQTT_LATEST, MQTT_ALL, MQTT_ANY };
enum mqtt_colour_mode {
	MQTT_NO_COLOUR,
	MQTT_RGB,
	MQTT_RGBW,
	MQTT_RGBWW,
	MQTT_HS,
	MQTT_XY
};

/* What a climate may do; bits of mqtt_device.modes are 1 << these. */
enum mqtt_mode {
	MQTT_MODE_AUTO,
	MQTT_MODE_COOL,
	MQTT_MODE_DRY,
	MQTT_MODE_FAN_ONLY,
	MQTT_MODE_HEAT,
	MQTT_MODE_HEAT_COOL,
	MQTT_MODE_OFF,
	MQTT_MODE_COUNT
};
enum mqtt_on_order { MQTT_ON_LAST, MQTT_ON_FIRST, MQTT_ON_BY_BRIGHTNESS };

struct mqtt_device {
	struct entity entity;  /* area is -1: area is a name here */
	char area[NAME_BYTES]; /* "" none */
	char config_topic[MQTT_TOPIC_BYTES];
	uint64_t topics_mask; /* a bit for each hash % 64 that it listens to */
	struct mqtt_channel channels[MQTT_ROLE_COUNT];
	char *words[MQTT_WORD_COUNT]; /* owned; NULL: does not know the word */
	size_t availability_count;
	struct mqtt_availability availability[MQTT_AVAILABILITY_MAX];
	enum mqtt_availability_mode availability_mode;
	bool json_light; /* the JSON schema */
	enum mqtt_colour_mode colour;
	enum mqtt_on_order on_order;
	double brightness_scale;
	double position_open;
	double position_closed;
	bool reports_position; /* a valve that tells and takes a number */
	bool fahrenheit;
	bool kelvin; /* colour temperature is in kelvin, else in mireds */
	double mireds_min;
	double mireds_max;
	double speed_min; /* of a fan that is not off */
	double speed_max;
	double tilt_open;
	double tilt_closed;
	unsigned modes;        /* that a climate offers */
	uint64_t states_heard; /* messages on its own state topics, ever */
};

/* What was known of a device when it was sent a command. */
struct mqtt_mark {
	uint64_t states_heard;
	int position_percent;
};

/* Topics are borrowed from the device. */
struct mqtt_message {
	const char *topic;
	char payload[MQTT_PAYLOAD_BYTES];
};
struct mqtt_messages {
	size_t count;
	struct mqtt_message items[MQTT_MESSAGES_MAX];
};

/* A device that knows nothing yet. */
MUST_CHECK enum err mqtt_device_create(struct mqtt_device **out_device);
void mqtt_device_destroy(struct mqtt_device *device); /* NULL is fine */

uint32_t mqtt_topic_hash(const char *topic); /* FNV-1a */

/* True for topics that the device speaks on, false for those that it obeys. */
bool mqtt_role_is_heard(enum mqtt_role role);

/* "heat"; NULL behind the last. */
const char *mqtt_mode_text(enum mqtt_mode mode);

/* Sets the masks and hashes after the topics were filled in. */
void mqtt_device_finish_topics(struct mqtt_device *device);

/* The index-th topic that it must hear; NULL behind the last. May repeat itself. */
const char *mqtt_device_heard_topic(const struct mqtt_device *device, size_t index);
bool mqtt_device_hears(const struct mqtt_device *device, const char *topic,
		       uint32_t hash);

/* Takes a message of a topic that it hears. True when entity.state changed. */
bool mqtt_device_hear(struct mqtt_device *device, const char *topic, uint32_t hash,
		      struct template_input input);

/* The connection is gone: nothing is known any more. */
void mqtt_device_forget_state(struct mqtt_device *device);

/* What lets somebody in: locks, alarms, covers of a door, gate, garage or window. */
bool mqtt_device_is_guarded(const struct mqtt_device *device);

/* True when it has said on this connection that it is not there. */
bool mqtt_device_is_offline(const struct mqtt_device *device);

/* True when the device is there and its own state topics show what the action asked for
 * (or that it is on its way, for what takes time). For actions that none of its topics
 * would show it is enough that it is there. */
struct mqtt_mark mqtt_device_mark(const struct mqtt_device *device);
bool mqtt_device_confirms(const struct mqtt_device *device, const struct action *action,
			  const struct mqtt_mark *mark);

/* Adds the device's own word on the role's topic. ERR_UNSUPPORTED when it lacks either. */
MUST_CHECK enum err mqtt_device_add_word(const struct mqtt_device *device,
					 enum mqtt_role role, enum mqtt_word word,
					 struct mqtt_messages *messages);

/* Adds the position or the tilt that the action asks for, also where that lets somebody in:
 * adapter/mqtt_binding.c alone may. */
MUST_CHECK enum err mqtt_device_add_place(const struct mqtt_device *device,
					  const struct action *action,
					  struct mqtt_messages *messages);

/* The messages that carry out the action. ERR_UNSUPPORTED when it cannot do that, or when
 * they would bind the household; ERR_RANGE when a value is outside its limits. */
MUST_CHECK enum err mqtt_device_command(const struct mqtt_device *device,
					const struct action *action,
					struct mqtt_messages *out_messages);

#endif
