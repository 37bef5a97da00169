/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_notice - section by section, each from facts; what is not known is said to be so.
 * Invariant: of texts that people wrote only those of measures are taken over, and the names
 * of owners, rooms and the operator.
 */
#include "cli/incident_notice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "cli/when.h"

enum { LINE_BYTES = 2048 };

struct draft {
	const struct incident_view *view;
	const struct wire_incident_facts *facts;
	int64_t now_ms;
	struct buf *to;
	enum err err;
};

static void say(struct draft *draft, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct draft *draft, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	if (!draft->err)
		draft->err = buf_add_text(draft->to, line);
}

/* What may follow from it, by cause, in plain words. */
static const struct {
	enum incident_cause cause;
	const char *words;
} CONSEQUENCES[] = {
	{INCIDENT_DOES_NOT_OPEN,
	 "Somebody who can write to the disk changed or exchanged what is stored. What is "
	 "stored is encrypted under the owner's own key, and what was changed does not open: "
	 "by this nobody has heard anything. A recording may be lost."},
	{INCIDENT_EXPORT_MISMATCH,
	 "An archive that was asked for would not have held exactly what is its owner's. It "
	 "was stopped; whether one that was handed out before was right is to be checked "
	 "(behest verify FILE.zip)."},
	{INCIDENT_FOREIGN_ROW,
	 "Somebody who can write to the disk put something there. It is not believed, and "
	 "opens no recording; but who could do that could also destroy."},
	{INCIDENT_JOURNAL_NOT_WHOLE,
	 "What was done and when can no longer be shown without a gap. The recordings "
	 "themselves stay encrypted under their owners' keys."},
	{INCIDENT_REPORTED,
	 "Whoever has the archive or the recording can listen to it and read its words. From "
	 "what is said in a home people can be recognised, and their habits, health, beliefs "
	 "or plans can become known to strangers."},
};

/* --- what happened ---------------------------------------------------------------------- */

static void say_found(struct draft *draft)
{
	const struct wire_incident_row *first = &draft->view->rows[0];
	char at[WHEN_BYTES];

	when_local(at, first->at_ms);
	say(draft, "1. What happened\n\n");
	say(draft, "It is known since %s. ", at);
	if (!str_equal(first->cause, incident_cause_text(INCIDENT_REPORTED)))
		say(draft, "The assistant found it itself: %s.\n",
		    incident_view_cause(draft->view));
	else if (first->by[0])
		say(draft,
		    "%s, who is an owner of this house, reported something that is "
		    "not theirs.\n",
		    first->by);
	else
		say(draft,
		    "Somebody who is not of this house reported an archive that is "
		    "not theirs.\n");
}

static void say_record(struct draft *draft)
{
	const struct wire_incident_facts *facts = draft->facts;
	char at[WHEN_BYTES];

	if (facts->record_ms == 0)
		return;
	when_local(at, facts->record_ms);
	say(draft, "It is about a recording made on %s", at);
	if (facts->record_room[0])
		say(draft, " in the room \"%s\"", facts->record_room);
	say(draft, ".\n");
}

static void say_export(struct draft *draft)
{
	const struct wire_incident_facts *facts = draft->facts;
	char id[ID_TEXT_BYTES];
	char at[WHEN_BYTES];

	if (id_is_none(draft->view->rows[0].export.bytes))
		return;
	id_to_text(id, draft->view->rows[0].export.bytes);
	if (facts->export_ms == 0) {
		say(draft,
		    "The archive that was named (%s) is not one that this house's journal "
		    "knows.\n",
		    id);
		return;
	}
	when_local(at, facts->export_ms);
	say(draft,
	    "The archive (%s) was handed out on %s to %s; it holds %" PRIu64
	    " recordings.\n",
	    id, at, facts->export_owner[0] ? facts->export_owner : "an owner",
	    facts->export_count);
}

/* --- whose, how many, since when -------------------------------------------------------- */

static void say_subjects(struct draft *draft)
{
	const struct wire_incident_facts *facts = draft->facts;
	char first[WHEN_BYTES];
	char last[WHEN_BYTES];

	say(draft, "\n2. Whose data, and how much\n\n");
	if (facts->owner[0])
		say(draft, "It concerns one person: %s.\n", facts->owner);
	else
		say(draft,
		    "It is not known whose it is: it may concern each of the %" PRIu32
		    " owners of this house, and whoever spoke near a microphone of theirs.\n",
		    facts->owners);
	say(draft,
	    "Kinds of data: recordings of voices, their words as text, when and in "
	    "which room they were spoken, and what was done about them.\n");
	if (facts->recordings == 0) {
		say(draft, "No recordings of theirs are kept now.\n");
		return;
	}
	when_local(first, facts->first_ms);
	when_local(last, facts->last_ms);
	say(draft, "Kept now: %" PRIu64 " recordings, from %s to %s.", facts->recordings,
	    first, last);
	say(draft, " Archives handed out so far: %" PRIu64 ".\n", facts->exports);
}

static void say_consequences(struct draft *draft)
{
	enum incident_cause cause = INCIDENT_CAUSE_COUNT;

	say(draft, "\n3. What may follow from it\n\n");
	(void)incident_cause_from_text(draft->view->rows[0].cause, &cause);
	for (size_t i = 0; i < STR_COUNT(CONSEQUENCES); i++)
		if (CONSEQUENCES[i].cause == cause)
			say(draft, "%s\n", CONSEQUENCES[i].words);
}

/* --- what was done ---------------------------------------------------------------------- */

static void say_step(struct draft *draft, const struct wire_incident_row *row)
{
	enum incident_kind kind;
	char at[WHEN_BYTES];

	if (!incident_kind_from_text(row->kind, &kind) || kind == INCIDENT_AGAIN ||
	    kind == INCIDENT_DRAFTED)
		return;
	when_local(at, row->at_ms);
	say(draft, "- %s: %s", at, incident_kind_words(kind));
	if (kind == INCIDENT_TOLD && row->by[0])
		say(draft, " (%s)", row->by);
	if (kind == INCIDENT_NOTIFIED)
		say(draft, " (reference: %s)", row->reference);
	if (kind == INCIDENT_MEASURE)
		say(draft, ": %s", row->words);
	say(draft, "\n");
}

static void say_measures(struct draft *draft)
{
	say(draft, "\n4. What was done\n\n");
	for (size_t i = 0; i < draft->view->count; i++)
		say_step(draft, &draft->view->rows[i]);
	if (!incident_step(draft->view, INCIDENT_MEASURE))
		say(draft, "- [ what else was done: write it down with `behest incident "
			   "step ID measure --words ...` and draft this again ]\n");
}

static void say_contact(struct draft *draft)
{
	const struct wire_incident_facts *facts = draft->facts;

	say(draft, "\n5. Whom to ask\n\n");
	if (facts->operator_name[0])
		say(draft, "%s, %s\n", facts->operator_name, facts->operator_contact);
	else
		say(draft, "The owners of this house. [ how to reach them ]\n");
}

static void say_clock(struct draft *draft)
{
	const struct wire_incident_row *notified =
		incident_step(draft->view, INCIDENT_NOTIFIED);
	const int64_t due_ms = incident_due_ms(draft->view);
	char due[WHEN_BYTES];
	char span[WHEN_BYTES];

	say(draft, "\n6. The authority\n\n");
	when_local(due, due_ms);
	when_span(span, due_ms - draft->now_ms);
	if (notified)
		say(draft, "It was told; its reference is %s.\n", notified->reference);
	else if (due_ms == 0)
		say(draft,
		    "Nobody runs this house for others: a household need not tell an "
		    "authority what happens within it (GDPR, Article 2 (2) (c)). If the "
		    "data of somebody outside is concerned, ask one all the same.\n");
	else if (due_ms > draft->now_ms)
		say(draft,
		    "It is to be told by %s (%s left). Later is possible, with the "
		    "reasons for it (GDPR, Article 33 (1)).\n",
		    due, span);
	else
		say(draft,
		    "It was to be told by %s. Tell it now, and say why it is late "
		    "(GDPR, Article 33 (1)).\n",
		    due);
}

enum err incident_notice_write(const struct incident_view *view,
			       const struct wire_incident_facts *facts, int64_t now_ms,
			       struct buf *to)
{
	struct draft draft = {.view = view, .facts = facts, .now_ms = now_ms, .to = to};
	char id[ID_TEXT_BYTES];

	id_to_text(id, view->rows[0].id.bytes);
	say(&draft, "DRAFT: notice of a personal data breach (incident %s)\n\n", id);
	say_found(&draft);
	say_record(&draft);
	say_export(&draft);
	say_subjects(&draft);
	say_consequences(&draft);
	say_measures(&draft);
	say_contact(&draft);
	say_clock(&draft);
	return draft.err;
}
