/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_sentence - see the header. Judged letter by letter against what is known, with a
 * stack of open brackets; ways to say it are counted in mixed radix, each bracket's choice
 * a digit that is used up when the bracket is met.
 *
 * Pure. Invariant: a sentence that passes has balanced brackets, at most
 * SKILL_SENTENCE_DEPTH_MAX deep, and every slot in it is one of the manifest's.
 */
#include "adapter/skill_sentence.h"

#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/skill.h"

/* An open bracket: the fewest words of its alternatives so far, and of the one that is
 * being read. */
struct level {
	char closes;
	size_t fewest;
	size_t words;
	bool inside; /* of a word, where the alternative stands now */
};

struct reading {
	size_t depth;
	struct level levels[SKILL_SENTENCE_DEPTH_MAX + 1];
};

static bool is_word_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '\'' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

static void end_alternative(struct level *level)
{
	if (level->words < level->fewest)
		level->fewest = level->words;
	level->words = 0;
	level->inside = false;
}

static const char *open_bracket(struct reading *reading, char closes)
{
	if (reading->depth == SKILL_SENTENCE_DEPTH_MAX)
		return "brackets too deep inside brackets";
	if (reading->levels[reading->depth].inside)
		return "a bracket inside of a word";
	reading->levels[++reading->depth] =
		(struct level){.closes = closes, .fewest = SIZE_MAX};
	return NULL;
}

static const char *close_bracket(struct reading *reading, char c, char next)
{
	struct level *level = &reading->levels[reading->depth];

	if (reading->depth == 0 || level->closes != c)
		return "a bracket that closes nothing";
	if (next != '\0' && !strchr(" )]|", next))
		return "a word that goes on behind a bracket";
	end_alternative(level);
	const size_t words = c == ']' ? 0 : level->fewest;
	reading->depth--;
	reading->levels[reading->depth].words += words;
	return NULL;
}

/* Behind "{" up to "}"; *at then stands on the latter. */
static const char *read_slot(const char **at, const struct skill_sentence_slots *slots)
{
	char name[64];
	const char *end = strchr(*at, '}');

	if (!end ||
	    !str_copy_bytes(name, sizeof(name), *at + 1, (size_t)(end - *at - 1)) ||
	    !slots->knows(slots->context, name))
		return "a list that is no slot of this manifest";
	*at = end;
	return NULL;
}

static const char *take_letter(struct reading *reading, const char **at,
			       const struct skill_sentence_slots *slots)
{
	struct level *level = &reading->levels[reading->depth];
	const char c = **at;

	if (c == '(' || c == '[')
		return open_bracket(reading, c == '(' ? ')' : ']');
	if (c == ')' || c == ']')
		return close_bracket(reading, c, (*at)[1]);
	if (c == '|' && reading->depth > 0) {
		end_alternative(level);
		return NULL;
	}
	if (c == ' ') {
		level->inside = false;
		return NULL;
	}
	if (c == '{') {
		level->words += !level->inside;
		level->inside = true;
		return read_slot(at, slots);
	}
	if (!level->inside && (c == '\'' || c == '-'))
		return "a word that begins with a mark";
	if (!is_word_letter(c))
		return "something else than words, ( | ), [ ] and { }";
	level->words += !level->inside;
	level->inside = true;
	return NULL;
}

const char *skill_sentence_judge(const char *text,
				 const struct skill_sentence_slots *slots,
				 size_t *out_words)
{
	struct reading reading = {.depth = 0};
	const char *wrong = NULL;

	if (!skill_has_sayable_letters(text))
		return "letters that no voice can say";
	for (const char *at = text; *at && !wrong; at++)
		wrong = take_letter(&reading, &at, slots);
	if (!wrong && reading.depth > 0)
		wrong = "a bracket that is not closed";
	if (!wrong && skill_sentence_ways(text) > SKILL_SENTENCE_WAYS_MAX)
		wrong = "more ways to say it than anybody checks";
	if (!wrong)
		*out_words = reading.levels[0].words;
	return wrong;
}

/* --- ways to say it --------------------------------------------------------------------- */

/* How many alternatives the bracket at `at` has; *out_end: behind its end. */
static size_t count_ways(const char *at, const char **out_end)
{
	size_t depth = 0;
	size_t count = 1;

	for (;; at++) {
		depth += *at == '(' || *at == '[';
		depth -= *at == ')' || *at == ']';
		count += *at == '|' && depth == 1;
		if (depth == 0)
			break;
	}
	*out_end = at + 1;
	return count;
}

size_t skill_sentence_ways(const char *text)
{
	size_t ways = 1;

	for (const char *at = text; *at && ways <= SKILL_SENTENCE_WAYS_MAX; at++) {
		const char *end = NULL;

		if (*at == '(' || *at == '[')
			ways *= count_ways(at, &end) + (*at == '[');
	}
	return ways;
}

/* The way-th alternative of the bracket at `at`: from where to where. */
static void find_way(const char *at, size_t way, const char **out_from,
		     const char **out_to)
{
	size_t depth = 1;

	*out_from = ++at;
	for (;; at++) {
		const bool is_end =
			depth == 1 && (*at == ')' || *at == ']' || *at == '|');

		if (is_end && way-- == 0)
			break;
		if (is_end)
			*out_from = at + 1;
		depth += *at == '(' || *at == '[';
		depth -= *at == ')' || *at == ']';
	}
	*out_to = at;
}

/* Pieces that are still to be said, the next one on top. */
struct piece {
	const char *at;
	const char *to;
};

struct saying_ways {
	size_t number; /* what is left of it */
	size_t depth;
	struct piece pieces[2 * SKILL_SENTENCE_DEPTH_MAX + 2];
};

static void choose(struct saying_ways *ways, struct piece *piece)
{
	const bool is_optional = *piece->at == '[';
	const char *end = NULL;
	const size_t count = count_ways(piece->at, &end) + is_optional;
	const size_t way = ways->number % count;
	struct piece chosen = {NULL, NULL};

	ways->number /= count;
	if (!is_optional || way > 0)
		find_way(piece->at, way - is_optional, &chosen.at, &chosen.to);
	piece->at = end;
	must(ways->depth < STR_COUNT(ways->pieces));
	if (chosen.at)
		ways->pieces[ways->depth++] = chosen;
}

bool skill_sentence_say(const char *text, size_t number, char *to, size_t size)
{
	struct saying_ways ways = {.number = number, .depth = 1};

	ways.pieces[0] = (struct piece){text, text + strlen(text)};
	to[0] = '\0';
	while (ways.depth > 0) {
		struct piece *piece = &ways.pieces[ways.depth - 1];

		if (piece->at == piece->to)
			ways.depth--;
		else if (*piece->at == '(' || *piece->at == '[')
			choose(&ways, piece);
		else if (!str_append(to, size, "%c", *piece->at++))
			return false;
	}
	return ways.number == 0;
}
