/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: what was begun, and how it ended, is known after any end; a cut last row is
 * dropped; a full one goes on with its newest half; the layout before is read.
 */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "gate/ledger.h"

enum { HEAD_BYTES = 16, ROW_BYTES = 17 }; /* docs/FORMATS.md */

struct place {
	char folder[64];
	char path[96];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	assert_true(str_copy(place->folder, sizeof(place->folder),
			     "/tmp/behest-ledger-XXXXXX"));
	assert_non_null(mkdtemp(place->folder));
	assert_true(
		str_format(place->path, sizeof(place->path), "%s/ledger", place->folder));
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	const int failed = folder_remove(place->folder);

	free(place);
	return failed;
}

static struct proposal_id id_of(unsigned number)
{
	struct proposal_id id = {{0}};

	id.bytes[0] = (uint8_t)(number >> 8);
	id.bytes[1] = (uint8_t)number;
	id.bytes[2] = 1;
	return id;
}

static struct ledger *open_at(const struct place *place)
{
	struct ledger *ledger = NULL;
	struct err_note note = {""};

	if (ledger_open(place->path, &ledger, &note))
		fail_msg("%s", note.text);
	return ledger;
}

static bool has(const struct ledger *ledger, struct proposal_id id)
{
	enum err outcome;

	return ledger_find(ledger, id, &outcome);
}

static enum err outcome_of(const struct ledger *ledger, struct proposal_id id)
{
	enum err outcome = OK;

	assert_true(ledger_find(ledger, id, &outcome));
	return outcome;
}

static void what_was_begun_is_known_again(void **state)
{
	struct ledger *ledger = open_at(*state);

	assert_false(has(ledger, id_of(1)));
	assert_int_equal(ledger_begin(ledger, id_of(1)), OK);
	assert_true(has(ledger, id_of(1)));
	ledger_close(ledger);
	ledger = open_at(*state);
	assert_true(has(ledger, id_of(1)));
	assert_false(has(ledger, id_of(2)));
	ledger_close(ledger);
}

static void a_cut_row_is_dropped(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_at(place);

	assert_int_equal(ledger_begin(ledger, id_of(1)), OK);
	assert_int_equal(ledger_begin(ledger, id_of(2)), OK);
	ledger_close(ledger);
	assert_int_equal(truncate(place->path, HEAD_BYTES + ROW_BYTES + 5), 0);
	ledger = open_at(place);
	assert_true(has(ledger, id_of(1)));
	assert_false(has(ledger, id_of(2)));
	assert_int_equal(ledger_begin(ledger, id_of(3)), OK);
	ledger_close(ledger);
	ledger = open_at(place);
	assert_true(has(ledger, id_of(3))); /* not shifted by the half row */
	ledger_close(ledger);
}

static void how_it_ended_is_known_again(void **state)
{
	struct ledger *ledger = open_at(*state);

	for (unsigned i = 0; i < ERR_COUNT; i++) {
		assert_int_equal(ledger_begin(ledger, id_of(i)), OK);
		assert_int_equal(outcome_of(ledger, id_of(i)), ERR_EXISTS);
		assert_int_equal(ledger_end(ledger, id_of(i), (enum err)i), OK);
		assert_int_equal(outcome_of(ledger, id_of(i)), i);
	}
	assert_int_equal(ledger_end(ledger, id_of(100), ERR_DENIED), OK);
	assert_int_equal(ledger_begin(ledger, id_of(101)), OK);
	ledger_close(ledger);
	ledger = open_at(*state);
	for (unsigned i = 0; i < ERR_COUNT; i++)
		assert_int_equal(outcome_of(ledger, id_of(i)), i);
	assert_int_equal(outcome_of(ledger, id_of(100)), ERR_DENIED);
	assert_int_equal(outcome_of(ledger, id_of(101)), ERR_EXISTS);
	ledger_close(ledger);
}

/* A lost outcome leaves what stood before it: begun, and nobody knows. */
static void a_cut_outcome_is_not_known(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_at(place);

	assert_int_equal(ledger_begin(ledger, id_of(1)), OK);
	assert_int_equal(ledger_end(ledger, id_of(1), OK), OK);
	ledger_close(ledger);
	assert_int_equal(truncate(place->path, HEAD_BYTES + 2 * ROW_BYTES - 1), 0);
	ledger = open_at(place);
	assert_int_equal(outcome_of(ledger, id_of(1)), ERR_EXISTS);
	ledger_close(ledger);
}

static void the_layout_before_is_read(void **state)
{
	const struct place *place = *state;
	const struct proposal_id old[] = {id_of(1), id_of(2)};
	struct ledger *ledger;

	assert_int_equal(file_write(place->path, old, sizeof(old), 0600, NULL), OK);
	for (unsigned i = 0; i < 2; i++) { /* the second time it is written in the new */
		ledger = open_at(place);
		assert_int_equal(outcome_of(ledger, id_of(1)), ERR_EXISTS);
		assert_int_equal(outcome_of(ledger, id_of(2)), ERR_EXISTS);
		assert_false(has(ledger, id_of(3)));
		ledger_close(ledger);
	}
}

static void a_full_one_keeps_its_newest_half(void **state)
{
	struct ledger *ledger = open_at(*state);

	for (unsigned i = 0; i <= LEDGER_IDS_MAX; i++) {
		assert_int_equal(ledger_begin(ledger, id_of(i)), OK);
		assert_int_equal(ledger_end(ledger, id_of(i), ERR_MISSING), OK);
	}
	assert_true(has(ledger, id_of(LEDGER_IDS_MAX)));
	assert_true(has(ledger, id_of(LEDGER_IDS_MAX / 2)));
	assert_false(has(ledger, id_of(LEDGER_IDS_MAX / 2 - 1)));
	ledger_close(ledger);
	ledger = open_at(*state);
	assert_int_equal(outcome_of(ledger, id_of(LEDGER_IDS_MAX)), ERR_MISSING);
	assert_false(has(ledger, id_of(0)));
	ledger_close(ledger);
}

static void what_cannot_be_written_is_not_begun(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = NULL;
	struct err_note note = {""};

	assert_int_equal(mkdir(place->path, 0700), 0);
	assert_int_not_equal(ledger_open(place->path, &ledger, &note), OK);
	assert_null(ledger);
	assert_non_null(strstr(note.text, place->path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_begun_is_known_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_cut_row_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(how_it_ended_is_known_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_cut_outcome_is_not_known, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_layout_before_is_read, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_full_one_keeps_its_newest_half, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_not_begun,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
