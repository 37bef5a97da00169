/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approve_watch - waits for the keeper and for a line that is typed, whichever comes.
 *
 * Approves nothing by itself: a receipt says that its owner was shown what waits, and no
 * more. Invariant: a number stands for one proposal as long as this runs, also when the
 * keeper was started anew meanwhile.
 */
#include "cli/approve_watch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/device.h"
#include "cli/incident_news.h"
#include "cli/loosened.h"
#include "cli/notice_print.h"
#include "cli/terminal.h"

enum {
	ALIVE_MS = 60 * 1000,        /* the keeper counts on a device for ten minutes */
	WITNESS_MS = 10 * 60 * 1000, /* and a day's cosignatures are few */
	PAUSE_MS = 200,              /* before the first try to come back; doubles */
	PAUSE_MAX_MS = 10000,
	NUMBER_MAX = 999999,
};

struct watch {
	const struct paths *paths;
	bool as_json;
	bool asks; /* somebody can type */
	bool is_over;
	bool is_cut;           /* what is read next belongs to a line that was too long */
	int64_t alive_at_ms;   /* when to say so next */
	int64_t witness_at_ms; /* when to look at the journal next */
	struct err_note wrong; /* with the journal; "": nothing */
	enum err printing;
	struct device_link *device;
	struct loosened loosened;
	struct notices notices;
};

/* --- what is typed ---------------------------------------------------------------------- */

static const struct {
	char letter;
	bool needs_number;
	enum approve_watch_verb verb;
} VERBS[] = {
	{'a', true, APPROVE_WATCH_APPROVE},
	{'c', true, APPROVE_WATCH_CANCEL},
	{'q', false, APPROVE_WATCH_QUIT},
};

enum approve_watch_verb approve_watch_read(const char *line, size_t *out_number)
{
	char words[APPROVE_WATCH_LINE_BYTES];
	int64_t number = 0;

	if (!str_copy(words, sizeof(words), line))
		return APPROVE_WATCH_WRONG;
	str_trim(words);
	if (words[0] == '\0')
		return APPROVE_WATCH_NOTHING;
	for (size_t i = 0; i < STR_COUNT(VERBS); i++) {
		char *rest = words + 1;

		if (words[0] != VERBS[i].letter)
			continue;
		str_trim(rest);
		if (!VERBS[i].needs_number)
			return *rest ? APPROVE_WATCH_WRONG : VERBS[i].verb;
		if (!str_to_int(rest, 1, NUMBER_MAX, &number))
			return APPROVE_WATCH_WRONG;
		*out_number = (size_t)number;
		return VERBS[i].verb;
	}
	return APPROVE_WATCH_WRONG;
}

/* A refusal is told and the watch goes on; only a lost link or device ends it. */
static enum err give(struct watch *watch, const struct notice *notice,
		     enum approval_verdict verdict, struct err_note *note)
{
	struct err_note why = {""};
	enum err err;

	if (watch->wrong.text[0] && verdict != APPROVAL_CANCEL) {
		fprintf(stderr, "%s: %s\n", approval_verdict_text(verdict),
			watch->wrong.text);
		return OK;
	}
	err = device_give(watch->device, notice, verdict, NULL, &why);
	if (err == ERR_DENIED || err == ERR_BUSY) {
		fprintf(stderr, "%s: %s\n", approval_verdict_text(verdict), why.text);
		return OK;
	}
	return err ? err_say(err, note, "%s", why.text) : OK;
}

static enum err do_numbered(struct watch *watch, size_t number,
			    enum approval_verdict verdict, struct err_note *note)
{
	const struct notice *notice = notices_numbered(&watch->notices, number);
	struct notice copy; /* the list moves while we wait */

	if (!notice) {
		fprintf(stderr, "%zu: nothing that waits has that number\n", number);
		return OK;
	}
	copy = *notice;
	return give(watch, &copy, verdict, note);
}

static enum err do_line(struct watch *watch, const char *line, struct err_note *note)
{
	size_t number = 0;

	switch (approve_watch_read(line, &number)) {
	case APPROVE_WATCH_NOTHING:
		return OK;
	case APPROVE_WATCH_APPROVE:
		return do_numbered(watch, number, APPROVAL_APPROVE, note);
	case APPROVE_WATCH_CANCEL:
		return do_numbered(watch, number, APPROVAL_CANCEL, note);
	case APPROVE_WATCH_QUIT:
		watch->is_over = true;
		return OK;
	case APPROVE_WATCH_WRONG:
		break;
	}
	fputs("type a and a number to approve, c and a number to cancel, or q\n", stderr);
	return OK;
}

/* A terminal gives whole lines, and a long one in pieces, of which none is an order. Its
 * end is a "q". */
static enum err take_line(struct watch *watch, struct err_note *note)
{
	char line[APPROVE_WATCH_LINE_BYTES];
	const ssize_t got = read(STDIN_FILENO, line, sizeof(line) - 1);
	const bool was_cut = watch->is_cut;

	if (got <= 0) {
		watch->is_over = true;
		return OK;
	}
	watch->is_cut = line[got - 1] != '\n';
	line[got] = '\0';
	return was_cut || watch->is_cut ? OK : do_line(watch, line, note);
}

/* --- what the keeper tells -------------------------------------------------------------- */

static void on_told(void *context, const struct notice *notice, bool is_news)
{
	struct watch *watch = context;

	if (!is_news)
		return;
	if (notice_can_approve(notice) && notice->may && terminal_is(stdout))
		putchar('\a');
	if (!watch->printing)
		watch->printing = notice_print(notice, watch->as_json);
}

static void on_incident(void *context, const struct wire_incident_news *news)
{
	const struct watch *watch = context;

	terminal_clear_line();
	incident_news_show(stdout, news, watch->as_json);
}

static void on_loosened(void *context, const struct policy_change *change)
{
	struct watch *watch = context;

	loosened_show(&watch->loosened, change);
	loosened_keep(&watch->loosened);
}

static struct notice *next_to_receipt(struct notices *notices)
{
	for (size_t i = 0; i < notices->count; i++) {
		struct notice *notice = &notices->list[i];

		if (notice->state == PROPOSAL_UNRECEIPTED && notice->may &&
		    !notice->was_receipted)
			return notice;
	}
	return NULL;
}

/* They were printed: so their owner was told. Each is said once, whatever comes of it. */
static enum err send_receipts(struct watch *watch, struct err_note *note)
{
	struct notice *next = next_to_receipt(&watch->notices);
	enum err err = OK;

	while (!err && next) {
		const struct notice copy = *next;

		next->was_receipted = true;
		err = give(watch, &copy, APPROVAL_RECEIPT, note);
		next = next_to_receipt(&watch->notices);
	}
	return err;
}

static enum err say_alive(struct watch *watch, struct err_note *note)
{
	if (loop_now_ms() < watch->alive_at_ms)
		return OK;
	watch->alive_at_ms = loop_now_ms() + ALIVE_MS;
	return device_say_alive(watch->device, note);
}

/* What is wrong with the journal is said each time, and until it is right again nothing but
 * a cancel is signed. */
static enum err witness(struct watch *watch, struct err_note *note)
{
	struct err_note why = {""};
	enum err err;

	if (loop_now_ms() < watch->witness_at_ms)
		return OK;
	watch->witness_at_ms = loop_now_ms() + WITNESS_MS;
	err = device_witness(watch->device, watch->paths, &why);
	if (err == OK)
		watch->wrong.text[0] = '\0';
	if (err == OK || err == ERR_BUSY)
		return OK;
	if (err != ERR_AUTH && err != ERR_FORMAT)
		return err_say(err, note, "%s", why.text);
	watch->wrong = why;
	fprintf(stderr, "warning: %s\n", why.text);
	return OK;
}

/* One round: until something is there to do. */
static enum err wait_round(struct watch *watch, struct err_note *note)
{
	struct pollfd ready[] = {
		{.fd = device_fd(watch->device), .events = POLLIN},
		{.fd = watch->asks ? STDIN_FILENO : -1, .events = POLLIN},
	};
	const int64_t wait_ms = watch->alive_at_ms - loop_now_ms();
	enum err err = OK;

	if (poll(ready, STR_COUNT(ready), wait_ms > 0 ? (int)wait_ms : 0) < 0)
		return OK; /* a signal: the next round */
	if (ready[0].revents)
		err = device_receive(watch->device, CLIENT_ANSWER_MS, note);
	if (!err && ready[1].revents)
		err = take_line(watch, note);
	return err;
}

static enum err follow(struct watch *watch, struct err_note *note)
{
	enum err err = OK;

	while (!err && !watch->is_over) {
		err = witness(watch, note);
		if (!err)
			err = send_receipts(watch, note);
		if (!err)
			err = say_alive(watch, note);
		if (!err)
			err = wait_round(watch, note);
		if (!err)
			err = watch->printing;
	}
	return err;
}

/* --- coming and going ------------------------------------------------------------------- */

static enum err come(struct watch *watch, struct err_note *note)
{
	const struct device_listener listener = {watch, on_told, watch, on_loosened,
						 on_incident};

	watch->alive_at_ms = loop_now_ms() + ALIVE_MS; /* coming says it as well */
	watch->witness_at_ms = 0;
	return device_open(watch->paths, &watch->notices, &listener, &watch->device,
			   note);
}

/* What a keeper that is started anew looks like from here. */
static bool is_passing(enum err err)
{
	return err == ERR_CLOSED || err == ERR_MISSING || err == ERR_BUSY ||
	       err == ERR_IO || err == ERR_TIMEOUT;
}

static void rest(int ms)
{
	const struct timespec pause = {.tv_sec = ms / 1000,
				       .tv_nsec = (long)(ms % 1000) * 1000000};

	(void)nanosleep(&pause, NULL);
}

static enum err come_back(struct watch *watch, struct err_note *note)
{
	int pause_ms = PAUSE_MS;
	enum err err;

	fputs("the keeper is gone; it is tried again until it is back\n", stderr);
	do {
		*note = (struct err_note){""};
		rest(pause_ms);
		pause_ms = pause_ms < PAUSE_MAX_MS / 2 ? 2 * pause_ms : PAUSE_MAX_MS;
		err = come(watch, note);
	} while (is_passing(err));
	if (!err)
		fputs("the keeper is back\n", stderr);
	return err;
}

static void say_how(const struct watch *watch)
{
	if (watch->asks)
		fputs("type a and a number to approve, c and a number to cancel, q to "
		      "end\n",
		      stderr);
}

enum err approve_watch(const struct paths *paths, bool as_json, struct err_note *note)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	enum err err;

	if (!watch)
		return err_say(ERR_MEMORY, note, "out of memory");
	watch->paths = paths;
	watch->as_json = as_json;
	watch->asks = terminal_asks();
	loosened_begin(&watch->loosened, paths, as_json);
	err = come(watch, note);
	if (!err)
		say_how(watch);
	while (!err && !watch->is_over) {
		err = follow(watch, note);
		if (!is_passing(err))
			continue;
		device_close(watch->device);
		watch->device = NULL;
		err = come_back(watch, note);
	}
	if (!err && watch->wrong.text[0])
		err = err_say(ERR_AUTH, note, "%s", watch->wrong.text);
	device_close(watch->device);
	free(watch);
	return err;
}
