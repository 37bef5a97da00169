/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-mic - tries the microphone port: try-mic DEVICE SECONDS [OUT.wav]
 *
 * Prints the level of each tenth of a second; keeps the sound only where it is told to.
 * DEVICE is ALSA's name, or pipe:PATH, or file:PATH, or - for standard input.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/mic_alsa.h"
#include "adapter/mic_file.h"
#include "adapter/mic_raw.h"
#include "base/loop.h"
#include "base/str.h"
#include "listen/lease.h"

enum { FRAMES_PER_LINE = 5, FRAMES_PER_SECOND = 50, SECONDS_MAX = 3600, WAIT_MS = 1000 };

static enum err make(const char *device, struct mic *out_mic)
{
	if (str_equal(device, "-"))
		return mic_raw_create_stdin(out_mic);
	if (str_starts(device, "pipe:"))
		return mic_raw_create_pipe(device + strlen("pipe:"), out_mic);
	if (str_starts(device, "file:"))
		return mic_file_create(device + strlen("file:"), out_mic);
	return mic_alsa_create(device, out_mic);
}

static double mean_square(const struct audio_frame *frame)
{
	double sum = 0.0;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		sum += (double)frame->samples[i] * frame->samples[i];
	return sum / AUDIO_FRAME_SAMPLES;
}

static enum err listen_for(struct mic *mic, int64_t frames, struct audio_writer *writer)
{
	double sum = 0.0;

	for (int64_t n = 1; n <= frames; n++) {
		struct audio_frame frame;
		enum err err = mic_read(mic, WAIT_MS, &frame);

		if (!err && writer)
			err = audio_writer_add(writer,
					       (struct audio_span){frame.samples,
								   AUDIO_FRAME_SAMPLES},
					       NULL);
		if (err)
			return err;
		sum += mean_square(&frame);
		if (n % FRAMES_PER_LINE != 0)
			continue;
		printf("%6.1f s %6.1f dBFS\n", (double)n / FRAMES_PER_SECOND,
		       10.0 * log10(sum / FRAMES_PER_LINE / (32768.0 * 32768.0) + 1e-12));
		sum = 0.0;
	}
	return OK;
}

int main(int count, char **words)
{
	struct mic mic = {0};
	struct lease *lease = NULL;
	struct audio_writer *writer = NULL;
	struct err_note note = {{0}};
	int64_t seconds = 0;
	enum err err = OK;

	if (count < 3 || count > 4 || !str_to_int(words[2], 1, SECONDS_MAX, &seconds)) {
		fprintf(stderr,
			"usage: try-mic DEVICE|pipe:PATH|file:PATH|- SECONDS [OUT.wav]\n");
		return 2;
	}
	err = make(words[1], &mic);
	if (!err)
		err = lease_create(LEASE_NAME, loop_now_ms(), &lease);
	if (!err && count == 4)
		err = audio_writer_open(words[3], &writer, &note);
	if (!err)
		err = mic_open(&mic, lease, &note);
	if (!err)
		err = listen_for(&mic, seconds * FRAMES_PER_SECOND, writer);
	if (err)
		fprintf(stderr, "try-mic: %s\n",
			note.text[0] ? note.text : err_words(err));
	mic_close(&mic);
	if (audio_writer_close(writer) != OK && !err)
		err = ERR_IO;
	lease_destroy(lease);
	return err ? 1 : 0;
}
