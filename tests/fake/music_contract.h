/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_contract - what every music player must do, checked with cmocka. The fake and the
 * real one run it alike.
 */
#ifndef FAKE_MUSIC_CONTRACT_H
#define FAKE_MUSIC_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "port/music.h"

/* The library: "Ada Lind" with the album "Rain" (genre Jazz; "First", "Second"), and
 * "O\"Neil \\ Sons" with the album "It's (all) \"right\"" (genre Pop; "Third"). Outputs
 * "kitchen" and "bedroom", both on. A volume of at least 20. */
#define MUSIC_CONTRACT_ARTIST "Ada Lind"
#define MUSIC_CONTRACT_ALBUM "Rain"
#define MUSIC_CONTRACT_ODD_ARTIST "O\"Neil \\ Sons"
#define MUSIC_CONTRACT_ODD_ALBUM "It's (all) \"right\""

/* What the listener was told; music_contract_listener fills it in. */
struct music_contract {
	struct music *music;
	void (*turn)(void *context);    /* lets the player work for a moment */
	void (*fall)(void *context);    /* takes it away */
	int (*loudness)(void *context); /* as it sounds, 0..100 */
	void *context;
	unsigned done_count;
	uint64_t token;
	enum err err;
	unsigned changed_count;
};

struct music_listener music_contract_listener(struct music_contract *contract);

/* Sends it, and waits for its end. */
enum err music_contract_order(struct music_contract *contract,
			      const struct music_command *command);

/* The player is up. It is down afterwards. */
void music_contract_check(struct music_contract *contract);

#endif
