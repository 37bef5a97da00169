/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_json - a turn as the JSON object that programs outside read (docs/FORMATS.md).
 *
 * Readers may rely on the order of the keys from file to ms: new ones go behind them.
 * What was not believed to be a command has no intent here, whatever a closed grammar
 * made of it.
 */
#include "base/json.h"
#include "base/str.h"
#include "decide/floor.h"
#include "turn/turn.h"

static bool turn_believed(const struct turn *turn)
{
	const struct decision *decision = &turn->decision;

	return turn->understanding.intent.name[0] &&
	       decision->reason != REASON_NOT_ADDRESSED &&
	       decision->reason != REASON_LOW_CONFIDENCE &&
	       decision->reason != REASON_NOTHING_HEARD;
}

static void add_wake(struct json_write *write, const struct turn_heard *heard)
{
	if (!heard->woke) {
		json_add_null(write, "wake");
		return;
	}
	json_open_object(write, "wake");
	json_add_int(write, "at_ms", heard->wake_at_ms);
	json_add_double(write, "score", heard->wake_score, 3);
	json_close(write, '}');
}

/* The device's id is the house's own affair and stays inside. */
static void add_slots(struct json_write *write, const struct intent *intent,
		      bool believed)
{
	json_open_object(write, "slots");
	for (size_t i = 0; believed && i < intent->slot_count; i++) {
		const struct slot *slot = &intent->slots[i];
		if (str_ends(slot->name, "entity"))
			continue;
		if (slot->is_number && slot->number == (double)(int64_t)slot->number)
			json_add_int(write, slot->name, (int64_t)slot->number);
		else if (slot->is_number)
			json_add_double(write, slot->name, slot->number, 2);
		else
			json_add_text(write, slot->name, slot->value);
	}
	json_close(write, '}');
}

static void add_time(struct json_write *write, const char *name, double ms)
{
	if (ms >= 0)
		json_add_double(write, name, ms, 3);
}

static void add_times(struct json_write *write, const struct turn *turn)
{
	const struct turn_times *times = &turn->times;

	json_open_object(write, "ms");
	add_time(write, "listen", times->listen);
	add_time(write, "recognise", times->recognise);
	add_time(write, "understand", times->understand);
	add_time(write, "decide", times->decide);
	add_time(write, "journal", times->journal);
	add_time(write, "act", times->act);
	add_time(write, "publish", times->publish);
	add_time(write, "total", times->total);
	if (turn->heard.spoken)
		add_time(write, "decode", turn->heard.decode_ms);
	json_close(write, '}');
}

/* From file to ms: the order that is promised. */
static void add_promised(struct json_write *write, const struct turn *turn)
{
	bool believed = turn_believed(turn);
	const struct decision *decision = &turn->decision;
	enum reason reason =
		decision->kind == DECISION_ACT ? turn->outcome : decision->reason;

	add_wake(write, &turn->heard);
	json_add_text(write, "text", turn->heard.text);
	json_add_double(write, "confidence", turn_confidence(turn), 3);
	json_add_text(write, "intent", believed ? turn->understanding.intent.name : NULL);
	add_slots(write, &turn->understanding.intent, believed);
	json_add_text(write, "class",
		      believed ? action_class_text(decision->class_of) : NULL);
	json_add_text(write, "decision", decision_kind_text(decision->kind));
	json_add_text(write, "reason", reason_code(reason));
	add_times(write, turn);
}

static void add_further(struct json_write *write, const struct turn *turn)
{
	char id[ID_TEXT_BYTES];

	turn_id_to_text(id, turn->id);
	json_add_text(write, "id", id);
	json_add_text(write, "room", turn->room);
	json_add_text(write, "said", turn->said);
	json_add_int(write, "done", (int64_t)turn->acted);
	if (turn->waits > 0 || turn->failed > 0) {
		json_add_int(write, "waits", (int64_t)turn->waits);
		json_add_int(write, "failed", (int64_t)turn->failed);
	}
	if (turn->heard.is_answer)
		json_add_text(write, "answers", dialogue_step_text(turn->answers));
	if (turn->leans_on.value != 0) {
		turn_id_to_text(id, turn->leans_on);
		json_add_text(write, "leans", id);
	}
	if (turn->heard.spoken) {
		json_add_double(write, "ratio", turn->heard.ratio, 2);
		json_add_double(write, "floor",
				floor_for_class(turn->decision.class_of,
						turn->heard.speech_frames),
				2);
	}
	if (!id_is_none(turn->record.bytes)) {
		id_to_text(id, turn->record.bytes);
		json_add_text(write, "record", id);
	}
}

enum err turn_to_json(const struct turn *turn, const char *file, int number,
		      struct buf *to)
{
	struct json_write write;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	if (file)
		json_add_text(&write, "file", file);
	json_add_int(&write, "turn", number);
	add_promised(&write, turn);
	add_further(&write, turn);
	json_close(&write, '}');
	return json_write_finish(&write);
}
