/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_room - the real behest-room against a hub that is this test: sound is spoken into
 * its named pipe, everything it sends is kept and looked at.
 *
 * Waits for what must happen, with a limit; nothing depends on how long it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/audio_file.h"
#include "adapter/link_unix.h"
#include "adapter/speaker_alsa.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/str.h"
#include "domain/ring.h"
#include "e2e/pulse.h"

enum {
	PATH_BYTES = 512,
	SOUND_MAX = 30 * AUDIO_HZ,
	SOUNDS_MAX = 100000,
	STATES_MAX = 256,
	WAIT_MS = 30000,
};

extern char **environ;

/* What came from the room. */
struct seen {
	unsigned opened;
	unsigned closed;
	unsigned woken;
	unsigned rejected;
	unsigned leases;
	unsigned leases_over;
	unsigned sounds;
	unsigned played;
	unsigned stopped;
	unsigned rang;
	struct wire_rang last_rang;
	struct wire_wake wake;
	struct wire_stop stop;
	struct wire_lease lease;
	struct wire_lease_over over;
	struct wire_played last_played;
	struct wire_room_state state;
	bool in_order; /* sound frames of one turn, one number after the other */
	uint32_t next_sequence;
	size_t heard_count;
	int16_t heard[SOUND_MAX];
};

struct stage {
	char folder[PATH_BYTES];
	char pipe[PATH_BYTES];
	char socket[PATH_BYTES];
	struct loop *loop;
	struct link_server *server;
	struct link *link; /* the room, once it is there */
	pid_t child;
	int pipe_fd;
	struct pulse *pulse; /* NULL: microphone is the pipe, speaker a file */
	struct voice voice;
	struct seen seen;
};

/* ---- the hub that this test is ---- */

static void on_opened(void *context, struct link *link)
{
	struct stage *stage = context;

	stage->link = link;
	stage->seen.opened++;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct stage *stage = context;

	(void)link;
	(void)err;
	(void)why;
	stage->link = NULL;
	stage->seen.closed++;
}

static void on_sound(struct seen *seen, const struct wire_sound *sound)
{
	seen->in_order = seen->in_order && sound->sequence == seen->next_sequence &&
			 sound->turn == seen->lease.turn;
	seen->next_sequence = sound->sequence + 1;
	seen->sounds++;
	seen->heard_count += wire_to_samples(sound->pcm, seen->heard + seen->heard_count,
					     SOUND_MAX - seen->heard_count);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct seen *seen = &((struct stage *)context)->seen;

	(void)link;
	if (message->type == WIRE_wake) {
		seen->wake = message->wake;
		seen->woken += message->wake.accepted ? 1 : 0;
		seen->rejected += message->wake.accepted ? 0 : 1;
	} else if (message->type == WIRE_lease) {
		seen->lease = message->lease;
		seen->leases++;
		seen->next_sequence = 0;
		seen->heard_count = 0;
		seen->in_order = true;
	} else if (message->type == WIRE_sound) {
		on_sound(seen, &message->sound);
	} else if (message->type == WIRE_lease_over) {
		seen->over = message->lease_over;
		seen->leases_over++;
	} else if (message->type == WIRE_played) {
		seen->last_played = message->played;
		seen->played++;
	} else if (message->type == WIRE_stop) {
		seen->stopped += message->stop.accepted ? 1 : 0;
		if (message->stop.accepted)
			seen->stop = message->stop;
	} else if (message->type == WIRE_rang) {
		seen->last_rang = message->rang;
		seen->rang++;
	} else if (message->type == WIRE_room_state) {
		seen->state = message->room_state;
	}
}

static void open_hub(struct stage *stage)
{
	const struct link_listener listener = {stage, on_opened, on_message, on_closed};
	struct err_note note = {{0}};

	if (link_listen(stage->loop, stage->socket, WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB,
			"hub", &listener, &stage->server, &note) != OK)
		fail_msg("%s", note.text);
}

/* Runs the loop until the condition holds; fails when it never does. */
#define WAIT_FOR(stage, condition)                                              \
	do {                                                                    \
		const int64_t until_ms = loop_now_ms() + WAIT_MS;               \
		while (!(condition)) {                                          \
			assert_int_equal(loop_run_once((stage)->loop, 20), OK); \
			if (loop_now_ms() > until_ms)                           \
				fail_msg("never came true: %s", #condition);    \
		}                                                               \
	} while (0)

static void mute(struct stage *stage, bool on)
{
	assert_int_equal(link_send_mute(stage->link, &(struct wire_mute){.on = on}), OK);
}

static bool light_is(const struct stage *stage, const char *light)
{
	return str_equal(stage->seen.state.light, light);
}

/* ---- the room ---- */

static void start_room(struct stage *stage)
{
	char program[PATH_BYTES];
	char log[PATH_BYTES];
	char wav[PATH_BYTES];
	posix_spawn_file_actions_t actions;
	const char *build = getenv("BEHEST_BUILD");

	assert_non_null(build);
	assert_true(file_join(program, sizeof(program), build, "behest-room"));
	assert_true(file_join(log, sizeof(log), stage->folder, "log"));
	assert_true(file_join(wav, sizeof(wav), stage->folder, "said.wav"));
	const bool alsa = stage->pulse != NULL;
	const char *const words[] = {
		program,
		"--data",
		stage->folder,
		"--run",
		stage->folder,
		"--name",
		"kitchen",
		"--microphone",
		alsa ? "alsa" : "pipe",
		"--microphone_device",
		alsa ? PULSE_MIC : stage->pipe,
		"--speaker",
		alsa ? "alsa" : "file",
		"--speaker_device",
		alsa ? PULSE_SPEAKER : wav,
		"--word",
		"computer",
		NULL,
	};
	char *copies[STR_COUNT(words)] = {NULL};

	for (size_t i = 0; words[i]; i++) {
		copies[i] = strdup(words[i]);
		assert_non_null(copies[i]);
	}
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 1, log,
							  O_WRONLY | O_CREAT | O_APPEND,
							  0600),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, 1, 2), 0);
	assert_int_equal(posix_spawn(&stage->child, program, &actions, NULL, copies,
				     environ),
			 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	for (size_t i = 0; copies[i]; i++)
		free(copies[i]);
}

static void stop_room(struct stage *stage)
{
	int status = -1;

	if (stage->child <= 0)
		return;
	assert_int_equal(kill(stage->child, SIGTERM), 0);
	while (waitpid(stage->child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	stage->child = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Does the room hold its microphone open? The kernel knows. */
static bool mic_is_open(const struct stage *stage)
{
	char path[PATH_BYTES];
	bool found = false;
	DIR *folder = NULL;

	assert_true(str_format(path, sizeof(path), "/proc/%d/fd", (int)stage->child));
	folder = opendir(path);
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		char link[PATH_BYTES + 300];
		char target[PATH_BYTES] = {0};

		assert_true(str_format(link, sizeof(link), "%s/%s", path, entry->d_name));
		if (readlink(link, target, sizeof(target) - 1) > 0 &&
		    str_equal(target, stage->pipe))
			found = true;
	}
	closedir(folder);
	return found;
}

/* Speaks into the pipe; behind it the room hears silence. */
static void speak(struct stage *stage, const char *text)
{
	struct audio_span sound = {0};
	const uint8_t *at = NULL;
	size_t left = 0;

	assert_int_equal(voice_speak(&stage->voice, text, &sound), OK);
	at = (const uint8_t *)sound.samples;
	left = sound.count * sizeof(int16_t);
	while (left > 0) { /* the room takes it in real time */
		const ssize_t put = write(stage->pipe_fd, at, left);

		assert_true(put > 0 || errno == EAGAIN);
		at += put > 0 ? put : 0;
		left -= put > 0 ? (size_t)put : 0;
		assert_int_equal(loop_run_once(stage->loop, 20), OK);
	}
}

static void say(struct stage *stage, uint64_t number, uint64_t parent, const char *text)
{
	struct audio_span sound = {0};
	struct wire_say message = {.say = number,
				   .turn = stage->seen.lease.turn,
				   .parent = parent};

	assert_int_equal(voice_speak(&stage->voice, text, &sound), OK);
	for (size_t at = 0; at < sound.count; at += WIRE_PCM_BYTES / 2) {
		const size_t left = sound.count - at;
		const size_t count =
			left < WIRE_PCM_BYTES / 2 ? left : WIRE_PCM_BYTES / 2;

		message.pcm =
			wire_from_samples((struct audio_span){sound.samples + at, count});
		message.last = count == left;
		assert_int_equal(link_send_say(stage->link, &message), OK);
	}
}

static void turn_over(struct stage *stage)
{
	struct wire_turn_over over = {.turn = stage->seen.lease.turn, .tone = "none"};

	assert_int_equal(link_send_turn_over(stage->link, &over), OK);
	WAIT_FOR(stage, light_is(stage, "waiting"));
}

/* ---- stages ---- */

static int set_up_with(void **state, bool alsa)
{
	const char *base = getenv("TMPDIR");
	struct stage *stage = calloc(1, sizeof(*stage));
	char sockets[FILE_PATH_BYTES];

	assert_non_null(stage);
	stage->pulse = alsa ? pulse_start() : NULL;
	stage->pipe_fd = -1;
	assert_true(str_format(stage->folder, sizeof(stage->folder),
			       "%s/behest-room-XXXXXX", base ? base : "/tmp"));
	assert_non_null(mkdtemp(stage->folder));
	assert_true(
		file_join(stage->pipe, sizeof(stage->pipe), stage->folder, "mic.pipe"));
	assert_true(file_join(sockets, sizeof(sockets), stage->folder, "hub"));
	assert_int_equal(file_make_folder(sockets, NULL), OK);
	assert_true(
		file_join(stage->socket, sizeof(stage->socket), sockets, "rooms.sock"));
	assert_int_equal(loop_create(&stage->loop), OK);
	assert_int_equal(voice_flite_create(&stage->voice), OK);
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	open_hub(stage);
	start_room(stage);
	WAIT_FOR(stage, stage->seen.opened == 1);
	*state = stage;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, false);
}

static int set_up_alsa(void **state)
{
	return set_up_with(state, true);
}

static int tear_down(void **state)
{
	static const char *const FILES[] = {"log", "mic.pipe", "said.wav",
					    "room/kitchen.key"};
	static const char *const FOLDERS[] = {"hub", "room"};
	struct stage *stage = *state;
	char path[2 * PATH_BYTES];

	stop_room(stage);
	link_server_destroy(stage->server);
	loop_destroy(stage->loop);
	voice_close(&stage->voice);
	if (stage->pipe_fd >= 0)
		close(stage->pipe_fd);
	for (size_t i = 0; i < STR_COUNT(FILES); i++) {
		assert_true(file_join(path, sizeof(path), stage->folder, FILES[i]));
		(void)unlink(path);
	}
	for (size_t i = 0; i < STR_COUNT(FOLDERS); i++) {
		assert_true(file_join(path, sizeof(path), stage->folder, FOLDERS[i]));
		assert_int_equal(rmdir(path), 0);
	}
	/* Succeeds only when the room left nothing else behind. */
	assert_int_equal(rmdir(stage->folder), 0);
	pulse_stop(stage->pulse);
	free(stage);
	return 0;
}

static void open_ears(struct stage *stage)
{
	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	stage->pipe_fd = open(stage->pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(stage->pipe_fd >= 0);
}

static void wake(struct stage *stage)
{
	const unsigned before = stage->seen.leases;

	speak(stage, "computer, turn on the kitchen light.");
	WAIT_FOR(stage, stage->seen.leases == before + 1);
	WAIT_FOR(stage, light_is(stage, "listening"));
}

/* ---- tests ---- */

static void test_muted_means_no_open_microphone(void **state)
{
	struct stage *stage = *state;

	WAIT_FOR(stage, light_is(stage, "muted")); /* before the hub has said a word */
	assert_false(mic_is_open(stage));
	open_ears(stage);
	assert_true(mic_is_open(stage));
	wake(stage);
	mute(stage, true);
	WAIT_FOR(stage, light_is(stage, "muted"));
	assert_false(mic_is_open(stage));
	assert_int_equal(stage->seen.leases_over, 1);
	assert_string_equal(stage->seen.over.cause, "muted");
	assert_int_equal(stage->seen.state.muted, 1);
	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	assert_true(mic_is_open(stage));
}

static void test_a_whole_turn(void **state)
{
	struct stage *stage = *state;
	struct seen *seen = &stage->seen;
	unsigned sounds = 0;

	open_ears(stage);
	wake(stage);
	assert_int_equal(seen->woken, 1);
	/* Believed at once, or doubted and verified. */
	assert_true(seen->wake.score >= seen->wake.floor || seen->wake.ratio != 0.0);
	assert_true(seen->wake.turn != 0 && seen->wake.turn == seen->lease.turn);
	assert_string_equal(seen->lease.reason, "request");
	assert_int_equal(seen->lease.max_ms, 8000);
	WAIT_FOR(stage, seen->heard_count > AUDIO_HZ * 2);
	assert_true(seen->in_order);
	assert_int_equal(
		link_send_end_lease(stage->link,
				    &(struct wire_end_lease){.turn = seen->lease.turn,
							     .cause = "end of speech"}),
		OK);
	WAIT_FOR(stage, seen->leases_over == 1);
	assert_string_equal(seen->over.cause, "end of speech");
	WAIT_FOR(stage, light_is(stage, "thinking"));
	sounds = seen->sounds;
	say(stage, 77, 5, "The light is on.");
	WAIT_FOR(stage, light_is(stage, "speaking"));
	WAIT_FOR(stage, seen->played == 1);
	assert_int_equal(seen->last_played.say, 77);
	assert_int_equal(seen->last_played.whole, 1);
	assert_true(seen->last_played.played_ms > 300);
	turn_over(stage);
	assert_int_equal(seen->sounds,
			 sounds); /* nothing left the room without a lease */
	wake(stage);
	assert_int_equal(seen->woken, 2);
}

static void test_other_words_leave_nothing(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	speak(stage, "we had a lot of rain in the summer.");
	wake(stage); /* and so it was listening all the time */
	assert_int_equal(stage->seen.woken, 1);
	assert_int_equal(stage->seen.leases, 1);
	/* Offered: the name and a little before it, not the talk. */
	WAIT_FOR(stage, stage->seen.heard_count >= AUDIO_HZ);
	assert_true(stage->seen.in_order);
}

static void test_the_lease_ends_by_itself(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	wake(stage);
	WAIT_FOR(stage, stage->seen.leases_over == 1);
	assert_string_equal(stage->seen.over.cause, "time");
	assert_in_range(stage->seen.over.used_ms, 8000, 24000);
	assert_true(stage->seen.heard_count <= 26 * AUDIO_HZ);
}

static void test_it_does_not_obey_its_own_voice(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	say(stage, 1, 5,
	    "this is a long answer, and it takes its time, so that there is some.");
	WAIT_FOR(stage, light_is(stage, "speaking"));
	speak(stage, "computer.");
	WAIT_FOR(stage, stage->seen.played == 1);
	assert_int_equal(stage->seen.woken, 0);
	wake(stage);
	assert_int_equal(stage->seen.woken, 1);
}

static void test_nothing_is_said_without_a_reason(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	say(stage, 9, 0, "I just felt like it.");
	WAIT_FOR(stage, stage->seen.played == 1);
	assert_int_equal(stage->seen.last_played.played_ms, 0);
	assert_int_equal(stage->seen.last_played.whole, 0);
	assert_false(light_is(stage, "speaking"));
}

static void test_without_a_hub_it_is_deaf_and_then_comes_back(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	wake(stage);
	link_server_destroy(stage->server);
	stage->server = NULL;
	stage->link = NULL;
	for (unsigned n = 0; mic_is_open(stage); n++) {
		assert_true(n < 1000);
		(void)poll(NULL, 0, 20);
	}
	open_hub(stage);
	WAIT_FOR(stage, stage->seen.opened == 2);
	WAIT_FOR(stage, light_is(stage, "muted"));
	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	wake(stage);
}

static void test_a_microphone_that_cannot_be_opened(void **state)
{
	struct stage *stage = *state;
	int fd = -1;

	WAIT_FOR(stage, light_is(stage, "muted"));
	/* Something else in the place of the pipe. */
	assert_int_equal(unlink(stage->pipe), 0);
	fd = open(stage->pipe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "deaf") && stage->seen.state.trouble[0] != '\0');
	assert_non_null(strstr(stage->seen.state.trouble, "is not a named pipe"));
	assert_int_equal(unlink(stage->pipe), 0);
	assert_int_equal(mkfifo(stage->pipe, 0600), 0);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	assert_string_equal(stage->seen.state.trouble, "");
}

/* Says it on the sound card, as a person in the room would. */
static void speak_aloud(struct stage *stage, const char *text)
{
	struct speaker speaker = {0};
	struct speaker_played played = {0};
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&stage->voice, text, &sound), OK);
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &speaker), OK);
	assert_int_equal(speaker_play(&speaker, sound, (struct event_id){1}), OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&speaker, &played), OK);
		assert_int_equal(loop_run_once(stage->loop, 20), OK);
	}
	speaker_close(&speaker);
}

/* The same on a sound card, with all rights given up; unplugged and plugged in again. */
static void test_on_a_sound_card(void **state)
{
	struct stage *stage = *state;

	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	speak_aloud(stage, "computer, turn on the kitchen light.");
	WAIT_FOR(stage, stage->seen.leases == 1);
	pulse_plug(stage->pulse, false);
	WAIT_FOR(stage, stage->seen.leases_over == 1);
	assert_string_equal(stage->seen.over.cause, "microphone gone");
	WAIT_FOR(stage, light_is(stage, "deaf"));
	pulse_plug(stage->pulse, true);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	speak_aloud(stage, "computer, turn on the kitchen light.");
	WAIT_FOR(stage, stage->seen.leases == 2);
	say(stage, 3, 8, "The light is on.");
	WAIT_FOR(stage, stage->seen.played == 1);
	assert_int_equal(stage->seen.last_played.whole, 1);
}

static const char LONG_ANSWER[] =
	"Tomorrow it will be cloudy in the morning, with a little rain before noon, and "
	"warmer in the afternoon. In the evening the wind turns to the west, and the night "
	"will be clear and cold. On Tuesday there will be sunshine nearly all day long. On "
	"Wednesday the clouds come back, and on Thursday and Friday it will rain again.";

/* "stop" over an answer silences it and opens nothing; said by the answer itself it does
 * not. */
static void test_stop_over_an_answer(void **state)
{
	struct stage *stage = *state;

	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	/* Who says stop is another voice over ours, and nearer than the loudspeaker. */
	assert_int_equal(link_send_volume(stage->link,
					  &(struct wire_volume){.percent = 30}),
			 OK);
	say(stage, 3, 8,
	    "It is ten past seven, and your train is late by twelve minutes.");
	WAIT_FOR(stage, stage->seen.played == 1);
	say(stage, 4, 8,
	    "Somebody at the door has said stop. Whoever says stop is heard.");
	WAIT_FOR(stage, stage->seen.played == 2);
	assert_int_equal(stage->seen.last_played.whole, 1);
	assert_int_equal(stage->seen.stopped, 0);
	say(stage, 5, 8, LONG_ANSWER);
	WAIT_FOR(stage, light_is(stage, "speaking"));
	while (stage->seen.stopped == 0 && stage->seen.played == 2)
		speak_aloud(stage, "Stop!");
	assert_int_equal(stage->seen.stopped, 1);
	assert_true(stage->seen.stop.score >= stage->seen.stop.floor);
	WAIT_FOR(stage, stage->seen.played == 3);
	assert_int_equal(stage->seen.last_played.whole, 0);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	assert_int_equal(stage->seen.leases, 0);
	assert_int_equal(stage->seen.sounds, 0);
}

/* Until what was spoken before has been heard: the pipe holds some of it. */
static void fall_silent(struct stage *stage)
{
	static const int16_t silence[3 * AUDIO_HZ];
	const uint8_t *at = (const uint8_t *)silence;
	size_t left = sizeof(silence);

	while (left > 0) {
		const ssize_t put = write(stage->pipe_fd, at, left);

		assert_true(put > 0 || errno == EAGAIN);
		at += put > 0 ? put : 0;
		left -= put > 0 ? (size_t)put : 0;
		assert_int_equal(loop_run_once(stage->loop, 20), OK);
	}
}

static void ring(struct stage *stage, uint64_t number, uint64_t parent, uint32_t left_ms)
{
	const struct wire_ring asked = {.ring = number,
					.parent = parent,
					.pattern = RING_TIMER,
					.percent = 80,
					.left_ms = left_ms};

	assert_int_equal(link_send_ring(stage->link, &asked), OK);
}

/* Without the name: it falls silent, and nothing else comes of it. The name is heard as
 * always, and while somebody is listened to nothing rings. */
static void test_what_rings_is_stopped_by_a_word(void **state)
{
	struct stage *stage = *state;

	open_ears(stage);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	ring(stage, 7, 0, RING_MS); /* for no reason: it does not */
	ring(stage, 8, 5, RING_MS);
	WAIT_FOR(stage, light_is(stage, "ringing"));
	while (stage->seen.rang == 0)
		speak(stage, "Stop!");
	assert_int_equal(stage->seen.last_rang.ring, 8);
	assert_string_equal(stage->seen.last_rang.cause, "stopped");
	assert_int_equal(stage->seen.stopped, 1);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	assert_int_equal(stage->seen.leases, 0);
	assert_int_equal(stage->seen.sounds, 0);

	fall_silent(stage);
	ring(stage, 9, 5, RING_MS);
	WAIT_FOR(stage, light_is(stage, "ringing"));
	while (stage->seen.leases == 0)
		speak(stage, "computer, what time is it?");
	fall_silent(stage);
	assert_int_equal(stage->seen.rang, 1);
	assert_int_equal(link_send_turn_over(stage->link,
					     &(struct wire_turn_over){
						     .turn = stage->seen.lease.turn}),
			 OK);
	WAIT_FOR(stage, light_is(stage, "ringing"));
	assert_int_equal(link_send_ring_over(stage->link,
					     &(struct wire_ring_over){.ring = 9}),
			 OK);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	assert_int_equal(stage->seen.rang, 1); /* the hub knows */
	ring(stage, 10, 5, 200);
	WAIT_FOR(stage, stage->seen.rang == 2);
	assert_string_equal(stage->seen.last_rang.cause, "time");
}

int main(void)
{
	/* A program that gave up its rights cannot be searched for leaks from inside. */
	if (setenv("ASAN_OPTIONS", "detect_leaks=0", 1) != 0)
		return EXIT_FAILURE;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_muted_means_no_open_microphone),
		STAGED(test_a_whole_turn),
		STAGED(test_other_words_leave_nothing),
		STAGED(test_the_lease_ends_by_itself),
		STAGED(test_it_does_not_obey_its_own_voice),
		STAGED(test_nothing_is_said_without_a_reason),
		STAGED(test_without_a_hub_it_is_deaf_and_then_comes_back),
		STAGED(test_a_microphone_that_cannot_be_opened),
		STAGED(test_what_rings_is_stopped_by_a_word),
		cmocka_unit_test_setup_teardown(test_on_a_sound_card, set_up_alsa,
						tear_down),
		cmocka_unit_test_setup_teardown(test_stop_over_an_answer, set_up_alsa,
						tear_down),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
