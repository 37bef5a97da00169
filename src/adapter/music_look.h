/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_look - what an MPD is asked about itself, and when again.
 *
 * A look is a question with one answer; a set of them is bits. What holds a line that nobody can
 * read is left out until it changed. Sends; what is answered comes to whoever asked.
 */
#ifndef ADAPTER_MUSIC_LOOK_H
#define ADAPTER_MUSIC_LOOK_H

#include <stdbool.h>

#include "adapter/music_connection.h"
#include "adapter/music_reply.h"

/* What is to be looked at. */
struct music_looks {
	unsigned wanted;
	unsigned shunned; /* their answers ended the line */
	unsigned asked;   /* number of the one that is asked */
};

void music_looks_want_all(struct music_looks *looks);
void music_looks_want_play(struct music_looks *looks); /* what an order changes */
/* A subsystem changed, in MPD's word. */
void music_looks_changed(struct music_looks *looks, const char *subsystem);
bool music_looks_wanted(const struct music_looks *looks);

/* Asks for the first that is wanted; reply begins. False: it did not fit. */
bool music_looks_ask(struct music_looks *looks, struct music_reply *reply,
		     struct music_connection *connection);
/* Asks to be told what changes, from now on. */
bool music_looks_watch(struct music_connection *connection);

/* The answer that is asked for cannot be read. */
void music_looks_shun(struct music_looks *looks);

#endif
