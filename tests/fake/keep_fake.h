/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_fake - a keeper in memory: remembers every event and recording, and fails, goes
 * away or dawdles when a story says so.
 *
 * Nothing calls back from inside append or seal: answers wait until keep_fake_step(),
 * as the real one's wait for the loop. Events count as written when their answer is
 * given, not before. A sealed recording writes its RECORDED event itself, as the real
 * keeper does. One thread.
 */
#ifndef FAKE_KEEP_FAKE_H
#define FAKE_KEEP_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/event.h"
#include "domain/policy.h"
#include "port/keep.h"

struct keep_fake;

/* What was sealed; owned by the fake. */
struct keep_fake_recording {
	struct record_id id;
	struct turn_id turn;
	char room[NAME_BYTES];
	int64_t at_ms;
	int16_t *samples;
	size_t sample_count;
	char transcript[512];
	struct owner_id owner;
};

/* Up at once, with policy_init()'s policy: no owner, nothing permitted. */
MUST_CHECK enum err keep_fake_create(struct keep_fake **out_fake);
void keep_fake_destroy(struct keep_fake *fake); /* NULL is fine */

/* May be set before or after the port was handed out. */
void keep_fake_listen(struct keep_fake *fake, struct keep_listener listener);

/* The port. Closing it does not free the fake, so that a test can look afterwards. */
struct keep keep_fake_port(struct keep_fake *fake);

/* Going down answers everything that waits with ERR_CLOSED (in the next step) and drops
 * it; both directions tell changed() in the next step. */
void keep_fake_set_up(struct keep_fake *fake, bool up);

/* Replaces the policy and tells changed() in the next step. */
void keep_fake_set_policy(struct keep_fake *fake, const struct policy *policy);

/* What the gate fetched last; NULL: nothing. */
void keep_fake_set_forecast(struct keep_fake *fake, const struct forecast *forecast);

/* One owner, and rooms that may do everything, each private to that owner: what most
 * stories start from. rooms ends with NULL. */
void keep_fake_settle(struct keep_fake *fake, const char *const *rooms);

/* The next count answers carry err, and nothing is written for them. */
void keep_fake_fail_next(struct keep_fake *fake, size_t count, enum err err);

/* Whether a device that approves can be reached; one can at first. */
/* What was asked for and is held, in order. */
size_t keep_fake_proposal_count(const struct keep_fake *fake);
const struct action *keep_fake_proposal(const struct keep_fake *fake, size_t index);
void keep_fake_set_approver(struct keep_fake *fake, bool has_one);

/* While held, steps give no answers (the policy and going down still work). */
void keep_fake_hold(struct keep_fake *fake, bool held);

/* Everything that waits is answered ERR_TIMEOUT in the next step, held or not. When
 * written is set it was written all the same: only the answer was lost. */
void keep_fake_time_out(struct keep_fake *fake, bool written);

/* Calls back for everything that is due; the number of calls. Callbacks may append and
 * seal again: those are answered by the next step. */
size_t keep_fake_step(struct keep_fake *fake);

/* Runs steps until one does nothing. */
void keep_fake_settle_steps(struct keep_fake *fake);

/* What was written, oldest first; an event's place is its index + 1. */
size_t keep_fake_event_count(const struct keep_fake *fake);
const struct event *keep_fake_event(const struct keep_fake *fake, size_t index);
/* The newest event of that kind, or NULL. */
const struct event *keep_fake_newest(const struct keep_fake *fake, enum event_kind kind);
size_t keep_fake_recording_count(const struct keep_fake *fake);
const struct keep_fake_recording *keep_fake_recording(const struct keep_fake *fake,
						      size_t index);
/* How many answers still wait. */
size_t keep_fake_waiting(const struct keep_fake *fake);

#endif
