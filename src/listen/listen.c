/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen - the state machine of listen.h.
 *
 * Does not know microphones, light or wire: the room acts on its reports.
 *
 * Invariants: a lease is open exactly in LEASED and RECORDING, and only in RECORDING it is a
 * memo lease; the ring holds sound only in WAITING and RECORDING and, for listen_replay,
 * until the first call after LISTEN_WOKE; a memo is held only in RECORDING and until the
 * first call after LISTEN_RECORDED; the stop word is fed only while a ringing lease is
 * held, which begins with our own voice or with what rings, and never later.
 */
#include "listen/listen.h"

#include <stdlib.h>

#include "base/must.h"
#include "listen/activity.h"
#include "listen/lease.h"
#include "listen/memo.h"
#include "listen/recording.h"
#include "listen/ring.h"
#include "listen/verify.h"

struct listen {
	struct wake *wake;             /* borrowed; NULL: never wakes */
	struct wake *stop;             /* borrowed; NULL: nobody can say "stop" */
	struct verify *verify;         /* NULL: the detector's doubts are rejections */
	const struct echo_path *echo;  /* borrowed; NULL: nothing is taken out */
	const struct echo_path *music; /* the same */
	struct ring *ring;
	struct lease *lease;        /* only in LEASED and RECORDING */
	struct lease *ringing;      /* NULL: we do not sound, or were told to stop */
	struct memo *memo;          /* NULL: none */
	struct recording recording; /* when memo is over */
	bool tone_played;           /* its record tone */
	unsigned late_frames;       /* to come, from before the lease or the tone */
	unsigned answers;           /* listened for since the name */
	unsigned messages;          /* recorded since the name */
	struct activity activity;
	enum listen_state state;
	size_t replay_from; /* in the ring, after LISTEN_WOKE */
	size_t replay_count;
	bool own_voice;
	bool rings; /* also between the soundings of what rings */
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
	memo_destroy(listen->memo);
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

void listen_use_music(struct listen *listen, const struct echo_path *path)
{
	listen->music = path;
}

enum listen_state listen_state(const struct listen *listen)
{
	return listen->state;
}

bool listen_lease(const struct listen *listen, enum lease_reason *out_reason)
{
	if (!listen->lease)
		return false;
	*out_reason = lease_reason_of(listen->lease);
	return true;
}

const struct memo *listen_memo(const struct listen *listen)
{
	return listen->state == LISTEN_RECORDING ? listen->memo : NULL;
}

bool listen_is_loud(const struct listen *listen)
{
	return activity_is_loud(&listen->activity);
}

/* ---- moving between states ---- */

static void drop_memo(struct listen *listen)
{
	memo_destroy(listen->memo);
	listen->memo = NULL;
}

/* A replay and a memo are offered for one call only. */
static void forget_offers(struct listen *listen)
{
	if (listen->state != LISTEN_RECORDING)
		drop_memo(listen);
	if (listen->replay_count == 0)
		return;
	listen->replay_count = 0;
	ring_wipe(listen->ring);
}

static void enter(struct listen *listen, enum listen_state state)
{
	must((state == LISTEN_LEASED || state == LISTEN_RECORDING) ==
	     (listen->lease != NULL));
	must((state == LISTEN_RECORDING) ==
	     (listen->lease && lease_reason_of(listen->lease) == LEASE_MEMO));
	listen->state = state;
	if (state == LISTEN_LEASED)
		return; /* the ring still holds the replay */
	listen->replay_count = 0;
	ring_wipe(listen->ring);
	if ((state == LISTEN_WAITING || state == LISTEN_RECORDING) && listen->wake)
		wake_reset(listen->wake);
	if (state == LISTEN_WAITING && listen->stop)
		wake_reset(listen->stop);
}

/* Ends and describes it; a memo that is still being spoken is lost with it. */
static void end_lease(struct listen *listen, const char *cause, int64_t now_ms,
		      struct listen_report *out_report)
{
	lease_end(listen->lease, now_ms);
	out_report->used_ms = (uint32_t)lease_used_ms(listen->lease, now_ms);
	out_report->cause = cause;
	drop_memo(listen);
	lease_destroy(listen->lease);
	listen->lease = NULL;
}

static void close_lease(struct listen *listen, enum listen_state next, const char *cause,
			int64_t now_ms, struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_LEASE_OVER};
	end_lease(listen, cause, now_ms, out_report);
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
	if (listen->state == LISTEN_RECORDING)
		end_lease(listen, "name said", now_ms, out_report);
	listen->lease = lease;
	listen->answers = 0;
	listen->messages = 0;
	listen->late_frames = 0;
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
	return (listen->echo && echo_path_match(listen->echo, back_ms).ours) ||
	       (listen->music && echo_path_match(listen->music, back_ms).ours);
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

/* True: it was listened for and not heard. */
static bool feed_name(struct listen *listen, const struct audio_frame *frame,
		      int64_t now_ms, struct listen_report *out_report)
{
	struct wake_report heard = {0};

	if (hears_itself(listen, now_ms))
		return false;
	ring_add(listen->ring, frame);
	if (!listen->wake)
		return false;
	wake_feed(listen->wake, frame, &heard);
	if (heard.candidate) {
		describe(listen, &heard, LISTEN_REJECTED, out_report);
		if (is_believed(listen, &heard, out_report))
			wake_up(listen, &heard, now_ms, out_report);
	}
	return out_report->event != LISTEN_WOKE;
}

static void feed_waiting(struct listen *listen, const struct audio_frame *frame,
			 int64_t now_ms, struct listen_report *out_report)
{
	if (feed_name(listen, frame, now_ms, out_report))
		feed_stop(listen, frame, now_ms, out_report);
}

/* ---- under a lease ---- */

/* A frame that was captured before its time. */
static bool is_late(struct listen *listen)
{
	if (listen->late_frames == 0)
		return false;
	listen->late_frames--;
	return true;
}

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
	else if (!is_late(listen))
		out_report->event = LISTEN_LEASED_FRAME;
}

/* ---- a voice message ---- */

/* What follows a question, which needs a turn that goes on and nobody who listens yet. A
 * turn that is spoken into waits for the name. */
static bool may_follow(const struct listen *listen, const struct audible_measured *prompt,
		       int64_t now_ms)
{
	return prompt->heard && now_ms < listen->rest_until_ms &&
	       (listen->state == LISTEN_WAITING || listen->state == LISTEN_RESTING);
}

enum err listen_answer(struct listen *listen, const struct audible_measured *prompt,
		       unsigned late_frames, int64_t now_ms)
{
	enum err err = ERR_DENIED;

	forget_offers(listen);
	if (may_follow(listen, prompt, now_ms))
		err = lease_create_answer(prompt, listen->answers, now_ms,
					  &listen->lease);
	if (err)
		return err;
	listen->answers++;
	listen->late_frames = late_frames;
	ring_wipe(listen->ring); /* of before the lease */
	enter(listen, LISTEN_LEASED);
	return OK;
}

enum err listen_record(struct listen *listen, const struct audible_measured *prompt,
		       int64_t now_ms)
{
	struct lease *lease = NULL;
	enum err err = ERR_DENIED;

	forget_offers(listen);
	if (may_follow(listen, prompt, now_ms))
		err = listen->messages < LISTEN_MESSAGES_MAX
			      ? lease_create(LEASE_MEMO, now_ms, &lease)
			      : ERR_LIMIT;
	if (!err)
		err = memo_create(lease, now_ms, &listen->memo);
	if (err) {
		lease_destroy(lease);
		return err;
	}
	listen->lease = lease;
	listen->messages++;
	listen->tone_played = false;
	recording_init(&listen->recording);
	enter(listen, LISTEN_RECORDING);
	return OK;
}

void listen_tone_was_played(struct listen *listen, unsigned late_frames)
{
	forget_offers(listen);
	if (listen->state != LISTEN_RECORDING || listen->tone_played)
		return;
	memo_tone_was_played(listen->memo);
	listen->tone_played = true;
	listen->late_frames = late_frames;
}

/* Before the tone, and beyond the lease, memo_add takes nothing. */
static void add_to_memo(struct listen *listen, const struct audio_frame *frame,
			int64_t now_ms)
{
	if (listen->tone_played && is_late(listen))
		return;
	if (memo_add(listen->memo, frame, now_ms) == OK)
		recording_feed(&listen->recording, activity_is_loud(&listen->activity));
}

static size_t samples_of(uint32_t ms)
{
	return (size_t)ms * (AUDIO_HZ / 1000);
}

/* It is over: hands out what was spoken, if anybody spoke. */
static void close_memo(struct listen *listen, const char *cause, int64_t now_ms,
		       struct listen_report *out_report)
{
	struct memo *memo = listen->memo;

	if (!listen->recording.has_speech) {
		close_lease(listen, LISTEN_RESTING, "nobody spoke", now_ms, out_report);
		return;
	}
	memo_finish(memo);
	memo_cut(memo, samples_of(recording_excess_ms(&listen->recording)));
	listen->memo = NULL; /* it outlives its lease by one call */
	close_lease(listen, LISTEN_RESTING, cause, now_ms, out_report);
	listen->memo = memo;
	out_report->event = LISTEN_RECORDED;
	out_report->memo = memo;
}

/* An end that falls together with a rejected name is told with the next frame. */
static void feed_recording(struct listen *listen, const struct audio_frame *frame,
			   int64_t now_ms, struct listen_report *out_report)
{
	(void)feed_name(listen, frame, now_ms, out_report);
	if (listen->state != LISTEN_RECORDING)
		return;
	add_to_memo(listen, frame, now_ms);
	if (out_report->event != LISTEN_NOTHING)
		return;
	if (lease_is_over(listen->lease, now_ms))
		close_memo(listen, "time", now_ms, out_report);
	else if (recording_state(&listen->recording) != RECORDING_GOES_ON)
		close_memo(listen, "end of speech", now_ms, out_report);
}

/* ---- what the room calls ---- */

void listen_feed(struct listen *listen, const struct audio_frame *frame, int64_t now_ms,
		 struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	forget_offers(listen);
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
	case LISTEN_RECORDING:
		feed_recording(listen, frame, now_ms, out_report);
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
	forget_offers(listen);
	if (!listen->lease || !lease_is_over(listen->lease, now_ms))
		return;
	if (listen->state == LISTEN_RECORDING)
		close_memo(listen, "time", now_ms, out_report);
	else
		close_lease(listen, LISTEN_RESTING, "time", now_ms, out_report);
}

void listen_end(struct listen *listen, const char *cause, int64_t now_ms,
		struct listen_report *out_report)
{
	*out_report = (struct listen_report){.event = LISTEN_NOTHING};
	forget_offers(listen);
	if (listen->lease)
		close_lease(listen, LISTEN_RESTING, cause, now_ms, out_report);
}

void listen_wait(struct listen *listen)
{
	drop_memo(listen);
	listen->rest_until_ms = 0;
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
	if (listen->lease)
		close_lease(listen, LISTEN_MUTED, "muted", now_ms, out_report);
	else
		enter(listen, muted ? LISTEN_MUTED : LISTEN_WAITING);
	if (!muted && listen->rings) /* who unmutes what rings wants to say "stop" */
		begin_ringing(listen, now_ms);
}

void listen_own_voice(struct listen *listen, bool speaking, int64_t now_ms)
{
	if (listen->own_voice && !speaking)
		listen->own_voice_until_ms = now_ms + LISTEN_OWN_VOICE_TAIL_MS;
	if (speaking && !listen->own_voice && !listen->rings)
		begin_ringing(listen, now_ms);
	else if (!speaking && !listen->rings)
		end_ringing(listen);
	listen->own_voice = speaking;
	/* What was heard before must not be joined to what is heard after. */
	if (speaking && listen->state == LISTEN_WAITING && hears_itself(listen, now_ms))
		enter(listen, LISTEN_WAITING);
}

void listen_ring(struct listen *listen, bool rings, int64_t now_ms)
{
	if (rings == listen->rings)
		return;
	end_ringing(listen); /* each ring has its own ten minutes */
	if (rings || listen->own_voice)
		begin_ringing(listen, now_ms);
	listen->rings = rings;
}
