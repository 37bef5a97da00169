/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export_rows - the two passes over an owner's rows. The first opens every recording,
 * wipes it, and holds it against the journal; the second opens it again and hands it on.
 *
 * Salts and records are read by stretches of keys and matched by key. Whatever does not
 * belong together ends the export, and says what it was.
 *
 * Invariant: a byte of a recording is in what leaves only after all of that recording was
 * authenticated in this pass, and every one of the owner's in the first.
 */
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "keeper/desk_export_inner.h"
#include "keeper/export_page.h"

static export_step ask_salts;

static void first_key(const struct export_job *export, uint8_t to[RECORDING_KEY_BYTES])
{
	memset(to, 0, RECORDING_KEY_BYTES);
	memcpy(to, export->set.owner.bytes, ID_BYTES);
}

static void last_key(const struct export_job *export, uint8_t to[RECORDING_KEY_BYTES])
{
	memset(to, 0xff, RECORDING_KEY_BYTES);
	memcpy(to, export->set.owner.bytes, ID_BYTES);
}

/* The key behind it; it is not the last of the owner's. */
static void step_key(uint8_t key[RECORDING_KEY_BYTES])
{
	size_t at = RECORDING_KEY_BYTES;

	do {
		must(at > ID_BYTES);
		at--;
	} while (++key[at] == 0);
}

/* The first record at or behind the window's beginning. */
static size_t record_at(const struct export_job *export)
{
	size_t low = 0;
	size_t high = export->set.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(export->set.records[middle].record.bytes,
			   export->from + ID_BYTES, ID_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Ends the window where a batch does: its rows' sizes are known by now. */
static void end_of_batch(struct export_job *export)
{
	const struct export_set *set = &export->set;
	const size_t begin = record_at(export);
	uint64_t bytes = 0;
	size_t at = begin;

	while (at < set->count && at - begin < EXPORT_WINDOW_ROWS / 2 &&
	       (at == begin ||
		bytes + set->records[at].row_size <= (uint64_t)EXPORT_BATCH_BYTES))
		bytes += set->records[at++].row_size;
	if (at < set->count)
		memcpy(export->last + ID_BYTES, set->records[at - 1].record.bytes,
		       ID_BYTES);
}

/* --- one row ---------------------------------------------------------------------------- */

/* The sound goes behind the head of its file, or is only seen to open. */
static enum err take_sound(struct export_job *export, struct export_record *record,
			   const struct recording_about *about, uint8_t *plain)
{
	const size_t size = (size_t)about->size;
	char path[EXPORT_PATH_BYTES];
	uint8_t *to;

	if (export->pass == 1) {
		record->at_ms = about->at_ms;
		record->size = about->size;
		seal_wipe(plain, (size_t)about->size);
		return OK;
	}
	export_sound_path(record, path);
	export_open_file(export, path, record->at_ms, EXPORT_WAV_HEAD_BYTES + size);
	/* The sound lies a little further on than its place in the file. */
	to = export_room(export, EXPORT_WAV_HEAD_BYTES + size);
	memmove(to + EXPORT_WAV_HEAD_BYTES, plain, size);
	export_wav_head((uint32_t)size, to);
	export_put(export, EXPORT_WAV_HEAD_BYTES + size);
	return export_close_file(export, record->file);
}

static enum err take_words(struct export_job *export, struct export_record *record,
			   const uint8_t *plain, size_t size)
{
	if (export->pass == 1)
		return OK;
	return export_set_keep_words(&export->set, record, (const char *)plain,
				     strnlen((const char *)plain, size));
}

static enum export_reason opened_wrong(enum err err)
{
	switch (err) {
	case ERR_DENIED:
		return EXPORT_LOCKED;
	case ERR_MEMORY:
		return EXPORT_MEMORY;
	case ERR_IO:
		return EXPORT_FAILED;
	case ERR_OK:
	case ERR_AUTH:
	case ERR_BUSY:
	case ERR_CLOSED:
	case ERR_EXISTS:
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_MISSING:
	case ERR_RANGE:
	case ERR_TIMEOUT:
	case ERR_UNSUPPORTED:
	case ERR_VERSION:
	case ERR_COUNT:
		break;
	}
	return EXPORT_ROW_DOES_NOT_OPEN;
}

/* Into the free end of what leaves, where nothing is sent from. */
static enum err open_row(struct desk *desk, struct export_job *export,
			 const struct export_record *record, enum export_kind kind,
			 const struct recording_rows *rows, struct recording_about *about,
			 uint8_t **out_plain, size_t *out_capacity)
{
	struct owner_view *view = export->job.link->view;
	const struct epoch_opened *epoch = NULL;
	enum err err = recording_peek(rows->record, rows->record_size, about);

	if (err == OK)
		err = export_epochs_open(&export->epochs, desk, view, about->epoch,
					 &epoch);
	if (err != OK)
		return err;
	*out_plain = secret_bytes(export->out) + export->out_size + EXPORT_HEADS_BYTES;
	*out_capacity = EXPORT_OUT_BYTES - export->out_size - EXPORT_HEADS_BYTES;
	return recording_open_into(view, desk->parts.household, epoch, record->record,
				   kind == EXPORT_SOUND ? RECORDING_SOUND
							: RECORDING_TRANSCRIPT,
				   rows, about, *out_plain, *out_capacity);
}

/* Its hash, by which the journal knows it. In the second pass it is enough that it opens: a
 * record's key seals one row of each kind. */
static enum err hash_row(const struct export_job *export, struct export_record *record,
			 enum export_kind kind, const struct store_row *row)
{
	const struct seal_part part = {row->value, row->size};

	if (export->pass == 2)
		return OK;
	if (kind == EXPORT_SOUND)
		record->row_size = (uint32_t)row->size;
	return seal_sha256(&part, 1, record->rows[kind - 1]);
}

/* Both rows were seen: are they what was recorded? */
static bool is_as_sealed(const struct export_record *record, enum err *out_err)
{
	const struct seal_part parts[] = {{record->rows[0], SEAL_HASH_BYTES},
					  {record->rows[1], SEAL_HASH_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];

	*out_err = seal_sha256(parts, 2, hash);
	return *out_err == OK &&
	       (!record->has_sealed || memcmp(hash, record->sealed, sizeof(hash)) == 0);
}

/* False: the export is over. */
static bool wrong(struct desk *desk, struct export_job *export, enum export_reason why,
		  const struct record_id *record)
{
	export_abort(desk, export, why, record);
	return false;
}

static bool check_row(struct desk *desk, struct export_job *export,
		      struct export_record *record, enum export_kind kind,
		      const struct store_row *row)
{
	enum err err;

	if (record->seen & kind)
		return wrong(desk, export, EXPORT_ROW_UNKNOWN, &record->record);
	err = hash_row(export, record, kind, row);
	if (err != OK)
		return wrong(desk, export, export_reason_of(err), &record->record);
	record->seen = (uint8_t)(record->seen | kind);
	if (export->pass == 1 && record->seen == EXPORT_BOTH &&
	    !is_as_sealed(record, &err))
		return wrong(desk, export,
			     err == OK ? EXPORT_ROW_CHANGED : export_reason_of(err),
			     &record->record);
	return true;
}

/* False: the export is over. */
static bool take_row(struct desk *desk, struct export_job *export,
		     struct export_record *record, enum export_kind kind,
		     const struct store_row *row, const uint8_t *salt)
{
	const struct recording_rows rows = {.salt = salt,
					    .salt_size = RECORDING_SALT_ROW_BYTES,
					    .record = row->value,
					    .record_size = row->size};
	struct recording_about about;
	uint8_t *plain = NULL;
	size_t capacity = 0;
	enum err err;

	if (!check_row(desk, export, record, kind, row))
		return false;
	if (export->pass == 2 && !export_set_wants(&export->set, record))
		return true;
	err = open_row(desk, export, record, kind, &rows, &about, &plain, &capacity);
	if (err != OK)
		return wrong(desk, export, opened_wrong(err), &record->record);
	if (about.turn.value != record->turn.value) {
		seal_wipe(plain, (size_t)about.size);
		return wrong(desk, export, EXPORT_ROW_CHANGED, &record->record);
	}
	if (kind == EXPORT_SOUND) {
		err = take_sound(export, record, &about, plain);
	} else {
		err = take_words(export, record, plain, (size_t)about.size);
		seal_wipe(plain, (size_t)about.size);
	}
	return err == OK || wrong(desk, export, export_reason_of(err), &record->record);
}

/* --- one window ------------------------------------------------------------------------- */

/* The record and kind that a key names; false: none that a keeper writes. */
static bool read_key(const uint8_t *bytes, size_t size, struct record_id *out_record,
		     enum export_kind *out_kind)
{
	if (size != RECORDING_KEY_BYTES || (bytes[2 * ID_BYTES] != RECORDING_SOUND &&
					    bytes[2 * ID_BYTES] != RECORDING_TRANSCRIPT))
		return false;
	memcpy(out_record->bytes, bytes + ID_BYTES, ID_BYTES);
	*out_kind =
		bytes[2 * ID_BYTES] == RECORDING_SOUND ? EXPORT_SOUND : EXPORT_TRANSCRIPT;
	return true;
}

/* A row that the set does not know, or half of one: the journal may say why, later. */
static bool doubt(struct desk *desk, struct export_job *export, struct record_id record)
{
	const struct export_record *known = export_set_find(&export->set, record);

	if (known) /* it is dead, or stays unseen, which says enough */
		return true;
	return export_set_doubt(&export->set, record) ||
	       wrong(desk, export, EXPORT_ROW_UNKNOWN, &record);
}

/* Passes over the salts before the key; each of them has no record. False: it is over. */
static bool skip_salts(struct desk *desk, struct export_job *export, size_t *at,
		       const uint8_t *key)
{
	for (; *at < export->salt_count &&
	       memcmp(export->salts[*at].key, key, RECORDING_KEY_BYTES) < 0;
	     (*at)++) {
		struct record_id record;

		memcpy(record.bytes, export->salts[*at].key + ID_BYTES, ID_BYTES);
		if (!doubt(desk, export, record))
			return false;
	}
	return true;
}

static bool take_one(struct desk *desk, struct export_job *export, size_t *salt,
		     const struct store_row *row)
{
	struct record_id record = {{0}};
	enum export_kind kind = EXPORT_SOUND;
	struct export_record *known;

	if (!read_key(row->key.bytes, row->key.size, &record, &kind))
		return wrong(desk, export, EXPORT_ROW_UNKNOWN, NULL);
	if (!skip_salts(desk, export, salt, row->key.bytes))
		return false;
	known = export_set_find(&export->set, record);
	if (known && known->is_dead)
		return true;
	if (!known || *salt == export->salt_count ||
	    memcmp(export->salts[*salt].key, row->key.bytes, RECORDING_KEY_BYTES) != 0)
		return doubt(desk, export, record);
	return take_row(desk, export, known, kind, row, export->salts[(*salt)++].salt);
}

/* What lies behind the last row of the answer is asked for next. */
static void next_window(struct desk *desk, struct export_job *export)
{
	uint8_t end[RECORDING_KEY_BYTES];

	last_key(export, end);
	if (memcmp(export->last, end, sizeof(end)) == 0) {
		export->step = export_pass_over;
		if (export_pump(export))
			export_pass_over(desk, export);
		return;
	}
	memcpy(export->from, export->last, sizeof(export->from));
	step_key(export->from);
	export->step = ask_salts;
	if (export_pump(export))
		ask_salts(desk, export);
}

static void got_records(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;
	size_t salt = 0;

	if (err != OK || export_is_erased(desk, export)) {
		export_abort(desk, export,
			     err == OK ? EXPORT_CHANGED_MEANWHILE : export_reason_of(err),
			     NULL);
		return;
	}
	if (rows->more) { /* the rest of the window is another one */
		const struct store_row *end = &rows->rows[rows->count - 1];

		if (end->key.size != RECORDING_KEY_BYTES) {
			export_abort(desk, export, EXPORT_ROW_UNKNOWN, NULL);
			return;
		}
		memcpy(export->last, end->key.bytes, sizeof(export->last));
	}
	for (size_t i = 0; i < rows->count; i++) {
		if (!take_one(desk, export, &salt, &rows->rows[i]))
			return;
	}
	if (skip_salts(desk, export, &salt, export->last))
		next_window(desk, export);
}

static struct store_range window(const struct desk *desk, const struct export_job *export,
				 enum store_space space)
{
	return (struct store_range){
		.first = desk_key(desk, space, export->from, sizeof(export->from)),
		.last = desk_key(desk, space, export->last, sizeof(export->last)),
		.limit = EXPORT_WINDOW_ROWS,
	};
}

static enum err keep_salts(struct export_job *export, const struct store_rows *rows)
{
	export->salt_count = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];

		if (row->key.size != RECORDING_KEY_BYTES ||
		    row->size != RECORDING_SALT_ROW_BYTES)
			return ERR_AUTH;
		memcpy(export->salts[i].key, row->key.bytes, RECORDING_KEY_BYTES);
		memcpy(export->salts[i].salt, row->value, RECORDING_SALT_ROW_BYTES);
	}
	export->salt_count = rows->count;
	if (rows->more)
		memcpy(export->last, export->salts[rows->count - 1].key,
		       sizeof(export->last));
	return OK;
}

static void got_salts(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;
	struct store_range range;

	if (err == OK)
		err = keep_salts(export, rows);
	if (err == ERR_AUTH) {
		export_abort(desk, export, EXPORT_ROW_UNKNOWN, NULL);
		return;
	}
	if (err == OK) {
		range = window(desk, export, STORE_RECORD);
		err = desk_job_range(desk, job, &range, got_records);
	}
	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

static void ask_salts(struct desk *desk, struct export_job *export)
{
	struct store_range range;
	enum err err;

	last_key(export, export->last);
	if (export->pass == 2)
		end_of_batch(export);
	range = window(desk, export, STORE_SALT);
	err = desk_job_range(desk, &export->job, &range, got_salts);
	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

void export_pass_begin(struct desk *desk, struct export_job *export)
{
	export_set_begin_pass(&export->set);
	first_key(export, export->from);
	ask_salts(desk, export);
}
