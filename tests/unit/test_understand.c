/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests understand/: what templates mean, which sentence wins, contexts, namesakes, what
 * is refused where, and the grammar of small sets.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
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
		understanding.asks,
		"Which Ceiling do you mean, the one in the Kitchen or the one in "
		"the Living Room?");
	/* Two sentences, two kinds of device, one name. */
	understand_text(understand, "open the front door", "", &understanding);
	assert_int_equal(understanding.reason, REASON_AMBIGUOUS);
	check_here(understand, "open the front door", "Lounge",
		   "Open name=Front Door entity=c1");
	understand_destroy(understand);
}

/* --- refusals --- */

struct refusal {
	const char *text;
	const char *note; /* how it begins */
};

static void check_refused(const struct refusal *refusal)
{
	struct err_note note;
	struct understand *understand = compile(refusal->text, &note);
	if (understand || !str_starts(note.text, refusal->note))
		print_error("%s\nnote: %s\n", refusal->text, note.text);
	assert_null(understand);
	assert_true(str_starts(note.text, refusal->note));
	assert_non_null(strstr(note.text, "; expected "));
}

static void check_template_refused(const char *template, const char *expected)
{
	char file[TEXT_BYTES];
	assert_true(str_format(file, sizeof(file),
			       "intents:\n  Yes:\n    data:\n      - sentences:\n"
			       "          - \"%s\"\n",
			       template));
	check_refused(&(struct refusal){file, expected});
}

static void test_bad_templates(void **state)
{
	(void)state;
	check_template_refused("turn (on",
			       "a.yaml:5:19: '(' that is never closed; expected ')'");
	check_template_refused("turn [on",
			       "a.yaml:5:19: '[' that is never closed; expected ']'");
	check_template_refused("turn on)", "a.yaml:5:21: ')' without '(';");
	check_template_refused("turn on]", "a.yaml:5:21: ']' without '[';");
	check_template_refused("turn (on]", "a.yaml:5:22: ']' without '[';");
	check_template_refused("a (|)", "a.yaml:5:18: a group of nothing;");
	check_template_refused("a (b;)", "a.yaml:5:19: an empty alternative;");
	check_template_refused("|a", "a.yaml:5:14: an empty alternative;");
	check_template_refused("a ()", "a.yaml:5:17: an empty alternative;");
	check_template_refused("", "a.yaml:5:14: an empty sentence;");
	check_template_refused("(a|b;c)", "a.yaml:5:18: '|' and ';' in one group;");
	check_template_refused("(a;b;c;d;e;f)",
			       "a.yaml:5:26: too many parts in any order;");
	check_template_refused("a {name", "a.yaml:5:16: '{' without '}';");
	check_template_refused("a <name", "a.yaml:5:16: '<' without '>';");
	check_template_refused("a }", "a.yaml:5:16: '}' without '{';");
	check_template_refused("a >", "a.yaml:5:16: '>' without '<';");
	check_template_refused("a {}", "a.yaml:5:16: a list without a name;");
	check_template_refused("a {b:}", "a.yaml:5:16: a list without a name;");
	check_template_refused("a <>", "a.yaml:5:16: a rule without a name;");
	check_template_refused("a {9..1:x}", "a.yaml:5:16: a range that is none;");
	check_template_refused("a {x..1:x}", "a.yaml:5:16: a range that is none;");
	check_template_refused("a {1..9,0:x}", "a.yaml:5:16: a range that is none;");
	check_template_refused("a {nobody}", "a.yaml:5:16: the unknown list {nobody};");
	check_template_refused("a <nobody>", "a.yaml:5:16: the unknown rule <nobody>;");
	check_template_refused("a {0..1000000:x}",
			       "a.yaml:5:16: a list of too many values;");
	check_template_refused("((((((((((((((((((((((((((((((((((a",
			       "a.yaml:5:46: brackets nested too deep;");
}

static void test_bad_files(void **state)
{
	static const struct refusal REFUSALS[] = {
		{"", "a.yaml:1:1: nothing;"},
		{"intents: {", "a.yaml:2:1: "},
		{"- a\n", "a.yaml:1:1: a list;"},
		{"language: en\n", "a.yaml:1:1: nothing to say;"},
		{"intent: {}\n", "a.yaml:1:9: the unknown key 'intent';"},
		{"intents: text\n", "a.yaml:1:10: text;"},
		{"intents:\n  A: []\n", "a.yaml:2:6: a list;"},
		{"intents:\n  A: {}\n", "a.yaml:2:6: an intent without data;"},
		{"intents:\n  A: {data: [{}]}\n",
		 "a.yaml:2:14: a block without sentences;"},
		{"intents:\n  A: {data: [{sentences: a}]}\n", "a.yaml:2:26: text;"},
		{"intents:\n  A: {data: [{sentence: [a]}]}\n",
		 "a.yaml:2:25: the unknown key 'sentence';"},
		{"intents:\n  A: {data: [{sentences: [[a]]}]}\n", "a.yaml:2:27: a list;"},
		{"intents:\n  - sentences: [a]\n",
		 "a.yaml:2:5: an intent without a name;"},
		{"lists:\n  a: {}\n", "a.yaml:2:6: a list of nothing;"},
		{"lists:\n  a: {values: [{out: x}]}\n",
		 "a.yaml:2:16: a value without 'in';"},
		{"lists:\n  a: {values: ['(x']}\n",
		 "a.yaml:2:17: '(' that is never closed;"},
		{"lists:\n  a: {range: {from: x}}\n", "a.yaml:2:21: no number;"},
		{"lists:\n  a: {range: {from: 5, to: 1}}\n",
		 "a.yaml:2:14: an empty range;"},
		{"lists:\n  a: {range: {fractions: thirds}}\n",
		 "a.yaml:2:26: other fractions;"},
		{"expansion_rules:\n  a: [b]\n", "a.yaml:2:6: a list;"},
		{"skip_words: a\n", "a.yaml:1:13: text;"},
		{"intents:\n  A: {data: [{sentences: [a], requires_context: x}]}\n",
		 "a.yaml:2:49: text;"},
		{"intents:\n  A: {data: [{sentences: ['<r>']}]}\nexpansion_rules:\n"
		 "  r: 'a <s>'\n  s: '[<r>] b'\n",
		 "a.yaml:5:8: the rule <r> inside itself;"},
		{"intents:\n  A: {data: [{sentences: ['{l}']}]}\n"
		 "lists: {l: {values: ['a {area}']}}\n",
		 "a.yaml:2:28: a list inside a list's value;"},
	};
	(void)state;
	for (size_t i = 0; i < STR_COUNT(REFUSALS); i++)
		check_refused(&REFUSALS[i]);
}

/* A few words that stand for millions of sentences. */
static void test_exploding_templates(void **state)
{
	static const struct refusal REFUSALS[] = {
		{"intents:\n  A: {data: [{sentences: ['<a>']}]}\n"
		 "expansion_rules:\n"
		 "  a: '<b> <b> <b> <b> <b> <b> <b> <b> <b> <b>'\n"
		 "  b: '<c> <c> <c> <c> <c> <c> <c> <c> <c> <c>'\n"
		 "  c: '<d> <d> <d> <d> <d> <d> <d> <d> <d> <d>'\n"
		 "  d: '<e> <e> <e> <e> <e> <e> <e> <e> <e> <e>'\n"
		 "  e: '<f> <f> <f> <f> <f> <f> <f> <f> <f> <f>'\n"
		 "  f: '[a] [b] [c] [d] [e]'\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['<a><a><a><a><a><a><a><a>']}]}\n"
		 "expansion_rules:\n  a: '(a|b|c|d|e|f|g|h|i|j)'\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['((a;b;c;d;e);(f;g;h;i;j);"
		 "(k;l;m;n;o);(p;q;r;s;t);(u;v;w;x;y))']}]}\n",
		 "a.yaml:2:27: a sentence that unfolds into too many;"},
		{"intents:\n  A: {data: [{sentences: ['{l}']}]}\n"
		 "lists: {l: {values: ['<a> <a> <a> <a> <a>']}}\n"
		 "expansion_rules:\n  a: '(a|b|c|d|e|f|g|h|i|j)'\n",
		 "a.yaml:2:28: a list of too many values;"},
	};
	(void)state;
	for (size_t i = 0; i < STR_COUNT(REFUSALS); i++)
		check_refused(&REFUSALS[i]);
}

static void test_nothing_of_a_broken_file_is_added(void **state)
{
	static const char GOOD[] = "intents: {A: {data: [{sentences: [yes]}]}}\n";
	static const char BAD[] = "intents: {B: {data: [{sentences: [no, '(']}]}}\n";
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home *home = make_home();
	struct err_note note = {""};
	(void)state;
	assert_int_equal(sentences_create(&sentences), OK);
	assert_int_equal(sentences_add(sentences, "a", GOOD, strlen(GOOD), &note), OK);
	assert_int_equal(sentences_add(sentences, "b", BAD, strlen(BAD), &note),
			 ERR_FORMAT);
	assert_true(str_starts(note.text, "b:1:40: '(' that is never closed;"));
	assert_int_equal(understand_create(sentences, home, &understand, &note), OK);
	check(understand, "yes", "A");
	check(understand, "no", "NO_MATCH");
	understand_destroy(understand);
	sentences_destroy(sentences);
	home_finish(home);
	free(home);
	understand_destroy(NULL);
	sentences_destroy(NULL);
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
	memset(longest, 'a', sizeof(longest));
	longest[1] = ' ';
	longest[sizeof(longest) - 1] = '\0';
	check(understand, longest, "NO_MATCH");
	for (size_t i = 0; i + 1 < sizeof(longest); i++)
		longest[i] = i % 2 ? ' ' : 'a';
	check(understand, longest, "NO_MATCH");
	understand_destroy(understand);
}

/* --- frames --- */

/* "Intent slot=value ..", or the question. */
static void check_asks(const struct understand *understand, const char *text,
		       const char *question)
{
	struct understanding understanding;
	understand_text(understand, text, "", &understanding);
	if (!str_equal(understanding.asks, question))
		print_error("'%s'\n", text);
	assert_string_equal(understanding.asks, question);
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
	/* Short words are nobody's misspelling, and two wrong letters are too many. */
	check_asks(understand, "turn of the desk lamp", "");
	check_asks(understand, "turn on the dask lomb", "");
	check_asks(understand, "xx yy zz", "");
	understand_destroy(understand);
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

static void test_bad_frames(void **state)
{
	static const struct {
		const char *block;
		const char *note;
	} BAD[] = {
		{"frame: []", "a.yaml:1:30: a frame without parts"},
		{"may: [a]", "a.yaml:1:22: a frame without parts"},
		{"rest: a", "a.yaml:1:22: a frame without parts"},
		{"frame: a", "a.yaml:1:30: text; expected a list of parts"},
		{"frame: [a, b, c, d, e]", "a.yaml:1:30: 5 parts; expected at most 4"},
		{"frame: ['(a']", "a.yaml:1:32: '(' that is never closed;"},
		{"frame: ['<r>']", "a.yaml:1:32: the unknown rule <r>;"},
		{"frame: [a], may: b", "a.yaml:1:40: text; expected a list of parts"},
		{"frame: [a], rest: [b]", "a.yaml:1:41: a list; expected a sentence"},
	};
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		char file[256];
		struct err_note note;
		assert_true(str_format(file, sizeof(file),
				       "intents: {A: {data: [{%s}]}}\n", BAD[i].block));
		assert_null(compile(file, &note));
		if (!str_starts(note.text, BAD[i].note))
			print_error("%s\n%s\n", BAD[i].block, note.text);
		assert_true(str_starts(note.text, BAD[i].note));
	}
}

/* A frame of all orders of parts that are large themselves. */
static void test_a_frame_that_explodes(void **state)
{
	static const char WORDS[] = "((a|b|c|d) (e|f|g|h) [i] [j] [k]|(l|m) [n] [o])";
	char file[8192];
	struct err_note note;
	(void)state;
	assert_true(str_copy(file, sizeof(file),
			     "intents: {A: {data: [{frame: ['<r>', '<r>', '<r>', "
			     "'<r>'], may: ["));
	for (size_t i = 0; i < 32; i++)
		assert_true(str_append(file, sizeof(file), "%s'<r>'", i ? ", " : ""));
	assert_true(
		str_append(file, sizeof(file),
			   "]}]}}\nexpansion_rules: {r: '<q> <q> <q> <q>', q: '%s'}\n",
			   WORDS));
	assert_null(compile(file, &note));
	assert_non_null(strstr(note.text, "unfolds into too many"));
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
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_context_of_values),
		cmocka_unit_test(test_namesakes),
		cmocka_unit_test(test_bad_templates),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_exploding_templates),
		cmocka_unit_test(test_nothing_of_a_broken_file_is_added),
		cmocka_unit_test(test_rules_of_other_files),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_confidence_of_frames),
		cmocka_unit_test(test_unexplained_words_are_asked_about),
		cmocka_unit_test(test_near_words_are_asked_about),
		cmocka_unit_test(test_where_wildcards_end),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_a_frame_that_explodes),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_grammar_is_minimal),
		cmocka_unit_test(test_nothing_to_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
