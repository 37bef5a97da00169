/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cosigner - what a device believes of a keeper that shows its journal: growth with its
 * proof, and nothing else.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/cosigner.h"
#include "tlog/checkpoint.h"
#include "tlog/tile.h"

enum { LEAVES = 40 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
static struct tile_edge logs[2]; /* two journals that part at 20 */
static struct paths paths;
static struct err_note note;

static enum err edge_node(void *context, unsigned height, uint64_t index, uint8_t *to)
{
	return tile_edge_node(context, height, index, to);
}

static int set_up(void **state)
{
	struct tile full[TILE_LEVELS];
	char folder[FILE_PATH_BYTES] = "/tmp/behest-cosigner-XXXXXX";
	size_t count;

	(void)state;
	seal_sign_pair(SEED, key);
	for (size_t which = 0; which < 2; which++) {
		for (uint64_t i = 0; i < LEAVES; i++) {
			const uint64_t bytes[2] = {i, i >= 20 ? which : 0};
			uint8_t leaf[SEAL_HASH_BYTES];

			assert_int_equal(tree_leaf_hash(bytes, sizeof(bytes), leaf), OK);
			assert_int_equal(tile_edge_add(&logs[which], leaf, full, &count),
					 OK);
		}
	}
	assert_non_null(mkdtemp(folder));
	assert_int_equal(paths_find(folder, &paths, &note), OK);
	assert_true(file_join(folder, sizeof(folder), paths.data, "device"));
	assert_int_equal(file_make_folder(folder, &note), OK);
	return 0;
}

static int tear_down(void **state)
{
	char folder[FILE_PATH_BYTES];

	(void)state;
	cosigner_forget(&paths);
	assert_true(file_join(folder, sizeof(folder), paths.data, "device"));
	(void)rmdir(folder);
	(void)rmdir(paths.data);
	return 0;
}

/* What the keeper shows: the journal at size, and its proof from there. */
struct shown {
	char text[CHECKPOINT_TEXT_BYTES];
	struct merkle_proof proof;
	struct wire_log_head wire;
};

static void show(struct shown *shown, size_t which, uint64_t from, uint64_t size)
{
	const struct merkle_source source = {&logs[which], edge_node};
	uint8_t root[SEAL_HASH_BYTES];

	assert_int_equal(merkle_root(&source, size, root), OK);
	assert_int_equal(checkpoint_write(HOUSE, SEED, size, root, shown->text), OK);
	shown->proof.count = 0;
	if (from <= size)
		assert_int_equal(merkle_consistency(&source, from, size, &shown->proof),
				 OK);
	memset(&shown->wire, 0, sizeof(shown->wire));
	shown->wire.checkpoint =
		(struct wire_slice){(const uint8_t *)shown->text, strlen(shown->text)};
	shown->wire.proof = (struct wire_slice){shown->proof.hashes[0],
						shown->proof.count * SEAL_HASH_BYTES};
}

static void open_one(struct cosigner *cosigner)
{
	assert_int_equal(cosigner_open(cosigner, &paths, HOUSE, key, &note), OK);
}

/* A device that has seen the first journal at 30. */
static struct cosigner begin(void)
{
	struct cosigner cosigner;
	struct merkle_head head;
	struct shown shown;

	cosigner_forget(&paths);
	open_one(&cosigner);
	assert_int_equal(cosigner.known.size, 0);
	show(&shown, 0, 0, 30);
	assert_int_equal(cosigner_check(&cosigner, &shown.wire, &head, &note), OK);
	assert_int_equal(head.size, 30);
	assert_int_equal(cosigner_keep(&cosigner, &shown.wire, &head, &note), OK);
	assert_int_equal(cosigner.known.size, 30);
	open_one(&cosigner); /* as after a restart */
	assert_int_equal(cosigner.known.size, 30);
	return cosigner;
}

static void growth_is_believed(void **state)
{
	struct cosigner cosigner = begin();
	struct merkle_head head;
	struct shown shown;

	(void)state;
	for (uint64_t size = 30; size <= LEAVES; size++) {
		show(&shown, 0, 30, size);
		assert_int_equal(cosigner_check(&cosigner, &shown.wire, &head, &note),
				 OK);
		assert_int_equal(head.size, size);
	}
}

static void expect_not(struct cosigner *cosigner, const struct shown *shown,
		       const char *words)
{
	struct merkle_head head = {.size = 99};

	note.text[0] = '\0';
	assert_int_equal(cosigner_check(cosigner, &shown->wire, &head, &note), ERR_AUTH);
	assert_int_equal(head.size, 99);
	if (!strstr(note.text, words))
		fail_msg("\"%s\", expected \"%s\"", note.text, words);
}

static void what_does_not_go_on_is_named(void **state)
{
	struct cosigner cosigner = begin();
	struct shown shown;

	(void)state;
	show(&shown, 0, 0, 29);
	expect_not(&cosigner, &shown,
		   "the journal ends at 29, but this device saw it at 30: it was cut "
		   "short; nothing was signed");
	show(&shown, 1, 30, 30);
	expect_not(&cosigner, &shown, "fork; nothing was signed");
	show(&shown, 1, 30, 40);
	expect_not(&cosigner, &shown,
		   "the journal of 40 entries does not go on from the one of 30 that "
		   "this device saw: fork; nothing was signed");
	show(&shown, 0, 30, 40);
	shown.wire.proof.size--;
	expect_not(&cosigner, &shown, "fork");
	shown.wire.proof.size = 0;
	expect_not(&cosigner, &shown, "fork");
	shown.wire.proof.size = (MERKLE_PROOF_MAX + 1) * SEAL_HASH_BYTES;
	expect_not(&cosigner, &shown, "fork");
	show(&shown, 0, 30, 40);
	shown.text[40] ^= 1;
	expect_not(&cosigner, &shown, "not signed by this house's keeper");
}

static void a_spoilt_file_is_named(void **state)
{
	static const size_t SIZES[] = {0, 10, 200, 5000};
	static char bytes[5000];
	char path[FILE_PATH_BYTES];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_true(file_join(path, sizeof(path), paths.data, "device/journal.head"));
	for (size_t i = 0; i < STR_COUNT(SIZES); i++) {
		struct cosigner cosigner = begin();

		assert_int_equal(file_write(path, bytes, SIZES[i], 0600, &note), OK);
		note.text[0] = '\0';
		assert_int_equal(cosigner_open(&cosigner, &paths, HOUSE, key, &note),
				 ERR_FORMAT);
		if (!strstr(note.text, "journal.head: is not a checkpoint"))
			fail_msg("%zu bytes: \"%s\"", SIZES[i], note.text);
	}
	/* Of another house, or another keeper. */
	struct cosigner cosigner = begin();

	assert_int_equal(cosigner_open(&cosigner, &paths, (struct household_id){{1}}, key,
				       &note),
			 ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_believed),
		cmocka_unit_test(what_does_not_go_on_is_named),
		cmocka_unit_test(a_spoilt_file_is_named),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("cosigner", tests, set_up, tear_down);
}
