/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol - see the header.
 *
 * Invariant: two people, or two contacts, of one name pass in no case, whatever the owner
 * says: the keeper would refuse the second, and a file goes in whole or not at all.
 */
#include "cli/enrol.h"

#include <string.h>

#include "adapter/recogniser_pocketsphinx.h"
#include "adapter/settings_file.h"
#include "adapter/sounds_lexicon.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/command.h"

enum {
	NAMES_MAX = ENROL_NAMES_MAX + POLICY_PEOPLE_MAX + POLICY_OWNERS_MAX +
		    POLICY_CONTACTS_MAX,
	PAIRS_MAX = ENROL_COMPLAINTS_MAX,
};

enum err enrol_name(const char *given, char to[PEOPLE_NAME_BYTES], struct err_note *note)
{
	bool fits = str_copy(to, PEOPLE_NAME_BYTES, given);

	str_trim(to);
	return fits && *to ? OK
			   : err_say(ERR_RANGE, note, "a name has 1 to %d bytes",
				     PEOPLE_NAME_BYTES - 1);
}

/* The new names first, as they were given; then the household's. */
struct comparing {
	size_t count;
	struct alike_name names[NAMES_MAX];
	size_t pair_count; /* also those for which there was no room */
	struct alike_pair pairs[PAIRS_MAX];
};

static bool is_but(const uint8_t *but, const uint8_t id[ID_BYTES])
{
	return but && id_equal(but, id);
}

static void add_household(struct comparing *comparing, const struct household *household,
			  const uint8_t *but)
{
	for (size_t i = 0; i < household->person_count; i++) {
		const struct wire_person *person = &household->people[i];
		struct alike_name *name = &comparing->names[comparing->count];

		if (is_but(but, person->id.bytes))
			continue;
		*name = (struct alike_name){.text = person->name};
		memcpy(name->who.bytes, person->id.bytes, ID_BYTES);
		comparing->count++;
	}
	for (size_t i = 0; i < household->contact_count; i++) {
		const struct wire_contact *contact = &household->contacts[i];
		struct alike_name *name = &comparing->names[comparing->count];

		if (is_but(but, contact->id.bytes))
			continue;
		*name = (struct alike_name){.text = contact->name, .is_contact = true};
		memcpy(name->who.bytes, contact->person.bytes, ID_BYTES);
		comparing->count++;
	}
}

/* How the household's language sounds. */
static enum err open_sounds(const struct paths *paths, struct sounds *out_sounds,
			    struct err_note *note)
{
	struct settings settings;
	enum err err = settings_file_read(paths->config, false, &settings, note);

	return err ? err
		   : sounds_lexicon_open(settings.house_language,
					 recogniser_pocketsphinx_defaults().dictionary,
					 out_sounds, note);
}

static bool is_taken(const struct comparing *comparing, size_t a, size_t b)
{
	const struct alike_name *left = &comparing->names[a];
	const struct alike_name *right = &comparing->names[b];

	return a != b && (!right->is_new || b < a) &&
	       left->is_contact == right->is_contact &&
	       str_equal_folded(left->text, right->text);
}

/* What the keeper would refuse, also where the owner minds nothing else. */
static void find_taken(struct comparing *comparing)
{
	for (size_t a = 0; a < comparing->count && comparing->names[a].is_new; a++)
		for (size_t b = 0; b < comparing->count; b++) {
			if (!is_taken(comparing, a, b))
				continue;
			if (comparing->pair_count < PAIRS_MAX)
				comparing->pairs[comparing->pair_count] =
					(struct alike_pair){a, b, ALIKE_EQUAL};
			comparing->pair_count++;
		}
}

static enum err find_alike(const struct paths *paths, struct comparing *comparing,
			   struct err_note *note)
{
	struct sounds sounds = {.ops = NULL};
	enum err err = open_sounds(paths, &sounds, note);

	if (!err)
		err = alike_names_find(comparing->names, comparing->count, sounds,
				       comparing->pairs, PAIRS_MAX,
				       &comparing->pair_count);
	if (sounds.ops)
		sounds.ops->close(sounds.self);
	return err;
}

/* Where the other name stands. */
static const char *whose(const struct alike_name *name)
{
	if (name->is_new)
		return " of the same file";
	return name->is_contact ? " of the contacts" : " of the people here";
}

static void complain(const struct comparing *comparing, const struct alike_pair *pair,
		     const char *file)
{
	const struct alike_name *b = &comparing->names[pair->b];

	(void)command_fail(CLI_REFUSED, "%s: [%zu].name: \"%s\" and \"%s\"%s %s", file,
			   pair->a, comparing->names[pair->a].text, b->text, whose(b),
			   alike_words(pair->how));
}

static enum err refuse(const struct comparing *comparing, const char *file,
		       struct err_note *note)
{
	const struct alike_pair *pair = &comparing->pairs[0];
	const struct alike_name *b = &comparing->names[pair->b];
	const size_t count = comparing->pair_count;

	for (size_t i = 0; file && i < comparing->pair_count && i < ENROL_COMPLAINTS_MAX;
	     i++)
		complain(comparing, &comparing->pairs[i], file);
	if (file)
		return err_say(ERR_DENIED, note,
			       "%s: %zu %s%s; nothing was changed: rename %s%s", file,
			       count, count == 1 ? "name clashes" : "names clash",
			       count > PAIRS_MAX ? ", of which these are the first" : "",
			       count == 1 ? "it" : "them",
			       is_taken(comparing, pair->a, pair->b)
				       ? ""
				       : ", or give --sounds-alike-ok");
	if (is_taken(comparing, pair->a, pair->b))
		return err_say(ERR_DENIED, note, "there is a \"%s\"%s already", b->text,
			       whose(b));
	return err_say(ERR_DENIED, note,
		       "\"%s\" and \"%s\"%s %s: one would be heard for the other; take "
		       "another name, or give --sounds-alike-ok",
		       comparing->names[pair->a].text, b->text, whose(b),
		       alike_words(pair->how));
}

enum err enrol_check(const struct args *args, const struct paths *paths,
		     const struct household *household, const uint8_t *but,
		     const struct alike_name *names, size_t count, const char *file,
		     struct err_note *note)
{
	static struct comparing comparing;
	enum err err = OK;

	must(count <= ENROL_NAMES_MAX);
	comparing.count = count;
	comparing.pair_count = 0;
	for (size_t i = 0; i < count; i++) {
		comparing.names[i] = names[i];
		comparing.names[i].is_new = true;
	}
	add_household(&comparing, household, but);
	if (args_flag(args, "sounds-alike-ok"))
		find_taken(&comparing);
	else
		err = find_alike(paths, &comparing, note);
	if (!err && comparing.pair_count > 0)
		err = refuse(&comparing, file, note);
	return err;
}
