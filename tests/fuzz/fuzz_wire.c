/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wire - bytes from another program.
 *
 * Beyond not crashing: what decodes encodes to the same bytes again, so there is one
 * form per message and nothing is accepted that we could not have sent.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_frame(const uint8_t *bytes, size_t size)
{
	static struct wire_message message;
	static uint8_t again[WIRE_FRAME_MAX];
	struct err_note note = {0};
	size_t again_size = 0;
	if (wire_decode(bytes, size, &message, &note) != OK) {
		must(note.text[0] != '\0');
		return;
	}
	must(wire_type_is_known(message.type));
	enum err err = wire_encode(message.type, &message.hello, again, sizeof(again),
				   &again_size);
	must(err == OK);
	must(again_size == size && memcmp(again, bytes, size) == 0);
	wire_wipe(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* An own copy of exactly this size, so that reading behind it is seen. */
	uint8_t *copy = malloc(size > 0 ? size : 1);
	must(copy);
	if (size > 0)
		memcpy(copy, bytes, size);
	size_t at = 0;
	size_t frame = 0;
	while (wire_frame_size(copy + at, size - at, &frame) == OK &&
	       frame <= size - at) {
		check_frame(copy + at, frame);
		at += frame;
	}
	check_frame(copy, size);
	free(copy);
	return 0;
}
