/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_skills - says to the gate from which hosts pages may be fetched for which skill.
 *
 * Stores nothing of its own: they are the policy's, as an owner approved each.
 */
#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

static void say_skill(struct desk_link *link, const struct skill_policy *skill,
		      bool first, bool last)
{
	struct wire_skill_hosts row = {.first = first, .last = last};

	if (skill)
		must(str_copy(row.name, sizeof(row.name), skill->name));
	for (size_t i = 0; skill && i < skill->host_count; i++)
		must(str_append(row.hosts, sizeof(row.hosts), "%s%s", i ? " " : "",
				skill->hosts[i]));
	desk_say(link, WIRE_skill_hosts, &row);
}

/* Where there is none, one row says that. */
void desk_skills_tell(struct desk *desk, struct desk_link *link)
{
	const struct day_policy *day = &desk->policy.day;

	if (day->skill_count == 0)
		say_skill(link, NULL, true, true);
	for (size_t i = 0; i < day->skill_count; i++)
		say_skill(link, &day->skills[i], i == 0, i + 1 == day->skill_count);
}

void desk_skills_policy_changed(struct desk *desk)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && desk->links[i]->side == DESK_GATE)
			desk_skills_tell(desk, desk->links[i]);
}
