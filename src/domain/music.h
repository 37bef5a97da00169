/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music - what music can be asked for by name, and what a player says of itself.
 *
 * Plain values. Names come from files and from stations of strangers: what is kept here is
 * one line of clean UTF-8 that fits (music_name_take). A name that was asked for is looked
 * up, never run. Pure.
 */
#ifndef DOMAIN_MUSIC_H
#define DOMAIN_MUSIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/ids.h"

enum {
	MUSIC_NAME_BYTES = 64, /* of what can be asked for */
	MUSIC_OUTPUTS_MAX = 16,
	MUSIC_SPOKEN_MAX = 256, /* names of one kind that can be said; others are typed */
};

/* MUSIC_KIND(NAME, "text"): the text is the slot and the list of sentences. */
#define MUSIC_KINDS(MUSIC_KIND)          \
	MUSIC_KIND(ARTIST, "artist")     \
	MUSIC_KIND(ALBUM, "album")       \
	MUSIC_KIND(PLAYLIST, "playlist") \
	MUSIC_KIND(GENRE, "genre")       \
	MUSIC_KIND(STATION, "station")

enum music_kind {
#define MUSIC_KIND(name, text) MUSIC_##name,
	MUSIC_KINDS(MUSIC_KIND)
#undef MUSIC_KIND
		MUSIC_KIND_COUNT,          /* of what has a name and a list */
	MUSIC_ANYTHING = MUSIC_KIND_COUNT, /* no name: whatever there is */
	MUSIC_SEARCH,                      /* words that may be in any name */
};

const char *music_kind_text(enum music_kind kind); /* "artist"; "" of the last two */
/* "search" and "" are SEARCH and ANYTHING. */
bool music_kind_from_text(const char *text, enum music_kind *out_kind);

struct music_name {
	enum music_kind kind;
	char text[MUSIC_NAME_BYTES];
};

enum { MUSIC_NAMES_MAX = MUSIC_KIND_COUNT * MUSIC_SPOKEN_MAX };

/* What a player knows by name, in its own order. */
struct music_library {
	uint64_t version; /* grows with each change */
	size_t count;
	struct music_name names[MUSIC_NAMES_MAX];
	size_t left_out[MUSIC_KIND_COUNT]; /* that did not fit, or are no names */
};

/* Takes a name into to: trims it; false, and nothing is taken, when it is empty, too long,
 * no UTF-8, or holds a control character. */
bool music_name_take(char *to, size_t size, const char *text);
/* Adds one, if it is a name and there is room; else it counts as left out. Of one kind and
 * name there is one. */
void music_library_add(struct music_library *library, enum music_kind kind,
		       const char *text);
/* The names of one kind become those of `from`, whose others do not count. */
void music_library_take(struct music_library *library, enum music_kind kind,
			const struct music_library *from);

enum music_play { MUSIC_STOPPED, MUSIC_PAUSED, MUSIC_PLAYING };

struct music_output {
	uint32_t id; /* the player's number of it */
	char name[NAME_BYTES];
	bool is_on;
};

/* As far as is known now. */
struct music_state {
	enum music_play play;
	int volume_percent; /* that people set, also while it is ducked; -1: has none */
	size_t queue_count;
	bool is_stream;           /* it has no beginning: paused, it is left */
	char title[NAME_BYTES];   /* "" unknown */
	char artist[NAME_BYTES];  /* "" unknown */
	char station[NAME_BYTES]; /* "" no station, or it does not say */
	size_t output_count;
	struct music_output outputs[MUSIC_OUTPUTS_MAX];
};

#endif
