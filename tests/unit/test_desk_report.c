/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_report - "this is not mine": by an owner, and by somebody who has no account; what
 * owners do about it, who is told, when it ends; and requests for disclosure, which are
 * refused and seen by all.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/key_text.h"
#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_house.h"
#include "keeper/desk_inner.h"
#include "keeper/incident_row.h"

enum { SAMPLES = 8000, ROWS_MAX = 128, STRANGERS_PER_HOUR = 8, STRANGERS_OPEN_MAX = 16 };

static const char ALICE[] = "correct horse battery"; /* as the fixture makes her */
static const char BOB[] = "bob's own words";
static int16_t sound[SAMPLES];
static struct wire_incident_row rows[ROWS_MAX];

static struct wire_id id_of(uint8_t first)
{
	return (struct wire_id){{first, 2, 3}};
}

/* Reports it and gives the id that is answered. */
static struct wire_id report(struct house *house, struct desk_bench_link *link,
			     const struct wire_incident_report *what, bool is_new)
{
	const struct wire_message *message;

	house_say(house, link, WIRE_incident_report, what);
	message = house_expect(link, WIRE_incident_opened);
	assert_int_equal(message->incident_opened.is_new, is_new);
	assert_false(id_is_none(message->incident_opened.id.bytes));
	return message->incident_opened.id;
}

static struct wire_id report_archive(struct house *house, struct desk_bench_link *link,
				     uint8_t number, bool is_new)
{
	struct wire_incident_report what = {.entry = "2018-05-24/0001.wav",
					    .words = "I got this by mistake"};

	what.export = id_of(number);
	return report(house, link, &what, is_new);
}

/* What an owner is told; the number of rows. */
static size_t get(struct house *house, struct desk_bench_link *link, struct wire_id id,
		  bool requests)
{
	struct wire_incident_get asked = {.requests = requests};
	const struct wire_message *message;
	size_t count = 0;

	asked.id = id;
	house_say(house, link, WIRE_incident_get, &asked);
	while ((message = desk_bench_take(link)) && message->type == WIRE_incident_row) {
		assert_true(count < ROWS_MAX);
		rows[count++] = message->incident_row;
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	return count;
}

static size_t count_kind(size_t count, const char *kind)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += str_equal(rows[i].kind, kind);
	return found;
}

static struct wire_incident_step make_step(struct wire_id id, const char *kind,
					   const char *reference, const char *words)
{
	struct wire_incident_step step;

	memset(&step, 0, sizeof(step));
	step.id = id;
	assert_true(str_copy(step.kind, sizeof(step.kind), kind));
	assert_true(str_copy(step.reference, sizeof(step.reference), reference));
	assert_true(str_copy(step.words, sizeof(step.words), words));
	return step;
}

/* "" when it was done, else why not. */
static const char *take_step(struct house *house, struct desk_bench_link *link,
			     struct wire_id id, const char *kind, const char *reference,
			     const char *words)
{
	const struct wire_incident_step step = make_step(id, kind, reference, words);

	return desk_bench_change(house->bench, link, WIRE_incident_step, &step);
}

static bool freezes(const struct house *house)
{
	return desk_incident_freezes(house->bench->desk);
}

static struct desk_bench_link *stranger_of(struct house *house)
{
	return desk_bench_link(house->bench, DESK_OWNER);
}

static struct desk_bench_link *add_bob(struct house *house)
{
	struct desk_bench_link *bob = stranger_of(house);

	clock_fake_pass(&house->bench->clock, 1000);
	assert_true(desk_bench_make_owner(house->bench, house->alice, "bob", BOB, NULL,
					  NULL));
	assert_true(desk_bench_unlock(house->bench, bob, "bob", BOB));
	return bob;
}

/* A new link that signs in; what it is told. */
static struct wire_unlocked sign_in(struct house *house, const char *name,
				    const char *passphrase)
{
	struct desk_bench_link *link = stranger_of(house);
	struct wire_unlock unlock = {.owner = ""};
	struct wire_unlocked told;

	assert_true(str_copy(unlock.owner, sizeof(unlock.owner), name));
	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), passphrase));
	house_say(house, link, WIRE_unlock, &unlock);
	told = house_expect(link, WIRE_unlocked)->unlocked;
	desk_bench_unlink(house->bench, link);
	return told;
}

/* --- the man who reported it ------------------------------------------------------------ */

/* He has no account, and gets an id at once; exports are frozen from then on. */
static void who_has_no_account_gets_an_id_at_once(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_id id;
	size_t count;

	(void)state;
	id = report_archive(&house, man, 1, true);
	assert_true(freezes(&house));
	assert_int_equal(desk_bench_waiting(man), 0);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "opened"), 1);
	assert_string_equal(rows[0].cause, "reported");
	assert_string_equal(rows[0].by, "");
	assert_string_equal(rows[0].words, "I got this by mistake");
	assert_string_equal(rows[0].entry, "2018-05-24/0001.wav");
	assert_memory_equal(rows[0].export.bytes, id_of(1).bytes, ID_BYTES);
	assert_int_equal(count_kind(count, "exports-frozen"), 1);
	desk_bench_destroy(house.bench);
}

/* It is written down before he is told so. */
static void an_id_is_given_once_it_is_durable(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_incident_report what = {.words = "not mine"};

	(void)state;
	what.export = id_of(1);
	desk_bench_say(house.bench, man, WIRE_incident_report, &what);
	assert_int_equal(desk_bench_waiting(man), 0);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_waiting(man), 1);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	what.export = id_of(2);
	house_forget(man);
	house_say(&house, man, WIRE_incident_report, &what);
	house_expect_refused(man, "NOT_WRITTEN");
	desk_bench_destroy(house.bench);
}

/* Nothing but that: every other message of the desk takes a sign-in. */
static void who_is_not_signed_in_reads_nothing(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	const struct wire_id id = report_archive(&house, man, 1, true);
	const struct wire_incident_step step = make_step(id, "closed", "", "done");
	struct wire_incident_get asked = {.requests = 0};
	struct wire_incident_draft draft = {.unused = 0};
	struct wire_authority_record request = {.who = "a", .reference = "b"};
	struct wire_incident_report what = {.turn = 7, .words = "not mine"};

	(void)state;
	house_say(&house, man, WIRE_incident_get, &asked);
	house_expect_refused(man, "NOT_SIGNED_IN");
	draft.id = id;
	house_say(&house, man, WIRE_incident_draft, &draft);
	house_expect_refused(man, "NOT_SIGNED_IN");
	house_say(&house, man, WIRE_incident_step, &step);
	house_expect_refused(man, "NOT_SIGNED_IN");
	house_say(&house, man, WIRE_authority_record, &request);
	house_expect_refused(man, "NOT_SIGNED_IN");
	house_say(&house, man, WIRE_incident_report, &what);
	house_expect_refused(man, "NOT_SIGNED_IN");
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void reports_that_name_no_one_thing_are_refused(void **state)
{
	static const struct {
		uint8_t record;
		uint64_t turn;
		uint8_t export;
		const char *entry;
	} wrong[] = {
		{0, 0, 0, ""}, {1, 1, 0, ""},     {1, 0, 1, ""},
		{0, 1, 1, ""}, {1, 0, 0, "file"}, {1, 1, 1, ""},
	};
	struct house house = house_make();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		struct wire_incident_report what = {.turn = wrong[i].turn};

		what.record.bytes[0] = wrong[i].record;
		what.export.bytes[0] = wrong[i].export;
		assert_true(str_copy(what.entry, sizeof(what.entry), wrong[i].entry));
		house_say(&house, house.alice, WIRE_incident_report, &what);
		house_expect_refused(house.alice, "REPORT_PARTS");
	}
	assert_false(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* So many an hour; the rest is counted, in the journal too, and the same one is one. */
static void who_floods_it_is_held_off_and_counted(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_incident_report what = {.words = "spam"};
	const struct wire_id first = report_archive(&house, man, 1, true);

	(void)state;
	for (uint8_t i = 1; i < STRANGERS_PER_HOUR; i++) {
		const struct wire_id again = report_archive(&house, man, 1, false);

		assert_memory_equal(again.bytes, first.bytes, ID_BYTES);
	}
	for (uint8_t i = 0; i < 5; i++) {
		what.export = id_of((uint8_t)(100 + i));
		house_say(&house, man, WIRE_incident_report, &what);
		house_expect_refused(man, "TOO_MANY_REPORTS");
	}
	assert_int_equal(house.bench->desk->incidents_more, 5);
	assert_int_equal(house.bench->desk->incident_count, 1);
	clock_fake_pass(&house.bench->clock, HOURLY_MS);
	report_archive(&house, man, 2, true);
	desk_bench_destroy(house.bench);
}

/* Neither by a disk that is full: it is counted, and can be written down later. */
static void what_cannot_be_written_down_is_counted_all_the_same(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_incident_report what = {.words = "spam"};
	uint64_t size;

	(void)state;
	for (uint8_t i = 0; i < STRANGERS_PER_HOUR; i++)
		report_archive(&house, man, 1, i == 0);
	size = journal_size(house.bench->desk->journal);
	what.export = id_of(100);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	house_say(&house, man, WIRE_incident_report, &what);
	house_expect_refused(man, "TOO_MANY_REPORTS");
	assert_true(store_fake_has_failed(house.bench->rows));
	assert_int_equal(journal_size(house.bench->desk->journal), size);
	store_fake_heal(house.bench->rows);
	house_say(&house, man, WIRE_incident_report, &what);
	house_expect_refused(man, "TOO_MANY_REPORTS");
	assert_int_equal(house.bench->desk->incidents_more, 2);
	assert_int_equal(journal_size(house.bench->desk->journal), size + 1);
	desk_bench_destroy(house.bench);
}

/* An owner who has to report something is not held off by strangers. */
static void strangers_do_not_hold_off_owners(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_incident_report what = {.turn = 9, .words = "not me"};

	(void)state;
	for (uint8_t i = 0; i < STRANGERS_OPEN_MAX; i++) {
		if (i % STRANGERS_PER_HOUR == 0)
			clock_fake_pass(&house.bench->clock, HOURLY_MS);
		report_archive(&house, man, (uint8_t)(i + 1), true);
	}
	clock_fake_pass(&house.bench->clock, HOURLY_MS);
	what.turn = 0;
	what.export = id_of(200);
	house_say(&house, man, WIRE_incident_report, &what);
	house_expect_refused(man, "TOO_MANY_REPORTS");
	what.turn = 9;
	what.export = (struct wire_id){{0}};
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
	report(&house, house.alice, &what, true);
	desk_bench_destroy(house.bench);
}

/* --- what is done about it -------------------------------------------------------------- */

static void an_owner_closes_it_and_exports_thaw(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	const struct wire_id one = report_archive(&house, man, 1, true);
	const struct wire_id other = report_archive(&house, man, 2, true);

	(void)state;
	assert_string_equal(take_step(&house, house.alice, one, "closed", "", "a slip"),
			    "");
	assert_true(freezes(&house)); /* the other one is open */
	assert_string_equal(take_step(&house, house.alice, other, "closed", "", "too"),
			    "");
	assert_false(freezes(&house));
	desk_bench_restart(house.bench);
	assert_false(freezes(&house));
	house_open_links(&house);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
	assert_int_equal(count_kind(get(&house, house.alice, one, false), "closed"), 1);
	desk_bench_destroy(house.bench);
}

static void wrong_steps_are_refused(void **state)
{
	static const struct {
		const char *kind;
		const char *reference;
		const char *words;
	} wrong[] = {
		{"", "", "words"},           {"nonsense", "", "words"},
		{"opened", "", "words"},     {"exports-frozen", "", "words"},
		{"told", "", "words"},       {"drafted", "", "words"},
		{"clock", "", "words"},      {"reported-again", "", "words"},
		{"refused", "ref", "words"}, {"answered", "ref", ""},
		{"answered", "", "   "},     {"measure", "", ""},
		{"closed", "ref", ""},       {"notified", "", "words"},
	};
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	const struct wire_id id = report_archive(&house, man, 1, true);

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++)
		assert_string_equal(take_step(&house, house.alice, id, wrong[i].kind,
					      wrong[i].reference, wrong[i].words),
				    "INCIDENT_STEP");
	assert_string_equal(take_step(&house, house.alice, id_of(77), "measure", "",
				      "words"),
			    "INCIDENT_CLOSED");
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void steps_are_numbered_rows_that_stay(void **state)
{
	static const char *const kinds[] = {"measure", "answered", "notified"};
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	const struct wire_id id = report_archive(&house, man, 1, true);
	size_t count;

	(void)state;
	/* All at once: they queue behind one another. */
	for (size_t i = 0; i < STR_COUNT(kinds); i++) {
		const struct wire_incident_step step =
			make_step(id, kinds[i], "AZ 12/2026", "words of an owner");

		desk_bench_say(house.bench, house.alice, WIRE_incident_step, &step);
	}
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < STR_COUNT(kinds); i++)
		assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
	assert_string_equal(take_step(&house, house.alice, id, "closed", "",
				      "it is over"),
			    "");
	for (size_t i = 0; i < 2; i++) {
		count = get(&house, house.alice, id, false);
		assert_int_equal(count, 6);
		for (size_t n = 0; n < count; n++)
			assert_int_equal(rows[n].number, n + 1);
		assert_string_equal(rows[4].reference, "AZ 12/2026");
		assert_string_equal(rows[4].by, "alice");
		assert_string_equal(rows[5].words, "it is over");
		desk_bench_restart(house.bench);
		house_open_links(&house);
		assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
	}
	assert_string_equal(take_step(&house, house.alice, id, "measure", "", "late"),
			    "INCIDENT_CLOSED");
	desk_bench_destroy(house.bench);
}

static void an_owner_who_was_removed_reports_and_decides_nothing(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	struct wire_owner_remove gone = {.name = "bob"};
	struct wire_incident_report what = {.turn = 5, .words = "not mine"};
	struct wire_authority_record request = {.who = "a", .reference = "b"};
	struct wire_id id;

	(void)state;
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_owner_remove,
					      &gone),
			    "");
	id = report(&house, bob, &what, true);
	assert_string_equal(take_step(&house, bob, id, "closed", "", "by me"), "REMOVED");
	assert_string_equal(desk_bench_change(house.bench, bob, WIRE_authority_record,
					      &request),
			    "REMOVED");
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* --- who is told ------------------------------------------------------------------------ */

/* Each owner at the next sign-in, which is written down once. */
static void owners_are_told_at_their_next_sign_in(void **state)
{
	struct house house = house_make();
	struct wire_id id;
	size_t count;

	(void)state;
	add_bob(&house);
	assert_int_equal(sign_in(&house, "bob", BOB).incidents, 0);
	id = report_archive(&house, stranger_of(&house), 1, true);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "told"), 0);
	assert_int_equal(sign_in(&house, "bob", BOB).incidents, 1);
	assert_int_equal(sign_in(&house, "bob", BOB).incidents, 1); /* it is open */
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "told"), 1);
	assert_string_equal(rows[count - 1].by, "bob");
	assert_string_equal(rows[count - 1].reference, "at signing in");
	assert_int_equal(sign_in(&house, "alice", ALICE).incidents, 1);
	assert_int_equal(count_kind(get(&house, house.alice, id, false), "told"), 2);
	assert_string_equal(take_step(&house, house.alice, id, "closed", "", "ok"), "");
	assert_int_equal(sign_in(&house, "bob", BOB).incidents, 0);
	desk_bench_destroy(house.bench);
}

static void spoil_a_recording(struct house *house)
{
	uint8_t *value;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row =
			store_fake_row(house->bench->rows, i, &value);

		if (row->key.space == STORE_RECORD)
			value[row->size - 1] ^= 1;
	}
}

/* What does not open is its owner's; the other one is not told of it. */
static void what_is_one_owners_is_told_to_that_owner(void **state)
{
	struct house house = house_make();
	struct record_id record;
	struct wire_play_get play = {.unused = 0};

	(void)state;
	add_bob(&house);
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	house_forget(house.hub);
	desk_bench_seal(house.bench, house.hub, 1, 1, "study", "words", sound, SAMPLES);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, &record), OK);
	spoil_a_recording(&house);
	memcpy(play.record.bytes, record.bytes, ID_BYTES);
	house_say(&house, house.alice, WIRE_play_get, &play);
	assert_true(freezes(&house));
	assert_int_equal(sign_in(&house, "bob", BOB).incidents, 0);
	assert_int_equal(sign_in(&house, "alice", ALICE).incidents, 1);
	desk_bench_destroy(house.bench);
}

/* On a paired device at once, and on one that comes later; on another owner's as well. */
static void owners_are_told_on_their_devices(void **state)
{
	struct house house = house_make();
	const struct wire_message *message;
	uint8_t child[ID_BYTES];
	struct phone own;
	struct phone childs;
	struct wire_id id;
	size_t count;

	(void)state;
	house_add_person(&house, "mia", "child", 0, child);
	house_pair_phone(&house, 1, house.alice_id.bytes, &own);
	house_pair_phone(&house, 2, child, &childs);
	house_forget(own.link);
	house_forget(childs.link);
	house_forget(house.alice);
	id = report_archive(&house, stranger_of(&house), 1, true);
	message = house_expect(own.link, WIRE_incident_news);
	assert_memory_equal(message->incident_news.id.bytes, id.bytes, ID_BYTES);
	assert_string_equal(message->incident_news.kind, "opened");
	assert_string_equal(message->incident_news.cause, "reported");
	assert_int_equal(desk_bench_waiting(childs.link), 0);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "told"), 1);
	assert_string_equal(rows[count - 1].by, "alice");
	assert_true(str_starts(rows[count - 1].reference, "on a paired device"));
	desk_bench_unlink(house.bench, own.link);
	house_come_back(&house, &own);
	while ((message = desk_bench_take(own.link)) &&
	       message->type != WIRE_incident_news)
		continue;
	assert_non_null(message);
	desk_bench_destroy(house.bench);
}

/* --- the clock of Article 33 ------------------------------------------------------------ */

static void the_clock_runs_where_the_policy_names_an_operator(void **state)
{
	static const struct wire_operator_set set = {.name = "Housing co-op",
						     .contact = "it@example.org"};
	struct house house = house_make();
	struct wire_id id;
	size_t count;

	(void)state;
	id = report_archive(&house, stranger_of(&house), 1, true);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "clock"), 0); /* a household */
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_operator_set,
					      &set),
			    "");
	desk_tick(house.bench->desk);
	desk_bench_settle(house.bench);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "clock"), 1);
	assert_string_equal(rows[count - 1].reference, "Housing co-op");
	id = report_archive(&house, stranger_of(&house), 2, true);
	count = get(&house, house.alice, id, false);
	assert_int_equal(count_kind(count, "clock"), 1);
	desk_bench_destroy(house.bench);
}

/* --- the notice ------------------------------------------------------------------------- */

static void the_facts_are_those_of_the_journal(void **state)
{
	struct house house = house_make();
	struct wire_incident_draft draft = {.unused = 0};
	const struct wire_incident_facts *facts;
	struct record_id record = {{0}};
	struct wire_incident_report what = {.words = "not mine"};
	int64_t first_ms = 0;
	size_t count;

	(void)state;
	add_bob(&house);
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	house_forget(house.hub);
	for (uint64_t i = 1; i <= 3; i++) {
		clock_fake_pass(&house.bench->clock, 60000);
		if (i == 1)
			first_ms = house.bench->clock.wall_ms;
		desk_bench_seal(house.bench, house.hub, i,
				(uint64_t)house.bench->clock.wall_ms << 16 | i, "study",
				"secret words", sound, SAMPLES);
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.hub, i, NULL, &record), OK);
	}
	memcpy(what.record.bytes, record.bytes, ID_BYTES);
	draft.id = report(&house, house.alice, &what, true);
	house_say(&house, house.alice, WIRE_incident_draft, &draft);
	facts = &house_expect(house.alice, WIRE_incident_facts)->incident_facts;
	assert_int_equal(facts->recordings, 3);
	assert_int_equal(facts->owners, 2);
	assert_int_equal(facts->first_ms, first_ms);
	assert_int_equal(facts->last_ms, first_ms + 120000);
	assert_int_equal(facts->record_ms, first_ms + 120000);
	assert_string_equal(facts->record_room, "study");
	assert_int_equal(facts->exports, 0);
	count = get(&house, house.alice, draft.id, false);
	assert_int_equal(count_kind(count, "drafted"), 1);
	draft.id = id_of(99);
	house_say(&house, house.alice, WIRE_incident_draft, &draft);
	house_expect_refused(house.alice, "INCIDENT_CLOSED");
	desk_bench_destroy(house.bench);
}

static struct record_id record_in(struct house *house, const char *room, uint64_t number)
{
	struct record_id record = {{0}};

	clock_fake_pass(&house->bench->clock, 1000);
	house_forget(house->hub);
	desk_bench_seal(house->bench, house->hub, number,
			(uint64_t)house->bench->clock.wall_ms << 16 | number, room,
			"secret words", sound, SAMPLES);
	desk_bench_settle(house->bench);
	assert_int_equal(desk_bench_done(house->hub, number, NULL, &record), OK);
	return record;
}

/* An archive is handed out; the id by which it is known. */
static struct wire_id hand_out(struct house *house, struct desk_bench_link *link)
{
	const struct wire_export_begin begin = {.by_room = 1};
	const struct wire_message *message;
	struct wire_id id = {{0}};

	house_forget(link);
	house_say(house, link, WIRE_export_begin, &begin);
	while ((message = desk_bench_take(link)) && message->type != WIRE_export_over) {
		struct wire_export_more more = {.bytes = 0};

		if (message->type != WIRE_export_data)
			continue;
		more.bytes = (uint32_t)message->export_data.bytes.size;
		house_say(house, link, WIRE_export_more, &more);
	}
	assert_non_null(message);
	assert_int_equal(message->export_over.err, OK);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		char half[ID_TEXT_BYTES];
		struct event event;
		uint64_t place = 0;

		if (row->key.space == STORE_JOURNAL &&
		    desk_number_of(&row->key, &place) &&
		    journal_read(house->bench->desk->journal, place, row->value,
				 row->size, &event) == OK &&
		    event.kind == EVENT_EXPORT_DONE) {
			assert_true(str_copy_bytes(half, sizeof(half),
						   event_value(&event, "manifest"),
						   2 * ID_BYTES));
			assert_true(id_from_text(id.bytes, half));
		}
	}
	return id;
}

static struct wire_incident_facts draft_of(struct house *house, struct wire_id id)
{
	const struct wire_incident_draft draft = {.id = id};

	house_say(house, house->alice, WIRE_incident_draft, &draft);
	return house_expect(house->alice, WIRE_incident_facts)->incident_facts;
}

static void expect_facts(struct house *house, struct wire_id export, bool is_known)
{
	struct wire_incident_report what = {.words = "I got this by mistake"};
	struct wire_incident_facts facts;

	what.export = export;
	facts = draft_of(house, report(house, house->alice, &what, true));
	assert_int_equal(facts.owners, 2);
	assert_int_equal(facts.recordings, 2); /* alice's last one, and bob's */
	assert_int_equal(facts.exports, 2);
	assert_int_equal(facts.export_ms != 0, is_known);
	assert_string_equal(facts.export_owner, is_known ? "alice" : "");
	assert_int_equal(facts.export_count, is_known ? 2 : 0);
}

/* What was erased and deleted since is not kept; which archive it was, and whose. */
static void the_facts_know_archives_and_what_is_gone(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	struct wire_erase_ask asked = {.what = ERASURE_RECORD};
	struct wire_incident_report what = {.words = "not mine"};
	struct wire_incident_facts facts;
	struct record_id record;
	struct wire_id export;

	(void)state;
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	assert_true(desk_bench_add_room(house.bench, bob, "attic"));
	(void)record_in(&house, "study", 1);
	(void)record_in(&house, "study", 2);
	(void)record_in(&house, "attic", 3);
	export = hand_out(&house, house.alice);
	(void)hand_out(&house, bob);
	record = record_in(&house, "study", 4);
	memcpy(asked.record.bytes, record.bytes, ID_BYTES);
	house_say(&house, house.alice, WIRE_erase_ask, &asked);
	house_say(&house, house.alice, WIRE_erase_do,
		  &(struct wire_erase_do){.count = 1});
	house_say(&house, house.alice, WIRE_erase_all,
		  &(struct wire_erase_all){.unused = 0});
	record = record_in(&house, "study", 5);
	house_forget(house.alice);
	expect_facts(&house, export, true);
	expect_facts(&house, id_of(77), false);
	memcpy(what.record.bytes, record.bytes, ID_BYTES);
	facts = draft_of(&house, report(&house, house.alice, &what, true));
	assert_int_equal(facts.record_ms, house.bench->clock.wall_ms);
	desk_bench_destroy(house.bench);
}

/* --- requests for disclosure ------------------------------------------------------------ */

static struct wire_id ask_for_recordings(struct house *house)
{
	static const struct wire_authority_record request = {
		.who = "a court",
		.reference = "12 Js 34/26",
		.words = "all recordings of May",
	};

	house_say(house, house->alice, WIRE_authority_record, &request);
	return house_expect(house->alice, WIRE_incident_opened)->incident_opened.id;
}

/* Written down as refused, seen by every owner, and nothing else happens. */
static void a_request_is_refused_and_seen_by_all(void **state)
{
	struct house house = house_make();
	struct wire_unlocked told;
	struct wire_id id;
	size_t count;

	(void)state;
	add_bob(&house);
	house_forget(house.hub);
	id = ask_for_recordings(&house);
	assert_false(freezes(&house));
	assert_int_equal(desk_bench_waiting(house.hub), 0);
	count = get(&house, house.alice, (struct wire_id){{0}}, true);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].kind, "refused");
	assert_string_equal(rows[0].who, "a court");
	assert_string_equal(rows[0].reference, "12 Js 34/26");
	assert_string_equal(rows[0].words, "all recordings of May");
	assert_int_equal(get(&house, house.alice, (struct wire_id){{0}}, false), 0);
	told = sign_in(&house, "bob", BOB);
	assert_int_equal(told.requests, 1);
	assert_int_equal(told.incidents, 0);
	assert_int_equal(sign_in(&house, "bob", BOB).requests, 0);
	assert_int_equal(sign_in(&house, "alice", ALICE).requests, 1);
	count = get(&house, house.alice, id, true);
	assert_int_equal(count_kind(count, "told"), 2);
	assert_int_equal(house.bench->desk->incident_count, 0); /* all know */
	assert_string_equal(take_step(&house, house.alice, id, "closed", "", "x"),
			    "INCIDENT_CLOSED");
	desk_bench_destroy(house.bench);
}

static void a_request_says_who_and_which(void **state)
{
	static const struct wire_authority_record wrong[] = {
		{.who = "", .reference = "r", .words = "w"},
		{.who = "w", .reference = "", .words = "w"},
		{.who = "  ", .reference = "r", .words = "w"},
	};
	struct house house = house_make();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++)
		assert_string_equal(desk_bench_change(house.bench, house.alice,
						      WIRE_authority_record, &wrong[i]),
				    "OUT_OF_RANGE");
	desk_bench_destroy(house.bench);
}

/* However many there are, incidents have room; and whoever is told after a restart is. */
static void many_requests_leave_room_for_incidents(void **state)
{
	struct house house = house_make();

	(void)state;
	for (size_t i = 0; i < 40; i++)
		(void)ask_for_recordings(&house);
	assert_int_equal(house.bench->desk->incident_count, 16);
	report_archive(&house, stranger_of(&house), 1, true);
	desk_bench_restart(house.bench);
	house_open_links(&house);
	assert_int_equal(house.bench->desk->incident_count, 17);
	assert_int_equal(sign_in(&house, "alice", ALICE).requests, 16);
	assert_int_equal(sign_in(&house, "alice", ALICE).requests, 0);
	desk_bench_destroy(house.bench);
}

/* Killed at any write between the asking and the last step: what was answered is there. */
static void a_kill_loses_nothing_that_was_answered(void **state)
{
	static const char *const kinds[] = {"measure", "answered", "notified", "closed"};

	(void)state;
	for (size_t writes = 1; writes < 9; writes++) {
		struct house house = house_make();
		struct desk_bench_link *man = stranger_of(&house);
		struct wire_incident_report what = {.words = "not mine"};
		const struct wire_message *message;
		struct wire_id id = {{0}};
		size_t answered = 0;
		bool was_closed = false;
		size_t count;

		what.export = id_of(1);
		store_fake_fail_after(house.bench->rows, writes, ERR_IO, true);
		house_say(&house, man, WIRE_incident_report, &what);
		message = house_expect(man, WIRE_incident_opened);
		id = message->incident_opened.id;
		for (size_t i = 0; i < STR_COUNT(kinds); i++)
			if (take_step(&house, house.alice, id, kinds[i], "r", "w")[0] ==
			    '\0') {
				answered++;
				was_closed = str_equal(kinds[i], "closed");
			}
		store_fake_heal(house.bench->rows);
		desk_bench_restart(house.bench);
		house_open_links(&house);
		assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
		assert_int_equal(house.bench->desk->state, DESK_READY);
		count = get(&house, house.alice, id, false);
		assert_int_equal(count_kind(count, "opened"), 1);
		assert_true(count >= 1 + answered);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(rows[i].number, i + 1);
		if (was_closed)
			assert_false(freezes(&house));
		desk_bench_destroy(house.bench);
	}
}

/* --- many at once ------------------------------------------------------------------------- */

static void say_step(struct house *house, struct desk_bench_link *link, struct wire_id id,
		     const char *kind)
{
	const struct wire_incident_step step = make_step(id, kind, "ref", "words");

	desk_bench_say(house->bench, link, WIRE_incident_step, &step);
}

/* Each is answered; who asks for more than may wait is told so. */
static void steps_queue_up_to_a_number(void **state)
{
	enum { ASKED = 12, WRITING = 1, WAITING = 8 };
	struct house house = house_make();
	const struct wire_id id = report_archive(&house, stranger_of(&house), 1, true);
	const struct wire_message *message;
	size_t done = 0;
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < ASKED; i++)
		say_step(&house, house.alice, id, "measure");
	desk_bench_settle(house.bench);
	while ((message = desk_bench_take(house.alice))) {
		done += message->type == WIRE_done;
		if (message->type != WIRE_refused)
			continue;
		assert_string_equal(message->refused.reason, "TOO_MUCH_WAITS");
		refused++;
	}
	assert_int_equal(done, WRITING + WAITING);
	assert_int_equal(refused, ASKED - WRITING - WAITING);
	desk_bench_destroy(house.bench);
}

/* Who waits behind the last step is refused; who went away is not. */
static void what_waits_behind_the_last_step_is_refused(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	const struct wire_id id = report_archive(&house, stranger_of(&house), 1, true);

	(void)state;
	house_forget(house.alice);
	say_step(&house, house.alice, id, "closed");
	say_step(&house, house.alice, id, "measure");
	say_step(&house, bob, id, "measure");
	desk_bench_unlink(house.bench, bob);
	desk_bench_settle(house.bench);
	assert_int_equal(house_expect(house.alice, WIRE_done)->done.err, OK);
	house_expect_refused(house.alice, "INCIDENT_CLOSED");
	assert_false(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* What waits when the program ends is gone, and nothing of it is left over. */
static void what_waits_at_the_end_is_dropped(void **state)
{
	struct house house = house_make();
	const struct wire_id id = report_archive(&house, stranger_of(&house), 1, true);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		say_step(&house, house.alice, id, "measure");
	desk_bench_restart(house.bench);
	house_open_links(&house);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
	assert_true(freezes(&house));
	assert_string_equal(take_step(&house, house.alice, id, "closed", "", "over"), "");
	desk_bench_destroy(house.bench);
}

/* The second one waits for the first one's row, and is told the same. */
static void who_reports_it_again_fails_with_the_first(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *one = stranger_of(&house);
	struct desk_bench_link *other = stranger_of(&house);
	struct wire_incident_report what = {.words = "not mine"};

	(void)state;
	what.export = id_of(1);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	desk_bench_say(house.bench, one, WIRE_incident_report, &what);
	desk_bench_say(house.bench, other, WIRE_incident_report, &what);
	desk_bench_settle(house.bench);
	house_expect_refused(one, "NOT_WRITTEN");
	house_expect_refused(other, "NOT_WRITTEN");
	assert_false(freezes(&house)); /* nothing was promised to anybody */
	desk_bench_destroy(house.bench);
}

/* It is the same incident, which they do not fill. */
static void what_is_reported_very_often_is_counted(void **state)
{
	enum { AGAIN_MAX = 64 };
	struct house house = house_make();
	struct desk_bench_link *man = stranger_of(&house);
	struct wire_id first = report_archive(&house, man, 1, true);
	size_t steps;

	(void)state;
	for (unsigned i = 1; i <= AGAIN_MAX + 2; i++) {
		struct wire_id again;

		if (i % STRANGERS_PER_HOUR == 0)
			clock_fake_pass(&house.bench->clock, HOURLY_MS);
		again = report_archive(&house, man, 1, false);
		assert_memory_equal(again.bytes, first.bytes, ID_BYTES);
	}
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", ALICE));
	steps = get(&house, house.alice, first, false);
	assert_int_equal(count_kind(steps, "reported-again"), AGAIN_MAX);
	assert_int_equal(house.bench->desk->incidents_more, 2);
	desk_bench_destroy(house.bench);
}

/* Also when its owners have written down what they could. */
static void however_long_it_is_an_owner_can_close_it(void **state)
{
	enum { MANY = 1000, LEAST = 900 };
	struct house house = house_make();
	const struct wire_id id = report_archive(&house, stranger_of(&house), 1, true);
	struct wire_incident_get asked = {.requests = 0};
	const struct wire_message *message;
	const char *why = "";
	size_t steps = 0;
	size_t told = 0;

	(void)state;
	while (!why[0] && steps < MANY) {
		why = take_step(&house, house.alice, id, "measure", "", "words");
		steps += !why[0];
	}
	assert_string_equal(why, "TOO_MUCH_WAITS");
	assert_true(steps > LEAST);
	assert_int_equal(sign_in(&house, "alice", ALICE).incidents, 1);
	assert_string_equal(take_step(&house, house.alice, id, "closed", "", "over"), "");
	assert_false(freezes(&house));
	asked.id = id;
	desk_bench_say(house.bench, house.alice, WIRE_incident_get, &asked);
	desk_bench_settle(house.bench);
	while ((message = desk_bench_take(house.alice)) &&
	       message->type == WIRE_incident_row)
		assert_int_equal(message->incident_row.number, ++told);
	assert_int_equal(message->type, WIRE_end);
	assert_int_equal(message->end.err, OK);
	assert_true(told > steps + 2);
	desk_bench_destroy(house.bench);
}

/* None of those that are being written makes room for another. */
static void requests_that_are_being_written_stay(void **state)
{
	enum { MANY = 20 };
	static const struct wire_authority_record request = {.who = "a court",
							     .reference = "1"};
	struct house house = house_make();
	size_t count;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		desk_bench_say(house.bench, house.alice, WIRE_authority_record, &request);
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < MANY; i++)
		(void)house_expect(house.alice, WIRE_incident_opened);
	count = get(&house, house.alice, (struct wire_id){{0}}, true);
	assert_int_equal(count_kind(count, "refused"), MANY);
	desk_bench_destroy(house.bench);
}

/* --- what is one and what is another ------------------------------------------------------ */

static struct wire_id report_turn(struct house *house, uint64_t turn, bool is_new)
{
	const struct wire_incident_report what = {.turn = turn, .words = "not mine"};

	return report(house, house->alice, &what, is_new);
}

/* The same turn is the same; what the keeper found, and requests, are none of these. */
static void other_turns_are_other_incidents(void **state)
{
	struct house house = house_make();
	struct wire_id five;

	(void)state;
	desk_incident_open(house.bench->desk, INCIDENT_EXPORT_MISMATCH,
			   (struct record_id){{0}}, NULL);
	desk_bench_settle(house.bench);
	(void)ask_for_recordings(&house);
	five = report_turn(&house, 5, true);
	assert_memory_not_equal(report_turn(&house, 6, true).bytes, five.bytes, ID_BYTES);
	assert_memory_equal(report_turn(&house, 5, false).bytes, five.bytes, ID_BYTES);
	(void)report_archive(&house, stranger_of(&house), 9, true);
	assert_int_equal(house.bench->desk->incident_count, 5);
	desk_bench_destroy(house.bench);
}

/* A request is no incident: it has no steps of owners, and no notice. */
static void a_request_is_neither_closed_nor_drafted(void **state)
{
	struct house house = house_make();
	struct wire_incident_draft draft = {.unused = 0};

	(void)state;
	draft.id = ask_for_recordings(&house);
	assert_int_equal(house.bench->desk->incident_count, 1);
	assert_string_equal(take_step(&house, house.alice, draft.id, "closed", "", "x"),
			    "INCIDENT_CLOSED");
	house_say(&house, house.alice, WIRE_incident_draft, &draft);
	house_expect_refused(house.alice, "INCIDENT_CLOSED");
	desk_bench_destroy(house.bench);
}

/* Nobody waits for an owner who is gone. */
static void a_removed_owner_need_not_hear_of_a_request(void **state)
{
	struct house house = house_make();
	const struct wire_owner_remove gone = {.name = "bob"};

	(void)state;
	(void)add_bob(&house);
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_owner_remove,
					      &gone),
			    "");
	(void)ask_for_recordings(&house);
	assert_int_equal(house.bench->desk->incident_count, 1);
	assert_int_equal(sign_in(&house, "alice", ALICE).requests, 1);
	assert_int_equal(house.bench->desk->incident_count, 0);
	desk_bench_destroy(house.bench);
}

/* --- who is told when --------------------------------------------------------------------- */

static size_t count_news(struct desk_bench_link *link)
{
	const struct wire_message *message;
	size_t count = 0;

	while ((message = desk_bench_take(link)))
		count += message->type == WIRE_incident_news;
	return count;
}

/* Bob's own trouble is bob's; alice's phone, one that was given back and one that nobody knows
 * hear nothing of it, now or later. */
static void devices_of_others_hear_nothing(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	struct wire_device given_back = {.is_revoked = 1};
	struct wire_play_get play = {.unused = 0};
	struct record_id record;
	struct phone phones[2];
	struct phone unknown;

	(void)state;
	assert_true(desk_bench_add_room(house.bench, bob, "attic"));
	for (uint8_t i = 0; i < STR_COUNT(phones); i++)
		house_pair_phone(&house, (uint8_t)(i + 1), house.alice_id.bytes,
				 &phones[i]);
	house_make_phone(&house, 3, &unknown);
	assert_int_equal(key_to_text(phones[1].key, given_back.key), OK);
	assert_true(str_copy(given_back.name, sizeof(given_back.name), "old"));
	memcpy(given_back.person.bytes, house.alice_id.bytes, ID_BYTES);
	(void)desk_bench_change(house.bench, house.alice, WIRE_device, &given_back);
	house_forget(phones[0].link);
	house_forget(phones[1].link);
	house_forget(house.hub);
	desk_bench_seal(house.bench, house.hub, 1, 1, "attic", "words", sound, SAMPLES);
	desk_bench_settle(house.bench);
	assert_int_equal(desk_bench_done(house.hub, 1, NULL, &record), OK);
	spoil_a_recording(&house);
	memcpy(play.record.bytes, record.bytes, ID_BYTES);
	house_say(&house, bob, WIRE_play_get, &play);
	assert_true(freezes(&house));
	assert_int_equal(count_news(phones[0].link), 0);
	desk_bench_unlink(house.bench, phones[0].link);
	house_come_back(&house, &phones[0]);
	assert_int_equal(count_news(phones[0].link), 0);
	(void)report_archive(&house, stranger_of(&house), 1, true);
	assert_int_equal(count_news(phones[0].link), 1);
	assert_int_equal(count_news(phones[1].link), 0);
	assert_int_equal(count_news(unknown.link), 0);
	desk_bench_destroy(house.bench);
}

/* Nobody is told of what is not written: who comes before that hears of it the next time. */
static void nobody_is_told_before_it_is_written(void **state)
{
	struct house house = house_make();
	struct phone phone;

	(void)state;
	house_pair_phone(&house, 1, house.alice_id.bytes, &phone);
	desk_bench_unlink(house.bench, phone.link);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	desk_incident_open(house.bench->desk, INCIDENT_EXPORT_MISMATCH,
			   (struct record_id){{0}}, NULL);
	desk_bench_settle(house.bench);
	store_fake_heal(house.bench->rows);
	assert_true(freezes(&house));
	house_come_back(&house, &phone);
	assert_int_equal(count_news(phone.link), 0);
	assert_int_equal(sign_in(&house, "alice", ALICE).incidents, 0);
	desk_tick(house.bench->desk);
	desk_bench_settle(house.bench);
	assert_int_equal(count_news(phone.link), 1);
	assert_int_equal(sign_in(&house, "alice", ALICE).incidents, 1);
	desk_bench_destroy(house.bench);
}

/* --- what the rows and the journal hold --------------------------------------------------- */

/* A row that is none: the others are told all the same, and that it is there. */
static void a_row_of_another_length_is_said(void **state)
{
	struct house house = house_make();
	const struct wire_id id = report_archive(&house, stranger_of(&house), 1, true);
	const struct wire_incident_get asked = {.requests = 0};
	const struct wire_message *message;
	uint8_t value[INCIDENT_ROW_BYTES_MAX];
	struct store_row row;
	size_t at = 0;
	size_t told = 0;

	(void)state;
	while (store_fake_row(house.bench->rows, at, NULL)->key.space != STORE_INCIDENT)
		at++;
	row = *store_fake_row(house.bench->rows, at, NULL);
	memcpy(value, row.value, row.size);
	row.value = value;
	row.key.size++;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	house_say(&house, house.alice, WIRE_incident_get, &asked);
	while ((message = desk_bench_take(house.alice)) &&
	       message->type == WIRE_incident_row) {
		assert_memory_equal(message->incident_row.id.bytes, id.bytes, ID_BYTES);
		told++;
	}
	assert_int_equal(told, 2);
	assert_int_equal(message->end.err, ERR_AUTH);
	desk_bench_destroy(house.bench);
}

/* Of an incident of one owner's alone: theirs, less what was deleted. An entry that does not
 * open says nothing. */
static void the_facts_of_one_owner_are_theirs(void **state)
{
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	struct wire_erase_ask asked = {.what = ERASURE_RECORD};
	struct wire_play_get play = {.unused = 0};
	struct wire_incident_facts facts;
	struct record_id record;
	uint8_t *value;
	size_t at = 0;

	(void)state;
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	assert_true(desk_bench_add_room(house.bench, bob, "attic"));
	(void)record_in(&house, "attic", 1);
	(void)record_in(&house, "study", 2);
	record = record_in(&house, "study", 3);
	memcpy(asked.record.bytes, record.bytes, ID_BYTES);
	house_say(&house, house.alice, WIRE_erase_ask, &asked);
	house_say(&house, house.alice, WIRE_erase_do,
		  &(struct wire_erase_do){.count = 1});
	record = record_in(&house, "study", 4);
	spoil_a_recording(&house);
	memcpy(play.record.bytes, record.bytes, ID_BYTES);
	house_say(&house, house.alice, WIRE_play_get, &play);
	house_forget(house.alice);
	assert_int_equal(get(&house, house.alice, (struct wire_id){{0}}, false), 2);
	while (store_fake_row(house.bench->rows, at, &value)->key.space != STORE_JOURNAL)
		at++;
	value[store_fake_row(house.bench->rows, at, NULL)->size - 1] ^= 1;
	facts = draft_of(&house, rows[0].id);
	assert_int_equal(facts.owners, 1);
	assert_string_equal(facts.owner, "alice");
	assert_int_equal(facts.recordings, 2);
	desk_bench_destroy(house.bench);
}

/* One that is known by its turn is the newest of that turn. */
static void a_turn_is_found_in_the_journal(void **state)
{
	struct house house = house_make();
	const uint64_t turn = (uint64_t)house.bench->clock.wall_ms << 16 | 9;
	struct wire_incident_facts facts;

	(void)state;
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	for (uint64_t i = 1; i <= 3; i++) { /* the first one is of no turn */
		house_forget(house.hub);
		desk_bench_seal(house.bench, house.hub, i, i == 1 ? 0 : turn, "study",
				"words", sound, SAMPLES);
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.hub, i, NULL, NULL), OK);
		clock_fake_pass(&house.bench->clock, 1000);
	}
	facts = draft_of(&house, report_turn(&house, turn, true));
	assert_int_equal(facts.recordings, 3);
	assert_int_equal(facts.record_ms, facts.last_ms);
	assert_string_equal(facts.record_room, "study");
	desk_bench_destroy(house.bench);
}

static void nothing_done(struct desk *desk, struct item *item, enum err err,
			 uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	assert_int_equal(err, OK);
}

static void hand_out_as(struct house *house, struct wire_id export, const char *owner,
			const char *recordings)
{
	char manifest[ID_TEXT_BYTES];
	struct item *item = NULL;

	id_to_text(manifest, export.bytes);
	assert_int_equal(item_create(NULL, 0, nothing_done, &item), OK);
	desk_event(house->bench->desk, &item->event, EVENT_EXPORT_DONE, "");
	event_add(&item->event, "owner", owner);
	event_add(&item->event, "recordings", recordings);
	event_add(&item->event, "manifest", manifest);
	desk_write_take(house->bench->desk, &item);
	desk_bench_settle(house->bench);
}

/* Of archives, the newest one of that name; of whom it was is said where that is known. */
static void an_archive_of_nobody_is_found_all_the_same(void **state)
{
	struct house house = house_make();
	struct wire_incident_report what = {.words = "I got this by mistake"};
	struct wire_incident_facts facts;

	(void)state;
	what.export = id_of(5);
	hand_out_as(&house, what.export, "nobody", "1");
	clock_fake_pass(&house.bench->clock, 1000);
	hand_out_as(&house, what.export, "nobody", "many");
	facts = draft_of(&house, report(&house, house.alice, &what, true));
	assert_int_equal(facts.export_ms, house.bench->clock.wall_ms);
	assert_string_equal(facts.export_owner, "");
	assert_int_equal(facts.export_count, 0);
	assert_int_equal(facts.exports, 0);
	desk_bench_destroy(house.bench);
}

/* Whoever closes it while another one drafts: the notice is made, and nothing more. */
static void what_is_closed_while_it_is_drafted_stays_closed(void **state)
{
	enum { ENTRIES = 800 };
	struct house house = house_make();
	struct desk_bench_link *bob = add_bob(&house);
	struct wire_incident_draft draft = {.unused = 0};
	size_t count;

	(void)state;
	draft.id = report_archive(&house, stranger_of(&house), 1, true);
	for (uint64_t i = 0; i < ENTRIES; i++)
		desk_bench_append(house.bench, house.hub, i + 1, EVENT_DECIDED, i,
				  "kitchen");
	desk_bench_settle(house.bench);
	house_forget(house.alice);
	desk_bench_say(house.bench, house.alice, WIRE_incident_draft, &draft);
	say_step(&house, bob, draft.id, "closed");
	while (freezes(&house))
		store_step(&house.bench->store);
	assert_int_equal(desk_bench_waiting(house.alice), 0);
	desk_bench_settle(house.bench);
	(void)house_expect(house.alice, WIRE_incident_facts);
	count = get(&house, house.alice, draft.id, false);
	assert_int_equal(count_kind(count, "drafted"), 0);
	assert_string_equal(rows[count - 1].kind, "closed");
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_no_account_gets_an_id_at_once),
		cmocka_unit_test(an_id_is_given_once_it_is_durable),
		cmocka_unit_test(who_is_not_signed_in_reads_nothing),
		cmocka_unit_test(reports_that_name_no_one_thing_are_refused),
		cmocka_unit_test(who_floods_it_is_held_off_and_counted),
		cmocka_unit_test(what_cannot_be_written_down_is_counted_all_the_same),
		cmocka_unit_test(strangers_do_not_hold_off_owners),
		cmocka_unit_test(an_owner_closes_it_and_exports_thaw),
		cmocka_unit_test(wrong_steps_are_refused),
		cmocka_unit_test(steps_are_numbered_rows_that_stay),
		cmocka_unit_test(an_owner_who_was_removed_reports_and_decides_nothing),
		cmocka_unit_test(owners_are_told_at_their_next_sign_in),
		cmocka_unit_test(what_is_one_owners_is_told_to_that_owner),
		cmocka_unit_test(owners_are_told_on_their_devices),
		cmocka_unit_test(the_clock_runs_where_the_policy_names_an_operator),
		cmocka_unit_test(the_facts_are_those_of_the_journal),
		cmocka_unit_test(the_facts_know_archives_and_what_is_gone),
		cmocka_unit_test(a_request_is_refused_and_seen_by_all),
		cmocka_unit_test(a_request_says_who_and_which),
		cmocka_unit_test(many_requests_leave_room_for_incidents),
		cmocka_unit_test(a_kill_loses_nothing_that_was_answered),
		cmocka_unit_test(steps_queue_up_to_a_number),
		cmocka_unit_test(what_waits_behind_the_last_step_is_refused),
		cmocka_unit_test(what_waits_at_the_end_is_dropped),
		cmocka_unit_test(who_reports_it_again_fails_with_the_first),
		cmocka_unit_test(what_is_reported_very_often_is_counted),
		cmocka_unit_test(however_long_it_is_an_owner_can_close_it),
		cmocka_unit_test(requests_that_are_being_written_stay),
		cmocka_unit_test(other_turns_are_other_incidents),
		cmocka_unit_test(a_request_is_neither_closed_nor_drafted),
		cmocka_unit_test(a_removed_owner_need_not_hear_of_a_request),
		cmocka_unit_test(devices_of_others_hear_nothing),
		cmocka_unit_test(nobody_is_told_before_it_is_written),
		cmocka_unit_test(a_row_of_another_length_is_said),
		cmocka_unit_test(the_facts_of_one_owner_are_theirs),
		cmocka_unit_test(a_turn_is_found_in_the_journal),
		cmocka_unit_test(an_archive_of_nobody_is_found_all_the_same),
		cmocka_unit_test(what_is_closed_while_it_is_drafted_stays_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
