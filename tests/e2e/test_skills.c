/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Skills in a household of real programs: approved by its owner, asked in words and aloud,
 * changed, removed; and the quiet hours, in which the light answers.
 *
 * Waits for what must happen, with a limit; nothing depends on how long it takes.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/skill_folder.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"
#include "e2e/skills_fixture.h"
#include "folder.h"
#include "unit/cmocka_all.h"

enum { COMMAND_WORDS_MAX = 8, LOG_BYTES_MAX = 4 << 20 };

static struct house house;
static pid_t skills;

/* --- the house -------------------------------------------------------------------------- */

static void add_setting(const char *text)
{
	char path[FILE_PATH_BYTES];
	FILE *file;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	file = fopen(path, "a");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void start_skills(void)
{
	const char *const words[] = {process_program("behest-skills"), "--data",
				     house.data, NULL};

	skills = process_start(words, house.log);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	add_setting("[skills]\nanswer_ms = 30000\n");
	house_up(&house);
	start_skills();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (skills)
		assert_int_equal(process_end(&skills, SIGTERM), 0);
	house_end(&house);
	return 0;
}

/* `behest skills WORDS...` as the owner; its status, and what it said on either stream. */
static int command(const char *const *words, char to[2048])
{
	char passphrase[FILE_PATH_BYTES];
	char program[FILE_PATH_BYTES];
	const char *all[COMMAND_WORDS_MAX + 10] = {program, "skills"};
	struct process_ran ran;
	size_t count = 2;
	int status;

	assert_true(str_copy(program, sizeof(program), process_program("behest")));
	assert_true(file_join(passphrase, sizeof(passphrase), house.data, "passphrase"));
	assert_int_equal(file_write(passphrase, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	while (*words)
		all[count++] = *words++;
	const char *const rest[] = {"--owner",  HOUSE_OWNER, "--passphrase-file",
				    passphrase, "--data",    house.data,
				    "--yes"};
	for (size_t i = 0; i < STR_COUNT(rest); i++)
		all[count++] = rest[i];
	process_run(all, HOUSE_WAIT_MS, &ran);
	status = ran.status;
	(void)str_format(to, 2048, "%s%s", process_out(&ran), process_err(&ran));
	process_ran_finish(&ran);
	return status;
}

static const char *sample(const char *name)
{
	static char path[FILE_PATH_BYTES];
	char inside[FILE_PATH_BYTES];

	assert_true(str_format(inside, sizeof(inside), "sdk/examples/%s", name));
	assert_true(str_copy(path, sizeof(path), process_program(inside)));
	return path;
}

/* Until the hub says so of the skill. */
static void wait_state(const char *name, const char *state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	for (;;) {
		struct json *json = house_status(&house);
		const struct json_value *list = json_get(json_root(json), "skills");
		bool found = false;

		for (size_t i = 0; i < json_count(list); i++)
			found = found ||
				(str_equal(json_text(json_get(json_at(list, i), "name"),
						     ""),
					   name) &&
				 str_equal(json_text(json_get(json_at(list, i), "state"),
						     ""),
					   state));
		json_destroy(json);
		if (found)
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("%s never was %s", name, state);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void approve(const char *name)
{
	char said[2048];
	const char *const words[] = {"approve", sample(name), NULL};

	if (command(words, said) != 0)
		fail_msg("%s", said);
	wait_state(name, "ready");
	house_wait_flag(&house, "words_current", true);
}

/* --- the tests -------------------------------------------------------------------------- */

static void is_asked_and_answers(void **state)
{
	struct house_turn turn;
	char said[2048];

	(void)state;
	house_ask(&house, "can you laugh", &turn);
	assert_string_equal(turn.reason, "NO_MATCH");
	approve("jokes");
	house_ask(&house, "can you laugh", &turn);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.said, "Sure, I can laugh. Ha ha ha ha.");
	house_ask(&house, "tell us a joke about clocks", &turn);
	assert_string_equal(turn.said, "I asked the clock for advice. It took its time. "
				       "Ba dum, tss.");
	house_ask(&house, "laugh", &turn);
	assert_string_equal(turn.reason, "NO_MATCH");
	/* The house's own sentences are as they were. */
	house_ask(&house, "turn on the kitchen light", &turn);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.intent, "HassTurnOn");
	approve("bins");
	house_ask(&house, "when is the paper bin collected", &turn);
	assert_non_null(strstr(turn.said, "The paper is collected "));
	assert_int_equal(command((const char *const[]){"list", NULL}, said), 0);
	assert_non_null(strstr(said, "jokes"));
	assert_non_null(strstr(said, "bins"));
}

static void is_asked_aloud(void **state)
{
	struct house_turn turn;

	(void)state;
	house_speak(&house, HOUSE_WORD ", can you laugh?");
	house_turn(&house, &turn);
	assert_string_equal(turn.intent, "effect/jokes/Laugh");
	assert_string_equal(turn.decision, "act");
	assert_non_null(strstr(turn.said, "Sure, I can laugh."));
}

/* What was said is nowhere where skills are: they were handed their slots. */
static void does_not_run_when_changed(void **state)
{
	struct house_turn turn;
	struct link_client *owner;
	char found[FILE_PATH_BYTES] = "";
	char path[FILE_PATH_BYTES];
	char said[2048];
	struct process_ran ran;

	(void)state;
	assert_true(file_join(path, sizeof(path), house.data, "skills"));
	process_run((const char *const[]){"/usr/bin/find", path, "-name", "bins.ics",
					  NULL},
		    HOUSE_WAIT_MS, &ran);
	assert_true(str_copy(found, sizeof(found), process_out(&ran)));
	process_ran_finish(&ran);
	str_trim(found);
	assert_true(found[0] == '/');
	assert_int_equal(file_write(found, "BEGIN:VCALENDAR\n", 16, 0500, NULL), OK);
	house_ask(&house, "when is the paper bin collected", &turn);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.said,
			    "That skill was changed, so it has to be approved again.");
	wait_state("bins", "changed");
	house_wait_written(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	(void)house_verify(owner);
	link_client_close(owner);
	/* Approved again, it runs again. */
	approve("bins");
	house_ask(&house, "when is the paper bin collected", &turn);
	assert_non_null(strstr(turn.said, "The paper is collected "));
	/* And removed it is not known. */
	assert_int_equal(command((const char *const[]){"remove", "bins", NULL}, said), 0);
	house_wait_flag(&house, "words_current", true);
	do
		house_ask(&house, "when is the paper bin collected", &turn);
	while (!str_equal(turn.reason, "NO_MATCH"));
}

/* A skill whose sentence is one of the house's, or of another skill's, is not approved. */
static void leaves_sentences_alone(void **state)
{
	static const struct {
		const char *sentence;
		const char *words;
	} ROWS[] = {
		{"what time is it", "is said to the house already"},
		{"(what is|tell me) the (time|secret)", "is said to the house already"},
		{"can you laugh", "is said to another skill already"},
		{"open {name} now", "a list that is no slot"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		char folder[] = "/tmp/behest-skill.XXXXXX";
		char path[FILE_PATH_BYTES];
		char text[512];
		char said[2048];

		assert_non_null(mkdtemp(folder));
		assert_true(str_format(
			text, sizeof(text),
			"{\"name\": \"thief\", \"version\": \"1\", \"language\": "
			"\"en\", \"program\": \"x\", \"intents\": {\"Take\": "
			"{\"sentences\": [\"%s\"]}}}",
			ROWS[i].sentence));
		assert_true(file_join(path, sizeof(path), folder, SKILL_MANIFEST_NAME));
		assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
		assert_true(file_join(path, sizeof(path), folder, "x"));
		assert_int_equal(file_write(path, "x", 1, 0700, NULL), OK);
		assert_int_not_equal(
			command((const char *const[]){"approve", folder, NULL}, said), 0);
		if (!strstr(said, ROWS[i].words))
			fail_msg("%s: %s", ROWS[i].sentence, said);
		assert_int_equal(folder_remove(folder), 0);
	}
}

/* Without its program the house says so, and is there for everything else. */
static void is_missed(void **state)
{
	struct house_turn turn;

	(void)state;
	assert_int_equal(process_end(&skills, SIGTERM), 0);
	wait_state("jokes", "away");
	house_ask(&house, "can you laugh", &turn);
	assert_string_equal(turn.said, "That skill gave no answer.");
	house_ask(&house, "what time is it", &turn);
	assert_string_equal(turn.decision, "act");
	start_skills();
	wait_state("jokes", "ready");
	house_ask(&house, "can you laugh", &turn);
	assert_string_equal(turn.said, "Sure, I can laugh. Ha ha ha ha.");
}

/* --- quiet hours ------------------------------------------------------------------------ */

static void wait_logged(const char *words)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	for (;;) {
		struct buf log;
		bool found = file_read(house.log, LOG_BYTES_MAX, &log, NULL) == OK &&
			     log.size > 0 && strstr((const char *)log.bytes, words);

		buf_finish(&log);
		if (found)
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("nobody ever said %s", words);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void answers_with_light(void **state)
{
	const time_t now = time(NULL);
	struct tm local;
	char setting[64];
	struct house_turn turn;
	struct house_events events;
	struct link_client *owner;

	(void)state;
	assert_non_null(localtime_r(&now, &local));
	house_stop_room(&house);
	house_stop_hub(&house);
	assert_true(str_format(setting, sizeof(setting),
			       "[house]\nquiet = %02d:%02d-%02d:%02d\n",
			       (local.tm_hour + 23) % 24, local.tm_min,
			       (local.tm_hour + 1) % 24, local.tm_min));
	add_setting(setting);
	house_start_hub(&house);
	house_wait_devices(&house);
	house_start_room(&house);
	house_speak(&house, HOUSE_WORD ", turn on the kitchen light.");
	house_turn(&house, &turn);
	assert_string_equal(turn.decision, "act");
	assert_int_equal(turn.done, 1);
	assert_string_equal(turn.said, "");
	wait_logged("light=done");
	/* Nothing was spoken because of it. */
	house_wait_written(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	house_why(owner, turn.id, &events);
	assert_non_null(house_event(&events, EVENT_DONE, NULL));
	assert_null(house_event(&events, EVENT_SPOKEN, NULL));
	link_client_close(owner);
	/* What is typed is read, at any hour. */
	house_ask(&house, "what time is it", &turn);
	assert_non_null(strstr(turn.said, "It is "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked_and_answers),
		cmocka_unit_test(is_asked_aloud),
		cmocka_unit_test(does_not_run_when_changed),
		cmocka_unit_test(leaves_sentences_alone),
		cmocka_unit_test(is_missed),
		cmocka_unit_test(answers_with_light),
	};

	if (skills_cannot_run())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
