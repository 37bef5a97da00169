/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest incident: the breach desk. Says that something is not yours, shows what went wrong,
 * writes down what was done about it, drafts the notice, and closes it.
 */
#include "adapter/clock_system.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/incident_notice.h"
#include "cli/incident_print.h"
#include "cli/report_what.h"
#include "cli/verbs.h"

enum { JSON_BYTES = 4096 };

static const char LISTS[] = "behest incident list --all";

static const struct option options[] = {
	{.name = "all", .kind = OPTION_FLAG, .words = "list also those that are closed"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "reference",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "the authority's file number (step notified)"},
	{.name = "words",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "what you know, did or answered, in at most 500 bytes"},
};

static int64_t now(void)
{
	const struct clock clock = clock_system();

	return clock_wall_ms(&clock);
}

static enum err read_text(const struct args *args, const char *name, char *to,
			  size_t size, struct err_note *note)
{
	const char *text = args_text(args, name, "");

	if (!str_copy(to, size, text))
		return err_say(ERR_RANGE, note, "--%s: at most %zu bytes", name,
			       size - 1);
	for (char *at = to; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return OK;
}

/* --- reporting -------------------------------------------------------------------------- */

static enum err print_opened(const struct wire_incident_opened *opened, bool as_json)
{
	char id[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err = OK;

	id_to_text(id, opened->id.bytes);
	if (!as_json) {
		printf("%s  %s\n", id,
		       opened->is_new
			       ? "it is written down; keep this number"
			       : "it was reported before, and this is added to it");
		return OK;
	}
	buf_init(&line, JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "id", id);
	json_add_bool(&write, "new", opened->is_new != 0);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

/* Whoever names an archive needs no account here. */
static enum err report(const struct args *args, const struct paths *paths,
		       struct err_note *note)
{
	const char *word = args->rest[1];
	const bool is_archive = report_what_is_archive(word);
	struct wire_incident_report what = {.turn = 0};
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	enum err err = read_text(args, "words", what.words, sizeof(what.words), note);

	if (!err && is_archive)
		err = report_what_archive(word, &what, note);
	if (!err)
		err = is_archive ? client_keeper(paths, &client, note)
				 : client_sign_in(args, paths, &client, note);
	if (!err && !is_archive)
		err = report_what_own(client, word, &what, note);
	if (!err)
		err = link_client_send_incident_report(client, &what, note);
	if (!err)
		err = client_expect_change(client, WIRE_incident_opened, &message, note);
	if (!err)
		err = print_opened(&message->incident_opened, args_flag(args, "json"));
	link_client_close(client);
	return err;
}

/* --- what there is ---------------------------------------------------------------------- */

static enum err meet(const struct args *args, const struct paths *paths,
		     struct link_client **out_client, struct incidents *out_incidents,
		     struct err_note *note)
{
	enum err err = client_sign_in(args, paths, out_client, note);

	if (!err)
		err = incidents_get(*out_client, false, out_incidents, note);
	if (!err && out_incidents->is_spoilt)
		fprintf(stderr, "some steps are not this keeper's, and are left out\n");
	return err;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct incidents incidents = {.count = 0};
	struct link_client *client = NULL;
	struct incident_view view;
	size_t shown = 0;
	size_t at = 0;
	enum err err = meet(args, paths, &client, &incidents, note);

	while (!err && incidents_next(&incidents, &at, &view)) {
		if (!args_flag(args, "all") && !incident_is_open(&view))
			continue;
		shown++;
		err = incident_print(&view, now(), args_flag(args, "json"));
	}
	if (!err && shown == 0 && !args_flag(args, "json"))
		puts(args_flag(args, "all") ? "there were no incidents"
					    : "no incident is open");
	incidents_finish(&incidents);
	link_client_close(client);
	return err;
}

static enum err show(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct incidents incidents = {.count = 0};
	struct link_client *client = NULL;
	struct incident_view view;
	enum err err = meet(args, paths, &client, &incidents, note);

	if (!err)
		err = incidents_find(&incidents, args->rest[1], LISTS, &view, note);
	if (!err)
		err = incident_print_steps(&view, now(), args_flag(args, "json"));
	incidents_finish(&incidents);
	link_client_close(client);
	return err;
}

/* --- the notice ------------------------------------------------------------------------- */

static enum err print_facts(const struct wire_incident_facts *facts, const char *text)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, 2 * INCIDENT_NOTICE_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "owner", facts->owner[0] ? facts->owner : NULL);
	json_add_int(&write, "owners", facts->owners);
	json_add_int(&write, "recordings", (int64_t)facts->recordings);
	json_add_int(&write, "first_ms", facts->first_ms);
	json_add_int(&write, "last_ms", facts->last_ms);
	json_add_int(&write, "exports", (int64_t)facts->exports);
	json_add_text(&write, "operator",
		      facts->operator_name[0] ? facts->operator_name : NULL);
	json_add_text(&write, "notice", text);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_notice(const struct incident_view *view,
			     const struct wire_incident_facts *facts, bool as_json)
{
	struct buf text;
	enum err err;

	buf_init(&text, INCIDENT_NOTICE_BYTES_MAX);
	err = incident_notice_write(view, facts, now(), &text);
	if (!err && as_json)
		err = print_facts(facts, (const char *)text.bytes);
	else if (!err)
		fputs((const char *)text.bytes, stdout);
	buf_finish(&text);
	return err;
}

static enum err notice(const struct args *args, const struct paths *paths,
		       struct err_note *note)
{
	struct incidents incidents = {.count = 0};
	struct wire_incident_draft draft = {.unused = 0};
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	struct incident_view view;
	enum err err = meet(args, paths, &client, &incidents, note);

	if (!err)
		err = incidents_find(&incidents, args->rest[1], LISTS, &view, note);
	if (!err) {
		draft.id = view.rows[0].id;
		err = link_client_send_incident_draft(client, &draft, note);
	}
	if (!err)
		err = client_expect_change(client, WIRE_incident_facts, &message, note);
	if (!err)
		err = print_notice(&view, &message->incident_facts,
				   args_flag(args, "json"));
	incidents_finish(&incidents);
	link_client_close(client);
	return err;
}

/* --- steps ------------------------------------------------------------------------------ */

/* Before anybody signs in. */
static enum err check_step(const struct wire_incident_step *step, struct err_note *note)
{
	enum incident_kind kind;

	if (!incident_kind_from_text(step->kind, &kind) ||
	    incident_kind_by(kind) != INCIDENT_BY_OWNER || incident_kind_begins(kind))
		return err_say(ERR_RANGE, note,
			       "\"%.40s\": expected answered, notified, measure or "
			       "closed",
			       step->kind);
	if (incident_kind_needs(kind) == INCIDENT_NEEDS_WORDS && !step->words[0])
		return err_say(ERR_RANGE, note, "%s needs --words", step->kind);
	if (incident_kind_needs(kind) == INCIDENT_NEEDS_REFERENCE && !step->reference[0])
		return err_say(ERR_RANGE, note, "%s needs --reference", step->kind);
	return OK;
}

static enum err take_step(const struct args *args, const struct paths *paths,
			  const char *kind, struct err_note *note)
{
	struct wire_incident_step step = {.unused = 0};
	struct incidents incidents = {.count = 0};
	struct link_client *client = NULL;
	struct incident_view view;
	enum err err = OK;

	if (!str_copy(step.kind, sizeof(step.kind), kind))
		err = err_say(ERR_RANGE, note, "\"%.40s\": no such step", kind);
	if (!err)
		err = read_text(args, "words", step.words, sizeof(step.words), note);
	if (!err)
		err = read_text(args, "reference", step.reference, sizeof(step.reference),
				note);
	if (!err)
		err = check_step(&step, note);
	if (!err)
		err = meet(args, paths, &client, &incidents, note);
	if (!err)
		err = incidents_find(&incidents, args->rest[1], LISTS, &view, note);
	if (!err) {
		step.id = view.rows[0].id;
		err = link_client_send_incident_step(client, &step, note);
	}
	if (!err)
		err = client_expect_done(client, note);
	incidents_finish(&incidents);
	link_client_close(client);
	return err;
}

static enum err add_step(const struct args *args, const struct paths *paths,
			 struct err_note *note)
{
	return take_step(args, paths, args->rest[2], note);
}

static enum err close_it(const struct args *args, const struct paths *paths,
			 struct err_note *note)
{
	return take_step(args, paths, incident_kind_text(INCIDENT_CLOSED), note);
}

static enum cli_exit run(const struct args *args)
{
	static const char id[] = "the first digits of an incident's id";
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"close", 1, 1, id, close_it},
		{"notice", 1, 1, id, notice},
		{"report", 1, 1, "a recording, a turn, or an archive", report},
		{"show", 1, 1, id, show},
		{"step", 2, 2, "an id and answered, notified, measure or closed",
		 add_step},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the breach desk");
}

const struct command command_incident = {
	.name = "incident",
	.summary = "say that something is not yours; show, work on and close incidents",
	.operands = "[list | report RECORD|TURN|FILE.zip[:ENTRY] | show ID | notice ID | "
		    "step ID KIND | close ID]",
	.words =
		"An incident is opened by a report, or by the keeper when something stored is "
		"not what it wrote. While one is open nothing is exported, and every owner "
		"whom it concerns is told at signing in and on paired devices. A report of an "
		"archive needs no account: it is known by its file SHA256SUMS. Steps are "
		"answered (to whoever reported it), notified (the authority, with its "
		"reference), measure and closed; none is ever changed. Where somebody runs "
		"the house for others (behest keeping --operator), the authority is to be "
		"told within 72 hours. The notice is drafted from the journal, and holds no "
		"words that were spoken.",
	.choices = "list|report|show|notice|step|close|answered|notified|measure",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 3,
	.run = run,
};
