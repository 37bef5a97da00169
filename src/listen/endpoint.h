/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint - finds where a spoken sentence begins and ends.
 *
 * Fed 20 ms frames, reports start, a suspected end, and the end. Knows nothing of
 * words: whether the words so far are a whole sentence is told to it, and shortens
 * the silence it waits for. How it tells speech from noise: docs/why/endpoint.md. One thread per endpoint; no allocation while feeding.
 */
#ifndef LISTEN_ENDPOINT_H
#define LISTEN_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

struct endpoint;

struct endpoint_settings {
	/* After what is no sentence, or one to which something is likely to be added,
	 * 200..3000; who stops within one gets a quarter more. */
	uint32_t silence_ms;
	/* After a whole, stable sentence, 100..silence_ms; after one that may go on a tenth
	 * of the difference is added. */
	uint32_t complete_ms;
	uint32_t suspect_ms;  /* when to start preparing the result, 40..complete_ms */
	uint32_t patience_ms; /* how long to wait for the first word, 1000..10000 */
};

/* What the words so far are, as far as they have stood for a while. */
enum endpoint_words {
	ENDPOINT_WORDS_OPEN,      /* not known, or nothing of a sentence */
	ENDPOINT_WORDS_BEGUN,     /* the beginning of a sentence */
	ENDPOINT_WORDS_MAY_ADD,   /* a sentence, and much could follow */
	ENDPOINT_WORDS_MAY_GO_ON, /* a sentence, and what could follow is seldom said */
	ENDPOINT_WORDS_WHOLE,     /* nothing but a courtesy could follow */
	ENDPOINT_WORDS_ANSWER,    /* "stop", "no" */
};
enum { ENDPOINT_WORDS_KINDS = ENDPOINT_WORDS_ANSWER + 1 };

enum endpoint_event {
	ENDPOINT_NOTHING,
	ENDPOINT_START,   /* speech began */
	ENDPOINT_SUSPECT, /* silence long enough to prepare for the end */
	ENDPOINT_RESUME,  /* speech went on after a suspected end */
	ENDPOINT_END,     /* the sentence is over; feed no more */
	ENDPOINT_NOBODY,  /* patience is over and nobody spoke; feed no more */
};

struct endpoint_settings endpoint_defaults(void);

/* For a file that is one request: nothing is gained by haste, and what somebody says
 * after a long breath belongs to it. */
struct endpoint_settings endpoint_for_file(void);

/* ERR_RANGE when a setting is outside its range. */
MUST_CHECK enum err endpoint_create(struct endpoint_settings settings,
				    struct endpoint **out_endpoint);
void endpoint_destroy(struct endpoint *endpoint); /* NULL is fine */

/* Forgets the last sentence, keeps what it learned of the room's noise. */
void endpoint_reset(struct endpoint *endpoint);

/* Takes one frame, borrowed for the call. Cannot fail. */
enum endpoint_event endpoint_feed(struct endpoint *endpoint,
				  const struct audio_frame *frame,
				  enum endpoint_words words);

/* Milliseconds of sound fed since the reset, up to the end of the last voiced frame. */
uint32_t endpoint_last_voiced_ms(const struct endpoint *endpoint);

#endif
