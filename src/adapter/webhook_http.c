/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_http - checks where an order may go, hands it to transfer.c, and judges the status
 * that comes back. Knows no library, and of the answer nothing but its status.
 */
#include "adapter/webhook_http.h"

#include <stdlib.h>

#include "adapter/transfer.h"
#include "base/file.h"
#include "base/str.h"
#include "domain/web_address.h"

enum {
	STATUS_CLASS = 100,
	CLASS_DONE = 2,
	CLASS_ELSEWHERE = 3,
	CLASS_SERVER_FAILED = 5,
};

struct webhook_http {
	struct transfers *transfers;
	struct webhook_listener listener;
	char ca_file[FILE_PATH_BYTES];
};

/* An order under way. */
struct sending {
	struct webhook_http *webhook;
	uint64_t token;
};

/* What was never connected was never sent. */
static enum delivery_outcome outcome_of_end(enum transfer_end end)
{
	static const bool was_not_sent[TRANSFER_END_COUNT] = {
		[TRANSFER_NO_TLS] = true,
		[TRANSFER_UNREACHED] = true,
		[TRANSFER_UNTRUSTED] = true,
	};

	return was_not_sent[end] ? DELIVERY_REFUSED : DELIVERY_UNKNOWN;
}

/* A server that failed in the middle may have taken it; and one that points elsewhere, too:
 * so many forms answer once they were taken. */
static enum delivery_outcome outcome_of_status(unsigned status)
{
	switch (status / STATUS_CLASS) {
	case CLASS_DONE:
		return DELIVERY_ACCEPTED;
	case CLASS_ELSEWHERE:
	case CLASS_SERVER_FAILED:
		return DELIVERY_UNKNOWN;
	default:
		return DELIVERY_REFUSED;
	}
}

static struct delivery judge(const struct transfer_result *result)
{
	struct delivery delivery = {.code = result->status};

	if (result->status < CLASS_DONE * STATUS_CLASS) {
		delivery.code = 0;
		delivery.outcome = outcome_of_end(result->end);
		transfer_say(result, delivery.words);
		return delivery;
	}
	delivery.outcome = outcome_of_status(result->status);
	(void)str_format(delivery.words, sizeof(delivery.words), "the server answered %u",
			 result->status);
	return delivery;
}

static void on_done(void *context, const struct transfer_result *result)
{
	struct sending *sending = context;
	const struct delivery delivery = judge(result);
	const struct webhook_listener *listener = &sending->webhook->listener;

	listener->done(listener->context, sending->token, &delivery);
	free(sending);
}

static enum err webhook_http_post(void *self, const struct webhook_order *order,
				  uint64_t token)
{
	struct webhook_http *webhook = self;
	struct sending *sending = NULL;
	struct transfer_request request = {
		.url = order->address,
		.protocol = web_address_is_plain(order->address) ? "http" : "https",
		.ca_file = webhook->ca_file[0] ? webhook->ca_file : NULL,
		.headers = {"Content-Type: application/json"},
		.text = order->body,
		.connect_ms = WEBHOOK_WHOLE_MS,
		.whole_ms = WEBHOOK_WHOLE_MS,
	};
	enum err err = web_address_check(order->address, "the webhook", NULL);

	_Static_assert((int)WEBHOOK_HEADERS < (int)TRANSFER_HEADERS_MAX,
		       "all headers fit");
	if (err)
		return err;
	for (size_t i = 0; i < WEBHOOK_HEADERS && order->headers[i]; i++)
		request.headers[i + 1] = order->headers[i];
	sending = malloc(sizeof(*sending));
	if (!sending)
		return ERR_MEMORY;
	*sending = (struct sending){webhook, token};
	err = transfer_start(webhook->transfers, &request, on_done, sending);
	if (err)
		free(sending);
	return err;
}

static void webhook_http_close(void *self)
{
	struct webhook_http *webhook = self;

	if (!webhook)
		return;
	transfers_close(webhook->transfers);
	free(webhook);
}

static const struct webhook_ops WEBHOOK_HTTP_OPS = {
	.post = webhook_http_post,
	.close = webhook_http_close,
};

enum err webhook_http_open(struct loop *loop, const char *ca_file,
			   struct webhook_listener listener, struct webhook *out_webhook,
			   struct err_note *note)
{
	struct webhook_http *webhook = NULL;
	enum err err = OK;

	if (ca_file[0] && !file_exists(ca_file))
		return err_say(ERR_MISSING, note,
			       "%.200s: not found; expected the webhook's authority",
			       ca_file);
	webhook = calloc(1, sizeof(*webhook));
	if (!webhook)
		return ERR_MEMORY;
	webhook->listener = listener;
	if (!str_copy(webhook->ca_file, sizeof(webhook->ca_file), ca_file))
		err = err_say(ERR_LIMIT, note, "the authority's path is too long");
	if (!err)
		err = transfers_open(loop, WEBHOOK_OPEN_MAX, &webhook->transfers);
	if (!err) {
		*out_webhook =
			(struct webhook){.ops = &WEBHOOK_HTTP_OPS, .self = webhook};
		webhook = NULL;
	}
	webhook_http_close(webhook);
	return err;
}
