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

struct memo_encoder;
struct message;

/* While it is spoken: encodes what has come of it but for the last seconds, a second at a
 * time, so that the loop never waits for two minutes of it. *encoder is NULL at first, and
 * again once there is no memo (NULL). */
void message_follow(struct memo_encoder **encoder, const struct memo *memo);
/* Its end: encodes the rest. *encoder, if any, followed this memo; it is gone afterwards,
 * whatever becomes of it. The memo may go, too. */
MUST_CHECK enum err message_create(const struct memo *memo, struct memo_encoder **encoder,
				   struct message **out_message, struct err_note *note);
void message_destroy(struct message *message); /* wipes; NULL is fine */

int64_t message_sound_ms(const struct message *message);
size_t message_bytes(const struct message *message);
const uint8_t *message_sha256(const struct message *message); /* of the Ogg Opus */

/* In pieces, the last one marked. */
MUST_CHECK enum err message_send(const struct message *message, uint64_t turn,
				 struct link *link);

#endif
