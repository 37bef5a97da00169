/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail - one e-mail with a voice message in it, or text alone, to one address.
 *
 * Runs in the caller's loop and calls back on its thread. At least once towards the
 * server: the same message may be sent again after an outcome that permits it, and then
 * carries the same Message-ID, so that who receives it can drop the double. There is no
 * way to take a mail back.
 */
#ifndef PORT_MAIL_H
#define PORT_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/delivery.h"

enum {
	MAIL_CONNECT_MS = 15000, /* to a server that listens */
	MAIL_UPLOAD_MS = 60000,  /* from mail_send until the server has all of it */
	/* and from then until it says so: RFC 5321 4.5.3.2.6; who does not wait that long
	 * sends again what was taken */
	MAIL_ANSWER_MS = 10 * 60 * 1000,
	MAIL_OPEN_MAX = 4, /* under way at once */
	MAIL_ID_MAX = 64,
	MAIL_SUBJECT_MAX = 200,
	MAIL_TEXT_MAX = 4096,
	MAIL_SOUND_MAX = 1024 * 1024,
};

/* All borrowed for the call of mail_send. */
struct mail_message {
	const char *id;       /* ours, of letters, digits and '-'; makes the Message-ID */
	int64_t at_ms;        /* wall clock of its first attempt; makes the Date */
	const char *to;       /* domain/mail_address.h */
	const char *to_name;  /* NULL or "": none */
	const char *subject;  /* one line */
	const char *text;     /* what is said beside the sound; lines end with \n */
	const uint8_t *sound; /* Ogg Opus, as a file holds it; NULL: none */
	size_t sound_size;
};

struct mail_listener {
	void *context;
	/* token as given to send. The result is borrowed for the call, from inside of which
	 * more may be sent. */
	void (*done)(void *context, uint64_t token, const struct delivery *result);
};

struct mail_ops {
	/* done() follows, always and not from inside. What cannot be sent at all is refused
	 * at once with a note that says why, and then done() does not follow: ERR_FORMAT,
	 * ERR_LIMIT; ERR_BUSY: MAIL_OPEN_MAX are under way; ERR_MEMORY. */
	enum err (*send)(void *self, const struct mail_message *message, uint64_t token,
			 struct err_note *note);
	/* Ends what is under way, with done() for each. */
	void (*close)(void *self);
};

struct mail {
	const struct mail_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err mail_send(struct mail *mail,
					    const struct mail_message *message,
					    uint64_t token, struct err_note *note)
{
	return mail->ops->send(mail->self, message, token, note);
}

static inline void mail_close(struct mail *mail)
{
	if (mail->ops)
		mail->ops->close(mail->self);
	mail->ops = 0;
}

#endif
