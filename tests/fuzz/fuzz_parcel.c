/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_parcel - what other houses send: bodies of letters with the row behind the box, what a
 * box of theirs may hold, and heads with their pieces as the gate hands them on.
 *
 * The first byte chooses which of them; each ends, holds to its limits and says one error.
 */
#include <stdint.h>
#include <string.h>

#include "adapter/parcel_wire.h"
#include "base/must.h"
#include "base/seal.h"
#include "keeper/memo_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look_at_row(const uint8_t *row, size_t size)
{
	struct memo_head head;
	const uint8_t house_key[SEAL_KEY_BYTES] = {1};
	uint8_t key_row[MEMO_ROW_KEY_BYTES];
	struct secret *key = NULL;
	const enum err err = memo_row_look(row, size, &head);

	must(err == OK || err == ERR_FORMAT || err == ERR_VERSION);
	if (err != OK)
		return;
	must(size > MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES);
	must(secret_create(SEAL_KEY_BYTES, &key) == OK);
	must(memo_row_lock_key(&head, house_key, key, key_row) == ERR_AUTH);
	secret_destroy(key);
}

static void read_body(const uint8_t *bytes, size_t size)
{
	struct parcel_letter_body body;
	const enum err err = parcel_letter_body(bytes, size, &body);

	must(err == OK || err == ERR_FORMAT || err == ERR_VERSION);
	if (err != OK)
		return;
	must(body.box == bytes + 1);
	must(body.row == body.box + PARCEL_LETTER_BOX_BYTES);
	must(body.row + body.row_size == bytes + size && body.row_size > 0);
	look_at_row(body.row, body.row_size);
}

static void read_letter(const uint8_t *bytes, size_t size)
{
	uint8_t plain[PARCEL_LETTER_BYTES] = {0};
	uint8_t again[PARCEL_LETTER_BYTES];
	struct parcel_letter letter;

	memcpy(plain, bytes, size < sizeof(plain) ? size : sizeof(plain));
	if (parcel_letter_read(plain, &letter) != OK)
		return;
	parcel_letter_bytes(&letter, again);
	must(memcmp(plain, again, sizeof(plain)) == 0);
}

/* Frames one behind the other, as from a link: 2 bytes of length each. */
static void take_frames(const uint8_t *bytes, size_t size)
{
	static struct wire_message message;
	struct parcel_in in = {.is_open = false};
	bool is_whole;

	while (size > 2) {
		size_t part = (size_t)(bytes[0] | bytes[1] << 8);

		bytes += 2;
		size -= 2;
		part = part < size ? part : size;
		if (wire_decode(bytes, part, &message, NULL) == OK) {
			if (message.type == WIRE_parcel)
				(void)!parcel_in_begin(&in, &message.parcel);
			else if (message.type == WIRE_parcel_piece &&
				 parcel_in_add(&in, &message.parcel_piece, &is_whole) ==
					 OK &&
				 is_whole)
				read_body(in.body.bytes, in.body.size);
			must(in.body.size <= PARCEL_BYTES_MAX);
		}
		bytes += part;
		size -= part;
	}
	parcel_in_finish(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static void (*const ways[])(const uint8_t *bytes,
				    size_t size) = {read_body, look_at_row, read_letter,
						    take_frames};

	must(seal_init() == OK);
	if (size > 1)
		ways[bytes[0] % 4](bytes + 1, size - 1);
	return 0;
}
