/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people - who lives here, whom messages may go to, and whose devices approve.
 *
 * Plain values, part of the policy. A name alone never identifies anybody: names are what
 * people say, ids and keys are what is believed. Pure.
 */
#ifndef DOMAIN_PEOPLE_H
#define DOMAIN_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/capability.h"
#include "domain/ids.h"

enum {
	PEOPLE_NAME_BYTES = 64,
	PEOPLE_ADDRESS_BYTES = 128,
	PEOPLE_KEY_BYTES = 32,
};

enum person_role {
#define ROLE(name, text, capabilities) ROLE_##name,
#include "domain/roles.def"
#undef ROLE
	ROLE_COUNT
};

struct person {
	struct person_id id; /* an owner's is the id of their key */
	char name[PEOPLE_NAME_BYTES];
	enum person_role role;
	unsigned capabilities; /* what their devices may approve */
};

/* A key that approves, cancels, recalls and mutes; held on a phone or a computer. */
struct device {
	uint8_t key[PEOPLE_KEY_BYTES]; /* Ed25519, public */
	char name[PEOPLE_NAME_BYTES];
	struct person_id person;
	bool is_revoked;
};

/* How a message gets to somebody: CONTACT(NAME, "name", can_recall). */
#define CONTACT_KINDS(CONTACT)        \
	CONTACT(HOUSE, "house", true) \
	CONTACT(PEER, "peer", true)   \
	CONTACT(MAIL, "mail", false)

enum contact_kind {
#define CONTACT(name, text, can_recall) CONTACT_##name,
	CONTACT_KINDS(CONTACT)
#undef CONTACT
		CONTACT_KIND_COUNT
};

/* Whom a message may go to; an owner enrolled each. */
struct contact {
	struct contact_id id;
	char name[PEOPLE_NAME_BYTES];
	enum contact_kind kind;
	bool voice_allowed;      /* voice may complete the dialogue; else a tap */
	struct person_id person; /* of the house; none for others */
	char address
		[PEOPLE_ADDRESS_BYTES]; /* of a peer hub or a mailbox; "" in the house */
	uint8_t key
		[PEOPLE_KEY_BYTES]; /* a peer hub's Ed25519 key: no other is spoken to */
	uint8_t box_key[PEOPLE_KEY_BYTES]; /* the person's X25519 key: only it opens */
};

const char *role_text(enum person_role role);
bool role_from_text(const char *text, enum person_role *out_role);
unsigned role_capabilities(enum person_role role);

const char *contact_kind_text(enum contact_kind kind);
bool contact_kind_from_text(const char *text, enum contact_kind *out_kind);
/* Whether what was handed over can still be called back. */
bool contact_kind_can_recall(enum contact_kind kind);

#endif
