/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front - see the header.
 *
 * Invariant: the number of a frame is the place of the equal frame in heard: both front
 * ends compute the same values, only one of them drops some.
 */
#include "adapter/front.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { AT_ONCE = FRONT_FRAMES_MAX };

struct front {
	const struct cleaner *cleaner;
	struct sphinx_front *kept;  /* noise and silence removed */
	struct sphinx_front *quiet; /* noise removed */
	struct sphinx_front *raw;
	struct cleaner_frame heard[FRONT_HEARD_MAX];
	size_t quiet_count; /* frames in heard */
	size_t raw_count;
	size_t next; /* where the next kept frame is looked for */
	bool ended;
	struct sphinx_cep fresh[AT_ONCE]; /* straight from the library */
};

enum err front_create(struct sphinx_search *search, const struct cleaner *cleaner,
		      struct front **out_front)
{
	struct front *made = calloc(1, sizeof(*made));
	enum err err;

	if (!made)
		return ERR_MEMORY;
	made->cleaner = cleaner;
	err = sphinx_front_create(search, SPHINX_FRONT_KEPT, &made->kept);
	if (!err && cleaner)
		err = sphinx_front_create(search, SPHINX_FRONT_QUIET, &made->quiet);
	if (!err && cleaner)
		err = sphinx_front_create(search, SPHINX_FRONT_RAW, &made->raw);
	if (err) {
		front_destroy(made);
		return err;
	}
	*out_front = made;
	return OK;
}

void front_destroy(struct front *front)
{
	if (!front)
		return;
	sphinx_front_destroy(front->kept);
	sphinx_front_destroy(front->quiet);
	sphinx_front_destroy(front->raw);
	explicit_bzero(front, sizeof(*front));
	free(front);
}

void front_begin(struct front *front)
{
	sphinx_front_begin(front->kept);
	if (front->quiet)
		sphinx_front_begin(front->quiet);
	if (front->raw)
		sphinx_front_begin(front->raw);
	explicit_bzero(front->heard, sizeof(front->heard));
	explicit_bzero(front->fresh, sizeof(front->fresh));
	front->quiet_count = front->raw_count = front->next = 0;
	front->ended = false;
}

static void hear_quiet(struct front *front, size_t count)
{
	for (size_t i = 0; i < count && front->quiet_count < FRONT_HEARD_MAX; i++)
		front->heard[front->quiet_count++].quiet = front->fresh[i];
}

static void hear_raw(struct front *front, size_t count)
{
	for (size_t i = 0; i < count && front->raw_count < FRONT_HEARD_MAX; i++)
		front->heard[front->raw_count++].raw = front->fresh[i];
}

static bool same_cep(const struct sphinx_cep *a, const struct sphinx_cep *b)
{
	for (size_t k = 0; k < SPHINX_CEP; k++)
		if (a->value[k] != b->value[k])
			return false;
	return true;
}

/* The place of a frame that was kept: they come in order. None beyond what was heard. */
static bool find(struct front *front, const struct sphinx_cep *cep, uint32_t *out_number)
{
	size_t at = front->next;

	while (at < front->quiet_count && !same_cep(&front->heard[at].quiet, cep))
		at++;
	if (at == front->quiet_count)
		return false;
	front->next = at + 1;
	*out_number = (uint32_t)at;
	return true;
}

static size_t give(struct front *front, size_t count, struct front_frame *to)
{
	size_t given = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t number = 0;

		if (front->cleaner && !find(front, &front->fresh[i], &number))
			continue;
		to[given++] = (struct front_frame){front->fresh[i], number};
	}
	return given;
}

size_t front_feed(struct front *front, const int16_t *samples, size_t count,
		  struct front_frame *to)
{
	must(count <= FRONT_SAMPLES_MAX && !front->ended);
	if (front->cleaner) {
		hear_quiet(front, sphinx_front_feed(front->quiet, samples, count,
						    front->fresh, AT_ONCE));
		hear_raw(front, sphinx_front_feed(front->raw, samples, count,
						  front->fresh, AT_ONCE));
	}
	return give(front,
		    sphinx_front_feed(front->kept, samples, count, front->fresh, AT_ONCE),
		    to);
}

size_t front_end(struct front *front, struct front_frame *to)
{
	if (front->cleaner) {
		hear_quiet(front, sphinx_front_end(front->quiet, front->fresh, AT_ONCE));
		hear_raw(front, sphinx_front_end(front->raw, front->fresh, AT_ONCE));
	}
	front->ended = true;
	return give(front, sphinx_front_end(front->kept, front->fresh, AT_ONCE), to);
}

/* Beyond either end of the sound the frame at the end is taken again. */
bool front_clean(const struct front *front, const struct front_frame *frame,
		 struct sphinx_cep *out_cep)
{
	const struct cleaner_frame *window[CLEANER_FRAMES];
	const size_t known = front->quiet_count < front->raw_count ? front->quiet_count
								   : front->raw_count;

	*out_cep = frame->cep;
	if (!front->cleaner)
		return true;
	if (frame->number + CLEANER_AFTER >= known && !front->ended)
		return false;
	for (size_t i = 0; i < CLEANER_FRAMES && known > 0; i++) {
		size_t at = frame->number + i;
		at = at > CLEANER_BEFORE ? at - CLEANER_BEFORE : 0;
		window[i] = &front->heard[at < known ? at : known - 1];
	}
	if (known > 0)
		cleaner_clean(front->cleaner, window, out_cep);
	return true;
}
