/* SPDX-License-Identifier: Apache-2.0 */
/* ended - see the header. Knows no store. */
#include "keeper/ended.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { FIRST_CAPACITY = 64 };

struct ended_one {
	struct record_id record;
	int64_t at_ms;
	uint8_t why; /* its place in whys */
};

void ended_begin(struct owner_id owner, bool is_forwards, struct ended *out_ended)
{
	*out_ended = (struct ended){.owner = owner, .is_forwards = is_forwards};
}

void ended_finish(struct ended *ended)
{
	free(ended->list);
	*ended = (struct ended){.count = 0};
}

bool ended_is_of_interest(const char *kind)
{
	enum event_kind known;

	return event_kind_from_text(kind, &known) &&
	       (known == EVENT_DELETED || known == EVENT_ERASED);
}

/* One more than there is place for shares the last. */
static uint8_t why_of(struct ended *ended, const char *text)
{
	size_t at = 0;

	while (at < ended->why_count && !str_equal(ended->whys[at], text))
		at++;
	if (at == ENDED_WHYS_MAX)
		return ENDED_WHYS_MAX - 1;
	if (at == ended->why_count) {
		(void)str_copy(ended->whys[at], ENDED_WHY_BYTES, text);
		ended->why_count++;
	}
	return (uint8_t)at;
}

static enum err add(struct ended *ended, const struct event *event)
{
	struct ended_one one = {.at_ms = event->at_ms};

	if (!id_from_text(one.record.bytes, event_value(event, "record")))
		return OK;
	if (ended->count == ended->capacity) {
		const size_t wanted =
			ended->capacity > 0 ? ended->capacity * 2 : FIRST_CAPACITY;
		struct ended_one *larger =
			realloc(ended->list, wanted * sizeof(*ended->list));

		if (!larger)
			return ERR_MEMORY;
		ended->list = larger;
		ended->capacity = wanted;
	}
	one.why = why_of(ended, event_value(event, "why"));
	ended->list[ended->count++] = one;
	return OK;
}

static void erase(struct ended *ended, const struct event *event)
{
	const char *why = event_value(event, "why");

	if (ended->has_erased && ended->is_forwards)
		return;
	ended->has_erased = true;
	ended->erased.at_ms = event->at_ms;
	(void)str_copy(ended->erased.why, sizeof(ended->erased.why),
		       str_equal(why, "all") ? "its owner asked for it" : why);
}

enum err ended_take(struct ended *ended, const struct event *event)
{
	struct owner_id owner;

	if ((event->kind != EVENT_DELETED && event->kind != EVENT_ERASED) ||
	    !id_from_text(owner.bytes, event_value(event, "owner")) ||
	    !id_equal(owner.bytes, ended->owner.bytes))
		return OK;
	if (event->kind == EVENT_DELETED)
		return add(ended, event);
	erase(ended, event);
	return OK;
}

bool ended_find(const struct ended *ended, struct record_id record,
		struct ended_end *out_end)
{
	/* Those that were taken last are the likeliest. */
	for (size_t i = ended->count; i > 0; i--) {
		const struct ended_one *one = &ended->list[i - 1];

		if (!id_equal(one->record.bytes, record.bytes))
			continue;
		out_end->at_ms = one->at_ms;
		(void)str_copy(out_end->why, sizeof(out_end->why), ended->whys[one->why]);
		return true;
	}
	if (ended->has_erased)
		*out_end = ended->erased;
	return ended->has_erased;
}
