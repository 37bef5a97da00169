/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_stories - everything that is lived through with faults, one story per thing that
 * must be whole or not at all. The first begins on an empty disk.
 */
#ifndef FAULT_FAULT_STORIES_H
#define FAULT_FAULT_STORIES_H

#include "fault/fault_world.h"

extern const struct story STORY_BEGIN;        /* story_begin.c */
extern const struct story STORY_MESSAGES;     /* story_messages.c */
extern const struct story STORY_ERASE_SOME;   /* story_erase.c */
extern const struct story STORY_ERASE_ALL;    /* story_erase.c */
extern const struct story STORY_RETENTION;    /* story_erase.c */
extern const struct story STORY_WORDS;        /* story_keys.c */
extern const struct story STORY_OWNER_LEAVES; /* story_keys.c */
extern const struct story STORY_INCIDENT;     /* story_incident.c */
extern const struct story STORY_BOOK;         /* story_book.c */
extern const struct story STORY_BOX;          /* story_box.c */

extern const struct story *const fault_stories[];
extern const size_t fault_story_count;

/* BEHEST_STORY is not set, or stands in its name. */
bool fault_story_is_asked(const struct story *story);

#endif
