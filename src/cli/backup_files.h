/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_files - the three files of a backup in their folder.
 *
 * DIR/ciphertext-<UTC time>.bhb, DIR/keys.bhb and DIR/backup.key, or the latter elsewhere.
 * Each is written beside its place (".new"), read back, and put there only when all of them
 * are whole; what was there before stays until then. One program at a time writes a folder.
 */
#ifndef CLI_BACKUP_FILES_H
#define CLI_BACKUP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/backup_file.h"
#include "adapter/keeper_mark.h"
#include "base/err.h"
#include "base/file.h"

struct backup_files {
	char folder[FILE_PATH_BYTES];
	int folder_fd; /* locked */
	struct backup_place {
		char path[FILE_PATH_BYTES];
		char fresh[FILE_PATH_BYTES];
		int fd;              /* -1: not begun */
		uint64_t bytes;      /* written */
	} places[BACKUP_KIND_COUNT]; /* [kind - 1] */
};

/* Makes the folder where it is missing. key_path: where the backup key goes; NULL: into the
 * folder. ERR_BUSY: another program writes there. Whatever it returns, backup_files_end
 * follows. */
MUST_CHECK enum err backup_files_begin(struct backup_files *files, const char *folder,
				       const char *key_path, int64_t wall_ms,
				       struct err_note *note);
/* A piece of one; again: what was written of that one before is void. ERR_IO. */
MUST_CHECK enum err backup_files_write(struct backup_files *files, unsigned kind,
				       bool again, const void *bytes, size_t size,
				       struct err_note *note);
/* On the disk, and read back from there: whole, of that house and backup, and signed by its
 * keeper. Then all of them are put into their places. */
MUST_CHECK enum err backup_files_keep(struct backup_files *files,
				      const struct keeper_mark *mark,
				      const uint8_t id[ID_BYTES], struct err_note *note);
/* Removes the ciphertext of older backups from the folder. */
void backup_files_prune(const struct backup_files *files);
uint64_t backup_files_bytes(const struct backup_files *files);
/* Removes what was not kept. */
void backup_files_end(struct backup_files *files);

/* The files that a restore reads. key_path may be NULL. A backup that was killed between its
 * last two files left the backup key beside its place; that one is found, too. */
struct backup_found {
	char ciphertext[FILE_PATH_BYTES]; /* the newest */
	char keys[FILE_PATH_BYTES];
	char key[FILE_PATH_BYTES];
};
MUST_CHECK enum err backup_files_find(const char *folder, const char *key_path,
				      struct backup_found *out_found,
				      struct err_note *note);

#endif
