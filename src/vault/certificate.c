/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate - makes, reads and checks rows. Stores nothing and decides nothing about whose
 * word counts.
 */
#include "vault/certificate.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"

enum {
	ROW_VERSION = 1,
	BY_AT = 1 + ID_BYTES + 1 + ID_BYTES + SEAL_SIGN_PUBLIC_BYTES +
		SEAL_BOX_PUBLIC_BYTES,
	BODY_BYTES = CERTIFICATE_ROW_BYTES - 2 * SEAL_SIGNATURE_BYTES,
};

static const char OWNER_LABEL[] = "behest certificate v1";
static const char ROW_LABEL[] = "behest certificate row v1";

static bool is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= bytes[i];
	return any == 0;
}

struct certificate certificate_of_owner(const struct owner *owner)
{
	struct certificate certificate = {.kind = CERTIFICATE_OWNER,
					  .household = owner->household,
					  .owner = owner->id};

	memcpy(certificate.sign_public, owner->sign_public, SEAL_SIGN_PUBLIC_BYTES);
	memcpy(certificate.box_public, owner->box_public, SEAL_BOX_PUBLIC_BYTES);
	return certificate;
}

bool certificate_is_of_owner(const struct certificate *certificate,
			     const struct owner *owner)
{
	return certificate->kind == CERTIFICATE_OWNER &&
	       id_equal(certificate->household.bytes, owner->household.bytes) &&
	       id_equal(certificate->owner.bytes, owner->id.bytes) &&
	       memcmp(certificate->sign_public, owner->sign_public,
		      SEAL_SIGN_PUBLIC_BYTES) == 0 &&
	       memcmp(certificate->box_public, owner->box_public,
		      SEAL_BOX_PUBLIC_BYTES) == 0;
}

size_t certificate_store_key(const struct certificate *certificate,
			     uint8_t to[CERTIFICATE_STORE_KEY_BYTES_MAX])
{
	bool is_owner = certificate->kind == CERTIFICATE_OWNER;
	struct pack pack;

	pack_init(&pack, to, CERTIFICATE_STORE_KEY_BYTES_MAX);
	pack_u8(&pack, (uint8_t)certificate->kind);
	if (is_owner)
		pack_bytes(&pack, certificate->owner.bytes, ID_BYTES);
	else
		pack_bytes(&pack, certificate->sign_public, SEAL_SIGN_PUBLIC_BYTES);
	must(pack_is_whole(&pack));
	return pack.size;
}

enum err certificate_make(struct owner_view *view, const uint8_t *keeper_seed,
			  struct certificate *certificate,
			  uint8_t out_row[CERTIFICATE_ROW_BYTES])
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err;

	must(certificate->kind != CERTIFICATE_NONE);
	certificate->by = owner_view_id(view);
	pack_init(&pack, out_row, CERTIFICATE_ROW_BYTES);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, certificate->household.bytes, ID_BYTES);
	pack_u8(&pack, (uint8_t)certificate->kind);
	pack_bytes(&pack, certificate->owner.bytes, ID_BYTES);
	pack_bytes(&pack, certificate->sign_public, SEAL_SIGN_PUBLIC_BYTES);
	pack_bytes(&pack, certificate->box_public, SEAL_BOX_PUBLIC_BYTES);
	pack_bytes(&pack, certificate->by.bytes, ID_BYTES);
	pack_i64(&pack, certificate->at_ms);
	pack_u64(&pack, certificate->after);
	must(pack.size == BODY_BYTES);
	err = owner_view_sign(view, OWNER_LABEL, out_row, pack.size, signature);
	if (err != OK)
		return err;
	pack_bytes(&pack, signature, sizeof(signature));
	err = seal_sign_labelled(keeper_seed, ROW_LABEL, out_row, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack) && pack.size == CERTIFICATE_ROW_BYTES);
	return err;
}

/* An owner's names the owner and two keys, any other's one key. */
static bool is_whole(const struct certificate *certificate)
{
	bool has_owner = !is_zero(certificate->owner.bytes, ID_BYTES);
	bool has_box = !is_zero(certificate->box_public, SEAL_BOX_PUBLIC_BYTES);

	return certificate->kind == CERTIFICATE_OWNER ? has_owner && has_box
						      : !has_owner && !has_box;
}

enum err certificate_read(struct household_id household,
			  const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			  const uint8_t *row, size_t size,
			  struct certificate *out_certificate)
{
	struct certificate certificate = {.kind = CERTIFICATE_NONE};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct unpack unpack;
	uint8_t kind;

	unpack_init(&unpack, row, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, certificate.household.bytes, ID_BYTES);
	kind = unpack_u8(&unpack);
	unpack_bytes(&unpack, certificate.owner.bytes, ID_BYTES);
	unpack_bytes(&unpack, certificate.sign_public, SEAL_SIGN_PUBLIC_BYTES);
	unpack_bytes(&unpack, certificate.box_public, SEAL_BOX_PUBLIC_BYTES);
	unpack_bytes(&unpack, certificate.by.bytes, ID_BYTES);
	certificate.at_ms = unpack_i64(&unpack);
	certificate.after = unpack_u64(&unpack);
	(void)unpack_borrow(&unpack, SEAL_SIGNATURE_BYTES); /* certificate_check's */
	unpack_bytes(&unpack, signature, sizeof(signature));
	if (!unpack_is_whole(&unpack) || kind < CERTIFICATE_OWNER ||
	    kind > CERTIFICATE_ROOM)
		return ERR_FORMAT;
	certificate.kind = (enum certificate_kind)kind;
	if (!is_whole(&certificate))
		return ERR_FORMAT;
	if (!id_equal(certificate.household.bytes, household.bytes) ||
	    seal_verify_labelled(keeper_public, ROW_LABEL, row,
				 size - SEAL_SIGNATURE_BYTES, signature) != OK)
		return ERR_AUTH;
	*out_certificate = certificate;
	return OK;
}

enum err certificate_check(const struct owner *by, const uint8_t *row, size_t size)
{
	if (size != CERTIFICATE_ROW_BYTES || !id_equal(row + BY_AT, by->id.bytes))
		return ERR_AUTH;
	return seal_verify_labelled(by->sign_public, OWNER_LABEL, row, BODY_BYTES,
				    row + BODY_BYTES);
}

enum err certificate_hash(const uint8_t *row, size_t size,
			  uint8_t out_hash[SEAL_HASH_BYTES])
{
	const struct seal_part part = {row, size};

	return seal_sha256(&part, 1, out_hash);
}
