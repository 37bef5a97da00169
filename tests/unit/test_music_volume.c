/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/music_volume: what is set next, and what is remembered, step by step.
 */
#include "unit/cmocka_all.h"

#include "adapter/music_volume.h"

struct player {
	struct music_volume volume;
	struct music_state state;
};

static struct player begin(int percent)
{
	return (struct player){.volume = {.duck = {.fd = -1}},
			       .state = {.volume_percent = percent}};
}

static enum music_volume_step next(const struct player *player, bool plays)
{
	return music_volume_next(&player->volume, &player->state, plays);
}

/* It is asked for, and the player says so or not. */
static int step(struct player *player, enum music_volume_step expected, bool plays,
		bool is_set)
{
	int percent;

	assert_int_equal(next(player, plays), expected);
	percent = music_volume_begin(&player->volume, expected, &player->state);
	assert_int_equal(player->state.volume_percent, percent);
	assert_int_equal(music_volume_end(&player->volume, is_set), is_set);
	return percent;
}

static void test_softer_and_as_before(void **state)
{
	struct player player = begin(80);

	(void)state;
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE);
	player.volume.is_to_duck = true;
	assert_int_equal(next(&player, false), MUSIC_VOLUME_NONE);
	assert_int_equal(step(&player, MUSIC_VOLUME_LOWERS, true, true), 16);
	assert_int_equal(music_volume_told(&player.volume, 16), 80);
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE);
	player.volume.is_to_duck = false;
	assert_int_equal(step(&player, MUSIC_VOLUME_RESTORES, true, true), 80);
	assert_false(player.volume.duck.is_ducked);
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE);
}

/* What was not made softer is not put back; what was not put back stays remembered. */
static void test_a_player_that_refuses(void **state)
{
	struct player player = begin(80);

	(void)state;
	player.volume.is_to_duck = true;
	(void)step(&player, MUSIC_VOLUME_LOWERS, true, false);
	assert_false(player.volume.duck.is_ducked);
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE); /* not at once again */
	player.volume.is_refused = false;
	player.state.volume_percent = 80; /* as it says itself */
	(void)step(&player, MUSIC_VOLUME_LOWERS, true, true);
	player.volume.is_to_duck = false;
	(void)step(&player, MUSIC_VOLUME_RESTORES, true, false);
	assert_true(player.volume.duck.is_ducked);
	music_volume_lost(&player.volume);
	player.state.volume_percent = 16;
	assert_int_equal(step(&player, MUSIC_VOLUME_RESTORES, true, true), 80);
	assert_false(player.volume.duck.is_ducked);
}

/* By a step of its mixer it is our doing; by more it is somebody's. */
static void test_somebody_turns_it(void **state)
{
	struct player player = begin(80);

	(void)state;
	player.volume.is_to_duck = true;
	(void)step(&player, MUSIC_VOLUME_LOWERS, true, true);
	music_volume_follow(&player.volume, 18);
	assert_int_equal(music_volume_told(&player.volume, 18), 80);
	music_volume_follow(&player.volume, -1);
	assert_int_equal(music_volume_told(&player.volume, -1), -1);
	music_volume_follow(&player.volume, 40);
	assert_int_equal(music_volume_told(&player.volume, 40), 40);
	assert_int_equal(music_volume_set(&player.volume, 50), 10);
	assert_int_equal(music_volume_told(&player.volume, 10), 50);
}

/* An output that was switched on stands at a volume of its own until it is set. */
static void test_outputs_that_differ(void **state)
{
	struct player player = begin(80);

	(void)state;
	player.volume.is_uneven = true;
	assert_int_equal(step(&player, MUSIC_VOLUME_EVENS, true, true), 80);
	player.volume.is_to_duck = true;
	(void)step(&player, MUSIC_VOLUME_LOWERS, true, true);
	player.volume.is_uneven = true;
	music_volume_follow(&player.volume, 48); /* the mean of two mixers */
	player.state.volume_percent = 48;
	assert_int_equal(step(&player, MUSIC_VOLUME_EVENS, true, true), 16);
	player.volume.is_to_duck = false;
	assert_int_equal(step(&player, MUSIC_VOLUME_RESTORES, true, true), 80);
	player.state.volume_percent = -1; /* it has none */
	player.volume.is_uneven = true;
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE);
}

static void test_silence_is_not_softer(void **state)
{
	struct player player = begin(0);

	(void)state;
	player.volume.is_to_duck = true;
	assert_int_equal(next(&player, true), MUSIC_VOLUME_NONE);
	assert_int_equal(music_volume_set(&player.volume, 30), 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_softer_and_as_before),
		cmocka_unit_test(test_a_player_that_refuses),
		cmocka_unit_test(test_somebody_turns_it),
		cmocka_unit_test(test_outputs_that_differ),
		cmocka_unit_test(test_silence_is_not_softer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
