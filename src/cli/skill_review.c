/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_review - see the header. Each way to say each sentence is held against the sentences
 * of the house: names of devices are not known here, and where a skill's words are one
 * later, the house's own sentence wins (understand/resolve.c).
 */
#include "cli/skill_review.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "adapter/sentence_files.h"
#include "adapter/settings_file.h"
#include "adapter/share.h"
#include "adapter/skill_sentence.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/home.h"
#include "understand/understand.h"

enum { JSON_BYTES_MAX = 64 * 1024, WAYS_MIN = SKILL_VALUES_MAX };

struct review {
	const struct paths *paths;
	const struct skill_folder *folder;
	struct settings settings;
	struct sentences *sentences;
	struct understand *house;
};

/* --- what the house understands --------------------------------------------------------- */

static enum err add_skill(struct review *review, const char *path, struct err_note *note)
{
	struct skill_folder *other = NULL;
	struct buf bytes;
	enum err err = skill_folder_read(path, &other, note);

	buf_init(&bytes, SKILL_SENTENCES_BYTES_MAX);
	if (!err && !str_equal(other->manifest.name, review->folder->manifest.name)) {
		err = skill_manifest_sentences(&other->manifest, &bytes);
		if (!err)
			err = sentences_add(review->sentences, other->manifest.name,
					    (const char *)bytes.bytes, bytes.size, note);
	}
	buf_finish(&bytes);
	skill_folder_close(other);
	return err;
}

/* Those that lie in the house; one that cannot be read is not asked either. */
static enum err add_skills(struct review *review, const char *skills)
{
	DIR *folder = opendir(skills);
	const struct dirent *entry;
	char path[FILE_PATH_BYTES];

	while (folder && (entry = readdir(folder)) != NULL) {
		struct err_note unused = {""};

		if (entry->d_name[0] != '.' && !str_ends(entry->d_name, ".suspended") &&
		    file_join(path, sizeof(path), skills, entry->d_name) &&
		    add_skill(review, path, &unused) == ERR_MEMORY)
			return ERR_MEMORY;
	}
	if (folder)
		(void)closedir(folder);
	return OK;
}

static enum err add_house(struct review *review, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char skills[FILE_PATH_BYTES];
	enum err err = share_find("lang", review->settings.house_language, folder,
				  sizeof(folder), note);

	if (!err)
		err = sentence_files_add(review->sentences, folder, note);
	if (!err && review->settings.house_sentences[0])
		err = sentence_files_add(review->sentences,
					 review->settings.house_sentences, note);
	if (!err && !file_join(skills, sizeof(skills), review->paths->data, "skills"))
		err = ERR_LIMIT;
	return err ? err : add_skills(review, skills);
}

static enum err compile(struct review *review, struct err_note *note)
{
	struct home home;
	enum err err;

	home_init(&home);
	err = settings_file_read(review->paths->config, false, &review->settings, note);
	if (!err)
		err = sentences_create(&review->sentences);
	if (!err)
		err = add_house(review, note);
	if (!err)
		err = understand_create(review->sentences, &home, &review->house, note);
	home_finish(&home);
	return err;
}

/* --- what the skill would be asked ------------------------------------------------------ */

static const struct skill_slot *slot_of(const struct skill_manifest *manifest,
					const char *name, size_t size)
{
	for (size_t i = 0; i < manifest->slot_count; i++)
		if (strlen(manifest->slots[i].name) == size &&
		    memcmp(manifest->slots[i].name, name, size) == 0)
			return &manifest->slots[i];
	return NULL;
}

/* "when is {bin} collected" with a value for each slot: another for each number. */
static bool fill(const struct skill_manifest *manifest, const char *said, size_t number,
		 char to[TEXT_BYTES])
{
	bool fits = true;

	to[0] = '\0';
	while (fits && *said) {
		const size_t size = strcspn(said, "{");
		const char *end = strchr(said, '}');
		const struct skill_slot *slot;

		fits = str_append(to, TEXT_BYTES, "%.*s", (int)size, said);
		said += size;
		if (!fits || !*said || !end)
			continue;
		slot = slot_of(manifest, said + 1, (size_t)(end - said - 1));
		must(slot);
		fits = slot->is_range
			       ? str_append(to, TEXT_BYTES, "%d", slot->from)
			       : str_append(to, TEXT_BYTES, "%s",
					    slot->values[number % slot->value_count]);
		said = end + 1;
	}
	return fits;
}

static enum err check_text(const struct review *review, const char *text,
			   struct err_note *note)
{
	struct understanding understood;

	understand_text(review->house, text, "", &understood);
	if (understood.reason != REASON_NONE && understood.reason != REASON_AMBIGUOUS)
		return OK;
	return err_say(ERR_DENIED, note, "\"%s\" is said to %s already", text,
		       skill_ask_is(understood.intent.name) ? "another skill"
							    : "the house");
}

static enum err check_sentence(const struct review *review, const char *sentence,
			       struct err_note *note)
{
	size_t ways = skill_sentence_ways(sentence);
	char said[TEXT_BYTES];
	char text[TEXT_BYTES];
	enum err err = OK;

	if (ways < WAYS_MIN)
		ways *= WAYS_MIN; /* a value of each slot */
	for (size_t i = 0; !err && i < ways; i++) {
		const size_t number = i % skill_sentence_ways(sentence);

		if (skill_sentence_say(sentence, number, said, sizeof(said)) &&
		    fill(&review->folder->manifest, said, i, text))
			err = check_text(review, text, note);
	}
	return err;
}

enum err skill_review(const struct paths *paths, const struct skill_folder *folder,
		      bool *out_may_fetch, struct err_note *note)
{
	const struct skill_manifest *manifest = &folder->manifest;
	struct review review = {.paths = paths, .folder = folder};
	enum err err = compile(&review, note);

	if (!err && !str_equal(manifest->language, review.settings.house_language))
		err = err_say(ERR_DENIED, note, "it speaks %s, and the house speaks %s",
			      manifest->language, review.settings.house_language);
	for (size_t i = 0; !err && i < manifest->intent_count; i++)
		for (size_t k = 0; !err && k < manifest->intents[i].sentence_count; k++)
			err = check_sentence(&review, manifest->intents[i].sentences[k],
					     note);
	if (!err)
		*out_may_fetch = str_equal(review.settings.skills_fetch, "yes");
	understand_destroy(review.house);
	sentences_destroy(review.sentences);
	return err;
}

/* --- what it asks for ------------------------------------------------------------------- */

static void hash_text(const struct skill_folder *folder,
		      char to[2 * SKILL_HASH_BYTES + 1])
{
	str_to_hex(to, folder->hash, sizeof(folder->hash));
}

static size_t size_of(const struct skill_folder *folder)
{
	size_t size = 0;

	for (size_t i = 0; i < folder->count; i++)
		size += folder->files[i].bytes.size;
	return size;
}

static void print_intent(const struct skill_intent *intent)
{
	printf("  asked         %s%s\n", intent->name,
	       intent->has_effect
		       ? " (its answer may end with laughter, a cheer or a drum)"
		       : "");
	for (size_t i = 0; i < intent->sentence_count; i++)
		printf("                  \"%s\"\n", intent->sentences[i]);
}

static void print_slot(const struct skill_slot *slot)
{
	printf("  learns        %s: ", slot->name);
	if (slot->is_range)
		printf("a number from %d to %d", slot->from, slot->to);
	for (size_t i = 0; i < slot->value_count; i++)
		printf("%s%s", i ? ", " : "", slot->values[i]);
	puts("");
}

static void print_words(const struct skill_folder *folder, bool may_fetch)
{
	const struct skill_manifest *manifest = &folder->manifest;
	char hash[2 * SKILL_HASH_BYTES + 1];

	hash_text(folder, hash);
	printf("%s %s\n", manifest->name, manifest->version);
	printf("  runs          %s, with at most %u MB of memory\n", manifest->program,
	       manifest->memory_mb);
	for (size_t i = 0; i < manifest->intent_count; i++)
		print_intent(&manifest->intents[i]);
	for (size_t i = 0; i < manifest->slot_count; i++)
		print_slot(&manifest->slots[i]);
	for (size_t i = 0; i < manifest->host_count; i++)
		printf("  fetches from  %s\n", manifest->hosts[i]);
	if (manifest->host_count == 0)
		puts("  fetches from  nowhere");
	else if (!may_fetch)
		puts("                  (not now: fetch in the section [skills] of behest.conf is "
		     "no)");
	printf("  files         %zu, %zu bytes\n", folder->count, size_of(folder));
	printf("  SHA-256       %s\n", hash);
}

static void add_intent(struct json_write *write, const struct skill_intent *intent)
{
	json_open_object(write, NULL);
	json_add_text(write, "name", intent->name);
	json_add_bool(write, "effect", intent->has_effect);
	json_open_array(write, "sentences");
	for (size_t i = 0; i < intent->sentence_count; i++)
		json_add_text(write, NULL, intent->sentences[i]);
	json_close(write, ']');
	json_close(write, '}');
}

static void write_json(const struct skill_folder *folder, bool may_fetch,
		       struct json_write *write)
{
	const struct skill_manifest *manifest = &folder->manifest;
	char hash[2 * SKILL_HASH_BYTES + 1];

	hash_text(folder, hash);
	json_open_object(write, NULL);
	json_add_text(write, "name", manifest->name);
	json_add_text(write, "version", manifest->version);
	json_add_text(write, "program", manifest->program);
	json_add_int(write, "memory_mb", manifest->memory_mb);
	json_open_array(write, "intents");
	for (size_t i = 0; i < manifest->intent_count; i++)
		add_intent(write, &manifest->intents[i]);
	json_close(write, ']');
	json_open_array(write, "hosts");
	for (size_t i = 0; i < manifest->host_count; i++)
		json_add_text(write, NULL, manifest->hosts[i]);
	json_close(write, ']');
	json_add_bool(write, "may_fetch", may_fetch);
	json_add_int(write, "files", (int64_t)folder->count);
	json_add_int(write, "bytes", (int64_t)size_of(folder));
	json_add_text(write, "hash", hash);
	json_close(write, '}');
}

enum err skill_review_print(const struct skill_folder *folder, bool may_fetch,
			    bool as_json)
{
	struct json_write write;
	struct buf line;
	enum err err;

	if (!as_json) {
		print_words(folder, may_fetch);
		return OK;
	}
	buf_init(&line, JSON_BYTES_MAX);
	json_write_init(&write, &line);
	write_json(folder, may_fetch, &write);
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}
