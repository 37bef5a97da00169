/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - frames, greeting, rights and queues, over any transport.
 *
 * Moves frames; knows nothing of what they mean. Invariants: no message reaches a
 * listener before a right hello and without a row in rights.def; a link is freed only
 * when none of its callbacks is running; buffers that held messages are wiped. A failed
 * write never calls back into the sender: it shuts the socket, and the loop reports it.
 * One time limit covers transport and greeting, so that who connects and dawdles is gone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter/link_inner.h"
#include "base/must.h"
#include "base/str.h"

enum { ACCEPTS_PER_ROUND = 8 };

/* A frame that waits to be written. */
struct frame {
	struct frame *next;
	size_t size;
	size_t written;
	uint8_t bytes[];
};

struct link {
	struct loop *loop;
	struct link_server *server; /* NULL: we connected */
	struct link *next;          /* in the server's list */
	struct link_listener listener;
	struct link_transport transport;
	struct link_ends ends;
	void *data;
	char peer[LINK_NAME_BYTES];
	char address[LINK_ADDRESS_BYTES];
	uint64_t hello_timer;
	int fd;
	unsigned depth; /* callbacks that are running */
	bool shaken;    /* the transport is ready: frames may pass */
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

/* --- greeting --- */

struct link_ends link_make_ends(enum wire_link kind, enum wire_party self,
				const char *name)
{
	struct link_ends ends = {.kind = kind,
				 .self = self,
				 .other = wire_other(kind, self)};
	must(str_copy(ends.name, sizeof(ends.name), name));
	return ends;
}

struct wire_hello link_make_hello(const struct link_ends *ends)
{
	struct wire_hello hello = {.version = WIRE_VERSION};
	must(str_copy(hello.role, sizeof(hello.role), wire_party_name(ends->self)));
	must(str_copy(hello.name, sizeof(hello.name), ends->name));
	return hello;
}

enum err link_check_hello(const struct link_ends *ends,
			  const struct wire_message *message, struct err_note *note)
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
enum err link_check_right(const struct link_ends *ends,
			  const struct wire_message *message, struct err_note *note)
{
	if (message->type != WIRE_hello &&
	    wire_may(ends->kind, ends->other, message->type))
		return OK;
	return err_say(ERR_DENIED, note, "%s may not say %s here",
		       wire_party_name(ends->other), wire_type_name(message->type));
}

/* --- one link --- */

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
		ssize_t written =
			link->transport.ops->send(link->transport.self, link->fd,
						  frame->bytes + frame->written,
						  frame->size - frame->written);
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
	if (link->shaken)
		flush(link);
	loop_forget(link->loop, link->fd);
	loop_cancel(link->loop, link->hello_timer);
	if (link->transport.ops->end)
		link->transport.ops->end(link->transport.self);
	link->transport.self = NULL;
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

static unsigned wanted(const struct link *link)
{
	return link->first ? LOOP_READ | LOOP_WRITE : LOOP_READ;
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
	loop_want(link->loop, link->fd, wanted(link));
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

static void say_refused(struct link *link, enum err err, const char *why)
{
	struct wire_refused refused = {.err = (uint32_t)err};

	if (!link->shaken || !wire_may(link->ends.kind, link->ends.self, WIRE_refused))
		return;
	(void)str_format(refused.words, sizeof(refused.words), "%s", why);
	if (enqueue(link, WIRE_refused, &refused) != OK)
		link->open = false; /* it is closed all the same */
}

void link_refuse(struct link *link, enum err err, const char *words)
{
	if (!link->dead)
		say_refused(link, err, words);
	link_close(link);
}

/* Ends a link that failed: tells the other side if we may, then our listener. */
static void fail(struct link *link, enum err err, const char *why)
{
	if (link->dead)
		return;
	if (err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_RANGE ||
	    err == ERR_DENIED || err == ERR_VERSION || err == ERR_TIMEOUT)
		say_refused(link, err, why);
	let_go(link);
	link->depth++;
	link->listener.closed(link->listener.context, link, err, why);
	link->depth--;
}

static size_t peers_max(const struct link_server *server)
{
	return server->peers_max > 0 ? server->peers_max : LINK_PEERS_MAX;
}

static void take_message(struct link *link)
{
	struct err_note note = {0};
	bool greeting = !link->open;
	enum err err = greeting ? link_check_hello(&link->ends, &link->message, &note)
				: link_check_right(&link->ends, &link->message, &note);
	if (err != OK) {
		fail(link, err, note.text);
		return;
	}
	if (greeting && link->server &&
	    link_server_count(link->server) >= peers_max(link->server)) {
		fail(link, ERR_LIMIT, "too many others are here");
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

/* False when nothing more is to be read now. */
static bool read_some(struct link *link)
{
	const struct link_transport *transport = &link->transport;
	ssize_t got = transport->ops->receive(transport->self, link->fd,
					      link->input + link->input_size,
					      sizeof(link->input) - link->input_size);
	const char *why = NULL;

	if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (got <= 0) {
		if (transport->ops->why)
			why = transport->ops->why(transport->self);
		fail(link, ERR_CLOSED, why ? why : "the other side is gone");
		return false;
	}
	link->input_size += (size_t)got;
	take_frames(link);
	return !link->dead && transport->ops->has_more &&
	       transport->ops->has_more(transport->self);
}

static void greet(struct link *link)
{
	struct wire_hello hello = link_make_hello(&link->ends);

	link->shaken = true;
	if (enqueue(link, WIRE_hello, &hello) != OK)
		fail(link, ERR_MEMORY, err_words(ERR_MEMORY));
}

static void shake(struct link *link)
{
	struct err_note note = {0};
	unsigned want = LOOP_READ;
	enum err err = link->transport.ops->shake(link->transport.self, &want, &note);

	if (err == ERR_BUSY)
		loop_want(link->loop, link->fd, want);
	else if (err != OK)
		fail(link, err, note.text[0] ? note.text : err_words(err));
	else
		greet(link);
}

static void on_ready(void *context, int fd, unsigned ready)
{
	struct link *link = context;
	must(fd == link->fd);
	link->depth++;
	if (!link->shaken)
		shake(link);
	if (link->shaken && !link->dead && (ready & LOOP_READ)) {
		while (read_some(link))
			continue;
	}
	/* What waited may go after either: a transport can have had to read first. */
	if (link->shaken && !link->dead) {
		flush(link);
		loop_want(link->loop, fd, wanted(link));
	}
	link->depth--;
	free_when_idle(link);
}

/* Whoever was held up may be we ourselves, since the loop last looked at the socket: a
 * hello that lies there was in time. */
static void on_hello_late(void *context)
{
	struct link *link = context;
	link->hello_timer = 0;
	link->depth++;
	if (link->shaken) {
		while (read_some(link))
			continue;
	}
	if (!link->open && !link->dead)
		fail(link, ERR_TIMEOUT, "no hello in time");
	link->depth--;
	free_when_idle(link);
}

enum err link_start(struct loop *loop, int fd, const struct link_transport *transport,
		    const struct link_ends *ends, int64_t hello_ms,
		    const struct link_listener *listener, struct link **out_link)
{
	must(listener->opened && listener->message && listener->closed);
	enum err err = OK;
	struct link *link = calloc(1, sizeof(*link));
	if (!link) {
		if (transport->ops->end)
			transport->ops->end(transport->self);
		close(fd);
		return ERR_MEMORY;
	}
	link->loop = loop;
	link->listener = *listener;
	link->ends = *ends;
	link->transport = *transport;
	link->fd = fd;
	link->shaken = !transport->ops->shake;
	err = loop_watch(loop, fd, link->shaken ? LOOP_READ : LOOP_READ | LOOP_WRITE,
			 on_ready, link);
	if (err == OK)
		err = loop_after(loop, hello_ms, on_hello_late, link, &link->hello_timer);
	if (err == OK && link->shaken) {
		struct wire_hello hello = link_make_hello(ends);
		err = enqueue(link, WIRE_hello, &hello);
	}
	if (err == OK)
		*out_link = link;
	else
		link_close(link);
	return err;
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

const uint8_t *link_peer_key(const struct link *link)
{
	return link->shaken && !link->dead && link->transport.ops->key
		       ? link->transport.ops->key(link->transport.self)
		       : NULL;
}

uint32_t link_process(const struct link *link)
{
	return link->transport.process;
}

const char *link_address(const struct link *link)
{
	return link->address;
}

/* --- listening --- */

/* Who has greeted has shown who it is, and counts no more for its address. */
static size_t count_address(const struct link_server *server, const char *address)
{
	size_t count = 0;

	for (const struct link *link = server->links; link; link = link->next)
		count += !link->open && str_equal(link->address, address) ? 1 : 0;
	return count;
}

/* Whoever only occupies places is gone as soon as others come. */
static void evict_stranger(struct link_server *server)
{
	struct link *oldest = NULL;

	for (struct link *link = server->links; link; link = link->next)
		oldest = link->open ? oldest : link; /* the newest stand first */
	if (!oldest)
		return;
	fail(oldest, ERR_BUSY, "others came, and it had not greeted");
	free_when_idle(oldest);
}

/* False: there is no place for one more. */
static bool make_room(struct link_server *server)
{
	const size_t greeted = link_server_count(server);

	if (server->strangers_max == 0)
		return server->link_count < peers_max(server);
	if (server->link_count - greeted >= server->strangers_max)
		evict_stranger(server);
	return greeted < peers_max(server);
}

static void accept_one(struct link_server *server, int fd)
{
	struct link_transport transport = {0};
	char address[LINK_ADDRESS_BYTES] = "";
	struct link *link = NULL;

	if (!make_room(server) ||
	    server->accepted(server, fd, &transport, address) != OK) {
		close(fd);
		return;
	}
	if (server->per_address_max > 0 &&
	    count_address(server, address) >= server->per_address_max) {
		if (transport.ops->end)
			transport.ops->end(transport.self);
		close(fd);
		return;
	}
	if (link_start(server->loop, fd, &transport, &server->ends, server->hello_ms,
		       &server->listener, &link) != OK)
		return;
	must(str_copy(link->address, sizeof(link->address), address));
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

enum err link_server_start(struct link_server *server)
{
	must(server->listener.opened && server->listener.message &&
	     server->listener.closed && server->accepted);
	return loop_watch(server->loop, server->fd, LOOP_READ, on_connection, server);
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
	}
	if (server->finish)
		server->finish(server);
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
