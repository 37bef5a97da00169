/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_user - the owner's push server as the settings name it, and its token from a file
 * beside them.
 */
#ifndef ADAPTER_PUSH_USER_H
#define ADAPTER_PUSH_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "domain/settings.h"
#include "port/push.h"

bool push_user_is_set(const struct settings *settings);
/* Where its server listens: what a sandbox has to allow. */
uint16_t push_user_port(const struct settings *settings);

/* DIR/push.token, its first line; NULL where there is no such file. Before the sandbox is
 * entered. */
MUST_CHECK enum err push_user_token(const char *data, const struct settings *settings,
				    struct secret **out_token, struct err_note *note);
/* The server must be set. What is wrong is said with the settings' names. */
MUST_CHECK enum err push_user_open(struct loop *loop, const struct settings *settings,
				   const struct secret *token,
				   struct push_listener listener, struct push *out_push,
				   struct err_note *note);

#endif
