/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_user - the owner's mail server as the settings name it, and its password from a file
 * beside them.
 */
#ifndef ADAPTER_MAIL_USER_H
#define ADAPTER_MAIL_USER_H

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "domain/settings.h"
#include "port/mail.h"

bool mail_user_is_set(const struct settings *settings);

/* DIR/mail.password, its first line; NULL without a user. Before the sandbox is entered. */
MUST_CHECK enum err mail_user_password(const char *data, const struct settings *settings,
				       struct secret **out_password,
				       struct err_note *note);
/* The server must be set. What is wrong is said with the settings' names. */
MUST_CHECK enum err mail_user_open(struct loop *loop, const struct settings *settings,
				   const struct secret *password,
				   struct mail_listener listener, struct mail *out_mail,
				   struct err_note *note);

#endif
