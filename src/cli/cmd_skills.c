/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest skills: which skills there are and how they stand; what one asks for; approving it
 * as it is, and taking it away. Approving is policy: signed in, kept by the keeper with the
 * hash over its files, journaled.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter/skill_folder.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/skill_review.h"
#include "cli/status.h"
#include "cli/verbs.h"

enum { LINE_BYTES_MAX = 4096 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	CONFIRM_OPTION_YES("approve or remove it"),
};

/* --- list ------------------------------------------------------------------------------- */

static enum err print_as_json(const struct json_value *skill)
{
	static const char *const KEYS[] = {"name", "state", "why", "hash"};
	const struct json_value *hosts = json_get(skill, "hosts");
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	for (size_t i = 0; i < STR_COUNT(KEYS); i++)
		json_add_text(&write, KEYS[i], json_text(json_get(skill, KEYS[i]), ""));
	json_open_array(&write, "hosts");
	for (size_t i = 0; i < json_count(hosts); i++)
		json_add_text(&write, NULL, json_text(json_at(hosts, i), ""));
	json_close(&write, ']');
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_as_words(const struct json_value *skill)
{
	const struct json_value *hosts = json_get(skill, "hosts");
	const char *why = json_text(json_get(skill, "why"), "");

	printf("%-20s %s%s%s", json_text(json_get(skill, "name"), "?"),
	       json_text(json_get(skill, "state"), "?"), why[0] ? ": it " : "", why);
	for (size_t i = 0; i < json_count(hosts); i++)
		printf("%s %s", i ? "," : "; fetches from",
		       json_text(json_at(hosts, i), ""));
	puts("");
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	static char text[STATUS_BYTES_MAX];
	const bool as_json = args_flag(args, "json");
	struct json *json = NULL;
	const struct json_value *skills = NULL;
	enum err err = status_of_hub(paths, text, note);

	if (!err)
		err = json_parse("hub", text, strlen(text), STATUS_BYTES_MAX, &json,
				 note);
	if (!err)
		skills = json_get(json_root(json), "skills");
	for (size_t i = 0; !err && i < json_count(skills); i++) {
		if (as_json)
			err = print_as_json(json_at(skills, i));
		else
			print_as_words(json_at(skills, i));
	}
	if (!err && json_count(skills) == 0 && !as_json)
		puts("no skill was approved yet");
	json_destroy(json);
	return err;
}

/* --- check and approve ------------------------------------------------------------------ */

static enum err look(const struct args *args, const struct paths *paths,
		     struct skill_folder **out_folder, struct err_note *note)
{
	bool may_fetch = false;
	enum err err = skill_folder_read(args->rest[1], out_folder, note);

	if (!err)
		err = skill_review(paths, *out_folder, &may_fetch, note);
	return err ? err
		   : skill_review_print(*out_folder, may_fetch, args_flag(args, "json"));
}

static enum err check(const struct args *args, const struct paths *paths,
		      struct err_note *note)
{
	struct skill_folder *folder = NULL;
	enum err err = look(args, paths, &folder, note);

	skill_folder_close(folder);
	return err;
}

static enum err send_set(const struct args *args, const struct paths *paths,
			 const struct wire_skill_set *set, struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = link_client_send_skill_set(client, set, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

/* Versions of a skill that lie in the house, but for the one that is kept: "" none. */
static enum err remove_others(const struct paths *paths, const char *name,
			      const char *kept, struct err_note *note)
{
	char skills[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	char begin[SKILL_ID_BYTES + 1];
	const struct dirent *entry;
	enum err err = OK;
	DIR *folder;

	must(str_format(begin, sizeof(begin), "%s.", name));
	if (!file_join(skills, sizeof(skills), paths->data, "skills"))
		return ERR_LIMIT;
	folder = opendir(skills);
	while (!err && folder && (entry = readdir(folder)) != NULL) {
		if (!str_starts(entry->d_name, begin) ||
		    !file_join(path, sizeof(path), skills, entry->d_name) ||
		    str_equal(path, kept))
			continue;
		if (str_ends(entry->d_name, ".suspended"))
			(void)unlink(path);
		else
			err = skill_folder_remove(path, note);
	}
	if (folder)
		(void)closedir(folder);
	return err;
}

static enum err fill_set(const struct skill_folder *folder, struct wire_skill_set *set)
{
	const struct skill_manifest *manifest = &folder->manifest;
	bool fits = str_copy(set->name, sizeof(set->name), manifest->name);

	set->hash = (struct wire_slice){folder->hash, sizeof(folder->hash)};
	for (size_t i = 0; fits && i < manifest->host_count; i++)
		fits = str_append(set->hosts, sizeof(set->hosts), "%s%s", i ? " " : "",
				  manifest->hosts[i]);
	return fits ? OK : ERR_LIMIT;
}

/* That it was suspended as it is counts no more. */
static void lift(const char *path)
{
	char mark[FILE_PATH_BYTES];

	if (str_format(mark, sizeof(mark), "%s.suspended", path))
		(void)unlink(mark);
}

/* The files first, so that there is what is approved. */
static enum err approve_folder(const struct args *args, const struct paths *paths,
			       const struct skill_folder *folder, struct err_note *note)
{
	struct wire_skill_set set = {.unused = 0};
	char path[FILE_PATH_BYTES];
	char parent[FILE_PATH_BYTES];
	enum err err = fill_set(folder, &set);

	if (!err)
		err = skill_folder_path(paths->data, set.name, folder->hash, path, note);
	if (!err && !file_join(parent, sizeof(parent), paths->data, "skills"))
		err = ERR_LIMIT;
	if (!err)
		err = file_make_folder(parent, note);
	if (!err)
		err = skill_folder_write(folder, path, note);
	if (!err)
		lift(path);
	if (!err)
		err = send_set(args, paths, &set, note);
	return err ? err : remove_others(paths, set.name, path, note);
}

static enum err approve(const struct args *args, const struct paths *paths,
			struct err_note *note)
{
	static const struct confirm confirm = {
		.to_do = "approve",
		.without_name = "approve a skill",
		.undone = "nothing was approved",
	};
	struct skill_folder *folder = NULL;
	enum err err = look(args, paths, &folder, note);

	if (!err)
		err = confirm_name(args, &confirm, folder->manifest.name, note);
	if (!err)
		err = approve_folder(args, paths, folder, note);
	if (!err && !args_flag(args, "json"))
		printf("%s is approved as it is; any other byte of it, and it does not run\n",
		       folder->manifest.name);
	skill_folder_close(folder);
	return err;
}

static enum err take_away(const struct args *args, const struct paths *paths,
			  struct err_note *note)
{
	static const struct confirm confirm = {
		.to_do = "remove",
		.without_name = "remove a skill",
		.undone = "nothing was removed",
	};
	struct wire_skill_set set = {.is_gone = 1};
	enum err err = OK;

	if (!skill_is_name(args->rest[1]) ||
	    !str_copy(set.name, sizeof(set.name), args->rest[1]))
		return err_say(ERR_RANGE, note, "%.32s: no name that a skill may have",
			       args->rest[1]);
	err = confirm_name(args, &confirm, set.name, note);
	if (!err)
		err = send_set(args, paths, &set, note);
	return err ? err : remove_others(paths, set.name, "", note);
}

static const struct verb verbs[] = {
	{"list", 0, 0, NULL, list},
	{"approve", 1, 1, "the folder of one skill", approve},
	{"check", 1, 1, "the folder of one skill", check},
	{"remove", 1, 1, "the name of one skill", take_away},
};

static enum cli_exit run(const struct args *args)
{
	return verbs_run(verbs, STR_COUNT(verbs), args, "the skills");
}

const struct command command_skills = {
	.name = "skills",
	.summary = "programs of others that answer questions",
	.operands = "[list | check DIR | approve DIR | remove NAME]",
	.choices = "list|check|approve|remove",
	.words =
		"A skill answers sentences of its own: a program in a box without network, "
		"files or sound. check shows what one asks for; approve copies it into the "
		"house and has the keeper remember the hash over its files. See "
		"docs/skills.md.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
