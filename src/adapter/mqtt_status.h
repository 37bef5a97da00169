/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_status - who says on <discovery>/status that the house is there.
 *
 * Devices announce themselves anew when somebody says "online" there; a Home Assistant
 * says so too, and "offline" when it ends. We say "online" when we come, and again after
 * an "offline", of which a device might think that nobody is left. We say "offline" only
 * where nobody else has been seen to say anything. A plain value; the time is given.
 */
#ifndef ADAPTER_MQTT_STATUS_H
#define ADAPTER_MQTT_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MQTT_STATUS_AGAIN_MS = 30000 }; /* "online" is repeated so rarely */

/* All zero at first. */
struct mqtt_status {
	unsigned own; /* "online" of ours that the broker has yet to give back */
	int64_t again_ms;
	bool was_said_again;
	bool has_neighbour; /* for good: who was there once comes back */
};

void mqtt_status_begin(struct mqtt_status *status); /* a new connection */
void mqtt_status_sent(struct mqtt_status *status);  /* we say "online" */
/* Takes a message of the topic; true when "online" is to be said again. */
bool mqtt_status_hear(struct mqtt_status *status, const char *payload, size_t size,
		      bool is_retained, int64_t now_ms);

#endif
