/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ear - a recogniser with the sentences it listens for, outside any house: what the
 * benchmarks of recognition listen with.
 *
 * One thread uses an ear; several ears do not share anything.
 */
#ifndef CLI_EAR_H
#define CLI_EAR_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/action.h"
#include "domain/audio.h"
#include "domain/intent.h"
#include "turn/turn.h"

struct ear;

struct ear_settings {
	const char *folder; /* of share/, and the name of the sentences in it */
	const char *name;
	const char *const *paths; /* sentence files and folders instead, up to NULL; NULL:
				   * none */
	const struct home *home;  /* borrowed for the ear's life; NULL: the toy home */
	bool lockstep; /* as fast as it goes; else the sound must come in real time */
	bool at_once;  /* nothing is decoded before the end */
	bool plain;    /* the same, with the library's own settings, without phone loop */
};

enum ear_way {
	EAR_LIVE,      /* frames of 20 ms, the endpoint's patience with files: `hear` */
	EAR_REAL_TIME, /* the same at the speed of speech, the endpoint as in a room */
	EAR_ROOM,      /* as fast as it goes, the endpoint as in a room */
	EAR_WHOLE,     /* everything, then the end */
};

MUST_CHECK enum err ear_open(const struct ear_settings *settings, struct ear **out_ear,
			     struct err_note *note);
void ear_close(struct ear *ear); /* NULL is fine */

/* The times in *out_heard are of the sound. Nothing heard is an empty text. ERR_TIMEOUT: no final result in half a minute. */
MUST_CHECK enum err ear_hear(struct ear *ear, enum ear_way way, struct audio_span sound,
			     struct turn_heard *out_heard);

/* What the text means to the ear's sentences. */
void ear_understand(const struct ear *ear, const char *text, struct intent *out_intent);

/* True when both mean the same to the ear's sentences, and mean something. */
bool ear_same(const struct ear *ear, const char *one, const char *other);

/* The class of what the text asks for; false when it asks for nothing that can be done. */
bool ear_class(const struct ear *ear, const char *text, enum action_class *out_class);

#endif
