/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_keeper - a keeper alone, in a folder of its own on the disk (not in memory), with an
 * owner and a private room; gone without a trace afterwards.
 *
 * Waits are bounded. One thread.
 */
#ifndef CLI_BENCH_KEEPER_H
#define CLI_BENCH_KEEPER_H

#include <stdint.h>
#include <sys/types.h>

#include "adapter/link_unix.h"
#include "base/err.h"
#include "base/secret.h"
#include "cli/paths.h"

#define BENCH_KEEPER_OWNER "owner"
#define BENCH_KEEPER_ROOM "living room"

struct bench_keeper {
	char folder[FILE_PATH_BYTES];
	struct paths paths;
	struct secret *passphrase;
	pid_t pid; /* 0: does not run */
};

/* Makes the folder, starts it, makes owner and room. ERR_MISSING: it is not installed. The
 * caller closes it, also after failure. */
MUST_CHECK enum err bench_keeper_open(struct bench_keeper *keeper, struct err_note *note);
void bench_keeper_close(struct bench_keeper *keeper);

/* Ends it with kill -9, and waits until it is gone. */
void bench_keeper_kill(struct bench_keeper *keeper);
/* Starts it, and waits until it greets a hub; how long that was. */
MUST_CHECK enum err bench_keeper_start(struct bench_keeper *keeper, double *out_ms,
				       struct err_note *note);

/* Links to it; the owner's is signed in. */
MUST_CHECK enum err bench_keeper_hub(const struct bench_keeper *keeper,
				     struct link_client **out_client,
				     struct err_note *note);
MUST_CHECK enum err bench_keeper_owner(const struct bench_keeper *keeper,
				       struct link_client **out_client,
				       struct err_note *note);

/* Seconds of its user and system time so far; NAN where the system does not say. */
double bench_keeper_cpu(const struct bench_keeper *keeper);
/* Batches that it has made durable since it was started, each with one sync of the log. */
MUST_CHECK enum err bench_keeper_batches(const struct bench_keeper *keeper,
					 uint64_t *out_batches, struct err_note *note);

/* Seconds on the monotonic clock. */
double bench_keeper_now(void);

#endif
