/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_verify_receipt - receipts of deletion that the keeper's key signed: what one proves,
 * and what it does not when a line, a signature or a proof of it is another.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/key_text.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/verify_receipt.h"
#include "tlog/note.h"
#include "tlog/proof_text.h"
#include "tlog/tree.h"

enum { TEXT_BYTES_MAX = 4 * 1024 * 1024, ENTRIES = 4, HEIGHTS = 3, MANY = 20001 };

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {4, 5, 6};
static struct keeper_mark mark = {.household = {{8}}};
static uint8_t nodes[HEIGHTS][ENTRIES][SEAL_HASH_BYTES]; /* of the journal's tree */

#define HEAD                                                         \
	"behest receipt 1\nhousehold h\nowner alice\nat today\nwhy " \
	"its owner asked for it\n"
#define ONE "what 1 recordings\nrecord a of b deleted 2\n"
#define TWO "what 2 recordings\nrecord a of b deleted 2\nrecord c of d deleted 4\n"
#define ALL "what everything\ngeneration 1\nerased 3\n"
#define FOR_PEOPLE "\nThis covers everything.\n"

static enum err node(void *context, unsigned height, uint64_t index,
		     uint8_t out_hash[SEAL_HASH_BYTES])
{
	(void)context;
	memcpy(out_hash, nodes[height][index], SEAL_HASH_BYTES);
	return OK;
}

static void make_nodes(void)
{
	for (size_t i = 0; i < ENTRIES; i++)
		must(tree_leaf_hash((const uint8_t *)&i, 1, nodes[0][i]) == OK);
	for (size_t height = 1; height < HEIGHTS; height++)
		for (size_t i = 0; i < (size_t)ENTRIES >> height; i++)
			must(tree_node_hash(nodes[height - 1][2 * i],
					    nodes[height - 1][2 * i + 1],
					    nodes[height][i]) == OK);
}

static void sign(struct buf *text)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char household[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	char line[NOTE_LINE_BYTES];
	const struct note_key key = {name, NOTE_ED25519, mark.key};

	id_to_text(household, mark.household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	seal_sign(SEED, text->bytes, text->size, signature);
	must(note_write_line(&key, signature, sizeof(signature), line) == OK);
	must(buf_add_format(text, "\n%s", line) == OK);
}

/* The proof of the entry at place, behind a line that says it is of `said`. */
static void add_proof(struct buf *text, uint64_t place, uint64_t said)
{
	const struct merkle_source source = {NULL, node};
	struct proof_text proof = {.index = place - 1};
	char checkpoint[CHECKPOINT_TEXT_BYTES];
	char hash[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];

	must(checkpoint_write(mark.household, SEED, ENTRIES, nodes[HEIGHTS - 1][0],
			      checkpoint) == OK);
	must(merkle_inclusion(&source, place - 1, ENTRIES, &proof.proof) == OK);
	proof.checkpoint = checkpoint;
	proof.checkpoint_size = strlen(checkpoint);
	seal_base64(hash, sizeof(hash), nodes[0][place - 1], SEAL_HASH_BYTES);
	must(buf_add_format(text, "\nentry %d %s\n", (int)said, hash) == OK);
	must(proof_text_write(&proof, text) == OK);
}

static struct buf signed_text(const char *words)
{
	struct buf text;

	buf_init(&text, TEXT_BYTES_MAX);
	must(buf_add_text(&text, words) == OK);
	sign(&text);
	return text;
}

/* Finishes the text. */
static enum err check(struct buf *text, struct receipt_checked *out_checked,
		      const char *words)
{
	struct err_note note = {""};
	enum err err = verify_receipt((const char *)text->bytes, text->size, &mark,
				      out_checked, &note);

	if (!strstr(note.text, words))
		fail_msg("no \"%s\" in: %s", words, note.text);
	assert_int_equal(err != OK, note.text[0] != '\0');
	buf_finish(text);
	return err;
}

static void what_is_proved_is_counted(void **state)
{
	struct receipt_checked checked;
	struct buf text = signed_text(HEAD ONE FOR_PEOPLE);

	(void)state;
	add_proof(&text, 2, 2);
	assert_int_equal(check(&text, &checked, ""), OK);
	assert_int_equal(checked.named, 1);
	assert_int_equal(checked.proved, 1);
	assert_int_equal(checked.size, ENTRIES);
	assert_false(checked.is_all);
	assert_string_equal(checked.owner, "alice");
	assert_string_equal(checked.at, "today");
	text = signed_text(HEAD ALL FOR_PEOPLE);
	add_proof(&text, 3, 3);
	assert_int_equal(check(&text, &checked, ""), OK);
	assert_true(checked.is_all);
	assert_int_equal(checked.proved, 1);
	text = signed_text(HEAD "what 9000 recordings\ndeleted 1 to 4\n" FOR_PEOPLE);
	add_proof(&text, 1, 1);
	add_proof(&text, 4, 4);
	assert_int_equal(check(&text, &checked, ""), OK);
	assert_int_equal(checked.named, 2);
	assert_int_equal(checked.proved, 2);
}

/* A proof that was left out proves nothing, and the rest stands. */
static void what_is_not_proved_is_not_counted(void **state)
{
	struct receipt_checked checked;
	struct buf text = signed_text(HEAD TWO FOR_PEOPLE);

	(void)state;
	add_proof(&text, 4, 4);
	assert_int_equal(check(&text, &checked, ""), OK);
	assert_int_equal(checked.named, 2);
	assert_int_equal(checked.proved, 1);
	text = signed_text(HEAD TWO FOR_PEOPLE);
	assert_int_equal(check(&text, &checked, ""), OK);
	assert_int_equal(checked.proved, 0);
}

static void proofs_of_something_else_prove_nothing(void **state)
{
	static const struct {
		uint64_t place;
		uint64_t said;
	} wrong[] = {{3, 3}, {3, 2}, {2, 3}};
	static const char *const behind[] = {
		"\nentry ",
		"\nentry 2\n",
		"\nentry two AAAA\n",
		"\nentry 123456789012345678901234567890 AAAA\n",
		"\nentry 2 nothash\n",
		"\nentry 2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nno proof\n",
		"something else",
	};
	struct receipt_checked checked;
	struct buf text;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		text = signed_text(HEAD ONE FOR_PEOPLE);
		add_proof(&text, wrong[i].place, wrong[i].said);
		assert_int_not_equal(check(&text, &checked, "behind 0 proofs stands one"),
				     OK);
	}
	for (size_t i = 0; i < STR_COUNT(behind); i++) {
		text = signed_text(HEAD ONE FOR_PEOPLE);
		must(buf_add_text(&text, behind[i]) == OK);
		assert_int_not_equal(check(&text, &checked, "behind 0 proofs stands one"),
				     OK);
	}
	/* The same once more is one too many. */
	text = signed_text(HEAD TWO FOR_PEOPLE);
	add_proof(&text, 2, 2);
	add_proof(&text, 2, 2);
	assert_int_not_equal(check(&text, &checked, "behind 1 proofs stands one"), OK);
}

static void lines_that_no_keeper_writes_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *words;
	} wrong[] = {
		{HEAD FOR_PEOPLE, "names no entry"},
		{HEAD "record a of b\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "record a of b deleted two\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "record a of b deleted 0\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "erased nothing\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "deleted 3\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "deleted a to 3\n" FOR_PEOPLE, "not a receipt's line"},
		{HEAD "deleted 3 to b\n" FOR_PEOPLE, "not a receipt's line"},
		{"behest receipt 1\nat a time that is much longer than any that a keeper "
		 "writes, who knows only sixty-four of its letters\n" FOR_PEOPLE,
		 "not a receipt's line"},
	};
	struct receipt_checked checked;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		struct buf text = signed_text(wrong[i].text);

		assert_int_equal(check(&text, &checked, wrong[i].words), ERR_FORMAT);
	}
}

static void lines_have_limits(void **state)
{
	struct receipt_checked checked;
	char line[600];
	struct buf text;

	(void)state;
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	buf_init(&text, TEXT_BYTES_MAX);
	must(buf_add_format(&text, HEAD "%s\n" FOR_PEOPLE, line) == OK);
	sign(&text);
	assert_int_equal(check(&text, &checked, "not a receipt's line"), ERR_FORMAT);
	buf_init(&text, TEXT_BYTES_MAX);
	must(buf_add_text(&text, HEAD) == OK);
	for (size_t i = 0; i < MANY; i++)
		must(buf_add_text(&text, "erased 2\n") == OK);
	must(buf_add_text(&text, FOR_PEOPLE) == OK);
	sign(&text);
	assert_int_equal(check(&text, &checked, "not a receipt's line"), ERR_FORMAT);
}

static void what_is_no_receipt_is_called_so(void **state)
{
	static const char *const texts[] = {"", "behest", "behest receipt 2\n"};
	struct receipt_checked checked;
	struct buf text;

	(void)state;
	assert_false(verify_is_receipt(NULL, 0));
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		buf_init(&text, TEXT_BYTES_MAX);
		must(buf_add_text(&text, texts[i]) == OK);
		assert_int_equal(check(&text, &checked, "it is not a receipt"),
				 ERR_FORMAT);
	}
	text = signed_text(HEAD ONE FOR_PEOPLE);
	text.bytes[40] = '\0';
	assert_int_equal(check(&text, &checked, "it is not a receipt"), ERR_FORMAT);
	buf_init(&text, TEXT_BYTES_MAX);
	must(buf_add_text(&text, HEAD ONE FOR_PEOPLE) == OK);
	assert_int_equal(check(&text, &checked, "it has no signature"), ERR_FORMAT);
}

/* No byte of what is signed may be another, and no other house's key counts. */
static void what_was_changed_is_not_signed(void **state)
{
	const struct keeper_mark ours = mark;
	struct receipt_checked checked;
	struct buf text;

	(void)state;
	for (size_t at = strlen("behest receipt 1\n");
	     at < strlen(HEAD ONE FOR_PEOPLE) + SEAL_SIGNATURE_BYTES; at++) {
		text = signed_text(HEAD ONE FOR_PEOPLE);
		text.bytes[at] ^= 1;
		assert_int_not_equal(check(&text, &checked, ""), OK);
	}
	text = signed_text(HEAD ONE FOR_PEOPLE);
	mark.key[3] ^= 1;
	assert_int_equal(check(&text, &checked, "not signed by this house's keeper"),
			 ERR_AUTH);
	mark = ours;
	text = signed_text(HEAD ONE FOR_PEOPLE);
	mark.household.bytes[3] ^= 1;
	assert_int_equal(check(&text, &checked, "not signed by this house's keeper"),
			 ERR_AUTH);
	mark = ours;
}

/* --- behest verify RECEIPT --------------------------------------------------------------- */

#define OF_HOUSE                       \
	"behest receipt 1\nhousehold " \
	"08000000000000000000000000000000\nowner alice\nat today\nwhy a test\n"

/* What the command says to a file of that text, without a house: its status. */
static enum cli_exit run(struct buf *text, const char *const *options, size_t count)
{
	char path[] = "/tmp/behest-receipt-XXXXXX";
	const char *words[8] = {path};
	struct args args;
	struct err_note note;
	enum cli_exit status;
	const int file = mkstemp(path);

	assert_true(file >= 0);
	assert_int_equal(write(file, text->bytes, text->size), text->size);
	assert_int_equal(close(file), 0);
	buf_finish(text);
	for (size_t i = 0; i < count; i++)
		words[1 + i] = options[i];
	assert_int_equal(args_parse(command_verify.options, command_verify.option_count,
				    words, 1 + count, &args, &note),
			 OK);
	status = verify_receipt_run(&args);
	args_finish(&args);
	assert_int_equal(unlink(path), 0);
	return status;
}

static void the_command_reads_every_receipt(void **state)
{
	static const struct {
		const char *text;
		uint64_t place;
	} good[] = {
		{OF_HOUSE ONE FOR_PEOPLE, 2},
		{OF_HOUSE ALL "backup older 2026-01-02T03:04:05Z\n" FOR_PEOPLE, 3},
		{OF_HOUSE ALL "backup newer 2026-01-02T03:04:05Z\n" FOR_PEOPLE, 3},
		{OF_HOUSE "what the household\nbackup none\nended 4\n" FOR_PEOPLE, 4},
	};
	char key[KEY_TEXT_BYTES];
	const char *const options[] = {"--key", key, "--json"};

	(void)state;
	assert_int_equal(key_to_text(mark.key, key), OK);
	for (size_t i = 0; i < STR_COUNT(good); i++) {
		for (size_t json = 0; json < 2; json++) {
			struct buf text = signed_text(good[i].text);

			add_proof(&text, good[i].place, good[i].place);
			assert_int_equal(run(&text, options, 2 + json), CLI_DONE);
		}
	}
}

static void the_command_says_what_is_wrong(void **state)
{
	static const char *const wrong_key[] = {"--key", "ABC"};
	static const char *const nowhere[] = {"--data", "/tmp/behest-no-such-house"};
	char key[KEY_TEXT_BYTES];
	char data[FILE_PATH_BYTES];
	const char *const right_key[] = {"--key", key};
	const char *const far[] = {"--data", data};
	static const char *const texts[] = {
		HEAD ONE FOR_PEOPLE, /* of household h, which is none */
		"behest receipt 1\nowner alice\nat today\nwhy a test\n" ONE FOR_PEOPLE,
	};
	struct buf text;

	(void)state;
	assert_int_equal(key_to_text(mark.key, key), OK);
	for (size_t i = 0; i < STR_COUNT(texts); i++) {
		text = signed_text(texts[i]);
		assert_int_equal(run(&text, right_key, 2), CLI_FAILED);
	}
	text = signed_text(OF_HOUSE ONE FOR_PEOPLE); /* which proves nothing */
	assert_int_equal(run(&text, right_key, 2), CLI_FAILED);
	text = signed_text(OF_HOUSE ONE FOR_PEOPLE);
	assert_int_not_equal(run(&text, wrong_key, 2), CLI_DONE);
	text = signed_text(OF_HOUSE ONE FOR_PEOPLE);
	assert_int_equal(run(&text, nowhere, 2), CLI_FAILED);
	for (size_t size = sizeof(data) - 9; size < sizeof(data); size++) {
		memset(data, 'a', sizeof(data));
		data[0] = '/';
		data[size] = '\0';
		text = signed_text(OF_HOUSE ONE FOR_PEOPLE);
		assert_int_equal(run(&text, far, 2), CLI_FAILED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_proved_is_counted),
		cmocka_unit_test(what_is_not_proved_is_not_counted),
		cmocka_unit_test(proofs_of_something_else_prove_nothing),
		cmocka_unit_test(lines_that_no_keeper_writes_are_refused),
		cmocka_unit_test(lines_have_limits),
		cmocka_unit_test(what_is_no_receipt_is_called_so),
		cmocka_unit_test(what_was_changed_is_not_signed),
		cmocka_unit_test(the_command_reads_every_receipt),
		cmocka_unit_test(the_command_says_what_is_wrong),
	};

	if (seal_init() != OK)
		return 1;
	seal_sign_pair(SEED, mark.key);
	make_nodes();
	return cmocka_run_group_tests_name("verify_receipt", tests, NULL, NULL);
}
