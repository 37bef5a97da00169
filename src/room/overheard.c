/* SPDX-License-Identifier: Apache-2.0 */
/* overheard - a pipe in front of an echo path; see the header. */
#include "room/overheard.h"

#include <stdlib.h>
#include <string.h>

#include "room/music_pipe.h"

struct overheard {
	struct music_pipe *pipe;
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

void overheard_reset(struct overheard *overheard)
{
	music_pipe_reset(overheard->pipe);
	echo_path_reset(overheard->path);
}

void overheard_feed(struct overheard *overheard, const struct audio_frame *heard,
		    struct audio_frame *out_rest)
{
	struct audio_frame left;
	const bool plays = music_pipe_take(overheard->pipe, &left);

	echo_path_feed(overheard->path, heard, plays ? &left : NULL, out_rest);
	explicit_bzero(&left, sizeof(left));
}

const struct echo_path *overheard_path(const struct overheard *overheard)
{
	return overheard->path;
}
