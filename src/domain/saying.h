/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saying - something the house says, before it has words: a key and a few typed values.
 *
 * Stages return sayings; the words of a language are put to them at the end of a turn
 * (phrase/phrasebook.h). A plain value without pointers; zeroed it is silence. What does
 * not fit is cut. A slot that the saying lacks, or a value of another kind than the slot's
 * row, is a bug and stops the program.
 */
#ifndef DOMAIN_SAYING_H
#define DOMAIN_SAYING_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/ids.h"
#include "domain/intent.h"
#include "domain/reason.h"

enum {
	SAYING_SLOTS_MAX = 6,
	SAYING_NAMES_MAX = 8,      /* of a list; more are counted */
	SAYING_SPOKEN_BYTES = 1024 /* of a saying in words */
};

/* Beyond it, and for what is no number, the nearest that can be said is said. */
#define SAYING_NUMBER_LARGEST 1e9

enum saying_kind {
	SAYING_KIND_ACTION,   /* number: enum action_kind */
	SAYING_KIND_AGO,      /* number: whole hours; fewer than two are not said */
	SAYING_KIND_BECAUSE,  /* number: enum reason; finishes a sentence */
	SAYING_KIND_CLOCK,    /* number: minutes since midnight */
	SAYING_KIND_COLOUR,   /* text: a CSS name */
	SAYING_KIND_COUNT,    /* number, whole */
	SAYING_KIND_DATE,     /* date */
	SAYING_KIND_DAY,      /* number: enum forecast_span */
	SAYING_KIND_DECIMAL,  /* number, said with at most two decimals */
	SAYING_KIND_DEVICE,   /* text: a name */
	SAYING_KIND_DURATION, /* number: whole seconds */
	SAYING_KIND_ENTRIES,  /* names: "0930 dentist", "---- holiday" */
	SAYING_KIND_EXAMPLES, /* names: a kind of device, a space, its name; "unknown ": none */
	SAYING_KIND_KINDS,   /* names: entity_domain_text, "light" */
	SAYING_KIND_LINES,   /* names: what is to be quoted */
	SAYING_KIND_NAMES,   /* names: devices */
	SAYING_KIND_PLACES,  /* names */
	SAYING_KIND_REFUSAL, /* number: enum reason; a sentence of its own */
	SAYING_KIND_SKY,     /* number: enum forecast_sky */
	SAYING_KIND_STATE,   /* text: "on", "armed_away" */
	SAYING_KIND_UNIT,    /* number: a form of a unit's name */
	SAYING_KIND_WHEN,    /* number: enum saying_day, which finishes a sentence */
	SAYING_KIND_WORDS,   /* text, said as it is */
};

/* 0..6: on that day of the week, from Sunday. */
enum saying_day {
	SAYING_DAY_TODAY = 7,
	SAYING_DAY_TOMORROW,
	SAYING_DAY_EVERY,
	SAYING_DAY_WEEKDAYS,
	SAYING_DAY_WEEKENDS,
	SAYING_DAY_EACH, /* and the six behind it: each of that day of the week */
	SAYING_DAY_COUNT = SAYING_DAY_EACH + 7
};

enum saying_slot {
	SLOT_NONE,
#define SLOT(name, text, kind, description) SLOT_##name,
#include "domain/saying.def"
#undef SLOT
	SLOT_COUNT
};

enum saying_key {
	SAYING_NONE, /* silence */
#define SAYING(name, key, slots, description) SAYING_##name,
#include "domain/saying.def"
#undef SAYING
	SAYING_COUNT
};

struct saying_date {
	int year;
	int month;   /* 0..11 */
	int day;     /* 1..31 */
	int weekday; /* 0..6 from Sunday */
};

/* Which fields count depends on the slot's kind. */
struct saying_value {
	double number;
	size_t name_count; /* also of those that are only counted */
	union {
		char text[TEXT_BYTES];
		char names[SAYING_NAMES_MAX][NAME_BYTES];
		struct saying_date date;
	};
};

struct saying {
	enum saying_key key;
	struct saying_value
		values[SAYING_SLOTS_MAX]; /* in the order of the row's slots */
};

struct saying saying_make(enum saying_key key);
struct saying saying_refusal(enum reason reason);

void saying_set_text(struct saying *saying, enum saying_slot slot, const char *text);
void saying_set_number(struct saying *saying, enum saying_slot slot, double number);
void saying_set_date(struct saying *saying, enum saying_slot slot,
		     const struct saying_date *date);
/* Names beyond SAYING_NAMES_MAX are counted. */
void saying_add_name(struct saying *saying, enum saying_slot slot, const char *name);

const char *saying_key_text(enum saying_key key); /* "done.on"; "" for silence */
/* The key's index-th slot; SLOT_NONE behind the last. */
enum saying_slot saying_slot_at(enum saying_key key, size_t index);
const char *saying_slot_text(enum saying_slot slot); /* "device" */
enum saying_kind saying_slot_kind(enum saying_slot slot);
/* True where one and many may be said differently. */
bool saying_slot_is_number(enum saying_slot slot);

#endif
