/* SPDX-License-Identifier: Apache-2.0 */
/* Compares two homes field by field; structs have holes, so memcmp would not do. */
#include "cli/home_same.h"

#include "base/str.h"

static bool same_aliases(const char (*a)[NAME_BYTES], size_t a_count,
			 const char (*b)[NAME_BYTES], size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++) {
		if (!str_equal(a[i], b[i]))
			return false;
	}
	return true;
}

static bool same_entity(const struct entity *a, const struct entity *b)
{
	return str_equal(a->id, b->id) && str_equal(a->name, b->name) &&
	       a->domain == b->domain && a->area == b->area &&
	       a->features == b->features && a->exposed == b->exposed &&
	       a->read_only == b->read_only &&
	       str_equal(a->device_class, b->device_class) &&
	       str_equal(a->state.text, b->state.text) &&
	       same_aliases(a->aliases, a->alias_count, b->aliases, b->alias_count);
}

static bool same_area(const struct area *a, const struct area *b)
{
	return str_equal(a->name, b->name) && a->floor == b->floor &&
	       same_aliases(a->aliases, a->alias_count, b->aliases, b->alias_count);
}

bool home_same(const struct home *a, const struct home *b)
{
	if (a->entity_count != b->entity_count || a->area_count != b->area_count ||
	    a->floor_count != b->floor_count || a->person_count != b->person_count ||
	    a->goods_count != b->goods_count)
		return false;
	for (size_t i = 0; i < a->goods_count; i++) {
		if (!str_equal(a->goods[i], b->goods[i]))
			return false;
	}
	for (size_t i = 0; i < a->entity_count; i++) {
		if (!same_entity(&a->entities[i], &b->entities[i]))
			return false;
	}
	for (size_t i = 0; i < a->area_count; i++) {
		if (!same_area(&a->areas[i], &b->areas[i]))
			return false;
	}
	for (size_t i = 0; i < a->floor_count; i++) {
		if (!str_equal(a->floors[i].name, b->floors[i].name))
			return false;
	}
	for (size_t i = 0; i < a->person_count; i++) {
		if (!str_equal(a->people[i].name, b->people[i].name) ||
		    a->people[i].is_contact != b->people[i].is_contact)
			return false;
	}
	return true;
}
