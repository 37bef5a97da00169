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

enum {
	PIECE_BYTES = 64000, /* wire/messages.def */
	/* Of what is being spoken so much is not encoded yet: at its end less is cut off. */
	BEHIND_SAMPLES = 6 * AUDIO_HZ,
};

struct message {
	int64_t sound_ms;
	struct buf opus;
	uint8_t sha256[SEAL_HASH_BYTES];
};

/* Nothing is lost where it cannot begin: then all is done at the end. */
void message_follow(struct memo_encoder **encoder, const struct memo *memo)
{
	const struct audio_span sound = memo ? memo_sound(memo) : (struct audio_span){0};
	const size_t done = *encoder ? memo_encoder_samples(*encoder) : 0;

	if (!memo || done > sound.count) {
		memo_encoder_destroy(*encoder);
		*encoder = NULL;
		return;
	}
	if (sound.count < done + BEHIND_SAMPLES + AUDIO_HZ)
		return;
	if (!*encoder && memo_encoder_create(encoder, NULL))
		return;
	memo_encoder_add(*encoder,
			 (struct audio_span){sound.samples + done,
					     sound.count - BEHIND_SAMPLES - done});
}

/* What is not encoded yet; or all of it, where more was cut off than was kept back. */
static enum err encode(struct memo_encoder **encoder, struct audio_span sound,
		       struct buf *to, struct err_note *note)
{
	const size_t done = *encoder ? memo_encoder_samples(*encoder) : 0;

	if (done == 0 || done > sound.count)
		return memo_opus_encode(sound, to, note);
	memo_encoder_add(*encoder,
			 (struct audio_span){sound.samples + done, sound.count - done});
	return memo_encoder_finish(*encoder, to, note);
}

enum err message_create(const struct memo *memo, struct memo_encoder **encoder,
			struct message **out_message, struct err_note *note)
{
	const struct audio_span sound = memo_sound(memo);
	struct message *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err) {
		buf_init(&made->opus, MEMO_OPUS_BYTES_MAX);
		made->sound_ms = audio_ms(sound.count);
		err = encode(encoder, sound, &made->opus, note);
	}
	memo_encoder_destroy(*encoder);
	*encoder = NULL;
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
