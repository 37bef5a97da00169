/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message_kills - ten thousand voice messages outlive a keeper and a hub that are killed
 * at random moments while they are listed, listened to, played in a room and taken out by
 * the gate: none is lost, none is another's sound, a room is given none twice, and what was
 * said to be heard or carried is so for ever.
 *
 * They are made by the keeper's own desk, from evidence to tap and hold, into the store that
 * keepers have, with a clock that goes two weeks in seconds: an hour takes 30 messages, not
 * more. Then the real programs are started on that folder; who is in the room is the test.
 * Prints its seed and takes it back
 * in BEHEST_SEED; BEHEST_ROUNDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter/clock_system.h"
#include "adapter/identity.h"
#include "adapter/link_unix.h"
#include "adapter/memo_opus.h"
#include "adapter/rand_system.h"
#include "adapter/store_sqlite.h"
#include "adapter/voice_flite.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/proof.h"
#include "e2e/process.h"
#include "e2e/wire_room.h"
#include "fake/desk_house.h"
#include "folder.h"

enum {
	MESSAGES = 10000,
	MAILS = 120, /* the last ones: their orders last three days */
	AN_HOUR = 30,
	HOURS = (MESSAGES + AN_HOUR - 1) / AN_HOUR,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	HOLD_MS = POLICY_HOLD_S * 1000,
	SHOWN = 1024, /* by `behest messages` */
	ROUNDS = 8,
	ROOM_EVERY = 2, /* rounds: a hub takes its time to start */
	TURNS = 6,      /* whole ones in a round, at most */
	KILL_US_MAX = 6000,
	WAIT_MS = 60000,
	STEP_MS = 10,
	SEED = 7,
	SOUND_BYTES = 32,    /* of those that nobody plays aloud */
	ALOUD = 2 * AN_HOUR, /* the oldest, which a room plays first: with a sound, each
			      * of another length */
	ALOUD_STEP = AUDIO_FRAME_SAMPLES,
	ALOUD_OPUS_MAX = 8192,
	ROOM_PLAYS = 3, /* at most, between two kills */
	MAGIC_BYTES = 8,
	KEY_FILE_BYTES = MAGIC_BYTES + ID_BYTES + 3 * 32,
};

/* What is known of one message, by its number. */
struct kept {
	struct proposal_id id;
	bool was_told_done; /* heard, or said to be carried */
	bool in_doubt;      /* somebody was killed meanwhile */
	bool was_played;    /* in the room */
};

/* What was spoken, as the keeper has it. */
struct sound {
	const uint8_t *bytes;
	size_t size;
};

static struct kept kept[MESSAGES];
static char folder[FILE_PATH_BYTES];
static char keeper_folder[FILE_PATH_BYTES];
static char log_file[FILE_PATH_BYTES];
static struct phone phone; /* alice's: what it signs with */
static struct household_id household;
static pid_t keeper;
static pid_t hub;
static struct loop *loop;
static struct wire_room kitchen;
static struct voice voice;
static struct rand_fake dice;

static uint32_t below(uint32_t limit)
{
	return rand_fake_below(&dice, limit);
}

static bool is_mail(size_t number)
{
	return number >= MESSAGES - MAILS;
}

/* Whole frames, so that as much comes out as went in. */
static size_t aloud_samples(size_t number)
{
	return (number + 1) * ALOUD_STEP;
}

static struct sound sound_aloud(size_t number)
{
	static uint8_t made[ALOUD][ALOUD_OPUS_MAX];
	static size_t sizes[ALOUD];
	static int16_t samples[(ALOUD + 1) * ALOUD_STEP];
	struct buf opus;

	if (sizes[number] == 0) {
		for (size_t i = 0; i < STR_COUNT(samples); i++)
			samples[i] = (int16_t)(below(8000) - 4000);
		buf_init(&opus, ALOUD_OPUS_MAX);
		assert_int_equal(memo_opus_encode((struct audio_span){samples,
								      aloud_samples(
									      number)},
						  &opus, NULL),
				 OK);
		memcpy(made[number], opus.bytes, opus.size);
		sizes[number] = opus.size;
		buf_finish(&opus);
	}
	return (struct sound){made[number], sizes[number]};
}

/* Until the next call. */
static struct sound sound_of(size_t number)
{
	static uint8_t bytes[SOUND_BYTES];

	if (number < ALOUD)
		return sound_aloud(number);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, &number, sizeof(number));
	return (struct sound){bytes, sizeof(bytes)};
}

/* --- made by the desk ------------------------------------------------------------------- */

static struct house house;
static uint8_t contacts[2][ID_BYTES]; /* alice, the office */
static uint64_t sequence;

static enum err open_store(void *context, const struct store_listener *listener,
			   struct store *out_store)
{
	struct err_note note = {""};

	(void)context;
	return store_sqlite_open(keeper_folder, true, listener, out_store, &note);
}

/* The house's keys, as the program keeps them. */
static void write_keys(void)
{
	uint8_t bytes[KEY_FILE_BYTES] = "BEHESTK1";
	uint8_t *at = bytes + MAGIC_BYTES;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	memcpy(at, house.bench->household.bytes, ID_BYTES);
	memcpy(at + ID_BYTES, secret_view(house.bench->seed), 32);
	memcpy(at + ID_BYTES + 32, secret_view(house.bench->house_key), 32);
	assert_int_equal(seal_sha256(&(struct seal_part){bytes,
							 MAGIC_BYTES + ID_BYTES + 64},
				     1, at + ID_BYTES + 64),
			 OK);
	assert_true(file_join(path, sizeof(path), keeper_folder, "keeper.key"));
	if (file_write(path, bytes, sizeof(bytes), 0600, &note) != OK)
		fail_msg("%s", note.text);
}

static void set_contact(size_t which, struct wire_contact set)
{
	static struct desk_bench_people people;

	house_say(&house, house.alice, WIRE_contact, &set);
	assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
	desk_bench_people(house.bench, house.alice, &people);
	memcpy(contacts[which], desk_bench_contact(&people, set.name)->id.bytes,
	       ID_BYTES);
}

static void make_house(void)
{
	const struct clock real = clock_system();
	struct wire_contact alice = {.name = "Alice", .kind = "house"};

	house = house_make_on(desk_bench_create_on(SEED, open_store, NULL));
	/* So that it is now when all of them are there. */
	house.bench->clock.wall_ms = clock_wall_ms(&real) - (int64_t)HOURS * HOUR_MS;
	memcpy(alice.person.bytes, house.alice_id.bytes, ID_BYTES);
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	house_set_room(&house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	set_contact(0, alice);
	set_contact(1, (struct wire_contact){.name = "Office",
					     .kind = "mail",
					     .address = "in@office.test"});
	household = house.bench->household;
	write_keys();
}

static void attest(struct event *event)
{
	struct wire_append append = {.token = 0};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	size_t size = 0;

	event->is_signed = true;
	event->sequence = ++sequence;
	house_room_seed(event->room.text, seed);
	assert_int_equal(evidence_bytes(event, event->sequence, bytes, &size), OK);
	assert_int_equal(seal_sign_labelled(seed, EVIDENCE_LABEL, bytes, size,
					    event->signature),
			 OK);
	append.event = *event;
	desk_bench_say(house.bench, house.hub, WIRE_append, &append);
}

static void speak(size_t number, const uint8_t hash[SEAL_HASH_BYTES])
{
	const struct turn_id turn = {number + 1};
	const int64_t at_ms = house.bench->clock.wall_ms;
	const struct sound sound = sound_of(number);
	const struct wire_memo piece = {.turn = turn.value,
					.last = 1,
					.opus = {sound.bytes, sound.size}};
	struct event event;

	event_init(&event, EVENT_PROMPT_HEARD, turn, "kitchen", at_ms);
	evidence_prompt_heard(&event, THEN_MEMO, 12, 0.9);
	attest(&event);
	event_init(&event, EVENT_LEASE_OPENED, turn, "kitchen", at_ms);
	evidence_lease_opened(&event, LEASE_MEMO);
	attest(&event);
	event_init(&event, EVENT_MEMO, turn, "kitchen", at_ms);
	evidence_memo(&event, 4200, sound.size, hash);
	attest(&event);
	desk_bench_say(house.bench, house.hub, WIRE_memo, &piece);
}

static struct action action_of(size_t number, const uint8_t hash[SEAL_HASH_BYTES])
{
	struct action action = {.kind = ACTION_SEND_MESSAGE, .room = "kitchen"};

	id_to_text(action.entity, contacts[is_mail(number)]);
	memcpy(action.body, hash, sizeof(action.body));
	return action;
}

static void hash_of(size_t number, uint8_t to[SEAL_HASH_BYTES])
{
	const struct sound sound = sound_of(number);

	assert_int_equal(seal_sha256(&(struct seal_part){sound.bytes, sound.size}, 1, to),
			 OK);
}

static void ask_for(size_t number)
{
	char bytes[ACTION_BYTES_MAX];
	uint8_t hash[SEAL_HASH_BYTES];
	struct wire_propose asked = {.token = number + 1, .turn = number + 1};
	struct action action;
	size_t size = 0;

	hash_of(number, hash);
	action = action_of(number, hash);
	speak(number, hash);
	assert_int_equal(action_bytes(&action, bytes, &size), OK);
	asked.action = (struct wire_slice){(const uint8_t *)bytes, size};
	desk_bench_say(house.bench, house.hub, WIRE_propose, &asked);
}

/* Which was asked for under that token. */
static void learn_ids(void)
{
	const struct wire_message *message;

	while ((message = desk_bench_take(house.hub))) {
		if (message->type != WIRE_proposal || message->proposal.token == 0)
			continue;
		assert_string_equal(message->proposal.state, "asked");
		memcpy(kept[message->proposal.token - 1].id.bytes,
		       message->proposal.id.bytes, ID_BYTES);
	}
}

static void tap(size_t number)
{
	uint8_t hash[SEAL_HASH_BYTES];

	hash_of(number, hash);
	const struct verdict given = {kept[number].id, kept[number].id,
				      action_of(number, hash), APPROVAL_APPROVE,
				      APPROVAL_APPROVE};
	house_tell_verdict(&house, &phone, &given);
}

static void an_hour(size_t first)
{
	const size_t end = first + AN_HOUR < MESSAGES ? first + AN_HOUR : MESSAGES;

	house_say(&house, phone.link, WIRE_alive, &(struct wire_alive){0});
	for (size_t i = first; i < end; i++)
		ask_for(i);
	desk_bench_settle(house.bench);
	learn_ids();
	for (size_t i = first; i < end; i++)
		tap(i);
	desk_bench_settle(house.bench);
	house_pass(&house, HOLD_MS);
	house_forget(phone.link);
	house_forget(house.hub);
	house_forget(house.gate);
	house_pass(&house, HOUR_MS - HOLD_MS);
}

static void ten_thousand_are_made(void **state)
{
	(void)state;
	make_house();
	for (size_t first = 0; first < MESSAGES; first += AN_HOUR)
		an_hour(first);
	desk_bench_destroy(house.bench);
}

/* --- the program ------------------------------------------------------------------------ */

static void inside(char to[FILE_PATH_BYTES], const char *name)
{
	assert_true(file_join(to, FILE_PATH_BYTES, folder, name));
}

static struct link_client *meet(const char *socket, enum wire_link link,
				enum wire_party party)
{
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];
	int waited_ms = 0;

	inside(path, socket);
	while (link_client_open(path, link, party, "test", WAIT_MS, &client, NULL)) {
		if (process_is_over(&keeper, NULL) || waited_ms >= WAIT_MS)
			fail_msg("the keeper does not answer at %s", path);
		(void)poll(NULL, 0, STEP_MS);
		waited_ms += STEP_MS;
	}
	return client;
}

static void start_keeper(void)
{
	const char *const words[] = {process_program("behest-keeper"), "--data", folder,
				     NULL};

	keeper = process_start(words, log_file);
}

/* It must not have ended by itself before. */
static void kill_one(pid_t *pid)
{
	const int status = process_end(pid, SIGKILL);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void kill_keeper(void)
{
	kill_one(&keeper);
}

static void show_identity(struct link_client *client, const uint8_t *seed,
			  const char *label, const uint8_t *bytes, size_t size)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_identity said = {.key = {key, sizeof(key)},
					   .signature = {signature, sizeof(signature)}};

	seal_sign_pair(seed, key);
	assert_int_equal(seal_sign_labelled(seed, label, bytes, size, signature), OK);
	assert_int_equal(link_client_send_identity(client, &said, NULL), OK);
}

/* NULL: the keeper is gone. Other houses are left out. */
static const struct wire_message *next(struct link_client *client)
{
	const struct wire_message *message = NULL;
	enum err err;

	do
		err = link_client_wait(client, WAIT_MS, &message, NULL);
	while (err == OK &&
	       (message->type == WIRE_peer || message->type == WIRE_skill_hosts ||
		message->type == WIRE_weather_place));
	assert_int_not_equal(err, ERR_TIMEOUT);
	return err == OK ? message : NULL;
}

static const uint8_t *nonce_from(struct link_client *client)
{
	const struct wire_message *message = next(client);

	assert_true(message && message->type == WIRE_challenge);
	return message->challenge.nonce.bytes;
}

static struct link_client *meet_as_phone(void)
{
	struct link_client *client = meet("run/keeper/device.sock",
					  WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE);
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	const size_t size = evidence_identity_bytes(nonce_from(client),
						    APPROVAL_IDENTITY_NAME, bytes);

	show_identity(client, phone.seed, APPROVAL_IDENTITY_LABEL, bytes, size);
	return client;
}

static struct link_client *meet_as_gate(void)
{
	struct link_client *client =
		meet("run/keeper/gate.sock", WIRE_LINK_GATE_KEEPER, WIRE_PARTY_GATE);
	const struct rand rand = rand_system();
	struct identity identity;
	uint8_t bytes[PROOF_BYTES];
	char path[FILE_PATH_BYTES];

	assert_int_equal(identity_gate_path(path, folder), OK);
	assert_int_equal(identity_open(path, &rand, &identity, NULL), OK);
	proof_bytes(household, nonce_from(client), (uint32_t)getpid(), bytes);
	show_identity(client, secret_view(identity.seed), PROOF_GATE_LABEL, bytes,
		      sizeof(bytes));
	identity_close(&identity);
	return client;
}

static void ask_sound(struct link_client *client, size_t number)
{
	struct wire_memo_get get = {.token = number + 1};

	memcpy(get.id.bytes, kept[number].id.bytes, ID_BYTES);
	(void)!link_client_send_memo_get(client, &get, NULL);
}

/* How it ended; ERR_CLOSED: the keeper is gone. What comes is that message's own. */
static enum err take_sound(struct link_client *client, size_t number)
{
	const struct sound sound = sound_of(number);
	const struct wire_message *message;

	while ((message = next(client))) {
		if (message->type == WIRE_memo_sound) {
			assert_true(message->memo_sound.token == number + 1);
			assert_int_equal(message->memo_sound.opus.size, sound.size);
			assert_memory_equal(message->memo_sound.opus.bytes, sound.bytes,
					    sound.size);
		} else if (message->type == WIRE_done) {
			assert_true(message->done.token == number + 1);
			return (enum err)message->done.err;
		}
	}
	return ERR_CLOSED;
}

static void say_carried(struct link_client *gate, size_t number)
{
	struct wire_carried carried = {.err = OK};

	memcpy(carried.id.bytes, kept[number].id.bytes, ID_BYTES);
	(void)!link_client_send_carried(gate, &carried, NULL);
}

/* --- what the phone is told ------------------------------------------------------------- */

static int by_id(const void *one, const void *other)
{
	return memcmp(one, other, ID_BYTES);
}

/* The ids that must be there, sorted, and those that came. */
static struct proposal_id listed[MESSAGES];
static struct proposal_id expected[MESSAGES];

static size_t number_of(const uint8_t id[ID_BYTES])
{
	size_t number = 0;

	while (number < MESSAGES && memcmp(kept[number].id.bytes, id, ID_BYTES) != 0)
		number++;
	assert_true(number < MESSAGES);
	return number;
}

static void check_row(const struct wire_inbox_row *row)
{
	const struct kept *it = &kept[number_of(row->id.bytes)];

	if (it->was_told_done && !row->is_heard)
		fail_msg("one was handed out, and counts as not heard");
	if (!it->was_told_done && !it->in_doubt && row->is_heard)
		fail_msg("one counts as heard that nobody asked for");
}

/* Each of them, once. */
static void check_inbox(void)
{
	const struct wire_inbox_get get = {.token = 1};
	struct link_client *client = meet_as_phone();
	const struct wire_message *message;
	size_t count = 0;

	assert_int_equal(link_client_send_inbox_get(client, &get, NULL), OK);
	while ((message = next(client)) && message->type != WIRE_done) {
		if (message->type != WIRE_inbox_row)
			continue;
		assert_true(count < MESSAGES);
		memcpy(listed[count++].bytes, message->inbox_row.id.bytes, ID_BYTES);
		check_row(&message->inbox_row);
	}
	assert_non_null(message);
	assert_int_equal(count, MESSAGES - MAILS);
	for (size_t i = 0; i < count; i++)
		expected[i] = kept[i].id;
	qsort(listed, count, sizeof(listed[0]), by_id);
	qsort(expected, count, sizeof(expected[0]), by_id);
	assert_memory_equal(listed, expected, count * sizeof(listed[0]));
	link_client_close(client);
}

/* --- rounds ----------------------------------------------------------------------------- */

static void wait_us(uint32_t us)
{
	const struct timespec pause = {.tv_nsec = (long)us * 1000};

	(void)nanosleep(&pause, NULL);
}

static void listen(struct link_client *client, size_t number, bool killed)
{
	enum err err;

	ask_sound(client, number);
	if (killed) {
		wait_us(below(KILL_US_MAX));
		kill_keeper();
	}
	err = take_sound(client, number);
	kept[number].was_told_done |= err == OK;
	kept[number].in_doubt |= err == ERR_CLOSED;
	if (err != OK && (!killed || err != ERR_CLOSED))
		fail_msg("message %zu: %s", number, err_words(err));
}

/* Killed while it lists, too: what then comes is not looked at. */
static void round_of_the_phone(void)
{
	struct link_client *client = meet_as_phone();
	const struct wire_inbox_get get = {.token = 1};

	for (uint32_t i = below(TURNS); i > 0; i--)
		listen(client, below(MESSAGES - MAILS), false);
	if (below(3) == 0)
		(void)!link_client_send_inbox_get(client, &get, NULL);
	if (below(3) == 0)
		link_client_close(meet_as_phone());
	ask_sound(client, 0);
	kept[0].in_doubt = true;
	wait_us(below(KILL_US_MAX));
	kill_keeper();
	link_client_close(client);
}

/* A mail that it has, or had: the gate answers from its ledger and fetches no more. */
static void carry(struct link_client *gate, size_t number)
{
	enum err err;

	assert_true(is_mail(number));
	if (kept[number].was_told_done) {
		say_carried(gate, number);
		return;
	}
	ask_sound(gate, number);
	err = take_sound(gate, number);
	if (err == ERR_CLOSED)
		return;
	assert_int_equal(err, OK);
	kept[number].was_told_done = true;
	say_carried(gate, number);
}

/* It is told many orders at once; the sound comes behind them. */
static void round_of_the_gate(void)
{
	struct link_client *gate = meet_as_gate();
	const size_t count = 1 + below(TURNS);
	size_t numbers[TURNS];

	for (size_t i = 0; i < count; i++) {
		const struct wire_message *message = next(gate);

		if (!message || message->type != WIRE_order)
			fail_msg("no order came");
		else
			numbers[i] = number_of(message->order.id.bytes);
	}
	for (size_t i = 0; i < count; i++)
		carry(gate, numbers[i]);
	wait_us(below(KILL_US_MAX));
	kill_keeper();
	link_client_close(gate);
}

/* With a keeper that runs: the room is told how many wait for it. */
static void start_hub(void)
{
	const char *const words[] = {process_program("behest-hub"), "--data", folder,
				     NULL};
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	char path[FILE_PATH_BYTES];

	hub = process_start(words, log_file);
	inside(path, "run/hub/rooms.sock");
	wire_room_open(&kitchen, path);
	while (kitchen.messages == 0) {
		assert_true(kitchen.link && loop_now_ms() < until_ms);
		assert_int_equal(loop_run_once(loop, STEP_MS), OK);
	}
}

/* Of one hour they are of one time: then their ids order them. */
static int by_age(const void *one, const void *other)
{
	const size_t a = *(const size_t *)one;
	const size_t b = *(const size_t *)other;

	if (a / AN_HOUR != b / AN_HOUR)
		return a / AN_HOUR < b / AN_HOUR ? -1 : 1;
	return by_id(&kept[a].id, &kept[b].id);
}

/* The first in that order of whom nobody has heard; ALOUD: there is none. */
static size_t next_untouched(void)
{
	size_t order[ALOUD];
	size_t at = 0;

	for (size_t i = 0; i < ALOUD; i++)
		order[i] = i;
	qsort(order, ALOUD, sizeof(order[0]), by_age);
	while (at < ALOUD && (kept[order[at]].was_told_done || kept[order[at]].in_doubt))
		at++;
	return at < ALOUD ? order[at] : ALOUD;
}

/* The hub asks for the oldest that the keeper has as new: one of those that nobody knows of
 * for sure, or the first behind them. */
static void next_is_in_doubt(void)
{
	const size_t number = next_untouched();

	if (number < ALOUD)
		kept[number].in_doubt = true;
}

/* Known by its length: one that was never played before. */
static void it_was_played(uint64_t samples)
{
	const size_t number = (size_t)(samples / ALOUD_STEP) - 1;

	assert_true(samples % ALOUD_STEP == 0 && number < ALOUD);
	assert_false(kept[number].was_played);
	assert_true(kept[number].in_doubt);
	kept[number].was_played = true;
	kept[number].was_told_done = true;
}

/* Who it is from, then itself. */
static void play_one(void)
{
	assert_true(wire_room_wait_say(&kitchen));
	next_is_in_doubt();
	wire_room_heard(&kitchen);
	assert_true(wire_room_wait_say(&kitchen));
	it_was_played(kitchen.say_samples);
	wire_room_heard(&kitchen);
}

static void round_of_the_room(void)
{
	static int16_t samples[4 * AUDIO_HZ];
	const uint32_t victims = 1 + below(3);
	struct audio_span words;

	if (next_untouched() == ALOUD)
		return; /* in a test that was made longer all were played */
	start_hub();
	assert_int_equal(voice_speak(&voice, "play my messages.", &words), OK);
	assert_true(words.count <= STR_COUNT(samples));
	memcpy(samples, words.samples, words.count * sizeof(*samples));
	wire_room_request(&kitchen, (struct audio_span){samples, words.count});
	assert_true(wire_room_wait_say(&kitchen));
	wire_room_heard(&kitchen);
	for (uint32_t i = below(ROOM_PLAYS); i > 0; i--)
		play_one();
	assert_true(wire_room_wait_say(&kitchen));
	next_is_in_doubt();
	wire_room_heard(&kitchen);
	wait_us(below(KILL_US_MAX));
	if (victims & 1)
		kill_one(&hub);
	if (victims & 2)
		kill_keeper();
	if (hub > 0)
		kill_one(&hub);
	if (keeper == 0)
		start_keeper();
	wire_room_close(&kitchen);
}

static unsigned long rounds_given(void)
{
	const char *given = getenv("BEHEST_ROUNDS");

	return given ? strtoul(given, NULL, 10) : ROUNDS;
}

static void killed_at_any_moment(void **state)
{
	(void)state;
	start_keeper();
	check_inbox();
	for (unsigned long i = rounds_given(); i > 0; i--) {
		struct link_client *client = meet_as_phone();

		listen(client, below(MESSAGES - MAILS), true);
		link_client_close(client);
		start_keeper();
		round_of_the_phone();
		start_keeper();
		round_of_the_gate();
		start_keeper();
		if (i % ROOM_EVERY == 0)
			round_of_the_room();
	}
	check_inbox();
}

/* The same key, as this computer would have it. */
static void write_phone_key(void)
{
	static const char magic[] = "BEHESTI1";
	uint8_t bytes[MAGIC_BYTES + SEAL_SIGN_SEED_BYTES + SEAL_HASH_BYTES];
	char path[FILE_PATH_BYTES];

	memcpy(bytes, magic, MAGIC_BYTES);
	memcpy(bytes + MAGIC_BYTES, phone.seed, SEAL_SIGN_SEED_BYTES);
	assert_int_equal(seal_sha256(&(struct seal_part){bytes,
							 MAGIC_BYTES +
								 SEAL_SIGN_SEED_BYTES},
				     1, bytes + MAGIC_BYTES + SEAL_SIGN_SEED_BYTES),
			 OK);
	inside(path, "device");
	assert_int_equal(file_make_folder(path, NULL), OK);
	inside(path, "device/device.key");
	assert_int_equal(file_write(path, bytes, sizeof(bytes), 0600, NULL), OK);
}

static void expect_lines(const char *option, size_t lines, const char *first)
{
	const char *const words[] = {
		process_program("behest"), "messages", "--data", folder, option, NULL};
	struct process_ran ran;

	process_run(words, WAIT_MS, &ran);
	if (ran.status != 0)
		fail_msg("%s", process_err(&ran));
	assert_int_equal(process_lines(process_out(&ran)), lines);
	if (strncmp(process_out(&ran), first, strlen(first)) != 0)
		fail_msg("%.200s", process_out(&ran));
	process_ran_finish(&ran);
}

/* The newest of them, and that there are more; numbered as all of them are. */
static void people_are_shown_the_newest(void **state)
{
	(void)state;
	write_phone_key();
	expect_lines(NULL, SHOWN + 1,
		     "8856 older ones are not shown; --json lists all\n8857  ");
	expect_lines("--json", MESSAGES - MAILS, "{\"number\":1,");
}

/* What the gate said to have carried is told to nobody again, what it has not is there. */
static void no_mail_is_lost(void **state)
{
	struct link_client *gate = meet_as_gate();
	size_t carried = 0;

	(void)state;
	for (size_t i = MESSAGES - MAILS; i < MESSAGES; i++) {
		enum err err;

		if (kept[i].was_told_done)
			say_carried(gate, i); /* again, for it may not have come */
		link_client_close(gate);
		gate = meet_as_gate();
		ask_sound(gate, i);
		err = take_sound(gate, i);
		assert_int_equal(err, kept[i].was_told_done ? ERR_MISSING : OK);
		carried += kept[i].was_told_done;
	}
	link_client_close(gate);
	print_message("%zu of %d mails were carried, the others wait\n", carried,
		      (int)MAILS);
	assert_true(carried > 0 && carried < MAILS);
	assert_int_equal(process_end(&keeper, SIGTERM), 0);
}

/* --- all of it -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	(void)umask(0077);
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	assert_true(str_format(folder, sizeof(folder), "%s/behest-kills-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	inside(keeper_folder, "keeper");
	inside(log_file, "log");
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(voice_flite_create(&voice), OK);
	wire_room_init(&kitchen, loop, "kitchen");
	house_room_seed("kitchen", kitchen.seed);
	return file_make_folder(keeper_folder, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&hub, SIGKILL);
	(void)process_end(&keeper, SIGKILL);
	wire_room_close(&kitchen);
	loop_destroy(loop);
	voice_close(&voice);
	return folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_are_made),
		cmocka_unit_test(killed_at_any_moment),
		cmocka_unit_test(people_are_shown_the_newest),
		cmocka_unit_test(no_mail_is_lost),
	};

	if (seal_init() != OK)
		return 1;
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("message_kills", tests, set_up, tear_down);
}
