/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the live stages on a dry house. Order and rules are turn.c's and decide.c's;
 * this file only connects them.
 */
#include "cli/line.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/clock_system.h"
#include "adapter/phrasebook_file.h"
#include "adapter/rand_system.h"
#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "adapter/sounds_lexicon.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/dry.h"
#include "cli/home_file.h"
#include "domain/recent.h"
#include "domain/settings.h"

enum { VOLUME_PERCENT = 70 };

struct line {
	struct clock clock;
	struct rand rand;
	struct home home;
	char room[NAME_BYTES];
	struct sentences *sentences;
	struct understand *understand;
	bool follows;
	struct follow follow;
	struct understand *leaning[DIALOGUE_STEP_COUNT]; /* NULL: not in that step */
	struct phrasebook *phrasebook;
	struct dry *dry;
	struct bus bus;
	struct keep keep;
	struct recent recent;
	struct turn_line *turns;
	int volume;
	bool speaks; /* turn_spoken is due for speaking */
	struct turn_id speaking;
	/* of the turn that runs */
	const char *file;
	int number;
	struct line_answer *answer;
	enum err err;
	bool over;
};

/* There is no dialogue here: nobody could answer. But one may say more. */
const struct understand *line_words(const struct line *line, enum dialogue_step step)
{
	return line->leaning[step] ? line->leaning[step] : line->understand;
}

static const struct understand *newest(void *context, enum dialogue_step step)
{
	return line_words(context, step);
}

enum dialogue_step line_step(struct line *line)
{
	const enum follow_kind kind =
		line->follows
			? follow_now(&line->follow, false, clock_now_ms(&line->clock))
			: FOLLOW_NOTHING;

	if (kind == FOLLOW_NOTHING)
		return DIALOGUE_NONE;
	return kind == FOLLOW_QUESTION ? DIALOGUE_WHICH : DIALOGUE_FOLLOW;
}

static int volume(void *context)
{
	const struct line *line = context;

	return line->volume;
}

static void set_volume(void *context, int percent)
{
	struct line *line = context;

	line->volume = percent;
}

static void say(void *context, const struct turn *turn, const char *text,
		struct event_id parent)
{
	struct line *line = context;

	must(text && (text[0] == '\0' || parent.value));
	line->speaks = true;
	line->speaking = turn->id;
}

static void over(void *context, const struct turn *turn)
{
	struct line *line = context;
	struct line_answer *answer = line->answer;

	must(answer && !line->over);
	answer->decision = turn->decision.kind;
	answer->action = turn->decision.action;
	answer->reason = turn->decision.reason;
	answer->outcome = turn->outcome;
	(void)str_copy(answer->said, sizeof(answer->said), turn->said);
	line->err = turn_to_json(turn, line->file, line->number, &answer->json);
	line->over = true;
}

static void bus_done(void *context, uint64_t token, enum err err)
{
	struct line *line = context;

	turn_bus_done(line->turns, token, err);
}

static void keep_done(void *context, uint64_t token, enum err err, struct event_id event,
		      struct record_id record)
{
	struct line *line = context;

	turn_keep_done(line->turns, token, err, event, record);
}

static void changed(void *context)
{
	must(context);
}

/* Nothing is ever late here: the dry keep is always up. */
static void late(void *context, const struct event *event)
{
	must(context && event);
}

static struct event_id newest_event(void *context)
{
	const struct line *line = context;

	return dry_newest(line->dry);
}

/* The language's own, and a file of its folder beside them; NULL: none. */
static enum err add_own(struct sentences *sentences, const char *beside,
			struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct settings settings;
	enum err err;

	settings_init(&settings);
	err = share_find("lang", settings.house_language, folder, sizeof(folder), note);
	if (!err)
		err = sentence_files_add(sentences, folder, note);
	if (err || !beside)
		return err;
	if (!file_join(path, sizeof(path), folder, beside))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return sentence_files_add(sentences, path, note);
}

static enum err use_sounds(struct sentences *sentences, enum line_words words,
			   struct err_note *note)
{
	return words == LINE_TYPED
		       ? OK
		       : sounds_lexicon_use(sentences,
					    recogniser_pocketsphinx_defaults().dictionary,
					    note);
}

static enum err load_sentences(struct line *line, const struct args *args,
			       enum line_words words, struct err_note *note)
{
	size_t count = args_count(args, "sentences");
	struct settings settings;
	enum err err = sentences_create(&line->sentences);

	settings_init(&settings);
	if (!err && count == 0)
		err = add_own(line->sentences, NULL, note);
	for (size_t i = 0; !err && i < count; i++)
		err = sentence_files_add(line->sentences,
					 args_text_at(args, "sentences", i), note);
	if (!err)
		err = phrasebook_file_open(settings.house_language, &line->phrasebook,
					   note);
	return err ? err : use_sounds(line->sentences, words, note);
}

static enum err load_leaning(struct line *line, enum dialogue_step step, const char *file,
			     struct err_note *note)
{
	struct sentences *sentences = NULL;
	enum err err = sentences_create(&sentences);

	if (!err)
		err = add_own(sentences, file, note);
	if (!err)
		err = use_sounds(sentences, LINE_HEARD_ON, note);
	if (!err)
		err = understand_create(sentences, &line->home, &line->leaning[step],
					note);
	sentences_destroy(sentences);
	return err;
}

static enum err use_follow(struct line *line, struct err_note *note)
{
	enum err err = load_leaning(line, DIALOGUE_FOLLOW, "dialogue/follow.yaml", note);

	line->follows = true;
	return err ? err
		   : load_leaning(line, DIALOGUE_WHICH, "dialogue/which.yaml", note);
}

static enum err load_home(struct line *line, const struct args *args,
			  struct err_note *note)
{
	const char *path = args_text(args, "home", NULL);
	char shared[FILE_PATH_BYTES];
	enum err err = OK;

	if (!path) {
		err = share_find("home", "toy.json", shared, sizeof(shared), note);
		path = shared;
	}
	return err ? err : home_file_read(path, &line->home, note);
}

static enum err name_room(struct line *line, const char *room, struct err_note *note)
{
	if (!room)
		room = line->home.here[0] ? line->home.here : "living room";
	if (!str_copy(line->room, sizeof(line->room), room))
		return err_say(ERR_LIMIT, note, "%.40s...: too long for a room", room);
	str_fold(line->room);
	return OK;
}

static enum err open_parts(struct line *line)
{
	struct bus_listener bus = {.context = line, .done = bus_done, .changed = changed};
	struct keep_listener keep = {.context = line,
				     .done = keep_done,
				     .changed = changed};
	struct turn_parts parts = {
		.clock = &line->clock,
		.rand = &line->rand,
		.bus = &line->bus,
		.keep = &line->keep,
		.recent = &line->recent,
		.follow = line->follows ? &line->follow : NULL,
		.phrasebook = line->phrasebook,
		.understand = newest,
		.volume = volume,
		.set_volume = set_volume,
		.say = say,
		.carries_to_houses = true,
		.late = late,
		.newest = newest_event,
		.over = over,
		.context = line,
	};
	enum err err = dry_create(&line->home, line->room, &line->dry);

	if (err)
		return err;
	dry_listen(line->dry, &bus, &keep);
	line->bus = dry_bus(line->dry);
	line->keep = dry_keep(line->dry);
	return turn_line_create(&parts, &line->turns);
}

enum err line_create(const struct args *args, const char *room, enum line_words words,
		     struct line **out_line, struct err_note *note)
{
	struct line *line = calloc(1, sizeof(*line));
	enum err err = ERR_MEMORY;

	if (!line)
		goto out;
	line->clock = clock_system();
	line->rand = rand_system();
	line->volume = VOLUME_PERCENT;
	home_init(&line->home);
	recent_init(&line->recent);
	err = load_sentences(line, args, words, note);
	if (!err)
		err = load_home(line, args, note);
	if (!err)
		err = name_room(line, room, note);
	if (!err)
		err = understand_create(line->sentences, &line->home, &line->understand,
					note);
	if (!err && words == LINE_HEARD_ON && args_count(args, "sentences") == 0)
		err = use_follow(line, note);
	if (!err)
		err = open_parts(line);
	if (err)
		goto out;
	*out_line = line;
	line = NULL;
out:
	line_destroy(line);
	return err;
}

void line_destroy(struct line *line)
{
	if (!line)
		return;
	turn_line_destroy(line->turns);
	dry_destroy(line->dry);
	recent_wipe(&line->recent);
	follow_forget(&line->follow);
	for (unsigned step = 0; step < DIALOGUE_STEP_COUNT; step++)
		understand_destroy(line->leaning[step]);
	understand_destroy(line->understand);
	sentences_destroy(line->sentences);
	phrasebook_destroy(line->phrasebook);
	home_finish(&line->home);
	free(line);
}

const struct understand *line_understand(const struct line *line)
{
	return line->understand;
}

const struct sentences *line_sentences(const struct line *line)
{
	return line->sentences;
}

const struct phrasebook *line_phrasebook(const struct line *line)
{
	return line->phrasebook;
}

const struct clock *line_clock(const struct line *line)
{
	return &line->clock;
}

const struct home *line_home(const struct line *line)
{
	return &line->home;
}

const char *line_room(const struct line *line)
{
	return line->room;
}

/* Answers what waits until the turn is over. A turn that waits for nothing is a bug. */
static void pump(struct line *line)
{
	while (!line->over) {
		bool moved = dry_pump(line->dry);

		if (line->speaks) {
			line->speaks = false;
			turn_spoken(line->turns, line->speaking, 0);
			moved = true;
		}
		must(moved || line->over);
	}
}

enum err line_run(struct line *line, const struct turn_heard *heard,
		  struct audio_span sound, const char *file, int number,
		  struct line_answer *out_answer)
{
	enum err err;

	line->file = file;
	line->number = number;
	line->answer = out_answer;
	line->over = false;
	line->err = OK;
	buf_clear(&out_answer->json);
	err = turn_begin(line->turns, turn_id_make(&line->clock, &line->rand), line->room,
			 heard, sound);
	if (err)
		return err;
	pump(line);
	line->answer = NULL;
	return line->err;
}

enum err line_reset(struct line *line)
{
	recent_wipe(&line->recent);
	recent_init(&line->recent);
	follow_forget(&line->follow);
	line->volume = VOLUME_PERCENT;
	return dry_reset(line->dry);
}
