/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_house - see the header.
 *
 * The household's own sentences know all contacts and the toy home, the answer to "To
 * whom?" all contacts, the phrase the one that it goes to: as hub/words.c does it.
 */
#include "cli/rehearsal_house.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/sentence_files.h"
#include "adapter/share.h"
#include "adapter/skill_manifest.h"
#include "adapter/sounds_lexicon.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/home_file.h"

enum { GOODS_CENTS = 17000 };

static const char *const FILES[DIALOGUE_STEP_COUNT] = {
	[DIALOGUE_NONE] = "",
	[DIALOGUE_TO_WHOM] = "dialogue/to_whom.yaml",
	[DIALOGUE_CONFIRM] = "dialogue/confirm.yaml",
};

static enum err read_step(struct rehearsal_house *house, enum dialogue_step step,
			  struct err_note *note)
{
	struct sentences **sentences = &house->sentences[step];
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	enum err err = share_find("lang", "en", folder, sizeof(folder), note);

	if (!err)
		err = sentences_create(sentences);
	if (!err && !file_join(path, sizeof(path), folder, FILES[step]))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	if (!err)
		err = sentence_files_add(*sentences, path, note);
	if (!err)
		err = sounds_lexicon_use(*sentences,
					 recogniser_pocketsphinx_defaults().dictionary,
					 note);
	return err;
}

static enum err compile(const struct sentences *sentences, const struct home *home,
			struct rehearsal_words *words, struct err_note *note)
{
	enum err err = understand_create(sentences, home, &words->compiled, note);

	return err ? err : understand_grammar(words->compiled, &words->grammar);
}

/* With the names of the contacts from first to behind last, and of nothing else. */
static enum err compile_names(struct rehearsal_house *house, enum dialogue_step step,
			      size_t first, size_t last, struct rehearsal_words *words,
			      struct err_note *note)
{
	struct home names;
	enum err err = OK;

	home_init(&names);
	for (size_t i = first; !err && i < last; i++)
		err = home_add_person(&names, house->policy.contacts[i].name, true);
	if (!err)
		err = compile(house->sentences[step], &names, words, note);
	home_finish(&names);
	return err;
}

static enum err compile_all(struct rehearsal_house *house, struct err_note *note)
{
	const size_t count = house->policy.contact_count;
	enum err err = OK;

	for (size_t i = 0; !err && i < count; i++)
		err = home_add_person(&house->home, house->policy.contacts[i].name, true);
	if (!err)
		err = compile(house->sentences[DIALOGUE_NONE], &house->home,
			      &house->steps[DIALOGUE_NONE], note);
	if (!err)
		err = compile_names(house, DIALOGUE_TO_WHOM, 0, count,
				    &house->steps[DIALOGUE_TO_WHOM], note);
	for (size_t i = 0; !err && i < count; i++)
		err = compile_names(house, DIALOGUE_CONFIRM, i, i + 1, &house->phrases[i],
				    note);
	return err;
}

static void fill_policy(struct policy *policy, const struct rehearsal_contact *contacts,
			size_t count)
{
	struct room_policy *room = &policy->rooms[0];

	policy_init(policy);
	policy->has_owner = true;
	policy->room_count = 1;
	must(str_copy(room->room.text, sizeof(room->room.text), REHEARSAL_ROOM));
	room->capabilities = MAY_ALL;
	room->has_key = true;
	must(count <= POLICY_CONTACTS_MAX);
	policy->contact_count = count;
	for (size_t i = 0; i < count; i++) {
		struct contact *contact = &policy->contacts[i];

		contact->id.bytes[0] = (uint8_t)(i + 1);
		contact->id.bytes[1] = 1;
		must(str_copy(contact->name, sizeof(contact->name), contacts[i].name));
		contact->kind = contacts[i].kind;
		contact->voice_allowed = contacts[i].voice_allowed;
	}
}

static enum err read_home(struct home *home, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = share_find("home", "toy.json", path, sizeof(path), note);

	home_finish(home);
	return err ? err : home_file_read(path, home, note);
}

/* The worst that can be: it is sold, at any price that can be paid. */
static enum err fill_shop(struct rehearsal_house *house, const char *goods)
{
	struct shop_policy *shop = &house->policy.day.shop;

	shop->is_on = true;
	shop->order_cents = SHOP_CENTS_MAX;
	shop->day_cents = SHOP_CENTS_MAX;
	shop->item_count = 1;
	shop->items[0] = (struct shop_item){.cents = GOODS_CENTS, .way = SHOP_WEBHOOK};
	must(str_copy(shop->items[0].name, sizeof(shop->items[0].name), goods));
	return home_add_goods(&house->home, goods);
}

enum err rehearsal_house_create(const struct rehearsal_contact *contacts, size_t count,
				struct rehearsal_house **out_house, struct err_note *note)
{
	return rehearsal_house_create_shop(contacts, count, NULL, out_house, note);
}

enum err rehearsal_house_create_shop(const struct rehearsal_contact *contacts,
				     size_t count, const char *goods,
				     struct rehearsal_house **out_house,
				     struct err_note *note)
{
	struct rehearsal_house *house = calloc(1, sizeof(*house));
	enum err err;

	if (!house)
		return ERR_MEMORY;
	home_init(&house->home);
	fill_policy(&house->policy, contacts, count);
	err = read_home(&house->home, note);
	if (!err && goods)
		err = fill_shop(house, goods);
	for (unsigned step = 0; !err && step < DIALOGUE_STEP_COUNT; step++)
		if (FILES[step])
			err = read_step(house, (enum dialogue_step)step, note);
	if (!err)
		err = compile_all(house, note);
	if (err)
		rehearsal_house_destroy(house);
	else
		*out_house = house;
	return err;
}

static void finish_words(struct rehearsal_words *words)
{
	understand_destroy(words->compiled);
	grammar_destroy(words->grammar);
}

static enum err add_sentences(struct rehearsal_house *house,
			      const struct skill_manifest *manifest,
			      struct err_note *note)
{
	struct buf bytes;
	enum err err;

	buf_init(&bytes, SKILL_SENTENCES_BYTES_MAX);
	err = skill_manifest_sentences(manifest, &bytes);
	if (!err)
		err = sentences_add(house->sentences[DIALOGUE_NONE], manifest->name,
				    (const char *)bytes.bytes, bytes.size, note);
	buf_finish(&bytes);
	return err;
}

enum err rehearsal_house_add_skill(struct rehearsal_house *house, const char *text,
				   struct err_note *note)
{
	static struct skill_manifest manifest; /* large, and one thread */
	struct day_policy *day = &house->policy.day;
	struct rehearsal_words words = {NULL, NULL};
	enum err err =
		skill_manifest_read("manifest", text, strlen(text), &manifest, note);

	if (!err)
		err = add_sentences(house, &manifest, note);
	if (!err)
		err = compile(house->sentences[DIALOGUE_NONE], &house->home, &words,
			      note);
	if (err)
		return err;
	finish_words(&house->steps[DIALOGUE_NONE]);
	house->steps[DIALOGUE_NONE] = words;
	must(day->skill_count < SKILLS_MAX);
	must(str_copy(day->skills[day->skill_count++].name, SKILL_NAME_BYTES,
		      manifest.name));
	return OK;
}

void rehearsal_house_destroy(struct rehearsal_house *house)
{
	if (!house)
		return;
	for (unsigned step = 0; step < DIALOGUE_STEP_COUNT; step++) {
		finish_words(&house->steps[step]);
		sentences_destroy(house->sentences[step]);
	}
	for (size_t i = 0; i < house->policy.contact_count; i++)
		finish_words(&house->phrases[i]);
	home_finish(&house->home);
	free(house);
}

const struct rehearsal_words *rehearsal_house_words(const struct rehearsal_house *house,
						    const struct dialogue *dialogue)
{
	if (dialogue->step == DIALOGUE_CONFIRM)
		return &house->phrases[policy_contact(&house->policy, dialogue->contact) -
				       house->policy.contacts];
	return &house->steps[FILES[dialogue->step] ? dialogue->step : DIALOGUE_NONE];
}
