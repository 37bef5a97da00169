/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arranged - looks up what the household arranged. Pure; reads no file and knows no
 * device: whether what a name stands for is still there is decide's to find out.
 */
#include "domain/arranged.h"

#include "base/str.h"

static const struct arranged_group *find(const struct arranged_group *groups,
					 size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_folded(groups[i].name, name))
			return &groups[i];
	return NULL;
}

const struct arranged_group *arranged_group(const struct arranged *arranged,
					    const char *name)
{
	return arranged ? find(arranged->groups, arranged->group_count, name) : NULL;
}

const struct arranged_group *arranged_floor(const struct arranged *arranged,
					    const char *name)
{
	return arranged ? find(arranged->floors, arranged->floor_count, name) : NULL;
}

const struct routine *arranged_routine(const struct arranged *arranged, const char *name)
{
	for (size_t i = 0; arranged && i < arranged->routine_count; i++)
		if (str_equal_folded(arranged->routines[i].name, name))
			return &arranged->routines[i];
	return NULL;
}

bool arranged_has_member(const struct arranged_group *group, const char *name)
{
	for (size_t i = 0; i < group->member_count; i++)
		if (str_equal_folded(group->members[i], name))
			return true;
	return false;
}

static bool has_floor(const struct home *home, const char *name)
{
	for (size_t i = 0; i < home->floor_count; i++)
		if (str_equal_folded(home->floors[i].name, name))
			return true;
	return false;
}

static void name_floors(const struct arranged *arranged, struct home *home)
{
	for (size_t i = 0; i < arranged->floor_count; i++) {
		const char *name = arranged->floors[i].name;

		if (home->floor_count == HOME_FLOORS_MAX || has_floor(home, name))
			continue;
		(void)str_copy(home->floors[home->floor_count++].name, NAME_BYTES, name);
	}
}

void arranged_name(const struct arranged *arranged, struct home *home)
{
	name_floors(arranged, home);
	home->group_count = 0;
	for (size_t i = 0; i < arranged->group_count; i++)
		(void)str_copy(home->groups[home->group_count++], NAME_BYTES,
			       arranged->groups[i].name);
	home->routine_count = 0;
	for (size_t i = 0; i < arranged->routine_count; i++)
		(void)str_copy(home->routines[home->routine_count++], NAME_BYTES,
			       arranged->routines[i].name);
	home->names_version++;
}
