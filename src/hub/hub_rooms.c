/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_rooms - the rooms' side of the hub: a lease's sound in, a turn on its line, an
 * answer out.
 *
 * A room speaks for itself only: who it is was settled before (hub_links.c), and the
 * owner's policy must know it before anything is done for it. One room uses the
 * recogniser at a time: of several that heard the same request one is elected
 * (hub_elect.c); one that asks for something else meanwhile is told so and its lease ends.
 */
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/calendar.h"
#include "hub/hub.h"
#include "record/record.h"

enum {
	FRAME_BYTES = AUDIO_FRAME_SAMPLES * (int)sizeof(int16_t),
	SAY_SAMPLES = WIRE_PCM_BYTES / (int)sizeof(int16_t),
	AGE_MAX_MS = 10000, /* of a wake; a room that says more is not believed */
	MARKED_MS = 500,    /* of a request that is marked, and it counts for all of it */
	HOUR_MINUTES = 60,
	SAY_GRACE_MS = 3000, /* how much longer than its sound an answer may take */
};

static void room_event(struct hub_room *room, struct event *event, enum event_kind kind,
		       struct turn_id turn)
{
	event_init(event, kind, turn, room->name, clock_wall_ms(&room->hub->clock));
}

/* What the turn asks of its surroundings. */

static const struct understand *room_understand(void *context, enum dialogue_step step)
{
	const struct hub_room *room = context;
	return words_compiled(room->hub->words, step);
}

static const struct dialogue *room_dialogue(void *context)
{
	const struct hub_room *room = context;
	return &room->talk.dialogue;
}

static bool room_can_call_off(void *context)
{
	return hub_dialogue_can_call_off(context);
}

bool hub_room_is_engaged(const struct hub_room *room)
{
	return !room->link || room->muted || room->saying != 0 ||
	       room->speaks_for.value != 0 || room->turn.value != 0 ||
	       turn_line_busy(room->line) || hub_dialogue_is_open(room);
}

static size_t room_message_count(void *context)
{
	const struct hub_room *room = context;
	return room->message_count;
}

static void room_play_messages(void *context)
{
	hub_inbox_want(context);
}

static void room_call_off(void *context)
{
	hub_dialogue_call_off(context);
}

static int room_volume(void *context)
{
	const struct hub_room *room = context;
	return room->volume_percent;
}

static const struct agenda *room_agenda(void *context)
{
	const struct hub_room *room = context;

	return room->hub->calendar ? calendar_newest(room->hub->calendar) : NULL;
}

static void room_set_volume(void *context, int percent)
{
	struct hub_room *room = context;

	room->volume_percent = percent;
	if (room->link &&
	    link_send_volume(room->link,
			     &(struct wire_volume){.percent = (uint32_t)percent}))
		log_line("room: could not be told its volume room=%s", room->name);
}

static void room_say(void *context, const struct turn *turn, const char *text,
		     struct event_id parent)
{
	hub_room_say(context, turn, text, parent);
}

static void room_late(void *context, const struct event *event)
{
	const struct hub_room *room = context;
	late_push(room->hub->late, event);
}

static struct event_id room_newest(void *context)
{
	const struct hub_room *room = context;
	return room->hub->newest;
}

bool hub_is_quiet(const struct hub *hub)
{
	const time_t seconds = (time_t)(clock_wall_ms(&hub->clock) / 1000);
	struct tm local;

	return localtime_r(&seconds, &local) &&
	       quiet_holds(&hub->quiet, local.tm_hour * HOUR_MINUTES + local.tm_min);
}

static bool room_is_quiet(void *context)
{
	const struct hub_room *room = context;
	return hub_is_quiet(room->hub);
}

/* In the quiet hours the light answers. */
static const char *turn_blink(const struct turn *turn)
{
	return turn->decision.kind != DECISION_REFUSE && turn->outcome == REASON_NONE
		       ? "blink-done"
		       : "blink-refused";
}

/* What follows a reply ends as it began: without a sound. */
static const char *turn_tone(const struct turn *turn)
{
	if (turn->is_quiet)
		return turn_blink(turn);
	if (turn->said[0] ||
	    (turn->answers == DIALOGUE_FOLLOW && turn->decision.kind != DECISION_ACT))
		return "none";
	return turn->decision.kind == DECISION_ACT && turn->outcome == REASON_NONE
		       ? "done"
		       : "refused";
}

/* The keeper writes it down and mutes the room; the owner unmutes it. */
static void room_fuse_blown(struct hub_room *room, const char *what)
{
	struct event event;

	log_line("room: muted by its fuse room=%s: %s", room->name, what);
	room_event(room, &event, EVENT_FUSE_BLOWN, (struct turn_id){0});
	record_fuse_blown(&event, what);
	late_push(room->hub->late, &event);
}

void hub_room_count_proposal(struct hub_room *room)
{
	if (fuse_count(&room->proposals, clock_now_ms(&room->hub->clock)))
		room_fuse_blown(room,
				"requests that bind the household, and no approval");
}

/* A television that orders dollhouses is not asked for ever. Of a message it counts when
 * nobody goes on with it. */
static bool counts(const struct turn *turn)
{
	const enum reason reason = turn->decision.reason;

	if (!turn->heard.spoken ||
	    (turn->decision.class_of != CLASS_C && turn->waits == 0))
		return false;
	if (turn->decision.action == ACTION_SEND_MESSAGE)
		return reason == REASON_NOT_ANSWERED || reason == REASON_MEMO_EMPTY;
	return reason == REASON_NEEDS_TAP || turn->waits > 0;
}

static void room_turn_over(void *context, const struct turn *turn)
{
	struct hub_room *room = context;
	struct wire_turn_over over = {.turn = turn->id.value};
	bool is_over = turn->heard.spoken;

	if (turn->said[0] == '\0')
		hub_dialogue_follow(room, turn); /* nothing was said that would have */
	is_over = is_over && !hub_dialogue_keeps_turn(room);
	(void)str_copy(over.tone, sizeof(over.tone), turn_tone(turn));
	if (room->link && is_over && link_send_turn_over(room->link, &over))
		log_line("room: could not be told that its turn is over room=%s",
			 room->name);
	hub_commands_turn_over(room->hub, room, turn);
	hub_inbox_begin(room, turn);
	if (counts(turn))
		hub_room_count_proposal(room);
	words_refresh(room->hub->words);
	hub_music_follow(room->hub);
}

static enum err room_make(struct hub *hub, const char *name, struct hub_room *room)
{
	struct turn_parts parts = {
		.clock = &hub->clock,
		.rand = &hub->rand,
		.bus = &hub->bus,
		.music = hub->music.ops ? &hub->music : NULL,
		.keep = &hub->keep,
		.recent = &room->recent,
		.follow = &room->follow,
		.follow_up = str_equal(hub->settings.house_follow_up, "yes"),
		.phrasebook = hub->phrasebook,
		.arranged = hub->arranged,
		.understand = room_understand,
		.volume = room_volume,
		.agenda = room_agenda,
		.set_volume = room_set_volume,
		.dialogue = room_dialogue,
		.announce = hub_intercom_announce,
		.ask_skill = hub_skills_ask,
		.is_quiet = room_is_quiet,
		.message_count = room_message_count,
		.play_messages = room_play_messages,
		.can_call_off = room_can_call_off,
		.call_off = room_call_off,
		.book = &hub_book_parts,
		.wake_word = hub->settings.wake_word,
		.carries_to_houses = str_equal(hub->settings.peer_on, "yes"),
		.say = room_say,
		.late = room_late,
		.newest = room_newest,
		.over = room_turn_over,
		.context = room,
	};
	struct endpoint_settings settings = endpoint_defaults();
	enum err err;

	memset(room, 0, sizeof(*room));
	room->hub = hub;
	fuse_init(&room->proposals, FUSE_PROPOSALS_MAX);
	room->volume_percent = (int)hub->settings.room_volume_percent;
	settings.silence_ms = (uint32_t)hub->settings.listen_silence_ms;
	settings.complete_ms = (uint32_t)hub->settings.listen_complete_ms;
	if (settings.complete_ms > settings.silence_ms)
		settings.complete_ms = settings.silence_ms;
	if (settings.suspect_ms > settings.complete_ms)
		settings.suspect_ms = settings.complete_ms;
	if (!str_copy(room->name, sizeof(room->name), name))
		return ERR_LIMIT;
	err = turn_line_create(&parts, &room->line);
	if (!err)
		err = session_create(&hub->clock, &hub->recogniser, settings,
				     &room->session);
	if (err) {
		turn_line_destroy(room->line);
		session_destroy(room->session);
	}
	return err;
}

struct hub_room *hub_room_find(struct hub *hub, const char *name)
{
	const struct policy *policy = keep_policy(&hub->keep);

	if (name[0] == '\0' && policy->room_count > 0)
		name = policy->rooms[0].room.text;
	for (size_t i = 0; i < hub->room_count; i++)
		if (str_equal_folded(hub->rooms[i].name, name))
			return &hub->rooms[i];
	if (name[0] == '\0' || hub->room_count == HUB_ROOMS_MAX)
		return NULL;
	struct hub_room *room = &hub->rooms[hub->room_count];
	if (room_make(hub, name, room))
		return NULL;
	hub->room_count++;
	return room;
}

/* The session is over, however it ended: the recogniser is free again. */
static void room_release(struct hub_room *room)
{
	session_finish(room->session);
	room->turn.value = 0;
	if (room->hub->hears == room)
		room->hub->hears = NULL;
	words_refresh(room->hub->words);
}

static void room_end_lease(struct hub_room *room, const char *cause, size_t frames)
{
	struct wire_end_lease end = {.turn = room->turn.value,
				     .frames = (uint32_t)frames};

	(void)str_copy(end.cause, sizeof(end.cause), cause);
	if (room->link && link_send_end_lease(room->link, &end))
		log_line("room: could not be told to close its lease room=%s",
			 room->name);
}

/* Words are final, or nobody spoke: the turn goes down the line. */
static void room_begin_turn(struct hub_room *room, enum session_state state)
{
	struct turn_heard heard = {.spoken = true};
	struct audio_span sound = {NULL, 0};

	if (state == SESSION_HEARD)
		session_result(room->session, &heard, &sound);
	heard.is_answer = room->leased_for == LEASE_ANSWER;
	heard.woke = room->woke && !heard.is_answer;
	heard.wake_score = heard.is_answer ? 0 : room->wake_score;
	heard.media_match = room->own_frames * AUDIO_FRAME_MS >= MARKED_MS;
	heard.one_sided = room->one_sided_frames * AUDIO_FRAME_MS >= MARKED_MS;
	if (turn_begin(room->line, room->turn, room->name, &heard, sound))
		log_line("room: a turn could not begin room=%s", room->name);
	explicit_bzero(&heard, sizeof(heard));
	room_release(room);
}

static void room_follow(struct hub_room *room, enum session_state before,
			enum session_state state)
{
	if (before == SESSION_LISTENING && state != SESSION_LISTENING)
		room_end_lease(room,
			       state == SESSION_NOBODY ? "nobody spoke" : "end of speech",
			       session_frames(room->session));
	if (state == SESSION_HEARD || state == SESSION_NOBODY)
		room_begin_turn(room, state);
}

void hub_rooms_heard(struct hub *hub)
{
	struct hub_room *room = hub->hears;
	struct recogniser_report nobody;

	if (!room) {
		recogniser_poll(&hub->recogniser, &nobody); /* of a session given up */
		return;
	}
	room_follow(room, SESSION_WAITING, session_poll(room->session));
}

/* How long ago the name was over: what the room says, or more where the line was slow. A
 * turn is numbered by our own clock as the room keeps it. */
static int64_t wake_age_ms(const struct hub_room *room, const struct wire_wake *wake)
{
	int64_t age_ms = clock_wall_ms(&room->hub->clock) -
			 turn_id_ms((struct turn_id){wake->turn});

	if (age_ms < wake->age_ms || age_ms > AGE_MAX_MS)
		age_ms = wake->age_ms;
	return age_ms < AGE_MAX_MS ? age_ms : AGE_MAX_MS;
}

static void room_on_wake(struct hub_room *room, const struct wire_wake *wake)
{
	const int64_t age_ms = wake_age_ms(room, wake);
	struct event event;

	room_event(room, &event, wake->accepted ? EVENT_WAKE : EVENT_WAKE_REJECTED,
		   (struct turn_id){wake->turn});
	event.at_ms -= age_ms;
	record_wake(&event, &(struct record_wake){
				    .accepted = wake->accepted != 0,
				    .score = wake->score,
				    .floor = wake->floor,
				    .level_db = wake->level_db,
				    .ratio = wake->ratio,
				    .why = wake->why,
			    });
	late_push(room->hub->late, &event);
	room->woke = wake->accepted;
	room->wake_score = wake->score;
	room->level_db = wake->level_db;
	room->woke_ms = loop_now_ms() - age_ms;
}

/* It has fallen silent by itself; what it was saying comes back as played in part. */
static void room_on_stop(struct hub_room *room, const struct wire_stop *stop)
{
	struct event event;

	room_event(room, &event, stop->accepted ? EVENT_STOPPED : EVENT_STOP_REJECTED,
		   (struct turn_id){stop->turn});
	record_wake(&event, &(struct record_wake){
				    .accepted = stop->accepted != 0,
				    .score = stop->score,
				    .floor = stop->floor,
				    .level_db = stop->level_db,
				    .why = stop->why,
			    });
	late_push(room->hub->late, &event);
	if (stop->accepted) /* also where it was said into a reminder's words */
		hub_ring_stop(room->hub, room, "stopped");
}

void hub_room_leave(struct hub_room *room, const char *cause, const char *tone)
{
	struct wire_turn_over over = {.turn = room->turn.value};

	(void)str_copy(over.tone, sizeof(over.tone), tone);
	(void)str_copy(over.cause, sizeof(over.cause), cause);
	room_end_lease(room, cause, 0);
	if (room->link && link_send_turn_over(room->link, &over))
		log_line("room: could not be told to wait again room=%s", room->name);
	room->turn.value = 0;
}

/* What the room signed, where it tells of the same thing as our own row. */
static void room_attest(struct hub_room *room, struct event *event)
{
	const int64_t at_ms = event->at_ms;

	if (!evidence_covers(&room->evidence, event))
		return;
	*event = room->evidence;
	event->at_ms = at_ms;
	room->evidence.is_signed = false;
}

static void room_keep_evidence(struct hub_room *room, const struct event *event)
{
	hub_dialogue_evidence(room, event);
	late_push(room->hub->late, event);
}

/* Of a lease: kept for the message behind it, which says the same. Others stand alone. */
static void room_on_evidence(struct hub_room *room, const struct event *event)
{
	struct event own = *event;

	own.at_ms = clock_wall_ms(&room->hub->clock);
	if (!evidence_is_kind(own.kind) || !own.is_signed || own.turn.value == 0 ||
	    !str_equal_folded(own.room.text, room->name))
		log_line("room: signed what is not its to sign room=%s", room->name);
	else if (own.kind == EVENT_LEASE_OPENED || own.kind == EVENT_LEASE_CLOSED)
		room->evidence = own;
	else
		room_keep_evidence(room, &own);
}

/* Whoever says the name is listened to, whatever we were asking. */
static void room_on_request(struct hub_room *room)
{
	if (hub_dialogue_keeps_turn(room))
		hub_dialogue_drop(room, REASON_CANCELLED);
	hub_elect_stand(room, room->lead_ms);
}

static void room_on_lease(struct hub_room *room, const struct wire_lease *lease)
{
	struct event event;

	enum lease_reason reason;

	if (!lease_reason_from_text(lease->reason, &reason))
		return;
	room->turn.value = lease->turn;
	room->leased_for = reason;
	room_event(room, &event, EVENT_LEASE_OPENED, room->turn);
	record_lease_opened(&event, reason);
	room_attest(room, &event);
	late_push(room->hub->late, &event);
	room->next_frame = 0;
	room->own_frames = 0;
	room->one_sided_frames = 0;
	room->lead_ms = lease->lead_ms;
	if (reason == LEASE_REQUEST)
		room_on_request(room);
	else if (!hub_dialogue_lease(room, reason))
		room_end_lease(room, "nobody waits for it", 0);
	else if (reason == LEASE_ANSWER)
		hub_room_listen(room);
}

/* In a dialogue what its step takes; else what there is to lean on. */
static enum dialogue_step may_be_said(struct hub_room *room)
{
	enum follow_kind kind;

	if (hub_dialogue_is_open(room))
		return room->talk.dialogue.step;
	kind = follow_now(&room->follow, false, clock_now_ms(&room->hub->clock));
	if (kind == FOLLOW_QUESTION)
		return DIALOGUE_WHICH;
	return kind == FOLLOW_DONE ? DIALOGUE_FOLLOW : DIALOGUE_NONE;
}

void hub_room_listen(struct hub_room *room)
{
	/* Of a dialogue the turn that asked may still be written down: it is over before
	 * anybody has answered. */
	if (room->hub->hears ||
	    (turn_line_busy(room->line) && !hub_dialogue_keeps_turn(room)))
		hub_room_leave(room, "busy", "refused");
	else if (words_use(room->hub->words, &room->talk.dialogue, may_be_said(room)) ||
		 session_begin(room->session, room->lead_ms))
		hub_room_leave(room, "the recogniser failed", "refused");
	else
		room->hub->hears = room;
}

/* A frame that comes twice or too late is a fault of the room: it is counted, told once a
 * lease and not heard. A gap is counted. */
static bool room_frame_is_next(struct hub_room *room, uint32_t sequence)
{
	if (sequence < room->next_frame) {
		if (room->frames_refused == room->frames_refused_told)
			log_line("room: sent sound again or out of order room=%s got=%u "
				 "expected=%u",
				 room->name, sequence, room->next_frame);
		room->frames_refused++;
		return false;
	}
	room->frames_missing += sequence - room->next_frame;
	room->next_frame = sequence + 1;
	return true;
}

void hub_room_feed(struct hub_room *room, struct wire_slice pcm)
{
	struct audio_frame frame;
	enum session_state before = SESSION_IDLE;
	enum session_state state = SESSION_LISTENING;

	while (state == SESSION_LISTENING && pcm.size >= FRAME_BYTES) {
		must(wire_to_samples((struct wire_slice){pcm.bytes, FRAME_BYTES},
				     frame.samples,
				     AUDIO_FRAME_SAMPLES) == AUDIO_FRAME_SAMPLES);
		before = SESSION_LISTENING;
		state = session_feed(room->session, &frame);
		pcm.bytes += FRAME_BYTES;
		pcm.size -= FRAME_BYTES;
	}
	explicit_bzero(&frame, sizeof(frame));
	room_follow(room, before, state);
}

static void room_on_sound(struct hub_room *room, const struct wire_sound *sound)
{
	if (sound->turn != room->turn.value ||
	    (room->hub->hears != room && !room->stands))
		return;
	if (!room_frame_is_next(room, sound->sequence))
		return;
	room->own_frames += (sound->marks & SOUND_OWN_VOICE) != 0;
	room->one_sided_frames += (sound->marks & SOUND_ONE_SIDED) != 0;
	if (room->stands)
		hub_elect_sound(room, sound->pcm);
	else
		hub_room_feed(room, sound->pcm);
}

void hub_room_sound_over(struct hub_room *room)
{
	session_end(room->session);
	room_follow(room, SESSION_WAITING, session_poll(room->session));
}

static void room_on_lease_over(struct hub_room *room, const struct wire_lease_over *over)
{
	struct event event;

	room_event(room, &event, EVENT_LEASE_CLOSED, (struct turn_id){over->turn});
	record_lease_closed(&event, over->used_ms, over->cause);
	room_attest(room, &event);
	late_push(room->hub->late, &event);
	room->frames_refused_told = room->frames_refused;
	hub_dialogue_lease_over(room, (struct turn_id){over->turn}, over->cause);
	if (over->turn != room->turn.value)
		return;
	if (room->stands)
		room->lease_is_over = true;
	else if (room->hub->hears == room)
		hub_room_sound_over(room);
	else
		room->turn.value = 0; /* of a message: nobody was listening here */
}

static void room_said(struct hub_room *room, int64_t sound_ms, bool whole)
{
	struct turn_id turn = room->speaks_for;

	if (sound_ms == 0) /* nobody heard that */
		hub_ask_drop(room);
	loop_cancel(room->hub->loop, room->say_timer);
	room->saying = 0;
	room->speaks_for.value = 0;
	turn_spoken(room->line, turn, sound_ms);
	hub_inbox_said(room, whole);
	hub_intercom_said(room, sound_ms, whole);
	if (room->hub->book.now)
		hub_ring_said(room, turn, sound_ms);
	hub_music_follow(room->hub);
}

static void room_on_played(struct hub_room *room, const struct wire_played *played)
{
	if (room->saying == 0 || played->say != room->saying)
		return;
	hub_ask_said(room, room->speaks_for, played->whole != 0);
	room_said(room, played->played_ms, played->whole != 0);
}

static void room_on_state(struct hub_room *room, const struct wire_room_state *state)
{
	(void)str_copy(room->light, sizeof(room->light), state->light);
	(void)str_copy(room->trouble, sizeof(room->trouble), state->trouble);
	room->muted = state->muted != 0;
	if (room->muted)
		follow_forget(&room->follow);
}

static void room_say_timeout(void *context)
{
	struct hub_room *room = context;

	log_line("room: never said that it had played room=%s", room->name);
	room_said(room, 0, false);
}

void hub_room_say(struct hub_room *room, const struct turn *turn, const char *text,
		  struct event_id parent)
{
	if (!turn->heard.spoken) { /* it is read, and nothing that was said ends */
		turn_spoken(room->line, turn->id, 0);
		return;
	}
	room->speaks_for = turn->id;
	hub_dialogue_follow(room, turn);
	room->say_then = turn->decision.then;
	room->say_turn = hub_dialogue_is_open(room) ? room->talk.turn : turn->id;
	if (turn->decision.kind == DECISION_ASK || turn->decision.then != THEN_NOTHING)
		hub_ask_begin(room, turn->id);
	if (!room->link || !room->hub->speaking ||
	    !speaking_add(room->hub->speaking, room->name, turn->id, parent, text))
		room_said(room, 0, false);
}

void hub_room_tone(struct hub *hub, const char *name, const char *tone)
{
	struct wire_tone told = {.unused = 0};

	for (size_t i = 0; tone[0] && i < hub->room_count; i++) {
		const struct hub_room *room = &hub->rooms[i];

		if (!room->link || !str_equal_folded(room->name, name))
			continue;
		(void)str_format(told.tone, sizeof(told.tone), "%s%s",
				 hub_is_quiet(hub) ? "blink-" : "", tone);
		if (link_send_tone(room->link, &told))
			log_line("room: could not be told a tone room=%s", room->name);
	}
}

static enum err room_send_say(struct hub_room *room, struct event_id parent,
			      struct audio_span sound)
{
	enum err err = OK;

	for (size_t at = 0; !err && at < sound.count; at += SAY_SAMPLES) {
		size_t count =
			sound.count - at < SAY_SAMPLES ? sound.count - at : SAY_SAMPLES;
		struct wire_say say = {
			.say = room->saying,
			.turn = room->say_turn.value,
			.parent = parent.value,
			.last = at + count == sound.count,
			.pcm = wire_from_samples(
				(struct audio_span){sound.samples + at, count}),
		};
		must(str_copy(say.then, sizeof(say.then),
			      evidence_then_text(room->say_then)));
		err = link_send_say(room->link, &say);
	}
	return err;
}

static void room_sound(struct hub_room *room, struct event_id parent,
		       struct audio_span sound)
{
	room->saying = ++room->hub->says;
	hub_ask_sent(room, room->saying);
	/* Nothing is said or played without a reason on record. */
	if (parent.value == 0 || sound.count == 0 || !room->link ||
	    room_send_say(room, parent, sound) ||
	    loop_after(room->hub->loop, audio_ms(sound.count) + SAY_GRACE_MS,
		       room_say_timeout, room, &room->say_timer))
		room_said(room, 0, false);
}

void hub_room_voice(struct hub *hub, const char *name, struct turn_id turn,
		    struct event_id parent, struct audio_span sound)
{
	struct hub_room *room = hub_room_find(hub, name);

	if (room && room->speaks_for.value == turn.value)
		room_sound(room, parent, sound);
}

static void room_speak_for(struct hub_room *room, struct turn_id turn)
{
	room->speaks_for = turn;
	room->say_then = THEN_NOTHING;
	room->say_turn = turn;
	hub_music_follow(room->hub);
}

void hub_room_tell(struct hub_room *room, struct turn_id turn, struct event_id parent,
		   const char *text)
{
	room_speak_for(room, turn);
	if (!room->link || !room->hub->speaking ||
	    !speaking_add(room->hub->speaking, room->name, turn, parent, text))
		room_said(room, 0, false);
}

void hub_room_play(struct hub_room *room, struct turn_id turn, struct event_id parent,
		   struct audio_span sound)
{
	room_speak_for(room, turn);
	room_sound(room, parent, sound);
}

void hub_room_tell_standing(struct hub_room *room)
{
	const struct wire_standing now = {
		.is_held = room->pending_count > 0,
		.messages = (uint32_t)room->message_count,
	};

	if (!room->link || (room->has_told && room->told.is_held == now.is_held &&
			    room->told.messages == now.messages))
		return;
	room->told = now;
	room->has_told = link_send_standing(room->link, &now) == OK;
}

static void room_send_mute(struct hub_room *room)
{
	const struct room_policy *policy =
		policy_room(keep_policy(&room->hub->keep), room->name);
	struct wire_mute mute = {.on = !policy || policy->muted};

	if (room->link && link_send_mute(room->link, &mute))
		log_line("room: could not be told whether it is muted room=%s",
			 room->name);
}

void hub_rooms_policy_changed(struct hub *hub)
{
	hub_links_policy_changed(hub);
	for (size_t i = 0; i < hub->room_count; i++)
		room_send_mute(&hub->rooms[i]);
}

void hub_room_attach(struct hub_room *room, struct hub_guest *guest)
{
	room->guest = guest;
	room->link = guest->link;
	room->heard_ms = loop_now_ms();
	room->evidence.is_signed = false;
	room->has_told = false;
	hub_room_tell_standing(room);
	room_send_mute(room);
	room_set_volume(room, room->volume_percent);
	hub_ring_room_came(room);
	log_line("rooms: connected room=%s by=%s key=%s", room->name,
		 guest->is_remote ? "tls" : "local", guest->has_key ? "shown" : "none");
}

void hub_room_message(struct hub_room *room, const struct wire_message *message)
{
	room->heard_ms = loop_now_ms();
	/* The table of rights lets nothing else through. */
	if (message->type == WIRE_sound)
		room_on_sound(room, &message->sound);
	else if (message->type == WIRE_wake)
		room_on_wake(room, &message->wake);
	else if (message->type == WIRE_stop)
		room_on_stop(room, &message->stop);
	else if (message->type == WIRE_lease)
		room_on_lease(room, &message->lease);
	else if (message->type == WIRE_lease_over)
		room_on_lease_over(room, &message->lease_over);
	else if (message->type == WIRE_played)
		room_on_played(room, &message->played);
	else if (message->type == WIRE_prompt_measured)
		hub_ask_measured(room, &message->prompt_measured);
	else if (message->type == WIRE_room_state)
		room_on_state(room, &message->room_state);
	else if (message->type == WIRE_evidence)
		room_on_evidence(room, &message->evidence.event);
	else if (message->type == WIRE_memo)
		hub_dialogue_memo(room, &message->memo);
	else if (message->type == WIRE_rang)
		hub_ring_told(room, &message->rang);
	else if (message->type == WIRE_fuse_blown)
		room_fuse_blown(room, message->fuse_blown.what);
	hub_music_follow(room->hub);
}

void hub_room_detach(struct hub_room *room, const char *why)
{
	const bool was_leased = room->hub->hears == room || room->stands;

	log_line("rooms: gone room=%s why=\"%s\"", room->name, why);
	room->link = NULL;
	room->guest = NULL;
	(void)str_copy(room->light, sizeof(room->light), "");
	(void)str_copy(room->trouble, sizeof(room->trouble), "");
	if (was_leased) {
		struct event event;
		room_event(room, &event, EVENT_LEASE_CLOSED, room->turn);
		record_lease_closed(&event, 0, "the room went away");
		late_push(room->hub->late, &event);
	}
	if (room->hub->hears == room) {
		session_end(room->session);
		room_release(room);
	}
	hub_elect_drop(room);
	if (room->speaks_for.value != 0)
		room_said(room, 0, false);
	hub_ask_drop(room);
	hub_dialogue_drop(room, REASON_LEASE_OVER);
	hub_inbox_stop(room);
	hub_intercom_stop(room);
	room->ring = (struct hub_room_ring){.ring = 0};
	follow_forget(&room->follow);
	hub_music_follow(room->hub);
}

void hub_rooms_close(struct hub *hub)
{
	loop_cancel(hub->loop, hub->election_timer);
	for (size_t i = 0; i < hub->room_count; i++) {
		loop_cancel(hub->loop, hub->rooms[i].ask.timer);
		loop_cancel(hub->loop, hub->rooms[i].talk.timer);
		hub_intercom_stop(&hub->rooms[i]);
		turn_line_destroy(hub->rooms[i].line);
		session_destroy(hub->rooms[i].session);
		recent_wipe(&hub->rooms[i].recent);
		follow_forget(&hub->rooms[i].follow);
		buf_finish(&hub->rooms[i].waiting);
	}
	hub->room_count = 0;
}
