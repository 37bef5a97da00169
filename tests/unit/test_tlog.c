/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tlog - proofs between all sizes of a small tree against a plain reading of RFC 6962
 * (level by level, an odd node goes up as it is), tiles against the same, and the C2SP texts to
 * the byte, each bit of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/str.h"
#include "tlog/cosignature.h"
#include "tlog/proof_text.h"
#include "tlog/tile.h"

enum { LEAVES = 70, TILE_LEAVES = 66000 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t DEVICE_SEED[SEAL_SIGN_SEED_BYTES] = {0x33};

typedef uint8_t hash[SEAL_HASH_BYTES];

static hash leaves[LEAVES];

static void leaf_of(uint64_t index, hash to)
{
	assert_int_equal(tree_leaf_hash(&index, sizeof(index), to), OK);
}

static int make_leaves(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < LEAVES; i++)
		leaf_of(i, leaves[i]);
	return 0;
}

/* --- the plain reading ------------------------------------------------------------------ */

/* One level up; returns how many there are. */
static size_t level_up(hash *nodes, size_t count)
{
	for (size_t i = 0; i + 1 < count; i += 2)
		assert_int_equal(tree_node_hash(nodes[i], nodes[i + 1], nodes[i / 2]),
				 OK);
	if (count % 2 == 1)
		memmove(nodes[count / 2], nodes[count - 1], SEAL_HASH_BYTES);
	return (count + 1) / 2;
}

static void plain_root(size_t from, size_t size, hash to)
{
	hash nodes[LEAVES];

	memcpy(nodes, leaves[from], size * SEAL_HASH_BYTES);
	while (size > 1)
		size = level_up(nodes, size);
	memcpy(to, nodes[0], SEAL_HASH_BYTES);
}

/* The siblings on the way up, where there is one. */
static void plain_path(size_t index, size_t size, struct merkle_proof *proof)
{
	hash nodes[LEAVES];

	proof->count = 0;
	memcpy(nodes, leaves, size * SEAL_HASH_BYTES);
	for (; size > 1; index /= 2) {
		if ((index ^ 1) < size)
			memcpy(proof->hashes[proof->count++], nodes[index ^ 1],
			       SEAL_HASH_BYTES);
		size = level_up(nodes, size);
	}
}

/* --- proofs ----------------------------------------------------------------------------- */

static enum err plain_node(void *context, unsigned height, uint64_t index, uint8_t *to)
{
	const uint64_t size = UINT64_C(1) << height;

	assert_true((index + 1) * size <= *(const size_t *)context);
	plain_root((size_t)(index * size), (size_t)size, to);
	return OK;
}

static void inclusion_is_that_of_the_rfc(void **state)
{
	(void)state;
	for (size_t size = 1; size <= LEAVES; size++) {
		const struct merkle_source source = {&size, plain_node};
		hash root;
		hash own;

		plain_root(0, size, root);
		assert_int_equal(merkle_root(&source, size, own), OK);
		assert_memory_equal(own, root, sizeof(root));
		for (size_t i = 0; i < size; i++) {
			struct merkle_proof expected;
			struct merkle_proof proof;

			plain_path(i, size, &expected);
			assert_int_equal(merkle_inclusion(&source, i, size, &proof), OK);
			assert_int_equal(proof.count, expected.count);
			assert_memory_equal(proof.hashes, expected.hashes,
					    proof.count * SEAL_HASH_BYTES);
			assert_int_equal(merkle_check_inclusion(leaves[i], i, size,
								&proof, root),
					 OK);
			for (size_t other = 0; other <= size; other++)
				if (other != i)
					assert_int_equal(merkle_check_inclusion(
								 leaves[i], other, size,
								 &proof, root),
							 ERR_AUTH);
		}
		assert_int_equal(merkle_inclusion(&source, size, size,
						  &(struct merkle_proof){0}),
				 ERR_RANGE);
	}
}

static void head_of(size_t size, struct merkle_head *head)
{
	head->size = size;
	if (size > 0)
		plain_root(0, size, head->root);
	else
		assert_int_equal(seal_sha256(NULL, 0, head->root), OK);
}

static void consistency_holds_between_all_sizes(void **state)
{
	(void)state;
	for (size_t to = 0; to <= LEAVES; to++) {
		const struct merkle_source source = {&to, plain_node};
		struct merkle_head newer;

		head_of(to, &newer);
		for (size_t from = 0; from <= to; from++) {
			struct merkle_head older;
			struct merkle_proof proof;

			head_of(from, &older);
			assert_int_equal(merkle_consistency(&source, from, to, &proof),
					 OK);
			assert_int_equal(merkle_check_consistency(&older, &newer, &proof),
					 OK);
			older.root[3] ^= 1;
			assert_int_equal(merkle_check_consistency(&older, &newer, &proof),
					 ERR_AUTH);
			older.root[3] ^= 1;
			if (from > 0 || to == 0) { /* nothing is known of what comes */
				newer.root[3] ^= 1;
				assert_int_equal(merkle_check_consistency(&older, &newer,
									  &proof),
						 ERR_AUTH);
				newer.root[3] ^= 1;
			}
			if (proof.count == 0)
				continue;
			proof.hashes[proof.count / 2][0] ^= 1;
			assert_int_equal(merkle_check_consistency(&older, &newer, &proof),
					 ERR_AUTH);
			proof.hashes[proof.count / 2][0] ^= 1;
			proof.count--;
			assert_int_equal(merkle_check_consistency(&older, &newer, &proof),
					 ERR_AUTH);
		}
		assert_int_equal(merkle_consistency(&source, to + 1, to,
						    &(struct merkle_proof){0}),
				 ERR_RANGE);
	}
}

/* One hash more or fewer, sizes the wrong way round, and what is empty where it may not be. */
static void odd_proofs_are_refused(void **state)
{
	size_t size = 8;
	const struct merkle_source source = {&size, plain_node};
	struct merkle_head heads[2];
	struct merkle_proof proof;
	struct merkle_proof longer;

	(void)state;
	head_of(6, &heads[0]);
	head_of(8, &heads[1]);
	assert_int_equal(merkle_consistency(&source, 6, 8, &proof), OK);
	assert_int_equal(proof.count, 3);
	longer = proof;
	longer.count++;
	assert_int_equal(merkle_check_consistency(&heads[0], &heads[1], &longer),
			 ERR_AUTH);
	longer.count = MERKLE_PROOF_MAX;
	assert_int_equal(merkle_check_consistency(&heads[0], &heads[1], &longer),
			 ERR_AUTH);
	assert_int_equal(merkle_check_consistency(&heads[1], &heads[0], &proof),
			 ERR_AUTH);
	assert_int_equal(merkle_inclusion(&source, 3, 8, &proof), OK);
	assert_int_equal(proof.count, 3);
	proof.count = 4;
	assert_int_equal(merkle_check_inclusion(leaves[3], 3, 8, &proof, heads[1].root),
			 ERR_AUTH);
	proof.count = 2;
	assert_int_equal(merkle_check_inclusion(leaves[3], 3, 8, &proof, heads[1].root),
			 ERR_AUTH);
	assert_int_equal(merkle_check_inclusion(leaves[0], 0, 0, &proof, heads[1].root),
			 ERR_AUTH);
	/* Equal sizes, and from nothing, take an empty proof. */
	proof.count = 1;
	assert_int_equal(merkle_check_consistency(&heads[1], &heads[1], &proof),
			 ERR_AUTH);
	heads[0].size = 0;
	assert_int_equal(seal_sha256(NULL, 0, heads[0].root), OK);
	assert_int_equal(merkle_check_consistency(&heads[0], &heads[1], &proof),
			 ERR_AUTH);
	proof.count = 0;
	heads[0].size = 6;
	assert_int_equal(merkle_check_consistency(&heads[0], &heads[1], &proof),
			 ERR_AUTH);
}

static enum err failing_node(void *context, unsigned height, uint64_t index, uint8_t *to)
{
	size_t *left = context;

	(void)height;
	(void)index;
	memset(to, 0, SEAL_HASH_BYTES);
	return (*left)-- == 0 ? ERR_MISSING : OK;
}

/* A source that fails at its k-th node, for all k. */
static void a_source_may_fail(void **state)
{
	(void)state;
	for (size_t k = 0; k < 12; k++) {
		size_t left = k;
		const struct merkle_source source = {&left, failing_node};
		struct merkle_proof proof = {.count = 99};

		if (merkle_inclusion(&source, 5, 77, &proof) != OK)
			assert_int_equal(proof.count, 99);
		left = k;
		proof.count = 99;
		if (merkle_consistency(&source, 37, 77, &proof) != OK)
			assert_int_equal(proof.count, 99);
	}
}

/* --- tiles ------------------------------------------------------------------------------ */

static void names_are_those_of_the_specification(void **state)
{
	static const struct {
		struct tile_id id;
		size_t width;
		const char *path;
	} rows[] = {
		{{0, 0}, 256, "tile/0/000"},
		{{0, 67}, 256, "tile/0/067"},
		{{0, 1234067}, 256, "tile/0/x001/x234/067"},
		{{1, 999}, 17, "tile/1/999.p/17"},
		{{2, 1000}, 1, "tile/2/x001/000.p/1"},
		{{0, UINT64_MAX}, 255, "tile/0/x018/x446/x744/x073/x709/x551/615.p/255"},
	};
	char path[TILE_PATH_BYTES];
	uint8_t key[TILE_KEY_BYTES];
	struct tile_id back;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tile_path(rows[i].id, rows[i].width, path);
		assert_string_equal(path, rows[i].path);
		tile_key(rows[i].id, key);
		assert_int_equal(tile_from_key(key, sizeof(key), &back), OK);
		assert_int_equal(back.level, rows[i].id.level);
		assert_true(back.index == rows[i].id.index);
		assert_int_equal(tile_from_key(key, sizeof(key) - 1, &back), ERR_FORMAT);
		key[0] = TILE_LEVELS;
		assert_int_equal(tile_from_key(key, sizeof(key), &back), ERR_FORMAT);
	}
	/* The example of the specification: a tree of 70,000. */
	assert_int_equal(tile_full_count(0, 70000), 273);
	assert_int_equal(tile_partial_width(0, 70000), 112);
	assert_int_equal(tile_full_count(1, 70000), 1);
	assert_int_equal(tile_partial_width(1, 70000), 17);
	assert_int_equal(tile_full_count(2, 70000), 0);
	assert_int_equal(tile_partial_width(2, 70000), 1);
	assert_int_equal(tile_full_count(0, 256), 1);
	assert_int_equal(tile_partial_width(1, 256), 1);
}

/* Past 65,536, so that three levels take part. */
static void tiles_carry_the_tree(void **state)
{
	static struct tile_edge edge;
	static struct tile_edge copy;
	static struct tile full[TILE_LEVELS];
	static struct tree tree;
	hash leaf;
	hash last;
	size_t count = 0;
	size_t seen[TILE_LEVELS] = {0};

	(void)state;
	for (uint64_t i = 0; i < TILE_LEAVES; i++) {
		leaf_of(i, leaf);
		assert_int_equal(tile_edge_add(&edge, leaf, full, &count), OK);
		assert_int_equal(tree_add(&tree, leaf), OK);
		for (size_t level = 0; level < count; level++) {
			assert_int_equal(full[level].id.level, level);
			assert_int_equal(full[level].id.index, seen[level]++);
			assert_int_equal(tile_root(full[level].hashes, TILE_WIDTH, last),
					 OK);
		}
		if (count > 0) /* the edge goes on with the root of the highest */
			assert_memory_equal(
				edge.hashes[count][tile_partial_width((unsigned)count,
								      edge.size) -
						   1],
				last, sizeof(last));
		if (i % 97 == 0 || count > 0)
			assert_int_equal(tile_edge_check(&edge, &tree), OK);
	}
	assert_int_equal(seen[0], TILE_LEAVES / 256);
	assert_int_equal(seen[1], 1);
	tile_edge_copy(&copy, &edge);
	assert_int_equal(tile_edge_check(&copy, &tree), OK);
	copy.hashes[2][0][0] ^= 1;
	assert_int_equal(tile_edge_check(&copy, &tree), ERR_AUTH);
	copy.size--;
	assert_int_equal(tile_edge_check(&copy, &tree), ERR_AUTH);
	assert_int_equal(tile_edge_node(&edge, 0, 0, leaf), ERR_MISSING);
	assert_int_equal(tile_edge_node(&edge, 63, 0, leaf), ERR_MISSING);
	assert_int_equal(tile_edge_node(&edge, 64, 0, leaf), ERR_MISSING);
	assert_int_equal(tile_edge_node(&edge, 0, TILE_LEAVES - 1, leaf), OK);
	assert_int_equal(tile_edge_node(&edge, 0, TILE_LEAVES, leaf), ERR_MISSING);
	assert_int_equal(tile_edge_node(&edge, 16, 0, leaf), OK);
	assert_memory_equal(leaf, tree.edge[0], sizeof(leaf));
}

/* --- texts ------------------------------------------------------------------------------ */

static void device_key(uint8_t to[SEAL_SIGN_PUBLIC_BYTES])
{
	seal_sign_pair(DEVICE_SEED, to);
}

static void sign_head(struct cosignature *cosignature)
{
	head_of(LEAVES, &cosignature->head);
	cosignature->at_s = 1679315147;
	cosignature_sign(HOUSE, DEVICE_SEED, cosignature);
}

/* What is signed is the text of the specification. */
static void a_cosignature_is_that_of_the_specification(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct cosignature cosignature;
	char body[CHECKPOINT_BODY_BYTES];
	char text[CHECKPOINT_BODY_BYTES + 64];

	(void)state;
	device_key(key);
	sign_head(&cosignature);
	checkpoint_body(HOUSE, LEAVES, cosignature.head.root, body);
	assert_true(str_format(text, sizeof(text), "cosignature/v1\ntime 1679315147\n%s",
			       body));
	assert_int_equal(seal_verify(key, text, strlen(text), cosignature.signature), OK);
	assert_int_equal(cosignature_check(HOUSE, key, &cosignature), OK);
	cosignature.at_s++;
	assert_int_equal(cosignature_check(HOUSE, key, &cosignature), ERR_AUTH);
	cosignature.at_s = -1;
	assert_int_equal(cosignature_check(HOUSE, key, &cosignature), ERR_AUTH);
}

static void each_bit_of_a_cosignature_counts(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct cosignature cosignature;
	struct cosignature back;
	uint8_t row[COSIGNATURE_ROW_BYTES + 1];
	char line[NOTE_LINE_BYTES];

	(void)state;
	device_key(key);
	sign_head(&cosignature);
	cosignature_row(&cosignature, row);
	assert_int_equal(cosignature_read_row(HOUSE, key, LEAVES, row,
					      COSIGNATURE_ROW_BYTES, &back),
			 OK);
	assert_int_equal(back.at_s, cosignature.at_s);
	assert_memory_equal(back.head.root, cosignature.head.root, SEAL_HASH_BYTES);
	assert_int_equal(cosignature_read_row(HOUSE, key, LEAVES + 1, row,
					      COSIGNATURE_ROW_BYTES, &back),
			 ERR_AUTH);
	for (size_t size = 0; size <= COSIGNATURE_ROW_BYTES + 1; size++)
		if (size != COSIGNATURE_ROW_BYTES)
			assert_int_not_equal(cosignature_read_row(HOUSE, key, LEAVES, row,
								  size, &back),
					     OK);
	for (size_t bit = 0; bit < COSIGNATURE_ROW_BYTES * 8; bit++) {
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(cosignature_read_row(HOUSE, key, LEAVES, row,
							  COSIGNATURE_ROW_BYTES, &back),
				     OK);
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(cosignature_line(HOUSE, key, &cosignature, line), OK);
	assert_true(str_starts(line, "\xe2\x80\x94 behest/4000000000000000000000000000"
				     "0000/device/"));
	assert_int_equal(cosignature_read_line(HOUSE, key, &cosignature.head, line,
					       strlen(line), &back),
			 OK);
	assert_int_equal(back.at_s, cosignature.at_s);
	for (size_t bit = 0; bit < strlen(line) * 8; bit++) {
		const size_t size = strlen(line);

		line[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(cosignature_read_line(HOUSE, key, &cosignature.head,
							   line, size, &back),
				     OK);
		line[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t size = 0; size < strlen(line); size++)
		assert_int_not_equal(cosignature_read_line(HOUSE, key, &cosignature.head,
							   line, size, &back),
				     OK);
}

static void write_proof(size_t index, size_t size, struct buf *to)
{
	const struct merkle_source source = {&size, plain_node};
	struct proof_text text = {.index = index};
	char checkpoint[CHECKPOINT_TEXT_BYTES];
	struct merkle_head head;

	head_of(size, &head);
	assert_int_equal(checkpoint_write(HOUSE, SEED, size, head.root, checkpoint), OK);
	assert_int_equal(merkle_inclusion(&source, index, size, &text.proof), OK);
	text.checkpoint = checkpoint;
	text.checkpoint_size = strlen(checkpoint);
	buf_init(to, PROOF_TEXT_BYTES_MAX);
	assert_int_equal(proof_text_write(&text, to), OK);
}

static void a_proof_is_one_text(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct proof_text read;
	struct merkle_head head;
	struct buf text;

	(void)state;
	seal_sign_pair(SEED, key);
	for (size_t size = 1; size <= LEAVES; size += 23) {
		for (size_t i = 0; i < size; i += 7) {
			write_proof(i, size, &text);
			assert_true(str_starts((const char *)text.bytes,
					       "c2sp.org/tlog-proof@v1\nindex "));
			assert_int_equal(proof_text_check(HOUSE, key, leaves[i],
							  (const char *)text.bytes,
							  text.size, &read, &head),
					 OK);
			assert_int_equal(read.index, i);
			assert_int_equal(head.size, size);
			assert_int_equal(proof_text_check(HOUSE, key,
							  leaves[(i + 1) % LEAVES],
							  (const char *)text.bytes,
							  text.size, &read, &head),
					 ERR_AUTH);
			buf_finish(&text);
		}
	}
}

/* Devices' lines below the keeper's change nothing. */
static void a_proof_may_carry_cosignatures(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t device[SEAL_SIGN_PUBLIC_BYTES];
	struct cosignature cosignature;
	struct proof_text read;
	struct merkle_head head;
	char line[NOTE_LINE_BYTES];
	struct buf text;

	(void)state;
	seal_sign_pair(SEED, key);
	device_key(device);
	sign_head(&cosignature);
	assert_int_equal(cosignature_line(HOUSE, device, &cosignature, line), OK);
	write_proof(9, LEAVES, &text);
	assert_int_equal(buf_add_text(&text, line), OK);
	assert_int_equal(proof_text_check(HOUSE, key, leaves[9], (const char *)text.bytes,
					  text.size, &read, &head),
			 OK);
	assert_int_equal(head.size, LEAVES);
	buf_finish(&text);
}

static void each_bit_of_a_proof_counts(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct proof_text read;
	struct merkle_head head;
	struct buf text;

	(void)state;
	seal_sign_pair(SEED, key);
	write_proof(9, 20, &text);
	for (size_t bit = 0; bit < text.size * 8; bit++) {
		text.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(proof_text_check(HOUSE, key, leaves[9],
						      (const char *)text.bytes, text.size,
						      &read, &head),
				     OK);
		text.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < text.size; size++)
		assert_int_not_equal(proof_text_check(HOUSE, key, leaves[9],
						      (const char *)text.bytes, size,
						      &read, &head),
				     OK);
	buf_finish(&text);
}

static void odd_proof_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"c2sp.org/tlog-proof@v1",
		"c2sp.org/tlog-proof@v2\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v1\nindex 00\n\n",
		"c2sp.org/tlog-proof@v1\nindex -1\n\n",
		"c2sp.org/tlog-proof@v1\nindex +1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1 \n\n",
		"c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n",
		"c2sp.org/tlog-proof@v1\nIndex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n"
		"sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=",
	};
	struct proof_text read;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(proof_text_read(texts[i], strlen(texts[i]), &read),
				 ERR_FORMAT);
	struct buf many;

	buf_init(&many, PROOF_TEXT_BYTES_MAX);
	assert_int_equal(buf_add_text(&many, "c2sp.org/tlog-proof@v1\nindex 1\n"), OK);
	for (size_t i = 0; i <= MERKLE_PROOF_MAX; i++)
		assert_int_equal(
			buf_add_text(&many,
				     "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"),
			OK);
	assert_int_equal(buf_add_text(&many, "\n"), OK);
	assert_int_equal(proof_text_read((const char *)many.bytes, many.size, &read),
			 ERR_FORMAT);
	buf_finish(&many);
}

static void odd_checkpoints_are_refused(void **state)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	char text[CHECKPOINT_TEXT_BYTES];
	struct merkle_head head;
	struct merkle_head back;

	(void)state;
	seal_sign_pair(SEED, key);
	head_of(LEAVES, &head);
	assert_int_equal(checkpoint_write(HOUSE, SEED, LEAVES, head.root, text), OK);
	assert_int_equal(checkpoint_skim(HOUSE, text, strlen(text), &back.size,
					 back.root),
			 OK);
	assert_int_equal(back.size, LEAVES);
	assert_memory_equal(back.root, head.root, SEAL_HASH_BYTES);
	for (size_t size = 0; size < strlen(text); size++)
		assert_int_not_equal(checkpoint_read(HOUSE, key, text, size, &back.size,
						     back.root),
				     OK);
	assert_int_equal(checkpoint_skim(HOUSE, text, 50, &back.size, back.root),
			 ERR_FORMAT);
	assert_int_equal(checkpoint_read((struct household_id){{1}}, key, text,
					 strlen(text), &back.size, back.root),
			 ERR_AUTH);
	key[0] ^= 1;
	assert_int_equal(checkpoint_read(HOUSE, key, text, strlen(text), &back.size,
					 back.root),
			 ERR_AUTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inclusion_is_that_of_the_rfc),
		cmocka_unit_test(consistency_holds_between_all_sizes),
		cmocka_unit_test(odd_proofs_are_refused),
		cmocka_unit_test(a_source_may_fail),
		cmocka_unit_test(names_are_those_of_the_specification),
		cmocka_unit_test(tiles_carry_the_tree),
		cmocka_unit_test(a_cosignature_is_that_of_the_specification),
		cmocka_unit_test(each_bit_of_a_cosignature_counts),
		cmocka_unit_test(a_proof_is_one_text),
		cmocka_unit_test(a_proof_may_carry_cosignatures),
		cmocka_unit_test(each_bit_of_a_proof_counts),
		cmocka_unit_test(odd_proof_texts_are_refused),
		cmocka_unit_test(odd_checkpoints_are_refused),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("tlog", tests, make_leaves, NULL);
}
