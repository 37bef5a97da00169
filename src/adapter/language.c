/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language - see the header.
 *
 * The wake word's words have names of their own in the search (WAKE_MARK in front), so
 * that a sentence that begins with the same word is told apart. Invariant: arcs of state
 * s are arcs[first[s]] up to arcs[first[s + 1]].
 */
#include "adapter/language.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { WAKE_MARK = '@', WAKE_WORDS_MAX = 4, PRONUNCIATIONS_MAX = 4 * GRAMMAR_WORDS_MAX };

struct pronunciation {
	size_t word; /* index into words */
	char *phones;
};

struct language {
	size_t state_count;
	bool *finals;
	size_t *first; /* [state_count + 1] */
	struct grammar_arc *arcs;
	size_t word_count; /* of the grammar */
	size_t all_count;  /* with the wake word's */
	char **words; /* the grammar's, sorted; then the wake word's with their mark */
	size_t wake[WAKE_WORDS_MAX]; /* indices into words, in the order of saying */
	size_t wake_count;
	size_t pronunciation_count;
	size_t pronunciation_max;
	struct pronunciation *pronunciations;
	bool *sayable; /* [all_count] */
};

/* What may be said after any finished sentence without changing it. */
static const char *const COURTESIES[] = {"kindly", "please", "thank", "thanks", "you"};
/* What points at what is meant anyway, where the words are a sentence without it. */
static const char *const POINTING[] = {"it", "that"};
static const struct {
	const char *first;
	const char *second;
} COURTESIES_OF_TWO[] = {{"can", "you"},   {"could", "you"}, {"for", "me"},
			 {"thank", "you"}, {"will", "you"},  {"would", "you"}};

/* What may follow a sentence but seldom comes behind a pause: a place, since the room is
 * meant without it; by how much or how far, which one request in twelve goes on to say;
 * nouns and units that were as good as said. */
static const char *const SELDOM[] = {"a",          "all",   "at",      "by",   "celsius",
				     "everywhere", "half",  "halfway", "here", "in",
				     "lamps",      "light", "lights",  "now",  "one",
				     "right",      "three", "to"};

/* Nobody who says one of these alone is thought to have more to say. */
static const char *const ANSWERS[] = {"cancel", "enough", "nevermind", "no",
				      "nope",   "okay",   "quiet",     "stop",
				      "yeah",   "yep",    "yes"};

void language_destroy(struct language *language)
{
	if (!language)
		return;
	for (size_t i = 0; i < language->pronunciation_count; i++)
		free(language->pronunciations[i].phones);
	for (size_t i = 0; language->words && i < language->all_count; i++)
		free(language->words[i]);
	free(language->pronunciations);
	free(language->words);
	free(language->sayable);
	free(language->finals);
	free(language->first);
	free(language->arcs);
	free(language);
}

static enum err check_limits(const struct grammar *grammar, struct err_note *note)
{
	if (grammar->state_count == 0 || grammar->state_count > GRAMMAR_STATES_MAX ||
	    grammar->arc_count > GRAMMAR_ARCS_MAX ||
	    grammar->word_count > GRAMMAR_WORDS_MAX)
		return err_say(
			ERR_LIMIT, note,
			"the sentences are too many for the recogniser: %zu states, "
			"%zu arcs, %zu words",
			grammar->state_count, grammar->arc_count, grammar->word_count);
	for (size_t i = 0; i < grammar->word_count; i++) {
		if (strpbrk(grammar->words[i], "<[+(@ ") || !grammar->words[i][0])
			return err_say(ERR_FORMAT, note,
				       "\"%s\" is no word that can be listened for",
				       grammar->words[i]);
	}
	return OK;
}

static enum err allocate(struct language *language, const struct grammar *grammar)
{
	language->state_count = grammar->state_count;
	language->finals = calloc(grammar->state_count, sizeof(*language->finals));
	language->first = calloc(grammar->state_count + 1, sizeof(*language->first));
	language->arcs = calloc(grammar->arc_count + 1, sizeof(*language->arcs));
	language->words =
		calloc(grammar->word_count + WAKE_WORDS_MAX, sizeof(*language->words));
	language->sayable =
		calloc(grammar->word_count + WAKE_WORDS_MAX, sizeof(*language->sayable));
	return language->finals && language->first && language->arcs && language->words &&
			       language->sayable
		       ? OK
		       : ERR_MEMORY;
}

static enum err copy_grammar(struct language *language, const struct grammar *grammar)
{
	enum err err = allocate(language, grammar);

	if (err)
		return err;
	memcpy(language->finals, grammar->finals,
	       grammar->state_count * sizeof(*grammar->finals));
	if (grammar->arc_count)
		memcpy(language->arcs, grammar->arcs,
		       grammar->arc_count * sizeof(*grammar->arcs));
	for (size_t i = 0; i < grammar->arc_count; i++) {
		must(grammar->arcs[i].from < grammar->state_count);
		must(grammar->arcs[i].to < grammar->state_count);
		must(grammar->arcs[i].word < grammar->word_count);
		must(i == 0 || grammar->arcs[i - 1].from <= grammar->arcs[i].from);
		language->first[grammar->arcs[i].from + 1]++;
	}
	for (size_t i = 0; i < grammar->state_count; i++)
		language->first[i + 1] += language->first[i];
	for (size_t i = 0; i < grammar->word_count; i++) {
		language->words[i] = strdup(grammar->words[i]);
		if (!language->words[i])
			return ERR_MEMORY;
		language->all_count = language->word_count = i + 1;
	}
	return OK;
}

/* Adds the wake word's words behind the others, each once. */
static enum err add_wake(struct language *language, const char *wake_word,
			 struct err_note *note)
{
	char text[SPHINX_WORD_BYTES];
	char marked[SPHINX_WORD_BYTES + 1];

	if (!str_copy(text, sizeof(text), wake_word))
		return err_say(ERR_LIMIT, note, "the wake word is too long");
	str_fold(text);
	for (char *save = NULL, *word = strtok_r(text, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		if (language->wake_count == WAKE_WORDS_MAX)
			return err_say(ERR_LIMIT, note,
				       "the wake word has more than %d words",
				       WAKE_WORDS_MAX);
		must(str_format(marked, sizeof(marked), "%c%s", WAKE_MARK, word));
		size_t at = language->all_count;
		for (size_t i = language->word_count; i < language->all_count; i++) {
			if (str_equal(language->words[i], marked))
				at = i;
		}
		language->wake[language->wake_count++] = at;
		if (at < language->all_count)
			continue;
		language->words[at] = strdup(marked);
		if (!language->words[at])
			return ERR_MEMORY;
		language->all_count++;
	}
	return OK;
}

static enum err add_pronunciation(struct language *language, size_t word,
				  const char *phones)
{
	if (language->pronunciation_count == PRONUNCIATIONS_MAX)
		return ERR_LIMIT;
	if (language->pronunciation_count == language->pronunciation_max) {
		size_t wanted = 2 * language->pronunciation_max + 64;
		void *grown = realloc(language->pronunciations,
				      wanted * sizeof(*language->pronunciations));
		if (!grown)
			return ERR_MEMORY;
		language->pronunciations = grown;
		language->pronunciation_max = wanted;
	}
	char *copy = strdup(phones);
	if (!copy)
		return ERR_MEMORY;
	language->pronunciations[language->pronunciation_count++] =
		(struct pronunciation){word, copy};
	language->sayable[word] = true;
	return OK;
}

/* The name of one device must not cost all others: a word that the search has no room
 * for is left out like one that nobody can say. */
static enum err take_word(void *context, size_t word, const char *phones)
{
	struct language *language = context;

	return strlen(language->words[word]) + 2 > SPHINX_WORD_BYTES
		       ? OK
		       : add_pronunciation(language, word, phones);
}

struct wake_question {
	struct language *language;
	size_t word;
};

static enum err take_wake(void *context, size_t word, const char *phones)
{
	const struct wake_question *question = context;

	must(word == 0);
	return add_pronunciation(question->language, question->word, phones);
}

static enum err find_wake(struct language *language, const struct lexicon *lexicon,
			  struct err_note *note)
{
	enum err err = OK;

	for (size_t i = language->word_count; i < language->all_count && !err; i++) {
		struct wake_question question = {language, i};
		const char *word = language->words[i] + 1;
		err = lexicon_find(lexicon, &word, 1, take_wake, &question, note);
	}
	for (size_t i = 0; i < language->wake_count; i++) {
		if (!language->sayable[language->wake[i]])
			language->wake_count = 0; /* then it is not waited for */
	}
	return err;
}

enum err language_create(const struct grammar *grammar, const char *wake_word,
			 const struct lexicon *lexicon, struct language **out_language,
			 struct err_note *note)
{
	struct language *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		goto out;
	err = check_limits(grammar, note);
	if (!err)
		err = copy_grammar(made, grammar);
	if (!err)
		err = lexicon_find(lexicon, (const char *const *)made->words,
				   made->word_count, take_word, made, note);
	if (!err)
		err = add_wake(made, wake_word, note);
	if (!err)
		err = find_wake(made, lexicon, note);
	if (err)
		goto out;
	*out_language = made;
	made = NULL;
out:
	language_destroy(made);
	return err;
}

/* A word with a phone that the model lacks is left out as well. */
static void add_words(const struct language *language, struct sphinx_net *net,
		      bool *known)
{
	for (size_t i = 0; i < language->pronunciation_count; i++) {
		const struct pronunciation *said = &language->pronunciations[i];
		if (sphinx_net_word(net, language->words[said->word], said->phones) == OK)
			known[said->word] = true;
	}
}

/* States: the grammar's, one final for all, one before the wake word, and between its
 * words. */
static void add_arcs(const struct language *language, struct sphinx_net *net,
		     const bool *known)
{
	uint32_t final = (uint32_t)language->state_count;
	uint32_t at = final + 1;

	for (size_t i = 0; i < language->first[language->state_count]; i++) {
		const struct grammar_arc *arc = &language->arcs[i];
		if (known[arc->word])
			sphinx_net_arc(net, arc->from, arc->to,
				       language->words[arc->word]);
	}
	for (uint32_t i = 0; i < language->state_count; i++) {
		if (language->finals[i])
			sphinx_net_arc(net, i, final, NULL);
	}
	sphinx_net_arc(net, at, 0, NULL);
	for (size_t i = 0; i < language->wake_count; i++) {
		uint32_t to = i + 1 == language->wake_count ? 0 : at + 1;
		sphinx_net_arc(net, at, to, language->words[language->wake[i]]);
		at++;
	}
}

enum err language_use(const struct language *language, struct sphinx_search *search)
{
	struct sphinx_net *net = NULL;
	uint32_t states = (uint32_t)language->state_count;
	enum err err = ERR_MEMORY;
	bool *known = calloc(language->all_count + 1, sizeof(*known));

	if (!known)
		goto out;
	err = sphinx_net_create(search, states + 1 + WAKE_WORDS_MAX, &net);
	if (err)
		goto out;
	add_words(language, net, known);
	add_arcs(language, net, known);
	err = sphinx_net_use_take(&net, states + 1, states);
out:
	sphinx_net_destroy(net);
	free(known);
	return err;
}

bool language_is_wake(const char *word)
{
	return word[0] == WAKE_MARK;
}

/* The arc that word takes from a state, or NULL. */
static const struct grammar_arc *find_arc(const struct language *language, size_t state,
					  const char *word)
{
	for (size_t i = language->first[state]; i < language->first[state + 1]; i++) {
		if (str_equal(language->words[language->arcs[i].word], word))
			return &language->arcs[i];
	}
	return NULL;
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(word, words[i]))
			return true;
	}
	return false;
}

static bool is_courtesy_of_two(const char *first, const char *second)
{
	for (size_t i = 0; i < STR_COUNT(COURTESIES_OF_TWO); i++) {
		if (str_equal(first, COURTESIES_OF_TWO[i].first) &&
		    str_equal(second, COURTESIES_OF_TWO[i].second))
			return true;
	}
	return false;
}

size_t language_courtesy_at_end(const struct sphinx_word *words, size_t count)
{
	if (count >= 2 &&
	    is_courtesy_of_two(words[count - 2].text, words[count - 1].text))
		return 2;
	return count >= 1 &&
	       is_among(words[count - 1].text, COURTESIES, STR_COUNT(COURTESIES));
}

bool language_points_at_end(const struct sphinx_word *words, size_t count)
{
	return count >= 1 &&
	       is_among(words[count - 1].text, POINTING, STR_COUNT(POINTING));
}

static bool is_courtesy(const struct language *language, const struct grammar_arc *arc)
{
	const char *word = language->words[arc->word];
	const size_t next = language->first[arc->to];

	if (is_among(word, COURTESIES, STR_COUNT(COURTESIES)))
		return true;
	return language->first[arc->to + 1] == next + 1 &&
	       is_courtesy_of_two(word, language->words[language->arcs[next].word]);
}

static enum recogniser_follow follow_from(const struct language *language, size_t state)
{
	enum recogniser_follow follow = RECOGNISER_FOLLOW_NOTHING;

	for (size_t i = language->first[state]; i < language->first[state + 1]; i++) {
		const struct grammar_arc *arc = &language->arcs[i];
		if (is_courtesy(language, arc))
			continue;
		if (!is_among(language->words[arc->word], SELDOM, STR_COUNT(SELDOM)))
			return RECOGNISER_FOLLOW_MORE;
		follow = RECOGNISER_FOLLOW_SELDOM;
	}
	return follow;
}

struct language_place language_judge(const struct language *language,
				     const struct sphinx_word *words, size_t count)
{
	struct language_place place = {.follow = RECOGNISER_FOLLOW_MORE};
	const char *last = "";
	size_t state = 0;
	size_t spoken = 0;

	for (size_t i = 0; i < count; i++) {
		if (language_is_wake(words[i].text))
			continue;
		const struct grammar_arc *arc = find_arc(language, state, words[i].text);
		if (!arc)
			return place;
		state = arc->to;
		last = words[i].text;
		spoken++;
	}
	place.complete = spoken > 0 && language->finals[state];
	place.answer = place.complete && spoken == 1 &&
		       is_among(last, ANSWERS, STR_COUNT(ANSWERS));
	place.follow = follow_from(language, state);
	return place;
}
