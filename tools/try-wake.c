/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-wake - tries the wake port on sound files: try-wake WORD[/FLOOR] FILE...
 *
 * One line per file: its best score, whether it woke, and where. Each file is fed with a
 * second of silence before and after it, through a freshly reset detector.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/wake_pocketsphinx.h"
#include "base/str.h"

enum { SILENCE_FRAMES = 50 };

struct result {
	double score;
	bool candidate;
	bool accepted;
	int64_t at_ms;
	uint32_t back_ms;
};

static void feed(struct wake *wake, const struct audio_frame *frame, int64_t *at_ms,
		 struct result *result)
{
	struct wake_report report;

	*at_ms += AUDIO_FRAME_MS;
	wake_feed(wake, frame, &report);
	if (!report.candidate || (result->candidate && report.score <= result->score))
		return;
	*result = (struct result){
		.score = report.score,
		.candidate = true,
		.accepted = result->accepted || report.accepted,
		.at_ms = *at_ms,
		.back_ms = report.back_ms,
	};
}

/* A line is never quite silent: the lowest bit flickers. */
static void feed_silence(struct wake *wake, int64_t *at_ms, struct result *result)
{
	struct audio_frame frame;

	for (unsigned n = 0; n < SILENCE_FRAMES; n++) {
		for (unsigned i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			frame.samples[i] = (int16_t)((i * 7 + n * 3) % 9) - 4;
		feed(wake, &frame, at_ms, result);
	}
}

static enum err try_file(struct wake *wake, const char *path, struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	struct result result = {0};
	int64_t at_ms = 0;
	enum err err = audio_file_open(path, &file, note);

	if (err)
		return err;
	wake_reset(wake);
	feed_silence(wake, &at_ms, &result);
	for (err = audio_file_read(file, &frame, note); !err;
	     err = audio_file_read(file, &frame, note))
		feed(wake, &frame, &at_ms, &result);
	feed_silence(wake, &at_ms, &result);
	audio_file_close(file);
	if (err != ERR_CLOSED)
		return err;
	printf("%s %.1f %lld %u %s\n",
	       result.accepted    ? "woke"
	       : result.candidate ? "rejected"
				  : "nothing",
	       result.score, (long long)(result.at_ms - SILENCE_FRAMES * AUDIO_FRAME_MS),
	       result.back_ms, path);
	return OK;
}

int main(int count, char **words)
{
	struct wake_pocketsphinx_settings settings = {0};
	struct err_note note = {{0}};
	struct wake wake = {0};
	char *floor = NULL;
	enum err err = OK;

	if (count < 3) {
		fprintf(stderr, "usage: try-wake WORD[/FLOOR] FILE...\n");
		return 2;
	}
	settings.word = words[1];
	floor = strchr(words[1], '/');
	if (floor) {
		*floor = '\0';
		settings.floor = strtod(floor + 1, NULL);
	}
	err = wake_pocketsphinx_open(&settings, &wake, &note);
	for (int i = 2; !err && i < count; i++)
		err = try_file(&wake, words[i], &note);
	if (err)
		fprintf(stderr, "try-wake: %s\n", note.text);
	wake_close(&wake);
	return err ? 1 : 0;
}
