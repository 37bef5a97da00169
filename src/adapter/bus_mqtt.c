/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_mqtt - one connection to the broker, and what is under way on it.
 * tour 9/10: an adapter, the only file that knows libmosquitto; next: keeper/main.c.
 *
 * Each attempt to connect has a client of its own. libmosquitto would send again what
 * was not acknowledged; a client that is destroyed cannot. Commands go with quality of
 * service 2, not for "exactly once" but because it takes our word twice: a broker that
 * stalls with the command in hand still needs our release, which a late one never gets.
 * Invariants: a command is open only while its client lives, and a client whose command
 * was not acknowledged in time is destroyed together with what the kernel has not sent.
 * Clients are never destroyed inside their own callbacks: those only set flags, and
 * settle() acts when they have returned. What devices mean is in mqtt_home.c.
 */
#include "adapter/bus_mqtt.h"

#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapter/discovery.h"
#include "adapter/mqtt_home.h"
#include "adapter/mqtt_status.h"
#include "adapter/mqtt_trouble.h"
#include "adapter/refusals.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

enum {
	PENDING_MAX = 64,
	COMMAND_QOS = 2,
	KEEPALIVE_S = 20,
	MISC_MS = 1000,           /* how often libmosquitto looks at its keep-alive */
	CONNECT_MS = 5000,        /* from the first byte to the broker's welcome */
	RETRY_MS = 200,           /* the first wait; it doubles */
	RETRY_MAX_MS = 1500,      /* a broker that comes back is found within 2 s */
	RETRY_REFUSED_MS = 10000, /* one that does not take us is not asked so often */
	STEADY_MS = 5000, /* a connection that lived so long starts the waits anew */
	CHANGED_MS = 50,  /* announcements are gathered so long */
	SWEEP_MS = 60000, /* time to announce oneself after a connection */
	TROUBLE_BYTES = 384,
	CLIENT_ID_BYTES = 32,
	READS_MAX = 64, /* packets that are read before others have their turn */
};

struct pending {
	uint64_t token;
	int64_t sent_ms;
	size_t open_count; /* messages that the broker has not yet acknowledged */
	int ids[MQTT_MESSAGES_MAX];
	struct action action;
	struct mqtt_mark mark; /* what its device had said before */
};

struct bus_mqtt {
	struct loop *loop;
	struct bus_listener listener;
	struct rand rand;
	char host[BUS_MQTT_HOST_BYTES];
	char user[BUS_MQTT_USER_BYTES];
	char password[BUS_MQTT_PASSWORD_BYTES];
	char prefix[BUS_MQTT_PREFIX_BYTES];
	char status_topic[BUS_MQTT_PREFIX_BYTES + 8];
	uint16_t port;
	bool tls;
	bool is_silent;
	char authority[BUS_MQTT_PATH_BYTES];
	char certificate[BUS_MQTT_PATH_BYTES];
	char key[BUS_MQTT_PATH_BYTES];
	struct mqtt_home *home;
	enum err (*command)(const struct mqtt_device *device, const struct action *action,
			    struct mqtt_messages *out_messages);

	struct mosquitto *client; /* NULL between attempts */
	int fd;                   /* watched, -1 none */
	int64_t started_ms;       /* of the attempt, then of the connection */
	bool up;
	bool inside;    /* a callback of the client is running */
	bool broken;    /* the client is to be destroyed by settle() */
	bool refused;   /* the broker said why; keep that as trouble */
	bool tls_told;  /* the trouble is what TLS said, of this attempt or one before */
	bool changed;   /* the listener is to be told */
	unsigned heard; /* callbacks, to know whether reading came to something */
	unsigned retries;
	struct mqtt_status status;
	char trouble[TROUBLE_BYTES];
	char logged[TROUBLE_BYTES]; /* the last trouble in the log */

	size_t pending_count;
	struct pending pending[PENDING_MAX];

	uint64_t retry_timer;
	uint64_t misc_timer;
	uint64_t ack_timer;
	uint64_t changed_timer;
	uint64_t sweep_timer;
	uint64_t settle_timer;
	uint64_t more_timer;

	struct refusals refusals;
	struct flood flood;
};

static void check_acks(void *context);
static void start_connecting(void *context);
static void read_more(void *context);
static void tell_changed(void *context);

/* Arms a timer unless it runs. Without room in the loop nothing works any more. */
static void arm(struct bus_mqtt *bus, uint64_t *id, int64_t delay_ms, loop_timer_fn *fn)
{
	if (*id == 0)
		must(loop_after(bus->loop, delay_ms, fn, bus, id) == OK);
}

static void disarm(struct bus_mqtt *bus, uint64_t *id)
{
	if (*id != 0)
		loop_cancel(bus->loop, *id);
	*id = 0;
}

static void set_trouble(struct bus_mqtt *bus, const char *words)
{
	bus->tls_told = false;
	if (!words)
		bus->trouble[0] = 0;
	else
		(void)str_format(bus->trouble, sizeof(bus->trouble),
				 "the broker at %s:%u %s", bus->host, bus->port, words);
}

/* --- commands under way --- */

static void finish_pending(struct bus_mqtt *bus, size_t at, enum err err)
{
	uint64_t token = bus->pending[at].token;

	must(at < bus->pending_count);
	bus->pending_count--;
	memmove(&bus->pending[at], &bus->pending[at + 1],
		(bus->pending_count - at) * sizeof(bus->pending[0]));
	if (bus->listener.done)
		bus->listener.done(bus->listener.context, token, err);
}

/* Commands that the listener sends meanwhile find the bus down and are not added. */
static void finish_all_pending(struct bus_mqtt *bus, enum err err)
{
	must(!bus->up);
	while (bus->pending_count > 0)
		finish_pending(bus, 0, err);
}

/* --- the connection's end --- */

/* Between 3/4 and 5/4 of the doubling wait, so that a house's hubs do not come at once. */
static int64_t retry_delay_ms(struct bus_mqtt *bus)
{
	const int64_t most_ms =
		bus->refused || bus->tls_told ? RETRY_REFUSED_MS : RETRY_MAX_MS;
	int64_t delay_ms = RETRY_MS;
	uint8_t random = 0;

	for (unsigned i = 0; i < bus->retries && delay_ms < most_ms; i++)
		delay_ms *= 2;
	if (delay_ms > most_ms)
		delay_ms = most_ms;
	rand_fill(&bus->rand, &random, sizeof(random));
	return delay_ms * (384 + random) / 512;
}

/* Closing with linger 0 makes the kernel forget what it has not sent. */
static void abort_socket(struct bus_mqtt *bus)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};

	if (bus->fd >= 0 &&
	    setsockopt(bus->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) != 0)
		log_line("bus: cannot abort the connection errno=%d", errno);
}

static void destroy_client(struct bus_mqtt *bus)
{
	must(!bus->inside);
	if (bus->fd >= 0)
		loop_forget(bus->loop, bus->fd);
	if (bus->client && mosquitto_socket(bus->client) == bus->fd)
		abort_socket(bus);
	bus->fd = -1;
	mosquitto_destroy(bus->client);
	bus->client = NULL;
	bus->broken = false;
	disarm(bus, &bus->misc_timer);
	disarm(bus, &bus->ack_timer);
	disarm(bus, &bus->sweep_timer);
	disarm(bus, &bus->more_timer);
}

/* One line for each new trouble, not for each attempt. */
static void log_trouble(struct bus_mqtt *bus)
{
	if (str_equal(bus->trouble, bus->logged))
		return;
	log_line("bus: away: %s", bus->trouble);
	(void)str_copy(bus->logged, sizeof(bus->logged), bus->trouble);
}

/* Ends this connection, says so, and plans the next. NULL: the trouble stays the same. */
static void drop(struct bus_mqtt *bus, const char *words)
{
	bool was_up = bus->up;

	if (was_up && loop_now_ms() - bus->started_ms >= STEADY_MS)
		bus->retries = 0;
	destroy_client(bus);
	bus->up = false;
	if (words && (!bus->refused || was_up))
		set_trouble(bus, words);
	log_trouble(bus);
	arm(bus, &bus->retry_timer, retry_delay_ms(bus), start_connecting);
	bus->retries++;
	finish_all_pending(bus, ERR_CLOSED);
	if (was_up && bus->listener.changed)
		bus->listener.changed(bus->listener.context);
}

/* A broker that does not take our certificate says so when we think that all is well, and
 * what it says can be lost: what it said before still holds. */
static const char *end_words(const struct bus_mqtt *bus)
{
	if (bus->up)
		return "closed the connection";
	if (!bus->tls)
		return "does not answer";
	return bus->tls_told ? NULL : "does not answer, or does not take our certificate";
}

/* After every call into the client: acts on what its callbacks found. */
static void settle(struct bus_mqtt *bus, int rc)
{
	unsigned wanted = LOOP_READ;

	if (!bus->client)
		return;
	if (rc != MOSQ_ERR_SUCCESS || bus->broken || mosquitto_socket(bus->client) < 0) {
		drop(bus, end_words(bus));
		return;
	}
	if (mosquitto_want_write(bus->client))
		wanted |= LOOP_WRITE;
	loop_want(bus->loop, bus->fd, wanted);
	if (bus->changed)
		arm(bus, &bus->changed_timer, CHANGED_MS, tell_changed);
}

static void tell_changed(void *context)
{
	struct bus_mqtt *bus = context;

	bus->changed_timer = 0;
	bus->changed = false;
	if (bus->listener.changed)
		bus->listener.changed(bus->listener.context);
}

/* First the broker's, then the device's. */
static int64_t deadline_ms(const struct pending *pending)
{
	return pending->sent_ms + (pending->open_count > 0 ? BUS_ACK_MS : BUS_CONFIRM_MS);
}

/* The first command that is over its deadline; pending_count for none. */
static size_t find_late(const struct bus_mqtt *bus, int64_t now_ms)
{
	size_t at = 0;

	while (at < bus->pending_count && deadline_ms(&bus->pending[at]) > now_ms)
		at++;
	return at;
}

static void arm_acks(struct bus_mqtt *bus)
{
	int64_t first_ms = INT64_MAX;

	for (size_t i = 0; i < bus->pending_count; i++)
		if (deadline_ms(&bus->pending[i]) < first_ms)
			first_ms = deadline_ms(&bus->pending[i]);
	disarm(bus, &bus->ack_timer);
	if (bus->pending_count > 0)
		arm(bus, &bus->ack_timer, first_ms - loop_now_ms(), check_acks);
}

static void check_acks(void *context)
{
	struct bus_mqtt *bus = context;
	int64_t now_ms = loop_now_ms();
	bool silent = false;

	bus->ack_timer = 0;
	for (size_t at = find_late(bus, now_ms); at < bus->pending_count;
	     at = find_late(bus, now_ms)) {
		bool sent = bus->pending[at].open_count == 0;

		silent = silent || !sent;
		finish_pending(bus, at, sent ? ERR_BUSY : ERR_TIMEOUT);
	}
	if (silent && bus->client)
		drop(bus, "does not acknowledge commands");
	else
		arm_acks(bus);
}

/* Ends every command that was acknowledged and that its device has confirmed. */
static void check_confirmed(struct bus_mqtt *bus)
{
	size_t at = 0;

	while (at < bus->pending_count) {
		struct pending *pending = &bus->pending[at];
		const struct mqtt_device *device =
			mqtt_home_find(bus->home, pending->action.entity);

		if (pending->open_count > 0 || !device ||
		    !mqtt_device_confirms(device, &pending->action, &pending->mark)) {
			at++;
			continue;
		}
		finish_pending(bus, at, OK);
		at = 0; /* the listener may have sent more */
	}
}

/* --- what the broker says --- */

static void subscribe(struct bus_mqtt *bus, const char *filter)
{
	if (mosquitto_subscribe(bus->client, NULL, filter, 0) != MOSQ_ERR_SUCCESS)
		bus->broken = true;
}

static void subscribe_discovery(struct bus_mqtt *bus)
{
	char filter[BUS_MQTT_PREFIX_BYTES + 32];

	must(str_format(filter, sizeof(filter), "%s/+/+/config", bus->prefix));
	subscribe(bus, filter);
	must(str_format(filter, sizeof(filter), "%s/+/+/+/config", bus->prefix));
	subscribe(bus, filter);
}

/* A device begins or ends to hear a topic. */
static void topic_wanted(void *context, const char *topic, bool wanted)
{
	struct bus_mqtt *bus = context;

	if (!bus->client || !bus->up)
		return;
	if (wanted)
		subscribe(bus, topic);
	else if (mosquitto_unsubscribe(bus->client, NULL, topic) != MOSQ_ERR_SUCCESS)
		bus->broken = true;
}

static void sweep(void *context)
{
	struct bus_mqtt *bus = context;

	bus->sweep_timer = 0;
	bus->inside = true;
	if (mqtt_home_sweep(bus->home))
		bus->changed = true;
	bus->inside = false;
	settle(bus, MOSQ_ERR_SUCCESS);
}

static const char *refusal_words(int rc)
{
	switch (rc) {
	case 1:
		return "does not speak MQTT 3.1.1";
	case 4:
	case 5:
		return "refused the user name or password";
	default:
		return "refused the connection";
	}
}

/* Devices announce themselves anew when they see this. */
static void say_online(struct bus_mqtt *bus)
{
	if (bus->is_silent)
		return;
	mqtt_status_sent(&bus->status);
	if (mosquitto_publish(bus->client, NULL, bus->status_topic, 6, "online", 0,
			      false) != MOSQ_ERR_SUCCESS)
		bus->broken = true;
}

static void on_connect(struct mosquitto *client, void *context, int rc)
{
	struct bus_mqtt *bus = context;

	(void)client;
	bus->heard++;
	if (rc != 0) {
		bus->refused = true;
		bus->broken = true;
		set_trouble(bus, refusal_words(rc));
		return;
	}
	bus->up = true;
	bus->refused = false;
	bus->changed = true;
	bus->started_ms = loop_now_ms();
	set_trouble(bus, NULL);
	bus->logged[0] = 0;
	log_line("bus: connected");
	subscribe_discovery(bus);
	if (!bus->is_silent)
		subscribe(bus, bus->status_topic);
	mqtt_home_begin(bus->home);
	mqtt_status_begin(&bus->status);
	say_online(bus);
	arm(bus, &bus->sweep_timer, SWEEP_MS, sweep);
}

static void on_publish(struct mosquitto *client, void *context, int id)
{
	struct bus_mqtt *bus = context;

	(void)client;
	bus->heard++;
	for (size_t i = 0; i < bus->pending_count; i++) {
		struct pending *pending = &bus->pending[i];

		for (size_t j = 0; j < pending->open_count; j++) {
			if (pending->ids[j] != id)
				continue;
			pending->ids[j] = pending->ids[--pending->open_count];
			check_confirmed(bus);
			arm_acks(bus);
			return;
		}
	}
}

/* Into the log, and to the listener; the note begins with the topic. */
static void tell_refusal(struct bus_mqtt *bus, const char *topic, const char *note)
{
	const char *why = note;

	if (bus->refusals.untold > 0 &&
	    loop_now_ms() - bus->refusals.since_ms >= REFUSALS_MS) {
		log_line("bus: announcements refused without a line count=%u",
			 bus->refusals.untold);
		bus->refusals.untold = 0;
	}
	if (!refusals_take(&bus->refusals, topic, note, loop_now_ms()))
		return;
	log_line("bus: announcement refused: %s", note);
	if (str_starts(why, topic) && why[strlen(topic)] == ':')
		why += strlen(topic) + 1;
	why += *why == ' ' ? 1 : 0;
	if (bus->listener.refused)
		bus->listener.refused(bus->listener.context, topic, why);
}

static void take_announcement(struct bus_mqtt *bus,
			      const struct mosquitto_message *message)
{
	struct err_note note = {""};
	bool changed = false;
	enum err err = mqtt_home_announce(bus->home, message->topic, message->payload,
					  (size_t)message->payloadlen, &changed, &note);

	if (err || note.text[0])
		tell_refusal(bus, message->topic,
			     note.text[0] ? note.text : err_words(err));
	if (!err && changed)
		bus->changed = true;
}

/* What is retained comes in thousands when we come; what is not comes by and by. */
static void watch_flood(struct bus_mqtt *bus, const char *topic)
{
	struct err_note note = {""};

	if (!flood_take(&bus->flood, loop_now_ms()))
		return;
	(void)err_say(ERR_LIMIT, &note, "%s: more than %d messages within a second",
		      topic, FLOOD_MAX);
	tell_refusal(bus, topic, note.text);
}

static void take_state(struct bus_mqtt *bus, const struct mosquitto_message *message)
{
	struct err_note note = {""};

	if (!message->retain)
		watch_flood(bus, message->topic);
	(void)mqtt_home_hear(bus->home, message->topic, message->payload,
			     (size_t)message->payloadlen, &note);
	if (note.text[0])
		tell_refusal(bus, message->topic, note.text);
}

static void on_message(struct mosquitto *client, void *context,
		       const struct mosquitto_message *message)
{
	struct bus_mqtt *bus = context;

	(void)client;
	bus->heard++;
	if (message->payloadlen < 0)
		return;
	if (str_equal(message->topic, bus->status_topic)) {
		if (mqtt_status_hear(&bus->status, message->payload,
				     (size_t)message->payloadlen, message->retain,
				     loop_now_ms()))
			say_online(bus);
		return;
	}
	if (discovery_is_topic(bus->prefix, message->topic))
		take_announcement(bus, message);
	else
		take_state(bus, message);
	check_confirmed(bus);
}

/* --- the connection's beginning --- */

/* After a pause of ours the release of a late command must not go out first. */
static bool is_late(const struct bus_mqtt *bus)
{
	const size_t at = find_late(bus, loop_now_ms());

	return at < bus->pending_count && bus->pending[at].open_count > 0;
}

/* libmosquitto takes one packet at a call, and under TLS has more of them in a buffer of
 * its own, of which the socket knows nothing. */
static int read_packets(struct bus_mqtt *bus)
{
	int rc = MOSQ_ERR_SUCCESS;

	for (int i = 0; i < READS_MAX; i++) {
		const unsigned heard = bus->heard;

		errno = 0;
		rc = mosquitto_loop_read(bus->client, 1);
		if (rc != MOSQ_ERR_SUCCESS || bus->broken || is_late(bus) ||
		    (errno == EAGAIN && heard == bus->heard))
			return rc;
	}
	if (bus->tls)
		arm(bus, &bus->more_timer, 0, read_more);
	return rc;
}

static void read_more(void *context)
{
	struct bus_mqtt *bus = context;
	int rc = MOSQ_ERR_SUCCESS;

	bus->more_timer = 0;
	bus->inside = true;
	if (mosquitto_socket(bus->client) >= 0)
		rc = read_packets(bus);
	bus->inside = false;
	settle(bus, rc);
}

/* A broker that gathers small packets sends the next when this one was acknowledged, for
 * which the kernel may take 40 ms. The wish holds for a while only. */
static void acknowledge_now(int fd)
{
	const int on = 1;

	(void)!setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void on_ready(void *context, int fd, unsigned ready)
{
	struct bus_mqtt *bus = context;
	int rc = MOSQ_ERR_SUCCESS;

	must(fd == bus->fd);
	if (is_late(bus)) {
		disarm(bus, &bus->ack_timer);
		check_acks(bus);
		return;
	}
	bus->inside = true;
	if (ready & LOOP_READ) {
		rc = read_packets(bus);
		acknowledge_now(fd);
	}
	if (rc == MOSQ_ERR_SUCCESS && (ready & LOOP_WRITE) &&
	    mosquitto_socket(bus->client) >= 0)
		rc = mosquitto_loop_write(bus->client, 1);
	bus->inside = false;
	settle(bus, rc);
}

static void on_misc(void *context)
{
	struct bus_mqtt *bus = context;
	int rc = MOSQ_ERR_SUCCESS;

	bus->misc_timer = 0;
	bus->inside = true;
	rc = mosquitto_loop_misc(bus->client);
	bus->inside = false;
	if (!bus->up && loop_now_ms() - bus->started_ms >= CONNECT_MS)
		bus->broken = true;
	arm(bus, &bus->misc_timer, MISC_MS, on_misc);
	settle(bus, rc);
}

/* What OpenSSL says of a connection that TLS refused is nowhere but in the library's log. */
static void on_log(struct mosquitto *client, void *context, int level, const char *line)
{
	struct bus_mqtt *bus = context;
	const char *words = mqtt_trouble_words(line);

	(void)client;
	if (level != MOSQ_LOG_ERR || !words || bus->up)
		return;
	bus->refused = true;
	set_trouble(bus, words);
	bus->tls_told = true;
}

/* A key that wants a passphrase has no terminal to ask at. */
static int no_passphrase(char *to, int size, int is_writing, void *context)
{
	(void)to;
	(void)size;
	(void)is_writing;
	(void)context;
	return 0;
}

static bool set_tls(struct bus_mqtt *bus)
{
	static const int VERIFY_PEER = 1;
	const char *authority = bus->authority[0] ? bus->authority : NULL;
	const char *certificate = bus->certificate[0] ? bus->certificate : NULL;
	const char *key = bus->key[0] ? bus->key : NULL;

	mosquitto_log_callback_set(bus->client, on_log);
	return mosquitto_tls_set(bus->client, authority,
				 authority ? NULL : "/etc/ssl/certs", certificate, key,
				 no_passphrase) == MOSQ_ERR_SUCCESS &&
	       mosquitto_tls_opts_set(bus->client, VERIFY_PEER, NULL, NULL) ==
		       MOSQ_ERR_SUCCESS;
}

/* Beside somebody else who says so, that we leave does not mean that the house is away. */
static bool set_will(struct bus_mqtt *bus)
{
	return bus->is_silent || bus->status.has_neighbour ||
	       mosquitto_will_set(bus->client, bus->status_topic, 7, "offline", 0,
				  false) == MOSQ_ERR_SUCCESS;
}

static bool make_client(struct bus_mqtt *bus)
{
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	char id[CLIENT_ID_BYTES];

	rand_fill(&bus->rand, random, sizeof(random));
	str_to_hex(hex, random, sizeof(random));
	if (!str_format(id, sizeof(id), "behest-%s", hex))
		return false;
	bus->client = mosquitto_new(id, true, bus);
	if (!bus->client)
		return false;
	mosquitto_connect_callback_set(bus->client, on_connect);
	mosquitto_publish_callback_set(bus->client, on_publish);
	mosquitto_message_callback_set(bus->client, on_message);
	return mosquitto_int_option(bus->client, MOSQ_OPT_PROTOCOL_VERSION,
				    MQTT_PROTOCOL_V311) == MOSQ_ERR_SUCCESS &&
	       mosquitto_int_option(bus->client, MOSQ_OPT_SEND_MAXIMUM, PENDING_MAX) ==
		       MOSQ_ERR_SUCCESS &&
	       mosquitto_int_option(bus->client, MOSQ_OPT_TCP_NODELAY, 1) ==
		       MOSQ_ERR_SUCCESS &&
	       set_will(bus) &&
	       (!bus->user[0] ||
		mosquitto_username_pw_set(bus->client, bus->user, bus->password) ==
			MOSQ_ERR_SUCCESS);
}

static void start_connecting(void *context)
{
	struct bus_mqtt *bus = context;
	int rc = MOSQ_ERR_SUCCESS;

	bus->retry_timer = 0;
	must(!bus->client && !bus->up);
	bus->started_ms = loop_now_ms();
	bus->refused = false;
	if (!make_client(bus)) {
		drop(bus, "cannot be reached: out of memory");
		return;
	}
	if (bus->tls && !set_tls(bus)) {
		drop(bus, "cannot be reached: a file of its [broker] settings for TLS "
			  "cannot be read");
		return;
	}
	rc = mosquitto_connect_async(bus->client, bus->host, bus->port, KEEPALIVE_S);
	if (rc != MOSQ_ERR_SUCCESS) {
		drop(bus, rc == MOSQ_ERR_TLS || rc == MOSQ_ERR_CONN_LOST
				  ? end_words(bus)
				  : "does not answer");
		return;
	}
	bus->fd = mosquitto_socket(bus->client);
	if (bus->fd < 0 || loop_watch(bus->loop, bus->fd, LOOP_READ, on_ready, bus)) {
		bus->fd = -1;
		drop(bus, "cannot be watched");
		return;
	}
	arm(bus, &bus->misc_timer, MISC_MS, on_misc);
	settle(bus, MOSQ_ERR_SUCCESS);
}

/* --- the port --- */

static void settle_soon(void *context)
{
	struct bus_mqtt *bus = context;

	bus->settle_timer = 0;
	settle(bus, MOSQ_ERR_SUCCESS);
}

/* What a command could not send ends its connection, outside of this call. */
static enum err fail_sending(struct bus_mqtt *bus)
{
	bus->broken = true;
	arm(bus, &bus->settle_timer, 0, settle_soon);
	return ERR_CLOSED;
}

static enum err bus_mqtt_command(void *self, const struct action *action, uint64_t token)
{
	struct bus_mqtt *bus = self;
	const struct mqtt_device *device = mqtt_home_find(bus->home, action->entity);
	struct mqtt_messages messages = {0};
	struct pending pending = {.token = token,
				  .sent_ms = loop_now_ms(),
				  .action = *action};
	enum err err = OK;

	if (!bus->up || bus->broken)
		return ERR_CLOSED;
	if (!device)
		return ERR_MISSING;
	if (mqtt_device_is_offline(device))
		return ERR_CLOSED;
	if (bus->pending_count == PENDING_MAX)
		return ERR_LIMIT;
	pending.mark = mqtt_device_mark(device);
	err = bus->command(device, action, &messages);
	if (err)
		return err;
	for (size_t i = 0; i < messages.count; i++) {
		const struct mqtt_message *message = &messages.items[i];

		if (mosquitto_publish(bus->client, &pending.ids[i], message->topic,
				      (int)strlen(message->payload), message->payload,
				      COMMAND_QOS, false) != MOSQ_ERR_SUCCESS)
			return fail_sending(bus);
		pending.open_count++;
	}
	bus->pending[bus->pending_count++] = pending;
	arm_acks(bus);
	if (!bus->inside)
		settle(bus, MOSQ_ERR_SUCCESS);
	return OK;
}

static const struct home *bus_mqtt_home(void *self)
{
	struct bus_mqtt *bus = self;

	return mqtt_home_value(bus->home);
}

static bool bus_mqtt_is_up(void *self)
{
	const struct bus_mqtt *bus = self;

	return bus->up;
}

static const char *bus_mqtt_trouble(void *self)
{
	const struct bus_mqtt *bus = self;

	return bus->trouble;
}

/* Says goodbye as far as that goes without waiting. */
static void say_offline(struct bus_mqtt *bus)
{
	if (bus->is_silent || bus->status.has_neighbour ||
	    mosquitto_publish(bus->client, NULL, bus->status_topic, 7, "offline", 0,
			      false) == MOSQ_ERR_SUCCESS)
		(void)!mosquitto_disconnect(bus->client);
}

static void bus_mqtt_close(void *self)
{
	struct bus_mqtt *bus = self;

	must(!bus->inside);
	if (bus->up) {
		loop_forget(bus->loop, bus->fd);
		bus->fd = -1;
		say_offline(bus);
	}
	bus->up = false;
	destroy_client(bus);
	disarm(bus, &bus->retry_timer);
	disarm(bus, &bus->changed_timer);
	disarm(bus, &bus->settle_timer);
	finish_all_pending(bus, ERR_CLOSED);
	mqtt_home_destroy(bus->home);
	explicit_bzero(bus->password, sizeof(bus->password));
	free(bus);
	(void)!mosquitto_lib_cleanup();
}

static const struct bus_ops BUS_MQTT_OPS = {
	.command = bus_mqtt_command,
	.home = bus_mqtt_home,
	.is_up = bus_mqtt_is_up,
	.trouble = bus_mqtt_trouble,
	.close = bus_mqtt_close,
};

static bool copy_path(char to[BUS_MQTT_PATH_BYTES], const char *path)
{
	return str_copy(to, BUS_MQTT_PATH_BYTES, path ? path : "");
}

static bool copy_tls(struct bus_mqtt *bus, const struct bus_mqtt_tls *tls)
{
	bus->tls = tls->on;
	return copy_path(bus->authority, tls->authority) &&
	       copy_path(bus->certificate, tls->certificate) &&
	       copy_path(bus->key, tls->key) &&
	       (bus->certificate[0] != '\0') == (bus->key[0] != '\0');
}

static bool copy_settings(struct bus_mqtt *bus, const struct bus_mqtt_settings *settings)
{
	bus->port = settings->port;
	bus->is_silent = settings->is_silent;
	bus->command = settings->command ? settings->command : mqtt_device_command;
	return settings->host && settings->host[0] && settings->port > 0 &&
	       settings->discovery && settings->discovery[0] &&
	       !strpbrk(settings->discovery, "+#$") &&
	       str_copy(bus->host, sizeof(bus->host), settings->host) &&
	       str_copy(bus->user, sizeof(bus->user),
			settings->user ? settings->user : "") &&
	       str_copy(bus->password, sizeof(bus->password),
			settings->password ? settings->password : "") &&
	       copy_tls(bus, &settings->tls) &&
	       str_copy(bus->prefix, sizeof(bus->prefix), settings->discovery) &&
	       str_format(bus->status_topic, sizeof(bus->status_topic), "%s/status",
			  bus->prefix);
}

enum err bus_mqtt_open(struct loop *loop, const struct bus_mqtt_settings *settings,
		       struct bus_listener listener, struct rand rand,
		       struct bus *out_bus)
{
	struct bus_mqtt *bus = calloc(1, sizeof(*bus));
	enum err err = OK;

	if (!bus)
		return ERR_MEMORY;
	*bus = (struct bus_mqtt){.loop = loop,
				 .listener = listener,
				 .rand = rand,
				 .fd = -1};
	if (!copy_settings(bus, settings)) {
		err = ERR_RANGE;
		goto out;
	}
	set_trouble(bus, "has not answered yet");
	err = mqtt_home_create(bus->prefix, topic_wanted, bus, &bus->home);
	if (err)
		goto out;
	if (mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
		err = ERR_MEMORY;
		goto out;
	}
	err = loop_after(loop, 0, start_connecting, bus, &bus->retry_timer);
	if (err) {
		(void)!mosquitto_lib_cleanup();
		goto out;
	}
	*out_bus = (struct bus){.ops = &BUS_MQTT_OPS, .self = bus};
	bus = NULL;
out:
	if (bus) {
		mqtt_home_destroy(bus->home);
		explicit_bzero(bus->password, sizeof(bus->password));
	}
	free(bus);
	return err;
}
