/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_http - checks where a notice may go, writes its headers, hands it to transfer.c,
 * and judges the status that comes back.
 *
 * Knows no library, and of the answer nothing but its status. Invariant: a URL that was
 * not cut into scheme, host and topic here is never used.
 */
#include "adapter/push_http.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/header_text.h"
#include "adapter/transfer.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/mail_address.h"

enum {
	HOST_BYTES = 256,
	ADDRESS_BYTES = 16,
	LINE_BYTES = 16 + HEADER_TEXT_BYTES(PUSH_TITLE_MAX),
	STATUS_CLASS = 100,
	STATUS_TIMEOUT = 408,
	STATUS_EARLY = 425,
	STATUS_TOO_MANY = 429,
};

struct push_http {
	struct transfers *transfers;
	struct push_listener listener;
	char url[PUSH_HTTP_URL_BYTES];
	bool is_plain;
	struct secret *token;
	char ca_file[PUSH_HTTP_PATH_BYTES];
};

/* A notice under way. */
struct sending {
	struct push_http *push;
	uint64_t token;
};

/* --- how it ended --- */

static enum delivery_outcome outcome_of_status(unsigned status)
{
	if (status / STATUS_CLASS == 2)
		return DELIVERY_ACCEPTED;
	if (status / STATUS_CLASS == 5 || status == STATUS_TIMEOUT ||
	    status == STATUS_EARLY || status == STATUS_TOO_MANY)
		return DELIVERY_LATER;
	return DELIVERY_REFUSED; /* to be sent elsewhere (3xx) is a refusal, too */
}

/* Without a status: what was never connected was never sent. */
static enum delivery_outcome outcome_of_end(enum transfer_end end)
{
	static const bool may_be_there[TRANSFER_END_COUNT] = {
		[TRANSFER_DONE] = true,    [TRANSFER_DROPPED] = true,
		[TRANSFER_FAILED] = true,  [TRANSFER_LONG] = true,
		[TRANSFER_STOPPED] = true, [TRANSFER_TIMEOUT] = true,
	};

	return may_be_there[end] ? DELIVERY_UNKNOWN : DELIVERY_LATER;
}

static struct delivery judge(const struct transfer_result *result)
{
	struct delivery delivery = {.code = result->status};

	if (result->status < 2 * STATUS_CLASS) {
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
	const struct push_listener *listener = &sending->push->listener;

	listener->done(listener->context, sending->token, &delivery);
	free(sending);
}

/* --- the notice --- */

static enum err check_notice(const struct push_notice *notice, struct err_note *note)
{
	enum err err = mail_line_check(notice->title, PUSH_TITLE_MAX, "the title", note);

	must(notice->priority < PUSH_PRIORITY_COUNT);
	if (!err)
		err = mail_text_check(notice->text, PUSH_TEXT_MAX, "the notice", note);
	return err;
}

/* Headers of HTTP may not be folded. */
static bool say_title(char to[LINE_BYTES], const char *title)
{
	char words[HEADER_TEXT_BYTES(PUSH_TITLE_MAX)];

	return header_text(words, sizeof(words), title, " ") &&
	       str_format(to, LINE_BYTES, "Title: %s", words);
}

static enum err start(struct push_http *push, const struct push_notice *notice,
		      const char *title, struct sending *sending)
{
	static const char *const priorities[] = {
		[PUSH_LOW] = "Priority: low",
		[PUSH_NORMAL] = "Priority: default",
		[PUSH_HIGH] = "Priority: high",
	};
	const struct transfer_request request = {
		.url = push->url,
		.protocol = push->is_plain ? "http" : "https",
		.ca_file = push->ca_file[0] ? push->ca_file : NULL,
		.bearer = push->token,
		.headers = {title, priorities[notice->priority],
			    "Content-Type: text/plain; charset=utf-8"},
		.text = notice->text,
		.connect_ms = PUSH_WHOLE_MS,
		.whole_ms = PUSH_WHOLE_MS,
	};

	return transfer_start(push->transfers, &request, on_done, sending);
}

static enum err push_http_send(void *self, const struct push_notice *notice,
			       uint64_t token, struct err_note *note)
{
	struct push_http *push = self;
	struct sending *sending = NULL;
	char title[LINE_BYTES];
	enum err err = check_notice(notice, note);

	if (err)
		goto out;
	must(say_title(title, notice->title));
	sending = malloc(sizeof(*sending));
	if (!sending) {
		err = ERR_MEMORY;
		goto out;
	}
	*sending = (struct sending){.push = push, .token = token};
	err = start(push, notice, title, sending);
	if (!err)
		sending = NULL;
out:
	free(sending);
	return err ? err_say(err, note, "%s", err_words(err)) : OK;
}

/* --- the port --- */

static void push_http_close(void *self)
{
	struct push_http *push = self;

	if (!push)
		return;
	transfers_close(push->transfers);
	secret_destroy(push->token);
	free(push);
}

static const struct push_ops PUSH_HTTP_OPS = {
	.send = push_http_send,
	.close = push_http_close,
};

/* --- where to --- */

struct network {
	int family;
	const char *address;
	unsigned bits;
};

static const struct network LOOPBACK[] = {
	{AF_INET, "127.0.0.0", 8},
	{AF_INET6, "::1", 128},
};

/* RFC 1918, 3927, 4193, 4291. */
static const struct network PRIVATE[] = {
	{AF_INET, "10.0.0.0", 8},     {AF_INET, "172.16.0.0", 12},
	{AF_INET, "192.168.0.0", 16}, {AF_INET, "169.254.0.0", 16},
	{AF_INET6, "fc00::", 7},      {AF_INET6, "fe80::", 10},
};

static bool has_prefix(const uint8_t *address, const uint8_t *network, unsigned bits)
{
	const size_t whole = bits / 8;
	const unsigned rest = bits % 8;

	return memcmp(address, network, whole) == 0 &&
	       (rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0);
}

/* False for a name. */
static bool is_within(const char *host, const struct network *networks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t address[ADDRESS_BYTES];
		uint8_t network[ADDRESS_BYTES];

		if (inet_pton(networks[i].family, host, address) == 1 &&
		    inet_pton(networks[i].family, networks[i].address, network) == 1 &&
		    has_prefix(address, network, networks[i].bits))
			return true;
	}
	return false;
}

/* The host of "HOST[:PORT]/TOPIC" or "[IPV6][:PORT]/TOPIC". */
static bool cut_host(const char *place, char to[HOST_BYTES])
{
	const bool is_bracketed = place[0] == '[';
	const char *host = is_bracketed ? place + 1 : place;
	const size_t size = strcspn(host, is_bracketed ? "]/" : ":/");
	const char *topic = strchr(place, '/');

	return size > 0 && (!is_bracketed || host[size] == ']') && topic &&
	       topic[1] != '\0' && str_copy_bytes(to, HOST_BYTES, host, size);
}

/* Without what a URL may also hold and a notice does not need: a user, a query, escapes. */
static bool has_fit_characters(const char *url)
{
	static const char fit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/[].-_~";

	return strspn(url, fit) == strlen(url);
}

static enum err check_plain(const struct push_http_settings *settings, const char *host,
			    struct err_note *note)
{
	if (is_within(host, LOOPBACK, STR_COUNT(LOOPBACK)))
		return OK;
	if (settings->token)
		return err_say(ERR_DENIED, note,
			       "the push server's token would be sent in the open; "
			       "expected https://");
	if (!is_within(host, PRIVATE, STR_COUNT(PRIVATE)))
		return err_say(ERR_DENIED, note,
			       "the push server is neither this machine nor at a private "
			       "address; expected https://");
	if (!settings->plain_at_home)
		return err_say(ERR_DENIED, note,
			       "plain http to a private address is not switched on; "
			       "expected https://");
	return OK;
}

static enum err set_place(struct push_http *push,
			  const struct push_http_settings *settings,
			  struct err_note *note)
{
	char host[HOST_BYTES];
	const char *place = NULL;

	push->is_plain = str_starts(settings->url, "http://");
	if (!push->is_plain && !str_starts(settings->url, "https://"))
		return err_say(ERR_FORMAT, note,
			       "the push server's address needs https:// in front");
	if (!str_copy(push->url, sizeof(push->url), settings->url))
		return err_say(ERR_LIMIT, note, "the push server's address is too long");
	place = strstr(push->url, "://") + 3;
	if (!has_fit_characters(push->url) || !cut_host(place, host))
		return err_say(
			ERR_FORMAT, note,
			"the push server's address: expected https://HOST[:PORT]/TOPIC");
	return push->is_plain ? check_plain(settings, host, note) : OK;
}

static enum err set_token(struct push_http *push, const struct secret *token,
			  struct err_note *note)
{
	if (!token)
		return OK;
	for (size_t i = 0; i < secret_size(token); i++)
		if (secret_view(token)[i] <= ' ' || secret_view(token)[i] > '~')
			return err_say(ERR_FORMAT, note,
				       "the push token has a blank, a line end or "
				       "another character that no token has");
	return secret_copy(secret_view(token), secret_size(token), &push->token);
}

static enum err set_trust(struct push_http *push, const char *path, struct err_note *note)
{
	if (path && path[0] && !file_exists(path))
		return err_say(ERR_MISSING, note,
			       "%.200s: not found; expected the push server's authority",
			       path);
	return str_copy(push->ca_file, sizeof(push->ca_file), path ? path : "")
		       ? OK
		       : err_say(ERR_LIMIT, note,
				 "the path of the push server's authority is too long");
}

enum err push_http_open(struct loop *loop, const struct push_http_settings *settings,
			struct push_listener listener, struct push *out_push,
			struct err_note *note)
{
	struct push_http *push = calloc(1, sizeof(*push));
	enum err err = ERR_MEMORY;

	if (!push)
		goto out;
	push->listener = listener;
	err = set_place(push, settings, note);
	if (!err)
		err = set_token(push, settings->token, note);
	if (!err)
		err = set_trust(push, settings->ca_file, note);
	if (!err)
		err = transfers_open(loop, PUSH_OPEN_MAX, &push->transfers);
	if (err)
		goto out;
	*out_push = (struct push){.ops = &PUSH_HTTP_OPS, .self = push};
	push = NULL;
out:
	push_http_close(push);
	return err ? err_say(err, note, "%s", err_words(err)) : OK;
}
