/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_receipt - checks what the keeper gave for recordings that it destroyed: its
 * signature, and that the journal holds each entry that it names.
 */
#ifndef CLI_VERIFY_RECEIPT_H
#define CLI_VERIFY_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/keeper_mark.h"
#include "base/err.h"
#include "cli/command.h"

struct receipt_checked {
	size_t named;  /* entries of the journal that it names */
	size_t proved; /* of which so many were proved; the same, or two of very many */
	uint64_t size; /* of the journal that they were proved in */
	bool is_all;   /* everything of an owner */
	bool is_house; /* the household ended */
	char at[32];   /* when, as it says */
	char owner[40];
	char backup[48]; /* "older TIME", "newer TIME" or "none"; "": it does not say */
};

/* Whether a file's text begins as a receipt does. */
bool verify_is_receipt(const char *text, size_t size);
/* Checks it against the household's keeper. text ends with a NUL behind size bytes.
 * ERR_FORMAT: it is not one, or was cut. ERR_AUTH: of another house, changed, or a proof that
 * does not prove it. The note says which. */
MUST_CHECK enum err verify_receipt(const char *text, size_t size,
				   const struct keeper_mark *mark,
				   struct receipt_checked *out_checked,
				   struct err_note *note);

/* behest verify RECEIPT */
enum cli_exit verify_receipt_run(const struct args *args);

#endif
