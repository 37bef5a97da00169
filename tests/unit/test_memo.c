/* SPDX-License-Identifier: Apache-2.0 */
/* test_memo - sound becomes a memo only under a memo lease and after the record tone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listen/lease.h"
#include "listen/memo.h"

static const struct audio_frame FRAME = {{11, 22, 33}};
static const struct audible_measured HEARD = {.heard = true};

static void test_only_a_memo_lease_will_do(void **state)
{
	(void)state;
	for (unsigned reason = 0; reason < LEASE_REASON_COUNT; reason++) {
		struct lease *lease = NULL;
		struct memo *memo = NULL;

		if (reason == LEASE_ANSWER)
			assert_int_equal(lease_create_answer(&HEARD, 0, 0, &lease), OK);
		else
			assert_int_equal(lease_create((enum lease_reason)reason, 0,
						      &lease),
					 OK);
		if (reason != LEASE_MEMO)
			assert_int_equal(memo_create(lease, 0, &memo), ERR_DENIED);
		lease_end(lease, 5);
		assert_int_equal(memo_create(lease, 5, &memo), ERR_DENIED);
		assert_null(memo);
		lease_destroy(lease);
	}
}

static void test_sound_counts_after_the_tone_and_within_the_lease(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	assert_int_equal(memo_create(lease, 0, &memo), OK);
	assert_int_equal(memo_add(memo, &FRAME, 10), ERR_DENIED);
	memo_tone_was_played(memo);
	assert_int_equal(memo_sound(memo).count, 0);
	assert_int_equal(memo_add(memo, &FRAME, 20), OK);
	assert_int_equal(memo_sound(memo).count, AUDIO_FRAME_SAMPLES);
	assert_int_equal(memo_sound(memo).samples[2], 33);
	assert_int_equal(memo_add(memo, &FRAME, 120000), ERR_CLOSED);
	memo_finish(memo);
	assert_int_equal(memo_add(memo, &FRAME, 30), ERR_CLOSED);
	assert_int_equal(memo_sound(memo).count, AUDIO_FRAME_SAMPLES);
	memo_destroy(memo);
	memo_destroy(NULL);
	lease_destroy(lease);
}

/* Silence at its end is taken off; what was taken off is gone. */
static void test_its_end_is_cut(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	assert_int_equal(memo_create(lease, 0, &memo), OK);
	memo_tone_was_played(memo);
	for (int i = 0; i < 3; i++)
		assert_int_equal(memo_add(memo, &FRAME, 1), OK);
	memo_cut(memo, AUDIO_FRAME_SAMPLES);
	assert_int_equal(memo_sound(memo).count, 2 * AUDIO_FRAME_SAMPLES);
	assert_int_equal(memo_sound(memo).samples[2 * AUDIO_FRAME_SAMPLES + 2], 0);
	memo_cut(memo, MEMO_SAMPLES_MAX); /* more than there is */
	assert_int_equal(memo_sound(memo).count, 0);
	memo_destroy(memo);
	lease_destroy(lease);
}

static void test_it_has_an_end(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	assert_int_equal(memo_create(lease, 0, &memo), OK);
	memo_tone_was_played(memo);
	for (int i = 0; i < MEMO_SECONDS_MAX * 50; i++)
		assert_int_equal(memo_add(memo, &FRAME, 1), OK);
	assert_int_equal(memo_add(memo, &FRAME, 1), ERR_LIMIT);
	memo_destroy(memo);
	lease_destroy(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_a_memo_lease_will_do),
		cmocka_unit_test(test_sound_counts_after_the_tone_and_within_the_lease),
		cmocka_unit_test(test_its_end_is_cut),
		cmocka_unit_test(test_it_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
