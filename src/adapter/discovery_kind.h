/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery_kind - what a light, a lock, a cover ... may announce. Part of discovery.
 */
#ifndef ADAPTER_DISCOVERY_KIND_H
#define ADAPTER_DISCOVERY_KIND_H

#include "adapter/announced.h"
#include "adapter/mqtt_device.h"

/* The kind of a component's name; UNKNOWN for those that we have no use for. */
enum entity_domain discovery_kind(const char *component);

/* Fills in topics, words, features and limits of a device whose domain is set. */
MUST_CHECK enum err discovery_kind_read(const struct announced *announced,
					struct mqtt_device *device);

#endif
