/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export - an archive for the owner who is signed in on a link: its steps, and what the
 * journal learns of them.
 *
 *     keys -> journal -> first pass -> (begun is durable) -> second pass -> texts -> end
 *
 * The journal is read whole, hashed, and held against the tree that the keeper itself
 * remembers; from it comes which recordings there have to be. Then all rows are opened. Only
 * when all is as it has to be leaves the first byte. One question to the store at a time, so
 * that the house goes on being recorded meanwhile; what is recorded meanwhile is not in it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "keeper/desk_export_inner.h"

static const struct {
	const char *name;
	enum err err;
	int cause; /* of an incident, or INCIDENT_NONE */
	const char *words;
} REASONS[] = {
#define INCIDENT_NONE INCIDENT_CAUSE_COUNT
#define REASON(name, err, cause, words) \
	[EXPORT_##name] = {#name, ERR_##err, INCIDENT_##cause, words},
#include "keeper/export_reasons.def"
#undef REASON
};

static export_step read_journal;
static export_step begin_sending;

/* --- its end ---------------------------------------------------------------------------- */

static void nobody_waits(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	if (err != OK)
		log_line("keeper: what became of an export was not written down: %s",
			 err_words(err));
}

static void journal_abort(struct desk *desk, const struct export_job *export,
			  enum export_reason why, const struct record_id *record)
{
	struct item *item = NULL;

	if (item_create(export->job.link, 0, nobody_waits, &item) != OK)
		return;
	desk_event(desk, &item->event, EVENT_EXPORT_ABORTED, "");
	desk_event_add_id(&item->event, "owner", export->set.owner.bytes);
	desk_event_add_id(&item->event, "export", export->id.bytes);
	event_add(&item->event, "reason", REASONS[why].name);
	event_add(&item->event, "words", REASONS[why].words);
	if (record)
		desk_event_add_id(&item->event, "record", record->bytes);
	desk_write_take(desk, &item);
}

static void export_free(struct job *job)
{
	struct export_job *export = (struct export_job *)job;

	if (!export->is_over)
		journal_abort(job->link->desk, export, EXPORT_GONE, NULL);
	export_set_finish(&export->set);
	export_epochs_finish(&export->epochs);
	free(export->nodes);
	free(export->places);
	secret_destroy(export->out);
	seal_hash_destroy(export->file_hash);
	buf_finish(&export->sums);
	seal_wipe(export, sizeof(*export));
	free(export);
}

/* What is stored is not what was written: somebody has to look. */
static void raise_incident(struct desk *desk, const struct export_job *export,
			   enum export_reason why, struct record_id record)
{
	log_line("keeper: an export was stopped: %s", REASONS[why].words);
	desk_incident_open(desk, (enum incident_cause)REASONS[why].cause, record,
			   export->job.link);
}

void export_abort(struct desk *desk, struct export_job *export, enum export_reason why,
		  const struct record_id *record)
{
	struct wire_export_over over = {.err = (uint32_t)REASONS[why].err};
	struct desk_link *link = export->job.link;
	struct record_id about = {{0}};

	must(!export->is_over);
	export->is_over = true;
	if (record)
		about = *record; /* it may be one of the set's */
	journal_abort(desk, export, why, record ? &about : NULL);
	if (REASONS[why].cause != INCIDENT_NONE)
		raise_incident(desk, export, why, about);
	must(str_copy(over.reason, sizeof(over.reason), REASONS[why].name));
	must(str_copy(over.words, sizeof(over.words), REASONS[why].words));
	desk_job_end(link);
	desk_say(link, WIRE_export_over, &over);
}

static uint64_t generation_of(const struct desk *desk, struct owner_id owner)
{
	const size_t index = desk_owner_index(desk, owner);

	return index < DESK_OWNERS_MAX && !desk->keks[index].is_over
		       ? desk->keks[index].now.generation
		       : 0;
}

bool export_is_erased(const struct desk *desk, const struct export_job *export)
{
	return generation_of(desk, export->set.owner) != export->generation;
}

enum export_reason export_reason_of(enum err err)
{
	switch (err) {
	case ERR_DENIED:
		return EXPORT_LOCKED;
	case ERR_LIMIT:
		return EXPORT_TOO_LARGE;
	case ERR_MEMORY:
		return EXPORT_MEMORY;
	case ERR_OK:
	case ERR_AUTH:
	case ERR_BUSY:
	case ERR_CLOSED:
	case ERR_EXISTS:
	case ERR_FORMAT:
	case ERR_IO:
	case ERR_MISSING:
	case ERR_RANGE:
	case ERR_TIMEOUT:
	case ERR_UNSUPPORTED:
	case ERR_VERSION:
	case ERR_COUNT:
		break;
	}
	return EXPORT_FAILED;
}

/* The export that the link waits for, or NULL. */
static struct export_job *export_of(struct desk_link *link)
{
	return link && link->job && link->job->free_ == export_free
		       ? (struct export_job *)link->job
		       : NULL;
}

static void done_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct wire_export_over over = {.err = (uint32_t)err, .event = place};

	if (!link)
		return;
	if (err != OK) {
		must(str_copy(over.reason, sizeof(over.reason),
			      REASONS[EXPORT_FAILED].name));
		must(str_copy(over.words, sizeof(over.words),
			      REASONS[EXPORT_FAILED].words));
	}
	desk_job_end(link);
	desk_say(link, WIRE_export_over, &over);
}

void export_finish(struct desk *desk, struct export_job *export)
{
	char manifest[2 * SEAL_HASH_BYTES + 1];
	struct item *item = NULL;
	enum err err = item_create(export->job.link, 0, done_written, &item);

	if (err != OK) {
		export_abort(desk, export, export_reason_of(err), NULL);
		return;
	}
	export->is_over = true;
	str_to_hex(manifest, export->manifest, sizeof(export->manifest));
	desk_event(desk, &item->event, EVENT_EXPORT_DONE, "");
	desk_event_add_id(&item->event, "owner", export->set.owner.bytes);
	desk_event_add_id(&item->event, "export", export->id.bytes);
	event_add_int(&item->event, "recordings",
		      (int64_t)export_set_wanted(&export->set));
	event_add_int(&item->event, "bytes", (int64_t) export->bytes);
	event_add(&item->event, "manifest", manifest);
	desk_write_take(desk, &item);
}

/* --- what the journal got meanwhile ----------------------------------------------------- */

static export_step ask_later;

static void got_later(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		struct event event;
		uint64_t place = 0;

		if (!desk_number_of(&rows->rows[i].key, &place))
			continue;
		if (journal_read(desk->journal, place, rows->rows[i].value,
				 rows->rows[i].size, &event) == OK)
			err = export_set_take_later(&export->set, &event);
		export->read = place;
	}
	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
	else if (rows->count == 0 || export->read >= journal_size(desk->journal))
		export->step(desk, export);
	else
		ask_later(desk, export);
}

static void ask_later(struct desk *desk, struct export_job *export)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, export->read + 1),
		.last = desk_key_number(desk, STORE_JOURNAL, UINT64_MAX),
		.limit = EXPORT_WINDOW_ROWS,
	};
	enum err err = desk_job_range(desk, &export->job, &range, got_later);

	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

void export_read_later(struct desk *desk, struct export_job *export, export_step *then)
{
	export->step = then;
	export->read = export->limit;
	ask_later(desk, export);
}

/* --- after a pass ----------------------------------------------------------------------- */

static bool some_are_gone(const struct export_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->records[i].is_gone)
			return true;
	}
	return false;
}

static void pass_settled(struct desk *desk, struct export_job *export)
{
	const struct export_record *missing = export_set_missing(&export->set);

	if (export->set.later_count > 0)
		export_abort(desk, export, EXPORT_ROW_UNKNOWN, &export->set.later[0]);
	else if (missing)
		export_abort(desk, export, EXPORT_ROW_MISSING, &missing->record);
	else if (some_are_gone(&export->set))
		export_abort(desk, export, EXPORT_CHANGED_MEANWHILE, NULL);
	else if (export->pass == 1)
		begin_sending(desk, export);
	else
		export_text_step(desk, export);
}

void export_pass_over(struct desk *desk, struct export_job *export)
{
	if (export->set.later_count > 0 || export_set_missing(&export->set))
		export_read_later(desk, export, pass_settled);
	else
		pass_settled(desk, export);
}

static void begin_sending(struct desk *desk, struct export_job *export)
{
	struct wire_export_plan plan = {.recordings = 0};

	export->step = begin_sending;
	if (!export->is_begun) /* its writing goes on from here */
		return;
	for (size_t i = 0; i < export->set.count; i++) {
		const struct export_record *record = &export->set.records[i];

		if (export_set_wants(&export->set, record)) {
			plan.recordings++;
			plan.bytes += record->size;
		} else if (!record->is_dead) {
			plan.left_out++;
		}
	}
	export->made_ms = clock_wall_ms(&desk->parts.clock);
	desk_say(export->job.link, WIRE_export_plan, &plan);
	export->pass = 2;
	export_pass_begin(desk, export);
}

/* --- the journal ------------------------------------------------------------------------ */

/* Somebody may have taken an incident's rows away, so that it does not stand in the way. */
static bool is_frozen(struct desk *desk, const struct export_job *export)
{
	desk_incident_audit_end(desk, &export->incidents);
	return desk_incident_freezes(desk);
}

static void journal_over(struct desk *desk, struct export_job *export)
{
	uint8_t root[SEAL_HASH_BYTES];
	enum err err = tree_root(&export->tree, root);

	if (err == OK && memcmp(root, export->root, sizeof(root)) != 0)
		export_abort(desk, export, EXPORT_JOURNAL_CHANGED, NULL);
	else if (err == OK && export_set_settle(&export->set) != OK)
		export_abort(desk, export, EXPORT_JOURNAL_CHANGED, NULL);
	else if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
	else if (is_frozen(desk, export))
		export_abort(desk, export, EXPORT_FROZEN, NULL);
	else
		export_pass_begin(desk, export);
}

/* ERR_AUTH: not what the keeper wrote there. */
static enum err take_entry(struct desk *desk, struct export_job *export,
			   const struct store_row *row)
{
	struct event event;
	uint64_t place = 0;
	enum err err;

	if (!desk_number_of(&row->key, &place) || place != export->read + 1)
		return ERR_AUTH;
	err = tree_leaf_hash(row->value, row->size, export->nodes[place - 1]);
	if (err == OK)
		err = tree_add(&export->tree, export->nodes[place - 1]);
	if (err != OK)
		return err;
	export->read = place;
	err = journal_read(desk->journal, place, row->value, row->size, &event);
	if (err == OK)
		desk_incident_audit_event(&export->incidents, &event);
	if (err == OK)
		err = export_set_take(&export->set, place, &event);
	/* A kind of a newer program is none of those that matter here. */
	return err == ERR_UNSUPPORTED ? OK : err == ERR_FORMAT ? ERR_AUTH : err;
}

static void got_entries(struct desk *desk, struct job *job, enum err err,
			const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = take_entry(desk, export, &rows->rows[i]);
	if (err == OK && rows->count == 0 && export->read < export->limit)
		err = ERR_AUTH;
	if (err == ERR_AUTH)
		export_abort(desk, export, EXPORT_JOURNAL_CHANGED, NULL);
	else if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
	else if (export->read < export->limit)
		read_journal(desk, export);
	else
		journal_over(desk, export);
}

static void read_journal(struct desk *desk, struct export_job *export)
{
	const struct store_range range = {
		.first = desk_key_number(desk, STORE_JOURNAL, export->read + 1),
		.last = desk_key_number(desk, STORE_JOURNAL, export->limit),
		.limit = EXPORT_WINDOW_ROWS,
	};
	enum err err = desk_job_range(desk, &export->job, &range, got_entries);

	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

/* --- the keys ------------------------------------------------------------------------- */

/* The owner's rows of a space whose keys are the owner and so many bytes more. A key that is
 * one byte longer comes right behind. */
static enum err ask_owned(struct desk *desk, struct export_job *export,
			  enum store_space space, size_t more,
			  const struct store_key *behind, job_rows_fn *rows)
{
	uint8_t bytes[STORE_KEY_BYTES_MAX];
	struct store_range range = {.limit = EXPORT_WINDOW_ROWS};

	memcpy(bytes, export->set.owner.bytes, ID_BYTES);
	memset(bytes + ID_BYTES, 0xff, more);
	range.last = desk_key(desk, space, bytes, ID_BYTES + more);
	memset(bytes + ID_BYTES, 0, more);
	range.first = desk_key(desk, space, bytes, ID_BYTES + more);
	if (behind) {
		range.first = *behind;
		range.first.bytes[range.first.size++] = 0;
	}
	return desk_job_range(desk, &export->job, &range, rows);
}

static void got_epochs(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = export_epochs_take(&export->epochs, &rows->rows[i]);
	if (err == OK && rows->more) {
		err = ask_owned(desk, export, STORE_EPOCH, ID_BYTES,
				&rows->rows[rows->count - 1].key, got_epochs);
		if (err == OK)
			return;
	}
	if (err == ERR_FORMAT)
		export_abort(desk, export, EXPORT_ROW_UNKNOWN, NULL);
	else if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
	else
		read_journal(desk, export);
}

static void got_keks(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct export_job *export = (struct export_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = export_epochs_take_kek(&export->epochs, &rows->rows[i]);
	if (err == OK)
		err = ask_owned(desk, export, STORE_EPOCH, ID_BYTES, NULL, got_epochs);
	if (err == ERR_FORMAT)
		export_abort(desk, export, EXPORT_ROW_UNKNOWN, NULL);
	else if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

static void ask_keks(struct desk *desk, struct export_job *export)
{
	enum err err = ask_owned(desk, export, STORE_KEK, KEK_STORE_KEY_BYTES - ID_BYTES,
				 NULL, got_keks);

	if (err != OK)
		export_abort(desk, export, export_reason_of(err), NULL);
}

/* --- its beginning ---------------------------------------------------------------------- */

/* Of an export and of no other one of its link's. */
static uint64_t token_of(const struct export_job *export)
{
	struct unpack unpack;

	unpack_init(&unpack, export->id.bytes, ID_BYTES);
	return unpack_u64(&unpack);
}

static void begun_written(struct desk *desk, struct item *item, enum err err,
			  uint64_t place)
{
	struct export_job *export = export_of(desk_link_by_id(desk, item->link_id));

	(void)place;
	if (!export || token_of(export) != item->token)
		return; /* it ended meanwhile, and this may be the next one */
	if (err != OK) {
		export_abort(desk, export, EXPORT_FAILED, NULL);
		return;
	}
	export->is_begun = true;
	if (export->step == begin_sending)
		begin_sending(desk, export);
}

static enum err journal_begin(struct desk *desk, struct export_job *export)
{
	struct item *item = NULL;
	enum err err =
		item_create(export->job.link, token_of(export), begun_written, &item);

	if (err != OK)
		return err;
	desk_event(desk, &item->event, EVENT_EXPORT_BEGUN, "");
	desk_event_add_id(&item->event, "owner", export->set.owner.bytes);
	desk_event_add_id(&item->event, "export", export->id.bytes);
	event_add(&item->event, "by_room", export->set.by_room ? "yes" : "no");
	desk_write_take(desk, &item);
	return OK;
}

static enum err export_create(struct desk *desk, struct owner_id owner, bool by_room,
			      struct export_job **out_export)
{
	struct export_job *export = calloc(1, sizeof(*export));
	enum err err;

	if (!export)
		return ERR_MEMORY;
	export->job.free_ = export_free;
	export->pass = 1;
	export->limit = journal_size(desk->journal);
	export->generation = generation_of(desk, owner);
	desk_incident_audit_begin(desk, &export->incidents);
	rand_fill(&desk->parts.rand, export->id.bytes, ID_BYTES);
	buf_init(&export->sums, EXPORT_SUMS_BYTES_MAX);
	err = journal_root(desk->journal, export->root);
	if (err == OK)
		err = checkpoint_write(desk->parts.household,
				       secret_view(desk->parts.seed), export->limit,
				       export->root, export->checkpoint);
	if (err == OK)
		err = export_set_init(&export->set, owner, by_room);
	if (err == OK)
		err = seal_hash_start(&export->file_hash);
	if (err == OK)
		err = secret_create(EXPORT_OUT_BYTES, &export->out);
	if (err == OK) {
		export->nodes = calloc(2 * (size_t) export->limit, SEAL_HASH_BYTES);
		err = export->nodes ? OK : ERR_MEMORY;
	}
	if (err != OK) {
		export->is_over = true;
		export_free(&export->job);
		return err;
	}
	*out_export = export;
	return OK;
}

void desk_export(struct desk *desk, struct desk_link *link,
		 const struct wire_export_begin *begin)
{
	struct export_job *export = NULL;

	if (desk_incident_freezes(desk)) {
		desk_refuse(link, DESK_REFUSE_EXPORT_FROZEN);
		return;
	}
	if (export_create(desk, owner_view_id(link->view), begin->by_room != 0,
			  &export) != OK) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	desk_job_begin(link, &export->job);
	if (journal_begin(desk, export) != OK) {
		export_abort(desk, export, EXPORT_MEMORY, NULL);
		return;
	}
	if (export_of(link) ==
	    export) /* it was not ended by a store that fails at once */
		ask_keks(desk, export);
}

void desk_export_more(struct desk *desk, struct desk_link *link,
		      const struct wire_export_more *more)
{
	struct export_job *export = export_of(link);

	if (!export || export->is_over)
		return; /* it ended meanwhile */
	if (more->bytes > export->flying) {
		export_abort(desk, export, EXPORT_PROTOCOL, NULL);
		return;
	}
	export->flying -= more->bytes;
	if (!owner_view_is_open(link->view)) {
		export_abort(desk, export, EXPORT_LOCKED, NULL);
		return;
	}
	if (desk_incident_freezes(desk)) {
		export_abort(desk, export, EXPORT_FROZEN, NULL);
		return;
	}
	if (export_is_erased(desk, export)) {
		export_abort(desk, export, EXPORT_CHANGED_MEANWHILE, NULL);
		return;
	}
	/* A question to the store goes on by itself when it is answered. */
	if (export->out_size > 0 && export_pump(export) && export->job.request == 0)
		export->step(desk, export);
}
