/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_archive - has the keeper make an archive of what a link's unlocked key opens, and
 * writes it: the keeper's files into a ZIP, that into age where somebody asked for it, that to
 * its target. Nothing of it is kept anywhere on the way. One thread.
 */
#ifndef CLI_EXPORT_ARCHIVE_H
#define CLI_EXPORT_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "adapter/age.h"
#include "adapter/link_unix.h"
#include "adapter/sink.h"
#include "base/err.h"

enum { EXPORT_REASON_BYTES = 32 };

struct export_request {
	bool by_room;
	size_t recipient_count; /* 0: plain */
	struct age_recipient recipients[AGE_RECIPIENTS_MAX];
};

struct export_made {
	uint32_t recordings;
	uint32_t left_out;
	uint64_t bytes;                   /* of the archive */
	int64_t first_byte_ms;            /* from the asking to the first byte of it */
	char reason[EXPORT_REASON_BYTES]; /* the keeper\'s, where it made none; else "" */
	uint64_t event;                   /* its place in the journal */
};

/* client is signed in. Not OK: what the target got is to be thrown away, and of out_made only
 * the reason counts. ERR_DENIED: the keeper would not, or stopped; the note says why. */
MUST_CHECK enum err export_archive_write(struct link_client *client,
					 const struct export_request *request,
					 const struct sink *target,
					 struct export_made *out_made,
					 struct err_note *note);

#endif
