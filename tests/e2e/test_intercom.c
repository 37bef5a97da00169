/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_intercom - announcements in a house of real programs, whose four rooms this test
 * plays: a kitchen that asks, a bedroom, a hall that is muted and an attic that may tell
 * nothing. What comes to them over the wire is what would be heard there.
 *
 * One house for all tests. Waits for what must happen, with a limit; what must not happen
 * is looked for once the turn is over, before which it would have happened.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/identity.h"
#include "adapter/memo_opus.h"
#include "adapter/rand_system.h"
#include "base/key_text.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "domain/lease.h"
#include "domain/policy.h"
#include "e2e/house_fixture.h"
#include "listen/election.h"

enum {
	SAYS_MAX = 4,
	PIECE_BYTES = 1000, /* of a memo: in several, in their order */
	QUIET_FRAMES = 75,  /* behind a request: nobody speaks any more */
	TURN_SHIFT = 16,    /* a turn's number is the time, and something behind it */
};

static const char SPOKEN[] = "The train is late. Please begin without me.";

struct said {
	uint64_t turn;
	size_t count;
	int16_t sound[HOUSE_SOUND_MAX];
};

struct room {
	const char *name;
	unsigned capabilities;
	bool muted;
	struct identity identity;
	struct link *link;
	bool is_in;
	bool lease_ended;
	uint64_t turn;
	uint64_t sequence;
	int64_t wall_ms; /* the hub's clock ... */
	int64_t at_ms;   /* ... when ours was this */
	uint64_t asks;   /* the say behind which something follows, once it was played */
	size_t said_count;
	struct said said[SAYS_MAX];
};

static struct house house;
static struct rand dice;
static struct loop *loop;
static struct room rooms[] = {
	{.name = HOUSE_ROOM, .capabilities = MAY_ALL},
	{.name = "bedroom", .capabilities = MAY_ALL},
	{.name = "hall", .capabilities = MAY_ALL, .muted = true},
	{.name = "attic", .capabilities = MAY_ALL & ~(unsigned)MAY_TELL},
};
static struct room *const kitchen = &rooms[0];
static struct room *const bedroom = &rooms[1];
static struct room *const hall = &rooms[2];
static struct room *const attic = &rooms[3];
static struct buf opus; /* what was spoken last, as it was sent */

/* --- a room, played --------------------------------------------------------------------- */

static void on_opened(void *context, struct link *link)
{
	((struct room *)context)->link = link;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct room *room = context;

	(void)link;
	(void)err;
	(void)why;
	room->link = NULL;
	room->is_in = false;
}

static void show_identity(struct room *room, const struct wire_challenge *challenge)
{
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const size_t size =
		evidence_identity_bytes(challenge->nonce.bytes, room->name, bytes);
	const struct wire_identity identity = {
		.key = {room->identity.public_key, SEAL_SIGN_PUBLIC_BYTES},
		.signature = {signature, sizeof(signature)},
	};

	room->wall_ms = challenge->wall_ms;
	room->at_ms = loop_now_ms();
	assert_int_equal(seal_sign_labelled(secret_view(room->identity.seed),
					    EVIDENCE_IDENTITY_LABEL, bytes, size,
					    signature),
			 OK);
	assert_int_equal(link_send_identity(room->link, &identity), OK);
}

static void tell_played(struct room *room, uint64_t say, bool whole)
{
	assert_int_equal(link_send_played(room->link,
					  &(struct wire_played){.say = say,
								.played_ms = 100,
								.whole = whole}),
			 OK);
}

static void on_say(struct room *room, const struct wire_say *say)
{
	struct said *said = &room->said[room->said_count];

	assert_true(room->said_count < SAYS_MAX);
	said->turn = say->turn;
	said->count += wire_to_samples(say->pcm, said->sound + said->count,
				       HOUSE_SOUND_MAX - said->count);
	if (!say->last)
		return;
	room->said_count++;
	tell_played(room, say->say, true);
	if (say->then[0])
		room->asks = say->say;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct room *room = context;

	room->link = link;
	if (message->type == WIRE_challenge)
		show_identity(room, &message->challenge);
	else if (message->type == WIRE_say)
		on_say(room, &message->say);
	else if (message->type == WIRE_end_lease)
		room->lease_ended = true;
	else if (message->type == WIRE_mute) {
		const struct wire_room_state state = {.light = "waiting",
						      .muted = message->mute.on};

		assert_int_equal(link_send_room_state(link, &state), OK);
		room->is_in = true;
	}
}

/* Runs the rooms until it holds; fails when it never does. */
#define WAIT_FOR(condition)                                             \
	do {                                                            \
		const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS; \
		while (!(condition)) {                                  \
			assert_int_equal(loop_run_once(loop, 10), OK);  \
			if (loop_now_ms() > until_ms)                   \
				fail_msg("never: %s", #condition);      \
		}                                                       \
	} while (0)

static void connect_room(struct room *room)
{
	const struct link_listener listener = {room, on_opened, on_message, on_closed};
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.run, "hub/rooms.sock"));
	assert_int_equal(link_connect(loop, path, WIRE_LINK_ROOM_HUB, WIRE_PARTY_ROOM,
				      room->name, &listener, &room->link, &note),
			 OK);
	WAIT_FOR(room->is_in);
}

static struct event begin_event(const struct room *room, enum event_kind kind)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){room->turn}, room->name,
		   room->wall_ms + loop_now_ms() - room->at_ms);
	return event;
}

static void sign(struct room *room, struct event *event)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	event_add_int(event, "room_ms", event->at_ms);
	room->sequence++;
	event->sequence = ((uint64_t)room->wall_ms << TURN_SHIFT) + room->sequence;
	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(secret_view(room->identity.seed),
					    EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	event->is_signed = true;
	assert_int_equal(link_send_evidence(room->link,
					    &(struct wire_evidence){.event = *event}),
			 OK);
}

static void open_lease(struct room *room, enum lease_reason reason)
{
	struct wire_lease lease = {.turn = room->turn,
				   .max_ms = (uint32_t)lease_reason_max_ms(reason)};
	struct event event = begin_event(room, EVENT_LEASE_OPENED);

	evidence_lease_opened(&event, reason);
	sign(room, &event);
	assert_true(
		str_copy(lease.reason, sizeof(lease.reason), lease_reason_text(reason)));
	room->lease_ended = false;
	assert_int_equal(link_send_lease(room->link, &lease), OK);
}

static void close_lease(struct room *room, const char *cause)
{
	struct wire_lease_over over = {.turn = room->turn, .used_ms = 1000};
	struct event event = begin_event(room, EVENT_LEASE_CLOSED);

	evidence_lease_closed(&event, over.used_ms, cause);
	sign(room, &event);
	assert_true(str_copy(over.cause, sizeof(over.cause), cause));
	assert_int_equal(link_send_lease_over(room->link, &over), OK);
}

/* --- who is in it ----------------------------------------------------------------------- */

/* Long enough after the last that it is no echo of the same. */
static void wake(struct room *room)
{
	static int64_t next_ms;
	struct wire_wake wake = {.score = 1, .floor = 0.5, .accepted = 1, .level_db = 20};

	WAIT_FOR(loop_now_ms() >= next_ms);
	next_ms = loop_now_ms() + 2 * ELECTION_SAME_MS;
	room->turn =
		((uint64_t)(room->wall_ms + loop_now_ms() - room->at_ms) << TURN_SHIFT) +
		++room->sequence;
	wake.turn = room->turn;
	assert_int_equal(link_send_wake(room->link, &wake), OK);
	open_lease(room, LEASE_REQUEST);
}

/* The name was heard; what follows it is this. */
static void ask(struct room *room, const char *words)
{
	static int16_t quiet[AUDIO_FRAME_SAMPLES];
	struct audio_span sound = {NULL, 0};
	size_t frames;

	room->asks = 0;
	for (size_t i = 0; i < STR_COUNT(rooms); i++) {
		memset(rooms[i].said, 0, sizeof(rooms[i].said));
		rooms[i].said_count = 0;
	}
	assert_int_equal(voice_speak(&house.voice, words, &sound), OK);
	frames = sound.count / AUDIO_FRAME_SAMPLES;
	wake(room);
	for (size_t i = 0; i < frames + QUIET_FRAMES && !room->lease_ended; i++) {
		const struct wire_sound piece = {
			.turn = room->turn,
			.sequence = (uint32_t)i,
			.pcm = wire_from_samples((struct audio_span){
				i < frames ? sound.samples + i * AUDIO_FRAME_SAMPLES
					   : quiet,
				AUDIO_FRAME_SAMPLES}),
		};

		assert_int_equal(link_send_sound(room->link, &piece), OK);
		assert_int_equal(loop_run_once(loop, 5), OK);
	}
	WAIT_FOR(room->lease_ended);
	close_lease(room, "end of speech");
}

static void expect_turn(const char *decision, const char *reason,
			struct house_turn *out_turn)
{
	WAIT_FOR(house_turn_within(&house, 0, out_turn));
	if (!str_equal(out_turn->decision, decision) ||
	    !str_equal(out_turn->reason, reason))
		fail_msg("\"%s\": %s %s, said \"%s\"", out_turn->text, out_turn->decision,
			 out_turn->reason, out_turn->said);
}

/* It asks to be spoken to, and has heard itself do so. */
static void ask_to_speak(const char *words, const char *prompt)
{
	struct house_turn turn;
	struct event heard;

	ask(kitchen, words);
	WAIT_FOR(kitchen->asks != 0);
	expect_turn("ask", "NONE", &turn);
	assert_string_equal(turn.said, prompt);
	assert_true(turn.id == kitchen->turn);
	heard = begin_event(kitchen, EVENT_PROMPT_HEARD);
	evidence_prompt_heard(&heard, THEN_MEMO, 20, 0.9);
	sign(kitchen, &heard);
	assert_int_equal(link_send_prompt_measured(
				 kitchen->link,
				 &(struct wire_prompt_measured){.say = kitchen->asks,
								.heard = 1,
								.correlation = 0.9}),
			 OK);
}

static void encode(void)
{
	struct audio_span sound = {NULL, 0};
	struct err_note note = {""};

	buf_finish(&opus);
	buf_init(&opus, MEMO_OPUS_BYTES_MAX);
	assert_int_equal(voice_speak(&house.voice, SPOKEN, &sound), OK);
	assert_int_equal(memo_opus_encode(sound, &opus, &note), OK);
}

static void sign_memo(void)
{
	struct event event = begin_event(kitchen, EVENT_MEMO);
	uint8_t hash[SEAL_HASH_BYTES];

	assert_int_equal(seal_sha256(&(struct seal_part){opus.bytes, opus.size}, 1, hash),
			 OK);
	evidence_memo(&event, 3000, opus.size, hash);
	sign(kitchen, &event);
}

static void send_memo(void)
{
	for (size_t at = 0; at < opus.size; at += PIECE_BYTES) {
		const size_t left = opus.size - at;
		const size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
		const struct wire_memo memo = {.turn = kitchen->turn,
					       .last = size == left,
					       .opus = {opus.bytes + at, size}};

		assert_int_equal(link_send_memo(kitchen->link, &memo), OK);
	}
}

/* Somebody speaks behind the tone, to the end. */
static void speak(void)
{
	open_lease(kitchen, LEASE_MEMO);
	encode();
	close_lease(kitchen, "end of speech");
	sign_memo();
	send_memo();
}

/* --- what was heard --------------------------------------------------------------------- */

static void expect_silence(const struct room *room)
{
	if (room->said_count > 0)
		fail_msg("the %s said something", room->name);
}

static void expect_played(const struct room *room)
{
	struct secret *sound = NULL;
	struct err_note note = {""};
	struct audio_span spoken;

	assert_int_equal(room->said_count, 2); /* who it is from, and then it */
	assert_int_equal(memo_opus_decode(opus.bytes, opus.size, &sound, &note), OK);
	spoken = memo_opus_sound(sound);
	assert_int_equal(room->said[1].count, spoken.count);
	assert_memory_equal(room->said[1].sound, spoken.samples,
			    spoken.count * sizeof(*spoken.samples));
	secret_destroy(sound);
	assert_true(room->said[0].turn == kitchen->turn);
	assert_true(room->said[1].turn == kitchen->turn);
}

static size_t count_events(const struct house_events *events, enum event_kind kind,
			   const char *room)
{
	size_t count = 0;

	for (size_t i = 0; i < events->count; i++)
		count += events->events[i].kind == kind &&
			 str_equal(events->events[i].room.text, room);
	return count;
}

/* What the journal has of the turn. Nobody sees there what was said. */
static void read_journal(struct house_events *events)
{
	struct link_client *owner;

	house_wait_written(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	house_why(owner, kitchen->turn, events);
	link_client_close(owner);
	assert_int_equal(count_events(events, EVENT_PROPOSAL, kitchen->name), 0);
	for (size_t i = 0; i < events->count; i++)
		for (size_t f = 0; f < events->events[i].field_count; f++)
			assert_null(strstr(events->events[i].fields[f].value, "dinner"));
}

/* --- set-up ----------------------------------------------------------------------------- */

static void set_room(struct link_client *owner, const struct room *room)
{
	struct wire_room_set set = {.capabilities = room->capabilities,
				    .muted = room->muted};
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	assert_true(str_copy(set.room, sizeof(set.room), room->name));
	assert_int_equal(key_to_text(room->identity.public_key, set.key), OK);
	assert_int_equal(link_client_send_room_set(owner, &set, &note), OK);
	assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, &note), OK);
	assert_int_equal(message->type, WIRE_done);
}

static void enrol(void)
{
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};

	assert_non_null(owner);
	for (size_t i = 0; i < STR_COUNT(rooms); i++) {
		assert_int_equal(identity_room_path(path, house.fixture.folder,
						    rooms[i].name),
				 OK);
		assert_int_equal(identity_open(path, &dice, &rooms[i].identity, &note),
				 OK);
		set_room(owner, &rooms[i]);
	}
	link_client_close(owner);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	dice = rand_system();
	assert_int_equal(loop_create(&loop), OK);
	buf_init(&opus, MEMO_OPUS_BYTES_MAX);
	house_begin(&house);
	house_start_keeper(&house);
	house_settle(&house);
	enrol();
	house_start_hub(&house);
	house_wait_flag(&house, "words_current", true);
	for (size_t i = 0; i < STR_COUNT(rooms); i++)
		connect_room(&rooms[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(rooms); i++) {
		link_close(rooms[i].link);
		identity_close(&rooms[i].identity);
	}
	loop_destroy(loop);
	buf_finish(&opus);
	house_end(&house);
	return 0;
}

/* --- tests ------------------------------------------------------------------------------ */

static void words_to_one_room(void **state)
{
	static const struct {
		const char *words;
		const char *reason;
	} rows[] = {
		{"tell the cellar that dinner is ready", "NO_ROOM"},
		{"tell the kitchen dinner is ready", "NO_ROOM"},
		{"tell the hall dinner is ready", "ROOM_MUTED"},
		{"tell the attic dinner is ready", "ROOM_MUTED"},
	};
	struct house_turn turn;
	struct house_events events;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		house_type(&house, rows[i].words);
		expect_turn("refuse", rows[i].reason, &turn);
	}
	ask(kitchen, "tell the bedroom dinner is ready.");
	expect_turn("act", "NONE", &turn);
	assert_string_equal(turn.said, "Told 1 room.");
	WAIT_FOR(bedroom->said_count == 1);
	expect_silence(hall);
	expect_silence(attic);
	read_journal(&events);
	assert_int_equal(count_events(&events, EVENT_SPOKEN, bedroom->name), 1);
	assert_string_equal(event_value(house_event(&events, EVENT_DONE, NULL), "entity"),
			    bedroom->name);
}

static void it_is_spoken(void **state)
{
	struct house_turn turn;
	struct house_events events;
	const struct event *done;
	uint8_t hash[SEAL_HASH_BYTES];
	char hex[2 * SEAL_HASH_BYTES + 1];

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	speak();
	expect_turn("act", "NONE", &turn);
	assert_true(turn.id == kitchen->turn);
	assert_string_equal(turn.said, "Told 1 room.");
	WAIT_FOR(bedroom->said_count == 2);
	expect_played(bedroom);
	assert_int_equal(kitchen->said_count, 2); /* the prompt and the answer */
	expect_silence(hall);
	expect_silence(attic);
	/* Who asked, what was played and where; no proposal, and no words. */
	WAIT_FOR((read_journal(&events),
		  count_events(&events, EVENT_SPOKEN, bedroom->name) == 2));
	assert_int_equal(count_events(&events, EVENT_DECIDED, kitchen->name), 2);
	done = house_event(&events, EVENT_DONE, NULL);
	assert_non_null(done);
	assert_int_equal(seal_sha256(&(struct seal_part){opus.bytes, opus.size}, 1, hash),
			 OK);
	str_to_hex(hex, hash, sizeof(hash));
	assert_string_equal(event_value(done, "sha256"), hex);
	assert_string_equal(event_value(done, "entity"), "the other rooms");
}

static void it_is_spoken_to_one_room(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("call the bedroom.", "For the bedroom. Speak after the tone.");
	speak();
	expect_turn("act", "NONE", &turn);
	WAIT_FOR(bedroom->said_count == 2);
	expect_played(bedroom);
	expect_silence(hall);
	expect_silence(attic);
}

/* What a room sends is what it signed, or is not played. */
static void other_bytes_than_were_signed(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	open_lease(kitchen, LEASE_MEMO);
	encode();
	close_lease(kitchen, "end of speech");
	sign_memo();
	opus.bytes[opus.size / 2] ^= 1;
	send_memo();
	expect_turn("refuse", "MEMO_LOST", &turn);
	assert_string_equal(turn.said, "I lost it. Please say it again.");
	expect_silence(bedroom);
}

/* Nor what was recorded without a lease for it, or where the prompt was not heard. */
static void sound_without_a_lease(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	encode();
	sign_memo();
	send_memo();
	expect_turn("refuse", "MEMO_LOST", &turn);
	expect_silence(bedroom);
	ask(kitchen, "make an announcement.");
	WAIT_FOR(kitchen->asks != 0);
	expect_turn("ask", "NONE", &turn);
	speak(); /* though it never said that it had heard us */
	expect_turn("refuse", "PROMPT_NOT_HEARD", &turn);
	expect_silence(bedroom);
}

static void nobody_speaks(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	open_lease(kitchen, LEASE_MEMO);
	close_lease(kitchen, "nobody spoke");
	expect_turn("refuse", "MEMO_EMPTY", &turn);
	assert_string_equal(turn.said, "I heard nothing.");
	expect_silence(bedroom);
}

/* The name of the house in the middle of it, and "cancel that". */
static void it_is_called_off(void **state)
{
	struct house_turn turn;
	struct house_events events;
	uint64_t asked;

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	asked = kitchen->turn;
	open_lease(kitchen, LEASE_MEMO);
	encode();
	close_lease(kitchen, "name said");
	ask(kitchen, "cancel that.");
	expect_turn("act", "NONE", &turn);
	assert_true(turn.id != asked);
	/* What would be left of it comes too late. */
	kitchen->turn = asked;
	sign_memo();
	send_memo();
	ask(kitchen, "tell me the time.");
	expect_turn("act", "NONE", &turn);
	expect_silence(bedroom);
	kitchen->turn = asked;
	read_journal(&events);
	assert_int_equal(count_events(&events, EVENT_QUESTION_OVER, kitchen->name), 1);
	assert_int_equal(count_events(&events, EVENT_DONE, kitchen->name), 0);
}

/* A room that listens is left alone; alone asked for, that is said. */
static void a_room_in_use(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("call the bedroom.", "For the bedroom. Speak after the tone.");
	wake(bedroom);
	speak();
	expect_turn("act", "ROOM_IN_USE", &turn);
	assert_string_equal(turn.said, "That room is in use, or I can't reach it.");
	expect_silence(bedroom);
	close_lease(bedroom, "time");
	WAIT_FOR(house_turn_within(&house, 0, &turn));
}

static void it_is_not_typed(void **state)
{
	struct house_turn turn;

	(void)state;
	house_type(&house, "make an announcement");
	expect_turn("refuse", "NOT_SPOKEN", &turn);
}

/* The line of the room is cut in the middle. */
static void the_room_goes(void **state)
{
	struct house_turn turn;

	(void)state;
	ask_to_speak("make an announcement.", "Speak after the tone.");
	open_lease(kitchen, LEASE_MEMO);
	encode();
	close_lease(kitchen, "end of speech");
	sign_memo();
	link_close(kitchen->link);
	kitchen->link = NULL;
	kitchen->is_in = false;
	connect_room(kitchen);
	send_memo();
	ask(kitchen, "tell me the time.");
	expect_turn("act", "NONE", &turn);
	assert_string_equal(turn.intent, "HassGetCurrentTime");
	expect_silence(bedroom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_to_one_room),
		cmocka_unit_test(it_is_spoken),
		cmocka_unit_test(it_is_spoken_to_one_room),
		cmocka_unit_test(other_bytes_than_were_signed),
		cmocka_unit_test(sound_without_a_lease),
		cmocka_unit_test(nobody_speaks),
		cmocka_unit_test(it_is_called_off),
		cmocka_unit_test(a_room_in_use),
		cmocka_unit_test(it_is_not_typed),
		cmocka_unit_test(the_room_goes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
