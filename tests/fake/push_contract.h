/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_contract - what every push must do, checked on whatever is behind the port.
 */
#ifndef FAKE_PUSH_CONTRACT_H
#define FAKE_PUSH_CONTRACT_H

#include <stdint.h>

#include "port/push.h"

/* What the caller fills in, and what the listener wrote. */
struct push_contract {
	struct push *push; /* opened with push_contract_listener; its server accepts */
	/* Lets time pass: runs the loop once, or has the fake answer. */
	void (*turn)(void *context);
	void *context;

	unsigned done_count;
	uint64_t token; /* of the last done */
	struct delivery result;
};

struct push_listener push_contract_listener(struct push_contract *contract);

/* Fails the cmocka test where a promise of port/push.h does not hold. Closes the port. */
void push_contract_check(struct push_contract *contract);

#endif
