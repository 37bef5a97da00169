/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-memo - tries the codec of voice messages: try-memo encode SOUND OGG, or
 * try-memo decode OGG WAV
 *
 * One line: how long the sound is, how many bytes it takes, and the processor's time as a
 * part of the sound's.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapter/audio_file.h"
#include "adapter/memo_opus.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"

enum { FILE_MODE = 0600 };

static void print(struct audio_span sound, size_t bytes, clock_t begun)
{
	const double seconds = (double)sound.count / AUDIO_HZ;
	const double worked = (double)(clock() - begun) / CLOCKS_PER_SEC;

	printf("%.2f s, %zu bytes, %.0f bytes/s, %.4f of real time\n", seconds, bytes,
	       (double)bytes / seconds, worked / seconds);
}

/* All of a sound file; ERR_LIMIT when it is too long for a message. */
static enum err read_sound(const char *path, int16_t *to, size_t *out_count,
			   struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t count = 0;
	enum err err = audio_file_open(path, &file, note);

	while (!err) {
		err = audio_file_read(file, &frame, note);
		if (!err && count + AUDIO_FRAME_SAMPLES > MEMO_SAMPLES_MAX)
			err = err_say(ERR_LIMIT, note, "%s: is longer than %d s", path,
				      MEMO_SECONDS_MAX);
		if (!err) {
			memcpy(to + count, frame.samples, sizeof(frame.samples));
			count += AUDIO_FRAME_SAMPLES;
		}
	}
	audio_file_close(file);
	*out_count = count;
	return err == ERR_CLOSED ? OK : err;
}

static enum err encode(const char *from, const char *to, struct err_note *note)
{
	static int16_t samples[MEMO_SAMPLES_MAX];
	struct audio_span sound = {samples, 0};
	struct buf file;
	clock_t begun = 0;
	enum err err = read_sound(from, samples, &sound.count, note);

	buf_init(&file, MEMO_OPUS_BYTES_MAX);
	begun = clock();
	if (!err)
		err = memo_opus_encode(sound, &file, note);
	if (!err) {
		print(sound, file.size, begun);
		err = file_write(to, file.bytes, file.size, FILE_MODE, note);
	}
	buf_finish(&file);
	return err;
}

static enum err decode(const char *from, const char *to, struct err_note *note)
{
	struct secret *sound = NULL;
	struct buf file;
	clock_t begun = 0;
	enum err err = file_read(from, MEMO_OPUS_BYTES_MAX, &file, note);

	begun = clock();
	if (!err)
		err = memo_opus_decode(file.bytes, file.size, &sound, note);
	if (!err) {
		print(memo_opus_sound(sound), file.size, begun);
		err = audio_file_write(to, memo_opus_sound(sound), note);
	}
	secret_destroy(sound);
	buf_finish(&file);
	return err;
}

static const struct {
	const char *name;
	enum err (*run)(const char *from, const char *to, struct err_note *note);
} COMMANDS[] = {{"decode", decode}, {"encode", encode}};

int main(int count, char **words)
{
	struct err_note note = {{0}};

	for (size_t i = 0; count == 4 && i < STR_COUNT(COMMANDS); i++) {
		enum err err = OK;

		if (!str_equal(words[1], COMMANDS[i].name))
			continue;
		err = seal_init();
		if (!err)
			err = COMMANDS[i].run(words[2], words[3], &note);
		if (err)
			fprintf(stderr, "try-memo: %s\n",
				note.text[0] ? note.text : err_words(err));
		return err ? 1 : 0;
	}
	fprintf(stderr, "usage: try-memo encode SOUND OGG | decode OGG WAV\n");
	return 2;
}
