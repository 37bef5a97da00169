/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - see the header. Invariant: what is signed names the process at the other end of
 * the very link on which it is sent.
 */
#include "keeper/proof.h"

#include <string.h>

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

bool proof_is_gates(const struct household *household,
		    const uint8_t gate_key[SEAL_SIGN_PUBLIC_BYTES],
		    const uint8_t nonce[PROOF_NONCE_BYTES], uint32_t process,
		    const struct wire_identity *said)
{
	uint8_t bytes[PROOF_BYTES];

	proof_bytes(household->id, nonce, process, bytes);
	return said->key.size == SEAL_SIGN_PUBLIC_BYTES &&
	       memcmp(said->key.bytes, gate_key, SEAL_SIGN_PUBLIC_BYTES) == 0 &&
	       said->signature.size == SEAL_SIGNATURE_BYTES &&
	       seal_verify_labelled(gate_key, PROOF_GATE_LABEL, bytes, sizeof(bytes),
				    said->signature.bytes) == OK;
}
