/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorded - which recordings of an owner there are, as the journal tells it: what was
 * RECORDED and neither DELETED since nor before an ERASED of that owner.
 *
 * Part of a job: ask for the next page, and hand over each answer, until it is whole. It
 * walks by places and not by times: a clock that was set puts nothing out of its reach. One
 * thread.
 */
#ifndef KEEPER_RECORDED_H
#define KEEPER_RECORDED_H

#include "keeper/desk_inner.h"

enum { RECORDED_MAX = 1000000 }; /* in one set; whoever has more asks for less */

/* Why something was deleted for its age. */
#define RECORDED_AGED "it had its time"

struct recorded {
	struct record_id record;
	int64_t at_ms;
	uint64_t place;   /* of its RECORDED */
	uint64_t deleted; /* of its DELETED; 0: it is there */
};

struct recorded_filter {
	struct owner_id owner;
	const char *room; /* borrowed; NULL: any */
	int64_t from_ms;  /* both included */
	int64_t to_ms;
};

struct recorded_set {
	struct owner_id owner;
	char room[NAME_BYTES]; /* "": any */
	int64_t from_ms;
	int64_t to_ms;
	uint64_t next;   /* the place that is read next */
	uint64_t last;   /* the last of this walk */
	bool is_settled; /* only what was deleted since is still taken in */
	bool is_too_large;
	uint64_t unreadable; /* entries that do not open: what they tell of is unknown */
	size_t count;        /* once whole: oldest first */
	size_t capacity;
	struct recorded *list; /* owned */
	size_t gone_count;
	size_t gone_capacity;
	struct record_id *gone; /* owned; of DELETED, not yet taken out */
};

void recorded_begin(const struct desk *desk, const struct recorded_filter *filter,
		    struct recorded_set *out_set);
/* Another walk over what was written since: takes out what was deleted or erased, and adds
 * nothing. */
void recorded_begin_again(const struct desk *desk, struct recorded_set *set);
void recorded_finish(struct recorded_set *set); /* frees its lists */

/* Asks for the next page. ERR_MISSING: there is none, the set is whole. */
MUST_CHECK enum err recorded_ask(struct desk *desk, struct job *job,
				 struct recorded_set *set, job_rows_fn *rows);
/* ERR_MEMORY. */
MUST_CHECK enum err recorded_take(struct desk *desk, struct recorded_set *set,
				  const struct store_rows *rows);

#endif
