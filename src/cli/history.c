/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches rows; they hold what was said, so they are wiped when they are freed. */
#include "cli/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/progress.h"

struct wire_history_get history_newest(uint32_t limit)
{
	return (struct wire_history_get){.before_ms = INT64_MAX, .limit = limit};
}

static enum err take_rows(struct link_client *client, uint32_t limit,
			  struct progress *progress, struct history *history,
			  struct err_note *note)
{
	const struct wire_message *message = NULL;

	for (;;) {
		enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_end)
			return message->end.err
				       ? err_say(ERR_IO, note, "the history broke off")
				       : OK;
		if (message->type == WIRE_searched) {
			progress->total = (size_t)message->searched.all;
			progress_step(progress, (size_t)message->searched.done);
			continue;
		}
		if (message->type != WIRE_history_row)
			return client_other(message, note);
		if (history->count == limit)
			return err_say(ERR_LIMIT, note, "more rows than were asked for");
		history->rows[history->count++] = message->history_row;
	}
}

enum err history_get(struct link_client *client, const struct wire_history_get *get,
		     struct history *out_history, struct err_note *note)
{
	struct history history = {.count = 0};
	struct progress progress;
	enum err err;

	must(get->limit >= 1 && get->limit <= HISTORY_ROWS_MAX);
	history.rows = calloc(get->limit, sizeof(*history.rows));
	if (!history.rows)
		return ERR_MEMORY;
	progress_begin(&progress, "looking through the journal", 0);
	err = link_client_send_history_get(client, get, note);
	if (!err)
		err = take_rows(client, get->limit, &progress, &history, note);
	progress_end(&progress);
	if (err) {
		history_finish(&history);
		return err;
	}
	*out_history = history;
	return OK;
}

void history_finish(struct history *history)
{
	if (history->rows)
		explicit_bzero(history->rows, history->count * sizeof(*history->rows));
	free(history->rows);
	*history = (struct history){.count = 0};
}

static bool row_is(const struct wire_history_row *row, const char *word)
{
	char record[ID_TEXT_BYTES];
	char turn[ID_TEXT_BYTES];

	id_to_text(record, row->record.bytes);
	turn_id_to_text(turn, (struct turn_id){row->turn});
	return str_equal_folded(record, word) || str_equal_folded(turn, word);
}

/* Asks only for what the word can name; true: it is the last row of these. */
static bool ask_for_word(const char *word, struct wire_history_get *get)
{
	struct turn_id turn;
	int64_t number = 0;

	if (str_to_int(word, 1, HISTORY_ROWS_MAX, &number)) {
		get->limit = (uint32_t)number;
		return true;
	}
	if (turn_id_from_text(&turn, word)) {
		get->since_ms = turn_id_ms(turn);
		get->before_ms = get->since_ms + 1;
	}
	return false;
}

enum err history_find(struct link_client *client, const char *word,
		      struct wire_history_row *out_row, struct err_note *note)
{
	struct wire_history_get get = history_newest(HISTORY_ROWS_MAX);
	const bool is_number = ask_for_word(word, &get);
	struct history history = {.count = 0};
	size_t at = 0;
	enum err err = history_get(client, &get, &history, note);

	if (err)
		return err;
	if (is_number)
		at = get.limit - 1;
	else
		while (at < history.count && !row_is(&history.rows[at], word))
			at++;
	if (at < history.count)
		*out_row = history.rows[at];
	else
		err = err_say(ERR_MISSING, note,
			      "\"%.40s\": no such row; see: behest history", word);
	history_finish(&history);
	return err;
}
