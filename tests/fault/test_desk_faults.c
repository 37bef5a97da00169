/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_faults - what somebody asks of the keeper's desk, while each allocation, each
 * question to the store and each write of it fails in turn, and many of its hashes. Whoever asked is told how it
 * ended, nothing is called done that is not, what is amiss is not taken for somebody's work,
 * and when all is well again the same desk does the same deed.
 *
 * BEHEST_STEP: only every so manyth.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_house.h"
#include "fault/alloc_faults.h"
#include "keeper/desk_inner.h"

enum {
	SAMPLES = 3000,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	FIRST = 3, /* recordings that stay */
	STEPS_MAX = 4000,
	TICKS = 8,
	MOST = 3000, /* faults of one kind in one deed */
	AT_S = 1700000000,
	ENTRIES = 300, /* more than a tile holds */
};

/* Sanitized it takes several times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

static const char PASSPHRASE[] = "correct horse battery"; /* house_make's */
static int16_t sound[SAMPLES];

struct world {
	struct house house;
	struct phone phone;
	uint64_t turns;
	size_t kept; /* recordings that have to be there */
	struct record_id record;
	int64_t apart_ms; /* when that one was made */
	struct proposal_id proposal;
	struct action told;
	struct wire_id incident;
	bool is_cosigned;
};

/* --- steps ------------------------------------------------------------------------------ */

static void tick(struct world *world, int64_t ms)
{
	clock_fake_pass(&world->house.bench->clock, ms);
	desk_bench_is_inside = true;
	desk_tick(world->house.bench->desk);
	desk_bench_is_inside = false;
	desk_bench_settle(world->house.bench);
}

/* Says it; what the store would not take at once is asked at the next tick. */
static void say(struct world *world, struct desk_bench_link *link, enum wire_type type,
		const void *fields)
{
	house_say(&world->house, link, type, fields);
	for (size_t i = 0; i < 3 && desk_bench_waiting(link) == 0; i++)
		tick(world, 1000);
}

static void sign_in(struct world *world)
{
	house_forget(world->house.alice);
	assert_true(desk_bench_unlock(world->house.bench, world->house.alice, "alice",
				      PASSPHRASE));
	house_forget(world->house.alice);
}

static void record(struct world *world)
{
	const struct wire_message *message;
	struct house *house = &world->house;
	const uint64_t turn =
		(uint64_t)house->bench->clock.wall_ms << 16 | ++world->turns;

	house_forget(house->hub);
	desk_bench_seal(house->bench, house->hub, world->turns, turn, "kitchen", "words",
			sound, SAMPLES);
	desk_bench_settle(house->bench);
	tick(world, DESK_SIGNED_WAIT_MS); /* its room says nothing of it */
	do {
		message = desk_bench_take(house->hub);
		assert_non_null(message);
	} while (message->type != WIRE_done || message->done.token != world->turns);
	assert_int_equal(message->done.err, OK);
	memcpy(world->record.bytes, message->done.record.bytes, ID_BYTES);
}

static size_t rows_of(const struct world *world, struct record_id which)
{
	const struct store_fake *rows = world->house.bench->rows;
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(rows); i++) {
		const struct store_key *key = &store_fake_row(rows, i, NULL)->key;

		count += (key->space == STORE_SALT || key->space == STORE_RECORD) &&
			 memcmp(key->bytes + ID_BYTES, which.bytes, ID_BYTES) == 0;
	}
	return count;
}

static struct world make_world(void)
{
	struct world world = {.house = house_make()};

	house_set_room(&world.house, "kitchen",
		       (struct wire_room_set){.capabilities = MAY_ALL, .is_private = 1});
	house_pair_phone(&world.house, 1, world.house.alice_id.bytes, &world.phone);
	for (size_t i = 0; i < FIRST; i++)
		record(&world);
	return world;
}

/* The answer that ends it, with what came before left out; ERR_TIMEOUT: nobody was told. */
static enum err ended(struct desk_bench_link *link, enum wire_type by)
{
	const struct wire_message *message;
	enum err err = ERR_TIMEOUT;

	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_refused)
			err = (enum err)message->refused.err;
		else if (message->type == WIRE_end)
			err = (enum err)message->end.err;
		else if (message->type == WIRE_done)
			err = (enum err)message->done.err;
		else if (message->type == by)
			err = OK;
	}
	return err;
}

static enum err ask(struct world *world, enum wire_type type, const void *fields,
		    enum wire_type by)
{
	house_forget(world->house.alice);
	say(world, world->house.alice, type, fields);
	return ended(world->house.alice, by);
}

/* --- deeds ------------------------------------------------------------------------------ */

static enum err make_archive(struct world *world)
{
	const struct wire_export_begin begin = {.by_room = 1};
	const struct wire_message *message;
	struct desk_bench_link *alice = world->house.alice;
	uint32_t recordings = 0;

	house_forget(alice);
	say(world, alice, WIRE_export_begin, &begin);
	while ((message = desk_bench_take(alice))) {
		if (message->type == WIRE_refused)
			return (enum err)message->refused.err;
		if (message->type == WIRE_export_plan)
			recordings = message->export_plan.recordings;
		if (message->type == WIRE_export_over) {
			const enum err err = (enum err)message->export_over.err;

			assert_int_equal(err != OK,
					 message->export_over.reason[0] != '\0');
			assert_true(err != OK || recordings == world->kept);
			return err;
		}
		if (message->type == WIRE_export_data) {
			const struct wire_export_more more = {
				.bytes = (uint32_t)message->export_data.bytes.size};

			say(world, alice, WIRE_export_more, &more);
		}
	}
	return ERR_TIMEOUT;
}

/* What was erased is gone, and what was not is there: of all or nothing. */
static enum err erase(struct world *world, const struct wire_erase_ask *what)
{
	struct desk_bench_link *alice = world->house.alice;
	const struct wire_message *message;
	struct wire_erase_do go = {.count = 0};
	bool was_done = false;
	enum err err = ERR_TIMEOUT;

	house_forget(alice);
	say(world, alice, WIRE_erase_ask, what);
	message = desk_bench_take(alice);
	assert_non_null(message);
	if (message->type == WIRE_refused)
		return (enum err)message->refused.err;
	assert_int_equal(message->type, WIRE_erase_found);
	go.count = message->erase_found.count;
	say(world, alice, WIRE_erase_do, &go);
	for (size_t i = 0; i < 3; i++)
		tick(world, 1000);
	while ((message = desk_bench_take(alice))) {
		if (message->type == WIRE_erased)
			was_done = message->erased.done == go.count;
		else if (message->type == WIRE_end)
			err = (enum err)message->end.err;
		else if (message->type == WIRE_refused)
			err = (enum err)message->refused.err;
	}
	assert_true(!was_done || rows_of(world, world->record) == 0);
	assert_true(err != OK || was_done);
	return err;
}

static enum err erase_one(struct world *world)
{
	struct wire_erase_ask what = {.what = ERASURE_RECORD};
	enum err err;

	memcpy(what.record.bytes, world->record.bytes, ID_BYTES);
	err = erase(world, &what);
	return err == ERR_MISSING && rows_of(world, world->record) == 0 ? OK : err;
}

static enum err erase_range(struct world *world)
{
	const struct wire_erase_ask what = {.what = ERASURE_RANGE,
					    .room = "kitchen",
					    .from_ms = world->apart_ms,
					    .to_ms = INT64_MAX};

	return erase(world, &what);
}

/* A recording that lies by itself in time. */
static void record_apart(struct world *world)
{
	sign_in(world);
	tick(world, MINUTE_MS);
	world->apart_ms = world->house.bench->clock.wall_ms;
	record(world);
}

static void sign_in_and_record(struct world *world)
{
	sign_in(world);
	record(world);
}

static enum err erase_all(struct world *world)
{
	enum err err = ask(world, WIRE_erase_all, &(struct wire_erase_all){.unused = 0},
			   WIRE_erased);

	for (size_t i = 0; i < TICKS; i++)
		tick(world, 5000);
	return err;
}

/* All of before is swept in the end, whatever failed meanwhile. */
static void expect_swept(struct world *world)
{
	for (size_t i = 0; i < TICKS; i++)
		tick(world, 5000);
	assert_int_equal(rows_of(world, world->record), 0);
	assert_false(world->house.bench->desk->chores[0].must_sweep);
	assert_false(world->house.bench->desk->chores[0].is_sweeping);
}

/* Kept for a day, looked at a day later. */
static void record_and_wait(struct world *world)
{
	sign_in(world);
	record(world);
	for (size_t i = 0; i < 26; i++)
		tick(world, HOUR_MS);
	sign_in(world);
}

static enum err keep_a_day(struct world *world)
{
	const struct wire_retention_set set = {.days = 1};
	const enum err err = ask(world, WIRE_retention_set, &set, WIRE_done);

	for (size_t i = 0; i < TICKS; i++)
		tick(world, 5000);
	return err;
}

static void keep_longer(struct world *world)
{
	const struct wire_retention_set set = {.days = 30};

	for (size_t i = 0; i < 3; i++)
		tick(world, HOUR_MS);
	assert_int_equal(rows_of(world, world->record), 0);
	sign_in(world);
	assert_int_equal(ask(world, WIRE_retention_set, &set, WIRE_done), OK);
}

static enum err cosign(struct world *world);

static enum err verify(struct world *world)
{
	const struct wire_verify_get get = {.unused = 0};
	const struct wire_message *message;
	enum err err = ERR_TIMEOUT;

	house_forget(world->house.alice);
	say(world, world->house.alice, WIRE_verify_get, &get);
	while ((message = desk_bench_take(world->house.alice))) {
		if (message->type == WIRE_refused)
			err = (enum err)message->refused.err;
		if (message->type != WIRE_verified)
			continue;
		/* Any other word about it would be a lie. */
		if (!message->verified.whole)
			assert_string_equal(message->verified.wrong, "unreadable");
		err = message->verified.whole ? OK : ERR_IO;
	}
	return err;
}

/* Tiles, checkpoints and a cosignature. */
static void append_many(struct world *world)
{
	struct house *house = &world->house;

	sign_in(world);
	while (journal_size(house->bench->desk->journal) < ENTRIES) {
		desk_bench_append(house->bench, house->hub, 78, EVENT_DECIDED,
				  ++world->turns, "kitchen");
		desk_bench_settle(house->bench);
		house_forget(house->hub);
	}
	if (!world->is_cosigned)
		assert_int_equal(cosign(world), OK);
	world->is_cosigned = true;
}

static enum err prove_entry(struct world *world)
{
	return ask(world, WIRE_entry_get, &(struct wire_entry_get){.place = 2},
		   WIRE_entry);
}

/* The phone is shown the journal, and signs it. */
static enum err cosign(struct world *world)
{
	struct desk_bench_link *link = world->phone.link;
	const struct wire_message *message;
	struct cosignature cosignature = {.at_s = AT_S};
	const struct wire_cosign said = {.token = 9,
					 .at_s = AT_S,
					 .signature = {cosignature.signature,
						       SEAL_SIGNATURE_BYTES}};

	house_forget(link);
	say(world, link, WIRE_log_get, &(struct wire_log_get){.size = 3});
	message = desk_bench_take(link);
	if (!message)
		return ERR_TIMEOUT;
	if (message->type == WIRE_refused)
		return (enum err)message->refused.err;
	assert_int_equal(message->type, WIRE_log_head);
	assert_int_equal(checkpoint_read(world->house.bench->household,
					 world->house.bench->desk->public_key,
					 (const char *)message->log_head.checkpoint.bytes,
					 message->log_head.checkpoint.size,
					 &cosignature.head.size, cosignature.head.root),
			 OK);
	cosignature_sign(world->house.bench->household, world->phone.seed, &cosignature);
	say(world, link, WIRE_cosign, &said);
	return ended(link, WIRE_done);
}

static void append_and_come_back(struct world *world)
{
	desk_bench_append(world->house.bench, world->house.hub, 77, EVENT_DECIDED,
			  ++world->turns, "kitchen");
	desk_bench_settle(world->house.bench);
	desk_bench_unlink(world->house.bench, world->phone.link);
	house_come_back(&world->house, &world->phone);
}

/* Takes all pieces, and keeps them. */
static enum err back_up(struct world *world)
{
	const struct wire_backup_more more = {.pieces = 8};
	const struct wire_backup_kept kept = {.bytes = 1000};
	struct desk_bench_link *alice = world->house.alice;
	const struct wire_message *message;

	house_forget(alice);
	desk_bench_say(world->house.bench, alice, WIRE_backup_get,
		       &(struct wire_backup_get){.unused = 0});
	for (size_t i = 0; i < STEPS_MAX; i++) {
		while ((message = desk_bench_take(alice))) {
			if (message->type == WIRE_backup_made)
				return ask(world, WIRE_backup_kept, &kept, WIRE_done);
			if (message->type != WIRE_backup_piece)
				return ended(alice, WIRE_done) == ERR_TIMEOUT
					       ? (enum err)message->refused.err
					       : ERR_FORMAT;
		}
		desk_bench_say(world->house.bench, alice, WIRE_backup_more, &more);
		desk_bench_settle(world->house.bench);
	}
	return ERR_TIMEOUT;
}

/* The phone approves what was proposed. */
static enum err forget(struct world *world)
{
	const struct verdict given = {world->proposal, world->proposal, world->told,
				      APPROVAL_APPROVE, APPROVAL_APPROVE};
	enum err err;

	house_forget(world->phone.link);
	house_say_verdict(&world->house, &world->phone, &given);
	err = ended(world->phone.link, WIRE_done);
	for (size_t i = 0; i < TICKS; i++)
		tick(world, 1000);
	return err;
}

static void propose_to_forget(struct world *world)
{
	struct action action = {.kind = ACTION_RECORD_ERASE, .room = "kitchen"};
	const struct wire_message *message;
	char reason[32];

	record(world);
	assert_true(str_copy(action.mode, sizeof(action.mode), "just"));
	desk_bench_unlink(world->house.bench, world->phone.link);
	house_come_back(&world->house, &world->phone);
	house_forget(world->phone.link);
	house_forget(world->house.hub);
	house_propose(&world->house, &action, ++world->turns, &world->proposal, reason);
	assert_string_equal(reason, "NEEDS_TAP");
	message = house_expect(world->phone.link, WIRE_notice);
	assert_int_equal(action_read((const char *)message->notice.action.bytes,
				     message->notice.action.size, &world->told),
			 OK);
}

/* It was approved: then it is gone. If nobody heard the approval, both are as they were. */
static void expect_forgotten_or_not(struct world *world)
{
	tick(world, 11 * (int64_t)MINUTE_MS);
	assert_true(rows_of(world, world->record) == 0 ||
		    rows_of(world, world->record) == 4);
	world->kept += rows_of(world, world->record) == 4;
}

static enum err report(struct world *world)
{
	struct wire_incident_report what = {.turn = ++world->turns, .words = "not mine"};
	const struct wire_message *message;

	house_forget(world->house.alice);
	say(world, world->house.alice, WIRE_incident_report, &what);
	message = desk_bench_take(world->house.alice);
	assert_non_null(message);
	if (message->type == WIRE_refused)
		return (enum err)message->refused.err;
	world->incident = message->incident_opened.id;
	return OK;
}

static void make_report(struct world *world)
{
	sign_in(world);
	assert_int_equal(report(world), OK);
}

static enum err draft(struct world *world)
{
	struct wire_incident_draft what = {.unused = 0};

	what.id = world->incident;
	return ask(world, WIRE_incident_draft, &what, WIRE_incident_facts);
}

static enum err read_incidents(struct world *world)
{
	return ask(world, WIRE_incident_get, &(struct wire_incident_get){.requests = 0},
		   WIRE_end);
}

static enum err close_incident(struct world *world)
{
	struct wire_incident_step step = {.kind = "closed", .words = "a slip"};

	step.id = world->incident;
	return ask(world, WIRE_incident_step, &step, WIRE_done);
}

static enum err refuse_request(struct world *world)
{
	struct wire_authority_record what = {.who = "police", .words = "all of it"};

	assert_true(str_format(what.reference, sizeof(what.reference), "%d",
			       (int)++world->turns));
	return ask(world, WIRE_authority_record, &what, WIRE_incident_opened);
}

/* The next of them that is open; none: none is. */
static struct wire_id open_incident(struct world *world)
{
	const struct wire_incident_get get = {.requests = 0};
	const struct wire_message *message;
	struct wire_id found = {{0}};

	house_forget(world->house.alice);
	say(world, world->house.alice, WIRE_incident_get, &get);
	while ((message = desk_bench_take(world->house.alice))) {
		if (message->type != WIRE_incident_row)
			continue;
		if (str_equal(message->incident_row.kind, "opened") &&
		    id_is_none(found.bytes))
			found = message->incident_row.id;
		else if (str_equal(message->incident_row.kind, "closed") &&
			 id_equal(found.bytes, message->incident_row.id.bytes))
			found = (struct wire_id){{0}};
	}
	return found;
}

static void close_all(struct world *world)
{
	sign_in(world);
	while (desk_incident_freezes(world->house.bench->desk)) {
		world->incident = open_incident(world);
		if (id_is_none(world->incident.bytes))
			tick(world, MINUTE_MS); /* it is not written yet */
		else
			assert_int_equal(close_incident(world), OK);
	}
}

static const struct deed {
	const char *name;
	void (*prepare)(struct world *world); /* nothing fails */
	enum err (*act)(struct world *world); /* anything may; how it ended */
	void (*check)(struct world *world);   /* all is well again; may be NULL */
	bool opens_incidents;
	bool is_done_once; /* not twice, though it failed at first */
} DEEDS[] = {
	{"an archive", sign_in, make_archive, NULL, false, false},
	{"erasing one", sign_in_and_record, erase_one, NULL, false, false},
	{"erasing some", record_apart, erase_range, NULL, false, false},
	{"keeping a day", record_and_wait, keep_a_day, keep_longer, false, false},
	{"forgetting", propose_to_forget, forget, expect_forgotten_or_not, false, true},
	{"verifying", append_many, verify, NULL, false, false},
	{"proving", append_many, prove_entry, NULL, false, false},
	{"cosigning", append_and_come_back, cosign, NULL, false, false},
	{"a backup", sign_in, back_up, NULL, false, false},
	{"erasing all", sign_in_and_record, erase_all, expect_swept, false, false},
	{"a report", sign_in, report, close_all, true, false},
	{"a draft", make_report, draft, close_all, true, false},
	{"reading incidents", make_report, read_incidents, close_all, true, false},
	{"closing", make_report, close_incident, close_all, true, true},
	{"a request", sign_in, refuse_request, close_all, true, false},
};

/* --- faults ----------------------------------------------------------------------------- */

enum way {
	WAY_MEMORY,
	WAY_HASH, /* OpenSSL does not hash */
	WAY_ANSWER,
	WAY_QUESTION,
	WAY_FULL,
	WAY_DISK,
	WAY_COUNT
};

static size_t hashes_left; /* until one fails, and that one; 0: none does */
static bool has_hash_failed;

int __real_SHA256_Init(void *context);
int __wrap_SHA256_Init(void *context);

int __wrap_SHA256_Init(void *context)
{
	if (desk_bench_is_inside && hashes_left > 0 && --hashes_left == 0) {
		has_hash_failed = true;
		return 0;
	}
	return __real_SHA256_Init(context);
}

static void arm(struct world *world, enum way way, size_t n)
{
	struct store_fake *rows = world->house.bench->rows;

	switch (way) {
	case WAY_MEMORY:
		alloc_faults_at(n);
		break;
	case WAY_HASH:
		hashes_left = n + 1;
		has_hash_failed = false;
		break;
	case WAY_ANSWER:
		store_fake_fail_question(rows, n, ERR_IO, false);
		break;
	case WAY_QUESTION:
		store_fake_fail_question(rows, n, ERR_BUSY, true);
		break;
	case WAY_FULL:
		store_fake_fail_after(rows, n, ERR_LIMIT, false);
		break;
	case WAY_DISK:
		store_fake_fail_after(rows, n, ERR_IO, true);
		break;
	case WAY_COUNT:
		break;
	}
}

/* Whether it came to that. */
static bool heal(struct world *world, enum way way)
{
	struct store_fake *rows = world->house.bench->rows;
	const bool has_failed = way == WAY_MEMORY ? alloc_faults_has_failed()
				: way == WAY_HASH ? has_hash_failed
						  : store_fake_has_failed(rows);

	alloc_faults_heal();
	hashes_left = 0;
	store_fake_heal(rows);
	return has_failed;
}

/* The desk reads all anew after a write whose end is not known. */
static void recover(struct world *world)
{
	for (size_t i = 0; i < TICKS; i++)
		tick(world, 1000);
	assert_int_equal(desk_state_of(world->house.bench->desk), DESK_READY);
	sign_in(world);
}

/* False: there is no n-th. */
static bool fail_once(struct world *world, const struct deed *deed, enum way way,
		      size_t n)
{
	struct desk *desk = world->house.bench->desk;
	bool has_failed;
	enum err err;

	deed->prepare(world);
	arm(world, way, n);
	err = deed->act(world);
	has_failed = heal(world, way);
	if (err == ERR_TIMEOUT || (err != OK && !has_failed))
		fail_msg("%s: way %d, fault %zu: %s", deed->name, (int)way, n,
			 err_words(err));
	recover(world);
	if (!deed->opens_incidents && desk_incident_freezes(desk))
		fail_msg("%s: way %d, fault %zu opened an incident", deed->name, (int)way,
			 n);
	if (deed->is_done_once)
		err = OK;
	if (err != OK)
		err = deed->act(world);
	if (err != OK)
		fail_msg("%s: way %d, after fault %zu: %s", deed->name, (int)way, n,
			 err_words(err));
	if (deed->check)
		deed->check(world);
	return has_failed;
}

static void whoever_asks_is_told_and_nothing_is_pretended(void **state)
{
	const char *text = getenv("BEHEST_STEP");
	const size_t step = text ? strtoull(text, NULL, 0) : STEP;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(DEEDS); i++) {
		for (enum way way = WAY_MEMORY; way < WAY_COUNT; way++) {
			struct world world;
			size_t n = 0;

			/* A walk takes an entry that does not hash for a changed one. */
			if (way == WAY_HASH && DEEDS[i].act == verify)
				continue;
			world = make_world();
			world.kept = FIRST;
			while (n < MOST && fail_once(&world, &DEEDS[i], way, n))
				n += way == WAY_HASH ? step + n / 8 : step;
			printf("%s, way %d: %zu faults\n", DEEDS[i].name, (int)way, n);
			assert_true(n < MOST);
			desk_bench_destroy(world.house.bench);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_asks_is_told_and_nothing_is_pretended),
	};

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	alloc_faults_init(&desk_bench_is_inside);
	return cmocka_run_group_tests_name("desk_faults", tests, NULL, NULL);
}
