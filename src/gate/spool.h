/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - the parcels that this house keeps for others, as a relay: one file each, until
 * whom it is for has taken it.
 *
 * What was put is on the disk before the call returns. Nothing in it can be read here; the
 * names of the files are the keys' fingerprints and numbers. One thread.
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
	SPOOL_PARCELS_EACH = 512, /* from one house */
	SPOOL_BYTES_EACH = 64 * 1024 * 1024,
	SPOOL_BYTES_MAX = 512 * 1024 * 1024,
};

struct spool;

/* Reads what lies there; the folder is made where it is missing. A file that is none of ours
 * is left alone and said. */
MUST_CHECK enum err spool_open(const char *folder, const struct clock *clock,
			       struct spool **out_spool, struct err_note *note);
void spool_close(struct spool *spool); /* NULL is fine */

/* Its signature was verified. One that lies there already is fine. ERR_LIMIT: this house, or
 * all of them, have as much here as they may. ERR_TIMEOUT: it is older than any that is
 * carried, or made in the future. ERR_IO. */
MUST_CHECK enum err spool_put(struct spool *spool, const struct parcel_head *head,
			      const uint8_t *body);
/* The next for that house: the oldest, but letters last. ERR_MISSING: there is none. A file that cannot be read any more
 * is passed over, and goes when its time comes. The caller finishes out_body. */
MUST_CHECK enum err spool_first(struct spool *spool, const uint8_t to[PARCEL_KEY_BYTES],
				struct parcel_head *out_head, struct buf *out_body);
/* It was taken, or will never be. */
void spool_drop(struct spool *spool, const struct parcel_head *head);
/* Drops what nobody fetched in its time. */
void spool_tick(struct spool *spool);
size_t spool_count(const struct spool *spool);

#endif
