/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gated_house - a house_fixture with its gate, its owner at the command line, and a server
 * of somebody else's: a script of ours for Python that is given a port and a file, into
 * which it writes what it got.
 *
 * Anything that does not happen within HOUSE_WAIT_MS fails the test. One thread.
 */
#ifndef E2E_GATED_HOUSE_H
#define E2E_GATED_HOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { GATED_LINE_BYTES = 256 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Large: keep it static. */
struct gated_house {
	struct house house;
	pid_t gate;    /* 0: not running */
	pid_t service; /* the same */
	char passphrase[FILE_PATH_BYTES];
	char got[FILE_PATH_BYTES];
};

/* Folder, configuration and passphrase; nothing runs yet. */
void gated_house_begin(struct gated_house *all);
/* Starts tests/e2e/SCRIPT, and waits until it listens. Returns its port. */
uint16_t gated_house_serve(struct gated_house *all, const char *script);
/* More of behest.conf; before gated_house_up. */
void gated_house_configure(struct gated_house *all, const char *text);
/* All of it, and the gate. */
void gated_house_up(struct gated_house *all);
void gated_house_start_gate(struct gated_house *all);
void gated_house_end(struct gated_house *all);

/* behest WORDS; signs_in: as the owner. */
void gated_house_run(struct gated_house *all, const char *const *words, bool signs_in,
		     struct process_ran *ran);
/* The same, with that status, and both texts among what it wrote. */
void gated_house_check(struct gated_house *all, const char *const *words, bool signs_in,
		       int status, const char *out, const char *err);
/* What stands in text behind name, up to a letter of end; fails the test where it is not. */
void gated_house_cut(const char *text, const char *name, const char *end,
		     char to[GATED_LINE_BYTES]);
/* What no key stands behind never asks for what binds the household: the room gets one. */
void gated_house_believe_room(struct gated_house *all);
/* This computer approves, as the owner's. */
void gated_house_pair(struct gated_house *all);
/* The id of the first that waits for a tap. */
void gated_house_waiting(struct gated_house *all, char id[ID_TEXT_BYTES]);

#endif
