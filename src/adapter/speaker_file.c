/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_file - see the header. The sound is written when it starts; only time passes
 * afterwards. A sound that is stopped stays whole in the file.
 */
#include "adapter/speaker_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/gain.h"
#include "base/loop.h"
#include "base/must.h"

enum {
	SAMPLES_MAX = SPEAKER_FILE_SECONDS_MAX * AUDIO_HZ,
	GAP_SAMPLES = AUDIO_HZ / 1000 * SPEAKER_FILE_GAP_MS,
};

struct speaker_file {
	struct audio_writer *writer; /* NULL: no loudspeaker */
	int percent;
	bool playing;
	int64_t start_ms;
	size_t count;
	size_t played;
	int16_t *reference; /* the gap follows the sound */
};

static enum err file_play(void *self, struct audio_span sound, struct event_id parent)
{
	struct speaker_file *speaker = self;
	enum err err = OK;

	must(parent.value != 0);
	if (speaker->playing)
		return ERR_BUSY;
	if (sound.count > SAMPLES_MAX)
		return ERR_LIMIT;
	gain_copy(speaker->reference, sound, speaker->percent);
	memset(speaker->reference + sound.count, 0, GAP_SAMPLES * sizeof(int16_t));
	if (speaker->writer)
		err = audio_writer_add(speaker->writer,
				       (struct audio_span){speaker->reference,
							   sound.count + GAP_SAMPLES},
				       NULL);
	if (err)
		return err;
	speaker->count = sound.count;
	speaker->played = 0;
	speaker->start_ms = loop_now_ms();
	speaker->playing = true;
	return OK;
}

static enum err file_poll(void *self, struct speaker_played *out_played)
{
	struct speaker_file *speaker = self;

	if (speaker->playing) {
		const int64_t ms = loop_now_ms() - speaker->start_ms;
		const size_t due = (size_t)ms * (AUDIO_HZ / 1000);

		speaker->played = due < speaker->count ? due : speaker->count;
		speaker->playing = due < speaker->count;
	}
	*out_played = (struct speaker_played){
		.finished = !speaker->playing,
		.start_ms = speaker->start_ms,
		.reference = {speaker->reference, speaker->writer ? speaker->played : 0},
		.whole = {speaker->reference, speaker->writer ? speaker->count : 0},
	};
	return OK;
}

static void file_stop(void *self)
{
	struct speaker_file *speaker = self;

	speaker->playing = false;
}

static void file_set_volume(void *self, int percent)
{
	struct speaker_file *speaker = self;

	must(percent >= 0 && percent <= 100);
	speaker->percent = percent;
}

static void file_close(void *self)
{
	struct speaker_file *speaker = self;

	(void)audio_writer_close(speaker->writer); /* nobody is left to be told */
	free(speaker->reference);
	free(speaker);
}

static const struct speaker_ops OPS = {file_play, file_poll, file_stop, file_set_volume,
				       file_close};

enum err speaker_none_create(struct speaker *out_speaker)
{
	struct speaker_file *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->reference = calloc(SAMPLES_MAX + GAP_SAMPLES, sizeof(*made->reference));
	if (!made->reference) {
		free(made);
		return ERR_MEMORY;
	}
	made->percent = 100;
	*out_speaker = (struct speaker){&OPS, made};
	return OK;
}

enum err speaker_file_create(const char *path, struct speaker *out_speaker,
			     struct err_note *note)
{
	struct audio_writer *writer = NULL;
	struct speaker_file *made = NULL;
	enum err err = audio_writer_open(path, &writer, note);

	if (err)
		return err;
	err = speaker_none_create(out_speaker);
	if (err) {
		(void)audio_writer_close(writer);
		return err_say(err, note, "speaker: %s", err_words(err));
	}
	made = out_speaker->self;
	made->writer = writer;
	return OK;
}
