/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_raw - see the header.
 *
 * The pipe is opened for reading and writing, so that it does not end when a writer goes.
 *
 * Invariant: a frame leaves only full, and only when pace says that it is due.
 */
#include "adapter/mic_raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/pace.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"

enum {
	FRAME_BYTES = AUDIO_FRAME_SAMPLES * 2,
	DRAIN_BYTES_MAX = 4 * 1024 * 1024,
	SLICE_MS = 10
};

struct mic_raw {
	char path[FILE_PATH_BYTES]; /* "": standard input */
	const struct lease *lease;  /* borrowed while open */
	int fd;                     /* -1: shut */
	struct pace pace;
	int64_t written_ms; /* when bytes last came */
	size_t filled;
	uint8_t bytes[FRAME_BYTES];
};

static bool is_pipe(const struct mic_raw *mic)
{
	return mic->path[0] != '\0';
}

/* ---- opening ---- */

/* What lies in the pipe from before the lease was not said to us. */
static void drop_what_is_there(struct mic_raw *mic)
{
	size_t dropped = 0;
	ssize_t got = 1;

	while (got > 0 && dropped < DRAIN_BYTES_MAX) {
		got = read(mic->fd, mic->bytes, sizeof(mic->bytes));
		dropped += got > 0 ? (size_t)got : 0;
	}
	explicit_bzero(mic->bytes, sizeof(mic->bytes));
}

/* One that is there already stays; that something else is there is told by open. */
static void make_pipe(const char *path)
{
	if (mkfifo(path, 0600) != 0)
		return;
}

static enum err open_pipe(struct mic_raw *mic, struct err_note *note)
{
	struct stat status;

	make_pipe(mic->path);
	mic->fd = open(mic->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (mic->fd < 0)
		return err_say(ERR_IO, note, "microphone: %s: cannot be opened: %s",
			       mic->path, strerror(errno));
	if (fstat(mic->fd, &status) != 0 || !S_ISFIFO(status.st_mode)) {
		close(mic->fd);
		mic->fd = -1;
		return err_say(ERR_FORMAT, note, "microphone: %s: is not a named pipe",
			       mic->path);
	}
	drop_what_is_there(mic);
	return OK;
}

static enum err raw_open(void *self, const struct lease *lease, struct err_note *note)
{
	struct mic_raw *mic = self;
	enum err err = OK;

	must(mic->fd < 0);
	if (lease_is_over(lease, loop_now_ms()))
		return err_say(ERR_CLOSED, note, "microphone: its lease is over");
	if (is_pipe(mic))
		err = open_pipe(mic, note);
	else
		mic->fd = STDIN_FILENO;
	if (err)
		return err;
	mic->lease = lease;
	mic->filled = 0;
	mic->written_ms = 0;
	pace_start(&mic->pace);
	return OK;
}

/* ---- reading ---- */

/* Waits for bytes and takes what fits into the frame. */
static enum err fill(struct mic_raw *mic, int timeout_ms)
{
	struct pollfd wait = {.fd = mic->fd, .events = POLLIN};
	const int ready = poll(&wait, 1, timeout_ms);
	ssize_t got = -1;

	if (ready == 0 || (ready < 0 && errno == EINTR))
		return ERR_TIMEOUT;
	if (ready < 0)
		return ERR_IO;
	got = read(mic->fd, mic->bytes + mic->filled, FRAME_BYTES - mic->filled);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_TIMEOUT;
	if (got < 0)
		return ERR_IO;
	if (got == 0)
		return ERR_CLOSED;
	mic->filled += (size_t)got;
	mic->written_ms = loop_now_ms();
	return OK;
}

static void give(struct mic_raw *mic, struct audio_frame *out_frame)
{
	memset(mic->bytes + mic->filled, 0, FRAME_BYTES - mic->filled);
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		out_frame->samples[i] = (int16_t)((uint16_t)mic->bytes[2 * i] |
						  (uint16_t)mic->bytes[2 * i + 1] << 8);
	mic->filled = 0;
	pace_step(&mic->pace);
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* A quiet pipe gives silence once nobody has written for a while. */
static bool gives_silence(const struct mic_raw *mic)
{
	return is_pipe(mic) && pace_left_ms(&mic->pace) == 0 &&
	       loop_now_ms() - mic->written_ms >= MIC_RAW_PATIENCE_MS;
}

static enum err raw_read(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct mic_raw *mic = self;
	const int64_t until_ms = loop_now_ms() + timeout_ms;
	enum err err = OK;

	must(mic->fd >= 0);
	for (;;) {
		const int64_t now_ms = loop_now_ms();
		const bool full = mic->filled == FRAME_BYTES;
		int wait_ms = SLICE_MS;

		if (lease_is_over(mic->lease, now_ms))
			return ERR_CLOSED;
		if ((full && pace_left_ms(&mic->pace) == 0) || gives_silence(mic))
			break;
		if (now_ms >= until_ms)
			return ERR_TIMEOUT;
		if (until_ms - now_ms < wait_ms)
			wait_ms = (int)(until_ms - now_ms);
		if (full) {
			(void)poll(NULL, 0, smaller(wait_ms, pace_left_ms(&mic->pace)));
			continue;
		}
		err = fill(mic, wait_ms);
		if (err == ERR_CLOSED && mic->filled > 0)
			break; /* the last frame is filled up */
		if (err && err != ERR_TIMEOUT)
			return err;
	}
	give(mic, out_frame);
	return OK;
}

static void raw_shut(void *self)
{
	struct mic_raw *mic = self;

	if (mic->fd >= 0 && is_pipe(mic))
		close(mic->fd);
	mic->fd = -1;
	mic->lease = NULL;
	explicit_bzero(mic->bytes, sizeof(mic->bytes));
}

static void raw_close(void *self)
{
	raw_shut(self);
	free(self);
}

static const struct mic_ops OPS = {raw_open, raw_read, raw_shut, raw_close, NULL};

static enum err create(const char *path, struct mic *out_mic)
{
	struct mic_raw *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->fd = -1;
	if (!str_copy(made->path, sizeof(made->path), path)) {
		free(made);
		return ERR_LIMIT;
	}
	*out_mic = (struct mic){&OPS, made};
	return OK;
}

enum err mic_raw_create_stdin(struct mic *out_mic)
{
	return create("", out_mic);
}

enum err mic_raw_create_pipe(const char *path, struct mic *out_mic)
{
	must(path[0] != '\0');
	/* Here as well: later the program may have given up the right to make one. */
	make_pipe(path);
	return create(path, out_mic);
}
