/* SPDX-License-Identifier: Apache-2.0 */
/* test_message - a memo becomes Ogg Opus that says the same, with its own hash. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "listen/lease.h"
#include "listen/memo.h"
#include "room/message.h"

enum { SECONDS = 3 };

static struct memo *hum(struct lease *lease, unsigned seconds)
{
	struct memo *memo = NULL;
	struct audio_frame frame;
	unsigned n = 0;

	assert_int_equal(memo_create(lease, 0, &memo), OK);
	memo_tone_was_played(memo);
	for (unsigned i = 0; i < seconds * 1000 / AUDIO_FRAME_MS; i++) {
		for (size_t k = 0; k < AUDIO_FRAME_SAMPLES; k++, n++)
			frame.samples[k] =
				(int16_t)(8000.0 * sin(0.1 * n) * sin(0.0003 * n));
		assert_int_equal(memo_add(memo, &frame, 0), OK);
	}
	memo_finish(memo);
	return memo;
}

static void test_it_is_the_memo(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;
	struct message *message = NULL;
	struct err_note note = {{0}};
	struct buf opus;
	uint8_t sha256[SEAL_HASH_BYTES];

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	memo = hum(lease, SECONDS);
	assert_int_equal(message_create(memo, &message, &note), OK);
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

static void test_without_sound_there_is_none(void **state)
{
	struct lease *lease = NULL;
	struct memo *memo = NULL;
	struct message *message = NULL;
	struct err_note note = {{0}};

	(void)state;
	assert_int_equal(lease_create(LEASE_MEMO, 0, &lease), OK);
	memo = hum(lease, 0);
	assert_int_equal(message_create(memo, &message, &note), ERR_RANGE);
	assert_null(message);
	memo_destroy(memo);
	lease_destroy(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_the_memo),
		cmocka_unit_test(test_without_sound_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
