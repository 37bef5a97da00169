/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line - the straight line inside this program, dry: sentences and a home from files,
 * the live stages, and a house that only says yes. For hear, say --dry-run and
 * understand --batch.
 */
#ifndef CLI_LINE_H
#define CLI_LINE_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/args.h"
#include "domain/audio.h"
#include "turn/turn.h"

enum { LINE_JSON_BYTES = 64 * 1024 };

/* The options that hear, say and understand share. */
#define LINE_OPTION_SENTENCES                                              \
	{                                                                  \
		.name = "sentences", .kind = OPTION_FILE, .repeats = true, \
		.argument = "FILE|DIR",                                    \
		.words = "these sentences instead of the household's own"  \
	}
#define LINE_OPTION_HOME                                                             \
	{                                                                            \
		.name = "home", .kind = OPTION_FILE, .argument = "FILE.json",        \
		.words = "these rooms, devices and people (default: the toy home's)" \
	}

struct line;

/* Where the words come from: what is heard may be another name that sounds the same; what
 * is heard in a sequence may lean on what was heard before (not with own --sentences). */
enum line_words { LINE_TYPED, LINE_HEARD, LINE_HEARD_ON };

/* How one turn came out. */
struct line_answer {
	enum decision_kind decision;
	enum action_kind action; /* with ACT and HOLD */
	enum reason reason;      /* of the decision */
	enum reason outcome;     /* of its actions */
	char said[SAYING_SPOKEN_BYTES];
	struct buf json; /* turn_to_json's; the caller's to init and finish */
};

/* Reads --sentences (or the language's own), --home and compiles. room may be NULL: the
 * home's "here", or "living room". */
MUST_CHECK enum err line_create(const struct args *args, const char *room,
				enum line_words words, struct line **out_line,
				struct err_note *note);
void line_destroy(struct line *line); /* NULL is fine */

/* What may be said next, and the sentences of that. */
enum dialogue_step line_step(struct line *line);
const struct understand *line_words(const struct line *line, enum dialogue_step step);

const struct understand *line_understand(const struct line *line);
const struct sentences *line_sentences(const struct line *line);
const struct phrasebook *line_phrasebook(const struct line *line);
const struct clock *line_clock(const struct line *line);
const struct home *line_home(const struct line *line);
const char *line_room(const struct line *line);

/* Runs one turn to its end. file and number are for its JSON; file may be NULL. */
MUST_CHECK enum err line_run(struct line *line, const struct turn_heard *heard,
			     struct audio_span sound, const char *file, int number,
			     struct line_answer *out_answer);

/* Forgets the turns before and what they moved. */
MUST_CHECK enum err line_reset(struct line *line);

#endif
