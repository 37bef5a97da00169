/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_backup - copies the house for an owner while it goes on living.
 *
 * Page by page: first what is ciphertext, then the small key table. What is written meanwhile
 * is noted by its key, read again, and told behind what was copied, as it is by then or as
 * gone. Then the queue is held for a moment, so that nothing is written: the last notes are
 * followed, and the files end at exactly one place of the journal. A key that is destroyed
 * meanwhile ends the backup key, and so the key table is copied anew.
 *
 * Nothing leaves but what the owner's program has asked for (backup_more); the queue is held
 * for HOLD_MS at most. Invariants: one backup at a time; no key is in memory but while it is
 * used; while is_held is set there is a job that will clear it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/backup_stream.h"
#include "keeper/desk_inner.h"

enum {
	NOTES_MAX = 65536,  /* about 4 MB */
	NOTES_DRAIN = 1024, /* so many are followed before the next page */
	NOTES_HOLD = 256,   /* no more are followed while the queue is held */
	ROUNDS_MAX = 64,    /* of as many notes; then it is held all the same */
	RESTARTS_MAX = 3,   /* of the key table, before it is copied while held */
	HOLD_MS = 10000,
	MORE_MAX = 64, /* pieces that may be asked for: they fit the link's queue */
};

enum phase {
	PHASE_COUNT,      /* how many recordings there are */
	PHASE_CIPHERTEXT, /* its spaces, page by page */
	PHASE_KEY,        /* the backup key is read, and the key table begun */
	PHASE_KEYS,       /* its spaces, page by page */
	PHASE_NOTES,      /* what was written meanwhile */
	PHASE_OWNERS,     /* the file of the backup key */
	PHASE_WRAPS,
	PHASE_END,  /* everything was read; pieces leave */
	PHASE_MADE, /* told; until it is kept */
};

struct note {
	uint8_t space;
	uint8_t size;
	uint8_t bytes[STORE_KEY_BYTES_MAX];
};

struct piece {
	struct piece *next;
	enum backup_kind file;
	bool is_first;
	size_t size;
	uint8_t bytes[];
};

struct backup_job {
	struct job job;
	struct desk *desk;
	enum phase phase;
	struct backup_about about; /* of no kind */
	struct owner_id by;
	uint8_t signature[SEAL_SIGNATURE_BYTES]; /* of whom makes it */
	struct backup_tail tail;
	struct backup_stream *streams[BACKUP_KIND_COUNT]; /* [kind - 1]; owned */
	size_t space;                /* of the phase: that of the page */
	struct store_range range;    /* the next page */
	struct note asked;           /* the note that is being followed */
	uint64_t key_number;         /* the key that the key table is under */
	uint8_t key[SEAL_KEY_BYTES]; /* from PHASE_KEY to the end of its file */
	unsigned restarts;
	unsigned rounds;
	bool was_overrun;
	bool is_early; /* a batch was under way when it began, which is not noted */
	size_t sure;   /* notes of what is written; behind them those of the batch */
	size_t count;
	struct note *notes; /* owned, NOTES_MAX */
	int64_t held_ms;    /* since when */
	uint64_t rows;
	uint64_t total;
	uint32_t more; /* pieces that may leave */
	struct piece *first;
	struct piece *last;
};

static void go_on(struct desk *desk, struct backup_job *backup);

/* --- its beginning and its end ---------------------------------------------------------- */

static void hold(struct desk *desk, struct backup_job *backup)
{
	if (!desk->backup.is_held)
		backup->held_ms = clock_now_ms(&desk->parts.clock);
	desk->backup.is_held = true;
}

static void release(struct desk *desk)
{
	desk->backup.is_held = false;
}

static void drop_pieces(struct backup_job *backup)
{
	while (backup->first) {
		struct piece *next = backup->first->next;

		free(backup->first);
		backup->first = next;
	}
	backup->last = NULL;
}

static void backup_free(struct job *job)
{
	struct backup_job *backup = (struct backup_job *)job;
	struct desk *desk = backup->desk;

	must(desk->backup.job == backup);
	desk->backup.job = NULL;
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		backup_stream_destroy(backup->streams[i]);
	drop_pieces(backup);
	free(backup->notes);
	seal_wipe(backup, sizeof(*backup));
	free(backup);
	if (desk->backup.is_held) {
		release(desk);
		desk_write_next(desk);
	}
}

static enum desk_refusal refusal_of(enum err err)
{
	switch (err) {
	case ERR_AUTH:
	case ERR_FORMAT:
	case ERR_MISSING:
	case ERR_VERSION:
		return DESK_REFUSE_DAMAGED;
	case ERR_LIMIT:
		return DESK_REFUSE_BACKUP_OVERRUN;
	case ERR_OK:
	case ERR_BUSY:
	case ERR_CLOSED:
	case ERR_DENIED:
	case ERR_EXISTS:
	case ERR_IO:
	case ERR_MEMORY:
	case ERR_RANGE:
	case ERR_TIMEOUT:
	case ERR_UNSUPPORTED:
	case ERR_COUNT:
		break;
	}
	return DESK_REFUSE_TOO_MUCH_WAITS;
}

static void give_up(struct backup_job *backup, enum err err)
{
	struct desk_link *link = backup->job.link;

	log_line("keeper: a backup was not made: %s", err_words(err));
	desk_job_end(link);
	desk_refuse(link, refusal_of(err));
}

/* --- pieces ----------------------------------------------------------------------------- */

static enum err emit(void *context, enum backup_kind file, bool is_first,
		     const uint8_t *bytes, size_t size)
{
	struct backup_job *backup = context;
	struct piece *piece = malloc(sizeof(*piece) + size);

	if (!piece)
		return ERR_MEMORY;
	*piece = (struct piece){.file = file, .is_first = is_first, .size = size};
	memcpy(piece->bytes, bytes, size);
	if (backup->last)
		backup->last->next = piece;
	else
		backup->first = piece;
	backup->last = piece;
	return OK;
}

static void say_pieces(struct backup_job *backup)
{
	while (backup->first && backup->more > 0) {
		struct piece *piece = backup->first;
		const struct wire_backup_piece message = {.file = (uint8_t)piece->file,
							  .again = piece->is_first,
							  .done = backup->rows,
							  .total = backup->total,
							  .bytes = {piece->bytes,
								    piece->size}};

		desk_say(backup->job.link, WIRE_backup_piece, &message);
		backup->more--;
		backup->first = piece->next;
		if (!backup->first)
			backup->last = NULL;
		free(piece);
	}
}

static struct backup_stream **stream_of(struct backup_job *backup, enum backup_kind kind)
{
	return &backup->streams[kind - 1];
}

/* What was told of a file of before has left already: nothing is asked for with pieces left. */
static enum err begin_file(struct backup_job *backup, enum backup_kind kind,
			   const uint8_t *key)
{
	struct backup_about about = backup->about;
	struct backup_stream **stream = stream_of(backup, kind);

	backup_stream_destroy(*stream);
	*stream = NULL;
	about.kind = kind;
	about.key_number = key ? backup->key_number : 0;
	return backup_stream_begin(&about, key, emit, backup, stream);
}

static enum backup_kind kind_of(enum store_space space)
{
	return backup_space_is_ciphertext(space) ? BACKUP_CIPHERTEXT : BACKUP_KEYS;
}

/* A row as it is, or, without one, that it is gone. */
static enum err tell_row(struct backup_job *backup, enum backup_kind kind,
			 const struct store_key *key, const struct store_row *row)
{
	const struct backup_row told = {.space = key->space,
					.is_gone = !row,
					.key_size = key->size,
					.key = key->bytes,
					.size = row ? row->size : 0,
					.value = row ? row->value : NULL};

	return backup_stream_row(*stream_of(backup, kind), &told);
}

/* --- notes ------------------------------------------------------------------------------ */

void desk_backup_note(struct desk *desk, const struct store_write *writes, size_t count)
{
	struct backup_job *backup = desk->backup.job;

	if (!backup || backup->phase >= PHASE_OWNERS)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct store_key *key = &writes[i].row.key;
		struct note *note = &backup->notes[backup->count];

		if (!backup_space_is_kept(key->space))
			continue;
		if (backup->count == NOTES_MAX) {
			backup->was_overrun = true;
			return;
		}
		*note = (struct note){.space = (uint8_t)key->space,
				      .size = (uint8_t)key->size};
		memcpy(note->bytes, key->bytes, key->size);
		backup->count++;
	}
}

void desk_backup_settled(struct desk *desk, enum err err)
{
	struct backup_job *backup = desk->backup.job;

	if (!backup)
		return;
	backup->is_early = false;
	if (err == OK)
		backup->sure = backup->count;
	else
		backup->count = backup->sure;
	go_on(desk, backup);
}

static void got_note(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct backup_job *backup = (struct backup_job *)job;
	const struct store_key key = desk_key(desk, (enum store_space)backup->asked.space,
					      backup->asked.bytes, backup->asked.size);

	if (err == OK || err == ERR_MISSING)
		err = tell_row(backup, kind_of(key.space), &key,
			       err == OK ? rows->rows : NULL);
	if (err != OK)
		give_up(backup, err);
	else
		go_on(desk, backup);
	desk_write_next(desk);
}

/* The newest that is sure; of a file that is begun, or it will be copied all the same. */
static bool next_note(struct backup_job *backup)
{
	while (backup->sure > 0) {
		backup->sure--;
		backup->asked = backup->notes[backup->sure];
		backup->count--;
		memmove(&backup->notes[backup->sure], &backup->notes[backup->sure + 1],
			(backup->count - backup->sure) * sizeof(backup->notes[0]));
		if (*stream_of(backup, kind_of((enum store_space)backup->asked.space)))
			return true;
	}
	return false;
}

static enum err ask_note(struct desk *desk, struct backup_job *backup)
{
	const struct store_key key = desk_key(desk, (enum store_space)backup->asked.space,
					      backup->asked.bytes, backup->asked.size);

	return desk_job_get(desk, &backup->job, &key, got_note);
}

/* --- pages ------------------------------------------------------------------------------ */

static void whole_space(const struct desk *desk, struct backup_job *backup,
			enum store_space space)
{
	uint8_t last[STORE_KEY_BYTES_MAX];

	memset(last, 0xff, sizeof(last));
	backup->range = (struct store_range){
		.first = desk_key(desk, space, "", 1), /* one byte of zero */
		.last = desk_key(desk, space, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

/* The next space of that file, from this number on; false behind the last. */
static bool next_space(const struct desk *desk, struct backup_job *backup,
		       enum backup_kind kind, size_t from)
{
	for (size_t i = from; i < STORE_SPACE_COUNT; i++) {
		if (!backup_space_is_kept((enum store_space)i) ||
		    kind_of((enum store_space)i) != kind)
			continue;
		backup->space = i;
		whole_space(desk, backup, (enum store_space)i);
		return true;
	}
	return false;
}

static void begin_phase(struct desk *desk, struct backup_job *backup, enum phase phase)
{
	backup->phase = phase;
	switch (phase) {
	case PHASE_COUNT:
		whole_space(desk, backup, STORE_SALT);
		break;
	case PHASE_CIPHERTEXT:
		must(next_space(desk, backup, BACKUP_CIPHERTEXT, 0));
		break;
	case PHASE_KEYS:
		must(next_space(desk, backup, BACKUP_KEYS, 0));
		break;
	case PHASE_OWNERS:
		whole_space(desk, backup, STORE_OWNER);
		break;
	case PHASE_WRAPS:
		whole_space(desk, backup, STORE_WRAP);
		break;
	case PHASE_KEY:
	case PHASE_NOTES:
	case PHASE_END:
	case PHASE_MADE:
		break;
	}
}

static enum err begin_ciphertext(struct desk *desk, struct backup_job *backup)
{
	backup->total += journal_size(desk->journal);
	begin_phase(desk, backup, PHASE_CIPHERTEXT);
	return begin_file(backup, BACKUP_CIPHERTEXT, NULL);
}

static enum err tell_box(struct backup_job *backup, const struct owner *owner)
{
	uint8_t box[BACKUP_BOX_BYTES];
	const struct backup_row row = {.extra = BACKUP_EXTRA_BOX,
				       .key_size = ID_BYTES,
				       .key = owner->id.bytes,
				       .size = sizeof(box),
				       .value = box};
	enum err err =
		seal_box_close(owner->box_public, backup->key, sizeof(backup->key), box);

	return err == OK ? backup_stream_row(*stream_of(backup, BACKUP_KEY), &row) : err;
}

static enum err tell_by(struct backup_job *backup)
{
	const struct backup_row row = {.extra = BACKUP_EXTRA_BY,
				       .key_size = ID_BYTES,
				       .key = backup->by.bytes,
				       .size = sizeof(backup->signature),
				       .value = backup->signature};

	return backup_stream_row(*stream_of(backup, BACKUP_KEY), &row);
}

static enum err end_files(struct desk *desk, struct backup_job *backup)
{
	enum err err = tell_by(backup);

	for (size_t i = 0; err == OK && i < desk->owner_count; i++) {
		if (desk_owner_is_active(desk, desk->owners[i].id))
			err = tell_box(backup, &desk->owners[i]);
	}
	seal_wipe(backup->key, sizeof(backup->key));
	backup->tail.journal_size = journal_size(desk->journal);
	if (err == OK)
		err = journal_root(desk->journal, backup->tail.root);
	for (size_t i = 0; err == OK && i < BACKUP_KIND_COUNT; i++)
		err = backup_stream_end(backup->streams[i], &backup->tail,
					secret_view(desk->parts.seed));
	backup->phase = PHASE_END;
	release(desk);
	return err;
}

/* Behind the last page of a phase. */
static enum err end_pages(struct desk *desk, struct backup_job *backup)
{
	switch (backup->phase) {
	case PHASE_COUNT:
		return begin_ciphertext(desk, backup);
	case PHASE_CIPHERTEXT:
		if (!next_space(desk, backup, BACKUP_CIPHERTEXT, backup->space + 1))
			begin_phase(desk, backup, PHASE_KEY);
		return OK;
	case PHASE_KEYS:
		if (!next_space(desk, backup, BACKUP_KEYS, backup->space + 1))
			begin_phase(desk, backup, PHASE_NOTES);
		return OK;
	case PHASE_OWNERS:
		begin_phase(desk, backup, PHASE_WRAPS);
		return OK;
	case PHASE_WRAPS:
		return end_files(desk, backup);
	case PHASE_KEY:
	case PHASE_NOTES:
	case PHASE_END:
	case PHASE_MADE:
		break;
	}
	/* These ask the store for no page. */
	must_fail("a phase of pages", __FILE__, __LINE__);
}

/* Of owners and wraps those that may open the backup. */
static bool is_told(const struct desk *desk, const struct backup_job *backup,
		    const struct store_key *key)
{
	struct owner_id owner;

	if (backup->phase != PHASE_OWNERS && backup->phase != PHASE_WRAPS)
		return true;
	if (key->size < ID_BYTES)
		return false;
	memcpy(owner.bytes, key->bytes, ID_BYTES);
	return desk_owner_is_active(desk, owner);
}

static enum err take_page(struct desk *desk, struct backup_job *backup,
			  const struct store_rows *rows)
{
	const enum backup_kind kind = backup->phase >= PHASE_OWNERS
					      ? BACKUP_KEY
					      : kind_of(backup->range.first.space);
	enum err err = OK;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];

		if (is_told(desk, backup, &row->key))
			err = tell_row(backup, kind, &row->key, row);
		backup->rows++;
	}
	return err;
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct backup_job *backup = (struct backup_job *)job;

	if (err == OK && backup->phase == PHASE_COUNT)
		backup->total += 2 * rows->count;
	else if (err == OK)
		err = take_page(desk, backup, rows);
	if (err == OK && rows->more && rows->count > 0) {
		backup->range.first = rows->rows[rows->count - 1].key;
		if (backup->range.first.size < STORE_KEY_BYTES_MAX)
			backup->range.first.bytes[backup->range.first.size++] = 0;
		else
			err = ERR_FORMAT;
	} else if (err == OK) {
		err = end_pages(desk, backup);
	}
	if (err != OK)
		give_up(backup, err);
	else
		go_on(desk, backup);
	desk_write_next(desk);
}

/* --- the key table ---------------------------------------------------------------------- */

static enum err tell_secrets(struct desk *desk, struct backup_job *backup)
{
	uint8_t value[BACKUP_KEEPER_BYTES];
	struct backup_row row = {.extra = BACKUP_EXTRA_KEEPER,
				 .size = sizeof(value),
				 .value = value};
	struct pack pack;
	enum err err;

	pack_init(&pack, value, sizeof(value));
	pack_bytes(&pack, desk->parts.household.bytes, ID_BYTES);
	pack_bytes(&pack, secret_view(desk->parts.seed), SEAL_SIGN_SEED_BYTES);
	pack_bytes(&pack, secret_view(desk->parts.house_key), SEAL_KEY_BYTES);
	must(pack_is_whole(&pack));
	err = backup_stream_row(*stream_of(backup, BACKUP_KEYS), &row);
	seal_wipe(value, sizeof(value));
	if (err != OK || !desk->parts.gate_seed)
		return err;
	row = (struct backup_row){.extra = BACKUP_EXTRA_GATE,
				  .size = secret_size(desk->parts.gate_seed),
				  .value = secret_view(desk->parts.gate_seed)};
	return backup_stream_row(*stream_of(backup, BACKUP_KEYS), &row);
}

static void got_key(struct desk *desk, struct job *job, enum err err,
		    const struct store_rows *rows)
{
	struct backup_job *backup = (struct backup_job *)job;

	/* It was ended while it was asked for: go_on asks for the next. */
	if (err == ERR_MISSING && backup->key_number != desk->backup.number) {
		go_on(desk, backup);
		desk_write_next(desk);
		return;
	}
	if (err == OK)
		err = backup_key_unlock(desk->parts.household,
					secret_view(desk->parts.house_key),
					backup->key_number, rows->rows[0].value,
					rows->rows[0].size, backup->key);
	if (err == OK)
		err = begin_file(backup, BACKUP_KEYS, backup->key);
	if (err == OK)
		err = begin_file(backup, BACKUP_KEY, backup->key);
	if (err == OK)
		err = tell_secrets(desk, backup);
	if (err == OK)
		begin_phase(desk, backup, PHASE_KEYS);
	if (err != OK)
		give_up(backup, err);
	else
		go_on(desk, backup);
	desk_write_next(desk);
}

static enum err ask_key(struct desk *desk, struct backup_job *backup)
{
	struct store_key key;

	backup->key_number = desk->backup.number;
	key = desk_key_number(desk, STORE_BACKUP, backup->key_number);
	return desk_job_get(desk, &backup->job, &key, got_key);
}

/* What it is under is no key any more: from its beginning. */
static void restart_keys(struct desk *desk, struct backup_job *backup)
{
	backup->restarts++;
	if (backup->restarts >= RESTARTS_MAX)
		hold(desk, backup);
	begin_phase(desk, backup, PHASE_KEY);
}

/* --- step by step ----------------------------------------------------------------------- */

/* *out_waits: something was asked for, or is waited for. */
static enum err follow_notes(struct desk *desk, struct backup_job *backup,
			     bool *out_waits)
{
	*out_waits = true;
	if (++backup->rounds > NOTES_HOLD * ROUNDS_MAX || backup->sure <= NOTES_HOLD)
		hold(desk, backup);
	if (desk->backup.is_held && desk->batch)
		return OK; /* desk_backup_settled */
	if (next_note(backup))
		return ask_note(desk, backup);
	*out_waits = false;
	begin_phase(desk, backup, PHASE_OWNERS);
	return OK;
}

static enum err ask_next(struct desk *desk, struct backup_job *backup)
{
	bool waits = false;
	enum err err;

	if (backup->was_overrun)
		return ERR_LIMIT;
	if (backup->is_early)
		return OK; /* desk_backup_settled */
	if (backup->phase > PHASE_KEY && backup->key_number != desk->backup.number)
		restart_keys(desk, backup);
	if (desk->backup.is_held && desk->batch)
		return OK; /* the same: what is read then is all there is */
	if (backup->phase == PHASE_NOTES) {
		err = follow_notes(desk, backup, &waits);
		if (waits)
			return err;
	} else if (backup->sure >= NOTES_DRAIN && next_note(backup)) {
		return ask_note(desk, backup);
	}
	if (backup->phase == PHASE_KEY)
		return ask_key(desk, backup);
	return desk_job_range(desk, &backup->job, &backup->range, got_page);
}

static void say_made(struct backup_job *backup)
{
	struct wire_backup_made made = {.made_ms = backup->about.made_ms,
					.entries = backup->tail.journal_size};

	memcpy(made.id.bytes, backup->about.id, ID_BYTES);
	str_to_hex(made.root, backup->tail.root, sizeof(backup->tail.root));
	backup->phase = PHASE_MADE;
	desk_say(backup->job.link, WIRE_backup_made, &made);
}

/* Whatever can be done now: pieces leave, then the next question is asked. */
static void go_on(struct desk *desk, struct backup_job *backup)
{
	enum err err = OK;

	say_pieces(backup);
	if (backup->first || backup->job.request != 0 || backup->phase == PHASE_MADE)
		return;
	if (backup->phase == PHASE_END) {
		say_made(backup);
		return;
	}
	err = ask_next(desk, backup);
	if (err != OK)
		give_up(backup, err);
}

void desk_backup_tick(struct desk *desk)
{
	struct backup_job *backup = desk->backup.job;

	if (backup && desk->backup.is_held &&
	    clock_now_ms(&desk->parts.clock) - backup->held_ms >= HOLD_MS) {
		give_up(backup, ERR_TIMEOUT);
		desk_write_next(desk);
	}
}

/* --- messages --------------------------------------------------------------------------- */

static enum err sign(struct desk *desk, struct desk_link *link, struct backup_job *backup)
{
	const struct backup_by by = {.household = desk->parts.household,
				     .keeper = desk->public_key,
				     .id = backup->about.id,
				     .made_ms = backup->about.made_ms};

	backup->by = owner_view_id(link->view);
	return backup_by_sign(link->view, &by, backup->signature);
}

void desk_backup(struct desk *desk, struct desk_link *link)
{
	struct backup_job *backup = NULL;
	enum err err;

	if (desk->backup.job || !desk_owner_is_active(desk, owner_view_id(link->view))) {
		desk_refuse(link, desk->backup.job ? DESK_REFUSE_BACKUP_RUNS
						   : DESK_REFUSE_REMOVED);
		return;
	}
	backup = calloc(1, sizeof(*backup));
	if (backup)
		backup->notes = calloc(NOTES_MAX, sizeof(*backup->notes));
	if (!backup || !backup->notes) {
		free(backup);
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	backup->desk = desk;
	backup->is_early = desk->batch != NULL;
	backup->job.free_ = backup_free;
	backup->about.household = desk->parts.household;
	backup->about.made_ms = clock_wall_ms(&desk->parts.clock);
	memcpy(backup->about.keeper, desk->public_key, sizeof(backup->about.keeper));
	rand_fill(&desk->parts.rand, backup->about.id, ID_BYTES);
	desk->backup.job = backup;
	desk_job_begin(link, &backup->job);
	err = sign(desk, link, backup);
	begin_phase(desk, backup, PHASE_COUNT);
	if (err != OK)
		give_up(backup, err);
	else
		go_on(desk, backup);
}

static void kept_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	if (err == OK)
		desk->backup.last = item->backup;
	desk_say_done(desk_link_by_id(desk, item->link_id), item->token, err, place,
		      (struct record_id){{0}});
}

static void add_number(struct event *event, const char *name, uint64_t number)
{
	char text[24];

	must(str_format(text, sizeof(text), "%llu", (unsigned long long)number));
	event_add(event, name, text);
}

/* The owner's program has verified the files and put them into their places. */
static void is_kept(struct desk *desk, struct backup_job *backup, uint64_t bytes)
{
	struct desk_link *link = backup->job.link;
	const struct store_key key =
		desk_key_number(desk, STORE_BACKUP, BACKUP_NUMBER_LAST);
	struct backup_last last = {.made_ms = backup->about.made_ms,
				   .bytes = bytes,
				   .entries = backup->tail.journal_size,
				   .key_number = backup->key_number};
	uint8_t row[BACKUP_LAST_ROW_BYTES];
	struct item *item = NULL;
	enum err err = item_create(link, 0, kept_written, &item);

	memcpy(last.id, backup->about.id, ID_BYTES);
	backup_last_lock(desk->parts.household, secret_view(desk->parts.house_key), &last,
			 row);
	if (err == OK)
		err = item_put_row(item, &key, row, sizeof(row));
	if (err == OK) {
		desk_event(desk, &item->event, EVENT_BACKED_UP, "");
		desk_event_add_id(&item->event, "owner", backup->by.bytes);
		add_number(&item->event, "entries", last.entries);
		add_number(&item->event, "bytes", bytes);
		item->backup = last;
	}
	desk_job_end(link);
	if (err == OK) {
		desk_write_take(desk, &item);
		return;
	}
	item_destroy(item);
	desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
}

/* The view may be over by now: what leaves is sealed, and was asked for while it was not. */
bool desk_backup_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message)
{
	struct backup_job *backup = desk->backup.job;

	if (message->type != WIRE_backup_more && message->type != WIRE_backup_kept)
		return false;
	if (!backup || link->job != &backup->job) {
		desk_refuse(link, DESK_REFUSE_TOO_LATE);
		return true;
	}
	if (message->type == WIRE_backup_more) {
		const uint32_t more = message->backup_more.pieces;

		backup->more =
			more < MORE_MAX - backup->more ? backup->more + more : MORE_MAX;
		go_on(desk, backup);
		desk_write_next(desk);
	} else if (backup->phase == PHASE_MADE) {
		is_kept(desk, backup, message->backup_kept.bytes);
	} else {
		desk_refuse(link, DESK_REFUSE_TOO_LATE);
	}
	return true;
}
