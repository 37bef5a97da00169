/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_news - who hears that the policy was loosened, and what the journal says of a change.
 *
 * Every paired device is told of each change that loosened what held: at once, and those
 * that were away when they come back, of the newest of them. So no owner, and nobody with
 * an owner's passphrase, loosens anything unseen. The hub carries none of it. A device
 * knows by the numbers what it was told before.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

static void tell(struct desk_link *link, const struct policy_change *change)
{
	struct wire_policy_news news = {.number = change->number, .at_ms = change->at_ms};

	must(str_copy(news.by, sizeof(news.by), change->by));
	must(str_copy(news.words, sizeof(news.words), change->words));
	desk_say(link, WIRE_policy_news, &news);
}

static void tell_all(struct desk *desk, const struct policy_change *change)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (link && link->side == DESK_DEVICE && link->has_key)
			tell(link, change);
	}
}

static struct policy_change of_owner(const struct owner *owner)
{
	struct policy_change change = {.number = (uint64_t)owner->created_ms,
				       .at_ms = owner->created_ms,
				       .by = "an owner"};

	(void)str_append(change.words, sizeof(change.words), "%s", owner->name);
	str_clean(change.words);
	(void)str_append(change.words, sizeof(change.words), " is an owner as well");
	return change;
}

/* Nobody let the first one in. */
static bool is_first(const struct desk *desk, const struct owner *owner)
{
	for (size_t i = 0; i < desk->owner_count; i++)
		if (desk->owners[i].created_ms < owner->created_ms)
			return false;
	return true;
}

void desk_news_owner(struct desk *desk, const struct owner *owner)
{
	const struct policy_change change = of_owner(owner);

	if (desk->owner_count > 1)
		tell_all(desk, &change);
}

void desk_news_changed(struct desk *desk, uint64_t number)
{
	const struct policy *policy = &desk->policy;

	for (size_t i = 0; i < policy->change_count; i++)
		if (policy->changes[i].number == number)
			tell_all(desk, &policy->changes[i]);
}

/* Those behind the number, the next one; false: there is none. */
static bool next_change(const struct desk *desk, uint64_t number,
			struct policy_change *out_change)
{
	const struct policy *policy = &desk->policy;
	bool found = false;

	for (size_t i = 0; i < desk->owner_count + policy->change_count; i++) {
		const bool is_owner = i < desk->owner_count;
		const struct policy_change change =
			is_owner ? of_owner(&desk->owners[i])
				 : policy->changes[i - desk->owner_count];

		if (change.number <= number ||
		    (is_owner && is_first(desk, &desk->owners[i])) ||
		    (found && change.number >= out_change->number))
			continue;
		*out_change = change;
		found = true;
	}
	return found;
}

void desk_news_tell(struct desk *desk, struct desk_link *link)
{
	struct policy_change change = {.number = 0};

	while (next_change(desk, change.number, &change))
		tell(link, &change);
}

/* Behind all that was told, also where the clock was set back. */
static uint64_t next_number(const struct desk *desk, int64_t at_ms)
{
	const struct policy *policy = &desk->policy;
	uint64_t number = at_ms > 0 ? (uint64_t)at_ms : 1;

	for (size_t i = 0; i < desk->owner_count; i++)
		if (number <= (uint64_t)desk->owners[i].created_ms)
			number = (uint64_t)desk->owners[i].created_ms + 1;
	if (policy->change_count > 0 &&
	    number <= policy->changes[policy->change_count - 1].number)
		number = policy->changes[policy->change_count - 1].number + 1;
	return number;
}

/* --- what the journal says -------------------------------------------------------------- */

uint64_t desk_news_note(struct desk *desk, struct policy *policy, struct event *event,
			const struct desk_change *made)
{
	struct policy_change change = {.at_ms = clock_wall_ms(&desk->parts.clock)};
	const enum policy_effect effect =
		policy_effect(&desk->policy, policy, change.words);
	char words[EVENT_FIELD_VALUE_BYTES] = "";

	event_add(event, "effect", policy_effect_text(effect));
	event_add(event, "class",
		  action_class_text(effect == POLICY_LOOSENS ? CLASS_C : CLASS_B));
	event_add(event, "factor", made->factor);
	event_add(event, "how", made->how);
	if (effect != POLICY_LOOSENS)
		return 0;
	must(str_format(words, sizeof(words), "; that loosens (class C): %s",
			change.words));
	event_add(event, "loosens", words);
	must(str_copy(change.by, sizeof(change.by), made->by));
	change.number = next_number(desk, change.at_ms);
	policy_add_change(policy, &change);
	return change.number;
}
