/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - makes owners, reads their rows back with suspicion, and signs them in. Stores
 * nothing and limits no attempts (the keeper does).
 *
 * Invariants: struct owner_view is made here only; after it is over both its secrets are
 * wiped and every use of it is ERR_DENIED.
 */
#include "vault/owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/secret.h"
#include "base/str.h"
#include "vault/wrap.h"

enum { ROW_VERSION = 1 };

static const char ROW_LABEL[] = "behest owner row v1";

struct owner_view {
	struct owner_id id;
	char name[NAME_BYTES];
	struct clock clock;
	int64_t used_ms;
	struct secret *box_secret; /* NULL once over */
	struct secret *sign_seed;
};

/* --- making owners ---------------------------------------------------------------------- */

static enum err write_row(const struct owner *owner, const uint8_t *keeper_seed,
			  struct owner_made *made)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err;

	pack_init(&pack, made->row, sizeof(made->row));
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_i64(&pack, owner->created_ms);
	pack_text(&pack, owner->name);
	pack_bytes(&pack, owner->box_public, sizeof(owner->box_public));
	pack_bytes(&pack, owner->sign_public, sizeof(owner->sign_public));
	err = seal_sign_labelled(keeper_seed, ROW_LABEL, made->row, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack));
	made->row_size = pack.size;
	return err;
}

bool owner_passphrase_fits(const char *passphrase)
{
	size_t size = strlen(passphrase);

	return size >= OWNER_PASSPHRASE_BYTES_MIN && size <= OWNER_PASSPHRASE_BYTES_MAX;
}

static enum err check_request(const struct owner_request *request)
{
	size_t name_size = strlen(request->name);

	if (name_size == 0 || name_size >= NAME_BYTES ||
	    !owner_passphrase_fits(request->passphrase))
		return ERR_RANGE;
	return OK;
}

/* One of those that every owner begins with. */
static enum err first_wrap(const struct owner_request *request, const struct owner *owner,
			   enum owner_wrap kind, const char *words,
			   const struct rand *rand, const struct secret *bundle,
			   struct owner_made *made)
{
	const struct owner_wrap_request of = {.kind = kind,
					      .number = (uint8_t)kind,
					      .name = "",
					      .words = words,
					      .cost = request->cost,
					      .created_ms = request->created_ms,
					      .keeper_seed = request->keeper_seed};

	return wrap_make(owner, &of, rand, bundle, made->wraps[kind - 1]);
}

enum err owner_create(const struct owner_request *request, const struct rand *rand,
		      struct owner_made *out_made)
{
	struct owner owner = {.household = request->household,
			      .created_ms = request->created_ms};
	struct secret *bundle = NULL;
	enum err err = check_request(request);

	if (err == OK)
		err = secret_create(WRAP_BUNDLE_BYTES, &bundle);
	if (err != OK)
		return err;
	memset(out_made, 0, sizeof(*out_made));
	rand_fill(rand, owner.id.bytes, ID_BYTES);
	rand_fill(rand, secret_bytes(bundle), WRAP_BUNDLE_BYTES);
	must(str_copy(owner.name, sizeof(owner.name), request->name));
	seal_box_pair(secret_view(bundle), owner.box_public);
	seal_sign_pair(secret_view(bundle) + SEAL_BOX_SECRET_BYTES, owner.sign_public);
	seal_sign_pair(request->keeper_seed, owner.keeper_public);
	err = owner_recovery_make(rand, out_made->recovery);
	if (err == OK)
		err = first_wrap(request, &owner, OWNER_WRAP_PASSPHRASE,
				 request->passphrase, rand, bundle, out_made);
	if (err == OK)
		err = first_wrap(request, &owner, OWNER_WRAP_RECOVERY, out_made->recovery,
				 rand, bundle, out_made);
	if (err == OK)
		err = write_row(&owner, request->keeper_seed, out_made);
	out_made->owner = owner;
	if (err != OK)
		owner_made_wipe(out_made);
	secret_destroy(bundle);
	return err;
}

void owner_made_wipe(struct owner_made *made)
{
	seal_wipe(made, sizeof(*made));
}

enum err owner_read(struct household_id household,
		    const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
		    const uint8_t *row, size_t size, struct owner *out_owner)
{
	struct owner owner = {.created_ms = 0};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct unpack unpack;

	if (size < SEAL_SIGNATURE_BYTES || size > OWNER_ROW_BYTES_MAX)
		return ERR_FORMAT;
	unpack_init(&unpack, row, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, owner.household.bytes, ID_BYTES);
	unpack_bytes(&unpack, owner.id.bytes, ID_BYTES);
	owner.created_ms = unpack_i64(&unpack);
	unpack_text(&unpack, owner.name, sizeof(owner.name));
	unpack_bytes(&unpack, owner.box_public, sizeof(owner.box_public));
	unpack_bytes(&unpack, owner.sign_public, sizeof(owner.sign_public));
	unpack_bytes(&unpack, signature, sizeof(signature));
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	if (!id_equal(owner.household.bytes, household.bytes) ||
	    seal_verify_labelled(keeper_public, ROW_LABEL, row,
				 size - SEAL_SIGNATURE_BYTES, signature) != OK)
		return ERR_AUTH;
	memcpy(owner.keeper_public, keeper_public, sizeof(owner.keeper_public));
	*out_owner = owner;
	return OK;
}

/* --- signing in ------------------------------------------------------------------------- */

static enum err make_view(const struct owner *owner, const struct secret *bundle,
			  const struct clock *clock, struct owner_view **out_view)
{
	struct owner_view *view = calloc(1, sizeof(*view));
	enum err err = ERR_MEMORY;

	if (!view)
		return err;
	view->id = owner->id;
	must(str_copy(view->name, sizeof(view->name), owner->name));
	view->clock = *clock;
	view->used_ms = clock_now_ms(clock);
	err = secret_copy(secret_view(bundle), SEAL_BOX_SECRET_BYTES, &view->box_secret);
	if (err == OK)
		err = secret_copy(secret_view(bundle) + SEAL_BOX_SECRET_BYTES,
				  SEAL_SIGN_SEED_BYTES, &view->sign_seed);
	if (err == OK)
		*out_view = view;
	else
		owner_view_destroy(view);
	return err;
}

enum err owner_unlock_any(const struct owner *owner, const struct owner_wrap_row *rows,
			  size_t count, const char *words, const struct clock *clock,
			  struct owner_view **out_view, uint8_t *out_number)
{
	enum owner_wrap kind = owner_is_recovery_code(words) ? OWNER_WRAP_RECOVERY
							     : OWNER_WRAP_PASSPHRASE;
	struct secret *bundle = NULL;
	enum err err = secret_create(WRAP_BUNDLE_BYTES, &bundle);

	if (err == OK)
		err = wrap_open(owner, kind, rows, count, words, bundle, out_number);
	if (err == OK)
		err = make_view(owner, bundle, clock, out_view);
	secret_destroy(bundle);
	return err;
}

enum err owner_unlock(const struct owner *owner, enum owner_wrap which,
		      const uint8_t *wrap, size_t wrap_size, const char *passphrase,
		      const struct clock *clock, struct owner_view **out_view)
{
	const struct owner_wrap_row row = {(uint8_t)which, wrap, wrap_size};
	struct secret *bundle = NULL;
	uint8_t number = 0;
	enum err err = secret_create(WRAP_BUNDLE_BYTES, &bundle);

	if (err == OK)
		err = wrap_open(owner, which, &row, 1, passphrase, bundle, &number);
	if (err == OK)
		err = make_view(owner, bundle, clock, out_view);
	secret_destroy(bundle);
	return err;
}

/* --- the unlocked key ------------------------------------------------------------------- */

static void end_view(struct owner_view *view)
{
	secret_destroy(view->box_secret);
	secret_destroy(view->sign_seed);
	view->box_secret = NULL;
	view->sign_seed = NULL;
}

void owner_view_destroy(struct owner_view *view)
{
	if (!view)
		return;
	end_view(view);
	free(view);
}

int64_t owner_view_left_ms(const struct owner_view *view)
{
	int64_t left = view->used_ms + OWNER_IDLE_MS - clock_now_ms(&view->clock);

	return view->box_secret && left > 0 ? left : 0;
}

bool owner_view_is_open(struct owner_view *view)
{
	if (!view || !view->box_secret)
		return false;
	if (owner_view_left_ms(view) > 0)
		return true;
	end_view(view);
	return false;
}

struct owner_id owner_view_id(const struct owner_view *view)
{
	return view->id;
}

const char *owner_view_name(const struct owner_view *view)
{
	return view->name;
}

enum err owner_view_use(struct owner_view *view)
{
	if (!owner_view_is_open(view))
		return ERR_DENIED;
	view->used_ms = clock_now_ms(&view->clock);
	return OK;
}

enum err owner_view_open_box(struct owner_view *view, const uint8_t *box, size_t box_size,
			     uint8_t *out_plain)
{
	enum err err = owner_view_use(view);

	if (err != OK)
		return err;
	return seal_box_open(secret_view(view->box_secret), box, box_size, out_plain);
}

enum err owner_view_sign(struct owner_view *view, const char *label, const void *bytes,
			 size_t size, uint8_t out_signature[SEAL_SIGNATURE_BYTES])
{
	enum err err = owner_view_use(view);

	if (err != OK)
		return err;
	return seal_sign_labelled(secret_view(view->sign_seed), label, bytes, size,
				  out_signature);
}

enum err owner_wrap_make(struct owner_view *view, const struct owner *owner,
			 const struct owner_wrap_request *request,
			 const struct rand *rand, uint8_t out_row[OWNER_WRAP_BYTES])
{
	struct secret *bundle = NULL;
	enum err err = owner_view_use(view);

	if (err != OK)
		return err;
	if (!id_equal(view->id.bytes, owner->id.bytes))
		return ERR_AUTH;
	err = secret_create(WRAP_BUNDLE_BYTES, &bundle);
	if (err == OK) {
		memcpy(secret_bytes(bundle), secret_view(view->box_secret),
		       SEAL_BOX_SECRET_BYTES);
		memcpy(secret_bytes(bundle) + SEAL_BOX_SECRET_BYTES,
		       secret_view(view->sign_seed), SEAL_SIGN_SEED_BYTES);
		err = wrap_make(owner, request, rand, bundle, out_row);
	}
	secret_destroy(bundle);
	return err;
}
