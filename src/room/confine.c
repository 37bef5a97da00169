/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - the room's list of files: the system's own, sound devices, and the file or pipe
 * that the settings name.
 *
 * Sound servers are reached over their socket in the user's run-time folder; a room that
 * plays on ALSA may also write there, and where their libraries keep a cookie. Invariant:
 * none of it holds the data folder, which lies in the home folder by default.
 */
#include "room/confine.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/sandbox_linux.h"
#include "base/file.h"
#include "base/str.h"

/* Where ALSA's and PulseAudio's client libraries look. */
static const struct {
	const char *variable;
	const char *below; /* "": the folder itself */
	bool may_write;
} SOUND_PLACES[] = {
	{"HOME", ".asoundrc", false},       {"HOME", ".config/alsa", false},
	{"HOME", ".config/pulse", true},    {"HOME", ".pulse", true},
	{"HOME", ".pulse-cookie", true},    {"PULSE_RUNTIME_PATH", "", true},
	{"PULSE_STATE_PATH", "", true},     {"XDG_CONFIG_HOME", "alsa", false},
	{"XDG_CONFIG_HOME", "pulse", true}, {"XDG_RUNTIME_DIR", "", true},
};

static void allow_sound_servers(struct sandbox_rules *rules)
{
	static char places[STR_COUNT(SOUND_PLACES)][FILE_PATH_BYTES]; /* rules borrow */

	sandbox_allow(rules, "/dev/snd", true);
	sandbox_allow(rules, "/dev/shm", true);
	sandbox_allow(rules, getenv("ALSA_CONFIG_PATH"), false);
	for (size_t i = 0; i < STR_COUNT(SOUND_PLACES); i++) {
		const char *folder = getenv(SOUND_PLACES[i].variable);

		if (folder && folder[0] &&
		    file_join(places[i], sizeof(places[i]), folder,
			      SOUND_PLACES[i].below))
			sandbox_allow(rules, places[i], SOUND_PLACES[i].may_write);
	}
}

/* The folder of a path, which may have to be written; "." for a bare name. */
static bool folder_of(char *to, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return str_copy(to, size, ".");
	return str_copy_bytes(to, size, path, slash == path ? 1 : (size_t)(slash - path));
}

enum err confine(const struct settings *settings, uint16_t hub_port,
		 struct err_note *note)
{
	struct sandbox_rules rules = {.profile = SANDBOX_ROOM};
	char folder[FILE_PATH_BYTES];
	char music[FILE_PATH_BYTES];

	sandbox_allow(&rules, "/usr", false);
	sandbox_allow(&rules, "/etc", false);
	sandbox_allow(&rules, "/proc", false);
	sandbox_allow(&rules, "/sys", false);
	if (hub_port != 0)
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
	if (settings->room_music[0] != '\0') {
		if (!folder_of(music, sizeof(music), settings->room_music))
			return err_say(ERR_LIMIT, note, "music: the path is too long");
		sandbox_allow(&rules, music, false); /* its player makes it anew */
	}
	return sandbox_enter(&rules, NULL, note);
}
