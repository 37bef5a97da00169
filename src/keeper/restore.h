/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore - makes a house of a backup's three files: behest-keeper --restore.
 *
 * The backup key opens with the passphrase or recovery code of an owner, the key table with
 * the backup key. What the key table does not open any more is not written anywhere: a
 * recording without its salt, its epoch or its owner's key, and a salt without its recording.
 * Then the house is opened as ever, its journal walked, and what is missing written down.
 */
#ifndef KEEPER_RESTORE_H
#define KEEPER_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"

struct restore_words {
	const char *data;       /* the new house's folder; DIR/keeper must be empty */
	const char *ciphertext; /* paths of the files */
	const char *keys;
	const char *key;
	const char *owner;               /* name; NULL: the only one there is */
	const struct secret *passphrase; /* text with its NUL; or a recovery code */
	/* So many of about so many bytes were read; NULL: nobody is told. */
	void (*told)(uint64_t done, uint64_t total);
};

struct restore_result {
	int64_t made_ms;
	uint64_t entries;    /* of the journal as it came */
	uint64_t recordings; /* sounds */
	uint64_t left_out;   /* rows of the ciphertext that nothing opens */
	bool is_older;       /* the ciphertext than the key table */
	bool by_whom_known;  /* the owner who restores has signed this backup */
};

/* Whole or not at all; the note says what was wrong, and where. ERR_EXISTS: there is a house
 * already. ERR_AUTH: wrong passphrase, or files that do not belong together. Enters the
 * keeper's sandbox as soon as the files are open. */
MUST_CHECK enum err restore_house(const struct restore_words *words,
				  struct restore_result *out_result,
				  struct err_note *note);

#endif
