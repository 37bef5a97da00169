/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shop - `behest shop`, and an order from the spoken sentence's words to the webhook: a
 * whole house with its gate, a paired computer that approves, and a web server of somebody
 * else's (Python's) that takes the order. What it got verifies under the gate's key.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/gated_house.h"
#include "gate/shop.h"

enum { GOT_MAX = 64 * 1024, LINE_MAX = GATED_LINE_BYTES };

static struct gated_house all;
static char url[LINE_MAX];

/* --- the house -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	char text[LINE_MAX];
	uint16_t port;

	(void)state;
	gated_house_begin(&all);
	port = gated_house_serve(&all, "push_peer.py");
	assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/orders", port));
	assert_true(str_format(text, sizeof(text), "[shop]\nport = %u\n", port));
	gated_house_configure(&all, text);
	gated_house_up(&all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gated_house_end(&all);
	return 0;
}

static void shop(const char *const *words, int status, const char *out, const char *err)
{
	gated_house_check(&all, words, true, status, out, err);
}

static void approve(const char *const *words, int status, const char *out,
		    const char *err)
{
	gated_house_check(&all, words, false, status, out, err);
}

static void ask(const char *words, const char *decision, const char *reason)
{
	struct house_turn turn;

	house_ask(&all.house, words, &turn);
	if (!str_equal(turn.reason, reason) || !str_equal(turn.decision, decision))
		fail_msg("%s: %s %s \"%s\"", words, turn.decision, turn.reason,
			 turn.said);
}

static char *read_got(void)
{
	struct buf bytes = {0};

	for (int waited_ms = 0; !file_exists(all.got) && waited_ms < HOUSE_WAIT_MS;
	     waited_ms += HOUSE_STEP_MS)
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	assert_int_equal(file_read(all.got, GOT_MAX, &bytes, NULL), OK);
	char *text = strndup((const char *)bytes.bytes, bytes.size);
	assert_non_null(text);
	buf_finish(&bytes);
	return text;
}

/* The value of a header. */
static void header(const char *text, const char *name, char to[GATED_LINE_BYTES])
{
	gated_house_cut(text, name, "\r\n", to);
}

static void from_base64(const char *text, uint8_t *to, size_t size)
{
	static const char LETTERS[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned count = 0;
	size_t at = 0;

	for (; *text && *text != '='; text++) {
		const char *letter = strchr(LETTERS, *text);

		assert_non_null(letter);
		bits = bits << 6 | (uint32_t)(letter - LETTERS);
		count += 6;
		if (count >= 8 && at < size)
			to[at++] = (uint8_t)(bits >> (count -= 8));
	}
	assert_int_equal(at, size);
}

/* --- tests ------------------------------------------------------------------------------ */

static void nothing_is_sold_at_first(void **state)
{
	(void)state;
	shop(WORDS("shop"), 0, "ordering  off\nlimits    0.00 an order", "");
	ask("order milk", "refuse", "SHOP_OFF");
	ask("order dishwasher tablets", "refuse", "NO_MATCH");
	ask("order me a dollhouse", "refuse", "NO_MATCH");
}

static void wrong_words(void **state)
{
	(void)state;
	shop(WORDS("shop", "add", "Tea", "--price", "-1", "--way", "webhook"), 2, "",
	     "behest shop: --price -1: expected an amount such as 5.99, from 0.01 to "
	     "100000\n");
	shop(WORDS("shop", "add", "Tea", "--price", "0", "--way", "webhook"), 2, "",
	     "--price 0: expected");
	shop(WORDS("shop", "add", "Tea", "--price", "1e9", "--way", "webhook"), 2, "",
	     "--price 1e9");
	shop(WORDS("shop", "add", "Tea", "--price", "99999999999.00", "--way", "mail"), 2,
	     "", "--price 99999999999.00");
	shop(WORDS("shop", "add", "Tea", "--price", "5.9", "--way", "mail"), 2, "",
	     "--price 5.9");
	shop(WORDS("shop", "add", "Tea", "--way", "mail"), 2, "", "add needs --price");
	shop(WORDS("shop", "add", "Tea", "--price", "5", "--way", "drone"), 2, "",
	     "--way drone: expected list, mail or webhook");
	shop(WORDS("shop", "set"), 2, "", "set needs --currency");
	shop(WORDS("shop", "set", "--webhook", "http://shop.example/x"), 2, "",
	     "--webhook would be reached in the open");
	shop(WORDS("shop", "set", "--currency", "euro"), 2, "", "--currency euro");
	shop(WORDS("shop", "remove", "Tea"), 3, "",
	     "nothing of that name can be ordered");
	shop(WORDS("shop", "spend", "Nobody", "--day", "5"), 1, "", "nobody");
	shop(WORDS("shop"), 0, "ordering  off", "");
}

static void an_owner_opens_it(void **state)
{
	(void)state;
	shop(WORDS("shop", "set", "--currency", "EUR", "--order", "20", "--day", "50",
		   "--webhook", url),
	     0, "limits    20.00 EUR an order, 50.00 EUR within 24 hours\n", "");
	shop(WORDS("shop", "add", "Dishwasher tablets", "--price", "5.99", "--way",
		   "webhook"),
	     0, "", "");
	shop(WORDS("shop", "add", "Dollhouse", "--price", "170.00", "--way", "webhook"),
	     0, "", "");
	shop(WORDS("shop", "add", "Bread rolls", "--price", "2.40", "--way", "list"), 0,
	     "", "");
	shop(WORDS("shop", "on"), 0,
	     "item      Dishwasher tablets, 5.99 EUR, by webhook\n", "");
	shop(WORDS("shop", "spend", HOUSE_OWNER, "--day", "7"), 0, "", "");
	shop(WORDS("shop", "--json"), 0,
	     "{\"on\":true,\"currency\":\"EUR\",\"order_cents\":2000,\"day_cents\":5000,",
	     "");
	shop(WORDS("shop"), 0, "spends    alice: 7.00 EUR within 24 hours\n", "");
}

static void nobody_orders_without_a_tap(void **state)
{
	(void)state;
	ask("order dishwasher tablets", "refuse", "THIN_ROOM");
	gated_house_believe_room(&all);
	ask("order dishwasher tablets", "refuse", "NO_APPROVER");
	gated_house_pair(&all);
	ask("order me a dollhouse", "refuse", "TOO_DEAR");
	ask("order milk", "refuse", "NOT_FOR_SALE");
	ask("order diamonds", "refuse", "NO_MATCH");
	/* Nobody buys what is only put on the shopping list. */
	ask("order bread rolls", "act", "NONE");
	approve(WORDS("list"), 0, "Bread rolls", "");
	approve(WORDS("approve"), 0, "nothing waits\n", "");
	ask("order dishwasher tablets", "hold", "NEEDS_TAP");
	approve(WORDS("approve"), 0,
		"order something: webhook, \"Dishwasher tablets\" for 5.99 EUR (an order "
		"costs at most 20.00 EUR, you may spend 7.00 EUR more today), heard "
		"\"order dishwasher tablets\", asked for in the kitchen",
		"");
	assert_false(file_exists(all.got));
}

/* As docs/FORMATS.md says that it is checked. */
static void verify(char *text)
{
	char id[LINE_MAX];
	char at[LINE_MAX];
	char line[LINE_MAX];
	char signed_text[2048];
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char fingerprint[KEY_FINGERPRINT_BYTES];
	const char *body = strstr(text, "\n\n{");

	assert_non_null(body);
	header(text, "Behest-Id: ", id);
	header(text, "Behest-Time: ", at);
	header(text, "Behest-Key: ", line);
	from_base64(line, key, sizeof(key));
	header(text, "Behest-Signature: ", line);
	from_base64(line, signature, sizeof(signature));
	assert_true(str_format(signed_text, sizeof(signed_text), "%s.%s.%s", at, id,
			       body + 2));
	assert_int_equal(seal_verify_labelled(key, SHOP_LABEL, signed_text,
					      strlen(signed_text), signature),
			 OK);
	signed_text[strlen(signed_text) - 5] ^= 1;
	assert_int_equal(seal_verify_labelled(key, SHOP_LABEL, signed_text,
					      strlen(signed_text), signature),
			 ERR_AUTH);
	assert_int_equal(key_fingerprint(key, fingerprint), OK);
	header(text, "Behest-Fingerprint: ", line);
	assert_string_equal(line, fingerprint);
	assert_non_null(strstr(body, "\"item\":\"Dishwasher tablets\",\"cents\":599,"
				     "\"currency\":\"EUR\"}"));
	assert_non_null(strstr(body, id));
	assert_null(strstr(text, "kitchen")); /* nothing of who asked, and where */
}

static void a_tap_orders_once(void **state)
{
	char id[ID_TEXT_BYTES];
	char *text;

	(void)state;
	gated_house_waiting(&all, id);
	approve(WORDS("approve", id, "--yes"), 0, "is being carried out", "");
	text = read_got();
	assert_non_null(strstr(text, "POST /orders HTTP/1.1"));
	verify(text);
	free(text);
	assert_int_equal(remove(all.got), 0);
	approve(WORDS("approve", id, "--yes"), 1, "", "");
	(void)process_end(&all.gate, SIGTERM); /* its ledger knows it, too */
	gated_house_start_gate(&all);
	house_stop_keeper(&all.house);
	house_start_keeper(&all.house);
	house_wait_flag(&all.house, "keeper", true);
	approve(WORDS("approve"), 0, "nothing waits\n", "");
}

/* What was heard and what was bought are for the card alone. */
static void no_word_of_it_is_in_the_log(void **state)
{
	struct buf bytes = {0};

	(void)state;
	assert_int_equal(file_read(all.house.log, GOT_MAX * 16, &bytes, NULL), OK);
	assert_null(strstr((const char *)bytes.bytes, "ishwasher"));
	assert_null(strstr((const char *)bytes.bytes, "/orders"));
	buf_finish(&bytes);
}

/* 7.00 a day, of which 5.99 is spent, over the restart. */
static void a_limit_holds(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	ask("buy dishwasher tablets", "hold", "NEEDS_TAP");
	gated_house_waiting(&all, id);
	approve(WORDS("approve", id, "--yes"), 3, "",
		"more than whose device this is may spend within a day");
	assert_false(file_exists(all.got));
	shop(WORDS("shop", "off"), 0, "ordering  off", "");
	approve(WORDS("approve", id, "--yes"), 3, "", "ordering was switched off");
	approve(WORDS("approve", "--cancel", id), 0, "was called off", "");
	ask("order dishwasher tablets", "refuse", "NO_MATCH");
	assert_false(file_exists(all.got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_sold_at_first),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(an_owner_opens_it),
		cmocka_unit_test(nobody_orders_without_a_tap),
		cmocka_unit_test(a_tap_orders_once),
		cmocka_unit_test(a_limit_holds),
		cmocka_unit_test(no_word_of_it_is_in_the_log),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
