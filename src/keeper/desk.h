/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk - the keeper without its sockets: messages in, messages out, rows to a store.
 *
 * Everything that must last goes through one queue in the order it came: rows and their
 * journal entries make one batch with one signed checkpoint, one batch is under way at a
 * time, and nobody is answered before the store has said that it is durable. One thread;
 * calls back only from inside desk_receive, the store's step and desk_tick.
 */
#ifndef KEEPER_DESK_H
#define KEEPER_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "port/clock.h"
#include "port/rand.h"
#include "port/store.h"
#include "vault/owner.h"
#include "wire/wire.h"

enum {
	DESK_LINKS_MAX = 32,
	DESK_OWNERS_MAX = POLICY_OWNERS_MAX,
	DESK_SEALS_MAX = 4,        /* recordings on their way in */
	DESK_SEAL_MS = 10000,      /* from the first to the last piece of one */
	DESK_SIGNED_WAIT_MS = 500, /* for what its room signed of one that is whole */
	DESK_PARKED_MAX = 4,       /* that wait for a tap */
	DESK_PARKED_MS = 6 * 60 * 1000, /* longer than anything waits for one */
	DESK_MEMOS_MAX = 4,             /* spoken messages on their way in */
	DESK_MEMO_MS = 30000,           /* from the first piece until it is asked for */
	DESK_QUEUE_ITEMS_MAX = 1024,    /* not yet durable */
	DESK_QUEUE_BYTES_MAX = 32 * 1024 * 1024,
	DESK_BATCH_ITEMS_MAX = 120,
	DESK_BATCH_BYTES_MAX = 8 * 1024 * 1024,
	DESK_TRIES_FREE = 5,       /* wrong passphrases before each next one waits */
	DESK_TRIES_WAIT_MS = 1000, /* doubled each time */
	DESK_TRIES_WAIT_MAX_MS = 60000,
	DESK_TICK_MS = 5000, /* desk_tick is to be called at least as often */
	DESK_CODE_BYTES = 24,
	DESK_HISTORY_ROWS_MAX = 1000,
	DESK_WHY_ROWS_MAX = 256,
};

/* DESK_SELF: the desk's own, for what it does unasked; nobody opens it from outside. */
enum desk_side { DESK_HUB, DESK_OWNER, DESK_DEVICE, DESK_GATE, DESK_SELF };

enum desk_state {
	DESK_LOADING, /* reading what is stored; requests wait or are refused */
	DESK_READY,
	DESK_BROKEN, /* desk_trouble says why; end the program */
};

struct desk_parts {
	struct household_id household;
	const struct secret *seed;
	const struct secret *house_key;
	const struct secret *gate_seed; /* goes into backups; NULL: there is none */
	uint8_t gate_key
		[SEAL_SIGN_PUBLIC_BYTES]; /* by which other houses know this one */
	struct clock clock;
	struct rand rand;
	struct owner_cost cost; /* OWNER_COST but in tests */
	/* A batch starts with desk_flush alone, so that what comes together becomes durable
	 * together; else with the first thing there is to write. */
	bool is_patient;
	/* The first owner exists: the code is void. May be NULL. */
	void (*owner_made)(void *context);
	void *context;
	/* That the house ends is to be written down, durably, before any of it is gone; then
	 * the receipt of its end, behind which the program ends and removes its files. NULL
	 * where a house cannot be ended. */
	enum err (*ends)(void *context, struct owner_id by);
	enum err (*ended)(void *context, const void *receipt, size_t size);
	const struct owner_id *ends_by; /* it was ending when it stopped; or NULL */
	/* The rows come from a backup: what binds the house and was open is called off. */
	bool is_restored;
};

struct desk;
struct desk_link;

/* Sends one message to the other side; borrowed for the call. An error closes the link
 * later, by desk_close. */
typedef enum err desk_send_fn(void *context, enum wire_type type, const void *fields);

MUST_CHECK enum err desk_create(const struct desk_parts *parts, struct desk **out_desk);
void desk_destroy(struct desk *desk); /* wipes all keys; NULL is fine; not the store */

/* What the store is to call; then hand the store over, which starts reading it. */
struct store_listener desk_store_listener(struct desk *desk);
void desk_start(struct desk *desk, const struct store *store);
enum desk_state desk_state_of(const struct desk *desk);
const char *desk_trouble(const struct desk *desk); /* "" for none */
bool desk_has_owner(const struct desk *desk);
/* The code that the first owner needs; made anew by each desk, valid without owner. */
const char *desk_code(const struct desk *desk);

/* ERR_LIMIT: too many links. */
MUST_CHECK enum err desk_open(struct desk *desk, enum desk_side side, desk_send_fn *send,
			      void *context, struct desk_link **out_link);
void desk_receive(struct desk *desk, struct desk_link *link,
		  const struct wire_message *message);
/* Forgets the link, its unlocked key and what it waits for; what it asked to be written
 * is written all the same. NULL is fine. */
void desk_close(struct desk *desk, struct desk_link *link);

/* Wipes what has had its time: epochs, idle keys, unfinished recordings. */
void desk_tick(struct desk *desk);
/* After how long desk_tick is to be called again. */
int64_t desk_tick_in_ms(const struct desk *desk);

/* Of a patient desk: how much could begin to be written, and to begin it. */
size_t desk_waits(const struct desk *desk);
void desk_flush(struct desk *desk);

/* True when nothing waits for the store. */
bool desk_is_idle(const struct desk *desk);

#endif
