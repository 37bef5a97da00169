/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - what the keeper, and its gate, sign to show who they are over a unix socket.
 *
 * Over the other side's fresh nonce, the household, and the number of the process that
 * connected: the keeper has it from the kernel. So nobody in between can hand a proof on:
 * the keeper would sign the number of whoever connected to it. Pure; holds no key.
 */
#ifndef DOMAIN_PROOF_H
#define DOMAIN_PROOF_H

#include <stdint.h>

#include "domain/ids.h"

enum {
	PROOF_NONCE_BYTES = 32,
	PROOF_BYTES = ID_BYTES + PROOF_NONCE_BYTES + 4,
};

/* The keeper's, to owners and devices. */
#define PROOF_KEEPER_LABEL "behest keeper proof v1"
/* The gate's, to the keeper. */
#define PROOF_GATE_LABEL "behest gate identity v1"

/* household, nonce, process (4, big-endian). */
void proof_bytes(struct household_id household, const uint8_t nonce[PROOF_NONCE_BYTES],
		 uint32_t process, uint8_t to[PROOF_BYTES]);

#endif
