/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_journal - devices witness the keeper's journal, and verify names what was done to
 * it: each entry edited, removed or replaced, each tile, checkpoint and cosignature, a
 * journal that was cut short, and a fork.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/pack.h"
#include "base/str.h"
#include "fake/desk_house.h"
#include "journal/walk.h"
#include "keeper/desk_inner.h"

enum { ENTRIES = 700, AT_S = 1700000000 };

static uint64_t token;

static void append(struct house *house, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		token++;
		desk_bench_append(house->bench, house->hub, token, EVENT_DECIDED, token,
				  "kitchen");
		if (i % 40 == 39)
			desk_bench_settle(house->bench);
		house_forget(house->hub);
	}
	desk_bench_settle(house->bench);
	house_forget(house->hub);
}

static uint64_t size_of(const struct house *house)
{
	return journal_size(house->bench->desk->journal);
}

static size_t count_rows(const struct house *house, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++)
		count += store_fake_row(house->bench->rows, i, NULL)->key.space == space;
	return count;
}

/* Rows are in the order of their keys: which counts from 0. */
static size_t find_row(const struct house *house, enum store_space space, size_t which)
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		if (store_fake_row(house->bench->rows, i, NULL)->key.space == space &&
		    which-- == 0)
			return i;
	}
	fail_msg("no such row");
	return 0;
}

/* --- witnessing ------------------------------------------------------------------------- */

static const struct wire_log_head *show(struct house *house, struct phone *phone,
					uint64_t known)
{
	house_say(house, phone->link, WIRE_log_get,
		  &(struct wire_log_get){.size = known});
	return &house_expect(phone->link, WIRE_log_head)->log_head;
}

static struct merkle_head read_head(const struct house *house,
				    const struct wire_log_head *shown)
{
	struct merkle_head head;

	assert_int_equal(checkpoint_read(house->bench->household,
					 house->bench->desk->public_key,
					 (const char *)shown->checkpoint.bytes,
					 shown->checkpoint.size, &head.size, head.root),
			 OK);
	return head;
}

static void say_cosign(struct house *house, struct phone *phone,
		       const struct merkle_head *head, int64_t signed_s, int64_t told_s)
{
	struct cosignature cosignature = {.head = *head, .at_s = signed_s};
	const struct wire_cosign said = {.token = ++token,
					 .at_s = told_s,
					 .signature = {cosignature.signature,
						       SEAL_SIGNATURE_BYTES}};

	cosignature_sign(house->bench->household, phone->seed, &cosignature);
	house_say(house, phone->link, WIRE_cosign, &said);
}

static void expect_done(struct phone *phone)
{
	const struct wire_message *message = house_expect(phone->link, WIRE_done);

	assert_true(message->done.token == token);
	assert_int_equal(message->done.err, OK);
}

static struct merkle_head cosign(struct house *house, struct phone *phone, uint64_t known)
{
	const struct merkle_head head = read_head(house, show(house, phone, known));

	say_cosign(house, phone, &head, AT_S, AT_S);
	expect_done(phone);
	return head;
}

static struct house make_house(struct phone *phone)
{
	struct house house = house_make();

	house_pair_phone(&house, 1, house.alice_id.bytes, phone);
	house_forget(phone->link);
	house_forget(house.hub);
	return house;
}

static void a_device_cosigns_what_it_was_shown(void **state)
{
	struct phone phone;
	struct house house = make_house(&phone);
	struct cosignature read;
	struct merkle_head head = cosign(&house, &phone, 0);
	const struct store_row *row;

	(void)state;
	assert_int_equal(head.size, size_of(&house));
	row = store_fake_row(house.bench->rows, find_row(&house, STORE_COSIGNATURE, 0),
			     NULL);
	assert_int_equal(row->key.size, 40);
	assert_memory_equal(row->key.bytes + 8, phone.key, sizeof(phone.key));
	assert_int_equal(cosignature_read_row(house.bench->household, phone.key,
					      head.size, row->value, row->size, &read),
			 OK);
	assert_int_equal(read.at_s, AT_S);
	desk_bench_destroy(house.bench);
}

/* The same again, also by a keeper that was started anew, is kept once. */
static void a_size_is_cosigned_once(void **state)
{
	struct phone phone;
	struct house house = make_house(&phone);
	struct merkle_head head = cosign(&house, &phone, 0);

	(void)state;
	say_cosign(&house, &phone, &head, AT_S + 1, AT_S + 1);
	expect_done(&phone);
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 1);
	memset(house.bench->desk->cosigned, 0, sizeof(house.bench->desk->cosigned));
	say_cosign(&house, &phone, &head, AT_S + 2, AT_S + 2);
	expect_done(&phone);
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 1);
	append(&house, 3);
	(void)cosign(&house, &phone, head.size);
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 2);
	desk_bench_destroy(house.bench);
}

static void growth_is_shown_with_its_proof(void **state)
{
	struct phone phone;
	struct house house = make_house(&phone);
	struct merkle_head known = cosign(&house, &phone, 0);

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		const struct wire_log_head *shown;
		struct merkle_head head;
		struct merkle_proof proof;

		append(&house, 70 * i);
		shown = show(&house, &phone, known.size);
		head = read_head(&house, shown);
		proof.count = shown->proof.size / SEAL_HASH_BYTES;
		if (proof.count > 0)
			memcpy(proof.hashes, shown->proof.bytes, shown->proof.size);
		assert_int_equal(merkle_check_consistency(&known, &head, &proof), OK);
		known = head;
	}
	/* Who knows more is shown what there is, and draws its conclusion. */
	assert_true(read_head(&house, show(&house, &phone, known.size + 5)).size ==
		    known.size);
	desk_bench_destroy(house.bench);
}

static void what_is_not_signed_for_is_refused(void **state)
{
	struct phone phone;
	struct phone stranger;
	struct house house = make_house(&phone);
	struct merkle_head head;

	(void)state;
	head.size = size_of(&house);
	assert_int_equal(journal_root(house.bench->desk->journal, head.root), OK);
	say_cosign(&house, &phone, &head, AT_S, AT_S); /* it was shown nothing */
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	(void)show(&house, &phone, 0);
	say_cosign(&house, &phone, &head, AT_S, AT_S + 1);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	head.root[0] ^= 1;
	say_cosign(&house, &phone, &head, AT_S, AT_S);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	house_say(&house, phone.link, WIRE_cosign,
		  &(struct wire_cosign){.signature = {head.root, 32}});
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	house_make_phone(&house, 9, &stranger);
	house_forget(stranger.link);
	house_say(&house, stranger.link, WIRE_log_get, &(struct wire_log_get){.size = 0});
	house_expect_refused(stranger.link, "UNKNOWN_DEVICE");
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 0);
	desk_bench_destroy(house.bench);
}

/* A device that leaves at any moment; the address sanitizer watches. */
static void a_device_may_leave(void **state)
{
	(void)state;
	for (size_t steps = 0; steps < 6; steps++) {
		struct phone phone;
		struct house house = make_house(&phone);
		struct merkle_head head = read_head(&house, show(&house, &phone, 0));
		struct cosignature cosignature = {.head = head, .at_s = AT_S};
		const struct wire_cosign said = {.at_s = AT_S,
						 .signature = {cosignature.signature,
							       64}};

		cosignature_sign(house.bench->household, phone.seed, &cosignature);
		desk_bench_say(house.bench, phone.link, WIRE_cosign, &said);
		desk_bench_say(house.bench, phone.link, WIRE_log_get,
			       &(struct wire_log_get){.size = 1});
		desk_bench_say(house.bench, phone.link, WIRE_log_get,
			       &(struct wire_log_get){.size = 1}); /* too much at once */
		house_expect_refused(phone.link, "TOO_MUCH_WAITS");
		for (size_t i = 0; i < steps; i++)
			store_step(&house.bench->store);
		desk_bench_unlink(house.bench, phone.link);
		desk_bench_settle(house.bench);
		assert_true(desk_is_idle(house.bench->desk));
		desk_bench_destroy(house.bench);
	}
}

/* A device that is no longer of this house is asked nothing and witnesses nothing; one that
 * asks twice at once waits; two devices do it side by side. */
static void who_may_cosign_and_when(void **state)
{
	struct phone phone;
	struct phone second;
	struct house house = make_house(&phone);
	struct desk *desk = house.bench->desk;
	struct merkle_head head;
	struct cosignature cosignature = {.at_s = AT_S};
	struct wire_cosign said = {.at_s = AT_S,
				   .signature = {cosignature.signature,
						 SEAL_SIGNATURE_BYTES}};

	(void)state;
	house_pair_phone(&house, 2, house.alice_id.bytes, &second);
	house_forget(second.link);
	house_forget(phone.link);
	head = read_head(&house, show(&house, &phone, 0));
	desk->policy.devices[0].is_revoked = true;
	say_cosign(&house, &phone, &head, AT_S, AT_S);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	desk->policy.devices[0].is_revoked = false;
	desk->policy.devices[0].key[0] ^= 1;
	say_cosign(&house, &phone, &head, AT_S, AT_S);
	house_expect_refused(phone.link, "WRONG_SIGNATURE");
	desk->policy.devices[0].key[0] ^= 1;
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 0);
	cosignature.head = head;
	cosignature_sign(house.bench->household, phone.seed, &cosignature);
	desk_bench_say(house.bench, phone.link, WIRE_cosign, &said);
	memset(desk->cosigned, 0, sizeof(desk->cosigned));
	desk_bench_say(house.bench, phone.link, WIRE_cosign, &said);
	house_expect_refused(phone.link, "TOO_MUCH_WAITS");
	desk_bench_settle(house.bench);
	assert_int_equal(house_expect(phone.link, WIRE_done)->done.err, OK);
	for (size_t i = 0; i < 4; i++) {
		append(&house, 1);
		head = read_head(&house, show(&house, &phone, 0));
		(void)show(&house, &second, 0);
		cosignature.head = head;
		cosignature_sign(house.bench->household, phone.seed, &cosignature);
		desk_bench_say(house.bench, phone.link, WIRE_cosign, &said);
		cosignature_sign(house.bench->household, second.seed, &cosignature);
		desk_bench_say(house.bench, second.link, WIRE_cosign, &said);
		desk_bench_settle(house.bench);
		assert_int_equal(house_expect(phone.link, WIRE_done)->done.err, OK);
		assert_int_equal(house_expect(second.link, WIRE_done)->done.err, OK);
	}
	assert_int_equal(count_rows(&house, STORE_COSIGNATURE), 9);
	desk_bench_destroy(house.bench);
}

/* An owner's look at one entry: where there is none, and one look at a time. */
static void an_entry_is_looked_at(void **state)
{
	struct phone phone;
	struct house house = make_house(&phone);
	struct wire_entry_get get = {.place = size_of(&house) + 1};

	(void)state;
	house_forget(house.alice);
	house_say(&house, house.alice, WIRE_entry_get, &get);
	house_expect_refused(house.alice, "UNKNOWN_ENTRY");
	get.place = 1;
	desk_bench_say(house.bench, house.alice, WIRE_entry_get, &get);
	desk_bench_say(house.bench, house.alice, WIRE_entry_get, &get);
	house_expect_refused(house.alice, "TOO_MUCH_WAITS");
	desk_bench_settle(house.bench);
	assert_true(house_expect(house.alice, WIRE_entry)->entry.row.size > 0);
	desk_bench_destroy(house.bench);
}

/* --- what verify says ------------------------------------------------------------------- */

/* A house with three tiles, and a device that saw all of it but the last entries. */
struct scene {
	struct house house;
	struct phone phone;
	struct merkle_head seen;
};

static const struct wire_verified *verify(struct scene *scene)
{
	house_say(&scene->house, scene->house.alice, WIRE_verify_get,
		  &(struct wire_verify_get){.unused = 0});
	return &house_expect(scene->house.alice, WIRE_verified)->verified;
}

/* What is wrong opens an incident, once, and that is written down: before entries count. */
static void open_the_incident(struct scene *scene)
{
	uint8_t *value;

	(void)store_fake_row(scene->house.bench->rows,
			     find_row(&scene->house, STORE_JOURNAL, 0), &value);
	value[9] ^= 1;
	assert_false(verify(scene)->whole);
	value[9] ^= 1;
	desk_bench_settle(scene->house.bench);
	house_forget(scene->house.alice);
	house_forget(scene->phone.link);
}

static struct scene make_scene(void)
{
	struct scene scene;

	scene.house = make_house(&scene.phone);
	open_the_incident(&scene);
	append(&scene.house, ENTRIES - size_of(&scene.house) - 30);
	scene.seen = cosign(&scene.house, &scene.phone, 0);
	append(&scene.house, ENTRIES - size_of(&scene.house));
	assert_int_equal(size_of(&scene.house), ENTRIES);
	return scene;
}

static void expect_whole(struct scene *scene)
{
	const struct wire_verified *verified = verify(scene);

	assert_string_equal(verified->trouble, "");
	assert_true(verified->whole);
	assert_string_equal(verified->wrong, "nothing");
	assert_int_equal(verified->entries, ENTRIES);
	assert_int_equal(verified->tiles, 2);
	assert_int_equal(verified->cosignatures, 1);
}

static void expect_wrong(struct scene *scene, const char *wrong, uint64_t from,
			 uint64_t to, const char *words)
{
	const struct wire_verified *verified = verify(scene);

	assert_false(verified->whole);
	assert_string_equal(verified->trouble, words);
	assert_string_equal(verified->wrong, wrong);
	assert_int_equal(verified->from, from);
	assert_int_equal(verified->to, to);
}

static uint8_t *bytes_of(struct scene *scene, enum store_space space, size_t which,
			 size_t *out_size)
{
	uint8_t *value = NULL;
	const struct store_row *row =
		store_fake_row(scene->house.bench->rows,
			       find_row(&scene->house, space, which), &value);

	*out_size = row->size;
	return value;
}

static void each_edit_is_named(void **state)
{
	struct scene scene = make_scene();
	char words[WALK_WORDS_BYTES];

	(void)state;
	expect_whole(&scene);
	for (uint64_t place = 1; place <= ENTRIES; place += 1 + place % 5) {
		size_t size;
		uint8_t *value =
			bytes_of(&scene, STORE_JOURNAL, (size_t)place - 1, &size);

		value[place % size] ^= 4;
		assert_true(str_format(words, sizeof(words), "entry %d was changed",
				       (int)place));
		expect_wrong(&scene, "entry-changed", place, place, words);
		value[place % size] ^= 4;
	}
	expect_whole(&scene);
	desk_bench_destroy(scene.house.bench);
}

static void put_back(struct scene *scene, struct store_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(store_fake_put(scene->house.bench->rows, &rows[i]), OK);
}

static void each_removal_is_named(void **state)
{
	static const struct {
		uint64_t from;
		uint64_t to;
		const char *words;
	} rows[] = {
		{1, 1, "entry 1 is missing"},
		{256, 256, "entry 256 is missing"},
		{257, 257, "entry 257 is missing"},
		{250, 260, "entries 250 to 260 are missing"},
		{200, 600, "entries 200 to 600 are missing"},
		{700, 700, "entry 700 is missing"},
		{513, 700, "entries 513 to 700 are missing"},
		{1, 700, "entries 1 to 700 are missing"},
	};
	struct scene scene = make_scene();

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		static struct store_row kept[ENTRIES];
		static uint8_t values[ENTRIES][ENTRY_BYTES_MAX];
		size_t count = 0;

		for (uint64_t place = rows[i].from; place <= rows[i].to; place++) {
			const size_t at = find_row(&scene.house, STORE_JOURNAL,
						   (size_t)rows[i].from - 1);

			kept[count] = *store_fake_row(scene.house.bench->rows, at, NULL);
			memcpy(values[count], kept[count].value, kept[count].size);
			kept[count].value = values[count];
			count++;
			store_fake_remove(scene.house.bench->rows, at);
		}
		expect_wrong(&scene, "entry-missing", rows[i].from, rows[i].to,
			     rows[i].words);
		put_back(&scene, kept, count);
		expect_whole(&scene);
	}
	desk_bench_destroy(scene.house.bench);
}

/* Whoever has the house key seals another body; nobody but the keeper signs for it. */
static void a_replaced_entry_is_named(void **state)
{
	static const uint64_t PLACES[] = {3, 256, 400, 699};
	struct scene scene = make_scene();
	char words[WALK_WORDS_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(PLACES); i++) {
		struct desk_bench *bench = scene.house.bench;
		const size_t at =
			find_row(&scene.house, STORE_JOURNAL, (size_t)PLACES[i] - 1);
		struct store_row row = *store_fake_row(bench->rows, at, NULL);
		struct store_row old = row;
		static uint8_t kept[ENTRY_BYTES_MAX];
		static uint8_t other[ENTRY_BYTES_MAX];
		const struct wire_verified *verified;
		struct event event;

		memcpy(kept, row.value, row.size);
		old.value = kept;
		event_init(&event, EVENT_DONE, (struct turn_id){1}, "attic", 1);
		entry_seal(bench->household, secret_view(bench->house_key), PLACES[i],
			   &event, other, &row.size);
		row.value = other;
		store_fake_remove(bench->rows, at);
		put_back(&scene, &row, 1);
		verified = verify(&scene);
		assert_string_equal(verified->wrong, "entry-replaced");
		assert_true(verified->from <= PLACES[i] && PLACES[i] <= verified->to);
		assert_true(verified->to - verified->from < 40);
		(void)words;
		store_fake_remove(bench->rows, at);
		put_back(&scene, &old, 1);
		expect_whole(&scene);
	}
	desk_bench_destroy(scene.house.bench);
}

static void tiles_are_named(void **state)
{
	static const uint8_t nothing[TILE_BYTES];
	struct scene scene = make_scene();
	struct desk_bench *bench = scene.house.bench;
	struct store_row row;
	static uint8_t kept[TILE_BYTES];
	uint8_t *value;
	size_t size;

	(void)state;
	value = bytes_of(&scene, STORE_TILE, 1, &size);
	for (size_t at = 0; at < size; at += 1021) {
		value[at] ^= 1;
		expect_wrong(&scene, "tile-changed", 257 + at / 32, 257 + at / 32,
			     "tile/0/001 was changed");
		value[at] ^= 1;
	}
	row = *store_fake_row(bench->rows, find_row(&scene.house, STORE_TILE, 0), NULL);
	memcpy(kept, row.value, row.size);
	store_fake_remove(bench->rows, find_row(&scene.house, STORE_TILE, 0));
	expect_wrong(&scene, "tile-missing", 1, 256, "tile/0/000 is missing");
	row.value = kept;
	row.size = TILE_BYTES - 1;
	put_back(&scene, &row, 1);
	expect_wrong(&scene, "tile-changed", 1, 256, "tile/0/000 was changed");
	store_fake_remove(bench->rows, find_row(&scene.house, STORE_TILE, 0));
	row.size = TILE_BYTES;
	put_back(&scene, &row, 1);
	expect_whole(&scene);
	row = (struct store_row){.key = desk_tile_key(bench->desk,
						      (struct tile_id){1, 0}),
				 .value = nothing,
				 .size = TILE_BYTES};
	put_back(&scene, &row, 1);
	expect_wrong(&scene, "tile-stray", ENTRIES + 1, ENTRIES + 1,
		     "tile/1/000 is of entries behind the journal's end");
	desk_bench_destroy(bench);
}

static void checkpoints_are_named(void **state)
{
	struct scene scene = make_scene();
	const size_t count = count_rows(&scene.house, STORE_CHECKPOINT);
	char words[WALK_WORDS_BYTES];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct store_row *row =
			store_fake_row(scene.house.bench->rows,
				       find_row(&scene.house, STORE_CHECKPOINT, i), NULL);
		uint64_t place = 0;
		uint8_t *value;
		size_t size;

		assert_true(desk_number_of(&row->key, &place));
		value = bytes_of(&scene, STORE_CHECKPOINT, i, &size);
		for (size_t at = i % 7; at < size; at += 97) {
			value[at] ^= 8;
			assert_true(str_format(words, sizeof(words),
					       "the checkpoint at %d was changed",
					       (int)place));
			expect_wrong(&scene, "checkpoint-changed", place, place, words);
			value[at] ^= 8;
		}
	}
	expect_whole(&scene);
	desk_bench_destroy(scene.house.bench);
}

/* Puts a cosignature there as an intruder with that device's key would. */
static void put_cosigned(struct scene *scene, const uint8_t *seed, const uint8_t *key,
			 const struct merkle_head *head)
{
	struct cosignature cosignature = {.head = *head, .at_s = AT_S};
	uint8_t bytes[COSIGNATURE_ROW_BYTES];
	uint8_t key_bytes[40];
	struct store_row row = {.value = bytes, .size = sizeof(bytes)};
	struct pack pack;

	pack_init(&pack, key_bytes, sizeof(key_bytes));
	pack_u64(&pack, head->size);
	pack_bytes(&pack, key, PEOPLE_KEY_BYTES);
	row.key = desk_key(scene->house.bench->desk, STORE_COSIGNATURE, key_bytes,
			   sizeof(key_bytes));
	cosignature_sign(scene->house.bench->household, seed, &cosignature);
	cosignature_row(&cosignature, bytes);
	put_back(scene, &row, 1);
}

static void cosignatures_are_named(void **state)
{
	struct scene scene = make_scene();
	const uint64_t at = scene.seen.size;
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {0x77};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	const char *name = scene.house.bench->desk->policy.devices[0].name;
	char words[WALK_WORDS_BYTES];
	uint8_t *value;
	size_t size;

	(void)state;
	value = bytes_of(&scene, STORE_COSIGNATURE, 0, &size);
	for (size_t bit = 0; bit < size * 8; bit += 13) {
		value[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(str_format(words, sizeof(words),
				       "the cosignature of device %s at %d was changed",
				       name, (int)at));
		expect_wrong(&scene, "cosignature-changed", at, at, words);
		value[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	expect_whole(&scene);
	seal_sign_pair(seed, key);
	put_cosigned(&scene, seed, key, &scene.seen);
	assert_true(str_format(words, sizeof(words),
			       "the cosignature at %d is of no device of this house",
			       (int)at));
	expect_wrong(&scene, "cosignature-changed", at, at, words);
	desk_bench_destroy(scene.house.bench);
}

/* What a device has seen and the keeper no longer has. */
static void forks_and_cuts_are_named(void **state)
{
	struct scene scene = make_scene();
	const char *name = scene.house.bench->desk->policy.devices[0].name;
	struct merkle_head other = scene.seen;
	char words[WALK_WORDS_BYTES];

	(void)state;
	other.size = ENTRIES - 2;
	put_cosigned(&scene, scene.phone.seed, scene.phone.key, &other);
	assert_true(str_format(words, sizeof(words),
			       "device %s cosigned another root at %d: fork", name,
			       (int)other.size));
	expect_wrong(&scene, "fork", 1, other.size, words);
	store_fake_remove(scene.house.bench->rows,
			  find_row(&scene.house, STORE_COSIGNATURE, 1));
	expect_whole(&scene);
	other.size = 1300;
	put_cosigned(&scene, scene.phone.seed, scene.phone.key, &other);
	assert_true(str_format(words, sizeof(words),
			       "the journal ends at %d, but device %s cosigned 1300: it "
			       "was cut short",
			       ENTRIES, name));
	expect_wrong(&scene, "cut-short", ENTRIES + 1, 1300, words);
	/* The keeper itself sees that one when it starts. */
	desk_bench_restart(scene.house.bench);
	assert_non_null(strstr(desk_trouble(scene.house.bench->desk), "cut short"));
	desk_bench_destroy(scene.house.bench);
}

/* The intruder takes away entries, checkpoints and tiles together, as if they had never
 * been: whatever the keeper holds fits, but for the device's word. */
static void a_clean_cut_is_named(void **state)
{
	struct scene scene = make_scene();
	struct desk_bench *bench = scene.house.bench;
	uint64_t cut = 0;
	uint64_t size = ENTRIES;

	(void)state;
	while (size >= scene.seen.size || cut != size) {
		if (cut == size) {
			store_fake_remove(
				bench->rows,
				find_row(&scene.house, STORE_CHECKPOINT,
					 count_rows(&scene.house, STORE_CHECKPOINT) - 1));
		}
		assert_true(desk_number_of(
			&store_fake_row(
				 bench->rows,
				 find_row(&scene.house, STORE_CHECKPOINT,
					  count_rows(&scene.house, STORE_CHECKPOINT) - 1),
				 NULL)
				 ->key,
			&cut));
		while (size > cut) {
			store_fake_remove(bench->rows,
					  find_row(&scene.house, STORE_JOURNAL,
						   (size_t)size - 1));
			size--;
		}
	}
	while (count_rows(&scene.house, STORE_TILE) > size / 256)
		store_fake_remove(bench->rows,
				  find_row(&scene.house, STORE_TILE,
					   count_rows(&scene.house, STORE_TILE) - 1));
	desk_bench_restart(bench);
	assert_int_equal(desk_state_of(bench->desk), DESK_READY);
	assert_non_null(strstr(desk_trouble(bench->desk), "cut short"));
	desk_bench_destroy(bench);
}

/* Rows whose keys or sizes no keeper writes. */
static void rows_of_another_form_are_named(void **state)
{
	static uint8_t nothing[JOURNAL_CHECKPOINT_BYTES_MAX + TILE_BYTES + 1];
	struct scene scene = make_scene();
	struct desk_bench *bench = scene.house.bench;
	struct store_row row = {.value = nothing, .size = TILE_BYTES + 1};
	static uint8_t kept[JOURNAL_CHECKPOINT_BYTES_MAX + TILE_BYTES];
	struct store_row old;
	char words[WALK_WORDS_BYTES];
	uint64_t place = 0;
	size_t at;

	(void)state;
	at = find_row(&scene.house, STORE_TILE, 1); /* longer than any tile */
	old = *store_fake_row(bench->rows, at, NULL);
	memcpy(kept, old.value, old.size);
	old.value = kept;
	row.key = old.key;
	store_fake_remove(bench->rows, at);
	put_back(&scene, &row, 1);
	expect_wrong(&scene, "tile-changed", 257, 512, "tile/0/001 was changed");
	store_fake_remove(bench->rows, at);
	put_back(&scene, &old, 1);
	expect_whole(&scene);

	row.key = desk_tile_key(bench->desk, (struct tile_id){0, 9}); /* no tile's key */
	row.key.bytes[row.key.size++] = 1;
	row.size = TILE_BYTES;
	put_back(&scene, &row, 1);
	expect_wrong(&scene, "tile-stray", ENTRIES + 1, ENTRIES + 1,
		     "tile/0/000 is of entries behind the journal's end");
	store_fake_remove(bench->rows, find_row(&scene.house, STORE_TILE, 2));
	expect_whole(&scene);

	at = find_row(&scene.house, STORE_CHECKPOINT, 2); /* longer than any checkpoint */
	old = *store_fake_row(bench->rows, at, NULL);
	memcpy(kept, old.value, old.size);
	old.value = kept;
	assert_true(desk_number_of(&old.key, &place));
	row.key = old.key;
	row.size = JOURNAL_CHECKPOINT_BYTES_MAX + 1;
	store_fake_remove(bench->rows, at);
	put_back(&scene, &row, 1);
	assert_true(str_format(words, sizeof(words), "the checkpoint at %d was changed",
			       (int)place));
	expect_wrong(&scene, "checkpoint-changed", place, place, words);
	store_fake_remove(bench->rows, at);
	put_back(&scene, &old, 1);
	expect_whole(&scene);

	row.key.bytes[row.key.size++] = 1; /* no checkpoint's key */
	row.size = 8;
	put_back(&scene, &row, 1);
	assert_string_equal(verify(&scene)->wrong, "unreadable");
	store_fake_remove(bench->rows, at + 1);
	expect_whole(&scene);

	row.key = desk_key_number(bench->desk, STORE_JOURNAL, 290); /* no entry's key */
	row.key.bytes[row.key.size++] = 1;
	put_back(&scene, &row, 1);
	assert_false(verify(&scene)->whole);
	at = find_row(&scene.house, STORE_JOURNAL, 289); /* in the place of one */
	old = *store_fake_row(bench->rows, at, NULL);
	memcpy(kept, old.value, old.size);
	old.value = kept;
	store_fake_remove(bench->rows, at);
	assert_false(verify(&scene)->whole);
	store_fake_remove(bench->rows, at);
	put_back(&scene, &old, 1);
	expect_whole(&scene);

	row.key = desk_key_number(bench->desk, STORE_COSIGNATURE, 7); /* of no device */
	put_back(&scene, &row, 1);
	expect_wrong(&scene, "cosignature-changed", 7, 7,
		     "the cosignature at 7 is of no device of this house");
	desk_bench_destroy(bench);
}

/* Where the last checkpoint is missing, nothing says that the end is the end. */
static void the_last_checkpoint_is_missed(void **state)
{
	struct scene scene = make_scene();
	const size_t count = count_rows(&scene.house, STORE_CHECKPOINT);

	(void)state;
	store_fake_remove(scene.house.bench->rows,
			  find_row(&scene.house, STORE_CHECKPOINT, count - 1));
	assert_false(verify(&scene)->whole);
	desk_bench_destroy(scene.house.bench);
}

/* It takes its time, tells how far it is, and looks at nothing that came meanwhile. */
static void what_comes_meanwhile_is_no_trouble(void **state)
{
	struct scene scene = make_scene();
	struct desk_bench *bench = scene.house.bench;
	const struct wire_message *message;
	struct merkle_head head;
	size_t told = 0;

	(void)state;
	desk_bench_say(bench, scene.house.alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	for (size_t i = 0; i < 4; i++) {
		store_step(&bench->store);
		clock_fake_pass(&bench->clock, 300);
	}
	desk_bench_append(bench, scene.house.hub, 5, EVENT_DECIDED, 5, "kitchen");
	while (size_of(&scene.house) == ENTRIES)
		store_step(&bench->store);
	head.size = size_of(&scene.house);
	assert_int_equal(journal_root(bench->desk->journal, head.root), OK);
	put_cosigned(&scene, scene.phone.seed, scene.phone.key, &head);
	desk_bench_settle(bench);
	while ((message = desk_bench_take(scene.house.alice)) &&
	       message->type == WIRE_verify_progress)
		told++;
	assert_true(told > 0);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	assert_string_equal(message->verified.trouble, "");
	assert_true(message->verified.whole);
	desk_bench_destroy(bench);
}

/* While the tiles are still being made none of them is missing. */
static void tiles_that_are_not_made_yet_are_not_missing(void **state)
{
	struct scene scene = make_scene();
	struct desk *desk = scene.house.bench->desk;

	(void)state;
	while (count_rows(&scene.house, STORE_TILE) > 0)
		store_fake_remove(scene.house.bench->rows,
				  find_row(&scene.house, STORE_TILE, 0));
	assert_string_equal(verify(&scene)->wrong, "tile-missing");
	desk->tiles = DESK_TILES_UNKNOWN;
	assert_string_equal(verify(&scene)->wrong, "nothing");
	desk->tiles = DESK_TILES_WRONG;
	assert_string_equal(verify(&scene)->wrong, "tile-missing");
	desk_bench_destroy(scene.house.bench);
}

/* More cosignatures in one window than one answer of the store holds. */
static void many_cosignatures_are_all_read(void **state)
{
	enum { SIZES = 130 };
	struct scene scene;
	struct phone second;
	const struct wire_verified *verified;

	(void)state;
	scene.house = make_house(&scene.phone);
	house_pair_phone(&scene.house, 2, scene.house.alice_id.bytes, &second);
	for (size_t i = 0; i < SIZES; i++) {
		struct merkle_head head;

		append(&scene.house, 1);
		head.size = size_of(&scene.house);
		assert_int_equal(journal_root(scene.house.bench->desk->journal,
					      head.root),
				 OK);
		put_cosigned(&scene, scene.phone.seed, scene.phone.key, &head);
		put_cosigned(&scene, second.seed, second.key, &head);
	}
	assert_true(size_of(&scene.house) < TILE_WIDTH);
	house_forget(scene.house.alice);
	verified = verify(&scene);
	assert_string_equal(verified->trouble, "");
	assert_int_equal(verified->cosignatures, 2 * SIZES);
	desk_bench_destroy(scene.house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_cosigns_what_it_was_shown),
		cmocka_unit_test(a_size_is_cosigned_once),
		cmocka_unit_test(growth_is_shown_with_its_proof),
		cmocka_unit_test(what_is_not_signed_for_is_refused),
		cmocka_unit_test(a_device_may_leave),
		cmocka_unit_test(who_may_cosign_and_when),
		cmocka_unit_test(an_entry_is_looked_at),
		cmocka_unit_test(each_edit_is_named),
		cmocka_unit_test(each_removal_is_named),
		cmocka_unit_test(a_replaced_entry_is_named),
		cmocka_unit_test(tiles_are_named),
		cmocka_unit_test(checkpoints_are_named),
		cmocka_unit_test(cosignatures_are_named),
		cmocka_unit_test(forks_and_cuts_are_named),
		cmocka_unit_test(a_clean_cut_is_named),
		cmocka_unit_test(rows_of_another_form_are_named),
		cmocka_unit_test(the_last_checkpoint_is_missed),
		cmocka_unit_test(what_comes_meanwhile_is_no_trouble),
		cmocka_unit_test(tiles_that_are_not_made_yet_are_not_missing),
		cmocka_unit_test(many_cosignatures_are_all_read),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("desk_journal", tests, NULL, NULL);
}
