/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our runtime of the two networks against onnxruntime on the published files themselves,
 * with every set of kernels this machine has: noise, tones, silence, clipping, steps, and
 * speech where ../shared/audio is. Skipped, and said so, where the networks or onnxruntime
 * are not (tools/setup fetches both).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "base/file.h"
#include "base/str.h"
#include "listen/embedding.h"
#include "listen/embedding_file.h"
#include "listen/kernel.h"
#include "unit/cmocka_all.h"

enum {
	SKIPPED = 77,
	STEP_SAMPLES = AUDIO_HZ / 1000 * EMBEDDING_STEP_MS,
	SECONDS_EACH = 8,
	KINDS = 6,
	SPEECH_SECONDS_MAX = 40,
	SAMPLES_MAX = (KINDS * SECONDS_EACH + SPEECH_SECONDS_MAX) * AUDIO_HZ,
	STEPS_MAX = SAMPLES_MAX / STEP_SAMPLES,
};

static const double DIFFERENCE_MAX = 1e-3;
/* Every microphone has some. In a tone without any, the bands beside it hold only the
 * reference's own rounding (a product in doubles differs from it as much as we do). */
static const double NOISE = 30.0;

static int16_t samples[SAMPLES_MAX];
static size_t sample_count;
static float expected[STEPS_MAX][EMBEDDING_SIZE];
static size_t step_count;
static char net_path[FILE_PATH_BYTES];

/* ---- the sound ---- */

static bool below(char to[FILE_PATH_BYTES], const char *name)
{
	const char *source = getenv("BEHEST_SOURCE");

	return source && file_join(to, FILE_PATH_BYTES, source, name) && file_exists(to);
}

static double random_one(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return (double)(*state >> 8) / (1 << 24) * 2 - 1;
}

static double kind_of_sound(int kind, size_t i, uint32_t *state)
{
	const double t = (double)i / AUDIO_HZ;

	switch (kind) {
	case 0: /* noise that comes and goes */
		return 8000 * random_one(state) * (0.5 + 0.5 * sin(3 * t));
	case 1: /* a glide with overtones */
		return 6000 * sin(2 * M_PI * (100 + 200 * t) * t) +
		       2000 * sin(2 * M_PI * (300 + 600 * t) * t);
	case 2: /* clipped */
		return 60000 * sin(2 * M_PI * 440 * t) * sin(2 * M_PI * 3 * t);
	case 3: /* almost nothing, and nothing */
		return i % (2 * AUDIO_HZ) < AUDIO_HZ ? random_one(state) : 0;
	case 4: /* clicks on an offset */
		return 3000 + (i % 4000 == 0 ? 29000 : 0);
	default: /* full swing */
		return i / 80 % 2 ? 32767 : -32768;
	}
}

static void make_sound(void)
{
	uint32_t state = 1;

	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < (size_t)SECONDS_EACH * AUDIO_HZ; i++) {
			const double noise = kind == 3 ? 0 : NOISE * random_one(&state);
			const double x = kind_of_sound(kind, i, &state) + noise;

			samples[sample_count++] =
				(int16_t)lrint(fmin(fmax(x, -32768), 32767));
		}
	}
}

/* Real sound, where it is. */
static void add_kitchen(void)
{
	char path[FILE_PATH_BYTES];
	struct audio_file *file = NULL;
	struct audio_frame frame;

	if (!below(path, "../shared/audio/noise/kitchen.flac") ||
	    audio_file_open(path, &file, NULL) != OK) {
		printf("skipped: no ../shared/audio\n");
		return;
	}
	while (sample_count + AUDIO_FRAME_SAMPLES <= SAMPLES_MAX &&
	       audio_file_read(file, &frame, NULL) == OK) {
		memcpy(samples + sample_count, frame.samples, sizeof(frame.samples));
		sample_count += AUDIO_FRAME_SAMPLES;
	}
	audio_file_close(file);
}

/* ---- the reference ---- */

/* Runs the reference; its processor time in microseconds per step, or negative. */
static double run_reference(const char *from, const char *to)
{
	char script[FILE_PATH_BYTES];
	char runtime[FILE_PATH_BYTES];
	char mel[FILE_PATH_BYTES];
	char embedding[FILE_PATH_BYTES];
	int status = 0;
	pid_t child;

	if (!below(script, "tests/golden/onnx/embed.mjs") ||
	    !below(mel, "tools/nets/melspectrogram.onnx") ||
	    !below(embedding, "tools/nets/embedding_model.onnx") ||
	    !below(runtime, "tests/golden/onnx/node_modules/onnxruntime-node"))
		return -1;
	child = fork();
	if (child == 0) {
		execlp("node", "node", script, mel, embedding, from, to, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static bool make_expected(void)
{
	char folder[] = "/tmp/behest-embedding-XXXXXX";
	char from[FILE_PATH_BYTES];
	char to[FILE_PATH_BYTES];
	struct buf bytes;
	bool made = false;

	buf_init(&bytes, 0);
	if (!mkdtemp(folder) || !file_join(from, sizeof(from), folder, "sound") ||
	    !file_join(to, sizeof(to), folder, "expected"))
		return false;
	step_count = sample_count / STEP_SAMPLES;
	if (file_write(from, samples, sample_count * sizeof(*samples), 0600, NULL) ==
		    OK &&
	    run_reference(from, to) >= 0 &&
	    file_read(to, sizeof(expected), &bytes, NULL) == OK &&
	    bytes.size == step_count * sizeof(expected[0])) {
		memcpy(expected, bytes.bytes, bytes.size);
		made = true;
	}
	buf_finish(&bytes);
	unlink(from);
	unlink(to);
	rmdir(folder);
	return made;
}

/* ---- the comparison ---- */

static double largest_difference(struct embedding *stream)
{
	double largest = 0;
	float values[EMBEDDING_SIZE];
	size_t step = 0;

	embedding_reset(stream);
	for (size_t at = 0; at < step_count * STEP_SAMPLES; at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame;

		memcpy(frame.samples, samples + at, sizeof(frame.samples));
		if (!embedding_feed(stream, &frame, values))
			continue;
		for (size_t i = 0; i < EMBEDDING_SIZE; i++)
			largest = fmax(largest, fabs((double)values[i] -
						     (double)expected[step][i]));
		step++;
	}
	assert_int_equal(step, step_count);
	return largest;
}

static void compare(const char *kernels)
{
	struct err_note note = {""};
	struct embedding_net *net = NULL;
	struct embedding *stream = NULL;
	double difference;

	if (!kernels_find(kernels)) {
		print_message("%s: not on this machine\n", kernels);
		return;
	}
	assert_int_equal(embedding_net_open(net_path, &net, &note), OK);
	assert_int_equal(embedding_net_use(net, kernels), OK);
	assert_string_equal(embedding_net_kernels(net), kernels);
	assert_int_equal(embedding_create(net, &stream), OK);
	difference = largest_difference(stream);
	print_message("%s: %zu embeddings, largest difference %.2g\n", kernels,
		      step_count, difference);
	assert_true(difference <= DIFFERENCE_MAX);
	embedding_destroy(stream);
	embedding_net_close(net);
}

static void every_kernel_set_equals_onnxruntime(void **state)
{
	static const char *const SETS[] = {"scalar", "sse2", "avx2", "avx512", "neon"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(SETS); i++)
		compare(SETS[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kernel_set_equals_onnxruntime),
	};

	if (!below(net_path, "share/models/speech-embedding.net")) {
		printf("skipped: no share/models/speech-embedding.net; run tools/setup\n");
		return SKIPPED;
	}
	make_sound();
	add_kitchen();
	if (!make_expected()) {
		printf("skipped: no onnxruntime; run tools/setup check\n");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
