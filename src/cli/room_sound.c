/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room_sound - see the header. Knows no words.
 */
#include "cli/room_sound.h"

#include <math.h>
#include <string.h>

enum { SYLLABLE_MIN = 1600, SYLLABLE_MAX = 4800, NOTES = 4 };

static const double PI = 3.14159265358979323846;

/* Two resonances over a buzz (voiced) or noise (unvoiced). */
struct mouth {
	double step;
	double phase;
	double voiced;
	double pole[2];
	double radius[2];
	double y[2][2];
};

static struct mouth draw_mouth(uint64_t *state)
{
	return (struct mouth){
		.step = simulated_room_uniform(state, 90.0, 260.0) / AUDIO_HZ,
		.voiced = simulated_room_uniform(state, 0.0, 1.0) < 0.7 ? 1.0 : 0.0,
		.pole = {2.0 * PI * simulated_room_uniform(state, 300.0, 900.0) /
				 AUDIO_HZ,
			 2.0 * PI * simulated_room_uniform(state, 1000.0, 3800.0) /
				 AUDIO_HZ},
		.radius = {0.96, 0.95},
	};
}

static double sound_of(struct mouth *mouth, uint64_t *state)
{
	const double noise = simulated_room_normal(state);
	double in = 0.0;
	double out = 0.0;

	mouth->phase += mouth->step;
	if (mouth->phase >= 1.0) {
		mouth->phase -= 1.0;
		in = 12.0 * mouth->voiced;
	}
	in += noise * (mouth->voiced > 0.0 ? 0.1 : 1.0);
	for (unsigned i = 0; i < 2; i++) {
		const double r = mouth->radius[i];
		const double y = in + 2.0 * r * cos(mouth->pole[i]) * mouth->y[i][0] -
				 r * r * mouth->y[i][1];

		mouth->y[i][1] = mouth->y[i][0];
		mouth->y[i][0] = y;
		out += i == 0 ? y : 0.6 * y;
	}
	return out;
}

static void scale_to(int16_t *sound, size_t count, const float *from, double level)
{
	const double gain = level / (room_sound_level(from, count) + 1e-9);

	for (size_t i = 0; i < count; i++) {
		const double x = (double)from[i] * gain;

		sound[i] = (int16_t)fmax(-32768.0, fmin(32767.0, x));
	}
}

void room_sound_speech(uint64_t *state, int level, int16_t *to, size_t count)
{
	static float made[AUDIO_HZ * 60];
	const size_t most = sizeof(made) / sizeof(made[0]);

	count = count < most ? count : most;
	memset(made, 0, sizeof(made));
	for (size_t at = 0; at < count;) {
		const size_t length =
			(size_t)simulated_room_uniform(state, SYLLABLE_MIN, SYLLABLE_MAX);
		const double loud = simulated_room_uniform(state, 0.3, 1.0);
		struct mouth mouth = draw_mouth(state);

		for (size_t i = 0; i < length && at + i < count; i++)
			made[at + i] = (float)(loud * sound_of(&mouth, state) *
					       sin(PI * (double)i / (double)length));
		at += length + (size_t)simulated_room_uniform(state, 0.0, 2400.0);
	}
	scale_to(to, count, made, level);
}

void room_sound_music(uint64_t *state, int level, int16_t *to, size_t count)
{
	static float made[AUDIO_HZ * 60];
	const size_t most = sizeof(made) / sizeof(made[0]);
	double step[NOTES] = {0};
	double phase[NOTES] = {0};

	count = count < most ? count : most;
	for (size_t i = 0; i < count; i++) {
		double x = 0.0;

		for (size_t n = 0; i % (AUDIO_HZ / 2) == 0 && n < NOTES; n++)
			step[n] =
				110.0 *
				exp2(floor(simulated_room_uniform(state, 0, 36)) / 12.0) /
				AUDIO_HZ;
		for (size_t n = 0; n < NOTES; n++) {
			phase[n] = fmod(phase[n] + step[n], 1.0);
			x += phase[n] - 0.5; /* a saw has all harmonics */
		}
		x += simulated_room_normal(state) * exp(-(double)(i % 4000) / 300.0);
		made[i] = (float)x;
	}
	scale_to(to, count, made, level);
}

void room_sound_add_noise(uint64_t *state, double level, float *to, size_t count)
{
	double low = 0.0;

	for (size_t i = 0; i < count; i++) {
		const double white = simulated_room_normal(state);

		low = 0.95 * low + white * 0.25;
		to[i] += (float)(level * (low + 0.3 * white));
	}
}

double room_sound_level(const float *sound, size_t count)
{
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)sound[i] * (double)sound[i];
	return sqrt(sum / (double)count);
}

double room_sound_level_s16(const int16_t *sound, size_t count)
{
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)sound[i] * sound[i];
	return sqrt(sum / (double)count);
}

struct audio_frame room_sound_frame(const float *sound, size_t count, long at)
{
	struct audio_frame frame = {{0}};

	for (long i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		if (at + i >= 0 && at + i < (long)count)
			frame.samples[i] =
				(int16_t)fmaxf(-32768.0F, fminf(32767.0F, sound[at + i]));
	}
	return frame;
}

struct audio_frame room_sound_frame_s16(const int16_t *sound, size_t count, long at)
{
	struct audio_frame frame = {{0}};

	for (long i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		if (at + i >= 0 && at + i < (long)count)
			frame.samples[i] = sound[at + i];
	}
	return frame;
}

enum err room_sound_hear(const struct room_sound_scene *scene, uint64_t *state, float *to,
			 size_t count)
{
	struct simulated_room *room = NULL;
	enum err err = simulated_room_create(&scene->room, &room);

	memset(to, 0, count * sizeof(*to));
	if (!err)
		err = simulated_room_play(room, (struct audio_span){scene->ours, count},
					  scene->ours_gain, to, count);
	if (!err)
		err = simulated_room_speak(room,
					   (struct audio_span){scene->theirs, count},
					   scene->theirs_gain, to, count);
	if (!err)
		room_sound_add_noise(state, scene->noise, to, count);
	simulated_room_destroy(room);
	return err;
}
