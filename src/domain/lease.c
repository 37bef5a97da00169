/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease - the rows of lease.def. A lease itself is made and ended in listen/lease.c.
 */
#include "domain/lease.h"

#include <stddef.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	int64_t max_ms;
	unsigned renewals;
	bool leaves_room;
} LEASES[LEASE_REASON_COUNT] = {
#define LEASE(name, text, max_ms, renewals, leaves_room, explained) \
	[LEASE_##name] = {text, max_ms, renewals, leaves_room},
#include "domain/lease.def"
#undef LEASE
};

const char *lease_reason_text(enum lease_reason reason)
{
	must(reason < LEASE_REASON_COUNT);
	return LEASES[reason].text;
}

bool lease_reason_from_text(const char *text, enum lease_reason *out_reason)
{
	for (size_t i = 0; i < LEASE_REASON_COUNT; i++) {
		if (!str_equal(LEASES[i].text, text))
			continue;
		*out_reason = (enum lease_reason)i;
		return true;
	}
	return false;
}

int64_t lease_reason_max_ms(enum lease_reason reason)
{
	must(reason < LEASE_REASON_COUNT);
	return LEASES[reason].max_ms;
}

unsigned lease_reason_renewals(enum lease_reason reason)
{
	must(reason < LEASE_REASON_COUNT);
	return LEASES[reason].renewals;
}

bool lease_reason_leaves_room(enum lease_reason reason)
{
	must(reason < LEASE_REASON_COUNT);
	return LEASES[reason].leaves_room;
}
