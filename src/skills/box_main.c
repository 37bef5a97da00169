/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-skill-box - the last thing before a skill: started inside of bubblewrap's empty
 * world, it limits what the skill may use of the machine, shuts the box from inside, and
 * becomes the skill.
 *
 * bubblewrap gives the namespaces: no network, no files but /usr and the skill's own folder,
 * no other processes. Here come the limits, landlock and the list of system calls: one
 * process, one thread, no sockets, nothing written. Has nothing of its own to lose, and is
 * built without sanitizers, since in there nothing is that they look for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapter/sandbox_linux.h"
#include "base/str.h"
#include "skills/box_limits.h"

static const char USAGE[] =
	"usage: behest-skill-box MEGABYTES PROGRAM\n"
	"Started by behest-skills inside of bubblewrap; of no use elsewhere.\n";

static int fail(const char *words)
{
	fprintf(stderr, "behest-skill-box: %s\n", words);
	return BOX_EXIT_NOT_SHUT;
}

static bool set_limits(rlim_t memory)
{
	const struct {
		int resource;
		rlim_t most;
	} rows[] = {
		{RLIMIT_AS, memory},     {RLIMIT_CORE, 0},
		{RLIMIT_CPU, BOX_CPU_S}, {RLIMIT_DATA, memory},
		{RLIMIT_FSIZE, 0},       {RLIMIT_MEMLOCK, 0},
		{RLIMIT_MSGQUEUE, 0},    {RLIMIT_NOFILE, BOX_FILES_MAX},
		{RLIMIT_NPROC, 1},       {RLIMIT_STACK, BOX_STACK_BYTES},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (setrlimit((__rlimit_resource_t)rows[i].resource,
			      &(struct rlimit){rows[i].most, rows[i].most}) != 0)
			return false;
	return setpriority(PRIO_PROCESS, 0, BOX_NICE) == 0;
}

static enum err shut(struct err_note *note)
{
	static const char *const PATHS[] = {"/bin", "/lib", "/lib64", "/skill", "/usr"};
	struct sandbox_rules rules = {.profile = SANDBOX_SKILL};

	for (size_t i = 0; i < STR_COUNT(PATHS); i++)
		sandbox_allow(&rules, PATHS[i], false);
	return sandbox_enter(&rules, NULL, note);
}

int main(int count, char **words)
{
	char *const none[] = {NULL};
	struct err_note note = {""};
	int64_t megabytes = 0;

	if (count == 2 && str_equal(words[1], BOX_TRY))
		return shut(&note) ? fail(note.text) : 0;
	if (count != 3 || !str_to_int(words[1], 1, BOX_MEGABYTES_MAX, &megabytes)) {
		fputs(USAGE, stderr);
		return 2;
	}
	if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
		return fail("descriptors cannot be closed");
	if (!set_limits((rlim_t)megabytes << 20))
		return fail("the limits cannot be set");
	if (shut(&note))
		return fail(note.text);
	(void)execve(words[2], (char *[]){words[2], NULL}, none);
	return fail("the skill's program cannot be run");
}
