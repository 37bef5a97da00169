/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest drill: acts out the incidents of share/drills against the real code and holds what
 * comes of them against their cards. A drill that does not exist yet is listed as that, and
 * passes nothing.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/drill.h"
#include "cli/terminal.h"

enum { CARDS_MAX = 64, JSON_BYTES = 8192, STOPS_BYTES = 256 };

static const struct option options[] = {
	{.name = "audio",
	 .kind = OPTION_FLAG,
	 .words = "as sound, by synthetic voices, through the live line"},
	COMMAND_OPTION_JSON,
	{.name = "list",
	 .kind = OPTION_FLAG,
	 .words = "name the drills; nothing is acted out"},
	{.name = "recordings",
	 .kind = OPTION_FOLDER,
	 .argument = "DIR",
	 .words = "with --audio: also the recordings of people there"},
};

static const char choices[] =
#define DRILL(name, text) text "|"
#include "cli/drills.def"
#undef DRILL
	"";

struct cards {
	size_t count;
	struct drill_card *all;
};

/* --- cards ------------------------------------------------------------------------------ */

static int is_card(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && str_ends(entry->d_name, ".yaml");
}

static enum err read_card(const char *path, struct drill_card *card,
			  struct err_note *note)
{
	char name[DRILL_NAME_BYTES] = "";
	const struct drill *drill = drill_card_name(path, name) ? drill_find(name) : NULL;
	struct buf bytes;
	enum err err = file_read(path, DRILL_CARD_BYTES_MAX, &bytes, note);

	if (!err)
		err = drill_card_read(path, (const char *)bytes.bytes, bytes.size,
				      drill ? drill->needs : NULL, card, note);
	buf_finish(&bytes);
	if (!err && card->is_ready && !drill)
		err = err_say(ERR_FORMAT, note,
			      "%s: no drill is called \"%s\"; expected state: not yet",
			      path, card->name);
	return err;
}

static int by_number(const void *a, const void *b)
{
	const struct drill_card *left = a;
	const struct drill_card *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

static enum err read_named(const char *folder, struct dirent *const *names, int count,
			   struct cards *cards, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = OK;

	if (count > CARDS_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d cards", folder,
			       CARDS_MAX);
	cards->all = calloc(CARDS_MAX, sizeof(*cards->all));
	if (!cards->all)
		return ERR_MEMORY;
	for (int i = 0; !err && i < count; i++) {
		if (!file_join(path, sizeof(path), folder, names[i]->d_name))
			err = err_say(ERR_LIMIT, note, "%s: the path is too long",
				      folder);
		else
			err = read_card(path, &cards->all[cards->count++], note);
	}
	if (!err)
		qsort(cards->all, cards->count, sizeof(*cards->all), by_number);
	return err;
}

static enum err read_cards(struct cards *cards, struct err_note *note)
{
	struct dirent **names = NULL;
	char folder[FILE_PATH_BYTES];
	enum err err = OK;
	int count;

	if (!file_join(folder, sizeof(folder), share_folder(), "drills"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       share_folder());
	count = scandir(folder, &names, is_card, alphasort);
	if (count <= 0)
		err = err_say(ERR_MISSING, note,
			      "%s: holds no cards; set BEHEST_SHARE to the folder "
			      "that holds drills/",
			      folder);
	else
		err = read_named(folder, names, count, cards, note);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return err;
}

/* --- what came of it -------------------------------------------------------------------- */

static const char *state_of(bool is_ready, const struct drill_result *result)
{
	if (!is_ready)
		return "not yet";
	if (!result)
		return "ready";
	return drill_is_passed(result) ? "passed" : "failed";
}

static const char *trouble_of(const struct drill_result *result)
{
	if (result->trouble[0])
		return result->trouble;
	if (result->broke)
		return "something went out that its rule keeps in";
	if (!result->bites)
		return "it does not bite: what was done in 2018 does no harm here "
		       "either";
	return "";
}

/* "WAKE_REJECTED 32, EXPIRED 2" */
static void list_stops(const struct drill_result *result, char to[STOPS_BYTES])
{
	to[0] = '\0';
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (result->stopped[i] > 0)
			(void)str_append(to, STOPS_BYTES, "%s%s %zu", to[0] ? ", " : "",
					 reason_code((enum reason)i), result->stopped[i]);
}

/* "; not yet: quiet hours, lasers" */
static void print_not_yet(const struct drill_card *card)
{
	for (size_t i = 0; i < card->not_yet.count; i++)
		printf("%s%s", i == 0 ? "; not yet: " : ", ", card->not_yet.all[i]);
}

static void print_line(const struct drill_card *card, bool is_ready,
		       const struct drill_result *result)
{
	const bool colours = terminal_colours(stdout);
	const bool passed = result && drill_is_passed(result);
	const enum terminal_style style = !result  ? STYLE_DIM
					  : passed ? STYLE_GOOD
						   : STYLE_BAD;
	char stops[STOPS_BYTES];

	printf("%2u  %-20s %s%-8s%s ", card->number, card->name,
	       terminal_style(colours, style), state_of(is_ready, result),
	       terminal_style(colours, STYLE_PLAIN));
	if (!result) {
		printf("%s\n", card->title);
		return;
	}
	list_stops(result, stops);
	printf("%zu of %zu as stated, harm in %zu%s%s%s%s", result->as_stated,
	       result->cases, result->harmful, stops[0] ? "; stopped by " : "", stops,
	       passed ? "" : "; ", trouble_of(result));
	print_not_yet(card);
	putchar('\n');
}

static void add_result(struct json_write *write, const struct drill_result *result)
{
	json_add_bool(write, "bites", result->bites);
	json_add_int(write, "cases", (int64_t)result->cases);
	json_add_int(write, "as_stated", (int64_t)result->as_stated);
	json_add_int(write, "harmful", (int64_t)result->harmful);
	json_open_object(write, "stopped");
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (result->stopped[i] > 0)
			json_add_int(write, reason_code((enum reason)i),
				     (int64_t)result->stopped[i]);
	json_close(write, '}');
	json_add_text(write, "trouble",
		      trouble_of(result)[0] ? trouble_of(result) : NULL);
}

static void add_not_yet(struct json_write *write, const struct drill_card *card)
{
	json_open_array(write, "not_yet");
	for (size_t i = 0; i < card->not_yet.count; i++)
		json_add_text(write, NULL, card->not_yet.all[i]);
	json_close(write, ']');
}

static enum err print_json(const struct drill_card *card, bool is_ready,
			   const struct drill_result *result)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "drill", card->name);
	json_add_int(&write, "number", card->number);
	json_add_text(&write, "state", state_of(is_ready, result));
	json_add_text(&write, "title", card->title);
	if (result)
		add_result(&write, result);
	if (is_ready)
		add_not_yet(&write, card);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err show(const struct args *args, const struct drill_card *card,
		     bool is_ready, const struct drill_result *result)
{
	if (args_flag(args, "json"))
		return print_json(card, is_ready, result);
	print_line(card, is_ready, result);
	return OK;
}

/* --- the command ------------------------------------------------------------------------ */

static bool is_wanted(const struct args *args, const char *name)
{
	bool wanted = args->rest_count == 0;

	for (size_t i = 0; !wanted && i < args->rest_count; i++)
		wanted = str_equal(args->rest[i], name);
	return wanted;
}

/* Is there code for it, in the form that was asked for? */
static bool is_there(const struct args *args, const struct drill_card *card)
{
	return card->is_ready &&
	       (!args_flag(args, "audio") || drill_find(card->name)->hear);
}

static enum err act_out(const struct args *args, const struct drill_card *card,
			struct drill_result *result, struct err_note *note)
{
	const struct drill *drill = drill_find(card->name);

	if (!args_flag(args, "audio"))
		return drill->run(card, result, note);
	if (card->by_ear.count == 0)
		return drill_card_say(card, note, "by_ear", "expected reasons for ",
				      card->name);
	return drill->hear(card, args_text(args, "recordings", NULL), result, note);
}

/* What was asked for by name and does not exist yet has not been passed. */
static enum cli_exit run_card(const struct args *args, const struct drill_card *card)
{
	struct drill_result result = {0};
	const bool is_ready = is_there(args, card);
	const bool runs = is_ready && !args_flag(args, "list");
	struct err_note note = {""};
	enum err err = runs ? act_out(args, card, &result, &note) : OK;

	if (!err)
		err = show(args, card, is_ready, runs ? &result : NULL);
	if (err)
		return command_fail_err(err, &note, card->name);
	fflush(stdout);
	if (args_flag(args, "list"))
		return CLI_DONE;
	if (!is_ready)
		return args->rest_count > 0 ? CLI_FAILED : CLI_DONE;
	return drill_is_passed(&result) ? CLI_DONE : CLI_FAILED;
}

static const char *unknown_name(const struct args *args, const struct cards *cards)
{
	for (size_t i = 0; i < args->rest_count; i++) {
		bool known = false;

		for (size_t c = 0; !known && c < cards->count; c++)
			known = str_equal(cards->all[c].name, args->rest[i]);
		if (!known)
			return args->rest[i];
	}
	return NULL;
}

static enum cli_exit run_all(const struct args *args, const struct cards *cards)
{
	const char *unknown = unknown_name(args, cards);
	enum cli_exit status = CLI_DONE;

	if (args_count(args, "recordings") && !args_flag(args, "audio"))
		return command_fail(CLI_USAGE, "--recordings goes with --audio");
	if (unknown)
		return command_fail(CLI_USAGE,
				    "unknown drill \"%.40s\"; see: behest drill --list",
				    unknown);
	for (size_t i = 0; i < cards->count; i++)
		if (is_wanted(args, cards->all[i].name) && run_card(args, &cards->all[i]))
			status = CLI_FAILED;
	return status;
}

static enum cli_exit run(const struct args *args)
{
	struct cards cards = {0};
	struct err_note note = {""};
	enum err err = read_cards(&cards, &note);
	enum cli_exit status =
		err ? command_fail_err(err, &note, "the drills") : run_all(args, &cards);

	free(cards.all);
	return status;
}

const struct command command_drill = {
	.name = "drill",
	.summary = "act out what went wrong with smart speakers",
	.operands = "[NAME]...",
	.words =
		"Acts out the named incidents, or all of them, against the code that runs "
		"here and against what was done then, with nothing connected, and holds "
		"what comes of it against what is stated beforehand in share/drills.",
	.choices = choices,
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
