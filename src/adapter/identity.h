/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - the Ed25519 key of a room, a hub, a device or the gate, in a file of its own.
 *
 * Made at first use (mode 0600); never replaced. A file that others may read, or that is
 * damaged, is refused with one line. Open it before the sandbox is entered.
 */
#ifndef ADAPTER_IDENTITY_H
#define ADAPTER_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/secret.h"
#include "port/rand.h"

struct identity {
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct secret *seed; /* owned; NULL: there is no identity */
};

/* DIR/room/NAME.key; bytes of the folded name other than a-z, 0-9 and - as %xx.
 * ERR_LIMIT. */
MUST_CHECK enum err identity_room_path(char to[FILE_PATH_BYTES], const char *data,
				       const char *name);
/* DIR/hub/hub.key. ERR_LIMIT. */
MUST_CHECK enum err identity_hub_path(char to[FILE_PATH_BYTES], const char *data);
/* DIR/keeper/gate.key: the keeper makes it and the gate reads it. ERR_LIMIT. */
MUST_CHECK enum err identity_gate_path(char to[FILE_PATH_BYTES], const char *data);
/* DIR/device/device.key: this computer as one that approves. ERR_LIMIT. */
MUST_CHECK enum err identity_device_path(char to[FILE_PATH_BYTES], const char *data);

/* Reads the file, or makes it and its folder. ERR_FORMAT, ERR_DENIED (mode), ERR_IO with
 * a note that names the path. seal_init() came first. */
MUST_CHECK enum err identity_open(const char *path, const struct rand *rand,
				  struct identity *out_identity, struct err_note *note);
/* Writes the file of a seed that comes from elsewhere, a backup. */
MUST_CHECK enum err identity_write(const char *path, const struct secret *seed,
				   struct err_note *note);
void identity_close(struct identity *identity); /* wipes; NULL is fine */

#endif
