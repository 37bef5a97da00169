/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve - from the sentences that some words are to one intent, or a question.
 *
 * Checks contexts, reads slots and settles namesakes. Never guesses: of two devices that
 * fit equally, the one in the speaker's area wins, else it asks. Invariant: an intent
 * that is returned with reason NONE names at most one entity.
 */
#include "understand/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { CANDIDATES_MAX = 256, CAPTURES_MAX = INTENT_SLOTS_MAX, OPTIONS_MAX = 64 };

/* A slot as the words gave it. */
struct capture {
	uint32_t slot;
	uint32_t use; /* MATCH_NONE for wildcards */
	uint32_t node;
	uint16_t from;
	uint16_t to;
};

/* One sentence that the words are. */
struct candidate {
	const struct row *row;
	uint32_t sentence;
	uint32_t step;
	struct match_score score;
	size_t capture_count;
	bool too_many; /* more captures than an intent has slots */
	struct capture captures[CAPTURES_MAX];
};

/* A device that a candidate may mean; entity -1: it names none. */
struct option {
	size_t candidate;
	int entity;
};

struct resolver {
	const struct understand *understand;
	const struct request *request;
	const struct wording *wording;
	const struct match *match;
	size_t candidate_count;
	struct candidate candidates[CANDIDATES_MAX];
	size_t option_count;
	struct option options[OPTIONS_MAX];
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *left = a;
	const struct candidate *right = b;
	int order = match_compare(&left->score, &right->score);
	if (order)
		return order;
	return (left->sentence > right->sentence) - (left->sentence < right->sentence);
}

/* Reads the captures of a sentence, last first. */
static void read_captures(const struct resolver *resolver, struct candidate *candidate)
{
	const struct understand *understand = resolver->understand;
	const struct match_step *steps = resolver->match->steps;
	for (uint32_t i = candidate->step; steps[i].previous != MATCH_NONE;
	     i = steps[i].previous) {
		const struct match_step *step = &steps[i];
		if (step->arc == MATCH_NONE)
			continue;
		const struct net_arc *arc = &understand->net.arcs[step->arc];
		struct capture *last =
			candidate->capture_count
				? &candidate->captures[candidate->capture_count - 1]
				: NULL;
		bool goes_on = i != candidate->step && arc->kind == NET_WILD && last &&
			       last->use == MATCH_NONE && last->slot == arc->slot &&
			       last->from == step->to;
		if (goes_on)
			last->from = step->from;
		else if (arc->kind != NET_WORD &&
			 candidate->capture_count == CAPTURES_MAX)
			candidate->too_many = true;
		else if (arc->kind != NET_WORD)
			candidate->captures[candidate->capture_count++] =
				(struct capture){
					.slot = arc->slot,
					.use = arc->kind == NET_LIST ? arc->label
								     : MATCH_NONE,
					.node = step->node,
					.from = step->from,
					.to = step->to,
				};
	}
}

static void collect_candidates(struct resolver *resolver)
{
	const struct understand *understand = resolver->understand;
	const struct match_step *steps = resolver->match->steps;
	for (uint32_t i = resolver->match->accepted;
	     i != MATCH_NONE && resolver->candidate_count < CANDIDATES_MAX;
	     i = steps[i].next) {
		uint32_t sentence = understand->net.states[steps[i].state].sentence;
		resolver->candidates[resolver->candidate_count++] =
			(struct candidate){.row = understand->sentences[sentence].row,
					   .sentence = sentence,
					   .step = i,
					   .score = steps[i].score};
	}
	qsort(resolver->candidates, resolver->candidate_count, sizeof(struct candidate),
	      compare_candidates);
}

static bool has_entities(const struct resolver *resolver, const struct capture *capture)
{
	const struct understand *understand = resolver->understand;
	return capture->use != MATCH_NONE &&
	       understand->lists[understand->uses[capture->use].list].has_entities;
}

/* A name, not of a device, that was heard and sounds like another. */
static bool is_doubtful(const struct resolver *resolver, const struct capture *capture)
{
	return resolver->request->heard && capture->use != MATCH_NONE &&
	       !has_entities(resolver, capture) &&
	       resolver->understand->list_nodes[capture->node].alike_count > 0;
}

static const struct capture *doubtful_capture(const struct resolver *resolver,
					      const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->capture_count; i++) {
		if (is_doubtful(resolver, &candidate->captures[i]))
			return &candidate->captures[i];
	}
	return NULL;
}

static const struct capture *entity_capture(const struct resolver *resolver,
					    const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->capture_count; i++) {
		if (has_entities(resolver, &candidate->captures[i]))
			return &candidate->captures[i];
	}
	return NULL;
}

/* The index-th value that a capture may mean, or NULL. */
static const struct value *value_at(const struct resolver *resolver,
				    const struct capture *capture, size_t index)
{
	const struct understand *understand = resolver->understand;
	const struct list_node *node = &understand->list_nodes[capture->node];
	const size_t count =
		node->value_count + (resolver->request->heard ? node->alike_count : 0);
	if (capture->use == MATCH_NONE || index >= count)
		return NULL;
	return &understand->values[understand->list_values[node->first_value + index]];
}

/* --- contexts --- */

/* The area that the words themselves name, or NULL. */
static const char *said_area(const struct resolver *resolver,
			     const struct candidate *candidate)
{
	const struct understand *understand = resolver->understand;
	for (size_t i = 0; i < candidate->capture_count; i++) {
		const struct capture *capture = &candidate->captures[i];
		const struct value *value = value_at(resolver, capture, 0);
		if (value && value->out &&
		    str_equal(understand->slots.texts[capture->slot], "area2"))
			return NULL; /* several: none of them settles which device */
	}
	for (size_t i = 0; i < candidate->capture_count; i++) {
		const struct capture *capture = &candidate->captures[i];
		const struct value *value = value_at(resolver, capture, 0);
		if (value && value->out &&
		    str_equal(understand->slots.texts[capture->slot], "area"))
			return value->out;
	}
	return NULL;
}

/* The value of a context for this candidate and entity; NULL when it has none. */
static const char *context_value(const struct resolver *resolver,
				 const struct candidate *candidate, int entity,
				 const char *key)
{
	const struct understand *understand = resolver->understand;
	if (entity >= 0 && str_equal(key, "domain"))
		return entity_domain_text(understand->entities[entity].domain);
	if (entity >= 0 && str_equal(key, "device_class") &&
	    understand->entities[entity].device_class[0])
		return understand->entities[entity].device_class;
	for (size_t i = 0; i < candidate->capture_count; i++) {
		const struct value *value =
			value_at(resolver, &candidate->captures[i], 0);
		for (size_t c = 0; value && c < value->context_count; c++) {
			if (str_equal(value->contexts[c].key, key))
				return value->contexts[c].value;
		}
	}
	if (!str_equal(key, "area"))
		return NULL;
	return resolver->request->here[0] ? resolver->request->here
					  : said_area(resolver, candidate);
}

static bool context_fits(const struct context_rule *rule, const char *value)
{
	if (!value)
		return rule->excludes;
	bool among = rule->value_count == 0;
	for (size_t i = 0; i < rule->value_count && !among; i++)
		among = str_equal_folded(rule->values[i], value);
	return rule->excludes ? !among : among;
}

static bool contexts_fit(const struct resolver *resolver,
			 const struct candidate *candidate, int entity)
{
	for (size_t i = 0; i < candidate->row->context_count; i++) {
		const struct context_rule *rule = &candidate->row->contexts[i];
		if (!context_fits(rule,
				  context_value(resolver, candidate, entity, rule->key)))
			return false;
	}
	return true;
}

/* --- devices --- */

static bool area_fits(const struct resolver *resolver, const char *said, int entity)
{
	const char *area = resolver->understand->entities[entity].area;
	return !said || !area[0] || normal_equal(said, area);
}

static void add_option(struct resolver *resolver, size_t candidate, int entity)
{
	for (size_t i = 0; i < resolver->option_count; i++) {
		if (resolver->options[i].entity == entity)
			return;
	}
	if (resolver->option_count < OPTIONS_MAX)
		resolver->options[resolver->option_count++] =
			(struct option){candidate, entity};
}

/* Adds what a candidate may mean, as far as its contexts allow. */
static void add_options(struct resolver *resolver, size_t index)
{
	const struct understand *understand = resolver->understand;
	struct candidate *candidate = &resolver->candidates[index];
	read_captures(resolver, candidate);
	if (candidate->too_many)
		return;
	const struct capture *capture = entity_capture(resolver, candidate);
	if (!capture) {
		if (contexts_fit(resolver, candidate, -1))
			add_option(resolver, index, -1);
		return;
	}
	/* What is left out may be anywhere. */
	const bool is_except =
		str_starts(understand->slots.texts[capture->slot], "except");
	const char *said = is_except ? NULL : said_area(resolver, candidate);
	const struct value *value = NULL;
	for (size_t i = 0; (value = value_at(resolver, capture, i)); i++) {
		uint64_t domains = understand->uses[capture->use].domains;
		bool fits = domains >> understand->entities[value->entity].domain & 1;
		if (fits && area_fits(resolver, said, value->entity) &&
		    contexts_fit(resolver, candidate, value->entity))
			add_option(resolver, index, value->entity);
	}
}

/* Drops sentences that name no device: one that does was before them. */
static void drop_nameless(struct resolver *resolver)
{
	size_t kept = 0;
	for (size_t i = 0; i < resolver->option_count; i++) {
		if (resolver->options[i].entity >= 0)
			resolver->options[kept++] = resolver->options[i];
	}
	must(kept > 0);
	resolver->option_count = kept;
}

/* Drops all devices but those in the speaker's area, if there are any. */
static void prefer_here(struct resolver *resolver)
{
	size_t kept = 0;
	for (size_t i = 0; i < resolver->option_count && resolver->request->here[0];
	     i++) {
		int entity = resolver->options[i].entity;
		if (normal_equal(resolver->understand->entities[entity].area,
				 resolver->request->here))
			resolver->options[kept++] = resolver->options[i];
	}
	if (kept)
		resolver->option_count = kept;
}

/* --- the answer --- */

/* The words of the source between two matched words; false when they are too long. */
static bool source_words(const struct resolver *resolver, const struct capture *capture,
			 char to[SLOT_VALUE_BYTES])
{
	const struct normal_word *words = resolver->request->normal->words;
	const uint16_t *sources = resolver->wording->sources;
	const char *text = resolver->request->text;
	size_t from = words[sources[capture->from]].from;
	size_t end = words[sources[capture->to - 1]].to;
	bool fits = str_copy_bytes(to, SLOT_VALUE_BYTES, text + from, end - from);
	str_trim(to);
	return fits;
}

static bool set_capture(const struct resolver *resolver, const struct capture *capture,
			int entity, struct intent *intent)
{
	const struct understand *understand = resolver->understand;
	const char *slot = understand->slots.texts[capture->slot];
	const struct value *value = value_at(resolver, capture, 0);
	char words[SLOT_VALUE_BYTES];
	if (!*slot || is_doubtful(resolver, capture))
		return true;
	if (has_entities(resolver, capture) && entity >= 0)
		return intent_set(intent, slot, understand->entities[entity].name);
	if (value && value->is_number)
		return intent_set_number(intent, slot, value->number);
	if (value && value->out)
		return intent_set(intent, slot, value->out);
	return source_words(resolver, capture, words) && intent_set(intent, slot, words);
}

static bool is_here(const struct resolver *resolver, int entity)
{
	return resolver->request->here[0] &&
	       normal_equal(resolver->understand->entities[entity].area,
			    resolver->request->here);
}

/* The one device that a further name means, as in "except the lamp and the fan": the only
 * one, or the only one here; -1: there are several. */
static int further_entity(const struct resolver *resolver, const struct capture *capture)
{
	const struct value *value = NULL;
	int found[2] = {-1, -1}; /* anywhere, and here */
	size_t counts[2] = {0, 0};

	for (size_t i = 0; (value = value_at(resolver, capture, i)); i++) {
		for (int here = 0; here <= is_here(resolver, value->entity); here++) {
			found[here] = value->entity;
			counts[here]++;
		}
	}
	if (counts[0] == 1)
		return found[0];
	return counts[1] == 1 ? found[1] : -1;
}

static bool is_further(const struct resolver *resolver, const struct candidate *candidate,
		       const struct capture *capture)
{
	return has_entities(resolver, capture) &&
	       capture != entity_capture(resolver, candidate);
}

/* A further name that means several devices, or NULL. */
static const struct capture *doubtful_further(const struct resolver *resolver,
					      const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->capture_count; i++) {
		const struct capture *capture = &candidate->captures[i];
		if (is_further(resolver, candidate, capture) &&
		    further_entity(resolver, capture) < 0)
			return capture;
	}
	return NULL;
}

/* Beside the name, so that nobody has to look it up again: "except2_entity". */
static bool set_further(const struct resolver *resolver, const struct capture *capture,
			struct intent *intent)
{
	const struct understand *understand = resolver->understand;
	const int entity = further_entity(resolver, capture);
	char slot[SLOT_NAME_BYTES];

	if (entity < 0) /* it is asked about */
		return true;
	return str_format(slot, sizeof(slot), "%s_entity",
			  understand->slots.texts[capture->slot]) &&
	       intent_set(intent, slot, understand->entities[entity].id) &&
	       set_capture(resolver, capture, entity, intent);
}

static bool set_fixed(const struct row *row, struct intent *intent)
{
	bool fits = true;
	for (size_t i = 0; i < row->slot_count && fits; i++) {
		const struct fixed_slot *slot = &row->slots[i];
		if (slot->is_number)
			fits = intent_set_number(intent, slot->name, slot->number);
		else
			fits = intent_set(intent, slot->name, slot->value);
	}
	return fits;
}

static bool set_contexts(const struct resolver *resolver,
			 const struct candidate *candidate, int entity,
			 struct intent *intent)
{
	bool fits = true;
	for (size_t i = 0; i < candidate->row->context_count && fits; i++) {
		const struct context_rule *rule = &candidate->row->contexts[i];
		const char *value = context_value(resolver, candidate, entity, rule->key);
		if (rule->to_slot && !rule->excludes && value)
			fits = intent_set(intent, rule->key, value);
	}
	return fits;
}

/* False when the request does not fit into an intent: part of it is not what was asked. */
static bool set_intent(const struct resolver *resolver, const struct candidate *candidate,
		       int entity, struct intent *intent)
{
	must(str_copy(intent->name, sizeof(intent->name), candidate->row->intent));
	bool fits = set_fixed(candidate->row, intent) &&
		    set_contexts(resolver, candidate, entity, intent);
	for (size_t i = candidate->capture_count; i > 0 && fits; i--) {
		const struct capture *capture = &candidate->captures[i - 1];
		fits = is_further(resolver, candidate, capture)
			       ? set_further(resolver, capture, intent)
			       : set_capture(resolver, capture, entity, intent);
	}
	if (entity >= 0 && fits)
		fits = intent_set(intent, "entity",
				  resolver->understand->entities[entity].id);
	return fits;
}

/* What tells the i-th option from the others: its area, or its kind. */
static const char *option_trait(const struct resolver *resolver, size_t i, bool by_area)
{
	const struct known_entity *entity =
		&resolver->understand->entities[resolver->options[i].entity];
	return by_area ? entity->area : entity_domain_text(entity->domain);
}

static bool traits_differ(const struct resolver *resolver, bool by_area)
{
	for (size_t i = 0; i < resolver->option_count; i++) {
		if (!option_trait(resolver, i, by_area)[0])
			return false;
		for (size_t k = 0; k < i; k++) {
			if (str_equal(option_trait(resolver, i, by_area),
				      option_trait(resolver, k, by_area)))
				return false;
		}
	}
	return true;
}

static struct saying ask(const struct resolver *resolver)
{
	const struct known_entity *first =
		&resolver->understand->entities[resolver->options[0].entity];
	bool by_area = traits_differ(resolver, true);
	bool by_kind = !by_area && traits_differ(resolver, false);
	struct saying asks = saying_make(by_area   ? SAYING_ASK_WHICH_PLACE
					 : by_kind ? SAYING_ASK_WHICH_KIND
						   : SAYING_ASK_WHICH);
	saying_set_text(&asks, SLOT_NAME, first->name);
	for (size_t i = 0; (by_area || by_kind) && i < resolver->option_count; i++)
		saying_add_name(&asks, by_area ? SLOT_PLACES : SLOT_KINDS,
				option_trait(resolver, i, by_area));
	return asks;
}

static struct saying ask_by_name(const struct resolver *resolver,
				 const struct capture *capture)
{
	const struct value *one = value_at(resolver, capture, 0);
	struct saying asks = saying_make(SAYING_ASK_WHICH);

	saying_set_text(&asks, SLOT_NAME,
			resolver->understand->entities[one->entity].name);
	return asks;
}

/* Whoever hears this needs another name for one of them, or a screen. */
static struct saying ask_by_spelling(const struct resolver *resolver,
				     const struct capture *capture)
{
	const struct list_node *node = &resolver->understand->list_nodes[capture->node];
	const struct value *one = value_at(resolver, capture, 0);
	const struct value *other = value_at(resolver, capture, node->value_count);
	struct saying asks = saying_make(SAYING_ASK_WHICH_SPELLING);

	saying_set_text(&asks, SLOT_NAME, one->out);
	saying_set_text(&asks, SLOT_OTHER, other->out);
	return asks;
}

/* The words of a candidate that something explains, from the first to the last that mean
 * something. */
static void explained_words(const struct resolver *resolver,
			    const struct candidate *candidate, char to[TEXT_BYTES])
{
	const struct match_step *steps = resolver->match->steps;
	bool unexplained[NORMAL_WORDS_MAX] = {false};
	size_t first = 0;
	size_t end = 0;
	for (uint32_t i = candidate->step; steps[i].previous != MATCH_NONE;
	     i = steps[i].previous) {
		const struct match_step *step = &steps[i];
		uint16_t before = steps[step->previous].score.unexplained;
		unexplained[step->from] = step->score.unexplained > before;
		if (step->arc == MATCH_NONE)
			continue;
		first = step->from;
		end = end ? end : step->to;
	}
	to[0] = '\0';
	for (size_t i = first; i < end; i++) {
		const char *space = to[0] ? " " : "";
		if (!unexplained[i])
			(void)str_append(to, TEXT_BYTES, "%s%s", space,
					 wording_word(resolver->request,
						      resolver->wording, i));
	}
}

static bool answer(struct resolver *resolver, struct resolved *out)
{
	const struct option *first = &resolver->options[0];
	struct understanding *understood = &out->understanding;
	bool names_device = first->entity >= 0;
	if (names_device) {
		drop_nameless(resolver);
		prefer_here(resolver);
	}
	/* A sentence that names no device leaves no doubt about one: the first wins. */
	const struct candidate *candidate = &resolver->candidates[first->candidate];
	const struct capture *alike = doubtful_capture(resolver, candidate);
	const struct capture *further = doubtful_further(resolver, candidate);
	bool doubt = alike || further || (names_device && resolver->option_count > 1);
	out->score = candidate->score;
	if (!set_intent(resolver, candidate, doubt ? -1 : first->entity,
			&understood->intent))
		return false;
	understood->confidence = 1;
	understood->reason = doubt ? REASON_AMBIGUOUS : REASON_NONE;
	(void)str_copy(understood->response, sizeof(understood->response),
		       candidate->row->response);
	if (alike)
		understood->asks = ask_by_spelling(resolver, alike);
	else if (further)
		understood->asks = ask_by_name(resolver, further);
	else if (doubt)
		understood->asks = ask(resolver);
	explained_words(resolver, candidate, out->explained);
	return true;
}

/* Takes the best sentences whose contexts fit; false when there are none. */
static bool take_best(struct resolver *resolver, struct resolved *out)
{
	collect_candidates(resolver);
	for (size_t i = 0; i < resolver->candidate_count; i++) {
		bool worse = i && match_compare(&resolver->candidates[i - 1].score,
						&resolver->candidates[i].score) < 0;
		if (worse && resolver->option_count)
			break;
		add_options(resolver, i);
	}
	if (!resolver->option_count)
		return false;
	return answer(resolver, out);
}

bool resolve(const struct request *request, const struct wording *wording,
	     enum match_among among, struct resolved *out_resolved)
{
	struct match match = {0};
	struct resolver *resolver = malloc(sizeof(*resolver));
	bool found = false;
	if (!resolver || !wording->count)
		goto out;
	*resolver = (struct resolver){.understand = request->understand,
				      .request = request,
				      .wording = wording,
				      .match = &match};
	*out_resolved = (struct resolved){.understanding = {.reason = REASON_NO_MATCH}};
	if (!match_run(request->understand, among, wording->words, wording->count,
		       &match))
		found = take_best(resolver, out_resolved);
out:
	match_finish(&match);
	free(resolver);
	return found;
}
