/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer - libcurl, one easy handle and one thread a transfer. The only user of libcurl.
 *
 * Knows no mail and no notice: what an answer means is its caller's. Invariants: from
 * pthread_create to the queue a transfer belongs to its thread, but for `stop`; before
 * and after it belongs to the loop's; a handle is made and freed on the loop's thread.
 */
#include "adapter/transfer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/wiped.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/queue.h"
#include "base/str.h"

enum { MS_PER_SECOND = 1000, BASE64_LINE = 76 };

struct transfer {
	struct transfers *transfers;
	struct transfer *next;
	transfer_done_fn *done;
	void *context;
	bool (*is_over)(const char *reply, size_t size);

	CURL *easy;
	struct curl_slist *headers;
	struct curl_slist *recipients;
	curl_mime *mime;

	pthread_t thread;
	atomic_bool stop;
	int64_t until_ms; /* the loop's clock; nothing goes on for longer */
	int64_t answer_ms;
	curl_off_t sent_min; /* bytes; with so many sent, answer_ms begin */
	bool is_sent;
	struct buf reply;
	size_t body_at;
	bool has_body;
	bool over; /* is_over has said so */
	CURLcode code;
	char detail[CURL_ERROR_SIZE];
};

struct transfers {
	struct loop *loop;
	struct queue *ended; /* of struct transfer * */
	struct transfer *first;
	size_t count;
	size_t count_max;
	bool has_library;
};

/* --- on the transfer's thread --- */

/* Takes a piece of the answer; a short count ends the transfer. */
static size_t on_reply(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;

	if (buf_add(&transfer->reply, bytes, size * count) != OK)
		return 0;
	if (!transfer->over && transfer->is_over &&
	    transfer->is_over((const char *)transfer->reply.bytes,
			      transfer->reply.size)) {
		const int64_t goodbye_ms = loop_now_ms() + TRANSFER_GOODBYE_MS;

		transfer->over = true;
		if (goodbye_ms < transfer->until_ms)
			transfer->until_ms = goodbye_ms;
	}
	return size * count;
}

/* The same of what comes behind the headers. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;

	if (!transfer->has_body)
		transfer->body_at = transfer->reply.size;
	transfer->has_body = true;
	return on_reply(bytes, size, count, transfer);
}

/* From now on only the answer is waited for, and no longer than the goodbye if it came. */
static void begin_answer(struct transfer *transfer)
{
	transfer->is_sent = true;
	if (!transfer->over)
		transfer->until_ms = loop_now_ms() + transfer->answer_ms;
}

/* Asked about once a second, also where the library waits inside of a call: its own
 * timeout does not hold there. */
static int on_progress(void *context, curl_off_t down_all, curl_off_t down,
		       curl_off_t up_all, curl_off_t up)
{
	struct transfer *transfer = context;

	(void)down_all;
	(void)down;
	(void)up_all;
	if (transfer->answer_ms > 0 && !transfer->is_sent && up >= transfer->sent_min)
		begin_answer(transfer);
	return atomic_load(&transfer->stop) || loop_now_ms() >= transfer->until_ms;
}

static void *run(void *context)
{
	struct transfer *transfer = context;

	transfer->code = curl_easy_perform(transfer->easy);
	must(queue_push(transfer->transfers->ended, &transfer) == OK);
	return NULL;
}

/* Signals are for the loop's thread, and a socket that is gone raises none. */
static bool start_thread(struct transfer *transfer)
{
	sigset_t all;
	sigset_t before;
	bool started = false;

	must(sigfillset(&all) == 0);
	must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	started = pthread_create(&transfer->thread, NULL, run, transfer) == 0;
	must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return started;
}

/* --- what the library is told --- */

/* A name is looked up on a thread of the library's; QUICK_EXIT leaves that one behind
 * where the answer is no longer waited for, instead of waiting for it. */
static const struct {
	CURLoption option;
	long value;
} FIXED[] = {
	{CURLOPT_NOSIGNAL, 1},
	{CURLOPT_NOPROGRESS, 0},
	{CURLOPT_QUICK_EXIT, 1},
	{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
	{CURLOPT_SSL_VERIFYPEER, 1},
	{CURLOPT_SSL_VERIFYHOST, 2},
	{CURLOPT_FOLLOWLOCATION, 0},
	{CURLOPT_NETRC, CURL_NETRC_IGNORED},
	{CURLOPT_FRESH_CONNECT, 1},
	{CURLOPT_FORBID_REUSE, 1},
	{CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
};

static bool set_long(struct transfer *transfer, CURLoption option, long value)
{
	return curl_easy_setopt(transfer->easy, option, value) == CURLE_OK;
}

/* The library copies texts; NULL leaves its default. */
static bool set_text(struct transfer *transfer, CURLoption option, const char *text)
{
	return !text || curl_easy_setopt(transfer->easy, option, text) == CURLE_OK;
}

/* A secret as text with its end, which it has for this moment only. */
static bool set_secret(struct transfer *transfer, CURLoption option,
		       const struct secret *secret)
{
	struct secret *text = NULL;
	bool set = false;

	if (!secret)
		return true;
	if (secret_create(secret_size(secret) + 1, &text) != OK)
		return false;
	memcpy(secret_bytes(text), secret_view(secret), secret_size(secret));
	set = set_text(transfer, option, (const char *)secret_view(text));
	secret_destroy(text);
	return set;
}

static bool set_fixed(struct transfer *transfer)
{
	for (size_t i = 0; i < STR_COUNT(FIXED); i++)
		if (!set_long(transfer, FIXED[i].option, FIXED[i].value))
			return false;
	return curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, transfer->detail) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_XFERINFODATA, transfer) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_reply) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body) ==
		       CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

/* With authorities of one's own the system's have no say. */
static bool set_trust(struct transfer *transfer, const char *ca_file)
{
	return !ca_file ||
	       (set_text(transfer, CURLOPT_CAINFO, ca_file) &&
		curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

/* Where there are two limits, on_progress keeps the first; the library's own for each of a
 * server's answers (two minutes) is shorter than the second. */
static bool set_patience(struct transfer *transfer,
			 const struct transfer_request *request)
{
	const int64_t most_ms = request->whole_ms + request->answer_ms;

	return set_long(transfer, CURLOPT_TIMEOUT_MS, (long)most_ms) &&
	       (request->answer_ms == 0 ||
		set_long(transfer, CURLOPT_SERVER_RESPONSE_TIMEOUT,
			 (long)(most_ms / MS_PER_SECOND)));
}

static bool set_place(struct transfer *transfer, const struct transfer_request *request)
{
	return set_text(transfer, CURLOPT_URL, request->url) &&
	       set_text(transfer, CURLOPT_PROTOCOLS_STR, request->protocol) &&
	       set_text(transfer, CURLOPT_REDIR_PROTOCOLS_STR, request->protocol) &&
	       /* empty: not even that of the environment */
	       set_text(transfer, CURLOPT_PROXY, "") &&
	       set_trust(transfer, request->ca_file) &&
	       set_long(transfer, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms) &&
	       set_patience(transfer, request);
}

static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

static bool set_headers(struct transfer *transfer, const char *const *headers)
{
	for (size_t i = 0; i < TRANSFER_HEADERS_MAX && headers[i]; i++)
		if (!add_line(&transfer->headers, headers[i]))
			return false;
	return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) ==
	       CURLE_OK;
}

/* One part: bytes are copied. */
static bool add_part(curl_mime *mime, const void *bytes, size_t size, const char *type,
		     const char *name, const char *encoder)
{
	curl_mimepart *part = curl_mime_addpart(mime);

	return part && curl_mime_data(part, bytes, size) == CURLE_OK &&
	       curl_mime_type(part, type) == CURLE_OK &&
	       (!name || curl_mime_filename(part, name) == CURLE_OK) &&
	       curl_mime_encoder(part, encoder) == CURLE_OK;
}

static bool set_mail(struct transfer *transfer, const struct transfer_request *request)
{
	transfer->mime = curl_mime_init(transfer->easy);
	return transfer->mime && add_line(&transfer->recipients, request->to) &&
	       curl_easy_setopt(transfer->easy, CURLOPT_MAIL_RCPT,
				transfer->recipients) == CURLE_OK &&
	       set_text(transfer, CURLOPT_MAIL_FROM, request->from) &&
	       set_long(transfer, CURLOPT_USE_SSL, CURLUSESSL_ALL) &&
	       /* inside of TLS; the others would ask the machine for tickets */
	       set_text(transfer, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN") &&
	       add_part(transfer->mime, request->text, strlen(request->text),
			"text/plain; charset=UTF-8", NULL, "quoted-printable") &&
	       add_part(transfer->mime, request->attached, request->attached_size,
			request->attached_type, request->attached_name, "base64") &&
	       curl_easy_setopt(transfer->easy, CURLOPT_MIMEPOST, transfer->mime) ==
		       CURLE_OK;
}

static bool set_body(struct transfer *transfer, const char *text)
{
	return text ? set_long(transfer, CURLOPT_POST, 1) &&
			       set_long(transfer, CURLOPT_POSTFIELDSIZE,
					(long)strlen(text)) &&
			       set_text(transfer, CURLOPT_COPYPOSTFIELDS, text)
		    : set_long(transfer, CURLOPT_HTTPGET, 1);
}

static bool set_web(struct transfer *transfer, const struct transfer_request *request)
{
	return set_body(transfer, request->text) &&
	       (!request->bearer ||
		set_long(transfer, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER)) &&
	       set_secret(transfer, CURLOPT_XOAUTH2_BEARER, request->bearer);
}

static bool set_all(struct transfer *transfer, const struct transfer_request *request)
{
	return set_fixed(transfer) && set_place(transfer, request) &&
	       set_headers(transfer, request->headers) &&
	       set_text(transfer, CURLOPT_USERNAME, request->user) &&
	       set_secret(transfer, CURLOPT_PASSWORD, request->password) &&
	       (request->to ? set_mail(transfer, request) : set_web(transfer, request));
}

/* --- one transfer's life --- */

static void destroy(struct transfer *transfer)
{
	if (!transfer)
		return;
	curl_easy_cleanup(transfer->easy);
	curl_mime_free(transfer->mime);
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->recipients);
	buf_finish(&transfer->reply);
	free(transfer);
}

static bool is_text(const struct secret *secret)
{
	return !secret || !memchr(secret_view(secret), '\0', secret_size(secret));
}

/* In lines of 76 letters, without the last one's end. The attachment comes last, so with so
 * many bytes sent only a few are left to send, as many as go before it. */
static size_t base64_size(size_t size)
{
	const size_t letters = (size + 2) / 3 * 4;

	return letters + letters / BASE64_LINE * 2;
}

enum err transfer_start(struct transfers *transfers,
			const struct transfer_request *request, transfer_done_fn *done,
			void *context)
{
	struct transfer *transfer = NULL;
	enum err err = ERR_MEMORY;

	if (transfers->count >= transfers->count_max)
		return ERR_BUSY;
	if (!is_text(request->password) || !is_text(request->bearer))
		return ERR_FORMAT;
	transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		return err;
	transfer->transfers = transfers;
	transfer->done = done;
	transfer->context = context;
	transfer->is_over = request->is_over;
	/* The library's own limit comes first, and knows better what it waited for. */
	transfer->until_ms = loop_now_ms() + request->whole_ms + TRANSFER_CLOSE_MS;
	transfer->answer_ms = request->answer_ms;
	transfer->sent_min = (curl_off_t)base64_size(request->attached_size);
	buf_init(&transfer->reply, TRANSFER_REPLY_MAX);
	transfer->easy = curl_easy_init();
	if (!transfer->easy || !set_all(transfer, request) || !start_thread(transfer))
		goto out;
	transfer->next = transfers->first;
	transfers->first = transfer;
	transfers->count++;
	transfer = NULL;
	err = OK;
out:
	destroy(transfer);
	return err;
}

static enum transfer_end end_of(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum transfer_end end;
	} rows[] = {
#define TRANSFER_CODE(code, name) {code, TRANSFER_##name},
#include "adapter/transfer.def"
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].code == code)
			return rows[i].end;
	return TRANSFER_FAILED;
}

static void fill(struct transfer *transfer, struct transfer_result *to)
{
	const char *type = NULL;
	long status = 0;

	*to = (struct transfer_result){.end = end_of(transfer->code),
				       .reply = (const char *)transfer->reply.bytes,
				       .reply_size = transfer->reply.size,
				       .body_at = transfer->has_body
							  ? transfer->body_at
							  : transfer->reply.size};
	if (curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) ==
		    CURLE_OK &&
	    status > 0)
		to->status = (unsigned)status;
	/* One that is longer than any that is expected is no type. */
	if (curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK &&
	    type)
		(void)str_copy(to->type, sizeof(to->type), type);
	str_clean(to->type);
	/* The library may quote the server. */
	(void)str_copy_bytes(to->detail, sizeof(to->detail), transfer->detail,
			     strnlen(transfer->detail, sizeof(to->detail) - 1));
	str_clean(to->detail);
}

static void unlink_transfer(struct transfers *transfers, const struct transfer *transfer)
{
	struct transfer **link = &transfers->first;

	while (*link != transfer)
		link = &(*link)->next;
	*link = transfer->next;
	transfers->count--;
}

/* Its thread has ended, or is about to. */
static void finish(struct transfer *transfer)
{
	struct transfer_result result;

	must(pthread_join(transfer->thread, NULL) == 0);
	unlink_transfer(transfer->transfers, transfer);
	fill(transfer, &result);
	transfer->done(transfer->context, &result);
	destroy(transfer);
}

static void on_ended(void *context, int fd, unsigned ready)
{
	struct transfers *transfers = context;
	struct transfer *transfer = NULL;

	(void)fd;
	(void)ready;
	while (queue_pop(transfers->ended, &transfer) == OK)
		finish(transfer);
}

void transfer_say(const struct transfer_result *result, char to[DELIVERY_WORDS_BYTES])
{
	static const char *const words[] = {
#define TRANSFER_END(name, words) [TRANSFER_##name] = words,
#include "adapter/transfer.def"
	};

	must(result->end < TRANSFER_END_COUNT);
	(void)str_format(to, DELIVERY_WORDS_BYTES, "the server %s%s%s",
			 words[result->end], result->detail[0] ? ": " : "",
			 result->detail);
	str_clean(to); /* it may have been cut inside of a character */
}

/* --- all of them --- */

enum err transfers_open(struct loop *loop, size_t count_max,
			struct transfers **out_transfers)
{
	struct transfers *transfers = calloc(1, sizeof(*transfers));
	enum err err = ERR_MEMORY;

	if (!transfers)
		return err;
	transfers->loop = loop;
	transfers->count_max = count_max;
	transfers->has_library =
		curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiped_malloc, wiped_free,
				     wiped_realloc, wiped_strdup,
				     wiped_calloc) == CURLE_OK;
	if (transfers->has_library)
		err = queue_create(sizeof(struct transfer *), count_max,
				   &transfers->ended);
	if (err == OK)
		err = loop_watch(loop, queue_fd(transfers->ended), LOOP_READ, on_ended,
				 transfers);
	if (err == OK)
		*out_transfers = transfers;
	else
		transfers_close(transfers);
	return err;
}

void transfers_close(struct transfers *transfers)
{
	if (!transfers)
		return;
	for (struct transfer *each = transfers->first; each; each = each->next)
		atomic_store(&each->stop, true);
	/* What is done may want to start more: there is no room. */
	transfers->count_max = 0;
	for (struct transfer *each = transfers->first, *next = NULL; each; each = next) {
		next = each->next;
		finish(each);
	}
	if (transfers->ended)
		loop_forget(transfers->loop, queue_fd(transfers->ended));
	queue_destroy(transfers->ended);
	if (transfers->has_library)
		curl_global_cleanup();
	free(transfers);
}
