/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recogniser - sound to words of the loaded grammar, with the evidence against it.
 *
 * All calls come from one thread and return at once; the adapter decodes on a thread
 * of its own while the person speaks. A closed grammar maps any talk to some sentence,
 * so a result always carries a ratio: the log-likelihood of the words against a loop
 * of phones over the same frames, per speech frame, in the recogniser's log units
 * (0 is as good as free phones; more negative is worse). What is believed is decided
 * elsewhere (decide/floor).
 */
#ifndef PORT_RECOGNISER_H
#define PORT_RECOGNISER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/grammar.h"
#include "domain/intent.h"

enum recogniser_stage {
	RECOGNISER_NOTHING, /* nothing new */
	RECOGNISER_PARTIAL, /* the best words so far */
	RECOGNISER_FINAL,   /* after end(): the result, or text "" */
};

/* What may be said after the words so far. */
enum recogniser_follow {
	RECOGNISER_FOLLOW_NOTHING, /* a courtesy at most */
	RECOGNISER_FOLLOW_SELDOM,  /* what most people leave out, such as a place */
	RECOGNISER_FOLLOW_MORE,
};

struct recogniser_report {
	enum recogniser_stage stage;
	char text
		[TEXT_BYTES]; /* lower case, one space between words; no fillers, no wake word */
	bool complete;        /* a whole sentence of the grammar, and it fits the sound */
	bool answer;          /* complete, and a closed short answer such as "stop" */
	enum recogniser_follow follow; /* NOTHING also when the words do not fit at all */
	double ratio;           /* FINAL: always; PARTIAL: as far as known, else 0 */
	uint32_t speech_frames; /* FINAL: 10 ms frames inside the words */
	uint32_t word_count;
	double decode_ms; /* CPU the adapter spent on this utterance so far */
	double wait_ms;   /* FINAL: from end() to this result */
};

struct recogniser_ops {
	/* Takes a copy of the grammar for the utterances from the next begin() on. Words
	 * the dictionary lacks get pronunciations. wake_word may lead any sentence and is
	 * neither reported nor counted; "" for none. Note: which word could not be had. */
	enum err (*load)(void *self, const struct grammar *grammar, const char *wake_word,
			 struct err_note *note);
	/* Starts an utterance, dropping an unfinished one. */
	enum err (*begin)(void *self);
	/* One frame; ERR_LIMIT when the adapter is more than its queue behind. */
	enum err (*feed)(void *self, const struct audio_frame *frame);
	/* A hint that the person may have finished: a final result may be prepared. It is
	 * dropped if more speech is fed (resumed = true takes the hint back). */
	void (*suspect_end)(void *self, bool resumed);
	/* No more frames; a FINAL report follows, always, within recogniser limits. */
	enum err (*end)(void *self);
	/* The newest report; stage NOTHING when there is none. Never waits. */
	void (*poll)(void *self, struct recogniser_report *out_report);
	void (*close)(void *self); /* waits for its thread */
};

struct recogniser {
	const struct recogniser_ops *ops;
	void *self;
	int fd; /* readable when poll() has something; -1 when the adapter has no thread */
};

MUST_CHECK static inline enum err recogniser_load(struct recogniser *recogniser,
						  const struct grammar *grammar,
						  const char *wake_word,
						  struct err_note *note)
{
	return recogniser->ops->load(recogniser->self, grammar, wake_word, note);
}

MUST_CHECK static inline enum err recogniser_begin(struct recogniser *recogniser)
{
	return recogniser->ops->begin(recogniser->self);
}

MUST_CHECK static inline enum err recogniser_feed(struct recogniser *recogniser,
						  const struct audio_frame *frame)
{
	return recogniser->ops->feed(recogniser->self, frame);
}

static inline void recogniser_suspect_end(struct recogniser *recogniser, bool resumed)
{
	recogniser->ops->suspect_end(recogniser->self, resumed);
}

MUST_CHECK static inline enum err recogniser_end(struct recogniser *recogniser)
{
	return recogniser->ops->end(recogniser->self);
}

static inline void recogniser_poll(struct recogniser *recogniser,
				   struct recogniser_report *out_report)
{
	recogniser->ops->poll(recogniser->self, out_report);
}

static inline void recogniser_close(struct recogniser *recogniser)
{
	if (recogniser->ops)
		recogniser->ops->close(recogniser->self);
	recogniser->ops = 0;
}

#endif
