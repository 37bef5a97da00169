/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_keys - `behest keys` against a real keeper: each verb and each refusal with its line
 * and exit status; and that a row which is void is in no file of the keeper any more.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"
#include "e2e/search.h"

#define NEW_PASSPHRASE "another battery staple"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase[FILE_PATH_BYTES]; /* the first one's file */
static char newer[FILE_PATH_BYTES];
static char code[FILE_PATH_BYTES];
static char code_text[64];

static void write_text(char path[FILE_PATH_BYTES], const char *name, const char *text)
{
	struct err_note note = {""};

	assert_true(file_join(path, FILE_PATH_BYTES, house.fixture.folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	write_text(passphrase, "passphrase", HOUSE_PASSPHRASE "\n");
	write_text(newer, "newer", NEW_PASSPHRASE "\n");
	house_start_keeper(&house);
	house_settle(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static void behest_as(const char *file, const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data",    house.data,          "--owner",
				   HOUSE_OWNER, "--passphrase-file", file};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	for (size_t i = 0; i < STR_COUNT(who); i++)
		all[count++] = who[i];
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

static void expect(const char *file, const char *const *words, int status,
		   const char *out, const char *err)
{
	struct process_ran ran;

	behest_as(file, words, &ran);
	if (ran.status != status || !str_starts(process_out(&ran), out) ||
	    !str_equal(process_err(&ran), err))
		fail_msg("%s %s: status %d\nout: %s\nerr: %s", words[0],
			 words[1] ? words[1] : "", ran.status, process_out(&ran),
			 process_err(&ran));
	process_ran_finish(&ran);
}

static void both_are_shown(void **state)
{
	struct process_ran ran;

	(void)state;
	behest_as(passphrase, WORDS("keys"), &ran);
	assert_int_equal(ran.status, 0);
	assert_non_null(strstr(process_out(&ran), "  1  passphrase "));
	assert_non_null(strstr(process_out(&ran), "  2  recovery code "));
	process_ran_finish(&ran);
	expect(passphrase, WORDS("keys", "list", "--json"), 0,
	       "{\"number\":1,\"kind\":\"passphrase\",\"name\":\"\",\"made\":\"", "");
}

static void mistakes_are_one_line(void **state)
{
	(void)state;
	expect(newer, WORDS("keys"), 3, "",
	       "behest keys: no owner with that name and passphrase\n");
	expect(passphrase, WORDS("keys", "remove", "travel"), 1, "",
	       "behest keys: there is no key \"travel\"; see: behest keys\n");
	expect(passphrase,
	       WORDS("keys", "add", "passphrase", "--new-passphrase-file", newer), 2, "",
	       "behest keys: \"passphrase\" names another key already\n");
	expect(passphrase, WORDS("keys", "add", "travel"), 1, "",
	       "behest keys: the new passphrase is needed: give --new-passphrase-file "
	       "FILE, or run this at a terminal\n");
	expect(passphrase, WORDS("keys", "destroy", HOUSE_OWNER), 2, "",
	       "behest keys: to destroy all keys give --yes, or run this at a terminal\n");
	expect(passphrase, WORDS("keys", "destroy", HOUSE_OWNER, "--yes"), 3, "",
	       "behest keys: the last owner cannot be removed\n");
	expect(passphrase, WORDS("keys", "destroy", "bob", "--yes"), 3, "",
	       "behest keys: \"" HOUSE_OWNER
	       "\" is signed in, not \"bob\": nothing was destroyed\n");
}

static void a_further_one_comes_and_goes(void **state)
{
	(void)state;
	expect(passphrase, WORDS("keys", "add", "travel", "--new-passphrase-file", newer),
	       0, "", "");
	expect(newer, WORDS("keys"), 0, "  1  passphrase ", "");
	expect(passphrase, WORDS("keys", "remove", "Travel"), 0, "", "");
	expect(newer, WORDS("keys"), 3, "",
	       "behest keys: no owner with that name and passphrase\n");
}

static void the_code_is_renewed(void **state)
{
	static const char begins[] = "{\"recovery\":\"";
	struct process_ran ran;
	const char *out;

	(void)state;
	behest_as(passphrase, WORDS("keys", "recovery", "--json"), &ran);
	assert_int_equal(ran.status, 0);
	out = process_out(&ran);
	assert_true(str_starts(out, begins));
	assert_true(
		str_copy_bytes(code_text, sizeof(code_text), out + strlen(begins), 47));
	process_ran_finish(&ran);
	write_text(code, "code", code_text);
	expect(code, WORDS("keys"), 0, "  1  passphrase ", "");
	expect(passphrase, WORDS("keys", "recovery"), 0, "  recovery code  ", "");
	expect(code, WORDS("keys"), 3, "",
	       "behest keys: no owner with that name and passphrase\n");
}

static void the_last_key_stays(void **state)
{
	(void)state;
	expect(passphrase, WORDS("keys", "remove", "recovery code"), 0, "", "");
	expect(passphrase, WORDS("keys", "remove", "passphrase"), 3, "",
	       "behest keys: it is the last that opens what is yours; make another one "
	       "first\n");
}

/* The value of the newest passphrase's row, read by a foreign tool. */
static size_t read_wrap(uint8_t *to, size_t size)
{
	char database[FILE_PATH_BYTES];
	const char *words[] = {"/usr/bin/sqlite3", "-readonly", database,
			       "select hex(value) from wrap", NULL};
	struct process_ran ran;
	const char *hex;
	size_t count = 0;

	assert_true(
		file_join(database, sizeof(database), house.data, "keeper/keeper.db"));
	process_run(words, HOUSE_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	for (hex = process_out(&ran); count < size && hex[0] && hex[0] != '\n';
	     hex += 2) {
		const char two[] = {hex[0], hex[1], '\0'};

		to[count++] = (uint8_t)strtoul(two, NULL, 16);
	}
	process_ran_finish(&ran);
	return count;
}

static void a_void_row_is_in_no_file(void **state)
{
	enum { SALT_AT = 107 }; /* what is in front of it, the next row has too */
	struct search *search = search_create();
	char where[SEARCH_WHERE_BYTES] = "";
	uint8_t row[512];
	size_t size;

	(void)state;
	house_stop_keeper(&house);
	size = read_wrap(row, sizeof(row));
	assert_true(size > SALT_AT);
	search_add_bytes(search, "a wrap", row + SALT_AT, size - SALT_AT, 1);
	house_start_keeper(&house);
	assert_true(search_folder(search, house.data, where));
	expect(passphrase, WORDS("keys", "passphrase", "--new-passphrase-file", newer), 0,
	       "From now on the new passphrase opens", "");
	if (search_folder(search, house.data, where))
		fail_msg("%s", where);
	search_destroy(search);
	expect(passphrase, WORDS("keys"), 3, "",
	       "behest keys: no owner with that name and passphrase\n");
	expect(newer, WORDS("people"), 0, HOUSE_OWNER, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_shown),
		cmocka_unit_test(mistakes_are_one_line),
		cmocka_unit_test(a_further_one_comes_and_goes),
		cmocka_unit_test(the_code_is_renewed),
		cmocka_unit_test(the_last_key_stays),
		cmocka_unit_test(a_void_row_is_in_no_file),
	};

	return cmocka_run_group_tests_name("keys", tests, set_up, tear_down);
}
