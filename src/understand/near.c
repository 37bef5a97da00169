/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near - see the header.
 *
 * Each unknown word gets its readings, the nearest first; then all ways to choose one for
 * each are gone through, like the wheels of a counter. The last reading of a word is the
 * word itself, which a wildcard may take.
 */
#include "understand/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/distance.h"
#include "base/str.h"

enum {
	SHORTEST = 4, /* bytes of a word that is read as another */
	LONG = 8,     /* where two letters may differ */
	PART_SHORTEST = 2,
	PAIR_BYTES = 128
};

/* One or two words, instead of one or two of the request. */
struct reading {
	uint32_t words[2];
	uint16_t count;
	uint16_t taken;
	unsigned distance;
};

struct unknown {
	size_t at;
	size_t reading_count; /* without the word itself */
	size_t chosen;
	struct reading readings[NEAR_READINGS_MAX];
};

struct near {
	const struct request *request;
	const struct wording *wording;
	size_t count;
	struct unknown unknowns[NEAR_UNKNOWN_MAX];
};

static void add_reading(struct unknown *unknown, struct reading reading)
{
	size_t at = unknown->reading_count;
	while (at && unknown->readings[at - 1].distance > reading.distance)
		at--;
	if (at == NEAR_READINGS_MAX)
		return;
	if (unknown->reading_count < NEAR_READINGS_MAX)
		unknown->reading_count++;
	for (size_t i = unknown->reading_count - 1; i > at; i--)
		unknown->readings[i] = unknown->readings[i - 1];
	unknown->readings[at] = reading;
}

static void add_similar(const struct vocab *words, const char *text,
			struct unknown *unknown)
{
	const size_t size = strlen(text);
	const unsigned most = size < LONG ? 1 : 2;
	for (uint32_t i = 0; size >= SHORTEST && i < words->count; i++) {
		const unsigned distance = distance_letters(text, words->texts[i], most);
		if (distance <= most)
			add_reading(unknown, (struct reading){.words = {i},
							      .count = 1,
							      .taken = 1,
							      .distance = distance});
	}
}

/* Two words written as one. */
static void add_split(const struct vocab *words, const char *text,
		      struct unknown *unknown)
{
	char part[PAIR_BYTES];
	const size_t size = strlen(text);
	for (size_t cut = PART_SHORTEST; cut + PART_SHORTEST <= size; cut++) {
		if (!str_copy_bytes(part, sizeof(part), text, cut))
			return;
		const uint32_t first = vocab_find(words, part);
		const uint32_t second = vocab_find(words, text + cut);
		if (first != VOCAB_NONE && second != VOCAB_NONE)
			add_reading(unknown, (struct reading){.words = {first, second},
							      .count = 2,
							      .taken = 1,
							      .distance = 1});
	}
}

/* A word that turns a request around is never taken for a piece of another. */
static bool is_decisive(const struct near *near, size_t at)
{
	const struct understand *understand = near->request->understand;
	const uint32_t node = list_child(understand, understand->decisive_root,
					 near->wording->words[at]);
	return node && understand->list_nodes[node].value_count;
}

/* One word written as two, of which the first is unknown or the second. */
static void add_joined(const struct near *near, size_t at, struct unknown *unknown)
{
	char pair[PAIR_BYTES];
	if (at + 1 >= near->wording->count || is_decisive(near, at) ||
	    is_decisive(near, at + 1) ||
	    !str_format(pair, sizeof(pair), "%s%s",
			wording_word(near->request, near->wording, at),
			wording_word(near->request, near->wording, at + 1)))
		return;
	const uint32_t word = vocab_find(&near->request->understand->words, pair);
	if (word != VOCAB_NONE)
		add_reading(unknown, (struct reading){.words = {word},
						      .count = 1,
						      .taken = 2,
						      .distance = 1});
}

static bool is_unknown(const struct near *near, size_t at)
{
	return near->wording->words[at] == VOCAB_NONE;
}

static void add_unknown(struct near *near, size_t at)
{
	const struct vocab *words = &near->request->understand->words;
	const char *text = wording_word(near->request, near->wording, at);
	struct unknown *unknown = &near->unknowns[near->count];
	*unknown = (struct unknown){.at = at};
	add_joined(near, at, unknown);
	if (is_unknown(near, at)) {
		add_similar(words, text, unknown);
		add_split(words, text, unknown);
	}
	if (unknown->reading_count)
		near->count++;
}

enum err near_create(const struct request *request, const struct wording *wording,
		     struct near **out_near)
{
	struct near *near = malloc(sizeof(*near));
	if (!near)
		return ERR_MEMORY;
	*near = (struct near){.request = request, .wording = wording};
	size_t tried = 0;
	for (size_t i = 0; i < wording->count && near->count < NEAR_UNKNOWN_MAX &&
			   tried < NEAR_TRIED_MAX;
	     i++) {
		const bool next = i + 1 < wording->count && is_unknown(near, i + 1);
		if (!is_unknown(near, i) && !next)
			continue;
		add_unknown(near, i);
		tried++;
	}
	if (!near->count) {
		free(near);
		return ERR_MISSING;
	}
	*out_near = near;
	return OK;
}

void near_destroy(struct near *near)
{
	free(near);
}

static void add_words(const struct unknown *unknown, struct wording *to)
{
	const struct reading *reading = &unknown->readings[unknown->chosen];
	for (size_t i = 0; i < reading->count && to->count < NORMAL_WORDS_MAX; i++) {
		to->words[to->count] = reading->words[i];
		to->sources[to->count++] = (uint16_t)unknown->at;
	}
}

/* The words with the chosen readings. */
static void read_words(const struct near *near, struct wording *to)
{
	const struct wording *from = near->wording;
	const struct unknown *unknown = near->unknowns;
	const struct unknown *end = unknown + near->count;
	to->count = 0;
	for (size_t i = 0; i < from->count && to->count < NORMAL_WORDS_MAX;) {
		while (unknown < end && unknown->at < i)
			unknown++;
		if (unknown < end && unknown->at == i &&
		    unknown->chosen < unknown->reading_count) {
			add_words(unknown, to);
			i += unknown->readings[unknown->chosen].taken;
			continue;
		}
		to->words[to->count] = from->words[i];
		to->sources[to->count++] = from->sources[i++];
	}
}

/* Turns the counter by one; the last way is that all words are themselves. */
static void turn(struct near *near)
{
	size_t i = 0;
	while (near->unknowns[i].chosen == near->unknowns[i].reading_count)
		near->unknowns[i++].chosen = 0;
	near->unknowns[i].chosen++;
}

static bool all_themselves(const struct near *near)
{
	for (size_t i = 0; i < near->count; i++) {
		if (near->unknowns[i].chosen < near->unknowns[i].reading_count)
			return false;
	}
	return true;
}

bool near_next(struct near *near, struct wording *out_wording)
{
	if (all_themselves(near))
		return false;
	read_words(near, out_wording);
	turn(near);
	return true;
}
