/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser_fake - see the header. Reports travel through a real queue, so that fd
 * behaves as the real adapter's does.
 */
#include "fake/recogniser_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/queue.h"
#include "base/str.h"

enum { REPORTS_MAX = 64, WAKE_WORD_BYTES = 64 };

struct partial {
	uint32_t after_ms;
	struct recogniser_report report;
};

struct utterance {
	struct recogniser_report final;
	size_t partial_count;
	struct partial partials[RECOGNISER_FAKE_PARTIALS_MAX];
};

struct recogniser_fake {
	struct queue *reports;
	size_t said;  /* scripted */
	size_t taken; /* of them, by begin() */
	struct utterance utterances[RECOGNISER_FAKE_UTTERANCES_MAX];
	struct utterance now;
	size_t partial_next;
	bool listening;
	bool held;
	bool final_waits;
	enum err fail;
	size_t loads;
	size_t begun;
	size_t ended;
	size_t frames;
	size_t suspects;
	size_t resumes;
	char wake_word[WAKE_WORD_BYTES];
};

static enum err fake_failure(struct recogniser_fake *fake)
{
	enum err err = fake->fail;

	fake->fail = OK;
	return err;
}

static void fake_push(struct recogniser_fake *fake,
		      const struct recogniser_report *report)
{
	must(queue_push(fake->reports, report) == OK);
}

static enum err fake_load(void *self, const struct grammar *grammar,
			  const char *wake_word, struct err_note *note)
{
	struct recogniser_fake *fake = self;

	must(grammar != NULL);
	fake->loads++;
	if (!str_copy(fake->wake_word, sizeof(fake->wake_word), wake_word))
		return err_say(ERR_LIMIT, note, "the wake word is too long");
	return OK;
}

static enum err fake_begin(void *self)
{
	struct recogniser_fake *fake = self;
	struct recogniser_report old;
	enum err err = fake_failure(fake);

	if (err)
		return err;
	while (queue_pop(fake->reports, &old) == OK)
		continue; /* of the utterance before */
	fake->now = (struct utterance){.final = {.stage = RECOGNISER_FINAL}};
	if (fake->taken < fake->said)
		fake->now = fake->utterances[fake->taken++];
	fake->begun++;
	fake->partial_next = 0;
	fake->frames = 0;
	fake->suspects = 0;
	fake->resumes = 0;
	fake->listening = true;
	fake->final_waits = false;
	return OK;
}

static enum err fake_feed(void *self, const struct audio_frame *frame)
{
	struct recogniser_fake *fake = self;
	enum err err = fake_failure(fake);

	must(frame != NULL && fake->listening);
	if (err)
		return err;
	fake->frames++;
	while (fake->partial_next < fake->now.partial_count &&
	       fake->now.partials[fake->partial_next].after_ms <=
		       fake->frames * AUDIO_FRAME_MS)
		fake_push(fake, &fake->now.partials[fake->partial_next++].report);
	return OK;
}

static void fake_suspect_end(void *self, bool resumed)
{
	struct recogniser_fake *fake = self;

	must(fake->listening);
	if (resumed)
		fake->resumes++;
	else
		fake->suspects++;
}

static enum err fake_end(void *self)
{
	struct recogniser_fake *fake = self;
	enum err err = fake_failure(fake);

	must(fake->listening);
	if (err)
		return err;
	fake->listening = false;
	fake->ended++;
	if (fake->held)
		fake->final_waits = true;
	else
		fake_push(fake, &fake->now.final);
	return OK;
}

static void fake_poll(void *self, struct recogniser_report *out_report)
{
	struct recogniser_fake *fake = self;

	if (queue_pop(fake->reports, out_report) != OK)
		memset(out_report, 0, sizeof(*out_report));
}

static void fake_close(void *self)
{
	(void)self;
}

static const struct recogniser_ops OPS = {fake_load,        fake_begin, fake_feed,
					  fake_suspect_end, fake_end,   fake_poll,
					  fake_close};

enum err recogniser_fake_create(struct recogniser_fake **out_fake)
{
	struct recogniser_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	enum err err = queue_create(sizeof(struct recogniser_report), REPORTS_MAX,
				    &made->reports);
	if (err) {
		free(made);
		return err;
	}
	*out_fake = made;
	return OK;
}

void recogniser_fake_destroy(struct recogniser_fake *fake)
{
	if (!fake)
		return;
	queue_destroy(fake->reports);
	free(fake);
}

struct recogniser recogniser_fake_port(struct recogniser_fake *fake)
{
	return (struct recogniser){&OPS, fake, queue_fd(fake->reports)};
}

static uint32_t count_words(const char *text)
{
	uint32_t count = text[0] != '\0';

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

static void fill(struct recogniser_report *report, enum recogniser_stage stage,
		 const char *text)
{
	memset(report, 0, sizeof(*report));
	report->stage = stage;
	must(str_copy(report->text, sizeof(report->text), text));
	report->word_count = count_words(text);
}

void recogniser_fake_say(struct recogniser_fake *fake, const char *text, double ratio,
			 uint32_t speech_frames)
{
	if (fake->taken == fake->said)
		fake->taken = fake->said = 0;
	must(fake->said < RECOGNISER_FAKE_UTTERANCES_MAX);
	struct utterance *utterance = &fake->utterances[fake->said++];
	struct recogniser_report *final = &utterance->final;

	memset(utterance, 0, sizeof(*utterance));
	fill(final, RECOGNISER_FINAL, text);
	final->complete = text[0] != '\0';
	final->ratio = ratio;
	final->speech_frames = speech_frames;
}

void recogniser_fake_partial(struct recogniser_fake *fake, uint32_t after_ms,
			     const char *text, bool complete,
			     enum recogniser_follow follow)
{
	must(fake->said > 0);
	struct utterance *utterance = &fake->utterances[fake->said - 1];
	must(utterance->partial_count < RECOGNISER_FAKE_PARTIALS_MAX);
	struct partial *partial = &utterance->partials[utterance->partial_count++];

	partial->after_ms = after_ms;
	fill(&partial->report, RECOGNISER_PARTIAL, text);
	partial->report.complete = complete;
	partial->report.follow = follow;
}

void recogniser_fake_hold(struct recogniser_fake *fake, bool held)
{
	fake->held = held;
	if (held || !fake->final_waits)
		return;
	fake->final_waits = false;
	fake_push(fake, &fake->now.final);
}

void recogniser_fake_fail_next(struct recogniser_fake *fake, enum err err)
{
	fake->fail = err;
}

size_t recogniser_fake_loads(const struct recogniser_fake *fake)
{
	return fake->loads;
}

size_t recogniser_fake_begun(const struct recogniser_fake *fake)
{
	return fake->begun;
}

size_t recogniser_fake_ended(const struct recogniser_fake *fake)
{
	return fake->ended;
}

size_t recogniser_fake_frames(const struct recogniser_fake *fake)
{
	return fake->frames;
}

size_t recogniser_fake_suspects(const struct recogniser_fake *fake)
{
	return fake->suspects;
}

size_t recogniser_fake_resumes(const struct recogniser_fake *fake)
{
	return fake->resumes;
}

const char *recogniser_fake_wake_word(const struct recogniser_fake *fake)
{
	return fake->wake_word;
}
