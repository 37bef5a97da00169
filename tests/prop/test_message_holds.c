/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message_holds - the real desk over random orders of what may happen to spoken
 * messages: evidence that lacks, doubles or is of another turn, wrong sound, verdicts at any
 * time, devices that go, mutes, clocks that are set, a store that fails, restarts.
 *
 * To another house they go as well: the reader is also whoever lives there, with all that
 * was ever handed to their gate, and their key.
 *
 * A reader of the journal's and the store's rows, which shares nothing with the desk but
 * their form, says after each of them whether it might be: see the checks below. Prints its
 * seed; BEHEST_SEED takes it back, BEHEST_TRIALS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/parcel_wire.h"
#include "base/key_text.h"
#include "base/pack.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "journal/journal.h"
#include "keeper/memo_row.h"

enum {
	TRIALS = 1800, /* orders */
	PER_HOUSE = 60,
	ACTS = 30,
	STRAY_PERCENT = 18, /* of what happens is not what should come next */
	TALKS = 2,          /* under way at a time */
	LETTERS_MAX = PER_HOUSE * ACTS,
	SIGHTS_MAX = PER_HOUSE * ACTS,
	MEMO_BYTES = 40,
	SEALED_MAX = 512,
	HOLD_MS = POLICY_HOLD_S * 1000,
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 3600 * 1000,
	PLACE_BYTES = 8,
	GATE_SEED = 0x77, /* of the other house's gate, and its listener's secret */
	BOX_SECRET = 0x78,
};

/* Whom one may write to, and who hears it. */
enum who { ALICE, TOM, OFFICE, GRANNY, WHO_COUNT };
enum room { KITCHEN, BEDROOM, ROOM_COUNT };

static const char *const ROOMS[ROOM_COUNT] = {"kitchen", "bedroom"};

/* What an attested row of the journal is to a message. */
enum sight { MEMO_PROMPT, MEMO_LEASE, MEMO, CONFIRM_PROMPT, REQUEST, SIGHT_COUNT };

struct seen {
	enum sight sight;
	uint64_t turn;
	char room[NAME_BYTES];
	uint8_t hash[EVIDENCE_HASH_BYTES];
	bool confirmed; /* a message, with this turn's phrase */
};

/* One message as the reader knows it. */
struct letter {
	struct proposal_id id;
	enum who who;
	uint64_t turn;
	struct action action;
	uint8_t action_hash[SEAL_HASH_BYTES];
	enum proposal_state state;
	unsigned states; /* that it was in, a bit each */
	int64_t since_ms;
	unsigned tapped;
	unsigned listeners; /* a bit each */
	size_t sealed_size; /* a copy, as a backup has it */
	uint8_t sealed[SEALED_MAX];
	bool is_gone;    /* over, and looked at */
	bool has_ticket; /* the other house has its letter, and so this: */
	uint8_t ticket[32];
	bool was_opened;      /* by the key that the other house was given */
	bool must_begin_anew; /* it was held when the keeper ended */
};

/* Somebody who is about to send one. */
struct talk {
	uint64_t turn;
	uint64_t phrase;
	enum who who;
	enum room room;
	const unsigned *script; /* of acts, up to ACT_END */
	size_t at;
	uint8_t memo[MEMO_BYTES];
	uint8_t hash[SEAL_HASH_BYTES];
};

struct play {
	struct house house;
	struct phone phone;  /* alice's; link NULL: away */
	struct phone childs; /* tom's, who approves nothing */
	uint8_t contacts[WHO_COUNT][ID_BYTES];
	uint8_t keeper[SEAL_SIGN_PUBLIC_BYTES];
	char approver[KEY_FINGERPRINT_BYTES];
	struct journal *journal; /* the reader's own */
	uint64_t read;           /* so many rows */
	uint64_t sequence;
	uint64_t turn;
	uint64_t parcels;
	struct talk talks[TALKS];
	size_t letter_count;
	struct letter letters[LETTERS_MAX];
	struct parcel_in parcel; /* from the keeper */
	struct buf body;         /* of a letter that the gate is being handed */
	size_t sight_count;
	struct seen sights[SIGHTS_MAX];
};

static struct play *play;
static struct rand_fake dice;
/* So that it is seen that something was tried. */
static unsigned long reached[PROPOSAL_STATE_COUNT];
static unsigned long heard;
static unsigned long by_voice;
static unsigned long orders_told;
static unsigned long keys_given;
static unsigned long keys_refused;
static unsigned long restarts;

static uint32_t below(uint32_t limit)
{
	return rand_fake_below(&dice, limit);
}

static int64_t now_ms(void)
{
	return play->house.bench->clock.now_us / 1000;
}

/* --- the reader: what the journal says -------------------------------------------------- */

static bool is_kind(enum event_kind kind, const struct event *event, const char *field,
		    const char *value)
{
	return event->kind == kind && str_equal(event_value(event, field), value);
}

static enum sight sight_of(const struct event *event)
{
	const bool is[SIGHT_COUNT] = {
		[MEMO_PROMPT] = is_kind(EVENT_PROMPT_HEARD, event, "then", "memo"),
		[MEMO_LEASE] = is_kind(EVENT_LEASE_OPENED, event, "lease", "memo"),
		[MEMO] = event->kind == EVENT_MEMO,
		[CONFIRM_PROMPT] = is_kind(EVENT_PROMPT_HEARD, event, "then", "confirm"),
		[REQUEST] = is_kind(EVENT_LEASE_OPENED, event, "lease", "request"),
	};
	enum sight sight = 0;

	while (sight < SIGHT_COUNT && !is[sight])
		sight++;
	return sight;
}

static void see(const struct event *event)
{
	struct seen *seen = &play->sights[play->sight_count];
	const enum sight sight = sight_of(event);

	if (sight == SIGHT_COUNT || !str_equal(event_value(event, "attested"), "yes"))
		return;
	assert_true(play->sight_count < SIGHTS_MAX);
	memset(seen, 0, sizeof(*seen));
	seen->sight = sight;
	seen->turn = event->turn.value;
	assert_true(str_copy(seen->room, sizeof(seen->room), event->room.text));
	if (sight == MEMO)
		assert_true(evidence_memo_hash(event, seen->hash));
	play->sight_count++;
}

/* The next one behind *at, in the message's room; NULL: none. */
static struct seen *next_sight(const struct letter *letter, enum sight sight,
			       uint64_t turn, size_t *at)
{
	while (*at < play->sight_count) {
		struct seen *seen = &play->sights[(*at)++];

		if (seen->sight == sight && seen->turn == turn &&
		    str_equal(seen->room, letter->action.room))
			return seen;
	}
	return NULL;
}

/* Prompt, lease and memo, in this order: where the memo is. NULL: they are not there. */
static struct seen *find_memo(const struct letter *letter, size_t *at)
{
	return next_sight(letter, MEMO_PROMPT, letter->turn, at) &&
			       next_sight(letter, MEMO_LEASE, letter->turn, at)
		       ? next_sight(letter, MEMO, letter->turn, at)
		       : NULL;
}

static struct letter *find_letter(const uint8_t id[ID_BYTES])
{
	for (size_t i = play->letter_count; i > 0; i--)
		if (memcmp(play->letters[i - 1].id.bytes, id, ID_BYTES) == 0)
			return &play->letters[i - 1];
	return NULL;
}

static enum who who_of(const char *entity)
{
	char text[ID_TEXT_BYTES];
	enum who who = 0;

	for (; who < WHO_COUNT; who++) {
		id_to_text(text, play->contacts[who]);
		if (str_equal(text, entity))
			return who;
	}
	fail_msg("a message to nobody");
	return who;
}

/* It was spoken for this: the way up to the memo is written before it. */
static void check_asked(struct letter *letter, const struct event *event)
{
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;
	size_t at = 0;
	const struct seen *memo;

	letter->turn = event->turn.value;
	letter->who = who_of(event_value(event, "entity"));
	letter->action.kind = ACTION_SEND_MESSAGE;
	assert_true(str_copy(letter->action.entity, sizeof(letter->action.entity),
			     event_value(event, "entity")));
	assert_true(str_copy(letter->action.room, sizeof(letter->action.room),
			     event->room.text));
	memo = find_memo(letter, &at);
	assert_non_null(memo);
	for (; memo; memo = next_sight(letter, MEMO, letter->turn, &at))
		memcpy(letter->action.body, memo->hash, sizeof(memo->hash));
	assert_int_equal(action_bytes(&letter->action, bytes, &size), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){bytes, size}, 1,
				     letter->action_hash),
			 OK);
}

/* By a phrase of another turn, behind the prompt for it; once. */
static void check_unreceipted(struct letter *letter, const struct event *event)
{
	struct turn_id said_in = {0};
	struct seen *phrase = NULL;
	size_t at = 0;

	if (letter->state == PROPOSAL_HELD)
		return; /* begun anew */
	assert_true(letter->who ==
		    ALICE); /* the only one who may be written to by voice */
	assert_true(turn_id_from_text(&said_in, event_value(event, "said_in")));
	assert_true(said_in.value != letter->turn);
	assert_non_null(find_memo(letter, &at));
	assert_non_null(next_sight(letter, CONFIRM_PROMPT, letter->turn, &at));
	phrase = next_sight(letter, REQUEST, said_in.value, &at);
	assert_non_null(phrase);
	assert_false(phrase->confirmed);
	phrase->confirmed = true;
	by_voice++;
}

static bool is_signed_as(const struct letter *letter, enum approval_verdict verdict,
			 const struct event *event)
{
	const char *text = event_value(event, "signature");
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t bytes[APPROVAL_BYTES];

	if (seal_from_base64(text, strlen(text), signature, sizeof(signature)) != OK)
		return false;
	approval_bytes(play->house.bench->household, letter->id, letter->action_hash,
		       bytes);
	return seal_verify_labelled(play->phone.key, approval_label(verdict), bytes,
				    sizeof(bytes), signature) == OK;
}

/* By a device of somebody who may, with a tap; of a confirmed one a receipt does. */
static void check_held(struct letter *letter, const struct event *event)
{
	const bool is_tap = is_signed_as(letter, APPROVAL_APPROVE, event);

	assert_string_equal(event_value(event, "device"), play->approver);
	assert_true(is_tap || (letter->state == PROPOSAL_UNRECEIPTED &&
			       is_signed_as(letter, APPROVAL_RECEIPT, event)));
	letter->tapped += is_tap;
	assert_true(letter->who == ALICE || letter->tapped > 0);
}

/* Its hold is over, by a clock that nobody sets. */
static void check_ordered(struct letter *letter, const struct event *event)
{
	(void)event;
	assert_false(letter->must_begin_anew);
	assert_true(now_ms() - letter->since_ms >= HOLD_MS);
}

static void check_lies_here(struct letter *letter, const struct event *event)
{
	(void)event;
	assert_true(letter->who != OFFICE);
}

/* Another house may ask before its gate was heard to say that it is there. */
static void check_fetched(struct letter *letter, const struct event *event)
{
	check_lies_here(letter, event);
	assert_true(letter->state == PROPOSAL_SENT || letter->who == GRANNY);
	assert_true(letter->has_ticket || letter->who != GRANNY);
}

/* Of what may have gone already nobody says that it was recalled. */
static void check_mail(struct letter *letter, const struct event *event)
{
	(void)event;
	assert_int_equal(letter->who, OFFICE);
}

/* Nothing but a mail, which is not kept, or what was heard long ago. */
static void check_done(struct letter *letter, const struct event *event)
{
	(void)event;
	assert_true((letter->state == PROPOSAL_ORDERED) == (letter->who == OFFICE));
}

/* What may follow what; there was nothing before what is asked. */
static const struct {
	enum proposal_state to;
	unsigned from; /* a bit each; 0: nothing */
	void (*check)(struct letter *letter, const struct event *event);
} STEPS[PROPOSAL_STATE_COUNT] = {
#define FROM(state) (1U << PROPOSAL_##state)
	{PROPOSAL_ASKED, 0, check_asked},
	{PROPOSAL_UNRECEIPTED, FROM(ASKED) | FROM(HELD), check_unreceipted},
	{PROPOSAL_HELD, FROM(ASKED) | FROM(UNRECEIPTED), check_held},
	{PROPOSAL_ORDERED, FROM(HELD), check_ordered},
	{PROPOSAL_SENT, FROM(ORDERED), check_lies_here},
	{PROPOSAL_FETCHED, FROM(ORDERED) | FROM(SENT), check_fetched},
	{PROPOSAL_DONE, FROM(ORDERED) | FROM(FETCHED), check_done},
	{PROPOSAL_FAILED, FROM(ORDERED), NULL},
	{PROPOSAL_CANCELLED, FROM(ASKED) | FROM(UNRECEIPTED) | FROM(HELD), NULL},
	{PROPOSAL_RECALLED, FROM(ORDERED) | FROM(SENT), check_lies_here},
	{PROPOSAL_STOPPED, FROM(ORDERED), check_mail},
	{PROPOSAL_EXPIRED, FROM(ASKED) | FROM(UNRECEIPTED) | FROM(SENT), NULL},
#undef FROM
};

static struct letter *new_letter(const uint8_t id[ID_BYTES])
{
	struct letter *made = &play->letters[play->letter_count];

	assert_true(play->letter_count < LETTERS_MAX);
	memset(made, 0, sizeof(*made));
	memcpy(made->id.bytes, id, ID_BYTES);
	play->letter_count++;
	return made;
}

static void take_step(const struct event *event)
{
	enum proposal_state to = PROPOSAL_STATE_COUNT;
	struct letter *letter;
	uint8_t id[ID_BYTES];
	size_t row = 0;

	assert_true(id_from_text(id, event_value(event, "proposal")));
	assert_true(proposal_state_from_text(event_value(event, "state"), &to));
	while (STEPS[row].to != to)
		row++;
	letter = find_letter(id);
	if (STEPS[row].from == 0)
		assert_null(letter);
	else
		assert_true(letter && STEPS[row].from & 1U << letter->state);
	if (!letter)
		letter = new_letter(id);
	if (STEPS[row].check)
		STEPS[row].check(letter, event);
	letter->state = to;
	letter->must_begin_anew = false;
	letter->states |= 1U << to;
	letter->since_ms = now_ms();
	reached[to]++;
}

/* --- the reader: rows ------------------------------------------------------------------- */

static struct store_fake *rows_of(void)
{
	return play->house.bench->rows;
}

/* The first row that is not before; NULL: there is none of that space. */
static const struct store_row *row_from(enum store_space space, const uint8_t *bytes,
					size_t size)
{
	size_t first = 0;
	size_t count = store_fake_row_count(rows_of());

	while (count > 0) {
		const struct store_row *row =
			store_fake_row(rows_of(), first + count / 2, NULL);
		const bool is_before = row->key.space < space ||
				       (row->key.space == space &&
					memcmp(row->key.bytes, bytes, size) < 0);

		first += is_before ? count / 2 + 1 : 0;
		count = is_before ? count - count / 2 - 1 : count / 2;
	}
	if (first == store_fake_row_count(rows_of()))
		return NULL;
	return store_fake_row(rows_of(), first, NULL)->key.space == space
		       ? store_fake_row(rows_of(), first, NULL)
		       : NULL;
}

static const struct store_row *row_of(enum store_space space, struct proposal_id id)
{
	const struct store_row *row = row_from(space, id.bytes, ID_BYTES);

	return row && memcmp(row->key.bytes, id.bytes, ID_BYTES) == 0 ? row : NULL;
}

static bool read_next(void)
{
	static struct event event;
	uint8_t place[PLACE_BYTES];
	const struct store_row *row;
	struct pack pack;

	pack_init(&pack, place, sizeof(place));
	pack_u64(&pack, play->read + 1);
	row = row_from(STORE_JOURNAL, place, sizeof(place));
	if (!row)
		return false;
	assert_memory_equal(row->key.bytes, place, sizeof(place));
	play->read++;
	assert_int_equal(journal_read(play->journal, play->read, row->value, row->size,
				      &event),
			 OK);
	if (event.kind == EVENT_PROPOSAL)
		take_step(&event);
	else
		see(&event);
	return true;
}

/* Keeps a copy of each sealed sound. */
static void back_up(struct letter *letter)
{
	const struct store_row *row = row_of(STORE_MEMO, letter->id);

	if (!row || letter->sealed_size > 0)
		return;
	assert_true(row->size <= SEALED_MAX);
	memcpy(letter->sealed, row->value, row->size);
	letter->sealed_size = row->size;
}

static void read_journal(void)
{
	while (read_next())
		;
	for (size_t i = 0; i < play->letter_count; i++)
		back_up(&play->letters[i]);
}

/* --- the reader: what lies there -------------------------------------------------------- */

/* OK: with this key it is what was spoken. */
static enum err open_with(const struct letter *letter, const struct store_row *key)
{
	const struct memo_place place = {play->house.bench->household, letter->id};
	const struct memo_rows rows = {key->value, key->size, letter->sealed,
				       letter->sealed_size};
	uint8_t hash[SEAL_HASH_BYTES];
	struct secret *plain = NULL;
	enum err err = memo_row_open(&place, secret_view(play->house.bench->house_key),
				     &rows, &plain);

	if (err == OK)
		err = seal_sha256(&(struct seal_part){secret_view(plain),
						      secret_size(plain)},
				  1, hash);
	if (err == OK)
		assert_memory_equal(hash, letter->action.body, sizeof(hash));
	secret_destroy(plain);
	return err;
}

/* Nothing of it was lost: one row that says what the journal says, and its sound. */
static void check_live(const struct letter *letter)
{
	const struct store_row *row = row_of(STORE_PROPOSAL, letter->id);
	const struct store_row *key = row_of(STORE_MEMO_KEY, letter->id);
	struct proposal read;
	uint8_t after[PROPOSAL_KEY_BYTES];

	assert_true(row && key && row_of(STORE_MEMO, letter->id));
	assert_int_equal(proposal_row_read(play->house.bench->household, row->key.bytes,
					   play->keeper, row->value, row->size, &read),
			 OK);
	assert_int_equal(read.state, letter->state);
	assert_memory_equal(read.hash, letter->action_hash, sizeof(read.hash));
	assert_memory_equal(read.action.body, letter->action.body,
			    sizeof(read.action.body));
	assert_int_equal(open_with(letter, key), OK);
	memcpy(after, row->key.bytes, sizeof(after));
	after[ID_BYTES]++;
	row = row_from(STORE_PROPOSAL, after, sizeof(after));
	assert_true(!row || memcmp(row->key.bytes, letter->id.bytes, ID_BYTES) != 0);
}

/* No row of it, and no key that is left opens a copy. */
static void check_gone(struct letter *letter)
{
	const uint8_t first[ID_BYTES] = {0};
	const struct store_row *key = row_from(STORE_MEMO_KEY, first, sizeof(first));
	uint8_t after[ID_BYTES + 1] = {[ID_BYTES] = 1}; /* behind all of one id */

	assert_null(row_of(STORE_PROPOSAL, letter->id));
	assert_null(row_of(STORE_MEMO, letter->id));
	assert_null(row_of(STORE_MEMO_KEY, letter->id));
	assert_true(letter->sealed_size > 0 || letter->is_gone);
	while (key) {
		assert_int_not_equal(open_with(letter, key), OK);
		memcpy(after, key->key.bytes, ID_BYTES);
		key = row_from(STORE_MEMO_KEY, after, sizeof(after));
	}
	assert_true(!letter->was_opened || letter->states & 1U << PROPOSAL_FETCHED);
	letter->is_gone = true;
}

static void check_rows(bool also_gone)
{
	for (size_t i = 0; i < play->letter_count; i++) {
		struct letter *letter = &play->letters[i];

		if (!proposal_is_over(letter->state))
			check_live(letter);
		else if (also_gone || !letter->is_gone)
			check_gone(letter);
	}
}

/* --- what everybody is told ------------------------------------------------------------- */

/* It was written first. */
static void check_told(const uint8_t id[ID_BYTES], const char *text)
{
	const struct letter *letter = find_letter(id);
	enum proposal_state state;

	if (text[0] == '\0')
		return;
	assert_true(proposal_state_from_text(text, &state));
	assert_true(letter && letter->states & 1U << state);
}

/* Only to whom it is for. The token is the message's place, and one. */
static void check_heard(const struct wire_memo_sound *sound, enum who listener)
{
	struct letter *letter;
	uint8_t hash[SEAL_HASH_BYTES];

	assert_true(sound->token > 0 && sound->token <= play->letter_count);
	letter = &play->letters[sound->token - 1];
	assert_int_equal(letter->who, listener);
	assert_true(letter->states & (1U << PROPOSAL_ORDERED));
	assert_true(listener == OFFICE || letter->states & (1U << PROPOSAL_FETCHED));
	assert_true(sound->last);
	assert_int_equal(seal_sha256(&(struct seal_part){sound->opus.bytes,
							 sound->opus.size},
				     1, hash),
			 OK);
	assert_memory_equal(hash, letter->action.body, sizeof(hash));
	letter->listeners |= 1U << listener;
	assert_int_equal(letter->listeners & (letter->listeners - 1), 0);
	heard++;
}

static void check_order(const struct wire_order *order)
{
	const struct letter *letter = find_letter(order->id.bytes);

	assert_true(letter && letter->states & (1U << PROPOSAL_ORDERED));
	assert_true(letter->who == OFFICE || letter->who == GRANNY);
	orders_told++;
}

/* --- the other house -------------------------------------------------------------------- */

/* What leaves is what lies here, as it lies here, and a box that she alone opens. */
static void check_letter(struct letter *letter)
{
	uint8_t box_secret[SEAL_BOX_SECRET_BYTES];
	uint8_t plain[PARCEL_LETTER_BYTES];
	struct parcel_letter_body body;
	struct parcel_letter box;

	memset(box_secret, BOX_SECRET, sizeof(box_secret));
	assert_true(letter->states & (1U << PROPOSAL_ORDERED));
	assert_int_equal(parcel_letter_body(play->body.bytes, play->body.size, &body),
			 OK);
	assert_int_equal(body.row_size, letter->sealed_size);
	assert_memory_equal(body.row, letter->sealed, body.row_size);
	assert_int_equal(seal_box_open(box_secret, body.box, PARCEL_LETTER_BOX_BYTES,
				       plain),
			 OK);
	assert_int_equal(parcel_letter_read(plain, &box), OK);
	assert_memory_equal(box.sound_hash, letter->action.body, sizeof(box.sound_hash));
	memcpy(letter->ticket, box.ticket, sizeof(box.ticket));
	letter->has_ticket = true;
}

/* True where it is granny's: then it is a letter, in pieces. */
static bool take_letter(const struct wire_memo_sound *piece)
{
	struct letter *letter = &play->letters[piece->token - 1];

	if (letter->who != GRANNY)
		return false;
	assert_int_equal(buf_add(&play->body, piece->opus.bytes, piece->opus.size), OK);
	if (piece->last) {
		check_letter(letter);
		buf_clear(&play->body);
	}
	return true;
}

/* The key opens what she has, and it is written that it was given; never of what was
 * recalled. */
static void check_key(struct letter *letter, const uint8_t *box)
{
	const struct memo_place place = {play->house.bench->household, letter->id};
	const uint8_t *house_key = secret_view(play->house.bench->house_key);
	uint8_t box_secret[SEAL_BOX_SECRET_BYTES];
	uint8_t plain[PARCEL_KEY_PLAIN_BYTES];
	uint8_t row[MEMO_ROW_KEY_BYTES];
	struct secret *key = NULL;
	struct memo_head head;

	memset(box_secret, BOX_SECRET, sizeof(box_secret));
	assert_int_equal(seal_box_open(box_secret, box, sizeof(plain) + 48, plain), OK);
	assert_memory_equal(plain, letter->id.bytes, ID_BYTES);
	assert_int_equal(secret_copy(plain + ID_BYTES, SEAL_KEY_BYTES, &key), OK);
	assert_int_equal(memo_row_look(letter->sealed, letter->sealed_size, &head), OK);
	assert_memory_equal(&head.place, &place, sizeof(place));
	assert_int_equal(memo_row_lock_key(&head, house_key, key, row), OK);
	assert_int_equal(open_with(letter, &(struct store_row){.value = row,
							       .size = sizeof(row)}),
			 OK);
	secret_destroy(key);
	assert_true(letter->states & (1U << PROPOSAL_FETCHED));
	assert_false(letter->states & (1U << PROPOSAL_RECALLED));
	letter->was_opened = true;
	keys_given++;
}

static void take_parcel_piece(const struct wire_parcel_piece *piece)
{
	struct wire_parcel_taken taken = {.token = play->parcel.token};
	const struct buf *body = &play->parcel.body;
	struct letter *letter;
	bool is_whole = false;

	assert_int_equal(parcel_in_add(&play->parcel, piece, &is_whole), OK);
	if (!is_whole)
		return;
	assert_int_equal(play->parcel.head.parcel.kind, PARCEL_KEY);
	letter = find_letter(play->parcel.head.parcel.id.bytes);
	assert_true(letter && letter->who == GRANNY && letter->has_ticket);
	if (body->size == PARCEL_KEY_BODY_MAX && body->bytes[1] == 0) {
		check_key(letter, body->bytes + 2);
	} else {
		assert_true(body->size == 2 && body->bytes[1] == 1);
		assert_true(proposal_is_over(letter->state));
		keys_refused++;
	}
	desk_bench_say(play->house.bench, play->house.gate, WIRE_parcel_taken, &taken);
}

static void take_of_gate(const struct wire_message *message)
{
	if (message->type == WIRE_parcel)
		assert_int_equal(parcel_in_begin(&play->parcel, &message->parcel), OK);
	else if (message->type == WIRE_parcel_piece)
		take_parcel_piece(&message->parcel_piece);
}

static void take_all(struct desk_bench_link *link, enum who listener)
{
	const struct wire_message *message;

	while (link && (message = desk_bench_take(link))) {
		if (message->type == WIRE_notice)
			check_told(message->notice.id.bytes, message->notice.state);
		else if (message->type == WIRE_proposal)
			check_told(message->proposal.id.bytes, message->proposal.state);
		else if (message->type == WIRE_memo_sound &&
			 (listener != OFFICE || !take_letter(&message->memo_sound)))
			check_heard(&message->memo_sound, listener);
		else if (message->type == WIRE_order)
			check_order(&message->order);
		else if (listener == OFFICE)
			take_of_gate(message);
	}
}

/* After anything that happened. */
static void look(void)
{
	read_journal();
	take_all(play->house.hub, ALICE);
	take_all(play->house.gate, OFFICE);
	take_all(play->phone.link, ALICE);
	take_all(play->childs.link, TOM);
	house_forget(play->house.alice);
}

/* --- what may happen -------------------------------------------------------------------- */

static struct letter *letter_of(const struct talk *talk)
{
	for (size_t i = play->letter_count; i > 0; i--)
		if (play->letters[i - 1].turn == talk->turn)
			return &play->letters[i - 1];
	return NULL;
}

/* Any of the newest. */
static struct letter *any_letter(void)
{
	const uint32_t newest = play->letter_count < 6 ? (uint32_t)play->letter_count : 6;

	return newest ? &play->letters[play->letter_count - 1 - below(newest)] : NULL;
}

static struct event event_of(const struct talk *talk, enum event_kind kind, uint64_t turn)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){turn}, ROOMS[talk->room], 1);
	return event;
}

static void pass_on(struct event event, bool is_spoilt)
{
	struct wire_append append = {.token = 3};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	event.is_signed = true;
	event.sequence = ++play->sequence;
	house_room_seed(event.room.text, seed);
	assert_int_equal(evidence_bytes(&event, event.sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event.signature),
			 OK);
	event.signature[0] ^= is_spoilt;
	append.event = event;
	house_say(&play->house, play->house.hub, WIRE_append, &append);
}

static struct event sight_event(const struct talk *talk, enum sight sight, uint64_t turn)
{
	static const enum event_kind kinds[SIGHT_COUNT] = {EVENT_PROMPT_HEARD,
							   EVENT_LEASE_OPENED, EVENT_MEMO,
							   EVENT_PROMPT_HEARD,
							   EVENT_LEASE_OPENED};
	struct event event = event_of(talk, kinds[sight], turn);

	if (event.kind == EVENT_PROMPT_HEARD)
		evidence_prompt_heard(&event,
				      sight == MEMO_PROMPT ? THEN_MEMO : THEN_CONFIRM, 12,
				      0.9);
	else if (event.kind == EVENT_LEASE_OPENED)
		evidence_lease_opened(&event,
				      sight == REQUEST ? LEASE_REQUEST : LEASE_MEMO);
	else
		evidence_memo(&event, 4200, sizeof(talk->memo), talk->hash);
	return event;
}

static void sign(struct talk *talk, enum sight sight)
{
	pass_on(sight_event(talk, sight, sight == REQUEST ? talk->phrase : talk->turn),
		below(30) == 0);
}

static void hear_memo_prompt(struct talk *talk)
{
	sign(talk, MEMO_PROMPT);
}

static void open_for_memo(struct talk *talk)
{
	sign(talk, MEMO_LEASE);
}

static void sign_memo(struct talk *talk)
{
	sign(talk, MEMO);
}

static void hear_confirm_prompt(struct talk *talk)
{
	sign(talk, CONFIRM_PROMPT);
}

static void say_name(struct talk *talk)
{
	sign(talk, REQUEST);
}

static void send_sound(const struct talk *talk, const uint8_t *bytes, bool last)
{
	const struct wire_memo piece = {.turn = talk->turn,
					.last = last,
					.opus = {bytes, MEMO_BYTES}};

	house_say(&play->house, play->house.hub, WIRE_memo, &piece);
}

static void upload(struct talk *talk)
{
	send_sound(talk, talk->memo, true);
}

static void propose(struct talk *talk)
{
	struct action action = {.kind = ACTION_SEND_MESSAGE};
	char bytes[ACTION_BYTES_MAX];
	struct wire_propose asked = {.token = 5, .turn = talk->turn};
	size_t size = 0;

	assert_true(str_copy(action.room, sizeof(action.room), ROOMS[talk->room]));
	id_to_text(action.entity, play->contacts[talk->who]);
	memcpy(action.body, talk->hash, sizeof(action.body));
	assert_int_equal(action_bytes(&action, bytes, &size), OK);
	asked.action = (struct wire_slice){(const uint8_t *)bytes, size};
	house_say(&play->house, play->house.hub, WIRE_propose, &asked);
}

static void tell_confirm(const struct letter *letter, uint64_t said_in)
{
	struct wire_confirm said = {.token = 6, .turn = said_in};

	if (!letter)
		return;
	memcpy(said.proposal.bytes, letter->id.bytes, ID_BYTES);
	desk_bench_say(play->house.bench, play->house.hub, WIRE_confirm, &said);
}

static void say_confirm(const struct letter *letter, uint64_t said_in)
{
	tell_confirm(letter, said_in);
	desk_bench_settle(play->house.bench);
}

static void confirm(struct talk *talk)
{
	say_confirm(letter_of(talk), talk->phrase);
}

static void tell(struct phone *phone, const struct letter *letter,
		 enum approval_verdict verdict)
{
	if (!letter || !phone->link)
		return;
	const struct verdict given = {letter->id, letter->id, letter->action, verdict,
				      verdict};
	house_tell_verdict(&play->house, phone, &given);
}

static void give(struct phone *phone, const struct letter *letter,
		 enum approval_verdict verdict)
{
	tell(phone, letter, verdict);
	desk_bench_settle(play->house.bench);
}

static void receipt(struct talk *talk)
{
	give(&play->phone, letter_of(talk), APPROVAL_RECEIPT);
}

static void approve(struct talk *talk)
{
	give(&play->phone, letter_of(talk), APPROVAL_APPROVE);
}

static void hold_passes(struct talk *talk)
{
	(void)talk;
	house_pass(&play->house, HOLD_MS - 1);
	look();
	house_pass(&play->house, 1);
}

static void get(struct desk_bench_link *link, const struct letter *letter,
		const char *room)
{
	struct wire_memo_get asked;

	if (!letter || !link)
		return;
	asked = (struct wire_memo_get){.token = (uint64_t)(letter - play->letters) + 1};
	memcpy(asked.id.bytes, letter->id.bytes, ID_BYTES);
	assert_true(str_copy(asked.room, sizeof(asked.room), room));
	desk_bench_say(play->house.bench, link, WIRE_memo_get, &asked);
}

/* Everybody tries at once; each hears their own. */
static void get_all(const struct letter *letter)
{
	get(play->house.hub, letter, ROOMS[BEDROOM]);
	get(play->childs.link, letter, "");
	get(play->house.gate, letter, "");
	if (below(2))
		get(play->phone.link, letter, "");
	desk_bench_settle(play->house.bench);
}

static void fetch(struct talk *talk)
{
	get_all(letter_of(talk));
}

static void say_carried(const struct letter *letter, enum err err)
{
	struct wire_carried carried = {.err = (uint32_t)err};

	if (!letter)
		return;
	memcpy(carried.id.bytes, letter->id.bytes, ID_BYTES);
	house_say(&play->house, play->house.gate, WIRE_carried, &carried);
}

static void carry(struct talk *talk)
{
	say_carried(letter_of(talk), OK);
}

static enum err say_to_keeper(void *context, enum wire_type type, const void *fields)
{
	(void)context;
	desk_bench_say(play->house.bench, play->house.gate, type, fields);
	return OK;
}

/* Somebody there is about to listen. */
static void tell_want(const struct letter *letter, const uint8_t ticket[32],
		      uint8_t gate_seed)
{
	uint8_t body[PARCEL_WANT_BYTES] = {PARCEL_VERSION};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	struct parcel_head head = {.parcel = {.id = letter->id,
					      .kind = PARCEL_WANT,
					      .at_ms = play->house.bench->clock.wall_ms}};

	memcpy(body + 1, ticket, 32);
	memset(seed, gate_seed, sizeof(seed));
	seal_sign_pair(seed, head.parcel.from);
	memcpy(head.parcel.to, play->house.bench->gate_key, PARCEL_KEY_BYTES);
	assert_int_equal(parcel_measure(body, sizeof(body), &head.parcel), OK);
	assert_int_equal(parcel_sign(seed, &head), OK);
	assert_int_equal(parcel_say(&head, body, ++play->parcels, say_to_keeper, NULL),
			 OK);
}

static void want(struct talk *talk)
{
	const struct letter *letter = letter_of(talk);

	if (!letter || !letter->has_ticket)
		return;
	if (below(3) == 0) /* at the same time */
		tell(&play->phone, letter, APPROVAL_CANCEL);
	tell_want(letter, letter->ticket, GATE_SEED);
	if (below(3) == 0)
		tell(&play->phone, letter, APPROVAL_CANCEL);
	desk_bench_settle(play->house.bench);
}

/* --- what should not, but may ----------------------------------------------------------- */

static void upload_wrong(struct talk *talk)
{
	uint8_t other[MEMO_BYTES];

	memcpy(other, talk->memo, sizeof(other));
	other[below(MEMO_BYTES)] ^= 1;
	send_sound(talk, other, below(4) != 0);
}

/* What other turns, other rooms and nobody signed. */
static void sign_astray(struct talk *talk)
{
	const enum sight sight = (enum sight)below(SIGHT_COUNT);
	const uint64_t turn = below(2) ? talk->turn : 1 + below((uint32_t)play->turn);
	struct event event = sight_event(talk, sight, turn);

	if (below(3) == 0)
		assert_true(str_copy(event.room.text, sizeof(event.room.text),
				     ROOMS[below(ROOM_COUNT)]));
	pass_on(event, below(3) == 0);
}

static void confirm_astray(struct talk *talk)
{
	const uint64_t turns[] = {0, talk->turn, talk->phrase,
				  1 + below((uint32_t)play->turn)};

	say_confirm(any_letter(), turns[below(STR_COUNT(turns))]);
}

static void any_verdict(struct talk *talk)
{
	(void)talk;
	give(below(3) ? &play->phone : &play->childs, any_letter(),
	     (enum approval_verdict)below(APPROVAL_VERDICT_COUNT));
}

static void spoilt_verdict(struct talk *talk)
{
	const struct letter *letter = any_letter();
	struct verdict given;

	(void)talk;
	if (!letter || !play->phone.link)
		return;
	given = (struct verdict){letter->id, letter->id, letter->action, APPROVAL_RECEIPT,
				 APPROVAL_APPROVE};
	if (below(2))
		given.action.body[0] ^= 1;
	else if (below(2))
		given.signed_id = play->letters[below((uint32_t)play->letter_count)].id;
	house_say_verdict(&play->house, &play->phone, &given);
}

static void call_off(struct talk *talk)
{
	const struct letter *letter = below(3) ? letter_of(talk) : any_letter();
	struct wire_call_off off = {.unused = 0};

	if (!letter)
		return;
	memcpy(off.proposal.bytes, letter->id.bytes, ID_BYTES);
	if (below(2)) /* while its listener is about to hear it */
		get(play->house.hub, letter, ROOMS[BEDROOM]);
	if (below(2)) /* while another step is being written */
		tell_confirm(letter, talk->phrase);
	else
		tell(&play->phone, letter, APPROVAL_APPROVE);
	house_say(&play->house, play->house.hub, WIRE_call_off, &off);
	look();
	/* What lies with its listener no voice takes back. */
	assert_true(proposal_is_over(letter->state) || proposal_is_kept(letter->state) ||
		    (letter->who == OFFICE && letter->state == PROPOSAL_ORDERED));
}

static void fetch_any(struct talk *talk)
{
	(void)talk;
	get_all(any_letter());
}

/* Without a ticket, with another's, or by somebody else's gate: see check_key. */
static void want_astray(struct talk *talk)
{
	const struct letter *letter = any_letter();
	uint8_t ticket[32];

	(void)talk;
	if (!letter)
		return;
	memcpy(ticket, any_letter()->ticket, sizeof(ticket));
	ticket[0] ^= (uint8_t)(below(2) << 3);
	tell_want(letter, ticket, (uint8_t)(GATE_SEED + below(2)));
	desk_bench_settle(play->house.bench);
}

static void want_any(struct talk *talk)
{
	const struct letter *letter = any_letter();

	(void)talk;
	if (!letter || !letter->has_ticket)
		return;
	tell_want(letter, letter->ticket, GATE_SEED);
	desk_bench_settle(play->house.bench);
}

static void carried_astray(struct talk *talk)
{
	static const enum err errs[] = {OK, ERR_DENIED, ERR_IO, ERR_TIMEOUT};

	(void)talk;
	say_carried(any_letter(), errs[below(STR_COUNT(errs))]);
}

static void sign_in(void)
{
	(void)desk_bench_unlock(play->house.bench, play->house.alice, "alice",
				"correct horse battery");
	house_forget(play->house.alice);
}

static void set_muted(enum room room, bool muted)
{
	sign_in();
	house_set_room(&play->house, ROOMS[room],
		       (struct wire_room_set){.capabilities = MAY_ALL,
					      .muted = muted,
					      .is_private = room == BEDROOM});
}

/* What was asked for there and not ordered yet goes with it. */
static void mute(struct talk *talk)
{
	set_muted(talk->room, true);
	look();
	for (size_t i = 0; i < play->letter_count; i++)
		if (str_equal(play->letters[i].action.room, ROOMS[talk->room]))
			assert_false(proposal_waits(play->letters[i].state));
	if (below(4))
		set_muted(talk->room, false);
}

static void time_passes(struct talk *talk)
{
	static const int64_t times[] = {1, HOLD_MS / 2, HOLD_MS - 1, MINUTE_MS,
					5 * MINUTE_MS};

	(void)talk;
	house_pass(&play->house, times[below(STR_COUNT(times))]);
}

static void days_pass(struct talk *talk)
{
	(void)talk;
	for (uint32_t days = below(4) ? 1 : 31; days > 0; days--)
		house_pass(&play->house, DAY_MS);
}

static void clock_is_set(struct talk *talk)
{
	(void)talk;
	play->house.bench->clock.wall_ms += (int64_t)DAY_MS * ((int)below(5) - 3);
}

static void phone_goes(struct talk *talk)
{
	(void)talk;
	if (play->phone.link) {
		desk_bench_unlink(play->house.bench, play->phone.link);
		play->phone.link = NULL;
	} else {
		house_come_back(&play->house, &play->phone);
	}
}

static void store_fails(struct talk *talk)
{
	const bool in_doubt = below(2);

	store_fake_fail_after(rows_of(), below(2), in_doubt ? ERR_IO : ERR_LIMIT,
			      in_doubt);
	give(&play->phone, letter_of(talk), (enum approval_verdict)below(2));
	get_all(letter_of(talk));
	want_any(talk);
	look();
	house_pass(&play->house, HOLD_MS);
	store_fake_heal(rows_of());
	desk_bench_settle(play->house.bench);
	look();
	house_pass(&play->house, MINUTE_MS / 6);
}

/* As after kill -9, also while something is being written. */
static void restart(struct talk *talk)
{
	struct wire_call_off off = {.unused = 0};
	const struct letter *letter = letter_of(talk);

	if (letter && below(3) == 0) {
		memcpy(off.proposal.bytes, letter->id.bytes, ID_BYTES);
		desk_bench_say(play->house.bench, play->house.hub, WIRE_call_off, &off);
	}
	for (size_t i = 0; i < play->letter_count; i++)
		play->letters[i].must_begin_anew =
			play->letters[i].state == PROPOSAL_HELD;
	desk_bench_restart(play->house.bench);
	house_open_links(&play->house);
	play->phone.link = NULL;
	house_come_back(&play->house, &play->phone);
	house_come_back(&play->house, &play->childs);
	look();
	check_rows(false);
	restarts++;
}

/* --- acts ------------------------------------------------------------------------------- */

enum {
	ACT_MEMO_PROMPT,
	ACT_MEMO_LEASE,
	ACT_MEMO,
	ACT_UPLOAD,
	ACT_PROPOSE,
	ACT_CONFIRM_PROMPT,
	ACT_NAME,
	ACT_CONFIRM,
	ACT_RECEIPT,
	ACT_APPROVE,
	ACT_HOLD,
	ACT_FETCH,
	ACT_CARRY,
	ACT_WANT,
	ACT_STRAY, /* from here on */
	ACT_END = 100,
};

static void (*const ACTS_OF[])(struct talk *talk) = {
	[ACT_MEMO_PROMPT] = hear_memo_prompt,
	[ACT_MEMO_LEASE] = open_for_memo,
	[ACT_MEMO] = sign_memo,
	[ACT_UPLOAD] = upload,
	[ACT_PROPOSE] = propose,
	[ACT_CONFIRM_PROMPT] = hear_confirm_prompt,
	[ACT_NAME] = say_name,
	[ACT_CONFIRM] = confirm,
	[ACT_RECEIPT] = receipt,
	[ACT_APPROVE] = approve,
	[ACT_HOLD] = hold_passes,
	[ACT_FETCH] = fetch,
	[ACT_CARRY] = carry,
	[ACT_WANT] = want,
	[ACT_STRAY] = upload_wrong,
	sign_astray,
	sign_astray,
	confirm_astray,
	any_verdict,
	any_verdict,
	spoilt_verdict,
	call_off,
	fetch_any,
	carried_astray,
	want_astray,
	want_any,
	mute,
	time_passes,
	time_passes,
	days_pass,
	clock_is_set,
	phone_goes,
	store_fails,
	restart,
};

static const unsigned BY_VOICE[] = {ACT_MEMO_PROMPT, ACT_MEMO_LEASE, ACT_MEMO,
				    ACT_UPLOAD,      ACT_PROPOSE,    ACT_CONFIRM_PROMPT,
				    ACT_NAME,        ACT_CONFIRM,    ACT_RECEIPT,
				    ACT_HOLD,        ACT_FETCH,      ACT_END};
static const unsigned BY_TAP[] = {ACT_MEMO_PROMPT, ACT_MEMO_LEASE, ACT_UPLOAD, ACT_MEMO,
				  ACT_PROPOSE,     ACT_APPROVE,    ACT_HOLD,   ACT_FETCH,
				  ACT_CARRY,       ACT_WANT,       ACT_END};

static void begin_talk(struct talk *talk)
{
	memset(talk, 0, sizeof(*talk));
	talk->turn = ++play->turn;
	talk->phrase = ++play->turn;
	talk->who = below(2) ? ALICE : (enum who)below(WHO_COUNT);
	talk->room = (enum room)below(ROOM_COUNT);
	talk->script = below(3) ? BY_VOICE : BY_TAP;
	if (talk->who != ALICE && below(4))
		talk->script = BY_TAP;
	for (size_t i = 0; i < sizeof(talk->memo); i++)
		talk->memo[i] = (uint8_t)below(256);
	assert_int_equal(seal_sha256(&(struct seal_part){talk->memo, sizeof(talk->memo)},
				     1, talk->hash),
			 OK);
}

/* What should come next; now and then it is left out, or comes again. */
static unsigned next_act(struct talk *talk)
{
	const unsigned act = talk->script[talk->at];

	if (act == ACT_END || below(100) < STRAY_PERCENT)
		return below(STR_COUNT(ACTS_OF));
	talk->at += below(20) != 0;
	return below(30) ? act : talk->script[talk->at] % STR_COUNT(ACTS_OF);
}

/* A room is told of what nobody has listened to yet; a device of the rest as well. */
static bool lies_there(enum proposal_state state, const char *room)
{
	return room[0] ? state == PROPOSAL_SENT : proposal_is_kept(state);
}

/* Whoever listens finds what the reader knows to lie there, and no more. */
static void check_inbox(struct desk_bench_link *link, const char *room, enum who listener)
{
	struct wire_inbox_get asked = {.token = 7};
	const struct wire_message *message;
	size_t count = 0;

	assert_true(str_copy(asked.room, sizeof(asked.room), room));
	house_forget(link);
	house_say(&play->house, link, WIRE_inbox_get, &asked);
	while ((message = desk_bench_take(link)) && message->type == WIRE_inbox_row) {
		const struct letter *letter = find_letter(message->inbox_row.id.bytes);

		assert_true(letter && letter->who == listener);
		assert_int_equal(letter->state, message->inbox_row.is_heard
							? PROPOSAL_FETCHED
							: PROPOSAL_SENT);
		count++;
	}
	assert_true(message && message->type == WIRE_done && message->done.err == OK);
	for (size_t i = 0; i < play->letter_count; i++)
		count -= play->letters[i].who == listener &&
			 lies_there(play->letters[i].state, room);
	assert_int_equal(count, 0);
}

static void one_order(void)
{
	if (!play->phone.link)
		house_come_back(&play->house, &play->phone);
	house_pass(&play->house, 15 * MINUTE_MS);
	for (size_t i = 0; i < ROOM_COUNT; i++)
		set_muted((enum room)i, false);
	for (size_t i = 0; i < TALKS; i++)
		begin_talk(&play->talks[i]);
	house_say(&play->house, play->phone.link, WIRE_alive, &(struct wire_alive){0});
	look();
	for (unsigned i = 0; i < ACTS; i++) {
		struct talk *talk = &play->talks[below(TALKS)];

		ACTS_OF[next_act(talk)](talk);
		look();
	}
	check_rows(false);
	check_inbox(play->house.hub, ROOMS[BEDROOM], ALICE);
	check_inbox(play->childs.link, "", TOM);
}

/* --- the house -------------------------------------------------------------------------- */

static void set_contact(enum who who, struct wire_contact set)
{
	static struct desk_bench_people people;

	house_say(&play->house, play->house.alice, WIRE_contact, &set);
	assert_int_equal(house_expect(play->house.alice, WIRE_done)->done.err, OK);
	desk_bench_people(play->house.bench, play->house.alice, &people);
	memcpy(play->contacts[who], desk_bench_contact(&people, set.name)->id.bytes,
	       ID_BYTES);
}

static void add_granny(void)
{
	struct wire_contact granny = {.name = "Granny",
				      .kind = "peer",
				      .address = "granny.test:7411"};
	uint8_t bytes[SEAL_SIGN_SEED_BYTES];
	uint8_t key[PEOPLE_KEY_BYTES];

	memset(bytes, GATE_SEED, sizeof(bytes));
	seal_sign_pair(bytes, key);
	assert_int_equal(key_to_text(key, granny.key), OK);
	memset(bytes, BOX_SECRET, sizeof(bytes));
	seal_box_pair(bytes, key);
	assert_int_equal(key_to_text(key, granny.box_key), OK);
	set_contact(GRANNY, granny);
}

static void add_contacts(const uint8_t tom[ID_BYTES])
{
	struct wire_contact alice = {.name = "Alice",
				     .kind = "house",
				     .voice_allowed = 1};
	struct wire_contact toms = {.name = "Tom", .kind = "house"};

	memcpy(alice.person.bytes, play->house.alice_id.bytes, ID_BYTES);
	memcpy(toms.person.bytes, tom, ID_BYTES);
	set_contact(ALICE, alice);
	set_contact(TOM, toms);
	set_contact(OFFICE, (struct wire_contact){.name = "Office",
						  .kind = "mail",
						  .address = "in@office.test"});
	add_granny();
}

static void begin_house(void)
{
	struct journal_keys keys = {.seed = NULL};
	uint8_t tom[ID_BYTES];

	play = calloc(1, sizeof(*play));
	assert_non_null(play);
	buf_init(&play->body, PARCEL_BYTES_MAX);
	play->house = house_make();
	house_pair_phone(&play->house, 1, play->house.alice_id.bytes, &play->phone);
	house_add_person(&play->house, "Tom", "child", 0, tom);
	house_pair_phone(&play->house, 2, tom, &play->childs);
	set_muted(BEDROOM, false);
	add_contacts(tom);
	assert_int_equal(key_fingerprint(play->phone.key, play->approver), OK);
	seal_sign_pair(secret_view(play->house.bench->seed), play->keeper);
	keys.household = play->house.bench->household;
	keys.seed = secret_view(play->house.bench->seed);
	keys.house_key = secret_view(play->house.bench->house_key);
	assert_int_equal(journal_create(&keys, &play->journal), OK);
	look();
}

static void end_house(void)
{
	check_rows(true);
	journal_destroy(play->journal);
	parcel_in_finish(&play->parcel);
	buf_finish(&play->body);
	desk_bench_destroy(play->house.bench);
	free(play);
	play = NULL;
}

/* No message is ever bought. */
static bool is_of_orders(unsigned state)
{
	return state == PROPOSAL_BOUGHT || state == PROPOSAL_UNSURE;
}

static void no_order_breaks_a_promise(void **state)
{
	const char *given = getenv("BEHEST_TRIALS");
	const unsigned long trials = given ? strtoul(given, NULL, 10) : TRIALS;

	(void)state;
	for (unsigned long i = 0; i < trials; i++) {
		if (i % PER_HOUSE == 0)
			begin_house();
		one_order();
		if ((i + 1) % PER_HOUSE == 0 || i + 1 == trials)
			end_house();
	}
	printf("%lu orders, %lu restarts, %lu confirmed by voice, %lu heard, %lu orders"
	       " told, %lu keys given, %lu refused\n",
	       trials, restarts, by_voice, heard, orders_told, keys_given, keys_refused);
	for (unsigned i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		printf("%s %lu\n", proposal_state_text((enum proposal_state)i),
		       reached[i]);
		assert_true(trials < TRIALS || reached[i] > 0 || is_of_orders(i));
	}
	assert_true(trials < TRIALS || (keys_given > 20 && keys_refused > 5));
	assert_true(by_voice >= trials / 20 && heard >= trials / 20 &&
		    restarts >= trials / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_order_breaks_a_promise),
	};

	if (seal_init() != OK)
		return 1;
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("message_holds", tests, NULL, NULL);
}
