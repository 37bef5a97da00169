/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-bus - looks at a home through the home bus, and switches one thing on or off.
 *
 *   try-bus HOST PORT [USER PASSWORD-FILE [on|off ENTITY]]
 *
 * Shows what was announced within two seconds. For trying a broker by hand.
 */
#include <stdio.h>
#include <string.h>

#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"

enum { LISTEN_MS = 2000 };

struct trial {
	struct loop *loop;
	bool done;
	enum err err;
};

static void on_done(void *context, uint64_t token, enum err err)
{
	struct trial *trial = context;

	(void)token;
	trial->done = true;
	trial->err = err;
	loop_stop(trial->loop);
}

static void on_time(void *context)
{
	loop_stop(context);
}

static void show(const struct home *home)
{
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];

		(void)printf("%-44s %-28s %-16s %s%s%s\n", entity->id, entity->name,
			     entity->area >= 0 ? home->areas[entity->area].name : "-",
			     entity->state.known ? entity->state.text : "unknown",
			     entity->read_only ? ", read only" : "",
			     entity->exposed ? "" : ", not exposed");
	}
}

static enum err command(struct trial *trial, struct bus *bus, const char *word,
			const char *id)
{
	struct action action = {.kind = str_equal(word, "on") ? ACTION_TURN_ON
							      : ACTION_TURN_OFF};
	enum err err = OK;

	if (!str_copy(action.entity, sizeof(action.entity), id))
		return ERR_LIMIT;
	err = bus_command(bus, &action, 1);
	if (!err && !trial->done)
		err = loop_run(trial->loop);
	return err ? err : trial->err;
}

static enum err run(struct trial *trial, const struct bus_mqtt_settings *settings,
		    const char *word, const char *id)
{
	struct bus bus = {0};
	enum err err =
		bus_mqtt_open(trial->loop, settings,
			      (struct bus_listener){.context = trial, .done = on_done},
			      rand_system(), &bus);

	if (!err)
		err = loop_after(trial->loop, LISTEN_MS, on_time, trial->loop, NULL);
	if (!err)
		err = loop_run(trial->loop);
	if (err)
		goto out;
	if (!bus_is_up(&bus))
		(void)printf("%s\n", bus_trouble(&bus));
	show(bus_home(&bus));
	if (word)
		err = command(trial, &bus, word, id);
out:
	bus_close(&bus);
	return err;
}

int main(int count, char **words)
{
	struct trial trial = {0};
	struct bus_mqtt_settings settings = {.discovery = "homeassistant"};
	struct err_note note = {""};
	struct buf password = {0};
	int64_t port = 0;
	enum err err = OK;

	log_name("try-bus");
	if ((count != 3 && count != 5 && count != 7) ||
	    !str_to_int(words[2], 1, 65535, &port)) {
		(void)fputs(
			"usage: try-bus HOST PORT [USER PASSWORD-FILE [on|off ENTITY]]\n",
			stderr);
		return 2;
	}
	settings.host = words[1];
	settings.port = (uint16_t)port;
	if (count > 3) {
		settings.user = words[3];
		err = file_read(words[4], BUS_MQTT_PASSWORD_BYTES - 1, &password, &note);
		settings.password = (const char *)password.bytes;
	}
	if (!err)
		err = loop_create(&trial.loop);
	if (!err)
		err = run(&trial, &settings, count > 5 ? words[5] : NULL,
			  count > 5 ? words[6] : NULL);
	loop_destroy(trial.loop);
	buf_finish(&password);
	if (err)
		(void)fprintf(stderr, "try-bus: %s\n",
			      note.text[0] ? note.text : err_words(err));
	return err ? 1 : 0;
}
