/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_effect - see the header. Invariant: each look finds something whenever its part
 * differs; what it does not know by name it finds as loosening.
 *
 * has_owner and the changes that are remembered decide nothing and are not looked at.
 */
#include "domain/policy_effect.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

struct finding {
	enum policy_effect effect;
	char words[POLICY_CHANGE_BYTES];
};

const char *policy_effect_text(enum policy_effect effect)
{
	static const char *const TEXTS[] = {"same", "tightens", "loosens"};

	must(effect <= POLICY_LOOSENS);
	return TEXTS[effect];
}

/* The words may be cut, at the end of a letter. */
static void find(struct finding *finding, enum policy_effect effect, const char *subject,
		 const char *words)
{
	if (finding->effect >= effect)
		return;
	finding->effect = effect;
	finding->words[0] = '\0';
	(void)str_append(finding->words, sizeof(finding->words), "%.40s", subject);
	str_clean(finding->words);
	(void)str_append(finding->words, sizeof(finding->words), "%s", words);
}

static void loosens(struct finding *finding, const char *subject, const char *words)
{
	find(finding, POLICY_LOOSENS, subject, words);
}

static void tightens(struct finding *finding, const char *subject, const char *words)
{
	find(finding, POLICY_TIGHTENS, subject, words);
}

/* A bit went one way or the other. */
static void turned(struct finding *finding, const char *subject, bool is_looser,
		   const char *loose_words, const char *tight_words)
{
	find(finding, is_looser ? POLICY_LOOSENS : POLICY_TIGHTENS, subject,
	     is_looser ? loose_words : tight_words);
}

static void look_capabilities(struct finding *finding, const char *subject,
			      unsigned before, unsigned after)
{
	const unsigned gained = after & ~before;
	char words[POLICY_CHANGE_BYTES] = " may ";

	if (gained != 0) {
		/* The lowest bit stands for all: the row in full is in `behest rooms`. */
		const unsigned bit = gained & (~gained + 1);

		(void)str_append(words, sizeof(words), "%s",
				 bit & MAY_ALL ? capability_words((enum capability)bit)
					       : "do something unknown");
		loosens(finding, subject, words);
	} else if (before != after) {
		tightens(finding, subject, " may do less");
	}
}

/* --- rooms ------------------------------------------------------------------------------ */

static const struct room_policy no_room;

static void look_private(struct finding *finding, const char *name,
			 const struct room_policy *before,
			 const struct room_policy *after)
{
	if (before->is_private != after->is_private)
		turned(finding, name, after->is_private,
		       " is private: messages are spoken there",
		       " is not private any more");
	else if (!id_equal(before->private_owner.bytes, after->private_owner.bytes))
		loosens(finding, name, " is another owner's private room");
}

static void look_room_key(struct finding *finding, const char *name,
			  const struct room_policy *before,
			  const struct room_policy *after)
{
	if (before->has_key != after->has_key ||
	    memcmp(before->key, after->key, sizeof(before->key)) != 0)
		loosens(finding, name, " has another key");
	if (before->is_revoked != after->is_revoked)
		turned(finding, name, before->is_revoked, " is let in again",
		       " is not let in any more");
	if (before->is_thin != after->is_thin)
		turned(finding, name, before->is_thin, " is believed by what it signs",
		       " proves nothing any more");
}

static void look_room(struct finding *finding, const struct room_policy *before,
		      const struct room_policy *after)
{
	const char *name = after->room.text;

	look_capabilities(finding, name, before->capabilities, after->capabilities);
	if (before->muted != after->muted)
		turned(finding, name, before->muted, " is not muted any more",
		       " is muted");
	look_private(finding, name, before, after);
	look_room_key(finding, name, before, after);
}

static const struct room_policy *room_of(const struct policy *policy,
					 const struct room_policy *like)
{
	for (size_t i = 0; i < policy->room_count; i++)
		if (str_equal(policy->rooms[i].room.text, like->room.text))
			return &policy->rooms[i];
	return NULL;
}

static void look_rooms(struct finding *finding, const struct policy *before,
		       const struct policy *after)
{
	for (size_t i = 0; i < after->room_count; i++) {
		const struct room_policy *room = &after->rooms[i];
		const struct room_policy *known = room_of(before, room);

		if (!known)
			loosens(finding, room->room.text, " is a room of the house");
		look_room(finding, known ? known : &no_room, room);
	}
	for (size_t i = 0; i < before->room_count; i++)
		if (!room_of(after, &before->rooms[i]))
			tightens(finding, before->rooms[i].room.text, " is gone");
}

/* --- limits ----------------------------------------------------------------------------- */

static void look_limits(struct finding *finding, const struct policy *before,
			const struct policy *after)
{
	const bool is_within = after->celsius_min >= before->celsius_min &&
			       after->celsius_max <= before->celsius_max;
	const bool is_around = after->celsius_min <= before->celsius_min &&
			       after->celsius_max >= before->celsius_max;

	/* What is no number is neither. */
	if (!is_within)
		loosens(finding, "", "the heating may be set further");
	else if (!is_around)
		tightens(finding, "", "the heating may be set less far");
	if (after->hold_s != before->hold_s)
		turned(finding, "", after->hold_s < before->hold_s,
		       "messages are held for a shorter time",
		       "messages are held for a longer time");
}

static bool is_harmless(const struct policy *policy, const char *entity)
{
	for (size_t i = 0; i < policy->harmless_count; i++)
		if (str_equal(policy->harmless[i], entity))
			return true;
	return false;
}

static void look_harmless(struct finding *finding, const struct policy *before,
			  const struct policy *after)
{
	for (size_t i = 0; i < after->harmless_count; i++)
		if (!is_harmless(before, after->harmless[i]))
			loosens(finding, "",
				"a device of unknown effect counts as harmless");
	for (size_t i = 0; i < before->harmless_count; i++)
		if (!is_harmless(after, before->harmless[i]))
			tightens(finding, "", "a device counts as harmless no more");
}

/* --- people, contacts, devices ---------------------------------------------------------- */

static void look_person(struct finding *finding, const struct person *before,
			const struct person *after)
{
	look_capabilities(finding, "a person's device", before->capabilities,
			  after->capabilities);
	if (before->role != after->role)
		turned(finding, "", after->role > before->role,
		       "a person's role has more say", "a person's role has less say");
	if (!str_equal(before->name, after->name))
		loosens(finding, "", "a person has another name");
}

static void look_people(struct finding *finding, const struct policy *before,
			const struct policy *after)
{
	for (size_t i = 0; i < after->person_count; i++) {
		const struct person *known = policy_person(before, after->people[i].id);

		if (known)
			look_person(finding, known, &after->people[i]);
		else
			loosens(finding, "", "somebody more lives here");
	}
	for (size_t i = 0; i < before->person_count; i++)
		if (!policy_person(after, before->people[i].id))
			tightens(finding, "", "somebody does not live here any more");
}

static void look_contact(struct finding *finding, const struct contact *before,
			 const struct contact *after)
{
	if (before->voice_allowed != after->voice_allowed)
		turned(finding, "", after->voice_allowed,
		       "voice completes messages to a contact",
		       "messages to a contact take a tap");
	if (before->kind != after->kind || !str_equal(before->address, after->address) ||
	    !id_equal(before->person.bytes, after->person.bytes) ||
	    memcmp(before->key, after->key, sizeof(before->key)) != 0 ||
	    memcmp(before->box_key, after->box_key, sizeof(before->box_key)) != 0)
		loosens(finding, "", "messages to a contact go another way");
	if (!str_equal(before->name, after->name))
		loosens(finding, "", "a contact has another name");
}

static void look_contacts(struct finding *finding, const struct policy *before,
			  const struct policy *after)
{
	for (size_t i = 0; i < after->contact_count; i++) {
		const struct contact *known =
			policy_contact(before, after->contacts[i].id);

		if (known)
			look_contact(finding, known, &after->contacts[i]);
		else
			loosens(finding, "", "messages may go to one contact more");
	}
	for (size_t i = 0; i < before->contact_count; i++)
		if (!policy_contact(after, before->contacts[i].id))
			tightens(finding, "", "a contact is gone");
}

static void look_device(struct finding *finding, const struct device *before,
			const struct device *after)
{
	if (before->is_revoked != after->is_revoked)
		turned(finding, "", before->is_revoked, "a revoked device counts again",
		       "a device is revoked");
	if (!id_equal(before->person.bytes, after->person.bytes))
		loosens(finding, "", "a device is another person's");
	if (!str_equal(before->name, after->name))
		loosens(finding, "", "a device has another name");
}

static void look_devices(struct finding *finding, const struct policy *before,
			 const struct policy *after)
{
	for (size_t i = 0; i < after->device_count; i++) {
		const struct device *known = policy_device(before, after->devices[i].key);

		if (known)
			look_device(finding, known, &after->devices[i]);
		else
			loosens(finding, "", "a device is paired");
	}
	for (size_t i = 0; i < before->device_count; i++)
		if (!policy_device(after, before->devices[i].key))
			tightens(finding, "", "a device is gone");
}

static bool was_removed(const struct policy *policy, struct owner_id id)
{
	for (size_t i = 0; i < policy->removed_count; i++)
		if (id_equal(policy->removed[i].bytes, id.bytes))
			return true;
	return false;
}

static void look_removed(struct finding *finding, const struct policy *before,
			 const struct policy *after)
{
	for (size_t i = 0; i < before->removed_count; i++)
		if (!was_removed(after, before->removed[i]))
			loosens(finding, "", "an owner who was removed counts again");
	/* Who is left has more say: the others are to see it as well. */
	for (size_t i = 0; i < after->removed_count; i++)
		if (!was_removed(before, after->removed[i]))
			loosens(finding, "", "an owner was removed");
}

/* --- what is kept ----------------------------------------------------------------------- */

static void look_retentions(struct finding *finding, const struct policy *before,
			    const struct policy *of, const struct policy *after)
{
	for (size_t i = 0; i < of->retention_count; i++) {
		const struct owner_id owner = of->retentions[i].owner;
		const uint32_t was = policy_retention_days(before, owner);
		const uint32_t is = policy_retention_days(after, owner);

		if (was != is)
			turned(finding, "", is > was,
			       "an owner's recordings are kept for longer",
			       "an owner's recordings are kept for a shorter time");
	}
}

static void look_keeping(struct finding *finding, const struct policy *before,
			 const struct policy *after)
{
	look_retentions(finding, before, before, after);
	look_retentions(finding, before, after, after);
	if (before->has_box != after->has_box)
		turned(finding, "", after->has_box,
		       "what is nobody's is kept for a day, for all owners",
		       "what is nobody's is not kept any more");
	if (!str_equal(before->operator_name, after->operator_name) ||
	    !str_equal(before->operator_contact, after->operator_contact))
		loosens(finding, "", "somebody else answers for this house's data");
}

/* --- everyday things -------------------------------------------------------------------- */

static void look_place(struct finding *finding, const struct place_policy *before,
		       const struct place_policy *after)
{
	if (before->is_set && !after->is_set)
		tightens(finding, "", "the weather is not asked for any more");
	else if (before->is_set != after->is_set || before->latitude != after->latitude ||
		 before->longitude != after->longitude ||
		 !str_equal(before->name, after->name))
		loosens(finding, "", "the weather is asked for at another place");
}

static void look_limit(struct finding *finding, uint32_t before, uint32_t after,
		       const char *more, const char *less)
{
	if (before != after)
		turned(finding, "", after > before, more, less);
}

/* Also another price or way: what was approved of it before is no measure any more. */
static bool is_same_item(const struct shop_item *one, const struct shop_item *other)
{
	return other && one->cents == other->cents && one->way == other->way &&
	       str_equal(one->name, other->name);
}

static void look_items(struct finding *finding, const struct shop_policy *before,
		       const struct shop_policy *after)
{
	for (size_t i = 0; i < after->item_count; i++)
		if (!is_same_item(&after->items[i],
				  shop_item_find(before, after->items[i].name)))
			loosens(finding, "", "something more may be ordered");
	for (size_t i = 0; i < before->item_count; i++)
		if (!shop_item_find(after, before->items[i].name))
			tightens(finding, "", "something may not be ordered any more");
}

static void look_shop(struct finding *finding, const struct shop_policy *before,
		      const struct shop_policy *after)
{
	if (before->is_on != after->is_on)
		turned(finding, "", after->is_on, "things may be ordered",
		       "nothing may be ordered any more");
	look_limit(finding, before->order_cents, after->order_cents,
		   "one order may cost more", "one order may cost less");
	look_limit(finding, before->day_cents, after->day_cents,
		   "the orders of a day may cost more",
		   "the orders of a day may cost less");
	if (!str_equal(before->currency, after->currency) ||
	    !str_equal(before->webhook, after->webhook) ||
	    !str_equal(before->mail, after->mail))
		loosens(finding, "", "orders go another way");
	look_items(finding, before, after);
}

static const struct spend_policy *spend_of(const struct day_policy *day,
					   const struct spend_policy *like)
{
	for (size_t i = 0; i < day->spend_count; i++)
		if (id_equal(day->spends[i].person.bytes, like->person.bytes))
			return &day->spends[i];
	return NULL;
}

/* Who is not listed may, as an owner, more than a row says: its end loosens. */
static void look_spends(struct finding *finding, const struct day_policy *before,
			const struct day_policy *after)
{
	static const char more[] = "a person may approve dearer orders";
	static const char less[] = "a person may approve fewer orders";

	for (size_t i = 0; i < after->spend_count; i++) {
		const struct spend_policy *row = &after->spends[i];
		const struct spend_policy *known = spend_of(before, row);

		if (!known)
			loosens(finding, "", more);
		else
			look_limit(finding, known->day_cents, row->day_cents, more, less);
	}
	for (size_t i = 0; i < before->spend_count; i++)
		if (!spend_of(after, &before->spends[i]))
			loosens(finding, "", more);
}

static bool is_same_skill(const struct skill_policy *one,
			  const struct skill_policy *other)
{
	if (!other || one->host_count != other->host_count ||
	    memcmp(one->hash, other->hash, sizeof(one->hash)) != 0)
		return false;
	for (size_t i = 0; i < one->host_count; i++)
		if (!str_equal(one->hosts[i], other->hosts[i]))
			return false;
	return true;
}

static void look_skills(struct finding *finding, const struct day_policy *before,
			const struct day_policy *after)
{
	for (size_t i = 0; i < after->skill_count; i++) {
		const struct skill_policy *skill = &after->skills[i];

		if (!is_same_skill(skill, day_skill(before, skill->name)))
			loosens(finding, skill->name, " is a skill that runs");
	}
	for (size_t i = 0; i < before->skill_count; i++)
		if (!day_skill(after, before->skills[i].name))
			tightens(finding, before->skills[i].name,
				 " is a skill that does not run any more");
}

static const struct exposure_policy *exposure_of(const struct day_policy *day,
						 const struct exposure_policy *like)
{
	for (size_t i = 0; i < day->exposure_count; i++)
		if (str_equal(day->exposures[i].entity, like->entity) &&
		    str_equal(day->exposures[i].room.text, like->room.text))
			return &day->exposures[i];
	return NULL;
}

/* What no row says may be either: so a row that goes loosens. */
static void look_exposures(struct finding *finding, const struct day_policy *before,
			   const struct day_policy *after)
{
	for (size_t i = 0; i < after->exposure_count; i++) {
		const struct exposure_policy *row = &after->exposures[i];
		const struct exposure_policy *known = exposure_of(before, row);

		if (!known || known->is_exposed != row->is_exposed)
			turned(finding, "", row->is_exposed,
			       "a voice may name one device more",
			       "a voice may name one device less");
	}
	for (size_t i = 0; i < before->exposure_count; i++)
		if (!exposure_of(after, &before->exposures[i]))
			loosens(finding, "", "a voice may name a device as others");
}

static void look_day(struct finding *finding, const struct policy *before,
		     const struct policy *after)
{
	look_place(finding, &before->day.place, &after->day.place);
	look_shop(finding, &before->day.shop, &after->day.shop);
	look_spends(finding, &before->day, &after->day);
	look_skills(finding, &before->day, &after->day);
	look_exposures(finding, &before->day, &after->day);
}

enum policy_effect policy_effect(const struct policy *before, const struct policy *after,
				 char out_words[POLICY_CHANGE_BYTES])
{
	static void (*const looks[])(struct finding * finding,
				     const struct policy *before,
				     const struct policy *after) = {
		look_removed,  look_rooms,  look_people,  look_contacts, look_devices,
		look_harmless, look_limits, look_keeping, look_day,
	};
	struct finding finding = {.effect = POLICY_SAME};

	for (size_t i = 0; i < STR_COUNT(looks); i++)
		looks[i](&finding, before, after);
	must(str_copy(out_words, POLICY_CHANGE_BYTES, finding.words));
	return finding.effect;
}
