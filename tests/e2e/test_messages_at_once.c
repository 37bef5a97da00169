/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_messages_at_once - two rooms speak a voice message in the same moment, each to its
 * own contact and to a listener of its own, and their pieces come one after the other: each
 * listener gets exactly what was spoken for them, and nothing of the other's.
 *
 * The rooms are the test's own, on the wire; keeper and hub are the real programs.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/spoken.h"
#include "listen/election.h"

enum { STEP_MS = 10, PIECE_BYTES = 400, ROUNDS = 2 };

#define FRIEND "Alice Miller"
#define OTHER "Theodore Baker"
#define OTHER_NAME "theodore"
#define OTHER_PASSPHRASE "another battery staple"

/* One of the two: a room, a message spoken in it, and whose phone it is for. */
struct side {
	struct wire_room *room;
	struct wire_phone *phone;
	const char *to;
	size_t sent; /* bytes of it */
	struct spoken message;
};

static struct spoken_house all;
static struct wire_room study;
static struct wire_phone theodore;
static struct side sides[2];
static unsigned number;

/* --- speaking --------------------------------------------------------------------------- */

static void make_messages(void)
{
	sides[0] = (struct side){.room = &all.room, .phone = &all.phone, .to = FRIEND};
	sides[1] = (struct side){.room = &study, .phone = &theodore, .to = OTHER};
	for (size_t i = 0; i < STR_COUNT(sides); i++) {
		spoken_make(&sides[i].message, &all, sides[i].to, number++);
		sides[i].message.room = sides[i].room;
	}
}

static void go_one(struct side *side, enum spoken_step step)
{
	if (!spoken_go(&side->message, step))
		fail_msg("%s, %s: the hub goes another way", side->room->name,
			 spoken_step_text(step));
}

/* People in two rooms who say the name in the same moment are heard as one request. */
static void wait_apart(void)
{
	(void)poll(NULL, 0, 2 * ELECTION_WINDOW_MS);
}

static void go(enum spoken_step step)
{
	for (size_t i = 0; i < STR_COUNT(sides); i++) {
		if (step == SPOKEN_ASKED_FOR)
			wait_apart();
		go_one(&sides[i], step);
	}
}

/* One after the other: of two rooms that hear the name in one moment one answers. */
static void go_to_the_end(void)
{
	for (size_t i = 0; i < STR_COUNT(sides); i++) {
		wait_apart();
		go_one(&sides[i], SPOKEN_SAID);
		go_one(&sides[i], SPOKEN_ANSWERED);
	}
}

static bool send_piece(struct side *side)
{
	const struct spoken *message = &side->message;
	const size_t left = message->size - side->sent;
	const size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;

	if (left > 0)
		wire_room_send_memo(side->room, message->opus + side->sent, size,
				    size == left);
	side->sent += size;
	return left > 0;
}

/* One piece of the one, one of the other. */
static void send_in_turn(void)
{
	bool goes = true;

	for (size_t i = 0; i < STR_COUNT(sides); i++) {
		wire_room_end_memo(sides[i].room, SPOKEN_MS);
		wire_room_sign_memo(sides[i].room, SPOKEN_MS, sides[i].message.opus,
				    sides[i].message.size);
	}
	while (goes) {
		goes = false;
		for (size_t i = 0; i < STR_COUNT(sides); i++)
			goes = send_piece(&sides[i]) || goes;
	}
}

/* --- listening -------------------------------------------------------------------------- */

static void wait_state(const struct side *side, const char *state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const struct wire_phone_told *told = NULL;

	while (!told || !str_equal(told->state, state)) {
		assert_true(wire_phone_poll(&all.phone));
		assert_true(wire_phone_poll(&theodore));
		assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
		told = wire_phone_find(side->phone, side->message.body);
		if (loop_now_ms() > until_ms)
			fail_msg("%s: it never was %s", side->room->name, state);
	}
}

static void expect_exactly_that(struct side *side, size_t row_count)
{
	const struct wire_phone_told *told =
		wire_phone_find(side->phone, side->message.body);
	struct buf sound;

	assert_int_equal(wire_phone_list(side->phone), OK);
	assert_int_equal(side->phone->row_count, row_count);
	assert_string_equal(side->phone->rows[row_count - 1].from, side->room->name);
	assert_true(wire_phone_ask_sound(side->phone, told->id));
	assert_int_equal(wire_phone_take_sound(side->phone, &sound), OK);
	assert_int_equal(sound.size, side->message.size);
	assert_memory_equal(sound.bytes, side->message.opus, sound.size);
	buf_finish(&sound);
}

/* Not even by its id. */
static void expect_nothing_of(const struct side *other, struct wire_phone *phone)
{
	const struct wire_phone_told *told =
		wire_phone_find(other->phone, other->message.body);
	struct buf sound;

	assert_true(wire_phone_ask_sound(phone, told->id));
	assert_int_equal(wire_phone_take_sound(phone, &sound), ERR_MISSING);
	assert_int_equal(sound.size, 0);
	buf_finish(&sound);
}

/* --- the tests -------------------------------------------------------------------------- */

static void each_gets_its_own(void **state)
{
	(void)state;
	for (size_t round = 1; round <= ROUNDS; round++) {
		make_messages();
		go(SPOKEN_ASKED_FOR);
		go(SPOKEN_PROMPTED);
		send_in_turn();
		go(SPOKEN_PROPOSED);
		go_to_the_end();
		for (size_t i = 0; i < STR_COUNT(sides); i++)
			wait_state(&sides[i], "sent");
		for (size_t i = 0; i < STR_COUNT(sides); i++) {
			expect_exactly_that(&sides[i], round);
			expect_nothing_of(&sides[i], sides[1 - i].phone);
		}
	}
}

/* The other room's message is not this one's, also when this room signs its hash: the
 * keeper takes what was signed by the room in which it was asked for. */
static void what_another_room_spoke_is_not_ones_own(void **state)
{
	struct spoken other;

	(void)state;
	make_messages();
	go(SPOKEN_ASKED_FOR);
	go(SPOKEN_PROMPTED);
	other = sides[0].message;
	for (size_t i = 0; i < STR_COUNT(sides); i++)
		wire_room_end_memo(sides[i].room, SPOKEN_MS);
	wire_room_sign_memo(sides[0].room, SPOKEN_MS, other.opus, other.size);
	wire_room_sign_memo(sides[1].room, SPOKEN_MS, sides[1].message.opus,
			    sides[1].message.size);
	/* Each sends what the other has spoken. */
	wire_room_send_memo(sides[0].room, sides[1].message.opus, sides[1].message.size,
			    true);
	wire_room_send_memo(sides[1].room, other.opus, other.size, true);
	for (size_t i = 0; i < STR_COUNT(sides); i++) {
		assert_true(wire_room_wait_say(sides[i].room));
		assert_string_equal(sides[i].room->say_then, "");
		wire_room_heard(sides[i].room);
		assert_true(wire_room_wait_over(sides[i].room));
		assert_int_equal(wire_phone_list(sides[i].phone), OK);
		assert_int_equal(sides[i].phone->row_count, ROUNDS);
		assert_null(wire_phone_find(sides[i].phone, sides[i].message.body));
	}
}

/* --- all of it -------------------------------------------------------------------------- */

static void add_contact(struct link_client *owner, const char *name,
			const uint8_t person[ID_BYTES])
{
	struct wire_contact contact = {.kind = "house", .voice_allowed = 1};

	assert_true(str_copy(contact.name, sizeof(contact.name), name));
	memcpy(contact.person.bytes, person, ID_BYTES);
	spoken_house_add_contact(&all, owner, &contact);
}

static int set_up(void **state)
{
	struct link_client *owner;
	uint8_t person[ID_BYTES];

	(void)state;
	spoken_house_begin(&all);
	wire_room_init(&study, all.loop, "study");
	owner = house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	house_add_owner(owner, OTHER_NAME, OTHER_PASSPHRASE);
	spoken_house_person(owner, OTHER_NAME, person);
	spoken_house_add_room(owner, &study);
	add_contact(owner, FRIEND, all.owner);
	add_contact(owner, OTHER, person);
	wire_phone_pair(&theodore, &all.house, 2, owner, person);
	link_client_close(owner);
	wire_phone_open(&theodore);
	spoken_house_wait_hub(&all);
	wire_room_open(&study, all.rooms_socket);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	wire_phone_close(&theodore);
	wire_room_close(&study);
	spoken_house_end(&all);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gets_its_own),
		cmocka_unit_test(what_another_room_spoke_is_not_ones_own),
	};

	return cmocka_run_group_tests_name("messages_at_once", tests, set_up, tear_down);
}
