/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate/shop: an order leaves once, whatever comes of it; what may have been taken is told as
 * such; and nothing leaves but the item, its price and the order's id.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/mail_fake.h"
#include "folder.h"
#include "gate/shop.h"

enum { POSTED_MAX = 16 };

struct bench {
	struct clock_fake clock;
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct ledger *ledger;
	struct identity identity;
	struct mail_fake *fake;
	struct mail mail;
	struct webhook webhook;
	enum err refuses; /* what posting comes to at once */
	size_t posted;
	uint64_t tokens[POSTED_MAX];
	char body[WEBHOOK_BODY_MAX + 1];
	char address[256];
	struct shop *shop;
	size_t carried;
	struct proposal_id id;
	enum err outcome;
};

static enum err post(void *self, const struct webhook_order *order, uint64_t token)
{
	struct bench *bench = self;

	if (bench->refuses)
		return bench->refuses;
	assert_true(bench->posted < POSTED_MAX);
	bench->tokens[bench->posted++] = token;
	assert_true(str_copy(bench->body, sizeof(bench->body), order->body));
	assert_true(str_copy(bench->address, sizeof(bench->address), order->address));
	return OK;
}

static void on_carried(void *context, struct proposal_id id, enum err err)
{
	struct bench *bench = context;

	bench->carried++;
	bench->id = id;
	bench->outcome = err;
}

static void on_mailed(void *context, uint64_t token, const struct delivery *result)
{
	struct bench *bench = context;

	assert_true(shop_delivered(bench->shop, token, result));
}

static void open_shop(struct bench *bench, bool has_mail)
{
	static const struct webhook_ops ops = {.post = post};
	struct shop_parts parts = {
		.ledger = bench->ledger,
		.mail = &bench->mail,
		.webhook = &bench->webhook,
		.identity = &bench->identity,
		.carried = on_carried,
		.context = bench,
	};

	parts.clock = clock_fake_init(&bench->clock);
	bench->webhook = (struct webhook){&ops, bench};
	if (has_mail)
		bench->mail = mail_fake_mail(bench->fake);
	assert_int_equal(shop_create(&parts, &bench->shop), OK);
}

static void begin(struct bench *bench, bool has_mail)
{
	const char *base = getenv("TMPDIR");
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {7};

	memset(bench, 0, sizeof(*bench));
	assert_true(str_format(bench->folder, sizeof(bench->folder),
			       "%s/behest-shop-XXXXXX", base ? base : "/tmp"));
	assert_non_null(mkdtemp(bench->folder));
	assert_true(file_join(bench->path, sizeof(bench->path), bench->folder, "ledger"));
	assert_int_equal(ledger_open(bench->path, &bench->ledger, NULL), OK);
	assert_int_equal(secret_copy(seed, sizeof(seed), &bench->identity.seed), OK);
	seal_sign_pair(seed, bench->identity.public_key);
	assert_int_equal(mail_fake_create((struct mail_listener){bench, on_mailed},
					  &bench->fake),
			 OK);
	open_shop(bench, has_mail);
}

static void end(struct bench *bench)
{
	shop_destroy(bench->shop);
	mail_close(&bench->mail);
	mail_fake_destroy(bench->fake);
	identity_close(&bench->identity);
	ledger_close(bench->ledger);
	assert_int_equal(folder_remove(bench->folder), 0);
}

static void take(struct bench *bench, uint8_t number, const char *way)
{
	struct action action = {.kind = ACTION_ORDER, .cents = 599, .room = "kitchen"};
	struct contact to = {.kind = CONTACT_MAIL, .name = "EUR"};

	assert_true(str_copy(action.item, sizeof(action.item), "Tablets \"XL\""));
	assert_true(str_copy(action.mode, sizeof(action.mode), way));
	assert_true(str_copy(to.address, sizeof(to.address),
			     str_equal(way, "mail") ? "shop@example.org"
						    : "https://shop.example/orders"));
	shop_take(bench->shop, (struct proposal_id){{number}}, &action, &to);
}

static void answer(struct bench *bench, size_t index, enum delivery_outcome outcome)
{
	const struct delivery result = {.outcome = outcome, .words = "as told"};

	assert_true(shop_delivered(bench->shop, bench->tokens[index], &result));
}

static void says_so_of_each_outcome(void **state)
{
	static const struct {
		enum delivery_outcome outcome;
		enum err err;
	} rows[] = {
		{DELIVERY_ACCEPTED, OK},
		{DELIVERY_REFUSED, ERR_DENIED},
		{DELIVERY_LATER, ERR_DENIED},
		{DELIVERY_UNKNOWN, ERR_EXISTS},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct bench bench;
		enum err told;

		begin(&bench, false);
		take(&bench, 1, "webhook");
		take(&bench, 1, "webhook"); /* it is under way */
		assert_int_equal(bench.posted, 1);
		assert_int_equal(bench.carried, 0);
		assert_string_equal(bench.address, "https://shop.example/orders");
		assert_non_null(strstr(bench.body,
				       "\"item\":\"Tablets \\\"XL\\\"\","
				       "\"cents\":599,\"currency\":\"EUR\"}"));
		assert_null(strstr(bench.body, "kitchen"));
		answer(&bench, 0, rows[i].outcome);
		assert_int_equal(bench.carried, 1);
		assert_int_equal(bench.id.bytes[0], 1);
		assert_int_equal(bench.outcome, rows[i].err);
		assert_true(ledger_find(bench.ledger, bench.id, &told));
		assert_int_equal(told, rows[i].err);
		end(&bench);
	}
}

/* It is in the ledger before a byte leaves: a gate that dies then never sends it again. */
static void is_written_down_first(void **state)
{
	struct bench bench;
	enum err told = OK;

	(void)state;
	begin(&bench, false);
	take(&bench, 1, "webhook");
	ledger_close(bench.ledger);
	assert_int_equal(ledger_open(bench.path, &bench.ledger, NULL), OK);
	assert_true(ledger_find(bench.ledger, (struct proposal_id){{1}}, &told));
	assert_int_equal(told, ERR_EXISTS);
	shop_destroy(bench.shop);
	open_shop(&bench, false);
	end(&bench);
}

static void goes_by_mail(void **state)
{
	const struct delivery accepted = {.outcome = DELIVERY_ACCEPTED};
	const struct mail_fake_sent *sent;
	struct bench bench;

	(void)state;
	begin(&bench, true);
	take(&bench, 1, "mail");
	assert_int_equal(mail_fake_count(bench.fake), 1);
	sent = mail_fake_sent(bench.fake, 0);
	assert_string_equal(sent->to, "shop@example.org");
	assert_string_equal(sent->subject, "Order: Tablets \"XL\"");
	assert_non_null(strstr(sent->text, "Price: 5.99 EUR\n"));
	assert_null(strstr(sent->text, "kitchen"));
	assert_true(mail_fake_answer(bench.fake, &accepted));
	assert_int_equal(bench.outcome, OK);
	end(&bench);
}

static void has_no_other_way(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, false);
	take(&bench, 1, "mail"); /* no server is set */
	assert_int_equal(bench.outcome, ERR_UNSUPPORTED);
	take(&bench, 2, "list");
	assert_int_equal(bench.outcome, ERR_UNSUPPORTED);
	bench.refuses = ERR_FORMAT;
	take(&bench, 3, "webhook");
	assert_int_equal(bench.outcome, ERR_DENIED);
	assert_int_equal(bench.carried, 3);
	assert_int_equal(bench.posted, 0);
	end(&bench);
}

static void has_so_many_hands(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, false);
	for (uint8_t i = 0; i < SHOP_OPEN_MAX; i++)
		take(&bench, (uint8_t)(i + 1), "webhook");
	assert_int_equal(bench.carried, 0);
	take(&bench, 99, "webhook");
	assert_int_equal(bench.outcome, ERR_BUSY);
	answer(&bench, 3, DELIVERY_ACCEPTED);
	assert_int_equal(bench.id.bytes[0], 4);
	take(&bench, 100, "webhook");
	assert_int_equal(bench.posted, SHOP_OPEN_MAX + 1);
	/* Letters have numbers of their own. */
	assert_false(shop_delivered(bench.shop, 1, &(struct delivery){.code = 0}));
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_so_of_each_outcome),
		cmocka_unit_test(is_written_down_first),
		cmocka_unit_test(goes_by_mail),
		cmocka_unit_test(has_no_other_way),
		cmocka_unit_test(has_so_many_hands),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
