/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_user - how one of our programs signs in at the broker: from the settings where
 * the owner named a broker, else from what `behest up` wrote for its private one.
 *
 * Each program is a user of its own, because the broker's access list is one of the walls:
 * the hub has no topic that unlocks, the gate has.
 */
#ifndef ADAPTER_BROKER_USER_H
#define ADAPTER_BROKER_USER_H

#include "base/err.h"
#include "domain/settings.h"

enum { BROKER_PASSWORD_BYTES = 256 };

enum broker_user { BROKER_USER_HUB, BROKER_USER_GATE };

/* Reads DIR/behest.conf, and without a broker in it DIR/broker/<user>.conf. */
MUST_CHECK enum err broker_user_settings(const char *data, enum broker_user user,
					 struct settings *out_settings,
					 struct err_note *note);
/* The password, without its line end; no file is no password. Wipe it. */
MUST_CHECK enum err broker_user_password(const char *data, enum broker_user user,
					 const struct settings *settings,
					 char out_password[BROKER_PASSWORD_BYTES],
					 struct err_note *note);
/* The user's certificate and key in these settings; both "" when it has none. */
const char *broker_user_certificate(enum broker_user user,
				    const struct settings *settings);
const char *broker_user_key(enum broker_user user, const struct settings *settings);

/* With TLS, the files that are named must be there, a certificate with its key. Says which
 * line of behest.conf is wrong. */
MUST_CHECK enum err broker_user_check_tls(enum broker_user user,
					  const struct settings *settings,
					  struct err_note *note);
/* The user's name at the broker of these settings. */
const char *broker_user_name(enum broker_user user, const struct settings *settings);

#endif
