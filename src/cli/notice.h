/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice - what the keeper tells a device of something that binds the household, read
 * again by the device itself, and the list of what is open.
 *
 * In goes a message of the keeper, out comes what a person is asked, made from exactly the
 * bytes that a verdict is signed over. Pure but for cryptography; one thread.
 */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/proposal.h"
#include "wire/wire.h"

enum {
	NOTICES_MAX = 1024,        /* more are counted and not shown */
	NOTICE_WORDS_BYTES = 1024, /* of an action */
	NOTICE_REASON_BYTES = 32,
	NOTICE_ID_LETTERS = 8, /* of an id, as it is shown */
};

struct notice {
	struct proposal_id id;
	struct turn_id turn;
	int64_t asked_ms; /* the keeper's wall clock */
	struct action action;
	uint8_t hash[APPROVAL_HASH_BYTES]; /* of the bytes as they came */
	enum proposal_state state;
	char reason[NOTICE_REASON_BYTES];
	int64_t until_ms;           /* of the state, by loop_now_ms(); 0: for ever */
	bool may;                   /* whether this device's approval counts */
	bool is_for_owner;          /* who is signed in, and no device */
	char to[PEOPLE_NAME_BYTES]; /* of a message: its contact, in the keeper's words */
	uint32_t sound_ms;
	bool can_recall;
	struct wire_order_card card; /* of an order; id none: there is none */
	size_t number; /* from 1, for as long as the list lives; 0: none yet */
	bool was_told; /* since notices_begin */
	bool was_receipted;
};

struct notices {
	size_t count;
	size_t last_number;
	size_t left_out; /* open, and not in the list */
	struct notice list[NOTICES_MAX];
};

/* ERR_FORMAT: the bytes are not those of an action, or the state is none. Then nothing of
 * it is to be shown or signed. seal_init() came first. */
MUST_CHECK enum err notice_read(const struct wire_notice *told, int64_t now_ms,
				struct notice *out_notice, struct err_note *note);

/* "unlock a door: lock.front, asked for in the kitchen": all fields of the action that are
 * not empty, fit for a terminal; of a message the contact by name. */
void notice_words(const struct notice *notice, char to[NOTICE_WORDS_BYTES]);

/* What a device can still do about something in that state. */
bool notice_can_approve(const struct notice *notice);
bool notice_can_cancel(const struct notice *notice);
/* A message that nobody has listened to: the others lie in the outbox, too. */
bool notice_is_on_its_way(const struct notice *notice);

/* Between begin and end the keeper tells all that is open; what it did not tell goes. */
void notices_begin(struct notices *notices);
void notices_end(struct notices *notices);
/* Takes one, with a number; what is over leaves the list. True: it is new, or in another
 * state than before. */
bool notices_take(struct notices *notices, struct notice *notice);

/* By the first digits of its id, as id_prefix_find; lists is the command that shows them.
 * The notice stays in the list. */
MUST_CHECK enum err notices_find(const struct notices *notices, const char *digits,
				 const char *lists, const struct notice **out_notice,
				 struct err_note *note);
/* By its number; NULL: none. */
const struct notice *notices_numbered(const struct notices *notices, size_t number);

#endif
