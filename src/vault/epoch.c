/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoch - makes, seals and opens epoch keys. Stores nothing.
 *
 * Invariant: a key leaves here only for the keeper that just made it, or for an open
 * owner_view whose secret opened the row's box.
 */
#include "vault/epoch.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"

enum { ROW_VERSION = 1, BOX_BYTES = SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES };

static const char ROW_LABEL[] = "behest epoch row v1";

struct epoch {
	struct epoch_id id;
	struct owner_id owner;
	struct clock clock;
	int64_t born_ms;
	struct secret *key;
};

/* The commitment also says whose epoch it is, beside the signature that does. */
static void commit_to(const uint8_t key[SEAL_KEY_BYTES], struct household_id household,
		      struct owner_id owner, struct epoch_id id,
		      uint8_t out_commit[SEAL_COMMIT_BYTES])
{
	const struct seal_part parts[] = {{household.bytes, ID_BYTES},
					  {owner.bytes, ID_BYTES},
					  {id.bytes, ID_BYTES}};

	seal_derive(key, "behest epoch commitment v1", parts, 3, out_commit);
}

static enum err write_row(const struct epoch *epoch, const struct owner *owner,
			  const uint8_t *keeper_seed, uint8_t row[EPOCH_ROW_BYTES])
{
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[BOX_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err = seal_box_close(owner->box_public, secret_view(epoch->key),
				      SEAL_KEY_BYTES, box);

	if (err != OK)
		return err;
	commit_to(secret_view(epoch->key), owner->household, owner->id, epoch->id,
		  commit);
	pack_init(&pack, row, EPOCH_ROW_BYTES);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_bytes(&pack, epoch->id.bytes, ID_BYTES);
	pack_i64(&pack, clock_wall_ms(&epoch->clock));
	pack_bytes(&pack, commit, sizeof(commit));
	pack_bytes(&pack, box, sizeof(box));
	err = seal_sign_labelled(keeper_seed, ROW_LABEL, row, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack) && pack.size == EPOCH_ROW_BYTES);
	return err;
}

enum err epoch_create(const struct owner *owner, const uint8_t *keeper_seed,
		      const struct rand *rand, const struct clock *clock,
		      uint8_t out_row[EPOCH_ROW_BYTES], struct epoch **out_epoch)
{
	struct epoch *epoch = calloc(1, sizeof(*epoch));
	enum err err;

	if (!epoch)
		return ERR_MEMORY;
	rand_fill(rand, epoch->id.bytes, ID_BYTES);
	epoch->owner = owner->id;
	epoch->clock = *clock;
	epoch->born_ms = clock_now_ms(clock);
	err = secret_create(SEAL_KEY_BYTES, &epoch->key);
	if (err == OK) {
		rand_fill(rand, secret_bytes(epoch->key), SEAL_KEY_BYTES);
		err = write_row(epoch, owner, keeper_seed, out_row);
	}
	if (err == OK)
		*out_epoch = epoch;
	else
		epoch_destroy(epoch);
	return err;
}

void epoch_destroy(struct epoch *epoch)
{
	if (!epoch)
		return;
	secret_destroy(epoch->key);
	free(epoch);
}

bool epoch_is_fresh(const struct epoch *epoch)
{
	int64_t age = clock_now_ms(&epoch->clock) - epoch->born_ms;

	return age >= 0 && age < EPOCH_LIFE_MS;
}

struct epoch_id epoch_id_of(const struct epoch *epoch)
{
	return epoch->id;
}

struct owner_id epoch_owner(const struct epoch *epoch)
{
	return epoch->owner;
}

const struct secret *epoch_key(const struct epoch *epoch)
{
	return epoch->key;
}

struct epoch_row {
	struct household_id household;
	struct owner_id owner;
	struct epoch_id id;
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[BOX_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
};

static enum err read_row(const uint8_t *bytes, size_t size, struct epoch_row *out_row)
{
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, out_row->household.bytes, ID_BYTES);
	unpack_bytes(&unpack, out_row->owner.bytes, ID_BYTES);
	unpack_bytes(&unpack, out_row->id.bytes, ID_BYTES);
	(void)unpack_i64(&unpack);
	unpack_bytes(&unpack, out_row->commit, sizeof(out_row->commit));
	unpack_bytes(&unpack, out_row->box, sizeof(out_row->box));
	unpack_bytes(&unpack, out_row->signature, sizeof(out_row->signature));
	return unpack_is_whole(&unpack) ? OK : ERR_FORMAT;
}

enum err epoch_open(struct owner_view *view, struct household_id household,
		    const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		    struct epoch_id id, const uint8_t *row, size_t size,
		    struct secret **out_key)
{
	struct secret *key = NULL;
	struct epoch_row parts;
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err = read_row(row, size, &parts);

	if (err != OK)
		return err;
	if (!id_equal(parts.household.bytes, household.bytes) ||
	    !id_equal(parts.owner.bytes, owner_view_id(view).bytes) ||
	    !id_equal(parts.id.bytes, id.bytes))
		return ERR_AUTH;
	err = seal_verify_labelled(keeper_public, ROW_LABEL, row,
				   size - SEAL_SIGNATURE_BYTES, parts.signature);
	if (err == OK)
		err = secret_create(SEAL_KEY_BYTES, &key);
	if (err == OK)
		err = owner_view_open_box(view, parts.box, sizeof(parts.box),
					  secret_bytes(key));
	if (err == OK) {
		commit_to(secret_view(key), household, parts.owner, id, commit);
		if (!seal_equal(commit, parts.commit, sizeof(commit)))
			err = ERR_AUTH;
	}
	if (err == OK)
		*out_key = key;
	else
		secret_destroy(key);
	return err;
}
