/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent - the ring of a room's last turns. Holds words, so it is wiped, not just reused.
 */
#include "domain/recent.h"

#include <string.h>

void recent_init(struct recent *recent)
{
	memset(recent, 0, sizeof(*recent));
}

void recent_wipe(struct recent *recent)
{
	explicit_bzero(recent, sizeof(*recent));
}

void recent_add(struct recent *recent, const struct recent_turn *turn)
{
	recent->turns[recent->next] = *turn;
	recent->next = (recent->next + 1) % RECENT_TURNS_MAX;
	if (recent->count < RECENT_TURNS_MAX)
		recent->count++;
}

static struct recent_turn *recent_back(struct recent *recent, size_t back)
{
	return &recent->turns[(recent->next + RECENT_TURNS_MAX - 1 - back) %
			      RECENT_TURNS_MAX];
}

const struct recent_turn *recent_newest(struct recent *recent, int64_t now_ms)
{
	while (recent->count > 0) {
		struct recent_turn *oldest = recent_back(recent, recent->count - 1);
		if (now_ms - oldest->at_ms <= RECENT_KEEP_MS)
			break;
		explicit_bzero(oldest, sizeof(*oldest));
		recent->count--;
	}
	return recent->count > 0 ? recent_back(recent, 0) : NULL;
}
