/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken - one voice message as a room that the test plays speaks it, step by step: from
 * the request to the phrase that confirms it. And the house around it: a keeper, a hub, an
 * owner with a phone, rooms with keys, contacts who live there.
 *
 * Each message has a sound of its own, so that its hash names it. One thread.
 */
#ifndef E2E_SPOKEN_H
#define E2E_SPOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/action.h"
#include "e2e/house_fixture.h"
#include "e2e/wire_phone.h"
#include "e2e/wire_room.h"

enum { SPOKEN_OPUS_MAX = 16 * 1024, SPOKEN_MS = 1500, SPOKEN_HOLD_S = 10 };

struct spoken_house {
	struct house house;
	struct loop *loop;
	char rooms_socket[FILE_PATH_BYTES];
	uint8_t owner[ID_BYTES]; /* whose the phone and HOUSE_ROOM are */
	struct wire_room room;   /* HOUSE_ROOM */
	struct wire_phone phone;
	size_t contacts; /* that were added */
};

/* All of it runs, the room is let in, the phone has come. No broker and no devices. */
void spoken_house_begin(struct spoken_house *house);
/* The same for a house whose folder is there: house_begin() came before. */
void spoken_house_up(struct spoken_house *house);
void spoken_house_end(struct spoken_house *house);
/* At the keeper, by somebody who is signed in. */
void spoken_house_add_room(struct link_client *owner, const struct wire_room *room);
void spoken_house_add_contact(struct spoken_house *house, struct link_client *owner,
			      const struct wire_contact *set);
/* The id of somebody who lives there. */
void spoken_house_person(struct link_client *owner, const char *name,
			 uint8_t to[ID_BYTES]);
/* The hub came, or came back, and can be spoken to: rooms, words, keeper, and
 * knows all contacts that were added. */
void spoken_house_wait_hub(struct spoken_house *house);

struct spoken {
	struct wire_room *room;
	struct voice *voice;
	const char *to; /* the contact's full name */
	size_t size;
	uint8_t opus[SPOKEN_OPUS_MAX];
	uint8_t body[ACTION_BODY_BYTES]; /* its SHA-256 */
};

enum spoken_step {
	SPOKEN_ASKED_FOR, /* the hub has said: speak after the tone */
	SPOKEN_PROMPTED,  /* that was heard, and the microphone is leased */
	SPOKEN_HALF,      /* it was spoken and signed, and half of it is sent */
	SPOKEN_SENT,      /* all of it; nothing was awaited */
	SPOKEN_PROPOSED,  /* the hub has said which phrase sends it, and that was heard */
	SPOKEN_SAID,      /* the phrase; nothing was awaited */
	SPOKEN_ANSWERED,  /* the hub has said what becomes of it */
	SPOKEN_STEP_COUNT
};

/* Somebody says the name and this in that room. */
void spoken_request(struct wire_room *room, struct voice *voice, const char *words);
void spoken_make(struct spoken *spoken, struct spoken_house *house, const char *to,
		 unsigned number);
const char *spoken_step_text(enum spoken_step step);
/* Takes that one step; false: the hub went another way, or is gone. */
bool spoken_go(struct spoken *spoken, enum spoken_step step);

#endif
