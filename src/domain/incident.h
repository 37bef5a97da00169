/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident - something is wrong with somebody's data: why, and what is done about it, step
 * by step (domain/incident.def). Pure.
 *
 * A request for disclosure by somebody else, an authority say, is written down as the same
 * kind of row: one step, REFUSED, which opens nothing and freezes nothing.
 */
#ifndef DOMAIN_INCIDENT_H
#define DOMAIN_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/ids.h"

enum {
	INCIDENT_WORDS_BYTES = 501, /* with the NUL */
	INCIDENT_REFERENCE_BYTES = 128,
	INCIDENT_WHO_BYTES = 128,
	INCIDENT_ENTRY_BYTES = 128,
	INCIDENT_CODE_BYTES = 24, /* of a cause's or a step's name */
	INCIDENT_STEPS_MAX = 999,
};

/* From when it is known until the authority is to be told: Article 33 (1). */
#define INCIDENT_CLOCK_MS ((int64_t)72 * 3600 * 1000)

struct incident_id {
	uint8_t bytes[ID_BYTES];
};
/* Of an export: in the about.json of its archive. */
struct export_id {
	uint8_t bytes[ID_BYTES];
};

enum incident_cause {
#define CAUSE(name, text, words) INCIDENT_##name,
#include "domain/incident.def"
	INCIDENT_CAUSE_COUNT
};

enum incident_kind {
#define STEP(name, text, by, needs, words) INCIDENT_##name,
#include "domain/incident.def"
	INCIDENT_KIND_COUNT
};

enum incident_by { INCIDENT_BY_KEEPER, INCIDENT_BY_OWNER };
enum incident_needs {
	INCIDENT_NEEDS_NOTHING,
	INCIDENT_NEEDS_WORDS,
	INCIDENT_NEEDS_REFERENCE,
};

/* What it is about, as far as it is known; all zeros and "" where it is not. */
struct incident_about {
	struct owner_id owner;   /* whose data; none: it may be anybody's of the house */
	struct record_id record; /* one recording */
	struct turn_id turn;
	struct export_id export;
	char entry[INCIDENT_ENTRY_BYTES]; /* a file of that export's archive */
};

/* One row; the first one says why and what about. */
struct incident_step {
	struct incident_id id;
	uint16_t number; /* from 1, without gaps */
	enum incident_kind kind;
	int64_t at_ms; /* wall clock */
	struct owner_id
		by; /* who did it, or was told it; none: the keeper, or a stranger */
	enum incident_cause cause;                /* of OPENED */
	struct incident_about about;              /* of OPENED */
	char who[INCIDENT_WHO_BYTES];             /* asks for disclosure */
	char reference[INCIDENT_REFERENCE_BYTES]; /* a file number, a device ... */
	char words[INCIDENT_WORDS_BYTES];
};

const char *incident_cause_text(enum incident_cause cause);
const char *incident_cause_words(enum incident_cause cause);
bool incident_cause_from_text(const char *text, enum incident_cause *out_cause);
const char *incident_kind_text(enum incident_kind kind);
const char *incident_kind_words(enum incident_kind kind);
enum incident_by incident_kind_by(enum incident_kind kind);
enum incident_needs incident_kind_needs(enum incident_kind kind);
bool incident_kind_from_text(const char *text, enum incident_kind *out_kind);
/* A row may begin with it: nothing came before. */
bool incident_kind_begins(enum incident_kind kind);
/* Nothing may follow it. */
bool incident_kind_ends(enum incident_kind kind);

#endif
