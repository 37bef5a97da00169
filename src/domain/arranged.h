/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arranged - what the household arranged by itself: floors, groups of devices, and
 * routines (docs/routines.md).
 *
 * A plain value, read from files by understand/arrange.h. A routine is sentences under a
 * name: it holds no authority of any kind, and what its lines may do is decided line by
 * line when it is called.
 */
#ifndef DOMAIN_ARRANGED_H
#define DOMAIN_ARRANGED_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/home.h"
#include "domain/ids.h"

enum {
	ARRANGED_MEMBERS_MAX = 32, /* rooms of a floor, devices of a group */
	GROUPS_MAX = HOME_GROUPS_MAX,
	ROUTINES_MAX = HOME_ROUTINES_MAX,
	ROUTINE_SENTENCES_MAX = 16, /* that call it; its name is the first of them */
	ROUTINE_SENTENCE_BYTES = 128,
	ROUTINE_LINES_MAX = 16,
	ROUTINE_LINE_BYTES = 256,
	ARRANGED_FILE_BYTES_MAX = 128 * 1024,
};

/* A name for several things: of a floor its rooms, of a group its devices. */
struct arranged_group {
	char name[NAME_BYTES];
	size_t member_count;
	char members[ARRANGED_MEMBERS_MAX][NAME_BYTES];
};

struct routine_line {
	char text[ROUTINE_LINE_BYTES]; /* in the household's own words */
	unsigned number;               /* where it stands in the file, from 1 */
};

struct routine {
	char name[NAME_BYTES];
	size_t sentence_count; /* at least 1 */
	char sentences[ROUTINE_SENTENCES_MAX][ROUTINE_SENTENCE_BYTES];
	size_t line_count; /* at least 1 */
	struct routine_line lines[ROUTINE_LINES_MAX];
};

struct arranged {
	size_t floor_count;
	struct arranged_group floors[HOME_FLOORS_MAX];
	size_t group_count;
	struct arranged_group groups[GROUPS_MAX];
	size_t routine_count;
	struct routine routines[ROUTINES_MAX];
};

/* By name, ASCII-folded; NULL: there is none, also where arranged is NULL. */
const struct routine *arranged_routine(const struct arranged *arranged, const char *name);
const struct arranged_group *arranged_group(const struct arranged *arranged,
					    const char *name);
const struct arranged_group *arranged_floor(const struct arranged *arranged,
					    const char *name);
bool arranged_has_member(const struct arranged_group *group, const char *name);

/* Adds the names to a home, so that they are understood. What there is no place for is
 * left out. */
void arranged_name(const struct arranged *arranged, struct home *home);

#endif
