/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_connection - steps from a place to a line that may be asked, and its end.
 *
 * Invariants: there is a descriptor in every step but AWAY, and what libmpdclient holds
 * from GREETING on; listeners are called with a line that is whole or gone, never with
 * half of it. A line that was let go of inside a callback is not touched afterwards.
 */
#include "adapter/music_connection.h"

#include <mpd/async.h>
#include <mpd/parser.h>
#include <mpd/protocol.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define AWAY_WORDS "is away: %s; Behest starts none of its own (docs/music.md)"
#define GREETING "OK MPD "

enum {
	NUMBER_BYTES = 16,
	WHY_BYTES = 192,
	STEP_MS = 5000,   /* for dialling, the greeting, the password */
	MINOR_LEAST = 22, /* 0.22: a window of what is searched and added */
};

enum step { AWAY, DIALLING, AWAITS_GREETING, AWAITS_PASSWORD, UP };

struct music_connection {
	struct loop *loop;
	struct music_connection_listener listener;
	struct music_place place;
	char password[MUSIC_CONNECTION_PASSWORD_BYTES];
	enum step step;
	int fd; /* -1: none */
	struct mpd_async *async;
	struct mpd_parser *parser;
	size_t answer_bytes;
	uint64_t timer; /* the answer's, or the next try's */
	int retry_ms;
};

static void dial(void *context);

/* ---- letting go ---- */

static void hang_up(struct music_connection *connection)
{
	loop_cancel(connection->loop, connection->timer);
	connection->timer = 0;
	if (connection->fd >= 0)
		loop_forget(connection->loop, connection->fd);
	if (connection->async)
		mpd_async_free(connection->async); /* closes the descriptor */
	else if (connection->fd >= 0)
		close(connection->fd);
	if (connection->parser)
		mpd_parser_free(connection->parser);
	connection->async = NULL;
	connection->parser = NULL;
	connection->fd = -1;
	connection->step = AWAY;
}

static void try_later(struct music_connection *connection)
{
	if (loop_after(connection->loop, connection->retry_ms, dial, connection,
		       &connection->timer))
		log_line("music: cannot set a timer");
	connection->retry_ms = connection->retry_ms * 2 < MUSIC_CONNECTION_RETRY_MAX_MS
				       ? connection->retry_ms * 2
				       : MUSIC_CONNECTION_RETRY_MAX_MS;
}

void music_connection_drop(struct music_connection *connection, enum err err,
			   const char *why)
{
	hang_up(connection);
	try_later(connection);
	connection->listener.down(connection->listener.context, err, why);
}

static void drop_away(struct music_connection *connection, enum err err,
		      const char *words)
{
	char why[WHY_BYTES];

	if (!str_format(why, sizeof(why), AWAY_WORDS, words))
		(void)str_copy(why, sizeof(why), "is away");
	music_connection_drop(connection, err, why);
}

static void on_silence(void *context)
{
	struct music_connection *connection = context;

	connection->timer = 0;
	music_connection_drop(connection, ERR_TIMEOUT, "does not answer");
}

/* ---- saying ---- */

static void want_events(struct music_connection *connection)
{
	enum mpd_async_event events;

	if (!connection->async)
		return;
	events = mpd_async_events(connection->async);
	loop_want(connection->loop, connection->fd,
		  (events & MPD_ASYNC_EVENT_READ ? LOOP_READ : 0U) |
			  (events & MPD_ASYNC_EVENT_WRITE ? LOOP_WRITE : 0U));
}

bool music_connection_say(struct music_connection *connection, const char *command, ...)
{
	va_list words;
	bool was_said;

	va_start(words, command);
	was_said = mpd_async_send_command_v(connection->async, command, words);
	va_end(words);
	return was_said;
}

bool music_connection_say_number(struct music_connection *connection, const char *command,
				 unsigned number)
{
	char text[NUMBER_BYTES];

	return str_format(text, sizeof(text), "%u", number) &&
	       music_connection_say(connection, command, text, NULL);
}

static bool wait_for(struct music_connection *connection, int ms)
{
	loop_cancel(connection->loop, connection->timer);
	connection->timer = 0;
	connection->answer_bytes = 0;
	if (ms == 0 || loop_after(connection->loop, ms, on_silence, connection,
				  &connection->timer) == OK)
		return true;
	music_connection_drop(connection, ERR_IO, "cannot be timed");
	return false;
}

void music_connection_ask(struct music_connection *connection, bool was_said,
			  int answer_ms)
{
	if (!was_said)
		music_connection_drop(connection, ERR_IO, "could not be told something");
	else if (wait_for(connection, answer_ms))
		want_events(connection);
}

/* ---- what comes ---- */

static bool read_number(const char **at, unsigned *out_number)
{
	char *end = NULL;

	if (**at < '0' || **at > '9')
		return false;
	const unsigned long number = strtoul(*at, &end, 10);
	*out_number = number < 1000 ? (unsigned)number : 1000;
	*at = end;
	return true;
}

/* "OK MPD 0.23.5". False: it is no such line. */
static bool read_greeting(const char *line, bool *out_is_old)
{
	const char *at = line + strlen(GREETING);
	unsigned major = 0;
	unsigned minor = 0;

	if (!str_starts(line, GREETING) || !read_number(&at, &major) || *at++ != '.' ||
	    !read_number(&at, &minor))
		return false;
	*out_is_old = major == 0 && minor < MINOR_LEAST;
	return true;
}

static void let_in(struct music_connection *connection)
{
	connection->step = UP;
	(void)wait_for(connection, 0);
	connection->listener.up(connection->listener.context);
}

static void on_greeting(struct music_connection *connection, const char *line)
{
	bool is_old = false;

	if (!read_greeting(line, &is_old)) {
		music_connection_drop(connection, ERR_FORMAT,
				      "is something else: it does not greet like one");
	} else if (is_old) {
		music_connection_drop(connection, ERR_UNSUPPORTED,
				      "is older than 0.22, which is needed");
	} else if (connection->password[0] != '\0') {
		connection->step = AWAITS_PASSWORD;
		music_connection_ask(connection,
				     music_connection_say(connection, "password",
							  connection->password, NULL),
				     STEP_MS);
	} else {
		let_in(connection);
	}
}

static enum err err_of(enum mpd_server_error error)
{
	static const struct {
		enum mpd_server_error error;
		enum err err;
	} ERRS[] = {
		{MPD_SERVER_ERROR_PASSWORD, ERR_DENIED},
		{MPD_SERVER_ERROR_PERMISSION, ERR_DENIED},
		{MPD_SERVER_ERROR_NO_EXIST, ERR_MISSING},
		{MPD_SERVER_ERROR_PLAYER_SYNC, ERR_MISSING},
	};

	for (size_t i = 0; i < STR_COUNT(ERRS); i++)
		if (ERRS[i].error == error)
			return ERRS[i].err;
	return ERR_UNSUPPORTED;
}

static void on_end(struct music_connection *connection, enum err err)
{
	loop_cancel(connection->loop, connection->timer);
	connection->timer = 0;
	if (connection->step == UP)
		connection->listener.end(connection->listener.context, err);
	else if (err)
		music_connection_drop(connection, err,
				      "refuses the password in the file music.password");
	else
		let_in(connection);
}

static void on_answer(struct music_connection *connection, char *line)
{
	switch (mpd_parser_feed(connection->parser, line)) {
	case MPD_PARSER_PAIR:
		if (connection->step == UP)
			connection->listener.pair(connection->listener.context,
						  mpd_parser_get_name(connection->parser),
						  mpd_parser_get_value(
							  connection->parser));
		return;
	case MPD_PARSER_SUCCESS:
		on_end(connection, OK);
		return;
	case MPD_PARSER_ERROR:
		on_end(connection,
		       err_of(mpd_parser_get_server_error(connection->parser)));
		return;
	case MPD_PARSER_MALFORMED:
		music_connection_drop(connection, ERR_FORMAT, "says what is no answer");
		return;
	}
}

static void on_line(struct music_connection *connection, char *line)
{
	connection->answer_bytes += strlen(line) + 1;
	if (connection->answer_bytes > MUSIC_CONNECTION_ANSWER_BYTES)
		music_connection_drop(connection, ERR_LIMIT,
				      "says more than any answer holds");
	else if (connection->step == AWAITS_GREETING)
		on_greeting(connection, line);
	else
		on_answer(connection, line);
}

/* ---- the line ---- */

static void drop_broken(struct music_connection *connection)
{
	const enum mpd_error error = mpd_async_get_error(connection->async);

	if (error == MPD_ERROR_MALFORMED)
		music_connection_drop(connection, ERR_FORMAT, "says what is no answer");
	else
		music_connection_drop(connection, ERR_CLOSED,
				      error == MPD_ERROR_CLOSED ? "went away"
								: "cannot be read");
}

static void on_io(struct music_connection *connection, unsigned ready)
{
	const unsigned events = (ready & LOOP_READ ? MPD_ASYNC_EVENT_READ : 0U) |
				(ready & LOOP_WRITE ? MPD_ASYNC_EVENT_WRITE : 0U);
	const bool works = mpd_async_io(connection->async, (enum mpd_async_event)events);
	char *line = NULL;

	/* What came before the end counts. */
	while (connection->async && (line = mpd_async_recv_line(connection->async)))
		on_line(connection, line);
	if (!connection->async)
		return;
	if (!works || mpd_async_get_error(connection->async) != MPD_ERROR_SUCCESS) {
		drop_broken(connection);
		return;
	}
	if (connection->step == UP)
		connection->listener.read(connection->listener.context);
	want_events(connection);
}

static void on_dialled(struct music_connection *connection)
{
	struct err_note note = {""};

	if (music_place_dialled(connection->fd, &note)) {
		drop_away(connection, ERR_CLOSED, note.text);
		return;
	}
	connection->async = mpd_async_new(connection->fd);
	connection->parser = mpd_parser_new();
	connection->step = AWAITS_GREETING;
	if (!connection->async || !connection->parser)
		music_connection_drop(connection, ERR_MEMORY,
				      "cannot be spoken to: out of memory");
	else if (wait_for(connection, STEP_MS))
		want_events(connection);
}

static void on_ready(void *context, int fd, unsigned ready)
{
	struct music_connection *connection = context;

	(void)fd;
	if (connection->step == DIALLING)
		on_dialled(connection);
	else
		on_io(connection, ready);
}

static void dial(void *context)
{
	struct music_connection *connection = context;
	struct err_note note = {""};
	enum err err;

	connection->timer = 0;
	err = music_place_dial(&connection->place, &connection->fd, &note);
	if (!err)
		err = loop_watch(connection->loop, connection->fd, LOOP_WRITE, on_ready,
				 connection);
	if (err) {
		drop_away(connection, err, note.text[0] ? note.text : err_words(err));
		return;
	}
	connection->step = DIALLING;
	(void)wait_for(connection, STEP_MS);
}

/* ---- from outside ---- */

enum err music_connection_create(struct loop *loop, const struct music_place *place,
				 const char *password,
				 struct music_connection_listener listener,
				 struct music_connection **out_connection)
{
	struct music_connection *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err && !str_copy(made->password, sizeof(made->password), password))
		err = ERR_LIMIT;
	if (!err) {
		made->loop = loop;
		made->listener = listener;
		made->place = *place;
		made->fd = -1;
		made->retry_ms = MUSIC_CONNECTION_RETRY_MS;
		err = loop_after(loop, 0, dial, made, &made->timer);
	}
	if (err) {
		free(made);
		return err;
	}
	*out_connection = made;
	return OK;
}

void music_connection_destroy(struct music_connection *connection)
{
	if (!connection)
		return;
	hang_up(connection);
	explicit_bzero(connection->password, sizeof(connection->password));
	free(connection);
}

bool music_connection_is_up(const struct music_connection *connection)
{
	return connection->step == UP;
}

void music_connection_praise(struct music_connection *connection)
{
	connection->retry_ms = MUSIC_CONNECTION_RETRY_MS;
}

/* One round of it. False: it is over, as asked for or otherwise. */
static bool pump(struct music_connection *connection, int wait_ms)
{
	const enum mpd_async_event wanted = mpd_async_events(connection->async);
	struct pollfd ready = {
		.fd = connection->fd,
		.events = (short)((wanted & MPD_ASYNC_EVENT_READ ? POLLIN : 0) |
				  (wanted & MPD_ASYNC_EVENT_WRITE ? POLLOUT : 0))};
	unsigned events = 0;

	if (poll(&ready, 1, wait_ms) <= 0)
		return false;
	if (ready.revents & (POLLIN | POLLHUP | POLLERR))
		events |= MPD_ASYNC_EVENT_READ;
	if (ready.revents & POLLOUT)
		events |= MPD_ASYNC_EVENT_WRITE;
	if (!mpd_async_io(connection->async, (enum mpd_async_event)events))
		return false;
	while (mpd_async_recv_line(connection->async))
		; /* nobody asks any more */
	return mpd_async_get_error(connection->async) == MPD_ERROR_SUCCESS;
}

/* The player hangs up when it comes to "close", behind all that was said before. */
bool music_connection_end(struct music_connection *connection)
{
	const int64_t until_ms = loop_now_ms() + MUSIC_CONNECTION_END_MS;
	int64_t left_ms = MUSIC_CONNECTION_END_MS;

	if (!music_connection_say(connection, "close", NULL))
		return false;
	while (left_ms > 0 && pump(connection, (int)left_ms))
		left_ms = until_ms - loop_now_ms();
	return mpd_async_get_error(connection->async) == MPD_ERROR_CLOSED;
}
