/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml - a tree of maps, lists and text with the line of each node. The only user of
 * libyaml. JSON files are read by it as well, being YAML.
 *
 * Refuses aliases, duplicate keys, several documents, depth over YAML_DEPTH_MAX, more
 * than YAML_NODES_MAX nodes and bytes that are not UTF-8. Pure but for memory.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { YAML_DEPTH_MAX = 24, YAML_NODES_MAX = 1000000 };

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

/* All pointers live as long as the document. Children of a map come with their key. */
struct yaml_node {
	enum yaml_kind kind;
	bool quoted;      /* text in quotes: "true" is then no boolean */
	const char *key;  /* inside a map, else NULL */
	const char *text; /* YAML_TEXT; never NULL there */
	unsigned line;    /* from 1 */
	unsigned column;  /* from 1 */
	size_t count;
	const struct yaml_node *children;
};

struct yaml;

/* The note reads "name:line:column: what was found; what was expected". */
MUST_CHECK enum err yaml_parse(const char *name, const char *bytes, size_t size,
			       struct yaml **out_yaml, struct err_note *note);
void yaml_destroy(struct yaml *yaml); /* NULL is fine */
const struct yaml_node *yaml_root(const struct yaml *yaml);

/* The child with that key, or NULL; NULL and non-maps have none. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* The text of a text node, or fallback. */
const char *yaml_text(const struct yaml_node *node, const char *fallback);

#endif
