/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scripted_server - a thread, a socket and a table.
 *
 * Invariant: every wait ends soon after `stop` is set, so that a test cannot hang in it.
 */
#include "e2e/scripted_server.h"

#include "unit/cmocka_all.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"
#include "e2e/loopback.h"

enum { LINE_BYTES = 4096, WAIT_MS = 50 };

struct scripted_server {
	const struct script *script;
	SSL_CTX *context;
	SSL *ssl;
	int listening;
	int fd;
	uint16_t port;
	pthread_t thread;
	atomic_bool stop;
	atomic_bool is_stalling;
	bool is_over;
};

static bool may_go_on(const struct scripted_server *server)
{
	return !server->is_over && !atomic_load(&server->stop);
}

static bool may_try_again(const struct scripted_server *server, int got)
{
	const int error = server->ssl ? SSL_get_error(server->ssl, got) : 0;

	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* One byte; the socket gives up waiting every WAIT_MS. */
static bool read_byte(struct scripted_server *server, char *to)
{
	while (may_go_on(server)) {
		int got = server->ssl ? SSL_read(server->ssl, to, 1)
				      : (int)recv(server->fd, to, 1, 0);

		if (got == 1)
			return true;
		if (got == 0 || (server->ssl && !may_try_again(server, got)))
			return false;
	}
	return false;
}

static bool read_line(struct scripted_server *server, char line[LINE_BYTES])
{
	size_t size = 0;
	char byte = 0;

	while (read_byte(server, &byte)) {
		if (byte == '\n') {
			line[size] = '\0';
			return true;
		}
		if (byte != '\r' && size < LINE_BYTES - 1)
			line[size++] = byte;
	}
	return false;
}

static bool say(struct scripted_server *server, const struct script_row *row)
{
	const size_t size = row->say_size > 0 ? row->say_size : strlen(row->say);

	return server->ssl
		       ? SSL_write(server->ssl, row->say, (int)size) == (int)size
		       : send(server->fd, row->say, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void stay(struct scripted_server *server)
{
	atomic_store(&server->is_stalling, true);
	while (may_go_on(server))
		(void)poll(NULL, 0, WAIT_MS);
}

static void play(struct scripted_server *server, const struct script_row *row)
{
	if (row->say && !say(server, row))
		server->is_over = true;
	if (row->then == SCRIPT_STALL)
		stay(server);
	if (row->then == SCRIPT_FLOOD)
		while (may_go_on(server) && say(server, row))
			;
	if (row->then != SCRIPT_GO_ON)
		server->is_over = true;
}

static bool matches(const struct script_row *row, const char *line)
{
	if (!row->on || !line)
		return row->on == line;
	return row->is_whole ? str_equal(line, row->on) : str_starts(line, row->on);
}

static void answer(struct scripted_server *server, const char *line)
{
	for (const struct script_row *row = server->script->rows; row->on || row->say;
	     row++)
		if (matches(row, line)) {
			play(server, row);
			return;
		}
}

static bool take_connection(struct scripted_server *server)
{
	const struct timeval wait = {.tv_usec = WAIT_MS * 1000};
	struct pollfd ready = {.fd = server->listening, .events = POLLIN};

	while (may_go_on(server) && poll(&ready, 1, WAIT_MS) <= 0)
		;
	if (!may_go_on(server))
		return false;
	server->fd = accept(server->listening, NULL, NULL);
	must(server->fd >= 0);
	must(setsockopt(server->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0);
	return true;
}

static bool take_tls(struct scripted_server *server)
{
	int done = 0;

	if (!server->context)
		return true;
	server->ssl = SSL_new(server->context);
	must(server->ssl && SSL_set_fd(server->ssl, server->fd) == 1);
	do {
		done = SSL_accept(server->ssl);
	} while (done != 1 && may_go_on(server) && may_try_again(server, done));
	return done == 1;
}

static void *run(void *context)
{
	struct scripted_server *server = context;
	char line[LINE_BYTES];

	if (!take_connection(server))
		return NULL;
	if (take_tls(server)) {
		answer(server, NULL);
		while (may_go_on(server) && read_line(server, line))
			answer(server, line);
	}
	SSL_free(server->ssl);
	close(server->fd);
	return NULL;
}

/* Without one the connection is as it comes. */
static void make_context(struct scripted_server *server)
{
	if (!server->script->certificate)
		return;
	server->context = SSL_CTX_new(TLS_server_method());
	assert_non_null(server->context);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(server->context,
							    server->script->certificate),
			 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(server->context, server->script->key,
						     SSL_FILETYPE_PEM),
			 1);
}

struct scripted_server *scripted_server_begin(const struct script *script)
{
	struct scripted_server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	/* TLS writes to a socket that the other side may have left. */
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	server->script = script;
	server->fd = -1;
	make_context(server);
	server->listening = loopback_listen(&server->port);
	assert_true(server->listening >= 0);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
	return server;
}

void scripted_server_end(struct scripted_server *server)
{
	if (!server)
		return;
	atomic_store(&server->stop, true);
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	close(server->listening);
	SSL_CTX_free(server->context);
	free(server);
}

bool scripted_server_is_stalling(const struct scripted_server *server)
{
	return atomic_load(&server->is_stalling);
}

uint16_t scripted_server_port(const struct scripted_server *server)
{
	return server->port;
}
