/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a prompt of ours is proved heard, in simulated rooms: where it can be heard, in
 * noise and under a talker, and where it cannot: an unplugged loudspeaker, another room,
 * another prompt or music in its place.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/echo_scene.h"
#include "cli/progress.h"
#include "cli/room_sound.h"
#include "listen/audible.h"
#include "listen/delay.h"

enum {
	PROMPT_COUNT = 12 * AUDIO_HZ,
	PROMPT_TAIL = 18000,
	AUDIBLE = 500,
	INAUDIBLE = 1000,
	PROMPTS_PER_ROOM = 10,
	FIRST_ROOM = 160, /* rooms no other benchmark stands in */
	EARLY_MAX = DELAY_EARLY_MAX,
};

static const char *const WORD = "jarvis"; /* the scene wants one; nobody says it */

struct work {
	struct echo_scene *scene;
	struct audible *audible;
	struct progress progress;
	int16_t ours[PROMPT_COUNT];
	float echoed[PROMPT_COUNT];
	float spoken[PROMPT_COUNT];
};

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
	static float noise[PROMPT_COUNT];
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
		noise[i] = noise[i] * (float)gain +
			   (float)(echo * (double)work->echoed[i] +
				   spoken * (double)work->spoken[i]);
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
			err = echo_scene_move(work->scene, FIRST_ROOM + n);
		if (!err)
			err = measure_prompt(work, kind, n, &heard[kind]);
		count[kind]++;
		if (n % PROMPTS_PER_ROOM == 0)
			progress_step(&work->progress, n);
	}
	for (size_t i = 0; i < KINDS && !err; i++) {
		char name[BENCH_NAME_BYTES];

		must(str_format(name, sizeof(name), "prompt_%s_heard_percent", KIND[i]));
		bench_add_share(run, name, heard[i], count[i]);
	}
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	enum err err =
		work ? echo_scene_create(WORD, 20000, &work->scene, note) : ERR_MEMORY;

	if (!err)
		err = audible_create(&work->audible);
	if (!err) {
		progress_begin(&work->progress, "audible", AUDIBLE + INAUDIBLE);
		err = measure_prompts(run, work);
		progress_end(&work->progress);
	}
	if (work) {
		audible_destroy(work->audible);
		echo_scene_destroy(work->scene);
	}
	free(work);
	return err;
}

const struct bench bench_audible = {
	.name = "audible",
	.summary = "whether our prompts are proved heard, and only where they are",
	.run = run,
};
