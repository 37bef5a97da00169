/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warrant - the only file that can make one or look inside.
 *
 * Invariants: a warrant names exactly one action, is redeemed at most once, and never
 * after its time. Its hash covers every field that acting reads. Pure.
 */
#include "decide/warrant.h"

#include <string.h>

#include "base/seal.h"

struct warrant {
	struct action action;
	uint8_t hash[WARRANT_HASH_BYTES];
	int64_t until_ms;
	bool used;
};

static enum err action_hash(const struct action *action,
			    uint8_t out_hash[WARRANT_HASH_BYTES])
{
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;
	struct action form = *action;
	enum err err;

	form.words[0] = '\0'; /* behind the form, which has no place for them */
	err = action_bytes(&form, bytes, &size);
	return err ? err
		   : seal_sha256((const struct seal_part[]){{bytes, size},
							    {action->words,
							     strlen(action->words)}},
				 2, out_hash);
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
