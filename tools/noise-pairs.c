/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noise-pairs - the same speech with and without noise, as cepstra: what a cleaner
 * (adapter/cleaner.h) is trained on by tools/train/cleaner.
 *
 * usage: noise-pairs OUT SEED HOURS -- SPEECH... -- NOISE...
 *
 * SPEECH and NOISE are places as for `behest wake train` (FOLDER, FILE, @LIST,
 * LABEL=PLACE); every place counts the same, whatever it holds. Speech is said a little
 * faster or slower, at many levels; one stretch in ten stays clean, the others get a
 * noise at -4 to 26 dB, by the loudest moments of both: a recording at another speed and
 * through another equaliser, other talk, dishes, or a steady noise, these two made here.
 *
 * OUT: for each stretch a count (u32, this machine's order), then per 10 ms frame 39
 * floats: in noise with the library's noise removal, without it, and clean with it. The
 * same call gives the same bytes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/sphinx.h"
#include "base/must.h"
#include "base/str.h"
#include "train/listing.h"
#include "train/random.h"
#include "train/sound.h"

enum {
	STRETCH_SECONDS = 8, /* of speech with the quiet around it */
	STRETCH_SAMPLES = STRETCH_SECONDS * AUDIO_HZ,
	FILE_SAMPLES = 130 * AUDIO_HZ, /* more of a file is not read */
	PAD_SAMPLES = AUDIO_HZ / 5,    /* at least, before and after */
	FRAMES_MAX = 100 * (STRETCH_SECONDS + 1),
	FRAMES_AN_HOUR = 360000,
	TALKERS_MAX = 7,
	KEPT_MAX = 512, /* files of noise that stay in memory */
};

#define MODEL_FOLDER "/usr/share/pocketsphinx/model/en-us/en-us"

static const double ROOM_NOISE = 2e-4; /* what a silent room still has */

struct kept {
	const char *path;
	struct sound sound;
};

struct work {
	struct listing speech;
	struct listing noise;
	struct random random;
	struct sphinx_search *search;
	struct sphinx_front *quiet;
	struct sphinx_front *raw;
	struct kept kept[KEPT_MAX];
	size_t kept_count;
	struct sound file; /* as read */
	struct sound clean;
	struct sound noisy;
	struct sound added; /* the noise alone */
	int16_t samples[STRETCH_SAMPLES];
	struct sphinx_cep cepstra[3][FRAMES_MAX];
};

/* --- sounds --- */

static void read_file(const char *path, struct sound *to)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;

	sound_clear(to, 0);
	if (audio_file_open(path, &file, NULL))
		return; /* what cannot be read is left out */
	while (to->count + AUDIO_FRAME_SAMPLES <= to->room &&
	       audio_file_read(file, &frame, NULL) == OK) {
		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			to->samples[to->count++] = (float)frame.samples[i] / 32768.0F;
	}
	audio_file_close(file);
}

/* A file of a place that was drawn first, so that a large one does not outweigh. */
static const char *draw_path(const struct listing *listing, struct random *random)
{
	const struct listing_source *source =
		&listing->sources[random_below(random, listing->source_count)];

	return listing->files[source->first + random_below(random, source->count)].path;
}

static const struct sound *recorded_noise(struct work *work)
{
	const char *path = draw_path(&work->noise, &work->random);

	for (size_t i = 0; i < work->kept_count; i++)
		if (str_equal(work->kept[i].path, path))
			return &work->kept[i].sound;
	struct kept *kept = &work->kept[work->kept_count % KEPT_MAX];
	if (work->kept_count < KEPT_MAX)
		must(sound_init(&kept->sound, FILE_SAMPLES) == OK);
	work->kept_count += work->kept_count < KEPT_MAX;
	kept->path = path;
	read_file(path, &kept->sound);
	return &kept->sound;
}

/* Adds all of `to`'s length of a sound, from a place in it on, round and round. */
static void lay_over(struct sound *to, const struct sound *from, size_t at, double speed,
		     double gain)
{
	for (size_t i = 0; from->count > 1 && i < to->count; i++) {
		double place = (double)at + (double)i * speed;
		size_t before = (size_t)place;
		double part = place - (double)before;
		double value = (double)from->samples[before % from->count] * (1 - part) +
			       (double)from->samples[(before + 1) % from->count] * part;
		to->samples[i] += (float)(gain * value);
	}
}

/* A peaking filter (Bristow-Johnson, "Cookbook formulae for audio equalizer biquads"). */
static void raise_band(struct sound *sound, double hz, double db, double quality)
{
	const double size = pow(10, db / 40);
	const double turn = 2 * M_PI * hz / AUDIO_HZ;
	const double alpha = sin(turn) / (2 * quality);
	const double a0 = 1 + alpha / size;
	const double b[3] = {(1 + alpha * size) / a0, -2 * cos(turn) / a0,
			     (1 - alpha * size) / a0};
	const double a[2] = {-2 * cos(turn) / a0, (1 - alpha / size) / a0};
	double in[2] = {0};
	double out[2] = {0};

	for (size_t i = 0; i < sound->count; i++) {
		double x = (double)sound->samples[i];
		double y = b[0] * x + b[1] * in[0] + b[2] * in[1] - a[0] * out[0] -
			   a[1] * out[1];
		in[1] = in[0];
		in[0] = x;
		out[1] = out[0];
		out[0] = y;
		sound->samples[i] = (float)y;
	}
}

static void equalise(struct sound *sound, struct random *random, double depth_db)
{
	size_t bands = 1 + random_below(random, 4);

	for (size_t i = 0; i < bands; i++)
		raise_band(sound, 100 * pow(65, random_unit(random)),
			   random_range(random, -depth_db, depth_db),
			   random_range(random, 0.4, 2.4));
}

/* --- noises that are made here --- */

/* A ringing of one thing: a tone that dies away. */
static void ring(struct sound *sound, struct random *random, size_t at, double size)
{
	double turn = 2 * M_PI * 300 * pow(22, random_unit(random)) / AUDIO_HZ;
	double seconds = 0.01 + 0.25 * random_unit(random) * random_unit(random);
	double fall = exp(-1 / (AUDIO_HZ * seconds));
	double phase = random_range(random, 0, 2 * M_PI);

	size *= random_unit(random);
	for (size_t i = at; i < sound->count && size > 3e-5; i++, size *= fall) {
		sound->samples[i] += (float)(size * sin(phase));
		phase += turn;
	}
}

static void knock(struct sound *sound, struct random *random, size_t at, double size)
{
	double fall = exp(-1 / (AUDIO_HZ * random_range(random, 0.002, 0.022)));

	for (size_t i = at; i < sound->count && size > 3e-5; i++, size *= fall)
		sound->samples[i] += (float)(size * random_range(random, -1, 1));
}

/* Dishes: things that hit each other at random, each with rings of its own. */
static void add_dishes(struct sound *sound, struct random *random)
{
	double a_second = random_range(random, 0.5, 6.5);

	for (double at = 0;;) {
		at -= log(random_unit(random) + 1e-9) / a_second * AUDIO_HZ;
		if (at >= (double)sound->count)
			return;
		double size = 0.1 * pow(10, -1.5 * random_unit(random));
		size_t rings = 3 + random_below(random, 10);
		for (size_t i = 0; i < rings; i++)
			ring(sound, random, (size_t)at, size);
		knock(sound, random, (size_t)at, 2 * size * random_unit(random));
	}
}

/* Water, a fan, a hood: noise of some colour that swells, perhaps with a hum. */
static void add_steady(struct sound *sound, struct random *random, double size)
{
	double share = pow(10, -2 * random_unit(random));
	double swell_db = 4 * random_range(random, 0, 3);
	double hum = random_chance(random, 0.2) ? size * 0.7 : 0;
	double turn = 2 * M_PI * random_range(random, 50, 250) / AUDIO_HZ;
	double low = 0;
	double gain = 1;
	double wanted = 1;
	double even = size * sqrt((2 - share) / share * 3); /* to the same power */

	for (size_t i = 0; i < sound->count; i++) {
		if (i % (AUDIO_HZ / 10) == 0)
			wanted = pow(10, random_range(random, -swell_db, swell_db) / 20);
		gain += 0.0006 * (wanted - gain);
		low += share * (random_range(random, -1, 1) - low);
		sound->samples[i] += (float)(even * low * gain +
					     hum * (sin(turn * (double)i) +
						    0.5 * sin(2 * turn * (double)i)));
	}
	equalise(sound, random, 15);
}

static void add_talk(struct work *work)
{
	size_t talkers = 2 + random_below(&work->random, TALKERS_MAX - 1);

	for (size_t i = 0; i < talkers; i++) {
		read_file(draw_path(&work->speech, &work->random), &work->file);
		lay_over(&work->added, &work->file,
			 random_below(&work->random, work->file.count + 1),
			 random_range(&work->random, 0.85, 1.15),
			 random_range(&work->random, 0.3, 1.3));
	}
	equalise(&work->added, &work->random, 8);
}

static void add_recorded(struct work *work)
{
	size_t layers = random_chance(&work->random, 0.33) ? 2 : 1;

	for (size_t i = 0; i < layers; i++) {
		const struct sound *from = recorded_noise(work);
		lay_over(&work->added, from, random_below(&work->random, from->count + 1),
			 0.7 * pow(2, random_unit(&work->random)),
			 random_range(&work->random, 0.2, 1));
	}
	equalise(&work->added, &work->random, 12);
}

static void make_noise(struct work *work)
{
	struct random *random = &work->random;
	double kind = random_unit(random);

	sound_clear(&work->added, work->clean.count);
	if (kind < 0.6)
		add_recorded(work);
	else if (kind < 0.75)
		add_talk(work);
	else
		add_steady(&work->added, random, 0.003 * pow(30, random_unit(random)));
	if (kind < 0.2 || (kind >= 0.75 && kind < 0.9))
		add_dishes(&work->added, random);
}

/* --- stretches --- */

/* False: the file holds too little. */
static bool make_speech(struct work *work)
{
	struct random *random = &work->random;
	double speed = exp(random_range(random, -0.18, 0.18));
	size_t pad = PAD_SAMPLES + random_below(random, AUDIO_HZ / 2);
	size_t at = 0;
	size_t count;
	double loudest;

	read_file(draw_path(&work->speech, random), &work->file);
	count = (size_t)((double)work->file.count / speed);
	if (count < AUDIO_HZ / 2)
		return false;
	if (count > STRETCH_SAMPLES - 2 * pad) {
		at = random_below(random, count - (STRETCH_SAMPLES - 2 * pad) + 1);
		count = STRETCH_SAMPLES - 2 * pad;
	}
	sound_clear(&work->added, count);
	lay_over(&work->added, &work->file, (size_t)((double)at * speed), speed, 1);
	loudest = sqrt(sound_loudest(work->added.samples, count)) + 1e-9;
	sound_scale(&work->added,
		    (float)(0.25 * pow(10, random_range(random, -20, 0) / 20) / loudest));
	sound_clear(&work->clean, count + 2 * pad);
	for (size_t i = 0; i < work->clean.count; i++)
		work->clean.samples[i] =
			(float)(ROOM_NOISE * random_range(random, -1, 1));
	sound_mix(&work->clean, pad, work->added.samples, count, 1);
	return true;
}

static void mix(struct work *work)
{
	double db = random_range(&work->random, -4, 26);
	double power;

	sound_copy(&work->noisy, &work->clean);
	if (random_chance(&work->random, 0.1))
		return;
	make_noise(work);
	power = sound_loudest(work->added.samples, work->added.count);
	if (power <= 0)
		return;
	sound_mix(&work->noisy, 0, work->added.samples, work->added.count,
		  (float)sqrt(sound_loudest(work->clean.samples, work->clean.count) /
			      power / pow(10, db / 10)));
}

static size_t front(struct work *work, struct sphinx_front *front,
		    const struct sound *sound, struct sphinx_cep *to)
{
	size_t count;

	sound_give(sound, work->samples);
	sphinx_front_begin(front);
	count = sphinx_front_feed(front, work->samples, sound->count, to, FRAMES_MAX);
	return count + sphinx_front_end(front, to + count, FRAMES_MAX - count);
}

static bool write_stretch(const struct work *work, size_t count, FILE *file)
{
	uint32_t number = (uint32_t)count;

	if (fwrite(&number, sizeof(number), 1, file) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t form = 0; form < 3; form++)
			if (fwrite(&work->cepstra[form][i], sizeof(struct sphinx_cep), 1,
				   file) != 1)
				return false;
	return true;
}

/* Returns how many frames were written, 0 for none; -1 when the file takes no more. */
static long stretch(struct work *work, FILE *file)
{
	size_t count;

	if (!make_speech(work))
		return 0;
	mix(work);
	count = front(work, work->quiet, &work->noisy, work->cepstra[0]);
	(void)front(work, work->raw, &work->noisy, work->cepstra[1]);
	(void)front(work, work->quiet, &work->clean, work->cepstra[2]);
	return write_stretch(work, count, file) ? (long)count : -1;
}

static bool open_work(struct work *work, uint64_t seed, struct err_note *note)
{
	work->random = random_stream(seed, 0, 0);
	return !sound_init(&work->file, FILE_SAMPLES) &&
	       !sound_init(&work->clean, STRETCH_SAMPLES) &&
	       !sound_init(&work->noisy, STRETCH_SAMPLES) &&
	       !sound_init(&work->added, STRETCH_SAMPLES) &&
	       !sphinx_grammar_create(MODEL_FOLDER, false, &work->search, note) &&
	       !sphinx_front_create(work->search, SPHINX_FRONT_QUIET, &work->quiet) &&
	       !sphinx_front_create(work->search, SPHINX_FRONT_RAW, &work->raw);
}

static void close_work(struct work *work)
{
	for (size_t i = 0; i < work->kept_count; i++)
		sound_finish(&work->kept[i].sound);
	sound_finish(&work->file);
	sound_finish(&work->clean);
	sound_finish(&work->noisy);
	sound_finish(&work->added);
	sphinx_front_destroy(work->quiet);
	sphinx_front_destroy(work->raw);
	sphinx_search_destroy(work->search);
	listing_finish(&work->speech);
	listing_finish(&work->noise);
	free(work);
}

/* The places up to the next "--"; returns where it stands. */
static int add_places(struct listing *listing, int argc, char **argv, int at,
		      struct err_note *note)
{
	for (; at < argc && !str_equal(argv[at], "--"); at++)
		if (listing_add(listing, argv[at], note))
			return -1;
	return at;
}

int main(int argc, char **argv)
{
	struct work *work = calloc(1, sizeof(*work));
	struct err_note note = {.text = ""};
	FILE *file = NULL;
	double wanted = argc > 3 ? strtod(argv[3], NULL) * FRAMES_AN_HOUR : 0;
	int at = argc > 4 ? 5 : -1;
	int status = 2;

	must(work);
	if (at > 0)
		at = add_places(&work->speech, argc, argv, at, &note);
	if (at > 0)
		at = add_places(&work->noise, argc, argv, at + 1, &note);
	if (at < 0 || !work->speech.count || !work->noise.count || !(wanted > 0)) {
		fprintf(stderr, "noise-pairs: %s\n",
			note.text[0] ? note.text
				     : "usage: noise-pairs OUT SEED HOURS -- SPEECH... "
				       "-- NOISE...");
		goto out;
	}
	status = 1;
	file = fopen(argv[1], "wb");
	if (!file || !open_work(work, strtoull(argv[2], NULL, 10), &note)) {
		fprintf(stderr, "noise-pairs: %s: %s\n", argv[1],
			note.text[0] ? note.text : "cannot be written");
		goto out;
	}
	for (double done = 0; done < wanted;) {
		long frames = stretch(work, file);
		if (frames < 0)
			goto out;
		done += (double)frames;
	}
	status = 0;
out:
	if (file && fclose(file) != 0)
		status = 1;
	close_work(work);
	return status;
}
