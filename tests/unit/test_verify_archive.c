/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_verify_archive - what an archive may be that is not whole, though it is signed: each
 * is refused, and the refusal names the file. And a ZIP file's writer over a sink that fails
 * at any byte, and its reader over a file cut or changed at any.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/minisign.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/verify_archive.h"
#include "tlog/checkpoint.h"
#include "tlog/proof_text.h"
#include "tlog/tree.h"

enum {
	FILES_MAX = 320,
	FILE_BYTES_MAX = 100 * 1024,
	ZIP_BYTES_MAX = 4 * 1024 * 1024,
	ENTRIES = 3, /* of the journal; the second is of the recording */
	PLACE = 2,
	HEX_BYTES = 2 * SEAL_HASH_BYTES,
};

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {4, 5, 6};
static const struct household_id HOUSE = {{8}};
static uint8_t key[SEAL_SIGN_PUBLIC_BYTES];

/* An archive before it is packed. */
struct archive {
	size_t count;
	struct packed {
		char path[ZIP_PATH_BYTES];
		size_t size;
		uint8_t bytes[FILE_BYTES_MAX];
		bool is_unlisted;
	} files[FILES_MAX];
	char listed_as[ZIP_PATH_BYTES]; /* of the first file, in the list; "": its name */
	const char *more_lines;         /* of the list */
	bool is_cut;                    /* the list, before its last byte */
};

static struct archive archive;

static void put(const char *path, const void *bytes, size_t size)
{
	struct packed *file = &archive.files[archive.count++];

	must(archive.count <= FILES_MAX && size <= FILE_BYTES_MAX);
	must(str_copy(file->path, sizeof(file->path), path));
	memcpy(file->bytes, bytes, size);
	file->size = size;
	file->is_unlisted = false;
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static struct packed *file_of(const char *path)
{
	size_t at = 0;

	while (at < archive.count && !str_equal(archive.files[at].path, path))
		at++;
	must(at < archive.count);
	return &archive.files[at];
}

static void drop(const char *path)
{
	struct packed *file = file_of(path);
	size_t at = (size_t)(file - archive.files);

	archive.count--;
	memmove(file, file + 1, (archive.count - at) * sizeof(*file));
}

static void replace(const char *path, const char *text)
{
	struct packed *file = file_of(path);

	memcpy(file->bytes, text, strlen(text));
	file->size = strlen(text);
}

/* --- one that is whole ------------------------------------------------------------------ */

static enum err node(void *context, unsigned height, uint64_t index,
		     uint8_t out_hash[SEAL_HASH_BYTES])
{
	const uint8_t(*leaves)[SEAL_HASH_BYTES] = context;

	if (height == 0)
		memcpy(out_hash, leaves[index], SEAL_HASH_BYTES);
	return height == 0 ? OK : tree_node_hash(leaves[0], leaves[1], out_hash);
}

/* Entries are "entry 1" and so on. */
static void put_journal(void)
{
	uint8_t leaves[ENTRIES][SEAL_HASH_BYTES];
	const struct merkle_source source = {leaves, node};
	struct proof_text proof = {.index = PLACE - 1};
	char checkpoint[CHECKPOINT_TEXT_BYTES];
	uint8_t root[SEAL_HASH_BYTES];
	struct buf text;

	for (size_t i = 0; i < ENTRIES; i++) {
		char entry[16];

		must(str_format(entry, sizeof(entry), "entry %zu", i + 1));
		must(tree_leaf_hash((uint8_t *)entry, strlen(entry), leaves[i]) == OK);
	}
	must(merkle_root(&source, ENTRIES, root) == OK);
	must(checkpoint_write(HOUSE, SEED, ENTRIES, root, checkpoint) == OK);
	must(merkle_inclusion(&source, PLACE - 1, ENTRIES, &proof.proof) == OK);
	proof.checkpoint = checkpoint;
	proof.checkpoint_size = strlen(checkpoint);
	buf_init(&text, PROOF_TEXT_BYTES_MAX);
	must(proof_text_write(&proof, &text) == OK);
	put_text("journal/2.entry", "entry 2");
	put("journal/2.tlog-proof", text.bytes, text.size);
	put_text("journal/checkpoint", checkpoint);
	buf_finish(&text);
}

static void make_archive(void)
{
	char about[256];
	char house[ID_TEXT_BYTES];
	char public_key[MINISIGN_KEY_BYTES];

	archive.count = 0;
	archive.listed_as[0] = '\0';
	archive.more_lines = "";
	archive.is_cut = false;
	id_to_text(house, HOUSE.bytes);
	minisign_key_write(key, public_key);
	must(str_format(about, sizeof(about),
			"{\"household\":\"%s\",\"owner\":\"alice\",\"made\":\"today\","
			"\"recordings\":1}\n",
			house));
	put_text("recordings/one.wav", "sound");
	put_journal();
	put_text("about.json", about);
	put_text("minisign.pub", public_key);
}

/* --- packing ---------------------------------------------------------------------------- */

static void add_sums(struct buf *sums)
{
	for (size_t i = 0; i < archive.count; i++) {
		const struct packed *file = &archive.files[i];
		const struct seal_part part = {file->bytes, file->size};
		uint8_t hash[SEAL_HASH_BYTES];
		char hex[HEX_BYTES + 1];

		if (file->is_unlisted)
			continue;
		must(seal_sha256(&part, 1, hash) == OK);
		str_to_hex(hex, hash, sizeof(hash));
		must(buf_add_format(sums, "%s  %s\n", hex,
				    i == 0 && archive.listed_as[0] ? archive.listed_as
								   : file->path) == OK);
	}
	must(buf_add_text(sums, archive.more_lines) == OK);
	sums->size -= archive.is_cut;
}

static enum err add_bytes(void *context, const void *bytes, size_t size)
{
	return buf_add(context, bytes, size);
}

static enum err zip_file(struct zip_writer *zip, const char *path, const void *bytes,
			 size_t size)
{
	enum err err = zip_writer_open_file(zip, path, 1000, size);

	return err ? err : zip_writer_add(zip, bytes, size);
}

static enum err zip_all(struct buf *to, const struct buf *sums, const char *signature)
{
	const struct sink sink = {to, add_bytes};
	struct zip_writer *zip = NULL;
	enum err err = zip_writer_create(&sink, &zip);

	for (size_t i = 0; i < archive.count && !err; i++)
		err = zip_file(zip, archive.files[i].path, archive.files[i].bytes,
			       archive.files[i].size);
	if (!err && sums)
		err = zip_file(zip, "SHA256SUMS", sums->bytes, sums->size);
	if (!err && sums)
		err = zip_file(zip, "SHA256SUMS.minisig", signature, strlen(signature));
	if (!err)
		err = zip_writer_end(zip);
	zip_writer_destroy(zip);
	return err;
}

static void pack(struct buf *to)
{
	char signature[MINISIGN_SIGNATURE_BYTES];
	struct buf sums;

	buf_init(&sums, FILE_BYTES_MAX);
	buf_init(to, ZIP_BYTES_MAX);
	add_sums(&sums);
	minisign_write(SEED, sums.bytes, sums.size, "behest", signature);
	assert_int_equal(zip_all(to, &sums, signature), OK);
	buf_finish(&sums);
}

static enum err open_bytes(void *context, struct zip_reader **out_reader,
			   struct err_note *note)
{
	const struct buf *bytes = context;

	return zip_reader_open_memory(bytes->bytes, bytes->size, out_reader, note);
}

static enum err verify(struct buf *zip, const uint8_t *of_house, struct err_note *note)
{
	const struct verify_source source = {zip, open_bytes};
	struct verified_archive verified;
	enum err err = verify_archive(&source, of_house, &verified, note);

	if (!err) {
		assert_int_equal(verified.recordings, 1);
		assert_int_equal(verified.journal_size, ENTRIES);
		assert_string_equal(verified.owner, "alice");
		assert_memory_equal(verified.key, key, sizeof(key));
	}
	return err;
}

/* --- what is wrong with it -------------------------------------------------------------- */

static void list_twice(void)
{
	static char line[256];
	const struct packed *file = file_of("about.json");
	const struct seal_part part = {file->bytes, file->size};
	uint8_t hash[SEAL_HASH_BYTES];
	char hex[HEX_BYTES + 1];

	must(seal_sha256(&part, 1, hash) == OK);
	str_to_hex(hex, hash, sizeof(hash));
	must(str_format(line, sizeof(line), "%s  about.json\n", hex));
	archive.more_lines = line;
}

static void add_short_line(void)
{
	archive.more_lines = "short\n";
}

#define ZEROS "00000000000000000000000000000000"

static void add_line_without_hash(void)
{
	archive.more_lines = ZEROS "0000000000000000000000000000000g  about.json\n";
}

static void add_line_without_gap(void)
{
	archive.more_lines = ZEROS ZEROS " about.json\n";
}

static void add_line_with_long_path(void)
{
	static char line[600];

	memset(line, 'a', sizeof(line) - 1);
	memcpy(line, ZEROS ZEROS "  ", HEX_BYTES + 2);
	line[sizeof(line) - 2] = '\n';
	archive.more_lines = line;
}

static void cut_list(void)
{
	archive.is_cut = true;
}

static void list_other_name(void)
{
	must(str_copy(archive.listed_as, sizeof(archive.listed_as),
		      "recordings/two.wav"));
}

static void list_no_key(void)
{
	file_of("minisign.pub")->is_unlisted = true;
}

static void repeat_file(void)
{
	put_text("recordings/one.wav", "sound");
	archive.files[archive.count - 1].is_unlisted = true;
}

static void repeat_about(void)
{
	put_text("about.json", "{}");
}

static void grow_about(void)
{
	struct packed *file = file_of("about.json");

	memset(file->bytes, ' ', FILE_BYTES_MAX);
	file->size = FILE_BYTES_MAX;
}

static void empty_about(void)
{
	replace("about.json", "");
}

static void name_no_house(void)
{
	replace("about.json",
		"{\"household\":\"mine\",\"owner\":\"alice\",\"recordings\":1}");
}

static void name_nobody(void)
{
	char text[1024];
	char house[ID_TEXT_BYTES];
	char name[VERIFY_OWNER_BYTES + 1];

	id_to_text(house, HOUSE.bytes);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	must(str_format(text, sizeof(text),
			"{\"household\":\"%s\",\"owner\":\"%s\",\"recordings\":1}", house,
			name));
	replace("about.json", text);
}

static void name_no_time(void)
{
	char text[1024];
	char house[ID_TEXT_BYTES];

	id_to_text(house, HOUSE.bytes);
	must(str_format(text, sizeof(text),
			"{\"household\":\"%s\",\"owner\":\"a\",\"made\":\"on a day that "
			"has a very long name\",\"recordings\":1}",
			house));
	replace("about.json", text);
}

static void lose_sound(void)
{
	drop("recordings/one.wav");
}

static void sign_other_checkpoint(void)
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {9};
	const uint8_t root[SEAL_HASH_BYTES] = {1};
	char checkpoint[CHECKPOINT_TEXT_BYTES];

	must(checkpoint_write(HOUSE, seed, ENTRIES, root, checkpoint) == OK);
	replace("journal/checkpoint", checkpoint);
}

/* Signed as well, but not what the proof was made for. */
static void put_checkpoint(uint64_t size)
{
	const uint8_t root[SEAL_HASH_BYTES] = {1};
	char checkpoint[CHECKPOINT_TEXT_BYTES];

	must(checkpoint_write(HOUSE, SEED, size, root, checkpoint) == OK);
	replace("journal/checkpoint", checkpoint);
}

static void state_other_root(void)
{
	put_checkpoint(ENTRIES);
}

static void state_other_size(void)
{
	put_checkpoint(ENTRIES + 1);
}

static void lose_proof(void)
{
	drop("journal/2.tlog-proof");
}

static void end_with_entry(void)
{
	struct packed entry = *file_of("journal/2.entry");

	drop("journal/2.entry");
	drop("journal/2.tlog-proof");
	put(entry.path, entry.bytes, entry.size);
}

static void lose_both(void)
{
	lose_proof();
	drop("journal/2.entry");
}

static void change_entry(void)
{
	replace("journal/2.entry", "entry 3");
}

static void empty_proof(void)
{
	replace("journal/2.tlog-proof", "");
}

static void rename_both(void)
{
	must(str_copy(file_of("journal/2.entry")->path, ZIP_PATH_BYTES,
		      "journal/3.entry"));
	must(str_copy(file_of("journal/2.tlog-proof")->path, ZIP_PATH_BYTES,
		      "journal/3.tlog-proof"));
}

static void grow_entry(void)
{
	struct packed *file = file_of("journal/2.entry");

	file->size = FILE_BYTES_MAX;
}

static void grow_proof(void)
{
	struct packed *file = file_of("journal/2.tlog-proof");

	file->size = FILE_BYTES_MAX;
}

static void name_it_tamely(const char *path)
{
	put_text(path, "x");
}

static void go_up(void)
{
	name_it_tamely("a/../../b");
}

static void end_upwards(void)
{
	name_it_tamely("a/..");
}

static void go_back(void)
{
	name_it_tamely("a\\b");
}

static void name_it_long(void)
{
	char path[ZIP_PATH_BYTES];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	name_it_tamely(path);
}

static const struct {
	void (*change)(void);
	const char *words;
} CHANGES[] = {
	{list_twice, "about.json: is listed twice"},
	{add_short_line, "SHA256SUMS: has a line that is none"},
	{add_line_without_hash, "SHA256SUMS: has a line that is none"},
	{add_line_without_gap, "SHA256SUMS: has a line that is none"},
	{add_line_with_long_path, "SHA256SUMS: has a line that is none"},
	{cut_list, "SHA256SUMS: is cut off"},
	{list_other_name, "recordings/two.wav: is missing"},
	{list_no_key, "minisign.pub: was added"},
	{repeat_file, "recordings/one.wav: is there twice"},
	{repeat_about, "about.json: is there twice"},
	{grow_about, "about.json: is larger than it can be"},
	{empty_about, "about.json"},
	{name_no_house, "about.json: does not say whose it is"},
	{name_nobody, "about.json: does not say whose it is"},
	{name_no_time, "about.json: does not say whose it is"},
	{lose_sound, "about.json: names another number of recordings"},
	{sign_other_checkpoint, "journal/checkpoint: is not signed"},
	{state_other_root, "journal/2.tlog-proof: does not prove"},
	{state_other_size, "journal/2.tlog-proof: does not prove"},
	{lose_proof, "journal/2.entry: has no proof behind it"},
	{end_with_entry, "journal/2.entry: has no proof behind it"},
	{lose_both, "journal/checkpoint: not every recording has its proof"},
	{change_entry, "journal/2.tlog-proof: does not prove"},
	{empty_proof, "journal/2.tlog-proof: does not prove"},
	{rename_both, "journal/3.tlog-proof: does not prove"},
	{grow_entry, "journal/2.entry: is larger than it can be"},
	{grow_proof, "journal/2.tlog-proof: is larger than it can be"},
	{go_up, "a name that no archive of ours has"},
	{end_upwards, "a name that no archive of ours has"},
	{go_back, "is missing"},
};

static void a_whole_one_verifies(void **state)
{
	struct err_note note = {""};
	struct buf zip;

	(void)state;
	make_archive();
	pack(&zip);
	assert_int_equal(verify(&zip, NULL, &note), OK);
	assert_int_equal(verify(&zip, key, &note), OK);
	buf_finish(&zip);
	make_archive(); /* entries of no place prove nothing, and are only files */
	put_text("journal/x.entry", "x");
	put_text("journal/other.txt", "x");
	name_it_long();
	pack(&zip);
	assert_int_equal(verify(&zip, NULL, &note), OK);
	buf_finish(&zip);
}

static void one_of_many_files_verifies(void **state)
{
	struct err_note note = {""};
	struct buf zip;

	(void)state;
	make_archive();
	for (unsigned i = 0; i < 300; i++) {
		char path[32];

		must(str_format(path, sizeof(path), "notes/%u.txt", i));
		put_text(path, "x");
	}
	pack(&zip);
	assert_int_equal(verify(&zip, key, &note), OK);
	buf_finish(&zip);
}

/* Nobody here has a password for it. */
static void a_file_that_is_locked_by_itself_is_named(void **state)
{
	enum { LOCAL_FLAGS = 6, CENTRAL_FLAGS = 8, IS_LOCKED = 1 };
	struct err_note note = {""};
	uint8_t *central;
	struct buf zip;

	(void)state;
	make_archive();
	pack(&zip);
	central = memmem(zip.bytes, zip.size, "PK\1\2", 4);
	assert_non_null(central);
	zip.bytes[LOCAL_FLAGS] |= IS_LOCKED;
	central[CENTRAL_FLAGS] |= IS_LOCKED;
	assert_int_equal(verify(&zip, key, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "recordings/one.wav: is not a plain file"));
	buf_finish(&zip);
}

static void another_house_did_not_sign_it(void **state)
{
	const uint8_t other[SEAL_SIGN_PUBLIC_BYTES] = {1};
	struct err_note note = {""};
	struct buf zip;

	(void)state;
	make_archive();
	pack(&zip);
	assert_int_equal(verify(&zip, other, &note), ERR_AUTH);
	assert_non_null(strstr(note.text, "minisign.pub: is not the key of this house"));
	buf_finish(&zip);
}

/* Its list is right and signed; what is wrong is named all the same. */
static void each_thing_that_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(CHANGES); i++) {
		struct err_note note = {""};
		struct buf zip;

		make_archive();
		CHANGES[i].change();
		pack(&zip);
		assert_int_not_equal(verify(&zip, key, &note), OK);
		if (!strstr(note.text, CHANGES[i].words))
			fail_msg("%zu: no \"%s\" in: %s", i, CHANGES[i].words, note.text);
		buf_finish(&zip);
	}
}

/* Cut anywhere, or a bit of it changed: it is not whole, or what changed says nothing. */
static void a_damaged_one_is_no_other(void **state)
{
	struct buf zip;

	(void)state;
	make_archive();
	pack(&zip);
	for (size_t size = 0; size < zip.size; size += 7) {
		struct buf cut = {.bytes = zip.bytes, .size = size};
		struct err_note note = {""};

		assert_int_not_equal(verify(&cut, key, &note), OK);
		assert_true(note.text[0] != '\0');
	}
	for (size_t at = 0; at < zip.size; at += 3) {
		struct err_note note = {""};

		zip.bytes[at] ^= 0x10;
		if (verify(&zip, key, &note) != OK)
			assert_true(note.text[0] != '\0');
		zip.bytes[at] ^= 0x10;
	}
	buf_finish(&zip);
}

/* What the sink says is said, wherever it is. */
static void a_sink_that_is_full_ends_it(void **state)
{
	struct buf zip;
	size_t size;

	(void)state;
	make_archive();
	pack(&zip);
	buf_finish(&zip);
	buf_init(&zip, ZIP_BYTES_MAX);
	archive.count = 3;
	file_of("recordings/one.wav")->size =
		FILE_BYTES_MAX; /* more than it holds back */
	assert_int_equal(zip_all(&zip, NULL, NULL), OK);
	size = zip.size;
	buf_finish(&zip);
	for (size_t most = 0; most < size; most += 97) {
		buf_init(&zip, most);
		assert_int_equal(zip_all(&zip, NULL, NULL), ERR_LIMIT);
		assert_true(zip.size <= most);
		buf_finish(&zip);
	}
}

/* Who goes on all the same is told the same. */
static void a_writer_that_failed_stays_so(void **state)
{
	static const uint8_t much[FILE_BYTES_MAX];
	struct buf none;
	const struct sink sink = {&none, add_bytes};
	struct zip_writer *zip = NULL;

	(void)state;
	buf_init(&none, 0);
	assert_int_equal(zip_writer_create(&sink, &zip), OK);
	assert_int_equal(zip_writer_open_file(zip, "a", 1, ZIP_SIZE_UNKNOWN), OK);
	assert_int_equal(zip_writer_add(zip, much, 0), OK);
	assert_int_equal(zip_writer_add(zip, much, sizeof(much)), ERR_LIMIT);
	assert_int_equal(zip_writer_add(zip, much, 1), ERR_LIMIT);
	assert_int_equal(zip_writer_open_file(zip, "b", 1, 1), ERR_LIMIT);
	assert_int_equal(zip_writer_end(zip), ERR_LIMIT);
	zip_writer_destroy(zip);
	buf_finish(&none);
	/* More than was announced is not taken, whatever the sink takes. */
	buf_init(&none, ZIP_BYTES_MAX);
	assert_int_equal(zip_writer_create(&sink, &zip), OK);
	assert_int_equal(zip_writer_open_file(zip, "a", 1, 1), OK);
	assert_int_equal(zip_writer_add(zip, much, 2), ERR_IO);
	zip_writer_destroy(zip);
	buf_finish(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_one_verifies),
		cmocka_unit_test(one_of_many_files_verifies),
		cmocka_unit_test(a_file_that_is_locked_by_itself_is_named),
		cmocka_unit_test(another_house_did_not_sign_it),
		cmocka_unit_test(each_thing_that_is_wrong_is_named),
		cmocka_unit_test(a_damaged_one_is_no_other),
		cmocka_unit_test(a_sink_that_is_full_ends_it),
		cmocka_unit_test(a_writer_that_failed_stays_so),
	};

	if (seal_init() != OK)
		return 1;
	seal_sign_pair(SEED, key);
	return cmocka_run_group_tests_name("verify_archive", tests, NULL, NULL);
}
