/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portland, on purpose: an adversary knows every sentence of every step, and whatever the
 * room, the hub's clock and the gate may tell comes in any order. All that can be reached
 * is reached, breadth first, through the real decide() and the table of proposals; where
 * two ways lead to the same state, one is gone on with, for nothing else is remembered.
 *
 * First nobody holds a device, so nothing may go out; then a device signs receipts, so that
 * something must: else the first would prove nothing. Of the household's own sentences
 * those are said that are made of the words of message requests and of names; of the steps'
 * all, and each cut short, and with a word too many.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/bench_portland.h"
#include "cli/rehearsal.h"

enum {
	NODES_MAX = 4096,
	TEXTS_MAX = 65536,
	WORDS_MAX = 16, /* of a sentence */
	FRAMES = 150,
	MEMO_BYTES = 1,
};

/* A contact by voice, two that are nearly the same, one that may not be recalled, one whose
 * owner did not allow voice. */
static const struct rehearsal_contact PEOPLE[] = {
	{"Anna Keller", CONTACT_HOUSE, true}, {"Hannah Keller", CONTACT_PEER, true},
	{"Anna Kelly", CONTACT_PEER, false},  {"Mike Wright", CONTACT_MAIL, true},
	{"Mike", CONTACT_HOUSE, false},
};

/* The words of a request for a message; more are the contacts' names. */
static const char REQUEST_WORDS[] = "send a an voice message to record leave for i want "
				    "write tell something";
static const char *const YES[] = {"right", "yes",     "yeah", "ok",
				  "okay",  "send it", "sure", "yes please"};
static const char *const TOO_MANY[] = {"please", "now", "right"};

struct texts {
	size_t count;
	char (*all)[TEXT_BYTES];
};

struct node {
	struct rehearsal state;
	unsigned depth;
};

struct search {
	struct rehearsal_house *house;
	struct arena *arena;
	unsigned out;
	bool has_device; /* that signs receipts */
	struct texts steps[DIALOGUE_STEP_COUNT];
	struct texts phrases[STR_COUNT(PEOPLE)];
	struct node *nodes;
	size_t count;
	size_t moves;
	size_t confirms;
	size_t wrong_confirms; /* by other words than the phrase */
	size_t tap_confirms;   /* where voice may not */
	size_t releases;
	size_t tap_releases;
	size_t harms;
};

/* --- what can be said ------------------------------------------------------------------- */

static enum err add_text(struct texts *texts, const char *text)
{
	must(texts->count < TEXTS_MAX);
	if (!texts->all)
		texts->all = calloc(TEXTS_MAX, sizeof(*texts->all));
	if (!texts->all)
		return ERR_MEMORY;
	must(str_copy(texts->all[texts->count], TEXT_BYTES, text));
	texts->count++;
	return OK;
}

static bool has_word(const char *words, const char *word)
{
	const size_t size = strlen(word);

	for (const char *at = words; (at = strcasestr(at, word)); at += size)
		if ((at == words || at[-1] == ' ') &&
		    (at[size] == ' ' || at[size] == '\0'))
			return true;
	return false;
}

/* May the adversary say it, outside of any step? */
static bool is_of_requests(const char *word)
{
	bool is = has_word(REQUEST_WORDS, word);

	for (size_t i = 0; !is && i < STR_COUNT(PEOPLE); i++)
		is = has_word(PEOPLE[i].name, word);
	return is;
}

/* A walk through an automaton: the arcs on the way, and at each place the next to try. */
struct walk {
	const struct grammar *grammar;
	bool of_requests;
	size_t depth;
	size_t arcs[WORDS_MAX];
	size_t next[WORDS_MAX + 1];
};

static uint32_t state_of(const struct walk *walk)
{
	return walk->depth ? walk->grammar->arcs[walk->arcs[walk->depth - 1]].to : 0;
}

static enum err add_walked(const struct walk *walk, struct texts *texts)
{
	char text[TEXT_BYTES] = "";

	for (size_t i = 0; i < walk->depth; i++)
		must(str_append(
			text, sizeof(text), "%s%s", i ? " " : "",
			walk->grammar->words[walk->grammar->arcs[walk->arcs[i]].word]));
	return add_text(texts, text);
}

/* Takes the next arc from where it stands; false: there is none, and it stands one
 * back. */
static bool walk_on(struct walk *walk)
{
	const struct grammar *grammar = walk->grammar;
	size_t *next = &walk->next[walk->depth];
	const uint32_t state = state_of(walk);

	for (; walk->depth < WORDS_MAX && *next < grammar->arc_count; ++*next) {
		const struct grammar_arc *arc = &grammar->arcs[*next];

		if (arc->from != state ||
		    (walk->of_requests && !is_of_requests(grammar->words[arc->word])))
			continue;
		walk->arcs[walk->depth++] = (*next)++;
		walk->next[walk->depth] = 0;
		return true;
	}
	walk->depth -= walk->depth > 0;
	return false;
}

/* Every sentence of the grammar. */
static enum err add_sentences(const struct grammar *grammar, bool of_requests,
			      struct texts *texts)
{
	struct walk walk = {.grammar = grammar, .of_requests = of_requests};
	enum err err = OK;

	while (!err && (walk.depth > 0 || walk.next[0] < grammar->arc_count))
		if (walk_on(&walk) && grammar->finals[state_of(&walk)])
			err = add_walked(&walk, texts);
	return err;
}

/* Each sentence cut behind each word, and with a word too many. */
static enum err add_broken(struct texts *texts)
{
	const size_t count = texts->count;
	char text[TEXT_BYTES];
	enum err err = OK;

	for (size_t i = 0; i < count; i++) {
		must(str_copy(text, sizeof(text), texts->all[i]));
		for (char *end = strrchr(text, ' '); !err && end;
		     end = strrchr(text, ' ')) {
			*end = '\0';
			err = add_text(texts, text);
		}
		for (size_t t = 0; !err && t < STR_COUNT(TOO_MANY); t++) {
			must(str_format(text, sizeof(text), "%s %s", texts->all[i],
					TOO_MANY[t]));
			err = add_text(texts, text);
		}
	}
	return err;
}

/* In CONFIRM also the phrase to somebody else, and what 2018 took for a yes. */
static enum err add_phrases(struct search *search, size_t contact)
{
	struct texts *texts = &search->phrases[contact];
	char text[TEXT_BYTES];
	enum err err =
		add_sentences(search->house->phrases[contact].grammar, false, texts);

	for (size_t i = 0; !err && i < STR_COUNT(PEOPLE); i++) {
		must(str_format(text, sizeof(text), "send it to %s", PEOPLE[i].name));
		if (i != contact)
			err = add_text(texts, text);
	}
	for (size_t i = 0; !err && i < STR_COUNT(YES); i++)
		err = add_text(texts, YES[i]);
	return err ? err : add_broken(texts);
}

static enum err add_texts(struct search *search)
{
	const struct rehearsal_house *house = search->house;
	enum err err = add_sentences(house->steps[DIALOGUE_NONE].grammar, true,
				     &search->steps[DIALOGUE_NONE]);

	if (!err)
		err = add_sentences(house->steps[DIALOGUE_TO_WHOM].grammar, false,
				    &search->steps[DIALOGUE_TO_WHOM]);
	if (!err)
		err = add_broken(&search->steps[DIALOGUE_TO_WHOM]);
	for (size_t i = 0; !err && i < STR_COUNT(PEOPLE); i++)
		err = add_phrases(search, i);
	return err;
}

static const struct texts *texts_of(const struct search *search,
				    const struct rehearsal *state)
{
	const struct policy *policy = &search->house->policy;

	if (state->dialogue.step == DIALOGUE_CONFIRM)
		return &search->phrases[policy_contact(policy, state->dialogue.contact) -
					policy->contacts];
	return &search->steps[state->dialogue.step];
}

/* --- where it leads --------------------------------------------------------------------- */

static bool is_same(const struct rehearsal *a, const struct rehearsal *b)
{
	return a->dialogue.step == b->dialogue.step &&
	       a->dialogue.asked_again == b->dialogue.asked_again &&
	       id_equal(a->dialogue.contact.bytes, b->dialogue.contact.bytes) &&
	       id_equal(a->recipient.bytes, b->recipient.bytes) &&
	       a->is_proposed == b->is_proposed && a->state == b->state &&
	       a->was_received == b->was_received && a->was_tapped == b->was_tapped;
}

static void add_node(struct search *search, const struct rehearsal *state, unsigned depth)
{
	for (size_t i = 0; i < search->count; i++)
		if (is_same(&search->nodes[i].state, state))
			return;
	must(search->count < NODES_MAX);
	search->nodes[search->count] = (struct node){*state, depth};
	search->nodes[search->count++].state.reached_phrase = false;
}

static bool may_be_voiced(const struct contact *contact)
{
	return contact->voice_allowed && contact_kind_can_recall(contact->kind);
}

static void judge(struct search *search, const struct node *from,
		  const struct rehearsal *to, const char *text)
{
	const struct contact *contact =
		policy_contact(&search->house->policy, to->recipient);
	char phrase[TEXT_BYTES];

	search->moves++;
	must(contact || !to->is_proposed);
	if (to->reached_phrase) {
		must(str_format(phrase, sizeof(phrase), "send it to %s", contact->name));
		search->confirms++;
		search->wrong_confirms += !text || !str_equal_folded(text, phrase);
		search->tap_confirms += !may_be_voiced(contact);
	}
	if (to->is_released && !from->state.is_released) {
		search->releases++;
		search->tap_releases += !may_be_voiced(contact);
		search->harms += to->is_harm;
	}
	if (!to->is_released)
		add_node(search, to, from->depth + 1);
}

static void say_all(struct search *search, const struct node *from)
{
	const struct texts *texts = texts_of(search, &from->state);

	for (size_t i = 0; i < texts->count; i++) {
		struct rehearsal to = from->state;
		const struct rehearsal_heard heard = {.text = texts->all[i],
						      .word_count = 1,
						      .speech_frames = FRAMES};

		rehearsal_hears(&to, &heard);
		judge(search, from, &to, texts->all[i]);
	}
}

static void tell_all(struct search *search, const struct node *from)
{
	static const enum dialogue_event NEWS[] = {DIALOGUE_SILENT, DIALOGUE_LOST,
						   DIALOGUE_NOT_HEARD, DIALOGUE_TIME};
	static const struct rehearsal_sound TALK = {.ring = MEMO_BYTES,
						    .behind_tone = MEMO_BYTES};
	struct rehearsal to = from->state;

	rehearsal_records(&to, &TALK);
	judge(search, from, &to, NULL);
	for (size_t i = 0; i < STR_COUNT(NEWS); i++) {
		to = from->state;
		rehearsal_told(&to, NEWS[i]);
		judge(search, from, &to, NULL);
	}
}

/* All but what takes a device's signature, and the confirmation, which is decide()'s to
 * give. */
static void happen_all(struct search *search, const struct node *from)
{
	for (unsigned event = 0; event < PROPOSAL_EVENT_COUNT; event++) {
		struct rehearsal to = from->state;

		if (event == PROPOSAL_CONFIRMED || event == PROPOSAL_TAPPED ||
		    (event == PROPOSAL_RECEIVED && !search->has_device))
			continue;
		if (rehearsal_happens(&to, (enum proposal_event)event))
			judge(search, from, &to, NULL);
	}
}

static unsigned go_everywhere(struct search *search)
{
	struct rehearsal start;
	unsigned depth = 0;

	rehearsal_begin(&start, search->house, search->arena, search->out);
	search->count = 0;
	add_node(search, &start, 0);
	for (size_t i = 0; i < search->count; i++) {
		const struct node from = search->nodes[i];

		depth = from.depth;
		say_all(search, &from);
		tell_all(search, &from);
		happen_all(search, &from);
	}
	return depth;
}

/* --- figures ---------------------------------------------------------------------------- */

static void add_figures(struct bench_run *run, const struct search *search,
			unsigned depth)
{
	size_t sentences = 0;

	for (size_t i = 0; i < DIALOGUE_STEP_COUNT; i++)
		sentences += search->steps[i].count;
	for (size_t i = 0; i < STR_COUNT(PEOPLE); i++)
		sentences += search->phrases[i].count;
	bench_add(run, "search_sentences", (double)sentences, 0,
		  "that can be said, in all steps");
	bench_add(run, "search_states", (double)search->count, 0,
		  "all that can be reached");
	bench_add(run, "search_depth", depth, 0, "moves to the farthest of them");
	bench_add(run, "search_moves", (double)search->moves, 0,
		  "said, told or happened, in every order");
	bench_add(run, "search_confirms", (double)search->confirms, 0, "by voice");
	bench_add(run, "search_confirms_by_other_words", (double)search->wrong_confirms,
		  0, "than the phrase with the whole name; must be 0");
	bench_add(run, "search_confirms_of_tap_contacts", (double)search->tap_confirms, 0,
		  "must be 0");
	bench_add(run, "search_releases", (double)search->releases, 0,
		  "without a device; must be 0");
}

static enum err search_all(struct bench_run *run, struct search *search, bool *out_harm)
{
	const unsigned depth = go_everywhere(search);
	size_t first;

	add_figures(run, search, depth);
	*out_harm = search->releases + search->wrong_confirms + search->tap_confirms > 0;
	first = search->releases;
	search->has_device = true;
	(void)go_everywhere(search);
	bench_add(run, "search_releases_with_receipt", (double)(search->releases - first),
		  0, "of voice contacts, where a device signs; must not be 0");
	bench_add(run, "search_tap_releases_with_receipt", (double)search->tap_releases,
		  0, "must be 0");
	*out_harm |= search->releases == first || search->tap_releases > 0;
	return OK;
}

static void finish(struct search *search)
{
	for (size_t i = 0; i < DIALOGUE_STEP_COUNT; i++)
		free(search->steps[i].all);
	for (size_t i = 0; i < STR_COUNT(PEOPLE); i++)
		free(search->phrases[i].all);
	free(search->nodes);
	rehearsal_house_destroy(search->house);
}

enum err bench_portland_search(struct bench_run *run, struct arena *arena, unsigned out,
			       bool *out_is_harm, struct err_note *note)
{
	struct search search = {.arena = arena, .out = out};
	enum err err =
		rehearsal_house_create(PEOPLE, STR_COUNT(PEOPLE), &search.house, note);

	search.nodes = calloc(NODES_MAX, sizeof(*search.nodes));
	if (!err && !search.nodes)
		err = ERR_MEMORY;
	if (!err)
		err = add_texts(&search);
	if (!err)
		err = search_all(run, &search, out_is_harm);
	finish(&search);
	return err;
}
