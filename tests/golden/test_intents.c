/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every line of intents.txt: what our own sentences make of a text, in a small house.
 *
 * A line is "[here] text => Intent slot=value, slot=value" or "=> REASON". What differs is
 * printed as the line would have to be; BEHEST_GOLDEN=print prints all lines so. Every
 * intent that docs/INTENTS.md lists needs at least SENTENCES_MIN lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/str.h"
#include "own_sentences.h"

enum {
	FILE_BYTES_MAX = 1 << 20,
	LINE_BYTES = 1024,
	SENTENCES_MIN = 10,
	INTENTS_MAX = 96
};

static const struct {
	const char *name;
	enum entity_domain domain;
	const char *area;
} DEVICES[] = {
	{"Desk Lamp", ENTITY_LIGHT, "Bedroom"},
	{"Ceiling", ENTITY_LIGHT, "Kitchen"},
	{"Ceiling", ENTITY_LIGHT, "Living Room"},
	{"Coffee Machine", ENTITY_SWITCH, "Kitchen"},
	{"Thermostat", ENTITY_CLIMATE, "Living Room"},
	{"Blind", ENTITY_COVER, "Bedroom"},
	{"Front Door", ENTITY_LOCK, "Hall"},
	{"Garage", ENTITY_COVER, "Hall"},
	{"House Alarm", ENTITY_ALARM, "Hall"},
	{"Movie Night", ENTITY_SCENE, "Living Room"},
	{"Gate Button", ENTITY_BUTTON, "Hall"},
	{"Good Night", ENTITY_SCRIPT, ""},
	{"Window Contact", ENTITY_BINARY_SENSOR, "Kitchen"},
	{"Ventilator", ENTITY_FAN, "Bedroom"},
	{"Mister", ENTITY_HUMIDIFIER, "Bedroom"},
	{"Robot", ENTITY_VACUUM, "Hall"},
};

static void fill_home(struct home *home)
{
	home_init(home);
	for (size_t i = 0; i < STR_COUNT(DEVICES); i++) {
		struct entity entity = entity_blank();
		struct entity *added = NULL;
		assert_true(str_copy(entity.name, sizeof(entity.name), DEVICES[i].name));
		assert_true(str_format(entity.id, sizeof(entity.id), "%s.%zu",
				       entity_domain_text(DEVICES[i].domain), i));
		entity.domain = DEVICES[i].domain;
		entity.exposed = true;
		if (DEVICES[i].area[0])
			entity.area = home_area(home, DEVICES[i].area);
		assert_int_equal(home_add_entity(home, &entity, &added), OK);
	}
	assert_true(
		str_copy(home->floors[home->floor_count++].name, NAME_BYTES, "First"));
	assert_true(str_copy(home->groups[home->group_count++], NAME_BYTES, "Party"));
	assert_true(
		str_copy(home->routines[home->routine_count++], NAME_BYTES, "Bedtime"));
	assert_int_equal(home_add_person(home, "Anna Keller", true), OK);
}

static char *read_whole(const char *folder, const char *name)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	struct err_note note = {""};
	assert_true(file_join(path, sizeof(path), folder, name));
	if (file_read(path, FILE_BYTES_MAX, &bytes, &note) != OK)
		fail_msg("%s", note.text);
	return (char *)bytes.bytes;
}

static struct understand *compile(void)
{
	struct home *home = calloc(1, sizeof(*home));
	assert_non_null(home);
	fill_home(home);
	struct understand *understand = own_understand(home);
	home_finish(home);
	free(home);
	return understand;
}

static void describe(const struct understanding *understanding, char *to)
{
	const struct intent *intent = &understanding->intent;
	if (understanding->reason != REASON_NONE) {
		assert_true(str_copy(to, LINE_BYTES, reason_code(understanding->reason)));
		return;
	}
	assert_true(str_copy(to, LINE_BYTES, intent->name));
	for (size_t i = 0; i < intent->slot_count; i++)
		assert_true(str_append(to, LINE_BYTES, "%s%s=%s", i ? ", " : " ",
				       intent->slots[i].name, intent->slots[i].value));
}

struct tally {
	size_t count;
	char names[INTENTS_MAX][INTENT_NAME_BYTES];
	size_t lines[INTENTS_MAX];
};

static void add_tally(struct tally *tally, const char *name)
{
	size_t i = 0;
	while (i < tally->count && !str_equal(tally->names[i], name))
		i++;
	assert_true(i < INTENTS_MAX);
	if (i == tally->count) {
		assert_true(str_copy(tally->names[i], INTENT_NAME_BYTES, name));
		tally->count++;
	}
	tally->lines[i]++;
}

/* True when the line says what understanding says. */
static bool check_line(const struct understand *understand, char *line,
		       struct tally *tally)
{
	char got[LINE_BYTES];
	char here[NAME_BYTES] = "";
	struct understanding understanding;
	char *arrow = strstr(line, " => ");
	char *text = line;
	if (line[0] == '[') {
		char *end = strstr(line, "] ");
		assert_non_null(end);
		assert_true(str_copy_bytes(here, sizeof(here), line + 1,
					   (size_t)(end - line) - 1));
		text = end + 2;
	}
	if (arrow)
		*arrow = '\0';
	understand_text(understand, text, here, &understanding);
	describe(&understanding, got);
	add_tally(tally, understanding.intent.name);
	bool same = arrow && str_equal(arrow + 4, got);
	if (!same || getenv("BEHEST_GOLDEN"))
		printf("%s => %s\n", line, got);
	return same;
}

static void test_lines(void **state)
{
	char folder[FILE_PATH_BYTES];
	struct tally tally = {0};
	size_t wrong = 0;
	size_t lines = 0;
	(void)state;
	struct understand *understand = compile();
	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"),
			      "tests/golden"));
	char *whole = read_whole(folder, "intents.txt");
	for (char *line = strtok(whole, "\n"); line; line = strtok(NULL, "\n")) {
		if (line[0] == '#')
			continue;
		lines++;
		if (!check_line(understand, line, &tally))
			wrong++;
	}
	for (size_t i = 0; i < tally.count; i++) {
		if (tally.lines[i] < SENTENCES_MIN)
			fail_msg("only %zu lines for %s", tally.lines[i], tally.names[i]);
	}
	free(whole);
	understand_destroy(understand);
	assert_true(lines > 0);
	assert_int_equal(wrong, 0);
}

/* The list of intents in docs/INTENTS.md is the list in the files. */
static void test_documented(void **state)
{
	/* clang-format off */
	static const char *const FILES[] = {
		"air.yaml",
		"binding.yaml",
		"heating.yaml",
		"light.yaml",
		"lists.yaml",
		"messages.yaml",
		"music.yaml",
		"privacy.yaml",
		"rooms.yaml",
		"routines.yaml",
		"speaker.yaml",
		"switching.yaml",
		"telling.yaml",
		"timers.yaml",
		"weather.yaml",
		"weather_typed.yaml",
	};
	/* clang-format on */
	char folder[FILE_PATH_BYTES];
	(void)state;
	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"), "docs"));
	char *intents = read_whole(folder, "INTENTS.md");
	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"),
			      "share/lang/en"));
	for (size_t i = 0; i < STR_COUNT(FILES); i++) {
		char *file = read_whole(folder, FILES[i]);
		for (char *line = strtok(file, "\n"); line; line = strtok(NULL, "\n")) {
			char row[LINE_BYTES];
			bool intent = str_starts(line, "  Hass") ||
				      str_starts(line, "  Behest");
			if (!intent)
				continue;
			line[strlen(line) - 1] = '\0';
			assert_true(str_format(row, sizeof(row), "| `%s` |", line + 2));
			if (!strstr(intents, row))
				fail_msg("%s of %s is not in docs/INTENTS.md", line + 2,
					 FILES[i]);
		}
		free(file);
	}
	free(intents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_documented),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
