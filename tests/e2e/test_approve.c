/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_approve - this computer as a paired device, as its owner meets it: paired, shown
 * what waits, approving and cancelling it, revoked, and still there after the keeper was
 * started anew. The keeper and the command line are real; hub and gate are played here.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/key_text.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/approve_watch.h"
#include "domain/action.h"
#include "domain/policy.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum {
	WORDS_MAX = 16,
	LOG_MAX = 1 << 20,
	PREFIX_LETTERS = 4,
	SAID_BYTES = 16384,
	TURN = 77,
	TOKEN = 5
};

#define DEVICE "desk"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase_path[FILE_PATH_BYTES];
static struct link_client *hub;
static struct link_client *gate;
static pid_t running; /* a command that stays, also when its test fails */

/* --- the house -------------------------------------------------------------------------- */

static struct link_client *open_socket(const char *name, enum wire_link kind,
				       enum wire_party party)
{
	struct link_client *client = NULL;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.run, name));
	if (link_client_open(path, kind, party, "test", HOUSE_WAIT_MS, &client, &note))
		fail_msg("%s", note.text);
	return client;
}

static void open_links(void)
{
	link_client_close(hub);
	link_client_close(gate);
	hub = open_socket("keeper/hub.sock", WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB);
	gate = house_gate_socket(&house);
}

static const struct wire_message *expect(struct link_client *client, enum wire_type type)
{
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	do
		if (link_client_wait(client, HOUSE_WAIT_MS, &message, &note))
			fail_msg("no %s: %s", wire_type_name(type), note.text);
	while (message->type == WIRE_policy || message->type == WIRE_reach ||
	       message->type == WIRE_waiting || message->type == WIRE_alert ||
	       message->type == WIRE_peer || message->type == WIRE_skill_hosts ||
	       message->type == WIRE_weather_place);
	assert_string_equal(wire_type_name(message->type), wire_type_name(type));
	return message;
}

/* What no key stands behind never asks for what binds the household. */
static void give_room_a_key(struct link_client *owner)
{
	struct wire_room_set set = {.room = HOUSE_ROOM, .capabilities = MAY_ALL};
	uint8_t key[POLICY_KEY_BYTES];

	memset(key, 9, sizeof(key));
	assert_int_equal(key_to_text(key, set.key), OK);
	assert_int_equal(link_client_send_room_set(owner, &set, NULL), OK);
	(void)expect(owner, WIRE_done);
}

static void add_child(struct link_client *owner)
{
	const struct wire_person tom = {.name = "Tom", .role = "child"};

	assert_int_equal(link_client_send_person(owner, &tom, NULL), OK);
	(void)expect(owner, WIRE_done);
}

static int set_up(void **state)
{
	struct link_client *owner;

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(setenv("LC_ALL", "C", 1), 0); /* pictures of "#" */
	house_begin(&house);
	assert_true(file_join(passphrase_path, sizeof(passphrase_path), house.data,
			      "passphrase"));
	assert_int_equal(file_write(passphrase_path, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	house_start_keeper(&house);
	house_settle(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	give_room_a_key(owner);
	add_child(owner);
	link_client_close(owner);
	open_links();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&running, SIGKILL);
	link_client_close(hub);
	link_client_close(gate);
	house_end(&house);
	return 0;
}

/* --- the command line ------------------------------------------------------------------- */

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[WORDS_MAX + 8] = {process_program("behest"), words[0], "--data",
					  house.data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++)
		all[count++] = words[i];
	if (str_equal(words[0], "pair")) {
		all[count++] = "--owner";
		all[count++] = HOUSE_OWNER;
		all[count++] = "--passphrase-file";
		all[count++] = passphrase_path;
	}
	assert_true(count < STR_COUNT(all));
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

/* Ends so, with these words on standard output (status 0) or in the one line on the other. */
static void says(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;
	const char *text;

	behest(words, &ran);
	text = status ? process_err(&ran) : process_out(&ran);
	if (ran.status != status || !strstr(text, needle) ||
	    (status && process_lines(text) != 1))
		fail_msg("behest %s: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 words[0], ran.status, process_out(&ran), process_err(&ran),
			 status, needle);
	process_ran_finish(&ran);
}

static bool file_has(const char *path, const char *needle)
{
	struct buf bytes;
	const bool has = file_read(path, LOG_MAX, &bytes, NULL) == OK && bytes.bytes &&
			 strstr((const char *)bytes.bytes, needle);

	buf_finish(&bytes);
	return has;
}

static void wait_for_text(const char *path, const char *needle)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!file_has(path, needle)) {
		if (loop_now_ms() > until_ms)
			fail_msg("%s never says \"%s\"", path, needle);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* One at a time: what a failed test left goes first. */
static void start(const char *const *words, const char *log)
{
	(void)process_end(&running, SIGKILL);
	running = process_start(words, log);
}

static int wait_end(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	int status = 0;

	while (!process_is_over(&running, &status)) {
		assert_true(loop_now_ms() < until_ms);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- what is asked for ------------------------------------------------------------------ */

struct asked {
	struct proposal_id id;
	char text[ID_TEXT_BYTES];
	char prefix[PREFIX_LETTERS + 1];
};

static struct asked propose_as(const struct action *action)
{
	struct wire_propose said = {.token = TOKEN, .turn = TURN};
	const struct wire_message *answer;
	struct asked asked;
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(action_bytes(action, bytes, &size), OK);
	said.action = (struct wire_slice){(const uint8_t *)bytes, size};
	assert_int_equal(link_client_send_propose(hub, &said, NULL), OK);
	do /* a hub that comes is told what waits */
		answer = expect(hub, WIRE_proposal);
	while (answer->proposal.token != TOKEN);
	assert_string_equal(answer->proposal.reason, "NEEDS_TAP");
	memcpy(asked.id.bytes, answer->proposal.id.bytes, ID_BYTES);
	id_to_text(asked.text, asked.id.bytes);
	assert_true(str_copy_bytes(asked.prefix, sizeof(asked.prefix), asked.text,
				   PREFIX_LETTERS));
	return asked;
}

static struct asked propose(enum action_kind kind, const char *entity)
{
	struct action action = {.kind = kind, .room = HOUSE_ROOM};

	assert_true(str_copy(action.entity, sizeof(action.entity), entity));
	return propose_as(&action);
}

static void expect_state(const struct asked *asked, const char *state)
{
	const struct wire_message *message = expect(hub, WIRE_proposal);

	assert_memory_equal(message->proposal.id.bytes, asked->id.bytes, ID_BYTES);
	assert_string_equal(message->proposal.state, state);
}

static void carry_out(const struct asked *asked)
{
	struct wire_carried carried = {.err = OK};

	memcpy(carried.id.bytes, asked->id.bytes, ID_BYTES);
	assert_int_equal(link_client_send_carried(gate, &carried, NULL), OK);
	expect_state(asked, "done");
}

/* The keeper has answered since, so that what was on its way is there. */
static void expect_no_order(void)
{
	struct pollfd ready = {.fd = link_client_fd(gate), .events = POLLIN};
	const struct wire_message *message = NULL;

	while (poll(&ready, 1, 0) == 1) {
		assert_int_equal(link_client_wait(gate, HOUSE_WAIT_MS, &message, NULL),
				 OK);
		assert_true(message->type == WIRE_alert || message->type == WIRE_peer ||
			    message->type == WIRE_skill_hosts ||
			    message->type == WIRE_weather_place);
	}
}

/* --- pairing ---------------------------------------------------------------------------- */

static void nobody_is_paired(void **state)
{
	(void)state;
	says(WORDS("approve"), 1, "pair it: behest pair --here");
	says(WORDS("approve", "--watch"), 1, "pair it: behest pair --here");
	says(WORDS("pair", "--list"), 0, "no device is paired");
	says(WORDS("pair", "--here", "--list"), 2, "exclude each other");
	says(WORDS("approve", "abcd", "--watch"), 2, "exclude each other");
	says(WORDS("pair", "--here", "--person", "nobody"), 1,
	     "nobody called \"nobody\" lives here");
	says(WORDS("pair", "--revoke", DEVICE), 1, "no device that counts is called");
}

static void a_new_user_pairs_this_computer(void **state)
{
	char path[FILE_PATH_BYTES];
	struct stat about;

	(void)state;
	says(WORDS("pair", "--here", "--name", DEVICE), 0,
	     "paired: " DEVICE ", of " HOUSE_OWNER "; key ");
	assert_true(file_join(path, sizeof(path), house.data, "device/device.key"));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	says(WORDS("approve"), 0, "nothing waits\n");
	says(WORDS("approve", "--json"), 0, "");
	says(WORDS("pair", "--list"), 0, DEVICE);
	says(WORDS("pair", "--list", "--json"), 0,
	     "{\"name\":\"" DEVICE "\",\"person\":\"" HOUSE_OWNER
	     "\",\"fingerprint\":\"");
}

/* --- approving -------------------------------------------------------------------------- */

static void what_waits_is_approved_once(void **state)
{
	const struct asked front = propose(ACTION_UNLOCK, "lock.front");
	const struct wire_message *order;

	(void)state;
	says(WORDS("approve"), 0, "unlock a door: lock.front, asked for in the kitchen");
	says(WORDS("approve"), 0, "waits for a tap, ");
	says(WORDS("approve"), 0, "; this device may approve it\n");
	says(WORDS("approve", "--json"), 0, front.text);
	says(WORDS("approve", front.text), 2, "give --yes");
	expect_no_order();
	says(WORDS("approve", front.prefix, "--yes"), 0, "is being carried out");
	expect_state(&front, "ordered");
	order = expect(gate, WIRE_order);
	assert_memory_equal(order->order.id.bytes, front.id.bytes, ID_BYTES);
	carry_out(&front);
	says(WORDS("approve", front.prefix, "--yes"), 1, "it may be over");
	says(WORDS("approve"), 0, "nothing waits\n");
	expect_no_order();
}

static void what_is_cancelled_is_not_done(void **state)
{
	const struct asked front = propose(ACTION_UNLOCK, "lock.front");
	struct asked more[2];

	(void)state;
	says(WORDS("approve", "--cancel", front.text), 0, "was called off");
	expect_state(&front, "cancelled");
	says(WORDS("approve", "--cancel", front.text), 1, "it may be over");
	more[0] = propose(ACTION_UNLOCK, "lock.back");
	more[1] = propose(ACTION_DISARM_ALARM, "alarm.house");
	says(WORDS("approve", "--all-cancel"), 0, "disarm the alarm: alarm.house");
	expect_state(&more[1], "cancelled");
	expect_state(&more[0], "cancelled");
	says(WORDS("approve"), 0, "nothing waits\n");
	expect_no_order();
}

static void wrong_ids_are_told(void **state)
{
	(void)state;
	says(WORDS("approve", "xyzzy", "--yes"), 2, "expected the first digits of an id");
	says(WORDS("approve", "abc", "--yes"), 2, "at least 4");
	says(WORDS("approve", "abcdef", "--yes"), 1, "nothing that waits begins so");
}

/* That an id which begins like another is refused is test_notice's: so few wait here that
 * two never begin alike. */
static void all_are_called_off_at_once(void **state)
{
	enum { MANY = 3 };

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		(void)propose(ACTION_TURN_ON, "switch.unknown");
	says(WORDS("approve", "--all-cancel"), 0, "switch something on: switch.unknown");
	expect_no_order();
	for (size_t i = 0; i < MANY; i++)
		assert_string_equal(expect(hub, WIRE_proposal)->proposal.state,
				    "cancelled");
	says(WORDS("approve"), 0, "nothing waits\n");
}

static void a_childs_device_only_cancels(void **state)
{
	const struct asked front = propose(ACTION_UNLOCK, "lock.front");

	(void)state;
	says(WORDS("pair", "--here", "--person", "tom"), 0, ", of Tom; key ");
	says(WORDS("approve"), 0, "; this device may not approve it\n");
	says(WORDS("approve", front.prefix, "--yes"), 3, "(MAY_NOT_APPROVE)");
	expect_no_order();
	says(WORDS("approve", "--cancel", front.prefix), 0, "was called off");
	expect_state(&front, "cancelled");
	says(WORDS("pair", "--here", "--name", DEVICE), 0, ", of " HOUSE_OWNER "; key ");
}

/* What was asked for aloud to be deleted takes no device; everything else does. */
static void a_deletion_is_approved_signed_in(void **state)
{
	const struct action deletion = {.kind = ACTION_RECORD_ERASE,
					.mode = "today",
					.room = HOUSE_ROOM};
	const struct asked front = propose(ACTION_UNLOCK, "lock.front");
	struct asked asked;

	(void)state;
	says(WORDS("approve", "--as-owner", "--owner", HOUSE_OWNER, "--passphrase-file",
		   passphrase_path),
	     0, "nothing waits that you can approve without a device");
	says(WORDS("approve", "--as-owner", "--watch"), 2, "exclude each other");
	asked = propose_as(&deletion);
	says(WORDS("approve", "--as-owner", "--owner", HOUSE_OWNER, "--passphrase-file",
		   passphrase_path),
	     0, "waits for a tap, ");
	says(WORDS("approve", "--as-owner", "--owner", HOUSE_OWNER, "--passphrase-file",
		   passphrase_path, front.text, "--yes"),
	     1, "it may be over");
	says(WORDS("approve", "--as-owner", "--owner", HOUSE_OWNER, "--passphrase-file",
		   passphrase_path, asked.text),
	     2, "give --yes");
	says(WORDS("approve", "--as-owner", "--owner", HOUSE_OWNER, "--passphrase-file",
		   passphrase_path, asked.text, "--yes"),
	     0, "is being carried out");
	expect_state(&asked, "ordered");
	expect_state(&asked, "done");
	expect_no_order();
	says(WORDS("approve", "--cancel", front.prefix), 0, "was called off");
	expect_state(&front, "cancelled");
}

/* --- watching --------------------------------------------------------------------------- */

static void a_watch_outlives_the_keeper(void **state)
{
	char log[FILE_PATH_BYTES];
	const char *const words[] = {process_program("behest"),
				     "approve",
				     "--watch",
				     "--data",
				     house.data,
				     NULL};
	struct asked asked;
	struct buf bytes;

	(void)state;
	asked = propose(ACTION_UNLOCK, "lock.early");
	assert_true(file_join(log, sizeof(log), house.data, "watch.log"));
	start(words, log);
	wait_for_text(log, "  1  ");
	wait_for_text(log, "lock.early, asked for in the kitchen");
	(void)propose(ACTION_UNLOCK, "lock.back");
	wait_for_text(log, "lock.back, asked for in the kitchen");
	house_stop_keeper(&house);
	wait_for_text(log, "the keeper is gone");
	house_start_keeper(&house);
	wait_for_text(log, "the keeper is back");
	open_links();
	(void)propose(ACTION_UNLOCK, "lock.late");
	wait_for_text(log, "  3  ");
	wait_for_text(log, "lock.late, asked for in the kitchen");
	says(WORDS("approve", "--cancel", asked.text), 0, "lock.early");
	wait_for_text(log, "was called off");
	assert_true(WIFSIGNALED(process_end(&running, SIGTERM)));
	/* Each once as it came, the first once more when it was over, and two lines about
	 * the keeper: what still waits is not told again. */
	assert_int_equal(file_read(log, LOG_MAX, &bytes, NULL), OK);
	assert_int_equal(process_lines((const char *)bytes.bytes), 6);
	buf_finish(&bytes);
	says(WORDS("approve", "--all-cancel"), 0, "was called off");
}

/* --- at a terminal ---------------------------------------------------------------------- */

/* A program at a terminal of its own, and all that it wrote there. */
struct seat {
	int fd;
	char said[SAID_BYTES];
	size_t size;
};

static void sit_down(struct seat *seat, const char *const *words)
{
	union {
		const char *const *given;
		char *const *wanted;
	} argv = {.given = words};
	char path[FILE_PATH_BYTES];

	*seat = (struct seat){.fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
	assert_true(seat->fd >= 0 && grantpt(seat->fd) == 0 && unlockpt(seat->fd) == 0);
	assert_int_equal(ptsname_r(seat->fd, path, sizeof(path)), 0);
	(void)process_end(&running, SIGKILL);
	running = fork();
	assert_true(running >= 0);
	if (running == 0) {
		const int tty = open(path, O_RDWR | O_NOCTTY);

		(void)dup2(tty, STDIN_FILENO);
		(void)dup2(tty, STDOUT_FILENO);
		(void)dup2(tty, STDERR_FILENO);
		(void)execv(words[0], argv.wanted);
		_exit(127);
	}
}

static void see(struct seat *seat, const char *needle)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!strstr(seat->said, needle)) {
		struct pollfd ready = {.fd = seat->fd, .events = POLLIN};
		ssize_t got = 0;

		if (loop_now_ms() > until_ms)
			fail_msg("never said \"%s\": \"%s\"", needle, seat->said);
		assert_true(seat->size + 1 < sizeof(seat->said));
		if (poll(&ready, 1, HOUSE_STEP_MS) > 0)
			got = read(seat->fd, seat->said + seat->size,
				   sizeof(seat->said) - seat->size - 1);
		seat->size += got > 0 ? (size_t)got : 0;
	}
}

static void type(struct seat *seat, const char *line)
{
	assert_int_equal(write(seat->fd, line, strlen(line)), strlen(line));
}

static void get_up(struct seat *seat, int status)
{
	assert_int_equal(wait_end(), status);
	close(seat->fd);
}

static void a_person_is_asked_before(void **state)
{
	static struct seat seat;
	const struct asked front = propose(ACTION_UNLOCK, "lock.front");
	const char *const words[] = {process_program("behest"),
				     "approve",
				     front.text,
				     "--data",
				     house.data,
				     NULL};

	(void)state;
	sit_down(&seat, words);
	see(&seat, "Approve: unlock a door: lock.front, asked for in the kitchen? [no] ");
	type(&seat, "\n");
	see(&seat, "not approved; it still waits");
	get_up(&seat, 0);
	expect_no_order();
	sit_down(&seat, words);
	see(&seat, "[no] ");
	type(&seat, "y\n");
	see(&seat, "is being carried out");
	get_up(&seat, 0);
	expect_state(&front, "ordered");
	assert_memory_equal(expect(gate, WIRE_order)->order.id.bytes, front.id.bytes,
			    ID_BYTES);
	carry_out(&front);
}

static void a_watch_takes_what_is_typed(void **state)
{
	static struct seat seat;
	const char *const words[] = {process_program("behest"),
				     "approve",
				     "--watch",
				     "--data",
				     house.data,
				     NULL};
	char line[APPROVE_WATCH_LINE_BYTES] = "";
	struct asked first;
	struct asked second;

	(void)state;
	sit_down(&seat, words);
	see(&seat, "q to end");
	first = propose(ACTION_PRESS, "button.one");
	see(&seat, "\a  1  ");
	second = propose(ACTION_PRESS, "button.two");
	see(&seat, "\a  2  ");
	type(&seat, "a two\n");
	see(&seat, "type a and a number to approve, c and a number to cancel, or q");
	memset(line, 'x', sizeof(line) - 1); /* read as one piece, and the rest */
	type(&seat, line);
	type(&seat, "a 2\n");
	type(&seat, "a 9\n");
	see(&seat, "9: nothing that waits has that number");
	type(&seat, "c 1\n");
	see(&seat, "was called off");
	expect_state(&first, "cancelled");
	type(&seat, "a 2\n");
	see(&seat, "is being carried out");
	expect_state(&second, "ordered");
	(void)expect(gate, WIRE_order);
	carry_out(&second);
	see(&seat, "was carried out");
	type(&seat, "q\n");
	get_up(&seat, 0);
}

/* --- codes, and revoking ---------------------------------------------------------------- */

static void a_revoked_device_is_refused(void **state)
{
	(void)state;
	says(WORDS("pair", "--revoke", "DESK"), 0, "revoked");
	says(WORDS("approve"), 3, "pair it: behest pair --here");
	says(WORDS("approve", "--watch"), 3, "(UNKNOWN_DEVICE)");
	says(WORDS("pair", "--list", "--json"), 0, "\"revoked\":true");
	says(WORDS("pair", "--revoke", DEVICE), 1, "no device that counts is called");
}

static void read_code(const char *log, char to[32])
{
	static const char mark[] = "\"code\":\"";
	struct buf bytes;
	const char *at;

	wait_for_text(log, "\"lasts_ms\"");
	assert_int_equal(file_read(log, LOG_MAX, &bytes, NULL), OK);
	at = strstr((const char *)bytes.bytes, mark);
	assert_non_null(at);
	at += strlen(mark);
	assert_true(str_copy_bytes(to, 32, at, strcspn(at, "\"")));
	buf_finish(&bytes);
}

/* One process shows the code, another takes it up: as on a phone. */
static void a_code_is_taken_up_elsewhere(void **state)
{
	char log[FILE_PATH_BYTES];
	char code[32];
	const char *const words[] = {process_program("behest"),
				     "pair",
				     "--json",
				     "--data",
				     house.data,
				     "--owner",
				     HOUSE_OWNER,
				     "--passphrase-file",
				     passphrase_path,
				     NULL};

	(void)state;
	says(WORDS("pair", "--code", "0000-0000-0000-0000"), 3, "(WRONG_PAIR_CODE)");
	assert_true(file_join(log, sizeof(log), house.data, "pair.log"));
	start(words, log);
	read_code(log, code);
	str_fold(code);
	says(WORDS("pair", "--code", code, "--name", "phone"), 0,
	     "paired: phone, of " HOUSE_OWNER "; key ");
	assert_int_equal(wait_end(), 0);
	wait_for_text(log, "{\"name\":\"phone\",\"person\":\"" HOUSE_OWNER "\"");
	says(WORDS("pair", "--code", code), 3, "(WRONG_PAIR_CODE)");
	says(WORDS("approve"), 0, "nothing waits\n");
}

/* Whoever interrupts it takes the code back. */
static void a_code_goes_with_who_shows_it(void **state)
{
	char log[FILE_PATH_BYTES];
	char code[32];
	const char *const words[] = {process_program("behest"),
				     "pair",
				     "--json",
				     "--data",
				     house.data,
				     "--owner",
				     HOUSE_OWNER,
				     "--passphrase-file",
				     passphrase_path,
				     NULL};

	(void)state;
	assert_true(file_join(log, sizeof(log), house.data, "interrupted.log"));
	start(words, log);
	read_code(log, code);
	(void)process_end(&running, SIGINT);
	says(WORDS("pair", "--code", code), 3, "(WRONG_PAIR_CODE)");
}

static void the_picture_says_what_the_text_says(void **state)
{
	char log[FILE_PATH_BYTES];
	const char *const words[] = {process_program("behest"),
				     "pair",
				     "--data",
				     house.data,
				     "--owner",
				     HOUSE_OWNER,
				     "--passphrase-file",
				     passphrase_path,
				     NULL};

	(void)state;
	assert_true(file_join(log, sizeof(log), house.data, "picture.log"));
	start(words, log);
	wait_for_text(log, "behest pair --code ");
	assert_true(file_has(log, "behest-pair:1?hub=unix&key="));
	assert_true(file_has(log, "####"));
	(void)process_end(&running, SIGINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_paired),
		cmocka_unit_test(a_new_user_pairs_this_computer),
		cmocka_unit_test(what_waits_is_approved_once),
		cmocka_unit_test(what_is_cancelled_is_not_done),
		cmocka_unit_test(wrong_ids_are_told),
		cmocka_unit_test(all_are_called_off_at_once),
		cmocka_unit_test(a_childs_device_only_cancels),
		cmocka_unit_test(a_deletion_is_approved_signed_in),
		cmocka_unit_test(a_person_is_asked_before),
		cmocka_unit_test(a_watch_takes_what_is_typed),
		cmocka_unit_test(a_watch_outlives_the_keeper),
		cmocka_unit_test(a_revoked_device_is_refused),
		cmocka_unit_test(a_code_is_taken_up_elsewhere),
		cmocka_unit_test(a_code_goes_with_who_shows_it),
		cmocka_unit_test(the_picture_says_what_the_text_says),
	};

	return cmocka_run_group_tests_name("approve", tests, set_up, tear_down);
}
