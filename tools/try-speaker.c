/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-speaker - tries the voice and speaker ports: try-speaker DEVICE|file:PATH "TEXT"
 *
 * Says the text and prints when the first sample left and how much was played.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "adapter/speaker_alsa.h"
#include "adapter/speaker_file.h"
#include "adapter/voice_flite.h"
#include "base/loop.h"
#include "base/str.h"

enum { POLL_MS = 20 };

static const struct event_id PARENT = {1};

static enum err make(const char *device, struct speaker *out_speaker,
		     struct err_note *note)
{
	enum err err = OK;

	if (str_starts(device, "file:"))
		return speaker_file_create(device + strlen("file:"), out_speaker, note);
	err = speaker_alsa_try(device, note);
	return err ? err : speaker_alsa_create(device, out_speaker);
}

static enum err play(struct speaker *speaker, struct audio_span sound)
{
	struct speaker_played played = {0};
	const int64_t asked_ms = loop_now_ms();
	enum err err = speaker_play(speaker, sound, PARENT);

	while (!err && !played.finished) {
		(void)poll(NULL, 0, POLL_MS);
		err = speaker_poll(speaker, &played);
	}
	if (!err)
		printf("%lld ms of %lld ms played, begun after %lld ms\n",
		       (long long)audio_ms(played.reference.count),
		       (long long)audio_ms(sound.count),
		       (long long)(played.start_ms - asked_ms));
	return err;
}

int main(int count, char **words)
{
	struct speaker speaker = {0};
	struct voice voice = {0};
	struct audio_span sound = {0};
	struct err_note note = {{0}};
	enum err err = OK;

	if (count != 3) {
		fprintf(stderr, "usage: try-speaker DEVICE|file:PATH \"TEXT\"\n");
		return 2;
	}
	err = make(words[1], &speaker, &note);
	if (!err)
		err = voice_flite_create(&voice);
	if (!err)
		err = voice_speak(&voice, words[2], &sound);
	if (!err)
		err = play(&speaker, sound);
	if (err)
		fprintf(stderr, "try-speaker: %s\n",
			note.text[0] ? note.text : err_words(err));
	voice_close(&voice);
	speaker_close(&speaker);
	return err ? 1 : 0;
}
