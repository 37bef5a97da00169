/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds folders and programs. Reads the environment and asks the file system whether
 * something is there; makes and changes nothing.
 */
#include "cli/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool data_folder(const char *given, char *to, size_t size)
{
	const char *found = given && *given ? given : environment("BEHEST_DATA");

	if (found)
		return str_copy(to, size, found);
	found = environment("XDG_DATA_HOME");
	if (found)
		return file_join(to, size, found, "behest");
	found = environment("HOME");
	return found && file_join(to, size, found, ".local/share/behest");
}

/* Children start elsewhere than we: a relative path is made absolute once, here. */
static bool make_absolute(char *path, size_t size)
{
	char here[PATH_MAX];
	char given[FILE_PATH_BYTES];

	if (path[0] == '/')
		return true;
	if (!str_copy(given, sizeof(given), path) || !getcwd(here, sizeof(here)))
		return false;
	return file_join(path, size, here, given);
}

enum err paths_find(const char *given, struct paths *out_paths, struct err_note *note)
{
	struct paths paths;

	if (!data_folder(given, paths.data, sizeof(paths.data)))
		return err_say(
			ERR_MISSING, note,
			"no data folder: give --data DIR, or set BEHEST_DATA or HOME");
	if (!make_absolute(paths.data, sizeof(paths.data)) ||
	    !file_join(paths.run, sizeof(paths.run), paths.data, "run") ||
	    !file_join(paths.config, sizeof(paths.config), paths.data, "behest.conf") ||
	    !file_join(paths.hub, sizeof(paths.hub), paths.run, "hub/cli.sock") ||
	    !file_join(paths.rooms, sizeof(paths.rooms), paths.run, "hub/rooms.sock") ||
	    !file_join(paths.owner, sizeof(paths.owner), paths.run,
		       "keeper/owner.sock") ||
	    !file_join(paths.device, sizeof(paths.device), paths.run,
		       "keeper/device.sock") ||
	    !file_join(paths.name, sizeof(paths.name), paths.data, "owner") ||
	    !file_join(paths.code, sizeof(paths.code), paths.data, "keeper/owner.code"))
		return err_say(ERR_LIMIT, note, "%.100s...: the path is too long",
			       paths.data);
	*out_paths = paths;
	return OK;
}

enum err paths_program(const char *name, char *to, size_t size, struct err_note *note)
{
	static const char *const places[] = {"", "tools/", "../tools/",
					     "../libexec/behest/"};
	char self[FILE_PATH_BYTES];
	ssize_t got = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (got <= 0)
		return err_say(ERR_IO, note, "/proc/self/exe: cannot be read");
	self[got] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < STR_COUNT(places); i++) {
		char below[FILE_PATH_BYTES];

		if (str_format(below, sizeof(below), "%s%s", places[i], name) &&
		    file_join(to, size, self, below) && access(to, X_OK) == 0)
			return OK;
	}
	return err_say(ERR_MISSING, note, "%s: not found beside %s/behest", name, self);
}
