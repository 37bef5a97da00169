/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box - one skill's process: started in bubblewrap, spoken to in lines, ended.
 *
 * It has its own folder and /usr, both to be read only, no network, no other process and
 * no environment; docs/skills.md has the whole list. Only own children are ever signalled,
 * by pid. One thread: the loop's.
 */
#ifndef SKILLS_BOX_H
#define SKILLS_BOX_H

#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "domain/skill.h"

enum {
	BOX_OUTPUT_MAX = 64 * 1024, /* between two questions */
	BOX_ERRORS_MAX = 16 * 1024, /* on stderr, which nobody reads, in its whole life */
	BOX_QUEUE_BYTES = 1024 * 1024,
};

struct box;

/* The box may be stopped inside of any of these, and is after the last two. */
struct box_listener {
	void *context;
	/* A line without its end; borrowed. */
	void (*line)(void *context, const char *bytes, size_t size);
	/* What it wrote can be no line. */
	void (*offended)(void *context, enum skill_offence offence);
	/* Its process is over. */
	void (*ended)(void *context, int status);
};

struct box_plan {
	const char *folder; /* becomes /skill */
	const char *program;
	unsigned memory_mb;
};

/* ERR_MISSING: bubblewrap is not there; ERR_IO. */
MUST_CHECK enum err box_start(struct loop *loop, const struct box_plan *plan,
			      const struct box_listener *listener, struct box **out_box,
			      struct err_note *note);
/* Queues bytes. ERR_LIMIT: it does not read. */
MUST_CHECK enum err box_write(struct box *box, const void *bytes, size_t size);
/* What it writes from here on counts anew. */
void box_asked(struct box *box);
/* Kills it and waits for that; nothing is called any more. NULL is fine. */
void box_stop(struct box *box);

/* Can a box be shut on this machine? Waits for the answer. The note says why not. */
MUST_CHECK enum err box_try(struct err_note *note);

#endif
