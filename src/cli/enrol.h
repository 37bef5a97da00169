/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol - looks at names before people and contacts get them: a name that is taken, or
 * that may be heard as another, is refused with both.
 */
#ifndef CLI_ENROL_H
#define CLI_ENROL_H

#include "base/err.h"
#include "cli/alike_names.h"
#include "cli/args.h"
#include "cli/household.h"
#include "cli/paths.h"

#define ENROL_OPTION_ALIKE                                                          \
	{                                                                           \
		.name = "sounds-alike-ok", .kind = OPTION_FLAG,                     \
		.words = "enrol a name that is nearly another, or sounds like one " \
			 "(default: it is refused)"                                 \
	}

enum { ENROL_COMPLAINTS_MAX = 20, ENROL_NAMES_MAX = POLICY_CONTACTS_MAX };

/* A name as it is kept, without white space around it. ERR_RANGE: too long, or nothing. */
MUST_CHECK enum err enrol_name(const char *given, char to[PEOPLE_NAME_BYTES],
			       struct err_note *note);

/* Compares the new names with each other and with all of the household but the one whose
 * id is but (NULL: none). ERR_DENIED: something is wrong with them. The note tells of one;
 * where they come from a file (else NULL), each has a line of its own on stderr before. */
MUST_CHECK enum err enrol_check(const struct args *args, const struct paths *paths,
				const struct household *household, const uint8_t *but,
				const struct alike_name *names, size_t count,
				const char *file, struct err_note *note);

#endif
