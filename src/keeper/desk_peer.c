/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_peer - parcels to and from other houses (domain/parcel.h), over the gate's link; the
 * houses it is told of; and what an owner gives another house to write to somebody here.
 *
 * The gate carries parcels and is believed in nothing: who one is from, and for whom, is
 * verified here again. What is in one is desk_letter.c's and desk_inbound.c's. Invariants: only parcels of an
 * enrolled house, for this one, signed and of these days get any further; each gets one
 * answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum {
	PARCELS_MAX = 32,            /* at the gate, not yet taken */
	TAKEN_MS = DESK_KEY_WAIT_MS, /* it will not be, after that */
};

/* One that the gate has and has not taken yet. */
struct desk_parcel {
	struct desk_parcel *next;
	uint64_t token;
	int64_t since_ms;
	struct parcel_head head;
	struct proposal_id of; /* as in struct desk_post */
};

static struct desk_link *gate_of(struct desk *desk)
{
	struct desk_link *gate = NULL;

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (link && link->side == DESK_GATE && (!gate || link->id > gate->id))
			gate = link;
	}
	return gate;
}

/* --- who is who ------------------------------------------------------------------------- */

void desk_box_secret(const struct desk *desk, struct person_id person,
		     uint8_t to[SEAL_BOX_SECRET_BYTES])
{
	seal_derive(secret_view(desk->parts.house_key), "behest person box v1",
		    &(struct seal_part){person.bytes, ID_BYTES}, 1, to);
}

void desk_card(struct desk *desk, struct desk_link *link, const struct wire_card_get *get)
{
	uint8_t box_secret[SEAL_BOX_SECRET_BYTES];
	uint8_t box_key[SEAL_BOX_PUBLIC_BYTES];
	const struct wire_card card = {
		.key = {desk->parts.gate_key, sizeof(desk->parts.gate_key)},
		.box_key = {box_key, sizeof(box_key)},
	};
	struct person_id person;

	memcpy(person.bytes, get->person.bytes, ID_BYTES);
	if (!policy_person(&desk->policy, person)) {
		desk_refuse(link, DESK_REFUSE_UNKNOWN_PERSON);
		return;
	}
	desk_box_secret(desk, person, box_secret);
	seal_box_pair(box_secret, box_key);
	seal_wipe(box_secret, sizeof(box_secret));
	desk_say(link, WIRE_card, &card);
}

const struct contact *desk_peer_contact(const struct desk *desk,
					const uint8_t key[PEOPLE_KEY_BYTES])
{
	for (size_t i = 0; i < desk->policy.contact_count; i++) {
		const struct contact *contact = &desk->policy.contacts[i];

		if (contact->kind == CONTACT_PEER &&
		    memcmp(contact->key, key, PEOPLE_KEY_BYTES) == 0)
			return contact;
	}
	return NULL;
}

/* --- the houses, for the gate ----------------------------------------------------------- */

struct peer_rows {
	size_t count;
	struct wire_peer rows[POLICY_CONTACTS_MAX];
};

/* A message there whose key may be asked for. */
static bool lies_there(const struct proposal *now)
{
	return now->kind == PROPOSAL_MESSAGE && id_is_none(now->person.bytes) &&
	       (now->state == PROPOSAL_ORDERED || now->state == PROPOSAL_SENT);
}

/* Of each contact, by its place in the policy. */
static void count_waiting(const struct desk *desk, uint32_t waits[POLICY_CONTACTS_MAX])
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct proposal *now = &desk->proposals[i]->now;
		const struct contact *contact =
			lies_there(now) ? desk_message_asked(desk, now) : NULL;

		if (contact)
			waits[contact - desk->policy.contacts]++;
	}
}

static void make_rows(const struct desk *desk, struct peer_rows *rows)
{
	uint32_t waits[POLICY_CONTACTS_MAX] = {0};

	count_waiting(desk, waits);
	for (size_t i = 0; i < desk->policy.contact_count; i++) {
		const struct contact *contact = &desk->policy.contacts[i];
		struct wire_peer *row = &rows->rows[rows->count];

		if (contact->kind != CONTACT_PEER)
			continue;
		row->key = (struct wire_slice){contact->key, sizeof(contact->key)};
		must(str_copy(row->address, sizeof(row->address), contact->address));
		row->waits = waits[i];
		rows->count++;
	}
	rows->rows[0].first = 1;
	rows->rows[rows->count > 0 ? rows->count - 1 : 0].last = 1;
}

static enum err hash_rows(const struct peer_rows *rows, uint8_t to[SEAL_HASH_BYTES])
{
	struct seal_hash *hash = NULL;
	enum err err = seal_hash_start(&hash);

	for (size_t i = 0; err == OK && i < rows->count; i++) {
		const struct wire_peer *row = &rows->rows[i];

		seal_hash_add(hash, row->key.bytes, row->key.size);
		seal_hash_add(hash, row->address, sizeof(row->address));
		seal_hash_add(hash, &row->waits, sizeof(row->waits));
	}
	if (err == OK)
		seal_hash_end(hash, to);
	seal_hash_destroy(hash);
	return err;
}

static void say_rows(struct desk_link *link, const struct peer_rows *rows)
{
	/* Where there is none, one says that. */
	for (size_t i = 0; i < rows->count || i == 0; i++)
		desk_say(link, WIRE_peer, &rows->rows[i]);
}

void desk_peer_tell(struct desk *desk, struct desk_link *link)
{
	struct peer_rows *rows;

	if (desk->state != DESK_READY) { /* it is told when that is known */
		memset(desk->peers_told, 0, sizeof(desk->peers_told));
		return;
	}
	rows = calloc(1, sizeof(*rows));
	if (!rows)
		return;
	make_rows(desk, rows);
	say_rows(link, rows);
	free(rows);
}

void desk_peer_changed(struct desk *desk)
{
	uint8_t hash[SEAL_HASH_BYTES];
	struct peer_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return;
	make_rows(desk, rows);
	if (hash_rows(rows, hash) == OK &&
	    memcmp(hash, desk->peers_told, sizeof(hash)) != 0) {
		memcpy(desk->peers_told, hash, sizeof(hash));
		for (size_t i = 0; i < DESK_LINKS_MAX; i++)
			if (desk->links[i] && desk->links[i]->side == DESK_GATE)
				say_rows(desk->links[i], rows);
	}
	free(rows);
}

/* --- parcels to the gate ---------------------------------------------------------------- */

static enum err send_to_gate(void *context, enum wire_type type, const void *fields)
{
	struct desk_link *gate = context;

	return gate->send(gate->context, type, fields);
}

/* Whoever waits for what it would have brought hears that it will not. */
static void end_parcel(struct desk *desk, struct desk_parcel **at, enum err err)
{
	struct desk_parcel *over = *at;
	const struct proposal_id of = over->of;

	*at = over->next;
	seal_wipe(over, sizeof(*over));
	free(over);
	if (err != OK && !id_is_none(of.bytes))
		desk_inbox_key(desk, of, ERR_CLOSED);
}

static bool is_same(const struct parcel *one, const struct desk_post *other)
{
	return one->kind == other->kind && id_equal(one->id.bytes, other->id.bytes) &&
	       memcmp(one->to, other->to, PARCEL_KEY_BYTES) == 0;
}

/* The place behind the last; NULL: there are too many, or one that asks the same is on its
 * way. */
static struct desk_parcel **place_for(struct desk *desk, const struct desk_post *post,
				      bool *out_is_there)
{
	struct desk_parcel **at = &desk->parcels;
	size_t count = 0;

	*out_is_there = false;
	for (; *at; at = &(*at)->next, count++)
		*out_is_there |= is_same(&(*at)->head.parcel, post);
	return count < PARCELS_MAX && !*out_is_there ? at : NULL;
}

static enum err make_parcel(struct desk *desk, const struct desk_post *post,
			    struct desk_parcel **out_parcel)
{
	struct desk_parcel *made = calloc(1, sizeof(*made));
	enum err err;

	if (!made)
		return ERR_MEMORY;
	made->token = desk_next_id(desk);
	made->of = post->of;
	made->since_ms = clock_now_ms(&desk->parts.clock);
	made->head.parcel = (struct parcel){.id = post->id,
					    .kind = post->kind,
					    .at_ms = clock_wall_ms(&desk->parts.clock)};
	memcpy(made->head.parcel.to, post->to, PARCEL_KEY_BYTES);
	err = parcel_measure(post->body, post->size, &made->head.parcel);
	if (err == OK)
		*out_parcel = made;
	else
		free(made);
	return err;
}

enum err desk_parcel_post(struct desk *desk, const struct desk_post *post)
{
	struct desk_link *gate = gate_of(desk);
	struct desk_parcel *made = NULL;
	struct desk_parcel **at;
	bool is_there;
	enum err err;

	if (!gate)
		return ERR_CLOSED;
	at = place_for(desk, post, &is_there);
	if (!at)
		return is_there ? OK : ERR_BUSY;
	err = make_parcel(desk, post, &made);
	if (err == OK)
		err = parcel_say(&made->head, post->body, made->token, send_to_gate,
				 gate);
	if (err == OK)
		*at = made;
	else
		free(made);
	return err;
}

static void gate_took(struct desk *desk, const struct wire_parcel_taken *taken)
{
	struct desk_parcel **at = &desk->parcels;

	while (*at && (*at)->token != taken->token)
		at = &(*at)->next;
	if (*at) /* else it comes too late */
		end_parcel(desk, at, taken->err == OK ? OK : ERR_CLOSED);
}

void desk_peer_tick(struct desk *desk)
{
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	/* The oldest stands first. */
	while (desk->parcels && now_ms - desk->parcels->since_ms >= TAKEN_MS)
		end_parcel(desk, &desk->parcels, ERR_TIMEOUT);
}

void desk_peer_drop_all(struct desk *desk)
{
	while (desk->parcels) {
		struct desk_parcel *over = desk->parcels;

		desk->parcels = over->next;
		free(over);
	}
}

void desk_peer_closed(struct desk *desk, struct desk_link *link)
{
	parcel_in_finish(&link->parcel);
	if (link->side != DESK_GATE || gate_of(desk))
		return;
	while (desk->parcels)
		end_parcel(desk, &desk->parcels, ERR_CLOSED);
}

/* --- parcels from the gate -------------------------------------------------------------- */

void desk_parcel_taken(struct desk *desk, uint64_t link, uint64_t token, enum err err)
{
	const struct wire_parcel_taken taken = {.token = token, .err = (uint32_t)err};
	struct desk_link *gate = desk_link_by_id(desk, link);

	if (gate)
		desk_say(gate, WIRE_parcel_taken, &taken);
}

static bool is_of_these_days(const struct desk *desk, const struct parcel *parcel)
{
	const int64_t now_ms = clock_wall_ms(&desk->parts.clock);

	return parcel->at_ms >= now_ms - PARCEL_LASTS_MS &&
	       parcel->at_ms <= now_ms + PARCEL_AHEAD_MS;
}

/* In this order: strangers learn nothing but that they are. */
static enum err check_head(const struct desk *desk, const struct parcel_head *head,
			   const struct contact **out_contact)
{
	const struct parcel *parcel = &head->parcel;
	const struct contact *contact = desk_peer_contact(desk, parcel->from);
	enum err err = contact ? OK : ERR_DENIED;

	if (err == OK)
		err = parcel_verify(head);
	if (err == OK &&
	    memcmp(parcel->to, desk->parts.gate_key, sizeof(desk->parts.gate_key)) != 0)
		err = ERR_DENIED;
	if (err == OK && !is_of_these_days(desk, parcel))
		err = ERR_RANGE;
	*out_contact = contact;
	return err;
}

static void take_whole(struct desk *desk, struct desk_link *link)
{
	static desk_came_fn *const kinds[PARCEL_KIND_COUNT] = {
		[PARCEL_LETTER] = desk_inbound_letter,
		[PARCEL_WANT] = desk_letter_wanted,
		[PARCEL_KEY] = desk_inbound_key,
	};
	struct parcel_in *in = &link->parcel;
	struct desk_came came = {.asker = {link, in->token},
				 .parcel = &in->head.parcel,
				 .body = &in->body};
	bool later = false;
	enum err err = ERR_BUSY;

	if (desk->state == DESK_READY)
		err = check_head(desk, &in->head, &came.contact);
	if (err == OK)
		err = kinds[in->head.parcel.kind](desk, &came, &later);
	if (err != OK || !later)
		desk_parcel_taken(desk, link->id, came.asker.token, err);
}

static void on_piece(struct desk *desk, struct desk_link *link,
		     const struct wire_parcel_piece *piece)
{
	struct parcel_in *in = &link->parcel;
	const uint64_t token = in->token;
	bool is_whole = false;
	enum err err;

	if (!in->is_open)
		return; /* that it is not taken was said */
	err = parcel_in_add(in, piece, &is_whole);
	if (err != OK)
		desk_parcel_taken(desk, link->id, token, err);
	else if (is_whole)
		take_whole(desk, link);
	if (is_whole)
		parcel_in_finish(in);
}

void desk_peer_receive(struct desk *desk, struct desk_link *link,
		       const struct wire_message *message)
{
	enum err err = OK;

	if (message->type == WIRE_parcel)
		err = parcel_in_begin(&link->parcel, &message->parcel);
	else if (message->type == WIRE_parcel_piece)
		on_piece(desk, link, &message->parcel_piece);
	else if (message->type == WIRE_parcel_taken)
		gate_took(desk, &message->parcel_taken);
	if (err != OK)
		desk_parcel_taken(desk, link->id, message->parcel.token, err);
}
