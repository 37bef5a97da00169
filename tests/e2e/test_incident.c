/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_incident - `behest incident`, `behest authority` and `behest keeping` against a real
 * keeper: the man who got a stranger's archive and has no account, the owners, wrong words
 * with their exact line and status, kills between steps, and somebody with a SQL prompt.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { KILLS = 12, LONG = 600 };

#define BOB_PASSPHRASE "another battery staple"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase[FILE_PATH_BYTES];
static char bobs[FILE_PATH_BYTES]; /* passphrase */
static char sums[FILE_PATH_BYTES]; /* of an archive that was unpacked */
static char incident[ID_TEXT_BYTES];

/* --- running it ------------------------------------------------------------------------- */

static void write_text(char path[FILE_PATH_BYTES], const char *name, const char *text)
{
	struct err_note note = {""};

	assert_true(file_join(path, FILE_PATH_BYTES, house.fixture.folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	write_text(passphrase, "passphrase", HOUSE_PASSPHRASE "\n");
	write_text(bobs, "bobs", BOB_PASSPHRASE "\n");
	write_text(sums, "SHA256SUMS", "00  recordings/0001.wav\n");
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

/* owner NULL: nobody in particular, without a passphrase. */
static void behest_as(const char *owner, const char *const *words,
		      struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data",
				   house.data,
				   "--owner",
				   owner,
				   "--passphrase-file",
				   owner && str_equal(owner, "bob") ? bobs : passphrase};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	for (size_t i = 0; i < (owner ? STR_COUNT(who) : 2); i++)
		all[count++] = who[i];
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

/* Its output, which the caller frees. */
static char *run_as(const char *owner, const char *const *words, int status,
		    const char *err)
{
	struct process_ran ran;
	char *out;

	behest_as(owner, words, &ran);
	if (ran.status != status || (err && !str_equal(process_err(&ran), err)))
		fail_msg("%s %s: status %d\nout: %s\nerr: %s", words[0],
			 words[1] ? words[1] : "", ran.status, process_out(&ran),
			 process_err(&ran));
	out = strdup(process_out(&ran));
	process_ran_finish(&ran);
	return out;
}

static void fails(const char *const *words, int status, const char *err)
{
	free(run_as(HOUSE_OWNER, words, status, err));
}

static void shows(const char *const *words, const char *out)
{
	char *got = run_as(HOUSE_OWNER, words, 0, NULL);

	assert_string_equal(got, out);
	free(got);
}

/* What it writes has this in it, and not that. */
static void holds(const char *owner, const char *const *words, const char *text,
		  const char *without)
{
	char *out = run_as(owner, words, 0, NULL);

	if (!strstr(out, text))
		fail_msg("no \"%s\" in: %s", text, out);
	assert_true(!without || !strstr(out, without));
	free(out);
}

/* The first word of what it writes, which is an id. */
static void takes_id(const char *owner, const char *const *words, char to[ID_TEXT_BYTES])
{
	uint8_t bytes[ID_BYTES];
	char *out = run_as(owner, words, 0, NULL);

	assert_true(str_copy_bytes(to, ID_TEXT_BYTES, out, ID_TEXT_BYTES - 1));
	assert_true(id_from_text(bytes, to));
	free(out);
}

static bool is_frozen(void)
{
	char *out = run_as(NULL, WORDS("status", "--json"), 1, NULL); /* no hub runs */
	const bool is = strstr(out, "\"exports_frozen\":true") != NULL;

	assert_true(is || strstr(out, "\"exports_frozen\":false"));
	free(out);
	return is;
}

static void kill_keeper(void)
{
	(void)process_end(&house.keeper, SIGKILL);
	house_start_keeper(&house);
}

/* --- keeping ---------------------------------------------------------------------------- */

static void what_is_kept_is_shown_and_changed(void **state)
{
	(void)state;
	shows(WORDS("keeping"),
	      "recordings     yours are kept for 30 days\n"
	      "household box  off: of what is nobody's no sound is kept\n"
	      "operator       nobody: the household runs it for itself\n");
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "1-day", "--box", "on"),
	      "yours are kept for 1 day\n", NULL);
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "nothing"),
	      "nothing of yours is kept\nhousehold box  on", NULL);
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "3-months"), "92 days", NULL);
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "18-months"), "548 days",
	      NULL);
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "77"), "77 days", NULL);
	holds(HOUSE_OWNER, WORDS("keeping", "--recordings", "7-days", "--box", "off"),
	      "7 days\nhousehold box  off", NULL);
	shows(WORDS("keeping", "--recordings", "30-days", "--json"),
	      "{\"days\":30,\"box\":false,\"operator\":null,\"contact\":null}\n");
	/* It is kept. */
	kill_keeper();
	holds(HOUSE_OWNER, WORDS("keeping"), "30 days", NULL);
}

static void wrong_words_of_keeping(void **state)
{
	(void)state;
	fails(WORDS("keeping", "--recordings", "ever"), 2,
	      "behest keeping: --recordings ever: expected nothing, 1-day, 7-days, "
	      "30-days, 3-months, 18-months, or 0 to 548 days\n");
	fails(WORDS("keeping", "--recordings", "549"), 2,
	      "behest keeping: --recordings 549: expected nothing, 1-day, 7-days, "
	      "30-days, 3-months, 18-months, or 0 to 548 days\n");
	fails(WORDS("keeping", "--recordings", "-1"), 2, NULL);
	fails(WORDS("keeping", "--box", "maybe"), 2,
	      "behest keeping: --box maybe: expected on or off\n");
	fails(WORDS("keeping", "--operator", "Co-op"), 2,
	      "behest keeping: --operator needs --contact, and both a text\n");
	fails(WORDS("keeping", "--contact", "a@b"), 2, NULL);
	fails(WORDS("keeping", "--operator", "Co-op", "--contact", ""), 2, NULL);
	fails(WORDS("keeping", "--operator", "a", "--contact", "b", "--no-operator"), 2,
	      "behest keeping: --no-operator stands alone\n");
	fails(WORDS("keeping", "now"), 2, NULL);
}

/* --- the man who got a stranger's archive ----------------------------------------------- */

static void nothing_is_wrong_at_first(void **state)
{
	(void)state;
	shows(WORDS("incident"), "no incident is open\n");
	shows(WORDS("incident", "list", "--all"), "there were no incidents\n");
	shows(WORDS("incident", "list", "--json"), "");
	assert_false(is_frozen());
}

/* Without any account; with an id at once; which reads nothing. */
static void the_man_without_an_account_gets_an_id(void **state)
{
	struct process_ran ran;
	char again[ID_TEXT_BYTES];

	(void)state;
	takes_id(NULL,
		 WORDS("incident", "report", sums, "--words",
		       "I asked for my data and\ngot somebody's recordings"),
		 incident);
	assert_true(is_frozen());
	takes_id(NULL, WORDS("incident", "report", sums, "--words", "no answer yet"),
		 again);
	assert_string_equal(again, incident);
	behest_as(NULL, WORDS("incident", "show", incident, "--passphrase-file", bobs),
		  &ran);
	assert_int_equal(ran.status, 3);
	assert_string_equal(process_out(&ran), "");
	process_ran_finish(&ran);
}

/* A ZIP file of so many entries: name and text. */
static void make_zip(char path[FILE_PATH_BYTES], const char *name, const char *entry,
		     const char *text)
{
	static const char script[] = "import sys, zipfile\n"
				     "with zipfile.ZipFile(sys.argv[1], 'w') as z:\n"
				     "    z.writestr('sound/0001.wav', b'RIFF')\n"
				     "    z.writestr(sys.argv[2], sys.argv[3])\n";
	struct process_ran ran;

	assert_true(file_join(path, FILE_PATH_BYTES, house.fixture.folder, name));
	process_run(WORDS("/usr/bin/env", "python3", "-c", script, path, entry, text),
		    HOUSE_WAIT_MS, &ran);
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
}

/* Packed or unpacked, and whichever file of it: it is the same archive. */
static void an_archive_is_known_by_its_manifest(void **state)
{
	char path[FILE_PATH_BYTES];
	char named[FILE_PATH_BYTES + 32];
	char again[ID_TEXT_BYTES];
	struct process_ran ran;

	(void)state;
	make_zip(path, "mine.zip", "behest/SHA256SUMS", "00  recordings/0001.wav\n");
	takes_id(NULL, WORDS("incident", "report", path), again);
	assert_string_equal(again, incident);
	assert_true(str_format(named, sizeof(named), "%s:sound/0001.wav", path));
	takes_id(NULL, WORDS("incident", "report", named), again);
	assert_string_equal(again, incident);
	make_zip(path, "other.zip", "README.txt", "nothing");
	behest_as(NULL, WORDS("incident", "report", path), &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "it holds no file SHA256SUMS"));
	process_ran_finish(&ran);
	write_text(path, "no.zip", "this is no ZIP file");
	behest_as(NULL, WORDS("incident", "report", path), &ran);
	assert_int_equal(ran.status, 1);
	assert_non_null(strstr(process_err(&ran), "no.zip"));
	process_ran_finish(&ran);
}

static void wrong_reports_are_refused(void **state)
{
	static char words[LONG];
	struct process_ran ran;

	(void)state;
	memset(words, 'x', sizeof(words) - 1);
	behest_as(NULL, WORDS("incident", "report", "no/such/SHA256SUMS"), &ran);
	assert_int_equal(ran.status, 1);
	assert_true(str_starts(process_err(&ran), "behest incident: no/such/SHA256SUMS"));
	process_ran_finish(&ran);
	behest_as(NULL, WORDS("incident", "report", "no/such.zip:a.wav"), &ran);
	assert_int_equal(ran.status, 1);
	process_ran_finish(&ran);
	fails(WORDS("incident", "report"), 2,
	      "behest incident: expected a recording, a turn, or an archive behind "
	      "report\n");
	fails(WORDS("incident", "report", sums, "--words", words), 2,
	      "behest incident: --words: at most 500 bytes\n");
	fails(WORDS("incident", "report", "nonsense"), 1,
	      "1 incident is open, and exports are frozen; see: behest incident\n"
	      "behest incident: \"nonsense\": no such row; see: behest history\n");
	/* Something of one's own takes a sign-in. */
	free(run_as("nobody", WORDS("incident", "report", "t-0000000000000001"), 3,
		    "behest incident: no owner with that name and passphrase\n"));
}

/* --- the owners ------------------------------------------------------------------------- */

static void owners_see_it_and_are_told(void **state)
{
	struct process_ran ran;

	(void)state;
	free(run_as(HOUSE_OWNER,
		    WORDS("people", "add", "bob", "--role", "owner",
			  "--new-passphrase-file", bobs),
		    0, NULL));
	behest_as("bob", WORDS("people"), &ran);
	assert_string_equal(
		process_err(&ran),
		"1 incident is open, and exports are frozen; see: behest incident\n");
	assert_null(strstr(process_err(&ran), "\033"));
	process_ran_finish(&ran);
	holds("bob", WORDS("incident"), "somebody reported something that is not theirs",
	      NULL);
	holds("bob", WORDS("incident", "show", incident),
	      "an owner whom it concerns was "
	      "told (bob) [at signing in]",
	      NULL);
	holds("bob", WORDS("incident", "show", incident),
	      "\"I asked for my data and got somebody's recordings\"", NULL);
	holds("bob", WORDS("incident", "show", incident), "no authority has to be told",
	      NULL);
	holds("bob", WORDS("incident", "list", "--json"), "\"authority_left_s\":null",
	      "\033");
}

static void the_clock_of_72_hours_runs_for_an_operator(void **state)
{
	(void)state;
	holds(HOUSE_OWNER,
	      WORDS("keeping", "--operator", "Housing co-op", "--contact",
		    "it@example.org"),
	      "operator       Housing co-op, it@example.org\n", NULL);
	/* Due by itself at the next look at it. */
	kill_keeper();
	holds(HOUSE_OWNER, WORDS("incident"), "tell the authority by ", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "list", "--json"), "\"authority_left_s\":25",
	      NULL); /* 259200 s at most */
	holds(HOUSE_OWNER, WORDS("incident", "show", incident), "71 h 59 min left", NULL);
}

static void the_notice_is_drafted(void **state)
{
	(void)state;
	holds(HOUSE_OWNER, WORDS("incident", "notice", incident), "DRAFT: notice of a",
	      "somebody's recordings");
	holds(HOUSE_OWNER, WORDS("incident", "notice", incident),
	      "not one that this house's journal knows", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "notice", incident),
	      "each of the 2 owners of this house", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "notice", incident),
	      "Housing co-op, it@example.org", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "notice", incident, "--json"),
	      "\"owners\":2,\"recordings\":0", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "show", incident),
	      "the notice was drafted from the journal", NULL);
}

static void wrong_steps_are_refused(void **state)
{
	(void)state;
	fails(WORDS("incident", "step", incident, "solved", "--words", "x"), 2,
	      "behest incident: \"solved\": expected answered, notified, measure or "
	      "closed\n");
	fails(WORDS("incident", "step", incident, "opened", "--words", "x"), 2, NULL);
	fails(WORDS("incident", "step", incident, "measure"), 2,
	      "behest incident: measure needs --words\n");
	fails(WORDS("incident", "step", incident, "notified", "--words", "x"), 2,
	      "behest incident: notified needs --reference\n");
	fails(WORDS("incident", "step", incident), 2, NULL);
	fails(WORDS("incident", "close", incident), 2,
	      "behest incident: closed needs --words\n");
	fails(WORDS("incident", "close", "ffff", "--words", "x"), 1, NULL);
	fails(WORDS("incident", "close", "x", "--words", "x"), 2, NULL);
	fails(WORDS("incident", "undo", incident), 2, NULL);
	assert_true(is_frozen());
}

/* What was said to be done is there, once, whenever the keeper is killed. */
static void steps_outlive_kills(void **state)
{
	static const char *const kinds[] = {"measure", "answered", "notified"};
	struct link_client *owner;
	char *out;

	(void)state;
	for (size_t i = 0; i < KILLS; i++) {
		char words[64];

		assert_true(str_format(words, sizeof(words), "number %zu", i));
		free(run_as(HOUSE_OWNER,
			    WORDS("incident", "step", incident, kinds[i % 3], "--words",
				  words, "--reference", "AZ 7"),
			    0, NULL));
		kill_keeper();
		assert_true(is_frozen());
	}
	out = run_as(HOUSE_OWNER, WORDS("incident", "show", incident), 0, NULL);
	for (size_t i = 0; i < KILLS; i++) {
		char words[64];
		const char *at;

		assert_true(str_format(words, sizeof(words), "\"number %zu\"", i));
		at = strstr(out, words);
		assert_non_null(at);
		assert_null(strstr(at + 1, words));
	}
	free(out);
	/* The authority was told: no clock runs any more. */
	holds(HOUSE_OWNER, WORDS("incident", "list", "--json"), "\"authority_due\":null",
	      NULL);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	house_verify(owner);
	link_client_close(owner);
}

static void an_owner_closes_it(void **state)
{
	(void)state;
	free(run_as("bob",
		    WORDS("incident", "close", incident, "--words", "it was our mistake"),
		    0, NULL));
	assert_false(is_frozen());
	shows(WORDS("incident"), "no incident is open\n");
	holds(HOUSE_OWNER, WORDS("incident", "list", "--all"), "closed", NULL);
	holds(HOUSE_OWNER, WORDS("incident", "show", incident),
	      "it was closed (bob): \"it was our mistake\"", NULL);
	fails(WORDS("incident", "step", incident, "measure", "--words", "late"), 3,
	      "behest incident: no such incident is open; see: behest incident list\n");
	kill_keeper();
	assert_false(is_frozen());
}

/* One that was really handed out: the journal knows to whom, and no other leaves meanwhile. */
static void an_archive_of_this_house_is_found(void **state)
{
	char path[FILE_PATH_BYTES];
	char other[FILE_PATH_BYTES];
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_true(file_join(path, sizeof(path), house.fixture.folder, "own.zip"));
	assert_true(file_join(other, sizeof(other), house.fixture.folder, "other2.zip"));
	free(run_as(HOUSE_OWNER, WORDS("export", "--out", path), 0, NULL));
	takes_id(NULL, WORDS("incident", "report", path), id);
	holds(HOUSE_OWNER, WORDS("incident", "notice", id), "was handed out on ",
	      "not one that this house's journal knows");
	holds(HOUSE_OWNER, WORDS("incident", "notice", id),
	      "to alice; it holds 0 recordings", NULL);
	free(run_as(HOUSE_OWNER, WORDS("export", "--out", other), 3, NULL));
	assert_false(file_exists(other));
	free(run_as(HOUSE_OWNER, WORDS("incident", "close", id, "--words", "a test"), 0,
		    NULL));
	free(run_as(HOUSE_OWNER, WORDS("export", "--out", other), 0, NULL));
}

/* --- requests for disclosure ------------------------------------------------------------ */

static void requests_are_refused_and_seen_by_all(void **state)
{
	struct process_ran ran;
	char *out;

	(void)state;
	shows(WORDS("authority"), "nobody asked for recordings\n");
	fails(WORDS("authority", "record", "--who", "a court"), 2,
	      "behest authority: record needs --reference\n");
	fails(WORDS("authority", "record", "--reference", "1"), 2,
	      "behest authority: record needs --who\n");
	fails(WORDS("authority", "grant"), 2, NULL);
	out = run_as(HOUSE_OWNER,
		     WORDS("authority", "record", "--who", "a court", "--reference",
			   "12 Js 34/26", "--words", "all of May", "--json"),
		     0, NULL);
	assert_true(str_starts(out, "{\"id\":\""));
	assert_non_null(strstr(out, "\",\"kind\":\"refused\"}\n"));
	free(out);
	assert_false(is_frozen());
	behest_as("bob", WORDS("authority", "list"), &ran);
	assert_string_equal(
		process_err(&ran),
		"1 request for recordings was refused; see: behest authority\n");
	assert_non_null(strstr(process_out(&ran),
			       "refused a court [12 Js 34/26]: \"all of May\" (alice)"));
	process_ran_finish(&ran);
	behest_as("bob", WORDS("authority", "list", "--json"), &ran);
	assert_string_equal(process_err(&ran), ""); /* told before */
	assert_non_null(strstr(process_out(&ran), "\"kind\":\"refused\""));
	process_ran_finish(&ran);
	shows(WORDS("incident"), "no incident is open\n");
}

/* --- somebody with a SQL prompt --------------------------------------------------------- */

static void sql(const char *statement)
{
	char path[FILE_PATH_BYTES];
	struct process_ran ran;

	house_stop_keeper(&house);
	assert_true(file_join(path, sizeof(path), house.data, "keeper/keeper.db"));
	process_run(WORDS("/usr/bin/env", "sqlite3", path, statement), HOUSE_WAIT_MS,
		    &ran);
	if (ran.status != 0)
		fail_msg("sqlite3: %s", process_err(&ran));
	process_ran_finish(&ran);
	house_start_keeper(&house);
}

/* Changes what stands there, and puts something: exports are frozen, and owners are told. */
static void who_changes_rows_opens_an_incident(void **state)
{
	(void)state;
	sql("UPDATE incident SET value = zeroblob(200) WHERE key = (SELECT key FROM "
	    "incident LIMIT 1 OFFSET 2)");
	assert_true(is_frozen());
	holds(HOUSE_OWNER, WORDS("incident"),
	      "something is stored that this keeper did not write so", NULL);
	sql("INSERT INTO incident SELECT household, zeroblob(18), value FROM incident "
	    "LIMIT 1");
	holds(HOUSE_OWNER, WORDS("incident", "list", "--json"), "\"foreign-row\"", NULL);
}

/* Nothing that people wrote stands there to be read. */
static void what_was_written_is_not_there_in_plain(void **state)
{
	static const char *const texts[] = {"somebody's recordings", "12 Js 34/26",
					    "it was our mistake", "a court"};
	char path[FILE_PATH_BYTES];
	struct buf bytes;

	(void)state;
	house_stop_keeper(&house);
	assert_true(file_join(path, sizeof(path), house.data, "keeper/keeper.db"));
	assert_int_equal(file_read(path, 1 << 28, &bytes, NULL), OK);
	for (size_t i = 0; i < STR_COUNT(texts); i++)
		assert_null(memmem(bytes.bytes, bytes.size, texts[i], strlen(texts[i])));
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_shown_and_changed),
		cmocka_unit_test(wrong_words_of_keeping),
		cmocka_unit_test(nothing_is_wrong_at_first),
		cmocka_unit_test(the_man_without_an_account_gets_an_id),
		cmocka_unit_test(an_archive_is_known_by_its_manifest),
		cmocka_unit_test(wrong_reports_are_refused),
		cmocka_unit_test(owners_see_it_and_are_told),
		cmocka_unit_test(the_clock_of_72_hours_runs_for_an_operator),
		cmocka_unit_test(the_notice_is_drafted),
		cmocka_unit_test(wrong_steps_are_refused),
		cmocka_unit_test(steps_outlive_kills),
		cmocka_unit_test(an_owner_closes_it),
		cmocka_unit_test(an_archive_of_this_house_is_found),
		cmocka_unit_test(requests_are_refused_and_seen_by_all),
		cmocka_unit_test(who_changes_rows_opens_an_incident),
		cmocka_unit_test(what_was_written_is_not_there_in_plain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
