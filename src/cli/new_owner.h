/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new_owner - how somebody becomes an owner: a passphrase typed twice, and the keeper's
 * answer with their recovery code. Used by the first run and by `people add`.
 */
#ifndef CLI_NEW_OWNER_H
#define CLI_NEW_OWNER_H

#include "adapter/link_unix.h"
#include "base/err.h"
#include "base/secret.h"
#include "cli/args.h"

enum { NEW_OWNER_RECOVERY_BYTES = 256 };

/* Asks until both agree; Enter alone gives an empty one at once. ERR_FORMAT: they went on
 * to differ. The secret holds text with its NUL. */
MUST_CHECK enum err new_owner_ask_passphrase(const char *question,
					     struct secret **out_passphrase,
					     struct err_note *note);

/* Where a new one may be read from; */
#define NEW_OWNER_OPTION_PASSPHRASE(whose)                                              \
	{                                                                               \
		.name = "new-passphrase-file", .kind = OPTION_FILE, .argument = "FILE", \
		.words = "read " whose " passphrase from its first line"                \
	}
/* By that option, else asked for at a terminal. ERR_MISSING: neither; `what` is in the note. */
MUST_CHECK enum err new_owner_passphrase(const struct args *args, const char *what,
					 const char *question,
					 struct secret **out_passphrase,
					 struct err_note *note);

/* The first owner needs the keeper's code, others ("") a link that is signed in. Wipe
 * recovery once it was shown. */
MUST_CHECK enum err new_owner_create(struct link_client *client, const char *code,
				     const char *name, const struct secret *passphrase,
				     char recovery[NEW_OWNER_RECOVERY_BYTES],
				     struct err_note *note);

#endif
