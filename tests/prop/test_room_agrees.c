/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises 4, 5, 7 and 12 over random histories of one room: light, tones, what the hub is
 * told, what it would write into the journal and whether the microphone is open agree at
 * every 100 ms, whatever happens in whatever order.
 *
 * The room is the real one, on a real link, by a clock of this test; microphone, name,
 * light and loudspeaker are fakes, and the hub is this test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/indicator_terminal.h"
#include "adapter/link_unix.h"
#include "base/must.h"
#include "base/queue.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/indicator_fake.h"
#include "fake/rand_fake.h"
#include "fake/speaker_fake.h"
#include "fake/wake_fake.h"
#include "listen/flat.h"
#include "listen/fuse.h"
#include "room/room.h"
#include "room/tone.h"

enum {
	HISTORIES = 8,
	EVENTS_PER_HISTORY = 100,
	FLOOR = 500,
	STEP_MS = 100,
	QUIET_ROUNDS = 3,
	ROUNDS_MAX = 5000, /* of 1 ms: a busy machine may keep a thread waiting */
	LEASE_MS_MAX = 3 * 8000 + 2 * STEP_MS, /* a request with its two renewals */
	REQUEST_MS = 8000,
	FRAMES_MAX = 64,
};

/* What the hub was told: what its API shows, and what it would write down. */
struct told {
	struct link *link;
	struct wire_room_state state;
	bool has_state;
	uint64_t open_turn; /* of a lease that is not over; 0: none */
	int64_t opened_ms;
	unsigned leases;
	unsigned blown;
};

struct stage {
	char folder[64];
	char socket[96];
	struct clock_fake clock_fake;
	struct rand_fake dice;
	struct loop *loop;
	struct link_server *server;
	struct room *room;
	struct parts parts;
	struct indicator_fake *indicator;
	struct speaker_fake *speaker;
	struct wake_fake *wake;
	struct told told;
	unsigned changes; /* anything that happened, to see when all is quiet */
	/* the microphone, on the room's capture thread */
	struct queue *frames;
	const struct lease *lease;
	atomic_bool is_open;
	atomic_bool is_unplugged;
	atomic_bool is_handing; /* a frame taken here that the room may not have yet */
	bool wants_mute;        /* as the hub last said */
	bool is_blown;          /* the fuse was told, and the owner has not muted since */
};

/* The clock of the loop, which takes a plain function, and of the capture thread. */
static _Atomic int64_t time_ms;

static int64_t now_ms(void)
{
	return atomic_load(&time_ms);
}

static void move_clock(struct stage *stage, int64_t ms)
{
	clock_fake_pass(&stage->clock_fake, ms);
	atomic_store(&time_ms, stage->clock_fake.now_us / 1000);
}

/* ---- a microphone that hears what was pushed ---- */

static enum err mic_test_open(void *self, const struct lease *lease,
			      struct err_note *note)
{
	struct stage *stage = self;

	if (atomic_load(&stage->is_unplugged))
		return err_say(ERR_IO, note, "microphone: unplugged");
	stage->lease = lease;
	atomic_store(&stage->is_open, true);
	return OK;
}

static enum err mic_test_read(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct stage *stage = self;
	struct pollfd ready = {.fd = queue_fd(stage->frames), .events = POLLIN};

	(void)timeout_ms;
	atomic_store(&stage->is_handing, false);
	if (lease_is_over(stage->lease, now_ms()))
		return ERR_CLOSED;
	if (atomic_load(&stage->is_unplugged))
		return ERR_IO;
	/* Not queue_wait: it goes by the clock that stands still. */
	atomic_store(&stage->is_handing, poll(&ready, 1, 1) == 1);
	return queue_pop(stage->frames, out_frame) == OK ? OK : ERR_TIMEOUT;
}

static void mic_test_shut(void *self)
{
	atomic_store(&((struct stage *)self)->is_open, false);
}

static const struct mic_ops MIC_OPS = {mic_test_open, mic_test_read, mic_test_shut,
				       mic_test_shut, NULL};

/* ---- the hub ---- */

static void on_opened(void *context, struct link *link)
{
	struct stage *stage = context;

	stage->told.link = link;
	stage->told.has_state = false;
	stage->told.open_turn = 0;
	stage->changes++;
	assert_int_equal(link_send_mute(link,
					&(struct wire_mute){.on = stage->wants_mute}),
			 OK);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct stage *stage = context;

	(void)err;
	(void)why;
	stage->changes++;
	if (stage->told.link == link)
		stage->told.link = NULL;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct stage *stage = context;
	struct told *told = &stage->told;

	(void)link;
	stage->changes++;
	if (message->type == WIRE_lease) {
		assert_int_equal(told->open_turn, 0);
		told->open_turn = message->lease.turn;
		told->opened_ms = now_ms();
		told->leases++;
	} else if (message->type == WIRE_lease_over) {
		assert_int_equal(message->lease_over.turn, told->open_turn);
		assert_true(message->lease_over.used_ms <= LEASE_MS_MAX);
		told->open_turn = 0;
	} else if (message->type == WIRE_sound) {
		assert_int_not_equal(told->open_turn, 0); /* or it left without a lease */
		assert_int_equal(message->sound.turn, told->open_turn);
	} else if (message->type == WIRE_room_state) {
		told->state = message->room_state;
		told->has_state = true;
	} else if (message->type == WIRE_fuse_blown) {
		told->blown++;
		stage->is_blown = true;
	}
}

/* ---- opening and closing ---- */

static void open_hub(struct stage *stage)
{
	const struct link_listener listener = {stage, on_opened, on_message, on_closed};
	struct err_note note = {{0}};

	if (link_listen(stage->loop, stage->socket, WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB,
			"hub", &listener, &stage->server, &note) != OK)
		fail_msg("%s", note.text);
}

static void close_hub(struct stage *stage)
{
	link_server_destroy(stage->server);
	stage->server = NULL;
	stage->told.link = NULL;
}

static void open_parts(struct stage *stage, struct clock *clock)
{
	assert_int_equal(indicator_fake_create(&stage->indicator), OK);
	assert_int_equal(speaker_fake_create(clock, &stage->speaker), OK);
	assert_int_equal(wake_fake_create(FLOOR, &stage->wake), OK);
	assert_int_equal(queue_create(sizeof(struct audio_frame), FRAMES_MAX,
				      &stage->frames),
			 OK);
	stage->parts = (struct parts){
		.mic = {&MIC_OPS, stage},
		.speaker = speaker_fake_port(stage->speaker),
		.indicator = indicator_fake_port(stage->indicator),
		.ears = {.wake = wake_fake_port(stage->wake)},
	};
}

static void open_stage(struct stage *stage, struct clock *clock, uint64_t seed)
{
	struct err_note note = {{0}};
	struct room_settings settings = {.name = "kitchen",
					 .hub_socket = stage->socket,
					 .parts = &stage->parts};

	memset(stage, 0, sizeof(*stage));
	must(str_copy(stage->folder, sizeof(stage->folder), "/tmp/behest-agrees-XXXXXX"));
	assert_non_null(mkdtemp(stage->folder));
	must(str_format(stage->socket, sizeof(stage->socket), "%s/hub", stage->folder));
	*clock = clock_fake_init(&stage->clock_fake);
	move_clock(stage, 0);
	loop_use_clock(now_ms);
	open_parts(stage, clock);
	assert_int_equal(loop_create(&stage->loop), OK);
	open_hub(stage);
	settings.loop = stage->loop;
	settings.clock = *clock;
	settings.rand = rand_fake_init(&stage->dice, seed);
	if (room_create(&settings, &stage->room, &note) != OK)
		fail_msg("%s", note.text);
}

static void close_stage(struct stage *stage)
{
	room_destroy(stage->room);
	close_hub(stage);
	loop_destroy(stage->loop);
	queue_destroy(stage->frames);
	wake_fake_destroy(stage->wake);
	speaker_fake_destroy(stage->speaker);
	indicator_fake_destroy(stage->indicator);
	(void)unlink(stage->socket);
	assert_int_equal(rmdir(stage->folder), 0);
	loop_use_clock(NULL);
}

/* ---- time ---- */

/* Grows with everything that happens on either side. */
static size_t changes(const struct stage *stage)
{
	return stage->changes + indicator_fake_light_count(stage->indicator) +
	       speaker_fake_count(stage->speaker) + wake_fake_fed(stage->wake);
}

/* Frames that the capture thread has not yet taken, or not yet handed on. */
static bool mic_has_more(const struct stage *stage)
{
	struct pollfd ready = {.fd = queue_fd(stage->frames), .events = POLLIN};

	return atomic_load(&stage->is_open) &&
	       (poll(&ready, 1, 0) == 1 || atomic_load(&stage->is_handing));
}

static bool light_is(const struct stage *stage, enum indicator_light light)
{
	return indicator_fake_light(stage->indicator) == light;
}

static bool light_says_it_hears(const struct stage *stage)
{
	return light_is(stage, INDICATOR_LISTENING) || light_is(stage, INDICATOR_WAITING);
}

/* The capture thread has shut the microphone and may not have had its turn to say so. */
static bool mic_owes_news(const struct stage *stage)
{
	return light_says_it_hears(stage) && !atomic_load(&stage->is_open) &&
	       !atomic_load(&stage->is_unplugged);
}

static void run_until_quiet(struct stage *stage)
{
	unsigned quiet = 0;

	for (unsigned round = 0; quiet < QUIET_ROUNDS && round < ROUNDS_MAX; round++) {
		const size_t before = changes(stage);

		assert_int_equal(loop_run_once(stage->loop, 1), OK);
		quiet = changes(stage) == before && !mic_has_more(stage) &&
					!mic_owes_news(stage)
				? quiet + 1
				: 0;
	}
}

/* Wake tones that were sounded. */
static unsigned wake_tones(const struct stage *stage)
{
	int16_t tone[TONE_SAMPLES_MAX];
	const size_t samples = tone_make(INDICATOR_TONE_WAKE, tone);
	unsigned count = 0;

	for (size_t i = 0; i < speaker_fake_count(stage->speaker); i++) {
		const struct speaker_fake_play play = speaker_fake_at(stage->speaker, i);
		count +=
			play.parent.value == TONE_PARENT.value && play.samples == samples;
	}
	return count;
}

/* The heart of it. */
static void check(struct stage *stage)
{
	const struct told *told = &stage->told;
	const bool mic_open = atomic_load(&stage->is_open);
	const bool leased = told->link && told->open_turn != 0;

	assert_int_equal(light_is(stage, INDICATOR_LISTENING), leased);
	assert_int_equal(wake_tones(stage), told->leases);
	if (leased)
		assert_true(now_ms() - told->opened_ms <= LEASE_MS_MAX);
	if (!told->link || stage->wants_mute || stage->is_blown) {
		assert_false(mic_open);
		assert_false(leased);
	}
	if (light_is(stage, INDICATOR_MUTED) || light_is(stage, INDICATOR_OFF))
		assert_false(mic_open);
	if (light_says_it_hears(stage))
		assert_true(mic_open || atomic_load(&stage->is_unplugged));
	if (told->link && told->has_state) {
		const enum indicator_light light = indicator_fake_light(stage->indicator);

		assert_string_equal(told->state.light, indicator_light_word(light));
		assert_int_equal(told->state.muted, stage->wants_mute || stage->is_blown);
	}
}

static void pass(struct stage *stage, int64_t ms)
{
	move_clock(stage, ms);
	run_until_quiet(stage);
	check(stage);
}

/* ---- what happens ---- */

static void push_frame(struct stage *stage, const struct audio_frame *frame)
{
	if (!atomic_load(&stage->is_open))
		return;
	stage->changes++;
	(void)!queue_push(stage->frames, frame);
}

static void hear(struct stage *stage, int level, unsigned frames)
{
	struct audio_frame frame;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		frame.samples[i] = (int16_t)(i % 2 == 0 ? level : -level);
	for (unsigned n = 0; n < frames; n++) {
		push_frame(stage, &frame);
		move_clock(stage, AUDIO_FRAME_MS);
		run_until_quiet(stage);
	}
}

static void hear_name(struct stage *stage, int score)
{
	struct audio_frame frame = {{0}};

	wake_fake_mark(&frame, score, 400);
	push_frame(stage, &frame);
}

static void say_mute(struct stage *stage, bool on)
{
	if (!stage->told.link)
		return;
	stage->wants_mute = on;
	if (on)
		stage->is_blown = false; /* the owner knows */
	assert_int_equal(link_send_mute(stage->told.link, &(struct wire_mute){.on = on}),
			 OK);
}

static void say_end(struct stage *stage)
{
	struct wire_end_lease end = {.turn = stage->told.open_turn, .cause = "done"};

	if (stage->told.link)
		assert_int_equal(link_send_end_lease(stage->told.link, &end), OK);
}

static void say_over(struct stage *stage)
{
	struct wire_turn_over over = {.turn = stage->told.open_turn, .tone = "none"};

	if (stage->told.link)
		assert_int_equal(link_send_turn_over(stage->told.link, &over), OK);
}

static void say_aloud(struct stage *stage)
{
	static int16_t sound[AUDIO_HZ / 2];
	const struct wire_say say = {
		.say = stage->changes + 1,
		.turn = stage->told.open_turn,
		.parent = 7,
		.last = 1,
		.pcm = wire_from_samples((struct audio_span){sound, STR_COUNT(sound)}),
	};

	if (stage->told.link && stage->told.open_turn == 0)
		assert_int_equal(link_send_say(stage->told.link, &say), OK);
}

/* Somebody sets the time of day, or the network does: by up to two days, either way. */
static void jump_clock(struct stage *stage)
{
	const int64_t by_s =
		(int64_t)rand_fake_below(&stage->dice, 4 * 86400) - 2 * 86400;

	stage->clock_fake.wall_ms += by_s * 1000;
}

/* Nothing stays broken for long, or little but breakage would be tried. */
static bool something_is_mended(struct stage *stage)
{
	const bool is_unplugged = atomic_load(&stage->is_unplugged);

	if ((stage->server && !is_unplugged) || rand_fake_below(&stage->dice, 4) > 0)
		return false;
	if (!stage->server)
		open_hub(stage);
	atomic_store(&stage->is_unplugged, false);
	return true;
}

static void something_happens(struct stage *stage)
{
	struct rand_fake *dice = &stage->dice;

	if (something_is_mended(stage))
		return;
	switch (rand_fake_below(dice, 16)) {
	case 0:
		say_mute(stage, true);
		break;
	case 1:
	case 2:
		say_mute(stage, false);
		break;
	case 3:
		say_end(stage);
		break;
	case 4:
	case 5:
		say_over(stage);
		break;
	case 6:
		say_aloud(stage);
		break;
	case 7:
		atomic_store(&stage->is_unplugged, true);
		break;
	case 8:
		if (stage->server)
			close_hub(stage);
		break;
	case 9:
	case 10:
		hear(stage, 6000, 5); /* somebody speaks */
		break;
	case 11:
		hear_name(stage, 300);
		break;
	case 12:
		jump_clock(stage);
		break;
	default:
		hear_name(stage, 800);
		break;
	}
}

static void test_light_tone_api_and_journal_agree(void **state)
{
	const uint64_t seed = rand_fake_seed();
	unsigned leases = 0;

	(void)state;
	for (uint64_t history = 0; history < HISTORIES; history++) {
		struct stage stage;
		struct clock clock;

		open_stage(&stage, &clock, seed + history);
		pass(&stage, STEP_MS);
		for (unsigned n = 0; n < EVENTS_PER_HISTORY; n++) {
			something_happens(&stage);
			pass(&stage, STEP_MS);
			for (uint32_t more = rand_fake_below(&stage.dice, 12); more > 0;
			     more--)
				pass(&stage, STEP_MS);
		}
		leases += stage.told.leases;
		close_stage(&stage);
	}
	assert_true(leases > HISTORIES); /* or nothing was tried */
}

static void wake_once(struct stage *stage)
{
	hear_name(stage, 800);
	pass(stage, STEP_MS);
	say_over(stage);
	/* until its own tone is over */
	for (unsigned n = 0; n < 8; n++)
		pass(stage, STEP_MS);
}

static void test_a_storm_mutes_itself(void **state)
{
	struct stage stage;
	struct clock clock;

	(void)state;
	open_stage(&stage, &clock, 1);
	for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
		pass(&stage, STEP_MS);
	for (unsigned n = 0; n < FUSE_WAKES_MAX; n++)
		wake_once(&stage);
	assert_int_equal(stage.told.leases, FUSE_WAKES_MAX);
	assert_int_equal(stage.told.blown, 0);
	hear_name(&stage, 800);
	pass(&stage, STEP_MS);
	assert_int_equal(stage.told.leases, FUSE_WAKES_MAX);
	assert_int_equal(stage.told.blown, 1);
	assert_true(light_is(&stage, INDICATOR_MUTED));
	/* An old policy does not unmute; the owner's muting and unmuting does. */
	say_mute(&stage, false);
	pass(&stage, STEP_MS);
	assert_true(light_is(&stage, INDICATOR_MUTED));
	say_mute(&stage, true);
	pass(&stage, STEP_MS);
	say_mute(&stage, false);
	for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
		pass(&stage, STEP_MS);
	wake_once(&stage);
	assert_int_equal(stage.told.leases, FUSE_WAKES_MAX + 1);
	close_stage(&stage);
}

/* Frames alone are no hearing: a microphone that is switched off often gives zeros. */
static void test_a_microphone_that_gives_nothing_is_deaf(void **state)
{
	struct stage stage;
	struct clock clock;

	(void)state;
	open_stage(&stage, &clock, 1);
	stage.parts.mic_is_live = true;
	for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
		pass(&stage, STEP_MS);
	hear(&stage, 3, FLAT_MS / AUDIO_FRAME_MS);
	pass(&stage, STEP_MS);
	assert_true(light_is(&stage, INDICATOR_WAITING));
	hear(&stage, 0, FLAT_MS / AUDIO_FRAME_MS + 1);
	pass(&stage, STEP_MS);
	assert_true(light_is(&stage, INDICATOR_DEAF));
	assert_string_equal(stage.told.state.light, "deaf");
	assert_non_null(strstr(stage.told.state.trouble, "nothing but silence"));
	assert_true(atomic_load(&stage.is_open)); /* it goes on looking */
	hear(&stage, 3, 1);
	pass(&stage, STEP_MS);
	assert_true(light_is(&stage, INDICATOR_WAITING));
	assert_string_equal(stage.told.state.trouble, "");
	wake_once(&stage);
	assert_int_equal(stage.told.leases, 1);
	close_stage(&stage);
}

static unsigned tones_of(const struct stage *stage, enum indicator_tone kind)
{
	int16_t tone[TONE_SAMPLES_MAX];
	const size_t samples = tone_make(kind, tone);
	unsigned count = 0;

	for (size_t i = 0; i < speaker_fake_count(stage->speaker); i++)
		count += speaker_fake_at(stage->speaker, i).samples == samples;
	return count;
}

static void say_tone(struct stage *stage)
{
	assert_int_equal(link_send_tone(stage->told.link,
					&(struct wire_tone){.tone = "refused"}),
			 OK);
	pass(stage, STEP_MS);
}

/* What was approved elsewhere is heard where it was asked for, but never into a request. */
static void test_a_late_tone_waits_for_nobody(void **state)
{
	struct stage stage;
	struct clock clock;

	(void)state;
	open_stage(&stage, &clock, 1);
	for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
		pass(&stage, STEP_MS);
	assert_int_equal(tones_of(&stage, INDICATOR_TONE_REFUSED), 0);
	say_tone(&stage);
	assert_int_equal(tones_of(&stage, INDICATOR_TONE_REFUSED), 1);
	for (unsigned n = 0; n < 8; n++)
		pass(&stage, STEP_MS);
	hear_name(&stage, 800);
	pass(&stage, STEP_MS);
	assert_true(light_is(&stage, INDICATOR_LISTENING));
	say_tone(&stage);
	assert_int_equal(tones_of(&stage, INDICATOR_TONE_REFUSED), 1);
	assert_true(light_is(&stage, INDICATOR_LISTENING)); /* and it goes on listening */
	close_stage(&stage);
}

/* The light stays as it is, and the hub must know all the same. */
static void test_muting_a_room_that_speaks_is_told(void **state)
{
	struct stage stage;
	struct clock clock;

	(void)state;
	open_stage(&stage, &clock, 1);
	for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
		pass(&stage, STEP_MS);
	say_aloud(&stage);
	pass(&stage, STEP_MS);
	for (int on = 1; on >= 0; on--) {
		say_mute(&stage, on != 0);
		pass(&stage, STEP_MS);
		assert_true(light_is(&stage, INDICATOR_SPEAKING));
		assert_int_equal(stage.told.state.muted, on);
	}
	close_stage(&stage);
}

/* A lease is as long as it is, whatever time of day it is. */
static void test_a_clock_that_jumps_keeps_no_lease(void **state)
{
	static const int64_t days[] = {-365, -1, 1, 365};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(days); i++) {
		struct stage stage;
		struct clock clock;

		open_stage(&stage, &clock, 1);
		for (unsigned n = 0; n < 10 && !atomic_load(&stage.is_open); n++)
			pass(&stage, STEP_MS);
		hear_name(&stage, 800);
		pass(&stage, STEP_MS);
		assert_true(light_is(&stage, INDICATOR_LISTENING));
		stage.clock_fake.wall_ms += days[i] * 86400 * 1000;
		pass(&stage, REQUEST_MS - 3 * STEP_MS);
		assert_true(light_is(&stage, INDICATOR_LISTENING));
		pass(&stage, 3 * STEP_MS);
		assert_false(light_is(&stage, INDICATOR_LISTENING));
		assert_int_equal(stage.told.open_turn, 0);
		close_stage(&stage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_light_tone_api_and_journal_agree),
		cmocka_unit_test(test_a_storm_mutes_itself),
		cmocka_unit_test(test_a_microphone_that_gives_nothing_is_deaf),
		cmocka_unit_test(test_muting_a_room_that_speaks_is_told),
		cmocka_unit_test(test_a_late_tone_waits_for_nobody),
		cmocka_unit_test(test_a_clock_that_jumps_keeps_no_lease),
	};

	return seal_init() == OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
