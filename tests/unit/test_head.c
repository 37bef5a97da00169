/* SPDX-License-Identifier: Apache-2.0 */
/* Head files there and back, what is refused, and what a head scores. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/file.h"
#include "base/half.h"
#include "listen/head_file.h"
#include "unit/cmocka_all.h"

enum { HIDDEN = 40, NETS = 2 };

static struct head_file make_file(void)
{
	struct head_file file = {
		.info = {"hey behest", NETS, HIDDEN, 3, 700, -1.5F, 2.25F},
	};
	const size_t count = NETS * head_file_net_size(HIDDEN);

	file.weights = malloc(count * sizeof(float));
	assert_non_null(file.weights);
	for (size_t i = 0; i < count; i++)
		file.weights[i] = (float)((int)(i * 37 % 201) - 100) / 1024;
	return file;
}

static void there_and_back(void **state)
{
	struct head_file file = make_file();
	struct head_file back;
	struct err_note note = {""};
	struct buf bytes;

	(void)state;
	assert_int_equal(head_file_encode(&file, &bytes), OK);
	assert_int_equal(head_file_decode("x", bytes.bytes, bytes.size, &back, &note),
			 OK);
	assert_string_equal(back.info.name, "hey behest");
	assert_int_equal(back.info.smooth, 3);
	assert_true(back.info.sure == 2.25F && back.info.doubtful == -1.5F);
	assert_memory_equal(back.weights, file.weights,
			    NETS * head_file_net_size(HIDDEN) * sizeof(float));
	head_file_finish(&back);
	for (size_t i = 0; i < bytes.size; i += i < 64 ? 1 : 997) {
		assert_int_not_equal(head_file_decode("x", bytes.bytes, i, &back, &note),
				     OK);
		bytes.bytes[i] ^= 1;
		memset(&note, 0, sizeof(note));
		assert_int_not_equal(head_file_decode("x", bytes.bytes, bytes.size, &back,
						      &note),
				     OK);
		assert_int_equal(strncmp(note.text, "x: ", 3), 0);
		bytes.bytes[i] ^= 1;
	}
	bytes.bytes[11] = 2;
	assert_int_equal(head_file_decode("x", bytes.bytes, bytes.size, &back, &note),
			 ERR_VERSION);
	buf_finish(&bytes);
	file.weights[5] = 1e6F;
	assert_int_equal(head_file_encode(&file, &bytes), ERR_RANGE);
	buf_finish(&bytes);
	head_file_finish(&file);
}

/* As a file that somebody made on purpose: the checksum is right. */
static void seal(struct buf *bytes)
{
	const uint32_t crc = crc32_of(bytes->bytes, bytes->size - 4);

	for (size_t i = 0; i < 4; i++)
		bytes->bytes[bytes->size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void no_number_that_is_none_gets_in(void **state)
{
	/* NaN, infinity and its opposite, as halves */
	static const uint8_t bad[][2] = {{0x7E, 0x00}, {0x7C, 0x00}, {0xFC, 0x00}};
	struct head_file file = make_file();
	struct head_file back;
	struct buf bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err_note note = {""};

		assert_int_equal(head_file_encode(&file, &bytes), OK);
		memcpy(bytes.bytes + bytes.size - 6, bad[i], 2);
		seal(&bytes);
		assert_int_equal(head_file_decode("x", bytes.bytes, bytes.size, &back,
						  &note),
				 ERR_FORMAT);
		assert_non_null(strstr(note.text, "a weight that is not a number"));
		buf_finish(&bytes);
	}
	file.info.sure = NAN;
	assert_int_equal(head_file_encode(&file, &bytes), ERR_RANGE);
	buf_finish(&bytes);
	head_file_finish(&file);
}

static void halves_round(void **state)
{
	(void)state;
	assert_true(half_round(1.0F) == 1.0F);
	assert_true(half_round(-65504.0F) == -65504.0F);
	assert_true(isinf(half_round(65520.0F)));
	assert_true(half_round(1.0F + 0x1p-11F) == 1.0F); /* tie to even */
	assert_true(half_round(1.0F + 0x3p-11F) == 1.0F + 0x1p-9F);
	assert_true(half_round(0x1p-24F) == 0x1p-24F);
	assert_true(half_round(0x1p-14F) == 0x1p-14F);
	assert_true(isinf(half_round(NAN)) || isnan(half_round(NAN)));
	assert_int_equal(crc32_of("123456789", 9), 0xCBF43926);
}

static double expected_score(const struct head_file *file, const float *window)
{
	double sum = 0;

	for (size_t n = 0; n < NETS; n++) {
		const float *w = file->weights + n * head_file_net_size(HIDDEN);
		const float *second = w + (HEAD_INPUTS + 1) * HIDDEN;
		const float *last = second + (HIDDEN + 1) * HIDDEN;
		double one[HIDDEN];

		for (size_t j = 0; j < HIDDEN; j++) {
			one[j] = (double)w[HEAD_INPUTS * HIDDEN + j];
			for (size_t i = 0; i < HEAD_INPUTS; i++)
				one[j] += (double)window[i] * (double)w[i * HIDDEN + j];
			one[j] = fmax(one[j], 0);
		}
		sum += (double)last[HIDDEN];
		for (size_t j = 0; j < HIDDEN; j++) {
			double two = (double)second[HIDDEN * HIDDEN + j];

			for (size_t i = 0; i < HIDDEN; i++)
				two += one[i] * (double)second[i * HIDDEN + j];
			sum += fmax(two, 0) * (double)last[j];
		}
	}
	return sum / NETS;
}

static void a_head_scores_as_its_weights_say(void **state)
{
	char path[] = "/tmp/behest-head-XXXXXX";
	struct head_file file = make_file();
	struct err_note note = {""};
	struct head *head = NULL;
	float window[HEAD_INPUTS];
	struct buf bytes;
	const int fd = mkstemp(path);
	double expected;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(head_file_encode(&file, &bytes), OK);
	assert_int_equal(file_write(path, bytes.bytes, bytes.size, 0600, &note), OK);
	assert_int_equal(head_open(path, &head, &note), OK);
	for (size_t i = 0; i < HEAD_INPUTS; i++)
		window[i] = (float)sin((double)i);
	expected = expected_score(&file, window);
	assert_true(fabs((double)head_score(head, window) - expected) <
		    1e-4 * (1 + fabs(expected)));
	for (size_t i = 0; i < HEAD_INPUTS; i++)
		window[i] = i % 2 ? 3e38F : -3e38F;
	assert_true(isfinite(head_score(head, window)));
	head_close(head);
	assert_int_equal(truncate(path, 1000), 0);
	assert_int_equal(head_open(path, &head, &note), ERR_FORMAT);
	unlink(path);
	assert_int_equal(head_open(path, &head, NULL), ERR_MISSING);
	buf_finish(&bytes);
	head_file_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(no_number_that_is_none_gets_in),
		cmocka_unit_test(halves_round),
		cmocka_unit_test(a_head_scores_as_its_weights_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
