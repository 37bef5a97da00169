/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals - a ring of hashes of what was told, and a count per minute.
 *
 * What was too much to be told is not remembered: it is told when it comes again.
 */
#include "adapter/refusals.h"

static uint64_t add_text(uint64_t hash, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
	return hash * UINT64_C(1099511628211); /* as if the end were a byte of it */
}

static bool is_known(const struct refusals *refusals, uint64_t hash)
{
	for (size_t i = 0; i < refusals->known_count; i++)
		if (refusals->known[i] == hash)
			return true;
	return false;
}

static void remember(struct refusals *refusals, uint64_t hash)
{
	refusals->known[refusals->next] = hash;
	refusals->next = (refusals->next + 1) % REFUSALS_KNOWN_MAX;
	if (refusals->known_count < REFUSALS_KNOWN_MAX)
		refusals->known_count++;
}

bool refusals_take(struct refusals *refusals, const char *topic, const char *why,
		   int64_t now_ms)
{
	const uint64_t hash =
		add_text(add_text(UINT64_C(14695981039346656037), topic), why);

	if (is_known(refusals, hash))
		return false;
	if (now_ms - refusals->since_ms >= REFUSALS_MS) {
		refusals->since_ms = now_ms;
		refusals->told = 0;
	}
	if (refusals->told == REFUSALS_TOLD_MAX) {
		refusals->untold++;
		return false;
	}
	refusals->told++;
	remember(refusals, hash);
	return true;
}

bool flood_take(struct flood *flood, int64_t now_ms)
{
	if (now_ms - flood->since_ms >= FLOOD_MS)
		*flood = (struct flood){.since_ms = now_ms};
	return ++flood->count == FLOOD_MAX;
}
