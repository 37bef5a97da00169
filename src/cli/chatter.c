/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chatter - see the header.
 *
 * Words are kept once, in a table by their hash. A word is drawn by where a number falls
 * between the running sums of all counts.
 */
#include "cli/chatter.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "understand/normal.h"

enum {
	WORDS_MAX = 400000,
	SLOTS = 1 << 20, /* more than twice the words */
	SENTENCES_MAX = 1000000,
	TEXTS_BYTES_MAX = 64 * 1024 * 1024,
	NO_WORD = 0,
};

struct chatter {
	struct buf texts; /* ended, one behind the other */
	struct buf words; /* size_t: where each begins */
	uint32_t *slots;  /* [SLOTS] a word's number + 1; 0: free */
	struct buf sums;  /* double, of the first words: how often it and all before */
	struct buf sentences; /* struct chatter_said */
};

enum err chatter_create(struct chatter **out_chatter)
{
	struct chatter *chatter = calloc(1, sizeof(*chatter));

	if (!chatter)
		return ERR_MEMORY;
	buf_init(&chatter->texts, TEXTS_BYTES_MAX);
	buf_init(&chatter->words, WORDS_MAX * sizeof(size_t));
	buf_init(&chatter->sums, WORDS_MAX * sizeof(double));
	buf_init(&chatter->sentences, SENTENCES_MAX * sizeof(struct chatter_said));
	chatter->slots = calloc(SLOTS, sizeof(*chatter->slots));
	if (!chatter->slots) {
		chatter_destroy(chatter);
		return ERR_MEMORY;
	}
	*out_chatter = chatter;
	return OK;
}

void chatter_destroy(struct chatter *chatter)
{
	if (!chatter)
		return;
	buf_finish(&chatter->texts);
	buf_finish(&chatter->words);
	buf_finish(&chatter->sums);
	buf_finish(&chatter->sentences);
	free(chatter->slots);
	free(chatter);
}

/* --- words ------------------------------------------------------------------------------ */

size_t chatter_word_count(const struct chatter *chatter)
{
	return chatter->words.size / sizeof(size_t);
}

const char *chatter_text_of(const struct chatter *chatter, uint32_t word)
{
	size_t at;

	must(word < chatter_word_count(chatter));
	memcpy(&at, chatter->words.bytes + word * sizeof(at), sizeof(at));
	return (const char *)chatter->texts.bytes + at;
}

/* The slot of the word, or the free one where it would stand. */
static uint32_t *find_slot(const struct chatter *chatter, const char *text)
{
	size_t at = random_hash(text) % SLOTS;

	while (chatter->slots[at] != NO_WORD &&
	       !str_equal(chatter_text_of(chatter, chatter->slots[at] - 1), text))
		at = (at + 1) % SLOTS;
	return &chatter->slots[at];
}

enum err chatter_word(struct chatter *chatter, const char *text, uint32_t *out_word)
{
	uint32_t *slot = find_slot(chatter, text);
	const size_t at = chatter->texts.size;
	const uint32_t word = (uint32_t)chatter_word_count(chatter);
	enum err err;

	if (*slot != NO_WORD) {
		*out_word = *slot - 1;
		return OK;
	}
	err = buf_add(&chatter->texts, text, strlen(text) + 1);
	if (!err)
		err = buf_add(&chatter->words, &at, sizeof(at));
	if (err)
		return err;
	*slot = word + 1;
	*out_word = word;
	return OK;
}

/* --- a list of words -------------------------------------------------------------------- */

static size_t sum_count(const struct chatter *chatter)
{
	return chatter->sums.size / sizeof(double);
}

static double sum_at(const struct chatter *chatter, size_t index)
{
	double sum;

	memcpy(&sum, chatter->sums.bytes + index * sizeof(sum), sizeof(sum));
	return sum;
}

/* Of a word that is there already (written in capitals, too) the first count holds: the
 * lists are sorted by it. */
static enum err add_counted(struct chatter *chatter, const char *text, double count)
{
	const size_t before = sum_count(chatter);
	const double sum = count + (before ? sum_at(chatter, before - 1) : 0);
	char folded[SLOT_VALUE_BYTES];
	uint32_t word = 0;
	enum err err = OK;

	if (!str_copy(folded, sizeof(folded), text))
		return ERR_LIMIT;
	str_fold(folded);
	err = chatter_word(chatter, folded, &word);
	if (err || word < before)
		return err;
	return buf_add(&chatter->sums, &sum, sizeof(sum));
}

static enum err add_list(struct chatter *chatter, const char *path,
			 const struct json_value *list, struct err_note *note)
{
	const size_t count = json_count(list);
	enum err err = OK;

	if (!json_is_array(list) || count == 0)
		return err_say(ERR_FORMAT, note, "%s: expected a list of words", path);
	for (size_t i = 0; !err && i < count; i++) {
		const struct json_value *item = json_at(list, i);
		const char *text = json_text(json_get(item, "word"), NULL);
		const double times = json_number(json_get(item, "count"), 0);

		if (!text || !(times > 0))
			return err_say(ERR_FORMAT, note,
				       "%s: [%zu]: expected {\"word\", \"count\"}", path,
				       i);
		err = add_counted(chatter, text, times);
	}
	return err;
}

enum err chatter_add_words(struct chatter *chatter, const char *path,
			   struct err_note *note)
{
	struct json *json = NULL;
	struct buf bytes;
	enum err err = file_read(path, CHATTER_FILE_BYTES_MAX, &bytes, note);

	must(chatter_word_count(chatter) == 0);
	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 CHATTER_FILE_BYTES_MAX, &json, note);
	if (!err)
		err = add_list(chatter, path, json_root(json), note);
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}

/* --- sentences -------------------------------------------------------------------------- */

size_t chatter_sentence_count(const struct chatter *chatter)
{
	return chatter->sentences.size / sizeof(struct chatter_said);
}

static enum err add_sentence(struct chatter *chatter, const char *text)
{
	struct chatter_said said = {0};
	struct normal normal;
	enum err err = OK;

	if (!normal_split(text, strlen(text), NORMAL_TEXT, &normal))
		return ERR_FORMAT;
	for (size_t i = 0; !err && i < normal.count && i < CHATTER_WORDS_MAX; i++)
		err = chatter_word(chatter, normal_word(&normal, i),
				   &said.words[said.count++]);
	if (err || said.count == 0)
		return err;
	return buf_add(&chatter->sentences, &said, sizeof(said));
}

static enum err add_line(struct chatter *chatter, const char *path, size_t number,
			 const char *line, struct err_note *note)
{
	struct json *json = NULL;
	const char *text;
	enum err err =
		json_parse(path, line, strlen(line), CHATTER_FILE_BYTES_MAX, &json, note);

	text = err ? NULL : json_text(json_get(json_root(json), "text"), NULL);
	if (!err)
		err = text ? add_sentence(chatter, text) : ERR_FORMAT;
	json_destroy(json);
	return err ? err_say(err, note, "%s:%zu: expected {\"text\"}", path, number) : OK;
}

static enum err add_file(struct chatter *chatter, const char *path, struct err_note *note)
{
	struct buf bytes;
	size_t number = 0;
	enum err err = file_read(path, CHATTER_FILE_BYTES_MAX, &bytes, note);
	char *rest = err ? NULL : (char *)bytes.bytes;

	while (!err && rest) {
		const char *line = strsep(&rest, "\n");

		number++;
		if (*line)
			err = add_line(chatter, path, number, line, note);
	}
	buf_finish(&bytes);
	return err;
}

static int is_lines(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && str_ends(entry->d_name, ".jsonl");
}

enum err chatter_add_sentences(struct chatter *chatter, const char *path,
			       struct err_note *note)
{
	struct err_note unused = {""};
	struct dirent **names = NULL;
	char below[FILE_PATH_BYTES];
	enum err err = OK;

	if (file_is_folder(path, &unused))
		return add_file(chatter, path, note);
	const int count = scandir(path, &names, is_lines, alphasort);
	if (count <= 0)
		err = err_say(ERR_MISSING, note, "%s: holds no .jsonl file", path);
	for (int i = 0; i < count; i++) {
		if (!err && !file_join(below, sizeof(below), path, names[i]->d_name))
			err = err_say(ERR_LIMIT, note, "%s: the path is too long", path);
		if (!err)
			err = add_file(chatter, below, note);
		free(names[i]);
	}
	free(names);
	return err;
}

/* --- drawing ---------------------------------------------------------------------------- */

static uint32_t draw_word(const struct chatter *chatter, struct random *random)
{
	size_t low = 0;
	size_t high = sum_count(chatter) - 1;
	const double at = random_unit(random) * sum_at(chatter, high);

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (at < sum_at(chatter, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return (uint32_t)low;
}

void chatter_draw(const struct chatter *chatter, struct random *random,
		  struct chatter_said *out_said)
{
	const size_t sentences = chatter_sentence_count(chatter);

	must(sum_count(chatter) > 0);
	if (sentences > 0 && random_chance(random, 0.5)) {
		memcpy(out_said,
		       chatter->sentences.bytes +
			       random_below(random, sentences) * sizeof(*out_said),
		       sizeof(*out_said));
		return;
	}
	out_said->count = 1 + random_below(random, CHATTER_WORDS_MAX);
	for (size_t i = 0; i < out_said->count; i++)
		out_said->words[i] = draw_word(chatter, random);
}

void chatter_to_text(const struct chatter *chatter, const struct chatter_said *said,
		     char to[TEXT_BYTES])
{
	to[0] = '\0';
	for (size_t i = 0; i < said->count; i++)
		(void)str_append(to, TEXT_BYTES, "%s%s", i ? " " : "",
				 chatter_text_of(chatter, said->words[i]));
}
