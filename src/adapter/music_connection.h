/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_connection - the line to an MPD: dialled, greeted, let in, and dialled again.
 *
 * One question at a time: its words are sent, and its answer comes as pairs and one end.
 * Knows nothing of what is asked. Runs in the loop and never waits, but for
 * music_connection_end. What is said too late, without end or in another form ends the
 * line; it is back by itself, with growing pauses. One thread.
 */
#ifndef ADAPTER_MUSIC_CONNECTION_H
#define ADAPTER_MUSIC_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "adapter/music_place.h"
#include "base/err.h"
#include "base/loop.h"

enum {
	MUSIC_CONNECTION_PASSWORD_BYTES = 128,
	MUSIC_CONNECTION_RETRY_MS = 250, /* the first pause; it doubles */
	MUSIC_CONNECTION_RETRY_MAX_MS = 8000,
	MUSIC_CONNECTION_ANSWER_BYTES = 16 * 1024 * 1024, /* of one answer */
	MUSIC_CONNECTION_END_MS = 500,                    /* for a last word */
};

struct music_connection;

/* Called from the loop, or from inside what is called below. Each may ask something, or let
 * go of the line; none may close it. */
struct music_connection_listener {
	void *context;
	void (*up)(void *context); /* questions may be asked */
	void (*pair)(void *context, const char *name, const char *value);
	/* The answer is whole. ERR_DENIED: it wants a password. ERR_MISSING: there is no
	 * such thing. ERR_UNSUPPORTED: it does not do that. */
	void (*end)(void *context, enum err err);
	void (*read)(void *context); /* all that came was told */
	/* Why finishes a sentence about the player. ERR_FORMAT or ERR_LIMIT: the answer
	 * that was under way is none. */
	void (*down)(void *context, enum err err, const char *why);
};

/* Begins to dial in the loop's next round; all is copied. password: "" none. */
MUST_CHECK enum err music_connection_create(struct loop *loop,
					    const struct music_place *place,
					    const char *password,
					    struct music_connection_listener listener,
					    struct music_connection **out_connection);
void music_connection_destroy(struct music_connection *connection); /* NULL is fine */

bool music_connection_is_up(const struct music_connection *connection);
/* It does what it should: the next pause is the first again. */
void music_connection_praise(struct music_connection *connection);

/* One line of a command and its arguments, up to NULL; they are quoted. False: it did not
 * fit, and the line is to be let go of. */
bool music_connection_say(struct music_connection *connection, const char *command, ...)
	__attribute__((sentinel));
bool music_connection_say_number(struct music_connection *connection, const char *command,
				 unsigned number);
/* What was said is a question, and its answer is due within answer_ms; 0: at some time.
 * was_said: what saying it gave; where it is false the line is let go of. */
void music_connection_ask(struct music_connection *connection, bool was_said,
			  int answer_ms);

/* Lets go of it, as if it had ended. */
void music_connection_drop(struct music_connection *connection, enum err err,
			   const char *why);

/* Says that this was all, and waits MUSIC_CONNECTION_END_MS at most until the player has taken
 * it. True: it did all that was said. Nothing is told of it, and only destroying follows. */
bool music_connection_end(struct music_connection *connection);

#endif
