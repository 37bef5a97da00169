/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt - writes it, from top to bottom, and signs what it wrote.
 */
#include "keeper/receipt.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/must.h"
#include "base/str.h"
#include "tlog/note.h"

enum { TIME_BYTES = 32 };

static const char COVERS[] =
	"\n"
	"This covers sound, transcript and everything made of them, in the database, in its\n"
	"write-ahead log and in temporary files of this keeper: their keys are destroyed, and\n"
	"their bytes overwritten. Nothing can hold such a deletion up: there is no hold that\n"
	"keeps for somebody else what its owner deletes.\n"
	"It does not cover copies that somebody made outside of this keeper (an export, a\n"
	"recording of what was played), what an SSD or a file system keeps of blocks that were\n"
	"overwritten, or a backup whose key table somebody else has kept.\n";

/* "2026-11-22T00:31:05Z" */
static void write_time(char to[TIME_BYTES], int64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	must(gmtime_r(&seconds, &parts)); /* of every number of milliseconds */
	must(strftime(to, TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0);
}

/* --- what is gone ----------------------------------------------------------------------- */

static enum err add_lines(const struct recorded_set *set, struct buf *to)
{
	char id[ID_TEXT_BYTES];
	char at[TIME_BYTES];
	enum err err = OK;

	for (size_t i = 0; err == OK && i < set->count; i++) {
		const struct recorded *one = &set->list[i];

		if (one->deleted == 0)
			continue;
		id_to_text(id, one->record.bytes);
		write_time(at, one->at_ms);
		err = buf_add_format(to, "record %s of %s deleted %" PRIu64 "\n", id, at,
				     one->deleted);
	}
	return err;
}

static enum err add_places(const struct recorded_set *set, struct buf *to)
{
	uint64_t first = UINT64_MAX;
	uint64_t last = 0;

	for (size_t i = 0; i < set->count; i++) {
		const uint64_t place = set->list[i].deleted;

		if (place != 0 && place < first)
			first = place;
		if (place > last)
			last = place;
	}
	return buf_add_format(to, "deleted %" PRIu64 " to %" PRIu64 "\n", first, last);
}

static enum err add_some(const struct receipt *receipt, struct buf *to)
{
	enum err err = buf_add_format(to, "what %zu recordings\n", receipt->count);

	if (err != OK)
		return err;
	return receipt->count <= RECEIPT_LINES_MAX ? add_lines(receipt->set, to)
						   : add_places(receipt->set, to);
}

static enum err add_all(const struct receipt *receipt, struct buf *to)
{
	return buf_add_format(to,
			      "what everything\n"
			      "generation %" PRIu64 "\n"
			      "erased %" PRIu64 "\n",
			      receipt->generation, receipt->erased);
}

/* --- the head -------------------------------------------------------- */

static enum err add_head(const struct desk *desk, const struct receipt *receipt,
			 struct buf *to)
{
	char household[ID_TEXT_BYTES];
	char owner[ID_TEXT_BYTES];
	char at[TIME_BYTES];

	id_to_text(household, desk->parts.household.bytes);
	id_to_text(owner, receipt->owner.bytes);
	write_time(at, clock_wall_ms(&desk->parts.clock));
	return buf_add_format(to,
			      "behest receipt 1\n"
			      "household %s\n"
			      "owner %s\n"
			      "at %s\n"
			      "why %s\n",
			      household, owner, at, receipt->why);
}

/* --- the signature ---------------------------------------------------------------------- */

static enum err add_signature(const struct desk *desk, size_t from, struct buf *to)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char household[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	char line[NOTE_LINE_BYTES];
	const struct note_key key = {name, NOTE_ED25519, desk->public_key};
	enum err err;

	id_to_text(household, desk->parts.household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	seal_sign(secret_view(desk->parts.seed), to->bytes + from, to->size - from,
		  signature);
	err = note_write_line(&key, signature, sizeof(signature), line);
	return err == OK ? buf_add_format(to, "\n%s", line) : err;
}

enum err receipt_write(const struct desk *desk, const struct receipt *receipt,
		       struct buf *to)
{
	const size_t from = to->size;
	enum err err = add_head(desk, receipt, to);

	if (err == OK)
		err = receipt->generation > 0 ? add_all(receipt, to)
					      : add_some(receipt, to);
	if (err == OK)
		err = buf_add_text(to, COVERS);
	if (err == OK)
		err = add_signature(desk, from, to);
	return err;
}
