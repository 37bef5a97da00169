/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - shows owners and devices that the keeper is the keeper.
 */
#ifndef KEEPER_PROOF_H
#define KEEPER_PROOF_H

#include "base/err.h"
#include "base/seal.h"
#include "keeper/household.h"
#include "wire/wire.h"

/* Signs what somebody asked for who connected as that process. ERR_FORMAT: no nonce. */
MUST_CHECK enum err proof_give(const struct household *household,
			       const struct wire_prove *asked, uint32_t process,
			       uint8_t out_signature[SEAL_SIGNATURE_BYTES]);

#endif
