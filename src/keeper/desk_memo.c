/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_memo - takes spoken messages in, piece by piece, and seals them as they come.
 *
 * They come before it is known whether they may be sent: until that is asked for they lie
 * here, sealed under a key of their own that is nowhere else, and for DESK_MEMO_MS at
 * most. Whose they are and where they go is not known here. Invariants: no plaintext is
 * kept; what was not whole, or went on behind its end, is never handed out.
 */
#include <string.h>

#include "base/log.h"
#include "keeper/desk_inner.h"

/* --- slots ------------------------------------------------------------------------------ */

static void slot_finish(struct memo_slot *slot)
{
	memo_writer_destroy(slot->memo);
	*slot = (struct memo_slot){.link = NULL};
}

static struct memo_slot *slot_find(struct desk *desk, const struct desk_link *link,
				   struct turn_id turn)
{
	for (size_t i = 0; i < DESK_MEMOS_MAX; i++)
		if (desk->memos[i].link == link &&
		    desk->memos[i].turn.value == turn.value)
			return &desk->memos[i];
	return NULL;
}

static struct memo_slot *slot_free(struct desk *desk)
{
	for (size_t i = 0; i < DESK_MEMOS_MAX; i++)
		if (!desk->memos[i].link)
			return &desk->memos[i];
	return NULL;
}

void desk_memo_drop(struct desk *desk, const struct desk_link *link)
{
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	for (size_t i = 0; i < DESK_MEMOS_MAX; i++) {
		struct memo_slot *slot = &desk->memos[i];

		if (!slot->link)
			continue;
		if (link ? slot->link == link : now_ms - slot->since_ms >= DESK_MEMO_MS)
			slot_finish(slot);
	}
}

/* --- pieces ----------------------------------------------------------------------------- */

/* The message's id is chosen here: what is sealed is bound to it. NULL: no place. */
static struct memo_slot *begin(struct desk *desk, struct desk_link *link,
			       struct turn_id turn)
{
	struct memo_slot *slot = slot_free(desk);
	struct memo_place place = {.household = desk->parts.household};
	enum err err = slot && turn.value != 0 ? OK : ERR_LIMIT;

	rand_fill(&desk->parts.rand, place.proposal.bytes, ID_BYTES);
	if (err == OK)
		err = memo_row_begin(&place, &desk->parts.rand, &slot->memo);
	if (err != OK) {
		log_line("keeper: no place for a message: %s", err_words(err));
		return NULL;
	}
	slot->link = link;
	slot->turn = turn;
	slot->since_ms = clock_now_ms(&desk->parts.clock);
	return slot;
}

/* What is wrong with one piece spoils the whole; the rest of it is not taken for another. */
void desk_memo(struct desk *desk, struct desk_link *link, const struct wire_memo *memo)
{
	const struct turn_id turn = {memo->turn};
	struct memo_slot *slot = slot_find(desk, link, turn);
	enum err err;

	if (!slot)
		slot = begin(desk, link, turn);
	if (!slot || !slot->memo)
		return;
	err = memo_row_add(slot->memo, memo->opus.bytes, memo->opus.size,
			   memo->last != 0);
	if (err == OK)
		return;
	log_line("keeper: a message is not taken: %s", err_words(err));
	memo_writer_destroy(slot->memo);
	slot->memo = NULL;
}

struct memo_writer *desk_memo_take(struct desk *desk, const struct desk_link *link,
				   struct turn_id turn)
{
	struct memo_slot *slot = slot_find(desk, link, turn);
	struct memo_writer *memo = NULL;

	if (!slot)
		return NULL;
	if (slot->memo && memo_row_is_whole(slot->memo)) {
		memo = slot->memo;
		slot->memo = NULL;
	}
	slot_finish(slot);
	return memo;
}

/* --- rows ------------------------------------------------------------------------------- */

struct store_key desk_memo_key(const struct desk *desk, enum store_space space,
			       struct proposal_id id)
{
	return desk_key(desk, space, id.bytes, ID_BYTES);
}

enum err desk_memo_add_rows(const struct desk *desk, struct item *item,
			    const struct memo_writer *memo)
{
	const struct proposal_id id = memo_row_proposal(memo);
	struct store_key key = desk_memo_key(desk, STORE_MEMO, id);
	uint8_t key_row[MEMO_ROW_KEY_BYTES];
	size_t size = 0;
	const uint8_t *row = memo_row_bytes(memo, &size);
	enum err err = item_add_row(item, &key, row, size);

	if (err != OK)
		return err;
	key = desk_memo_key(desk, STORE_MEMO_KEY, id);
	memo_row_key(memo, secret_view(desk->parts.house_key), key_row);
	return item_add_row(item, &key, key_row, sizeof(key_row));
}

void desk_memo_destroy_rows(const struct desk *desk, struct item *item,
			    struct proposal_id id)
{
	const struct store_key key = desk_memo_key(desk, STORE_MEMO_KEY, id);
	const struct store_key sound = desk_memo_key(desk, STORE_MEMO, id);

	/* Damage to one message does not keep its proposal alive for ever. */
	item_clear_row(item, &key);
	item_clear_row(item, &sound);
}
