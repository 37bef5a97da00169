/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture - see the header.
 *
 * The thread owns the microphone from start to stop and shares nothing with the loop but
 * the queue and the lease, which the loop ends to stop it.
 *
 * Invariant: `lease` exists exactly while the thread runs.
 */
#include "room/capture.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/queue.h"
#include "base/str.h"
#include "listen/lease.h"

enum { READ_MS = 100, STOP_CHECK_MS = 25 };

struct capture {
	struct mic *mic;
	struct queue *queue;
	struct lease *lease;
	pthread_t thread;
	_Atomic uint32_t lost_frames;
	_Atomic uint32_t waiting_frames; /* in the queue; counted before they are */
};

/* ---- on the thread ---- */

static bool is_over(const struct capture *capture)
{
	return lease_is_over(capture->lease, loop_now_ms());
}

/* News about the device may not be lost: waits for room, unless it is over anyway. */
static void tell(struct capture *capture, enum capture_kind kind,
		 const struct err_note *note)
{
	struct capture_item item = {.kind = kind};

	if (note)
		item.note = *note;
	while (queue_push(capture->queue, &item) != OK && !is_over(capture))
		(void)poll(NULL, 0, STOP_CHECK_MS);
}

static void pause_for(const struct capture *capture, int ms)
{
	const int64_t until_ms = loop_now_ms() + ms;

	while (!is_over(capture) && loop_now_ms() < until_ms)
		(void)poll(NULL, 0, STOP_CHECK_MS);
}

/* Reads until the device or the lease is over, and says which. */
static enum err read_frames(struct capture *capture)
{
	struct capture_item item = {.kind = CAPTURE_FRAME};
	enum err err = OK;

	while (!err || err == ERR_TIMEOUT) {
		err = mic_read(capture->mic, READ_MS, &item.frame);
		if (err)
			continue;
		item.one_sided = mic_is_one_sided(capture->mic);
		atomic_fetch_add(&capture->waiting_frames, 1);
		if (queue_push(capture->queue, &item) == OK)
			continue;
		atomic_fetch_sub(&capture->waiting_frames, 1);
		atomic_fetch_add(&capture->lost_frames, 1);
	}
	explicit_bzero(&item, sizeof(item));
	return err;
}

static void *run(void *context)
{
	struct capture *capture = context;
	int retry_ms = CAPTURE_RETRY_MS;
	bool ended = false;

	while (!ended && !is_over(capture)) {
		struct err_note note = {{0}};
		enum err err = mic_open(capture->mic, capture->lease, &note);

		if (!err) {
			retry_ms = CAPTURE_RETRY_MS;
			tell(capture, CAPTURE_OPENED, NULL);
			err = read_frames(capture);
			mic_shut(capture->mic);
			ended = err == ERR_CLOSED;
		}
		if (ended || is_over(capture))
			break;
		if (note.text[0] == '\0')
			err_say(err, &note, "microphone: it went away");
		tell(capture, CAPTURE_LOST, &note);
		pause_for(capture, retry_ms);
		retry_ms = retry_ms * 2 < CAPTURE_RETRY_MAX_MS ? retry_ms * 2
							       : CAPTURE_RETRY_MAX_MS;
	}
	if (!is_over(capture))
		tell(capture, CAPTURE_ENDED, NULL);
	return NULL;
}

/* ---- on the loop ---- */

enum err capture_create(struct mic *mic, struct capture **out_capture)
{
	struct capture *made = calloc(1, sizeof(*made));
	enum err err = OK;

	if (!made)
		return ERR_MEMORY;
	made->mic = mic;
	err = queue_create(sizeof(struct capture_item), CAPTURE_FRAMES_MAX, &made->queue);
	if (err) {
		free(made);
		return err;
	}
	*out_capture = made;
	return OK;
}

void capture_destroy(struct capture *capture)
{
	if (!capture)
		return;
	capture_stop(capture);
	queue_destroy(capture->queue);
	free(capture);
}

enum err capture_start(struct capture *capture)
{
	enum err err = OK;

	if (capture->lease)
		return OK;
	err = lease_create(LEASE_NAME, loop_now_ms(), &capture->lease);
	if (err)
		return err;
	atomic_store(&capture->lost_frames, 0);
	if (pthread_create(&capture->thread, NULL, run, capture) != 0) {
		lease_destroy(capture->lease);
		capture->lease = NULL;
		return ERR_MEMORY;
	}
	return OK;
}

void capture_stop(struct capture *capture)
{
	struct capture_item item;

	if (!capture->lease)
		return;
	lease_end(capture->lease, loop_now_ms());
	must(pthread_join(capture->thread, NULL) == 0);
	lease_destroy(capture->lease);
	capture->lease = NULL;
	while (capture_next(capture, &item) == OK)
		explicit_bzero(&item, sizeof(item));
}

bool capture_is_running(const struct capture *capture)
{
	return capture->lease != NULL;
}

int capture_fd(const struct capture *capture)
{
	return queue_fd(capture->queue);
}

enum err capture_next(struct capture *capture, struct capture_item *out_item)
{
	const enum err err = queue_pop(capture->queue, out_item);

	if (!err && out_item->kind == CAPTURE_FRAME)
		atomic_fetch_sub(&capture->waiting_frames, 1);
	return err;
}

uint32_t capture_waiting_frames(const struct capture *capture)
{
	return atomic_load(&capture->waiting_frames);
}

uint32_t capture_lost_frames(const struct capture *capture)
{
	return atomic_load(&capture->lost_frames);
}
