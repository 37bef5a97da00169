/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keepers of two houses and a message between them: what leaves, who gets the key and
 * when, and what strangers, relays and the other house can make of it. The gates are played
 * by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/parcel_wire.h"
#include "base/key_text.h"
#include "base/must.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "keeper/memo_row.h"

enum {
	SOUND_BYTES = 100000, /* two pieces */
	SOUND_MS = 4200,
	HOUSE_B = 1,
	HOUSE_C = 2,
	WAIT_MS = 20000,
	DAY_MS = 24 * 3600 * 1000,
	UNHEARD_MAX = 256,
	PER_HOUR_MAX = 60,
};

/* A parcel in the hands of whoever carries it. */
struct carried {
	struct parcel_head head;
	struct buf body;
};

/* Alice's house, where it is spoken, and another's, where Alice too is the owner: its name
 * among the contacts is Berta. */
struct street {
	struct house a;
	struct house b;
	struct phone phone_a;
	struct phone phone_b;
	uint8_t contact_b[ID_BYTES]; /* at a */
	uint8_t contact_a[ID_BYTES]; /* at b */
	struct contact berta;        /* as a knows it */
	uint8_t sound[SOUND_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t token;
};

/* --- two houses that know each other ---------------------------------------------------- */

static void enrol(struct house *at, const struct house *other, const char *name,
		  uint8_t out_id[ID_BYTES], struct contact *out_contact)
{
	static struct desk_bench_people people;
	struct wire_contact set = {.voice_allowed = 1};
	struct wire_card_get get = {.unused = 0};
	struct house asked = *other;
	const struct wire_message *card;

	memcpy(get.person.bytes, other->alice_id.bytes, ID_BYTES);
	house_say(&asked, asked.alice, WIRE_card_get, &get);
	card = house_expect(asked.alice, WIRE_card);
	assert_int_equal(card->card.key.size, PEOPLE_KEY_BYTES);
	assert_memory_equal(card->card.key.bytes, other->bench->gate_key,
			    PEOPLE_KEY_BYTES);
	memcpy(out_contact->key, card->card.key.bytes, PEOPLE_KEY_BYTES);
	memcpy(out_contact->box_key, card->card.box_key.bytes, PEOPLE_KEY_BYTES);
	out_contact->kind = CONTACT_PEER;
	assert_true(str_copy(out_contact->address, sizeof(out_contact->address),
			     "there.test:7411"));
	assert_int_equal(key_to_text(card->card.key.bytes, set.key), OK);
	assert_int_equal(key_to_text(card->card.box_key.bytes, set.box_key), OK);
	assert_true(str_copy(set.name, sizeof(set.name), name));
	assert_true(str_copy(set.kind, sizeof(set.kind), "peer"));
	assert_true(str_copy(set.address, sizeof(set.address), "there.test:7411"));
	assert_string_equal(desk_bench_change(at->bench, at->alice, WIRE_contact, &set),
			    "");
	desk_bench_people(at->bench, at->alice, &people);
	memcpy(out_id, desk_bench_contact(&people, name)->id.bytes, ID_BYTES);
}

static struct house make_house(uint8_t number, uint8_t phone, struct phone *out_phone)
{
	struct house house = house_make_on(desk_bench_create_house(9, number));

	house_pair_phone(&house, phone, house.alice_id.bytes, out_phone);
	house_set_room(&house, "bedroom",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	return house;
}

static void forget_all(struct street *street)
{
	house_forget(street->a.hub);
	house_forget(street->a.gate);
	house_forget(street->phone_a.link);
	house_forget(street->b.hub);
	house_forget(street->b.gate);
	house_forget(street->phone_b.link);
}

static struct street *make_street(void)
{
	struct street *street = calloc(1, sizeof(*street));
	struct contact alice;

	assert_non_null(street);
	street->a = make_house(0, 1, &street->phone_a);
	street->b = make_house(HOUSE_B, 2, &street->phone_b);
	enrol(&street->a, &street->b, "Berta", street->contact_b, &street->berta);
	enrol(&street->b, &street->a, "Alice Ann", street->contact_a, &alice);
	for (size_t i = 0; i < sizeof(street->sound); i++)
		street->sound[i] = (uint8_t)(i * 31 % 251);
	assert_int_equal(seal_sha256(&(struct seal_part){street->sound, SOUND_BYTES}, 1,
				     street->hash),
			 OK);
	forget_all(street);
	return street;
}

static void destroy_street(struct street *street)
{
	desk_bench_destroy(street->a.bench);
	desk_bench_destroy(street->b.bench);
	free(street);
}

static void restart(struct house *house, struct phone *phone)
{
	desk_bench_restart(house->bench);
	house_open_links(house);
	house_come_back(house, phone);
	desk_bench_settle(house->bench);
	house_forget(phone->link);
	house_forget(house->hub);
}

static void sign_in(struct house *house)
{
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice",
				      "correct horse battery"));
}

/* --- rows ------------------------------------------------------------------------------- */

static void put_row(struct house *house, enum store_space space, struct proposal_id id,
		    const uint8_t *bytes, size_t size)
{
	struct store_row row = {.key = {.household = house->bench->household,
					.space = space,
					.size = ID_BYTES},
				.value = bytes,
				.size = size};

	memcpy(row.key.bytes, id.bytes, ID_BYTES);
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static const struct store_row *row_of(struct house *house, enum store_space space,
				      const uint8_t *id)
{
	struct store_fake *rows = house->bench->rows;

	for (size_t i = 0; i < store_fake_row_count(rows); i++) {
		const struct store_row *row = store_fake_row(rows, i, NULL);

		if (row->key.space == space &&
		    (!id || memcmp(row->key.bytes, id, ID_BYTES) == 0))
			return row;
	}
	return NULL;
}

static void seal_sound(struct street *street, struct proposal_id id)
{
	const struct memo_place place = {street->a.bench->household, id};
	struct rand_fake dice;
	const struct rand rand = rand_fake_init(&dice, id.bytes[0]);
	uint8_t key[MEMO_ROW_KEY_BYTES];
	struct memo_writer *memo = NULL;
	size_t size = 0;

	assert_int_equal(memo_row_begin(&place, &rand, &memo), OK);
	assert_int_equal(memo_row_add(memo, street->sound, 64000, false), OK);
	assert_int_equal(memo_row_add(memo, street->sound + 64000, SOUND_BYTES - 64000,
				      true),
			 OK);
	memo_row_key(memo, secret_view(street->a.bench->house_key), key);
	put_row(&street->a, STORE_MEMO_KEY, id, key, sizeof(key));
	const uint8_t *row = memo_row_bytes(memo, &size);
	put_row(&street->a, STORE_MEMO, id, row, size);
	memo_writer_destroy(memo);
}

/* A message for Berta that was spoken, approved and held: it is ordered. */
static struct proposal_id ordered(struct street *street, uint8_t number)
{
	const int64_t now_ms = street->a.bench->clock.wall_ms;
	struct proposal put = {.id = {{number, 7}},
			       .turn = {100},
			       .action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"},
			       .kind = PROPOSAL_MESSAGE,
			       .state = PROPOSAL_ORDERED,
			       .step = 3,
			       .asked_ms = now_ms,
			       .since_ms = now_ms,
			       .sound_ms = SOUND_MS};
	id_to_text(put.action.entity, street->contact_b);
	memcpy(put.action.body, street->hash, sizeof(put.action.body));
	assert_int_equal(proposal_way(&street->berta, put.way), OK);
	assert_int_equal(proposal_hash(&put), OK);
	seal_sound(street, put.id);
	house_put_row(&street->a, &put, false);
	restart(&street->a, &street->phone_a);
	return put.id;
}

/* --- the gates, played by hand ---------------------------------------------------------- */

static void drop(struct carried *carried)
{
	buf_finish(&carried->body);
}

/* Makes the parcel's hash and size those of its body, and signs it with that gate's key. */
static void sign(const struct house *by, struct carried *carried)
{
	memcpy(carried->head.parcel.from, by->bench->gate_key, PARCEL_KEY_BYTES);
	assert_int_equal(parcel_measure(carried->body.bytes, carried->body.size,
					&carried->head.parcel),
			 OK);
	assert_int_equal(parcel_sign(by->bench->gate_seed, &carried->head), OK);
}

static struct carried make(const struct house *from, const struct house *to,
			   enum parcel_kind kind, struct proposal_id id, const void *body,
			   size_t size)
{
	struct carried made = {.head.parcel = {.id = id,
					       .kind = kind,
					       .at_ms = from->bench->clock.wall_ms}};

	memcpy(made.head.parcel.to, to->bench->gate_key, PARCEL_KEY_BYTES);
	buf_init(&made.body, PARCEL_BYTES_MAX);
	assert_int_equal(buf_add(&made.body, body, size), OK);
	sign(from, &made);
	return made;
}

static enum err say_to_house(void *context, enum wire_type type, const void *fields)
{
	struct house *house = context;

	desk_bench_say(house->bench, house->gate, type, fields);
	return OK;
}

/* Hands it to that house's keeper: what it says to that. Nothing else is looked at. */
static enum err hand(struct street *street, struct house *to, const struct carried *it)
{
	const uint64_t token = ++street->token;

	house_forget(to->gate);
	assert_int_equal(parcel_say(&it->head, it->body.bytes, token, say_to_house, to),
			 OK);
	desk_bench_settle(to->bench);
	for (;;) {
		const struct wire_message *message = desk_bench_take(to->gate);

		assert_non_null(message);
		if (message->type != WIRE_parcel_taken)
			continue;
		assert_int_equal(message->parcel_taken.token, token);
		return (enum err)message->parcel_taken.err;
	}
}

/* What its keeper wants carried next, signed by its gate; false: nothing. */
static bool take(struct house *from, struct carried *out_carried)
{
	struct parcel_in in = {.is_open = false};
	const struct wire_message *message;
	struct wire_parcel_taken taken = {.err = OK};
	bool is_whole = false;

	while ((message = desk_bench_take(from->gate)) && message->type != WIRE_parcel)
		assert_int_not_equal(message->type, WIRE_parcel_piece);
	if (!message)
		return false;
	assert_int_equal(message->parcel.signature.size, 0);
	assert_int_equal(parcel_in_begin(&in, &message->parcel), OK);
	taken.token = in.token;
	while (!is_whole)
		assert_int_equal(parcel_in_add(&in,
					       &house_expect(from->gate,
							     WIRE_parcel_piece)
							->parcel_piece,
					       &is_whole),
				 OK);
	out_carried->head = in.head;
	out_carried->body = in.body;
	sign(from, out_carried);
	house_say(from, from->gate, WIRE_parcel_taken, &taken);
	return true;
}

static void say_carried(struct street *street, struct proposal_id id, enum err err)
{
	struct wire_carried carried = {.err = (uint32_t)err};

	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	house_say(&street->a, street->a.gate, WIRE_carried, &carried);
}

/* The letter as a's gate gets and signs it. */
static enum err fetch_letter(struct street *street, struct proposal_id id,
			     struct carried *out_letter)
{
	struct wire_memo_get get = {.token = 8};
	struct buf body;

	buf_init(&body, PARCEL_BYTES_MAX);
	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	house_forget(street->a.gate);
	house_say(&street->a, street->a.gate, WIRE_memo_get, &get);
	for (;;) {
		const struct wire_message *message = desk_bench_take(street->a.gate);

		assert_non_null(message);
		if (message->type == WIRE_memo_sound)
			assert_int_equal(buf_add(&body, message->memo_sound.opus.bytes,
						 message->memo_sound.opus.size),
					 OK);
		if (message->type != WIRE_done)
			continue;
		if (message->done.err == OK)
			*out_letter = make(&street->a, &street->b, PARCEL_LETTER, id,
					   body.bytes, body.size);
		buf_finish(&body);
		return (enum err)message->done.err;
	}
}

/* One that has come to b. */
static struct proposal_id delivered(struct street *street, uint8_t number)
{
	const struct proposal_id id = ordered(street, number);
	struct carried letter;

	assert_int_equal(fetch_letter(street, id, &letter), OK);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	say_carried(street, id, OK);
	drop(&letter);
	return id;
}

/* Carries one parcel, which there is, from a house to the other: what that says. */
static enum err carry(struct street *street, struct house *from, struct house *to,
		      enum parcel_kind kind)
{
	struct carried it;
	enum err err;

	assert_true(take(from, &it));
	assert_int_equal(it.head.parcel.kind, kind);
	assert_memory_equal(it.head.parcel.to, to->bench->gate_key, PARCEL_KEY_BYTES);
	err = hand(street, to, &it);
	drop(&it);
	return err;
}

/* --- listening, at b -------------------------------------------------------------------- */

/* The only one in the inbox: its id there. */
static struct proposal_id inbox_id(struct street *street, bool *out_heard)
{
	const struct wire_inbox_get get = {.token = 7};
	const struct wire_message *row;
	struct proposal_id id = {{0}};

	house_forget(street->phone_b.link);
	house_say(&street->b, street->phone_b.link, WIRE_inbox_get, &get);
	row = desk_bench_take(street->phone_b.link);
	assert_non_null(row);
	if (row->type == WIRE_inbox_row) {
		memcpy(id.bytes, row->inbox_row.id.bytes, ID_BYTES);
		assert_int_equal(row->inbox_row.sound_ms, SOUND_MS);
		if (out_heard)
			*out_heard = row->inbox_row.is_heard;
		row = house_expect(street->phone_b.link, WIRE_done);
	}
	assert_int_equal(row->type, WIRE_done);
	return id;
}

static void begin_listening(struct street *street, struct proposal_id here)
{
	struct wire_memo_get get = {.token = 8};

	memcpy(get.id.bytes, here.bytes, ID_BYTES);
	house_forget(street->phone_b.link);
	house_forget(street->b.gate);
	house_say(&street->b, street->phone_b.link, WIRE_memo_get, &get);
}

static bool is_listening(const struct street *street)
{
	return desk_bench_waiting(street->phone_b.link) == 0;
}

/* What came of it: with OK, all of the sound. */
static enum err listened(struct street *street)
{
	size_t size = 0;

	for (;;) {
		const struct wire_message *message =
			desk_bench_take(street->phone_b.link);

		assert_non_null(message);
		if (message->type == WIRE_done) {
			assert_int_equal(message->done.token, 8);
			assert_int_equal(size, message->done.err == OK ? SOUND_BYTES : 0);
			return (enum err)message->done.err;
		}
		assert_int_equal(message->type, WIRE_memo_sound);
		assert_memory_equal(message->memo_sound.opus.bytes, street->sound + size,
				    message->memo_sound.opus.size);
		size += message->memo_sound.opus.size;
	}
}

/* The whole of it: the question there, the key back. */
static enum err listen(struct street *street, struct proposal_id here)
{
	begin_listening(street, here);
	assert_true(is_listening(street));
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_int_equal(carry(street, &street->a, &street->b, PARCEL_KEY), OK);
	return listened(street);
}

static void recall(struct street *street, struct proposal_id id, const char *refused)
{
	struct action action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};
	struct verdict cancel = {id, id, action, APPROVAL_CANCEL, APPROVAL_CANCEL};

	id_to_text(cancel.action.entity, street->contact_b);
	memcpy(cancel.action.body, street->hash, sizeof(cancel.action.body));
	house_forget(street->phone_a.link);
	house_say_verdict(&street->a, &street->phone_a, &cancel);
	if (refused) {
		house_expect_refused(street->phone_a.link, refused);
		return;
	}
	assert_int_equal(house_expect(street->phone_a.link, WIRE_done)->done.err, OK);
	house_expect_state(street->phone_a.link, "recalled");
}

/* A letter of which only its head, and so much as b looks at, is right: no key opens it. */
static enum err hand_fresh(struct street *street, uint32_t number)
{
	struct parcel_letter letter = {.household = street->a.bench->household,
				       .at_ms = street->a.bench->clock.wall_ms,
				       .sound_ms = 1};
	struct memo_place place = {.household = letter.household};
	uint8_t body[1 + PARCEL_LETTER_BOX_BYTES] = {PARCEL_VERSION};
	uint8_t plain[PARCEL_LETTER_BYTES];
	struct rand_fake dice;
	const struct rand rand = rand_fake_init(&dice, number);
	struct memo_writer *memo = NULL;
	struct carried made;
	size_t size = 0;
	enum err err;

	memcpy(letter.id.bytes, &number, sizeof(number));
	memcpy(letter.box_key, street->berta.box_key, sizeof(letter.box_key));
	place.proposal = letter.id;
	parcel_letter_bytes(&letter, plain);
	assert_int_equal(seal_box_close(letter.box_key, plain, sizeof(plain), body + 1),
			 OK);
	assert_int_equal(memo_row_begin(&place, &rand, &memo), OK);
	assert_int_equal(memo_row_add(memo, "x", 1, true), OK);
	const uint8_t *row = memo_row_bytes(memo, &size);
	made = make(&street->a, &street->b, PARCEL_LETTER, letter.id, body, sizeof(body));
	assert_int_equal(buf_add(&made.body, row, size), OK);
	sign(&street->a, &made);
	err = hand(street, &street->b, &made);
	memo_writer_destroy(memo);
	drop(&made);
	return err;
}

/* --- the whole way ---------------------------------------------------------------------- */

static void the_whole_way(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = delivered(street, 1);
	struct proposal_id here;
	bool is_heard = true;

	(void)state;
	house_forget(street->phone_a.link);
	here = inbox_id(street, &is_heard);
	assert_false(is_heard);
	assert_false(id_equal(here.bytes, id.bytes));
	assert_null(row_of(&street->b, STORE_MEMO_KEY, NULL));
	assert_int_equal(listen(street, here), OK);
	house_expect_state(street->phone_a.link, "fetched");
	recall(street, id, "LISTENED");
	(void)inbox_id(street, &is_heard);
	assert_true(is_heard);
	begin_listening(street, here); /* again, and without its house */
	assert_int_equal(listened(street), OK);
	assert_false(take(&street->b, &(struct carried){.body.size = 0}));
	destroy_street(street);
}

static void the_private_room_listens_too(void **state)
{
	struct street *street = make_street();
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};

	(void)state;
	street->b.bench->hears_counts = true;
	house_forget(street->b.hub);
	(void)delivered(street, 1);
	const struct wire_message *waiting = house_expect(street->b.hub, WIRE_waiting);
	assert_int_equal(waiting->waiting.count, 1);
	street->b.bench->hears_counts = false;
	memcpy(get.id.bytes, inbox_id(street, NULL).bytes, ID_BYTES);
	house_forget(street->b.gate);
	house_say(&street->b, street->b.hub, WIRE_memo_get, &get);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_int_equal(carry(street, &street->a, &street->b, PARCEL_KEY), OK);
	(void)house_expect(street->b.hub, WIRE_memo_sound);
	destroy_street(street);
}

/* No device of b, not even its owner's, hears of it but in the inbox; none calls it off. */
static void it_is_nobodys_to_bring_on(void **state)
{
	struct street *street = make_street();
	struct action action = {.kind = ACTION_SEND_MESSAGE};
	const struct wire_outbox_get get = {.token = 4};
	struct verdict cancel = {.action = action,
				 .signed_as = APPROVAL_CANCEL,
				 .told_as = APPROVAL_CANCEL};
	struct wire_call_off off = {.unused = 0};

	(void)state;
	(void)delivered(street, 1);
	assert_int_equal(desk_bench_waiting(street->phone_b.link), 0);
	assert_int_equal(desk_bench_waiting(street->b.hub), 0);
	cancel.signed_id = inbox_id(street, NULL);
	cancel.told_id = cancel.signed_id;
	id_to_text(cancel.action.entity, street->contact_a);
	memcpy(cancel.action.body, street->hash, sizeof(cancel.action.body));
	house_say_verdict(&street->b, &street->phone_b, &cancel);
	house_expect_refused(street->phone_b.link, "UNKNOWN_PROPOSAL");
	memcpy(off.proposal.bytes, cancel.told_id.bytes, ID_BYTES);
	house_say(&street->b, street->b.hub, WIRE_call_off, &off);
	assert_int_equal(desk_bench_waiting(street->b.hub), 0);
	house_say(&street->b, street->phone_b.link, WIRE_outbox_get, &get);
	(void)house_expect(street->phone_b.link, WIRE_done);
	assert_false(id_is_none(inbox_id(street, NULL).bytes));
	destroy_street(street);
}

static void a_letter_that_comes_twice_is_one(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;
	size_t rows;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	rows = store_fake_row_count(street->b.bench->rows);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	assert_int_equal(store_fake_row_count(street->b.bench->rows), rows);
	restart(&street->b, &street->phone_b);
	rows = store_fake_row_count(street->b.bench->rows);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	assert_int_equal(store_fake_row_count(street->b.bench->rows), rows);
	drop(&letter);
	destroy_street(street);
}

/* It is not taken before it is written down. */
static void what_cannot_be_written_is_not_taken(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	store_fake_fail_after(street->b.bench->rows, 0, ERR_LIMIT, false);
	assert_int_not_equal(hand(street, &street->b, &letter), OK);
	store_fake_heal(street->b.bench->rows);
	assert_true(id_is_none(inbox_id(street, NULL).bytes));
	assert_int_equal(hand(street, &street->b, &letter), OK);
	assert_false(id_is_none(inbox_id(street, NULL).bytes));
	drop(&letter);
	destroy_street(street);
}

/* Its time is over while its key is being written, behind something else: one after the
 * other, since no batch names a row twice. */
static void its_time_is_over_while_its_key_comes(void **state)
{
	struct street *street = make_street();
	struct store_fake *rows = street->b.bench->rows;
	struct proposal_id here;
	struct carried key;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	begin_listening(street, here);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_true(take(&street->a, &key));
	store_fake_hold(rows, true);
	desk_bench_append(street->b.bench, street->b.hub, 1, EVENT_FUSE_BLOWN, 0,
			  "attic");
	assert_int_equal(parcel_say(&key.head, key.body.bytes, ++street->token,
				    say_to_house, &street->b),
			 OK);
	clock_fake_pass(&street->b.bench->clock, INT64_C(31) * DAY_MS);
	desk_tick(street->b.bench->desk);
	store_fake_hold(rows, false);
	desk_bench_settle(street->b.bench);
	house_pass(&street->b, DESK_TICK_MS);
	assert_null(row_of(&street->b, STORE_MEMO, NULL));
	assert_null(row_of(&street->b, STORE_MEMO_KEY, NULL));
	assert_true(id_is_none(inbox_id(street, NULL).bytes));
	drop(&key);
	destroy_street(street);
}

/* --- recalls ---------------------------------------------------------------------------- */

static void recalled_before_anybody_listens(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = delivered(street, 1);
	const struct proposal_id here = inbox_id(street, NULL);

	(void)state;
	recall(street, id, NULL);
	assert_null(row_of(&street->a, STORE_MEMO_KEY, id.bytes));
	assert_int_equal(listen(street, here), ERR_MISSING);
	assert_true(id_is_none(inbox_id(street, NULL).bytes));
	assert_null(row_of(&street->b, STORE_MEMO, here.bytes));
	destroy_street(street);
}

/* Its house may stop telling that it is recalled once that is taken: not before it is
 * written. */
static void a_recall_that_is_not_written_is_not_taken(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = delivered(street, 1);
	const struct proposal_id here = inbox_id(street, NULL);
	struct carried none;

	(void)state;
	recall(street, id, NULL);
	begin_listening(street, here);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_true(take(&street->a, &none));
	store_fake_fail_after(street->b.bench->rows, 0, ERR_LIMIT, false);
	assert_int_equal(hand(street, &street->b, &none), ERR_IO);
	assert_true(is_listening(street));
	store_fake_heal(street->b.bench->rows);
	assert_int_equal(hand(street, &street->b, &none), OK);
	assert_int_equal(listened(street), ERR_MISSING);
	assert_true(id_is_none(inbox_id(street, NULL).bytes));
	assert_int_equal(hand(street, &street->b, &none), ERR_MISSING);
	drop(&none);
	destroy_street(street);
}

/* A relay that repeats its letter lights no light with it, however often. */
static void what_is_over_does_not_come_again(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	say_carried(street, id, OK);
	recall(street, id, NULL);
	assert_int_equal(listen(street, inbox_id(street, NULL)), ERR_MISSING);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hand(street, &street->b, &letter), OK);
		assert_true(id_is_none(inbox_id(street, NULL).bytes));
		assert_null(row_of(&street->b, STORE_MEMO, NULL));
	}
	assert_int_equal(hand_fresh(street, 9), OK); /* another one does */
	assert_non_null(row_of(&street->b, STORE_MEMO, NULL));
	drop(&letter);
	destroy_street(street);
}

/* Of a recall and a question at once the one that is written first holds, and both houses
 * say that one. */
static void a_recall_and_a_question_at_once(void **state)
{
	for (int recall_first = 0; recall_first < 2; recall_first++) {
		struct street *street = make_street();
		const struct proposal_id id = delivered(street, 1);
		const struct proposal_id here = inbox_id(street, NULL);
		struct verdict cancel = {id,
					 id,
					 {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"},
					 APPROVAL_CANCEL,
					 APPROVAL_CANCEL};
		struct carried want;

		(void)state;
		id_to_text(cancel.action.entity, street->contact_b);
		memcpy(cancel.action.body, street->hash, sizeof(cancel.action.body));
		begin_listening(street, here);
		assert_true(take(&street->b, &want));
		house_forget(street->phone_a.link);
		if (recall_first)
			house_tell_verdict(&street->a, &street->phone_a, &cancel);
		assert_int_equal(parcel_say(&want.head, want.body.bytes, 1, say_to_house,
					    &street->a),
				 OK);
		if (!recall_first)
			house_tell_verdict(&street->a, &street->phone_a, &cancel);
		desk_bench_settle(street->a.bench);
		if (recall_first)
			assert_int_equal(
				house_expect(street->phone_a.link, WIRE_done)->done.err,
				OK);
		else
			house_expect_refused(street->phone_a.link, "LISTENED");
		house_expect_state(street->phone_a.link,
				   recall_first ? "recalled" : "fetched");
		assert_int_equal(carry(street, &street->a, &street->b, PARCEL_KEY), OK);
		assert_int_equal(listened(street), recall_first ? ERR_MISSING : OK);
		drop(&want);
		destroy_street(street);
	}
}

/* A recall that could not be written yet is one all the same: the question waits for it. */
static void a_recall_that_is_tried_again(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct wire_carried carried = {.err = OK};
	struct verdict cancel = {id,
				 id,
				 {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"},
				 APPROVAL_CANCEL,
				 APPROVAL_CANCEL};
	struct carried letter;
	struct carried want;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	begin_listening(street, inbox_id(street, NULL));
	assert_true(take(&street->b, &want));
	id_to_text(cancel.action.entity, street->contact_b);
	memcpy(cancel.action.body, street->hash, sizeof(cancel.action.body));
	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	store_fake_fail_after(street->a.bench->rows, 1, ERR_LIMIT, false);
	desk_bench_say(street->a.bench, street->a.gate, WIRE_carried, &carried);
	house_tell_verdict(&street->a, &street->phone_a, &cancel);
	desk_bench_settle(street->a.bench);
	store_fake_heal(street->a.bench->rows);
	house_forget(street->a.gate);
	house_forget(street->phone_a.link);
	assert_int_equal(parcel_say(&want.head, want.body.bytes, 1, say_to_house,
				    &street->a),
			 OK);
	desk_bench_settle(street->a.bench);
	assert_int_equal(desk_bench_waiting(street->a.gate), 0);
	house_pass(&street->a, 1000);
	assert_int_equal(house_expect(street->phone_a.link, WIRE_done)->done.err, OK);
	house_expect_state(street->phone_a.link, "recalled");
	assert_int_equal(carry(street, &street->a, &street->b, PARCEL_KEY), OK);
	assert_int_equal(listened(street), ERR_MISSING);
	drop(&letter);
	drop(&want);
	destroy_street(street);
}

/* The gate has delivered it and not said so yet. */
static void asked_for_before_it_is_said_to_be_there(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	house_forget(street->phone_a.link);
	assert_int_equal(listen(street, inbox_id(street, NULL)), OK);
	house_expect_state(street->phone_a.link, "fetched");
	say_carried(street, id, OK);
	assert_int_equal(desk_bench_waiting(street->phone_a.link), 0);
	drop(&letter);
	destroy_street(street);
}

/* The answer was lost: it is asked for again, and given without another entry. */
static void a_key_is_given_again(void **state)
{
	struct street *street = make_street();
	struct proposal_id here;
	struct carried lost;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	begin_listening(street, here);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_true(take(&street->a, &lost));
	drop(&lost);
	house_pass(&street->b, WAIT_MS);
	assert_int_equal(listened(street), ERR_TIMEOUT);
	const size_t rows = store_fake_row_count(street->a.bench->rows);
	assert_int_equal(listen(street, here), OK);
	assert_int_equal(store_fake_row_count(street->a.bench->rows), rows);
	destroy_street(street);
}

/* That it could not be read is no word that there is none: that would destroy it there. */
static void a_key_that_is_not_read_is_asked_for_again(void **state)
{
	struct street *street = make_street();
	struct proposal_id here;
	struct carried none;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	begin_listening(street, here);
	store_fake_fail_gets(street->a.bench->rows, 1, ERR_IO);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_false(take(&street->a, &none));
	house_pass(&street->b, WAIT_MS);
	assert_int_equal(listened(street), ERR_TIMEOUT);
	assert_non_null(row_of(&street->b, STORE_MEMO, here.bytes));
	assert_int_equal(listen(street, here), OK);
	destroy_street(street);
}

/* --- restarts, and who is away ---------------------------------------------------------- */

/* Either keeper is started anew after each step; nothing is lost, and nothing opens early. */
static void restarts_at_each_step(void **state)
{
	enum { STEPS = 5 };

	(void)state;
	for (int at = 0; at < 2 * STEPS; at++) {
		struct street *street = make_street();
		struct house *house = at % 2 ? &street->b : &street->a;
		struct phone *phone = at % 2 ? &street->phone_b : &street->phone_a;
		const struct proposal_id id = ordered(street, 1);
		struct carried letter;
		struct carried want;
		struct carried key;

		assert_int_equal(fetch_letter(street, id, &letter), OK);
		if (at / 2 == 0)
			restart(house, phone);
		assert_int_equal(hand(street, &street->b, &letter), OK);
		say_carried(street, id, OK);
		if (at / 2 == 1)
			restart(house, phone);
		begin_listening(street, inbox_id(street, NULL));
		assert_true(take(&street->b, &want));
		if (at / 2 == 2)
			restart(house, phone);
		assert_int_equal(hand(street, &street->a, &want), OK);
		assert_true(take(&street->a, &key));
		if (at / 2 == 3)
			restart(house, phone);
		assert_int_equal(hand(street, &street->b, &key), OK);
		if (at / 2 == 4)
			restart(house, phone);
		/* Whether or not somebody was still listening, the key is there. */
		house_forget(street->phone_b.link);
		begin_listening(street, inbox_id(street, NULL));
		assert_int_equal(listened(street), OK);
		drop(&letter);
		drop(&want);
		drop(&key);
		destroy_street(street);
	}
}

static void nobody_answers(void **state)
{
	struct street *street = make_street();
	struct proposal_id here;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	begin_listening(street, here);
	house_pass(&street->b, WAIT_MS - 1);
	assert_true(is_listening(street));
	house_pass(&street->b, 1);
	assert_int_equal(listened(street), ERR_TIMEOUT);
	assert_int_equal(listen(street, here), OK);
	destroy_street(street);
}

/* Said at once, not after a while. */
static void the_house_cannot_be_reached(void **state)
{
	struct street *street = make_street();
	struct wire_parcel_taken taken = {.err = ERR_TIMEOUT};
	struct proposal_id here;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	begin_listening(street, here);
	taken.token = house_expect(street->b.gate, WIRE_parcel)->parcel.token;
	house_say(&street->b, street->b.gate, WIRE_parcel_taken, &taken);
	assert_int_equal(listened(street), ERR_CLOSED);
	begin_listening(street, here);
	desk_bench_unlink(street->b.bench, street->b.gate);
	assert_int_equal(listened(street), ERR_CLOSED);
	street->b.gate = street->b.hub; /* there is none any more */
	begin_listening(street, here);
	assert_int_equal(listened(street), ERR_CLOSED);
	street->b.gate = desk_bench_link(street->b.bench, DESK_GATE);
	assert_int_equal(listen(street, here), OK);
	destroy_street(street);
}

/* Two listen at once: one question, and one key for both. */
static void two_devices_listen_at_once(void **state)
{
	struct street *street = make_street();
	struct wire_memo_get get = {.token = 8, .room = "bedroom"};
	const struct wire_message *message;
	struct proposal_id here;
	struct carried none;
	enum err at_phone;

	(void)state;
	(void)delivered(street, 1);
	here = inbox_id(street, NULL);
	memcpy(get.id.bytes, here.bytes, ID_BYTES);
	begin_listening(street, here);
	house_forget(street->b.hub);
	house_say(&street->b, street->b.hub, WIRE_memo_get, &get);
	assert_int_equal(carry(street, &street->b, &street->a, PARCEL_WANT), OK);
	assert_false(take(&street->b, &none));
	assert_int_equal(carry(street, &street->a, &street->b, PARCEL_KEY), OK);
	/* Which of them the store answers first is luck; the other one comes while that it is
	 * heard is being written, and is told so, or behind that, and hears it as well. */
	at_phone = listened(street);
	do {
		message = desk_bench_take(street->b.hub);
		assert_non_null(message);
	} while (message->type == WIRE_memo_sound);
	assert_int_equal(message->type, WIRE_done);
	assert_true(at_phone == OK || message->done.err == ERR_OK);
	assert_true(at_phone == OK || at_phone == ERR_BUSY);
	assert_true(message->done.err == ERR_OK || message->done.err == ERR_BUSY);
	destroy_street(street);
}

/* --- strangers, and houses that lie ----------------------------------------------------- */

/* What may be wrong with a letter, each alone; all else about it is right. */
enum lie {
	NO_CONTACT,
	NO_SIGNATURE,
	CHANGED,
	ANOTHER_HOUSES,
	TOO_OLD,
	TOO_NEW,
	NO_BODY,
	VERSION,
	FOR_NOBODY,
	ANOTHER_ID,
	ANOTHER_ROW,
	CUT_ROW,
	LIE_COUNT
};

static const enum err LIES[LIE_COUNT] = {
	[NO_CONTACT] = ERR_DENIED,  [NO_SIGNATURE] = ERR_AUTH,
	[CHANGED] = ERR_AUTH,       [ANOTHER_HOUSES] = ERR_DENIED,
	[TOO_OLD] = ERR_RANGE,      [TOO_NEW] = ERR_RANGE,
	[NO_BODY] = ERR_FORMAT,     [VERSION] = ERR_VERSION,
	[FOR_NOBODY] = ERR_MISSING, [ANOTHER_ID] = ERR_FORMAT,
	[ANOTHER_ROW] = ERR_FORMAT, [CUT_ROW] = ERR_FORMAT,
};

static struct carried lie(struct street *street, const struct carried *letter,
			  enum lie lie)
{
	struct carried made = {.head = letter->head};
	struct house stranger = street->a;
	struct parcel *parcel = &made.head.parcel;

	buf_init(&made.body, PARCEL_BYTES_MAX);
	assert_int_equal(buf_add(&made.body, letter->body.bytes, letter->body.size), OK);
	if (lie == ANOTHER_HOUSES)
		memset(parcel->to, 3, sizeof(parcel->to));
	else if (lie == TOO_OLD)
		parcel->at_ms -= PARCEL_LASTS_MS + 1;
	else if (lie == TOO_NEW)
		parcel->at_ms += DAY_MS + 1;
	else if (lie == NO_BODY)
		made.body.size = 1 + PARCEL_LETTER_BOX_BYTES;
	else if (lie == VERSION)
		made.body.bytes[0] = 2;
	else if (lie == FOR_NOBODY)
		made.body.bytes[1]++;
	else if (lie == ANOTHER_ID)
		parcel->id.bytes[0]++;
	else if (lie == ANOTHER_ROW)
		made.body.bytes[1 + PARCEL_LETTER_BOX_BYTES + 1]++;
	else if (lie == CUT_ROW)
		made.body.size--;
	if (lie == NO_CONTACT)
		stranger.bench = desk_bench_create_house(3, HOUSE_C);
	sign(&stranger, &made);
	if (lie == NO_CONTACT)
		desk_bench_destroy(stranger.bench);
	if (lie == NO_SIGNATURE)
		made.head.is_signed = false;
	if (lie == NO_SIGNATURE) /* from whom it says, but by nobody */
		memset(made.head.signature, 0, sizeof(made.head.signature));
	if (lie == CHANGED)
		parcel->at_ms++;
	return made;
}

static void lies_about_letters(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	const size_t rows = store_fake_row_count(street->b.bench->rows);
	for (int i = 0; i < LIE_COUNT; i++) {
		struct carried told = lie(street, &letter, (enum lie)i);
		enum err err;

		if (i == NO_SIGNATURE) /* the wire has no form for that: all zeros */
			told.head.is_signed = true;
		err = hand(street, &street->b, &told);
		if (err != LIES[i])
			fail_msg("lie %d: %s", i, err_words(err));
		drop(&told);
	}
	assert_int_equal(store_fake_row_count(street->b.bench->rows), rows);
	assert_int_equal(hand(street, &street->b, &letter), OK);
	drop(&letter);
	destroy_street(street);
}

/* Another body than the head says. */
static void what_was_changed_on_the_way(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = ordered(street, 1);
	struct carried letter;

	(void)state;
	assert_int_equal(fetch_letter(street, id, &letter), OK);
	letter.body.bytes[letter.body.size - 1] ^= 1;
	assert_int_equal(hand(street, &street->b, &letter), ERR_AUTH);
	assert_true(id_is_none(inbox_id(street, NULL).bytes));
	drop(&letter);
	destroy_street(street);
}

/* Made by somebody who does not hold the message: no key, and no word whether there is
 * such a message. */
static void questions_of_others(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = delivered(street, 1);
	struct carried want;
	struct carried none;

	(void)state;
	begin_listening(street, inbox_id(street, NULL));
	assert_true(take(&street->b, &want));

	want.body.bytes[5] ^= 1; /* another ticket */
	sign(&street->b, &want);
	assert_int_equal(hand(street, &street->a, &want), ERR_AUTH);
	assert_false(take(&street->a, &none));
	want.body.bytes[5] ^= 1;

	want.head.parcel.id.bytes[0]++; /* another message's */
	sign(&street->b, &want);
	assert_int_equal(hand(street, &street->a, &want), ERR_AUTH);
	want.head.parcel.id.bytes[0]--;

	want.head.parcel.at_ms -= PARCEL_LASTS_MS + 1;
	sign(&street->b, &want);
	assert_int_equal(hand(street, &street->a, &want), ERR_RANGE);
	want.head.parcel.at_ms += PARCEL_LASTS_MS + 1;

	sign(&street->b, &want);
	want.head.signature[3] ^= 1;
	assert_int_equal(hand(street, &street->a, &want), ERR_AUTH);
	assert_false(take(&street->a, &none));
	assert_non_null(row_of(&street->a, STORE_MEMO_KEY, id.bytes));
	recall(street, id, NULL); /* still possible: no question counted */
	drop(&want);
	destroy_street(street);
}

/* Enrolled as well, and with the ticket: it is still not whom the message is for. */
static void another_enrolled_house_asks(void **state)
{
	struct street *street = make_street();
	struct house c = house_make_on(desk_bench_create_house(5, HOUSE_C));
	uint8_t unused[ID_BYTES];
	struct contact carla;
	struct carried want;
	struct carried none;

	(void)state;
	sign_in(&street->a);
	enrol(&street->a, &c, "Carla", unused, &carla);
	(void)delivered(street, 1);
	begin_listening(street, inbox_id(street, NULL));
	assert_true(take(&street->b, &want));
	sign(&c, &want);
	assert_int_equal(hand(street, &street->a, &want), ERR_DENIED);
	assert_false(take(&street->a, &none));
	drop(&want);
	desk_bench_destroy(c.bench);
	destroy_street(street);
}

/* A key that is none of this message's changes nothing; the right one still opens it. */
static void keys_that_do_not_fit(void **state)
{
	struct street *street = make_street();
	const struct proposal_id id = delivered(street, 1);
	const struct proposal_id here = inbox_id(street, NULL);
	uint8_t body[PARCEL_KEY_BODY_MAX] = {PARCEL_VERSION, PARCEL_OUTCOME_KEY};
	uint8_t plain[PARCEL_KEY_PLAIN_BYTES];
	struct carried key;

	(void)state;
	memcpy(plain, id.bytes, ID_BYTES);
	memset(plain + ID_BYTES, 9, sizeof(plain) - ID_BYTES);
	assert_int_equal(seal_box_close(street->berta.box_key, plain, sizeof(plain),
					body + 2),
			 OK);
	begin_listening(street, here);
	assert_true(take(&street->b, &key));
	drop(&key);
	key = make(&street->a, &street->b, PARCEL_KEY, id, body, sizeof(body));
	assert_int_equal(hand(street, &street->b, &key), ERR_AUTH);
	assert_int_equal(listened(street), ERR_AUTH);
	drop(&key);
	body[10] ^= 1; /* a box that nobody opens */
	key = make(&street->a, &street->b, PARCEL_KEY, id, body, sizeof(body));
	assert_int_equal(hand(street, &street->b, &key), ERR_AUTH);
	drop(&key);
	body[1] = 7; /* an outcome that is none */
	key = make(&street->a, &street->b, PARCEL_KEY, id, body, sizeof(body));
	assert_int_equal(hand(street, &street->b, &key), ERR_FORMAT);
	drop(&key);
	assert_null(row_of(&street->b, STORE_MEMO_KEY, NULL));
	house_forget(street->b.gate);
	assert_int_equal(listen(street, here), OK);
	destroy_street(street);
}

/* Of nothing that is here, or from somebody else than it came from. */
static void keys_of_nothing(void **state)
{
	struct street *street = make_street();
	struct house c = house_make_on(desk_bench_create_house(5, HOUSE_C));
	const uint8_t none[] = {PARCEL_VERSION, PARCEL_OUTCOME_NONE};
	const struct proposal_id id = delivered(street, 1);
	struct contact carla;
	uint8_t unused[ID_BYTES];
	struct carried key;

	(void)state;
	enrol(&street->b, &c, "Carla", unused, &carla);
	key = make(&c, &street->b, PARCEL_KEY, id, none, sizeof(none));
	assert_int_equal(hand(street, &street->b, &key), ERR_MISSING);
	assert_false(id_is_none(inbox_id(street, NULL).bytes));
	drop(&key);
	desk_bench_destroy(c.bench);
	destroy_street(street);
}

/* --- floods ----------------------------------------------------------------------------- */

static void so_many_an_hour_and_so_many_unheard(void **state)
{
	struct street *street = make_street();
	uint32_t number = 0;

	(void)state;
	while (number < UNHEARD_MAX) {
		for (int i = 0; i < PER_HOUR_MAX && number < UNHEARD_MAX; i++)
			assert_int_equal(hand_fresh(street, ++number), OK);
		if (number < UNHEARD_MAX)
			assert_int_equal(hand_fresh(street, number + 1), ERR_LIMIT);
		street->a.bench->clock.wall_ms += 3600 * 1000;
		house_pass(&street->b, 3600 * 1000);
	}
	assert_int_equal(hand_fresh(street, number + 1), ERR_LIMIT);
	destroy_street(street);
}

/* What did not get in for want of space takes nobody's turn when there is some again. */
static void what_was_not_written_does_not_count(void **state)
{
	struct street *street = make_street();
	uint32_t number = 0;

	(void)state;
	store_fake_fail_after(street->b.bench->rows, 0, ERR_LIMIT, false);
	while (number < PER_HOUR_MAX)
		assert_int_equal(hand_fresh(street, ++number), ERR_IO);
	store_fake_heal(street->b.bench->rows);
	for (uint32_t i = 0; i < PER_HOUR_MAX; i++)
		assert_int_equal(hand_fresh(street, ++number), OK);
	assert_int_equal(hand_fresh(street, ++number), ERR_LIMIT);
	destroy_street(street);
}

/* --- what owners do meanwhile ----------------------------------------------------------- */

static void remove_contact(struct house *house, const char *name)
{
	static struct desk_bench_people people;
	struct wire_contact set;

	sign_in(house);
	desk_bench_people(house->bench, house->alice, &people);
	set = *desk_bench_contact(&people, name);
	set.is_gone = 1;
	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_contact,
					      &set),
			    "");
}

static void the_sender_is_no_contact_any_more(void **state)
{
	for (int heard = 0; heard < 2; heard++) {
		struct street *street = make_street();
		struct proposal_id here;

		(void)state;
		(void)delivered(street, 1);
		here = inbox_id(street, NULL);
		if (heard)
			assert_int_equal(listen(street, here), OK);
		remove_contact(&street->b, "Alice Ann");
		desk_bench_settle(street->b.bench);
		/* What was heard is theirs to keep; what was not can never be opened. */
		assert_int_equal(id_is_none(inbox_id(street, NULL).bytes), !heard);
		assert_int_equal(row_of(&street->b, STORE_MEMO, here.bytes) == NULL,
				 !heard);
		destroy_street(street);
	}
}

static void the_listener_is_no_contact_any_more(void **state)
{
	for (int is_there = 0; is_there < 2; is_there++) {
		struct street *street = make_street();
		const struct proposal_id id =
			is_there ? delivered(street, 1) : ordered(street, 1);

		(void)state;
		house_forget(street->phone_a.link);
		remove_contact(&street->a, "Berta");
		house_expect_state(street->phone_a.link, "recalled");
		assert_null(row_of(&street->a, STORE_MEMO_KEY, id.bytes));
		destroy_street(street);
	}
}

/* Names of all who are enrolled with that house: the letter says of none that it was them. */
static void whom_it_came_from(void **state)
{
	struct street *street = make_street();
	const struct wire_inbox_get get = {.token = 7};
	uint8_t unused[ID_BYTES];
	struct contact alfred;

	(void)state;
	(void)delivered(street, 1);
	house_say(&street->b, street->phone_b.link, WIRE_inbox_get, &get);
	assert_string_equal(
		house_expect(street->phone_b.link, WIRE_inbox_row)->inbox_row.from,
		"Alice Ann");
	house_forget(street->phone_b.link);
	sign_in(&street->a);
	enrol(&street->b, &street->a, "Alfred", unused, &alfred);
	house_say(&street->b, street->phone_b.link, WIRE_inbox_get, &get);
	assert_string_equal(
		house_expect(street->phone_b.link, WIRE_inbox_row)->inbox_row.from,
		"Alice Ann or Alfred");
	destroy_street(street);
}

/* --- cards, and what the gate is told --------------------------------------------------- */

static void a_card_is_for_who_lives_here(void **state)
{
	struct street *street = make_street();
	const struct wire_card_get nobody = {.person = {{3}}};
	struct wire_card_get alice = {.unused = 0};
	uint8_t box_key[PEOPLE_KEY_BYTES];

	(void)state;
	house_say(&street->a, street->a.alice, WIRE_card_get, &nobody);
	house_expect_refused(street->a.alice, "UNKNOWN_PERSON");
	memcpy(alice.person.bytes, street->a.alice_id.bytes, ID_BYTES);
	house_say(&street->a, street->a.alice, WIRE_card_get, &alice);
	memcpy(box_key, house_expect(street->a.alice, WIRE_card)->card.box_key.bytes,
	       sizeof(box_key));
	restart(&street->a, &street->phone_a);
	house_say(&street->a, street->a.alice, WIRE_card_get, &alice);
	house_expect_refused(street->a.alice, "NOT_SIGNED_IN");
	sign_in(&street->a);
	house_say(&street->a, street->a.alice, WIRE_card_get, &alice);
	assert_memory_equal(house_expect(street->a.alice, WIRE_card)->card.box_key.bytes,
			    box_key, sizeof(box_key));
	destroy_street(street);
}

static void expect_peer(struct house *house, const struct house *other, uint32_t waits)
{
	const struct wire_message *message = house_expect(house->gate, WIRE_peer);

	assert_true(message->peer.first && message->peer.last);
	assert_int_equal(message->peer.key.size, other ? PEOPLE_KEY_BYTES : 0);
	if (!other)
		return;
	assert_memory_equal(message->peer.key.bytes, other->bench->gate_key,
			    PEOPLE_KEY_BYTES);
	assert_string_equal(message->peer.address, "there.test:7411");
	assert_int_equal(message->peer.waits, waits);
}

static void the_gate_knows_the_houses(void **state)
{
	struct street *street = make_street();
	struct house *a = &street->a;
	struct proposal_id id;

	(void)state;
	a->bench->hears_peers = true;
	id = ordered(street, 1);
	expect_peer(a, &street->b, 1);
	house_forget(a->gate);
	say_carried(street, id, OK);
	assert_int_equal(desk_bench_waiting(a->gate), 0); /* it still waits */
	recall(street, id, NULL);
	expect_peer(a, &street->b, 0);
	remove_contact(a, "Berta");
	expect_peer(a, NULL, 0);
	desk_bench_unlink(a->bench, a->gate);
	a->gate = desk_bench_link(a->bench, DESK_GATE);
	expect_peer(a, NULL, 0);
	destroy_street(street);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_way),
		cmocka_unit_test(the_private_room_listens_too),
		cmocka_unit_test(it_is_nobodys_to_bring_on),
		cmocka_unit_test(a_letter_that_comes_twice_is_one),
		cmocka_unit_test(what_cannot_be_written_is_not_taken),
		cmocka_unit_test(its_time_is_over_while_its_key_comes),
		cmocka_unit_test(recalled_before_anybody_listens),
		cmocka_unit_test(a_recall_that_is_not_written_is_not_taken),
		cmocka_unit_test(what_is_over_does_not_come_again),
		cmocka_unit_test(a_recall_and_a_question_at_once),
		cmocka_unit_test(a_recall_that_is_tried_again),
		cmocka_unit_test(asked_for_before_it_is_said_to_be_there),
		cmocka_unit_test(a_key_is_given_again),
		cmocka_unit_test(a_key_that_is_not_read_is_asked_for_again),
		cmocka_unit_test(restarts_at_each_step),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(the_house_cannot_be_reached),
		cmocka_unit_test(two_devices_listen_at_once),
		cmocka_unit_test(lies_about_letters),
		cmocka_unit_test(what_was_changed_on_the_way),
		cmocka_unit_test(questions_of_others),
		cmocka_unit_test(another_enrolled_house_asks),
		cmocka_unit_test(keys_that_do_not_fit),
		cmocka_unit_test(keys_of_nothing),
		cmocka_unit_test(so_many_an_hour_and_so_many_unheard),
		cmocka_unit_test(what_was_not_written_does_not_count),
		cmocka_unit_test(the_sender_is_no_contact_any_more),
		cmocka_unit_test(the_listener_is_no_contact_any_more),
		cmocka_unit_test(whom_it_came_from),
		cmocka_unit_test(a_card_is_for_who_lives_here),
		cmocka_unit_test(the_gate_knows_the_houses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
