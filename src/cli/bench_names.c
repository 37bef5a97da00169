/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_names - see the header. Twelve things in each of 25 rooms.
 */
#include "cli/bench_names.h"

#include "base/must.h"
#include "base/str.h"

enum { ROOMS = 25, THINGS = 12 };

static const char *const ROOM[ROOMS] = {
	"kitchen",  "bedroom",   "bathroom", "hall",        "study",
	"nursery",  "attic",     "cellar",   "garage",      "dining room",
	"landing",  "workshop",  "pantry",   "guest room",  "living room",
	"library",  "laundry",   "porch",    "garden",      "playroom",
	"stairway", "storeroom", "balcony",  "winter room", "music room"};

static const struct {
	const char *name;
	enum entity_domain domain;
} THING[THINGS] = {{"ceiling light", ENTITY_LIGHT},
		   {"lamp", ENTITY_LIGHT},
		   {"spots", ENTITY_LIGHT},
		   {"blind", ENTITY_COVER},
		   {"curtain", ENTITY_COVER},
		   {"thermostat", ENTITY_CLIMATE},
		   {"fan", ENTITY_FAN},
		   {"socket", ENTITY_SWITCH},
		   {"heater", ENTITY_SWITCH},
		   {"speaker", ENTITY_MEDIA_PLAYER},
		   {"door", ENTITY_LOCK},
		   {"sensor", ENTITY_SENSOR}};

/* What people have besides, of which real requests speak. */
static const struct {
	const char *name;
	const char *aliases[2];
	enum entity_domain domain;
} MORE[] = {{"coffee machine", {"coffee maker", "coffee"}, ENTITY_SWITCH},
	    {"vacuum cleaner", {"robot vacuum [cleaner]", "vacuum"}, ENTITY_VACUUM},
	    {"smart plug", {"smart socket", "plug socket"}, ENTITY_SWITCH},
	    {"desk lamp", {"reading lamp", "desk light"}, ENTITY_LIGHT},
	    {"bedside lamp", {"night light", "bedside light"}, ENTITY_LIGHT},
	    {"outdoor lights", {"outside lights", "patio lights"}, ENTITY_LIGHT},
	    {"television", {"tv", "tv socket"}, ENTITY_MEDIA_PLAYER}};

static struct entity new_thing(const struct home *home, const char *name,
			       enum entity_domain domain)
{
	struct entity entity = entity_blank();

	must(str_copy(entity.name, sizeof(entity.name), name));
	must(str_format(entity.id, sizeof(entity.id), "bench.%zu", home->entity_count));
	entity.domain = domain;
	entity.exposed = true;
	return entity;
}

enum err bench_names_fill(struct home *home)
{
	struct entity *added;
	enum err err = OK;

	for (size_t i = 0; i < (size_t)ROOMS * THINGS && !err; i++) {
		char name[NAME_BYTES];

		must(str_format(name, sizeof(name), "%s %s", ROOM[i / THINGS],
				THING[i % THINGS].name));
		struct entity entity = new_thing(home, name, THING[i % THINGS].domain);
		entity.area = home_area(home, ROOM[i / THINGS]);
		err = home_add_entity(home, &entity, &added);
	}
	for (size_t i = 0; i < STR_COUNT(MORE) && !err; i++) {
		struct entity entity = new_thing(home, MORE[i].name, MORE[i].domain);

		for (size_t a = 0; a < STR_COUNT(MORE[i].aliases); a++)
			must(str_copy(entity.aliases[a], NAME_BYTES, MORE[i].aliases[a]));
		entity.alias_count = STR_COUNT(MORE[i].aliases);
		err = home_add_entity(home, &entity, &added);
	}
	return err;
}
