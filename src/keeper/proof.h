/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - shows owners and devices that the keeper is the keeper, and the keeper that the
 * gate is the gate.
 */
#ifndef KEEPER_PROOF_H
#define KEEPER_PROOF_H

#include <stdbool.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/proof.h"
#include "keeper/household.h"
#include "wire/wire.h"

/* Signs what somebody asked for who connected as that process. ERR_FORMAT: no nonce. */
MUST_CHECK enum err proof_give(const struct household *household,
			       const struct wire_prove *asked, uint32_t process,
			       uint8_t out_signature[SEAL_SIGNATURE_BYTES]);

/* Whether that answers the nonce, by the gate's key and as that process. */
bool proof_is_gates(const struct household *household,
		    const uint8_t gate_key[SEAL_SIGN_PUBLIC_BYTES],
		    const uint8_t nonce[PROOF_NONCE_BYTES], uint32_t process,
		    const struct wire_identity *said);

#endif
