/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which changes of the policy loosen and which tighten it, one row each; and that whatever
 * differs is seen, and loosens unless a row says otherwise.
 */
#include "unit/cmocka_all.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "domain/policy_effect.h"

/* A house with one of each. */
static void fill(struct policy *policy)
{
	struct room_policy *room = &policy->rooms[0];

	policy_init(policy);
	policy->room_count = 1;
	assert_true(str_copy(room->room.text, sizeof(room->room.text), "kitchen"));
	room->capabilities = MAY_MOVE | MAY_TELL;
	room->has_key = true;
	room->key[0] = 1;
	policy->harmless_count = 1;
	assert_true(str_copy(policy->harmless[0], sizeof(policy->harmless[0]), "a.b"));
	policy->person_count = 1;
	policy->people[0] = (struct person){.id = {{1}},
					    .name = "Mia",
					    .role = ROLE_CHILD,
					    .capabilities = MAY_MOVE};
	policy->contact_count = 1;
	policy->contacts[0] = (struct contact){.id = {{1}},
					       .name = "Anna",
					       .kind = CONTACT_PEER,
					       .address = "a:1",
					       .key = {1},
					       .box_key = {1}};
	policy->device_count = 1;
	policy->devices[0] =
		(struct device){.key = {1}, .name = "phone", .person = {{1}}};
	policy->day.place = (struct place_policy){true, "Oslo", 5990, 1070};
	policy->day.shop = (struct shop_policy){.is_on = true,
						.currency = "EUR",
						.order_cents = 3000,
						.day_cents = 5000,
						.webhook = "https://a/b",
						.mail = "a@b",
						.item_count = 1,
						.items = {{"tea", 350, SHOP_WEBHOOK}}};
	policy->day.spend_count = 1;
	policy->day.spends[0] = (struct spend_policy){{{1}}, 1000};
	policy->day.skill_count = 1;
	policy->day.skills[0] = (struct skill_policy){.name = "jokes",
						      .hash = {7},
						      .host_count = 1,
						      .hosts = {"a.example"}};
	policy->day.exposure_count = 1;
	policy->day.exposures[0] = (struct exposure_policy){"fan.a", {"kitchen"}, true};
}

/* --- what is changed, by rows ----------------------------------------------------------- */

static void nothing(struct policy *p)
{
	(void)p;
}
static void room_gains(struct policy *p)
{
	p->rooms[0].capabilities |= MAY_MESSAGE;
}
static void room_loses(struct policy *p)
{
	p->rooms[0].capabilities = MAY_TELL;
}
static void room_swaps(struct policy *p)
{
	p->rooms[0].capabilities = MAY_SECURITY;
}
static void room_muted(struct policy *p)
{
	p->rooms[0].muted = true;
}
static void room_private(struct policy *p)
{
	p->rooms[0].is_private = true;
}
static void room_key(struct policy *p)
{
	p->rooms[0].key[5] = 9;
}
static void room_thin(struct policy *p)
{
	p->rooms[0].is_thin = true;
}
static void room_revoked(struct policy *p)
{
	p->rooms[0].is_revoked = true;
}
static void room_gone(struct policy *p)
{
	p->room_count = 0;
}
static void heat_wider(struct policy *p)
{
	p->celsius_max = 31;
}
static void heat_colder(struct policy *p)
{
	p->celsius_min = 4;
}
static void heat_narrower(struct policy *p)
{
	p->celsius_min = 6;
}
static void heat_nothing(struct policy *p)
{
	p->celsius_max = 0.0 / 0.0;
}
static void hold_shorter(struct policy *p)
{
	p->hold_s = 10;
}
static void hold_longer(struct policy *p)
{
	p->hold_s = 600;
}
static void harmless_gone(struct policy *p)
{
	p->harmless_count = 0;
}
static void harmless_other(struct policy *p)
{
	p->harmless[0][0] = 'z';
}
static void person_gone(struct policy *p)
{
	p->person_count = 0;
}
static void person_may(struct policy *p)
{
	p->people[0].capabilities = MAY_ALL;
}
static void person_may_less(struct policy *p)
{
	p->people[0].capabilities = 0;
}
static void person_adult(struct policy *p)
{
	p->people[0].role = ROLE_ADULT;
}
static void person_guest(struct policy *p)
{
	p->people[0].role = ROLE_GUEST;
}
static void person_name(struct policy *p)
{
	p->people[0].name[0] = 'L';
}
static void contact_gone(struct policy *p)
{
	p->contact_count = 0;
}
static void contact_voice(struct policy *p)
{
	p->contacts[0].voice_allowed = true;
}
static void contact_kind(struct policy *p)
{
	p->contacts[0].kind = CONTACT_MAIL;
}
static void contact_name(struct policy *p)
{
	p->contacts[0].name[0] = 'H';
}
static void contact_address(struct policy *p)
{
	p->contacts[0].address[0] = 'b';
}
static void contact_person(struct policy *p)
{
	p->contacts[0].person.bytes[0] = 7;
}
static void contact_key(struct policy *p)
{
	p->contacts[0].key[31] = 7;
}
static void contact_box(struct policy *p)
{
	p->contacts[0].box_key[31] = 7;
}
static void device_revoked(struct policy *p)
{
	p->devices[0].is_revoked = true;
}
static void device_person(struct policy *p)
{
	p->devices[0].person.bytes[0] = 7;
}
static void device_name(struct policy *p)
{
	p->devices[0].name[0] = 'P';
}
static void device_key(struct policy *p)
{
	p->devices[0].key[31] = 7;
}
static void device_gone(struct policy *p)
{
	p->device_count = 0;
}
static void owner_removed(struct policy *p)
{
	p->removed_count = 1;
}
static void kept_longer(struct policy *p)
{
	p->retention_count = 1;
	p->retentions[0] = (struct retention_policy){{{1}}, POLICY_RETENTION_DAYS + 1};
}
static void kept_not_at_all(struct policy *p)
{
	p->retention_count = 1;
	p->retentions[0] = (struct retention_policy){{{1}}, 0};
}
static void box_on(struct policy *p)
{
	p->has_box = true;
}
static void run_by_another(struct policy *p)
{
	p->operator_name[0] = 'x';
}
static void written_to_another(struct policy *p)
{
	p->operator_contact[0] = 'x';
}

static void place_off(struct policy *p)
{
	p->day.place.is_set = false;
}
static void place_other(struct policy *p)
{
	p->day.place.latitude++;
}
static void shop_off(struct policy *p)
{
	p->day.shop.is_on = false;
}
static void order_dearer(struct policy *p)
{
	p->day.shop.order_cents++;
}
static void day_dearer(struct policy *p)
{
	p->day.shop.day_cents++;
}
static void webhook_other(struct policy *p)
{
	p->day.shop.webhook[0] = 'x';
}
static void mail_other(struct policy *p)
{
	p->day.shop.mail[0] = 'x';
}
static void currency_other(struct policy *p)
{
	p->day.shop.currency[0] = 'x';
}
static void item_dearer(struct policy *p)
{
	p->day.shop.items[0].cents++;
}
static void item_way(struct policy *p)
{
	p->day.shop.items[0].way = SHOP_MAIL;
}
static void item_gone(struct policy *p)
{
	p->day.shop.item_count = 0;
}
static void spend_more(struct policy *p)
{
	p->day.spends[0].day_cents++;
}
static void spend_gone(struct policy *p)
{
	p->day.spend_count = 0;
}
static void skill_other(struct policy *p)
{
	p->day.skills[0].hash[31] = 9;
}
static void skill_host(struct policy *p)
{
	p->day.skills[0].hosts[0][0] = 'x';
}
static void skill_gone(struct policy *p)
{
	p->day.skill_count = 0;
}
static void hidden(struct policy *p)
{
	p->day.exposures[0].is_exposed = false;
}
static void exposure_gone(struct policy *p)
{
	p->day.exposure_count = 0;
}
static void exposure_room(struct policy *p)
{
	p->day.exposures[0].room.text[0] = 'x';
}

/* From here to there; and back. */
static const struct {
	void (*change)(struct policy *policy);
	enum policy_effect there;
	enum policy_effect back;
	const char *words; /* of going there; part of them */
} ROWS[] = {
	{nothing, POLICY_SAME, POLICY_SAME, ""},
	{room_gains, POLICY_LOOSENS, POLICY_TIGHTENS,
	 "kitchen may send messages out of the house"},
	{room_loses, POLICY_TIGHTENS, POLICY_LOOSENS, "kitchen may do less"},
	{room_swaps, POLICY_LOOSENS, POLICY_LOOSENS, "kitchen may unlock"},
	{room_muted, POLICY_TIGHTENS, POLICY_LOOSENS, "kitchen is muted"},
	{room_private, POLICY_LOOSENS, POLICY_TIGHTENS, "kitchen is private"},
	{room_key, POLICY_LOOSENS, POLICY_LOOSENS, "kitchen has another key"},
	{room_thin, POLICY_TIGHTENS, POLICY_LOOSENS, "proves nothing"},
	{room_revoked, POLICY_TIGHTENS, POLICY_LOOSENS, "not let in any more"},
	{room_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "kitchen is gone"},
	{heat_wider, POLICY_LOOSENS, POLICY_TIGHTENS, "further"},
	{heat_colder, POLICY_LOOSENS, POLICY_TIGHTENS, "further"},
	{heat_narrower, POLICY_TIGHTENS, POLICY_LOOSENS, "less far"},
	{heat_nothing, POLICY_LOOSENS, POLICY_LOOSENS, "further"},
	{hold_shorter, POLICY_LOOSENS, POLICY_TIGHTENS, "shorter"},
	{hold_longer, POLICY_TIGHTENS, POLICY_LOOSENS, "longer"},
	{harmless_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "no more"},
	{harmless_other, POLICY_LOOSENS, POLICY_LOOSENS, "counts as harmless"},
	{person_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "not live here"},
	{person_may, POLICY_LOOSENS, POLICY_TIGHTENS, "a person's device may"},
	{person_may_less, POLICY_TIGHTENS, POLICY_LOOSENS, "may do less"},
	{person_adult, POLICY_LOOSENS, POLICY_TIGHTENS, "more say"},
	{person_guest, POLICY_TIGHTENS, POLICY_LOOSENS, "less say"},
	{person_name, POLICY_LOOSENS, POLICY_LOOSENS, "another name"},
	{contact_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "a contact is gone"},
	{contact_voice, POLICY_LOOSENS, POLICY_TIGHTENS, "voice completes"},
	{contact_kind, POLICY_LOOSENS, POLICY_LOOSENS, "another way"},
	{contact_name, POLICY_LOOSENS, POLICY_LOOSENS, "another name"},
	{contact_address, POLICY_LOOSENS, POLICY_LOOSENS, "another way"},
	{contact_person, POLICY_LOOSENS, POLICY_LOOSENS, "another way"},
	{contact_key, POLICY_LOOSENS, POLICY_LOOSENS, "another way"},
	{contact_box, POLICY_LOOSENS, POLICY_LOOSENS, "another way"},
	{device_revoked, POLICY_TIGHTENS, POLICY_LOOSENS, "a device is revoked"},
	{device_person, POLICY_LOOSENS, POLICY_LOOSENS, "another person's"},
	{device_name, POLICY_LOOSENS, POLICY_LOOSENS, "another name"},
	{device_key, POLICY_LOOSENS, POLICY_LOOSENS, "a device is paired"},
	{device_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "a device is gone"},
	{owner_removed, POLICY_LOOSENS, POLICY_LOOSENS, "an owner was removed"},
	{kept_longer, POLICY_LOOSENS, POLICY_TIGHTENS, "kept for longer"},
	{kept_not_at_all, POLICY_TIGHTENS, POLICY_LOOSENS, "kept for a shorter time"},
	{box_on, POLICY_LOOSENS, POLICY_TIGHTENS, "for a day, for all owners"},
	{run_by_another, POLICY_LOOSENS, POLICY_LOOSENS, "somebody else answers"},
	{written_to_another, POLICY_LOOSENS, POLICY_LOOSENS, "somebody else answers"},
	{place_off, POLICY_TIGHTENS, POLICY_LOOSENS, "not asked for any more"},
	{place_other, POLICY_LOOSENS, POLICY_LOOSENS, "at another place"},
	{shop_off, POLICY_TIGHTENS, POLICY_LOOSENS, "nothing may be ordered"},
	{order_dearer, POLICY_LOOSENS, POLICY_TIGHTENS, "one order may cost more"},
	{day_dearer, POLICY_LOOSENS, POLICY_TIGHTENS, "of a day may cost more"},
	{webhook_other, POLICY_LOOSENS, POLICY_LOOSENS, "orders go another way"},
	{mail_other, POLICY_LOOSENS, POLICY_LOOSENS, "orders go another way"},
	{currency_other, POLICY_LOOSENS, POLICY_LOOSENS, "orders go another way"},
	{item_dearer, POLICY_LOOSENS, POLICY_LOOSENS, "something more"},
	{item_way, POLICY_LOOSENS, POLICY_LOOSENS, "something more"},
	{item_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "may not be ordered"},
	{spend_more, POLICY_LOOSENS, POLICY_TIGHTENS, "dearer orders"},
	{spend_gone, POLICY_LOOSENS, POLICY_LOOSENS, "dearer orders"},
	{skill_other, POLICY_LOOSENS, POLICY_LOOSENS, "jokes is a skill that runs"},
	{skill_host, POLICY_LOOSENS, POLICY_LOOSENS, "jokes is a skill that runs"},
	{skill_gone, POLICY_TIGHTENS, POLICY_LOOSENS, "does not run any more"},
	{hidden, POLICY_TIGHTENS, POLICY_LOOSENS, "one device less"},
	{exposure_gone, POLICY_LOOSENS, POLICY_LOOSENS, "as others"},
	{exposure_room, POLICY_LOOSENS, POLICY_LOOSENS, "one device more"},
};

static struct policy before;
static struct policy after;

static void each_change_goes_one_way(void **state)
{
	char words[POLICY_CHANGE_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		fill(&before);
		after = before;
		ROWS[i].change(&after);
		const enum policy_effect there = policy_effect(&before, &after, words);

		if (there != ROWS[i].there || !strstr(words, ROWS[i].words))
			fail_msg("row %zu: %s: \"%s\"", i, policy_effect_text(there),
				 words);
		const enum policy_effect back = policy_effect(&after, &before, words);

		if (back != ROWS[i].back)
			fail_msg("row %zu back: %s: \"%s\"", i, policy_effect_text(back),
				 words);
	}
}

/* One that tightens does not hide one that loosens beside it. */
static void the_worst_counts(void **state)
{
	char words[POLICY_CHANGE_BYTES];

	(void)state;
	fill(&before);
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		after = before;
		if (ROWS[i].change == room_gone)
			continue;
		ROWS[i].change(&after);
		room_gains(&after);
		room_muted(&after);
		assert_int_equal(policy_effect(&before, &after, words), POLICY_LOOSENS);
	}
}

/* Every bit of what is kept of a room, a person, a contact or a device is looked at. */
static void nothing_changes_unseen(void **state)
{
	static const struct {
		size_t offset;
		size_t size;
	} parts[] = {
#define PART(field) {offsetof(struct policy, field), sizeof(before.field)}
		PART(celsius_min),
		PART(celsius_max),
		PART(rooms[0].capabilities),
		PART(rooms[0].key),
		PART(rooms[0].private_owner),
		PART(hold_s),
		PART(people[0].id),
		PART(people[0].capabilities),
		PART(contacts[0].id),
		PART(contacts[0].person),
		PART(contacts[0].key),
		PART(contacts[0].box_key),
		PART(devices[0].key),
		PART(devices[0].person),
#undef PART
	};
	char words[POLICY_CHANGE_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(parts); i++)
		for (size_t bit = 0; bit < 8 * parts[i].size; bit++) {
			fill(&before);
			after = before;
			((uint8_t *)&after)[parts[i].offset + bit / 8] ^=
				(uint8_t)(1U << (bit % 8));
			if (policy_effect(&before, &after, words) == POLICY_SAME)
				fail_msg("part %zu, bit %zu is not seen", i, bit);
		}
}

/* The words fit, whatever the room is called, and are whole letters. */
static void long_names_are_cut(void **state)
{
	char words[POLICY_CHANGE_BYTES];
	struct room_policy *room = &after.rooms[0];

	(void)state;
	fill(&before);
	before.room_count = 0;
	fill(&after);
	for (size_t i = 0; i + 2 < sizeof(room->room.text); i += 2)
		memcpy(room->room.text + i, "\xc3\xa4", 2);
	room->room.text[0] = 'a'; /* so that a letter lies across the cut */
	room->room.text[1] = 'b';
	room->room.text[2] = 'c';
	memmove(room->room.text + 3, room->room.text + 4, 60);
	room->room.text[63] = '\0';
	assert_int_equal(policy_effect(&before, &after, words), POLICY_LOOSENS);
	assert_true(str_is_utf8(words, strlen(words)));
}

static void changes_are_remembered_in_order(void **state)
{
	(void)state;
	policy_init(&after);
	for (uint64_t i = 1; i <= POLICY_CHANGES_MAX + 3; i++)
		policy_add_change(&after, &(struct policy_change){.number = i * 10});
	assert_int_equal(after.change_count, POLICY_CHANGES_MAX);
	assert_int_equal(after.changes[0].number, 40);
	/* One that is read late stands where it belongs; one older than all is forgotten. */
	policy_add_change(&after, &(struct policy_change){.number = 55});
	assert_int_equal(after.change_count, POLICY_CHANGES_MAX);
	assert_int_equal(after.changes[0].number, 50);
	assert_int_equal(after.changes[1].number, 55);
	assert_int_equal(after.changes[2].number, 60);
	policy_add_change(&after, &(struct policy_change){.number = 1});
	assert_int_equal(after.changes[0].number, 50);
	assert_int_equal(after.changes[POLICY_CHANGES_MAX - 1].number,
			 (POLICY_CHANGES_MAX + 3) * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_goes_one_way),
		cmocka_unit_test(the_worst_counts),
		cmocka_unit_test(nothing_changes_unseen),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(changes_are_remembered_in_order),
	};
	return cmocka_run_group_tests_name("policy_effect", tests, NULL, NULL);
}
