/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_net - one embedding stream, and the ears (wake_ear.c) that take what comes of it.
 *
 * The newest embedding is a feature of sound, so it lies in locked memory like the stream
 * itself. Does not know what becomes of a candidate.
 *
 * Invariant: after a reset everything is as after endless silence.
 */
#include "listen/wake_net.h"

#include <string.h>

#include "base/must.h"
#include "listen/locked.h"
#include "listen/wake_ear.h"

struct wake_net {
	struct embedding_net *own_net; /* NULL: borrowed */
	struct head *own_head;
	struct embedding *stream;
	bool has_values; /* of the frame that was fed last */
	float values[EMBEDDING_SIZE];
	struct wake_ear ear;
};

/* Another word in the same stream. */
struct also {
	const struct wake_net *first;
	struct wake_ear ear;
};

/* ---- the name ---- */

static void net_feed(void *self, const struct audio_frame *frame,
		     struct wake_report *out_report)
{
	struct wake_net *wake = self;

	wake->has_values = embedding_feed(wake->stream, frame, wake->values);
	wake_ear_feed(&wake->ear, wake->has_values ? wake->values : NULL, out_report);
}

static void net_reset(void *self)
{
	struct wake_net *wake = self;

	embedding_reset(wake->stream);
	wake->has_values = false;
	wake_ear_reset(&wake->ear);
}

static void net_close(void *self)
{
	struct wake_net *wake = self;

	if (!wake)
		return;
	embedding_destroy(wake->stream);
	head_close(wake->own_head);
	embedding_net_close(wake->own_net);
	locked_free(wake, sizeof(*wake));
}

static const struct wake_ops OPS = {net_feed, net_reset, net_close};

/* What endless silence looks like. */
static void find_silence(struct wake_net *wake)
{
	static const struct audio_frame SILENCE;

	embedding_reset(wake->stream);
	while (!embedding_feed(wake->stream, &SILENCE, wake->values))
		continue;
}

enum err wake_net_create(const struct embedding_net *net, const struct head *head,
			 struct wake *out_wake)
{
	void *memory = NULL;
	struct wake_net *wake;
	enum err err = locked_take(sizeof(*wake), &memory);

	if (err)
		return err;
	wake = memory;
	err = embedding_create(net, &wake->stream);
	if (err) {
		net_close(wake);
		return err;
	}
	find_silence(wake);
	wake_ear_init(&wake->ear, head, (double)head_info(head)->sure, wake->values);
	net_reset(wake);
	*out_wake = (struct wake){&OPS, wake};
	return OK;
}

/* ---- another word ---- */

static void also_feed(void *self, const struct audio_frame *frame,
		      struct wake_report *out_report)
{
	struct also *also = self;

	(void)frame; /* the first has made an embedding of it */
	wake_ear_feed(&also->ear, also->first->has_values ? also->first->values : NULL,
		      out_report);
}

static void also_reset(void *self)
{
	struct also *also = self;

	wake_ear_reset(&also->ear);
}

static void also_close(void *self)
{
	if (self)
		locked_free(self, sizeof(struct also));
}

static const struct wake_ops ALSO_OPS = {also_feed, also_reset, also_close};

enum err wake_net_create_also(const struct wake *first, const struct head *head,
			      struct wake *out_wake)
{
	void *memory = NULL;
	struct also *also;
	enum err err;

	must(first->ops == &OPS);
	err = locked_take(sizeof(*also), &memory);
	if (err)
		return err;
	also = memory;
	also->first = first->self;
	wake_ear_init(&also->ear, head, (double)head_info(head)->doubtful,
		      also->first->ear.silent_values);
	*out_wake = (struct wake){&ALSO_OPS, also};
	return OK;
}

/* ---- from files ---- */

enum err wake_net_open(const char *net_path, const char *head_path, struct wake *out_wake,
		       struct err_note *note)
{
	struct embedding_net *net = NULL;
	struct head *head = NULL;
	struct wake wake = {NULL, NULL};
	struct wake_net *made = NULL;
	enum err err = embedding_net_open(net_path, &net, note);

	if (!err)
		err = head_open(head_path, &head, note);
	if (!err) {
		err = wake_net_create(net, head, &wake);
		if (err)
			err_say(err, note, "%s: a stream cannot be made: %s", head_path,
				err_words(err));
	}
	if (err) {
		head_close(head);
		embedding_net_close(net);
		return err;
	}
	made = wake.self;
	made->own_net = net;
	made->own_head = head;
	*out_wake = wake;
	return OK;
}
