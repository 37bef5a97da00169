/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-mail - sends one sound file as an e-mail through a mail server.
 *
 *   try-mail HOST PORT starttls|implicit USER PASSWORD-FILE FROM TO SOUND [CA-FILE]
 *
 * USER "-" signs nobody in. For trying a server by hand: says how it ended, exit status 0
 * when the server has accepted it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapter/mail_smtp.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/str.h"

enum { PASSWORD_MAX = 1024, ID_BYTES_TRIED = 32 };

struct trial {
	struct loop *loop;
	struct delivery result;
};

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	struct trial *trial = context;

	(void)token;
	trial->result = *result;
	loop_stop(trial->loop);
}

/* The first line of the file; what was read in between is wiped. */
static enum err read_password(const char *path, struct secret **out_password,
			      struct err_note *note)
{
	struct buf bytes = {0};
	enum err err = file_read(path, PASSWORD_MAX, &bytes, note);

	if (!err) {
		const size_t size =
			bytes.size > 0 ? strcspn((const char *)bytes.bytes, "\r\n") : 0;

		err = secret_copy(bytes.bytes, size, out_password);
	}
	if (bytes.bytes)
		explicit_bzero(bytes.bytes, bytes.capacity);
	buf_finish(&bytes);
	return err;
}

static enum err send_sound(struct trial *trial, struct mail *mail, const char *to,
			   const char *path, struct err_note *note)
{
	struct buf sound = {0};
	char id[ID_BYTES_TRIED];
	const time_t now = time(NULL);
	enum err err = file_read(path, MAIL_SOUND_MAX, &sound, note);

	if (!err) {
		(void)str_format(id, sizeof(id), "try-%lld", (long long)now);
		const struct mail_message message = {
			.id = id,
			.at_ms = (int64_t)now * 1000,
			.to = to,
			.subject = "A voice message, on trial",
			.text = "Somebody tried this mail server by hand.\n",
			.sound = sound.bytes,
			.sound_size = sound.size};
		err = mail_send(mail, &message, 1, note);
	}
	if (!err)
		err = loop_run(trial->loop);
	buf_finish(&sound);
	return err;
}

static enum err run(struct trial *trial, char **words, struct mail_smtp_settings settings,
		    struct err_note *note)
{
	struct secret *password = NULL;
	struct mail mail = {0};
	enum err err = OK;

	if (!str_equal(words[4], "-")) {
		settings.user = words[4];
		err = read_password(words[5], &password, note);
	}
	settings.password = password;
	if (!err)
		err = mail_smtp_open(trial->loop, &settings,
				     (struct mail_listener){trial, on_done}, &mail, note);
	if (!err)
		err = send_sound(trial, &mail, words[7], words[8], note);
	mail_close(&mail);
	secret_destroy(password);
	return err;
}

int main(int count, char **words)
{
	static const char *const outcomes[] = {
		[DELIVERY_ACCEPTED] = "accepted",
		[DELIVERY_REFUSED] = "refused",
		[DELIVERY_LATER] = "not now",
		[DELIVERY_UNKNOWN] = "unknown",
	};
	struct trial trial = {0};
	struct err_note note = {""};
	int64_t port = 0;
	enum err err = OK;

	log_name("try-mail");
	if (count < 9 || count > 10 || !str_to_int(words[2], 1, 65535, &port)) {
		(void)fputs("usage: try-mail HOST PORT starttls|implicit USER "
			    "PASSWORD-FILE FROM TO SOUND [CA-FILE]\n",
			    stderr);
		return 2;
	}
	const struct mail_smtp_settings settings = {.host = words[1],
						    .port = (uint16_t)port,
						    .tls = str_equal(words[3], "implicit")
								   ? MAIL_SMTP_IMPLICIT
								   : MAIL_SMTP_STARTTLS,
						    .from = words[6],
						    .ca_file =
							    count > 9 ? words[9] : NULL};
	err = seal_init();
	if (!err)
		err = loop_create(&trial.loop);
	if (!err)
		err = run(&trial, words, settings, &note);
	loop_destroy(trial.loop);
	if (err) {
		(void)fprintf(stderr, "try-mail: %s\n",
			      note.text[0] ? note.text : err_words(err));
		return 1;
	}
	(void)printf("%s: %s\n", outcomes[trial.result.outcome], trial.result.words);
	return trial.result.outcome == DELIVERY_ACCEPTED ? 0 : 1;
}
