/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap - makes, reads and opens wraps, and knows recovery codes. Stores nothing, limits no
 * attempts and never tells wrong words from a changed row.
 *
 * Invariants: words are stretched once per call, whatever the rows are; a bundle is filled
 * only with the secrets whose public halves the keeper signed.
 */
#include "vault/wrap.h"

#include <ctype.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	ROW_VERSION_OLD = 1, /* without a name, not signed; its number is its kind */
	ROW_VERSION = 2,
	BOUND_BYTES = 256,
	RECOVERY_RANDOM_BYTES = 24,
	RECOVERY_BYTES = RECOVERY_RANDOM_BYTES + 1, /* and one of check */
	RECOVERY_LETTERS = 40,
	RECOVERY_GROUP = 5,
	/* What a changed row may make us spend. */
	COST_MEMORY_KIB_MAX = 262144,
	COST_PASSES_MAX = 8,
};

static const char ROW_LABEL[] = "behest owner wrap row v2";
/* What the secrets are bound to begins with this, by layout. */
static const char *const BOUND_LABELS[] = {
	[ROW_VERSION_OLD] = "behest owner wrap v1",
	[ROW_VERSION] = "behest owner wrap v2",
};

/* Crockford's: no I, L, O, U. */
static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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

	must(letter != '\0');
	if (upper == 'O')
		upper = '0';
	if (upper == 'I' || upper == 'L')
		upper = '1';
	found = strchr(LETTERS, upper);
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

enum err owner_recovery_make(const struct rand *rand, char to[OWNER_RECOVERY_TEXT_BYTES])
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

/* --- the row ---------------------------------------------------------------------------- */

struct wrap {
	uint8_t version;
	struct owner_wrap_about about;
	uint8_t commit[SEAL_COMMIT_BYTES];
	uint8_t locked[WRAP_BUNDLE_BYTES + SEAL_LOCK_EXTRA_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES]; /* not in layout 1 */
	const struct owner_wrap_row *row;        /* it was read from */
};

/* Everything that a wrap belongs to. */
static struct seal_part bound_of(const struct owner *owner, const struct wrap *wrap,
				 uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, BOUND_LABELS[wrap->version]);
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_u8(&pack, (uint8_t)wrap->about.kind);
	pack_bytes(&pack, owner->box_public, sizeof(owner->box_public));
	pack_bytes(&pack, owner->sign_public, sizeof(owner->sign_public));
	if (wrap->version == ROW_VERSION) {
		pack_u8(&pack, wrap->about.number);
		pack_text(&pack, wrap->about.name);
	}
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

/* The words somebody typed, in the one form that is hashed. */
static enum err stretch(enum owner_wrap kind, const char *words,
			const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES],
			struct owner_cost cost, uint8_t out_key[SEAL_KEY_BYTES])
{
	uint8_t code[RECOVERY_BYTES];
	enum err err;

	if (kind == OWNER_WRAP_PASSPHRASE)
		return seal_passphrase_key(words, strlen(words), salt, cost.memory_kib,
					   cost.passes, out_key);
	if (!recovery_from_text(words, code))
		memset(code, 0, sizeof(code));
	err = seal_passphrase_key((const char *)code, sizeof(code), salt, cost.memory_kib,
				  cost.passes, out_key);
	seal_wipe(code, sizeof(code));
	return err;
}

static void write_head(struct pack *pack, const struct owner *owner,
		       const struct wrap *wrap)
{
	char name[OWNER_WRAP_NAME_BYTES] = "";

	must(str_copy(name, sizeof(name), wrap->about.name));
	pack_u8(pack, wrap->version);
	pack_u8(pack, (uint8_t)wrap->about.kind);
	pack_u8(pack, wrap->about.number);
	pack_bytes(pack, owner->household.bytes, ID_BYTES);
	pack_bytes(pack, owner->id.bytes, ID_BYTES);
	pack_i64(pack, wrap->about.created_ms);
	pack_bytes(pack, name, sizeof(name));
}

static void write_cost(struct pack *pack, const struct wrap *wrap)
{
	pack_bytes(pack, wrap->about.salt, sizeof(wrap->about.salt));
	pack_u32(pack, wrap->about.cost.memory_kib);
	pack_u32(pack, wrap->about.cost.passes);
	pack_bytes(pack, wrap->commit, sizeof(wrap->commit));
	pack_bytes(pack, wrap->locked, sizeof(wrap->locked));
}

static enum err write_row(const struct owner *owner, const struct wrap *wrap,
			  const uint8_t *keeper_seed, uint8_t row[OWNER_WRAP_BYTES])
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err;

	pack_init(&pack, row, OWNER_WRAP_BYTES);
	write_head(&pack, owner, wrap);
	write_cost(&pack, wrap);
	err = seal_sign_labelled(keeper_seed, ROW_LABEL, row, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack) && pack.size == OWNER_WRAP_BYTES);
	return err;
}

static bool fits(const struct owner_wrap_request *request)
{
	return request->number > 0 && strlen(request->name) < OWNER_WRAP_NAME_BYTES &&
	       (request->kind == OWNER_WRAP_RECOVERY ||
		owner_passphrase_fits(request->words));
}

enum err wrap_make(const struct owner *owner, const struct owner_wrap_request *request,
		   const struct rand *rand, const struct secret *bundle,
		   uint8_t out_row[OWNER_WRAP_BYTES])
{
	struct wrap wrap = {.version = ROW_VERSION,
			    .about = {.kind = request->kind,
				      .number = request->number,
				      .created_ms = request->created_ms,
				      .cost = request->cost}};
	uint8_t bound_bytes[BOUND_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	enum err err;

	if (!fits(request))
		return ERR_RANGE;
	must(str_copy(wrap.about.name, sizeof(wrap.about.name), request->name));
	if (request->like) {
		memcpy(wrap.about.salt, request->like->salt, sizeof(wrap.about.salt));
		wrap.about.cost = request->like->cost;
	} else {
		rand_fill(rand, wrap.about.salt, sizeof(wrap.about.salt));
	}
	err = stretch(request->kind, request->words, wrap.about.salt, wrap.about.cost,
		      key);
	if (err == OK) {
		seal_commit(key, wrap.commit);
		seal_lock(key, bound_of(owner, &wrap, bound_bytes), secret_view(bundle),
			  WRAP_BUNDLE_BYTES, wrap.locked);
		err = write_row(owner, &wrap, request->keeper_seed, out_row);
	}
	seal_wipe(key, sizeof(key));
	return err;
}

/* A name is text behind which all is zero. */
static bool read_name(struct unpack *unpack, char to[OWNER_WRAP_NAME_BYTES])
{
	static const char zeros[OWNER_WRAP_NAME_BYTES];
	size_t size;

	unpack_bytes(unpack, to, OWNER_WRAP_NAME_BYTES);
	if (to[OWNER_WRAP_NAME_BYTES - 1] != '\0')
		return false;
	size = strlen(to);
	return memcmp(to + size, zeros, OWNER_WRAP_NAME_BYTES - size) == 0 &&
	       str_is_utf8(to, size);
}

static void read_cost(struct unpack *unpack, struct wrap *wrap)
{
	unpack_bytes(unpack, wrap->about.salt, sizeof(wrap->about.salt));
	wrap->about.cost.memory_kib = unpack_u32(unpack);
	wrap->about.cost.passes = unpack_u32(unpack);
	unpack_bytes(unpack, wrap->commit, sizeof(wrap->commit));
	unpack_bytes(unpack, wrap->locked, sizeof(wrap->locked));
}

static enum err parse_new(struct unpack *unpack, const struct owner *owner,
			  struct wrap *wrap)
{
	struct household_id household;
	struct owner_id id;
	bool has_name;

	wrap->about.number = unpack_u8(unpack);
	unpack_bytes(unpack, household.bytes, ID_BYTES);
	unpack_bytes(unpack, id.bytes, ID_BYTES);
	wrap->about.created_ms = unpack_i64(unpack);
	has_name = read_name(unpack, wrap->about.name);
	read_cost(unpack, wrap);
	unpack_bytes(unpack, wrap->signature, sizeof(wrap->signature));
	if (!unpack_is_whole(unpack) || !has_name)
		return ERR_FORMAT;
	return id_equal(household.bytes, owner->household.bytes) &&
			       id_equal(id.bytes, owner->id.bytes)
		       ? OK
		       : ERR_AUTH;
}

/* All but the signature, which takes a while: words that belong to no row take the same time
 * whether there are rows or not. */
static enum err parse_wrap(const struct owner *owner, const struct owner_wrap_row *row,
			   struct wrap *out_wrap)
{
	struct wrap wrap = {.version = 0};
	struct unpack unpack;
	uint8_t kind;
	enum err err = OK;

	unpack_init(&unpack, row->bytes, row->size);
	wrap.version = unpack_u8(&unpack);
	kind = unpack_u8(&unpack);
	if (wrap.version == ROW_VERSION) {
		err = parse_new(&unpack, owner, &wrap);
	} else if (wrap.version == ROW_VERSION_OLD) {
		wrap.about.number = kind;
		read_cost(&unpack, &wrap);
		err = unpack_is_whole(&unpack) ? OK : ERR_FORMAT;
	} else {
		err = ERR_VERSION;
	}
	if (err != OK)
		return err;
	if ((kind != OWNER_WRAP_PASSPHRASE && kind != OWNER_WRAP_RECOVERY) ||
	    wrap.about.cost.memory_kib > COST_MEMORY_KIB_MAX ||
	    wrap.about.cost.passes > COST_PASSES_MAX)
		return ERR_FORMAT;
	wrap.about.kind = (enum owner_wrap)kind;
	*out_wrap = wrap;
	return wrap.about.number == row->number ? OK : ERR_AUTH;
}

/* Layout 1 says whose it is by its lock alone. */
static enum err check_signed(const struct owner *owner, const struct owner_wrap_row *row,
			     const struct wrap *wrap)
{
	if (wrap->version == ROW_VERSION_OLD)
		return OK;
	return seal_verify_labelled(owner->keeper_public, ROW_LABEL, row->bytes,
				    row->size - SEAL_SIGNATURE_BYTES, wrap->signature);
}

enum err owner_wrap_read(const struct owner *owner, const struct owner_wrap_row *row,
			 struct owner_wrap_about *out_about)
{
	struct wrap wrap;
	enum err err = parse_wrap(owner, row, &wrap);

	if (err == OK)
		err = check_signed(owner, row, &wrap);
	if (err == OK)
		*out_about = wrap.about;
	return err;
}

bool owner_wrap_is_old(const struct owner_wrap_row *row)
{
	return row->size > 0 && row->bytes[0] == ROW_VERSION_OLD;
}

/* --- opening ---------------------------------------------------------------------------- */

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

static enum err open_with(const struct owner *owner, const struct wrap *wrap,
			  const uint8_t key[SEAL_KEY_BYTES], struct secret *bundle)
{
	uint8_t bound_bytes[BOUND_BYTES];
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err;

	seal_commit(key, commit);
	if (!seal_equal(commit, wrap->commit, sizeof(commit)))
		return ERR_AUTH;
	err = check_signed(owner, wrap->row, wrap);
	if (err != OK)
		return err;
	err = seal_unlock(key, bound_of(owner, wrap, bound_bytes), wrap->locked,
			  sizeof(wrap->locked), secret_bytes(bundle));
	return err == OK && !bundle_fits(owner, bundle) ? ERR_AUTH : err;
}

/* The rows of that kind that can be read, one behind the other. */
static size_t choose(const struct owner *owner, enum owner_wrap kind,
		     const struct owner_wrap_row *rows, size_t count,
		     struct wrap to[OWNER_WRAPS_MAX])
{
	size_t kept = 0;

	for (size_t i = 0; i < count && kept < OWNER_WRAPS_MAX; i++) {
		if (parse_wrap(owner, &rows[i], &to[kept]) != OK ||
		    to[kept].about.kind != kind)
			continue;
		to[kept].row = &rows[i];
		kept++;
	}
	return kept;
}

static bool is_alike(const struct owner_wrap_about *a, const struct owner_wrap_about *b)
{
	return memcmp(a->salt, b->salt, sizeof(a->salt)) == 0 &&
	       a->cost.memory_kib == b->cost.memory_kib &&
	       a->cost.passes == b->cost.passes;
}

enum err wrap_open(const struct owner *owner, enum owner_wrap kind,
		   const struct owner_wrap_row *rows, size_t count, const char *words,
		   struct secret *bundle, uint8_t *out_number)
{
	struct wrap wraps[OWNER_WRAPS_MAX];
	size_t kept = choose(owner, kind, rows, count, wraps);
	const struct owner_wrap_about *first = &wraps[0].about;
	uint8_t key[SEAL_KEY_BYTES];
	enum err err;

	if (kept == 0) {
		owner_unlock_nobody(words, OWNER_COST);
		return ERR_AUTH;
	}
	err = stretch(kind, words, first->salt, first->cost, key);
	for (size_t i = 0; err == OK && i < kept; i++) {
		if (is_alike(&wraps[i].about, first) &&
		    open_with(owner, &wraps[i], key, bundle) == OK) {
			*out_number = wraps[i].about.number;
			goto out;
		}
	}
	err = err == OK ? ERR_AUTH : err;
out:
	seal_wipe(key, sizeof(key));
	return err;
}

void owner_unlock_nobody(const char *passphrase, struct owner_cost cost)
{
	const uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES] = {0};
	uint8_t key[SEAL_KEY_BYTES];

	/* Its failure is as good as its success: nobody is let in. */
	(void)!seal_passphrase_key(passphrase, strlen(passphrase), salt, cost.memory_kib,
				   cost.passes, key);
	seal_wipe(key, sizeof(key));
}
