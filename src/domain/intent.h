/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intent - what was asked, before anybody decided whether it may be done.
 * tour 3/10: the value that understanding hands to deciding; next: listen/listen.h.
 *
 * An intent is a name from the sentence files and up to INTENT_SLOTS_MAX slots. It
 * carries no authority of any kind.
 */
#ifndef DOMAIN_INTENT_H
#define DOMAIN_INTENT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	INTENT_NAME_BYTES = 64,
	INTENT_SLOTS_MAX = 16,
	SLOT_NAME_BYTES = 32,
	SLOT_VALUE_BYTES = 256,
	TEXT_BYTES = 512, /* a spoken or typed request */
};

struct slot {
	char name[SLOT_NAME_BYTES];
	char value[SLOT_VALUE_BYTES]; /* the list's `out`, or the words themselves */
	bool is_number;
	double number; /* when is_number */
};

struct intent {
	char name[INTENT_NAME_BYTES]; /* "" when nothing was understood */
	size_t slot_count;
	struct slot slots[INTENT_SLOTS_MAX];
};

/* The slot of that name, or NULL. */
const struct slot *intent_slot(const struct intent *intent, const char *name);
/* Its value, or fallback. */
const char *intent_value(const struct intent *intent, const char *name,
			 const char *fallback);
/* Sets or replaces a slot; false when full or too long. */
bool intent_set(struct intent *intent, const char *name, const char *value);
bool intent_set_number(struct intent *intent, const char *name, double number);

#endif
