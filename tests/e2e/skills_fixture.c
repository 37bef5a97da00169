/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skills_fixture - see the header.
 */
#include "e2e/skills_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/seal.h"
#include "base/str.h"
#include "e2e/process.h"
#include "folder.h"
#include "unit/cmocka_all.h"

bool skills_cannot_run(void)
{
	struct process_ran ran;
	char program[FILE_PATH_BYTES];
	bool cannot;

	assert_true(str_copy(program, sizeof(program), process_program("behest-skills")));
	const char *const words[] = {program, "--data", "/nowhere", "--check", NULL};

	process_run(words, SKILLS_WAIT_MS, &ran);
	cannot = ran.status != 0;
	if (cannot)
		printf("skipped: no user namespaces (%s)\n", process_err(&ran));
	process_ran_finish(&ran);
	return cannot;
}

/* --- as the hub ------------------------------------------------------------------------- */

static void on_opened(void *context, struct link *link)
{
	struct skills_fixture *skills = context;

	skills->link = link;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct skills_fixture *skills = context;

	(void)link;
	if (message->type == WIRE_skill_answer) {
		skills->answer = message->skill_answer;
		skills->has_answer = skills->answer.token == skills->token;
	} else if (message->type == WIRE_skill_told) {
		assert_true(skills->told_count < SKILLS_TOLD_MAX);
		skills->told[skills->told_count++] = message->skill_told;
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct skills_fixture *skills = context;

	(void)link;
	(void)err;
	(void)why;
	skills->link = NULL;
}

static void pass(const struct skills_fixture *skills, int64_t until_ms)
{
	if (loop_now_ms() > until_ms)
		fail_msg("it did not happen within %d ms", SKILLS_WAIT_MS);
	assert_int_equal(loop_run_once(skills->loop, 100), OK);
}

void skills_begin(struct skills_fixture *skills)
{
	char folder[] = "/tmp/behest-skills.XXXXXX";
	const struct link_listener listener = {skills, on_opened, on_message, on_closed};
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};

	memset(skills, 0, sizeof(*skills));
	assert_int_equal(seal_init(), OK);
	assert_non_null(mkdtemp(folder));
	assert_true(str_copy(skills->data, sizeof(skills->data), folder));
	assert_true(file_join(skills->run, sizeof(skills->run), folder, "run"));
	assert_true(file_join(skills->log, sizeof(skills->log), folder, "log"));
	assert_true(file_join(path, sizeof(path), skills->run, "hub"));
	assert_int_equal(file_make_folder(path, NULL), OK);
	assert_true(file_join(path, sizeof(path), skills->run, "hub/skills.sock"));
	assert_int_equal(loop_create(&skills->loop), OK);
	if (link_listen(skills->loop, path, WIRE_LINK_SKILLS_HUB, WIRE_PARTY_HUB, "hub",
			&listener, &skills->server, &note))
		fail_msg("%s", note.text);
}

void skills_end(struct skills_fixture *skills)
{
	skills_stop(skills);
	link_server_destroy(skills->server);
	loop_destroy(skills->loop);
	assert_int_equal(folder_remove(skills->data), 0);
}

const char *skills_add(struct skills_fixture *skills, const char *program,
		       const char *manifest, uint8_t out_hash[SKILL_HASH_BYTES])
{
	static char path[FILE_PATH_BYTES];
	struct skill_folder *folder = NULL;
	struct err_note note = {""};
	struct buf bytes;
	char made[FILE_PATH_BYTES];
	char file[FILE_PATH_BYTES];

	assert_true(file_join(made, sizeof(made), skills->data, "made"));
	(void)!folder_remove(made);
	assert_int_equal(file_make_folder(made, NULL), OK);
	assert_int_equal(file_read(program, 4 << 20, &bytes, NULL), OK);
	assert_true(file_join(file, sizeof(file), made, "evil"));
	assert_int_equal(file_write(file, bytes.bytes, bytes.size, 0700, NULL), OK);
	assert_true(file_join(file, sizeof(file), made, SKILL_MANIFEST_NAME));
	assert_int_equal(file_write(file, manifest, strlen(manifest), 0600, NULL), OK);
	buf_finish(&bytes);
	if (skill_folder_read(made, &folder, &note))
		fail_msg("%s", note.text);
	memcpy(out_hash, folder->hash, SKILL_HASH_BYTES);
	assert_true(file_join(file, sizeof(file), skills->data, "skills"));
	assert_int_equal(file_make_folder(file, NULL), OK);
	assert_int_equal(skill_folder_path(skills->data, folder->manifest.name, out_hash,
					   path, NULL),
			 OK);
	assert_int_equal(skill_folder_write(folder, path, &note), OK);
	skill_folder_close(folder);
	return path;
}

void skills_start(struct skills_fixture *skills, int answer_ms, const char *more)
{
	char config[FILE_PATH_BYTES];
	char text[512];
	const char *const words[] = {process_program("behest-skills"), "--data",
				     skills->data, NULL};
	const int64_t until_ms = loop_now_ms() + SKILLS_WAIT_MS;

	assert_true(file_join(config, sizeof(config), skills->data, "behest.conf"));
	assert_true(str_format(text, sizeof(text),
			       "[wake]\nword = " SKILLS_WORD
			       "\n[skills]\nanswer_ms = %d\n%s",
			       answer_ms, more));
	assert_int_equal(file_write(config, text, strlen(text), 0600, NULL), OK);
	skills->told_count = 0;
	skills->pid = process_start(words, skills->log);
	while (!skills->link)
		pass(skills, until_ms);
}

void skills_stop(struct skills_fixture *skills)
{
	const int64_t until_ms = loop_now_ms() + SKILLS_WAIT_MS;

	if (skills->pid == 0)
		return;
	assert_int_equal(process_end(&skills->pid, SIGTERM), 0);
	while (skills->link)
		pass(skills, until_ms);
}

void skills_allow(struct skills_fixture *skills, const char *name,
		  const uint8_t hash[SKILL_HASH_BYTES])
{
	struct wire_skill_allow allow = {.first = 1, .last = 1};
	const size_t before = skills->told_count;
	const int64_t until_ms = loop_now_ms() + SKILLS_WAIT_MS;

	assert_true(str_copy(allow.name, sizeof(allow.name), name));
	if (name[0])
		allow.hash = (struct wire_slice){hash, SKILL_HASH_BYTES};
	assert_int_equal(link_send_skill_allow(skills->link, &allow), OK);
	while (name[0] && skills->told_count == before)
		pass(skills, until_ms);
}

void skills_ask(struct skills_fixture *skills, const char *name, const char *intent,
		const char *slots)
{
	struct wire_skill_ask ask = {.token = ++skills->token};
	const int64_t until_ms = loop_now_ms() + SKILLS_WAIT_MS;

	assert_true(str_copy(ask.skill, sizeof(ask.skill), name));
	assert_true(str_copy(ask.intent, sizeof(ask.intent), intent));
	assert_true(str_copy(ask.slots, sizeof(ask.slots), slots));
	skills->has_answer = false;
	assert_int_equal(link_send_skill_ask(skills->link, &ask), OK);
	while (!skills->has_answer)
		pass(skills, until_ms);
}

static const char *find_told(const struct skills_fixture *skills, const char *state)
{
	for (size_t i = 0; i < skills->told_count; i++)
		if (str_equal(skills->told[i].state, state))
			return skills->told[i].why;
	return NULL;
}

const char *skills_wait_told(struct skills_fixture *skills, const char *state)
{
	const int64_t until_ms = loop_now_ms() + SKILLS_WAIT_MS;

	while (!find_told(skills, state))
		pass(skills, until_ms);
	return find_told(skills, state);
}
