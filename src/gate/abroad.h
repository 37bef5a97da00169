/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abroad - all that the gate has for messages between houses, put together: who they are
 * (houses), the links (peers), what is kept for others (spool), and what is done (post).
 *
 * Nothing of it is there unless the setting [peer] on is yes.
 */
#ifndef GATE_ABROAD_H
#define GATE_ABROAD_H

#include "adapter/identity.h"
#include "adapter/link.h"
#include "adapter/sandbox_linux.h"
#include "base/loop.h"
#include "domain/settings.h"
#include "gate/post.h"
#include "port/clock.h"

struct abroad;

struct abroad_parts {
	struct loop *loop;
	struct clock clock;
	const struct settings *settings; /* borrowed */
	const struct identity *identity; /* the gate's; borrowed */
	const char *folder;              /* the gate's own */
	struct link **keeper;            /* borrowed; points to NULL while it is away */
	/* An order is over: gate/post.h. */
	void (*carried)(void *context, struct proposal_id id, enum err err);
	void *context;
};

bool abroad_is_set(const struct settings *settings);
/* What the sandbox has to let through. */
void abroad_allow(const struct settings *settings, struct sandbox_rules *rules);

/* Before the sandbox: reads the settings and the file of keys. ERR_FORMAT with a note. */
MUST_CHECK enum err abroad_create(const struct settings *settings,
				  struct abroad **out_abroad, struct err_note *note);
/* In it: opens what needs the network. */
MUST_CHECK enum err abroad_open(struct abroad *abroad, const struct abroad_parts *parts,
				struct err_note *note);
void abroad_destroy(struct abroad *abroad); /* NULL is fine */

/* An order that was verified, to a contact of another house. carried() follows. */
void abroad_take(struct abroad *abroad, struct proposal_id id,
		 const struct contact *contact);
/* False for a message of the keeper's that is none of this. done and refused are everybody's:
 * tokens of others are passed over. */
bool abroad_message(struct abroad *abroad, const struct wire_message *message);
void abroad_keeper_lost(struct abroad *abroad);

#endif
