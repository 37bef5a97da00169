/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts - see the header.
 *
 * Invariant: the words of a notice are those of the table below; only a contact's name is
 * ever put to them, and only where that is set.
 */
#include "gate/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/ids.h"

enum { HOUR_MS = 3600 * 1000 };

#define TITLE "Behest"

/* What is said; the first row that fits. */
static const struct {
	const char *state;
	enum action_kind action; /* ACTION_KIND_COUNT: any */
	const char *words;
} WORDS[] = {
	{"asked", ACTION_SEND_MESSAGE,
	 "A voice message waits for somebody who may approve it"},
	{"asked", ACTION_KIND_COUNT, "Something waits for somebody who may approve it"},
	{"unreceipted", ACTION_KIND_COUNT,
	 "A voice message goes out soon, once one of your devices has shown it to you"},
};

struct known {
	uint8_t id[ID_BYTES];
	char state[sizeof(((struct wire_alert *)NULL)->state)];
};

struct alerts {
	struct alerts_parts parts;
	uint64_t count; /* told, all of them */
	struct known known[ALERTS_KNOWN_MAX];
	uint64_t sent;
	int64_t sent_ms[ALERTS_PER_HOUR]; /* of the newest, a ring */
};

enum err alerts_create(const struct alerts_parts *parts, struct alerts **out_alerts)
{
	struct alerts *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->parts = *parts;
	*out_alerts = made;
	return OK;
}

void alerts_destroy(struct alerts *alerts)
{
	free(alerts);
}

/* Keeps it, unless it is known. */
static bool is_new(struct alerts *alerts, const struct wire_alert *alert)
{
	struct known *next = &alerts->known[alerts->count % ALERTS_KNOWN_MAX];

	for (size_t i = 0; i < ALERTS_KNOWN_MAX && i < alerts->count; i++)
		if (id_equal(alerts->known[i].id, alert->id.bytes) &&
		    str_equal(alerts->known[i].state, alert->state))
			return false;
	memcpy(next->id, alert->id.bytes, ID_BYTES);
	(void)str_copy(next->state, sizeof(next->state), alert->state);
	alerts->count++;
	return true;
}

/* Counts it; true when there were too many within the hour. */
static bool is_too_many(struct alerts *alerts)
{
	const int64_t now_ms = clock_now_ms(&alerts->parts.clock);
	int64_t *oldest_ms = &alerts->sent_ms[alerts->sent % ALERTS_PER_HOUR];

	if (alerts->sent >= ALERTS_PER_HOUR && now_ms - *oldest_ms < HOUR_MS)
		return true;
	*oldest_ms = now_ms;
	alerts->sent++;
	return false;
}

/* NULL: nobody needs to look. */
static const char *words_of(const struct wire_alert *alert)
{
	for (size_t i = 0; i < STR_COUNT(WORDS); i++)
		if (str_equal(WORDS[i].state, alert->state) &&
		    (WORDS[i].action == ACTION_KIND_COUNT ||
		     str_equal(action_name(WORDS[i].action), alert->action)))
			return WORDS[i].words;
	return NULL;
}

void alerts_take(struct alerts *alerts, const struct wire_alert *alert)
{
	const char *words = words_of(alert);
	const bool has_name = alerts->parts.has_names && alert->to[0] != '\0';
	char text[PUSH_TEXT_MAX + 1];
	const struct push_notice notice = {.priority = PUSH_NORMAL,
					   .title = TITLE,
					   .text = text};
	enum err err;

	if (!alerts->parts.push->ops || !words || !is_new(alerts, alert))
		return;
	if (is_too_many(alerts)) {
		log_line("gate: too many notices within the hour; one is not sent");
		return;
	}
	if (!str_format(text, sizeof(text), "%s%s%s.", words, has_name ? ": for " : "",
			has_name ? alert->to : ""))
		return;
	err = push_send(alerts->parts.push, &notice, alerts->sent, NULL);
	if (err)
		log_line("gate: a notice is not sent: %s", err_words(err));
}
