/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest bench home: the home bus against a real broker in a folder of its own, with 1,000
 * lamps that a bare client plays and 10,000 retained topics. How long finding them takes,
 * a command until it is at its device, and a broker that was away; how much memory a
 * device takes; and whether a command of the moment of death was lost or said again.
 * Beside each time stands what a bare client takes for the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/broker_private.h"
#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bare_mqtt.h"
#include "cli/bench.h"
#include "cli/bench_keeper.h"

enum {
	DEVICES = 1000,
	ROOMS = 25,
	RETAINED = 10000, /* with an announcement and a state of each device */
	COMMANDS = 2000,
	AT_DEATH = 40, /* commands under way when the broker is killed */
	AWAY_MS = 5000,
	LATE_MS = 1000, /* in which what is said again would come */
	WAIT_MS = 60000,
	MESSAGE_MS = 10000,
	OPEN_FILES = 16,
	NOT_THERE = 127,
	PERCENT_P99 = 99,
	PERCENT_P50 = 50,
};

static const double MS = 1000.0;
static const double KIB = 1024.0;

struct work {
	char folder[FILE_PATH_BYTES];
	struct broker_private broker;
	char hub_password[BROKER_PRIVATE_PASSWORD_BYTES];
	char toy_password[BROKER_PRIVATE_PASSWORD_BYTES];
	pid_t pid;
	struct loop *loop;
	struct bus bus;
	struct bare_mqtt *devices; /* plays all of them */
	unsigned done;
	enum err answers[COMMANDS];   /* by token */
	unsigned char heard[DEVICES]; /* commands at each device */
	unsigned newest;              /* the device that heard one last */
	double sent_ms[COMMANDS];
	double bare_ms[COMMANDS];
	double confirmed_ms[COMMANDS];
};

/* --- the broker ------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

static enum err read_line(const char *path, char to[BROKER_PRIVATE_PASSWORD_BYTES],
			  struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, BROKER_PRIVATE_PASSWORD_BYTES, &bytes, note);

	if (!err && !str_copy_bytes(to, BROKER_PRIVATE_PASSWORD_BYTES,
				    (const char *)bytes.bytes, bytes.size))
		err = ERR_LIMIT;
	buf_finish(&bytes);
	return err;
}

static void become(const struct work *work)
{
	const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0)
		(void)dup2(fd, STDERR_FILENO);
	(void)execl(work->broker.program, work->broker.program, "-c", work->broker.config,
		    (char *)NULL);
	_exit(NOT_THERE);
}

/* Until it answers, and who plays the devices hears what is sent to them. */
static enum err start_broker(struct work *work, struct err_note *note)
{
	const int64_t end_ms = loop_now_ms() + WAIT_MS;
	enum err err = OK;

	work->pid = fork();
	if (work->pid == 0)
		become(work);
	if (work->pid < 0)
		return err_say(ERR_IO, note, "%s: %s", work->broker.program,
			       strerror(errno));
	do {
		err = bare_mqtt_open(work->broker.port, "toy", work->toy_password,
				     &work->devices, NULL);
	} while (err && loop_now_ms() < end_ms);
	if (!err)
		err = bare_mqtt_subscribe(work->devices, "toy/light/+/set");
	return err ? err_say(err, note, "mosquitto does not answer") : OK;
}

static void end_broker(struct work *work, int number)
{
	bare_mqtt_close(work->devices);
	work->devices = NULL;
	if (work->pid <= 0)
		return;
	(void)kill(work->pid, number);
	while (waitpid(work->pid, NULL, 0) < 0 && errno == EINTR)
		;
	work->pid = 0;
}

static enum err prepare(struct work *work, struct err_note *note)
{
	const char *base = getenv("TMPDIR");
	enum err err;

	if (!str_format(work->folder, sizeof(work->folder), "%s/behest-bench-XXXXXX",
			base ? base : "/tmp") ||
	    !mkdtemp(work->folder)) {
		work->folder[0] = '\0';
		return err_say(ERR_IO, note, "no folder for the broker: %s",
			       strerror(errno));
	}
	err = broker_private_prepare(work->folder, rand_system(), &work->broker, note);
	if (!err)
		err = read_line(work->broker.hub_password, work->hub_password, note);
	if (!err)
		err = read_line(work->broker.toy_password, work->toy_password, note);
	return err ? err : start_broker(work, note);
}

static void finish(struct work *work)
{
	bus_close(&work->bus);
	loop_destroy(work->loop);
	end_broker(work, SIGTERM);
	if (work->folder[0])
		(void)nftw(work->folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	free(work);
}

/* --- the house -------------------------------------------------------------------------- */

static const char *device_topic(char to[BARE_MQTT_TOPIC_BYTES], unsigned device,
				const char *what)
{
	must(str_format(to, BARE_MQTT_TOPIC_BYTES, "toy/light/%u/%s", device, what));
	return to;
}

/* About as long as those of real lamps. */
static enum err announce(struct work *work, unsigned device)
{
	char topic[BARE_MQTT_TOPIC_BYTES];
	char payload[BARE_MQTT_PAYLOAD_BYTES];
	enum err err;

	must(str_format(topic, sizeof(topic), "homeassistant/light/bench_%u/config",
			device));
	must(str_format(
		payload, sizeof(payload),
		"{\"name\":\"light %u\",\"unique_id\":\"bench_%u\",\"schema\":\"json\","
		"\"command_topic\":\"toy/light/%u/set\",\"state_topic\":\"toy/light/%u/"
		"state\",\"brightness\":true,\"brightness_scale\":254,"
		"\"supported_color_modes\":[\"xy\",\"color_temp\"],\"availability\":[{"
		"\"topic\":\"toy/bench/state\",\"value_template\":\"{{ value_json.state "
		"}}\"}],\"device\":{\"identifiers\":[\"bench_%u\"],\"suggested_area\":"
		"\"room %u\"}}",
		device, device, device, device, device, device % ROOMS));
	err = bare_mqtt_publish(work->devices, topic, payload, true);
	return err ? err
		   : bare_mqtt_publish(work->devices,
				       device_topic(topic, device, "state"),
				       "{\"state\":\"OFF\",\"brightness\":10}", true);
}

static enum err furnish(struct work *work, struct err_note *note)
{
	char topic[BARE_MQTT_TOPIC_BYTES];
	enum err err = bare_mqtt_publish(work->devices, "toy/bench/state",
					 "{\"state\":\"online\"}", true);

	for (unsigned i = 0; !err && i < DEVICES; i++)
		err = announce(work, i);
	for (unsigned i = 2 * DEVICES + 1; !err && i < RETAINED; i++) {
		must(str_format(topic, sizeof(topic), "toy/other/%u", i));
		err = bare_mqtt_publish(work->devices, topic, "{\"value\":21.5}", true);
	}
	return err ? err_say(err, note, "the house could not be announced") : OK;
}

/* --- finding it ------------------------------------------------------------------------- */

static void on_done(void *context, uint64_t token, enum err err)
{
	struct work *work = context;

	must(token < COMMANDS);
	work->answers[token] = err;
	work->done++;
}

/* Whether every device has said how it is. */
static bool knows_all(struct work *work)
{
	const struct home *home = bus_home(&work->bus);

	for (size_t i = 0; i < home->entity_count; i++)
		if (!home->entities[i].state.known || !home->entities[i].state.available)
			return false;
	return home->entity_count == DEVICES;
}

static bool is_up(struct work *work)
{
	return bus_is_up(&work->bus);
}

static bool has_all(struct work *work)
{
	return bus_home(&work->bus)->entity_count == DEVICES;
}

static enum err run_until(struct work *work, bool (*is_so)(struct work *work),
			  const char *what, struct err_note *note)
{
	const int64_t end_ms = loop_now_ms() + WAIT_MS;

	while (!is_so(work)) {
		enum err err = loop_run_once(work->loop, 1);

		if (!err && loop_now_ms() > end_ms)
			err = err_say(ERR_TIMEOUT, note, "%s: never; the bus says \"%s\"",
				      what, bus_trouble(&work->bus));
		if (err)
			return err;
	}
	return OK;
}

static enum err open_bus(struct work *work, struct err_note *note)
{
	const struct bus_mqtt_settings settings = {.host = "127.0.0.1",
						   .port = work->broker.port,
						   .user = "hub",
						   .password = work->hub_password,
						   .discovery = "homeassistant"};
	const struct bus_listener listener = {.context = work, .done = on_done};
	enum err err = loop_create(&work->loop);

	if (!err)
		err = bus_mqtt_open(work->loop, &settings, listener, rand_system(),
				    &work->bus);
	return err ? err_say(err, note, "the bus cannot be opened") : OK;
}

/* What the machine can: all that is announced, read and thrown away. */
static enum err find_bare(struct work *work, double *out_ms, struct err_note *note)
{
	const double from = bench_keeper_now();
	struct bare_mqtt *client = NULL;
	struct bare_message *message = malloc(sizeof(*message));
	enum err err = message ? OK : ERR_MEMORY;

	if (!err)
		err = bare_mqtt_open(work->broker.port, "hub", work->hub_password,
				     &client, note);
	if (!err)
		err = bare_mqtt_subscribe(client, "homeassistant/+/+/config");
	for (unsigned i = 0; !err && i < DEVICES; i++)
		err = bare_mqtt_wait(client, MESSAGE_MS, message);
	*out_ms = (bench_keeper_now() - from) * MS;
	bare_mqtt_close(client);
	free(message);
	return err ? err_say(err, note, "the announcements did not come") : OK;
}

static enum err find(struct work *work, struct bench_run *run, struct err_note *note)
{
	double bare_ms = 0;
	double found_ms = 0;
	double known_ms = 0;
	enum err err = find_bare(work, &bare_ms, note);
	const size_t before = mallinfo2().uordblks;
	const double from = bench_keeper_now();

	if (!err)
		err = open_bus(work, note);
	if (!err)
		err = run_until(work, has_all, "the devices were found", note);
	found_ms = (bench_keeper_now() - from) * MS;
	if (!err)
		err = run_until(work, knows_all, "all states were known", note);
	known_ms = (bench_keeper_now() - from) * MS;
	if (err)
		return err;
	bench_add(run, "discovery_ms", found_ms, 1, "until 1,000 devices were found");
	bench_add(run, "discovery_known_ms", known_ms, 1, "and had all told their state");
	bench_add(run, "discovery_bare_ms", bare_ms, 1,
		  "a bare client that only reads their announcements");
	bench_add(run, "discovery_ratio", found_ms / bare_ms, 2, "");
	bench_add(run, "device_kib",
		  (double)(mallinfo2().uordblks - before) / KIB / DEVICES, 2,
		  "memory of the bus and its home, for each");
	return OK;
}

/* --- a command -------------------------------------------------------------------------- */

/* The device of "toy/light/7/set"; DEVICES for none. */
static unsigned device_of(const char *topic)
{
	static const char BEFORE[] = "toy/light/";
	char number[BARE_MQTT_TOPIC_BYTES];
	int64_t device = DEVICES;

	if (!str_starts(topic, BEFORE) ||
	    !str_copy(number, sizeof(number), topic + strlen(BEFORE)))
		return DEVICES;
	number[strcspn(number, "/")] = '\0';
	return str_to_int(number, 0, DEVICES - 1, &device) ? (unsigned)device : DEVICES;
}

/* What came to a device, counted; true when it was that one. */
static bool take_message(struct work *work, int wait_ms, unsigned *out_device)
{
	struct bare_message message;
	unsigned device;

	if (bare_mqtt_wait(work->devices, wait_ms, &message))
		return false;
	device = device_of(message.topic);
	if (device == DEVICES)
		return false;
	if (work->heard[device] < UINT8_MAX)
		work->heard[device]++;
	*out_device = device;
	return true;
}

static enum err send_to(struct work *work, unsigned device, uint64_t token,
			const char **out_why)
{
	struct action action = {.kind = ACTION_TURN_ON};

	must(str_format(action.entity, sizeof(action.entity), "light.bench_%u", device));
	*out_why = "a command was refused";
	return bus_command(&work->bus, &action, token);
}

/* The loop sleeps until there is something for the bus or for its devices: who spins takes
 * the processor from the broker. */
static void on_device(void *context, int fd, unsigned ready)
{
	struct work *work = context;
	unsigned device = DEVICES;

	(void)fd;
	(void)ready;
	while (take_message(work, 0, &device))
		work->newest = device;
}

/* To the device, and its answer back. */
static enum err one_command(struct work *work, unsigned i, struct err_note *note)
{
	const int64_t end_ms = loop_now_ms() + MESSAGE_MS;
	const unsigned done = work->done;
	const unsigned device = i % DEVICES;
	char topic[BARE_MQTT_TOPIC_BYTES];
	const double from = bench_keeper_now();
	const char *why = "";
	enum err err = OK;

	work->newest = DEVICES;
	err = send_to(work, device, i, &why);
	while (!err && work->newest != device) {
		err = loop_run_once(work->loop, 100);
		if (!err && loop_now_ms() > end_ms)
			err = ERR_TIMEOUT;
	}
	work->sent_ms[i] = (bench_keeper_now() - from) * MS;
	if (!err)
		err = bare_mqtt_publish(work->devices,
					device_topic(topic, device, "state"),
					"{\"state\":\"ON\",\"brightness\":10}", true);
	while (!err && work->done == done) {
		err = loop_run_once(work->loop, 100);
		if (!err && loop_now_ms() > end_ms)
			err = ERR_TIMEOUT;
	}
	work->confirmed_ms[i] = (bench_keeper_now() - from) * MS;
	if (!err && work->answers[i])
		err = work->answers[i];
	return err ? err_say(err, note, "command %u: %s", i, err_words(err)) : OK;
}

/* The same four steps and the same broker, without the bus. */
static enum err bare_commands(struct work *work, struct err_note *note)
{
	struct bare_mqtt *client = NULL;
	char topic[BARE_MQTT_TOPIC_BYTES];
	enum err err = bare_mqtt_open(work->broker.port, "hub", work->hub_password,
				      &client, note);

	for (unsigned i = 0; !err && i < COMMANDS; i++) {
		const double from = bench_keeper_now();
		unsigned got = DEVICES;

		err = bare_mqtt_publish_twice_sure(client,
						   device_topic(topic, i % DEVICES,
								"set"),
						   "{\"state\":\"ON\"}");
		if (!err && !(take_message(work, MESSAGE_MS, &got) && got == i % DEVICES))
			err = ERR_TIMEOUT;
		work->bare_ms[i] = (bench_keeper_now() - from) * MS;
	}
	bare_mqtt_close(client);
	return err ? err_say(err, note, "a bare command: %s", err_words(err)) : OK;
}

static enum err command(struct work *work, struct bench_run *run, struct err_note *note)
{
	double p99;
	double bare;
	enum err err = loop_watch(work->loop, bare_mqtt_fd(work->devices), LOOP_READ,
				  on_device, work);

	for (unsigned i = 0; !err && i < COMMANDS; i++)
		err = one_command(work, i, note);
	loop_forget(work->loop, bare_mqtt_fd(work->devices));
	if (!err)
		err = bare_commands(work, note);
	if (err)
		return err;
	p99 = bench_percentile(work->sent_ms, COMMANDS, PERCENT_P99);
	bare = bench_percentile(work->bare_ms, COMMANDS, PERCENT_P99);
	bench_add(run, "command_p50_ms",
		  bench_percentile(work->sent_ms, COMMANDS, PERCENT_P50), 3,
		  "from the request until it is at its device");
	bench_add(run, "command_p99_ms", p99, 3, "");
	bench_add(run, "command_bare_p50_ms",
		  bench_percentile(work->bare_ms, COMMANDS, PERCENT_P50), 3, "");
	bench_add(run, "command_bare_p99_ms", bare, 3, "a bare client, the same broker");
	bench_add(run, "command_ratio", p99 / bare, 2, "");
	bench_add(run, "confirmed_p50_ms",
		  bench_percentile(work->confirmed_ms, COMMANDS, PERCENT_P50), 3, "");
	bench_add(run, "confirmed_p99_ms",
		  bench_percentile(work->confirmed_ms, COMMANDS, PERCENT_P99), 3,
		  "until the device has said that it did it");
	return OK;
}

/* --- a broker that dies ----------------------------------------------------------------- */

static bool all_answered(struct work *work)
{
	return work->done >= AT_DEATH;
}

/* The loop runs on without it; what is asked for meanwhile is refused. */
static enum err stay_away(struct work *work, unsigned *out_taken)
{
	const int64_t end_ms = loop_now_ms() + AWAY_MS;
	const char *why = "";
	enum err err = OK;

	*out_taken = 0;
	while (!err && loop_now_ms() < end_ms) {
		err = loop_run_once(work->loop, 1);
		*out_taken += !bus_is_up(&work->bus) && send_to(work, AT_DEATH, AT_DEATH,
								&why) == OK
				      ? 1
				      : 0;
	}
	return err;
}

static enum err kill_and_restart(struct work *work, double *out_ms, double *out_known_ms,
				 struct err_note *note)
{
	unsigned taken = 0;
	double from;
	unsigned device;
	const char *why = "";
	enum err err = OK;

	work->done = 0;
	memset(work->heard, 0, sizeof(work->heard));
	memset(work->answers, 0, sizeof(work->answers));
	for (unsigned i = 0; !err && i < AT_DEATH; i++)
		err = send_to(work, i, i, &why);
	if (err)
		return err_say(err, note, "%s", why);
	(void)kill(work->pid, SIGKILL);
	while (take_message(work, 0, &device))
		;
	end_broker(work, SIGKILL);
	err = run_until(work, all_answered, "every command had its answer", note);
	if (!err)
		err = stay_away(work, &taken);
	if (!err && taken > 0)
		err = err_say(ERR_IO, note, "%u commands were taken with no broker there",
			      taken);
	if (!err)
		err = start_broker(work, note);
	if (!err)
		err = furnish(work,
			      note); /* what it kept, it may have lost with its life */
	from = bench_keeper_now();
	if (!err)
		err = run_until(work, is_up, "the bus was back", note);
	*out_ms = (bench_keeper_now() - from) * MS;
	if (!err)
		err = run_until(work, knows_all, "all states were known again", note);
	*out_known_ms = (bench_keeper_now() - from) * MS;
	return err;
}

static enum err die(struct work *work, struct bench_run *run, struct err_note *note)
{
	unsigned lost = 0;
	unsigned before[AT_DEATH];
	unsigned repeated = 0;
	unsigned device;
	double back_ms = 0;
	double known_ms = 0;
	enum err err = kill_and_restart(work, &back_ms, &known_ms, note);

	for (unsigned i = 0; i < AT_DEATH; i++)
		before[i] = work->heard[i];
	for (const int64_t end_ms = loop_now_ms() + LATE_MS;
	     !err && loop_now_ms() < end_ms;) {
		err = loop_run_once(work->loop, 1);
		while (take_message(work, 0, &device))
			;
	}
	for (unsigned i = 0; i < AT_DEATH; i++) {
		lost += work->answers[i] == OK && work->heard[i] == 0 ? 1 : 0;
		repeated += work->heard[i] > before[i] || work->heard[i] > 1 ? 1 : 0;
	}
	if (err)
		return err;
	bench_add(run, "reconnect_ms", back_ms, 0,
		  "after 5 s away, from when the broker answers");
	bench_add(run, "reconnect_known_ms", known_ms, 0,
		  "and all states are known again");
	bench_add(run, "lost", lost, 0, "commands said to be done that never arrived");
	bench_add(run, "repeated", repeated, 0,
		  "that arrived again, or after their time");
	return OK;
}

static enum err run_home(struct bench_run *run, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	enum err err = work ? prepare(work, note) : ERR_MEMORY;

	if (!err)
		err = furnish(work, note);
	if (!err)
		err = find(work, run, note);
	if (!err)
		err = command(work, run, note);
	if (!err)
		err = die(work, run, note);
	if (work)
		finish(work);
	return err;
}

const struct bench bench_home = {
	.name = "home",
	.summary = "the home bus with 1,000 devices, and a broker that dies",
	.run = run_home,
};
