/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_volume - how loud the player is to be: as people set it, or softer for a while.
 *
 * A player has one number for all its outputs, and each output its own mixer behind it, which
 * some sound cards change only while the output is on. So what was switched on is set anew.
 * Asks nobody: says what is to be set next, and is told what came of it.
 *
 * Invariant: before the player is made softer, what it was stands in the file of music_duck;
 * it goes from there only when the player has said that it is as before.
 */
#ifndef ADAPTER_MUSIC_VOLUME_H
#define ADAPTER_MUSIC_VOLUME_H

#include <stdbool.h>

#include "adapter/music_duck.h"
#include "domain/music.h"

enum music_volume_step {
	MUSIC_VOLUME_NONE,
	MUSIC_VOLUME_LOWERS,
	MUSIC_VOLUME_RESTORES,
	MUSIC_VOLUME_EVENS, /* outputs that were switched on */
};

struct music_volume {
	struct music_duck duck;
	bool is_to_duck; /* somebody is listened to */
	bool is_uneven;  /* an output was switched on: its mixer may stand elsewhere */
	bool is_refused; /* nothing is set again before something changed there */
	enum music_volume_step step; /* that the player is asked for */
};

/* What comes next. plays: it does, or is about to. */
enum music_volume_step music_volume_next(const struct music_volume *volume,
					 const struct music_state *state, bool plays);

/* Begins it; what state says follows. The percent that the player is to be set to. */
int music_volume_begin(struct music_volume *volume, enum music_volume_step step,
		       struct music_state *state);
/* What the player said to that. False: state is not what it said. */
bool music_volume_end(struct music_volume *volume, bool was_set);
/* The line was lost, and with it what the player would have said. */
void music_volume_lost(struct music_volume *volume);

/* People set it. The percent that the player is to be set to. */
int music_volume_set(struct music_volume *volume, int percent);
/* The player said how loud it is: where that is not our doing it stays so. */
void music_volume_follow(struct music_volume *volume, int percent);
/* As people set it; -1: the player has none. */
int music_volume_told(const struct music_volume *volume, int percent);

#endif
