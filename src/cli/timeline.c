/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a turn: heard, understood with its score against the floor, decided and why,
 * done, said, and the milliseconds of each stage. Knows the JSON's keys and nothing else
 * of the turn; what is missing is left out, never made up.
 */
#include "cli/timeline.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/terminal.h"
#include "domain/reason.h"

enum { WORTH_SHOWING_BYTES = 512 };

struct telling {
	const struct json_value *turn;
	bool colours;
	struct buf *to;
	enum err err; /* the first */
};

static void add(struct telling *telling, const char *format, ...) PRINTF_LIKE(2, 3);

static void add(struct telling *telling, const char *format, ...)
{
	char text[4 * WORTH_SHOWING_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (!telling->err)
		telling->err = buf_add_text(telling->to, text);
}

static void style(struct telling *telling, enum terminal_style wanted)
{
	add(telling, "%s", terminal_style(telling->colours, wanted));
}

static void label(struct telling *telling, const char *text)
{
	style(telling, STYLE_DIM);
	add(telling, "  %-12s", text);
	style(telling, STYLE_PLAIN);
}

static const char *text_of(const struct telling *telling, const char *key)
{
	return json_text(json_get(telling->turn, key), "");
}

static void tell_head(struct telling *telling)
{
	const char *file = text_of(telling, "file");
	const char *room = text_of(telling, "room");

	style(telling, STYLE_BOLD);
	if (*file)
		add(telling, "turn %.0f  %s",
		    json_number(json_get(telling->turn, "turn"), 0), file);
	else
		add(telling, "turn %s", text_of(telling, "id"));
	style(telling, STYLE_PLAIN);
	if (*room)
		add(telling, "  in the %s", room);
	add(telling, "\n");
}

static void tell_heard(struct telling *telling)
{
	const struct json_value *wake = json_get(telling->turn, "wake");
	const char *text = text_of(telling, "text");

	label(telling, "heard");
	if (*text)
		add(telling, "\"%s\"", text);
	else
		add(telling, "no words");
	if (json_is_object(wake))
		add(telling, "  (after the name, score %.2f)",
		    json_number(json_get(wake, "score"), 0));
	add(telling, "\n");
}

static void tell_slots(struct telling *telling)
{
	const struct json_value *slots = json_get(telling->turn, "slots");
	const struct json_value *value = NULL;

	for (size_t i = 0; i < json_count(slots); i++) {
		const char *key = json_key_at(slots, i, &value);

		if (json_is_number(value))
			add(telling, " %s=%g", key, json_number(value, 0));
		else
			add(telling, " %s=%s", key, json_text(value, "?"));
	}
}

static void tell_understood(struct telling *telling)
{
	const struct json_value *ratio = json_get(telling->turn, "ratio");
	const char *intent = text_of(telling, "intent");

	label(telling, "understood");
	add(telling, "%s", *intent ? intent : "nothing that was asked of this house");
	tell_slots(telling);
	if (ratio)
		add(telling, "  (score %.1f against a floor of %.1f)",
		    json_number(ratio, NAN),
		    json_number(json_get(telling->turn, "floor"), NAN));
	else
		add(telling, "  (typed)");
	add(telling, "\n");
}

static void tell_decided(struct telling *telling)
{
	const char *decision = text_of(telling, "decision");
	const char *code = text_of(telling, "reason");
	const char *class = text_of(telling, "class");
	enum reason reason;

	label(telling, "decided");
	style(telling, str_equal(decision, "act") ? STYLE_GOOD : STYLE_WARN);
	add(telling, "%s", decision);
	style(telling, STYLE_PLAIN);
	if (*class)
		add(telling, " (class %s)", class);
	if (!str_equal(code, "NONE"))
		add(telling, " %s", code);
	if (reason_from_code(code, &reason))
		add(telling, ": %s", reason_explained(reason));
	add(telling, "\n");
}

static void tell_done(struct telling *telling)
{
	double done = json_number(json_get(telling->turn, "done"), 0);
	const char *said = text_of(telling, "said");
	const char *record = text_of(telling, "record");

	label(telling, "done");
	if (done > 0)
		add(telling, "%.0f action%s\n", done, done == 1 ? "" : "s");
	else
		add(telling, "nothing\n");
	label(telling, "said");
	if (*said)
		add(telling, "\"%s\"\n", said);
	else
		add(telling, "nothing\n");
	if (*record) {
		label(telling, "kept");
		add(telling, "recording %s, sealed for its owner\n", record);
	}
}

static void tell_times(struct telling *telling)
{
	const struct json_value *times = json_get(telling->turn, "ms");
	const struct json_value *value = NULL;
	size_t count = json_count(times);

	if (count == 0)
		return;
	label(telling, "took");
	for (size_t i = 0; i < count; i++) {
		const char *key = json_key_at(times, i, &value);
		double ms = json_number(value, NAN);

		add(telling, "%s%s %.*f", i ? ", " : "", key, ms < 9.95 ? 1 : 0, ms);
	}
	add(telling, " ms\n");
}

enum err timeline_add(const char *json, size_t size, bool colours, struct buf *to,
		      struct err_note *note)
{
	struct telling telling = {.colours = colours, .to = to};
	struct json *parsed = NULL;
	enum err err = json_parse("turn", json, size, TIMELINE_BYTES_MAX, &parsed, note);

	if (err)
		return err;
	telling.turn = json_root(parsed);
	if (!json_is_text(json_get(telling.turn, "decision"))) {
		err = err_say(ERR_FORMAT, note, "turn: no decision in it");
		goto out;
	}
	tell_head(&telling);
	tell_heard(&telling);
	tell_understood(&telling);
	tell_decided(&telling);
	tell_done(&telling);
	tell_times(&telling);
	err = telling.err;
out:
	json_destroy(parsed);
	return err;
}

enum err timeline_print(const char *json, size_t size, struct err_note *note)
{
	struct buf text;
	enum err err;

	buf_init(&text, TIMELINE_BYTES_MAX);
	err = timeline_add(json, size, terminal_colours(stdout), &text, note);
	if (!err)
		fwrite(text.bytes, 1, text.size, stdout);
	buf_finish(&text);
	fflush(stdout);
	return err;
}
