/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - the household's sentences and names, compiled for matcher and recogniser.
 *
 * Compiled again when a name changes, but never under somebody's feet: while a room is
 * being listened to, the old words hold. A set of words that does not compile leaves
 * the last good one in force and one line in the log. Each step of a dialogue has a closed
 * set of its own, and the recogniser knows one set at a time. What leans on what was said
 * before stands beside the household's sentences, and is compiled when it is first needed.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "adapter/skill_folder.h"
#include "adapter/sounds_lexicon.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/hub.h"
#include "understand/arrange.h"

/* What may be said in one step of a dialogue; the first is the household's, which is said
 * outside of any. */
struct wording {
	struct sentences *sentences; /* NULL: in that step nothing is said */
	struct understand *compiled;
	struct grammar *grammar; /* of the names that it was compiled with */
	uint64_t compiled_as;    /* words.compiled of then */
};

struct words {
	struct hub *hub;
	struct wording steps[DIALOGUE_STEP_COUNT];
	enum dialogue_step loaded; /* what the recogniser listens for */
	bool is_loaded;            /* in the newest form of it */
	uint64_t version;          /* of the home's names */
	size_t contact_count;      /* the names of the contacts that were compiled */
	char contacts[POLICY_CONTACTS_MAX][PEOPLE_NAME_BYTES];
	size_t goods_count; /* and of what can be ordered */
	char goods[SHOP_ITEMS_MAX][NAME_BYTES];
	size_t room_count; /* the rooms, whose names are areas to be named */
	char rooms[POLICY_ROOMS_MAX][NAME_BYTES];
	size_t skill_count; /* the skills whose sentences were read */
	struct skill_policy skills[SKILLS_MAX];
	size_t exposure_count; /* what owners said of devices */
	struct exposure_policy exposures[EXPOSURES_MAX];
	uint64_t library_version;          /* of the music that has a name */
	uint64_t arranged_version;         /* of the groups and routines */
	char confirmed[PEOPLE_NAME_BYTES]; /* the one whom CONFIRM was compiled for */
	uint64_t compiled;                 /* counts how often the household's were */
	bool unsaid; /* a name of the household's cannot be pronounced */
};

/* Files of the steps, beside the household's sentences. */
static const char *const FILES[DIALOGUE_STEP_COUNT] = {
	[DIALOGUE_TO_WHOM] = "dialogue/to_whom.yaml",
	[DIALOGUE_CONFIRM] = "dialogue/confirm.yaml",
	[DIALOGUE_WHICH] = "dialogue/which.yaml",
	[DIALOGUE_FOLLOW] = "dialogue/follow.yaml",
};

static enum err use_sounds(struct sentences *sentences, struct err_note *note)
{
	return sounds_lexicon_use(sentences,
				  recogniser_pocketsphinx_defaults().dictionary, note);
}

static const struct policy *policy_of(const struct words *words)
{
	return keep_policy(&words->hub->keep);
}

/* One skill's, from the files that were approved; others are not even read as sentences. */
static enum err add_skill(const struct words *words, const struct skill_policy *skill,
			  struct sentences *sentences, struct err_note *note)
{
	static struct skill_manifest manifest; /* large, and one thread */
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err =
		skill_folder_path(words->hub->data, skill->name, skill->hash, path, note);

	buf_init(&bytes, SKILL_SENTENCES_BYTES_MAX);
	if (!err)
		err = skill_folder_check(path, skill->hash, &manifest, note);
	if (!err && !str_equal(manifest.name, skill->name))
		err = err_say(ERR_AUTH, note, "%s: another skill's manifest", path);
	if (!err)
		err = skill_manifest_sentences(&manifest, &bytes);
	if (!err)
		err = sentences_add(sentences, skill->name, (const char *)bytes.bytes,
				    bytes.size, note);
	buf_finish(&bytes);
	return err;
}

/* A skill that cannot be read is not asked; the house goes on without it. */
static void add_skills(const struct words *words, struct sentences *sentences)
{
	for (size_t i = 0; i < words->skill_count; i++) {
		struct err_note note = {""};
		const enum err err =
			add_skill(words, &words->skills[i], sentences, &note);

		if (err)
			log_line("words: a skill is left out: %s",
				 note.text[0] ? note.text : err_words(err));
	}
}

/* Those of skills come last: the household's own win. */
static enum err add_household(const struct words *words, struct sentences *sentences,
			      const char *folder, struct err_note *note)
{
	const struct settings *settings = &words->hub->settings;
	enum err err = sentence_files_add(sentences, folder, note);

	if (!err && settings->house_sentences[0])
		err = sentence_files_add(sentences, settings->house_sentences, note);
	if (!err)
		err = arrange_sentences(words->hub->arranged, sentences, note);
	if (!err)
		add_skills(words, sentences);
	return err;
}

static enum err read_household(struct words *words, const char *folder,
			       struct err_note *note)
{
	struct sentences **sentences = &words->steps[DIALOGUE_NONE].sentences;
	enum err err = sentences_create(sentences);

	if (!err)
		err = add_household(words, *sentences, folder, note);
	return err ? err : use_sounds(*sentences, note);
}

static enum err read_step(struct words *words, enum dialogue_step step,
			  const char *folder, struct err_note *note)
{
	struct sentences **sentences = &words->steps[step].sentences;
	char path[FILE_PATH_BYTES];
	enum err err = sentences_create(sentences);

	if (!err && dialogue_is_ordinary(step))
		err = add_household(words, *sentences, folder, note);
	if (!err && !file_join(path, sizeof(path), folder, FILES[step]))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	if (!err)
		err = sentence_files_add(*sentences, path, note);
	return err ? err : use_sounds(*sentences, note);
}

/* Into places where nothing is yet. */
static enum err words_read(struct words *words, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	enum err err = share_find("lang", words->hub->settings.house_language, folder,
				  sizeof(folder), note);

	if (!err)
		err = read_household(words, folder, note);
	for (unsigned step = 0; !err && step < DIALOGUE_STEP_COUNT; step++)
		if (FILES[step])
			err = read_step(words, (enum dialogue_step)step, folder, note);
	return err;
}

static bool has_same_arranged(const struct words *words)
{
	return words->arranged_version == words->hub->arranged_version;
}

/* With the sentences of the skills and routines as they are now; the old ones stay where the new ones
 * cannot be read. */
static enum err words_reread(struct words *words, struct err_note *note)
{
	const struct day_policy *day = &policy_of(words)->day;
	struct sentences *old[DIALOGUE_STEP_COUNT];
	enum err err;

	words->arranged_version = words->hub->arranged_version;
	words->skill_count = day->skill_count;
	memcpy(words->skills, day->skills, sizeof(words->skills));
	for (unsigned step = 0; step < DIALOGUE_STEP_COUNT; step++) {
		old[step] = words->steps[step].sentences;
		words->steps[step].sentences = NULL;
	}
	err = words_read(words, note);
	for (unsigned step = 0; step < DIALOGUE_STEP_COUNT; step++) {
		struct sentences **now = &words->steps[step].sentences;

		sentences_destroy(err ? *now : old[step]);
		if (err)
			*now = old[step];
	}
	return err;
}

/* Names themselves are not for the log. */
static void tell_of_names(const struct words *words)
{
	const size_t alike = understand_alike(words->steps[DIALOGUE_NONE].compiled);

	if (alike > 0)
		log_line(
			"words: %zu names sound like others and are asked about; an alias "
			"tells them apart",
			alike);
	if (words->unsaid)
		log_line(
			"words: a name that cannot be pronounced can be typed, not said; "
			"an alias helps");
}

/* Swaps only when all of it succeeded. */
static enum err compile_step(struct words *words, enum dialogue_step step,
			     const struct home *home, struct err_note *note)
{
	struct wording *wording = &words->steps[step];
	struct understand *compiled = NULL;
	struct grammar *grammar = NULL;
	enum err err = understand_create(wording->sentences, home, &compiled, note);

	if (!err)
		err = understand_grammar(compiled, &grammar);
	if (err) {
		understand_destroy(compiled);
		return err;
	}
	understand_destroy(wording->compiled);
	grammar_destroy(wording->grammar);
	wording->compiled = compiled;
	wording->grammar = grammar;
	if (words->loaded == step)
		words->is_loaded = false;
	return OK;
}

static enum err load(struct words *words, enum dialogue_step step, struct err_note *note)
{
	struct err_note unsaid = {""};
	enum err err;

	if (words->is_loaded && words->loaded == step)
		return OK;
	err = recogniser_load(&words->hub->recogniser, words->steps[step].grammar,
			      words->hub->settings.wake_word, &unsaid);
	words->is_loaded = err == OK;
	words->loaded = step;
	if (step == DIALOGUE_NONE)
		words->unsaid = unsaid.text[0] != '\0';
	return err ? err_say(err, note, "%s", unsaid.text) : OK;
}

static bool has_same_contacts(const struct words *words)
{
	const struct policy *policy = policy_of(words);
	bool same = words->contact_count == policy->contact_count;

	for (size_t i = 0; same && i < policy->contact_count; i++)
		same = str_equal(words->contacts[i], policy->contacts[i].name);
	return same;
}

/* Nothing while ordering is off: then no sentence of it is listened for. */
static size_t goods_of(const struct policy *policy)
{
	return policy->day.shop.is_on ? policy->day.shop.item_count : 0;
}

static bool has_same_goods(const struct words *words)
{
	const struct policy *policy = policy_of(words);
	bool same = words->goods_count == goods_of(policy);

	for (size_t i = 0; same && i < words->goods_count; i++)
		same = str_equal(words->goods[i], policy->day.shop.items[i].name);
	return same;
}

static bool has_same_rooms(const struct words *words)
{
	const struct policy *policy = policy_of(words);
	bool same = words->room_count == policy->room_count;

	for (size_t i = 0; same && i < policy->room_count; i++)
		same = str_equal(words->rooms[i], policy->rooms[i].room.text);
	return same;
}

static bool has_same_skills(const struct words *words)
{
	const struct day_policy *day = &policy_of(words)->day;
	bool same = words->skill_count == day->skill_count;

	for (size_t i = 0; same && i < day->skill_count; i++)
		same = str_equal(words->skills[i].name, day->skills[i].name) &&
		       memcmp(words->skills[i].hash, day->skills[i].hash,
			      SKILL_HASH_BYTES) == 0;
	return same;
}

static bool is_same_exposure(const struct exposure_policy *a,
			     const struct exposure_policy *b)
{
	return a->is_exposed == b->is_exposed && str_equal(a->entity, b->entity) &&
	       str_equal(a->room.text, b->room.text);
}

static bool has_same_exposures(const struct words *words)
{
	const struct day_policy *day = &policy_of(words)->day;
	bool same = words->exposure_count == day->exposure_count;

	for (size_t i = 0; same && i < day->exposure_count; i++)
		same = is_same_exposure(&words->exposures[i], &day->exposures[i]);
	return same;
}

/* One set of words serves all rooms: a name is in it that any room may say. Whether this
 * one may is looked at when it was said (decide/target.c). */
static bool is_exposed_somewhere(const struct words *words, const struct entity *entity)
{
	const struct policy *policy = policy_of(words);
	bool is_exposed = policy->room_count == 0 && entity->exposed;

	for (size_t i = 0; !is_exposed && i < policy->room_count; i++)
		is_exposed = day_exposes(&policy->day, entity->id,
					 policy->rooms[i].room.text, entity->exposed);
	return is_exposed;
}

static void apply_exposures(const struct words *words, struct home *home)
{
	if (words->exposure_count == 0)
		return;
	for (size_t i = 0; i < home->entity_count; i++)
		home->entities[i].exposed =
			is_exposed_somewhere(words, &home->entities[i]);
}

/* A room without a device can be spoken to as well. */
static enum err add_rooms(const struct words *words, struct home *home)
{
	for (size_t i = 0; i < words->room_count; i++)
		if (home_find_area(home, words->rooms[i]) < 0 &&
		    home_area(home, words->rooms[i]) < 0)
			return ERR_LIMIT;
	return OK;
}

static enum err add_contacts(const struct words *words, struct home *home)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < words->contact_count; i++)
		err = home_add_person(home, words->contacts[i], true);
	return err;
}

static enum err add_goods(const struct words *words, struct home *home)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < words->goods_count; i++)
		err = home_add_goods(home, words->goods[i]);
	return err;
}

static const struct music_library *library_of(const struct words *words)
{
	return words->hub->music.ops ? music_library(&words->hub->music) : NULL;
}

/* The names of the home, its rooms and its music, or none of them, and the contacts. */
static enum err compile_with(struct words *words, enum dialogue_step step,
			     const struct home *names, struct err_note *note)
{
	struct home home;
	enum err err = OK;

	home_init(&home);
	if (names)
		err = home_copy(names, &home);
	if (names && !err)
		apply_exposures(words, &home);
	if (names && !err)
		err = add_rooms(words, &home);
	if (names && !err)
		arranged_name(words->hub->arranged, &home);
	if (names && !err && library_of(words))
		err = home_add_music(&home, library_of(words));
	if (!err)
		err = add_contacts(words, &home);
	if (names && !err)
		err = add_goods(words, &home);
	if (!err)
		err = compile_step(words, step, &home, note);
	home_finish(&home);
	return err;
}

/* Compiles for the names as they are now. */
static enum err words_compile(struct words *words, struct err_note *note)
{
	const struct home *home = bus_home(&words->hub->bus);
	const struct policy *policy = policy_of(words);
	enum err err;

	if (!has_same_skills(words) || !has_same_arranged(words)) {
		err = words_reread(words, note);
		if (err)
			return err;
	}
	words->version = home->names_version;
	if (library_of(words))
		words->library_version = library_of(words)->version;
	words->compiled++;
	words->contact_count = policy->contact_count;
	for (size_t i = 0; i < policy->contact_count; i++)
		memcpy(words->contacts[i], policy->contacts[i].name, PEOPLE_NAME_BYTES);
	words->goods_count = goods_of(policy);
	for (size_t i = 0; i < words->goods_count; i++)
		memcpy(words->goods[i], policy->day.shop.items[i].name, NAME_BYTES);
	words->room_count = policy->room_count;
	for (size_t i = 0; i < policy->room_count; i++)
		memcpy(words->rooms[i], policy->rooms[i].room.text, NAME_BYTES);
	words->exposure_count = policy->day.exposure_count;
	memcpy(words->exposures, policy->day.exposures, sizeof(words->exposures));
	err = compile_with(words, DIALOGUE_NONE, home, note);
	if (!err)
		err = compile_with(words, DIALOGUE_TO_WHOM, NULL, note);
	if (!err)
		err = load(words, DIALOGUE_NONE, note);
	if (!err)
		tell_of_names(words);
	return err;
}

enum err words_create(struct hub *hub, struct words **out_words, struct err_note *note)
{
	struct words *words = calloc(1, sizeof(*words));
	enum err err = ERR_MEMORY;

	if (!words)
		goto out;
	words->hub = hub;
	words->arranged_version = hub->arranged_version;
	err = words_read(words, note);
	if (!err)
		err = words_compile(words, note);
	if (err)
		goto out;
	*out_words = words;
	words = NULL;
out:
	words_destroy(words);
	return err;
}

void words_destroy(struct words *words)
{
	if (!words)
		return;
	for (unsigned step = 0; step < DIALOGUE_STEP_COUNT; step++) {
		understand_destroy(words->steps[step].compiled);
		grammar_destroy(words->steps[step].grammar);
		sentences_destroy(words->steps[step].sentences);
	}
	free(words);
}

void words_refresh(struct words *words)
{
	struct err_note note = {""};

	if (words->hub->hears)
		return;
	if (words_are_current(words)) {
		if (!hub_dialogue_waits(words->hub) && load(words, DIALOGUE_NONE, &note))
			log_line("words: could not be loaded again: %s", note.text);
	} else if (words_compile(words, &note)) {
		log_line("words: the old sentences stay in force: %s", note.text);
	}
}

/* The phrase holds one name, so it is compiled for each message. */
static enum err compile_phrase(struct words *words, const char *name,
			       struct err_note *note)
{
	struct home home;
	enum err err;

	if (str_equal(words->confirmed, name))
		return OK;
	home_init(&home);
	err = home_add_person(&home, name, true);
	if (!err)
		err = compile_step(words, DIALOGUE_CONFIRM, &home, note);
	home_finish(&home);
	must(str_copy(words->confirmed, sizeof(words->confirmed), err ? "" : name));
	return err;
}

/* What leans, with the newest names. */
static enum err compile_leaning(struct words *words, enum dialogue_step step,
				struct err_note *note)
{
	struct wording *wording = &words->steps[step];
	enum err err;

	if (!dialogue_is_ordinary(step) || wording->compiled_as == words->compiled)
		return OK;
	err = compile_with(words, step, bus_home(&words->hub->bus), note);
	if (!err)
		wording->compiled_as = words->compiled;
	return err;
}

enum err words_use(struct words *words, const struct dialogue *dialogue,
		   enum dialogue_step step)
{
	struct err_note note = {""};
	enum err err = OK;

	if (!FILES[step])
		step = DIALOGUE_NONE;
	if (step == DIALOGUE_CONFIRM)
		err = compile_phrase(words, dialogue->name, &note);
	if (!err)
		err = compile_leaning(words, step, &note);
	if (!err)
		err = load(words, step, &note);
	if (err)
		log_line("words: what may be answered could not be loaded: %s",
			 note.text);
	return err;
}

const struct understand *words_compiled(struct words *words, enum dialogue_step step)
{
	struct err_note note = {""};

	if (!FILES[step])
		step = DIALOGUE_NONE;
	if (compile_leaning(words, step, &note)) {
		log_line("words: what leans on others is not understood: %s", note.text);
		step = DIALOGUE_NONE;
	}
	return words->steps[step].compiled;
}

size_t words_grammar_states(const struct words *words)
{
	return words->steps[DIALOGUE_NONE].grammar->state_count;
}

bool words_are_current(const struct words *words)
{
	const struct music_library *library = library_of(words);

	return words->version == bus_home(&words->hub->bus)->names_version &&
	       (!library || words->library_version == library->version) &&
	       has_same_contacts(words) && has_same_goods(words) &&
	       has_same_rooms(words) && has_same_skills(words) &&
	       has_same_arranged(words) && has_same_exposures(words);
}
