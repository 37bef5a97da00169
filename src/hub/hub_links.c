/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_links - lets rooms in: over the socket of this machine and, when asked to, over TLS.
 *
 * A room greets with its name, is challenged, and shows by a signature which key it
 * holds. Whose key the owner recorded under that name is that room; another key, or a
 * revoked one, is told no and closed, whenever the owner says so. A room of this machine
 * without a recorded key is let in as a thin one.
 *
 * Invariants: no message of a room reaches hub_rooms.c before it is let in; over TLS the
 * key that signs is the key of the connection; one room has one link.
 */
#include <string.h>

#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "hub/hub.h"

/* --- guests --- */

static void free_guest(struct hub_guest *guest)
{
	loop_cancel(guest->hub->loop, guest->timer);
	memset(guest, 0, sizeof(*guest));
}

/* Ends it and says why; whoever it was, the room is away from here on. */
static void turn_away(struct hub_guest *guest, const char *words)
{
	struct link *link = guest->link;
	struct hub_room *room = guest->room;

	log_line("rooms: refused room=\"%s\" why=\"%s\"", link_peer(link), words);
	free_guest(guest);
	link_set_data(link, NULL);
	if (room)
		hub_room_detach(room, words);
	link_refuse(link, ERR_DENIED, words);
}

static void on_identity_late(void *context)
{
	struct hub_guest *guest = context;

	guest->timer = 0;
	turn_away(guest, "the room did not say who it is");
}

/* --- the rules --- */

/* NULL: it may come in. */
static const char *judge(const struct hub_guest *guest)
{
	const struct policy *policy = keep_policy(&guest->hub->keep);
	const struct room_policy *room = policy_room(policy, link_peer(guest->link));

	if (!room)
		return guest->is_remote ? "no room of that name was added by the owner"
					: NULL;
	if (room->is_revoked)
		return "the owner revoked this room";
	if (!room->has_key)
		return guest->is_remote ? "no key was recorded for this room" : NULL;
	if (!guest->has_key)
		return "a key was recorded for this room, and it showed none";
	if (memcmp(room->key, guest->key, sizeof(room->key)) != 0)
		return "the room's key is not the one that was recorded";
	return NULL;
}

/* Did it sign our nonce and its name, with the key it names? */
static bool check_identity(struct hub_guest *guest, const struct wire_identity *identity)
{
	const uint8_t *tls_key = link_peer_key(guest->link);
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	size_t size;

	if (identity->key.size == 0 && identity->signature.size == 0)
		return !guest->is_remote;
	if (identity->key.size != POLICY_KEY_BYTES ||
	    identity->signature.size != SEAL_SIGNATURE_BYTES)
		return false;
	if (guest->is_remote &&
	    (!tls_key || memcmp(tls_key, identity->key.bytes, POLICY_KEY_BYTES) != 0))
		return false;
	size = evidence_identity_bytes(guest->nonce, link_peer(guest->link), bytes);
	if (seal_verify_labelled(identity->key.bytes, EVIDENCE_IDENTITY_LABEL, bytes,
				 size, identity->signature.bytes) != OK)
		return false;
	memcpy(guest->key, identity->key.bytes, sizeof(guest->key));
	guest->has_key = true;
	return true;
}

/* A room that lost its line comes back before we notice: the same key takes its place. */
static bool replaces(const struct hub_guest *guest, const struct hub_guest *old)
{
	return guest->has_key && old->has_key &&
	       memcmp(guest->key, old->key, sizeof(guest->key)) == 0;
}

static void on_identity(struct hub_guest *guest, const struct wire_identity *identity)
{
	struct hub_room *room = NULL;
	const char *why = NULL;

	if (!check_identity(guest, identity))
		why = "the room could not show that it holds its key";
	if (!why)
		why = judge(guest);
	if (!why) {
		room = hub_room_find(guest->hub, link_peer(guest->link));
		why = room ? NULL : "there are as many rooms as a hub can have";
	}
	if (room && room->guest && replaces(guest, room->guest))
		turn_away(room->guest, "it came back over another connection");
	if (room && room->guest)
		why = "a room of that name is connected already";
	if (why) {
		turn_away(guest, why);
		return;
	}
	loop_cancel(guest->hub->loop, guest->timer);
	guest->timer = 0;
	guest->room = room;
	hub_room_attach(room, guest);
}

void hub_links_policy_changed(struct hub *hub)
{
	for (size_t i = 0; i < HUB_GUESTS_MAX; i++) {
		struct hub_guest *guest = &hub->guests[i];
		const char *why = guest->room ? judge(guest) : NULL;

		if (why)
			turn_away(guest, why);
	}
}

/* --- what the links call --- */

static struct hub_guest *make_guest(struct hub *hub, struct link *link)
{
	for (size_t i = 0; i < HUB_GUESTS_MAX; i++) {
		struct hub_guest *guest = &hub->guests[i];

		if (guest->hub)
			continue;
		*guest = (struct hub_guest){.hub = hub,
					    .link = link,
					    .is_remote = link_peer_key(link) != NULL};
		rand_fill(&hub->rand, guest->nonce, sizeof(guest->nonce));
		return guest;
	}
	return NULL;
}

static void on_opened(void *context, struct link *link)
{
	struct hub *hub = context;
	struct hub_guest *guest = make_guest(hub, link);
	enum err err = guest ? OK : ERR_LIMIT;

	link_set_data(link, guest);
	if (err) {
		link_refuse(link, err, "too many rooms at once");
		return;
	}
	const struct wire_challenge challenge = {.nonce = {guest->nonce,
							   sizeof(guest->nonce)},
						 .wall_ms = clock_wall_ms(&hub->clock)};
	err = link_send_challenge(link, &challenge);
	if (!err)
		err = loop_after(hub->loop, HUB_IDENTITY_MS, on_identity_late, guest,
				 &guest->timer);
	if (err)
		turn_away(guest, err_words(err));
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct hub_guest *guest = link_data(link);

	(void)context;
	if (guest && guest->room)
		hub_room_message(guest->room, message);
	else if (guest && message->type == WIRE_identity)
		on_identity(guest, &message->identity);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct hub_guest *guest = link_data(link);
	struct hub_room *room = guest ? guest->room : NULL;

	(void)context;
	if (guest)
		free_guest(guest);
	if (room)
		hub_room_detach(room, why);
	else if (err != ERR_CLOSED)
		log_line("rooms: a connection ended address=%s why=\"%s\"",
			 link_address(link), why);
}

/* Revoked ones are let through to here, so that they can be told. */
static bool knows(void *context, const uint8_t key[TLS_KEY_BYTES])
{
	struct hub *hub = context;
	char words[KEY_FINGERPRINT_BYTES] = "";

	if (policy_room_of_key(keep_policy(&hub->keep), key))
		return true;
	if (key_fingerprint(key, words) == OK)
		log_line("rooms: refused a room whose key nobody recorded "
			 "fingerprint=\"%s\"",
			 words);
	return false;
}

/* --- opening and closing --- */

static enum err listen_to_others(struct hub *hub, const struct link_listener *listener,
				 struct err_note *note)
{
	const struct link_tls_side side = {
		.kind = WIRE_LINK_ROOM_HUB,
		.self = WIRE_PARTY_HUB,
		.name = "hub",
		.seed = hub->identity.seed ? secret_view(hub->identity.seed) : NULL};

	if (!hub->identity.seed)
		return OK;
	return link_tls_listen(hub->loop, &hub->place, &side, knows, hub, listener,
			       &hub->remote_server, note);
}

enum err hub_links_open(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const struct link_listener listener = {
		.context = hub,
		.opened = on_opened,
		.message = on_message,
		.closed = on_closed,
	};
	enum err err;

	election_init(&hub->election);
	if (!file_join(path, sizeof(path), hub->run, "hub/rooms.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", hub->run);
	err = link_listen(hub->loop, path, WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB, "hub",
			  &listener, &hub->rooms_server, note);
	return err ? err : listen_to_others(hub, &listener, note);
}

void hub_links_close(struct hub *hub)
{
	link_server_destroy(hub->rooms_server);
	link_server_destroy(hub->remote_server);
	hub->rooms_server = NULL;
	hub->remote_server = NULL;
	for (size_t i = 0; i < HUB_GUESTS_MAX; i++) {
		if (hub->guests[i].hub)
			free_guest(&hub->guests[i]);
	}
}
