/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture - the microphone on a thread of its own, under a lease for its name.
 *
 * Frames go to the loop through a short queue; what the loop does not take in time is
 * lost, never piled up. A microphone that goes away is tried again with growing pauses.
 * Stopped means that no capture device is open. All calls from the loop's thread.
 */
#ifndef ROOM_CAPTURE_H
#define ROOM_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "port/mic.h"

enum {
	CAPTURE_FRAMES_MAX = 16, /* 320 ms; with listen/ring.h less than two seconds */
	CAPTURE_RETRY_MS = 250,  /* the first pause; it doubles */
	CAPTURE_RETRY_MAX_MS = 8000,
};

enum capture_kind {
	CAPTURE_FRAME,
	CAPTURE_OPENED, /* the device gives sound from now on */
	CAPTURE_LOST,   /* it went away or could not be opened: note; it is tried again */
	CAPTURE_ENDED,  /* the source is over: no more will come */
};

struct capture_item {
	enum capture_kind kind;
	bool one_sided; /* with FRAME: port/mic.h */
	union {
		struct audio_frame frame;
		struct err_note note;
	};
};

struct capture;

/* mic is borrowed. Stopped at first. */
MUST_CHECK enum err capture_create(struct mic *mic, struct capture **out_capture);
void capture_destroy(struct capture *capture); /* stops; NULL is fine */

/* Running already: nothing. */
MUST_CHECK enum err capture_start(struct capture *capture);
/* Waits until the device is closed, then forgets what waits. Stopped already: nothing. */
void capture_stop(struct capture *capture);
bool capture_is_running(const struct capture *capture);

int capture_fd(const struct capture *capture); /* readable when an item waits */
/* ERR_MISSING when nothing waits. The item is sound: wipe it. */
MUST_CHECK enum err capture_next(struct capture *capture, struct capture_item *out_item);
/* Frames that were captured and not yet taken, at most; one more may be on its way. */
uint32_t capture_waiting_frames(const struct capture *capture);
/* Frames lost since the start because the loop was late. */
uint32_t capture_lost_frames(const struct capture *capture);

#endif
