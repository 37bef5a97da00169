/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_fake - see the header. The mark is a pattern at the start of the frame.
 */
#include "fake/wake_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { MARK_AT = 4 };

static const int16_t MARK[MARK_AT] = {31337, -31337, 31338, -31338};

struct wake_fake {
	int floor;
	int word;
	size_t fed;
	size_t resets;
};

static void fake_feed(void *self, const struct audio_frame *frame,
		      struct wake_report *out_report)
{
	struct wake_fake *fake = self;
	int score = 0;

	fake->fed++;
	*out_report =
		(struct wake_report){.floor = fake->floor / (double)WAKE_FAKE_SCORE_MAX};
	if (memcmp(frame->samples, MARK, sizeof(MARK)) != 0 ||
	    frame->samples[MARK_AT + 2] != fake->word)
		return;
	score = frame->samples[MARK_AT];
	out_report->candidate = true;
	out_report->accepted = score >= fake->floor;
	out_report->score = score / (double)WAKE_FAKE_SCORE_MAX;
	out_report->back_ms = (uint32_t)frame->samples[MARK_AT + 1];
}

static void fake_reset(void *self)
{
	struct wake_fake *fake = self;

	fake->resets++;
}

static void fake_close(void *self)
{
	(void)self;
}

static const struct wake_ops OPS = {fake_feed, fake_reset, fake_close};

enum err wake_fake_create(int floor, struct wake_fake **out_fake)
{
	struct wake_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->floor = floor;
	*out_fake = made;
	return OK;
}

void wake_fake_listen_for(struct wake_fake *fake, int word)
{
	fake->word = word;
}

void wake_fake_destroy(struct wake_fake *fake)
{
	free(fake);
}

struct wake wake_fake_port(struct wake_fake *fake)
{
	return (struct wake){&OPS, fake};
}

void wake_fake_mark_word(struct audio_frame *frame, int word, int score, uint32_t back_ms)
{
	must(score >= 0 && score <= WAKE_FAKE_SCORE_MAX);
	must(back_ms <= 2000);
	memcpy(frame->samples, MARK, sizeof(MARK));
	frame->samples[MARK_AT] = (int16_t)score;
	frame->samples[MARK_AT + 1] = (int16_t)back_ms;
	frame->samples[MARK_AT + 2] = (int16_t)word;
}

void wake_fake_mark(struct audio_frame *frame, int score, uint32_t back_ms)
{
	wake_fake_mark_word(frame, 0, score, back_ms);
}

size_t wake_fake_fed(const struct wake_fake *fake)
{
	return fake->fed;
}

size_t wake_fake_resets(const struct wake_fake *fake)
{
	return fake->resets;
}
