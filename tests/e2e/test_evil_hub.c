/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_evil_hub - a hub that is somebody else's: everything the hub's own credentials and
 * sockets let it do, tried against the real broker, keeper and gate. The door stays locked.
 *
 * A house as `behest up` makes it, with a paired device. First the same command is given
 * with the gate's credentials, so that what the hub is refused is known to open the door.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/link_unix.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/evidence.h"
#include "domain/proof.h"
#include "e2e/process.h"
#include "folder.h"
#include "gate/confine.h"
#include "hub/confine.h"
#include "room/confine.h"

enum {
	WAIT_MS = 60000,
	STEP_MS = 50,
	LOG_MAX = 1 << 20,
	ANSWER_MS = 5000,
	SETTLE_MS = 600
};

#define PASSPHRASE "correct horse battery\n"
#define DOOR "toy/lock/front_door_lock/set"
#define DOOR_SECURE "toy/lock/front_door_lock/secure"
#define UNLOCKED "\"device\":\"front door\",\"state\":\"UNLOCKED\""
#define DISARMED "\"device\":\"alarm\",\"state\":\"disarmed\""
#define LOCKED "\"device\":\"front door\",\"state\":\"LOCKED\""

static char folder[FILE_PATH_BYTES];
static char data[FILE_PATH_BYTES];
static char passphrase[FILE_PATH_BYTES];
static char logged[FILE_PATH_BYTES];
static pid_t up;

/* ---- the house ---- */

/* How often the log has said it. */
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

static void wait_log(const char *words, unsigned count)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	while (log_count(words) < count) {
		if (loop_now_ms() > until_ms)
			fail_msg("the log does not say %u times: %s", count, words);
		(void)poll(NULL, 0, STEP_MS);
	}
}

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[16] = {process_program("behest"), words[0], "--data", data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++)
		all[count++] = words[i];
	process_run(all, WAIT_MS, ran);
	assert_false(ran->hung);
}

static void behest_does(const char *const *words)
{
	struct process_ran ran;

	behest(words, &ran);
	if (ran.status != 0)
		fail_msg("behest %s: %s", words[0], process_err(&ran));
	process_ran_finish(&ran);
}

static int set_up(void **state)
{
	const char *start[] = {process_program("behest"),
			       "up",
			       "--toy-home",
			       "--yes",
			       "--data",
			       data,
			       "--owner",
			       "alice",
			       "--room",
			       "hall",
			       "--passphrase-file",
			       passphrase,
			       NULL};
	const char *pair[] = {
		"pair",     "--here", "--owner", "alice", "--passphrase-file",
		passphrase, NULL};

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-evil-XXXXXX"));
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(data, sizeof(data), folder, "data"));
	assert_true(file_join(passphrase, sizeof(passphrase), folder, "passphrase"));
	assert_true(file_join(logged, sizeof(logged), folder, "log"));
	assert_int_equal(file_write(passphrase, PASSPHRASE, strlen(PASSPHRASE), 0600,
				    NULL),
			 OK);
	up = process_start(start, logged);
	wait_log("The house is up.", 1);
	behest_does(pair);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	process_end(&up, SIGTERM);
	return folder_remove(folder);
}

/* ---- at the broker ---- */

static void read_line(const char *name, char *to, size_t size)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;

	assert_true(file_join(path, sizeof(path), data, name));
	assert_int_equal(file_read(path, size - 1, &bytes, NULL), OK);
	assert_true(str_copy_bytes(to, size, (const char *)bytes.bytes, bytes.size));
	str_trim(to);
	buf_finish(&bytes);
}

static void publish_as(const char *user, const char *topic, const char *payload)
{
	char conf[256];
	char password[64];
	char name[64];
	char port[8];
	const char *at;
	struct process_ran ran;

	assert_true(str_format(name, sizeof(name), "broker/%s.password", user));
	read_line(name, password, sizeof(password));
	read_line("broker/hub.conf", conf, sizeof(conf));
	at = strstr(conf, "port = ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "port = %7[0-9]", port), 1);
	const char *words[] = {"/usr/bin/mosquitto_pub",
			       "-h",
			       "127.0.0.1",
			       "-p",
			       port,
			       "-u",
			       user,
			       "-P",
			       password,
			       "-q",
			       "1",
			       "-t",
			       topic,
			       "-m",
			       payload,
			       NULL};
	process_run(words, WAIT_MS, &ran);
	process_ran_finish(&ran);
}

static void the_broker_takes_no_such_command_from_the_hub(void **state)
{
	static const struct {
		const char *topic;
		const char *payload;
	} tries[] = {
		{DOOR, "UNLOCK"},
		{DOOR, "LOCK"}, /* not even this one, on that topic */
		{DOOR_SECURE, "UNLOCK"},
		{"toy/alarm_control_panel/alarm/set", "DISARM"},
		{"toy/lock/front_door_lock/state", "UNLOCKED"},
		{"homeassistant/lock/toy_front_door_lock/config", "{}"},
	};
	const unsigned unlocked = log_count(UNLOCKED);
	const unsigned disarmed = log_count(DISARMED);

	(void)state;
	/* The same with the gate's credentials does open it. */
	publish_as("gate", DOOR, "UNLOCK");
	wait_log(UNLOCKED, unlocked + 1);
	publish_as("hub", DOOR_SECURE, "LOCK");
	wait_log(LOCKED, 1);
	for (size_t i = 0; i < STR_COUNT(tries); i++)
		publish_as("hub", tries[i].topic, tries[i].payload);
	/* A round trip behind them: what was let through would have come first. */
	publish_as("hub", "toy/light/kitchen_light/set", "{\"state\":\"ON\"}");
	wait_log("\"device\":\"kitchen light\",\"state\":\"ON\"", 1);
	assert_int_equal(log_count(UNLOCKED), unlocked + 1);
	assert_int_equal(log_count(DISARMED), disarmed);
}

/* ---- at the keeper ---- */

static struct link_client *connect_as(const char *socket, enum wire_link link,
				      enum wire_party party, const char *name)
{
	char run[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct link_client *client = NULL;
	struct err_note note = {""};

	assert_true(file_join(run, sizeof(run), data, "run"));
	assert_true(file_join(path, sizeof(path), run, socket));
	if (link_client_open(path, link, party, name, ANSWER_MS, &client, &note))
		fail_msg("%s: %s", socket, note.text);
	return client;
}

static const struct wire_message *next(struct link_client *client)
{
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	if (link_client_wait(client, ANSWER_MS, &message, &note))
		fail_msg("no answer: %s", note.text);
	return message;
}

static size_t unlock_bytes(char bytes[ACTION_BYTES_MAX], uint8_t hash[SEAL_HASH_BYTES])
{
	const struct action action = {.kind = ACTION_UNLOCK,
				      .entity = "lock.toy_front_door_lock",
				      .room = "hall"};
	size_t size = 0;

	assert_int_equal(action_bytes(&action, bytes, &size), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){bytes, size}, 1, hash), OK);
	return size;
}

/* What a hub may do, evil or not. */
static struct proposal_id propose(struct link_client *hub)
{
	char bytes[ACTION_BYTES_MAX];
	uint8_t hash[SEAL_HASH_BYTES];
	const size_t size = unlock_bytes(bytes, hash);
	const struct wire_propose fields = {.token = 5,
					    .turn = 77,
					    .action = {(const uint8_t *)bytes, size}};
	const struct wire_message *answer;
	struct proposal_id id;

	assert_int_equal(link_client_send_propose(hub, &fields, NULL), OK);
	do
		answer = next(hub);
	while (answer->type != WIRE_proposal);
	assert_string_equal(answer->proposal.state, "asked");
	memcpy(id.bytes, answer->proposal.id.bytes, ID_BYTES);
	return id;
}

/* Sends it and takes what comes: a refusal with that reason, or the end of the link. */
static void expect_refused(struct link_client *client, enum wire_type type,
			   const void *fields, const char *reason)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
	assert_int_equal(link_client_wait(client, ANSWER_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_refused);
	assert_string_equal(message->refused.reason, reason);
}

static void sign_verdict(struct proposal_id id, const uint8_t seed[SEAL_SIGN_SEED_BYTES],
			 uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	const struct household_id household = {{0}};
	char action[ACTION_BYTES_MAX];
	uint8_t hash[SEAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_BYTES];

	(void)unlock_bytes(action, hash);
	approval_bytes(household, id, hash, bytes);
	assert_int_equal(seal_sign_labelled(seed, approval_label(APPROVAL_APPROVE), bytes,
					    sizeof(bytes), signature),
			 OK);
}

static void it_passes_for_no_device(void **state)
{
	struct link_client *hub = connect_as("keeper/hub.sock", WIRE_LINK_HUB_KEEPER,
					     WIRE_PARTY_HUB, "hub");
	struct link_client *device =
		connect_as("keeper/device.sock", WIRE_LINK_DEVICE_KEEPER,
			   WIRE_PARTY_DEVICE, "device");
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct proposal_id id = propose(hub);
	struct wire_verdict verdict = {.token = 1, .verdict = "approve"};
	struct wire_identity identity;
	struct wire_pair pair = {.code = "0000-0000-0000-0000", .name = "phone"};

	(void)state;
	seal_sign_pair(seed, key);
	sign_verdict(id, seed, signature);
	identity = (struct wire_identity){.key = {key, sizeof(key)},
					  .signature = {signature, sizeof(signature)}};
	pair.key = identity.key;
	pair.signature = identity.signature;
	memcpy(verdict.proposal.bytes, id.bytes, ID_BYTES);
	verdict.signature = identity.signature;
	assert_int_equal(next(device)->type, WIRE_challenge);
	expect_refused(device, WIRE_verdict, &verdict, "UNKNOWN_DEVICE");
	expect_refused(device, WIRE_identity, &identity, "UNKNOWN_DEVICE");
	expect_refused(device, WIRE_pair, &pair, "WRONG_PAIR_CODE");
	expect_refused(device, WIRE_verdict, &verdict, "UNKNOWN_DEVICE");
	link_client_close(device);
	link_client_close(hub);
}

static struct link_client *connect_as_hub(void)
{
	return connect_as("keeper/hub.sock", WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, "hub");
}

/* What a hub is told of the hall; one that comes anew is told nothing older. */
static struct room_policy hall_of(void)
{
	static const struct wire_policy_get get;
	struct link_client *hub = connect_as_hub();
	struct room_policy copy;
	const struct wire_message *message;
	const struct room_policy *hall;

	assert_int_equal(link_client_send_policy_get(hub, &get, NULL), OK);
	do
		message = next(hub);
	while (message->type != WIRE_policy);
	hall = policy_room(&message->policy.policy, "hall");
	assert_non_null(hall);
	copy = *hall;
	link_client_close(hub);
	return copy;
}

/* Each over a link of its own: it is refused and the link is over. */
static void expect_no_right(enum wire_type type, const void *fields)
{
	struct link_client *hub = connect_as_hub();
	const struct wire_message *message = NULL;
	bool was_refused = false;
	uint8_t frame[1024];
	size_t size = 0;

	/* Our own client would not so much as send it. */
	assert_int_equal(wire_encode(type, fields, frame, sizeof(frame), &size), OK);
	assert_int_equal(write(link_client_fd(hub), frame, size), size);
	while (link_client_wait(hub, ANSWER_MS, &message, NULL) == OK)
		was_refused |= message->type == WIRE_refused;
	assert_true(was_refused);
	link_client_close(hub);
}

/* The reason that the keeper gives; the id, or none. */
static void propose_action(struct link_client *hub, const struct action *action,
			   struct proposal_id *out_id, char reason[32])
{
	char bytes[ACTION_BYTES_MAX];
	struct wire_propose fields = {.token = 6, .turn = 78};
	const struct wire_message *answer;
	size_t size = 0;

	assert_int_equal(action_bytes(action, bytes, &size), OK);
	fields.action = (struct wire_slice){(const uint8_t *)bytes, size};
	assert_int_equal(link_client_send_propose(hub, &fields, NULL), OK);
	do
		answer = next(hub);
	while (answer->type != WIRE_proposal || answer->proposal.token != 6);
	memcpy(out_id->bytes, answer->proposal.id.bytes, ID_BYTES);
	assert_true(str_copy(reason, 32, answer->proposal.reason));
}

/* With a key of its own, which nobody paired. */
static void try_unmute_as_device(void)
{
	struct link_client *device =
		connect_as("keeper/device.sock", WIRE_LINK_DEVICE_KEEPER,
			   WIRE_PARTY_DEVICE, "device");
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1};
	struct approval_mute mute = {.number = 1, .room = "hall"};
	struct wire_room_mute said = {.token = 1, .room = "hall"};
	uint8_t bytes[APPROVAL_MUTE_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_message *message = next(device);

	assert_int_equal(message->type, WIRE_challenge);
	memcpy(mute.nonce, message->challenge.nonce.bytes, sizeof(mute.nonce));
	assert_int_equal(seal_sign_labelled(seed, APPROVAL_MUTE_LABEL, bytes,
					    approval_mute_bytes(&mute, bytes), signature),
			 OK);
	said.signature = (struct wire_slice){signature, sizeof(signature)};
	expect_refused(device, WIRE_room_mute, &said, "UNKNOWN_DEVICE");
	link_client_close(device);
}

/* What it can say by the messages that it has, in vain. */
static void try_all_it_may_say(struct link_client *hub)
{
	const struct action allow = {.kind = ACTION_ROOM_ALLOW,
				     .entity = "hall",
				     .room = "hall",
				     .mode = "message"};
	struct wire_append append = {.token = 9};
	struct wire_confirm confirm = {.token = 8, .turn = 79};
	const struct wire_message *answer;
	struct proposal_id id;
	char reason[32];

	propose_action(hub, &allow, &id, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	memcpy(confirm.proposal.bytes, id.bytes, ID_BYTES);
	assert_int_equal(link_client_send_confirm(hub, &confirm, NULL), OK);
	do
		answer = next(hub);
	while (answer->type != WIRE_proposal || answer->proposal.token != 8);
	assert_string_equal(answer->proposal.state, "asked");
	event_init(&append.event, EVENT_POLICY_CHANGED, (struct turn_id){0}, "hall", 1);
	event_add(&append.event, "what", "nothing");
	assert_int_equal(link_client_send_append(hub, &append, NULL), OK);
	do
		answer = next(hub);
	while (answer->type != WIRE_done || answer->done.token != 9);
	assert_int_equal(answer->done.err, ERR_DENIED);
}

static void it_neither_unmutes_nor_loosens(void **state)
{
	static const struct wire_room_mute unmute = {.token = 1, .room = "hall"};
	static const struct wire_room_set set = {.room = "hall", .capabilities = MAY_ALL};
	static const struct wire_hold_set hold = {.hold_s = 10};
	static const struct wire_person person = {.name = "Eve", .role = "adult"};
	static const struct wire_owner_remove removed = {.name = "alice"};
	static const struct wire_verdict verdict = {.verdict = "approve"};
	const char *less[] = {"rooms",       "set",     "hall",  "--may",
			      "policy,tell", "--owner", "alice", "--passphrase-file",
			      passphrase,    NULL};
	const char *mute[] = {"rooms", "mute", "hall", NULL};
	const char *end[] = {"rooms", "unmute", "hall", NULL};
	struct link_client *hub = connect_as_hub();

	(void)state;
	behest_does(less);
	assert_int_equal(hall_of().capabilities, MAY_POLICY | MAY_TELL);
	try_all_it_may_say(hub);
	behest_does(mute);
	assert_true(hall_of().muted);
	expect_no_right(WIRE_room_mute, &unmute);
	expect_no_right(WIRE_room_set, &set);
	expect_no_right(WIRE_hold_set, &hold);
	expect_no_right(WIRE_person, &person);
	expect_no_right(WIRE_owner_remove, &removed);
	expect_no_right(WIRE_verdict, &verdict);
	try_unmute_as_device();
	assert_true(hall_of().muted);
	assert_int_equal(hall_of().capabilities, MAY_POLICY | MAY_TELL);
	/* And a device that was paired does end it. */
	behest_does(end);
	assert_false(hall_of().muted);
	less[4] = "buy,lists,message,move,policy,record,security,tell";
	behest_does(less);
	link_client_close(hub);
}

static struct link_client *connect_as_gate(uint8_t nonce[PROOF_NONCE_BYTES])
{
	struct link_client *gate = connect_as("keeper/gate.sock", WIRE_LINK_GATE_KEEPER,
					      WIRE_PARTY_GATE, "gate");
	const struct wire_message *message = next(gate);

	assert_int_equal(message->type, WIRE_challenge);
	assert_int_equal(message->challenge.nonce.size, PROOF_NONCE_BYTES);
	memcpy(nonce, message->challenge.nonce.bytes, PROOF_NONCE_BYTES);
	return gate;
}

/* It is turned away and told nothing: no order, no message's sound. */
static void expect_turned_away(struct link_client *gate, enum wire_type type,
			       const void *fields)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send(gate, type, fields, NULL), OK);
	message = next(gate);
	assert_int_equal(message->type, WIRE_refused);
	assert_int_equal(message->refused.err, ERR_DENIED);
	assert_int_equal(link_client_wait(gate, ANSWER_MS, &message, NULL), ERR_CLOSED);
	link_client_close(gate);
}

/* By its own key, for the keeper's nonce and its own process. */
static void say_own_identity(struct link_client *gate,
			     const uint8_t nonce[PROOF_NONCE_BYTES])
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t bytes[PROOF_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_identity said = {.key = {key, sizeof(key)},
					   .signature = {signature, sizeof(signature)}};

	seal_sign_pair(seed, key);
	proof_bytes((struct household_id){{0}}, nonce, (uint32_t)getpid(), bytes);
	assert_int_equal(seal_sign_labelled(seed, PROOF_GATE_LABEL, bytes, sizeof(bytes),
					    signature),
			 OK);
	expect_turned_away(gate, WIRE_identity, &said);
}

static void it_passes_for_no_gate(void **state)
{
	struct link_client *hub = connect_as("keeper/hub.sock", WIRE_LINK_HUB_KEEPER,
					     WIRE_PARTY_HUB, "hub");
	const struct proposal_id id = propose(hub);
	uint8_t nonce[PROOF_NONCE_BYTES];
	struct wire_carried carried = {.err = OK};
	struct wire_memo_get get = {.token = 1};
	struct link_client *gate;

	(void)state;
	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	gate = connect_as_gate(nonce);
	expect_turned_away(gate, WIRE_carried, &carried);
	gate = connect_as_gate(nonce);
	expect_turned_away(gate, WIRE_memo_get, &get);
	gate = connect_as_gate(nonce);
	say_own_identity(gate, nonce);
	link_client_close(hub);
}

static void it_passes_for_no_owner(void **state)
{
	struct link_client *owner =
		connect_as("keeper/owner.sock", WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER,
			   "owner");
	const struct wire_hold_set hold = {.hold_s = 10};
	const struct wire_pair_begin begin = {.name = "phone"};
	const struct wire_owner_create create = {.name = "mallory",
						 .passphrase = "correct horse battery"};

	(void)state;
	expect_refused(owner, WIRE_hold_set, &hold, "NOT_SIGNED_IN");
	expect_refused(owner, WIRE_pair_begin, &begin, "NOT_SIGNED_IN");
	expect_refused(owner, WIRE_owner_create, &create, "NOT_SIGNED_IN");
	link_client_close(owner);
}

/* ---- in the folders ---- */

static void inside(const char *name, char to[FILE_PATH_BYTES])
{
	assert_true(file_join(to, FILE_PATH_BYTES, data, name));
}

static bool may_unlink(const char *path)
{
	return unlink(path) == 0;
}

static bool may_move(const char *path)
{
	char to[FILE_PATH_BYTES];

	inside("run/hub/moved", to);
	return rename(path, to) == 0;
}

static bool may_make_folder(const char *path)
{
	return mkdir(path, 0700) == 0;
}

static bool may_write(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC) >= 0;
}

static bool may_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC) >= 0;
}

static bool may_listen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return str_copy(address.sun_path, sizeof(address.sun_path), path) &&
	       bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static const struct {
	bool (*may)(const char *path);
	const char *path;
} FORBIDDEN[] = {
	{may_unlink, "run/keeper/device.sock"},
	{may_unlink, "run/keeper/gate.sock"},
	{may_unlink, "run/keeper/owner.sock"},
	{may_move, "run/keeper/owner.sock"},
	{may_move, "run/keeper"},
	{may_move, "run"},
	{may_listen, "run/keeper/false.sock"},
	{may_listen, "run/false.sock"},
	{may_make_folder, "run/false"},
	{may_make_folder, "false"},
	{may_write, "keeper/keeper.mark"},
	{may_read, "keeper/gate.key"},
	{may_read, "keeper/keeper.key"},
};

enum { NOT_CONFINED = 99 };

/* A child with a program's own sandbox tries them all: the number of the first, from 1, that
 * it may; 0 for none. */
static int try_as(enum err (*confine_it)(const struct settings *settings,
					 struct err_note *note))
{
	const pid_t child = fork();
	struct settings settings;
	char path[FILE_PATH_BYTES];
	int status = 0;

	assert_true(child >= 0);
	if (child > 0) {
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	settings_init(&settings);
	if (confine_it(&settings, NULL))
		_exit(NOT_CONFINED);
	for (size_t i = 0; i < STR_COUNT(FORBIDDEN); i++) {
		inside(FORBIDDEN[i].path, path);
		if (FORBIDDEN[i].may(path))
			_exit((int)i + 1);
	}
	_exit(0);
}

static enum err as_hub(const struct settings *settings, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err;

	inside("run", path);
	err = hub_confine(settings, path, path, 0, note);
	inside("run/hub/own.sock", path);
	/* Its own it may make anew. */
	return err || !may_listen(path) || !may_unlink(path) ? ERR_IO : OK;
}

static enum err as_gate(const struct settings *settings, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	inside("gate", path);
	return gate_confine(settings, path, note);
}

/* With the sound of this machine, and the data folder in the home folder. */
static enum err as_room(const struct settings *settings, struct err_note *note)
{
	return setenv("HOME", folder, 1) == 0 ? confine(settings, 0, note) : ERR_IO;
}

static void nobody_replaces_the_keepers_sockets(void **state)
{
	(void)state;
	assert_int_equal(try_as(as_hub), 0);
	assert_int_equal(try_as(as_gate), 0);
	assert_int_equal(try_as(as_room), 0);
}

/* ---- to owners and devices, as a false keeper ---- */

enum lie {
	LIE_OTHER_KEY,
	LIE_RELAYED, /* the true keeper's proof, to whom the false one connected */
	LIE_SIGNED_IN,
	LIE_COUNT
};

struct impostor {
	enum wire_link link;
	enum wire_party party;
	enum lie lie;
	char path[FILE_PATH_BYTES];
	char moved[FILE_PATH_BYTES]; /* the true socket meanwhile */
	unsigned asked;
};

static void relay_proof(const struct impostor *impostor, struct link *link,
			const struct wire_prove *asked)
{
	struct link_client *keeper = NULL;
	const struct wire_message *answer;

	assert_int_equal(link_client_open(impostor->moved, impostor->link,
					  impostor->party, "owner", ANSWER_MS, &keeper,
					  NULL),
			 OK);
	assert_int_equal(link_client_send_prove(keeper, asked, NULL), OK);
	do
		answer = next(keeper);
	while (answer->type == WIRE_challenge);
	assert_int_equal(answer->type, WIRE_proof);
	assert_int_equal(link_send_proof(link, &answer->proof), OK);
	link_client_close(keeper);
}

static void forge_proof(struct link *link, const struct wire_prove *asked)
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {2};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_proof proof = {.signature = {signature, sizeof(signature)}};

	assert_int_equal(seal_sign_labelled(seed, PROOF_KEEPER_LABEL, asked->nonce.bytes,
					    asked->nonce.size, signature),
			 OK);
	assert_int_equal(link_send_proof(link, &proof), OK);
}

static void impostor_opened(void *context, struct link *link)
{
	static const uint8_t nonce[PROOF_NONCE_BYTES];
	const struct impostor *impostor = context;
	const struct wire_challenge challenge = {.nonce = {nonce, sizeof(nonce)}};

	if (impostor->party == WIRE_PARTY_DEVICE)
		assert_int_equal(link_send_challenge(link, &challenge), OK);
}

/* Whatever but the question for the proof reaches it is what it is after. */
static void impostor_told(void *context, struct link *link,
			  const struct wire_message *message)
{
	struct impostor *impostor = context;

	if (message->type != WIRE_prove)
		fail_msg("it was told %s", wire_type_name(message->type));
	impostor->asked++;
	if (impostor->lie == LIE_RELAYED)
		relay_proof(impostor, link, &message->prove);
	else if (impostor->lie == LIE_OTHER_KEY)
		forge_proof(link, &message->prove);
	else if (impostor->party == WIRE_PARTY_OWNER)
		assert_int_equal(link_send_unlocked(
					 link, &(struct wire_unlocked){.name = "alice"}),
				 OK);
	else
		assert_int_equal(link_send_paired(link,
						  &(struct wire_paired){.name = "desk"}),
				 OK);
}

static void link_closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)context;
	(void)link;
	(void)err;
	(void)why;
}

/* The command ends with one line that says why, and the impostor was told nothing. */
static void meets_impostor(struct loop *loop, const char *const *words)
{
	const char *all[16] = {process_program("behest"), words[0], "--data", data};
	char said[FILE_PATH_BYTES];
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	struct buf text;
	size_t count = 4;
	int status = 0;
	pid_t pid;

	for (size_t i = 1; words[i]; i++)
		all[count++] = words[i];
	assert_true(file_join(said, sizeof(said), folder, "said"));
	(void)unlink(said);
	pid = process_start(all, said);
	while (!process_is_over(&pid, &status)) {
		assert_true(loop_now_ms() < until_ms);
		assert_int_equal(loop_run_once(loop, STEP_MS), OK);
	}
	assert_int_not_equal(WEXITSTATUS(status), 0);
	assert_int_equal(file_read(said, LOG_MAX, &text, NULL), OK);
	assert_non_null(text.bytes);
	assert_non_null(strstr((char *)text.bytes, "is not this house's keeper"));
	assert_int_equal(process_lines((char *)text.bytes), 1);
	buf_finish(&text);
}

static void impersonate(const char *socket, struct impostor *impostor,
			const char *const *words)
{
	const struct link_listener listener = {impostor, impostor_opened, impostor_told,
					       link_closed};
	struct link_server *server = NULL;
	struct loop *loop = NULL;

	inside(socket, impostor->path);
	inside("run/moved.sock", impostor->moved);
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(rename(impostor->path, impostor->moved), 0);
	assert_int_equal(link_listen(loop, impostor->path, impostor->link,
				     WIRE_PARTY_KEEPER, "keeper", &listener, &server,
				     NULL),
			 OK);
	meets_impostor(loop, words);
	assert_int_equal(impostor->asked, 1);
	link_server_destroy(server);
	assert_int_equal(rename(impostor->moved, impostor->path), 0);
	loop_destroy(loop);
}

/* Also should somebody get there who may write where the keeper's sockets are. */
static void nobody_tells_a_false_keeper_anything(void **state)
{
	const char *history[] = {"history",           "--owner",  "alice",
				 "--passphrase-file", passphrase, NULL};
	const char *pair[] = {
		"pair",     "--here", "--owner", "alice", "--passphrase-file",
		passphrase, NULL};
	const char *approve[] = {"approve", NULL};
	const struct {
		const char *socket;
		enum wire_link link;
		enum wire_party party;
		const char *const *words;
	} rows[] = {
		{"run/keeper/owner.sock", WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER,
		 history},
		{"run/keeper/owner.sock", WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, pair},
		{"run/keeper/device.sock", WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE,
		 pair},
		{"run/keeper/device.sock", WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE,
		 approve},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows) * LIE_COUNT; i++) {
		const size_t row = i / LIE_COUNT;
		struct impostor impostor = {.link = rows[row].link,
					    .party = rows[row].party,
					    .lie = (enum lie)(i % LIE_COUNT)};

		impersonate(rows[row].socket, &impostor, rows[row].words);
	}
}

/* ---- at the gate, as a false keeper ---- */

struct false_keeper {
	unsigned opened;
	struct proposal_id id;
};

static void send_order(struct false_keeper *keeper, struct link *link)
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {2};
	const struct household_id household = {{0}};
	char action[ACTION_BYTES_MAX];
	uint8_t hash[SEAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct wire_order order = {.until_ms = (int64_t)time(NULL) * 1000 + 10000};

	order.action =
		(struct wire_slice){(const uint8_t *)action, unlock_bytes(action, hash)};
	const size_t size = approval_order_bytes(household, keeper->id, hash,
						 order.until_ms, NULL, bytes);
	assert_int_equal(seal_sign_labelled(seed, APPROVAL_ORDER_LABEL, bytes, size,
					    signature),
			 OK);
	order.signature = (struct wire_slice){signature, sizeof(signature)};
	memcpy(order.id.bytes, keeper->id.bytes, ID_BYTES);
	assert_int_equal(link_send_order(link, &order), OK);
}

static void gate_opened(void *context, struct link *link)
{
	struct false_keeper *keeper = context;

	keeper->opened++;
	send_order(keeper, link);
}

static void gate_said(void *context, struct link *link,
		      const struct wire_message *message)
{
	(void)context;
	(void)link;
	fail_msg("the gate answered %s", wire_type_name(message->type));
}

/* By the pid that the house tells of it; `behest up` starts it again. */
static void restart_gate(void)
{
	const char *words[] = {"status", "--json", NULL};
	struct process_ran ran;
	const char *at;
	int pid = 0;

	behest(words, &ran);
	at = strstr(process_out(&ran), "{\"program\":\"gate\"");
	assert_non_null(at);
	at = strstr(at, "\"pid\":");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "\"pid\":%d", &pid), 1);
	assert_true(pid > 1);
	process_ran_finish(&ran);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

/* Also should somebody get there who may write where the keeper's sockets are. */
static void the_gate_obeys_no_false_keeper(void **state)
{
	struct false_keeper keeper = {.id = {{9}}};
	const struct link_listener listener = {&keeper, gate_opened, gate_said,
					       link_closed};
	const unsigned unlocked = log_count(UNLOCKED);
	struct link_server *server = NULL;
	struct loop *loop = NULL;
	char run[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	(void)state;
	assert_true(file_join(run, sizeof(run), data, "run"));
	assert_true(file_join(path, sizeof(path), run, "keeper/gate.sock"));
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(unlink(path), 0);
	if (link_listen(loop, path, WIRE_LINK_GATE_KEEPER, WIRE_PARTY_KEEPER, "keeper",
			&listener, &server, &note))
		fail_msg("%s", note.text);
	restart_gate();
	while (log_count("is not signed by this house's keeper") == 0) {
		assert_true(loop_now_ms() < until_ms);
		assert_int_equal(loop_run_once(loop, STEP_MS), OK);
	}
	assert_true(keeper.opened > 0);
	assert_int_equal(log_count(UNLOCKED), unlocked);
	link_server_destroy(server);
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_broker_takes_no_such_command_from_the_hub),
		cmocka_unit_test(it_passes_for_no_device),
		cmocka_unit_test(it_neither_unmutes_nor_loosens),
		cmocka_unit_test(it_passes_for_no_gate),
		cmocka_unit_test(it_passes_for_no_owner),
		cmocka_unit_test(nobody_replaces_the_keepers_sockets),
		cmocka_unit_test(nobody_tells_a_false_keeper_anything),
		cmocka_unit_test(the_gate_obeys_no_false_keeper),
	};

	return cmocka_run_group_tests_name("evil_hub", tests, set_up, tear_down);
}
