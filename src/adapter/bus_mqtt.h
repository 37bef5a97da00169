/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_mqtt - the home bus over an MQTT 3.1.1 broker with Home Assistant discovery.
 *
 * Runs in the loop, without a thread. Connects, and connects again, by itself; nothing
 * of a lost connection is ever sent on the next one.
 */
#ifndef ADAPTER_BUS_MQTT_H
#define ADAPTER_BUS_MQTT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "port/bus.h"
#include "port/rand.h"

struct mqtt_device;
struct mqtt_messages;

enum {
	BUS_MQTT_HOST_BYTES = 256,
	BUS_MQTT_USER_BYTES = 128,
	BUS_MQTT_PASSWORD_BYTES = 256,
	BUS_MQTT_PREFIX_BYTES = 64,
	BUS_MQTT_PATH_BYTES = 1024,
};

/* Files in PEM, read anew for each connection. The certificate is always verified, and the
 * host's name with it. */
struct bus_mqtt_tls {
	bool on;
	const char *authority;   /* that signed the broker's; "" or NULL: the system's */
	const char *certificate; /* ours, for a broker that asks; "" or NULL: none */
	const char *key;         /* of it, without a passphrase */
};

struct bus_mqtt_settings {
	const char *
		host; /* a name is resolved by the C library, which may wait: prefer an address */
	uint16_t port;
	const char *user;      /* "" or NULL: none */
	const char *password;  /* "" or NULL: none */
	const char *discovery; /* the topic prefix, usually "homeassistant" */
	struct bus_mqtt_tls tls;
	bool is_silent; /* does not say on <discovery>/status that the house is there */
	/* How an action becomes messages. NULL: mqtt_device_command, which sends nothing
	 * that binds the household. */
	enum err (*command)(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *out_messages);
};

/* Starts connecting in the loop's next round; settings are copied. ERR_RANGE for texts
 * that are empty or too long or a certificate
 * without its key, ERR_MEMORY, ERR_LIMIT of the loop. A broker that is away is
 * no error: see bus_trouble. bus_close must not be called from the listener. */
MUST_CHECK enum err bus_mqtt_open(struct loop *loop,
				  const struct bus_mqtt_settings *settings,
				  struct bus_listener listener, struct rand rand,
				  struct bus *out_bus);

#endif
