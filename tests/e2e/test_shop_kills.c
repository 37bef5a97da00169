/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shop_kills - orders of goods, while gate, keeper and hub are killed at random moments
 * around each tap: none leaves twice, none without a tap, and none is lost silently. What the
 * journal calls bought was sent, and what it calls failed was not.
 *
 * Prints its seed and takes it back in BEHEST_SEED.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/gated_house.h"
#include "fake/rand_fake.h"

enum { GOT_MAX = 4 * 1024 * 1024, LINE_MAX = 256, ORDERS = 14, KILL_US_MAX = 60000 };

enum { KILL_GATE = 1, KILL_KEEPER = 2, KILL_HUB = 4, KILL_ALL = 7 };

static struct gated_house all;
static struct rand_fake dice;
static unsigned connects; /* so often the gate has come to the keeper */

/* --- the house -------------------------------------------------------------------------- */

static void owner(const char *const *words)
{
	gated_house_check(&all, words, true, 0, "", "");
}

static unsigned count_in(const char *path, const char *words)
{
	struct buf bytes = {0};
	unsigned count = 0;

	if (!file_exists(path))
		return 0;
	assert_int_equal(file_read(path, GOT_MAX, &bytes, NULL), OK);
	for (const char *at = strstr((const char *)bytes.bytes, words); at;
	     at = strstr(at + 1, words))
		count++;
	buf_finish(&bytes);
	return count;
}

/* Until it has come once more. */
static void wait_gate(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	connects++;
	while (count_in(all.house.log, "gate: connected to the keeper") < connects) {
		if (loop_now_ms() > until_ms)
			fail_msg("the gate does not come to the keeper");
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static int set_up(void **state)
{
	char text[LINE_MAX];
	char url[LINE_MAX];
	uint16_t port;

	(void)state;
	gated_house_begin(&all);
	port = gated_house_serve(&all, "order_peer.py");
	assert_true(str_format(text, sizeof(text), "[shop]\nport = %u\n", port));
	assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/orders", port));
	gated_house_configure(&all, text);
	gated_house_up(&all);
	owner(WORDS("shop", "set", "--currency", "EUR", "--order", "20", "--day", "500",
		    "--webhook", url));
	owner(WORDS("shop", "add", "Tablets", "--price", "5.99", "--way", "webhook"));
	owner(WORDS("shop", "on"));
	gated_house_believe_room(&all);
	gated_house_pair(&all);
	wait_gate();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gated_house_end(&all);
	return 0;
}

static void kill_one(pid_t *pid)
{
	const int status = process_end(pid, SIGKILL);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void strike(unsigned victims)
{
	const struct timespec pause = {
		.tv_nsec = (long)rand_fake_below(&dice, KILL_US_MAX) * 1000};

	(void)nanosleep(&pause, NULL);
	if (victims & KILL_GATE)
		kill_one(&all.gate);
	if (victims & KILL_KEEPER)
		kill_one(&all.house.keeper);
	if (victims & KILL_HUB)
		kill_one(&all.house.hub);
	if (victims & KILL_KEEPER)
		house_start_keeper(&all.house);
	if (victims & KILL_HUB) {
		house_start_hub(&all.house);
		house_wait_devices(&all.house);
	}
	if (victims & KILL_GATE)
		gated_house_start_gate(&all);
	house_wait_flag(&all.house, "keeper", true);
	if (victims & (KILL_GATE | KILL_KEEPER))
		wait_gate();
}

/* Only three an hour are asked for of one life of the keeper. */
static void start_keeper_anew(void)
{
	house_stop_keeper(&all.house);
	house_start_keeper(&all.house);
	house_wait_flag(&all.house, "keeper", true);
	wait_gate();
}

/* --- an order --------------------------------------------------------------------------- */

struct order {
	uint64_t turn;
	char id[ID_TEXT_BYTES];
	char state[16]; /* as the journal has it last */
};

/* Until the keeper has heard of the device again, and the hub what may be ordered. */
static void ask(struct order *order)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	do {
		gated_house_check(&all, WORDS("approve"), false, 0, "", "");
		house_ask(&all.house, "order tablets", &turn);
		if (loop_now_ms() > until_ms)
			fail_msg("%s %s \"%s\"", turn.decision, turn.reason, turn.said);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	} while (!str_equal(turn.reason, "NEEDS_TAP"));
	order->turn = turn.id;
	gated_house_waiting(&all, order->id);
}

static void tap(const struct order *order)
{
	gated_house_check(&all, WORDS("approve", order->id, "--yes"), false, 0, "", "");
}

/* What has become of it by now. */
static void look(struct order *order)
{
	static struct house_events events;
	struct link_client *client =
		house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);

	assert_non_null(client);
	house_why(client, order->turn, &events);
	link_client_close(client);
	for (size_t i = 0; i < events.count; i++)
		if (events.events[i].kind == EVENT_PROPOSAL)
			assert_true(str_copy(order->state, sizeof(order->state),
					     event_value(&events.events[i], "state")));
}

static void wait_settled(struct order *order)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	for (look(order); str_equal(order->state, "ordered"); look(order)) {
		if (loop_now_ms() > until_ms)
			fail_msg("%s is still being carried out", order->id);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* --- the tests -------------------------------------------------------------------------- */

static void killed_around_each_tap(void **state)
{
	static struct order orders[ORDERS];
	unsigned bought = 0;
	unsigned unsure = 0;
	unsigned sent = 0;

	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		struct order *order = &orders[i];

		start_keeper_anew();
		ask(order);
		assert_int_equal(count_in(all.got, order->id), 0);
		tap(order);
		strike(1 + rand_fake_below(&dice, KILL_ALL));
	}
	for (size_t i = 0; i < ORDERS; i++)
		wait_settled(&orders[i]);
	for (size_t i = 0; i < ORDERS; i++) {
		const struct order *order = &orders[i];
		const unsigned count = count_in(all.got, order->id);

		if (count > 1)
			fail_msg("%s left %u times", order->id, count);
		if (!str_equal(order->state, "unsure"))
			assert_int_equal(count, str_equal(order->state, "bought"));
		sent += count;
		bought += str_equal(order->state, "bought");
		unsure += str_equal(order->state, "unsure");
	}
	assert_true(bought > 0);
	print_message("%d orders: %u left, %u bought, %u unsure\n", ORDERS, sent, bought,
		      unsure);
}

/* Dead when it is tapped: it leaves when the gate is back. */
static void the_gate_comes_back_to_it(void **state)
{
	struct order order = {.state = ""};

	(void)state;
	start_keeper_anew();
	kill_one(&all.gate);
	ask(&order);
	tap(&order);
	gated_house_start_gate(&all);
	wait_gate();
	wait_settled(&order);
	assert_string_equal(order.state, "bought");
	assert_int_equal(count_in(all.got, order.id), 1);
}

/* Nobody taps: whoever dies and comes back, nothing leaves. */
static void nothing_leaves_without_a_tap(void **state)
{
	struct order order = {.state = ""};

	(void)state;
	start_keeper_anew();
	ask(&order);
	for (unsigned victims = 1; victims <= KILL_ALL; victims++)
		strike(victims);
	look(&order);
	assert_string_equal(order.state, "asked");
	assert_int_equal(count_in(all.got, order.id), 0);
	gated_house_check(&all, WORDS("approve", "--cancel", order.id), false, 0, "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gate_comes_back_to_it),
		cmocka_unit_test(nothing_leaves_without_a_tap),
		cmocka_unit_test(killed_around_each_tap),
	};

	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("shop_kills", tests, set_up, tear_down);
}
