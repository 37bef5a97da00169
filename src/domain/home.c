/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home - the lists of rooms, devices and people. Pure but for memory.
 */
#include "domain/home.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	bool harmless;
} DOMAINS[ENTITY_DOMAIN_COUNT] = {
#define ENTITY_DOMAIN(name, text, harmless) [ENTITY_##name] = {text, harmless},
	ENTITY_DOMAINS(ENTITY_DOMAIN)
#undef ENTITY_DOMAIN
};

const char *entity_domain_text(enum entity_domain domain)
{
	must(domain < ENTITY_DOMAIN_COUNT);
	return DOMAINS[domain].text;
}

enum entity_domain entity_domain_from_text(const char *text)
{
	for (size_t i = 0; i < ENTITY_DOMAIN_COUNT; i++)
		if (str_equal(DOMAINS[i].text, text))
			return (enum entity_domain)i;
	return ENTITY_UNKNOWN;
}

bool entity_domain_harmless(enum entity_domain domain)
{
	must(domain < ENTITY_DOMAIN_COUNT);
	return DOMAINS[domain].harmless;
}

/* Room for one more item of item_size in a list that doubles up to count_max. */
static enum err list_grow(void **list, size_t *capacity, size_t count, size_t count_max,
			  size_t item_size)
{
	if (count < *capacity)
		return OK;
	if (count >= count_max)
		return ERR_LIMIT;
	size_t larger = *capacity ? *capacity * 2 : 16;
	if (larger > count_max)
		larger = count_max;
	void *grown = realloc(*list, larger * item_size);
	if (!grown)
		return ERR_MEMORY;
	*list = grown;
	*capacity = larger;
	return OK;
}

enum err home_add_music(struct home *home, const struct music_library *library)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < library->count; i++) {
		void *list = home->music;

		err = list_grow(&list, &home->music_capacity, home->music_count,
				MUSIC_NAMES_MAX, sizeof(struct music_name));
		home->music = list;
		if (!err)
			home->music[home->music_count++] = library->names[i];
	}
	if (library->count > 0)
		home->names_version++;
	return err;
}

struct entity entity_blank(void)
{
	return (struct entity){
		.area = -1,
		.celsius_min = NAN,
		.celsius_max = NAN,
		.humidity_max = 100,
		.state =
			{
				.brightness_percent = -1,
				.position_percent = -1,
				.tilt_percent = -1,
				.speed_percent = -1,
				.humidity_percent = -1,
				.target_celsius = NAN,
				.measured_celsius = NAN,
			},
	};
}

void home_init(struct home *home)
{
	memset(home, 0, sizeof(*home));
}

void home_finish(struct home *home)
{
	if (!home)
		return;
	free(home->entities);
	free(home->people);
	free(home->music);
	home_init(home);
}

/* A copy of its own; *list stays NULL where there is nothing. */
static enum err copy_list(const void *from, size_t count, size_t item_size, void **list)
{
	if (count == 0)
		return OK;
	*list = calloc(count, item_size);
	if (!*list)
		return ERR_MEMORY;
	memcpy(*list, from, count * item_size);
	return OK;
}

enum err home_copy(const struct home *from, struct home *out_home)
{
	struct home copy = *from;
	void *entities = NULL;
	void *people = NULL;
	void *music = NULL;
	enum err err = copy_list(from->entities, from->entity_count,
				 sizeof(*copy.entities), &entities);

	if (!err)
		err = copy_list(from->people, from->person_count, sizeof(*copy.people),
				&people);
	if (!err)
		err = copy_list(from->music, from->music_count, sizeof(*copy.music),
				&music);
	if (err) {
		free(entities);
		free(people);
		return err;
	}
	copy.entities = entities;
	copy.people = people;
	copy.music = music;
	copy.entity_capacity = from->entity_count;
	copy.person_capacity = from->person_count;
	copy.music_capacity = from->music_count;
	*out_home = copy;
	return OK;
}

struct entity *home_find(struct home *home, const char *id)
{
	for (size_t i = 0; i < home->entity_count; i++)
		if (str_equal(home->entities[i].id, id))
			return &home->entities[i];
	return NULL;
}

const struct entity *home_find_const(const struct home *home, const char *id)
{
	for (size_t i = 0; i < home->entity_count; i++)
		if (str_equal(home->entities[i].id, id))
			return &home->entities[i];
	return NULL;
}

/* Whether what can be said about an entity differs between the two. */
static bool names_differ(const struct entity *a, const struct entity *b)
{
	return !str_equal(a->name, b->name) || a->domain != b->domain ||
	       a->area != b->area || a->exposed != b->exposed ||
	       !str_equal(a->device_class, b->device_class) ||
	       a->alias_count != b->alias_count ||
	       memcmp(a->aliases, b->aliases, sizeof(a->aliases)) != 0;
}

enum err home_add_entity(struct home *home, const struct entity *entity,
			 struct entity **out_entity)
{
	struct entity *found = home_find(home, entity->id);

	if (found) {
		struct entity_state state = found->state;
		if (names_differ(found, entity))
			home->names_version++;
		*found = *entity;
		found->state = state;
		*out_entity = found;
		return OK;
	}
	void *list = home->entities;
	enum err err = list_grow(&list, &home->entity_capacity, home->entity_count,
				 HOME_ENTITIES_MAX, sizeof(*entity));
	home->entities = list;
	if (err)
		return err;
	found = &home->entities[home->entity_count++];
	*found = *entity;
	home->names_version++;
	*out_entity = found;
	return OK;
}

void home_remove_entity(struct home *home, const char *id)
{
	struct entity *found = home_find(home, id);

	if (!found)
		return;
	size_t at = (size_t)(found - home->entities);
	memmove(found, found + 1, (home->entity_count - at - 1) * sizeof(*found));
	home->entity_count--;
	home->names_version++;
}

static bool area_has_name(const struct area *area, const char *name)
{
	if (str_equal_folded(area->name, name))
		return true;
	for (size_t i = 0; i < area->alias_count; i++)
		if (str_equal_folded(area->aliases[i], name))
			return true;
	return false;
}

int home_find_area(const struct home *home, const char *name)
{
	for (size_t i = 0; i < home->area_count; i++)
		if (area_has_name(&home->areas[i], name))
			return (int)i;
	return -1;
}

int home_area(struct home *home, const char *name)
{
	int found = home_find_area(home, name);

	if (found >= 0)
		return found;
	if (home->area_count == HOME_AREAS_MAX)
		return -1;
	struct area *area = &home->areas[home->area_count];
	*area = (struct area){.floor = -1};
	if (!str_copy(area->name, sizeof(area->name), name))
		return -1;
	home->names_version++;
	return (int)home->area_count++;
}

enum err home_add_person(struct home *home, const char *name, bool is_contact)
{
	void *list = home->people;
	enum err err = list_grow(&list, &home->person_capacity, home->person_count,
				 HOME_PEOPLE_MAX, sizeof(struct home_person));

	home->people = list;
	if (err)
		return err;
	struct home_person *person = &home->people[home->person_count];
	*person = (struct home_person){.is_contact = is_contact};
	if (!str_copy(person->name, sizeof(person->name), name))
		return ERR_LIMIT;
	home->person_count++;
	home->names_version++;
	return OK;
}
