/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease - the permission for a microphone to be open: a reason, a maximum, a light.
 *
 * Opaque: only listen/lease.c makes, renews and ends one (domain/lease.def). The mic
 * port takes a lease to open, and nothing else opens it.
 */
#ifndef DOMAIN_LEASE_H
#define DOMAIN_LEASE_H

#include <stdbool.h>
#include <stdint.h>

enum lease_reason {
#define LEASE(name, text, max_ms, renewals, leaves_room, explained) LEASE_##name,
#include "domain/lease.def"
#undef LEASE
	LEASE_REASON_COUNT
};

struct lease;

enum lease_reason lease_reason_of(const struct lease *lease);
/* True once its time is over or it was ended; NULL is over. now_ms is monotonic. */
bool lease_is_over(const struct lease *lease, int64_t now_ms);
const char *lease_reason_text(enum lease_reason reason);
bool lease_reason_from_text(const char *text, enum lease_reason *out_reason);
int64_t lease_reason_max_ms(enum lease_reason reason); /* 0: no maximum (NAME only) */
unsigned lease_reason_renewals(enum lease_reason reason);
bool lease_reason_leaves_room(enum lease_reason reason);

#endif
