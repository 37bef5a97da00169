/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kek - makes, reads and opens the keys above the epochs. Stores nothing.
 *
 * Invariants: the secret half leaves here sealed to its owner, or for an open owner_view
 * whose secret opened the row's box; generation 0 stands for none and is in no row.
 */
#include "vault/kek.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"

enum { ROW_VERSION = 1, BOX_BYTES = SEAL_BOX_SECRET_BYTES + SEAL_BOX_EXTRA_BYTES };

static const char ROW_LABEL[] = "behest kek row v1";

void kek_store_key(struct owner_id owner, uint64_t generation,
		   uint8_t to[KEK_STORE_KEY_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, KEK_STORE_KEY_BYTES);
	pack_bytes(&pack, owner.bytes, ID_BYTES);
	pack_u64(&pack, generation);
	must(pack_is_whole(&pack) && pack.size == KEK_STORE_KEY_BYTES);
}

enum err kek_from_store_key(const uint8_t *bytes, size_t size, struct owner_id *out_owner,
			    uint64_t *out_generation)
{
	struct owner_id owner;
	struct unpack unpack;
	uint64_t generation;

	unpack_init(&unpack, bytes, size);
	unpack_bytes(&unpack, owner.bytes, ID_BYTES);
	generation = unpack_u64(&unpack);
	if (!unpack_is_whole(&unpack) || generation == 0)
		return ERR_FORMAT;
	*out_owner = owner;
	*out_generation = generation;
	return OK;
}

/* Says whose key it is and which public half it has, beside the signature that does. */
static void commit_to(const uint8_t secret[SEAL_BOX_SECRET_BYTES], const struct kek *kek,
		      uint8_t out_commit[SEAL_COMMIT_BYTES])
{
	uint8_t generation[8];
	struct pack pack;
	const struct seal_part parts[] = {{kek->household.bytes, ID_BYTES},
					  {kek->owner.bytes, ID_BYTES},
					  {generation, sizeof(generation)},
					  {kek->box_public, SEAL_BOX_PUBLIC_BYTES}};

	pack_init(&pack, generation, sizeof(generation));
	pack_u64(&pack, kek->generation);
	seal_derive(secret, "behest kek commitment v1", parts, 4, out_commit);
}

static enum err write_row(const struct kek *kek, const struct owner *owner,
			  const uint8_t secret[SEAL_BOX_SECRET_BYTES],
			  const uint8_t *keeper_seed, uint8_t row[KEK_ROW_BYTES])
{
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[BOX_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err =
		seal_box_close(owner->box_public, secret, SEAL_BOX_SECRET_BYTES, box);

	if (err != OK)
		return err;
	commit_to(secret, kek, commit);
	pack_init(&pack, row, KEK_ROW_BYTES);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, kek->household.bytes, ID_BYTES);
	pack_bytes(&pack, kek->owner.bytes, ID_BYTES);
	pack_u64(&pack, kek->generation);
	pack_i64(&pack, kek->created_ms);
	pack_bytes(&pack, kek->box_public, sizeof(kek->box_public));
	pack_bytes(&pack, commit, sizeof(commit));
	pack_bytes(&pack, box, sizeof(box));
	err = seal_sign_labelled(keeper_seed, ROW_LABEL, row, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack) && pack.size == KEK_ROW_BYTES);
	return err;
}

struct owner_id kek_box_owner(struct household_id household)
{
	struct owner_id id;

	memcpy(id.bytes, household.bytes, ID_BYTES);
	return id;
}

enum err kek_create_box(const struct owner *const *readers, size_t count,
			uint64_t generation, int64_t created_ms,
			const uint8_t *keeper_seed, const struct rand *rand,
			uint8_t (*out_rows)[KEK_ROW_BYTES], struct kek *out_kek)
{
	struct kek kek = {.generation = generation, .created_ms = created_ms};
	struct secret *secret = NULL;
	enum err err = secret_create(SEAL_BOX_SECRET_BYTES, &secret);

	must(generation > 0 && count > 0);
	if (err != OK)
		return err;
	kek.household = readers[0]->household;
	kek.owner = kek_box_owner(kek.household);
	rand_fill(rand, secret_bytes(secret), SEAL_BOX_SECRET_BYTES);
	seal_box_pair(secret_view(secret), kek.box_public);
	for (size_t i = 0; err == OK && i < count; i++) {
		must(id_equal(readers[i]->household.bytes, kek.household.bytes));
		err = write_row(&kek, readers[i], secret_view(secret), keeper_seed,
				out_rows[i]);
	}
	if (err == OK)
		*out_kek = kek;
	secret_destroy(secret);
	return err;
}

enum err kek_create(const struct owner *owner, uint64_t generation, int64_t created_ms,
		    const uint8_t *keeper_seed, const struct rand *rand,
		    uint8_t out_row[KEK_ROW_BYTES], struct kek *out_kek)
{
	struct kek kek = {.household = owner->household,
			  .owner = owner->id,
			  .generation = generation,
			  .created_ms = created_ms};
	struct secret *secret = NULL;
	enum err err = secret_create(SEAL_BOX_SECRET_BYTES, &secret);

	must(generation > 0);
	if (err != OK)
		return err;
	rand_fill(rand, secret_bytes(secret), SEAL_BOX_SECRET_BYTES);
	seal_box_pair(secret_view(secret), kek.box_public);
	err = write_row(&kek, owner, secret_view(secret), keeper_seed, out_row);
	if (err == OK)
		*out_kek = kek;
	secret_destroy(secret);
	return err;
}

struct kek_row {
	struct kek kek;
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t box[BOX_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
};

static enum err parse_row(const uint8_t *bytes, size_t size, struct kek_row *out_row)
{
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, out_row->kek.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, out_row->kek.owner.bytes, ID_BYTES);
	out_row->kek.generation = unpack_u64(&unpack);
	out_row->kek.created_ms = unpack_i64(&unpack);
	unpack_bytes(&unpack, out_row->kek.box_public, SEAL_BOX_PUBLIC_BYTES);
	unpack_bytes(&unpack, out_row->commit, sizeof(out_row->commit));
	unpack_bytes(&unpack, out_row->box, sizeof(out_row->box));
	unpack_bytes(&unpack, out_row->signature, sizeof(out_row->signature));
	return unpack_is_whole(&unpack) ? OK : ERR_FORMAT;
}

/* A row that this keeper wrote for exactly this household, owner and generation. */
static enum err read_row(struct household_id household,
			 const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			 struct owner_id owner, uint64_t generation, const uint8_t *bytes,
			 size_t size, struct kek_row *out_row)
{
	enum err err = parse_row(bytes, size, out_row);

	if (err != OK)
		return err;
	if (generation == 0 || out_row->kek.generation != generation ||
	    !id_equal(out_row->kek.household.bytes, household.bytes) ||
	    !id_equal(out_row->kek.owner.bytes, owner.bytes))
		return ERR_AUTH;
	return seal_verify_labelled(keeper_public, ROW_LABEL, bytes,
				    size - SEAL_SIGNATURE_BYTES, out_row->signature);
}

enum err kek_read(struct household_id household,
		  const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		  struct owner_id owner, uint64_t generation, const uint8_t *row,
		  size_t size, struct kek *out_kek)
{
	struct kek_row parts;
	enum err err =
		read_row(household, keeper_public, owner, generation, row, size, &parts);

	if (err == OK)
		*out_kek = parts.kek;
	return err;
}

static enum err check_secret(const struct kek_row *row, const struct secret *secret)
{
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES];
	uint8_t commit[SEAL_COMMIT_BYTES];

	commit_to(secret_view(secret), &row->kek, commit);
	seal_box_pair(secret_view(secret), box_public);
	return seal_equal(commit, row->commit, sizeof(commit)) &&
			       seal_equal(box_public, row->kek.box_public,
					  sizeof(box_public))
		       ? OK
		       : ERR_AUTH;
}

static enum err open_of(struct owner_view *view, struct household_id household,
			const uint8_t *keeper_public, struct owner_id owner,
			uint64_t generation, const uint8_t *row, size_t size,
			struct secret **out_secret)
{
	struct secret *secret = NULL;
	struct kek_row parts;
	enum err err =
		read_row(household, keeper_public, owner, generation, row, size, &parts);

	if (err == OK)
		err = secret_create(SEAL_BOX_SECRET_BYTES, &secret);
	if (err == OK)
		err = owner_view_open_box(view, parts.box, sizeof(parts.box),
					  secret_bytes(secret));
	if (err == OK)
		err = check_secret(&parts, secret);
	if (err == OK)
		*out_secret = secret;
	else
		secret_destroy(secret);
	return err;
}

enum err kek_open(struct owner_view *view, struct household_id household,
		  const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		  uint64_t generation, const uint8_t *row, size_t size,
		  struct secret **out_secret)
{
	return open_of(view, household, keeper_public, owner_view_id(view), generation,
		       row, size, out_secret);
}

enum err kek_open_box(struct owner_view *view, struct household_id household,
		      const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		      uint64_t generation, const uint8_t *row, size_t size,
		      struct secret **out_secret)
{
	return open_of(view, household, keeper_public, kek_box_owner(household),
		       generation, row, size, out_secret);
}
