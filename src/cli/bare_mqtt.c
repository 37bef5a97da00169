/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_mqtt - packets of MQTT 3.1.1, by their numbers. Those of others are answered while
 * one is waited for; messages that come meanwhile are kept in their order.
 */
#include "cli/bare_mqtt.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
	PUBLISH = 0x30,
	PUBACK = 0x40,
	PUBREC = 0x50,
	PUBREL = 0x60,
	PUBCOMP = 0x70,
	SUBSCRIBE = 0x82,
	SUBACK = 0x90,
	RETAINED = 0x01,
	QUALITY_2 = 0x04,
	KIND_BITS = 0xf0,
	USER_AND_PASSWORD_CLEAN = 0xc2,
	LEVEL = 4, /* 3.1.1 */
	ANSWER_MS = 10000,
	PACKET_BYTES = 4096,
	READ_BYTES = 256 * 1024,
	KEPT_MAX = 16384,
	BYTE_BITS = 8,
	LOW_BITS = 0x7f,
	MORE_BIT = 0x80,
	LENGTH_BYTES_MAX = 4,
};

struct bare_mqtt {
	int fd;
	uint16_t id;
	size_t size; /* of what was read and not yet understood */
	uint8_t bytes[READ_BYTES];
	size_t first; /* of what is kept for bare_mqtt_wait */
	size_t count;
	struct bare_message kept[KEPT_MAX];
};

/* A packet that is being written. */
struct packet {
	size_t size;
	uint8_t bytes[PACKET_BYTES];
};

static void add_byte(struct packet *packet, unsigned value)
{
	must(packet->size < PACKET_BYTES);
	packet->bytes[packet->size++] = (uint8_t)value;
}

static void add_number(struct packet *packet, unsigned value)
{
	add_byte(packet, value >> BYTE_BITS);
	add_byte(packet, value & 0xff);
}

static void add_bytes(struct packet *packet, const char *text)
{
	const size_t size = strlen(text);

	must(packet->size + size <= PACKET_BYTES);
	memcpy(packet->bytes + packet->size, text, size);
	packet->size += size;
}

static void add_text(struct packet *packet, const char *text)
{
	add_number(packet, (unsigned)strlen(text));
	add_bytes(packet, text);
}

static enum err send_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return ERR_IO;
		bytes += sent;
		size -= (size_t)sent;
	}
	return OK;
}

static enum err send_packet(struct bare_mqtt *client, unsigned kind,
			    const struct packet *body)
{
	struct packet whole = {.size = 0};
	size_t left = body->size;

	add_byte(&whole, kind);
	do {
		add_byte(&whole, (unsigned)(left & LOW_BITS) |
					 (left > LOW_BITS ? (unsigned)MORE_BIT : 0u));
		left >>= BYTE_BITS - 1;
	} while (left > 0);
	must(whole.size + body->size <= PACKET_BYTES);
	memcpy(whole.bytes + whole.size, body->bytes, body->size);
	return send_all(client->fd, whole.bytes, whole.size + body->size);
}

static enum err send_id(struct bare_mqtt *client, unsigned kind, unsigned id)
{
	struct packet body = {.size = 0};

	add_number(&body, id);
	return send_packet(client, kind, &body);
}

/* --- what comes ------------------------------------------------------------------------- */

static enum err read_some(struct bare_mqtt *client, int wait_ms)
{
	struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN};
	ssize_t size;

	if (poll(&poll_fd, 1, wait_ms) <= 0)
		return ERR_TIMEOUT;
	size = recv(client->fd, client->bytes + client->size, READ_BYTES - client->size,
		    0);
	if (size <= 0)
		return ERR_CLOSED;
	client->size += (size_t)size;
	return OK;
}

/* The header's and the body's size of a packet that is there whole. */
static bool is_whole(const struct bare_mqtt *client, size_t *out_header, size_t *out_body)
{
	size_t body = 0;
	size_t at = 1;

	for (unsigned shift = 0;; shift += BYTE_BITS - 1, at++) {
		if (at >= client->size || at > LENGTH_BYTES_MAX)
			return false;
		body |= (size_t)(client->bytes[at] & LOW_BITS) << shift;
		if (!(client->bytes[at] & MORE_BIT))
			break;
	}
	*out_header = at + 1;
	*out_body = body;
	return client->size >= at + 1 + body;
}

/* Gives nothing back for quality 0, and what it takes for 2; 1 is not asked for. */
static enum err keep(struct bare_mqtt *client, unsigned flags, const uint8_t *body,
		     size_t size)
{
	struct bare_message *message =
		&client->kept[(client->first + client->count) % KEPT_MAX];
	size_t at = 2;
	size_t topic = 0;

	if (size < 2 || client->count == KEPT_MAX)
		return ERR_FORMAT;
	topic = (size_t)body[0] << BYTE_BITS | body[1];
	if (at + topic > size)
		return ERR_FORMAT;
	(void)str_copy_bytes(message->topic, sizeof(message->topic),
			     (const char *)body + at, topic);
	at += topic;
	message->retained = flags & RETAINED;
	if (flags & QUALITY_2)
		at += 2;
	size = size > at ? size - at : 0;
	if (size >= sizeof(message->payload))
		size = sizeof(message->payload) - 1;
	(void)str_copy_bytes(message->payload, sizeof(message->payload),
			     (const char *)body + at, size);
	client->count++;
	return OK;
}

/* Takes one packet: its kind, or 0 where none is there yet. */
static enum err take(struct bare_mqtt *client, unsigned *out_kind, unsigned *out_value)
{
	size_t header = 0;
	size_t body = 0;
	enum err err = OK;

	*out_kind = 0;
	if (!is_whole(client, &header, &body))
		return OK;
	const uint8_t *bytes = client->bytes + header;
	*out_kind = client->bytes[0] & KIND_BITS;
	*out_value = body >= 2 ? (unsigned)bytes[0] << BYTE_BITS | bytes[1] : 0;
	if (*out_kind == PUBLISH)
		err = keep(client, client->bytes[0], bytes, body);
	client->size -= header + body;
	memmove(client->bytes, client->bytes + header + body, client->size);
	return err;
}

static enum err wait_for(struct bare_mqtt *client, unsigned kind, unsigned *out_value)
{
	unsigned got = 0;
	enum err err = OK;

	while (!err && got != kind) {
		err = take(client, &got, out_value);
		if (!err && got == 0)
			err = read_some(client, ANSWER_MS);
	}
	return err;
}

enum err bare_mqtt_wait(struct bare_mqtt *client, int wait_ms,
			struct bare_message *out_message)
{
	enum err err = OK;

	while (!err && client->count == 0) {
		unsigned kind = 0;
		unsigned value = 0;

		err = take(client, &kind, &value);
		if (!err && kind == 0)
			err = read_some(client, wait_ms);
	}
	if (err)
		return err;
	*out_message = client->kept[client->first];
	client->first = (client->first + 1) % KEPT_MAX;
	client->count--;
	return OK;
}

/* --- what goes -------------------------------------------------------------------------- */

enum err bare_mqtt_subscribe(struct bare_mqtt *client, const char *filter)
{
	struct packet body = {.size = 0};
	unsigned value = 0;
	enum err err;

	add_number(&body, ++client->id);
	add_text(&body, filter);
	add_byte(&body, 0);
	err = send_packet(client, SUBSCRIBE, &body);
	return err ? err : wait_for(client, SUBACK, &value);
}

enum err bare_mqtt_publish(struct bare_mqtt *client, const char *topic,
			   const char *payload, bool retain)
{
	struct packet body = {.size = 0};

	add_text(&body, topic);
	add_bytes(&body, payload);
	return send_packet(client, PUBLISH | (retain ? RETAINED : 0u), &body);
}

enum err bare_mqtt_publish_twice_sure(struct bare_mqtt *client, const char *topic,
				      const char *payload)
{
	struct packet body = {.size = 0};
	unsigned value = 0;
	enum err err;

	add_text(&body, topic);
	add_number(&body, ++client->id);
	add_bytes(&body, payload);
	err = send_packet(client, PUBLISH | QUALITY_2, &body);
	if (!err)
		err = wait_for(client, PUBREC, &value);
	if (!err)
		err = send_id(client, PUBREL | 2u, client->id);
	return err ? err : wait_for(client, PUBCOMP, &value);
}

static enum err greet(struct bare_mqtt *client, const char *user, const char *password)
{
	struct packet body = {.size = 0};
	unsigned value = 0;
	enum err err;

	add_text(&body, "MQTT");
	add_byte(&body, LEVEL);
	add_byte(&body, USER_AND_PASSWORD_CLEAN);
	add_number(&body, 0); /* no keep-alive */
	add_text(&body, "");
	add_text(&body, user);
	add_text(&body, password);
	err = send_packet(client, CONNECT, &body);
	if (!err)
		err = wait_for(client, CONNACK, &value);
	return err ? err : value ? ERR_AUTH : OK;
}

static enum err dial(struct bare_mqtt *client, uint16_t port)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
					    .sin_port = htons(port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int on = 1;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
	    connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return ERR_IO;
	return OK;
}

enum err bare_mqtt_open(uint16_t port, const char *user, const char *password,
			struct bare_mqtt **out_client, struct err_note *note)
{
	struct bare_mqtt *client = calloc(1, sizeof(*client));
	enum err err = client ? OK : ERR_MEMORY;

	if (!err) {
		client->fd = -1;
		err = dial(client, port);
	}
	if (!err)
		err = greet(client, user, password);
	if (err) {
		bare_mqtt_close(client);
		return err_say(err, note, "the broker at 127.0.0.1:%u: %s", port,
			       err_words(err));
	}
	*out_client = client;
	return OK;
}

void bare_mqtt_close(struct bare_mqtt *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client);
}

int bare_mqtt_fd(const struct bare_mqtt *client)
{
	return client->fd;
}
