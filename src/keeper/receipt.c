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

static const char COVERS_HOUSE[] =
	"\n"
	"This covers all that was ever kept for anybody of this household: the keys above every\n"
	"recording, of owners, of the household's box, of messages and of backups, were destroyed\n"
	"in the keeper's database and its log before this was signed, so that what is left there\n"
	"opens for nobody. Behind this the keeper overwrites and removes its files, the key that\n"
	"signed this among them: nobody can sign that afterwards, and nothing more in its name.\n"
	"It does not cover copies that somebody made outside of this keeper (an export, a\n"
	"recording of what was played, a copy of the data folder from before), what an SSD or a\n"
	"file system keeps of blocks that were overwritten, or what devices and other houses\n"
	"were told.\n";

static const char COVERS_NO_BACKUP[] =
	"\n"
	"No backup was ever made of this household by its own keeper.\n";

static const char COVERS_BACKUP[] =
	"\n"
	"The newest backup is older than this. Its ciphertext alone opens nothing. But its key\n"
	"table and the backup key that belongs to it, both of before this, still open with an\n"
	"owner's passphrase or recovery code of then, until the next backup takes their place%s.\n"
	"Whoever has kept copies of both opens with them what there was then.\n";

/* "2026-11-22T00:31:05Z" */
static void write_time(char to[TIME_BYTES], int64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	if (wall_ms == 0) { /* it is not known */
		must(str_copy(to, TIME_BYTES, "?"));
		return;
	}
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

/* By which other programs check the signature: a C2SP verifier key. */
static enum err add_key(const struct desk *desk, const char *name, struct buf *to)
{
	uint8_t bytes[1 + SEAL_SIGN_PUBLIC_BYTES] = {NOTE_ED25519};
	char text[SEAL_BASE64_BYTES(sizeof(bytes))];
	char digits[2 * NOTE_KEY_ID_BYTES + 1];
	uint8_t id[NOTE_KEY_ID_BYTES];
	enum err err = note_key_id(name, NOTE_ED25519, desk->public_key, id);

	if (err != OK)
		return err;
	memcpy(bytes + 1, desk->public_key, SEAL_SIGN_PUBLIC_BYTES);
	seal_base64(text, sizeof(text), bytes, sizeof(bytes));
	str_to_hex(digits, id, sizeof(id));
	return buf_add_format(to, "vkey %s+%s+%s\n", name, digits, text);
}

static enum err add_house(const struct desk *desk, const char *name,
			  const struct receipt *receipt, struct buf *to)
{
	char id[ID_TEXT_BYTES];
	enum err err = buf_add_text(to, "what the household\n");

	if (err == OK)
		err = add_key(desk, name, to);
	for (size_t i = 0; err == OK && i < desk->owner_count; i++) {
		if (!desk_end_concerns(desk, i))
			continue;
		id_to_text(id, desk->owners[i].id.bytes);
		err = buf_add_format(to, "whose %s %s\n", id, desk->owners[i].name);
	}
	if (err == OK)
		err = buf_add_format(to, "ended %" PRIu64 "\n", receipt->ended);
	return err;
}

/* --- backups ---------------------------------------------------------------------------- */

/* Of one that there is. No backup comes behind a house's end. */
static bool has_older_backup(const struct desk *desk, const struct receipt *receipt)
{
	return receipt->ended > 0 || desk_backup_is_older(desk);
}

static enum err add_backup(const struct desk *desk, const struct receipt *receipt,
			   struct buf *to)
{
	char at[TIME_BYTES];

	if (desk->backup.last.made_ms == 0)
		return buf_add_text(to, "backup none\n");
	write_time(at, desk->backup.last.made_ms);
	return buf_add_format(to, "backup %s %s\n",
			      has_older_backup(desk, receipt) ? "older" : "newer", at);
}

static enum err add_covers(const struct desk *desk, const struct receipt *receipt,
			   struct buf *to)
{
	const bool is_house = receipt->ended > 0;
	enum err err = buf_add_text(to, is_house ? COVERS_HOUSE : COVERS);

	if (err == OK && desk->backup.last.made_ms == 0)
		err = buf_add_text(to, COVERS_NO_BACKUP);
	else if (err == OK && has_older_backup(desk, receipt))
		err = buf_add_format(to, COVERS_BACKUP,
				     is_house ? ", which there will not be" : "");
	return err;
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

static enum err add_signature(const struct desk *desk, const char *name, size_t from,
			      struct buf *to)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char line[NOTE_LINE_BYTES];
	const struct note_key key = {name, NOTE_ED25519, desk->public_key};
	enum err err;

	seal_sign(secret_view(desk->parts.seed), to->bytes + from, to->size - from,
		  signature);
	err = note_write_line(&key, signature, sizeof(signature), line);
	return err == OK ? buf_add_format(to, "\n%s", line) : err;
}

enum err receipt_write(const struct desk *desk, const struct receipt *receipt,
		       struct buf *to)
{
	const size_t from = to->size;
	char household[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	enum err err = add_head(desk, receipt, to);

	id_to_text(household, desk->parts.household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	if (err == OK && receipt->ended > 0)
		err = add_house(desk, name, receipt, to);
	else if (err == OK)
		err = receipt->generation > 0 ? add_all(receipt, to)
					      : add_some(receipt, to);
	if (err == OK)
		err = add_backup(desk, receipt, to);
	if (err == OK)
		err = add_covers(desk, receipt, to);
	if (err == OK)
		err = add_signature(desk, name, from, to);
	return err;
}
