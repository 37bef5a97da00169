/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_net - windows of embeddings to candidates. See the header for when one is reported.
 *
 * The window and the logits are features of sound, so they lie in locked memory like the
 * stream itself. Does not know what becomes of a candidate.
 *
 * Invariant: after a reset everything is as after endless silence.
 */
#include "listen/wake_net.h"

#include <math.h>

#include <string.h>

#include "base/must.h"
#include "listen/locked.h"

enum {
	DOUBT_STEPS = WAKE_NET_DOUBT_MS / EMBEDDING_STEP_MS,
	REST_STEPS = WAKE_NET_REST_MS / EMBEDDING_STEP_MS,
	FALLEN_STEPS = 2, /* so many steps behind it make it a peak */
};

/* What is going on in the scores. */
struct watch {
	bool rising;          /* a doubtful one has begun */
	unsigned begun_steps; /* since then */
	unsigned peak_steps;  /* since the highest so far */
	double peak;
	unsigned rest_steps; /* of rest that are left */
	bool rests_from_doubt;
};

struct wake_net {
	const struct embedding_net *net;
	const struct head *head;
	struct embedding_net *own_net; /* NULL: borrowed */
	struct head *own_head;
	struct embedding *stream;
	struct watch watch;
	float window[HEAD_INPUTS];     /* oldest first */
	float logits[HEAD_SMOOTH_MAX]; /* newest first */
	float silent_values[EMBEDDING_SIZE];
	float silent_logit;
	double newest; /* score */
};

/* ---- scores ---- */

static double add_logit(struct wake_net *wake, float logit)
{
	const uint32_t smooth = head_info(wake->head)->smooth;
	double sum = 0;

	memmove(wake->logits + 1, wake->logits,
		(HEAD_SMOOTH_MAX - 1) * sizeof(*wake->logits));
	wake->logits[0] = logit;
	for (uint32_t i = 0; i < smooth; i++)
		sum += (double)wake->logits[i];
	return sum / smooth;
}

static double score(struct wake_net *wake, const float values[EMBEDDING_SIZE])
{
	memmove(wake->window, wake->window + EMBEDDING_SIZE,
		(HEAD_INPUTS - EMBEDDING_SIZE) * sizeof(*wake->window));
	memcpy(wake->window + HEAD_INPUTS - EMBEDDING_SIZE, values,
	       EMBEDDING_SIZE * sizeof(*values));
	return add_logit(wake, head_score(wake->head, wake->window));
}

/* ---- candidates ---- */

/* The name ended about where the score was highest; the mean lags half its width. */
static uint32_t back_ms(const struct wake_net *wake)
{
	const struct head_info *info = head_info(wake->head);
	const uint32_t lag = (info->smooth - 1) * EMBEDDING_STEP_MS / 2;
	const uint32_t back =
		info->name_ms + lag + wake->watch.peak_steps * EMBEDDING_STEP_MS;

	return back < WAKE_NET_BACK_MS_MAX ? back : WAKE_NET_BACK_MS_MAX;
}

/* How far below sure, of all there is down to doubtful. */
static double doubt_of(const struct head_info *info, double value)
{
	const double range = (double)info->sure - (double)info->doubtful;
	const double doubt = ((double)info->sure - value) / fmax(range, 1e-3);

	return fmin(fmax(doubt, 0), 1);
}

static void report(struct wake_net *wake, double value, bool sure,
		   struct wake_report *out_report)
{
	out_report->candidate = true;
	out_report->accepted = sure;
	out_report->doubtful = !sure;
	out_report->doubt = sure ? 0 : doubt_of(head_info(wake->head), value);
	out_report->score = value;
	out_report->back_ms = back_ms(wake);
	wake->watch = (struct watch){.rest_steps = REST_STEPS, .rests_from_doubt = !sure};
}

static void follow_peak(struct watch *watch, double value)
{
	if (!watch->rising) {
		*watch = (struct watch){.rising = true, .peak = value};
		return;
	}
	watch->begun_steps++;
	watch->peak_steps++;
	if (value > watch->peak) {
		watch->peak = value;
		watch->peak_steps = 0;
	}
}

static void watch_score(struct wake_net *wake, double value,
			struct wake_report *out_report)
{
	const struct head_info *info = head_info(wake->head);
	struct watch *watch = &wake->watch;
	const bool sure = value >= (double)info->sure;

	if (watch->rest_steps > 0) {
		watch->rest_steps--;
		if (sure && watch->rests_from_doubt)
			report(wake, value, true, out_report);
		return;
	}
	if (sure) {
		watch->peak_steps = 0;
		report(wake, value, true, out_report);
		return;
	}
	if (watch->rising || value >= (double)info->doubtful)
		follow_peak(watch, value);
	if (watch->rising &&
	    (watch->peak_steps >= FALLEN_STEPS || watch->begun_steps >= DOUBT_STEPS))
		report(wake, watch->peak, false, out_report);
}

/* ---- the port ---- */

static void net_feed(void *self, const struct audio_frame *frame,
		     struct wake_report *out_report)
{
	struct wake_net *wake = self;
	float values[EMBEDDING_SIZE];

	*out_report = (struct wake_report){.floor = (double)head_info(wake->head)->sure};
	if (embedding_feed(wake->stream, frame, values)) {
		wake->newest = score(wake, values);
		watch_score(wake, wake->newest, out_report);
	}
	if (!out_report->candidate)
		out_report->score = wake->newest;
}

static void net_reset(void *self)
{
	struct wake_net *wake = self;

	embedding_reset(wake->stream);
	wake->watch = (struct watch){.rising = false};
	for (size_t i = 0; i < HEAD_STEPS; i++)
		memcpy(wake->window + i * EMBEDDING_SIZE, wake->silent_values,
		       sizeof(wake->silent_values));
	for (size_t i = 0; i < HEAD_SMOOTH_MAX; i++)
		wake->logits[i] = wake->silent_logit;
	wake->newest = (double)wake->silent_logit;
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

/* What endless silence looks and scores like. */
static void find_silence(struct wake_net *wake)
{
	static const struct audio_frame SILENCE;

	embedding_reset(wake->stream);
	while (!embedding_feed(wake->stream, &SILENCE, wake->silent_values))
		continue;
	net_reset(wake);
	wake->silent_logit = head_score(wake->head, wake->window);
	net_reset(wake);
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
	wake->net = net;
	wake->head = head;
	err = embedding_create(net, &wake->stream);
	if (err) {
		net_close(wake);
		return err;
	}
	find_silence(wake);
	*out_wake = (struct wake){&OPS, wake};
	return OK;
}

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
