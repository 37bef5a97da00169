/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap - an owner's two secrets locked under words: a passphrase or a recovery code.
 *
 * For owner.c alone, which hands out nothing of a bundle but an owner_view. All passphrases
 * of one owner are stretched with one salt: whoever signs in says no name of a passphrase,
 * and one stretching, always the same work, finds the wrap it belongs to. One thread.
 */
#ifndef VAULT_WRAP_H
#define VAULT_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "base/secret.h"
#include "port/rand.h"
#include "vault/owner.h"

/* X25519 secret, then Ed25519 seed. */
enum { WRAP_BUNDLE_BYTES = SEAL_BOX_SECRET_BYTES + SEAL_SIGN_SEED_BYTES };

MUST_CHECK enum err wrap_make(const struct owner *owner,
			      const struct owner_wrap_request *request,
			      const struct rand *rand, const struct secret *bundle,
			      uint8_t out_row[OWNER_WRAP_BYTES]);

/* Stretches the words once, and opens the first row that they belong to. ERR_AUTH: none; it
 * took as long. */
MUST_CHECK enum err wrap_open(const struct owner *owner, enum owner_wrap kind,
			      const struct owner_wrap_row *rows, size_t count,
			      const char *words, struct secret *bundle,
			      uint8_t *out_number);

#endif
