/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_file - contacts written down as JSON, for `contacts import`.
 *
 *   [{"name": "Anna", "mail": "anna@example.org"},
 *    {"name": "Mia", "house": "Mia", "voice": true},
 *    {"name": "Bea", "peer": "bea.example.org:7443", "key": KEY, "box_key": KEY}]
 *
 * A key of another name, a value of another type and a contact that is not whole are
 * refused.
 */
#ifndef CLI_CONTACTS_FILE_H
#define CLI_CONTACTS_FILE_H

#include "base/err.h"
#include "cli/household.h"

enum { CONTACTS_FILE_BYTES_MAX = 4 * 1024 * 1024 };

struct contacts_file {
	size_t count;
	struct wire_contact contacts[POLICY_CONTACTS_MAX]; /* without ids */
};

/* household NULL: checks only, before anybody signs in. The note reads
 * "path: [3].mail: expected text". ERR_DENIED: more than a house can have beside those
 * that it has. */
MUST_CHECK enum err contacts_file_read(const char *path,
				       const struct household *household,
				       struct contacts_file *out_file,
				       struct err_note *note);

#endif
