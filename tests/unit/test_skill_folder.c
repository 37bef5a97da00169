/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A skill's folder, its manifest and its sentences: what is read, and what is refused with
 * which words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../sdk/behest_skill.h"
#include "adapter/skill_folder.h"
#include "adapter/skill_line.h"
#include "adapter/skill_sentence.h"
#include "base/seal.h"
#include "base/str.h"
#include "cmocka_all.h"
#include "domain/home.h"
#include "folder.h"
#include "understand/understand.h"

static const char GOOD[] =
	"{\"name\": \"bins\", \"version\": \"1.0\", \"language\": \"en\", \"program\": \"bins.py\","
	"\"intents\": {\"Which\": {\"sentences\": [\"which bin goes out {day}\"]},"
	"\"Cheer\": {\"sentences\": [\"cheer for [all] (me|us)\"], \"effect\": true}},"
	"\"slots\": {\"day\": {\"values\": [\"today\", \"tomorrow\"]},"
	"\"count\": {\"from\": 1, \"to\": 12}},"
	"\"hosts\": [\"example.org\"], \"limits\": {\"memory_mb\": 64}}";

#define LISTS                                                       \
	"\"lists\":{\"day\":{\"values\":[\"today\",\"tomorrow\"]}," \
	"\"count\":{\"range\":{\"from\":1,\"to\":12}}}"

static char folder[64];

static int begin(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(folder, sizeof(folder), "/tmp/behest-skill.XXXXXX"));
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int end(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static void put(const char *name, const char *text)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

/* --- the manifest ----------------------------------------------------------------------- */

static void reads_a_manifest(void **state)
{
	static struct skill_manifest manifest;
	struct err_note note = {""};
	struct buf sentences;

	(void)state;
	if (skill_manifest_read("m", GOOD, strlen(GOOD), &manifest, &note))
		fail_msg("%s", note.text);
	assert_string_equal(manifest.name, "bins");
	assert_string_equal(manifest.program, "bins.py");
	assert_int_equal(manifest.memory_mb, 64);
	assert_int_equal(manifest.intent_count, 2);
	assert_true(skill_manifest_intent(&manifest, "Cheer")->has_effect);
	assert_null(skill_manifest_intent(&manifest, "Other"));
	assert_true(skill_manifest_has_host(&manifest, "example.org"));
	assert_false(skill_manifest_has_host(&manifest, "www.example.org"));
	buf_init(&sentences, SKILL_SENTENCES_BYTES_MAX);
	assert_int_equal(skill_manifest_sentences(&manifest, &sentences), OK);
	assert_string_equal(
		(const char *)sentences.bytes,
		"{\"language\":\"en\",\"intents\":{\"skill/bins/Which\":{\"data\":[{\"sentences\":"
		"[\"which bin goes out {day}\"]," LISTS
		"}]},\"effect/bins/Cheer\":{\"data\":["
		"{\"sentences\":[\"cheer for [all] (me|us)\"]," LISTS "}]}}}");
	buf_finish(&sentences);
}

static void add(struct sentences *sentences, const char *name, const char *text)
{
	struct err_note note = {""};

	if (sentences_add(sentences, name, text, strlen(text), &note))
		fail_msg("%s", note.text);
}

static const char *intent_of(const struct understand *house, const char *text,
			     struct understanding *understood)
{
	understand_text(house, text, "", understood);
	return understood->reason ? "" : understood->intent.name;
}

/* What a skill calls its slots is its own: the house orders from the household's list,
 * which is empty here, and not from the skill's of that name; nor does another skill. */
static void lends_no_list_to_the_house(void **state)
{
	static const char HOUSE[] =
		"{\"language\":\"en\",\"intents\":{\"Order\":{\"data\":[{\"sentences\":"
		"[\"order {goods:item}\",\"begin {routine}\"]}]}}}";
	static const char SKILL[] =
		"{\"name\": \"%s\", \"version\": \"1\", \"language\": \"en\", \"program\": \"x\","
		" \"intents\": {\"Say\": {\"sentences\": [\"%s {goods}\", \"%s {routine}\"]}},"
		" \"slots\": {\"goods\": {\"values\": [\"%s\"]},"
		" \"routine\": {\"values\": [\"night\"]}}}";
	static const char *const NAMES[] = {"poison", "honey"};
	static struct skill_manifest manifest;
	static struct understanding understood;
	struct sentences *sentences = NULL;
	struct understand *house = NULL;
	struct home home;

	(void)state;
	assert_int_equal(sentences_create(&sentences), OK);
	add(sentences, "house", HOUSE);
	for (size_t i = 0; i < STR_COUNT(NAMES); i++) {
		const char *name = NAMES[i];
		struct err_note note = {""};
		struct buf bytes;
		char text[512];

		assert_true(
			str_format(text, sizeof(text), SKILL, name, name, name, name));
		if (skill_manifest_read("m", text, strlen(text), &manifest, &note))
			fail_msg("%s", note.text);
		buf_init(&bytes, SKILL_SENTENCES_BYTES_MAX);
		assert_int_equal(skill_manifest_sentences(&manifest, &bytes), OK);
		add(sentences, name, (const char *)bytes.bytes);
		buf_finish(&bytes);
	}
	home_init(&home);
	assert_int_equal(understand_create(sentences, &home, &house, NULL), OK);
	assert_string_equal(intent_of(house, "order poison", &understood), "");
	assert_string_equal(intent_of(house, "begin night", &understood), "");
	assert_string_equal(intent_of(house, "poison honey", &understood), "");
	assert_string_equal(intent_of(house, "poison poison", &understood),
			    "skill/poison/Say");
	assert_string_equal(intent_of(house, "honey night", &understood),
			    "skill/honey/Say");
	home_finish(&home);
	understand_destroy(house);
	sentences_destroy(sentences);
}

/* One part of the good one replaced by another; words: of the note. */
static void refuses_a_manifest(void **state)
{
	static const struct {
		const char *part;
		const char *by;
		const char *words;
	} ROWS[] = {
		{"\"bins\"", "\"Bins\"", "name: expected lower-case"},
		{"\"bins\"", "\"\"", "name: expected a text"},
		{"\"bins\"", "7", "name: expected a text"},
		{"\"bins\"", "\"../x\"", "name: holds letters"},
		{"\"bins\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "name: is too long"},
		{"bins.py", "../bins.py", "program: holds letters"},
		{"bins.py", ".bins", "program: expected the name of a file"},
		{"\"version\": \"1.0\",", "", "version: expected a text"},
		{"\"version\"", "\"microphone\": true, \"version\"", "manifest: a field"},
		{"\"effect\": true", "\"effect\": 1", "effect: expected true"},
		{"\"effect\": true", "\"session\": \"open\"", "intents: a field"},
		{"\"Which\"", "\"Wh1ch\"", "intents: a name"},
		{"[\"which bin goes out {day}\"]", "[]", "sentences: expected a list"},
		{"{day}", "{name}", "a list that is no slot"},
		{"{day}", "{text}", "a list that is no slot"},
		{"{day}", "{day:other}", "a list that is no slot"},
		{"{day}", "{0..9:count}", "a list that is no slot"},
		{"{day}", "<rule>", "something else than words"},
		{"{day}", "a;b", "something else than words"},
		{"{day}", "(a|b", "a bracket that is not closed"},
		{"{day}", "a)", "a bracket that closes nothing"},
		{"{day}", "a(b)", "a bracket inside of a word"},
		{"{day}", "(a)b", "a word that goes on behind a bracket"},
		{"which bin goes out {day}", "bin",
		 "can be said with 1 words; expected 2"},
		{"which bin goes out {day}", "(which [bin]|bin)",
		 "can be said with 1 words"},
		{"cheer for [all] (me|us)", "cheer [for] us", "2 words; expected 3"},
		{"cheer for [all] (me|us)", "[[[[[[[[[a]]]]]]]]] b c d",
		 "brackets too deep"},
		{"\"day\"", "\"area\"", "slots: a name that no slot may have"},
		{"\"tomorrow\"", "\"<b>\"", "slots: holds letters"},
		{"\"tomorrow\"", "\" - \"", "slots: expected values that begin"},
		{"{day}", "- -", "a word that begins with a mark"},
		{"{day}",
		 "\xc2\x9b"
		 "2J",
		 "letters that no voice can say"},
		{"{day}", "o\\u202en", "letters that no voice can say"},
		{"{day}", "\xd0\xben", "letters that no voice can say"},
		{"\"today\", \"tomorrow\"", "", "slots: expected a list of values"},
		{"\"to\": 12", "\"to\": 0", "slots: to: expected a whole number"},
		{"\"from\": 1", "\"from\": 1.5", "slots: from: expected a whole number"},
		{"\"from\": 1, ", "\"wildcard\": true, ", "slots: a field"},
		{"\"example.org\"", "\"192.168.0.1\"", "hosts: expected a host"},
		{"\"example.org\"", "\"localhost\"", "hosts: expected a host"},
		{"\"example.org\"", "\"*.example.org\"", "hosts: holds letters"},
		{"\"example.org\"", "\"Example.org\"", "hosts: expected a host"},
		{"\"example.org\"", "\"example.org:22\"", "hosts: holds letters"},
		{"\"example.org\"", "\"a.org\", \"a.org\"", "hosts: expected a host"},
		{"\"memory_mb\": 64", "\"memory_mb\": 4096", "memory_mb: expected"},
		{"\"memory_mb\": 64", "\"cpu\": 64", "limits: a field"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		static struct skill_manifest manifest;
		char text[2048];
		struct err_note note = {""};
		const char *at = strstr(GOOD, ROWS[i].part);

		assert_non_null(at);
		assert_true(str_format(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD),
				       GOOD, ROWS[i].by, at + strlen(ROWS[i].part)));
		if (skill_manifest_read("m", text, strlen(text), &manifest, &note) == OK)
			fail_msg("%s was read", ROWS[i].by);
		if (!strstr(note.text, ROWS[i].words) || !str_starts(note.text, "m: "))
			fail_msg("%s: %s", ROWS[i].by, note.text);
	}
}

static void says_a_sentence_in_all_ways(void **state)
{
	static const char SENTENCE[] = "[please] (tell|give (me|us)) a joke";
	static const char *const WAYS[] = {
		"tell a joke",    "please tell a joke",    "give me a joke",
		"give us a joke", "please give me a joke", "please give us a joke",
	};
	bool found[STR_COUNT(WAYS)] = {false};
	char said[128];

	(void)state;
	for (size_t n = 0; n < skill_sentence_ways(SENTENCE); n++) {
		if (!skill_sentence_say(SENTENCE, n, said, sizeof(said)))
			continue;
		str_trim(said);
		bool known = false;
		for (size_t i = 0; i < STR_COUNT(WAYS); i++)
			if (str_equal(WAYS[i], said))
				found[i] = known = true;
		if (!known)
			fail_msg("\"%s\"", said);
	}
	for (size_t i = 0; i < STR_COUNT(WAYS); i++)
		if (!found[i])
			fail_msg("\"%s\" was never said", WAYS[i]);
}

/* --- the folder ------------------------------------------------------------------------- */

static void expect_refused(const char *words)
{
	struct skill_folder *read = NULL;
	struct err_note note = {""};

	if (skill_folder_read(folder, &read, &note) == OK)
		fail_msg("it was read; expected: %s", words);
	if (!strstr(note.text, words))
		fail_msg("%s", note.text);
	skill_folder_close(read);
}

static void hashes_what_is_there(void **state)
{
	static struct skill_manifest manifest;
	struct skill_folder *read = NULL;
	uint8_t first[SKILL_HASH_BYTES];
	char text[2 * SKILL_HASH_BYTES + 1];
	struct err_note note = {""};

	(void)state;
	put(SKILL_MANIFEST_NAME, GOOD);
	put("bins.py", "#!/usr/bin/python3\n");
	put("bins.ics", "");
	if (skill_folder_read(folder, &read, &note))
		fail_msg("%s", note.text);
	assert_int_equal(read->count, 3);
	assert_string_equal(read->files[0].name, "bins.ics");
	memcpy(first, read->hash, sizeof(first));
	/* Computed elsewhere, from docs/FORMATS.md. */
	str_to_hex(text, first, sizeof(first));
	assert_string_equal(text, "a6c421eaeecaf6fe033edf693f8f2c54"
				  "7df451ce7bac33c056c60fca60207a4b");
	skill_folder_close(read);
	assert_int_equal(skill_folder_check(folder, first, &manifest, NULL), OK);
	put("bins.ics", " ");
	assert_int_equal(skill_folder_check(folder, first, &manifest, NULL), ERR_AUTH);
	put("bins.ics", "");
	assert_int_equal(skill_folder_check(folder, first, &manifest, NULL), OK);
	put("more", "");
	assert_int_equal(skill_folder_check(folder, first, &manifest, NULL), ERR_AUTH);
}

static void refuses_other_things(void **state)
{
	char path[FILE_PATH_BYTES];
	char file[FILE_PATH_BYTES];

	(void)state;
	expect_refused("expected a manifest.json");
	put(SKILL_MANIFEST_NAME, GOOD);
	expect_refused("the program bins.py is not there");
	put("bins.py", "x");
	put("x\x1b[2J", "x");
	expect_refused("a file whose name");
	assert_true(file_join(path, sizeof(path), folder, "x\x1b[2J"));
	assert_int_equal(unlink(path), 0);
	put(".hidden", "x");
	expect_refused("begins with a dot");
	assert_true(file_join(path, sizeof(path), folder, ".hidden"));
	assert_int_equal(unlink(path), 0);
	assert_true(file_join(path, sizeof(path), folder, "more"));
	assert_int_equal(mkdir(path, 0700), 0);
	expect_refused("more: expected plain files");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	expect_refused("more: a link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refused("more: expected plain files");
	assert_int_equal(unlink(path), 0);
	assert_true(file_join(file, sizeof(file), folder, "large"));
	assert_int_equal(file_write(file, "", 0, 0600, NULL), OK);
	assert_int_equal(truncate(file, SKILL_FOLDER_BYTES_MAX), 0);
	expect_refused("more than 4194304 bytes");
}

static void copies_what_was_read(void **state)
{
	struct skill_folder *read = NULL;
	struct skill_folder *copy = NULL;
	char path[FILE_PATH_BYTES];

	(void)state;
	put(SKILL_MANIFEST_NAME, GOOD);
	put("bins.py", "x");
	assert_int_equal(skill_folder_read(folder, &read, NULL), OK);
	assert_true(str_format(path, sizeof(path), "%s.copy", folder));
	/* What comes in between is not copied. */
	put("bins.py", "y");
	assert_int_equal(skill_folder_write(read, path, NULL), OK);
	assert_int_equal(skill_folder_write(read, path, NULL), OK);
	assert_int_equal(skill_folder_read(path, &copy, NULL), OK);
	assert_memory_equal(copy->hash, read->hash, SKILL_HASH_BYTES);
	skill_folder_close(copy);
	skill_folder_close(read);
	assert_int_equal(skill_folder_remove(path, NULL), OK);
	assert_int_equal(skill_folder_remove(path, NULL), OK);
	assert_false(file_exists(path));
}

/* --- lines ------------------------------------------------------------------------------ */

static void reads_lines(void **state)
{
	static const char ANSWER[] =
		"{\"answer\": 7, \"say\": \"Ha.\", \"effect\": \"laugh\"}";
	static const char FETCH[] =
		"{\"fetch\": 8, \"url\": \"https://example.org/a?b=c\"}";
	struct skill_line line;

	(void)state;
	assert_int_equal(skill_line_read(ANSWER, strlen(ANSWER), &line), SKILL_FINE);
	assert_int_equal(line.ask, 7);
	assert_string_equal(line.words, "Ha.");
	assert_int_equal(line.effect, SKILL_EFFECT_LAUGH);
	assert_int_equal(skill_line_read(FETCH, strlen(FETCH), &line), SKILL_FINE);
	assert_true(line.is_fetch && line.ask == 8);
	assert_string_equal(line.url, "https://example.org/a?b=c");
}

static void knows_hosts(void **state)
{
	static const struct {
		const char *url;
		uint16_t port;
		const char *host; /* NULL: none */
	} ROWS[] = {
		{"https://example.org/", 0, "example.org"},
		{"https://Example.ORG", 0, "example.org"},
		{"https://example.org?x=https://a.org", 0, "example.org"},
		{"https://example.org#x", 0, "example.org"},
		{"http://example.org/", 0, NULL},
		{"HTTPS://example.org/", 0, NULL},
		{"https://", 0, NULL},
		{"https:///x", 0, NULL},
		{"https://a@example.org/", 0, NULL},
		{"https://example.org:443/", 0, NULL},
		{"https://[::1]/", 0, NULL},
		{"https://example.org\\@a.org/", 0, NULL},
		{"https://example%2eorg/", 0, NULL},
		{"https://example.org /", 0, NULL},
		{"https://a.org example.org/", 0, NULL},
		{"https://example.org/\r\nHost: a.org", 0, NULL},
		{"https://example.org/ HTTP/1.1", 0, NULL},
		{"https://ex\xd0\xb0mple.org/", 0, NULL},
		{"https://example.org/\xc3\xa9", 0, NULL},
		{"https://example_.org/", 0, NULL},
		{"ftp://example.org/", 0, NULL},
		{"http://127.0.0.1:8080/x", 8080, "127.0.0.1"},
		{"http://127.0.0.1:8081/x", 8080, NULL},
		{"http://127.0.0.1:8080/x", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		char host[64] = "";
		const bool is_some =
			skill_line_host(ROWS[i].url, ROWS[i].port, host, sizeof(host));

		if (is_some != (ROWS[i].host != NULL) ||
		    (is_some && !str_equal(host, ROWS[i].host)))
			fail_msg("%s: \"%s\"", ROWS[i].url, host);
	}
}

static void writes_lines(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, SKILL_HOST_LINE_BYTES_MAX);
	assert_int_equal(skill_line_ask(3, "Which", "{\"day\": \"today\", \"count\": 2}",
					&line),
			 OK);
	assert_string_equal(
		(const char *)line.bytes,
		"{\"ask\":3,\"intent\":\"Which\",\"slots\":{\"day\":\"today\","
		"\"count\":2}}\n");
	buf_clear(&line);
	assert_int_equal(skill_line_ask(3, "Which", "[]", &line), ERR_FORMAT);
	assert_int_equal(skill_line_page(3, 200, "a\0\xff\n", 4, &line), OK);
	assert_string_equal(
		(const char *)line.bytes,
		"{\"fetched\":3,\"status\":200,\"body\":\"a \xef\xbf\xbd\\n\"}\n");
	buf_clear(&line);
	assert_int_equal(skill_line_no_page(3, "TIMEOUT", &line), OK);
	assert_string_equal((const char *)line.bytes,
			    "{\"fetched\":3,\"error\":\"TIMEOUT\"}\n");
	buf_finish(&line);
}

/* What we write, as a skill in C reads it: letters as they were, and a blank for a control
 * character. */
static void reads_them_with_the_sdk(void **state)
{
	static const char PAGE[] = "a \"b\" \\ c/d\n\te\x01"
				   "2 \xc3\xa9 {\"status\": 9}";
	static const char READ[] = "a \"b\" \\ c/d\n\te 2 \xc3\xa9 {\"status\": 9}";
	struct behest_question question = {.number = 0};
	char to[128];
	struct buf line;

	(void)state;
	buf_init(&line, SKILL_HOST_LINE_BYTES_MAX);
	assert_int_equal(skill_line_page(3, 200, PAGE, strlen(PAGE), &line), OK);
	question.line = (const char *)line.bytes;
	assert_true(behest_value(question.line, "status", to, sizeof(to)));
	assert_string_equal(to, "200");
	behest_unescape(behest_find(question.line, "body") + 1, to, sizeof(to));
	assert_string_equal(to, READ);
	behest_unescape(behest_find(question.line, "body") + 1, to, 4);
	assert_string_equal(to, "a \"");
	behest_unescape("x\\u00", to, sizeof(to));
	assert_string_equal(to, "x ");
	buf_clear(&line);
	assert_int_equal(skill_line_ask(3, "Which", "{\"day\": \"today\", \"count\": 2}",
					&line),
			 OK);
	question.line = (const char *)line.bytes;
	assert_true(behest_slot(&question, "day", to, sizeof(to)));
	assert_string_equal(to, "today");
	assert_true(behest_slot(&question, "count", to, sizeof(to)));
	assert_string_equal(to, "2");
	assert_false(behest_slot(&question, "intent", to, sizeof(to)));
	buf_finish(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_manifest),
		cmocka_unit_test(lends_no_list_to_the_house),
		cmocka_unit_test(refuses_a_manifest),
		cmocka_unit_test(says_a_sentence_in_all_ways),
		cmocka_unit_test_setup_teardown(hashes_what_is_there, begin, end),
		cmocka_unit_test_setup_teardown(refuses_other_things, begin, end),
		cmocka_unit_test_setup_teardown(copies_what_was_read, begin, end),
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(knows_hosts),
		cmocka_unit_test(writes_lines),
		cmocka_unit_test(reads_them_with_the_sdk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
