/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_filter - a name as an MPD filter expression, whatever characters it holds.
 *
 * Only quotes: the line that carries it quotes it once more. Pure.
 */
#ifndef ADAPTER_MUSIC_FILTER_H
#define ADAPTER_MUSIC_FILTER_H

#include <stdbool.h>

#include "domain/music.h"

enum { MUSIC_FILTER_BYTES = 2 * MUSIC_NAME_BYTES + 32 };

/* False for a kind that is not found by a filter: playlists and stations. */
bool music_filter_make(enum music_kind kind, const char *name,
		       char to[MUSIC_FILTER_BYTES]);

#endif
