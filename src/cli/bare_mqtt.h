/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_mqtt - the least that can be said to a broker: MQTT 3.1.1 over one socket, without a
 * library between. It plays the devices of a benchmark, and is what the home bus is
 * compared with. Waits, and counts its own time; no reconnecting, no acknowledgements but
 * those that it must give. One thread.
 */
#ifndef CLI_BARE_MQTT_H
#define CLI_BARE_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { BARE_MQTT_TOPIC_BYTES = 128, BARE_MQTT_PAYLOAD_BYTES = 512 };

struct bare_mqtt;

struct bare_message {
	char topic[BARE_MQTT_TOPIC_BYTES];
	char payload[BARE_MQTT_PAYLOAD_BYTES]; /* cut where it is longer */
	bool retained;
};

/* To 127.0.0.1. ERR_IO, ERR_AUTH with a note. */
MUST_CHECK enum err bare_mqtt_open(uint16_t port, const char *user, const char *password,
				   struct bare_mqtt **out_client, struct err_note *note);
void bare_mqtt_close(struct bare_mqtt *client); /* NULL is fine */
int bare_mqtt_fd(const struct bare_mqtt *client);

MUST_CHECK enum err bare_mqtt_subscribe(struct bare_mqtt *client, const char *filter);
/* Quality of service 0, and 2 with all four steps of it done. */
MUST_CHECK enum err bare_mqtt_publish(struct bare_mqtt *client, const char *topic,
				      const char *payload, bool retain);
MUST_CHECK enum err bare_mqtt_publish_twice_sure(struct bare_mqtt *client,
						 const char *topic, const char *payload);
/* The next message, within the time: ERR_TIMEOUT. */
MUST_CHECK enum err bare_mqtt_wait(struct bare_mqtt *client, int wait_ms,
				   struct bare_message *out_message);

#endif
