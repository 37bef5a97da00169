/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers - see the header.
 *
 * Invariants: a link is in use only after both keys were shown; per link at most one parcel is
 * being put together or judged, and at most one is not answered; whoever breaks that is
 * disconnected. Callbacks come from the loop: what has to be told from inside a call waits for
 * the next tick.
 */
#include "gate/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/str.h"

enum { TICK_MS = 250, AN_HOUR_MS = 3600 * 1000, FAILURES_MAX = 64 };

struct peer {
	struct peers *peers; /* NULL: this place is free */
	uint64_t number;
	struct way way; /* of one that we make: where to, and whose key is expected */
	bool is_ours;
	bool is_open;
	struct link *link;              /* NULL while its place is being looked for */
	struct link_tls_search *search; /* NULL: not (any more) */
	int64_t used_ms;
	/* In: */
	struct parcel_in in;
	bool is_judged; /* it is whole, and waits for peers_answer */
	uint64_t in_token;
	int64_t in_since_ms;
	/* Out: */
	uint64_t out_token; /* 0: none */
	int64_t out_since_ms;
};

/* How often somebody was not there, or came, lately. */
struct tried {
	uint8_t key[PARCEL_KEY_BYTES];
	int64_t pause_ms; /* 0: the last try was fine */
	int64_t until_ms;
	int64_t hour_ms; /* when the hour began in which these were counted: */
	unsigned letters;
	unsigned others; /* which somebody waits for: no flood of letters stops them */
	int64_t used_ms; /* 0: this place is free */
};

struct peers {
	struct peers_parts parts;
	struct link_server *server;
	uint64_t last_number;
	uint64_t timer;
	struct peer all[PEERS_LINKS_MAX];
	struct tried tried[HOUSES_MAX];
	size_t failed_count; /* to be told at the next tick */
	uint8_t failed[FAILURES_MAX][PARCEL_KEY_BYTES];
};

/* --- what is remembered of each key ----------------------------------------------------- */

/* Its row, or the one that was not used for longest. */
static struct tried *tried_of(struct peers *peers, const uint8_t *key)
{
	struct tried *oldest = &peers->tried[0];

	for (size_t i = 0; i < HOUSES_MAX; i++) {
		struct tried *tried = &peers->tried[i];

		if (tried->used_ms > 0 && parcel_same_key(tried->key, key)) {
			tried->used_ms = loop_now_ms();
			return tried;
		}
		if (tried->used_ms < oldest->used_ms)
			oldest = tried;
	}
	*oldest = (struct tried){.used_ms = loop_now_ms()};
	memcpy(oldest->key, key, PARCEL_KEY_BYTES);
	return oldest;
}

static bool comes_too_often(struct peers *peers, const uint8_t *key,
			    enum parcel_kind kind)
{
	struct tried *tried = tried_of(peers, key);
	const int64_t now_ms = loop_now_ms();

	if (tried->letters + tried->others == 0 ||
	    now_ms - tried->hour_ms >= AN_HOUR_MS) {
		tried->hour_ms = now_ms;
		tried->letters = tried->others = 0;
	}
	if (kind == PARCEL_LETTER)
		return ++tried->letters > PEERS_AN_HOUR;
	return ++tried->others > 2 * PEERS_AN_HOUR;
}

static void put_off(struct peers *peers, const uint8_t *key)
{
	struct tried *tried = tried_of(peers, key);

	tried->pause_ms = tried->pause_ms == 0 ? PEERS_RETRY_MS : tried->pause_ms * 2;
	if (tried->pause_ms > PEERS_RETRY_MAX_MS)
		tried->pause_ms = PEERS_RETRY_MAX_MS;
	tried->until_ms = loop_now_ms() + tried->pause_ms;
}

/* --- finding ---------------------------------------------------------------------------- */

/* Who is, or is to be, at the other end. */
static const uint8_t *key_of(const struct peer *peer)
{
	return peer->is_ours ? peer->way.key : link_peer_key(peer->link);
}

static struct peer *find_key(struct peers *peers, const uint8_t *key, bool open_only)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++) {
		struct peer *peer = &peers->all[i];

		if (peer->peers && (peer->is_open || (peer->is_ours && !open_only)) &&
		    parcel_same_key(key_of(peer), key))
			return peer;
	}
	return NULL;
}

static struct peer *find_number(struct peers *peers, uint64_t number)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++)
		if (peers->all[i].peers && peers->all[i].number == number)
			return &peers->all[i];
	return NULL;
}

static struct peer *find_link(struct peers *peers, const struct link *link)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++)
		if (peers->all[i].peers && peers->all[i].link == link)
			return &peers->all[i];
	return NULL;
}

/* Those who come take none of the places of those whom we call. */
static bool is_full(const struct peers *peers, bool is_ours)
{
	size_t count = 0;

	for (size_t i = 0; i < PEERS_LINKS_MAX; i++)
		count += peers->all[i].peers && peers->all[i].is_ours == is_ours;
	return count >=
	       (is_ours ? PEERS_LINKS_MAX - PEERS_INCOMING_MAX : PEERS_INCOMING_MAX);
}

static struct peer *take_place(struct peers *peers, bool is_ours)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX && !is_full(peers, is_ours); i++) {
		struct peer *peer = &peers->all[i];

		if (peer->peers)
			continue;
		*peer = (struct peer){.peers = peers,
				      .is_ours = is_ours,
				      .number = ++peers->last_number,
				      .used_ms = loop_now_ms()};
		return peer;
	}
	return NULL;
}

enum peers_state peers_state(struct peers *peers, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct peer *open = find_key(peers, key, true);

	if (!open)
		return find_key(peers, key, false) ? PEERS_OPENING : PEERS_NONE;
	return open->out_token != 0 ? PEERS_BUSY : PEERS_FREE;
}

/* --- ending ----------------------------------------------------------------------------- */

/* It is over, and its link is gone. */
static void over(struct peer *peer, enum err err)
{
	struct peers *peers = peer->peers;
	const struct peers_parts *parts = &peers->parts;
	const uint64_t token = peer->out_token;
	const bool was_open = peer->is_open;
	const bool was_ours = peer->is_ours;
	uint8_t key[PARCEL_KEY_BYTES];

	if (was_ours)
		memcpy(key, peer->way.key, sizeof(key));
	parcel_in_finish(&peer->in);
	link_tls_search_cancel(peer->search);
	*peer = (struct peer){.peers = NULL};
	if (token != 0)
		parts->taken(parts->context, token, err);
	if (!was_ours)
		return;
	/* Also one that was open, and is over at once: nobody hammers a door. */
	put_off(peers, key);
	if (!was_open)
		parts->failed(parts->context, key);
}

static void end(struct peer *peer, enum err err, const char *why)
{
	struct link *link = peer->link;

	peer->link = NULL;
	if (err) {
		log_line("gate: the link to another house is ended: %s", why);
		link_refuse(link, err, why);
	} else {
		link_close(link);
	}
	over(peer, err);
}

/* --- in --------------------------------------------------------------------------------- */

static void say_taken(struct peer *peer, uint64_t token, enum err err)
{
	const struct wire_parcel_taken taken = {.token = token, .err = (uint32_t)err};

	if (link_send_parcel_taken(peer->link, &taken))
		log_line("gate: another house could not be answered");
}

static void begin_in(struct peer *peer, const struct wire_parcel *message)
{
	enum err err;

	if (peer->in.is_open || peer->is_judged) {
		end(peer, ERR_DENIED, "it brought two parcels at once");
		return;
	}
	err = parcel_in_begin(&peer->in, message);
	if (!err && !peer->in.head.is_signed)
		err = ERR_AUTH;
	if (err) {
		parcel_in_finish(&peer->in);
		end(peer, err, "it brought what is no parcel");
		return;
	}
	peer->in_since_ms = loop_now_ms();
	peer->in_token = message->token;
}

static void judge(struct peer *peer)
{
	const struct peers_parts *parts = &peer->peers->parts;
	struct parcel_in in = peer->in;
	enum err err = parcel_verify(&in.head);
	uint8_t key[PARCEL_KEY_BYTES];

	memcpy(key, key_of(peer), sizeof(key));
	if (!err && comes_too_often(peer->peers, key, in.head.parcel.kind))
		err = ERR_LIMIT;
	peer->in = (struct parcel_in){.is_open = false};
	if (err) {
		say_taken(peer, peer->in_token, err);
	} else {
		peer->is_judged = true;
		peer->in_since_ms = loop_now_ms();
		parts->came(parts->context, peer->number, key, &in.head, in.body.bytes);
	}
	parcel_in_finish(&in);
}

static void add_in(struct peer *peer, const struct wire_parcel_piece *piece)
{
	bool is_whole = false;
	const enum err err = parcel_in_add(&peer->in, piece, &is_whole);

	if (err)
		end(peer, err, "it brought a parcel that is not what its head says");
	else if (is_whole)
		judge(peer);
}

void peers_answer(struct peers *peers, uint64_t link, enum err err)
{
	struct peer *peer = find_number(peers, link);

	if (!peer || !peer->is_judged)
		return;
	peer->is_judged = false;
	peer->used_ms = loop_now_ms();
	say_taken(peer, peer->in_token, err);
}

/* --- out -------------------------------------------------------------------------------- */

static enum err say(void *context, enum wire_type type, const void *fields)
{
	return link_send(context, type, fields);
}

enum err peers_hand(struct peers *peers, const uint8_t key[PARCEL_KEY_BYTES],
		    const struct parcel_head *head, const uint8_t *body, uint64_t token)
{
	struct peer *peer = find_key(peers, key, true);
	enum err err;

	must(token != 0 && head->is_signed);
	if (!peer)
		return ERR_CLOSED;
	if (peer->out_token != 0)
		return ERR_BUSY;
	err = parcel_say(head, body, token, say, peer->link);
	if (err)
		return err == ERR_LIMIT ? ERR_BUSY : err;
	peer->out_token = token;
	peer->out_since_ms = peer->used_ms = loop_now_ms();
	return OK;
}

static void was_taken(struct peer *peer, const struct wire_parcel_taken *taken)
{
	const struct peers_parts *parts = &peer->peers->parts;
	const bool is_err = taken->err < ERR_COUNT;
	uint8_t key[PARCEL_KEY_BYTES];

	if (taken->token != peer->out_token || peer->out_token == 0) {
		end(peer, ERR_DENIED, "it answers what nobody asked");
		return;
	}
	memcpy(key, key_of(peer), sizeof(key));
	peer->out_token = 0;
	peer->used_ms = loop_now_ms();
	parts->taken(parts->context, taken->token,
		     is_err ? (enum err)taken->err : ERR_FORMAT);
	parts->ready(parts->context, key);
}

/* --- the links' own --------------------------------------------------------------------- */

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct peer *peer = find_link(context, link);

	if (!peer)
		return;
	if (message->type == WIRE_parcel)
		begin_in(peer, &message->parcel);
	else if (message->type == WIRE_parcel_piece)
		add_in(peer, &message->parcel_piece);
	else if (message->type == WIRE_parcel_taken)
		was_taken(peer, &message->parcel_taken);
	else if (message->type == WIRE_refused)
		end(peer, ERR_DENIED, "it says that we broke a rule");
}

static void opened(struct peers *peers, struct peer *peer)
{
	uint8_t key[PARCEL_KEY_BYTES];

	peer->is_open = true;
	peer->used_ms = loop_now_ms();
	memcpy(key, key_of(peer), sizeof(key));
	if (peer->is_ours)
		tried_of(peers, key)->pause_ms = 0;
	peers->parts.ready(peers->parts.context, key);
}

/* Whoever comes again has lost the link before, or wants more than others have. */
static void end_former(struct peers *peers, const uint8_t *key)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++) {
		struct peer *peer = &peers->all[i];

		if (peer->peers && !peer->is_ours && peer->is_open &&
		    parcel_same_key(key_of(peer), key))
			end(peer, ERR_EXISTS, "it has come again");
	}
}

static void on_opened(void *context, struct link *link)
{
	struct peers *peers = context;
	struct peer *peer = find_link(peers, link);

	if (!peer) {
		end_former(peers, link_peer_key(link));
		peer = take_place(peers, false);
	}
	if (!peer) {
		link_refuse(link, ERR_BUSY, "too many links");
		return;
	}
	peer->link = link;
	opened(peers, peer);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct peer *peer = find_link(context, link);

	if (!peer)
		return; /* one that came, and never greeted */
	if (!peer->is_open)
		log_line("gate: no link to another house: %s", why);
	peer->link = NULL;
	over(peer, err == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_CLOSED);
}

static struct link_listener listener_of(struct peers *peers)
{
	return (struct link_listener){.context = peers,
				      .opened = on_opened,
				      .message = on_message,
				      .closed = on_closed};
}

static void on_found(void *context, enum err err, const struct link_tls_place *found)
{
	struct peer *peer = context;
	const struct link_listener listener = listener_of(peer->peers);
	const struct link_tls_side side = {
		.kind = WIRE_LINK_PEER_GATE,
		.self = WIRE_PARTY_PEER,
		.name = "gate",
		.seed = secret_view(peer->peers->parts.identity->seed),
	};
	struct link_tls_place place;
	struct err_note note = {""};

	peer->search = NULL;
	if (!err) {
		place = *found;
		err = link_tls_connect(peer->peers->parts.loop, &place, &side,
				       peer->way.key, &listener, &peer->link, &note);
	}
	if (!err)
		return;
	log_line("gate: no link to another house: %s",
		 note.text[0] ? note.text : "its name is not known");
	peer->link = NULL;
	over(peer, ERR_CLOSED);
}

/* Told at the next tick, not from inside the caller. */
static void fail_later(struct peers *peers, const uint8_t *key)
{
	if (peers->failed_count < FAILURES_MAX)
		memcpy(peers->failed[peers->failed_count++], key, PARCEL_KEY_BYTES);
}

void peers_connect(struct peers *peers, const struct way *way)
{
	struct peer *peer = find_key(peers, way->key, false);
	const struct tried *tried;

	if (peer)
		return;
	tried = tried_of(peers, way->key);
	if (tried->pause_ms > 0 && loop_now_ms() < tried->until_ms) {
		fail_later(peers, way->key);
		return;
	}
	peer = take_place(peers, true);
	if (!peer) {
		fail_later(peers, way->key);
		return;
	}
	peer->way = *way;
	if (link_tls_search(peers->parts.loop, way->words, on_found, peer, &peer->search,
			    NULL)) {
		log_line("gate: no link to another house: its address is none");
		*peer = (struct peer){.peers = NULL};
		put_off(peers, way->key);
		fail_later(peers, way->key);
	}
}

void peers_forget_strangers(struct peers *peers)
{
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++) {
		struct peer *peer = &peers->all[i];

		if (peer->peers && !peer->is_ours && peer->is_open &&
		    !peers->parts.knows(peers->parts.context, key_of(peer)))
			end(peer, ERR_DENIED, "it is not known any more");
	}
}

/* --- time ------------------------------------------------------------------------------- */

static bool is_idle(const struct peer *peer, int64_t now_ms)
{
	const struct peers_parts *parts = &peer->peers->parts;

	return peer->is_ours && peer->out_token == 0 && !peer->in.is_open &&
	       !peer->is_judged && now_ms - peer->used_ms > PEERS_IDLE_MS &&
	       !parts->keeps(parts->context, peer->way.key);
}

static void look_after(struct peer *peer, int64_t now_ms)
{
	if (!peer->is_open)
		return;
	if (peer->out_token != 0 && now_ms - peer->out_since_ms > PEERS_TAKEN_MS)
		end(peer, ERR_TIMEOUT, "it does not say whether it has a parcel");
	else if (peer->in.is_open && now_ms - peer->in_since_ms > PEERS_WHOLE_MS)
		end(peer, ERR_TIMEOUT, "it began a parcel and did not go on");
	else if (is_idle(peer, now_ms))
		end(peer, OK, "nobody uses it");
}

static void tell_failed(struct peers *peers)
{
	while (peers->failed_count > 0) {
		uint8_t key[PARCEL_KEY_BYTES];

		memcpy(key, peers->failed[--peers->failed_count], sizeof(key));
		/* Meanwhile it may have come, or be coming. */
		if (peers_state(peers, key) == PEERS_NONE)
			peers->parts.failed(peers->parts.context, key);
	}
}

static void tick(void *context)
{
	struct peers *peers = context;
	const int64_t now_ms = loop_now_ms();

	for (size_t i = 0; i < PEERS_LINKS_MAX; i++)
		if (peers->all[i].peers)
			look_after(&peers->all[i], now_ms);
	tell_failed(peers);
	if (loop_after(peers->parts.loop, TICK_MS, tick, peers, &peers->timer))
		log_line("gate: cannot set a timer");
}

/* --- all of it -------------------------------------------------------------------------- */

enum err peers_create(const struct peers_parts *parts, struct peers **out_peers)
{
	struct peers *peers = calloc(1, sizeof(*peers));
	enum err err;

	if (!peers)
		return ERR_MEMORY;
	peers->parts = *parts;
	err = loop_after(parts->loop, TICK_MS, tick, peers, &peers->timer);
	if (err) {
		free(peers);
		return err;
	}
	*out_peers = peers;
	return OK;
}

static bool knows(void *context, const uint8_t key[TLS_KEY_BYTES])
{
	const struct peers *peers = context;

	return peers->parts.knows(peers->parts.context, key);
}

enum err peers_listen(struct peers *peers, const struct link_tls_place *place,
		      struct err_note *note)
{
	const struct link_listener listener = listener_of(peers);
	const struct link_tls_side side = {
		.kind = WIRE_LINK_PEER_GATE,
		.self = WIRE_PARTY_GATE,
		.name = "gate",
		.seed = secret_view(peers->parts.identity->seed),
		.peers_max = PEERS_INCOMING_MAX,
	};

	return link_tls_listen(peers->parts.loop, place, &side, knows, peers, &listener,
			       &peers->server, note);
}

uint16_t peers_port(const struct peers *peers)
{
	return peers->server ? link_tls_port(peers->server) : 0;
}

void peers_destroy(struct peers *peers)
{
	if (!peers)
		return;
	loop_cancel(peers->parts.loop, peers->timer);
	for (size_t i = 0; i < PEERS_LINKS_MAX; i++) {
		struct peer *peer = &peers->all[i];

		if (!peer->peers)
			continue;
		link_tls_search_cancel(peer->search);
		link_close(peer->link);
		parcel_in_finish(&peer->in);
	}
	link_server_destroy(peers->server);
	free(peers);
}
