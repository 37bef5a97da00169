/* SPDX-License-Identifier: Apache-2.0 */
/* house_commands - see the header. */
#include "e2e/house_commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"

enum { POLL_MS = 20 };

void house_behest(struct house *house, const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest"), words[0],
					      "--data", house->data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++) {
		assert_true(count < STR_COUNT(all) - 1);
		all[count++] = words[i];
	}
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

void house_says(struct house *house, const char *const *words, int status,
		const char *needle)
{
	struct process_ran ran;
	const char *text;

	house_behest(house, words, &ran);
	text = status ? process_err(&ran) : process_out(&ran);
	if (ran.status != status || !strstr(text, needle))
		fail_msg("behest %s %s: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 words[0], words[1] ? words[1] : "", ran.status,
			 process_out(&ran), process_err(&ran), status, needle);
	process_ran_finish(&ran);
}

void house_says_not(struct house *house, const char *const *words, const char *needle)
{
	struct process_ran ran;

	house_behest(house, words, &ran);
	if (ran.status != 0 || strstr(process_out(&ran), needle))
		fail_msg("behest %s: status %d, \"%s\", expected without \"%s\"",
			 words[0], ran.status, process_out(&ran), needle);
	process_ran_finish(&ran);
}

static void light_of(struct house *house, char *to, size_t size)
{
	struct json *json = house_status(house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);

	(void)str_copy(to, size, json_text(json_get(room, "light"), ""));
	json_destroy(json);
}

bool house_light_is(struct house *house, const char *word)
{
	char now[32];

	light_of(house, now, sizeof(now));
	return str_equal(now, word);
}

void house_wait_light(struct house *house, const char *word)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char now[32];

	for (;;) {
		light_of(house, now, sizeof(now));
		if (str_equal(now, word))
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("the light is %s, and never %s", now, word);
		(void)poll(NULL, 0, POLL_MS);
	}
}
