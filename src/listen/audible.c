/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audible - see the header.
 *
 * Both sounds are kept for a moment, so that what was heard before the delay was known is
 * counted too. One transform carries both: what was heard as its real part, what left as
 * its imaginary part.
 *
 * Invariants: the newest sample fed has number total - 1 and lies at the end of both
 * stretches; every window before `next` has been counted or can no longer be.
 */
#include "listen/audible.h"

#include <math.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "listen/delay.h"
#include "listen/fft.h"
#include "listen/locked.h"

enum {
	WINDOW = 2048, /* 128 ms */
	HOP = WINDOW / 2,
	HEARD = 16384,
	LEFT = HEARD + DELAY_LATE_MAX + WINDOW,
	AHEAD = 32, /* samples: the direct sound comes so late in a window's response */
	WINDOWS_MIN = 6,
};

static const double PI = 3.14159265358979323846;
static const double OVERLAP = 1.4;       /* windows that overlap by half count as fewer */
static const double QUIET = 20.0 * 20.0; /* mean square of what is no voice */
static const double PAUSE = 1e-3; /* of the loudest window: a pause between words */
static const double PROVED_LEVEL_DB = -8.0;
static const double PROVED_CORRELATION = 0.3;
static const double BAND_LIMIT_DB = 15.0;

/* Thirds of an octave, from 447 Hz to 4467 Hz, in bins. */
static const size_t EDGES[] = {57, 72, 91, 114, 144, 181, 228, 287, 361, 454, 572};

enum { BANDS = STR_COUNT(EDGES) - 1, FIRST = 57, BINS = 572 - 57 };

struct audible {
	struct delay *delay;
	struct fft *fft;
	int64_t total; /* samples fed */
	int64_t next;  /* first sample of the next window */
	unsigned windows;
	double loudest;
	int16_t heard[HEARD];
	int16_t left[LEFT];
	float hann[WINDOW];
	struct fft_bin work[WINDOW];
	float heard_power[BINS];
	float left_power[BINS];
	struct fft_bin cross[BINS];
};

static void make_hann(struct audible *audible)
{
	for (size_t i = 0; i < WINDOW; i++)
		audible->hann[i] =
			(float)(0.5 - 0.5 * cos(2.0 * PI * (double)i / WINDOW));
}

enum err audible_create(struct audible **out_audible)
{
	void *memory = NULL;
	struct audible *made = NULL;
	enum err err = locked_take(sizeof(*made), &memory);

	if (err)
		return err;
	made = memory;
	err = delay_create(&made->delay);
	if (!err)
		err = fft_create(WINDOW, &made->fft);
	if (err) {
		audible_destroy(made);
		return err;
	}
	make_hann(made);
	*out_audible = made;
	return OK;
}

void audible_destroy(struct audible *audible)
{
	if (!audible)
		return;
	delay_destroy(audible->delay);
	fft_destroy(audible->fft);
	locked_free(audible, sizeof(*audible));
}

void audible_begin(struct audible *audible)
{
	struct delay *delay = audible->delay;
	struct fft *fft = audible->fft;

	explicit_bzero(audible, sizeof(*audible));
	audible->delay = delay;
	audible->fft = fft;
	delay_reset(delay);
	make_hann(audible);
}

/* ---- one window ---- */

/* False: in this window nobody of us spoke. */
static bool load(struct audible *audible, int64_t at, int64_t left_at)
{
	const int16_t *heard = audible->heard + (at - (audible->total - HEARD));
	const int16_t *left = audible->left + (left_at - (audible->total - LEFT));
	double power = 0.0;

	for (size_t i = 0; i < WINDOW; i++) {
		audible->work[i].re = audible->hann[i] * (float)heard[i];
		audible->work[i].im = audible->hann[i] * (float)left[i];
		power += (double)left[i] * left[i] / WINDOW;
	}
	if (power > audible->loudest)
		audible->loudest = power;
	return power > QUIET && power > audible->loudest * PAUSE;
}

static void count_bin(struct audible *audible, size_t k)
{
	const struct fft_bin a = audible->work[k];
	const struct fft_bin b = audible->work[WINDOW - k];
	const struct fft_bin heard = {(a.re + b.re) / 2, (a.im - b.im) / 2};
	const struct fft_bin left = {(a.im + b.im) / 2, (b.re - a.re) / 2};
	const size_t i = k - FIRST;

	audible->heard_power[i] += heard.re * heard.re + heard.im * heard.im;
	audible->left_power[i] += left.re * left.re + left.im * left.im;
	audible->cross[i].re += heard.re * left.re + heard.im * left.im;
	audible->cross[i].im += heard.im * left.re - heard.re * left.im;
}

static void count_window(struct audible *audible, int64_t left_at)
{
	if (!load(audible, audible->next, left_at))
		return;
	fft_forward(audible->fft, audible->work);
	for (size_t k = FIRST; k < FIRST + BINS; k++)
		count_bin(audible, k);
	audible->windows++;
}

/* Every window of which both sounds are here. */
static void count_windows(struct audible *audible, int lag)
{
	if (audible->next < audible->total - HEARD)
		audible->next = audible->total - HEARD;
	for (;;) {
		const int64_t left_at = audible->next - lag + AHEAD;

		if (audible->next + WINDOW > audible->total ||
		    left_at + WINDOW > audible->total)
			break;
		if (audible->next >= 0 && left_at >= audible->total - LEFT)
			count_window(audible, left_at);
		audible->next += HOP;
	}
}

static void keep(int16_t *stretch, size_t count, const struct audio_frame *frame)
{
	const size_t rest = count - AUDIO_FRAME_SAMPLES;

	memmove(stretch, stretch + AUDIO_FRAME_SAMPLES, rest * sizeof(*stretch));
	memcpy(stretch + rest, frame->samples, sizeof(frame->samples));
}

void audible_feed(struct audible *audible, const struct audio_frame *heard,
		  const struct audio_frame *left)
{
	struct delay_found found;

	keep(audible->heard, HEARD, heard);
	keep(audible->left, LEFT, left);
	audible->total += AUDIO_FRAME_SAMPLES;
	if (!delay_feed(audible->delay, heard, left))
		return;
	found = delay_get(audible->delay);
	if (found.known)
		count_windows(audible, found.samples);
}

/* Windows overlap by half: the last half of the prompt's last window has been counted with
 * the one before. */
bool audible_is_complete(struct audible *audible, size_t quiet_samples)
{
	const struct delay_found found = delay_get(audible->delay);
	const int64_t end = audible->total - (int64_t)quiet_samples;

	if (!found.known)
		return false;
	count_windows(audible, found.samples);
	return audible->next - found.samples + AHEAD >= end - HOP;
}

/* ---- what came of it ---- */

static double band_share(const struct audible *audible, size_t band)
{
	const double chance = OVERLAP / audible->windows;
	double heard = 0.0;
	double ours = 0.0;

	for (size_t i = EDGES[band] - FIRST; i < EDGES[band + 1] - FIRST; i++) {
		const struct fft_bin c = audible->cross[i];

		heard += (double)audible->heard_power[i];
		if (audible->left_power[i] > 0.0F)
			ours += ((double)c.re * c.re + (double)c.im * c.im) /
				(double)audible->left_power[i];
	}
	if (heard <= 0.0 || chance >= 1.0)
		return 0.0;
	/* Windows that have nothing in common still look alike by chance. */
	return fmax(0.0, (ours / heard - chance) / (1.0 - chance));
}

static double ratio_db(double share)
{
	const double db = 10.0 * log10(fmax(share, 1e-6) / fmax(1.0 - share, 1e-6));

	return fmin(fmax(db, -BAND_LIMIT_DB), BAND_LIMIT_DB);
}

struct audible_measured audible_result(const struct audible *audible)
{
	struct audible_measured measured = {.level_db = -BAND_LIMIT_DB};
	const struct delay_found found = delay_get(audible->delay);
	double shares = 0.0;
	double level_db = 0.0;

	measured.seconds = (double)audible->windows * HOP / AUDIO_HZ;
	measured.found = found.known;
	measured.delay_samples = found.samples;
	if (audible->windows < WINDOWS_MIN)
		return measured;
	for (size_t band = 0; band < BANDS; band++) {
		const double share = band_share(audible, band);

		shares += share / BANDS;
		level_db += ratio_db(share) / BANDS;
	}
	measured.correlation = sqrt(shares);
	measured.level_db = level_db;
	measured.heard = measured.level_db >= PROVED_LEVEL_DB &&
			 measured.correlation >= PROVED_CORRELATION;
	return measured;
}
