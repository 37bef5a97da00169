/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes spoken requests. A recording's silence is cut to what a person leaves between a
 * name and a request; otherwise nothing of it is changed.
 */
#include "cli/utterance.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "port/voice.h"

enum {
	SAMPLES_MAX = UTTERANCE_SECONDS_MAX * AUDIO_HZ,
	LEAD_MS = 300,    /* of silence before the name */
	KEEP_MS = 80,     /* of a recording's silence around its voice */
	LOUD_SHARE = 300, /* a frame is sound above the loudest one's energy / this */
	VOICE_SHARE = 30, /* and surely voice above this */
};

struct utterances {
	char word[64];
	char folder[FILE_PATH_BYTES];
	size_t clip_count;
	char *clips[UTTERANCE_CLIPS_MAX]; /* owned names, sorted */
	struct voice voice;
	size_t count;
	int16_t samples[SAMPLES_MAX];
};

static int is_sound(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".flac") || str_ends(entry->d_name, ".wav");
}

static void find_clips(struct utterances *utterances)
{
	struct dirent **names = NULL;
	int count = scandir(utterances->folder, &names, is_sound, alphasort);

	for (int i = 0; i < count; i++) {
		if (utterances->clip_count < UTTERANCE_CLIPS_MAX)
			utterances->clips[utterances->clip_count] =
				strdup(names[i]->d_name);
		if (utterances->clip_count < UTTERANCE_CLIPS_MAX &&
		    utterances->clips[utterances->clip_count])
			utterances->clip_count++;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

enum err utterances_create(const char *folder, const char *word,
			   struct utterances **out_utterances, struct err_note *note)
{
	struct utterances *utterances = calloc(1, sizeof(*utterances));
	enum err err = ERR_MEMORY;

	if (!utterances)
		goto out;
	err = ERR_LIMIT;
	if (!str_copy(utterances->word, sizeof(utterances->word), word) ||
	    !str_copy(utterances->folder, sizeof(utterances->folder),
		      folder ? folder : ""))
		goto out;
	if (folder)
		find_clips(utterances);
	err = voice_flite_create(&utterances->voice);
	if (err)
		goto out;
	*out_utterances = utterances;
	utterances = NULL;
out:
	utterances_destroy(utterances);
	return err ? err_say(err, note, "the voice does not start: %s", err_words(err))
		   : OK;
}

void utterances_destroy(struct utterances *utterances)
{
	if (!utterances)
		return;
	for (size_t i = 0; i < utterances->clip_count; i++)
		free(utterances->clips[i]);
	voice_close(&utterances->voice);
	free(utterances);
}

size_t utterances_clips(const struct utterances *utterances)
{
	return utterances->clip_count;
}

static enum err add(struct utterances *utterances, struct audio_span sound)
{
	if (sound.count > SAMPLES_MAX - utterances->count)
		return ERR_LIMIT;
	memcpy(utterances->samples + utterances->count, sound.samples,
	       sound.count * sizeof(int16_t));
	utterances->count += sound.count;
	return OK;
}

static enum err add_silence(struct utterances *utterances, int ms)
{
	size_t count = (size_t)ms * AUDIO_HZ / 1000;

	if (count > SAMPLES_MAX - utterances->count)
		return ERR_LIMIT;
	memset(utterances->samples + utterances->count, 0, count * sizeof(int16_t));
	utterances->count += count;
	return OK;
}

static double energy(const int16_t *samples)
{
	double sum = 0;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		sum += (double)samples[i] * samples[i];
	return sum;
}

/* Cuts the silence at both ends of what lies from `from` on, but for KEEP_MS. */
static void trim(struct utterances *utterances, size_t from)
{
	int16_t *samples = utterances->samples + from;
	size_t frames = (utterances->count - from) / AUDIO_FRAME_SAMPLES;
	size_t keep = KEEP_MS / AUDIO_FRAME_MS;
	size_t first = frames;
	size_t last = 0;
	double loudest = 0;

	for (size_t i = 0; i < frames; i++) {
		double now = energy(samples + i * AUDIO_FRAME_SAMPLES);

		loudest = now > loudest ? now : loudest;
	}
	for (size_t i = 0; i < frames; i++) {
		if (energy(samples + i * AUDIO_FRAME_SAMPLES) * LOUD_SHARE < loudest)
			continue;
		first = first < i ? first : i;
		last = i;
	}
	if (first > last)
		return;
	first = first > keep ? first - keep : 0;
	last = last + keep < frames ? last + keep : frames - 1;
	memmove(samples, samples + first * AUDIO_FRAME_SAMPLES,
		(last - first + 1) * AUDIO_FRAME_SAMPLES * sizeof(int16_t));
	utterances->count = from + (last - first + 1) * AUDIO_FRAME_SAMPLES;
}

static enum err add_clip(struct utterances *utterances, size_t clip,
			 struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t from = utterances->count;
	enum err err;

	if (!file_join(path, sizeof(path), utterances->folder,
		       utterances->clips[clip % utterances->clip_count]))
		return ERR_LIMIT;
	err = audio_file_open(path, &file, note);
	while (!err) {
		err = audio_file_read(file, &frame, note);
		if (!err)
			err = add(utterances, (struct audio_span){frame.samples,
								  AUDIO_FRAME_SAMPLES});
	}
	audio_file_close(file);
	trim(utterances, from);
	return err == ERR_CLOSED ? OK : err;
}

static enum err add_spoken(struct utterances *utterances, const char *text)
{
	struct audio_span sound;
	size_t from = utterances->count;
	enum err err = voice_speak(&utterances->voice, text, &sound);

	if (!err)
		err = add(utterances, sound);
	trim(utterances, from);
	return err;
}

/* The mean energy of the frames that are voice. */
static double loudness(const int16_t *samples, size_t count)
{
	size_t frames = count / AUDIO_FRAME_SAMPLES;
	double loudest = 0;
	double sum = 0;
	size_t voiced = 0;

	for (size_t i = 0; i < frames; i++)
		loudest = fmax(loudest, energy(samples + i * AUDIO_FRAME_SAMPLES));
	for (size_t i = 0; i < frames; i++) {
		double now = energy(samples + i * AUDIO_FRAME_SAMPLES);

		if (now * VOICE_SHARE < loudest)
			continue;
		sum += now;
		voiced++;
	}
	return voiced ? sum / (double)voiced : 0;
}

/* One person says both: the recorded name gets the loudness of the sentence. */
static void level(struct utterances *utterances, size_t from, size_t to)
{
	double name = loudness(utterances->samples + from, to - from);
	double sentence = loudness(utterances->samples + to, utterances->count - to);
	double gain = name > 0 ? sqrt(sentence / name) : 1;

	for (size_t i = from; i < to; i++) {
		double now = utterances->samples[i] * gain;

		utterances->samples[i] = (int16_t)fmax(INT16_MIN, fmin(INT16_MAX, now));
	}
}

enum err utterances_make(struct utterances *utterances, const char *sentence, size_t clip,
			 struct audio_span *out_sound, struct err_note *note)
{
	size_t name_at;
	size_t sentence_at;
	enum err err;

	utterances->count = 0;
	err = add_silence(utterances, LEAD_MS);
	name_at = utterances->count;
	if (!err && utterances->clip_count > 0)
		err = add_clip(utterances, clip, note);
	else if (!err)
		err = add_spoken(utterances, utterances->word);
	sentence_at = utterances->count;
	if (!err)
		err = add_spoken(utterances, sentence);
	if (!err)
		level(utterances, name_at, sentence_at);
	if (err)
		return err_say(err, note, "\"%.60s\" cannot be spoken: %s", sentence,
			       err_words(err));
	*out_sound = (struct audio_span){utterances->samples, utterances->count};
	return OK;
}
