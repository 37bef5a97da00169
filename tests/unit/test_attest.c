/* SPDX-License-Identifier: Apache-2.0 */
/* test_attest - a room keeps the hub's time whatever its own clock says, and never signs
 * with one number twice. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "domain/evidence.h"
#include "room/attest.h"

static void the_hubs_time_is_kept(void **state)
{
	struct attest attest;
	struct event event;

	(void)state;
	attest_init(&attest, NULL, "kitchen");
	assert_true(attest_hub_ms(&attest, 5, 1234) == 1234); /* not told yet */
	attest.has_time = true;
	attest.hub_ms = 1000000;
	attest.at_ms = 50;
	assert_true(attest_hub_ms(&attest, 50, -77) == 1000000);
	assert_true(attest_hub_ms(&attest, 2050, 9999999) == 1002000);
	attest_begin(&attest, &event, EVENT_LEASE_OPENED, 9, 2050);
	assert_true(event.at_ms == 1002000);
	assert_string_equal(event.room.text, "kitchen");
}

/* A room without a key signs nothing and is no error. */
static void without_a_key(void **state)
{
	struct attest attest;
	struct event event;

	(void)state;
	attest_init(&attest, NULL, "kitchen");
	attest_begin(&attest, &event, EVENT_LEASE_OPENED, 9, 1);
	assert_int_equal(attest_send(&attest, &event, NULL), OK);
	assert_false(event.is_signed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hubs_time_is_kept),
		cmocka_unit_test(without_a_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
