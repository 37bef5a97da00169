/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - the house book: timers, alarms, reminders and things on lists.
 *
 * A plain value. An entry says what rings or is to be remembered, when, and in which turn it
 * was asked for; entries have their place in the keeper, which cannot read them (docs/
 * FORMATS.md has the bytes). When an entry is due follows from it, a zone and a moment alone:
 * nothing here reads a clock. Pure.
 *
 * What counts down (a timer, "in ten minutes") ends after that time, whatever is done to the
 * clock; what is meant by the clock ("at seven") follows the clock.
 */
#ifndef DOMAIN_BOOK_H
#define DOMAIN_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/book_time.h"
#include "domain/ids.h"

enum {
	BOOK_ENTRIES_MAX = 1024,
	BOOK_TEXT_BYTES = 192, /* what to say, or what a timer or a thing is called */
	BOOK_LIST_BYTES = 32,
	BOOK_BODY_BYTES_MAX = 512, /* of an entry as bytes */
	BOOK_TIMERS_MAX = 64,      /* that run or stand at once; so for the next three */
	BOOK_ALARMS_MAX = 64,
	BOOK_REMINDERS_MAX = 64, /* all of a kind are cancelled in one request */
	BOOK_ITEMS_MAX = 512,
	BOOK_CLEARED_MAX = 64,
	BOOK_RANG_MAX = 16,
	BOOK_SPAN_MAX_S = 7 * 24 * 60 * 60, /* of what counts down */
	BOOK_RING_MS = 10 * 60 * 1000,      /* as long as a ringing lease */
	BOOK_UNDO_MS = 24 * 60 * 60 * 1000, /* a list that was cleared can be had back */
};

struct book_id {
	uint8_t bytes[ID_BYTES];
};

/* Stored: numbers are for ever. */
enum book_kind {
	BOOK_NOTHING,
	BOOK_TIMER,
	BOOK_ALARM,
	BOOK_REMINDER,
	BOOK_ITEM,    /* a thing on a list */
	BOOK_CLEARED, /* everything on a list up to there was cleared away */
	BOOK_RANG,    /* it rang elsewhere: its room is to be told, once it is back */
	BOOK_KIND_COUNT
};

/* Bits of days, from Sunday. */
enum {
	BOOK_EVERY_DAY = 0x7f,
	BOOK_WEEKDAYS = 0x3e,
	BOOK_WEEKENDS = 0x41,
};

struct book_entry {
	struct book_id id;
	enum book_kind kind;
	char text[BOOK_TEXT_BYTES]; /* may be "" of a timer and an alarm */
	char list[BOOK_LIST_BYTES]; /* of a thing; "" is the shopping list */
	char room[NAME_BYTES];      /* where it was asked for, and rings */
	int64_t created_ms;         /* wall clock */
	struct turn_id turn;        /* in which it was asked for */
	struct event_id because;    /* the decision: the parent of what sounds */
	uint64_t number; /* grows with each entry: what is newer has a larger one */
	/* What counts down: */
	bool is_span;
	bool is_paused;
	int64_t span_ms; /* as it was set; minutes that were added count */
	int64_t due_ms;  /* wall clock, as far as it was known when this was written */
	int64_t rest_ms; /* paused: what is left */
	/* What is meant by the clock: */
	struct book_date date; /* once; of what comes again: not before that day */
	int minute;            /* of the day */
	unsigned days;         /* bits; 0: once */
	/* What rings or rang: */
	int64_t rang_ms;  /* wall clock: since when it rings; 0: it does not */
	int64_t last_ms;  /* when it was due last, of what comes again; 0: never */
	bool is_ticked;   /* a thing that was got */
	int64_t ended_ms; /* wall clock: ticked, cleared or silent since then */
};

struct book {
	size_t count;
	struct book_entry entries[BOOK_ENTRIES_MAX];
};

const char *book_kind_text(enum book_kind kind); /* "timer" */
bool book_kind_from_text(const char *text, enum book_kind *out_kind);
size_t book_kind_max(enum book_kind kind); /* so many of it there may be */
bool book_kind_rings(enum book_kind kind); /* a timer, an alarm clock, a reminder */
bool book_id_equal(struct book_id a, struct book_id b);
/* A list by what it is called: "" is the shopping list, whatever that is called. */
const char *book_list_name(const char *called);

/* NULL: there is none. */
struct book_entry *book_find(struct book *book, struct book_id id);
const struct book_entry *book_look(const struct book *book, struct book_id id);
size_t book_count(const struct book *book, enum book_kind kind);
/* Puts it there, in the place of the one with its id. ERR_LIMIT: too many of its kind. */
MUST_CHECK enum err book_put(struct book *book, const struct book_entry *entry);
void book_drop(struct book *book, struct book_id id); /* wipes; none is fine */
uint64_t book_next_number(const struct book *book);

/* Is it a thing that stands on that list: not ticked, not cleared away? */
bool book_is_on_list(const struct book *book, const struct book_entry *entry,
		     const char *list);

/* When it is due next behind that moment, by the clock; INT64_MAX: never. What counts down is
 * due when it is due, also where that is over. */
int64_t book_due_ms(const struct book_entry *entry, const struct book_zone *zone,
		    int64_t after_ms);

/* ERR_RANGE: what is no entry. to holds BOOK_BODY_BYTES_MAX. */
MUST_CHECK enum err book_encode(const struct book_entry *entry,
				uint8_t to[BOOK_BODY_BYTES_MAX], size_t *out_size);
/* The id and the kind stand beside the bytes. ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err book_decode(struct book_id id, enum book_kind kind,
				const uint8_t *bytes, size_t size,
				struct book_entry *out_entry);

#endif
