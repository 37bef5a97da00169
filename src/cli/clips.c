/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clips - see the header. Labels are read once; sounds one at a time.
 */
#include "cli/clips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"

enum {
	LABELS_BYTES_MAX = 4 * 1024 * 1024,
	MOMENT = 2048, /* samples */
};

/* Whole frames. */
struct sound {
	int16_t *samples;
	size_t count;
	size_t count_max;
};

struct clips {
	char folder[FILE_PATH_BYTES];
	struct json *labels;
	struct sound clip;
	struct sound noise;
};

enum err clips_read(const char *path, int16_t *samples, size_t count_max,
		    size_t *out_count, struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t count = 0;
	enum err err = audio_file_open(path, &file, note);

	while (!err && count + AUDIO_FRAME_SAMPLES <= count_max) {
		err = audio_file_read(file, &frame, note);
		if (err)
			break;
		memcpy(samples + count, frame.samples, sizeof(frame.samples));
		count += AUDIO_FRAME_SAMPLES;
	}
	audio_file_close(file);
	*out_count = count;
	return err == ERR_CLOSED ? OK : err;
}

static enum err sound_read(const char *path, struct sound *sound, struct err_note *note)
{
	return clips_read(path, sound->samples, sound->count_max, &sound->count, note);
}

static enum err sound_init(struct sound *sound, size_t seconds)
{
	sound->count_max = seconds * AUDIO_HZ;
	sound->samples = calloc(sound->count_max, sizeof(*sound->samples));
	return sound->samples ? OK : ERR_MEMORY;
}

static enum err read_labels(struct clips *clips, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err = OK;

	buf_init(&bytes, 0);
	if (!str_format(path, sizeof(path), "%s/coffee/labels.json", clips->folder))
		err = ERR_LIMIT;
	if (!err)
		err = file_read(path, LABELS_BYTES_MAX, &bytes, note);
	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 LABELS_BYTES_MAX, &clips->labels, note);
	if (!err && !json_is_object(json_root(clips->labels)))
		err = err_say(ERR_FORMAT, note, "%s: expected an object of clips", path);
	buf_finish(&bytes);
	return err;
}

static enum err read_noise(struct clips *clips, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	if (!str_format(path, sizeof(path), "%s/noise/kitchen.flac", clips->folder))
		return ERR_LIMIT;
	return sound_read(path, &clips->noise, note);
}

enum err clips_folder(char folder[CLIPS_FOLDER_BYTES], struct err_note *note)
{
	const char *given = getenv("BEHEST_AUDIO");

	if (!str_copy(folder, CLIPS_FOLDER_BYTES, given ? given : "../shared/audio"))
		return ERR_LIMIT;
	if (access(folder, R_OK) != 0)
		return err_say(ERR_MISSING, note, "no %s",
			       given ? folder : "../shared (or set BEHEST_AUDIO)");
	return OK;
}

enum err clips_open(struct clips **out_clips, struct err_note *note)
{
	struct clips *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		goto out;
	err = clips_folder(made->folder, note);
	if (!err)
		err = sound_init(&made->clip, CLIP_SECONDS_MAX);
	if (!err)
		err = sound_init(&made->noise, CLIPS_NOISE_SECONDS_MAX);
	if (!err)
		err = read_labels(made, note);
	if (!err)
		err = read_noise(made, note);
	if (err)
		goto out;
	*out_clips = made;
	made = NULL;
out:
	clips_close(made);
	return err;
}

void clips_close(struct clips *clips)
{
	if (!clips)
		return;
	json_destroy(clips->labels);
	free(clips->clip.samples);
	free(clips->noise.samples);
	free(clips);
}

enum err clips_use_noise(struct clips *clips, const char *path, struct err_note *note)
{
	return sound_read(path, &clips->noise, note);
}

size_t clips_count(const struct clips *clips)
{
	size_t count = json_count(json_root(clips->labels));

	return count < CLIPS_MAX ? count : CLIPS_MAX;
}

const char *clips_name(const struct clips *clips, size_t index)
{
	const struct json_value *label;
	const char *name = json_key_at(json_root(clips->labels), index, &label);

	must(name);
	return name;
}

bool clips_has_slot(const struct clips *clips, size_t index, const char *name)
{
	const struct json_value *label = NULL;

	must(json_key_at(json_root(clips->labels), index, &label));
	return json_get(json_get(label, "slots"), name) != NULL;
}

static double power(const int16_t *samples, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * samples[i];
	return sum / (double)count;
}

static double loudest_power(const int16_t *samples, size_t count)
{
	double loudest = power(samples, count < MOMENT ? count : MOMENT);

	for (size_t at = MOMENT; at + MOMENT <= count; at += MOMENT)
		loudest = fmax(loudest, power(samples + at, MOMENT));
	return loudest;
}

static double power_for(enum clips_mix mix, const int16_t *samples, size_t count)
{
	return mix == CLIPS_BY_MEAN ? power(samples, count)
				    : loudest_power(samples, count);
}

/* Where in the noise a clip's begins: by its name, so never another. FNV-1a, then the
 * last steps of MurmurHash3, so that places of one clip lie apart. */
static size_t noise_place(const char *name, size_t place, size_t length, size_t count)
{
	uint32_t hash = 2166136261U;
	const size_t half = length / 2;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	if (length - half <= count)
		return hash % (length - count);
	hash ^= (uint32_t)place * 2654435761U;
	hash = (hash ^ hash >> 16) * 0x85ebca6bU;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
	return half + (hash ^ hash >> 16) % (length - half - count);
}

void clips_lay_noise(struct audio_span over, const char *name, struct clips_noise wanted,
		     int16_t *samples, size_t count)
{
	if (wanted.mix == CLIPS_CLEAN || count == 0 || count >= over.count)
		return;
	const int16_t *noise =
		over.samples + noise_place(name, wanted.place, over.count, count);
	double clip_power = power_for(wanted.mix, samples, count);
	double noise_power = power_for(wanted.mix, noise, count);
	double gain = sqrt(clip_power / noise_power / pow(10, wanted.db / 10));

	for (size_t i = 0; i < count; i++) {
		double value = samples[i] + gain * noise[i];
		samples[i] = (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, value)));
	}
}

void clips_add_noise(const struct clips *clips, const char *name,
		     struct clips_noise wanted, int16_t *samples, size_t count)
{
	const struct audio_span over = {clips->noise.samples, clips->noise.count};

	clips_lay_noise(over, name, wanted, samples, count);
}

enum err clips_load(struct clips *clips, size_t index, struct clips_noise noise,
		    struct audio_span *out_sound, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const char *name = clips_name(clips, index);
	enum err err;

	if (!str_format(path, sizeof(path), "%s/coffee/%s.flac", clips->folder, name))
		return ERR_LIMIT;
	err = sound_read(path, &clips->clip, note);
	if (err)
		return err;
	clips_add_noise(clips, name, noise, clips->clip.samples, clips->clip.count);
	*out_sound = (struct audio_span){clips->clip.samples, clips->clip.count};
	return OK;
}

/* Labels have blanks around some values. */
static bool slot_right(const struct intent *intent, const char *name,
		       const struct json_value *wanted)
{
	char value[SLOT_VALUE_BYTES];
	const struct slot *slot = intent_slot(intent, name);

	if (!slot || !str_copy(value, sizeof(value), json_text(wanted, "")))
		return false;
	str_trim(value);
	return str_equal_folded(slot->value, value);
}

bool clips_label_right(const struct json_value *label, const struct intent *intent)
{
	const struct json_value *slots = json_get(label, "slots");
	const struct json_value *wanted = NULL;
	const char *name;
	size_t count = 0;

	if (!str_equal(intent->name, json_text(json_get(label, "intent"), "")))
		return false;
	for (; (name = json_key_at(slots, count, &wanted)) != NULL; count++) {
		if (!slot_right(intent, name, wanted))
			return false;
	}
	return count == intent->slot_count;
}

bool clips_right(const struct clips *clips, size_t index, const struct intent *intent)
{
	const struct json_value *label = NULL;

	must(json_key_at(json_root(clips->labels), index, &label));
	return clips_label_right(label, intent);
}
