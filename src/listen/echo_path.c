/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_path - see the header.
 *
 * Invariants: `left` holds the newest samples that left, in order; the canceller is given
 * them `shift` samples late. When that changes, the room has not: its response is kept.
 */
#include "listen/echo_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/delay.h"
#include "listen/locked.h"

enum {
	LEAD = AUDIO_HZ / 100,    /* the reference leads by 10 ms */
	FOLLOW = AUDIO_HZ / 1000, /* the filter follows by itself so far */
	SAME = AUDIO_HZ /
	       50, /* a sound that began so much earlier or later than it said */
	LEFT = DELAY_LATE_MAX + AUDIO_FRAME_SAMPLES,
	QUIET = 8, /* a sample below is no sound of ours */
};

struct echo_path {
	struct echo *echo;
	struct delay *delay;
	struct own_voice *own;
	struct wake *own_words[ECHO_PATH_WORDS_MAX]; /* on what we play; NULL: no more */
	uint32_t own_name_ms; /* for so long what is heard is taken for it */
	bool known;
	int shift;
	uint32_t cancelled_ms; /* since the shift was last changed */
	uint32_t silent_ms;
	int16_t left[LEFT];
};

enum err echo_path_create(struct echo *echo, struct echo_path **out_path)
{
	void *memory = NULL;
	struct echo_path *made = NULL;
	enum err err = locked_take(sizeof(*made), &memory);

	if (err)
		return err;
	made = memory;
	made->echo = echo && echo->ops ? echo : NULL;
	made->silent_ms = ECHO_PATH_REST_MS;
	err = delay_create(&made->delay);
	if (!err)
		err = own_voice_create(&made->own);
	if (err) {
		echo_path_destroy(made);
		return err;
	}
	*out_path = made;
	return OK;
}

void echo_path_destroy(struct echo_path *path)
{
	if (!path)
		return;
	delay_destroy(path->delay);
	own_voice_destroy(path->own);
	locked_free(path, sizeof(*path));
}

void echo_path_use_wake(struct echo_path *path, struct wake *own)
{
	size_t i = 0;

	while (i < ECHO_PATH_WORDS_MAX && path->own_words[i])
		i++;
	must(i < ECHO_PATH_WORDS_MAX);
	path->own_words[i] = own;
}

void echo_path_reset(struct echo_path *path)
{
	delay_reset(path->delay);
	own_voice_reset(path->own);
	if (path->echo)
		echo_reset(path->echo);
	path->known = false;
	path->cancelled_ms = 0;
	path->silent_ms = ECHO_PATH_REST_MS;
	path->own_name_ms = 0;
	for (size_t i = 0; i < ECHO_PATH_WORDS_MAX && path->own_words[i]; i++)
		wake_reset(path->own_words[i]);
	explicit_bzero(path->left, sizeof(path->left));
}

/* ---- one frame ---- */

static bool is_silent(const struct audio_frame *frame)
{
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		if (abs(frame->samples[i]) >= QUIET)
			return false;
	}
	return true;
}

static void keep(struct echo_path *path, const struct audio_frame *left)
{
	const size_t rest = LEFT - AUDIO_FRAME_SAMPLES;

	memmove(path->left, path->left + AUDIO_FRAME_SAMPLES, rest * sizeof(*path->left));
	memcpy(path->left + rest, left->samples, sizeof(left->samples));
	if (!is_silent(left))
		path->silent_ms = 0;
	else if (path->silent_ms < ECHO_PATH_REST_MS)
		path->silent_ms += AUDIO_FRAME_MS;
}

/* The delay was looked at again: leads the reference accordingly. */
static void follow(struct echo_path *path)
{
	const struct delay_found found = delay_get(path->delay);
	const int shift = found.samples - LEAD;
	const int moved = abs(shift - path->shift);

	if (!found.known || (path->known && moved <= FOLLOW))
		return;
	if (!path->known || moved > SAME)
		path->cancelled_ms = 0;
	path->known = shift >= 0;
	path->shift = shift >= 0 ? shift : 0;
}

static void cancel(struct echo_path *path, const struct audio_frame *heard,
		   const struct audio_frame *leading, struct audio_frame *out_rest)
{
	echo_cancel(path->echo, heard, leading, out_rest);
	if (path->cancelled_ms < ECHO_PATH_READY_MS && !is_silent(leading))
		path->cancelled_ms += AUDIO_FRAME_MS;
}

/* The name or "stop" in our own sound: whoever hears it next hears us. */
static void listen_to_ourselves(struct echo_path *path, const struct audio_frame *left)
{
	struct wake_report heard = {.candidate = false};

	path->own_name_ms -=
		path->own_name_ms < AUDIO_FRAME_MS ? path->own_name_ms : AUDIO_FRAME_MS;
	for (size_t i = 0; i < ECHO_PATH_WORDS_MAX && path->own_words[i]; i++) {
		wake_feed(path->own_words[i], left, &heard);
		if (heard.candidate)
			path->own_name_ms = ECHO_PATH_NAME_MS;
	}
}

void echo_path_feed(struct echo_path *path, const struct audio_frame *heard,
		    const struct audio_frame *left, struct audio_frame *out_rest)
{
	static const struct audio_frame SILENCE;
	struct audio_frame leading;
	struct audio_frame rest;

	keep(path, left ? left : &SILENCE);
	if (path->silent_ms >= ECHO_PATH_REST_MS) {
		*out_rest = *heard;
		return;
	}
	listen_to_ourselves(path, left ? left : &SILENCE);
	if (delay_feed(path->delay, heard, left ? left : &SILENCE))
		follow(path);
	must(path->shift >= 0 && path->shift <= LEFT - AUDIO_FRAME_SAMPLES);
	memcpy(leading.samples, path->left + LEFT - AUDIO_FRAME_SAMPLES - path->shift,
	       sizeof(leading.samples));
	rest = *heard;
	if (path->echo && path->known)
		cancel(path, heard, &leading, &rest);
	own_voice_feed(path->own, heard, &rest, &leading);
	*out_rest = rest;
	explicit_bzero(&rest, sizeof(rest));
}

/* ---- what came of it ---- */

struct echo_path_state echo_path_state(const struct echo_path *path)
{
	return (struct echo_path_state){
		.sounding = path->silent_ms < ECHO_PATH_REST_MS,
		.ready = path->echo && path->known &&
			 path->cancelled_ms >= ECHO_PATH_READY_MS,
		.delay_samples = path->shift + LEAD,
	};
}

struct own_voice_match echo_path_match(const struct echo_path *path, uint32_t span_ms)
{
	if (path->silent_ms >= ECHO_PATH_REST_MS)
		return (struct own_voice_match){0};
	struct own_voice_match match = own_voice_match(path->own, span_ms);

	match.ours = match.ours || path->own_name_ms > 0;
	return match;
}
