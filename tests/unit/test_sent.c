/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sent - the hash over the first frames of a lease is the one that whoever has these
 * frames makes, however they are cut.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "fake/rand_fake.h"
#include "room/sent.h"

enum { FRAMES = 100, BYTES = FRAMES * HASH_CHAIN_BLOCK_BYTES, SEED = 3 };

static uint8_t sound[BYTES];
static struct rand_fake dice;

static void fill(void)
{
	const struct rand rand = rand_fake_init(&dice, SEED);

	rand_fill(&rand, sound, sizeof(sound));
}

static void the_first_frames_have_their_hash(void **state)
{
	struct sent *sent = NULL;
	uint8_t hash[SEAL_HASH_BYTES];
	uint32_t frames = 0;

	(void)state;
	fill();
	assert_int_equal(sent_create(&sent), OK);
	assert_false(sent_hash(sent, SENT_FRAMES_MAX, &frames, hash));
	for (size_t i = 0; i < FRAMES; i++)
		sent_add(sent, sound + i * HASH_CHAIN_BLOCK_BYTES);
	assert_false(sent_hash(sent, 0, &frames, hash));
	for (uint32_t asked = 1; asked <= FRAMES + 1; asked++) {
		struct hash_chain chain;
		size_t left = (size_t)(asked > FRAMES ? FRAMES : asked) *
			      HASH_CHAIN_BLOCK_BYTES;
		const uint8_t *from = sound;

		hash_chain_init(&chain);
		while (left > 0) {
			size_t part = 1 + rand_fake_below(&dice, 3000);

			part = part < left ? part : left;
			assert_int_equal(hash_chain_add(&chain, from, part), OK);
			from += part;
			left -= part;
		}
		assert_true(sent_hash(sent, asked, &frames, hash));
		assert_int_equal(frames, chain.blocks);
		assert_int_equal(chain.rest_size, 0);
		assert_memory_equal(hash, chain.hash, sizeof(hash));
	}
	sent_clear(sent);
	assert_false(sent_hash(sent, 1, &frames, hash));
	sent_destroy(sent);
}

/* As Python's hashlib makes it of the description: two frames of the bytes 0, 1, 2 ... */
static void the_hash_is_as_described(void **state)
{
	static const char expected[] =
		"d3ef5637f6c7844c1b983ba41d8e6d5a651dd0049efa19e2745b5935041ffb53";
	uint8_t frame[HASH_CHAIN_BLOCK_BYTES];
	char hex[2 * SEAL_HASH_BYTES + 1];
	struct hash_chain chain;

	(void)state;
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)i;
	hash_chain_init(&chain);
	for (int i = 0; i < 2; i++)
		assert_int_equal(hash_chain_add(&chain, frame, sizeof(frame)), OK);
	str_to_hex(hex, chain.hash, sizeof(chain.hash));
	assert_string_equal(hex, expected);
}

static void more_than_a_minute_is_not_counted(void **state)
{
	struct sent *sent = NULL;
	uint8_t hash[SEAL_HASH_BYTES];
	uint32_t frames = 0;

	(void)state;
	fill();
	assert_int_equal(sent_create(&sent), OK);
	for (size_t i = 0; i < SENT_FRAMES_MAX + 10; i++)
		sent_add(sent, sound);
	assert_true(sent_hash(sent, UINT32_MAX, &frames, hash));
	assert_int_equal(frames, SENT_FRAMES_MAX);
	sent_destroy(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_frames_have_their_hash),
		cmocka_unit_test(the_hash_is_as_described),
		cmocka_unit_test(more_than_a_minute_is_not_counted),
	};

	return seal_init() == OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
