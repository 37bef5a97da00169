/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skills_fixture - a real behest-skills, to which the test is the hub.
 *
 * In a folder of its own. Whatever does not happen within SKILLS_WAIT_MS fails the test;
 * nothing else depends on time. One thread.
 */
#ifndef E2E_SKILLS_FIXTURE_H
#define E2E_SKILLS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter/link_unix.h"
#include "adapter/skill_folder.h"
#include "base/file.h"
#include "base/loop.h"

enum { SKILLS_WAIT_MS = 60000, SKILLS_TOLD_MAX = 64 };

#define SKILLS_WORD "computer"

struct skills_fixture {
	char data[FILE_PATH_BYTES];
	char run[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES];
	pid_t pid;
	struct loop *loop;
	struct link_server *server;
	struct link *link;
	uint64_t token;
	bool has_answer;
	struct wire_skill_answer answer; /* the last */
	size_t told_count;
	struct wire_skill_told told[SKILLS_TOLD_MAX];
};

/* True where no box can be shut on this machine, which is said on stdout. */
bool skills_cannot_run(void);

void skills_begin(struct skills_fixture *skills);
void skills_end(struct skills_fixture *skills);

/* Puts a skill into the house as an owner's approval does: a program and a manifest. The
 * path of its folder there; valid until the next call. */
const char *skills_add(struct skills_fixture *skills, const char *program,
		       const char *manifest, uint8_t out_hash[SKILL_HASH_BYTES]);

/* Starts the program; more: further lines of behest.conf. */
void skills_start(struct skills_fixture *skills, int answer_ms, const char *more);
void skills_stop(struct skills_fixture *skills);

/* The only approved one; "" none. Waits until it is told how it stands. */
void skills_allow(struct skills_fixture *skills, const char *name,
		  const uint8_t hash[SKILL_HASH_BYTES]);

/* Asks, and waits for the answer. */
void skills_ask(struct skills_fixture *skills, const char *name, const char *intent,
		const char *slots);
/* Until it was told that a skill is in that state; the why. */
const char *skills_wait_told(struct skills_fixture *skills, const char *state);

#endif
