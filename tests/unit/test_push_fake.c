/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests fake/push_fake, because stories believe it.
 */
#include "cmocka_all.h"

#include "fake/push_contract.h"
#include "fake/push_fake.h"

static void accept_one(void *context)
{
	const struct delivery accepted = {.outcome = DELIVERY_ACCEPTED,
					  .words = "the server answered: yes"};

	(void)push_fake_answer(context, &accepted);
}

static void keeps_the_contract(void **state)
{
	struct push_contract contract = {.turn = accept_one};
	struct push_fake *fake = NULL;
	struct push push;

	(void)state;
	assert_int_equal(push_fake_create(push_contract_listener(&contract), &fake), OK);
	push = push_fake_push(fake);
	contract.push = &push;
	contract.context = fake;
	push_contract_check(&contract);
	/* one done, as many as may be at once, one more, and the one that close ended */
	assert_int_equal(push_fake_count(fake), PUSH_OPEN_MAX + 3);
	assert_true(push_fake_sent(fake, 0)->token == 11);
	assert_false(push_fake_sent(fake, 0)->open);
	push_fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
