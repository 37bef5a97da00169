/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer - one upload to one server, or one question, by libcurl, beside the program's loop.
 *
 * Every transfer has a thread of its own for as long as it lasts: libcurl's SMTP waits
 * for the answer to a message, and to its goodbye, inside of its calls, also where it is
 * driven by events, and a server that stalls would stop the loop. The thread sees nothing
 * but its own transfer; done is called on the loop's thread.
 *
 * What holds for all: the peer's certificate and name are verified, TLS 1.2 is the
 * oldest; one protocol is spoken, and no redirect, proxy, cookie or .netrc is looked at;
 * the environment sets nothing; connections are not kept; memory is wiped when freed.
 */
#ifndef ADAPTER_TRANSFER_H
#define ADAPTER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "port/delivery.h"

enum {
	TRANSFER_HEADERS_MAX = 8,
	TRANSFER_DETAIL_BYTES = 256,
	TRANSFER_TYPE_BYTES = 64,
	TRANSFER_REPLY_MAX = 16 * 1024, /* of all that the server answers */
	TRANSFER_GOODBYE_MS = 5000,     /* once nothing more is to be learnt */
	TRANSFER_CLOSE_MS = 2000,       /* transfers_close may take so long */
};

enum transfer_end {
#define TRANSFER_END(name, words) TRANSFER_##name,
#include "adapter/transfer.def"
	TRANSFER_END_COUNT
};

/* All borrowed for the call of transfer_start. NULL: none, unless said otherwise. */
struct transfer_request {
	const char *url;
	const char *protocol; /* the only one: "smtp", "smtps", "https", "http" */
	const char *ca_file;  /* trusted instead of the system's authorities */
	const char *user;     /* for SMTP; the password then has to be there */
	const struct secret *password;
	const struct secret *bearer;               /* a token for HTTP */
	const char *headers[TRANSFER_HEADERS_MAX]; /* up to the first NULL */
	const char
		*text; /* HTTP: the body of a POST; NULL: a GET, that is not for mail */

	/* SMTP: the envelope, and what is attached. A server that offers no TLS is left. */
	const char *from;
	const char *to;
	const void *attached;
	size_t attached_size;
	const char *attached_type;
	const char *attached_name;

	int64_t connect_ms;
	int64_t whole_ms;
	/* Once what is attached was sent, so long for the answer instead; 0: whole_ms is
	 * all there is. */
	int64_t answer_ms;
	/* Says that the reply so far decides; then only TRANSFER_GOODBYE_MS are waited.
	 * Called on the transfer's thread: must be pure. */
	bool (*is_over)(const char *reply, size_t size);
};

/* Borrowed for the call of done. */
struct transfer_result {
	enum transfer_end end;
	unsigned status;                    /* HTTP: the server's; 0 none */
	char detail[TRANSFER_DETAIL_BYTES]; /* more about end; clean, may be "" */
	const char *reply; /* SMTP: its lines; HTTP: its headers and body */
	size_t reply_size;
	size_t body_at; /* HTTP: where in the reply its body begins */
	char type
		[TRANSFER_TYPE_BYTES]; /* HTTP: what the server calls the body; "" none */
};

typedef void transfer_done_fn(void *context, const struct transfer_result *result);

struct transfers;

/* At most count_max transfers at once. ERR_MEMORY, ERR_LIMIT of the loop. */
MUST_CHECK enum err transfers_open(struct loop *loop, size_t count_max,
				   struct transfers **out_transfers);
/* Stops what is under way, with done for each (TRANSFER_STOPPED). NULL is fine. Not from
 * inside done. */
void transfers_close(struct transfers *transfers);

/* done follows, always and not from inside. ERR_BUSY: as many as may are under way;
 * ERR_FORMAT: a secret that is no text; ERR_MEMORY: no transfer, no thread. */
MUST_CHECK enum err transfer_start(struct transfers *transfers,
				   const struct transfer_request *request,
				   transfer_done_fn *done, void *context);

/* The words of transfer.def and what the library adds, as one line: "the server ...". */
void transfer_say(const struct transfer_result *result, char to[DELIVERY_WORDS_BYTES]);

#endif
