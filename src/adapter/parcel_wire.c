/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parcel_wire - see the header.
 *
 * Invariant: no memory is taken for a body before its head was within the limits, and never
 * more than the head says.
 */
#include "adapter/parcel_wire.h"

#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"

static bool read_bytes(struct wire_slice from, uint8_t *to, size_t size, bool may_lack)
{
	if (from.size == 0 && may_lack) {
		memset(to, 0, size);
		return true;
	}
	if (from.size != size)
		return false;
	memcpy(to, from.bytes, size);
	return true;
}

enum err parcel_from_wire(const struct wire_parcel *message, struct parcel_head *out_head)
{
	struct parcel_head head = {.is_signed = message->signature.size > 0};
	struct parcel *parcel = &head.parcel;

	memcpy(parcel->id.bytes, message->id.bytes, ID_BYTES);
	parcel->at_ms = message->at_ms;
	parcel->size = message->size;
	if (!parcel_kind_from_text(message->kind, &parcel->kind) ||
	    !read_bytes(message->from, parcel->from, PARCEL_KEY_BYTES, !head.is_signed) ||
	    !read_bytes(message->to, parcel->to, PARCEL_KEY_BYTES, false) ||
	    !read_bytes(message->hash, parcel->hash, PARCEL_HASH_BYTES, false) ||
	    !read_bytes(message->signature, head.signature, sizeof(head.signature), true))
		return ERR_FORMAT;
	if (parcel->size == 0 || parcel->size > parcel_kind_max(parcel->kind))
		return ERR_LIMIT;
	*out_head = head;
	return OK;
}

struct wire_parcel parcel_to_wire(const struct parcel_head *head, uint64_t token)
{
	const struct parcel *parcel = &head->parcel;
	struct wire_parcel message = {
		.token = token,
		.to = {parcel->to, PARCEL_KEY_BYTES},
		.at_ms = parcel->at_ms,
		.size = parcel->size,
		.hash = {parcel->hash, PARCEL_HASH_BYTES},
	};

	memcpy(message.id.bytes, parcel->id.bytes, ID_BYTES);
	must(str_copy(message.kind, sizeof(message.kind),
		      parcel_kind_text(parcel->kind)));
	if (head->is_signed) {
		message.from = (struct wire_slice){parcel->from, PARCEL_KEY_BYTES};
		message.signature =
			(struct wire_slice){head->signature, sizeof(head->signature)};
	}
	return message;
}

enum err parcel_verify(const struct parcel_head *head)
{
	uint8_t bytes[PARCEL_SIGNED_BYTES];

	if (!head->is_signed)
		return ERR_AUTH;
	parcel_bytes(&head->parcel, bytes);
	return seal_verify_labelled(head->parcel.from, PARCEL_LABEL, bytes, sizeof(bytes),
				    head->signature);
}

enum err parcel_sign(const uint8_t *seed, struct parcel_head *head)
{
	uint8_t bytes[PARCEL_SIGNED_BYTES];

	parcel_bytes(&head->parcel, bytes);
	head->is_signed = true;
	return seal_sign_labelled(seed, PARCEL_LABEL, bytes, sizeof(bytes),
				  head->signature);
}

enum err parcel_measure(const uint8_t *body, size_t size, struct parcel *parcel)
{
	if (size == 0 || size > parcel_kind_max(parcel->kind))
		return ERR_LIMIT;
	parcel->size = (uint32_t)size;
	return seal_sha256(&(struct seal_part){body, size}, 1, parcel->hash);
}

/* --- on its way in ---------------------------------------------------------------------- */

void parcel_in_finish(struct parcel_in *in)
{
	buf_finish(&in->body);
	*in = (struct parcel_in){.is_open = false};
}

enum err parcel_in_begin(struct parcel_in *in, const struct wire_parcel *message)
{
	enum err err;

	parcel_in_finish(in);
	err = parcel_from_wire(message, &in->head);
	if (err)
		return err;
	in->token = message->token;
	in->is_open = true;
	buf_init(&in->body, in->head.parcel.size);
	return OK;
}

static enum err check_body(const struct parcel_in *in)
{
	uint8_t hash[PARCEL_HASH_BYTES];
	enum err err;

	if (in->body.size != in->head.parcel.size)
		return ERR_FORMAT;
	err = seal_sha256(&(struct seal_part){in->body.bytes, in->body.size}, 1, hash);
	if (!err && !seal_equal(hash, in->head.parcel.hash, sizeof(hash)))
		err = ERR_AUTH;
	return err;
}

enum err parcel_in_add(struct parcel_in *in, const struct wire_parcel_piece *piece,
		       bool *out_whole)
{
	enum err err = ERR_FORMAT;

	*out_whole = false;
	/* A piece without a byte that is not the last could go on for ever. */
	if (in->is_open && in->token == piece->token &&
	    (piece->bytes.size > 0 || piece->last))
		err = buf_add(&in->body, piece->bytes.bytes, piece->bytes.size);
	if (!err && piece->last)
		err = check_body(in);
	if (err) {
		parcel_in_finish(in);
		return err == ERR_LIMIT ? ERR_FORMAT : err;
	}
	in->is_open = !piece->last;
	*out_whole = piece->last != 0;
	return OK;
}

/* --- on its way out --------------------------------------------------------------------- */

enum err parcel_say(const struct parcel_head *head, const uint8_t *body, uint64_t token,
		    enum err (*send)(void *context, enum wire_type type,
				     const void *fields),
		    void *context)
{
	const struct wire_parcel message = parcel_to_wire(head, token);
	size_t left = head->parcel.size;
	enum err err = send(context, WIRE_parcel, &message);

	while (!err && left > 0) {
		const size_t part = left < WIRE_PCM_BYTES ? left : WIRE_PCM_BYTES;
		const struct wire_parcel_piece piece = {.token = token,
							.last = part == left,
							.bytes = {body, part}};

		err = send(context, WIRE_parcel_piece, &piece);
		body += part;
		left -= part;
	}
	return err;
}
