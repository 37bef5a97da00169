/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post - what is to be done with parcels: messages that were approved go to their house, what
 * comes for this house goes to its keeper, and what comes for others is kept for them.
 *
 * Of a message the keeper gives the sealed body; nothing here can open it. A message counts
 * as handed over when the other house, or its relay, has said that it has it. Tries each
 * once: the keeper tells again what was not carried. One thread; knows no socket.
 */
#ifndef GATE_POST_H
#define GATE_POST_H

#include <stdint.h>

#include "adapter/identity.h"
#include "gate/houses.h"
#include "gate/peers.h"
#include "gate/spool.h"
#include "port/clock.h"

enum {
	POST_MAX = 64, /* on their way out at a time; of these at most: */
	POST_ORDERS_MAX = 32,
	POST_ORDERS_EACH = 8, /* to one house */
	POST_KEEPERS_MAX = 16,
	POST_WAITS_MS = 15 * 1000, /* for a link */
	POST_IN_MAX = PEERS_LINKS_MAX,
	POST_AWAY_MS = 10 * 1000, /* no order to a house that was not there */
	POST_PAUSE_MS =
		30 * 1000, /* nor to one that has enough; then twice as long each */
	POST_PAUSE_MAX_MS = 15 * 60 * 1000,
	POST_ASKED_MS = 60 * 1000, /* an answer goes back by the link it was asked by */
};

/* Tokens of what it asks the keeper begin here: no other part's reach so far. */
#define POST_TOKENS (UINT64_C(1) << 62)

struct post;

struct post_parts {
	struct clock clock;
	const struct identity *identity; /* the gate's; borrowed */
	struct houses *houses;           /* borrowed */
	struct spool *spool;             /* borrowed; NULL: this house is no relay */
	/* peers.h, or a test's: */
	struct post_links {
		void *context;
		enum peers_state (*state)(void *context, const uint8_t *key);
		void (*connect)(void *context, const struct way *way);
		enum err (*hand)(void *context, const uint8_t *key,
				 const struct parcel_head *head, const uint8_t *body,
				 uint64_t token);
		void (*answer)(void *context, uint64_t link, enum err err);
	} links;
	/* The keeper. fetch: post_body, then post_fetched follow. bring: post_brought follows.
	 * Both ERR_CLOSED while it is away. */
	enum err (*fetch)(void *context, uint64_t token, struct proposal_id id);
	enum err (*bring)(void *context, uint64_t token, const struct parcel_head *head,
			  const uint8_t *body);
	/* An order is over: OK it was handed over; ERR_CLOSED, ERR_TIMEOUT, ERR_BUSY, ERR_IO
	 * not now; else what the other house says against it. */
	void (*carried)(void *context, struct proposal_id id, enum err err);
	/* One of the keeper's own parcels is over, the same way. */
	void (*taken)(void *context, uint64_t keeper_token, enum err err);
	void *context;
};

MUST_CHECK enum err post_create(const struct post_parts *parts, struct post **out_post);
void post_destroy(struct post *post); /* NULL is fine */

/* An order that was verified, to a contact of another house. carried() follows, also from
 * inside, unless it is under way already. */
void post_take(struct post *post, struct proposal_id id, const struct contact *contact);
/* A parcel of the keeper's own, whole; the head is not signed yet. taken() follows. */
void post_send(struct post *post, const struct parcel_head *head, const uint8_t *body,
	       uint64_t keeper_token);

/* What the keeper answers; tokens of others are passed over. */
void post_body(struct post *post, uint64_t token, const uint8_t *bytes, size_t size,
	       bool is_last);
void post_fetched(struct post *post, uint64_t token, enum err err);
void post_brought(struct post *post, uint64_t token, enum err err);
/* The keeper is gone: what was asked of it is not answered any more. */
void post_lost(struct post *post);

/* What the links tell (peers.h). */
bool post_knows(const struct post *post, const uint8_t key[PARCEL_KEY_BYTES]);
bool post_keeps(const struct post *post, const uint8_t key[PARCEL_KEY_BYTES]);
void post_came(struct post *post, uint64_t link, const uint8_t key[PARCEL_KEY_BYTES],
	       const struct parcel_head *head, const uint8_t *body);
void post_ready(struct post *post, const uint8_t key[PARCEL_KEY_BYTES]);
void post_taken(struct post *post, uint64_t token, enum err err);
void post_failed(struct post *post, const uint8_t key[PARCEL_KEY_BYTES]);

/* Every second or so: gives up what waited too long, drops old parcels, and keeps the links
 * that are to be kept. */
void post_tick(struct post *post);

#endif
