/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_scene - see the header. Prompts and rooms are others than those at which thresholds
 * were chosen.
 */
#include "cli/echo_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/room_sound.h"
#include "port/voice.h"
#include "train/listing.h"

enum {
	LEVEL = 3000,
	GAP = AUDIO_HZ / 5,
	CLIP = ECHO_SCENE_CLIP_SECONDS_MAX * AUDIO_HZ,
	WORD_BYTES = 64,
	PATH_BYTES = 512,
	BLOCKS_MAX = ECHO_SCENE_SECONDS_MAX * 1000 / AUDIO_FRAME_MS,
	MUSIC_PART = AUDIO_HZ * 15,
};

static const double LOUD = 0.003; /* of the loudest 20 ms: -25 dB */

static const char *const PROMPTS[] = {
	"Did you mean the bedroom or the bathroom?",
	"The washing machine has finished. Do you want the news now?",
	"Carol asks whether you will be home for dinner. What shall I answer?",
	"The window in the study is open, and it begins to rain.",
	"Shall I order two litres of milk?",
	"It is ten past seven, and your train is late by twelve minutes.",
	"I heard you say lock the back door. Is that right?",
	"Who should get that message?",
	"The alarm will be set for half past six tomorrow. Shall I keep it?",
	"Nobody answered at the front door. Shall I try again?",
};

struct spoken {
	int16_t *samples; /* NULL: not yet */
	size_t count;
};

struct echo_scene {
	char word[WORD_BYTES];
	uint64_t dice;
	uint64_t seed;
	struct voice voice;
	struct listing clips;
	struct listing music; /* empty: chords */
	struct simulated_room *room;
	struct spoken said[STR_COUNT(PROMPTS) + 1]; /* the last is the name */
	int16_t clip[CLIP];
};

/* ---- files ---- */

static enum err list_clips(struct echo_scene *scene, struct err_note *note)
{
	const char *root = getenv("BEHEST_AUDIO");
	char path[PATH_BYTES];

	if (!str_format(path, sizeof(path), "%s/wake/%s", root ? root : "../shared/audio",
			scene->word))
		return ERR_LIMIT;
	if (!file_exists(path))
		return err_say(ERR_MISSING, note, "no recordings of the name in %s",
			       path);
	return listing_add(&scene->clips, path, note);
}

/* From a random place where the file is longer than what is wanted. */
static enum err load(struct echo_scene *scene, const char *path, bool anywhere,
		     int16_t *to, size_t count, size_t *out_count, struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t skip = 0;
	size_t got = 0;
	enum err err = audio_file_open(path, &file, note);

	if (err)
		return err;
	if (anywhere && audio_file_info(file).seconds > (double)count / AUDIO_HZ + 1.0)
		skip = (size_t)simulated_room_uniform(&scene->dice, 0.0,
						      (audio_file_info(file).seconds -
						       (double)count / AUDIO_HZ) *
							      1000.0 / AUDIO_FRAME_MS);
	while (!err && got + AUDIO_FRAME_SAMPLES <= count) {
		err = audio_file_read(file, &frame, note);
		if (err || skip > 0) {
			skip -= skip > 0 ? 1 : 0;
			continue;
		}
		memcpy(to + got, frame.samples, sizeof(frame.samples));
		got += AUDIO_FRAME_SAMPLES;
	}
	audio_file_close(file);
	*out_count = got;
	return err == ERR_CLOSED || err == ERR_FORMAT ? OK : err;
}

enum err echo_scene_name(struct echo_scene *scene, size_t clip,
			 struct audio_span *out_sound, struct err_note *note)
{
	size_t count = 0;
	const enum err err =
		load(scene, scene->clips.files[clip % scene->clips.count].path, false,
		     scene->clip, CLIP, &count, note);

	if (!err)
		*out_sound = (struct audio_span){scene->clip, count};
	return err;
}

/* ---- the scene ---- */

enum err echo_scene_create(const char *word, uint64_t seed, struct echo_scene **out_scene,
			   struct err_note *note)
{
	struct echo_scene *made = calloc(1, sizeof(*made));
	const char *music = getenv("BEHEST_MUSIC");
	enum err err = made ? OK : ERR_MEMORY;

	if (!err && !str_copy(made->word, sizeof(made->word), word))
		err = ERR_LIMIT;
	if (!err)
		err = list_clips(made, note);
	if (!err && music)
		err = listing_add(&made->music, music, note);
	if (!err)
		err = voice_flite_create(&made->voice);
	if (err) {
		echo_scene_destroy(made);
		return err;
	}
	made->dice = seed;
	made->seed = seed;
	*out_scene = made;
	return OK;
}

void echo_scene_destroy(struct echo_scene *scene)
{
	if (!scene)
		return;
	listing_finish(&scene->clips);
	listing_finish(&scene->music);
	voice_close(&scene->voice);
	simulated_room_destroy(scene->room);
	for (size_t i = 0; i < STR_COUNT(scene->said); i++)
		free(scene->said[i].samples);
	free(scene);
}

size_t echo_scene_clips(const struct echo_scene *scene)
{
	return scene->clips.count;
}

const struct simulated_room *echo_scene_room(const struct echo_scene *scene)
{
	return scene->room;
}

uint64_t *echo_scene_dice(struct echo_scene *scene)
{
	return &scene->dice;
}

enum err echo_scene_move(struct echo_scene *scene, uint64_t number)
{
	uint64_t dice = scene->seed + number;
	const struct simulated_room_settings settings = {
		.seed = simulated_room_random(&dice),
		.drift_ppm = simulated_room_uniform(&dice, -50.0, 50.0),
		.distortion = simulated_room_uniform(&dice, 0.0, 0.3),
	};

	simulated_room_destroy(scene->room);
	scene->room = NULL;
	return simulated_room_create(&settings, &scene->room);
}

/* ---- what we play ---- */

static void even(int16_t *sound, size_t count)
{
	const double gain = LEVEL / (room_sound_level_s16(sound, count) + 1e-9);

	for (size_t i = 0; i < count; i++) {
		const double x = gain * sound[i];

		sound[i] = (int16_t)fmax(-32768.0, fmin(32767.0, x));
	}
}

/* Said once and kept. */
static enum err say(struct echo_scene *scene, size_t number, struct audio_span *out_sound)
{
	struct spoken *said = &scene->said[number];
	const char *text = number < STR_COUNT(PROMPTS) ? PROMPTS[number] : scene->word;
	struct audio_span sound = {0};
	enum err err = OK;

	if (!said->samples)
		err = voice_speak(&scene->voice, text, &sound);
	if (!err && !said->samples) {
		said->samples = calloc(sound.count, sizeof(*sound.samples));
		if (!said->samples)
			return ERR_MEMORY;
		memcpy(said->samples, sound.samples,
		       sound.count * sizeof(*sound.samples));
		said->count = sound.count;
	}
	if (!err)
		*out_sound = (struct audio_span){said->samples, said->count};
	return err;
}

enum err echo_scene_prompt(struct echo_scene *scene, size_t number,
			   struct audio_span *out_sound)
{
	return say(scene, number % STR_COUNT(PROMPTS), out_sound);
}

static enum err make_music(struct echo_scene *scene, int16_t *to, size_t count)
{
	enum err err = OK;

	memset(to, 0, count * sizeof(*to));
	if (scene->music.count == 0)
		room_sound_music(&scene->dice, LEVEL, to, count);
	for (size_t at = 0; !err && scene->music.count > 0 && at < count;
	     at += MUSIC_PART) {
		const size_t left = count - at < MUSIC_PART ? count - at : MUSIC_PART;
		const size_t file =
			simulated_room_random(&scene->dice) % scene->music.count;
		size_t got = 0;

		err = load(scene, scene->music.files[file].path, true, to + at, left,
			   &got, NULL);
	}
	return err;
}

/* The next thing said: a prompt, the name by our voice, or a recording of the name. */
static enum err next_words(struct echo_scene *scene, enum echo_scene_source source,
			   struct audio_span *out_sound, bool *out_name)
{
	const size_t drawn = simulated_room_random(&scene->dice) % 1000;

	*out_name = source == ECHO_SCENE_NAMES && drawn % 3 != 0;
	if (!*out_name)
		return echo_scene_prompt(scene, drawn, out_sound);
	if (drawn % 3 == 1)
		return say(scene, STR_COUNT(PROMPTS), out_sound);
	return echo_scene_name(scene, drawn, out_sound, NULL);
}

enum err echo_scene_ours(struct echo_scene *scene, enum echo_scene_source source,
			 int16_t *to, size_t count, unsigned *out_names)
{
	enum err err = OK;

	*out_names = 0;
	if (source == ECHO_SCENE_MUSIC)
		err = make_music(scene, to, count);
	else
		memset(to, 0, count * sizeof(*to));
	for (size_t at = 0; source != ECHO_SCENE_MUSIC && !err && at < count;) {
		struct audio_span words = {0};
		bool name = false;

		err = next_words(scene, source, &words, &name);
		if (err)
			break;
		words.count = words.count < count - at ? words.count : count - at;
		memcpy(to + at, words.samples, words.count * sizeof(*to));
		if (words.count > AUDIO_FRAME_SAMPLES)
			even(to + at, words.count);
		*out_names += name;
		at += words.count + GAP;
	}
	if (!err)
		even(to, count);
	return err;
}

/* ---- levels ---- */

double echo_scene_level(const float *sound, size_t count)
{
	static double powers[BLOCKS_MAX];
	size_t blocks = 0;
	size_t loud = 0;
	double most = 0.0;
	double sum = 0.0;

	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= count && blocks < BLOCKS_MAX;
	     at += AUDIO_FRAME_SAMPLES) {
		const double level = room_sound_level(sound + at, AUDIO_FRAME_SAMPLES);

		powers[blocks] = level * level;
		most = fmax(most, powers[blocks]);
		blocks++;
	}
	for (size_t i = 0; i < blocks; i++) {
		sum += powers[i] > most * LOUD ? powers[i] : 0.0;
		loud += powers[i] > most * LOUD ? 1 : 0;
	}
	return loud > 0 ? sqrt(sum / (double)loud) : 0.0;
}

double echo_scene_speech_level(const float *sound, size_t count)
{
	float *band = calloc(count + 1, sizeof(*band));
	double low[4] = {0};
	double level = 0.0;

	must(band);
	for (size_t i = 0; i < count; i++) {
		double x = (double)sound[i];

		for (unsigned n = 0; n < 2; n++) { /* above 300 Hz */
			low[n] += 0.11 * (x - low[n]);
			x -= low[n];
		}
		for (unsigned n = 2; n < 4; n++) { /* below 4500 Hz */
			low[n] += 0.83 * (x - low[n]);
			x = low[n];
		}
		band[i] = (float)x;
	}
	level = echo_scene_level(band, count);
	free(band);
	return level;
}
