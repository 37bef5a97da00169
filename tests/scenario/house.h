/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house - a whole household for tests: the real line and the real sentences, fake ports,
 * a fake clock.
 *
 * Watches the one rule that holds for every history: when a command reaches the bus, the
 * keeper has already written a decision to act for its turn. Breaking it aborts.
 */
#ifndef SCENARIO_HOUSE_H
#define SCENARIO_HOUSE_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/home.h"
#include "fake/bus_fake.h"
#include "fake/clock_fake.h"
#include "fake/keep_fake.h"
#include "fake/music_fake.h"
#include "fake/rand_fake.h"
#include "scenario/house_book.h"
#include "turn/turn.h"

enum { HOUSE_ROOMS_MAX = 4, HOUSE_LATE_MAX = 256, HOUSE_SAYS_MAX = 512 };

struct house;

struct house_room {
	struct house *house;
	char name[NAME_BYTES];
	struct turn_line *line;
	struct recent recent;
	struct follow follow;
	struct dialogue dialogue; /* of no message: those are another test's */
	int volume_percent;
	bool speaker_dead;              /* nothing is ever played */
	struct turn_id said_turn;       /* an answer that is being spoken */
	char said[SAYING_SPOKEN_BYTES]; /* by the last turn */
	struct turn last;               /* the last turn that was over */
	bool over;
};

/* Something that a room was given to say. */
struct house_said {
	struct turn_id turn;
	struct event_id parent;
	enum reason reason;
	size_t written; /* events that there were then */
};

struct house {
	struct clock_fake clock_fake;
	struct rand_fake rand_fake;
	struct clock clock;
	struct rand rand;
	struct keep_fake *keep_fake;
	struct bus_fake *bus_fake;
	struct music_fake *music_fake; /* NULL: no player */
	struct music music;
	struct house_book *book; /* NULL: nobody keeps one */
	struct keep keep;
	struct bus bus;        /* the fake behind the watch */
	struct bus bus_inside; /* the fake itself */
	/* What may be said in that step; NULL until somebody is heard in it. */
	struct understand *understand[DIALOGUE_STEP_COUNT];
	struct policy policy;
	bool has_agenda;
	struct agenda agenda;
	struct arranged *arranged; /* owned */
	/* With what calls its routines; NULL until they are needed. */
	struct sentences *own_sentences[DIALOGUE_STEP_COUNT];
	struct event_id newest;
	bool is_quiet; /* the quiet hours are now */
	size_t say_count;
	struct house_said says[HOUSE_SAYS_MAX];
	/* The question that a skill was asked last, and in which room; 0: none waits. */
	uint64_t skill_token;
	struct house_room *skill_room;
	size_t late_count;
	struct event late[HOUSE_LATE_MAX];
	size_t room_count;
	struct house_room rooms[HOUSE_ROOMS_MAX];
};

/* Reads share/lang/en. Failures end the test. */
void house_open(struct house *house, uint64_t seed);
void house_close(struct house *house);

/* Adds a room that may do everything, private to the owner. */
struct house_room *house_add_room(struct house *house, const char *name);
/* A music player, before there are rooms: "Rain" by Ada Lind (jazz; "First", "Second"),
 * "Snow" by Otto Brand (pop; "Third"), and the station "Our Radio". */
void house_add_player(struct house *house);
/* A house book, before there are rooms. */
void house_add_book(struct house *house);
struct house_room *house_room(struct house *house, const char *name);
/* A skill, before somebody is heard: "can you laugh" and "tell me a joke". */
void house_add_skill(struct house *house);
/* It answers what it was asked last, if anything; not NONE: why it does not. */
void house_skill_answers(struct house *house, enum reason reason);
/* Reads it as the household's own files are read. */
void house_arrange(struct house *house, const char *yaml);
/* Makes the policy of this struct the keeper's. */
void house_tell_policy(struct house *house);

/* A spoken request as the listening stage would hand it over, with half a second of
 * sound per word, or a typed one. Runs as far as the answers go. */
void house_say(struct house_room *room, const char *text, double ratio);
/* The same without the name, under a lease for an answer. */
void house_answer(struct house_room *room, const char *text, double ratio);
/* The same, but it matches what the room's own speaker plays. */
void house_play(struct house_room *room, const char *text, double ratio);
void house_type(struct house_room *room, const char *text);

/* Lets time pass and everything answer that is due. */
void house_pass(struct house *house, int64_t ms);

/* Delivers what is due now. */
void house_step(struct house *house);

#endif
