/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_smtp - mail through the owner's SMTP server, by submission with TLS.
 *
 * Never without TLS, to no server at all: on loopback neither, because a name for
 * loopback is as easily wrong as another, and a password is sent. The server's
 * certificate and name are always verified; an own server's authority goes into ca_file.
 */
#ifndef ADAPTER_MAIL_SMTP_H
#define ADAPTER_MAIL_SMTP_H

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "port/mail.h"

enum { MAIL_SMTP_HOST_MAX = 255, MAIL_SMTP_USER_MAX = 254, MAIL_SMTP_PATH_BYTES = 1024 };

enum mail_smtp_tls {
	MAIL_SMTP_STARTTLS, /* usually port 587; a server that offers none is left */
	MAIL_SMTP_IMPLICIT, /* usually port 465 */
};

/* Copied by mail_smtp_open. */
struct mail_smtp_settings {
	const char *host; /* a name, or an address if the certificate holds it */
	uint16_t port;
	enum mail_smtp_tls tls;
	const char *user;              /* NULL or "": nobody signs in */
	const struct secret *password; /* without a line end; NULL without a user */
	const char *from;              /* domain/mail_address.h */
	const char *from_name;         /* NULL or "": none */
	const char *ca_file;           /* NULL or "": the system's authorities */
};

/* Connects to nothing yet; seal_init() was called. ERR_FORMAT, ERR_LIMIT, ERR_RANGE with
 * a note that names the setting; ERR_MISSING: the ca_file; ERR_MEMORY; ERR_LIMIT of the
 * loop. mail_close must not be called from the listener, and may take
 * TRANSFER_CLOSE_MS. */
MUST_CHECK enum err mail_smtp_open(struct loop *loop,
				   const struct mail_smtp_settings *settings,
				   struct mail_listener listener, struct mail *out_mail,
				   struct err_note *note);

#endif
