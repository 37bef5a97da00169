/* SPDX-License-Identifier: Apache-2.0 */
/* incident_print - see the header. Decides nothing. */
#include "cli/incident_print.h"

#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/terminal.h"
#include "cli/when.h"

enum { LINE_BYTES = 8192 };

/* --- as JSON ---------------------------------------------------------------------------- */

static void add_id(struct json_write *write, const char *key, const struct wire_id *id)
{
	char text[ID_TEXT_BYTES];

	id_to_text(text, id->bytes);
	json_add_text(write, key, id_is_none(id->bytes) ? NULL : text);
}

static void add_time(struct json_write *write, const char *key, int64_t at_ms)
{
	char text[WHEN_BYTES];

	when_utc(text, at_ms);
	json_add_text(write, key, at_ms != 0 ? text : NULL);
}

static void add_turn(struct json_write *write, uint64_t turn)
{
	char text[ID_TEXT_BYTES];

	turn_id_to_text(text, (struct turn_id){turn});
	json_add_text(write, "turn", turn != 0 ? text : NULL);
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

/* Runs the one line of JSON. */
static enum err put_json(void (*fill)(struct json_write *write, const void *of,
				      int64_t now_ms),
			 const void *of, int64_t now_ms)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	fill(&write, of, now_ms);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void fill_incident(struct json_write *write, const void *of, int64_t now_ms)
{
	const struct incident_view *view = of;
	const struct wire_incident_row *first = &view->rows[0];
	const int64_t due_ms = incident_due_ms(view);

	add_id(write, "id", &first->id);
	json_add_text(write, "state", incident_is_open(view) ? "open" : "closed");
	add_time(write, "opened", first->at_ms);
	json_add_text(write, "cause", first->cause);
	json_add_text(write, "words", incident_view_cause(view));
	json_add_text(write, "owner", or_null(first->owner));
	json_add_text(write, "reported_by", or_null(first->by));
	add_id(write, "record", &first->record);
	add_turn(write, first->turn);
	add_id(write, "export", &first->export);
	json_add_text(write, "entry", or_null(first->entry));
	json_add_int(write, "steps", (int64_t)view->count);
	add_time(write, "authority_due", due_ms);
	if (due_ms != 0)
		json_add_int(write, "authority_left_s", (due_ms - now_ms) / 1000);
	else
		json_add_null(write, "authority_left_s");
}

static void fill_step(struct json_write *write, const void *of, int64_t now_ms)
{
	const struct wire_incident_row *row = of;

	(void)now_ms;
	add_id(write, "id", &row->id);
	json_add_int(write, "step", row->number);
	json_add_text(write, "kind", row->kind);
	add_time(write, "at", row->at_ms);
	json_add_text(write, "by", or_null(row->by));
	json_add_text(write, "cause", or_null(row->cause));
	json_add_text(write, "owner", or_null(row->owner));
	add_id(write, "record", &row->record);
	add_turn(write, row->turn);
	add_id(write, "export", &row->export);
	json_add_text(write, "entry", or_null(row->entry));
	json_add_text(write, "who", or_null(row->who));
	json_add_text(write, "reference", or_null(row->reference));
	json_add_text(write, "words", or_null(row->words));
}

/* --- for a person ----------------------------------------------------------------------- */

static void print_head(const struct incident_view *view, const char *state,
		       enum terminal_style style)
{
	const bool colours = terminal_colours(stdout);
	char id[ID_TEXT_BYTES];
	char at[WHEN_BYTES];

	id_to_text(id, view->rows[0].id.bytes);
	when_local(at, view->rows[0].at_ms);
	printf("%.*s  %s  %s%-7s%s ", INCIDENT_ID_SHOWN, id, at,
	       terminal_style(colours, style), state,
	       terminal_style(colours, STYLE_PLAIN));
}

/* In hours, since it is hours that the law counts. */
static void span_hours(char to[WHEN_BYTES], int64_t span_ms)
{
	const int64_t minutes = span_ms / (60 * 1000);

	(void)str_format(to, WHEN_BYTES, "%lld h %lld min", (long long)(minutes / 60),
			 (long long)(minutes % 60));
}

/* How long there still is to tell the authority. */
static void print_clock(const struct incident_view *view, int64_t now_ms)
{
	const bool colours = terminal_colours(stdout);
	const int64_t due_ms = incident_due_ms(view);
	char due[WHEN_BYTES];
	char span[WHEN_BYTES];

	if (due_ms == 0)
		return;
	when_local(due, due_ms);
	span_hours(span, due_ms > now_ms ? due_ms - now_ms : now_ms - due_ms);
	printf("  %stell the authority by %s: %s %s%s\n",
	       terminal_style(colours, due_ms > now_ms ? STYLE_WARN : STYLE_BAD), due,
	       span, due_ms > now_ms ? "left" : "too late by now",
	       terminal_style(colours, STYLE_PLAIN));
}

enum err incident_print(const struct incident_view *view, int64_t now_ms, bool as_json)
{
	const bool is_open = incident_is_open(view);

	if (as_json)
		return put_json(fill_incident, view, now_ms);
	print_head(view, is_open ? "open" : "closed", is_open ? STYLE_BAD : STYLE_DIM);
	printf("%s\n", incident_view_cause(view));
	print_clock(view, now_ms);
	return OK;
}

/* What it is about, as far as the first row says. */
static void print_about(const struct wire_incident_row *first)
{
	char text[ID_TEXT_BYTES];

	if (!id_is_none(first->record.bytes)) {
		id_to_text(text, first->record.bytes);
		printf("  recording  %s\n", text);
	}
	if (first->turn != 0) {
		turn_id_to_text(text, (struct turn_id){first->turn});
		printf("  turn       %s\n", text);
	}
	if (!id_is_none(first->export.bytes)) {
		id_to_text(text, first->export.bytes);
		printf("  archive    %s%s%s\n", text, first->entry[0] ? "  file " : "",
		       first->entry);
	}
	printf("  whose      %s\n",
	       first->owner[0] ? first->owner : "anybody's of the house");
}

static void print_step(const struct wire_incident_row *row)
{
	enum incident_kind kind;
	char at[WHEN_BYTES];

	when_local(at, row->at_ms);
	printf("%3u  %s  %s", row->number, at,
	       incident_kind_from_text(row->kind, &kind) ? incident_kind_words(kind)
							 : row->kind);
	if (row->by[0])
		printf(" (%s)", row->by);
	if (row->who[0])
		printf(": %s", row->who);
	if (row->reference[0])
		printf(" [%s]", row->reference);
	if (row->words[0])
		printf(": \"%s\"", row->words);
	putchar('\n');
}

enum err incident_print_steps(const struct incident_view *view, int64_t now_ms,
			      bool as_json)
{
	char id[ID_TEXT_BYTES];
	enum err err = OK;

	for (size_t i = 0; as_json && !err && i < view->count; i++)
		err = put_json(fill_step, &view->rows[i], now_ms);
	if (as_json)
		return err;
	id_to_text(id, view->rows[0].id.bytes);
	printf("%s\n", id);
	printf("  what       %s\n", incident_view_cause(view));
	print_about(&view->rows[0]);
	print_clock(view, now_ms);
	if (incident_is_open(view) && !incident_step(view, INCIDENT_CLOCK))
		puts("  advice     nobody runs this house for others, so no authority has "
		     "to be told; tell\n             whoever it is about, and close it "
		     "when it is mended");
	for (size_t i = 0; i < view->count; i++)
		print_step(&view->rows[i]);
	return OK;
}

enum err incident_print_request(const struct incident_view *view, bool as_json)
{
	const struct wire_incident_row *first = &view->rows[0];

	if (as_json)
		return put_json(fill_step, first, 0);
	print_head(view, "refused", STYLE_PLAIN);
	printf("%s [%s]", first->who, first->reference);
	if (first->words[0])
		printf(": \"%s\"", first->words);
	printf("%s%s%s\n", first->by[0] ? " (" : "", first->by, first->by[0] ? ")" : "");
	return OK;
}
