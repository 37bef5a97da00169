/* SPDX-License-Identifier: Apache-2.0 */
/* cosigner - one small file, and RFC 6962's consistency; see the header. */
#include "cli/cosigner.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "tlog/checkpoint.h"

#define PAIR_AGAIN "; once you know why, pair it again: behest pair --here"

enum { FILE_MODE = 0600 };

static bool path_of(const struct paths *paths, char to[FILE_PATH_BYTES])
{
	return file_join(to, FILE_PATH_BYTES, paths->data, "device/journal.head");
}

enum err cosigner_open(struct cosigner *cosigner, const struct paths *paths,
		       struct household_id household,
		       const uint8_t key[SEAL_SIGN_PUBLIC_BYTES], struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct err_note why = {""};
	struct buf bytes;
	enum err err;

	*cosigner = (struct cosigner){.paths = paths, .household = household};
	memcpy(cosigner->key, key, sizeof(cosigner->key));
	if (!path_of(paths, path))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", paths->data);
	if (!file_exists(path))
		return OK;
	buf_init(&bytes, 0);
	err = file_read(path, CHECKPOINT_TEXT_BYTES - 1, &bytes, &why);
	if (err != OK && err != ERR_LIMIT) {
		buf_finish(&bytes);
		return err_say(err, note, "%s", why.text);
	}
	if (err == OK)
		err = checkpoint_read(household, key, (const char *)bytes.bytes,
				      bytes.size, &cosigner->known.size,
				      cosigner->known.root);
	buf_finish(&bytes);
	if (err == OK)
		return OK;
	return err_say(
		ERR_FORMAT, note,
		"%s: is not a checkpoint of this house's journal; what this device "
		"knew of it is lost" PAIR_AGAIN,
		path);
}

static enum err check_growth(const struct cosigner *cosigner,
			     const struct merkle_head *head,
			     const struct wire_slice *bytes)
{
	struct merkle_proof proof = {.count = bytes->size / SEAL_HASH_BYTES};

	if (cosigner->known.size == 0)
		return OK;
	if (bytes->size % SEAL_HASH_BYTES != 0 || proof.count > MERKLE_PROOF_MAX)
		return ERR_AUTH;
	if (bytes->size > 0)
		memcpy(proof.hashes, bytes->bytes, bytes->size);
	return merkle_check_consistency(&cosigner->known, head, &proof);
}

enum err cosigner_check(const struct cosigner *cosigner,
			const struct wire_log_head *shown, struct merkle_head *out_head,
			struct err_note *note)
{
	const uint64_t known = cosigner->known.size;
	struct merkle_head head = {.size = 0};
	enum err err = checkpoint_read(cosigner->household, cosigner->key,
				       (const char *)shown->checkpoint.bytes,
				       shown->checkpoint.size, &head.size, head.root);

	if (err != OK)
		return err_say(ERR_AUTH, note,
			       "the journal's checkpoint is not signed by this house's "
			       "keeper; it was not cosigned");
	if (head.size < known)
		return err_say(ERR_AUTH, note,
			       "the journal ends at %" PRIu64
			       ", but this device saw it at %" PRIu64
			       ": it was cut short; nothing was signed" PAIR_AGAIN,
			       head.size, known);
	err = check_growth(cosigner, &head, &shown->proof);
	if (err == ERR_AUTH)
		return err_say(
			ERR_AUTH, note,
			"the journal of %" PRIu64
			" entries does not go on from the one of %" PRIu64
			" that this device saw: fork; nothing was signed" PAIR_AGAIN,
			head.size, known);
	if (err == OK)
		*out_head = head;
	return err;
}

enum err cosigner_keep(struct cosigner *cosigner, const struct wire_log_head *shown,
		       const struct merkle_head *head, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err;

	if (head->size == cosigner->known.size)
		return OK;
	if (!path_of(cosigner->paths, path))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       cosigner->paths->data);
	err = file_write(path, shown->checkpoint.bytes, shown->checkpoint.size, FILE_MODE,
			 note);
	if (err == OK)
		cosigner->known = *head;
	return err;
}

void cosigner_forget(const struct paths *paths)
{
	char path[FILE_PATH_BYTES];

	if (path_of(paths, path))
		(void)unlink(path);
}
