/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_people - `behest people` and `behest contacts` against a real keeper, as a new
 * owner meets them: each verb, and each refusal with its exact line and exit status.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { FILE_BYTES = 2 * 1024 * 1024, MANY = 10000 };

#define BOB_PASSPHRASE "another battery staple"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase[FILE_PATH_BYTES];
static char bobs[FILE_PATH_BYTES]; /* passphrase */
static char contacts[FILE_PATH_BYTES];
static char key[KEY_TEXT_BYTES];
static char box_key[KEY_TEXT_BYTES];

/* --- running it ------------------------------------------------------------------------- */

static void write_text(char path[FILE_PATH_BYTES], const char *name, const char *text)
{
	struct err_note note = {""};

	assert_true(file_join(path, FILE_PATH_BYTES, house.fixture.folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, &note), OK);
}

static int set_up(void **state)
{
	const uint8_t bytes[2][KEY_TEXT_KEY_BYTES] = {{1}, {2}};

	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	write_text(passphrase, "passphrase", HOUSE_PASSPHRASE "\n");
	write_text(bobs, "bobs", BOB_PASSPHRASE "\n");
	assert_int_equal(key_to_text(bytes[0], key), OK);
	assert_int_equal(key_to_text(bytes[1], box_key), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* Nobody sits there: standard input is whatever the test has, and no terminal. */
static void behest_as(const char *owner, const char *file, const char *const *words,
		      struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data", house.data,          "--owner",
				   owner,    "--passphrase-file", file};
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	for (size_t i = 0; i < STR_COUNT(who); i++)
		all[count++] = who[i];
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

static void expect_as(const char *owner, const char *file, const char *const *words,
		      int status, const char *out, const char *err)
{
	struct process_ran ran;

	behest_as(owner, file, words, &ran);
	if (ran.status != status || !str_equal(process_out(&ran), out) ||
	    !str_equal(process_err(&ran), err))
		fail_msg("%s %s %s: status %d\nout: %s\nerr: %s", words[0],
			 words[1] ? words[1] : "", words[1] && words[2] ? words[2] : "",
			 ran.status, process_out(&ran), process_err(&ran));
	process_ran_finish(&ran);
}

static void done(const char *const *words)
{
	expect_as(HOUSE_OWNER, passphrase, words, 0, "", "");
}

static void shows(const char *const *words, const char *out)
{
	expect_as(HOUSE_OWNER, passphrase, words, 0, out, "");
}

static void fails(const char *const *words, int status, const char *err)
{
	expect_as(HOUSE_OWNER, passphrase, words, status, "", err);
}

/* --- an empty folder -------------------------------------------------------------------- */

static void nobody_is_there_yet(void **state)
{
	char line[2 * FILE_PATH_BYTES];

	(void)state;
	assert_true(str_format(line, sizeof(line),
			       "behest people: %s/keeper/owner.sock: the keeper does not "
			       "run there; start it: behest up\n",
			       house.run));
	fails(WORDS("people"), 1, line);
	house_start_keeper(&house);
	house_settle(&house);
	shows(WORDS("people"),
	      "alice                owner  may buy,lists,message,move,policy,record,security,tell\n");
	shows(WORDS("contacts"), "there is no contact yet\n");
	shows(WORDS("contacts", "hold"),
	      "a message is held for 60 s, and can be called off\n");
}

/* --- people ----------------------------------------------------------------------------- */

static void people_come_change_and_go(void **state)
{
	(void)state;
	done(WORDS("people", "add", "Mia", "--role", "child"));
	done(WORDS("people", "add", " Theodore ", "--role", "adult"));
	done(WORDS("people", "add", "Guest room", "--role", "guest", "--may", "tell"));
	shows(WORDS("people", "list"),
	      "Mia                  child  may nothing\n"
	      "Theodore             adult  may buy,lists,message,move,policy,record,security,tell\n"
	      "Guest room           guest  may tell\n"
	      "alice                owner  may buy,lists,message,move,policy,record,security,tell\n");
	done(WORDS("people", "set", "theodore", "--role", "guest"));
	done(WORDS("people", "set", "Mia", "--may", "move,message", "--name", "Mia Lou"));
	done(WORDS("people", "remove", "guest room", "--yes"));
	shows(WORDS("people"),
	      "Mia Lou              child  may message,move\n"
	      "Theodore             guest  may nothing\n"
	      "alice                owner  may buy,lists,message,move,policy,record,security,tell\n");
}

static void people_as_json(void **state)
{
	struct process_ran ran;

	(void)state;
	behest_as(HOUSE_OWNER, passphrase, WORDS("people", "--json"), &ran);
	assert_int_equal(ran.status, 0);
	assert_int_equal(process_lines(process_out(&ran)), 3);
	assert_true(str_starts(process_out(&ran),
			       "{\"name\":\"Mia Lou\",\"role\":\"child\","
			       "\"may\":\"message,move\",\"devices\":0,\"id\":\""));
	process_ran_finish(&ran);
}

static void people_are_refused(void **state)
{
	(void)state;
	fails(WORDS("people", "add", "Zoe"), 2,
	      "behest people: add needs --role guest, child, adult or owner\n");
	fails(WORDS("people", "add", "Zoe", "--role", "king"), 2,
	      "behest people: --role king: expected guest, child, adult or owner\n");
	fails(WORDS("people", "add", "Zoe", "--role", "guest", "--may", "fly"), 2,
	      "behest people: --may fly: expected message, move, policy, record, "
	      "security and tell, with commas between, or nothing\n");
	fails(WORDS("people", "add", "  ", "--role", "guest"), 2,
	      "behest people: a name has 1 to 63 bytes\n");
	fails(WORDS("people", "add"), 2,
	      "behest people: expected the name of one person behind add\n");
	fails(WORDS("people", "drop", "Zoe"), 2,
	      "behest people: \"drop\": expected list, add, remove, remove-owner or "
	      "set\n");
	fails(WORDS("people", "set", "Theodore"), 2,
	      "behest people: set needs --name, --role or --may\n");
	fails(WORDS("people", "set", "Zoe", "--role", "guest"), 1,
	      "behest people: nobody called \"Zoe\" lives here; see: people\n");
	fails(WORDS("people", "set", "Theodore", "--role", "owner"), 3,
	      "behest people: owners are made and removed with their keys; see: behest "
	      "people\n");
	fails(WORDS("people", "remove", "Theodore"), 2,
	      "behest people: to remove somebody give --yes, or run this at a "
	      "terminal\n");
	fails(WORDS("people", "remove", "alice", "--yes"), 3,
	      "behest people: owners are made and removed with their keys; see: behest "
	      "people\n");
	fails(WORDS("people", "remove-owner", "alice", "--yes"), 3,
	      "behest people: the last owner cannot be removed\n");
	expect_as(HOUSE_OWNER, bobs, WORDS("people"), 3, "",
		  "behest people: no owner with that name and passphrase\n");
}

static void names_that_are_nearly_others_are_refused(void **state)
{
	(void)state;
	fails(WORDS("people", "add", "mia lou", "--role", "guest"), 3,
	      "behest people: there is a \"Mia Lou\" of the people here already\n");
	fails(WORDS("people", "add", "Mia Lu", "--role", "guest"), 3,
	      "behest people: \"Mia Lu\" and \"Mia Lou\" of the people here are one "
	      "letter apart: one would be heard for the other; take another name, or "
	      "give --sounds-alike-ok\n");
	done(WORDS("people", "add", "Sean", "--role", "guest"));
	fails(WORDS("people", "add", "Shawn", "--role", "guest"), 3,
	      "behest people: \"Shawn\" and \"Sean\" of the people here sound the same: "
	      "one would be heard for the other; take another name, or give "
	      "--sounds-alike-ok\n");
	fails(WORDS("contacts", "add", "Shawn", "--mail", "s@example.org"), 3,
	      "behest contacts: \"Shawn\" and \"Sean\" of the people here sound the "
	      "same: one would be heard for the other; take another name, or give "
	      "--sounds-alike-ok\n");
	fails(WORDS("people", "set", "Theodore", "--name", "Shaun"), 3,
	      "behest people: \"Shaun\" and \"Sean\" of the people here sound the same: "
	      "one would be heard for the other; take another name, or give "
	      "--sounds-alike-ok\n");
	done(WORDS("people", "add", "Shawn", "--role", "guest", "--sounds-alike-ok"));
	fails(WORDS("people", "add", "SHAWN", "--role", "guest", "--sounds-alike-ok"), 3,
	      "behest people: there is a \"Shawn\" of the people here already\n");
	done(WORDS("people", "remove", "Shawn", "--yes"));
	done(WORDS("people", "remove", "Sean", "--yes"));
}

/* --- contacts --------------------------------------------------------------------------- */

static void contacts_come_change_and_go(void **state)
{
	(void)state;
	done(WORDS("contacts", "add", "Mia Lou", "--house", "mia lou", "--voice", "yes"));
	done(WORDS("contacts", "add", "Grandfather", "--mail", "otto@example.org"));
	done(WORDS("contacts", "add", "Beatrice", "--peer", "bea.example.org:7443",
		   "--key", key, "--box-key", box_key));
	shows(WORDS("contacts", "list"),
	      "Mia Lou              house Mia Lou, by voice or a tap\n"
	      "Grandfather          mail  otto@example.org, by a tap, cannot be called "
	      "back\n"
	      "Beatrice             peer  bea.example.org:7443, by a tap\n"
	      "                     key 3151 dbd6 c8f4 591d 7b20\n");
	done(WORDS("contacts", "set", "beatrice", "--voice", "yes", "--name", "Bea"));
	done(WORDS("contacts", "set", "Grandfather", "--house", "Theodore"));
	done(WORDS("contacts", "set", "Mia Lou", "--mail", "mia@example.org"));
	shows(WORDS("contacts"),
	      "Mia Lou              mail  mia@example.org, by a tap, cannot be called "
	      "back\n"
	      "Grandfather          house Theodore, by a tap\n"
	      "Bea                  peer  bea.example.org:7443, by voice or a tap\n"
	      "                     key 3151 dbd6 c8f4 591d 7b20\n");
	/* With somebody who leaves goes their inbox. */
	done(WORDS("people", "remove", "Theodore", "--yes"));
	done(WORDS("contacts", "remove", "bea"));
	shows(WORDS("contacts"),
	      "Mia Lou              mail  mia@example.org, by a tap, cannot be called "
	      "back\n");
}

static void contacts_as_json(void **state)
{
	struct process_ran ran;

	(void)state;
	behest_as(HOUSE_OWNER, passphrase, WORDS("contacts", "--json"), &ran);
	assert_int_equal(ran.status, 0);
	assert_true(str_starts(
		process_out(&ran),
		"{\"name\":\"Mia Lou\",\"kind\":\"mail\",\"person\":null,"
		"\"address\":\"mia@example.org\",\"voice\":false,\"can_recall\":false,"
		"\"key\":null,\"box_key\":null,\"fingerprint\":null,\"id\":\""));
	process_ran_finish(&ran);
}

static void set_config(const char *path, const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

/* What it prints is what the other house types; here this one enrols itself by it. */
static void a_card_is_typed_at_another_house(void **state)
{
	static const char off[] = "behest contacts: [peer] on is no in ";
	static const char begins[] = "behest contacts add \"Mia Lou\" --peer "
				     "\"house.test:7411\" --key ";
	char config[FILE_PATH_BYTES];
	char printed[512];
	char *words[4];
	struct process_ran ran;

	(void)state;
	fails(WORDS("contacts", "card"), 1,
	      "behest contacts: where other houses reach this one is not known: set "
	      "[peer] address\n");
	assert_true(file_join(config, sizeof(config), house.data, "behest.conf"));
	set_config(config, "[peer]\naddress = house.test:7411\n");
	behest_as(HOUSE_OWNER, passphrase, WORDS("contacts", "card", "mia lou"), &ran);
	assert_int_equal(ran.status, 0);
	assert_true(str_starts(process_err(&ran), off));
	assert_true(str_starts(process_out(&ran), begins));
	assert_true(str_copy(printed, sizeof(printed),
			     process_out(&ran) + sizeof(begins) - 1));
	process_ran_finish(&ran);
	words[0] = strtok(printed, " \n");
	for (size_t i = 1; i < STR_COUNT(words); i++)
		words[i] = strtok(NULL, " \n");
	assert_string_equal(words[1], "--box-key");
	assert_null(words[3]);
	done(WORDS("contacts", "add", "Zenobia", "--peer", "house.test:7411", "--key",
		   words[0], "--box-key", words[2]));
	done(WORDS("contacts", "remove", "Zenobia"));
	set_config(config, "[peer]\non = yes\nlisten = 0.0.0.0:7411\n");
	fails(WORDS("contacts", "card"), 1,
	      "behest contacts: [peer] listen names no address that others can write: "
	      "set [peer] address\n");
	set_config(config, "[peer]\non = yes\nlisten = [::1]:7411\n");
	behest_as(HOUSE_OWNER, passphrase, WORDS("contacts", "card", "--json"), &ran);
	assert_int_equal(ran.status, 0);
	assert_string_equal(process_err(&ran), "");
	assert_true(str_starts(process_out(&ran), "{\"name\":\"" HOUSE_OWNER
						  "\",\"peer\":\"[::1]:7411\",\"key\":"));
	process_ran_finish(&ran);
	fails(WORDS("contacts", "card", "Nobody"), 1,
	      "behest contacts: nobody called \"Nobody\" lives here; see: people\n");
	assert_int_equal(unlink(config), 0);
}

static void contacts_are_refused(void **state)
{
	char wrong[KEY_TEXT_BYTES];

	(void)state;
	assert_true(str_copy(wrong, sizeof(wrong), key));
	wrong[3] = wrong[3] == '0' ? '2' : '0';
	fails(WORDS("contacts", "add", "Zoe"), 2,
	      "behest contacts: expected one of house, mail and peer\n");
	fails(WORDS("contacts", "add", "Zoe", "--mail", "z@example.org", "--house",
		    "Mia Lou"),
	      2, "behest contacts: expected one of house, mail and peer\n");
	fails(WORDS("contacts", "add", "Zoe", "--mail", "zoe"), 2,
	      "behest contacts: mail: expected an address with an @\n");
	fails(WORDS("contacts", "add", "Zoe", "--mail", "z@example.org", "--voice",
		    "yes"),
	      2,
	      "behest contacts: voice: a message to a mailbox, which nobody can call "
	      "back, takes a tap\n");
	fails(WORDS("contacts", "add", "Zoe", "--mail", "z@example.org", "--key", key), 2,
	      "behest contacts: only a peer has keys\n");
	fails(WORDS("contacts", "add", "Zoe", "--peer", "z:1", "--key", key), 2,
	      "behest contacts: a peer needs its hub's key and the person's box key\n");
	fails(WORDS("contacts", "add", "Zoe", "--peer", "z:1", "--key", wrong,
		    "--box-key", box_key),
	      2, "behest contacts: key: some letter of it is wrong\n");
	fails(WORDS("contacts", "add", "Zoe", "--peer", "z", "--key", key, "--box-key",
		    box_key),
	      2,
	      "behest contacts: a peer's address, byte 2: expected a colon and a port\n");
	fails(WORDS("contacts", "add", "Zoe", "--house", "Nobody"), 1,
	      "behest contacts: nobody called \"Nobody\" lives here; see: people\n");
	fails(WORDS("contacts", "add", "Zoe", "--house", "Mia Lou", "--voice", "maybe"),
	      2, "behest contacts: --voice maybe: expected yes or no\n");
	fails(WORDS("contacts", "add", "MIA LOU", "--mail", "z@example.org"), 3,
	      "behest contacts: \"MIA LOU\" and \"Mia Lou\" of the people here are the "
	      "same name: one would be heard for the other; take another name, or give "
	      "--sounds-alike-ok\n");
	fails(WORDS("contacts", "add", "MIA LOU", "--mail", "z@example.org",
		    "--sounds-alike-ok"),
	      3, "behest contacts: there is a \"Mia Lou\" of the contacts already\n");
	fails(WORDS("contacts", "set", "Zoe", "--voice", "yes"), 1,
	      "behest contacts: there is no contact \"Zoe\"; see: contacts\n");
	fails(WORDS("contacts", "remove", "Zoe"), 1,
	      "behest contacts: there is no contact \"Zoe\"; see: contacts\n");
	fails(WORDS("contacts", "send", "Zoe"), 2,
	      "behest contacts: \"send\": expected list, add, card, hold, import, remove or "
	      "set\n");
}

static void the_hold_is_set(void **state)
{
	(void)state;
	done(WORDS("contacts", "hold", "600"));
	shows(WORDS("contacts", "hold", "--json"), "{\"hold_s\":600}\n");
	fails(WORDS("contacts", "hold", "9"), 2,
	      "behest contacts: hold 9: expected a whole number from 10 to 600\n");
	fails(WORDS("contacts", "hold", "601"), 2,
	      "behest contacts: hold 601: expected a whole number from 10 to 600\n");
	fails(WORDS("contacts", "hold", "1m"), 2,
	      "behest contacts: hold 1m: expected a whole number from 10 to 600\n");
}

/* --- a file of them --------------------------------------------------------------------- */

/* The import fails with these words behind the file's name. */
static void import_fails(const char *text, int status, const char *words)
{
	char line[FILE_PATH_BYTES + 512];

	write_text(contacts, "contacts.json", text);
	assert_true(str_format(line, sizeof(line), "behest contacts: %s%s\n", contacts,
			       words));
	fails(WORDS("contacts", "import", contacts), status, line);
}

static void files_are_refused_with_their_place(void **state)
{
	(void)state;
	import_fails("[\n{\"name\":}", 1, ":2:9: unexpected token near '}'");
	import_fails("{\"name\": \"Zoe\"}", 1, ": expected an array of contacts");
	import_fails("[{\"name\": \"Zoe\", \"mail\": \"z@x\"}, 7]", 1,
		     ": [1].expected an object");
	import_fails("[{\"mail\": \"z@x\"}]", 1, ": [0].name: expected text");
	import_fails("[{\"name\": 7, \"mail\": \"z@x\"}]", 1,
		     ": [0].name: expected text");
	import_fails("[{\"name\": \"Zoe\", \"mail\": \"z@x\", \"voice\": \"yes\"}]", 1,
		     ": [0].voice: expected true or false");
	import_fails("[{\"name\": \"Zoe\", \"email\": \"z@x\"}]", 1,
		     ": [0].email: expected name, house, mail, peer, key, box_key or "
		     "voice");
	import_fails("[{\"name\": \"Zoe\"}]", 1,
		     ": [0].expected one of house, mail and peer");
	import_fails("[{\"name\": \"\", \"mail\": \"z@x\"}]", 1,
		     ": [0].name: expected 1 to 63 bytes");
	import_fails("[{\"name\": \"Zoe\", \"house\": \"Nobody\"}]", 1,
		     ": [0].nobody called \"Nobody\" lives here; see: people");
	shows(WORDS("contacts"),
	      "Mia Lou              mail  mia@example.org, by a tap, cannot be called "
	      "back\n");
}

static void a_file_goes_in_whole(void **state)
{
	(void)state;
	write_text(contacts, "contacts.json",
		   "[{\"name\": \"Gregory\", \"mail\": \"greg@example.org\"},\n"
		   " {\"name\": \"Inbox\", \"house\": \"mia lou\", \"voice\": true}]\n");
	shows(WORDS("contacts", "import", contacts), "2 contacts added\n");
	shows(WORDS("contacts"),
	      "Mia Lou              mail  mia@example.org, by a tap, cannot be called "
	      "back\n"
	      "Gregory              mail  greg@example.org, by a tap, cannot be called "
	      "back\n"
	      "Inbox                house Mia Lou, by voice or a tap\n");
}

static void all_clashes_are_listed(void **state)
{
	char lines[8 * FILE_PATH_BYTES];

	(void)state;
	write_text(contacts, "contacts.json",
		   "[{\"name\": \"Penelope\", \"mail\": \"p@example.org\"},\n"
		   " {\"name\": \"Gregori\", \"mail\": \"g@example.org\"},\n"
		   " {\"name\": \"Sean\", \"mail\": \"s@example.org\"},\n"
		   " {\"name\": \"Shawn\", \"mail\": \"t@example.org\"}]\n");
	assert_true(str_format(
		lines, sizeof(lines),
		"behest contacts: %s: [1].name: \"Gregori\" and \"Gregory\" of the "
		"contacts are one letter apart\n"
		"behest contacts: %s: [3].name: \"Shawn\" and \"Sean\" of the same file "
		"sound the same\n"
		"behest contacts: %s: 2 names clash; nothing was changed: rename them, or "
		"give --sounds-alike-ok\n",
		contacts, contacts, contacts));
	fails(WORDS("contacts", "import", contacts), 3, lines);
	write_text(contacts, "contacts.json",
		   "[{\"name\": \"Penelope\", \"mail\": \"p@example.org\"},\n"
		   " {\"name\": \"gregory\", \"mail\": \"g@example.org\"}]\n");
	assert_true(str_format(
		lines, sizeof(lines),
		"behest contacts: %s: [1].name: \"gregory\" and \"Gregory\" of the "
		"contacts are the same name\n"
		"behest contacts: %s: 1 name clashes; nothing was changed: rename it\n",
		contacts, contacts));
	fails(WORDS("contacts", "import", contacts, "--sounds-alike-ok"), 3, lines);
}

/* Names of letters alone: 'a' to 'p' four times over. */
static void write_many(size_t count, const char *mail)
{
	struct buf text;
	char row[128];

	buf_init(&text, FILE_BYTES);
	assert_int_equal(buf_add(&text, "[", 1), OK);
	for (size_t i = 0; i < count; i++) {
		assert_true(str_format(
			row, sizeof(row), "%s{\"name\":\"%c%c%c%c\",\"mail\":\"%s\"}",
			i ? ",\n" : "", (char)('a' + i % 16), (char)('a' + i / 16 % 16),
			(char)('a' + i / 256 % 16), (char)('a' + i / 4096 % 16), mail));
		assert_int_equal(buf_add(&text, row, strlen(row)), OK);
	}
	assert_int_equal(buf_add(&text, "]\n", 3), OK);
	write_text(contacts, "contacts.json", (const char *)text.bytes);
	buf_finish(&text);
}

static void more_than_a_house_has_is_one_line(void **state)
{
	char line[FILE_PATH_BYTES + 256];
	struct process_ran ran;

	(void)state;
	write_many(MANY, "m@example.org");
	assert_true(
		str_format(line, sizeof(line),
			   "behest contacts: %s: 10000 contacts; there is room for 256 "
			   "in a house of at most 256; nothing was changed\n",
			   contacts));
	fails(WORDS("contacts", "import", contacts), 3, line);
	write_many(254, "m@example.org"); /* beside the 3 that are there */
	assert_true(str_format(line, sizeof(line),
			       "behest contacts: %s: 254 contacts; there is room for 253 "
			       "in a house of at most 256; nothing was changed\n",
			       contacts));
	fails(WORDS("contacts", "import", contacts), 3, line);
	write_many(253, "m@example.org");
	behest_as(HOUSE_OWNER, passphrase, WORDS("contacts", "import", contacts), &ran);
	assert_int_equal(ran.status, 3);
	assert_int_equal(process_lines(process_err(&ran)), 20 + 1);
	assert_non_null(strstr(process_err(&ran),
			       " names clash, of which these are the first; nothing was "
			       "changed: rename them, or give --sounds-alike-ok\n"));
	process_ran_finish(&ran);
	shows(WORDS("contacts", "import", contacts, "--sounds-alike-ok"),
	      "253 contacts added\n");
	fails(WORDS("contacts", "add", "Penelope", "--mail", "p@example.org"), 3,
	      "behest contacts: there are as many contacts as a house can have (256)\n");
	behest_as(HOUSE_OWNER, passphrase, WORDS("contacts", "--json"), &ran);
	assert_int_equal(process_lines(process_out(&ran)), 256);
	process_ran_finish(&ran);
}

/* --- owners ----------------------------------------------------------------------------- */

static void a_second_owner_comes_and_is_removed(void **state)
{
	static const char refused[] =
		"behest people: another owner removed you; you may still read what is "
		"yours\n";
	struct process_ran ran;

	(void)state;
	fails(WORDS("people", "add", "bob", "--role", "owner"), 1,
	      "behest people: the new owner's passphrase is needed: give "
	      "--new-passphrase-file FILE, or run this at a terminal\n");
	behest_as(HOUSE_OWNER, passphrase,
		  WORDS("people", "add", "bob", "--role", "owner",
			"--new-passphrase-file", bobs),
		  &ran);
	assert_int_equal(ran.status, 0);
	assert_true(str_starts(process_out(&ran), "\"bob\" is an owner of this house.\n"
						  "  recovery code  "));
	process_ran_finish(&ran);
	expect_as("bob", bobs, WORDS("people", "add", "Zoe", "--role", "guest"), 0, "",
		  "");
	expect_as("bob", bobs, WORDS("people", "remove-owner", "alice", "--yes"), 3, "",
		  "behest people: an owner is removed by themselves or by one who came "
		  "before them\n");
	fails(WORDS("people", "remove-owner", "carol", "--yes"), 3,
	      "behest people: nobody like that lives here\n");
	done(WORDS("people", "remove-owner", "bob", "--yes"));
	expect_as("bob", bobs, WORDS("people", "remove", "Zoe", "--yes"), 3, "", refused);
	expect_as("bob", bobs, WORDS("rooms", "set", HOUSE_ROOM, "--muted", "yes"), 3, "",
		  "behest rooms: another owner removed you; you may still read what is "
		  "yours\n");
	house_stop_keeper(&house);
	house_start_keeper(&house);
	expect_as("bob", bobs, WORDS("contacts", "hold", "10"), 3, "",
		  "behest contacts: another owner removed you; you may still read what "
		  "is yours\n");
	expect_as("bob", bobs, WORDS("history"), 0, "nothing was asked yet\n", "");
	shows(WORDS("people"),
	      "Mia Lou              child  may message,move\n"
	      "Zoe                  guest  may nothing\n"
	      "alice                owner  may buy,lists,message,move,policy,record,security,tell\n");
}

/* --- at a terminal ---------------------------------------------------------------------- */

static void types(const char *const *words, const struct process_typed *typed,
		  size_t count, int status, const char *shown)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data",    house.data,          "--owner",
				   HOUSE_OWNER, "--passphrase-file", passphrase};
	struct process_ran ran;
	size_t at = 1;

	for (size_t i = 0; words[i]; i++)
		all[at++] = words[i];
	for (size_t i = 0; i < STR_COUNT(who); i++)
		all[at++] = who[i];
	process_run_typed(all, typed, count, HOUSE_WAIT_MS, &ran);
	if (ran.hung || ran.status != status || !strstr(process_out(&ran), shown))
		fail_msg("%s %s: status %d, shown: %s", words[0], words[1], ran.status,
			 process_out(&ran));
	assert_null(strstr(process_out(&ran), BOB_PASSPHRASE));
	process_ran_finish(&ran);
}

static void who_is_removed_is_named_again(void **state)
{
	static const char prompt[] = "To remove \"Zoe\" type the name again: ";
	const struct process_typed other = {prompt, "Joe\n"};
	const struct process_typed right = {prompt, "zoe\n"};

	(void)state;
	types(WORDS("people", "remove", "Zoe"), &other, 1, 3,
	      "behest people: that is not \"Zoe\": nobody was removed\r\n");
	types(WORDS("people", "remove", "Zoe"), &right, 1, 0, "");
	fails(WORDS("people", "remove", "Zoe", "--yes"), 1,
	      "behest people: nobody called \"Zoe\" lives here; see: people\n");
}

static void a_new_owner_types_their_passphrase_twice(void **state)
{
	static const char first[] = "The passphrase of carol:";
	static const char again[] = "The same again:";
	const struct process_typed differ[] = {
		{first, BOB_PASSPHRASE "\n"}, {again, "something else\n"},
		{first, BOB_PASSPHRASE "\n"}, {again, "something else\n"},
		{first, BOB_PASSPHRASE "\n"}, {again, "something else\n"},
	};
	const struct process_typed agree[] = {
		{first, BOB_PASSPHRASE "\n"},
		{again, "something else\n"},
		{first, BOB_PASSPHRASE "\n"},
		{again, BOB_PASSPHRASE "\n"},
	};

	(void)state;
	types(WORDS("people", "add", "carol", "--role", "owner"), differ,
	      STR_COUNT(differ), 1, "behest people: the passphrases differ\r\n");
	types(WORDS("people", "add", "carol", "--role", "owner"), agree, STR_COUNT(agree),
	      0, "\"carol\" is an owner of this house.\r\n");
	expect_as("carol", bobs, WORDS("contacts", "hold"), 0,
		  "a message is held for 600 s, and can be called off\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_there_yet),
		cmocka_unit_test(people_come_change_and_go),
		cmocka_unit_test(people_as_json),
		cmocka_unit_test(people_are_refused),
		cmocka_unit_test(names_that_are_nearly_others_are_refused),
		cmocka_unit_test(contacts_come_change_and_go),
		cmocka_unit_test(contacts_as_json),
		cmocka_unit_test(a_card_is_typed_at_another_house),
		cmocka_unit_test(contacts_are_refused),
		cmocka_unit_test(the_hold_is_set),
		cmocka_unit_test(files_are_refused_with_their_place),
		cmocka_unit_test(a_file_goes_in_whole),
		cmocka_unit_test(all_clashes_are_listed),
		cmocka_unit_test(more_than_a_house_has_is_one_line),
		cmocka_unit_test(a_second_owner_comes_and_is_removed),
		cmocka_unit_test(who_is_removed_is_named_again),
		cmocka_unit_test(a_new_owner_types_their_passphrase_twice),
	};

	return cmocka_run_group_tests_name("people", tests, set_up, tear_down);
}
