/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_room - see the header. Knows no steps: in which order a room says what is its
 * caller's, as the real one does it.
 *
 * Nothing that is sent into a link that has just closed counts: the hub is gone.
 */
#include "e2e/wire_room.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"

enum {
	WAIT_MS = 60000,
	STEP_MS = 5,
	TURN_MS_SHIFT = 16,
	SAID_MS = 1000, /* how long a request is said to have taken */
};

static const double HEARD_DB = 12.0;
static const double HEARD_CORRELATION = 0.9;
static const double SCORE = 0.9;
static const double LEVEL_DB = 20.0;

void wire_room_init(struct wire_room *room, struct loop *loop, const char *name)
{
	*room = (struct wire_room){.loop = loop, .name = name};
	assert_int_equal(seal_sha256(&(struct seal_part){(const uint8_t *)name,
							 strlen(name)},
				     1, room->seed),
			 OK);
}

void wire_room_key(const struct wire_room *room, uint8_t to[SEAL_SIGN_PUBLIC_BYTES])
{
	seal_sign_pair(room->seed, to);
}

/* --- what comes ------------------------------------------------------------------------- */

static void show_identity(const struct wire_room *room,
			  const struct wire_challenge *challenge)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	const struct wire_identity said = {.key = {key, sizeof(key)},
					   .signature = {signature, sizeof(signature)}};
	const size_t size =
		evidence_identity_bytes(challenge->nonce.bytes, room->name, bytes);

	seal_sign_pair(room->seed, key);
	assert_int_equal(seal_sign_labelled(room->seed, EVIDENCE_IDENTITY_LABEL, bytes,
					    size, signature),
			 OK);
	(void)!link_send_identity(room->link, &said);
}

static void on_opened(void *context, struct link *link)
{
	struct wire_room *room = context;

	room->link = link;
}

/* Whatever test it is: a hub has nothing sound without a reason on record, whoever in it
 * wanted that. */
static void check_reason(const struct wire_room *room, const struct wire_say *say)
{
	assert_true(say->parent != 0 && say->parent != UINT64_MAX);
	if (room->said_samples > 0)
		assert_true(say->parent == room->said_parent);
}

static void on_say(struct wire_room *room, const struct wire_say *say)
{
	check_reason(room, say);
	room->said_parent = say->parent;
	room->said_samples += say->pcm.size / sizeof(int16_t);
	if (!say->last)
		return;
	room->said_ms += (uint64_t)audio_ms(room->said_samples);
	room->say_samples = room->said_samples;
	room->said_samples = 0;
	room->say = say->say;
	room->say_turn = say->turn;
	assert_true(str_copy(room->say_then, sizeof(room->say_then), say->then));
	room->says++;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct wire_room *room = context;

	room->link = link;
	if (message->type == WIRE_challenge) {
		room->hub_ms = message->challenge.wall_ms;
		room->came_ms = loop_now_ms();
		show_identity(room, &message->challenge);
	} else if (message->type == WIRE_mute) {
		room->is_let_in = true;
	} else if (message->type == WIRE_say) {
		on_say(room, &message->say);
	} else if (message->type == WIRE_ring) {
		assert_true(message->ring.parent != 0);
	} else if (message->type == WIRE_end_lease) {
		room->ended++;
	} else if (message->type == WIRE_turn_over) {
		room->overs++;
	} else if (message->type == WIRE_standing) {
		room->messages = message->standing.messages;
		room->is_held = message->standing.is_held != 0;
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct wire_room *room = context;

	(void)link;
	(void)err;
	(void)why;
	room->link = NULL;
	room->is_let_in = false;
}

/* --- coming and going ------------------------------------------------------------------- */

static void run(struct wire_room *room, int64_t until_ms, const char *what)
{
	if (loop_now_ms() > until_ms)
		fail_msg("the room %s: %s", room->name, what);
	assert_int_equal(loop_run_once(room->loop, STEP_MS), OK);
}

void wire_room_open(struct wire_room *room, const char *path)
{
	const struct link_listener listener = {room, on_opened, on_message, on_closed};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	wire_room_close(room);
	while (!room->is_let_in) {
		if (!room->link &&
		    link_connect(room->loop, path, WIRE_LINK_ROOM_HUB, WIRE_PARTY_ROOM,
				 room->name, &listener, &room->link, NULL))
			room->link = NULL;
		run(room, until_ms, "is not let in");
	}
}

void wire_room_close(struct wire_room *room)
{
	link_close(room->link);
	room->link = NULL;
	room->is_let_in = false;
	room->say = 0;
	room->said_samples = 0;
	room->messages = 0;
}

/* --- what it signs ---------------------------------------------------------------------- */

static void begin(const struct wire_room *room, struct event *event, enum event_kind kind,
		  uint64_t turn)
{
	event_init(event, kind, (struct turn_id){turn}, room->name, room->hub_ms);
}

static void attest(struct wire_room *room, struct event *event)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct wire_evidence evidence;
	size_t size = 0;

	if (!room->link)
		return;
	event->sequence = ((uint64_t)room->hub_ms << 8) + ++room->sequence;
	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(room->seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	event->is_signed = true;
	evidence = (struct wire_evidence){.event = *event};
	(void)!link_send_evidence(room->link, &evidence);
}

static void open_lease(struct wire_room *room, enum lease_reason reason)
{
	struct wire_lease lease = {.turn = room->turn,
				   .max_ms = (uint32_t)lease_reason_max_ms(reason)};
	struct event event;

	begin(room, &event, EVENT_LEASE_OPENED, room->turn);
	evidence_lease_opened(&event, reason);
	attest(room, &event);
	assert_true(
		str_copy(lease.reason, sizeof(lease.reason), lease_reason_text(reason)));
	if (room->link)
		(void)!link_send_lease(room->link, &lease);
}

static void close_lease(struct wire_room *room, uint32_t used_ms)
{
	static const char CAUSE[] = "end of speech";
	struct wire_lease_over over = {.turn = room->turn, .used_ms = used_ms};
	struct event event;

	begin(room, &event, EVENT_LEASE_CLOSED, room->turn);
	evidence_lease_closed(&event, used_ms, CAUSE);
	attest(room, &event);
	assert_true(str_copy(over.cause, sizeof(over.cause), CAUSE));
	if (room->link)
		(void)!link_send_lease_over(room->link, &over);
}

/* --- what is said in it ----------------------------------------------------------------- */

static void send_sound(struct wire_room *room, struct audio_span sound)
{
	uint32_t sequence = 0;

	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= sound.count && room->link;
	     at += AUDIO_FRAME_SAMPLES) {
		const struct wire_sound frame = {
			.turn = room->turn,
			.sequence = sequence++,
			.pcm = wire_from_samples(
				(struct audio_span){sound.samples + at,
						    AUDIO_FRAME_SAMPLES}),
		};

		(void)!link_send_sound(room->link, &frame);
	}
}

void wire_room_request(struct wire_room *room, struct audio_span sound)
{
	struct wire_wake wake = {.score = SCORE,
				 .floor = SCORE / 2,
				 .accepted = 1,
				 .level_db = LEVEL_DB};

	/* As a room does: by the hub's clock, and no two of one number. */
	room->turn = ((uint64_t)(room->hub_ms + loop_now_ms() - room->came_ms)
		      << TURN_MS_SHIFT) +
		     ++room->turns;
	room->say = 0;
	room->overs = 0;
	wake.turn = room->turn;
	if (room->link)
		(void)!link_send_wake(room->link, &wake);
	open_lease(room, LEASE_REQUEST);
	send_sound(room, sound);
	close_lease(room, SAID_MS);
}

bool wire_room_wait_say(struct wire_room *room)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (room->say == 0 && room->link)
		run(room, until_ms, "is told nothing");
	return room->say != 0;
}

bool wire_room_wait_over(struct wire_room *room)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (room->overs == 0 && room->link)
		run(room, until_ms, "is not told that its turn is over");
	return room->link != NULL;
}

void wire_room_heard(struct wire_room *room)
{
	const struct wire_played played = {.say = room->say,
					   .played_ms = SAID_MS,
					   .whole = 1};
	const struct wire_prompt_measured measured = {.say = room->say,
						      .heard = 1,
						      .correlation = HEARD_CORRELATION,
						      .level_db = HEARD_DB};
	enum evidence_then then = THEN_NOTHING;
	struct event event;

	room->say = 0;
	if (!room->link)
		return;
	(void)!link_send_played(room->link, &played);
	assert_true(evidence_then_from_text(room->say_then, &then));
	begin(room, &event, EVENT_PROMPT_HEARD, room->say_turn);
	evidence_prompt_heard(&event, then, HEARD_DB, HEARD_CORRELATION);
	attest(room, &event);
	if (room->link)
		(void)!link_send_prompt_measured(room->link, &measured);
}

void wire_room_lease_memo(struct wire_room *room)
{
	open_lease(room, LEASE_MEMO);
}

void wire_room_end_memo(struct wire_room *room, uint32_t used_ms)
{
	close_lease(room, used_ms);
}

void wire_room_sign_memo(struct wire_room *room, uint32_t sound_ms, const uint8_t *opus,
			 size_t size)
{
	uint8_t hash[SEAL_HASH_BYTES];
	struct event event;

	assert_int_equal(seal_sha256(&(struct seal_part){opus, size}, 1, hash), OK);
	begin(room, &event, EVENT_MEMO, room->turn);
	evidence_memo(&event, sound_ms, size, hash);
	attest(room, &event);
}

void wire_room_send_memo(struct wire_room *room, const uint8_t *opus, size_t size,
			 bool last)
{
	const struct wire_memo piece = {.turn = room->turn,
					.last = last,
					.opus = {opus, size}};

	if (room->link)
		(void)!link_send_memo(room->link, &piece);
}
