/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_house - a house on the desk's bench: an owner who is signed in, rooms with keys,
 * people, phones that sign, a hub and a gate. What tests of what binds it begin with.
 *
 * Failures stop the test by cmocka's asserts. One thread.
 */
#ifndef FAKE_DESK_HOUSE_H
#define FAKE_DESK_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/seal.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/evidence.h"
#include "fake/desk_bench.h"
#include "keeper/proposal_row.h"

/* A device: its key, and its link with what it was told first. */
struct phone {
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct desk_bench_link *link;
	struct household_id household;
	uint8_t nonce[EVIDENCE_NONCE_BYTES];
};

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *alice; /* the owner, signed in */
	struct desk_bench_link *hub;
	struct desk_bench_link *gate;
	struct owner_id alice_id;
};

/* The next message to that link, which is of that type. */
const struct wire_message *house_expect(struct desk_bench_link *link,
					enum wire_type type);
void house_expect_refused(struct desk_bench_link *link, const char *reason);
/* The next one, a notice or a proposal, tells of that state. */
void house_expect_state(struct desk_bench_link *link, const char *state);
void house_expect_no_order(struct house *house);
void house_forget(struct desk_bench_link *link); /* what was told and not looked at */
/* Says it and lets everything settle. */
void house_say(struct house *house, struct desk_bench_link *link, enum wire_type type,
	       const void *fields);
void house_pass(struct house *house, int64_t ms); /* and ticks */

/* With a kitchen that may do everything. */
struct house house_make(void);
struct house house_make_on(struct desk_bench *bench); /* which the house takes */
void house_open_links(
	struct house *house); /* after a restart: the owner's is not signed in */
void house_room_seed(const char *name, uint8_t to[SEAL_SIGN_SEED_BYTES]);
/* Adds or changes a room, whose key it has. */
void house_set_room(struct house *house, const char *name, struct wire_room_set set);
void house_add_room(struct house *house, const char *name, unsigned may);
void house_add_person(struct house *house, const char *name, const char *role,
		      unsigned may, uint8_t out_id[ID_BYTES]);

/* A phone that nobody knows yet; number makes its key. */
void house_make_phone(struct house *house, uint8_t number, struct phone *phone);
void house_say_pair(struct house *house, struct phone *phone, const char *code);
void house_begin_pairing(struct house *house, const uint8_t person[ID_BYTES],
			 char code[DESK_CODE_BYTES]);
void house_expect_welcome(struct phone *phone);
void house_pair_phone(struct house *house, uint8_t number, const uint8_t person[ID_BYTES],
		      struct phone *phone);
/* A new link, over which it shows who it is. */
void house_come_back(struct house *house, struct phone *phone);

/* The answer to a proposal: its id, or the reason against it. */
void house_propose(struct house *house, const struct action *action, uint64_t turn,
		   struct proposal_id *out_id, char reason[32]);

/* What a verdict is made of, each part exchangeable. */
struct verdict {
	struct proposal_id signed_id;
	struct proposal_id told_id;
	struct action action;
	enum approval_verdict signed_as;
	enum approval_verdict told_as;
};

void house_tell_verdict(struct house *house, struct phone *phone,
			const struct verdict *verdict); /* does not settle */
void house_say_verdict(struct house *house, struct phone *phone,
		       const struct verdict *verdict);

/* A word about a room's mute, as it is signed and as it is told. */
struct mute_word {
	struct approval_mute signed_word; /* household and nonce are the phone's */
	uint64_t number;
	const char *room;
	bool on;
};

struct mute_word house_mute_word(const struct phone *phone, uint64_t number,
				 const char *room, bool on);
void house_tell_mute(struct house *house, struct phone *phone,
		     const struct mute_word *word); /* does not settle */
void house_say_mute(struct house *house, struct phone *phone,
		    const struct mute_word *word);

/* A row as the keeper writes it, or with its signature spoilt. */
void house_put_row(struct house *house, const struct proposal *proposal, bool spoilt);

#endif
