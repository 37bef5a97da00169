/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a home from JSON. What is written there is what voice may name; an entity can
 * do all that its domain can, unless its attributes say less.
 *
 * Invariant: nothing in the file makes a device of unknown effect harmless.
 */
#include "cli/home_file.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

enum { BRIGHTNESS_FULL = 255, PLACE_BYTES = 64, PERCENT_MAX = 100 };

/* Where in the file we are, for complaints. */
struct reading {
	const char *name;
	struct home *home;
	struct err_note *note;
	const char *list;
	size_t index;
};

static enum err wrong(const struct reading *reading, const char *key,
		      const char *expected)
{
	return err_say(ERR_FORMAT, reading->note, "%s: %s[%zu]%s%s: expected %s",
		       reading->name, reading->list, reading->index, *key ? "." : "", key,
		       expected);
}

/* Copies an optional or needed text that must fit. */
static enum err read_text(const struct reading *reading, const struct json_value *object,
			  const char *key, bool needed, char *to, size_t size)
{
	const struct json_value *value = json_get(object, key);

	if (!value && !needed)
		return OK;
	if (!json_is_text(value) || (needed && !*json_text(value, "")))
		return wrong(reading, key, needed ? "a text that is not empty" : "text");
	if (!str_copy(to, size, json_text(value, "")))
		return wrong(reading, key, "a shorter text");
	return OK;
}

static enum err read_aliases(const struct reading *reading,
			     const struct json_value *object, char (*aliases)[NAME_BYTES],
			     size_t *out_count)
{
	const struct json_value *list = json_get(object, "aliases");
	size_t count = json_count(list);

	if (!list)
		return OK;
	if (!json_is_array(list) || count > HOME_ALIASES_MAX)
		return wrong(reading, "aliases", "a list of at most 8 texts");
	for (size_t i = 0; i < count; i++) {
		const struct json_value *alias = json_at(list, i);

		if (!json_is_text(alias) ||
		    !str_copy(aliases[i], NAME_BYTES, json_text(alias, "")))
			return wrong(reading, "aliases", "a list of short texts");
	}
	*out_count = count;
	return OK;
}

static unsigned features_of(enum entity_domain domain)
{
	static const unsigned features[ENTITY_DOMAIN_COUNT] = {
		[ENTITY_CLIMATE] = ENTITY_CAN_SWITCH | ENTITY_CAN_SET_HEAT,
		[ENTITY_COVER] = ENTITY_CAN_SWITCH | ENTITY_CAN_POSITION,
		[ENTITY_FAN] = ENTITY_CAN_SWITCH,
		[ENTITY_HUMIDIFIER] = ENTITY_CAN_SWITCH,
		[ENTITY_LIGHT] = ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_COLOUR |
				 ENTITY_CAN_WHITE,
		[ENTITY_LOCK] = ENTITY_CAN_SWITCH,
		[ENTITY_ALARM] = ENTITY_CAN_SWITCH,
		[ENTITY_MEDIA_PLAYER] = ENTITY_CAN_SWITCH,
		[ENTITY_SIREN] = ENTITY_CAN_SWITCH,
		[ENTITY_SWITCH] = ENTITY_CAN_SWITCH,
		[ENTITY_VACUUM] = ENTITY_CAN_SWITCH,
		[ENTITY_VALVE] = ENTITY_CAN_SWITCH,
	};

	return features[domain];
}

/* supported_color_modes, as Home Assistant writes it, takes away what it does not name. */
static void narrow_light(struct entity *entity, const struct json_value *modes)
{
	unsigned can = ENTITY_CAN_SWITCH;

	if (!json_is_array(modes))
		return;
	for (size_t i = 0; i < json_count(modes); i++) {
		const char *mode = json_text(json_at(modes, i), "");

		if (str_equal(mode, "onoff"))
			continue;
		can |= ENTITY_CAN_DIM;
		if (str_equal(mode, "color_temp"))
			can |= ENTITY_CAN_WHITE;
		else if (!str_equal(mode, "brightness") && !str_equal(mode, "white"))
			can |= ENTITY_CAN_COLOUR;
	}
	entity->features &= can;
}

static int percent_of(double value, double full)
{
	if (!(value >= 0 && value <= full))
		return -1;
	return (int)lround(value * PERCENT_MAX / full);
}

static enum err read_attributes(const struct reading *reading,
				const struct json_value *object, struct entity *entity)
{
	const struct json_value *from = json_get(object, "attributes");
	struct entity_state *state = &entity->state;

	if (!from)
		return OK;
	if (!json_is_object(from))
		return wrong(reading, "attributes", "an object");
	narrow_light(entity, json_get(from, "supported_color_modes"));
	entity->celsius_min = json_number(json_get(from, "min_temp"), NAN);
	entity->celsius_max = json_number(json_get(from, "max_temp"), NAN);
	state->target_celsius = json_number(json_get(from, "temperature"), NAN);
	state->measured_celsius = json_number(json_get(from, "current_temperature"), NAN);
	state->brightness_percent =
		percent_of(json_number(json_get(from, "brightness"), -1),
			   BRIGHTNESS_FULL);
	state->position_percent =
		percent_of(json_number(json_get(from, "current_position"), -1),
			   PERCENT_MAX);
	if (!json_get(from, "device_class"))
		return OK;
	return read_text(reading, from, "device_class", false, entity->device_class,
			 sizeof(entity->device_class));
}

static enum err read_state(const struct reading *reading, const struct json_value *object,
			   struct entity *entity)
{
	const struct json_value *value = json_get(object, "state");
	struct entity_state *state = &entity->state;

	state->available = true;
	if (!value)
		return OK;
	if (json_is_object(value)) /* what is said, and what it is: the latter */
		value = json_get(value, "out");
	if (json_is_number(value))
		str_format(state->text, sizeof(state->text), "%g", json_number(value, 0));
	else if (!json_is_text(value) ||
		 !str_copy(state->text, sizeof(state->text), json_text(value, "")))
		return wrong(reading, "state", "a short text or a number");
	state->known = true;
	state->available = !str_equal(state->text, "unavailable");
	state->on = str_equal(state->text, "on") || str_equal(state->text, "open");
	return OK;
}

/* "domain.the_name"; a second one of that name gets a number. */
static bool make_id(const struct home *home, struct entity *entity)
{
	char base[ENTITY_ID_BYTES];

	if (!str_format(base, sizeof(base), "%s.%s", entity_domain_text(entity->domain),
			entity->name))
		return false;
	str_fold(base);
	for (char *at = base; *at; at++) {
		if (isspace((unsigned char)*at))
			*at = '_';
	}
	if (!str_copy(entity->id, sizeof(entity->id), base))
		return false;
	for (int number = 2; home_find_const(home, entity->id); number++) {
		if (!str_format(entity->id, sizeof(entity->id), "%s_%d", base, number))
			return false;
	}
	return true;
}

static enum err read_entity(const struct reading *reading,
			    const struct json_value *object)
{
	struct entity entity = entity_blank();
	struct entity *added;
	char domain[PLACE_BYTES] = "";
	char area[NAME_BYTES] = "";
	enum err err = read_text(reading, object, "name", true, entity.name,
				 sizeof(entity.name));

	if (!err)
		err = read_text(reading, object, "domain", true, domain, sizeof(domain));
	if (!err)
		err = read_text(reading, object, "area", false, area, sizeof(area));
	if (!err)
		err = read_aliases(reading, object, entity.aliases, &entity.alias_count);
	if (err)
		return err;
	entity.domain = entity_domain_from_text(domain);
	entity.features = features_of(entity.domain);
	entity.exposed = true;
	entity.area = *area ? home_area(reading->home, area) : -1;
	if (*area && entity.area < 0)
		return wrong(reading, "area", "no more than 128 areas");
	err = read_attributes(reading, object, &entity);
	if (!err)
		err = read_state(reading, object, &entity);
	if (!err && !make_id(reading->home, &entity))
		err = wrong(reading, "name", "a shorter text");
	if (!err && home_add_entity(reading->home, &entity, &added))
		err = err_say(ERR_LIMIT, reading->note, "%s: more than %d entities",
			      reading->name, HOME_ENTITIES_MAX);
	/* A known name keeps what was known; a file speaks of each only once. */
	if (!err)
		added->state = entity.state;
	return err;
}

static int floor_index(struct home *home, const char *name)
{
	for (size_t i = 0; i < home->floor_count; i++) {
		if (str_equal_folded(home->floors[i].name, name))
			return (int)i;
	}
	if (home->floor_count == HOME_FLOORS_MAX)
		return -1;
	if (!str_copy(home->floors[home->floor_count].name, NAME_BYTES, name))
		return -1;
	return (int)home->floor_count++;
}

static enum err read_floor(const struct reading *reading, const struct json_value *object)
{
	char name[NAME_BYTES] = "";
	enum err err = read_text(reading, object, "name", true, name, sizeof(name));

	if (!err && floor_index(reading->home, name) < 0)
		err = wrong(reading, "", "no more than 16 floors");
	return err;
}

static enum err read_area(const struct reading *reading, const struct json_value *object)
{
	char name[NAME_BYTES] = "";
	char floor[NAME_BYTES] = "";
	struct area *area;
	int index;
	enum err err = read_text(reading, object, "name", true, name, sizeof(name));

	if (!err)
		err = read_text(reading, object, "floor", false, floor, sizeof(floor));
	if (err)
		return err;
	index = home_area(reading->home, name);
	if (index < 0)
		return wrong(reading, "", "no more than 128 areas");
	area = &reading->home->areas[index];
	if (*floor)
		area->floor = floor_index(reading->home, floor);
	if (*floor && area->floor < 0)
		return wrong(reading, "floor", "no more than 16 floors");
	return read_aliases(reading, object, area->aliases, &area->alias_count);
}

static enum err read_human(const struct reading *reading, const struct json_value *value,
			   bool is_contact)
{
	char name[NAME_BYTES] = "";
	enum err err = OK;

	if (json_is_object(value))
		err = read_text(reading, value, "name", true, name, sizeof(name));
	else if (!json_is_text(value) ||
		 !str_copy(name, sizeof(name), json_text(value, "")) || !*name)
		err = wrong(reading, "", "a name");
	if (!err)
		err = home_add_person(reading->home, name, is_contact);
	return err;
}

static enum err read_person(const struct reading *reading, const struct json_value *value)
{
	return read_human(reading, value, false);
}

/* What can be ordered. */
static enum err read_goods(const struct reading *reading, const struct json_value *value)
{
	const char *name = json_text(value, "");

	return *name && home_add_goods(reading->home, name) == OK
		       ? OK
		       : wrong(reading, "", "a name, of at most 64");
}

static enum err read_contact(const struct reading *reading,
			     const struct json_value *value)
{
	return read_human(reading, value, true);
}

static enum err read_nothing(const struct reading *reading,
			     const struct json_value *value)
{
	return json_is_object(value) ? OK : wrong(reading, "", "an object");
}

static const struct {
	const char *name;
	bool objects;
	enum err (*read)(const struct reading *reading, const struct json_value *value);
} lists[] = {
	/* floors before areas before entities: each names the one before */
	{"floors", true, read_floor},      {"areas", true, read_area},
	{"entities", true, read_entity},   {"people", false, read_person},
	{"contacts", false, read_contact}, {"goods", false, read_goods},
	{"timers", true, read_nothing},    {"media", true, read_nothing},
};

static enum err read_list(struct reading *reading, size_t which,
			  const struct json_value *list)
{
	enum err err = OK;

	reading->list = lists[which].name;
	if (list && !json_is_array(list))
		return err_say(ERR_FORMAT, reading->note, "%s: %s: expected a list",
			       reading->name, lists[which].name);
	for (size_t i = 0; !err && i < json_count(list); i++) {
		const struct json_value *item = json_at(list, i);

		reading->index = i;
		if (lists[which].objects && !json_is_object(item))
			err = wrong(reading, "", "an object");
		else
			err = lists[which].read(reading, item);
	}
	return err;
}

enum err home_file_parse(const char *name, const struct json_value *root,
			 struct home *out_home, struct err_note *note)
{
	struct reading reading = {.name = name, .home = out_home, .note = note};
	const struct json_value *here = json_get(root, "here");
	enum err err = OK;

	home_init(out_home);
	out_home->has_templates = true;
	if (!json_is_object(root))
		return err_say(ERR_FORMAT, note,
			       "%s: expected an object with \"entities\"", name);
	for (size_t i = 0; !err && i < STR_COUNT(lists); i++)
		err = read_list(&reading, i, json_get(root, lists[i].name));
	if (!err && here &&
	    (!json_is_text(here) ||
	     !str_copy(out_home->here, sizeof(out_home->here), json_text(here, ""))))
		err = err_say(ERR_FORMAT, note, "%s: here: expected the name of an area",
			      name);
	return err;
}

enum err home_file_read(const char *path, struct home *out_home, struct err_note *note)
{
	struct json *json = NULL;
	struct buf bytes;
	enum err err;

	home_init(out_home);
	err = file_read(path, HOME_FILE_BYTES_MAX, &bytes, note);
	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 HOME_FILE_BYTES_MAX, &json, note);
	if (!err)
		err = home_file_parse(path, json_root(json), out_home, note);
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}
