/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_folder - a skill's files, read whole, with the one hash that an owner approves.
 *
 * A folder of plain files and nothing else: no folders in it, no links, no files whose
 * name begins with a dot. SHA-256 over all of them, sorted by name: docs/FORMATS.md.
 */
#ifndef ADAPTER_SKILL_FOLDER_H
#define ADAPTER_SKILL_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "adapter/skill_manifest.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "domain/day.h"

enum {
	SKILL_FILES_MAX = 64,
	SKILL_FOLDER_BYTES_MAX = 4 * 1024 * 1024,
};

#define SKILL_MANIFEST_NAME "manifest.json"

struct skill_file {
	char name[SKILL_FILE_BYTES];
	struct buf bytes;
};

struct skill_folder {
	size_t count;
	struct skill_file files[SKILL_FILES_MAX];
	uint8_t hash[SKILL_HASH_BYTES];
	struct skill_manifest manifest;
};

/* Reads, hashes, and reads the manifest, whose program has to be there. The caller closes
 * *out_folder, also after a failure. The note names the file. */
MUST_CHECK enum err skill_folder_read(const char *path, struct skill_folder **out_folder,
				      struct err_note *note);
void skill_folder_close(struct skill_folder *folder); /* NULL is fine */

/* Only the manifest of a folder that still has that hash. ERR_AUTH: it has another. */
MUST_CHECK enum err skill_folder_check(const char *path,
				       const uint8_t hash[SKILL_HASH_BYTES],
				       struct skill_manifest *out_manifest,
				       struct err_note *note);

/* What was read becomes path, whole or not at all: an older one there goes. */
MUST_CHECK enum err skill_folder_write(const struct skill_folder *folder,
				       const char *path, struct err_note *note);
/* One that is not there is fine. */
MUST_CHECK enum err skill_folder_remove(const char *path, struct err_note *note);

/* DATA/skills/NAME.HASH, where HASH is the beginning of it: a new version lies beside the
 * old one until an owner has approved it. */
MUST_CHECK enum err skill_folder_path(const char *data, const char *name,
				      const uint8_t hash[SKILL_HASH_BYTES],
				      char to[FILE_PATH_BYTES], struct err_note *note);

#endif
