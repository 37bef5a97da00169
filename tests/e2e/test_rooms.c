/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rooms - two rooms on machines of their own (network namespaces, with a slow and
 * lossy line between) and a house in another one: who is let in, who answers, what a cut
 * line and a revoked key do. Needs root and ip(8); skipped, with the reason, without.
 *
 * One house for all tests; they build on each other in their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/key_text.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/policy.h"
#include "e2e/house_fixture.h"
#include "e2e/journal_reader.h"
#include "e2e/process.h"

enum {
	SKIPPED = 77,
	PORT = 7443,
	QUIET_MS = 4000,
	COMMAND_BYTES = 256,
	LOG_MAX = 1 << 22
};

#define REQUEST "turn on the kitchen light"

struct machine {
	const char *name; /* of its room */
	char space[32];   /* its network namespace */
	char data[FILE_PATH_BYTES];
	char pipe[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES];
	char key[KEY_TEXT_BYTES];
	unsigned subnet;
	int pipe_fd;
	pid_t pid;
};

static struct house house;
static struct house_turn turn;
static struct machine kitchen = {.name = HOUSE_ROOM, .subnet = 1, .pipe_fd = -1};
static struct machine study = {.name = "study", .subnet = 2, .pipe_fd = -1};
static struct machine *const machines[] = {&kitchen, &study};
static char hub_key[KEY_TEXT_BYTES];
static int16_t quieter[HOUSE_SOUND_MAX];

/* --- machines --------------------------------------------------------------------------- */

/* Words of our own only: no shell sees anything from outside. */
static int command(const char *words)
{
	const int status = system(words); /* NOLINT(cert-env33-c) */

	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int ip(const struct machine *machine, const char *format)
{
	char words[COMMAND_BYTES];
	char all[COMMAND_BYTES];
	char number[8];
	size_t used = 0;

	/* %s is the namespace, %u the subnet. */
	assert_true(str_format(number, sizeof(number), "%u", machine->subnet));
	words[0] = '\0';
	for (; *format; format++) {
		const char *put = format[0] == '@'   ? machine->space
				  : format[0] == '#' ? number
						     : NULL;
		assert_true(put ? str_append(words, sizeof(words), "%s", put)
				: str_append(words, sizeof(words), "%c", *format));
		used++;
	}
	assert_true(used > 0 && str_format(all, sizeof(all), "%s 2>/dev/null", words));
	return command(all);
}

static bool make_machine(struct machine *machine)
{
	assert_true(str_format(machine->space, sizeof(machine->space), "behest%ld-%u",
			       (long)getpid(), machine->subnet));
	return ip(machine, "ip netns add @") == 0 &&
	       ip(machine, "ip link add hub# type veth peer name room# netns @") == 0 &&
	       ip(machine, "ip addr add 10.231.#.1/24 dev hub#") == 0 &&
	       ip(machine, "ip link set hub# up") == 0 &&
	       ip(machine, "ip -n @ addr add 10.231.#.2/24 dev room#") == 0 &&
	       ip(machine, "ip -n @ link set lo up") == 0 &&
	       ip(machine, "ip -n @ link set room# up") == 0;
}

/* A line over the air; where the kernel cannot do it, a perfect one. */
static void make_slow(const struct machine *machine)
{
	if (ip(machine,
	       "tc -n @ qdisc add dev room# root netem delay 20ms 10ms loss 2%") != 0)
		print_message("the line of %s is perfect: no netem here\n",
			      machine->name);
}

static bool make_network(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 || command("ip link set lo up"))
		return false;
	return make_machine(&kitchen) && make_machine(&study);
}

static void remove_network(void)
{
	for (size_t i = 0; i < STR_COUNT(machines); i++)
		(void)ip(machines[i], "ip netns del @");
}

/* --- keys ------------------------------------------------------------------------------- */

/* The text behind "key" in what the program prints. */
static void read_key(const char *const *words, char to[KEY_TEXT_BYTES])
{
	struct process_ran ran;
	const char *at;

	process_run(words, HOUSE_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	at = process_out(&ran);
	assert_true(str_starts(at, "key"));
	at += strlen("key");
	at += strspn(at, " ");
	assert_true(str_copy_bytes(to, KEY_TEXT_BYTES, at, KEY_TEXT_BYTES - 1));
	process_ran_finish(&ran);
}

static void add_room(struct link_client *owner, const struct machine *machine,
		     bool revoked)
{
	struct wire_room_set set = {.capabilities = MAY_ALL,
				    .is_private = 1,
				    .is_revoked = revoked};
	const struct wire_message *message = NULL;
	struct err_note note = {""};

	assert_true(str_copy(set.room, sizeof(set.room), machine->name));
	assert_true(str_copy(set.key, sizeof(set.key), revoked ? "" : machine->key));
	assert_int_equal(link_client_send_room_set(owner, &set, &note), OK);
	assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, &note), OK);
	assert_int_equal(message->type, WIRE_done);
}

/* --- rooms ------------------------------------------------------------------------------ */

static void write_room(struct machine *machine)
{
	char folder[32];
	char path[FILE_PATH_BYTES];
	char text[1024];
	struct err_note note = {""};

	assert_true(str_format(folder, sizeof(folder), "room%u", machine->subnet));
	assert_true(file_join(machine->data, sizeof(machine->data), house.fixture.folder,
			      folder));
	assert_int_equal(file_make_folder(machine->data, &note), OK);
	assert_true(file_join(machine->pipe, FILE_PATH_BYTES, machine->data, "mic.pipe"));
	assert_true(file_join(machine->log, FILE_PATH_BYTES, machine->data, "log"));
	assert_true(file_join(path, sizeof(path), machine->data, "behest.conf"));
	assert_true(
		str_format(text, sizeof(text),
			   "[room]\nname = %s\nhub = 10.231.%u.1:%d\nhub_key = %s\n"
			   "microphone = pipe\nmicrophone_device = %s\nspeaker = none\n"
			   "indicator = none\n[wake]\nword = %s\n",
			   machine->name, machine->subnet, PORT, hub_key, machine->pipe,
			   HOUSE_WORD));
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
	const char *const words[] = {process_program("behest-room"), "--data",
				     machine->data, "--print-key", NULL};
	read_key(words, machine->key);
}

static const char *ip_program(void)
{
	return file_exists("/usr/sbin/ip") ? "/usr/sbin/ip" : "/sbin/ip";
}

static void start_room(struct machine *machine)
{
	const char *const words[] = {ip_program(),
				     "netns",
				     "exec",
				     machine->space,
				     process_program("behest-room"),
				     "--data",
				     machine->data,
				     NULL};

	machine->pid = process_start(words, machine->log);
}

static bool log_has(const struct machine *machine, const char *words)
{
	struct buf log;
	bool has = file_read(machine->log, LOG_MAX, &log, NULL) == OK && log.bytes &&
		   strstr((const char *)log.bytes, words);

	buf_finish(&log);
	return has;
}

/* What the hub says of it. */
static void room_status(const struct machine *machine, char light[16], char link[16],
			bool *out_connected)
{
	struct json *json = house_status(&house);
	const struct json_value *rooms = json_get(json_root(json), "rooms");

	light[0] = link[0] = '\0';
	*out_connected = false;
	for (size_t i = 0; i < json_count(rooms); i++) {
		const struct json_value *room = json_at(rooms, i);

		if (!str_equal(json_text(json_get(room, "name"), ""), machine->name))
			continue;
		(void)str_copy(light, 16, json_text(json_get(room, "light"), ""));
		(void)str_copy(link, 16, json_text(json_get(room, "link"), ""));
		*out_connected = json_bool(json_get(room, "connected"), false);
	}
	json_destroy(json);
}

static void show_room(const struct machine *machine)
{
	struct buf log;

	if (file_read(machine->log, LOG_MAX, &log, NULL) == OK && log.bytes)
		print_message("%s", (const char *)log.bytes);
	buf_finish(&log);
}

static void wait_light(const struct machine *machine, const char *wanted)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char light[16];
	char link[16];
	bool connected = false;

	do {
		if (loop_now_ms() > until_ms) {
			show_room(machine);
			fail_msg("%s: its light is \"%s\", not %s", machine->name, light,
				 wanted);
		}
		(void)poll(NULL, 0, HOUSE_STEP_MS);
		room_status(machine, light, link, &connected);
	} while (!str_equal(light, wanted));
	assert_string_equal(link, "tls");
}

static void wait_gone(const struct machine *machine)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char light[16];
	char link[16];
	bool connected = true;

	while (connected) {
		if (loop_now_ms() > until_ms)
			fail_msg("%s: is still connected", machine->name);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
		room_status(machine, light, link, &connected);
	}
}

static void wait_log(const struct machine *machine, const char *words)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!log_has(machine, words)) {
		if (loop_now_ms() > until_ms) {
			show_room(machine);
			fail_msg("%s: never wrote \"%s\"", machine->name, words);
		}
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* --- sound ------------------------------------------------------------------------------ */

struct sounding {
	struct machine *machine;
	const uint8_t *at;
	size_t left;
};

static void write_some(struct sounding *sounding)
{
	struct machine *machine = sounding->machine;
	ssize_t put;

	if (machine->pipe_fd < 0)
		machine->pipe_fd = open(machine->pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(machine->pipe_fd >= 0);
	put = sounding->left > 0 ? write(machine->pipe_fd, sounding->at, sounding->left)
				 : 0;
	assert_true(put >= 0 || errno == EAGAIN || errno == EINTR);
	sounding->at += put > 0 ? put : 0;
	sounding->left -= put > 0 ? (size_t)put : 0;
}

/* Both rooms hear it in the same moment; the study from further away. */
static void speak_to_both(const char *words)
{
	struct audio_span sound = {0};
	struct sounding both[2];

	assert_int_equal(voice_speak(&house.voice, words, &sound), OK);
	assert_true(sound.count <= HOUSE_SOUND_MAX);
	for (size_t i = 0; i < sound.count; i++)
		quieter[i] = (int16_t)(sound.samples[i] / 6);
	both[0] = (struct sounding){&kitchen, (const uint8_t *)sound.samples,
				    sound.count * sizeof(int16_t)};
	both[1] = (struct sounding){&study, (const uint8_t *)quieter,
				    sound.count * sizeof(int16_t)};
	while (both[0].left + both[1].left > 0) {
		write_some(&both[0]);
		write_some(&both[1]);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void speak_to(struct machine *machine, const char *words)
{
	struct audio_span sound = {0};
	struct sounding one = {.machine = machine};

	assert_int_equal(voice_speak(&house.voice, words, &sound), OK);
	one.at = (const uint8_t *)sound.samples;
	one.left = sound.count * sizeof(int16_t);
	while (one.left > 0) {
		write_some(&one);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* --- the tests -------------------------------------------------------------------------- */

static void listen_to_others(void)
{
	char path[FILE_PATH_BYTES];
	char text[2048];
	struct err_note note = {""};
	struct buf buf;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text), &buf, &note), OK);
	assert_true(str_format(text, sizeof(text), "%s\n[hub]\nlisten = 0.0.0.0:%d\n",
			       (const char *)buf.bytes, PORT));
	buf_finish(&buf);
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
}

static int set_up(void **state)
{
	struct link_client *owner;

	(void)state;
	house_begin(&house);
	listen_to_others();
	const char *const words[] = {
		process_program("behest"), "rooms", "key", "--data", house.data, NULL};
	read_key(words, hub_key);
	assert_true(fixture_start_broker(&house.fixture));
	assert_true(fixture_start_toy(&house.fixture));
	house_start_keeper(&house);
	house_settle(&house);
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	house_wait_devices(&house);
	for (size_t i = 0; i < STR_COUNT(machines); i++) {
		make_slow(machines[i]);
		write_room(machines[i]);
	}
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	add_room(owner, &kitchen, false);
	link_client_close(owner);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(machines); i++) {
		(void)process_end(&machines[i]->pid, SIGTERM);
		if (getenv("HOUSE_LOG"))
			show_room(machines[i]);
	}
	house_end(&house);
	return 0;
}

static void a_room_that_nobody_added(void **state)
{
	struct link_client *owner;
	bool connected = true;
	char light[16];
	char link[16];

	(void)state;
	start_room(&study);
	wait_log(&study, "does not know our key");
	room_status(&study, light, link, &connected);
	assert_false(connected);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	add_room(owner, &study, false);
	link_client_close(owner);
	wait_light(&study, "waiting"); /* it tried again by itself */
}

static void one_of_two_answers(void **state)
{
	(void)state;
	start_room(&kitchen);
	wait_light(&kitchen, "waiting");
	speak_to_both(HOUSE_WORD ", " REQUEST ".");
	house_turn(&house, &turn);
	assert_string_equal(turn.text, REQUEST);
	assert_string_equal(turn.decision, "act");
	assert_int_equal(turn.done, 1);
	assert_false(house_turn_within(&house, QUIET_MS, &turn));
	wait_light(&kitchen, "waiting");
	wait_light(&study, "waiting");
}

/* The cable is pulled while the microphone is leased. */
static void a_cut_line(void **state)
{
	(void)state;
	speak_to(&kitchen, HOUSE_WORD ".");
	wait_light(&kitchen, "listening");
	assert_int_equal(ip(&kitchen, "ip -n @ link set room# down"), 0);
	wait_gone(&kitchen);
	wait_log(&kitchen, "deaf: the hub is gone");
	while (house_turn_within(&house, QUIET_MS, &turn))
		assert_int_equal(turn.done, 0);
	assert_int_equal(ip(&kitchen, "ip -n @ link set room# up"), 0);
	wait_light(&kitchen, "waiting");
	speak_to(&kitchen, HOUSE_WORD ", " REQUEST ".");
	house_turn(&house, &turn);
	assert_string_equal(turn.text, REQUEST);
	assert_string_equal(turn.decision, "act");
	wait_light(&kitchen, "waiting");
}

static void a_revoked_room(void **state)
{
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	bool connected = true;
	char light[16];
	char link[16];

	(void)state;
	assert_non_null(owner);
	add_room(owner, &study, true);
	wait_gone(&study);
	wait_log(&study, "the hub refuses: the owner revoked this room");
	/* Again from the beginning, it is told the same. */
	(void)process_end(&study.pid, SIGTERM);
	assert_int_equal(unlink(study.log), 0);
	start_room(&study);
	wait_log(&study, "the hub refuses: the owner revoked this room");
	room_status(&study, light, link, &connected);
	assert_false(connected);
	room_status(&kitchen, light, link, &connected);
	assert_true(connected);
	add_room(owner, &study, false); /* the owner names the key again */
	link_client_close(owner);
	wait_light(&study, "waiting");
}

/* --- a faulty room of this machine, played by the test --- */

struct faulty {
	struct link *link;
	unsigned let_in;
	unsigned over;
};

static void send_sounds(struct link *link)
{
	static const uint32_t numbers[] = {0, 0, 1, 0,
					   5}; /* two too many, three missing */
	static const uint8_t silence[2 * AUDIO_FRAME_SAMPLES];
	const struct wire_wake wake = {.turn = 1 << 16, .score = 1, .accepted = 1};
	const struct wire_lease lease = {.turn = wake.turn,
					 .reason = "request",
					 .max_ms = 8000};

	assert_int_equal(link_send_wake(link, &wake), OK);
	assert_int_equal(link_send_lease(link, &lease), OK);
	for (size_t i = 0; i < STR_COUNT(numbers); i++) {
		const struct wire_sound sound = {.turn = wake.turn,
						 .sequence = numbers[i],
						 .pcm = {silence, sizeof(silence)}};

		assert_int_equal(link_send_sound(link, &sound), OK);
	}
}

static void faulty_opened(void *context, struct link *link)
{
	(void)context;
	(void)link;
}

static void faulty_message(void *context, struct link *link,
			   const struct wire_message *message)
{
	static const struct wire_identity nobody;
	struct faulty *faulty = context;

	if (message->type == WIRE_challenge)
		assert_int_equal(link_send_identity(link, &nobody), OK);
	if (message->type == WIRE_mute && faulty->let_in++ == 0)
		send_sounds(link);
}

static void faulty_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct faulty *faulty = context;

	(void)link;
	(void)err;
	(void)why;
	faulty->link = NULL;
	faulty->over++;
}

/* Connects as that room and steps until it is let in, or closed. */
static void be_room(const char *name, struct loop *loop, struct faulty *faulty)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const struct link_listener listener = {faulty, faulty_opened, faulty_message,
					       faulty_closed};
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.run, "hub/rooms.sock"));
	assert_int_equal(link_connect(loop, path, WIRE_LINK_ROOM_HUB, WIRE_PARTY_ROOM,
				      name, &listener, &faulty->link, &note),
			 OK);
	while (faulty->let_in + faulty->over == 0 && loop_now_ms() < until_ms)
		assert_int_equal(loop_run_once(loop, HOUSE_STEP_MS), OK);
}

static void sound_that_comes_twice(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct faulty faulty = {0};
	struct loop *loop = NULL;
	int64_t refused = 0;
	int64_t missing = 0;

	(void)state;
	assert_int_equal(loop_create(&loop), OK);
	be_room("cellar", loop, &faulty);
	assert_int_equal(faulty.let_in, 1);
	while (missing == 0 && loop_now_ms() < until_ms) {
		struct json *json = house_status(&house);
		const struct json_value *rooms = json_get(json_root(json), "rooms");

		for (size_t i = 0; i < json_count(rooms); i++) {
			const struct json_value *room = json_at(rooms, i);

			if (!str_equal(json_text(json_get(room, "name"), ""), "cellar"))
				continue;
			refused =
				(int64_t)json_number(json_get(room, "frames_refused"), 0);
			missing =
				(int64_t)json_number(json_get(room, "frames_missing"), 0);
			assert_true(json_bool(json_get(room, "thin"), false));
		}
		json_destroy(json);
	}
	assert_int_equal(refused, 2);
	assert_int_equal(missing, 3);
	link_close(faulty.link);
	loop_destroy(loop);
}

/* The name of a room whose key was recorded, without the key: also on this machine. */
static void a_name_is_not_enough(void **state)
{
	struct faulty faulty = {0};
	struct loop *loop = NULL;

	(void)state;
	assert_int_equal(loop_create(&loop), OK);
	be_room(HOUSE_ROOM, loop, &faulty);
	/* It is told `refused`, and closed. */
	assert_int_equal(faulty.let_in, 0);
	assert_int_equal(faulty.over, 1);
	loop_destroy(loop);
}

static void what_the_journal_says(void **state)
{
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];
	size_t attested = 0;
	size_t unproved = 0;
	size_t recorded = 0;

	(void)state;
	house_wait_written(&house);
	for (size_t i = 0; i < STR_COUNT(machines); i++)
		assert_int_equal(process_end(&machines[i]->pid, SIGTERM), 0);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	assert_true(file_join(folder, sizeof(folder), house.data, "keeper"));
	journal_copy_read(&journal, folder);
	assert_int_equal(journal_copy_count(&journal, 0, EVENT_WAKE_LOST), 1);
	assert_int_equal(journal_copy_count(&journal, 0, EVENT_ROOM_REVOKED), 1);
	assert_true(journal_copy_count(&journal, 0, EVENT_LEASE_OPENED) >= 4);
	for (uint64_t i = 1; i <= journal.count; i++) {
		const struct event *event = journal_copy_at(&journal, i);
		const char *verdict = event_value(event, "attested");

		if (event->kind == EVENT_WAKE_LOST)
			assert_string_equal(event->room.text, "study");
		if (str_equal(event->room.text, "cellar"))
			continue; /* it has no key */
		if (event->kind == EVENT_LEASE_OPENED)
			assert_string_equal(verdict, "yes");
		if (event->kind == EVENT_RECORDED) { /* exactly what was heard there */
			assert_string_equal(verdict, "yes");
			recorded++;
		}
		attested += str_equal(verdict, "yes") ? 1 : 0;
		unproved += str_starts(verdict, "no") ? 1 : 0;
	}
	assert_true(recorded > 0);
	assert_true(attested >= 7);
	/* The lease whose end the hub had to write for the room. */
	assert_true(unproved <= 1);
	journal_copy_finish(&journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_that_nobody_added),
		cmocka_unit_test(one_of_two_answers),
		cmocka_unit_test(a_cut_line),
		cmocka_unit_test(a_revoked_room),
		cmocka_unit_test(sound_that_comes_twice),
		cmocka_unit_test(a_name_is_not_enough),
		cmocka_unit_test(what_the_journal_says),
	};
	int status = SKIPPED;

	if (make_network())
		status = cmocka_run_group_tests(tests, set_up, tear_down);
	else
		print_message("skipped: network namespaces need root and ip(8)\n");
	remove_network();
	return status;
}
