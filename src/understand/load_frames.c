/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_frames - reads the frame of a block: parts of a request in any order.
 */
#include "understand/load.h"

#include "understand/grow.h"

static enum err read_parts(const struct loader *loader, const struct yaml_node *node,
			   size_t count_max, const char *what, const struct part **parts)
{
	enum err err = load_expect(loader, node, YAML_LIST, "a list of parts");
	if (!err)
		err = load_check_count(loader, node, count_max, what);
	for (size_t i = 0; i < node->count && !err; i++)
		err = load_template(loader, &node->children[i], &parts[i]);
	return err;
}

enum err load_frame(const struct loader *loader, const struct yaml_node *block,
		    const struct row *row)
{
	struct sentence_file *file = loader->file;
	const struct yaml_node *must = yaml_get(block, "frame");
	const struct yaml_node *may = yaml_get(block, "may");
	const struct yaml_node *rest = yaml_get(block, "rest");
	if (!must || (must->kind == YAML_LIST && !must->count))
		return load_complain(loader, must ? must : block, ERR_FORMAT,
				     "a frame without parts", "frame: [\"..\", ..]");
	struct frame frame = {.row = row, .must_count = must->count};
	frame.place = (struct place){file->name, must->line, must->column};
	enum err err = read_parts(loader, must, FRAME_MUST_MAX, "parts", frame.must);
	if (!err && may) {
		frame.may_count = may->count;
		err = read_parts(loader, may, FRAME_MAY_MAX, "parts", frame.may);
	}
	if (!err && rest)
		err = load_template(loader, rest, &frame.rest);
	if (err)
		return err;
	err = grow_room(&file->frames, &file->frame_capacity, file->frame_count + 1,
			sizeof(*file->frames), SENTENCES_FRAMES_MAX);
	if (err)
		return load_complain(loader, must, err, "too many frames",
				     "at most 1000 in a file");
	file->frames[file->frame_count++] = frame;
	return OK;
}
