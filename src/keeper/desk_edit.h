/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_edit - one change of the policy while an owner asks for it; for desk_policy.c, which
 * signs and writes it, and the files that know what it changes.
 */
#ifndef KEEPER_DESK_EDIT_H
#define KEEPER_DESK_EDIT_H

#include "base/key_text.h"
#include "keeper/desk_inner.h"

/* What asks for it, and what becomes of it. */
struct edit {
	struct desk *desk;
	struct owner_id owner; /* who asks */
	enum desk_refusal why; /* when it is refused */
	enum event_kind kind;
	char room[NAME_BYTES];
	const char *what;                   /* in the journal's words */
	char device[KEY_FINGERPRINT_BYTES]; /* "": it is not about one */
	enum certificate_kind certified;    /* a new key; none: there is none */
	uint8_t key[PEOPLE_KEY_BYTES];
	struct desk_link *also; /* told the same when it is refused; or NULL */
};

/* Changes policy as set asks, and says what that was; false: refused, with its why. */
typedef bool edit_fn(struct edit *edit, struct policy *policy, const void *set);

struct edit_row {
	enum wire_type type;
	edit_fn *apply;
};

/* Says why; false, always. */
bool edit_refuse(struct edit *edit, enum desk_refusal why);
/* A name as it is kept: trimmed; false when nothing is left. */
bool edit_read_name(char *to, size_t size, const char *name);

/* desk_day.c: what changes everyday things; NULL: that message changes none. */
edit_fn *desk_day_edit(enum wire_type type);

#endif
