/* SPDX-License-Identifier: Apache-2.0 */
/*
 * old_wrap - an owner's passphrase wrap as houses had it before wraps had names: layout 1,
 * written by the format alone.
 */
#ifndef FAKE_OLD_WRAP_H
#define FAKE_OLD_WRAP_H

#include "vault/owner.h"

/* The same secrets as in row, a passphrase's of layout 2; its salt and cost as well. Stops the
 * test by must() when the passphrase does not open it. */
void old_wrap_of(const struct owner *owner, const uint8_t row[OWNER_WRAP_BYTES],
		 const char *passphrase, uint8_t to[OWNER_WRAP_OLD_BYTES]);

#endif
