/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ids - names for things, each its own type, so that mixing two does not compile.
 */
#ifndef DOMAIN_IDS_H
#define DOMAIN_IDS_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_BYTES = 16, ID_TEXT_BYTES = 33, NAME_BYTES = 128 };

/* Random 128-bit ids; those of records begin with the time (keeper/desk_seal.c). All zero
 * means "none". */
struct household_id {
	uint8_t bytes[ID_BYTES];
};
struct owner_id {
	uint8_t bytes[ID_BYTES];
};
struct record_id {
	uint8_t bytes[ID_BYTES];
};
struct epoch_id {
	uint8_t bytes[ID_BYTES];
};
struct person_id {
	uint8_t bytes[ID_BYTES];
};
struct contact_id {
	uint8_t bytes[ID_BYTES];
};
/* Something that binds the household, asked for and not yet settled. */
struct proposal_id {
	uint8_t bytes[ID_BYTES];
};

/* A turn: milliseconds since 1970 << 16 | random; grows with time, 0 is "none". */
struct turn_id {
	uint64_t value;
};

/* The place of an event in the journal, from 1; 0 is "none". */
struct event_id {
	uint64_t value;
};

/* A room's name as its owner gave it ("kitchen"): lower case, one per household. */
struct room_name {
	char text[NAME_BYTES];
};

bool id_is_none(const uint8_t bytes[ID_BYTES]);
bool id_equal(const uint8_t a[ID_BYTES], const uint8_t b[ID_BYTES]);
void id_to_text(char to[ID_TEXT_BYTES], const uint8_t bytes[ID_BYTES]);
bool id_from_text(uint8_t to[ID_BYTES], const char *text);

/* "t-" and 16 hexadecimal digits, the form people see and type. */
void turn_id_to_text(char to[ID_TEXT_BYTES], struct turn_id turn);
/* When it began, in ms since 1970 by the clock of its hub. */
int64_t turn_id_ms(struct turn_id turn);
bool turn_id_from_text(struct turn_id *out_turn, const char *text);

#endif
