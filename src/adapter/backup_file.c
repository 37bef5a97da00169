/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_file - writes and checks the outer form of a backup's files. Opens no file, knows
 * no row and no secret but the seed that it is lent for the signature.
 *
 * Invariant: a chunk is handed out only when the hash behind it fits it and all before it.
 */
#include "adapter/backup_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"

enum { MAGIC_BYTES = 7, VERSION = 1, SIGNED_BYTES = BACKUP_TAIL_BYTES };

static const char MAGIC[] = "BEHESTB";
static const char CHAIN_LABEL[] = "behest backup chain v1";
static const char TAIL_LABEL[] = "behest backup tail v1";

const char *backup_kind_words(enum backup_kind kind)
{
	switch (kind) {
	case BACKUP_CIPHERTEXT:
		return "ciphertext";
	case BACKUP_KEYS:
		return "key table";
	case BACKUP_KEY:
		return "backup key";
	}
	return "";
}

void backup_header(const struct backup_about *about, uint8_t to[BACKUP_HEADER_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BACKUP_HEADER_BYTES);
	pack_bytes(&pack, MAGIC, MAGIC_BYTES);
	pack_u8(&pack, VERSION);
	pack_u8(&pack, (uint8_t)about->kind);
	pack_u8(&pack, 0);
	pack_bytes(&pack, about->household.bytes, ID_BYTES);
	pack_bytes(&pack, about->keeper, sizeof(about->keeper));
	pack_bytes(&pack, about->id, sizeof(about->id));
	pack_i64(&pack, about->made_ms);
	pack_u64(&pack, about->key_number);
	pack_bytes(&pack, about->commit, sizeof(about->commit));
	pack_bytes(&pack, about->stream, sizeof(about->stream));
	must(pack_is_whole(&pack) && pack.size == BACKUP_HEADER_BYTES);
}

static enum err read_header(const uint8_t bytes[BACKUP_HEADER_BYTES],
			    struct backup_about *out_about)
{
	struct backup_about about;
	struct unpack unpack;
	uint8_t version;
	uint8_t kind;
	uint8_t spare;

	if (memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
		return ERR_FORMAT;
	unpack_init(&unpack, bytes + MAGIC_BYTES, BACKUP_HEADER_BYTES - MAGIC_BYTES);
	version = unpack_u8(&unpack);
	kind = unpack_u8(&unpack);
	spare = unpack_u8(&unpack);
	unpack_bytes(&unpack, about.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, about.keeper, sizeof(about.keeper));
	unpack_bytes(&unpack, about.id, sizeof(about.id));
	about.made_ms = unpack_i64(&unpack);
	about.key_number = unpack_u64(&unpack);
	unpack_bytes(&unpack, about.commit, sizeof(about.commit));
	unpack_bytes(&unpack, about.stream, sizeof(about.stream));
	must(unpack_is_whole(&unpack));
	if (version != VERSION)
		return ERR_VERSION;
	if (kind < BACKUP_CIPHERTEXT || kind > BACKUP_KEY || spare != 0)
		return ERR_FORMAT;
	about.kind = (enum backup_kind)kind;
	*out_about = about;
	return OK;
}

/* Carries the hash over what stands before it. */
static enum err chain(uint8_t hash[SEAL_HASH_BYTES], const void *bytes, size_t size)
{
	const struct seal_part parts[] = {{hash, SEAL_HASH_BYTES}, {bytes, size}};
	uint8_t next[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, 2, next);

	if (err == OK)
		memcpy(hash, next, sizeof(next));
	return err;
}

static enum err chain_begin(uint8_t hash[SEAL_HASH_BYTES],
			    const uint8_t header[BACKUP_HEADER_BYTES])
{
	const struct seal_part parts[] = {{CHAIN_LABEL, sizeof(CHAIN_LABEL)},
					  {header, BACKUP_HEADER_BYTES}};

	return seal_sha256(parts, 2, hash);
}

/* --- writing ---------------------------------------------------------------------------- */

enum err backup_out_begin(struct backup_out *out, const struct backup_about *about,
			  uint8_t to[BACKUP_HEADER_BYTES])
{
	out->chunks = 0;
	backup_header(about, to);
	return chain_begin(out->hash, to);
}

enum err backup_out_chunk(struct backup_out *out, const void *bytes, size_t size,
			  uint8_t *to)
{
	struct pack pack;
	enum err err;

	must(size > 0 && size <= BACKUP_CHUNK_BYTES_MAX);
	pack_init(&pack, to, size + BACKUP_CHUNK_EXTRA_BYTES);
	pack_u32(&pack, (uint32_t)size);
	pack_bytes(&pack, bytes, size);
	err = chain(out->hash, to, pack.size);
	pack_bytes(&pack, out->hash, sizeof(out->hash));
	must(pack_is_whole(&pack));
	out->chunks++;
	return err;
}

/* What is signed: the last hash and what the tail says. */
static size_t signed_bytes(const uint8_t hash[SEAL_HASH_BYTES],
			   const struct backup_tail *tail, uint8_t to[SIGNED_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, SIGNED_BYTES);
	pack_bytes(&pack, hash, SEAL_HASH_BYTES);
	pack_u64(&pack, tail->journal_size);
	pack_bytes(&pack, tail->root, sizeof(tail->root));
	pack_u64(&pack, tail->chunks);
	pack_u64(&pack, tail->rows);
	must(pack_is_whole(&pack));
	return pack.size;
}

enum err backup_out_end(struct backup_out *out, struct backup_tail *tail,
			const uint8_t seed[SEAL_SIGN_SEED_BYTES],
			uint8_t to[BACKUP_TAIL_BYTES])
{
	uint8_t bytes[SIGNED_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err;

	tail->chunks = out->chunks;
	err = seal_sign_labelled(seed, TAIL_LABEL, bytes,
				 signed_bytes(out->hash, tail, bytes), signature);
	pack_init(&pack, to, BACKUP_TAIL_BYTES);
	pack_u32(&pack, 0); /* no further chunk */
	pack_u64(&pack, tail->journal_size);
	pack_bytes(&pack, tail->root, sizeof(tail->root));
	pack_u64(&pack, tail->chunks);
	pack_u64(&pack, tail->rows);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack) && pack.size == BACKUP_TAIL_BYTES);
	return err;
}

/* --- reading ---------------------------------------------------------------------------- */

static enum err say_cut(const struct backup_in *in, struct err_note *note)
{
	return err_say(ERR_FORMAT, note, "%s: is cut short in chunk %" PRIu64, in->name,
		       in->chunks + 1);
}

static enum err read_whole(struct backup_in *in, void *to, size_t size,
			   struct err_note *note)
{
	size_t got = 0;
	enum err err = in->read(in->context, to, size, &got);

	if (err != OK)
		return err_say(err, note, "%s: cannot be read: %s", in->name,
			       err_words(err));
	return got == size ? OK : say_cut(in, note);
}

enum err backup_in_begin(struct backup_in *in, struct err_note *note)
{
	uint8_t header[BACKUP_HEADER_BYTES];
	enum err err;

	in->chunks = 0;
	in->is_whole = false;
	err = read_whole(in, header, sizeof(header), note);
	if (err != OK)
		return err;
	err = read_header(header, &in->about);
	if (err == ERR_VERSION)
		return err_say(err, note,
			       "%s: is of another version of backups than this program's",
			       in->name);
	if (err != OK)
		return err_say(err, note, "%s: is not a file of a backup", in->name);
	return chain_begin(in->hash, header);
}

/* Behind the last chunk; nothing may follow. */
static enum err read_tail(struct backup_in *in, struct err_note *note)
{
	uint8_t bytes[BACKUP_TAIL_BYTES - 4];
	uint8_t checked[SIGNED_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t more;
	size_t got = 0;
	struct unpack unpack;
	enum err err = read_whole(in, bytes, sizeof(bytes), note);

	if (err == OK)
		err = in->read(in->context, &more, sizeof(more), &got);
	if (err != OK)
		return err;
	if (got > 0)
		return err_say(ERR_FORMAT, note, "%s: something stands behind its end",
			       in->name);
	unpack_init(&unpack, bytes, sizeof(bytes));
	in->tail.journal_size = unpack_u64(&unpack);
	unpack_bytes(&unpack, in->tail.root, sizeof(in->tail.root));
	in->tail.chunks = unpack_u64(&unpack);
	in->tail.rows = unpack_u64(&unpack);
	unpack_bytes(&unpack, signature, sizeof(signature));
	must(unpack_is_whole(&unpack));
	if (in->tail.chunks != in->chunks)
		return err_say(ERR_FORMAT, note,
			       "%s: has %" PRIu64 " chunks, and says %" PRIu64, in->name,
			       in->chunks, in->tail.chunks);
	if (seal_verify_labelled(in->about.keeper, TAIL_LABEL, checked,
				 signed_bytes(in->hash, &in->tail, checked),
				 signature) != OK)
		return err_say(ERR_AUTH, note,
			       "%s: its signature is not the keeper's; its header or its "
			       "end was changed",
			       in->name);
	in->is_whole = true;
	return OK;
}

enum err backup_in_next(struct backup_in *in, const uint8_t **out_bytes, size_t *out_size,
			struct err_note *note)
{
	uint8_t head[4];
	uint8_t hash[SEAL_HASH_BYTES];
	struct unpack unpack;
	size_t size;
	enum err err = read_whole(in, head, sizeof(head), note);

	if (err != OK)
		return err;
	unpack_init(&unpack, head, sizeof(head));
	size = unpack_u32(&unpack);
	*out_size = 0;
	if (size == 0)
		return read_tail(in, note);
	if (size > sizeof(in->chunk) || in->chunks == BACKUP_CHUNKS_MAX)
		return err_say(ERR_FORMAT, note, "%s: chunk %" PRIu64 " is too long",
			       in->name, in->chunks + 1);
	err = read_whole(in, in->chunk, size, note);
	if (err == OK)
		err = read_whole(in, hash, sizeof(hash), note);
	if (err == OK) {
		const struct seal_part parts[] = {{in->hash, sizeof(in->hash)},
						  {head, sizeof(head)},
						  {in->chunk, size}};

		err = seal_sha256(parts, 3, in->hash);
	}
	if (err != OK)
		return err;
	if (!seal_equal(hash, in->hash, sizeof(hash)))
		return err_say(ERR_FORMAT, note, "%s: chunk %" PRIu64 " was changed",
			       in->name, in->chunks + 1);
	in->chunks++;
	*out_bytes = in->chunk;
	*out_size = size;
	return OK;
}
