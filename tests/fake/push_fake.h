/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_fake - a push server in memory, which answers when the test says so.
 *
 * Refuses what every such server's adapter refuses, and remembers everything else.
 */
#ifndef FAKE_PUSH_FAKE_H
#define FAKE_PUSH_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/push.h"

enum { PUSH_FAKE_SENT_MAX = 64 };

struct push_fake_sent {
	uint64_t token;
	bool open; /* not yet answered */
	enum push_priority priority;
	char title[PUSH_TITLE_MAX + 1];
	char text[PUSH_TEXT_MAX + 1];
};

struct push_fake;

MUST_CHECK enum err push_fake_create(struct push_listener listener,
				     struct push_fake **out_fake);
void push_fake_destroy(struct push_fake *fake); /* NULL is fine */

/* The port. push_close on it answers what is open and leaves the fake to its test. */
struct push push_fake_push(struct push_fake *fake);

/* Answers the oldest that is open; false: none is. */
bool push_fake_answer(struct push_fake *fake, const struct delivery *result);

/* What was sent, oldest first, also what was answered. */
size_t push_fake_count(const struct push_fake *fake);
const struct push_fake_sent *push_fake_sent(const struct push_fake *fake, size_t index);

#endif
