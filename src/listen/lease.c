/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease - the only place where a struct lease is made or renewed.
 *
 * Does not look at a clock, so that a test can pass eight seconds in no time. A clock that
 * runs backwards ends the lease: a fault shortens it, never lengthens it.
 *
 * Invariants: an ANSWER follows a prompt that was measured as heard; until_ms <= start_ms + (1 + renewals) * max_ms, and once over always over.
 */
#include "listen/lease.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/must.h"

struct lease {
	enum lease_reason reason;
	int64_t start_ms;
	unsigned renewals_left;
	_Atomic int64_t until_ms; /* read by the capture thread */
};

static enum err create(enum lease_reason reason, int64_t now_ms, struct lease **out_lease)
{
	const int64_t max_ms = lease_reason_max_ms(reason);
	struct lease *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->reason = reason;
	made->start_ms = now_ms;
	made->renewals_left = lease_reason_renewals(reason);
	atomic_init(&made->until_ms, max_ms > 0 ? now_ms + max_ms : INT64_MAX);
	*out_lease = made;
	return OK;
}

enum err lease_create(enum lease_reason reason, int64_t now_ms, struct lease **out_lease)
{
	return reason == LEASE_ANSWER ? ERR_DENIED : create(reason, now_ms, out_lease);
}

enum err lease_create_answer(const struct audible_measured *prompt,
			     unsigned answers_before, int64_t now_ms,
			     struct lease **out_lease)
{
	if (!prompt->heard)
		return ERR_DENIED;
	return answers_before >= LEASE_ANSWERS_MAX
		       ? ERR_LIMIT
		       : create(LEASE_ANSWER, now_ms, out_lease);
}

void lease_destroy(struct lease *lease)
{
	free(lease);
}

enum lease_reason lease_reason_of(const struct lease *lease)
{
	return lease->reason;
}

bool lease_is_over(const struct lease *lease, int64_t now_ms)
{
	if (!lease)
		return true;
	return now_ms < lease->start_ms || now_ms >= atomic_load(&lease->until_ms);
}

enum err lease_renew(struct lease *lease, int64_t now_ms)
{
	const int64_t max_ms = lease_reason_max_ms(lease->reason);

	if (lease_is_over(lease, now_ms))
		return ERR_CLOSED;
	if (lease->renewals_left == 0)
		return ERR_LIMIT;
	must(max_ms > 0);
	lease->renewals_left--;
	atomic_fetch_add(&lease->until_ms, max_ms);
	return OK;
}

void lease_end(struct lease *lease, int64_t now_ms)
{
	if (!lease_is_over(lease, now_ms))
		atomic_store(&lease->until_ms, now_ms);
}

int64_t lease_used_ms(const struct lease *lease, int64_t now_ms)
{
	const int64_t until_ms = atomic_load(&lease->until_ms);
	const int64_t end_ms = now_ms < until_ms ? now_ms : until_ms;

	return end_ms > lease->start_ms ? end_ms - lease->start_ms : 0;
}

int64_t lease_left_ms(const struct lease *lease, int64_t now_ms)
{
	const int64_t until_ms = atomic_load(&lease->until_ms);

	if (lease_is_over(lease, now_ms))
		return 0;
	return until_ms == INT64_MAX ? INT64_MAX : until_ms - now_ms;
}
