/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sentences - holds the loaded files and finds lists and rules by name.
 *
 * Does not read files (load.c) nor compile them. Invariant: a file is in the set whole
 * or not at all.
 */
#include "understand/sentences.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum err sentences_create(struct sentences **out_sentences)
{
	struct sentences *sentences = calloc(1, sizeof(*sentences));
	if (!sentences)
		return ERR_MEMORY;
	*out_sentences = sentences;
	return OK;
}

void sentences_destroy(struct sentences *sentences)
{
	if (!sentences)
		return;
	for (size_t i = 0; i < sentences->file_count; i++)
		sentence_file_destroy(sentences->files[i]);
	sentences_use_speller(sentences, (struct speller){NULL, NULL});
	sentences_use_sounds(sentences, (struct sounds){NULL, NULL});
	free(sentences);
}

const char *sentences_language(const struct sentences *sentences)
{
	for (size_t i = 0; i < sentences->file_count; i++) {
		if (sentences->files[i]->language[0])
			return sentences->files[i]->language;
	}
	return "";
}

void sentences_use_speller(struct sentences *sentences, struct speller speller)
{
	if (sentences->speller.ops)
		sentences->speller.ops->close(sentences->speller.self);
	sentences->speller = speller;
}

void sentences_use_sounds(struct sentences *sentences, struct sounds sounds)
{
	if (sentences->sounds.ops)
		sentences->sounds.ops->close(sentences->sounds.self);
	sentences->sounds = sounds;
}

bool sentences_has_speller(const struct sentences *sentences)
{
	return sentences->speller.ops != NULL;
}

enum err sentences_add(struct sentences *sentences, const char *name, const char *bytes,
		       size_t size, struct err_note *note)
{
	if (sentences->file_count == SENTENCES_FILES_MAX)
		return err_say(ERR_LIMIT, note,
			       "%s:1:1: one file too many; expected at most %d", name,
			       SENTENCES_FILES_MAX);
	struct sentence_file *file = NULL;
	enum err err = sentence_file_read(name, bytes, size, &file, note);
	if (!err)
		sentences->files[sentences->file_count++] = file;
	else
		(void)err_say(err, note, "%s:1:1: %s; expected a sentence file", name,
			      err_words(err));
	return err;
}

static int compare_list(const void *name, const void *list)
{
	return strcmp(name, ((const struct list *)list)->name);
}

static int compare_rule(const void *name, const void *rule)
{
	return strcmp(name, ((const struct rule *)rule)->name);
}

static const struct list *scope_list(const struct scope *scope, const char *name)
{
	return scope->list_count ? bsearch(name, scope->lists, scope->list_count,
					   sizeof(*scope->lists), compare_list)
				 : NULL;
}

static const struct rule *scope_rule(const struct scope *scope, const char *name)
{
	return scope->rule_count ? bsearch(name, scope->rules, scope->rule_count,
					   sizeof(*scope->rules), compare_rule)
				 : NULL;
}

const struct list *sentences_list(const struct sentences *sentences,
				  const struct sentence_file *file, const struct row *row,
				  const char *name)
{
	const struct list *list = scope_list(&row->scope, name);
	if (!list)
		list = scope_list(&file->scope, name);
	for (size_t i = 0; i < sentences->file_count && !list; i++)
		list = scope_list(&sentences->files[i]->scope, name);
	return list;
}

const struct rule *sentences_rule(const struct sentences *sentences,
				  const struct sentence_file *file, const struct row *row,
				  const char *name)
{
	const struct rule *rule = scope_rule(&row->scope, name);
	if (!rule)
		rule = scope_rule(&file->scope, name);
	for (size_t i = 0; i < sentences->file_count && !rule; i++)
		rule = scope_rule(&sentences->files[i]->scope, name);
	return rule;
}
