/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post - see the header.
 *
 * A parcel goes by a link to its house where one is open, else by the way that its owner
 * wrote down. Only an answer to a house that has just asked goes back by the link that
 * it asked by, which may be a relay's.
 *
 * Invariants: what leaves is signed, and to a house that was enrolled or is carried for; what
 * came is answered once, after it was kept for good; nothing that came goes back to where it
 * came from.
 */
#include "gate/post.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/secret.h"

/* --- on their way out --- */

enum item_state { ITEM_FREE, ITEM_FETCHING, ITEM_WAITING, ITEM_HANDED };

enum item_source {
	SOURCE_ORDER,  /* id says which */
	SOURCE_KEEPER, /* keeper_token does */
	SOURCE_SPOOL,  /* the head does */
};

struct item {
	enum item_state state;
	enum item_source source;
	uint64_t token;
	uint64_t keeper_token;
	int64_t since_ms;
	struct parcel_head head;
	struct way way; /* as its owner wrote it down */
	bool has_way;
	uint8_t by[PARCEL_KEY_BYTES]; /* the link that it waits for, or was handed to */
	struct buf body;
	bool is_whole;
};

/* One that the keeper is being brought. */
struct coming {
	uint64_t token; /* 0: this place is free */
	uint64_t link;
	enum parcel_kind kind;
	uint8_t from[PARCEL_KEY_BYTES];
	uint8_t by[PARCEL_KEY_BYTES]; /* who is at the link's other end */
};

struct post {
	struct post_parts parts;
	uint64_t last_token;
	struct item items[POST_MAX];
	struct coming coming[POST_IN_MAX];
};

static uint64_t next_token(struct post *post)
{
	return POST_TOKENS + ++post->last_token;
}

static struct item *find_item(struct post *post, uint64_t token, enum item_state state)
{
	for (size_t i = 0; i < POST_MAX; i++)
		if (post->items[i].state == state && post->items[i].token == token)
			return &post->items[i];
	return NULL;
}

/* Of each source only so many: what somebody waits for finds a place. */
static bool is_full(const struct post *post, enum item_source source)
{
	static const size_t most[] = {
		[SOURCE_ORDER] = POST_ORDERS_MAX,
		[SOURCE_KEEPER] = POST_KEEPERS_MAX,
		[SOURCE_SPOOL] = POST_MAX - POST_ORDERS_MAX - POST_KEEPERS_MAX,
	};
	size_t count = 0;

	for (size_t i = 0; i < POST_MAX; i++)
		count += post->items[i].state != ITEM_FREE &&
			 post->items[i].source == source;
	return count >= most[source];
}

static struct item *make_item(struct post *post, enum item_source source)
{
	for (size_t i = 0; i < POST_MAX && !is_full(post, source); i++) {
		struct item *item = &post->items[i];

		if (item->state != ITEM_FREE)
			continue;
		*item = (struct item){.source = source,
				      .token = next_token(post),
				      .since_ms = clock_now_ms(&post->parts.clock)};
		buf_init(&item->body, PARCEL_BYTES_MAX);
		return item;
	}
	return NULL;
}

/* --- how it ends ------------------------------------------------------------------------ */

/* What another house may say later once more is no refusal. */
static enum err soften(enum err err)
{
	return err == ERR_LIMIT || err == ERR_MEMORY ? ERR_BUSY : err;
}

static void spool_over(struct post *post, const struct parcel_head *head, enum err err)
{
	const bool may_pass = err == ERR_CLOSED || err == ERR_TIMEOUT ||
			      err == ERR_BUSY || err == ERR_IO;

	/* What its house refuses for good is kept for nobody. */
	if (!err || !may_pass)
		spool_drop(post->parts.spool, head);
	else
		spool_put_off(post->parts.spool, head);
}

/* How long a house is left alone after an order that ended so. */
static int64_t pause_after(enum err err, int64_t before_ms)
{
	const int64_t twice_ms = before_ms * 2;

	if (err == ERR_CLOSED || err == ERR_TIMEOUT)
		return POST_AWAY_MS;
	if (err != ERR_BUSY)
		return 0;
	if (twice_ms < POST_PAUSE_MS)
		return POST_PAUSE_MS;
	return twice_ms < POST_PAUSE_MAX_MS ? twice_ms : POST_PAUSE_MAX_MS;
}

/* A house that is away, or has enough of us, is not bothered with each message in turn. */
static void note_outcome(struct post *post, const struct parcel *parcel, enum err err)
{
	struct house *house = houses_find(post->parts.houses, parcel->to);

	if (!house)
		return;
	house->pause_ms = pause_after(err, house->pause_ms);
	house->paused_until_ms = clock_now_ms(&post->parts.clock) + house->pause_ms;
}

/* The callbacks may bring the next. */
static void over(struct post *post, struct item *item, enum err err)
{
	const struct post_parts *parts = &post->parts;
	const struct item was = *item;

	buf_finish(&item->body);
	*item = (struct item){.state = ITEM_FREE};
	err = soften(err);
	if (was.source == SOURCE_ORDER && was.state != ITEM_FETCHING)
		note_outcome(post, &was.head.parcel, err);
	if (was.source == SOURCE_ORDER)
		parts->carried(parts->context, was.head.parcel.id, err);
	else if (was.source == SOURCE_KEEPER)
		parts->taken(parts->context, was.keeper_token, err);
	else
		spool_over(post, &was.head, err);
}

/* --- which way -------------------------------------------------------------------------- */

static void choose_link(struct post *post, struct item *item)
{
	const struct post_links *links = &post->parts.links;
	const uint8_t *to = item->head.parcel.to;
	const struct house *house = houses_find(post->parts.houses, to);
	const enum peers_state direct = links->state(links->context, to);

	memcpy(item->by, to, PARCEL_KEY_BYTES);
	if (direct == PEERS_FREE || direct == PEERS_BUSY)
		return;
	if (house && item->head.parcel.kind == PARCEL_KEY &&
	    clock_now_ms(&post->parts.clock) < house->asked_until_ms) {
		const enum peers_state state =
			links->state(links->context, house->asked_by);

		memcpy(item->by, house->asked_by, PARCEL_KEY_BYTES);
		if (state == PEERS_FREE || state == PEERS_BUSY)
			return;
	}
	if (item->has_way)
		memcpy(item->by, item->way.key, PARCEL_KEY_BYTES);
}

static void hand(struct post *post, struct item *item)
{
	const struct post_links *links = &post->parts.links;
	const enum err err = links->hand(links->context, item->by, &item->head,
					 item->body.bytes, item->token);

	if (err == ERR_BUSY)
		return; /* ready() comes again */
	if (err)
		over(post, item, ERR_CLOSED);
	else
		item->state = ITEM_HANDED;
}

/* It is whole and signed. */
static void dispatch(struct post *post, struct item *item)
{
	const struct post_links *links = &post->parts.links;
	enum peers_state state;

	item->state = ITEM_WAITING;
	item->since_ms = clock_now_ms(&post->parts.clock);
	choose_link(post, item);
	state = links->state(links->context, item->by);
	if (state == PEERS_FREE)
		hand(post, item);
	else if (state == PEERS_NONE && item->has_way)
		links->connect(links->context, &item->way);
	else if (state == PEERS_NONE)
		over(post, item, ERR_CLOSED);
}

static enum err complete(struct post *post, struct item *item)
{
	struct parcel *parcel = &item->head.parcel;
	enum err err;

	memcpy(parcel->from, post->parts.identity->public_key, PARCEL_KEY_BYTES);
	parcel->at_ms = clock_wall_ms(&post->parts.clock);
	err = parcel_measure(item->body.bytes, item->body.size, parcel);
	return err ? err
		   : parcel_sign(secret_view(post->parts.identity->seed), &item->head);
}

/* --- orders ----------------------------------------------------------------------------- */

static bool is_under_way(const struct post *post, struct proposal_id id)
{
	for (size_t i = 0; i < POST_MAX; i++) {
		const struct item *item = &post->items[i];

		if (item->state != ITEM_FREE && item->source == SOURCE_ORDER &&
		    id_equal(item->head.parcel.id.bytes, id.bytes))
			return true;
	}
	return false;
}

static size_t count_orders(const struct post *post, const uint8_t *to)
{
	size_t count = 0;

	for (size_t i = 0; i < POST_MAX; i++)
		count += post->items[i].state != ITEM_FREE &&
			 post->items[i].source == SOURCE_ORDER &&
			 parcel_same_key(post->items[i].head.parcel.to, to);
	return count;
}

static bool is_not_now(const struct post *post, const uint8_t *to)
{
	const struct house *house = houses_find(post->parts.houses, to);

	return count_orders(post, to) >= POST_ORDERS_EACH ||
	       (house && clock_now_ms(&post->parts.clock) < house->paused_until_ms);
}

void post_take(struct post *post, struct proposal_id id, const struct contact *contact)
{
	const struct post_parts *parts = &post->parts;
	struct item *item = NULL;
	enum err err = OK;

	if (is_under_way(post, id))
		return;
	if (!is_not_now(post, contact->key))
		item = make_item(post, SOURCE_ORDER);
	if (!item) {
		parts->carried(parts->context, id, ERR_BUSY);
		return;
	}
	item->state = ITEM_FETCHING;
	item->head.parcel.id = id;
	item->head.parcel.kind = PARCEL_LETTER;
	memcpy(item->head.parcel.to, contact->key, PARCEL_KEY_BYTES);
	item->has_way = way_read(contact->address, contact->key, &item->way) == OK;
	if (parts->fetch(parts->context, item->token, id))
		err = ERR_CLOSED;
	if (err)
		over(post, item, err);
}

void post_body(struct post *post, uint64_t token, const uint8_t *bytes, size_t size,
	       bool is_last)
{
	struct item *item = find_item(post, token, ITEM_FETCHING);

	if (!item)
		return;
	if (item->is_whole || buf_add(&item->body, bytes, size))
		over(post, item, ERR_IO);
	else
		item->is_whole = is_last;
}

void post_fetched(struct post *post, uint64_t token, enum err err)
{
	struct item *item = find_item(post, token, ITEM_FETCHING);

	if (!item)
		return;
	if (!err && !item->is_whole)
		err = ERR_IO;
	if (!err)
		err = complete(post, item);
	if (err)
		over(post, item, err == ERR_MISSING ? ERR_MISSING : ERR_IO);
	else
		dispatch(post, item);
}

void post_send(struct post *post, const struct parcel_head *head, const uint8_t *body,
	       uint64_t keeper_token)
{
	const struct post_parts *parts = &post->parts;
	const struct house *house = houses_find(parts->houses, head->parcel.to);
	struct item *item = house ? make_item(post, SOURCE_KEEPER) : NULL;
	enum err err;

	if (!item) {
		parts->taken(parts->context, keeper_token, house ? ERR_BUSY : ERR_DENIED);
		return;
	}
	item->keeper_token = keeper_token;
	item->head = *head;
	item->has_way = house->has_way;
	item->way = house->way;
	err = buf_add(&item->body, body, head->parcel.size);
	if (!err)
		err = complete(post, item);
	if (err)
		over(post, item, ERR_IO);
	else
		dispatch(post, item);
}

/* --- what comes ------------------------------------------------------------------------- */

static void come_for_us(struct post *post, uint64_t link, const uint8_t *key,
			const struct parcel_head *head, const uint8_t *body)
{
	const struct post_parts *parts = &post->parts;
	const struct house *house = houses_find(parts->houses, head->parcel.from);
	struct coming *coming = NULL;
	enum err err = OK;

	for (size_t i = 0; i < POST_IN_MAX && !coming; i++)
		if (post->coming[i].token == 0)
			coming = &post->coming[i];
	if (!house)
		err = ERR_DENIED;
	else if (!coming)
		err = ERR_BUSY;
	if (err) {
		parts->links.answer(parts->links.context, link, err);
		return;
	}
	*coming = (struct coming){.token = next_token(post),
				  .link = link,
				  .kind = head->parcel.kind};
	memcpy(coming->from, head->parcel.from, PARCEL_KEY_BYTES);
	memcpy(coming->by, key, PARCEL_KEY_BYTES);
	err = parts->bring(parts->context, coming->token, head, body);
	if (err)
		post_brought(post, coming->token, ERR_CLOSED);
}

/* The keeper believed it, and it came by a link that its owner knows: the answer goes back
 * there. Whoever repeats what it once heard is no way to anybody. */
static void note_way_back(struct post *post, const struct coming *coming)
{
	const struct houses *houses = post->parts.houses;
	struct house *house = houses_find(post->parts.houses, coming->from);

	if (!house || coming->kind != PARCEL_WANT ||
	    !((houses->has_relay && parcel_same_key(coming->by, houses->relay.key)) ||
	      (house->has_way && parcel_same_key(coming->by, house->way.key))))
		return;
	memcpy(house->asked_by, coming->by, PARCEL_KEY_BYTES);
	house->asked_until_ms = clock_now_ms(&post->parts.clock) + POST_ASKED_MS;
}

void post_brought(struct post *post, uint64_t token, enum err err)
{
	const struct post_links *links = &post->parts.links;

	for (size_t i = 0; i < POST_IN_MAX; i++) {
		const struct coming coming = post->coming[i];

		if (token == 0 || coming.token != token)
			continue;
		post->coming[i].token = 0;
		if (!err)
			note_way_back(post, &coming);
		links->answer(links->context, coming.link, err);
	}
}

/* Only what its own house brings, between two for whom we carry. */
static enum err keep_for_other(struct post *post, const uint8_t *key,
			       const struct parcel_head *head, const uint8_t *body)
{
	const struct post_parts *parts = &post->parts;

	if (!parts->spool || !parcel_same_key(key, head->parcel.from) ||
	    !houses_carries(parts->houses, head->parcel.from) ||
	    !houses_carries(parts->houses, head->parcel.to))
		return ERR_DENIED;
	return spool_put(parts->spool, head, body);
}

void post_came(struct post *post, uint64_t link, const uint8_t key[PARCEL_KEY_BYTES],
	       const struct parcel_head *head, const uint8_t *body)
{
	const struct post_links *links = &post->parts.links;
	const uint8_t *to = head->parcel.to;

	if (parcel_same_key(to, post->parts.identity->public_key)) {
		come_for_us(post, link, key, head, body);
		return;
	}
	links->answer(links->context, link, keep_for_other(post, key, head, body));
	post_ready(post, to);
}

bool post_knows(const struct post *post, const uint8_t key[PARCEL_KEY_BYTES])
{
	return houses_knows(post->parts.houses, key);
}

bool post_keeps(const struct post *post, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct houses *houses = post->parts.houses;

	if (houses->has_relay && parcel_same_key(houses->relay.key, key))
		return true;
	for (size_t i = 0; i < houses->count; i++)
		if (houses->all[i].waits > 0 && houses->all[i].has_way &&
		    parcel_same_key(houses->all[i].way.key, key))
			return true;
	return false;
}

/* --- what the links tell ---------------------------------------------------------------- */

static struct item *first_waiting(struct post *post, const uint8_t *key)
{
	struct item *first = NULL;

	for (size_t i = 0; i < POST_MAX; i++) {
		struct item *item = &post->items[i];

		if (item->state == ITEM_WAITING && parcel_same_key(item->by, key) &&
		    (!first || item->token < first->token))
			first = item;
	}
	return first;
}

static bool is_spooled_out(const struct post *post, const uint8_t *key)
{
	for (size_t i = 0; i < POST_MAX; i++)
		if (post->items[i].state != ITEM_FREE &&
		    post->items[i].source == SOURCE_SPOOL &&
		    parcel_same_key(post->items[i].by, key))
			return true;
	return false;
}

/* The oldest that is kept for whoever is there. */
static void hand_spooled(struct post *post, const uint8_t *key)
{
	const struct post_parts *parts = &post->parts;
	struct parcel_head head;
	struct buf body;
	struct item *item;

	if (!parts->spool || is_spooled_out(post, key) ||
	    spool_first(parts->spool, key, &head, &body))
		return;
	item = make_item(post, SOURCE_SPOOL);
	if (!item) {
		buf_finish(&body);
		return;
	}
	item->head = head;
	item->body = body;
	memcpy(item->by, key, PARCEL_KEY_BYTES);
	item->state = ITEM_WAITING;
	hand(post, item);
}

void post_ready(struct post *post, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct post_links *links = &post->parts.links;
	struct item *item;

	if (links->state(links->context, key) != PEERS_FREE)
		return;
	item = first_waiting(post, key);
	if (item)
		hand(post, item);
	else
		hand_spooled(post, key);
}

void post_taken(struct post *post, uint64_t token, enum err err)
{
	struct item *item = find_item(post, token, ITEM_HANDED);

	if (item)
		over(post, item, err);
}

void post_failed(struct post *post, const uint8_t key[PARCEL_KEY_BYTES])
{
	for (size_t i = 0; i < POST_MAX; i++)
		if (post->items[i].state == ITEM_WAITING &&
		    parcel_same_key(post->items[i].by, key))
			over(post, &post->items[i], ERR_CLOSED);
}

void post_lost(struct post *post)
{
	for (size_t i = 0; i < POST_MAX; i++)
		if (post->items[i].state == ITEM_FETCHING) {
			buf_finish(&post->items[i].body);
			post->items[i] = (struct item){.state = ITEM_FREE};
		}
	for (size_t i = 0; i < POST_IN_MAX; i++)
		if (post->coming[i].token != 0)
			post_brought(post, post->coming[i].token, ERR_CLOSED);
}

/* --- time ------------------------------------------------------------------------------- */

static void keep_links(struct post *post)
{
	const struct post_links *links = &post->parts.links;
	const struct houses *houses = post->parts.houses;

	if (houses->has_relay &&
	    links->state(links->context, houses->relay.key) == PEERS_NONE)
		links->connect(links->context, &houses->relay);
	/* It may ask for the key of what lies there, and cannot always reach this house. */
	for (size_t i = 0; i < houses->count; i++) {
		const struct house *house = &houses->all[i];

		if (house->waits > 0 && house->has_way &&
		    links->state(links->context, house->key) == PEERS_NONE &&
		    links->state(links->context, house->way.key) == PEERS_NONE)
			links->connect(links->context, &house->way);
	}
}

void post_tick(struct post *post)
{
	const int64_t now_ms = clock_now_ms(&post->parts.clock);

	for (size_t i = 0; i < POST_MAX; i++) {
		struct item *item = &post->items[i];

		if (item->state == ITEM_WAITING &&
		    now_ms - item->since_ms > POST_WAITS_MS)
			over(post, item, ERR_CLOSED);
	}
	if (post->parts.spool)
		spool_tick(post->parts.spool);
	for (size_t i = 0; i < post->parts.houses->carried_count; i++)
		post_ready(post, post->parts.houses->carried[i]);
	keep_links(post);
}

enum err post_create(const struct post_parts *parts, struct post **out_post)
{
	struct post *post = calloc(1, sizeof(*post));

	if (!post)
		return ERR_MEMORY;
	post->parts = *parts;
	*out_post = post;
	return OK;
}

void post_destroy(struct post *post)
{
	if (!post)
		return;
	for (size_t i = 0; i < POST_MAX; i++)
		buf_finish(&post->items[i].body);
	free(post);
}
