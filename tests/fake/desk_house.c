/* SPDX-License-Identifier: Apache-2.0 */
/* desk_house - see the header. */
#include "fake/desk_house.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "base/key_text.h"
#include "base/str.h"

enum { HOUSE_SEED = 7, ROOM_KEY = 9 };

#define HOUSE_PASSPHRASE "correct horse battery"

const struct wire_message *house_expect(struct desk_bench_link *link, enum wire_type type)
{
	const struct wire_message *message = desk_bench_take(link);

	assert_non_null(message);
	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

void house_expect_refused(struct desk_bench_link *link, const char *reason)
{
	assert_string_equal(house_expect(link, WIRE_refused)->refused.reason, reason);
}

void house_forget(struct desk_bench_link *link)
{
	while (desk_bench_take(link))
		;
}

void house_say(struct house *house, struct desk_bench_link *link, enum wire_type type,
	       const void *fields)
{
	desk_bench_say(house->bench, link, type, fields);
	desk_bench_settle(house->bench);
}

/* --- a house, its room with a key, people, devices -------------------------------------- */

/* Each room's key is its own, and made of its name. */
void house_room_seed(const char *name, uint8_t to[SEAL_SIGN_SEED_BYTES])
{
	memset(to, ROOM_KEY + name[0], SEAL_SIGN_SEED_BYTES);
}

void house_set_room(struct house *house, const char *name, struct wire_room_set set)
{
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t key[POLICY_KEY_BYTES];

	house_room_seed(name, seed);
	seal_sign_pair(seed, key);
	assert_true(str_copy(set.room, sizeof(set.room), name));
	assert_int_equal(key_to_text(key, set.key), OK);
	house_say(house, house->alice, WIRE_room_set, &set);
	assert_int_equal(house_expect(house->alice, WIRE_done)->done.err, OK);
}

void house_add_room(struct house *house, const char *name, unsigned may)
{
	house_set_room(house, name, (struct wire_room_set){.capabilities = may});
}

void house_open_links(struct house *house)
{
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->gate = desk_bench_link(house->bench, DESK_GATE);
}

struct house house_make(void)
{
	return house_make_on(desk_bench_create(HOUSE_SEED));
}

struct house house_make_on(struct desk_bench *bench)
{
	struct house house = {.bench = bench};

	house_open_links(&house);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "alice",
					  HOUSE_PASSPHRASE, &house.alice_id, NULL));
	assert_true(
		desk_bench_unlock(house.bench, house.alice, "alice", HOUSE_PASSPHRASE));
	house_forget(house.alice);
	house_add_room(&house, "kitchen", MAY_ALL);
	house_forget(house.hub);
	return house;
}

void house_add_person(struct house *house, const char *name, const char *role,
		      unsigned may, uint8_t out_id[ID_BYTES])
{
	struct wire_person set = {.capabilities = may};

	assert_true(str_copy(set.name, sizeof(set.name), name));
	assert_true(str_copy(set.role, sizeof(set.role), role));
	house_say(house, house->alice, WIRE_person, &set);
	assert_int_equal(house_expect(house->alice, WIRE_done)->done.err, OK);
	house_say(house, house->alice, WIRE_people_get, &(struct wire_people_get){0});
	for (;;) {
		const struct wire_message *row = desk_bench_take(house->alice);

		if (row->type == WIRE_end)
			return;
		if (row->type == WIRE_person && str_equal(row->person.name, name))
			memcpy(out_id, row->person.id.bytes, ID_BYTES);
	}
}

void house_make_phone(struct house *house, uint8_t number, struct phone *phone)
{
	memset(phone, 0, sizeof(*phone));
	memset(phone->seed, number, sizeof(phone->seed));
	seal_sign_pair(phone->seed, phone->key);
	phone->link = desk_bench_link(house->bench, DESK_DEVICE);
	memcpy(phone->nonce,
	       house_expect(phone->link, WIRE_challenge)->challenge.nonce.bytes,
	       sizeof(phone->nonce));
}

void house_say_pair(struct house *house, struct phone *phone, const char *code)
{
	struct wire_pair pair = {.key = {phone->key, sizeof(phone->key)}};
	uint8_t bytes[256];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	size_t size = strlen(code);

	assert_true(str_copy(pair.code, sizeof(pair.code), code));
	memcpy(bytes, code, size);
	memcpy(bytes + size, phone->key, sizeof(phone->key));
	size += sizeof(phone->key);
	assert_int_equal(seal_sign_labelled(phone->seed, APPROVAL_PAIRING_LABEL, bytes,
					    size, signature),
			 OK);
	pair.signature = (struct wire_slice){signature, sizeof(signature)};
	house_say(house, phone->link, WIRE_pair, &pair);
}

void house_begin_pairing(struct house *house, const uint8_t person[ID_BYTES],
			 char code[DESK_CODE_BYTES])
{
	struct wire_pair_begin begin = {.name = "phone"};

	memcpy(begin.person.bytes, person, ID_BYTES);
	house_say(house, house->alice, WIRE_pair_begin, &begin);
	assert_true(
		str_copy(code, DESK_CODE_BYTES,
			 house_expect(house->alice, WIRE_pair_offer)->pair_offer.code));
}

void house_expect_welcome(struct phone *phone)
{
	memcpy(phone->household.bytes,
	       house_expect(phone->link, WIRE_paired)->paired.household.bytes, ID_BYTES);
	while (house_expect(phone->link,
			    desk_bench_waiting(phone->link) > 1 ? WIRE_notice : WIRE_end)
		       ->type != WIRE_end)
		;
}

void house_pair_phone(struct house *house, uint8_t number, const uint8_t person[ID_BYTES],
		      struct phone *phone)
{
	char code[DESK_CODE_BYTES];

	house_make_phone(house, number, phone);
	house_begin_pairing(house, person, code);
	house_say_pair(house, phone, code);
	assert_int_equal(house_expect(house->alice, WIRE_done)->done.err, OK);
	house_expect_welcome(phone);
	house_forget(house->hub);
}

/* The answer to a proposal: its id, or the reason against it. */
void house_propose(struct house *house, const struct action *action, uint64_t turn,
		   struct proposal_id *out_id, char reason[32])
{
	char bytes[ACTION_BYTES_MAX];
	struct wire_propose propose = {.token = 5, .turn = turn};
	const struct wire_message *answer;
	size_t size = 0;

	assert_int_equal(action_bytes(action, bytes, &size), OK);
	propose.action = (struct wire_slice){(const uint8_t *)bytes, size};
	house_say(house, house->hub, WIRE_propose, &propose);
	answer = house_expect(house->hub, WIRE_proposal);
	assert_int_equal(answer->proposal.token, 5);
	memcpy(out_id->bytes, answer->proposal.id.bytes, ID_BYTES);
	assert_true(str_copy(reason, 32, answer->proposal.reason));
}

void house_tell_verdict(struct house *house, struct phone *phone,
			const struct verdict *verdict)
{
	struct wire_verdict said = {.token = 9};
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char canonical[ACTION_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(action_bytes(&verdict->action, canonical, &size), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){canonical, size}, 1, hash), OK);
	approval_bytes(phone->household, verdict->signed_id, hash, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed,
					    approval_label(verdict->signed_as), bytes,
					    sizeof(bytes), signature),
			 OK);
	memcpy(said.proposal.bytes, verdict->told_id.bytes, ID_BYTES);
	assert_true(str_copy(said.verdict, sizeof(said.verdict),
			     approval_verdict_text(verdict->told_as)));
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	desk_bench_say(house->bench, phone->link, WIRE_verdict, &said);
}

void house_say_verdict(struct house *house, struct phone *phone,
		       const struct verdict *verdict)
{
	house_tell_verdict(house, phone, verdict);
	desk_bench_settle(house->bench);
}

void house_expect_state(struct desk_bench_link *link, const char *state)
{
	const struct wire_message *message = desk_bench_take(link);

	assert_non_null(message);
	assert_string_equal(message->type == WIRE_notice ? message->notice.state
							 : message->proposal.state,
			    state);
}

void house_expect_no_order(struct house *house)
{
	assert_int_equal(desk_bench_waiting(house->gate), 0);
}

void house_pass(struct house *house, int64_t ms)
{
	desk_bench_tick(house->bench, ms);
}

void house_come_back(struct house *house, struct phone *phone)
{
	struct wire_identity identity = {.key = {phone->key, sizeof(phone->key)}};
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	size_t size;

	phone->link = desk_bench_link(house->bench, DESK_DEVICE);
	memcpy(phone->nonce,
	       house_expect(phone->link, WIRE_challenge)->challenge.nonce.bytes,
	       sizeof(phone->nonce));
	size = evidence_identity_bytes(phone->nonce, APPROVAL_IDENTITY_NAME, bytes);
	assert_int_equal(seal_sign_labelled(phone->seed, APPROVAL_IDENTITY_LABEL, bytes,
					    size, signature),
			 OK);
	identity.signature = (struct wire_slice){signature, sizeof(signature)};
	house_say(house, phone->link, WIRE_identity, &identity);
}

struct mute_word house_mute_word(const struct phone *phone, uint64_t number,
				 const char *room, bool on)
{
	struct mute_word word = {.signed_word = {.household = phone->household,
						 .number = number,
						 .on = on},
				 .number = number,
				 .room = room,
				 .on = on};

	memcpy(word.signed_word.nonce, phone->nonce, sizeof(word.signed_word.nonce));
	assert_true(str_copy(word.signed_word.room, sizeof(word.signed_word.room), room));
	return word;
}

void house_tell_mute(struct house *house, struct phone *phone,
		     const struct mute_word *word)
{
	struct wire_room_mute said = {.token = word->number, .on = word->on};
	uint8_t bytes[APPROVAL_MUTE_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	assert_int_equal(seal_sign_labelled(phone->seed, APPROVAL_MUTE_LABEL, bytes,
					    approval_mute_bytes(&word->signed_word,
								bytes),
					    signature),
			 OK);
	assert_true(str_copy(said.room, sizeof(said.room), word->room));
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	desk_bench_say(house->bench, phone->link, WIRE_room_mute, &said);
}

void house_say_mute(struct house *house, struct phone *phone,
		    const struct mute_word *word)
{
	house_tell_mute(house, phone, word);
	desk_bench_settle(house->bench);
}

/* A row as the keeper writes it, or with its signature spoilt. */
void house_put_row(struct house *house, const struct proposal *proposal, bool spoilt)
{
	uint8_t row[PROPOSAL_ROW_BYTES_MAX];
	struct store_row stored = {.key = {.household = house->bench->household,
					   .space = STORE_PROPOSAL,
					   .size = PROPOSAL_KEY_BYTES},
				   .value = row};

	assert_int_equal(proposal_row_write(house->bench->household, proposal,
					    secret_view(house->bench->seed), row,
					    &stored.size),
			 OK);
	row[stored.size - 1] ^= spoilt;
	proposal_row_key(proposal, stored.key.bytes);
	assert_int_equal(store_fake_put(house->bench->rows, &stored), OK);
}
