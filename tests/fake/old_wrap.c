/* SPDX-License-Identifier: Apache-2.0 */
/* old_wrap - see the header. */
#include "fake/old_wrap.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"

enum {
	SALT_AT =
		107, /* of layout 2: salt, memory, passes, commitment, lock, signature */
	COMMIT_AT = SALT_AT + SEAL_PASSPHRASE_SALT_BYTES + 4 + 4,
	LOCKED_AT = COMMIT_AT + SEAL_COMMIT_BYTES,
	BUNDLE_BYTES = SEAL_BOX_SECRET_BYTES + SEAL_SIGN_SEED_BYTES,
	BOUND_BYTES = 256,
};

static struct seal_part bound_of(const struct owner *owner, unsigned layout,
				 uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, layout == 1 ? "behest owner wrap v1" : "behest owner wrap v2");
	pack_bytes(&pack, owner->household.bytes, ID_BYTES);
	pack_bytes(&pack, owner->id.bytes, ID_BYTES);
	pack_u8(&pack, OWNER_WRAP_PASSPHRASE);
	pack_bytes(&pack, owner->box_public, sizeof(owner->box_public));
	pack_bytes(&pack, owner->sign_public, sizeof(owner->sign_public));
	if (layout == 2) {
		pack_u8(&pack, OWNER_WRAP_PASSPHRASE); /* its number */
		pack_text(&pack, "");
	}
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

void old_wrap_of(const struct owner *owner, const uint8_t row[OWNER_WRAP_BYTES],
		 const char *passphrase, uint8_t to[OWNER_WRAP_OLD_BYTES])
{
	uint8_t bound[BOUND_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t bundle[BUNDLE_BYTES];
	uint8_t locked[BUNDLE_BYTES + SEAL_LOCK_EXTRA_BYTES];
	struct unpack cost;
	uint32_t memory_kib;
	uint32_t passes;
	struct pack pack;

	unpack_init(&cost, row + SALT_AT + SEAL_PASSPHRASE_SALT_BYTES, 8);
	memory_kib = unpack_u32(&cost);
	passes = unpack_u32(&cost);
	must(seal_passphrase_key(passphrase, strlen(passphrase), row + SALT_AT,
				 memory_kib, passes, key) == OK);
	must(seal_unlock(key, bound_of(owner, 2, bound), row + LOCKED_AT, sizeof(locked),
			 bundle) == OK);
	seal_lock(key, bound_of(owner, 1, bound), bundle, sizeof(bundle), locked);
	pack_init(&pack, to, OWNER_WRAP_OLD_BYTES);
	pack_u8(&pack, 1);
	pack_u8(&pack, OWNER_WRAP_PASSPHRASE);
	pack_bytes(&pack, row + SALT_AT, SEAL_PASSPHRASE_SALT_BYTES);
	pack_u32(&pack, memory_kib);
	pack_u32(&pack, passes);
	pack_bytes(&pack, row + COMMIT_AT, SEAL_COMMIT_BYTES);
	pack_bytes(&pack, locked, sizeof(locked));
	must(pack_is_whole(&pack) && pack.size == OWNER_WRAP_OLD_BYTES);
	seal_wipe(key, sizeof(key));
	seal_wipe(bundle, sizeof(bundle));
}
