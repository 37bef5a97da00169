/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_fake - see the header. Time passes only by the test's clock.
 */
#include "fake/speaker_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { PLAYS_MAX = 4096, SECONDS_MAX = 120 };

struct speaker_fake {
	const struct clock *clock;
	bool playing;
	bool unplugged;
	int percent;
	size_t count;
	struct speaker_fake_play plays[PLAYS_MAX];
	int16_t reference[SECONDS_MAX * AUDIO_HZ];
};

static enum err fake_play(void *self, struct audio_span sound, struct event_id parent)
{
	struct speaker_fake *fake = self;
	struct speaker_fake_play *play = &fake->plays[fake->count];

	must(parent.value != 0); /* nothing is spoken unasked */
	if (fake->unplugged)
		return ERR_IO;
	if (fake->playing)
		return ERR_BUSY;
	if (sound.count > (size_t)SECONDS_MAX * AUDIO_HZ)
		return ERR_LIMIT;
	must(fake->count < PLAYS_MAX);
	for (size_t i = 0; i < sound.count; i++)
		fake->reference[i] = (int16_t)(sound.samples[i] * fake->percent / 100);
	*play = (struct speaker_fake_play){
		.parent = parent,
		.start_ms = clock_now_ms(fake->clock),
		.samples = sound.count,
		.percent = fake->percent,
	};
	fake->count++;
	fake->playing = true;
	return OK;
}

static size_t samples_played(const struct speaker_fake *fake)
{
	const struct speaker_fake_play *play = &fake->plays[fake->count - 1];
	const int64_t ms = clock_now_ms(fake->clock) - play->start_ms;
	const size_t due = (size_t)(ms < 0 ? 0 : ms) * (AUDIO_HZ / 1000);

	return due < play->samples ? due : play->samples;
}

static enum err fake_poll(void *self, struct speaker_played *out_played)
{
	struct speaker_fake *fake = self;

	if (fake->count == 0) {
		*out_played = (struct speaker_played){.finished = true};
		return OK;
	}
	if (fake->unplugged && fake->playing) {
		fake->playing = false;
		fake->plays[fake->count - 1].stopped = true;
		return ERR_IO;
	}
	if (fake->playing && samples_played(fake) == fake->plays[fake->count - 1].samples)
		fake->playing = false;
	*out_played = (struct speaker_played){
		.finished = !fake->playing,
		.start_ms = fake->plays[fake->count - 1].start_ms,
		.reference = {fake->reference, samples_played(fake)},
		.whole = {fake->reference, fake->plays[fake->count - 1].samples},
	};
	return OK;
}

static void fake_stop(void *self)
{
	struct speaker_fake *fake = self;

	if (!fake->playing)
		return;
	fake->plays[fake->count - 1].samples = samples_played(fake);
	fake->plays[fake->count - 1].stopped = true;
	fake->playing = false;
}

static void fake_set_volume(void *self, int percent)
{
	struct speaker_fake *fake = self;

	must(percent >= 0 && percent <= 100);
	fake->percent = percent;
}

static void fake_close(void *self)
{
	fake_stop(self);
}

static const struct speaker_ops OPS = {fake_play, fake_poll, fake_stop, fake_set_volume,
				       fake_close};

enum err speaker_fake_create(const struct clock *clock, struct speaker_fake **out_fake)
{
	struct speaker_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->clock = clock;
	made->percent = 100;
	*out_fake = made;
	return OK;
}

void speaker_fake_destroy(struct speaker_fake *fake)
{
	free(fake);
}

struct speaker speaker_fake_port(struct speaker_fake *fake)
{
	return (struct speaker){&OPS, fake};
}

void speaker_fake_unplug(struct speaker_fake *fake, bool unplugged)
{
	fake->unplugged = unplugged;
}

size_t speaker_fake_count(const struct speaker_fake *fake)
{
	return fake->count;
}

struct speaker_fake_play speaker_fake_at(const struct speaker_fake *fake, size_t index)
{
	must(index < fake->count);
	return fake->plays[index];
}

bool speaker_fake_is_playing(const struct speaker_fake *fake)
{
	return fake->playing;
}
