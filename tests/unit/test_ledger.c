/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: what was begun is known after any end; a cut last id is dropped; a full one goes
 * on with its newest half.
 */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "folder.h"
#include "gate/ledger.h"

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

static void what_was_begun_is_known_again(void **state)
{
	struct ledger *ledger = open_at(*state);

	assert_false(ledger_has(ledger, id_of(1)));
	assert_int_equal(ledger_begin(ledger, id_of(1)), OK);
	assert_true(ledger_has(ledger, id_of(1)));
	ledger_close(ledger);
	ledger = open_at(*state);
	assert_true(ledger_has(ledger, id_of(1)));
	assert_false(ledger_has(ledger, id_of(2)));
	ledger_close(ledger);
}

static void a_cut_id_is_dropped(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_at(place);

	assert_int_equal(ledger_begin(ledger, id_of(1)), OK);
	assert_int_equal(ledger_begin(ledger, id_of(2)), OK);
	ledger_close(ledger);
	assert_int_equal(truncate(place->path, ID_BYTES + 5), 0);
	ledger = open_at(place);
	assert_true(ledger_has(ledger, id_of(1)));
	assert_false(ledger_has(ledger, id_of(2)));
	assert_int_equal(ledger_begin(ledger, id_of(3)), OK);
	ledger_close(ledger);
	ledger = open_at(place);
	assert_true(ledger_has(ledger, id_of(3))); /* not shifted by the half id */
	ledger_close(ledger);
}

static void a_full_one_keeps_its_newest_half(void **state)
{
	struct ledger *ledger = open_at(*state);

	for (unsigned i = 0; i <= LEDGER_IDS_MAX; i++)
		assert_int_equal(ledger_begin(ledger, id_of(i)), OK);
	assert_true(ledger_has(ledger, id_of(LEDGER_IDS_MAX)));
	assert_true(ledger_has(ledger, id_of(LEDGER_IDS_MAX / 2)));
	assert_false(ledger_has(ledger, id_of(LEDGER_IDS_MAX / 2 - 1)));
	ledger_close(ledger);
	ledger = open_at(*state);
	assert_true(ledger_has(ledger, id_of(LEDGER_IDS_MAX)));
	assert_false(ledger_has(ledger, id_of(0)));
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
		cmocka_unit_test_setup_teardown(a_cut_id_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_one_keeps_its_newest_half, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_not_begun,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
