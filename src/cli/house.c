/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says which programs make a household, with which words, and when each is ready.
 *
 * Passwords are passed as paths of files, never as words that others could list.
 */
#include "cli/house.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/broker_private.h"
#include "adapter/rand_system.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/programs.h"
#include "cli/supervise.h"

enum { PORT_TEXT_BYTES = 8, USER_CONFIG_BYTES = 256 };

struct house {
	const struct paths *paths;
	const struct settings *settings;
	struct house_plan plan;
	struct house_listener listener;
	struct supervisor *supervisor;
	bool has_broker; /* a private one */
	struct broker_private broker;
	char port[PORT_TEXT_BYTES];
};

static void on_line(void *context, const char *name, bool out, const char *line)
{
	struct house *house = context;

	house->listener.line(house->listener.context, name, out, line);
}

/* For `behest status`; without the file it only shows less. */
static void tell_programs(const struct house *house)
{
	struct err_note note = {""};

	if (programs_write(house->paths, house->supervisor, &note))
		log_line("up: %s", note.text);
}

static enum err on_ready(void *context, const char *name, bool again,
			 struct err_note *note)
{
	struct house *house = context;

	tell_programs(house);
	if (again || !str_equal(name, "keeper"))
		return OK;
	return house->listener.settle(house->listener.context, note);
}

static void on_died(void *context, const char *name, const char *how, int pause_ms)
{
	struct house *house = context;

	tell_programs(house);
	house->listener.died(house->listener.context, name, how, pause_ms);
}

static void on_up(void *context)
{
	struct house *house = context;

	house->listener.up(house->listener.context);
}

static void on_gave_up(void *context, const char *why)
{
	struct house *house = context;

	house->listener.gave_up(house->listener.context, why);
}

/* What one of its users needs to know of a broker that nobody configured. */
static enum err write_user(const struct house *house, const char *folder,
			   const char *user, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	char name[USER_CONFIG_BYTES];
	char text[USER_CONFIG_BYTES];

	must(str_format(name, sizeof(name), "%s.conf", user));
	if (!file_join(path, sizeof(path), folder, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	must(str_format(text, sizeof(text), "[broker]\nport = %s\nuser = %s\n",
			house->port, user));
	return file_write(path, text, strlen(text), 0600, note);
}

static enum err add_broker(struct house *house, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	struct supervise_plan plan = {.name = "broker"};
	enum err err;

	if (!file_join(folder, sizeof(folder), house->paths->data, "broker"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long",
			       house->paths->data);
	err = broker_private_prepare(folder, rand_system(), &house->broker, note);
	if (err)
		return err;
	house->has_broker = true;
	must(str_format(house->port, sizeof(house->port), "%u", house->broker.port));
	plan.program = house->broker.program;
	plan.words[0] = "-c";
	plan.words[1] = house->broker.config;
	plan.port = house->broker.port;
	err = write_user(house, folder, "hub", note);
	if (!err)
		err = write_user(house, folder, "gate", note);
	return err ? err : supervisor_add(house->supervisor, &plan);
}

static enum err add_toy_home(struct house *house, struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	char password[FILE_PATH_BYTES];
	const struct settings *settings = house->settings;
	struct supervise_plan plan = {.name = "toy-home", .program = program};
	size_t count = 0;
	enum err err = paths_program("toy-home", program, sizeof(program), note);

	if (err)
		return err;
	if (!house->has_broker && str_equal(settings->broker_tls, "yes"))
		return err_say(
			ERR_UNSUPPORTED, note,
			"the toy home speaks no TLS; expected [broker] tls = no, or "
			"no host, for a private broker");
	if (!file_join(password, sizeof(password), house->paths->data, "broker.password"))
		return ERR_LIMIT;
	plan.words[count++] = "--print";
	plan.words[count++] = "--host";
	plan.words[count++] = house->has_broker ? "127.0.0.1" : settings->broker_host;
	plan.words[count++] = "--port";
	plan.words[count++] = house->port;
	if (house->has_broker || settings->broker_user[0]) {
		plan.words[count++] = "--user";
		plan.words[count++] = house->has_broker ? "toy" : settings->broker_user;
		plan.words[count++] = "--password-file";
		plan.words[count++] =
			house->has_broker ? house->broker.toy_password : password;
	}
	return supervisor_add(house->supervisor, &plan);
}

/* One of ours: everything it needs is in the data folder. */
static enum err add_own(struct house *house, const char *name, const char *program_name,
			const char *socket, const char *const *extra,
			struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	struct supervise_plan plan = {.name = name, .program = program, .socket = socket};
	size_t count = 0;
	enum err err = paths_program(program_name, program, sizeof(program), note);

	if (err)
		return err;
	plan.words[count++] = "--data";
	plan.words[count++] = house->paths->data;
	for (size_t i = 0; extra && extra[i]; i++)
		plan.words[count++] = extra[i];
	must(count < SUPERVISE_WORDS_MAX);
	return supervisor_add(house->supervisor, &plan);
}

static enum err add_room(struct house *house, struct err_note *note)
{
	const char *pipe = house->plan.pipe;
	const char *words[] = {
		"--name", house->settings->room_name, pipe ? "--microphone" : NULL,
		"pipe",   "--microphone_device",      pipe,
		NULL};

	return add_own(house, "room", "behest-room", NULL, words, note);
}

static enum err add_all(struct house *house, struct err_note *note)
{
	enum err err = OK;

	must(str_format(house->port, sizeof(house->port), "%lld",
			(long long)house->settings->broker_port));
	if (house->settings->broker_host[0] == '\0')
		err = add_broker(house, note);
	if (!err && house->plan.toy_home)
		err = add_toy_home(house, note);
	if (!err)
		err = add_own(house, "keeper", "behest-keeper", house->paths->owner, NULL,
			      note);
	if (!err)
		err = add_own(house, "gate", "behest-gate", NULL, NULL, note);
	if (!err)
		err = add_own(house, "hub", "behest-hub", house->paths->hub, NULL, note);
	return err ? err : add_room(house, note);
}

enum err house_create(struct loop *loop, const struct house_plan *plan,
		      const struct house_listener *listener, struct house **out_house,
		      struct err_note *note)
{
	struct house *house = calloc(1, sizeof(*house));
	struct supervise_listener supervised = {
		.context = house,
		.line = on_line,
		.ready = on_ready,
		.died = on_died,
		.up = on_up,
		.gave_up = on_gave_up,
	};
	enum err err = ERR_MEMORY;

	if (!house)
		goto out;
	house->plan = *plan;
	house->paths = plan->paths;
	house->settings = plan->settings;
	house->listener = *listener;
	err = file_make_folder(plan->paths->run, note);
	if (!err)
		err = supervisor_create(loop, &supervised, &house->supervisor);
	if (!err)
		err = add_all(house, note);
	if (!err)
		err = supervisor_start(house->supervisor, note);
	if (err)
		goto out;
	*out_house = house;
	house = NULL;
out:
	house_destroy(house);
	return err;
}

void house_destroy(struct house *house)
{
	if (!house)
		return;
	supervisor_destroy(house->supervisor);
	programs_remove(house->paths);
	free(house);
}

pid_t house_pid(const struct house *house, const char *program)
{
	return supervisor_pid(house->supervisor, program);
}
