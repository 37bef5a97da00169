/* SPDX-License-Identifier: Apache-2.0 */
/*
 * playing - see the header.
 *
 * Invariant: `now` says what the speaker was last told to play, and the poll timer runs
 * exactly while it is not NOTHING.
 */
#include "room/playing.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "room/tone.h"

enum { SAMPLES_MAX = PLAYING_SECONDS_MAX * AUDIO_HZ };

enum what { NOTHING, A_TONE, A_RING, AN_ANSWER };

struct playing {
	struct loop *loop;
	struct speaker *speaker;
	struct playing_listener listener;
	enum what now;
	enum indicator_tone tone; /* that plays */
	uint64_t timer;
	uint64_t say; /* of the answer that plays or is collected */
	struct event_id
		parent; /* that each piece of it named so far; none: they differ */
	size_t count;   /* samples of it */
	int16_t answer[SAMPLES_MAX];
};

static void follow(void *context);

static void set_timer(struct playing *playing)
{
	if (loop_after(playing->loop, PLAYING_POLL_MS, follow, playing,
		       &playing->timer) != OK)
		playing_stop(playing);
}

static void finish(struct playing *playing, size_t played, bool whole)
{
	const enum what was = playing->now;

	loop_cancel(playing->loop, playing->timer);
	playing->now = NOTHING;
	if (was == NOTHING)
		return;
	playing->listener.sounding(playing->listener.context, false);
	if (was == A_TONE)
		playing->listener.toned(playing->listener.context, playing->tone, whole);
	if (was == AN_ANSWER) {
		playing->count = 0;
		playing->listener.played(playing->listener.context, playing->say,
					 audio_ms(played), whole);
	}
}

static void follow(void *context)
{
	struct playing *playing = context;
	struct speaker_played played = {0};
	const enum err err = speaker_poll(playing->speaker, &played);

	if (err) {
		log_line("speaker: it went away while it played");
		finish(playing, 0, false);
	} else if (played.finished) {
		finish(playing, playing->count, true);
	} else {
		set_timer(playing);
	}
}

static void start(struct playing *playing, enum what what, struct audio_span sound,
		  struct event_id parent)
{
	const enum err err = speaker_play(playing->speaker, sound, parent);

	if (err) {
		log_line("speaker: cannot play: %s", err_words(err));
		if (what == AN_ANSWER) {
			playing->count = 0;
			playing->listener.played(playing->listener.context, playing->say,
						 0, false);
		}
		return;
	}
	playing->now = what;
	playing->listener.sounding(playing->listener.context, true);
	if (what == AN_ANSWER)
		playing->listener.answering(playing->listener.context, playing->say);
	set_timer(playing);
}

enum err playing_create(struct loop *loop, struct speaker *speaker,
			struct playing_listener listener, struct playing **out_playing)
{
	struct playing *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->loop = loop;
	made->speaker = speaker;
	made->listener = listener;
	*out_playing = made;
	return OK;
}

void playing_destroy(struct playing *playing)
{
	if (!playing)
		return;
	loop_cancel(playing->loop, playing->timer);
	speaker_stop(playing->speaker);
	explicit_bzero(playing->answer, sizeof(playing->answer));
	free(playing);
}

/* The number by which our own tones go is no event's. */
bool playing_is_reason(struct event_id parent)
{
	return parent.value != 0 && parent.value != TONE_PARENT.value;
}

/* A piece of another answer begins anew. What was given for one reason is not said for
 * another. */
static void collect(struct playing *playing, uint64_t say, struct event_id parent)
{
	if (say != playing->say)
		playing->count = 0;
	playing->say = say;
	if (playing->count == 0)
		playing->parent = parent;
	else if (parent.value != playing->parent.value)
		playing->parent = (struct event_id){0};
}

void playing_add(struct playing *playing, uint64_t say, struct event_id parent,
		 struct audio_span piece, bool last)
{
	if (playing->now == AN_ANSWER)
		playing_stop(playing);
	collect(playing, say, parent);
	if (piece.count > SAMPLES_MAX - playing->count) {
		if (playing->count < SAMPLES_MAX) /* once */
			log_line("speaker: an answer is longer than %d s and is cut",
				 PLAYING_SECONDS_MAX);
		piece.count = SAMPLES_MAX - playing->count;
	}
	if (piece.count > 0)
		memcpy(playing->answer + playing->count, piece.samples,
		       piece.count * sizeof(*piece.samples));
	playing->count += piece.count;
	if (!last)
		return;
	if (!playing_is_reason(playing->parent)) {
		log_line("speaker: refused to say something without a reason on record");
		playing->count = 0;
		playing->listener.played(playing->listener.context, say, 0, false);
		return;
	}
	playing_stop(playing); /* a tone */
	start(playing, AN_ANSWER, (struct audio_span){playing->answer, playing->count},
	      playing->parent);
}

bool playing_tone(struct playing *playing, enum indicator_tone tone)
{
	int16_t sound[TONE_SAMPLES_MAX];
	const size_t count = tone_make(tone, sound);

	if (playing->now == AN_ANSWER)
		return false;
	playing_stop(playing);
	playing->tone = tone;
	start(playing, A_TONE, (struct audio_span){sound, count}, TONE_PARENT);
	return playing->now == A_TONE;
}

bool playing_ring(struct playing *playing, enum ring_pattern pattern,
		  struct event_id parent)
{
	static int16_t sound[TONE_RING_SAMPLES_MAX];

	if (playing->now != NOTHING || !playing_is_reason(parent))
		return false;
	start(playing, A_RING, (struct audio_span){sound, tone_ring(pattern, sound)},
	      parent);
	return playing->now == A_RING;
}

void playing_stop(struct playing *playing)
{
	struct speaker_played played = {0};
	size_t count = 0;

	if (playing->now == NOTHING)
		return;
	if (speaker_poll(playing->speaker, &played) == OK)
		count = played.reference.count;
	speaker_stop(playing->speaker);
	finish(playing, count, false);
}

bool playing_now(struct playing *playing, struct speaker_played *out_played)
{
	if (playing->now == NOTHING)
		return false;
	return speaker_poll(playing->speaker, out_played) == OK;
}

bool playing_is_speaking(const struct playing *playing)
{
	return playing->now == AN_ANSWER;
}

bool playing_is_quiet(const struct playing *playing)
{
	return playing->now == NOTHING;
}
