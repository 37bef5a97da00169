/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vault_kills - a real behest-keeper is killed a thousand times, at random moments of
 * taking recordings, events and entries of the house book in, and of its own starts; and, now
 * and then, of deleting one recording or everything, of changing the passphrase and of making
 * a backup. An outside ledger remembers what it acknowledged. Afterwards all of that is there and opens, what was
 * deleted does not, nothing is half gone, and the journal is whole.
 *
 * Prints its seed and takes it back in BEHEST_SEED; BEHEST_ROUNDS makes it longer: after
 * each thousand the ledger is compared and a new house begins. kill -9 keeps what the kernel
 * has; losing power is for tests/fault/test_power.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/str.h"
#include "domain/book.h"
#include "domain/erasure.h"
#include "e2e/journal_reader.h"
#include "e2e/lone_keeper.h"
#include "e2e/process.h"

enum {
	ROUNDS = 1000,
	ROUNDS_OF_HOUSE = 1000,
	PER_ROUND = 16,
	RECORDING_EVERY = 4,
	BOOK_EVERY = 4,    /* a token behind the recording's */
	BOOK_ENTRIES = 24, /* put again and again, and every third time removed */
	BOOK_OPS = 3,
	START_EVERY = 10, /* killed once more while it starts */
	BOOK_LOOK_EVERY = 10,
	OWNER_EVERY = 50, /* its owner asks for something: signing in takes long */
	LIFE_US_MAX = 12000,
	ANSWER_US_MAX = 6000,
	PIECES = 4, /* of a backup */
	START_US_MAX = 30000,
	LEDGER_MAX = ROUNDS_OF_HOUSE * PER_ROUND,
};

/* What was acknowledged. */
static struct {
	size_t event_count;
	struct {
		uint64_t turn;
		uint64_t place;
	} events[LEDGER_MAX];
	size_t record_count;
	struct {
		struct record_id id;
		bool is_gone;
	} records[LEDGER_MAX];
	size_t book_count; /* acknowledged */
	struct {
		uint64_t told;  /* the newest token that was acknowledged; 0: none */
		uint64_t asked; /* the newest one that was sent */
	} book[BOOK_ENTRIES];
} ledger;

static struct lone_keeper keeper;
static uint64_t last_token;

/* --- luck ------------------------------------------------------------------------------- */

static uint64_t luck;

static uint32_t random_below(uint32_t limit)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(luck >> 33) % limit;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void wait_us(uint32_t us)
{
	const struct timespec pause = {.tv_sec = us / 1000000,
				       .tv_nsec = (long)(us % 1000000) * 1000};

	(void)nanosleep(&pause, NULL);
}

/* --- a round ---------------------------------------------------------------------------- */

static bool is_recording(uint64_t token)
{
	return token % RECORDING_EVERY == 0;
}

static bool is_book(uint64_t token)
{
	return token % BOOK_EVERY == 1;
}

static size_t entry_of(uint64_t token)
{
	return token / BOOK_EVERY % BOOK_ENTRIES;
}

static bool is_removal(uint64_t token)
{
	return token / BOOK_EVERY / BOOK_ENTRIES % BOOK_OPS == BOOK_OPS - 1;
}

static uint64_t turn_of(uint64_t token)
{
	return (uint64_t)1700000000000 << 16 | token;
}

static void send_event(struct link_client *client, uint64_t token)
{
	static struct wire_append append;

	append.token = token;
	event_init(&append.event, EVENT_DECIDED, (struct turn_id){turn_of(token)},
		   "kitchen", 1);
	event_add(&append.event, "decision", "act");
	event_add(&append.event, "action", "light.on");
	event_add(&append.event, "reason", "NONE");
	assert_int_equal(link_client_send_append(client, &append, NULL), OK);
}

/* The keeper cannot read it: it says by which token it was put. */
static void send_book(struct link_client *client, uint64_t token)
{
	struct wire_book_put put = {.token = token,
				    .kind = BOOK_ITEM,
				    .body = {(const uint8_t *)&token, sizeof(token)}};
	struct wire_book_remove remove = {.token = token};

	put.id.bytes[0] = remove.id.bytes[0] = (uint8_t)(1 + entry_of(token));
	ledger.book[entry_of(token)].asked = token;
	if (is_removal(token))
		assert_int_equal(link_client_send_book_remove(client, &remove, NULL), OK);
	else
		assert_int_equal(link_client_send_book_put(client, &put, NULL), OK);
}

/* Takes what was confirmed until the keeper is gone. */
static void take_confirmed(struct link_client *client)
{
	const struct wire_message *message = NULL;

	while (link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message, NULL) == OK) {
		if (message->type != WIRE_done || message->done.err != OK)
			continue;
		if (is_recording(message->done.token)) {
			memcpy(ledger.records[ledger.record_count++].id.bytes,
			       message->done.record.bytes, ID_BYTES);
			continue;
		}
		if (is_book(message->done.token)) {
			ledger.book[entry_of(message->done.token)].told =
				message->done.token;
			ledger.book_count++;
			continue;
		}
		ledger.events[ledger.event_count].turn = turn_of(message->done.token);
		ledger.events[ledger.event_count].place = message->done.event;
		ledger.event_count++;
	}
	link_client_close(client);
}

static void take_row(const struct wire_book_row *row, uint64_t tokens[BOOK_ENTRIES])
{
	const size_t entry = (size_t)row->id.bytes[0] - 1;

	assert_true(entry < BOOK_ENTRIES && row->kind == BOOK_ITEM);
	assert_int_equal(row->body.size, sizeof(*tokens));
	memcpy(&tokens[entry], row->body.bytes, sizeof(*tokens));
}

/* 0: it is not there. A hub is told other things, too. */
static void read_book(struct link_client *client, uint64_t tokens[BOOK_ENTRIES])
{
	const struct wire_book_get get = {.token = UINT64_MAX};
	const struct wire_message *message = lone_keeper_ask(client, WIRE_book_get, &get);

	memset(tokens, 0, BOOK_ENTRIES * sizeof(*tokens));
	while (message->type != WIRE_done) {
		if (message->type == WIRE_book_row)
			take_row(&message->book_row, tokens);
		assert_int_equal(link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message,
						  NULL),
				 OK);
	}
	assert_int_equal(message->done.token, get.token);
	assert_int_equal(message->done.err, OK);
}

/* Is that what is there behind one of those that were sent since the newest that was
 * acknowledged, or behind that one itself? */
static bool may_be(size_t entry, uint64_t there)
{
	const uint64_t step = BOOK_EVERY * BOOK_ENTRIES;
	const uint64_t told = ledger.book[entry].told;
	bool may = told == 0 && there == 0;

	for (uint64_t token = ledger.book[entry].asked; token > 0 && token >= told;
	     token -= token > step ? step : token)
		may = may || there == (is_removal(token) ? 0 : token);
	return may;
}

static void check_book(struct link_client *client)
{
	uint64_t tokens[BOOK_ENTRIES];

	read_book(client, tokens);
	for (size_t entry = 0; entry < BOOK_ENTRIES; entry++) {
		if (!may_be(entry, tokens[entry]))
			fail_msg("entry %zu is that of %" PRIu64 ", but %" PRIu64
				 " was confirmed and %" PRIu64 " sent",
				 entry, tokens[entry], ledger.book[entry].told,
				 ledger.book[entry].asked);
		if (tokens[entry] > ledger.book[entry].told)
			ledger.book[entry].told = tokens[entry]; /* it was seen */
	}
}

static void live_and_die(bool looks)
{
	struct link_client *client = lone_keeper_hub(&keeper);

	if (looks)
		check_book(client);
	for (size_t i = 0; i < PER_ROUND; i++) {
		last_token++;
		if (is_recording(last_token))
			lone_keeper_send_recording(client, last_token,
						   turn_of(last_token));
		else if (is_book(last_token))
			send_book(client, last_token);
		else
			send_event(client, last_token);
	}
	wait_us(random_below(LIFE_US_MAX));
	lone_keeper_kill(&keeper);
	take_confirmed(client);
}

/* --- what its owner asks for ------------------------------------------------------------ */

static size_t asked_count; /* of each flow together */
static size_t told_count;  /* that were acknowledged */
static size_t chosen;      /* the recording that is to be deleted */
static char new_words[64];

static void say(struct link_client *client, enum wire_type type, const void *fields)
{
	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
}

/* False: everything is gone. */
static bool choose(void)
{
	for (size_t i = 0; i < ledger.record_count; i++) {
		chosen = random_below((uint32_t)ledger.record_count);
		if (!ledger.records[chosen].is_gone)
			return true;
	}
	return false;
}

static bool begin_erase_one(struct link_client *client)
{
	struct wire_erase_ask ask = {.what = ERASURE_RECORD};

	if (!choose())
		return false;
	memcpy(ask.record.bytes, ledger.records[chosen].id.bytes, ID_BYTES);
	assert_int_equal(lone_keeper_ask(client, WIRE_erase_ask, &ask)->type,
			 WIRE_erase_found);
	say(client, WIRE_erase_do, &(struct wire_erase_do){.count = 1});
	return true;
}

static bool begin_erase_all(struct link_client *client)
{
	say(client, WIRE_erase_all, &(struct wire_erase_all){.unused = 0});
	return true;
}

static bool begin_words(struct link_client *client)
{
	struct wire_key_set set = {.number = 0};

	assert_true(str_format(new_words, sizeof(new_words), "correct horse %" PRIu64,
			       last_token));
	assert_true(str_copy(set.passphrase, sizeof(set.passphrase), new_words));
	say(client, WIRE_key_set, &set);
	return true;
}

static bool begin_backup(struct link_client *client)
{
	say(client, WIRE_backup_get, &(struct wire_backup_get){.unused = 0});
	say(client, WIRE_backup_more, &(struct wire_backup_more){.pieces = 1});
	return true;
}

/* After the restart: it is gone, or it is whole; gone where that was told. */
static void settle_one(struct link_client *client, bool was_told)
{
	const bool plays = lone_keeper_plays(client, ledger.records[chosen].id);

	assert_false(plays && (was_told || ledger.records[chosen].is_gone));
	ledger.records[chosen].is_gone = !plays;
}

/* All of those that were there, or none. */
static void settle_all(struct link_client *client, bool was_told)
{
	bool is_known = was_told;
	bool are_gone = was_told;

	for (size_t i = ledger.record_count; i > 0; i--) {
		bool plays;

		if (ledger.records[i - 1].is_gone)
			continue;
		plays = lone_keeper_plays(client, ledger.records[i - 1].id);
		assert_true(!is_known || plays != are_gone);
		is_known = true;
		are_gone = !plays;
		ledger.records[i - 1].is_gone = are_gone;
	}
}

static void settle_nothing(struct link_client *client, bool was_told)
{
	(void)client;
	(void)was_told;
}

static const struct flow {
	bool (*begin)(struct link_client *client); /* false: there is nothing to do */
	enum wire_type told;                       /* what says that it is done */
	bool changes_words;
	void (*settle)(struct link_client *client, bool was_told);
} FLOWS[] = {
	{begin_erase_one, WIRE_end, false, settle_one},
	{begin_words, WIRE_done, true, settle_nothing},
	{begin_erase_one, WIRE_end, false, settle_one},
	{begin_backup, WIRE_backup_made, false, settle_nothing},
	{begin_erase_all, WIRE_end, false, settle_all},
};

/* False: it was killed before. */
static bool take_told(struct link_client *client, const struct flow *flow)
{
	const struct wire_backup_more more = {.pieces = 1};
	const struct wire_message *message = NULL;
	enum err err;

	do {
		err = link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message, NULL);
		if (err == OK && message->type == flow->told)
			return message->type != WIRE_end || message->end.err == ERR_OK;
		if (err == OK && message->type == WIRE_backup_piece)
			err = link_client_send(client, WIRE_backup_more, &more, NULL);
	} while (err == OK);
	return false;
}

/* Exactly one of the old words and the new ones lets the owner in. */
static struct link_client *sign_in_again(const struct flow *flow, bool was_told)
{
	struct link_client *client = lone_keeper_owner(&keeper);
	bool opens;

	if (flow->changes_words) {
		opens = lone_keeper_unlock(client, new_words);
		assert_true(opens || !was_told);
		assert_int_equal(lone_keeper_unlock(client, keeper.passphrase), !opens);
		if (opens)
			memcpy(keeper.passphrase, new_words, sizeof(new_words));
	}
	assert_true(lone_keeper_unlock(client, keeper.passphrase));
	return client;
}

/* The keeper runs, and runs again afterwards. It is killed while it works, or, every other
 * time, soon after it said that it is done. */
static void ask_and_die(const struct flow *flow)
{
	struct link_client *client = lone_keeper_sign_in(&keeper);
	bool was_told =
		flow->begin(client) && asked_count % 2 == 1 && take_told(client, flow);

	wait_us(random_below(ANSWER_US_MAX));
	lone_keeper_kill(&keeper);
	was_told = was_told || take_told(client, flow);
	link_client_close(client);
	lone_keeper_start(&keeper);
	client = sign_in_again(flow, was_told);
	flow->settle(client, was_told);
	link_client_close(client);
	asked_count++;
	told_count += was_told;
}

/* --- comparing -------------------------------------------------------------------------- */

static void check_recordings(void)
{
	struct link_client *client = lone_keeper_sign_in(&keeper);

	lone_keeper_expect_whole_journal(client);
	for (size_t i = 0; i < ledger.record_count; i++)
		assert_int_equal(lone_keeper_plays(client, ledger.records[i].id),
				 !ledger.records[i].is_gone);
	link_client_close(client);
}

static void check_events(void)
{
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];

	assert_true(file_join(folder, sizeof(folder), keeper.data, "keeper"));
	journal_copy_read(&journal, folder);
	for (size_t i = 0; i < ledger.event_count; i++) {
		const uint64_t place = ledger.events[i].place;

		if (place == 0 || place > journal.count)
			fail_msg("entry %" PRIu64 " was confirmed and is gone", place);
		assert_int_equal(journal_copy_at(&journal, place)->turn.value,
				 ledger.events[i].turn);
	}
	journal_copy_finish(&journal);
}

static void begin_house(void)
{
	memset(&ledger, 0, sizeof(ledger));
	lone_keeper_begin(&keeper, NULL);
}

static void end_house(void)
{
	struct link_client *client = lone_keeper_hub(&keeper);

	check_book(client);
	link_client_close(client);
	check_recordings();
	assert_int_equal(process_end(&keeper.pid, SIGTERM), 0);
	check_events();
	print_message("%zu events, %zu recordings and %zu changes of the house book were "
		      "confirmed, and all are there; ready after %.1f ms, %" PRId64
		      " at most\n",
		      ledger.event_count, ledger.record_count, ledger.book_count,
		      (double)keeper.start_ms_sum / (double)keeper.starts,
		      keeper.start_ms_max);
	print_message(
		"its owner asked for %zu deletions, changes and backups, of which %zu "
		"were confirmed, and none is half done\n",
		asked_count, told_count);
	assert_true(ledger.event_count > 0 && ledger.record_count > 0);
	assert_true(ledger.book_count > 0);
	lone_keeper_end(&keeper);
}

static void killed_at_any_moment_it_loses_nothing(void **state)
{
	const uint64_t rounds = number_from("BEHEST_ROUNDS", ROUNDS);

	(void)state;
	begin_house();
	for (uint64_t i = 1; i <= rounds; i++) {
		live_and_die(i % BOOK_LOOK_EVERY == 0);
		lone_keeper_start(&keeper);
		if (i % START_EVERY == 0) {
			wait_us(random_below(START_US_MAX));
			lone_keeper_kill(&keeper);
			lone_keeper_start(&keeper);
		}
		if (i % OWNER_EVERY == 0)
			ask_and_die(&FLOWS[i / OWNER_EVERY % (STR_COUNT(FLOWS))]);
		if (i % ROUNDS_OF_HOUSE == 0 && i < rounds) {
			end_house();
			begin_house();
		}
	}
	end_house();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment_it_loses_nothing),
	};

	luck = number_from("BEHEST_SEED", (uint64_t)time(NULL));
	print_message("BEHEST_SEED=%" PRIu64 "\n", luck);
	return cmocka_run_group_tests_name("vault_kills", tests, NULL, NULL);
}
