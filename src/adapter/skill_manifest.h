/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_manifest - what a skill says of itself: manifest.json in its folder.
 *
 * docs/skills.md describes it for authors. Nothing in it is a permission: an owner reads
 * it and approves the folder as it is. Sentences name only the skill's own slots, whose
 * values are listed or a range, so that nothing else of what was said can reach it.
 */
#ifndef ADAPTER_SKILL_MANIFEST_H
#define ADAPTER_SKILL_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/day.h"
#include "domain/skill.h"

enum {
	SKILL_MANIFEST_BYTES_MAX = 32 * 1024,
	SKILL_VERSION_BYTES = 24,
	SKILL_LANGUAGE_BYTES = 8,
	SKILL_FILE_BYTES = 64,
	SKILL_INTENTS_MAX = 8,
	SKILL_SENTENCES_MAX = 8, /* of one intent */
	SKILL_SENTENCE_BYTES = 160,
	SKILL_SENTENCE_WORDS = 2, /* said at least; SKILL_EFFECT_WORDS for a sound */
	SKILL_SLOTS_MAX = 4,
	SKILL_VALUES_MAX = 32, /* of one slot */
	SKILL_VALUE_BYTES = 40,
	SKILL_RANGE_MAX = 1000,
	SKILL_MEMORY_MIN_MB = 16,
	SKILL_MEMORY_MAX_MB = 256,
	SKILL_MEMORY_MB = 128, /* where the manifest names none */
	SKILL_SENTENCES_BYTES_MAX = 64 * 1024,
};

struct skill_slot {
	char name[SKILL_ID_BYTES];
	bool is_range;
	int from;
	int to;
	size_t value_count;
	char values[SKILL_VALUES_MAX][SKILL_VALUE_BYTES];
};

struct skill_intent {
	char name[SKILL_ID_BYTES];
	bool has_effect;
	size_t sentence_count;
	char sentences[SKILL_SENTENCES_MAX][SKILL_SENTENCE_BYTES];
};

struct skill_manifest {
	char name[SKILL_ID_BYTES];
	char version[SKILL_VERSION_BYTES];
	char language[SKILL_LANGUAGE_BYTES]; /* "en" */
	char program[SKILL_FILE_BYTES];      /* a file of the folder */
	unsigned memory_mb;
	size_t intent_count;
	struct skill_intent intents[SKILL_INTENTS_MAX];
	size_t slot_count;
	struct skill_slot slots[SKILL_SLOTS_MAX];
	size_t host_count;
	char hosts[SKILL_HOSTS_MAX][SKILL_HOST_BYTES]; /* lower case, without a port */
};

/* name is what the note calls it. ERR_FORMAT, ERR_LIMIT: the note says what and where. */
MUST_CHECK enum err skill_manifest_read(const char *name, const char *bytes, size_t size,
					struct skill_manifest *out_manifest,
					struct err_note *note);

/* Its sentences as a file for the compiler (understand/understand.h), under the names of
 * domain/skill.h. */
MUST_CHECK enum err skill_manifest_sentences(const struct skill_manifest *manifest,
					     struct buf *to);

/* NULL: it has none of that name. */
const struct skill_intent *skill_manifest_intent(const struct skill_manifest *manifest,
						 const char *name);

/* Are these all the hosts, in any order? */
bool skill_manifest_has_hosts(const struct skill_manifest *manifest,
			      const struct skill_policy *policy);
bool skill_manifest_has_host(const struct skill_manifest *manifest, const char *host);

#endif
