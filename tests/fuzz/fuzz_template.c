/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_template - one template.
 *
 * Beyond not crashing: a tree has the form that its header promises, its places lie in
 * the text, and what is refused is refused with a place inside of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ARENA_BYTES = 4 * 1024 * 1024, STACK_MAX = TEMPLATE_BYTES_MAX };

static void check_range(const struct range *range)
{
	must(range && range->from <= range->to && range->step > 0);
	must(range->multiplier == 1 && range->fractions == RANGE_WHOLE);
}

static void check_part(const struct part *part)
{
	size_t count = 0;
	for (const struct part *child = part->first; child; child = child->next)
		count++;
	must(count == part->count && part->line >= 1 && part->column >= 1);
	switch (part->kind) {
	case PART_TEXT:
		must(part->text[0] && !count);
		break;
	case PART_SEQUENCE:
		must(count >= 1);
		break;
	case PART_CHOICE:
		must(count >= 2);
		break;
	case PART_PERMUTE:
		must(count >= 2 && count <= TEMPLATE_PERMUTED_MAX);
		break;
	case PART_OPTIONAL:
		must(count == 1);
		break;
	case PART_LIST:
	case PART_RULE:
		must(part->text[0] && part->slot && !count);
		break;
	case PART_RANGE:
		must(part->slot && !count);
		check_range(part->range);
		break;
	}
}

static void check_tree(const struct part *root)
{
	static const struct part *stack[STACK_MAX];
	size_t count = 1;
	stack[0] = root;
	while (count) {
		const struct part *part = stack[--count];
		check_part(part);
		for (const struct part *child = part->first; child; child = child->next) {
			must(count < STACK_MAX);
			stack[count++] = child;
		}
	}
}

static void check_note(const char *note, const char *text)
{
	unsigned line = 0;
	unsigned column = 0;
	unsigned lines = 1;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	must(sscanf(note, "fuzz:%u:%u: ", &line, &column) == 2);
	must(line >= 1 && line <= lines && column >= 1 && column <= strlen(text) + 1);
	must(strstr(note, "; expected ") && !strchr(note, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct place place = {"fuzz", 1, 1};
	const struct part *part = NULL;
	struct arena *arena = NULL;
	struct err_note note = {""};
	char *text = malloc(size + 1);

	must(text && arena_create(ARENA_BYTES, &arena) == OK);
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	enum err err = template_parse(arena, text, place, &part, &note);
	if (err)
		check_note(note.text, text);
	else
		check_tree(part);
	arena_destroy(arena);
	free(text);
	return 0;
}
