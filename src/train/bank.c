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
#include "base/half.h"
#include "base/must.h"
#include "base/pack.h"

static const char MAGIC[8] = {'B', 'H', 'S', 'T', 'B', 'A', 'N', 'K'};

enum {
	HEADER_BYTES = sizeof(MAGIC) + 8,
	CHECKSUM_BYTES = 4,
};

static const float HALF_LARGEST = 65504;

enum err bank_encode(const float *windows, size_t count, struct buf *to)
{
	size_t numbers = count * HEAD_INPUTS;
	size_t size = HEADER_BYTES + numbers * HALF_BYTES + CHECKSUM_BYTES;
	uint8_t *bytes = malloc(size);
	struct pack pack;
	size_t at;
	enum err err;

	must(count <= BANK_WINDOWS_MAX);
	if (!bytes)
		return ERR_MEMORY;
	pack_init(&pack, bytes, size);
	pack_bytes(&pack, MAGIC, sizeof(MAGIC));
	pack_u32(&pack, BANK_VERSION);
	pack_u32(&pack, (uint32_t)count);
	for (size_t i = 0; i < numbers; i++) {
		float value = fmaxf(fminf(windows[i], HALF_LARGEST), -HALF_LARGEST);

		must(half_put(&pack, &value, 1, &at));
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
	const size_t from = unpack->at;
	size_t at;

	if (!half_take(unpack, to, numbers, &at))
		return err_say(ERR_FORMAT, note, "%s: byte %zu: not a finite number",
			       name, from + at * HALF_BYTES);
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
