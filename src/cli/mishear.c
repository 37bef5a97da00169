/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mishear - see the header.
 *
 * How far a word of the talk is from every word of all grammars is worked out once, when
 * the word is first heard. The nearest sentence is the cheapest way through the automaton:
 * at each place in the talk and each state, the least that it costs to be there (Viterbi).
 * Invariant: states are visited in an order in which every arc goes forward.
 */
#include "cli/mishear.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	SOUND_BYTES = 24, /* phones of a word; more are cut */
	PHONES_MAX = 64,
	PHONE_BYTES = 4,
	LETTERS_FROM = 128, /* a word without phones is its letters */
	FAR = UINT16_MAX,
	PLACES = CHATTER_WORDS_MAX + 1,
	PATH_MAX_WORDS = 256,
	BEAM = 20, /* phones more than the best so far: not gone on with */
};

struct sound {
	uint8_t count;
	uint8_t phones[SOUND_BYTES];
};

/* How a state was come to, at a place. */
enum way { WAY_NONE, WAY_LEFT_OUT, WAY_ADDED, WAY_HEARD };

struct step {
	uint16_t cost;
	uint8_t way;
	uint32_t arc;
};

struct net {
	const struct grammar *grammar;
	size_t *first_arcs; /* of each state, and one behind */
	uint32_t *order;    /* states, each before those it leads to */
	uint32_t *columns;  /* of each word of the grammar */
};

struct mishear {
	const struct chatter *chatter;
	size_t word_count;
	struct sound *sounds; /* [word_count] */
	size_t column_count;
	uint32_t *column_words; /* [column_count] words of all grammars, each once */
	uint8_t **rows;         /* [word_count] how far from each column; NULL: not yet */
	size_t net_count;
	struct net *nets;
	struct step *steps; /* [PLACES][the most states] */
};

/* --- sounds ----------------------------------------------------------------------------- */

struct naming {
	struct mishear *mishear;
	const uint32_t *words; /* which word each of the sorted texts is */
	size_t phone_count;
	char phones[PHONES_MAX][PHONE_BYTES];
};

static uint8_t phone_number(struct naming *naming, const char *phone, size_t size)
{
	char name[PHONE_BYTES];
	size_t at = 0;

	must(str_copy_bytes(name, sizeof(name), phone, size));
	while (at < naming->phone_count && !str_equal(naming->phones[at], name))
		at++;
	must(at < PHONES_MAX);
	if (at == naming->phone_count)
		memcpy(naming->phones[naming->phone_count++], name, sizeof(name));
	return (uint8_t)at;
}

/* Of several ways to say a word the first. */
static enum err take_sound(void *context, size_t word, const char *phones)
{
	struct naming *naming = context;
	struct sound *sound = &naming->mishear->sounds[naming->words[word]];

	if (sound->count > 0)
		return OK;
	for (const char *at = phones; *at && sound->count < SOUND_BYTES;) {
		const size_t size = strcspn(at, " ");

		sound->phones[sound->count++] = phone_number(naming, at, size);
		at += size;
		at += strspn(at, " ");
	}
	return OK;
}

static void spell(const char *text, struct sound *sound)
{
	for (; *text && sound->count < SOUND_BYTES; text++)
		sound->phones[sound->count++] =
			(uint8_t)(LETTERS_FROM | (unsigned char)*text);
}

struct named {
	const char *text;
	uint32_t word;
};

static int by_text(const void *a, const void *b)
{
	const struct named *left = a;
	const struct named *right = b;

	return strcmp(left->text, right->text);
}

static enum err say_all(struct mishear *mishear, struct sounds sounds,
			const struct named *named, const char **texts, uint32_t *words)
{
	struct naming naming = {.mishear = mishear, .words = words};

	for (size_t i = 0; i < mishear->word_count; i++) {
		texts[i] = named[i].text;
		words[i] = named[i].word;
	}
	return sounds.ops->say(sounds.self, texts, mishear->word_count, take_sound,
			       &naming);
}

static enum err find_sounds(struct mishear *mishear, struct sounds sounds)
{
	const size_t count = mishear->word_count;
	struct named *named = calloc(count, sizeof(*named));
	const char **texts = calloc(count, sizeof(*texts));
	uint32_t *words = calloc(count, sizeof(*words));
	enum err err = named && texts && words ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < count; i++)
		named[i] = (struct named){chatter_text_of(mishear->chatter, (uint32_t)i),
					  (uint32_t)i};
	if (!err)
		qsort(named, count, sizeof(*named), by_text);
	if (!err && sounds.ops)
		err = say_all(mishear, sounds, named, texts, words);
	for (size_t i = 0; !err && i < count; i++)
		if (mishear->sounds[i].count == 0)
			spell(chatter_text_of(mishear->chatter, (uint32_t)i),
			      &mishear->sounds[i]);
	free(words);
	free(texts);
	free(named);
	return err;
}

/* --- making ----------------------------------------------------------------------------- */

static enum err index_arcs(struct net *net)
{
	const struct grammar *grammar = net->grammar;
	size_t arc = 0;

	net->first_arcs = calloc(grammar->state_count + 1, sizeof(*net->first_arcs));
	if (!net->first_arcs)
		return ERR_MEMORY;
	for (size_t state = 0; state <= grammar->state_count; state++) {
		while (arc < grammar->arc_count && grammar->arcs[arc].from < state)
			arc++;
		net->first_arcs[state] = arc;
	}
	return OK;
}

/* Kahn, "Topological sorting of large networks", 1962. */
static enum err order_states(struct net *net)
{
	const struct grammar *grammar = net->grammar;
	uint32_t *before = NULL;
	size_t count = 0;

	must(grammar->state_count > 0);
	before = calloc(grammar->state_count, sizeof(*before));
	net->order = calloc(grammar->state_count, sizeof(*net->order));
	if (!before || !net->order) {
		free(before);
		return ERR_MEMORY;
	}
	for (size_t i = 0; i < grammar->arc_count; i++)
		before[grammar->arcs[i].to]++;
	for (size_t state = 0; state < grammar->state_count; state++)
		if (before[state] == 0)
			net->order[count++] = (uint32_t)state;
	for (size_t at = 0; at < count; at++)
		for (size_t arc = net->first_arcs[net->order[at]];
		     arc < net->first_arcs[net->order[at] + 1]; arc++)
			if (--before[grammar->arcs[arc].to] == 0)
				net->order[count++] = grammar->arcs[arc].to;
	free(before);
	return count == grammar->state_count ? OK : ERR_FORMAT;
}

static uint32_t column_of(struct mishear *mishear, uint32_t word)
{
	size_t at = 0;

	while (at < mishear->column_count && mishear->column_words[at] != word)
		at++;
	if (at == mishear->column_count)
		mishear->column_words[mishear->column_count++] = word;
	return (uint32_t)at;
}

static enum err add_columns(struct mishear *mishear, struct chatter *chatter,
			    struct net *net)
{
	const struct grammar *grammar = net->grammar;
	enum err err = OK;

	net->columns = calloc(grammar->word_count, sizeof(*net->columns));
	if (!net->columns)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < grammar->word_count; i++) {
		uint32_t word = 0;

		err = chatter_word(chatter, grammar->words[i], &word);
		if (!err)
			net->columns[i] = column_of(mishear, word);
	}
	return err;
}

static enum err add_net(struct mishear *mishear, struct chatter *chatter,
			const struct grammar *grammar)
{
	struct net *net = &mishear->nets[mishear->net_count++];
	enum err err;

	net->grammar = grammar;
	err = index_arcs(net);
	if (!err)
		err = order_states(net);
	return err ? err : add_columns(mishear, chatter, net);
}

static enum err take_tables(struct mishear *mishear, size_t states_max)
{
	mishear->word_count = chatter_word_count(mishear->chatter);
	mishear->sounds = calloc(mishear->word_count, sizeof(*mishear->sounds));
	mishear->rows = calloc(mishear->word_count, sizeof(*mishear->rows));
	mishear->steps = calloc(PLACES * states_max, sizeof(*mishear->steps));
	return mishear->sounds && mishear->rows && mishear->steps ? OK : ERR_MEMORY;
}

static enum err fill(struct mishear *mishear, struct chatter *chatter,
		     const struct grammar *const *grammars, size_t count,
		     struct sounds sounds)
{
	size_t states_max = 1;
	size_t words_max = 1;
	enum err err = OK;

	for (size_t i = 0; i < count; i++) {
		words_max += grammars[i]->word_count;
		if (grammars[i]->state_count > states_max)
			states_max = grammars[i]->state_count;
	}
	mishear->nets = calloc(count, sizeof(*mishear->nets));
	mishear->column_words = calloc(words_max, sizeof(*mishear->column_words));
	if (!mishear->nets || !mishear->column_words)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < count; i++)
		err = add_net(mishear, chatter, grammars[i]);
	if (!err)
		err = take_tables(mishear, states_max);
	return err ? err : find_sounds(mishear, sounds);
}

enum err mishear_create(struct chatter *chatter, const struct grammar *const *grammars,
			size_t count, struct sounds sounds, struct mishear **out_mishear)
{
	struct mishear *mishear = calloc(1, sizeof(*mishear));
	enum err err;

	if (!mishear)
		return ERR_MEMORY;
	mishear->chatter = chatter;
	err = fill(mishear, chatter, grammars, count, sounds);
	if (err)
		mishear_destroy(mishear);
	else
		*out_mishear = mishear;
	return err;
}

void mishear_destroy(struct mishear *mishear)
{
	if (!mishear)
		return;
	for (size_t i = 0; i < mishear->net_count; i++) {
		free(mishear->nets[i].first_arcs);
		free(mishear->nets[i].order);
		free(mishear->nets[i].columns);
	}
	for (size_t i = 0; mishear->rows && i < mishear->word_count; i++)
		free(mishear->rows[i]);
	free(mishear->rows);
	free(mishear->nets);
	free(mishear->column_words);
	free(mishear->sounds);
	free(mishear->steps);
	free(mishear);
}

/* --- words ------------------------------------------------------------------------------ */

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	const unsigned low = a < b ? a : b;

	return low < c ? low : c;
}

static uint8_t distance(const struct sound *a, const struct sound *b)
{
	unsigned row[SOUND_BYTES + 1];

	for (unsigned i = 0; i <= b->count; i++)
		row[i] = i;
	for (unsigned i = 0; i < a->count; i++) {
		unsigned corner = row[0];

		row[0] = i + 1;
		for (unsigned j = 0; j < b->count; j++) {
			const unsigned other = a->phones[i] != b->phones[j];
			const unsigned best =
				smallest(corner + other, row[j] + 1, row[j + 1] + 1);

			corner = row[j + 1];
			row[j + 1] = best;
		}
	}
	return (uint8_t)row[b->count];
}

static const uint8_t *row_of(struct mishear *mishear, uint32_t word)
{
	uint8_t *row = mishear->rows[word];

	if (row)
		return row;
	row = calloc(mishear->column_count, sizeof(*row));
	for (size_t i = 0; row && i < mishear->column_count; i++)
		row[i] = distance(&mishear->sounds[word],
				  &mishear->sounds[mishear->column_words[i]]);
	mishear->rows[word] = row;
	return row;
}

enum err mishear_word(struct mishear *mishear, size_t grammar, uint32_t word,
		      uint32_t *out_word)
{
	const struct net *net = &mishear->nets[grammar];
	const uint8_t *row = row_of(mishear, word);
	uint32_t best = 0;

	must(grammar < mishear->net_count && word < mishear->word_count);
	if (!row)
		return ERR_MEMORY;
	for (size_t i = 1; i < net->grammar->word_count; i++)
		if (row[net->columns[i]] < row[net->columns[best]])
			best = (uint32_t)i;
	*out_word = mishear->column_words[net->columns[best]];
	return OK;
}

/* --- sentences -------------------------------------------------------------------------- */

/* The talk between two places. */
struct stretch {
	const uint8_t *row; /* of its word; NULL behind the last */
	unsigned size;      /* phones of it */
	unsigned most;      /* dearer ways are not gone on with */
};

static void offer(struct step *step, unsigned cost, enum way way, size_t arc)
{
	if (cost < step->cost)
		*step = (struct step){(uint16_t)cost, (uint8_t)way, (uint32_t)arc};
}

static void leave_state(const struct mishear *mishear, const struct net *net,
			uint32_t state, struct step *here, struct step *next,
			const struct stretch *stretch)
{
	const unsigned cost = here[state].cost;

	if (stretch->row)
		offer(&next[state], cost + stretch->size, WAY_LEFT_OUT, 0);
	for (size_t i = net->first_arcs[state]; i < net->first_arcs[state + 1]; i++) {
		const struct grammar_arc *arc = &net->grammar->arcs[i];
		const uint32_t column = net->columns[arc->word];
		const struct sound *sound =
			&mishear->sounds[mishear->column_words[column]];

		offer(&here[arc->to], cost + sound->count, WAY_ADDED, i);
		if (stretch->row)
			offer(&next[arc->to], cost + stretch->row[column], WAY_HEARD, i);
	}
}

static void clear(struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		steps[i] = (struct step){.cost = FAR};
}

/* Behind the last word all that is left must find its end. */
static unsigned most_cost(const struct step *here, size_t states, bool more)
{
	unsigned best = FAR;

	for (size_t i = 0; i < states; i++)
		best = here[i].cost < best ? here[i].cost : best;
	return more ? best + BEAM : FAR - SOUND_BYTES;
}

/* Fills one place after the other. */
static enum err search(struct mishear *mishear, const struct net *net,
		       const struct chatter_said *said)
{
	const size_t states = net->grammar->state_count;
	struct step *here = mishear->steps;
	struct stretch stretch = {0};

	clear(here, states);
	here[0].cost = 0;
	for (size_t place = 0; place <= said->count; place++, here += states) {
		const bool more = place < said->count;

		stretch.row = more ? row_of(mishear, said->words[place]) : NULL;
		if (more && !stretch.row)
			return ERR_MEMORY;
		if (more) {
			stretch.size = mishear->sounds[said->words[place]].count;
			clear(here + states, states);
		}
		stretch.most = most_cost(here, states, more);
		for (size_t i = 0; i < states; i++)
			if (here[net->order[i]].cost <= stretch.most)
				leave_state(mishear, net, net->order[i], here,
					    here + states, &stretch);
	}
	return OK;
}

static size_t find_end(const struct net *net, const struct step *last)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < net->grammar->state_count; i++)
		if (net->grammar->finals[i] && last[i].cost < FAR &&
		    (best == SIZE_MAX || last[i].cost < last[best].cost))
			best = i;
	must(best != SIZE_MAX);
	return best;
}

/* From the end back to the start; the arcs that were taken, the last one first. */
static size_t trace(const struct mishear *mishear, const struct net *net, size_t place,
		    size_t arcs[PATH_MAX_WORDS])
{
	const size_t states = net->grammar->state_count;
	size_t state = find_end(net, mishear->steps + place * states);
	size_t count = 0;

	while (place > 0 || state != 0) {
		const struct step *step = &mishear->steps[place * states + state];

		must(step->way != WAY_NONE && count < PATH_MAX_WORDS);
		if (step->way != WAY_LEFT_OUT) {
			arcs[count++] = step->arc;
			state = net->grammar->arcs[step->arc].from;
		}
		place -= step->way != WAY_ADDED;
	}
	return count;
}

enum err mishear_sentence(struct mishear *mishear, size_t grammar,
			  const struct chatter_said *said, char to[TEXT_BYTES],
			  size_t *out_count)
{
	const struct net *net = &mishear->nets[grammar];
	size_t arcs[PATH_MAX_WORDS];
	size_t count;
	enum err err;

	must(grammar < mishear->net_count && said->count > 0);
	err = search(mishear, net, said);
	if (err)
		return err;
	count = trace(mishear, net, said->count, arcs);
	to[0] = '\0';
	for (size_t i = count; i > 0; i--)
		(void)str_append(
			to, TEXT_BYTES, "%s%s", to[0] ? " " : "",
			net->grammar->words[net->grammar->arcs[arcs[i - 1]].word]);
	*out_count = count;
	return OK;
}
