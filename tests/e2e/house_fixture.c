/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_fixture - starts, talks to and ends the programs of a household.
 *
 * Does not look into their files. Invariant: every child and every link is known to the
 * house, so that house_end leaves nothing behind.
 */
#include "house_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/identity.h"
#include "adapter/keeper_mark.h"
#include "adapter/rand_system.h"
#include "adapter/voice_flite.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/policy.h"
#include "domain/proof.h"
#include "e2e/process.h"

enum {
	GREET_MS = 5000,
	CODE_BYTES = 64,
	STATUS_BYTES = 32768,
	LOG_BYTES = 4 * 1024 * 1024
};

static void step(void)
{
	(void)poll(NULL, 0, HOUSE_STEP_MS);
}

static void must_go(enum err err, const struct err_note *note)
{
	if (err)
		fail_msg("%s: %s", err_words(err), note->text);
}

static void inside(char to[FILE_PATH_BYTES], const char *folder, const char *name)
{
	assert_true(file_join(to, FILE_PATH_BYTES, folder, name));
}

/* --- the folder ------------------------------------------------------------------------- */

static void write_settings(struct house *house)
{
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];
	char text[512];

	assert_true(str_format(text, sizeof(text),
			       "[room]\nname = %s\n[wake]\nword = %s\n[broker]\nhost = "
			       "127.0.0.1\nport = %u\nuser = hub\n",
			       HOUSE_ROOM, HOUSE_WORD, house->fixture.broker.port));
	inside(path, house->data, "behest.conf");
	must_go(file_write(path, text, strlen(text), 0600, &note), &note);
	inside(path, house->data, "broker.password");
	must_go(file_write(path, house->fixture.hub_password,
			   strlen(house->fixture.hub_password), 0600, &note),
		&note);
}

void house_begin(struct house *house)
{
	struct err_note note = {""};
	char room[FILE_PATH_BYTES];

	memset(house, 0, sizeof(*house));
	house->pipe_fd = -1;
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	assert_true(fixture_begin(&house->fixture));
	inside(house->data, house->fixture.folder, "house");
	inside(house->run, house->data, "run");
	inside(room, house->run, "room");
	inside(house->pipe, room, "microphone.pipe");
	inside(house->log, house->fixture.folder, "programs.log");
	must_go(file_make_folder(room, &note), &note);
	write_settings(house);
	assert_int_equal(voice_flite_create(&house->voice), OK);
}

static void show_log(const struct house *house)
{
	struct buf log;

	if (file_read(house->log, LOG_BYTES, &log, NULL) == OK && log.size > 0)
		(void)fprintf(stderr, "--- what the programs wrote ---\n%s---\n",
			      (const char *)log.bytes);
	buf_finish(&log);
}

void house_end(struct house *house)
{
	if (getenv("HOUSE_LOG"))
		show_log(house);
	link_client_close(house->client);
	house->client = NULL;
	if (house->pipe_fd >= 0)
		close(house->pipe_fd);
	house->pipe_fd = -1;
	(void)process_end(&house->room, SIGTERM);
	(void)process_end(&house->hub, SIGTERM);
	(void)process_end(&house->keeper, SIGTERM);
	voice_close(&house->voice);
	fixture_end(&house->fixture);
}

/* --- starting and ending ---------------------------------------------------------------- */

/* Until somebody greets at the socket; fails when the program is over before. */
static struct link_client *meet(struct house *house, const char *name, pid_t *pid,
				enum wire_link kind, enum wire_party self)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];
	int status = 0;

	inside(path, house->run, name);
	while (link_client_open(path, kind, self, "test", GREET_MS, &client, NULL)) {
		if (process_is_over(pid, &status)) {
			show_log(house);
			fail_msg("%s: its program ended with status %d", name,
				 WEXITSTATUS(status));
		}
		if (loop_now_ms() > until_ms)
			fail_msg("%s: nobody answers there", name);
		step();
	}
	return client;
}

void house_start_keeper(struct house *house)
{
	const char *const words[] = {process_program("behest-keeper"), "--data",
				     house->data, NULL};

	house->keeper = process_start(words, house->log);
	link_client_close(meet(house, "keeper/owner.sock", &house->keeper,
			       WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER));
}

void house_start_hub(struct house *house)
{
	static const struct wire_watch watch;
	const char *const words[] = {process_program("behest-hub"), "--data", house->data,
				     NULL};
	struct err_note note = {""};

	link_client_close(house->client);
	house->client = NULL;
	house->hub = process_start(words, house->log);
	house->client = meet(house, "hub/cli.sock", &house->hub, WIRE_LINK_CLI_HUB,
			     WIRE_PARTY_CLI);
	must_go(link_client_send_watch(house->client, &watch, &note), &note);
}

/* Or is muted, which the policy says. */
static bool room_listens(struct house *house)
{
	struct json *json = house_status(house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);
	const char *light = json_text(json_get(room, "light"), "");
	const bool listens = str_equal(light, "waiting") || str_equal(light, "muted");

	json_destroy(json);
	return listens;
}

void house_start_room(struct house *house)
{
	char said[FILE_PATH_BYTES];

	inside(said, house->data, "said.wav");
	house_start_room_with(house, (const char *const[]){"pipe", house->pipe},
			      (const char *const[]){"file", said});
}

void house_start_room_with(struct house *house, const char *const microphone[2],
			   const char *const speaker[2])
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const char *const words[] = {process_program("behest-room"),
				     "--data",
				     house->data,
				     "--name",
				     HOUSE_ROOM,
				     "--microphone",
				     microphone[0],
				     "--microphone_device",
				     microphone[1],
				     "--speaker",
				     speaker[0],
				     "--speaker_device",
				     speaker[1],
				     NULL};

	house->room = process_start(words, house->log);
	while (!room_listens(house)) {
		int status = 0;

		if (process_is_over(&house->room, &status) || loop_now_ms() > until_ms) {
			show_log(house);
			fail_msg("the room does not listen");
		}
		step();
	}
}

static void stop(pid_t *pid, const char *name)
{
	const int status = process_end(pid, SIGTERM);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: ended badly: wait status %d", name, status);
}

void house_stop_hub(struct house *house)
{
	link_client_close(house->client);
	house->client = NULL;
	stop(&house->hub, "behest-hub");
}

void house_stop_room(struct house *house)
{
	stop(&house->room, "behest-room");
}

void house_stop_keeper(struct house *house)
{
	stop(&house->keeper, "behest-keeper");
}

/* --- owners ----------------------------------------------------------------------------- */

struct link_client *house_owner_socket(struct house *house)
{
	return meet(house, "keeper/owner.sock", &house->keeper, WIRE_LINK_OWNER_KEEPER,
		    WIRE_PARTY_OWNER);
}

/* The next message, which must be of that type. */
static const struct wire_message *expect(struct link_client *client, enum wire_type type)
{
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	must_go(link_client_wait(client, HOUSE_WAIT_MS, &message, &note), &note);
	if (message->type == WIRE_refused && type != WIRE_refused)
		fail_msg("refused: %s %s", message->refused.reason,
			 message->refused.words);
	if (message->type != type)
		fail_msg("got %s, expected %s", wire_type_name(message->type),
			 wire_type_name(type));
	return message;
}

/* Its signature, as this process. */
static void sign_as_gate(const struct house *house, const struct identity *identity,
			 const struct wire_challenge *challenge,
			 uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t bytes[PROOF_BYTES];
	struct keeper_mark mark;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	inside(path, house->data, "keeper");
	must_go(keeper_mark_read(path, &mark, &note), &note);
	assert_int_equal(challenge->nonce.size, PROOF_NONCE_BYTES);
	proof_bytes(mark.household, challenge->nonce.bytes, (uint32_t)getpid(), bytes);
	must_go(seal_sign_labelled(secret_view(identity->seed), PROOF_GATE_LABEL, bytes,
				   sizeof(bytes), signature),
		&note);
}

struct link_client *house_gate_socket(struct house *house)
{
	const struct rand rand = rand_system();
	struct link_client *gate = meet(house, "keeper/gate.sock", &house->keeper,
					WIRE_LINK_GATE_KEEPER, WIRE_PARTY_GATE);
	const struct wire_message *message = NULL;
	struct identity identity;
	struct err_note note = {""};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char path[FILE_PATH_BYTES];

	must_go(seal_init(), &note);
	must_go(identity_gate_path(path, house->data), &note);
	must_go(identity_open(path, &rand, &identity, &note), &note);
	must_go(link_client_wait(gate, HOUSE_WAIT_MS, &message, &note), &note);
	assert_int_equal(message->type, WIRE_challenge);
	sign_as_gate(house, &identity, &message->challenge, signature);
	const struct wire_identity said = {.key = {identity.public_key,
						   sizeof(identity.public_key)},
					   .signature = {signature, sizeof(signature)}};
	must_go(link_client_send_identity(gate, &said, &note), &note);
	identity_close(&identity);
	return gate;
}

struct link_client *house_sign_in(struct house *house, const char *name,
				  const char *passphrase)
{
	struct link_client *client = house_owner_socket(house);
	const struct wire_message *message = NULL;
	struct wire_unlock unlock = {.owner = ""};
	struct err_note note = {""};

	assert_true(str_copy(unlock.owner, sizeof(unlock.owner), name));
	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), passphrase));
	must_go(link_client_send_unlock(client, &unlock, &note), &note);
	must_go(link_client_wait(client, HOUSE_WAIT_MS, &message, &note), &note);
	if (message->type == WIRE_unlocked)
		return client;
	assert_int_equal(message->type, WIRE_refused);
	link_client_close(client);
	return NULL;
}

static void create_owner(struct link_client *client, const char *code, const char *name,
			 const char *passphrase)
{
	struct wire_owner_create create = {.code = ""};
	struct err_note note = {""};

	assert_true(str_copy(create.code, sizeof(create.code), code));
	assert_true(str_copy(create.name, sizeof(create.name), name));
	assert_true(str_copy(create.passphrase, sizeof(create.passphrase), passphrase));
	must_go(link_client_send_owner_create(client, &create, &note), &note);
	(void)expect(client, WIRE_owner_created);
}

void house_add_owner(struct link_client *owner, const char *name, const char *passphrase)
{
	create_owner(owner, "", name, passphrase);
}

void house_settle(struct house *house)
{
	struct wire_room_set set = {.capabilities = MAY_ALL, .is_private = 1};
	struct link_client *client = house_owner_socket(house);
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];
	char code[CODE_BYTES] = "";
	struct buf bytes;

	inside(path, house->data, "keeper/owner.code");
	must_go(file_read(path, CODE_BYTES - 1, &bytes, &note), &note);
	assert_true(str_copy(code, sizeof(code), (const char *)bytes.bytes));
	str_trim(code);
	buf_finish(&bytes);
	create_owner(client, code, HOUSE_OWNER, HOUSE_PASSPHRASE);
	link_client_close(client);
	client = house_sign_in(house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(client);
	assert_true(str_copy(set.room, sizeof(set.room), HOUSE_ROOM));
	must_go(link_client_send_room_set(client, &set, &note), &note);
	(void)expect(client, WIRE_done);
	link_client_close(client);
}

void house_why(struct link_client *owner, uint64_t turn, struct house_events *out_events)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	out_events->count = 0;
	must_go(link_client_send_why_get(owner, &get, &note), &note);
	for (;;) {
		must_go(link_client_wait(owner, HOUSE_WAIT_MS, &message, &note), &note);
		if (message->type == WIRE_end)
			break;
		assert_int_equal(message->type, WIRE_why_row);
		assert_true(out_events->count < HOUSE_EVENTS_MAX);
		out_events->places[out_events->count] = message->why_row.place;
		out_events->events[out_events->count] = message->why_row.event;
		out_events->count++;
	}
	assert_int_equal(message->end.err, OK);
}

const struct event *house_event(const struct house_events *events, enum event_kind kind,
				uint64_t *out_place)
{
	for (size_t i = 0; i < events->count; i++) {
		if (events->events[i].kind != kind)
			continue;
		if (out_place)
			*out_place = events->places[i];
		return &events->events[i];
	}
	return NULL;
}

uint64_t house_verify(struct link_client *owner)
{
	static const struct wire_verify_get get;
	const struct wire_message *message;
	struct err_note note = {""};

	must_go(link_client_send_verify_get(owner, &get, &note), &note);
	message = expect(owner, WIRE_verified);
	if (!message->verified.whole)
		fail_msg("the journal is not whole: %s", message->verified.trouble);
	return message->verified.entries;
}

enum err house_listen(struct link_client *owner, const char *record, int16_t *to,
		      size_t max, size_t *out_count)
{
	const struct wire_message *message = NULL;
	struct wire_play_get get = {.unused = 0};
	struct err_note note = {""};

	*out_count = 0;
	assert_true(id_from_text(get.record.bytes, record));
	must_go(link_client_send_play_get(owner, &get, &note), &note);
	for (;;) {
		must_go(link_client_wait(owner, HOUSE_WAIT_MS, &message, &note), &note);
		if (message->type != WIRE_play_sound)
			break;
		*out_count += wire_to_samples(message->play_sound.pcm, to + *out_count,
					      max - *out_count);
	}
	if (message->type == WIRE_refused)
		return (enum err)message->refused.err;
	assert_int_equal(message->type, WIRE_end);
	return (enum err)message->end.err;
}

/* --- the hub ---------------------------------------------------------------------------- */

/* A conversation of its own: the watching one may have turns in it. */
struct json *house_status(struct house *house)
{
	static const struct wire_status_get get;
	struct link_client *client = meet(house, "hub/cli.sock", &house->hub,
					  WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI);
	const struct wire_message *message;
	struct err_note note = {""};
	struct json *json = NULL;

	must_go(link_client_send_status_get(client, &get, &note), &note);
	message = expect(client, WIRE_status);
	must_go(json_parse("status", message->status.json, strlen(message->status.json),
			   STATUS_BYTES, &json, &note),
		&note);
	link_client_close(client);
	return json;
}

void house_wait_flag(struct house *house, const char *flag, bool value)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	bool is = !value;

	while (is != value) {
		struct json *json = house_status(house);

		is = json_bool(json_get(json_root(json), flag), !value);
		json_destroy(json);
		if (loop_now_ms() > until_ms)
			fail_msg("never became %s: %s", value ? "true" : "false", flag);
		if (is != value)
			step();
	}
}

void house_wait_count(struct house *house, const char *name, int64_t at_least)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	double count = -1;

	while (count < (double)at_least) {
		struct json *json = house_status(house);

		count = json_number(json_get(json_root(json), name), -1);
		json_destroy(json);
		if (loop_now_ms() > until_ms)
			fail_msg("%s stays %g, expected %" PRId64, name, count, at_least);
		if (count < (double)at_least)
			step();
	}
}

void house_wait_devices(struct house *house)
{
	house_wait_count(house, "devices", HOUSE_DEVICES);
	house_wait_flag(house, "words_current", true);
}

void house_wait_written(struct house *house)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	bool written = false;

	while (!written) {
		struct json *json = house_status(house);
		const struct json_value *status = json_root(json);

		written = json_bool(json_get(status, "keeper"), false) &&
			  json_number(json_get(status, "events_waiting"), 1) < 1;
		json_destroy(json);
		if (loop_now_ms() > until_ms)
			fail_msg("what waits for the keeper is never written");
		if (!written)
			step();
	}
}

void house_up(struct house *house)
{
	assert_true(fixture_start_broker(&house->fixture));
	assert_true(fixture_start_toy(&house->fixture));
	house_start_keeper(house);
	house_settle(house);
	house_start_hub(house);
	house_wait_flag(house, "has_owner", true);
	house_wait_devices(house);
	house_start_room(house);
}

/* --- talking ---------------------------------------------------------------------------- */

/* The room takes it in real time; the pipe holds two seconds of it. */
void house_play(struct house *house, struct audio_span sound)
{
	const uint8_t *at = (const uint8_t *)sound.samples;
	size_t left = sound.count * sizeof(*sound.samples);

	if (house->pipe_fd < 0)
		house->pipe_fd = open(house->pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(house->pipe_fd >= 0);
	while (left > 0) {
		struct pollfd ready = {.fd = house->pipe_fd, .events = POLLOUT};
		const int count = poll(&ready, 1, HOUSE_WAIT_MS);
		ssize_t put;

		if (count == 0)
			fail_msg("the room does not take the sound");
		put = write(house->pipe_fd, at, left);
		assert_true(put > 0 || errno == EAGAIN || errno == EINTR);
		at += put > 0 ? put : 0;
		left -= put > 0 ? (size_t)put : 0;
	}
}

void house_speak(struct house *house, const char *words)
{
	struct audio_span sound = {0};

	assert_int_equal(voice_speak(&house->voice, words, &sound), OK);
	assert_true(sound.count <= HOUSE_SOUND_MAX);
	memcpy(house->spoken, sound.samples, sound.count * sizeof(*sound.samples));
	house->spoken_count = sound.count;
	house_play(house, sound);
}

void house_type(struct house *house, const char *words)
{
	struct wire_text text = {.token = ++house->token};
	struct err_note note = {""};

	assert_true(str_copy(text.room, sizeof(text.room), HOUSE_ROOM));
	assert_true(str_copy(text.words, sizeof(text.words), words));
	must_go(link_client_send_text(house->client, &text, &note), &note);
}

static void take(char *to, size_t size, const struct json_value *turn, const char *key)
{
	assert_true(str_copy(to, size, json_text(json_get(turn, key), "")));
}

static void read_turn(const struct wire_turn *message, struct house_turn *out_turn)
{
	struct err_note note = {""};
	struct json *json = NULL;
	const struct json_value *turn;
	struct turn_id id = {0};

	must_go(json_parse("turn", message->json, strlen(message->json), STATUS_BYTES,
			   &json, &note),
		&note);
	turn = json_root(json);
	*out_turn = (struct house_turn){.token = message->token};
	assert_true(turn_id_from_text(&id, json_text(json_get(turn, "id"), "")));
	out_turn->id = id.value;
	out_turn->done = (int64_t)json_number(json_get(turn, "done"), -1);
	take(out_turn->text, sizeof(out_turn->text), turn, "text");
	take(out_turn->intent, sizeof(out_turn->intent), turn, "intent");
	take(out_turn->decision, sizeof(out_turn->decision), turn, "decision");
	take(out_turn->reason, sizeof(out_turn->reason), turn, "reason");
	take(out_turn->said, sizeof(out_turn->said), turn, "said");
	take(out_turn->record, sizeof(out_turn->record), turn, "record");
	json_destroy(json);
}

bool house_turn_within(struct house *house, int wait_ms, struct house_turn *out_turn)
{
	const struct wire_message *message = NULL;
	struct err_note note = {""};
	enum err err = link_client_wait(house->client, wait_ms, &message, &note);

	if (err == ERR_TIMEOUT)
		return false;
	must_go(err, &note);
	if (message->type == WIRE_turn) {
		read_turn(&message->turn, out_turn);
		return true;
	}
	assert_int_equal(message->type, WIRE_refused);
	*out_turn = (struct house_turn){.refused = true, .token = message->refused.token};
	assert_true(str_copy(out_turn->reason, sizeof(out_turn->reason),
			     message->refused.reason));
	(void)str_copy(out_turn->said, sizeof(out_turn->said), message->refused.words);
	return true;
}

void house_turn(struct house *house, struct house_turn *out_turn)
{
	if (!house_turn_within(house, HOUSE_WAIT_MS, out_turn))
		fail_msg("no turn came");
}

void house_ask(struct house *house, const char *words, struct house_turn *out_turn)
{
	house_type(house, words);
	do {
		house_turn(house, out_turn);
	} while (out_turn->token != house->token);
}
