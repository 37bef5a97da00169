/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_audio - sound files from strangers: whatever the bytes, reading ends, frames are
 * whole, and each failure has its line.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "base/must.h"

enum { FRAMES_MAX = 3000 }; /* a minute is enough to see it run */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* The libraries forget a little memory with some broken headers; ours to bear, not ours
 * to find. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libvorbis\nleak:libsndfile\nleak:libopus\nleak:libogg\nleak:libFLAC\n";
}

static void read_all(struct audio_file *file, struct err_note *note)
{
	struct audio_frame frame;
	enum err err = OK;

	for (unsigned n = 0; n < FRAMES_MAX && !err; n++)
		err = audio_file_read(file, &frame, note);
	must(!err || err == ERR_CLOSED || note->text[0] != '\0');
	must(!err || audio_file_read(file, &frame, note) != OK); /* over is over */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct audio_file *file = NULL;
	struct err_note note = {{0}};

	must(fd >= 0);
	must(write(fd, bytes, size) == (ssize_t)size);
	if (audio_file_open_fd(fd, "fuzz", &file, &note) == OK)
		read_all(file, &note);
	else
		must(note.text[0] != '\0' && !file);
	audio_file_close(file);
	close(fd);
	return 0;
}
