/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_archive - checks an archive of `behest export` without the keeper: that its list is
 * signed, that every file is the one in the list and no other is there, and that the journal
 * holds what it says of each recording.
 *
 * Nothing in the file is believed before it was checked. Names the first thing wrong.
 */
#ifndef CLI_VERIFY_ARCHIVE_H
#define CLI_VERIFY_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/zip_archive.h"
#include "base/err.h"
#include "base/seal.h"
#include "cli/args.h"
#include "cli/command.h"

enum { VERIFY_OWNER_BYTES = 128, VERIFY_TIME_BYTES = 32 };

/* Opens the file anew; it is read twice. */
struct verify_source {
	void *context;
	enum err (*open)(void *context, struct zip_reader **out_reader,
			 struct err_note *note);
};

struct verified_archive {
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES]; /* that signed it */
	char owner[VERIFY_OWNER_BYTES];
	char made[VERIFY_TIME_BYTES];
	uint64_t recordings;
	size_t files;
	uint64_t journal_size;
};

/* key NULL: the one in the archive, which says only that nothing was changed since. ERR_AUTH,
 * ERR_FORMAT, ERR_LIMIT: the note names the file and what is wrong with it. */
MUST_CHECK enum err verify_archive(const struct verify_source *source, const uint8_t *key,
				   struct verified_archive *out_verified,
				   struct err_note *note);

/* Does it begin as a ZIP file does? */
bool verify_archive_is(const char *path);
/* Of `behest verify FILE.zip`. */
enum cli_exit verify_archive_run(const struct args *args);

#endif
