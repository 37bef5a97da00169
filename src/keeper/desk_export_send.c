/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_export_send - the archive's files as one stream of bytes (docs/FORMATS.md), made into
 * locked memory and sent on as the other side takes it.
 *
 * Invariant: what lies in out was authenticated; what was sent is wiped before more is made.
 */
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "keeper/desk_export_inner.h"

enum { CHUNK_HEAD_BYTES = 4 };

static uint8_t *end_of_out(struct export_job *export, size_t size)
{
	must(size <= EXPORT_OUT_BYTES - export->out_size);
	return secret_bytes(export->out) + export->out_size;
}

void export_open_file(struct export_job *export, const char *path, int64_t at_ms,
		      uint64_t size)
{
	struct pack pack;

	must(export->path[0] == '\0');
	must(str_copy(export->path, sizeof(export->path), path));
	pack_init(&pack, end_of_out(export, EXPORT_HEADS_BYTES), EXPORT_HEADS_BYTES);
	pack_u8(&pack, 1);
	pack_text(&pack, path);
	pack_i64(&pack, at_ms);
	pack_u64(&pack, size);
	must(pack_is_whole(&pack));
	export->out_size += pack.size;
}

uint8_t *export_room(struct export_job *export, size_t size)
{
	return end_of_out(export, CHUNK_HEAD_BYTES + size) + CHUNK_HEAD_BYTES;
}

void export_put(struct export_job *export, size_t size)
{
	uint8_t *at = end_of_out(export, CHUNK_HEAD_BYTES + size);
	struct pack pack;

	must(export->path[0] != '\0' && size > 0);
	pack_init(&pack, at, CHUNK_HEAD_BYTES);
	pack_u32(&pack, (uint32_t)size);
	export->out_size += CHUNK_HEAD_BYTES + size;
	export->bytes += size;
	seal_hash_add(export->file_hash, at + CHUNK_HEAD_BYTES, size);
}

enum err export_add(struct export_job *export, const void *bytes, size_t size)
{
	if (size > EXPORT_OUT_BYTES - EXPORT_HEADS_BYTES - export->out_size)
		return ERR_LIMIT;
	if (size == 0)
		return OK;
	memcpy(export_room(export, size), bytes, size);
	export_put(export, size);
	return OK;
}

/* The file's row in SHA256SUMS; the list does not name itself, nor its signature. */
static enum err add_sum(struct export_job *export, const uint8_t hash[SEAL_HASH_BYTES])
{
	char text[2 * SEAL_HASH_BYTES + 1];

	str_to_hex(text, hash, SEAL_HASH_BYTES);
	return buf_add_format(&export->sums, "%s  %s\n", text, export->path);
}

enum err export_close_file(struct export_job *export, uint8_t out_hash[SEAL_HASH_BYTES])
{
	static const uint8_t end[CHUNK_HEAD_BYTES];
	enum err err;

	memcpy(end_of_out(export, sizeof(end)), end, sizeof(end));
	export->out_size += sizeof(end);
	seal_hash_end(export->file_hash, out_hash);
	seal_hash_destroy(export->file_hash);
	export->file_hash = NULL;
	err = seal_hash_start(&export->file_hash);
	if (err == OK)
		err = add_sum(export, out_hash);
	export->path[0] = '\0';
	return err;
}

void export_end_stream(struct export_job *export)
{
	*end_of_out(export, 1) = 0;
	export->out_size++;
}

bool export_pump(struct export_job *export)
{
	const uint8_t *bytes = secret_view(export->out);

	while (export->out_sent < export->out_size) {
		size_t left = export->out_size - export->out_sent;
		size_t part = left < EXPORT_PIECE_BYTES ? left : EXPORT_PIECE_BYTES;
		const struct wire_export_data data = {
			.bytes = {bytes + export->out_sent, part}};

		if (export->flying + part > EXPORT_FLYING_BYTES)
			return false;
		desk_say(export->job.link, WIRE_export_data, &data);
		export->out_sent += part;
		export->flying += part;
	}
	seal_wipe(secret_bytes(export->out),
		  export->out_size + EXPORT_HEADS_BYTES < EXPORT_OUT_BYTES
			  ? export->out_size + EXPORT_HEADS_BYTES
			  : EXPORT_OUT_BYTES);
	export->out_size = 0;
	export->out_sent = 0;
	return true;
}
