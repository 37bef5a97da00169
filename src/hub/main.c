/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-hub - sound and words in, decisions written down, local actions out.
 * tour 1/10: a program opens its parts in order, runs one loop and closes in reverse;
 * next: turn/turn.c, the line that all of this serves.
 *
 * Has no key, no stored recording and no way out but its sockets and the broker; what it
 * does not need it gives up before it opens anything (adapter/sandbox_linux).
 */
#include <string.h>

#include "adapter/broker_user.h"
#include "adapter/bus_mqtt.h"
#include "adapter/clock_system.h"
#include "adapter/keep_wire.h"
#include "adapter/phrasebook_file.h"
#include "adapter/rand_system.h"
#include "adapter/recogniser_pocketsphinx.h"
#include "base/log.h"
#include "base/program.h"
#include "base/seal.h"
#include "base/str.h"
#include "hub/calendar.h"
#include "hub/confine.h"
#include "hub/hub.h"

enum { LATE_RETRY_MS = 500 };

static const char USAGE[] =
	"usage: behest-hub --data DIR [--run DIR]\n"
	"The hub of a household: recogniser, decisions and the home bus. Usually started by\n"
	"`behest up`. Reads DIR/behest.conf; see behest-hub(8).\n";

static void retry_late(void *context)
{
	struct hub *hub = context;

	late_flush(hub->late);
	if (loop_after(hub->loop, LATE_RETRY_MS, retry_late, hub, NULL))
		log_line("hub: cannot set a timer");
}

static void recogniser_ready(void *context, int fd, unsigned ready)
{
	(void)fd;
	(void)ready;
	hub_rooms_heard(context);
}

static enum err open_keep(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct keep_listener listener = hub_keep_listener(hub);

	if (!file_join(path, sizeof(path), hub->run, "keeper/hub.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", hub->run);
	return keep_wire_create(hub->loop, path, &listener, &hub->keep, note);
}

static enum err open_bus(struct hub *hub, const char *password, struct err_note *note)
{
	const struct bus_mqtt_settings settings = {
		.host = hub->settings.broker_host[0] ? hub->settings.broker_host
						     : "127.0.0.1",
		.port = (uint16_t)hub->settings.broker_port,
		.user = hub->settings.broker_user,
		.password = password,
		.discovery = hub->settings.broker_discovery,
		.tls = {.on = str_equal(hub->settings.broker_tls, "yes"),
			.authority = hub->settings.broker_authority,
			.certificate =
				broker_user_certificate(BROKER_USER_HUB, &hub->settings),
			.key = broker_user_key(BROKER_USER_HUB, &hub->settings)},
	};

	enum err err = bus_mqtt_open(hub->loop, &settings, hub_bus_listener(hub),
				     hub->rand, &hub->bus);
	if (err)
		return err_say(err, note, "broker: a setting is empty or too long");
	return OK;
}

static enum err open_recogniser(struct hub *hub, struct err_note *note)
{
	enum err err = recogniser_pocketsphinx_create(NULL, &hub->recogniser, note);

	if (!err)
		err = loop_watch(hub->loop, hub->recogniser.fd, LOOP_READ,
				 recogniser_ready, hub);
	return err;
}

static enum err open_voice(struct hub *hub, struct err_note *note)
{
	if (str_equal(hub->settings.voice_engine, "none"))
		return OK;
	enum err err = speaking_create(hub, &hub->speaking);
	if (err)
		return err_say(err, note, "the voice cannot start");
	return OK;
}

/* Only a hub that rooms on other machines reach needs a key. */
static enum err open_identity(struct hub *hub, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = seal_init();

	hub->rand = rand_system();
	if (err || hub->settings.hub_listen[0] == '\0')
		return err;
	err = link_tls_resolve(hub->settings.hub_listen, true, &hub->place, note);
	if (!err)
		err = identity_hub_path(path, hub->data);
	if (!err)
		err = identity_open(path, &hub->rand, &hub->identity, note);
	return err;
}

static enum err open_calendar(struct hub *hub, struct err_note *note)
{
	enum err err;

	if (hub->settings.house_calendar[0] == '\0')
		return OK;
	err = calendar_create(hub->settings.house_calendar, &hub->calendar);
	return err ? err_say(err, note, "the calendar cannot start") : OK;
}

/* In this order: each part uses those before it. */
static enum err open_all(struct hub *hub, const char *password, struct err_note *note)
{
	enum err err;

	hub->clock = clock_system();
	err = loop_create(&hub->loop);
	if (!err)
		err = loop_stop_on_signals(hub->loop);
	if (!err)
		err = phrasebook_file_open(hub->settings.house_language, &hub->phrasebook,
					   note);
	if (!err)
		err = hub_routines_open(hub);
	if (!err)
		err = open_keep(hub, note);
	if (!err)
		err = late_create(&hub->keep, &hub->late);
	if (!err)
		err = open_bus(hub, password, note);
	if (!err)
		err = hub_music_open(hub, note);
	if (!err)
		err = open_recogniser(hub, note);
	if (!err)
		err = words_create(hub, &hub->words, note);
	if (!err)
		err = open_calendar(hub, note);
	if (!err)
		err = open_voice(hub, note);
	if (!err)
		err = hub_book_open(hub);
	if (!err)
		err = hub_skills_open(hub, note);
	if (!err)
		err = hub_links_open(hub, note);
	if (!err)
		err = hub_commands_open(hub, note);
	return err;
}

static void close_all(struct hub *hub)
{
	hub_commands_close(hub);
	hub_skills_close(hub);
	speaking_destroy(hub->speaking);
	calendar_destroy(hub->calendar);
	hub_links_close(hub);
	hub_rooms_close(hub);
	hub_book_close(hub);
	words_destroy(hub->words);
	if (hub->loop && hub->recogniser.ops)
		loop_forget(hub->loop, hub->recogniser.fd);
	recogniser_close(&hub->recogniser);
	hub_music_close(hub);
	bus_close(&hub->bus);
	late_destroy(hub->late);
	keep_close(&hub->keep);
	identity_close(&hub->identity);
	hub_routines_close(hub);
	phrasebook_destroy(hub->phrasebook);
	loop_destroy(hub->loop);
}

int main(int count, char **words)
{
	static struct program program = {.name = "behest-hub", .usage = USAGE};
	static struct hub hub;
	char password[BROKER_PASSWORD_BYTES] = "";
	struct err_note note = {""};
	int status = PROGRAM_FAILED;
	enum err err;

	log_name(program.name);
	if (!program_read(&program, count, words, &status))
		return status;
	hub.data = program.data;
	hub.run = program.run;
	err = broker_user_settings(hub.data, BROKER_USER_HUB, &hub.settings, &note);
	if (!err)
		err = broker_user_password(hub.data, BROKER_USER_HUB, &hub.settings,
					   password, &note);
	if (!err)
		err = quiet_read(hub.settings.house_quiet, &hub.quiet, &note);
	if (!err)
		err = broker_user_check_tls(BROKER_USER_HUB, &hub.settings, &note);
	if (!err)
		err = open_identity(&hub, &note);
	if (!err)
		err = hub_music_read(&hub, &note);
	if (!err)
		err = hub_confine(&hub.settings, hub.data, hub.run,
				  hub.identity.seed ? hub.place.port : 0, &note);
	if (!err)
		err = open_all(&hub, password, &note);
	seal_wipe(password, sizeof(password));
	if (!err) {
		log_line("hub: ready word=%s", hub.settings.wake_word);
		retry_late(&hub);
		err = loop_run(hub.loop);
	}
	if (err)
		log_line("hub: %s", note.text[0] ? note.text : err_words(err));
	close_all(&hub);
	return err ? PROGRAM_FAILED : PROGRAM_DONE;
}
