/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - the gate's list: it writes its own folder, and talks to the broker, and to the
 * mail server, the push server, the weather service and the other houses that are set, if any
 * are. Whether there is a place whose weather is asked for is not known yet: the keeper says so
 * later, and then nothing can be opened any more.
 *
 * Invariant: it writes nowhere where sockets are, for there it could put its own in the
 * keeper's place. To connect to a socket takes no rule.
 */
#include "gate/confine.h"

#include "adapter/broker_user.h"
#include "adapter/mail_user.h"
#include "adapter/push_user.h"
#include "adapter/sandbox_linux.h"
#include "base/str.h"
#include "domain/web_address.h"
#include "gate/abroad.h"

enum err gate_confine(const struct settings *settings, const char *folder,
		      struct err_note *note)
{
	struct sandbox_rules rules = {
		.profile = SANDBOX_HUB,
		.port_count = 1,
		.ports = {(uint16_t)settings->broker_port},
		.may_resolve = settings->broker_host[0] != '\0',
	};

	if (mail_user_is_set(settings)) {
		rules.ports[rules.port_count++] = (uint16_t)settings->mail_port;
		rules.may_resolve = true;
		sandbox_allow(&rules, settings->mail_authority, false);
	}
	if (push_user_is_set(settings)) {
		rules.ports[rules.port_count++] = push_user_port(settings);
		rules.may_resolve = true;
		sandbox_allow(&rules, settings->push_authority, false);
	}
	if (settings->weather_url[0]) {
		rules.ports[rules.port_count++] = web_address_port(settings->weather_url);
		rules.may_resolve = true;
	}
	if (abroad_is_set(settings))
		abroad_allow(settings, &rules);
	if (str_equal(settings->broker_tls, "yes")) {
		sandbox_allow(&rules, settings->broker_authority, false);
		sandbox_allow(&rules, broker_user_certificate(BROKER_USER_GATE, settings),
			      false);
		sandbox_allow(&rules, broker_user_key(BROKER_USER_GATE, settings), false);
	}
	sandbox_allow(&rules, "/usr", false);
	sandbox_allow(&rules, "/etc", false);
	sandbox_allow(&rules, folder, true);
	return sandbox_enter(&rules, NULL, note);
}
