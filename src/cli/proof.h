/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - whether who answers at one of the keeper's sockets is this house's keeper.
 */
#ifndef CLI_PROOF_H
#define CLI_PROOF_H

#include "adapter/keeper_mark.h"
#include "adapter/link_unix.h"
#include "base/err.h"
#include "cli/paths.h"

/* Asked before anything secret is told, and before anything is signed, over the link.
 * socket: its path, for the note. By the mark that the keeper left in its own folder.
 * ERR_AUTH: it is somebody else; close the link. */
MUST_CHECK enum err proof_ask(struct link_client *client, const struct paths *paths,
			      const char *socket, struct err_note *note);
/* By what this house's keeper is known. */
MUST_CHECK enum err proof_mark(const struct paths *paths, struct keeper_mark *out_mark,
			       struct err_note *note);

#endif
