/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sound_cards - which sound devices this machine has, from /proc/asound/pcm.
 */
#ifndef CLI_SOUND_CARDS_H
#define CLI_SOUND_CARDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { SOUND_CARDS_MAX = 32, SOUND_CARD_NAME_BYTES = 96, SOUND_CARD_DEVICE_BYTES = 32 };

struct sound_card {
	char device[SOUND_CARD_DEVICE_BYTES]; /* "plughw:0,3" */
	char name[SOUND_CARD_NAME_BYTES];
	bool plays;
	bool records;
};

struct sound_cards {
	size_t count;
	struct sound_card cards[SOUND_CARDS_MAX];
};

/* A machine without the file has no cards. */
void sound_cards_find(const char *path, struct sound_cards *out_cards);
/* The lines of that file: "00-03: name : name : playback 1 : capture 1". */
void sound_cards_parse(const char *text, struct sound_cards *out_cards);

#endif
