/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promise 11 at the last place that sound passes: whatever a hub tells a room, in whatever
 * order, nothing sounds there without a reason on record. So it holds for whoever has
 * something said in the hub: turns, skills, messages, announcements, reminders, alarms.
 *
 * The room is the real one, on a real link, by a clock of this test; the loudspeaker is a
 * fake that remembers why it played, and the hub is this test. Each reason is named for one
 * sound only, so that how much sounded because of it can be held against how much was told
 * with it: not a sample more may sound, and not one more time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "base/must.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/indicator_fake.h"
#include "fake/rand_fake.h"
#include "fake/speaker_fake.h"
#include "room/room.h"
#include "room/tone.h"

enum {
	HISTORIES = 20,
	EVENTS_PER_HISTORY = 150,
	STEP_MS = 100,
	SILENCE_STEPS = 100,
	QUIET_ROUNDS = 3,
	PIECE_SAMPLES_MAX = 3000,
	REASONS_MAX = 4 * EVENTS_PER_HISTORY,
};

/* A reason that was named, by its number: what was told with it. */
struct reason_told {
	size_t samples; /* of pieces to be said */
	size_t ends;    /* sounds that were whole with it */
	bool rings;
};

struct stage {
	char folder[64];
	char socket[96];
	struct clock_fake clock_fake;
	struct rand_fake dice;
	struct loop *loop;
	struct link_server *server;
	struct link *link; /* NULL: the room is away */
	struct room *room;
	struct parts parts;
	struct indicator_fake *indicator;
	struct speaker_fake *speaker;
	uint64_t says;
	uint64_t rings;
	size_t reason_count;
	struct reason_told reasons[REASONS_MAX];
	size_t tones; /* that were told */
};

/* The clock of the loop, which takes a plain function. */
static int64_t time_ms;

static int64_t now_ms(void)
{
	return time_ms;
}

/* ---- the hub ---- */

static void on_opened(void *context, struct link *link)
{
	((struct stage *)context)->link = link;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct stage *stage = context;

	(void)err;
	(void)why;
	if (stage->link == link)
		stage->link = NULL;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	(void)context;
	(void)link;
	(void)message;
}

static void open_hub(struct stage *stage)
{
	const struct link_listener listener = {stage, on_opened, on_message, on_closed};

	assert_int_equal(link_listen(stage->loop, stage->socket, WIRE_LINK_ROOM_HUB,
				     WIRE_PARTY_HUB, "hub", &listener, &stage->server,
				     NULL),
			 OK);
}

static void close_hub(struct stage *stage)
{
	link_server_destroy(stage->server);
	stage->server = NULL;
	stage->link = NULL;
}

/* ---- opening and closing ---- */

static void open_stage(struct stage *stage, struct clock *clock, uint64_t seed)
{
	struct err_note note = {{0}};
	struct room_settings settings = {.name = "kitchen",
					 .hub_socket = stage->socket,
					 .parts = &stage->parts};

	memset(stage, 0, sizeof(*stage));
	must(str_copy(stage->folder, sizeof(stage->folder),
		      "/tmp/behest-unasked-XXXXXX"));
	assert_non_null(mkdtemp(stage->folder));
	must(str_format(stage->socket, sizeof(stage->socket), "%s/hub", stage->folder));
	*clock = clock_fake_init(&stage->clock_fake);
	time_ms = stage->clock_fake.now_us / 1000;
	loop_use_clock(now_ms);
	assert_int_equal(indicator_fake_create(&stage->indicator), OK);
	assert_int_equal(speaker_fake_create(clock, &stage->speaker), OK);
	/* Without a microphone: what sounds there when its name is said is test_room_agrees. */
	stage->parts = (struct parts){.speaker = speaker_fake_port(stage->speaker),
				      .indicator = indicator_fake_port(stage->indicator)};
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
	speaker_fake_destroy(stage->speaker);
	indicator_fake_destroy(stage->indicator);
	(void)unlink(stage->socket);
	assert_int_equal(rmdir(stage->folder), 0);
	loop_use_clock(NULL);
}

static void pass(struct stage *stage)
{
	clock_fake_pass(&stage->clock_fake, STEP_MS);
	time_ms = stage->clock_fake.now_us / 1000;
	for (unsigned round = 0; round < QUIET_ROUNDS; round++)
		assert_int_equal(loop_run_once(stage->loop, 1), OK);
}

/* ---- what a hub tells ---- */

/* A number that no event has: none, or the one by which tones of the room's own go. */
static uint64_t no_reason(struct stage *stage)
{
	return rand_fake_below(&stage->dice, 3) == 0 ? TONE_PARENT.value : 0;
}

/* One that was never named before. */
static uint64_t new_reason(struct stage *stage)
{
	must(stage->reason_count + 1 < REASONS_MAX);
	return ++stage->reason_count;
}

static struct reason_told *told_with(struct stage *stage, uint64_t reason)
{
	return reason > 0 && reason <= stage->reason_count ? &stage->reasons[reason]
							   : NULL;
}

static void send_piece(struct stage *stage, uint64_t reason, bool last)
{
	static int16_t sound[PIECE_SAMPLES_MAX];
	const size_t count = rand_fake_below(&stage->dice, PIECE_SAMPLES_MAX);
	const struct wire_say say = {
		.say = stage->says,
		.turn = 7,
		.parent = reason,
		.last = last,
		.pcm = wire_from_samples((struct audio_span){sound, count}),
	};
	struct reason_told *told = told_with(stage, reason);

	if (!stage->link || link_send_say(stage->link, &say) != OK)
		return;
	if (told) {
		told->samples += count;
		told->ends += last;
	}
}

/* In pieces: with one reason, with none, or with a reason that is not that of each piece.
 * Some never end, and the next one begins in the middle of them. */
static void say_something(struct stage *stage)
{
	struct rand_fake *dice = &stage->dice;
	const unsigned pieces = 1 + rand_fake_below(dice, 4);
	const unsigned kind = rand_fake_below(dice, 4);
	const bool ends = rand_fake_below(dice, 5) > 0;
	const unsigned odd = rand_fake_below(dice, pieces);
	const uint64_t good = new_reason(stage);
	const uint64_t other =
		rand_fake_below(dice, 2) ? new_reason(stage) : no_reason(stage);

	stage->says++;
	for (unsigned i = 0; i < pieces; i++) {
		uint64_t reason = good;

		if (kind == 0 || (kind == 1 && i == odd))
			reason = other;
		if (kind == 2)
			reason = no_reason(stage);
		send_piece(stage, reason, ends && i + 1 == pieces);
		if (rand_fake_below(dice, 4) == 0)
			pass(stage);
	}
}

static void ring(struct stage *stage)
{
	struct rand_fake *dice = &stage->dice;
	const bool has_reason = rand_fake_below(dice, 2);
	const struct wire_ring ring = {
		.ring = ++stage->rings,
		.parent = has_reason ? new_reason(stage) : no_reason(stage),
		.pattern = (uint8_t)rand_fake_below(dice, RING_PATTERN_COUNT + 1),
		.percent = rand_fake_below(dice, 200),
		.left_ms = rand_fake_below(dice, 20000),
	};

	if (!stage->link || link_send_ring(stage->link, &ring) != OK)
		return;
	if (has_reason && ring.pattern < RING_PATTERN_COUNT)
		told_with(stage, ring.parent)->rings = true;
}

static void end_ring(struct stage *stage)
{
	const struct wire_ring_over over = {
		.ring = rand_fake_below(&stage->dice, 2) ? stage->rings : 0};

	if (stage->link)
		(void)!link_send_ring_over(stage->link, &over);
}

/* Of ours, and of nobody's. */
static const char *some_tone(struct stage *stage)
{
	static const char *const TONES[] = {"done",          "refused", "blink-done",
					    "blink-refused", "none",    "say hello"};

	return TONES[rand_fake_below(&stage->dice, STR_COUNT(TONES))];
}

static void tone(struct stage *stage)
{
	struct wire_tone told = {.unused = 0};
	struct wire_turn_over over = {.turn = 0};
	const char *name = some_tone(stage);
	const bool is_over = rand_fake_below(&stage->dice, 2);

	must(str_copy(told.tone, sizeof(told.tone), name));
	must(str_copy(over.tone, sizeof(over.tone), name));
	if (!stage->link || (is_over ? link_send_turn_over(stage->link, &over)
				     : link_send_tone(stage->link, &told)) != OK)
		return;
	stage->tones += str_equal(name, "done") || str_equal(name, "refused");
}

static void something_else(struct stage *stage)
{
	struct rand_fake *dice = &stage->dice;

	if (!stage->server) {
		open_hub(stage);
		return;
	}
	if (rand_fake_below(dice, 8) == 0) {
		close_hub(stage);
		return;
	}
	if (!stage->link)
		return;
	(void)!link_send_mute(stage->link,
			      &(struct wire_mute){
				      .on = (uint8_t)rand_fake_below(dice, 2)});
	(void)!link_send_volume(stage->link,
				&(struct wire_volume){
					.percent = rand_fake_below(dice, 300)});
	(void)!link_send_standing(stage->link,
				  &(struct wire_standing){.is_held = 1, .messages = 3});
	(void)!link_send_end_lease(stage->link,
				   &(struct wire_end_lease){.turn = 7, .cause = "x"});
}

static void something_happens(struct stage *stage)
{
	const unsigned what = rand_fake_below(&stage->dice, 8);

	if (what < 4)
		say_something(stage);
	else if (what == 4)
		ring(stage);
	else if (what == 5)
		end_ring(stage);
	else if (what == 6)
		tone(stage);
	else
		something_else(stage);
}

/* ---- what sounded ---- */

static bool is_a_ring(size_t samples)
{
	static int16_t sound[TONE_RING_SAMPLES_MAX];

	for (unsigned i = 0; i < RING_PATTERN_COUNT; i++)
		if (tone_ring((enum ring_pattern)i, sound) == samples)
			return true;
	return false;
}

struct sounded {
	size_t tones;
	size_t answers;
	size_t rings;
};

/* Each thing that sounded has a reason that was told, for as much as was told with it. */
static struct sounded check(struct stage *stage)
{
	struct sounded sounded = {0};

	for (size_t i = 0; i < speaker_fake_count(stage->speaker); i++) {
		const struct speaker_fake_play play = speaker_fake_at(stage->speaker, i);
		struct reason_told *told = told_with(stage, play.parent.value);

		if (play.parent.value == TONE_PARENT.value) {
			sounded.tones++;
			assert_true(play.samples <= TONE_SAMPLES_MAX);
			continue;
		}
		assert_non_null(told);
		if (told->rings) {
			assert_true(play.stopped || is_a_ring(play.samples));
			sounded.rings++;
			continue;
		}
		assert_true(told->ends > 0 && play.samples <= told->samples);
		told->ends--;
		told->samples -= play.samples;
		sounded.answers++;
	}
	assert_true(sounded.tones <= stage->tones);
	return sounded;
}

/* Nobody tells anything: what rings is told to end, and then it is still. */
static void fall_silent(struct stage *stage)
{
	size_t before;

	if (!stage->server)
		open_hub(stage);
	for (int i = 0; i < SILENCE_STEPS && !stage->link; i++)
		pass(stage);
	assert_non_null(stage->link);
	assert_int_equal(link_send_ring_over(stage->link,
					     &(struct wire_ring_over){.ring = 0}),
			 OK);
	pass(stage);
	before = speaker_fake_count(stage->speaker);
	for (int i = 0; i < SILENCE_STEPS; i++)
		pass(stage);
	assert_int_equal(speaker_fake_count(stage->speaker), before);
	assert_false(speaker_fake_is_playing(stage->speaker));
}

static void test_nothing_sounds_without_a_reason(void **state)
{
	const uint64_t seed = rand_fake_seed();
	struct sounded all = {0};

	(void)state;
	for (uint64_t history = 0; history < HISTORIES; history++) {
		static struct stage stage;
		struct clock clock;

		open_stage(&stage, &clock, seed + history);
		for (unsigned n = 0; n < EVENTS_PER_HISTORY; n++) {
			something_happens(&stage);
			for (uint32_t more = rand_fake_below(&stage.dice, 8); more > 0;
			     more--)
				pass(&stage);
		}
		fall_silent(&stage);
		const struct sounded sounded = check(&stage);

		all.answers += sounded.answers;
		all.rings += sounded.rings;
		all.tones += sounded.tones;
		close_stage(&stage);
	}
	print_message("%zu answers, %zu rings, %zu tones sounded\n", all.answers,
		      all.rings, all.tones);
	assert_true(all.answers > HISTORIES && all.rings > HISTORIES &&
		    all.tones > HISTORIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_sounds_without_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
