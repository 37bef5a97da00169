/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voice_flite - text to sound with libflite.
 *
 * The text is made plain before the library sees it: printable ASCII only. The sound is
 * taken piece by piece, so that a text that would take minutes to say is stopped after
 * VOICE_SECONDS_MAX and not synthesised to its end.
 */
#include "adapter/voice_flite.h"

#include <ctype.h>
#include <flite/flite.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/resample.h"
#include "base/must.h"
#include "base/str.h"

enum {
	PLAIN_BYTES =
		5 * VOICE_TEXT_MAX + 1, /* " degrees " takes the place of two bytes */
	SOUND_MAX = VOICE_SECONDS_MAX * AUDIO_HZ,
	LATIN_FIRST = 0xC0, /* of the letters that have a plain form */
};

cst_voice *register_cmu_us_slt(const char *folder);
void unregister_cmu_us_slt(cst_voice *voice);

struct voice_flite {
	cst_voice *voice;
	struct resample *resample; /* made anew for each text */
	bool too_long;
	size_t count;
	int16_t sound[SOUND_MAX];
};

/* ---- plain text ---- */

/* U+00C0 to U+00FF without their marks. */
static const char LATIN[] =
	"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";

static const char *spoken_form(unsigned code, char letter[2])
{
	if (code == 0xB0)
		return " degrees ";
	if (code == 0x2019)
		return "'";
	letter[0] = ' ';
	letter[1] = '\0';
	if (code >= LATIN_FIRST && code <= 0xFF)
		letter[0] = LATIN[code - LATIN_FIRST];
	return letter;
}

/* The code point at *text, which is moved behind it. Broken bytes count one by one. */
static unsigned next_code(const unsigned char **text)
{
	const unsigned char *at = *text;
	const unsigned more = at[0] >= 0xF0   ? 3
			      : at[0] >= 0xE0 ? 2
			      : at[0] >= 0xC2 ? 1
					      : 0;
	unsigned code = more == 0 ? at[0] : at[0] & (0x3FU >> more);

	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xC0) != 0x80) {
			*text = at + 1;
			return ' ';
		}
		code = code << 6 | (at[i] & 0x3FU);
	}
	*text = at + 1 + more;
	return code;
}

/* False when nothing that can be spoken is left. */
static bool make_plain(char to[PLAIN_BYTES], const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	bool speakable = false;

	to[0] = '\0';
	while (*at) {
		const unsigned code = next_code(&at);
		char letter[2] = {(char)code, '\0'};
		const char *form = letter;

		if (code >= 0x80)
			form = spoken_form(code, letter);
		else if (code < ' ' || code == 0x7F)
			form = " ";
		speakable =
			speakable || isalnum((unsigned char)form[0]) || form[1] != '\0';
		must(str_append(to, PLAIN_BYTES, "%s", form));
	}
	return speakable;
}

/* ---- sound ---- */

static void pull(struct voice_flite *flite)
{
	flite->count += resample_pull(flite->resample, flite->sound + flite->count,
				      SOUND_MAX - flite->count);
	/* What is left in the resampler does not fit. */
	while (flite->count == SOUND_MAX) {
		int16_t rest[64];

		if (resample_pull(flite->resample, rest, STR_COUNT(rest)) == 0)
			break;
		flite->too_long = true;
	}
}

static void take(struct voice_flite *flite, const short *samples, size_t count, bool last)
{
	for (size_t at = 0; at < count || last; at += RESAMPLE_BLOCK) {
		const size_t left = at < count ? count - at : 0;
		const size_t now = left < RESAMPLE_BLOCK ? left : RESAMPLE_BLOCK;

		resample_push_s16(flite->resample, samples + at, now,
				  last && now == left);
		pull(flite);
		if (now == left)
			break;
	}
}

/* Called by the library with each new piece of the sound. */
static int take_piece(const cst_wave *wave, int start, int size, int last,
		      cst_audio_streaming_info *info)
{
	struct voice_flite *flite = info->userdata;
	const uint32_t hz = (uint32_t)wave->sample_rate;

	if (!flite->resample && resample_create(hz, 1, AUDIO_HZ, &flite->resample) != OK)
		return CST_AUDIO_STREAM_STOP;
	take(flite, wave->samples + start, (size_t)size, last == 1);
	return flite->too_long ? CST_AUDIO_STREAM_STOP : CST_AUDIO_STREAM_CONT;
}

static enum err synthesize(struct voice_flite *flite, const char *plain)
{
	cst_audio_streaming_info *info = new_audio_streaming_info();
	cst_utterance *utterance = NULL;
	enum err err = OK;

	if (!info)
		return ERR_MEMORY;
	info->asc = take_piece;
	info->userdata = flite;
	flite->too_long = false;
	flite->count = 0;
	feat_set(flite->voice->features, "streaming_info",
		 audio_streaming_info_val(info));
	utterance = flite_synth_text(plain, flite->voice);
	feat_remove(flite->voice->features, "streaming_info"); /* frees info */
	if (utterance)
		delete_utterance(utterance);
	if (!utterance || !flite->resample)
		err = ERR_FORMAT;
	else if (flite->too_long)
		err = ERR_LIMIT;
	resample_destroy(flite->resample);
	flite->resample = NULL;
	return err;
}

/* ---- the port ---- */

static enum err flite_speak(void *self, const char *text, struct audio_span *out_sound)
{
	struct voice_flite *flite = self;
	char plain[PLAIN_BYTES];
	enum err err = OK;

	if (strlen(text) > VOICE_TEXT_MAX)
		return ERR_LIMIT;
	if (!make_plain(plain, text))
		return ERR_FORMAT;
	err = synthesize(flite, plain);
	if (err)
		return err;
	if (flite->count == 0)
		return ERR_FORMAT;
	*out_sound = (struct audio_span){flite->sound, flite->count};
	return OK;
}

static void flite_close(void *self)
{
	struct voice_flite *flite = self;

	if (!flite)
		return;
	if (flite->voice)
		unregister_cmu_us_slt(flite->voice);
	resample_destroy(flite->resample);
	free(flite);
}

static const struct voice_ops OPS = {flite_speak, flite_close};

enum err voice_flite_create(struct voice *out_voice)
{
	struct voice_flite *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	if (flite_init() != 0)
		goto out;
	made->voice = register_cmu_us_slt(NULL);
	if (!made->voice)
		goto out;
	*out_voice = (struct voice){&OPS, made};
	return OK;
out:
	flite_close(made);
	return ERR_MEMORY;
}
