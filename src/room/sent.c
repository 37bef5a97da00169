/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps hashes and never sound. */
#include "room/sent.h"

#include <stdlib.h>
#include <string.h>

#include "domain/audio.h"

_Static_assert(HASH_CHAIN_BLOCK_BYTES == AUDIO_FRAME_SAMPLES * 2,
	       "a block is a frame of sound");

struct sent {
	struct hash_chain chain;
	uint8_t hashes[SENT_FRAMES_MAX][SEAL_HASH_BYTES]; /* [n]: of n + 1 frames */
};

enum err sent_create(struct sent **out_sent)
{
	struct sent *sent = calloc(1, sizeof(*sent));

	if (!sent)
		return ERR_MEMORY;
	*out_sent = sent;
	return OK;
}

void sent_destroy(struct sent *sent)
{
	if (sent)
		hash_chain_finish(&sent->chain);
	free(sent);
}

void sent_clear(struct sent *sent)
{
	hash_chain_finish(&sent->chain); /* also what it holds of a frame */
	hash_chain_init(&sent->chain);
}

void sent_add(struct sent *sent, const uint8_t *frame)
{
	/* What could not be hashed is not vouched for: the hash is then another. */
	if (sent->chain.blocks < SENT_FRAMES_MAX &&
	    hash_chain_add(&sent->chain, frame, HASH_CHAIN_BLOCK_BYTES) == OK)
		memcpy(sent->hashes[sent->chain.blocks - 1], sent->chain.hash,
		       SEAL_HASH_BYTES);
}

bool sent_hash(const struct sent *sent, uint32_t frames, uint32_t *out_frames,
	       uint8_t out_hash[SEAL_HASH_BYTES])
{
	if (frames > sent->chain.blocks)
		frames = sent->chain.blocks;
	if (frames == 0)
		return false;
	*out_frames = frames;
	memcpy(out_hash, sent->hashes[frames - 1], SEAL_HASH_BYTES);
	return true;
}
