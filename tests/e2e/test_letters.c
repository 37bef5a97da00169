/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Voice messages through the real gate, in its sandbox, and a real mail server. The keeper
 * is played here: it knows the gate by its key, signs the orders and holds the sound.
 *
 * What the gate says of each try is what its keeper would go by: delivered, never, later,
 * nobody knows. No broker runs; the gate waits for one meanwhile.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/identity.h"
#include "adapter/keeper_mark.h"
#include "adapter/link_unix.h"
#include "adapter/rand_system.h"
#include "base/buf.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/proof.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "e2e/scripted_server.h"
#include "e2e/smtp_fixture.h"
#include "folder.h"

enum {
	WAIT_MS = 60000,
	STEP_MS = 20,
	LOG_MAX = 1 << 20,
	SOUND_BYTES = 512 * 1024, /* the longest there may be */
	PIECE_BYTES = 64000,
	LEFT_MS = 50 * 1000, /* as the keeper signs */
};

/* The id of a message n, as text, begins with its number. */
#define ID_OF(number) "0" #number "000000000000000000000000000000"
#define NOT_CONFIGURED "nothing is set up that could send it"

static struct smtp_fixture server;
static char folder[FILE_PATH_BYTES];
static char data[FILE_PATH_BYTES];
static char logged[FILE_PATH_BYTES];
static char push_section[256]; /* of the settings; "": none */
static uint8_t sound[SOUND_BYTES];
static pid_t gate;

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {3};
static const struct household_id HOUSEHOLD = {{7}};

/* The keeper of this test. */
struct keeper {
	struct loop *loop;
	struct link_server *server;
	struct link *link; /* to the gate, once it has shown who it is */
	uint8_t gate_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t nonce[PROOF_NONCE_BYTES];
	unsigned fetched;
	bool lies; /* about the sound */
	unsigned told;
	struct wire_carried carried; /* the last */
};

static struct keeper keeper;

/* ---- what the gate finds in its folder ---- */

static void inside(const char *name, char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, data, name));
}

static void write_text(const char *name, const char *text)
{
	char path[FILE_PATH_BYTES];

	inside(name, path);
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void write_settings(uint16_t port, const char *tls)
{
	char text[1024];

	assert_true(
		str_format(text, sizeof(text),
			   "[broker]\nhost = 127.0.0.1\nport = 1\n"
			   "[mail]\nhost = localhost\nport = %u\ntls = %s\nuser = %s\n"
			   "from = house@example.org\nfrom_name = Our house\n"
			   "authority = %s\n%s",
			   port, tls, SMTP_FIXTURE_USER, server.certificate,
			   push_section));
	write_text("behest.conf", text);
	write_text("mail.password", SMTP_FIXTURE_PASSWORD "\n");
}

static void make_keys(void)
{
	const struct rand rand = rand_system();
	struct keeper_mark mark = {.household = HOUSEHOLD};
	struct identity identity;
	char path[FILE_PATH_BYTES];

	inside("run/keeper", path);
	assert_int_equal(file_make_folder(path, NULL), OK);
	assert_int_equal(identity_gate_path(path, data), OK);
	assert_int_equal(identity_open(path, &rand, &identity, NULL), OK);
	memcpy(keeper.gate_key, identity.public_key, sizeof(keeper.gate_key));
	identity_close(&identity);
	seal_sign_pair(SEED, mark.key);
	inside("keeper", path);
	assert_int_equal(keeper_mark_write(path, &mark, NULL), OK);
}

/* ---- the keeper's end ---- */

static void on_opened(void *context, struct link *link)
{
	const struct wire_challenge challenge = {
		.nonce = {keeper.nonce, sizeof(keeper.nonce)}};

	(void)context;
	seal_random(keeper.nonce, sizeof(keeper.nonce));
	assert_int_equal(link_send_challenge(link, &challenge), OK);
}

static void take_identity(struct link *link, const struct wire_identity *said)
{
	uint8_t bytes[PROOF_BYTES];

	assert_int_equal(link_process(link), gate);
	proof_bytes(HOUSEHOLD, keeper.nonce, link_process(link), bytes);
	assert_int_equal(said->key.size, sizeof(keeper.gate_key));
	assert_memory_equal(said->key.bytes, keeper.gate_key, sizeof(keeper.gate_key));
	assert_int_equal(said->signature.size, SEAL_SIGNATURE_BYTES);
	assert_int_equal(seal_verify_labelled(keeper.gate_key, PROOF_GATE_LABEL, bytes,
					      sizeof(bytes), said->signature.bytes),
			 OK);
	keeper.link = link;
}

static void send_sound(struct link *link, uint64_t token)
{
	for (size_t at = 0; at < SOUND_BYTES; at += PIECE_BYTES) {
		const size_t left = SOUND_BYTES - at;
		struct wire_memo_sound piece = {
			.token = token,
			.last = left <= PIECE_BYTES,
			.opus = {sound + at, left < PIECE_BYTES ? left : PIECE_BYTES}};

		assert_int_equal(link_send_memo_sound(link, &piece), OK);
	}
	assert_int_equal(link_send_done(link, &(struct wire_done){.token = token}), OK);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	(void)context;
	if (message->type == WIRE_identity) {
		take_identity(link, &message->identity);
	} else if (message->type == WIRE_memo_get) {
		keeper.fetched++;
		sound[0] ^= keeper.lies ? 1 : 0;
		send_sound(link, message->memo_get.token);
		sound[0] ^= keeper.lies ? 1 : 0;
	} else if (message->type == WIRE_carried) {
		keeper.told++;
		keeper.carried = message->carried;
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)context;
	(void)err;
	(void)why;
	if (keeper.link == link)
		keeper.link = NULL;
}

static void open_keeper(void)
{
	const struct link_listener listener = {NULL, on_opened, on_message, on_closed};
	char path[FILE_PATH_BYTES];

	inside("run/keeper/gate.sock", path);
	assert_int_equal(loop_create(&keeper.loop), OK);
	assert_int_equal(link_listen(keeper.loop, path, WIRE_LINK_GATE_KEEPER,
				     WIRE_PARTY_KEEPER, "keeper", &listener,
				     &keeper.server, NULL),
			 OK);
}

static void turn(int64_t until_ms)
{
	int status = 0;

	assert_true(loop_now_ms() < until_ms);
	assert_false(process_is_over(&gate, &status));
	assert_int_equal(loop_run_once(keeper.loop, STEP_MS), OK);
}

/* ---- the gate ---- */

static void end_gate(void)
{
	(void)process_end(&gate, SIGTERM);
	while (keeper.link)
		assert_int_equal(loop_run_once(keeper.loop, STEP_MS), OK);
}

static void start_gate(uint16_t port, const char *tls)
{
	const char *words[] = {process_program("behest-gate"), "--data", data, NULL};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	end_gate();
	write_settings(port, tls);
	gate = process_start(words, logged);
	while (!keeper.link)
		turn(until_ms);
}

static unsigned log_count(const char *words)
{
	struct buf text;
	unsigned count = 0;

	if (file_read(logged, LOG_MAX, &text, NULL) == OK && text.bytes)
		for (const char *at = (const char *)text.bytes;
		     (at = strstr(at, words)) != NULL; at++)
			count++;
	buf_finish(&text);
	return count;
}

static int begin(void **state)
{
	uint32_t number = 12345;

	(void)state;
	smtp_fixture_begin(&server);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-letters-XXXXXX"));
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(data, sizeof(data), folder, "data"));
	assert_true(file_join(logged, sizeof(logged), folder, "log"));
	for (size_t i = 0; i < sizeof(sound); i++) {
		number = number * 1664525 + 1013904223;
		sound[i] = (uint8_t)(number >> 24);
	}
	make_keys();
	open_keeper();
	start_gate(server.starttls_port, "starttls");
	return 0;
}

static int end(void **state)
{
	(void)state;
	end_gate();
	link_server_destroy(keeper.server);
	loop_destroy(keeper.loop);
	smtp_fixture_end(&server);
	return folder_remove(folder);
}

/* ---- orders ---- */

static void sign_order(struct proposal_id id, const struct wire_order *order,
		       const char *to, uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	struct contact contact = {.name = "Anna", .kind = CONTACT_MAIL};
	uint8_t hash[SEAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	size_t size;

	assert_true(str_copy(contact.address, sizeof(contact.address), to));
	assert_int_equal(seal_sha256(&(struct seal_part){order->action.bytes,
							 order->action.size},
				     1, hash),
			 OK);
	size = approval_order_bytes(HOUSEHOLD, id, hash, order->until_ms, &contact,
				    bytes);
	assert_int_equal(seal_sign_labelled(SEED, APPROVAL_ORDER_LABEL, bytes, size,
					    signature),
			 OK);
}

static void tell(uint8_t number, const char *to)
{
	static const uint8_t no_key[PEOPLE_KEY_BYTES];
	const struct proposal_id id = {{number}};
	struct wire_order order = {.kind = "mail",
				   .name = "Anna",
				   .until_ms = (int64_t)time(NULL) * 1000 + LEFT_MS,
				   .key = {no_key, sizeof(no_key)},
				   .box_key = {no_key, sizeof(no_key)}};
	struct action action = {.kind = ACTION_SEND_MESSAGE,
				.entity = "00112233445566778899aabbccddeeff",
				.room = "kitchen"};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char text[ACTION_BYTES_MAX];
	size_t size = 0;

	assert_int_equal(seal_sha256(&(struct seal_part){sound, SOUND_BYTES}, 1,
				     action.body),
			 OK);
	assert_int_equal(action_bytes(&action, text, &size), OK);
	memcpy(order.id.bytes, id.bytes, ID_BYTES);
	assert_true(str_copy(order.address, sizeof(order.address), to));
	order.action = (struct wire_slice){(const uint8_t *)text, size};
	sign_order(id, &order, to, signature);
	order.signature = (struct wire_slice){signature, sizeof(signature)};
	assert_int_equal(link_send_order(keeper.link, &order), OK);
}

/* What the gate says has become of it. */
static enum err order(uint8_t number, const char *to)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	const unsigned told = keeper.told;

	tell(number, to);
	while (keeper.told == told)
		turn(until_ms);
	assert_int_equal(keeper.told, told + 1);
	assert_int_equal(keeper.carried.id.bytes[0], number);
	return (enum err)keeper.carried.err;
}

/* The one delivered mail, as Python's parser reads it. */
static void read_mail(struct process_ran *ran)
{
	const char *source = getenv("BEHEST_SOURCE");
	char script[FILE_PATH_BYTES];
	char mail[FILE_PATH_BYTES];
	char attached[FILE_PATH_BYTES];
	struct buf bytes = {0};

	assert_non_null(source);
	assert_true(file_join(script, sizeof(script), source, "tests/e2e/read_mail.py"));
	assert_true(file_join(attached, sizeof(attached), folder, "attached"));
	smtp_fixture_await(&server, 1, mail);
	const char *const words[] = {"/usr/bin/python3", script, mail, attached, NULL};
	process_run(words, WAIT_MS, ran);
	if (ran->status != 0)
		fail_msg("%s", process_err(ran));
	assert_int_equal(file_read(attached, 2 * SOUND_BYTES, &bytes, NULL), OK);
	assert_int_equal(bytes.size, SOUND_BYTES);
	assert_memory_equal(bytes.bytes, sound, SOUND_BYTES);
	buf_finish(&bytes);
	smtp_fixture_clear(&server);
}

static void has_line(const struct process_ran *ran, const char *line)
{
	const char *at = strstr(process_out(ran), line);

	if (!at || at[strlen(line)] != '\n')
		fail_msg("no line \"%s\" in\n%s", line, process_out(ran));
}

/* ---- what becomes of it ---- */

static void it_is_delivered_once(void **state)
{
	struct process_ran ran;

	(void)state;
	assert_int_equal(order(1, "anna@example.org"), OK);
	read_mail(&ran);
	has_line(&ran, "From: Our house <house@example.org>");
	has_line(&ran, "To: Anna <anna@example.org>");
	has_line(&ran, "Subject: Voice message from Our house");
	has_line(&ran, "Message-ID: <" ID_OF(1) "@example.org>");
	has_line(&ran, "attached: [('audio/ogg', 'message.ogg')]");
	process_ran_finish(&ran);
	assert_int_equal(keeper.fetched, 1);
	assert_int_equal(order(1, "anna@example.org"), OK); /* told again */
	start_gate(server.starttls_port, "starttls");
	assert_int_equal(order(1, "anna@example.org"), OK);
	assert_int_equal(keeper.fetched, 1);
	assert_int_equal(smtp_fixture_count(&server), 0);
}

static void a_refusal_is_for_good(void **state)
{
	const unsigned fetched = keeper.fetched;

	(void)state;
	assert_int_equal(order(2, SMTP_FIXTURE_NOBODY "@example.org"), ERR_DENIED);
	assert_int_equal(order(2, SMTP_FIXTURE_NOBODY "@example.org"), ERR_DENIED);
	assert_int_equal(keeper.fetched, fetched + 1);
	assert_int_equal(smtp_fixture_count(&server), 0);
}

static void what_is_put_off_is_delivered_later(void **state)
{
	struct process_ran ran;
	char path[FILE_PATH_BYTES];

	(void)state;
	assert_int_equal(order(3, SMTP_FIXTURE_LATER "@example.org"), ERR_IO);
	assert_int_equal(order(3, SMTP_FIXTURE_LATER "@example.org"), ERR_BUSY);
	assert_int_equal(smtp_fixture_count(&server), 0);
	assert_true(
		file_join(path, sizeof(path), server.folder, SMTP_FIXTURE_LATE_ENOUGH));
	assert_int_equal(file_write(path, "", 0, 0644, NULL), OK);
	start_gate(server.starttls_port, "starttls"); /* it has all patience again */
	assert_int_equal(order(3, SMTP_FIXTURE_LATER "@example.org"), OK);
	read_mail(&ran);
	has_line(&ran, "Message-ID: <" ID_OF(3) "@example.org>");
	process_ran_finish(&ran);
}

/* A line of the sound begins with none of these. */
static const struct script_row SILENT_AFTER_ALL[] = {
	{.say = "220 mail.example\r\n"},
	{.on = "EHLO ", .say = "250-mail.example\r\n250 AUTH PLAIN\r\n"},
	{.on = "AUTH ", .say = "334 \r\n"},
	{.on = "AG93bmVyAGEgc2VjcmV0IHdvcmQ=", .say = "235 welcome\r\n"},
	{.on = "MAIL FROM:", .say = "250 ok\r\n"},
	{.on = "RCPT TO:", .say = "250 ok\r\n"},
	{.on = "DATA", .is_whole = true, .say = "354 go on\r\n"},
	{.on = "Message-ID: <" ID_OF(4) "@example.org>"},
	{.on = "Message-ID:", .say = "554 another name\r\n", .then = SCRIPT_DROP},
	{.on = ".", .is_whole = true, .then = SCRIPT_DROP},
	{0},
};

/* It may be there: then it is sent again under the same name, also by the gate's next life. */
static void what_nobody_knows_is_repeated(void **state)
{
	const struct script script = {SILENT_AFTER_ALL, server.certificate, server.key};
	struct scripted_server *scripted = scripted_server_begin(&script);
	struct process_ran ran;

	(void)state;
	start_gate(scripted_server_port(scripted), "implicit");
	assert_int_equal(order(4, "anna@example.org"), ERR_TIMEOUT);
	scripted_server_end(scripted);
	start_gate(server.implicit_port, "implicit");
	assert_int_equal(order(4, "anna@example.org"), OK);
	read_mail(&ran);
	has_line(&ran, "Message-ID: <" ID_OF(4) "@example.org>");
	process_ran_finish(&ran);
}

static void another_sound_than_approved_stays_here(void **state)
{
	(void)state;
	keeper.lies = true;
	assert_int_equal(order(5, "anna@example.org"), ERR_AUTH);
	keeper.lies = false;
	assert_int_equal(order(5, "anna@example.org"), OK);
	smtp_fixture_clear(&server);
}

static pid_t start_push_server(const char *got)
{
	const char *source = getenv("BEHEST_SOURCE");
	const uint16_t port = loopback_free_port();
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	char script[FILE_PATH_BYTES];
	char number[8];
	pid_t peer;

	assert_non_null(source);
	assert_true(file_join(script, sizeof(script), source, "tests/e2e/push_peer.py"));
	assert_true(str_format(number, sizeof(number), "%u", port));
	assert_true(str_format(push_section, sizeof(push_section),
			       "[push]\nurl = http://127.0.0.1:%u/topic\n", port));
	const char *const words[] = {"/usr/bin/python3", script, number, got, NULL};
	peer = process_start(words, logged);
	while (!loopback_is_listening(port))
		turn(until_ms);
	return peer;
}

static void say_alert(uint8_t number)
{
	struct wire_alert alert = {.id.bytes = {number}, .state = "asked", .to = "Anna"};

	assert_true(str_copy(alert.action, sizeof(alert.action),
			     action_name(ACTION_SEND_MESSAGE)));
	assert_int_equal(link_send_alert(keeper.link, &alert), OK);
}

/* In its sandbox; and a server that is down keeps no order back. */
static void people_are_told_that_something_waits(void **state)
{
	char got[FILE_PATH_BYTES];
	struct buf bytes = {0};
	pid_t peer;

	(void)state;
	assert_true(file_join(got, sizeof(got), folder, "got"));
	peer = start_push_server(got);
	write_text("push.token", "tk_secret\n");
	start_gate(server.starttls_port, "starttls");
	say_alert(1);
	for (const int64_t until_ms = loop_now_ms() + WAIT_MS;
	     bytes.size == 0 || !strstr((const char *)bytes.bytes, "approve it.");) {
		turn(until_ms);
		buf_finish(&bytes);
		bytes = (struct buf){0};
		if (file_exists(got))
			assert_int_equal(file_read(got, LOG_MAX, &bytes, NULL), OK);
	}
	assert_non_null(strstr((const char *)bytes.bytes, "POST /topic HTTP/1.1"));
	assert_null(strstr((const char *)bytes.bytes, "Anna"));
	buf_finish(&bytes);
	(void)process_end(&peer, SIGTERM);
	say_alert(2);
	assert_int_equal(order(7, "anna@example.org"), OK);
	smtp_fixture_clear(&server);
	push_section[0] = '\0';
}

static void without_a_server_it_says_so(void **state)
{
	const char *words[] = {process_program("behest-gate"), "--data", data, NULL};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	const unsigned fetched = keeper.fetched;

	(void)state;
	end_gate();
	write_text("behest.conf", "[broker]\nhost = 127.0.0.1\nport = 1\n");
	gate = process_start(words, logged);
	while (!keeper.link)
		turn(until_ms);
	assert_int_equal(order(6, "anna@example.org"), ERR_UNSUPPORTED);
	assert_int_equal(log_count(NOT_CONFIGURED), 1);
	assert_int_equal(keeper.fetched, fetched);
}

/* Nothing that is secret or names somebody was written. */
static void the_log_tells_no_secret(void **state)
{
	(void)state;
	assert_true(log_count("has not taken a message") > 0);
	assert_int_equal(log_count(SMTP_FIXTURE_PASSWORD), 0);
	assert_int_equal(log_count("example.org"), 0);
	assert_int_equal(log_count("Anna"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_delivered_once),
		cmocka_unit_test(a_refusal_is_for_good),
		cmocka_unit_test(what_is_put_off_is_delivered_later),
		cmocka_unit_test(what_nobody_knows_is_repeated),
		cmocka_unit_test(another_sound_than_approved_stays_here),
		cmocka_unit_test(people_are_told_that_something_waits),
		cmocka_unit_test(without_a_server_it_says_so),
		cmocka_unit_test(the_log_tells_no_secret),
	};

	if (seal_init() != OK)
		return 1;
	if (!smtp_fixture_is_here())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests_name("letters", tests, begin, end);
}
