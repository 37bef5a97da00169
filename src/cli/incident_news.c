/* SPDX-License-Identifier: Apache-2.0 */
/* incident_news - see the header. Decides nothing. */
#include "cli/incident_news.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/terminal.h"
#include "cli/when.h"
#include "domain/incident.h"

enum { LINE_BYTES = 1024 };

void incident_news_signed_in(const struct wire_unlocked *told)
{
	const bool colours = terminal_colours(stderr);

	if (told->incidents > 0)
		fprintf(stderr,
			"%s%" PRIu32 " incident%s open, and exports are frozen; see: "
			"behest incident%s\n",
			terminal_style(colours, STYLE_BAD), told->incidents,
			told->incidents == 1 ? " is" : "s are",
			terminal_style(colours, STYLE_PLAIN));
	if (told->requests > 0)
		fprintf(stderr,
			"%" PRIu32 " request%s for recordings %s refused; see: behest "
			"authority\n",
			told->requests, told->requests == 1 ? "" : "s",
			told->requests == 1 ? "was" : "were");
}

static void show_json(FILE *to, const struct wire_incident_news *news)
{
	char id[ID_TEXT_BYTES];
	char at[WHEN_BYTES];
	struct json_write write;
	struct buf line;

	id_to_text(id, news->id.bytes);
	when_utc(at, news->at_ms);
	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_open_object(&write, "incident");
	json_add_text(&write, "id", id);
	json_add_text(&write, "at", at);
	json_add_text(&write, "kind", news->kind);
	json_add_text(&write, "cause", news->cause[0] ? news->cause : NULL);
	json_close(&write, '}');
	json_close(&write, '}');
	if (json_write_finish(&write) == OK)
		fprintf(to, "%s\n", (const char *)line.bytes);
	buf_finish(&line);
}

static const char *words_of(const struct wire_incident_news *news)
{
	enum incident_cause cause;
	enum incident_kind kind;

	if (news->cause[0] && incident_cause_from_text(news->cause, &cause))
		return incident_cause_words(cause);
	return incident_kind_from_text(news->kind, &kind) ? incident_kind_words(kind)
							  : news->kind;
}

void incident_news_show(FILE *to, const struct wire_incident_news *news, bool as_json)
{
	char at[WHEN_BYTES];

	if (as_json) {
		show_json(to, news);
	} else {
		when_local(at, news->at_ms);
		fprintf(to, "  !  %s  %s; see: behest %s\n", at, words_of(news),
			news->cause[0] ? "incident" : "authority");
	}
	(void)fflush(to);
}
