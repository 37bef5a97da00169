/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name over our own music and voice, our own name from our own loudspeaker, and
 * whether a prompt was heard; all in simulated rooms, with the listening stage as it is in a
 * room: the detector with the shipped head where there is one ($BEHEST_HEAD names another,
 * $BEHEST_WORD another word than "jarvis"), the second opinion, and the rule of our own
 * voice. "stop" is given no second opinion and believed from its doubtful score on, as
 * in a room.
 * $BEHEST_ECHO names the only part to measure: prompts, hour or misses.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/ears.h"
#include "adapter/echo_speex.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/echo_scene.h"
#include "cli/progress.h"
#include "cli/room_sound.h"
#include "listen/audible.h"
#include "listen/delay.h"
#include "listen/echo_path.h"
#include "listen/listen.h"

enum {
	CLIPS = 100,
	SECONDS = 12,
	COUNT = SECONDS * AUDIO_HZ,
	NAME_AT = 7 * AUDIO_HZ,
	HOUR_PIECES = 60,
	PIECE = ECHO_SCENE_SECONDS_MAX * AUDIO_HZ,
	PROMPT_COUNT = 12 * AUDIO_HZ,
	PROMPT_TAIL = 18000,
	AUDIBLE = 500,
	INAUDIBLE = 1000,
	PROMPTS_PER_ROOM = 10,
	EARLY_MAX = DELAY_EARLY_MAX,
	NAME_LEVEL = 1500,
	ROOM_NOISE = 15,
};

static const char *const WORD = "jarvis";
static const char *const STOP = "stop";
static const double ECHO_DB[] = {0.0, 5.0, 10.0};

struct work {
	const char *word;
	struct echo_scene *scene;
	struct ears ears;
	struct echo echo;
	struct echo_path *path;
	struct listen *bare; /* hears everything as it is */
	struct listen *over; /* hears what path leaves, while we sound */
	struct audible *audible;
	struct progress progress;
	size_t done;
	int16_t ours[PIECE];
	float echoed[PIECE];
	float spoken[PIECE];
};

/* ---- the detector ---- */

/* The head that comes along, or the one that $BEHEST_HEAD names. */
static enum err open_ears(const char *word, struct ears *ears, struct err_note *note)
{
	const char *given = getenv("BEHEST_HEAD");

	return ears_open(&(struct ears_settings){.engine = "net",
						 .word = word,
						 .model = given ? given : ""},
			 ears, note);
}

/* ---- listening ---- */

struct tally {
	unsigned woke;
	unsigned own;     /* known as our own voice */
	unsigned refused; /* doubted, and refused by the second opinion */
};

static float total_at(const struct work *work, size_t i, double echo, double spoken)
{
	return (float)(echo * (double)work->echoed[i] + spoken * (double)work->spoken[i]);
}

/* One frame of what the microphone hears, with the room's own noise. */
static struct audio_frame mix(struct work *work, size_t at, double echo, double spoken)
{
	float both[AUDIO_FRAME_SAMPLES];

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		both[i] = total_at(work, at + i, echo, spoken) +
			  (float)(ROOM_NOISE *
				  simulated_room_normal(echo_scene_dice(work->scene)));
	return room_sound_frame(both, AUDIO_FRAME_SAMPLES, 0);
}

static void count(const struct work *work, const struct listen_report *report,
		  struct tally *tally)
{
	if (report->event == LISTEN_WOKE)
		tally->woke++;
	else if (report->event == LISTEN_REJECTED && str_equal(report->why, "own voice"))
		tally->own++;
	else if (report->event == LISTEN_REJECTED && str_equal(work->word, STOP))
		tally->woke++;
	else if (report->event == LISTEN_REJECTED)
		tally->refused++;
}

/* Everything from the first sample on; wakes are counted from sample `from` on. */
static void listen_to(struct work *work, size_t samples, size_t from, bool cancel,
		      double echo, double spoken, struct tally *tally)
{
	struct listen *listen = cancel ? work->over : work->bare;

	listen_wait(listen);
	echo_path_reset(work->path);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= samples;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame left =
			room_sound_frame_s16(work->ours, samples, (long)at);
		struct audio_frame frame = mix(work, at, echo, spoken);
		struct listen_report report;

		if (cancel)
			echo_path_feed(work->path, &frame, &left, &frame);
		listen_feed(listen, &frame, audio_ms(at), &report);
		if (at >= from)
			count(work, &report, tally);
		if (report.event == LISTEN_WOKE)
			listen_wait(listen);
	}
}

/* ---- the name over our own sound ---- */

static enum err place_name(struct work *work, size_t clip, struct err_note *note)
{
	static int16_t dry[COUNT];
	struct audio_span name = {0};
	const enum err err = echo_scene_name(work->scene, clip, &name, note);

	if (err)
		return err;
	memset(dry, 0, sizeof(dry));
	memset(work->spoken, 0, sizeof(work->spoken));
	name.count = name.count < COUNT - NAME_AT ? name.count : COUNT - NAME_AT;
	memcpy(dry + NAME_AT, name.samples, name.count * sizeof(*dry));
	return simulated_room_speak(echo_scene_room(work->scene),
				    (struct audio_span){dry, COUNT}, 1.0, work->spoken,
				    COUNT);
}

static enum err place_ours(struct work *work, enum echo_scene_source source, size_t count,
			   unsigned *out_names)
{
	enum err err = echo_scene_ours(work->scene, source, work->ours, count, out_names);

	memset(work->echoed, 0, sizeof(work->echoed));
	return err ? err
		   : simulated_room_play(echo_scene_room(work->scene),
					 (struct audio_span){work->ours, count}, 1.0,
					 work->echoed, count);
}

enum { SOURCES = 2, DBS = STR_COUNT(ECHO_DB) };

struct misses {
	unsigned clips;
	unsigned without;                 /* missed without any sound of ours */
	unsigned missed[SOURCES][DBS][2]; /* cancelled: [1] */
};

static enum err miss_clip(struct work *work, size_t clip, struct misses *misses,
			  struct err_note *note)
{
	struct tally tally = {0};
	enum err err = echo_scene_move(work->scene, clip);
	double spoken = 0.0;

	if (!err)
		err = place_name(work, clip, note);
	if (err)
		return err;
	spoken = NAME_LEVEL / (echo_scene_level(work->spoken, COUNT) + 1.0);
	memset(work->echoed, 0, sizeof(work->echoed));
	listen_to(work, COUNT, NAME_AT, false, 0.0, spoken, &tally);
	misses->without += tally.woke == 0;
	for (size_t source = 0; source < SOURCES && !err; source++) {
		unsigned names = 0;

		err = place_ours(work, (enum echo_scene_source)source, COUNT, &names);
		for (size_t i = 0; !err && i < DBS * 2; i++) {
			const double db = ECHO_DB[i / 2];
			const double echo = NAME_LEVEL * pow(10.0, db / 20.0) /
					    (room_sound_level(work->echoed, COUNT) + 1.0);

			tally = (struct tally){0};
			listen_to(work, COUNT, NAME_AT, i % 2 == 1, echo, spoken, &tally);
			misses->missed[source][i / 2][i % 2] += tally.woke == 0;
		}
	}
	misses->clips++;
	return err;
}

static void add_share(struct bench_run *run, const char *name, unsigned part, unsigned of)
{
	char words[BENCH_WORDS_BYTES];
	double low = 0.0;
	double high = 0.0;

	bench_interval(part, of, &low, &high);
	must(str_format(words, sizeof(words), "%u of %u, 95 %%: %.2f to %.2f", part, of,
			low, high));
	bench_add(run, name, of > 0 ? 100.0 * part / of : NAN, 2, words);
}

static void add_misses(struct bench_run *run, const struct misses *misses)
{
	static const char *const SOURCE[] = {"music", "speech"};
	static const char *const WAY[] = {"raw", "cancelled"};

	add_share(run, "missed_alone_percent", misses->without, misses->clips);
	for (size_t i = 0; i < (size_t)SOURCES * DBS * 2; i++) {
		char name[BENCH_NAME_BYTES];

		must(str_format(name, sizeof(name), "missed_%s_%.0fdb_%s_percent",
				SOURCE[i / 2 / DBS], ECHO_DB[i / 2 % DBS], WAY[i % 2]));
		add_share(run, name, misses->missed[i / 2 / DBS][i / 2 % DBS][i % 2],
			  misses->clips);
	}
}

static enum err measure_misses(struct bench_run *run, struct work *work,
			       struct err_note *note)
{
	struct misses misses = {0};
	enum err err = OK;

	for (size_t clip = 0;
	     clip < CLIPS && clip < echo_scene_clips(work->scene) && !err; clip++) {
		err = miss_clip(work, clip, &misses, note);
		progress_step(&work->progress, ++work->done);
	}
	if (!err)
		add_misses(run, &misses);
	return err;
}

/* ---- an hour of ourselves ---- */

static enum err measure_hour(struct bench_run *run, struct work *work)
{
	struct tally raw = {0};
	struct tally cancelled = {0};
	unsigned names = 0;
	enum err err = OK;

	memset(work->spoken, 0, sizeof(work->spoken));
	for (size_t piece = 0; piece < HOUR_PIECES && !err; piece++) {
		unsigned here = 0;
		double echo = 0.0;

		err = echo_scene_move(work->scene, CLIPS + piece);
		if (!err)
			err = place_ours(work, ECHO_SCENE_NAMES, PIECE, &here);
		if (err)
			break;
		echo = simulated_room_uniform(echo_scene_dice(work->scene), 500.0,
					      4000.0) /
		       (room_sound_level(work->echoed, PIECE) + 1.0);
		listen_to(work, PIECE, 0, false, echo, 0.0, &raw);
		listen_to(work, PIECE, 0, true, echo, 0.0, &cancelled);
		names += here;
		progress_step(&work->progress, ++work->done);
	}
	if (err)
		return err;
	bench_add(run, "own_names_played", names, 0, "in an hour of our own voice");
	bench_add(run, "own_wakes_raw", raw.woke, 0, "without any of this");
	bench_add(run, "own_wakes_rejected", cancelled.own, 0, "known as our own voice");
	bench_add(run, "own_wakes_refused", cancelled.refused, 0,
		  "doubted, and refused by the second opinion");
	bench_add(run, "own_wakes", cancelled.woke, 0, "believed: must be 0");
	return OK;
}

/* ---- was the prompt heard ---- */

enum kind { HEARD_NOISE, HEARD_TALKER, VOLUME_0, ANOTHER_ROOM, OTHER_PROMPT, MUSIC };
enum { KINDS = MUSIC + 1, FIRST_INAUDIBLE = VOLUME_0 };

static const char *const KIND[KINDS] = {"in_noise",     "under_a_talker", "unplugged",
					"another_room", "other_prompt",   "music"};

struct prompt_case {
	enum kind kind;
	size_t prompt;
	size_t count;
	double volume;
	double level; /* of the echo, or of what stands in its place */
	double noise;
	long early;
};

static struct prompt_case draw_case(struct work *work, enum kind kind, size_t number)
{
	uint64_t *dice = echo_scene_dice(work->scene);
	struct prompt_case made = {.kind = kind, .prompt = number};

	made.volume = pow(10.0, simulated_room_uniform(dice, -20.0, 0.0) / 20.0);
	made.level =
		32768.0 * pow(10.0, simulated_room_uniform(dice, -35.0, -15.0) / 20.0);
	made.noise =
		32768.0 * pow(10.0, simulated_room_uniform(dice, -70.0, -40.0) / 20.0);
	if (kind < VOLUME_0) /* audible: 6 to 30 dB above the noise */
		made.noise = made.level *
			     pow(10.0, simulated_room_uniform(dice, -30.0, -6.0) / 20.0);
	made.early = (long)simulated_room_uniform(dice, -EARLY_MAX, EARLY_MAX);
	return made;
}

/* What is heard in the place of the prompt's echo. */
static enum err place_heard(struct work *work, const struct prompt_case *made,
			    struct audio_span prompt)
{
	static int16_t other[PROMPT_COUNT];
	const struct simulated_room *room = echo_scene_room(work->scene);
	struct audio_span sound = prompt;
	unsigned names = 0;
	enum err err = OK;

	memset(work->echoed, 0, sizeof(work->echoed));
	memset(work->spoken, 0, sizeof(work->spoken));
	if (made->kind == VOLUME_0)
		return OK;
	if (made->kind == ANOTHER_ROOM)
		return simulated_room_leak(room, prompt, 1.0, work->echoed, made->count);
	if (made->kind == MUSIC) {
		err = echo_scene_ours(work->scene, ECHO_SCENE_MUSIC, other, made->count,
				      &names);
		sound = (struct audio_span){other, made->count};
	} else if (made->kind == OTHER_PROMPT) {
		err = echo_scene_prompt(work->scene, made->prompt + 1, &sound);
	}
	if (!err)
		err = simulated_room_play(room, sound, 1.0, work->echoed, made->count);
	if (!err && made->kind == HEARD_TALKER)
		err = echo_scene_prompt(work->scene, made->prompt + 3, &sound);
	if (!err && made->kind == HEARD_TALKER)
		err = simulated_room_speak(room, sound, 1.0, work->spoken, made->count);
	return err;
}

static bool hear_prompt(struct work *work, const struct prompt_case *made)
{
	static float noise[PIECE];
	const double reference = room_sound_level_s16(work->ours, made->count) + 1e-9;
	double echo =
		made->level / (echo_scene_speech_level(work->echoed, made->count) + 1e-9);
	const double spoken =
		made->level / (echo_scene_speech_level(work->spoken, made->count) + 1e-9);
	double gain = 0.0;

	if (made->kind == ANOTHER_ROOM) /* as loud there as it would be here */
		echo = made->level / reference;
	memset(noise, 0, sizeof(noise));
	room_sound_add_noise(echo_scene_dice(work->scene), 1.0, noise, made->count);
	gain = made->noise / (echo_scene_speech_level(noise, made->count) + 1e-9);
	for (size_t i = 0; i < made->count; i++)
		noise[i] = noise[i] * (float)gain + total_at(work, i, echo, spoken);
	audible_begin(work->audible);
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= (long)made->count;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame heard = room_sound_frame(noise, made->count, at);
		const struct audio_frame left =
			room_sound_frame_s16(work->ours, made->count, at - made->early);

		audible_feed(work->audible, &heard, &left);
	}
	return audible_result(work->audible).heard;
}

static enum err measure_prompt(struct work *work, enum kind kind, size_t number,
			       unsigned *heard)
{
	struct prompt_case made = draw_case(work, kind, number);
	struct audio_span prompt = {0};
	enum err err = echo_scene_prompt(work->scene, number, &prompt);

	if (err)
		return err;
	if (prompt.count > PROMPT_COUNT - PROMPT_TAIL)
		prompt.count = PROMPT_COUNT - PROMPT_TAIL;
	made.count = prompt.count + PROMPT_TAIL;
	memset(work->ours, 0, made.count * sizeof(*work->ours));
	for (size_t i = 0; i < prompt.count; i++)
		work->ours[i] = (int16_t)(made.volume * prompt.samples[i]);
	err = place_heard(work, &made, (struct audio_span){work->ours, prompt.count});
	if (!err)
		*heard += hear_prompt(work, &made);
	return err;
}

static enum err measure_prompts(struct bench_run *run, struct work *work)
{
	unsigned heard[KINDS] = {0};
	unsigned count[KINDS] = {0};
	enum err err = OK;

	for (size_t n = 0; n < AUDIBLE + INAUDIBLE && !err; n++) {
		const enum kind kind =
			n < AUDIBLE ? (enum kind)(n % FIRST_INAUDIBLE)
				    : (enum kind)(FIRST_INAUDIBLE +
						  n % (KINDS - FIRST_INAUDIBLE));

		if (n % PROMPTS_PER_ROOM == 0)
			err = echo_scene_move(work->scene, CLIPS + HOUR_PIECES + n);
		if (!err)
			err = measure_prompt(work, kind, n, &heard[kind]);
		count[kind]++;
		if (n % PROMPTS_PER_ROOM == 0)
			progress_step(&work->progress, ++work->done);
	}
	for (size_t i = 0; i < KINDS && !err; i++) {
		char name[BENCH_NAME_BYTES];

		must(str_format(name, sizeof(name), "prompt_%s_heard_percent", KIND[i]));
		add_share(run, name, heard[i], count[i]);
	}
	return err;
}

/* ---- all of it ---- */

static enum err open_listen(struct work *work, struct listen **out_listen)
{
	enum err err = listen_create(&work->ears.wake, out_listen);

	if (!err && work->ears.verifier.ops && !str_equal(work->word, STOP))
		err = listen_use_verifier(*out_listen, &work->ears.verifier);
	return err;
}

static enum err open_work(struct work *work, struct err_note *note)
{
	const char *given = getenv("BEHEST_WORD");
	enum err err;

	work->word = given ? given : WORD;
	err = echo_scene_create(work->word, 20000, &work->scene, note);
	if (!err)
		err = open_ears(work->word, &work->ears, note);
	if (!err)
		err = echo_speex_create(&work->echo);
	if (!err)
		err = echo_path_create(&work->echo, &work->path);
	if (!err && work->ears.own.ops)
		echo_path_use_wake(work->path, &work->ears.own);
	if (!err)
		err = open_listen(work, &work->bare);
	if (!err)
		err = open_listen(work, &work->over);
	if (err)
		return err;
	listen_use_echo(work->over, work->path);
	listen_own_voice(work->over, true, 0);
	return audible_create(&work->audible);
}

static void close_work(struct work *work)
{
	if (!work)
		return;
	audible_destroy(work->audible);
	listen_destroy(work->bare);
	listen_destroy(work->over);
	echo_path_destroy(work->path);
	echo_close(&work->echo);
	ears_close(&work->ears);
	echo_scene_destroy(work->scene);
	free(work);
}

static bool is_wanted(const char *part)
{
	const char *only = getenv("BEHEST_ECHO");

	return !only || str_equal(only, part);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	enum err err = work ? open_work(work, note) : ERR_MEMORY;

	if (!err) {
		progress_begin(&work->progress, "echo",
			       CLIPS + HOUR_PIECES +
				       (AUDIBLE + INAUDIBLE) / PROMPTS_PER_ROOM);
		err = is_wanted("prompts") ? measure_prompts(run, work) : OK;
	}
	if (!err && is_wanted("hour"))
		err = measure_hour(run, work);
	if (!err && is_wanted("misses"))
		err = measure_misses(run, work, note);
	if (!err)
		progress_end(&work->progress);
	close_work(work);
	return err;
}

const struct bench bench_echo = {
	.name = "echo",
	.summary = "the name over our own sound, our own name, and prompts heard or not",
	.run = run,
};
