/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches rows; they hold what was said, so they are wiped when they are freed. */
#include "cli/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

static enum err take_rows(struct link_client *client, uint32_t limit,
			  struct history *history, struct err_note *note)
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
		if (message->type != WIRE_history_row)
			return client_other(message, note);
		if (history->count == limit)
			return err_say(ERR_LIMIT, note, "more rows than were asked for");
		history->rows[history->count++] = message->history_row;
	}
}

enum err history_get(struct link_client *client, uint32_t limit,
		     struct history *out_history, struct err_note *note)
{
	struct wire_history_get get = {.before_ms = INT64_MAX, .limit = limit};
	struct history history = {.count = 0};
	enum err err;

	must(limit >= 1 && limit <= HISTORY_ROWS_MAX);
	history.rows = calloc(limit, sizeof(*history.rows));
	if (!history.rows)
		return ERR_MEMORY;
	err = link_client_send_history_get(client, &get, note);
	if (!err)
		err = take_rows(client, limit, &history, note);
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

enum err history_find(struct link_client *client, const char *word,
		      struct wire_history_row *out_row, struct err_note *note)
{
	struct history history = {.count = 0};
	int64_t number = 0;
	size_t at = 0;
	enum err err;

	if (!str_to_int(word, 1, HISTORY_ROWS_MAX, &number))
		number = 0;
	err = history_get(client, number ? (uint32_t)number : HISTORY_ROWS_MAX, &history,
			  note);
	if (err)
		return err;
	if (number)
		at = (size_t)number - 1;
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
