/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convolve - see the header. A block holds CONVOLVE_POINTS - CONVOLVE_TAPS_MAX new
 * samples, so that nothing wraps around.
 */
#include "train/convolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/fft.h"

enum { BLOCK = CONVOLVE_POINTS - CONVOLVE_TAPS_MAX };

struct convolve {
	struct fft *fft;
	struct fft_bin block[CONVOLVE_POINTS];
	struct fft_bin taps[CONVOLVE_POINTS];
	float tail[CONVOLVE_TAPS_MAX];
};

enum err convolve_create(struct convolve **out_convolve)
{
	struct convolve *made = calloc(1, sizeof(*made));
	enum err err = made ? fft_create(CONVOLVE_POINTS, &made->fft) : ERR_MEMORY;

	if (!err) {
		*out_convolve = made;
		made = NULL;
	}
	convolve_destroy(made);
	return err;
}

void convolve_destroy(struct convolve *convolve)
{
	if (!convolve)
		return;
	fft_destroy(convolve->fft);
	explicit_bzero(convolve, sizeof(*convolve));
	free(convolve);
}

static void load(struct fft_bin *to, const float *from, size_t count)
{
	memset(to, 0, CONVOLVE_POINTS * sizeof(*to));
	for (size_t i = 0; i < count; i++)
		to[i].re = from[i];
}

static void multiply(struct fft_bin *to, const struct fft_bin *by)
{
	for (size_t i = 0; i < CONVOLVE_POINTS; i++) {
		const struct fft_bin a = to[i];

		to[i].re = a.re * by[i].re - a.im * by[i].im;
		to[i].im = a.re * by[i].im + a.im * by[i].re;
	}
}

void convolve_run(struct convolve *convolve, const float *taps, size_t count,
		  struct sound *sound)
{
	must(count <= CONVOLVE_TAPS_MAX);
	load(convolve->taps, taps, count);
	fft_forward(convolve->fft, convolve->taps);
	memset(convolve->tail, 0, sizeof(convolve->tail));
	for (size_t at = 0; at < sound->count; at += BLOCK) {
		size_t left = sound->count - at;
		size_t fresh = left < BLOCK ? left : BLOCK;

		load(convolve->block, sound->samples + at, fresh);
		fft_forward(convolve->fft, convolve->block);
		multiply(convolve->block, convolve->taps);
		fft_inverse(convolve->fft, convolve->block);
		for (size_t i = 0; i < fresh; i++)
			sound->samples[at + i] =
				convolve->block[i].re + convolve->tail[i];
		for (size_t i = 0; i < CONVOLVE_TAPS_MAX; i++)
			convolve->tail[i] = convolve->block[BLOCK + i].re;
	}
}
