/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host - the skills that an owner approved: one question at a time to each, three seconds
 * for its answer, and an end to whoever does not keep to it.
 *
 * A skill's process begins with its first question and ends when it is idle. Its files are
 * hashed before each question: others than were approved, and it is not asked. One thread.
 */
#ifndef SKILLS_HOST_H
#define SKILLS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "domain/day.h"
#include "domain/reason.h"
#include "domain/skill.h"

enum {
	HOST_QUEUE_MAX = 4,   /* questions that wait for one skill */
	HOST_FETCHES_MAX = 4, /* pages for one answer */
	HOST_FETCH_MS =
		10000, /* until a page must have come; the skill's time stands still */
	HOST_IDLE_MS = 60000,
	HOST_MEMORY_MB_MAX = 1024, /* of all that run at once, as their manifests say */
	HOST_SLOTS_BYTES = 256,
	HOST_WHY_BYTES = 128,
};

/* How a skill stands: HOST_STATE(NAME, "name"). */
#define HOST_STATES(HOST_STATE)            \
	HOST_STATE(READY, "ready")         \
	HOST_STATE(OFFENDED, "offended")   \
	HOST_STATE(CHANGED, "changed")     \
	HOST_STATE(SUSPENDED, "suspended") \
	HOST_STATE(UNSAFE, "unsafe")

enum host_state {
#define HOST_STATE(name, text) HOST_##name,
	HOST_STATES(HOST_STATE)
#undef HOST_STATE
		HOST_STATE_COUNT
};
const char *host_state_text(enum host_state state);

struct host_answer {
	uint64_t token;
	enum reason reason; /* NONE: words are there */
	const char *words;
	enum skill_effect effect;
};

struct host_parts {
	struct loop *loop;
	const char *data; /* the household's folder */
	const char *wake_word;
	int64_t answer_ms;
	uint16_t test_port; /* 0: pages come from https alone */
	const char
		*unsafe; /* NULL; else why no box can be shut here, and no skill runs */
	void *context;
	void (*answered)(void *context, const struct host_answer *answer);
	void (*told)(void *context, const char *skill, enum host_state state,
		     const char *why);
	/* A page is wanted; host_page follows, or nothing does. */
	enum err (*fetch)(void *context, uint64_t token, const char *skill,
			  const char *url);
};

struct host;

MUST_CHECK enum err host_create(const struct host_parts *parts, struct host **out_host);
void host_destroy(struct host *host); /* NULL is fine */

/* Which skills there are, one after another; last: those that were not named are gone. An
 * empty name: there is none. */
void host_allow(struct host *host, bool first, bool last, const char *name,
		const uint8_t hash[SKILL_HASH_BYTES]);

struct host_question {
	uint64_t token;
	const char *skill;
	const char *intent;
	const char *slots; /* a JSON object */
};
/* answered follows, also from inside. */
void host_ask(struct host *host, const struct host_question *asked);
/* What was not yet answered is not wanted any more: its asker is gone. */
void host_forget_asked(struct host *host);

/* A page, or with a reason why there is none. */
struct host_page {
	uint64_t token;
	unsigned status;
	const char *reason; /* NULL: it is here */
	const void *body;
	size_t size;
};
void host_page(struct host *host, const struct host_page *page);

/* True while some skill declares a host. */
bool host_wants_pages(const struct host *host);

#endif
