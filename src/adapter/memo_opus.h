/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_opus - the sound of a voice message to Ogg Opus and back, all of it in memory.
 *
 * Sound of a house's own memo enters and bytes for another house leave, or the other way
 * round. The bytes that come in are not trusted: at most MEMO_SECONDS_MAX seconds of sound
 * and MEMO_OPUS_BYTES_MAX bytes are taken, whatever they say of themselves, and what is
 * not in the form of docs/FORMATS.md gives one line. The bytes that go out name neither
 * machine nor time, and the same sound gives the same bytes. seal_init() came first (it
 * is base/secret's). Any thread, one call at a time: the library has variables of its own.
 *
 * Sound is private: what is ours is locked and wiped. The library's own buffers (20 ms of
 * sound, one page of Opus, the state of the codec) are not: it offers no way.
 */
#ifndef ADAPTER_MEMO_OPUS_H
#define ADAPTER_MEMO_OPUS_H

#include <stddef.h>
#include <stdint.h>

#include "adapter/memo_form.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "domain/memo.h"

enum {
	MEMO_OPUS_BITS_PER_SECOND = 24000, /* wide-band speech, clearly understood */
	MEMO_OPUS_BYTES_MAX = MEMO_FORM_BYTES_MAX,
};

/* Adds a complete file to a buffer (untouched on failure; the caller wipes it if it has
 * to). ERR_RANGE: no sound. ERR_LIMIT: more than MEMO_SAMPLES_MAX, or than the buffer may
 * hold. ERR_MEMORY, ERR_IO. */
MUST_CHECK enum err memo_opus_encode(struct audio_span sound, struct buf *to,
				     struct err_note *note);

/* The same as the sound comes, so that nobody waits for all of it at its end: the bytes are
 * those of the whole at once. Holds MEMO_OPUS_BYTES_MAX of locked memory. ERR_MEMORY,
 * ERR_IO. */
struct memo_encoder;
MUST_CHECK enum err memo_encoder_create(struct memo_encoder **out_encoder,
					struct err_note *note);
void memo_encoder_destroy(struct memo_encoder *encoder); /* wipes; NULL is fine */
/* What goes wrong is told by finish. */
void memo_encoder_add(struct memo_encoder *encoder, struct audio_span sound);
size_t memo_encoder_samples(const struct memo_encoder *encoder); /* that were added */
/* As memo_opus_encode; afterwards it can only be destroyed. */
MUST_CHECK enum err memo_encoder_finish(struct memo_encoder *encoder, struct buf *to,
					struct err_note *note);

/* Makes *out_sound, samples of 16 kHz mono; the caller destroys it, which wipes. Errors of
 * memo_form_check, ERR_FORMAT also when a packet cannot be decoded; ERR_MEMORY. */
MUST_CHECK enum err memo_opus_decode(const uint8_t *bytes, size_t size,
				     struct secret **out_sound, struct err_note *note);

/* The sound that was decoded; borrowed. */
struct audio_span memo_opus_sound(const struct secret *sound);

#endif
