/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name over our own music and voice, and our own name from our own loudspeaker; in
 * simulated rooms, with the listening stage as it is in a room: the detector with the
 * shipped head where there is one, the second opinion, and the rule of our own voice.
 * "stop" is given no second opinion and believed from its doubtful score on, as in a room.
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
#include "listen/echo_path.h"
#include "listen/listen.h"

enum {
	CLIPS = 100,
	SECONDS = 12,
	COUNT = SECONDS * AUDIO_HZ,
	NAME_AT = 7 * AUDIO_HZ,
	HOUR_PIECES = 60,
	PIECE = ECHO_SCENE_SECONDS_MAX * AUDIO_HZ,
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
	struct progress progress;
	size_t done;
	int16_t ours[PIECE];
	float echoed[PIECE];
	float spoken[PIECE];
};

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

static void add_misses(struct bench_run *run, const struct misses *misses)
{
	static const char *const SOURCE[] = {"music", "speech"};
	static const char *const WAY[] = {"raw", "cancelled"};

	bench_add_share(run, "missed_alone_percent", misses->without, misses->clips);
	for (size_t i = 0; i < (size_t)SOURCES * DBS * 2; i++) {
		char name[BENCH_NAME_BYTES];

		must(str_format(name, sizeof(name), "missed_%s_%.0fdb_%s_percent",
				SOURCE[i / 2 / DBS], ECHO_DB[i / 2 % DBS], WAY[i % 2]));
		bench_add_share(run, name,
				misses->missed[i / 2 / DBS][i / 2 % DBS][i % 2],
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

/* ---- all of it ---- */

static enum err open_listen(struct work *work, struct listen **out_listen)
{
	enum err err = listen_create(&work->ears.wake, out_listen);

	if (!err && work->ears.verifier.ops && !str_equal(work->word, STOP))
		err = listen_use_verifier(*out_listen, &work->ears.verifier);
	return err;
}

static enum err open_work(struct work *work, const struct args *args,
			  struct err_note *note)
{
	const struct ears_settings settings = {
		.engine = "net",
		.word = args_text(args, "word", WORD),
		.model = args_text(args, "head", ""),
	};
	enum err err;

	work->word = settings.word;
	err = echo_scene_create(work->word, 20000, &work->scene, note);
	if (!err)
		err = ears_open(&settings, &work->ears, note);
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
	return OK;
}

static void close_work(struct work *work)
{
	if (!work)
		return;
	listen_destroy(work->bare);
	listen_destroy(work->over);
	echo_path_destroy(work->path);
	echo_close(&work->echo);
	ears_close(&work->ears);
	echo_scene_destroy(work->scene);
	free(work);
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	const char *part = args_text(run->args, "part", NULL);
	const bool hour = !part || str_equal(part, "hour");
	const bool misses = !part || str_equal(part, "misses");
	struct work *work;
	enum err err;

	if (!hour && !misses)
		return err_say(ERR_UNSUPPORTED, note, "no part \"%.20s\": hour or misses",
			       part);
	work = calloc(1, sizeof(*work));
	err = work ? open_work(work, run->args, note) : ERR_MEMORY;
	if (!err) {
		progress_begin(&work->progress, "echo",
			       (size_t)(misses ? CLIPS : 0) + (hour ? HOUR_PIECES : 0));
		err = hour ? measure_hour(run, work) : OK;
	}
	if (!err && misses)
		err = measure_misses(run, work, note);
	if (!err)
		progress_end(&work->progress);
	close_work(work);
	return err;
}

static const char *const takes[] = {"head", "part", "word", NULL};

const struct bench bench_echo = {
	.name = "echo",
	.summary = "the name over our own sound, and our own name from our loudspeaker",
	.takes = takes,
	.run = run,
};
