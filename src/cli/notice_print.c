/* SPDX-License-Identifier: Apache-2.0 */
/* notice_print - see the header. Decides nothing. */
#include "cli/notice_print.h"

#include <stdio.h>

#include "adapter/clock_system.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/str.h"
#include "cli/when.h"

enum { NOTICE_JSON_BYTES = 4096 };

static int64_t left_ms(const struct notice *notice)
{
	const int64_t left = notice->until_ms - loop_now_ms();

	return notice->until_ms == 0 || left < 0 ? 0 : left;
}

static void print_words(const struct notice *notice)
{
	const struct clock clock = clock_system();
	char id[ID_TEXT_BYTES];
	char words[NOTICE_WORDS_BYTES];
	char ago[WHEN_BYTES];
	char left[WHEN_BYTES];

	id_to_text(id, notice->id.bytes);
	notice_words(notice, words);
	when_span(ago, clock_wall_ms(&clock) - notice->asked_ms);
	when_span(left, left_ms(notice));
	printf("%3zu  %.*s  %s; asked %s ago, %s", notice->number, NOTICE_ID_LETTERS, id,
	       words, ago, proposal_state_words(notice->state));
	if (notice->until_ms != 0)
		printf(", %s left", left);
	if (notice->is_for_owner && notice_can_approve(notice))
		fputs("; you may approve it", stdout);
	else if (notice_can_approve(notice))
		fputs(notice->may ? "; this device may approve it"
				  : "; this device may not approve it",
		      stdout);
	putchar('\n');
}

/* Null: the keeper does not know it any more. */
static void add_order(struct json_write *write, const struct notice *notice)
{
	const struct wire_order_card *card = &notice->card;
	const bool has_card = id_equal(card->id.bytes, notice->id.bytes);

	json_add_text(write, "item", notice->action.item);
	json_add_int(write, "cents", notice->action.cents);
	json_add_text(write, "way", notice->action.mode);
	json_add_text(write, "currency", has_card ? card->currency : NULL);
	json_add_text(write, "heard", has_card && card->heard[0] ? card->heard : NULL);
	if (!has_card)
		return;
	json_add_int(write, "order_cents", card->order_cents);
	json_add_int(write, "day_left_cents", card->day_left_cents);
	json_add_int(write, "person_left_cents", card->person_left_cents);
}

static enum err print_json(const struct notice *notice)
{
	struct json_write write;
	struct buf line;
	char id[ID_TEXT_BYTES];
	char turn[ID_TEXT_BYTES];
	char words[NOTICE_WORDS_BYTES];
	char asked[WHEN_BYTES];
	enum err err;

	id_to_text(id, notice->id.bytes);
	turn_id_to_text(turn, notice->turn);
	notice_words(notice, words);
	when_utc(asked, notice->asked_ms);
	buf_init(&line, NOTICE_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "number", (int64_t)notice->number);
	json_add_text(&write, "id", id);
	json_add_text(&write, "turn", turn);
	json_add_text(&write, "asked", asked);
	json_add_text(&write, "action", action_name(notice->action.kind));
	json_add_text(&write, "entity", notice->action.entity);
	json_add_text(&write, "room", notice->action.room);
	json_add_text(&write, "words", words);
	json_add_text(&write, "state", proposal_state_text(notice->state));
	json_add_text(&write, "reason", notice->reason);
	json_add_int(&write, "left_ms", left_ms(notice));
	json_add_bool(&write, "may", notice->may);
	json_add_text(&write, "to", notice->to);
	json_add_int(&write, "sound_ms", notice->sound_ms);
	json_add_bool(&write, "can_recall", notice->can_recall);
	if (notice->action.kind == ACTION_ORDER)
		add_order(&write, notice);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		puts((const char *)line.bytes);
	buf_finish(&line);
	return err;
}

enum err notice_print(const struct notice *notice, bool as_json)
{
	enum err err = OK;

	if (as_json)
		err = print_json(notice);
	else
		print_words(notice);
	(void)fflush(stdout); /* what failed is told at the end: command_run */
	return err;
}
