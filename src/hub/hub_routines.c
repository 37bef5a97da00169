/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_routines - floors, groups and routines of the household, read when the hub starts and
 * whenever they are others, and what would become of each line of a routine now.
 *
 * A file that is wrong is told of by status and changes nothing: what was arranged before
 * holds. A routine that is under way has a copy of its lines. To look at a line is to decide it as if it were typed, and to throw away
 * what was decided: nothing is written, nothing is done.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "decide/decide.h"
#include "hub/hub.h"

enum {
	ROUTINE_JSON_BYTES = 16383,
	LOOK_ARENA_BYTES = 256 * 1024,
	ARRANGED_LOOK_MS = 2000,
};

/* Whoever points to what is arranged still does: it is another in the same place. */
static void arrange(struct hub *hub)
{
	struct arranged *read = NULL;

	hub->arranged_trouble.text[0] = '\0';
	if (arranged_file_read(hub->data, &read, &hub->arranged_trouble)) {
		log_line("hub: what was arranged before holds: %s",
			 hub->arranged_trouble.text);
		return;
	}
	*hub->arranged = *read;
	free(read);
	hub->arranged_version++;
}

static void look_again(void *context)
{
	struct hub *hub = context;
	struct arranged_seen now;

	if (loop_after(hub->loop, ARRANGED_LOOK_MS, look_again, hub, NULL))
		log_line("hub: cannot set a timer");
	arranged_file_look(hub->data, &now);
	if (arranged_file_is_same(&now, &hub->arranged_seen))
		return;
	hub->arranged_seen = now;
	arrange(hub);
	words_refresh(hub->words);
}

enum err hub_routines_open(struct hub *hub)
{
	hub->arranged = calloc(1, sizeof(*hub->arranged));
	if (!hub->arranged)
		return ERR_MEMORY;
	arranged_file_look(hub->data, &hub->arranged_seen);
	arrange(hub);
	return loop_after(hub->loop, ARRANGED_LOOK_MS, look_again, hub, NULL);
}

void hub_routines_close(struct hub *hub)
{
	free(hub->arranged);
	hub->arranged = NULL;
}

/* As if the line were typed in that room. */
static void look_at(struct hub *hub, const char *room, const char *text,
		    struct arena *arena, struct decision *out_decision)
{
	struct understanding understood;
	const struct decide_input input = {
		.understanding = &understood,
		.home = bus_home(&hub->bus),
		.arranged = hub->arranged,
		.policy = keep_policy(&hub->keep),
		.room = room,
		.bus_down = !bus_is_up(&hub->bus),
		.can_hold = keep_can_propose(&hub->keep),
		.reach = keep_reach(&hub->keep),
		.in_routine = true,
		.wake_word = hub->settings.wake_word,
		.now_ms = clock_now_ms(&hub->clock),
	};

	arena_reset(arena);
	understand_text(words_compiled(hub->words, DIALOGUE_NONE), text, room,
			&understood);
	*out_decision =
		(struct decision){.kind = DECISION_REFUSE, .reason = REASON_NO_ACTION};
	if (decide(&input, arena, out_decision))
		log_line("routines: a line could not be looked at");
}

/* Something of it is done or asked for, and nothing is passed over. */
static bool is_in_order(const struct decision *decision)
{
	return (decision->warrant_count > 0 || decision->proposed_count > 0) &&
	       decision->left_count == 0;
}

/* Where a line is looked at: as it is typed without naming a room. */
static const char *room_of(struct hub *hub)
{
	const struct policy *policy = keep_policy(&hub->keep);

	return policy->room_count > 0 ? policy->rooms[0].room.text : "";
}

static bool has_broken_line(struct hub *hub, const struct routine *routine,
			    struct arena *arena)
{
	struct decision decision;

	for (size_t i = 0; i < routine->line_count; i++) {
		look_at(hub, room_of(hub), routine->lines[i].text, arena, &decision);
		if (!is_in_order(&decision))
			return true;
	}
	return false;
}

size_t hub_routines_broken(struct hub *hub)
{
	struct arena *arena = NULL;
	size_t count = 0;

	if (arena_create(LOOK_ARENA_BYTES, &arena))
		return 0;
	for (size_t i = 0; i < hub->arranged->routine_count; i++)
		count += has_broken_line(hub, &hub->arranged->routines[i], arena);
	arena_destroy(arena);
	return count;
}

static void add_line(struct json_write *write, const struct routine_line *line,
		     const struct decision *decision)
{
	const enum reason reason =
		decision->left_count > 0 ? decision->left[0].reason : decision->reason;

	json_open_object(write, NULL);
	json_add_text(write, "text", line->text);
	json_add_int(write, "line", line->number);
	json_add_text(write, "decision", decision_kind_text(decision->kind));
	json_add_text(write, "reason", reason_code(reason));
	json_add_text(write, "because", reason_explained(reason));
	json_add_int(write, "does", (int64_t)decision->warrant_count);
	json_add_int(write, "asks", (int64_t)decision->proposed_count);
	json_add_bool(write, "ok", is_in_order(decision));
	json_close(write, '}');
}

static enum err routine_json(struct hub *hub, const struct routine *routine,
			     const char *room, struct arena *arena, struct buf *to)
{
	struct json_write write;
	struct decision decision;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_text(&write, "name", routine->name);
	json_open_array(&write, "sentences");
	for (size_t i = 0; i < routine->sentence_count; i++)
		json_add_text(&write, NULL, routine->sentences[i]);
	json_close(&write, ']');
	json_open_array(&write, "lines");
	for (size_t i = 0; i < routine->line_count; i++) {
		look_at(hub, room, routine->lines[i].text, arena, &decision);
		add_line(&write, &routine->lines[i], &decision);
	}
	json_close(&write, ']');
	json_close(&write, '}');
	return json_write_finish(&write);
}

static enum err tell_one(struct hub *hub, const struct routine *routine, const char *room,
			 struct arena *arena, struct link *link)
{
	static struct wire_routine told; /* large; one loop owns it */
	struct buf json;
	enum err err;

	buf_init(&json, ROUTINE_JSON_BYTES);
	err = routine_json(hub, routine, room, arena, &json);
	if (!err && !str_copy(told.json, sizeof(told.json), (const char *)json.bytes))
		err = ERR_LIMIT;
	buf_finish(&json);
	return err ? err : link_send_routine(link, &told);
}

void hub_routines_tell(struct hub *hub, struct link *link)
{
	const char *room = room_of(hub);
	static const struct wire_routine last;
	struct arena *arena = NULL;
	enum err err = arena_create(LOOK_ARENA_BYTES, &arena);

	for (size_t i = 0; !err && i < hub->arranged->routine_count; i++)
		err = tell_one(hub, &hub->arranged->routines[i], room, arena, link);
	if (err)
		log_line("routines: one could not be told: %s", err_words(err));
	/* In any case, for somebody waits for it. */
	if (link_send_routine(link, &last))
		log_line("routines: nobody is there to be told");
	arena_destroy(arena);
}
