/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_skills - the hub's side of the skills: which there are, what one is asked, and the
 * words that come back.
 *
 * Skills run in another program, which connects here. It is told which skills an owner
 * approved, and of a request the skill's own intent and slots; what comes back is words,
 * judged there and judged here again. Nothing in it can open a microphone: what is said is
 * the end of the turn.
 *
 * Invariant: each question is answered once, by words, by a reason, or by the time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/skill.h"
#include "hub/hub.h"
#include "record/record.h"

enum {
	ASKS_MAX = HUB_ROOMS_MAX, /* a room asks one thing at a time */
	WAIT_MS = 90000,          /* the other program keeps the real limits */
	STATE_BYTES = 16,
	WHY_BYTES = 128,
};

/* A question that is out; token 0: this place is free. */
struct ask {
	struct hub_skills *skills;
	struct hub_room *room;
	uint64_t token;      /* ours */
	uint64_t turn_token; /* the turn's */
	bool has_effect;
	uint64_t timer;
};

/* How one stands, as the other program told. */
struct standing {
	char name[SKILL_NAME_BYTES];
	char state[STATE_BYTES];
	char why[WHY_BYTES];
};

struct hub_skills {
	struct hub *hub;
	struct link_server *server;
	struct link *link; /* NULL: the other program is away */
	uint64_t tokens;
	struct ask asks[ASKS_MAX];
	size_t standing_count;
	struct standing standings[SKILLS_MAX];
};

/* --- what it is told -------------------------------------------------------------------- */

static const struct day_policy *day_of(const struct hub_skills *skills)
{
	return &keep_policy(&skills->hub->keep)->day;
}

static void tell_one(struct hub_skills *skills, const struct skill_policy *skill,
		     bool first, bool last)
{
	struct wire_skill_allow allow = {.first = first, .last = last};

	if (skill) {
		must(str_copy(allow.name, sizeof(allow.name), skill->name));
		allow.hash = (struct wire_slice){skill->hash, sizeof(skill->hash)};
	}
	if (link_send_skill_allow(skills->link, &allow))
		log_line("skills: their program could not be told");
}

/* All of them; where there is none, that. */
static void tell_all(struct hub_skills *skills)
{
	const struct day_policy *day = day_of(skills);

	if (!skills->link)
		return;
	if (day->skill_count == 0)
		tell_one(skills, NULL, true, true);
	for (size_t i = 0; i < day->skill_count; i++)
		tell_one(skills, &day->skills[i], i == 0, i + 1 == day->skill_count);
}

/* Of skills that are gone nothing stands any more. */
static void drop_standings(struct hub_skills *skills)
{
	size_t kept = 0;

	for (size_t i = 0; i < skills->standing_count; i++)
		if (day_skill(day_of(skills), skills->standings[i].name))
			skills->standings[kept++] = skills->standings[i];
	skills->standing_count = kept;
}

/* Also where the same ones are told again: an owner who approves the same files again
 * lifts a suspension. */
void hub_skills_policy_changed(struct hub *hub)
{
	if (!hub->skills)
		return;
	drop_standings(hub->skills);
	tell_all(hub->skills);
}

/* --- asking ----------------------------------------------------------------------------- */

/* The turn may go on at once and ask again. */
static void end_ask(struct ask *ask, enum reason reason, const struct saying *said)
{
	struct hub_room *room = ask->room;
	const uint64_t turn_token = ask->turn_token;

	loop_cancel(room->hub->loop, ask->timer);
	memset(ask, 0, sizeof(*ask));
	turn_act_done(room->line, turn_token, reason, said);
}

static void on_ask_late(void *context)
{
	struct ask *ask = context;

	ask->timer = 0;
	end_ask(ask, REASON_SKILL_FAILED, NULL);
}

static struct ask *free_ask(struct hub_skills *skills)
{
	for (size_t i = 0; i < ASKS_MAX; i++)
		if (skills->asks[i].token == 0)
			return &skills->asks[i];
	return NULL;
}

static enum err send_ask(const struct hub_skills *skills, const struct action *action,
			 uint64_t token)
{
	struct wire_skill_ask ask = {.token = token};

	if (!str_copy(ask.skill, sizeof(ask.skill), action->entity) ||
	    !str_copy(ask.intent, sizeof(ask.intent), action->item) ||
	    !str_copy(ask.slots, sizeof(ask.slots), action->words))
		return ERR_LIMIT;
	return link_send_skill_ask(skills->link, &ask);
}

enum reason hub_skills_ask(void *context, const struct action *action, uint64_t token)
{
	struct hub_room *room = context;
	struct hub_skills *skills = room->hub->skills;
	struct ask *ask = free_ask(skills);

	if (!skills->link || !ask)
		return REASON_SKILL_FAILED;
	*ask = (struct ask){.skills = skills,
			    .room = room,
			    .token = ++skills->tokens,
			    .turn_token = token,
			    .has_effect = action->mode[0] != '\0'};
	if (loop_after(room->hub->loop, WAIT_MS, on_ask_late, ask, &ask->timer) ||
	    send_ask(skills, action, ask->token)) {
		loop_cancel(room->hub->loop, ask->timer);
		memset(ask, 0, sizeof(*ask));
		return REASON_SKILL_FAILED;
	}
	return REASON_NONE;
}

/* --- what comes back -------------------------------------------------------------------- */

static struct ask *find_ask(struct hub_skills *skills, uint64_t token)
{
	for (size_t i = 0; token != 0 && i < ASKS_MAX; i++)
		if (skills->asks[i].token == token)
			return &skills->asks[i];
	return NULL;
}

/* Only reasons that a question to a skill can end with. */
static enum reason reason_of(const char *code)
{
	static const enum reason REASONS[] = {REASON_NONE, REASON_NO_ACTION,
					      REASON_SKILL_CHANGED,
					      REASON_SKILL_SUSPENDED};

	for (size_t i = 0; i < STR_COUNT(REASONS); i++)
		if (str_equal(reason_code(REASONS[i]), code))
			return REASONS[i];
	return REASON_SKILL_FAILED;
}

static enum saying_key key_of(enum skill_effect effect)
{
	static const enum saying_key KEYS[SKILL_EFFECT_COUNT] = {
		[SKILL_EFFECT_NONE] = SAYING_TOLD_SKILL,
		[SKILL_EFFECT_CHEER] = SAYING_TOLD_SKILL_CHEER,
		[SKILL_EFFECT_DRUM] = SAYING_TOLD_SKILL_DRUM,
		[SKILL_EFFECT_LAUGH] = SAYING_TOLD_SKILL_LAUGH,
	};

	return KEYS[effect];
}

static void on_answer(struct hub_skills *skills, const struct wire_skill_answer *answer)
{
	struct ask *ask = find_ask(skills, answer->token);
	enum reason reason = reason_of(answer->reason);
	enum skill_effect effect = SKILL_EFFECT_NONE;
	struct saying said;

	if (!ask)
		return; /* its time was over */
	if (reason == REASON_NONE &&
	    (skill_judge_words(answer->words, skills->hub->settings.wake_word) !=
		     SKILL_FINE ||
	     !skill_effect_from_text(answer->effect, &effect) ||
	     (effect != SKILL_EFFECT_NONE && !ask->has_effect)))
		reason = REASON_SKILL_FAILED;
	if (reason != REASON_NONE) {
		end_ask(ask, reason, NULL);
		return;
	}
	said = saying_make(key_of(effect));
	saying_set_text(&said, SLOT_WORDS, answer->words);
	end_ask(ask, REASON_NONE, &said);
	explicit_bzero(&said, sizeof(said));
}

static struct standing *standing_of(struct hub_skills *skills, const char *name)
{
	for (size_t i = 0; i < skills->standing_count; i++)
		if (str_equal(skills->standings[i].name, name))
			return &skills->standings[i];
	if (skills->standing_count == SKILLS_MAX)
		return NULL;
	struct standing *standing = &skills->standings[skills->standing_count++];

	*standing = (struct standing){.state = "ready"};
	must(str_copy(standing->name, sizeof(standing->name), name));
	return standing;
}

static void on_told(struct hub_skills *skills, const struct wire_skill_told *told)
{
	struct standing *standing;
	struct event event;

	if (!day_skill(day_of(skills), told->name))
		return;
	standing = standing_of(skills, told->name);
	if (!standing)
		return;
	const bool is_news = !str_equal(standing->state, told->state) ||
			     !str_equal(told->state, "ready");
	must(str_copy(standing->state, sizeof(standing->state), told->state));
	must(str_copy(standing->why, sizeof(standing->why), told->why));
	if (!is_news) /* that a skill which was well is well */
		return;
	event_init(&event, EVENT_SKILL, (struct turn_id){0}, "",
		   clock_wall_ms(&skills->hub->clock));
	record_skill(&event, told->name, told->state, told->why);
	late_push(skills->hub->late, &event);
}

static const struct standing *find_standing(const struct hub_skills *skills,
					    const char *name)
{
	for (size_t i = 0; i < skills->standing_count; i++)
		if (str_equal(skills->standings[i].name, name))
			return &skills->standings[i];
	return NULL;
}

static void add_skill(struct json_write *write, const struct skill_policy *skill,
		      const struct standing *standing)
{
	char hash[2 * SKILL_HASH_BYTES + 1];

	str_to_hex(hash, skill->hash, sizeof(skill->hash));
	json_open_object(write, NULL);
	json_add_text(write, "name", skill->name);
	json_add_text(write, "state", standing ? standing->state : "away");
	json_add_text(write, "why", standing ? standing->why : "");
	json_add_text(write, "hash", hash);
	json_open_array(write, "hosts");
	for (size_t i = 0; i < skill->host_count; i++)
		json_add_text(write, NULL, skill->hosts[i]);
	json_close(write, ']');
	json_close(write, '}');
}

void hub_skills_to_json(const struct hub *hub, struct json_write *write)
{
	const struct hub_skills *skills = hub->skills;
	const struct day_policy *day = day_of(skills);

	json_open_array(write, "skills");
	for (size_t i = 0; i < day->skill_count; i++)
		add_skill(write, &day->skills[i],
			  skills->link ? find_standing(skills, day->skills[i].name)
				       : NULL);
	json_close(write, ']');
}

/* --- the link --------------------------------------------------------------------------- */

static void on_opened(void *context, struct link *link)
{
	struct hub_skills *skills = context;

	if (skills->link) {
		link_refuse(link, ERR_BUSY, "the skills are connected already");
		return;
	}
	skills->link = link;
	log_line("skills: connected");
	tell_all(skills);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct hub_skills *skills = context;

	/* The table of rights lets nothing else through. */
	if (link != skills->link)
		return;
	if (message->type == WIRE_skill_answer)
		on_answer(skills, &message->skill_answer);
	else if (message->type == WIRE_skill_told)
		on_told(skills, &message->skill_told);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct hub_skills *skills = context;

	(void)err;
	if (link != skills->link)
		return;
	log_line("skills: gone why=\"%s\"", why);
	skills->link = NULL;
	for (size_t i = 0; i < ASKS_MAX; i++)
		if (skills->asks[i].token != 0)
			end_ask(&skills->asks[i], REASON_SKILL_FAILED, NULL);
}

enum err hub_skills_open(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct hub_skills *skills = calloc(1, sizeof(*skills));
	const struct link_listener listener = {
		.context = skills,
		.opened = on_opened,
		.message = on_message,
		.closed = on_closed,
	};

	if (!skills)
		return ERR_MEMORY;
	skills->hub = hub;
	hub->skills = skills;
	if (!file_join(path, sizeof(path), hub->run, "hub/skills.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", hub->run);
	return link_listen(hub->loop, path, WIRE_LINK_SKILLS_HUB, WIRE_PARTY_HUB, "hub",
			   &listener, &skills->server, note);
}

void hub_skills_close(struct hub *hub)
{
	struct hub_skills *skills = hub->skills;

	if (!skills)
		return;
	hub->skills = NULL;
	link_server_destroy(skills->server);
	for (size_t i = 0; i < ASKS_MAX; i++)
		loop_cancel(hub->loop, skills->asks[i].timer);
	free(skills);
}
