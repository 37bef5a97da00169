/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sent - what was sent of a lease's sound, as hashes: one for each frame and all before it
 * (base/hash_chain.h), so that the room can sign as many of them as were heard.
 */
#ifndef ROOM_SENT_H
#define ROOM_SENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_chain.h"

enum { SENT_FRAMES_MAX = 60 * 50 }; /* a minute, as long as a recording can be */

struct sent;

MUST_CHECK enum err sent_create(struct sent **out_sent);
void sent_destroy(struct sent *sent); /* NULL is fine */
void sent_clear(struct sent *sent);   /* another lease begins */
/* The next frame, as it goes over the wire: HASH_CHAIN_BLOCK_BYTES. Behind SENT_FRAMES_MAX
 * none is counted. */
void sent_add(struct sent *sent, const uint8_t *frame);
/* Of the first frames that were sent, or of all of them where these are fewer: how many
 * those are, and their hash. False: there are none. */
bool sent_hash(const struct sent *sent, uint32_t frames, uint32_t *out_frames,
	       uint8_t out_hash[SEAL_HASH_BYTES]);

#endif
