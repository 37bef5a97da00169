/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ear - see the header. Sentences of share/ with the names of the toy home.
 *
 * Does not judge what was heard. Invariant: the sound has its own clock, so that what
 * is heard does not depend on how fast it was fed.
 */
#include "cli/ear.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "adapter/sounds_lexicon.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/home_file.h"
#include "decide/decide.h"
#include "turn/session.h"
#include "understand/understand.h"

enum { FINAL_WAIT_MS = 30000, VOLUME_PERCENT = 70 };

static const char ROOM[] = "living room"; /* of the toy home */

struct ear {
	struct sentences *sentences;
	struct home toy;
	const struct home *home; /* toy, or another's */
	struct understand *understand;
	struct recogniser recogniser;
	struct clock clock;
	int64_t sound_us; /* how much of it was fed */
};

static int64_t now_of_sound(void *self)
{
	return ((const struct ear *)self)->sound_us;
}

static const struct clock_ops CLOCK_OPS = {now_of_sound, now_of_sound};

static enum err read_words(struct ear *ear, const struct ear_settings *settings,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = sentences_create(&ear->sentences);

	for (size_t i = 0; !err && settings->paths && settings->paths[i]; i++)
		err = sentence_files_add(ear->sentences, settings->paths[i], note);
	if (!err && !settings->paths)
		err = share_find(settings->folder, settings->name, path, sizeof(path),
				 note);
	if (!err && !settings->paths)
		err = sentence_files_add(ear->sentences, path, note);
	if (!err)
		err = sounds_lexicon_use(ear->sentences,
					 recogniser_pocketsphinx_defaults().dictionary,
					 note);
	return err;
}

static enum err read_home(struct ear *ear, const struct home *given,
			  struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err;

	ear->home = given ? given : &ear->toy;
	if (given)
		return OK;
	err = share_find("home", "toy.json", path, sizeof(path), note);
	return err ? err : home_file_read(path, &ear->toy, note);
}

static enum err load_recogniser(struct ear *ear, const struct ear_settings *wanted,
				struct err_note *note)
{
	struct recogniser_pocketsphinx_settings settings =
		recogniser_pocketsphinx_defaults();
	struct grammar *grammar = NULL;
	enum err err;

	settings.lockstep = wanted->lockstep;
	settings.at_once = wanted->at_once;
	settings.plain = wanted->plain;
	err = recogniser_pocketsphinx_create(&settings, &ear->recogniser, note);
	if (!err)
		err = understand_grammar(ear->understand, &grammar);
	if (!err)
		err = recogniser_load(&ear->recogniser, grammar, "", note);
	grammar_destroy(grammar);
	return err;
}

enum err ear_open(const struct ear_settings *settings, struct ear **out_ear,
		  struct err_note *note)
{
	struct ear *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		goto out;
	made->clock = (struct clock){&CLOCK_OPS, made};
	home_init(&made->toy);
	err = read_home(made, settings->home, note);
	if (!err)
		err = read_words(made, settings, note);
	if (!err)
		err = understand_create(made->sentences, made->home, &made->understand,
					note);
	if (!err)
		err = load_recogniser(made, settings, note);
	if (err)
		goto out;
	*out_ear = made;
	made = NULL;
out:
	ear_close(made);
	return err;
}

void ear_close(struct ear *ear)
{
	if (!ear)
		return;
	recogniser_close(&ear->recogniser);
	understand_destroy(ear->understand);
	sentences_destroy(ear->sentences);
	home_finish(&ear->toy);
	free(ear);
}

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

static enum err feed_session(struct ear *ear, struct session *session, bool real_time,
			     struct audio_span sound)
{
	enum session_state state = SESSION_LISTENING;
	struct timespec begun;

	must(clock_gettime(CLOCK_MONOTONIC, &begun) == 0);
	ear->sound_us = 0;
	for (size_t i = 0; i < sound.count / AUDIO_FRAME_SAMPLES; i++) {
		struct audio_frame frame;
		if (state != SESSION_LISTENING)
			break;
		memcpy(frame.samples, sound.samples + i * AUDIO_FRAME_SAMPLES,
		       sizeof(frame.samples));
		ear->sound_us += AUDIO_FRAME_MS * 1000;
		if (real_time)
			keep_pace(&begun, i + 1);
		state = session_feed(session, &frame);
		if (state == SESSION_NOBODY && session_begin(session, 0) == OK)
			state = SESSION_LISTENING; /* the request may yet come */
	}
	session_end(session);
	return wait_final(ear, session);
}

static enum err hear_live(struct ear *ear, enum ear_way way, struct audio_span sound,
			  struct turn_heard *heard)
{
	struct endpoint_settings settings =
		way == EAR_LIVE ? endpoint_for_file() : endpoint_defaults();
	struct session *session = NULL;
	struct audio_span kept;
	enum err err = session_create(&ear->clock, &ear->recogniser, settings, &session);
	if (!err)
		err = session_begin(session, 0);
	if (!err)
		err = feed_session(ear, session, way == EAR_REAL_TIME, sound);
	if (!err && session_poll(session) == SESSION_HEARD)
		session_result(session, heard, &kept);
	session_destroy(session);
	return err;
}

static enum err wait_report(struct ear *ear, struct recogniser_report *report)
{
	for (int waited = 0; waited < FINAL_WAIT_MS; waited += 10) {
		struct pollfd ready = {.fd = ear->recogniser.fd, .events = POLLIN};
		(void)!poll(&ready, 1, 10);
		recogniser_poll(&ear->recogniser, report);
		if (report->stage == RECOGNISER_FINAL)
			return OK;
	}
	return ERR_TIMEOUT;
}

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
	if (!err)
		err = wait_report(ear, &report);
	(void)str_copy(heard->text, sizeof(heard->text), report.text);
	heard->ratio = report.ratio;
	heard->speech_frames = report.speech_frames;
	heard->decode_ms = report.decode_ms;
	return err;
}

enum err ear_hear(struct ear *ear, enum ear_way way, struct audio_span sound,
		  struct turn_heard *out_heard)
{
	memset(out_heard, 0, sizeof(*out_heard));
	out_heard->spoken = true;
	if (way == EAR_WHOLE)
		return hear_whole(ear, sound, out_heard);
	return hear_live(ear, way, sound, out_heard);
}

void ear_understand(const struct ear *ear, const char *text, struct intent *out_intent)
{
	struct understanding understood;

	understand_heard(ear->understand, text, "", &understood);
	*out_intent = understood.intent;
}

static bool same_meaning(const struct intent *a, const struct intent *b)
{
	if (!a->name[0] || !str_equal(a->name, b->name) || a->slot_count != b->slot_count)
		return false;
	for (size_t i = 0; i < a->slot_count; i++) {
		const struct slot *other = intent_slot(b, a->slots[i].name);

		if (!other || !str_equal_folded(other->value, a->slots[i].value))
			return false;
	}
	return true;
}

bool ear_same(const struct ear *ear, const char *one, const char *other)
{
	struct intent first;
	struct intent second;

	ear_understand(ear, one, &first);
	ear_understand(ear, other, &second);
	return same_meaning(&first, &second);
}

bool ear_class(const struct ear *ear, const char *text, enum action_class *out_class)
{
	struct understanding understood;
	struct policy policy;
	struct decide_input input = {.understanding = &understood,
				     .home = ear->home,
				     .policy = &policy,
				     .room = ROOM,
				     .volume_percent = VOLUME_PERCENT};
	struct decision decision = {.reason = REASON_NO_MATCH};
	struct arena *arena = NULL;
	enum err err = arena_create(TURN_ARENA_BYTES, &arena);

	policy_init(&policy);
	policy.has_owner = true;
	policy.room_count = 1;
	policy.rooms[0].capabilities = MAY_ALL;
	policy.rooms[0].has_key = true;
	must(str_copy(policy.rooms[0].room.text, NAME_BYTES, ROOM));
	understand_text(ear->understand, text, ROOM, &understood);
	if (!err)
		err = decide(&input, arena, &decision);
	arena_destroy(arena);
	if (err || understood.reason || decision.reason == REASON_NO_ACTION)
		return false;
	*out_class = decision.class_of;
	return true;
}
