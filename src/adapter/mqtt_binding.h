/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_binding - the commands that bind the household: unlock, disarm, open what lets
 * somebody in, trigger what nobody knows. Linked into the gate alone; the hub's programs
 * have no such words to send.
 */
#ifndef ADAPTER_MQTT_BINDING_H
#define ADAPTER_MQTT_BINDING_H

#include "adapter/mqtt_device.h"

/* As mqtt_device_command, which it falls back to for what binds only by its device. */
MUST_CHECK enum err mqtt_binding_command(const struct mqtt_device *device,
					 const struct action *action,
					 struct mqtt_messages *out_messages);

#endif
