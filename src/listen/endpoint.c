/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint - see the header. Sound level per band over what the band's noise is, in the
 * logarithm, so that a hum or clatter in a few bands does not pass for a voice.
 *
 * Does not know words. Invariants: no allocation and no failure after creation; the
 * noise of a band falls fast and rises slowly, so speech does not become noise; an end
 * or nobody is reported once, then nothing.
 */
#include "listen/endpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/fft.h"

enum {
	SILENCE_MAX_MS = 3000,
	SIZE = 512, /* of the transform: 32 ms, the newest samples */
	BANDS = 18,
	START_FRAMES = 4, /* voiced, of the newest START_OF: speech began */
	START_OF = 6,
	RESUME_FRAMES = 2,      /* voiced in a row: it goes on; one alone is a click */
	VOICED_MIN_FRAMES = 15, /* less is no sentence, only a noise */
	LEARN_FRAMES = 10,      /* at first the noise is learnt quickly */
};

/* In decibels, means over the bands. */
static const double VOICE_OVER_NOISE = 6.5;
static const double VOICE_UNDER_PEAK = 23.0;
static const double PEAK_FALLS = 0.06;    /* per frame: a far voice after a near one */
static const double PEAK_AT_LEAST = 13.0; /* above the noise, until somebody spoke */
static const double NOISE_RISES = 0.12;   /* per frame and band: 6 dB a second */
static const double NOISE_FALLS = 0.12;   /* share of the way down per frame */
static const double SMOOTH = 0.55;        /* share of the newest frame in the level */
static const double BAND_FROM_HZ = 200;
static const double BAND_TO_HZ = 5500;
static const double QUIET = 40; /* power of a band that is silence in any room */

/* How far of the way from complete_ms to silence_ms each kind of words has to wait. */
static const uint32_t PATIENCE_PERCENT[ENDPOINT_WORDS_KINDS] = {
	[ENDPOINT_WORDS_OPEN] = 100,    [ENDPOINT_WORDS_BEGUN] = 130,
	[ENDPOINT_WORDS_MAY_ADD] = 100, [ENDPOINT_WORDS_MAY_GO_ON] = 10,
	[ENDPOINT_WORDS_WHOLE] = 0,     [ENDPOINT_WORDS_ANSWER] = 0,
};

struct endpoint {
	struct endpoint_settings settings;
	/* of the room: kept over a reset */
	double noise[BANDS]; /* decibels */
	uint32_t learned;    /* frames */
	/* of the sentence */
	int16_t before[SIZE - AUDIO_FRAME_SAMPLES];
	double level; /* mean over the bands, above noise */
	double peak;
	uint32_t fed;         /* frames */
	uint32_t recent;      /* one bit per frame, newest lowest */
	uint32_t run;         /* voiced frames in a row */
	uint32_t voiced;      /* frames since the start */
	uint32_t silent;      /* frames since the last voiced run */
	uint32_t last_voiced; /* frames fed up to its end */
	bool started;
	bool suspected;
	bool over;
	/* constant */
	double window[SIZE];
	struct fft *fft;
	uint16_t band_first[BANDS + 1]; /* bins of the transform */
};

struct endpoint_settings endpoint_defaults(void)
{
	return (struct endpoint_settings){
		.silence_ms = 1200,
		.complete_ms = 180,
		.suspect_ms = 80,
		.patience_ms = 5000,
	};
}

struct endpoint_settings endpoint_for_file(void)
{
	struct endpoint_settings settings = endpoint_defaults();

	settings.silence_ms = settings.complete_ms = SILENCE_MAX_MS;
	return settings;
}

static bool within(uint32_t value, uint32_t smallest, uint32_t largest)
{
	return value >= smallest && value <= largest;
}

/* Bands of equal width on the mel scale. */
static void set_bands(struct endpoint *endpoint)
{
	double from = log1p(BAND_FROM_HZ / 700);
	double to = log1p(BAND_TO_HZ / 700);

	for (size_t i = 0; i <= BANDS; i++) {
		double hz = 700 * expm1(from + (to - from) * (double)i / BANDS);
		endpoint->band_first[i] = (uint16_t)lround(hz * SIZE / AUDIO_HZ);
		must(i == 0 || endpoint->band_first[i] > endpoint->band_first[i - 1]);
	}
}

/* Hann's. */
static void set_window(struct endpoint *endpoint)
{
	const double turn = 2 * acos(-1);

	for (size_t i = 0; i < SIZE; i++)
		endpoint->window[i] = 0.5 - 0.5 * cos(turn * ((double)i + 0.5) / SIZE);
}

enum err endpoint_create(struct endpoint_settings settings,
			 struct endpoint **out_endpoint)
{
	if (!within(settings.silence_ms, 200, SILENCE_MAX_MS) ||
	    !within(settings.complete_ms, 100, settings.silence_ms) ||
	    !within(settings.suspect_ms, 40, settings.complete_ms) ||
	    !within(settings.patience_ms, 1000, 10000))
		return ERR_RANGE;
	struct endpoint *made = calloc(1, sizeof(*made));
	if (!made)
		return ERR_MEMORY;
	made->settings = settings;
	if (fft_create(SIZE, &made->fft)) {
		free(made);
		return ERR_MEMORY;
	}
	set_bands(made);
	set_window(made);
	endpoint_reset(made);
	*out_endpoint = made;
	return OK;
}

void endpoint_destroy(struct endpoint *endpoint)
{
	if (!endpoint)
		return;
	fft_destroy(endpoint->fft);
	explicit_bzero(endpoint->before, sizeof(endpoint->before));
	free(endpoint);
}

void endpoint_reset(struct endpoint *endpoint)
{
	memset(endpoint->before, 0, sizeof(endpoint->before));
	endpoint->level = 0;
	endpoint->peak = PEAK_AT_LEAST;
	endpoint->fed = 0;
	endpoint->recent = 0;
	endpoint->run = 0;
	endpoint->voiced = 0;
	endpoint->silent = 0;
	endpoint->last_voiced = 0;
	endpoint->started = false;
	endpoint->suspected = false;
	endpoint->over = false;
}

/* The newest SIZE samples, with the first differences that lift the high bands. */
static void load_samples(struct endpoint *endpoint, const struct audio_frame *frame,
			 struct fft_bin *bins)
{
	int16_t samples[SIZE];
	enum { KEPT = SIZE - AUDIO_FRAME_SAMPLES };

	memcpy(samples, endpoint->before, sizeof(endpoint->before));
	memcpy(samples + KEPT, frame->samples, sizeof(frame->samples));
	memcpy(endpoint->before, samples + AUDIO_FRAME_SAMPLES, sizeof(endpoint->before));
	for (size_t i = 0; i < SIZE; i++) {
		double lifted = i > 0 ? samples[i] - 0.9 * samples[i - 1] : 0;
		bins[i] = (struct fft_bin){(float)(lifted * endpoint->window[i]), 0};
	}
	explicit_bzero(samples, sizeof(samples));
}

/* Decibels per band. */
static void measure(struct endpoint *endpoint, const struct audio_frame *frame,
		    double *bands)
{
	struct fft_bin bins[SIZE];

	load_samples(endpoint, frame, bins);
	fft_forward(endpoint->fft, bins);
	for (size_t i = 0; i < BANDS; i++) {
		double power = 0;
		uint16_t end = endpoint->band_first[i + 1];
		for (size_t k = endpoint->band_first[i]; k < end; k++)
			power += (double)(bins[k].re * bins[k].re +
					  bins[k].im * bins[k].im);
		power /= (double)(end - endpoint->band_first[i]) * SIZE;
		bands[i] = 10 * log10(power + QUIET);
	}
	explicit_bzero(bins, sizeof(bins));
}

/* Follows each band's noise, and returns how far the frame stands out, mean of bands. */
static double stand_out(struct endpoint *endpoint, const double *bands)
{
	bool first = endpoint->learned == 0;
	double sum = 0;

	for (size_t i = 0; i < BANDS; i++) {
		double *noise = &endpoint->noise[i];
		double over = bands[i] - (first ? bands[i] : *noise);
		if (first)
			*noise = bands[i];
		else if (over < 0)
			*noise += NOISE_FALLS * over;
		else if (endpoint->learned < LEARN_FRAMES)
			*noise += over / (endpoint->learned + 1) * 0.5;
		else
			*noise += over < NOISE_RISES ? over : NOISE_RISES;
		sum += over > 0 ? over : 0;
	}
	if (endpoint->learned < LEARN_FRAMES)
		endpoint->learned++;
	return sum / BANDS;
}

static bool is_voiced(struct endpoint *endpoint, const struct audio_frame *frame)
{
	double bands[BANDS];

	measure(endpoint, frame, bands);
	endpoint->level += SMOOTH * (stand_out(endpoint, bands) - endpoint->level);
	endpoint->peak -= PEAK_FALLS;
	if (endpoint->peak < PEAK_AT_LEAST)
		endpoint->peak = PEAK_AT_LEAST;
	if (endpoint->level > endpoint->peak)
		endpoint->peak = endpoint->level;
	return endpoint->level > VOICE_OVER_NOISE &&
	       endpoint->level > endpoint->peak - VOICE_UNDER_PEAK;
}

static uint32_t ms(uint32_t frames)
{
	return frames * AUDIO_FRAME_MS;
}

static bool starts(const struct endpoint *endpoint)
{
	uint32_t bits = endpoint->recent & ((1U << START_OF) - 1);

	return __builtin_popcount(bits) >= START_FRAMES;
}

static uint32_t wanted_silence(const struct endpoint *endpoint, enum endpoint_words words)
{
	const struct endpoint_settings *settings = &endpoint->settings;
	uint32_t more = settings->silence_ms - settings->complete_ms;

	must((unsigned)words < ENDPOINT_WORDS_KINDS);
	return settings->complete_ms + more * PATIENCE_PERCENT[words] / 100;
}

/* A noise of a kitchen can decode as a word that could be an order. */
static bool is_doubted(enum endpoint_words words)
{
	return PATIENCE_PERCENT[words] >= 100;
}

static enum endpoint_event before_start(struct endpoint *endpoint, bool voiced)
{
	if (voiced && starts(endpoint)) {
		endpoint->started = true;
		endpoint->silent = 0;
		endpoint->voiced = START_FRAMES;
		endpoint->last_voiced = endpoint->fed;
		return ENDPOINT_START;
	}
	if (ms(endpoint->fed) >= endpoint->settings.patience_ms) {
		endpoint->over = true;
		return ENDPOINT_NOBODY;
	}
	return ENDPOINT_NOTHING;
}

static enum endpoint_event go_on(struct endpoint *endpoint)
{
	bool suspected = endpoint->suspected;

	endpoint->silent = 0;
	endpoint->voiced++;
	endpoint->last_voiced = endpoint->fed;
	endpoint->suspected = false;
	return suspected ? ENDPOINT_RESUME : ENDPOINT_NOTHING;
}

/* A door, a cup: what was no sentence is forgotten, and waiting goes on. */
static enum endpoint_event forget_noise(struct endpoint *endpoint)
{
	bool suspected = endpoint->suspected;

	endpoint->started = false;
	endpoint->suspected = false;
	endpoint->recent = 0;
	return suspected ? ENDPOINT_RESUME : ENDPOINT_NOTHING;
}

static enum endpoint_event in_silence(struct endpoint *endpoint,
				      enum endpoint_words words)
{
	endpoint->silent++;
	if (ms(endpoint->silent) >= wanted_silence(endpoint, words)) {
		if (is_doubted(words) && endpoint->voiced < VOICED_MIN_FRAMES)
			return forget_noise(endpoint);
		endpoint->over = true;
		return ENDPOINT_END;
	}
	if (!endpoint->suspected &&
	    ms(endpoint->silent) >= endpoint->settings.suspect_ms) {
		endpoint->suspected = true;
		return ENDPOINT_SUSPECT;
	}
	return ENDPOINT_NOTHING;
}

enum endpoint_event endpoint_feed(struct endpoint *endpoint,
				  const struct audio_frame *frame,
				  enum endpoint_words words)
{
	if (endpoint->over)
		return ENDPOINT_NOTHING;
	bool voiced = is_voiced(endpoint, frame);
	endpoint->fed++;
	endpoint->recent = endpoint->recent << 1 | voiced;
	endpoint->run = voiced ? endpoint->run + 1 : 0;
	if (!endpoint->started)
		return before_start(endpoint, voiced);
	if (endpoint->run >= RESUME_FRAMES)
		return go_on(endpoint);
	return in_silence(endpoint, words);
}

uint32_t endpoint_last_voiced_ms(const struct endpoint *endpoint)
{
	return ms(endpoint->last_voiced);
}
