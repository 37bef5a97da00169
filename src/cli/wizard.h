/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wizard - the first run: who owns this house, what the room is called, and which
 * microphone and speaker it has.
 *
 * Asks only a person at a terminal, and not with --yes; everything has an answer without
 * asking. Writes behest.conf; makes the owner once the keeper is up.
 */
#ifndef CLI_WIZARD_H
#define CLI_WIZARD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"
#include "cli/args.h"
#include "cli/paths.h"
#include "cli/sound_cards.h"
#include "domain/ids.h"
#include "domain/settings.h"

enum { WIZARD_PASSPHRASE_BYTES = 512 };

struct wizard {
	bool asks; /* a person answers */
	bool toy_home;
	char owner[NAME_BYTES];
	struct secret *passphrase; /* owned; NULL until it is known */
	bool made_passphrase;      /* by us: it must be shown once */
	bool quiet;                /* shows nothing: a benchmark's house */
	bool pairs_here;           /* this computer approves: for the tour */
	char room[NAME_BYTES];
	bool is_private;
	const struct sound_card *microphone; /* NULL: none */
	const struct sound_card *speaker;
	struct sound_cards cards;
};

/* Takes what the options say and asks for the rest. The caller finishes it. */
MUST_CHECK enum err wizard_run(const struct args *args, struct wizard *out_wizard,
			       struct err_note *note);
void wizard_finish(struct wizard *wizard);

/* The settings that its answers stand for, over the defaults. */
MUST_CHECK enum err wizard_settings(const struct wizard *wizard,
				    struct settings *settings, struct err_note *note);

/* Makes the folder and writes behest.conf into it. */
MUST_CHECK enum err wizard_write(const struct wizard *wizard, const struct paths *paths,
				 struct err_note *note);

/* With the keeper up: makes the first owner and the room, and shows the recovery code (and
 * a passphrase that was made) once, on stdout. */
MUST_CHECK enum err wizard_settle(const struct wizard *wizard, const struct paths *paths,
				  struct err_note *note);

#endif
