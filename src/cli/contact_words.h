/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_words - a contact as somebody writes it, in options or in a file: checked, and
 * made what the keeper is sent.
 */
#ifndef CLI_CONTACT_WORDS_H
#define CLI_CONTACT_WORDS_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/household.h"
#include "wire/wire.h"

/* All borrowed; NULL: not given. One of house, mail and peer is. */
struct contact_words {
	const char *name;
	const char *house; /* a person who lives here */
	const char *mail;  /* an address with an @ */
	const char *peer;  /* where their house answers: domain/peer_address.h */
	const char *key;   /* of a peer's hub */
	const char *box_key;
	bool voice;
};

/* Fills all of *contact but its id. household NULL: checks only, before anybody signs in.
 * place stands in front of complaints ("file: [3]."); "" for options. ERR_RANGE, and
 * ERR_MISSING for somebody who does not live here. */
MUST_CHECK enum err contact_from_words(const struct contact_words *words,
				       const struct household *household,
				       const char *place, struct wire_contact *contact,
				       struct err_note *note);

#endif
