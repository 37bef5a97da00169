/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_music_reply - whatever a music player answers, to each question: what is told of it
 * stays within its limits and is clean.
 *
 * The first byte is the question and its kind; then lines of "name: value".
 */
#include <stdint.h>
#include <string.h>

#include "adapter/music_reply.h"
#include "base/must.h"
#include "base/str.h"

enum { LINE_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_name(const char *name, size_t size)
{
	char again[NAME_BYTES];

	must(strlen(name) < size);
	must(name[0] == '\0' || music_name_take(again, sizeof(again), name));
	must(name[0] == '\0' || str_equal(again, name));
}

static void check(const struct music_reply *reply, const struct music_state *state,
		  const struct music_library *library)
{
	must(state->volume_percent >= -1 && state->volume_percent <= 100);
	must(state->output_count <= MUSIC_OUTPUTS_MAX);
	check_name(state->title, sizeof(state->title));
	check_name(state->artist, sizeof(state->artist));
	check_name(state->station, sizeof(state->station));
	for (size_t i = 0; i < state->output_count; i++)
		check_name(state->outputs[i].name, sizeof(state->outputs[i].name));
	must(library->count <= MUSIC_SPOKEN_MAX);
	for (size_t i = 0; i < library->count; i++) {
		must(library->names[i].text[0] != '\0');
		check_name(library->names[i].text, sizeof(library->names[i].text));
	}
	must(str_is_utf8(reply->error, strlen(reply->error)));
}

static void take_line(struct music_reply *reply, char *line)
{
	char *colon = strstr(line, ": ");

	if (!colon)
		return;
	*colon = '\0';
	music_reply_pair(reply, line, colon + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct music_reply reply;
	static struct music_library library;
	struct music_state state = {.volume_percent = -1};
	char line[LINE_BYTES];
	size_t at = 1;

	if (size == 0)
		return 0;
	memset(&library, 0, sizeof(library));
	music_reply_begin(&reply,
			  (enum music_question)(bytes[0] % (MUSIC_ASKS_EXISTS + 1)),
			  (enum music_kind)(bytes[0] / 8 % MUSIC_KIND_COUNT));
	while (at < size) {
		const uint8_t *end = memchr(bytes + at, '\n', size - at);
		const size_t count = end ? (size_t)(end - (bytes + at)) : size - at;

		if (str_copy_bytes(line, sizeof(line), (const char *)bytes + at, count))
			take_line(&reply, line);
		at += count + 1;
	}
	(void)music_reply_end(&reply, &state, &library);
	check(&reply, &state, &library);
	return 0;
}
