/* SPDX-License-Identifier: Apache-2.0 */
/*
 * half - see the header.
 */
#include "base/half.h"

#include <math.h>
#include <string.h>

enum { HALF_INFINITE = 0x7C00 };

static uint32_t bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static float of_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

uint16_t half_of(float value)
{
	const uint32_t bits = bits_of(value);
	const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
	const float size = fabsf(value);

	if (!(size < 65520.0F)) /* also not a number */
		return (uint16_t)(sign | HALF_INFINITE);
	if (size < 0x1p-14F) /* below the smallest normal one: steps of 2^-24 */
		return (uint16_t)(sign | (uint16_t)rintf(size * 0x1p24F));
	/* Adding half of what is cut off, and a little less where that is even, rounds. */
	const uint32_t kept = (bits & 0x7FFFFFFF) - ((uint32_t)(127 - 15) << 23);
	return (uint16_t)(sign | (uint16_t)((kept + 0xFFF + (kept >> 13 & 1)) >> 13));
}

float half_to_float(uint16_t half)
{
	const uint32_t exponent = half >> 10 & 31;
	const uint32_t fraction = half & 0x3FF;
	const float sign = half & 0x8000 ? -1.0F : 1.0F;

	if (exponent == 31)
		return fraction ? NAN : sign * INFINITY;
	if (exponent == 0)
		return sign * (float)fraction * 0x1p-24F;
	return sign * of_bits((exponent + (127 - 15)) << 23 | fraction << 13);
}

float half_round(float value)
{
	return half_to_float(half_of(value));
}

bool half_put(struct pack *pack, const float *values, size_t count, size_t *out_at)
{
	for (size_t i = 0; i < count; i++) {
		const uint16_t half = half_of(values[i]);

		if ((half & HALF_INFINITE) == HALF_INFINITE) {
			*out_at = i;
			return false;
		}
		pack_u8(pack, (uint8_t)(half >> 8));
		pack_u8(pack, (uint8_t)half);
	}
	return true;
}

bool half_take(struct unpack *unpack, float *out_values, size_t count, size_t *out_at)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned high = unpack_u8(unpack);
		const unsigned low = unpack_u8(unpack);

		out_values[i] = half_to_float((uint16_t)(high << 8 | low));
		if (!isfinite(out_values[i])) {
			*out_at = i;
			return false;
		}
	}
	return true;
}
