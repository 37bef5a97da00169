/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_forget - recordings that somebody asked aloud to have deleted: "delete what I just
 * said", "delete everything I said today".
 *
 * Sound only proposes it. In a private room the recordings meant are its owner's, and before
 * anybody is asked the keeper counts them: how many, and of when, is part of what is
 * approved. In another room they are those of whoever approves it, made there. A device of
 * whose they are approves it, or they do by themselves, signed in; and the keeper carries it
 * out by itself (desk_erasing.c). Where it is everything of an owner, that is up to the moment
 * of the approval, and ends with their key (desk_all.c).
 *
 * Invariants: no more is deleted than was approved; the hub names no recording, no time and
 * no owner; each goes on over a link of the desk's own, which ends with it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/recorded.h"

enum {
	RETRY_MS = 1000,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	JUST_MS = 10 * MINUTE_MS, /* so long ago is not "just" any more */
	TIME_BYTES = 32,
};

static const char EVERYTHING[] = "everything, ";
static const char WHY[] = "it was asked for aloud, and approved";
static const int64_t DAY_MS = 24 * (int64_t)HOUR_MS;

struct forget_job {
	struct job job;
	bool is_carried_out; /* else it is counted, to be asked for */
	bool is_just;        /* the newest alone */
	struct proposal asked;
	uint64_t asker; /* of what is counted */
	uint64_t token;
	struct recorded_set set;
	struct desk_erasing erasing;
};

/* --- of when ---------------------------------------------------------------------------- */

/* When the day of that time began here; days before it. */
static int64_t day_ms(int64_t wall_ms, int days)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	must(localtime_r(&seconds, &parts)); /* of every number of milliseconds */
	parts.tm_hour = 0;
	parts.tm_min = 0;
	parts.tm_sec = 0;
	parts.tm_mday -= days;
	parts.tm_isdst = -1;
	return (int64_t)mktime(&parts) * 1000;
}

struct span {
	int64_t from_ms;
	int64_t to_ms;
};

static struct span since(int64_t from_ms, int64_t to_ms)
{
	return (struct span){from_ms, to_ms};
}

/* False: no time that we know. */
static bool read_span(const char *mode, int64_t at_ms, struct span *out_span)
{
	const struct {
		const char *mode;
		struct span span;
	} spans[] = {
		{"all", since(INT64_MIN, at_ms)},
		{"hour", since(at_ms - HOUR_MS, at_ms)},
		{"just", since(at_ms - JUST_MS, at_ms)},
		{"month", since(at_ms - 31 * DAY_MS, at_ms)},
		{"today", since(day_ms(at_ms, 0), at_ms)},
		{"week", since(at_ms - 7 * DAY_MS, at_ms)},
		{"yesterday", since(day_ms(at_ms, 1), day_ms(at_ms, 0) - 1)},
	};

	for (size_t i = 0; i < STR_COUNT(spans); i++) {
		if (!str_equal(spans[i].mode, mode))
			continue;
		*out_span = spans[i].span;
		return true;
	}
	return false;
}

/* --- whose ------------------------------------------------------------------------------ */

/* NULL: not in a private room. */
static const struct room_policy *private_room(const struct desk *desk,
					      const struct action *action)
{
	const struct room_policy *room = policy_room(&desk->policy, action->room);

	return room && room->is_private ? room : NULL;
}

bool desk_forget_is(const struct action *action)
{
	return action->kind == ACTION_RECORD_ERASE;
}

enum reason desk_forget_may_ask(const struct desk *desk, const struct action *action)
{
	struct span span;

	/* What was counted is the keeper's to say. */
	return desk->owner_count > 0 && action->entity[0] == '\0' &&
			       read_span(action->mode, 0, &span)
		       ? REASON_NONE
		       : REASON_NO_ACTION;
}

/* Whose recordings it would be, if that person approves it; none: nobody's. */
static struct owner_id whose(const struct desk *desk, const struct action *action,
			     struct person_id person)
{
	const struct room_policy *room = private_room(desk, action);
	struct owner_id owner;

	memcpy(owner.bytes, person.bytes, ID_BYTES);
	if (desk_owner_index(desk, owner) == DESK_OWNERS_MAX ||
	    (room && !id_equal(room->private_owner.bytes, owner.bytes)) ||
	    (!room && action->entity[0] != '\0')) /* it was private when it was counted */
		return (struct owner_id){{0}};
	return owner;
}

bool desk_forget_may_approve(const struct desk *desk, const struct device *device,
			     const struct action *action)
{
	return !id_is_none(whose(desk, action, device->person).bytes);
}

bool desk_forget_may_owner(const struct desk *desk, const struct desk_link *link,
			   const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	struct owner_id owner = {{0}};
	struct person_id person;

	if (!link->view || !owner_view_is_open(link->view))
		return false;
	owner = owner_view_id(link->view);
	memcpy(person.bytes, owner.bytes, ID_BYTES);
	return now->kind == PROPOSAL_AT_ONCE && desk_forget_is(&now->action) &&
	       desk_owner_is_active(desk, owner) &&
	       !id_is_none(whose(desk, &now->action, person).bytes);
}

/* All that its owner has, wherever it was recorded. */
static bool is_everything(const struct desk *desk, const struct action *action)
{
	return private_room(desk, action) && str_equal(action->mode, "all");
}

/* --- walking ---------------------------------------------------------------------------- */

static void free_job(struct job *job)
{
	struct forget_job *forget = (struct forget_job *)job;

	job->link->erasing = NULL;
	recorded_finish(&forget->set);
	free(forget);
}

static enum err say_nobody(void *context, enum wire_type type, const void *fields)
{
	(void)context;
	(void)type;
	(void)fields;
	return OK;
}

static void counted(struct desk *desk, struct forget_job *forget, enum err err);
static void carry_out(struct desk *desk, struct forget_job *forget, enum err err);

static void walked(struct desk *desk, struct forget_job *forget, enum err err)
{
	struct recorded_set *set = &forget->set;

	if (err == OK && set->is_too_large)
		err = ERR_LIMIT;
	if (err == OK && forget->is_just && set->count > 1) {
		set->list[0] = set->list[set->count - 1];
		set->count = 1;
	}
	if (forget->is_carried_out)
		carry_out(desk, forget, err);
	else
		counted(desk, forget, err);
}

static void got_page(struct desk *desk, struct job *job, enum err err,
		     const struct store_rows *rows)
{
	struct forget_job *forget = (struct forget_job *)job;

	if (err == OK)
		err = recorded_take(desk, &forget->set, rows);
	else if (err == ERR_MISSING)
		err = ERR_IO;
	if (err == OK)
		err = recorded_ask(desk, job, &forget->set, got_page);
	if (err != OK)
		walked(desk, forget, err == ERR_MISSING ? OK : err);
}

/* Everything in the set is of before it was asked for. */
static enum err begin(struct desk *desk, const struct proposal *asked,
		      struct owner_id owner, struct forget_job **out_forget)
{
	struct recorded_filter filter = {.owner = owner};
	struct desk_link *link = NULL;
	struct forget_job *forget;
	struct span span;
	enum err err;

	if (!read_span(asked->action.mode, asked->asked_ms, &span))
		return ERR_DENIED;
	forget = calloc(1, sizeof(*forget));
	if (!forget)
		return ERR_MEMORY;
	err = desk_open(desk, DESK_SELF, say_nobody, NULL, &link);
	if (err != OK) {
		free(forget);
		return err;
	}
	forget->job.free_ = free_job;
	forget->asked = *asked;
	forget->is_just = str_equal(asked->action.mode, "just");
	filter.from_ms = span.from_ms;
	filter.to_ms = span.to_ms;
	if (forget->is_just || !private_room(desk, &asked->action))
		filter.room = forget->asked.action.room;
	recorded_begin(desk, &filter, &forget->set);
	desk_job_begin(link, &forget->job);
	*out_forget = forget;
	return OK;
}

static void walk(struct desk *desk, struct forget_job *forget)
{
	const enum err err = recorded_ask(desk, &forget->job, &forget->set, got_page);

	if (err != OK)
		walked(desk, forget, err == ERR_MISSING ? OK : err);
}

/* --- asking ----------------------------------------------------------------------------- */

/* "2026-11-22 14:05" here. */
static void write_time(char to[TIME_BYTES], int64_t wall_ms)
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	must(localtime_r(&seconds, &parts));
	must(strftime(to, TIME_BYTES, "%Y-%m-%d %H:%M", &parts) > 0);
}

static void write_count(const struct recorded_set *set, bool is_everything,
			struct action *action)
{
	char first[TIME_BYTES];
	char last[TIME_BYTES];

	if (set->count == 0) {
		must(str_copy(action->entity, sizeof(action->entity), "0 recordings"));
		return;
	}
	write_time(first, set->list[0].at_ms);
	write_time(last, set->list[set->count - 1].at_ms);
	must(str_format(action->entity, sizeof(action->entity),
			"%s%zu recording%s, %s to %s", is_everything ? EVERYTHING : "",
			set->count, set->count == 1 ? "" : "s", first, last));
}

static void counted(struct desk *desk, struct forget_job *forget, enum err err)
{
	struct proposal asked = forget->asked;
	const uint64_t asker = forget->asker;
	const uint64_t token = forget->token;

	if (err == OK)
		write_count(&forget->set, is_everything(desk, &asked.action),
			    &asked.action);
	if (err == OK && forget->set.count == 0)
		err = ERR_MISSING;
	desk_close(desk, forget->job.link);
	desk_propose_counted(desk, &asked, asker, token, err);
}

enum err desk_forget_count(struct desk *desk, const struct proposal *asked,
			   const struct desk_asker *asker)
{
	const struct room_policy *room = private_room(desk, &asked->action);
	struct proposal now = *asked;
	struct forget_job *forget = NULL;
	enum err err;

	if (!room)
		return ERR_UNSUPPORTED;
	now.asked_ms = clock_wall_ms(&desk->parts.clock);
	err = begin(desk, &now, room->private_owner, &forget);
	if (err != OK)
		return err;
	forget->asker = asker->link->id;
	forget->token = asker->token;
	walk(desk, forget);
	return OK;
}

/* --- carrying it out -------------------------------------------------------------------- */

static void end(struct desk *desk, struct forget_job *forget, enum err err)
{
	struct desk_proposal *proposal = desk_proposal_find(desk, forget->asked.id);

	desk_close(desk, forget->job.link);
	if (!proposal)
		return;
	proposal->is_amending = false;
	proposal->is_forgotten = err == OK;
	if (err == ERR_DENIED || err == ERR_LIMIT)
		(void)!desk_proposal_happens(desk, proposal, PROPOSAL_FAILED_OUT, NULL);
	else if (err != OK)
		proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
	desk_proposal_tick(desk);
}

static void erased(struct desk *desk, struct desk_link *link)
{
	struct forget_job *forget = (struct forget_job *)link->job;

	end(desk, forget, forget->erasing.err);
}

/* What was counted when it was asked for; all that there is where nothing was, or where
 * everything was meant. */
static bool is_too_many(const struct forget_job *forget)
{
	const char *entity = forget->asked.action.entity;

	return entity[0] != '\0' && !str_starts(entity, EVERYTHING) &&
	       forget->set.count > strtoull(entity, NULL, 10);
}

static void carry_out(struct desk *desk, struct forget_job *forget, enum err err)
{
	if (err == OK && is_too_many(forget))
		err = ERR_DENIED;
	if (err != OK) {
		end(desk, forget, err);
		return;
	}
	forget->erasing = (struct desk_erasing){.set = &forget->set,
						.why = WHY,
						.turn = forget->asked.turn,
						.over = erased};
	forget->job.link->erasing = &forget->erasing;
	desk_erasing_begin(desk, forget->job.link);
}

static void all_over(struct desk *desk, struct desk_link *link, enum err err,
		     const struct receipt *receipt)
{
	(void)receipt;
	end(desk, (struct forget_job *)link->job, err);
}

static void erase_all(struct desk *desk, struct forget_job *forget)
{
	const struct desk_all all = {.owner = forget->set.owner,
				     .why = WHY,
				     .turn = forget->asked.turn,
				     .over = all_over};

	desk_all_begin(desk, forget->job.link, &all);
}

void desk_forget_carry(struct desk *desk, struct desk_proposal *proposal)
{
	const struct person_id person = desk_person_of_key(desk, proposal->now.approver);
	struct owner_id owner = {{0}};
	struct forget_job *forget = NULL;
	enum err err = ERR_DENIED;

	if (!id_is_none(person.bytes))
		owner = whose(desk, &proposal->now.action, person);
	if (!id_is_none(owner.bytes))
		err = begin(desk, &proposal->now, owner, &forget);
	if (err == ERR_DENIED) {
		(void)!desk_proposal_happens(desk, proposal, PROPOSAL_FAILED_OUT, NULL);
		return;
	}
	if (err != OK) {
		proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
		return;
	}
	forget->is_carried_out = true;
	proposal->is_amending = true;
	if (is_everything(desk, &proposal->now.action) &&
	    !desk_all_is_of_before(desk, owner))
		erase_all(desk, forget);
	else
		walk(desk, forget);
}

/* --- approved by its owner, who is signed in -------------------------------------------- */

static void tell_waiting(struct desk *desk, struct desk_link *link)
{
	enum proposal_state to;
	enum reason reason;

	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct desk_proposal *proposal = desk->proposals[i];

		if (!proposal->is_new && desk_forget_may_owner(desk, link, proposal) &&
		    proposal_step(proposal->now.kind, proposal->now.state,
				  PROPOSAL_TAPPED, &to, &reason))
			desk_tell_notice(desk, link, proposal);
	}
	desk_say(link, WIRE_end, &(struct wire_end){.err = OK});
}

static void approve(struct desk *desk, struct desk_link *link,
		    const struct wire_forget_approve *said,
		    struct desk_proposal *proposal)
{
	const struct owner *owner =
		&desk->owners[desk_owner_index(desk, owner_view_id(link->view))];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t bytes[APPROVAL_BYTES];
	const struct desk_signed by = {.link = link,
				       .token = said->token,
				       .key = owner->sign_public,
				       .signature = signature};
	enum err err;

	approval_bytes(desk->parts.household, proposal->now.id, said->hash.bytes, bytes);
	err = owner_view_sign(link->view, approval_label(APPROVAL_APPROVE), bytes,
			      sizeof(bytes), signature);
	if (err == OK)
		err = desk_proposal_happens(desk, proposal, PROPOSAL_TAPPED, &by);
	if (err == ERR_BUSY)
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (err == ERR_DENIED)
		desk_refuse(link, DESK_REFUSE_TOO_LATE);
	else if (err != OK)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
}

/* What they were shown, and nothing else. */
static void on_approve(struct desk *desk, struct desk_link *link,
		       const struct wire_forget_approve *said)
{
	struct desk_proposal *proposal;
	struct proposal_id id;

	memcpy(id.bytes, said->proposal.bytes, ID_BYTES);
	proposal = desk_proposal_own(desk, id);
	if (!proposal || proposal->is_new ||
	    !desk_forget_may_owner(desk, link, proposal) ||
	    said->hash.size != APPROVAL_HASH_BYTES ||
	    memcmp(said->hash.bytes, proposal->now.hash, APPROVAL_HASH_BYTES) != 0)
		desk_refuse(link, DESK_REFUSE_UNKNOWN_PROPOSAL);
	else
		approve(desk, link, said, proposal);
}

bool desk_forget_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message)
{
	if (message->type == WIRE_forget_get)
		tell_waiting(desk, link);
	else if (message->type == WIRE_forget_approve)
		on_approve(desk, link, &message->forget_approve);
	else
		return false;
	return true;
}
