/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process - programs of this build as children: started, killed by their own number,
 * waited for; or run to their end, with what they wrote and what they used.
 *
 * What a child writes goes into one log file that the caller names. Waits are bounded and
 * fail the test; no result depends on how long they take. One thread.
 */
#ifndef E2E_PROCESS_H
#define E2E_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

enum {
	PROCESS_WORDS_MAX = 32,
	PROCESS_WAIT_MS = 60000,
	PROCESS_STEP_MS = 5,
	PROCESS_OUTPUT_MAX = 8 * 1024 * 1024,
};

/* The path of a program of this build ("behest-hub", "tools/toy-home"). Static: valid
 * until the next call. */
const char *process_program(const char *name);

/* Starts words[0] (a path; NULL ends the words), both outputs appended to log. Fails the
 * test when it cannot. */
pid_t process_start(const char *const *words, const char *log);

/* Sends the signal and waits for the end. *pid becomes 0; 0 is fine. The wait status. */
int process_end(pid_t *pid, int number);

/* True, and *pid 0, when it has ended by itself. */
bool process_is_over(pid_t *pid, int *out_status);

/* A program that was run to its end. */
struct process_ran {
	int status;    /* its exit status; 128 + signal */
	bool hung;     /* it was killed, because it did not end */
	long peak_kib; /* its largest resident size */
	struct buf out;
	struct buf err;
};

/* Runs it; process_ran_finish afterwards. */
void process_run(const char *const *words, int wait_ms, struct process_ran *out_ran);
void process_ran_finish(struct process_ran *ran);

/* Somebody who sits there: an answer is typed once its prompt stands on the terminal. */
struct process_typed {
	const char *prompt;
	const char *answer;
};
/* The same at a terminal, on which all three streams lie: what it shows is in out. */
void process_run_typed(const char *const *words, const struct process_typed *typed,
		       size_t count, int wait_ms, struct process_ran *out_ran);

/* What it wrote, as text; "" for nothing. */
const char *process_out(const struct process_ran *ran);
const char *process_err(const struct process_ran *ran);
size_t process_lines(const char *text);

#endif
