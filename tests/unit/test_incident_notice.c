/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_notice: every cause has its consequences and all six sections; what was not found
 * is said to be so; and nothing that somebody said or reported is in it.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/incident_notice.h"

enum { STEPS = 6, NOW_S = 1800000000 };

static const int64_t OPENED_MS = (int64_t)NOW_S * 1000;
static const char SECRET[] = "he said that he is ill";

struct bench {
	struct wire_incident_row rows[STEPS];
	struct incident_view view;
	struct wire_incident_facts facts;
	struct buf text;
};

static void set(char *to, size_t size, const char *text)
{
	assert_true(str_copy(to, size, text));
}

static void add_step(struct bench *bench, enum incident_kind kind, const char *words)
{
	struct wire_incident_row *row = &bench->rows[bench->view.count++];

	row->id.bytes[0] = 7;
	row->number = (uint32_t)bench->view.count;
	row->at_ms = OPENED_MS;
	set(row->kind, sizeof(row->kind), incident_kind_text(kind));
	set(row->words, sizeof(row->words), words);
}

static void make(struct bench *bench, enum incident_cause cause)
{
	memset(bench, 0, sizeof(*bench));
	bench->view.rows = bench->rows;
	add_step(bench, INCIDENT_OPENED, SECRET);
	set(bench->rows[0].cause, sizeof(bench->rows[0].cause),
	    incident_cause_text(cause));
	bench->facts.owners = 2;
	buf_init(&bench->text, INCIDENT_NOTICE_BYTES_MAX);
}

static const char *draft(struct bench *bench, int64_t hours)
{
	buf_finish(&bench->text);
	buf_init(&bench->text, INCIDENT_NOTICE_BYTES_MAX);
	assert_int_equal(incident_notice_write(&bench->view, &bench->facts,
					       OPENED_MS + hours * 3600 * 1000,
					       &bench->text),
			 OK);
	return (const char *)bench->text.bytes;
}

static bool has(const struct bench *bench, const char *text)
{
	return strstr((const char *)bench->text.bytes, text) != NULL;
}

static void every_cause_has_all_sections(void **state)
{
	static const char *const sections[] = {
		"1. What happened",      "2. Whose data",
		"3. What may follow",    "4. What was done",
		"5. Whom to ask",        "6. The authority",
		"recordings of voices,", "may concern each of the 2 owners",
	};
	struct bench bench;

	(void)state;
	for (enum incident_cause cause = 0; cause < INCIDENT_CAUSE_COUNT; cause++) {
		const char *follows;

		make(&bench, cause);
		follows = strstr(draft(&bench, 1), "3. What may follow from it\n\n");
		for (size_t i = 0; i < STR_COUNT(sections); i++)
			assert_true(has(&bench, sections[i]));
		assert_non_null(follows);
		/* Words of its own, and not the next heading. */
		assert_int_not_equal(follows[strlen("3. What may follow from it\n\n")],
				     '\n');
		buf_finish(&bench.text);
	}
}

/* Not the words that came with a report, nor an answer to them. */
static void it_never_quotes_what_was_said(void **state)
{
	struct bench bench;

	(void)state;
	for (enum incident_kind kind = 0; kind < INCIDENT_KIND_COUNT; kind++) {
		make(&bench, INCIDENT_REPORTED);
		if (kind != INCIDENT_OPENED)
			add_step(&bench, kind, SECRET);
		set(bench.rows[0].entry, sizeof(bench.rows[0].entry), SECRET);
		(void)draft(&bench, 1);
		/* A measure is the owner's own text, made for this. */
		assert_int_equal(has(&bench, SECRET), kind == INCIDENT_MEASURE);
		buf_finish(&bench.text);
	}
}

static void it_says_what_whose_how_many_since_when(void **state)
{
	struct bench bench;

	(void)state;
	make(&bench, INCIDENT_REPORTED);
	set(bench.facts.owner, sizeof(bench.facts.owner), "Anna");
	bench.facts.recordings = 1700;
	bench.facts.first_ms = OPENED_MS - 86400000;
	bench.facts.last_ms = OPENED_MS;
	bench.facts.exports = 3;
	bench.facts.record_ms = OPENED_MS;
	set(bench.facts.record_room, sizeof(bench.facts.record_room), "bathroom");
	bench.rows[0].export.bytes[0] = 1;
	bench.facts.export_ms = OPENED_MS;
	bench.facts.export_count = 50;
	set(bench.facts.export_owner, sizeof(bench.facts.export_owner), "Bert");
	(void)draft(&bench, 1);
	assert_true(has(&bench, "one person: Anna."));
	assert_true(has(&bench, "1700 recordings, from "));
	assert_true(has(&bench, "handed out so far: 3."));
	assert_true(has(&bench, "in the room \"bathroom\""));
	assert_true(has(&bench, "to Bert; it holds 50 recordings"));
	assert_true(has(&bench, "not of this house reported"));
	bench.facts.export_ms = 0;
	bench.facts.recordings = 0;
	(void)draft(&bench, 1);
	assert_true(has(&bench, "not one that this house's journal knows"));
	assert_true(has(&bench, "No recordings of theirs are kept now"));
	buf_finish(&bench.text);
}

static void the_clock_is_said_as_it_stands(void **state)
{
	struct bench bench;

	(void)state;
	make(&bench, INCIDENT_DOES_NOT_OPEN);
	(void)draft(&bench, 1);
	assert_true(has(&bench, "a household need not tell"));
	add_step(&bench, INCIDENT_CLOCK, "");
	set(bench.facts.operator_name, sizeof(bench.facts.operator_name), "Co-op");
	set(bench.facts.operator_contact, sizeof(bench.facts.operator_contact), "a@b.c");
	(void)draft(&bench, 70);
	assert_true(has(&bench, "(2 h 0 min left)"));
	assert_true(has(&bench, "Co-op, a@b.c"));
	(void)draft(&bench, 73);
	assert_true(has(&bench, "say why it is late"));
	add_step(&bench, INCIDENT_NOTIFIED, "");
	set(bench.rows[2].reference, sizeof(bench.rows[2].reference), "AZ 9");
	(void)draft(&bench, 80);
	assert_true(has(&bench, "its reference is AZ 9"));
	buf_finish(&bench.text);
}

static void it_holds_to_its_limit(void **state)
{
	struct bench bench;
	struct buf small;

	(void)state;
	make(&bench, INCIDENT_REPORTED);
	buf_init(&small, 100);
	assert_int_equal(incident_notice_write(&bench.view, &bench.facts, 0, &small),
			 ERR_LIMIT);
	buf_finish(&small);
	buf_finish(&bench.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_has_all_sections),
		cmocka_unit_test(it_never_quotes_what_was_said),
		cmocka_unit_test(it_says_what_whose_how_many_since_when),
		cmocka_unit_test(the_clock_is_said_as_it_stands),
		cmocka_unit_test(it_holds_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
