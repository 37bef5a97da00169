/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_opus - see the header. libsndfile reads and writes memory through its virtual files.
 *
 * What the library writes is settled before it leaves: its stream number is made of the
 * clock, so every page gets number 0 instead, and its tags (the version, half a KB of
 * padding) give way to ours. What it reads went through memo_form first.
 *
 * Does not resample: the form is 16 kHz, to which the library decodes on its own.
 */
#include "adapter/memo_opus.h"

#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/ogg_page.h"
#include "base/must.h"

/* The library counts compression from 0 (256,000 bits a second) to 1 (6,000). */
enum { LIBRARY_BITS_MAX = 256000, LIBRARY_BITS_MIN = 6000 };

static const float FULL_SCALE = 32768.0F;

/* The page of tags: no comment, and us as the encoder. The sum is set when it is sealed. */
static const char TAGS_PAGE[] = "OggS\0\0\0\0\0\0\0\0\0\0" /* version, flags, position */
				"\0\0\0\0\1\0\0\0\0\0\0\0" /* stream, page 1, sum */
				"\1\26"                    /* a packet of 22 bytes */
				"OpusTags\6\0\0\0behest\0\0\0\0";
enum { TAGS_PAGE_BYTES = sizeof(TAGS_PAGE) - 1 };

/* ---- a file that is memory ---- */

struct memory_file {
	const uint8_t *bytes;
	uint8_t *to; /* the same bytes; NULL: only read */
	size_t size;
	size_t capacity;
	size_t at; /* <= size */
	bool overrun;
};

static sf_count_t file_size(void *self)
{
	const struct memory_file *file = self;

	return (sf_count_t)file->size;
}

static sf_count_t file_tell(void *self)
{
	const struct memory_file *file = self;

	return (sf_count_t)file->at;
}

static sf_count_t file_seek(sf_count_t offset, int whence, void *self)
{
	struct memory_file *file = self;
	sf_count_t from = 0;

	if (whence == SEEK_CUR)
		from = (sf_count_t)file->at;
	else if (whence == SEEK_END)
		from = (sf_count_t)file->size;
	if (offset < -from || offset > (sf_count_t)file->size - from)
		return -1;
	file->at = (size_t)(from + offset);
	return from + offset;
}

static sf_count_t file_take(void *to, sf_count_t count, void *self)
{
	struct memory_file *file = self;
	const size_t left = file->size - file->at;
	const size_t want = count > 0 ? (size_t)count : 0;
	const size_t size = want < left ? want : left;

	must(file->at <= file->size);
	memcpy(to, file->bytes + file->at, size);
	file->at += size;
	return (sf_count_t)size;
}

/* The library does not look at what this returns for a page; so it is remembered. */
static sf_count_t file_put(const void *from, sf_count_t count, void *self)
{
	struct memory_file *file = self;

	if (count < 0 || (size_t)count > file->capacity - file->at) {
		file->overrun = true;
		return 0;
	}
	memcpy(file->to + file->at, from, (size_t)count);
	file->at += (size_t)count;
	if (file->at > file->size)
		file->size = file->at;
	return count;
}

static SNDFILE *open_memory(struct memory_file *file, int mode, SF_INFO *info)
{
	SF_VIRTUAL_IO calls = {
		.get_filelen = file_size,
		.seek = file_seek,
		.read = file_take,
		.write = file_put,
		.tell = file_tell,
	};

	return sf_open_virtual(&calls, mode, info, file);
}

/* ---- sound to bytes ---- */

struct memo_encoder {
	struct memory_file file;
	struct secret *room; /* the file's bytes */
	SNDFILE *library;
	size_t samples;
	bool is_bad; /* something could not be written */
};

static enum err check_length(size_t samples, struct err_note *note)
{
	if (samples == 0)
		return err_say(ERR_RANGE, note, "voice message: holds no sound");
	if (samples > MEMO_SAMPLES_MAX)
		return err_say(ERR_LIMIT, note, "voice message: is longer than %d s",
			       MEMO_SECONDS_MAX);
	return OK;
}

static enum err open_library(struct memo_encoder *encoder, struct err_note *note)
{
	SF_INFO info = {.samplerate = AUDIO_HZ,
			.channels = 1,
			.format = SF_FORMAT_OGG | SF_FORMAT_OPUS};
	double level = (double)(LIBRARY_BITS_MAX - MEMO_OPUS_BITS_PER_SECOND) /
		       (LIBRARY_BITS_MAX - LIBRARY_BITS_MIN);

	encoder->library = open_memory(&encoder->file, SFM_WRITE, &info);
	if (!encoder->library)
		return err_say(ERR_IO, note, "voice message: cannot be encoded: %s",
			       sf_strerror(NULL));
	encoder->is_bad = sf_command(encoder->library, SFC_SET_COMPRESSION_LEVEL, &level,
				     sizeof(level)) != SF_TRUE;
	return OK;
}

enum err memo_encoder_create(struct memo_encoder **out_encoder, struct err_note *note)
{
	struct memo_encoder *made = calloc(1, sizeof(*made));
	enum err err =
		made ? secret_create(MEMO_OPUS_BYTES_MAX, &made->room) : ERR_MEMORY;

	if (err) {
		free(made);
		return err_say(err, note, "voice message: %s", err_words(err));
	}
	made->file = (struct memory_file){.capacity = MEMO_OPUS_BYTES_MAX,
					  .to = secret_bytes(made->room)};
	made->file.bytes = made->file.to;
	err = open_library(made, note);
	if (err) {
		memo_encoder_destroy(made);
		return err;
	}
	*out_encoder = made;
	return OK;
}

void memo_encoder_destroy(struct memo_encoder *encoder)
{
	if (!encoder)
		return;
	if (encoder->library)
		(void)sf_close(encoder->library);
	secret_destroy(encoder->room);
	free(encoder);
}

void memo_encoder_add(struct memo_encoder *encoder, struct audio_span sound)
{
	const sf_count_t count = (sf_count_t)sound.count;

	must(encoder && encoder->library);
	if (encoder->samples + sound.count <= MEMO_SAMPLES_MAX && count > 0 &&
	    sf_write_short(encoder->library, sound.samples, count) != count)
		encoder->is_bad = true;
	encoder->samples += sound.count;
}

size_t memo_encoder_samples(const struct memo_encoder *encoder)
{
	return encoder->samples;
}

static enum err close_library(struct memo_encoder *encoder, struct err_note *note)
{
	const bool is_closed = sf_close(encoder->library) == 0;

	encoder->library = NULL;
	if (!is_closed || encoder->is_bad)
		return err_say(ERR_IO, note, "voice message: cannot be encoded");
	if (encoder->file.overrun)
		return err_say(ERR_LIMIT, note, "voice message: needs more than %d bytes",
			       MEMO_OPUS_BYTES_MAX);
	return OK;
}

/* Puts our tags in the place of the library's. */
static enum err replace_tags(struct memory_file *file, struct err_note *note)
{
	struct ogg_page head;
	struct ogg_page tags;

	if (!ogg_page_read(file->to, file->size, &head) ||
	    !ogg_page_read(file->to + head.size, file->size - head.size, &tags) ||
	    tags.size < TAGS_PAGE_BYTES)
		return err_say(ERR_IO, note, "voice message: cannot be encoded");
	memcpy(file->to + head.size, TAGS_PAGE, TAGS_PAGE_BYTES);
	memmove(file->to + head.size + TAGS_PAGE_BYTES, file->to + head.size + tags.size,
		file->size - head.size - tags.size);
	file->size -= tags.size - TAGS_PAGE_BYTES;
	return OK;
}

static void seal_pages(struct memory_file *file)
{
	struct ogg_page page;

	for (size_t at = 0; ogg_page_read(file->to + at, file->size - at, &page);
	     at += page.size)
		ogg_page_seal(file->to + at, page.size, 0);
}

static enum err settle_file(struct memo_encoder *encoder, struct err_note *note)
{
	struct memory_file *file = &encoder->file;
	size_t samples = 0;
	enum err err = close_library(encoder, note);

	if (!err)
		err = replace_tags(file, note);
	if (err)
		return err;
	seal_pages(file);
	/* What another house would refuse must not leave this one. */
	err = memo_form_check(file->to, file->size, &samples, note);
	must(err || samples == encoder->samples);
	return err;
}

enum err memo_encoder_finish(struct memo_encoder *encoder, struct buf *to,
			     struct err_note *note)
{
	enum err err = check_length(encoder->samples, note);

	if (!err)
		err = settle_file(encoder, note);
	if (err)
		return err;
	err = buf_add(to, encoder->file.bytes, encoder->file.size);
	return err ? err_say(err, note, "voice message: %s", err_words(err)) : OK;
}

enum err memo_opus_encode(struct audio_span sound, struct buf *to, struct err_note *note)
{
	struct memo_encoder *encoder = NULL;
	enum err err = check_length(sound.count, note);

	if (!err)
		err = memo_encoder_create(&encoder, note);
	if (err)
		return err;
	memo_encoder_add(encoder, sound);
	err = memo_encoder_finish(encoder, to, note);
	memo_encoder_destroy(encoder);
	return err;
}

/* ---- bytes to sound ---- */

/* Opus goes over full scale with loud sound; the library would let that wrap around. */
static int16_t to_s16(float value)
{
	const float scaled = isfinite(value) ? value * FULL_SCALE : 0.0F;

	return (int16_t)lrintf(fmaxf(fminf(scaled, INT16_MAX), INT16_MIN));
}

/* Says how many samples there were. */
static size_t read_samples(SNDFILE *library, int16_t *to, size_t count_max)
{
	float block[AUDIO_FRAME_SAMPLES];
	size_t count = 0;
	size_t got = 0;

	do {
		const size_t left = count_max - count;
		const size_t want =
			left < AUDIO_FRAME_SAMPLES ? left : AUDIO_FRAME_SAMPLES;
		const sf_count_t read = sf_readf_float(library, block, (sf_count_t)want);

		got = read > 0 ? (size_t)read : 0;
		must(got <= want);
		for (size_t i = 0; i < got; i++)
			to[count + i] = to_s16(block[i]);
		count += got;
	} while (got > 0 && count < count_max);
	explicit_bzero(block, sizeof(block));
	return count;
}

static enum err read_library(struct memory_file *file, int16_t *to, size_t samples,
			     struct err_note *note)
{
	SF_INFO info = {0};
	SNDFILE *library = open_memory(file, SFM_READ, &info);
	bool whole = library && info.samplerate == AUDIO_HZ && info.channels == 1;

	if (whole)
		whole = read_samples(library, to, samples) == samples &&
			sf_error(library) == SF_ERR_NO_ERROR;
	if (library)
		sf_close(library);
	return whole ? OK
		     : err_say(ERR_FORMAT, note,
			       "voice message: holds Opus that cannot be decoded");
}

enum err memo_opus_decode(const uint8_t *bytes, size_t size, struct secret **out_sound,
			  struct err_note *note)
{
	struct memory_file file = {.bytes = bytes, .size = size};
	struct secret *sound = NULL;
	size_t samples = 0;
	enum err err = memo_form_check(bytes, size, &samples, note);

	if (err)
		return err;
	err = secret_create(samples * sizeof(int16_t), &sound);
	if (err)
		return err_say(err, note, "voice message: %s", err_words(err));
	err = read_library(&file, (int16_t *)(void *)secret_bytes(sound), samples, note);
	if (err)
		goto out;
	*out_sound = sound;
	sound = NULL;
out:
	secret_destroy(sound);
	return err;
}

struct audio_span memo_opus_sound(const struct secret *sound)
{
	return (struct audio_span){(const int16_t *)(const void *)secret_view(sound),
				   secret_size(sound) / sizeof(int16_t)};
}
