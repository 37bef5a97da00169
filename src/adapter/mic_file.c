/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_file - see the header. A file that is cut short ends where it is cut.
 */
#include "adapter/mic_file.h"

#include <stdlib.h>
#include <time.h>

#include "adapter/audio_file.h"
#include "adapter/pace.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"

struct mic_file {
	char path[FILE_PATH_BYTES];
	const struct lease *lease; /* borrowed while open */
	struct audio_file *file;
	struct pace pace;
};

static enum err file_open(void *self, const struct lease *lease, struct err_note *note)
{
	struct mic_file *mic = self;
	enum err err = OK;

	must(!mic->file);
	if (lease_is_over(lease, loop_now_ms()))
		return err_say(ERR_CLOSED, note, "microphone: its lease is over");
	err = audio_file_open(mic->path, &mic->file, note);
	if (err)
		return err;
	mic->lease = lease;
	pace_start(&mic->pace);
	return OK;
}

static void sleep_ms(int ms)
{
	const struct timespec time = {.tv_sec = ms / 1000,
				      .tv_nsec = ms % 1000 * 1000000L};

	(void)nanosleep(&time, NULL); /* woken early: the frame is asked for again */
}

static enum err file_read_frame(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct mic_file *mic = self;
	const int left_ms = pace_left_ms(&mic->pace);
	enum err err = OK;

	must(mic->file);
	if (left_ms > timeout_ms) {
		sleep_ms(timeout_ms);
		return ERR_TIMEOUT;
	}
	if (left_ms > 0)
		sleep_ms(left_ms);
	if (lease_is_over(mic->lease, loop_now_ms()))
		return ERR_CLOSED;
	err = audio_file_read(mic->file, out_frame, NULL);
	if (err)
		return err == ERR_FORMAT || err == ERR_LIMIT ? ERR_CLOSED : err;
	pace_step(&mic->pace);
	return OK;
}

static void file_shut(void *self)
{
	struct mic_file *mic = self;

	audio_file_close(mic->file);
	mic->file = NULL;
	mic->lease = NULL;
}

static void file_close(void *self)
{
	file_shut(self);
	free(self);
}

static const struct mic_ops OPS = {file_open, file_read_frame, file_shut, file_close,
				   NULL};

enum err mic_file_create(const char *path, struct mic *out_mic)
{
	struct mic_file *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	if (!str_copy(made->path, sizeof(made->path), path)) {
		free(made);
		return ERR_LIMIT;
	}
	*out_mic = (struct mic){&OPS, made};
	return OK;
}
