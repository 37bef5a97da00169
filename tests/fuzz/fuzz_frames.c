/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_frames - one frame of random parts, and what is said to it.
 *
 * An input is lines: "+part" must be said, "?part" may, "=part" is the rest, "-word" says
 * nothing, "!word" decides, ">text" is said. Beyond not crashing: what a frame says is
 * never certain, a question is there when it is asked and holds no decisive word that was
 * not said, and nothing names a device and asks which at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "understand/normal.h"
#include "understand/understand.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FILE_BYTES = 256 * 1024, TEXTS_MAX = 8 };

static const struct home *small_home(void)
{
	static const struct {
		const char *name;
		enum entity_domain domain;
		const char *area;
	} DEVICES[] = {{"desk lamp", ENTITY_LIGHT, "Kitchen"},
		       {"ceiling", ENTITY_LIGHT, "Kitchen"},
		       {"ceiling", ENTITY_LIGHT, "Hall"},
		       {"a", ENTITY_FAN, "Hall"}};
	static struct home home;
	for (size_t i = 0; i < STR_COUNT(DEVICES) && home.entity_count <= i; i++) {
		struct entity entity = entity_blank();
		struct entity *added = NULL;
		if (i == 0)
			home_init(&home);
		must(str_format(entity.id, sizeof(entity.id), "e%zu", i));
		must(str_copy(entity.name, sizeof(entity.name), DEVICES[i].name));
		entity.domain = DEVICES[i].domain;
		entity.exposed = true;
		entity.area = home_area(&home, DEVICES[i].area);
		must(home_add_entity(&home, &entity, &added) == OK);
	}
	return &home;
}

static bool holds_word(const char *text, const char *word)
{
	struct normal normal;
	if (!normal_split(text, strlen(text), NORMAL_TEXT, &normal))
		return false;
	for (size_t i = 0; i < normal.count; i++) {
		if (str_equal(normal_word(&normal, i), word))
			return true;
	}
	return false;
}

static void check_text(const struct understand *understand, const char *text,
		       const char *here)
{
	struct understanding got;
	understand_text(understand, text, here, &got);
	must(got.confidence < 1 || got.reason == REASON_AMBIGUOUS);
	must((got.reason == REASON_NO_MATCH) == (got.confidence == 0));
	must((got.asks.key != SAYING_NONE) ==
	     (got.reason == REASON_AMBIGUOUS || got.reason == REASON_UNEXPLAINED_WORDS));
	must((got.reason == REASON_NO_MATCH) == !got.intent.name[0]);
	must(got.reason != REASON_AMBIGUOUS || !intent_slot(&got.intent, "entity"));
	/* A question leaves out what nothing explains, but never what decides. */
	must(got.reason != REASON_UNEXPLAINED_WORDS || !holds_word(text, "not") ||
	     holds_word(got.asks.values[0].text, "not"));
}

/* Adds the lines that begin with a mark, as a list. */
static size_t add_lines(struct json_write *write, const char *key, char *lines, char mark)
{
	size_t count = 0;
	for (char *line = lines; *line; line += strlen(line) + 1) {
		if (*line != mark)
			continue;
		if (!count++)
			json_open_array(write, key);
		json_add_text(write, NULL, line + 1);
	}
	if (count)
		json_close(write, ']');
	return count;
}

static void add_rest(struct json_write *write, const char *lines)
{
	for (const char *line = lines; *line; line += strlen(line) + 1) {
		if (*line == '=') {
			json_add_text(write, "rest", line + 1);
			return;
		}
	}
}

static bool write_file(char *lines, struct buf *file)
{
	struct json_write write;
	json_write_init(&write, file);
	json_open_object(&write, NULL);
	(void)add_lines(&write, "filler_words", lines, '-');
	if (!add_lines(&write, "decisive_words", lines, '!')) {
		json_open_array(&write, "decisive_words");
		json_add_text(&write, NULL, "not");
		json_close(&write, ']');
	}
	json_open_object(&write, "lists");
	json_open_object(&write, "w");
	json_add_text(&write, "wildcard", "true");
	json_close(&write, '}');
	json_close(&write, '}');
	json_open_object(&write, "intents");
	json_open_object(&write, "A");
	json_open_array(&write, "data");
	json_open_object(&write, NULL);
	(void)add_lines(&write, "frame", lines, '+');
	(void)add_lines(&write, "may", lines, '?');
	add_rest(&write, lines);
	json_close(&write, '}');
	json_close(&write, ']');
	json_close(&write, '}');
	json_close(&write, '}');
	json_close(&write, '}');
	return json_write_finish(&write) == OK;
}

static void check_texts(const struct understand *understand, char *lines)
{
	size_t count = 0;
	for (char *line = lines; *line && count < TEXTS_MAX; line += strlen(line) + 1) {
		if (*line != '>')
			continue;
		check_text(understand, line + 1, count++ % 2 ? "Hall" : "");
	}
}

static bool decides_not(const char *lines)
{
	bool any = false;
	for (const char *line = lines; *line; line += strlen(line) + 1) {
		if (*line == '!' && str_equal(line + 1, "not"))
			return true;
		any = any || *line == '!';
	}
	return !any;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct err_note note = {""};
	struct buf file;
	/* Lines, each ended, the last one empty. */
	char *lines = malloc(size + 2);
	size_t at = 0;

	must(lines && sentences_create(&sentences) == OK);
	for (size_t i = 0; i < size; i++) {
		char c = bytes[i] == '\n' ? '\0' : (char)bytes[i];
		if (c || (at && lines[at - 1]))
			lines[at++] = c;
	}
	lines[at] = '\0';
	lines[at + 1] = '\0';
	buf_init(&file, FILE_BYTES);
	if (decides_not(lines) && write_file(lines, &file)) {
		enum err err = sentences_add(sentences, "fuzz", (const char *)file.bytes,
					     file.size, &note);
		if (!err)
			err = understand_create(sentences, small_home(), &understand,
						&note);
		must(!err || (note.text[0] && strstr(note.text, ":")));
		if (!err)
			check_texts(understand, lines);
	}
	buf_finish(&file);
	understand_destroy(understand);
	sentences_destroy(sentences);
	free(lines);
	return 0;
}
