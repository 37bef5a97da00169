/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - makes owners, reads their rows back with suspicion, and signs them in. Stores
 * nothing, limits no attempts (the keeper does) and never tells a wrong passphrase from
 * a changed wrap.
 *
 * Invariants: struct owner_view is made here only; after it is over both its secrets are
 * wiped and every use of it is ERR_DENIED.
 */
#include "vault/owner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/secret.h"
#include "base/str.h"

enum {
	ROW_VERSION = 1,
	WRAP_VERSION = 1,
	BUNDLE_BYTES = SEAL_BOX_SECRET_BYTES + SEAL_SIGN_SEED_BYTES,
	BOUND_BYTES = 160,
	RECOVERY_RANDOM_BYTES = 24,
	RECOVERY_BYTES = RECOVERY_RANDOM_BYTES + 1, /* and one of check */
	RECOVERY_LETTERS = 40,
	RECOVERY_GROUP = 5,
	/* What a changed row may make us spend. */
	COST_MEMORY_KIB_MAX = 262144,
	COST_PASSES_MAX = 8,
};

static const char ROW_LABEL[] = "behest owner row v1";
static const char WRAP_LABEL[] = "behest owner wrap v1";

/* Crockford's: no I, L, O, U. */
static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct owner_view {
	struct owner_id id;
	char name[NAME_BYTES];
	struct clock clock;
	int64_t used_ms;
	struct secret *box_secret; /* NULL once over */
	struct secret *sign_seed;
};

/* --- recovery codes --------------------------------------------------------------------- */

static enum err recovery_check(const uint8_t code[RECOVERY_BYTES], uint8_t *out_check)
{
	const struct seal_part part = {code, RECOVERY_RANDOM_BYTES};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(&part, 1, hash);

	*out_check = hash[0];
	return err;
}

static void recovery_to_text(const uint8_t code[RECOVERY_BYTES],
			     char to[OWNER_RECOVERY_TEXT_BYTES])
{
	size_t at = 0;

	for (size_t i = 0; i < RECOVERY_LETTERS; i++) {
		size_t bit = i * 5;
		unsigned two = (unsigned)code[bit / 8] << 8;

		if (bit / 8 + 1 < RECOVERY_BYTES)
			two |= code[bit / 8 + 1];
		if (i > 0 && i % RECOVERY_GROUP == 0)
			to[at++] = '-';
		to[at++] = LETTERS[two >> (11 - bit % 8) & 31];
	}
	to[at] = '\0';
	must(at + 1 == OWNER_RECOVERY_TEXT_BYTES);
}

/* The value of a letter as people write it, or -1. */
static int letter_value(char letter)
{
	char upper = (char)toupper((unsigned char)letter);
	const char *found;

	if (upper == 'O')
		upper = '0';
	if (upper == 'I' || upper == 'L')
		upper = '1';
	found = upper ? strchr(LETTERS, upper) : NULL;
	return found ? (int)(found - LETTERS) : -1;
}

static bool recovery_from_text(const char *text, uint8_t code[RECOVERY_BYTES])
{
	size_t count = 0;
	uint8_t check = 0;

	memset(code, 0, RECOVERY_BYTES);
	for (; *text; text++) {
		int value;

		if (*text == '-' || *text == ' ')
			continue;
		value = letter_value(*text);
		if (value < 0 || count == RECOVERY_LETTERS)
			return false;
		for (size_t i = 0; i < 5; i++) {
			size_t bit = count * 5 + i;

			if (value >> (4 - i) & 1)
				code[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		}
		count++;
	}
	return count == RECOVERY_LETTERS && recovery_check(code, &check) == OK &&
	       code[RECOVERY_RANDOM_BYTES] == check;
}

bool owner_is_recovery_code(const char *text)
{
	uint8_t code[RECOVERY_BYTES];
	bool is_code = recovery_from_text(text, code);

	seal_wipe(code, sizeof(code));
	return is_code;
}

/* --- wraps ------------------------------------------------------------------------------ */

/* Everything that a wrap belongs to. */
static struct seal_part bound_of(const struct owner *owner, enum owner_wrap which,
				 uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, WRAP_LABEL);
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_u8(&pack, (uint8_t)which);
	pack_bytes(&pack, owner->box_public, sizeof(owner->box_public));
	pack_bytes(&pack, owner->sign_public, sizeof(owner->sign_public));
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

/* The words somebody typed, in the one form that is hashed. */
static enum err wrap_key(enum owner_wrap which, const char *words,
			 const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES],
			 struct owner_cost cost, uint8_t out_key[SEAL_KEY_BYTES])
{
	uint8_t code[RECOVERY_BYTES];
	enum err err;

	if (which == OWNER_WRAP_PASSPHRASE)
		return seal_passphrase_key(words, strlen(words), salt, cost.memory_kib,
					   cost.passes, out_key);
	if (!recovery_from_text(words, code))
		memset(code, 0, sizeof(code));
	err = seal_passphrase_key((const char *)code, sizeof(code), salt, cost.memory_kib,
				  cost.passes, out_key);
	seal_wipe(code, sizeof(code));
	return err;
}

static enum err make_wrap(const struct owner *owner, enum owner_wrap which,
			  const char *words, struct owner_cost cost,
			  const struct rand *rand, const struct secret *bundle,
			  uint8_t to[OWNER_WRAP_BYTES])
{
	uint8_t bound_bytes[BOUND_BYTES];
	uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t locked[BUNDLE_BYTES + SEAL_LOCK_EXTRA_BYTES];
	struct pack pack;
	enum err err;

	rand_fill(rand, salt, sizeof(salt));
	err = wrap_key(which, words, salt, cost, key);
	if (err != OK)
		goto out;
	seal_commit(key, commit);
	seal_lock(key, bound_of(owner, which, bound_bytes), secret_view(bundle),
		  BUNDLE_BYTES, locked);
	pack_init(&pack, to, OWNER_WRAP_BYTES);
	pack_u8(&pack, WRAP_VERSION);
	pack_u8(&pack, (uint8_t)which);
	pack_bytes(&pack, salt, sizeof(salt));
	pack_u32(&pack, cost.memory_kib);
	pack_u32(&pack, cost.passes);
	pack_bytes(&pack, commit, sizeof(commit));
	pack_bytes(&pack, locked, sizeof(locked));
	must(pack_is_whole(&pack) && pack.size == OWNER_WRAP_BYTES);
out:
	seal_wipe(key, sizeof(key));
	return err;
}

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

static enum err check_request(const struct owner_request *request)
{
	size_t name_size = strlen(request->name);
	size_t passphrase_size = strlen(request->passphrase);

	if (name_size == 0 || name_size >= NAME_BYTES ||
	    passphrase_size < OWNER_PASSPHRASE_BYTES_MIN ||
	    passphrase_size > OWNER_PASSPHRASE_BYTES_MAX)
		return ERR_RANGE;
	return OK;
}

static enum err make_recovery(const struct rand *rand, char to[OWNER_RECOVERY_TEXT_BYTES])
{
	uint8_t code[RECOVERY_BYTES];
	enum err err;

	rand_fill(rand, code, RECOVERY_RANDOM_BYTES);
	err = recovery_check(code, &code[RECOVERY_RANDOM_BYTES]);
	if (err == OK)
		recovery_to_text(code, to);
	seal_wipe(code, sizeof(code));
	return err;
}

enum err owner_create(const struct owner_request *request, const struct rand *rand,
		      struct owner_made *out_made)
{
	struct owner owner = {.household = request->household,
			      .created_ms = request->created_ms};
	struct secret *bundle = NULL;
	enum err err = check_request(request);

	if (err == OK)
		err = secret_create(BUNDLE_BYTES, &bundle);
	if (err != OK)
		return err;
	memset(out_made, 0, sizeof(*out_made));
	rand_fill(rand, owner.id.bytes, ID_BYTES);
	rand_fill(rand, secret_bytes(bundle), BUNDLE_BYTES);
	must(str_copy(owner.name, sizeof(owner.name), request->name));
	seal_box_pair(secret_view(bundle), owner.box_public);
	seal_sign_pair(secret_view(bundle) + SEAL_BOX_SECRET_BYTES, owner.sign_public);
	err = make_recovery(rand, out_made->recovery);
	if (err == OK)
		err = make_wrap(&owner, OWNER_WRAP_PASSPHRASE, request->passphrase,
				request->cost, rand, bundle,
				out_made->wraps[OWNER_WRAP_PASSPHRASE - 1]);
	if (err == OK)
		err = make_wrap(&owner, OWNER_WRAP_RECOVERY, out_made->recovery,
				request->cost, rand, bundle,
				out_made->wraps[OWNER_WRAP_RECOVERY - 1]);
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
	*out_owner = owner;
	return OK;
}

/* --- signing in ------------------------------------------------------------------------- */

struct wrap {
	uint8_t which;
	uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES];
	struct owner_cost cost;
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t locked[BUNDLE_BYTES + SEAL_LOCK_EXTRA_BYTES];
};

static bool read_wrap(const uint8_t *bytes, size_t size, struct wrap *out_wrap)
{
	struct unpack unpack;
	uint8_t version;

	unpack_init(&unpack, bytes, size);
	version = unpack_u8(&unpack);
	out_wrap->which = unpack_u8(&unpack);
	unpack_bytes(&unpack, out_wrap->salt, sizeof(out_wrap->salt));
	out_wrap->cost.memory_kib = unpack_u32(&unpack);
	out_wrap->cost.passes = unpack_u32(&unpack);
	unpack_bytes(&unpack, out_wrap->commit, sizeof(out_wrap->commit));
	unpack_bytes(&unpack, out_wrap->locked, sizeof(out_wrap->locked));
	return unpack_is_whole(&unpack) && version == WRAP_VERSION &&
	       out_wrap->cost.memory_kib <= COST_MEMORY_KIB_MAX &&
	       out_wrap->cost.passes <= COST_PASSES_MAX;
}

/* The keys inside must be those whose public halves the keeper signed. */
static bool bundle_fits(const struct owner *owner, const struct secret *bundle)
{
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES];
	uint8_t sign_public[SEAL_SIGN_PUBLIC_BYTES];

	seal_box_pair(secret_view(bundle), box_public);
	seal_sign_pair(secret_view(bundle) + SEAL_BOX_SECRET_BYTES, sign_public);
	return seal_equal(box_public, owner->box_public, sizeof(box_public)) &&
	       seal_equal(sign_public, owner->sign_public, sizeof(sign_public));
}

static enum err open_wrap(const struct owner *owner, enum owner_wrap which,
			  const struct wrap *wrap, const char *passphrase,
			  struct secret *bundle)
{
	uint8_t bound_bytes[BOUND_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err = wrap_key(which, passphrase, wrap->salt, wrap->cost, key);

	if (err != OK)
		goto out;
	seal_commit(key, commit);
	if (wrap->which != which || !seal_equal(commit, wrap->commit, sizeof(commit)))
		err = ERR_AUTH;
	if (err == OK)
		err = seal_unlock(key, bound_of(owner, which, bound_bytes), wrap->locked,
				  sizeof(wrap->locked), secret_bytes(bundle));
	if (err == OK && !bundle_fits(owner, bundle))
		err = ERR_AUTH;
out:
	seal_wipe(key, sizeof(key));
	return err;
}

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

enum err owner_unlock(const struct owner *owner, enum owner_wrap which,
		      const uint8_t *wrap, size_t wrap_size, const char *passphrase,
		      const struct clock *clock, struct owner_view **out_view)
{
	struct secret *bundle = NULL;
	struct wrap parts;
	enum err err;

	if (!read_wrap(wrap, wrap_size, &parts)) {
		owner_unlock_nobody(passphrase);
		return ERR_AUTH;
	}
	err = secret_create(BUNDLE_BYTES, &bundle);
	if (err == OK)
		err = open_wrap(owner, which, &parts, passphrase, bundle);
	if (err == OK)
		err = make_view(owner, bundle, clock, out_view);
	secret_destroy(bundle);
	return err;
}

void owner_unlock_nobody(const char *passphrase)
{
	const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES] = {0};
	uint8_t key[SEAL_KEY_BYTES];

	/* Its failure is as good as its success: nobody is let in. */
	(void)!seal_passphrase_key(passphrase, strlen(passphrase), salt,
				   OWNER_COST.memory_kib, OWNER_COST.passes, key);
	seal_wipe(key, sizeof(key));
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
