/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_what - what somebody says is not theirs: a recording, a turn, or an archive.
 *
 * An archive is known by its manifest: the first 16 bytes of the SHA-256 of its file
 * SHA256SUMS, which the keeper wrote into its journal as it handed the archive out.
 */
#ifndef CLI_REPORT_WHAT_H
#define CLI_REPORT_WHAT_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/client.h"

/* "FILE.zip", "FILE.zip:ENTRY", or "SHA256SUMS" of one that was unpacked. */
bool report_what_is_archive(const char *word);
/* Fills export and entry. ERR_MISSING, ERR_FORMAT, ERR_IO ... with a note. */
MUST_CHECK enum err report_what_archive(const char *word, struct wire_incident_report *to,
					struct err_note *note);
/* Fills record or turn; "3" and the like are looked up in the owner's history. */
MUST_CHECK enum err report_what_own(struct link_client *client, const char *word,
				    struct wire_incident_report *to,
				    struct err_note *note);

#endif
