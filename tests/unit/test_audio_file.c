/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_audio_file - every kind of good file, and one clear line for every kind of bad one.
 *
 * All files are made here, in a folder of their own that is removed at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "base/str.h"

enum { PATH_BYTES = 256, TONE_HZ = 440, WAV_HEADER_BYTES = 44 };

static const double PI = 3.14159265358979;
static char folder[PATH_BYTES];
static char path[PATH_BYTES * 2];

static const char *in_folder(const char *name)
{
	assert_true(str_format(path, sizeof(path), "%s/%s", folder, name));
	return path;
}

static int make_folder(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	(void)str_format(folder, sizeof(folder), "%s/behest-audio-XXXXXX",
			 base ? base : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

/* A tone in every channel, in any format of the library. */
static void make_tone(const char *to, int format, int hz, int channels, int seconds)
{
	SF_INFO info = {.samplerate = hz, .channels = channels, .format = format};
	SNDFILE *sound = sf_open(to, SFM_WRITE, &info);
	float *block = calloc((size_t)hz * (size_t)channels, sizeof(*block));

	assert_non_null(sound);
	assert_non_null(block);
	for (int i = 0; i < hz; i++) {
		for (int c = 0; c < channels; c++)
			block[i * channels + c] =
				(float)(0.5 * sin(2.0 * PI * TONE_HZ * i / hz));
	}
	for (int i = 0; i < seconds; i++)
		assert_int_equal(sf_writef_float(sound, block, hz), hz);
	sf_close(sound);
	free(block);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* A WAV header for 8 bit mono sound of data_bytes. */
static void make_wav_header(uint8_t *header, uint32_t hz, uint16_t channels,
			    uint32_t data_bytes)
{
	memcpy(header, "RIFF....WAVEfmt ", 16);
	put_u32(header + 4, data_bytes + WAV_HEADER_BYTES - 8);
	put_u32(header + 16, 16);
	put_u32(header + 20, 1U | (uint32_t)channels << 16);
	put_u32(header + 24, hz);
	put_u32(header + 28, hz * channels);
	put_u32(header + 32, (uint32_t)channels | 8U << 16);
	memcpy(header + 36, "data", 4);
	put_u32(header + 40, data_bytes);
}

static void write_bytes(const char *to, const void *bytes, size_t size)
{
	FILE *file = fopen(to, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* Reads to the end: the number of frames, the loudest sample, and the last error. */
static size_t read_all(const char *from, enum err *out_err, int *out_peak,
		       struct err_note *note)
{
	struct audio_file *file = NULL;
	struct audio_frame frame;
	size_t frames = 0;
	enum err err = audio_file_open(from, &file, note);

	*out_peak = 0;
	while (!err) {
		err = audio_file_read(file, &frame, note);
		for (size_t i = 0; !err && i < AUDIO_FRAME_SAMPLES; i++) {
			if (abs(frame.samples[i]) > *out_peak)
				*out_peak = abs(frame.samples[i]);
		}
		frames += err ? 0 : 1;
	}
	audio_file_close(file);
	*out_err = err;
	return frames;
}

static void expect_bad(const char *name, enum err want, const char *words)
{
	struct err_note note = {{0}};
	enum err err = OK;
	int peak = 0;

	(void)read_all(in_folder(name), &err, &peak, &note);
	if (err != want || !strstr(note.text, words) || !strstr(note.text, name))
		fail_msg("%s: got %d '%s', want %d '%s'", name, err, note.text, want,
			 words);
	assert_null(strchr(note.text, '\n'));
	(void)unlink(in_folder(name));
}

static void test_good_files(void **state)
{
	static const struct {
		const char *name;
		int format;
		int hz;
		int channels;
	} ROWS[] = {
		{"u8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 16000, 1},
		{"s16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1},
		{"s24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 2},
		{"float.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1},
		{"96k.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 96000, 1},
		{"seven.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 16000, 7},
		{"rf64.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 22050, 2},
		{"8k.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 1},
		{"s16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 2},
		{"seven.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 96000, 7},
		{"vorbis.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2},
		{"opus.ogg", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct err_note note = {{0}};
		enum err err = OK;
		int peak = 0;
		size_t frames = 0;

		make_tone(in_folder(ROWS[i].name), ROWS[i].format, ROWS[i].hz,
			  ROWS[i].channels, 1);
		frames = read_all(in_folder(ROWS[i].name), &err, &peak, &note);
		if (err != ERR_CLOSED || frames < 50 || frames > 51 || peak < 14000 ||
		    peak > 19000)
			fail_msg("%s: err %d frames %zu peak %d %s", ROWS[i].name, err,
				 frames, peak, note.text);
		(void)unlink(in_folder(ROWS[i].name));
	}
}

static void test_what_it_says_of_itself(void **state)
{
	struct audio_file *file = NULL;
	struct audio_file_info info;

	(void)state;
	make_tone(in_folder("say.wav"), SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 96000, 7, 1);
	assert_int_equal(audio_file_open(in_folder("say.wav"), &file, NULL), OK);
	info = audio_file_info(file);
	assert_int_equal(info.hz, 96000);
	assert_int_equal(info.channels, 7);
	assert_true(fabs(info.seconds - 1.0) < 1e-6);
	audio_file_close(file);
	(void)unlink(in_folder("say.wav"));
}

static void test_last_frame_is_filled_up(void **state)
{
	static const int16_t SOUND[AUDIO_FRAME_SAMPLES + 1] = {
		[0] = 7, [AUDIO_FRAME_SAMPLES] = 99};
	struct audio_file *file = NULL;
	struct audio_frame frame;

	(void)state;
	assert_int_equal(audio_file_write(in_folder("one.wav"),
					  (struct audio_span){SOUND, STR_COUNT(SOUND)},
					  NULL),
			 OK);
	assert_int_equal(audio_file_open(in_folder("one.wav"), &file, NULL), OK);
	assert_int_equal(audio_file_read(file, &frame, NULL), OK);
	assert_int_equal(frame.samples[0],
			 7); /* and 16 bit at 16 kHz comes back exactly */
	assert_int_equal(audio_file_read(file, &frame, NULL), OK);
	assert_int_equal(frame.samples[0], 99);
	assert_int_equal(frame.samples[AUDIO_FRAME_SAMPLES - 1], 0);
	assert_int_equal(audio_file_read(file, &frame, NULL), ERR_CLOSED);
	assert_int_equal(audio_file_read(file, &frame, NULL), ERR_CLOSED);
	audio_file_close(file);
	(void)unlink(in_folder("one.wav"));
}

static void test_empty_garbage_and_other_things(void **state)
{
	uint8_t garbage[4096];
	uint8_t header[WAV_HEADER_BYTES];

	(void)state;
	expect_bad("missing.wav", ERR_MISSING, "cannot be opened");
	write_bytes(in_folder("empty.wav"), "", 0);
	expect_bad("empty.wav", ERR_FORMAT, "is empty");
	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (uint8_t)(i * 73 + (i >> 3));
	write_bytes(in_folder("garbage.wav"), garbage, sizeof(garbage));
	expect_bad("garbage.wav", ERR_UNSUPPORTED, "expected WAV, FLAC");
	memcpy(garbage, "RIFF", 4);
	write_bytes(in_folder("riff.wav"), garbage, sizeof(garbage));
	expect_bad("riff.wav", ERR_FORMAT, "damaged");
	memcpy(garbage, "OggS", 4);
	write_bytes(in_folder("page.ogg"), garbage, sizeof(garbage));
	expect_bad("page.ogg", ERR_FORMAT, "damaged");
	memcpy(garbage, "fLaC", 4);
	write_bytes(in_folder("noise.flac"), garbage, sizeof(garbage));
	expect_bad("noise.flac", ERR_FORMAT, "damaged");
	write_bytes(in_folder("three.wav"), "RIF", 3);
	expect_bad("three.wav", ERR_UNSUPPORTED, "expected WAV");
	make_wav_header(header, 16000, 1, 0);
	write_bytes(in_folder("silent.wav"), header, sizeof(header));
	expect_bad("silent.wav", ERR_FORMAT, "holds no sound");
	make_wav_header(header, 500, 1, 0);
	write_bytes(in_folder("slow.wav"), header, sizeof(header));
	expect_bad("slow.wav", ERR_LIMIT, "500 Hz");
	make_wav_header(header, 16000, 200, 0);
	write_bytes(in_folder("wide.wav"), header, sizeof(header));
	expect_bad("wide.wav", ERR_LIMIT, "200 channels");
	assert_int_equal(mkdir(in_folder("folder.wav"), 0700), 0);
	expect_bad("folder.wav", ERR_FORMAT, "is a folder");
	assert_int_equal(rmdir(in_folder("folder.wav")), 0);
	assert_int_equal(mkfifo(in_folder("pipe.wav"), 0600), 0);
	expect_bad("pipe.wav", ERR_FORMAT, "not a regular file");
}

/* Half a file: what is there is delivered, then one line says that it was cut. */
static void test_cut_short(void **state)
{
	static const struct {
		const char *name;
		int format;
	} ROWS[] = {
		{"cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
		{"cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
		{"cut-vorbis.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct stat status;
		struct err_note note = {{0}};
		enum err err = OK;
		int peak = 0;
		size_t frames = 0;

		make_tone(in_folder(ROWS[i].name), ROWS[i].format, 48000, 2, 4);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(truncate(path, status.st_size / 2 + 501), 0);
		frames = read_all(path, &err, &peak, &note);
		if (err != ERR_FORMAT || frames < 20 || frames > 180)
			fail_msg("%s: err %d frames %zu %s", ROWS[i].name, err, frames,
				 note.text);
		assert_true(strstr(note.text, ROWS[i].name) ==
			    note.text + strlen(folder) + 1);
		assert_non_null(strstr(note.text, " after "));
		(void)unlink(path);
	}
	make_tone(in_folder("head.ogg"), SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1, 1);
	assert_int_equal(truncate(path, 60), 0);
	expect_bad("head.ogg", ERR_FORMAT, "cut short");
}

/* Three hours stream through a few blocks of memory. The file is a hole in the disk. */
static void test_three_hours(void **state)
{
	const uint32_t bytes = 3U * 3600U * AUDIO_HZ;
	uint8_t header[WAV_HEADER_BYTES];
	struct rusage before;
	struct rusage after;
	struct err_note note = {{0}};
	enum err err = OK;
	int peak = 0;

	(void)state;
	make_wav_header(header, AUDIO_HZ, 1, bytes);
	write_bytes(in_folder("long.wav"), header, sizeof(header));
	assert_int_equal(truncate(path, (off_t)bytes + WAV_HEADER_BYTES), 0);
	(void)getrusage(RUSAGE_SELF, &before);
	assert_int_equal(read_all(path, &err, &peak, &note), 3 * 3600 * 50);
	(void)getrusage(RUSAGE_SELF, &after);
	assert_int_equal(err, ERR_CLOSED);
	assert_int_equal(peak, 32768); /* byte 0 is the lowest value */
	assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
	(void)unlink(path);
}

static void test_writing_where_nothing_can_be_written(void **state)
{
	struct err_note note = {{0}};
	struct audio_writer *writer = NULL;

	(void)state;
	assert_int_equal(audio_writer_open(in_folder("no/where.wav"), &writer, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "where.wav: cannot be written"));
	assert_null(writer);
	assert_int_equal(audio_writer_close(NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_what_it_says_of_itself),
		cmocka_unit_test(test_last_frame_is_filled_up),
		cmocka_unit_test(test_empty_garbage_and_other_things),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_three_hours),
		cmocka_unit_test(test_writing_where_nothing_can_be_written),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
