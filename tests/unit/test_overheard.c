/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests room/music_pipe and room/overheard: music from a pipe is taken out of what a
 * simulated room hears of it, people stay, and what is left is known as music.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/echo_speex.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/room_sound.h"
#include "folder.h"
#include "room/music_pipe.h"
#include "room/overheard.h"

enum { SECONDS = 8, COUNT = SECONDS * AUDIO_HZ };

struct stage {
	uint64_t dice;
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	int fd; /* of the player; -1: it is away */
	struct echo echo;
	struct overheard *overheard;
	int16_t music[COUNT];
	int16_t theirs[COUNT];
	float heard[COUNT];
	float rest[COUNT];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->dice = 21;
	stage->fd = -1;
	assert_true(str_copy(stage->folder, sizeof(stage->folder),
			     "/tmp/behest-overheard-XXXXXX"));
	assert_non_null(mkdtemp(stage->folder));
	assert_true(file_join(stage->path, sizeof(stage->path), stage->folder, "fifo"));
	assert_int_equal(echo_speex_create(&stage->echo), OK);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;
	const int failed = folder_remove(stage->folder);

	overheard_destroy(stage->overheard);
	echo_close(&stage->echo);
	if (stage->fd >= 0)
		close(stage->fd);
	free(stage);
	return failed;
}

/* As MPD does: the pipe is made, and both its ends are held. */
static void begin_player(struct stage *stage)
{
	assert_int_equal(mkfifo(stage->path, 0600), 0);
	stage->fd = open(stage->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(stage->fd >= 0);
}

static void end_player(struct stage *stage)
{
	close(stage->fd);
	stage->fd = -1;
	assert_int_equal(unlink(stage->path), 0);
}

static void play(const struct stage *stage, const int16_t *samples, size_t count)
{
	assert_int_equal(write(stage->fd, samples, count * sizeof(*samples)),
			 (ssize_t)(count * sizeof(*samples)));
}

/* ---- the pipe ---- */

static void fill(int16_t *samples, size_t count, int16_t from)
{
	for (size_t i = 0; i < count; i++)
		samples[i] = (int16_t)(from + (int16_t)i);
}

static void test_pipe_waits_for_its_player(void **state)
{
	struct stage *stage = *state;
	struct music_pipe *pipe = NULL;
	struct audio_frame frame;
	int16_t samples[AUDIO_FRAME_SAMPLES];

	assert_int_equal(music_pipe_create(stage->path, &pipe), OK);
	assert_false(music_pipe_take(pipe, &frame)); /* nobody is there */
	begin_player(stage);
	for (unsigned i = 0; i < MUSIC_PIPE_RETRY_FRAMES; i++)
		assert_false(music_pipe_take(pipe, &frame));
	fill(samples, AUDIO_FRAME_SAMPLES, 100);
	play(stage, samples, AUDIO_FRAME_SAMPLES);
	assert_true(music_pipe_take(pipe, &frame));
	assert_int_equal(frame.samples[0], 100);
	assert_int_equal(frame.samples[AUDIO_FRAME_SAMPLES - 1],
			 100 + AUDIO_FRAME_SAMPLES - 1);
	assert_false(music_pipe_take(pipe, &frame));
	/* It ends, and comes back with another pipe of that name. */
	end_player(stage);
	assert_false(music_pipe_take(pipe, &frame));
	begin_player(stage);
	for (unsigned i = 0; i <= MUSIC_PIPE_RETRY_FRAMES; i++)
		assert_false(music_pipe_take(pipe, &frame));
	play(stage, samples, AUDIO_FRAME_SAMPLES);
	assert_true(music_pipe_take(pipe, &frame));
	music_pipe_destroy(pipe);
}

/* Bytes come in any pieces; what is old is forgotten, and never half a sample. */
static void test_pipe_keeps_little(void **state)
{
	enum { MANY = AUDIO_HZ };
	static int16_t samples[MANY];
	struct stage *stage = *state;
	struct music_pipe *pipe = NULL;
	struct audio_frame frame;
	const uint8_t *bytes = (const uint8_t *)samples;
	unsigned taken = 0;

	begin_player(stage);
	assert_int_equal(music_pipe_create(stage->path, &pipe), OK);
	assert_false(music_pipe_take(pipe, &frame));
	fill(samples, MANY, 1);
	assert_int_equal(write(stage->fd, bytes, 3), 3);
	assert_false(music_pipe_take(pipe, &frame));
	assert_int_equal(write(stage->fd, bytes + 3, 2 * AUDIO_FRAME_SAMPLES - 3),
			 2 * AUDIO_FRAME_SAMPLES - 3);
	assert_true(music_pipe_take(pipe, &frame));
	assert_int_equal(frame.samples[1], 2);
	play(stage, samples, MANY); /* a second at once */
	while (music_pipe_take(pipe, &frame))
		taken++;
	assert_true(taken * AUDIO_FRAME_MS <= MUSIC_PIPE_KEPT_MS);
	assert_int_equal(frame.samples[AUDIO_FRAME_SAMPLES - 1] - samples[MANY - 1], 0);
	play(stage, samples, 3 * AUDIO_FRAME_SAMPLES);
	music_pipe_lost(pipe, 2);
	assert_true(music_pipe_take(pipe, &frame));
	assert_int_equal(frame.samples[0], samples[2 * AUDIO_FRAME_SAMPLES]);
	music_pipe_lost(pipe, 2); /* more than there is */
	play(stage, samples, AUDIO_FRAME_SAMPLES);
	music_pipe_reset(pipe);
	assert_false(music_pipe_take(pipe, &frame));
	music_pipe_destroy(pipe);
}

/* A player whose clock is the faster one: what waits does not grow. */
static void test_pipe_follows_a_clock(void **state)
{
	struct stage *stage = *state;
	struct music_pipe *pipe = NULL;
	struct audio_frame frame = {{0}};
	int16_t samples[AUDIO_FRAME_SAMPLES + 1] = {0};
	unsigned waited = 0;

	begin_player(stage);
	assert_int_equal(music_pipe_create(stage->path, &pipe), OK);
	assert_false(music_pipe_take(pipe, &frame));
	for (unsigned i = 0; i < 5000; i++) { /* 0.3 %: 15 frames too many */
		play(stage, samples, AUDIO_FRAME_SAMPLES + 1);
		assert_true(music_pipe_take(pipe, &frame));
	}
	while (music_pipe_take(pipe, &frame))
		waited++;
	assert_in_range(waited, 0, 4);
	music_pipe_destroy(pipe);
}

static unsigned takes_until_judged(struct stage *stage, struct music_pipe *pipe,
				   size_t samples)
{
	static const int16_t silence[2 * AUDIO_FRAME_SAMPLES];
	struct audio_frame frame;
	unsigned takes = 0;

	while (takes < 3 * MUSIC_PIPE_JUDGED_FRAMES &&
	       !music_pipe_is_of_another_form(pipe)) {
		play(stage, silence, samples);
		assert_true(music_pipe_take(pipe, &frame));
		takes++;
	}
	return takes;
}

/* Two channels instead of one; and as it should be, with two seconds at once. */
static void test_pipe_of_another_form(void **state)
{
	static const int16_t burst[2 * AUDIO_HZ];
	struct stage *stage = *state;
	struct music_pipe *pipe = NULL;
	struct audio_frame frame;

	begin_player(stage);
	assert_int_equal(music_pipe_create(stage->path, &pipe), OK);
	assert_false(music_pipe_take(pipe, &frame));
	play(stage, burst, 2 * AUDIO_HZ);
	assert_int_equal(takes_until_judged(stage, pipe, AUDIO_FRAME_SAMPLES),
			 3 * MUSIC_PIPE_JUDGED_FRAMES);
	assert_in_range(takes_until_judged(stage, pipe, 2 * AUDIO_FRAME_SAMPLES), 1,
			MUSIC_PIPE_JUDGED_FRAMES);
	music_pipe_destroy(pipe);
}

static void test_pipe_is_only_a_pipe(void **state)
{
	struct stage *stage = *state;
	struct music_pipe *pipe = NULL;
	struct audio_frame frame;
	char longest[FILE_PATH_BYTES + 1];

	assert_int_equal(file_write(stage->path, stage->music, sizeof(stage->music), 0600,
				    NULL),
			 OK);
	assert_int_equal(music_pipe_create(stage->path, &pipe), OK);
	for (unsigned i = 0; i <= 2 * MUSIC_PIPE_RETRY_FRAMES; i++)
		assert_false(music_pipe_take(pipe, &frame));
	music_pipe_destroy(pipe);
	memset(longest, 'a', FILE_PATH_BYTES);
	longest[FILE_PATH_BYTES] = '\0';
	assert_int_equal(music_pipe_create(longest, &pipe), ERR_LIMIT);
	music_pipe_destroy(NULL);
	assert_int_equal(unlink(stage->path), 0);
}

/* ---- what is heard of it ---- */

/* The music from its loudspeaker, and from second `from` on somebody from a mouth. */
static void hear_in(struct stage *stage, struct simulated_room_settings room,
		    double music, double theirs, size_t from)
{
	const struct room_sound_scene scene = {
		.room = room,
		.ours = stage->music,
		.ours_gain = music,
		.theirs = stage->theirs,
		.theirs_gain = theirs,
		.noise = 10.0,
	};

	memset(stage->theirs, 0, from * AUDIO_HZ * sizeof(int16_t));
	assert_int_equal(room_sound_hear(&scene, &stage->dice, stage->heard, COUNT), OK);
}

static void make_heard(struct stage *stage, double music, double theirs, size_t from)
{
	hear_in(stage,
		(struct simulated_room_settings){
			.seed = 5, .rt60_s = 0.3, .delay_ms = 60, .distortion = 0.05},
		music, theirs, from);
}

/* The player writes in pieces of 23 ms, as MPD does for CDs. */
static void run(struct stage *stage)
{
	enum { PIECE = 371 };
	size_t played = 0;

	begin_player(stage);
	assert_int_equal(overheard_create(stage->path, &stage->echo, &stage->overheard),
			 OK);
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame = room_sound_frame(stage->heard, COUNT, at);

		while (played < (size_t)at + AUDIO_FRAME_SAMPLES &&
		       played + PIECE <= COUNT) {
			play(stage, stage->music + played, PIECE);
			played += PIECE;
		}
		overheard_feed(stage->overheard, &frame, &frame);
		for (long i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			stage->rest[at + i] = frame.samples[i];
	}
	end_player(stage);
}

static double level_from(const float *sound, size_t second)
{
	return room_sound_level(sound + second * AUDIO_HZ, AUDIO_HZ);
}

static struct own_voice_match match(const struct stage *stage)
{
	return echo_path_match(overheard_path(stage->overheard), 1000);
}

static void test_music_goes(void **state)
{
	struct stage *stage = *state;

	room_sound_music(&stage->dice, 3000, stage->music, COUNT);
	make_heard(stage, 0.6, 0.0, 0);
	run(stage);
	/* 12 dB at least. */
	assert_true(level_from(stage->rest, 6) < level_from(stage->heard, 6) / 4.0);
	assert_true(match(stage).ours);
}

/* What somebody says in a song is the song's. */
static void test_what_music_says_is_music(void **state)
{
	struct stage *stage = *state;

	room_sound_speech(&stage->dice, 3000, stage->music, COUNT);
	make_heard(stage, 0.6, 0.0, 0);
	run(stage);
	assert_true(match(stage).ours);
}

/* A player that stands still for a while, and makes up for it at once: what leaves so late
 * would come behind its own echo, and be nobody's. */
static void test_a_player_that_stood_still(void **state)
{
	enum { STALL = 2 * AUDIO_HZ, GOES_ON = STALL + AUDIO_HZ / 5 };
	struct stage *stage = *state;
	unsigned marked = 0;
	size_t played = 0;

	room_sound_speech(&stage->dice, 3000, stage->music, COUNT);
	make_heard(stage, 0.6, 0.0, 0);
	begin_player(stage);
	assert_int_equal(overheard_create(stage->path, &stage->echo, &stage->overheard),
			 OK);
	for (size_t at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT;
	     at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame =
			room_sound_frame(stage->heard, COUNT, (long)at);
		const bool stalls = at >= STALL && at < GOES_ON;

		for (; !stalls && played <= at; played += AUDIO_FRAME_SAMPLES)
			play(stage, stage->music + played, AUDIO_FRAME_SAMPLES);
		overheard_feed(stage->overheard, &frame, &frame);
		marked += at >= (size_t)6 * AUDIO_HZ && match(stage).ours;
	}
	end_player(stage);
	assert_in_range(marked, 60, 100); /* of a hundred frames, four seconds later */
}

static void test_people_over_music_are_people(void **state)
{
	struct stage *stage = *state;

	room_sound_music(&stage->dice, 3000, stage->music, COUNT);
	room_sound_speech(&stage->dice, 3000, stage->theirs, COUNT);
	make_heard(stage, 0.3, 0.6, 5);
	run(stage);
	assert_true(level_from(stage->rest, 6) > 900.0);
	assert_false(match(stage).ours);
}

static void make_softer(struct stage *stage, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		stage->music[i] = (int16_t)(stage->music[i] / 5);
}

/* It is ducked when somebody begins to speak: in the pipe at once, and in the air when the
 * sound card's buffer is empty. */
static void test_music_that_grows_softer(void **state)
{
	enum { DUCKED = 5 * AUDIO_HZ, LATER = DUCKED + AUDIO_HZ / 10 };
	struct stage *stage = *state;

	room_sound_music(&stage->dice, 3000, stage->music, COUNT);
	room_sound_speech(&stage->dice, 3000, stage->theirs, COUNT);
	make_softer(stage, LATER, COUNT);
	make_heard(stage, 0.6, 0.6, 5);
	make_softer(stage, DUCKED, LATER);
	run(stage);
	assert_true(level_from(stage->rest, 6) > 900.0);
	assert_false(match(stage).ours);
}

/* It plays in another room: nothing of it is heard, and nothing is taken away. */
static void test_music_that_is_not_heard(void **state)
{
	struct stage *stage = *state;

	room_sound_music(&stage->dice, 3000, stage->music, COUNT);
	room_sound_speech(&stage->dice, 3000, stage->theirs, COUNT);
	make_heard(stage, 0.0, 0.6, 0);
	run(stage);
	assert_false(match(stage).ours);
	assert_true(level_from(stage->rest, 6) > level_from(stage->heard, 6) * 0.9);
}

/* ---- many rooms ---- */

enum { ROOMS = 20, FROM_FRAME = 5 * AUDIO_HZ / AUDIO_FRAME_SAMPLES };

/* Frames from the fifth second on that are loud and sound like the music. */
static unsigned marked_frames(struct stage *stage, uint64_t seed, double music,
			      double theirs)
{
	unsigned marked = 0;

	hear_in(stage,
		(struct simulated_room_settings){
			.seed = seed,
			.rt60_s = 0.2 + 0.01 * (double)seed,
			.delay_ms = 30.0 + 6.0 * (double)seed,
			.drift_ppm = seed % 2 ? 30.0 : -30.0,
			.distortion = 0.05,
		},
		music, theirs, 5);
	begin_player(stage);
	assert_int_equal(overheard_create(stage->path, &stage->echo, &stage->overheard),
			 OK);
	for (long i = 0; (i + 1) * AUDIO_FRAME_SAMPLES <= COUNT; i++) {
		struct audio_frame frame =
			room_sound_frame(stage->heard, COUNT, i * AUDIO_FRAME_SAMPLES);

		play(stage, stage->music + i * AUDIO_FRAME_SAMPLES, AUDIO_FRAME_SAMPLES);
		overheard_feed(stage->overheard, &frame, &frame);
		marked += i >= FROM_FRAME && match(stage).ours;
	}
	end_player(stage);
	overheard_destroy(stage->overheard);
	stage->overheard = NULL;
	echo_reset(&stage->echo);
	return marked;
}

/* Half a second of a request that is marked takes its authority. */
static bool is_refused(unsigned marked)
{
	return marked * AUDIO_FRAME_MS >= 500;
}

/* By its course alone. The name in a song makes what follows it ours as well, and wakes
 * nobody, which is test_music_heard's to show. */
static void test_in_many_rooms(void **state)
{
	struct stage *stage = *state;
	unsigned songs = 0;
	unsigned people = 0;

	for (uint64_t seed = 1; seed <= ROOMS; seed++) {
		room_sound_speech(&stage->dice, 3000, stage->music, COUNT);
		songs += is_refused(marked_frames(stage, seed, 0.6, 0.0));
		room_sound_music(&stage->dice, 3000, stage->music, COUNT);
		room_sound_speech(&stage->dice, 3000, stage->theirs, COUNT);
		people += !is_refused(marked_frames(stage, seed, 0.3, 0.6));
	}
	print_message("of %d rooms: words in music known as music in %u, people over "
		      "music not taken for it in %u\n",
		      ROOMS, songs, people);
	assert_true(songs >= ROOMS - 3);
	assert_true(people >= ROOMS - 1);
}

static void test_without_a_player_nothing_changes(void **state)
{
	struct stage *stage = *state;
	struct audio_frame frame = {{1, -2, 3}};
	struct audio_frame rest;

	assert_int_equal(overheard_create(stage->path, NULL, &stage->overheard), OK);
	overheard_feed(stage->overheard, &frame, &rest);
	assert_memory_equal(&frame, &rest, sizeof(frame));
	assert_false(match(stage).ours);
	overheard_reset(stage->overheard);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_pipe_waits_for_its_player),
		STAGED(test_pipe_keeps_little),
		STAGED(test_pipe_follows_a_clock),
		STAGED(test_pipe_of_another_form),
		STAGED(test_pipe_is_only_a_pipe),
		STAGED(test_music_goes),
		STAGED(test_what_music_says_is_music),
		STAGED(test_a_player_that_stood_still),
		STAGED(test_people_over_music_are_people),
		STAGED(test_music_that_grows_softer),
		STAGED(test_music_that_is_not_heard),
		STAGED(test_in_many_rooms),
		STAGED(test_without_a_player_nothing_changes),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
