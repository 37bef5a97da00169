/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests fake/music_fake, because stories believe it: it keeps the contract.
 */
#include "cmocka_all.h"

#include "fake/music_contract.h"
#include "fake/music_fake.h"

static const struct music_fake_piece PIECES[] = {
	{MUSIC_CONTRACT_ARTIST, MUSIC_CONTRACT_ALBUM, "Jazz", "First"},
	{MUSIC_CONTRACT_ARTIST, MUSIC_CONTRACT_ALBUM, "Jazz", "Second"},
	{MUSIC_CONTRACT_ODD_ARTIST, MUSIC_CONTRACT_ODD_ALBUM, "Pop", "Third"},
};

static struct music_fake *fake;

static void turn(void *context)
{
	(void)context;
	music_fake_step(fake);
}

static void fall(void *context)
{
	(void)context;
	music_fake_set_up(fake, false);
}

static int loudness(void *context)
{
	(void)context;
	return music_fake_loudness(fake);
}

static void test_contract(void **state)
{
	struct music_contract contract = {.turn = turn,
					  .fall = fall,
					  .loudness = loudness};
	struct music music;

	(void)state;
	assert_int_equal(music_fake_create(music_contract_listener(&contract), &fake),
			 OK);
	music = music_fake_music(fake);
	contract.music = &music;
	for (size_t i = 0; i < sizeof(PIECES) / sizeof(PIECES[0]); i++)
		music_fake_add(fake, &PIECES[i]);
	music_fake_add_output(fake, "kitchen", true);
	music_fake_add_output(fake, "bedroom", true);
	music_contract_check(&contract);
	music_fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
