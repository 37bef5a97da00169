/* SPDX-License-Identifier: Apache-2.0 */
/* incident - reads the tables of incident.def; adds nothing to them. Pure. */
#include "domain/incident.h"

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	const char *words;
} CAUSES[INCIDENT_CAUSE_COUNT] = {
#define CAUSE(name, text, words) {text, words},
#include "domain/incident.def"
};

static const struct {
	const char *text;
	const char *words;
	enum incident_by by;
	enum incident_needs needs;
} KINDS[INCIDENT_KIND_COUNT] = {
#define STEP(name, text, by, needs, words) \
	{text, words, INCIDENT_BY_##by, INCIDENT_NEEDS_##needs},
#include "domain/incident.def"
};

const char *incident_cause_text(enum incident_cause cause)
{
	must(cause < INCIDENT_CAUSE_COUNT);
	return CAUSES[cause].text;
}

const char *incident_cause_words(enum incident_cause cause)
{
	must(cause < INCIDENT_CAUSE_COUNT);
	return CAUSES[cause].words;
}

bool incident_cause_from_text(const char *text, enum incident_cause *out_cause)
{
	for (size_t i = 0; i < STR_COUNT(CAUSES); i++) {
		if (!str_equal(CAUSES[i].text, text))
			continue;
		*out_cause = (enum incident_cause)i;
		return true;
	}
	return false;
}

const char *incident_kind_text(enum incident_kind kind)
{
	must(kind < INCIDENT_KIND_COUNT);
	return KINDS[kind].text;
}

const char *incident_kind_words(enum incident_kind kind)
{
	must(kind < INCIDENT_KIND_COUNT);
	return KINDS[kind].words;
}

enum incident_by incident_kind_by(enum incident_kind kind)
{
	must(kind < INCIDENT_KIND_COUNT);
	return KINDS[kind].by;
}

enum incident_needs incident_kind_needs(enum incident_kind kind)
{
	must(kind < INCIDENT_KIND_COUNT);
	return KINDS[kind].needs;
}

bool incident_kind_from_text(const char *text, enum incident_kind *out_kind)
{
	for (size_t i = 0; i < STR_COUNT(KINDS); i++) {
		if (!str_equal(KINDS[i].text, text))
			continue;
		*out_kind = (enum incident_kind)i;
		return true;
	}
	return false;
}

bool incident_kind_begins(enum incident_kind kind)
{
	return kind == INCIDENT_OPENED || kind == INCIDENT_REFUSED;
}

bool incident_kind_ends(enum incident_kind kind)
{
	return kind == INCIDENT_CLOSED || kind == INCIDENT_REFUSED;
}
