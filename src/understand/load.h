/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - what the files that read sentence files share.
 *
 * Inside of understand/ only. Every failure names the file and the node's place.
 */
#ifndef UNDERSTAND_LOAD_H
#define UNDERSTAND_LOAD_H

#include "base/yaml.h"
#include "understand/sentences.h"

enum { LOAD_NUMBER_LARGEST = 1000000 };

struct loader {
	struct sentence_file *file;
	struct err_note *note;
	const char *intent; /* of the block being read */
	size_t row_count;
};

enum err load_complain(const struct loader *loader, const struct yaml_node *node,
		       enum err err, const char *found, const char *expected);
MUST_CHECK enum err load_expect(const struct loader *loader, const struct yaml_node *node,
				enum yaml_kind kind, const char *expected);
MUST_CHECK enum err load_check_count(const struct loader *loader,
				     const struct yaml_node *node, size_t count_max,
				     const char *what);
MUST_CHECK enum err load_check_keys(const struct loader *loader,
				    const struct yaml_node *map, const char *const *known,
				    size_t known_count, const char *expected);

/* Memory of the file for count items; out_items is a pointer to the array's pointer. */
MUST_CHECK enum err load_items(const struct loader *loader, size_t count,
			       size_t item_size, void *out_items);
MUST_CHECK enum err load_text(const struct loader *loader, const char *text,
			      const char **out_text);
MUST_CHECK enum err load_template(const struct loader *loader,
				  const struct yaml_node *node,
				  const struct part **out_part);
/* True for a number that is not in quotes. */
bool load_number(const struct yaml_node *node, double *out_number);

/* load_lists.c: what a file, or a block, defines. */
MUST_CHECK enum err load_lists(const struct loader *loader, const struct yaml_node *node,
			       struct scope *scope);
MUST_CHECK enum err load_rules(const struct loader *loader, const struct yaml_node *node,
			       struct scope *scope);
MUST_CHECK enum err load_phrases(const struct loader *loader,
				 const struct yaml_node *node, struct phrases *phrases);

/* load_frames.c: `frame` and `may` of a block. */
MUST_CHECK enum err load_frame(const struct loader *loader, const struct yaml_node *block,
			       const struct row *row);

#endif
