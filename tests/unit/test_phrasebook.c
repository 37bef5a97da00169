/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_phrasebook - everything the house says, with values of every kind, against
 * tests/golden/responses.txt; what is refused of a file, and where; another language without
 * a change of C; and that no value makes a saying longer than its limit.
 *
 * A line of the golden file is "key: words". BEHEST_GOLDEN=print prints it anew.
 */
#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/action.h"
#include "domain/forecast.h"
#include "domain/units.h"
#include "own_phrases.h"

enum { FILE_BYTES_MAX = 1 << 20, LINE_BYTES = SAYING_SPOKEN_BYTES + 64, RANDOM = 20000 };

/* --- sample values --- */

static const double HOURS[] = {0, 1.5, 2, 23};
static const double COUNTS[] = {0, 1, 2, 40};
static const double DECIMALS[] = {21, 1, 0, -3.5, 19.25, 1.004, -0.001};
static const double CLOCKS[] = {12 * 60,      9 * 60 + 5, 13 * 60 + 30, 0, 11 * 60 + 59,
				23 * 60 + 10, 1};
static const char *const COLOURS[] = {"red", "warmwhite", "coolwhite", "navy"};
static const char *const DEVICES[] = {"kitchen light", "the hall", "The Den",
				      "Caf\u00e9 lamp", "theatre lamp"};
static const char *const STATES[] = {"on",     "off",  "armed_away", "locked",
				     "closed", "21.4", "fan_only"};
static const char *const HEARD[] = {"turn on the light", "{device} what's \u00fcber"};
static const char *const PLACES[] = {"Kitchen", "Living Room", "Hall", "Attic", "Cellar"};

static const double DURATIONS[] = {0, 1, 59, 60, 61, 3600, 3605, 5400, 86400, 604800};
static const char *const EXAMPLES[] = {"light kitchen light", "climate heating",
				       "cover blind", "unknown "};

/* How many samples a slot has. */
static size_t sample_count(enum saying_kind kind)
{
	switch (kind) {
	case SAYING_KIND_ACTION:
		return ACTION_KIND_COUNT;
	case SAYING_KIND_AGO:
		return STR_COUNT(HOURS);
	case SAYING_KIND_BECAUSE:
	case SAYING_KIND_REFUSAL:
		return REASON_COUNT;
	case SAYING_KIND_CLOCK:
		return STR_COUNT(CLOCKS);
	case SAYING_KIND_COLOUR:
		return STR_COUNT(COLOURS);
	case SAYING_KIND_COUNT:
		return STR_COUNT(COUNTS);
	case SAYING_KIND_DATE:
		return 12;
	case SAYING_KIND_DAY:
		return SPAN_COUNT;
	case SAYING_KIND_DECIMAL:
		return STR_COUNT(DECIMALS);
	case SAYING_KIND_DEVICE:
		return STR_COUNT(DEVICES);
	case SAYING_KIND_DURATION:
		return STR_COUNT(DURATIONS);
	case SAYING_KIND_ENTRIES:
	case SAYING_KIND_EXAMPLES:
		return STR_COUNT(EXAMPLES);
	case SAYING_KIND_KINDS:
		return ENTITY_DOMAIN_COUNT;
	case SAYING_KIND_LINES:
	case SAYING_KIND_NAMES:
	case SAYING_KIND_PLACES:
		return STR_COUNT(PLACES);
	case SAYING_KIND_SKY:
		return SKY_COUNT;
	case SAYING_KIND_STATE:
		return STR_COUNT(STATES);
	case SAYING_KIND_WHEN:
		return SAYING_DAY_COUNT;
	case SAYING_KIND_UNIT:
		return UNIT_FORMS;
	case SAYING_KIND_WORDS:
		return STR_COUNT(HEARD);
	}
	return 0;
}

static void set_entries(struct saying *saying, enum saying_slot slot, size_t at)
{
	static const char *const ENTRIES[] = {"0930 dentist", "---- holiday"};

	for (size_t i = 0; i <= at; i++)
		saying_add_name(saying, slot, ENTRIES[i % STR_COUNT(ENTRIES)]);
}

static void set_examples(struct saying *saying, enum saying_slot slot, size_t at)
{
	for (size_t i = 0; i <= at; i++)
		saying_add_name(saying, slot, EXAMPLES[i]);
}

static void set_names(struct saying *saying, enum saying_slot slot, size_t at)
{
	bool are_kinds = saying_slot_kind(slot) == SAYING_KIND_KINDS;

	for (size_t i = 0; i <= at % STR_COUNT(PLACES); i++)
		saying_add_name(saying, slot,
				are_kinds ? entity_domain_text((enum entity_domain)(
						    (at + i) % ENTITY_DOMAIN_COUNT))
					  : PLACES[i]);
}

static void set_sample(struct saying *saying, enum saying_slot slot, size_t variant)
{
	enum saying_kind kind = saying_slot_kind(slot);
	size_t at = variant % sample_count(kind);
	const struct saying_date date = {.year = 2026,
					 .month = (int)at,
					 .day = (int)at * 2 + 1,
					 .weekday = (int)at % 7};

	switch (kind) {
	case SAYING_KIND_ACTION:
	case SAYING_KIND_BECAUSE:
	case SAYING_KIND_DAY:
	case SAYING_KIND_REFUSAL:
	case SAYING_KIND_SKY:
	case SAYING_KIND_WHEN:
	case SAYING_KIND_UNIT:
		saying_set_number(saying, slot, (double)at);
		break;
	case SAYING_KIND_AGO:
		saying_set_number(saying, slot, HOURS[at]);
		break;
	case SAYING_KIND_DURATION:
		saying_set_number(saying, slot, DURATIONS[at]);
		break;
	case SAYING_KIND_CLOCK:
		saying_set_number(saying, slot, CLOCKS[at]);
		break;
	case SAYING_KIND_COLOUR:
		saying_set_text(saying, slot, COLOURS[at]);
		break;
	case SAYING_KIND_COUNT:
		saying_set_number(saying, slot, COUNTS[at]);
		break;
	case SAYING_KIND_DATE:
		saying_set_date(saying, slot, &date);
		break;
	case SAYING_KIND_DECIMAL:
		saying_set_number(saying, slot, DECIMALS[at]);
		break;
	case SAYING_KIND_DEVICE:
		saying_set_text(saying, slot, DEVICES[at]);
		break;
	case SAYING_KIND_ENTRIES:
		set_entries(saying, slot, at);
		break;
	case SAYING_KIND_EXAMPLES:
		set_examples(saying, slot, at);
		break;
	case SAYING_KIND_KINDS:
	case SAYING_KIND_LINES:
	case SAYING_KIND_NAMES:
	case SAYING_KIND_PLACES:
		set_names(saying, slot, at);
		break;
	case SAYING_KIND_STATE:
		saying_set_text(saying, slot, STATES[at]);
		break;
	case SAYING_KIND_WORDS:
		saying_set_text(saying, slot, HEARD[at]);
		break;
	}
}

static struct saying sample(enum saying_key key, size_t variant)
{
	struct saying saying = saying_make(key);
	enum saying_slot slot;

	for (size_t i = 0; (slot = saying_slot_at(key, i)); i++)
		set_sample(&saying, slot, variant);
	return saying;
}

/* As many as the slot of most samples has. */
static size_t variants_of(enum saying_key key)
{
	enum saying_slot slot;
	size_t most = 1;

	for (size_t i = 0; (slot = saying_slot_at(key, i)); i++) {
		size_t count = sample_count(saying_slot_kind(slot));
		most = count > most ? count : most;
	}
	return most;
}

static bool check_line(const char *expected, const char *got)
{
	bool same = expected && str_equal(expected, got);

	if (getenv("BEHEST_GOLDEN"))
		printf("%s\n", got);
	else if (!same)
		print_error("got:      %s\nexpected: %s\n", got,
			    expected ? expected : "(no more lines)");
	return same || getenv("BEHEST_GOLDEN");
}

static void test_golden(void **state)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	bool same = true;

	(void)state;
	assert_true(file_join(path, sizeof(path), getenv("BEHEST_SOURCE"),
			      "tests/golden/responses.txt"));
	assert_int_equal(file_read(path, FILE_BYTES_MAX, &bytes, NULL), OK);
	char *rest = (char *)bytes.bytes;
	for (size_t key = SAYING_NONE + 1; key < SAYING_COUNT; key++) {
		for (size_t v = 0; v < variants_of((enum saying_key)key); v++) {
			struct saying saying = sample((enum saying_key)key, v);
			char line[LINE_BYTES];

			assert_true(str_format(line, sizeof(line), "%s: %s",
					       saying_key_text(saying.key),
					       own_words(&saying)));
			same = check_line(strsep(&rest, "\n"), line) && same;
		}
	}
	assert_true(same);
	if (!getenv("BEHEST_GOLDEN"))
		assert_string_equal(rest ? rest : "", "");
	buf_finish(&bytes);
}

/* What must not be said has no words, in any language. */
static void test_silence(void **state)
{
	struct saying nothing = saying_make(SAYING_NONE);

	(void)state;
	assert_string_equal(own_words(&nothing), "");
	for (size_t i = 0; i < REASON_COUNT; i++) {
		struct saying refusal = saying_refusal((enum reason)i);
		bool is_silent = own_words(&refusal)[0] == '\0';

		assert_true(is_silent != reason_is_spoken((enum reason)i));
	}
	assert_false(reason_is_spoken(REASON_NOT_ADDRESSED));
	assert_false(reason_is_spoken(REASON_NOTHING_HEARD));
}

/* --- other files --- */

/* The English file with one piece replaced; the caller frees it. */
static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t size = strlen(text) + strlen(to) + 1;
	char *made = malloc(size);

	if (!at)
		fail_msg("'%s' is not in the file", from);
	must(made);
	assert_true(str_format(made, size, "%.*s%s%s", (int)(at - text), text, to,
			       at + strlen(from)));
	return made;
}

static unsigned line_of(const char *text, const char *piece)
{
	const char *at = strstr(text, piece);
	unsigned line = 1;

	must(at);
	for (const char *letter = text; letter < at; letter++)
		line += *letter == '\n';
	return line;
}

#define LONG                                                \
	"a text of fifty bytes, so that five are enough.. " \
	"a text of fifty bytes, so that five are enough.. " \
	"a text of fifty bytes, so that five are enough.. " \
	"a text of fifty bytes, so that five are enough.. " \
	"a text of fifty bytes, so that five are enough.. " \
	"and some more"

/* A piece of the file, what stands there instead, the line of which piece is named
 * (NULL: the first new one), and what the note says. */
static const struct {
	const char *from;
	const char *to;
	const char *place;
	const char *says;
} BROKEN[] = {
	{"  done.all:", "  done.everything:", NULL,
	 "the unknown key 'done.everything'; expected something to say"},
	{"  done.all: \"Done, all {all}\"\n", "", "  ask.announce", "no key 'done.all'"},
	{"{all}\"", "{many}\"", "  done.all",
	 "the unknown slot '{many}'; expected one of: all"},
	{"In which room?", "In which {room}?", "  ask.which_room",
	 "the unknown slot '{room}'; expected no slot here"},
	{"{all}\"", "{all\"", "  done.all", "a brace without its other"},
	{"{all}\"", "all}\"", "  done.all", "a brace without its other"},
	{"{all}\"", "{{all}}\"", "  done.all", "a brace without its other"},
	{"{all}\"", "{\"", "  done.all", "a brace without its other"},
	{"{all}\"", "{}\"", "  done.all", "the unknown slot '{}'"},
	{"In which room?", "", "  ask.which_room", "an empty text; expected words"},
	{"In which room?", LONG, "  ask.which_room",
	 "a text that is too long; expected at most"},
	{"In which room?", "In 100 % of the rooms?", "  ask.which_room",
	 "the symbol '%'"},
	{"In which room?", "In\\nwhich room?", "  ask.which_room", "a control character"},
	{"In which room?", "In\\0which room?", "  ask.which_room", "a NUL character"},
	{"In which room?", "In which r\xc3ume?", "  ask.which_room", "not UTF-8"},
	{"\"In which room?\"", "[In, which, room]", "  ask.which_room",
	 "no text; expected a text"},
	{"    by: degrees\n", "", "    one: \"Set {device}", "no key 'by'"},
	{"    by: degrees", "    by: device", "    by: device",
	 "by 'device'; expected a slot"},
	{"    by: degrees", "    by: [degrees]", "    by: [degrees]",
	 "by ''; expected a slot"},
	{"    one: \"Set {device} to {degrees} degree.\"\n", "", "    by: degrees",
	 "no key 'one'"},
	{"    other: \"Set {device} to {degrees} degrees.\"\n", "", "    by: degrees",
	 "no key 'other'"},
	{"    by: degrees\n", "    by: degrees\n    few: \"x\"\n",
	 "    few:", "the unknown key 'few'; expected by, zero, one, other"},
	{"  MUTED:", "  MOOTED:", NULL, "the unknown key 'MOOTED'"},
	{"refused:\n", "refused:\n  MUTED: \"I am muted.\"\n", "  MUTED: \"I am",
	 "the unknown key"},
	{"  NO_OWNER: \"This house has no owner yet.\"\n", "",
	 "  ALARM_UNREACHABLE:", "no key 'NO_OWNER'"},
	{"  sunday: \"Sunday\"\n", "", "  monday: \"Monday\"", "no key 'sunday'"},
	{"  may: \"May\"\n", "  may: \"May\"\n  may: \"Mai\"\n", "  may: \"Mai\"",
	 "a second time"},
	{"  number.point: \".\"\n", "", "  ago:", "no key 'number.point'"},
	{"{hour12} o'clock {half}", "{minute} o'clock", "  clock.sharp",
	 "expected one of: hour hour12 half"},
	{"\nstates:\n", "\nmoods:\n", "  armed_away",
	 "the unknown key 'moods'; expected language, sayings"},
	{"language: en\n", "", "sayings:", "no key 'language'"},
	{"language: en\n", "language: []\n", "language", "no language"},
	{"colours:\n  coolwhite: \"cool white\"\n  warmwhite: \"warm white\"\n",
	 "colours: white\n", "colours: white", "no map; expected a map of texts"},
};

static void expect_refused(const char *text, const char *place, const char *says)
{
	struct phrasebook *book = NULL;
	struct err_note note = {""};
	char where[64];

	assert_true(str_format(where, sizeof(where), "r.yaml:%u:", line_of(text, place)));
	if (phrasebook_create("r.yaml", text, strlen(text), &book, &note) == OK)
		fail_msg("it was not refused: expected '%s'", says);
	if (!str_starts(note.text, where) || !strstr(note.text, says))
		fail_msg("'%s', expected '%s' and '%s'", note.text, where, says);
}

static void test_broken_files(void **state)
{
	struct buf bytes = own_phrases_read();
	const char *text = (const char *)bytes.bytes;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(BROKEN); i++) {
		char *broken = replaced(text, BROKEN[i].from, BROKEN[i].to);
		const char *place = BROKEN[i].place ? BROKEN[i].place : BROKEN[i].to;

		expect_refused(broken, place, BROKEN[i].says);
		free(broken);
	}
	buf_finish(&bytes);
}

/* Each line of the file is needed: without it the file is refused, but for the words of
 * states and colours and a text for none. */
static void test_every_line_is_needed(void **state)
{
	struct buf bytes = own_phrases_read();
	const char *text = (const char *)bytes.bytes;
	const char *states = strstr(text, "\nstates:");
	const char *parts = strstr(text, "\nparts:");
	size_t tried = 0;

	(void)state;
	must(states && parts);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		struct phrasebook *book = NULL;
		struct err_note note = {""};
		size_t length = strcspn(line, "\n") + 1;
		char *without = strdup(text);
		size_t at = (size_t)(line - text);

		must(without);
		memmove(without + at, without + at + length,
			strlen(text) - at - length + 1);
		bool optional = length == 1 || *line == '#' ||
				(line > states + 1 && line < parts && *line == ' ');
		enum err err = phrasebook_create("r.yaml", without, strlen(without),
						 &book, &note);
		if ((err == OK) != optional)
			fail_msg("without '%.*s': '%s'", (int)length - 1, line,
				 note.text);
		assert_true(err == OK || str_starts(note.text, "r.yaml:"));
		tried += !optional;
		phrasebook_destroy(book);
		free(without);
	}
	assert_true(tried > 150);
	buf_finish(&bytes);
}

static void test_sizes(void **state)
{
	static char large[PHRASEBOOK_FILE_BYTES_MAX + 1];
	static char words[8 * (PHRASEBOOK_WORDS_MAX + 1) * 4 + 16] = "colours:\n";
	struct phrasebook *book = NULL;
	struct err_note note = {""};

	(void)state;
	memset(large, ' ', sizeof(large));
	assert_int_equal(phrasebook_create("r.yaml", large, sizeof(large), &book, &note),
			 ERR_LIMIT);
	assert_true(str_starts(note.text, "r.yaml:1:1: 65537 bytes"));
	note.text[0] = '\0';
	assert_int_equal(phrasebook_create("r.yaml", "", 0, &book, &note), ERR_FORMAT);
	assert_true(str_starts(note.text, "r.yaml:1:1:"));
	note.text[0] = '\0';
	assert_int_equal(phrasebook_create("r.yaml", "a\0b", 3, &book, &note),
			 ERR_FORMAT);
	assert_true(str_starts(note.text, "r.yaml:1:1:"));
	for (int i = 0; i <= PHRASEBOOK_WORDS_MAX; i++)
		assert_true(str_append(words, sizeof(words), "  c%d: \"c%d\"\n", i, i));
	expect_refused(words, "  c0", "too many words; expected at most 256");
}

/* --- another language --- */

/* What differs from the English file in a German one, as far as it is looked at below. */
static const char *const GERMAN[][2] = {
	{"language: en", "language: de"},
	{"Which {name} do you mean, {kinds}?",
	 "Welches Gerät meinst du mit {name}, {kinds}?"},
	{"Done, all {all}", "Erledigt, alle {all}"},
	{"Set {device} to {percent} percent.", "{device} steht auf {percent} Prozent."},
	{"Set {device} to {colour}.", "{device} leuchtet {colour}."},
	{"    by: degrees\n    one: \"Set {device} to {degrees} degree.\"\n    other: \"Set "
	 "{device} to {degrees} degrees.\"",
	 "    by: degrees\n    zero: \"Null für {device}.\"\n    one: \"{device}: ein "
	 "Grad.\"\n    other: \"{device}: {degrees} Grad.\""},
	{"  done.some: \"{done} of {all} done",
	 "  done.some: \"{done} von {all} erledigt"},
	{"list.and: \" and \"", "list.and: \" und \""},
	{"not done: {names}, because {because}", "nicht: {names}, denn {because}"},
	{"\"It is {date}.\"", "\"Heute ist {date}.\""},
	{"\"It is {time}.\"", "\"es ist {time}.\""},
	{"{device} is {state}.", "{device} ist {state}."},
	{"I can't reach that.", "Das erreiche ich nicht."},
	{"  light: \"light\"", "  light: \"Lampe\""},
	{"  locked: \"locked\"", "  locked: \"verriegelt\""},
	{"  coolwhite: \"cool white\"", "  red: \"rot\""},
	{"\"P M\"", "\"\""},
	{"\"A M\"", "\"\""},
	{"{hour12} oh {minute} {half}", "{hour} Uhr {minute}"},
	{"{hour12} {minute} {half}", "{hour} Uhr {minute}"},
	{"{hour12} o'clock {half}", "{hour} Uhr"},
	{"{weekday}, {month} {day}, {year}", "{weekday}, der {day}. {month} {year}"},
	{"\"the {name}\"", "\"{name}\""},
	{"device.article: \"the\"", "device.article: \"\""},
	{"\"the {kind}\"", "\"die {kind}\""},
	{"list.last: \" or \"", "list.last: \" oder \""},
	{"number.minus: \"-\"", "number.minus: \"minus \""},
	{"number.point: \".\"", "number.point: \",\""},
	{"\"Sunday\"", "\"Sonntag\""},
	{"\"March\"", "\"M\u00e4rz\""},
};

static struct phrasebook *german(void)
{
	struct buf bytes = own_phrases_read();
	struct phrasebook *book = NULL;
	struct err_note note = {""};
	char *text = strdup((const char *)bytes.bytes);

	for (size_t i = 0; i < STR_COUNT(GERMAN); i++) {
		char *next = replaced(text, GERMAN[i][0], GERMAN[i][1]);

		free(text);
		text = next;
	}
	if (phrasebook_create("de.yaml", text, strlen(text), &book, &note))
		fail_msg("%s", note.text);
	free(text);
	buf_finish(&bytes);
	return book;
}

static void expect_words(const struct phrasebook *book, const struct saying *saying,
			 const char *expected)
{
	char words[SAYING_SPOKEN_BYTES];

	phrasebook_say(book, saying, words);
	assert_string_equal(words, expected);
}

static void expect_number(const struct phrasebook *book, enum saying_key key,
			  enum saying_slot slot, double number, const char *expected)
{
	struct saying saying = saying_make(key);
	enum saying_slot other;

	for (size_t i = 0; (other = saying_slot_at(key, i)); i++)
		if (saying_slot_kind(other) == SAYING_KIND_DEVICE)
			saying_set_text(&saying, other, "Bad");
	saying_set_number(&saying, slot, number);
	expect_words(book, &saying, expected);
}

static void test_another_language(void **state)
{
	struct phrasebook *book = german();
	const struct saying_date date = {2026, 2, 1, 0};
	struct saying saying = saying_make(SAYING_TOLD_DATE);

	(void)state;
	saying_set_date(&saying, SLOT_DATE, &date);
	expect_words(book, &saying, "Heute ist Sonntag, der 1. M\u00e4rz 2026.");
	saying = saying_make(SAYING_TOLD_STATE);
	saying_set_text(&saying, SLOT_DEVICE, "the T\u00fcr");
	saying_set_text(&saying, SLOT_STATE, "locked");
	expect_words(book, &saying, "The T\u00fcr ist verriegelt.");
	saying = saying_make(SAYING_DONE_COLOUR);
	saying_set_text(&saying, SLOT_DEVICE, "Lampe");
	saying_set_text(&saying, SLOT_COLOUR, "red");
	expect_words(book, &saying, "Lampe leuchtet rot.");
	saying = saying_make(SAYING_ASK_WHICH_KIND);
	saying_set_text(&saying, SLOT_NAME, "Bad");
	saying_add_name(&saying, SLOT_KINDS, "light");
	saying_add_name(&saying, SLOT_KINDS, "switch");
	expect_words(book, &saying,
		     "Welches Gerät meinst du mit Bad, die Lampe oder die switch?");
	struct saying clauses[2] = {saying_make(SAYING_DONE_SOME),
				    saying_make(SAYING_PART_FAILED)};
	char words[SAYING_SPOKEN_BYTES];
	saying_set_number(&clauses[0], SLOT_DONE, 1);
	saying_set_number(&clauses[0], SLOT_ALL, 3);
	for (size_t i = 0; i < SAYING_NAMES_MAX + 2; i++)
		saying_add_name(&clauses[1], SLOT_NAMES, i ? "Licht" : "Tor");
	saying_set_number(&clauses[1], SLOT_BECAUSE, REASON_CANCELLED);
	phrasebook_join(book, clauses, STR_COUNT(clauses), words);
	assert_string_equal(words, "1 von 3 erledigt; nicht: Tor, Licht, Licht, Licht, "
				   "Licht, Licht, Licht, Licht und 2 more, denn it was "
				   "called off.");
	expect_number(book, SAYING_TOLD_TIME, SLOT_TIME, 13 * 60 + 5, "Es ist 13 Uhr 5.");
	expect_number(book, SAYING_TOLD_TIME, SLOT_TIME, 0, "Es ist 0 Uhr.");
	expect_number(book, SAYING_DONE_HEAT, SLOT_DEGREES, 0, "Null für Bad.");
	expect_number(book, SAYING_DONE_HEAT, SLOT_DEGREES, 1, "Bad: ein Grad.");
	expect_number(book, SAYING_DONE_HEAT, SLOT_DEGREES, -2.5, "Bad: minus 2,5 Grad.");
	phrasebook_destroy(book);
}

/* --- limits --- */

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* Letters of one to four bytes, and bytes that are none. */
static void random_text(uint64_t *seed, char *to, size_t size)
{
	static const char *const LETTERS[] = {"a",      " ",      "{",          "}",
					      "\u00e4", "\u20ac", "\U0001f600", "\xff",
					      "_",      "\n",     "the "};
	size_t length = next_random(seed) % 2 ? size : next_random(seed) % 40;

	to[0] = '\0';
	while (strlen(to) + 8 < length)
		strcat(to, LETTERS[next_random(seed) % STR_COUNT(LETTERS)]);
}

static double random_number(uint64_t *seed)
{
	static const double NUMBERS[] = {0,        -0.0,         1,
					 1e308,    -1e308,       NAN,
					 INFINITY, -INFINITY,    0.005,
					 -0.004,   999999999.999};

	if (next_random(seed) % 2)
		return NUMBERS[next_random(seed) % STR_COUNT(NUMBERS)];
	return ((double)next_random(seed) - 1e9) / (double)(next_random(seed) % 1000 + 1);
}

static void set_random(struct saying *saying, enum saying_slot slot, uint64_t *seed)
{
	enum saying_kind kind = saying_slot_kind(slot);
	char text[2 * TEXT_BYTES];

	random_text(seed, text, sizeof(text));
	if (saying_slot_is_number(slot) || kind == SAYING_KIND_CLOCK) {
		saying_set_number(saying, slot, random_number(seed));
	} else if (kind == SAYING_KIND_COLOUR || kind == SAYING_KIND_DEVICE ||
		   kind == SAYING_KIND_STATE || kind == SAYING_KIND_WORDS) {
		saying_set_text(saying, slot, text);
	} else if (kind == SAYING_KIND_KINDS || kind == SAYING_KIND_PLACES) {
		for (size_t i = next_random(seed) % 7; i > 0; i--)
			saying_add_name(saying, slot, text);
	} else {
		set_sample(saying, slot, next_random(seed));
	}
}

/* Its shorter pieces are as long as they may be. */
static struct phrasebook *longest(void)
{
	static const char *const PIECES[] = {"device: \"the {name}\"",
					     "list.place: \"the one in the {name}\"",
					     "list.between: \", \"",
					     "number.point: \".\""};
	struct buf bytes = own_phrases_read();
	struct phrasebook *book = NULL;
	struct err_note note = {""};
	char *text = strdup((const char *)bytes.bytes);

	for (size_t i = 0; i < STR_COUNT(PIECES); i++) {
		char line[2 * PHRASEBOOK_TEXT_BYTES];
		size_t end = strlen(PIECES[i]) - 1;
		size_t key = strcspn(PIECES[i], "\"") + 1;

		assert_true(str_format(line, sizeof(line), "%.*s", (int)end, PIECES[i]));
		while (strlen(line) - key + 2 < PHRASEBOOK_TEXT_BYTES)
			strcat(line, "\u00e4");
		strcat(line, "\"");
		char *next = replaced(text, PIECES[i], line);
		free(text);
		text = next;
	}
	if (phrasebook_create("long.yaml", text, strlen(text), &book, &note))
		fail_msg("%s", note.text);
	free(text);
	buf_finish(&bytes);
	return book;
}

static void test_never_too_long(void **state)
{
	const struct phrasebook *books[] = {own_phrasebook(), longest()};
	uint64_t seed = 20260301;
	size_t full = 0;

	(void)state;
	for (size_t i = 0; i < RANDOM; i++) {
		enum saying_key key =
			(enum saying_key)(next_random(&seed) % SAYING_COUNT);
		struct saying saying = saying_make(key);
		char to[SAYING_SPOKEN_BYTES + 8];
		enum saying_slot slot;

		for (size_t s = 0; (slot = saying_slot_at(key, s)); s++)
			set_random(&saying, slot, &seed);
		memset(to, '!', sizeof(to));
		phrasebook_say(books[i % 2], &saying, to);
		size_t length = strnlen(to, SAYING_SPOKEN_BYTES);
		assert_true(length < SAYING_SPOKEN_BYTES);
		assert_int_equal(to[SAYING_SPOKEN_BYTES], '!');
		assert_true(str_is_utf8(to, length));
		full += length > SAYING_SPOKEN_BYTES - 8;
	}
	assert_true(full > 10);
	phrasebook_destroy((struct phrasebook *)(uintptr_t)books[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_broken_files),
		cmocka_unit_test(test_every_line_is_needed),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_another_language),
		cmocka_unit_test(test_never_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
