/* SPDX-License-Identifier: Apache-2.0 */
/* test_sequel - what follows a prompt: only what each piece said, played whole, in its turn. */
#include "unit/cmocka_all.h"

#include "room/sequel.h"

enum { SAY = 7, TURN = 90 };

static void test_what_its_pieces_say(void **state)
{
	struct sequel sequel = {0};

	(void)state;
	assert_int_equal(sequel_due(&sequel, TURN), THEN_NOTHING);
	assert_true(sequel_add(&sequel, SAY, TURN, "memo", false));
	assert_true(sequel_add(&sequel, SAY, TURN, "memo", true));
	assert_int_equal(sequel_due(&sequel, TURN), THEN_NOTHING); /* not yet played */
	sequel_was_played(&sequel, SAY + 1, true);
	assert_int_equal(sequel_then(&sequel), THEN_NOTHING);
	sequel_was_played(&sequel, SAY, false);
	assert_int_equal(sequel_then(&sequel), THEN_NOTHING);
	sequel_was_played(&sequel, SAY, true);
	assert_int_equal(sequel_then(&sequel), THEN_MEMO);
	assert_int_equal(sequel_due(&sequel, TURN), THEN_MEMO);
	/* The turn is over, or it is another one. */
	assert_int_equal(sequel_due(&sequel, 0), THEN_NOTHING);
	assert_int_equal(sequel_due(&sequel, TURN + 1), THEN_NOTHING);
}

static void test_a_prompt_without_a_turn(void **state)
{
	struct sequel sequel = {0};

	(void)state;
	assert_true(sequel_add(&sequel, SAY, 0, "answer", true));
	sequel_was_played(&sequel, SAY, true);
	assert_int_equal(sequel_due(&sequel, 0), THEN_NOTHING);
}

static void test_pieces_that_disagree(void **state)
{
	static const struct {
		uint64_t turn;
		const char *then;
	} SECOND[] = {{TURN, ""}, {TURN, "answer"}, {TURN, "memos"}, {TURN + 1, "memo"}};

	(void)state;
	for (size_t i = 0; i < sizeof(SECOND) / sizeof(SECOND[0]); i++) {
		struct sequel sequel = {0};

		assert_true(sequel_add(&sequel, SAY, TURN, "memo", false));
		assert_false(
			sequel_add(&sequel, SAY, SECOND[i].turn, SECOND[i].then, false));
		/* Told once; and what comes after does not mend it. */
		assert_true(
			sequel_add(&sequel, SAY, SECOND[i].turn, SECOND[i].then, false));
		assert_true(sequel_add(&sequel, SAY, TURN, "memo", true));
		sequel_was_played(&sequel, SAY, true);
		assert_int_equal(sequel_due(&sequel, TURN), THEN_NOTHING);
	}
}

static void test_an_unknown_word_and_the_next_prompt(void **state)
{
	struct sequel sequel = {0};

	(void)state;
	assert_false(sequel_add(&sequel, SAY, TURN, "sing", true));
	sequel_was_played(&sequel, SAY, true);
	assert_int_equal(sequel_due(&sequel, TURN), THEN_NOTHING);
	/* The same number after the last piece is another prompt. */
	assert_true(sequel_add(&sequel, SAY, TURN, "answer", true));
	assert_int_equal(sequel_due(&sequel, TURN), THEN_NOTHING);
	sequel_was_played(&sequel, SAY, true);
	assert_int_equal(sequel_due(&sequel, TURN), THEN_ANSWER);
	assert_true(sequel_add(&sequel, SAY + 1, TURN, "confirm", true));
	sequel_was_played(&sequel, SAY + 1, true);
	assert_int_equal(sequel_due(&sequel, TURN), THEN_CONFIRM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_its_pieces_say),
		cmocka_unit_test(test_a_prompt_without_a_turn),
		cmocka_unit_test(test_pieces_that_disagree),
		cmocka_unit_test(test_an_unknown_word_and_the_next_prompt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
