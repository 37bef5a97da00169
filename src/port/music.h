/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music - a player: a library, a queue and outputs.
 *
 * Runs in the caller's loop and calls back on its thread. A command is done when the
 * player has said so, and lost with its connection: nothing of it is sent later. What is
 * asked for by name is looked up by the player as data, whatever characters it holds. An
 * address is never given to it but that of a station of the household.
 */
#ifndef PORT_MUSIC_H
#define PORT_MUSIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/music.h"
#include "domain/radio.h"

enum {
	MUSIC_COMMANDS_MAX = 8,  /* that wait for their answer */
	MUSIC_ANSWER_MS = 5000,  /* for the player, each time it is asked something */
	MUSIC_QUEUE_MAX = 1000,  /* pieces put into the queue by one command */
	MUSIC_DUCK_PERCENT = 20, /* of the volume, while somebody is listened to */
	MUSIC_TROUBLE_BYTES = 192,
};

enum music_order {
	MUSIC_PLAY, /* kind and name, from the beginning; replaces the queue */
	MUSIC_PAUSE,
	MUSIC_RESUME, /* or the queue's first piece, where none was played */
	MUSIC_NEXT,
	MUSIC_PREVIOUS,
	MUSIC_VOLUME,
	MUSIC_SWITCH, /* the outputs alone */
};

struct music_switch {
	uint32_t output; /* struct music_output.id */
	bool on;
};

struct music_command {
	enum music_order order;
	enum music_kind kind;        /* PLAY */
	char name[MUSIC_NAME_BYTES]; /* PLAY; "" of ANYTHING */
	int percent;                 /* VOLUME: 0..100 */
	/* Carried out first; of a PLAY or RESUME only when there is something to play. */
	size_t switch_count;
	struct music_switch switches[MUSIC_OUTPUTS_MAX];
};

struct music_listener {
	void *context;
	/* token as given to command. ERR_MISSING: there is no such music. ERR_CLOSED,
	 * ERR_TIMEOUT: the player went away or is silent. ERR_DENIED: it refuses.
	 * ERR_UNSUPPORTED: it cannot. */
	void (*done)(void *context, uint64_t token, enum err err);
	/* State, library or connection changed. */
	void (*changed)(void *context);
};

struct music_ops {
	/* done() follows, always, and never from inside. ERR_CLOSED at once when the player is
	 * away, ERR_BUSY when MUSIC_COMMANDS_MAX wait, ERR_RANGE for values outside of
	 * what is said above: then done() does not follow. */
	enum err (*command)(void *self, const struct music_command *command,
			    uint64_t token);
	/* Both as known now; borrowed until control returns to the loop. The library stays
	 * what it was while the player is away. */
	const struct music_state *(*state)(void *self);
	const struct music_library *(*library)(void *self);
	/* Softer at once, or as before; also what begins to play meanwhile. What a hub that
	 * died had ducked comes back with the next one. */
	void (*duck)(void *self, bool on);
	/* The stations from now on; copied. */
	void (*use_stations)(void *self, const struct radio *radio);
	/* What keeps it from playing, in words for status; "" when up and well. */
	const char *(*trouble)(void *self);
	void (*close)(void *self);
};

struct music {
	const struct music_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err music_command(struct music *music,
						const struct music_command *command,
						uint64_t token)
{
	return music->ops->command(music->self, command, token);
}

static inline const struct music_state *music_state(struct music *music)
{
	return music->ops->state(music->self);
}

static inline const struct music_library *music_library(struct music *music)
{
	return music->ops->library(music->self);
}

static inline void music_duck(struct music *music, bool on)
{
	music->ops->duck(music->self, on);
}

static inline void music_use_stations(struct music *music, const struct radio *radio)
{
	music->ops->use_stations(music->self, radio);
}

static inline const char *music_trouble(struct music *music)
{
	return music->ops->trouble(music->self);
}

static inline void music_close(struct music *music)
{
	if (music->ops)
		music->ops->close(music->self);
	music->ops = 0;
}

#endif
