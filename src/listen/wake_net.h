/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_net - the speech embedding and one head, as the wake port.
 *
 * Each 80 ms the head scores the last 16 embeddings; the score is the mean of the newest
 * few logits. A score that reaches `sure` is reported at once and accepted. A peak between
 * `doubtful` and `sure` is reported as doubtful when the score has fallen behind it, at the
 * latest DOUBT_MS after it began. Once per event: then it rests for REST_MS, in which only
 * what becomes sure after a doubt is still reported.
 *
 * Another word can be listened for in the same stream: its embedding is computed once, a
 * head costs little beside it.
 *
 * One thread per stream; any number of streams share the net and the head.
 */
#ifndef LISTEN_WAKE_NET_H
#define LISTEN_WAKE_NET_H

#include "base/err.h"
#include "listen/embedding.h"
#include "listen/head.h"
#include "port/wake.h"

enum {
	WAKE_NET_DOUBT_MS = 400,
	WAKE_NET_REST_MS = 1040,
	WAKE_NET_BACK_MS_MAX = 2000,
};

/* net and head are borrowed. ERR_LIMIT: the memory may not be locked; ERR_MEMORY. */
MUST_CHECK enum err wake_net_create(const struct embedding_net *net,
				    const struct head *head, struct wake *out_wake);

/* Listens for another head's word in what `first`, made by wake_net_create and kept until
 * this one is closed, is fed: to be fed each frame right after it, and reset by itself.
 * For a word that is listened for seldom and given no second opinion: believed from
 * `doubtful` on. head is borrowed. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err wake_net_create_also(const struct wake *first,
					 const struct head *head, struct wake *out_wake);

/* Opens both files and owns them. Note: one line. As embedding_net_open, head_open. */
MUST_CHECK enum err wake_net_open(const char *net_path, const char *head_path,
				  struct wake *out_wake, struct err_note *note);

#endif
