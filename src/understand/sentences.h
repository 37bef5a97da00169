/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sentences - the loaded files as values: templates, lists, rules, skip words.
 *
 * Inside of understand/ only. Everything of one file lives in that file's arena. A name
 * is looked up in the block it stands in, then in its file, then in all files in the
 * order they were added, so a community bundle and our own files do not disturb each
 * other.
 */
#ifndef UNDERSTAND_SENTENCES_H
#define UNDERSTAND_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "understand/template.h"
#include "understand/understand.h"

enum {
	SENTENCES_FILES_MAX = 256,
	SENTENCES_MAX = 50000,            /* templates of one file */
	SENTENCES_ROWS_MAX = 20000,       /* blocks of one file */
	SENTENCES_DEFINITIONS_MAX = 4096, /* lists, or rules, of one file */
	SENTENCES_VALUES_MAX = 20000,     /* values of one list */
	SENTENCES_SKIP_MAX = 256,         /* phrases to skip, or to pass over */
	SENTENCES_FRAMES_MAX = 1000,      /* of one file */
	SENTENCES_LANGUAGE_BYTES = 32,    /* "pt-BR" */
	FRAME_MUST_MAX = 4,
	FRAME_MAY_MAX = 32,
	SENTENCES_FILE_BYTES_MAX = 8 * 1024 * 1024,
	SENTENCES_ARENA_BYTES = 128 * 1024 * 1024,
};

struct pair {
	const char *key;
	const char *value;
};

enum list_kind { LIST_VALUES, LIST_RANGE, LIST_WILDCARD };

struct list_value {
	const struct part *in;
	const char *out; /* NULL: the words that were said */
	bool is_number;
	double number;
	size_t context_count;
	struct pair *contexts;
};

/* Phrases of one kind, as written. */
struct phrases {
	size_t count;
	const char **texts;
};

struct list {
	const char *name;
	enum list_kind kind;
	size_t value_count;
	struct list_value *values;
	struct range range;
	struct phrases excepts; /* where a wildcard ends */
	struct place place;
};

struct rule {
	const char *name;
	const struct part *part;
	struct place place;
};

/* What one block, or one file, defines; each sorted by name. */
struct scope {
	size_t list_count;
	struct list *lists;
	size_t rule_count;
	struct rule *rules;
};

struct fixed_slot {
	const char *name;
	const char *value;
	bool is_number;
	double number;
};

/* One key of requires_context or excludes_context. */
struct context_rule {
	const char *key;
	size_t value_count; /* 0: any value */
	const char **values;
	bool excludes;
	bool to_slot; /* the context's value becomes the slot `key` */
};

/* What the sentences of one block share. */
struct row {
	const char *intent;
	const char *response;
	size_t slot_count;
	struct fixed_slot *slots;
	size_t context_count;
	struct context_rule *contexts;
	struct scope scope;
};

struct template
{
	const struct part *part;
	const struct row *row;
	struct place place;
};

/* Parts of a request in any order: each of must once, each of may at will, and between
 * them words to pass over; then the rest, or nothing. */
struct frame {
	const struct row *row;
	struct place place;
	size_t must_count;
	const struct part *must[FRAME_MUST_MAX];
	size_t may_count;
	const struct part *may[FRAME_MAY_MAX];
	const struct part *rest; /* or NULL */
};

struct sentence_file {
	struct arena *arena;
	const char *name;
	const char *language; /* "" not named */
	bool typed;           /* for text alone: no part of the grammar */
	struct scope scope;
	size_t template_count;
	size_t template_capacity;
	struct template *templates; /* malloc */
	size_t frame_count;
	size_t frame_capacity;
	struct frame *frames; /* malloc */
	struct phrases skips;
	struct phrases fillers;   /* what frames pass over */
	struct phrases decisives; /* what no question may leave out */
};

struct sentences {
	struct speller speller; /* ops NULL: English alone */
	struct sounds sounds;   /* ops NULL: nothing sounds like anything */
	size_t file_count;
	struct sentence_file *files[SENTENCES_FILES_MAX];
};

/* Reads one file into a new sentence_file; the caller owns it. */
MUST_CHECK enum err sentence_file_read(const char *name, const char *bytes, size_t size,
				       struct sentence_file **out_file,
				       struct err_note *note);
void sentence_file_destroy(struct sentence_file *file); /* NULL is fine */

/* The definition that `name` means inside a block of a file; NULL when there is none. */
const struct list *sentences_list(const struct sentences *sentences,
				  const struct sentence_file *file, const struct row *row,
				  const char *name);
const struct rule *sentences_rule(const struct sentences *sentences,
				  const struct sentence_file *file, const struct row *row,
				  const char *name);

#endif
