/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - the hub's list: it reads what is shared, the skills, what the household arranged
 * and the calendar's folder, writes where its own sockets are, and talks to the broker.
 *
 * Invariant: it writes neither where the keeper's sockets are nor in a folder above them,
 * for there it could put its own in their place and be told what is meant for the keeper.
 * To connect to a socket takes no rule.
 */
#include "hub/confine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/arranged_file.h"
#include "adapter/broker_user.h"
#include "adapter/sandbox_linux.h"
#include "adapter/share.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

/* The inner is the outer, or lies in it. */
static bool holds(const char *outer, const char *inner)
{
	const char next = str_starts(inner, outer) ? inner[strlen(outer)] : 'x';

	return next == '/' || next == '\0' || str_equal(outer, "/");
}

/* The folder and not the file: whoever writes a calendar puts another file in its place. So
 * it has to be a folder outside of the household's own, where the keys are. */
static enum err calendar_folder(const char *path, const char *data,
				char to[FILE_PATH_BYTES], struct err_note *note)
{
	char own[PATH_MAX];
	char folder[PATH_MAX];
	char *slash;

	to[0] = '\0';
	if (path[0] == '\0')
		return OK;
	if (path[0] != '/' || !str_copy(to, FILE_PATH_BYTES, path))
		return err_say(ERR_RANGE, note,
			       "house.calendar: expected a whole path, from / on");
	slash = strrchr(to, '/');
	*slash = '\0';
	if (!to[0] || !realpath(to, folder))
		return err_say(
			ERR_MISSING, note,
			"house.calendar: expected a file in a folder that is there");
	if (!realpath(data, own) || holds(folder, own) || holds(own, folder))
		return err_say(
			ERR_RANGE, note,
			"house.calendar: expected a folder of its own; the hub may "
			"read all of it");
	return OK;
}

enum err hub_confine(const struct settings *settings, const char *data, const char *run,
		     uint16_t listen_port, struct err_note *note)
{
	struct sandbox_rules rules = {
		.profile = SANDBOX_HUB,
		.port_count = 1,
		.ports = {(uint16_t)settings->broker_port},
		.listen_port = listen_port,
		.may_resolve = settings->broker_host[0] != '\0',
	};
	char sockets[FILE_PATH_BYTES];
	char skills[FILE_PATH_BYTES];
	char calendar[FILE_PATH_BYTES];
	char arranged[FILE_PATH_BYTES];
	enum err err;

	if (settings->music_host[0] != '\0' && settings->music_host[0] != '/')
		rules.ports[rules.port_count++] = (uint16_t)settings->music_port;
	if (!file_join(sockets, sizeof(sockets), run, "hub") ||
	    !file_join(skills, sizeof(skills), data, "skills"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", run);
	if (!file_join(arranged, sizeof(arranged), data, ARRANGED_FOLDER))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	err = file_make_folder(sockets, note);
	if (!err)
		err = calendar_folder(settings->house_calendar, data, calendar, note);
	if (err)
		return err;
	/* A rule is for what is there; where it cannot be made there are no skills. */
	if (!file_exists(skills) && file_make_folder(skills, NULL) != OK)
		log_line("hub: no folder for skills: they are not understood");
	if (!file_exists(arranged) && file_make_folder(arranged, NULL) != OK)
		log_line("hub: no folder for groups and routines: there are none");
	if (str_equal(settings->broker_tls, "yes")) {
		sandbox_allow(&rules, settings->broker_authority, false);
		sandbox_allow(&rules, broker_user_certificate(BROKER_USER_HUB, settings),
			      false);
		sandbox_allow(&rules, broker_user_key(BROKER_USER_HUB, settings), false);
	}
	sandbox_allow(&rules, "/usr", false);
	sandbox_allow(&rules, "/etc", false);
	sandbox_allow(&rules, share_folder(), false);
	sandbox_allow(&rules, settings->house_sentences, false);
	sandbox_allow(&rules, skills, false);
	sandbox_allow(&rules, calendar, false);
	sandbox_allow(&rules, arranged, false);
	sandbox_allow(&rules, sockets, true);
	return sandbox_enter(&rules, NULL, note);
}
