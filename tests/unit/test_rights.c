/* SPDX-License-Identifier: Apache-2.0 */
/* rights: the table as a whole, and the walls that must never fall. */
#include "unit/cmocka_all.h"

#include "base/str.h"
#include "wire/wire.h"

struct row {
	enum wire_link link;
	enum wire_party sender;
	enum wire_type type;
};

static const struct row rows[] = {
#define RIGHT(link, sender, name) {WIRE_LINK_##link, WIRE_PARTY_##sender, WIRE_##name},
#include "wire/rights.def"
#undef RIGHT
};

static bool is_row(enum wire_link link, enum wire_party sender, enum wire_type type)
{
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (rows[i].link == link && rows[i].sender == sender &&
		    rows[i].type == type)
			return true;
	}
	return false;
}

static void only_rows_are_permitted(void **state)
{
	(void)state;
	size_t permitted = 0;
	for (unsigned link = 0; link < WIRE_LINK_COUNT; link++) {
		for (unsigned party = 0; party < WIRE_PARTY_COUNT; party++) {
			for (unsigned type = 0; type <= WIRE_TYPE_MAX; type++) {
				bool may = wire_may(link, party, type);
				assert_int_equal(may, is_row(link, party, type));
				permitted += may ? 1 : 0;
			}
		}
	}
	assert_int_equal(permitted, STR_COUNT(rows)); /* no row twice */
	assert_false(wire_may(WIRE_LINK_COUNT, WIRE_PARTY_HUB, WIRE_hello));
	assert_false(wire_may(WIRE_LINK_ROOM_HUB, WIRE_PARTY_COUNT, WIRE_hello));
	assert_false(wire_may(WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB, WIRE_TYPE_MAX + 1));
	assert_false(wire_may(WIRE_LINK_ROOM_HUB, WIRE_PARTY_HUB, (enum wire_type) - 1));
}

static void senders_are_on_their_link(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		enum wire_party other = wire_other(rows[i].link, rows[i].sender);
		assert_int_equal(wire_other(rows[i].link, other), rows[i].sender);
		assert_true(wire_type_is_known(rows[i].type));
	}
	for (unsigned party = 0; party < WIRE_PARTY_COUNT; party++)
		assert_true(wire_party_name(party)[0] != '\0');
}

static void both_sides_greet(void **state)
{
	(void)state;
#define WIRE_LINK(name, one, other)                                            \
	assert_true(wire_may(WIRE_LINK_##name, WIRE_PARTY_##one, WIRE_hello)); \
	assert_true(wire_may(WIRE_LINK_##name, WIRE_PARTY_##other, WIRE_hello));
	WIRE_LINKS(WIRE_LINK)
#undef WIRE_LINK
}

/* The hub has no way to read a recording, the journal or a key; a room none to act. */
static void walls_stand(void **state)
{
	(void)state;
	static const enum wire_type owners[] = {WIRE_owner_create, WIRE_unlock,
						WIRE_history_get,  WIRE_play_get,
						WIRE_why_get,      WIRE_room_set,
						WIRE_harmless_set};
	static const enum wire_type opened[] = {WIRE_history_row, WIRE_play_sound,
						WIRE_why_row, WIRE_unlocked,
						WIRE_owner_created};
	for (size_t i = 0; i < STR_COUNT(owners); i++) {
		assert_false(wire_may(WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, owners[i]));
		assert_false(wire_may(WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI, owners[i]));
		assert_true(
			wire_may(WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, owners[i]));
	}
	for (size_t i = 0; i < STR_COUNT(opened); i++)
		assert_false(
			wire_may(WIRE_LINK_HUB_KEEPER, WIRE_PARTY_KEEPER, opened[i]));
	assert_false(wire_may(WIRE_LINK_ROOM_HUB, WIRE_PARTY_ROOM, WIRE_append));
	assert_false(wire_may(WIRE_LINK_ROOM_HUB, WIRE_PARTY_ROOM, WIRE_text));
	assert_false(wire_may(WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI, WIRE_sound));
	assert_false(wire_may(WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, WIRE_append));
}

/* The breach desk is the owners' own socket's: no hub, gate, room or other house opens,
 * reads or closes an incident, and devices are told of it alone. */
static void the_breach_desk_is_for_owners(void **state)
{
	enum { FIRST = WIRE_incident_report, LAST = 169 };

	(void)state;
	for (unsigned type = FIRST; type <= LAST; type++)
		for (unsigned link = 0; link < WIRE_LINK_COUNT; link++)
			for (unsigned party = 0; party < WIRE_PARTY_COUNT; party++) {
				const bool is_news = link == WIRE_LINK_DEVICE_KEEPER &&
						     party == WIRE_PARTY_KEEPER &&
						     type == WIRE_incident_news;

				if (link != WIRE_LINK_OWNER_KEEPER)
					assert_int_equal(wire_may(link, party, type),
							 is_news);
			}
	assert_true(
		wire_may(WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, WIRE_incident_report));
	assert_false(
		wire_may(WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER, WIRE_incident_row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_rows_are_permitted),
		cmocka_unit_test(senders_are_on_their_link),
		cmocka_unit_test(both_sides_greet),
		cmocka_unit_test(walls_stand),
		cmocka_unit_test(the_breach_desk_is_for_owners),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
