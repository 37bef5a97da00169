/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drill_card - see the header. One row for each key; what a drill makes of the texts is
 * its own.
 */
#include "cli/drill_card.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "base/yaml.h"
#include "domain/reason.h"

struct reader {
	const char *path;
	struct err_note *note;
	struct drill_card *card;
};

typedef enum err read_fn(const struct reader *reader, const struct yaml_node *node,
			 void *to);

static enum err complain(const struct reader *reader, const struct yaml_node *node,
			 const char *found, const char *expected)
{
	return err_say(ERR_FORMAT, reader->note, "%s:%u:%u: %s; expected %s",
		       reader->path, node->line, node->column, found, expected);
}

static enum err read_bytes(const struct reader *reader, const struct yaml_node *node,
			   char *to, size_t size)
{
	const char *text = yaml_text(node, "");

	if (node->kind != YAML_TEXT || !text[0])
		return complain(reader, node, "no text", "words");
	if (!str_copy(to, size, text))
		return complain(reader, node, "a long text", "a shorter one");
	str_trim(to);
	return OK;
}

static enum err read_text(const struct reader *reader, const struct yaml_node *node,
			  void *to)
{
	return read_bytes(reader, node, to, DRILL_TEXT_BYTES);
}

static enum err read_name(const struct reader *reader, const struct yaml_node *node,
			  void *to)
{
	char name[DRILL_NAME_BYTES];
	enum err err = read_bytes(reader, node, to, DRILL_NAME_BYTES);

	if (!err && (!drill_card_name(reader->path, name) || !str_equal(name, to)))
		err = complain(reader, node, "another name than the file's",
			       "the file's without .yaml");
	return err;
}

static enum err read_number(const struct reader *reader, const struct yaml_node *node,
			    void *to)
{
	int64_t number = 0;
	unsigned *out = to;

	if (!str_to_int(yaml_text(node, ""), 1, DRILL_NUMBER_MAX, &number))
		return complain(reader, node, "no such number", "1 to 99");
	*out = (unsigned)number;
	return OK;
}

static enum err read_flag(const struct reader *reader, const struct yaml_node *node,
			  const char *yes, const char *no, bool *out_flag)
{
	const char *text = yaml_text(node, "");
	char expected[DRILL_LINE_BYTES];

	must(str_format(expected, sizeof(expected), "\"%s\" or \"%s\"", yes, no));
	if (!str_equal(text, yes) && !str_equal(text, no))
		return complain(reader, node, "something else", expected);
	*out_flag = str_equal(text, yes);
	return OK;
}

static enum err read_state(const struct reader *reader, const struct yaml_node *node,
			   void *to)
{
	return read_flag(reader, node, "ready", "not yet", to);
}

static enum err read_lines(const struct reader *reader, const struct yaml_node *node,
			   void *to)
{
	struct drill_lines *lines = to;
	enum err err = OK;

	if (node->kind != YAML_LIST || node->count == 0)
		return complain(reader, node, "no list", "a list of texts");
	if (node->count > DRILL_LINES_MAX)
		return complain(reader, node, "a long list", "at most 64 texts");
	for (size_t i = 0; !err && i < node->count; i++)
		err = read_bytes(reader, &node->children[i], lines->all[lines->count++],
				 DRILL_LINE_BYTES);
	return err;
}

static enum err read_codes(const struct reader *reader, const struct yaml_node *node,
			   void *to)
{
	const struct drill_lines *lines = to;
	enum reason reason;
	enum err err = read_lines(reader, node, to);

	for (size_t i = 0; !err && i < lines->count; i++)
		if (!reason_from_code(lines->all[i], &reason) || reason == REASON_NONE)
			err = complain(reader, &node->children[i], "no reason",
				       "a code of src/domain/reason.def");
	return err;
}

static enum err read_contact(const struct reader *reader, const struct yaml_node *node,
			     struct rehearsal_contact *contact)
{
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *kind = yaml_get(node, "kind");
	const struct yaml_node *voice = yaml_get(node, "voice");
	enum err err;

	if (node->kind != YAML_MAP || node->count != 3 || !name || !kind || !voice)
		return complain(reader, node, "no contact", "{name, kind, voice}");
	err = read_bytes(reader, name, contact->name, sizeof(contact->name));
	if (!err && !contact_kind_from_text(yaml_text(kind, ""), &contact->kind))
		err = complain(reader, kind, "no kind", "house, peer or mail");
	return err ? err
		   : read_flag(reader, voice, "allowed", "no", &contact->voice_allowed);
}

static enum err read_contacts(const struct reader *reader, const struct yaml_node *node,
			      void *to)
{
	struct drill_card *card = reader->card;
	struct rehearsal_contact *contacts = to;
	enum err err = OK;

	if (node->kind != YAML_LIST || node->count == 0 ||
	    node->count > DRILL_CONTACTS_MAX)
		return complain(reader, node, "no such list", "1 to 16 contacts");
	for (size_t i = 0; !err && i < node->count; i++)
		err = read_contact(reader, &node->children[i],
				   &contacts[card->contact_count++]);
	return err;
}

static enum err read_level(const struct reader *reader, const struct yaml_node *node,
			   int64_t low, int64_t high, int64_t *out_level)
{
	char expected[DRILL_LINE_BYTES];

	must(str_format(expected, sizeof(expected), "%lld to %lld", (long long)low,
			(long long)high));
	if (!str_to_int(yaml_text(node, ""), low, high, out_level))
		return complain(reader, node, "no such number", expected);
	return OK;
}

static enum err read_room(const struct reader *reader, const struct yaml_node *node,
			  struct drill_room *room)
{
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *db = yaml_get(node, "db");
	const struct yaml_node *late = yaml_get(node, "late_ms");
	int64_t level = 0;
	enum err err;

	if (node->kind != YAML_MAP || node->count != 3 || !name || !db || !late)
		return complain(reader, node, "no room", "{name, db, late_ms}");
	err = read_bytes(reader, name, room->name, sizeof(room->name));
	if (!err)
		err = read_level(reader, db, -DRILL_NUMBER_MAX, 0, &level);
	room->db = (double)level;
	return err ? err : read_level(reader, late, 0, DRILL_LATE_MS_MAX, &room->late_ms);
}

static enum err read_rooms(const struct reader *reader, const struct yaml_node *node,
			   void *to)
{
	struct drill_card *card = reader->card;
	struct drill_room *rooms = to;
	enum err err = OK;

	if (node->kind != YAML_LIST || node->count == 0 || node->count > DRILL_ROOMS_MAX)
		return complain(reader, node, "no such list", "1 to 8 rooms");
	for (size_t i = 0; !err && i < node->count; i++)
		err = read_room(reader, &node->children[i], &rooms[card->room_count++]);
	return err;
}

static const struct key {
	const char *name;
	bool always; /* every card has it */
	size_t at;
	read_fn *read;
} KEYS[] = {
	{"drill", true, offsetof(struct drill_card, name), read_name},
	{"number", true, offsetof(struct drill_card, number), read_number},
	{"state", true, offsetof(struct drill_card, is_ready), read_state},
	{"title", true, offsetof(struct drill_card, title), read_text},
	{"happened", true, offsetof(struct drill_card, happened), read_text},
	{"sources", true, offsetof(struct drill_card, sources), read_lines},
	{"expected", true, offsetof(struct drill_card, expected), read_text},
	{"not_yet", false, offsetof(struct drill_card, not_yet), read_lines},
	{"contacts", false, offsetof(struct drill_card, contacts), read_contacts},
	{"near", false, offsetof(struct drill_card, near), read_lines},
	{"wake", false, offsetof(struct drill_card, wake), read_text},
	{"request", false, offsetof(struct drill_card, request), read_text},
	{"answers", false, offsetof(struct drill_card, answers), read_lines},
	{"confirms", false, offsetof(struct drill_card, confirms), read_lines},
	{"before_tone", false, offsetof(struct drill_card, before_tone), read_text},
	{"behind_tone", false, offsetof(struct drill_card, behind_tone), read_text},
	{"names", false, offsetof(struct drill_card, names), read_lines},
	{"said", false, offsetof(struct drill_card, said), read_lines},
	{"words", false, offsetof(struct drill_card, words), read_lines},
	{"code", false, offsetof(struct drill_card, code), read_text},
	{"goods", false, offsetof(struct drill_card, goods), read_text},
	{"order", false, offsetof(struct drill_card, order), read_text},
	{"households", false, offsetof(struct drill_card, households), read_number},
	{"notices_max", false, offsetof(struct drill_card, notices_max), read_number},
	{"rooms", false, offsetof(struct drill_card, rooms), read_rooms},
	{"outcomes", false, offsetof(struct drill_card, outcomes), read_lines},
	{"by_ear", false, offsetof(struct drill_card, by_ear), read_codes},
	{"moved_percent_max", false, offsetof(struct drill_card, moved_percent_max),
	 read_number},
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(KEYS); i++)
		if (str_equal(KEYS[i].name, name))
			return &KEYS[i];
	return NULL;
}

static enum err read_child(const struct reader *reader, const struct yaml_node *node)
{
	const struct key *key = find_key(node->key);

	if (!key)
		return complain(reader, node, "an unknown key", "one of docs/FORMATS.md");
	return key->read(reader, node, (char *)reader->card + key->at);
}

static enum err expect_key(const struct reader *reader, const struct yaml_node *root,
			   const char *name)
{
	char expected[DRILL_LINE_BYTES];

	if (yaml_get(root, name))
		return OK;
	must(str_format(expected, sizeof(expected), "\"%s\"", name));
	return complain(reader, root, "a key is missing", expected);
}

static enum err read_root(const struct reader *reader, const struct yaml_node *root,
			  const char *const *needs)
{
	enum err err = OK;

	if (root->kind != YAML_MAP)
		return complain(reader, root, "no map", "the keys of a card");
	for (size_t i = 0; !err && i < root->count; i++)
		err = read_child(reader, &root->children[i]);
	for (size_t i = 0; !err && i < STR_COUNT(KEYS); i++)
		if (KEYS[i].always)
			err = expect_key(reader, root, KEYS[i].name);
	for (size_t i = 0; !err && reader->card->is_ready && needs && needs[i]; i++)
		err = expect_key(reader, root, needs[i]);
	if (!err && !reader->card->is_ready && yaml_get(root, "not_yet"))
		err = complain(reader, yaml_get(root, "not_yet"), "parts of nothing",
			       "not_yet in a card that is ready");
	return err;
}

enum err drill_card_read(const char *path, const char *bytes, size_t size,
			 const char *const *needs, struct drill_card *out_card,
			 struct err_note *note)
{
	const struct reader reader = {path, note, out_card};
	struct yaml *yaml = NULL;
	enum err err;

	memset(out_card, 0, sizeof(*out_card));
	if (!str_copy(out_card->path, sizeof(out_card->path), path))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", path);
	err = yaml_parse(path, bytes, size, &yaml, note);
	if (!err)
		err = read_root(&reader, yaml_root(yaml), needs);
	yaml_destroy(yaml);
	return err;
}

bool drill_card_name(const char *path, char to[DRILL_NAME_BYTES])
{
	const char *slash = strrchr(path, '/');
	const char *from = slash ? slash + 1 : path;
	static const char ENDING[] = ".yaml";
	const size_t size = strlen(from);

	return str_ends(from, ENDING) && size >= sizeof(ENDING) &&
	       str_copy_bytes(to, DRILL_NAME_BYTES, from, size - strlen(ENDING));
}

const char *drill_card_outcome(const struct drill_card *card, const char *which)
{
	const size_t size = strlen(which);

	for (size_t i = 0; i < card->outcomes.count; i++) {
		const char *line = card->outcomes.all[i];

		if (str_starts(line, which) && line[size] == ' ')
			return line + size + strspn(line + size, " ");
	}
	return NULL;
}

const char *drill_card_line(const struct drill_lines *lines, size_t index)
{
	must(lines->count > 0);
	return lines->all[index < lines->count ? index : lines->count - 1];
}

enum err drill_card_say(const struct drill_card *card, struct err_note *note,
			const char *key, const char *what, const char *which)
{
	return err_say(ERR_FORMAT, note, "%s: %s: %s\"%s\"", card->path, key, what,
		       which);
}
