/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - TLS 1.3 between two machines that know each other's Ed25519 key.
 *
 * Both sides show a certificate that they made of their own key. No authority is asked and
 * no date is looked at: a side is who holds the key that the other one expects. Nothing
 * but TLS 1.3, Ed25519 and X25519 is spoken; there are no tickets and no early data. Works
 * on a non-blocking socket that stays its caller's. One thread per context.
 */
#ifndef ADAPTER_TLS_H
#define ADAPTER_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { TLS_KEY_BYTES = 32 };

struct tls_context;
struct tls;

/* May the holder of this key talk to us? Asked while shaking hands, before any message. */
typedef bool tls_knows_fn(void *context, const uint8_t key[TLS_KEY_BYTES]);

/* seed: ours, borrowed for the call. ERR_MEMORY, ERR_UNSUPPORTED. */
MUST_CHECK enum err tls_context_create(bool is_server, const uint8_t seed[TLS_KEY_BYTES],
				       tls_knows_fn *knows, void *context,
				       struct tls_context **out_context);
/* Its connections must be closed before. NULL is fine. */
void tls_context_destroy(struct tls_context *context);

MUST_CHECK enum err tls_open(struct tls_context *context, int fd, struct tls **out_tls);
/* Says goodbye if it can, and frees it. NULL is fine. */
void tls_close(struct tls *tls);

/* ERR_BUSY: call again when the socket can be read (or written, *out_wants_write).
 * ERR_AUTH: one side does not know the other. ERR_CLOSED, ERR_FORMAT: no TLS 1.3. */
MUST_CHECK enum err tls_shake(struct tls *tls, bool *out_wants_write,
			      struct err_note *note);
/* The other side's key, once hands are shaken. */
const uint8_t *tls_peer_key(const struct tls *tls);

/* As recv(2) and send(2), errno included: EAGAIN, and EPROTO for everything that TLS
 * itself refused, of which tls_why tells. */
ssize_t tls_read(struct tls *tls, void *to, size_t size);
ssize_t tls_write(struct tls *tls, const void *bytes, size_t size);
bool tls_has_more(const struct tls *tls); /* read already, and not yet fetched */
/* Why the last read failed, or NULL. */
const char *tls_why(const struct tls *tls);

#endif
