/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_asked - what the real behest-room does once it has heard its own question: listens
 * for the answer, records a voice message, or nothing. The hub is this test; the room and
 * who speaks in it share a sound card made of software, whose output is the microphone.
 *
 * Waits for what must happen, with a limit; nothing depends on how long it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "adapter/link_unix.h"
#include "adapter/memo_opus.h"
#include "adapter/speaker_alsa.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "e2e/process.h"
#include "e2e/pulse.h"
#include "folder.h"

enum {
	PATH_BYTES = 512,
	SOUND_MAX = 30 * AUDIO_HZ,
	THINGS_MAX = 128,
	WAIT_MS = 60000,
	NEEDLE = AUDIO_HZ * 3 / 2,
	PAUSE = AUDIO_HZ, /* before somebody speaks: the tone is over by then */
	PROMPT_SAY = 500,
};

static const char PROMPT[] = "What shall I tell her? Speak after the tone, please.";
static const char SPOKEN[] = "The train is late, so please begin without me.";

/* What came from the room, in its order: "lease memo", "signed prompt.heard", ... */
struct seen {
	char things[THINGS_MAX][64];
	size_t thing_count;
	bool is_signed_well; /* each signature so far */
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct wire_lease lease;
	struct wire_lease_over over;
	struct wire_prompt_measured measured;
	struct wire_room_state state;
	int64_t played_ms;   /* when it was told */
	int64_t followed_ms; /* by a lease */
	struct event prompt; /* the last signed of each */
	struct event memo;
	size_t own; /* frames of the lease that sound like the room itself */
	size_t heard_count;
	int16_t heard[SOUND_MAX];
	struct buf opus;
	uint64_t opus_turn;
};

struct stage {
	char folder[PATH_BYTES];
	char log[PATH_BYTES];
	char socket[PATH_BYTES];
	struct pulse *pulse;
	struct loop *loop;
	struct link_server *server;
	struct link *link;
	pid_t room;
	struct voice voice;
	uint64_t say;
	size_t said_count;
	int16_t said[SOUND_MAX]; /* what was last spoken, the pause included */
	struct seen seen;
};

/* ---- the hub that this test is ---- */

static void note(struct seen *seen, const char *kind, const char *what)
{
	assert_true(seen->thing_count < THINGS_MAX);
	assert_true(str_format(seen->things[seen->thing_count++], sizeof(seen->things[0]),
			       "%s %s", kind, what));
}

/* The place of the n-th thing like this, from 1; 0: it was not seen. */
static size_t place_of(const struct seen *seen, const char *thing, unsigned n)
{
	for (size_t i = 0; i < seen->thing_count; i++)
		if (str_equal(seen->things[i], thing) && --n == 0)
			return i + 1;
	return 0;
}

static unsigned count_of(const struct seen *seen, const char *thing)
{
	unsigned count = 0;

	while (place_of(seen, thing, count + 1) > 0)
		count++;
	return count;
}

static void on_opened(void *context, struct link *link)
{
	static const uint8_t nonce[EVIDENCE_NONCE_BYTES] = {1, 2, 3};
	struct stage *stage = context;

	stage->link = link;
	assert_int_equal(link_send_challenge(
				 link,
				 &(struct wire_challenge){.nonce = {nonce, sizeof(nonce)},
							  .wall_ms = 1000000}),
			 OK);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)link;
	(void)err;
	(void)why;
	((struct stage *)context)->link = NULL;
}

static void on_evidence(struct seen *seen, const struct event *event)
{
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	if (seal_verify_labelled(seen->key, EVIDENCE_LABEL, bytes, size,
				 event->signature) != OK)
		seen->is_signed_well = false;
	note(seen, "signed", event_kind_text(event->kind));
	if (event->kind == EVENT_PROMPT_HEARD)
		seen->prompt = *event;
	if (event->kind == EVENT_MEMO)
		seen->memo = *event;
}

static void on_lease(struct seen *seen, const struct wire_lease *lease)
{
	seen->lease = *lease;
	seen->heard_count = 0;
	seen->own = 0;
	seen->followed_ms = loop_now_ms();
	note(seen, "lease", lease->reason);
}

static void on_sound(struct seen *seen, const struct wire_sound *sound)
{
	assert_true(sound->turn == seen->lease.turn);
	assert_int_equal(sound->sequence, seen->heard_count / AUDIO_FRAME_SAMPLES);
	seen->own += (sound->marks & SOUND_OWN_VOICE) != 0;
	seen->heard_count += wire_to_samples(sound->pcm, seen->heard + seen->heard_count,
					     SOUND_MAX - seen->heard_count);
}

static void on_memo(struct seen *seen, const struct wire_memo *memo)
{
	if (seen->opus.size == 0)
		note(seen, "memo", "first");
	seen->opus_turn = memo->turn;
	assert_int_equal(buf_add(&seen->opus, memo->opus.bytes, memo->opus.size), OK);
	if (memo->last)
		note(seen, "memo", "last");
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct seen *seen = &((struct stage *)context)->seen;

	(void)link;
	if (message->type == WIRE_identity) {
		assert_int_equal(message->identity.key.size, sizeof(seen->key));
		memcpy(seen->key, message->identity.key.bytes, sizeof(seen->key));
	} else if (message->type == WIRE_evidence) {
		on_evidence(seen, &message->evidence.event);
	} else if (message->type == WIRE_lease) {
		on_lease(seen, &message->lease);
	} else if (message->type == WIRE_sound) {
		on_sound(seen, &message->sound);
	} else if (message->type == WIRE_lease_over) {
		seen->over = message->lease_over;
		note(seen, "over", message->lease_over.cause);
	} else if (message->type == WIRE_memo) {
		on_memo(seen, &message->memo);
	} else if (message->type == WIRE_prompt_measured) {
		seen->measured = message->prompt_measured;
		note(seen, "measured", seen->measured.heard ? "heard" : "unheard");
	} else if (message->type == WIRE_played) {
		seen->played_ms = loop_now_ms();
		note(seen, "played", message->played.whole ? "whole" : "part");
	} else if (message->type == WIRE_room_state) {
		seen->state = message->room_state;
	}
}

/* Runs the loop until the condition holds; fails when it never does. */
#define WAIT_FOR(stage, condition)                                              \
	do {                                                                    \
		const int64_t until_ms = loop_now_ms() + WAIT_MS;               \
		while (!(condition)) {                                          \
			assert_int_equal(loop_run_once((stage)->loop, 20), OK); \
			if (loop_now_ms() > until_ms)                           \
				never((stage), #condition);                     \
		}                                                               \
	} while (0)

static void never(const struct stage *stage, const char *condition)
{
	for (size_t i = 0; i < stage->seen.thing_count; i++)
		print_message("%s\n", stage->seen.things[i]);
	fail_msg("never came true: %s", condition);
}

static bool light_is(const struct stage *stage, const char *light)
{
	return str_equal(stage->seen.state.light, light);
}

static void mute(struct stage *stage, bool on)
{
	assert_int_equal(link_send_mute(stage->link, &(struct wire_mute){.on = on}), OK);
}

static void set_volume(struct stage *stage, uint32_t percent)
{
	assert_int_equal(link_send_volume(stage->link,
					  &(struct wire_volume){.percent = percent}),
			 OK);
}

static void end_lease(struct stage *stage)
{
	struct wire_end_lease end = {.turn = stage->seen.lease.turn,
				     .cause = "end of speech"};

	assert_int_equal(link_send_end_lease(stage->link, &end), OK);
}

static void turn_over(struct stage *stage)
{
	struct wire_turn_over over = {.turn = stage->seen.lease.turn, .tone = "none"};

	assert_int_equal(link_send_turn_over(stage->link, &over), OK);
	WAIT_FOR(stage, light_is(stage, "waiting"));
}

/* ---- who is in the room ---- */

/* Says it on the sound card, after a pause. */
static void speak(struct stage *stage, const char *text)
{
	struct speaker speaker = {0};
	struct speaker_played played = {0};
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&stage->voice, text, &sound), OK);
	assert_true(PAUSE + sound.count <= SOUND_MAX);
	memset(stage->said, 0, sizeof(stage->said));
	memcpy(stage->said + PAUSE, sound.samples, sound.count * sizeof(int16_t));
	stage->said_count = PAUSE + sound.count;
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &speaker), OK);
	assert_int_equal(speaker_play(&speaker,
				      (struct audio_span){stage->said, stage->said_count},
				      (struct event_id){1}),
			 OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&speaker, &played), OK);
		assert_int_equal(loop_run_once(stage->loop, 20), OK);
	}
	speaker_close(&speaker);
}

static void wake(struct stage *stage)
{
	const unsigned before = count_of(&stage->seen, "lease request");

	speak(stage, "computer, send a message to anna.");
	WAIT_FOR(stage, count_of(&stage->seen, "lease request") == before + 1);
}

/* The room says its question; the answer that follows is then's. */
static void say(struct stage *stage, const char *then)
{
	struct audio_span sound = {0};
	struct wire_say message = {.say = ++stage->say,
				   .turn = stage->seen.lease.turn,
				   .parent = 9};

	assert_true(str_copy(message.then, sizeof(message.then), then));
	assert_int_equal(voice_speak(&stage->voice, PROMPT, &sound), OK);
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

/* A request was heard, and the room asks back. */
static void ask(struct stage *stage, const char *then)
{
	const unsigned before = count_of(&stage->seen, "over end of speech");

	wake(stage);
	end_lease(stage);
	WAIT_FOR(stage, count_of(&stage->seen, "over end of speech") == before + 1);
	say(stage, then);
}

/* ---- what was heard ---- */

static double power(const int16_t *samples, size_t count)
{
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * samples[i];
	return count > 0 ? sum / (double)count : 0.0;
}

/* The best correlation of needle anywhere in hay, and where it is. Every fourth sample
 * tells enough of a voice. */
static double find(struct audio_span hay, struct audio_span needle, size_t *out_at)
{
	double best = 0.0;

	for (size_t at = 0; at + needle.count <= hay.count; at++) {
		double cross = 0.0;
		double a = 1.0;
		double b = 1.0;

		for (size_t i = 0; i < needle.count; i += 4) {
			const double x = hay.samples[at + i];
			const double y = needle.samples[i];

			cross += x * y;
			a += x * x;
			b += y * y;
		}
		if (fabs(cross) / sqrt(a * b) <= best)
			continue;
		best = fabs(cross) / sqrt(a * b);
		*out_at = at;
	}
	return best;
}

/* From the middle of what was spoken; long enough that two sentences of one voice differ. */
static struct audio_span middle_of(struct audio_span sound)
{
	assert_true(sound.count > NEEDLE);
	return (struct audio_span){sound.samples + (sound.count - NEEDLE) / 2, NEEDLE};
}

static struct audio_span what_was_said(const struct stage *stage)
{
	return (struct audio_span){stage->said + PAUSE, stage->said_count - PAUSE};
}

static void check_holds(struct stage *stage, struct audio_span sound)
{
	struct audio_span prompt = {0};
	size_t at = 0;
	const double ours = find(sound, middle_of(what_was_said(stage)), &at);
	double others = 0.0;
	const size_t before = at - (what_was_said(stage).count - NEEDLE) / 2;

	assert_int_equal(voice_speak(&stage->voice, PROMPT, &prompt), OK);
	others = find(sound, middle_of(prompt), &at);
	print_message("correlation %.2f, of the prompt %.2f, %zu ms before it\n", ours,
		      others, before / 16);
	assert_true(ours > 0.7);
	assert_true(others < 0.4);
	/* It was quiet until somebody spoke. */
	assert_true(before < sound.count);
	assert_true(power(sound.samples, before) <
		    power(sound.samples + before, sound.count - before) / 50.0);
}

/* ---- stages ---- */

static void open_hub(struct stage *stage)
{
	const struct link_listener listener = {stage, on_opened, on_message, on_closed};
	struct err_note problem = {{0}};

	if (link_listen(stage->loop, stage->socket, WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB,
			"hub", &listener, &stage->server, &problem) != OK)
		fail_msg("%s", problem.text);
}

static void start_room(struct stage *stage)
{
	const char *const words[] = {process_program("behest-room"),
				     "--data",
				     stage->folder,
				     "--run",
				     stage->folder,
				     "--name",
				     "kitchen",
				     "--microphone",
				     "alsa",
				     "--microphone_device",
				     PULSE_MIC,
				     "--speaker",
				     "alsa",
				     "--speaker_device",
				     PULSE_SPEAKER,
				     "--word",
				     "computer",
				     NULL};

	stage->room = process_start(words, stage->log);
}

/* Whose programs run; NULL: nobody's. */
static struct stage *running;

/* By their numbers; the room's wait status. */
static int end_programs(struct stage *stage)
{
	const int status = process_end(&stage->room, SIGTERM);

	pulse_stop(stage->pulse);
	stage->pulse = NULL;
	running = NULL;
	return status;
}

/* Also when a set-up fails, behind which no tear-down comes. */
static void end_what_runs(void)
{
	if (running)
		(void)end_programs(running);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	end_what_runs();
	stage->pulse = pulse_start();
	running = stage;
	stage->say = PROMPT_SAY;
	stage->seen.is_signed_well = true;
	buf_init(&stage->seen.opus, MEMO_OPUS_BYTES_MAX);
	assert_int_equal(seal_init(), OK);
	assert_true(str_format(stage->folder, sizeof(stage->folder),
			       "%s/behest-asked-XXXXXX", base ? base : "/tmp"));
	assert_non_null(mkdtemp(stage->folder));
	assert_true(file_join(stage->log, sizeof(stage->log), stage->folder, "log"));
	assert_true(
		file_join(stage->socket, sizeof(stage->socket), stage->folder, "hub"));
	assert_int_equal(file_make_folder(stage->socket, NULL), OK);
	assert_true(file_join(stage->socket, sizeof(stage->socket), stage->folder,
			      "hub/rooms.sock"));
	assert_int_equal(loop_create(&stage->loop), OK);
	assert_int_equal(voice_flite_create(&stage->voice), OK);
	open_hub(stage);
	start_room(stage);
	WAIT_FOR(stage, stage->link != NULL);
	mute(stage, false);
	WAIT_FOR(stage, light_is(stage, "waiting"));
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;
	const bool is_signed_well = stage->seen.is_signed_well;
	const int status = end_programs(stage);
	const int removed = folder_remove(stage->folder);

	link_server_destroy(stage->server);
	loop_destroy(stage->loop);
	voice_close(&stage->voice);
	buf_finish(&stage->seen.opus);
	free(stage);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(is_signed_well);
	assert_int_equal(removed, 0);
	return 0;
}

/* ---- tests ---- */

/* In this order: what a keeper goes by. */
static void check_order(const struct seen *seen, const char *const *things)
{
	size_t before = 0;

	for (; *things; things++) {
		size_t place = 0;

		for (unsigned n = 1; place <= before; n++) {
			place = place_of(seen, *things, n);
			if (place == 0)
				fail_msg("not there, or too early: %s", *things);
		}
		before = place;
	}
}

static void check_memo(struct stage *stage)
{
	struct seen *seen = &stage->seen;
	struct secret *sound = NULL;
	struct err_note problem = {{0}};
	uint8_t signed_sha256[EVIDENCE_HASH_BYTES];
	uint8_t sha256[SEAL_HASH_BYTES];

	assert_true(seen->opus_turn == seen->lease.turn);
	assert_true(seen->memo.turn.value == seen->lease.turn);
	assert_true(evidence_memo_hash(&seen->memo, signed_sha256));
	assert_int_equal(seal_sha256(&(struct seal_part){seen->opus.bytes,
							 seen->opus.size},
				     1, sha256),
			 OK);
	assert_memory_equal(sha256, signed_sha256, sizeof(sha256));
	if (memo_opus_decode(seen->opus.bytes, seen->opus.size, &sound, &problem) != OK)
		fail_msg("%s", problem.text);
	check_holds(stage, memo_opus_sound(sound));
	secret_destroy(sound);
}

static void test_a_message(void **state)
{
	static const char *const order[] = {"lease request",
					    "over end of speech",
					    "played whole",
					    "signed prompt.heard",
					    "measured heard",
					    "signed lease.opened",
					    "lease memo",
					    "signed lease.closed",
					    "over end of speech",
					    "signed memo",
					    "memo first",
					    "memo last",
					    NULL};
	struct stage *stage = *state;
	struct seen *seen = &stage->seen;

	ask(stage, "memo");
	WAIT_FOR(stage, count_of(seen, "lease memo") == 1);
	assert_int_equal(seen->lease.max_ms, 120000);
	assert_int_equal(seen->lease.lead_ms, 0);
	WAIT_FOR(stage, light_is(stage, "recording"));
	assert_int_equal(seen->measured.say, stage->say);
	assert_string_equal(event_value(&seen->prompt, "then"), "memo");
	assert_true(seen->prompt.turn.value == seen->lease.turn);
	speak(stage, SPOKEN);
	WAIT_FOR(stage, count_of(seen, "memo last") == 1);
	check_order(seen, order);
	check_memo(stage);
	assert_int_equal(seen->heard_count, 0); /* no frame of it went another way */
	turn_over(stage);
}

static void test_nobody_speaks(void **state)
{
	struct stage *stage = *state;

	ask(stage, "memo");
	WAIT_FOR(stage, count_of(&stage->seen, "lease memo") == 1);
	WAIT_FOR(stage, count_of(&stage->seen, "over nobody spoke") == 1);
	turn_over(stage);
	assert_int_equal(count_of(&stage->seen, "signed memo"), 0);
	assert_int_equal(stage->seen.opus.size, 0);
}

/* A question that nobody heard has no answer; and one with a word that is none. */
static void test_nothing_follows(void **state)
{
	static const char *const thens[] = {"memo", "answer", "sing", "confirm"};
	struct stage *stage = *state;
	struct seen *seen = &stage->seen;

	for (unsigned n = 0; n < STR_COUNT(thens); n++) {
		const char *expected = n < 2 ? "measured unheard" : "measured heard";

		set_volume(stage, n < 2 ? 0 : 100);
		ask(stage, thens[n]);
		WAIT_FOR(stage, count_of(seen, expected) == 1 + n % 2);
		turn_over(stage);
		assert_int_equal(count_of(seen, "signed prompt.heard"),
				 n < 2 ? 0 : n - 1);
	}
	assert_string_equal(event_value(&seen->prompt, "then"), "confirm");
	assert_int_equal(count_of(seen, "lease memo"), 0);
	assert_int_equal(count_of(seen, "lease answer"), 0);
}

static void test_muted_in_the_middle(void **state)
{
	struct stage *stage = *state;

	ask(stage, "memo");
	WAIT_FOR(stage, light_is(stage, "recording"));
	speak(stage, SPOKEN);
	mute(stage, true);
	WAIT_FOR(stage, count_of(&stage->seen, "over muted") == 1);
	WAIT_FOR(stage, light_is(stage, "muted"));
	mute(stage, false);
	turn_over(stage);
	assert_int_equal(count_of(&stage->seen, "signed memo"), 0);
	assert_int_equal(stage->seen.opus.size, 0);
}

static void test_the_name_in_the_middle(void **state)
{
	struct stage *stage = *state;
	uint64_t turn = 0;

	ask(stage, "memo");
	WAIT_FOR(stage, light_is(stage, "recording"));
	turn = stage->seen.lease.turn;
	wake(stage);
	assert_int_equal(count_of(&stage->seen, "over name said"), 1);
	assert_true(stage->seen.over.turn == turn);
	assert_true(stage->seen.lease.turn != turn);
	WAIT_FOR(stage, light_is(stage, "listening"));
	end_lease(stage);
	turn_over(stage);
	assert_int_equal(count_of(&stage->seen, "signed memo"), 0);
	assert_int_equal(stage->seen.opus.size, 0);
}

static void test_an_answer(void **state)
{
	static const char *const order[] = {"played whole",       "signed prompt.heard",
					    "measured heard",     "signed lease.opened",
					    "lease answer",       "signed lease.closed",
					    "over end of speech", NULL};
	struct stage *stage = *state;
	struct seen *seen = &stage->seen;

	ask(stage, "answer");
	WAIT_FOR(stage, count_of(seen, "lease answer") == 1);
	print_message("the microphone is leased %d ms after the prompt\n",
		      (int)(seen->followed_ms - seen->played_ms));
	assert_int_equal(seen->lease.max_ms, 8000);
	assert_int_equal(seen->lease.lead_ms, 0);
	WAIT_FOR(stage, light_is(stage, "listening"));
	speak(stage, SPOKEN);
	end_lease(stage);
	WAIT_FOR(stage, count_of(seen, "over end of speech") == 2);
	check_order(seen, order);
	assert_string_equal(event_value(&seen->prompt, "then"), "answer");
	/* The hub takes half a second of that for a loudspeaker's words. */
	print_message("%zu frames marked as our own voice\n", seen->own);
	assert_true(seen->own * AUDIO_FRAME_MS < 500);
	check_holds(stage, (struct audio_span){seen->heard, seen->heard_count});
	/* The same turn asks again. */
	say(stage, "answer");
	WAIT_FOR(stage, count_of(seen, "lease answer") == 2);
	WAIT_FOR(stage, count_of(seen, "over time") == 1);
	turn_over(stage);
}

int main(void)
{
	/* A program that gave up its rights cannot be searched for leaks from inside. */
	if (setenv("ASAN_OPTIONS", "detect_leaks=0", 1) != 0 ||
	    atexit(end_what_runs) != 0)
		return EXIT_FAILURE;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_a_message),
		STAGED(test_nobody_speaks),
		STAGED(test_nothing_follows),
		STAGED(test_muted_in_the_middle),
		STAGED(test_the_name_in_the_middle),
		STAGED(test_an_answer),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
