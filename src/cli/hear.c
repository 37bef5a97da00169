/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the room's and the hub's part for audio files, with their own code: listen/ for
 * the name and the lease, turn/session for sentence and words, turn/ for the rest.
 *
 * Time is the sound's own: frame n is heard at n * 20 ms, so a file gives the same turns
 * on a slow machine. Nothing is written to a disk.
 */
#include "cli/hear.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/audio_file.h"
#include "adapter/ears.h"
#include "adapter/recogniser_pocketsphinx.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/settle.h"
#include "domain/settings.h"
#include "listen/listen.h"
#include "turn/session.h"

enum {
	FINAL_WAIT_MS = 30000, /* for the words after the end */
	MS_PER_SECOND = 1000,
	NS_PER_MS = 1000000,
};

struct hear {
	struct line *line;
	struct hear_settings settings;
	struct hear_listener listener;
	struct recogniser recogniser;
	enum dialogue_step loaded; /* what it listens for */
	struct ears ears;
	struct listen *listen;
	struct session *session;
	struct line_answer answer;
	/* of the file that is heard */
	const char *file;
	int turn;      /* its number in the file, from 1 */
	int64_t frame; /* index of the next one */
	bool hearing;  /* a session is open */
	bool finished; /* without a name: the one request was heard */
	struct turn_heard woke;
	struct timespec begun;
};

/* Without a name a file is one request. */
static bool is_one_request(const struct hear *hear)
{
	return !hear->settings.word && !hear->settings.real_time;
}

static struct endpoint_settings endpoint_of(const struct hear *hear)
{
	struct endpoint_settings endpoint = endpoint_defaults();
	struct settings settings;

	if (is_one_request(hear))
		return endpoint_for_file();
	settings_init(&settings);
	endpoint.silence_ms = (uint32_t)settings.listen_silence_ms;
	endpoint.complete_ms = (uint32_t)settings.listen_complete_ms;
	return endpoint;
}

/* A new endpoint knows nothing of the last file's room. */
static enum err fresh_session(struct hear *hear)
{
	session_destroy(hear->session);
	hear->session = NULL;
	return session_create(line_clock(hear->line), &hear->recogniser,
			      endpoint_of(hear), &hear->session);
}

static enum err load_words(struct hear *hear, enum dialogue_step step,
			   struct err_note *note)
{
	struct grammar *grammar = NULL;
	const char *word = hear->settings.word;
	enum err err = understand_grammar(line_words(hear->line, step), &grammar);

	if (!err)
		err = recogniser_load(&hear->recogniser, grammar, word ? word : "", note);
	grammar_destroy(grammar);
	hear->loaded = step;
	return err;
}

static enum err open_ears(struct hear *hear, struct err_note *note)
{
	const char *word = hear->settings.word;
	struct recogniser_pocketsphinx_settings how = recogniser_pocketsphinx_defaults();
	enum err err;

	how.lockstep = !hear->settings.real_time;
	err = recogniser_pocketsphinx_create(&how, &hear->recogniser, note);
	if (!err)
		err = load_words(hear, DIALOGUE_NONE, note);
	if (!err && word)
		err = ears_open(&(struct ears_settings){.engine = "net",
							.word = word,
							.model = ""},
				&hear->ears, note);
	if (!err && hear->ears.why[0] != '\0')
		fprintf(stderr, "behest hear: %s\n", hear->ears.why);
	if (!err)
		err = listen_create(word ? &hear->ears.wake : NULL, &hear->listen);
	if (!err && hear->ears.verifier.ops)
		err = listen_use_verifier(hear->listen, &hear->ears.verifier);
	return err ? err : fresh_session(hear);
}

enum err hear_create(struct line *line, const struct hear_settings *settings,
		     const struct hear_listener *listener, struct hear **out_hear,
		     struct err_note *note)
{
	struct hear *hear = calloc(1, sizeof(*hear));
	enum err err = ERR_MEMORY;

	if (!hear)
		goto out;
	hear->line = line;
	hear->settings = *settings;
	hear->listener = *listener;
	buf_init(&hear->answer.json, LINE_JSON_BYTES);
	err = open_ears(hear, note);
	if (err)
		goto out;
	*out_hear = hear;
	hear = NULL;
out:
	hear_destroy(hear);
	return err;
}

void hear_destroy(struct hear *hear)
{
	if (!hear)
		return;
	session_destroy(hear->session);
	listen_destroy(hear->listen);
	ears_close(&hear->ears);
	recogniser_close(&hear->recogniser);
	buf_finish(&hear->answer.json);
	free(hear);
}

/* Waits for the recogniser's next report, or a little. */
static void wait_for_words(const struct hear *hear, int timeout_ms)
{
	struct pollfd words = {.fd = hear->recogniser.fd, .events = POLLIN};

	if (poll(&words, 1, timeout_ms) < 0)
		must(errno == EINTR);
}

static enum session_state wait_final(struct hear *hear)
{
	enum session_state state = session_poll(hear->session);

	for (int waited = 0; state == SESSION_WAITING && waited < FINAL_WAIT_MS;
	     waited += 10) {
		wait_for_words(hear, 10);
		state = session_poll(hear->session);
	}
	return state;
}

/* The words are final, or nobody spoke: down the line with it. */
static enum err finish_turn(struct hear *hear)
{
	struct turn_heard heard = {.spoken = true};
	struct audio_span sound = {NULL, 0};
	enum session_state state = wait_final(hear);
	struct listen_report report;
	enum err err;

	if (state == SESSION_WAITING)
		return ERR_TIMEOUT;
	if (state == SESSION_HEARD)
		session_result(hear->session, &heard, &sound);
	heard.woke = hear->woke.woke;
	heard.wake_at_ms = hear->woke.wake_at_ms;
	heard.wake_score = hear->woke.wake_score;
	err = line_run(hear->line, &heard, sound, hear->file, ++hear->turn,
		       &hear->answer);
	explicit_bzero(&heard, sizeof(heard));
	session_finish(hear->session);
	hear->hearing = false;
	hear->finished = !hear->settings.word;
	listen_end(hear->listen, "end of speech", hear->frame * AUDIO_FRAME_MS, &report);
	listen_wait(hear->listen);
	if (!err)
		hear->listener.turn(hear->listener.context, &hear->answer);
	return err;
}

static enum err begin(struct hear *hear, uint32_t lead_ms)
{
	struct err_note note = {""};
	const enum dialogue_step step = line_step(hear->line);
	enum err err = step == hear->loaded ? OK : load_words(hear, step, &note);

	if (err)
		return err;
	hear->hearing = true;
	return session_begin(hear->session, lead_ms);
}

static enum err feed(struct hear *hear, const struct audio_frame *frame)
{
	enum session_state state;

	if (!hear->hearing)
		return OK;
	state = session_feed(hear->session, frame);
	if (state == SESSION_NOBODY && is_one_request(hear))
		return begin(hear, 0); /* the request may yet come */
	return state == SESSION_LISTENING ? OK : finish_turn(hear);
}

/* Where the name began in the sound, as the detector tells it. */
static int64_t began_ms(const struct hear *hear, const struct listen_report *report)
{
	int64_t began = (hear->frame + 1) * AUDIO_FRAME_MS - report->back_ms;

	return began > 0 ? began : 0;
}

static enum err woke(struct hear *hear, const struct listen_report *report)
{
	enum err err = begin(hear, (uint32_t)report->replay_count * AUDIO_FRAME_MS);

	hear->woke = (struct turn_heard){
		.woke = true,
		.wake_at_ms = began_ms(hear, report),
		.wake_score = report->score,
	};
	for (size_t i = 0; !err && hear->hearing && i < report->replay_count; i++)
		err = feed(hear, listen_replay(hear->listen, i));
	return err;
}

/* One frame past the name detector. */
static enum err listen_to(struct hear *hear, const struct audio_frame *frame)
{
	struct listen_report report;
	int64_t at_ms = hear->frame * AUDIO_FRAME_MS;

	listen_feed(hear->listen, frame, at_ms, &report);
	switch (report.event) {
	case LISTEN_NOTHING:
	case LISTEN_STOPPED: /* files play nothing that could be stopped */
	case LISTEN_STOP_REJECTED:
	case LISTEN_RECORDED: /* nobody asked for a message */
		return OK;
	case LISTEN_WOKE:
		return woke(hear, &report);
	case LISTEN_REJECTED:
		hear->listener.rejected(hear->listener.context, hear->file,
					began_ms(hear, &report), report.score,
					report.floor);
		return OK;
	case LISTEN_LEASED_FRAME:
		return feed(hear, frame);
	case LISTEN_LEASE_OVER:
		session_end(hear->session);
		return finish_turn(hear);
	}
	return OK;
}

static enum err take_frame(struct hear *hear, const struct audio_frame *frame)
{
	if (hear->settings.word)
		return listen_to(hear, frame);
	if (hear->finished)
		return OK;
	if (!hear->hearing) {
		enum err err = begin(hear, 0);

		if (err)
			return err;
	}
	return feed(hear, frame);
}

/* In real time a frame is not heard before it was spoken. */
static void keep_pace(const struct hear *hear)
{
	int64_t ns = hear->frame * AUDIO_FRAME_MS * NS_PER_MS + hear->begun.tv_nsec;
	struct timespec until = {
		.tv_sec = hear->begun.tv_sec + ns / ((int64_t)MS_PER_SECOND * NS_PER_MS),
		.tv_nsec = ns % ((int64_t)MS_PER_SECOND * NS_PER_MS),
	};

	if (hear->settings.real_time)
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
		       EINTR)
			;
}

static enum err forget_last_file(struct hear *hear)
{
	enum err err;

	if (hear->settings.sequence)
		return OK;
	listen_wait(hear->listen);
	if (hear->settings.word)
		settle(&hear->ears.wake);
	err = line_reset(hear->line);
	return err ? err : fresh_session(hear);
}

/* Where the frames come from: a file, or sound that is at hand. */
struct source {
	struct audio_file *file; /* NULL: sound */
	struct audio_span sound;
	size_t at;
};

static enum err next_frame(struct source *source, struct audio_frame *out_frame,
			   struct err_note *note)
{
	if (source->file)
		return audio_file_read(source->file, out_frame, note);
	if (source->at + AUDIO_FRAME_SAMPLES > source->sound.count)
		return ERR_CLOSED;
	memcpy(out_frame->samples, source->sound.samples + source->at,
	       sizeof(out_frame->samples));
	source->at += AUDIO_FRAME_SAMPLES;
	return OK;
}

static enum err hear_frames(struct hear *hear, struct source *source,
			    struct err_note *note)
{
	struct audio_frame frame;
	enum err damage = OK;
	enum err err = OK;

	clock_gettime(CLOCK_MONOTONIC, &hear->begun);
	while (!err && !damage && !hear->finished) {
		damage = next_frame(source, &frame, note);
		if (damage)
			break;
		err = take_frame(hear, &frame);
		hear->frame++;
		keep_pace(hear);
	}
	explicit_bzero(&frame, sizeof(frame));
	if (!err && hear->hearing) {
		session_end(hear->session); /* the sound ended before the sentence did */
		err = finish_turn(hear);
	}
	if (err)
		return err;
	return damage == ERR_CLOSED ? OK : damage;
}

static enum err hear_source(struct hear *hear, const char *name, struct source *source,
			    struct err_note *note)
{
	enum err err = forget_last_file(hear);

	if (err)
		return err;
	hear->file = name;
	hear->turn = 0;
	hear->frame = 0;
	hear->hearing = false;
	hear->finished = false;
	hear->woke = (struct turn_heard){.woke = false};
	err = hear_frames(hear, source, note);
	session_finish(hear->session);
	return err;
}

enum err hear_file(struct hear *hear, const char *path, struct err_note *note)
{
	struct source source = {.file = NULL};
	enum err err = audio_file_open(path, &source.file, note);

	if (!err)
		err = hear_source(hear, path, &source, note);
	audio_file_close(source.file);
	return err;
}

enum err hear_sound(struct hear *hear, const char *name, struct audio_span sound,
		    struct err_note *note)
{
	struct source source = {.sound = sound};

	return hear_source(hear, name, &source, note);
}
