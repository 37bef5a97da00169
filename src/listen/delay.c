/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delay - see the header.
 *
 * A window of what was heard, 300 ms old, is correlated with four pieces of what left, one
 * for each quarter of the lags. Two pieces share a transform, as real and imaginary part.
 *
 * Invariants: `heard` and `left` hold the newest samples in order, `filled` of them at
 * their ends; `sum` is indexed by lag + DELAY_EARLY_MAX.
 */
#include "listen/delay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/fft.h"
#include "listen/locked.h"

enum {
	WINDOW = 4096,
	SPECTRUM = 2 * WINDOW,
	PIECES = 4,
	LAGS = PIECES * WINDOW,
	HEARD = WINDOW + DELAY_EARLY_MAX,
	LEFT = HEARD + DELAY_LATE_MAX - 1,
	LOW_BIN = SPECTRUM / 80,     /* 200 Hz */
	HIGH_BIN = SPECTRUM * 3 / 8, /* 6 kHz */
	FEW_STEPS = 2,
	AROUND = 2048, /* lags to both sides of the peak that say what chance does */
	CORE = 64,     /* of them those that belong to the peak */
};

_Static_assert(DELAY_EARLY_MAX + DELAY_LATE_MAX == LAGS, "the pieces cover all lags");

static const double KEEP = 0.8;          /* of the sum, per step */
static const double KNOWN = 11.0;        /* deviations: found */
static const double LOST = 7.0;          /* no longer */
static const double QUIET = 20.0 * 20.0; /* mean square: nothing worth a look left */

struct delay {
	struct fft *fft;
	struct delay_found found;
	unsigned steps; /* in the sum */
	unsigned frames;
	size_t filled;
	int16_t heard[HEARD];
	int16_t left[LEFT];
	struct fft_bin window[SPECTRUM];
	struct fft_bin piece[SPECTRUM];
	struct fft_bin result[SPECTRUM];
	float sum[LAGS];
};

enum err delay_create(struct delay **out_delay)
{
	void *memory = NULL;
	struct delay *made = NULL;
	enum err err = locked_take(sizeof(*made), &memory);

	if (err)
		return err;
	made = memory;
	err = fft_create(SPECTRUM, &made->fft);
	if (err) {
		locked_free(made, sizeof(*made));
		return err;
	}
	*out_delay = made;
	return OK;
}

void delay_destroy(struct delay *delay)
{
	if (!delay)
		return;
	fft_destroy(delay->fft);
	locked_free(delay, sizeof(*delay));
}

void delay_reset(struct delay *delay)
{
	struct fft *fft = delay->fft;

	explicit_bzero(delay, sizeof(*delay));
	delay->fft = fft;
}

struct delay_found delay_get(const struct delay *delay)
{
	return delay->found;
}

/* ---- one step ---- */

static double power(const int16_t *samples, size_t count)
{
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * samples[i];
	return sum / (double)count;
}

/* Only phases, and only where voices and small loudspeakers are. */
static void whiten(struct fft_bin *bins)
{
	for (size_t k = 0; k < SPECTRUM; k++) {
		const size_t mirrored = k <= SPECTRUM / 2 ? k : SPECTRUM - k;
		const float size =
			sqrtf(bins[k].re * bins[k].re + bins[k].im * bins[k].im);
		const bool used =
			mirrored >= LOW_BIN && mirrored < HIGH_BIN && size > 1.0F;

		bins[k].re = used ? bins[k].re / size : 0.0F;
		bins[k].im = used ? bins[k].im / size : 0.0F;
	}
}

static void load_window(struct delay *delay)
{
	static const float PI = 3.14159265F;

	memset(delay->window, 0, sizeof(delay->window));
	for (size_t i = 0; i < WINDOW; i++) {
		const float hann = 0.5F - 0.5F * cosf(2.0F * PI * (float)i / WINDOW);

		delay->window[i].re = hann * (float)delay->heard[i];
	}
	fft_forward(delay->fft, delay->window);
	whiten(delay->window);
}

/* The piece for lags first..first + WINDOW - 1, backwards: its m-th correlation is that of
 * lag first + WINDOW - 1 - m. False: nothing in it. */
static bool load_piece(struct delay *delay, int first, struct fft_bin *to)
{
	const size_t start = (size_t)(DELAY_LATE_MAX - first - WINDOW);

	must(start + SPECTRUM - 1 <= LEFT);
	if (power(delay->left + start, SPECTRUM - 1) < QUIET)
		return false;
	memset(to, 0, SPECTRUM * sizeof(*to));
	for (size_t i = 0; i < SPECTRUM - 1; i++)
		to[i].re = delay->left[start + i];
	fft_forward(delay->fft, to);
	whiten(to);
	return true;
}

static bool correlate_piece(struct delay *delay, int first)
{
	if (!load_piece(delay, first, delay->piece))
		return false;
	for (size_t k = 0; k < SPECTRUM; k++) {
		const struct fft_bin a = delay->window[k];
		const struct fft_bin b = delay->piece[k];

		delay->result[k] = (struct fft_bin){a.re * b.re + a.im * b.im,
						    a.re * b.im - a.im * b.re};
	}
	fft_inverse(delay->fft, delay->result);
	for (int m = 0; m < WINDOW; m++)
		delay->sum[first + WINDOW - 1 - m + DELAY_EARLY_MAX] +=
			delay->result[m].re;
	return true;
}

static size_t peak_of(const float *sum)
{
	size_t best = 0;

	for (size_t i = 0; i < LAGS; i++) {
		if (fabsf(sum[i]) > fabsf(sum[best]))
			best = i;
	}
	return best;
}

/* Of the lags around, because not all lags may have been looked at equally often. */
static double deviation_around(const float *sum, size_t best)
{
	const size_t first = best > AROUND ? best - AROUND : 0;
	const size_t end = best + AROUND < LAGS ? best + AROUND : LAGS;
	double square = 0.0;
	size_t count = 0;

	for (size_t i = first; i < end; i++) {
		if (i + CORE > best && i < best + CORE)
			continue;
		square += (double)sum[i] * sum[i];
		count++;
	}
	return sqrt(square / (double)count);
}

static void judge(struct delay *delay)
{
	const size_t best = peak_of(delay->sum);
	const double deviation = deviation_around(delay->sum, best);
	struct delay_found *found = &delay->found;

	found->strength =
		deviation > 0.0 ? fabs((double)delay->sum[best]) / deviation : 0.0;
	found->known = delay->steps >= FEW_STEPS &&
		       found->strength > (found->known ? LOST : KNOWN);
	if (found->known)
		found->samples = (int)best - DELAY_EARLY_MAX;
}

static bool look(struct delay *delay)
{
	bool any = false;

	if (power(delay->left, LEFT) < QUIET / 4 || power(delay->heard, WINDOW) < 1.0)
		return false;
	load_window(delay);
	for (size_t i = 0; i < LAGS; i++)
		delay->sum[i] *= (float)KEEP;
	for (int piece = 0; piece < PIECES; piece++)
		any = correlate_piece(delay, piece * WINDOW - DELAY_EARLY_MAX) || any;
	if (!any)
		return false;
	delay->steps++;
	judge(delay);
	return true;
}

bool delay_feed(struct delay *delay, const struct audio_frame *heard,
		const struct audio_frame *left)
{
	const size_t n = AUDIO_FRAME_SAMPLES;

	memmove(delay->heard, delay->heard + n, (HEARD - n) * sizeof(int16_t));
	memmove(delay->left, delay->left + n, (LEFT - n) * sizeof(int16_t));
	memcpy(delay->heard + HEARD - n, heard->samples, n * sizeof(int16_t));
	memcpy(delay->left + LEFT - n, left->samples, n * sizeof(int16_t));
	delay->filled = delay->filled + n < HEARD ? delay->filled + n : HEARD;
	if (++delay->frames < DELAY_STEP_FRAMES || delay->filled < HEARD)
		return false;
	delay->frames = 0;
	return look(delay);
}
