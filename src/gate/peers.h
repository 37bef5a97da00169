/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers - links to the gates of other houses and to relays: TLS 1.3, both keys pinned, and
 * on each link one parcel at a time in each direction.
 *
 * Connects where it is told to, listens where it may, and ends links that stall, flood, or
 * are not used. Knows nothing of what a parcel is for. All callbacks come on the loop's
 * thread, and never from inside peers_connect or peers_hand.
 */
#ifndef GATE_PEERS_H
#define GATE_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "adapter/identity.h"
#include "adapter/link_tls.h"
#include "adapter/parcel_wire.h"
#include "base/loop.h"
#include "gate/houses.h"

enum {
	PEERS_INCOMING_MAX = HOUSES_CARRIED_MAX + 16,
	PEERS_LINKS_MAX = PEERS_INCOMING_MAX + 32, /* with those that we make */
	PEERS_TAKEN_MS = 20 * 1000, /* the other side says within it that it has it */
	PEERS_WHOLE_MS = 30 * 1000, /* from a parcel's head to its last piece */
	PEERS_IDLE_MS = 60 * 1000,  /* then a link that nobody wants is closed */
	PEERS_AN_HOUR =
		600, /* letters that one link may bring within an hour; of others twice */
	PEERS_RETRY_MS = 1000, /* before the second try; then twice as long each */
	PEERS_RETRY_MAX_MS = 60 * 1000,
};

struct peers;

struct peers_parts {
	struct loop *loop;
	const struct identity *identity; /* borrowed */
	/* May the holder of this key be linked with? */
	bool (*knows)(void *context, const uint8_t key[PARCEL_KEY_BYTES]);
	/* One came whole, by the link of that number from whoever holds key; its signature is
	 * verified. peers_answer follows, now or later. body is borrowed for the call. */
	void (*came)(void *context, uint64_t link, const uint8_t key[PARCEL_KEY_BYTES],
		     const struct parcel_head *head, const uint8_t *body);
	/* The link to whoever holds this key can be handed the next one. */
	void (*ready)(void *context, const uint8_t key[PARCEL_KEY_BYTES]);
	/* What became of one that was handed: OK it is kept there; what the other side says
	 * against it; ERR_TIMEOUT nothing; ERR_CLOSED the link is over. */
	void (*taken)(void *context, uint64_t token, enum err err);
	/* No link to whoever holds this key came about. */
	void (*failed)(void *context, const uint8_t key[PARCEL_KEY_BYTES]);
	/* Is a link that we made there to be kept, also while nobody uses it? */
	bool (*keeps)(void *context, const uint8_t key[PARCEL_KEY_BYTES]);
	void *context;
};

MUST_CHECK enum err peers_create(const struct peers_parts *parts,
				 struct peers **out_peers);
void peers_destroy(struct peers *peers); /* NULL is fine */

MUST_CHECK enum err peers_listen(struct peers *peers, const struct link_tls_place *place,
				 struct err_note *note);
/* For place->port 0; 0: it does not listen. */
uint16_t peers_port(const struct peers *peers);

enum peers_state {
	PEERS_NONE,
	PEERS_OPENING,
	PEERS_BUSY, /* one that was handed is not answered yet */
	PEERS_FREE,
};
enum peers_state peers_state(struct peers *peers, const uint8_t key[PARCEL_KEY_BYTES]);

/* Makes a link there, unless one is open or opening; ready() or failed() follows, failed()
 * also when the last try is too short ago. */
void peers_connect(struct peers *peers, const struct way *way);
/* ERR_CLOSED: there is no link. ERR_BUSY. Else taken() follows. */
MUST_CHECK enum err peers_hand(struct peers *peers, const uint8_t key[PARCEL_KEY_BYTES],
			       const struct parcel_head *head, const uint8_t *body,
			       uint64_t token);
/* To whoever brought one; where the link is gone nobody hears it. */
void peers_answer(struct peers *peers, uint64_t link, enum err err);
/* Ends the links with those that are not known (any more). */
void peers_forget_strangers(struct peers *peers);

#endif
