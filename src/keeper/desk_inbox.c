/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_inbox - hands messages out: to whom they are for, in their private room or on their
 * device, and to the gate what leaves the house. Says how many wait, and for which room.
 * Whoever listens to one from another house waits until that one has given its key.
 *
 * A message is opened whole; then the journal learns that it is heard, and only then does
 * the first byte leave. Invariants: nobody is handed, or told of, another's message;
 * a hub is handed each once; nothing of one is handed out whose key is destroyed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

static const struct person_id NOBODY = {{0}};

/* A message on its way out. */
struct fetch_job {
	struct job job;
	uint64_t token;
	struct proposal_id proposal;
	char room[NAME_BYTES];
	uint8_t key[MEMO_ROW_KEY_BYTES];
	bool waits; /* for another house to give its key */
	int64_t since_ms;
};

static void say_done(struct desk_link *link, uint64_t token, enum err err)
{
	desk_say_done(link, token, err, 0, (struct record_id){{0}});
}

/* --- whose they are --------------------------------------------------------------------- */

/* Whoever listens over that link in that room; nobody: the room is not private. */
static struct person_id listener_of(const struct desk *desk, const struct desk_link *link,
				    const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	const struct device *device = policy_device(&desk->policy, link->key);
	struct person_id listener = NOBODY;

	if (link->side == DESK_DEVICE && device && !device->is_revoked)
		listener = device->person;
	else if (link->side == DESK_HUB && room && room->is_private && !room->is_revoked)
		memcpy(listener.bytes, room->private_owner.bytes, ID_BYTES);
	return policy_person(&desk->policy, listener) ? listener : NOBODY;
}

/* A room plays what nobody heard; what was heard is their device's alone, so that whoever
 * has the hub gets no month of it. */
static bool is_theirs(const struct desk_link *link, const struct proposal *now,
		      struct person_id listener)
{
	const bool is_there = link->side == DESK_HUB ? now->state == PROPOSAL_SENT
						     : proposal_is_kept(now->state);

	return is_there && !id_is_none(listener.bytes) &&
	       id_equal(now->person.bytes, listener.bytes);
}

/* --- the list --------------------------------------------------------------------------- */

static void say_row(struct desk_link *link, uint64_t token, const struct proposal *now)
{
	struct wire_inbox_row row = {.token = token,
				     .at_ms = now->asked_ms,
				     .sound_ms = now->sound_ms,
				     .is_heard = now->state == PROPOSAL_FETCHED};

	memcpy(row.id.bytes, now->id.bytes, ID_BYTES);
	if (now->kind == PROPOSAL_INBOUND)
		desk_inbound_from(link->desk, now, row.from, sizeof(row.from));
	else
		(void)str_copy(row.from, sizeof(row.from), now->action.room);
	desk_say(link, WIRE_inbox_row, &row);
}

void desk_inbox(struct desk *desk, struct desk_link *link,
		const struct wire_inbox_get *get)
{
	const struct person_id listener = listener_of(desk, link, get->room);
	const struct desk_proposal **theirs;
	size_t count = 0;

	if (id_is_none(listener.bytes)) {
		say_done(link, get->token, ERR_DENIED);
		return;
	}
	theirs = calloc(desk->proposal_count + 1, sizeof(struct desk_proposal *));
	if (!theirs) {
		say_done(link, get->token, ERR_MEMORY);
		return;
	}
	for (size_t i = 0; i < desk->proposal_count; i++)
		if (is_theirs(link, &desk->proposals[i]->now, listener))
			theirs[count++] = desk->proposals[i];
	qsort(theirs, count, sizeof(theirs[0]), desk_proposal_by_age);
	for (size_t i = 0; i < count; i++)
		say_row(link, get->token, &theirs[i]->now);
	free(theirs);
	say_done(link, get->token, OK);
}

/* --- one message ------------------------------------------------------------------------ */

void desk_message_say(struct desk_link *link, uint64_t token, const uint8_t *from,
		      size_t left)
{
	while (left > 0) {
		const size_t part = left < WIRE_PCM_BYTES ? left : WIRE_PCM_BYTES;
		const struct wire_memo_sound message = {.token = token,
							.last = part == left,
							.opus = {from, part}};

		desk_say(link, WIRE_memo_sound, &message);
		from += part;
		left -= part;
	}
}

/* The gate gets what it was told to hand over, while it is. */
static bool is_the_gates(const struct desk *desk, const struct proposal *now)
{
	return now->state == PROPOSAL_ORDERED && id_is_none(now->person.bytes) &&
	       desk_message_contact(desk, now);
}

/* NULL: there is no such message for whoever asks. */
static struct desk_proposal *message_for(struct desk *desk, const struct desk_link *link,
					 struct proposal_id id, const char *room)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, id);
	bool may = false;

	if (proposal && !proposal->is_new)
		may = link->side == DESK_GATE ? is_the_gates(desk, &proposal->now)
					      : is_theirs(link, &proposal->now,
							  listener_of(desk, link, room));
	return may ? proposal : NULL;
}

/* Hands it out; of one that nobody heard yet that is written first. Takes the sound. */
static enum err hand_out(struct desk *desk, struct desk_link *link, uint64_t token,
			 struct desk_proposal *proposal, struct secret **sound)
{
	const struct desk_signed by = {
		.link = link,
		.token = token,
		.key = link->side == DESK_DEVICE ? link->key : NULL,
		.sound = sound,
	};

	if (proposal->is_writing)
		return ERR_BUSY;
	if (proposal->now.state == PROPOSAL_SENT)
		return desk_proposal_happens(desk, proposal, PROPOSAL_LISTENED, &by);
	desk_message_say(link, token, secret_view(*sound), secret_size(*sound));
	say_done(link, token, OK);
	return OK;
}

/* What the rows held is what was approved. */
static enum err check_sound(const struct proposal *now, const struct secret *sound)
{
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err =
		seal_sha256(&(struct seal_part){secret_view(sound), secret_size(sound)},
			    1, hash);

	if (err == OK && !seal_equal(hash, now->action.body, sizeof(hash)))
		err = ERR_AUTH;
	return err;
}

static struct fetch_job *fetch_of(struct job *job)
{
	return (struct fetch_job *)job;
}

static void fetch_free(struct job *job)
{
	free(job);
}

/* Much may have happened while the rows were read: it is looked at again. */
static void fetch_over(struct desk *desk, struct job *job, enum err err,
		       struct secret *sound)
{
	const struct fetch_job *fetch = fetch_of(job);
	struct desk_link *link = job->link;
	const uint64_t token = fetch->token;
	struct desk_proposal *proposal =
		message_for(desk, link, fetch->proposal, fetch->room);

	desk_job_end(link);
	if (!proposal)
		err = ERR_MISSING;
	if (err == OK)
		err = check_sound(&proposal->now, sound);
	if (err == OK)
		err = hand_out(desk, link, token, proposal, &sound);
	secret_destroy(sound);
	if (err != OK)
		say_done(link, token, err);
}

static void got_sound(struct desk *desk, struct job *job, enum err err,
		      const struct store_rows *rows)
{
	const struct fetch_job *fetch = fetch_of(job);
	const struct desk_proposal *proposal = desk_proposal_find(desk, fetch->proposal);
	struct memo_place place = {desk->parts.household, fetch->proposal};
	struct secret *sound = NULL;

	/* As it lies here it is still that house's. */
	if (proposal && proposal->now.kind == PROPOSAL_INBOUND)
		place = (struct memo_place){proposal->now.origin.household,
					    proposal->now.origin.id};
	if (err == OK) {
		const struct memo_rows opened = {
			.key = fetch->key,
			.key_size = sizeof(fetch->key),
			.sound = rows->rows[0].value,
			.sound_size = rows->rows[0].size,
		};
		err = memo_row_open(&place, secret_view(desk->parts.house_key), &opened,
				    &sound);
	}
	fetch_over(desk, job, err, sound);
}

/* Another house has its key: it is asked, and this goes on when it is here. */
static enum err wait_for_key(struct desk *desk, struct fetch_job *fetch)
{
	const struct desk_proposal *proposal =
		message_for(desk, fetch->job.link, fetch->proposal, fetch->room);

	if (!proposal || proposal->now.kind != PROPOSAL_INBOUND)
		return ERR_MISSING;
	fetch->waits = true;
	fetch->since_ms = clock_now_ms(&desk->parts.clock);
	return desk_inbound_ask(desk, &proposal->now);
}

static void got_key(struct desk *desk, struct job *job, enum err err,
		    const struct store_rows *rows)
{
	struct fetch_job *fetch = fetch_of(job);
	const struct store_key key = desk_memo_key(desk, STORE_MEMO, fetch->proposal);

	if (err == ERR_MISSING) {
		err = wait_for_key(desk, fetch);
		if (err != OK)
			fetch_over(desk, job, err, NULL);
		return;
	}
	if (err == OK && rows->rows[0].size != sizeof(fetch->key))
		err = ERR_AUTH;
	if (err == OK) {
		memcpy(fetch->key, rows->rows[0].value, sizeof(fetch->key));
		err = desk_job_get(desk, job, &key, got_sound);
	}
	if (err != OK)
		fetch_over(desk, job, err, NULL);
}

/* The one that waits over that link; NULL: none does. */
static struct fetch_job *waiting_fetch(const struct desk_link *link)
{
	struct fetch_job *fetch = link && link->job && link->job->free_ == fetch_free
					  ? fetch_of(link->job)
					  : NULL;

	return fetch && fetch->waits ? fetch : NULL;
}

void desk_inbox_key(struct desk *desk, struct proposal_id id, enum err err)
{
	const struct store_key key = desk_memo_key(desk, STORE_MEMO_KEY, id);

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct fetch_job *fetch = waiting_fetch(desk->links[i]);
		enum err over = err;

		if (!fetch || !id_equal(fetch->proposal.bytes, id.bytes))
			continue;
		fetch->waits = false;
		if (over == OK)
			over = desk_job_get(desk, &fetch->job, &key, got_key);
		if (over != OK)
			fetch_over(desk, &fetch->job, over, NULL);
	}
}

void desk_inbox_tick(struct desk *desk)
{
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct fetch_job *fetch = waiting_fetch(desk->links[i]);

		if (fetch && now_ms - fetch->since_ms >= DESK_KEY_WAIT_MS)
			fetch_over(desk, &fetch->job, ERR_TIMEOUT, NULL);
	}
}

/* Between houses it is sealed for its listener alone; the gate does not open it. */
static bool is_for_peer(const struct desk *desk, const struct proposal *now)
{
	const struct contact *contact = desk_message_contact(desk, now);

	return contact && contact->kind == CONTACT_PEER;
}

static void got_letter(struct desk *desk, struct job *job, enum err err,
		       const struct store_rows *rows)
{
	const struct fetch_job *fetch = fetch_of(job);
	struct desk_link *link = job->link;
	const uint64_t token = fetch->token;
	const struct desk_proposal *proposal =
		message_for(desk, link, fetch->proposal, fetch->room);

	if (!proposal || !is_for_peer(desk, &proposal->now))
		err = ERR_MISSING;
	if (err == OK)
		err = desk_letter_say(desk, link, token, &proposal->now, &rows->rows[0]);
	desk_job_end(link);
	say_done(link, token, err);
}

static enum err ask_rows(struct desk *desk, struct fetch_job *fetch)
{
	const struct desk_proposal *proposal = desk_proposal_find(desk, fetch->proposal);
	const bool is_letter = fetch->job.link->side == DESK_GATE && proposal &&
			       is_for_peer(desk, &proposal->now);
	const struct store_key key =
		desk_memo_key(desk, is_letter ? STORE_MEMO : STORE_MEMO_KEY,
			      fetch->proposal);

	return desk_job_get(desk, &fetch->job, &key, is_letter ? got_letter : got_key);
}

static void begin_fetch(struct desk *desk, struct desk_link *link,
			const struct wire_memo_get *get, struct proposal_id id)
{
	struct fetch_job *fetch = calloc(1, sizeof(*fetch));
	enum err err;

	if (!fetch) {
		say_done(link, get->token, ERR_MEMORY);
		return;
	}
	fetch->job.free_ = fetch_free;
	fetch->token = get->token;
	fetch->proposal = id;
	must(str_copy(fetch->room, sizeof(fetch->room), get->room));
	desk_job_begin(link, &fetch->job);
	err = ask_rows(desk, fetch);
	if (err != OK)
		fetch_over(desk, &fetch->job, err, NULL);
}

void desk_memo_get(struct desk *desk, struct desk_link *link,
		   const struct wire_memo_get *get)
{
	const struct desk_proposal *proposal;
	struct proposal_id id;

	memcpy(id.bytes, get->id.bytes, ID_BYTES);
	proposal = message_for(desk, link, id, get->room);
	if (link->side == DESK_HUB &&
	    id_is_none(listener_of(desk, link, get->room).bytes))
		say_done(link, get->token, ERR_DENIED);
	else if (!proposal)
		say_done(link, get->token, ERR_MISSING);
	else if (link->job)
		say_done(link, get->token, ERR_BUSY);
	else
		begin_fetch(desk, link, get, id);
}

/* --- how many wait ---------------------------------------------------------------------- */

static uint32_t waiting_in(const struct desk *desk, const struct room_policy *room)
{
	uint32_t count = 0;

	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct proposal *now = &desk->proposals[i]->now;

		if (now->state == PROPOSAL_SENT &&
		    id_equal(now->person.bytes, room->private_owner.bytes))
			count++;
	}
	return count;
}

/* Messages are waited for there. */
static bool is_inbox(const struct room_policy *room)
{
	return room && room->is_private && !room->is_revoked;
}

static void say_waiting(struct desk_link *link, const char *room, uint32_t count)
{
	struct wire_waiting waiting = {.count = count};

	(void)str_copy(waiting.room, sizeof(waiting.room), room);
	desk_say(link, WIRE_waiting, &waiting);
}

void desk_inbox_tell(struct desk *desk, struct desk_link *link)
{
	for (size_t i = 0; i < desk->policy.room_count; i++)
		if (is_inbox(&desk->policy.rooms[i]))
			say_waiting(link, desk->policy.rooms[i].room.text,
				    desk->waiting[i]);
}

static void tell_hubs(struct desk *desk, const char *room, uint32_t count)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && desk->links[i]->side == DESK_HUB)
			say_waiting(desk->links[i], room, count);
}

static void count_all(struct desk *desk, bool tells_all)
{
	desk->counts_stale = false;
	for (size_t i = 0; i < desk->policy.room_count; i++) {
		const struct room_policy *room = &desk->policy.rooms[i];
		const uint32_t count = is_inbox(room) ? waiting_in(desk, room) : 0;
		const bool is_news = tells_all || count != desk->waiting[i];

		desk->waiting[i] = count;
		if (is_inbox(room) && is_news)
			tell_hubs(desk, room->room.text, count);
	}
	desk_peer_changed(desk);
}

/* Where a room is nobody's inbox any more its light goes out: nothing waits there. */
static void take_back(struct desk *desk)
{
	const struct policy *policy = &desk->policy;

	for (size_t i = 0; i < POLICY_ROOMS_MAX; i++) {
		const char *told = desk->inboxes[i];

		if (told[0] != '\0' && !is_inbox(policy_room(policy, told)))
			tell_hubs(desk, told, 0);
	}
	memset(desk->inboxes, 0, sizeof(desk->inboxes));
	for (size_t i = 0; i < policy->room_count; i++)
		if (is_inbox(&policy->rooms[i]))
			must(str_copy(desk->inboxes[i], sizeof(desk->inboxes[i]),
				      policy->rooms[i].room.text));
}

void desk_inbox_changed(struct desk *desk)
{
	if (desk->counts_stale)
		count_all(desk, false);
}

void desk_inbox_policy_changed(struct desk *desk)
{
	take_back(desk);
	count_all(desk, true);
}
