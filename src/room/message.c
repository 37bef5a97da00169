/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - see the header. Knows no microphone and signs nothing.
 *
 * The memo's sound stays in its own locked memory; the Ogg Opus lies in ordinary memory,
 * as its pieces do in the link's queue, and is wiped.
 */
#include "room/message.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "base/buf.h"
#include "base/must.h"

enum { PIECE_BYTES = 64000 }; /* wire/messages.def */

struct message {
	int64_t sound_ms;
	struct buf opus;
	uint8_t sha256[SEAL_HASH_BYTES];
};

enum err message_create(const struct memo *memo, struct message **out_message,
			struct err_note *note)
{
	const struct audio_span sound = memo_sound(memo);
	struct message *made = calloc(1, sizeof(*made));
	enum err err = OK;

	if (!made)
		return ERR_MEMORY;
	buf_init(&made->opus, MEMO_OPUS_BYTES_MAX);
	made->sound_ms = audio_ms(sound.count);
	err = memo_opus_encode(sound, &made->opus, note);
	if (!err)
		err = seal_sha256(&(struct seal_part){made->opus.bytes, made->opus.size},
				  1, made->sha256);
	if (err) {
		message_destroy(made);
		return err;
	}
	*out_message = made;
	return OK;
}

void message_destroy(struct message *message)
{
	if (!message)
		return;
	if (message->opus.bytes)
		explicit_bzero(message->opus.bytes, message->opus.size);
	buf_finish(&message->opus);
	free(message);
}

int64_t message_sound_ms(const struct message *message)
{
	return message->sound_ms;
}

size_t message_bytes(const struct message *message)
{
	return message->opus.size;
}

const uint8_t *message_sha256(const struct message *message)
{
	return message->sha256;
}

enum err message_send(const struct message *message, uint64_t turn, struct link *link)
{
	const size_t size = message->opus.size;
	enum err err = OK;

	must(size > 0);
	for (size_t at = 0; !err && at < size; at += PIECE_BYTES) {
		const size_t left = size - at;
		const size_t count = left < PIECE_BYTES ? left : PIECE_BYTES;
		const struct wire_memo piece = {
			.turn = turn,
			.last = count == left,
			.opus = {message->opus.bytes + at, count},
		};

		err = link_send_memo(link, &piece);
	}
	return err;
}
