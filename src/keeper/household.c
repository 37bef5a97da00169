/* SPDX-License-Identifier: Apache-2.0 */
/*
 * household - reads and makes keeper.key. Never replaces one that is there.
 *
 * Invariant: bytes of keys outside a struct secret are wiped before returning.
 */
#include "keeper/household.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"

enum {
	MAGIC_BYTES = 8,
	BODY_BYTES = MAGIC_BYTES + ID_BYTES + SEAL_SIGN_SEED_BYTES + SEAL_KEY_BYTES,
	FILE_BYTES = BODY_BYTES + SEAL_HASH_BYTES,
};

static const char MAGIC[] = "BEHESTK1";

static enum err check_of(const uint8_t body[BODY_BYTES],
			 uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part part = {body, BODY_BYTES};

	return seal_sha256(&part, 1, out_hash);
}

/* Makes the file unless one is there: of two that start at once, both read the first. */
static enum err make_file(const char *path, const struct rand *rand,
			  struct err_note *note)
{
	char fresh[FILE_PATH_BYTES];
	uint8_t bytes[FILE_BYTES];
	enum err err = OK;

	if (!str_format(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid()))
		return err_say(ERR_LIMIT, note, "%s: its path is too long", path);
	memcpy(bytes, MAGIC, MAGIC_BYTES);
	rand_fill(rand, bytes + MAGIC_BYTES, BODY_BYTES - MAGIC_BYTES);
	err = check_of(bytes, bytes + BODY_BYTES);
	if (err == OK)
		err = file_write(fresh, bytes, sizeof(bytes), 0600, note);
	if (err == OK && link(fresh, path) != 0 && errno != EEXIST)
		err = err_say(ERR_IO, note, "%s: cannot be made: %s", path,
			      strerror(errno));
	(void)unlink(fresh);
	seal_wipe(bytes, sizeof(bytes));
	return err;
}

static enum err read_body(const uint8_t *bytes, size_t size, struct household *household)
{
	uint8_t hash[SEAL_HASH_BYTES];
	const uint8_t *seed;
	const uint8_t *key;
	struct unpack unpack;
	enum err err;

	if (size != FILE_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
		return ERR_FORMAT;
	err = check_of(bytes, hash);
	if (err != OK)
		return err;
	if (memcmp(hash, bytes + BODY_BYTES, sizeof(hash)) != 0)
		return ERR_FORMAT;
	unpack_init(&unpack, bytes + MAGIC_BYTES, BODY_BYTES - MAGIC_BYTES);
	unpack_bytes(&unpack, household->id.bytes, ID_BYTES);
	seed = unpack_borrow(&unpack, SEAL_SIGN_SEED_BYTES);
	key = unpack_borrow(&unpack, SEAL_KEY_BYTES);
	must(unpack_is_whole(&unpack));
	err = secret_copy(seed, SEAL_SIGN_SEED_BYTES, &household->seed);
	if (err == OK)
		err = secret_copy(key, SEAL_KEY_BYTES, &household->house_key);
	return err;
}

static enum err read_file(const char *path, struct household *out_household,
			  struct err_note *note)
{
	struct household household = {.seed = NULL};
	struct buf buf;
	enum err err = file_read(path, FILE_BYTES + 1, &buf, note);

	if (err == OK) {
		err = read_body(buf.bytes, buf.size, &household);
		if (err == ERR_FORMAT)
			(void)err_say(
				err, note,
				"%s: damaged or not a keeper's key file; restore it from a"
				" backup",
				path);
	}
	if (buf.bytes)
		seal_wipe(buf.bytes, buf.size);
	buf_finish(&buf);
	if (err == OK)
		*out_household = household;
	else
		household_close(&household);
	return err;
}

enum err household_open(const char *folder, const struct rand *rand,
			struct household *out_household, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	char database[FILE_PATH_BYTES];
	char fresh[FILE_PATH_BYTES];
	enum err err = OK;

	if (!file_join(path, sizeof(path), folder, "keeper.key") ||
	    !file_join(database, sizeof(database), folder, "keeper.db") ||
	    !file_join(fresh, sizeof(fresh), folder, "keeper.new"))
		return err_say(ERR_LIMIT, note, "%s: its path is too long", folder);
	if (!file_exists(path)) {
		if (file_exists(database))
			return err_say(
				ERR_MISSING, note,
				"%s is missing beside keeper.db, which cannot be read"
				" without it; restore it from a backup",
				path);
		err = file_write(fresh, "", 0, 0600, note);
		if (err == OK)
			err = make_file(path, rand, note);
	}
	if (err == OK)
		err = read_file(path, out_household, note);
	if (err == OK)
		out_household->is_new = file_exists(fresh);
	return err;
}

enum err household_write(const char *folder, const struct household *household,
			 struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	uint8_t bytes[FILE_BYTES];
	struct pack pack;
	enum err err;

	if (!file_join(path, sizeof(path), folder, "keeper.key"))
		return err_say(ERR_LIMIT, note, "%s: its path is too long", folder);
	pack_init(&pack, bytes, sizeof(bytes));
	pack_bytes(&pack, MAGIC, MAGIC_BYTES);
	pack_bytes(&pack, household->id.bytes, ID_BYTES);
	pack_bytes(&pack, secret_view(household->seed), SEAL_SIGN_SEED_BYTES);
	pack_bytes(&pack, secret_view(household->house_key), SEAL_KEY_BYTES);
	must(pack_is_whole(&pack) && pack.size == BODY_BYTES);
	err = check_of(bytes, bytes + BODY_BYTES);
	if (err == OK)
		err = file_write(path, bytes, sizeof(bytes), 0600, note);
	seal_wipe(bytes, sizeof(bytes));
	return err;
}

void household_settle(const char *folder, struct household *household)
{
	char fresh[FILE_PATH_BYTES];

	must(file_join(fresh, sizeof(fresh), folder, "keeper.new"));
	(void)unlink(fresh);
	household->is_new = false;
}

void household_close(struct household *household)
{
	secret_destroy(household->seed);
	secret_destroy(household->house_key);
	household->seed = NULL;
	household->house_key = NULL;
}
