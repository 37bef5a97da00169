/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - unfolds a frame: the parts of a request in any order.
 *
 * A hub stands for the parts that were said so far; each part that must be said leads
 * from a hub to another, each that may be said back to its own. The first hub is the
 * start, from the one with all parts it goes to the end, with the rest or without.
 * Bounded by FRAME_MUST_MAX.
 */
#include "understand/compile.h"

enum { HUBS_MAX = 1 << FRAME_MUST_MAX };

/* Adds a part with a space in front and behind, so that it is words of its own. */
static enum err add_between(struct compiler *compiler, const struct part *part,
			    uint32_t from, uint32_t to)
{
	uint32_t first = 0;
	uint32_t last = 0;
	enum err err = chunks_add_state(compiler, &first);
	if (!err)
		err = chunks_add_state(compiler, &last);
	if (!err)
		err = chunks_add_space(compiler, from, first);
	if (!err)
		err = chunks_add_part(compiler, part, first, last);
	if (!err)
		err = chunks_add_space(compiler, last, to);
	return err;
}

static enum err add_hub(struct compiler *compiler, const struct frame *frame,
			const uint32_t *hubs, size_t said)
{
	enum err err = chunks_add_pass(compiler, hubs[said]);
	for (size_t i = 0; i < frame->may_count && !err; i++)
		err = add_between(compiler, frame->may[i], hubs[said], hubs[said]);
	for (size_t i = 0; i < frame->must_count && !err; i++) {
		if (said >> i & 1)
			continue;
		err = add_between(compiler, frame->must[i], hubs[said],
				  hubs[said | (size_t)1 << i]);
	}
	return err;
}

enum err chunks_add_frame(struct compiler *compiler, const struct frame *frame)
{
	uint32_t hubs[HUBS_MAX] = {CHUNK_START};
	const size_t all = ((size_t)1 << frame->must_count) - 1;
	enum err err = OK;
	for (size_t said = 1; said <= all && !err; said++)
		err = chunks_add_state(compiler, &hubs[said]);
	for (size_t said = 0; said <= all && !err; said++)
		err = add_hub(compiler, frame, hubs, said);
	if (!err)
		err = chunks_add_space(compiler, hubs[all], CHUNK_FINAL);
	if (!err && frame->rest)
		err = add_between(compiler, frame->rest, hubs[all], CHUNK_FINAL);
	return err;
}
