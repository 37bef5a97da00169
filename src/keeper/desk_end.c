/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_end - ends the house, for an owner who types who lives there: destroys, row by row,
 * every key that opens anything, writes the journal's last entry, and makes a receipt of it.
 * What then lies there opens for nobody; the program overwrites and removes its files, the
 * key by which the receipt was signed among them, once the receipt is safe (main.c).
 *
 * Before the first key goes the program has written down that the house ends: a start in
 * between goes on here, and asks nobody again.
 *
 * Invariants: from the first word on nothing else is written, and nobody is served; the entry
 * is written when no row of these spaces is left, and never twice; the receipt is told only
 * when the program keeps it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"

/* Those that open something by themselves first; the house book goes with them, for it is told
 * to any hub. Salts, records and all else are of no use to
 * anybody behind these, and go with the files. */
static const enum store_space KEYS[] = {STORE_WRAP,   STORE_KEK,      STORE_BOX,
					STORE_BACKUP, STORE_MEMO_KEY, STORE_EPOCH,
					STORE_BOOK};

struct end_job {
	struct job job;
	size_t space; /* of KEYS */
	size_t under_way;
	bool is_taking;
	enum err err;
};

static void free_job(struct job *job)
{
	free(job);
}

bool desk_end_is_going_on(const struct desk *desk)
{
	return desk->end.state != DESK_END_NOT;
}

bool desk_end_may_write(const struct desk *desk, const struct item *item)
{
	const bool is_tile = item->row_count > 0 && item->rows[0].key.space == STORE_TILE;

	return !desk_end_is_going_on(desk) || item->is_of_end || is_tile;
}

/* --- who lives there -------------------------------------------------------------------- */

bool desk_end_concerns(const struct desk *desk, size_t owner)
{
	return !desk->keks[owner].is_over;
}

/* All of whom anything may be kept, also those who were removed. */
static uint32_t name_house(const struct desk *desk, char *to, size_t size)
{
	uint32_t count = 0;

	to[0] = '\0';
	for (size_t i = 0; i < desk->owner_count; i++) {
		if (!desk_end_concerns(desk, i))
			continue;
		must(str_append(to, size, "%s%s", count > 0 ? ", " : "",
				desk->owners[i].name));
		count++;
	}
	return count;
}

static void say_found(struct desk *desk, struct desk_link *link)
{
	struct wire_wipe_found found = {.backup_ms = desk->backup.last.made_ms};

	found.owners = name_house(desk, found.name, sizeof(found.name));
	desk_say(link, WIRE_wipe_found, &found);
}

/* --- the last entry --------------------------------------------------------------------- */

static void write_receipt(struct desk *desk)
{
	const struct receipt receipt = {.owner = desk->end.by,
					.why = "an owner ended the household",
					.ended = desk->end.place};

	desk->end.receipt_err = OK;
	desk->end.state = DESK_END_PROVES;
	desk_receipt(desk, desk->self, OK, &receipt);
}

/* The next tick goes on, from the beginning: what is gone is passed over. */
static void try_again(struct desk *desk, enum err err)
{
	log_line("keeper: the end of the house goes on later: %s", err_words(err));
	desk_job_end(desk->self);
	buf_finish(&desk->end.receipt);
	buf_init(&desk->end.receipt, RECEIPT_BYTES_MAX);
	desk->end.is_looked_at = false;
	desk->end.state = DESK_END_WAITS;
}

static void entry_written(struct desk *desk, struct item *item, enum err err,
			  uint64_t place)
{
	(void)item;
	if (err != OK) {
		try_again(desk, err);
		return;
	}
	desk->end.place = place;
	write_receipt(desk);
}

static void write_entry(struct desk *desk)
{
	struct item *item = NULL;
	uint32_t owners = 0;

	desk_job_end(desk->self);
	if (item_create(NULL, 0, entry_written, &item) != OK) {
		try_again(desk, ERR_MEMORY);
		return;
	}
	for (size_t i = 0; i < desk->owner_count; i++)
		owners += desk_end_concerns(desk, i);
	item->is_of_end = true;
	desk_event(desk, &item->event, EVENT_HOUSE_ENDED, "");
	desk_event_add_id(&item->event, "by", desk->end.by.bytes);
	event_add_int(&item->event, "owners", owners);
	event_add_int(&item->event, "keys", (int64_t)desk->end.keys);
	desk_write_take(desk, &item);
}

/* --- the keys --------------------------------------------------------------------------- */

static void ask_page(struct desk *desk, struct end_job *end);

static void page_over(struct desk *desk, struct end_job *end)
{
	if (end->err != OK)
		try_again(desk, end->err);
	else
		ask_page(desk, end);
}

static void destroyed(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	struct end_job *end = (struct end_job *)desk->self->job;

	(void)place;
	must(end && end->job.free_ == free_job);
	end->under_way--;
	if (err != OK)
		end->err = err;
	else
		desk->end.keys += item->row_count;
	if (end->under_way == 0 && !end->is_taking)
		page_over(desk, end);
}

static enum err take_some(struct desk *desk, struct end_job *end,
			  const struct store_rows *rows, size_t *at)
{
	struct item *item = NULL;
	enum err err = item_create(NULL, 0, destroyed, &item);

	if (err != OK)
		return err;
	item->has_no_event = true;
	item->is_of_end = true;
	for (; *at < rows->count && item->row_count < ITEM_ROWS_MAX; (*at)++)
		item_clear_row(item, &rows->rows[*at].key);
	end->under_way++;
	desk_write_take(desk, &item);
	return end->err;
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct end_job *end = (struct end_job *)job;
	size_t at = 0;

	end->err = err;
	if (err == OK && rows->count == 0)
		end->space++;
	end->is_taking = true;
	while (end->err == OK && at < rows->count)
		end->err = take_some(desk, end, rows, &at);
	end->is_taking = false;
	if (end->under_way == 0)
		page_over(desk, end);
}

/* Always from the first key on: what was destroyed is not there any more. */
static void ask_page(struct desk *desk, struct end_job *end)
{
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	uint8_t last[STORE_KEY_BYTES_MAX];
	enum err err;

	if (end->space == STR_COUNT(KEYS)) {
		write_entry(desk);
		return;
	}
	memset(last, UINT8_MAX, sizeof(last));
	range.first = desk_key(desk, KEYS[end->space], (const uint8_t[1]){0}, 1);
	range.last = desk_key(desk, KEYS[end->space], last, sizeof(last));
	err = desk_job_range(desk, &end->job, &range, got_page);
	if (err != OK)
		try_again(desk, err);
}

static void destroy_keys(struct desk *desk)
{
	struct end_job *end = calloc(1, sizeof(*end));

	if (!end)
		return; /* the next tick tries again */
	desk->end.state = DESK_END_DESTROYS;
	end->job.free_ = free_job;
	desk_job_begin(desk->self, &end->job);
	ask_page(desk, end);
}

/* --- was it written before? ------------------------------------------------------------- */

static void got_last(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct entry_visible visible;

	desk_job_end(job->link);
	desk->end.is_looked_at = err == OK || err == ERR_MISSING;
	if (err == OK &&
	    entry_peek(rows->rows[0].value, rows->rows[0].size, &visible) == OK &&
	    str_equal(visible.kind, event_kind_text(EVENT_HOUSE_ENDED))) {
		desk->end.place = journal_size(desk->journal);
		write_receipt(desk);
		return;
	}
	if (desk->end.is_looked_at)
		destroy_keys(desk);
	else
		try_again(desk, err);
}

static void look_at_last(struct desk *desk)
{
	const struct store_key key =
		desk_key_number(desk, STORE_JOURNAL, journal_size(desk->journal));
	struct end_job *end = calloc(1, sizeof(*end));

	if (!end)
		return;
	desk->end.state = DESK_END_DESTROYS;
	end->job.free_ = free_job;
	desk_job_begin(desk->self, &end->job);
	if (desk_job_get(desk, &end->job, &key, got_last) != OK)
		try_again(desk, ERR_BUSY);
}

/* --- the receipt ------------------------------------------------------------------------ */

static void say_receipt(struct desk *desk)
{
	struct desk_link *link = desk_link_by_id(desk, desk->end.link);
	const struct wire_end end = {.err = OK};
	const struct buf *text = &desk->end.receipt;
	enum { PIECE = 60000 };

	for (size_t at = 0; link && at < text->size; at += PIECE) {
		const size_t left = text->size - at;
		const struct wire_receipt piece = {
			.text = {text->bytes + at, left < PIECE ? left : PIECE}};

		desk_say(link, WIRE_receipt, &piece);
	}
	if (link)
		desk_say(link, WIRE_end, &end);
}

/* The program keeps it, durably; else the next tick tries again. */
static void keep_receipt(struct desk *desk)
{
	const struct buf *text = &desk->end.receipt;
	const enum err err =
		desk->parts.ended(desk->parts.context, text->bytes, text->size);

	if (err != OK) {
		log_line("keeper: the receipt of the house's end is not kept yet: %s",
			 err_words(err));
		return;
	}
	desk->end.state = DESK_END_OVER;
	say_receipt(desk);
}

/* A receipt that is not whole is none. */
static void receipt_made(struct desk *desk, enum err err)
{
	if (err == OK && desk->end.receipt.size == 0)
		err = ERR_MEMORY;
	if (err != OK) {
		try_again(desk, err);
		return;
	}
	desk->end.state = DESK_END_KEEPS;
	keep_receipt(desk);
}

/* What is told over the desk's own link meanwhile is the receipt, and its end. */
static enum err collect(void *context, enum wire_type type, const void *fields)
{
	struct desk *desk = context;
	const struct wire_receipt *piece = fields;
	const struct wire_end *end = fields;

	if (desk->end.state != DESK_END_PROVES)
		return OK;
	if (type == WIRE_receipt && desk->end.receipt_err == OK)
		desk->end.receipt_err =
			buf_add(&desk->end.receipt, piece->text.bytes, piece->text.size);
	if (type == WIRE_end)
		receipt_made(desk,
			     end->err == OK ? desk->end.receipt_err : (enum err)end->err);
	return OK;
}

/* --- its beginning, and on -------------------------------------------------------------- */

/* Whatever else was going on is over: no archive leaves a house that ends. */
static void stop_all(struct desk *desk)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (!desk->links[i])
			continue;
		desk_job_end(desk->links[i]);
		desk_seal_drop(desk, desk->links[i]);
	}
}

static void begin(struct desk *desk, struct owner_id by, uint64_t link)
{
	stop_all(desk);
	buf_init(&desk->end.receipt, RECEIPT_BYTES_MAX);
	desk->self->send = collect;
	desk->self->context = desk;
	desk->end.by = by;
	desk->end.link = link;
	desk->end.state = DESK_END_WAITS;
	desk_end_tick(desk);
}

void desk_end_resume(struct desk *desk)
{
	begin(desk, *desk->parts.ends_by, 0);
}

void desk_end_tick(struct desk *desk)
{
	if (desk->state != DESK_READY)
		return;
	if (desk->end.state == DESK_END_KEEPS)
		keep_receipt(desk);
	if (desk->end.state != DESK_END_WAITS || desk->batch || desk->queue_first ||
	    desk->is_ending)
		return;
	if (journal_size(desk->journal) > 0 && !desk->end.is_looked_at)
		look_at_last(desk);
	else
		destroy_keys(desk);
}

static void wipe(struct desk *desk, struct desk_link *link,
		 const struct wire_wipe_do *asked)
{
	const struct owner_id by = owner_view_id(link->view);
	char name[sizeof(asked->name)];

	(void)name_house(desk, name, sizeof(name));
	if (!desk_owner_is_active(desk, by))
		desk_refuse(link, DESK_REFUSE_REMOVED);
	else if (!str_equal(asked->name, name))
		desk_refuse(link, DESK_REFUSE_HOUSE_DIFFERS);
	else if (!desk->parts.ends || desk->parts.ends(desk->parts.context, by) != OK)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
	else
		begin(desk, by, link->id);
}

bool desk_end_receive(struct desk *desk, struct desk_link *link,
		      const struct wire_message *message)
{
	if (message->type == WIRE_wipe_ask)
		say_found(desk, link);
	else if (message->type == WIRE_wipe_do)
		wipe(desk, link, &message->wipe_do);
	else
		return false;
	return true;
}

void desk_end_drop(struct desk *desk)
{
	buf_finish(&desk->end.receipt);
}
