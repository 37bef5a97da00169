/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head_file - encodes and decodes heads.
 *
 * The bytes are not trusted: sizes are checked against the file's length before anything
 * is allocated, and no number that is not finite gets through. Does not touch the disk.
 */
#include "listen/head_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/half.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

static const char MAGIC[8] = {'B', 'H', 'S', 'T', 'H', 'E', 'A', 'D'};

enum {
	CHECKSUM_BYTES = 4,
	NAME_MS_MIN = 100,
	NAME_MS_MAX = 2000,
};

static const float SCORE_MAX = 1000.0F; /* of a threshold */

size_t head_file_net_size(uint32_t hidden)
{
	must(hidden > 0 && hidden <= HEAD_HIDDEN_MAX);
	return (size_t)HEAD_INPUTS * hidden + hidden + (size_t)hidden * hidden + hidden +
	       hidden + 1;
}

/* ---- numbers ---- */

static uint32_t float_bits(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static float float_of(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* ---- what may be in one ---- */

bool head_file_name_is_right(const char *name)
{
	static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789'-";
	const char *at = name;

	if (strlen(name) >= HEAD_NAME_BYTES)
		return false;
	for (;;) {
		const size_t length = strspn(at, LETTERS);

		if (length == 0)
			return false;
		if (at[length] == '\0')
			return true;
		if (at[length] != ' ')
			return false;
		at += length + 1;
	}
}

static const char *info_complaint(const struct head_info *info)
{
	if (!head_file_name_is_right(info->name))
		return "the name: expected lower-case words with one space between";
	if (info->nets < 1 || info->nets > HEAD_NETS_MAX)
		return "the number of nets: expected 1 to 8";
	if (info->hidden < 1 || info->hidden > HEAD_HIDDEN_MAX)
		return "the width of the nets: expected 1 to 128";
	if (info->smooth < 1 || info->smooth > HEAD_SMOOTH_MAX)
		return "the smoothing: expected 1 to 8 steps";
	if (info->name_ms < NAME_MS_MIN || info->name_ms > NAME_MS_MAX)
		return "the length of the name: expected 100 to 2000 ms";
	if (!(fabsf(info->doubtful) <= SCORE_MAX && fabsf(info->sure) <= SCORE_MAX &&
	      info->doubtful <= info->sure))
		return "the thresholds: expected doubtful <= sure, both within 1000";
	return NULL;
}

/* ---- to bytes ---- */

enum err head_file_encode(const struct head_file *file, struct buf *out_buf)
{
	const struct head_info *info = &file->info;
	struct pack pack;
	uint8_t *bytes = NULL;
	size_t at;
	enum err err = ERR_RANGE;

	buf_init(out_buf, HEAD_FILE_BYTES_MAX);
	if (info_complaint(info))
		return ERR_RANGE;
	bytes = malloc(HEAD_FILE_BYTES_MAX);
	if (!bytes)
		return ERR_MEMORY;
	pack_init(&pack, bytes, HEAD_FILE_BYTES_MAX);
	pack_bytes(&pack, MAGIC, sizeof(MAGIC));
	pack_u32(&pack, HEAD_VERSION);
	pack_text(&pack, info->name);
	pack_u32(&pack, info->nets);
	pack_u32(&pack, info->hidden);
	pack_u32(&pack, info->smooth);
	pack_u32(&pack, info->name_ms);
	pack_u32(&pack, float_bits(info->doubtful));
	pack_u32(&pack, float_bits(info->sure));
	if (!half_put(&pack, file->weights, info->nets * head_file_net_size(info->hidden),
		      &at))
		goto out;
	pack_u32(&pack, crc32_of(bytes, pack.size));
	must(pack_is_whole(&pack));
	err = buf_add(out_buf, bytes, pack.size);
out:
	free(bytes);
	return err;
}

/* ---- from bytes ---- */

static enum err complain(struct err_note *note, const char *name, size_t at,
			 const char *what)
{
	return err_say(ERR_FORMAT, note, "%s: byte %zu: %s", name, at, what);
}

static enum err take_start(struct unpack *unpack, const char *name, struct err_note *note)
{
	char magic[sizeof(MAGIC)];
	uint32_t version;

	unpack_bytes(unpack, magic, sizeof(magic));
	if (unpack->overrun || memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return complain(note, name, 0, "not a head; expected BHSTHEAD");
	version = unpack_u32(unpack);
	if (unpack->overrun)
		return complain(note, name, unpack->at,
				"cut short; expected the version");
	if (version != HEAD_VERSION)
		return err_say(ERR_VERSION, note,
			       "%s: a head of version %u; expected version %d", name,
			       version, HEAD_VERSION);
	return OK;
}

static enum err take_info(struct unpack *unpack, const char *name,
			  struct head_info *out_info, struct err_note *note)
{
	const size_t at = unpack->at;
	const char *complaint = NULL;

	unpack_text(unpack, out_info->name, sizeof(out_info->name));
	out_info->nets = unpack_u32(unpack);
	out_info->hidden = unpack_u32(unpack);
	out_info->smooth = unpack_u32(unpack);
	out_info->name_ms = unpack_u32(unpack);
	out_info->doubtful = float_of(unpack_u32(unpack));
	out_info->sure = float_of(unpack_u32(unpack));
	complaint = info_complaint(out_info);
	if (unpack->overrun)
		complaint = "cut short or damaged in what it says of itself";
	return complaint ? complain(note, name, at, complaint) : OK;
}

static enum err take_weights(struct unpack *unpack, const char *name, size_t count,
			     float *out_weights, struct err_note *note)
{
	const size_t from = unpack->at;
	size_t at;

	if (!half_take(unpack, out_weights, count, &at))
		return complain(note, name, from + at * HALF_BYTES,
				"a weight that is not a number");
	must(!unpack->overrun);
	return OK;
}

enum err head_file_decode(const char *name, const uint8_t *bytes, size_t size,
			  struct head_file *out_file, struct err_note *note)
{
	struct head_file file = {.weights = NULL};
	struct unpack unpack;
	size_t count;
	enum err err;

	unpack_init(&unpack, bytes, size);
	err = take_start(&unpack, name, note);
	if (!err)
		err = take_info(&unpack, name, &file.info, note);
	if (err)
		return err;
	count = file.info.nets * head_file_net_size(file.info.hidden);
	if (unpack_left(&unpack) != count * HALF_BYTES + CHECKSUM_BYTES)
		return err_say(ERR_FORMAT, note,
			       "%s: %zu bytes; expected %zu for %u nets of width %u",
			       name, size,
			       unpack.at + count * HALF_BYTES + CHECKSUM_BYTES,
			       file.info.nets, file.info.hidden);
	file.weights = malloc(count * sizeof(*file.weights));
	if (!file.weights)
		return err_say(ERR_MEMORY, note, "%s: %s", name, err_words(ERR_MEMORY));
	err = take_weights(&unpack, name, count, file.weights, note);
	if (!err && unpack_u32(&unpack) != crc32_of(bytes, size - CHECKSUM_BYTES))
		err = complain(note, name, size - CHECKSUM_BYTES,
			       "the checksum is wrong: the file is damaged");
	if (err) {
		head_file_finish(&file);
		return err;
	}
	*out_file = file;
	return OK;
}

void head_file_finish(struct head_file *file)
{
	if (!file)
		return;
	free(file->weights);
	file->weights = NULL;
}
