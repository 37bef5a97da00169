/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulated_room - see the header. Reflections arrive between samples, so each is a short
 * windowed sinc; the walls take more of the high tones than of the low ones.
 *
 * Invariant: both responses have RESPONSE samples and unit energy; distance shows only in
 * how much of it is direct.
 */
#include "cli/simulated_room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/fft.h"

enum {
	RESPONSE = 8192, /* 512 ms */
	BLOCK = 8192,    /* convolved at once */
	SPECTRUM = RESPONSE + BLOCK,
	SINC_HALF = 8,
	IMAGES = 24, /* to each side and in each direction, at most */
};

static const double PI = 3.14159265358979323846;
static const double SOUND_MPS = 343.0;
static const double LOUDSPEAKER_LOW = 0.07; /* one-pole high pass, about 180 Hz */
static const double WALL_POLE = 0.92;       /* low pass of a wall, about 220 Hz */
static const double WALL_GAIN = 0.06;       /* and what comes through at all: -24 dB */

struct place {
	double at[3];
};

struct simulated_room {
	struct simulated_room_settings settings;
	struct place size;
	double reflection; /* of a wall, amplitude */
	double delay_samples;
	struct fft *fft;
	struct fft_bin from_loudspeaker[SPECTRUM];
	struct fft_bin from_person[SPECTRUM];
};

/* splitmix64 of Steele, Lea and Flood. */
uint64_t simulated_room_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	return z ^ (z >> 31);
}

double simulated_room_uniform(uint64_t *state, double low, double high)
{
	const double unit = (double)(simulated_room_random(state) >> 11) * 0x1.0p-53;

	return low + (high - low) * unit;
}

double simulated_room_normal(uint64_t *state)
{
	const double radius =
		sqrt(-2.0 * log(simulated_room_uniform(state, 0x1.0p-53, 1.0)));

	return radius * cos(2.0 * PI * simulated_room_uniform(state, 0.0, 1.0));
}

/* ---- the room's response ---- */

static void add_arrival(float *response, double at, double gain)
{
	const long first = lround(at) - SINC_HALF;

	for (long n = first; n <= first + 2 * SINC_HALF; n++) {
		const double x = (double)n - at;
		const double window = 0.5 + 0.5 * cos(PI * x / (SINC_HALF + 1));
		const double sinc = fabs(x) < 1e-9 ? 1.0 : sin(PI * x) / (PI * x);

		if (n >= 0 && n < RESPONSE)
			response[n] += (float)(gain * window * sinc);
	}
}

/* Where the n-th image of `at` lies along an edge, and over how many walls. */
static double image_of(double at, double size, long n, unsigned *out_walls)
{
	*out_walls = (unsigned)labs(n);
	return n % 2 == 0 ? (double)n * size + at : (double)n * size + size - at;
}

static void add_image(const struct simulated_room *room, const struct place *source,
		      const struct place *ear, const long *n, float *response)
{
	double square = 0.0;
	unsigned walls = 0;

	for (unsigned d = 0; d < 3; d++) {
		unsigned here = 0;
		const double away =
			image_of(source->at[d], room->size.at[d], n[d], &here) -
			ear->at[d];

		square += away * away;
		walls += here;
	}
	if (square < 0.01)
		square = 0.01;
	add_arrival(response, sqrt(square) / SOUND_MPS * AUDIO_HZ + SINC_HALF,
		    pow(room->reflection, walls) / sqrt(square));
}

static void normalise(float *response)
{
	double energy = 0.0;

	for (size_t i = 0; i < RESPONSE; i++)
		energy += (double)response[i] * response[i];
	must(energy > 0.0);
	for (size_t i = 0; i < RESPONSE; i++)
		response[i] = (float)(response[i] / sqrt(energy));
}

static enum err make_response(const struct simulated_room *room,
			      const struct place *source, const struct place *ear,
			      struct fft_bin *spectrum)
{
	const double reach = (double)RESPONSE / AUDIO_HZ * SOUND_MPS;
	float *response = calloc(RESPONSE, sizeof(*response));
	long most[3];
	long n[3];

	if (!response)
		return ERR_MEMORY;
	for (unsigned d = 0; d < 3; d++) {
		most[d] = (long)(reach / room->size.at[d]) + 1;
		most[d] = most[d] < IMAGES ? most[d] : IMAGES;
	}
	for (n[0] = -most[0]; n[0] <= most[0]; n[0]++) {
		for (n[1] = -most[1]; n[1] <= most[1]; n[1]++) {
			for (n[2] = -most[2]; n[2] <= most[2]; n[2]++)
				add_image(room, source, ear, n, response);
		}
	}
	normalise(response);
	memset(spectrum, 0, SPECTRUM * sizeof(*spectrum));
	for (size_t i = 0; i < RESPONSE; i++)
		spectrum[i].re = response[i];
	fft_forward(room->fft, spectrum);
	free(response);
	return OK;
}

/* Sabine's formula, solved for how much a wall sends back. */
static double reflection_of(const struct place *size, double rt60_s)
{
	const double *at = size->at;
	const double volume = at[0] * at[1] * at[2];
	const double area = 2.0 * (at[0] * at[1] + at[1] * at[2] + at[0] * at[2]);
	const double absorbed = 0.161 * volume / (area * rt60_s);

	return sqrt(absorbed < 0.9 ? 1.0 - absorbed : 0.1);
}

static struct place draw_place(uint64_t *state, const struct place *size)
{
	struct place place;

	for (unsigned d = 0; d < 3; d++)
		place.at[d] = simulated_room_uniform(state, 0.3, size->at[d] - 0.3);
	return place;
}

/* The microphone stands 10 to 80 cm from its loudspeaker. */
static struct place draw_beside(uint64_t *state, const struct place *size,
				const struct place *other)
{
	const double angle = simulated_room_uniform(state, 0.0, 2.0 * PI);
	const double away = simulated_room_uniform(state, 0.1, 0.8);
	struct place place = *other;

	place.at[0] += away * cos(angle);
	place.at[1] += away * sin(angle);
	for (unsigned d = 0; d < 2; d++) {
		place.at[d] = place.at[d] < 0.1 ? 0.1 : place.at[d];
		if (place.at[d] > size->at[d] - 0.1)
			place.at[d] = size->at[d] - 0.1;
	}
	return place;
}

static enum err furnish(struct simulated_room *room)
{
	uint64_t state = room->settings.seed;
	struct simulated_room_settings *settings = &room->settings;
	struct place ear;
	struct place loudspeaker;
	struct place person;
	enum err err = OK;

	room->size = (struct place){{simulated_room_uniform(&state, 2.5, 7.0),
				     simulated_room_uniform(&state, 2.5, 6.0),
				     simulated_room_uniform(&state, 2.3, 3.0)}};
	if (settings->rt60_s <= 0.0)
		settings->rt60_s = simulated_room_uniform(&state, 0.2, 0.6);
	if (settings->delay_ms <= 0.0)
		settings->delay_ms = simulated_room_uniform(&state, 20.0, 200.0);
	room->reflection = reflection_of(&room->size, settings->rt60_s);
	ear = draw_place(&state, &room->size);
	loudspeaker = draw_beside(&state, &room->size, &ear);
	person = draw_place(&state, &room->size);
	room->delay_samples = settings->delay_ms * AUDIO_HZ / 1000.0;
	err = make_response(room, &loudspeaker, &ear, room->from_loudspeaker);
	return err ? err : make_response(room, &person, &ear, room->from_person);
}

enum err simulated_room_create(const struct simulated_room_settings *settings,
			       struct simulated_room **out_room)
{
	struct simulated_room *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err) {
		made->settings = *settings;
		err = fft_create(SPECTRUM, &made->fft);
	}
	if (!err)
		err = furnish(made);
	if (err) {
		simulated_room_destroy(made);
		return err;
	}
	*out_room = made;
	return OK;
}

void simulated_room_destroy(struct simulated_room *room)
{
	if (!room)
		return;
	fft_destroy(room->fft);
	free(room);
}

double simulated_room_delay_samples(const struct simulated_room *room)
{
	return room->delay_samples;
}

/* ---- sound through it ---- */

static void convolve_block(const struct simulated_room *room,
			   const struct fft_bin *response, struct fft_bin *work)
{
	fft_forward(room->fft, work);
	for (size_t k = 0; k < SPECTRUM; k++) {
		const struct fft_bin a = work[k];
		const struct fft_bin b = response[k];

		work[k] = (struct fft_bin){a.re * b.re - a.im * b.im,
					   a.re * b.im + a.im * b.re};
	}
	fft_inverse(room->fft, work);
}

/* Overlap and add. */
static enum err convolve(const struct simulated_room *room,
			 const struct fft_bin *response, const float *dry, float *to,
			 size_t count)
{
	struct fft_bin *work = calloc(SPECTRUM, sizeof(*work));

	if (!work)
		return ERR_MEMORY;
	for (size_t at = 0; at < count; at += BLOCK) {
		memset(work, 0, SPECTRUM * sizeof(*work));
		for (size_t i = 0; i < BLOCK && at + i < count; i++)
			work[i].re = dry[at + i];
		convolve_block(room, response, work);
		for (size_t i = 0; i < SPECTRUM && at + i < count; i++)
			to[at + i] += work[i].re;
	}
	free(work);
	return OK;
}

/* The loudspeaker is soft at its limits and weak below. */
static double distort(const struct simulated_room *room, double sample)
{
	const double d = room->settings.distortion;
	const double x = sample / 32768.0;

	if (d <= 0.0)
		return sample;
	return 32768.0 * (tanh(x * 10.0 * d) / (10.0 * d) + 0.2 * d * x * fabs(x));
}

/* Late, at the other clock's pace, and through the loudspeaker. */
static void leave_loudspeaker(const struct simulated_room *room, struct audio_span sound,
			      double gain, float *dry, size_t count)
{
	const double pace = 1.0 + room->settings.drift_ppm * 1e-6;
	double low = 0.0;

	for (size_t n = 0; n < count; n++) {
		const double at = ((double)n - room->delay_samples) * pace;
		const double whole = floor(at);
		double sample = 0.0;

		if (whole >= 0.0 && whole + 1.0 < (double)sound.count) {
			const int16_t *two = sound.samples + (size_t)whole;

			sample = two[0] + (at - whole) * (two[1] - two[0]);
		}
		sample = distort(room, sample);
		low += LOUDSPEAKER_LOW * (sample - low);
		dry[n] = (float)((sample - low) * gain);
	}
}

enum err simulated_room_play(const struct simulated_room *room, struct audio_span sound,
			     double gain, float *to, size_t count)
{
	float *dry = calloc(count + 1, sizeof(*dry));
	enum err err = dry ? OK : ERR_MEMORY;

	if (!err) {
		leave_loudspeaker(room, sound, gain, dry, count);
		err = convolve(room, room->from_loudspeaker, dry, to, count);
	}
	free(dry);
	return err;
}

enum err simulated_room_leak(const struct simulated_room *room, struct audio_span sound,
			     double gain, float *to, size_t count)
{
	float *dry = calloc(count + 1, sizeof(*dry));
	enum err err = dry ? OK : ERR_MEMORY;
	double low = 0.0;

	if (!err)
		leave_loudspeaker(room, sound, gain * WALL_GAIN, dry, count);
	for (size_t n = 0; !err && n < count; n++) {
		low = WALL_POLE * low + (1.0 - WALL_POLE) * dry[n];
		dry[n] = (float)low;
	}
	if (!err)
		err = convolve(room, room->from_person, dry, to, count);
	free(dry);
	return err;
}

enum err simulated_room_speak(const struct simulated_room *room, struct audio_span sound,
			      double gain, float *to, size_t count)
{
	float *dry = calloc(count + 1, sizeof(*dry));
	enum err err = dry ? OK : ERR_MEMORY;

	if (!err) {
		for (size_t n = 0; n < count && n < sound.count; n++)
			dry[n] = (float)(sound.samples[n] * gain);
		err = convolve(room, room->from_person, dry, to, count);
	}
	free(dry);
	return err;
}
