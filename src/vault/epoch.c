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

enum {
	ROW_VERSION_OLD = 1, /* sealed to the owner's own key */
	ROW_VERSION = 2,     /* sealed to a kek of the owner's */
	BOX_BYTES = SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES,
};

/* By layout. */
static const char *const ROW_LABELS[] = {
	[ROW_VERSION_OLD] = "behest epoch row v1",
	[ROW_VERSION] = "behest epoch row v2",
};
static const char *const COMMIT_LABELS[] = {
	[ROW_VERSION_OLD] = "behest epoch commitment v1",
	[ROW_VERSION] = "behest epoch commitment v2",
};

struct epoch {
	struct epoch_id id;
	struct owner_id owner;
	struct clock clock;
	int64_t born_ms;
	struct secret *key;
};

struct epoch_opened {
	struct household_id household;
	struct owner_id owner;
	struct epoch_id id;
	struct secret *key;
};

struct epoch_row {
	uint8_t version;
	struct household_id household;
	struct owner_id owner;
	struct epoch_id id;
	uint64_t generation; /* 0 in layout 1 */
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[BOX_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
};

/* The commitment also says whose epoch it is, beside the signature that does. */
static void commit_to(const uint8_t key[SEAL_KEY_BYTES], const struct epoch_row *row,
		      uint8_t out_commit[SEAL_COMMIT_BYTES])
{
	uint8_t generation[8];
	struct pack pack;
	const struct seal_part parts[] = {{row->household.bytes, ID_BYTES},
					  {row->owner.bytes, ID_BYTES},
					  {row->id.bytes, ID_BYTES},
					  {generation, sizeof(generation)}};

	pack_init(&pack, generation, sizeof(generation));
	pack_u64(&pack, row->generation);
	seal_derive(key, COMMIT_LABELS[row->version], parts,
		    row->version == ROW_VERSION_OLD ? 3 : 4, out_commit);
}

static enum err write_row(const struct epoch *epoch, const struct kek *kek,
			  const uint8_t *keeper_seed, uint8_t bytes[EPOCH_ROW_BYTES])
{
	struct epoch_row row = {.version = ROW_VERSION,
				.household = kek->household,
				.owner = kek->owner,
				.id = epoch->id,
				.generation = kek->generation};
	struct pack pack;
	enum err err = seal_box_close(kek->box_public, secret_view(epoch->key),
				      SEAL_KEY_BYTES, row.box);

	if (err != OK)
		return err;
	commit_to(secret_view(epoch->key), &row, row.commit);
	pack_init(&pack, bytes, EPOCH_ROW_BYTES);
	pack_u8(&pack, row.version);
	pack_bytes(&pack, row.household.bytes, ID_BYTES);
	pack_bytes(&pack, row.owner.bytes, ID_BYTES);
	pack_bytes(&pack, row.id.bytes, ID_BYTES);
	pack_i64(&pack, clock_wall_ms(&epoch->clock));
	pack_u64(&pack, row.generation);
	pack_bytes(&pack, row.commit, sizeof(row.commit));
	pack_bytes(&pack, row.box, sizeof(row.box));
	err = seal_sign_labelled(keeper_seed, ROW_LABELS[ROW_VERSION], bytes, pack.size,
				 row.signature);
	pack_bytes(&pack, row.signature, sizeof(row.signature));
	must(pack_is_whole(&pack) && pack.size == EPOCH_ROW_BYTES);
	return err;
}

enum err epoch_create(const struct kek *kek, const uint8_t *keeper_seed,
		      const struct rand *rand, const struct clock *clock,
		      uint8_t out_row[EPOCH_ROW_BYTES], struct epoch **out_epoch)
{
	struct epoch *epoch = calloc(1, sizeof(*epoch));
	enum err err;

	if (!epoch)
		return ERR_MEMORY;
	rand_fill(rand, epoch->id.bytes, ID_BYTES);
	epoch->owner = kek->owner;
	epoch->clock = *clock;
	epoch->born_ms = clock_now_ms(clock);
	err = secret_create(SEAL_KEY_BYTES, &epoch->key);
	if (err == OK) {
		rand_fill(rand, secret_bytes(epoch->key), SEAL_KEY_BYTES);
		err = write_row(epoch, kek, keeper_seed, out_row);
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

static enum err read_row(const uint8_t *bytes, size_t size, struct epoch_row *out_row)
{
	struct epoch_row row = {.generation = 0};
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	row.version = unpack_u8(&unpack);
	if (row.version != ROW_VERSION && row.version != ROW_VERSION_OLD)
		return ERR_VERSION;
	unpack_bytes(&unpack, row.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, row.owner.bytes, ID_BYTES);
	unpack_bytes(&unpack, row.id.bytes, ID_BYTES);
	(void)unpack_i64(&unpack);
	if (row.version == ROW_VERSION)
		row.generation = unpack_u64(&unpack);
	unpack_bytes(&unpack, row.commit, sizeof(row.commit));
	unpack_bytes(&unpack, row.box, sizeof(row.box));
	unpack_bytes(&unpack, row.signature, sizeof(row.signature));
	if (!unpack_is_whole(&unpack) ||
	    (row.version == ROW_VERSION && row.generation == 0))
		return ERR_FORMAT;
	*out_row = row;
	return OK;
}

enum err epoch_peek(const uint8_t *row, size_t size, uint64_t *out_generation)
{
	struct epoch_row parts;
	enum err err = read_row(row, size, &parts);

	if (err == OK)
		*out_generation = parts.generation;
	return err;
}

/* Every owner may open what is nobody's. */
static bool is_of_box(struct household_id household, const struct epoch_row *row)
{
	return row->version == ROW_VERSION &&
	       id_equal(row->owner.bytes, kek_box_owner(household).bytes);
}

/* Opens the row's box: with the kek that the owner's key opens, or, in layout 1, with that
 * key itself. */
static enum err open_box(struct owner_view *view, struct household_id household,
			 const uint8_t *keeper_public, const struct epoch_row *row,
			 const struct epoch_rows *rows, struct secret *key)
{
	struct secret *kek = NULL;
	enum err err;

	if (row->version == ROW_VERSION_OLD)
		return owner_view_open_box(view, row->box, sizeof(row->box),
					   secret_bytes(key));
	if (!rows->kek)
		return ERR_AUTH;
	err = (is_of_box(household, row) ? kek_open_box
					 : kek_open)(view, household, keeper_public,
						     row->generation, rows->kek,
						     rows->kek_size, &kek);
	if (err == OK)
		err = seal_box_open(secret_view(kek), row->box, sizeof(row->box),
				    secret_bytes(key));
	secret_destroy(kek);
	return err;
}

static enum err make_opened(const struct epoch_row *row, struct secret **key,
			    struct epoch_opened **out_epoch)
{
	struct epoch_opened *opened = calloc(1, sizeof(*opened));

	if (!opened)
		return ERR_MEMORY;
	opened->household = row->household;
	opened->owner = row->owner;
	opened->id = row->id;
	opened->key = *key;
	*key = NULL;
	*out_epoch = opened;
	return OK;
}

enum err epoch_open(struct owner_view *view, struct household_id household,
		    const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		    struct epoch_id id, const struct epoch_rows *rows,
		    struct epoch_opened **out_epoch)
{
	struct secret *key = NULL;
	struct epoch_row row;
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err = read_row(rows->epoch, rows->epoch_size, &row);

	if (err != OK)
		return err;
	if (!id_equal(row.household.bytes, household.bytes) ||
	    (!id_equal(row.owner.bytes, owner_view_id(view).bytes) &&
	     !is_of_box(household, &row)) ||
	    !id_equal(row.id.bytes, id.bytes))
		return ERR_AUTH;
	err = seal_verify_labelled(keeper_public, ROW_LABELS[row.version], rows->epoch,
				   rows->epoch_size - SEAL_SIGNATURE_BYTES,
				   row.signature);
	if (err == OK)
		err = secret_create(SEAL_KEY_BYTES, &key);
	if (err == OK)
		err = open_box(view, household, keeper_public, &row, rows, key);
	if (err == OK) {
		commit_to(secret_view(key), &row, commit);
		if (!seal_equal(commit, row.commit, sizeof(commit)))
			err = ERR_AUTH;
	}
	if (err == OK)
		err = make_opened(&row, &key, out_epoch);
	secret_destroy(key);
	return err;
}

void epoch_opened_destroy(struct epoch_opened *epoch)
{
	if (!epoch)
		return;
	secret_destroy(epoch->key);
	free(epoch);
}

const struct secret *epoch_opened_key(const struct epoch_opened *epoch,
				      struct household_id household,
				      struct owner_id owner, struct epoch_id id)
{
	return id_equal(epoch->household.bytes, household.bytes) &&
			       id_equal(epoch->owner.bytes, owner.bytes) &&
			       id_equal(epoch->id.bytes, id.bytes)
		       ? epoch->key
		       : NULL;
}
