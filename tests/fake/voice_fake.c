/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voice_fake - see the header.
 */
#include "fake/voice_fake.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	TEXTS_MAX = 4096,
	TONE_PERIOD = 40, /* samples: 400 Hz */
	TONE_LEVEL = 3000,
};

struct voice_fake {
	size_t count;
	char *texts[TEXTS_MAX];
	size_t fail_count;
	enum err fail_err;
	int16_t sound[VOICE_SECONDS_MAX * AUDIO_HZ];
};

static bool has_a_letter(const char *text)
{
	for (; *text; text++) {
		if ((*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
		    (*text >= 'a' && *text <= 'z') || (unsigned char)*text >= 0x80)
			return true;
	}
	return false;
}

static enum err fake_speak(void *self, const char *text, struct audio_span *out_sound)
{
	struct voice_fake *fake = self;
	size_t samples = strlen(text) * VOICE_FAKE_MS_PER_BYTE * (AUDIO_HZ / 1000);

	if (fake->fail_count > 0) {
		fake->fail_count--;
		return fake->fail_err;
	}
	if (strlen(text) > VOICE_TEXT_MAX)
		return ERR_LIMIT;
	if (!has_a_letter(text))
		return ERR_FORMAT;
	if (samples > STR_COUNT(fake->sound))
		samples = STR_COUNT(fake->sound);
	must(fake->count < TEXTS_MAX);
	fake->texts[fake->count] = strdup(text);
	if (!fake->texts[fake->count])
		return ERR_MEMORY;
	fake->count++;
	*out_sound = (struct audio_span){fake->sound, samples};
	return OK;
}

static void fake_close(void *self)
{
	(void)self;
}

static const struct voice_ops OPS = {fake_speak, fake_close};

enum err voice_fake_create(struct voice_fake **out_fake)
{
	struct voice_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	for (size_t i = 0; i < STR_COUNT(made->sound); i++)
		made->sound[i] =
			i % TONE_PERIOD < TONE_PERIOD / 2 ? TONE_LEVEL : -TONE_LEVEL;
	*out_fake = made;
	return OK;
}

void voice_fake_destroy(struct voice_fake *fake)
{
	if (!fake)
		return;
	for (size_t i = 0; i < fake->count; i++)
		free(fake->texts[i]);
	free(fake);
}

struct voice voice_fake_port(struct voice_fake *fake)
{
	return (struct voice){&OPS, fake};
}

void voice_fake_fail_next(struct voice_fake *fake, size_t count, enum err err)
{
	fake->fail_count = count;
	fake->fail_err = err;
}

size_t voice_fake_count(const struct voice_fake *fake)
{
	return fake->count;
}

const char *voice_fake_text(const struct voice_fake *fake, size_t index)
{
	must(index < fake->count);
	return fake->texts[index];
}

const char *voice_fake_newest(const struct voice_fake *fake)
{
	return fake->count > 0 ? fake->texts[fake->count - 1] : "";
}
