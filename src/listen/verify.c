/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - see the header. Cheap questions first; what they refuse is not decoded.
 *
 * Does not know leases or the wake detector. Invariant: the copy of the ring is wiped
 * before verify_candidate returns.
 */
#include "listen/verify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/locked.h"

enum { RING_SAMPLES = RING_FRAMES * AUDIO_FRAME_SAMPLES };

static const double VOICED_RATIO = 4.0; /* 6 dB above the noise */
static const double NOISE_MIN = 1.0;    /* a line that is digitally silent */

struct verify {
	struct verifier *verifier;
	int16_t sound[RING_SAMPLES];
};

enum err verify_create(struct verifier *verifier, struct verify **out_verify)
{
	void *memory = NULL;
	const enum err err = locked_take(sizeof(struct verify), &memory);

	if (err)
		return err;
	*out_verify = memory;
	(*out_verify)->verifier = verifier;
	return OK;
}

void verify_destroy(struct verify *verify)
{
	locked_free(verify, sizeof(*verify));
}

/* ---- level and length ---- */

static double mean_square(const struct audio_frame *frame)
{
	double sum = 0;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		sum += (double)frame->samples[i] * frame->samples[i];
	return sum / AUDIO_FRAME_SAMPLES;
}

static int by_level(const void *a, const void *b)
{
	const double left = *(const double *)a;
	const double right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Mean squares of the newest frames; returns how many. */
static size_t measure(const struct ring *ring, uint32_t span_ms,
		      double levels[RING_FRAMES])
{
	const size_t kept = ring_count(ring);
	const size_t wanted = span_ms / AUDIO_FRAME_MS;
	const size_t count = wanted < kept ? wanted : kept;

	for (size_t i = 0; i < count; i++)
		levels[i] = mean_square(ring_at(ring, kept - count + i));
	return count;
}

double verify_level_db(const struct ring *ring, uint32_t span_ms, double noise)
{
	double levels[RING_FRAMES];
	const size_t count = measure(ring, span_ms, levels);
	double sum = 0;

	if (count == 0)
		return 0;
	qsort(levels, count, sizeof(levels[0]), by_level);
	const size_t quiet = count / 2;

	for (size_t i = quiet; i < count; i++)
		sum += levels[i];
	const double ratio = sum / (double)(count - quiet) / fmax(noise, NOISE_MIN);
	return ratio > 1 ? 10 * log10(ratio) : 0;
}

static uint32_t voiced_ms(const struct ring *ring, uint32_t span_ms, double noise)
{
	double levels[RING_FRAMES];
	const size_t count = measure(ring, span_ms, levels);
	uint32_t ms = 0;

	for (size_t i = 0; i < count; i++)
		if (levels[i] > VOICED_RATIO * fmax(noise, NOISE_MIN))
			ms += AUDIO_FRAME_MS;
	return ms;
}

/* ---- the sounds ---- */

static void ask(struct verify *verify, const struct ring *ring, double doubt,
		struct verifier_report *report)
{
	const size_t count = ring_count(ring);

	must(count <= RING_FRAMES);
	for (size_t i = 0; i < count; i++)
		memcpy(verify->sound + i * AUDIO_FRAME_SAMPLES, ring_at(ring, i)->samples,
		       sizeof(ring_at(ring, i)->samples));
	verifier_verify(verify->verifier,
			(struct audio_span){verify->sound, count * AUDIO_FRAME_SAMPLES},
			doubt, report);
	explicit_bzero(verify->sound, sizeof(verify->sound));
}

void verify_candidate(struct verify *verify, const struct ring *ring,
		      const struct wake_report *heard, double noise,
		      struct verify_report *out_report)
{
	struct verifier_report name;

	*out_report = (struct verify_report){.why = ""};
	if (verify_level_db(ring, heard->back_ms, noise) < VERIFY_LEVEL_DB_MIN) {
		out_report->why = "too quiet";
		return;
	}
	if (voiced_ms(ring, heard->back_ms, noise) < VERIFY_VOICED_MS_MIN) {
		out_report->why = "too short";
		return;
	}
	ask(verify, ring, heard->doubt, &name);
	out_report->ratio = name.ratio;
	if (name.found && name.name_ms < VERIFY_NAME_MS_MIN)
		out_report->why = "too short";
	else if (!name.passed)
		out_report->why = "other sounds";
	else
		out_report->passed = true;
}
