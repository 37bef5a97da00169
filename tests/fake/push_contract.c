/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_contract - the promises of port/push.h, one after the other.
 */
#include "fake/push_contract.h"

#include <string.h>

#include "unit/cmocka_all.h"

enum { TURNS_MAX = 3000, FIRST = 100 };

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	struct push_contract *contract = context;

	contract->done_count++;
	contract->token = token;
	contract->result = *result;
}

struct push_listener push_contract_listener(struct push_contract *contract)
{
	return (struct push_listener){contract, on_done};
}

static struct push_notice good(const struct push_contract *contract)
{
	(void)contract;
	return (struct push_notice){.priority = PUSH_NORMAL,
				    .title = "A voice message",
				    .text = "It waits for your yes."};
}

static void wait_for_done(struct push_contract *contract, unsigned count)
{
	for (unsigned i = 0; i < TURNS_MAX && contract->done_count < count; i++)
		contract->turn(contract->context);
	assert_int_equal(contract->done_count, count);
}

static void check_one(struct push_contract *contract, const struct push_notice *notice,
		      enum err expected)
{
	struct err_note note = {""};

	assert_int_equal(push_send(contract->push, notice, 1, &note), expected);
	assert_true(note.text[0] != '\0');
}

/* What is refused at once is never done. */
static void check_refused(struct push_contract *contract)
{
	struct push_notice header = good(contract);
	struct push_notice unclean = good(contract);
	struct push_notice large = good(contract);
	char text[PUSH_TEXT_MAX + 2];

	memset(text, 'a', sizeof(text));
	text[PUSH_TEXT_MAX + 1] = '\0';
	header.title = "hello\r\nAuthorization: x";
	unclean.text = "\xff";
	large.text = text;
	check_one(contract, &header, ERR_FORMAT);
	check_one(contract, &unclean, ERR_FORMAT);
	check_one(contract, &large, ERR_LIMIT);
	contract->turn(contract->context);
	assert_int_equal(contract->done_count, 0);
}

/* Done once, with its token, and not from inside. */
static void check_done(struct push_contract *contract)
{
	const struct push_notice notice = good(contract);

	assert_int_equal(push_send(contract->push, &notice, 11, NULL), OK);
	assert_int_equal(contract->done_count, 0);
	wait_for_done(contract, 1);
	assert_true(contract->token == 11);
	assert_int_equal(contract->result.outcome, DELIVERY_ACCEPTED);
	assert_true(contract->result.words[0] != '\0');
	assert_false(delivery_may_repeat(&contract->result));
}

/* As many as may be under way are; one more is refused, until one is done. */
static void check_busy(struct push_contract *contract)
{
	const struct push_notice notice = good(contract);

	contract->done_count = 0;
	for (unsigned i = 0; i < PUSH_OPEN_MAX; i++)
		assert_int_equal(push_send(contract->push, &notice, FIRST + i, NULL), OK);
	check_one(contract, &notice, ERR_BUSY);
	wait_for_done(contract, PUSH_OPEN_MAX);
	assert_int_equal(push_send(contract->push, &notice, FIRST, NULL), OK);
	wait_for_done(contract, PUSH_OPEN_MAX + 1);
}

/* The end ends what is under way. */
static void check_close(struct push_contract *contract)
{
	const struct push_notice notice = good(contract);

	contract->done_count = 0;
	assert_int_equal(push_send(contract->push, &notice, 12, NULL), OK);
	push_close(contract->push);
	assert_int_equal(contract->done_count, 1);
	assert_true(contract->token == 12);
	push_close(contract->push);
}

void push_contract_check(struct push_contract *contract)
{
	check_refused(contract);
	check_done(contract);
	check_busy(contract);
	check_close(contract);
}
