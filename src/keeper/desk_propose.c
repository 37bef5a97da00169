/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_propose - holds what binds the household until it is approved or over.
 *
 * The hub asks; the keeper looks again by itself whether it may be asked for, writes it
 * down, and shows it to the paired devices. Every step is one of domain/proposal.def, is
 * written into the journal and the store first, and only then holds. Times are counted by
 * a clock that cannot be set, and from the beginning after a restart: nothing goes out
 * earlier than it was promised.
 *
 * Invariants: at most one step of a proposal is being written; what is called off
 * meanwhile is called off as soon as that is settled; the gate gets an order only for what
 * the store holds as ordered.
 */
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum {
	RETRY_MS = 1000, /* after a step that could not be written */
};

#define BY_WORDS ", by the device "

/* --- finding, telling ------------------------------------------------------------------- */

struct desk_proposal *desk_proposal_find(struct desk *desk, struct proposal_id id)
{
	for (size_t i = 0; i < desk->proposal_count; i++)
		if (id_equal(desk->proposals[i]->now.id.bytes, id.bytes))
			return desk->proposals[i];
	return NULL;
}

static int64_t lasts_ms(const struct desk *desk, const struct desk_proposal *proposal)
{
	return proposal_lasts_ms(proposal->now.state,
				 (int64_t)desk->policy.hold_s * 1000);
}

static int64_t left_ms(const struct desk *desk, const struct desk_proposal *proposal)
{
	const int64_t lasts = lasts_ms(desk, proposal);
	const int64_t left =
		lasts - (clock_now_ms(&desk->parts.clock) - proposal->since_ms);

	return lasts == 0 || left < 0 ? 0 : left;
}

static bool is_overdue(const struct desk *desk, const struct desk_proposal *proposal)
{
	return lasts_ms(desk, proposal) > 0 && left_ms(desk, proposal) == 0;
}

/* What moves something of unknown effect needs what lowering security needs. */
static unsigned needed(const struct action *action)
{
	return action_class(action->kind) == CLASS_C ? action_capability(action->kind)
						     : MAY_SECURITY;
}

unsigned desk_proposal_needs(const struct desk_proposal *proposal)
{
	return needed(&proposal->now.action);
}

/* The canonical bytes, as a field of a message; they were made before. */
static struct wire_slice slice_of(const struct action *action,
				  char bytes[ACTION_BYTES_MAX])
{
	size_t size = 0;

	must(action_bytes(action, bytes, &size) == OK);
	return (struct wire_slice){(const uint8_t *)bytes, size};
}

static void tell_device(struct desk *desk, struct desk_link *link,
			const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	const struct device *device = policy_device(&desk->policy, link->key);
	char bytes[ACTION_BYTES_MAX];
	struct wire_notice notice = {
		.turn = now->turn.value,
		.asked_ms = now->asked_ms,
		.action = slice_of(&now->action, bytes),
		.left_ms = (uint32_t)left_ms(desk, proposal),
		.may = device &&
		       (policy_device_may(&desk->policy, device) & needed(&now->action)),
	};

	memcpy(notice.id.bytes, now->id.bytes, ID_BYTES);
	must(str_copy(notice.state, sizeof(notice.state),
		      proposal_state_text(now->state)));
	must(str_copy(notice.reason, sizeof(notice.reason),
		      reason_code(proposal->reason)));
	desk_say(link, WIRE_notice, &notice);
}

static void tell_hub(struct desk_link *link, const struct desk_proposal *proposal,
		     uint64_t token)
{
	const struct proposal *now = &proposal->now;
	char bytes[ACTION_BYTES_MAX];
	struct wire_proposal told = {.token = token,
				     .turn = now->turn.value,
				     .action = slice_of(&now->action, bytes)};

	memcpy(told.id.bytes, now->id.bytes, ID_BYTES);
	must(str_copy(told.state, sizeof(told.state), proposal_state_text(now->state)));
	must(str_copy(told.reason, sizeof(told.reason), reason_code(proposal->reason)));
	desk_say(link, WIRE_proposal, &told);
}

static void tell_gate(struct desk *desk, struct desk_link *link,
		      const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	uint8_t signed_bytes[APPROVAL_ORDER_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char bytes[ACTION_BYTES_MAX];
	struct wire_order order = {.action = slice_of(&now->action, bytes),
				   .until_ms = clock_wall_ms(&desk->parts.clock) +
					       left_ms(desk, proposal),
				   .signature = {signature, sizeof(signature)}};

	if (now->state != PROPOSAL_ORDERED)
		return;
	memcpy(order.id.bytes, now->id.bytes, ID_BYTES);
	const size_t size =
		approval_order_bytes(desk->parts.household, now->id, now->hash,
				     order.until_ms, NULL, signed_bytes);
	if (seal_sign_labelled(secret_view(desk->parts.seed), APPROVAL_ORDER_LABEL,
			       signed_bytes, size, signature) == OK)
		desk_say(link, WIRE_order, &order);
}

static void tell(struct desk *desk, struct desk_link *link,
		 const struct desk_proposal *proposal)
{
	switch (link->side) {
	case DESK_DEVICE:
		if (link->has_key)
			tell_device(desk, link, proposal);
		break;
	case DESK_HUB:
		tell_hub(link, proposal,
			 link->id == proposal->asker ? proposal->asker_token : 0);
		break;
	case DESK_GATE:
		tell_gate(desk, link, proposal);
		break;
	case DESK_OWNER:
		break;
	}
}

static void tell_all(struct desk *desk, struct desk_proposal *proposal)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i])
			tell(desk, desk->links[i], proposal);
	proposal->asker = 0;
}

void desk_propose_tell(struct desk *desk, struct desk_link *link)
{
	for (size_t i = 0; i < desk->proposal_count; i++)
		if (!desk->proposals[i]->is_new)
			tell(desk, link, desk->proposals[i]);
}

/* --- steps ------------------------------------------------------------------------------ */

static void destroy(struct desk_proposal *proposal)
{
	seal_wipe(proposal, sizeof(*proposal));
	free(proposal);
}

static void forget(struct desk *desk, struct desk_proposal *proposal)
{
	size_t at = 0;

	while (at < desk->proposal_count && desk->proposals[at] != proposal)
		at++;
	must(at < desk->proposal_count);
	desk->proposals[at] = desk->proposals[--desk->proposal_count];
	destroy(proposal);
}

static void refuse_asker(struct desk_link *link, uint64_t token, enum reason reason)
{
	struct wire_proposal told = {.token = token};

	must(str_copy(told.reason, sizeof(told.reason), reason_code(reason)));
	desk_say(link, WIRE_proposal, &told);
}

/* It was not written: a new one was never there, another is where it was. */
static void step_failed(struct desk *desk, struct desk_proposal *proposal,
			const struct item *item)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	if (proposal->is_new) {
		refuse_asker(desk_link_by_id(desk, proposal->asker),
			     proposal->asker_token, REASON_JOURNAL_UNAVAILABLE);
		forget(desk, proposal);
		return;
	}
	proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
	if (link)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
}

static void step_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, item->proposal);
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	must(proposal && proposal->is_writing);
	proposal->is_writing = false;
	if (err != OK) {
		step_failed(desk, proposal, item);
		return;
	}
	proposal->now = proposal->next;
	proposal->is_new = false;
	proposal->must_restart = false;
	proposal->since_ms = clock_now_ms(&desk->parts.clock);
	if (link)
		desk_say_done(link, item->token, OK, place, (struct record_id){{0}});
	/* Called off meanwhile: that is written before anybody hears of this state. */
	if (proposal->was_called_off &&
	    desk_proposal_happens(desk, proposal, PROPOSAL_CALLED_OFF, NULL) == OK)
		return;
	tell_all(desk, proposal);
	if (proposal_is_over(proposal->now.state))
		forget(desk, proposal);
}

/* Who took it further, where that was a device; and its word for it, to be verified. */
static void add_evidence(struct event *event, const struct desk_signed *by)
{
	char device[KEY_FINGERPRINT_BYTES] = "";
	char words[KEY_FINGERPRINT_BYTES + sizeof(BY_WORDS)] = "";
	char signature[SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES)];

	if (by && key_fingerprint(by->key, device) == OK)
		must(str_format(words, sizeof(words), BY_WORDS "%s", device));
	event_add(event, "by", words);
	if (device[0] == '\0')
		return;
	seal_base64(signature, sizeof(signature), by->signature, SEAL_SIGNATURE_BYTES);
	event_add(event, "device", device);
	event_add(event, "signature", signature);
}

static void step_event(struct desk *desk, struct event *event,
		       const struct proposal *next, enum reason reason,
		       const struct desk_signed *by)
{
	desk_event(desk, event, EVENT_PROPOSAL, next->action.room);
	event->turn = next->turn;
	desk_event_add_id(event, "proposal", next->id.bytes);
	event_add(event, "action", action_name(next->action.kind));
	event_add(event, "entity", next->action.entity);
	event_add(event, "state", proposal_state_text(next->state));
	event_add(event, "words", proposal_state_words(next->state));
	event_add(event, "reason", reason_code(reason));
	add_evidence(event, by);
}

static struct store_key row_key(const struct desk *desk, const struct proposal *proposal)
{
	uint8_t bytes[PROPOSAL_KEY_BYTES];

	proposal_row_key(proposal, bytes);
	return desk_key(desk, STORE_PROPOSAL, bytes, sizeof(bytes));
}

/* The new row in, the old one out; of what is over no row stays. */
static enum err add_rows(struct desk *desk, struct item *item,
			 const struct desk_proposal *proposal)
{
	uint8_t row[PROPOSAL_ROW_BYTES_MAX];
	struct store_key key = row_key(desk, &proposal->now);
	size_t size = 0;
	enum err err = OK;

	if (!proposal->is_new)
		item_destroy_row(item, &key);
	if (proposal_is_over(proposal->next.state))
		return OK;
	key = row_key(desk, &proposal->next);
	err = proposal_row_write(desk->parts.household, &proposal->next,
				 secret_view(desk->parts.seed), row, &size);
	return err ? err : item_add_row(item, &key, row, size);
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
	item->proposal = proposal->now.id;
	step_event(desk, &item->event, &proposal->next, reason, by);
	proposal->reason = reason;
	proposal->is_writing = true;
	desk_write_take(desk, &item);
	return OK;
}

enum err desk_proposal_happens(struct desk *desk, struct desk_proposal *proposal,
			       enum proposal_event event, const struct desk_signed *by)
{
	enum proposal_state to;
	enum reason reason;

	if (proposal->is_writing) {
		proposal->was_called_off |= event == PROPOSAL_CALLED_OFF;
		return ERR_BUSY;
	}
	if ((by && event != PROPOSAL_CALLED_OFF && is_overdue(desk, proposal)) ||
	    (proposal->must_restart && event != PROPOSAL_RESTARTED) ||
	    !proposal_step(proposal->now.kind, proposal->now.state, event, &to, &reason))
		return ERR_DENIED;
	proposal->next = proposal->now;
	proposal->next.state = to;
	proposal->next.step++;
	if (event == PROPOSAL_TAPPED)
		memcpy(proposal->next.approver, by->key, PEOPLE_KEY_BYTES);
	return write_step(desk, proposal, reason, by);
}

/* --- asking ----------------------------------------------------------------------------- */

/* The keeper's own look at what the hub asks for; it has no parser and no home, but the
 * policy it has. */
static enum reason may_be_asked(struct desk *desk, const struct action *action)
{
	const struct room_policy *room = policy_room(&desk->policy, action->room);

	if (desk->owner_count == 0)
		return REASON_NO_OWNER;
	if (action_class(action->kind) == CLASS_A || !room || room->is_revoked)
		return REASON_NO_ACTION;
	if (room->muted)
		return REASON_MUTED;
	if (policy_room_is_thin(room))
		return REASON_THIN_ROOM;
	if (!(room->capabilities & needed(action)))
		return REASON_CAPABILITY_OFF;
	if (!desk_device_reaches(desk, needed(action)))
		return REASON_NO_APPROVER;
	if (desk->proposal_count == DESK_PROPOSALS_MAX ||
	    hourly_too_many(&desk->hourly, action->kind,
			    clock_now_ms(&desk->parts.clock)))
		return REASON_TOO_MANY;
	return REASON_NONE;
}

static struct desk_proposal *make(struct desk *desk, const struct action *action,
				  struct turn_id turn)
{
	struct desk_proposal *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->is_new = true;
	made->since_ms = clock_now_ms(&desk->parts.clock);
	made->now.turn = turn;
	made->now.action = *action;
	made->now.kind = PROPOSAL_AT_ONCE;
	made->now.state = PROPOSAL_ASKED;
	made->now.asked_ms = clock_wall_ms(&desk->parts.clock);
	rand_fill(&desk->parts.rand, made->now.id.bytes, ID_BYTES);
	if (proposal_hash(&made->now) != OK) {
		free(made);
		return NULL;
	}
	made->next = made->now;
	desk->proposals[desk->proposal_count++] = made;
	return made;
}

void desk_propose(struct desk *desk, struct desk_link *link,
		  const struct wire_propose *propose)
{
	struct desk_proposal *made = NULL;
	struct action action;
	enum reason reason = REASON_NO_ACTION;

	if (action_read((const char *)propose->action.bytes, propose->action.size,
			&action) == OK)
		reason = may_be_asked(desk, &action);
	if (reason == REASON_NONE)
		made = make(desk, &action, (struct turn_id){propose->turn});
	if (!made) {
		refuse_asker(link, propose->token,
			     reason ? reason : REASON_JOURNAL_UNAVAILABLE);
		return;
	}
	made->asker = link->id;
	made->asker_token = propose->token;
	if (write_step(desk, made, REASON_NEEDS_TAP, NULL) != OK) {
		refuse_asker(link, propose->token, REASON_JOURNAL_UNAVAILABLE);
		forget(desk, made);
	}
}

void desk_call_off(struct desk *desk, const struct wire_call_off *call_off)
{
	struct proposal_id id;
	struct desk_proposal *proposal;

	memcpy(id.bytes, call_off->proposal.bytes, ID_BYTES);
	proposal = desk_proposal_find(desk, id);
	if (proposal)
		(void)!desk_proposal_happens(desk, proposal, PROPOSAL_CALLED_OFF, NULL);
}

void desk_carried(struct desk *desk, const struct wire_carried *carried)
{
	struct proposal_id id;
	struct desk_proposal *proposal;

	memcpy(id.bytes, carried->id.bytes, ID_BYTES);
	proposal = desk_proposal_find(desk, id);
	if (proposal && desk_proposal_happens(desk, proposal,
					      carried->err == OK ? PROPOSAL_CARRIED
								 : PROPOSAL_FAILED_OUT,
					      NULL) != OK)
		log_line("keeper: the gate tells of something that it was not told");
}

/* --- time, and the store ---------------------------------------------------------------- */

/* What has become of it by itself, the first that can: it was started anew, was called off
 * while something was written, or has had its time. */
static bool own_event(const struct desk *desk, const struct desk_proposal *proposal,
		      enum proposal_event *out_event)
{
	const struct {
		enum proposal_event event;
		bool is_due;
	} events[] = {
		{PROPOSAL_RESTARTED, proposal->must_restart},
		{PROPOSAL_CALLED_OFF, proposal->was_called_off},
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

/* False: not yet, since what was last tried could not be written. */
static bool may_try(const struct desk *desk, const struct desk_proposal *proposal)
{
	return !proposal->is_writing &&
	       clock_now_ms(&desk->parts.clock) >= proposal->retry_ms;
}

void desk_propose_tick(struct desk *desk)
{
	enum proposal_event event;

	/* Backwards: what is over is replaced by the last. */
	for (size_t i = desk->proposal_count; i > 0; i--) {
		struct desk_proposal *proposal =
			i <= desk->proposal_count ? desk->proposals[i - 1] : NULL;

		if (proposal && may_try(desk, proposal) &&
		    own_event(desk, proposal, &event))
			(void)!desk_proposal_happens(desk, proposal, event, NULL);
	}
}

int64_t desk_propose_next_ms(const struct desk *desk, int64_t most_ms)
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct desk_proposal *proposal = desk->proposals[i];

		if (may_try(desk, proposal) && lasts_ms(desk, proposal) > 0 &&
		    left_ms(desk, proposal) < most_ms)
			most_ms = left_ms(desk, proposal);
	}
	return most_ms;
}

void desk_propose_drop_all(struct desk *desk)
{
	while (desk->proposal_count > 0)
		destroy(desk->proposals[--desk->proposal_count]);
}

struct store_range desk_propose_range(const struct desk *desk)
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
		if (known)
			desk->proposals[desk->proposal_count++] = known;
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
	const int64_t waited_ms = clock_wall_ms(&desk->parts.clock) - read->asked_ms;
	if (read->state == PROPOSAL_ASKED && waited_ms > 0)
		known->since_ms -= waited_ms;
}

/* A row that is not this keeper's is nobody's proposal: it is reported and left alone. */
void desk_propose_loaded(struct desk *desk, const struct store_rows *rows)
{
	struct proposal read;

	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];

		if (row->key.size == PROPOSAL_KEY_BYTES &&
		    proposal_row_read(desk->parts.household, row->key.bytes,
				      desk->public_key, row->value, row->size,
				      &read) == OK)
			take_loaded(desk, &read);
		else
			log_line("keeper: a stored proposal is not this keeper's");
	}
}

/* A hold begins anew with a device's word that its owner knows, and what was to be done at
 * once is not done hours later: whoever put back an old row has gained nothing. Until that
 * is written nothing else becomes of it. */
void desk_propose_ready(struct desk *desk)
{
	desk_propose_tick(desk);
}
