/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_link_tls - links over TCP and TLS on the loopback: who is let in, who is not, and
 * what a hostile or broken other side can do.
 */
#include "unit/cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "adapter/link_tls.h"
#include "base/seal.h"
#include "base/str.h"

enum { ROUNDS_MAX = 4000, ROUND_MS = 20, HELLO_MS = 400, SOUND_BYTES = 64000 };

struct side {
	struct link *link;
	unsigned opened;
	unsigned closed;
	unsigned messages;
	size_t sound_bytes;
	enum err err;
	char why[ERR_NOTE_BYTES];
};

struct house {
	struct loop *loop;
	struct link_server *server;
	struct link_tls_place place;
	struct side hub;
	struct side room;
	uint8_t hub_seed[32], hub_key[32];
	uint8_t room_seed[32], room_key[32];
	bool knows_room;
	unsigned asked;
	bool slow_hello; /* the usual time, not the test's short one */
};

static void on_opened(void *context, struct link *link)
{
	struct side *side = context;
	side->link = link;
	side->opened++;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct side *side = context;
	(void)link;
	side->messages++;
	if (message->type == WIRE_sound)
		side->sound_bytes += message->sound.pcm.size;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct side *side = context;
	(void)link;
	side->link = NULL;
	side->closed++;
	side->err = err;
	assert_true(str_format(side->why, sizeof(side->why), "%s", why));
}

static struct link_listener listener_of(struct side *side)
{
	return (struct link_listener){side, on_opened, on_message, on_closed};
}

static bool knows(void *context, const uint8_t key[TLS_KEY_BYTES])
{
	struct house *house = context;
	house->asked++;
	return house->knows_room && memcmp(key, house->room_key, TLS_KEY_BYTES) == 0;
}

static void listen_now(struct house *house)
{
	const struct link_tls_side side = {.kind = WIRE_LINK_ROOM_HUB,
					   .self = WIRE_PARTY_HUB,
					   .name = "hub",
					   .seed = house->hub_seed,
					   .hello_ms = house->slow_hello ? 0 : HELLO_MS};
	const struct link_listener listener = listener_of(&house->hub);
	struct err_note note = {""};
	struct link_tls_place any;

	assert_int_equal(link_tls_resolve("127.0.0.1:0", true, &any, &note), OK);
	assert_int_equal(link_tls_listen(house->loop, &any, &side, knows, house,
					 &listener, &house->server, &note),
			 OK);
	house->place = any;
	house->place.port = link_tls_port(house->server);
	assert_int_not_equal(house->place.port, 0);
	((struct sockaddr_in *)&house->place.addresses[0])->sin_port =
		htons(house->place.port);
}

static int setup(void **state)
{
	struct house *house = calloc(1, sizeof(*house));
	assert_non_null(house);
	memset(house->hub_seed, 1, 32);
	memset(house->room_seed, 2, 32);
	seal_sign_pair(house->hub_seed, house->hub_key);
	seal_sign_pair(house->room_seed, house->room_key);
	house->knows_room = true;
	assert_int_equal(loop_create(&house->loop), OK);
	listen_now(house);
	*state = house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;
	link_close(house->room.link);
	link_server_destroy(house->server);
	loop_destroy(house->loop);
	free(house);
	return 0;
}

static void run_until(struct house *house, const unsigned *counter, unsigned wanted)
{
	for (int i = 0; i < ROUNDS_MAX && *counter < wanted; i++)
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	assert_int_equal(*counter, wanted);
}

static void connect_room(struct house *house, const uint8_t *seed, const uint8_t *hub_key)
{
	const struct link_tls_side side = {.kind = WIRE_LINK_ROOM_HUB,
					   .self = WIRE_PARTY_ROOM,
					   .name = "attic",
					   .seed = seed};
	const struct link_listener listener = listener_of(&house->room);
	struct err_note note = {""};

	assert_int_equal(link_tls_connect(house->loop, &house->place, &side, hub_key,
					  &listener, &house->room.link, &note),
			 OK);
}

static void let_in(struct house *house)
{
	connect_room(house, house->room_seed, house->hub_key);
	run_until(house, &house->room.opened, 1);
	run_until(house, &house->hub.opened, 1);
}

/* A socket of our own, past all adapters. */
static int raw(const struct house *house)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&house->place.addresses[0],
				 house->place.sizes[0]),
			 0);
	return fd;
}

static void both_know_each_other(void **state)
{
	struct house *house = *state;
	static const uint8_t pcm[SOUND_BYTES];

	let_in(house);
	assert_string_equal(link_peer(house->hub.link), "attic");
	assert_string_equal(link_address(house->hub.link), "127.0.0.1");
	assert_memory_equal(link_peer_key(house->hub.link), house->room_key, 32);
	assert_memory_equal(link_peer_key(house->room.link), house->hub_key, 32);
	for (unsigned i = 0; i < 40; i++) {
		struct wire_sound sound = {.turn = 1,
					   .sequence = i,
					   .pcm = {pcm, sizeof(pcm)}};
		assert_int_equal(link_send_sound(house->room.link, &sound), OK);
	}
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(link_send_mute(house->hub.link,
						&(struct wire_mute){.on = 1}),
				 OK);
	run_until(house, &house->hub.messages, 40);
	run_until(house, &house->room.messages, 10);
	assert_int_equal(house->hub.sound_bytes, 40 * SOUND_BYTES);
	link_close(house->room.link);
	house->room.link = NULL;
	run_until(house, &house->hub.closed, 1);
	assert_int_equal(house->hub.err, ERR_CLOSED);
}

static void a_room_that_is_not_known(void **state)
{
	struct house *house = *state;
	house->knows_room = false;
	connect_room(house, house->room_seed, house->hub_key);
	run_until(house, &house->room.closed, 1);
	run_until(house, &house->hub.closed, 1);
	assert_int_equal(house->hub.opened, 0);
	assert_int_equal(house->room.opened, 0);
	assert_int_equal(house->hub.err, ERR_AUTH);
	assert_non_null(strstr(house->hub.why, "not one we know"));
	assert_non_null(strstr(house->room.why, "does not know our key"));
}

static void another_rooms_key(void **state)
{
	struct house *house = *state;
	uint8_t other[32];
	memset(other, 3, sizeof(other));
	connect_room(house, other, house->hub_key);
	run_until(house, &house->room.closed, 1);
	assert_int_equal(house->hub.opened, 0);
	assert_int_equal(house->asked, 1);
}

static void a_hub_that_is_not_ours(void **state)
{
	struct house *house = *state;
	uint8_t other[32];
	memset(other, 9, sizeof(other));
	connect_room(house, house->room_seed, other);
	run_until(house, &house->room.closed, 1);
	assert_int_equal(house->room.opened, 0);
	assert_int_equal(house->room.err, ERR_AUTH);
	assert_non_null(strstr(house->room.why, "not one we know"));
	run_until(house, &house->hub.closed, 1);
	assert_int_equal(house->hub.opened, 0);
}

static void nobody_listens(void **state)
{
	struct house *house = *state;
	link_server_destroy(house->server);
	house->server = NULL;
	connect_room(house, house->room_seed, house->hub_key);
	run_until(house, &house->room.closed, 1);
	assert_int_equal(house->room.err, ERR_CLOSED);
	assert_non_null(strstr(house->room.why, "cannot connect"));
}

/* Bytes that are no TLS: refused at once, and nothing of them is read as a message. */
static void garbage(void **state)
{
	static const char *const said[] = {
		"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
		"\x16\x03\x01\xff\xff\x01\x01\x01\x01\x01\x01\x01",
		"\x0b\x01\x01\x01\x01hello there, this is a plain frame",
	};
	struct house *house = *state;
	for (size_t i = 0; i < STR_COUNT(said); i++) {
		int fd = raw(house);
		assert_true(send(fd, said[i], strlen(said[i]), MSG_NOSIGNAL) > 0);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		run_until(house, &house->hub.closed, (unsigned)i + 1);
		assert_int_not_equal(house->hub.err, ERR_TIMEOUT);
		close(fd);
	}
	assert_int_equal(house->hub.opened, 0);
	assert_int_equal(house->asked, 0);
}

/* Says as much of a real greeting as would suffice, but byte by byte and never all. */
static void slowly(void **state)
{
	struct house *house = *state;
	int fd = raw(house);
	for (int i = 0; i < ROUNDS_MAX && house->hub.closed == 0; i++) {
		/* Content type 22, version, length 512: then zeros that never suffice. */
		static const uint8_t head[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3};
		uint8_t byte = (size_t)i < sizeof(head) ? head[i] : 0;
		ssize_t ignored = i < 300 ? send(fd, &byte, 1, MSG_NOSIGNAL) : 0;
		(void)ignored;
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	}
	assert_int_equal(house->hub.closed, 1);
	assert_int_equal(house->hub.err, ERR_TIMEOUT);
	assert_int_equal(house->hub.opened, 0);
	close(fd);
}

/* Connects and says nothing at all. */
static void silently(void **state)
{
	struct house *house = *state;
	int fd = raw(house);
	run_until(house, &house->hub.closed, 1);
	assert_int_equal(house->hub.err, ERR_TIMEOUT);
	close(fd);
}

/* Steps the loop while a blocking client of OpenSSL's own shakes hands. */
static int shake(struct house *house, SSL *ssl)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		int done = SSL_connect(ssl);
		int error = SSL_get_error(ssl, done);
		if (done == 1 ||
		    (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE))
			return done;
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	}
	return -1;
}

/* A certificate of the room's own key, as its program would make one. */
static void use_rooms_key(struct house *house, SSL_CTX *context)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
						     house->room_seed, 32);
	X509 *certificate = X509_new();

	assert_true(key && certificate);
	assert_int_equal(X509_set_version(certificate, 2), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 1000));
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_true(X509_sign(certificate, key, NULL) > 0);
	assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* Whether OpenSSL's own client gets through with that version; then its link is closed
 * again, because it greets nobody. */
static bool gets_through(struct house *house, int version, bool with_key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	const unsigned closed = house->hub.closed;
	int fd = raw(house);
	char byte;
	bool done;

	assert_non_null(context);
	assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
	if (with_key)
		use_rooms_key(house, context);
	SSL *ssl = SSL_new(context);
	assert_non_null(ssl);
	assert_int_equal(SSL_set_fd(ssl, fd), 1);
	/* Non-blocking, so that one thread serves both sides. */
	assert_int_equal(BIO_socket_nbio(fd, 1), 1);
	done = shake(house, ssl) == 1;
	/* In TLS 1.3 a client is told afterwards that it is not wanted: the hub's greeting
	 * is what shows that it is. */
	for (int i = 0; done && i < ROUNDS_MAX; i++) {
		int got = SSL_read(ssl, &byte, 1);

		if (got == 1)
			break;
		done = SSL_get_error(ssl, got) == SSL_ERROR_WANT_READ;
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
	close(fd);
	run_until(house, &house->hub.closed, closed + 1);
	assert_int_equal(house->hub.opened, 0);
	return done;
}

static void an_older_tls(void **state)
{
	assert_true(gets_through(*state, TLS1_3_VERSION, true));
	assert_false(gets_through(*state, TLS1_2_VERSION, true));
	assert_false(gets_through(*state, TLS1_1_VERSION, true));
}

/* TLS 1.3, but without a certificate of its own. */
static void nobody_in_particular(void **state)
{
	struct house *house = *state;
	assert_false(gets_through(house, TLS1_3_VERSION, false));
	assert_int_equal(house->asked, 0);
}

/* The line dies in the middle of a message. */
static void cut_in_the_middle(void **state)
{
	struct house *house = *state;
	static const uint8_t pcm[SOUND_BYTES];
	const struct wire_sound sound = {.turn = 1, .pcm = {pcm, sizeof(pcm)}};

	let_in(house);
	assert_int_equal(link_send_sound(house->room.link, &sound), OK);
	link_server_destroy(house->server);
	house->server = NULL;
	run_until(house, &house->room.closed, 1);
	assert_int_equal(house->room.err, ERR_CLOSED);
	assert_int_equal(house->hub.messages, 0);
}

static void too_many_from_one_address(void **state)
{
	struct house *house = *state;
	int fds[LINK_TLS_PER_ADDRESS + 2];
	struct pollfd last = {.events = POLLIN};
	char byte;

	for (size_t i = 0; i < STR_COUNT(fds); i++) {
		fds[i] = raw(house);
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	}
	last.fd = fds[LINK_TLS_PER_ADDRESS];
	assert_int_equal(poll(&last, 1, 5000), 1);
	assert_true(recv(last.fd, &byte, 1, 0) <= 0); /* closed before a word */
	run_until(house, &house->hub.closed,
		  LINK_TLS_PER_ADDRESS); /* the rest: too slow */
	for (size_t i = 0; i < STR_COUNT(fds); i++)
		close(fds[i]);
}

static void a_message_without_a_right(void **state)
{
	struct house *house = *state;
	let_in(house);
	link_refuse(house->hub.link, ERR_DENIED, "this room was revoked");
	house->hub.link = NULL;
	run_until(house, &house->room.messages, 1);
	run_until(house, &house->room.closed, 1);
}

static void addresses(void **state)
{
	static const char *const wrong[] = {"",      "hub",    ":1",
					    "hub:",  "hub:x",  "hub:70000",
					    "::1:7", "[::1:7", "127.0.0.1:0"};
	struct link_tls_place place;
	struct err_note note = {""};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		assert_int_equal(link_tls_resolve(wrong[i], false, &place, &note),
				 ERR_FORMAT);
		assert_non_null(strstr(note.text, "expected HOST:PORT"));
	}
	assert_int_equal(link_tls_resolve("[::1]:7", true, &place, &note), OK);
	assert_int_equal(place.port, 7);
	assert_int_equal(link_tls_resolve("hub.invalid:7", true, &place, &note),
			 ERR_MISSING);
}

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(both_know_each_other),
		HOUSE_TEST(a_room_that_is_not_known),
		HOUSE_TEST(another_rooms_key),
		HOUSE_TEST(a_hub_that_is_not_ours),
		HOUSE_TEST(nobody_listens),
		HOUSE_TEST(garbage),
		HOUSE_TEST(slowly),
		HOUSE_TEST(silently),
		HOUSE_TEST(an_older_tls),
		HOUSE_TEST(nobody_in_particular),
		HOUSE_TEST(cut_in_the_middle),
		HOUSE_TEST(too_many_from_one_address),
		HOUSE_TEST(a_message_without_a_right),
		HOUSE_TEST(addresses),
	};
	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
