/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - the order in which a text is tried: as it is, without the phrases to skip, as a
 * frame, and with words read as others that are written nearly so.
 *
 * The first two are exact. A frame has every word explained, or asks back with those that
 * are. What was not written is never acted upon, only asked for.
 */
#include "understand/understand.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "understand/near.h"
#include "understand/resolve.h"

static const double FRAME_CONFIDENCE = 0.8;
static const double ASKS_CONFIDENCE = 0.4;

const char *wording_word(const struct request *request, const struct wording *wording,
			 size_t index)
{
	uint32_t word = wording->words[index];
	return word == VOCAB_NONE ? normal_word(request->normal, wording->sources[index])
				  : request->understand->words.texts[word];
}

static const char *known_area(const struct understand *understand, const char *here)
{
	for (size_t i = 0; i < understand->area_count; i++) {
		if (normal_equal(understand->areas[i].key, here))
			return understand->areas[i].value;
	}
	return here;
}

static void all_words(const struct request *request, struct wording *wording)
{
	wording->count = request->normal->count;
	for (size_t i = 0; i < wording->count; i++) {
		wording->words[i] = vocab_find(&request->understand->words,
					       normal_word(request->normal, i));
		wording->sources[i] = (uint16_t)i;
	}
}

/* How many words from `at` on are a phrase to skip; the longest. */
static size_t skipped_from(const struct understand *understand,
			   const struct wording *wording, size_t at)
{
	uint32_t node = understand->skip_root;
	size_t longest = 0;
	for (size_t i = at; i < wording->count; i++) {
		node = list_child(understand, node, wording->words[i]);
		if (!node)
			break;
		if (understand->list_nodes[node].value_count)
			longest = i + 1 - at;
	}
	return longest;
}

static void without_skips(const struct understand *understand, const struct wording *all,
			  struct wording *kept)
{
	kept->count = 0;
	for (size_t i = 0; i < all->count;) {
		size_t skipped = skipped_from(understand, all, i);
		if (!skipped) {
			kept->words[kept->count] = all->words[i];
			kept->sources[kept->count++] = all->sources[i];
		}
		i += skipped ? skipped : 1;
	}
}

/* The words as they are, and without the phrases to skip where they are no sentence or
 * wildcards had to take more of them. */
static bool try_sentences(const struct request *request, const struct wording *all,
			  struct resolved *out)
{
	struct wording kept;
	struct resolved skipped;
	bool found = resolve(request, all, MATCH_SENTENCES, out);
	if ((found && !out->score.wild) || !request->understand->has_skips)
		return found;
	without_skips(request->understand, all, &kept);
	if (kept.count < all->count &&
	    resolve(request, &kept, MATCH_SENTENCES, &skipped) &&
	    (!found || skipped.score.wild < out->score.wild)) {
		*out = skipped;
		found = true;
	}
	return found;
}

static void ask_back(struct resolved *out)
{
	struct understanding *understood = &out->understanding;
	understood->confidence = ASKS_CONFIDENCE;
	if (understood->reason == REASON_AMBIGUOUS)
		return;
	understood->reason = REASON_UNEXPLAINED_WORDS;
	understood->asks = saying_make(SAYING_ASK_DID_YOU_MEAN);
	saying_set_text(&understood->asks, SLOT_WORDS, out->explained);
}

/* More must be understood of it than not. */
static bool try_frames(const struct request *request, const struct wording *all,
		       struct resolved *out)
{
	if (!resolve(request, all, MATCH_FRAMES, out))
		return false;
	const struct match_score *score = &out->score;
	out->understanding.confidence = FRAME_CONFIDENCE;
	if (!score->unexplained)
		return true;
	if (score->fixed + score->named <= score->unexplained)
		return false;
	ask_back(out);
	return true;
}

static enum entity_domain kind_of(const struct understand *understand,
				  const struct intent *intent)
{
	const char *id = intent_value(intent, "entity", "");
	for (size_t i = 0; i < understand->entity_count; i++) {
		if (str_equal(understand->entities[i].id, id))
			return understand->entities[i].domain;
	}
	return ENTITY_UNKNOWN;
}

static bool same_slots(const struct intent *a, const struct intent *b)
{
	for (size_t i = 0; i < a->slot_count; i++) {
		if (!str_equal(a->slots[i].value, intent_value(b, a->slots[i].name, "")))
			return false;
	}
	return a->slot_count == b->slot_count;
}

/* True for the same request of another thing of its kind. (Another request, or of another
 * kind, might bind where the first does not; that is not suggested.) */
static bool is_rival(const struct understand *understand, const struct resolved *one,
		     const struct resolved *other)
{
	const struct intent *a = &one->understanding.intent;
	const struct intent *b = &other->understanding.intent;
	return one->understanding.reason != REASON_AMBIGUOUS &&
	       other->understanding.reason != REASON_AMBIGUOUS &&
	       str_equal(a->name, b->name) && !same_slots(a, b) &&
	       kind_of(understand, a) == kind_of(understand, b);
}

static bool try_reading(const struct request *request, const struct wording *reading,
			struct resolved *out)
{
	return try_sentences(request, reading, out) ||
	       (try_frames(request, reading, out) && !out->score.unexplained);
}

/* Two readings are as near as each other. */
static void ask_between(struct resolved *out, const char *other)
{
	struct saying *asks = &out->understanding.asks;

	*asks = saying_make(SAYING_ASK_DID_YOU_MEAN_OR);
	saying_set_text(asks, SLOT_WORDS, out->explained);
	saying_set_text(asks, SLOT_OTHER, other);
}

/* Words that are in no sentence, read as near ones that are. Where a second name is as
 * near, both stand in the question. */
static bool try_near(const struct request *request, const struct wording *all,
		     struct resolved *out)
{
	struct near *near = NULL;
	struct wording reading;
	struct resolved other;
	bool found = false;
	bool rival = false;
	if (near_create(request, all, &near))
		return false;
	while (!found && near_next(near, &reading))
		found = try_reading(request, &reading, out);
	while (found && !rival && near_next(near, &reading)) {
		rival = try_reading(request, &reading, &other) &&
			is_rival(request->understand, out, &other);
	}
	near_destroy(near);
	if (!found)
		return false;
	ask_back(out);
	if (rival)
		ask_between(out, other.explained);
	return true;
}

static bool try_all(const struct request *request, struct resolved *out)
{
	struct wording all;
	struct resolved near;
	all_words(request, &all);
	if (try_sentences(request, &all, out))
		return true;
	bool found = try_frames(request, &all, out);
	if (found && !out->score.unexplained)
		return true;
	if (try_near(request, &all, &near)) {
		*out = near;
		return true;
	}
	return found;
}

static void understand_request(struct request request, const char *here,
			       struct understanding *out_understanding)
{
	struct normal normal;
	struct resolved resolved;
	const size_t size = strnlen(request.text, TEXT_BYTES);
	request.normal = &normal;
	request.here = known_area(request.understand, here);
	*out_understanding = (struct understanding){.reason = REASON_NO_MATCH};
	if (size < TEXT_BYTES && normal_split(request.text, size, NORMAL_TEXT, &normal) &&
	    try_all(&request, &resolved))
		*out_understanding = resolved.understanding;
}

void understand_text(const struct understand *understand, const char *text,
		     const char *here, struct understanding *out_understanding)
{
	understand_request((struct request){.understand = understand, .text = text}, here,
			   out_understanding);
}

void understand_heard(const struct understand *understand, const char *text,
		      const char *here, struct understanding *out_understanding)
{
	understand_request((struct request){.understand = understand,
					    .text = text,
					    .heard = true},
			   here, out_understanding);
}
