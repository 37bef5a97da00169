/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_incident - the breach desk: what opens an incident, that exports are frozen from
 * then on and over a restart until an owner closes it, and that its steps cannot be undone.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"
#include "keeper/incident_row.h"

enum { SEED = 47, SAMPLES = 8000, STEPS_MAX = 64 };

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

/* Alice's house, with a kitchen that is her private room. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

/* What is stored of incidents, in order. */
static struct incident_step steps[STEPS_MAX];
static size_t step_count;

static void open_links(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
}

static void sign_in(struct house *house)
{
	open_links(house);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", "kitchen");
	desk_bench_forget(house.hub);
	return house;
}

static struct record_id record_one(struct house *house)
{
	struct record_id record;

	assert_int_equal(desk_bench_record(house->bench, house->hub,
					   &(struct desk_bench_said){"kitchen",
								     "light on", sound,
								     SAMPLES},
					   &record),
			 OK);
	return record;
}

static enum err play(struct house *house, struct record_id record)
{
	return desk_bench_play(house->bench, house->alice, record);
}

static void ask_history(struct house *house)
{
	const struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 10};

	desk_bench_say(house->bench, house->alice, WIRE_history_get, &get);
	desk_bench_settle(house->bench);
	while (desk_bench_take(house->alice))
		continue;
}

static void read_steps(struct house *house)
{
	const struct incident_place place = {.household = house->bench->household,
					     .house_key = secret_view(
						     house->bench->house_key)};
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];

	seal_sign_pair(secret_view(house->bench->seed), public_key);
	step_count = 0;
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		if (row->key.space != STORE_INCIDENT)
			continue;
		assert_true(step_count < STEPS_MAX);
		if (incident_row_read(&place, row->key.bytes, public_key, row->value,
				      row->size, &steps[step_count]) == OK)
			step_count++;
	}
}

/* Index of the n-th row of that space. */
static size_t find_row(const struct house *house, enum store_space space, size_t n)
{
	const size_t count = store_fake_row_count(house->bench->rows);
	size_t at = 0;

	for (; at < count; at++)
		if (store_fake_row(house->bench->rows, at, NULL)->key.space == space &&
		    n-- == 0)
			break;
	assert_true(at < count);
	return at;
}

static void spoil(struct house *house, enum store_space space, size_t n)
{
	uint8_t *value;
	const size_t at = find_row(house, space, n);
	const size_t size = store_fake_row(house->bench->rows, at, &value)->size;

	value[size - 1] ^= 1;
}

static bool freezes(const struct house *house)
{
	return desk_incident_freezes(house->bench->desk);
}

static size_t count_of(enum incident_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < step_count; i++)
		count += steps[i].kind == kind;
	return count;
}

static bool has_cause(enum incident_cause cause)
{
	for (size_t i = 0; i < step_count; i++)
		if (steps[i].kind == INCIDENT_OPENED && steps[i].cause == cause)
			return true;
	return false;
}

/* --- what opens one --------------------------------------------------------------------- */

static void a_house_without_trouble_has_none(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_int_equal(play(&house, record_one(&house)), OK);
	ask_history(&house);
	read_steps(&house);
	assert_int_equal(step_count, 0);
	assert_false(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void a_recording_that_does_not_open_opens_one(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	assert_true(freezes(&house));
	read_steps(&house);
	assert_int_equal(step_count, 2);
	assert_int_equal(steps[0].kind, INCIDENT_OPENED);
	assert_int_equal(steps[0].cause, INCIDENT_DOES_NOT_OPEN);
	assert_memory_equal(steps[0].about.record.bytes, record.bytes, ID_BYTES);
	assert_false(id_is_none(steps[0].about.owner.bytes));
	assert_int_equal(steps[1].kind, INCIDENT_FROZEN);
	assert_memory_equal(steps[1].id.bytes, steps[0].id.bytes, ID_BYTES);
	desk_bench_destroy(house.bench);
}

static void a_transcript_in_the_history_does_so_too(void **state)
{
	struct house house = make_house();

	(void)state;
	record_one(&house);
	spoil(&house, STORE_RECORD, 1);
	ask_history(&house);
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* Also over a restart; another recording is another incident. */
static void each_recording_opens_one_while_that_is_open(void **state)
{
	struct house house = make_house();
	const struct record_id one = record_one(&house);
	const struct record_id other = record_one(&house);

	(void)state;
	spoil(&house, STORE_EPOCH, 0);
	assert_int_equal(play(&house, one), ERR_AUTH);
	assert_int_equal(play(&house, one), ERR_AUTH);
	read_steps(&house);
	assert_int_equal(count_of(INCIDENT_OPENED), 1);
	desk_bench_restart(house.bench);
	sign_in(&house);
	assert_true(freezes(&house));
	assert_int_equal(play(&house, one), ERR_AUTH);
	read_steps(&house);
	assert_int_equal(count_of(INCIDENT_OPENED), 1);
	assert_int_equal(play(&house, other), ERR_AUTH);
	read_steps(&house);
	assert_int_equal(count_of(INCIDENT_OPENED), 2);
	desk_bench_destroy(house.bench);
}

/* Whoever has deleted it, or never had it: nothing is wrong with what is stored. */
static void a_recording_that_is_not_there_opens_none(void **state)
{
	struct house house = make_house();

	(void)state;
	assert_int_equal(play(&house, (struct record_id){{1}}), ERR_MISSING);
	assert_false(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void a_journal_that_was_cut_short_opens_one(void **state)
{
	struct house house = make_house();
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
		count += store_fake_row(house.bench->rows, i, NULL)->key.space ==
			 STORE_JOURNAL;
	store_fake_remove(house.bench->rows, find_row(&house, STORE_JOURNAL, count - 1));
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	read_steps(&house);
	assert_int_equal(steps[0].cause, INCIDENT_JOURNAL_NOT_WHOLE);
	desk_bench_destroy(house.bench);
}

static void a_journal_that_does_not_verify_opens_one(void **state)
{
	struct house house = make_house();

	(void)state;
	spoil(&house, STORE_JOURNAL, 1);
	assert_false(freezes(&house));
	desk_bench_say(house.bench, house.alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(house.bench);
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void a_policy_that_is_not_believed_opens_one(void **state)
{
	struct house house = make_house();

	(void)state;
	spoil(&house, STORE_POLICY, 0);
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	read_steps(&house);
	assert_int_equal(steps[0].cause, INCIDENT_FOREIGN_ROW);
	desk_bench_destroy(house.bench);
}

/* --- what nobody undoes ----------------------------------------------------------------- */

/* With a SQL prompt: each row of it spoilt, exchanged, or taken away before the last. */
static void spoilt_steps_do_not_thaw_and_are_an_incident(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		struct house house = make_house();
		const struct record_id record = record_one(&house);

		spoil(&house, STORE_RECORD, 0);
		assert_int_equal(play(&house, record), ERR_AUTH);
		spoil(&house, STORE_INCIDENT, n);
		desk_bench_restart(house.bench);
		assert_true(freezes(&house));
		read_steps(&house);
		assert_true(has_cause(INCIDENT_FOREIGN_ROW));
		/* And that one is loaded like any other. */
		desk_bench_restart(house.bench);
		assert_true(freezes(&house));
		desk_bench_destroy(house.bench);
	}
}

static void exchanged_and_missing_steps_do_not_thaw(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);
	const size_t copies = 3;

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	store_fake_swap_values(house.bench->rows, find_row(&house, STORE_INCIDENT, 0),
			       find_row(&house, STORE_INCIDENT, 1));
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	for (size_t i = 0; i < copies; i++) {
		store_fake_remove(house.bench->rows, find_row(&house, STORE_INCIDENT, 0));
		desk_bench_restart(house.bench);
		assert_true(freezes(&house));
	}
	desk_bench_destroy(house.bench);
}

/* One taken out of the middle is missed, and the steps go on behind the last. */
static void a_step_that_was_taken_out_is_missed(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	sign_in(&house);
	read_steps(&house);
	assert_int_equal(step_count, 3);
	assert_int_equal(count_of(INCIDENT_TOLD), 1);
	store_fake_remove(house.bench->rows, find_row(&house, STORE_INCIDENT, 1));
	desk_bench_restart(house.bench);
	read_steps(&house);
	assert_true(has_cause(INCIDENT_FOREIGN_ROW));
	assert_int_equal(count_of(INCIDENT_FROZEN), 2); /* of both, anew */
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

static void verify(struct house *house)
{
	desk_bench_say(house->bench, house->alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(house->bench);
	while (desk_bench_take(house->alice))
		continue;
}

/* All of it taken away: the start does not miss it, who walks the journal does. */
static void one_that_was_taken_away_is_missed_by_the_journal(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	verify(&house);
	read_steps(&house);
	assert_int_equal(count_of(INCIDENT_OPENED), 1); /* nothing is missing yet */
	for (size_t i = 0; i < 2; i++)
		store_fake_remove(house.bench->rows, find_row(&house, STORE_INCIDENT, 0));
	desk_bench_restart(house.bench);
	assert_false(freezes(&house));
	sign_in(&house);
	verify(&house);
	assert_true(freezes(&house));
	read_steps(&house);
	assert_true(has_cause(INCIDENT_FOREIGN_ROW));
	desk_bench_destroy(house.bench);
}

/* The export's first answer that ends it: its reason, "" for an archive; static storage. */
static const char *export_all(struct house *house)
{
	const struct wire_export_begin begin = {.by_room = 1};
	static char reason[32];
	const struct wire_message *message;

	while (desk_bench_take(house->alice))
		continue;
	desk_bench_say(house->bench, house->alice, WIRE_export_begin, &begin);
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	reason[0] = '\0';
	if (message->type == WIRE_refused)
		must(str_copy(reason, sizeof(reason), message->refused.reason));
	else if (message->type == WIRE_export_over)
		must(str_copy(reason, sizeof(reason), message->export_over.reason));
	else
		assert_int_equal(message->type, WIRE_export_plan);
	return reason;
}

/* So that nothing leaves in between: neither before nor after somebody has looked. */
static void no_archive_leaves_when_one_was_taken_away(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	spoil(&house, STORE_RECORD, 0); /* and as it was */
	for (size_t i = 0; i < 2; i++)
		store_fake_remove(house.bench->rows, find_row(&house, STORE_INCIDENT, 0));
	desk_bench_restart(house.bench);
	sign_in(&house);
	assert_false(freezes(&house));
	assert_string_equal(export_all(&house), "FROZEN");
	assert_true(freezes(&house));
	assert_string_equal(export_all(&house), "EXPORT_FROZEN");
	desk_bench_destroy(house.bench);
}

/* And without anybody asking, in the minutes after the start. */
static void the_keeper_looks_by_itself(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	assert_int_equal(play(&house, record), ERR_AUTH);
	desk_bench_restart(house.bench);
	for (size_t i = 0; i < 8; i++) {
		desk_tick(house.bench->desk);
		desk_bench_settle(house.bench);
	}
	read_steps(&house);
	assert_int_equal(count_of(INCIDENT_OPENED), 1); /* nothing is missing */
	while (step_count-- > 0)
		store_fake_remove(house.bench->rows, find_row(&house, STORE_INCIDENT, 0));
	desk_bench_restart(house.bench);
	assert_false(freezes(&house));
	for (size_t i = 0; i < 8; i++) {
		desk_tick(house.bench->desk);
		desk_bench_settle(house.bench);
	}
	assert_true(freezes(&house));
	read_steps(&house);
	assert_true(has_cause(INCIDENT_FOREIGN_ROW));
	desk_bench_destroy(house.bench);
}

/* --- what fails ------------------------------------------------------------------------- */

/* It is known: that it cannot be written down thaws nothing, and it is written later. */
static void what_cannot_be_written_freezes_all_the_same(void **state)
{
	struct house house = make_house();
	const struct record_id record = record_one(&house);

	(void)state;
	spoil(&house, STORE_RECORD, 0);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	assert_int_equal(play(&house, record), ERR_AUTH);
	read_steps(&house);
	assert_int_equal(step_count, 0);
	assert_true(freezes(&house));
	store_fake_heal(house.bench->rows);
	desk_tick(house.bench->desk);
	desk_bench_settle(house.bench);
	read_steps(&house);
	assert_int_equal(step_count, 2);
	desk_bench_destroy(house.bench);
}

/* Killed after each write in turn: what is due by itself is there after the next start, once. */
static void a_kill_between_steps_loses_none(void **state)
{
	(void)state;
	for (size_t writes = 1; writes < 4; writes++) {
		struct house house = make_house();
		const struct record_id record = record_one(&house);

		spoil(&house, STORE_RECORD, 0);
		store_fake_fail_after(house.bench->rows, writes - 1, ERR_IO, false);
		(void)play(&house, record);
		store_fake_heal(house.bench->rows);
		desk_bench_restart(house.bench);
		sign_in(&house);
		assert_int_equal(play(&house, record), ERR_AUTH);
		read_steps(&house);
		for (size_t i = 0; i < step_count; i++)
			assert_int_equal(steps[i].number, i + 1);
		assert_int_equal(count_of(INCIDENT_OPENED), 1);
		assert_int_equal(count_of(INCIDENT_FROZEN), 1);
		desk_bench_destroy(house.bench);
	}
}

/* Many recordings at once: no more incidents than there is room for, none lost in silence. */
static void more_than_there_is_room_for_is_counted(void **state)
{
	struct house house = make_house();
	size_t events = 0;

	(void)state;
	for (size_t i = 0; i < DESK_INCIDENTS_MAX + 5; i++)
		desk_incident_open(house.bench->desk, INCIDENT_EXPORT_MISMATCH,
				   (struct record_id){{(uint8_t)(i + 1)}}, NULL);
	desk_bench_settle(house.bench);
	assert_true(freezes(&house));
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
		events += store_fake_row(house.bench->rows, i, NULL)->key.space ==
			  STORE_INCIDENT;
	assert_int_equal(events, 2 * DESK_INCIDENTS_MAX);
	assert_int_equal(house.bench->desk->incidents_more, 5);
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	assert_int_equal(house.bench->desk->incident_count, DESK_INCIDENTS_MAX);
	desk_bench_destroy(house.bench);
}

/* --- what the store holds --------------------------------------------------------------- */

/* A step as the keeper would have written it, under a key with so many bytes more. */
static void put_step(struct house *house, const struct incident_step *step, size_t more)
{
	const struct incident_place place = {.household = house->bench->household,
					     .house_key = secret_view(
						     house->bench->house_key)};
	const size_t at = find_row(house, STORE_JOURNAL, 0);
	struct store_row row = *store_fake_row(house->bench->rows, at, NULL);
	uint8_t bytes[INCIDENT_ROW_BYTES_MAX];

	assert_int_equal(incident_row_write(&place, step, secret_view(house->bench->seed),
					    bytes, &row.size),
			 OK);
	row.value = bytes;
	row.key.space = STORE_INCIDENT;
	memset(row.key.bytes, 0, sizeof(row.key.bytes));
	incident_row_key(step, row.key.bytes);
	row.key.size = INCIDENT_KEY_BYTES + more;
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static struct incident_step step_of(uint8_t incident, uint16_t number,
				    enum incident_kind kind)
{
	return (struct incident_step){.id = {{incident}},
				      .number = number,
				      .kind = kind,
				      .at_ms = 1000,
				      .cause = INCIDENT_REPORTED};
}

/* What comes in an order in which the keeper writes nothing is an incident of its own. */
static void steps_that_do_not_follow_are_an_incident(void **state)
{
	static const struct {
		enum incident_kind first;
		enum incident_kind second;
		size_t count;
		size_t more; /* bytes of the last one's key */
		bool is_fine;
	} cases[] = {
		{INCIDENT_OPENED, INCIDENT_CLOSED, 2, 0, true},
		{INCIDENT_MEASURE, 0, 1, 0, false},
		{INCIDENT_OPENED, INCIDENT_OPENED, 2, 0, false},
		{INCIDENT_CLOSED, 0, 1, 0, false},
		{INCIDENT_OPENED, INCIDENT_MEASURE, 2, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(cases); i++) {
		struct house house = make_house();
		const struct incident_step first = step_of(7, 1, cases[i].first);
		const struct incident_step second = step_of(7, 2, cases[i].second);

		put_step(&house, &first, 0);
		if (cases[i].count > 1)
			put_step(&house, &second, cases[i].more);
		desk_bench_restart(house.bench);
		read_steps(&house);
		if (has_cause(INCIDENT_FOREIGN_ROW) == cases[i].is_fine ||
		    freezes(&house) == cases[i].is_fine)
			fail_msg("case %zu", i);
		desk_bench_destroy(house.bench);
	}
}

static void nothing_follows_the_last_step(void **state)
{
	static const enum incident_kind kinds[] = {INCIDENT_OPENED, INCIDENT_CLOSED,
						   INCIDENT_MEASURE};
	struct house house = make_house();

	(void)state;
	for (uint16_t i = 0; i < STR_COUNT(kinds); i++) {
		const struct incident_step step = step_of(7, (uint16_t)(i + 1), kinds[i]);

		put_step(&house, &step, 0);
	}
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	read_steps(&house);
	assert_true(has_cause(INCIDENT_FOREIGN_ROW));
	desk_bench_destroy(house.bench);
}

/* Those that are known freeze. */
static void more_than_there_is_room_for_are_stored(void **state)
{
	struct house house = make_house();

	(void)state;
	for (uint8_t i = 1; i <= DESK_INCIDENTS_MAX + 3; i++) {
		const struct incident_step step = step_of(i, 1, INCIDENT_OPENED);

		put_step(&house, &step, 0);
	}
	desk_bench_restart(house.bench);
	assert_true(freezes(&house));
	assert_int_equal(house.bench->desk->incident_count, DESK_INCIDENTS_MAX);
	desk_bench_destroy(house.bench);
}

/* What was found while loading freezes from then on, before it is an incident; and nothing
 * is written yet, of those that were there neither. */
static void what_is_found_while_loading_freezes_at_once(void **state)
{
	const struct incident_step wrong = step_of(5, 1, INCIDENT_MEASURE);
	const struct incident_step open = step_of(7, 1, INCIDENT_OPENED);

	(void)state;
	for (size_t others = 0; others < 2; others++) {
		struct house house = make_house();

		put_step(&house, &wrong, 0);
		if (others > 0)
			put_step(&house, &open, 0);
		desk_bench_begin_restart(house.bench);
		while (!freezes(&house)) {
			assert_int_equal(house.bench->desk->state, DESK_LOADING);
			store_step(&house.bench->store);
		}
		assert_int_equal(house.bench->desk->state, DESK_LOADING);
		assert_int_equal(house.bench->desk->incident_count, others);
		desk_tick(house.bench->desk);
		assert_null(house.bench->desk->queue_first);
		read_steps(&house);
		assert_int_equal(step_count, 1 + others);
		desk_bench_settle(house.bench);
		read_steps(&house);
		assert_true(has_cause(INCIDENT_FOREIGN_ROW));
		desk_bench_destroy(house.bench);
	}
}

/* --- the journal's word ----------------------------------------------------------------- */

static struct event event_of(uint8_t first, uint8_t second, const char *step)
{
	const uint8_t id[ID_BYTES] = {first, second};
	struct event event = {.kind = EVENT_INCIDENT};
	char text[ID_TEXT_BYTES];

	id_to_text(text, id);
	event_add(&event, "incident", text);
	event_add(&event, "step", step);
	return event;
}

static void tell(struct desk_incident_audit *audit, uint8_t first, uint8_t second,
		 const char *step)
{
	const struct event event = event_of(first, second, step);

	desk_incident_audit_event(audit, &event);
}

static void an_audit_counts_what_is_open(void **state)
{
	struct house house = make_house();
	struct event other = event_of(4, 0, "opened");
	struct desk_incident_audit audit;

	(void)state;
	desk_incident_audit_begin(house.bench->desk, &audit);
	tell(&audit, 1, 0, "opened");
	tell(&audit, 2, 0, "opened");
	tell(&audit, 2, 0, "opened"); /* told twice, it is one */
	tell(&audit, 3, 0, "opened");
	assert_int_equal(audit.count, 3);
	tell(&audit, 2, 0, "measure");
	tell(&audit, 9, 0, "measure");
	tell(&audit, 9, 0, "closed");
	assert_int_equal(audit.count, 3);
	tell(&audit, 4, 0, "no step of any");
	other.field_count = 0;
	desk_incident_audit_event(&audit, &other);
	assert_int_equal(audit.count, 3);
	tell(&audit, 1, 0, "closed");
	tell(&audit, 3, 0, "closed");
	tell(&audit, 2, 0, "closed");
	assert_int_equal(audit.count, 0);
	desk_incident_audit_end(house.bench->desk, &audit);
	assert_false(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* What the whole journal comes to, with that byte from the end of each entry changed. */
static size_t count_open(struct house *house, size_t from_end, uint8_t by)
{
	struct desk_incident_audit audit;

	desk_incident_audit_begin(house->bench->desk, &audit);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		uint8_t *value;
		const struct store_row *row =
			store_fake_row(house->bench->rows, i, &value);

		if (row->key.space != STORE_JOURNAL)
			continue;
		value[row->size - 1 - from_end] ^= by;
		desk_incident_audit_row(house->bench->desk, &audit, row);
		value[row->size - 1 - from_end] ^= by;
	}
	return audit.count;
}

/* Entries that do not open, and rows that are none, tell of nothing. */
static void an_audit_believes_what_opens(void **state)
{
	static const uint8_t none[1];
	struct house house = make_house();
	struct desk_incident_audit audit;
	struct store_row row;

	(void)state;
	desk_incident_open(house.bench->desk, INCIDENT_EXPORT_MISMATCH,
			   (struct record_id){{0}}, NULL);
	desk_bench_settle(house.bench);
	assert_int_equal(count_open(&house, 0, 0), 1);
	assert_int_equal(count_open(&house, 0, 1), 0);
	row = *store_fake_row(house.bench->rows, find_row(&house, STORE_JOURNAL, 0),
			      NULL);
	row.value = none;
	row.size = sizeof(none);
	desk_incident_audit_begin(house.bench->desk, &audit);
	desk_incident_audit_row(house.bench->desk, &audit, &row);
	assert_int_equal(audit.count, 0);
	desk_bench_destroy(house.bench);
}

/* One that is closed while the journal is walked is missing as well: then it says nothing. */
static void an_audit_says_nothing_when_one_was_closed_meanwhile(void **state)
{
	struct house house = make_house();
	struct desk_incident_audit audit;

	(void)state;
	desk_incident_audit_begin(house.bench->desk, &audit);
	tell(&audit, 1, 0, "opened");
	house.bench->desk->incident_closings++;
	desk_incident_audit_end(house.bench->desk, &audit);
	assert_false(freezes(&house));
	desk_incident_audit_begin(house.bench->desk, &audit);
	tell(&audit, 1, 0, "opened");
	desk_incident_audit_end(house.bench->desk, &audit);
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

/* Of so many some are missing, whichever. */
static void an_audit_that_is_full_says_so(void **state)
{
	struct house house = make_house();
	struct desk_incident_audit audit;

	(void)state;
	desk_incident_audit_begin(house.bench->desk, &audit);
	for (size_t i = 0; i < STR_COUNT(audit.open) + 2; i++) {
		assert_int_equal(audit.is_full, i > STR_COUNT(audit.open));
		tell(&audit, (uint8_t)i, 1, "opened");
	}
	audit.count = 0;
	desk_incident_audit_end(house.bench->desk, &audit);
	assert_true(freezes(&house));
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_house_without_trouble_has_none),
		cmocka_unit_test(a_recording_that_does_not_open_opens_one),
		cmocka_unit_test(a_transcript_in_the_history_does_so_too),
		cmocka_unit_test(each_recording_opens_one_while_that_is_open),
		cmocka_unit_test(a_recording_that_is_not_there_opens_none),
		cmocka_unit_test(a_journal_that_was_cut_short_opens_one),
		cmocka_unit_test(a_journal_that_does_not_verify_opens_one),
		cmocka_unit_test(a_policy_that_is_not_believed_opens_one),
		cmocka_unit_test(spoilt_steps_do_not_thaw_and_are_an_incident),
		cmocka_unit_test(exchanged_and_missing_steps_do_not_thaw),
		cmocka_unit_test(a_step_that_was_taken_out_is_missed),
		cmocka_unit_test(one_that_was_taken_away_is_missed_by_the_journal),
		cmocka_unit_test(no_archive_leaves_when_one_was_taken_away),
		cmocka_unit_test(the_keeper_looks_by_itself),
		cmocka_unit_test(what_cannot_be_written_freezes_all_the_same),
		cmocka_unit_test(a_kill_between_steps_loses_none),
		cmocka_unit_test(more_than_there_is_room_for_is_counted),
		cmocka_unit_test(steps_that_do_not_follow_are_an_incident),
		cmocka_unit_test(nothing_follows_the_last_step),
		cmocka_unit_test(more_than_there_is_room_for_are_stored),
		cmocka_unit_test(what_is_found_while_loading_freezes_at_once),
		cmocka_unit_test(an_audit_counts_what_is_open),
		cmocka_unit_test(an_audit_believes_what_opens),
		cmocka_unit_test(an_audit_says_nothing_when_one_was_closed_meanwhile),
		cmocka_unit_test(an_audit_that_is_full_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
