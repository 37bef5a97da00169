/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export_text - the files of an archive that are not sound, a piece at a time: lines for
 * programs, pages for people, the manifest with its signature.
 *
 * Each file is a row of the table; a row makes its next piece, and says whether that was the
 * last. The manifest comes last, over all before it.
 */
#include <string.h>

#include "base/minisign.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_export_inner.h"
#include "keeper/export_page.h"

enum { PIECE_ROWS = 64 };

/* Adds a piece to text; *out_last when nothing follows. */
typedef enum err piece_fn(struct desk *desk, struct export_job *export, struct buf *text,
			  bool *out_last);

static struct export_about about(const struct desk *desk, const struct export_job *export)
{
	size_t living = 0;
	size_t wanted = export_set_wanted(&export->set);

	for (size_t i = 0; i < export->set.count; i++)
		living += !export->set.records[i].is_dead;
	return (struct export_about){
		.household = desk->parts.household,
		.export = export->id,
		.owner = owner_view_name(export->job.link->view),
		.made_ms = export->made_ms,
		.recordings = wanted,
		.left_out = living - wanted,
		.by_room = export->set.by_room,
		.retention_days = policy_retention_days(&desk->policy, export->set.owner),
		.operator_name = desk->policy.operator_name,
		.operator_contact = desk->policy.operator_contact,
		.journal_size = export->limit,
	};
}

/* --- rows of recordings ----------------------------------------------------------------- */

typedef enum err row_fn(const struct export_set *set, const struct export_record *before,
			const struct export_record *record, struct buf *text);

/* The next rows of those that are wanted; text_at is where the next one is looked for. */
static enum err add_rows(struct export_job *export, row_fn *row, struct buf *text)
{
	const struct export_set *set = &export->set;
	enum err err = OK;

	for (size_t n = 0; err == OK && n < PIECE_ROWS && export->text_at < set->count;
	     export->text_at++) {
		const struct export_record *record = &set->records[export->text_at];

		if (!export_set_wants(set, record))
			continue;
		err = row(set, export->before, record, text);
		export->before = record;
		n++;
	}
	return err;
}

static enum err line_row(const struct export_set *set, const struct export_record *before,
			 const struct export_record *record, struct buf *text)
{
	(void)before;
	return export_line_recording(set, record, text);
}

static enum err recordings_piece(struct desk *desk, struct export_job *export,
				 struct buf *text, bool *out_last)
{
	enum err err = add_rows(export, line_row, text);

	(void)desk;
	*out_last = export->text_at == export->set.count;
	return err;
}

static enum err index_piece(struct desk *desk, struct export_job *export,
			    struct buf *text, bool *out_last)
{
	const struct export_about words = about(desk, export);
	enum err err = OK;

	if (export->text_at == 0)
		err = export_index_begin(&words, text);
	if (err == OK)
		err = add_rows(export, export_index_row, text);
	*out_last = export->text_at == export->set.count;
	if (err == OK && *out_last)
		err = export_index_end(&words, text);
	return err;
}

/* --- single pages ----------------------------------------------------------------------- */

static enum err about_piece(struct desk *desk, struct export_job *export,
			    struct buf *text, bool *out_last)
{
	const struct export_about words = about(desk, export);

	*out_last = true;
	return export_about_page(&words, text);
}

static enum err facts_piece(struct desk *desk, struct export_job *export,
			    struct buf *text, bool *out_last)
{
	const struct export_about words = about(desk, export);

	*out_last = true;
	return export_line_about(&words, text);
}

static enum err readme_piece(struct desk *desk, struct export_job *export,
			     struct buf *text, bool *out_last)
{
	const struct export_about words = about(desk, export);

	*out_last = true;
	return export_about_text(&words, text);
}

static enum err checkpoint_piece(struct desk *desk, struct export_job *export,
				 struct buf *text, bool *out_last)
{
	(void)desk;
	*out_last = true;
	return buf_add_text(text, export->checkpoint);
}

static enum err key_piece(struct desk *desk, struct export_job *export, struct buf *text,
			  bool *out_last)
{
	char key[MINISIGN_KEY_BYTES];

	(void)export;
	*out_last = true;
	minisign_key_write(desk->public_key, key);
	return buf_add_text(text, key);
}

/* A copy: while it is written it gets a row of its own, which is not in it. */
static enum err sums_piece(struct desk *desk, struct export_job *export, struct buf *text,
			   bool *out_last)
{
	size_t left = export->sums_size - export->text_at;
	size_t part = left < (size_t)EXPORT_TEXT_BYTES ? left : EXPORT_TEXT_BYTES;
	enum err err = buf_add(text, export->sums.bytes + export->text_at, part);

	(void)desk;
	export->text_at += part;
	*out_last = export->text_at == export->sums_size;
	return err;
}

static enum err signature_piece(struct desk *desk, struct export_job *export,
				struct buf *text, bool *out_last)
{
	char signature[MINISIGN_SIGNATURE_BYTES];
	char comment[MINISIGN_COMMENT_BYTES];
	char time[EXPORT_TIME_BYTES];
	char household[ID_TEXT_BYTES];

	export_time_text(export->made_ms, time);
	id_to_text(household, desk->parts.household.bytes);
	must(str_format(comment, sizeof(comment), "behest/%s %s", household, time));
	minisign_write(secret_view(desk->parts.seed), export->sums.bytes,
		       export->sums_size, comment, signature);
	*out_last = true;
	return buf_add_text(text, signature);
}

/* --- the journal, read once more -------------------------------------------------------- */

static export_step ask_actions;

static enum err add_action(struct desk *desk, struct export_job *export,
			   const struct store_row *row, struct buf *text)
{
	uint8_t hash[SEAL_HASH_BYTES];
	struct event event;
	uint64_t place = 0;
	enum err err;

	if (!desk_number_of(&row->key, &place) || place != export->read + 1)
		return ERR_AUTH;
	err = tree_leaf_hash(row->value, row->size, hash);
	if (err == OK && memcmp(hash, export->nodes[place - 1], sizeof(hash)) != 0)
		err = ERR_AUTH;
	if (err != OK)
		return err;
	export->read = place;
	err = journal_read(desk->journal, place, row->value, row->size, &event);
	if (err != OK || event.turn.value == 0 ||
	    !export_set_wants_turn(&export->set, event.turn))
		return err == ERR_UNSUPPORTED ? OK : err;
	return export_line_event(place, &event, text);
}

static void text_over(struct desk *desk, struct export_job *export);

static void got_actions(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;
	struct buf text;

	buf_init(&text, EXPORT_OUT_BYTES / 2);
	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = add_action(desk, export, &rows->rows[i], &text);
	if (err == OK && rows->count == 0)
		err = ERR_AUTH;
	if (err == OK)
		err = export_add(export, text.bytes, text.size);
	buf_finish(&text);
	if (err != OK) {
		export_abort(desk, export,
			     err == ERR_AUTH ? EXPORT_JOURNAL_CHANGED
					     : export_reason_of(err),
			     NULL);
		return;
	}
	export->step = export->read < export->limit ? ask_actions : text_over;
	if (export_pump(export))
		export->step(desk, export);
}

static void ask_actions(struct desk *desk, struct export_job *export)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, export->read + 1),
		.last = desk_key_number(desk, STORE_JOURNAL, export->limit),
		.limit = EXPORT_WINDOW_ROWS,
	};
	enum err err = desk_job_range(desk, &export->job, &range, got_actions);

	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

static void begin_actions(struct desk *desk, struct export_job *export)
{
	export->read = 0;
	ask_actions(desk, export);
}

/* --- the table -------------------------------------------------------------------------- */

static const struct {
	const char *path;    /* NULL: it opens files by itself */
	piece_fn *piece;     /* NULL: */
	export_step *begins; /* asks the store, and comes back by text_over */
} TEXTS[] = {
	{"recordings.jsonl", recordings_piece, NULL},
	{"actions.jsonl", NULL, begin_actions},
	{NULL, NULL, export_proofs_begin},
	{"journal/checkpoint", checkpoint_piece, NULL},
	{"index.html", index_piece, NULL},
	{"about.html", about_piece, NULL},
	{"about.json", facts_piece, NULL},
	{"README.txt", readme_piece, NULL},
	{"minisign.pub", key_piece, NULL},
	{"SHA256SUMS", sums_piece, NULL},
	{"SHA256SUMS.minisig", signature_piece, NULL},
};
enum { TEXT_SUMS = STR_COUNT(TEXTS) - 2 };

static enum err add_piece(struct desk *desk, struct export_job *export, bool *out_last)
{
	struct buf text;
	enum err err;

	buf_init(&text, EXPORT_OUT_BYTES / 2);
	err = TEXTS[export->text].piece(desk, export, &text, out_last);
	if (err == OK)
		err = export_add(export, text.bytes, text.size);
	if (text.size > 0)
		seal_wipe(text.bytes, text.size);
	buf_finish(&text);
	return err;
}

static void next_text(struct export_job *export)
{
	export->text++;
	export->text_at = 0;
	export->before = NULL;
}

static enum err close_text(struct export_job *export)
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = export_close_file(export, hash);

	if (err == OK && export->text == TEXT_SUMS)
		memcpy(export->manifest, hash, sizeof(hash));
	next_text(export);
	return err;
}

static void all_sent(struct desk *desk, struct export_job *export)
{
	export_finish(desk, export);
}

static void go_on(struct desk *desk, struct export_job *export, enum err err)
{
	if (err != OK) {
		export_abort(desk, export, export_reason_of(err), NULL);
		return;
	}
	export->step = export_text_step;
	if (export->text == STR_COUNT(TEXTS)) {
		export_end_stream(export);
		export->step = all_sent;
	}
	if (export_pump(export))
		export->step(desk, export);
}

static void text_over(struct desk *desk, struct export_job *export)
{
	go_on(desk, export, close_text(export));
}

void export_proofs_over(struct desk *desk, struct export_job *export)
{
	next_text(export);
	go_on(desk, export, OK);
}

void export_text_step(struct desk *desk, struct export_job *export)
{
	bool last = false;
	enum err err;

	if (!owner_view_is_open(export->job.link->view)) {
		export_abort(desk, export, EXPORT_LOCKED, NULL);
		return;
	}
	if (!TEXTS[export->text].path) {
		TEXTS[export->text].begins(desk, export);
		return;
	}
	if (export->path[0] == '\0') {
		if (export->text == TEXT_SUMS)
			export->sums_size = export->sums.size;
		export_open_file(export, TEXTS[export->text].path, export->made_ms,
				 EXPORT_SIZE_UNKNOWN);
		if (TEXTS[export->text].begins) {
			TEXTS[export->text].begins(desk, export);
			return;
		}
	}
	err = add_piece(desk, export, &last);
	if (err == OK && last)
		err = close_text(export);
	go_on(desk, export, err);
}
