/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audio_file - sound files in and out: WAV, FLAC, Ogg Vorbis and Opus to frames.
 *
 * Any rate, width and channel count becomes 16 kHz mono. Files are streamed, so memory
 * does not grow with their length. The bytes are not trusted: what is broken gives one
 * line that names the file and what is wrong with it. One thread per file.
 */
#ifndef ADAPTER_AUDIO_FILE_H
#define ADAPTER_AUDIO_FILE_H

#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	AUDIO_FILE_HZ_MIN = 1000,
	AUDIO_FILE_HZ_MAX = 384000,
	AUDIO_FILE_CHANNELS_MAX = 64,
	AUDIO_FILE_HOURS_MAX = 24,
};

struct audio_file;

/* What the file says of itself. */
struct audio_file_info {
	uint32_t hz;
	uint32_t channels;
	double seconds; /* promised by the header, 0 when it does not say; a file that was cut
			 * short holds less */
};

/* Opens a regular file. ERR_MISSING, ERR_IO, ERR_FORMAT (empty, garbage, no sound in
 * it), ERR_UNSUPPORTED (another kind of file), ERR_LIMIT (rate, channels). */
MUST_CHECK enum err audio_file_open(const char *path, struct audio_file **out_file,
				    struct err_note *note);

/* The same from an open descriptor, which stays the caller's; name is for the note. */
MUST_CHECK enum err audio_file_open_fd(int fd, const char *name,
				       struct audio_file **out_file,
				       struct err_note *note);

struct audio_file_info audio_file_info(const struct audio_file *file);

/* The next frame; the last one is filled up with silence. ERR_CLOSED: the sound is over.
 * ERR_FORMAT: everything readable was delivered, but the file is cut short or damaged;
 * the note says after how many seconds. */
MUST_CHECK enum err audio_file_read(struct audio_file *file,
				    struct audio_frame *out_frame, struct err_note *note);

void audio_file_close(struct audio_file *file); /* NULL is fine */

/* Writing: 16 bit WAV, 16 kHz mono, header kept up to date with every addition. */
struct audio_writer;

MUST_CHECK enum err audio_writer_open(const char *path, struct audio_writer **out_writer,
				      struct err_note *note);
MUST_CHECK enum err audio_writer_add(struct audio_writer *writer, struct audio_span sound,
				     struct err_note *note);
/* Finishes and frees; NULL is fine. ERR_IO when the last bytes could not be written. */
enum err audio_writer_close(struct audio_writer *writer);

/* A whole WAV in one call. */
MUST_CHECK enum err audio_file_write(const char *path, struct audio_span sound,
				     struct err_note *note);

#endif
