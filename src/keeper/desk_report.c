/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_report - what owners ask of the breach desk, and the one thing that anybody may: to
 * say that something is not theirs. Reads the rows of incidents for owners, and gathers from
 * the journal what a notice about one says.
 *
 * Invariant: whoever is not signed in learns the id of what they reported, and nothing else.
 * No path from here leads to a recording.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/incident_row.h"
#include "keeper/looking_back.h"

/* What people type is shown to others. */
static void take_text(char *to, size_t size, const char *from)
{
	must(str_copy(to, size, from));
	str_clean(to);
	str_trim(to);
}

/* --- reporting -------------------------------------------------------------------------- */

void desk_report(struct desk *desk, struct desk_link *link,
		 const struct wire_incident_report *report)
{
	const bool is_owner = owner_view_is_open(link->view);
	const bool has_export = !id_is_none(report->export.bytes);
	const int things =
		!id_is_none(report->record.bytes) + (report->turn != 0) + has_export;
	struct incident_step first = {
		.kind = INCIDENT_OPENED,
		.at_ms = clock_wall_ms(&desk->parts.clock),
		.cause = INCIDENT_REPORTED,
		.about = {.turn = {report->turn}},
	};

	if (things != 1 || (report->entry[0] && !has_export)) {
		desk_refuse(link, DESK_REFUSE_REPORT_PARTS);
		return;
	}
	if (!is_owner && !has_export) {
		desk_refuse(link, DESK_REFUSE_NOT_SIGNED_IN);
		return;
	}
	if (is_owner)
		first.by = owner_view_id(link->view);
	memcpy(first.about.record.bytes, report->record.bytes, ID_BYTES);
	memcpy(first.about.export.bytes, report->export.bytes, ID_BYTES);
	take_text(first.about.entry, sizeof(first.about.entry), report->entry);
	take_text(first.words, sizeof(first.words), report->words);
	desk_incident_report(desk, link, &first);
}

/* --- what owners do about it ------------------------------------------------------------ */

static bool is_active(struct desk *desk, struct desk_link *link)
{
	if (desk_owner_is_active(desk, owner_view_id(link->view)))
		return true;
	desk_refuse(link, DESK_REFUSE_REMOVED);
	return false;
}

/* Each step that an owner takes needs one of the two. */
static bool has_what_it_needs(const struct incident_step *step)
{
	return (incident_kind_needs(step->kind) == INCIDENT_NEEDS_REFERENCE
			? step->reference
			: step->words)[0] != '\0';
}

static void take_step(struct desk *desk, struct desk_link *link,
		      const struct wire_incident_step *asked)
{
	struct incident_step step = {
		.at_ms = clock_wall_ms(&desk->parts.clock),
		.by = owner_view_id(link->view),
	};

	if (!is_active(desk, link))
		return;
	memcpy(step.id.bytes, asked->id.bytes, ID_BYTES);
	take_text(step.reference, sizeof(step.reference), asked->reference);
	take_text(step.words, sizeof(step.words), asked->words);
	if (!incident_kind_from_text(asked->kind, &step.kind) ||
	    incident_kind_by(step.kind) != INCIDENT_BY_OWNER ||
	    incident_kind_begins(step.kind) || !has_what_it_needs(&step))
		desk_refuse(link, DESK_REFUSE_INCIDENT_STEP);
	else
		desk_incident_step(desk, link, &step);
}

/* Somebody asked for recordings by another way than an owner's own export. There is no such
 * way: it is written down as refused, for all owners to see. */
static void refuse_request(struct desk *desk, struct desk_link *link,
			   const struct wire_authority_record *request)
{
	struct incident_step first = {
		.kind = INCIDENT_REFUSED,
		.at_ms = clock_wall_ms(&desk->parts.clock),
		.by = owner_view_id(link->view),
	};

	if (!is_active(desk, link))
		return;
	take_text(first.who, sizeof(first.who), request->who);
	take_text(first.reference, sizeof(first.reference), request->reference);
	take_text(first.words, sizeof(first.words), request->words);
	if (first.who[0] == '\0' || !has_what_it_needs(&first))
		desk_refuse(link, DESK_REFUSE_OUT_OF_RANGE);
	else
		desk_incident_refuse(desk, link, &first);
}

/* --- reading the rows ------------------------------------------------------------------- */

struct list_job {
	struct job job;
	struct incident_id id; /* none: all */
	bool requests;
	bool is_request; /* what the rows are of that come now */
	enum err err; /* a row that does not verify: the others are told all the same */
};

static void list_free(struct job *job)
{
	free(job);
}

static void end_list(struct list_job *list, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};
	struct desk_link *link = list->job.link;

	desk_job_end(link);
	desk_say(link, WIRE_end, &end);
}

static const char *name_of(const struct desk *desk, struct owner_id id)
{
	const size_t at = desk_owner_index(desk, id);

	return at < DESK_OWNERS_MAX ? desk->owners[at].name : "";
}

static void say_row(const struct desk *desk, struct desk_link *link,
		    const struct incident_step *step)
{
	struct wire_incident_row row = {
		.number = step->number,
		.at_ms = step->at_ms,
		.turn = step->about.turn.value,
	};

	memcpy(row.id.bytes, step->id.bytes, ID_BYTES);
	memcpy(row.record.bytes, step->about.record.bytes, ID_BYTES);
	memcpy(row.export.bytes, step->about.export.bytes, ID_BYTES);
	must(str_copy(row.kind, sizeof(row.kind), incident_kind_text(step->kind)));
	must(str_copy(row.by, sizeof(row.by), name_of(desk, step->by)));
	if (step->kind == INCIDENT_OPENED)
		must(str_copy(row.cause, sizeof(row.cause),
			      incident_cause_text(step->cause)));
	must(str_copy(row.owner, sizeof(row.owner), name_of(desk, step->about.owner)));
	must(str_copy(row.entry, sizeof(row.entry), step->about.entry));
	must(str_copy(row.who, sizeof(row.who), step->who));
	must(str_copy(row.reference, sizeof(row.reference), step->reference));
	must(str_copy(row.words, sizeof(row.words), step->words));
	desk_say(link, WIRE_incident_row, &row);
}

static void take_row(struct desk *desk, struct list_job *list,
		     const struct store_row *row)
{
	const struct incident_place place = {.household = desk->parts.household,
					     .house_key =
						     secret_view(desk->parts.house_key)};
	struct incident_step step;
	enum err err = ERR_FORMAT;

	if (row->key.size == INCIDENT_KEY_BYTES)
		err = incident_row_read(&place, row->key.bytes, desk->public_key,
					row->value, row->size, &step);
	if (err != OK) {
		list->err = ERR_AUTH;
		return;
	}
	if (incident_kind_begins(step.kind))
		list->is_request = step.kind == INCIDENT_REFUSED;
	if (list->is_request == list->requests)
		say_row(desk, list->job.link, &step);
}

static enum err ask_rows(struct desk *desk, struct list_job *list,
			 const struct store_key *behind);

static void list_rows(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	struct list_job *list = (struct list_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		take_row(desk, list, &rows->rows[i]);
	if (err == OK && rows->more && rows->count > 0)
		err = ask_rows(desk, list, &rows->rows[rows->count - 1].key);
	else if (err == OK)
		err = ERR_MISSING; /* that was all */
	if (err != OK)
		end_list(list, err == ERR_MISSING ? list->err : err);
}

/* From the next key there can be behind that one; NULL: from the first. */
static enum err ask_rows(struct desk *desk, struct list_job *list,
			 const struct store_key *behind)
{
	struct store_range range = desk_incident_range(desk);

	if (!id_is_none(list->id.bytes)) {
		memcpy(range.first.bytes, list->id.bytes, ID_BYTES);
		memcpy(range.last.bytes, list->id.bytes, ID_BYTES);
	}
	if (behind) {
		must(behind->size < STORE_KEY_BYTES_MAX);
		range.first = *behind;
		range.first.bytes[range.first.size++] = 0;
	}
	return desk_job_range(desk, &list->job, &range, list_rows);
}

static void list(struct desk *desk, struct desk_link *link,
		 const struct wire_incident_get *get)
{
	struct list_job *job = calloc(1, sizeof(*job));
	enum err err;

	if (!job) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	job->job.free_ = list_free;
	memcpy(job->id.bytes, get->id.bytes, ID_BYTES);
	job->requests = get->requests != 0;
	desk_job_begin(link, &job->job);
	err = ask_rows(desk, job, NULL);
	if (err != OK)
		end_list(job, err);
}

/* --- what the journal says -------------------------------------------------------------- */

struct facts_job {
	struct job job;
	struct incident_step first;
	struct wire_incident_facts facts;
	uint64_t below;
	uint64_t destroyed;              /* recordings, newer than what is looked at */
	bool is_erased[DESK_OWNERS_MAX]; /* all that is older of that owner is gone */
};

static void facts_rows(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows);

static void facts_free(struct job *job)
{
	free(job);
}

/* Index of the owner of an event that it concerns, or DESK_OWNERS_MAX. */
static size_t whose(const struct desk *desk, const struct facts_job *facts,
		    const struct event *event)
{
	const struct owner_id about = facts->first.about.owner;
	struct owner_id owner;

	if (!id_from_text(owner.bytes, event_value(event, "owner")))
		return DESK_OWNERS_MAX;
	if (!id_is_none(about.bytes) && !id_equal(about.bytes, owner.bytes))
		return DESK_OWNERS_MAX;
	return desk_owner_index(desk, owner);
}

static bool is_the_record(const struct facts_job *facts, const struct event *event)
{
	struct record_id record;

	if (event->turn.value != 0 && event->turn.value == facts->first.about.turn.value)
		return true;
	return id_from_text(record.bytes, event_value(event, "record")) &&
	       id_equal(record.bytes, facts->first.about.record.bytes);
}

static void take_recorded(struct facts_job *facts, const struct event *event,
			  bool is_erased)
{
	struct wire_incident_facts *to = &facts->facts;

	if (is_the_record(facts, event) && to->record_ms == 0) {
		to->record_ms = event->at_ms;
		must(str_copy(to->record_room, sizeof(to->record_room),
			      event->room.text));
	}
	if (is_erased)
		return;
	to->recordings++;
	to->first_ms = event->at_ms;
	if (to->last_ms == 0)
		to->last_ms = event->at_ms;
}

/* An archive is known by the first half of its manifest's SHA-256. */
static bool is_the_export(const struct facts_job *facts, const struct event *event)
{
	char id[ID_TEXT_BYTES];

	id_to_text(id, facts->first.about.export.bytes);
	return !id_is_none(facts->first.about.export.bytes) &&
	       str_starts(event_value(event, "manifest"), id);
}

static void take_export(struct desk *desk, struct facts_job *facts,
			const struct event *event, size_t owner)
{
	struct wire_incident_facts *to = &facts->facts;
	int64_t count = 0;

	to->exports += owner < DESK_OWNERS_MAX;
	if (!is_the_export(facts, event) || to->export_ms != 0)
		return;
	to->export_ms = event->at_ms;
	if (owner < DESK_OWNERS_MAX)
		must(str_copy(to->export_owner, sizeof(to->export_owner),
			      desk->owners[owner].name));
	if (str_to_int(event_value(event, "recordings"), 0, INT64_MAX, &count))
		to->export_count = (uint64_t)count;
}

static void take_event(struct desk *desk, struct facts_job *facts,
		       const struct event *event)
{
	const size_t owner = whose(desk, facts, event);

	if (event->kind == EVENT_EXPORT_DONE) {
		take_export(desk, facts, event, owner);
		return;
	}
	if (owner == DESK_OWNERS_MAX)
		return;
	if (event->kind == EVENT_RECORDED)
		take_recorded(facts, event, facts->is_erased[owner]);
	else if (event->kind == EVENT_ERASED)
		facts->is_erased[owner] = true;
	else if (event->kind == EVENT_DELETED && !facts->is_erased[owner])
		facts->destroyed++;
}

static void end_facts(struct desk *desk, struct facts_job *facts, enum err err)
{
	const struct incident_id id = facts->first.id;
	struct desk_link *link = facts->job.link;
	struct wire_incident_facts told = facts->facts;

	told.recordings -=
		told.recordings < facts->destroyed ? told.recordings : facts->destroyed;
	if (told.recordings == 0)
		told.first_ms = told.last_ms = 0;
	desk_job_end(link);
	if (err != OK) {
		desk_say(link, WIRE_end, &(struct wire_end){.err = (uint32_t)err});
		return;
	}
	desk_say(link, WIRE_incident_facts, &told);
	desk_incident_drafted(desk, id);
}

static void look_further(struct desk *desk, struct facts_job *facts)
{
	const enum err err =
		looking_back_ask(desk, &facts->job, &facts->below, facts_rows);

	if (err != OK)
		end_facts(desk, facts, err == ERR_MISSING ? OK : err);
}

static void facts_rows(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	struct facts_job *facts = (struct facts_job *)job;

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		struct event event;
		uint64_t place = 0;

		if (looking_back_event(desk, &rows->rows[i], &place, &event))
			take_event(desk, facts, &event);
	}
	if (err == OK)
		look_further(desk, facts);
	else
		end_facts(desk, facts, err);
}

static uint32_t count_owners(const struct desk *desk, struct owner_id about)
{
	uint32_t count = 0;

	for (size_t i = 0; i < desk->owner_count; i++)
		count += desk_owner_is_active(desk, desk->owners[i].id);
	return id_is_none(about.bytes) ? count : 1;
}

static void draft(struct desk *desk, struct desk_link *link,
		  const struct wire_incident_draft *asked)
{
	struct facts_job *facts = calloc(1, sizeof(*facts));
	struct wire_incident_facts *to = facts ? &facts->facts : NULL;
	struct incident_id id;

	memcpy(id.bytes, asked->id.bytes, ID_BYTES);
	if (!facts) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	if (!desk_incident_look(desk, id, &facts->first) ||
	    facts->first.kind != INCIDENT_OPENED) {
		free(facts);
		desk_refuse(link, DESK_REFUSE_INCIDENT_CLOSED);
		return;
	}
	to->id = asked->id;
	to->owners = count_owners(desk, facts->first.about.owner);
	must(str_copy(to->owner, sizeof(to->owner),
		      name_of(desk, facts->first.about.owner)));
	must(str_copy(to->operator_name, sizeof(to->operator_name),
		      desk->policy.operator_name));
	must(str_copy(to->operator_contact, sizeof(to->operator_contact),
		      desk->policy.operator_contact));
	facts->job.free_ = facts_free;
	facts->below = journal_size(desk->journal) + 1;
	desk_job_begin(link, &facts->job);
	look_further(desk, facts);
}

bool desk_report_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message)
{
	if (message->type == WIRE_incident_get)
		list(desk, link, &message->incident_get);
	else if (message->type == WIRE_incident_step)
		take_step(desk, link, &message->incident_step);
	else if (message->type == WIRE_incident_draft)
		draft(desk, link, &message->incident_draft);
	else if (message->type == WIRE_authority_record)
		refuse_request(desk, link, &message->authority_record);
	else
		return false;
	return true;
}
