/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_people - roles, ways to a contact, capabilities as text, and who of a policy may
 * what.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/people.h"
#include "domain/policy.h"

static void roles_have_names_and_capabilities(void **state)
{
	static const struct {
		enum person_role role;
		const char *text;
		unsigned capabilities;
	} roles[ROLE_COUNT] = {
		{ROLE_GUEST, "guest", 0},
		{ROLE_CHILD, "child", 0},
		{ROLE_ADULT, "adult", MAY_ALL},
		{ROLE_OWNER, "owner", MAY_ALL},
	};

	(void)state;
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		enum person_role role = ROLE_COUNT;

		assert_string_equal(role_text(roles[i].role), roles[i].text);
		assert_int_equal(role_capabilities(roles[i].role), roles[i].capabilities);
		assert_true(role_from_text(roles[i].text, &role));
		assert_int_equal(role, roles[i].role);
	}
}

static void other_words_are_no_roles(void **state)
{
	static const char *const words[] = {"", "Owner", "owner ", "own", "admin"};
	enum person_role role = ROLE_CHILD;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(words); i++)
		assert_false(role_from_text(words[i], &role));
	assert_int_equal(role, ROLE_CHILD);
}

/* A mail that went out cannot be called back; what lies in an inbox of ours or of a peer
 * hub can. */
static void ways_to_a_contact(void **state)
{
	enum contact_kind kind = CONTACT_MAIL;

	(void)state;
	for (size_t i = 0; i < CONTACT_KIND_COUNT; i++) {
		assert_true(
			contact_kind_from_text(contact_kind_text((enum contact_kind)i),
					       &kind));
		assert_int_equal(kind, i);
	}
	kind = CONTACT_PEER;
	assert_false(contact_kind_from_text("Mail", &kind));
	assert_false(contact_kind_from_text("", &kind));
	assert_int_equal(kind, CONTACT_PEER);
	assert_true(contact_kind_can_recall(CONTACT_HOUSE));
	assert_true(contact_kind_can_recall(CONTACT_PEER));
	assert_false(contact_kind_can_recall(CONTACT_MAIL));
}

/* --- capabilities ----------------------------------------------------------------------- */

static void every_set_is_text_and_back(void **state)
{
	char text[CAPABILITIES_TEXT_BYTES];

	(void)state;
	for (unsigned set = 0; set <= MAY_ALL; set++) {
		unsigned back = ~0U;

		capabilities_to_text(set, text);
		assert_true(capabilities_from_text(text, &back));
		assert_int_equal(back, set);
	}
	capabilities_to_text(0, text);
	assert_string_equal(text, "nothing");
	capabilities_to_text(MAY_MOVE | MAY_SECURITY, text);
	assert_string_equal(text, "move,security");
	capabilities_to_text(MAY_ALL, text);
	assert_string_equal(text, "buy,lists,message,move,policy,record,security,tell");
}

static void bad_lists_are_refused(void **state)
{
	static const char *const lists[] = {
		"",
		",",
		"move,",
		",move",
		"move,,tell",
		"move tell",
		"move, tell",
		"MOVE",
		"fly",
		"move,fly",
		"nothing,",
		"nothing,move",
		"move,nothing",
		"moves",
		"all",
		"buy,lists,message,move,policy,record,security,tell,message,move,policy,record,tell",
	};
	unsigned set = 77;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(lists); i++)
		if (capabilities_from_text(lists[i], &set))
			fail_msg("\"%s\" was read", lists[i]);
	assert_int_equal(set, 77);
	assert_true(capabilities_from_text("tell,move,tell", &set));
	assert_int_equal(set, MAY_MOVE | MAY_TELL);
}

/* --- who of a policy -------------------------------------------------------------------- */

static struct policy policy_of_two(void)
{
	struct policy policy;

	policy_init(&policy);
	policy.person_count = 2;
	policy.people[0] =
		(struct person){.id = {{1}}, .name = "mia", .role = ROLE_CHILD};
	policy.people[1] = (struct person){.id = {{2}},
					   .name = "eva",
					   .role = ROLE_ADULT,
					   .capabilities = MAY_MOVE | MAY_MESSAGE};
	policy.contact_count = 1;
	policy.contacts[0] = (struct contact){.id = {{3}}, .name = "anna"};
	policy.device_count = 2;
	policy.devices[0] = (struct device){.key = {4}, .person = {{2}}};
	policy.devices[1] =
		(struct device){.key = {5}, .person = {{2}}, .is_revoked = true};
	return policy;
}

static void found_by_id_and_key_alone(void **state)
{
	const struct policy policy = policy_of_two();
	uint8_t key[PEOPLE_KEY_BYTES] = {5};

	(void)state;
	assert_ptr_equal(policy_person(&policy, (struct person_id){{2}}),
			 &policy.people[1]);
	assert_null(policy_person(&policy, (struct person_id){{3}}));
	assert_null(policy_person(&policy, (struct person_id){{0}}));
	assert_ptr_equal(policy_contact(&policy, (struct contact_id){{3}}),
			 &policy.contacts[0]);
	assert_null(policy_contact(&policy, (struct contact_id){{1}}));
	assert_ptr_equal(policy_device(&policy, key), &policy.devices[1]);
	key[PEOPLE_KEY_BYTES - 1] = 1;
	assert_null(policy_device(&policy, key));
}

/* What is behind the counts is not there. */
static void who_left_is_not_found(void **state)
{
	struct policy policy = policy_of_two();

	(void)state;
	policy.person_count = 1;
	policy.contact_count = 0;
	policy.device_count = 0;
	assert_null(policy_person(&policy, (struct person_id){{2}}));
	assert_null(policy_contact(&policy, (struct contact_id){{3}}));
	assert_null(policy_device(&policy, (const uint8_t[PEOPLE_KEY_BYTES]){4}));
}

static void a_device_may_what_its_person_may(void **state)
{
	struct policy policy = policy_of_two();

	(void)state;
	assert_int_equal(policy_device_may(&policy, &policy.devices[0]),
			 MAY_MOVE | MAY_MESSAGE);
	assert_int_equal(policy_device_may(&policy, &policy.devices[1]), 0); /* revoked */
	policy.people[1].capabilities = MAY_TELL;
	assert_int_equal(policy_device_may(&policy, &policy.devices[0]), MAY_TELL);
	policy.person_count = 1; /* its person is gone */
	assert_int_equal(policy_device_may(&policy, &policy.devices[0]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_have_names_and_capabilities),
		cmocka_unit_test(other_words_are_no_roles),
		cmocka_unit_test(ways_to_a_contact),
		cmocka_unit_test(every_set_is_text_and_back),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(found_by_id_and_key_alone),
		cmocka_unit_test(who_left_is_not_found),
		cmocka_unit_test(a_device_may_what_its_person_may),
	};
	return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
