/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mel - the log-mel front: 8 frames of 32 bands out of 1760 samples.
 *
 * Equal to the network melspectrogram.onnx on the same samples: a windowed Fourier
 * transform, band energies in dB, held within 80 dB of the loudest of these 8 x 32, then
 * x / 10 + 2 as the embedding expects it. Any thread.
 */
#ifndef LISTEN_MEL_H
#define LISTEN_MEL_H

#include <stdbool.h>
#include <stdint.h>

#include "listen/embedding_file.h"

enum {
	MEL_FRAMES = EMBEDDING_STEP_ROWS,
	MEL_STEP_SAMPLES = MEL_FRAMES * MEL_HOP,
	MEL_PAST_SAMPLES = 480, /* before the step; the last 128 are not reached */
	MEL_SAMPLES = MEL_PAST_SAMPLES + MEL_STEP_SAMPLES,
};

/* One number of each of the 8 frames. */
typedef float mel_lanes __attribute__((vector_size(sizeof(float) * MEL_FRAMES)));

/* What the transform is made with; made once, then only read. */
struct mel {
	float window[MEL_WINDOW];
	float cosines[MEL_WINDOW / 2]; /* of -2 pi i / MEL_WINDOW */
	float sines[MEL_WINDOW / 2];
	uint8_t order[MEL_WINDOW / 2]; /* bits in reverse */
	uint16_t first[MEL_BANDS];     /* a band's first bin ... */
	uint16_t count[MEL_BANDS];     /* ... and how many it has */
	float bands[MEL_BANDS * MEL_BINS];
};

/* Room that one transform works in. */
struct mel_work {
	mel_lanes real[MEL_WINDOW / 2];
	mel_lanes imaginary[MEL_WINDOW / 2];
	mel_lanes power[MEL_BINS];
};

void mel_init(struct mel *mel, const struct embedding_file *file);

/* Writes frame f to out_rows + f * row_step. Finite for any samples. wide: this machine
 * has AVX2 and FMA. */
void mel_run(const struct mel *mel, bool wide, const int16_t samples[MEL_SAMPLES],
	     struct mel_work *work, float *out_rows, size_t row_step);

/* A part of mel_run: fills the work's power. */
void mel_spectrum_avx2(const struct mel *mel, const int16_t samples[MEL_SAMPLES],
		       struct mel_work *work);

#endif
