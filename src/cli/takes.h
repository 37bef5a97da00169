/* SPDX-License-Identifier: Apache-2.0 */
/*
 * takes - the sentences an endpoint is measured with: household commands and short
 * answers by flite, and people's orders where there are recordings of them.
 *
 * A pause in a command falls between two words, and both parts are spoken on their own,
 * as somebody does who stops to think; in a recording it falls into a quiet place. One
 * thread.
 */
#ifndef CLI_TAKES_H
#define CLI_TAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/clips.h"
#include "cli/take.h"

enum takes_set {
	TAKES_COMMANDS, /* nothing could follow but a courtesy */
	TAKES_OPEN,     /* whole commands that could go on */
	TAKES_SHORT,
	TAKES_FULL_ORDERS, /* with milk and sugar: nothing could follow */
	TAKES_ORDERS,      /* the others */
};
enum { TAKES_SETS = TAKES_ORDERS + 1, TAKES_BEFORE_MS = 400, TAKES_AFTER_MS = 2400 };

struct takes_wanted {
	enum takes_set set;
	size_t item;
	double factor;            /* pitch and speed */
	struct clips_noise noise; /* only with recordings at hand */
	int64_t pause_ms;         /* 0: none */
	size_t place;             /* which place for a pause */
};

struct takes;

/* Recordings that are not here leave the set empty and the noise out. */
MUST_CHECK enum err takes_create(struct takes **out_takes, struct err_note *note);
void takes_destroy(struct takes *takes); /* NULL is fine */

/* False when there are no recordings: orders and noise cannot be had. */
bool takes_have_recordings(const struct takes *takes);
size_t takes_count(const struct takes *takes, enum takes_set set);

/* The words of a command or short answer. */
const char *takes_words(enum takes_set set, size_t item);

/* Makes one; valid until the next call. ERR_MISSING: the item has no such place. */
MUST_CHECK enum err takes_make(struct takes *takes, const struct takes_wanted *wanted,
			       struct take **out_take, struct err_note *note);

#endif
