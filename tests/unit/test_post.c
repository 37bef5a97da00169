/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post: what was approved is handed over once a link is there and is carried when the other
 * side has it; what comes is for our keeper or kept for others, and is answered when that is
 * done.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "folder.h"
#include "gate/post.h"

enum { LINKS = 4, BODY_BYTES = 70000, NOT_TOLD = ERR_COUNT };

/* House 0 is ours; 1 and 2 are others, 3 a relay. */
struct place {
	uint8_t seed[32];
	uint8_t key[PARCEL_KEY_BYTES];
	enum peers_state state;
	unsigned connects;
	unsigned handed;
	struct parcel_head head; /* of the last that was handed */
	uint64_t token;
};

struct bench {
	char folder[64];
	struct clock_fake fake;
	struct identity identity;
	struct houses houses;
	struct spool *spool;
	struct post_parts parts;
	struct post *post;
	struct place places[LINKS];
	uint8_t body[BODY_BYTES];
	bool keeper_is_away;
	unsigned fetched;
	uint64_t fetch_token;
	unsigned brought;
	uint64_t bring_token;
	unsigned carried_count;
	enum err carried;
	enum err taken;
	enum err answered;
	uint64_t answered_link;
};

static struct place *place_of(struct bench *bench, const uint8_t *key)
{
	for (size_t i = 0; i < LINKS; i++)
		if (memcmp(bench->places[i].key, key, PARCEL_KEY_BYTES) == 0)
			return &bench->places[i];
	fail_msg("nobody has this key");
	return NULL;
}

static enum peers_state state_of(void *context, const uint8_t *key)
{
	return place_of(context, key)->state;
}

static void connect_to(void *context, const struct way *way)
{
	place_of(context, way->key)->connects++;
}

static enum err hand(void *context, const uint8_t *key, const struct parcel_head *head,
		     const uint8_t *body, uint64_t token)
{
	struct place *place = place_of(context, key);

	if (place->state != PEERS_FREE)
		return place->state == PEERS_BUSY ? ERR_BUSY : ERR_CLOSED;
	assert_int_equal(parcel_verify(head), OK);
	assert_memory_equal(body, ((struct bench *)context)->body, head->parcel.size);
	place->state = PEERS_BUSY;
	place->handed++;
	place->head = *head;
	place->token = token;
	return OK;
}

static void answer(void *context, uint64_t link, enum err err)
{
	struct bench *bench = context;

	bench->answered = err;
	bench->answered_link = link;
}

static enum err fetch(void *context, uint64_t token, struct proposal_id id)
{
	struct bench *bench = context;

	(void)id;
	bench->fetched++;
	bench->fetch_token = token;
	return bench->keeper_is_away ? ERR_CLOSED : OK;
}

static enum err bring(void *context, uint64_t token, const struct parcel_head *head,
		      const uint8_t *body)
{
	struct bench *bench = context;

	(void)head;
	(void)body;
	bench->brought++;
	bench->bring_token = token;
	return bench->keeper_is_away ? ERR_CLOSED : OK;
}

static void carried(void *context, struct proposal_id id, enum err err)
{
	struct bench *bench = context;

	(void)id;
	bench->carried_count++;
	bench->carried = err;
}

static void taken(void *context, uint64_t keeper_token, enum err err)
{
	struct bench *bench = context;

	assert_int_equal(keeper_token, 77);
	bench->taken = err;
}

static void enrol(struct bench *bench, const uint8_t *key, const char *address,
		  uint32_t waits)
{
	struct house *house = &bench->houses.all[bench->houses.count++];

	memcpy(house->key, key, PARCEL_KEY_BYTES);
	house->waits = waits;
	house->has_way = way_read(address, key, &house->way) == OK;
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	assert_int_equal(seal_init(), OK);
	for (size_t i = 0; i < LINKS; i++) {
		bench->places[i].seed[0] = (uint8_t)(i + 1);
		seal_sign_pair(bench->places[i].seed, bench->places[i].key);
	}
	assert_int_equal(secret_copy(bench->places[0].seed, 32, &bench->identity.seed),
			 OK);
	memcpy(bench->identity.public_key, bench->places[0].key, 32);
	enrol(bench, bench->places[1].key, "one:7411", 0);
	for (size_t i = 0; i < BODY_BYTES; i++)
		bench->body[i] = (uint8_t)(i * 7);
	assert_true(str_copy(bench->folder, sizeof(bench->folder),
			     "/tmp/behest-post-XXXXXX"));
	assert_non_null(mkdtemp(bench->folder));
	bench->parts = (struct post_parts){
		.clock = clock_fake_init(&bench->fake),
		.identity = &bench->identity,
		.houses = &bench->houses,
		.links = {bench, state_of, connect_to, hand, answer},
		.fetch = fetch,
		.bring = bring,
		.carried = carried,
		.taken = taken,
		.context = bench,
	};
	bench->carried = bench->taken = bench->answered = (enum err)NOT_TOLD;
	assert_int_equal(spool_open(bench->folder, &bench->parts.clock, 0, &bench->spool,
				    NULL),
			 OK);
	bench->parts.spool = bench->spool;
	assert_int_equal(post_create(&bench->parts, &bench->post), OK);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	const int failed = folder_remove(bench->folder);

	post_destroy(bench->post);
	spool_close(bench->spool);
	identity_close(&bench->identity);
	free(bench);
	return failed;
}

/* --- orders --- */

static void order(struct bench *bench, uint8_t number)
{
	struct contact contact = {.kind = CONTACT_PEER, .address = "one:7411"};
	struct proposal_id id = {{number}};

	memcpy(contact.key, bench->places[1].key, PEOPLE_KEY_BYTES);
	post_take(bench->post, id, &contact);
}

static void give_body(struct bench *bench)
{
	const size_t half = BODY_BYTES / 2;

	post_body(bench->post, bench->fetch_token, bench->body, half, false);
	post_body(bench->post, bench->fetch_token, bench->body + half, BODY_BYTES - half,
		  true);
	post_fetched(bench->post, bench->fetch_token, OK);
}

static void opened(struct bench *bench, size_t which)
{
	bench->places[which].state = PEERS_FREE;
	post_ready(bench->post, bench->places[which].key);
}

static void taken_by(struct bench *bench, size_t which, enum err err)
{
	bench->places[which].state = PEERS_FREE;
	post_taken(bench->post, bench->places[which].token, err);
	post_ready(bench->post, bench->places[which].key);
}

static void send_key(struct bench *bench, const uint8_t *to)
{
	struct parcel_head head = {.parcel = {.kind = PARCEL_KEY}};

	memcpy(head.parcel.to, to, PARCEL_KEY_BYTES);
	assert_int_equal(parcel_measure(bench->body, 100, &head.parcel), OK);
	post_send(bench->post, &head, bench->body, 77);
}

static void test_an_order_is_carried_when_the_other_house_has_it(void **state)
{
	struct bench *bench = *state;
	const struct place *one = &bench->places[1];

	order(bench, 5);
	order(bench, 5); /* told again meanwhile */
	assert_int_equal(bench->fetched, 1);
	give_body(bench);
	assert_int_equal(one->connects, 1);
	assert_int_equal(bench->carried, NOT_TOLD);
	opened(bench, 1);
	assert_int_equal(one->handed, 1);
	assert_int_equal(one->head.parcel.kind, PARCEL_LETTER);
	assert_int_equal(one->head.parcel.id.bytes[0], 5);
	assert_int_equal(one->head.parcel.size, BODY_BYTES);
	assert_memory_equal(one->head.parcel.from, bench->places[0].key, 32);
	assert_memory_equal(one->head.parcel.to, one->key, 32);
	assert_int_equal(bench->carried, NOT_TOLD);
	taken_by(bench, 1, OK);
	assert_int_equal(bench->carried, OK);
	assert_int_equal(bench->carried_count, 1);
}

static void test_what_stands_against_an_order(void **state)
{
	struct bench *bench = *state;

	bench->keeper_is_away = true;
	order(bench, 1);
	assert_int_equal(bench->carried, ERR_CLOSED);
	bench->keeper_is_away = false;
	order(bench, 1);
	post_fetched(bench->post, bench->fetch_token, ERR_MISSING);
	assert_int_equal(bench->carried, ERR_MISSING);
	order(bench, 1);
	post_fetched(bench->post, bench->fetch_token, OK); /* and no sound came */
	assert_int_equal(bench->carried, ERR_IO);
	order(bench, 1);
	give_body(bench);
	post_failed(bench->post, bench->places[1].key);
	assert_int_equal(bench->carried, ERR_CLOSED);
	order(bench, 1); /* it was not there a moment ago */
	assert_int_equal(bench->carried, ERR_BUSY);
	clock_fake_pass(&bench->fake, POST_AWAY_MS);
	bench->places[1].state = PEERS_FREE;
	order(bench, 1);
	give_body(bench);
	taken_by(bench, 1, ERR_DENIED);
	assert_int_equal(bench->carried, ERR_DENIED);
	order(bench, 1);
	give_body(bench);
	taken_by(bench, 1, ERR_LIMIT); /* too many: later once more */
	assert_int_equal(bench->carried, ERR_BUSY);
	clock_fake_pass(&bench->fake, POST_PAUSE_MS);
	bench->places[1].state = PEERS_OPENING;
	order(bench, 1);
	give_body(bench);
	clock_fake_pass(&bench->fake, POST_WAITS_MS + 1);
	post_tick(bench->post);
	assert_int_equal(bench->carried, ERR_CLOSED);
	assert_int_equal(bench->carried_count, 8);
}

static void test_one_after_the_other_and_not_too_many(void **state)
{
	struct bench *bench = *state;
	const struct place *one = &bench->places[1];

	for (unsigned i = 0; i < POST_ORDERS_EACH; i++) {
		order(bench, (uint8_t)(i + 1));
		give_body(bench);
	}
	assert_int_equal(bench->carried_count, 0);
	order(bench, 200);
	assert_int_equal(bench->carried, ERR_BUSY);
	/* What somebody waits for finds its place. */
	send_key(bench, bench->places[1].key);
	assert_int_equal(bench->taken, NOT_TOLD);
	opened(bench, 1);
	for (unsigned i = 0; i < POST_ORDERS_EACH; i++) {
		assert_int_equal(one->handed, i + 1);
		assert_int_equal(one->head.parcel.id.bytes[0], i + 1);
		taken_by(bench, 1, OK);
	}
	assert_int_equal(bench->carried_count, POST_ORDERS_EACH + 1);
	assert_int_equal(one->head.parcel.kind, PARCEL_KEY);
}

/* A signed head from one house to another. */
static struct parcel_head from_to(const struct bench *bench, size_t from, size_t to,
				  enum parcel_kind kind)
{
	struct parcel_head head = {
		.parcel = {.kind = kind, .at_ms = bench->fake.wall_ms}};

	memcpy(head.parcel.from, bench->places[from].key, PARCEL_KEY_BYTES);
	memcpy(head.parcel.to, bench->places[to].key, PARCEL_KEY_BYTES);
	assert_int_equal(parcel_measure(bench->body, 50, &head.parcel), OK);
	assert_int_equal(parcel_sign(bench->places[from].seed, &head), OK);
	return head;
}

static void test_an_answer_goes_the_way_that_the_question_came(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head want = from_to(bench, 1, 0, PARCEL_WANT);

	bench->places[3].state = PEERS_FREE;
	bench->houses.has_relay = true;
	memcpy(bench->houses.relay.key, bench->places[3].key, PARCEL_KEY_BYTES);
	post_came(bench->post, 4, bench->places[3].key, &want, bench->body);
	assert_int_equal(bench->brought, 1);
	assert_int_equal(bench->answered, NOT_TOLD);
	post_brought(bench->post, bench->bring_token, OK);
	assert_int_equal(bench->answered, OK);
	assert_int_equal(bench->answered_link, 4);
	send_key(bench, bench->places[1].key);
	assert_int_equal(bench->places[3].handed, 1);
	assert_int_equal(bench->places[1].connects, 0);
	taken_by(bench, 3, OK);
	assert_int_equal(bench->taken, OK);
	/* A link to that house itself is shorter. */
	bench->places[1].state = PEERS_FREE;
	send_key(bench, bench->places[1].key);
	assert_int_equal(bench->places[1].handed, 1);
	bench->taken = (enum err)NOT_TOLD;
	send_key(bench, bench->places[2].key); /* is not enrolled */
	assert_int_equal(bench->taken, ERR_DENIED);
}

/* --- what comes --- */

/* Neither a letter, nor what the keeper does not believe, nor what comes from a stranger's
 * link makes a way; and no way is one for ever, or for letters. */
static void test_no_other_link_becomes_the_way(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head want = from_to(bench, 1, 0, PARCEL_WANT);
	const struct parcel_head letter = from_to(bench, 1, 0, PARCEL_LETTER);

	bench->places[3].state = PEERS_FREE;
	bench->places[1].state = PEERS_OPENING;
	post_came(bench->post, 4, bench->places[3].key, &want, bench->body);
	post_brought(bench->post, bench->bring_token,
		     OK); /* place 3 is no relay of ours */
	send_key(bench, bench->places[1].key);
	bench->houses.has_relay = true;
	memcpy(bench->houses.relay.key, bench->places[3].key, PARCEL_KEY_BYTES);
	post_came(bench->post, 4, bench->places[3].key, &letter, bench->body);
	post_brought(bench->post, bench->bring_token, OK);
	post_came(bench->post, 4, bench->places[3].key, &want, bench->body);
	post_brought(bench->post, bench->bring_token, ERR_AUTH);
	send_key(bench, bench->places[1].key);
	assert_int_equal(bench->places[3].handed, 0);
	post_came(bench->post, 4, bench->places[3].key, &want, bench->body);
	post_brought(bench->post, bench->bring_token, OK);
	order(bench, 9);
	give_body(bench);
	assert_int_equal(bench->places[3].handed, 0);
	clock_fake_pass(&bench->fake, POST_ASKED_MS);
	send_key(bench, bench->places[1].key);
	assert_int_equal(bench->places[3].handed, 0);
}

static void test_what_comes_is_answered_by_the_keeper(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head known = from_to(bench, 1, 0, PARCEL_LETTER);
	const struct parcel_head stranger = from_to(bench, 2, 0, PARCEL_LETTER);

	post_came(bench->post, 1, bench->places[2].key, &stranger, bench->body);
	assert_int_equal(bench->answered, ERR_DENIED);
	post_came(bench->post, 2, bench->places[1].key, &known, bench->body);
	post_brought(bench->post, bench->bring_token, ERR_LIMIT);
	assert_int_equal(bench->answered, ERR_LIMIT);
	assert_int_equal(bench->answered_link, 2);
	post_came(bench->post, 3, bench->places[1].key, &known, bench->body);
	post_lost(bench->post);
	assert_int_equal(bench->answered_link, 3);
	assert_int_equal(bench->answered, ERR_CLOSED);
	bench->keeper_is_away = true;
	post_came(bench->post, 5, bench->places[1].key, &known, bench->body);
	assert_int_equal(bench->answered_link, 5);
	assert_int_equal(bench->answered, ERR_CLOSED);
}

static void carry_for(struct bench *bench, size_t which)
{
	memcpy(bench->houses.carried[bench->houses.carried_count++],
	       bench->places[which].key, PARCEL_KEY_BYTES);
}

static void test_a_relay_keeps_what_it_may(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = from_to(bench, 1, 2, PARCEL_LETTER);

	post_came(bench->post, 1, bench->places[1].key, &head, bench->body);
	assert_int_equal(bench->answered, ERR_DENIED);
	carry_for(bench, 1);
	post_came(bench->post, 1, bench->places[1].key, &head, bench->body);
	assert_int_equal(bench->answered, ERR_DENIED); /* only one of the two */
	carry_for(bench, 2);
	post_came(bench->post, 1, bench->places[3].key, &head, bench->body);
	assert_int_equal(bench->answered, ERR_DENIED); /* another one brings it */
	assert_int_equal(spool_count(bench->spool), 0);
	post_came(bench->post, 1, bench->places[1].key, &head, bench->body);
	assert_int_equal(bench->answered, OK);
	assert_int_equal(spool_count(bench->spool), 1);
	opened(bench, 2);
	assert_int_equal(bench->places[2].handed, 1);
	assert_memory_equal(bench->places[2].head.parcel.from, bench->places[1].key, 32);
	taken_by(bench, 2, OK);
	assert_int_equal(spool_count(bench->spool), 0);
	assert_int_equal(bench->places[2].handed, 1);
}

static void test_a_relay_goes_on_later_with_what_was_not_taken(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = from_to(bench, 1, 2, PARCEL_LETTER);
	const struct place *two = &bench->places[2];

	carry_for(bench, 1);
	carry_for(bench, 2);
	bench->places[2].state = PEERS_FREE;
	post_came(bench->post, 1, bench->places[1].key, &head, bench->body);
	assert_int_equal(two->handed, 1);
	taken_by(bench, 2, ERR_BUSY);
	assert_int_equal(two->handed, 1); /* not at once */
	assert_int_equal(spool_count(bench->spool), 1);
	clock_fake_pass(&bench->fake, SPOOL_PAUSE_MS);
	post_tick(bench->post);
	assert_int_equal(two->handed, 2);
	taken_by(bench, 2, ERR_DENIED); /* it never will */
	assert_int_equal(spool_count(bench->spool), 0);
}

static void test_links_that_are_kept(void **state)
{
	struct bench *bench = *state;

	post_tick(bench->post);
	assert_int_equal(bench->places[1].connects, 0);
	assert_false(post_keeps(bench->post, bench->places[1].key));
	bench->houses.all[0].waits = 1;
	post_tick(bench->post);
	assert_int_equal(bench->places[1].connects, 1);
	assert_true(post_keeps(bench->post, bench->places[1].key));
	bench->houses.has_relay = true;
	memcpy(bench->houses.relay.key, bench->places[3].key, PARCEL_KEY_BYTES);
	post_tick(bench->post);
	assert_int_equal(bench->places[3].connects, 1);
	assert_true(post_keeps(bench->post, bench->places[3].key));
	bench->places[1].state = bench->places[3].state = PEERS_FREE;
	post_tick(bench->post);
	assert_int_equal(bench->places[1].connects, 2);
	assert_int_equal(bench->places[3].connects, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_an_order_is_carried_when_the_other_house_has_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_what_stands_against_an_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_one_after_the_other_and_not_too_many,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_answer_goes_the_way_that_the_question_came, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_no_other_link_becomes_the_way, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_comes_is_answered_by_the_keeper,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_relay_keeps_what_it_may, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_a_relay_goes_on_later_with_what_was_not_taken, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_links_that_are_kept, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
