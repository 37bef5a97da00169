/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease - making, renewing and ending the permission for a microphone to be open.
 *
 * The only constructors of struct lease (domain/lease.h). Times, renewals and reasons are
 * the rows of domain/lease.def and nothing else. One thread makes, renews, ends and
 * frees a lease; any thread may ask whether it is over.
 */
#ifndef LISTEN_LEASE_H
#define LISTEN_LEASE_H

#include "base/err.h"
#include "domain/lease.h"
#include "listen/audible.h"

enum { LEASE_ANSWERS_MAX = 6 }; /* in one dialogue */

/* Begins a lease at now_ms (monotonic). ERR_DENIED for an ANSWER: see below. */
MUST_CHECK enum err lease_create(enum lease_reason reason, int64_t now_ms,
				 struct lease **out_lease);
/* Begins a lease for the answer to a prompt, as it was measured in the room. ERR_DENIED:
 * it was not heard. ERR_LIMIT: so many answers were listened for in this dialogue. */
MUST_CHECK enum err lease_create_answer(const struct audible_measured *prompt,
					unsigned answers_before, int64_t now_ms,
					struct lease **out_lease);
/* Ends and frees it; nobody may hold it any more. NULL is fine. */
void lease_destroy(struct lease *lease);

/* Adds the reason's maximum once more. ERR_LIMIT: its renewals are used up. ERR_CLOSED:
 * it is over; what is over stays over. */
MUST_CHECK enum err lease_renew(struct lease *lease, int64_t now_ms);

/* Over from now on, whatever time is left. Again: nothing. */
void lease_end(struct lease *lease, int64_t now_ms);

/* How long it was or has been open. */
int64_t lease_used_ms(const struct lease *lease, int64_t now_ms);
/* How long it may still be open; INT64_MAX for one without maximum, 0 when over. */
int64_t lease_left_ms(const struct lease *lease, int64_t now_ms);

#endif
