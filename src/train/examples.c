/* SPDX-License-Identifier: Apache-2.0 */
/*
 * examples - see the header. A bad clip costs that clip, not the training; each is named
 * once, in the order of the listing.
 */
#include "train/examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "train/random.h"

enum { NAME_MS_LOW = 100, NAME_MS_HIGH = 2000, NAME_MARGIN_MS = 40, HELD_MIN = 2 };

enum err examples_read(const struct outside_reader *reader, const char *path,
		       struct sound *to, struct err_note *note)
{
	struct audio_frame frame;
	void *file = NULL;
	enum err err = reader->open(path, &file, note);

	to->count = 0;
	while (!err) {
		struct sound rest;

		err = reader->read(file, &frame, note);
		if (err)
			break;
		if (to->count + AUDIO_FRAME_SAMPLES > to->room) {
			err = err_say(ERR_LIMIT, note, "%s: is longer than %zu s", path,
				      to->room / AUDIO_HZ);
			break;
		}
		rest = (struct sound){to->samples + to->count, 0, AUDIO_FRAME_SAMPLES};
		sound_take(&rest,
			   (struct audio_span){frame.samples, AUDIO_FRAME_SAMPLES});
		to->count += AUDIO_FRAME_SAMPLES;
	}
	if (file)
		reader->close(file);
	explicit_bzero(&frame, sizeof(frame));
	return err == ERR_CLOSED ? OK : err;
}

static enum err keep(const struct sound *sound, struct example *example,
		     struct err_note *note)
{
	enum err err = word_find(sound, &example->span, note);

	if (!err)
		err = sound_init(&example->sound, sound->count);
	if (!err)
		sound_copy(&example->sound, sound);
	return err;
}

static void tell_left_out(const struct outside *outside, struct examples *examples,
			  const char *path, const struct err_note *note)
{
	bool named = strncmp(note->text, path, strlen(path)) == 0;

	examples->left_out++;
	if (examples->left_out <= EXAMPLES_NAMED_MAX)
		outside_say(outside, "left out: %s%s%s", named ? "" : path,
			    named ? "" : ": ", note->text);
	else if (examples->left_out == EXAMPLES_NAMED_MAX + 1)
		outside_say(outside, "left out: more clips, which are not named here");
}

static enum err load_all(const struct outside *outside, const struct listing *listing,
			 struct sound *room, struct examples *to)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct listed_file *file = &listing->files[i];
		struct example example = {.path = file->path, .source = file->source};
		struct err_note note = {""};
		enum err err = examples_read(&outside->reader, file->path, room, &note);

		outside->watch.step(outside->watch.self, i);
		if (!err)
			err = keep(room, &example, &note);
		if (err == ERR_MEMORY)
			return err;
		if (err)
			tell_left_out(outside, to, file->path, &note);
		else
			to->all[to->count++] = example;
	}
	return OK;
}

enum err examples_load(const struct outside *outside, const struct listing *listing,
		       size_t least, struct examples *out_examples, struct err_note *note)
{
	struct examples made = {.count = 0};
	struct sound room = {.samples = NULL};
	enum err err = sound_init(&room, (size_t)EXAMPLE_SECONDS_MAX * AUDIO_HZ);

	outside->watch.stage(outside->watch.self, "reading the name", listing->count);
	made.all = calloc(listing->count + 1, sizeof(*made.all));
	if (!made.all)
		err = ERR_MEMORY;
	if (!err)
		err = load_all(outside, listing, &room, &made);
	if (!err && made.count < least)
		err = err_say(ERR_MISSING, note,
			      "%s: %zu usable clip%s of the name; expected at least %zu, "
			      "and 30 or more are much better",
			      listing->source_count ? listing->sources[0].label
						    : "no folder",
			      made.count, made.count == 1 ? "" : "s", least);
	sound_finish(&room);
	if (err)
		examples_finish(&made);
	else
		*out_examples = made;
	return err;
}

enum err examples_add(struct examples *examples, const char *name,
		      struct audio_span sound, struct err_note *note)
{
	struct example example = {.path = name};
	struct sound copy = {.samples = NULL};
	struct example *all =
		realloc(examples->all, (examples->count + 1) * sizeof(*examples->all));
	enum err err = ERR_MEMORY;

	if (!all)
		return ERR_MEMORY;
	examples->all = all;
	err = sound_init(&copy, sound.count);
	if (!err) {
		sound_take(&copy, sound);
		err = keep(&copy, &example, note);
	}
	sound_finish(&copy);
	if (!err)
		examples->all[examples->count++] = example;
	return err;
}

void examples_finish(struct examples *examples)
{
	for (size_t i = 0; i < examples->count; i++)
		sound_finish(&examples->all[i].sound);
	free(examples->all);
	*examples = (struct examples){.all = NULL};
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Of those not held back, the one with the smallest hash; NULL: none is left. */
static struct example *next_to_hold(struct examples *examples)
{
	struct example *best = NULL;
	uint64_t best_hash = 0;

	for (size_t i = 0; i < examples->count; i++) {
		struct example *example = &examples->all[i];
		uint64_t hash = random_hash(file_name(example->path));

		if (example->held_back || (best && hash >= best_hash))
			continue;
		best = example;
		best_hash = hash;
	}
	return best;
}

void examples_hold_back(struct examples *examples, double share)
{
	size_t wanted = (size_t)lround(share * (double)examples->count);

	must(share >= 0 && share < 1);
	if (wanted < HELD_MIN)
		wanted = HELD_MIN;
	for (size_t i = 0; i < wanted && i + 1 < examples->count; i++)
		next_to_hold(examples)->held_back = true;
}

static int by_size(const void *a, const void *b)
{
	size_t left = *(const size_t *)a;
	size_t right = *(const size_t *)b;

	return (left > right) - (left < right);
}

uint32_t examples_name_ms(const struct examples *examples)
{
	size_t *sizes = calloc(examples->count + 1, sizeof(*sizes));
	size_t ms = NAME_MS_HIGH;

	for (size_t i = 0; sizes && i < examples->count; i++)
		sizes[i] = examples->all[i].span.end - examples->all[i].span.begin;
	if (sizes && examples->count > 0) {
		qsort(sizes, examples->count, sizeof(*sizes), by_size);
		ms = sizes[examples->count * 9 / 10] * 1000 / AUDIO_HZ + NAME_MARGIN_MS;
	}
	free(sizes);
	ms = ms < NAME_MS_LOW ? NAME_MS_LOW : ms;
	return (uint32_t)(ms > NAME_MS_HIGH ? NAME_MS_HIGH : ms);
}
