/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon - see the header. One walk through the mapped files per question: 135,000 lines
 * take about 15 ms, and nothing of it stays in memory.
 *
 * Invariant: what is passed on is never longer than PRONOUNCE_PHONES_BYTES.
 */
#include "adapter/lexicon.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/pronounce_flite.h"
#include "base/must.h"
#include "base/str.h"

struct dictionary {
	char *bytes; /* mapped */
	size_t size;
};

struct lexicon {
	struct dictionary files[LEXICON_FILES];
	struct pronounce *pronounce;
};

/* One question on its way through the file. */
struct search {
	const char *const *words;
	size_t word_count;
	bool *found; /* [word_count] */
	lexicon_fn *fn;
	void *context;
};

static enum err map_file(const char *path, struct dictionary *file, struct err_note *note)
{
	struct stat status;
	enum err err = OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_say(ERR_MISSING, note, "%s: the dictionary cannot be read",
			       path);
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
	    status.st_size > LEXICON_BYTES_MAX) {
		err = err_say(ERR_FORMAT, note,
			      "%s: expected a dictionary of 1 byte to %d MiB", path,
			      LEXICON_BYTES_MAX / 1024 / 1024);
		goto out;
	}
	file->size = (size_t)status.st_size;
	file->bytes = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file->bytes == MAP_FAILED) {
		file->bytes = NULL;
		err = err_say(ERR_IO, note, "%s: the dictionary cannot be mapped", path);
	}
out:
	close(fd);
	return err;
}

enum err lexicon_open(const char *const paths[LEXICON_FILES],
		      struct lexicon **out_lexicon, struct err_note *note)
{
	struct lexicon *made = calloc(1, sizeof(*made));
	enum err err = made ? OK : ERR_MEMORY;

	for (size_t i = 0; i < LEXICON_FILES && !err; i++)
		err = map_file(paths[i], &made->files[i], note);
	if (!err)
		err = pronounce_create(&made->pronounce);
	if (err) {
		lexicon_close(made);
		return err;
	}
	*out_lexicon = made;
	return OK;
}

void lexicon_close(struct lexicon *lexicon)
{
	if (!lexicon)
		return;
	for (size_t i = 0; i < LEXICON_FILES; i++) {
		if (lexicon->files[i].bytes)
			(void)munmap(lexicon->files[i].bytes, lexicon->files[i].size);
	}
	pronounce_destroy(lexicon->pronounce);
	free(lexicon);
}

/* strcmp of a word with bytes that are not ended. */
static int compare(const char *word, const char *bytes, size_t size)
{
	int order = strncmp(word, bytes, size);

	return order != 0 ? order : word[size] != '\0';
}

/* The index, or word_count. */
static size_t find_word(const struct search *search, const char *bytes, size_t size)
{
	size_t low = 0;
	size_t high = search->word_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(search->words[middle], bytes, size);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return search->word_count;
}

/* The acoustic model knows no others, and would take none of the sentences with one. */
static bool is_phone(const char *phone)
{
	static const char *const PHONES[] = {"AA", "AE", "AH", "AO", "AW", "AY", "B",
					     "CH", "D",  "DH", "EH", "ER", "EY", "F",
					     "G",  "HH", "IH", "IY", "JH", "K",  "L",
					     "M",  "N",  "NG", "OW", "OY", "P",  "R",
					     "S",  "SH", "T",  "TH", "UH", "UW", "V",
					     "W",  "Y",  "Z",  "ZH"};

	for (size_t i = 0; i < STR_COUNT(PHONES); i++) {
		if (str_equal(PHONES[i], phone))
			return true;
	}
	return false;
}

static bool are_phones(const char *phones)
{
	char copy[PRONOUNCE_PHONES_BYTES];
	char *save = NULL;
	size_t count = 0;

	must(str_copy(copy, sizeof(copy), phones));
	for (const char *phone = strtok_r(copy, " ", &save); phone;
	     phone = strtok_r(NULL, " ", &save), count++) {
		if (!is_phone(phone))
			return false;
	}
	return count > 0;
}

/* "word phones" or "word(2) phones"; what is not of that form is passed over. */
static enum err take_line(struct search *search, const char *line, size_t size)
{
	char phones[PRONOUNCE_PHONES_BYTES];
	const char *space = memchr(line, ' ', size);

	if (!space)
		return OK;
	size_t word_size = (size_t)(space - line);
	const char *number = memchr(line, '(', word_size);
	if (number && number > line)
		word_size = (size_t)(number - line);
	size_t word = find_word(search, line, word_size);
	if (word == search->word_count)
		return OK;
	size_t rest = size - (size_t)(space - line);
	if (!str_copy_bytes(phones, sizeof(phones), space, rest))
		return OK;
	str_trim(phones);
	if (!are_phones(phones))
		return OK;
	search->found[word] = true;
	return search->fn(search->context, word, phones);
}

static enum err walk(const struct dictionary *file, struct search *search)
{
	enum err err = OK;
	const char *end = file->bytes + file->size;

	for (const char *line = file->bytes; line < end && !err;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *line_end = newline ? newline : end;
		err = take_line(search, line, (size_t)(line_end - line));
		line = line_end + 1;
	}
	(void)madvise(file->bytes, file->size, MADV_DONTNEED);
	return err;
}

static enum err find_rest(const struct lexicon *lexicon, struct search *search,
			  struct err_note *note)
{
	char phones[PRONOUNCE_PHONES_BYTES];
	enum err err = OK;

	for (size_t i = 0; i < search->word_count && !err; i++) {
		if (search->found[i])
			continue;
		if (pronounce_word(lexicon->pronounce, search->words[i], phones,
				   sizeof(phones)))
			(void)err_say(OK, note,
				      "\"%s\" cannot be pronounced and is left out",
				      search->words[i]);
		else
			err = search->fn(search->context, i, phones);
	}
	return err;
}

enum err lexicon_find(const struct lexicon *lexicon, const char *const *words,
		      size_t word_count, lexicon_fn *fn, void *context,
		      struct err_note *note)
{
	struct search search = {.words = words,
				.word_count = word_count,
				.fn = fn,
				.context = context};
	enum err err = OK;

	search.found = calloc(word_count + 1, sizeof(*search.found));
	if (!search.found)
		return ERR_MEMORY;
	for (size_t i = 0; i < LEXICON_FILES && !err; i++)
		err = walk(&lexicon->files[i], &search);
	if (!err)
		err = find_rest(lexicon, &search, note);
	free(search.found);
	return err;
}
