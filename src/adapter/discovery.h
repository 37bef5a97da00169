/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery - reads Home Assistant's MQTT discovery messages. Pure but for memory.
 *
 * <prefix>/<component>/[<node>/]<object>/config announces one device, and
 * <prefix>/device/<id>/config several. What is announced is an outsider's claim: wrong
 * types, topics that are somebody else's, names that cannot be spoken are refused whole.
 * What we do not understand makes a device read-only; what it keeps for settings and
 * diagnosis is not exposed to voice.
 */
#ifndef ADAPTER_DISCOVERY_H
#define ADAPTER_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "adapter/mqtt_device.h"
#include "base/err.h"

enum {
	DISCOVERY_PAYLOAD_MAX = 128 * 1024,
	DISCOVERY_DEVICES_MAX = 64, /* of one message */
};

struct discovery {
	size_t count;
	struct mqtt_device *devices[DISCOVERY_DEVICES_MAX]; /* owned */
	size_t refused; /* components of a device message that were not believed */
};

/* True for <prefix>/.../config of the forms above. */
bool discovery_is_topic(const char *prefix, const char *topic);

/* An empty payload gives no devices: what the topic announced before is gone. So does one
 * that says only that its device will announce itself in the other form, and a
 * component that we have no use for. ERR_FORMAT, ERR_LIMIT with a note: nothing of the
 * message is believed; where only some components of a device message are refused, the
 * note says why for the first. The caller finishes *out_discovery after OK. */
MUST_CHECK enum err discovery_parse(const char *prefix, const char *topic,
				    const char *payload, size_t size,
				    struct discovery *out_discovery,
				    struct err_note *note);
void discovery_finish(struct discovery *discovery); /* destroys what is left in it */

#endif
