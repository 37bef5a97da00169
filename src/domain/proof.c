/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - writes the bytes. Signs nothing and knows no process.
 */
#include "domain/proof.h"

#include <string.h>

void proof_bytes(struct household_id household, const uint8_t nonce[PROOF_NONCE_BYTES],
		 uint32_t process, uint8_t to[PROOF_BYTES])
{
	memcpy(to, household.bytes, ID_BYTES);
	memcpy(to + ID_BYTES, nonce, PROOF_NONCE_BYTES);
	for (unsigned i = 0; i < 4; i++)
		to[ID_BYTES + PROOF_NONCE_BYTES + i] = (uint8_t)(process >> (24 - 8 * i));
}
