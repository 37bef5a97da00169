/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - reads and makes the key file of a room, the hub, a device or the gate. Never
 * replaces one.
 *
 * Layout: "BEHESTI1", Ed25519 seed (32), SHA-256 of all before it. Invariant: bytes of
 * keys outside a struct secret are wiped before returning.
 */
#include "adapter/identity.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"

enum {
	MAGIC_BYTES = 8,
	BODY_BYTES = MAGIC_BYTES + SEAL_SIGN_SEED_BYTES,
	IDENTITY_FILE_BYTES = BODY_BYTES + SEAL_HASH_BYTES,
	NAME_MAX_BYTES = 256,
};

static const char MAGIC[] = "BEHESTI1";

/* --- where it is --- */

static bool is_plain(char letter)
{
	return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
	       letter == '-';
}

enum err identity_room_path(char to[FILE_PATH_BYTES], const char *data, const char *name)
{
	char folded[NAME_MAX_BYTES];
	char file[NAME_MAX_BYTES] = "";
	char folder[FILE_PATH_BYTES];
	bool fits = str_copy(folded, sizeof(folded), name);

	str_fold(folded);
	for (size_t i = 0; fits && folded[i]; i++)
		fits = str_append(file, sizeof(file),
				  is_plain(folded[i]) ? "%c" : "%%%02x",
				  (unsigned char)folded[i]);
	fits = fits && folded[0] && str_append(file, sizeof(file), ".key") &&
	       file_join(folder, sizeof(folder), data, "room") &&
	       file_join(to, FILE_PATH_BYTES, folder, file);
	return fits ? OK : ERR_LIMIT;
}

enum err identity_hub_path(char to[FILE_PATH_BYTES], const char *data)
{
	return file_join(to, FILE_PATH_BYTES, data, "hub/hub.key") ? OK : ERR_LIMIT;
}

enum err identity_gate_path(char to[FILE_PATH_BYTES], const char *data)
{
	return file_join(to, FILE_PATH_BYTES, data, "keeper/gate.key") ? OK : ERR_LIMIT;
}

enum err identity_device_path(char to[FILE_PATH_BYTES], const char *data)
{
	return file_join(to, FILE_PATH_BYTES, data, "device/device.key") ? OK : ERR_LIMIT;
}

/* --- the file --- */

static enum err check_of(const uint8_t body[BODY_BYTES],
			 uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part part = {body, BODY_BYTES};

	return seal_sha256(&part, 1, out_hash);
}

static enum err make_folder_of(const char *path, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return OK;
	if (!str_copy_bytes(folder, sizeof(folder), path, (size_t)(slash - path)))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", path);
	return file_make_folder(folder, note);
}

/* Makes the file unless one is there: of two that start at once, both read the first. */
static enum err make_file(const char *path, const struct rand *rand,
			  struct err_note *note)
{
	char fresh[FILE_PATH_BYTES];
	uint8_t bytes[IDENTITY_FILE_BYTES];
	enum err err = make_folder_of(path, note);

	if (err != OK)
		return err;
	if (!str_format(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid()))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", path);
	memcpy(bytes, MAGIC, MAGIC_BYTES);
	rand_fill(rand, bytes + MAGIC_BYTES, SEAL_SIGN_SEED_BYTES);
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

enum err identity_write(const char *path, const struct secret *seed,
			struct err_note *note)
{
	uint8_t bytes[IDENTITY_FILE_BYTES];
	enum err err;

	if (secret_size(seed) != SEAL_SIGN_SEED_BYTES)
		return ERR_RANGE;
	memcpy(bytes, MAGIC, MAGIC_BYTES);
	memcpy(bytes + MAGIC_BYTES, secret_view(seed), SEAL_SIGN_SEED_BYTES);
	err = check_of(bytes, bytes + BODY_BYTES);
	if (err == OK)
		err = file_write(path, bytes, sizeof(bytes), 0600, note);
	seal_wipe(bytes, sizeof(bytes));
	return err;
}

static enum err check_mode(const char *path, struct err_note *note)
{
	struct stat about;

	if (stat(path, &about) != 0)
		return err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	if (about.st_mode & (S_IRWXG | S_IRWXO))
		return err_say(
			ERR_DENIED, note,
			"%s: others may read this key; chmod 600, or remove it and "
			"enrol again",
			path);
	return OK;
}

static enum err read_bytes(const uint8_t *bytes, size_t size, struct secret **out_seed)
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = ERR_FORMAT;

	if (size == IDENTITY_FILE_BYTES && memcmp(bytes, MAGIC, MAGIC_BYTES) == 0)
		err = check_of(bytes, hash);
	if (err == OK && memcmp(hash, bytes + BODY_BYTES, sizeof(hash)) != 0)
		err = ERR_FORMAT;
	if (err == OK)
		err = secret_copy(bytes + MAGIC_BYTES, SEAL_SIGN_SEED_BYTES, out_seed);
	return err;
}

static enum err read_file(const char *path, struct identity *out_identity,
			  struct err_note *note)
{
	struct identity identity = {.seed = NULL};
	struct buf buf;
	enum err err = file_read(path, IDENTITY_FILE_BYTES + 1, &buf, note);

	if (err == OK) {
		err = read_bytes(buf.bytes, buf.size, &identity.seed);
		if (err == ERR_FORMAT)
			(void)err_say(
				err, note,
				"%s: damaged, or not a key file; restore it, or remove "
				"it and enrol again",
				path);
	}
	if (buf.bytes)
		seal_wipe(buf.bytes, buf.size);
	buf_finish(&buf);
	if (err != OK)
		return err;
	seal_sign_pair(secret_view(identity.seed), identity.public_key);
	*out_identity = identity;
	return OK;
}

enum err identity_open(const char *path, const struct rand *rand,
		       struct identity *out_identity, struct err_note *note)
{
	enum err err = OK;

	if (!file_exists(path))
		err = make_file(path, rand, note);
	if (err == OK)
		err = check_mode(path, note);
	if (err == OK)
		err = read_file(path, out_identity, note);
	return err;
}

void identity_close(struct identity *identity)
{
	if (!identity)
		return;
	secret_destroy(identity->seed);
	identity->seed = NULL;
}
