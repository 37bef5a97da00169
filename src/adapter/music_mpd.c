/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_mpd - the conversation with an MPD: what is asked next, and what comes of its answer.
 *
 * While there is nothing to ask, MPD is asked to tell what changes ("idle"); whatever is
 * to be asked ends that first ("noidle"). How loud it is goes before orders
 * (music_order.c), orders before looking again (music_look.c). The line itself is
 * music_connection.c, ducking music_volume.c, and what is answered is read by music_reply.c.
 *
 * Invariants: callbacks are made only from the loop; `asks` says what the next answer
 * belongs to; when the line is lost everything that waited is told so.
 */
#include "adapter/music_mpd.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/music_connection.h"
#include "adapter/music_look.h"
#include "adapter/music_order.h"
#include "adapter/music_place.h"
#include "adapter/music_reply.h"
#include "adapter/music_volume.h"
#include "base/log.h"
#include "base/str.h"

/* What the next answer belongs to. */
enum asks {
	ASKS_NOTHING,
	ASKS_IDLE,
	ASKS_LOOK,
	ASKS_EXISTS, /* whether the first order's music is there */
	ASKS_ORDER,
	ASKS_VOLUME,
};

struct mpd {
	struct loop *loop;
	struct music_listener listener;
	struct music_connection *connection;
	struct radio radio;
	enum asks asks;
	bool is_known;    /* status was told: state is this player's */
	bool noidle;      /* was sent, and its answer is out */
	int64_t idled_ms; /* when it was last left to tell by itself */
	uint64_t poke;    /* a round of its own; 0: none */
	struct music_looks looks;
	struct music_orders orders;
	struct music_volume volume;
	struct music_reply reply;
	struct music_state state; /* volume_percent as the player says */
	struct music_state told;  /* as people set it */
	struct music_library library;
	char trouble[MUSIC_TROUBLE_BYTES];
};

/* ---- asking ---- */

static void ask(struct mpd *mpd, enum asks asks, bool was_said)
{
	mpd->asks = asks; /* first: it may be lost at once */
	music_connection_ask(mpd->connection, was_said,
			     asks == ASKS_IDLE ? 0 : MUSIC_ANSWER_MS);
}

static bool plays_soon(const struct mpd *mpd)
{
	return mpd->state.play == MUSIC_PLAYING || music_orders_start_music(&mpd->orders);
}

static enum music_volume_step next_volume(const struct mpd *mpd)
{
	return mpd->is_known
		       ? music_volume_next(&mpd->volume, &mpd->state, plays_soon(mpd))
		       : MUSIC_VOLUME_NONE;
}

static void ask_volume(struct mpd *mpd)
{
	const int percent =
		music_volume_begin(&mpd->volume, next_volume(mpd), &mpd->state);

	music_reply_begin(&mpd->reply, MUSIC_ASKS_NOTHING, 0);
	ask(mpd, ASKS_VOLUME,
	    music_connection_say_number(mpd->connection, "setvol", (unsigned)percent));
}

/* So that the queue is not emptied for nothing. */
static void ask_whether_it_exists(struct mpd *mpd, const struct music_ordered *first)
{
	music_reply_begin(&mpd->reply, MUSIC_ASKS_EXISTS, 0);
	ask(mpd, ASKS_EXISTS, music_order_look(first, mpd->connection));
}

static void ask_order(struct mpd *mpd, const struct music_ordered *first)
{
	int percent = first->command.percent;

	if (first->command.order == MUSIC_VOLUME) {
		percent = music_volume_set(&mpd->volume, percent);
		mpd->state.volume_percent = percent;
	}
	music_reply_begin(&mpd->reply, MUSIC_ASKS_NOTHING, 0);
	ask(mpd, ASKS_ORDER,
	    music_order_say(first, &mpd->radio, &mpd->state, percent, mpd->connection));
}

static void end_order(struct mpd *mpd, enum err err)
{
	const uint64_t token = music_orders_drop(&mpd->orders);

	mpd->listener.done(mpd->listener.context, token, err);
}

static void begin_order(struct mpd *mpd)
{
	const struct music_ordered *first = &mpd->orders.orders[0];

	if (music_order_is_missing(first, &mpd->radio, &mpd->state))
		end_order(mpd, ERR_MISSING);
	else if (music_order_needs_look(first))
		ask_whether_it_exists(mpd, first);
	else
		ask_order(mpd, first);
}

/* ---- what comes next ---- */

static void go_on(void *context);

static void poke_after(struct mpd *mpd, int64_t delay_ms)
{
	if (mpd->poke)
		return;
	if (loop_after(mpd->loop, delay_ms, go_on, mpd, &mpd->poke))
		log_line("music: cannot set a timer");
}

static void unpoke(struct mpd *mpd)
{
	loop_cancel(mpd->loop, mpd->poke);
	mpd->poke = 0;
}

/* Soon, from the loop; a rest that is under way ends. */
static void poke(struct mpd *mpd)
{
	unpoke(mpd);
	poke_after(mpd, 0);
}

static bool has_to_ask(const struct mpd *mpd)
{
	return next_volume(mpd) != MUSIC_VOLUME_NONE || mpd->orders.count > 0 ||
	       music_looks_wanted(&mpd->looks);
}

/* In the order in which they matter. */
static void ask_next(struct mpd *mpd)
{
	if (next_volume(mpd) != MUSIC_VOLUME_NONE)
		ask_volume(mpd);
	else if (mpd->orders.count > 0)
		begin_order(mpd);
	else
		ask(mpd, ASKS_LOOK,
		    music_looks_ask(&mpd->looks, &mpd->reply, mpd->connection));
}

static void interrupt_idle(struct mpd *mpd)
{
	if (mpd->noidle)
		return;
	mpd->noidle = true;
	music_connection_ask(mpd->connection,
			     music_connection_say(mpd->connection, "noidle", NULL),
			     MUSIC_ANSWER_MS);
}

/* Whoever tells without end that something has changed is asked now and then. */
static void idle_or_rest(struct mpd *mpd)
{
	if (loop_now_ms() - mpd->idled_ms < MUSIC_MPD_REST_MS) {
		poke_after(mpd, MUSIC_MPD_REST_MS);
		return;
	}
	mpd->idled_ms = loop_now_ms();
	music_connection_praise(mpd->connection); /* it answered all there was to ask */
	ask(mpd, ASKS_IDLE, music_looks_watch(mpd->connection));
}

static bool may_ask(const struct mpd *mpd)
{
	return music_connection_is_up(mpd->connection) && mpd->asks == ASKS_NOTHING;
}

static void go_on(void *context)
{
	struct mpd *mpd = context;

	mpd->poke = 0;
	if (mpd->asks == ASKS_IDLE && has_to_ask(mpd))
		interrupt_idle(mpd);
	while (may_ask(mpd) && has_to_ask(mpd))
		ask_next(mpd);
	if (may_ask(mpd))
		idle_or_rest(mpd);
}

/* ---- answers ---- */

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
	music_volume_follow(&mpd->volume, mpd->state.volume_percent);
	if (!mpd->is_known)
		log_line("music: the music player answers");
	mpd->is_known = true;
	follow_complaint(mpd);
}

static void took_look(struct mpd *mpd, enum err err)
{
	bool is_new = false;

	if (err == ERR_DENIED) {
		music_connection_drop(
			mpd->connection, err,
			"wants a password: write it into the file music.password");
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
		mpd->orders.orders[0].exists = true;
}

/* What the player will tell by itself in a moment holds already: who asks next, and the
 * ducking, go by it. */
static void took_order(struct mpd *mpd, enum err err)
{
	const struct music_ordered *first = &mpd->orders.orders[0];
	const enum music_order order = first->command.order;

	if (!err && (order == MUSIC_PLAY || order == MUSIC_RESUME))
		mpd->state.play = MUSIC_PLAYING;
	if (!err && order == MUSIC_PAUSE)
		mpd->state.play = MUSIC_PAUSED;
	mpd->volume.is_uneven = mpd->volume.is_uneven || music_order_opens(first);
	music_looks_want_play(&mpd->looks);
	end_order(mpd, err);
	mpd->listener.changed(mpd->listener.context);
}

static void took_volume(struct mpd *mpd, enum err err)
{
	if (!music_volume_end(&mpd->volume, err == OK))
		music_looks_want_play(&mpd->looks);
}

static void took_idle(struct mpd *mpd, enum err err)
{
	mpd->noidle = false;
	if (err)
		music_connection_drop(mpd->connection, err, "cannot be watched");
}

/* ---- what the line tells ---- */

static void on_end(void *context, enum err err)
{
	struct mpd *mpd = context;
	const enum asks asked = mpd->asks;

	mpd->asks = ASKS_NOTHING;
	switch (asked) {
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
		took_volume(mpd, err);
		break;
	case ASKS_IDLE:
		took_idle(mpd, err);
		break;
	case ASKS_NOTHING:
		music_connection_drop(mpd->connection, ERR_FORMAT,
				      "answers what nobody asked");
		break;
	}
}

static void on_pair(void *context, const char *name, const char *value)
{
	struct mpd *mpd = context;

	if (mpd->asks != ASKS_IDLE) {
		music_reply_pair(&mpd->reply, name, value);
	} else if (str_equal(name, "changed")) {
		music_looks_changed(&mpd->looks, value);
		mpd->volume.is_refused = false;
	}
}

static void on_up(void *context)
{
	struct mpd *mpd = context;

	music_looks_want_all(&mpd->looks);
}

static void on_read(void *context)
{
	struct mpd *mpd = context;

	if (mpd->asks == ASKS_NOTHING)
		go_on(mpd);
}

/* Orders that are added meanwhile are refused: there is no connection. */
static void end_orders(struct mpd *mpd, enum err err)
{
	for (size_t left = mpd->orders.count; left > 0; left--)
		end_order(mpd, err);
}

static void complain(struct mpd *mpd, const char *why)
{
	char trouble[MUSIC_TROUBLE_BYTES];

	if (!str_format(trouble, sizeof(trouble), "the music player (MPD) %s", why))
		(void)str_copy(trouble, sizeof(trouble), "the music player is away");
	if (!str_equal(mpd->trouble, trouble)) /* once, not with every try */
		log_line("music: %s", trouble);
	(void)str_copy(mpd->trouble, sizeof(mpd->trouble), trouble);
}

static void on_down(void *context, enum err err, const char *why)
{
	struct mpd *mpd = context;

	if (mpd->asks == ASKS_LOOK && (err == ERR_FORMAT || err == ERR_LIMIT))
		music_looks_shun(&mpd->looks);
	complain(mpd, why);
	unpoke(mpd);
	mpd->asks = ASKS_NOTHING;
	mpd->is_known = false;
	mpd->noidle = false;
	music_volume_lost(&mpd->volume);
	mpd->state.play = MUSIC_STOPPED;
	mpd->state.output_count = 0;
	end_orders(mpd, err);
	mpd->listener.changed(mpd->listener.context);
}

/* ---- the port ---- */

static enum err mpd_command(void *self, const struct music_command *command,
			    uint64_t token)
{
	struct mpd *mpd = self;
	enum err err = music_orders_check(command);

	if (err)
		return err;
	if (!mpd->is_known)
		return ERR_CLOSED;
	if (command->order == MUSIC_VOLUME && mpd->state.volume_percent < 0)
		return ERR_UNSUPPORTED;
	err = music_orders_add(&mpd->orders, command, token);
	if (!err)
		poke(mpd);
	return err;
}

static const struct music_state *mpd_state(void *self)
{
	struct mpd *mpd = self;

	mpd->told = mpd->state;
	mpd->told.volume_percent =
		music_volume_told(&mpd->volume, mpd->state.volume_percent);
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

	if (mpd->volume.is_to_duck == on)
		return;
	mpd->volume.is_to_duck = on;
	mpd->volume.is_refused = false;
	if (music_connection_is_up(mpd->connection))
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

/* Who ends while the music is softer puts it back, where the player is there to be told. */
static void put_back(struct mpd *mpd)
{
	struct music_connection *connection = mpd->connection;

	if (!mpd->is_known || !mpd->volume.duck.is_ducked)
		return;
	if ((mpd->asks != ASKS_IDLE ||
	     music_connection_say(connection, "noidle", NULL)) &&
	    music_connection_say_number(connection, "setvol",
					(unsigned)mpd->volume.duck.restore_percent) &&
	    music_connection_end(connection))
		music_duck_clear(&mpd->volume.duck);
}

static void mpd_close(void *self)
{
	struct mpd *mpd = self;

	unpoke(mpd);
	put_back(mpd);
	music_connection_destroy(mpd->connection);
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

static struct music_connection_listener listen_with(struct mpd *mpd)
{
	return (struct music_connection_listener){
		.context = mpd,
		.up = on_up,
		.pair = on_pair,
		.end = on_end,
		.read = on_read,
		.down = on_down,
	};
}

enum err music_mpd_open(struct loop *loop, const struct music_mpd_settings *settings,
			struct music_listener listener, struct music *out_music,
			struct err_note *note)
{
	const char *password = settings->password ? settings->password : "";
	struct music_place place;
	struct mpd *mpd = calloc(1, sizeof(*mpd));
	enum err err = mpd ? OK : ERR_MEMORY;

	if (!err)
		err = music_place_find(settings->host, settings->port, &place, note);
	if (!err && strlen(password) >= MUSIC_CONNECTION_PASSWORD_BYTES)
		err = err_say(ERR_LIMIT, note, "music.password: longer than %d bytes",
			      MUSIC_CONNECTION_PASSWORD_BYTES - 1);
	if (!err) {
		mpd->loop = loop;
		mpd->listener = listener;
		mpd->state.volume_percent = -1;
		mpd->volume.duck =
			settings->duck ? *settings->duck : (struct music_duck){.fd = -1};
		err = music_connection_create(loop, &place, password, listen_with(mpd),
					      &mpd->connection);
	}
	if (err) {
		free(mpd);
		return err;
	}
	*out_music = (struct music){&OPS, mpd};
	return OK;
}
