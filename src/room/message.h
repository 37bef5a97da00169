/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - a voice message on its way from the room to the hub: a memo as Ogg Opus.
 *
 * Made of a struct memo and of nothing else, so what is signed as one (room/attest.h) was
 * spoken here under a memo lease. One thread.
 */
#ifndef ROOM_MESSAGE_H
#define ROOM_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "adapter/link.h"
#include "base/err.h"
#include "base/seal.h"
#include "domain/memo.h"

struct message;

/* Encodes it, which takes a hundredth of the time that it was spoken in. The memo may go
 * afterwards. */
MUST_CHECK enum err message_create(const struct memo *memo, struct message **out_message,
				   struct err_note *note);
void message_destroy(struct message *message); /* wipes; NULL is fine */

int64_t message_sound_ms(const struct message *message);
size_t message_bytes(const struct message *message);
const uint8_t *message_sha256(const struct message *message); /* of the Ogg Opus */

/* In pieces, the last one marked. */
MUST_CHECK enum err message_send(const struct message *message, uint64_t turn,
				 struct link *link);

#endif
