/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_injected_sound - drill 8 as sound: our voice says each line, and a simulated
 * microphone makes an image of it out of ultrasound. Both go down the live line.
 *
 * The rule: neither binds anything. That the image is understood as well as the voice is what
 * makes the drill bite: nothing here tells the one from the other.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/drill_injected.h"
#include "cli/hear.h"
#include "cli/rehearsal_ultrasound.h"
#include "cli/room_sound.h"

enum {
	SECONDS = 8,
	COUNT = SECONDS * AUDIO_HZ,
	QUIET = AUDIO_HZ, /* before it */
	NOISE_BELOW_DB = 30,
	NAME_BYTES_MAX = 200,
};

static const struct {
	const char *words;
	double depth; /* of modulation; 0: a voice */
} KINDS[] = {{"spoken", 0}, {"by ultrasound", 1.0}, {"by weak ultrasound", 0.3}};

struct work {
	const struct drill_stage *stage;
	struct drill_result *result;
	struct voice voice;
	struct line *line;
	struct hear *hear;
	bool is_heard; /* a turn came of it */
	struct line_answer answer;
	int16_t said[COUNT];
	int16_t injected[COUNT];
	float noisy[COUNT];
	int16_t samples[COUNT];
};

static void on_turn(void *context, const struct line_answer *answer)
{
	struct work *work = context;

	if (work->is_heard)
		return;
	work->is_heard = true;
	work->answer = *answer; /* its json is not looked at */
}

static void on_rejected(void *context, const char *file, int64_t at_ms, double score,
			double floor)
{
	(void)context;
	(void)file;
	(void)at_ms;
	(void)score;
	(void)floor;
}

static enum err open_work(struct work *work, struct err_note *note)
{
	static const struct option OPTIONS[] = {LINE_OPTION_HOME, LINE_OPTION_SENTENCES};
	static const struct hear_settings HOW = {.word = NULL};
	const struct args none = {.options = OPTIONS, .option_count = STR_COUNT(OPTIONS)};
	const struct hear_listener listener = {work, on_turn, on_rejected};
	enum err err = voice_flite_create(&work->voice);

	if (!err)
		err = line_create(&none, NULL, LINE_HEARD, &work->line, note);
	return err ? err : hear_create(work->line, &HOW, &listener, &work->hear, note);
}

static void close_work(struct work *work)
{
	hear_destroy(work->hear);
	line_destroy(work->line);
	voice_close(&work->voice);
	free(work);
}

/* What stands behind the name; the name is believed. */
static enum err speak(struct work *work, const char *text)
{
	char filled[TEXT_BYTES];
	struct audio_span sound = {NULL, 0};
	enum err err;

	drill_stage_fill(work->stage, text, filled);
	err = voice_speak(&work->voice, rehearsal_behind(filled, work->stage->name),
			  &sound);
	if (err)
		return err;
	if (sound.count > COUNT - 2 * QUIET)
		return ERR_LIMIT;
	memset(work->said, 0, sizeof(work->said));
	memcpy(work->said + QUIET, sound.samples, sound.count * sizeof(*sound.samples));
	return OK;
}

static struct audio_span in_noise(struct work *work, const int16_t *sound)
{
	uint64_t dice = 1;

	for (size_t i = 0; i < COUNT; i++)
		work->noisy[i] = sound[i];
	room_sound_add_noise(&dice,
			     room_sound_level_s16(sound, COUNT) /
				     pow(10.0, NOISE_BELOW_DB / 20.0),
			     work->noisy, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		work->samples[i] = (int16_t)lround(
			fmax(INT16_MIN, fmin(INT16_MAX, (double)work->noisy[i])));
	return (struct audio_span){work->samples, COUNT};
}

static enum reason came_of(const struct work *work)
{
	const struct line_answer *answer = &work->answer;

	if (!work->is_heard)
		return REASON_NOTHING_HEARD;
	return answer->reason;
}

/* Told something, or asked back: nothing was done. */
static bool is_harmless(const struct line_answer *answer)
{
	return (answer->decision == DECISION_ACT &&
		action_class(answer->action) == CLASS_A) ||
	       (answer->decision == DECISION_ASK && answer->reason == REASON_NONE);
}

static enum err count(struct work *work, const char *which, bool is_injected,
		      struct err_note *note)
{
	const struct line_answer *answer = &work->answer;
	const bool acts = work->is_heard && answer->decision == DECISION_ACT;

	if (acts && action_class(answer->action) == CLASS_C)
		drill_break(work->result, "what was injected bound the household");
	/* A speaker that asks nobody had done it. */
	work->result->bites |= is_injected && came_of(work) == REASON_NEEDS_TAP;
	if (work->is_heard && is_harmless(answer))
		return drill_count_done(work->result, work->stage->card, "heard", "DONE",
					note);
	drill_count_heard(work->result, work->stage->card, which, came_of(work), acts);
	return OK;
}

static enum err hear_kind(struct work *work, const char *text, size_t kind,
			  struct err_note *note)
{
	const struct audio_span said = {work->said, COUNT};
	const bool is_injected = KINDS[kind].depth > 0;
	char which[NAME_BYTES_MAX];
	enum err err = OK;

	if (is_injected)
		err = rehearsal_ultrasound(said, KINDS[kind].depth, work->injected);
	if (err)
		return err;
	work->is_heard = false;
	err = hear_sound(work->hear, text,
			 in_noise(work, is_injected ? work->injected : work->said), note);
	if (err)
		return err;
	must(str_format(which, sizeof(which), "\"%.80s\" %s", text, KINDS[kind].words));
	err = count(work, which, is_injected, note);
	return err ? err : line_reset(work->line);
}

enum err drill_injected_hear(const struct drill_stage *stage, struct drill_result *result,
			     struct err_note *note)
{
	const struct drill_lines *said = &stage->card->said;
	struct work *work = calloc(1, sizeof(*work));
	enum err err;

	if (!work)
		return ERR_MEMORY;
	work->stage = stage;
	work->result = result;
	err = open_work(work, note);
	for (size_t i = 0; !err && i < said->count; i++) {
		err = speak(work, said->all[i]);
		for (size_t kind = 0; !err && kind < STR_COUNT(KINDS); kind++)
			err = hear_kind(work, said->all[i], kind, note);
	}
	close_work(work);
	return err;
}
