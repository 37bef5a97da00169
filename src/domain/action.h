/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action - one thing to be done to one target, exactly; the subject of a warrant.
 *
 * The table is domain/actions.def. It stands here and not in act/ because deciding
 * reads the class and acting reads the function.
 */
#ifndef DOMAIN_ACTION_H
#define DOMAIN_ACTION_H

#include "base/err.h"
#include "domain/book_when.h"
#include "domain/capability.h"
#include "domain/home.h"

enum action_class { CLASS_A, CLASS_B, CLASS_C };

/* What completes an action; each holds more than the one before. */
enum action_factor { FACTOR_NONE, FACTOR_MARGIN, FACTOR_VOICE, FACTOR_TAP };

enum action_kind {
#define ACTION(name, class, factor, capability, per_hour, text, sentence) ACTION_##name,
#include "domain/actions.def"
#undef ACTION
	ACTION_KIND_COUNT
};

enum {
	COLOUR_NAME_BYTES = 24,
	ACTION_MODE_BYTES = 16,
	ACTION_BODY_BYTES = 32,
	ACTION_ITEM_BYTES = 64,
	ACTION_WORDS_BYTES = 256,
	ACTION_BYTES_MAX = 512, /* of the canonical form */
};

/* Which fields count depends on kind; the rest are zero. Values are absolute: steps
 * ("warmer", "louder") are resolved by decide/, which knows the state of the home. */
struct action {
	enum action_kind kind;
	char entity[ENTITY_ID_BYTES]; /* "" for the room itself or the whole house; of a
				       * message: its recipient's contact id; of an
				       * announcement: the one room that it is for; of
				       * a room's policy: that room */
	char room[NAME_BYTES];        /* where it was asked; volume and talk act there */
	int percent;                  /* brightness, position, volume: 0..100 */
	double celsius;
	bool is_limited; /* percent or celsius is as far as it may go, and not what was
			  * said. Stays in the hub, as words do */
	char mode[ACTION_MODE_BYTES];    /* arming: "away" "home" "night"; "" is away. Of
					  * a room's policy: the capability's name */
	char colour[COLOUR_NAME_BYTES];  /* CSS colour name */
	uint8_t body[ACTION_BODY_BYTES]; /* of a message, and of an announcement that was
					  * spoken: SHA-256 of the memo */
	char item
		[ACTION_ITEM_BYTES]; /* of an order: what is bought; mode: the way it goes.
				      * Of music: its name; mode: its kind. Of a skill,
				      * which is the entity: its intent; words: its slots;
				      * mode: "effect" where it may sound */
	int64_t cents;               /* and for how much */
	struct book_ask book; /* of the house book. Stays in the hub, as words do */
	char words[ACTION_WORDS_BYTES]; /* of an announcement: what the house says; "" it
					 * was spoken. Of music: the rooms that were named,
					 * one a line; "*" all; "" none. Stays in the hub */
};

const char *action_name(enum action_kind kind);     /* "light.brightness" */
const char *action_sentence(enum action_kind kind); /* finishes "asked to ..." */
enum action_class action_class(enum action_kind kind);
const char *action_class_text(enum action_class class_of); /* "A" */
enum action_factor action_factor(enum action_kind kind);
enum capability action_capability(enum action_kind kind);
unsigned action_per_hour(enum action_kind kind); /* 0: no limit */

/* What is hashed, signed and carried out: one field a line, the form's name first, so that
 * the same action gives the same bytes on every machine and everybody who approves it
 * approves all of it. What has no item and costs nothing is written as before there were
 * such things. Ends with NUL, which *out_size does not count. ERR_RANGE: a field
 * holds a line's end, the heat is no number within 1000 degrees of freezing, or there are
 * words or something of the book, which are in no form. */
MUST_CHECK enum err action_bytes(const struct action *action, char to[ACTION_BYTES_MAX],
				 size_t *out_size);
/* ERR_FORMAT: not exactly what action_bytes writes. */
MUST_CHECK enum err action_read(const char *bytes, size_t size,
				struct action *out_action);

#endif
