/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator_fake - see the header.
 */
#include "fake/indicator_fake.h"

#include <stdlib.h>

#include "base/must.h"

enum { LIGHTS_MAX = 16384, TONES = 3 };

struct indicator_fake {
	size_t light_count;
	enum indicator_light lights[LIGHTS_MAX];
	size_t tones[TONES];
};

static void fake_show(void *self, enum indicator_light light)
{
	struct indicator_fake *fake = self;

	if (fake->lights[fake->light_count - 1] == light)
		return;
	must(fake->light_count < LIGHTS_MAX);
	fake->lights[fake->light_count] = light;
	fake->light_count++;
}

static void fake_sound(void *self, enum indicator_tone tone)
{
	struct indicator_fake *fake = self;

	must((size_t)tone < TONES);
	fake->tones[tone]++;
}

static void fake_close(void *self)
{
	fake_show(self, INDICATOR_OFF);
}

static const struct indicator_ops OPS = {fake_show, fake_sound, fake_close};

enum err indicator_fake_create(struct indicator_fake **out_fake)
{
	struct indicator_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->lights[0] = INDICATOR_OFF;
	made->light_count = 1;
	*out_fake = made;
	return OK;
}

void indicator_fake_destroy(struct indicator_fake *fake)
{
	free(fake);
}

struct indicator indicator_fake_port(struct indicator_fake *fake)
{
	return (struct indicator){&OPS, fake};
}

enum indicator_light indicator_fake_light(const struct indicator_fake *fake)
{
	return fake->lights[fake->light_count - 1];
}

size_t indicator_fake_light_count(const struct indicator_fake *fake)
{
	return fake->light_count;
}

enum indicator_light indicator_fake_light_at(const struct indicator_fake *fake,
					     size_t index)
{
	must(index < fake->light_count);
	return fake->lights[index];
}

size_t indicator_fake_tone_count(const struct indicator_fake *fake,
				 enum indicator_tone tone)
{
	must((size_t)tone < TONES);
	return fake->tones[tone];
}
