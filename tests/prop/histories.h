/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histories - what happens in random histories of a house: somebody asks for something,
 * keeper and broker come, go and dawdle, and in the end all of it works again.
 *
 * The dice decide; each call takes from them what it always takes. One thread.
 */
#ifndef PROP_HISTORIES_H
#define PROP_HISTORIES_H

#include <stddef.h>

#include "domain/home.h"
#include "scenario/house.h"

struct histories_device {
	enum entity_domain domain;
	const char *name;
	const char *area;
};

/* A kitchen and a bedroom, and these devices. */
void histories_furnish(struct house *house, const struct histories_device *devices,
		       size_t count);
/* One of these, typed or said more or less clearly in one of the two rooms. */
void histories_speak(struct house *house, struct rand_fake *dice,
		     const char *const *requests, size_t count);

/* Keeper or broker: one of them comes, goes, holds back or answers too late. which: below
 * HISTORIES_TROUBLES. */
enum { HISTORIES_TROUBLES = 5 };
void histories_trouble(struct house *house, struct rand_fake *dice, unsigned which);

/* Everything works again and nobody speaks: whatever waits must come to its end. */
void histories_heal(struct house *house);

#endif
