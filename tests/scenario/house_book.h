/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_book - the house book of a story: as the hub has it, written to by the same decide/
 * and act/, in bytes that the keeper holds. What rings is known here, but not how: rooms that
 * are away, clocks that are set and how a reminder is said are tests/unit/test_hub_book.c.
 *
 * Nothing is in it before the keeper has said that it is durable.
 */
#ifndef SCENARIO_HOUSE_BOOK_H
#define SCENARIO_HOUSE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "act/act.h"

struct house;
struct house_book;

/* For a room's line; its context is the struct house_room. */
extern const struct act_book house_book_port;

struct house_book *house_book_create(struct house *house);
void house_book_destroy(struct house_book *book); /* NULL is fine */

/* The keeper answered; another's tokens are passed over, and NULL is fine. */
void house_book_done(struct house_book *book, uint64_t token, enum err err);
/* Lets ring what is due. NULL is fine. */
void house_book_look(struct house_book *book);
/* As after kill -9: what the keeper has is all there is. */
void house_book_restart(struct house_book *book);
/* Does anything ring that was asked for there? NULL: anywhere. */
bool house_book_rings(const struct house_book *book, const char *room);

#endif
