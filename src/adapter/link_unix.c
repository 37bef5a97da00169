/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - messages between our programs over unix stream sockets.
 *
 * Moves frames; knows nothing of what they mean. Invariants: no message reaches a
 * listener before a right hello and without a row in rights.def; a link is freed only
 * when none of its callbacks is running; buffers that held messages are wiped. A failed
 * write never calls back into the sender: it shuts the socket, and the loop reports it.
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

#include "base/must.h"
#include "base/str.h"

enum { BACKLOG = 16, ACCEPTS_PER_ROUND = 8 };

/* A frame that waits to be written. */
struct frame {
	struct frame *next;
	size_t size;
	size_t written;
	uint8_t bytes[];
};

/* Who we are on a link and who must be on the other side. */
struct ends {
	enum wire_link kind;
	enum wire_party self;
	enum wire_party other;
	char name[LINK_NAME_BYTES];
};

struct link {
	struct loop *loop;
	struct link_server *server; /* NULL: we connected */
	struct link *next;          /* in the server's list */
	struct link_listener listener;
	struct ends ends;
	void *data;
	char peer[LINK_NAME_BYTES];
	uint64_t hello_timer;
	int fd;
	unsigned depth; /* callbacks that are running */
	bool open;
	bool dead; /* to be freed when depth is 0 */
	struct frame *first;
	struct frame *last;
	size_t queued_bytes;
	size_t input_size;
	uint8_t input[WIRE_FRAME_MAX];
	uint8_t scratch[WIRE_FRAME_MAX];
	struct wire_message message;
};

struct link_server {
	struct loop *loop;
	struct link *links;
	size_t link_count;
	struct link_listener listener;
	struct ends ends;
	struct sockaddr_un address;
	int fd;
};

/* --- what both forms share --- */

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

/* The other side must run as our user, or as root. */
static enum err check_user(int fd, struct err_note *note)
{
	struct ucred user;
	socklen_t size = sizeof(user);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) != 0)
		return err_say(ERR_IO, note, "cannot tell who is on the other side: %s",
			       strerror(errno));
	if (user.uid != geteuid() && user.uid != 0)
		return err_say(ERR_DENIED, note, "the other side runs as another user");
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
		err = check_user(fd, note);
	if (err == OK)
		*out_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

static struct ends make_ends(enum wire_link kind, enum wire_party self, const char *name)
{
	struct ends ends = {.kind = kind, .self = self, .other = wire_other(kind, self)};
	must(str_copy(ends.name, sizeof(ends.name), name));
	return ends;
}

static struct wire_hello make_hello(const struct ends *ends)
{
	struct wire_hello hello = {.version = WIRE_VERSION};
	must(str_copy(hello.role, sizeof(hello.role), wire_party_name(ends->self)));
	must(str_copy(hello.name, sizeof(hello.name), ends->name));
	return hello;
}

static enum err check_hello(const struct ends *ends, const struct wire_message *message,
			    struct err_note *note)
{
	const char *role = wire_party_name(ends->other);
	if (message->type == WIRE_refused)
		return err_say(ERR_DENIED, note, "%s", message->refused.words);
	if (message->type != WIRE_hello)
		return err_say(ERR_FORMAT, note, "%s said %s before hello", role,
			       wire_type_name(message->type));
	if (message->hello.version != WIRE_VERSION)
		return err_say(ERR_VERSION, note,
			       "%s speaks version %u of our wire, not %d", role,
			       message->hello.version, WIRE_VERSION);
	if (!str_equal(message->hello.role, role))
		return err_say(ERR_DENIED, note,
			       "the other side is a %s, expected was a %s",
			       message->hello.role, role);
	return OK;
}

/* A message behind the greeting: is there a row for it? */
static enum err check_right(const struct ends *ends, const struct wire_message *message,
			    struct err_note *note)
{
	if (message->type != WIRE_hello &&
	    wire_may(ends->kind, ends->other, message->type))
		return OK;
	return err_say(ERR_DENIED, note, "%s may not say %s here",
		       wire_party_name(ends->other), wire_type_name(message->type));
}

/* --- links on a loop --- */

static void free_frame(struct frame *frame)
{
	explicit_bzero(frame->bytes, frame->size);
	free(frame);
}

static void unlist(struct link *link)
{
	if (!link->server)
		return;
	struct link **at = &link->server->links;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	link->server->link_count--;
	link->server = NULL;
}

/* Writes what the socket takes. A failure shuts the socket; the loop tells. */
static void flush(struct link *link)
{
	while (link->first) {
		struct frame *frame = link->first;
		ssize_t written = send(link->fd, frame->bytes + frame->written,
				       frame->size - frame->written, MSG_NOSIGNAL);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (written < 0) {
			(void)shutdown(link->fd, SHUT_RDWR);
			return;
		}
		frame->written += (size_t)written;
		if (frame->written < frame->size)
			return;
		link->first = frame->next;
		if (!link->first)
			link->last = NULL;
		link->queued_bytes -= frame->size;
		free_frame(frame);
	}
}

/* Gives up the socket and everything that waits; the link itself stays. */
static void let_go(struct link *link)
{
	if (link->fd < 0)
		return;
	flush(link);
	loop_forget(link->loop, link->fd);
	loop_cancel(link->loop, link->hello_timer);
	close(link->fd);
	link->fd = -1;
	link->open = false;
	link->dead = true;
	while (link->first) {
		struct frame *next = link->first->next;
		free_frame(link->first);
		link->first = next;
	}
	link->last = NULL;
	unlist(link);
}

static void free_when_idle(struct link *link)
{
	if (!link->dead || link->depth > 0)
		return;
	must(link->fd < 0);
	explicit_bzero(link, sizeof(*link));
	free(link);
}

void link_close(struct link *link)
{
	if (!link)
		return;
	let_go(link);
	free_when_idle(link);
}

static enum err enqueue(struct link *link, enum wire_type type, const void *fields)
{
	size_t size = 0;
	enum err err =
		wire_encode(type, fields, link->scratch, sizeof(link->scratch), &size);
	if (err != OK)
		goto out;
	if (size > LINK_QUEUE_BYTES - link->queued_bytes) {
		err = ERR_LIMIT;
		goto out;
	}
	struct frame *frame = malloc(sizeof(*frame) + size);
	if (!frame) {
		err = ERR_MEMORY;
		goto out;
	}
	*frame = (struct frame){.size = size};
	memcpy(frame->bytes, link->scratch, size);
	if (link->last)
		link->last->next = frame;
	else
		link->first = frame;
	link->last = frame;
	link->queued_bytes += size;
	flush(link);
	loop_want(link->loop, link->fd, link->first ? LOOP_READ | LOOP_WRITE : LOOP_READ);
out:
	explicit_bzero(link->scratch, size);
	return err;
}

enum err link_send(struct link *link, enum wire_type type, const void *fields)
{
	must(type != WIRE_hello && wire_may(link->ends.kind, link->ends.self, type));
	if (!link->open)
		return ERR_CLOSED;
	return enqueue(link, type, fields);
}

/* Ends a link that failed: tells the other side if we may, then our listener. */
static void fail(struct link *link, enum err err, const char *why)
{
	if (link->dead)
		return;
	bool may = wire_may(link->ends.kind, link->ends.self, WIRE_refused);
	if (may && (err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_RANGE ||
		    err == ERR_DENIED || err == ERR_VERSION || err == ERR_TIMEOUT)) {
		struct wire_refused refused = {.err = (uint32_t)err};
		(void)str_copy(refused.words, sizeof(refused.words), why);
		enum err sent = enqueue(link, WIRE_refused, &refused);
		if (sent != OK)
			link->open = false; /* it is closed all the same */
	}
	let_go(link);
	link->depth++;
	link->listener.closed(link->listener.context, link, err, why);
	link->depth--;
}

static void take_message(struct link *link)
{
	struct err_note note = {0};
	bool greeting = !link->open;
	enum err err = greeting ? check_hello(&link->ends, &link->message, &note)
				: check_right(&link->ends, &link->message, &note);
	if (err != OK) {
		fail(link, err, note.text);
		return;
	}
	if (greeting) {
		loop_cancel(link->loop, link->hello_timer);
		link->hello_timer = 0;
		must(str_copy(link->peer, sizeof(link->peer), link->message.hello.name));
		link->open = true;
		link->listener.opened(link->listener.context, link);
	} else {
		link->listener.message(link->listener.context, link, &link->message);
	}
}

/* Takes the frames that are whole. */
static void take_frames(struct link *link)
{
	size_t at = 0;
	while (!link->dead) {
		struct err_note note = {0};
		size_t size = 0;
		enum err err =
			wire_frame_size(link->input + at, link->input_size - at, &size);
		if (err == ERR_BUSY || (err == OK && size > link->input_size - at))
			break;
		if (err == OK)
			err = wire_decode(link->input + at, size, &link->message, &note);
		else
			(void)err_say(err, &note, "a frame with an impossible length");
		if (err != OK) {
			fail(link, err, note.text);
			break;
		}
		take_message(link);
		wire_wipe(&link->message);
		at += size;
	}
	memmove(link->input, link->input + at, link->input_size - at);
	explicit_bzero(link->input + link->input_size - at, at);
	link->input_size -= at;
}

static void read_some(struct link *link)
{
	ssize_t got = recv(link->fd, link->input + link->input_size,
			   sizeof(link->input) - link->input_size, 0);
	if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (got <= 0) {
		fail(link, ERR_CLOSED, "the other side is gone");
		return;
	}
	link->input_size += (size_t)got;
	take_frames(link);
}

static void on_ready(void *context, int fd, unsigned ready)
{
	struct link *link = context;
	must(fd == link->fd);
	link->depth++;
	if (ready & LOOP_WRITE) {
		flush(link);
		if (!link->first)
			loop_want(link->loop, fd, LOOP_READ);
	}
	if (ready & LOOP_READ)
		read_some(link);
	link->depth--;
	free_when_idle(link);
}

static void on_hello_late(void *context)
{
	struct link *link = context;
	link->hello_timer = 0;
	link->depth++;
	fail(link, ERR_TIMEOUT, "no hello in time");
	link->depth--;
	free_when_idle(link);
}

/* Makes a link of a connected socket and greets. Takes fd over in any case. */
static enum err start(struct loop *loop, int fd, const struct ends *ends,
		      const struct link_listener *listener, struct link **out_link)
{
	must(listener->opened && listener->message && listener->closed);
	enum err err = OK;
	struct link *link = calloc(1, sizeof(*link));
	if (!link) {
		close(fd);
		return ERR_MEMORY;
	}
	link->loop = loop;
	link->listener = *listener;
	link->ends = *ends;
	link->fd = fd;
	err = loop_watch(loop, fd, LOOP_READ, on_ready, link);
	if (err == OK)
		err = loop_after(loop, LINK_HELLO_MS, on_hello_late, link,
				 &link->hello_timer);
	if (err == OK) {
		struct wire_hello hello = make_hello(ends);
		err = enqueue(link, WIRE_hello, &hello);
	}
	if (err == OK)
		*out_link = link;
	else
		link_close(link);
	return err;
}

enum err link_connect(struct loop *loop, const char *path, enum wire_link kind,
		      enum wire_party self, const char *name,
		      const struct link_listener *listener, struct link **out_link,
		      struct err_note *note)
{
	int fd = -1;
	enum err err = dial(path, SOCK_NONBLOCK, &fd, note);
	if (err != OK)
		return err;
	struct ends ends = make_ends(kind, self, name);
	err = start(loop, fd, &ends, listener, out_link);
	return err == OK ? OK : err_say(err, note, "%s: %s", path, err_words(err));
}

bool link_is_open(const struct link *link)
{
	return link->open;
}

const char *link_peer(const struct link *link)
{
	return link->peer;
}

void link_set_data(struct link *link, void *data)
{
	link->data = data;
}

void *link_data(const struct link *link)
{
	return link->data;
}

/* --- listening --- */

static void accept_one(struct link_server *server, int fd)
{
	struct link *link = NULL;
	if (server->link_count == LINK_PEERS_MAX || check_user(fd, NULL) != OK) {
		close(fd);
		return;
	}
	if (start(server->loop, fd, &server->ends, &server->listener, &link) != OK)
		return;
	link->server = server;
	link->next = server->links;
	server->links = link;
	server->link_count++;
}

static void on_connection(void *context, int listening_fd, unsigned ready)
{
	must(ready & LOOP_READ);
	for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
		int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		accept_one(context, fd);
	}
}

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

enum err link_listen(struct loop *loop, const char *path, enum wire_link kind,
		     enum wire_party self, const char *name,
		     const struct link_listener *listener,
		     struct link_server **out_server, struct err_note *note)
{
	must(listener->opened && listener->message && listener->closed);
	struct link_server *server = calloc(1, sizeof(*server));
	if (!server)
		return err_say(ERR_MEMORY, note, "%s: out of memory", path);
	server->loop = loop;
	server->listener = *listener;
	server->ends = make_ends(kind, self, name);
	server->fd = -1;
	enum err err = make_address(path, &server->address, note);
	if (err == OK)
		err = clear_path(path, note);
	if (err == OK)
		err = open_listening(&server->address, &server->fd, note);
	if (err == OK)
		err = loop_watch(loop, server->fd, LOOP_READ, on_connection, server);
	if (err == OK)
		*out_server = server;
	else
		link_server_destroy(server);
	return err == OK ? OK : err_say(err, note, "%s: %s", path, err_words(err));
}

void link_server_destroy(struct link_server *server)
{
	if (!server)
		return;
	while (server->links) {
		struct link *link = server->links;
		server->links = link->next;
		link->server = NULL; /* it need not take itself off the list */
		link_close(link);
	}
	if (server->fd >= 0) {
		loop_forget(server->loop, server->fd);
		close(server->fd);
		(void)!unlink(server->address.sun_path);
	}
	free(server);
}

static bool is_listed(const struct link *link)
{
	return link->open;
}

size_t link_server_count(const struct link_server *server)
{
	size_t count = 0;
	for (const struct link *link = server->links; link; link = link->next)
		count += is_listed(link) ? 1 : 0;
	return count;
}

struct link *link_server_at(const struct link_server *server, size_t index)
{
	for (struct link *link = server->links; link; link = link->next) {
		if (!is_listed(link))
			continue;
		if (index == 0)
			return link;
		index--;
	}
	return NULL;
}

/* --- the blocking client --- */

struct link_client {
	struct ends ends;
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
	client->ends = make_ends(kind, self, name);
	enum err err = dial(path, 0, &client->fd, note);
	struct wire_hello hello = make_hello(&client->ends);
	if (err == OK)
		err = send_frame(client, WIRE_hello, &hello, note);
	if (err == OK)
		err = receive(client, until(timeout_ms), note);
	if (err == OK)
		err = check_hello(&client->ends, &client->message, note);
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
		err = check_right(&client->ends, &client->message, note);
	if (err == OK)
		*out_message = &client->message;
	return err;
}

int link_client_fd(const struct link_client *client)
{
	return client->fd;
}
