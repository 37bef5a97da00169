/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alike_names - compares names as they are spoken (understand/normal.h), letter by letter
 * and sound by sound. understand/alike.c does the latter for the names of a whole home
 * when it is compiled; here one name is looked at before it becomes one of them.
 *
 * A name sounds as its words do one after the other, whatever the spaces.
 */
#include "cli/alike_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/distance.h"
#include "base/must.h"
#include "base/str.h"
#include "understand/normal.h"

enum {
	NAME_WORDS_MAX = 32,
	WORD_WAYS_MAX = 4,  /* to say one word */
	NAME_WAYS_MAX = 16, /* to say one name */
	PLAIN_BYTES = 256,
	PHONES_BYTES = 1024,
	ARENA_BYTES = 8 * 1024 * 1024,
	LETTERS_APART = 1,
};

struct word {
	const char *text;
	size_t way_count;
	const char *ways[WORD_WAYS_MAX];
};

struct spoken {
	const char *plain; /* its words with a space between */
	size_t word_count;
	const char *texts[NAME_WORDS_MAX];
	size_t way_count;
	const char *ways[NAME_WAYS_MAX];
};

struct comparison {
	struct arena *arena;
	struct spoken *spoken; /* of each name */
	size_t word_count;
	const char **words; /* all of theirs: sorted, distinct */
	struct word *said;  /* the same with their ways */
};

const char *alike_words(enum alike_how how)
{
	switch (how) {
	case ALIKE_NOT:
		return "are different";
	case ALIKE_EQUAL:
		return "are the same name";
	case ALIKE_LETTER:
		return "are one letter apart";
	case ALIKE_SOUND:
		return "sound the same";
	}
	return "";
}

/* --- names as they are spoken ----------------------------------------------------------- */

/* A name that is no text, or of too many words, is compared as it is written. */
static enum err split(struct comparison *comparison, const char *name, struct spoken *to)
{
	struct normal normal;
	char plain[PLAIN_BYTES] = "";
	char *copy = NULL;
	enum err err = OK;
	bool fits = normal_split(name, strlen(name), NORMAL_TEXT, &normal) &&
		    normal.count > 0 && normal.count <= NAME_WORDS_MAX;

	for (size_t i = 0; fits && i < normal.count; i++)
		fits = str_append(plain, sizeof(plain), "%s%s", i ? " " : "",
				  normal_word(&normal, i));
	for (size_t i = 0; fits && !err && i < normal.count; i++) {
		err = arena_copy_text(comparison->arena, normal_word(&normal, i), &copy);
		if (!err)
			to->texts[to->word_count++] = copy;
	}
	if (!err)
		err = arena_copy_text(comparison->arena, fits ? plain : name, &copy);
	to->plain = copy;
	return err;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err take_room(struct comparison *comparison, size_t words)
{
	void *room = NULL;
	enum err err = arena_take_array(comparison->arena, words,
					sizeof(*comparison->words), &room);

	comparison->words = room;
	if (!err)
		err = arena_take_array(comparison->arena, words,
				       sizeof(*comparison->said), &room);
	comparison->said = room;
	return err;
}

static enum err gather_words(struct comparison *comparison, size_t count)
{
	size_t total = 0;
	size_t kept = 0;
	enum err err;

	for (size_t i = 0; i < count; i++)
		total += comparison->spoken[i].word_count;
	err = take_room(comparison, total);
	if (err || total == 0)
		return err;
	total = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < comparison->spoken[i].word_count; k++)
			comparison->words[total++] = comparison->spoken[i].texts[k];
	qsort(comparison->words, total, sizeof(*comparison->words), compare_words);
	for (size_t i = 0; i < total; i++)
		if (i == 0 ||
		    !str_equal(comparison->words[i], comparison->words[kept - 1]))
			comparison->words[kept++] = comparison->words[i];
	for (size_t i = 0; i < kept; i++)
		comparison->said[i].text = comparison->words[i];
	comparison->word_count = kept;
	return OK;
}

/* --- how they are said ------------------------------------------------------------------ */

static enum err take_way(void *context, size_t word, const char *phones)
{
	struct comparison *comparison = context;
	struct word *said = &comparison->said[word];
	char *copy = NULL;
	enum err err = OK;

	if (said->way_count == WORD_WAYS_MAX)
		return OK;
	err = arena_copy_text(comparison->arena, phones, &copy);
	if (!err)
		said->ways[said->way_count++] = copy;
	return err;
}

static int compare_said(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

static const struct word *find_word(const struct comparison *comparison, const char *text)
{
	const struct word wanted = {.text = text};

	return bsearch(&wanted, comparison->said, comparison->word_count, sizeof(wanted),
		       compare_said);
}

/* The number-th choice of one way for each word; false behind the last, for a word that
 * nobody can say, and for what gets too long. */
static bool choose(const struct comparison *comparison, const struct spoken *spoken,
		   size_t number, char to[PHONES_BYTES])
{
	to[0] = '\0';
	for (size_t i = 0; i < spoken->word_count; i++) {
		const struct word *word = find_word(comparison, spoken->texts[i]);

		if (word->way_count == 0 ||
		    !str_append(to, PHONES_BYTES, "%s ",
				word->ways[number % word->way_count]))
			return false;
		number /= word->way_count;
	}
	return number == 0 && spoken->word_count > 0;
}

static enum err say_name(struct comparison *comparison, struct spoken *spoken)
{
	char phones[PHONES_BYTES];
	enum err err = OK;

	while (!err && spoken->way_count < NAME_WAYS_MAX &&
	       choose(comparison, spoken, spoken->way_count, phones)) {
		char *copy = NULL;

		err = arena_copy_text(comparison->arena, phones, &copy);
		spoken->ways[spoken->way_count] = copy;
		spoken->way_count += !err;
	}
	return err;
}

/* --- which are alike -------------------------------------------------------------------- */

static bool sound_same(const struct spoken *a, const struct spoken *b)
{
	for (size_t i = 0; i < a->way_count; i++)
		for (size_t k = 0; k < b->way_count; k++)
			if (str_equal(a->ways[i], b->ways[k]))
				return true;
	return false;
}

static enum alike_how compare(const struct spoken *a, const struct spoken *b)
{
	if (str_equal(a->plain, b->plain))
		return ALIKE_EQUAL;
	if (distance_letters(a->plain, b->plain, LETTERS_APART) <= LETTERS_APART)
		return ALIKE_LETTER;
	return sound_same(a, b) ? ALIKE_SOUND : ALIKE_NOT;
}

static bool may_be_alike(const struct alike_name *a, const struct alike_name *b)
{
	return a->is_contact != b->is_contact && !id_is_none(a->who.bytes) &&
	       id_equal(a->who.bytes, b->who.bytes);
}

static size_t find_pairs(const struct comparison *comparison,
			 const struct alike_name *names, size_t count,
			 struct alike_pair *pairs, size_t pairs_max)
{
	size_t found = 0;

	for (size_t a = 0; a < count; a++) {
		for (size_t b = 0; names[a].is_new && b < count; b++) {
			enum alike_how how = ALIKE_NOT;

			if (a != b && (!names[b].is_new || b < a) &&
			    !may_be_alike(&names[a], &names[b]))
				how = compare(&comparison->spoken[a],
					      &comparison->spoken[b]);
			if (how == ALIKE_NOT)
				continue;
			if (found < pairs_max)
				pairs[found] = (struct alike_pair){a, b, how};
			found++;
		}
	}
	return found;
}

static enum err speak(struct comparison *comparison, const struct alike_name *names,
		      size_t count, struct sounds sounds)
{
	void *room = NULL;
	enum err err = arena_take_array(comparison->arena, count,
					sizeof(*comparison->spoken), &room);

	comparison->spoken = room;
	for (size_t i = 0; !err && i < count; i++)
		err = split(comparison, names[i].text, &comparison->spoken[i]);
	if (!err)
		err = gather_words(comparison, count);
	if (!err && sounds.ops)
		err = sounds.ops->say(sounds.self, comparison->words,
				      comparison->word_count, take_way, comparison);
	for (size_t i = 0; !err && i < count; i++)
		err = say_name(comparison, &comparison->spoken[i]);
	return err;
}

enum err alike_names_find(const struct alike_name *names, size_t count,
			  struct sounds sounds, struct alike_pair *pairs,
			  size_t pairs_max, size_t *out_count)
{
	struct comparison comparison = {.arena = NULL};
	enum err err = count > ALIKE_NAMES_MAX ? ERR_LIMIT : OK;

	if (!err)
		err = arena_create(ARENA_BYTES, &comparison.arena);
	if (!err)
		err = speak(&comparison, names, count, sounds);
	if (!err)
		*out_count = find_pairs(&comparison, names, count, pairs, pairs_max);
	arena_destroy(comparison.arena);
	return err;
}
