/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_voice - see the header.
 *
 * A level is the cube root of a band's power, which weighs loud and soft about as the ear
 * does. Each band's mean is taken off both courses before they are compared.
 *
 * Invariant: row `newest` of both tables is the newest; all rows are there from the start,
 * silent.
 */
#include "listen/own_voice.h"

#include <math.h>
#include <string.h>

#include "base/must.h"
#include "listen/fft.h"
#include "listen/locked.h"

enum {
	SPECTRUM = 512,
	BANDS = 16,
	ROWS = OWN_VOICE_KEPT_MS / AUDIO_FRAME_MS,
	LATE_ROWS = OWN_VOICE_LATE_MS / AUDIO_FRAME_MS,
};

static const double PI = 3.14159265358979323846;
static const double SILENCE = 1.0; /* variance of levels: nothing was said */

/* Equal steps of the mel scale from 200 to 6000 Hz, in bins of 31.25 Hz. */
static const size_t EDGES[BANDS + 1] = {6,  9,  13, 17, 21,  26,  32,  39, 47,
					56, 66, 78, 92, 107, 125, 146, 170};

/* Ours when as like us as that, and no more left of it; docs/why/echo.md. People are heard
 * down to 10 dB below our own sound. */
static const struct {
	double likeness;
	double left_db;
} RULES[] = {{0.53, 100.0}, {0.42, -11.0}, {0.0, -16.0}};

struct levels {
	float band[BANDS];
};

struct powers {
	float heard;
	float rest;
};

struct own_voice {
	struct fft *fft;
	size_t newest;
	float hann[AUDIO_FRAME_SAMPLES];
	struct fft_bin work[SPECTRUM];
	struct levels rest[ROWS];
	struct levels left[ROWS];
	struct powers powers[ROWS];
};

enum err own_voice_create(struct own_voice **out_own)
{
	void *memory = NULL;
	struct own_voice *made = NULL;
	enum err err = locked_take(sizeof(*made), &memory);

	if (err)
		return err;
	made = memory;
	err = fft_create(SPECTRUM, &made->fft);
	if (err) {
		locked_free(made, sizeof(*made));
		return err;
	}
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		made->hann[i] = (float)(0.5 - 0.5 * cos(2.0 * PI * ((double)i + 0.5) /
							AUDIO_FRAME_SAMPLES));
	*out_own = made;
	return OK;
}

void own_voice_destroy(struct own_voice *own)
{
	if (!own)
		return;
	fft_destroy(own->fft);
	locked_free(own, sizeof(*own));
}

void own_voice_reset(struct own_voice *own)
{
	explicit_bzero(own->rest, sizeof(own->rest));
	explicit_bzero(own->left, sizeof(own->left));
	explicit_bzero(own->powers, sizeof(own->powers));
	explicit_bzero(own->work, sizeof(own->work));
}

/* ---- levels ---- */

/* Both in one transform: rest is its real part, left its imaginary one. */
static void add_powers(const struct fft_bin *bins, size_t k, double *rest, double *left)
{
	const struct fft_bin a = bins[k];
	const struct fft_bin b = bins[SPECTRUM - k];
	const double re = ((double)a.re + b.re) / 2;
	const double im = ((double)a.im - b.im) / 2;
	const double left_re = ((double)a.im + b.im) / 2;
	const double left_im = ((double)b.re - a.re) / 2;

	*rest += re * re + im * im;
	*left += left_re * left_re + left_im * left_im;
}

/* Of the sound with its low tones weakened, in which rooms hum and nobody speaks. */
static float power_of(const struct audio_frame *frame)
{
	float sum = 0.0F;

	for (size_t i = 1; i < AUDIO_FRAME_SAMPLES; i++) {
		const float x =
			(float)frame->samples[i] - 0.9F * (float)frame->samples[i - 1];

		sum += x * x;
	}
	return sum;
}

void own_voice_feed(struct own_voice *own, const struct audio_frame *heard,
		    const struct audio_frame *rest, const struct audio_frame *left)
{
	memset(own->work, 0, sizeof(own->work));
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		own->work[i] = (struct fft_bin){own->hann[i] * (float)rest->samples[i],
						own->hann[i] * (float)left->samples[i]};
	fft_forward(own->fft, own->work);
	own->newest = (own->newest + 1) % ROWS;
	own->powers[own->newest] = (struct powers){power_of(heard), power_of(rest)};
	for (size_t b = 0; b < BANDS; b++) {
		double of_rest = 0.0;
		double of_left = 0.0;

		for (size_t k = EDGES[b]; k < EDGES[b + 1]; k++)
			add_powers(own->work, k, &of_rest, &of_left);
		own->rest[own->newest].band[b] = (float)cbrt(of_rest);
		own->left[own->newest].band[b] = (float)cbrt(of_left);
	}
}

/* ---- likeness ---- */

struct sums {
	double both;
	double rest;
	double left;
};

static const struct levels *row(const struct own_voice *own, const struct levels *table,
				size_t age)
{
	must(age < ROWS);
	return &table[(own->newest + ROWS - age) % ROWS];
}

/* Adds one band's covariance and variances over `rows` rows, heard `late` rows later. */
static void add_band(const struct own_voice *own, size_t band, size_t rows, size_t late,
		     struct sums *sums)
{
	double x = 0.0;
	double y = 0.0;
	double xx = 0.0;
	double yy = 0.0;
	double xy = 0.0;

	for (size_t i = 0; i < rows; i++) {
		const double heard = (double)row(own, own->rest, i)->band[band];
		const double left = (double)row(own, own->left, i + late)->band[band];

		x += heard;
		y += left;
		xx += heard * heard;
		yy += left * left;
		xy += heard * left;
	}
	sums->both += xy - x * y / (double)rows;
	sums->rest += xx - x * x / (double)rows;
	sums->left += yy - y * y / (double)rows;
}

static double likeness_at(const struct own_voice *own, size_t rows, size_t late)
{
	struct sums sums = {0};

	for (size_t band = 0; band < BANDS; band++)
		add_band(own, band, rows, late, &sums);
	if (sums.rest < SILENCE * (double)rows || sums.left < SILENCE * (double)rows)
		return 0.0;
	return sums.both / sqrt(sums.rest * sums.left);
}

static double left_db(const struct own_voice *own, size_t rows)
{
	double heard = 1.0;
	double rest = 1.0;

	for (size_t i = 0; i < rows; i++) {
		const struct powers *at = &own->powers[(own->newest + ROWS - i) % ROWS];

		heard += (double)at->heard;
		rest += (double)at->rest;
	}
	return 10.0 * log10(rest / heard);
}

struct own_voice_match own_voice_match(const struct own_voice *own, uint32_t span_ms)
{
	size_t rows =
		(span_ms > OWN_VOICE_SPAN_MIN_MS ? span_ms : OWN_VOICE_SPAN_MIN_MS) /
		AUDIO_FRAME_MS;
	struct own_voice_match match = {0};

	if (rows > ROWS - LATE_ROWS)
		rows = ROWS - LATE_ROWS;
	for (size_t late = 0; late < LATE_ROWS; late++)
		match.likeness = fmax(match.likeness, likeness_at(own, rows, late));
	match.left_db = left_db(own, rows);
	for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++)
		match.ours = match.ours || (match.likeness >= RULES[i].likeness &&
					    match.left_db <= RULES[i].left_db);
	return match;
}
