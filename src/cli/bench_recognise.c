/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Human orders in quiet and in kitchen noise: how many come out right through the live
 * path (session, endpoint, recogniser, sentences; 20 ms frames) and when the whole clip
 * is decoded at once, what it costs, how long the words take after the end in real time,
 * and how many of the same clips a house that sells no coffee believes.
 */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/clips.h"
#include "cli/home_file.h"
#include "decide/floor.h"
#include "turn/session.h"
#include "understand/understand.h"

enum {
	REAL_TIME_CLIPS = 12, /* they take as long as they last */
	FINAL_WAIT_MS = 30000,
	FILE_SILENCE_MS = 1500, /* a file is one turn: nothing is gained by haste */
};

static const double NOISE_DB = 18;

/* What is listened with. */
struct ear {
	struct sentences *sentences;
	struct home home;
	struct understand *understand;
	struct recogniser recogniser;
};

struct way {
	bool live;      /* through the session; else the recogniser alone */
	bool patient;   /* the endpoint's patience with files */
	bool real_time; /* and only the first clips */
	double noise_db;
};

struct tally {
	size_t clips;
	size_t right;
	size_t believed; /* by the lowest floor */
	double sound_ms; /* of the clips */
	double cpu_ms;
	size_t waits;
	double wait_ms[CLIPS_MAX];
};

static int64_t sound_clock; /* the sound's own time, in microseconds */

static int64_t now_of_sound(void *self)
{
	(void)self;
	return sound_clock;
}

static const struct clock_ops CLOCK_OPS = {now_of_sound, now_of_sound};
static const struct clock CLOCK = {&CLOCK_OPS, NULL};

/* --- opening --- */

static enum err read_words(struct ear *ear, const char *folder, const char *name,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = share_find(folder, name, path, sizeof(path), note);

	if (!err)
		err = sentences_create(&ear->sentences);
	if (!err)
		err = sentence_files_add(ear->sentences, path, note);
	return err;
}

static enum err read_home(struct ear *ear, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = share_find("home", "toy.json", path, sizeof(path), note);

	home_init(&ear->home);
	return err ? err : home_file_read(path, &ear->home, note);
}

static enum err load_recogniser(struct ear *ear, bool lockstep, bool plain,
				struct err_note *note)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct grammar *grammar = NULL;
	enum err err;

	settings.lockstep = lockstep;
	settings.plain = plain;
	err = recogniser_pocketsphinx_create(&settings, &ear->recogniser, note);
	if (!err)
		err = understand_grammar(ear->understand, &grammar);
	if (!err)
		err = recogniser_load(&ear->recogniser, grammar, "", note);
	grammar_destroy(grammar);
	return err;
}

static enum err ear_open(struct ear *ear, const char *folder, const char *name,
			 bool lockstep, bool plain, struct err_note *note)
{
	enum err err;

	memset(ear, 0, sizeof(*ear));
	err = read_home(ear, note);
	if (!err)
		err = read_words(ear, folder, name, note);
	if (!err)
		err = understand_create(ear->sentences, &ear->home, &ear->understand,
					note);
	if (!err)
		err = load_recogniser(ear, lockstep, plain, note);
	return err;
}

static void ear_close(struct ear *ear)
{
	recogniser_close(&ear->recogniser);
	understand_destroy(ear->understand);
	sentences_destroy(ear->sentences);
	home_finish(&ear->home);
}

/* --- listening --- */

static enum err wait_final(struct ear *ear, struct session *session)
{
	for (int waited = 0; session_poll(session) == SESSION_WAITING; waited += 10) {
		struct pollfd ready = {.fd = ear->recogniser.fd, .events = POLLIN};
		if (waited > FINAL_WAIT_MS)
			return ERR_TIMEOUT;
		(void)!poll(&ready, 1, 10);
	}
	return OK;
}

static void keep_pace(const struct timespec *begun, size_t frame)
{
	int64_t ns = begun->tv_nsec + (int64_t)frame * AUDIO_FRAME_MS * 1000000;
	struct timespec until = {begun->tv_sec + ns / 1000000000, ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		continue;
}

static enum err feed_session(struct ear *ear, struct session *session, struct way way,
			     struct audio_span sound)
{
	enum session_state state = SESSION_LISTENING;
	struct timespec begun;

	must(clock_gettime(CLOCK_MONOTONIC, &begun) == 0);
	sound_clock = 0;
	for (size_t i = 0; i < sound.count / AUDIO_FRAME_SAMPLES; i++) {
		struct audio_frame frame;
		if (state != SESSION_LISTENING)
			break;
		memcpy(frame.samples, sound.samples + i * AUDIO_FRAME_SAMPLES,
		       sizeof(frame.samples));
		sound_clock += AUDIO_FRAME_MS * 1000;
		if (way.real_time)
			keep_pace(&begun, i + 1);
		state = session_feed(session, &frame);
	}
	session_end(session);
	return wait_final(ear, session);
}

static enum err hear_live(struct ear *ear, struct way way, struct audio_span sound,
			  struct turn_heard *heard)
{
	struct endpoint_settings settings = endpoint_defaults();
	struct session *session = NULL;
	struct audio_span kept;
	enum err err;

	if (way.patient)
		settings.silence_ms = settings.complete_ms = FILE_SILENCE_MS;
	err = session_create(&CLOCK, &ear->recogniser, settings, &session);
	if (!err)
		err = session_begin(session, 0);
	if (!err)
		err = feed_session(ear, session, way, sound);
	if (!err && session_poll(session) == SESSION_HEARD)
		session_result(session, heard, &kept);
	session_destroy(session);
	return err;
}

/* The whole clip, then its end. */
static enum err hear_whole(struct ear *ear, struct audio_span sound,
			   struct turn_heard *heard)
{
	struct recogniser_report report = {.stage = RECOGNISER_NOTHING};
	enum err err = recogniser_begin(&ear->recogniser);

	for (size_t i = 0; i < sound.count / AUDIO_FRAME_SAMPLES && !err; i++) {
		struct audio_frame frame;
		memcpy(frame.samples, sound.samples + i * AUDIO_FRAME_SAMPLES,
		       sizeof(frame.samples));
		err = recogniser_feed(&ear->recogniser, &frame);
	}
	if (!err)
		err = recogniser_end(&ear->recogniser);
	while (!err && report.stage != RECOGNISER_FINAL)
		recogniser_poll(&ear->recogniser, &report);
	(void)str_copy(heard->text, sizeof(heard->text), report.text);
	heard->ratio = report.ratio;
	heard->speech_frames = report.speech_frames;
	heard->decode_ms = report.decode_ms;
	return err;
}

static void count(struct tally *tally, const struct ear *ear, const struct clips *clips,
		  size_t index, const struct turn_heard *heard)
{
	struct understanding understood;

	understand_text(ear->understand, heard->text, "", &understood);
	tally->clips++;
	tally->right += clips_right(clips, index, &understood.intent);
	tally->believed +=
		heard->text[0] && heard->ratio >= floor_addressed(heard->speech_frames);
	tally->cpu_ms += heard->decode_ms;
	if (heard->text[0])
		tally->wait_ms[tally->waits++] = heard->recognise_ms;
}

static enum err listen_to_all(struct ear *ear, struct clips *clips, struct way way,
			      struct tally *tally, struct err_note *note)
{
	size_t clip_count = clips_count(clips);
	enum err err = OK;

	memset(tally, 0, sizeof(*tally));
	if (way.real_time && clip_count > REAL_TIME_CLIPS)
		clip_count = REAL_TIME_CLIPS;
	for (size_t i = 0; i < clip_count && !err; i++) {
		struct turn_heard heard = {.spoken = true};
		struct audio_span sound;
		err = clips_load(clips, i, way.noise_db, &sound, note);
		if (!err && way.live)
			err = hear_live(ear, way, sound, &heard);
		else if (!err)
			err = hear_whole(ear, sound, &heard);
		if (err)
			break;
		tally->sound_ms += (double)audio_ms(sound.count);
		count(tally, ear, clips, i, &heard);
	}
	return err;
}

/* --- figures --- */

static void add(struct bench_run *run, const char *name, const char *where, double value,
		int decimals, const char *words)
{
	char full[BENCH_NAME_BYTES];

	must(str_format(full, sizeof(full), "%s_%s", where, name));
	bench_add(run, full, value, decimals, words);
}

static void add_share(struct bench_run *run, const char *name, const char *where,
		      size_t part, size_t of, const char *words)
{
	char with[BENCH_WORDS_BYTES];
	double low;
	double high;

	bench_interval(part, of, &low, &high);
	(void)str_format(with, sizeof(with),
			 "%zu of %zu, 95 %% between %.1f and %.1f; %s", part, of, low,
			 high, words);
	add(run, name, where, 100.0 * (double)part / (double)of, 1, with);
}

static double rtf(const struct tally *tally)
{
	return tally->cpu_ms / tally->sound_ms;
}

/* Everything that is measured in quiet, and in noise. */
static enum err measure_coffee(struct bench_run *run, struct clips *clips,
			       const char *where, double noise_db, struct tally *tally,
			       struct err_note *note)
{
	struct ear ear;
	enum err err = ear_open(&ear, "examples", "coffee.yaml", true, false, note);

	if (!err)
		err = listen_to_all(&ear, clips,
				    (struct way){true, true, false, noise_db}, tally,
				    note);
	if (!err) {
		add_share(run, "live_right_percent", where, tally->right, tally->clips,
			  "live");
		add_share(run, "live_kept_percent", where, tally->believed, tally->clips,
			  "not below the floor");
		add(run, "live_rtf", where, rtf(tally), 4,
		    "CPU / length, with phone loop");
		err = listen_to_all(&ear, clips,
				    (struct way){false, false, false, noise_db}, tally,
				    note);
	}
	if (!err) {
		add_share(run, "whole_right_percent", where, tally->right, tally->clips,
			  "decoded at once");
		add(run, "whole_rtf", where, rtf(tally), 4, "");
	}
	ear_close(&ear);
	return err;
}

/* One decode with the library's own settings, without the phone loop. */
static enum err measure_plain(struct bench_run *run, struct clips *clips,
			      const char *where, double noise_db, struct tally *tally,
			      struct err_note *note)
{
	struct ear ear;
	enum err err = ear_open(&ear, "examples", "coffee.yaml", true, true, note);

	if (!err)
		err = listen_to_all(&ear, clips,
				    (struct way){false, false, false, noise_db}, tally,
				    note);
	if (!err)
		add(run, "default_decode_rtf", where, rtf(tally), 4,
		    "the library's defaults, grammar only");
	ear_close(&ear);
	return err;
}

static enum err measure_wait(struct bench_run *run, struct clips *clips,
			     const char *where, double noise_db, struct tally *tally,
			     struct err_note *note)
{
	struct ear ear;
	enum err err = ear_open(&ear, "examples", "coffee.yaml", false, false, note);

	if (!err)
		err = listen_to_all(&ear, clips,
				    (struct way){true, false, true, noise_db}, tally,
				    note);
	if (!err) {
		add(run, "wait_p50_ms", where,
		    bench_percentile(tally->wait_ms, tally->waits, 50), 1,
		    "endpoint to words, real time");
		add(run, "wait_p95_ms", where,
		    bench_percentile(tally->wait_ms, tally->waits, 95), 1, "");
	}
	ear_close(&ear);
	return err;
}

static enum err measure_rejection(struct bench_run *run, struct clips *clips,
				  const char *where, double noise_db, struct tally *tally,
				  struct err_note *note)
{
	struct ear ear;
	enum err err = ear_open(&ear, "lang", "en", true, false, note);

	if (!err)
		err = listen_to_all(&ear, clips,
				    (struct way){true, true, false, noise_db}, tally,
				    note);
	if (!err)
		add_share(run, "rejected_percent", where, tally->clips - tally->believed,
			  tally->clips, "by the household's sentences");
	ear_close(&ear);
	return err;
}

static double peak_rss_mib(void)
{
	char text[4096] = "";
	FILE *file = fopen("/proc/self/status", "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	const char *line;

	if (file)
		fclose(file);
	text[size] = '\0';
	line = strstr(text, "VmHWM:");
	return line ? strtod(line + 6, NULL) / 1024 : NAN;
}

static const struct {
	enum err (*measure)(struct bench_run *run, struct clips *clips, const char *where,
			    double noise_db, struct tally *tally, struct err_note *note);
} MEASURES[] = {{measure_coffee}, {measure_plain}, {measure_rejection}, {measure_wait}};

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	struct clips *clips = NULL;
	enum err err = tally ? clips_open(&clips, note) : ERR_MEMORY;

	for (size_t i = 0; i < STR_COUNT(MEASURES) && !err; i++) {
		err = MEASURES[i].measure(run, clips, "clean", NAN, tally, note);
		if (!err)
			err = MEASURES[i].measure(run, clips, "noise", NOISE_DB, tally,
						  note);
	}
	if (!err)
		bench_add(run, "peak_rss_mib", peak_rss_mib(), 1, "of this process");
	clips_close(clips);
	free(tally);
	return err;
}

const struct bench bench_recognise = {
	.name = "recognise",
	.summary = "189 human orders, clean and with kitchen noise at 18 dB",
	.run = run,
};
