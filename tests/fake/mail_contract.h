/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_contract - what every mail must do, checked on whatever is behind the port.
 */
#ifndef FAKE_MAIL_CONTRACT_H
#define FAKE_MAIL_CONTRACT_H

#include <stdint.h>

#include "port/mail.h"

/* What the caller fills in, and what the listener wrote. */
struct mail_contract {
	struct mail *mail; /* opened with mail_contract_listener; its server accepts */
	const char *to;    /* an address that the server takes */
	/* Lets time pass: runs the loop once, or has the fake answer. */
	void (*turn)(void *context);
	void *context;

	unsigned done_count;
	uint64_t token; /* of the last done */
	struct delivery result;
};

struct mail_listener mail_contract_listener(struct mail_contract *contract);

/* Fails the cmocka test where a promise of port/mail.h does not hold. Closes the port. */
void mail_contract_check(struct mail_contract *contract);

#endif
