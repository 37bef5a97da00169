/* SPDX-License-Identifier: Apache-2.0 */
/* house_book - see the header. */
#include "scenario/house_book.h"

#include <stdlib.h>
#include <string.h>

#include "act/local.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/book.h"
#include "scenario/house.h"

enum { CHANGES_MAX = DECISION_WARRANTS_MAX };

static const uint64_t BOOK_TOKEN = 0xfd; /* no turn's token ends in this byte */

struct change {
	uint64_t token;          /* 0: free */
	struct house_room *room; /* whose turn waits; NULL: nobody does */
	uint64_t asked;
	bool is_remove;
	struct book_entry entry;
};

struct house_book {
	struct house *house;
	uint64_t tokens;
	struct change changes[CHANGES_MAX];
	struct book now;
};

struct house_book *house_book_create(struct house *house)
{
	struct house_book *book = calloc(1, sizeof(*book));

	must(book);
	book->house = house;
	return book;
}

void house_book_destroy(struct house_book *book)
{
	free(book);
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err send(struct house_book *book, const struct change *change)
{
	uint8_t body[BOOK_BODY_BYTES_MAX];
	struct keep_book_row row = {.id = change->entry.id,
				    .kind = change->entry.kind,
				    .body = body};
	enum err err;

	if (change->is_remove)
		return keep_book_remove(&book->house->keep, row.id, change->token);
	err = book_encode(&change->entry, body, &row.size);
	return err ? err : keep_book_put(&book->house->keep, &row, change->token);
}

static enum err ask(struct house_book *book, const struct change *wanted)
{
	size_t at = 0;
	enum err err;

	while (at < CHANGES_MAX && book->changes[at].token != 0)
		at++;
	if (at == CHANGES_MAX)
		return ERR_BUSY;
	book->changes[at] = *wanted;
	book->changes[at].token = ++book->tokens << 8 | BOOK_TOKEN;
	err = send(book, &book->changes[at]);
	if (err)
		book->changes[at].token = 0;
	return err;
}

static enum reason reason_of(enum err err)
{
	if (err == OK)
		return REASON_NONE;
	return err == ERR_LIMIT ? REASON_OUT_OF_RANGE : REASON_JOURNAL_UNAVAILABLE;
}

void house_book_done(struct house_book *book, uint64_t token, enum err err)
{
	size_t at = 0;

	while (book && at < CHANGES_MAX && book->changes[at].token != token)
		at++;
	if (!book || (token & UINT8_MAX) != BOOK_TOKEN || at == CHANGES_MAX)
		return;
	const struct change change = book->changes[at];
	book->changes[at].token = 0;
	if (!change.room)
		return;
	if (!err && change.is_remove)
		book_drop(&book->now, change.entry.id);
	else if (!err)
		err = book_put(&book->now, &change.entry);
	turn_act_done(change.room->line, change.asked, reason_of(err), NULL);
}

void house_book_restart(struct house_book *book)
{
	const struct keep_fake *keep = book->house->keep_fake;

	memset(&book->now, 0, sizeof(book->now));
	memset(book->changes, 0, sizeof(book->changes));
	for (size_t i = 0; i < keep_fake_book_count(keep); i++) {
		const struct keep_fake_book_row *row = keep_fake_book_row(keep, i);
		struct book_entry entry;

		must(book_decode(row->id, row->kind, row->body, row->size, &entry) == OK);
		must(book_put(&book->now, &entry) == OK);
	}
}

/* --- what rings ------------------------------------------------------------------------- */

static bool is_due(const struct book_entry *entry, int64_t now_ms)
{
	const struct book_zone zone = act_zone();
	const int64_t after_ms = entry->days == 0     ? 0
				 : entry->last_ms > 0 ? entry->last_ms
						      : entry->created_ms;

	return book_due_ms(entry, &zone, after_ms) <= now_ms;
}

void house_book_look(struct house_book *book)
{
	for (size_t i = 0; book && i < book->now.count; i++) {
		struct book_entry *entry = &book->now.entries[i];
		const int64_t now_ms = clock_wall_ms(&book->house->clock);

		if (entry->rang_ms == 0 && is_due(entry, now_ms))
			entry->rang_ms = entry->last_ms = now_ms;
	}
}

static bool is_of(const struct book_entry *entry, const char *room)
{
	return entry->rang_ms != 0 && (!room || str_equal_folded(entry->room, room));
}

bool house_book_rings(const struct house_book *book, const char *room)
{
	for (size_t i = 0; i < book->now.count; i++)
		if (is_of(&book->now.entries[i], room))
			return true;
	return false;
}

/* --- for turns -------------------------------------------------------------------------- */

static struct house_book *book_of(void *context)
{
	return ((struct house_room *)context)->house->book;
}

static const struct book *look(void *context)
{
	return &book_of(context)->now;
}

static int64_t now_ms(void *context)
{
	return clock_wall_ms(&book_of(context)->house->clock);
}

static enum err put(void *context, const struct book_entry *entry, uint64_t token)
{
	struct house_book *book = book_of(context);
	struct change change = {.room = context, .asked = token, .entry = *entry};

	if (id_is_none(entry->id.bytes)) {
		if (book_count(&book->now, entry->kind) >= book_kind_max(entry->kind))
			return ERR_LIMIT;
		rand_fill(&book->house->rand, change.entry.id.bytes, ID_BYTES);
		change.entry.number = book_next_number(&book->now);
	}
	return ask(book, &change);
}

static enum err take_out(void *context, struct book_id id, uint64_t token)
{
	const struct change change = {.room = context,
				      .asked = token,
				      .is_remove = true,
				      .entry = {.id = id}};

	return ask(book_of(context), &change);
}

/* What comes again stays. */
static void stop(void *context, bool everywhere)
{
	struct house_room *room = context;
	struct house_book *book = book_of(context);

	for (size_t i = book->now.count; i-- > 0;) {
		struct book_entry *entry = &book->now.entries[i];

		if (!is_of(entry, everywhere ? NULL : room->name))
			continue;
		const struct change over = {.is_remove = true,
					    .entry = {.id = entry->id}};

		entry->rang_ms = 0;
		if (entry->days != 0)
			continue;
		must(ask(book, &over) == OK);
		book_drop(&book->now, entry->id);
	}
}

const struct act_book house_book_port = {
	.look = look, .now_ms = now_ms, .put = put, .remove = take_out, .stop = stop};
