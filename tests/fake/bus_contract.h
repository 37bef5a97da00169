/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_contract - what every home bus must do, checked with cmocka. The fake and the real
 * one run it alike, so that a story that passes on the fake means something.
 */
#ifndef FAKE_BUS_CONTRACT_H
#define FAKE_BUS_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "port/bus.h"

/* What the listener was told; bus_contract_listener fills it in. */
struct bus_contract {
	struct bus *bus;
	const char *light;           /* the id of a light that can be dimmed and obeys */
	const char *lock;            /* the id of a lock */
	void (*turn)(void *context); /* lets the bus work for a moment */
	void (*fall)(void *context); /* takes the broker away */
	void *context;
	unsigned done_count;
	uint64_t token;
	enum err err;
	unsigned changed_count;
};

struct bus_listener bus_contract_listener(struct bus_contract *contract);

/* The bus is up and knows the light and the lock. It is down afterwards. */
void bus_contract_check(struct bus_contract *contract);

#endif
