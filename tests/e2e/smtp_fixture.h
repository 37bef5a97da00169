/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp_fixture - a real mail server (exim) with a folder, an authority and a certificate
 * of its own.
 *
 * It listens on three free ports of 127.0.0.1 and knows one user. Its certificate is for
 * "localhost" alone, not for an address. It runs without rights: as nobody where the test
 * is root. Delivered mail is one file each below mail/new. Waits are bounded and fail the
 * test.
 */
#ifndef E2E_SMTP_FIXTURE_H
#define E2E_SMTP_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/file.h"

enum { SMTP_FIXTURE_WAIT_MS = 20000, SMTP_FIXTURE_STEP_MS = 10 };

#define SMTP_FIXTURE_USER "owner"
#define SMTP_FIXTURE_PASSWORD "a secret word"
/* What it answers to recipients with this local part: 550, and 451. */
#define SMTP_FIXTURE_NOBODY "nobody-here"
#define SMTP_FIXTURE_LATER "come-later"
/* With a file of this name in its folder it takes those of come-later, too. */
#define SMTP_FIXTURE_LATE_ENOUGH "late-enough"
/* A subject that it refuses once it has all of the message. */
#define SMTP_FIXTURE_UNWANTED "unwanted"

/* A certificate for "localhost", signed by itself. Fails the test. */
void smtp_fixture_certificate(const char *path, const char *key_path);

struct smtp_fixture {
	char folder[FILE_PATH_BYTES];
	char certificate[FILE_PATH_BYTES]; /* the authority, too */
	char key[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES];
	uint16_t starttls_port;
	uint16_t implicit_port;
	uint16_t plain_port; /* offers no TLS */
	pid_t pid;
};

/* False when there is no exim on this machine: says so on stdout. */
bool smtp_fixture_is_here(void);

/* Makes the folder and what is in it, starts the server, waits until it listens. */
void smtp_fixture_begin(struct smtp_fixture *fixture);
void smtp_fixture_end(struct smtp_fixture *fixture);

/* How many mails were delivered so far. */
unsigned smtp_fixture_count(const struct smtp_fixture *fixture);
/* Waits for `count` delivered mails; the path of one of them into to. */
void smtp_fixture_await(const struct smtp_fixture *fixture, unsigned count,
			char to[FILE_PATH_BYTES]);
/* Takes all delivered mails away. */
void smtp_fixture_clear(const struct smtp_fixture *fixture);

#endif
