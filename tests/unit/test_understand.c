/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests understand/: what templates mean, which sentence wins, contexts, namesakes, and
 * the grammar of small sets. What is refused: test_understand_refuses.c.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "own_phrases.h"
#include "understand/understand.h"

/* --- a small house --- */

static void add_entity(struct home *home, const char *id, const char *name,
		       enum entity_domain domain, const char *area, const char *alias)
{
	struct entity entity = entity_blank();
	struct entity *added = NULL;
	assert_true(str_copy(entity.id, sizeof(entity.id), id));
	assert_true(str_copy(entity.name, sizeof(entity.name), name));
	entity.domain = domain;
	entity.exposed = true;
	if (area)
		entity.area = home_area(home, area);
	if (alias) {
		assert_true(
			str_copy(entity.aliases[0], sizeof(entity.aliases[0]), alias));
		entity.alias_count = 1;
	}
	assert_int_equal(home_add_entity(home, &entity, &added), OK);
}

static struct home *make_home(void)
{
	struct home *home = calloc(1, sizeof(*home));
	assert_non_null(home);
	home_init(home);
	(void)home_area(home, "Kitchen");
	(void)home_area(home, "Living Room");
	assert_true(str_copy(home->areas[1].aliases[0], NAME_BYTES, "Lounge"));
	home->areas[1].alias_count = 1;
	assert_true(str_copy(home->floors[0].name, NAME_BYTES, "Upstairs"));
	home->floor_count = 1;
	add_entity(home, "l1", "Desk Lamp", ENTITY_LIGHT, "Kitchen", "Study Light");
	add_entity(home, "l2", "Ceiling", ENTITY_LIGHT, "Kitchen", NULL);
	add_entity(home, "l3", "Ceiling", ENTITY_LIGHT, "Living Room", NULL);
	add_entity(home, "k1", "Front Door", ENTITY_LOCK, "Kitchen", NULL);
	add_entity(home, "c1", "Front Door", ENTITY_COVER, "Living Room", NULL);
	add_entity(home, "l4", "Lamp 2", ENTITY_LIGHT, NULL, NULL);
	add_entity(home, "l5", "Café Licht", ENTITY_LIGHT, NULL, NULL);
	struct entity hidden = entity_blank();
	struct entity *added = NULL;
	assert_true(str_copy(hidden.id, sizeof(hidden.id), "h"));
	assert_true(str_copy(hidden.name, sizeof(hidden.name), "Hidden"));
	hidden.domain = ENTITY_LIGHT;
	assert_int_equal(home_add_entity(home, &hidden, &added), OK);
	assert_int_equal(home_add_person(home, "Anna Keller", true), OK);
	assert_int_equal(home_add_person(home, "Bob", false), OK);
	return home;
}

/* Compiles one file for the small house; NULL when it is refused, the note says why. */
static struct understand *compile(const char *text, struct err_note *note)
{
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home *home = make_home();
	note->text[0] = '\0';
	assert_int_equal(sentences_create(&sentences), OK);
	enum err err = sentences_add(sentences, "a.yaml", text, strlen(text), note);
	if (!err)
		err = understand_create(sentences, home, &understand, note);
	assert_true(err == OK || note->text[0] != '\0');
	assert_true(err == OK || understand == NULL);
	/* The compiled one borrows nothing of these. */
	sentences_destroy(sentences);
	home_finish(home);
	free(home);
	return understand;
}

static struct understand *must_compile(const char *text)
{
	struct err_note note;
	struct understand *understand = compile(text, &note);
	if (!understand)
		print_error("%s\n", note.text);
	assert_non_null(understand);
	return understand;
}

/* "Intent slot=value slot=value" in the order of the slots, or the reason's code. */
static void describe(const struct understanding *understanding, char *to, size_t size)
{
	const struct intent *intent = &understanding->intent;
	to[0] = '\0';
	if (understanding->reason != REASON_NONE) {
		assert_true(str_copy(to, size, reason_code(understanding->reason)));
		return;
	}
	assert_true(str_copy(to, size, intent->name));
	for (size_t i = 0; i < intent->slot_count; i++)
		assert_true(str_append(to, size, " %s=%s", intent->slots[i].name,
				       intent->slots[i].value));
}

static void check_here(const struct understand *understand, const char *text,
		       const char *here, const char *expected)
{
	struct understanding understanding;
	char words[1024];
	understand_text(understand, text, here, &understanding);
	describe(&understanding, words, sizeof(words));
	if (!str_equal(words, expected))
		print_error("'%s'\n", text);
	assert_string_equal(words, expected);
}

static void check(const struct understand *understand, const char *text,
		  const char *expected)
{
	check_here(understand, text, "", expected);
}

/* --- templates --- */

/* Whether one template takes a text. */
static void check_template(const char *template, const char *text, bool fits)
{
	char file[2048];
	assert_true(str_format(file, sizeof(file),
			       "intents:\n  Yes:\n    data:\n      - sentences: ['%s']\n",
			       template));
	struct understand *understand = must_compile(file);
	struct understanding understanding;
	understand_text(understand, text, "", &understanding);
	if ((understanding.reason == REASON_NONE) != fits)
		print_error("'%s': '%s'\n", template, text);
	assert_int_equal(understanding.reason == REASON_NONE, fits);
	understand_destroy(understand);
}

static void test_groups(void **state)
{
	(void)state;
	check_template("turn [it] on", "turn on", true);
	check_template("turn [it] on", "turn it on", true);
	check_template("turn [it] on", "turn it it on", false);
	check_template("(a|b c) d", "b c d", true);
	check_template("(a|b c) d", "b d", false);
	check_template("(a|b c) d", "a b c d", false);
	check_template("light[s] on", "lights on", true);
	check_template("light[s] on", "light s on", false);
	check_template("(bed|living[ ])room", "bedroom", true);
	check_template("(bed|living[ ])room", "living room", true);
	check_template("(bed|living[ ])room", "livingroom", true);
	check_template("(bed|living[ ])room", "bed room", false);
	check_template("(turn;(up|down);[the] volume)", "the volume turn up", true);
	check_template("(turn;(up|down);[the] volume)", "down volume turn", true);
	check_template("(turn;(up|down);[the] volume)", "turn up", false);
	check_template("[please;now] go", "now please go", true);
	check_template("[please;now] go", "go", true);
	check_template("[please;now] go", "now go", false);
	check_template("[[a] b] c", "a c", false);
	check_template("a|b", "b", true);
	check_template("what\\(s\\)", "what s", true);
	check_template("  spaces   around [ here ]  ", "spaces around here", true);
	check_template("[a] [b]", "", false);
	check_template("[a] [b]", "b", true);
	check_template("timer(|s)", "timer", true);
	check_template("timer(|s)", "timers", true);
	check_template("clock (a||b) time", "clock time", true);
	check_template("clock (a|b|) time", "clock b time", true);
	check_template("clock (a|b|) time", "clock a b time", false);
}

static void test_rules_and_lists(void **state)
{
	(void)state;
	struct understand *understand = must_compile(
		"intents:\n"
		"  Order:\n"
		"    data:\n"
		"      - sentences:\n"
		"          - '<want> [a] {size} {drink:what}[s]'\n"
		"          - 'x{drink}y'\n"
		"          - 'set {1..3:level}'\n"
		"          - 'step {0..10,5:level}'\n"
		"          - 'heat {degrees}[°| degrees]'\n"
		"          - 'down {less}'\n"
		"          - 'kelvin {kelvin}'\n"
		"        slots: {fixed: 7, text: '7'}\n"
		"        response: done\n"
		"lists:\n"
		"  size: {values: [small, {in: '(big|large|extra <large>)', out: Large}]}\n"
		"  drink: {values: [{in: 'tea', out: tea}, {in: 'iced tea', out: iced}, cola]}\n"
		"  degrees: {range: {from: 5, to: 30, fractions: halves}}\n"
		"  less: {range: {from: 1, to: 100, multiplier: -1}}\n"
		"  kelvin: {range: {from: 1000, to: 4000, step: 100}}\n"
		"expansion_rules:\n"
		"  want: '(i want|<give> me)'\n"
		"  give: 'give|bring'\n"
		"  large: 'large'\n");
	check(understand, "I want a small iced tea",
	      "Order fixed=7 text=7 size=small what=iced");
	check(understand, "bring me extra large colas",
	      "Order fixed=7 text=7 size=Large what=cola");
	check(understand, "xteay", "Order fixed=7 text=7 drink=tea");
	check(understand, "xiced teay", "Order fixed=7 text=7 drink=iced");
	check(understand, "x tea y", "NO_MATCH");
	check(understand, "set 3", "Order fixed=7 text=7 level=3");
	check(understand, "set 4", "NO_MATCH");
	check(understand, "step five", "Order fixed=7 text=7 level=5");
	check(understand, "step six", "NO_MATCH");
	check(understand, "heat 21.5°", "Order fixed=7 text=7 degrees=21.5");
	check(understand, "heat twenty-one and a half degrees",
	      "Order fixed=7 text=7 degrees=21.5");
	check(understand, "heat twenty one", "Order fixed=7 text=7 degrees=21");
	check(understand, "down a hundred", "Order fixed=7 text=7 less=-100");
	check(understand, "kelvin twenty seven hundred",
	      "Order fixed=7 text=7 kelvin=2700");
	struct understanding understanding;
	understand_text(understand, "set two", "", &understanding);
	assert_string_equal(understanding.response, "done");
	assert_true(intent_slot(&understanding.intent, "level")->is_number);
	assert_true(intent_slot(&understanding.intent, "level")->number == 2);
	assert_true(intent_slot(&understanding.intent, "fixed")->is_number);
	assert_false(intent_slot(&understanding.intent, "text")->is_number);
	assert_true(understanding.confidence == 1);
	understand_destroy(understand);
}

static void test_bundle_form(void **state)
{
	(void)state;
	struct understand *understand = must_compile(
		"{\"language\":\"en\",\"tests\":[{\"anything\":1}],\"responses\":{},"
		"\"intents\":[{\"intent\":\"A\",\"combo\":\"x\",\"sentences\":[\"go {area}\"],"
		"\"slots\":{},\"requires_context\":{},\"response\":\"r\"}]}");
	check(understand, "go lounge", "A area=Living Room");
	understand_destroy(understand);
}

/* --- which one wins --- */

static void test_fixed_words_win(void **state)
{
	(void)state;
	struct understand *understand = must_compile(
		"intents:\n"
		"  Wild: {data: [{sentences: ['play {what} [now]', '{what} and {other}']}]}\n"
		"  List: {data: [{sentences: ['play {song}']}]}\n"
		"  Fixed: {data: [{sentences: ['play music']}]}\n"
		"  First: {data: [{sentences: ['same']}]}\n"
		"  Second: {data: [{sentences: ['same']}]}\n"
		"lists:\n"
		"  what: {wildcard: true}\n"
		"  other: {wildcard: true}\n"
		"  song: {values: [music, jazz]}\n");
	check(understand, "play music", "Fixed");
	check(understand, "play jazz", "List song=jazz");
	check(understand, "play Hey, Jude!", "Wild what=Hey, Jude");
	check(understand, "play it now", "Wild what=it");
	check(understand, "Tom and Jerry and I", "Wild what=Tom and Jerry other=I");
	check(understand, "play", "NO_MATCH");
	check(understand, "same", "First");
	understand_destroy(understand);
}

static void test_skip_words(void **state)
{
	(void)state;
	struct understand *understand =
		must_compile("skip_words: [please, 'could you', you]\n"
			     "intents:\n"
			     "  Go: {data: [{sentences: ['go home', 'please me']}]}\n");
	check(understand, "please go home", "Go");
	check(understand, "could you please go please home, you", "Go");
	check(understand, "please me", "Go");
	check(understand, "could go home", "NO_MATCH");
	check(understand, "please", "NO_MATCH");
	understand_destroy(understand);
}

/* What does not fit into an intent is not understood, rather than in part. */
static void test_what_is_too_long(void **state)
{
	char text[TEXT_BYTES] = "say ";
	struct understand *understand = must_compile(
		"intents:\n"
		"  Say: {data: [{sentences: ['say {w}']}]}\n"
		"  Many: {data: [{sentences: ['many <q> <q> <q> <q>'], slots: {s: 1}}]}\n"
		"lists: {w: {wildcard: true}, n: {values: [x]}}\n"
		"expansion_rules: {q: '{n:a} {n:b} {n:c} {n:d}'}\n");
	(void)state;
	check(understand, "many x x x x x x x x x x x x x x x x",
	      "Many s=1 a=x b=x c=x d=x");
	understand_destroy(understand);
	understand = must_compile(
		"intents:\n"
		"  Say: {data: [{sentences: ['say {w}']}]}\n"
		"  Many: {data: [{sentences: ['many {x:a} {x:b} {x:c} {x:d} {x:e} {x:f} {x:g} "
		"{x:h} {x:i} {x:j} {x:k} {x:l} {x:m} {x:n} {x:o} {x:p} [{x:q}]']}]}\n"
		"lists: {w: {wildcard: true}, x: {values: [x]}}\n");
	check(understand, "many x x x x x x x x x x x x x x x x",
	      "Many a=x b=x c=x d=x e=x f=x g=x h=x i=x j=x k=x l=x m=x n=x o=x p=x");
	check(understand, "many x x x x x x x x x x x x x x x x x", "NO_MATCH");
	memset(text + 4, 'y', SLOT_VALUE_BYTES - 1);
	char expected[TEXT_BYTES];
	assert_true(str_format(expected, sizeof(expected), "Say w=%s", text + 4));
	check(understand, text, expected);
	text[4 + SLOT_VALUE_BYTES - 1] = 'y';
	check(understand, text, "NO_MATCH");
	understand_destroy(understand);
}

/* --- the house --- */

static const char HOUSE[] =
	"intents:\n"
	"  On:\n"
	"    data:\n"
	"      - sentences: ['turn on [the] {name}', '{name} in {area} on']\n"
	"        requires_context: {domain: [light]}\n"
	"      - sentences: ['turn on [the] light[s]']\n"
	"        slots: {domain: light}\n"
	"        requires_context: {area: {slot: true}}\n"
	"      - sentences: ['turn on [the] {area} light[s]']\n"
	"        slots: {domain: light}\n"
	"  Open:\n"
	"    data:\n"
	"      - sentences: ['open [the] {name}']\n"
	"        requires_context: {domain: lock}\n"
	"      - sentences: ['open [the] {name}']\n"
	"        requires_context: {domain: cover}\n"
	"      - sentences: ['what is {name}']\n"
	"        excludes_context: {domain: [light]}\n"
	"  Send:\n"
	"    data:\n"
	"      - sentences: ['message {contact}', 'where is {person}']\n"
	"      - sentences: ['up {floor}']\n"
	"  Kitchen:\n"
	"    data:\n"
	"      - sentences: ['cook']\n"
	"        requires_context: {area: kitchen}\n"
	"      - sentences: ['do not cook']\n"
	"        excludes_context: {area: kitchen}\n";

static void test_names(void **state)
{
	(void)state;
	struct understand *understand = must_compile(HOUSE);
	check(understand, "turn on the desk lamp", "On name=Desk Lamp entity=l1");
	check(understand, "turn on study light", "On name=Desk Lamp entity=l1");
	check(understand, "turn on lamp 2", "On name=Lamp 2 entity=l4");
	check(understand, "turn on lamp two", "On name=Lamp 2 entity=l4");
	check(understand, "turn on CAFÉ LICHT", "On name=Café Licht entity=l5");
	check(understand, "turn on hidden", "NO_MATCH");
	check(understand, "turn on front door", "NO_MATCH");
	check(understand, "message anna keller", "Send contact=Anna Keller");
	check(understand, "message bob", "NO_MATCH");
	check(understand, "where is bob", "Send person=Bob");
	check(understand, "up upstairs", "Send floor=Upstairs");
	understand_destroy(understand);
}

static void test_contexts(void **state)
{
	(void)state;
	struct understand *understand = must_compile(HOUSE);
	check(understand, "turn on the lights", "NO_MATCH");
	check_here(understand, "turn on the lights", "kitchen",
		   "On domain=light area=Kitchen");
	check_here(understand, "turn on the lights", "lounge",
		   "On domain=light area=Living Room");
	check_here(understand, "turn on the kitchen lights", "lounge",
		   "On domain=light area=Kitchen");
	check_here(understand, "cook", "Kitchen", "Kitchen");
	check_here(understand, "cook", "Lounge", "NO_MATCH");
	check(understand, "cook", "NO_MATCH");
	check_here(understand, "do not cook", "Kitchen", "NO_MATCH");
	check_here(understand, "do not cook", "Lounge", "Kitchen");
	check(understand, "do not cook", "Kitchen");
	check(understand, "what is desk lamp", "NO_MATCH");
	understand_destroy(understand);
}

static void test_context_of_values(void **state)
{
	(void)state;
	struct understand *understand = must_compile(
		"intents:\n"
		"  Hot:\n"
		"    data:\n"
		"      - sentences: ['get {food}']\n"
		"        requires_context: {kind: {value: hot, slot: true}}\n"
		"  Cold: {data: [{sentences: ['get {food}'], requires_context: {kind: cold}}]}\n"
		"lists:\n"
		"  food:\n"
		"    values:\n"
		"      - {in: soup, out: soup, context: {kind: hot}}\n"
		"      - {in: ice, context: {kind: cold}}\n"
		"      - {in: bread}\n");
	check(understand, "get soup", "Hot kind=hot food=soup");
	check(understand, "get Ice", "Cold food=Ice");
	check(understand, "get bread", "NO_MATCH");
	understand_destroy(understand);
}

static void test_namesakes(void **state)
{
	struct understanding understanding;
	(void)state;
	struct understand *understand = must_compile(HOUSE);
	check_here(understand, "turn on the ceiling", "Kitchen",
		   "On name=Ceiling entity=l2");
	check_here(understand, "turn on the ceiling", "Lounge",
		   "On name=Ceiling entity=l3");
	check(understand, "ceiling in living room on",
	      "On name=Ceiling area=Living Room entity=l3");
	check(understand, "desk lamp in living room on", "NO_MATCH");
	understand_text(understand, "turn on the ceiling", "", &understanding);
	assert_int_equal(understanding.reason, REASON_AMBIGUOUS);
	assert_string_equal(understanding.intent.name, "On");
	assert_null(intent_slot(&understanding.intent, "entity"));
	assert_string_equal(
		own_words(&understanding.asks),
		"Which Ceiling do you mean, the one in the Kitchen or the one in "
		"the Living Room?");
	/* Two sentences, two kinds of device, one name. */
	understand_text(understand, "open the front door", "", &understanding);
	assert_int_equal(understanding.reason, REASON_AMBIGUOUS);
	check_here(understand, "open the front door", "Lounge",
		   "Open name=Front Door entity=c1");
	understand_destroy(understand);
}

/* Each file finds its own rule first. */
static void test_rules_of_other_files(void **state)
{
	static const char FIRST[] = "expansion_rules: {the: one, more: extra}\n";
	static const char SECOND[] =
		"intents: {A: {data: [{sentences: ['go <the> <more>']}]}}\n"
		"expansion_rules: {the: two}\n";
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home *home = make_home();
	struct err_note note = {""};
	(void)state;
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", FIRST, strlen(FIRST), &note), OK);
	assert_int_equal(sentences_add(sentences, "b", SECOND, strlen(SECOND), &note),
			 OK);
	assert_int_equal(understand_create(sentences, home, &understand, &note), OK);
	check(understand, "go two extra", "A");
	check(understand, "go one extra", "NO_MATCH");
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(home);
	free(home);
}

static void test_bad_text(void **state)
{
	char longest[TEXT_BYTES + 8];
	(void)state;
	struct understand *understand =
		must_compile("intents: {A: {data: [{sentences: ['a {w}']}]}}\n"
			     "lists: {w: {wildcard: true}}\n");
	check(understand, "", "NO_MATCH");
	check(understand, " ,.!? ", "NO_MATCH");
	check(understand, "a \xff", "NO_MATCH");
	check(understand, "a 😀", "NO_MATCH");
	check(understand, "a مرحبا", "A w=مرحبا");
	check(understand,
	      "\xef\xbb\xbf"
	      "a x",
	      "A w=x");
	check(understand, "a\tx\r\n", "A w=x");
	check(understand,
	      "\x01\x1b"
	      "a\x7f x\x02",
	      "A w=x");
	check(understand, "a e\u0301te\u0301", "A w=e\u0301te\u0301");
	check(understand, "a \xed\xa0\x80", "NO_MATCH");
	check(understand, "a \xc0\x80", "NO_MATCH");
	memset(longest, 'a', sizeof(longest));
	longest[1] = ' ';
	longest[sizeof(longest) - 1] = '\0';
	check(understand, longest, "NO_MATCH");
	for (size_t i = 0; i + 1 < sizeof(longest); i++)
		longest[i] = i % 2 ? ' ' : 'a';
	check(understand, longest, "NO_MATCH");
	understand_destroy(understand);
}

/* Names come from devices as they were typed into them. */
static void test_names_in_other_spellings(void **state)
{
	static const char *const TEXTS[] = {"turn on Ku\u0308chenlicht",
					    "turn on KÜCHENLICHT",
					    "turn on küchen\u00adlicht",
					    "turn on \u202eküchenlicht\u202c",
					    "turn on 💡 Küchenlicht 💡"};
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home home;
	struct err_note note;
	(void)state;
	home_init(&home);
	add_entity(&home, "l1", "Küchenlicht", ENTITY_LIGHT, "Küche", NULL);
	add_entity(&home, "l2", "Decke 💡", ENTITY_LIGHT, "Ku\u0308che", NULL);
	add_entity(&home, "l3", "De\u200dcke", ENTITY_LIGHT, "Flur", NULL);
	/* Nobody can say this, and it is no name for nothing at all. */
	add_entity(&home, "l4", "💡", ENTITY_LIGHT, "Flur", "!?");
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", HOUSE, strlen(HOUSE), &note), OK);
	assert_int_equal(understand_create(sentences, &home, &understand, &note), OK);
	for (size_t i = 0; i < STR_COUNT(TEXTS); i++)
		check(understand, TEXTS[i], "On name=Küchenlicht entity=l1");
	check(understand, "turn on decke", "AMBIGUOUS");
	check_here(understand, "turn on decke", "KÜCHE", "On name=Decke 💡 entity=l2");
	check_here(understand, "turn on decke", "Ku\u0308che",
		   "On name=Decke 💡 entity=l2");
	check_here(understand, "turn on decke", "flur", "On name=De\u200dcke entity=l3");
	check(understand, "decke in küche on", "On name=Decke 💡 area=Küche entity=l2");
	check(understand, "turn on", "NO_MATCH");
	check(understand, "turn on 💡", "NO_MATCH");
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(&home);
}

/* --- frames --- */

/* "Intent slot=value ..", or the question. */
static void check_asks(const struct understand *understand, const char *text,
		       const char *question)
{
	struct understanding understanding;
	understand_text(understand, text, "", &understanding);
	if (!str_equal(own_words(&understanding.asks), question))
		print_error("'%s'\n", text);
	assert_string_equal(own_words(&understanding.asks), question);
	assert_int_equal(understanding.reason,
			 *question ? REASON_UNEXPLAINED_WORDS : REASON_NO_MATCH);
	assert_true(understanding.confidence < 0.5);
}

static const char FRAMES[] = "filler_words: [the, please, 'could you', my]\n"
			     "decisive_words: [not, 'on', 'off', up]\n"
			     "intents:\n"
			     "  On:\n"
			     "    data:\n"
			     "      - sentences: ['turn on [the] {name}']\n"
			     "        requires_context: {domain: light}\n"
			     "      - frame: ['(turn|switch)', 'on', '{name}']\n"
			     "        may: ['in [the] {area}', '(fully|half)']\n"
			     "        requires_context: {domain: light}\n"
			     "  Off:\n"
			     "    data:\n"
			     "      - frame: ['(turn|switch)', 'off', '{name}']\n"
			     "        requires_context: {domain: light}\n"
			     "  Fan:\n"
			     "    data:\n"
			     "      - frame: ['fan', 'spin']\n"
			     "        slots: {domain: fan}\n"
			     "  Note:\n"
			     "    data:\n"
			     "      - frame: ['note[s]', '(write|take)']\n"
			     "        rest: '[(that|about) {w:what}]'\n"
			     "  Play:\n"
			     "    data:\n"
			     "      - sentences: ['play {music}']\n"
			     "lists:\n"
			     "  w: {wildcard: true}\n"
			     "  music: {wildcard: true, except: [chess, with me]}\n";

static void test_frames(void **state)
{
	(void)state;
	struct understand *understand = must_compile(FRAMES);
	check(understand, "turn on the desk lamp", "On name=Desk Lamp entity=l1");
	check(understand, "desk lamp turn on", "On name=Desk Lamp entity=l1");
	check(understand, "Could you switch my desk lamp on, please?",
	      "On name=Desk Lamp entity=l1");
	check(understand, "on switch the ceiling in the kitchen fully",
	      "On name=Ceiling area=Kitchen entity=l2");
	check(understand, "fully half fully switch desk lamp on",
	      "On name=Desk Lamp entity=l1");
	check(understand, "switch off desk lamp", "Off name=Desk Lamp entity=l1");
	/* Every part once, and nothing is a frame without all of them. */
	check(understand, "switch the desk lamp", "NO_MATCH");
	check(understand, "switch on", "NO_MATCH");
	check(understand, "switch on on desk lamp", "NO_MATCH");
	check(understand, "please", "NO_MATCH");
	/* The rest comes last, and only the rest is free. */
	check(understand, "take a note", "UNEXPLAINED_WORDS");
	check(understand, "take notes about the roof", "Note what=the roof");
	check(understand, "notes take", "Note");
	check(understand, "about the roof take notes", "NO_MATCH");
	/* No fan is in this house. */
	check(understand, "spin fan", "NO_MATCH");
	understand_destroy(understand);
}

static void test_confidence_of_frames(void **state)
{
	struct understanding understanding;
	(void)state;
	struct understand *understand = must_compile(FRAMES);
	understand_text(understand, "turn on desk lamp", "", &understanding);
	assert_true(understanding.confidence >= 1);
	understand_text(understand, "turn desk lamp on", "", &understanding);
	assert_int_equal(understanding.reason, REASON_NONE);
	assert_true(understanding.confidence > 0.5 && understanding.confidence < 1);
	understand_destroy(understand);
}

static void test_unexplained_words_are_asked_about(void **state)
{
	(void)state;
	struct understand *understand = must_compile(FRAMES);
	check_asks(understand, "please switch the green desk lamp on",
		   "Did you mean \"switch the desk lamp on\"?");
	check_asks(understand, "switch the very big green desk lamp on right away",
		   ""); /* too much of it */
	check_asks(understand, "green big old take notes", "");
	/* What turns a request around is never left out of a question. */
	check_asks(understand, "do not switch desk lamp on", "");
	check_asks(understand, "switch desk lamp on and off", "");
	check_asks(understand, "switch up desk lamp on", "");
	/* Of two that are called so it asks which. */
	check(understand, "switch the green ceiling on", "AMBIGUOUS");
	understand_destroy(understand);
}

static void test_near_words_are_asked_about(void **state)
{
	(void)state;
	struct understand *understand = must_compile(FRAMES);
	check_asks(understand, "turn on the desc lamp",
		   "Did you mean \"turn on the desk lamp\"?");
	check_asks(understand, "trun on the desk lapm",
		   "Did you mean \"turn on the desk lamp\"?");
	check_asks(understand, "turn on desklamp", "Did you mean \"turn on desk lamp\"?");
	check_asks(understand, "turn desk lamp on in kit chen",
		   "Did you mean \"turn desk lamp on in kitchen\"?");
	check_asks(understand, "swi tch desk lamp off",
		   "Did you mean \"switch desk lamp off\"?");
	check_asks(understand, "turn on the cafe licht",
		   "Did you mean \"turn on the café licht\"?");
	/* "not es" is no way to write notes. */
	check_asks(understand, "take not es", "");
	/* Short words are nobody's misspelling, and two wrong letters are too many. */
	check_asks(understand, "turn of the desk lamp", "");
	check_asks(understand, "turn on the dask lomb", "");
	check_asks(understand, "xx yy zz", "");
	understand_destroy(understand);
}

/* Nobody is chosen by a letter: of two names that are as near both are asked about. */
static void test_two_near_names(void **state)
{
	static const struct {
		const char *text;
		const char *asks; /* NULL: understood */
	} ROWS[] = {
		{"turn on the hall light", NULL},
		{"turn on the hull light", NULL},
		{"turn on the hell light",
		 "Did you mean \"turn on the hall light\" or \"turn on the hull light\"?"},
		{"switch hell light on",
		 "Did you mean \"switch hall light on\" or \"switch hull light on\"?"},
		/* Only one is near. */
		{"turn on the halll light", "Did you mean \"turn on the hall light\"?"},
		{"turn on the hall lihgt", "Did you mean \"turn on the hall light\"?"},
		/* A lamp and a fan: the first is asked about, and no fan suggested. */
		{"turn on the bott lamp", "Did you mean \"turn on the boat lamp\"?"},
		{"message anna", NULL},
		{"message ana", NULL},
		{"message annna", "Did you mean \"message anna\"?"},
		{"message anja", "Did you mean \"message anna\" or \"message anka\"?"},
	};
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home home;
	struct err_note note;
	size_t wrong = 0;
	(void)state;
	home_init(&home);
	add_entity(&home, "l1", "Hall Light", ENTITY_LIGHT, "Kitchen", NULL);
	add_entity(&home, "l2", "Hull Light", ENTITY_LIGHT, "Kitchen", NULL);
	add_entity(&home, "l3", "Boat Lamp", ENTITY_LIGHT, "Kitchen", NULL);
	add_entity(&home, "f1", "Bolt Lamp", ENTITY_FAN, "Kitchen", NULL);
	assert_int_equal(home_add_person(&home, "Anna", true), OK);
	assert_int_equal(home_add_person(&home, "Anka", true), OK);
	assert_int_equal(home_add_person(&home, "Ana", true), OK);
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", FRAMES, strlen(FRAMES), &note),
			 OK);
	assert_int_equal(sentences_add(sentences, "b", HOUSE, strlen(HOUSE), &note), OK);
	assert_int_equal(understand_create(sentences, &home, &understand, &note), OK);
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct understanding got;
		const char *asks = ROWS[i].asks ? ROWS[i].asks : "";
		understand_text(understand, ROWS[i].text, "", &got);
		if (str_equal(own_words(&got.asks), asks) &&
		    got.reason == (*asks ? REASON_UNEXPLAINED_WORDS : REASON_NONE))
			continue;
		print_error("'%s' %s\n", ROWS[i].text, own_words(&got.asks));
		wrong++;
	}
	assert_int_equal(wrong, 0);
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(&home);
}

static void test_where_wildcards_end(void **state)
{
	(void)state;
	struct understand *understand = must_compile(FRAMES);
	check(understand, "play jazz", "Play music=jazz");
	check(understand, "play chess", "NO_MATCH");
	check(understand, "play cards with me", "NO_MATCH");
	check(understand, "play cards with mermaids", "Play music=cards with mermaids");
	understand_destroy(understand);
}

/* --- the grammar --- */

static void check_accepts(const struct grammar *grammar, const char *text, bool accepts)
{
	if (grammar_accepts(grammar, text) != accepts)
		print_error("'%s'\n", text);
	assert_int_equal(grammar_accepts(grammar, text), accepts);
}

static void test_grammar(void **state)
{
	struct grammar *grammar = NULL;
	(void)state;
	struct understand *understand = must_compile(
		"skip_words: [please, 'could you']\n"
		"intents:\n"
		"  A:\n"
		"    data:\n"
		"      - sentences: ['turn on [the] {name}', 'set {p} percent', 'say {w}', 'go']\n"
		"        requires_context: {domain: light}\n"
		"lists:\n"
		"  p: {range: {from: 20, to: 22}}\n"
		"  w: {wildcard: true}\n");
	assert_int_equal(understand_grammar(understand, &grammar), OK);
	check_accepts(grammar, "turn on the desk lamp", true);
	check_accepts(grammar, "turn on study light", true);
	check_accepts(grammar, "turn on lamp two", true);
	check_accepts(grammar, "turn on front door", false);
	check_accepts(grammar, "turn on the", false);
	check_accepts(grammar, "set twenty one percent", true);
	check_accepts(grammar, "set twenty percent", true);
	check_accepts(grammar, "set twenty three percent", false);
	check_accepts(grammar, "say anything", false);
	check_accepts(grammar, "say", false);
	check_accepts(grammar, "", false);
	check_accepts(grammar, "could you please go", true);
	check_accepts(grammar, "please go please", true);
	check_accepts(grammar, "please please please go", false);
	check_accepts(grammar, "please", false);
	for (size_t i = 1; i < grammar->arc_count; i++) {
		const struct grammar_arc *a = &grammar->arcs[i - 1];
		const struct grammar_arc *b = &grammar->arcs[i];
		assert_true(a->from < b->from ||
			    (a->from == b->from && a->word < b->word));
	}
	for (size_t i = 1; i < grammar->word_count; i++)
		assert_true(strcmp(grammar->words[i - 1], grammar->words[i]) < 0);
	grammar_destroy(grammar);
	understand_destroy(understand);
}

/* 3 * 3 sentences need 3 states: equal futures are one state. */
static void test_grammar_is_minimal(void **state)
{
	struct grammar *grammar = NULL;
	(void)state;
	struct understand *understand = must_compile(
		"intents: {A: {data: [{sentences: ['a x', 'a y', 'a z', '(b|c) (x|y|z)']}]}}\n");
	assert_int_equal(understand_grammar(understand, &grammar), OK);
	assert_int_equal(grammar->state_count, 3);
	assert_int_equal(grammar->arc_count, 6);
	grammar_destroy(grammar);
	understand_destroy(understand);
}

static void test_nothing_to_say(void **state)
{
	struct grammar *grammar = NULL;
	(void)state;
	struct understand *understand =
		must_compile("lists: {w: {wildcard: true}}\n"
			     "intents: {A: {data: [{sentences: ['{w}']}]}}\n");
	assert_int_equal(understand_grammar(understand, &grammar), OK);
	assert_int_equal(grammar->state_count, 1);
	assert_int_equal(grammar->arc_count, 0);
	assert_false(grammar_accepts(grammar, ""));
	grammar_destroy(grammar);
	understand_destroy(understand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_rules_and_lists),
		cmocka_unit_test(test_bundle_form),
		cmocka_unit_test(test_fixed_words_win),
		cmocka_unit_test(test_skip_words),
		cmocka_unit_test(test_what_is_too_long),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_context_of_values),
		cmocka_unit_test(test_namesakes),
		cmocka_unit_test(test_rules_of_other_files),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_names_in_other_spellings),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_confidence_of_frames),
		cmocka_unit_test(test_unexplained_words_are_asked_about),
		cmocka_unit_test(test_near_words_are_asked_about),
		cmocka_unit_test(test_two_near_names),
		cmocka_unit_test(test_where_wildcards_end),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_grammar_is_minimal),
		cmocka_unit_test(test_nothing_to_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
