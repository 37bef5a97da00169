/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest bench understand: a bundle's own tests are counted, wrong ones are named, and a
 * bundle that cannot be read is refused.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "e2e/process.h"
#include "folder.h"

enum { WAIT_MS = 60000 };

static const char BUNDLE[] =
	"{\"language\": \"en\", \"intents\": [{\"intent\": \"HassTurnOn\",\n"
	"  \"sentences\": [\"turn on [the] {name}\"],\n"
	"  \"requires_context\": {\"domain\": [\"light\"]}},\n"
	" {\"intent\": \"HassTurnOn\", \"sentences\": [\"lights on\"],\n"
	"  \"slots\": {\"domain\": \"light\"}, \"requires_context\": {\"area\": {\"slot\": true}}}],\n"
	" \"tests\": [\n"
	"  {\"intent\": \"HassTurnOn\", \"context_area\": false,\n"
	"   \"entities\": [{\"name\": \"Desk Lamp\", \"domain\": \"light\"}],\n"
	"   \"groups\": [{\"sentences\": [\"turn on the desk lamp\", \"turn on the oven\"],\n"
	"               \"slots\": {\"name\": \"Desk Lamp\"}},\n"
	"              {\"sentences\": [\"Turn on desk lamp!\"], \"slots\": {\"name\": \"Oven\"}}]},\n"
	"  {\"intent\": \"HassTurnOn\", \"context_area\": true, \"inferred_domains\": [\"light\"],\n"
	"   \"groups\": [{\"sentences\": [\"lights on\"]}]},\n"
	"  {\"intent\": \"HassTurnOn\", \"context_area\": true, \"inferred_domains\": [\"fan\"],\n"
	"   \"groups\": [{\"sentences\": [\"lights on\"]}]}]}\n";

static char folder[] = "/tmp/behest-understand-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static void bench(const char *option, const char *name, const char *bytes,
		  struct process_ran *ran)
{
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, bytes, strlen(bytes), 0600, &note), OK);
	process_run((const char *const[]){process_program("behest"), "bench",
					  "understand", option, path, "--verbose",
					  "--json", NULL},
		    WAIT_MS, ran);
	assert_false(ran->hung);
}

static void tests_are_counted(void **state)
{
	struct process_ran ran;

	(void)state;
	bench("--sentences", "bundle.json", BUNDLE, &ran);
	assert_int_equal(ran.status, 0);
	/* two of five: an oven that is not there, one that is not meant, and a domain that
	 * nobody inferred */
	assert_non_null(strstr(process_out(&ran), "\"tests_right_percent\":40"));
	assert_non_null(
		strstr(process_err(&ran), "wrong: turn on the oven: - (NO_MATCH)"));
	assert_non_null(strstr(process_err(&ran),
			       "wrong: Turn on desk lamp!: HassTurnOn (NONE)"));
	assert_non_null(strstr(process_err(&ran), "wrong: lights on: HassTurnOn (NONE)"));
	assert_int_equal(process_lines(process_err(&ran)), 3);
	process_ran_finish(&ran);
}

static void a_broken_bundle_is_refused(void **state)
{
	struct process_ran ran;

	(void)state;
	bench("--sentences", "broken.json",
	      "{\"intents\": [{\"intent\": \"A\", \"sentences\": [\"a [b\"]}]}", &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "broken.json"));
	process_ran_finish(&ran);
}

/* Right, wrong, asked back, and one of another domain that is taken for ours. */
static void requests_are_counted(void **state)
{
	static const char REQUESTS[] =
		"{\"text\": \"turn off the lights\", \"scenario\": \"iot\", \"action\": "
		"\"hue_lightoff\"}\n"
		"\n"
		"{\"text\": \"what time is it\", \"scenario\": \"iot\", \"action\": "
		"\"hue_lighton\", \"more\": 1}\n"
		"{\"text\": \"turn on the kichen lamp\", \"scenario\": \"iot\", "
		"\"action\": \"hue_lighton\"}\n"
		"{\"text\": \"lights\", \"scenario\": \"iot\", \"action\": "
		"\"hue_lighton\"}\n"
		"{\"text\": \"turn on the lights\", \"scenario\": \"news\", \"action\": "
		"\"query\"}\n"
		"{\"text\": \"who won the war\", \"scenario\": \"qa\", \"action\": "
		"\"factoid\"}\n";
	struct process_ran ran;

	(void)state;
	bench("--requests", "requests.jsonl", REQUESTS, &ran);
	assert_int_equal(ran.status, 0);
	const char *out = process_out(&ran);
	assert_non_null(strstr(out, "\"requests_right_percent\":25.00,"));
	assert_non_null(strstr(out, "\"requests_asked_percent\":25.00,"));
	assert_non_null(strstr(out, "\"requests_wrong_percent\":25.00,"));
	assert_non_null(strstr(out, "\"others_accepted_percent\":50.00"));
	assert_non_null(strstr(process_err(&ran), "wrong: what time is it: "
						  "HassGetCurrentTime, not iot "
						  "hue_lighton"));
	assert_int_equal(process_lines(process_err(&ran)), 2);
	process_ran_finish(&ran);
}

static void broken_requests_are_refused(void **state)
{
	static const char *const BROKEN[] = {
		"{\"text\": \"a\", \"scenario\": \"b\"}\n",
		"{\"text\": 1, \"scenario\": \"b\", \"action\": \"c\"}\n",
		"[]\n",
	};
	struct process_ran ran;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(BROKEN); i++) {
		bench("--requests", "requests.jsonl", BROKEN[i], &ran);
		assert_int_equal(ran.status, 1);
		assert_non_null(strstr(process_err(&ran), "requests.jsonl:1: expected"));
		process_ran_finish(&ran);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_are_counted),
		cmocka_unit_test(requests_are_counted),
		cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(a_broken_bundle_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
