/* SPDX-License-Identifier: Apache-2.0 */
/* test_verify - the cheap questions come first, and the last word is the verifier's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listen/verify.h"

enum { NOISE = 100 };

struct opinion {
	struct verifier_report report;
	unsigned asked;
	size_t samples;
	double doubt;
};

static void say_opinion(void *self, struct audio_span sound, double doubt,
			struct verifier_report *out_report)
{
	struct opinion *opinion = self;

	opinion->doubt = doubt;
	opinion->asked++;
	opinion->samples = sound.count;
	*out_report = opinion->report;
}

static void forget_opinion(void *self)
{
	(void)self;
}

static const struct verifier_ops OPS = {say_opinion, forget_opinion};

struct stage {
	struct opinion opinion;
	struct verifier verifier;
	struct verify *verify;
	struct ring *ring;
	struct verify_report report;
};

static void open_stage(struct stage *stage, struct verifier_report report)
{
	*stage = (struct stage){.opinion.report = report};
	stage->verifier = (struct verifier){&OPS, &stage->opinion};
	assert_int_equal(verify_create(&stage->verifier, &stage->verify), OK);
	assert_int_equal(ring_create(&stage->ring), OK);
}

static void close_stage(struct stage *stage)
{
	verify_destroy(stage->verify);
	ring_destroy(stage->ring);
}

static void add(struct stage *stage, int level, unsigned ms)
{
	struct audio_frame frame;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		frame.samples[i] = (int16_t)(i % 2 == 0 ? level : -level);
	for (unsigned at = 0; at < ms; at += AUDIO_FRAME_MS)
		ring_add(stage->ring, &frame);
}

static void judge(struct stage *stage)
{
	const struct wake_report heard = {.doubtful = true,
					  .doubt = 0.25,
					  .back_ms = 800};

	verify_candidate(stage->verify, stage->ring, &heard, (double)NOISE * NOISE,
			 &stage->report);
}

static const struct verifier_report GOOD = {.found = true,
					    .ratio = -8,
					    .name_ms = 500,
					    .passed = true};

static void test_a_good_name_passes(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD);
	add(&stage, NOISE, 1000);
	add(&stage, 3000, 500);
	judge(&stage);
	assert_true(stage.report.passed);
	assert_string_equal(stage.report.why, "");
	assert_int_equal(stage.opinion.asked, 1);
	assert_true(stage.opinion.doubt == 0.25);
	assert_int_equal(stage.opinion.samples, 1500 * AUDIO_HZ / 1000);
	assert_true(stage.report.ratio < -7.9 && stage.report.ratio > -8.1);
	close_stage(&stage);
}

static void test_what_does_not_stand_out_is_not_decoded(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD);
	add(&stage, NOISE, 1500);
	judge(&stage);
	assert_false(stage.report.passed);
	assert_string_equal(stage.report.why, "too quiet");
	assert_int_equal(stage.opinion.asked, 0);
	close_stage(&stage);
}

static void test_a_click_is_not_decoded(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD);
	add(&stage, NOISE, 1000);
	add(&stage, 30000, 100);
	judge(&stage);
	assert_false(stage.report.passed);
	assert_string_equal(stage.report.why, "too short");
	assert_int_equal(stage.opinion.asked, 0);
	close_stage(&stage);
}

static void test_an_empty_ring_is_no_name(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD);
	judge(&stage);
	assert_false(stage.report.passed);
	assert_int_equal(stage.opinion.asked, 0);
	close_stage(&stage);
}

static void refused(struct verifier_report report, const char *why)
{
	struct stage stage;

	open_stage(&stage, report);
	add(&stage, 3000, 1000);
	judge(&stage);
	assert_false(stage.report.passed);
	assert_string_equal(stage.report.why, why);
	close_stage(&stage);
}

static void test_the_verifiers_word_counts(void **state)
{
	struct verifier_report other = GOOD;
	struct verifier_report hasty = GOOD;

	(void)state;
	other.passed = false;
	hasty.name_ms = VERIFY_NAME_MS_MIN - 10;
	refused(other, "other sounds");
	refused((struct verifier_report){.found = false}, "other sounds");
	refused(hasty, "too short");
}

static void test_level_is_of_the_louder_half(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD);
	add(&stage, NOISE, 400);
	add(&stage, NOISE * 10, 400);
	const double level_db = verify_level_db(stage.ring, 800, (double)NOISE * NOISE);
	assert_true(level_db > 19.9 && level_db < 20.1);
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_name_passes),
		cmocka_unit_test(test_what_does_not_stand_out_is_not_decoded),
		cmocka_unit_test(test_a_click_is_not_decoded),
		cmocka_unit_test(test_an_empty_ring_is_no_name),
		cmocka_unit_test(test_the_verifiers_word_counts),
		cmocka_unit_test(test_level_is_of_the_louder_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
