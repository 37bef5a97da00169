/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_people - who lives here, whom messages may go to, and how long they are held:
 * what the keeper writes down of it and what it refuses, each for its own reason.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/policy_row.h"

enum { SEED = 44 };

static const char PASSPHRASE[] = "correct horse";

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

static struct desk_bench_people people;
static struct policy policy;

static void sign_in(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};
	struct desk_bench_link *first = desk_bench_link(house.bench, DESK_OWNER);

	assert_true(desk_bench_make_owner(house.bench, first, "alice", PASSPHRASE, NULL,
					  NULL));
	sign_in(&house);
	return house;
}

static const char *change(struct house *house, enum wire_type type, const void *fields)
{
	return desk_bench_change(house->bench, house->alice, type, fields);
}

static void look(struct house *house)
{
	desk_bench_people(house->bench, house->alice, &people);
	desk_bench_policy(house->bench, house->hub, &policy);
}

static const char *set_person(struct house *house, const struct wire_person *person)
{
	return change(house, WIRE_person, person);
}

static const char *set_contact(struct house *house, const struct wire_contact *contact)
{
	return change(house, WIRE_contact, contact);
}

/* Adds somebody and gives them back as they are kept. */
static struct wire_person add_person(struct house *house, const char *name)
{
	struct wire_person person = {.role = "adult", .capabilities = MAY_MOVE};
	const struct wire_person *kept;

	assert_true(str_copy(person.name, sizeof(person.name), name));
	assert_string_equal(set_person(house, &person), "");
	look(house);
	kept = desk_bench_person(&people, name);
	assert_non_null(kept);
	return *kept;
}

static void key_text(unsigned number, char to[80])
{
	const uint8_t key[KEY_TEXT_KEY_BYTES] = {(uint8_t)number};
	char text[KEY_TEXT_BYTES];

	assert_int_equal(key_to_text(key, text), OK);
	assert_true(str_copy(to, 80, text));
}

/* --- people ----------------------------------------------------------------------------- */

static void somebody_comes_changes_and_leaves(void **state)
{
	struct house house = make_house();
	struct wire_person mia = add_person(&house, "Mia");

	(void)state;
	assert_string_equal(mia.role, "adult");
	assert_int_equal(mia.capabilities, MAY_MOVE);
	assert_false(id_is_none(mia.id.bytes));
	assert_true(str_copy(mia.name, sizeof(mia.name), "  Mia Lou "));
	assert_true(str_copy(mia.role, sizeof(mia.role), "child"));
	mia.capabilities = MAY_MESSAGE;
	assert_string_equal(set_person(&house, &mia), "");
	desk_bench_restart(house.bench);
	sign_in(&house);
	look(&house);
	assert_int_equal(people.person_count, 2); /* and alice */
	assert_non_null(desk_bench_person(&people, "Mia Lou"));
	assert_memory_equal(desk_bench_person(&people, "Mia Lou")->id.bytes, mia.id.bytes,
			    ID_BYTES);
	assert_int_equal(policy.person_count, 2); /* and so is the hub told */
	assert_int_equal(policy.people[0].role, ROLE_CHILD);
	assert_int_equal(policy.people[0].capabilities, MAY_MESSAGE);
	mia.is_gone = 1;
	assert_string_equal(set_person(&house, &mia), "");
	assert_string_equal(set_person(&house, &mia), "UNKNOWN_PERSON");
	look(&house);
	assert_int_equal(people.person_count, 1);
	desk_bench_destroy(house.bench);
}

static void two_of_a_name_are_refused(void **state)
{
	struct house house = make_house();
	struct wire_person mia = add_person(&house, "Mia");
	struct wire_person other = {.name = "MIA", .role = "guest"};

	(void)state;
	assert_string_equal(set_person(&house, &other), "NAME_TAKEN");
	assert_true(str_copy(other.name, sizeof(other.name), " aLiCe "));
	assert_string_equal(set_person(&house, &other), "NAME_TAKEN");
	assert_string_equal(set_person(&house, &mia), ""); /* one's own is free */
	mia = add_person(&house, "Eva");
	assert_true(str_copy(mia.name, sizeof(mia.name), "mia"));
	assert_string_equal(set_person(&house, &mia), "NAME_TAKEN");
	/* Nor do owners take the name of somebody who lives here. */
	assert_false(desk_bench_make_owner(house.bench, house.alice, "eva", PASSPHRASE,
					   NULL, NULL));
	look(&house);
	assert_int_equal(people.person_count, 3);
	desk_bench_destroy(house.bench);
}

static void nobody_is_made_an_owner(void **state)
{
	struct house house = make_house();
	struct wire_person mia = add_person(&house, "Mia");
	struct wire_person alice = *desk_bench_person(&people, "alice");
	struct wire_person stranger = {.name = "eve", .role = "owner"};

	(void)state;
	assert_string_equal(set_person(&house, &stranger), "OWNER_ROLE");
	assert_true(str_copy(mia.role, sizeof(mia.role), "owner"));
	assert_string_equal(set_person(&house, &mia), "OWNER_ROLE");
	assert_string_equal(alice.role, "owner");
	assert_true(str_copy(alice.role, sizeof(alice.role), "guest"));
	assert_string_equal(set_person(&house, &alice), "OWNER_ROLE");
	alice.is_gone = 1;
	assert_string_equal(set_person(&house, &alice), "OWNER_ROLE");
	look(&house);
	assert_string_equal(desk_bench_person(&people, "Mia")->role, "adult");
	assert_string_equal(desk_bench_person(&people, "alice")->role, "owner");
	desk_bench_destroy(house.bench);
}

static void what_is_no_person_is_refused(void **state)
{
	static const struct wire_person persons[] = {
		{.name = "", .role = "guest"},
		{.name = "   ", .role = "guest"},
		{.name = "mia", .role = ""},
		{.name = "mia", .role = "king"},
		{.name = "mia", .role = "guest", .capabilities = MAY_ALL + 1},
	};
	static const struct wire_person unknown = {.id = {{9}},
						   .name = "mia",
						   .role = "guest"};
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(persons); i++)
		assert_string_equal(set_person(&house, &persons[i]), "OUT_OF_RANGE");
	assert_string_equal(set_person(&house, &unknown), "UNKNOWN_PERSON");
	look(&house);
	assert_int_equal(people.person_count, 1);
	desk_bench_destroy(house.bench);
}

static void a_house_holds_so_many_people(void **state)
{
	struct house house = make_house();
	struct wire_person one = {.role = "guest"};

	(void)state;
	for (unsigned i = 0; i < POLICY_PEOPLE_MAX; i++) {
		assert_true(str_format(one.name, sizeof(one.name), "guest %u", i));
		assert_string_equal(set_person(&house, &one), "");
	}
	assert_true(str_copy(one.name, sizeof(one.name), "one more"));
	assert_string_equal(set_person(&house, &one), "PERSON_LIMIT");
	/* Owners are beside them. */
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	desk_bench_restart(house.bench);
	sign_in(&house);
	look(&house);
	assert_int_equal(people.person_count, POLICY_PEOPLE_MAX + 2);
	one = people.people[0];
	one.is_gone = 1;
	assert_string_equal(set_person(&house, &one), "");
	(void)add_person(&house, "one more");
	desk_bench_destroy(house.bench);
}

/* --- contacts --------------------------------------------------------------------------- */

enum part { ADDRESS = 1, KEY = 2, BOX_KEY = 4, PERSON = 8, VOICE = 16, NO_AT = 32 };

static struct wire_contact contact_of(const char *kind, unsigned parts,
				      const struct wire_person *person)
{
	struct wire_contact contact = {.name = "Anna",
				       .voice_allowed = (parts & VOICE) != 0};

	assert_true(str_copy(contact.kind, sizeof(contact.kind), kind));
	if (parts & (ADDRESS | NO_AT))
		assert_true(str_copy(contact.address, sizeof(contact.address),
				     parts & NO_AT             ? "anna.example.org"
				     : str_equal(kind, "peer") ? "anna.example.org:7411"
							       : "anna@example.org"));
	if (parts & KEY)
		key_text(1, contact.key);
	if (parts & BOX_KEY)
		key_text(2, contact.box_key);
	if (parts & PERSON)
		memcpy(contact.person.bytes, person->id.bytes, ID_BYTES);
	return contact;
}

static void each_kind_needs_its_parts_and_no_more(void **state)
{
	static const struct {
		const char *kind;
		unsigned parts;
		const char *answer;
	} rows[] = {
		{"house", PERSON | VOICE, ""},
		{"house", PERSON, ""},
		{"house", VOICE, "CONTACT_PARTS"},
		{"house", PERSON | ADDRESS, "CONTACT_PARTS"},
		{"house", PERSON | KEY | BOX_KEY, "CONTACT_PARTS"},
		{"house", PERSON | KEY, "CONTACT_PARTS"},
		{"house", PERSON | BOX_KEY, "CONTACT_PARTS"},
		{"peer", ADDRESS | KEY | BOX_KEY | VOICE, ""},
		{"peer", NO_AT | KEY | BOX_KEY, "PEER_ADDRESS"}, /* and no port */
		{"peer", KEY | BOX_KEY, "CONTACT_PARTS"},
		{"peer", ADDRESS | BOX_KEY, "CONTACT_PARTS"},
		{"peer", ADDRESS | KEY, "CONTACT_PARTS"},
		{"peer", ADDRESS | KEY | BOX_KEY | PERSON, "CONTACT_PARTS"},
		{"mail", ADDRESS, ""},
		{"mail", 0, "CONTACT_PARTS"},
		{"mail", NO_AT, "CONTACT_PARTS"},
		{"mail", ADDRESS | VOICE, "CONTACT_PARTS"}, /* never by voice */
		{"mail", ADDRESS | PERSON, "CONTACT_PARTS"},
		{"mail", ADDRESS | KEY | BOX_KEY, "CONTACT_PARTS"},
		{"mail", ADDRESS | KEY, "CONTACT_PARTS"},
		{"mail", ADDRESS | BOX_KEY, "CONTACT_PARTS"},
		{"pigeon", ADDRESS, "OUT_OF_RANGE"},
		{"", ADDRESS, "OUT_OF_RANGE"},
	};
	struct house house = make_house();
	const struct wire_person mia = add_person(&house, "Mia");

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct wire_contact contact =
			contact_of(rows[i].kind, rows[i].parts, &mia);
		const char *answer = set_contact(&house, &contact);

		if (!str_equal(answer, rows[i].answer))
			fail_msg("row %zu: \"%s\", not \"%s\"", i, answer,
				 rows[i].answer);
		look(&house);
		assert_int_equal(people.contact_count, *rows[i].answer == '\0');
		if (*rows[i].answer)
			continue;
		contact = people.contacts[0];
		contact.is_gone = 1;
		assert_string_equal(set_contact(&house, &contact), "");
	}
	desk_bench_destroy(house.bench);
}

static void nobody_is_no_person(void **state)
{
	struct house house = make_house();
	const struct wire_person nobody = {.id = {{7}}};
	struct wire_contact contact = contact_of("house", PERSON, &nobody);

	(void)state;
	assert_string_equal(set_contact(&house, &contact), "CONTACT_PARTS");
	contact = contact_of("mail", ADDRESS | PERSON, &nobody);
	assert_string_equal(set_contact(&house, &contact), "CONTACT_PARTS");
	desk_bench_destroy(house.bench);
}

/* What is kept is told to owners; the hub is told neither address nor keys. */
static void a_contact_changes_and_goes(void **state)
{
	struct house house = make_house();
	struct wire_contact anna =
		contact_of("peer", ADDRESS | KEY | BOX_KEY | VOICE, NULL);

	(void)state;
	assert_string_equal(set_contact(&house, &anna), "");
	look(&house);
	anna = *desk_bench_contact(&people, "Anna");
	anna.voice_allowed = 0;
	assert_true(str_copy(anna.name, sizeof(anna.name), "Anna Berg"));
	key_text(3, anna.key);
	assert_string_equal(set_contact(&house, &anna), "");
	desk_bench_restart(house.bench);
	sign_in(&house);
	look(&house);
	assert_int_equal(people.contact_count, 1);
	assert_non_null(desk_bench_contact(&people, "Anna Berg"));
	assert_string_equal(people.contacts[0].key, anna.key);
	assert_string_equal(people.contacts[0].box_key, anna.box_key);
	assert_string_equal(people.contacts[0].address, "anna.example.org:7411");
	assert_int_equal(policy.contact_count, 1);
	assert_int_equal(policy.contacts[0].kind, CONTACT_PEER);
	assert_string_equal(policy.contacts[0].address, "");
	assert_int_equal(policy.contacts[0].key[0], 0);
	anna.is_gone = 1;
	assert_string_equal(set_contact(&house, &anna), "");
	assert_string_equal(set_contact(&house, &anna), "UNKNOWN_CONTACT");
	look(&house);
	assert_int_equal(people.contact_count, 0);
	desk_bench_destroy(house.bench);
}

static void names_and_keys_of_contacts(void **state)
{
	struct house house = make_house();
	struct wire_contact anna = contact_of("mail", ADDRESS, NULL);

	(void)state;
	assert_string_equal(set_contact(&house, &anna), "");
	assert_true(str_copy(anna.name, sizeof(anna.name), " aNNa"));
	assert_string_equal(set_contact(&house, &anna), "NAME_TAKEN");
	anna.name[0] = '\0';
	assert_string_equal(set_contact(&house, &anna), "OUT_OF_RANGE");
	anna = contact_of("peer", ADDRESS | KEY | BOX_KEY, NULL);
	assert_true(str_copy(anna.name, sizeof(anna.name), "Bea"));
	anna.key[4] = anna.key[4] == '0' ? '2' : '0';
	assert_string_equal(set_contact(&house, &anna), "WRONG_KEY");
	key_text(1, anna.key);
	assert_true(str_copy(anna.box_key, sizeof(anna.box_key), "no key"));
	assert_string_equal(set_contact(&house, &anna), "WRONG_KEY");
	look(&house);
	assert_int_equal(people.contact_count, 1);
	desk_bench_destroy(house.bench);
}

static void a_house_has_so_many_contacts(void **state)
{
	struct house house = make_house();
	struct wire_contact one = contact_of("mail", ADDRESS, NULL);

	(void)state;
	for (unsigned i = 0; i < POLICY_CONTACTS_MAX; i++) {
		assert_true(str_format(one.name, sizeof(one.name), "contact %u", i));
		assert_string_equal(set_contact(&house, &one), "");
		while (desk_bench_take(house.hub))
			continue;
	}
	assert_true(str_copy(one.name, sizeof(one.name), "one more"));
	assert_string_equal(set_contact(&house, &one), "CONTACT_LIMIT");
	desk_bench_restart(house.bench);
	sign_in(&house);
	look(&house);
	assert_int_equal(people.contact_count, POLICY_CONTACTS_MAX);
	assert_int_equal(policy.contact_count, POLICY_CONTACTS_MAX);
	desk_bench_destroy(house.bench);
}

/* --- the hold --------------------------------------------------------------------------- */

static void the_hold_has_limits(void **state)
{
	static const struct {
		uint32_t hold_s;
		const char *answer;
		uint32_t then_s;
	} rows[] = {
		{9, "OUT_OF_RANGE", 60},   {10, "", 10},
		{601, "OUT_OF_RANGE", 10}, {600, "", 600},
		{0, "OUT_OF_RANGE", 600},
	};
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct wire_hold_set set = {.hold_s = rows[i].hold_s};

		assert_string_equal(change(&house, WIRE_hold_set, &set), rows[i].answer);
		look(&house);
		assert_int_equal(people.hold_s, rows[i].then_s);
		assert_int_equal(policy.hold_s, rows[i].then_s);
	}
	desk_bench_restart(house.bench);
	sign_in(&house);
	look(&house);
	assert_int_equal(people.hold_s, 600);
	desk_bench_destroy(house.bench);
}

/* --- devices ---------------------------------------------------------------------------- */

/* Devices come by pairing; this one is put into the policy as pairing will put it. */
static void put_device(struct house *house, const struct wire_person *person)
{
	const uint64_t version = desk_bench_policy_version(house->bench) + 1;
	struct owner_view *view = desk_bench_view(house->bench, "alice", PASSPHRASE);
	struct buf row;

	look(house);
	policy.device_count = 1;
	policy.devices[0] = (struct device){.key = {1}, .name = "phone"};
	memcpy(policy.devices[0].person.bytes, person->id.bytes, ID_BYTES);
	buf_init(&row, POLICY_ROW_BYTES_MAX);
	assert_int_equal(policy_row_write(house->bench->household, version, &policy, view,
					  secret_view(house->bench->seed), &row),
			 OK);
	desk_bench_put_policy(house->bench, version, row.bytes, row.size);
	desk_bench_age(house->bench, "alice", PASSPHRASE);
	buf_finish(&row);
	owner_view_destroy(view);
	desk_bench_restart(house->bench);
	sign_in(house);
}

static void who_leaves_takes_device_and_inbox_along(void **state)
{
	struct house house = make_house();
	struct wire_person mia = add_person(&house, "Mia");
	struct wire_contact inbox = contact_of("house", PERSON, &mia);
	struct wire_contact mail = contact_of("mail", ADDRESS, NULL);

	(void)state;
	assert_true(str_copy(inbox.name, sizeof(inbox.name), "Mia"));
	put_device(&house, &mia);
	assert_string_equal(set_contact(&house, &inbox), "");
	assert_string_equal(set_contact(&house, &mail), "");
	look(&house);
	assert_int_equal(people.device_count, 1);
	assert_false(people.devices[0].is_revoked);
	mia.is_gone = 1;
	assert_string_equal(set_person(&house, &mia), "");
	look(&house);
	assert_int_equal(people.device_count, 1);
	assert_true(people.devices[0].is_revoked);
	assert_int_equal(people.contact_count, 1);
	assert_non_null(desk_bench_contact(&people, "Anna"));
	desk_bench_destroy(house.bench);
}

static void a_paired_device_changes_hands_or_is_revoked(void **state)
{
	struct house house = make_house();
	const struct wire_person mia = add_person(&house, "Mia");
	const struct wire_person eva = add_person(&house, "Eva");
	struct wire_device phone;

	(void)state;
	put_device(&house, &mia);
	look(&house);
	phone = people.devices[0];
	memcpy(phone.person.bytes, eva.id.bytes, ID_BYTES);
	assert_true(str_copy(phone.name, sizeof(phone.name), "Eva's phone"));
	assert_string_equal(change(&house, WIRE_device, &phone), "");
	look(&house);
	assert_memory_equal(people.devices[0].person.bytes, eva.id.bytes, ID_BYTES);
	assert_string_equal(people.devices[0].name, "Eva's phone");
	phone.person.bytes[0] ^= 1;
	assert_string_equal(change(&house, WIRE_device, &phone), "UNKNOWN_PERSON");
	phone = people.devices[0];
	phone.is_revoked = 1;
	assert_string_equal(change(&house, WIRE_device, &phone), "");
	phone.is_revoked = 0;
	assert_string_equal(change(&house, WIRE_device, &phone), "PAIR_AGAIN");
	key_text(9, phone.key);
	assert_string_equal(change(&house, WIRE_device, &phone), "UNKNOWN_DEVICE");
	assert_true(str_copy(phone.key, sizeof(phone.key), "no key"));
	assert_string_equal(change(&house, WIRE_device, &phone), "WRONG_KEY");
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(somebody_comes_changes_and_leaves),
		cmocka_unit_test(two_of_a_name_are_refused),
		cmocka_unit_test(nobody_is_made_an_owner),
		cmocka_unit_test(what_is_no_person_is_refused),
		cmocka_unit_test(a_house_holds_so_many_people),
		cmocka_unit_test(each_kind_needs_its_parts_and_no_more),
		cmocka_unit_test(nobody_is_no_person),
		cmocka_unit_test(a_contact_changes_and_goes),
		cmocka_unit_test(names_and_keys_of_contacts),
		cmocka_unit_test(a_house_has_so_many_contacts),
		cmocka_unit_test(the_hold_has_limits),
		cmocka_unit_test(who_leaves_takes_device_and_inbox_along),
		cmocka_unit_test(a_paired_device_changes_hands_or_is_revoked),
	};
	return cmocka_run_group_tests_name("desk_people", tests, NULL, NULL);
}
