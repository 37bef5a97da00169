/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_contract - the promises of port/mail.h, one after the other.
 */
#include "fake/mail_contract.h"

#include "unit/cmocka_all.h"

enum { TURNS_MAX = 3000, FIRST = 100 };

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	struct mail_contract *contract = context;

	contract->done_count++;
	contract->token = token;
	contract->result = *result;
}

struct mail_listener mail_contract_listener(struct mail_contract *contract)
{
	return (struct mail_listener){contract, on_done};
}

static const uint8_t SOUND[] = "OggS and more";

static struct mail_message good(const struct mail_contract *contract)
{
	return (struct mail_message){.id = "contract-1",
				     .at_ms = 1700000000000,
				     .to = contract->to,
				     .subject = "A voice message",
				     .text = "Listen.\n",
				     .sound = SOUND,
				     .sound_size = sizeof(SOUND)};
}

static void wait_for_done(struct mail_contract *contract, unsigned count)
{
	for (unsigned i = 0; i < TURNS_MAX && contract->done_count < count; i++)
		contract->turn(contract->context);
	assert_int_equal(contract->done_count, count);
}

static void check_one(struct mail_contract *contract, const struct mail_message *message,
		      enum err expected)
{
	struct err_note note = {""};

	assert_int_equal(mail_send(contract->mail, message, 1, &note), expected);
	assert_true(note.text[0] != '\0');
}

/* What is refused at once is never done. */
static void check_refused(struct mail_contract *contract)
{
	struct mail_message two = good(contract);
	struct mail_message header = good(contract);
	struct mail_message unclean = good(contract);
	struct mail_message large = good(contract);

	two.to = "anna@example.org, bert@example.org";
	header.subject = "hello\r\nBcc: bert@example.org";
	unclean.text = "\xff";
	large.sound_size = MAIL_SOUND_MAX + 1;
	check_one(contract, &two, ERR_FORMAT);
	check_one(contract, &header, ERR_FORMAT);
	check_one(contract, &unclean, ERR_FORMAT);
	check_one(contract, &large, ERR_LIMIT);
	contract->turn(contract->context);
	assert_int_equal(contract->done_count, 0);
}

/* Done once, with its token, and not from inside. */
static void check_done(struct mail_contract *contract)
{
	const struct mail_message message = good(contract);

	assert_int_equal(mail_send(contract->mail, &message, 11, NULL), OK);
	assert_int_equal(contract->done_count, 0);
	wait_for_done(contract, 1);
	assert_true(contract->token == 11);
	assert_int_equal(contract->result.outcome, DELIVERY_ACCEPTED);
	assert_true(contract->result.words[0] != '\0');
	assert_false(delivery_may_repeat(&contract->result));
}

/* As many as may be under way are; one more is refused, until one is done. */
static void check_busy(struct mail_contract *contract)
{
	const struct mail_message message = good(contract);

	contract->done_count = 0;
	for (unsigned i = 0; i < MAIL_OPEN_MAX; i++)
		assert_int_equal(mail_send(contract->mail, &message, FIRST + i, NULL),
				 OK);
	check_one(contract, &message, ERR_BUSY);
	wait_for_done(contract, MAIL_OPEN_MAX);
	assert_int_equal(mail_send(contract->mail, &message, FIRST, NULL), OK);
	wait_for_done(contract, MAIL_OPEN_MAX + 1);
}

/* The end ends what is under way. */
static void check_close(struct mail_contract *contract)
{
	const struct mail_message message = good(contract);

	contract->done_count = 0;
	assert_int_equal(mail_send(contract->mail, &message, 12, NULL), OK);
	mail_close(contract->mail);
	assert_int_equal(contract->done_count, 1);
	assert_true(contract->token == 12);
	mail_close(contract->mail);
}

void mail_contract_check(struct mail_contract *contract)
{
	check_refused(contract);
	check_done(contract);
	check_busy(contract);
	check_close(contract);
}
