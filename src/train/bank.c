/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bank - see the header. The bytes are not trusted: the size is checked before memory is
 * taken, and no number that is not finite gets through.
 */
#include "train/bank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/must.h"
#include "base/pack.h"

static const char MAGIC[8] = {'B', 'H', 'S', 'T', 'B', 'A', 'N', 'K'};

enum {
	HEADER_BYTES = sizeof(MAGIC) + 8,
	CHECKSUM_BYTES = 4,
	HALF_BYTES = 2,
	HALF_INFINITE = 31,
	HALF_BIAS = 15,
	FRACTION_BITS = 10,
};

/* To the nearest; what is too small is 0, what is too large the largest. */
static uint16_t half_of(float value)
{
	int exponent;
	float fraction = frexpf(fabsf(value), &exponent); /* 0.5 <= fraction < 1 */
	unsigned sign = signbit(value) ? 0x8000 : 0;
	unsigned rounded = (unsigned)lrintf(ldexpf(fraction, FRACTION_BITS + 1));

	if (!(fabsf(value) > 0x1p-14F))
		return (uint16_t)sign;
	if (rounded >> (FRACTION_BITS + 1)) {
		rounded >>= 1;
		exponent++;
	}
	if (exponent - 1 + HALF_BIAS >= HALF_INFINITE)
		return (uint16_t)(sign | 0x7bff);
	return (uint16_t)(sign | (unsigned)(exponent - 1 + HALF_BIAS) << FRACTION_BITS |
			  (rounded & 0x3ff));
}

static float float_of(unsigned half)
{
	int exponent = (int)(half >> FRACTION_BITS & 31);
	float fraction = (float)(half & 0x3ff);
	float size =
		exponent ? ldexpf(fraction + 1024, exponent - HALF_BIAS - FRACTION_BITS)
			 : ldexpf(fraction, 1 - HALF_BIAS - FRACTION_BITS);

	if (exponent == HALF_INFINITE)
		return INFINITY;
	return half & 0x8000 ? -size : size;
}

enum err bank_encode(const float *windows, size_t count, struct buf *to)
{
	size_t numbers = count * HEAD_INPUTS;
	size_t size = HEADER_BYTES + numbers * HALF_BYTES + CHECKSUM_BYTES;
	uint8_t *bytes = malloc(size);
	struct pack pack;
	enum err err;

	must(count <= BANK_WINDOWS_MAX);
	if (!bytes)
		return ERR_MEMORY;
	pack_init(&pack, bytes, size);
	pack_bytes(&pack, MAGIC, sizeof(MAGIC));
	pack_u32(&pack, BANK_VERSION);
	pack_u32(&pack, (uint32_t)count);
	for (size_t i = 0; i < numbers; i++) {
		uint16_t half = half_of(windows[i]);

		pack_u8(&pack, (uint8_t)(half >> 8));
		pack_u8(&pack, (uint8_t)half);
	}
	pack_u32(&pack, crc32_of(bytes, pack.size));
	must(pack_is_whole(&pack));
	err = buf_add(to, bytes, pack.size);
	free(bytes);
	return err;
}

static enum err take_numbers(const char *name, struct unpack *unpack, size_t numbers,
			     float *to, struct err_note *note)
{
	for (size_t i = 0; i < numbers; i++) {
		unsigned high = unpack_u8(unpack);

		to[i] = float_of(high << 8 | unpack_u8(unpack));
		if (!isfinite(to[i]))
			return err_say(ERR_FORMAT, note,
				       "%s: byte %zu: not a finite number", name,
				       unpack->at - HALF_BYTES);
	}
	return OK;
}

enum err bank_decode(const char *name, const struct buf *bytes, float **out_windows,
		     size_t *out_count, struct err_note *note)
{
	char magic[sizeof(MAGIC)];
	struct unpack unpack;
	uint32_t version;
	uint32_t count;
	float *windows;
	enum err err;

	unpack_init(&unpack, bytes->bytes, bytes->size);
	unpack_bytes(&unpack, magic, sizeof(magic));
	version = unpack_u32(&unpack);
	count = unpack_u32(&unpack);
	if (unpack.overrun || memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return err_say(ERR_FORMAT, note,
			       "%s: byte 0: not a file of windows; expected BHSTBANK",
			       name);
	if (version != BANK_VERSION || count == 0 || count > BANK_WINDOWS_MAX ||
	    unpack_left(&unpack) !=
		    (size_t)count * HEAD_INPUTS * HALF_BYTES + CHECKSUM_BYTES)
		return err_say(ERR_FORMAT, note,
			       "%s: cut short or of another version; expected version %d",
			       name, BANK_VERSION);
	if (crc32_of(bytes->bytes, bytes->size - CHECKSUM_BYTES) !=
	    ((uint32_t)bytes->bytes[bytes->size - 4] << 24 |
	     (uint32_t)bytes->bytes[bytes->size - 3] << 16 |
	     (uint32_t)bytes->bytes[bytes->size - 2] << 8 |
	     bytes->bytes[bytes->size - 1]))
		return err_say(ERR_FORMAT, note,
			       "%s: the checksum is wrong: the file is damaged", name);
	windows = calloc((size_t)count * HEAD_INPUTS, sizeof(*windows));
	if (!windows)
		return ERR_MEMORY;
	err = take_numbers(name, &unpack, (size_t)count * HEAD_INPUTS, windows, note);
	if (err) {
		free(windows);
		return err;
	}
	*out_windows = windows;
	*out_count = count;
	return OK;
}
