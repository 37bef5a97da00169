/* SPDX-License-Identifier: Apache-2.0 */
/* link: greeting, rights, limits and ends, over real sockets. */
#include "unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/link_inner.h"
#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/str.h"

enum { ROUNDS_MAX = 1000, ROUND_MS = 1000 };

/* What one side has seen. */
struct side {
	struct link *link;
	unsigned opened;
	unsigned closed;
	unsigned messages;
	enum err err;
	char why[ERR_NOTE_BYTES];
	uint64_t last_token;
	bool close_on_message;
	bool echo;
};

struct house {
	char folder[64];
	char path[FILE_PATH_BYTES];
	struct loop *loop;
	struct link_server *server;
	struct side hub;
	struct side cli;
};

static void on_opened(void *context, struct link *link)
{
	struct side *side = context;
	side->link = link;
	side->opened++;
	link_set_data(link, side);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct side *side = context;
	assert_ptr_equal(link_data(link), side);
	side->messages++;
	if (message->type == WIRE_text)
		side->last_token = message->text.token;
	if (message->type == WIRE_turn)
		side->last_token = message->turn.token;
	if (side->echo) {
		struct wire_turn turn = {.token = side->last_token, .json = "{}"};
		assert_int_equal(link_send_turn(link, &turn), OK);
	}
	if (side->close_on_message) {
		link_close(link);
		side->link = NULL;
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct side *side = context;
	link_close(link); /* must be harmless */
	side->link = NULL;
	side->closed++;
	side->err = err;
	assert_true(str_copy(side->why, sizeof(side->why), why));
}

static struct link_listener listener_of(struct side *side)
{
	return (struct link_listener){side, on_opened, on_message, on_closed};
}

static int setup(void **state)
{
	struct house *house = calloc(1, sizeof(*house));
	struct err_note note = {0};
	assert_non_null(house);
	assert_true(str_copy(house->folder, sizeof(house->folder),
			     "/tmp/behest-link-XXXXXX"));
	assert_non_null(mkdtemp(house->folder));
	assert_true(file_join(house->path, sizeof(house->path), house->folder, "socket"));
	assert_int_equal(loop_create(&house->loop), OK);
	struct link_listener listener = listener_of(&house->hub);
	assert_int_equal(link_listen(house->loop, house->path, WIRE_LINK_CLI_HUB,
				     WIRE_PARTY_HUB, "house", &listener, &house->server,
				     &note),
			 OK);
	*state = house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;
	link_close(house->cli.link);
	link_server_destroy(house->server);
	loop_destroy(house->loop);
	assert_false(file_exists(house->path));
	assert_int_equal(rmdir(house->folder), 0);
	free(house);
	return 0;
}

static void run_until(struct house *house, const unsigned *counter, unsigned wanted)
{
	for (int i = 0; i < ROUNDS_MAX && *counter < wanted; i++)
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	assert_int_equal(*counter, wanted);
}

static void connect_cli(struct house *house)
{
	struct err_note note = {0};
	struct link_listener listener = listener_of(&house->cli);
	assert_int_equal(link_connect(house->loop, house->path, WIRE_LINK_CLI_HUB,
				      WIRE_PARTY_CLI, "laptop", &listener,
				      &house->cli.link, &note),
			 OK);
	run_until(house, &house->cli.opened, 1);
	run_until(house, &house->hub.opened, 1);
}

static void request_and_answer(void **state)
{
	struct house *house = *state;
	struct stat about;
	assert_int_equal(stat(house->path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	connect_cli(house);
	assert_string_equal(link_peer(house->hub.link), "laptop");
	assert_string_equal(link_peer(house->cli.link), "house");
	assert_int_equal(link_process(house->hub.link), getpid());
	assert_int_equal(link_process(house->cli.link), 0); /* it did not connect to us */
	assert_int_equal(link_server_count(house->server), 1);
	assert_ptr_equal(link_server_at(house->server, 0), house->hub.link);
	assert_null(link_server_at(house->server, 1));
	house->hub.echo = true;
	for (unsigned i = 1; i <= 100; i++) {
		struct wire_text text = {.token = i, .room = "kitchen", .words = "hello"};
		assert_int_equal(link_send_text(house->cli.link, &text), OK);
	}
	run_until(house, &house->cli.messages, 100);
	assert_int_equal(house->cli.last_token, 100);
}

static void the_queue_is_bounded(void **state)
{
	struct house *house = *state;
	connect_cli(house);
	struct wire_turn turn = {.token = 1};
	memset(turn.json, 'x', sizeof(turn.json) - 1);
	unsigned sent = 0;
	enum err err = OK;
	while (err == OK && sent < 10000) {
		err = link_send_turn(house->hub.link, &turn);
		sent += err == OK ? 1 : 0;
	}
	assert_int_equal(err, ERR_LIMIT);
	assert_true(sent >= LINK_QUEUE_BYTES / 8300);
	run_until(house, &house->cli.messages, sent); /* and nothing of it is lost */
	assert_int_equal(link_send_turn(house->hub.link, &turn), OK);
}

static void closing_inside_a_callback(void **state)
{
	struct house *house = *state;
	connect_cli(house);
	house->hub.close_on_message = true;
	struct wire_text text = {.token = 1};
	assert_int_equal(link_send_text(house->cli.link, &text), OK);
	assert_int_equal(link_send_text(house->cli.link, &text), OK);
	run_until(house, &house->cli.closed, 1);
	assert_int_equal(house->hub.messages, 1); /* the second was not delivered */
	assert_int_equal(house->hub.closed, 0);
	assert_int_equal(house->cli.err, ERR_CLOSED);
	assert_int_equal(link_server_count(house->server), 0);
}

/* Connects without our code, to misbehave. */
static int connect_raw(const struct house *house)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(str_copy(address.sun_path, sizeof(address.sun_path), house->path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void send_raw(int fd, enum wire_type type, const void *fields)
{
	uint8_t bytes[WIRE_FRAME_MAX];
	size_t size = 0;
	assert_int_equal(wire_encode(type, fields, bytes, sizeof(bytes), &size), OK);
	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static const struct wire_hello good_hello = {.version = WIRE_VERSION,
					     .role = "cli",
					     .name = "x"};

/* Everything the other side said until it closed; the last message is returned. */
static struct wire_message read_to_end(struct house *house, int fd)
{
	static uint8_t bytes[WIRE_FRAME_MAX];
	size_t size = 0;
	run_until(house, &house->hub.closed, 1);
	ssize_t got = 0;
	while ((got = recv(fd, bytes + size, sizeof(bytes) - size, 0)) > 0)
		size += (size_t)got;
	assert_int_equal(got, 0);
	close(fd);
	struct wire_message last = {0};
	size_t frame = 0;
	for (size_t at = 0; at < size; at += frame) {
		assert_int_equal(wire_frame_size(bytes + at, size - at, &frame), OK);
		assert_int_equal(wire_decode(bytes + at, frame, &last, NULL), OK);
	}
	return last;
}

static void expect_refusal(struct house *house, int fd, enum err err, const char *why)
{
	struct wire_message last = read_to_end(house, fd);
	assert_int_equal(house->hub.err, err);
	assert_non_null(strstr(house->hub.why, why));
	assert_int_equal(last.type, WIRE_refused);
	assert_int_equal(last.refused.err, err);
	assert_string_equal(last.refused.words, house->hub.why);
	assert_int_equal(house->hub.messages, 0);
}

static void first_comes_hello(void **state)
{
	int fd = connect_raw(*state);
	send_raw(fd, WIRE_status_get, &(struct wire_status_get){0});
	expect_refusal(*state, fd, ERR_FORMAT, "status_get before hello");
}

/* We did not look for longer than a hello may take; what lies there counts. */
static void hello_while_we_were_held_up(void **state)
{
	struct house *house = *state;
	int fd, silent;

	house->server->hello_ms = 0; /* over in the round that accepts */
	fd = connect_raw(house);
	send_raw(fd, WIRE_hello, &good_hello);
	assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	assert_int_equal(house->hub.opened, 1);
	assert_int_equal(house->hub.closed, 0);
	silent = connect_raw(house);
	expect_refusal(house, silent, ERR_TIMEOUT, "no hello in time");
	assert_int_equal(house->hub.opened, 1);
	close(fd);
}

static void another_version(void **state)
{
	int fd = connect_raw(*state);
	struct wire_hello hello = good_hello;
	hello.version = WIRE_VERSION + 1;
	send_raw(fd, WIRE_hello, &hello);
	char words[32];

	assert_true(str_format(words, sizeof(words), "version %d", WIRE_VERSION + 1));
	expect_refusal(*state, fd, ERR_VERSION, words);
}

static void another_role(void **state)
{
	int fd = connect_raw(*state);
	struct wire_hello hello = good_hello;
	assert_true(str_copy(hello.role, sizeof(hello.role), "keeper"));
	send_raw(fd, WIRE_hello, &hello);
	expect_refusal(*state, fd, ERR_DENIED, "expected was a cli");
}

static void a_message_without_a_right(void **state)
{
	int fd = connect_raw(*state);
	send_raw(fd, WIRE_hello, &good_hello);
	send_raw(fd, WIRE_unlock, &(struct wire_unlock){.passphrase = "secret words"});
	expect_refusal(*state, fd, ERR_DENIED, "cli may not say unlock");
	const struct house *house = *state;
	assert_null(strstr(house->hub.why, "secret"));
}

static void a_second_hello(void **state)
{
	int fd = connect_raw(*state);
	send_raw(fd, WIRE_hello, &good_hello);
	send_raw(fd, WIRE_hello, &good_hello);
	expect_refusal(*state, fd, ERR_DENIED, "cli may not say hello");
}

static void garbage(void **state)
{
	int fd = connect_raw(*state);
	assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
	expect_refusal(*state, fd, ERR_LIMIT, "impossible length");
}

static void half_a_frame_and_gone(void **state)
{
	struct house *house = *state;
	int fd = connect_raw(house);
	send_raw(fd, WIRE_hello, &good_hello);
	assert_int_equal(send(fd, "\x40\0\0", 3, MSG_NOSIGNAL), 3);
	run_until(house, &house->hub.opened, 1);
	close(fd);
	run_until(house, &house->hub.closed, 1);
	assert_int_equal(house->hub.err, ERR_CLOSED);
	assert_int_equal(house->hub.messages, 0);
}

static void bytes_one_by_one(void **state)
{
	struct house *house = *state;
	int fd = connect_raw(house);
	uint8_t bytes[WIRE_FRAME_MAX];
	size_t size = 0;
	size_t more = 0;
	struct wire_text text = {.token = 42, .words = "a"};
	assert_int_equal(wire_encode(WIRE_hello, &good_hello, bytes, sizeof(bytes),
				     &size),
			 OK);
	assert_int_equal(wire_encode(WIRE_text, &text, bytes + size, sizeof(bytes) - size,
				     &more),
			 OK);
	for (size_t i = 0; i < size + more; i++) {
		assert_int_equal(send(fd, bytes + i, 1, MSG_NOSIGNAL), 1);
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	}
	run_until(house, &house->hub.messages, 1);
	assert_int_equal(house->hub.last_token, 42);
	close(fd);
}

static void paths_that_cannot_be(void **state)
{
	struct house *house = *state;
	struct link_listener listener = listener_of(&house->hub);
	struct link_server *server = NULL;
	struct link *link = NULL;
	struct err_note note = {0};
	assert_int_equal(link_listen(house->loop, house->path, WIRE_LINK_CLI_HUB,
				     WIRE_PARTY_HUB, "", &listener, &server, &note),
			 ERR_EXISTS);
	assert_non_null(strstr(note.text, "another program already listens"));
	char other[FILE_PATH_BYTES];
	assert_true(file_join(other, sizeof(other), house->folder, "file"));
	assert_int_equal(file_write(other, "keep me", 7, 0600, NULL), OK);
	assert_int_equal(link_listen(house->loop, other, WIRE_LINK_CLI_HUB,
				     WIRE_PARTY_HUB, "", &listener, &server, NULL),
			 ERR_EXISTS);
	assert_int_equal(link_connect(house->loop, other, WIRE_LINK_CLI_HUB,
				      WIRE_PARTY_CLI, "", &listener, &link, NULL),
			 ERR_CLOSED);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(link_connect(house->loop, other, WIRE_LINK_CLI_HUB,
				      WIRE_PARTY_CLI, "", &listener, &link, NULL),
			 ERR_MISSING);
	char long_path[200];
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(link_listen(house->loop, long_path, WIRE_LINK_CLI_HUB,
				     WIRE_PARTY_HUB, "", &listener, &server, NULL),
			 ERR_LIMIT);
	assert_int_equal(link_connect(house->loop, "", WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI,
				      "", &listener, &link, NULL),
			 ERR_LIMIT);
	assert_null(server);
	assert_null(link);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct house *house = *state;
	struct link_listener listener = listener_of(&house->hub);
	char stale[FILE_PATH_BYTES];
	assert_true(file_join(stale, sizeof(stale), house->folder, "stale"));
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(str_copy(address.sun_path, sizeof(address.sun_path), stale));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd); /* the name stays, as after a kill */
	struct link_server *server = NULL;
	assert_int_equal(link_listen(house->loop, stale, WIRE_LINK_CLI_HUB,
				     WIRE_PARTY_HUB, "", &listener, &server, NULL),
			 OK);
	link_server_destroy(server);
	assert_false(file_exists(stale));
}

static void too_many_peers(void **state)
{
	struct house *house = *state;
	int fds[LINK_PEERS_MAX + 1];
	for (int i = 0; i < LINK_PEERS_MAX; i++) {
		fds[i] = connect_raw(house);
		send_raw(fds[i], WIRE_hello, &good_hello);
		run_until(house, &house->hub.opened, (unsigned)i + 1);
	}
	fds[LINK_PEERS_MAX] = connect_raw(house);
	assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	char byte = 0;
	assert_int_equal(recv(fds[LINK_PEERS_MAX], &byte, 1, 0), 0); /* sent away */
	assert_int_equal(link_server_count(house->server), LINK_PEERS_MAX);
	for (int i = 0; i <= LINK_PEERS_MAX; i++)
		close(fds[i]);
}

/* The loop's side on a thread of its own, for the blocking client. */
static void *serve(void *context)
{
	struct house *house = context;
	while (house->hub.closed == 0)
		assert_int_equal(loop_run_once(house->loop, ROUND_MS), OK);
	return NULL;
}

static void the_blocking_client(void **state)
{
	struct house *house = *state;
	struct link_client *client = NULL;
	const struct wire_message *message = NULL;
	struct err_note note = {0};
	pthread_t thread;
	house->hub.echo = true;
	assert_int_equal(pthread_create(&thread, NULL, serve, house), 0);
	assert_int_equal(link_client_open(house->path, WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI,
					  "x", -1, &client, &note),
			 OK);
	assert_int_equal(link_client_wait(client, 0, &message, NULL), ERR_TIMEOUT);
	for (uint64_t i = 1; i <= 20; i++) {
		struct wire_text text = {.token = i};
		assert_int_equal(link_client_send_text(client, &text, &note), OK);
	}
	for (uint64_t i = 1; i <= 20; i++) {
		assert_int_equal(link_client_wait(client, -1, &message, &note), OK);
		assert_int_equal(message->type, WIRE_turn);
		assert_true(message->turn.token == i);
	}
	struct wire_text bad = {.token = 1, .words = "a\nb"};
	assert_int_equal(link_client_send_text(client, &bad, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "message text"));
	assert_true(link_client_fd(client) >= 0);
	link_client_close(client);
	link_client_close(NULL);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void the_client_finds_nobody(void **state)
{
	struct house *house = *state;
	struct link_client *client = NULL;
	struct err_note note = {0};
	assert_int_equal(link_client_open("/nonexistent/socket", WIRE_LINK_CLI_HUB,
					  WIRE_PARTY_CLI, "x", 1000, &client, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "/nonexistent/socket"));
	/* It listens, but nobody runs its loop: no hello comes. */
	assert_int_equal(link_client_open(house->path, WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI,
					  "x", 0, &client, NULL),
			 ERR_TIMEOUT);
	assert_null(client);
}

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(request_and_answer),
		HOUSE_TEST(the_queue_is_bounded),
		HOUSE_TEST(closing_inside_a_callback),
		HOUSE_TEST(first_comes_hello),
		HOUSE_TEST(hello_while_we_were_held_up),
		HOUSE_TEST(another_version),
		HOUSE_TEST(another_role),
		HOUSE_TEST(a_message_without_a_right),
		HOUSE_TEST(a_second_hello),
		HOUSE_TEST(garbage),
		HOUSE_TEST(half_a_frame_and_gone),
		HOUSE_TEST(bytes_one_by_one),
		HOUSE_TEST(paths_that_cannot_be),
		HOUSE_TEST(a_stale_socket_is_replaced),
		HOUSE_TEST(too_many_peers),
		HOUSE_TEST(the_blocking_client),
		HOUSE_TEST(the_client_finds_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
