/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_fake - see the header. Keeps questions in a ring in the order they came and
 * answers them in that order; it never reorders, because the real keeper does not.
 *
 * Invariant: an entry is in `waiting` exactly until its done() was called.
 */
#include "fake/keep_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	WAITING_MAX = 256,
	EVENTS_MAX = 16384,
	RECORDINGS_MAX = 4096,
	PROPOSALS_MAX = 4096
};

struct question {
	uint64_t token;
	bool is_seal;
	bool is_proposal;
	struct action action;
	struct turn_id turn;
	bool forced; /* forced_err is the answer, whatever else is set */
	bool written_all_the_same;
	enum err forced_err;
	struct event event;
	struct keep_fake_recording recording;
};

struct keep_fake {
	struct keep_listener listener;
	struct policy policy;
	bool has_forecast;
	struct forecast forecast;
	bool up;
	bool held;
	bool has_no_approver;
	size_t proposal_count;
	struct action *proposals;
	bool changed;
	size_t fail_count;
	enum err fail_err;
	size_t waiting_count;
	struct question waiting[WAITING_MAX];
	size_t event_count;
	struct event *events;
	size_t recording_count;
	struct keep_fake_recording *recordings;
	uint64_t next_record;
};

static void remember_event(struct keep_fake *fake, const struct event *event)
{
	must(fake->event_count < EVENTS_MAX);
	fake->events[fake->event_count] = *event;
	fake->event_count++;
}

static enum err fake_append(void *self, const struct event *event, uint64_t token)
{
	struct keep_fake *fake = self;

	must(event->kind < EVENT_KIND_COUNT);
	must(event->field_count <= EVENT_FIELDS_MAX);
	if (!fake->up)
		return ERR_CLOSED;
	if (fake->waiting_count == WAITING_MAX)
		return ERR_LIMIT;
	fake->waiting[fake->waiting_count] =
		(struct question){.token = token, .event = *event};
	fake->waiting_count++;
	return OK;
}

static enum err copy_recording(const struct keep_recording *from,
			       struct keep_fake_recording *to)
{
	size_t size = from->sound.count * sizeof(*to->samples);

	*to = (struct keep_fake_recording){.turn = from->turn, .at_ms = from->at_ms};
	if (!str_copy(to->room, sizeof(to->room), from->room) ||
	    !str_copy(to->transcript, sizeof(to->transcript), from->transcript))
		return ERR_LIMIT;
	to->samples = malloc(size > 0 ? size : 1);
	if (!to->samples)
		return ERR_MEMORY;
	if (size > 0)
		memcpy(to->samples, from->sound.samples, size);
	to->sample_count = from->sound.count;
	return OK;
}

static enum err fake_seal(void *self, const struct keep_recording *recording,
			  uint64_t token)
{
	struct keep_fake *fake = self;
	struct question *question;
	enum err err;

	if (!fake->up)
		return ERR_CLOSED;
	if (fake->waiting_count == WAITING_MAX ||
	    recording->sound.count > (size_t)KEEP_SECONDS_MAX * AUDIO_HZ)
		return ERR_LIMIT;
	question = &fake->waiting[fake->waiting_count];
	*question = (struct question){.token = token, .is_seal = true};
	err = copy_recording(recording, &question->recording);
	if (err == OK)
		fake->waiting_count++;
	return err;
}

static enum err fake_propose(void *self, const struct action *action, struct turn_id turn,
			     uint64_t token)
{
	struct keep_fake *fake = self;

	if (!fake->up)
		return ERR_CLOSED;
	if (fake->waiting_count == WAITING_MAX)
		return ERR_LIMIT;
	fake->waiting[fake->waiting_count] = (struct question){.token = token,
							       .is_proposal = true,
							       .action = *action,
							       .turn = turn};
	fake->waiting_count++;
	return OK;
}

static const struct forecast *fake_forecast(void *self)
{
	const struct keep_fake *fake = self;

	return fake->has_forecast ? &fake->forecast : NULL;
}

static const struct policy *fake_policy(void *self)
{
	return &((struct keep_fake *)self)->policy;
}

static bool fake_is_up(void *self)
{
	return ((struct keep_fake *)self)->up;
}

static void fake_close(void *self)
{
	struct keep_fake *fake = self;

	fake->listener = (struct keep_listener){.context = NULL};
}

static const struct keep_ops fake_ops = {
	.append = fake_append,
	.seal = fake_seal,
	.propose = fake_propose,
	.policy = fake_policy,
	.forecast = fake_forecast,
	.is_up = fake_is_up,
	.close = fake_close,
};

enum err keep_fake_create(struct keep_fake **out_fake)
{
	struct keep_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->events = calloc(EVENTS_MAX, sizeof(*fake->events));
	fake->recordings = calloc(RECORDINGS_MAX, sizeof(*fake->recordings));
	fake->proposals = calloc(PROPOSALS_MAX, sizeof(*fake->proposals));
	if (!fake->events || !fake->recordings || !fake->proposals) {
		keep_fake_destroy(fake);
		return ERR_MEMORY;
	}
	fake->up = true;
	fake->next_record = 1;
	policy_init(&fake->policy);
	*out_fake = fake;
	return OK;
}

void keep_fake_destroy(struct keep_fake *fake)
{
	if (!fake)
		return;
	for (size_t i = 0; i < fake->waiting_count; i++)
		free(fake->waiting[i].recording.samples);
	for (size_t i = 0; i < fake->recording_count; i++)
		free(fake->recordings[i].samples);
	free(fake->events);
	free(fake->recordings);
	free(fake->proposals);
	free(fake);
}

void keep_fake_listen(struct keep_fake *fake, struct keep_listener listener)
{
	fake->listener = listener;
}

struct keep keep_fake_port(struct keep_fake *fake)
{
	return (struct keep){.ops = &fake_ops, .self = fake};
}

static void force_all(struct keep_fake *fake, enum err err, bool written)
{
	for (size_t i = 0; i < fake->waiting_count; i++) {
		if (fake->waiting[i].forced)
			continue;
		fake->waiting[i].forced = true;
		fake->waiting[i].forced_err = err;
		fake->waiting[i].written_all_the_same = written;
	}
}

void keep_fake_set_up(struct keep_fake *fake, bool up)
{
	if (fake->up == up)
		return;
	fake->up = up;
	fake->changed = true;
	if (!up)
		force_all(fake, ERR_CLOSED, false);
}

void keep_fake_set_policy(struct keep_fake *fake, const struct policy *policy)
{
	fake->policy = *policy;
	fake->changed = true;
}

void keep_fake_set_forecast(struct keep_fake *fake, const struct forecast *forecast)
{
	fake->has_forecast = forecast != NULL;
	if (forecast)
		fake->forecast = *forecast;
}

void keep_fake_settle(struct keep_fake *fake, const char *const *rooms)
{
	struct policy policy;

	policy_init(&policy);
	policy.has_owner = true;
	for (; *rooms; rooms++) {
		struct room_policy *room;

		must(policy.room_count < POLICY_ROOMS_MAX);
		room = &policy.rooms[policy.room_count];
		must(str_copy(room->room.text, sizeof(room->room.text), *rooms));
		room->capabilities = MAY_ALL;
		room->muted = false;
		room->is_private = true;
		room->has_key = true;
		room->key[0] = (uint8_t)(1 + policy.room_count);
		room->private_owner = (struct owner_id){.bytes = {0x0a}};
		policy.room_count++;
	}
	keep_fake_set_policy(fake, &policy);
}

void keep_fake_fail_next(struct keep_fake *fake, size_t count, enum err err)
{
	must(err != OK);
	fake->fail_count = count;
	fake->fail_err = err;
}

size_t keep_fake_proposal_count(const struct keep_fake *fake)
{
	return fake->proposal_count;
}

const struct action *keep_fake_proposal(const struct keep_fake *fake, size_t index)
{
	must(index < fake->proposal_count);
	return &fake->proposals[index];
}

void keep_fake_set_approver(struct keep_fake *fake, bool has_one)
{
	fake->has_no_approver = !has_one;
}

void keep_fake_hold(struct keep_fake *fake, bool held)
{
	fake->held = held;
}

void keep_fake_time_out(struct keep_fake *fake, bool written)
{
	force_all(fake, ERR_TIMEOUT, written);
}

static enum err may_seal(const struct keep_fake *fake,
			 struct keep_fake_recording *recording)
{
	const struct room_policy *room = policy_room(&fake->policy, recording->room);

	if (!fake->policy.has_owner || !room || !room->is_private ||
	    !(room->capabilities & MAY_RECORD) || room->muted)
		return ERR_DENIED;
	recording->owner = room->private_owner;
	return OK;
}

static void remember_recording(struct keep_fake *fake,
			       struct keep_fake_recording *recording)
{
	struct event event;
	char id_text[ID_TEXT_BYTES];

	must(fake->recording_count < RECORDINGS_MAX);
	for (size_t i = 0; i < sizeof(fake->next_record); i++)
		recording->id.bytes[ID_BYTES - 1 - i] =
			(uint8_t)(fake->next_record >> (8 * i));
	fake->next_record++;
	fake->recordings[fake->recording_count] = *recording;
	fake->recording_count++;
	id_to_text(id_text, recording->id.bytes);
	event_init(&event, EVENT_RECORDED, recording->turn, recording->room,
		   recording->at_ms);
	event_add(&event, "record", id_text);
	event_add_int(&event, "ms", audio_ms(recording->sample_count));
	remember_event(fake, &event);
	recording->samples = NULL;
}

/* Writes what was asked for, unless it may not be. */
static enum err carry_out(struct keep_fake *fake, struct question *question,
			  struct event_id *out_event, struct record_id *out_record)
{
	enum err err = OK;

	if (question->is_seal) {
		err = may_seal(fake, &question->recording);
		if (err == OK) {
			remember_recording(fake, &question->recording);
			*out_record = question->recording.id;
			out_event->value = fake->event_count;
		}
	} else if (!question->is_proposal) {
		remember_event(fake, &question->event);
		out_event->value = fake->event_count;
	}
	return err;
}

static void answer_proposal(struct keep_fake *fake, const struct question *question)
{
	const bool refused = fake->has_no_approver;
	const struct keep_news news = {
		.id = {.bytes = {refused ? 0 : 1}},
		.turn = question->turn,
		.action = refused ? NULL : &question->action,
		.state = refused ? "" : "asked",
		.reason = refused ? REASON_NO_APPROVER : REASON_NEEDS_TAP,
	};

	if (!refused) {
		must(fake->proposal_count < PROPOSALS_MAX);
		fake->proposals[fake->proposal_count++] = question->action;
	}
	fake->listener.proposed(fake->listener.context, question->token, &news);
}

static void answer(struct keep_fake *fake, struct question *question)
{
	struct event_id event = {0};
	struct record_id record = {{0}};
	enum err err = OK;

	if (question->forced) {
		err = question->forced_err;
		if (question->written_all_the_same) {
			struct event_id unseen;
			struct record_id unseen_record;

			(void)carry_out(fake, question, &unseen, &unseen_record);
		}
	} else if (fake->fail_count > 0) {
		fake->fail_count--;
		err = fake->fail_err;
	} else {
		err = carry_out(fake, question, &event, &record);
	}
	free(question->recording.samples);
	if (question->is_proposal && err == OK)
		answer_proposal(fake, question);
	else if (fake->listener.done)
		fake->listener.done(fake->listener.context, question->token, err, event,
				    record);
}

/* True with the oldest question that may be answered now taken out of the ring. */
static bool take_due(struct keep_fake *fake, size_t *left, struct question *out_question)
{
	size_t at = 0;

	if (*left == 0 || fake->waiting_count == 0)
		return false;
	while (at < *left && fake->held && !fake->waiting[at].forced)
		at++;
	if (at >= *left)
		return false;
	*out_question = fake->waiting[at];
	fake->waiting_count--;
	memmove(&fake->waiting[at], &fake->waiting[at + 1],
		(fake->waiting_count - at) * sizeof(fake->waiting[0]));
	(*left)--;
	return true;
}

size_t keep_fake_step(struct keep_fake *fake)
{
	size_t left = fake->waiting_count;
	size_t calls = 0;
	struct question question;

	if (fake->changed) {
		fake->changed = false;
		calls++;
		if (fake->listener.changed)
			fake->listener.changed(fake->listener.context);
	}
	while (take_due(fake, &left, &question)) {
		answer(fake, &question);
		calls++;
	}
	return calls;
}

void keep_fake_settle_steps(struct keep_fake *fake)
{
	size_t steps = 0;

	while (keep_fake_step(fake) > 0) {
		steps++;
		must(steps < 100000);
	}
}

size_t keep_fake_event_count(const struct keep_fake *fake)
{
	return fake->event_count;
}

const struct event *keep_fake_event(const struct keep_fake *fake, size_t index)
{
	must(index < fake->event_count);
	return &fake->events[index];
}

const struct event *keep_fake_newest(const struct keep_fake *fake, enum event_kind kind)
{
	for (size_t i = fake->event_count; i > 0; i--) {
		if (fake->events[i - 1].kind == kind)
			return &fake->events[i - 1];
	}
	return NULL;
}

size_t keep_fake_recording_count(const struct keep_fake *fake)
{
	return fake->recording_count;
}

const struct keep_fake_recording *keep_fake_recording(const struct keep_fake *fake,
						      size_t index)
{
	must(index < fake->recording_count);
	return &fake->recordings[index];
}

size_t keep_fake_waiting(const struct keep_fake *fake)
{
	return fake->waiting_count;
}
