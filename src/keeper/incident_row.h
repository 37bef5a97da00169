/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_row - one step of an incident as a row. Rows are appended only: nothing of an
 * incident is ever changed or taken back.
 *
 * Signed by the keeper, so that nobody with access to the rows makes a step or takes one for
 * that of another incident; what it says is locked under the house's key, since it may name
 * people. Pure.
 */
#ifndef KEEPER_INCIDENT_ROW_H
#define KEEPER_INCIDENT_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/incident.h"

enum {
	INCIDENT_ROW_BYTES_MAX = 1536,
	INCIDENT_KEY_BYTES = ID_BYTES + 2, /* incident, number of the step */
};

struct incident_place {
	struct household_id household;
	const uint8_t *house_key; /* SEAL_KEY_BYTES */
};

/* ERR_RANGE: a number that no step has. */
MUST_CHECK enum err incident_row_write(const struct incident_place *place,
				       const struct incident_step *step,
				       const uint8_t *keeper_seed,
				       uint8_t to[INCIDENT_ROW_BYTES_MAX],
				       size_t *out_size);
/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: not signed by this keeper for this house and key. */
MUST_CHECK enum err incident_row_read(const struct incident_place *place,
				      const uint8_t key[INCIDENT_KEY_BYTES],
				      const uint8_t *keeper_public, const uint8_t *row,
				      size_t size, struct incident_step *out_step);

void incident_row_key(const struct incident_step *step, uint8_t to[INCIDENT_KEY_BYTES]);

#endif
