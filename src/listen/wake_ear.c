/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_ear - see the header. Does not know the sound, nor what becomes of a candidate.
 *
 * Invariant: after a reset everything is as after endless silence.
 */
#include "listen/wake_ear.h"

#include <math.h>
#include <string.h>

#include "listen/wake_net.h"

enum {
	DOUBT_STEPS = WAKE_NET_DOUBT_MS / EMBEDDING_STEP_MS,
	REST_STEPS = WAKE_NET_REST_MS / EMBEDDING_STEP_MS,
	FALLEN_STEPS = 2, /* so many steps behind it make it a peak */
};

/* ---- scores ---- */

static double add_logit(struct wake_ear *ear, float logit)
{
	const uint32_t smooth = head_info(ear->head)->smooth;
	double sum = 0;

	memmove(ear->logits + 1, ear->logits,
		(HEAD_SMOOTH_MAX - 1) * sizeof(*ear->logits));
	ear->logits[0] = logit;
	for (uint32_t i = 0; i < smooth; i++)
		sum += (double)ear->logits[i];
	return sum / smooth;
}

static double score(struct wake_ear *ear, const float values[EMBEDDING_SIZE])
{
	memmove(ear->window, ear->window + EMBEDDING_SIZE,
		(HEAD_INPUTS - EMBEDDING_SIZE) * sizeof(*ear->window));
	memcpy(ear->window + HEAD_INPUTS - EMBEDDING_SIZE, values,
	       EMBEDDING_SIZE * sizeof(*values));
	return add_logit(ear, head_score(ear->head, ear->window));
}

/* ---- candidates ---- */

/* The name ended about where the score was highest; the mean lags half its width. */
static uint32_t back_ms(const struct wake_ear *ear)
{
	const struct head_info *info = head_info(ear->head);
	const uint32_t lag = (info->smooth - 1) * EMBEDDING_STEP_MS / 2;
	const uint32_t back =
		info->name_ms + lag + ear->watch.peak_steps * EMBEDDING_STEP_MS;

	return back < WAKE_NET_BACK_MS_MAX ? back : WAKE_NET_BACK_MS_MAX;
}

/* How far below sure, of all there is down to doubtful. */
static double doubt_of(const struct wake_ear *ear, double value)
{
	const double range = ear->sure - (double)head_info(ear->head)->doubtful;
	const double doubt = (ear->sure - value) / fmax(range, 1e-3);

	return fmin(fmax(doubt, 0), 1);
}

static void report(struct wake_ear *ear, double value, bool sure,
		   struct wake_report *out_report)
{
	out_report->candidate = true;
	out_report->accepted = sure;
	out_report->doubtful = !sure;
	out_report->doubt = sure ? 0 : doubt_of(ear, value);
	out_report->score = value;
	out_report->back_ms = back_ms(ear);
	ear->watch =
		(struct wake_watch){.rest_steps = REST_STEPS, .rests_from_doubt = !sure};
}

static void follow_peak(struct wake_watch *watch, double value)
{
	if (!watch->rising) {
		*watch = (struct wake_watch){.rising = true, .peak = value};
		return;
	}
	watch->begun_steps++;
	watch->peak_steps++;
	if (value > watch->peak) {
		watch->peak = value;
		watch->peak_steps = 0;
	}
}

static void watch_score(struct wake_ear *ear, double value,
			struct wake_report *out_report)
{
	const struct head_info *info = head_info(ear->head);
	struct wake_watch *watch = &ear->watch;
	const bool sure = value >= ear->sure;

	if (watch->rest_steps > 0) {
		watch->rest_steps--;
		if (sure && watch->rests_from_doubt)
			report(ear, value, true, out_report);
		return;
	}
	if (sure) {
		watch->peak_steps = 0;
		report(ear, value, true, out_report);
		return;
	}
	if (watch->rising || value >= (double)info->doubtful)
		follow_peak(watch, value);
	if (watch->rising &&
	    (watch->peak_steps >= FALLEN_STEPS || watch->begun_steps >= DOUBT_STEPS))
		report(ear, watch->peak, false, out_report);
}

/* ---- what the stream calls ---- */

void wake_ear_feed(struct wake_ear *ear, const float *values,
		   struct wake_report *out_report)
{
	*out_report = (struct wake_report){.floor = ear->sure};
	if (values) {
		ear->newest = score(ear, values);
		watch_score(ear, ear->newest, out_report);
	}
	if (!out_report->candidate)
		out_report->score = ear->newest;
}

void wake_ear_reset(struct wake_ear *ear)
{
	ear->watch = (struct wake_watch){.rising = false};
	for (size_t i = 0; i < HEAD_STEPS; i++)
		memcpy(ear->window + i * EMBEDDING_SIZE, ear->silent_values,
		       sizeof(ear->silent_values));
	for (size_t i = 0; i < HEAD_SMOOTH_MAX; i++)
		ear->logits[i] = ear->silent_logit;
	ear->newest = (double)ear->silent_logit;
}

void wake_ear_init(struct wake_ear *ear, const struct head *head, double sure,
		   const float silent_values[EMBEDDING_SIZE])
{
	ear->head = head;
	ear->sure = sure;
	memcpy(ear->silent_values, silent_values, sizeof(ear->silent_values));
	wake_ear_reset(ear);
	ear->silent_logit = head_score(head, ear->window);
	wake_ear_reset(ear);
}
