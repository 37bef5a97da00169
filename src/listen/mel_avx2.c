/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mel_avx2 - the transform of mel_lanes.h with AVX2 and FMA: all 8 frames in one register.
 * Asked for only where kernel_avx2 is (kernel.h: wide).
 */
#if defined(__x86_64__)
#define MEL_TARGET __attribute__((target("avx2,fma")))
#endif
#include "listen/mel_lanes.h"

MEL_TARGET void mel_spectrum_avx2(const struct mel *mel,
				  const int16_t samples[MEL_SAMPLES],
				  struct mel_work *work)
{
	find_spectrum(mel, samples, work);
}
