/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home - the rooms, devices and people that a request may speak of.
 *
 * A plain value owned by whoever holds it; the hub fills it from discovery, `behest
 * hear --home` from a file, tests by hand. Knows no topics and no protocol.
 */
#ifndef DOMAIN_HOME_H
#define DOMAIN_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/ids.h"
#include "domain/music.h"

enum {
	HOME_ENTITIES_MAX = 2048,
	HOME_AREAS_MAX = 128,
	HOME_FLOORS_MAX = 16,
	HOME_GROUPS_MAX = 32,
	HOME_PEOPLE_MAX = 1024,
	HOME_ROUTINES_MAX = 32,
	HOME_ALIASES_MAX = 8,
	ENTITY_ID_BYTES = 128,
};

/* ENTITY_DOMAIN(NAME, "text", harmless): harmless kinds are class B to switch; all others
 * have an effect we cannot know and are class C until an owner marks them. */
#define ENTITY_DOMAINS(ENTITY_DOMAIN)                        \
	ENTITY_DOMAIN(UNKNOWN, "unknown", false)             \
	ENTITY_DOMAIN(ALARM, "alarm_control_panel", false)   \
	ENTITY_DOMAIN(AUTOMATION, "automation", false)       \
	ENTITY_DOMAIN(BINARY_SENSOR, "binary_sensor", false) \
	ENTITY_DOMAIN(BUTTON, "button", false)               \
	ENTITY_DOMAIN(CAMERA, "camera", false)               \
	ENTITY_DOMAIN(CLIMATE, "climate", true)              \
	ENTITY_DOMAIN(COVER, "cover", true)                  \
	ENTITY_DOMAIN(FAN, "fan", true)                      \
	ENTITY_DOMAIN(HUMIDIFIER, "humidifier", true)        \
	ENTITY_DOMAIN(INPUT_BOOLEAN, "input_boolean", false) \
	ENTITY_DOMAIN(INPUT_BUTTON, "input_button", false)   \
	ENTITY_DOMAIN(LAWN_MOWER, "lawn_mower", true)        \
	ENTITY_DOMAIN(LIGHT, "light", true)                  \
	ENTITY_DOMAIN(LOCK, "lock", false)                   \
	ENTITY_DOMAIN(MEDIA_PLAYER, "media_player", true)    \
	ENTITY_DOMAIN(PERSON, "person", false)               \
	ENTITY_DOMAIN(REMOTE, "remote", false)               \
	ENTITY_DOMAIN(SCENE, "scene", false)                 \
	ENTITY_DOMAIN(SCRIPT, "script", false)               \
	ENTITY_DOMAIN(SENSOR, "sensor", false)               \
	ENTITY_DOMAIN(SIREN, "siren", false)                 \
	ENTITY_DOMAIN(SWITCH, "switch", false)               \
	ENTITY_DOMAIN(TODO, "todo", false)                   \
	ENTITY_DOMAIN(VACUUM, "vacuum", true)                \
	ENTITY_DOMAIN(VALVE, "valve", false)                 \
	ENTITY_DOMAIN(WATER_HEATER, "water_heater", false)   \
	ENTITY_DOMAIN(WEATHER, "weather", false)

enum entity_domain {
#define ENTITY_DOMAIN(name, text, harmless) ENTITY_##name,
	ENTITY_DOMAINS(ENTITY_DOMAIN)
#undef ENTITY_DOMAIN
		ENTITY_DOMAIN_COUNT
};

/* What an entity can do; bits. */
enum entity_feature {
	ENTITY_CAN_SWITCH = 1,
	ENTITY_CAN_DIM = 2,
	ENTITY_CAN_COLOUR = 4,
	ENTITY_CAN_WHITE = 8, /* colour temperature */
	ENTITY_CAN_SET_HEAT = 16,
	ENTITY_CAN_POSITION = 32,
	ENTITY_CAN_TILT = 64,
	ENTITY_CAN_SPEED = 128,
	ENTITY_CAN_HUMIDITY = 256,
	ENTITY_CAN_MODE = 512, /* what a climate does: heat, cool, off */
};

struct entity_state {
	bool known;     /* a state has arrived from the device's own topic */
	bool available; /* the device says it is there, or says nothing of it */
	bool on;
	int brightness_percent;  /* 0..100, -1 unknown */
	int position_percent;    /* 0 closed..100 open, -1 unknown */
	int tilt_percent;        /* of slats, 100 open, -1 unknown */
	int speed_percent;       /* of a fan, -1 unknown */
	int humidity_percent;    /* that is set, -1 unknown */
	double target_celsius;   /* NAN unknown */
	double measured_celsius; /* NAN unknown */
	char text[32];           /* "locked", "armed_away", "heat"; "" unknown */
};

struct entity {
	char id[ENTITY_ID_BYTES]; /* stable: domain.unique_id of discovery, or domain.name */
	char name[NAME_BYTES];
	enum entity_domain domain;
	char device_class[32]; /* "garage", "door"; "" when none */
	int area;              /* index into home.areas, -1 none */
	unsigned features;     /* enum entity_feature */
	bool read_only;        /* speaks what we do not understand: never commanded */
	bool exposed;          /* voice may name it */
	double celsius_min;    /* climate limits; NAN when it has none */
	double celsius_max;
	int humidity_min; /* of a humidifier */
	int humidity_max;
	char unit[16]; /* of what a sensor tells: "%", "W"; "" none */
	size_t alias_count;
	char aliases[HOME_ALIASES_MAX][NAME_BYTES];
	struct entity_state state;
};

struct area {
	char name[NAME_BYTES];
	int floor; /* index into home.floors, -1 none */
	size_t alias_count;
	char aliases[HOME_ALIASES_MAX][NAME_BYTES];
};

struct floor {
	char name[NAME_BYTES];
};

struct home_person {
	char name[NAME_BYTES];
	bool is_contact; /* else a member of the household */
};

struct home {
	struct entity *entities; /* owned, grown by home_add_entity */
	size_t entity_count;
	size_t entity_capacity;
	struct area areas[HOME_AREAS_MAX];
	size_t area_count;
	struct floor floors[HOME_FLOORS_MAX];
	size_t floor_count;
	/* Names alone; what they stand for is in domain/arranged.h. */
	char groups[HOME_GROUPS_MAX][NAME_BYTES];
	size_t group_count;
	char routines[HOME_ROUTINES_MAX][NAME_BYTES];
	size_t routine_count;
	struct home_person *people; /* owned */
	size_t person_count;
	size_t person_capacity;
	struct music_name *music; /* owned; what can be asked for by name */
	size_t music_count;
	size_t music_capacity;
	bool has_templates;     /* names may be templates: "lamp[s]"; by hand only */
	uint64_t names_version; /* grows when a name appears, changes or goes */
	char here[NAME_BYTES];  /* the speaker's area in a --home file; "" none */
};

void home_init(struct home *home);
void home_finish(struct home *home); /* NULL is fine */
MUST_CHECK enum err home_copy(const struct home *from, struct home *out_home);

/* Adds, or replaces the entity of the same id (keeping its state). The result is
 * borrowed until the next change. Bumps names_version when names changed. */
MUST_CHECK enum err home_add_entity(struct home *home, const struct entity *entity,
				    struct entity **out_entity);
void home_remove_entity(struct home *home, const char *id);
struct entity *home_find(struct home *home, const char *id);
const struct entity *home_find_const(const struct home *home, const char *id);

/* The area's index, made when it is new; names compare ASCII-folded. -1 when full. */
int home_area(struct home *home, const char *name);
/* The index of a known area by name or alias, or -1. */
int home_find_area(const struct home *home, const char *name);
MUST_CHECK enum err home_add_person(struct home *home, const char *name, bool is_contact);

/* Copies all names of the library. */
MUST_CHECK enum err home_add_music(struct home *home,
				   const struct music_library *library);

/* An entity with "unknown" everywhere. */
struct entity entity_blank(void);
const char *entity_domain_text(enum entity_domain domain);
enum entity_domain entity_domain_from_text(const char *text); /* UNKNOWN when none */
bool entity_domain_harmless(enum entity_domain domain);

#endif
