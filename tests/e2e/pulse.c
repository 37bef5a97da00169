/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pulse - see the header. Talks to the server with pactl.
 */
#include "e2e/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"

enum { FOLDER_BYTES = 256, PATH_BYTES = 512, ARGUMENT_BYTES = 600, TRIES = 200 };

extern char **environ;

struct pulse {
	char folder[FOLDER_BYTES];
	char server[PATH_BYTES]; /* unix:... */
	pid_t child;
	bool plugged;
};

/* What it says goes to the log in folder; NULL: nowhere. */
static pid_t spawn(char *const *arguments, const char *folder)
{
	posix_spawn_file_actions_t actions;
	char log[PATH_BYTES];
	pid_t child = -1;

	assert_true(folder ? file_join(log, sizeof(log), folder, "log")
			   : str_copy(log, sizeof(log), "/dev/null"));
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 1, log,
							  O_WRONLY | O_CREAT | O_APPEND,
							  0600),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, 1, 2), 0);
	assert_int_equal(posix_spawnp(&child, arguments[0], &actions, NULL, arguments,
				      environ),
			 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	return child;
}

static int wait_for(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return status;
}

/* Runs pactl with up to three words; its exit status. */
static int pactl(struct pulse *pulse, const char *a, const char *b, const char *c)
{
	char words[4][ARGUMENT_BYTES];
	char *arguments[] = {
		strdup("pactl"), strdup("-s"), pulse->server, NULL, NULL, NULL, NULL};
	const char *given[] = {a, b, c};
	int status = -1;

	for (size_t i = 0; i < STR_COUNT(given) && given[i]; i++) {
		assert_true(str_copy(words[i], sizeof(words[i]), given[i]));
		arguments[3 + i] = words[i];
	}
	status = wait_for(spawn(arguments, pulse->folder));
	free(arguments[0]);
	free(arguments[1]);
	return status;
}

static void write_alsa_names(const struct pulse *pulse)
{
	char path[PATH_BYTES];
	FILE *file = NULL;

	assert_true(file_join(path, sizeof(path), pulse->folder, "asound.conf"));
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
		"pcm." PULSE_SPEAKER " { type pulse server \"%s\" device behest }\n"
		"pcm." PULSE_MIC " { type pulse server \"%s\" device behest.monitor }\n",
		pulse->server, pulse->server);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(setenv("ALSA_CONFIG_PATH", path, 1), 0);
}

static void set_environment(const struct pulse *pulse)
{
	static const char *const NAMES[] = {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
					    "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH"};

	for (size_t i = 0; i < STR_COUNT(NAMES); i++)
		assert_int_equal(setenv(NAMES[i], pulse->folder, 1), 0);
	assert_int_equal(unsetenv("DBUS_SESSION_BUS_ADDRESS"), 0);
}

static void start_server(struct pulse *pulse)
{
	char protocol[ARGUMENT_BYTES];
	char arguments[][48] = {"pulseaudio",          "-n",
				"--daemonize=no",      "--use-pid-file=no",
				"--exit-idle-time=-1", "-L"};
	char *list[] = {arguments[0], arguments[1], arguments[2], arguments[3],
			arguments[4], arguments[5], protocol,     NULL};

	assert_true(str_format(protocol, sizeof(protocol),
			       "module-native-protocol-unix socket=%s auth-anonymous=1",
			       pulse->server + strlen("unix:")));
	pulse->child = spawn(list, pulse->folder);
	for (unsigned n = 0; pactl(pulse, "info", NULL, NULL) != 0; n++) {
		if (n == TRIES || waitpid(pulse->child, NULL, WNOHANG) != 0)
			fail_msg("pulseaudio does not answer; see %s/log", pulse->folder);
		(void)poll(NULL, 0, 50);
	}
}

struct pulse *pulse_start(void)
{
	const char *base = getenv("TMPDIR");
	struct pulse *pulse = calloc(1, sizeof(*pulse));

	assert_non_null(pulse);
	assert_true(str_format(pulse->folder, sizeof(pulse->folder),
			       "%s/behest-pulse-XXXXXX", base ? base : "/tmp"));
	assert_non_null(mkdtemp(pulse->folder));
	assert_true(str_format(pulse->server, sizeof(pulse->server), "unix:%s/native",
			       pulse->folder));
	set_environment(pulse);
	write_alsa_names(pulse);
	start_server(pulse);
	pulse_plug(pulse, true);
	return pulse;
}

void pulse_plug(struct pulse *pulse, bool plugged)
{
	if (plugged == pulse->plugged)
		return;
	if (plugged)
		assert_int_equal(pactl(pulse, "load-module", "module-null-sink",
				       "sink_name=behest"),
				 0);
	else
		assert_int_equal(pactl(pulse, "unload-module", "module-null-sink", NULL),
				 0);
	pulse->plugged = plugged;
}

void pulse_mute(struct pulse *pulse, bool muted)
{
	assert_int_equal(pactl(pulse, "set-sink-mute", "behest", muted ? "1" : "0"), 0);
}

void pulse_stop(struct pulse *pulse)
{
	char command[ARGUMENT_BYTES];
	char rm[] = "rm";
	char flags[] = "-rf";
	char *list[] = {rm, flags, command, NULL};

	if (!pulse)
		return;
	(void)kill(pulse->child, SIGTERM);
	(void)wait_for(pulse->child);
	assert_true(str_copy(command, sizeof(command), pulse->folder));
	assert_non_null(strstr(command, "behest-pulse-"));
	assert_int_equal(wait_for(spawn(list, NULL)), 0);
	free(pulse);
}
