/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen - what may be heard, and when: ring, name, lease.
 * tour 4/10: sound comes in here and leaves only under a lease; next: decide/decide.c,
 * which says what may be done with the words that were in it.
 *
 * Frames go in one by one. While waiting for the name they stay in a ring of less than
 * two seconds and the wake detector; nothing leaves. When the name is believed, a request
 * lease begins: the ring from the name on is offered once, and then each frame as it
 * comes, until the lease ends by time, by the hub, by mute or by a fault. Then listening
 * rests until the turn is over. While the room speaks it hears its name only in what is
 * left when its own sound is taken out, and not when that still sounds like itself: our
 * own voice has no authority. Where nothing can be taken out it is deaf so long.
 *
 * A question that was measured as heard may be answered without the name: an answer lease,
 * six of them at most until the name is said again. A voice message is recorded under a
 * memo lease and stays in here until it is over: each frame after the record tone goes into
 * it and nowhere else. The name said meanwhile drops it and begins a request.
 *
 * While we sound a ringing lease is held as well, for ten minutes at most: "stop" is then
 * listened for beside the name, by the same rules, and all it does is to end that lease
 * and to tell the room to fall silent. No sound leaves for it, and nothing is kept.
 *
 *     MUTED <-> WAITING -> LEASED -> RESTING -> WAITING
 *               WAITING or RESTING -> LEASED (for an answer) or RECORDING -> RESTING
 *               RECORDING -> LEASED (the name)
 *
 * Knows no devices and no clock: times are given, monotonic, in milliseconds. One thread.
 */
#ifndef LISTEN_LISTEN_H
#define LISTEN_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/lease.h"
#include "domain/memo.h"
#include "listen/audible.h"
#include "listen/echo_path.h"
#include "port/verifier.h"
#include "port/wake.h"

enum {
	LISTEN_LEAD_MS = 150,           /* offered before the name began */
	LISTEN_OWN_VOICE_TAIL_MS = 300, /* deaf to the name after our own voice ended */
	LISTEN_RENEW_MS =
		100, /* a lease is renewed when less is left and somebody speaks */
	LISTEN_REST_MAX_MS =
		60000,           /* a turn that is never told to be over is over then */
	LISTEN_MESSAGES_MAX = 3, /* recorded until the name is said again */
};

struct listen;

enum listen_state {
	LISTEN_MUTED,     /* takes no frames; the ring is empty */
	LISTEN_WAITING,   /* for the name */
	LISTEN_LEASED,    /* frames leave */
	LISTEN_RECORDING, /* frames go into a voice message; the name is listened for */
	LISTEN_RESTING, /* the lease is over, its turn is not: nothing leaves, nothing is kept */
};

enum listen_event {
	LISTEN_NOTHING,
	LISTEN_WOKE, /* score, floor, back_ms; the name's frames wait in listen_replay */
	LISTEN_REJECTED,      /* score and floor, and that is all that is kept of it */
	LISTEN_LEASED_FRAME,  /* the frame just fed may leave the room */
	LISTEN_LEASE_OVER,    /* used_ms, cause */
	LISTEN_RECORDED,      /* the same, and memo: somebody spoke */
	LISTEN_STOPPED,       /* somebody said "stop" while we sound: as REJECTED */
	LISTEN_STOP_REJECTED, /* something sounded like it: as REJECTED */
};

struct listen_report {
	enum listen_event event;
	double score;
	double floor;
	uint32_t back_ms; /* with WOKE and REJECTED: how long before the end of the frame
			   * just fed the name began, as the detector tells it */
	double level_db;  /* with WOKE and REJECTED: the name above the room's noise */
	double ratio; /* the second opinion, 0 where none was asked: port/verifier.h */
	const char *
		why; /* with REJECTED: "" or what was held against it: "own voice", or by the second opinion */
	size_t replay_count; /* with WOKE */
	uint32_t used_ms;    /* with LEASE_OVER; with WOKE and a cause: as below */
	const char *
		cause; /* with LEASE_OVER: "time", or as given to the call that ended it; with WOKE: that of a message it dropped, NULL for none */
	const struct memo *memo; /* with RECORDED: the next call on listen wipes it */
};

/* Waiting for the name. wake is borrowed; NULL: it never wakes. ERR_LIMIT: the ring's
 * memory may not be locked. */
MUST_CHECK enum err listen_create(struct wake *wake, struct listen **out_listen);
void listen_destroy(struct listen *listen); /* wipes; NULL is fine */

/* From now on what the detector doubts is verified instead of rejected. verifier is
 * borrowed. Called once. ERR_LIMIT as above. */
MUST_CHECK enum err listen_use_verifier(struct listen *listen, struct verifier *verifier);

/* From now on "stop" is listened for while we sound. stop is borrowed; it is fed each frame
 * right after the name's detector and may share its work. Without a name's detector:
 * nothing. */
void listen_use_stop(struct listen *listen, struct wake *stop);

/* From now on frames come with our own sound taken out by path, which is borrowed: while
 * it is ready the name is heard also while we speak, unless it sounds like ourselves. */
void listen_use_echo(struct listen *listen, const struct echo_path *path);
/* The same for music that plays in the room, whoever plays it: a name that sounds like it
 * is nobody's. It changes nothing else, for music is no answer. */
void listen_use_music(struct listen *listen, const struct echo_path *path);

enum listen_state listen_state(const struct listen *listen);
/* The reason of the lease that is open; false: none is. */
bool listen_lease(const struct listen *listen, enum lease_reason *out_reason);
/* What was spoken so far of the message that is being recorded, borrowed until the next
 * call; NULL: none is. Its end may still be cut off. */
const struct memo *listen_memo(const struct listen *listen);
/* Was the newest frame well above the room's noise? */
bool listen_is_loud(const struct listen *listen);
/* Is "stop" listened for? */
bool listen_is_ringing(const struct listen *listen, int64_t now_ms);

/* Takes one frame, borrowed for the call, and says what came of it. Muted: nothing. */
void listen_feed(struct listen *listen, const struct audio_frame *frame, int64_t now_ms,
		 struct listen_report *out_report);

/* With LISTEN_WOKE: the index-th frame from shortly before the name on, oldest first;
 * borrowed until the next call on listen, which wipes it. */
const struct audio_frame *listen_replay(const struct listen *listen, size_t index);

/* Time passes also without frames: reports LEASE_OVER when the lease ran out. */
void listen_tick(struct listen *listen, int64_t now_ms, struct listen_report *out_report);

/* A question was asked and its turn is not over: begins a lease for the answer. The next
 * late_frames frames were captured before this moment and do not leave. ERR_DENIED: it was
 * not heard, the turn is over, or nobody rests in it: LISTEN_REST_MAX_MS after the last lease
 * that is so of any turn. ERR_LIMIT: too many answers since the name. */
MUST_CHECK enum err listen_answer(struct listen *listen,
				  const struct audible_measured *prompt,
				  unsigned late_frames, int64_t now_ms);

/* The same for a voice message: begins a memo lease. Sound counts once the record tone has
 * left the loudspeaker whole, and late_frames frames after that. ERR_LIMIT: too many
 * messages since the name, or its memory may not be locked. */
MUST_CHECK enum err listen_record(struct listen *listen,
				  const struct audible_measured *prompt, int64_t now_ms);
/* Not recording: nothing. */
void listen_tone_was_played(struct listen *listen, unsigned late_frames);

/* Ends the lease now (the sentence is over, the hub or the microphone is gone) and rests.
 * LEASE_OVER when one was open. cause must stay valid as long as the report. */
void listen_end(struct listen *listen, const char *cause, int64_t now_ms,
		struct listen_report *out_report);

/* The turn is over: waits for the name again, from an empty ring. An open lease is ended
 * without a report; call listen_end before to have one. Muted stays muted. */
void listen_wait(struct listen *listen);

/* Muting wipes the ring and ends the lease (LEASE_OVER, cause "muted"). */
void listen_mute(struct listen *listen, bool muted, int64_t now_ms,
		 struct listen_report *out_report);

/* Told when the room's own voice begins and ends, and with it a ringing lease. */
void listen_own_voice(struct listen *listen, bool speaking, int64_t now_ms);

#endif
