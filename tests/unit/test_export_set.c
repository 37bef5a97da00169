/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_export_set - which recordings are an owner's, out of the journal's words alone: what
 * it says of others, twice, of nothing or in a form that no keeper writes; and the pages
 * about them, which end where their room does.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "keeper/export_page.h"
#include "keeper/export_set.h"

enum { PAGE_BYTES = 64 * 1024, DAY_MS = 24 * 3600 * 1000 };

static const struct owner_id ALICE = {{1}};
static const struct owner_id BOB = {{2}};
static struct export_set set;

static struct record_id id_of(uint8_t number)
{
	return (struct record_id){{number, 7}};
}

static void add_id(struct event *event, const char *name, const uint8_t *id)
{
	char text[ID_TEXT_BYTES];

	id_to_text(text, id);
	event_add(event, name, text);
}

static struct event event_of(enum event_kind kind, struct owner_id owner, uint8_t number)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){number}, "kitchen", 5);
	add_id(&event, "owner", owner.bytes);
	add_id(&event, "record", id_of(number).bytes);
	return event;
}

static struct event recorded(struct owner_id owner, uint8_t number, const char *by)
{
	struct event event = event_of(EVENT_RECORDED, owner, number);

	event_add(&event, "by", by);
	return event;
}

static void begin(bool by_room)
{
	assert_int_equal(export_set_init(&set, ALICE, by_room), OK);
}

static void take(uint64_t place, struct event event)
{
	assert_int_equal(export_set_take(&set, place, &event), OK);
}

static bool has(uint8_t number)
{
	const struct export_record *found = export_set_find(&set, id_of(number));

	return found && export_set_wants(&set, found);
}

static void it_is_what_was_recorded_and_not_ended(void **state)
{
	(void)state;
	begin(true);
	take(1, recorded(ALICE, 1, "session"));
	take(2, recorded(BOB, 2, "session"));
	take(3, recorded(ALICE, 3, "session"));
	take(4, event_of(EVENT_DELETED, ALICE, 3));
	take(5, event_of(EVENT_DELETED, BOB, 1));   /* not theirs to delete */
	take(6, event_of(EVENT_DELETED, ALICE, 9)); /* of nothing */
	take(7, event_of(EVENT_ERASED, BOB, 0));
	take(8, event_of(EVENT_DECIDED, ALICE, 1));
	assert_int_equal(export_set_settle(&set), OK);
	assert_true(has(1));
	assert_false(has(2) || has(3) || has(9));
	assert_int_equal(export_set_wanted(&set), 1);
	assert_true(export_set_wants_turn(&set, (struct turn_id){1}));
	assert_false(export_set_wants_turn(&set, (struct turn_id){2}));
	assert_string_equal(export_set_room_name(&set, &set.records[0]), "kitchen");
	export_set_finish(&set);
}

static void what_was_erased_is_dead_and_what_came_after_is_not(void **state)
{
	(void)state;
	begin(true);
	take(1, recorded(ALICE, 1, "session"));
	take(2, event_of(EVENT_ERASED, ALICE, 0));
	take(3, recorded(ALICE, 2, "session"));
	assert_int_equal(export_set_settle(&set), OK);
	assert_false(has(1));
	assert_true(has(2));
	export_set_begin_pass(&set);
	assert_memory_equal(export_set_missing(&set)->record.bytes, id_of(2).bytes,
			    ID_BYTES);
	export_set_find(&set, id_of(2))->seen = EXPORT_BOTH;
	assert_null(export_set_missing(&set));
	export_set_finish(&set);
}

static void private_ones_are_wanted_when_asked_for(void **state)
{
	(void)state;
	for (unsigned by_room = 0; by_room < 2; by_room++) {
		begin(by_room);
		take(1, recorded(ALICE, 1, "room"));
		take(2, recorded(ALICE, 2, "device"));
		assert_int_equal(export_set_settle(&set), OK);
		assert_int_equal(has(1), by_room);
		assert_true(has(2));
		assert_int_equal(export_set_wants_turn(&set, (struct turn_id){1}),
				 by_room);
		export_set_finish(&set);
	}
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	begin(true);
	assert_int_equal(export_set_settle(&set), OK);
	assert_null(export_set_find(&set, id_of(1)));
	assert_false(export_set_wants_turn(&set, (struct turn_id){1}));
	export_set_finish(&set);
}

/* One id twice: whose rows would it be? */
static void twice_recorded_is_refused(void **state)
{
	(void)state;
	begin(true);
	take(1, recorded(ALICE, 1, "room"));
	take(2, recorded(ALICE, 1, "room"));
	assert_int_equal(export_set_settle(&set), ERR_FORMAT);
	export_set_finish(&set);
}

static void what_no_keeper_writes_is_refused(void **state)
{
	struct event event;

	(void)state;
	begin(true);
	event = recorded(ALICE, 1, "somebody whom nobody knows");
	assert_int_equal(export_set_take(&set, 1, &event), ERR_FORMAT);
	event = recorded(ALICE, 1, "room");
	event_add(&event, "sealed", "no hash");
	assert_int_equal(export_set_take(&set, 1, &event), ERR_FORMAT);
	for (enum event_kind kind = EVENT_RECORDED;; kind = EVENT_DELETED) {
		event_init(&event, kind, (struct turn_id){1}, "", 5);
		add_id(&event, "owner", ALICE.bytes);
		event_add(&event, "record", "number one");
		assert_int_equal(export_set_take(&set, 1, &event), ERR_FORMAT);
		assert_int_equal(export_set_take_later(&set, &event), ERR_FORMAT);
		event_init(&event, kind, (struct turn_id){1}, "", 5);
		event_add(&event, "owner", "alice");
		assert_int_equal(export_set_take(&set, 1, &event), OK); /* not hers */
		if (kind == EVENT_DELETED)
			break;
	}
	assert_int_equal(set.count + set.ended_count, 0);
	export_set_finish(&set);
}

/* Rows that it did not know are explained by what the journal got since. */
static void later_words_clear_doubts(void **state)
{
	struct event event;

	(void)state;
	begin(true);
	take(1, recorded(ALICE, 1, "room"));
	assert_int_equal(export_set_settle(&set), OK);
	assert_true(export_set_doubt(&set, id_of(5)));
	assert_true(export_set_doubt(&set, id_of(6)));
	assert_true(export_set_doubt(&set, id_of(5)));
	assert_int_equal(set.later_count, 2);
	event = recorded(BOB, 5, "room");
	assert_int_equal(export_set_take_later(&set, &event), OK);
	assert_int_equal(set.later_count, 2);
	event = recorded(ALICE, 5, "room");
	assert_int_equal(export_set_take_later(&set, &event), OK);
	assert_int_equal(set.later_count, 1);
	event = event_of(EVENT_DELETED, ALICE, 6);
	assert_int_equal(export_set_take_later(&set, &event), OK);
	assert_int_equal(set.later_count, 0);
	event = event_of(EVENT_DELETED, ALICE, 1);
	assert_int_equal(export_set_take_later(&set, &event), OK);
	assert_true(set.records[0].is_gone);
	assert_null(export_set_missing(&set));
	export_set_finish(&set);
}

static void erasing_all_clears_every_doubt(void **state)
{
	const struct event erased = event_of(EVENT_ERASED, ALICE, 0);
	const struct event other = event_of(EVENT_DECIDED, ALICE, 0);

	(void)state;
	begin(true);
	take(1, recorded(ALICE, 1, "room"));
	assert_int_equal(export_set_settle(&set), OK);
	assert_true(export_set_doubt(&set, id_of(5)));
	assert_int_equal(export_set_take_later(&set, &other), OK);
	assert_int_equal(set.later_count, 1);
	assert_int_equal(export_set_take_later(&set, &erased), OK);
	assert_int_equal(set.later_count, 0);
	assert_true(set.records[0].is_gone);
	export_set_finish(&set);
}

/* Lists, rooms and words have limits; what is behind them is refused or has no name. */
static void it_keeps_no_more_than_it_may(void **state)
{
	struct event event;

	(void)state;
	begin(true);
	for (unsigned i = 0; i <= EXPORT_ROOMS_MAX; i++) {
		char room[NAME_BYTES];

		assert_true(str_format(room, sizeof(room), "room %u", i));
		(void)export_set_room(&set, room);
	}
	assert_int_equal(set.room_count, EXPORT_ROOMS_MAX);
	event = recorded(ALICE, 1, "room");
	take(1, event);
	assert_string_equal(export_set_room_name(&set, &set.records[0]), "");
	set.words_bytes = EXPORT_WORDS_BYTES_MAX;
	assert_int_equal(export_set_keep_words(&set, &set.records[0], "a", 1), ERR_LIMIT);
	set.words_bytes = 0;
	assert_int_equal(export_set_keep_words(&set, &set.records[0], "a", 1), OK);
	assert_int_equal(export_set_keep_words(&set, &set.records[0], "bc", 2), OK);
	assert_string_equal(set.records[0].words, "bc");
	set.later_count = EXPORT_LATER_MAX;
	assert_false(export_set_doubt(&set, id_of(9)));
	set.later_count = 0;
	/* As if so many were there. */
	set.count = EXPORT_RECORDINGS_MAX;
	set.capacity = EXPORT_RECORDINGS_MAX;
	assert_int_equal(export_set_take(&set, 2, &event), ERR_LIMIT);
	set.count = 1;
	set.turn_count = EXPORT_RECORDINGS_MAX;
	set.turn_capacity = EXPORT_RECORDINGS_MAX;
	set.capacity = 256;
	assert_int_equal(export_set_take(&set, 2, &event), ERR_LIMIT);
	export_set_finish(&set);
}

/* --- pages ------------------------------------------------------------------------------ */

struct page {
	struct export_about about;
	struct export_record records[5];
};

static struct page make_page(void)
{
	struct page page = {
		.about = {.owner = "alice & <bob>",
			  .made_ms = 1000,
			  .recordings = 5,
			  .left_out = 2,
			  .retention_days = 30,
			  .operator_name = "",
			  .operator_contact = ""},
		.records = {{.record = id_of(1), .is_private = true, .has_sealed = true},
			    {.record = id_of(2), .is_private = false},
			    {.record = id_of(3), .at_ms = 5},
			    {.record = id_of(4), .at_ms = DAY_MS},
			    {.record = id_of(5), .at_ms = INT64_MAX}},
	};
	static char words[] = "it's \"so\"";
	static char none[] = "";

	page.records[1].words = words;
	page.records[2].words = none;
	page.records[3].turn.value = 7;
	return page;
}

static enum err write_page(const struct page *page, struct buf *to)
{
	const struct export_record *before = NULL;
	enum err err = export_index_begin(&page->about, to);

	for (size_t i = 0; !err && i < STR_COUNT(page->records); i++) {
		err = export_index_row(&set, before, &page->records[i], to);
		before = &page->records[i];
	}
	if (!err)
		err = export_index_end(&page->about, to);
	for (size_t i = 0; !err && i < STR_COUNT(page->records); i++)
		err = export_line_recording(&set, &page->records[i], to);
	if (!err)
		err = export_line_about(&page->about, to);
	if (!err)
		err = export_about_page(&page->about, to);
	return err ? err : export_about_text(&page->about, to);
}

static bool says(const struct buf *page, const char *words)
{
	return memmem(page->bytes, page->size, words, strlen(words)) != NULL;
}

static void pages_say_what_is_so(void **state)
{
	struct page page = make_page();
	struct buf text;

	(void)state;
	begin(true);
	buf_init(&text, PAGE_BYTES);
	assert_int_equal(write_page(&page, &text), OK);
	assert_true(
		says(&text, "Of alice &amp; &lt;bob&gt;, made 1970-01-01T00:00:01Z: 5"));
	assert_true(says(&text, "<h2>1970-01-01, by room</h2>"));
	assert_true(says(&text, "</ul>\n<h2>1970-01-01</h2>"));
	assert_true(says(&text, "</ul>\n<h2>1970-01-02</h2>"));
	assert_true(says(&text, "it&#39;s &quot;so&quot;"));
	assert_true(says(&text, "destroyed after 30 days"));
	assert_true(says(&text, "A household that runs this for itself"));
	assert_true(says(&text, "\"operator\":null"));
	buf_clear(&text);
	page.about.recordings = 1;
	page.about.by_room = true;
	page.about.retention_days = 0;
	page.about.operator_name = "A hotel";
	assert_int_equal(write_page(&page, &text), OK);
	assert_true(says(&text, ": 1 recording. Times"));
	assert_true(says(&text, "You chose that nothing is kept"));
	assert_true(says(&text, "A hotel. To be reached at: (no address is set)."));
	buf_clear(&text);
	page.about.recordings = 0;
	page.about.operator_contact = "its@address";
	assert_int_equal(write_page(&page, &text), OK);
	assert_true(says(&text, "There are no recordings"));
	assert_true(says(&text, "A hotel. To be reached at: its@address."));
	buf_finish(&text);
	export_set_finish(&set);
}

/* Wherever their room ends, they say so. */
static void a_page_that_finds_no_room_fails(void **state)
{
	const struct page page = make_page();
	struct buf text;
	size_t size;

	(void)state;
	begin(true);
	buf_init(&text, PAGE_BYTES);
	assert_int_equal(write_page(&page, &text), OK);
	size = text.size;
	buf_finish(&text);
	for (size_t most = 0; most < size; most++) {
		buf_init(&text, most);
		assert_int_equal(write_page(&page, &text), ERR_LIMIT);
		buf_finish(&text);
	}
	export_set_finish(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_was_recorded_and_not_ended),
		cmocka_unit_test(what_was_erased_is_dead_and_what_came_after_is_not),
		cmocka_unit_test(private_ones_are_wanted_when_asked_for),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(twice_recorded_is_refused),
		cmocka_unit_test(what_no_keeper_writes_is_refused),
		cmocka_unit_test(later_words_clear_doubts),
		cmocka_unit_test(erasing_all_clears_every_doubt),
		cmocka_unit_test(it_keeps_no_more_than_it_may),
		cmocka_unit_test(pages_say_what_is_so),
		cmocka_unit_test(a_page_that_finds_no_room_fails),
	};

	return cmocka_run_group_tests_name("export_set", tests, NULL, NULL);
}
