/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_user - from rows of settings to an open port. Invariant: the token is in memory that
 * is wiped, and in no message.
 */
#include "adapter/push_user.h"

#include <string.h>

#include "adapter/push_http.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"

enum { TOKEN_BYTES_MAX = 1024, HTTPS_PORT = 443, HTTP_PORT = 80, PORT_MAX = 65535 };

bool push_user_is_set(const struct settings *settings)
{
	return settings->push_url[0] != '\0';
}

/* push_http_open says what is wrong with a URL; of one that is, any port will do. */
uint16_t push_user_port(const struct settings *settings)
{
	const bool is_plain = str_starts(settings->push_url, "http://");
	const char *host = strstr(settings->push_url, "://");
	char text[sizeof(settings->push_url)];
	const char *colon;
	int64_t port = is_plain ? HTTP_PORT : HTTPS_PORT;

	host = host ? host + 3 : settings->push_url;
	if (!str_copy_bytes(text, sizeof(text), host, strcspn(host, "/?#")))
		return (uint16_t)port;
	colon = strrchr(text, ':');
	if (colon && !strchr(colon, ']'))
		(void)str_to_int(colon + 1, 1, PORT_MAX, &port);
	return (uint16_t)port;
}

enum err push_user_token(const char *data, const struct settings *settings,
			 struct secret **out_token, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	size_t size = 0;
	enum err err;

	*out_token = NULL;
	if (!push_user_is_set(settings))
		return OK;
	if (!file_join(path, sizeof(path), data, "push.token"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	if (!file_exists(path))
		return OK;
	err = file_read(path, TOKEN_BYTES_MAX, &bytes, note);
	while (!err && size < bytes.size && bytes.bytes[size] != '\r' &&
	       bytes.bytes[size] != '\n')
		size++;
	if (!err && size == 0)
		err = err_say(ERR_FORMAT, note, "%s: expected a token on its first line",
			      path);
	if (!err)
		err = secret_copy(bytes.bytes, size, out_token);
	if (bytes.bytes)
		seal_wipe(bytes.bytes, bytes.size);
	buf_finish(&bytes);
	return err;
}

enum err push_user_open(struct loop *loop, const struct settings *settings,
			const struct secret *token, struct push_listener listener,
			struct push *out_push, struct err_note *note)
{
	const struct push_http_settings http = {
		.url = settings->push_url,
		.plain_at_home = str_equal(settings->push_plain, "yes"),
		.token = token,
		.ca_file = settings->push_authority,
	};
	struct err_note why = {""};
	enum err err = push_http_open(loop, &http, listener, out_push, &why);

	return err ? err_say(err, note, "behest.conf, [push]: %s", why.text) : OK;
}
