/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists - which values a list has: of files, of the house, numbers; and who uses them.
 *
 * Values of files are templates and are unfolded like sentences; names of the house are
 * plain text; numbers are spoken. Invariant: one word list for one list with one prefix
 * and suffix, shared by all sentences.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/grow.h"
#include "understand/numbers.h"
#include "understand/trie.h"

enum { RANGE_VALUES_MAX = 20000, NUMBER_BYTES = 32 };

/* --- the house --- */

static bool domain_fits(const struct context_rule *rule, uint64_t *out_bits)
{
	if (!str_equal(rule->key, "domain") || !rule->value_count)
		return false;
	*out_bits = 0;
	for (size_t i = 0; i < rule->value_count; i++) {
		enum entity_domain domain = entity_domain_from_text(rule->values[i]);
		if (domain != ENTITY_UNKNOWN || str_equal(rule->values[i], "unknown"))
			*out_bits |= UINT64_C(1) << domain;
	}
	return true;
}

/* The kinds of device that the row's contexts leave. */
static uint64_t row_domains(const struct row *row)
{
	uint64_t domains = UINT64_MAX;
	for (size_t i = 0; i < row->context_count; i++) {
		uint64_t bits = 0;
		if (domain_fits(&row->contexts[i], &bits))
			domains &= row->contexts[i].excludes ? ~bits : bits;
	}
	return domains;
}

static enum err add_value(struct grower *grower, struct value value, uint32_t *out_value)
{
	struct understand *made = grower->compiler->made;
	enum err err =
		grow_room(&made->values, &made->value_capacity, made->value_count + 1,
			  sizeof(*made->values), LIST_VALUES_MAX);
	if (err)
		return err;
	made->values[made->value_count] = value;
	*out_value = (uint32_t)made->value_count++;
	return OK;
}

static enum err keep_text(struct grower *grower, const char *text, const char **out_text)
{
	char *copy = NULL;
	enum err err = arena_copy_text(grower->compiler->made->arena, text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

/* --- the sources --- */

static enum err keep_contexts(struct grower *grower, const struct list_value *from,
			      struct value *value)
{
	void *memory = NULL;
	enum err err =
		arena_take_array(grower->compiler->made->arena, from->context_count,
				 sizeof(struct pair), &memory);
	value->contexts = memory;
	for (size_t i = 0; i < from->context_count && !err; i++) {
		err = keep_text(grower, from->contexts[i].key, &value->contexts[i].key);
		if (!err)
			err = keep_text(grower, from->contexts[i].value,
					&value->contexts[i].value);
	}
	if (!err)
		value->context_count = from->context_count;
	return err;
}

static enum err grow_values(struct grower *grower)
{
	const struct list *list = grower->key->ref.list;
	enum err err = OK;
	for (size_t i = 0; i < list->value_count && !err; i++) {
		const struct list_value *from = &list->values[i];
		struct value value = {.is_number = from->is_number,
				      .number = from->number,
				      .entity = -1};
		uint32_t number = 0;
		if (from->out)
			err = keep_text(grower, from->out, &value.out);
		if (!err && from->context_count)
			err = keep_contexts(grower, from, &value);
		if (!err)
			err = add_value(grower, value, &number);
		if (!err)
			err = trie_add(grower, from->in, NULL, number);
	}
	return err;
}

/* One name of the house under its canonical form. Names that people wrote into a file of
 * their own may be templates; what is none is taken as it is written. */
static enum err grow_name(struct grower *grower, const char *said, uint32_t value)
{
	const struct place place = {"names", 1, 1};
	const struct part *part = NULL;
	struct err_note note;

	if (!grower->compiler->home->has_templates || !strpbrk(said, "[(") ||
	    template_parse(grower->compiler->made->arena, said, place, &part, &note))
		return trie_add(grower, NULL, said, value);
	return trie_add(grower, part, NULL, value);
}

static enum err grow_entities(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	int known = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->entity_count && !err; i++) {
		const struct entity *entity = &home->entities[i];
		if (!entity->exposed)
			continue;
		struct value value = {.entity = known};
		uint32_t number = 0;
		value.out = grower->compiler->made->entities[known++].name;
		err = add_value(grower, value, &number);
		if (!err)
			err = grow_name(grower, entity->name, number);
		for (size_t a = 0; a < entity->alias_count && !err; a++)
			err = grow_name(grower, entity->aliases[a], number);
	}
	return err;
}

static enum err grow_plain(struct grower *grower, const char *name, uint32_t *out_value)
{
	struct value value = {.entity = -1};
	enum err err = keep_text(grower, name, &value.out);
	if (!err)
		err = add_value(grower, value, out_value);
	if (!err)
		err = grow_name(grower, name, *out_value);
	return err;
}

static enum err grow_areas(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	enum err err = OK;
	for (size_t i = 0; i < home->area_count && !err; i++) {
		const struct area *area = &home->areas[i];
		uint32_t value = 0;
		err = grow_plain(grower, area->name, &value);
		for (size_t a = 0; a < area->alias_count && !err; a++)
			err = grow_name(grower, area->aliases[a], value);
	}
	return err;
}

static enum err grow_floors(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->floor_count && !err; i++)
		err = grow_plain(grower, home->floors[i].name, &value);
	return err;
}

/* Groups, or routines. */
static enum err grow_words(struct grower *grower, const char (*names)[NAME_BYTES],
			   size_t count)
{
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < count && !err; i++)
		err = grow_plain(grower, names[i], &value);
	return err;
}

static enum err grow_people(struct grower *grower, bool contacts)
{
	const struct home *home = grower->compiler->home;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->person_count && !err; i++) {
		if (home->people[i].is_contact == contacts)
			err = grow_plain(grower, home->people[i].name, &value);
	}
	return err;
}

/* Names that come from files, and may be anything: what has no word is left out. */
static enum err grow_music(struct grower *grower, enum music_kind kind)
{
	const struct home *home = grower->compiler->home;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->music_count && !err; i++) {
		if (home->music[i].kind == kind)
			err = grow_plain(grower, home->music[i].text, &value);
	}
	return err;
}

/* The bits of enum numbers_form by which this number is said as without them. */
static unsigned useless_forms(double number, const char *digits)
{
	double size = fabs(number);
	bool one_in_front = digits[number < 0] == '1';
	return (number < 0 ? 0u : NUMBERS_NEGATIVE) |
	       (size >= 1000 ? 0u : NUMBERS_HUNDREDS) | (size >= 100 ? 0u : NUMBERS_AND) |
	       (size >= 100 && one_in_front ? 0u : NUMBERS_A) |
	       (number == floor(number) ? NUMBERS_HALF : 0u);
}

static enum err grow_number(struct grower *grower, double number, double multiplier)
{
	const struct speller *speller = &grower->compiler->sentences->speller;
	char digits[NUMBER_BYTES];
	char said[NUMBERS_SAID_BYTES];
	struct value value = {.entity = -1,
			      .is_number = true,
			      .number = number * multiplier};
	uint32_t at = 0;
	must(str_format(digits, sizeof(digits), "%.10g", number));
	enum err err = add_value(grower, value, &at);
	unsigned useless = useless_forms(number, digits);
	for (unsigned form = 0; form < NUMBERS_FORMS && !err; form++) {
		if (!(form & useless) && numbers_say(digits, form, said, sizeof(said)))
			err = trie_add(grower, NULL, said, at);
	}
	for (unsigned way = 0;
	     !err && speller->ops &&
	     speller->ops->spell(speller->self, number, way, said, sizeof(said));
	     way++) {
		if (said[0])
			err = trie_add(grower, NULL, said, at);
	}
	return err;
}

static enum err grow_range(struct grower *grower)
{
	static const int PARTS[] = {
		[RANGE_WHOLE] = 1, [RANGE_HALVES] = 2, [RANGE_TENTHS] = 10};
	const struct range *range = grower->key->ref.range;
	int parts = PARTS[range->fractions];
	double count = floor((range->to - range->from) / range->step + 1e-9) + 1;
	enum err err = OK;
	if (count * parts > RANGE_VALUES_MAX)
		return ERR_LIMIT;
	for (int i = 0; i < (int)count && !err; i++) {
		double whole = range->from + i * range->step;
		for (int part = 0; part < parts && !err; part++) {
			double number = round((whole + (double)part / parts) * 1e6) / 1e6;
			if (number <= range->to)
				err = grow_number(grower, number, range->multiplier);
		}
	}
	return err;
}

static enum err grow_excepts(struct grower *grower)
{
	const struct phrases *excepts = &grower->key->ref.list->excepts;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < excepts->count && !err; i++)
		err = grow_plain(grower, excepts->texts[i], &value);
	return err;
}

static enum err grow_source(struct grower *grower)
{
	switch (grower->key->ref.source) {
	case SOURCE_LIST:
		return grow_values(grower);
	case SOURCE_RANGE:
		return grow_range(grower);
	case SOURCE_NAMES:
		return grow_entities(grower);
	case SOURCE_AREAS:
		return grow_areas(grower);
	case SOURCE_FLOORS:
		return grow_floors(grower);
	case SOURCE_PEOPLE:
		return grow_people(grower, false);
	case SOURCE_CONTACTS:
		return grow_people(grower, true);
	case SOURCE_GROUPS:
		return grow_words(grower, grower->compiler->home->groups,
				  grower->compiler->home->group_count);
	case SOURCE_ROUTINES:
		return grow_words(grower, grower->compiler->home->routines,
				  grower->compiler->home->routine_count);
	case SOURCE_GOODS:
		return grow_words(grower, grower->compiler->home->goods,
				  grower->compiler->home->goods_count);
	case SOURCE_ARTISTS:
		return grow_music(grower, MUSIC_ARTIST);
	case SOURCE_ALBUMS:
		return grow_music(grower, MUSIC_ALBUM);
	case SOURCE_PLAYLISTS:
		return grow_music(grower, MUSIC_PLAYLIST);
	case SOURCE_GENRES:
		return grow_music(grower, MUSIC_GENRE);
	case SOURCE_STATIONS:
		return grow_music(grower, MUSIC_STATION);
	case SOURCE_EXCEPTS:
		return grow_excepts(grower);
	}
	must(false);
}

/* --- uses --- */

static bool same_range(const struct range *a, const struct range *b)
{
	return a == b ||
	       (a && b && a->from == b->from && a->to == b->to && a->step == b->step &&
		a->multiplier == b->multiplier && a->fractions == b->fractions);
}

static bool same_key(const struct list_key *a, const struct list_key *b)
{
	return a->ref.source == b->ref.source && a->ref.list == b->ref.list &&
	       same_range(a->ref.range, b->ref.range) && a->prefix == b->prefix &&
	       a->suffix == b->suffix;
}

static bool is_of_house(enum list_source source)
{
	return source != SOURCE_LIST && source != SOURCE_RANGE &&
	       source != SOURCE_EXCEPTS;
}

static enum err find_list(struct compiler *compiler, const struct list_key *key,
			  uint32_t *out_list)
{
	struct understand *made = compiler->made;
	for (size_t i = 0; i < made->list_count; i++) {
		if (same_key(&compiler->list_keys[i], key)) {
			*out_list = (uint32_t)i;
			return OK;
		}
	}
	uint32_t root = 0;
	enum err err = grow_room(&made->lists, &made->list_capacity, made->list_count + 1,
				 sizeof(*made->lists), LISTS_MAX);
	if (!err)
		err = grow_room(&compiler->list_keys, &compiler->list_key_capacity,
				made->list_count + 1, sizeof(*compiler->list_keys),
				LISTS_MAX);
	if (!err)
		err = trie_make(compiler, key, grow_source, &root);
	if (err)
		return err;
	compiler->list_keys[made->list_count] = *key;
	made->lists[made->list_count] =
		(struct word_list){.root = root,
				   .has_entities = key->ref.source == SOURCE_NAMES,
				   .of_house = is_of_house(key->ref.source)};
	*out_list = (uint32_t)made->list_count++;
	return OK;
}

enum err lists_use(struct compiler *compiler, const struct list_ref *ref, uint32_t prefix,
		   uint32_t suffix, uint32_t *out_use)
{
	struct understand *made = compiler->made;
	struct list_key key = {*ref, prefix, suffix};
	struct list_use use = {0};
	enum err err = find_list(compiler, &key, &use.list);
	if (err)
		return err;
	use.domains = made->lists[use.list].has_entities ? row_domains(compiler->row)
							 : UINT64_MAX;
	for (size_t i = 0; i < made->use_count; i++) {
		if (made->uses[i].list == use.list &&
		    made->uses[i].domains == use.domains) {
			*out_use = (uint32_t)i;
			return OK;
		}
	}
	err = grow_room(&made->uses, &made->use_capacity, made->use_count + 1,
			sizeof(*made->uses), LIST_USES_MAX);
	if (err)
		return err;
	made->uses[made->use_count] = use;
	*out_use = (uint32_t)made->use_count++;
	return OK;
}

/* Phrases of all files, of the kind that lies at an offset in a file. */
static enum err grow_phrases(struct grower *grower, size_t kind)
{
	const struct sentences *sentences = grower->compiler->sentences;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t f = 0; f < sentences->file_count && !err; f++) {
		const void *at = (const char *)sentences->files[f] + kind;
		const struct phrases *phrases = at;
		for (size_t i = 0; i < phrases->count && !err; i++)
			err = grow_plain(grower, phrases->texts[i], &value);
	}
	return err;
}

static enum err grow_skips(struct grower *grower)
{
	return grow_phrases(grower, offsetof(struct sentence_file, skips));
}

static enum err grow_fillers(struct grower *grower)
{
	return grow_phrases(grower, offsetof(struct sentence_file, fillers));
}

static enum err grow_decisives(struct grower *grower)
{
	return grow_phrases(grower, offsetof(struct sentence_file, decisives));
}

enum err lists_make_phrases(struct compiler *compiler)
{
	struct understand *made = compiler->made;
	const struct {
		const char *name;
		enum err (*grow)(struct grower *grower);
		uint32_t *root;
	} KINDS[] = {{"skip_words", grow_skips, &made->skip_root},
		     {"filler_words", grow_fillers, &made->filler_root},
		     {"decisive_words", grow_decisives, &made->decisive_root}};
	enum err err = OK;
	for (size_t i = 0; i < STR_COUNT(KINDS) && !err; i++) {
		const struct list_key key = {
			.ref = {.name = KINDS[i].name, .place = {KINDS[i].name, 1, 1}}};
		err = trie_make(compiler, &key, KINDS[i].grow, KINDS[i].root);
	}
	if (!err)
		made->has_skips = made->list_nodes[made->skip_root].arc_count > 0;
	return err;
}
