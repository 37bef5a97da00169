/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_intercom - announcements: words said in other rooms, or what was spoken here after a
 * tone, played there.
 *
 * What was spoken is a memo as the room signed it; it lies in locked memory from its first
 * piece to the end of its turn, and in each room that plays it until it is on its way
 * there. No keeper hears of it and no disk sees it.
 *
 * Invariants: nothing is played whose bytes are not those of the hash that was decided
 * over; the room that it comes from is never among those that it is played in, nor one
 * that is muted, may tell nothing, or is in use.
 */
#include <assert.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/action.h"
#include "hub/hub.h"
#include "record/record.h"

/* --- what is spoken here ---------------------------------------------------------------- */

enum err hub_intercom_add(struct hub_room *room, struct wire_slice opus)
{
	struct hub_intercom *intercom = &room->intercom;

	if (!intercom->spoken && secret_create(MEMO_OPUS_BYTES_MAX, &intercom->spoken))
		return ERR_MEMORY;
	if (opus.size > MEMO_OPUS_BYTES_MAX - intercom->spoken_size)
		return ERR_LIMIT;
	if (opus.size > 0)
		memcpy(secret_bytes(intercom->spoken) + intercom->spoken_size, opus.bytes,
		       opus.size);
	intercom->spoken_size += opus.size;
	return OK;
}

bool hub_intercom_is_signed(const struct hub_room *room, const uint8_t *memo)
{
	const struct hub_intercom *intercom = &room->intercom;
	uint8_t hash[SEAL_HASH_BYTES];

	static_assert((int)SEAL_HASH_BYTES == (int)ACTION_BODY_BYTES, "both are SHA-256");
	return intercom->spoken && intercom->spoken_size > 0 &&
	       seal_sha256(&(struct seal_part){secret_view(intercom->spoken),
					       intercom->spoken_size},
			   1, hash) == OK &&
	       memcmp(hash, memo, sizeof(hash)) == 0;
}

void hub_intercom_forget(struct hub_room *room)
{
	secret_destroy(room->intercom.spoken);
	room->intercom.spoken = NULL;
	room->intercom.spoken_size = 0;
}

/* --- where it is heard ------------------------------------------------------------------ */

static void leave(struct hub_room *room)
{
	secret_destroy(room->intercom.opus);
	room->intercom.opus = NULL;
	room->intercom.state = INTERCOM_IDLE;
}

void hub_intercom_stop(struct hub_room *room)
{
	leave(room);
	hub_intercom_forget(room);
}

/* The owner's word, before the room's own has come. */
static bool may_tell(const struct hub_room *room)
{
	const struct room_policy *policy =
		policy_room(keep_policy(&room->hub->keep), room->name);

	return policy && !policy->muted &&
	       (policy->capabilities & action_capability(ACTION_ANNOUNCE));
}

static bool is_meant(const struct hub_room *from, const struct hub_room *room,
		     const char *name)
{
	return room != from && (name[0] == '\0' || str_equal_folded(room->name, name));
}

/* False: it says nothing now. */
static bool begin(struct hub_room *room, const struct act_announcement *what,
		  const struct hub_intercom *spoken, const char *words)
{
	struct hub_intercom *intercom = &room->intercom;
	const bool has_sound = what->words[0] == '\0';

	if (!may_tell(room) || hub_room_is_engaged(room) ||
	    room->inbox.state != INBOX_IDLE || intercom->state != INTERCOM_IDLE)
		return false;
	if (has_sound && secret_copy(secret_view(spoken->spoken), spoken->spoken_size,
				     &intercom->opus))
		return false;
	intercom->state = has_sound ? INTERCOM_INTRODUCING : INTERCOM_WORDS;
	intercom->turn = what->turn;
	intercom->because = what->because;
	hub_room_tell(room, what->turn, what->because, words);
	return intercom->state != INTERCOM_IDLE;
}

static void put_words(const struct hub_room *from, const struct act_announcement *what,
		      char to[SAYING_SPOKEN_BYTES])
{
	const bool has_words = what->words[0] != '\0';
	struct saying saying = saying_make(has_words ? SAYING_TOLD_ANNOUNCEMENT
						     : SAYING_TOLD_ANNOUNCEMENT_FROM);

	if (has_words)
		saying_set_text(&saying, SLOT_WORDS, what->words);
	else
		saying_set_text(&saying, SLOT_NAME, from->name);
	phrasebook_say(from->hub->phrasebook, &saying, to);
}

enum reason hub_intercom_announce(void *context, const struct act_announcement *what,
				  size_t *out_rooms)
{
	struct hub_room *from = context;
	char words[SAYING_SPOKEN_BYTES];
	size_t count = 0;

	if (what->words[0] == '\0' && !hub_intercom_is_signed(from, what->memo))
		return REASON_MEMO_LOST;
	put_words(from, what, words);
	for (size_t i = 0; i < from->hub->room_count; i++) {
		struct hub_room *room = &from->hub->rooms[i];

		if (is_meant(from, room, what->room))
			count += begin(room, what, &from->intercom, words);
	}
	if (what->words[0] == '\0') /* words may be typed while somebody speaks */
		hub_intercom_forget(from);
	explicit_bzero(words, sizeof(words));
	*out_rooms = count;
	return count == 0 && what->room[0] ? REASON_ROOM_IN_USE : REASON_NONE;
}

static void play(struct hub_room *room)
{
	struct hub_intercom *intercom = &room->intercom;
	struct secret *sound = NULL;
	struct err_note note = {""};
	enum err err;

	if (!may_tell(room) || hub_room_is_engaged(room)) { /* a turn goes before */
		leave(room);
		return;
	}
	err = memo_opus_decode(secret_view(intercom->opus), secret_size(intercom->opus),
			       &sound, &note);
	secret_destroy(intercom->opus);
	intercom->opus = NULL;
	if (err) {
		log_line("intercom: an announcement cannot be played: %s", note.text);
		leave(room);
		return;
	}
	intercom->state = INTERCOM_PLAYING;
	hub_room_play(room, intercom->turn, intercom->because, memo_opus_sound(sound));
	secret_destroy(sound);
}

/* In the journal under the turn that asked for it, with the room where it was heard. */
static void write_down(struct hub_room *room, int64_t sound_ms)
{
	struct event event;

	if (sound_ms <= 0)
		return;
	event_init(&event, EVENT_SPOKEN, room->intercom.turn, room->name,
		   clock_wall_ms(&room->hub->clock));
	record_spoken(&event, room->intercom.because, sound_ms);
	late_push(room->hub->late, &event);
}

void hub_intercom_said(struct hub_room *room, int64_t sound_ms, bool whole)
{
	const enum hub_intercom_state state = room->intercom.state;

	if (state == INTERCOM_IDLE)
		return;
	write_down(room, sound_ms);
	if (state == INTERCOM_INTRODUCING && whole)
		play(room);
	else
		leave(room);
}
