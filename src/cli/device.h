/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device - this computer as a device that approves: its key, and its link to the keeper.
 *
 * In goes what the keeper tells of what waits, out go verdicts, each signed with the key in
 * DIR/device/device.key over the household, the proposal and the hash of exactly the bytes
 * that were shown. Nothing is approved here by itself. One thread.
 */
#ifndef CLI_DEVICE_H
#define CLI_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/key_text.h"
#include "base/secret.h"
#include "cli/notice.h"
#include "cli/paths.h"
#include "domain/policy.h"

struct device_link;

/* Told of each notice after the list has taken it, and of each change that loosened the
 * policy, also of those lately; either may be NULL. */
struct device_listener {
	void *context;
	void (*told)(void *context, const struct notice *notice, bool is_news);
	void *loosened_context;
	void (*loosened)(void *context, const struct policy_change *change);
	/* NULL: it is said on stderr, for the keeper takes it that the owner was told. */
	void (*incident)(void *context, const struct wire_incident_news *news);
};

/* Connects, shows that it holds the key, and learns what waits. notices is the caller's
 * and outlives the link. ERR_MISSING: it was never paired, or no keeper runs; ERR_DENIED:
 * the house does not know it (any more); ERR_BUSY: try again. */
MUST_CHECK enum err device_open(const struct paths *paths, struct notices *notices,
				const struct device_listener *listener,
				struct device_link **out_device, struct err_note *note);

/* Hands in a pairing code, and makes the key if there is none. The answer is
 * device_wait_paired's, who may be told first by the owner's link. */
MUST_CHECK enum err device_pair(const struct paths *paths, const char *code,
				const char *name, struct notices *notices,
				struct device_link **out_device, struct err_note *note);
/* ERR_DENIED: the house does not take it. Then the link is of no use. */
MUST_CHECK enum err device_wait_paired(struct device_link *device, struct err_note *note);

void device_close(struct device_link *device); /* NULL is fine */

const char *device_name(const struct device_link *device);   /* as the house has it */
const char *device_person(const struct device_link *device); /* whose it is */
void device_fingerprint(const struct device_link *device, char to[KEY_FINGERPRINT_BYTES]);
int device_fd(const struct device_link *device); /* for poll(2) */

/* Waits for one message, takes it, and tells the listener. ERR_TIMEOUT: there was none;
 * ERR_DENIED: the house no longer knows this device; ERR_CLOSED. */
MUST_CHECK enum err device_receive(struct device_link *device, int timeout_ms,
				   struct err_note *note);

/* Signs and sends a verdict, and waits until it was written down and its new state told.
 * ERR_DENIED with the keeper's reason: it does not count. out_after may be NULL. */
MUST_CHECK enum err device_give(struct device_link *device, const struct notice *notice,
				enum approval_verdict verdict, struct notice *out_after,
				struct err_note *note);

/* Has the keeper show its journal, compares it with what this device saw before, and
 * cosigns it. ERR_AUTH, ERR_FORMAT: something is wrong, and the note says what; nothing is
 * signed. ERR_BUSY: not now. */
MUST_CHECK enum err device_witness(struct device_link *device, const struct paths *paths,
				   struct err_note *note);

/* What is on its way out, into the list of notices. */
MUST_CHECK enum err device_outbox(struct device_link *device, struct err_note *note);

/* A voice message for whose device this is. */
struct device_letter {
	struct proposal_id id;
	int64_t at_ms; /* the keeper's wall clock */
	char from[PEOPLE_NAME_BYTES];
	uint32_t sound_ms;
	bool is_heard;
};
/* Newest last; at most letters_max, *out_count says how many there are. */
MUST_CHECK enum err device_inbox(struct device_link *device,
				 struct device_letter *letters, size_t letters_max,
				 size_t *out_count, struct err_note *note);
/* The sound of one, Ogg Opus; the house has it on record then that it was listened to. Of one
 * from another house that one is asked for its key, which may take 20 s: ERR_CLOSED and
 * ERR_TIMEOUT when it cannot be; ERR_MISSING: it was recalled. */
MUST_CHECK enum err device_fetch(struct device_link *device, struct proposal_id id,
				 struct secret **out_opus, size_t *out_size,
				 struct err_note *note);
/* The keeper itself said no to the last request: the link still works. */
bool device_was_refused(const struct device_link *device);

/* Signs and sends that a room is to be muted, or not any more, and waits until the house has
 * it on record. ERR_DENIED with the keeper's reason: it is as it was. */
MUST_CHECK enum err device_mute(struct device_link *device, const char *room, bool on,
				struct err_note *note);

/* Says that it can be reached, so that something may be proposed at all. */
MUST_CHECK enum err device_say_alive(struct device_link *device, struct err_note *note);

#endif
