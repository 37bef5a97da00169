/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper and spoken messages: what has to be proven before one is asked for, what takes
 * it further, whom it is handed to, and that nothing opens one that was called off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "keeper/memo_row.h"

enum {
	T1 = 100,
	T2 = 101,
	T3 = 102,
	MEMO_BYTES = 100000, /* two pieces */
	HOLD_MS = POLICY_HOLD_S * 1000,
	DAY_MS = 24 * 3600 * 1000,
	WAY = 5,
};

/* Whom one may write to. */
enum who { ALICE, TOM, GRANNY, OFFICE, WHO_COUNT };

/* A house with rooms, contacts and phones, and one recorded memo. */
struct mail_room {
	struct house house;
	struct phone phone;  /* alice's */
	struct phone childs; /* tom's, who approves nothing */
	uint8_t contacts[WHO_COUNT][ID_BYTES];
	uint8_t memo[MEMO_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t sequence; /* of the room's evidence */
};

/* --- the house -------------------------------------------------------------------------- */

static void set_contact(struct mail_room *at, enum who who, struct wire_contact set)
{
	static struct desk_bench_people people;

	memcpy(set.id.bytes, at->contacts[who], ID_BYTES);
	house_say(&at->house, at->house.alice, WIRE_contact, &set);
	assert_int_equal(house_expect(at->house.alice, WIRE_done)->done.err, OK);
	desk_bench_people(at->house.bench, at->house.alice, &people);
	memcpy(at->contacts[who], desk_bench_contact(&people, set.name)->id.bytes,
	       ID_BYTES);
}

static struct wire_contact contact_of(const char *name, const char *kind)
{
	struct wire_contact set = {.voice_allowed = !str_equal(kind, "mail")};

	assert_true(str_copy(set.name, sizeof(set.name), name));
	assert_true(str_copy(set.kind, sizeof(set.kind), kind));
	return set;
}

static void add_contacts(struct mail_room *at, const uint8_t tom[ID_BYTES])
{
	struct wire_contact alice = contact_of("Alice", "house");
	struct wire_contact toms = contact_of("Tom", "house");
	struct wire_contact granny = contact_of("Granny", "peer");
	struct wire_contact office = contact_of("Office", "mail");

	memcpy(alice.person.bytes, at->house.alice_id.bytes, ID_BYTES);
	memcpy(toms.person.bytes, tom, ID_BYTES);
	toms.voice_allowed = 0;
	assert_true(str_copy(granny.address, sizeof(granny.address), "granny:7443"));
	assert_int_equal(key_to_text(at->phone.key, granny.key), OK);
	assert_int_equal(key_to_text(at->phone.key, granny.box_key), OK);
	assert_true(str_copy(office.address, sizeof(office.address), "in@office.test"));
	set_contact(at, ALICE, alice);
	set_contact(at, TOM, toms);
	set_contact(at, GRANNY, granny);
	set_contact(at, OFFICE, office);
}

static void forget_everything(struct mail_room *at)
{
	house_forget(at->house.alice);
	house_forget(at->house.hub);
	house_forget(at->house.gate);
	house_forget(at->phone.link);
	house_forget(at->childs.link);
}

static struct mail_room *make_mail_room(void)
{
	struct mail_room *at = calloc(1, sizeof(*at));
	uint8_t tom[ID_BYTES];

	assert_non_null(at);
	at->house = house_make();
	house_pair_phone(&at->house, 1, at->house.alice_id.bytes, &at->phone);
	house_add_person(&at->house, "Tom", "child", 0, tom);
	house_pair_phone(&at->house, 2, tom, &at->childs);
	house_set_room(&at->house, "bedroom",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	add_contacts(at, tom);
	for (size_t i = 0; i < sizeof(at->memo); i++)
		at->memo[i] = (uint8_t)(i * 31 % 251);
	assert_int_equal(seal_sha256(&(struct seal_part){at->memo, sizeof(at->memo)}, 1,
				     at->hash),
			 OK);
	at->house.bench->hears_counts = true;
	forget_everything(at);
	return at;
}

static void destroy_mail_room(struct mail_room *at)
{
	desk_bench_destroy(at->house.bench);
	free(at);
}

static void start_anew(struct mail_room *at)
{
	desk_bench_restart(at->house.bench);
	house_open_links(&at->house);
	house_come_back(&at->house, &at->phone);
	house_come_back(&at->house, &at->childs);
	desk_bench_settle(at->house.bench);
}

/* --- what a room signs ------------------------------------------------------------------ */

static struct event event_of(enum event_kind kind, uint64_t turn)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){turn}, "kitchen", 1);
	return event;
}

static struct event prompt(uint64_t turn, enum evidence_then then)
{
	struct event event = event_of(EVENT_PROMPT_HEARD, turn);

	evidence_prompt_heard(&event, then, 12, 0.9);
	return event;
}

static struct event lease(uint64_t turn, enum lease_reason reason)
{
	struct event event = event_of(EVENT_LEASE_OPENED, turn);

	evidence_lease_opened(&event, reason);
	return event;
}

static struct event memo(const struct mail_room *at, uint64_t turn)
{
	struct event event = event_of(EVENT_MEMO, turn);

	evidence_memo(&event, 4200, sizeof(at->memo), at->hash);
	return event;
}

/* Signs it with that room's key, or spoils the signature, and passes it on. */
static void pass_on(struct mail_room *at, struct event event, bool is_spoilt)
{
	struct wire_append append = {.token = 3};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	event.is_signed = true;
	event.sequence = ++at->sequence;
	house_room_seed(event.room.text, seed);
	assert_int_equal(evidence_bytes(&event, event.sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event.signature),
			 OK);
	event.signature[0] ^= is_spoilt;
	append.event = event;
	house_forget(at->house.hub);
	house_say(&at->house, at->house.hub, WIRE_append, &append);
	assert_int_equal(house_expect(at->house.hub, WIRE_done)->done.err, OK);
}

static void attest(struct mail_room *at, struct event event)
{
	pass_on(at, event, false);
}

static void send_piece(struct mail_room *at, uint64_t turn, size_t from, size_t size,
		       bool last)
{
	const struct wire_memo piece = {.turn = turn,
					.last = last,
					.opus = {at->memo + from, size}};

	house_say(&at->house, at->house.hub, WIRE_memo, &piece);
}

static void upload(struct mail_room *at, uint64_t turn)
{
	send_piece(at, turn, 0, 64000, false);
	send_piece(at, turn, 64000, MEMO_BYTES - 64000, true);
}

/* The whole way of a memo, with its sound. */
static void speak(struct mail_room *at, uint64_t turn)
{
	attest(at, prompt(turn, THEN_MEMO));
	attest(at, lease(turn, LEASE_MEMO));
	attest(at, memo(at, turn));
	upload(at, turn);
}

/* The prompt for the phrase, and somebody who says it. */
static void say_phrase(struct mail_room *at, uint64_t turn, uint64_t said_in)
{
	attest(at, prompt(turn, THEN_CONFIRM));
	attest(at, lease(said_in, LEASE_REQUEST));
}

/* --- asking, confirming ----------------------------------------------------------------- */

static struct action message_to(const struct mail_room *at, enum who who)
{
	struct action action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};

	id_to_text(action.entity, at->contacts[who]);
	memcpy(action.body, at->hash, sizeof(action.body));
	return action;
}

static const char *ask_for(struct mail_room *at, const struct action *action,
			   uint64_t turn, struct proposal_id *out_id)
{
	static char reason[32];

	house_propose(&at->house, action, turn, out_id, reason);
	return reason;
}

static struct proposal_id ask(struct mail_room *at, enum who who, uint64_t turn)
{
	const struct action action = message_to(at, who);
	struct proposal_id id;

	speak(at, turn);
	house_forget(at->phone.link);
	assert_string_equal(ask_for(at, &action, turn, &id), "NEEDS_TAP");
	assert_false(id_is_none(id.bytes));
	house_expect_state(at->phone.link, "asked");
	house_forget(at->childs.link);
	return id;
}

/* What the keeper answers: the reason; and, unless NULL, that state. */
static const char *confirm(struct mail_room *at, struct proposal_id id, uint64_t said_in,
			   const char *state)
{
	static char reason[32];
	struct wire_confirm said = {.token = 6, .turn = said_in};
	const struct wire_message *answer;

	memcpy(said.proposal.bytes, id.bytes, ID_BYTES);
	house_say(&at->house, at->house.hub, WIRE_confirm, &said);
	answer = house_expect(at->house.hub, WIRE_proposal);
	assert_int_equal(answer->proposal.token, 6);
	if (state)
		assert_string_equal(answer->proposal.state, state);
	assert_true(str_copy(reason, sizeof(reason), answer->proposal.reason));
	return reason;
}

static void give(struct mail_room *at, struct phone *phone, struct proposal_id id,
		 enum who who, enum approval_verdict verdict)
{
	const struct verdict given = {id, id, message_to(at, who), verdict, verdict};

	house_say_verdict(&at->house, phone, &given);
}

static void tap(struct mail_room *at, struct proposal_id id, enum who who)
{
	give(at, &at->phone, id, who, APPROVAL_APPROVE);
	assert_int_equal(house_expect(at->phone.link, WIRE_done)->done.err, OK);
	house_expect_state(at->phone.link, "held");
}

/* A message that was asked for, tapped and held to its end. */
static struct proposal_id sent(struct mail_room *at, enum who who, uint64_t turn)
{
	const struct proposal_id id = ask(at, who, turn);

	tap(at, id, who);
	house_pass(&at->house, HOLD_MS);
	return id;
}

static void call_off(struct mail_room *at, struct proposal_id id)
{
	struct wire_call_off off = {.unused = 0};

	memcpy(off.proposal.bytes, id.bytes, ID_BYTES);
	house_say(&at->house, at->house.hub, WIRE_call_off, &off);
}

static void say_carried(struct mail_room *at, struct proposal_id id, enum err err)
{
	struct wire_carried carried = {.err = (uint32_t)err};

	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	house_say(&at->house, at->house.gate, WIRE_carried, &carried);
}

/* --- listening -------------------------------------------------------------------------- */

static void get_memo(struct mail_room *at, struct desk_bench_link *link,
		     struct proposal_id id, const char *room)
{
	struct wire_memo_get get = {.token = 8};

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	assert_true(str_copy(get.room, sizeof(get.room), room));
	house_say(&at->house, link, WIRE_memo_get, &get);
}

/* All that comes up to done, which has to be the memo when it is OK; news between are
 * left out. */
static enum err take_memo(struct mail_room *at, struct desk_bench_link *link)
{
	size_t size = 0;
	bool is_whole = false;

	for (;;) {
		const struct wire_message *message = desk_bench_take(link);

		assert_non_null(message);
		if (message->type == WIRE_done) {
			assert_int_equal(message->done.token, 8);
			assert_int_equal(is_whole, message->done.err == OK);
			assert_int_equal(size, is_whole ? MEMO_BYTES : 0);
			return (enum err)message->done.err;
		}
		if (message->type != WIRE_memo_sound)
			continue;
		assert_false(is_whole);
		assert_memory_equal(message->memo_sound.opus.bytes, at->memo + size,
				    message->memo_sound.opus.size);
		size += message->memo_sound.opus.size;
		is_whole = message->memo_sound.last != 0;
	}
}

static enum err listen(struct mail_room *at, struct desk_bench_link *link,
		       struct proposal_id id, const char *room)
{
	house_forget(link);
	get_memo(at, link, id, room);
	return take_memo(at, link);
}

/* How many rows, how many of them heard; the error where there is one. */
static enum err inbox(struct mail_room *at, struct desk_bench_link *link,
		      const char *room, size_t *out_count, size_t *out_heard)
{
	struct wire_inbox_get get = {.token = 7};
	int64_t newest_ms = 0;

	*out_count = 0;
	*out_heard = 0;
	assert_true(str_copy(get.room, sizeof(get.room), room));
	house_forget(link);
	house_say(&at->house, link, WIRE_inbox_get, &get);
	for (;;) {
		const struct wire_message *message = desk_bench_take(link);

		assert_non_null(message);
		if (message->type == WIRE_done)
			return (enum err)message->done.err;
		assert_int_equal(message->type, WIRE_inbox_row);
		assert_int_equal(message->inbox_row.token, 7);
		assert_true(message->inbox_row.at_ms >= newest_ms);
		newest_ms = message->inbox_row.at_ms;
		++*out_count;
		*out_heard += message->inbox_row.is_heard;
	}
}

static void expect_inbox(struct mail_room *at, struct desk_bench_link *link,
			 const char *room, size_t count, size_t heard)
{
	size_t count_now;
	size_t heard_now;

	assert_int_equal(inbox(at, link, room, &count_now, &heard_now), OK);
	assert_int_equal(count_now, count);
	assert_int_equal(heard_now, heard);
}

static void expect_waiting(struct desk_bench_link *hub, uint32_t count)
{
	const struct wire_message *message = house_expect(hub, WIRE_waiting);

	assert_string_equal(message->waiting.room, "bedroom");
	assert_int_equal(message->waiting.count, count);
}

/* --- rows, as an intruder has them ------------------------------------------------------ */

/* The message's row of that space; NULL: none. */
static const struct store_row *row_of(struct mail_room *at, enum store_space space,
				      struct proposal_id id)
{
	struct store_fake *rows = at->house.bench->rows;

	for (size_t i = 0; i < store_fake_row_count(rows); i++) {
		const struct store_row *row = store_fake_row(rows, i, NULL);

		if (row->key.space == space &&
		    memcmp(row->key.bytes, id.bytes, ID_BYTES) == 0)
			return row;
	}
	return NULL;
}

static size_t count_rows(struct mail_room *at, enum store_space space)
{
	struct store_fake *rows = at->house.bench->rows;
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(rows); i++)
		count += store_fake_row(rows, i, NULL)->key.space == space;
	return count;
}

/* A copy of the sealed sound, as a backup has it. */
struct backup {
	struct proposal_id id;
	size_t size;
	uint8_t sound[MEMO_ROW_BYTES_MAX];
};

static struct backup *back_up(struct mail_room *at, struct proposal_id id)
{
	struct backup *copy = calloc(1, sizeof(*copy));
	const struct store_row *row = row_of(at, STORE_MEMO, id);

	assert_non_null(copy);
	assert_non_null(row);
	copy->id = id;
	copy->size = row->size;
	memcpy(copy->sound, row->value, row->size);
	return copy;
}

static bool opens_with(struct mail_room *at, const struct backup *copy,
		       const struct store_row *key)
{
	const struct memo_place place = {at->house.bench->household, copy->id};
	const struct memo_rows rows = {key->value, key->size, copy->sound, copy->size};
	struct secret *plain = NULL;
	const enum err err =
		memo_row_open(&place, secret_view(at->house.bench->house_key), &rows,
			      &plain);

	secret_destroy(plain);
	return err == OK;
}

/* Whoever has all rows, the house key and a backup of the sound: can they hear it? */
static bool opens(struct mail_room *at, const struct backup *copy)
{
	struct store_fake *rows = at->house.bench->rows;
	bool opens = false;

	for (size_t i = 0; i < store_fake_row_count(rows); i++)
		opens |= opens_with(at, copy, store_fake_row(rows, i, NULL));
	return opens;
}

static void expect_gone(struct mail_room *at, struct backup *copy)
{
	assert_null(row_of(at, STORE_MEMO, copy->id));
	assert_null(row_of(at, STORE_MEMO_KEY, copy->id));
	assert_null(row_of(at, STORE_PROPOSAL, copy->id));
	assert_false(opens(at, copy));
	free(copy);
}

/* --- the ways a message goes ------------------------------------------------------------ */

static void by_voice_it_gets_to_its_listener(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	say_phrase(at, T1, T2);
	assert_string_equal(confirm(at, id, T2, "unreceipted"), "NONE");
	house_expect_state(at->phone.link, "unreceipted");
	house_pass(&at->house, HOLD_MS);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0); /* no receipt, no hold */
	give(at, &at->phone, id, ALICE, APPROVAL_RECEIPT);
	(void)house_expect(at->phone.link, WIRE_done);
	house_expect_state(at->phone.link, "held");
	house_expect_state(at->house.hub, "held");
	house_pass(&at->house, HOLD_MS - 1);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	expect_inbox(at, at->house.hub, "bedroom", 0, 0);
	house_pass(&at->house, 1);
	house_expect_state(at->phone.link, "sent");
	house_expect_state(at->house.hub, "sent");
	expect_waiting(at->house.hub, 1);
	house_expect_no_order(&at->house);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), OK);
	house_expect_state(at->phone.link, "fetched");
	/* Once more, on her phone; the room has played it. */
	expect_inbox(at, at->house.hub, "bedroom", 0, 0);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_MISSING);
	expect_inbox(at, at->phone.link, "", 1, 1);
	assert_int_equal(listen(at, at->phone.link, id, ""), OK);
	destroy_mail_room(at);
}

static void a_tap_does_as_well(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, TOM, T1);

	(void)state;
	tap(at, id, TOM);
	house_pass(&at->house, HOLD_MS);
	house_expect_state(at->phone.link, "sent");
	/* Tom has no private room; his phone is his inbox. */
	expect_inbox(at, at->childs.link, "", 1, 0);
	assert_int_equal(listen(at, at->childs.link, id, ""), OK);
	house_expect_state(at->phone.link, "fetched");
	destroy_mail_room(at);
}

static void a_mail_is_the_gates(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, OFFICE, T1);
	struct backup *copy = back_up(at, id);
	const struct wire_order *order;
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t keeper[SEAL_SIGN_PUBLIC_BYTES];
	struct contact office = {.kind = CONTACT_MAIL,
				 .name = "Office",
				 .address = "in@office.test"};

	(void)state;
	house_expect_state(at->phone.link, "ordered");
	order = &house_expect(at->house.gate, WIRE_order)->order;
	assert_string_equal(order->kind, "mail");
	assert_string_equal(order->name, "Office");
	assert_string_equal(order->address, "in@office.test");
	assert_true(order->until_ms - at->house.bench->clock.wall_ms <= 60000);
	assert_int_equal(seal_sha256(&(struct seal_part){order->action.bytes,
							 order->action.size},
				     1, hash),
			 OK);
	seal_sign_pair(secret_view(at->house.bench->seed), keeper);
	const size_t size = approval_order_bytes(at->house.bench->household, id, hash,
						 order->until_ms, &office, bytes);
	assert_int_equal(seal_verify_labelled(keeper, APPROVAL_ORDER_LABEL, bytes, size,
					      order->signature.bytes),
			 OK);
	assert_int_equal(listen(at, at->house.gate, id, ""), OK);
	say_carried(at, id, OK);
	house_expect_state(at->phone.link, "done");
	assert_int_equal(listen(at, at->house.gate, id, ""), ERR_MISSING);
	expect_gone(at, copy);
	destroy_mail_room(at);
}

static void an_order_is_told_until_it_is_answered(void **state)
{
	static const enum err passing[] = {ERR_CLOSED, ERR_TIMEOUT, ERR_BUSY, ERR_IO};
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, OFFICE, T1);

	(void)state;
	for (size_t i = 0; i < STR_COUNT(passing); i++) {
		(void)house_expect(at->house.gate, WIRE_order);
		say_carried(at, id, passing[i]);
		house_pass(&at->house, 29999);
		house_expect_no_order(&at->house);
		house_pass(&at->house, 1);
	}
	(void)house_expect(at->house.gate, WIRE_order);
	at->house.gate = desk_bench_link(at->house.bench, DESK_GATE);
	(void)house_expect(at->house.gate, WIRE_order);
	start_anew(at);
	assert_memory_equal(house_expect(at->house.gate, WIRE_order)->order.id.bytes,
			    id.bytes, ID_BYTES);
	house_forget(at->phone.link);
	say_carried(at, id, ERR_DENIED);
	house_expect_state(at->phone.link, "failed");
	assert_int_equal(count_rows(at, STORE_MEMO_KEY), 0);
	destroy_mail_room(at);
}

/* Three days, over restarts. */
static void an_order_that_nobody_answers_fails(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, OFFICE, T1);
	struct backup *copy = back_up(at, id);

	(void)state;
	house_pass(&at->house, 2 * DAY_MS);
	start_anew(at);
	house_pass(&at->house, DAY_MS - 1);
	house_forget(at->phone.link);
	house_pass(&at->house, 1);
	house_expect_state(at->phone.link, "failed");
	expect_gone(at, copy);
	destroy_mail_room(at);
}

static void the_gate_gets_nothing_before_its_order(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, OFFICE, T1);

	(void)state;
	assert_int_equal(listen(at, at->house.gate, id, ""), ERR_MISSING);
	tap(at, id, OFFICE);
	assert_int_equal(listen(at, at->house.gate, id, ""), ERR_MISSING);
	house_pass(&at->house, HOLD_MS);
	assert_int_equal(listen(at, at->house.gate, id, ""), OK);
	destroy_mail_room(at);
}

/* What the keeper delivers itself is not the gate's to fail, also while that cannot be
 * written. */
static void the_gate_says_nothing_of_what_stays_here(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	tap(at, id, ALICE);
	store_fake_fail_after(at->house.bench->rows, 1, ERR_LIMIT, false);
	house_pass(&at->house, HOLD_MS);
	store_fake_heal(at->house.bench->rows);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	say_carried(at, id, ERR_DENIED);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	house_pass(&at->house, 1000);
	house_expect_state(at->phone.link, "sent");
	destroy_mail_room(at);
}

/* --- what has to be proven -------------------------------------------------------------- */

static void make_way(const struct mail_room *at, struct event way[WAY])
{
	way[0] = prompt(T1, THEN_MEMO);
	way[1] = lease(T1, LEASE_MEMO);
	way[2] = memo(at, T1);
	way[3] = prompt(T1, THEN_CONFIRM);
	way[4] = lease(T2, LEASE_REQUEST);
}

/* How the event that is not as it should be differs. */
enum fault { FAULT_LEFT_OUT, FAULT_SPOILT, FAULT_FOREIGN_ROOM, FAULT_COUNT };

static void pass_on_faulty(struct mail_room *at, struct event event, enum fault fault)
{
	switch (fault) {
	case FAULT_LEFT_OUT:
		break;
	case FAULT_SPOILT:
		pass_on(at, event, true);
		break;
	case FAULT_FOREIGN_ROOM:
		assert_true(
			str_copy(event.room.text, sizeof(event.room.text), "bedroom"));
		attest(at, event);
		break;
	case FAULT_COUNT:
		break;
	}
}

static void try_with_fault(size_t faulty, enum fault fault)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct event way[WAY];
	struct proposal_id id;
	const char *reason;

	make_way(at, way);
	upload(at, T1);
	for (size_t i = 0; i < WAY; i++) {
		if (i == faulty)
			pass_on_faulty(at, way[i], fault);
		else
			attest(at, way[i]);
	}
	reason = ask_for(at, &action, T1, &id);
	assert_string_equal(reason, faulty < 3 ? "MEMO_LOST" : "NEEDS_TAP");
	if (faulty >= 3)
		assert_string_equal(confirm(at, id, T2, "asked"), "NEEDS_TAP");
	else
		assert_int_equal(count_rows(at, STORE_MEMO), 0);
	destroy_mail_room(at);
}

/* Under a lease for an answer nobody has said the name; but that is the way of a message's
 * own question. */
static void what_was_answered_binds_nothing(void **state)
{
	static const struct {
		uint64_t leased_in;
		enum lease_reason reason;
		const char *answer; /* to what is asked for in turn T1 */
	} ROWS[] = {
		{T1, LEASE_REQUEST, "NEEDS_TAP"}, {T1, LEASE_ANSWER, "NAME_NEEDED"},
		{T2, LEASE_ANSWER, "NEEDS_TAP"},  {T1, LEASE_ANSWER, "NAME_NEEDED"},
		{T1, LEASE_REQUEST, "NEEDS_TAP"},
	};
	struct mail_room *at = make_mail_room();
	struct action unlock = {.kind = ACTION_UNLOCK, .room = "kitchen"};
	struct proposal_id id;
	char reason[32];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		assert_true(
			str_format(unlock.entity, sizeof(unlock.entity), "lock.%zu", i));
		attest(at, lease(ROWS[i].leased_in, ROWS[i].reason));
		house_forget(at->house.hub);
		house_propose(&at->house, &unlock, T1, &id, reason);
		assert_string_equal(reason, ROWS[i].answer);
		forget_everything(at);
	}
	destroy_mail_room(at);
}

static void all_of_it_has_to_be_attested(void **state)
{
	(void)state;
	for (size_t faulty = 0; faulty < WAY; faulty++)
		for (unsigned fault = 0; fault < FAULT_COUNT; fault++)
			try_with_fault(faulty, (enum fault)fault);
}

static void the_phrases_turn_serves_once(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id first = ask(at, ALICE, T1);
	struct proposal_id second;

	(void)state;
	say_phrase(at, T1, T2);
	assert_string_equal(confirm(at, first, T1, "asked"), "NEEDS_TAP");
	assert_string_equal(confirm(at, first, T2 + 1, "asked"), "NEEDS_TAP");
	assert_string_equal(confirm(at, first, 0, "asked"), "NEEDS_TAP");
	assert_string_equal(confirm(at, first, T2, "unreceipted"), "NONE");
	assert_string_equal(confirm(at, first, T2, "unreceipted"), "NEEDS_TAP");
	house_forget(at->phone.link);
	second = ask(at, ALICE, T2 + 1);
	attest(at, prompt(T2 + 1, THEN_CONFIRM));
	assert_string_equal(confirm(at, second, T2, "asked"), "NEEDS_TAP");
	assert_string_equal(confirm(at, second, T2 + 1, "asked"), "NEEDS_TAP");
	attest(at, lease(T2 + 2, LEASE_REQUEST));
	/* And the first message is not the second. */
	assert_string_equal(confirm(at, first, T2 + 2, "unreceipted"), "NEEDS_TAP");
	assert_string_equal(confirm(at, second, T2 + 2, "unreceipted"), "NONE");
	destroy_mail_room(at);
}

static void evidence_that_is_not_written_proves_nothing(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct wire_append append = {.token = 3};
	struct event event = memo(at, T1);
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct proposal_id id;
	size_t size = 0;

	(void)state;
	attest(at, prompt(T1, THEN_MEMO));
	attest(at, lease(T1, LEASE_MEMO));
	upload(at, T1);
	event.is_signed = true;
	event.sequence = ++at->sequence;
	house_room_seed("kitchen", seed);
	assert_int_equal(evidence_bytes(&event, event.sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event.signature),
			 OK);
	append.event = event;
	store_fake_fail_after(at->house.bench->rows, 0, ERR_LIMIT, false);
	house_say(&at->house, at->house.hub, WIRE_append, &append);
	store_fake_heal(at->house.bench->rows);
	assert_int_equal(house_expect(at->house.hub, WIRE_done)->done.err, ERR_IO);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	destroy_mail_room(at);
}

static void the_sound_has_to_be_the_one_that_was_signed(void **state)
{
	struct mail_room *at = make_mail_room();
	struct action action = message_to(at, ALICE);
	struct proposal_id id;

	(void)state;
	/* none came */
	speak(at, T1);
	desk_bench_unlink(at->house.bench, at->house.hub);
	at->house.hub = desk_bench_link(at->house.bench, DESK_HUB);
	house_forget(at->house.hub);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* its end did not */
	send_piece(at, T1, 0, 64000, false);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* something went on behind it */
	upload(at, T1);
	send_piece(at, T1, 0, 1, true);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* it is of another turn */
	upload(at, T2);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* it is another sound */
	send_piece(at, T1, 1, 5000, true);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* which the hub says it is */
	send_piece(at, T1, 1, 5000, true);
	assert_int_equal(seal_sha256(&(struct seal_part){at->memo + 1, 5000}, 1,
				     action.body),
			 OK);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	/* and what is right, in another room */
	upload(at, T1);
	action = message_to(at, ALICE);
	assert_true(str_copy(action.room, sizeof(action.room), "bedroom"));
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	assert_int_equal(count_rows(at, STORE_MEMO), 0);
	action = message_to(at, ALICE);
	upload(at, T1);
	assert_string_equal(ask_for(at, &action, T1, &id), "NEEDS_TAP");
	destroy_mail_room(at);
}

static void a_foreign_contact_is_nobody(void **state)
{
	static const char *const entities[] = {"", "Alice",
					       "00000000000000000000000000000000",
					       "0123456789abcdef0123456789abcdef",
					       "lock.front"};
	struct mail_room *at = make_mail_room();
	struct action action = message_to(at, ALICE);
	struct wire_contact gone = {.name = "Office", .is_gone = 1};
	struct proposal_id id;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(entities); i++) {
		speak(at, T1 + i);
		assert_true(str_copy(action.entity, sizeof(action.entity), entities[i]));
		assert_string_equal(ask_for(at, &action, T1 + i, &id),
				    "UNKNOWN_RECIPIENT");
	}
	memcpy(gone.id.bytes, at->contacts[OFFICE], ID_BYTES);
	house_say(&at->house, at->house.alice, WIRE_contact, &gone);
	house_forget(at->house.hub);
	speak(at, T2);
	action = message_to(at, OFFICE);
	assert_string_equal(ask_for(at, &action, T2, &id), "UNKNOWN_RECIPIENT");
	assert_int_equal(count_rows(at, STORE_MEMO), 0);
	destroy_mail_room(at);
}

/* Nor anybody whom the owner did not allow it for. */
static void a_mail_never_goes_by_voice(void **state)
{
	static const enum who tapped[] = {OFFICE, TOM};
	struct mail_room *at = make_mail_room();

	(void)state;
	for (unsigned i = 0; i < STR_COUNT(tapped); i++) {
		const struct proposal_id id = ask(at, tapped[i], T1 + 10 * i);

		say_phrase(at, T1 + 10 * i, T2 + 10 * i);
		assert_string_equal(confirm(at, id, T2 + 10 * i, "asked"), "NEEDS_TAP");
	}
	destroy_mail_room(at);
}

static void what_is_unknown_is_not_confirmed(void **state)
{
	static const struct proposal_id none = {{1}};
	struct mail_room *at = make_mail_room();

	(void)state;
	assert_string_equal(confirm(at, none, T2, ""), "EXPIRED");
	destroy_mail_room(at);
}

/* --- uploads ---------------------------------------------------------------------------- */

static void four_come_at_a_time(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct proposal_id id;

	(void)state;
	for (uint64_t i = 0; i < DESK_MEMOS_MAX; i++)
		send_piece(at, T1 + 100 + i, 0, 10, false);
	speak(at, T1);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	house_pass(&at->house, DESK_MEMO_MS); /* they are dropped */
	speak(at, T1);
	assert_string_equal(ask_for(at, &action, T1, &id), "NEEDS_TAP");
	destroy_mail_room(at);
}

static void what_nobody_asks_for_is_dropped(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct proposal_id id;

	(void)state;
	speak(at, T1);
	house_pass(&at->house, DESK_MEMO_MS);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	destroy_mail_room(at);
}

static void a_memo_serves_once(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	assert_int_equal(count_rows(at, STORE_MEMO), 1);
	destroy_mail_room(at);
}

/* Its bytes come again, for somebody else or for nobody: called off or not. */
static void a_memo_is_asked_for_once(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, TOM);
	struct proposal_id id = ask(at, ALICE, T1);
	struct proposal_id again;

	(void)state;
	upload(at, T1);
	assert_string_equal(ask_for(at, &action, T1, &again), "MEMO_LOST");
	call_off(at, id);
	say_phrase(at, T1, T2);
	upload(at, T1);
	house_forget(at->house.hub);
	assert_string_equal(ask_for(at, &action, T1, &again), "MEMO_LOST");
	assert_int_equal(count_rows(at, STORE_MEMO), 0);
	destroy_mail_room(at);
}

/* All of its rows are there, or none. */
static void what_cannot_be_written_was_never_asked_for(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct proposal_id id;

	(void)state;
	speak(at, T1);
	store_fake_fail_after(at->house.bench->rows, 0, ERR_LIMIT, false);
	assert_string_equal(ask_for(at, &action, T1, &id), "JOURNAL_UNAVAILABLE");
	store_fake_heal(at->house.bench->rows);
	assert_int_equal(count_rows(at, STORE_PROPOSAL), 0);
	assert_int_equal(count_rows(at, STORE_MEMO), 0);
	assert_int_equal(count_rows(at, STORE_MEMO_KEY), 0);
	destroy_mail_room(at);
}

/* --- called off, recalled --------------------------------------------------------------- */

static void asked_only(struct mail_room *at, struct proposal_id id)
{
	(void)at;
	(void)id;
}

static void until_confirmed(struct mail_room *at, struct proposal_id id)
{
	say_phrase(at, T1, T2);
	assert_string_equal(confirm(at, id, T2, "unreceipted"), "NONE");
}

static void until_held(struct mail_room *at, struct proposal_id id)
{
	tap(at, id, ALICE);
}

static void until_sent(struct mail_room *at, struct proposal_id id)
{
	tap(at, id, ALICE);
	house_pass(&at->house, HOLD_MS);
}

static void until_fetched(struct mail_room *at, struct proposal_id id)
{
	until_sent(at, id);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), OK);
}

static void let_time_pass(struct mail_room *at, struct proposal_id id)
{
	(void)id;
	for (unsigned day = 0; day < 30; day++)
		house_pass(&at->house, DAY_MS);
}

static void cancel(struct mail_room *at, struct proposal_id id)
{
	house_forget(at->phone.link);
	give(at, &at->phone, id, ALICE, APPROVAL_CANCEL);
}

/* Ways to the end of a message to somebody in the house. */
static const struct {
	void (*begin)(struct mail_room *at, struct proposal_id id);
	void (*end)(struct mail_room *at, struct proposal_id id);
	const char *state;
} ENDS[] = {
	{asked_only, call_off, "cancelled"},
	{asked_only, cancel, "cancelled"},
	{asked_only, let_time_pass, "expired"},
	{until_confirmed, call_off, "cancelled"},
	{until_confirmed, let_time_pass, "expired"},
	{until_held, cancel, "cancelled"},
	{until_held, call_off, "cancelled"},
	{until_sent, cancel, "recalled"},
	{until_sent, let_time_pass, "expired"},
	{until_fetched, let_time_pass, "done"},
};

static void expect_last_state(struct desk_bench_link *link, const char *state)
{
	char last[16] = "";

	while (desk_bench_waiting(link) > 0) {
		const struct wire_message *message = desk_bench_take(link);

		if (message->type == WIRE_notice)
			assert_true(str_copy(last, sizeof(last), message->notice.state));
	}
	assert_string_equal(last, state);
}

static void nothing_opens_what_is_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ENDS); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);
		struct backup *copy = back_up(at, id);

		assert_true(opens(at, copy)); /* or nothing is shown below */
		ENDS[i].begin(at, id);
		assert_true(opens(at, copy));
		ENDS[i].end(at, id);
		expect_last_state(at->phone.link, ENDS[i].state);
		assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_MISSING);
		expect_gone(at, copy);
		expect_inbox(at, at->house.hub, "bedroom", 0, 0);
		destroy_mail_room(at);
	}
}

/* In the very moment in which its hold is over. */
static void what_is_called_off_meanwhile_is_not_sent(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);
	struct wire_call_off off = {.unused = 0};
	struct backup *copy = back_up(at, id);

	(void)state;
	tap(at, id, ALICE);
	memcpy(off.proposal.bytes, id.bytes, ID_BYTES);
	store_fake_hold(at->house.bench->rows, true);
	clock_fake_pass(&at->house.bench->clock, HOLD_MS);
	desk_tick(at->house.bench->desk);
	desk_bench_say(at->house.bench, at->house.hub, WIRE_call_off, &off);
	store_fake_hold(at->house.bench->rows, false);
	desk_bench_settle(at->house.bench);
	house_expect_state(at->phone.link, "recalled");
	expect_gone(at, copy);
	destroy_mail_room(at);
}

/* Begins what is written while she calls it off. */
static void begin_sending(struct mail_room *at, struct proposal_id id)
{
	(void)id;
	clock_fake_pass(&at->house.bench->clock, HOLD_MS);
	desk_tick(at->house.bench->desk);
}

static void begin_listening(struct mail_room *at, struct proposal_id id)
{
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	desk_bench_say(at->house.bench, at->house.hub, WIRE_memo_get, &get);
	/* Its two rows; and then it is written that it is heard. */
	for (unsigned i = 0; i < 2; i++)
		store_step(&at->house.bench->store);
}

/* What she is told is what was done; NULL: that it was. */
static void recall_meanwhile(void (*before)(struct mail_room *at, struct proposal_id id),
			     void (*begin)(struct mail_room *at, struct proposal_id id),
			     bool fails, const char *refusal)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);
	struct backup *copy = back_up(at, id);

	before(at, id);
	house_forget(at->phone.link);
	begin(at, id);
	if (fails)
		store_fake_fail_after(at->house.bench->rows, 0, ERR_LIMIT, false);
	give(at, &at->phone, id, ALICE, APPROVAL_CANCEL);
	store_fake_heal(at->house.bench->rows);
	if (refusal) {
		house_expect_refused(at->phone.link, refusal);
		expect_inbox(at, at->phone.link, "", 1, 1);
		free(copy);
	} else {
		house_pass(&at->house, 1000);
		(void)house_expect(at->phone.link, WIRE_done);
		house_expect_state(at->phone.link, "recalled");
		expect_gone(at, copy);
	}
	destroy_mail_room(at);
}

static void a_recall_in_between_is_answered(void **state)
{
	(void)state;
	recall_meanwhile(until_held, begin_sending, false, NULL);
	recall_meanwhile(until_sent, begin_listening, true, NULL);
	recall_meanwhile(until_sent, begin_listening, false, "LISTENED");
}

static void what_was_heard_is_not_recalled(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, ALICE, T1);

	(void)state;
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), OK);
	house_forget(at->house.hub);
	cancel(at, id);
	house_expect_refused(at->phone.link, "LISTENED");
	call_off(at, id);
	house_expect_state(at->house.hub, "fetched"); /* how it stands */
	expect_inbox(at, at->phone.link, "", 1, 1);
	destroy_mail_room(at);
}

/* Neither a hub nor any device of the house destroys what nobody has heard. */
static void who_may_recall_what_was_sent(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id alices = sent(at, ALICE, T1);
	const struct proposal_id toms = sent(at, TOM, T2);

	(void)state;
	house_forget(at->house.hub);
	call_off(at, alices);
	house_expect_state(at->house.hub, "sent"); /* how it stands */
	house_forget(at->childs.link);
	give(at, &at->childs, alices, ALICE, APPROVAL_CANCEL);
	house_expect_refused(at->childs.link, "MAY_NOT_RECALL");
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	/* But what is for him. */
	give(at, &at->childs, toms, TOM, APPROVAL_CANCEL);
	(void)house_expect(at->childs.link, WIRE_done);
	house_expect_state(at->childs.link, "recalled");
	destroy_mail_room(at);
}

static bool is_told_to_recall(struct mail_room *at, struct desk_bench_link *link,
			      struct proposal_id id)
{
	const struct wire_outbox_get get = {.token = 1};
	const struct wire_message *message;
	int told = -1;

	house_forget(link);
	house_say(&at->house, link, WIRE_outbox_get, &get);
	while ((message = desk_bench_take(link)) && message->type == WIRE_notice)
		if (id_equal(message->notice.id.bytes, id.bytes))
			told = message->notice.can_recall;
	assert_int_not_equal(told, -1);
	return told == 1;
}

/* Each device hears what its own word would do; of a mail nobody's does anything. */
static void a_device_is_told_what_it_can_recall(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id alices = sent(at, ALICE, T1);
	const struct proposal_id toms = sent(at, TOM, T2);
	const struct proposal_id mail = sent(at, OFFICE, T3);

	(void)state;
	assert_true(is_told_to_recall(at, at->phone.link, alices));
	assert_true(is_told_to_recall(at, at->phone.link, toms));
	assert_true(is_told_to_recall(at, at->childs.link, toms));
	assert_false(is_told_to_recall(at, at->childs.link, alices));
	assert_false(is_told_to_recall(at, at->phone.link, mail));
	assert_int_equal(listen(at, at->house.hub, alices, "bedroom"), OK);
	assert_false(is_told_to_recall(at, at->phone.link, alices));
	destroy_mail_room(at);
}

static void any_device_calls_off_what_waits(void **state)
{
	static void (*const begins[])(struct mail_room * at,
				      struct proposal_id id) = {asked_only,
								until_confirmed,
								until_held};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(begins); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);

		begins[i](at, id);
		give(at, &at->childs, id, ALICE, APPROVAL_CANCEL);
		expect_last_state(at->childs.link, "cancelled");
		destroy_mail_room(at);
	}
}

/* The gate may have handed it over already, and is heard no more. */
static void a_mail_on_its_way_is_stopped(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, OFFICE, T1);
	struct backup *copy = back_up(at, id);

	(void)state;
	give(at, &at->childs, id, OFFICE, APPROVAL_CANCEL);
	house_forget(at->phone.link);
	house_forget(at->house.gate);
	give(at, &at->phone, id, OFFICE, APPROVAL_CANCEL);
	(void)house_expect(at->phone.link, WIRE_done);
	house_expect_state(at->phone.link, "stopped");
	assert_int_equal(listen(at, at->house.gate, id, ""), ERR_MISSING);
	house_pass(&at->house, 30000);
	house_expect_no_order(&at->house);
	say_carried(at, id, OK);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	expect_gone(at, copy);
	destroy_mail_room(at);
}

static void mute(struct mail_room *at)
{
	house_set_room(&at->house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .muted = 1});
}

static void who_mutes_a_room_calls_off_what_was_asked_there(void **state)
{
	static void (*const begins[])(struct mail_room * at,
				      struct proposal_id id) = {asked_only,
								until_confirmed,
								until_held, until_sent};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(begins); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);
		const bool is_sent = begins[i] == until_sent;

		begins[i](at, id);
		house_forget(at->phone.link);
		mute(at);
		if (is_sent)
			assert_int_equal(desk_bench_waiting(at->phone.link), 0);
		else
			house_expect_state(at->phone.link, "cancelled");
		assert_int_equal(count_rows(at, STORE_MEMO_KEY), is_sent);
		destroy_mail_room(at);
	}
}

/* The same, by the device of a child: whoever lives here mutes. */
static void a_device_that_mutes_calls_off_what_was_asked_there(void **state)
{
	static void (*const begins[])(struct mail_room * at,
				      struct proposal_id id) = {asked_only,
								until_confirmed,
								until_held, until_sent};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(begins); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);
		const struct mute_word word =
			house_mute_word(&at->childs, 1, "kitchen", true);
		const bool is_sent = begins[i] == until_sent;

		begins[i](at, id);
		house_forget(at->phone.link);
		house_say_mute(&at->house, &at->childs, &word);
		if (is_sent)
			assert_int_equal(desk_bench_waiting(at->phone.link), 0);
		else
			house_expect_state(at->phone.link, "cancelled");
		assert_int_equal(count_rows(at, STORE_MEMO_KEY), is_sent);
		destroy_mail_room(at);
	}
}

/* The mute was written, and then the machine stopped. */
static void a_mute_counts_after_a_restart(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	tap(at, id, ALICE);
	house_forget(at->house.alice);
	store_fake_fail_after(at->house.bench->rows, 1, ERR_LIMIT, false);
	mute(at);
	assert_int_equal(count_rows(at, STORE_MEMO_KEY), 1);
	store_fake_heal(at->house.bench->rows);
	start_anew(at);
	house_pass(&at->house, 5000);
	assert_int_equal(count_rows(at, STORE_MEMO_KEY), 0);
	destroy_mail_room(at);
}

static void a_contact_turned_elsewhere_gets_nothing_of_before(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, OFFICE, T1);
	struct wire_contact office = contact_of("Office", "mail");
	struct wire_contact alice = contact_of("Alice", "house");
	static struct desk_bench_people people;

	(void)state;
	tap(at, id, OFFICE);
	assert_true(str_copy(office.address, sizeof(office.address), "thief@x.test"));
	set_contact(at, OFFICE, office);
	house_expect_state(at->phone.link, "cancelled");
	house_pass(&at->house, HOLD_MS);
	house_expect_no_order(&at->house);
	/* Nor does what lies in an inbox go into another. */
	(void)sent(at, ALICE, T2);
	desk_bench_people(at->house.bench, at->house.alice, &people);
	alice.person = desk_bench_person(&people, "Tom")->id;
	set_contact(at, ALICE, alice);
	expect_inbox(at, at->childs.link, "", 0, 0);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	destroy_mail_room(at);
}

static void who_left_takes_their_messages_along(void **state)
{
	struct mail_room *at = make_mail_room();
	struct wire_person tom = {.is_gone = 1};
	static struct desk_bench_people people;

	(void)state;
	(void)sent(at, TOM, T1);
	house_forget(at->phone.link);
	desk_bench_people(at->house.bench, at->house.alice, &people);
	tom.id = desk_bench_person(&people, "Tom")->id;
	house_say(&at->house, at->house.alice, WIRE_person, &tom);
	house_expect_state(at->phone.link, "recalled");
	assert_int_equal(count_rows(at, STORE_MEMO_KEY), 0);
	destroy_mail_room(at);
}

/* --- inboxes ---------------------------------------------------------------------------- */

static void nobody_hears_anothers(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id alices = sent(at, ALICE, T1);
	const struct proposal_id toms = sent(at, TOM, T2);
	size_t count;
	size_t heard;

	(void)state;
	assert_int_equal(inbox(at, at->house.hub, "kitchen", &count, &heard), ERR_DENIED);
	assert_int_equal(inbox(at, at->house.hub, "nowhere", &count, &heard), ERR_DENIED);
	assert_int_equal(inbox(at, at->house.hub, "", &count, &heard), ERR_DENIED);
	assert_int_equal(count, 0);
	assert_int_equal(listen(at, at->house.hub, alices, "kitchen"), ERR_DENIED);
	assert_int_equal(listen(at, at->house.hub, toms, "bedroom"), ERR_MISSING);
	assert_int_equal(listen(at, at->childs.link, alices, ""), ERR_MISSING);
	assert_int_equal(listen(at, at->childs.link, alices, "bedroom"), ERR_MISSING);
	assert_int_equal(listen(at, at->phone.link, toms, ""), ERR_MISSING);
	/* What does not leave the house is none of the gate's. */
	assert_int_equal(listen(at, at->house.gate, alices, ""), ERR_MISSING);
	say_carried(at, alices, ERR_DENIED);
	expect_inbox(at, at->phone.link, "", 1, 0);
	expect_inbox(at, at->childs.link, "", 1, 0);
	destroy_mail_room(at);
}

static void what_is_not_sent_is_not_handed_out(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_MISSING);
	tap(at, id, ALICE);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_MISSING);
	assert_int_equal(listen(at, at->phone.link, id, ""), ERR_MISSING);
	destroy_mail_room(at);
}

/* The journal first, then the sound. */
static void what_cannot_be_written_is_not_heard(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, ALICE, T1);

	(void)state;
	store_fake_fail_after(at->house.bench->rows, 0, ERR_LIMIT, false);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_IO);
	store_fake_heal(at->house.bench->rows);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), OK);
	destroy_mail_room(at);
}

/* Recalled while its rows are on their way to the listener. */
static void a_recall_and_a_listener_meet(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, ALICE, T1);
	struct backup *copy = back_up(at, id);
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};
	enum err err;

	(void)state;
	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	house_forget(at->house.hub);
	desk_bench_say(at->house.bench, at->house.hub, WIRE_memo_get, &get);
	cancel(at, id);
	err = take_memo(at, at->house.hub);
	assert_true(err == ERR_MISSING || err == ERR_BUSY);
	expect_gone(at, copy);
	destroy_mail_room(at);
}

static void remove_rows(struct mail_room *at, enum store_space space)
{
	struct store_fake *rows = at->house.bench->rows;

	for (size_t i = store_fake_row_count(rows); i > 0; i--)
		if (store_fake_row(rows, i - 1, NULL)->key.space == space)
			store_fake_remove(rows, i - 1);
}

/* Where the key is gone from the rows, nothing is played and nothing said to be heard. */
static void a_message_without_its_key_is_not_heard(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, ALICE, T1);
	struct store_fake *rows = at->house.bench->rows;
	uint8_t *value = NULL;

	(void)state;
	for (size_t i = 0; i < store_fake_row_count(rows); i++) {
		const struct store_row *row = store_fake_row(rows, i, &value);

		if (row->key.space == STORE_MEMO)
			value[row->size - 1] ^= 1;
	}
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_AUTH);
	remove_rows(at, STORE_MEMO_KEY);
	assert_int_equal(listen(at, at->house.hub, id, "bedroom"), ERR_MISSING);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	destroy_mail_room(at);
}

/* Whichever row is gone, nothing waits for ever. */
static void a_message_without_its_rows_ends(void **state)
{
	static const enum store_space spaces[] = {STORE_MEMO, STORE_MEMO_KEY};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(spaces); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = sent(at, ALICE, T1);
		struct backup *copy = back_up(at, id);

		remove_rows(at, spaces[i]);
		cancel(at, id);
		(void)house_expect(at->phone.link, WIRE_done);
		house_expect_state(at->phone.link, "recalled");
		expect_gone(at, copy);
		destroy_mail_room(at);
	}
}

static void it_is_told_how_many_wait(void **state)
{
	struct mail_room *at = make_mail_room();
	struct proposal_id id;
	struct desk_bench_link *hub;

	(void)state;
	id = sent(at, ALICE, T1);
	house_forget(at->house.hub);
	hub = desk_bench_link(at->house.bench, DESK_HUB);
	assert_int_equal(house_expect(hub, WIRE_reach)->reach.capabilities, MAY_ALL);
	expect_waiting(hub, 1);
	house_set_room(&at->house, "study",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	(void)house_expect(hub, WIRE_policy);
	expect_waiting(hub, 1);
	assert_string_equal(house_expect(hub, WIRE_waiting)->waiting.room, "study");
	cancel(at, id);
	house_expect_state(hub, "recalled");
	expect_waiting(hub, 0);
	assert_int_equal(house_expect(hub, WIRE_waiting)->waiting.count, 0);
	assert_int_equal(desk_bench_waiting(hub), 0);
	destroy_mail_room(at);
}

/* Shared by an owner, or gone: its light goes out. */
static void where_nobody_listens_nothing_waits(void **state)
{
	static const struct wire_room_set ways[] = {
		{.capabilities = MAY_ALL},
		{.capabilities = MAY_ALL, .is_private = 1, .is_revoked = 1},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ways); i++) {
		struct mail_room *at = make_mail_room();

		(void)sent(at, ALICE, T1);
		house_forget(at->house.hub);
		house_set_room(&at->house, "bedroom", ways[i]);
		(void)house_expect(at->house.hub, WIRE_policy);
		expect_waiting(at->house.hub, 0);
		house_set_room(&at->house, "study",
			       (struct wire_room_set){.capabilities = MAY_ALL});
		(void)house_expect(at->house.hub, WIRE_policy);
		assert_int_equal(desk_bench_waiting(at->house.hub), 0); /* once */
		destroy_mail_room(at);
	}
}

static void after_a_restart_as_well(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = sent(at, ALICE, T1);

	(void)state;
	start_anew(at);
	(void)house_expect(at->house.hub, WIRE_reach);
	expect_waiting(at->house.hub, 1);
	house_forget(at->house.hub);
	cancel(at, id);
	house_expect_state(at->house.hub, "recalled");
	expect_waiting(at->house.hub, 0);
	destroy_mail_room(at);
}

static void it_is_told_who_can_be_reached(void **state)
{
	struct mail_room *at = make_mail_room();

	(void)state;
	house_pass(&at->house, 10 * 60 * 1000);
	assert_int_equal(house_expect(at->house.hub, WIRE_reach)->reach.capabilities, 0);
	house_say(&at->house, at->childs.link, WIRE_alive, &(struct wire_alive){0});
	assert_int_equal(desk_bench_waiting(at->house.hub), 0); /* approves nothing */
	house_say(&at->house, at->phone.link, WIRE_alive, &(struct wire_alive){0});
	assert_int_equal(house_expect(at->house.hub, WIRE_reach)->reach.capabilities,
			 MAY_ALL);
	house_say(&at->house, at->phone.link, WIRE_alive, &(struct wire_alive){0});
	assert_int_equal(desk_bench_waiting(at->house.hub), 0);
	destroy_mail_room(at);
}

/* --- restarts, clocks, many ------------------------------------------------------------- */

static void each_state_survives_a_restart(void **state)
{
	static const struct {
		void (*begin)(struct mail_room *at, struct proposal_id id);
		const char *told; /* to a device that comes back; NULL: nothing */
		size_t count;
		size_t heard;
	} rows[] = {
		{asked_only, "asked", 0, 0},       {until_confirmed, "unreceipted", 0, 0},
		{until_held, "unreceipted", 0, 0}, /* and it begins anew */
		{until_sent, NULL, 1, 0},          {until_fetched, NULL, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);

		rows[i].begin(at, id);
		start_anew(at);
		(void)house_expect(at->phone.link, WIRE_paired);
		if (rows[i].told)
			house_expect_state(at->phone.link, rows[i].told);
		(void)house_expect(at->phone.link, WIRE_end);
		assert_int_equal(desk_bench_waiting(at->phone.link), 0);
		expect_inbox(at, at->phone.link, "", rows[i].count, rows[i].heard);
		house_pass(&at->house, HOLD_MS);
		expect_inbox(at, at->phone.link, "", rows[i].count, rows[i].heard);
		assert_int_equal(listen(at, at->phone.link, id, ""),
				 rows[i].count ? OK : ERR_MISSING);
		destroy_mail_room(at);
	}
}

static void a_hold_begins_anew(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	tap(at, id, ALICE);
	start_anew(at);
	house_forget(at->phone.link);
	give(at, &at->phone, id, ALICE, APPROVAL_RECEIPT);
	(void)house_expect(at->phone.link, WIRE_done);
	house_expect_state(at->phone.link, "held");
	house_pass(&at->house, HOLD_MS - 1);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	house_pass(&at->house, 1);
	house_expect_state(at->phone.link, "sent");
	destroy_mail_room(at);
}

/* A hub that comes knows of nothing; it hears what "cancel" can mean. */
static void a_hub_that_comes_hears_what_waits(void **state)
{
	static const struct {
		void (*begin)(struct mail_room *at, struct proposal_id id);
		const char *told; /* NULL: nothing */
	} rows[] = {
		{asked_only, "asked"}, {until_confirmed, "unreceipted"},
		{until_held, "held"},  {until_sent, NULL},
		{until_fetched, NULL},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct mail_room *at = make_mail_room();
		const struct proposal_id id = ask(at, ALICE, T1);
		struct desk_bench_link *hub;

		rows[i].begin(at, id);
		hub = desk_bench_link(at->house.bench, DESK_HUB);
		(void)house_expect(hub, WIRE_reach);
		(void)house_expect(hub, WIRE_waiting);
		if (rows[i].told) {
			const struct wire_proposal *told =
				&house_expect(hub, WIRE_proposal)->proposal;

			assert_int_equal(told->token, 0);
			assert_string_equal(told->state, rows[i].told);
			assert_memory_equal(told->id.bytes, id.bytes, ID_BYTES);
		}
		assert_int_equal(desk_bench_waiting(hub), 0);
		destroy_mail_room(at);
	}
}

static void a_hub_that_was_there_first_hears_it_as_well(void **state)
{
	struct mail_room *at = make_mail_room();

	(void)state;
	(void)ask(at, ALICE, T1);
	desk_bench_begin_restart(at->house.bench);
	house_open_links(&at->house);
	house_forget(at->house.hub);
	desk_bench_settle(at->house.bench);
	expect_waiting(at->house.hub, 0);
	house_expect_state(at->house.hub, "asked");
	destroy_mail_room(at);
}

/* What a room signed before is not taken up again: it has to be tapped. */
static void after_a_restart_no_phrase_counts(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	say_phrase(at, T1, T2);
	start_anew(at);
	house_forget(at->house.hub);
	assert_string_equal(confirm(at, id, T2, "asked"), "NEEDS_TAP");
	destroy_mail_room(at);
}

/* The hub has kept all that the room signed for one message, and says it again. */
static void what_was_signed_before_a_restart_is_used(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct action action = message_to(at, ALICE);
	struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	say_phrase(at, T1, T2);
	call_off(at, id);
	start_anew(at);
	at->sequence = 0; /* what is signed twice is the same bytes */
	speak(at, T1);
	say_phrase(at, T1, T2);
	house_forget(at->house.hub);
	assert_string_equal(ask_for(at, &action, T1, &id), "MEMO_LOST");
	assert_int_equal(count_rows(at, STORE_ATTESTED), 1);
	/* What is new counts. */
	speak(at, T2 + 1);
	assert_string_equal(ask_for(at, &action, T2 + 1, &id), "NEEDS_TAP");
	destroy_mail_room(at);
}

static void no_clock_that_is_set_changes_a_hold(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct proposal_id id = ask(at, ALICE, T1);

	(void)state;
	tap(at, id, ALICE);
	at->house.bench->clock.wall_ms += INT64_C(40) * DAY_MS;
	house_pass(&at->house, HOLD_MS - 1);
	assert_int_equal(desk_bench_waiting(at->phone.link), 0);
	at->house.bench->clock.wall_ms -= INT64_C(80) * DAY_MS;
	house_pass(&at->house, 1);
	house_expect_state(at->phone.link, "sent");
	start_anew(at);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0); /* nor loses what was sent */
	for (unsigned day = 0; day < 29; day++)
		house_pass(&at->house, DAY_MS);
	expect_inbox(at, at->house.hub, "bedroom", 1, 0);
	house_pass(&at->house, DAY_MS);
	expect_inbox(at, at->house.hub, "bedroom", 0, 0);
	destroy_mail_room(at);
}

/* The room is not told at night of what was never fetched. */
static void the_room_hears_nothing_of_what_lay_too_long(void **state)
{
	struct mail_room *at = make_mail_room();

	(void)state;
	(void)sent(at, TOM, T1);
	house_forget(at->house.hub);
	house_forget(at->phone.link);
	let_time_pass(at, (struct proposal_id){{0}});
	expect_last_state(at->phone.link, "expired");
	while (desk_bench_waiting(at->house.hub) > 0)
		assert_int_not_equal(desk_bench_take(at->house.hub)->type, WIRE_proposal);
	destroy_mail_room(at);
}

enum { MANY = 10000 };

/* One of many, as the keeper wrote it before. */
static struct proposal stored(const struct mail_room *at, unsigned number)
{
	const bool is_mail = number % 2;
	struct proposal proposal = {
		.turn = {T1},
		.action = message_to(at, is_mail ? OFFICE : ALICE),
		.kind = is_mail ? PROPOSAL_MAIL : PROPOSAL_MESSAGE,
		.state = is_mail ? PROPOSAL_ORDERED : PROPOSAL_SENT,
		.step = 3,
		.asked_ms = at->house.bench->clock.wall_ms,
		.since_ms = at->house.bench->clock.wall_ms,
	};
	struct contact office = {.kind = CONTACT_MAIL, .address = "in@office.test"};
	struct contact alice = {.kind = CONTACT_HOUSE};

	memcpy(alice.person.bytes, at->house.alice_id.bytes, ID_BYTES);
	if (!is_mail)
		proposal.person = alice.person;
	assert_int_equal(proposal_way(is_mail ? &office : &alice, proposal.way), OK);
	proposal.id.bytes[0] = (uint8_t)(number * 7);
	proposal.id.bytes[1] = (uint8_t)(number >> 8);
	proposal.id.bytes[2] = (uint8_t)number;
	proposal.id.bytes[3] = 1;
	return proposal;
}

/* Every order that comes within the time, each at least once. */
static size_t count_orders(struct mail_room *at)
{
	static bool seen[MANY];
	size_t count = 0;

	memset(seen, 0, sizeof(seen));
	for (unsigned second = 0; second < 200; second++) {
		while (desk_bench_waiting(at->house.gate) > 0) {
			const struct wire_message *message =
				house_expect(at->house.gate, WIRE_order);
			const unsigned number = message->order.id.bytes[1] * 256U +
						message->order.id.bytes[2];

			count += !seen[number];
			seen[number] = true;
		}
		house_pass(&at->house, desk_tick_in_ms(at->house.bench->desk));
	}
	return count;
}

static void ten_thousand_are_loaded_again(void **state)
{
	struct mail_room *at = make_mail_room();

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		const struct proposal proposal = stored(at, i);

		house_put_row(&at->house, &proposal, false);
	}
	start_anew(at);
	assert_int_equal(house_expect(at->house.hub, WIRE_reach)->reach.capabilities, 0);
	expect_waiting(at->house.hub, MANY / 2);
	(void)house_expect(at->phone.link, WIRE_paired);
	(void)house_expect(at->phone.link, WIRE_end); /* no flood */
	expect_inbox(at, at->house.hub, "bedroom", MANY / 2, 0);
	assert_int_equal(count_orders(at), MANY / 2);
	destroy_mail_room(at);
}

/* The gate hears that somebody has to look, once in each state; never of what is held. */
static void what_waits_is_told_to_the_gate(void **state)
{
	struct mail_room *at = make_mail_room();
	const struct wire_alert *alert;
	struct proposal_id id;

	(void)state;
	at->house.bench->hears_alerts = true;
	id = ask(at, ALICE, T1);
	alert = &house_expect(at->house.gate, WIRE_alert)->alert;
	assert_memory_equal(alert->id.bytes, id.bytes, ID_BYTES);
	assert_string_equal(alert->state, "asked");
	assert_string_equal(alert->to, "Alice");
	say_phrase(at, T1, T2);
	assert_string_equal(confirm(at, id, T2, "unreceipted"), "NONE");
	assert_string_equal(house_expect(at->house.gate, WIRE_alert)->alert.state,
			    "unreceipted");
	house_forget(at->phone.link);
	tap(at, id, ALICE);
	house_pass(&at->house, HOLD_MS);
	house_expect_no_order(&at->house);
	destroy_mail_room(at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_voice_it_gets_to_its_listener),
		cmocka_unit_test(a_tap_does_as_well),
		cmocka_unit_test(a_mail_is_the_gates),
		cmocka_unit_test(an_order_is_told_until_it_is_answered),
		cmocka_unit_test(an_order_that_nobody_answers_fails),
		cmocka_unit_test(the_gate_gets_nothing_before_its_order),
		cmocka_unit_test(the_gate_says_nothing_of_what_stays_here),
		cmocka_unit_test(all_of_it_has_to_be_attested),
		cmocka_unit_test(the_phrases_turn_serves_once),
		cmocka_unit_test(evidence_that_is_not_written_proves_nothing),
		cmocka_unit_test(the_sound_has_to_be_the_one_that_was_signed),
		cmocka_unit_test(a_foreign_contact_is_nobody),
		cmocka_unit_test(a_mail_never_goes_by_voice),
		cmocka_unit_test(what_is_unknown_is_not_confirmed),
		cmocka_unit_test(four_come_at_a_time),
		cmocka_unit_test(what_nobody_asks_for_is_dropped),
		cmocka_unit_test(a_memo_serves_once),
		cmocka_unit_test(a_memo_is_asked_for_once),
		cmocka_unit_test(what_cannot_be_written_was_never_asked_for),
		cmocka_unit_test(nothing_opens_what_is_over),
		cmocka_unit_test(what_is_called_off_meanwhile_is_not_sent),
		cmocka_unit_test(a_recall_in_between_is_answered),
		cmocka_unit_test(what_was_heard_is_not_recalled),
		cmocka_unit_test(who_may_recall_what_was_sent),
		cmocka_unit_test(a_device_is_told_what_it_can_recall),
		cmocka_unit_test(any_device_calls_off_what_waits),
		cmocka_unit_test(a_mail_on_its_way_is_stopped),
		cmocka_unit_test(who_mutes_a_room_calls_off_what_was_asked_there),
		cmocka_unit_test(a_device_that_mutes_calls_off_what_was_asked_there),
		cmocka_unit_test(a_mute_counts_after_a_restart),
		cmocka_unit_test(a_contact_turned_elsewhere_gets_nothing_of_before),
		cmocka_unit_test(who_left_takes_their_messages_along),
		cmocka_unit_test(nobody_hears_anothers),
		cmocka_unit_test(what_is_not_sent_is_not_handed_out),
		cmocka_unit_test(what_cannot_be_written_is_not_heard),
		cmocka_unit_test(a_recall_and_a_listener_meet),
		cmocka_unit_test(a_message_without_its_key_is_not_heard),
		cmocka_unit_test(a_message_without_its_rows_ends),
		cmocka_unit_test(it_is_told_how_many_wait),
		cmocka_unit_test(where_nobody_listens_nothing_waits),
		cmocka_unit_test(after_a_restart_as_well),
		cmocka_unit_test(it_is_told_who_can_be_reached),
		cmocka_unit_test(each_state_survives_a_restart),
		cmocka_unit_test(a_hold_begins_anew),
		cmocka_unit_test(a_hub_that_comes_hears_what_waits),
		cmocka_unit_test(a_hub_that_was_there_first_hears_it_as_well),
		cmocka_unit_test(after_a_restart_no_phrase_counts),
		cmocka_unit_test(what_was_signed_before_a_restart_is_used),
		cmocka_unit_test(no_clock_that_is_set_changes_a_hold),
		cmocka_unit_test(the_room_hears_nothing_of_what_lay_too_long),
		cmocka_unit_test(ten_thousand_are_loaded_again),
		cmocka_unit_test(what_waits_is_told_to_the_gate),
		cmocka_unit_test(what_was_answered_binds_nothing),
	};

	return cmocka_run_group_tests_name("desk_message", tests, NULL, NULL);
}
