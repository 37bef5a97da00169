/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_incident_row - rows of incidents as somebody with access to the store leaves them.
 *
 * The first byte chooses: the bytes as a whole row; the same with the signature made right
 * behind them, so that what is locked is looked at; or as what is locked, made right all
 * around it, so that every field is read. What is taken is written again, and the same.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "keeper/incident_row.h"

enum { HEAD_BYTES = 1 + 2 * ID_BYTES + 2, WAYS = 3 };

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {7};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {3};
static const struct incident_place PLACE = {{{1}}, HOUSE_KEY};
static const struct incident_step NAMED = {.id = {{9}}, .number = 1};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_row(const uint8_t *row, size_t size)
{
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t key[INCIDENT_KEY_BYTES];
	uint8_t again[INCIDENT_ROW_BYTES_MAX];
	struct incident_step step = {.number = 0};
	struct incident_step other = {.number = 0};
	size_t again_size = 0;
	enum err err;

	seal_sign_pair(SEED, public_key);
	incident_row_key(&NAMED, key);
	err = incident_row_read(&PLACE, key, public_key, row, size, &step);
	must(err == OK || err == ERR_FORMAT || err == ERR_VERSION || err == ERR_AUTH);
	if (err != OK)
		return;
	must(step.kind < INCIDENT_KIND_COUNT && step.cause < INCIDENT_CAUSE_COUNT);
	must(memchr(step.words, '\0', sizeof(step.words)));
	must(incident_row_write(&PLACE, &step, SEED, again, &again_size) == OK);
	must(incident_row_read(&PLACE, key, public_key, again, again_size, &other) == OK);
	must(memcmp(&step.about, &other.about, sizeof(step.about)) == 0);
	must(strcmp(step.words, other.words) == 0 && step.at_ms == other.at_ms);
}

static void sign_and_read(const uint8_t *bytes, size_t size)
{
	static uint8_t row[2 * INCIDENT_ROW_BYTES_MAX];

	if (size > sizeof(row) - SEAL_SIGNATURE_BYTES)
		return;
	memcpy(row, bytes, size);
	must(seal_sign_labelled(SEED, "behest incident row v1", row, size, row + size) ==
	     OK);
	read_row(row, size + SEAL_SIGNATURE_BYTES);
}

static void lock_and_read(const uint8_t *bytes, size_t size)
{
	static uint8_t row[2 * INCIDENT_ROW_BYTES_MAX];
	const struct seal_part parts[] = {{PLACE.household.bytes, ID_BYTES},
					  {NAMED.id.bytes, ID_BYTES}};
	uint8_t key[SEAL_KEY_BYTES];
	struct pack pack;

	if (size > INCIDENT_ROW_BYTES_MAX)
		return;
	pack_init(&pack, row, sizeof(row));
	pack_u8(&pack, 1);
	pack_bytes(&pack, PLACE.household.bytes, ID_BYTES);
	pack_bytes(&pack, NAMED.id.bytes, ID_BYTES);
	pack_u8(&pack, 0);
	pack_u8(&pack, 1);
	must(pack.size == HEAD_BYTES);
	seal_derive(HOUSE_KEY, "behest incident row key v1", parts, 2, key);
	seal_lock(key, (struct seal_part){row, HEAD_BYTES}, bytes, size,
		  row + HEAD_BYTES);
	sign_and_read(row, HEAD_BYTES + size + SEAL_LOCK_EXTRA_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static void (*const ways[WAYS])(const uint8_t *bytes,
					size_t size) = {read_row, sign_and_read,
							lock_and_read};

	must(seal_init() == OK);
	if (size > 1)
		ways[bytes[0] % WAYS](bytes + 1, size - 1);
	return 0;
}
