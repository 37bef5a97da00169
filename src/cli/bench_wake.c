/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wake runtime: processor time of a stream, beside onnxruntime on the published
 * networks over the same sound in the same run, and memory. onnxruntime is there only in a
 * source tree after `tools/setup check`; without it its figures are left out.
 *
 * With clips and speech also how each head hears them: bench_wake_heads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/share.h"
#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_wake_heads.h"
#include "listen/wake_net.h"

enum {
	STEPS = 500, /* 40 s */
	STEP_SAMPLES = AUDIO_FRAME_SAMPLES * EMBEDDING_STEP_FRAMES,
	STREAMS = 16, /* side by side: more than the caches hold */
	ROUNDS = 3,
	ANSWER_BYTES_MAX = 4096,
};

static const double US_PER_SECOND = 1e6;
static const double STEP_US = 1e3 * EMBEDDING_STEP_MS;

struct sound {
	int16_t samples[STEPS * STEP_SAMPLES];
};

static double cpu_us(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
	return (double)spent.tv_sec * US_PER_SECOND + (double)spent.tv_nsec / 1e3;
}

/* Noise that swells and fades: the work is the same for any sound. */
static void make_sound(struct sound *sound)
{
	uint32_t state = 1;

	for (size_t i = 0; i < STR_COUNT(sound->samples); i++) {
		state = state * 1664525U + 1013904223U;
		sound->samples[i] =
			(int16_t)((int32_t)(state >> 18) * (int32_t)(i >> 8 & 127) / 128);
	}
}

/* ---- ours ---- */

static void feed_step(struct embedding *stream, const struct sound *sound, size_t step)
{
	float values[EMBEDDING_SIZE];

	for (size_t f = 0; f < EMBEDDING_STEP_FRAMES; f++) {
		struct audio_frame frame;

		memcpy(frame.samples,
		       sound->samples + step * STEP_SAMPLES + f * AUDIO_FRAME_SAMPLES,
		       sizeof(frame.samples));
		(void)embedding_feed(stream, &frame, values);
	}
}

/* The processor time of a step of one stream, the mean of a run; the best of ROUNDS runs,
 * for others use this machine too. */
static enum err measure_streams(const struct embedding_net *net,
				const struct sound *sound, size_t count, double *out_us)
{
	struct embedding *streams[STREAMS] = {NULL};
	double best = 0;
	enum err err = OK;

	must(count <= STREAMS);
	for (size_t i = 0; !err && i < count; i++)
		err = embedding_create(net, &streams[i]);
	for (int round = 0; !err && round < ROUNDS; round++) {
		const double before = cpu_us();
		double us;

		for (size_t step = 0; step < STEPS; step++)
			feed_step(streams[step % count], sound, step);
		us = (cpu_us() - before) / STEPS;
		best = round == 0 || us < best ? us : best;
	}
	for (size_t i = 0; i < count; i++)
		embedding_destroy(streams[i]);
	*out_us = best;
	return err;
}

static enum err measure_head(const char *path, double *out_us, struct err_note *note)
{
	static float window[HEAD_INPUTS];
	struct head *head = NULL;
	double before;
	const enum err err = head_open(path, &head, note);

	if (err)
		return err;
	for (size_t i = 0; i < HEAD_INPUTS; i++)
		window[i] = (float)(i % 17) - 8;
	before = cpu_us();
	for (size_t step = 0; step < STEPS; step++) {
		window[step] = head_score(head, window);
	}
	*out_us = (cpu_us() - before) / STEPS;
	head_close(head);
	return OK;
}

/* ---- the reference ---- */

static bool find_below(char to[FILE_PATH_BYTES], const char *name)
{
	char source[FILE_PATH_BYTES];

	return file_join(source, sizeof(source), share_folder(), "..") &&
	       file_join(to, FILE_PATH_BYTES, source, name) && file_exists(to);
}

static bool run_node(const char *from, const char *to, const char *answer)
{
	char script[FILE_PATH_BYTES];
	char runtime[FILE_PATH_BYTES];
	char mel[FILE_PATH_BYTES];
	char embedding[FILE_PATH_BYTES];
	int status = 0;
	pid_t child;

	if (!find_below(script, "tests/golden/onnx/embed.mjs") ||
	    !find_below(runtime, "tests/golden/onnx/node_modules/onnxruntime-node") ||
	    !find_below(mel, "tools/nets/melspectrogram.onnx") ||
	    !find_below(embedding, "tools/nets/embedding_model.onnx"))
		return false;
	child = fork();
	if (child == 0) {
		if (freopen(answer, "w", stdout))
			execlp("node", "node", script, mel, embedding, from, to,
			       (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static double read_answer(const char *path)
{
	struct buf bytes;
	struct json *json = NULL;
	double us = 0;

	if (file_read(path, ANSWER_BYTES_MAX, &bytes, NULL) == OK &&
	    json_parse(path, (const char *)bytes.bytes, bytes.size, ANSWER_BYTES_MAX,
		       &json, NULL) == OK)
		us = json_number(json_get(json_root(json), "cpu_us"), 0) / STEPS;
	json_destroy(json);
	buf_finish(&bytes);
	return us;
}

/* Processor time of a step in onnxruntime with one thread; 0: it is not here. */
static double measure_reference(const struct sound *sound)
{
	char folder[] = "/tmp/behest-bench-XXXXXX";
	char from[FILE_PATH_BYTES];
	char to[FILE_PATH_BYTES];
	char answer[FILE_PATH_BYTES];
	double us = 0;

	if (!mkdtemp(folder) || !file_join(from, sizeof(from), folder, "sound") ||
	    !file_join(to, sizeof(to), folder, "embeddings") ||
	    !file_join(answer, sizeof(answer), folder, "answer"))
		return 0;
	if (file_write(from, sound->samples, sizeof(sound->samples), 0600, NULL) == OK &&
	    run_node(from, to, answer))
		us = read_answer(answer);
	(void)unlink(from);
	(void)unlink(to);
	(void)unlink(answer);
	(void)rmdir(folder);
	return us;
}

/* ---- the figures ---- */

static void add_figures(struct bench_run *run, const struct embedding_net *net, double us,
			double many_us, double reference_us)
{
	char words[BENCH_WORDS_BYTES];

	(void)str_format(words, sizeof(words), "mel and embedding, %s",
			 embedding_net_kernels(net));
	bench_add(run, "step_us", us, 1, words);
	bench_add(run, "step_of_16_streams_us", many_us, 1,
		  "streams that share the caches");
	if (reference_us > 0) {
		bench_add(run, "onnxruntime_step_us", reference_us, 1,
			  "one thread, in this run");
		bench_add(run, "times_cheaper", reference_us / us, 1,
			  "at least 10 asked for");
	}
	bench_add(run, "stream_bytes", (double)embedding_stream_bytes(net), 0,
		  "locked; at most 3 MB asked for");
}

static enum err measure(struct bench_run *run, struct embedding_net *net,
			struct sound *sound, struct err_note *note)
{
	char head[FILE_PATH_BYTES];
	double us = 0;
	double many_us = 0;
	double head_us = 0;
	enum err err;

	make_sound(sound);
	err = measure_streams(net, sound, 1, &us);
	if (!err)
		err = measure_streams(net, sound, STREAMS, &many_us);
	if (err)
		return err_say(err, note, "streams cannot be made: %s", err_words(err));
	add_figures(run, net, us, many_us, measure_reference(sound));
	if (wake_files_find_head("jarvis", head, sizeof(head), NULL) == OK) {
		err = measure_head(head, &head_us, note);
		if (!err)
			bench_add(run, "head_us", head_us, 1, "jarvis, each step");
	}
	bench_add(run, "cpu_percent", 100 * (us + head_us) / STEP_US, 3,
		  "of one core for a stream; at most 0.3 asked for");
	bench_add(run, "streams_per_core", STEP_US / (many_us + head_us), 0,
		  "at real time");
	return err;
}

/* For figures of another kind of processor. The heads' small products are not changed. */
static enum err choose_kernels(struct embedding_net *net, const char *name,
			       struct err_note *note)
{
	if (!name || embedding_net_use(net, name) == OK)
		return OK;
	return err_say(ERR_UNSUPPORTED, note,
		       "--kernels %.20s: not known, or not of this machine; the fastest "
		       "is %s",
		       name, embedding_net_kernels(net));
}

static enum err measure_cpu(struct bench_run *run, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct embedding_net *net = NULL;
	struct sound *sound = NULL;
	enum err err = wake_files_find_net(path, sizeof(path), note);

	if (!err)
		err = embedding_net_open(path, &net, note);
	if (!err)
		err = choose_kernels(net, args_text(run->args, "kernels", NULL), note);
	if (!err) {
		sound = malloc(sizeof(*sound));
		err = sound ? measure(run, net, sound, note) : ERR_MEMORY;
	}
	free(sound);
	embedding_net_close(net);
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	const enum err err = measure_cpu(run, note);

	if (!err && !bench_wake_heads_asked(run->args))
		run->hint =
			"misses and false accepts: --clips DIR, --speech DIR; see --help";
	return err || run->hint ? err : bench_wake_heads(run, note);
}

static const char *const takes[] = {"clips", "jobs",   "kernels", "noise",
				    "snr",   "speech", NULL};

const struct bench bench_wake = {
	.name = "wake",
	.summary = "the wake runtime against onnxruntime, and the heads that come along",
	.takes = takes,
	.run = run,
};
