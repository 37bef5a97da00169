/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gain - a square law, which comes close to how loudness is felt.
 */
#include "adapter/gain.h"

#include "base/must.h"

void gain_copy(int16_t *to, struct audio_span from, int percent)
{
	const int32_t factor = percent * percent;

	must(percent >= 0 && percent <= 100);
	for (size_t i = 0; i < from.count; i++)
		to[i] = (int16_t)(from.samples[i] * factor / 10000);
}
