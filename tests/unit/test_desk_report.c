/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_report - "this is not mine": by an owner, and by somebody who has no account; what
 * owners do about it, who is told, when it ends; and requests for disclosure, which are
 * refused and seen by all.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_house.h"
#include "keeper/desk_inner.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_no_account_gets_an_id_at_once),
		cmocka_unit_test(an_id_is_given_once_it_is_durable),
		cmocka_unit_test(who_is_not_signed_in_reads_nothing),
		cmocka_unit_test(reports_that_name_no_one_thing_are_refused),
		cmocka_unit_test(who_floods_it_is_held_off_and_counted),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
