/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_sound - see the header. Nothing that is heard is written anywhere. Invariant: what
 * nobody's name was believed in counts as WAKE_REJECTED, whether or not anything sounded
 * like it.
 */
#include "cli/drill_sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/share.h"
#include "adapter/voice_flite.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/clips.h"
#include "cli/hear.h"
#include "cli/progress.h"
#include "cli/rehearsal_house.h"
#include "cli/room_sound.h"
#include "cli/take.h"
#include "train/listing.h"
#include "train/random.h"

enum {
	SOUND_SECONDS = 30,
	SOUND_SAMPLES = SOUND_SECONDS * AUDIO_HZ,
	BEFORE_MS = 700,
	AFTER_MS = 1500,
	NAME_BYTES_MAX = 200,
	PER_CENT = 100,
};

static const double PITCHES[] = {1.0, 1.2};

static const struct {
	const char *words;
	double db; /* what is said over the noise */
} NOISES[] = {{"in quiet", 40}, {"in noise", 12}};

/* The two ways to hear it. */
enum way { WAY_TALK, WAY_BELIEVED, WAYS };

static const char *const WAY_WORDS[WAYS] = {"beside the house", "behind the name"};

struct work {
	const struct drill_card *card;
	const struct drill_sound_texts *texts;
	struct drill_result *result;
	struct voice voice;
	struct take *take;
	struct line *line;
	struct hear *ways[WAYS];
	enum reason stopped; /* of the sound that is heard: the worst */
	bool is_moved;       /* it did, and nothing that binds */
	size_t believed;     /* cases behind the name */
	size_t moved;        /* of them */
	struct progress progress;
	size_t done;
	float noisy[SOUND_SAMPLES];
	int16_t samples[SOUND_SAMPLES];
};

/* --- hearing ---------------------------------------------------------------------------- */

/* NONE: something was done, or would have waited for a tap, or was asked that may not be.
 * To be told to stop does nothing. */
static enum reason came_of(const struct work *work, const struct line_answer *answer)
{
	if (answer->decision == DECISION_ASK && answer->reason == REASON_NONE)
		return work->texts->asked ? work->texts->asked(work->texts->context)
					  : REASON_NONE;
	if (answer->decision == DECISION_ACT && answer->action == ACTION_STOP)
		return REASON_CANCELLED;
	if (answer->decision == DECISION_HOLD && answer->action == ACTION_ORDER &&
	    work->texts->shop)
		return REASON_NEEDS_TAP;
	if (answer->decision == DECISION_ACT || answer->decision == DECISION_HOLD)
		return REASON_NONE;
	return answer->reason;
}

/* Done once is done, and stays it. */
static void on_turn(void *context, const struct line_answer *answer)
{
	struct work *work = context;

	if (work->stopped == REASON_NONE)
		return;
	work->stopped = came_of(work, answer);
	work->is_moved = answer->decision == DECISION_ACT &&
			 action_class(answer->action) != CLASS_C;
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

static enum err open_line(struct work *work, struct err_note *note)
{
	static const struct option OPTIONS[] = {LINE_OPTION_HOME, LINE_OPTION_SENTENCES};
	const struct hear_listener listener = {work, on_turn, on_rejected};
	char home[FILE_PATH_BYTES];
	const char *const words[] = {"--home", home};
	struct args args = {.options = OPTIONS, .option_count = STR_COUNT(OPTIONS)};
	static const struct hear_settings HOW[WAYS] = {
		[WAY_TALK] = {.word = REHEARSAL_WAKE_WORD},
		[WAY_BELIEVED] = {.word = NULL},
	};
	enum err err = OK;

	if (work->texts->shop)
		err = share_find("home", work->texts->shop, home, sizeof(home), note);
	if (!err && work->texts->shop)
		err = args_parse(OPTIONS, STR_COUNT(OPTIONS), words, STR_COUNT(words),
				 &args, note);
	if (!err)
		err = line_create(&args, NULL, LINE_HEARD, &work->line, note);
	for (size_t i = 0; !err && i < WAYS; i++)
		err = hear_create(work->line, &HOW[i], &listener, &work->ways[i], note);
	args_finish(&args);
	return err;
}

/* --- sound ------------------------------------------------------------------------------ */

/* What the take holds, with a room's noise so far below it. */
static struct audio_span in_noise(struct work *work, double db, const char *name)
{
	uint64_t dice = random_hash(name);
	size_t count = 0;
	const int16_t *samples = take_samples(work->take, &count);
	const size_t begin = take_begin(work->take);
	const size_t end = take_end(work->take);
	double level;

	count = count < SOUND_SAMPLES ? count : SOUND_SAMPLES;
	level = room_sound_level_s16(samples + begin, end - begin);
	for (size_t i = 0; i < count; i++)
		work->noisy[i] = samples[i];
	room_sound_add_noise(&dice, level / pow(10.0, db / 20.0), work->noisy, count);
	for (size_t i = 0; i < count; i++)
		work->samples[i] = (int16_t)lround(
			fmax(INT16_MIN, fmin(INT16_MAX, (double)work->noisy[i])));
	return (struct audio_span){work->samples, count};
}

static enum err hear_one(struct work *work, enum way way, const char *name,
			 const char *noise, struct audio_span sound,
			 struct err_note *note)
{
	char which[NAME_BYTES_MAX];
	enum err err;

	work->is_moved = false;
	work->stopped = way == WAY_TALK ? REASON_WAKE_REJECTED : REASON_NOTHING_HEARD;
	err = hear_sound(work->ways[way], name, sound, note);
	if (err)
		return err;
	must(str_format(which, sizeof(which), "\"%.80s\" %s, %s,", name, noise,
			WAY_WORDS[way]));
	work->believed += way == WAY_BELIEVED;
	work->is_moved =
		work->is_moved && way == WAY_BELIEVED && work->stopped == REASON_NONE;
	work->moved += work->is_moved;
	drill_count_heard(work->result, work->card, which, work->stopped, work->is_moved);
	return OK;
}

/* What the take holds, in each noise and both ways. */
static enum err hear_take(struct work *work, const char *name, struct err_note *note)
{
	enum err err = OK;

	take_measure(work->take);
	err = take_surround(work->take, BEFORE_MS, AFTER_MS);
	for (size_t i = 0; !err && i < STR_COUNT(NOISES); i++) {
		const struct audio_span sound = in_noise(work, NOISES[i].db, name);

		for (unsigned way = 0; !err && way < WAYS; way++)
			err = hear_one(work, (enum way)way, name, NOISES[i].words, sound,
				       note);
	}
	progress_step(&work->progress, ++work->done);
	return err;
}

static enum err hear_text(struct work *work, const char *text, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(PITCHES); i++) {
		struct audio_span sound = {NULL, 0};

		take_clear(work->take);
		err = voice_speak(&work->voice, text, &sound);
		if (!err)
			err = take_add(work->take, sound, PITCHES[i]);
		if (!err)
			err = hear_take(work, text, note);
	}
	return err;
}

static enum err hear_recording(struct work *work, const char *path, struct err_note *note)
{
	size_t count = 0;
	enum err err = clips_read(path, work->samples, SOUND_SAMPLES, &count, note);

	take_clear(work->take);
	if (!err)
		err = take_add(work->take, (struct audio_span){work->samples, count},
			       1.0);
	return err ? err : hear_take(work, path, note);
}

/* --- all of it -------------------------------------------------------------------------- */

void drill_sound_add(struct drill_sound_texts *texts, const char *text)
{
	must(texts->count < DRILL_SOUND_TEXTS_MAX);
	texts->all[texts->count++] = text;
}

void drill_sound_add_lines(struct drill_sound_texts *texts,
			   const struct drill_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		drill_sound_add(texts, lines->all[i]);
}

static enum err open_work(struct work *work, struct err_note *note)
{
	enum err err = voice_flite_create(&work->voice);

	if (!err)
		err = take_create(&work->take);
	return err ? err : open_line(work, note);
}

static void close_work(struct work *work)
{
	for (size_t i = 0; i < WAYS; i++)
		hear_destroy(work->ways[i]);
	line_destroy(work->line);
	take_destroy(work->take);
	voice_close(&work->voice);
	free(work);
}

static enum err hear_all(struct work *work, const struct listing *recordings,
			 struct err_note *note)
{
	const struct drill_sound_texts *texts = work->texts;
	enum err err = OK;

	progress_begin(&work->progress, work->card->name,
		       texts->count * STR_COUNT(PITCHES) + recordings->count);
	for (size_t i = 0; !err && i < texts->count; i++)
		err = hear_text(work, texts->all[i], note);
	for (size_t i = 0; !err && i < recordings->count; i++)
		err = hear_recording(work, recordings->files[i].path, note);
	progress_end(&work->progress);
	if (work->moved * PER_CENT > work->believed * work->card->moved_percent_max)
		drill_break(work->result, "more talk moved something than is stated");
	return err;
}

enum err drill_sound_hear(const struct drill_card *card,
			  const struct drill_sound_texts *texts, const char *folder,
			  struct drill_result *result, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	struct listing recordings = {0};
	enum err err = OK;

	if (!work)
		return ERR_MEMORY;
	work->card = card;
	work->texts = texts;
	work->result = result;
	if (folder)
		err = listing_add(&recordings, folder, note);
	if (!err)
		err = open_work(work, note);
	if (!err)
		err = hear_all(work, &recordings, note);
	listing_finish(&recordings);
	close_work(work);
	return err;
}
