/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_inbound - messages from other houses: takes them in, asks for their keys, and takes
 * these.
 *
 * One comes locked, in a letter that only its listener's key opens, which the keeper
 * holds; it is stored as it came. Its key is asked for when somebody is about to listen
 * (desk_inbox.c) and kept like that of a message of this house.
 *
 * Invariants: what came is opened only with a key that its row has committed to; a letter
 * that comes twice is one message, also when that is over: of the newest DESK_GONE_MAX of
 * these, until the keeper is started anew, after which one that is repeated shows itself
 * again until its key is asked for; no other house fills this one: so many unheard ones and
 * so many an hour from each, and no more than half of all there is room for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/memo.h"
#include "keeper/desk_inner.h"

enum {
	UNHEARD_MAX = 256, /* from one house */
	PER_HOUR_MAX = 60,
	INBOUND_MAX = DESK_PROPOSALS_MAX / 2, /* from all of them */
	SOUND_MS_MAX = MEMO_SECONDS_MAX * 1000,
};

#define KEY_WORDS "may be opened: its house gave the key"

/* As it is called here: of each sender's id one, which no sender chooses. */
static struct proposal_id id_here(const struct desk *desk,
				  const uint8_t from[PEOPLE_KEY_BYTES],
				  struct proposal_id there)
{
	const struct seal_part parts[] = {{from, PEOPLE_KEY_BYTES},
					  {there.bytes, ID_BYTES}};
	uint8_t derived[SEAL_KEY_BYTES];
	struct proposal_id here;

	seal_derive(secret_view(desk->parts.house_key), "behest inbound id v1", parts, 2,
		    derived);
	memcpy(here.bytes, derived, ID_BYTES);
	return here;
}

/* --- tickets ---------------------------------------------------------------------------- */

static struct seal_part ticket_lock(const struct desk *desk, const struct proposal *now,
				    uint8_t to[SEAL_KEY_BYTES])
{
	const struct seal_part id = {now->id.bytes, ID_BYTES};

	seal_derive(secret_view(desk->parts.house_key), "behest inbound ticket v1", &id,
		    1, to);
	return id;
}

static void lock_ticket(const struct desk *desk,
			const uint8_t ticket[PARCEL_TICKET_BYTES], struct proposal *now)
{
	uint8_t lock[SEAL_KEY_BYTES];
	const struct seal_part bound = ticket_lock(desk, now, lock);

	seal_lock(lock, bound, ticket, PARCEL_TICKET_BYTES, now->origin.ticket);
	seal_wipe(lock, sizeof(lock));
}

static enum err open_ticket(const struct desk *desk, const struct proposal *now,
			    uint8_t to[PARCEL_TICKET_BYTES])
{
	uint8_t lock[SEAL_KEY_BYTES];
	const struct seal_part bound = ticket_lock(desk, now, lock);
	const enum err err = seal_unlock(lock, bound, now->origin.ticket,
					 sizeof(now->origin.ticket), to);

	seal_wipe(lock, sizeof(lock));
	return err;
}

enum err desk_inbound_ask(struct desk *desk, const struct proposal *now)
{
	uint8_t body[PARCEL_WANT_BYTES] = {PARCEL_VERSION};
	const struct desk_post post = {.id = now->origin.id,
				       .kind = PARCEL_WANT,
				       .to = now->origin.key,
				       .body = body,
				       .size = sizeof(body),
				       .of = now->id};
	enum err err = open_ticket(desk, now, body + 1);

	if (err == OK)
		err = desk_parcel_post(desk, &post);
	seal_wipe(body, sizeof(body));
	return err;
}

/* --- a letter --------------------------------------------------------------------------- */

static enum err open_for(const struct desk *desk, struct person_id person,
			 const uint8_t *box, struct parcel_letter *letter)
{
	uint8_t box_secret[SEAL_BOX_SECRET_BYTES];
	uint8_t box_key[SEAL_BOX_PUBLIC_BYTES];
	uint8_t plain[PARCEL_LETTER_BYTES];
	enum err err;

	desk_box_secret(desk, person, box_secret);
	seal_box_pair(box_secret, box_key);
	err = seal_box_open(box_secret, box, PARCEL_LETTER_BOX_BYTES, plain);
	if (err == OK)
		err = parcel_letter_read(plain, letter);
	else
		err = ERR_MISSING;
	if (err == OK && !seal_equal(letter->box_key, box_key, sizeof(box_key)))
		err = ERR_MISSING;
	seal_wipe(box_secret, sizeof(box_secret));
	seal_wipe(plain, sizeof(plain));
	return err;
}

/* Whose it is: the one person whose key opens it. ERR_MISSING: nobody's here. */
static enum err open_letter(const struct desk *desk, const uint8_t *box,
			    struct parcel_letter *letter, struct person_id *out_person)
{
	enum err err = ERR_MISSING;

	for (size_t i = 0; err == ERR_MISSING && i < desk->policy.person_count; i++) {
		*out_person = desk->policy.people[i].id;
		err = open_for(desk, *out_person, box, letter);
	}
	return err;
}

/* What the box says agrees with the parcel, the row and the limits. */
static enum err check_letter(const struct desk *desk, const struct parcel *parcel,
			     const struct parcel_letter *letter,
			     const struct memo_head *head)
{
	const int64_t now_ms = clock_wall_ms(&desk->parts.clock);

	if (!id_equal(letter->id.bytes, parcel->id.bytes) ||
	    !id_equal(letter->id.bytes, head->place.proposal.bytes) ||
	    !id_equal(letter->household.bytes, head->place.household.bytes))
		return ERR_FORMAT;
	if (letter->sound_ms == 0 || letter->sound_ms > SOUND_MS_MAX ||
	    letter->at_ms < now_ms - PARCEL_LASTS_MS ||
	    letter->at_ms > now_ms + PARCEL_AHEAD_MS)
		return ERR_RANGE;
	return OK;
}

/* --- limits ----------------------------------------------------------------------------- */

static struct desk_sender *sender_of(struct desk *desk,
				     const uint8_t key[PEOPLE_KEY_BYTES])
{
	struct desk_sender *of_nobody = NULL;

	for (size_t i = 0; i < POLICY_CONTACTS_MAX; i++) {
		struct desk_sender *sender = &desk->senders[i];

		if (memcmp(sender->key, key, PEOPLE_KEY_BYTES) == 0)
			return sender;
		if (!of_nobody && !desk_peer_contact(desk, sender->key))
			of_nobody = sender;
	}
	must(of_nobody); /* each of the others is a contact's, and so is key */
	*of_nobody = (struct desk_sender){.times = {.count = 0}};
	memcpy(of_nobody->key, key, PEOPLE_KEY_BYTES);
	return of_nobody;
}

void desk_inbound_written(struct desk *desk, const struct proposal *now)
{
	/* No contact any more: nothing comes from there. */
	if (desk_peer_contact(desk, now->origin.key))
		hourly_add(&sender_of(desk, now->origin.key)->times,
			   clock_now_ms(&desk->parts.clock));
}

/* Those that are being written count too, as long as they may still be. */
static enum err check_room(struct desk *desk, const uint8_t from[PEOPLE_KEY_BYTES])
{
	const size_t within = hourly_within(&sender_of(desk, from)->times,
					    clock_now_ms(&desk->parts.clock));
	size_t arriving = 0;
	size_t unheard = 0;
	size_t all = 0;

	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct proposal *now = &desk->proposals[i]->now;
		const bool is_theirs =
			memcmp(now->origin.key, from, PEOPLE_KEY_BYTES) == 0;

		if (now->kind != PROPOSAL_INBOUND)
			continue;
		all++;
		unheard += is_theirs && now->state == PROPOSAL_SENT;
		arriving += is_theirs && desk->proposals[i]->is_new;
	}
	return unheard < UNHEARD_MAX && all < INBOUND_MAX &&
			       desk->proposal_count < DESK_PROPOSALS_MAX &&
			       within + arriving < PER_HOUR_MAX
		       ? OK
		       : ERR_LIMIT;
}

_Static_assert((int)PER_HOUR_MAX < (int)HOURLY_MAX, "so many times are kept");

/* --- what is over ----------------------------------------------------------------------- */

void desk_inbound_over(struct desk *desk, struct proposal_id id)
{
	desk->gone[desk->gone_count++ % DESK_GONE_MAX] = (struct desk_gone){
		.id = id,
		.until_ms = clock_now_ms(&desk->parts.clock) + PARCEL_LASTS_MS +
			    PARCEL_AHEAD_MS,
	};
}

static bool is_gone(const struct desk *desk, struct proposal_id id)
{
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	for (size_t i = 0; i < DESK_GONE_MAX && i < desk->gone_count; i++)
		if (id_equal(desk->gone[i].id.bytes, id.bytes) &&
		    now_ms < desk->gone[i].until_ms)
			return true;
	return false;
}

/* --- taking one in ---------------------------------------------------------------------- */

static struct proposal proposal_of(const struct desk *desk, const struct desk_came *came,
				   const struct parcel_letter *letter,
				   const struct memo_head *head)
{
	struct proposal come = {
		.id = id_here(desk, came->parcel->from, came->parcel->id),
		.action = {.kind = ACTION_SEND_MESSAGE},
		.kind = PROPOSAL_INBOUND,
		.state = PROPOSAL_SENT,
		.asked_ms = letter->at_ms,
		.since_ms = clock_wall_ms(&desk->parts.clock),
		.sound_ms = letter->sound_ms,
		.origin = {.household = letter->household, .id = letter->id},
	};

	id_to_text(come.action.entity, came->contact->id.bytes);
	memcpy(come.action.body, letter->sound_hash, sizeof(come.action.body));
	memcpy(come.origin.key, came->parcel->from, sizeof(come.origin.key));
	memcpy(come.origin.commit, head->commit, sizeof(come.origin.commit));
	lock_ticket(desk, letter->ticket, &come);
	return come;
}

static enum err take_letter(struct desk *desk, const struct desk_came *came,
			    const struct parcel_letter_body *body)
{
	struct parcel_letter letter;
	struct person_id person;
	struct memo_head head;
	struct proposal come;
	enum err err = open_letter(desk, body->box, &letter, &person);

	if (err == OK)
		err = memo_row_look(body->row, body->row_size, &head);
	if (err == OK)
		err = check_letter(desk, came->parcel, &letter, &head);
	if (err == OK)
		err = check_room(desk, came->parcel->from);
	if (err == OK) {
		come = proposal_of(desk, came, &letter, &head);
		come.person = person;
		buf_drop(came->body, came->body->size - body->row_size);
		err = desk_proposal_arrive(desk, &come, came->body, &came->asker);
	}
	seal_wipe(&letter, sizeof(letter));
	return err;
}

enum err desk_inbound_letter(struct desk *desk, const struct desk_came *came,
			     bool *out_later)
{
	const struct proposal_id here =
		id_here(desk, came->parcel->from, came->parcel->id);
	const struct desk_proposal *known = desk_proposal_find(desk, here);
	struct parcel_letter_body body;
	enum err err;

	if (known) /* its house has not heard that it is here */
		return known->is_new ? ERR_BUSY : OK;
	if (is_gone(desk, here)) /* repeated, on the way or at a relay */
		return OK;
	err = parcel_letter_body(came->body->bytes, came->body->size, &body);
	if (err == OK)
		err = take_letter(desk, came, &body);
	*out_later = err == OK;
	return err;
}

/* --- its key ---------------------------------------------------------------------------- */

static void key_written(struct desk *desk, struct item *item, enum err err,
			uint64_t place)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, item->proposal);

	(void)place;
	if (proposal) {
		proposal->key_comes = false;
		proposal->has_key = err == OK;
	}
	desk_parcel_taken(desk, item->link_id, item->token, err);
	if (err == OK)
		desk_inbox_key(desk, item->proposal, OK);
}

static enum err write_key(struct desk *desk, const struct desk_came *came,
			  struct desk_proposal *proposal,
			  const uint8_t row[MEMO_ROW_KEY_BYTES])
{
	const struct store_key key =
		desk_memo_key(desk, STORE_MEMO_KEY, proposal->now.id);
	struct item *item = NULL;
	enum err err =
		item_create(came->asker.link, came->asker.token, key_written, &item);

	if (err == OK)
		err = item_put_row(item, &key, row, MEMO_ROW_KEY_BYTES);
	if (err != OK) {
		item_destroy(item);
		return err;
	}
	item->proposal = proposal->now.id;
	desk_proposal_inbound_event(desk, &item->event, &proposal->now, KEY_WORDS,
				    REASON_NONE);
	proposal->key_comes = true;
	desk_write_take(desk, &item);
	return OK;
}

/* Opens the box of a key, and makes the row of it. ERR_AUTH: it is not this message's. */
static enum err open_key(const struct desk *desk, const struct proposal *now,
			 const uint8_t *box, uint8_t to[MEMO_ROW_KEY_BYTES])
{
	struct memo_head head = {.place = {now->origin.household, now->origin.id}};
	uint8_t box_secret[SEAL_BOX_SECRET_BYTES];
	uint8_t plain[PARCEL_KEY_PLAIN_BYTES];
	struct secret *key = NULL;
	enum err err;

	memcpy(head.commit, now->origin.commit, sizeof(head.commit));
	desk_box_secret(desk, now->person, box_secret);
	err = seal_box_open(box_secret, box,
			    PARCEL_KEY_PLAIN_BYTES + PARCEL_BOX_EXTRA_BYTES, plain);
	seal_wipe(box_secret, sizeof(box_secret));
	if (err == OK && !id_equal(plain, now->origin.id.bytes))
		err = ERR_AUTH;
	if (err == OK)
		err = secret_copy(plain + ID_BYTES, sizeof(plain) - ID_BYTES, &key);
	seal_wipe(plain, sizeof(plain));
	if (err == OK)
		err = memo_row_lock_key(&head, secret_view(desk->parts.house_key), key,
					to);
	secret_destroy(key);
	return err;
}

static enum err take_key(struct desk *desk, const struct desk_came *came,
			 struct desk_proposal *proposal, bool *out_later)
{
	uint8_t row[MEMO_ROW_KEY_BYTES];
	enum err err;

	if (proposal->has_key) { /* it was asked for twice */
		desk_inbox_key(desk, proposal->now.id, OK);
		return OK;
	}
	err = open_key(desk, &proposal->now, came->body->bytes + 2, row);
	if (err == OK) {
		err = write_key(desk, came, proposal, row);
		*out_later = err == OK;
	} else {
		log_line("keeper: another house gave a key that does not fit: %s",
			 err_words(err));
		desk_inbox_key(desk, proposal->now.id, err);
	}
	return err;
}

/* --- what its house answers ------------------------------------------------------------- */

/* There is no key any more: it is taken once that is written. */
static enum err call_off(struct desk *desk, const struct desk_came *came,
			 struct desk_proposal *proposal, bool *out_later)
{
	enum err err;

	proposal->asker = came->asker.link->id;
	proposal->asker_token = came->asker.token;
	err = desk_proposal_happens(desk, proposal, PROPOSAL_CALLED_OFF, NULL);
	if (err != OK)
		proposal->asker = 0;
	*out_later = err == OK;
	return err;
}

static enum err settle(struct desk *desk, const struct desk_came *came,
		       struct desk_proposal *proposal, bool *out_later)
{
	const struct buf *body = came->body;
	const uint8_t outcome = body->bytes[1];

	if (outcome == PARCEL_OUTCOME_NONE && body->size == PARCEL_NONE_BYTES)
		return call_off(desk, came, proposal, out_later);
	if (outcome == PARCEL_OUTCOME_KEY && body->size == PARCEL_KEY_BODY_MAX)
		return take_key(desk, came, proposal, out_later);
	return ERR_FORMAT;
}

enum err desk_inbound_key(struct desk *desk, const struct desk_came *came,
			  bool *out_later)
{
	struct desk_proposal *proposal =
		desk_proposal_find(desk,
				   id_here(desk, came->parcel->from, came->parcel->id));

	if (came->body->size < PARCEL_NONE_BYTES)
		return ERR_FORMAT;
	if (came->body->bytes[0] != PARCEL_VERSION)
		return ERR_VERSION;
	if (!proposal || proposal->is_new)
		return ERR_MISSING;
	if (proposal->is_writing || proposal->key_comes)
		return ERR_BUSY;
	if (proposal->now.state != PROPOSAL_SENT)
		return OK; /* it was opened already */
	return settle(desk, came, proposal, out_later);
}

/* --- whose it is ------------------------------------------------------------------------ */

/* Several people may be enrolled who live there: which of them spoke, no letter proves. */
void desk_inbound_from(const struct desk *desk, const struct proposal *now, char *to,
		       size_t size)
{
	char names[2 * PEOPLE_NAME_BYTES] = "";

	to[0] = '\0';
	for (size_t i = 0; i < desk->policy.contact_count; i++) {
		const struct contact *contact = &desk->policy.contacts[i];

		if (contact->kind != CONTACT_PEER ||
		    memcmp(contact->key, now->origin.key, PEOPLE_KEY_BYTES) != 0)
			continue;
		if (!str_format(names, sizeof(names), "%s%s%s", to, to[0] ? " or " : "",
				contact->name) ||
		    strlen(names) >= size)
			return;
		must(str_copy(to, size, names));
	}
	if (to[0] == '\0')
		(void)str_copy(to, size, "somebody who is no contact any more");
}

bool desk_inbound_has_way(const struct desk *desk, const struct proposal *now)
{
	return policy_person(&desk->policy, now->person) &&
	       desk_peer_contact(desk, now->origin.key);
}
