/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_skill - what a skill writes: the first byte says whether the rest is a manifest, a
 * line, a sentence, a URL or words. Beyond not crashing: what is refused is refused with its
 * place, what passes keeps its invariants, and sentences that pass are compiled.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter/skill_line.h"
#include "adapter/skill_manifest.h"
#include "adapter/skill_sentence.h"
#include "base/must.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_manifest(const char *text, size_t size)
{
	static struct skill_manifest manifest;
	struct err_note note = {""};
	struct buf sentences;

	if (skill_manifest_read("fuzz", text, size, &manifest, &note) != OK) {
		must(str_starts(note.text, "fuzz:"));
		return;
	}
	must(skill_is_name(manifest.name) && manifest.intent_count > 0);
	for (size_t i = 0; i < manifest.host_count; i++)
		must(strchr(manifest.hosts[i], '.') && !strchr(manifest.hosts[i], ':'));
	buf_init(&sentences, SKILL_SENTENCES_BYTES_MAX);
	must(skill_manifest_sentences(&manifest, &sentences) == OK);
	buf_finish(&sentences);
}

static void check_line(const char *text, size_t size)
{
	struct skill_line line;

	if (skill_line_read(text, size, &line) == SKILL_FINE)
		must(line.ask > 0 && (!line.is_fetch || line.url[0]));
}

static bool knows(void *context, const char *name)
{
	(void)context;
	return str_equal(name, "slot");
}

static void check_sentence(const char *text)
{
	const struct skill_sentence_slots slots = {NULL, knows};
	char said[SKILL_SENTENCE_BYTES];
	size_t words = 0;

	if (strlen(text) >= SKILL_SENTENCE_BYTES ||
	    skill_sentence_judge(text, &slots, &words))
		return;
	const size_t ways = skill_sentence_ways(text);
	must(ways > 0 && ways <= SKILL_SENTENCE_WAYS_MAX);
	for (size_t i = 0; i < ways; i++)
		if (skill_sentence_say(text, i, said, sizeof(said)))
			must(skill_count_words(said) >= words &&
			     !strpbrk(said, "()[]|<"));
}

static void check_url(const char *text)
{
	char host[SKILL_HOST_BYTES];

	if (skill_line_host(text, 0, host, sizeof(host)))
		must(host[0] && !strpbrk(host, "/:@?#\\%"));
}

static void check_words(const char *text)
{
	if (skill_judge_words(text, "jarvis") == SKILL_FINE)
		must(text[0] && str_is_utf8(text, strlen(text)) &&
		     !strpbrk(text, "<>&\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text;

	if (size < 1)
		return 0;
	text = strndup((const char *)bytes + 1, size - 1);
	must(text);
	if (bytes[0] == 'm')
		check_manifest((const char *)bytes + 1, size - 1);
	else if (bytes[0] == 'l')
		check_line((const char *)bytes + 1, size - 1);
	else if (bytes[0] == 's')
		check_sentence(text);
	else if (bytes[0] == 'u')
		check_url(text);
	else
		check_words(text);
	free(text);
	return 0;
}
