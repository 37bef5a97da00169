/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest place: where the weather is asked for, which a service elsewhere then learns. A
 * change is policy: signed in, kept by the keeper, journaled.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/everyday.h"
#include "cli/verbs.h"

enum { LINE_BYTES = 512, DEGREES_BYTES = 24, HUNDREDTHS = 100, TENTHS = 10 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
};

/* --- what is given ---------------------------------------------------------------------- */

/* One of the two coordinates. */
struct axis {
	const char *name;
	const char *more; /* a letter in place of no sign */
	const char *less; /* and of a minus */
	int largest;      /* degrees */
};

static const struct axis LATITUDE = {"the latitude", "Nn", "Ss", 90};
static const struct axis LONGITUDE = {"the longitude", "Ee", "Ww", 180};

/* "52.5", "-3.7", "52.5N" or "3.7W", in hundredths of a degree. */
static enum err read_degrees(const char *text, const struct axis *axis,
			     int64_t *out_hundredths, struct err_note *note)
{
	char number[DEGREES_BYTES];
	const size_t size = strlen(text);
	const char last = size > 1 ? text[size - 1] : '0';
	const bool is_less = strchr(axis->less, last) != NULL;
	const bool has_letter = is_less || strchr(axis->more, last) != NULL;
	double degrees = 0;

	if (!str_copy_bytes(number, sizeof(number), text, size - (has_letter ? 1 : 0)) ||
	    !str_to_double(number, has_letter ? 0 : -axis->largest, axis->largest,
			   &degrees))
		return err_say(ERR_RANGE, note,
			       "%s %.40s: expected degrees, such as 52.5%c or 3.7%c, at "
			       "most %d",
			       axis->name, text, axis->more[0], axis->less[0],
			       axis->largest);
	*out_hundredths = lround((is_less ? -degrees : degrees) * HUNDREDTHS);
	return OK;
}

/* "52.5 N": as it is told, to a tenth. */
static void say_degrees(int64_t hundredths, const struct axis *axis,
			char to[DEGREES_BYTES])
{
	const int64_t tenths = llabs(hundredths) / TENTHS;

	must(str_format(to, DEGREES_BYTES, "%d.%d %c", (int)(tenths / TENTHS),
			(int)(tenths % TENTHS),
			hundredths < 0 ? axis->less[0] : axis->more[0]));
}

/* --- what holds ------------------------------------------------------------------------- */

static enum err print_json(const struct wire_place_set *place)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "place", place->on ? place->name : NULL);
	if (place->on) {
		json_add_double(&write, "latitude", (double)place->latitude / HUNDREDTHS,
				1);
		json_add_double(&write, "longitude",
				(double)place->longitude / HUNDREDTHS, 1);
	}
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_place(const struct wire_place_set *place)
{
	char latitude[DEGREES_BYTES];
	char longitude[DEGREES_BYTES];

	if (!place->on) {
		puts("No place is set: no weather is asked for, and nobody learns where "
		     "this is.\n"
		     "Set one with: behest place set NAME LATITUDE LONGITUDE");
		return;
	}
	say_degrees(place->latitude, &LATITUDE, latitude);
	say_degrees(place->longitude, &LONGITUDE, longitude);
	printf("%s, %s %s\n", place->name, latitude, longitude);
	puts("The weather service of behest.conf, [weather] url (Open-Meteo unless you\n"
	     "chose another), is told these numbers every 30 minutes, and your network's\n"
	     "address with them: never the name, and never when somebody asks.");
}

static enum err show_here(struct link_client *client, bool as_json, struct err_note *note)
{
	struct everyday *everyday = NULL;
	enum err err = everyday_get(client, &everyday, note);

	if (!err && as_json)
		err = print_json(&everyday->place);
	else if (!err)
		print_place(&everyday->place);
	everyday_destroy(everyday);
	return err;
}

static enum err show(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = show_here(client, args_flag(args, "json"), note);
	link_client_close(client);
	return err;
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err change(const struct args *args, const struct paths *paths,
		       const struct wire_place_set *place, struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = link_client_send_place_set(client, place, note);
	if (!err)
		err = client_expect_done(client, note);
	if (!err)
		err = show_here(client, args_flag(args, "json"), note);
	link_client_close(client);
	return err;
}

static enum err set(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	struct wire_place_set place = {.on = 1};
	enum err err = read_degrees(args->rest[2], &LATITUDE, &place.latitude, note);

	if (!err)
		err = read_degrees(args->rest[3], &LONGITUDE, &place.longitude, note);
	if (!err && !str_copy(place.name, sizeof(place.name), args->rest[1]))
		err = err_say(ERR_RANGE, note, "a place's name has at most %zu bytes",
			      sizeof(place.name) - 1);
	return err ? err : change(args, paths, &place, note);
}

static enum err off(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	return change(args, paths, &(struct wire_place_set){.on = 0}, note);
}

static enum cli_exit run(const struct args *args)
{
	static const struct verb verbs[] = {
		{"show", 0, 0, NULL, show},
		{"off", 0, 0, NULL, off},
		{"set", 3, 3, "a name, a latitude and a longitude", set},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the place");
}

const struct command command_place = {
	.name = "place",
	.summary = "set for which place the weather is asked for, or for none",
	.operands = "[show | off | set NAME LATITUDE LONGITUDE]",
	.words =
		"Without a place the house asks nobody for the weather. With one it asks the "
		"weather service every 30 minutes, at the same times whether somebody wants to "
		"know or not; the service learns the coordinates, rounded to a tenth of a "
		"degree (about 10 km), and your network's address. The name stays here. South "
		"and west are written 33.9S and 3.7W. A change is policy: it needs the owner's "
		"passphrase, is kept by the keeper and written into the journal.",
	.choices = "show|off|set",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 4,
	.run = run,
};
