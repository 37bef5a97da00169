/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_home - all announced devices, and the home that they make.
 *
 * Takes messages, knows no connection: the caller subscribes to what it names. The first
 * device of an id keeps it; a device whose command would reach a lock, an alarm or a
 * door of another, also of one that was there before, is made read-only. Pure but for memory.
 */
#ifndef ADAPTER_MQTT_HOME_H
#define ADAPTER_MQTT_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/mqtt_device.h"
#include "base/err.h"
#include "domain/home.h"

struct mqtt_home;

/* wanted is true when a device wants to hear the topic, also again: what is retained there
 * must come anew. It is false when the last one no longer does. */
typedef void mqtt_home_topic_fn(void *context, const char *topic, bool wanted);

MUST_CHECK enum err mqtt_home_create(const char *prefix, mqtt_home_topic_fn *topic_fn,
				     void *context, struct mqtt_home **out_home);
void mqtt_home_destroy(struct mqtt_home *home); /* NULL is fine */

/* Takes a discovery message (a topic of discovery_is_topic). OK also when nothing came
 * of it. A refused message leaves what the topic announced before as it was. The note is
 * filled in when anything was refused, also beside OK. *out_changed: devices or names. */
MUST_CHECK enum err mqtt_home_announce(struct mqtt_home *home, const char *topic,
				       const char *payload, size_t size,
				       bool *out_changed, struct err_note *note);

/* Takes any other message. True when a device's state changed. The note says why one that
 * is larger, deeper or otherwise than any state says nothing. */
bool mqtt_home_hear(struct mqtt_home *home, const char *topic, const char *payload,
		    size_t size, struct err_note *note);

/* The home made of the devices; borrowed until the next change. */
const struct home *mqtt_home_value(struct mqtt_home *home);

/* NULL when there is none. */
const struct mqtt_device *mqtt_home_find(const struct mqtt_home *home, const char *id);
size_t mqtt_home_count(const struct mqtt_home *home);

/* The connection is new: states are unknown, every device has to announce itself anew,
 * and topic_fn is called for each topic to hear. Devices stay until mqtt_home_sweep. */
void mqtt_home_begin(struct mqtt_home *home);

/* Removes the devices that did not announce themselves since mqtt_home_begin. True when
 * there were any. */
bool mqtt_home_sweep(struct mqtt_home *home);

#endif
