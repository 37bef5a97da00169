/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo - making the body of a voice message: under a memo lease, after its record tone.
 *
 * The only constructor of struct memo (domain/memo.h). It takes frames as they come from
 * the microphone; there is no way to put older sound into one. One thread.
 */
#ifndef LISTEN_MEMO_H
#define LISTEN_MEMO_H

#include "base/err.h"
#include "domain/lease.h"
#include "domain/memo.h"

/* An empty memo. lease is borrowed and must outlive the recording. ERR_DENIED: it is not
 * a memo lease, or it is over. ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err memo_create(const struct lease *lease, int64_t now_ms,
				struct memo **out_memo);
void memo_destroy(struct memo *memo); /* wipes; NULL is fine */

/* The record tone has left the loudspeaker whole: from now on sound counts. */
void memo_tone_was_played(struct memo *memo);

/* One frame. ERR_DENIED: before the tone. ERR_CLOSED: the lease is over, or the memo was
 * finished. ERR_LIMIT: full. */
MUST_CHECK enum err memo_add(struct memo *memo, const struct audio_frame *frame,
			     int64_t now_ms);

/* Takes so much sound off its end again and wipes it; more than there is: all. */
void memo_cut(struct memo *memo, size_t samples);

/* No further sound; the lease is no longer needed. */
void memo_finish(struct memo *memo);

#endif
