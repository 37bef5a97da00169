/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 7, the creepy laugh: an hour of talk full of words like "laugh" falls beside a house
 * that nobody called, and then the same hour as if its name had been believed each time.
 * Talk is drawn from the card's words, and from the words of films as often as they are
 * said there, where their list is at hand (tools/fetch-data).
 *
 * The rule: nothing is answered that did not begin with the name, and nothing is done. The
 * naive counterpart laughs at whatever sounds like being asked to.
 */
#include <stdlib.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/chatter.h"
#include "cli/drill_sound.h"
#include "cli/drill_stage.h"
#include "cli/naive.h"
#include "decide/floor.h"
#include "train/random.h"

enum {
	SEED = 2018,
	CASE_BYTES = 32,
	HOUR_S = 3600,
	MS_PER_S = 1000,
	WORDS_PER_MINUTE = 150,
	HEARD = 2,    /* of the hour, as sound */
	FRAMES = 200, /* of 10 ms, as rehearsal_rooms counts what is said */
};

/* A skill that laughs when it is asked to, as an owner approved it. */
static const char JOKES[] =
	"{\"name\": \"jokes\", \"version\": \"1\", \"language\": \"en\","
	" \"program\": \"jokes\", \"intents\": {\"Laugh\": {\"effect\": true,"
	" \"sentences\": [\"can you laugh\", \"[please] laugh for (me|us)\"]}}}";

static const char *const NEEDS[] = {"contacts", "said",     "request", "words",
				    "rooms",    "outcomes", NULL};

struct talk_source {
	const struct drill_stage *stage;
	struct chatter *chatter; /* NULL: the card's words alone */
	struct random random;
	double spoken_s; /* of the hour */
};

/* --- talk ------------------------------------------------------------------------------- */

static enum err open_chatter(struct chatter **out_chatter, struct err_note *note)
{
	struct err_note unused = {""};
	char path[FILE_PATH_BYTES];
	enum err err;

	if (share_find("words", "subtlex.json", path, sizeof(path), &unused))
		return OK;
	err = chatter_create(out_chatter);
	return err ? err : chatter_add_words(*out_chatter, path, note);
}

static void draw_from_card(struct talk_source *source, char to[TEXT_BYTES])
{
	const struct drill_lines *words = &source->stage->card->words;
	const size_t count = 1 + random_below(&source->random, CHATTER_WORDS_MAX);

	to[0] = '\0';
	for (size_t i = 0; i < count; i++)
		must(str_append(to, TEXT_BYTES, "%s%s", i ? " " : "",
				words->all[random_below(&source->random, words->count)]));
}

static size_t count_words(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

/* Every second thing said is of the card's words. False: the hour is over. Talk in which
 * the name falls is another matter. */
static bool draw(struct talk_source *source, char to[TEXT_BYTES])
{
	struct chatter_said said;

	do {
		if (source->chatter && random_chance(&source->random, 0.5)) {
			chatter_draw(source->chatter, &source->random, &said);
			chatter_to_text(source->chatter, &said, to);
		} else {
			draw_from_card(source, to);
		}
	} while (naive_has_word(to, source->stage->name));
	source->spoken_s += 60.0 * (double)count_words(to) / WORDS_PER_MINUTE;
	return source->spoken_s <= HOUR_S;
}

/* --- an hour of it ---------------------------------------------------------------------- */

static const struct hour {
	const char *which;
	bool is_believed; /* as if the name had been said in front of each */
	unsigned without;
} HOURS[] = {
	{"talk", false, 0},
	{"believed", true, 0},
	{"believed-without-fuses", true, REHEARSAL_WITHOUT_FUSES},
};

static void say_one(const struct hour *hour, const struct drill_stage *stage,
		    struct rehearsal_rooms *rooms, const char *text,
		    struct drill_result *result)
{
	struct rehearsal_turn turn;
	char line[2 * TEXT_BYTES];

	must(str_format(line, sizeof(line), "%s%s%s",
			hour->is_believed ? stage->name : "",
			hour->is_believed ? " " : "", text));
	rehearsal_rooms_say(rooms, &(struct rehearsal_said){.text = line}, &turn);
	if (!hour->is_believed && turn.answers > 0)
		drill_break(result, "something was answered that nobody had asked");
	if (turn.kind == DECISION_ACT && action_class(turn.action) != CLASS_A)
		drill_break(result, "talk moved something");
	result->bites |= naive_is_laugh(text);
}

/* What kept the last thing said from being answered: of the name, of the fuse, of words. */
static enum reason outcome_of(const struct hour *hour,
			      const struct rehearsal_rooms *rooms)
{
	if (rooms->moved + rooms->bound + rooms->proposal_count > 0)
		return REASON_NONE;
	if (!hour->is_believed)
		return rooms->rooms[0].taken > 0 ? REASON_NONE : REASON_WAKE_REJECTED;
	return rooms->policy.rooms[0].muted ? REASON_MUTED : REASON_NO_MATCH;
}

static enum err act_out_hour(const struct hour *hour, const struct drill_stage *stage,
			     struct chatter *chatter, struct drill_result *result,
			     struct err_note *note)
{
	struct talk_source source = {.stage = stage,
				     .chatter = chatter,
				     .random = random_stream(SEED, 0, 0)};
	struct rehearsal_rooms *rooms = NULL;
	char text[TEXT_BYTES];
	enum reason stopped;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	rooms->without = hour->without;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	while (draw(&source, text)) {
		rooms->now_ms = (int64_t)(source.spoken_s * MS_PER_S);
		say_one(hour, stage, rooms, text, result);
	}
	stopped = outcome_of(hour, rooms);
	free(rooms);
	return drill_count(result, stage->card, hour->which,
			   stopped == REASON_NONE ? "DONE" : reason_code(stopped),
			   stopped, note);
}

/* --- single lines ----------------------------------------------------------------------- */

static enum err act_out_line(const struct drill_stage *stage, const char *which,
			     const char *text, double ratio, bool is_quiet,
			     struct drill_result *result, struct err_note *note)
{
	struct rehearsal_rooms *rooms = NULL;
	struct rehearsal_turn turn;
	char filled[TEXT_BYTES];
	enum reason stopped;
	enum err err = drill_stage_rooms(stage, &rooms);

	if (err)
		return err;
	rooms->is_quiet = is_quiet;
	drill_stage_fill(stage, text, filled);
	rehearsal_rooms_say(rooms,
			    &(struct rehearsal_said){.text = filled, .ratio = ratio},
			    &turn);
	stopped = turn.kind == DECISION_ACT ? REASON_NONE : turn.reason;
	free(rooms);
	/* What was asked for in full is to be done. */
	if (stopped == REASON_NONE)
		return drill_count_done(result, stage->card, which, "DONE", note);
	return drill_count(result, stage->card, which, reason_code(stopped), stopped,
			   note);
}

static enum err act_out_lines(const struct drill_stage *stage,
			      struct drill_result *result, struct err_note *note)
{
	const struct drill_card *card = stage->card;
	const struct {
		const char *which;
		double ratio;
	} unclear[] = {
		{"unclear", floor_for_class(CLASS_B, FRAMES) - 0.01},
		{"unlike", floor_addressed(FRAMES) - 0.01},
	};
	enum err err = OK;

	for (size_t i = 0; !err && i < card->said.count; i++) {
		char which[CASE_BYTES];

		must(str_format(which, sizeof(which), "%zu", i + 1));
		err = act_out_line(stage, which, card->said.all[i], 0, false, result,
				   note);
	}
	for (size_t i = 0; !err && i < STR_COUNT(unclear); i++)
		err = act_out_line(stage, unclear[i].which, card->request,
				   unclear[i].ratio, false, result, note);
	return err;
}

/* The same lines in a house with the skill, and then at night. */
static enum err act_out_skill(struct drill_stage *stage, struct drill_result *result,
			      struct err_note *note)
{
	const struct drill_card *card = stage->card;
	enum err err = rehearsal_house_add_skill(stage->house, JOKES, note);

	for (size_t night = 0; !err && night < 2; night++)
		for (size_t i = 0; !err && i < card->said.count; i++) {
			char which[CASE_BYTES];

			must(str_format(which, sizeof(which), "%s-%zu",
					night ? "quiet" : "skill", i + 1));
			err = act_out_line(stage, which, card->said.all[i], 0, night == 1,
					   result, note);
		}
	if (!err)
		err = act_out_line(stage, "quiet-lights", card->request, 0, true, result,
				   note);
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct chatter *chatter = NULL;
	struct drill_stage stage;
	enum err err = drill_stage_open(card, 0, &stage, note);

	if (!err)
		err = open_chatter(&chatter, note);
	for (size_t i = 0; !err && i < STR_COUNT(HOURS); i++)
		err = act_out_hour(&HOURS[i], &stage, chatter, result, note);
	if (!err)
		err = act_out_lines(&stage, result, note);
	if (!err)
		err = act_out_skill(&stage, result, note);
	chatter_destroy(chatter);
	drill_stage_close(&stage);
	return err;
}

/* --- as sound --------------------------------------------------------------------------- */

/* Some of the hour, and to be asked to laugh, without a name in front. */
static enum err hear_talk(const struct drill_stage *stage, const char *folder,
			  struct drill_result *result, struct err_note *note)
{
	struct talk_source source = {.stage = stage, .random = random_stream(SEED, 0, 0)};
	struct drill_sound_texts texts = {0};
	static char talk[HEARD][TEXT_BYTES];
	static char lines[DRILL_LINES_MAX][TEXT_BYTES];

	for (size_t i = 0; i < HEARD && draw(&source, talk[i]); i++)
		drill_sound_add(&texts, talk[i]);
	for (size_t i = 0; i < stage->card->said.count; i++) {
		char filled[TEXT_BYTES];

		drill_stage_fill(stage, stage->card->said.all[i], filled);
		must(str_copy(lines[i], TEXT_BYTES,
			      rehearsal_behind(filled, stage->name)));
		if (texts.count < DRILL_SOUND_TEXTS_MAX)
			drill_sound_add(&texts, lines[i]);
	}
	return drill_sound_hear(stage->card, &texts, folder, result, note);
}

static enum err hear(const struct drill_card *card, const char *folder,
		     struct drill_result *result, struct err_note *note)
{
	struct drill_result words = {0};
	struct drill_stage stage;
	enum err err = run(card, &words, note);

	result->bites = words.bites;
	if (err)
		return err;
	err = drill_stage_open(card, 0, &stage, note);
	if (!err)
		err = hear_talk(&stage, folder, result, note);
	drill_stage_close(&stage);
	return err;
}

const struct drill drill_creepy_laugh = {
	.name = "creepy-laugh",
	.needs = NEEDS,
	.run = run,
	.hear = hear,
};
