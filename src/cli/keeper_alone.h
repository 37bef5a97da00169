/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_alone - a real keeper as a child, on a folder of its own that is removed with it: for
 * benchmarks and drills, which record into it as a hub would. What it says of itself stands in
 * keeper.log there. Waits are bounded. One thread.
 */
#ifndef CLI_KEEPER_ALONE_H
#define CLI_KEEPER_ALONE_H

#include <sys/types.h>

#include "adapter/link_unix.h"
#include "base/err.h"
#include "cli/paths.h"
#include "domain/audio.h"

/* Of all its owners. The first one's name is fixed too. */
#define KEEPER_ALONE_PASSPHRASE "an owner for an afternoon"
#define KEEPER_ALONE_FIRST "victor"

struct keeper_alone {
	char folder[FILE_PATH_BYTES];
	char program[FILE_PATH_BYTES];
	struct paths paths;
	pid_t pid;               /* 0: it does not run */
	struct link_client *hub; /* opened with the first recording */
	size_t owners;
	uint64_t turns;
};

/* program NULL: the keeper that lies beside this program. is_on_disk: below /var/tmp; else in
 * memory, where there is such a place, for what nobody measures. The caller closes it, also
 * after failure. ERR_MISSING: it is not installed. */
MUST_CHECK enum err keeper_alone_open(struct keeper_alone *keeper, const char *program,
				      bool is_on_disk, struct err_note *note);
/* Ends it and removes the folder; also of one that was not opened whole. */
void keeper_alone_close(struct keeper_alone *keeper);

/* Ends it, as at night, or with kill -9, and waits until it is gone; its files stay. */
MUST_CHECK enum err keeper_alone_stop(struct keeper_alone *keeper, struct err_note *note);
void keeper_alone_kill(struct keeper_alone *keeper);
/* Starts it, and waits until it greets a hub; how long that was, unless out_ms is NULL. */
MUST_CHECK enum err keeper_alone_start(struct keeper_alone *keeper, double *out_ms,
				       struct err_note *note);
/* One more link to it, as a hub; the caller closes it. */
MUST_CHECK enum err keeper_alone_hub(const struct keeper_alone *keeper,
				     struct link_client **out_client,
				     struct err_note *note);

/* An owner, and a room of that name which is private to them. */
MUST_CHECK enum err keeper_alone_add_owner(struct keeper_alone *keeper, const char *name,
					   struct err_note *note);
MUST_CHECK enum err keeper_alone_sign_in(const struct keeper_alone *keeper,
					 const char *name,
					 struct link_client **out_client,
					 struct err_note *note);

/* Says count recordings of that owner's room; all are durable when it returns. */
struct keeper_alone_recording {
	const char *room;
	const char *words;
	struct audio_span sound;
};
MUST_CHECK enum err keeper_alone_record(struct keeper_alone *keeper,
					const struct keeper_alone_recording *recording,
					size_t count, struct err_note *note);

#endif
