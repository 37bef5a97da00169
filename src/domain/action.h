/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action - one thing to be done to one target, exactly; the subject of a warrant.
 *
 * The table is domain/actions.def. It stands here and not in act/ because deciding
 * reads the class and acting reads the function.
 */
#ifndef DOMAIN_ACTION_H
#define DOMAIN_ACTION_H

#include "domain/home.h"

enum action_class { CLASS_A, CLASS_B, CLASS_C };

enum action_kind {
#define ACTION(name, class, text, sentence) ACTION_##name,
#include "domain/actions.def"
#undef ACTION
	ACTION_KIND_COUNT
};

enum { COLOUR_NAME_BYTES = 24, ACTION_MODE_BYTES = 16 };

/* Which fields count depends on kind; the rest are zero. Values are absolute: steps
 * ("warmer", "louder") are resolved by decide/, which knows the state of the home. */
struct action {
	enum action_kind kind;
	char entity[ENTITY_ID_BYTES]; /* "" for the room itself or the whole house */
	char room[NAME_BYTES];        /* where it was asked; volume and talk act there */
	int percent;                  /* brightness, position, volume: 0..100 */
	double celsius;
	char mode[ACTION_MODE_BYTES];   /* arming: "away" "home" "night"; "" is away */
	char colour[COLOUR_NAME_BYTES]; /* CSS colour name */
};

const char *action_name(enum action_kind kind);     /* "light.brightness" */
const char *action_sentence(enum action_kind kind); /* finishes "asked to ..." */
enum action_class action_class(enum action_kind kind);
const char *action_class_text(enum action_class class_of); /* "A" */

#endif
