/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - see the header. Invariant: what is signed names the process at the other end of
 * the very link on which it is sent.
 */
#include "keeper/proof.h"

#include "domain/proof.h"

enum err proof_give(const struct household *household, const struct wire_prove *asked,
		    uint32_t process, uint8_t out_signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t bytes[PROOF_BYTES];

	if (asked->nonce.size != PROOF_NONCE_BYTES)
		return ERR_FORMAT;
	proof_bytes(household->id, asked->nonce.bytes, process, bytes);
	return seal_sign_labelled(secret_view(household->seed), PROOF_KEEPER_LABEL, bytes,
				  sizeof(bytes), out_signature);
}
