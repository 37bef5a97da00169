/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_row - writes and reads rows of incidents. Decides nothing.
 *
 * Layout: version of the layout, household, incident, number of the step (2); locked, bound
 * to these: kind (text), time, by, then of the first row cause (text), owner, record, turn,
 * export, entry (text), then who, reference (texts), words (2 of length); signature of the
 * keeper over all before it.
 */
#include "keeper/incident_row.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	ROW_VERSION = 1,
	HEAD_BYTES = 1 + 2 * ID_BYTES + 2,
	PLAIN_BYTES_MAX = INCIDENT_ROW_BYTES_MAX - HEAD_BYTES - SEAL_LOCK_EXTRA_BYTES -
			  SEAL_SIGNATURE_BYTES,
	LARGEST = 2 * (1 + INCIDENT_CODE_BYTES) + 16 + 4 * ID_BYTES + 1 +
		  INCIDENT_ENTRY_BYTES + 1 + INCIDENT_WHO_BYTES + 1 +
		  INCIDENT_REFERENCE_BYTES + 2 + INCIDENT_WORDS_BYTES,
};

_Static_assert((int)LARGEST <= (int)PLAIN_BYTES_MAX, "the longest step fits a row");

static const char LABEL[] = "behest incident row v1";
static const char KEY_LABEL[] = "behest incident row key v1";

void incident_row_key(const struct incident_step *step, uint8_t to[INCIDENT_KEY_BYTES])
{
	memcpy(to, step->id.bytes, ID_BYTES);
	to[ID_BYTES] = (uint8_t)(step->number >> 8);
	to[ID_BYTES + 1] = (uint8_t)step->number;
}

/* Of each incident its own. */
static void derive(const struct incident_place *place, const struct incident_id *id,
		   uint8_t out_key[SEAL_KEY_BYTES])
{
	const struct seal_part parts[] = {{place->household.bytes, ID_BYTES},
					  {id->bytes, ID_BYTES}};

	seal_derive(place->house_key, KEY_LABEL, parts, STR_COUNT(parts), out_key);
}

/* --- writing ---------------------------------------------------------------------------- */

static void pack_about(struct pack *pack, const struct incident_step *step)
{
	pack_text(pack, incident_cause_text(step->cause));
	pack_bytes(pack, step->about.owner.bytes, ID_BYTES);
	pack_bytes(pack, step->about.record.bytes, ID_BYTES);
	pack_u64(pack, step->about.turn.value);
	pack_bytes(pack, step->about.export.bytes, ID_BYTES);
	pack_text(pack, step->about.entry);
}

static void pack_step(struct pack *pack, const struct incident_step *step)
{
	const size_t size = strlen(step->words);

	pack_text(pack, incident_kind_text(step->kind));
	pack_i64(pack, step->at_ms);
	pack_bytes(pack, step->by.bytes, ID_BYTES);
	if (step->kind == INCIDENT_OPENED)
		pack_about(pack, step);
	pack_text(pack, step->who);
	pack_text(pack, step->reference);
	pack_u8(pack, (uint8_t)(size >> 8));
	pack_u8(pack, (uint8_t)size);
	pack_bytes(pack, step->words, size);
	must(pack_is_whole(pack));
}

enum err incident_row_write(const struct incident_place *place,
			    const struct incident_step *step, const uint8_t *keeper_seed,
			    uint8_t to[INCIDENT_ROW_BYTES_MAX], size_t *out_size)
{
	uint8_t plain[PLAIN_BYTES_MAX];
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack inner;
	struct pack pack;
	enum err err;

	if (step->number == 0 || step->number > INCIDENT_STEPS_MAX)
		return ERR_RANGE;
	pack_init(&inner, plain, sizeof(plain));
	pack_step(&inner, step);
	pack_init(&pack, to, INCIDENT_ROW_BYTES_MAX);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, place->household.bytes, ID_BYTES);
	pack_bytes(&pack, step->id.bytes, ID_BYTES);
	pack_u8(&pack, (uint8_t)(step->number >> 8));
	pack_u8(&pack, (uint8_t)step->number);
	must(pack.size == HEAD_BYTES);
	derive(place, &step->id, key);
	seal_lock(key, (struct seal_part){to, HEAD_BYTES}, plain, inner.size,
		  to + HEAD_BYTES);
	pack.size += inner.size + SEAL_LOCK_EXTRA_BYTES;
	err = seal_sign_labelled(keeper_seed, LABEL, to, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack));
	seal_wipe(plain, sizeof(plain));
	seal_wipe(key, sizeof(key));
	if (err == OK)
		*out_size = pack.size;
	return err;
}

/* --- reading ---------------------------------------------------------------------------- */

static void unpack_about(struct unpack *unpack, struct incident_step *step)
{
	char cause[INCIDENT_CODE_BYTES];

	unpack_text(unpack, cause, sizeof(cause));
	if (!incident_cause_from_text(cause, &step->cause))
		unpack->overrun = true;
	unpack_bytes(unpack, step->about.owner.bytes, ID_BYTES);
	unpack_bytes(unpack, step->about.record.bytes, ID_BYTES);
	step->about.turn.value = unpack_u64(unpack);
	unpack_bytes(unpack, step->about.export.bytes, ID_BYTES);
	unpack_text(unpack, step->about.entry, sizeof(step->about.entry));
}

static void unpack_words(struct unpack *unpack, char to[INCIDENT_WORDS_BYTES])
{
	const size_t high = unpack_u8(unpack);
	const size_t size = high << 8 | unpack_u8(unpack);
	const uint8_t *bytes = unpack_borrow(unpack, size);

	if (!bytes || !str_is_utf8((const char *)bytes, size) ||
	    !str_copy_bytes(to, INCIDENT_WORDS_BYTES, (const char *)bytes, size))
		unpack->overrun = true;
}

static enum err unpack_step(const uint8_t *plain, size_t size, struct incident_step *step)
{
	char kind[INCIDENT_CODE_BYTES];
	struct unpack unpack;

	unpack_init(&unpack, plain, size);
	unpack_text(&unpack, kind, sizeof(kind));
	if (!incident_kind_from_text(kind, &step->kind))
		unpack.overrun = true;
	step->at_ms = unpack_i64(&unpack);
	unpack_bytes(&unpack, step->by.bytes, ID_BYTES);
	if (step->kind == INCIDENT_OPENED)
		unpack_about(&unpack, step);
	unpack_text(&unpack, step->who, sizeof(step->who));
	unpack_text(&unpack, step->reference, sizeof(step->reference));
	unpack_words(&unpack, step->words);
	return unpack_is_whole(&unpack) ? OK : ERR_FORMAT;
}

enum err incident_row_read(const struct incident_place *place,
			   const uint8_t key[INCIDENT_KEY_BYTES],
			   const uint8_t *keeper_public, const uint8_t *row, size_t size,
			   struct incident_step *out_step)
{
	enum { LEAST = HEAD_BYTES + SEAL_LOCK_EXTRA_BYTES + SEAL_SIGNATURE_BYTES };
	struct incident_step step = {.number = 0};
	uint8_t stated_key[INCIDENT_KEY_BYTES];
	uint8_t plain[PLAIN_BYTES_MAX];
	uint8_t lock[SEAL_KEY_BYTES];
	struct household_id stated;
	struct unpack unpack;
	size_t locked;
	enum err err;

	if (size > 0 && row[0] != ROW_VERSION)
		return ERR_VERSION;
	if (size <= LEAST || size > INCIDENT_ROW_BYTES_MAX)
		return ERR_FORMAT;
	unpack_init(&unpack, row + 1, HEAD_BYTES - 1);
	unpack_bytes(&unpack, stated.bytes, ID_BYTES);
	unpack_bytes(&unpack, step.id.bytes, ID_BYTES);
	step.number = (uint16_t)(unpack_u8(&unpack) << 8);
	step.number = (uint16_t)(step.number | unpack_u8(&unpack));
	incident_row_key(&step, stated_key);
	if (!id_equal(stated.bytes, place->household.bytes) ||
	    memcmp(stated_key, key, sizeof(stated_key)) != 0)
		return ERR_AUTH;
	err = seal_verify_labelled(keeper_public, LABEL, row, size - SEAL_SIGNATURE_BYTES,
				   row + size - SEAL_SIGNATURE_BYTES);
	if (err != OK)
		return err;
	locked = size - HEAD_BYTES - SEAL_SIGNATURE_BYTES;
	derive(place, &step.id, lock);
	err = seal_unlock(lock, (struct seal_part){row, HEAD_BYTES}, row + HEAD_BYTES,
			  locked, plain);
	if (err == OK)
		err = unpack_step(plain, locked - SEAL_LOCK_EXTRA_BYTES, &step);
	seal_wipe(plain, sizeof(plain));
	seal_wipe(lock, sizeof(lock));
	if (err == OK)
		*out_step = step;
	return err;
}
