/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_smtp - makes the headers of a message, hands it to transfer.c, and judges from the
 * server's words how that ended.
 *
 * Knows no library. Invariants: nothing is sent before every text of the message was
 * checked; the outcome ACCEPTED is the server's 2xx to the message itself and nothing
 * else; a message that it may hold is never called LATER.
 */
#include "adapter/mail_smtp.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/header_text.h"
#include "adapter/mail_reply.h"
#include "adapter/transfer.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/mail_address.h"

enum {
	LINE_BYTES = 16 + HEADER_TEXT_BYTES(MAIL_SUBJECT_MAX) + MAIL_ADDRESS_MAX,
	URL_BYTES = 32 + MAIL_SMTP_HOST_MAX + MAIL_ADDRESS_MAX,
	CODE_CLASS = 100, /* of 250 in its class 2 */
	CODE_AUTH = 535,
};

struct mail_smtp {
	struct transfers *transfers;
	struct mail_listener listener;
	char url[URL_BYTES];
	const char *protocol;
	char user[MAIL_SMTP_USER_MAX + 1];
	struct secret *password;
	char from[MAIL_ADDRESS_MAX + 1];
	char from_name[MAIL_NAME_MAX + 1];
	char ca_file[MAIL_SMTP_PATH_BYTES];
};

/* A message under way. */
struct sending {
	struct mail_smtp *mail;
	uint64_t token;
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

/* --- how it ended --- */

/* By the class of the answer to the message, or to what came before it. */
static enum delivery_outcome outcome_of(unsigned code, bool has_begun)
{
	switch (code / CODE_CLASS) {
	case 2:
		return has_begun ? DELIVERY_ACCEPTED : DELIVERY_LATER;
	case 4:
		return DELIVERY_LATER;
	case 5:
		return DELIVERY_REFUSED;
	default:
		return has_begun ? DELIVERY_UNKNOWN : DELIVERY_LATER;
	}
}

static void say_reply(const struct mail_reply *reply, char to[DELIVERY_WORDS_BYTES])
{
	(void)str_format(to, DELIVERY_WORDS_BYTES, "the server %s: %s",
			 reply->code == CODE_AUTH ? "refused the user name or password"
						  : "answered",
			 reply->line);
	str_clean(to);
}

static struct delivery judge(const struct transfer_result *result)
{
	struct delivery delivery = {.outcome = DELIVERY_LATER};
	struct mail_reply reply;

	mail_reply_read(result->reply, result->reply_size, &reply);
	/* What a server says to STARTTLS is about TLS and not about the message. */
	if (result->end != TRANSFER_NO_TLS && result->end != TRANSFER_UNTRUSTED) {
		delivery.outcome = outcome_of(reply.code, reply.has_begun);
		delivery.code = reply.code;
	}
	if (delivery.outcome == DELIVERY_ACCEPTED || delivery.code / CODE_CLASS > 3)
		say_reply(&reply, delivery.words);
	else
		transfer_say(result, delivery.words);
	return delivery;
}

static void on_done(void *context, const struct transfer_result *result)
{
	struct sending *sending = context;
	const struct delivery delivery = judge(result);
	const struct mail_listener *listener = &sending->mail->listener;

	listener->done(listener->context, sending->token, &delivery);
	free(sending);
}

/* --- the message --- */

static bool is_id(const char *id)
{
	static const char fit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	const size_t size = strnlen(id, MAIL_ID_MAX + 1);

	return size > 0 && size <= MAIL_ID_MAX && strspn(id, fit) == size;
}

static enum err check_message(const struct mail_message *message, struct err_note *note)
{
	enum err err = mail_address_check(message->to, note);

	must(is_id(message->id));
	if (!err)
		err = mail_line_check(or_empty(message->to_name), MAIL_NAME_MAX,
				      "the recipient's name", note);
	if (!err)
		err = mail_line_check(message->subject, MAIL_SUBJECT_MAX, "the subject",
				      note);
	if (!err)
		err = mail_text_check(message->text, MAIL_TEXT_MAX, "the text", note);
	if (!err && message->sound_size > MAIL_SOUND_MAX)
		err = err_say(ERR_LIMIT, note, "the sound is longer than %d bytes",
			      (int)MAIL_SOUND_MAX);
	return err;
}

/* "From: Name <address>" */
static bool say_address(char to[LINE_BYTES], const char *header, const char *name,
			const char *address)
{
	char words[HEADER_TEXT_BYTES(MAIL_NAME_MAX)];

	if (!name[0])
		return str_format(to, LINE_BYTES, "%s: <%s>", header, address);
	return header_text(words, sizeof(words), name, "\r\n ") &&
	       str_format(to, LINE_BYTES, "%s: %s\r\n <%s>", header, words, address);
}

static bool say_subject(char to[LINE_BYTES], const char *subject)
{
	char words[HEADER_TEXT_BYTES(MAIL_SUBJECT_MAX)];

	return header_text(words, sizeof(words), subject, "\r\n ") &&
	       str_format(to, LINE_BYTES, "Subject: %s", words);
}

static bool say_date(char to[LINE_BYTES], int64_t at_ms)
{
	char date[HEADER_DATE_BYTES];

	return header_date(date, at_ms) && str_format(to, LINE_BYTES, "Date: %s", date);
}

enum { FROM, TO, SUBJECT, DATE, ID, LINES };

/* Nobody answers a message of a house with "I am away". */
static const char AUTOMATIC[] = "Auto-Submitted: auto-generated";

/* All were checked, so that what fails here is a bug of ours, or an odd clock. */
static bool say_headers(const struct mail_smtp *mail, const struct mail_message *message,
			char lines[LINES][LINE_BYTES])
{
	return say_address(lines[FROM], "From", mail->from_name, mail->from) &&
	       say_address(lines[TO], "To", or_empty(message->to_name), message->to) &&
	       say_subject(lines[SUBJECT], message->subject) &&
	       say_date(lines[DATE], message->at_ms) &&
	       str_format(lines[ID], LINE_BYTES, "Message-ID: <%s@%s>", message->id,
			  mail_address_domain(mail->from));
}

/* Lines of mail end with CR LF. */
static enum err end_lines(struct buf *to, const char *text)
{
	enum err err = buf_add(to, "", 0);

	for (size_t size = 0; !err && *text; text += size) {
		size = strcspn(text, "\n");
		err = buf_add(to, text, size);
		if (!err && text[size] == '\n') {
			err = buf_add_text(to, "\r\n");
			size++;
		}
	}
	return err;
}

static enum err start(struct mail_smtp *mail, const struct mail_message *message,
		      const char *text, char lines[LINES][LINE_BYTES],
		      struct sending *sending)
{
	struct transfer_request request = {
		.url = mail->url,
		.protocol = mail->protocol,
		.ca_file = or_null(mail->ca_file),
		.user = or_null(mail->user),
		.password = mail->password,
		.text = text,
		.from = mail->from,
		.to = message->to,
		.attached = message->sound,
		.attached_size = message->sound_size,
		.attached_type = "audio/ogg",
		.attached_name = "message.ogg",
		.connect_ms = MAIL_CONNECT_MS,
		.whole_ms = MAIL_UPLOAD_MS,
		.answer_ms = MAIL_ANSWER_MS,
		.is_over = mail_reply_is_over,
	};

	_Static_assert((int)LINES < (int)TRANSFER_HEADERS_MAX, "one more is added");
	for (size_t i = 0; i < LINES; i++)
		request.headers[i] = lines[i];
	request.headers[LINES] = AUTOMATIC;
	return transfer_start(mail->transfers, &request, on_done, sending);
}

static enum err mail_smtp_send(void *self, const struct mail_message *message,
			       uint64_t token, struct err_note *note)
{
	struct mail_smtp *mail = self;
	char lines[LINES][LINE_BYTES];
	struct sending *sending = NULL;
	struct buf text = {0};
	enum err err = check_message(message, note);

	buf_init(&text, 2 * MAIL_TEXT_MAX);
	if (!err && !say_headers(mail, message, lines))
		err = err_say(ERR_FORMAT, note, "the headers cannot be written");
	if (!err)
		err = end_lines(&text, message->text);
	if (err)
		goto out;
	sending = malloc(sizeof(*sending));
	if (!sending) {
		err = ERR_MEMORY;
		goto out;
	}
	*sending = (struct sending){.mail = mail, .token = token};
	err = start(mail, message, text.bytes ? (const char *)text.bytes : "", lines,
		    sending);
	if (!err)
		sending = NULL;
out:
	buf_finish(&text);
	free(sending);
	return err ? err_say(err, note, "%s", err_words(err)) : OK;
}

/* --- the port --- */

static void mail_smtp_close(void *self)
{
	struct mail_smtp *mail = self;

	if (!mail)
		return;
	transfers_close(mail->transfers);
	secret_destroy(mail->password);
	free(mail);
}

static const struct mail_ops MAIL_SMTP_OPS = {
	.send = mail_smtp_send,
	.close = mail_smtp_close,
};

/* What is written into a URL: the host is the owner's word, but may be mistyped. */
static bool is_host(const char *host)
{
	static const char fit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:";
	const size_t size = strnlen(host, MAIL_SMTP_HOST_MAX + 1);

	return size > 0 && size <= MAIL_SMTP_HOST_MAX && strspn(host, fit) == size;
}

/* The path is what we call ourselves: not this machine's name, which is nobody's business,
 * but the sender's domain. */
static enum err set_place(struct mail_smtp *mail,
			  const struct mail_smtp_settings *settings,
			  struct err_note *note)
{
	static const char *const protocols[] = {
		[MAIL_SMTP_STARTTLS] = "smtp", [MAIL_SMTP_IMPLICIT] = "smtps"};
	const bool is_number = settings->host && strchr(settings->host, ':');

	if (!settings->host || !is_host(settings->host))
		return err_say(ERR_FORMAT, note,
			       "the mail server's host is no name and no address");
	if (settings->port == 0)
		return err_say(ERR_RANGE, note, "the mail server's port is 0");
	mail->protocol = protocols[settings->tls];
	must(str_format(mail->url, sizeof(mail->url), "%s://%s%s%s:%u/%s", mail->protocol,
			is_number ? "[" : "", settings->host, is_number ? "]" : "",
			settings->port, mail_address_domain(settings->from)));
	return OK;
}

static enum err set_sender(struct mail_smtp *mail,
			   const struct mail_smtp_settings *settings,
			   struct err_note *note)
{
	enum err err = mail_address_check(or_empty(settings->from), note);

	if (!err)
		err = mail_line_check(or_empty(settings->from_name), MAIL_NAME_MAX,
				      "the sender's name", note);
	if (err)
		return err;
	must(str_copy(mail->from, sizeof(mail->from), settings->from));
	must(str_copy(mail->from_name, sizeof(mail->from_name),
		      or_empty(settings->from_name)));
	return OK;
}

/* A password goes to the server as it is: a line end in it would only be refused there,
 * and is what a file read whole has. */
static enum err check_password(const struct secret *password, struct err_note *note)
{
	const uint8_t *bytes = secret_view(password);

	for (size_t i = 0; i < secret_size(password); i++)
		if (bytes[i] < ' ' || bytes[i] == 0x7f)
			return err_say(ERR_FORMAT, note,
				       "the mail password has a control character in it");
	return OK;
}

static enum err set_user(struct mail_smtp *mail,
			 const struct mail_smtp_settings *settings, struct err_note *note)
{
	const char *user = or_empty(settings->user);
	enum err err = mail_line_check(user, MAIL_SMTP_USER_MAX, "the mail user", note);

	if (!err && (user[0] != '\0') != (settings->password != NULL))
		err = err_say(ERR_FORMAT, note,
			      "the mail user and password go together; one is missing");
	if (!err && settings->password)
		err = check_password(settings->password, note);
	if (!err && settings->password)
		err = secret_copy(secret_view(settings->password),
				  secret_size(settings->password), &mail->password);
	if (!err)
		must(str_copy(mail->user, sizeof(mail->user), user));
	return err;
}

static enum err set_trust(struct mail_smtp *mail,
			  const struct mail_smtp_settings *settings,
			  struct err_note *note)
{
	const char *path = or_empty(settings->ca_file);

	if (path[0] && !file_exists(path))
		return err_say(ERR_MISSING, note,
			       "%.200s: not found; expected the mail "
			       "server's authority",
			       path);
	return str_copy(mail->ca_file, sizeof(mail->ca_file), path)
		       ? OK
		       : err_say(ERR_LIMIT, note,
				 "the path of the mail server's "
				 "authority is too long");
}

enum err mail_smtp_open(struct loop *loop, const struct mail_smtp_settings *settings,
			struct mail_listener listener, struct mail *out_mail,
			struct err_note *note)
{
	struct mail_smtp *mail = calloc(1, sizeof(*mail));
	enum err err = ERR_MEMORY;

	if (!mail)
		goto out;
	mail->listener = listener;
	err = set_sender(mail, settings, note);
	if (!err)
		err = set_place(mail, settings, note);
	if (!err)
		err = set_user(mail, settings, note);
	if (!err)
		err = set_trust(mail, settings, note);
	if (!err)
		err = transfers_open(loop, MAIL_OPEN_MAX, &mail->transfers);
	if (err)
		goto out;
	*out_mail = (struct mail){.ops = &MAIL_SMTP_OPS, .self = mail};
	mail = NULL;
out:
	mail_smtp_close(mail);
	return err ? err_say(err, note, "%s", err_words(err)) : OK;
}
