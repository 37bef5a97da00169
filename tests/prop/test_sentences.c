/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The net, the matcher and the grammar speak the same language, for random templates
 * and for the household's own.
 *
 * Ways drawn at random through the net are sentences for the matcher and the grammar;
 * random words are a sentence for both or for neither; the grammar is minimal: no two of
 * its states have the same future. BEHEST_SEED repeats a run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/str.h"
#include "own_sentences.h"
#include "understand/compiled.h"
#include "understand/match.h"

enum {
	FILES = 150,
	SENTENCES_PER_FILE = 6,
	DEPTH = 3,
	WAYS = 200,
	STRINGS = 200,
	FILE_BYTES = 16384,
	STEPS_MAX = 100,
	OWN_WAYS = 5000,
};

static uint64_t seed;

/* splitmix64 */
static uint32_t below(uint32_t limit)
{
	seed += 0x9e3779b97f4a7c15u;
	uint64_t z = seed;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % limit);
}

/* --- random templates --- */

static void add_text(char *to, const char *text)
{
	assert_true(str_append(to, FILE_BYTES, "%s", text));
}

static void add_leaf(char *to)
{
	static const char *const LEAVES[] = {
		"a",  "b",      "c",        "do",       "re",     " ",      " ", "a b",
		"'s", "{list}", "{list:x}", "{1..3:n}", "{name}", "<rule>", "1", "a-b",
	};
	add_text(to, LEAVES[below(STR_COUNT(LEAVES))]);
}

/* Writes one template; the stack of open brackets stands for recursion. */
static void add_template(char *to)
{
	char open[DEPTH];
	bool permuted[DEPTH];
	size_t depth = 0;
	size_t parts[DEPTH] = {0};
	add_leaf(to);
	for (size_t i = 0; i < 12; i++) {
		uint32_t choice = below(10);
		if (choice < 2 && depth < DEPTH) {
			permuted[depth] = below(4) == 0;
			parts[depth] = 1;
			open[depth] = below(2) ? '(' : '[';
			add_text(to, open[depth++] == '(' ? "(" : "[");
		} else if (choice < 4 && depth && parts[depth - 1] < 3) {
			parts[depth - 1]++;
			add_text(to, permuted[depth - 1] ? ";" : "|");
		} else if (choice < 5 && depth) {
			add_text(to, open[--depth] == '(' ? ")" : "]");
			continue;
		} else if (choice < 8) {
			add_text(to, " ");
		}
		add_leaf(to);
	}
	while (depth)
		add_text(to, open[--depth] == '(' ? ")" : "]");
}

static void write_file(char *to)
{
	to[0] = '\0';
	add_text(to, "lists: {list: {values: ['c[s]', 'do re', '(a|b)c', 'a']}}\n"
		     "expansion_rules: {rule: 'b [a]|c'}\n"
		     "intents:\n");
	for (size_t i = 0; i < SENTENCES_PER_FILE; i++) {
		assert_true(
			str_append(to, FILE_BYTES, "  I%zu: {data: [{sentences: [\"", i));
		add_template(to);
		add_text(to, below(2) ? "\"]}]}\n"
				      : "\"], requires_context: {domain: light}}]}\n");
	}
}

/* --- the three --- */

struct three {
	struct understand *understand;
	struct grammar *grammar;
};

static void fill_home(struct home *home)
{
	static const struct {
		const char *name;
		enum entity_domain domain;
	} DEVICES[] = {{"a light", ENTITY_LIGHT}, {"do", ENTITY_FAN},
		       {"b c", ENTITY_LIGHT},     {"Front Door", ENTITY_LOCK},
		       {"Blind", ENTITY_COVER},   {"Heating", ENTITY_CLIMATE},
		       {"Lamp 2", ENTITY_LIGHT},  {"Movie Night", ENTITY_SCENE},
		       {"Gate", ENTITY_BUTTON}};
	home_init(home);
	for (size_t i = 0; i < STR_COUNT(DEVICES); i++) {
		struct entity entity = entity_blank();
		struct entity *added = NULL;
		assert_true(str_copy(entity.name, sizeof(entity.name), DEVICES[i].name));
		assert_true(str_copy(entity.id, sizeof(entity.id), DEVICES[i].name));
		entity.domain = DEVICES[i].domain;
		entity.exposed = true;
		entity.area = home_area(home, i % 2 ? "Kitchen" : "Living Room");
		assert_int_equal(home_add_entity(home, &entity, &added), OK);
	}
	assert_int_equal(home_add_person(home, "Anna Keller", true), OK);
}

static struct three compile(const struct sentences *sentences)
{
	struct three three = {0};
	struct err_note note = {""};
	struct home *home = calloc(1, sizeof(*home));
	assert_non_null(home);
	fill_home(home);
	if (understand_create(sentences, home, &three.understand, &note) != OK)
		fail_msg("%s", note.text);
	assert_int_equal(understand_grammar(three.understand, &three.grammar), OK);
	home_finish(home);
	free(home);
	return three;
}

static void finish(struct three *three)
{
	understand_destroy(three->understand);
	grammar_destroy(three->grammar);
}

/* Whether the net takes the words, and as this sentence (MATCH_NONE: any). */
static bool net_accepts(const struct understand *understand, const char *text,
			uint32_t sentence)
{
	struct normal normal;
	struct match match;
	uint32_t words[NORMAL_WORDS_MAX];
	bool found = false;
	assert_true(normal_split(text, strlen(text), NORMAL_TEXT, &normal));
	if (!normal.count)
		return false;
	for (size_t i = 0; i < normal.count; i++)
		words[i] = vocab_find(&understand->words, normal_word(&normal, i));
	assert_int_equal(match_run(understand, MATCH_SENTENCES, words, normal.count,
				   &match),
			 OK);
	for (uint32_t i = match.accepted; i != MATCH_NONE && !found;
	     i = match.steps[i].next)
		found = sentence == MATCH_NONE ||
			understand->net.states[match.steps[i].state].sentence == sentence;
	match_finish(&match);
	return found;
}

static void add_word(const struct understand *understand, uint32_t word, char *to)
{
	assert_true(str_append(to, TEXT_BYTES, "%s%s", *to ? " " : "",
			       understand->words.texts[word]));
}

/* Adds the words of a random form that fits; false when the way leads nowhere. */
static bool draw_list(const struct understand *understand, const struct list_use *use,
		      char *to)
{
	uint32_t node = understand->lists[use->list].root;
	for (size_t i = 0; i < STEPS_MAX; i++) {
		const struct list_node *at = &understand->list_nodes[node];
		bool fits = at->value_count && list_node_fits(understand, use, node);
		if (fits && (!at->arc_count || below(2)))
			return true;
		if (!at->arc_count)
			return false;
		const struct list_arc *arc =
			&understand->list_arcs[at->first_arc + below(at->arc_count)];
		add_word(understand, arc->word, to);
		node = arc->to;
	}
	return false;
}

/* Draws a way through the net; false when it came to a dead end or met a wildcard. */
static bool draw_way(const struct understand *understand, char *to,
		     uint32_t *out_sentence)
{
	uint32_t state = understand->start;
	to[0] = '\0';
	for (size_t i = 0; i < STEPS_MAX; i++) {
		const struct net_state *at = &understand->net.states[state];
		uint32_t count = at->word_count + at->list_count;
		*out_sentence = at->sentence;
		if (at->is_final && (!count || below(3) == 0))
			return true;
		if (!count || strlen(to) > TEXT_BYTES / 2)
			return false;
		const struct net_arc *arc =
			&understand->net.arcs[at->first_arc + below(count)];
		if (arc->kind == NET_WORD)
			add_word(understand, arc->label, to);
		else if (!draw_list(understand, &understand->uses[arc->label], to))
			return false;
		state = arc->to;
	}
	return false;
}

static size_t check_ways(const struct three *three, size_t count)
{
	char text[TEXT_BYTES];
	size_t drawn = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t sentence = 0;
		if (!draw_way(three->understand, text, &sentence))
			continue;
		drawn++;
		if (three->understand->sentences[sentence].typed)
			continue; /* for text alone */
		if (!grammar_accepts(three->grammar, text) ||
		    !net_accepts(three->understand, text, sentence))
			fail_msg("'%s' is a sentence", text);
	}
	return drawn;
}

/* Texts near a sentence: words dropped, doubled or replaced. */
static void spoil(const struct grammar *grammar, const char *text, char *to)
{
	char copy[TEXT_BYTES];
	to[0] = '\0';
	assert_true(str_copy(copy, sizeof(copy), text));
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		uint32_t choice = below(8);
		const char *other = grammar->words[below((uint32_t)grammar->word_count)];
		const char *kept = choice == 0 ? other : word;
		if (choice == 1)
			continue;
		assert_true(str_append(to, TEXT_BYTES, "%s%s", *to ? " " : "", kept));
		if (choice == 2)
			assert_true(str_append(to, TEXT_BYTES, " %s", word));
	}
}

static void check_strings(const struct three *three)
{
	char text[TEXT_BYTES];
	char spoiled[TEXT_BYTES];
	uint32_t sentence = 0;
	for (size_t i = 0; i < STRINGS && three->grammar->word_count; i++) {
		(void)draw_way(three->understand, text, &sentence);
		spoil(three->grammar, text, spoiled);
		bool by_net = net_accepts(three->understand, spoiled, MATCH_NONE);
		if (grammar_accepts(three->grammar, spoiled) != by_net)
			fail_msg("'%s' is %s sentence of the net only", spoiled,
				 by_net ? "a" : "no");
	}
}

static const struct grammar *compared;

static int compare_futures(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;
	if (compared->finals[left] != compared->finals[right])
		return compared->finals[left] ? 1 : -1;
	const struct grammar_arc *arcs = compared->arcs;
	const struct grammar_arc *end = arcs + compared->arc_count;
	const struct grammar_arc *x = arcs;
	const struct grammar_arc *y = arcs;
	while (x < end && x->from < left)
		x++;
	while (y < end && y->from < right)
		y++;
	for (; x < end && x->from == left && y < end && y->from == right; x++, y++) {
		if (x->word != y->word)
			return x->word < y->word ? -1 : 1;
		if (x->to != y->to)
			return x->to < y->to ? -1 : 1;
	}
	bool x_goes_on = x < end && x->from == left;
	bool y_goes_on = y < end && y->from == right;
	return (int)x_goes_on - (int)y_goes_on;
}

/* Without cycles, a deterministic automaton is minimal when no two states have equal
 * arcs and finality. */
static void check_minimal(const struct grammar *grammar)
{
	uint32_t *states = calloc(grammar->state_count, sizeof(*states));
	assert_non_null(states);
	for (uint32_t i = 0; i < grammar->state_count; i++)
		states[i] = i;
	compared = grammar;
	qsort(states, grammar->state_count, sizeof(*states), compare_futures);
	for (size_t i = 1; i < grammar->state_count; i++)
		assert_int_not_equal(compare_futures(&states[i - 1], &states[i]), 0);
	free(states);
}

static void test_random_templates(void **state)
{
	char *file = malloc(FILE_BYTES);
	size_t drawn = 0;
	size_t compiled = 0;
	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < FILES; i++) {
		struct sentences *sentences = NULL;
		struct err_note note = {""};
		write_file(file);
		assert_int_equal(sentences_create(&sentences), OK);
		enum err err =
			sentences_add(sentences, "random", file, strlen(file), &note);
		if (err) {
			print_error("%s\n%s\n", note.text, file);
			assert_int_equal(err, OK);
		}
		struct three three = compile(sentences);
		drawn += check_ways(&three, WAYS);
		check_strings(&three);
		check_minimal(three.grammar);
		compiled++;
		finish(&three);
		sentences_destroy(sentences);
	}
	/* The draws must not all have come to nothing. */
	assert_true(drawn > compiled * WAYS / 4);
	free(file);
}

static void test_own_sentences(void **state)
{
	char text[TEXT_BYTES];
	struct sentences *sentences = own_sentences();
	(void)state;
	struct three three = compile(sentences);
	assert_true(check_ways(&three, OWN_WAYS) > OWN_WAYS / 2);
	check_minimal(three.grammar);
	for (size_t i = 0; i < OWN_WAYS; i++) {
		struct understanding understanding;
		uint32_t sentence = 0;
		if (!draw_way(three.understand, text, &sentence))
			continue;
		understand_text(three.understand, text, "Kitchen", &understanding);
		if (understanding.reason == REASON_NO_MATCH)
			fail_msg("'%s' is a sentence", text);
		/* What the house says of itself must be among what it can be asked. */
		const char *intent = three.understand->sentences[sentence].row->intent;
		if (!str_equal(understanding.intent.name, intent))
			print_message("'%s' is %s, drawn as %s\n", text,
				      understanding.intent.name, intent);
	}
	finish(&three);
	sentences_destroy(sentences);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_templates),
		cmocka_unit_test(test_own_sentences),
	};
	const char *given = getenv("BEHEST_SEED");
	seed = given ? strtoull(given, NULL, 0) : 20260101;
	print_message("seed %llu (BEHEST_SEED repeats it)\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
