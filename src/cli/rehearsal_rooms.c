/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_rooms - see the header.
 *
 * Adds no rule of its own. Invariants: a muted room takes up nothing; what binds is done
 * only by a proposal's own steps, and whether a device signed it is told by them.
 */
#include "cli/rehearsal_rooms.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/naive.h"
#include "decide/decide.h"
#include "domain/warrant.h"

enum {
	VOLUME_PERCENT = 50,
	FRAMES = 200, /* long enough for the lowest of floors */
	STEP_MS = 1000,
};

/* --- making one ------------------------------------------------------------------------- */

static void add_room(struct rehearsal_rooms *rooms, const struct rehearsal_place *place)
{
	const size_t index = rooms->policy.room_count++;
	struct room_policy *policy = &rooms->policy.rooms[index];
	struct rehearsal_room *room = &rooms->rooms[index];

	must(index < REHEARSAL_ROOMS_MAX);
	*policy = (struct room_policy){.capabilities = MAY_ALL, .has_key = true};
	must(str_copy(policy->room.text, sizeof(policy->room.text), place->name));
	*room = (struct rehearsal_room){.level_db = place->db, .late_ms = place->late_ms};
	fuse_init(&room->wakes, FUSE_WAKES_MAX);
	fuse_init(&room->proposals, FUSE_PROPOSALS_MAX);
}

enum err rehearsal_rooms_create(const struct rehearsal_house *house, struct arena *arena,
				const char *wake_word,
				const struct rehearsal_place *places, size_t count,
				struct rehearsal_rooms **out_rooms)
{
	struct rehearsal_rooms *rooms = calloc(1, sizeof(*rooms));

	if (!rooms)
		return ERR_MEMORY;
	rooms->house = house;
	rooms->arena = arena;
	rooms->wake_word = wake_word;
	rooms->policy = house->policy;
	rooms->policy.room_count = 0;
	for (size_t i = 0; i < count; i++)
		add_room(rooms, &places[i]);
	election_init(&rooms->election);
	*out_rooms = rooms;
	return OK;
}

size_t rehearsal_rooms_pair(struct rehearsal_rooms *rooms, enum person_role role)
{
	struct policy *policy = &rooms->policy;
	const size_t number = policy->device_count++;
	struct person *person = &policy->people[policy->person_count++];
	struct device *device = &policy->devices[number];

	must(number < POLICY_DEVICES_MAX);
	*person = (struct person){.role = role, .capabilities = role_capabilities(role)};
	person->id.bytes[0] = (uint8_t)(number + 1);
	*device = (struct device){.person = person->id};
	device->key[0] = (uint8_t)(number + 1);
	rooms->reach |= policy_device_may(policy, device);
	return number;
}

struct room_policy *rehearsal_rooms_policy(struct rehearsal_rooms *rooms, size_t room)
{
	must(room < rooms->policy.room_count);
	return &rooms->policy.rooms[room];
}

/* --- proposals -------------------------------------------------------------------------- */

static void carry_out(struct rehearsal_rooms *rooms, struct rehearsal_proposal *proposal)
{
	rooms->bound += !proposal->was_tapped;
	rooms->bound_by_tap += proposal->was_tapped;
	must(proposal_step(proposal->kind, proposal->state, PROPOSAL_CARRIED,
			   &proposal->state, &proposal->reason));
}

static bool happens(struct rehearsal_rooms *rooms, struct rehearsal_proposal *proposal,
		    enum proposal_event event)
{
	enum reason reason;

	if (!proposal_step(proposal->kind, proposal->state, event, &proposal->state,
			   &reason))
		return false;
	proposal->since_ms = rooms->now_ms;
	proposal->was_tapped |= event == PROPOSAL_TAPPED;
	if (reason != REASON_NONE)
		proposal->reason = reason;
	if (proposal->state == PROPOSAL_ORDERED)
		carry_out(rooms, proposal);
	return true;
}

static void time_of(struct rehearsal_rooms *rooms, struct rehearsal_proposal *proposal)
{
	const int64_t lasts_ms = proposal_lasts_ms(proposal->kind, proposal->state,
						   (int64_t)rooms->policy.hold_s * 1000);

	if (lasts_ms > 0 && rooms->now_ms - proposal->since_ms >= lasts_ms)
		(void)happens(rooms, proposal, PROPOSAL_TIME);
	else if (rooms->reach & proposal->needs)
		(void)happens(rooms, proposal, PROPOSAL_RECEIVED);
}

/* As the keeper's table of verdicts: whoever has a device may call off. */
bool rehearsal_rooms_verdict(struct rehearsal_rooms *rooms, int proposal, size_t device,
			     enum approval_verdict verdict)
{
	static const enum proposal_event EVENTS[APPROVAL_VERDICT_COUNT] = {
		[APPROVAL_RECEIPT] = PROPOSAL_RECEIVED,
		[APPROVAL_APPROVE] = PROPOSAL_TAPPED,
		[APPROVAL_CANCEL] = PROPOSAL_CALLED_OFF,
	};
	const struct policy *policy = &rooms->policy;
	struct rehearsal_proposal *about;

	must(proposal >= 0 && (size_t)proposal < rooms->proposal_count);
	must(device < policy->device_count);
	about = &rooms->proposals[proposal];
	if (verdict != APPROVAL_CANCEL &&
	    !(policy_device_may(policy, &policy->devices[device]) & about->needs))
		return false;
	return happens(rooms, about, EVENTS[verdict]);
}

static void call_off(struct rehearsal_rooms *rooms, int room)
{
	for (size_t i = 0; i < rooms->proposal_count; i++)
		if (rooms->proposals[i].room == room)
			(void)happens(rooms, &rooms->proposals[i], PROPOSAL_CALLED_OFF);
}

static bool can_call_off(const struct rehearsal_rooms *rooms, int room)
{
	for (size_t i = 0; i < rooms->proposal_count; i++)
		if (rooms->proposals[i].room == room &&
		    !proposal_is_over(rooms->proposals[i].state))
			return true;
	return false;
}

/* The keeper's own look, as far as it is not the hub's as well. */
static enum reason may_be_asked(struct rehearsal_rooms *rooms, enum action_kind kind,
				unsigned needs)
{
	if (!(rooms->reach & needs))
		return REASON_NO_APPROVER;
	if (!(rooms->without & REHEARSAL_WITHOUT_HOURLY) &&
	    hourly_too_many(&rooms->hourly, kind, rooms->now_ms))
		return REASON_TOO_MANY;
	return REASON_NEEDS_TAP;
}

static void propose(struct rehearsal_rooms *rooms, int room, enum action_kind kind,
		    struct rehearsal_turn *turn)
{
	const unsigned needs =
		action_class(kind) == CLASS_C ? action_capability(kind) : MAY_SECURITY;

	turn->reason = may_be_asked(rooms, kind, needs);
	if (turn->reason != REASON_NEEDS_TAP)
		return;
	must(rooms->proposal_count < REHEARSAL_PROPOSALS_MAX);
	turn->proposal = (int)rooms->proposal_count;
	rooms->proposals[rooms->proposal_count++] = (struct rehearsal_proposal){
		.kind = kind == ACTION_SEND_MESSAGE ? PROPOSAL_MESSAGE : PROPOSAL_AT_ONCE,
		.state = PROPOSAL_ASKED,
		.since_ms = rooms->now_ms,
		.action = kind,
		.needs = needs,
		.room = room,
		.reason = REASON_NEEDS_TAP,
	};
}

static void confirm(struct rehearsal_rooms *rooms, int room)
{
	for (size_t i = rooms->proposal_count; i-- > 0;)
		if (rooms->proposals[i].room == room &&
		    happens(rooms, &rooms->proposals[i], PROPOSAL_CONFIRMED))
			return;
}

/* --- what was decided ------------------------------------------------------------------- */

static void act(struct rehearsal_rooms *rooms, const struct decision *decision,
		struct rehearsal_turn *turn)
{
	const struct action *first = warrant_shows(decision->warrants[0]);

	turn->action = decision->action;
	must(str_copy(turn->entity, sizeof(turn->entity), first->entity));
	rooms->bound += decision->class_of == CLASS_C;
	rooms->moved += decision->class_of == CLASS_B;
}

/* As turn/ and hub/ do it. */
static void follow(struct rehearsal_rooms *rooms, int room,
		   const struct decision *decision, struct rehearsal_turn *turn)
{
	turn->kind = decision->kind;
	turn->reason = decision->reason;
	rooms->rooms[room].dialogue = decision->dialogue;
	if (decision->kind == DECISION_ACT)
		act(rooms, decision, turn);
	else if (decision->does == DIALOGUE_DOES_CONFIRM)
		confirm(rooms, room);
	else if (decision->does == DIALOGUE_DOES_PROPOSE)
		propose(rooms, room, ACTION_SEND_MESSAGE, turn);
	else if (decision->kind == DECISION_HOLD)
		propose(rooms, room, decision->proposed[0].kind, turn);
	if (decision->does == DIALOGUE_DOES_CALL_OFF)
		call_off(rooms, room);
}

/* As the hub counts: the third within the hour that nobody follows up mutes the room. */
static void count_proposal(struct rehearsal_rooms *rooms, int room,
			   const struct decision *decision,
			   const struct rehearsal_turn *turn)
{
	if (decision->class_of == CLASS_C && turn->reason == REASON_NEEDS_TAP &&
	    !(rooms->without & REHEARSAL_WITHOUT_FUSES) &&
	    fuse_count(&rooms->rooms[room].proposals, rooms->now_ms))
		rooms->policy.rooms[room].muted = true;
}

static void judge(struct rehearsal_rooms *rooms, int room, struct decide_input *input,
		  struct rehearsal_turn *turn)
{
	struct decision decision;

	input->home = &rooms->house->home;
	input->policy = &rooms->policy;
	input->room = rooms->policy.rooms[room].room.text;
	input->spoken = true;
	input->volume_percent = VOLUME_PERCENT;
	input->can_hold = true;
	input->reach = rooms->reach;
	input->dialogue = &rooms->rooms[room].dialogue;
	input->can_call_off = can_call_off(rooms, room);
	input->wake_word = rooms->wake_word;
	input->carries_to_houses = true;
	input->now_ms = rooms->now_ms;
	input->speech_frames = FRAMES;
	input->word_count = 1;
	arena_reset(rooms->arena);
	must(decide(input, rooms->arena, &decision) == OK);
	turn->room = room;
	turn->answers++;
	rooms->rooms[room].answered++;
	follow(rooms, room, &decision, turn);
	count_proposal(rooms, room, &decision, turn);
}

/* --- what was said ---------------------------------------------------------------------- */

static void hear(struct rehearsal_rooms *rooms, int room,
		 const struct rehearsal_said *said, const char *text,
		 struct rehearsal_turn *turn)
{
	struct understanding understood;
	struct decide_input input = {.understanding = &understood,
				     .ratio = said->ratio,
				     .media_match = said->is_ours,
				     .one_sided = said->is_one_sided};

	understand_heard(rehearsal_house_words(rooms->house, &rooms->rooms[room].dialogue)
				 ->compiled,
			 text, rooms->policy.rooms[room].room.text, &understood);
	judge(rooms, room, &input, turn);
}

/* Behind the record tone everything said is the message. */
static void record(struct rehearsal_rooms *rooms, int room, struct rehearsal_turn *turn)
{
	static const struct understanding none = {.confidence = 1};
	static const uint8_t HASH[ACTION_BODY_BYTES] = {1};
	struct decide_input input = {.understanding = &none,
				     .news = DIALOGUE_SPOKEN,
				     .memo = HASH};

	judge(rooms, room, &input, turn);
}

/* The room in whose dialogue an answer is waited for. */
static int waiting_room(const struct rehearsal_rooms *rooms)
{
	for (size_t i = 0; i < rooms->policy.room_count; i++)
		if (rooms->rooms[i].dialogue.step != DIALOGUE_NONE)
			return (int)i;
	return REHEARSAL_NOBODY;
}

static size_t count_listening(const struct rehearsal_rooms *rooms)
{
	size_t count = 0;

	for (size_t i = 0; i < rooms->policy.room_count; i++)
		count += !rooms->policy.rooms[i].muted;
	return count;
}

const char *rehearsal_behind(const char *text, const char *word)
{
	const size_t size = strlen(word);

	for (const char *at = text; *at;) {
		const size_t length = strcspn(at, " ");
		const char *next = at + length + strspn(at + length, " ");

		if (length == size && strncmp(at, word, size) == 0)
			return next;
		at = next;
	}
	return NULL;
}

/* The rooms in the order in which the name gets there. */
static void order(const struct rehearsal_rooms *rooms, size_t to[REHEARSAL_ROOMS_MAX])
{
	for (size_t i = 0; i < rooms->policy.room_count; i++) {
		size_t at = i;

		for (;
		     at > 0 && rooms->rooms[to[at - 1]].late_ms > rooms->rooms[i].late_ms;
		     at--)
			to[at] = to[at - 1];
		to[at] = i;
	}
}

/* The window is over, or everybody has spoken up. */
static void decide_election(struct rehearsal_rooms *rooms,
			    const struct rehearsal_said *said,
			    struct rehearsal_turn *turn)
{
	struct election_wake losers[ELECTION_ROOMS_MAX];
	struct election_wake winner;

	(void)election_decide(&rooms->election, &winner, losers);
	hear(rooms, (int)winner.room, said,
	     rehearsal_behind(said->text, rooms->wake_word), turn);
}

/* As a room does that believes the name: its fuse comes first. */
static void wake(struct rehearsal_rooms *rooms, size_t index, int64_t at_ms)
{
	struct rehearsal_room *room = &rooms->rooms[index];
	const struct election_wake wake = {.room = (uint32_t)index,
					   .level_db = room->level_db,
					   .heard_ms = at_ms};

	room->taken++;
	if (!(rooms->without & REHEARSAL_WITHOUT_FUSES) &&
	    fuse_count(&room->wakes, at_ms))
		rooms->policy.rooms[index].muted = true;
	else
		(void)election_add(&rooms->election, &wake, at_ms);
}

static void elect(struct rehearsal_rooms *rooms, const struct rehearsal_said *said,
		  struct rehearsal_turn *turn)
{
	size_t in_order[REHEARSAL_ROOMS_MAX] = {0};

	order(rooms, in_order);
	for (size_t i = 0; i < rooms->policy.room_count; i++) {
		const size_t index = in_order[i];
		const int64_t at_ms = rooms->now_ms + rooms->rooms[index].late_ms;

		if (rooms->policy.rooms[index].muted)
			continue;
		if (election_is_due(&rooms->election, count_listening(rooms), at_ms))
			decide_election(rooms, said, turn);
		wake(rooms, index, at_ms);
	}
	if (rooms->election.count > 0)
		decide_election(rooms, said, turn);
}

void rehearsal_rooms_say(struct rehearsal_rooms *rooms, const struct rehearsal_said *said,
			 struct rehearsal_turn *out_turn)
{
	const int waiting = waiting_room(rooms);

	*out_turn = (struct rehearsal_turn){.room = REHEARSAL_NOBODY,
					    .proposal = REHEARSAL_NOBODY,
					    .reason = REASON_WAKE_REJECTED};
	if (count_listening(rooms) == 0)
		out_turn->reason = REASON_MUTED;
	else if (waiting == REHEARSAL_NOBODY &&
		 rehearsal_behind(said->text, rooms->wake_word))
		elect(rooms, said, out_turn);
	else if (waiting != REHEARSAL_NOBODY &&
		 rooms->rooms[waiting].dialogue.step == DIALOGUE_RECORD)
		record(rooms, waiting, out_turn);
	else if (waiting != REHEARSAL_NOBODY)
		hear(rooms, waiting, said, said->text, out_turn);
}

/* Nobody answered. */
static void end_dialogues(struct rehearsal_rooms *rooms)
{
	static const struct understanding none = {.confidence = 1};
	struct rehearsal_turn turn = {.proposal = REHEARSAL_NOBODY};

	for (size_t i = 0; i < rooms->policy.room_count; i++) {
		struct decide_input input = {.understanding = &none,
					     .news = DIALOGUE_TIME};

		if (rooms->rooms[i].dialogue.step != DIALOGUE_NONE)
			judge(rooms, (int)i, &input, &turn);
	}
}

void rehearsal_rooms_pass(struct rehearsal_rooms *rooms, int64_t ms)
{
	if (ms > DIALOGUE_ANSWER_MS)
		end_dialogues(rooms);
	for (int64_t passed = 0; passed < ms; passed += STEP_MS) {
		rooms->now_ms += STEP_MS;
		for (size_t i = 0; i < rooms->proposal_count; i++)
			time_of(rooms, &rooms->proposals[i]);
	}
}
