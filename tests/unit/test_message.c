/* SPDX-License-Identifier: Apache-2.0 */
/* test_message - a memo becomes Ogg Opus that says the same, with its own hash. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "base/str.h"
#include "listen/lease.h"
#include "listen/memo.h"
#include "room/message.h"

enum { SECONDS = 3 };

static void add_hum(struct memo *memo, unsigned frame_number)
{
	unsigned n = frame_number * AUDIO_FRAME_SAMPLES;
	struct audio_frame frame;

	for (size_t k = 0; k < AUDIO_FRAME_SAMPLES; k++, n++)
		frame.samples[k] = (int16_t)(8000.0 * sin(0.1 * n) * sin(0.0003 * n));
	assert_int_equal(memo_add(memo, &frame, 0), OK);
}

static struct memo *hum(struct lease *lease, unsigned seconds)
{
	struct memo *memo = NULL;

	assert_int_equal(memo_create(lease, 0, &memo), OK);
	memo_tone_was_played(memo);
	for (unsigned i = 0; i < seconds * 1000 / AUDIO_FRAME_MS; i++)
		add_hum(memo, i);
	memo_finish(memo);
	return memo;
}

static void test_it_is_the_memo(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;
	struct memo_encoder *encoder = NULL;
	struct message *message = NULL;
	struct err_note note = {{0}};
	struct buf opus;
	uint8_t sha256[SEAL_HASH_BYTES];

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	memo = hum(lease, SECONDS);
	assert_int_equal(message_create(memo, &encoder, &message, &note), OK);
	assert_int_equal(message_sound_ms(message), SECONDS * 1000);
	buf_init(&opus, MEMO_OPUS_BYTES_MAX);
	assert_int_equal(memo_opus_encode(memo_sound(memo), &opus, &note), OK);
	assert_int_equal(message_bytes(message), opus.size);
	assert_int_equal(seal_sha256(&(struct seal_part){opus.bytes, opus.size}, 1,
				     sha256),
			 OK);
	assert_memory_equal(message_sha256(message), sha256, sizeof(sha256));
	buf_finish(&opus);
	message_destroy(message);
	message_destroy(NULL);
	memo_destroy(memo);
	lease_destroy(lease);
}

static void expect_opus_of(const struct message *message, const struct memo *memo)
{
	struct err_note note = {{0}};
	struct buf opus;
	uint8_t sha256[SEAL_HASH_BYTES];

	buf_init(&opus, MEMO_OPUS_BYTES_MAX);
	assert_int_equal(memo_opus_encode(memo_sound(memo), &opus, &note), OK);
	assert_int_equal(message_bytes(message), opus.size);
	assert_int_equal(seal_sha256(&(struct seal_part){opus.bytes, opus.size}, 1,
				     sha256),
			 OK);
	assert_memory_equal(message_sha256(message), sha256, sizeof(sha256));
	buf_finish(&opus);
}

/* Encoded while it is spoken, it is the same; also when more of its end is cut off than was
 * kept back, and when another was followed before. */
static void test_it_is_followed_while_it_is_spoken(void **state)
{
	static const unsigned cuts[] = {0, 2, 8};
	struct memo_encoder *encoder = NULL;
	struct lease *lease = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	for (size_t i = 0; i < STR_COUNT(cuts); i++) {
		struct memo *memo = NULL;
		struct message *message = NULL;
		struct err_note note = {{0}};

		assert_int_equal(memo_create(lease, 0, &memo), OK);
		memo_tone_was_played(memo);
		for (unsigned n = 0; n < 20 * 1000 / AUDIO_FRAME_MS; n++) {
			add_hum(memo, n);
			message_follow(&encoder, memo);
		}
		assert_non_null(encoder);
		assert_true(memo_encoder_samples(encoder) >= 10 * (size_t)AUDIO_HZ);
		memo_finish(memo);
		memo_cut(memo, cuts[i] * (size_t)AUDIO_HZ);
		assert_int_equal(message_create(memo, &encoder, &message, &note), OK);
		assert_null(encoder);
		expect_opus_of(message, memo);
		message_destroy(message);
		memo_destroy(memo);
	}
	lease_destroy(lease);
}

static void test_what_is_dropped_is_followed_no_more(void **state)
{
	struct memo_encoder *encoder = NULL;
	struct lease *lease = NULL;
	struct memo *memo = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	memo = hum(lease, 10);
	message_follow(&encoder, memo);
	assert_non_null(encoder);
	message_follow(&encoder, NULL);
	assert_null(encoder);
	memo_destroy(memo);
	lease_destroy(lease);
}

static void test_without_sound_there_is_none(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;
	struct memo_encoder *encoder = NULL;
	struct message *message = NULL;
	struct err_note note = {{0}};

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	memo = hum(lease, 0);
	assert_int_equal(message_create(memo, &encoder, &message, &note), ERR_RANGE);
	assert_null(message);
	memo_destroy(memo);
	lease_destroy(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_the_memo),
		cmocka_unit_test(test_it_is_followed_while_it_is_spoken),
		cmocka_unit_test(test_what_is_dropped_is_followed_no_more),
		cmocka_unit_test(test_without_sound_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
