/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gated_house - see the header.
 */
#include "e2e/gated_house.h"

#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "e2e/loopback.h"

enum { TEXT_BYTES_MAX = 16 * 1024 };

void gated_house_begin(struct gated_house *all)
{
	static const char line[] = HOUSE_PASSPHRASE "\n";

	assert_int_equal(seal_init(), OK);
	house_begin(&all->house);
	assert_true(file_join(all->passphrase, sizeof(all->passphrase),
			      all->house.fixture.folder, "passphrase"));
	assert_int_equal(file_write(all->passphrase, line, strlen(line), 0600, NULL), OK);
	assert_true(
		file_join(all->got, sizeof(all->got), all->house.fixture.folder, "got"));
}

uint16_t gated_house_serve(struct gated_house *all, const char *script)
{
	const uint16_t port = loopback_free_port();
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	char number[8];

	assert_true(
		file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"), "tests/e2e"));
	assert_true(file_join(path, sizeof(path), folder, script));
	assert_true(str_format(number, sizeof(number), "%u", port));
	all->service = process_start(WORDS("/usr/bin/python3", path, number, all->got),
				     all->house.log);
	for (int waited_ms = 0; !loopback_is_listening(port) && waited_ms < HOUSE_WAIT_MS;
	     waited_ms += HOUSE_STEP_MS)
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	return port;
}

void gated_house_configure(struct gated_house *all, const char *text)
{
	char path[FILE_PATH_BYTES];
	char whole[TEXT_BYTES_MAX];
	struct buf before;

	assert_true(file_join(path, sizeof(path), all->house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(whole), &before, NULL), OK);
	assert_true(str_format(whole, sizeof(whole), "%.*s%s", (int)before.size,
			       (const char *)before.bytes, text));
	buf_finish(&before);
	assert_int_equal(file_write(path, whole, strlen(whole), 0600, NULL), OK);
}

void gated_house_start_gate(struct gated_house *all)
{
	all->gate = process_start(WORDS(process_program("behest-gate"), "--data",
					all->house.data),
				  all->house.log);
}

void gated_house_up(struct gated_house *all)
{
	house_up(&all->house);
	gated_house_start_gate(all);
}

void gated_house_end(struct gated_house *all)
{
	(void)process_end(&all->gate, SIGTERM);
	(void)process_end(&all->service, SIGTERM);
	house_end(&all->house);
}

/* --- at the command line ---------------------------------------------------------------- */

void gated_house_run(struct gated_house *all, const char *const *words, bool signs_in,
		     struct process_ran *ran)
{
	const char *line[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data",    all->house.data,     "--owner",
				   HOUSE_OWNER, "--passphrase-file", all->passphrase};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		line[count++] = words[i];
	for (size_t i = 0; i < (signs_in ? STR_COUNT(who) : 2); i++)
		line[count++] = who[i];
	process_run(line, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

void gated_house_check(struct gated_house *all, const char *const *words, bool signs_in,
		       int status, const char *out, const char *err)
{
	struct process_ran ran;

	gated_house_run(all, words, signs_in, &ran);
	if (ran.status != status || !strstr(process_out(&ran), out) ||
	    !strstr(process_err(&ran), err))
		fail_msg("%s %s: status %d\nout: %s\nerr: %s", words[0],
			 words[1] ? words[1] : "", ran.status, process_out(&ran),
			 process_err(&ran));
	process_ran_finish(&ran);
}

void gated_house_cut(const char *text, const char *name, const char *end,
		     char to[GATED_LINE_BYTES])
{
	const char *at = strstr(text, name);
	const char *value = at ? at + strlen(name) : "";

	if (!at)
		fail_msg("no %s in\n%s", name, text);
	assert_true(str_copy_bytes(to, GATED_LINE_BYTES, value, strcspn(value, end)));
}

void gated_house_believe_room(struct gated_house *all)
{
	struct process_ran ran;
	char key[GATED_LINE_BYTES];

	process_run(WORDS(process_program("behest-room"), "--data", all->house.data,
			  "--print-key"),
		    HOUSE_WAIT_MS, &ran);
	gated_house_cut(process_out(&ran), "key          ", "\r\n", key);
	process_ran_finish(&ran);
	gated_house_check(all, WORDS("rooms", "set", HOUSE_ROOM, "--key", key), true, 0,
			  "", "");
}

void gated_house_pair(struct gated_house *all)
{
	gated_house_check(all, WORDS("pair", "--here", "--name", "desk"), true, 0,
			  "paired: desk", "");
}

void gated_house_waiting(struct gated_house *all, char id[ID_TEXT_BYTES])
{
	struct process_ran ran;
	char text[GATED_LINE_BYTES];

	gated_house_run(all, WORDS("approve", "--json"), false, &ran);
	gated_house_cut(process_out(&ran), "\"id\":\"", "\"", text);
	assert_true(str_copy(id, ID_TEXT_BYTES, text));
	process_ran_finish(&ran);
}
