/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warrant - the only file that can make one or look inside.
 *
 * Invariants: a warrant names exactly one action, is redeemed at most once, and never
 * after its time. Its hash covers every field that acting reads. Pure.
 */
#include "decide/warrant.h"

#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"

struct warrant {
	struct action action;
	uint8_t hash[WARRANT_HASH_BYTES];
	int64_t until_ms;
	bool used;
};

enum { CANONICAL_BYTES = 512 };

/* One field a line, the format's name first; the same action gives the same bytes on
 * every machine. Celsius goes in thousandths. */
static enum err action_hash(const struct action *action,
			    uint8_t out_hash[WARRANT_HASH_BYTES])
{
	char bytes[CANONICAL_BYTES];

	must(str_format(bytes, sizeof(bytes),
			"behest-action-v1\n%s\n%s\n%s\n%d\n%lld\n%s\n%s\n",
			action_name(action->kind), action->entity, action->room,
			action->percent, (long long)(action->celsius * 1000),
			action->colour, action->mode));
	const struct seal_part part = {bytes, strlen(bytes)};
	return seal_sha256(&part, 1, out_hash);
}

enum err warrant_create(struct arena *arena, const struct action *action, int64_t now_ms,
			struct warrant **out_warrant)
{
	void *memory = NULL;
	enum err err = arena_take(arena, sizeof(struct warrant), &memory);

	if (err)
		return err;
	struct warrant *warrant = memory;
	warrant->action = *action;
	warrant->until_ms = now_ms + WARRANT_LIFE_MS;
	err = action_hash(action, warrant->hash);
	if (!err)
		*out_warrant = warrant;
	return err;
}

const struct action *warrant_shows(const struct warrant *warrant)
{
	return &warrant->action;
}

const uint8_t *warrant_hash(const struct warrant *warrant)
{
	return warrant->hash;
}

const struct action *warrant_redeem(struct warrant *warrant, int64_t now_ms)
{
	if (warrant->used || now_ms > warrant->until_ms)
		return NULL;
	warrant->used = true;
	return &warrant->action;
}
