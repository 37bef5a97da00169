/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 6, the eavesdropping skill: a calculator that answers once and then tries to go on
 * listening. What it writes stands in the card, line by line, and is read and judged by the
 * code that reads and judges every skill's lines; what its manifest asks for likewise; its
 * files are changed after they were approved; and after a good answer the microphone is
 * looked at, in a house that listens after each of its own replies.
 *
 * The rule: nothing it writes is passed on, nothing beyond its own slots reaches it, and no
 * microphone is opened. The naive counterpart goes on listening whenever it is told that the
 * session is not over, and hands on what it hears. The box itself, and what comes of trying
 * to get out of it, is tests/e2e/test_evil_skill.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/skill_folder.h"
#include "adapter/skill_line.h"
#include "base/file.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/drill.h"
#include "cli/rehearsal.h"
#include "decide/decide.h"
#include "domain/skill.h"

enum { CASE_BYTES = 32, MANIFEST_BYTES = 512, FRAMES = 200, MODE_FILE = 0600 };

static const char *const NEEDS[] = {"said", "words", "outcomes", NULL};

/* Around the sentence that it asks for, and its slots. */
static const char HEAD[] =
	"{\"name\": \"calculator\", \"version\": \"1\", \"language\": \"en\","
	" \"program\": \"sum\", \"intents\": {\"Add\": {\"sentences\": [\"";
static const char SLOTS[] = "\"]}}, \"slots\": {\"one\": {\"from\": 0, \"to\": 100},"
			    " \"two\": {\"from\": 0, \"to\": 100}}}";
static const char SENTENCE[] = "what is {one} and {two}";

/* --- what it writes --------------------------------------------------------------------- */

/* What the speakers of then made of it. */
static bool keeps_listening(const char *line)
{
	return strstr(line, "\"end_session\": false") != NULL;
}

static enum skill_offence judge_line(const char *text)
{
	struct skill_line line;
	enum skill_offence offence = skill_line_read(text, strlen(text), &line);

	if (offence == SKILL_FINE && !line.is_fetch)
		offence = skill_judge_words(line.words, REHEARSAL_WAKE_WORD);
	return offence;
}

static enum err act_out_lines(const struct drill_card *card, struct drill_result *result,
			      struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < card->said.count; i++) {
		const enum skill_offence offence = judge_line(card->said.all[i]);
		char which[CASE_BYTES];

		must(str_format(which, sizeof(which), "%zu", i + 1));
		result->bites |= keeps_listening(card->said.all[i]);
		err = offence == SKILL_FINE
			      ? drill_count_done(result, card, which, "SAID", note)
			      : drill_count(result, card, which,
					    skill_offence_name(offence),
					    REASON_SKILL_FAILED, note);
	}
	return err;
}

/* Each offence ends its process; this many suspend it. */
static enum err act_out_suspension(const struct drill_card *card,
				   struct drill_result *result, struct err_note *note)
{
	struct skill_record record = {.count = 0};
	size_t count = 0;

	for (size_t i = 0; i < card->said.count; i++) {
		if (judge_line(card->said.all[i]) == SKILL_FINE)
			continue;
		count++;
		if (skill_record_add(&record, 0))
			break;
	}
	if (count != SKILL_OFFENCES_MAX)
		drill_break(result, "a skill that tries it again and again goes on");
	return drill_count(result, card, "again-and-again", "SUSPENDED",
			   REASON_SKILL_SUSPENDED, note);
}

/* --- what its manifest asks for --------------------------------------------------------- */

static void make_manifest(const char *sentence, char to[MANIFEST_BYTES])
{
	must(str_format(to, MANIFEST_BYTES, "%s%s%s", HEAD, sentence, SLOTS));
}

static bool is_read(const char *manifest)
{
	static struct skill_manifest read; /* large, and one thread */

	return skill_manifest_read("manifest", manifest, strlen(manifest), &read, NULL) ==
	       OK;
}

/* Sentences by which more than its own slots would reach it. */
static enum err act_out_sentences(const struct drill_card *card,
				  struct drill_result *result, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < card->words.count; i++) {
		char manifest[MANIFEST_BYTES];
		char which[CASE_BYTES];

		make_manifest(card->words.all[i], manifest);
		must(str_format(which, sizeof(which), "sentence-%zu", i + 1));
		if (is_read(manifest))
			drill_break(result, "a skill asks for more than its own slots");
		err = drill_count(result, card, which, "REFUSED", REASON_NO_ACTION, note);
	}
	return err;
}

/* --- changed after it was approved ------------------------------------------------------- */

static enum err write_one(const char *folder, const char *name, const char *text,
			  struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	return file_join(path, sizeof(path), folder, name)
		       ? file_write(path, text, strlen(text), MODE_FILE, note)
		       : ERR_LIMIT;
}

static enum err change(const char *folder, bool *out_runs, struct err_note *note)
{
	static struct skill_manifest manifest; /* large, and one thread */
	struct skill_folder *approved = NULL;
	struct err_note unused = {""};
	char text[MANIFEST_BYTES];
	enum err err;

	make_manifest(SENTENCE, text);
	err = write_one(folder, SKILL_MANIFEST_NAME, text, note);
	if (!err)
		err = write_one(folder, "sum", "answers", note);
	if (!err)
		err = skill_folder_read(folder, &approved, note);
	if (!err)
		err = skill_folder_check(folder, approved->hash, &manifest, note);
	if (!err)
		err = write_one(folder, "sum", "listens", note);
	if (!err)
		*out_runs = skill_folder_check(folder, approved->hash, &manifest,
					       &unused) == OK;
	skill_folder_close(approved);
	return err;
}

static enum err act_out_change(const struct drill_card *card, struct drill_result *result,
			       struct err_note *note)
{
	char folder[] = "/tmp/behest-drill.XXXXXX";
	bool runs = true;
	enum err err = OK;

	if (seal_init() || !mkdtemp(folder))
		return err_say(ERR_IO, note, "/tmp: a folder cannot be made");
	err = change(folder, &runs, note);
	if (runs)
		drill_break(result, "a skill runs that is not the one that was approved");
	if (!err)
		err = skill_folder_remove(folder, note);
	return err ? err
		   : drill_count(result, card, "changed", runs ? "RUNS" : "CHANGED",
				 runs ? REASON_NONE : REASON_SKILL_CHANGED, note);
}

/* --- the microphone --------------------------------------------------------------------- */

/* In a house that listens after its replies: what is decided about an intent. */
static enum err decide_on(const struct rehearsal_house *house, const char *intent,
			  struct decision *decision)
{
	struct understanding understood = {.confidence = 1};
	const struct follow nothing = {.kind = FOLLOW_NOTHING};
	struct arena *arena = NULL;
	enum err err = arena_create(REHEARSAL_ARENA_BYTES, &arena);
	struct decide_input input = {
		.understanding = &understood,
		.home = &house->home,
		.policy = &house->policy,
		.room = REHEARSAL_ROOM,
		.spoken = true,
		.speech_frames = FRAMES,
		.word_count = 1,
		.said_words = SKILL_EFFECT_WORDS,
		.follow = &nothing,
		.follow_up = true,
		.wake_word = REHEARSAL_WAKE_WORD,
	};

	must(str_copy(understood.intent.name, sizeof(understood.intent.name), intent));
	if (!err)
		err = decide(&input, arena, decision);
	arena_destroy(arena); /* with the warrants */
	return err;
}

static bool opens(const struct decision *decision)
{
	return decision->then != THEN_NOTHING || decision->dialogue.step != DIALOGUE_NONE;
}

static enum err act_out_microphone(const struct drill_card *card,
				   struct drill_result *result, struct err_note *note)
{
	struct rehearsal_house *house = NULL;
	struct decision of_skill;
	struct decision of_house;
	char manifest[MANIFEST_BYTES];
	enum err err = rehearsal_house_create(NULL, 0, &house, note);

	make_manifest(SENTENCE, manifest);
	if (!err)
		err = rehearsal_house_add_skill(house, manifest, note);
	if (!err)
		err = decide_on(house, "skill/calculator/Add", &of_skill);
	if (!err)
		err = decide_on(house, "HassGetCurrentTime", &of_house);
	rehearsal_house_destroy(house);
	if (err)
		return err;
	if (of_skill.kind != DECISION_ACT || !opens(&of_house))
		drill_break(result,
			    "the skill was not asked, or this house never listens");
	if (opens(&of_skill))
		drill_break(result, "a microphone is opened behind a skill's words");
	return drill_count_done(result, card, "microphone",
				opens(&of_skill) ? "OPEN" : "SHUT", note);
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	enum err err = act_out_lines(card, result, note);

	if (!err)
		err = act_out_suspension(card, result, note);
	if (!err)
		err = act_out_sentences(card, result, note);
	if (!err)
		err = act_out_change(card, result, note);
	return err ? err : act_out_microphone(card, result, note);
}

const struct drill drill_eavesdropping_skill = {
	.name = "eavesdropping-skill",
	.needs = NEEDS,
	.run = run,
};
