/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_user - from rows of settings to an open port. Invariant: the password is in memory
 * that is wiped, and in no message.
 */
#include "adapter/mail_user.h"

#include <string.h>

#include "adapter/mail_smtp.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"

enum { PASSWORD_BYTES_MAX = 1024 };

bool mail_user_is_set(const struct settings *settings)
{
	return settings->mail_host[0] != '\0';
}

enum err mail_user_password(const char *data, const struct settings *settings,
			    struct secret **out_password, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	size_t size = 0;
	enum err err;

	*out_password = NULL;
	if (!mail_user_is_set(settings) || settings->mail_user[0] == '\0')
		return OK;
	if (!file_join(path, sizeof(path), data, "mail.password"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	err = file_read(path, PASSWORD_BYTES_MAX, &bytes, note);
	while (!err && size < bytes.size && bytes.bytes[size] != '\r' &&
	       bytes.bytes[size] != '\n')
		size++;
	if (!err && size == 0)
		err = err_say(ERR_FORMAT, note,
			      "%s: expected a password on its first line", path);
	if (!err)
		err = secret_copy(bytes.bytes, size, out_password);
	if (bytes.bytes)
		seal_wipe(bytes.bytes, bytes.size);
	buf_finish(&bytes);
	return err;
}

enum err mail_user_open(struct loop *loop, const struct settings *settings,
			const struct secret *password, struct mail_listener listener,
			struct mail *out_mail, struct err_note *note)
{
	const bool is_implicit = str_equal(settings->mail_tls, "implicit");
	const struct mail_smtp_settings smtp = {
		.host = settings->mail_host,
		.port = (uint16_t)settings->mail_port,
		.tls = is_implicit ? MAIL_SMTP_IMPLICIT : MAIL_SMTP_STARTTLS,
		.user = settings->mail_user,
		.password = password,
		.from = settings->mail_from,
		.from_name = settings->mail_from_name,
		.ca_file = settings->mail_authority,
	};
	struct err_note why = {""};
	enum err err = mail_smtp_open(loop, &smtp, listener, out_mail, &why);

	return err ? err_say(err, note, "behest.conf, [mail]: %s", why.text) : OK;
}
