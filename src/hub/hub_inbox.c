/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_inbox - plays the messages for whose private room this is, one after the other.
 *
 * Knows no key: the keeper gives the sound of one message at a time, after it has written
 * down that it is listened to. Where it cannot, that is said, and the next one follows.
 * Whatever silences the room ends it; what was not begun then waits on.
 *
 * Invariant: at most one request of a room is at the keeper, or one sound at the room.
 */
#include <string.h>
#include <time.h>

#include "adapter/memo_opus.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/hub.h"

enum { MINUTES = 60 };

static const uint64_t INBOX_TOKEN = 0xfe; /* no turn's token ends in this byte */

void hub_inbox_stop(struct hub_room *room)
{
	struct hub_inbox *inbox = &room->inbox;

	secret_destroy(inbox->opus);
	explicit_bzero(inbox, sizeof(*inbox));
}

static uint64_t make_token(struct hub_room *room)
{
	room->inbox.token = ++room->hub->inbox_tokens << 8 | INBOX_TOKEN;
	return room->inbox.token;
}

void hub_inbox_want(struct hub_room *room)
{
	room->inbox.wanted = true;
}

/* The turn that asked is over, and its answer was said. */
void hub_inbox_begin(struct hub_room *room, const struct turn *turn)
{
	struct hub_inbox *inbox = &room->inbox;

	if (!inbox->wanted)
		return;
	hub_inbox_stop(room);
	inbox->turn = turn->id;
	inbox->parent = turn->finished.value ? turn->finished : turn->decided;
	inbox->state = INBOX_LISTING;
	if (!room->link || !turn->heard.spoken ||
	    keep_inbox(&room->hub->keep, room->name, make_token(room)))
		hub_inbox_stop(room);
}

/* Who it is from and when, then the message itself. */
static void introduce(struct hub_room *room)
{
	struct hub_inbox *inbox = &room->inbox;
	const struct keep_letter *letter = &inbox->letters[inbox->at];
	struct saying from = saying_make(SAYING_TOLD_MESSAGE_FROM);
	char words[SAYING_SPOKEN_BYTES];
	const time_t at = (time_t)(letter->at_ms / 1000);
	struct tm when;

	must(localtime_r(&at, &when));
	saying_set_text(&from, SLOT_NAME, letter->from);
	saying_set_number(&from, SLOT_TIME, when.tm_hour * MINUTES + when.tm_min);
	phrasebook_say(room->hub->phrasebook, &from, words);
	inbox->state = INBOX_INTRODUCING;
	hub_room_tell(room, inbox->turn, inbox->parent, words);
}

/* A turn that has begun meanwhile goes before. */
static void next(struct hub_room *room)
{
	if (room->inbox.at == room->inbox.count || hub_room_is_engaged(room))
		hub_inbox_stop(room);
	else
		introduce(room);
}

/* Why one is not played; a turn that has begun meanwhile goes before. */
static void excuse(struct hub_room *room, enum err err)
{
	static const struct {
		enum err err;
		enum saying_key says;
	} rows[] = {
		{ERR_AUTH, SAYING_TOLD_MESSAGE_UNREADABLE},
		{ERR_FORMAT, SAYING_TOLD_MESSAGE_UNREADABLE},
		{ERR_MISSING, SAYING_TOLD_MESSAGE_RECALLED},
	};
	struct hub_inbox *inbox = &room->inbox;
	struct saying saying = saying_make(SAYING_TOLD_MESSAGE_LATER);
	char words[SAYING_SPOKEN_BYTES];

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].err == err)
			saying = saying_make(rows[i].says);
	secret_destroy(inbox->opus);
	inbox->opus = NULL;
	if (hub_room_is_engaged(room)) {
		hub_inbox_stop(room);
		return;
	}
	phrasebook_say(room->hub->phrasebook, &saying, words);
	inbox->state = INBOX_EXCUSING;
	hub_room_tell(room, inbox->turn, inbox->parent, words);
}

static void play(struct hub_room *room)
{
	struct hub_inbox *inbox = &room->inbox;
	struct secret *sound = NULL;
	struct err_note note = {""};

	if (hub_room_is_engaged(room)) {
		hub_inbox_stop(room);
		return;
	}
	if (memo_opus_decode(secret_view(inbox->opus), inbox->opus_size, &sound, &note)) {
		log_line("inbox: a message cannot be played: %s", note.text);
		excuse(room, ERR_FORMAT);
		return;
	}
	secret_destroy(inbox->opus);
	inbox->opus = NULL;
	inbox->state = INBOX_PLAYING;
	hub_room_play(room, inbox->turn, inbox->parent, memo_opus_sound(sound));
	secret_destroy(sound);
}

static void fetch(struct hub_room *room)
{
	struct hub_inbox *inbox = &room->inbox;

	inbox->state = INBOX_FETCHING;
	inbox->opus_size = 0;
	if (secret_create(MEMO_OPUS_BYTES_MAX, &inbox->opus) ||
	    keep_fetch(&room->hub->keep, inbox->letters[inbox->at].id, room->name,
		       make_token(room)))
		hub_inbox_stop(room);
}

void hub_inbox_said(struct hub_room *room, bool whole)
{
	struct hub_inbox *inbox = &room->inbox;

	if (inbox->state != INBOX_INTRODUCING && inbox->state != INBOX_PLAYING &&
	    inbox->state != INBOX_EXCUSING)
		return;
	if (!whole) {
		hub_inbox_stop(room);
	} else if (inbox->state != INBOX_INTRODUCING) {
		inbox->at++;
		next(room);
	} else {
		fetch(room);
	}
}

static struct hub_room *whose(struct hub *hub, uint64_t token)
{
	for (size_t i = 0; i < hub->room_count; i++)
		if (hub->rooms[i].inbox.token == token)
			return &hub->rooms[i];
	return NULL;
}

void hub_inbox_letter(struct hub *hub, uint64_t token, const struct keep_letter *letter)
{
	struct hub_room *room = whose(hub, token);

	if (room && !letter->is_heard && room->inbox.count < HUB_LETTERS_MAX)
		room->inbox.letters[room->inbox.count++] = *letter;
}

void hub_inbox_sound(struct hub *hub, uint64_t token, const uint8_t *opus, size_t size)
{
	struct hub_room *room = whose(hub, token);

	if (!room || room->inbox.state != INBOX_FETCHING)
		return;
	if (size > MEMO_OPUS_BYTES_MAX - room->inbox.opus_size) {
		hub_inbox_stop(room);
		return;
	}
	memcpy(secret_bytes(room->inbox.opus) + room->inbox.opus_size, opus, size);
	room->inbox.opus_size += size;
}

bool hub_inbox_done(struct hub *hub, uint64_t token, enum err err)
{
	struct hub_room *room = whose(hub, token);

	if ((token & UINT8_MAX) != INBOX_TOKEN)
		return false;
	if (room && err && room->inbox.state == INBOX_FETCHING)
		excuse(room, err);
	else if (room && err)
		hub_inbox_stop(room);
	else if (room && room->inbox.state == INBOX_LISTING)
		next(room);
	else if (room && room->inbox.state == INBOX_FETCHING)
		play(room);
	return true;
}

void hub_inbox_waiting(struct hub *hub, const char *name, size_t count)
{
	struct hub_room *room = hub_room_find(hub, name);

	if (!room)
		return;
	room->message_count = count;
	hub_room_tell_standing(room);
}
