/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_memo_opus - a voice message goes out and comes back, as long as it was and
 * understood; nothing else comes in.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "adapter/ogg_page.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"

enum {
	SHORT_SAMPLES = AUDIO_HZ * 3 / 2, /* two pages of sound */
	TINY_SAMPLES = 3 * AUDIO_FRAME_SAMPLES,
	LOUD = 16000,
};

static const double PI = 3.14159265358979;
static int16_t samples[MEMO_SAMPLES_MAX + AUDIO_FRAME_SAMPLES];

static int start(void **state)
{
	(void)state;
	return seal_init() == OK ? 0 : -1;
}

/* ---- sounds, in samples ---- */

static int16_t noise(size_t i)
{
	static uint32_t seed;

	seed = (i == 0 ? 1 : seed) * 1664525 + 1013904223;
	return (int16_t)(uint16_t)(seed >> 16);
}

static int16_t nothing(size_t i)
{
	(void)i;
	return 0;
}

/* From 200 Hz to 3 kHz in the first 1.5 s, and again. */
static int16_t sweep(size_t i)
{
	const double t = (double)(i % SHORT_SAMPLES) / AUDIO_HZ;

	return (int16_t)(10000.0 * sin(2.0 * PI * (200.0 + 930.0 * t) * t));
}

static int16_t square(size_t i)
{
	return i / 20 % 2 ? INT16_MAX : INT16_MIN;
}

static struct audio_span make(int16_t (*sound)(size_t), size_t count)
{
	for (size_t i = 0; i < count; i++)
		samples[i] = sound(i);
	return (struct audio_span){samples, count};
}

/* ---- there and back ---- */

static struct buf encoded(struct audio_span sound)
{
	struct err_note note = {{0}};
	struct buf file;

	buf_init(&file, MEMO_OPUS_BYTES_MAX);
	if (memo_opus_encode(sound, &file, &note) != OK)
		fail_msg("%s", note.text);
	return file;
}

static struct secret *decoded(const uint8_t *bytes, size_t size)
{
	struct err_note note = {{0}};
	struct secret *sound = NULL;

	if (memo_opus_decode(bytes, size, &sound, &note) != OK)
		fail_msg("%s", note.text);
	return sound;
}

/* The sound as it comes back; the caller destroys it. */
static struct secret *there_and_back(struct audio_span sound)
{
	struct buf file = encoded(sound);
	struct secret *back = decoded(file.bytes, file.size);

	assert_int_equal(memo_opus_sound(back).count, sound.count);
	buf_finish(&file);
	return back;
}

/* How much stronger the sound is than what was changed in it, in dB. */
static double fidelity_db(struct audio_span sound, struct audio_span back)
{
	double power = 0.0;
	double error = 0.0;

	for (size_t i = 0; i < sound.count; i++) {
		const double difference = sound.samples[i] - back.samples[i];

		power += (double)sound.samples[i] * sound.samples[i];
		error += difference * difference;
	}
	return 10.0 * log10(power / (error + 1.0));
}

/* Measured: 27.8 dB. A shift by one sample leaves 17, so 22 also says that it is in its
 * place; libopus of another version may decide a little differently. */
static void test_speech_comes_back(void **state)
{
	struct voice voice = {0};
	struct audio_span sound = {0};
	struct secret *back = NULL;

	(void)state;
	assert_int_equal(voice_flite_create(&voice), OK);
	assert_int_equal(voice_speak(&voice,
				     "Dinner is at seven, please bring the umbrella.",
				     &sound),
			 OK);
	back = there_and_back(sound);
	if (!(fidelity_db(sound, memo_opus_sound(back)) > 22.0))
		fail_msg("%.1f dB", fidelity_db(sound, memo_opus_sound(back)));
	secret_destroy(back);
	voice_close(&voice);
}

/* Measured: 32.4 dB. */
static void test_a_sweep_comes_back(void **state)
{
	const struct audio_span sound = make(sweep, SHORT_SAMPLES);
	struct secret *back = there_and_back(sound);

	(void)state;
	if (!(fidelity_db(sound, memo_opus_sound(back)) > 27.0))
		fail_msg("%.1f dB", fidelity_db(sound, memo_opus_sound(back)));
	secret_destroy(back);
}

static void test_silence_stays_silent(void **state)
{
	struct secret *back = there_and_back(make(nothing, SHORT_SAMPLES));
	const struct audio_span sound = memo_opus_sound(back);

	(void)state;
	for (size_t i = 0; i < sound.count; i++)
		assert_in_range(sound.samples[i] + 1, 0, 2);
	secret_destroy(back);
}

/* Opus swings over full scale: what is too loud is cut, and does not turn over. */
static void test_loud_sound_does_not_wrap(void **state)
{
	struct secret *back = there_and_back(make(square, SHORT_SAMPLES));
	const struct audio_span sound = memo_opus_sound(back);
	size_t full = 0;

	(void)state;
	for (size_t i = 1; i + 1 < sound.count; i++) {
		const int before = sound.samples[i - 1];
		const int now = sound.samples[i];
		const int after = sound.samples[i + 1];

		/* One sample on the other side of two that agree. */
		if (abs(before) > LOUD && abs(now) > LOUD && abs(after) > LOUD)
			assert_false((before > 0) == (after > 0) &&
				     (before > 0) != (now > 0));
		full += now == INT16_MAX || now == INT16_MIN;
	}
	assert_true(full > 100); /* else nothing had to be cut, and nothing was tried */
	secret_destroy(back);
}

static void test_every_length_is_kept(void **state)
{
	static const size_t COUNTS[] = {
		1,   2,   39,  40,    41,    103,   104,   105,   AUDIO_FRAME_SAMPLES - 1,
		320, 321, 639, 15999, 16000, 16001, 17000, 32000, SHORT_SAMPLES + 1};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(COUNTS); i++)
		secret_destroy(there_and_back(make(sweep, COUNTS[i])));
}

/* ---- limits ---- */

static void test_two_minutes_and_no_more(void **state)
{
	struct audio_span sound = make(noise, MEMO_SAMPLES_MAX + AUDIO_FRAME_SAMPLES);
	struct err_note note = {{0}};
	struct buf file;

	(void)state;
	sound.count = MEMO_SAMPLES_MAX;
	file = encoded(sound);
	/* 24,000 bits a second, and what the pages cost. Measured: 370,021. */
	assert_in_range(file.size, 300000, MEMO_SECONDS_MAX * 3200);
	secret_destroy(there_and_back(sound));
	buf_clear(&file);
	sound.count = MEMO_SAMPLES_MAX + AUDIO_FRAME_SAMPLES;
	assert_int_equal(memo_opus_encode(sound, &file, &note), ERR_LIMIT);
	assert_string_equal(note.text, "voice message: is longer than 120 s");
	sound.count = MEMO_SAMPLES_MAX + 1;
	assert_int_equal(memo_opus_encode(sound, &file, NULL), ERR_LIMIT);
	assert_int_equal(file.size, 0);
	buf_finish(&file);
}

static void test_no_sound_is_no_message(void **state)
{
	struct err_note note = {{0}};
	struct buf file;

	(void)state;
	buf_init(&file, MEMO_OPUS_BYTES_MAX);
	assert_int_equal(memo_opus_encode((struct audio_span){samples, 0}, &file, &note),
			 ERR_RANGE);
	assert_string_equal(note.text, "voice message: holds no sound");
	assert_int_equal(file.size, 0);
	buf_finish(&file);
}

static void test_the_buffer_has_its_own_limit(void **state)
{
	struct err_note note = {{0}};
	struct buf file;

	(void)state;
	buf_init(&file, 1000);
	assert_int_equal(buf_add_text(&file, "before"), OK);
	assert_int_equal(memo_opus_encode(make(sweep, SHORT_SAMPLES), &file, &note),
			 ERR_LIMIT);
	assert_string_equal(note.text, "voice message: larger than its limit");
	assert_string_equal((const char *)file.bytes, "before");
	assert_int_equal(memo_opus_encode(make(nothing, 1), &file, NULL), OK);
	assert_memory_equal(file.bytes, "beforeOggS", 10);
	buf_finish(&file);
}

/* ---- what the bytes tell ---- */

static void test_the_same_sound_gives_the_same_bytes(void **state)
{
	struct buf one = encoded(make(sweep, SHORT_SAMPLES));
	struct buf two = encoded(make(sweep, SHORT_SAMPLES));

	(void)state;
	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.bytes, two.bytes, one.size);
	buf_finish(&one);
	buf_finish(&two);
}

static void test_they_name_neither_machine_nor_time(void **state)
{
	static const uint8_t TAGS[] = "OpusTags\6\0\0\0behest\0\0\0";
	struct buf file = encoded(make(sweep, SHORT_SAMPLES));
	struct ogg_page page;
	unsigned pages = 0;

	(void)state;
	for (size_t at = 0; at < file.size; at += page.size, pages++) {
		assert_true(ogg_page_read(file.bytes + at, file.size - at, &page));
		assert_int_equal(page.serial, 0);
		if (pages != 1)
			continue;
		assert_int_equal(page.size - 28, sizeof(TAGS));
		assert_memory_equal(page.body, TAGS, sizeof(TAGS));
	}
	assert_int_equal(pages, 4);
	assert_null(memmem(file.bytes, file.size, "libopus", 7));
	assert_null(memmem(file.bytes, file.size, "sndfile", 7));
	buf_finish(&file);
}

/* ---- what is not taken ---- */

/* A copy of its own size, so that a sanitizer sees who reads on. */
static enum err decode_copy(const uint8_t *bytes, size_t size, struct err_note *note)
{
	uint8_t *copy = malloc(size + 1);
	struct secret *sound = NULL;
	enum err err = OK;

	assert_non_null(copy);
	if (size > 0)
		memcpy(copy + 1, bytes, size);
	err = memo_opus_decode(copy + 1, size, &sound, note);
	assert_true(err ? !sound && note->text[0] != '\0' : sound && !note->text[0]);
	assert_null(strchr(note->text, '\n'));
	if (sound)
		assert_in_range(memo_opus_sound(sound).count, 1, MEMO_SAMPLES_MAX);
	secret_destroy(sound);
	free(copy);
	return err;
}

static void test_cut_short_anywhere(void **state)
{
	struct buf file = encoded(make(sweep, SHORT_SAMPLES));

	(void)state;
	for (size_t size = 0; size < file.size; size++) {
		struct err_note note = {{0}};
		const enum err err = decode_copy(file.bytes, size, &note);

		if (err != (size > 0 && size < 4 ? ERR_UNSUPPORTED : ERR_FORMAT))
			fail_msg("%zu bytes: %d %s", size, err, note.text);
	}
	buf_finish(&file);
}

static void test_every_flipped_byte_is_seen(void **state)
{
	struct buf file = encoded(make(sweep, SHORT_SAMPLES));

	(void)state;
	for (size_t at = 0; at < file.size; at++) {
		struct err_note note = {{0}};

		file.bytes[at] ^= (uint8_t)(1U << (at % 8));
		assert_int_not_equal(decode_copy(file.bytes, file.size, &note), OK);
		file.bytes[at] ^= (uint8_t)(1U << (at % 8));
	}
	buf_finish(&file);
}

/* Who can work out sums gets wrong bytes to the decoder: other sound, or a refusal. */
static void test_flipped_bytes_with_the_right_sums(void **state)
{
	struct buf file = encoded(make(sweep, TINY_SAMPLES));
	struct buf wrong;
	unsigned taken = 0;
	struct ogg_page page;

	(void)state;
	buf_init(&wrong, MEMO_OPUS_BYTES_MAX);
	for (size_t flip = 0; flip < file.size; flip++) {
		struct err_note note = {{0}};

		buf_clear(&wrong);
		assert_int_equal(buf_add(&wrong, file.bytes, file.size), OK);
		wrong.bytes[flip] ^= (uint8_t)(1U << (flip % 8));
		for (size_t at = 0;
		     ogg_page_read(wrong.bytes + at, wrong.size - at, &page);
		     at += page.size)
			ogg_page_seal(wrong.bytes + at, page.size, 0);
		taken += decode_copy(wrong.bytes, wrong.size, &note) == OK;
	}
	assert_in_range(taken, file.size / 3, file.size - 50);
	buf_finish(&wrong);
	buf_finish(&file);
}

/* The length is right, the frames inside of it are not. */
static void test_a_packet_that_cannot_be_decoded(void **state)
{
	static const uint8_t BROKEN[] = {11 << 3 | 2, 255,
					 255}; /* promises 1,275 bytes */
	struct buf file = encoded(make(nothing, 640));
	struct err_note note = {{0}};
	struct ogg_page page;
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++, at += page.size)
		assert_true(ogg_page_read(file.bytes + at, file.size - at, &page));
	file.bytes[at + 6] = 5760 & 255; /* two frames of 60 ms */
	file.bytes[at + 7] = 5760 >> 8;
	file.bytes[at + 26] = 1;
	file.bytes[at + 27] = sizeof(BROKEN);
	memcpy(file.bytes + at + 28, BROKEN, sizeof(BROKEN));
	ogg_page_seal(file.bytes + at, 28 + sizeof(BROKEN), 0);
	assert_int_equal(decode_copy(file.bytes, at + 28 + sizeof(BROKEN), &note),
			 ERR_FORMAT);
	assert_string_equal(note.text,
			    "voice message: holds Opus that cannot be decoded");
	buf_finish(&file);
}

/* One of the files that test reading sound in general. */
static struct buf sound_file(const char *name)
{
	char path[FILE_PATH_BYTES];
	struct buf file;

	assert_true(str_format(path, sizeof(path), "%s/tests/fuzz/corpus/audio/%s",
			       getenv("BEHEST_SOURCE"), name));
	assert_int_equal(file_read(path, MEMO_OPUS_BYTES_MAX, &file, NULL), OK);
	return file;
}

static void test_other_kinds_of_sound(void **state)
{
	static const char *const FILES[] = {"s16.wav", "s16.flac", "vorbis.ogg"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(FILES); i++) {
		struct err_note note = {{0}};
		struct buf file = sound_file(FILES[i]);

		assert_int_equal(decode_copy(file.bytes, file.size, &note),
				 ERR_UNSUPPORTED);
		assert_string_equal(
			note.text, "voice message: expected Opus in Ogg, 16000 Hz, mono");
		buf_finish(&file);
	}
}

/* The form asks for no encoder's name: this file has libsndfile's own tags. */
static void test_another_encoder_will_do(void **state)
{
	struct err_note note = {{0}};
	struct buf file = sound_file("opus.ogg");

	(void)state;
	assert_non_null(memmem(file.bytes, file.size, "libopus", 7));
	assert_int_equal(decode_copy(file.bytes, file.size, &note), OK);
	buf_finish(&file);
}

static void test_nothing_may_follow(void **state)
{
	struct buf file = encoded(make(sweep, SHORT_SAMPLES));
	struct buf more = encoded(make(nothing, SHORT_SAMPLES));
	struct err_note one = {{0}};
	struct err_note two = {{0}};

	(void)state;
	assert_int_equal(buf_add(&file, more.bytes, 1), OK);
	assert_int_equal(decode_copy(file.bytes, file.size, &one), ERR_FORMAT);
	assert_int_equal(buf_add(&file, more.bytes + 1, more.size - 1), OK);
	assert_int_equal(decode_copy(file.bytes, file.size, &two), ERR_FORMAT);
	assert_non_null(strstr(two.text, "page 4 is of another kind"));
	buf_finish(&more);
	buf_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speech_comes_back),
		cmocka_unit_test(test_a_sweep_comes_back),
		cmocka_unit_test(test_silence_stays_silent),
		cmocka_unit_test(test_loud_sound_does_not_wrap),
		cmocka_unit_test(test_every_length_is_kept),
		cmocka_unit_test(test_two_minutes_and_no_more),
		cmocka_unit_test(test_no_sound_is_no_message),
		cmocka_unit_test(test_the_buffer_has_its_own_limit),
		cmocka_unit_test(test_the_same_sound_gives_the_same_bytes),
		cmocka_unit_test(test_they_name_neither_machine_nor_time),
		cmocka_unit_test(test_cut_short_anywhere),
		cmocka_unit_test(test_every_flipped_byte_is_seen),
		cmocka_unit_test(test_flipped_bytes_with_the_right_sums),
		cmocka_unit_test(test_a_packet_that_cannot_be_decoded),
		cmocka_unit_test(test_other_kinds_of_sound),
		cmocka_unit_test(test_another_encoder_will_do),
		cmocka_unit_test(test_nothing_may_follow),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
