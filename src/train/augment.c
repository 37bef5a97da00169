/* SPDX-License-Identifier: Apache-2.0 */
/*
 * augment - see the header. The order is that of the world: the speaker, the room, what
 * else is heard there, the microphone. Lengths stay within AUGMENT_SAMPLES_MAX, levels
 * within full scale.
 */
#include "train/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "train/tempo.h"

enum {
	MARGIN_BEFORE = AUDIO_HZ / 20,
	MARGIN_AFTER = AUDIO_HZ / 12,
	FADE = AUDIO_HZ / 100,
	TAIL = AUDIO_HZ / 4, /* of a room, behind the name */
};

static const double FLOOR_DB = 45; /* the quietest noise, where there is any */
/* Names and other sound alike, or zeros around a sound would mean the name. */
static const double STILL_SHARE = 0.15;

struct augment {
	const struct surroundings *around;
	struct convolve *convolve;
	struct sound name;
	struct sound spare;
	struct sound over;
};

enum err augment_create(const struct surroundings *surroundings,
			struct augment **out_augment)
{
	struct augment *made = calloc(1, sizeof(*made));
	enum err err = made ? convolve_create(&made->convolve) : ERR_MEMORY;

	if (!err)
		err = sound_init(&made->name, AUGMENT_SAMPLES_MAX);
	if (!err)
		err = sound_init(&made->spare, AUGMENT_SAMPLES_MAX);
	if (!err)
		err = sound_init(&made->over, AUGMENT_SAMPLES_MAX);
	if (!err) {
		made->around = surroundings;
		*out_augment = made;
		made = NULL;
	}
	augment_destroy(made);
	return err;
}

void augment_destroy(struct augment *augment)
{
	if (!augment)
		return;
	convolve_destroy(augment->convolve);
	sound_finish(&augment->name);
	sound_finish(&augment->spare);
	sound_finish(&augment->over);
	free(augment);
}

static double draw_factor(struct random *random, double share, double low, double high)
{
	bool drawn = random_chance(random, share);
	double factor = exp(random_range(random, log(low), log(high)));

	return drawn ? factor : 1;
}

static enum noise_kind draw_noise(struct random *random)
{
	static const enum noise_kind KINDS[] = {NOISE_GIVEN,  NOISE_GIVEN, NOISE_GIVEN,
						NOISE_GIVEN,  NOISE_PINK,  NOISE_PINK,
						NOISE_WHITE,  NOISE_HUM,   NOISE_TUNE,
						NOISE_BABBLE, NOISE_BABBLE};

	return KINDS[random_below(random, sizeof(KINDS) / sizeof(KINDS[0]))];
}

static struct augment_plan plain(struct random *random)
{
	return (struct augment_plan){
		.speed = 1,
		.pitch = 1,
		.room = -1,
		.noise = NOISE_PINK,
		.noise_db = INFINITY,
		.talk_db = INFINITY,
		.level_db = random_range(random, -30, -10),
		.clip = 1,
	};
}

/* What a room and a microphone do to anything. */
static void draw_device(struct random *random, struct augment_plan *plan)
{
	if (random_chance(random, 0.5))
		plan->room = (int)random_below(random, SURROUNDINGS_ROOMS);
	if (random_chance(random, 0.2))
		plan->band =
			(enum filter_band)(1 + random_below(random, FILTER_COUNT - 1));
	plan->level_db = random_range(random, -42, -4);
	if (random_chance(random, 0.05))
		plan->clip = random_range(random, 0.2, 0.8);
	if (random_chance(random, 0.05))
		plan->offset = random_range(random, -0.05, 0.05);
}

/* Mostly loud noise, sometimes little, and sometimes none: files, gates and cards that are
 * off give zeros around a word. */
static double draw_noise_db(struct random *random, double loud)
{
	const double luck = random_unit(random);

	if (luck < STILL_SHARE)
		return INFINITY;
	return luck < STILL_SHARE + loud ? random_range(random, 2, 25)
					 : random_range(random, 25, FLOOR_DB);
}

struct augment_plan augment_draw_name(struct random *random, size_t copy)
{
	struct augment_plan plan = plain(random);

	if (copy == 0)
		return plan;
	plan.speed = draw_factor(random, 0.6, 0.82, 1.22);
	plan.pitch = draw_factor(random, 0.5, 0.84, 1.26);
	draw_device(random, &plan);
	plan.noise = draw_noise(random);
	plan.noise_db = draw_noise_db(random, 0.65);
	if (random_chance(random, 0.12))
		plan.talk_db = random_range(random, 4, 15);
	plan.talk_before = random_chance(random, 0.35);
	plan.talk_after = random_chance(random, 0.45);
	return plan;
}

struct augment_plan augment_draw_section(struct random *random, size_t copy)
{
	struct augment_plan plan = plain(random);

	if (copy == 0)
		return plan;
	plan.speed = draw_factor(random, 0.3, 0.85, 1.18);
	plan.pitch = draw_factor(random, 0.4, 0.84, 1.26);
	draw_device(random, &plan);
	plan.noise = draw_noise(random);
	plan.noise_db = draw_noise_db(random, 0.45);
	if (random_chance(random, 0.2))
		plan.talk_db = random_range(random, 0, 15);
	return plan;
}

/* Pitch and speed; the result replaces sound. */
static void change_voice(struct augment *augment, const struct augment_plan *plan,
			 struct sound *sound)
{
	double stretch = plan->speed / plan->pitch;

	if (fabs(plan->pitch - 1) > 0.005) {
		tempo_resample(sound, plan->pitch, &augment->spare);
		sound_copy(sound, &augment->spare);
	}
	if (fabs(stretch - 1) > 0.005) {
		tempo_stretch(sound, stretch, &augment->spare);
		sound_copy(sound, &augment->spare);
	}
}

static void change_room(struct augment *augment, const struct augment_plan *plan,
			struct sound *sound)
{
	const struct room_taps *room;

	if (plan->room < 0)
		return;
	must(plan->room < SURROUNDINGS_ROOMS);
	room = &augment->around->rooms[plan->room];
	convolve_run(augment->convolve, room->taps, room->count, sound);
}

/* Adds an excerpt of pool from at on, so that power over its own is ratio_db. */
static void lay_over(struct augment *augment, const struct sound *pool,
		     struct random *random, double power, double ratio_db,
		     struct sound *to, size_t at, size_t count)
{
	double own;

	must(count <= augment->over.room);
	if (!surroundings_excerpt(pool, random, count, augment->over.samples))
		return;
	own = sound_power(augment->over.samples, count);
	if (own > 1e-10)
		sound_mix(to, at, augment->over.samples, count,
			  (float)sqrt(power / own * pow(10, -ratio_db / 10)));
}

/* Noise, talk, microphone; power is that of what the ratios are over. */
static void change_scene(struct augment *augment, const struct augment_plan *plan,
			 struct random *random, double power, struct sound *sound)
{
	double loudest;
	float peak = 0;

	if (isfinite(plan->noise_db))
		lay_over(augment, &augment->around->noises[plan->noise], random, power,
			 plan->noise_db, sound, 0, sound->count);
	if (isfinite(plan->talk_db))
		lay_over(augment, &augment->around->talk, random, power, plan->talk_db,
			 sound, 0, sound->count);
	filter_run(sound, plan->band);
	loudest = sound_loudest(sound->samples, sound->count);
	if (loudest > 0)
		sound_scale(sound, (float)sqrt(pow(10, plan->level_db / 10) / loudest));
	for (size_t i = 0; i < sound->count; i++)
		peak = fmaxf(peak, fabsf(sound->samples[i]));
	filter_clip(sound, fminf(peak * (float)plan->clip, 1));
	for (size_t i = 0; i < sound->count; i++)
		sound->samples[i] += (float)plan->offset;
	filter_clip(sound, 1);
}

/* The name with a little around it, faded in and out. */
static void cut_out(const struct sound *clip, struct word_span span, struct sound *to,
		    size_t *out_end)
{
	size_t begin = span.begin > MARGIN_BEFORE ? span.begin - MARGIN_BEFORE : 0;
	size_t end = span.end + MARGIN_AFTER < clip->count ? span.end + MARGIN_AFTER
							   : clip->count;
	struct sound part = {clip->samples + begin, end - begin, end - begin};

	sound_copy(to, &part);
	for (size_t i = 0; i < FADE && i < to->count; i++) {
		to->samples[i] *= (float)i / FADE;
		to->samples[to->count - 1 - i] *= (float)i / FADE;
	}
	*out_end = span.end - begin;
}

static void lengthen(struct sound *sound, size_t by)
{
	size_t before = sound->count;

	sound->count = before + by < sound->room ? before + by : sound->room;
	memset(sound->samples + before, 0,
	       (sound->count - before) * sizeof(*sound->samples));
}

static void talk_around(struct augment *augment, const struct augment_plan *plan,
			struct random *random, double power, struct sound *to,
			size_t name_begin, size_t name_end)
{
	size_t gap = (size_t)random_range(random, 0.06 * AUDIO_HZ, 0.4 * AUDIO_HZ);
	size_t size = (size_t)random_range(random, 0.5 * AUDIO_HZ, 1.6 * AUDIO_HZ);
	double ratio_db = random_range(random, -3, 6);

	if (plan->talk_before && name_begin > gap + size)
		lay_over(augment, &augment->around->talk, random, power, ratio_db, to,
			 name_begin - gap - size, size);
	gap = (size_t)random_range(random, 0.05 * AUDIO_HZ, 0.3 * AUDIO_HZ);
	if (plan->talk_after && name_end + gap < to->count)
		lay_over(augment, &augment->around->talk, random, power, ratio_db, to,
			 name_end + gap, to->count - name_end - gap);
}

void augment_name(struct augment *augment, const struct augment_plan *plan,
		  struct random *random, const struct sound *clip, struct word_span span,
		  struct sound *to, size_t *out_end)
{
	struct sound *name = &augment->name;
	size_t lead = AUDIO_HZ / 1000 * AUGMENT_LEAD_MS +
		      random_below(random, AUDIO_HZ / 1000 * 80);
	size_t end;
	double power;

	must(span.begin < span.end && span.end <= clip->count);
	must(to->room >= AUGMENT_SAMPLES_MAX);
	cut_out(clip, span, name, &end);
	change_voice(augment, plan, name);
	end = (size_t)((double)end / plan->speed);
	if (end > name->count)
		end = name->count;
	power = sound_power(name->samples, end);
	lengthen(name, TAIL);
	change_room(augment, plan, name);
	sound_clear(to, lead + end + AUDIO_HZ / 1000 * AUGMENT_AFTER_MS);
	sound_mix(to, lead, name->samples, name->count, 1);
	*out_end = lead + end;
	talk_around(augment, plan, random, power, to, lead, *out_end);
	change_scene(augment, plan, random, power, to);
}

void augment_section(struct augment *augment, const struct augment_plan *plan,
		     struct random *random, struct sound *sound)
{
	must(sound->count <= AUGMENT_SAMPLES_MAX && sound->room >= sound->count);
	change_voice(augment, plan, sound);
	change_room(augment, plan, sound);
	change_scene(augment, plan, random, sound_loudest(sound->samples, sound->count),
		     sound);
}
