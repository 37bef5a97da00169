/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_fake - a mail server in memory, which answers when the test says so.
 *
 * Refuses what every such server's adapter refuses, and remembers everything else.
 */
#ifndef FAKE_MAIL_FAKE_H
#define FAKE_MAIL_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/mail_address.h"
#include "port/mail.h"

enum { MAIL_FAKE_SENT_MAX = 128 };

struct mail_fake_sent {
	uint64_t token;
	bool open; /* not yet answered */
	char id[MAIL_ID_MAX + 1];
	char to[MAIL_ADDRESS_MAX + 1];
	char to_name[MAIL_NAME_MAX + 1];
	char subject[MAIL_SUBJECT_MAX + 1];
	char text[MAIL_TEXT_MAX + 1];
	int64_t at_ms;
	uint8_t *sound; /* a copy */
	size_t sound_size;
};

struct mail_fake;

MUST_CHECK enum err mail_fake_create(struct mail_listener listener,
				     struct mail_fake **out_fake);
void mail_fake_destroy(struct mail_fake *fake); /* NULL is fine */

/* The port. mail_close on it answers what is open and leaves the fake to its test. */
struct mail mail_fake_mail(struct mail_fake *fake);

/* Answers the oldest that is open; false: none is. */
bool mail_fake_answer(struct mail_fake *fake, const struct delivery *result);

/* What was sent, oldest first, also what was answered. */
size_t mail_fake_count(const struct mail_fake *fake);
const struct mail_fake_sent *mail_fake_sent(const struct mail_fake *fake, size_t index);

#endif
