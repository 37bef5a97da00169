/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_sqlite - the store in one SQLite file: <folder>/keeper.db.
 *
 * WAL with full sync; batches that wait together share one commit. A destroyed row is
 * overwritten and the log truncated before its answer. Works on the caller's thread,
 * inside store_step.
 */
#ifndef ADAPTER_STORE_SQLITE_H
#define ADAPTER_STORE_SQLITE_H

#include <stdbool.h>

#include "base/err.h"
#include "port/store.h"

enum { STORE_SQLITE_VERSION = 7 };

/* Opens it; folder must exist. Makes it only when may_make, else one that is missing or
 * empty is ERR_MISSING and stays as it is. ERR_BUSY: another keeper has it open.
 * ERR_VERSION: written by a newer program. ERR_FORMAT: damaged. ERR_IO: the
 * folder cannot be written. The note says which, in one line. */
MUST_CHECK enum err store_sqlite_open(const char *folder, bool may_make,
				      const struct store_listener *listener,
				      struct store *out_store, struct err_note *note);

#endif
