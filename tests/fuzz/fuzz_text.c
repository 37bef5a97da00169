/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_text - anything said to the household's own sentences.
 *
 * Beyond not crashing: normal text is normal, an answer is whole, and it does not depend
 * on large letters, spaces, or characters that are not seen. BEHEST_SOURCE is the source
 * folder ("." when it is not set).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "understand/normal.h"
#include "understand/understand.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FILE_BYTES_MAX = 1 << 20 };

static void add_file(struct sentences *sentences, const char *folder, const char *name)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	must(file_join(path, sizeof(path), folder, name));
	must(file_read(path, FILE_BYTES_MAX, &bytes, NULL) == OK);
	must(sentences_add(sentences, name, (const char *)bytes.bytes, bytes.size,
			   NULL) == OK);
	buf_finish(&bytes);
}

static void add_device(struct home *home, const char *name, const char *area,
		       enum entity_domain domain)
{
	struct entity entity = entity_blank();
	struct entity *added = NULL;
	must(str_format(entity.id, sizeof(entity.id), "e%zu", home->entity_count));
	must(str_copy(entity.name, sizeof(entity.name), name));
	entity.domain = domain;
	entity.exposed = true;
	entity.area = home_area(home, area);
	must(home_add_entity(home, &entity, &added) == OK);
}

static struct understand *make(void)
{
	const char *source = getenv("BEHEST_SOURCE");
	char folder[FILE_PATH_BYTES];
	struct dirent **names = NULL;
	struct sentences *sentences = NULL;
	struct understand *understand = NULL;
	struct home home;
	must(file_join(folder, sizeof(folder), source ? source : ".", "share/lang/en"));
	must(sentences_create(&sentences) == OK);
	int count = scandir(folder, &names, NULL, alphasort);
	must(count > 0);
	for (int i = 0; i < count; i++) {
		if (str_ends(names[i]->d_name, ".yaml") &&
		    !str_equal(names[i]->d_name, "responses.yaml"))
			add_file(sentences, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	home_init(&home);
	add_device(&home, "Ceiling", "Kitchen", ENTITY_LIGHT);
	add_device(&home, "Ceiling", "Living Room", ENTITY_LIGHT);
	add_device(&home, "Desk Lamp", "Living Room", ENTITY_LIGHT);
	add_device(&home, "K\u00fcchenlicht", "Kitchen", ENTITY_LIGHT);
	add_device(&home, "Front Door", "Hall", ENTITY_LOCK);
	add_device(&home, "Blind", "Kitchen", ENTITY_COVER);
	add_device(&home, "Heating", "Hall", ENTITY_CLIMATE);
	add_device(&home, "Movie Night", "Hall", ENTITY_SCENE);
	add_device(&home, "\U0001f4a1", "Hall", ENTITY_SWITCH);
	must(home_add_person(&home, "Anna", true) == OK);
	must(home_add_person(&home, "Ana", true) == OK);
	must(understand_create(sentences, &home, &understand, NULL) == OK);
	sentences_destroy(sentences);
	home_finish(&home);
	return understand;
}

static void join(const struct normal *normal, char *to, size_t size)
{
	to[0] = '\0';
	for (size_t i = 0; i < normal->count; i++)
		must(str_append(to, size, "%s%s", i ? " " : "", normal_word(normal, i)));
}

/* The words of normal text are the text. */
static void check_normal(const char *text, char *to, size_t size)
{
	struct normal normal;
	char again[NORMAL_BYTES];
	to[0] = '\0';
	if (!normal_split(text, strlen(text), NORMAL_TEXT, &normal))
		return;
	for (size_t i = 0; i < normal.count; i++) {
		must(normal.words[i].from < normal.words[i].to);
		must(normal.words[i].to <= strlen(text));
		must(normal_word(&normal, i)[0]);
	}
	join(&normal, to, size);
	must(str_is_utf8(to, strlen(to)));
	must(normal_split(to, strlen(to), NORMAL_TEXT, &normal));
	join(&normal, again, sizeof(again));
	must(str_equal(to, again));
}

static void check_whole(const struct understanding *got)
{
	must((got->reason == REASON_NO_MATCH) == (got->confidence == 0));
	must((got->reason == REASON_NO_MATCH) == !got->intent.name[0]);
	must((got->asks.key != SAYING_NONE) == (got->reason == REASON_AMBIGUOUS ||
						got->reason == REASON_UNEXPLAINED_WORDS));
	must(got->reason != REASON_AMBIGUOUS || !intent_slot(&got->intent, "entity"));
	must(str_is_utf8(got->asks.values[0].text, strlen(got->asks.values[0].text)));
	for (size_t i = 0; i < got->intent.slot_count; i++)
		must(str_is_utf8(got->intent.slots[i].value,
				 strlen(got->intent.slots[i].value)));
}

static void check_same(const struct understanding *a, const struct understanding *b)
{
	must(a->reason == b->reason && a->confidence == b->confidence);
	must(str_equal(a->intent.name, b->intent.name));
	must(a->intent.slot_count == b->intent.slot_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct understand *understand;
	struct understanding got;
	struct understanding other;
	char words[NORMAL_BYTES];
	char *text = malloc(size + 1);

	if (!understand)
		understand = make();
	must(text);
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	understand_text(understand, text, "", &got);
	check_whole(&got);
	understand_text(understand, text, "kitchen", &other);
	check_whole(&other);
	check_normal(text, words, sizeof(words));
	/* Numbers in words are longer: a free text may then no longer fit into a slot. */
	if (strlen(text) < SLOT_VALUE_BYTES && strlen(words) < SLOT_VALUE_BYTES) {
		understand_text(understand, words, "", &other);
		check_same(&got, &other);
	}
	free(text);
	return 0;
}
