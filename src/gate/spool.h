/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - the parcels that this house keeps for others, as a relay: one file each, until
 * whom it is for has taken it.
 *
 * What was put is on the disk before the call returns. Nothing in it can be read here. One
 * thread.
 */
#ifndef GATE_SPOOL_H
#define GATE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "adapter/parcel_wire.h"
#include "base/buf.h"
#include "base/err.h"
#include "port/clock.h"

enum {
	SPOOL_PARCELS_MAX = 4096,
	SPOOL_PARCELS_EACH = 512, /* from one house; of many houses their share */
	SPOOL_BYTES_EACH = 64 * 1024 * 1024,
	SPOOL_BYTES_MAX = 512 * 1024 * 1024,
	SPOOL_WANT_MS = 60 * 1000, /* then nobody waits for its answer any more */
	SPOOL_PAUSE_MS =
		30 * 1000, /* for a house's letters that were not taken; then twice */
	SPOOL_PAUSE_MAX_MS = 30 * 60 * 1000,
	SPOOL_PAUSE_OTHERS_MS = 5 * 1000, /* for what somebody waits for */
};

struct spool;

/* Reads what lies there; the folder is made where it is missing. A file that is none of ours
 * is left alone and said. houses: how many share it. */
MUST_CHECK enum err spool_open(const char *folder, const struct clock *clock,
			       size_t houses, struct spool **out_spool,
			       struct err_note *note);
void spool_close(struct spool *spool); /* NULL is fine */

/* Its signature was verified. One of the same kind and number that lies there already is
 * fine. ERR_LIMIT: this house, or
 * all of them, have as much here as they may. ERR_TIMEOUT: it is older than any that is
 * carried, or made in the future. ERR_IO. */
MUST_CHECK enum err spool_put(struct spool *spool, const struct parcel_head *head,
			      const uint8_t *body);
/* The next for that house: the oldest, but letters last. ERR_MISSING: there is none. A file that cannot be read any more
 * is passed over, and goes when its time comes. The caller finishes out_body. */
MUST_CHECK enum err spool_first(struct spool *spool, const uint8_t to[PARCEL_KEY_BYTES],
				struct parcel_head *out_head, struct buf *out_body);
/* It was not taken now. With a letter all letters of its house to there wait, longer each
 * time. */
void spool_put_off(struct spool *spool, const struct parcel_head *head);
/* It was taken, or will never be. */
void spool_drop(struct spool *spool, const struct parcel_head *head);
/* Drops what nobody fetched in its time. */
void spool_tick(struct spool *spool);
size_t spool_count(const struct spool *spool);

#endif
