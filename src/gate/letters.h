/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters - approved voice messages on their way out by mail.
 *
 * One is taken whose order was verified; its sound is fetched from the keeper, must hash to
 * what was approved, and is handed to the mail server. At least once: only what the server
 * has said for good goes into the ledger, everything else may be told again and then carries
 * the same Message-ID, the proposal's id; less and less often, and where nobody knows whether
 * the server has it, only a few times. Knows neither sockets nor SMTP. Runs in the
 * caller's loop; one thread.
 */
#ifndef GATE_LETTERS_H
#define GATE_LETTERS_H

#include <stddef.h>
#include <stdint.h>

#include "domain/action.h"
#include "domain/people.h"
#include "gate/ledger.h"
#include "port/clock.h"
#include "port/mail.h"

enum {
	LETTERS_MAX = MAIL_OPEN_MAX,  /* under way at a time */
	LETTERS_PUT_OFF_MAX = 64,     /* more are tried again as often as they are told */
	LETTERS_PAUSE_MS = 30 * 1000, /* before the second try; then twice as long each */
	LETTERS_PAUSE_MAX_MS = 60 * 60 * 1000,
	LETTERS_UNKNOWN_MAX = 3, /* tries that may have been delivered */
};

struct letters;

struct letters_parts {
	struct clock clock;
	struct ledger *ledger; /* borrowed */
	struct mail *mail;     /* borrowed; without ops: no server is set */
	const char *language;  /* of subject and text; borrowed */
	const char
		*from_name; /* the household's; "": a message names its room; borrowed */
	/* Asks the keeper for the sound: letters_sound, then letters_fetched follow. */
	enum err (*fetch)(void *context, uint64_t token, struct proposal_id id);
	/* One is over: OK the server has it; ERR_DENIED it never will; ERR_IO not now;
	 * ERR_TIMEOUT nobody knows; ERR_EXISTS nobody knows, and it is not tried again: it
	 * may be there; ERR_UNSUPPORTED no server is set; ERR_AUTH the sound is another
	 * one; ERR_MISSING the keeper has none (any more); ERR_BUSY too many, or it is not
	 * yet time for the next try. */
	void (*carried)(void *context, struct proposal_id id, enum err err);
	void *context;
};

MUST_CHECK enum err letters_create(const struct letters_parts *parts,
				   struct letters **out_letters);
void letters_destroy(struct letters *letters); /* wipes; NULL is fine */

/* carried() follows, also from inside; but not for one that is under way already. */
void letters_take(struct letters *letters, struct proposal_id id,
		  const struct action *action, const struct contact *contact);

/* What the keeper answers; a token that is none of ours is passed over. */
void letters_sound(struct letters *letters, uint64_t token, const uint8_t *bytes,
		   size_t size, bool is_last);
void letters_fetched(struct letters *letters, uint64_t token, enum err err);
/* The keeper is gone: what was being fetched is forgotten, it will be told again. */
void letters_lost(struct letters *letters);

/* What the mail's listener heard. */
void letters_mailed(struct letters *letters, uint64_t token,
		    const struct delivery *result);

#endif
