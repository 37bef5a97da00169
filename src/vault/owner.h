/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - the people whose recordings these are: their keys, and signing in.
 *
 * An owner has an X25519 key that opens and an Ed25519 key that signs. Both secrets lie
 * wrapped, under the recovery code and under each of their passphrases (Argon2id). The
 * owner's row is signed by the keeper, so that nobody with access to the rows exchanges
 * a public key. Knows rows as bytes only; storing them is the caller's work. One thread.
 */
#ifndef VAULT_OWNER_H
#define VAULT_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/ids.h"
#include "port/clock.h"
#include "port/rand.h"

enum {
	OWNER_ROW_BYTES_MAX = 320,
	OWNER_WRAP_BYTES = 331,
	OWNER_WRAP_OLD_BYTES = 162, /* of layout 1, which is read and written no more */
	OWNER_WRAP_NAME_BYTES = 64,
	OWNER_WRAPS_MAX = 8,
	OWNER_PASSPHRASE_BYTES_MIN = 8,
	OWNER_PASSPHRASE_BYTES_MAX = 511,
	OWNER_RECOVERY_TEXT_BYTES = 48, /* 8 groups of 5, 7 dashes, NUL */
	OWNER_IDLE_MS = 10 * 60 * 1000, /* after that an unlocked key is wiped */
};

/* What opens a wrap; numbers are stored, for ever. An owner is made with one of each, whose
 * numbers are these too; those that come later have numbers from OWNER_WRAP_COUNT + 1 on. */
enum owner_wrap { OWNER_WRAP_PASSPHRASE = 1, OWNER_WRAP_RECOVERY = 2 };
enum { OWNER_WRAP_COUNT = 2 };

/* What Argon2id takes; only tests take less than OWNER_COST. */
struct owner_cost {
	uint32_t memory_kib;
	uint32_t passes;
};
#define OWNER_COST ((struct owner_cost){.memory_kib = 65536, .passes = 2})

struct owner {
	struct household_id household;
	struct owner_id id;
	char name[NAME_BYTES];
	int64_t created_ms;
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES];
	uint8_t sign_public[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES]; /* who signs this owner's rows */
};

struct owner_request {
	struct household_id household;
	const char *name; /* 1..NAME_BYTES-1 bytes */
	const char *passphrase;
	struct owner_cost cost;
	int64_t created_ms;
	const uint8_t *keeper_seed; /* signs the row */
};

/* A new owner as rows to be stored, and the recovery code to be shown once. Wipe it. */
struct owner_made {
	struct owner owner;
	size_t row_size;
	uint8_t row[OWNER_ROW_BYTES_MAX];
	uint8_t wraps[OWNER_WRAP_COUNT][OWNER_WRAP_BYTES]; /* [wrap - 1] */
	char recovery[OWNER_RECOVERY_TEXT_BYTES];
};

/* ERR_RANGE: a name or passphrase that is too short or too long. ERR_MEMORY. */
MUST_CHECK enum err owner_create(const struct owner_request *request,
				 const struct rand *rand, struct owner_made *out_made);
void owner_made_wipe(struct owner_made *made);

/* Reads a row; ERR_FORMAT, ERR_VERSION, ERR_AUTH (not signed by this keeper for this
 * household). */
MUST_CHECK enum err owner_read(struct household_id household,
			       const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			       const uint8_t *row, size_t size, struct owner *out_owner);

bool owner_passphrase_fits(const char *passphrase); /* its length */

/* --- wraps --- */

/* A code to be shown once; wipe it. */
MUST_CHECK enum err owner_recovery_make(const struct rand *rand,
					char to[OWNER_RECOVERY_TEXT_BYTES]);
/* True when text has the form of a recovery code, check included (case, dashes and
 * spaces do not matter): then it belongs to OWNER_WRAP_RECOVERY. */
bool owner_is_recovery_code(const char *text);

/* What anybody may know of a wrap. */
struct owner_wrap_about {
	enum owner_wrap kind;
	uint8_t number;
	char name[OWNER_WRAP_NAME_BYTES]; /* "" for those an owner is made with */
	int64_t created_ms;               /* 0: not known, it is of layout 1 */
	uint8_t salt[SEAL_PASSPHRASE_SALT_BYTES];
	struct owner_cost cost;
};

/* A row as it is stored under (owner, number); borrowed. */
struct owner_wrap_row {
	uint8_t number;
	const uint8_t *bytes;
	size_t size;
};

/* ERR_FORMAT, ERR_VERSION; ERR_AUTH: not that owner's, not of that number, or not signed by
 * their keeper. A row of layout 1 is not signed: its lock alone says whose it is. */
MUST_CHECK enum err owner_wrap_read(const struct owner *owner,
				    const struct owner_wrap_row *row,
				    struct owner_wrap_about *out_about);
/* Of layout 1: made by a version that knew no certificates. */
bool owner_wrap_is_old(const struct owner_wrap_row *row);

/* An unlocked key. Only owner_unlock makes one; it dies after OWNER_IDLE_MS without use,
 * with its keys wiped. */
struct owner_view;

/* Signs in; takes as long for a wrong passphrase as for a right one. ERR_AUTH: wrong
 * passphrase, or a wrap that belongs to somebody else or was changed. */
MUST_CHECK enum err owner_unlock(const struct owner *owner, enum owner_wrap which,
				 const uint8_t *wrap, size_t wrap_size,
				 const char *passphrase, const struct clock *clock,
				 struct owner_view **out_view);
/* The same with whichever of the rows the words belong to, a passphrase or a recovery code;
 * words are stretched once, however many rows there are. out_number is that row's. */
MUST_CHECK enum err owner_unlock_any(const struct owner *owner,
				     const struct owner_wrap_row *rows, size_t count,
				     const char *words, const struct clock *clock,
				     struct owner_view **out_view, uint8_t *out_number);
/* The same work for an owner who does not exist: cost is that of owners who do. */
void owner_unlock_nobody(const char *passphrase, struct owner_cost cost);
void owner_view_destroy(struct owner_view *view); /* wipes; NULL is fine */

/* False once it is over, which wipes the keys; NULL is over. Using the view (below)
 * keeps it alive, asking does not. */
bool owner_view_is_open(struct owner_view *view);
struct owner_id owner_view_id(const struct owner_view *view);
const char *owner_view_name(const struct owner_view *view);
/* Milliseconds until it is over; 0 when it is. */
int64_t owner_view_left_ms(const struct owner_view *view);

/* What the key is for. ERR_DENIED once the view is over. */
MUST_CHECK enum err owner_view_use(struct owner_view *view); /* only keeps it alive */
MUST_CHECK enum err owner_view_open_box(struct owner_view *view, const uint8_t *box,
					size_t box_size, uint8_t *out_plain);
MUST_CHECK enum err owner_view_sign(struct owner_view *view, const char *label,
				    const void *bytes, size_t size,
				    uint8_t out_signature[SEAL_SIGNATURE_BYTES]);

/* A further wrap of the view's keys. like: another passphrase of the same owner, whose salt
 * and cost it shares, or NULL. ERR_RANGE: a name or passphrase outside its limits. ERR_AUTH:
 * another owner's view. ERR_DENIED: the view is over. */
struct owner_wrap_request {
	enum owner_wrap kind;
	uint8_t number; /* of no other row of that owner */
	const char *name;
	const char *words;
	const struct owner_wrap_about *like;
	struct owner_cost cost; /* without like */
	int64_t created_ms;
	const uint8_t *keeper_seed;
};
MUST_CHECK enum err owner_wrap_make(struct owner_view *view, const struct owner *owner,
				    const struct owner_wrap_request *request,
				    const struct rand *rand,
				    uint8_t out_row[OWNER_WRAP_BYTES]);

#endif
