/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - feeds the same frames to endpoint and recogniser and keeps them for the vault.
 *
 * Does not know rooms, words' meaning or keys. Invariants: the recogniser is ended
 * exactly once per begin; the sound never leaves locked memory except to whoever takes
 * the result; session_finish wipes it.
 */
#include "turn/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/must.h"
#include "base/str.h"

enum { SOUND_SAMPLES = SESSION_SECONDS_MAX * AUDIO_HZ };
/* The words must have stood this long before a short silence may end the sentence. */
enum { STABLE_MS = 80 };
/* So long behind the name the endpoint would have noticed somebody who speaks. */
enum { LEAD_QUIET_MS = 280 };

struct session {
	const struct clock *clock;
	struct recogniser *recogniser;
	struct endpoint *endpoint;
	enum session_state state;
	struct recogniser_report final;
	char partial[TEXT_BYTES];
	enum endpoint_words words;
	int64_t partial_at_ms; /* of sound, when the partial last changed */
	int64_t begun_ms;      /* monotonic time of the first sample */
	int64_t endpoint_ms;
	size_t lead_samples; /* the name, before which nobody is asked to speak */
	bool started;        /* somebody spoke behind the lead */
	size_t sample_count;
	int16_t *sound; /* [SOUND_SAMPLES], locked where the system lets us */
};

enum err session_create(const struct clock *clock, struct recogniser *recogniser,
			struct endpoint_settings settings, struct session **out_session)
{
	enum err err = ERR_MEMORY;
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		goto out;
	session->sound = calloc(SOUND_SAMPLES, sizeof(*session->sound));
	if (!session->sound)
		goto out;
	/* Best effort: the limit may be small, and this program never dumps core. */
	(void)mlock(session->sound, SOUND_SAMPLES * sizeof(*session->sound));
	err = endpoint_create(settings, &session->endpoint);
	if (err)
		goto out;
	session->clock = clock;
	session->recogniser = recogniser;
	*out_session = session;
	session = NULL;
out:
	session_destroy(session);
	return err;
}

void session_destroy(struct session *session)
{
	if (!session)
		return;
	if (session->sound) {
		explicit_bzero(session->sound, SOUND_SAMPLES * sizeof(*session->sound));
		(void)munlock(session->sound, SOUND_SAMPLES * sizeof(*session->sound));
	}
	free(session->sound);
	endpoint_destroy(session->endpoint);
	explicit_bzero(session, sizeof(*session));
	free(session);
}

void session_finish(struct session *session)
{
	explicit_bzero(session->sound, session->sample_count * sizeof(*session->sound));
	explicit_bzero(session->partial, sizeof(session->partial));
	explicit_bzero(&session->final, sizeof(session->final));
	session->sample_count = 0;
	session->words = ENDPOINT_WORDS_OPEN;
	session->state = SESSION_IDLE;
}

enum err session_begin(struct session *session, uint32_t lead_ms)
{
	session_finish(session);
	enum err err = recogniser_begin(session->recogniser);
	if (err)
		return err;
	endpoint_reset(session->endpoint);
	session->begun_ms = clock_now_ms(session->clock);
	session->partial_at_ms = 0;
	session->lead_samples = (size_t)lead_ms * AUDIO_HZ / 1000;
	session->started = false;
	session->state = SESSION_LISTENING;
	return OK;
}

static int64_t session_fed_ms(const struct session *session)
{
	return audio_ms(session->sample_count);
}

/* What the words are, once they have not changed for a while. */
static enum endpoint_words session_words(const struct session *session)
{
	bool stable = session_fed_ms(session) - session->partial_at_ms >= STABLE_MS;

	return stable ? session->words : ENDPOINT_WORDS_OPEN;
}

void session_end(struct session *session)
{
	if (session->state != SESSION_LISTENING)
		return;
	session->endpoint_ms = clock_now_ms(session->clock);
	session->state = SESSION_WAITING;
	if (recogniser_end(session->recogniser))
		session->state = SESSION_NOBODY;
}

static void session_take_event(struct session *session, enum endpoint_event event)
{
	switch (event) {
	case ENDPOINT_NOTHING:
		break;
	case ENDPOINT_START:
		session->started = true;
		break;
	case ENDPOINT_SUSPECT:
		recogniser_suspect_end(session->recogniser, false);
		break;
	case ENDPOINT_RESUME:
		recogniser_suspect_end(session->recogniser, true);
		break;
	case ENDPOINT_END:
		session_end(session);
		break;
	case ENDPOINT_NOBODY:
		/* Ended all the same: the recogniser is free again for the next one. */
		session_end(session);
		session->state = SESSION_NOBODY;
		break;
	}
}

/* Of the name the endpoint learns the room, not that somebody has asked for something. */
static void session_follow_lead(struct session *session, const struct audio_frame *frame)
{
	(void)endpoint_feed(session->endpoint, frame, ENDPOINT_WORDS_OPEN);
	if (session->sample_count >= session->lead_samples)
		endpoint_reset(session->endpoint);
}

/* A request so short that all of it was said before the name was believed. */
static bool session_was_in_lead(const struct session *session)
{
	int64_t after_ms = audio_ms(session->sample_count - session->lead_samples);

	return !session->started && session_words(session) >= ENDPOINT_WORDS_WHOLE &&
	       after_ms >= LEAD_QUIET_MS;
}

static void session_follow(struct session *session, const struct audio_frame *frame)
{
	session_take_event(session, endpoint_feed(session->endpoint, frame,
						  session_words(session)));
	if (session_was_in_lead(session))
		session_end(session);
}

enum session_state session_feed(struct session *session, const struct audio_frame *frame)
{
	if (session->state != SESSION_LISTENING)
		return session->state;
	if (session->sample_count + AUDIO_FRAME_SAMPLES > SOUND_SAMPLES ||
	    recogniser_feed(session->recogniser, frame)) {
		session_end(session);
		return session->state;
	}
	memcpy(session->sound + session->sample_count, frame->samples,
	       sizeof(frame->samples));
	session->sample_count += AUDIO_FRAME_SAMPLES;
	(void)session_poll(session);
	if (session->sample_count <= session->lead_samples)
		session_follow_lead(session, frame);
	else
		session_follow(session, frame);
	return session->state;
}

/* [complete][what follows] */
static const enum endpoint_words SESSION_WORDS[2][3] = {
	{[RECOGNISER_FOLLOW_NOTHING] = ENDPOINT_WORDS_OPEN,
	 [RECOGNISER_FOLLOW_SELDOM] = ENDPOINT_WORDS_BEGUN,
	 [RECOGNISER_FOLLOW_MORE] = ENDPOINT_WORDS_BEGUN},
	{[RECOGNISER_FOLLOW_NOTHING] = ENDPOINT_WORDS_WHOLE,
	 [RECOGNISER_FOLLOW_SELDOM] = ENDPOINT_WORDS_MAY_GO_ON,
	 [RECOGNISER_FOLLOW_MORE] = ENDPOINT_WORDS_MAY_ADD},
};

static void session_take_partial(struct session *session,
				 const struct recogniser_report *report)
{
	if (!str_equal(session->partial, report->text)) {
		(void)str_copy(session->partial, sizeof(session->partial), report->text);
		session->partial_at_ms = session_fed_ms(session);
	}
	session->words = SESSION_WORDS[report->complete][report->follow];
	if (report->answer)
		session->words = ENDPOINT_WORDS_ANSWER;
}

enum session_state session_poll(struct session *session)
{
	struct recogniser_report report;

	if (session->state != SESSION_LISTENING && session->state != SESSION_WAITING)
		return session->state;
	recogniser_poll(session->recogniser, &report);
	switch (report.stage) {
	case RECOGNISER_NOTHING:
		break;
	case RECOGNISER_PARTIAL:
		session_take_partial(session, &report);
		break;
	case RECOGNISER_FINAL:
		must(session->state == SESSION_WAITING);
		session->final = report;
		session->state = SESSION_HEARD;
		break;
	}
	return session->state;
}

void session_result(const struct session *session, struct turn_heard *out_heard,
		    struct audio_span *out_sound)
{
	const struct recogniser_report *final = &session->final;
	int64_t voiced_ms = endpoint_last_voiced_ms(session->endpoint);
	int64_t after_ms =
		session_fed_ms(session) - audio_ms(session->lead_samples) - voiced_ms;

	must(session->state == SESSION_HEARD);
	*out_heard = (struct turn_heard){
		.spoken = true,
		.ratio = final->ratio,
		.speech_frames = final->speech_frames,
		.word_count = final->word_count,
		.endpoint_ms = session->endpoint_ms,
		.last_voiced_ms = session->endpoint_ms - after_ms,
		.recognise_ms = final->wait_ms,
		.decode_ms = final->decode_ms,
	};
	(void)str_copy(out_heard->text, sizeof(out_heard->text), final->text);
	out_sound->samples = session->sound;
	out_sound->count = session->sample_count;
}

size_t session_frames(const struct session *session)
{
	return session->sample_count / AUDIO_FRAME_SAMPLES;
}
