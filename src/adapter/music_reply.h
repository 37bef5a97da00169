/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_reply - what MPD answers, pair by pair, into what the port tells.
 *
 * Takes names and values from outside: unknown names are passed over, values that are none
 * are as if they had not been said, and there is a limit to all of it. Pure.
 */
#ifndef ADAPTER_MUSIC_REPLY_H
#define ADAPTER_MUSIC_REPLY_H

#include "domain/music.h"

enum { MUSIC_REPLY_ERROR_BYTES = 128 };

/* What was asked. */
enum music_question {
	MUSIC_ASKS_NOTHING, /* an order; its answer has no pairs that count */
	MUSIC_ASKS_STATUS,
	MUSIC_ASKS_SONG,
	MUSIC_ASKS_OUTPUTS,
	MUSIC_ASKS_NAMES,  /* of one kind */
	MUSIC_ASKS_EXISTS, /* whether anything fits */
};

struct music_reply {
	enum music_question question;
	enum music_kind kind; /* NAMES */
	struct music_state state;
	char error[MUSIC_REPLY_ERROR_BYTES]; /* of STATUS: what the player complains of */
	bool has_output; /* the last of OUTPUTS has its number; names come after it */
	size_t found;    /* EXISTS */
	struct music_library names;
};

/* Forgets the last answer. */
void music_reply_begin(struct music_reply *reply, enum music_question question,
		       enum music_kind kind);
void music_reply_pair(struct music_reply *reply, const char *name, const char *value);
/* The answer is whole: what it tells becomes part of state and library. True: they changed. */
bool music_reply_end(const struct music_reply *reply, struct music_state *state,
		     struct music_library *library);

#endif
