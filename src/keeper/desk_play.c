/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_play - one recording for its signed-in owner. It is opened whole, then the journal
 * learns of it, and only then does the first byte leave.
 */
#include <stdlib.h>

#include "base/must.h"
#include "keeper/opening.h"

static void play_free(struct job *job)
{
	opening_finish(opening_of(job));
	free(job);
}

static void say_end(struct desk_link *link, enum err err)
{
	const struct wire_end end = {.err = (uint32_t)err};

	desk_say(link, WIRE_end, &end);
}

static void say_sound(struct desk_link *link, const struct secret *sound)
{
	const uint8_t *from = secret_view(sound);
	size_t left = secret_size(sound);

	while (left > 0) {
		size_t part = left < WIRE_PCM_BYTES ? left : WIRE_PCM_BYTES;
		const struct wire_play_sound message = {.pcm = {from, part}};

		desk_say(link, WIRE_play_sound, &message);
		from += part;
		left -= part;
	}
}

static void play_written(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	(void)place;
	if (!link)
		return;
	if (err == OK && !owner_view_is_open(link->view))
		err = ERR_DENIED;
	if (err == OK && item->sound)
		say_sound(link, item->sound);
	say_end(link, err);
}

static bool is_of_box(const struct desk *desk, const struct opening *opening)
{
	return id_equal(opening->about.owner.bytes, desk_box_owner(desk).bytes);
}

/* What is nobody's is opened before the eyes of all owners: by name. */
static void tell_of(struct desk *desk, const struct owner_view *view,
		    const struct opening *opening, struct event *event)
{
	const bool is_box = is_of_box(desk, opening);

	event_init(event, is_box ? EVENT_BOX_OPENED : EVENT_PLAYED, opening->about.turn,
		   opening->about.room.text, clock_wall_ms(&desk->parts.clock));
	desk_event_add_id(event, "record", opening->record.bytes);
	desk_event_add_id(event, "owner", owner_view_id(view).bytes);
	if (is_box)
		event_add(event, "name", owner_view_name(view));
}

static void play_over(struct desk *desk, struct job *job)
{
	struct opening *opening = opening_of(job);
	struct desk_link *link = job->link;
	struct item *item = NULL;
	enum err err = opening->err;

	if (err == OK)
		err = item_create(link, 0, play_written, &item);
	if (err != OK) {
		desk_job_end(link);
		say_end(link, err);
		return;
	}
	tell_of(desk, link->view, opening, &item->event);
	item->sound = opening->plain;
	opening->plain = NULL;
	desk_job_end(link);
	desk_write_take(desk, &item);
}

/* It may be one of the household's box. */
static void own_over(struct desk *desk, struct job *job)
{
	struct opening *opening = opening_of(job);

	if (opening->err == ERR_MISSING)
		opening_begin_box(desk, job, opening->record, RECORDING_SOUND, play_over);
	else
		play_over(desk, job);
}

void desk_play(struct desk *desk, struct desk_link *link, const struct wire_play_get *get)
{
	struct opening_job *play = calloc(1, sizeof(*play));
	struct record_id record;

	if (!play) {
		say_end(link, ERR_MEMORY);
		return;
	}
	play->job.free_ = play_free;
	for (size_t i = 0; i < ID_BYTES; i++)
		record.bytes[i] = get->record.bytes[i];
	desk_job_begin(link, &play->job);
	opening_begin(desk, &play->job, record, RECORDING_SOUND, own_over);
}
