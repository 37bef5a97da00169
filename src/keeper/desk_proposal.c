/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_proposal - holds what binds the household until it is approved or over.
 *
 * Every step is one of domain/proposal.def, is written into the journal and the store
 * first, and only then holds and is told (desk_tell.c). Times are counted by a clock that
 * cannot be set, and a hold from its beginning after a restart: nothing goes out earlier
 * than it was promised.
 *
 * Invariants: at most one step of a proposal is being written; what is called off
 * meanwhile is called off as soon as that is settled; with what is over goes its message,
 * in the same batch; proposals stand in the order of their ids.
 */
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { RETRY_MS = 1000 }; /* after a step that could not be written */

#define BY_WORDS ", by the device "
#define BY_OWNER_WORDS ", by an owner who signed in"

/* --- finding ---------------------------------------------------------------------------- */

/* The place of the first whose id is not before this one. */
static size_t place_of(const struct desk *desk, struct proposal_id id)
{
	size_t first = 0;
	size_t count = desk->proposal_count;

	while (count > 0) {
		const size_t half = count / 2;
		const struct desk_proposal *middle = desk->proposals[first + half];

		must(middle);
		if (memcmp(middle->now.id.bytes, id.bytes, ID_BYTES) < 0) {
			first += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return first;
}

int desk_proposal_by_age(const void *one, const void *other)
{
	const struct desk_proposal *a = *(const struct desk_proposal *const *)one;
	const struct desk_proposal *b = *(const struct desk_proposal *const *)other;

	if (a->now.asked_ms != b->now.asked_ms)
		return a->now.asked_ms < b->now.asked_ms ? -1 : 1;
	return memcmp(a->now.id.bytes, b->now.id.bytes, ID_BYTES);
}

struct desk_proposal *desk_proposal_find(struct desk *desk, struct proposal_id id)
{
	const size_t at = place_of(desk, id);

	return at < desk->proposal_count &&
			       id_equal(desk->proposals[at]->now.id.bytes, id.bytes)
		       ? desk->proposals[at]
		       : NULL;
}

struct desk_proposal *desk_proposal_own(struct desk *desk, struct proposal_id id)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, id);

	return proposal && proposal->now.kind != PROPOSAL_INBOUND ? proposal : NULL;
}

/* Takes it to its place; there is room. */
static void insert(struct desk *desk, struct desk_proposal *proposal)
{
	const size_t at = place_of(desk, proposal->now.id);

	must(desk->proposal_count < DESK_PROPOSALS_MAX);
	memmove(&desk->proposals[at + 1], &desk->proposals[at],
		(desk->proposal_count - at) * sizeof(desk->proposals[0]));
	desk->proposals[at] = proposal;
	desk->proposal_count++;
}

static int64_t lasts_ms(const struct desk *desk, const struct desk_proposal *proposal)
{
	return proposal_lasts_ms(proposal->now.kind, proposal->now.state,
				 (int64_t)desk->policy.hold_s * 1000);
}

int64_t desk_proposal_left_ms(const struct desk *desk,
			      const struct desk_proposal *proposal)
{
	const int64_t lasts = lasts_ms(desk, proposal);
	const int64_t left =
		lasts - (clock_now_ms(&desk->parts.clock) - proposal->since_ms);

	return lasts == 0 || left < 0 ? 0 : left;
}

static bool is_overdue(const struct desk *desk, const struct desk_proposal *proposal)
{
	return lasts_ms(desk, proposal) > 0 && desk_proposal_left_ms(desk, proposal) == 0;
}

/* What moves something of unknown effect needs what lowering security needs. */
unsigned desk_action_needs(const struct action *action)
{
	return action_class(action->kind) == CLASS_C ? action_capability(action->kind)
						     : MAY_SECURITY;
}

unsigned desk_proposal_needs(const struct desk_proposal *proposal)
{
	return desk_action_needs(&proposal->now.action);
}

/* --- steps ------------------------------------------------------------------------------ */

static void destroy(struct desk_proposal *proposal)
{
	memo_writer_destroy(proposal->memo);
	buf_finish(&proposal->letter);
	seal_wipe(proposal, sizeof(*proposal));
	free(proposal);
}

static void forget(struct desk *desk, struct desk_proposal *proposal)
{
	const size_t at = place_of(desk, proposal->now.id);

	must(at < desk->proposal_count && desk->proposals[at] == proposal);
	desk->proposal_count--;
	memmove(&desk->proposals[at], &desk->proposals[at + 1],
		(desk->proposal_count - at) * sizeof(desk->proposals[0]));
	destroy(proposal);
}

/* What has become of it by itself, the first that can: the keeper did it, it was started anew, was called off
 * while something was written, lies where it was to go, or has had its time. */
static bool own_event(const struct desk *desk, const struct desk_proposal *proposal,
		      enum proposal_event *out_event)
{
	const struct {
		enum proposal_event event;
		bool is_due;
	} events[] = {
		{PROPOSAL_CARRIED,
		 desk_amend_is_done(desk, &proposal->now) || proposal->is_forgotten},
		{PROPOSAL_RESTARTED, proposal->must_restart},
		{PROPOSAL_CALLED_OFF, proposal->was_called_off},
		{PROPOSAL_UNWANTED, proposal->is_unwanted},
		{PROPOSAL_CARRIED, !id_is_none(proposal->now.person.bytes)},
		{PROPOSAL_TIME, is_overdue(desk, proposal)},
	};
	enum proposal_state to;
	enum reason reason;

	for (size_t i = 0; i < STR_COUNT(events); i++) {
		if (!events[i].is_due ||
		    !proposal_step(proposal->now.kind, proposal->now.state,
				   events[i].event, &to, &reason))
			continue;
		*out_event = events[i].event;
		return true;
	}
	return false;
}

static void refuse_asker(struct desk *desk, struct desk_proposal *proposal, enum err err)
{
	struct desk_link *asker = desk_link_by_id(desk, proposal->asker);
	const uint64_t token = proposal->asker_token;

	proposal->asker = 0;
	if (!asker)
		return;
	if (proposal->now.kind == PROPOSAL_INBOUND)
		desk_parcel_taken(desk, asker->id, token, err);
	else if (proposal->is_new)
		desk_tell_refusal(asker, token, REASON_JOURNAL_UNAVAILABLE);
	else
		desk_tell_hub(asker, proposal, token, REASON_JOURNAL_UNAVAILABLE);
}

/* It was not written: a new one was never there, another is where it was. */
static void step_failed(struct desk *desk, struct desk_proposal *proposal,
			const struct item *item, enum err err)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	refuse_asker(desk, proposal, err);
	if (proposal->is_new) {
		forget(desk, proposal);
		return;
	}
	desk_letter_settled(desk, proposal, err);
	proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
	/* It does not go out because nobody could write down that it must not. */
	proposal->was_called_off |= proposal->is_calling_off;
	if (link && item->sound)
		desk_say_done(link, item->token, err, 0, (struct record_id){{0}});
	else if (link)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
}

static void answer(struct desk *desk, const struct item *item, uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	if (link && item->sound)
		desk_message_say(link, item->token, secret_view(item->sound),
				 secret_size(item->sound));
	if (link)
		desk_say_done(link, item->token, OK, place, (struct record_id){{0}});
}

enum desk_refusal desk_proposal_too_late(const struct desk_proposal *proposal)
{
	return proposal->now.state == PROPOSAL_FETCHED ? DESK_REFUSE_LISTENED
						       : DESK_REFUSE_TOO_LATE;
}

/* A device that called it off while something else was written hears what came of that,
 * unless it is still to come. */
static void answer_recall(struct desk *desk, struct desk_proposal *proposal,
			  uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, proposal->recall.link);
	enum proposal_state to;
	enum reason reason;

	if (!proposal->is_calling_off &&
	    proposal_step(proposal->now.kind, proposal->now.state, PROPOSAL_CALLED_OFF,
			  &to, &reason))
		return;
	if (link && proposal->is_calling_off)
		desk_say_done(link, proposal->recall.token, OK, place,
			      (struct record_id){{0}});
	else if (link)
		desk_refuse(link, desk_proposal_too_late(proposal));
	proposal->recall.link = 0;
}

/* What has become of it by itself; a recall that waited goes with its device's word. */
static enum err happens_by_itself(struct desk *desk, struct desk_proposal *proposal,
				  enum proposal_event event)
{
	const struct desk_recall recall = proposal->recall;
	const struct desk_signed by = {.key = recall.key, .signature = recall.signature};
	const bool has_word = event == PROPOSAL_CALLED_OFF && recall.link != 0;

	return desk_proposal_happens(desk, proposal, event, has_word ? &by : NULL);
}

/* Everybody whose concern it is hears what has become of it; what is over is gone. */
static void step_told(struct desk *desk, struct desk_proposal *proposal)
{
	const struct proposal_id id = proposal->now.id;

	if (proposal->now.kind == PROPOSAL_INBOUND && proposal->asker != 0)
		desk_parcel_taken(desk, proposal->asker, proposal->asker_token, OK);
	desk_tell_all(desk, proposal);
	desk_letter_settled(desk, proposal, OK);
	if (!proposal_is_over(proposal->now.state)) {
		desk_amend_carry(desk, proposal);
		return;
	}
	if (proposal->now.kind == PROPOSAL_INBOUND)
		desk_inbound_over(desk, id);
	forget(desk, proposal);
	desk_inbox_key(desk, id, ERR_MISSING);
}

static void step_holds(struct desk *desk, struct desk_proposal *proposal,
		       const struct item *item, uint64_t place)
{
	enum proposal_event event;

	if (proposal->is_new && proposal->now.kind == PROPOSAL_INBOUND)
		desk_inbound_written(desk, &proposal->now);
	proposal->now = proposal->next;
	proposal->reason = proposal->next_reason;
	proposal->is_new = false;
	proposal->must_restart = false;
	proposal->since_ms = clock_now_ms(&desk->parts.clock);
	desk->counts_stale = true;
	if (proposal->is_tapping)
		desk_took_note(desk, proposal);
	proposal->is_tapping = false;
	answer(desk, item, place);
	answer_recall(desk, proposal, place);
	/* Called off meanwhile, or there already: that is written before anybody hears of
	 * this state. */
	if (own_event(desk, proposal, &event) &&
	    happens_by_itself(desk, proposal, event) == OK)
		return;
	step_told(desk, proposal);
}

static void step_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, item->proposal);

	must(proposal && proposal->is_writing);
	proposal->is_writing = false;
	if (err == OK)
		step_holds(desk, proposal, item, place);
	else
		step_failed(desk, proposal, item, err);
	desk_seal_settle(desk);
}

/* Who took it further, where that was a device, or an owner; and their word for it, where it gave one, to
 * be verified. Or the turn in which the phrase was said. */
static void add_evidence(const struct desk *desk, struct event *event,
			 const struct desk_signed *by)
{
	char device[KEY_FINGERPRINT_BYTES] = "";
	char words[KEY_FINGERPRINT_BYTES + sizeof(BY_WORDS)] = "";
	const struct owner *owner =
		by && by->key ? desk_owner_of_key(desk, by->key) : NULL;
	char signature[SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES)];
	char turn[ID_TEXT_BYTES];

	if (by && by->said_in.value != 0) {
		turn_id_to_text(turn, by->said_in);
		event_add(event, "said_in", turn);
	}
	if (owner)
		must(str_copy(words, sizeof(words), BY_OWNER_WORDS));
	else if (by && by->key && key_fingerprint(by->key, device) == OK)
		must(str_format(words, sizeof(words), BY_WORDS "%s", device));
	event_add(event, "by", words);
	if (owner)
		desk_event_add_id(event, "approver", owner->id.bytes);
	else if (device[0] != '\0')
		event_add(event, "device", device);
	else
		return;
	if (!by->signature)
		return;
	seal_base64(signature, sizeof(signature), by->signature, SEAL_SIGNATURE_BYTES);
	event_add(event, "signature", signature);
}

void desk_proposal_inbound_event(struct desk *desk, struct event *event,
				 const struct proposal *now, const char *words,
				 enum reason reason)
{
	desk_event(desk, event, EVENT_INBOUND, "");
	desk_event_add_id(event, "proposal", now->id.bytes);
	event_add(event, "entity", now->action.entity);
	event_add(event, "state", proposal_state_text(now->state));
	event_add(event, "words", words);
	event_add(event, "reason", reason_code(reason));
}

static void step_event(struct desk *desk, struct event *event,
		       const struct proposal *next, enum reason reason,
		       const struct desk_signed *by)
{
	if (next->kind == PROPOSAL_INBOUND) {
		desk_proposal_inbound_event(desk, event, next,
					    next->state == PROPOSAL_SENT
						    ? "came, and can be listened to"
						    : proposal_state_words(next->state),
					    reason);
		add_evidence(desk, event, by);
		return;
	}
	desk_event(desk, event, EVENT_PROPOSAL, next->action.room);
	event->turn = next->turn;
	desk_event_add_id(event, "proposal", next->id.bytes);
	event_add(event, "action", action_name(next->action.kind));
	event_add(event, "entity", next->action.entity);
	event_add(event, "state", proposal_state_text(next->state));
	event_add(event, "words", proposal_state_words(next->state));
	event_add(event, "reason", reason_code(reason));
	add_evidence(desk, event, by);
}

static struct store_key row_key(const struct desk *desk, const struct proposal *proposal)
{
	uint8_t bytes[PROPOSAL_KEY_BYTES];

	proposal_row_key(proposal, bytes);
	return desk_key(desk, STORE_PROPOSAL, bytes, sizeof(bytes));
}

/* The new row in, the old one out; of what is over no row stays, and no message either. */
static enum err add_rows(struct desk *desk, struct item *item,
			 const struct desk_proposal *proposal)
{
	uint8_t row[PROPOSAL_ROW_BYTES_MAX];
	struct store_key key = row_key(desk, &proposal->now);
	size_t size = 0;
	enum err err = OK;

	if (!proposal->is_new)
		item_destroy_row(item, &key);
	if (proposal_is_over(proposal->next.state)) {
		if (proposal->now.kind != PROPOSAL_AT_ONCE)
			desk_memo_destroy_rows(desk, item, proposal->now.id);
		return OK;
	}
	key = row_key(desk, &proposal->next);
	err = proposal_row_write(desk->parts.household, &proposal->next,
				 secret_view(desk->parts.seed), row, &size);
	if (err == OK)
		err = item_add_row(item, &key, row, size);
	if (err == OK && proposal->memo)
		err = desk_memo_add_rows(desk, item, proposal->memo);
	if (err == OK && proposal->letter.size > 0) {
		key = desk_memo_key(desk, STORE_MEMO, proposal->now.id);
		err = item_add_row(item, &key, proposal->letter.bytes,
				   proposal->letter.size);
	}
	return err;
}

/* Writes proposal->next. */
static enum err write_step(struct desk *desk, struct desk_proposal *proposal,
			   enum reason reason, const struct desk_signed *by)
{
	struct item *item = NULL;
	enum err err = item_create(by ? by->link : NULL, by ? by->token : 0, step_written,
				   &item);

	if (err == OK)
		err = add_rows(desk, item, proposal);
	if (err != OK) {
		item_destroy(item);
		return err;
	}
	memo_writer_destroy(proposal->memo);
	proposal->memo = NULL;
	buf_finish(&proposal->letter);
	item->proposal = proposal->now.id;
	if (by && by->sound) {
		item->sound = *by->sound;
		*by->sound = NULL;
	}
	step_event(desk, &item->event, &proposal->next, reason, by);
	proposal->next_reason = reason;
	proposal->is_writing = true;
	desk_write_take(desk, &item);
	return OK;
}

/* Something else is being written. */
static enum err call_off_later(struct desk_proposal *proposal,
			       const struct desk_signed *by)
{
	struct desk_recall *recall = &proposal->recall;

	proposal->was_called_off = true;
	if (!by || !by->link || recall->link != 0)
		return ERR_BUSY;
	recall->link = by->link->id;
	recall->token = by->token;
	memcpy(recall->key, by->key, sizeof(recall->key));
	memcpy(recall->signature, by->signature, sizeof(recall->signature));
	return OK;
}

enum err desk_proposal_happens(struct desk *desk, struct desk_proposal *proposal,
			       enum proposal_event event, const struct desk_signed *by)
{
	enum proposal_state to;
	enum reason reason;

	if (proposal->is_writing)
		return event == PROPOSAL_CALLED_OFF ? call_off_later(proposal, by)
						    : ERR_BUSY;
	if ((by && event != PROPOSAL_CALLED_OFF && is_overdue(desk, proposal)) ||
	    (proposal->must_restart && event != PROPOSAL_RESTARTED &&
	     !desk_amend_is_done(desk, &proposal->now)) ||
	    !proposal_step(proposal->now.kind, proposal->now.state, event, &to, &reason))
		return ERR_DENIED;
	proposal->next = proposal->now;
	proposal->next.state = to;
	proposal->next.step++;
	proposal->next.since_ms = clock_wall_ms(&desk->parts.clock);
	proposal->is_calling_off = event == PROPOSAL_CALLED_OFF;
	proposal->is_quiet =
		event == PROPOSAL_TIME && proposal_is_kept(proposal->now.state);
	proposal->is_tapping = event == PROPOSAL_TAPPED;
	if (event == PROPOSAL_CONFIRMED && by)
		proposal->said_in = by->said_in;
	if (event == PROPOSAL_TAPPED) {
		must(by && by->key && by->signature);
		memcpy(proposal->next.approver, by->key, PEOPLE_KEY_BYTES);
		memcpy(proposal->approval, by->signature, sizeof(proposal->approval));
	}
	return write_step(desk, proposal, reason, by);
}

/* --- the first step --------------------------------------------------------------------- */

/* As it is given, but for its hash. */
static struct desk_proposal *make(struct desk *desk, const struct proposal *asked,
				  const struct desk_asker *asker)
{
	struct desk_proposal *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->is_new = true;
	made->since_ms = clock_now_ms(&desk->parts.clock);
	made->now = *asked;
	if (proposal_hash(&made->now) != OK) {
		free(made);
		return NULL;
	}
	made->asker = asker->link->id;
	made->asker_token = asker->token;
	made->next = made->now;
	insert(desk, made);
	return made;
}

static enum err write_first(struct desk *desk, struct desk_proposal *made,
			    enum reason reason)
{
	const enum err err = write_step(desk, made, reason, NULL);

	if (err != OK)
		forget(desk, made);
	return err;
}

enum err desk_proposal_begin(struct desk *desk, const struct proposal *asked,
			     struct memo_writer **memo, const struct desk_asker *asker)
{
	struct proposal begins = *asked;
	struct desk_proposal *made;

	begins.state = PROPOSAL_ASKED;
	begins.asked_ms = clock_wall_ms(&desk->parts.clock);
	begins.since_ms = begins.asked_ms;
	made = make(desk, &begins, asker);
	if (!made)
		return ERR_MEMORY;
	made->memo = *memo;
	*memo = NULL;
	return write_first(desk, made, REASON_NEEDS_TAP);
}

enum err desk_proposal_arrive(struct desk *desk, const struct proposal *come,
			      struct buf *row, const struct desk_asker *asker)
{
	struct desk_proposal *made = make(desk, come, asker);

	if (!made)
		return ERR_MEMORY;
	made->letter = *row;
	buf_init(row, 0);
	return write_first(desk, made, REASON_NONE);
}

/* --- time, and the store ---------------------------------------------------------------- */

/* False: not yet, since what was last tried could not be written; or something of it is
 * being written, also its key: the store takes no batch that puts a row and clears it. */
static bool may_try(const struct desk *desk, const struct desk_proposal *proposal)
{
	return !proposal->is_writing && !proposal->is_amending && !proposal->key_comes &&
	       clock_now_ms(&desk->parts.clock) >= proposal->retry_ms;
}

/* What nobody wants any more by the policy as it is now: asked for in a room that was muted
 * since, and not ordered yet; or on its way to nobody. */
static bool is_unwanted(const struct desk *desk, const struct proposal *now)
{
	const struct room_policy *room = policy_room(&desk->policy, now->action.room);
	const bool is_silenced = !room || room->muted || room->is_revoked;

	return (is_silenced && proposal_waits(now->state)) ||
	       (now->kind != PROPOSAL_AT_ONCE && !desk_message_has_way(desk, now));
}

static void call_off_unwanted(struct desk *desk)
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		struct desk_proposal *proposal = desk->proposals[i];

		if (proposal->now.kind == PROPOSAL_INBOUND)
			proposal->is_unwanted =
				!desk_message_has_way(desk, &proposal->now);
		else
			proposal->was_called_off |= is_unwanted(desk, &proposal->now);
	}
}

void desk_proposal_tick(struct desk *desk)
{
	enum proposal_event event;

	/* Backwards: what is behind one that is over moves up. */
	for (size_t i = desk->proposal_count; i > 0; i--) {
		struct desk_proposal *proposal =
			i <= desk->proposal_count ? desk->proposals[i - 1] : NULL;

		if (proposal && may_try(desk, proposal) &&
		    own_event(desk, proposal, &event))
			(void)!happens_by_itself(desk, proposal, event);
		else if (proposal)
			desk_amend_carry(desk, proposal);
	}
}

int64_t desk_proposal_next_ms(const struct desk *desk, int64_t most_ms)
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct desk_proposal *proposal = desk->proposals[i];

		if (may_try(desk, proposal) && lasts_ms(desk, proposal) > 0 &&
		    desk_proposal_left_ms(desk, proposal) < most_ms)
			most_ms = desk_proposal_left_ms(desk, proposal);
	}
	return most_ms;
}

void desk_proposal_drop_all(struct desk *desk)
{
	while (desk->proposal_count > 0)
		destroy(desk->proposals[--desk->proposal_count]);
}

struct store_range desk_proposal_range(const struct desk *desk)
{
	uint8_t first[PROPOSAL_KEY_BYTES];
	uint8_t last[PROPOSAL_KEY_BYTES];

	memset(first, 0, sizeof(first));
	memset(last, UINT8_MAX, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_PROPOSAL, first, sizeof(first)),
		.last = desk_key(desk, STORE_PROPOSAL, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

/* Of two rows of one proposal the later step counts; the store never holds two. */
static void take_loaded(struct desk *desk, const struct proposal *read)
{
	struct desk_proposal *known = desk_proposal_find(desk, read->id);
	enum proposal_state to;
	enum reason reason;

	if (known && known->now.step >= read->step)
		return;
	if (!known && desk->proposal_count < DESK_PROPOSALS_MAX) {
		known = calloc(1, sizeof(*known));
		if (!known) {
			(void)desk_load_counts(desk, ERR_MEMORY);
			return;
		}
		known->now.id = read->id;
		insert(desk, known);
	}
	if (!known) {
		log_line("keeper: no room for a stored proposal");
		return;
	}
	known->now = *read;
	known->must_restart =
		proposal_step(read->kind, read->state, PROPOSAL_RESTARTED, &to, &reason);
	known->since_ms = clock_now_ms(&desk->parts.clock);
	/* It goes on waiting where it was, as far as the wall clock can tell. */
	const int64_t waited_ms = clock_wall_ms(&desk->parts.clock) - read->since_ms;
	if (!known->must_restart && waited_ms > 0)
		known->since_ms -= waited_ms;
}

/* A row that is not this keeper's is nobody's proposal: it is reported and left alone. */
void desk_proposal_loaded(struct desk *desk, const struct store_rows *rows)
{
	struct proposal read;

	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];

		if (row->key.size == PROPOSAL_KEY_BYTES &&
		    desk_load_counts(desk,
				     proposal_row_read(desk->parts.household,
						       row->key.bytes, desk->public_key,
						       row->value, row->size, &read)))
			take_loaded(desk, &read);
		else if (desk->state != DESK_BROKEN)
			log_line("keeper: a stored proposal is not this keeper's");
	}
}

/* A hold begins anew with a device's word that its owner knows, and what was to be done at
 * once is not done hours later: whoever put back an old row has gained nothing. Until that
 * is written nothing else becomes of it. */
/* What was open in a backup may be done, or unwanted, by now: it goes no further, but that a
 * message which is there already can be listened to. */
static void call_off_restored(struct desk *desk)
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		struct desk_proposal *proposal = desk->proposals[i];

		if (proposal->now.state != PROPOSAL_SENT &&
		    proposal->now.state != PROPOSAL_FETCHED)
			proposal->was_called_off = true;
	}
}

void desk_proposal_ready(struct desk *desk)
{
	if (desk->parts.is_restored)
		call_off_restored(desk);
	/* A policy that is not believed says nothing about who is gone. */
	if (desk->policy_counts)
		call_off_unwanted(desk);
	desk_inbox_policy_changed(desk);
	desk_weather_policy_changed(desk);
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && desk->links[i]->side == DESK_HUB)
			desk_tell_waiting(desk, desk->links[i]);
	desk_proposal_tick(desk);
	/* A gate that came before all this was read has heard of nothing. */
	desk_tell_orders(desk);
}

void desk_proposal_policy_changed(struct desk *desk)
{
	call_off_unwanted(desk);
	desk_proposal_tick(desk);
}
