/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - the hub's list: it reads what is shared, writes where its own sockets are, and
 * talks to the broker.
 *
 * Invariant: it writes neither where the keeper's sockets are nor in a folder above them,
 * for there it could put its own in their place and be told what is meant for the keeper.
 * To connect to a socket takes no rule.
 */
#include "hub/confine.h"

#include "adapter/sandbox_linux.h"
#include "adapter/share.h"
#include "base/file.h"

enum err hub_confine(const struct settings *settings, const char *run,
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
	enum err err;

	if (settings->music_host[0] != '\0' && settings->music_host[0] != '/')
		rules.ports[rules.port_count++] = (uint16_t)settings->music_port;
	if (!file_join(sockets, sizeof(sockets), run, "hub"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", run);
	err = file_make_folder(sockets, note);
	if (err)
		return err;
	sandbox_allow(&rules, "/usr", false);
	sandbox_allow(&rules, "/etc", false);
	sandbox_allow(&rules, share_folder(), false);
	sandbox_allow(&rules, settings->house_sentences, false);
	sandbox_allow(&rules, sockets, true);
	return sandbox_enter(&rules, NULL, note);
}
