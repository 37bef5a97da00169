/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_client - see the header. Decides nothing: what the hub refuses is refused here as well,
 * with its reason.
 */
#include "cli/book_client.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/outcome.h"
#include "cli/paths.h"
#include "cli/when.h"

enum { MS = 1000, ID_SHOWN = 8, MINUTES_OF_HOUR = 60 };

static const char *const DAY_NAMES[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

bool book_client_join(const struct args *args, size_t first, char *to, size_t size)
{
	bool fits = true;

	to[0] = '\0';
	for (size_t i = first; fits && i < args->rest_count; i++)
		fits = str_append(to, size, "%s%s", i > first ? " " : "", args->rest[i]);
	return fits;
}

/* --- asking ----------------------------------------------------------------------------- */

static enum err write_slots(const struct intent *intent, char *to, size_t size,
			    struct err_note *note)
{
	bool fits = true;

	to[0] = '\0';
	for (size_t i = 0; fits && i < intent->slot_count; i++) {
		const struct slot *slot = &intent->slots[i];

		if (strchr(slot->value, ';'))
			return err_say(ERR_FORMAT, note, "a ; cannot be in it");
		fits = str_append(to, size, "%s=%s;", slot->name, slot->value);
	}
	return fits ? OK : err_say(ERR_LIMIT, note, "that is too long");
}

static enum err ask(const struct args *args, const struct wire_book_ask *asked,
		    enum cli_exit *out_status, struct err_note *note)
{
	const struct wire_message *answer = NULL;
	struct link_client *client = NULL;
	struct paths paths;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, note);

	if (!err)
		err = client_hub(&paths, &client, note);
	if (!err)
		err = link_client_send_book_ask(client, asked, note);
	if (!err)
		err = client_expect(client, WIRE_turn, &answer, note);
	if (!err)
		*out_status = outcome_show(answer->turn.json, strlen(answer->turn.json),
					   args_flag(args, "json"));
	link_client_close(client);
	return err;
}

/* Not every command has that option. */
static const char *room_of(const struct args *args)
{
	for (size_t i = 0; i < args->option_count; i++)
		if (str_equal(args->options[i].name, "room"))
			return args_text(args, "room", "");
	return "";
}

enum cli_exit book_client_ask(const struct args *args, const struct intent *intent)
{
	struct wire_book_ask asked = {.token = 1};
	struct err_note note = {""};
	enum cli_exit status = CLI_DONE;
	enum err err = write_slots(intent, asked.slots, sizeof(asked.slots), &note);

	if (err)
		return command_fail(CLI_USAGE, "%s", note.text);
	if (!str_copy(asked.intent, sizeof(asked.intent), intent->name) ||
	    !str_copy(asked.room, sizeof(asked.room), room_of(args)))
		return command_fail(CLI_USAGE, "--room: at most %zu bytes",
				    sizeof(asked.room) - 1);
	err = ask(args, &asked, &status, &note);
	return err ? command_fail_err(err, &note, "the hub") : status;
}

/* Eight hexadecimal digits and more are an id. */
static bool is_id(const char *words)
{
	const size_t length = strlen(words);

	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)words[i]))
			return false;
	return length >= ID_SHOWN && length < ID_TEXT_BYTES;
}

bool book_client_name(struct intent *intent, const char *slot, const char *words)
{
	if (words[0] == '\0')
		return true;
	return strlen(words) < BOOK_TEXT_BYTES &&
	       intent_set(intent, is_id(words) ? "id" : slot, words);
}

enum cli_exit book_client_when(struct intent *intent, const char *words)
{
	struct book_when when = book_when_none();
	const enum err err = book_when_read(words, &when);
	bool fits = true;

	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%.40s: from 1s to %dd", words,
				    BOOK_SPAN_MAX_S / (24 * 3600));
	if (err)
		return command_fail(CLI_USAGE,
				    "%.40s: expected a time, as 5m, 1h30m, 7:30, "
				    "\"tomorrow 7:30\" or \"weekdays 6:45\"",
				    words);
	if (when.span_s > 0)
		fits = intent_set_number(intent, "seconds", (double)when.span_s);
	else
		fits = intent_set_number(intent, when.has_half ? "clock" : "hour",
					 when.has_half ? when.minute : when.minute / 60);
	if (fits && when.day != BOOK_DAY_NONE)
		fits = intent_set(intent, "day", book_day_text(when.day));
	if (fits && when.is_again)
		fits = intent_set(intent, "again", "yes");
	return fits ? CLI_DONE : command_fail(CLI_USAGE, "that is too long");
}

enum cli_exit book_client_of(const struct args *args, const char *name, const char *slot)
{
	struct intent intent = {.slot_count = 0};
	char words[BOOK_TEXT_BYTES];

	(void)str_copy(intent.name, sizeof(intent.name), name);
	if (!book_client_join(args, 1, words, sizeof(words)) ||
	    !book_client_name(&intent, slot, words))
		return command_fail(CLI_USAGE, "a name has at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	if (args_flag(args, "all") && !intent_set(&intent, "all", "yes"))
		return command_fail(CLI_USAGE, "that is too long");
	return book_client_ask(args, &intent);
}

/* --- showing ---------------------------------------------------------------------------- */

static void print_days(unsigned days)
{
	if (days == BOOK_EVERY_DAY) {
		printf("  every day");
		return;
	}
	for (unsigned day = 0; days != 0 && day < STR_COUNT(DAY_NAMES); day++)
		if (days & (1U << day))
			printf("  %s", DAY_NAMES[day]);
}

static void print_left(const struct json_value *entry)
{
	char span[WHEN_BYTES];

	when_span(span, (int64_t)json_number(json_get(entry, "left_ms"), 0));
	printf("  %s left%s", span,
	       json_bool(json_get(entry, "paused"), false) ? ", paused" : "");
}

static void print_when(const struct json_value *entry)
{
	const int minute = (int)json_number(json_get(entry, "minute"), 0);
	const unsigned days = (unsigned)json_number(json_get(entry, "days"), 0);
	char at[WHEN_BYTES];

	if (json_get(entry, "left_ms")) {
		print_left(entry);
	} else if (days != 0) {
		printf("  %d:%02d", minute / MINUTES_OF_HOUR, minute % MINUTES_OF_HOUR);
		print_days(days);
	} else if (json_get(entry, "due_ms")) {
		when_local(at, (int64_t)json_number(json_get(entry, "due_ms"), 0));
		printf("  %.16s", at);
	}
	if (json_bool(json_get(entry, "rings"), false))
		printf("  rings now");
}

static void print_entry(const struct json_value *entry)
{
	const char *kind = json_text(json_get(entry, "kind"), "");
	const bool is_item = str_equal(kind, "item");
	const char *text =
		json_text(json_get(entry, str_equal(kind, "timer") ? "name" : "text"),
			  "");

	printf("%.*s", ID_SHOWN, json_text(json_get(entry, "id"), ""));
	if (!is_item)
		print_when(entry);
	if (text[0])
		printf("  %s", text);
	if (!is_item)
		printf("  (%s)", json_text(json_get(entry, "room"), ""));
	putchar('\n');
}

/* "" is the shopping list. */
static bool is_on(const struct json_value *entry, const char *list)
{
	const char *of = book_list_name(json_text(json_get(entry, "list"), ""));

	return !json_get(entry, "list") || str_equal_folded(of, book_list_name(list));
}

static enum err show_entry(const char *json, const char *list, bool as_json,
			   size_t *count, struct err_note *note)
{
	struct json *parsed = NULL;
	enum err err =
		json_parse("entry", json, strlen(json), strlen(json), &parsed, note);

	if (!err && is_on(json_root(parsed), list)) {
		(*count)++;
		if (as_json)
			puts(json);
		else
			print_entry(json_root(parsed));
	}
	json_destroy(parsed);
	return err;
}

static enum err show(const struct args *args, const struct wire_book_show *asked,
		     const char *list, size_t *count, struct err_note *note)
{
	const struct wire_message *answer = NULL;
	struct link_client *client = NULL;
	struct paths paths;
	bool is_over = false;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, note);

	if (!err)
		err = client_hub(&paths, &client, note);
	if (!err)
		err = link_client_send_book_show(client, asked, note);
	while (!err && !is_over) {
		err = client_expect(client, WIRE_book_shown, &answer, note);
		is_over = !err && answer->book_shown.json[0] == '\0';
		if (!err && !is_over)
			err = show_entry(answer->book_shown.json, list,
					 args_flag(args, "json"), count, note);
	}
	link_client_close(client);
	return err;
}

enum cli_exit book_client_show(const struct args *args, enum book_kind kind,
			       const char *list)
{
	struct wire_book_show asked = {.token = 1};
	struct err_note note = {""};
	size_t count = 0;
	enum err err;

	(void)str_copy(asked.kind, sizeof(asked.kind), book_kind_text(kind));
	err = show(args, &asked, list, &count, &note);
	if (err)
		return command_fail_err(err, &note, "the house book");
	if (count == 0 && !args_flag(args, "json"))
		puts(kind == BOOK_ITEM ? "there is nothing on the list"
				       : "there are none");
	return CLI_DONE;
}
