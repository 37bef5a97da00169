/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target - which devices a request means. Pure; used by decide/ only.
 */
#ifndef DECIDE_TARGET_H
#define DECIDE_TARGET_H

#include <stddef.h>

#include "decide/decide.h"

enum { TARGET_GONE_MAX = 8, TARGET_AREAS_MAX = 3, TARGET_EXCEPTS_MAX = 2 };

struct targets {
	size_t count;
	const struct entity *entities[DECISION_WARRANTS_MAX];
	size_t gone_count; /* members of a group that the house does not have */
	const char *gone[TARGET_GONE_MAX];
};

/* Where, and of what kind; what is empty or none matches everything. */
struct target_filter {
	uint64_t domains; /* bits by enum entity_domain */
	const char *device_class;
	size_t area_count;
	int areas[TARGET_AREAS_MAX];
	const char *floor; /* "" any */
	const struct arranged_group *group;
	/* What is left out, whatever else fits. */
	size_t except_count;
	const char *excepts[TARGET_EXCEPTS_MAX]; /* ids */
	uint64_t except_domains;
	int except_area; /* -1 none */
	const struct arranged_group *except_group;
};

/* The places and exceptions that the slots name; the kinds are domains', where the slots
 * say nothing of them. NO_DEVICE: a place or a group that nobody knows. */
enum reason target_filter(const struct decide_input *input, uint64_t domains,
			  struct target_filter *out_filter);
/* By what the device announces itself as, unless an owner said otherwise. */
bool target_is_exposed(const struct decide_input *input, const struct entity *entity);
bool target_fits(const struct decide_input *input, const struct target_filter *filter,
		 const struct entity *entity);
/* True where the words say where, or which group. */
bool target_has_place(const struct intent *intent);

/* Finds the devices by the slots of the intent (docs/INTENTS.md, "target"). domain is
 * what the intent is about where its slots do not say; is_switched: anything that is
 * switched on and off, of a group. NONE, or why there are none; out_said gets the question
 * for AMBIGUOUS. */
enum reason target_find(const struct decide_input *input, enum entity_domain domain,
			bool is_switched, struct targets *out_targets,
			struct saying *out_said);

#endif
