/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hearing - see the header. Does not search.
 *
 * Invariants: frame i of cleaned is frame i of plain; cleaned_count <= count; a mean of the
 * voice is that of cleaned frames, those that there are. Nothing is cleaned in quiet: when
 * noise comes the frames before it are cleaned then.
 */
#include "adapter/hearing.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/front.h"
#include "adapter/voiced.h"

struct mean {
	double sum[SPHINX_CEP];
	size_t count;
};

struct hearing {
	struct front *front;
	struct voiced voiced;
	struct front_frame plain[HEARING_FRAMES_MAX];
	struct sphinx_cep cleaned[HEARING_FRAMES_MAX];
	bool is_voice[HEARING_FRAMES_MAX];
	size_t count;
	size_t cleaned_count;
	size_t voice_count;
	struct mean mean_all;
	struct mean mean_voice;
	bool fixed;
	struct hearing_way fixed_way;
};

enum err hearing_create(struct sphinx_search *search, const struct cleaner *cleaner,
			struct hearing **out_hearing)
{
	struct hearing *made = calloc(1, sizeof(*made));
	enum err err;

	if (!made)
		return ERR_MEMORY;
	err = front_create(search, cleaner, &made->front);
	if (err) {
		hearing_destroy(made);
		return err;
	}
	voiced_init(&made->voiced);
	*out_hearing = made;
	return OK;
}

void hearing_destroy(struct hearing *hearing)
{
	if (!hearing)
		return;
	front_destroy(hearing->front);
	explicit_bzero(hearing, sizeof(*hearing));
	free(hearing);
}

void hearing_begin(struct hearing *hearing)
{
	struct front *front = hearing->front;

	explicit_bzero(hearing, sizeof(*hearing));
	hearing->front = front;
	front_begin(front);
	voiced_init(&hearing->voiced);
}

/* --- frames --- */

static void add_to_mean(struct mean *mean, const struct sphinx_cep *cep)
{
	for (size_t k = 0; k < SPHINX_CEP; k++)
		mean->sum[k] += (double)cep->value[k];
	mean->count++;
}

/* Digital silence says nothing of the channel. */
static bool is_sound(const struct front_frame *frame)
{
	return frame->cep.value[0] >= 0;
}

static void keep(struct hearing *hearing, const struct front_frame *frame, bool is_voice)
{
	if (hearing->count == HEARING_FRAMES_MAX)
		return;
	hearing->plain[hearing->count] = *frame;
	hearing->is_voice[hearing->count] = is_voice;
	hearing->voice_count += is_voice;
	hearing->count++;
}

static void take(struct hearing *hearing, const struct front_frame *frame)
{
	struct front_frame kept[VOICED_AT_ONCE_MAX];
	const size_t count = voiced_take(&hearing->voiced, frame, kept);

	if (is_sound(frame))
		add_to_mean(&hearing->mean_all, &frame->cep);
	/* The newest is the last; those before it were held back, for they were no voice. */
	for (size_t i = 0; i < count; i++)
		keep(hearing, &kept[i],
		     i + 1 == count && voiced_now(&hearing->voiced) && is_sound(frame));
}

static void take_all(struct hearing *hearing, struct front_frame *fresh, size_t count)
{
	for (size_t i = 0; i < count; i++)
		take(hearing, &fresh[i]);
	explicit_bzero(fresh, count * sizeof(*fresh));
}

void hearing_feed(struct hearing *hearing, const int16_t *samples, size_t count)
{
	struct front_frame fresh[FRONT_FRAMES_MAX];

	take_all(hearing, fresh, front_feed(hearing->front, samples, count, fresh));
}

void hearing_end(struct hearing *hearing)
{
	struct front_frame fresh[FRONT_FRAMES_MAX];

	take_all(hearing, fresh, front_end(hearing->front, fresh));
}

static void clean_what_can_be(struct hearing *hearing)
{
	for (size_t i = hearing->cleaned_count; i < hearing->count; i++) {
		if (!front_clean(hearing->front, &hearing->plain[i],
				 &hearing->cleaned[i]))
			return;
		if (hearing->is_voice[i])
			add_to_mean(&hearing->mean_voice, &hearing->cleaned[i]);
		hearing->cleaned_count++;
	}
}

/* --- how they are read --- */

static void put_mean(const struct mean *mean, double *to)
{
	for (size_t k = 0; k < SPHINX_CEP; k++)
		to[k] = mean->count ? mean->sum[k] / (double)mean->count : 0;
}

struct hearing_way hearing_way(struct hearing *hearing)
{
	struct hearing_way way = hearing->fixed_way;

	if (hearing->fixed)
		return way;
	way.in_noise = hearing->voice_count > 0 && voiced_in_noise(&hearing->voiced);
	if (way.in_noise)
		clean_what_can_be(hearing);
	put_mean(way.in_noise ? &hearing->mean_voice : &hearing->mean_all, way.mean);
	return way;
}

void hearing_fix(struct hearing *hearing)
{
	hearing->fixed_way = hearing_way(hearing);
	hearing->fixed = true;
}

void hearing_unfix(struct hearing *hearing)
{
	hearing->fixed = false;
}

size_t hearing_count(const struct hearing *hearing)
{
	return hearing->count;
}

size_t hearing_read(struct hearing *hearing, const struct hearing_way *way, size_t from,
		    struct sphinx_cep *to, size_t count_max)
{
	size_t count = 0;

	if (way->in_noise)
		clean_what_can_be(hearing);
	const size_t end = way->in_noise ? hearing->cleaned_count : hearing->count;
	for (size_t i = from; i < end && count < count_max; i++, count++) {
		const struct sphinx_cep *cep =
			way->in_noise ? &hearing->cleaned[i] : &hearing->plain[i].cep;
		for (size_t k = 0; k < SPHINX_CEP; k++)
			to[count].value[k] = cep->value[k] - (float)way->mean[k];
	}
	return count;
}
