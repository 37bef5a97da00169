/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests fake/mail_fake, because stories believe it.
 */
#include "cmocka_all.h"

#include "fake/mail_contract.h"
#include "fake/mail_fake.h"

static void accept_one(void *context)
{
	const struct delivery accepted = {.outcome = DELIVERY_ACCEPTED,
					  .words = "the server answered: yes"};

	(void)mail_fake_answer(context, &accepted);
}

static void keeps_the_contract(void **state)
{
	struct mail_contract contract = {.turn = accept_one};
	struct mail_fake *fake = NULL;
	struct mail mail;

	(void)state;
	assert_int_equal(mail_fake_create(mail_contract_listener(&contract), &fake), OK);
	mail = mail_fake_mail(fake);
	contract.mail = &mail;
	contract.context = fake;
	contract.to = "anna@example.org";
	mail_contract_check(&contract);
	/* one done, as many as may be at once, one more, and the one that close ended */
	assert_int_equal(mail_fake_count(fake), MAIL_OPEN_MAX + 3);
	assert_true(mail_fake_sent(fake, 0)->token == 11);
	assert_false(mail_fake_sent(fake, 0)->open);
	mail_fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
