/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opening - fetches the rows of one recording and opens it, step by step.
 *
 * Part of a job: begin it, and pass each answer of the store on until it is over. The
 * opened epoch is kept from one recording to the next, since most share it, and so is the
 * row of the key above it.
 */
#ifndef KEEPER_OPENING_H
#define KEEPER_OPENING_H

#include <stdbool.h>

#include "keeper/desk_inner.h"

struct opening {
	struct owner_id owner; /* the view's own, or the household's box */
	struct record_id record;
	enum recording_kind kind;
	uint8_t salt[RECORDING_SALT_ROW_BYTES];
	size_t salt_size;
	uint8_t *row; /* owned */
	size_t row_size;
	struct epoch_id epoch_id; /* of the row and of what is opened below */
	size_t epoch_size;
	uint8_t epoch[EPOCH_ROW_BYTES];
	struct epoch_opened *opened; /* owned; NULL: none yet */
	uint64_t generation;         /* of the row below; 0: none yet */
	uint8_t kek[KEK_ROW_BYTES];
	/* When over: */
	bool is_over;
	enum err err; /* ERR_MISSING, ERR_AUTH, ERR_DENIED ... */
	struct recording_about about;
	struct secret *plain;                             /* owned until taken */
	void (*over)(struct desk *desk, struct job *job); /* called once, at the end */
};

/* Asks the first question. over() follows, always, also from inside this call. */
void opening_begin_box(struct desk *desk, struct job *job, struct record_id record,
		       enum recording_kind kind,
		       void (*over)(struct desk *desk, struct job *job));
/* The same of the owner's own. */
void opening_begin(struct desk *desk, struct job *job, struct record_id record,
		   enum recording_kind kind,
		   void (*over)(struct desk *desk, struct job *job));
void opening_finish(struct opening *opening); /* wipes */

/* Where a job keeps its opening; set by those who use one. */
struct opening *opening_of(struct job *job);

/* The head of jobs that open recordings. */
struct opening_job {
	struct job job;
	struct opening opening;
};

#endif
