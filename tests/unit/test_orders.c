/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orders: only the keeper's, each at most once, whatever ends in between; of messages only
 * to whom the keeper signed.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "domain/approval.h"
#include "fake/bus_fake.h"
#include "fake/clock_fake.h"
#include "fake/mail_fake.h"
#include "folder.h"
#include "gate/orders.h"

enum { LEFT_MS = 10000 };

struct bench {
	char folder[64];
	char path[96];
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	struct clock_fake clock;
	struct bus_fake *fake;
	struct bus bus;
	struct mail_fake *mail_fake;
	struct mail mail;
	unsigned fetched;
	struct ledger *ledger;
	struct letters *letters;
	struct shop *shop;
	struct orders *orders;
	struct orders_parts parts;
	unsigned told;
	struct proposal_id last_id;
	enum err last_err;
};

static void carried(void *context, struct proposal_id id, enum err err)
{
	struct bench *bench = context;

	bench->told++;
	bench->last_id = id;
	bench->last_err = err;
}

static void bus_done(void *context, uint64_t token, enum err err)
{
	const struct bench *bench = context;

	orders_bus_done(bench->orders, token, err);
}

static void bus_changed(void *context)
{
	(void)context;
}

static enum err fetch(void *context, uint64_t token, struct proposal_id id)
{
	struct bench *bench = context;

	(void)token;
	(void)id;
	bench->fetched++;
	return OK;
}

static void mailed(void *context, uint64_t token, const struct delivery *result)
{
	const struct bench *bench = context;

	(void)shop_delivered(bench->shop, token, result);
}

static void open_gate(struct bench *bench)
{
	struct letters_parts letters = {.clock = bench->parts.clock,
					.mail = &bench->mail,
					.language = "en",
					.from_name = "",
					.fetch = fetch,
					.carried = carried,
					.context = bench};
	struct shop_parts shop = {.clock = bench->parts.clock,
				  .mail = &bench->mail,
				  .carried = carried,
				  .context = bench};
	struct err_note note = {""};

	if (ledger_open(bench->path, &bench->ledger, &note))
		fail_msg("%s", note.text);
	letters.ledger = bench->ledger;
	assert_int_equal(letters_create(&letters, &bench->letters), OK);
	shop.ledger = bench->ledger;
	assert_int_equal(shop_create(&shop, &bench->shop), OK);
	bench->parts.ledger = bench->ledger;
	bench->parts.shop = bench->shop;
	bench->parts.letters = bench->letters;
	assert_int_equal(orders_create(&bench->parts, &bench->orders), OK);
}

static void close_gate(struct bench *bench)
{
	orders_destroy(bench->orders);
	shop_destroy(bench->shop);
	letters_destroy(bench->letters);
	ledger_close(bench->ledger);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct entity *entity;

	assert_non_null(bench);
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(bench->folder, sizeof(bench->folder),
			     "/tmp/behest-orders-XXXXXX"));
	assert_non_null(mkdtemp(bench->folder));
	assert_true(
		str_format(bench->path, sizeof(bench->path), "%s/ledger", bench->folder));
	memset(bench->seed, 3, sizeof(bench->seed));
	bench->parts.keeper.household.bytes[0] = 7;
	seal_sign_pair(bench->seed, bench->parts.keeper.key);
	bench->parts.clock = clock_fake_init(&bench->clock);
	assert_int_equal(bus_fake_create(bench->parts.clock,
					 (struct bus_listener){bench, bus_done,
							       bus_changed, NULL},
					 &bench->fake),
			 OK);
	assert_int_equal(bus_fake_add(bench->fake, ENTITY_LOCK, "front", "", &entity),
			 OK);
	bus_fake_let_bind(bench->fake);
	bench->bus = bus_fake_bus(bench->fake);
	bench->parts.bus = &bench->bus;
	assert_int_equal(mail_fake_create((struct mail_listener){bench, mailed},
					  &bench->mail_fake),
			 OK);
	bench->mail = mail_fake_mail(bench->mail_fake);
	bench->parts.carried = carried;
	bench->parts.context = bench;
	open_gate(bench);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	int failed;

	close_gate(bench);
	bus_fake_destroy(bench->fake);
	mail_fake_destroy(bench->mail_fake);
	failed = folder_remove(bench->folder);
	free(bench);
	return failed;
}

/* An order with each part exchangeable. */
struct made {
	struct action action;
	struct action signed_action;
	uint8_t id;
	uint8_t signed_id;
	uint8_t household;
	uint8_t seed;
	int64_t left_ms;
	int64_t signed_ms; /* more than left_ms: another end than the one it names */
	const struct contact *contact;        /* NULL: no message */
	const struct contact *signed_contact; /* NULL: it was signed as none */
};

static const struct made GOOD = {
	.action = {.kind = ACTION_UNLOCK, .entity = "lock.front", .room = "kitchen"},
	.signed_action = {.kind = ACTION_UNLOCK,
			  .entity = "lock.front",
			  .room = "kitchen"},
	.id = 1,
	.signed_id = 1,
	.household = 7,
	.seed = 3,
	.left_ms = LEFT_MS,
};

static void sign(const struct bench *bench, const struct made *made,
		 uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	const struct household_id household = {{made->household}};
	const struct proposal_id id = {{made->signed_id}};
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_ORDER_BYTES_MAX];
	char text[ACTION_BYTES_MAX];
	size_t size = 0;

	memset(seed, made->seed, sizeof(seed));
	assert_int_equal(action_bytes(&made->signed_action, text, &size), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){text, size}, 1, hash), OK);
	size = approval_order_bytes(household, id, hash,
				    bench->clock.wall_ms + made->left_ms +
					    made->signed_ms,
				    made->signed_contact, bytes);
	assert_int_equal(seal_sign_labelled(seed, APPROVAL_ORDER_LABEL, bytes, size,
					    signature),
			 OK);
}

static void address(struct wire_order *order, const struct contact *contact)
{
	assert_true(str_copy(order->kind, sizeof(order->kind),
			     contact_kind_text(contact->kind)));
	assert_true(str_copy(order->name, sizeof(order->name), contact->name));
	assert_true(str_copy(order->address, sizeof(order->address), contact->address));
	order->key = (struct wire_slice){contact->key, sizeof(contact->key)};
	order->box_key = (struct wire_slice){contact->box_key, sizeof(contact->box_key)};
}

static enum err take(struct bench *bench, const struct made *made)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char text[ACTION_BYTES_MAX];
	size_t size = 0;
	struct wire_order order = {.id = {.bytes = {made->id}},
				   .until_ms = bench->clock.wall_ms + made->left_ms};

	sign(bench, made, signature);
	assert_int_equal(action_bytes(&made->action, text, &size), OK);
	order.action = (struct wire_slice){(const uint8_t *)text, size};
	order.signature = (struct wire_slice){signature, sizeof(signature)};
	if (made->contact)
		address(&order, made->contact);
	return orders_take(bench->orders, &order);
}

static size_t commands(const struct bench *bench)
{
	return bus_fake_command_count(bench->fake);
}

static void an_order_is_carried_out_once(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(commands(bench), 1);
	assert_int_equal(bus_fake_command(bench->fake, 0)->kind, ACTION_UNLOCK);
	assert_int_equal(bench->told, 1);
	assert_int_equal(bench->last_err, OK);
	assert_int_equal(bench->last_id.bytes[0], 1);
	assert_int_equal(take(bench, &GOOD), OK); /* told again */
	assert_int_equal(commands(bench), 1);
	assert_int_equal(bench->told, 2);
	assert_int_equal(bench->last_err, OK); /* it was done */
}

/* The keeper was away when it ended; it may be the gate's next life in which it asks. */
static void what_happened_is_told_again(void **state)
{
	struct bench *bench = *state;
	struct made nowhere = GOOD;

	nowhere.id = 2;
	nowhere.signed_id = 2;
	assert_true(str_copy(nowhere.action.entity, sizeof(nowhere.action.entity),
			     "lock.gone"));
	nowhere.signed_action = nowhere.action;
	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(take(bench, &nowhere), OK);
	close_gate(bench);
	open_gate(bench);
	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(bench->last_err, OK);
	assert_int_equal(take(bench, &nowhere), OK);
	assert_int_equal(bench->last_err, ERR_MISSING);
	assert_int_equal(commands(bench), 1);
}

static void while_it_runs_it_is_not_begun_again(void **state)
{
	struct bench *bench = *state;

	bus_fake_set_ack(bench->fake, BUS_FAKE_ACK_LATER);
	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(commands(bench), 1);
	assert_int_equal(bench->told, 0);
	bus_fake_acknowledge(bench->fake);
	assert_int_equal(bench->told, 1);
	assert_int_equal(bench->last_err, OK);
}

static void a_gate_that_died_over_it_does_not_do_it_again(void **state)
{
	struct bench *bench = *state;

	bus_fake_set_ack(bench->fake, BUS_FAKE_ACK_LATER);
	assert_int_equal(take(bench, &GOOD), OK);
	close_gate(bench);
	open_gate(bench);
	assert_int_equal(take(bench, &GOOD), OK);
	assert_int_equal(commands(bench), 1);
	assert_int_equal(bench->last_err, ERR_EXISTS);
}

static void only_the_keepers_orders_count(void **state)
{
	struct bench *bench = *state;
	struct made rows[6];

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		rows[i] = GOOD;
	rows[0].seed = 4;
	rows[1].household = 8;
	rows[2].signed_id = 2;
	rows[3].signed_action.kind = ACTION_LOCK;
	rows[4].action.entity[5] = 'b'; /* another lock */
	rows[5].signed_ms = -5000;      /* it was to end earlier */
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		assert_int_equal(take(bench, &rows[i]), ERR_AUTH);
	assert_int_equal(commands(bench), 0);
	assert_int_equal(bench->told, 0);
}

static void what_cannot_be_done_is_told(void **state)
{
	struct bench *bench = *state;
	struct made late = GOOD;
	struct made nowhere = GOOD;

	late.left_ms = 0;
	assert_int_equal(take(bench, &late), OK);
	assert_int_equal(bench->last_err, ERR_TIMEOUT);
	late.left_ms = ORDERS_AHEAD_MS + 1; /* the clock was set back */
	assert_int_equal(take(bench, &late), OK);
	assert_int_equal(bench->last_err, ERR_TIMEOUT);
	nowhere.id = 2;
	nowhere.signed_id = 2;
	assert_true(str_copy(nowhere.action.entity, sizeof(nowhere.action.entity),
			     "lock.gone"));
	nowhere.signed_action = nowhere.action;
	assert_int_equal(take(bench, &nowhere), OK);
	assert_int_equal(bench->last_err, ERR_MISSING);
	assert_int_equal(commands(bench), 0);
}

/* --- messages --- */

static const struct contact ANNA = {.name = "Anna",
				    .kind = CONTACT_MAIL,
				    .address = "anna@example.org",
				    .box_key = {5}};

static struct made letter_to(const struct contact *contact)
{
	struct made made = GOOD;

	made.action = (struct action){.kind = ACTION_SEND_MESSAGE,
				      .entity = "00112233445566778899aabbccddeeff",
				      .room = "kitchen",
				      .body = {1, 2, 3}};
	made.signed_action = made.action;
	made.contact = contact;
	made.signed_contact = contact;
	return made;
}

static void a_message_is_fetched(void **state)
{
	struct bench *bench = *state;
	struct made made = letter_to(&ANNA);

	made.left_ms = ORDERS_AHEAD_MS; /* no longer than any other */
	assert_int_equal(take(bench, &made), OK);
	assert_int_equal(bench->fetched, 1);
	assert_int_equal(bench->told, 0);
	assert_int_equal(commands(bench), 0);
	made.left_ms++;
	made.id = made.signed_id = 2;
	assert_int_equal(take(bench, &made), OK);
	assert_int_equal(bench->last_err, ERR_TIMEOUT);
	assert_int_equal(bench->fetched, 1);
}

/* Nobody between keeper and gate puts another address under it. */
static void it_goes_to_whom_the_keeper_signed(void **state)
{
	struct bench *bench = *state;
	struct contact others[6];
	struct made made;

	for (size_t i = 0; i < STR_COUNT(others); i++)
		others[i] = ANNA;
	others[0].name[0] = 'H';
	others[1].address[0] = 'h';
	others[2].kind = CONTACT_PEER;
	others[3].key[0] = 1;
	others[4].box_key[0] = 6;
	for (size_t i = 0; i < STR_COUNT(others); i++) {
		made = letter_to(&others[i]);
		made.signed_contact = i < 5 ? &ANNA : NULL;
		assert_int_equal(take(bench, &made), ERR_AUTH);
	}
	made = letter_to(NULL);
	made.signed_contact = &ANNA;
	assert_int_equal(take(bench, &made), ERR_AUTH);
	assert_int_equal(bench->fetched, 0);
	assert_int_equal(bench->told, 0);
}

static void what_is_no_letter_is_told(void **state)
{
	static const struct contact peer = {.name = "Anna",
					    .kind = CONTACT_PEER,
					    .address = "anna.example:7443",
					    .key = {4},
					    .box_key = {5}};
	struct bench *bench = *state;
	struct made made = letter_to(&peer);

	assert_int_equal(take(bench, &made), OK);
	assert_int_equal(bench->last_err, ERR_UNSUPPORTED);
	made = GOOD; /* nothing that opens a door goes by mail */
	made.contact = made.signed_contact = &ANNA;
	assert_int_equal(take(bench, &made), OK);
	assert_int_equal(bench->last_err, ERR_FORMAT);
	assert_int_equal(commands(bench), 0);
	assert_int_equal(bench->fetched, 0);
}

static struct made order_of_tea(void)
{
	static const struct contact shop = {.kind = CONTACT_MAIL,
					    .name = "EUR",
					    .address = "shop@example.org"};
	struct made made = GOOD;

	made.action = (struct action){.kind = ACTION_ORDER,
				      .item = "Tea",
				      .mode = "mail",
				      .cents = 599,
				      .room = "kitchen"};
	made.signed_action = made.action;
	made.contact = made.signed_contact = &shop;
	return made;
}

/* The keeper dies and asks again while it is handed over; then the gate does. */
static void what_is_bought_leaves_once(void **state)
{
	struct bench *bench = *state;
	struct made order = order_of_tea();

	assert_int_equal(take(bench, &order), OK);
	assert_int_equal(mail_fake_count(bench->mail_fake), 1);
	assert_int_equal(take(bench, &order), OK);
	assert_int_equal(bench->told, 0); /* nobody says that nobody knows */
	close_gate(bench);
	open_gate(bench);
	assert_int_equal(take(bench, &order), OK);
	assert_int_equal(bench->last_err, ERR_EXISTS);
	assert_int_equal(mail_fake_count(bench->mail_fake), 1);
}

/* The keeper asks what became of it: what nobody begun is not begun then. */
static void a_question_begins_nothing(void **state)
{
	struct bench *bench = *state;
	struct made order = order_of_tea();

	order.left_ms = -bench->clock.wall_ms; /* until 0 */
	assert_int_equal(take(bench, &order), OK);
	assert_int_equal(bench->last_err, ERR_TIMEOUT);
	assert_int_equal(mail_fake_count(bench->mail_fake), 0);
	order.left_ms = LEFT_MS;
	assert_int_equal(take(bench, &order), OK);
	assert_int_equal(mail_fake_count(bench->mail_fake), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_order_is_carried_out_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_happened_is_told_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(while_it_runs_it_is_not_begun_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_gate_that_died_over_it_does_not_do_it_again, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_keepers_orders_count, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_done_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_message_is_fetched, setup, teardown),
		cmocka_unit_test_setup_teardown(it_goes_to_whom_the_keeper_signed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_no_letter_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_bought_leaves_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_question_begins_nothing, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
