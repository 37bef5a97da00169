/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act - carries out what a warrant permits, and nothing else.
 *
 * One file per kind of action; act.c holds the table of them. An action is finished at
 * once (telling something) or when the bus has answered (moving something).
 */
#ifndef ACT_ACT_H
#define ACT_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/agenda.h"
#include "domain/book.h"
#include "domain/forecast.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "domain/reason.h"
#include "domain/recent.h"
#include "domain/saying.h"
#include "domain/warrant.h"
#include "port/bus.h"
#include "port/clock.h"
#include "port/music.h"

/* For other rooms; all borrowed. */
struct act_announcement {
	struct turn_id turn; /* in which it was asked for, and what was decided there */
	struct event_id because;
	const char *room;    /* the one that it is for; "" all others */
	const char *words;   /* to be said; "" what was spoken under the memo is played */
	const uint8_t *memo; /* SHA-256 of it, ACTION_BODY_BYTES */
};

/* The house book, for actions on it; context is the ports'. */
struct act_book {
	/* As it is known here; NULL: it is not. */
	const struct book *(*look)(void *context);
	/* The clock that entries are due by: wall time that runs evenly. */
	int64_t (*now_ms)(void *context);
	/* turn_act_done(token) follows once it is durable, or with the reason why it is not;
	 * unless it fails at once. An entry without an id is a new one, and gets one. */
	enum err (*put)(void *context, const struct book_entry *entry, uint64_t token);
	enum err (*remove)(void *context, struct book_id id, uint64_t token);
	/* Silences what rings: here, or, where it was typed, everywhere. */
	void (*stop)(void *context, bool everywhere);
};

/* What actions may use; all borrowed. */
struct act_ports {
	const struct clock *clock;
	struct bus *bus;
	struct music *music; /* NULL: there is no player */
	const struct policy *policy;
	struct recent *recent; /* the room's last turns */
	/* The room's speaker, for volume; relative steps are already resolved. */
	void (*set_volume)(void *context, int percent);
	int volume_percent;
	/* Says or plays it in the other rooms that can say something now, and tells how many
	 * these are. ROOM_IN_USE: the one that it is for cannot. MEMO_LOST: what was spoken is
	 * not there. NULL: there are no other rooms. */
	enum reason (*announce)(void *context, const struct act_announcement *what,
				size_t *out_rooms);
	/* Asks a skill what the action says; NONE: turn_act_done comes with the token. NULL:
	 * there are no skills. */
	enum reason (*ask_skill)(void *context, const struct action *action,
				 uint64_t token);
	/* What is on in the household; NULL: no calendar is set, or none could be read. */
	const struct agenda *agenda;
	/* The newest forecast; NULL: none came. Without a place there is none. */
	const struct forecast *forecast;
	bool has_place;
	struct turn_id turn;
	struct event_id because;
	/* Voice messages for whose private room this is. */
	size_t message_count;
	void (*play_messages)(void *context);
	const struct act_book *book; /* NULL: nobody keeps one, and nothing is kept */
	bool typed;                  /* and not said in the room */
	/* Its lines are to follow, each for itself. */
	enum reason (*run_routine)(void *line, const char *name);
	void *line;
	void *context;
};

struct act_result {
	bool waits;         /* turn_bus_done or turn_act_done comes with the token */
	enum reason reason; /* NONE: done, or on its way when waits */
	struct saying said; /* for the speaker, once it is done; may be silence */
};

/* Redeems the warrant and starts its action. Cannot fail: what goes wrong is a reason. */
void act_begin(struct warrant *warrant, const struct act_ports *ports, uint64_t token,
	       struct act_result *out_result);

/* The reason to give for an action whose command came to this end. */
enum reason act_reason(const struct action *action, enum err err);
/* The same for an order to the music player. */
enum reason act_music_reason(enum err err);

#endif
