/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audio_file - sound files to frames and back, by libsndfile.
 *
 * Looks at the first bytes itself and hands only WAV, FLAC and Ogg to the library, which
 * keeps its many other parsers out of reach of outside bytes. Notices files that were cut
 * short, which the library plays without a word: WAV by the size in its header, Ogg by its
 * last page, FLAC by the samples it promised.
 *
 * Invariant: a frame leaves only full; at most one block waits in the resampler.
 */
#include "adapter/audio_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/ogg_page.h"
#include "adapter/resample.h"
#include "base/must.h"
#include "base/str.h"

enum {
	SHOWN_NAME_BYTES = 256,
	MAGIC_BYTES = 12,
	OGG_TAIL_BYTES = OGG_PAGE_BYTES_MAX,
};

static const uint64_t SAMPLES_MAX = (uint64_t)AUDIO_FILE_HOURS_MAX * 3600 * AUDIO_HZ;

struct audio_file {
	char name[SHOWN_NAME_BYTES];
	int fd; /* owned when owns_fd */
	bool owns_fd;
	SNDFILE *sound;
	SF_INFO info;
	struct resample *resample;
	float *block;       /* RESAMPLE_BLOCK * channels */
	uint64_t read;      /* sample frames got from the library */
	uint64_t delivered; /* samples given to the caller */
	bool cut_short;     /* the container says so */
	bool ended;         /* the library has no more */
};

/* ---- what kind of file it is, and whether all of it is there ---- */

static uint32_t little_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* A WAV says in its header how long it is; 0 and all ones are written by programs that
 * did not know yet. */
static bool wav_is_cut(int fd, const uint8_t *magic, uint64_t size)
{
	const uint32_t promised = little_u32(magic + 4);

	(void)fd;
	if (promised == 0 || promised == UINT32_MAX)
		return false;
	return (uint64_t)promised + 8 >
	       size + 1; /* some writers forget the padding byte */
}

/* A whole Ogg file ends exactly with a page that is marked as the last one. */
static bool ogg_is_cut(int fd, const uint8_t *magic, uint64_t size)
{
	const size_t want = size < OGG_TAIL_BYTES ? (size_t)size : OGG_TAIL_BYTES;
	uint8_t *tail = malloc(want);
	struct ogg_page page;
	bool whole = false;
	ssize_t got = -1;

	(void)magic;
	if (!tail)
		return false;
	got = pread(fd, tail, want, (off_t)(size - want));
	for (size_t at = 0; got == (ssize_t)want && at < want && !whole; at++) {
		whole = ogg_page_read(tail + at, want - at, &page) &&
			at + page.size == want && (page.flags & OGG_PAGE_LAST) != 0;
	}
	free(tail);
	return !whole;
}

/* FLAC promises a number of samples; that is compared when they end. */
static bool flac_is_cut(int fd, const uint8_t *magic, uint64_t size)
{
	(void)fd;
	(void)magic;
	(void)size;
	return false;
}

static const struct kind {
	char magic[5];
	int format; /* what the library must agree on */
	int format_also;
	bool (*is_cut)(int fd, const uint8_t *magic, uint64_t size);
} KINDS[] = {
	{"OggS", SF_FORMAT_OGG, SF_FORMAT_OGG, ogg_is_cut},
	{"RF64", SF_FORMAT_RF64, SF_FORMAT_RF64, wav_is_cut},
	{"RIFF", SF_FORMAT_WAV, SF_FORMAT_WAVEX, wav_is_cut},
	{"fLaC", SF_FORMAT_FLAC, SF_FORMAT_FLAC, flac_is_cut},
};

static const struct kind *kind_of(const uint8_t *magic)
{
	for (size_t i = 0; i < STR_COUNT(KINDS); i++) {
		if (memcmp(magic, KINDS[i].magic, 4) == 0)
			return &KINDS[i];
	}
	return NULL;
}

/* Checks everything that can be known without the library. */
static enum err look_at(struct audio_file *file, const struct kind **out_kind,
			struct err_note *note)
{
	struct stat status;
	uint8_t magic[MAGIC_BYTES] = {0};
	const struct kind *kind = NULL;
	ssize_t got = -1;

	if (fstat(file->fd, &status) != 0)
		return err_say(ERR_IO, note, "%s: %s", file->name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return err_say(ERR_FORMAT, note, "%s: is a folder; expected a sound file",
			       file->name);
	if (!S_ISREG(status.st_mode))
		return err_say(ERR_FORMAT, note, "%s: is not a regular file", file->name);
	if (status.st_size == 0)
		return err_say(
			ERR_FORMAT, note,
			"%s: is empty; expected WAV, FLAC, Ogg Vorbis or Opus sound",
			file->name);
	got = pread(file->fd, magic, sizeof(magic), 0);
	if (got < 0)
		return err_say(ERR_IO, note, "%s: %s", file->name, strerror(errno));
	kind = kind_of(magic);
	if (!kind)
		return err_say(
			ERR_UNSUPPORTED, note,
			"%s: is not a sound file of a known kind; expected WAV, FLAC, "
			"Ogg Vorbis or Opus",
			file->name);
	file->cut_short = kind->is_cut(file->fd, magic, (uint64_t)status.st_size);
	*out_kind = kind;
	return OK;
}

static enum err check_shape(const struct audio_file *file, const struct kind *kind,
			    struct err_note *note)
{
	must(kind);
	const int type = file->info.format & SF_FORMAT_TYPEMASK;

	if (type != kind->format && type != kind->format_also)
		return err_say(ERR_UNSUPPORTED, note,
			       "%s: holds something else than its first bytes say",
			       file->name);
	if (file->info.samplerate < AUDIO_FILE_HZ_MIN ||
	    file->info.samplerate > AUDIO_FILE_HZ_MAX)
		return err_say(ERR_LIMIT, note, "%s: %d Hz; expected %d to %d Hz",
			       file->name, file->info.samplerate, AUDIO_FILE_HZ_MIN,
			       AUDIO_FILE_HZ_MAX);
	if (file->info.channels < 1 || file->info.channels > AUDIO_FILE_CHANNELS_MAX)
		return err_say(ERR_LIMIT, note, "%s: %d channels; expected 1 to %d",
			       file->name, file->info.channels, AUDIO_FILE_CHANNELS_MAX);
	if (file->info.frames == 0)
		return err_say(ERR_FORMAT, note, "%s: %s", file->name,
			       file->cut_short ? "is cut short before its first sound"
					       : "holds no sound");
	return OK;
}

/* ---- opening ---- */

static enum err open_library(struct audio_file *file, const struct kind *kind,
			     struct err_note *note)
{
	enum err err = OK;

	if (lseek(file->fd, 0, SEEK_SET) != 0)
		return err_say(ERR_IO, note, "%s: %s", file->name, strerror(errno));
	file->sound = sf_open_fd(file->fd, SFM_READ, &file->info, SF_FALSE);
	if (!file->sound)
		return err_say(ERR_FORMAT, note, "%s: is damaged%s: %s", file->name,
			       file->cut_short ? " or cut short" : "", sf_strerror(NULL));
	err = check_shape(file, kind, note);
	if (err)
		return err;
	file->block = calloc((size_t)RESAMPLE_BLOCK * (size_t)file->info.channels,
			     sizeof(*file->block));
	if (!file->block)
		return err_say(ERR_MEMORY, note, "%s: %s", file->name,
			       err_words(ERR_MEMORY));
	err = resample_create((uint32_t)file->info.samplerate,
			      (uint32_t)file->info.channels, AUDIO_HZ, &file->resample);
	if (err)
		return err_say(err, note, "%s: %s", file->name, err_words(err));
	return OK;
}

/* Takes fd over when owns_fd, also on failure. */
static enum err open_fd(int fd, bool owns_fd, const char *name,
			struct audio_file **out_file, struct err_note *note)
{
	enum err err = ERR_MEMORY;
	const struct kind *kind = NULL;
	struct audio_file *made = calloc(1, sizeof(*made));

	if (!made) {
		if (owns_fd)
			close(fd);
		return err_say(err, note, "%s: %s", name, err_words(err));
	}
	made->fd = fd;
	made->owns_fd = owns_fd;
	if (!str_copy(made->name, sizeof(made->name), name))
		must(str_copy(made->name, sizeof(made->name), "(long name)"));
	err = look_at(made, &kind, note);
	if (err)
		goto out;
	err = open_library(made, kind, note);
	if (err)
		goto out;
	*out_file = made;
	made = NULL;
out:
	audio_file_close(made);
	return err;
}

enum err audio_file_open_fd(int fd, const char *name, struct audio_file **out_file,
			    struct err_note *note)
{
	return open_fd(fd, false, name, out_file, note);
}

static enum err err_of_errno(void)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return ERR_MISSING;
	return ERR_IO;
}

enum err audio_file_open(const char *path, struct audio_file **out_file,
			 struct err_note *note)
{
	/* O_NONBLOCK: a named pipe must be refused, not waited for. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		const enum err err = err_of_errno();

		return err_say(err, note, "%s: cannot be opened: %s", path,
			       strerror(errno));
	}
	return open_fd(fd, true, path, out_file, note);
}

void audio_file_close(struct audio_file *file)
{
	if (!file)
		return;
	if (file->sound)
		sf_close(file->sound);
	if (file->owns_fd)
		close(file->fd);
	resample_destroy(file->resample);
	free(file->block);
	free(file);
}

/* The library says "endless" of an Ogg file whose last page is missing. */
static bool length_is_known(const struct audio_file *file)
{
	return file->info.frames > 0 &&
	       (uint64_t)file->info.frames / (uint64_t)file->info.samplerate <
		       (uint64_t)AUDIO_FILE_HOURS_MAX * 3600 * 1000;
}

struct audio_file_info audio_file_info(const struct audio_file *file)
{
	return (struct audio_file_info){
		.hz = (uint32_t)file->info.samplerate,
		.channels = (uint32_t)file->info.channels,
		.seconds = length_is_known(file)
				   ? (double)file->info.frames / file->info.samplerate
				   : 0.0,
	};
}

/* ---- reading ---- */

/* Moves one block from the library to the resampler. */
static void fill(struct audio_file *file)
{
	const sf_count_t got = sf_readf_float(file->sound, file->block, RESAMPLE_BLOCK);
	const size_t count = got > 0 ? (size_t)got : 0;

	file->read += count;
	file->ended = count < RESAMPLE_BLOCK;
	resample_push(file->resample, file->block, count, file->ended);
}

/* What to say when the library has no more sound. */
static enum err say_end(const struct audio_file *file, struct err_note *note)
{
	const double hz = file->info.samplerate;
	const double got_s = (double)file->read / hz;
	const double promised_s = (double)file->info.frames / hz;

	if (sf_error(file->sound) != SF_ERR_NO_ERROR)
		return err_say(ERR_FORMAT, note, "%s: is damaged after %.2f s: %s",
			       file->name, got_s, sf_strerror(file->sound));
	if (length_is_known(file) && file->read < (uint64_t)file->info.frames)
		return err_say(ERR_FORMAT, note,
			       "%s: is cut short after %.2f s of %.2f s", file->name,
			       got_s, promised_s);
	if (file->cut_short || file->read == 0)
		return err_say(ERR_FORMAT, note, "%s: is cut short after %.2f s",
			       file->name, got_s);
	return ERR_CLOSED;
}

enum err audio_file_read(struct audio_file *file, struct audio_frame *out_frame,
			 struct err_note *note)
{
	struct audio_frame frame;
	size_t count = 0;

	if (file->delivered >= SAMPLES_MAX)
		return err_say(ERR_LIMIT, note, "%s: is longer than %d hours", file->name,
			       AUDIO_FILE_HOURS_MAX);
	for (;;) {
		count += resample_pull(file->resample, frame.samples + count,
				       AUDIO_FRAME_SAMPLES - count);
		if (count == AUDIO_FRAME_SAMPLES || file->ended)
			break;
		fill(file);
	}
	if (count == 0)
		return say_end(file, note);
	memset(frame.samples + count, 0, (AUDIO_FRAME_SAMPLES - count) * sizeof(int16_t));
	file->delivered += count;
	*out_frame = frame;
	return OK;
}

/* ---- writing ---- */

struct audio_writer {
	char name[SHOWN_NAME_BYTES];
	SNDFILE *sound;
};

enum err audio_writer_open(const char *path, struct audio_writer **out_writer,
			   struct err_note *note)
{
	SF_INFO info = {.samplerate = AUDIO_HZ,
			.channels = 1,
			.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	struct audio_writer *made = calloc(1, sizeof(*made));
	int fd = -1;

	if (!made)
		return err_say(ERR_MEMORY, note, "%s: %s", path, err_words(ERR_MEMORY));
	if (!str_copy(made->name, sizeof(made->name), path))
		must(str_copy(made->name, sizeof(made->name), "(long name)"));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		made->sound = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
	if (!made->sound) {
		const enum err err = fd < 0 ? err_of_errno() : ERR_IO;
		const char *words = fd < 0 ? strerror(errno) : sf_strerror(NULL);

		free(made);
		return err_say(err, note, "%s: cannot be written: %s", path, words);
	}
	sf_command(made->sound, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	*out_writer = made;
	return OK;
}

enum err audio_writer_add(struct audio_writer *writer, struct audio_span sound,
			  struct err_note *note)
{
	const sf_count_t count = (sf_count_t)sound.count;

	must(writer);
	if (sf_write_short(writer->sound, sound.samples, count) != count)
		return err_say(ERR_IO, note, "%s: cannot be written: %s", writer->name,
			       sf_strerror(writer->sound));
	return OK;
}

enum err audio_writer_close(struct audio_writer *writer)
{
	enum err err = OK;

	if (!writer)
		return OK;
	if (sf_close(writer->sound) != 0)
		err = ERR_IO;
	free(writer);
	return err;
}

enum err audio_file_write(const char *path, struct audio_span sound,
			  struct err_note *note)
{
	struct audio_writer *writer = NULL;
	enum err err = audio_writer_open(path, &writer, note);

	if (err)
		return err;
	err = audio_writer_add(writer, sound, note);
	if (audio_writer_close(writer) != OK && !err)
		err = err_say(ERR_IO, note, "%s: cannot be written to its end", path);
	return err;
}
