/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-verifier - tries the verifier port on sound files: try-verifier WORD[/FLOOR] FILE...
 *
 * One line per file: whether its last two seconds passed for the name, the ratio, how long
 * the name took and how far back it began, and the processor time it cost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/audio_file.h"
#include "adapter/verifier_pocketsphinx.h"

enum { SAMPLES_MAX = VERIFIER_MS_MAX * (AUDIO_HZ / 1000) };

static double cpu_ms(void)
{
	return (double)clock() * 1e3 / CLOCKS_PER_SEC;
}

/* The end of the file; true when there was any sound. */
static enum err read_end(const char *path, int16_t *sound, size_t *out_count,
			 struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t count = 0;
	enum err err = audio_file_open(path, &file, note);

	if (err)
		return err;
	for (err = audio_file_read(file, &frame, note); !err;
	     err = audio_file_read(file, &frame, note)) {
		if (count + AUDIO_FRAME_SAMPLES > SAMPLES_MAX) {
			count -= AUDIO_FRAME_SAMPLES;
			memmove(sound, sound + AUDIO_FRAME_SAMPLES,
				count * sizeof(*sound));
		}
		memcpy(sound + count, frame.samples, sizeof(frame.samples));
		count += AUDIO_FRAME_SAMPLES;
	}
	audio_file_close(file);
	*out_count = count;
	return err == ERR_CLOSED ? OK : err;
}

static enum err try_file(struct verifier *verifier, const char *path,
			 struct err_note *note)
{
	static int16_t sound[SAMPLES_MAX];
	struct verifier_report report;
	size_t count = 0;
	const enum err err = read_end(path, sound, &count, note);

	if (err)
		return err;
	const double begun_ms = cpu_ms();
	verifier_verify(verifier, (struct audio_span){sound, count}, 0.0, &report);
	printf("%s %.1f %u %u %.1f %s\n",
	       report.passed  ? "passed"
	       : report.found ? "refused"
			      : "nothing",
	       report.ratio, report.name_ms, report.back_ms, cpu_ms() - begun_ms, path);
	return OK;
}

int main(int count, char **words)
{
	struct verifier_pocketsphinx_settings settings = {0};
	struct err_note note = {{0}};
	struct verifier verifier = {0};
	char *floor = NULL;
	enum err err = OK;

	if (count < 3) {
		fprintf(stderr, "usage: try-verifier WORD[/FLOOR] FILE...\n");
		return 2;
	}
	settings.word = words[1];
	floor = strchr(words[1], '/');
	if (floor) {
		*floor = '\0';
		settings.floor = strtod(floor + 1, NULL);
	}
	err = verifier_pocketsphinx_open(&settings, &verifier, &note);
	for (int i = 2; !err && i < count; i++)
		err = try_file(&verifier, words[i], &note);
	if (err)
		fprintf(stderr, "try-verifier: %s\n", note.text);
	verifier_close(&verifier);
	return err ? 1 : 0;
}
