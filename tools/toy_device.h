/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toy_device - the devices of the toy home: what they announce, obey and say.
 *
 * They behave like real ones: wrong commands are ignored, values are clamped, and what
 * they say is what they are. Knows no connection. One thread.
 *
 * Topics are toy/<component>/<id>/...: .../set takes every command; .../secure, of the
 * lock and the alarm, only LOCK and ARM_..., so that a broker's ACL can let the
 * assistant's hub lock and arm, and nothing else.
 */
#ifndef TOOLS_TOY_DEVICE_H
#define TOOLS_TOY_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { TOY_TOPIC_BYTES = 128, TOY_MESSAGE_MAX = 4096 };

struct toy_device;

size_t toy_device_count(void);
struct toy_device *toy_device_at(size_t index);
const char *toy_device_name(const struct toy_device *device);

/* The discovery message. payload is initialised by the caller. */
MUST_CHECK enum err toy_device_announce(const struct toy_device *device,
					char topic[TOY_TOPIC_BYTES], struct buf *payload);

/* The index-th retained message that says what it is; ERR_MISSING behind the last. */
MUST_CHECK enum err toy_device_say(const struct toy_device *device, size_t index,
				   char topic[TOY_TOPIC_BYTES], struct buf *payload);

/* Takes a message of any topic: true when it was a command to this device that it obeyed. */
bool toy_device_obey(struct toy_device *device, const char *topic, const char *payload,
		     size_t size);

/* Adds what it is to an open JSON object. */
void toy_device_describe(const struct toy_device *device, struct json_write *write);

#endif
