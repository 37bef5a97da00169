/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_yaml - a YAML or JSON file of anybody.
 *
 * Beyond not crashing: a tree is within its limits, has each key once, and no text that is
 * not UTF-8; what is refused is refused in one line with a place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A container on the way down, and the next of its children. */
struct level {
	const struct yaml_node *node;
	size_t next;
};

static void check_node(const struct yaml_node *node, const struct yaml_node *parent)
{
	must(node->line >= 1 && node->column >= 1);
	must((node->key != NULL) == (parent && parent->kind == YAML_MAP));
	must((node->text != NULL) == (node->kind == YAML_TEXT));
	must(node->kind != YAML_TEXT || node->count == 0);
	must(!node->text || str_is_utf8(node->text, strlen(node->text)));
	/* The first of a key is the only one. */
	must(!node->key || yaml_get(parent, node->key) == node);
}

static void check_tree(const struct yaml_node *root)
{
	struct level levels[YAML_DEPTH_MAX + 1];
	size_t depth = 1;
	size_t count = 1;
	levels[0] = (struct level){.node = root};
	check_node(root, NULL);
	while (depth) {
		struct level *level = &levels[depth - 1];
		if (level->next == level->node->count) {
			depth--;
			continue;
		}
		const struct yaml_node *child = &level->node->children[level->next++];
		check_node(child, level->node);
		must(++count <= YAML_NODES_MAX && depth <= YAML_DEPTH_MAX);
		levels[depth++] = (struct level){.node = child};
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct yaml *yaml = NULL;
	struct err_note note = {""};
	unsigned line = 0;
	unsigned column = 0;
	/* An own copy of exactly this size, so that reading behind it is seen. */
	char *exact = malloc(size > 0 ? size : 1);

	must(exact);
	if (size > 0)
		memcpy(exact, bytes, size);
	enum err err = yaml_parse("fuzz", exact, size, &yaml, &note);
	if (!err) {
		check_tree(yaml_root(yaml));
	} else {
		must(!yaml && !strchr(note.text, '\n'));
		must(sscanf(note.text, "fuzz:%u:%u: ", &line, &column) == 2);
		must(line >= 1 && column >= 1);
	}
	yaml_destroy(yaml);
	free(exact);
	return 0;
}
