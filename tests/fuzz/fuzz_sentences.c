/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sentences - sentence files and texts from outside.
 *
 * An input is a sentence file; lines that begin with "#>" are texts to match. An input
 * that begins with "T" is one template. Beyond not crashing: what is refused is refused
 * with a place, an answer is whole, and the grammar is in the form its header promises.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/understand.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FILE_BYTES = 65536, TEXTS_MAX = 8 };

static void add_device(struct home *home, const char *name, enum entity_domain domain)
{
	struct entity entity = entity_blank();
	struct entity *added = NULL;
	must(str_copy(entity.id, sizeof(entity.id), name));
	must(str_copy(entity.name, sizeof(entity.name), name));
	entity.domain = domain;
	entity.exposed = true;
	entity.area = home_area(home, "Kitchen");
	must(home_add_entity(home, &entity, &added) == OK);
}

static const struct home *small_home(void)
{
	static struct home home;
	if (home.entity_count == 0) {
		home_init(&home);
		add_device(&home, "Lamp 2", ENTITY_LIGHT);
		add_device(&home, "Front Door", ENTITY_LOCK);
		must(home_add_person(&home, "Anna", true) == OK);
	}
	return &home;
}

static void check_text(const struct understand *understand, const struct grammar *grammar,
		       const char *text)
{
	struct understanding understanding;
	understand_text(understand, text, "Kitchen", &understanding);
	must((understanding.reason == REASON_NONE) ==
	     (understanding.confidence > 0 && understanding.asks.key == SAYING_NONE));
	must(understanding.reason != REASON_NO_MATCH || !understanding.intent.name[0]);
	if (grammar)
		(void)grammar_accepts(grammar, text);
}

/* Matches the texts that the file brings along. */
static void check_texts(const struct understand *understand,
			const struct grammar *grammar, const char *file)
{
	const char *line = file;
	for (size_t i = 0; i < TEXTS_MAX && (line = strstr(line, "#>")); i++) {
		char text[2 * TEXT_BYTES];
		size_t length = strcspn(line + 2, "\n");
		if (str_copy_bytes(text, sizeof(text), line + 2, length))
			check_text(understand, grammar, text);
		line += 2;
	}
}

static void check_grammar(const struct grammar *grammar)
{
	must(grammar->state_count > 0);
	for (size_t i = 0; i < grammar->arc_count; i++) {
		must(grammar->arcs[i].from < grammar->state_count);
		must(grammar->arcs[i].to < grammar->state_count);
		must(grammar->arcs[i].word < grammar->word_count);
		must(i == 0 || grammar->arcs[i - 1].from <= grammar->arcs[i].from);
	}
	must(!grammar->finals[0]);
}

static void check_file(const char *file, size_t size)
{
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct grammar *grammar = NULL;
	struct err_note note = {""};
	must(sentences_create(&sentences) == OK);
	enum err err = sentences_add(sentences, "fuzz", file, size, &note);
	if (!err)
		err = understand_create(sentences, small_home(), &understand, &note);
	must(err == OK || (note.text[0] && strstr(note.text, ":")));
	if (!err && understand_grammar(understand, &grammar) == OK)
		check_grammar(grammar);
	if (!err)
		check_texts(understand, grammar, file);
	grammar_destroy(grammar);
	understand_destroy(understand);
	sentences_destroy(sentences);
}

/* Puts one template between quotes, escaped as JSON wants it. */
static void check_template(const char *template, char *file)
{
	static const char BEFORE[] = "{\"intents\":{\"A\":{\"data\":[{\"sentences\":[\"";
	static const char AFTER[] =
		"\"]}]}},\"lists\":{\"l\":{\"values\":[\"a\",\"b c\"]},"
		"\"w\":{\"wildcard\":\"true\"}},\"expansion_rules\":{\"r\":\"x[y]\"}}";
	must(str_copy(file, FILE_BYTES, BEFORE));
	size_t at = strlen(file);
	for (; *template && at + 2 < FILE_BYTES - sizeof(AFTER); template ++) {
		if (*template == '"' || *template == '\\')
			file[at++] = '\\';
		file[at++] = (unsigned char)*template <' ' ? ' ' : *template;
	}
	file[at] = '\0';
	must(str_append(file, FILE_BYTES, "%s", AFTER));
	check_file(file, strlen(file));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* Ended behind its last byte, for strstr. */
	char *copy = malloc(size + 1);
	char *file = malloc(FILE_BYTES);
	must(copy && file);
	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	if (size > 0 && copy[0] == 'T')
		check_template(copy + 1, file);
	else
		check_file(copy, size);
	free(copy);
	free(file);
	return 0;
}
