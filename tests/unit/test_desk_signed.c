/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_signed - the journal says of each recording whether its room vouches for exactly
 * that sound; a room's word that comes a moment later is waited for, and not for ever.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/hash_chain.h"
#include "base/str.h"
#include "fake/desk_house.h"

enum {
	FRAMES = 40,
	SAMPLES = FRAMES * AUDIO_FRAME_SAMPLES,
	TOKEN = 77,
	SAID_MS = 800,
};

static int16_t sound[SAMPLES];
static uint64_t sequence;
static uint64_t turn;

static struct house make_house(void)
{
	struct house house = house_make();

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 31);
	sequence = 0;
	turn = (uint64_t)house.bench->clock.wall_ms << 16 | 5;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	house_forget(house.hub);
	return house;
}

/* The room signs that frames of it were heard, as they are here; spoilt: other ones. */
static void room_signs(struct house *house, uint32_t frames, bool is_spoilt)
{
	struct wire_append append = {.token = TOKEN + 1};
	struct event *event = &append.event;
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct hash_chain chain;
	size_t size = 0;

	hash_chain_init(&chain);
	for (uint32_t i = 0; i < frames; i++) {
		uint8_t frame[HASH_CHAIN_BLOCK_BYTES];

		memcpy(frame, sound + (size_t)i * AUDIO_FRAME_SAMPLES, sizeof(frame));
		frame[9] ^= is_spoilt && i == frames / 2;
		assert_int_equal(hash_chain_add(&chain, frame, sizeof(frame)), OK);
	}
	event_init(event, EVENT_LEASE_CLOSED, (struct turn_id){turn}, "kitchen",
		   house->bench->clock.wall_ms);
	evidence_lease_closed(event, SAID_MS, "end of speech");
	if (frames > 0)
		evidence_sound(event, chain.blocks, chain.hash);
	event->is_signed = true;
	event->sequence = ++sequence;
	house_room_seed("kitchen", seed);
	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	house_say(house, house->hub, WIRE_append, &append);
}

static void seal(struct house *house)
{
	desk_bench_seal(house->bench, house->hub, TOKEN, turn, "kitchen", "words", sound,
			SAMPLES);
	desk_bench_settle(house->bench);
}

/* How many answers to the sealing came, which must have gone well. */
static size_t answers(struct house *house)
{
	const struct wire_message *message;
	size_t count = 0;

	while ((message = desk_bench_take(house->hub))) {
		if (message->type != WIRE_done || message->done.token != TOKEN)
			continue;
		assert_int_equal(message->done.err, OK);
		count++;
	}
	return count;
}

static void expect_verdict(struct house *house, const char *verdict)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message;
	bool is_found = false;

	house_forget(house->alice);
	house_say(house, house->alice, WIRE_why_get, &get);
	while ((message = desk_bench_take(house->alice)) &&
	       message->type == WIRE_why_row) {
		const struct event *event = &message->why_row.event;
		char number[24];

		if (event->kind != EVENT_RECORDED)
			continue;
		is_found = true;
		assert_string_equal(event_value(event, "attested"), verdict);
		if (!str_equal(verdict, "yes"))
			continue;
		assert_true(str_format(number, sizeof(number), "%llu",
				       (unsigned long long)sequence));
		assert_string_equal(event_value(event, "sequence"), number);
	}
	assert_true(is_found);
}

static void what_was_signed_before_counts(void **state)
{
	struct house house = make_house();

	(void)state;
	room_signs(&house, FRAMES, false);
	seal(&house);
	assert_int_equal(answers(&house), 1);
	expect_verdict(&house, "yes");
	desk_bench_destroy(house.bench);
}

static void what_is_signed_a_moment_later_counts(void **state)
{
	struct house house = make_house();

	(void)state;
	seal(&house);
	assert_int_equal(answers(&house), 0);
	house_pass(&house, DESK_SIGNED_WAIT_MS / 2);
	assert_int_equal(answers(&house), 0);
	room_signs(&house, FRAMES, false);
	assert_int_equal(answers(&house), 1);
	expect_verdict(&house, "yes");
	desk_bench_destroy(house.bench);
}

static void it_is_not_waited_for_ever(void **state)
{
	struct house house = make_house();

	(void)state;
	seal(&house);
	assert_true(desk_tick_in_ms(house.bench->desk) <= DESK_SIGNED_WAIT_MS);
	house_pass(&house, DESK_SIGNED_WAIT_MS);
	assert_int_equal(answers(&house), 1);
	expect_verdict(&house, "no: the room signed nothing of it");
	desk_bench_destroy(house.bench);
}

static void another_sound_is_said_to_be_one(void **state)
{
	static const struct {
		uint32_t frames;
		bool is_spoilt;
		const char *verdict;
	} rows[] = {
		{FRAMES, true, "no: the room signed another sound"},
		{FRAMES - 1, false, "no: the room signed another sound"},
		{1, false, "no: the room signed another sound"},
		{0, false, "no: the room signed nothing of it"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct house house = make_house();

		room_signs(&house, rows[i].frames, rows[i].is_spoilt);
		seal(&house);
		assert_int_equal(answers(&house), 1);
		expect_verdict(&house, rows[i].verdict);
		desk_bench_destroy(house.bench);
	}
}

/* Of a turn before. */
static void another_turns_word_is_none(void **state)
{
	struct house house = make_house();

	(void)state;
	room_signs(&house, FRAMES, false);
	turn++;
	seal(&house);
	assert_int_equal(answers(&house), 0);
	house_pass(&house, DESK_SIGNED_WAIT_MS);
	assert_int_equal(answers(&house), 1);
	expect_verdict(&house, "no: the room signed nothing of it");
	desk_bench_destroy(house.bench);
}

static void a_thin_room_is_not_waited_for(void **state)
{
	struct house house = make_house();

	(void)state;
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL,
					      .is_private = 1,
					      .is_thin = 1});
	house_forget(house.hub);
	seal(&house);
	assert_int_equal(answers(&house), 1);
	expect_verdict(&house, "no: the room is marked thin or has no key");
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_before_counts),
		cmocka_unit_test(what_is_signed_a_moment_later_counts),
		cmocka_unit_test(it_is_not_waited_for_ever),
		cmocka_unit_test(another_sound_is_said_to_be_one),
		cmocka_unit_test(another_turns_word_is_none),
		cmocka_unit_test(a_thin_room_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
