/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_tls - opens TCP sockets for links and puts TLS between.
 *
 * Knows no certificate (tls.c) and no message (link.c). Invariant: every link of a server
 * is closed before the server's TLS context.
 */
#include "adapter/link_tls.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/link_inner.h"
#include "base/must.h"

enum {
	BACKLOG = 16,
	PROBE_S = 1, /* of a line where nothing is said */
	PROBES = LINK_TLS_DEAD_MS / 1000,
};

/* One connection; a client's has its own context, a server's uses the server's. */
struct tcp {
	struct tls *tls;
	struct tls_context *own; /* NULL: the server's */
	int fd;
	uint8_t expected[TLS_KEY_BYTES]; /* client: the hub's key */
};

/* --- the transport --- */

/* A connection that is being made has failed when the socket says so. */
static enum err check_socket(int fd, struct err_note *note)
{
	int number = 0;
	socklen_t size = sizeof(number);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
		number = errno;
	return number == 0 ? OK
			   : err_say(ERR_CLOSED, note, "cannot connect: %s",
				     strerror(number));
}

static bool is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return getpeername(fd, (struct sockaddr *)&peer, &size) == 0;
}

static enum err tcp_shake(void *self, unsigned *out_want, struct err_note *note)
{
	struct tcp *tcp = self;
	bool wants_write = false;
	enum err err = check_socket(tcp->fd, note);

	if (err == OK && !is_connected(tcp->fd)) {
		*out_want = LOOP_WRITE;
		return ERR_BUSY;
	}
	if (err == OK)
		err = tls_shake(tcp->tls, &wants_write, note);
	*out_want = wants_write ? LOOP_WRITE : LOOP_READ;
	return err;
}

static ssize_t tcp_receive(void *self, int fd, void *to, size_t size)
{
	const struct tcp *tcp = self;

	(void)fd;
	return tls_read(tcp->tls, to, size);
}

static ssize_t tcp_send(void *self, int fd, const void *bytes, size_t size)
{
	const struct tcp *tcp = self;

	(void)fd;
	return tls_write(tcp->tls, bytes, size);
}

static bool tcp_has_more(const void *self)
{
	const struct tcp *tcp = self;

	return tls_has_more(tcp->tls);
}

static const uint8_t *tcp_key(const void *self)
{
	const struct tcp *tcp = self;

	return tls_peer_key(tcp->tls);
}

static const char *tcp_why(const void *self)
{
	const struct tcp *tcp = self;

	return tls_why(tcp->tls);
}

static void tcp_end(void *self)
{
	struct tcp *tcp = self;

	if (!tcp)
		return;
	tls_close(tcp->tls);
	tls_context_destroy(tcp->own);
	free(tcp);
}

static const struct link_transport_ops tcp_ops = {
	.shake = tcp_shake,
	.receive = tcp_receive,
	.send = tcp_send,
	.has_more = tcp_has_more,
	.key = tcp_key,
	.why = tcp_why,
	.end = tcp_end,
};

/* Notices a dead line soon, and sends small frames at once. */
static void tune(int fd)
{
	const int yes = 1;
	const int probe_s = PROBE_S;
	const int probes = PROBES;
	const unsigned dead_ms = LINK_TLS_DEAD_MS;

	/* Where the kernel takes one of them not, the rest still holds. */
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	(void)!setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &probe_s, sizeof(probe_s));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe_s, sizeof(probe_s));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
}

static enum err tcp_create(struct tls_context *context, int fd, struct tcp **out_session)
{
	struct tcp *tcp = calloc(1, sizeof(*tcp));
	enum err err = ERR_MEMORY;

	if (!tcp)
		return err;
	tcp->fd = fd;
	err = context ? tls_open(context, fd, &tcp->tls) : OK;
	if (err == OK)
		*out_session = tcp;
	else
		free(tcp);
	return err;
}

/* --- listening --- */

/* The address without its port: connections are counted by it. */
static enum err name_address(int fd, char to[LINK_ADDRESS_BYTES])
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 ||
	    getnameinfo((struct sockaddr *)&peer, size, to, LINK_ADDRESS_BYTES, NULL, 0,
			NI_NUMERICHOST) != 0)
		return ERR_IO;
	return OK;
}

static enum err accepted(struct link_server *server, int fd,
			 struct link_transport *out_transport,
			 char address[LINK_ADDRESS_BYTES])
{
	struct tcp *tcp = NULL;
	enum err err = name_address(fd, address);

	tune(fd);
	if (err == OK)
		err = tcp_create(server->own, fd, &tcp);
	if (err == OK)
		*out_transport = (struct link_transport){.ops = &tcp_ops, .self = tcp};
	return err;
}

static void finish(struct link_server *server)
{
	tls_context_destroy(server->own);
}

static enum err open_listening(const struct link_tls_place *place, int *out_fd,
			       struct err_note *note)
{
	const struct sockaddr *address = (const struct sockaddr *)&place->addresses[0];
	const int yes = 1;
	enum err err = OK;
	int fd =
		socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, address, place->sizes[0]) != 0 || listen(fd, BACKLOG) != 0)
		err = err_say(ERR_IO, note, "%s: cannot listen there: %s", place->words,
			      strerror(errno));
	if (err == OK)
		*out_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

static int64_t hello_ms_of(const struct link_tls_side *side)
{
	return side->hello_ms > 0 ? side->hello_ms : LINK_HELLO_MS;
}

enum err link_tls_listen(struct loop *loop, const struct link_tls_place *place,
			 const struct link_tls_side *side, tls_knows_fn *knows,
			 void *context, const struct link_listener *listener,
			 struct link_server **out_server, struct err_note *note)
{
	struct link_server *server = calloc(1, sizeof(*server));
	struct tls_context *tls = NULL;
	enum err err = ERR_MEMORY;

	must(place->count > 0);
	if (!server)
		return err_say(err, note, "%s: %s", place->words, err_words(err));
	*server = (struct link_server){.loop = loop,
				       .listener = *listener,
				       .ends = link_make_ends(side->kind, side->self,
							      side->name),
				       .hello_ms = hello_ms_of(side),
				       .fd = -1,
				       .accepted = accepted,
				       .peers_max = side->peers_max,
				       .strangers_max = LINK_TLS_STRANGERS_MAX,
				       .per_address_max = LINK_TLS_PER_ADDRESS,
				       .finish = finish};
	err = tls_context_create(true, side->seed, knows, context, &tls);
	server->own = tls;
	if (err == OK)
		err = open_listening(place, &server->fd, note);
	if (err == OK)
		err = link_server_start(server);
	if (err == OK)
		*out_server = server;
	else
		link_server_destroy(server);
	return err == OK ? OK
			 : err_say(err, note, "%s: %s", place->words, err_words(err));
}

uint16_t link_tls_port(const struct link_server *server)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof(address);
	uint16_t port = 0;

	if (getsockname(server->fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		port = ((const struct sockaddr_in *)&address)->sin_port;
	else if (address.ss_family == AF_INET6)
		port = ((const struct sockaddr_in6 *)&address)->sin6_port;
	return ntohs(port);
}

/* --- connecting --- */

static bool knows_hub(void *context, const uint8_t key[TLS_KEY_BYTES])
{
	const struct tcp *tcp = context;

	return memcmp(tcp->expected, key, TLS_KEY_BYTES) == 0;
}

static enum err begin_connecting(struct link_tls_place *place, int *out_fd,
				 struct err_note *note)
{
	const size_t at = place->next++ % place->count;
	const struct sockaddr *address = (const struct sockaddr *)&place->addresses[at];
	enum err err = OK;
	int fd =
		socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 ||
	    (connect(fd, address, place->sizes[at]) != 0 && errno != EINPROGRESS))
		err = err_say(ERR_CLOSED, note, "%s: cannot connect: %s", place->words,
			      strerror(errno));
	if (err == OK)
		*out_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

enum err link_tls_connect(struct loop *loop, struct link_tls_place *place,
			  const struct link_tls_side *side,
			  const uint8_t hub_key[TLS_KEY_BYTES],
			  const struct link_listener *listener, struct link **out_link,
			  struct err_note *note)
{
	const struct link_ends ends = link_make_ends(side->kind, side->self, side->name);
	struct tcp *tcp = NULL;
	int fd = -1;
	enum err err;

	must(place->count > 0);
	err = begin_connecting(place, &fd, note);
	if (err != OK)
		return err;
	tune(fd);
	err = tcp_create(NULL, fd, &tcp);
	if (err == OK) {
		memcpy(tcp->expected, hub_key, TLS_KEY_BYTES);
		err = tls_context_create(false, side->seed, knows_hub, tcp, &tcp->own);
	}
	if (err == OK)
		err = tls_open(tcp->own, fd, &tcp->tls);
	if (err != OK) {
		tcp_end(tcp);
		close(fd);
		return err_say(err, note, "%s: %s", place->words, err_words(err));
	}
	const struct link_transport transport = {.ops = &tcp_ops, .self = tcp};
	err = link_start(loop, fd, &transport, &ends, hello_ms_of(side), listener,
			 out_link);
	return err == OK ? OK
			 : err_say(err, note, "%s: %s", place->words, err_words(err));
}
