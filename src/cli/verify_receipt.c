/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_receipt - reads the signed note line by line, then the proofs behind it. Asks no
 * keeper: its public key is in the data folder, and so a receipt can be checked while the
 * house is off.
 *
 * Invariant: what is counted as proved is an entry that the signed part names.
 */
#include "cli/verify_receipt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/paths.h"
#include "tlog/note.h"
#include "tlog/proof_text.h"

enum {
	RECEIPT_BYTES_MAX = 8 * 1024 * 1024,
	NAMED_MAX = 20000,
	LINE_BYTES = 256,
	RESULT_JSON_BYTES = 1024,
};

static const char FIRST_LINE[] = "behest receipt 1\n";
static const char SIGNATURE[] = "\n\n\xe2\x80\x94 ";
static const char ENTRY[] = "\nentry ";

struct reading {
	const char *text;
	size_t signed_size;
	const char *proofs; /* behind the note */
	size_t count;
	uint64_t *places; /* owned; that the signed part names, in its order */
};

bool verify_is_receipt(const char *text, size_t size)
{
	return text && size >= strlen(FIRST_LINE) &&
	       memcmp(text, FIRST_LINE, strlen(FIRST_LINE)) == 0;
}

/* --- the note --------------------------------------------------------------------------- */

static enum err check_note(struct reading *reading, const struct keeper_mark *mark,
			   struct err_note *note)
{
	const char *line = strstr(reading->text, SIGNATURE);
	const char *end = line ? strchr(line + 2, '\n') : NULL;
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char household[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	const struct note_key key = {name, NOTE_ED25519, mark->key};
	enum err err;

	if (!end)
		return err_say(ERR_FORMAT, note, "it has no signature; it was cut short");
	reading->signed_size = (size_t)(line + 1 - reading->text);
	reading->proofs = end + 1;
	id_to_text(household, mark->household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	err = note_read_line(&key, line + 2, (size_t)(end + 1 - line - 2), signature,
			     sizeof(signature));
	if (!err)
		err = seal_verify(mark->key, reading->text, reading->signed_size,
				  signature);
	if (err)
		return err_say(ERR_AUTH, note,
			       "it is not signed by this house's keeper, or was changed");
	return OK;
}

/* --- what it says ----------------------------------------------------------------------- */

static bool add_place(struct reading *reading, const char *digits)
{
	int64_t place = 0;

	if (reading->count == NAMED_MAX || !str_to_int(digits, 1, INT64_MAX, &place))
		return false;
	reading->places[reading->count++] = (uint64_t)place;
	return true;
}

/* "41 to 2041": of very many. */
static bool add_two(struct reading *reading, char *words)
{
	char *to = strstr(words, " to ");

	if (!to)
		return false;
	*to = '\0';
	return add_place(reading, words) && add_place(reading, to + strlen(" to "));
}

/* False: nobody of ours wrote such a line. */
static bool take_line(struct reading *reading, char *line,
		      struct receipt_checked *checked)
{
	static const char DELETED[] = " deleted ";

	if (str_starts(line, "at "))
		return str_copy(checked->at, sizeof(checked->at), line + 3);
	if (str_starts(line, "owner "))
		return str_copy(checked->owner, sizeof(checked->owner), line + 6);
	if (str_equal(line, "what everything")) {
		checked->is_all = true;
		return true;
	}
	if (str_equal(line, "what the household")) {
		checked->is_house = true;
		return true;
	}
	if (str_starts(line, "backup "))
		return str_copy(checked->backup, sizeof(checked->backup), line + 7);
	if (str_starts(line, "erased "))
		return add_place(reading, line + 7);
	if (str_starts(line, "ended "))
		return add_place(reading, line + 6);
	if (str_starts(line, "deleted "))
		return add_two(reading, line + 8);
	if (str_starts(line, "record ")) {
		const char *place = strstr(line, DELETED);

		return place && add_place(reading, place + strlen(DELETED));
	}
	return true;
}

/* Up to the first empty line: what follows is for people. */
static enum err read_lines(struct reading *reading, struct receipt_checked *checked,
			   struct err_note *note)
{
	const char *at = reading->text;

	while (*at != '\n') {
		const char *end = strchr(at, '\n');
		char line[LINE_BYTES];

		if (!end || !str_copy_bytes(line, sizeof(line), at, (size_t)(end - at)) ||
		    !take_line(reading, line, checked))
			return err_say(ERR_FORMAT, note, "%.40s: not a receipt's line",
				       end ? line : at);
		at = end + 1;
	}
	if (reading->count == 0)
		return err_say(ERR_FORMAT, note, "it names no entry of the journal");
	return OK;
}

/* --- the proofs ------------------------------------------------------------------------- */

/* "\nentry PLACE HASH\n", then the proof up to the next one. Of a place that is named, from
 * *named on. */
static enum err check_proof(const struct reading *reading, const struct keeper_mark *mark,
			    const char **at, size_t *named,
			    struct receipt_checked *checked)
{
	const char *line = *at + strlen(ENTRY);
	const char *end = strchr(line, '\n');
	const char *hash = end ? memchr(line, ' ', (size_t)(end - line)) : NULL;
	const char *next = end ? strstr(end, ENTRY) : NULL;
	uint8_t leaf[SEAL_HASH_BYTES];
	struct proof_text proof;
	struct merkle_head head;
	char digits[24];
	int64_t place = 0;
	enum err err;

	if (!hash ||
	    !str_copy_bytes(digits, sizeof(digits), line, (size_t)(hash - line)) ||
	    !str_to_int(digits, 1, INT64_MAX, &place))
		return ERR_FORMAT;
	while (*named < reading->count && reading->places[*named] != (uint64_t)place)
		(*named)++;
	if (*named == reading->count)
		return ERR_AUTH;
	if (!next)
		next = end + strlen(end);
	err = seal_from_base64(hash + 1, (size_t)(end - hash - 1), leaf, sizeof(leaf));
	if (!err)
		err = proof_text_check(mark->household, mark->key, leaf, end + 1,
				       (size_t)(next - end - 1), &proof, &head);
	if (!err && proof.index + 1 != (uint64_t)place)
		err = ERR_AUTH;
	if (err)
		return err;
	checked->size = head.size;
	checked->proved++;
	(*named)++;
	*at = next;
	return OK;
}

/* In the order in which they are named, each at most once. */
static enum err check_proofs(const struct reading *reading,
			     const struct keeper_mark *mark,
			     struct receipt_checked *checked, struct err_note *note)
{
	const char *at = reading->proofs;
	size_t named = 0;

	while (*at) {
		enum err err = ERR_FORMAT;

		if (str_starts(at, ENTRY))
			err = check_proof(reading, mark, &at, &named, checked);
		if (err)
			return err_say(err, note,
				       "behind %zu proofs stands one that proves nothing "
				       "of what it names",
				       checked->proved);
	}
	return OK;
}

enum err verify_receipt(const char *text, size_t size, const struct keeper_mark *mark,
			struct receipt_checked *out_checked, struct err_note *note)
{
	struct receipt_checked checked = {.named = 0};
	struct reading reading = {.text = text, .proofs = ""};
	enum err err;

	if (!verify_is_receipt(text, size) || strlen(text) != size)
		return err_say(ERR_FORMAT, note, "it is not a receipt");
	reading.places = calloc(NAMED_MAX, sizeof(*reading.places));
	if (!reading.places)
		return ERR_MEMORY;
	err = check_note(&reading, mark, note);
	if (!err)
		err = read_lines(&reading, &checked, note);
	if (!err)
		err = check_proofs(&reading, mark, &checked, note);
	checked.named = reading.count;
	free(reading.places);
	if (!err)
		*out_checked = checked;
	return err;
}

/* --- the command ------------------------------------------------------------------------ */

static enum err print_json(const struct receipt_checked *checked)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, RESULT_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_bool(&write, "signed", true);
	json_add_bool(&write, "everything", checked->is_all);
	json_add_bool(&write, "household", checked->is_house);
	json_add_text(&write, "backup", checked->backup[0] ? checked->backup : NULL);
	json_add_text(&write, "owner", checked->owner);
	json_add_text(&write, "at", checked->at);
	json_add_int(&write, "named", (int64_t)checked->named);
	json_add_int(&write, "proved", (int64_t)checked->proved);
	json_add_int(&write, "journal_entries", (int64_t)checked->size);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print(const struct receipt_checked *checked)
{
	if (checked->is_house)
		printf("the receipt is this keeper's, unchanged: the household was ended by "
		       "%s, %s\n",
		       checked->owner, checked->at);
	else
		printf("the receipt is this keeper's, unchanged: %s of %s was deleted, "
		       "%s\n",
		       checked->is_all ? "everything" : "what it names", checked->owner,
		       checked->at);
	if (str_starts(checked->backup, "older "))
		printf("a backup of %s is older: with its key table and its backup key it "
		       "still opens what was deleted\n",
		       checked->backup + strlen("older "));
	printf("%zu of %zu entries that it names are proved to be in the journal of %" PRIu64
	       " entries\n",
	       checked->proved, checked->named, checked->size);
}

/* The file first: whoever gave another one learns that, wherever the keeper is. */
static enum err read_file(const char *path, struct buf *text, struct err_note *note)
{
	enum err err = OK;

	if (!file_exists(path))
		return err_say(ERR_MISSING, note, "%s: is not there", path);
	err = file_read(path, RECEIPT_BYTES_MAX, text, note);
	if (!err && !verify_is_receipt((const char *)text->bytes, text->size))
		err = err_say(ERR_FORMAT, note,
			      "%s: is no archive of ours, and no receipt", path);
	return err;
}

/* By a given key any house's can be checked: which one that is, it says itself. */
static enum err read_key(const char *given, const char *text, struct keeper_mark *mark,
			 struct err_note *note)
{
	static const char LINE[] = "\nhousehold ";
	const char *line = strstr(text, LINE);
	char id[ID_TEXT_BYTES] = "";

	if (key_from_text(given, mark->key))
		return err_say(
			ERR_RANGE, note,
			"--key: expected 56 letters in groups of seven, and one of "
			"them is wrong");
	if (line)
		(void)str_copy_bytes(id, sizeof(id), line + strlen(LINE),
				     strcspn(line + strlen(LINE), "\n"));
	if (!id_from_text(mark->household.bytes, id))
		return err_say(ERR_FORMAT, note,
			       "it does not say of which household it is");
	return OK;
}

static enum err read_mark(const struct args *args, const char *text,
			  struct keeper_mark *mark, struct err_note *note)
{
	const char *given = args_text(args, "key", NULL);
	struct paths paths;
	char folder[FILE_PATH_BYTES];
	enum err err;

	if (given)
		return read_key(given, text, mark, note);
	err = paths_find(args_text(args, "data", NULL), &paths, note);
	if (!err && !file_join(folder, sizeof(folder), paths.data, "keeper"))
		err = err_say(ERR_LIMIT, note, "%s: its path is too long", paths.data);
	if (!err && file_is_folder(folder, NULL))
		err = err_say(
			ERR_MISSING, note,
			"there is no house in %s; give --key, the keeper's public key",
			paths.data);
	return err ? err : keeper_mark_read(folder, mark, note);
}

static enum err check_file(const struct args *args, struct receipt_checked *checked,
			   struct err_note *note)
{
	const char *path = args->rest[0];
	struct err_note why = {""};
	struct keeper_mark mark = {.key = {0}};
	struct buf text;
	enum err err;

	buf_init(&text, 0);
	err = read_file(path, &text, note);
	if (!err)
		err = read_mark(args, (const char *)text.bytes, &mark, note);
	if (!err) {
		err = verify_receipt((const char *)text.bytes, text.size, &mark, checked,
				     &why);
		if (err)
			(void)err_say(err, note, "%s: %s", path,
				      why.text[0] ? why.text : err_words(err));
	}
	buf_finish(&text);
	return err;
}

enum cli_exit verify_receipt_run(const struct args *args)
{
	struct receipt_checked checked = {.named = 0};
	struct err_note note = {""};
	enum err err = check_file(args, &checked, &note);

	if (!err && args_flag(args, "json"))
		err = print_json(&checked);
	else if (!err)
		print(&checked);
	if (!err && checked.proved == 0)
		return command_fail(CLI_FAILED, "%s: it holds no proof", args->rest[0]);
	return err ? command_fail_err(err, &note, "the receipt") : CLI_DONE;
}
