/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_http - orders as one POST each, by https, verified, or by plain http to this
 * machine. Redirects are not followed: an order goes where the owner said.
 */
#ifndef ADAPTER_WEBHOOK_HTTP_H
#define ADAPTER_WEBHOOK_HTTP_H

#include "base/err.h"
#include "base/loop.h"
#include "port/webhook.h"

/* ca_file: trusted instead of the system's authorities; "" none. Connects to nothing yet.
 * ERR_MISSING: the ca_file; ERR_LIMIT; ERR_MEMORY. webhook_close must not be called from the
 * listener, and may take TRANSFER_CLOSE_MS. */
MUST_CHECK enum err webhook_http_open(struct loop *loop, const char *ca_file,
				      struct webhook_listener listener,
				      struct webhook *out_webhook, struct err_note *note);

#endif
