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
#include "base/pack.h"
#include "base/seal.h"

enum { BOOK_ASK_BYTES = 512 };

struct warrant {
	struct action action;
	uint8_t hash[WARRANT_HASH_BYTES];
	int64_t until_ms;
	bool used;
};

/* What is asked of the house book, of which the form knows nothing. */
static size_t book_bytes(const struct book_ask *book, uint8_t to[BOOK_ASK_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOOK_ASK_BYTES);
	pack_u8(&pack, (uint8_t)book->kind);
	pack_bytes(&pack, book->id.bytes, ID_BYTES);
	pack_u8(&pack, book->is_all);
	pack_i64(&pack, book->when.span_s);
	pack_i64(&pack, book->when.minute);
	pack_u8(&pack, book->when.has_half);
	pack_u8(&pack, (uint8_t)book->when.day);
	pack_u8(&pack, book->when.is_again);
	pack_text(&pack, book->text);
	pack_text(&pack, book->list);
	must(pack_is_whole(&pack));
	return pack.size;
}

static enum err action_hash(const struct action *action,
			    uint8_t out_hash[WARRANT_HASH_BYTES])
{
	char bytes[ACTION_BYTES_MAX];
	uint8_t book[BOOK_ASK_BYTES];
	size_t size = 0;
	struct action form = *action;
	enum err err;

	/* Behind the form, which has no place for them. */
	form.words[0] = '\0';
	form.book.kind = BOOK_NOTHING;
	const size_t book_size = book_bytes(&action->book, book);
	err = action_bytes(&form, bytes, &size);
	return err ? err
		   : seal_sha256((const struct seal_part[]){{bytes, size},
							    {book, book_size},
							    {action->words,
							     strlen(action->words)}},
				 3, out_hash);
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
