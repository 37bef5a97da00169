/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_unix - opens unix sockets for links, and the command line's blocking client.
 *
 * Invariant: neither side talks to a process of another user (but root).
 */
#include "adapter/link_unix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/link_inner.h"
#include "base/must.h"
#include "base/str.h"

enum { BACKLOG = 16 };

static enum err make_address(const char *path, struct sockaddr_un *out_address,
			     struct err_note *note)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (path[0] == '\0' ||
	    !str_copy(address.sun_path, sizeof(address.sun_path), path))
		return err_say(ERR_LIMIT, note, "%s: a socket's path has 1 to %zu bytes",
			       path, sizeof(address.sun_path) - 1);
	*out_address = address;
	return OK;
}

static enum err make_socket(int flags, int *out_fd, struct err_note *note)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return err_say(ERR_IO, note, "no unix socket: %s", strerror(errno));
	*out_fd = fd;
	return OK;
}

/* The other side must run as our user, or as root. Its process is whoever connected, or
 * listened. */
static enum err check_user(int fd, pid_t *out_process, struct err_note *note)
{
	struct ucred user;
	socklen_t size = sizeof(user);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) != 0)
		return err_say(ERR_IO, note, "cannot tell who is on the other side: %s",
			       strerror(errno));
	if (user.uid != geteuid() && user.uid != 0)
		return err_say(ERR_DENIED, note, "the other side runs as another user");
	*out_process = user.pid;
	return OK;
}

static enum err err_of_connect(int number)
{
	if (number == ENOENT)
		return ERR_MISSING;
	if (number == ECONNREFUSED)
		return ERR_CLOSED;
	if (number == EAGAIN)
		return ERR_BUSY;
	return ERR_IO;
}

static enum err dial(const char *path, int flags, int *out_fd, struct err_note *note)
{
	struct sockaddr_un address;
	pid_t process = 0;
	int fd = -1;
	enum err err = make_address(path, &address, note);
	if (err == OK)
		err = make_socket(flags, &fd, note);
	if (err == OK && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int number = errno;
		err = err_say(err_of_connect(number), note, "%s: nobody answers: %s",
			      path, strerror(number));
	}
	if (err == OK)
		err = check_user(fd, &process, note);
	if (err == OK)
		*out_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

static ssize_t plain_receive(void *self, int fd, void *to, size_t size)
{
	(void)self;
	return recv(fd, to, size, 0);
}

static ssize_t plain_send(void *self, int fd, const void *bytes, size_t size)
{
	(void)self;
	return send(fd, bytes, size, MSG_NOSIGNAL);
}

static const struct link_transport_ops plain_ops = {.receive = plain_receive,
						    .send = plain_send};

enum err link_connect(struct loop *loop, const char *path, enum wire_link kind,
		      enum wire_party self, const char *name,
		      const struct link_listener *listener, struct link **out_link,
		      struct err_note *note)
{
	const struct link_transport plain = {.ops = &plain_ops};
	int fd = -1;
	enum err err = dial(path, SOCK_NONBLOCK, &fd, note);
	if (err != OK)
		return err;
	struct link_ends ends = link_make_ends(kind, self, name);
	err = link_start(loop, fd, &plain, &ends, LINK_HELLO_MS, listener, out_link);
	return err == OK ? OK : err_say(err, note, "%s: %s", path, err_words(err));
}

/* --- listening --- */

/* Makes way for us: a socket that nobody listens on is removed, nothing else is. */
static enum err clear_path(const char *path, struct err_note *note)
{
	struct stat about;
	int fd = -1;
	if (lstat(path, &about) != 0)
		return OK; /* bind(2) will say what is wrong, if anything is */
	if (!S_ISSOCK(about.st_mode))
		return err_say(ERR_EXISTS, note, "%s: is there, but is not a socket",
			       path);
	enum err err = dial(path, SOCK_NONBLOCK, &fd, NULL);
	if (err == OK)
		close(fd);
	if (err != ERR_CLOSED && err != ERR_MISSING)
		return err_say(ERR_EXISTS, note,
			       "%s: another program already listens there", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_say(ERR_IO, note, "%s: cannot be replaced: %s", path,
			       strerror(errno));
	return OK;
}

/* The mode is set before the name exists, so there is no moment in which it is wider. */
static enum err open_listening(const struct sockaddr_un *address, int *out_fd,
			       struct err_note *note)
{
	int fd = -1;
	enum err err = make_socket(SOCK_NONBLOCK, &fd, note);
	if (err != OK)
		return err;
	if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		err = err_say(ERR_IO, note, "%s: cannot listen there: %s",
			      address->sun_path, strerror(errno));
		close(fd);
		return err;
	}
	*out_fd = fd;
	return OK;
}

static enum err accepted(struct link_server *server, int fd,
			 struct link_transport *out_transport,
			 char address[LINK_ADDRESS_BYTES])
{
	pid_t process = 0;
	enum err err = check_user(fd, &process, NULL);
	(void)server;
	address[0] = '\0';
	*out_transport =
		(struct link_transport){.ops = &plain_ops, .process = (uint32_t)process};
	return err;
}

static void remove_path(struct link_server *server)
{
	const struct sockaddr_un *address = server->own;

	if (server->fd >= 0)
		(void)!unlink(address->sun_path);
	free(server->own);
}

enum err link_listen(struct loop *loop, const char *path, enum wire_link kind,
		     enum wire_party self, const char *name,
		     const struct link_listener *listener,
		     struct link_server **out_server, struct err_note *note)
{
	struct link_server *server = calloc(1, sizeof(*server));
	struct sockaddr_un *address = calloc(1, sizeof(*address));
	if (!server || !address) {
		free(server);
		free(address);
		return err_say(ERR_MEMORY, note, "%s: out of memory", path);
	}
	*server = (struct link_server){.loop = loop,
				       .listener = *listener,
				       .ends = link_make_ends(kind, self, name),
				       .hello_ms = LINK_HELLO_MS,
				       .fd = -1,
				       .accepted = accepted,
				       .finish = remove_path,
				       .own = address};
	enum err err = make_address(path, address, note);
	if (err == OK)
		err = clear_path(path, note);
	if (err == OK)
		err = open_listening(address, &server->fd, note);
	if (err == OK)
		err = link_server_start(server);
	if (err == OK)
		*out_server = server;
	else
		link_server_destroy(server);
	return err == OK ? OK : err_say(err, note, "%s: %s", path, err_words(err));
}

/* --- the blocking client --- */

struct link_client {
	struct link_ends ends;
	int fd;
	size_t size; /* of the frame so far */
	uint8_t bytes[WIRE_FRAME_MAX];
	struct wire_message message;
};

/* Waits for the socket until the time is over. until_ms < 0: no limit. */
static enum err wait_ready(int fd, short events, int64_t until_ms, struct err_note *note)
{
	while (true) {
		int64_t left = until_ms < 0 ? -1 : until_ms - loop_now_ms();
		if (until_ms >= 0 && left < 0)
			left = 0;
		struct pollfd poll_fd = {.fd = fd, .events = events};
		int ready = poll(&poll_fd, 1, (int)left);
		if (ready > 0)
			return OK;
		if (ready == 0)
			return err_say(ERR_TIMEOUT, note, "no answer in time");
		if (errno != EINTR)
			return err_say(ERR_IO, note, "poll: %s", strerror(errno));
	}
}

static int64_t until(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : loop_now_ms() + timeout_ms;
}

/* Reads until the frame has size bytes. */
static enum err fill(struct link_client *client, size_t size, int64_t until_ms,
		     struct err_note *note)
{
	while (client->size < size) {
		ssize_t got = recv(client->fd, client->bytes + client->size,
				   size - client->size, MSG_DONTWAIT);
		if (got > 0) {
			client->size += (size_t)got;
			continue;
		}
		if (got == 0 || errno == ECONNRESET)
			return err_say(ERR_CLOSED, note, "the other side is gone");
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return err_say(ERR_IO, note, "recv: %s", strerror(errno));
		enum err err = wait_ready(client->fd, POLLIN, until_ms, note);
		if (err != OK)
			return err;
	}
	return OK;
}

/* One message of any type. What has arrived stays when the time is over. */
static enum err receive(struct link_client *client, int64_t until_ms,
			struct err_note *note)
{
	size_t size = 0;
	enum err err = fill(client, WIRE_HEAD_BYTES, until_ms, note);
	if (err == OK)
		err = wire_frame_size(client->bytes, client->size, &size);
	if (err == OK)
		err = fill(client, size, until_ms, note);
	if (err != OK)
		return err_say(err, note, "%s", err_words(err));
	return wire_decode(client->bytes, size, &client->message, note);
}

/* Forgets the last message and its bytes; slices borrowed from them. */
static void forget(struct link_client *client)
{
	if (client->message.type == 0)
		return;
	wire_wipe(&client->message);
	explicit_bzero(client->bytes, client->size);
	client->size = 0;
}

static enum err send_frame(struct link_client *client, enum wire_type type,
			   const void *fields, struct err_note *note)
{
	uint8_t bytes[WIRE_FRAME_MAX];
	size_t size = 0;
	size_t sent = 0;
	enum err err = wire_encode(type, fields, bytes, sizeof(bytes), &size);
	if (err != OK)
		(void)err_say(err, note, "message %s: %s", wire_type_name(type),
			      err_words(err));
	while (err == OK && sent < size) {
		ssize_t written =
			send(client->fd, bytes + sent, size - sent, MSG_NOSIGNAL);
		if (written >= 0)
			sent += (size_t)written;
		else if (errno != EINTR)
			err = err_say(ERR_CLOSED, note, "the other side is gone");
	}
	explicit_bzero(bytes, size);
	return err;
}

enum err link_client_open(const char *path, enum wire_link kind, enum wire_party self,
			  const char *name, int timeout_ms,
			  struct link_client **out_client, struct err_note *note)
{
	struct link_client *client = calloc(1, sizeof(*client));
	if (!client)
		return err_say(ERR_MEMORY, note, "%s: out of memory", path);
	client->fd = -1;
	client->ends = link_make_ends(kind, self, name);
	enum err err = dial(path, 0, &client->fd, note);
	struct wire_hello hello = link_make_hello(&client->ends);
	if (err == OK)
		err = send_frame(client, WIRE_hello, &hello, note);
	if (err == OK)
		err = receive(client, until(timeout_ms), note);
	if (err == OK)
		err = link_check_hello(&client->ends, &client->message, note);
	if (err == OK) {
		forget(client);
		*out_client = client;
	} else {
		link_client_close(client);
	}
	return err;
}

void link_client_close(struct link_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	explicit_bzero(client, sizeof(*client));
	free(client);
}

enum err link_client_send(struct link_client *client, enum wire_type type,
			  const void *fields, struct err_note *note)
{
	must(type != WIRE_hello && wire_may(client->ends.kind, client->ends.self, type));
	return send_frame(client, type, fields, note);
}

enum err link_client_wait(struct link_client *client, int timeout_ms,
			  const struct wire_message **out_message, struct err_note *note)
{
	forget(client);
	enum err err = receive(client, until(timeout_ms), note);
	if (err == OK)
		err = link_check_right(&client->ends, &client->message, note);
	if (err == OK)
		*out_message = &client->message;
	return err;
}

int link_client_fd(const struct link_client *client)
{
	return client->fd;
}
