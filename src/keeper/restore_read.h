/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore_read - walks one file of a backup: checks its form, opens what is sealed, and hands
 * out its rows. Everything in it comes from outside. One thread.
 */
#ifndef KEEPER_RESTORE_READ_H
#define KEEPER_RESTORE_READ_H

#include "adapter/backup_file.h"
#include "vault/backup.h"

struct restore_file {
	const char *path; /* borrowed */
	enum backup_kind kind;
	int fd;
	struct backup_about about; /* once it was walked */
	struct backup_tail tail;
	uint8_t hash[SEAL_HASH_BYTES]; /* over all of it but the tail */
};

/* What every walk of the same files is about; all but row may be NULL. */
struct restore_walk {
	const uint8_t *key; /* of the key table: the backup key */
	/* After each chunk: how many bytes of the file were read since the last call. */
	void (*read)(void *context, size_t bytes);
	backup_row_fn *row;
	void *context;
};

/* From the file's beginning to its end; about and tail are then as in the file. The rows
 * count only when it returns OK: only then was the file whole and signed. The note names the
 * file and what is wrong with it. */
MUST_CHECK enum err restore_read(struct restore_file *file,
				 const struct restore_walk *walk, struct err_note *note);

#endif
