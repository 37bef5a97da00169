/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_letter - messages to another house: what leaves, and when their keys do.
 *
 * The sound leaves as it lies here, locked, with a box for its listener that holds what it
 * is and a ticket. With that ticket the listener's house asks for the key when somebody is
 * about to listen; from then on it counts as listened to. Until then a recall destroys the
 * key, and nothing opens what lies there.
 *
 * Invariants: a key leaves only sealed for the listener that was approved, and only after
 * it is written down that it does; whichever of that and a recall is written first holds,
 * and both houses are told that one. Who shows no ticket of this house learns nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/desk_inner.h"

static void make_ticket(const struct desk *desk, struct proposal_id id,
			uint8_t to[PARCEL_TICKET_BYTES])
{
	const struct seal_part parts[] = {
		{desk->parts.household.bytes, ID_BYTES},
		{id.bytes, ID_BYTES},
	};

	seal_derive(secret_view(desk->parts.house_key), "behest memo ticket v1", parts, 2,
		    to);
}

/* --- the letter ------------------------------------------------------------------------- */

static enum err close_box(const struct desk *desk, const struct proposal *now,
			  const struct contact *contact,
			  uint8_t to[PARCEL_LETTER_BOX_BYTES])
{
	struct parcel_letter letter = {.household = desk->parts.household,
				       .id = now->id,
				       .at_ms = now->asked_ms,
				       .sound_ms = now->sound_ms};
	uint8_t plain[PARCEL_LETTER_BYTES];
	enum err err;

	memcpy(letter.sound_hash, now->action.body, sizeof(letter.sound_hash));
	memcpy(letter.box_key, contact->box_key, sizeof(letter.box_key));
	make_ticket(desk, now->id, letter.ticket);
	parcel_letter_bytes(&letter, plain);
	err = seal_box_close(contact->box_key, plain, sizeof(plain), to);
	seal_wipe(plain, sizeof(plain));
	seal_wipe(&letter, sizeof(letter));
	return err;
}

enum err desk_letter_say(struct desk *desk, struct desk_link *link, uint64_t token,
			 const struct proposal *now, const struct store_row *row)
{
	const uint8_t version = PARCEL_VERSION;
	const struct contact *contact = desk_message_contact(desk, now);
	uint8_t box[PARCEL_LETTER_BOX_BYTES];
	struct buf body;
	enum err err = contact ? close_box(desk, now, contact, box) : ERR_MISSING;

	buf_init(&body, PARCEL_BYTES_MAX);
	if (err == OK)
		err = buf_add(&body, &version, 1);
	if (err == OK)
		err = buf_add(&body, box, sizeof(box));
	if (err == OK)
		err = buf_add(&body, row->value, row->size);
	if (err == OK)
		desk_message_say(link, token, body.bytes, body.size);
	buf_finish(&body);
	return err;
}

/* --- the key ---------------------------------------------------------------------------- */

/* A key that is being read, to be given to that house. */
struct desk_key_job {
	struct desk_key_job *next;
	uint64_t request;
	struct proposal_id id;
	uint8_t to[PEOPLE_KEY_BYTES];
};

static void post_answer(struct desk *desk, const struct desk_key_job *job,
			const uint8_t *body, size_t size)
{
	const struct desk_post post = {.id = job->id,
				       .kind = PARCEL_KEY,
				       .to = job->to,
				       .body = body,
				       .size = size};
	const enum err err = desk_parcel_post(desk, &post);

	if (err != OK) /* it will be asked for again */
		log_line("keeper: a key was not handed to the gate: %s", err_words(err));
}

static void post_none(struct desk *desk, const struct desk_key_job *job)
{
	const uint8_t none[PARCEL_NONE_BYTES] = {PARCEL_VERSION, PARCEL_OUTCOME_NONE};

	post_answer(desk, job, none, sizeof(none));
}

/* Seals it for the listener. */
static enum err post_key(struct desk *desk, const struct desk_key_job *job,
			 const struct contact *contact, const struct secret *key)
{
	uint8_t body[PARCEL_KEY_BODY_MAX] = {PARCEL_VERSION, PARCEL_OUTCOME_KEY};
	uint8_t plain[PARCEL_KEY_PLAIN_BYTES];
	enum err err;

	must(secret_size(key) == sizeof(plain) - ID_BYTES);
	memcpy(plain, job->id.bytes, ID_BYTES);
	memcpy(plain + ID_BYTES, secret_view(key), secret_size(key));
	err = seal_box_close(contact->box_key, plain, sizeof(plain), body + 2);
	seal_wipe(plain, sizeof(plain));
	if (err == OK)
		post_answer(desk, job, body, sizeof(body));
	return err;
}

/* ERR_MISSING: there is none any more. */
static enum err open_read(const struct desk *desk, const struct proposal *now,
			  enum err err, const struct store_rows *rows,
			  struct secret **out_key)
{
	const struct memo_place place = {desk->parts.household, now->id};

	return err == OK ? memo_row_open_key(&place, secret_view(desk->parts.house_key),
					     rows->rows[0].value, rows->rows[0].size,
					     out_key)
			 : err;
}

/* Much may have happened while it was read: it is looked at again. "There is none" makes
 * the other house destroy the message, so it is said of nothing that was only not read:
 * that is asked for again. */
static void key_read(struct desk *desk, const struct desk_key_job *job, enum err err,
		     const struct store_rows *rows)
{
	const struct desk_proposal *proposal = desk_proposal_find(desk, job->id);
	const struct contact *contact;
	struct secret *key = NULL;

	if (!proposal || proposal->now.state != PROPOSAL_FETCHED) {
		post_none(desk, job);
		return;
	}
	contact = desk_message_contact(desk, &proposal->now);
	if (!contact || memcmp(contact->key, job->to, sizeof(job->to)) != 0)
		err = ERR_DENIED;
	err = open_read(desk, &proposal->now, err, rows, &key);
	if (err == OK)
		err = post_key(desk, job, contact, key);
	secret_destroy(key);
	if (err == ERR_MISSING)
		post_none(desk, job);
	else if (err != OK)
		log_line("keeper: a key was not read, and is not given: %s",
			 err_words(err));
}

bool desk_letter_rows(struct desk *desk, uint64_t request, enum err err,
		      const struct store_rows *rows)
{
	struct desk_key_job **at = &desk->key_jobs;
	struct desk_key_job *job;

	while (*at && (*at)->request != request)
		at = &(*at)->next;
	job = *at;
	if (!job)
		return false;
	*at = job->next;
	key_read(desk, job, err, rows);
	free(job);
	return true;
}

void desk_letter_drop_all(struct desk *desk)
{
	while (desk->key_jobs) {
		struct desk_key_job *job = desk->key_jobs;

		desk->key_jobs = job->next;
		free(job);
	}
}

static enum err read_key(struct desk *desk, const struct desk_key_job *wanted)
{
	const struct store_key key = desk_memo_key(desk, STORE_MEMO_KEY, wanted->id);
	struct desk_key_job *job = malloc(sizeof(*job));
	enum err err = ERR_MEMORY;

	if (!job)
		return err;
	*job = *wanted;
	job->request = desk_next_id(desk);
	err = store_get(&desk->store, &key, job->request);
	if (err != OK) {
		free(job);
		return err;
	}
	job->next = desk->key_jobs;
	desk->key_jobs = job;
	return OK;
}

/* --- who asks for it -------------------------------------------------------------------- */

static void answer(struct desk *desk, struct desk_proposal *proposal, enum err err)
{
	const struct desk_want want = proposal->want;

	proposal->want = (struct desk_want){.link = 0};
	desk_parcel_taken(desk, want.link, want.token, err);
}

/* It is written what has become of it: that is what its house is told. */
static void answer_state(struct desk *desk, struct desk_proposal *proposal)
{
	const struct contact *contact = desk_message_contact(desk, &proposal->now);
	struct desk_key_job job = {.id = proposal->now.id};
	enum err err = contact ? OK : ERR_DENIED;

	if (contact)
		memcpy(job.to, contact->key, sizeof(job.to));
	if (contact && proposal->now.state == PROPOSAL_FETCHED)
		err = read_key(desk, &job); /* it comes later */
	answer(desk, proposal, err);
	if (contact && proposal->now.state != PROPOSAL_FETCHED)
		post_none(desk, &job);
}

/* Its recall is written as soon as that is possible. */
static bool is_being_recalled(const struct desk_proposal *proposal)
{
	enum proposal_state to;
	enum reason reason;

	return proposal->was_called_off &&
	       proposal_step(proposal->now.kind, proposal->now.state, PROPOSAL_CALLED_OFF,
			     &to, &reason);
}

static void go_on(struct desk *desk, struct desk_proposal *proposal)
{
	const struct desk_signed by = {
		.link = NULL}; /* nobody's whom the journal knows */
	enum proposal_state to;
	enum reason reason;
	enum err err;

	if (proposal->want.link == 0 || proposal->is_writing ||
	    is_being_recalled(proposal))
		return;
	if (!proposal_step(proposal->now.kind, proposal->now.state, PROPOSAL_LISTENED,
			   &to, &reason)) {
		answer_state(desk, proposal);
		return;
	}
	err = desk_proposal_happens(desk, proposal, PROPOSAL_LISTENED, &by);
	if (err != OK && proposal->want.link != 0)
		answer(desk, proposal, err == ERR_DENIED ? ERR_BUSY : err);
}

void desk_letter_settled(struct desk *desk, struct desk_proposal *proposal, enum err err)
{
	if (proposal->want.link != 0 && err != OK)
		answer(desk, proposal, err);
	else
		go_on(desk, proposal);
}

enum err desk_letter_wanted(struct desk *desk, const struct desk_came *came,
			    bool *out_later)
{
	const struct parcel *parcel = came->parcel;
	struct desk_proposal *proposal = desk_proposal_find(desk, parcel->id);
	struct desk_key_job nothing = {.id = parcel->id};
	uint8_t ticket[PARCEL_TICKET_BYTES];
	const struct contact *contact;

	if (came->body->size != PARCEL_WANT_BYTES)
		return ERR_FORMAT;
	if (came->body->bytes[0] != PARCEL_VERSION)
		return ERR_VERSION;
	make_ticket(desk, parcel->id, ticket);
	if (!seal_equal(ticket, came->body->bytes + 1, sizeof(ticket)))
		return ERR_AUTH;
	if (!proposal || proposal->is_new || proposal->now.kind != PROPOSAL_MESSAGE) {
		memcpy(nothing.to, parcel->from, sizeof(nothing.to));
		*out_later = true;
		desk_parcel_taken(desk, came->asker.link->id, came->asker.token, OK);
		post_none(desk, &nothing);
		return OK;
	}
	contact = desk_message_contact(desk, &proposal->now);
	if (!contact || memcmp(contact->key, parcel->from, PEOPLE_KEY_BYTES) != 0)
		return ERR_DENIED;
	if (proposal->want.link != 0)
		return ERR_BUSY;
	proposal->want = (struct desk_want){came->asker.link->id, came->asker.token};
	*out_later = true;
	go_on(desk, proposal);
	return OK;
}
