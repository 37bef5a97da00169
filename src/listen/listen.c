/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen - the state machine of listen.h.
 *
 * Does not know microphones, light or wire: the room acts on its reports.
 *
 * Invariants: a lease is open exactly in LEASED; the ring holds sound only in WAITING and,
 * for listen_replay, until the first call after LISTEN_WOKE; the stop word is fed only
 * while a ringing lease is held, which begins with our own voice and never later.
 */
#include "listen/listen.h"

#include <stdlib.h>

#include "base/must.h"
#include "listen/activity.h"
#include "listen/lease.h"
#include "listen/ring.h"
#include "listen/verify.h"

struct listen {
	struct wake *wake;            /* borrowed; NULL: never wakes */
	struct wake *stop;            /* borrowed; NULL: nobody can say "stop" */
	struct verify *verify;        /* NULL: the detector's doubts are rejections */
	const struct echo_path *echo; /* borrowed; NULL: nothing is taken out */
	struct ring *ring;
	struct lease *lease;   /* only in LEASED */
	struct lease *ringing; /* NULL: we do not sound, or were told to stop */
	struct activity activity;
	enum listen_state state;
	size_t replay_from; /* in the ring, after LISTEN_WOKE */
	size_t replay_count;
	bool own_voice;
	int64_t own_voice_until_ms;
	int64_t rest_until_ms;
};

enum err listen_create(struct wake *wake, struct listen **out_listen)
{
	enum err err = OK;
	struct listen *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->wake = wake;
	made->state = LISTEN_WAITING;
	activity_init(&made->activity);
	err = ring_create(&made->ring);
	if (err) {
		free(made);
		return err;
	}
	*out_listen = made;
	return OK;
}

void listen_destroy(struct listen *listen)
{
	if (!listen)
		return;
	ring_destroy(listen->ring);
	verify_destroy(listen->verify);
	lease_destroy(listen->lease);
	lease_destroy(listen->ringing);
	free(listen);
}

enum err listen_use_verifier(struct listen *listen, struct verifier *verifier)
{
	must(!listen->verify);
	return verify_create(verifier, &listen->verify);
}

void listen_use_stop(struct listen *listen, struct wake *stop)
{
	listen->stop = stop;
}

void listen_use_echo(struct listen *listen, const struct echo_path *path)
{
	listen->echo = path;
}

enum listen_state listen_state(const struct listen *listen)
{
	return listen->state;
}

/* ---- moving between states ---- */

/* The replay is offered for one call only. */
static void forget_replay(struct listen *listen)
{
	if (listen->replay_count == 0)
		return;
	listen->replay_count = 0;
	ring_wipe(listen->ring);
}

static void enter(struct listen *listen, enum listen_state state)
{
	must((state == LISTEN_LEASED) == (listen->lease != NULL));
	listen->state = state;
	if (state == LISTEN_LEASED)
		return; /* the ring still holds the replay */
	listen->replay_count = 0;
	ring_wipe(listen->ring);
	if (state == LISTEN_WAITING && listen->wake)
		wake_reset(listen->wake);
	if (state == LISTEN_WAITING && listen->stop)
		wake_reset(listen->stop);
}

static void close_lease(struct listen *listen, enum listen_state next, const char *cause,
			int64_t now_ms, struct listen_report *out_report)
{
	lease_end(listen->lease, now_ms);
	*out_report = (struct listen_report){
		.event = LISTEN_LEASE_OVER,
		.used_ms = (uint32_t)lease_used_ms(listen->lease, now_ms),
		.cause = cause,
	};
	lease_destroy(listen->lease);
	listen->lease = NULL;
	listen->rest_until_ms = now_ms + LISTEN_REST_MAX_MS;
	enter(listen, next);
}

/* ---- waiting for the name ---- */

static size_t frames_of(uint32_t ms)
{
	return (ms + AUDIO_FRAME_MS - 1) / AUDIO_FRAME_MS;
}

static void wake_up(struct listen *listen, const struct wake_report *heard,
		    int64_t now_ms, struct listen_report *out_report)
{
	const size_t kept = ring_count(listen->ring);
	const size_t wanted = frames_of(heard->back_ms + LISTEN_LEAD_MS);
	struct lease *lease = NULL;

	/* Without memory for a lease there is no lease; the name can be said again. */
	if (lease_create(LEASE_REQUEST, now_ms, &lease) != OK)
		return;
	listen->lease = lease;
	listen->replay_count = wanted < kept ? wanted : kept;
	listen->replay_from = kept - listen->replay_count;
	enter(listen, LISTEN_LEASED);
	out_report->event = LISTEN_WOKE;
	out_report->replay_count = listen->replay_count;
}

static bool hears_itself(const struct listen *listen, int64_t now_ms)
{
	if (listen->echo && echo_path_state(listen->echo).ready)
		return false; /* it is taken out */
	return listen->own_voice || now_ms < listen->own_voice_until_ms;
}

/* The turn is not over, but its answer is being spoken: the name ends it. */
static bool may_be_interrupted(const struct listen *listen)
{
	return listen->own_voice && listen->echo && echo_path_state(listen->echo).ready;
}

static bool is_own_voice(const struct listen *listen, uint32_t back_ms)
{
	return listen->echo && echo_path_match(listen->echo, back_ms).ours;
}

/* Believed by the detector, or doubted by it and believed by the verifier. */
static bool is_believed(const struct listen *listen, const struct wake_report *heard,
			struct listen_report *out_report)
{
	struct verify_report second;

	if (is_own_voice(listen, heard->back_ms)) {
		out_report->why = "own voice";
		return false;
	}
	if (heard->accepted || !heard->doubtful || !listen->verify)
		return heard->accepted;
	verify_candidate(listen->verify, listen->ring, heard, listen->activity.floor,
			 &second);
	out_report->ratio = second.ratio;
	out_report->why = second.why;
	return second.passed;
}

static void describe(const struct listen *listen, const struct wake_report *heard,
		     enum listen_event event, struct listen_report *out_report)
{
	out_report->event = event;
	out_report->score = heard->score;
	out_report->floor = heard->floor;
	out_report->back_ms = heard->back_ms;
	out_report->why = "";
	out_report->level_db =
		verify_level_db(listen->ring, heard->back_ms, listen->activity.floor);
}

/* ---- "stop" ---- */

bool listen_is_ringing(const struct listen *listen, int64_t now_ms)
{
	return !lease_is_over(listen->ringing, now_ms);
}

/* What was said before we sounded stops nothing. Without memory for a lease nobody listens
 * for the word; the name still silences us. */
static void begin_ringing(struct listen *listen, int64_t now_ms)
{
	if (listen->state == LISTEN_MUTED || !listen->stop ||
	    lease_create(LEASE_RINGING, now_ms, &listen->ringing) != OK)
		return;
	wake_reset(listen->stop);
}

static void end_ringing(struct listen *listen)
{
	lease_destroy(listen->ringing);
	listen->ringing = NULL;
}

/* What is heard in the same frame as a name is left to the name. */
static void feed_stop(struct listen *listen, const struct audio_frame *frame,
		      int64_t now_ms, struct listen_report *out_report)
{
	struct wake_report heard = {0};

	if (!listen->stop || !listen_is_ringing(listen, now_ms))
		return;
	wake_feed(listen->stop, frame, &heard);
	if (!heard.candidate || out_report->event != LISTEN_NOTHING)
		return;
	describe(listen, &heard, LISTEN_STOP_REJECTED, out_report);
	if (is_own_voice(listen, heard.back_ms)) {
		out_report->why = "own voice";
	} else if (heard.accepted) {
		out_report->event = LISTEN_STOPPED;
		end_ringing(listen);
		enter(listen, LISTEN_WAITING);
	}
}

/* ---- both ---- */

static void feed_waiting(struct listen *listen, const struct audio_frame *frame,
			 int64_t now_ms, struct listen_report *out_report)
{
	struct wake_report heard = {0};

	if (hears_itself(listen, now_ms))
		return;
	ring_add(listen->ring, frame);
	if (!listen->wake)
		return;
	wake_feed(listen->wake, frame, &heard);
	if (heard.candidate) {
		describe(listen, &heard, LISTEN_REJECTED, out_report);
		if (is_believed(listen, &heard, out_report))
			wake_up(listen, &heard, now_ms, out_report);
	}
	if (out_report->event != LISTEN_WOKE)
		feed_stop(listen, frame, now_ms, out_report);
}

/* ---- under a lease ---- */

static bool renew_if_spoken(struct listen *listen, int64_t now_ms)
{
	return activity_is_speech(&listen->activity) &&
	       lease_renew(listen->lease, now_ms) == OK;
}

static void feed_leased(struct listen *listen, int64_t now_ms,
			struct listen_report *out_report)
{
	const bool running_out = lease_left_ms(listen->lease, now_ms) <= LISTEN_RENEW_MS;

	if (running_out && !renew_if_spoken(listen, now_ms) &&
	    lease_is_over(listen->lease, now_ms))
		close_lease(listen, LISTEN_RESTING, "time", now_ms, out_report);
	else
		out_report->event = LISTEN_LEASED_FRAME;
}

/* ---- what the room calls ---- */

void listen_feed(struct listen *listen, const struct audio_frame *frame, int64_t now_ms,
		 struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	forget_replay(listen);
	if (listen->state == LISTEN_RESTING &&
	    (now_ms >= listen->rest_until_ms || may_be_interrupted(listen)))
		enter(listen, LISTEN_WAITING);
	if (listen->state != LISTEN_MUTED)
		activity_feed(&listen->activity, frame);
	switch (listen->state) {
	case LISTEN_WAITING:
		feed_waiting(listen, frame, now_ms, out_report);
		break;
	case LISTEN_LEASED:
		feed_leased(listen, now_ms, out_report);
		break;
	case LISTEN_MUTED:
	case LISTEN_RESTING:
		break;
	}
}

const struct audio_frame *listen_replay(const struct listen *listen, size_t index)
{
	must(index < listen->replay_count);
	return ring_at(listen->ring, listen->replay_from + index);
}

void listen_tick(struct listen *listen, int64_t now_ms, struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	forget_replay(listen);
	if (listen->state == LISTEN_LEASED && lease_is_over(listen->lease, now_ms))
		close_lease(listen, LISTEN_RESTING, "time", now_ms, out_report);
}

void listen_end(struct listen *listen, const char *cause, int64_t now_ms,
		struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	forget_replay(listen);
	if (listen->state == LISTEN_LEASED)
		close_lease(listen, LISTEN_RESTING, cause, now_ms, out_report);
}

void listen_wait(struct listen *listen)
{
	lease_destroy(listen->lease);
	listen->lease = NULL;
	if (listen->state != LISTEN_MUTED)
		enter(listen, LISTEN_WAITING);
}

void listen_mute(struct listen *listen, bool muted, int64_t now_ms,
		 struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	if (muted == (listen->state == LISTEN_MUTED))
		return;
	end_ringing(listen);
	if (listen->state == LISTEN_LEASED)
		close_lease(listen, LISTEN_MUTED, "muted", now_ms, out_report);
	else
		enter(listen, muted ? LISTEN_MUTED : LISTEN_WAITING);
}

void listen_own_voice(struct listen *listen, bool speaking, int64_t now_ms)
{
	if (listen->own_voice && !speaking)
		listen->own_voice_until_ms = now_ms + LISTEN_OWN_VOICE_TAIL_MS;
	if (speaking && !listen->own_voice)
		begin_ringing(listen, now_ms);
	else if (!speaking)
		end_ringing(listen);
	listen->own_voice = speaking;
	/* What was heard before must not be joined to what is heard after. */
	if (speaking && listen->state == LISTEN_WAITING && hears_itself(listen, now_ms))
		enter(listen, LISTEN_WAITING);
}
