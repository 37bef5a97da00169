/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_record - see the header. The microphone is open only while somebody is asked to
 * speak, under a lease. A bad take costs one line and is asked for again.
 */
#include "cli/wake_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/must.h"
#include "cli/terminal.h"
#include "listen/lease.h"

enum {
	SAMPLES = AUDIO_HZ / 1000 * WAKE_RECORD_MS,
	READ_MS = 1000,
	METER_COLUMNS = 30,
	METER_EVERY = 5, /* frames */
	CLIPPED = 32700,
	CLIPPED_SHARE = 200, /* one sample in so many is too much */
};

static const double METER_LOW_DB = -60;
static const double QUIET_DB = -42;

static double level_of(const int16_t *samples, size_t count)
{
	double sum = 1;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * samples[i];
	return 10 * log10(sum / (double)count) - 20 * log10(32768);
}

static void show_level(const struct audio_frame *frame)
{
	double level = level_of(frame->samples, AUDIO_FRAME_SAMPLES);
	int full = (int)(METER_COLUMNS * (1 - level / METER_LOW_DB));

	if (!terminal_is(stderr))
		return;
	full = full < 0 ? 0 : full;
	terminal_clear_line();
	fprintf(stderr, "  listening  [%.*s%*s]", full, "##############################",
		METER_COLUMNS - full, "");
	fflush(stderr);
	terminal_line_drawn(true);
}

const char *wake_record_complaint(struct audio_span sound)
{
	enum { BLOCK = AUDIO_HZ / 10 };
	double loudest = -INFINITY;
	size_t clipped = 0;

	for (size_t i = 0; i < sound.count; i++)
		clipped += abs(sound.samples[i]) >= CLIPPED;
	for (size_t at = 0; at + BLOCK <= sound.count; at += BLOCK)
		loudest = fmax(loudest, level_of(sound.samples + at, BLOCK));
	if (clipped * CLIPPED_SHARE > sound.count)
		return "it was too loud for the microphone; go further away or turn it down";
	if (loudest < QUIET_DB)
		return "it was too quiet; come nearer or turn the microphone up";
	return NULL;
}

/* Which utterance is asked for. */
struct asked {
	const char *name;
	size_t number; /* from 1 */
	size_t wanted;
};

/* Only with the first frame in hand: what is said before it is lost. */
static void ask(const struct asked *asked)
{
	fprintf(stderr, "%zu of %zu: say \"%s\" now\n", asked->number, asked->wanted,
		asked->name);
}

/* Reads until there is enough or the lease is over; a device may take a while to begin,
 * and says itself when it is dead. */
static enum err fill(struct mic *mic, const struct asked *asked, int16_t *samples,
		     size_t *count)
{
	struct audio_frame frame;
	enum err err = OK;

	while ((!err || err == ERR_TIMEOUT) && *count + AUDIO_FRAME_SAMPLES <= SAMPLES) {
		err = mic_read(mic, READ_MS, &frame);
		if (err)
			continue;
		if (*count == 0)
			ask(asked);
		memcpy(samples + *count, frame.samples, sizeof(frame.samples));
		*count += AUDIO_FRAME_SAMPLES;
		if (*count / AUDIO_FRAME_SAMPLES % METER_EVERY == 0)
			show_level(&frame);
	}
	explicit_bzero(&frame, sizeof(frame));
	return err == ERR_TIMEOUT ? OK : err;
}

static enum err record(struct mic *mic, const struct asked *asked, int16_t *samples,
		       size_t *out_count, struct err_note *note)
{
	struct lease *lease = NULL;
	size_t count = 0;
	enum err err = lease_create(LEASE_ENROLMENT, loop_now_ms(), &lease);

	if (!err)
		err = mic_open(mic, lease, note);
	if (!err) {
		err = fill(mic, asked, samples, &count);
		if (err == ERR_CLOSED && count > 0)
			err = OK;
		else if (err)
			err_say(err, note,
				count > 0 ? "the microphone went away: %s"
					  : "the microphone gives no sound: %s",
				err_words(err));
	}
	mic_shut(mic);
	lease_destroy(lease);
	terminal_clear_line();
	*out_count = count;
	return err;
}

/* ERR_FORMAT: it was recorded, and the reason why it is of no use is in why. */
static enum err try_one(struct mic *mic, const struct asked *asked, int16_t *samples,
			struct examples *to, struct err_note *why, struct err_note *note)
{
	struct audio_span sound = {samples, 0};
	const char *complaint;
	enum err err = record(mic, asked, samples, &sound.count, note);

	if (err)
		return err;
	complaint = wake_record_complaint(sound);
	if (complaint)
		return err_say(ERR_FORMAT, why, "%s", complaint);
	err = examples_add(to, "utterance", sound, why);
	return err == ERR_MEMORY || err == OK ? err : ERR_FORMAT;
}

static enum err record_one(struct mic *mic, const struct asked *asked, int16_t *samples,
			   struct examples *to, struct err_note *note)
{
	enum err err = ERR_FORMAT;

	for (int i = 0; err == ERR_FORMAT && i < WAKE_RECORD_TRIES; i++) {
		struct err_note why = {""};

		err = try_one(mic, asked, samples, to, &why, note);
		if (err == ERR_FORMAT)
			fprintf(stderr, "  that one cannot be used: %s.%s\n", why.text,
				i + 1 < WAKE_RECORD_TRIES ? " Once more, please." : "");
	}
	if (err == ERR_FORMAT)
		return err_say(
			err, note,
			"no utterance of use in %d tries: is the microphone right?",
			WAKE_RECORD_TRIES);
	return err;
}

enum err wake_record(struct mic *mic, const char *name, size_t wanted,
		     struct examples *to, struct err_note *note)
{
	int16_t *samples = calloc(SAMPLES, sizeof(*samples));
	enum err err = samples ? OK : ERR_MEMORY;

	fprintf(stderr,
		"Say \"%s\" %zu times, once each time you are asked: as you would say it "
		"from where you usually are.\n",
		name, wanted);
	for (size_t i = 0; !err && i < wanted; i++) {
		char answer[16];

		if (terminal_asks() && terminal_ask("Press Enter and say it.", "", answer,
						    sizeof(answer)) == ERR_CLOSED) {
			err = err_say(ERR_CLOSED, note, "nobody is there to speak");
			break;
		}
		err = record_one(mic, &(struct asked){name, i + 1, wanted}, samples, to,
				 note);
		if (!err)
			fputs("  good\n", stderr);
	}
	if (samples)
		explicit_bzero(samples, SAMPLES * sizeof(*samples));
	free(samples);
	return err;
}
