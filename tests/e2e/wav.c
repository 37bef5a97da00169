/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wav - see the header. Writes only what RIFF needs: one "fmt " and one "data".
 */
#include "e2e/wav.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

enum { KIND_WHOLE = 1, KIND_FLOAT = 3, FLOAT_BITS = 32, MODE = 0600 };

/* Little-endian, count bytes. */
static void put_number(uint8_t **to, uint32_t number, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		*(*to)++ = (uint8_t)(number >> 8 * i);
}

static void put_text(uint8_t **to, const char *text)
{
	memcpy(*to, text, strlen(text));
	*to += strlen(text);
}

static struct wav_shape whole(struct wav_shape shape)
{
	shape.channels = shape.channels ? shape.channels : 1;
	shape.hz = shape.hz ? shape.hz : AUDIO_HZ;
	shape.bits = shape.bits ? shape.bits : 16;
	return shape;
}

void wav_head(struct wav_shape given, uint64_t bytes, uint8_t to[WAV_HEAD_BYTES])
{
	const struct wav_shape shape = whole(given);
	const unsigned frame_bytes = shape.channels * shape.bits / 8;
	uint8_t *at = to;

	put_text(&at, "RIFF");
	put_number(&at, 36 + (uint32_t)bytes, 4);
	put_text(&at, "WAVEfmt ");
	put_number(&at, 16, 4);
	put_number(&at, shape.bits == FLOAT_BITS ? KIND_FLOAT : KIND_WHOLE, 2);
	put_number(&at, shape.channels, 2);
	put_number(&at, shape.hz, 4);
	put_number(&at, shape.hz * frame_bytes, 4);
	put_number(&at, frame_bytes, 2);
	put_number(&at, shape.bits, 2);
	put_text(&at, "data");
	put_number(&at, (uint32_t)bytes, 4);
	assert_ptr_equal(at, to + WAV_HEAD_BYTES);
}

static void begin(struct buf *wav, struct wav_shape shape, size_t bytes)
{
	uint8_t head[WAV_HEAD_BYTES];

	buf_init(wav, WAV_HEAD_BYTES + bytes);
	wav_head(shape, bytes, head);
	assert_int_equal(buf_add(wav, head, sizeof(head)), OK);
}

static void end(struct buf *wav, const char *path)
{
	struct err_note note = {""};

	if (file_write(path, wav->bytes, wav->size, MODE, &note))
		fail_msg("%s", note.text);
	buf_finish(wav);
}

void wav_write(const char *path, struct wav_shape given, struct audio_span sound)
{
	const struct wav_shape shape = whole(given);
	struct buf wav;

	assert_true(shape.bits == 8 || shape.bits == 16);
	begin(&wav, shape, sound.count * shape.channels * shape.bits / 8);
	for (size_t i = 0; i < sound.count; i++) {
		const uint8_t small = (uint8_t)((sound.samples[i] >> 8) + 128);

		for (unsigned n = 0; n < shape.channels; n++)
			assert_int_equal(shape.bits == 8
						 ? buf_add(&wav, &small, 1)
						 : buf_add(&wav, &sound.samples[i], 2),
					 OK);
	}
	end(&wav, path);
}

void wav_write_floats(const char *path, const float *samples, size_t count)
{
	struct buf wav;

	begin(&wav, (struct wav_shape){.bits = FLOAT_BITS}, count * sizeof(*samples));
	assert_int_equal(buf_add(&wav, samples, count * sizeof(*samples)), OK);
	end(&wav, path);
}
