/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference - see the header.
 *
 * Invariants: `heard_ms` is when the newest frame was heard, as early as any frame since
 * the microphone opened allows, and is only counted on while a sound plays; `at` is the
 * sample of that sound that left when the newest frame began.
 */
#include "room/reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum {
	STALL = AUDIO_HZ / 1000 * REFERENCE_STALL_MS,
	AHEAD = AUDIO_HZ / 1000 * REFERENCE_AHEAD_MS,
};

struct reference {
	struct echo_path *path;
	struct audible *audible;
	int64_t heard_ms; /* 0: no frame yet */
	int64_t start_ms; /* of the sound that plays; 0: none */
	int64_t at;
	uint64_t say;
	bool proving;
	uint32_t tail_ms; /* since the answer that is proved was over */
	size_t quiet;     /* samples captured since the last of it left */
};

enum err reference_create(struct echo *echo, struct reference **out_reference)
{
	struct reference *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err)
		err = echo_path_create(echo, &made->path);
	if (!err)
		err = audible_create(&made->audible);
	if (err) {
		reference_destroy(made);
		return err;
	}
	*out_reference = made;
	return OK;
}

void reference_destroy(struct reference *reference)
{
	if (!reference)
		return;
	echo_path_destroy(reference->path);
	audible_destroy(reference->audible);
	free(reference);
}

void reference_use_wake(struct reference *reference, struct wake *own)
{
	echo_path_use_wake(reference->path, own);
}

void reference_reset(struct reference *reference)
{
	echo_path_reset(reference->path);
	audible_begin(reference->audible);
	reference->heard_ms = 0;
	reference->start_ms = 0;
}

void reference_lost(struct reference *reference, uint32_t frames)
{
	reference->heard_ms += (int64_t)frames * AUDIO_FRAME_MS;
	reference->at += (int64_t)frames * AUDIO_FRAME_SAMPLES;
}

void reference_begin(struct reference *reference, uint64_t say)
{
	audible_begin(reference->audible);
	reference->say = say;
	reference->proving = true;
	reference->tail_ms = 0;
	reference->quiet = 0;
}

const struct echo_path *reference_path(const struct reference *reference)
{
	return reference->path;
}

/* ---- time ---- */

/* Frames come late and never early, so the earliest is right; a clock that jumps or a
 * gap begins anew. */
static void count_time(struct reference *reference, int64_t now_ms, bool playing)
{
	int64_t *heard_ms = &reference->heard_ms;
	const bool first = *heard_ms == 0;

	*heard_ms += AUDIO_FRAME_MS;
	if (first || now_ms - *heard_ms > REFERENCE_JUMP_MS ||
	    *heard_ms - now_ms > REFERENCE_JUMP_MS)
		*heard_ms = now_ms;
	else if (!playing && now_ms < *heard_ms)
		*heard_ms = now_ms;
}

/* A device that ran dry goes on later than it began. */
static void follow_stall(struct reference *reference, const struct speaker_played *played)
{
	const int64_t left = (int64_t)played->reference.count;

	if (!played->finished && reference->at - left > STALL)
		reference->at = left - AUDIO_FRAME_SAMPLES;
}

/* What of the sound left while this frame was heard, or rather AHEAD later: a device whose
 * sound is there before it says so is then no different. False: nothing. */
static bool take_left(struct reference *reference, const struct speaker_played *played,
		      struct audio_frame *out_left)
{
	bool any = false;

	if (!played || played->start_ms == 0) {
		reference->start_ms = 0;
		return false;
	}
	if (played->start_ms != reference->start_ms) {
		reference->start_ms = played->start_ms;
		reference->at =
			(reference->heard_ms - played->start_ms) * (AUDIO_HZ / 1000) -
			AUDIO_FRAME_SAMPLES;
	} else {
		reference->at += AUDIO_FRAME_SAMPLES;
		follow_stall(reference, played);
	}
	for (int64_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		const int64_t n = reference->at + AHEAD + i;
		const bool there = n >= 0 && n < (int64_t)played->whole.count;

		out_left->samples[i] = there ? played->whole.samples[n] : 0;
		any = any || there;
	}
	return any;
}

/* ---- one frame ---- */

void reference_feed(struct reference *reference, const struct audio_frame *heard,
		    const struct speaker_played *played, int64_t now_ms,
		    struct audio_frame *out_rest)
{
	struct audio_frame left = {{0}};
	bool any = false;

	count_time(reference, now_ms, reference->start_ms != 0);
	any = take_left(reference, played, &left);
	if (reference->proving) {
		audible_feed(reference->audible, heard, &left);
		reference->tail_ms = played ? 0 : reference->tail_ms + AUDIO_FRAME_MS;
		reference->quiet = any ? 0 : reference->quiet + AUDIO_FRAME_SAMPLES;
	}
	echo_path_feed(reference->path, heard, any ? &left : NULL, out_rest);
}

/* Somebody who was asked answers within half a second, so what is decided is told; only
 * what does not count as heard waits for the tail, which may bring more of it. */
static bool is_decided(struct reference *reference)
{
	if (!reference->proving || reference->tail_ms == 0)
		return false;
	return reference->tail_ms >= AUDIBLE_TAIL_MS ||
	       (audible_is_complete(reference->audible, reference->quiet) &&
		audible_result(reference->audible).heard);
}

bool reference_proved(struct reference *reference, struct reference_proof *out_proof)
{
	if (!is_decided(reference))
		return false;
	*out_proof = (struct reference_proof){reference->say,
					      audible_result(reference->audible)};
	out_proof->measured.delay_samples -= AHEAD;
	reference->proving = false;
	audible_begin(reference->audible); /* wipes */
	return true;
}
