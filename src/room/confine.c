/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - the room's list of files: the system's own, sound devices, the hub's folder,
 * and the file or pipe that the settings name.
 *
 * Sound servers are reached over their socket in the user's run-time folder; a room that
 * plays on ALSA may also write there.
 */
#include "room/confine.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/sandbox_linux.h"
#include "base/file.h"
#include "base/str.h"

/* Where ALSA's and PulseAudio's client libraries look. */
static const char *const SOUND_PLACES[] = {"HOME", "PULSE_RUNTIME_PATH",
					   "PULSE_STATE_PATH", "XDG_RUNTIME_DIR"};

static void allow_sound_servers(struct sandbox_rules *rules)
{
	sandbox_allow(rules, "/dev/snd", true);
	sandbox_allow(rules, "/dev/shm", true);
	sandbox_allow(rules, getenv("ALSA_CONFIG_PATH"), false);
	for (size_t i = 0; i < STR_COUNT(SOUND_PLACES); i++)
		sandbox_allow(rules, getenv(SOUND_PLACES[i]), true);
}

/* The folder of a path, which may have to be written; "." for a bare name. */
static bool folder_of(char *to, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return str_copy(to, size, ".");
	return str_copy_bytes(to, size, path, slash == path ? 1 : (size_t)(slash - path));
}

enum err confine(const struct settings *settings, const char *run, uint16_t hub_port,
		 struct err_note *note)
{
	struct sandbox_rules rules = {.profile = SANDBOX_ROOM};
	char folder[FILE_PATH_BYTES];

	sandbox_allow(&rules, "/usr", false);
	sandbox_allow(&rules, "/etc", false);
	sandbox_allow(&rules, "/proc", false);
	sandbox_allow(&rules, "/sys", false);
	if (hub_port == 0)
		sandbox_allow(&rules, run, true);
	else
		rules.ports[rules.port_count++] = hub_port;
	if (str_equal(settings->room_microphone, "alsa") ||
	    str_equal(settings->room_speaker, "alsa"))
		allow_sound_servers(&rules);
	if (str_equal(settings->room_microphone, "file"))
		sandbox_allow(&rules, settings->room_microphone_device, false);
	if (str_equal(settings->room_microphone, "pipe")) {
		if (!folder_of(folder, sizeof(folder), settings->room_microphone_device))
			return err_say(ERR_LIMIT, note,
				       "microphone_device: the path is too long");
		sandbox_allow(&rules, folder, true); /* the pipe may be replaced */
	}
	return sandbox_enter(&rules, NULL, note);
}
