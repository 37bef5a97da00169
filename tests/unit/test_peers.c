/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers: two houses over TLS on the loopback, and houses that stall, flood, answer what
 * nobody asked, or show another key than they should.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/seal.h"
#include "base/secret.h"
#include "base/str.h"
#include "gate/peers.h"

enum { ROUNDS_MAX = 4000, ROUND_MS = 20, BODY_BYTES = 150000, NOT_TOLD = ERR_COUNT };

struct side {
	struct peers *peers;
	struct identity identity;
	const uint8_t *knows; /* who may connect; NULL: nobody */
	bool keeps;
	bool answers_later;
	enum err answer;
	unsigned came;
	unsigned ready;
	unsigned failed;
	unsigned taken;
	enum err taken_err;
	uint64_t link; /* of the last that came */
};

/* A house that keeps to no rule: a link and no more. */
struct bad {
	struct link *link;
	unsigned opened;
	unsigned closed;
	unsigned taken;
	enum err taken_err;
	char told[128]; /* what it was told when it was shown out */
	struct identity identity;
};

struct bench {
	struct loop *loop;
	struct side ours;
	struct side theirs;
	struct bad bad;
	struct way way; /* to theirs */
	uint8_t body[BODY_BYTES];
};

static int64_t passed_ms;
static struct bench *current;

static int64_t now_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000 + passed_ms;
}

static bool knows(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct side *side = context;

	return side->knows && memcmp(side->knows, key, PARCEL_KEY_BYTES) == 0;
}

static bool keeps(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	const struct side *side = context;

	(void)key;
	return side->keeps;
}

static void came(void *context, uint64_t link, const uint8_t key[PARCEL_KEY_BYTES],
		 const struct parcel_head *head, const uint8_t *body)
{
	struct side *side = context;

	assert_memory_equal(body, current->body, head->parcel.size);
	assert_memory_equal(key, side->knows, PARCEL_KEY_BYTES);
	side->came++;
	side->link = link;
	if (!side->answers_later)
		peers_answer(side->peers, link, side->answer);
}

static void ready(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	struct side *side = context;

	(void)key;
	side->ready++;
}

static void taken(void *context, uint64_t token, enum err err)
{
	struct side *side = context;

	assert_int_equal(token, 7);
	side->taken++;
	side->taken_err = err;
}

static void failed(void *context, const uint8_t key[PARCEL_KEY_BYTES])
{
	struct side *side = context;

	(void)key;
	side->failed++;
}

static void make_identity(uint8_t number, struct identity *identity)
{
	uint8_t seed[32] = {number};

	assert_int_equal(secret_copy(seed, sizeof(seed), &identity->seed), OK);
	seal_sign_pair(seed, identity->public_key);
}

static void make_side(struct bench *bench, uint8_t number, struct side *side)
{
	const struct peers_parts parts = {
		.loop = bench->loop,
		.identity = &side->identity,
		.knows = knows,
		.came = came,
		.ready = ready,
		.taken = taken,
		.failed = failed,
		.keeps = keeps,
		.context = side,
	};

	make_identity(number, &side->identity);
	assert_int_equal(peers_create(&parts, &side->peers), OK);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct link_tls_place place;
	struct err_note note = {""};

	assert_non_null(bench);
	assert_int_equal(seal_init(), OK);
	passed_ms = 0;
	loop_use_clock(now_ms);
	assert_int_equal(loop_create(&bench->loop), OK);
	make_side(bench, 1, &bench->ours);
	make_side(bench, 2, &bench->theirs);
	make_identity(3, &bench->bad.identity);
	bench->theirs.knows = bench->ours.identity.public_key;
	assert_int_equal(link_tls_resolve("127.0.0.1:0", true, &place, &note), OK);
	if (peers_listen(bench->theirs.peers, &place, &note))
		fail_msg("%s", note.text);
	assert_true(str_format(bench->way.words, sizeof(bench->way.words), "127.0.0.1:%u",
			       (unsigned)peers_port(bench->theirs.peers)));
	memcpy(bench->way.key, bench->theirs.identity.public_key, PARCEL_KEY_BYTES);
	for (size_t i = 0; i < BODY_BYTES; i++)
		bench->body[i] = (uint8_t)(i * 11 + i / 257);
	current = bench;
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	link_close(bench->bad.link);
	peers_destroy(bench->ours.peers);
	peers_destroy(bench->theirs.peers);
	identity_close(&bench->ours.identity);
	identity_close(&bench->theirs.identity);
	identity_close(&bench->bad.identity);
	loop_destroy(bench->loop);
	loop_use_clock(NULL);
	free(bench);
	return 0;
}

static void run_until(struct bench *bench, const unsigned *counter, unsigned wanted)
{
	for (int i = 0; i < ROUNDS_MAX && *counter < wanted; i++)
		assert_int_equal(loop_run_once(bench->loop, ROUND_MS), OK);
	assert_int_equal(*counter, wanted);
}

static void run_a_while(struct bench *bench)
{
	for (int i = 0; i < 50; i++)
		assert_int_equal(loop_run_once(bench->loop, ROUND_MS), OK);
}

static void pass(int64_t ms)
{
	passed_ms += ms;
}

static struct parcel_head make(struct bench *bench, const struct identity *from,
			       const uint8_t *to, enum parcel_kind kind, size_t size)
{
	struct parcel_head head = {.parcel = {.kind = kind, .at_ms = 1}};

	memcpy(head.parcel.from, from->public_key, PARCEL_KEY_BYTES);
	memcpy(head.parcel.to, to, PARCEL_KEY_BYTES);
	assert_int_equal(parcel_measure(bench->body, size, &head.parcel), OK);
	assert_int_equal(parcel_sign(secret_view(from->seed), &head), OK);
	return head;
}

static enum err hand(struct bench *bench)
{
	const struct parcel_head head = make(bench, &bench->ours.identity, bench->way.key,
					     PARCEL_LETTER, BODY_BYTES);

	return peers_hand(bench->ours.peers, bench->way.key, &head, bench->body, 7);
}

/* --- two houses --- */

static void test_a_parcel_goes_over(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(hand(bench), ERR_CLOSED);
	peers_connect(bench->ours.peers, &bench->way);
	peers_connect(bench->ours.peers, &bench->way); /* once is enough */
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_OPENING);
	run_until(bench, &bench->ours.ready, 1);
	run_until(bench, &bench->theirs.ready, 1);
	assert_int_equal(hand(bench), OK);
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_BUSY);
	assert_int_equal(hand(bench), ERR_BUSY);
	run_until(bench, &bench->ours.taken, 1);
	assert_int_equal(bench->ours.taken_err, OK);
	assert_int_equal(bench->theirs.came, 1);
	assert_int_equal(bench->ours.ready, 2);
	bench->theirs.answer = ERR_DENIED;
	assert_int_equal(hand(bench), OK);
	run_until(bench, &bench->ours.taken, 2);
	assert_int_equal(bench->ours.taken_err, ERR_DENIED);
	run_a_while(bench);
	assert_int_equal(bench->theirs.ready, 1); /* it was one link */
}

static void test_both_ways_on_one_link(void **state)
{
	struct bench *bench = *state;
	const uint8_t *our_key = bench->ours.identity.public_key;
	struct parcel_head back;

	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->theirs.ready, 1);
	bench->ours.knows = bench->theirs.identity.public_key;
	back = make(bench, &bench->theirs.identity, our_key, PARCEL_KEY, 200);
	assert_int_equal(peers_hand(bench->theirs.peers, our_key, &back, bench->body, 7),
			 OK);
	run_until(bench, &bench->theirs.taken, 1);
	assert_int_equal(bench->ours.came, 1);
	assert_int_equal(bench->theirs.taken_err, OK);
}

static void test_who_shows_another_key_is_not_spoken_to(void **state)
{
	struct bench *bench = *state;

	bench->way.key[0] ^= 1;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.failed, 1);
	assert_int_equal(bench->ours.ready, 0);
	assert_int_equal(bench->theirs.ready, 0);
}

static void test_strangers_are_not_let_in(void **state)
{
	struct bench *bench = *state;

	bench->theirs.knows = NULL;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.failed, 1);
	assert_int_equal(bench->theirs.ready, 0);
	/* Not again at once; then again. */
	bench->theirs.knows = bench->ours.identity.public_key;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.failed, 2);
	pass(PEERS_RETRY_MAX_MS);
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.ready, 1);
	run_until(bench, &bench->theirs.ready, 1);
	/* Who is not known any more is shown out. */
	bench->theirs.knows = NULL;
	peers_forget_strangers(bench->theirs.peers);
	for (int i = 0; i < ROUNDS_MAX &&
			peers_state(bench->ours.peers, bench->way.key) != PEERS_NONE;
	     i++)
		assert_int_equal(loop_run_once(bench->loop, ROUND_MS), OK);
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_NONE);
}

static void test_nobody_there(void **state)
{
	struct bench *bench = *state;
	struct way nowhere = bench->way;

	assert_true(str_copy(nowhere.words, sizeof(nowhere.words), "no address"));
	peers_connect(bench->ours.peers, &nowhere);
	run_until(bench, &bench->ours.failed, 1);
	pass(PEERS_RETRY_MAX_MS);
	assert_true(
		str_copy(nowhere.words, sizeof(nowhere.words), "localhost.invalid:1"));
	peers_connect(bench->ours.peers, &nowhere);
	run_until(bench, &bench->ours.failed, 2);
	pass(PEERS_RETRY_MAX_MS);
	peers_destroy(bench->theirs.peers);
	bench->theirs.peers = NULL;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.failed, 3);
}

static void test_a_link_that_nobody_uses_is_closed(void **state)
{
	struct bench *bench = *state;

	bench->ours.keeps = true;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.ready, 1);
	pass(PEERS_IDLE_MS + 1);
	run_a_while(bench);
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_FREE);
	bench->ours.keeps = false;
	run_a_while(bench);
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_NONE);
}

static void test_who_does_not_answer_is_left(void **state)
{
	struct bench *bench = *state;

	bench->theirs.answers_later = true;
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.ready, 1);
	assert_int_equal(hand(bench), OK);
	run_until(bench, &bench->theirs.came, 1);
	pass(PEERS_TAKEN_MS + 1);
	run_until(bench, &bench->ours.taken, 1);
	assert_int_equal(bench->ours.taken_err, ERR_TIMEOUT);
	assert_int_equal(peers_state(bench->ours.peers, bench->way.key), PEERS_NONE);
	peers_answer(bench->theirs.peers, bench->theirs.link, OK); /* too late: nothing */
	run_a_while(bench);
	assert_int_equal(bench->ours.taken, 1);
}

/* --- a house that keeps to no rule --- */

static void on_opened(void *context, struct link *link)
{
	struct bad *bad = context;

	bad->link = link;
	bad->opened++;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct bad *bad = context;

	(void)link;
	if (message->type == WIRE_refused)
		(void)str_format(bad->told, sizeof(bad->told), "%s",
				 message->refused.words);
	if (message->type != WIRE_parcel_taken)
		return;
	bad->taken++;
	bad->taken_err = (enum err)message->parcel_taken.err;
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct bad *bad = context;

	(void)err;
	(void)why;
	if (bad->link == link)
		bad->link = NULL;
	bad->closed++;
}

static void let_bad_in(struct bench *bench)
{
	const struct link_listener listener = {&bench->bad, on_opened, on_message,
					       on_closed};
	const struct link_tls_side side = {
		.kind = WIRE_LINK_PEER_GATE,
		.self = WIRE_PARTY_PEER,
		.name = "gate",
		.seed = secret_view(bench->bad.identity.seed),
	};
	struct link_tls_place place;

	bench->theirs.knows = bench->bad.identity.public_key;
	assert_int_equal(link_tls_resolve(bench->way.words, false, &place, NULL), OK);
	assert_int_equal(link_tls_connect(bench->loop, &place, &side, bench->way.key,
					  &listener, &bench->bad.link, NULL),
			 OK);
	run_until(bench, &bench->bad.opened, 1);
	run_until(bench, &bench->theirs.ready, 1);
}

static struct parcel_head bad_head(struct bench *bench, enum parcel_kind kind,
				   size_t size)
{
	return make(bench, &bench->bad.identity, bench->way.key, kind, size);
}

static void bad_says(struct bench *bench, const struct parcel_head *head)
{
	const struct wire_parcel message = parcel_to_wire(head, 3);

	assert_int_equal(link_send_parcel(bench->bad.link, &message), OK);
}

static void bad_adds(struct bench *bench, uint64_t token, size_t size, bool last)
{
	const struct wire_parcel_piece piece = {.token = token,
						.last = last,
						.bytes = {bench->body, size}};

	assert_int_equal(link_send_parcel_piece(bench->bad.link, &piece), OK);
}

/* Each three from an address of its own. */
static int silent_stranger(const struct bench *bench, unsigned number)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(peers_port(bench->theirs.peers))};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	from.sin_addr.s_addr = htonl(0x7f000101U + number / 3);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void expect_shown_out(struct bench *bench, const char *why)
{
	run_until(bench, &bench->bad.closed, 1);
	assert_string_equal(bench->bad.told, why);
	assert_int_equal(bench->theirs.came, 0);
}

static void test_no_signature(void **state)
{
	struct bench *bench = *state;
	struct parcel_head head = bad_head(bench, PARCEL_WANT, 33);

	let_bad_in(bench);
	head.signature[5] ^= 1;
	bad_says(bench, &head);
	bad_adds(bench, 3, 33, true);
	run_until(bench, &bench->bad.taken, 1);
	assert_int_equal(bench->bad.taken_err, ERR_AUTH);
	assert_int_equal(bench->theirs.came, 0);
	head.is_signed = false;
	bad_says(bench, &head);
	expect_shown_out(bench, "it brought what is no parcel");
}

static void test_other_bytes_than_the_head_says(void **state)
{
	struct bench *bench = *state;
	struct parcel_head head = bad_head(bench, PARCEL_WANT, 33);

	let_bad_in(bench);
	head.parcel.hash[0] ^= 1;
	bad_says(bench, &head);
	bad_adds(bench, 3, 33, true);
	expect_shown_out(bench, "it brought a parcel that is not what its head says");
}

static void test_more_than_the_head_says(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = bad_head(bench, PARCEL_WANT, 33);

	let_bad_in(bench);
	bad_says(bench, &head);
	bad_adds(bench, 3, 33, false);
	bad_adds(bench, 3, 1, false);
	expect_shown_out(bench, "it brought a parcel that is not what its head says");
}

static void test_a_head_beyond_all_limits(void **state)
{
	struct bench *bench = *state;
	struct parcel_head head = bad_head(bench, PARCEL_LETTER, 1000);

	let_bad_in(bench);
	head.parcel.size = UINT32_MAX;
	bad_says(bench, &head);
	expect_shown_out(bench, "it brought what is no parcel");
}

static void test_a_piece_of_nothing(void **state)
{
	struct bench *bench = *state;

	let_bad_in(bench);
	bad_adds(bench, 3, 10, false);
	expect_shown_out(bench, "it brought a parcel that is not what its head says");
}

static void test_two_at_once(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = bad_head(bench, PARCEL_LETTER, 1000);

	let_bad_in(bench);
	bad_says(bench, &head);
	bad_says(bench, &head);
	expect_shown_out(bench, "it brought two parcels at once");
}

static void test_an_answer_to_nothing(void **state)
{
	struct bench *bench = *state;
	const struct wire_parcel_taken answer = {.token = 9};

	let_bad_in(bench);
	assert_int_equal(link_send_parcel_taken(bench->bad.link, &answer), OK);
	expect_shown_out(bench, "it answers what nobody asked");
}

static void test_a_parcel_that_does_not_go_on(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = bad_head(bench, PARCEL_LETTER, 1000);

	let_bad_in(bench);
	bad_says(bench, &head);
	bad_adds(bench, 3, 500, false);
	run_a_while(bench);
	assert_int_equal(bench->bad.closed, 0);
	pass(PEERS_WHOLE_MS + 1);
	expect_shown_out(bench, "it began a parcel and did not go on");
}

/* One link for each house that comes: the newest. */
static void test_who_comes_again_has_one_link(void **state)
{
	struct bench *bench = *state;
	struct link *first;

	let_bad_in(bench);
	first = bench->bad.link;
	bench->bad.opened = bench->theirs.ready = 0;
	let_bad_in(bench);
	run_until(bench, &bench->bad.closed, 1);
	assert_ptr_not_equal(first, bench->bad.link);
	run_a_while(bench);
	assert_int_equal(bench->bad.closed, 1);
}

/* Who only occupies places makes room for who shows its key. */
static void test_silent_strangers_keep_nobody_out(void **state)
{
	struct bench *bench = *state;
	int fds[2 * LINK_TLS_STRANGERS_MAX];

	for (size_t i = 0; i < STR_COUNT(fds); i++) {
		fds[i] = silent_stranger(bench, (unsigned)i);
		assert_int_equal(loop_run_once(bench->loop, ROUND_MS), OK);
	}
	peers_connect(bench->ours.peers, &bench->way);
	run_until(bench, &bench->ours.ready, 1);
	run_until(bench, &bench->theirs.ready, 1);
	for (size_t i = 0; i < STR_COUNT(fds); i++)
		close(fds[i]);
}

static void test_a_flood_is_refused(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = bad_head(bench, PARCEL_LETTER, 33);
	const struct parcel_head want = bad_head(bench, PARCEL_WANT, 33);

	let_bad_in(bench);
	for (unsigned i = 0; i <= PEERS_AN_HOUR; i++) {
		bad_says(bench, &head);
		bad_adds(bench, 3, 33, true);
		run_until(bench, &bench->bad.taken, i + 1);
		assert_int_equal(bench->bad.taken_err,
				 i < PEERS_AN_HOUR ? OK : ERR_LIMIT);
	}
	assert_int_equal(bench->theirs.came, PEERS_AN_HOUR);
	/* What somebody waits for is not a letter. */
	bad_says(bench, &want);
	bad_adds(bench, 3, 33, true);
	run_until(bench, &bench->bad.taken, PEERS_AN_HOUR + 2);
	assert_int_equal(bench->bad.taken_err, OK);
	pass(3600 * 1000);
	bad_says(bench, &head);
	bad_adds(bench, 3, 33, true);
	run_until(bench, &bench->bad.taken, PEERS_AN_HOUR + 3);
	assert_int_equal(bench->bad.taken_err, OK);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(test_a_parcel_goes_over),
		ROW(test_both_ways_on_one_link),
		ROW(test_who_shows_another_key_is_not_spoken_to),
		ROW(test_strangers_are_not_let_in),
		ROW(test_nobody_there),
		ROW(test_a_link_that_nobody_uses_is_closed),
		ROW(test_who_does_not_answer_is_left),
		ROW(test_no_signature),
		ROW(test_other_bytes_than_the_head_says),
		ROW(test_more_than_the_head_says),
		ROW(test_a_head_beyond_all_limits),
		ROW(test_a_piece_of_nothing),
		ROW(test_two_at_once),
		ROW(test_an_answer_to_nothing),
		ROW(test_a_parcel_that_does_not_go_on),
		ROW(test_who_comes_again_has_one_link),
		ROW(test_silent_strangers_keep_nobody_out),
		ROW(test_a_flood_is_refused),
	};
#undef ROW

	return cmocka_run_group_tests(tests, NULL, NULL);
}
