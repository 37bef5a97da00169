/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abroad - see the header. Decides nothing: it leads what the keeper says to the post, and
 * what the post asks for to the keeper and to the links.
 */
#include "gate/abroad.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

enum { TICK_MS = 1000 };

struct abroad {
	struct abroad_parts parts;
	struct link_tls_place listen; /* count 0: nowhere */
	struct houses houses;
	struct spool *spool;
	struct peers *peers;
	struct post *post;
	struct parcel_in from_keeper;
	uint64_t timer;
};

bool abroad_is_set(const struct settings *settings)
{
	return str_equal(settings->peer_on, "yes");
}

/* --- to the keeper ---------------------------------------------------------------------- */

static enum err fetch(void *context, uint64_t token, struct proposal_id id)
{
	const struct abroad *abroad = context;
	struct link *keeper = *abroad->parts.keeper;
	struct wire_memo_get get = {.token = token};

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	return keeper ? link_send_memo_get(keeper, &get) : ERR_CLOSED;
}

static enum err say(void *context, enum wire_type type, const void *fields)
{
	return link_send(context, type, fields);
}

static enum err bring(void *context, uint64_t token, const struct parcel_head *head,
		      const uint8_t *body)
{
	const struct abroad *abroad = context;
	struct link *keeper = *abroad->parts.keeper;

	return keeper ? parcel_say(head, body, token, say, keeper) : ERR_CLOSED;
}

static void carried(void *context, struct proposal_id id, enum err err)
{
	const struct abroad *abroad = context;

	abroad->parts.carried(abroad->parts.context, id, err);
}

static void say_taken(void *context, uint64_t keeper_token, enum err err)
{
	const struct abroad *abroad = context;
	struct link *keeper = *abroad->parts.keeper;
	const struct wire_parcel_taken taken = {.token = keeper_token,
						.err = (uint32_t)err};

	if (keeper && link_send_parcel_taken(keeper, &taken))
		log_line("gate: the keeper could not be told");
}

/* --- from the keeper -------------------------------------------------------------------- */

static void begin_parcel(struct abroad *abroad, const struct wire_parcel *message)
{
	if (parcel_in_begin(&abroad->from_keeper, message))
		say_taken(abroad, message->token, ERR_FORMAT);
}

static void add_parcel(struct abroad *abroad, const struct wire_parcel_piece *piece)
{
	struct parcel_in *in = &abroad->from_keeper;
	bool is_whole = false;

	if (parcel_in_add(in, piece, &is_whole))
		say_taken(abroad, piece->token, ERR_FORMAT);
	if (!is_whole)
		return;
	post_send(abroad->post, &in->head, in->body.bytes, in->token);
	parcel_in_finish(in);
}

static void take_peer(struct abroad *abroad, const struct wire_peer *peer)
{
	if (!houses_told(&abroad->houses, peer))
		return;
	peers_forget_strangers(abroad->peers);
	post_tick(abroad->post);
}

static void take_done(struct abroad *abroad, uint64_t token, uint32_t err)
{
	post_fetched(abroad->post, token, err < ERR_COUNT ? (enum err)err : ERR_IO);
}

bool abroad_message(struct abroad *abroad, const struct wire_message *message)
{
	const struct wire_memo_sound *sound = &message->memo_sound;

	switch ((unsigned)message->type) {
	case WIRE_parcel:
		begin_parcel(abroad, &message->parcel);
		return true;
	case WIRE_parcel_piece:
		add_parcel(abroad, &message->parcel_piece);
		return true;
	case WIRE_parcel_taken:
		post_brought(abroad->post, message->parcel_taken.token,
			     message->parcel_taken.err < ERR_COUNT
				     ? (enum err)message->parcel_taken.err
				     : ERR_IO);
		return true;
	case WIRE_peer:
		take_peer(abroad, &message->peer);
		return true;
	case WIRE_memo_sound:
		post_body(abroad->post, sound->token, sound->opus.bytes, sound->opus.size,
			  sound->last);
		return false;
	case WIRE_done:
		take_done(abroad, message->done.token, message->done.err);
		return false;
	case WIRE_refused:
		take_done(abroad, message->refused.token,
			  message->refused.err != OK ? message->refused.err : ERR_DENIED);
		return false;
	default:
		return false;
	}
}

void abroad_take(struct abroad *abroad, struct proposal_id id,
		 const struct contact *contact)
{
	post_take(abroad->post, id, contact);
}

void abroad_keeper_lost(struct abroad *abroad)
{
	parcel_in_finish(&abroad->from_keeper);
	post_lost(abroad->post);
}

/* --- between the links and the post ----------------------------------------------------- */

static bool on_knows(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct abroad *abroad = context;

	return post_knows(abroad->post, key);
}

static bool on_keeps(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct abroad *abroad = context;

	return post_keeps(abroad->post, key);
}

static void on_came(void *context, uint64_t link, const uint8_t key[PARCEL_KEY_BYTES],
		    const struct parcel_head *head, const uint8_t *body)
{
	const struct abroad *abroad = context;

	post_came(abroad->post, link, key, head, body);
}

static void on_ready(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct abroad *abroad = context;

	post_ready(abroad->post, key);
}

static void on_taken(void *context, uint64_t token, enum err err)
{
	const struct abroad *abroad = context;

	post_taken(abroad->post, token, err);
}

static void on_failed(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct abroad *abroad = context;

	post_failed(abroad->post, key);
}

static enum peers_state link_state(void *context, const uint8_t *key)
{
	const struct abroad *abroad = context;

	return peers_state(abroad->peers, key);
}

static void link_connect_to(void *context, const struct way *way)
{
	const struct abroad *abroad = context;

	peers_connect(abroad->peers, way);
}

static enum err link_hand(void *context, const uint8_t *key,
			  const struct parcel_head *head, const uint8_t *body,
			  uint64_t token)
{
	const struct abroad *abroad = context;

	return peers_hand(abroad->peers, key, head, body, token);
}

static void link_answer(void *context, uint64_t link, enum err err)
{
	const struct abroad *abroad = context;

	peers_answer(abroad->peers, link, err);
}

static void tick(void *context)
{
	struct abroad *abroad = context;

	post_tick(abroad->post);
	if (loop_after(abroad->parts.loop, TICK_MS, tick, abroad, &abroad->timer))
		log_line("gate: cannot set a timer");
}

/* --- opening ---------------------------------------------------------------------------- */

void abroad_allow(const struct settings *settings, struct sandbox_rules *rules)
{
	struct link_tls_place listen;

	rules->ports[rules->port_count++] = (uint16_t)settings->peer_port;
	rules->may_resolve = true;
	if (settings->peer_listen[0] &&
	    link_tls_resolve(settings->peer_listen, true, &listen, NULL) == OK)
		rules->listen_port = listen.port;
}

static enum err read_settings(const struct settings *settings, struct abroad *abroad,
			      struct err_note *note)
{
	static const uint8_t nobody[PARCEL_KEY_BYTES] = {0};
	struct way *relay = &abroad->houses.relay;
	struct err_note why = {""};
	enum err err = OK;

	if (settings->peer_listen[0])
		err = link_tls_resolve(settings->peer_listen, true, &abroad->listen,
				       &why);
	if (err)
		return err_say(err, note, "behest.conf, [peer] listen: %s", why.text);
	if (settings->peer_relay[0]) {
		err = way_read(settings->peer_relay, nobody, relay);
		abroad->houses.has_relay = true;
	}
	if (err ||
	    (abroad->houses.has_relay && !memcmp(relay->key, nobody, sizeof(nobody))))
		return err_say(ERR_FORMAT, note,
			       "behest.conf, [peer] relay: expected HOST:PORT/KEY");
	return houses_read_carried(&abroad->houses, settings->peer_carries_for, note);
}

enum err abroad_create(const struct settings *settings, struct abroad **out_abroad,
		       struct err_note *note)
{
	struct abroad *abroad = calloc(1, sizeof(*abroad));
	enum err err = abroad ? read_settings(settings, abroad, note) : ERR_MEMORY;

	if (err)
		free(abroad);
	else
		*out_abroad = abroad;
	return err;
}

static enum err open_spool(struct abroad *abroad, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];

	if (abroad->houses.carried_count == 0)
		return OK;
	if (!file_join(folder, sizeof(folder), abroad->parts.folder, "spool"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       abroad->parts.folder);
	return spool_open(folder, &abroad->parts.clock, abroad->houses.carried_count,
			  &abroad->spool, note);
}

static enum err open_post(struct abroad *abroad)
{
	const struct post_parts parts = {
		.clock = abroad->parts.clock,
		.identity = abroad->parts.identity,
		.houses = &abroad->houses,
		.spool = abroad->spool,
		.links = {.context = abroad,
			  .state = link_state,
			  .connect = link_connect_to,
			  .hand = link_hand,
			  .answer = link_answer},
		.fetch = fetch,
		.bring = bring,
		.carried = carried,
		.taken = say_taken,
		.context = abroad,
	};

	return post_create(&parts, &abroad->post);
}

static enum err open_peers(struct abroad *abroad)
{
	const struct peers_parts parts = {
		.loop = abroad->parts.loop,
		.identity = abroad->parts.identity,
		.knows = on_knows,
		.came = on_came,
		.ready = on_ready,
		.taken = on_taken,
		.failed = on_failed,
		.keeps = on_keeps,
		.context = abroad,
	};

	return peers_create(&parts, &abroad->peers);
}

enum err abroad_open(struct abroad *abroad, const struct abroad_parts *parts,
		     struct err_note *note)
{
	enum err err;

	abroad->parts = *parts;
	err = open_spool(abroad, note);
	if (!err)
		err = open_post(abroad);
	if (!err)
		err = open_peers(abroad);
	if (!err && abroad->listen.count > 0)
		err = peers_listen(abroad->peers, &abroad->listen, note);
	if (!err)
		err = loop_after(parts->loop, TICK_MS, tick, abroad, &abroad->timer);
	return err;
}

void abroad_destroy(struct abroad *abroad)
{
	if (!abroad)
		return;
	if (abroad->timer != 0)
		loop_cancel(abroad->parts.loop, abroad->timer);
	peers_destroy(abroad->peers);
	post_destroy(abroad->post);
	spool_close(abroad->spool);
	parcel_in_finish(&abroad->from_keeper);
	free(abroad);
}
