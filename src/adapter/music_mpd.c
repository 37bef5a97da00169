/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_mpd - one connection, one question at a time.
 *
 * While there is nothing to ask, MPD is asked to tell what changes ("idle"); whatever is
 * to be asked ends that first ("noidle"). Ducking goes before orders, orders before
 * looking again. What MPD answers is read by music_reply.c; this file knows the order of
 * the conversation and its limits.
 *
 * Invariants: bytes are sent and callbacks made only from the loop; `asks` says what the
 * next answer belongs to; a player that is silent, says too much or what is no answer is
 * let go of, and everything that waited is told so.
 */
#include "adapter/music_mpd.h"

#include <mpd/async.h>
#include <mpd/parser.h>
#include <mpd/protocol.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/music_filter.h"
#include "adapter/music_place.h"
#include "adapter/music_reply.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

#define AWAY "is away: %s; Behest starts none of its own (docs/music.md)"

enum {
	NUMBER_BYTES = 16,
	WINDOW_BYTES = 16,
	MIXER_STEP = 3, /* percent: a sound card rounds what it is told */
};

/* What the next answer belongs to. */
enum asks {
	ASKS_NOTHING,
	ASKS_CONNECT,
	ASKS_GREETING,
	ASKS_PASSWORD,
	ASKS_IDLE,
	ASKS_LOOK,   /* one of `wanted` */
	ASKS_EXISTS, /* whether the first order's music is there */
	ASKS_ORDER,
	ASKS_VOLUME, /* ducking, or back */
};

/* What is to be looked at again; bits. */
static const struct {
	enum music_question question;
	enum music_kind kind;
	const char *command;
	const char *argument;
	const char *subsystems[3]; /* that bring it up */
} LOOKS[] = {
	{MUSIC_ASKS_STATUS, 0, "status", NULL, {"player", "mixer", "playlist"}},
	{MUSIC_ASKS_SONG, 0, "currentsong", NULL, {"player", NULL, NULL}},
	{MUSIC_ASKS_OUTPUTS, 0, "outputs", NULL, {"output", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_ARTIST, "list", "artist", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_ALBUM, "list", "album", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_GENRE, "list", "genre", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES,
	 MUSIC_PLAYLIST,
	 "listplaylists",
	 NULL,
	 {"stored_playlist", "database", NULL}},
};
enum { WANTS_STATUS = 1, WANTS_ALL = (1 << (int)STR_COUNT(LOOKS)) - 1 };

struct order {
	uint64_t token;
	struct music_command command;
	bool exists; /* looked up, or needs no looking up */
};

struct mpd {
	struct loop *loop;
	struct music_listener listener;
	struct music_place place;
	char password[MUSIC_MPD_PASSWORD_BYTES];
	struct radio radio;
	struct mpd_async *async; /* NULL: no connection */
	struct mpd_parser *parser;
	int fd; /* -1: none */
	enum asks asks;
	bool is_greeted;  /* the connection may be used */
	bool is_known;    /* and status was told: state is this player's */
	bool noidle;      /* was sent, and its answer is out */
	unsigned wanted;  /* bits of LOOKS */
	unsigned look;    /* the one asked for */
	int64_t idled_ms; /* when it was last left to tell by itself */
	size_t answer_bytes;
	uint64_t poke;  /* a round of its own; 0: none */
	uint64_t timer; /* the answer's, or the next try's */
	int retry_ms;
	size_t order_count;
	struct order orders[MUSIC_COMMANDS_MAX]; /* the first is being carried out */
	struct music_reply reply;
	struct music_state state; /* volume_percent as the player says */
	struct music_state told;  /* as people set it */
	struct music_library library;
	struct music_duck duck;
	bool is_to_duck;
	bool is_lowering; /* with ASKS_VOLUME; else it is put back */
	char trouble[MUSIC_TROUBLE_BYTES];
};

static void go_on(void *context);
static void connect_now(void *context);

/* ---- losing it ---- */

static void hang_up(struct mpd *mpd)
{
	loop_cancel(mpd->loop, mpd->timer);
	loop_cancel(mpd->loop, mpd->poke);
	mpd->timer = 0;
	mpd->poke = 0;
	if (mpd->fd >= 0)
		loop_forget(mpd->loop, mpd->fd);
	if (mpd->async)
		mpd_async_free(mpd->async); /* closes the descriptor */
	else if (mpd->fd >= 0)
		close(mpd->fd);
	if (mpd->parser)
		mpd_parser_free(mpd->parser);
	mpd->async = NULL;
	mpd->parser = NULL;
	mpd->fd = -1;
	mpd->asks = ASKS_NOTHING;
	mpd->is_greeted = false;
	mpd->is_known = false;
	mpd->noidle = false;
}

static void try_later(struct mpd *mpd)
{
	if (loop_after(mpd->loop, mpd->retry_ms, connect_now, mpd, &mpd->timer))
		log_line("music: cannot set a timer");
	mpd->retry_ms = mpd->retry_ms * 2 < MUSIC_MPD_RETRY_MAX_MS
				? mpd->retry_ms * 2
				: MUSIC_MPD_RETRY_MAX_MS;
}

/* Orders that are added meanwhile are refused: there is no connection. */
static void end_orders(struct mpd *mpd, enum err err)
{
	const size_t count = mpd->order_count;
	uint64_t tokens[MUSIC_COMMANDS_MAX];

	for (size_t i = 0; i < count; i++)
		tokens[i] = mpd->orders[i].token;
	mpd->order_count = 0;
	for (size_t i = 0; i < count; i++)
		mpd->listener.done(mpd->listener.context, tokens[i], err);
}

static void lose(struct mpd *mpd, enum err err, const char *why)
{
	char trouble[MUSIC_TROUBLE_BYTES];

	if (!str_format(trouble, sizeof(trouble), "the music player (MPD) %s", why))
		(void)str_copy(trouble, sizeof(trouble), "the music player is away");
	if (!str_equal(mpd->trouble, trouble)) /* once, not with every try */
		log_line("music: %s", trouble);
	(void)str_copy(mpd->trouble, sizeof(mpd->trouble), trouble);
	hang_up(mpd);
	mpd->state.play = MUSIC_STOPPED;
	mpd->state.output_count = 0;
	try_later(mpd);
	end_orders(mpd, err);
	mpd->listener.changed(mpd->listener.context);
}

static void on_silence(void *context)
{
	struct mpd *mpd = context;

	mpd->timer = 0;
	lose(mpd, ERR_TIMEOUT, "does not answer");
}

/* ---- asking ---- */

static unsigned loop_bits(enum mpd_async_event events)
{
	return (events & MPD_ASYNC_EVENT_READ ? LOOP_READ : 0U) |
	       (events & MPD_ASYNC_EVENT_WRITE ? LOOP_WRITE : 0U);
}

/* The next answer belongs to this, and has its time. False: the connection was lost. */
static bool expect(struct mpd *mpd, enum asks asks)
{
	mpd->asks = asks;
	mpd->answer_bytes = 0;
	loop_cancel(mpd->loop, mpd->timer);
	mpd->timer = 0;
	if (asks == ASKS_IDLE)
		return true;
	if (loop_after(mpd->loop, MUSIC_ANSWER_MS, on_silence, mpd, &mpd->timer) == OK)
		return true;
	lose(mpd, ERR_IO, "cannot be timed");
	return false;
}

/* One line of at most three arguments, each quoted by the library. */
static bool send_words(struct mpd *mpd, const char *command, const char *one,
		       const char *two, const char *three)
{
	if (!one)
		return mpd_async_send_command(mpd->async, command, NULL);
	if (!two)
		return mpd_async_send_command(mpd->async, command, one, NULL);
	if (!three)
		return mpd_async_send_command(mpd->async, command, one, two, NULL);
	return mpd_async_send_command(mpd->async, command, one, two, three, NULL);
}

static bool send_number(struct mpd *mpd, const char *command, unsigned number)
{
	char text[NUMBER_BYTES];

	return str_format(text, sizeof(text), "%u", number) &&
	       send_words(mpd, command, text, NULL, NULL);
}

/* What a full buffer or bad memory did not take was not asked. */
static void sent(struct mpd *mpd, bool was_sent, enum asks asks)
{
	if (was_sent)
		(void)expect(mpd, asks);
	else
		lose(mpd, ERR_IO, "could not be told something");
}

static void send_password(struct mpd *mpd)
{
	music_reply_begin(&mpd->reply, MUSIC_ASKS_NOTHING, 0);
	sent(mpd, send_words(mpd, "password", mpd->password, NULL, NULL), ASKS_PASSWORD);
}

static void send_look(struct mpd *mpd)
{
	unsigned look = 0;

	while (!(mpd->wanted & 1U << look))
		look++;
	mpd->look = look;
	mpd->wanted &= ~(1U << look);
	music_reply_begin(&mpd->reply, LOOKS[look].question, LOOKS[look].kind);
	sent(mpd, send_words(mpd, LOOKS[look].command, LOOKS[look].argument, NULL, NULL),
	     ASKS_LOOK);
}

static void send_idle(struct mpd *mpd)
{
	mpd->idled_ms = loop_now_ms();
	sent(mpd,
	     mpd_async_send_command(mpd->async, "idle", "player", "mixer", "output",
				    "database", "playlist", "stored_playlist", NULL),
	     ASKS_IDLE);
}

/* ---- ducking ---- */

static bool starts_music(const struct mpd *mpd)
{
	return mpd->order_count > 0 && (mpd->orders[0].command.order == MUSIC_PLAY ||
					mpd->orders[0].command.order == MUSIC_RESUME);
}

static bool should_be_ducked(const struct mpd *mpd)
{
	return mpd->is_to_duck && (mpd->state.play == MUSIC_PLAYING || starts_music(mpd));
}

static bool has_to_duck(const struct mpd *mpd)
{
	if (!mpd->is_known || mpd->state.volume_percent < 0)
		return false;
	return mpd->duck.is_ducked
		       ? !should_be_ducked(mpd)
		       : should_be_ducked(mpd) && mpd->state.volume_percent > 0;
}

static int low_of(int percent)
{
	return percent * MUSIC_DUCK_PERCENT / 100;
}

/* Remembered before it is done, and forgotten after it was undone. */
static void send_duck(struct mpd *mpd)
{
	const int now = mpd->state.volume_percent;
	int percent = mpd->duck.restore_percent;

	mpd->is_lowering = !mpd->duck.is_ducked;
	if (mpd->is_lowering) {
		percent = low_of(now);
		if (!music_duck_set(&mpd->duck, now, percent))
			log_line("music: how loud it was cannot be remembered");
	}
	music_reply_begin(&mpd->reply, MUSIC_ASKS_NOTHING, 0);
	mpd->state.volume_percent = percent;
	sent(mpd, send_number(mpd, "setvol", (unsigned)percent), ASKS_VOLUME);
}

static void duck_done(struct mpd *mpd)
{
	if (!mpd->is_lowering)
		music_duck_clear(&mpd->duck);
}

/* Somebody else turned it meanwhile: that is how it stays. */
static void follow_volume(struct mpd *mpd)
{
	const int now = mpd->state.volume_percent;

	if (mpd->duck.is_ducked && now >= 0 &&
	    abs(now - mpd->duck.low_percent) > MIXER_STEP)
		(void)music_duck_set(&mpd->duck, now, now);
}

/* ---- orders ---- */

static bool send_source(struct mpd *mpd, const struct music_command *command)
{
	const struct station *station = NULL;
	char filter[MUSIC_FILTER_BYTES];
	char window[WINDOW_BYTES];

	if (!str_format(window, sizeof(window), "0:%d", MUSIC_QUEUE_MAX))
		return false;
	if (command->kind == MUSIC_STATION)
		station = radio_find(&mpd->radio, command->name);
	if (station)
		return send_words(mpd, "add", station->url, NULL, NULL);
	if (command->kind == MUSIC_PLAYLIST)
		return send_words(mpd, "load", command->name, window, NULL);
	return music_filter_make(command->kind, command->name, filter) &&
	       send_words(mpd, "searchadd", filter, "window", window);
}

static bool send_switches(struct mpd *mpd, const struct music_command *command)
{
	bool is_sent = true;

	for (size_t i = 0; is_sent && i < command->switch_count; i++)
		is_sent = send_number(mpd,
				      command->switches[i].on ? "enableoutput"
							      : "disableoutput",
				      command->switches[i].output);
	return is_sent;
}

/* Of many pieces that nobody put in order each is played once, in any. */
static bool is_mixed(enum music_kind kind)
{
	return kind == MUSIC_ARTIST || kind == MUSIC_GENRE || kind == MUSIC_ANYTHING;
}

static bool send_play(struct mpd *mpd, const struct music_command *command)
{
	bool is_sent =
		send_words(mpd, "clear", NULL, NULL, NULL) && send_source(mpd, command);

	if (is_sent && is_mixed(command->kind))
		is_sent = send_words(mpd, "shuffle", NULL, NULL, NULL);
	return is_sent && send_words(mpd, "play", NULL, NULL, NULL);
}

/* What has no beginning is left, not held. */
static bool send_pause(struct mpd *mpd)
{
	return mpd->state.is_stream ? send_words(mpd, "stop", NULL, NULL, NULL)
				    : send_words(mpd, "pause", "1", NULL, NULL);
}

static bool send_resume(struct mpd *mpd)
{
	return mpd->state.play == MUSIC_STOPPED
		       ? send_words(mpd, "play", NULL, NULL, NULL)
		       : send_words(mpd, "pause", "0", NULL, NULL);
}

/* What people set; while it is ducked a share of it sounds. */
static bool send_volume(struct mpd *mpd, int percent)
{
	if (mpd->duck.is_ducked) {
		(void)music_duck_set(&mpd->duck, percent, low_of(percent));
		percent = low_of(percent);
	}
	mpd->state.volume_percent = percent;
	return send_number(mpd, "setvol", (unsigned)percent);
}

static bool send_one(struct mpd *mpd, const struct music_command *command)
{
	switch (command->order) {
	case MUSIC_PLAY:
		return send_play(mpd, command);
	case MUSIC_PAUSE:
		return send_pause(mpd);
	case MUSIC_RESUME:
		return send_resume(mpd);
	case MUSIC_NEXT:
		return send_words(mpd, "next", NULL, NULL, NULL);
	case MUSIC_PREVIOUS:
		return send_words(mpd, "previous", NULL, NULL, NULL);
	case MUSIC_VOLUME:
		return send_volume(mpd, command->percent);
	case MUSIC_SWITCH:
		return true;
	}
	must(false);
}

static void send_order(struct mpd *mpd)
{
	const struct music_command *command = &mpd->orders[0].command;
	const bool is_sent = send_words(mpd, "command_list_begin", NULL, NULL, NULL) &&
			     send_switches(mpd, command) && send_one(mpd, command) &&
			     send_words(mpd, "command_list_end", NULL, NULL, NULL);

	music_reply_begin(&mpd->reply, MUSIC_ASKS_NOTHING, 0);
	sent(mpd, is_sent, ASKS_ORDER);
}

static void end_order(struct mpd *mpd, enum err err)
{
	const uint64_t token = mpd->orders[0].token;

	mpd->order_count--;
	memmove(mpd->orders, mpd->orders + 1, mpd->order_count * sizeof(*mpd->orders));
	mpd->listener.done(mpd->listener.context, token, err);
}

/* Whether the first order's music is there, so that the queue is not emptied for nothing. */
static void send_exists(struct mpd *mpd)
{
	char filter[MUSIC_FILTER_BYTES];

	must(music_filter_make(mpd->orders[0].command.kind, mpd->orders[0].command.name,
			       filter));
	music_reply_begin(&mpd->reply, MUSIC_ASKS_EXISTS, 0);
	sent(mpd, send_words(mpd, "search", filter, "window", "0:1"), ASKS_EXISTS);
}

static bool knows_playlist(const struct mpd *mpd, const char *name)
{
	for (size_t i = 0; i < mpd->library.count; i++)
		if (mpd->library.names[i].kind == MUSIC_PLAYLIST &&
		    str_equal(mpd->library.names[i].text, name))
			return true;
	return false;
}

/* Known to be missing, without asking. */
static bool is_missing(const struct mpd *mpd, const struct music_command *command)
{
	if (command->order == MUSIC_RESUME)
		return mpd->state.queue_count == 0;
	if (command->order != MUSIC_PLAY)
		return false;
	if (command->kind == MUSIC_STATION)
		return !radio_find(&mpd->radio, command->name);
	return command->kind == MUSIC_PLAYLIST && !knows_playlist(mpd, command->name);
}

static bool needs_look(const struct order *order)
{
	return order->command.order == MUSIC_PLAY && !order->exists &&
	       order->command.kind != MUSIC_STATION &&
	       order->command.kind != MUSIC_PLAYLIST;
}

static void begin_order(struct mpd *mpd)
{
	if (is_missing(mpd, &mpd->orders[0].command))
		end_order(mpd, ERR_MISSING);
	else if (needs_look(&mpd->orders[0]))
		send_exists(mpd);
	else
		send_order(mpd);
}

/* ---- what comes next ---- */

static void poke_after(struct mpd *mpd, int64_t delay_ms)
{
	if (mpd->poke)
		return;
	if (loop_after(mpd->loop, delay_ms, go_on, mpd, &mpd->poke))
		log_line("music: cannot set a timer");
}

/* Soon, from the loop; a rest that is under way ends. */
static void poke(struct mpd *mpd)
{
	loop_cancel(mpd->loop, mpd->poke);
	mpd->poke = 0;
	poke_after(mpd, 0);
}

/* In the order in which they matter. False: nothing is to be asked now. */
static bool ask_next(struct mpd *mpd)
{
	if (has_to_duck(mpd))
		send_duck(mpd);
	else if (mpd->order_count > 0)
		begin_order(mpd);
	else if (mpd->wanted)
		send_look(mpd);
	else
		return false;
	return true;
}

static bool has_to_ask(const struct mpd *mpd)
{
	return has_to_duck(mpd) || mpd->order_count > 0 || mpd->wanted;
}

static void interrupt_idle(struct mpd *mpd)
{
	if (mpd->noidle)
		return;
	mpd->noidle = true;
	if (!mpd_async_send_command(mpd->async, "noidle", NULL)) {
		lose(mpd, ERR_IO, "could not be told something");
		return;
	}
	if (loop_after(mpd->loop, MUSIC_ANSWER_MS, on_silence, mpd, &mpd->timer))
		lose(mpd, ERR_IO, "cannot be timed");
}

static void want_events(struct mpd *mpd)
{
	if (mpd->async)
		loop_want(mpd->loop, mpd->fd, loop_bits(mpd_async_events(mpd->async)));
}

/* Whoever tells without end that something has changed is asked now and then. */
static void idle_or_rest(struct mpd *mpd)
{
	if (loop_now_ms() - mpd->idled_ms < MUSIC_MPD_REST_MS)
		poke_after(mpd, MUSIC_MPD_REST_MS);
	else
		send_idle(mpd);
}

static void go_on(void *context)
{
	struct mpd *mpd = context;

	mpd->poke = 0;
	if (mpd->is_greeted && mpd->asks == ASKS_IDLE && has_to_ask(mpd))
		interrupt_idle(mpd);
	while (mpd->is_greeted && mpd->asks == ASKS_NOTHING && ask_next(mpd))
		;
	if (mpd->is_greeted && mpd->asks == ASKS_NOTHING)
		idle_or_rest(mpd);
	want_events(mpd);
}

/* ---- answers ---- */

static void on_greeting(struct mpd *mpd, const char *line)
{
	if (!str_starts(line, "OK MPD ")) {
		lose(mpd, ERR_FORMAT, "is something else: it does not greet like one");
		return;
	}
	mpd->is_greeted = true;
	mpd->wanted = WANTS_ALL;
	if (mpd->password[0])
		send_password(mpd);
	else
		mpd->asks = ASKS_NOTHING;
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

static void took_password(struct mpd *mpd, enum err err)
{
	if (err)
		lose(mpd, err, "refuses the password in the file music.password");
}

/* What it complains of stays until it has something else to say, or nothing. */
static void follow_complaint(struct mpd *mpd)
{
	if (!mpd->reply.error[0])
		mpd->trouble[0] = '\0';
	else if (!str_format(mpd->trouble, sizeof(mpd->trouble),
			     "the music player says: %s", mpd->reply.error))
		(void)str_copy(mpd->trouble, sizeof(mpd->trouble),
			       "the music player has a trouble of its own");
}

/* With the first that a connection tells, state is this player's. */
static void took_status(struct mpd *mpd)
{
	follow_volume(mpd);
	if (!mpd->is_known)
		log_line("music: the music player answers");
	mpd->is_known = true;
	mpd->retry_ms = MUSIC_MPD_RETRY_MS;
	follow_complaint(mpd);
}

static void took_look(struct mpd *mpd, enum err err)
{
	bool is_new = false;

	if (err == ERR_DENIED) {
		lose(mpd, err, "wants a password: write it into the file music.password");
		return;
	}
	if (err)
		return;
	is_new = music_reply_end(&mpd->reply, &mpd->state, &mpd->library);
	if (mpd->reply.question == MUSIC_ASKS_STATUS) {
		is_new = is_new || !mpd->is_known;
		took_status(mpd);
	}
	if (is_new)
		mpd->listener.changed(mpd->listener.context);
}

static void took_exists(struct mpd *mpd, enum err err)
{
	if (err || mpd->reply.found == 0)
		end_order(mpd, err ? err : ERR_MISSING);
	else
		mpd->orders[0].exists = true;
}

/* What the player will tell by itself in a moment holds already: who asks next, and the
 * ducking, go by it. */
static void took_order(struct mpd *mpd, enum err err)
{
	const enum music_order order = mpd->orders[0].command.order;

	if (!err && (order == MUSIC_PLAY || order == MUSIC_RESUME))
		mpd->state.play = MUSIC_PLAYING;
	if (!err && order == MUSIC_PAUSE)
		mpd->state.play = MUSIC_PAUSED;
	mpd->wanted |= WANTS_ALL & 7;
	end_order(mpd, err);
	mpd->listener.changed(mpd->listener.context);
}

static void took_idle(struct mpd *mpd, enum err err)
{
	mpd->noidle = false;
	if (err)
		lose(mpd, err, "cannot be watched");
}

/* The answer to what was asked is whole. */
static void on_end(struct mpd *mpd, enum err err)
{
	const enum asks asked = mpd->asks;

	mpd->asks = ASKS_NOTHING;
	loop_cancel(mpd->loop, mpd->timer);
	mpd->timer = 0;
	switch (asked) {
	case ASKS_PASSWORD:
		took_password(mpd, err);
		break;
	case ASKS_LOOK:
		took_look(mpd, err);
		break;
	case ASKS_EXISTS:
		took_exists(mpd, err);
		break;
	case ASKS_ORDER:
		took_order(mpd, err);
		break;
	case ASKS_VOLUME:
		duck_done(mpd);
		break;
	case ASKS_IDLE:
		took_idle(mpd, err);
		break;
	case ASKS_NOTHING:
	case ASKS_CONNECT:
	case ASKS_GREETING:
		lose(mpd, ERR_FORMAT, "answers what nobody asked");
		break;
	}
}

static void on_changed_there(struct mpd *mpd, const char *subsystem)
{
	for (unsigned i = 0; i < STR_COUNT(LOOKS); i++)
		for (size_t k = 0; k < STR_COUNT(LOOKS[i].subsystems); k++)
			if (LOOKS[i].subsystems[k] &&
			    str_equal(LOOKS[i].subsystems[k], subsystem))
				mpd->wanted |= 1U << i;
}

static void on_pair(struct mpd *mpd)
{
	const char *name = mpd_parser_get_name(mpd->parser);
	const char *value = mpd_parser_get_value(mpd->parser);

	if (mpd->asks != ASKS_IDLE)
		music_reply_pair(&mpd->reply, name, value);
	else if (str_equal(name, "changed"))
		on_changed_there(mpd, value);
}

static void on_line(struct mpd *mpd, char *line)
{
	mpd->answer_bytes += strlen(line) + 1;
	if (mpd->answer_bytes > MUSIC_MPD_ANSWER_BYTES) {
		lose(mpd, ERR_LIMIT, "says more than any answer holds");
		return;
	}
	if (mpd->asks == ASKS_GREETING) {
		on_greeting(mpd, line);
		return;
	}
	switch (mpd_parser_feed(mpd->parser, line)) {
	case MPD_PARSER_PAIR:
		on_pair(mpd);
		return;
	case MPD_PARSER_SUCCESS:
		on_end(mpd, OK);
		return;
	case MPD_PARSER_ERROR:
		on_end(mpd, err_of(mpd_parser_get_server_error(mpd->parser)));
		return;
	case MPD_PARSER_MALFORMED:
		lose(mpd, ERR_FORMAT, "says what is no answer");
		return;
	}
}

/* ---- the connection ---- */

static const char *words_of_loss(const struct mpd *mpd)
{
	const enum mpd_error error = mpd_async_get_error(mpd->async);

	if (error == MPD_ERROR_CLOSED)
		return "went away";
	return error == MPD_ERROR_MALFORMED ? "says what is no answer" : "cannot be read";
}

static void read_lines(struct mpd *mpd)
{
	char *line = NULL;

	while (mpd->async && (line = mpd_async_recv_line(mpd->async)))
		on_line(mpd, line);
}

static void on_io(struct mpd *mpd, unsigned ready)
{
	const unsigned events = (ready & LOOP_READ ? MPD_ASYNC_EVENT_READ : 0U) |
				(ready & LOOP_WRITE ? MPD_ASYNC_EVENT_WRITE : 0U);
	const bool works = mpd_async_io(mpd->async, (enum mpd_async_event)events);

	read_lines(mpd); /* what came before the end counts */
	if (!mpd->async)
		return;
	if (!works || mpd_async_get_error(mpd->async) != MPD_ERROR_SUCCESS) {
		lose(mpd, ERR_CLOSED, words_of_loss(mpd));
		return;
	}
	if (mpd->asks == ASKS_NOTHING)
		go_on(mpd);
	want_events(mpd);
}

static void on_dialled(struct mpd *mpd)
{
	struct err_note note = {""};
	char why[MUSIC_TROUBLE_BYTES];

	if (music_place_dialled(mpd->fd, &note)) {
		if (!str_format(why, sizeof(why), AWAY, note.text))
			(void)str_copy(why, sizeof(why), "is away");
		lose(mpd, ERR_CLOSED, why);
		return;
	}
	mpd->async = mpd_async_new(mpd->fd);
	mpd->parser = mpd_parser_new();
	if (!mpd->async || !mpd->parser)
		lose(mpd, ERR_MEMORY, "cannot be spoken to: out of memory");
	else if (expect(mpd, ASKS_GREETING))
		want_events(mpd);
}

static void on_ready(void *context, int fd, unsigned ready)
{
	struct mpd *mpd = context;

	(void)fd;
	if (mpd->asks == ASKS_CONNECT)
		on_dialled(mpd);
	else
		on_io(mpd, ready);
}

static void connect_now(void *context)
{
	struct mpd *mpd = context;
	struct err_note note = {""};
	char why[MUSIC_TROUBLE_BYTES];
	enum err err;

	mpd->timer = 0;
	err = music_place_dial(&mpd->place, &mpd->fd, &note);
	if (!err)
		err = loop_watch(mpd->loop, mpd->fd, LOOP_WRITE, on_ready, mpd);
	if (!err) {
		(void)expect(mpd, ASKS_CONNECT);
		return;
	}
	if (!str_format(why, sizeof(why), AWAY,
			note.text[0] ? note.text : err_words(err)))
		(void)str_copy(why, sizeof(why), "is away");
	lose(mpd, err, why);
}

/* ---- the port ---- */

static bool is_in_range(const struct music_command *command)
{
	const bool names =
		command->order == MUSIC_PLAY && command->kind != MUSIC_ANYTHING;
	char taken[MUSIC_NAME_BYTES];

	if (command->percent < 0 || command->percent > 100 ||
	    command->switch_count > MUSIC_OUTPUTS_MAX || command->order > MUSIC_SWITCH ||
	    command->kind > MUSIC_SEARCH)
		return false;
	return names ? music_name_take(taken, sizeof(taken), command->name)
		     : command->name[0] == '\0';
}

static enum err mpd_command(void *self, const struct music_command *command,
			    uint64_t token)
{
	struct mpd *mpd = self;

	if (!is_in_range(command))
		return ERR_RANGE;
	if (!mpd->is_known)
		return ERR_CLOSED;
	if (command->order == MUSIC_VOLUME && mpd->state.volume_percent < 0)
		return ERR_UNSUPPORTED;
	if (mpd->order_count == MUSIC_COMMANDS_MAX)
		return ERR_BUSY;
	mpd->orders[mpd->order_count++] =
		(struct order){.token = token, .command = *command};
	poke(mpd);
	return OK;
}

static const struct music_state *mpd_state(void *self)
{
	struct mpd *mpd = self;

	mpd->told = mpd->state;
	if (mpd->duck.is_ducked && mpd->state.volume_percent >= 0)
		mpd->told.volume_percent = mpd->duck.restore_percent;
	return &mpd->told;
}

static const struct music_library *mpd_library(void *self)
{
	struct mpd *mpd = self;

	return &mpd->library;
}

static void mpd_duck(void *self, bool on)
{
	struct mpd *mpd = self;

	if (mpd->is_to_duck == on)
		return;
	mpd->is_to_duck = on;
	if (mpd->is_greeted)
		poke(mpd);
}

static void mpd_use_stations(void *self, const struct radio *radio)
{
	static struct music_library stations; /* large, and empty between calls */
	struct mpd *mpd = self;

	mpd->radio = *radio;
	memset(&stations, 0, sizeof(stations));
	for (size_t i = 0; i < radio->count; i++)
		music_library_add(&stations, MUSIC_STATION, radio->stations[i].name);
	music_library_take(&mpd->library, MUSIC_STATION, &stations);
}

static const char *mpd_trouble(void *self)
{
	const struct mpd *mpd = self;

	if (!mpd->is_known && !mpd->trouble[0])
		return "the music player (MPD) has not answered yet";
	return mpd->trouble;
}

static void mpd_close(void *self)
{
	struct mpd *mpd = self;

	hang_up(mpd);
	explicit_bzero(mpd->password, sizeof(mpd->password));
	free(mpd);
}

static const struct music_ops OPS = {
	.command = mpd_command,
	.state = mpd_state,
	.library = mpd_library,
	.duck = mpd_duck,
	.use_stations = mpd_use_stations,
	.trouble = mpd_trouble,
	.close = mpd_close,
};

enum err music_mpd_open(struct loop *loop, const struct music_mpd_settings *settings,
			struct music_listener listener, struct music *out_music,
			struct err_note *note)
{
	struct mpd *mpd = calloc(1, sizeof(*mpd));
	enum err err = mpd ? OK : ERR_MEMORY;

	if (!err)
		err = music_place_find(settings->host, settings->port, &mpd->place, note);
	if (!err && !str_copy(mpd->password, sizeof(mpd->password),
			      settings->password ? settings->password : ""))
		err = err_say(ERR_LIMIT, note, "music.password: longer than %d bytes",
			      MUSIC_MPD_PASSWORD_BYTES - 1);
	if (!err) {
		mpd->loop = loop;
		mpd->listener = listener;
		mpd->fd = -1;
		mpd->retry_ms = MUSIC_MPD_RETRY_MS;
		mpd->state.volume_percent = -1;
		mpd->duck =
			settings->duck ? *settings->duck : (struct music_duck){.fd = -1};
		err = loop_after(loop, 0, connect_now, mpd, &mpd->timer);
	}
	if (err) {
		free(mpd);
		return err;
	}
	*out_music = (struct music){&OPS, mpd};
	return OK;
}
