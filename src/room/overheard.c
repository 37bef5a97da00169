/* SPDX-License-Identifier: Apache-2.0 */
/* overheard - a pipe in front of an echo path; see the header. */
#include "room/overheard.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "room/music_pipe.h"

struct overheard {
	struct music_pipe *pipe;
	bool is_told; /* that nothing can be done with what comes */
	struct echo_path *path;
};

enum err overheard_create(const char *path, struct echo *echo,
			  struct overheard **out_overheard)
{
	struct overheard *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	if (!err)
		err = music_pipe_create(path, &made->pipe);
	if (!err)
		err = echo_path_create(echo, &made->path);
	if (err) {
		overheard_destroy(made);
		return err;
	}
	*out_overheard = made;
	return OK;
}

void overheard_destroy(struct overheard *overheard)
{
	if (!overheard)
		return;
	music_pipe_destroy(overheard->pipe);
	echo_path_destroy(overheard->path);
	free(overheard);
}

void overheard_use_wake(struct overheard *overheard, struct wake *own)
{
	echo_path_use_wake(overheard->path, own);
}

void overheard_lost(struct overheard *overheard, uint32_t frames)
{
	music_pipe_lost(overheard->pipe, frames);
}

void overheard_reset(struct overheard *overheard)
{
	music_pipe_reset(overheard->pipe);
	echo_path_reset(overheard->path);
}

static void tell_of_form(struct overheard *overheard)
{
	if (overheard->is_told || !music_pipe_is_of_another_form(overheard->pipe))
		return;
	overheard->is_told = true;
	log_line("room: more music is written than can be played, so it is not told from "
		 "people: the format of MPD's fifo has to be 16000:16:1 (docs/music.md)");
}

void overheard_feed(struct overheard *overheard, const struct audio_frame *heard,
		    struct audio_frame *out_rest)
{
	struct audio_frame left;
	const bool plays = music_pipe_take(overheard->pipe, &left);

	echo_path_feed(overheard->path, heard, plays ? &left : NULL, out_rest);
	explicit_bzero(&left, sizeof(left));
	tell_of_form(overheard);
}

const struct echo_path *overheard_path(const struct overheard *overheard)
{
	return overheard->path;
}
