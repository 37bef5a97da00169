/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_status - tells our own words, which the broker gives back, from those of others.
 *
 * Invariant: "online" is answered to "offline" alone, so that two of us cannot keep
 * answering each other.
 */
#include "adapter/mqtt_status.h"

#include <string.h>

static bool is_word(const char *payload, size_t size, const char *word)
{
	return size == strlen(word) && memcmp(payload, word, size) == 0;
}

void mqtt_status_begin(struct mqtt_status *status)
{
	status->own = 0;
}

void mqtt_status_sent(struct mqtt_status *status)
{
	status->own++;
}

/* Also the will of a connection of ours that the broker only now gives up. */
static bool may_say_again(struct mqtt_status *status, int64_t now_ms)
{
	if (status->was_said_again && now_ms - status->again_ms < MQTT_STATUS_AGAIN_MS)
		return false;
	status->was_said_again = true;
	status->again_ms = now_ms;
	return true;
}

bool mqtt_status_hear(struct mqtt_status *status, const char *payload, size_t size,
		      bool is_retained, int64_t now_ms)
{
	if (is_word(payload, size, "online")) {
		if (is_retained || status->own == 0)
			status->has_neighbour = true; /* we retain nothing */
		else
			status->own--;
		return false;
	}
	if (!is_word(payload, size, "offline"))
		return false;
	status->has_neighbour = status->has_neighbour || is_retained;
	return may_say_again(status, now_ms);
}
