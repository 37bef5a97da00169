/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries sound devices: one second of a microphone, whose level is shown and whose sound
 * is wiped, and a spoken sentence on a speaker.
 */
#include "cli/wizard_sound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapter/mic_alsa.h"
#include "adapter/phrasebook_file.h"
#include "adapter/speaker_alsa.h"
#include "adapter/voice_flite.h"
#include "base/loop.h"
#include "cli/terminal.h"
#include "domain/settings.h"
#include "listen/lease.h"
#include "port/voice.h"

enum { TRY_FRAMES = 50, READ_MS = 1000, PLAY_MAX_MS = 15000, PLAY_POLL_NS = 20000000 };

/* The loudest frame of a second, in dB below full scale. */
static enum err measure(struct mic *mic, double *out_level, struct err_note *note)
{
	struct lease *lease = NULL;
	struct audio_frame frame;
	double loudest = 1;
	enum err err = lease_create(LEASE_NAME, loop_now_ms(), &lease);

	if (!err)
		err = mic_open(mic, lease, note);
	for (int i = 0; !err && i < TRY_FRAMES; i++) {
		double sum = 1;

		err = mic_read(mic, READ_MS, &frame);
		for (size_t j = 0; !err && j < AUDIO_FRAME_SAMPLES; j++)
			sum += (double)frame.samples[j] * frame.samples[j];
		loudest = fmax(loudest, sum / AUDIO_FRAME_SAMPLES);
	}
	explicit_bzero(&frame, sizeof(frame));
	mic_shut(mic);
	lease_destroy(lease);
	if (!err)
		*out_level = 10 * log10(loudest) - 20 * log10(32768);
	return err;
}

static bool try_microphone(const struct sound_card *card)
{
	struct err_note note = {""};
	struct mic mic = {0};
	double level = 0;
	enum err err = mic_alsa_create(card->device, &mic);

	if (!err)
		err = measure(&mic, &level, &note);
	mic_close(&mic);
	if (err)
		fprintf(stderr, "Microphone %s (%s) does not work: %s\n", card->device,
			card->name, note.text[0] ? note.text : err_words(err));
	else
		fprintf(stderr,
			"Microphone %s (%s): the loudest of one second was %.0f dB.\n",
			card->device, card->name, level);
	return !err;
}

/* Its first words, in the language of a new house. */
static enum err say_hello(char to[SAYING_SPOKEN_BYTES], struct err_note *note)
{
	struct saying hello = saying_make(SAYING_HELLO);
	struct phrasebook *phrasebook = NULL;
	struct settings settings;
	enum err err;

	settings_init(&settings);
	err = phrasebook_file_open(settings.house_language, &phrasebook, note);
	if (!err)
		phrasebook_say(phrasebook, &hello, to);
	phrasebook_destroy(phrasebook);
	return err;
}

static enum err speak(struct speaker *speaker, struct err_note *note)
{
	static const struct event_id parent = {1}; /* the first run itself */
	static const struct timespec pause = {.tv_nsec = PLAY_POLL_NS};
	struct speaker_played played = {.finished = false};
	char words[SAYING_SPOKEN_BYTES];
	struct audio_span sound;
	struct voice voice = {0};
	int64_t until_ms = loop_now_ms() + PLAY_MAX_MS;
	enum err err = say_hello(words, note);

	if (!err)
		err = voice_flite_create(&voice);
	if (!err)
		err = voice_speak(&voice, words, &sound);
	if (!err)
		err = speaker_play(speaker, sound, parent);
	while (!err && !played.finished && loop_now_ms() < until_ms) {
		nanosleep(&pause, NULL);
		err = speaker_poll(speaker, &played);
	}
	voice_close(&voice);
	return err;
}

static bool try_speaker(const struct wizard *wizard, const struct sound_card *card)
{
	struct err_note note = {""};
	struct speaker speaker = {0};
	bool heard = true;
	enum err err = speaker_alsa_try(card->device, &note);

	if (!err)
		err = speaker_alsa_create(card->device, &speaker);
	if (!err && wizard->asks)
		err = speak(&speaker, &note);
	speaker_close(&speaker);
	if (err)
		fprintf(stderr, "Speaker %s (%s) does not work: %s\n", card->device,
			card->name, note.text[0] ? note.text : err_words(err));
	else if (wizard->asks &&
		 terminal_ask_yes("Did you hear a sentence from the speaker?", true,
				  &heard))
		return false;
	return !err && heard;
}

void wizard_try_sound(struct wizard *wizard)
{
	for (size_t i = 0; i < wizard->cards.count; i++) {
		const struct sound_card *card = &wizard->cards.cards[i];

		if (!wizard->microphone && card->records && try_microphone(card))
			wizard->microphone = card;
		if (!wizard->speaker && card->plays && try_speaker(wizard, card))
			wizard->speaker = card;
	}
	if (!wizard->microphone)
		fputs("No microphone is used; you can type to it: behest say \"what time is it\"\n",
		      stderr);
	if (!wizard->speaker)
		fputs("No speaker is used; answers are shown.\n", stderr);
}
