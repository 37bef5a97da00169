/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_stage - see the header. Knows no incident.
 */
#include "cli/drill_stage.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/rehearsal.h"

enum { CONTACTS_EACH = 3 };

static void deal_contacts(struct drill_stage *stage, size_t number)
{
	const struct drill_card *card = stage->card;

	for (size_t i = 0; i < CONTACTS_EACH && i < card->contact_count; i++)
		stage->contacts[stage->contact_count++] =
			card->contacts[(number + i) % card->contact_count];
}

enum err drill_stage_open(const struct drill_card *card, size_t number,
			  struct drill_stage *stage, struct err_note *note)
{
	return drill_stage_open_shop(card, number, NULL, stage, note);
}

enum err drill_stage_open_shop(const struct drill_card *card, size_t number,
			       const char *goods, struct drill_stage *stage,
			       struct err_note *note)
{
	enum err err;

	*stage = (struct drill_stage){.card = card, .name = REHEARSAL_WAKE_WORD};
	if (card->names.count > 0)
		stage->name = card->names.all[number % card->names.count];
	deal_contacts(stage, number);
	err = rehearsal_house_create_shop(stage->contacts, stage->contact_count, goods,
					  &stage->house, note);
	return err ? err : arena_create(REHEARSAL_ARENA_BYTES, &stage->arena);
}

void drill_stage_close(struct drill_stage *stage)
{
	arena_destroy(stage->arena);
	rehearsal_house_destroy(stage->house);
	stage->arena = NULL;
	stage->house = NULL;
}

enum err drill_stage_rooms(const struct drill_stage *stage,
			   struct rehearsal_rooms **out_rooms)
{
	const struct drill_card *card = stage->card;
	struct rehearsal_place places[DRILL_ROOMS_MAX];

	for (size_t i = 0; i < card->room_count; i++)
		places[i] = (struct rehearsal_place){.name = card->rooms[i].name,
						     .db = card->rooms[i].db,
						     .late_ms = card->rooms[i].late_ms};
	return rehearsal_rooms_create(stage->house, stage->arena, stage->name, places,
				      card->room_count, out_rooms);
}

/* --- words ------------------------------------------------------------------------------ */

static const char *value_of(const struct drill_stage *stage, const char *at,
			    size_t *out_size)
{
	const struct {
		const char *mark;
		const char *value;
	} rows[] = {
		{"{name}", stage->name},
		{"{contact}", stage->contact_count ? stage->contacts[0].name : ""},
		{"{code}", stage->card->code},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (!str_starts(at, rows[i].mark))
			continue;
		*out_size = strlen(rows[i].mark);
		return rows[i].value;
	}
	return NULL;
}

void drill_stage_fill(const struct drill_stage *stage, const char *text,
		      char to[TEXT_BYTES])
{
	to[0] = '\0';
	for (const char *at = text; *at;) {
		size_t size = 1;
		const char *value = value_of(stage, at, &size);

		if (value)
			must(str_append(to, TEXT_BYTES, "%s", value));
		else
			must(str_append(to, TEXT_BYTES, "%c", *at));
		at += size;
	}
	str_fold(to);
}

void drill_stage_say(const struct drill_stage *stage, struct rehearsal_rooms *rooms,
		     const char *text, struct rehearsal_turn *out_turn)
{
	char filled[TEXT_BYTES];
	const struct rehearsal_said said = {.text = filled};

	drill_stage_fill(stage, text, filled);
	rehearsal_rooms_say(rooms, &said, out_turn);
}

enum reason drill_stage_reason(const struct rehearsal_rooms *rooms,
			       const struct rehearsal_turn *turn)
{
	return turn->proposal == REHEARSAL_NOBODY
		       ? turn->reason
		       : rooms->proposals[turn->proposal].reason;
}
