/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_phone - somebody's paired device that the test plays, at the keeper's own socket.
 *
 * Remembers the newest notice of each proposal, by the body that it is about, and when its
 * own last word of it went out; says by itself that it has shown what waits for that, while
 * it is told to. A keeper that is gone ends what is waited for. Waits are bounded and fail
 * the test. One thread.
 */
#ifndef E2E_WIRE_PHONE_H
#define E2E_WIRE_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/link_unix.h"
#include "base/buf.h"
#include "base/seal.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "e2e/house_fixture.h"

enum { WIRE_PHONE_NOTICES_MAX = 128 };

/* What is known of one proposal. */
struct wire_phone_told {
	struct proposal_id id;
	uint8_t body[ACTION_BODY_BYTES];
	uint8_t hash[APPROVAL_HASH_BYTES]; /* of the action: what a verdict is over */
	char state[16];
	char reason[32];
	bool can_recall;
	int64_t word_ms;    /* when our last receipt or tap went out */
	int64_t ordered_ms; /* when it was first told as ordered, or sent; 0: never */
	unsigned ordered;   /* how often it went from something else to that */
	unsigned opening;   /* the phone's, in which it was told of last */
};

struct wire_phone {
	struct house *house; /* borrowed */
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct household_id household;
	struct link_client *client; /* NULL: the keeper is gone */
	uint64_t token;
	bool gives_receipts;
	unsigned openings; /* how often it came back */
	size_t told_count;
	struct wire_phone_told told[WIRE_PHONE_NOTICES_MAX];
	size_t row_count; /* of the inbox, as it was listed last */
	struct wire_inbox_row rows[WIRE_PHONE_NOTICES_MAX];
};

/* Its key from the number; pairs it over an owner's signed-in link, as that person's, and
 * closes again. */
void wire_phone_pair(struct wire_phone *phone, struct house *house, uint8_t number,
		     struct link_client *owner, const uint8_t person[ID_BYTES]);

/* Comes back, and takes what waits and what is in the outbox: all that is not over. */
void wire_phone_open(struct wire_phone *phone);
void wire_phone_close(struct wire_phone *phone);
/* Takes what has come; false: the keeper is gone. */
bool wire_phone_poll(struct wire_phone *phone);
/* NULL: it was never told of one with that body. */
struct wire_phone_told *wire_phone_find(struct wire_phone *phone,
					const uint8_t body[ACTION_BODY_BYTES]);

/* Sends it and does not wait; false: the keeper is gone. */
bool wire_phone_say(struct wire_phone *phone, struct wire_phone_told *told,
		    enum approval_verdict verdict);
/* Until the answer: OK, or ERR_DENIED where it was refused; ERR_CLOSED. */
enum err wire_phone_wait_answer(struct wire_phone *phone);

/* What lies there for whose device it is, into rows. */
enum err wire_phone_list(struct wire_phone *phone);
/* Asks for a message's sound and does not wait. */
bool wire_phone_ask_sound(struct wire_phone *phone, struct proposal_id id);
/* What comes of it, into a buffer that the caller finishes, also of what came before the
 * keeper was gone. How it ended. */
enum err wire_phone_take_sound(struct wire_phone *phone, struct buf *to);

#endif
