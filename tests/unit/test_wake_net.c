/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streaming runtime with made-up weights: what a net file may hold, that streams do
 * not depend on what was before a reset, which scores become candidates, and that a second
 * word hears in the first one's stream what it would hear in its own.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/file.h"
#include "listen/embedding_file.h"
#include "listen/head_file.h"
#include "listen/wake_net.h"
#include "unit/cmocka_all.h"

enum { HIDDEN = 4, FRAMES = 300, BURST_FROM = 120, BURST_TO = 140 };

static char net_path[] = "/tmp/behest-net-XXXXXX";
static char head_path[] = "/tmp/behest-head-XXXXXX";
static uint32_t random_state = 1;

static float random_one(void)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (float)(random_state >> 8) / (1 << 23) - 1;
}

static void write_net(void)
{
	struct embedding_file file;
	struct buf bytes;

	assert_int_equal(embedding_file_init(&file), OK);
	for (size_t i = 0; i < MEL_WINDOW; i++)
		file.window[i] =
			(float)(0.5 - 0.5 * cos(2 * M_PI * (double)i / MEL_WINDOW));
	for (size_t i = 0; i < (size_t)MEL_BINS * MEL_BANDS; i++)
		file.bands[i] = i / MEL_BANDS / 4 == i % MEL_BANDS ? 0.01F : 0;
	for (size_t l = 0; l < EMBEDDING_LAYERS; l++) {
		const size_t depth = layer_depth(&LAYERS[l]);

		for (size_t i = 0; i < depth * LAYERS[l].outputs; i++)
			file.weights[l][i] = random_one() * 2 / sqrtf((float)depth);
		for (size_t i = 0; i < LAYERS[l].outputs; i++)
			file.biases[l][i] = LAYERS[l].last ? 0 : random_one() / 8;
	}
	assert_int_equal(embedding_file_encode(&file, &bytes), OK);
	assert_int_equal(file_write(net_path, bytes.bytes, bytes.size, 0600, NULL), OK);
	buf_finish(&bytes);
	file.weights[3][7] = NAN;
	assert_int_equal(embedding_file_encode(&file, &bytes), ERR_RANGE);
	buf_finish(&bytes);
	embedding_file_finish(&file);
}

static void write_head(float doubtful, float sure)
{
	struct head_file file = {.info = {"x", 1, HIDDEN, 3, 500, doubtful, sure}};
	struct buf bytes;

	random_state = 7;
	file.weights = calloc(head_file_net_size(HIDDEN), sizeof(float));
	assert_non_null(file.weights);
	for (size_t i = 0; i < head_file_net_size(HIDDEN); i++)
		file.weights[i] = random_one();
	assert_int_equal(head_file_encode(&file, &bytes), OK);
	assert_int_equal(file_write(head_path, bytes.bytes, bytes.size, 0600, NULL), OK);
	buf_finish(&bytes);
	head_file_finish(&file);
}

/* Silence with a burst of noise in it. */
static void make_frame(size_t i, struct audio_frame *out_frame)
{
	memset(out_frame, 0, sizeof(*out_frame));
	if (i < BURST_FROM || i >= BURST_TO)
		return;
	random_state = (uint32_t)i;
	for (size_t s = 0; s < AUDIO_FRAME_SAMPLES; s++)
		out_frame->samples[s] = (int16_t)(20000 * random_one());
}

struct heard {
	double scores[FRAMES];
	size_t candidates;
	size_t accepted;
	size_t at; /* the first one */
	struct wake_report first;
};

static void hear(float doubtful, float sure, struct heard *out)
{
	struct wake wake = {NULL, NULL};
	struct err_note note = {""};
	struct audio_frame frame;

	write_head(doubtful, sure);
	memset(out, 0, sizeof(*out));
	assert_int_equal(wake_net_open(net_path, head_path, &wake, &note), OK);
	for (size_t i = 0; i < FRAMES; i++) {
		struct wake_report report;

		make_frame(i, &frame);
		wake_feed(&wake, &frame, &report);
		out->scores[i] = report.score;
		if (report.candidate && out->candidates++ == 0) {
			out->at = i;
			out->first = report;
		}
		out->accepted += report.accepted;
		assert_true(report.back_ms <= WAKE_NET_BACK_MS_MAX);
	}
	wake_close(&wake);
}

static void candidates_are_peaks_once(void **state)
{
	static struct heard all;
	static struct heard some;
	double low;
	double high;

	(void)state;
	hear(999, 1000, &all);
	assert_int_equal(all.candidates, 0);
	low = high = all.scores[0];
	for (size_t i = 0; i < FRAMES; i++)
		high = fmax(high, all.scores[i]);
	if (!(high > low + 0.01))
		fail_msg("the burst does not show: %g, %g", low, high);
	/* between doubtful and sure: one report, of a peak, not later than it may be */
	hear((float)(low + 0.6 * (high - low)), (float)high + 1, &some);
	assert_true(some.candidates >= 1 && some.accepted == 0);
	assert_true(some.first.doubtful && !some.first.accepted);
	assert_true(some.first.score > low + 0.6 * (high - low));
	assert_true(some.first.back_ms >= 500);
	/* sure: at the first frame that is */
	hear((float)(low + 0.5 * (high - low)), (float)(low + 0.5 * (high - low)), &some);
	assert_true(some.accepted >= 1 && some.first.accepted && !some.first.doubtful);
	for (size_t i = 0; i < some.at; i++)
		assert_true(all.scores[i] < (double)(float)(low + 0.5 * (high - low)));
	assert_true(some.candidates <=
		    1 + (FRAMES - some.at) * AUDIO_FRAME_MS / WAKE_NET_REST_MS);
}

static void another_word_hears_the_same_stream(void **state)
{
	static struct heard alone;
	struct embedding_net *net = NULL;
	struct head *head = NULL;
	struct wake first = {NULL, NULL};
	struct wake also = {NULL, NULL};
	struct wake_report report;
	size_t candidates = 0;

	(void)state;
	hear(-1000, -1000, &alone);
	write_head(-1000, 1000); /* its doubts are enough for another word */
	assert_true(alone.accepted > 1);
	assert_int_equal(embedding_net_open(net_path, &net, NULL), OK);
	assert_int_equal(head_open(head_path, &head, NULL), OK);
	assert_int_equal(wake_net_create(net, head, &first), OK);
	assert_int_equal(wake_net_create_also(&first, head, &also), OK);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < FRAMES; i++) {
			struct audio_frame frame;

			make_frame(i, &frame);
			wake_feed(&first, &frame, &report);
			wake_feed(&also, &frame, &report);
			assert_true(report.score == alone.scores[i]);
			assert_true(report.floor < -999);
			candidates += report.accepted;
		}
		wake_reset(&first);
		wake_reset(&also);
	}
	assert_int_equal(candidates, 2 * alone.accepted);
	wake_close(&also);
	wake_close(&first);
	head_close(head);
	embedding_net_close(net);
}

static void extremes_stay_finite_and_are_forgotten(void **state)
{
	struct err_note note = {""};
	struct embedding_net *net = NULL;
	struct embedding *stream = NULL;
	struct audio_frame frame;
	float first[EMBEDDING_SIZE] = {0};
	float values[EMBEDDING_SIZE];

	(void)state;
	assert_int_equal(embedding_net_open(net_path, &net, &note), OK);
	assert_int_equal(embedding_net_use(net, "abacus"), ERR_UNSUPPORTED);
	assert_int_equal(embedding_net_use(net, "scalar"), OK);
	assert_int_equal(embedding_create(net, &stream), OK);
	assert_true(embedding_stream_bytes(net) <= EMBEDDING_STREAM_BYTES_MAX);
	for (size_t i = 0; i < 40; i++) {
		for (size_t s = 0; s < AUDIO_FRAME_SAMPLES; s++)
			frame.samples[s] = (s + i / 8) % 2 ? INT16_MAX : INT16_MIN;
		if (!embedding_feed(stream, &frame, i < 4 ? first : values))
			continue;
		for (size_t v = 0; v < EMBEDDING_SIZE; v++)
			assert_true(isfinite(i < 4 ? first[v] : values[v]));
	}
	embedding_reset(stream);
	for (size_t i = 0; i < 4; i++) {
		for (size_t s = 0; s < AUDIO_FRAME_SAMPLES; s++)
			frame.samples[s] = s % 2 ? INT16_MAX : INT16_MIN;
		assert_int_equal(embedding_feed(stream, &frame, values), i == 3);
	}
	assert_memory_equal(first, values, sizeof(values));
	embedding_destroy(stream);
	embedding_net_close(net);
}

/* As a file that somebody made on purpose: the checksum is right. */
static void weights_that_are_no_numbers(void)
{
	static const uint8_t bad[][4] = {{0x7F, 0xC0, 0, 0}, {0x7F, 0x80, 0, 0}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err_note note = {""};
		struct embedding_file file;
		struct buf bytes;
		uint32_t crc;

		assert_int_equal(file_read(net_path, 1 << 24, &bytes, NULL), OK);
		memcpy(bytes.bytes + bytes.size / 2 / 4 * 4, bad[i], sizeof(bad[i]));
		crc = crc32_of(bytes.bytes, bytes.size - 4);
		for (size_t at = 0; at < 4; at++)
			bytes.bytes[bytes.size - 4 + at] =
				(uint8_t)(crc >> (24 - 8 * at));
		assert_int_equal(embedding_file_init(&file), OK);
		assert_int_equal(embedding_file_decode("a net", bytes.bytes, bytes.size,
						       &file, &note),
				 ERR_FORMAT);
		assert_non_null(strstr(note.text, "a net: holds numbers that are no"));
		embedding_file_finish(&file);
		buf_finish(&bytes);
	}
}

static void bad_files_are_refused(void **state)
{
	struct err_note note = {""};
	struct embedding_net *net = NULL;

	(void)state;
	weights_that_are_no_numbers();
	assert_int_equal(truncate(net_path, 5000), 0);
	assert_int_equal(embedding_net_open(net_path, &net, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, net_path));
	assert_int_equal(embedding_net_open("/nowhere", &net, NULL), ERR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_are_peaks_once),
		cmocka_unit_test(another_word_hears_the_same_stream),
		cmocka_unit_test(extremes_stay_finite_and_are_forgotten),
		cmocka_unit_test(bad_files_are_refused),
	};
	int failed;

	close(mkstemp(net_path));
	close(mkstemp(head_path));
	write_net();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(net_path);
	unlink(head_path);
	return failed;
}
