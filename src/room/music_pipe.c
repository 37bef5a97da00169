/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_pipe - see the header.
 *
 * A player writes in pieces and in its own time, so a few frames wait here; as few as its
 * pieces allow, because what is taken out of a sound must be there before it is heard. An
 * empty pipe gives silence, and what comes later is then later by so much: that settles at
 * the smallest delay that never runs dry. Invariant: `count` samples wait from `samples` on.
 */
#include "room/music_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "listen/locked.h"

enum {
	KEPT = AUDIO_HZ / 1000 * MUSIC_PIPE_KEPT_MS,
	FRAME = AUDIO_FRAME_SAMPLES,
	NEEDED = FRAME, /* that wait after a frame was taken, and are not too many */
	DRAIN_READS_MAX = 256,
};

struct music_pipe {
	char path[FILE_PATH_BYTES];
	int fd; /* -1: not open */
	unsigned closed_frames;
	size_t half; /* bytes of a sample that came in two parts */
	uint8_t half_byte;
	size_t count;
	size_t least; /* that waited since `settling` began */
	unsigned settling;
	size_t written; /* samples, since `judging` began */
	unsigned judging;
	bool is_of_another_form;
	int16_t samples[KEPT];
};

enum err music_pipe_create(const char *path, struct music_pipe **out_pipe)
{
	struct music_pipe *made = NULL;
	void *memory = NULL;
	enum err err = locked_take(sizeof(*made), &memory);

	if (err)
		return err;
	made = memory;
	made->fd = -1;
	made->closed_frames = MUSIC_PIPE_RETRY_FRAMES;
	made->least = KEPT;
	if (!str_copy(made->path, sizeof(made->path), path)) {
		music_pipe_destroy(made);
		return ERR_LIMIT;
	}
	*out_pipe = made;
	return OK;
}

static void shut(struct music_pipe *pipe)
{
	if (pipe->fd >= 0)
		close(pipe->fd);
	pipe->fd = -1;
	pipe->closed_frames = 0;
	pipe->half = 0;
}

void music_pipe_destroy(struct music_pipe *pipe)
{
	if (!pipe)
		return;
	shut(pipe);
	locked_free(pipe, sizeof(*pipe));
}

/* Only a pipe is read, whatever else may lie there. */
static void open_now(struct music_pipe *pipe)
{
	struct stat status;

	if (pipe->fd >= 0 || ++pipe->closed_frames < MUSIC_PIPE_RETRY_FRAMES)
		return;
	pipe->closed_frames = 0;
	pipe->fd = open(pipe->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (pipe->fd >= 0 && (fstat(pipe->fd, &status) != 0 || !S_ISFIFO(status.st_mode)))
		shut(pipe);
}

/* ---- what waits ---- */

static void forget(struct music_pipe *pipe, size_t count)
{
	pipe->count -= count;
	memmove(pipe->samples, pipe->samples + count,
		pipe->count * sizeof(*pipe->samples));
}

static void add(struct music_pipe *pipe, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (pipe->half == 0) {
			pipe->half_byte = bytes[i];
			pipe->half = 1;
			continue;
		}
		if (pipe->count == KEPT)
			forget(pipe, KEPT - FRAME); /* all but the newest */
		pipe->samples[pipe->count++] =
			(int16_t)((uint16_t)pipe->half_byte | (uint16_t)bytes[i] << 8);
		pipe->half = 0;
	}
}

/* The player is gone when there is no end to write into; it may come back with another
 * pipe of that name. */
static void read_what_is_there(struct music_pipe *pipe)
{
	uint8_t bytes[KEPT];
	ssize_t got = 1;

	for (unsigned i = 0; pipe->fd >= 0 && got > 0 && i < DRAIN_READS_MAX; i++) {
		got = read(pipe->fd, bytes, sizeof(bytes));
		pipe->written += got > 0 ? (size_t)got / sizeof(int16_t) : 0;
		if (got > 0)
			add(pipe, bytes, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			shut(pipe);
	}
	explicit_bzero(bytes, sizeof(bytes));
}

static void watch_anew(struct music_pipe *pipe)
{
	pipe->settling = 0;
	pipe->least = KEPT;
}

/* More waits than was needed in all this time: the player's clock is the faster one, or it
 * stood still and made up for it. What leaves late comes behind its echo, where nothing can
 * take it out, so all of it goes at once. */
static void settle(struct music_pipe *pipe)
{
	if (pipe->count < pipe->least)
		pipe->least = pipe->count;
	if (++pipe->settling < MUSIC_PIPE_SETTLE_FRAMES)
		return;
	if (pipe->least > NEEDED)
		forget(pipe, (pipe->least - NEEDED) / FRAME * FRAME);
	watch_anew(pipe);
}

/* A pipe holds two seconds at most that were written at once. */
static void judge(struct music_pipe *pipe)
{
	if (++pipe->judging < MUSIC_PIPE_JUDGED_FRAMES)
		return;
	if (pipe->written > (size_t)MUSIC_PIPE_JUDGED_FRAMES * FRAME * 3 / 2)
		pipe->is_of_another_form = true;
	pipe->judging = 0;
	pipe->written = 0;
}

bool music_pipe_take(struct music_pipe *pipe, struct audio_frame *out_left)
{
	open_now(pipe);
	read_what_is_there(pipe);
	if (pipe->count < FRAME) {
		watch_anew(pipe);
		return false;
	}
	memcpy(out_left->samples, pipe->samples, sizeof(out_left->samples));
	forget(pipe, FRAME);
	settle(pipe);
	judge(pipe);
	return true;
}

bool music_pipe_is_of_another_form(const struct music_pipe *pipe)
{
	return pipe->is_of_another_form;
}

void music_pipe_lost(struct music_pipe *pipe, uint32_t frames)
{
	read_what_is_there(pipe);
	while (frames-- > 0 && pipe->count >= FRAME)
		forget(pipe, FRAME);
}

void music_pipe_reset(struct music_pipe *pipe)
{
	open_now(pipe);
	read_what_is_there(pipe);
	pipe->count = 0;
	pipe->judging = 0;
	pipe->written = 0;
	watch_anew(pipe);
}
