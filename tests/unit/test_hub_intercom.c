/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_hub_intercom - what the hub does with the sound of a memo, by the step of the
 * dialogue that it belongs to: a message's goes to the keeper, an announcement's never.
 *
 * One room of the hub, told what a room tells; the keeper is in memory and counts what it
 * is given.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/keep_fake.h"
#include "fake/recogniser_fake.h"
#include "hub/hub.h"

enum { TURN = 77, PIECE = 4 };

static const uint8_t SOUND[] = "eight by"; /* what it is the hub does not ask */

struct house {
	struct clock_fake clock;
	struct recogniser_fake *recogniser;
	struct keep_fake *fake;
	struct keep_ops ops;
	struct hub hub;
	struct hub_room *room;
};

static size_t memos;
static size_t proposals;

static enum err count_memo(void *self, struct turn_id turn, const uint8_t *opus,
			   size_t size, bool last)
{
	(void)self;
	(void)turn;
	(void)opus;
	(void)size;
	(void)last;
	memos++;
	return OK;
}

static enum err count_propose(void *self, const struct action *action,
			      struct turn_id turn, uint64_t token)
{
	(void)self;
	(void)action;
	(void)turn;
	(void)token;
	proposals++;
	return OK;
}

static int setup(void **state)
{
	static struct house house;
	static const char *const rooms[] = {"kitchen", NULL};

	memset(&house, 0, sizeof(house));
	memos = proposals = 0;
	if (seal_init() || loop_create(&house.hub.loop) ||
	    keep_fake_create(&house.fake) || recogniser_fake_create(&house.recogniser))
		return -1;
	keep_fake_settle(house.fake, rooms);
	keep_fake_settle_steps(house.fake);
	house.hub.clock = clock_fake_init(&house.clock);
	house.hub.recogniser = recogniser_fake_port(house.recogniser);
	house.hub.keep = keep_fake_port(house.fake);
	house.ops = *house.hub.keep.ops;
	house.ops.memo = count_memo;
	house.ops.propose = count_propose;
	house.hub.keep.ops = &house.ops;
	if (late_create(&house.hub.keep, &house.hub.late))
		return -1;
	house.hub.settings.listen_silence_ms = 500;
	house.hub.settings.listen_complete_ms = 200;
	house.room = hub_room_find(&house.hub, "kitchen");
	*state = &house;
	return house.room ? 0 : -1;
}

static int teardown(void **state)
{
	struct house *house = *state;

	hub_rooms_close(&house->hub);
	late_destroy(house->hub.late);
	keep_fake_destroy(house->fake);
	recogniser_fake_destroy(house->recogniser);
	loop_destroy(house->hub.loop);
	return 0;
}

/* --- what a room tells ------------------------------------------------------------------ */

static void tell_evidence(struct house *house, struct event *event)
{
	struct wire_message message = {.type = WIRE_evidence};

	event->is_signed = true;
	message.evidence.event = *event;
	hub_room_message(house->room, &message);
}

static struct event begin_event(enum event_kind kind)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){TURN}, "kitchen", 1000);
	return event;
}

static void tell_heard(struct house *house, enum evidence_then then)
{
	struct event event = begin_event(EVENT_PROMPT_HEARD);

	evidence_prompt_heard(&event, then, 20, 0.9);
	tell_evidence(house, &event);
}

static void tell_lease(struct house *house)
{
	struct wire_message message = {.type = WIRE_lease};

	message.lease.turn = TURN;
	must(str_copy(message.lease.reason, sizeof(message.lease.reason), "memo"));
	hub_room_message(house->room, &message);
}

static void tell_hash(struct house *house)
{
	struct event event = begin_event(EVENT_MEMO);
	uint8_t hash[SEAL_HASH_BYTES];

	assert_int_equal(seal_sha256(&(struct seal_part){SOUND, 2 * PIECE}, 1, hash), OK);
	evidence_memo(&event, 1000, 2 * PIECE, hash);
	tell_evidence(house, &event);
}

static void tell_sound(struct house *house, const uint8_t *sound)
{
	for (size_t i = 0; i < 2; i++) {
		struct wire_message message = {.type = WIRE_memo};

		message.memo.turn = TURN;
		message.memo.last = i == 1;
		message.memo.opus = (struct wire_slice){sound + i * PIECE, PIECE};
		hub_room_message(house->room, &message);
	}
}

static void begin(struct house *house, enum dialogue_step step)
{
	house->room->talk.dialogue = (struct dialogue){.step = step};
	house->room->talk.turn.value = TURN;
}

static void tell_all(struct house *house, enum dialogue_step step)
{
	begin(house, step);
	tell_heard(house, THEN_MEMO);
	tell_lease(house);
	tell_hash(house);
	tell_sound(house, SOUND);
}

/* --- tests ------------------------------------------------------------------------------ */

static void test_a_message_goes_to_the_keeper(void **state)
{
	struct house *house = *state;

	tell_all(house, DIALOGUE_RECORD);
	assert_int_equal(memos, 2);
	assert_null(house->room->intercom.spoken);
	assert_int_equal(house->room->talk.news, DIALOGUE_SPOKEN);
}

static void test_an_announcement_does_not(void **state)
{
	struct house *house = *state;

	tell_all(house, DIALOGUE_ANNOUNCE);
	assert_int_equal(memos, 0);
	assert_int_equal(proposals, 0);
	assert_int_equal(house->room->talk.news, DIALOGUE_SPOKEN);
	assert_int_equal(house->room->intercom.spoken_size, 2 * PIECE);
	assert_memory_equal(secret_view(house->room->intercom.spoken), SOUND, 2 * PIECE);
	hub_dialogue_drop(house->room, REASON_CANCELLED);
	assert_null(house->room->intercom.spoken);
}

static void test_only_what_was_signed(void **state)
{
	struct house *house = *state;

	begin(house, DIALOGUE_ANNOUNCE);
	tell_heard(house, THEN_MEMO);
	tell_lease(house);
	tell_hash(house);
	tell_sound(house, (const uint8_t *)"eight bz");
	assert_int_equal(house->room->talk.news, DIALOGUE_LOST);
	assert_null(house->room->intercom.spoken);
	assert_int_equal(memos, 0);
}

/* What lacks one of what comes before a memo is none, in either dialogue. */
static void test_only_in_its_order(void **state)
{
	static const enum dialogue_step STEPS[] = {DIALOGUE_ANNOUNCE, DIALOGUE_RECORD};
	struct house *house = *state;

	for (size_t i = 0; i < 3 * STR_COUNT(STEPS); i++) {
		begin(house, STEPS[i / 3]);
		if (i % 3 == 0)
			tell_heard(house, THEN_ANSWER); /* another prompt */
		else
			tell_heard(house, THEN_MEMO);
		if (i % 3 != 1)
			tell_lease(house);
		if (i % 3 != 2)
			tell_hash(house);
		tell_sound(house, SOUND);
		assert_int_equal(house->room->talk.news, DIALOGUE_WORDS);
		assert_null(house->room->intercom.spoken);
		hub_dialogue_drop(house->room, REASON_CANCELLED);
	}
	assert_int_equal(memos, 0);
}

/* Longer than a memo can be: it is not gathered for ever. */
static void test_no_more_than_a_memo(void **state)
{
	static uint8_t much[64000];
	struct house *house = *state;
	struct wire_message message = {.type = WIRE_memo};

	begin(house, DIALOGUE_ANNOUNCE);
	tell_heard(house, THEN_MEMO);
	tell_lease(house);
	tell_hash(house);
	message.memo.turn = TURN;
	message.memo.opus = (struct wire_slice){much, sizeof(much)};
	for (size_t i = 0; i < 10; i++)
		hub_room_message(house->room, &message);
	assert_int_equal(house->room->talk.news, DIALOGUE_LOST);
	assert_null(house->room->intercom.spoken);
}

int main(void)
{
#define WITH_HOUSE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_HOUSE(test_a_message_goes_to_the_keeper),
		WITH_HOUSE(test_an_announcement_does_not),
		WITH_HOUSE(test_only_what_was_signed),
		WITH_HOUSE(test_only_in_its_order),
		WITH_HOUSE(test_no_more_than_a_memo),
	};
#undef WITH_HOUSE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
