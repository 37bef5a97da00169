/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_spoken_message - "To whom?", as it is spoken: a household of real programs whose room
 * and whose people share a sound card made of software, so that the room hears its own
 * questions; and this computer, paired, as somebody's phone.
 *
 * One house for all tests; each leaves it as it found it. Waits for what must happen, with a
 * limit; nothing depends on how long it takes.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/audio_file.h"
#include "adapter/speaker_alsa.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/dialogue.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"
#include "e2e/pulse.h"

enum {
	LOG_MAX = 1 << 20,
	WORDS_MAX = 24,
	SAID_MAX = 60 * AUDIO_HZ,
	POLL_MS = 20,
	TONE_MS = 700, /* a tone, and what dies away of it: nobody speaks over it */
	HUM_SAMPLES = 5 * AUDIO_HZ,
	SHORTEST = AUDIO_HZ, /* of what was spoken */
	LIMIT_S = 30,        /* for all that is said until a message is held */
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define OWNER "--owner", HOUSE_OWNER, "--passphrase-file", passphrase
#define FRIEND "Alice Miller"
#define SLOW "Theodore Baker"

static const char MEMO[] = "The train is late. Please begin without me.";

static struct house house;
static struct pulse *pulse;
static struct speaker mouth;
static struct speaker air;
static pthread_t hums;
static atomic_bool is_over;
static pid_t watch; /* behest approve --watch: the phone */
static char phone[FILE_PATH_BYTES];
static char passphrase[FILE_PATH_BYTES];

/* --- the command line ------------------------------------------------------------------- */

static void run(const char *const *words, int status, struct process_ran *ran)
{
	const char *all[WORDS_MAX] = {process_program("behest")};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	all[count++] = "--data";
	all[count++] = house.data;
	process_run(all, PROCESS_WAIT_MS, ran);
	if (ran->status != status)
		fail_msg("behest %s: status %d, %s%s", words[0], ran->status,
			 process_out(ran), process_err(ran));
}

static void behest(const char *const *words)
{
	struct process_ran ran;

	run(words, 0, &ran);
	process_ran_finish(&ran);
}

static bool says(const char *const *words, const char *part)
{
	struct process_ran ran;
	bool found;

	run(words, 0, &ran);
	found = strstr(process_out(&ran), part) != NULL;
	process_ran_finish(&ran);
	return found;
}

/* --- what the phone was shown ----------------------------------------------------------- */

static char *shown(void)
{
	static char text[LOG_MAX];
	struct buf log;

	text[0] = '\0';
	if (file_read(phone, LOG_MAX - 1, &log, NULL) == OK && log.size > 0)
		(void)str_copy(text, sizeof(text), (const char *)log.bytes);
	buf_finish(&log);
	return text;
}

static size_t count_shown(const char *state)
{
	char part[64];
	size_t count = 0;

	assert_true(str_format(part, sizeof(part), "\"state\":\"%s\"", state));
	for (const char *at = shown(); (at = strstr(at, part)); at++)
		count++;
	return count;
}

static void wait_shown(const char *state, size_t count)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (count_shown(state) < count) {
		if (loop_now_ms() > until_ms)
			fail_msg("the phone was never shown that it is %s:\n%s", state,
				 shown());
		(void)poll(NULL, 0, POLL_MS);
	}
}

/* The id of the message that was shown last. */
static void last_id(char to[ID_TEXT_BYTES])
{
	const char *at = NULL;

	for (const char *next = shown(); (next = strstr(next, "\"id\":\"")); next++)
		at = next;
	assert_non_null(at);
	assert_true(str_format(to, ID_TEXT_BYTES, "%.32s", at + strlen("\"id\":\"")));
}

/* --- the room --------------------------------------------------------------------------- */

static void light(char to[32])
{
	struct json *json = house_status(&house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);

	assert_true(str_copy(to, 32, json_text(json_get(room, "light"), "")));
	json_destroy(json);
}

/* Whatever else it tells: it listens for its name. */
static bool is_idle(const char *word)
{
	return str_equal(word, "waiting") || str_equal(word, "held") ||
	       str_equal(word, "messages");
}

static void wait_idle(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char now[32];

	for (light(now); !is_idle(now); light(now)) {
		if (loop_now_ms() > until_ms)
			fail_msg("the light stays at %s", now);
		(void)poll(NULL, 0, POLL_MS);
	}
}

static void wait_light(const char *word)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char now[32];

	for (light(now); !str_equal(now, word); light(now)) {
		if (loop_now_ms() > until_ms)
			fail_msg("the light is %s, and never %s", now, word);
		(void)poll(NULL, 0, POLL_MS);
	}
}

/* No room is as still as a cable: what gives nothing but zeros is a microphone that is
 * unplugged. */
static void *hum(void *context)
{
	static int16_t noise[HUM_SAMPLES];
	struct speaker *speaker = context;
	uint32_t dice = 1;

	for (size_t i = 0; i < HUM_SAMPLES; i++) {
		dice = dice * 1664525U + 1013904223U;
		noise[i] = (int16_t)((int)(dice >> 27) - 16);
	}
	while (!atomic_load(&is_over)) {
		struct speaker_played played = {.finished = false};

		if (speaker_play(speaker, (struct audio_span){noise, HUM_SAMPLES},
				 (struct event_id){1}))
			return NULL;
		while (!played.finished && !atomic_load(&is_over)) {
			if (speaker_poll(speaker, &played))
				return NULL;
			(void)poll(NULL, 0, POLL_MS);
		}
	}
	return NULL;
}

/* How long people spoke, by what was played into the room; and how long the house did, by
 * the same voice. */
static uint64_t person_samples;
static uint64_t house_samples;

static void count_answer(const char *said)
{
	struct audio_span sound = {0};

	if (said[0] == '\0') /* nothing can be said of nothing */
		return;
	assert_int_equal(voice_speak(&house.voice, said, &sound), OK);
	house_samples += sound.count;
}

/* Somebody in the room says it, to its end. */
static void speak(const char *words)
{
	static int16_t sound[SAID_MAX];
	struct speaker_played played = {.finished = false};
	struct audio_span spoken;

	assert_int_equal(voice_speak(&house.voice, words, &spoken), OK);
	assert_true(spoken.count < SAID_MAX);
	memcpy(sound, spoken.samples, spoken.count * sizeof(*sound));
	person_samples += spoken.count;
	assert_int_equal(speaker_play(&mouth, (struct audio_span){sound, spoken.count},
				      (struct event_id){1}),
			 OK);
	while (!played.finished) {
		assert_int_equal(speaker_poll(&mouth, &played), OK);
		(void)poll(NULL, 0, POLL_MS);
	}
}

static void expect_turn(struct house_turn *turn, const char *decision, const char *reason)
{
	house_turn(&house, turn);
	if (!str_equal(turn->decision, decision) || !str_equal(turn->reason, reason))
		fail_msg("\"%s\": %s %s, expected %s %s; said \"%s\"", turn->text,
			 turn->decision, turn->reason, decision, reason, turn->said);
	count_answer(turn->said);
}

/* Asks for a message and speaks it; the turn in which it was asked for. */
static uint64_t record(const char *request, bool is_named)
{
	struct house_turn turn;
	uint64_t id;

	wait_idle();
	(void)poll(NULL, 0, TONE_MS);
	speak(request);
	expect_turn(&turn, "ask", "NONE");
	id = turn.id;
	if (!is_named) {
		wait_light("listening");
		speak(FRIEND ".");
		expect_turn(&turn, "ask", "NONE");
	}
	assert_non_null(strstr(turn.said, "Speak after the tone"));
	wait_light("recording");
	(void)poll(NULL, 0, TONE_MS);
	speak(MEMO);
	expect_turn(&turn, "hold", "NEEDS_TAP");
	assert_int_equal(turn.id, id);
	return id;
}

/* --- set-up ----------------------------------------------------------------------------- */

static void enrol(void)
{
	behest(WORDS("rooms", "set", HOUSE_ROOM, "--key", "local", OWNER));
	behest(WORDS("contacts", "add", FRIEND, "--house", HOUSE_OWNER, "--voice", "yes",
		     OWNER));
	behest(WORDS("contacts", "add", SLOW, "--house", HOUSE_OWNER, OWNER));
	behest(WORDS("contacts", "hold", "10", OWNER));
	behest(WORDS("pair", "--here", "--name", "desk", OWNER));
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	pulse = pulse_start();
	house_begin(&house);
	assert_true(file_join(passphrase, sizeof(passphrase), house.data, "passphrase"));
	assert_true(file_join(phone, sizeof(phone), house.data, "phone.log"));
	assert_int_equal(file_write(passphrase, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	house_start_keeper(&house);
	house_settle(&house);
	enrol();
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &air), OK);
	assert_int_equal(pthread_create(&hums, NULL, hum, &air), 0);
	house_start_hub(&house);
	house_start_room_with(&house, (const char *const[]){"alsa", PULSE_MIC},
			      (const char *const[]){"alsa", PULSE_SPEAKER});
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &mouth), OK);
	watch = process_start(WORDS(process_program("behest"), "approve", "--watch",
				    "--json", "--data", house.data),
			      phone);
	house_wait_flag(&house, "words_current", true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&watch, SIGTERM);
	atomic_store(&is_over, true);
	(void)pthread_join(hums, NULL);
	speaker_close(&air);
	speaker_close(&mouth);
	house_end(&house);
	pulse_stop(pulse);
	return 0;
}

/* --- the tests -------------------------------------------------------------------------- */

static void listen_to(const char *id)
{
	char path[FILE_PATH_BYTES];
	struct audio_file *file = NULL;
	struct audio_frame frame;
	struct err_note note = {""};
	size_t frames = 0;

	assert_true(file_join(path, sizeof(path), house.data, "heard.wav"));
	behest(WORDS("messages", id, "--out", path));
	if (audio_file_open(path, &file, &note))
		fail_msg("%s", note.text);
	while (audio_file_read(file, &frame, &note) == OK)
		frames++;
	audio_file_close(file);
	assert_true(frames * AUDIO_FRAME_SAMPLES > SHORTEST);
}

/* Neither where it cannot be written, nor by a word that names none. */
static void what_cannot_be_heard_stays_new(const char *id)
{
	struct process_ran ran;

	run(WORDS("messages", id, "--out", "/no/such/folder/heard.wav"), 1, &ran);
	process_ran_finish(&ran);
	run(WORDS("messages", ""), 2, &ran);
	process_ran_finish(&ran);
	assert_true(says(WORDS("messages"), "new"));
}

static void by_voice_from_request_to_listener(void **state)
{
	struct house_turn turn;
	char id[ID_TEXT_BYTES];
	char words[ID_TEXT_BYTES];
	struct process_ran ran;
	uint64_t asked;

	(void)state;
	person_samples = 0;
	house_samples = 0;
	asked = record(HOUSE_WORD ", send a message to " FRIEND ".", true);
	wait_shown("asked", 1);
	wait_idle();
	speak(HOUSE_WORD ", send it to " FRIEND ".");
	expect_turn(&turn, "hold", "NONE");
	print_message("{\"speaking_s\":%.1f,\"prompts_s\":%.1f,\"limit_s\":%d}\n",
		      (double)person_samples / AUDIO_HZ, (double)house_samples / AUDIO_HZ,
		      LIMIT_S);
	assert_true(person_samples + house_samples < (uint64_t)LIMIT_S * AUDIO_HZ);
	assert_non_null(strstr(turn.said, FRIEND));
	wait_shown("unreceipted", 1);
	wait_shown("held", 1);
	wait_shown("sent", 1);
	wait_light("messages");
	last_id(id);
	assert_true(says(WORDS("outbox"), FRIEND));
	assert_true(says(WORDS("outbox"), "29 d left"));
	assert_false(says(WORDS("messages"), "Z  from")); /* the wall clock's time */
	assert_true(says(WORDS("messages"), "new"));
	what_cannot_be_heard_stays_new(id);
	listen_to(id);
	assert_false(says(WORDS("messages"), "new"));
	assert_false(says(WORDS("outbox"), FRIEND));
	assert_true(says(WORDS("outbox", "--all"), FRIEND));
	wait_light("waiting");
	run(WORDS("outbox", "--recall", id), 3, &ran);
	assert_non_null(strstr(process_err(&ran), "listened"));
	process_ran_finish(&ran);
	turn_id_to_text(words, (struct turn_id){asked});
	assert_true(says(WORDS("why", words, OWNER), "measured as heard"));
	assert_true(
		says(WORDS("why", words, OWNER), "A message was spoken into the room"));
	behest(WORDS("verify", OWNER));
}

static void cancelled_while_it_is_held(void **state)
{
	const size_t cancelled = count_shown("cancelled");
	const size_t sent = count_shown("sent");
	const size_t held = count_shown("held");
	struct house_turn turn;

	(void)state;
	(void)record(HOUSE_WORD ", send a message.", false);
	wait_idle();
	speak(HOUSE_WORD ", send it to " FRIEND ".");
	expect_turn(&turn, "hold", "NONE");
	wait_shown("held", held + 1);
	wait_light("held");
	speak(HOUSE_WORD ", cancel.");
	expect_turn(&turn, "act", "NONE");
	wait_shown("cancelled", cancelled + 1);
	assert_int_equal(count_shown("sent"), sent);
}

static void a_yes_sends_nothing(void **state)
{
	const size_t cancelled = count_shown("cancelled");
	struct house_turn turn;

	(void)state;
	(void)record(HOUSE_WORD ", send a message to " FRIEND ".", true);
	wait_idle();
	(void)poll(NULL, 0, TONE_MS);
	speak("right. right. yes. send it.");
	expect_turn(&turn, "refuse", "NOT_ANSWERED");
	wait_shown("cancelled", cancelled + 1);
}

static void without_voice_it_takes_a_tap(void **state)
{
	const size_t asked = count_shown("asked");
	const size_t sent = count_shown("sent");
	char id[ID_TEXT_BYTES];

	(void)state;
	(void)record(HOUSE_WORD ", send a message to " SLOW ".", true);
	wait_shown("asked", asked + 1);
	last_id(id);
	behest(WORDS("approve", id, "--yes"));
	wait_shown("sent", sent + 1);
	behest(WORDS("outbox", "--recall", id));
	assert_false(says(WORDS("messages"), "new"));
}

/* Whoever taps has decided: that the phrase is not said ends nothing any more. */
static void tapped_instead_of_said(void **state)
{
	const size_t asked = count_shown("asked");
	const size_t cancelled = count_shown("cancelled");
	const size_t sent = count_shown("sent");
	char id[ID_TEXT_BYTES];

	(void)state;
	(void)record(HOUSE_WORD ", send a message to " FRIEND ".", true);
	wait_shown("asked", asked + 1);
	last_id(id);
	behest(WORDS("approve", id, "--yes"));
	(void)poll(NULL, 0, DIALOGUE_ANSWER_MS);
	wait_shown("sent", sent + 1);
	assert_int_equal(count_shown("cancelled"), cancelled);
	behest(WORDS("outbox", "--recall", id));
}

/* "Cancel, and it does not": also when the hub was started anew meanwhile. */
static void a_hub_that_comes_back_can_cancel(void **state)
{
	const size_t asked = count_shown("asked");
	const size_t cancelled = count_shown("cancelled");
	struct house_turn turn;

	(void)state;
	(void)record(HOUSE_WORD ", send a message to " SLOW ".", true);
	wait_shown("asked", asked + 1);
	house_stop_hub(&house);
	house_start_hub(&house);
	house_wait_flag(&house, "words_current", true);
	wait_light("held");
	(void)poll(NULL, 0, TONE_MS);
	speak(HOUSE_WORD ", cancel.");
	expect_turn(&turn, "act", "NONE");
	assert_non_null(strstr(turn.said, "called off"));
	wait_shown("cancelled", cancelled + 1);
}

static void a_question_that_nobody_heard_is_none(void **state)
{
	struct house_turn turn;

	(void)state;
	wait_idle();
	behest(WORDS("say", "volume 0"));
	house_turn(&house, &turn);
	speak(HOUSE_WORD ", send a message to " FRIEND ".");
	expect_turn(&turn, "ask", "NONE");
	expect_turn(&turn, "refuse", "PROMPT_NOT_HEARD");
	behest(WORDS("say", "volume 70"));
	house_turn(&house, &turn);
}

static void played_in_the_private_room(void **state)
{
	const size_t sent = count_shown("sent");
	const size_t fetched = count_shown("fetched");
	const size_t asked = count_shown("asked");
	struct house_turn turn;
	char id[ID_TEXT_BYTES];

	(void)state;
	(void)record(HOUSE_WORD ", send a message to " SLOW ".", true);
	wait_shown("asked", asked + 1);
	last_id(id);
	behest(WORDS("approve", id, "--yes"));
	wait_shown("sent", sent + 1);
	wait_idle();
	speak(HOUSE_WORD ", play my messages.");
	expect_turn(&turn, "act", "NONE");
	assert_non_null(strstr(turn.said, "1 message"));
	wait_shown("fetched", fetched + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_voice_from_request_to_listener),
		cmocka_unit_test(cancelled_while_it_is_held),
		cmocka_unit_test(a_yes_sends_nothing),
		cmocka_unit_test(without_voice_it_takes_a_tap),
		cmocka_unit_test(tapped_instead_of_said),
		cmocka_unit_test(a_hub_that_comes_back_can_cancel),
		cmocka_unit_test(a_question_that_nobody_heard_is_none),
		cmocka_unit_test(played_in_the_private_room),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
