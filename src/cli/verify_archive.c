/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_archive - reads the archive once for hashes and the few files that say what it is,
 * and once more for the journal's proofs. What it keeps is limited, whatever the file says.
 */
#include "cli/verify_archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/keeper_mark.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/minisign.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/paths.h"
#include "tlog/checkpoint.h"
#include "tlog/proof_text.h"
#include "tlog/tree.h"

enum {
	PIECE_BYTES = 64 * 1024,
	SMALL_BYTES_MAX = 64 * 1024,
	SUMS_BYTES_MAX = 256 * 1024 * 1024,
	ENTRY_BYTES_MAX = 64 * 1024,
	HEX_BYTES = 2 * SEAL_HASH_BYTES,
	JSON_BYTES = 2048,
};

/* Files that are kept while it is checked. */
enum kept {
	KEPT_SUMS,
	KEPT_SIGNATURE,
	KEPT_KEY,
	KEPT_ABOUT,
	KEPT_CHECKPOINT,
	KEPT_COUNT
};

static const struct {
	const char *path;
	size_t size_max;
	bool is_listed; /* in SHA256SUMS */
} KEPT[] = {
	[KEPT_SUMS] = {"SHA256SUMS", SUMS_BYTES_MAX, false},
	[KEPT_SIGNATURE] = {"SHA256SUMS.minisig", SMALL_BYTES_MAX, false},
	[KEPT_KEY] = {"minisign.pub", SMALL_BYTES_MAX, true},
	[KEPT_ABOUT] = {"about.json", SMALL_BYTES_MAX, true},
	[KEPT_CHECKPOINT] = {"journal/checkpoint", SMALL_BYTES_MAX, true},
};

struct file {
	char *path; /* owned */
	uint8_t hash[SEAL_HASH_BYTES];
	bool is_listed;
};

struct check {
	const struct verify_source *source;
	struct err_note *note;
	struct zip_reader *reader;
	size_t count;
	size_t capacity;
	struct file *files; /* owned; after the first reading in the order of paths */
	bool has[KEPT_COUNT];
	struct buf kept[KEPT_COUNT];
	struct household_id household;
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	struct merkle_head head;
	uint64_t recordings; /* as about.json says */
	uint64_t sounds;     /* as many are there */
	uint64_t proofs;
	struct verified_archive verified;
	uint8_t piece[PIECE_BYTES];
};

static enum err wrong(struct check *check, const char *path, const char *what)
{
	return err_say(ERR_AUTH, check->note, "%s: %s", path, what);
}

/* --- the first reading ------------------------------------------------------------------ */

static enum kept kept_of(const char *path)
{
	enum kept kept = KEPT_SUMS;

	while (kept < KEPT_COUNT && !str_equal(KEPT[kept].path, path))
		kept++;
	return kept;
}

static enum err add_file(struct check *check, const char *path, struct file **out_file)
{
	struct file *larger;

	if (check->count == check->capacity) {
		check->capacity = check->capacity > 0 ? 2 * check->capacity : 256;
		larger = realloc(check->files, check->capacity * sizeof(*larger));
		if (!larger)
			return ERR_MEMORY;
		check->files = larger;
	}
	*out_file = &check->files[check->count];
	**out_file = (struct file){.path = strdup(path)};
	if (!(*out_file)->path)
		return ERR_MEMORY;
	check->count++;
	return OK;
}

static enum err keep_piece(struct check *check, enum kept kept, size_t size)
{
	if (buf_add(&check->kept[kept], check->piece, size) == OK)
		return OK;
	return err_say(ERR_LIMIT, check->note, "%s: is larger than it can be",
		       KEPT[kept].path);
}

static enum err hash_file(struct check *check, const char *path)
{
	const enum kept kept = kept_of(path);
	struct seal_hash *hash = NULL;
	struct file *file = NULL;
	size_t size = 1;
	enum err err = add_file(check, path, &file);

	if (!err)
		err = seal_hash_start(&hash);
	if (kept < KEPT_COUNT) {
		if (check->has[kept])
			err = wrong(check, path, "is there twice");
		check->has[kept] = true;
	}
	while (!err && size > 0) {
		err = zip_reader_read(check->reader, check->piece, PIECE_BYTES, &size,
				      check->note);
		if (!err && size > 0)
			seal_hash_add(hash, check->piece, size);
		if (!err && size > 0 && kept < KEPT_COUNT)
			err = keep_piece(check, kept, size);
	}
	if (!err)
		seal_hash_end(hash, file->hash);
	seal_hash_destroy(hash);
	check->sounds += str_ends(path, ".wav");
	return err;
}

static int by_path(const void *one, const void *other)
{
	return strcmp(((const struct file *)one)->path,
		      ((const struct file *)other)->path);
}

static enum err for_each_file(struct check *check,
			      enum err (*visit)(struct check *check, const char *path))
{
	char path[ZIP_PATH_BYTES];
	enum err err =
		check->source->open(check->source->context, &check->reader, check->note);

	while (!err && !(err = zip_reader_next(check->reader, path, check->note)))
		err = visit(check, path);
	zip_reader_close(check->reader);
	check->reader = NULL;
	/* From a visit as well; but visits say ERR_MISSING of nothing. */
	return err == ERR_MISSING ? OK : err;
}

static enum err read_all(struct check *check)
{
	enum err err = for_each_file(check, hash_file);

	if (err)
		return err;
	if (check->count > 0)
		qsort(check->files, check->count, sizeof(*check->files), by_path);
	for (size_t i = 1; i < check->count; i++) {
		if (by_path(&check->files[i - 1], &check->files[i]) == 0)
			return wrong(check, check->files[i].path, "is there twice");
	}
	for (enum kept kept = KEPT_SUMS; kept < KEPT_COUNT; kept++) {
		if (!check->has[kept])
			return wrong(check, KEPT[kept].path,
				     "is not there; this is no archive of ours, or it "
				     "was changed");
	}
	return OK;
}

/* --- the list --------------------------------------------------------------------------- */

static const char *kept_text(const struct check *check, enum kept kept)
{
	return check->kept[kept].size > 0 ? (const char *)check->kept[kept].bytes : "";
}

static enum err check_signature(struct check *check, const uint8_t *key)
{
	char trusted[MINISIGN_COMMENT_BYTES];
	enum err err = minisign_key_read(kept_text(check, KEPT_KEY),
					 check->kept[KEPT_KEY].size, check->key);

	if (err)
		return wrong(check, KEPT[KEPT_KEY].path, "is no public key");
	if (key && memcmp(key, check->key, sizeof(check->key)) != 0)
		return wrong(check, KEPT[KEPT_KEY].path,
			     "is not the key of this house's keeper");
	err = minisign_check(check->key, kept_text(check, KEPT_SUMS),
			     check->kept[KEPT_SUMS].size,
			     kept_text(check, KEPT_SIGNATURE),
			     check->kept[KEPT_SIGNATURE].size, trusted);
	return err ? wrong(check, KEPT[KEPT_SIGNATURE].path,
			   "does not verify: the list of files was changed")
		   : OK;
}

static enum err check_line(struct check *check, const char *line, size_t size)
{
	uint8_t hash[SEAL_HASH_BYTES];
	char hex[HEX_BYTES + 1];
	char path[ZIP_PATH_BYTES];
	struct file key = {.path = path};
	struct file *file;

	if (size < HEX_BYTES + 3 || !str_copy_bytes(hex, sizeof(hex), line, HEX_BYTES) ||
	    !str_from_hex(hash, sizeof(hash), hex) ||
	    memcmp(line + HEX_BYTES, "  ", 2) != 0 ||
	    !str_copy_bytes(path, sizeof(path), line + HEX_BYTES + 2,
			    size - HEX_BYTES - 2))
		return wrong(check, KEPT[KEPT_SUMS].path, "has a line that is none");
	file = check->count > 0 ? bsearch(&key, check->files, check->count,
					  sizeof(*check->files), by_path)
				: NULL;
	if (!file)
		return wrong(check, path, "is missing");
	if (file->is_listed)
		return wrong(check, path, "is listed twice");
	if (memcmp(file->hash, hash, sizeof(hash)) != 0)
		return wrong(check, path, "was changed");
	file->is_listed = true;
	return OK;
}

static enum err check_list(struct check *check)
{
	const char *at = kept_text(check, KEPT_SUMS);
	const char *end = at + check->kept[KEPT_SUMS].size;
	enum err err = OK;

	while (!err && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			return wrong(check, KEPT[KEPT_SUMS].path, "is cut off");
		err = check_line(check, at, (size_t)(stop - at));
		at = stop + 1;
	}
	for (size_t i = 0; !err && i < check->count; i++) {
		const enum kept kept = kept_of(check->files[i].path);

		if (!check->files[i].is_listed &&
		    (kept == KEPT_COUNT || KEPT[kept].is_listed))
			err = wrong(check, check->files[i].path, "was added");
	}
	return err;
}

/* --- what it is about ------------------------------------------------------------------- */

static enum err read_about(struct check *check)
{
	struct verified_archive *verified = &check->verified;
	struct json *json = NULL;
	const struct json_value *root;
	enum err err = json_parse("about.json", kept_text(check, KEPT_ABOUT),
				  check->kept[KEPT_ABOUT].size, SMALL_BYTES_MAX, &json,
				  check->note);

	if (err)
		return err;
	root = json_root(json);
	check->recordings = (uint64_t)json_number(json_get(root, "recordings"), 0);
	if (!id_from_text(check->household.bytes,
			  json_text(json_get(root, "household"), "")) ||
	    !str_copy(verified->owner, sizeof(verified->owner),
		      json_text(json_get(root, "owner"), "")) ||
	    !str_copy(verified->made, sizeof(verified->made),
		      json_text(json_get(root, "made"), "")))
		err = wrong(check, KEPT[KEPT_ABOUT].path, "does not say whose it is");
	json_destroy(json);
	if (!err && check->sounds != check->recordings)
		err = wrong(check, KEPT[KEPT_ABOUT].path,
			    "names another number of recordings than there are");
	return err;
}

static enum err read_checkpoint(struct check *check)
{
	enum err err = checkpoint_read(check->household, check->key,
				       kept_text(check, KEPT_CHECKPOINT),
				       check->kept[KEPT_CHECKPOINT].size,
				       &check->head.size, check->head.root);

	return err ? wrong(check, KEPT[KEPT_CHECKPOINT].path,
			   "is not signed by the key that signed the list")
		   : OK;
}

/* --- the journal ------------------------------------------------------------------------ */

static enum err read_small(struct check *check, const char *path, struct buf *to)
{
	size_t size = 1;
	enum err err = OK;

	while (!err && size > 0) {
		err = zip_reader_read(check->reader, check->piece, PIECE_BYTES, &size,
				      check->note);
		if (!err && buf_add(to, check->piece, size) != OK)
			err = err_say(ERR_LIMIT, check->note,
				      "%s: is larger than it can be", path);
	}
	return err;
}

/* "journal/7.entry" is 7, with that ending; else 0. */
static uint64_t place_of(const char *path, const char *ending)
{
	static const char folder[] = "journal/";
	char number[ZIP_PATH_BYTES];
	int64_t place = 0;

	if (!str_starts(path, folder) || !str_ends(path, ending))
		return 0;
	must(str_copy_bytes(number, sizeof(number), path + sizeof(folder) - 1,
			    strlen(path) - (sizeof(folder) - 1) - strlen(ending)));
	return str_to_int(number, 1, INT64_MAX, &place) ? (uint64_t)place : 0;
}

/* What the entry's file hashes to as a leaf. It was held against the list already, so its
 * proof need not come right behind it: both are read again. */
static enum err check_proof(struct check *check, const char *path,
			    const struct buf *entry, uint64_t place)
{
	struct proof_text proof;
	struct merkle_head head;
	struct buf text;
	uint8_t leaf[SEAL_HASH_BYTES];
	enum err err;

	buf_init(&text, PROOF_TEXT_BYTES_MAX);
	err = read_small(check, path, &text);
	if (!err)
		err = tree_leaf_hash(entry->bytes, entry->size, leaf);
	if (!err && (proof_text_check(check->household, check->key, leaf,
				      text.size > 0 ? (const char *)text.bytes : "",
				      text.size, &proof, &head) != OK ||
		     proof.index != place - 1 || head.size != check->head.size ||
		     memcmp(head.root, check->head.root, sizeof(head.root)) != 0))
		err = wrong(check, path,
			    "does not prove that the journal holds the entry");
	buf_finish(&text);
	check->proofs += !err;
	return err;
}

/* An entry, and then the file behind it. */
static enum err visit_journal(struct check *check, const char *path)
{
	const uint64_t place = place_of(path, ".entry");
	char next[ZIP_PATH_BYTES];
	struct buf entry;
	enum err err;

	if (place == 0)
		return OK;
	buf_init(&entry, ENTRY_BYTES_MAX);
	err = read_small(check, path, &entry);
	if (!err) {
		err = zip_reader_next(check->reader, next, check->note);
		if (err == ERR_MISSING ||
		    (!err && place_of(next, ".tlog-proof") != place))
			err = wrong(check, path, "has no proof behind it");
	}
	if (!err)
		err = check_proof(check, next, &entry, place);
	buf_finish(&entry);
	return err;
}

static enum err check_journal(struct check *check)
{
	enum err err = for_each_file(check, visit_journal);

	if (!err && check->proofs != check->recordings)
		err = wrong(check, KEPT[KEPT_CHECKPOINT].path,
			    "not every recording has its proof");
	return err;
}

/* --- all of it -------------------------------------------------------------------------- */

static void finish(struct check *check)
{
	for (size_t i = 0; i < check->count; i++)
		free(check->files[i].path);
	free(check->files);
	for (enum kept kept = KEPT_SUMS; kept < KEPT_COUNT; kept++)
		buf_finish(&check->kept[kept]);
	free(check);
}

enum err verify_archive(const struct verify_source *source, const uint8_t *key,
			struct verified_archive *out_verified, struct err_note *note)
{
	struct check *check = calloc(1, sizeof(*check));
	enum err err;

	if (!check)
		return ERR_MEMORY;
	check->source = source;
	check->note = note;
	for (enum kept kept = KEPT_SUMS; kept < KEPT_COUNT; kept++)
		buf_init(&check->kept[kept], KEPT[kept].size_max);
	err = read_all(check);
	if (!err)
		err = check_signature(check, key);
	if (!err)
		err = check_list(check);
	if (!err)
		err = read_about(check);
	if (!err)
		err = read_checkpoint(check);
	if (!err)
		err = check_journal(check);
	if (!err) {
		memcpy(check->verified.key, check->key, sizeof(check->key));
		check->verified.recordings = check->recordings;
		check->verified.files = check->count;
		check->verified.journal_size = check->head.size;
		*out_verified = check->verified;
	}
	finish(check);
	return err;
}

/* --- the command ------------------------------------------------------------------------ */

bool verify_archive_is(const char *path)
{
	static const char magic[] = "PK";
	char begins[sizeof(magic) - 1] = "";
	FILE *file = fopen(path, "rbe");
	bool is_zip = file && fread(begins, 1, sizeof(begins), file) == sizeof(begins) &&
		      memcmp(begins, magic, sizeof(begins)) == 0;

	if (file)
		(void)fclose(file);
	return is_zip;
}

static enum err open_path(void *context, struct zip_reader **out_reader,
			  struct err_note *note)
{
	return zip_reader_open(context, out_reader, note);
}

/* The key of the house here, where there is one. */
static bool house_key(const struct args *args, struct keeper_mark *out_mark)
{
	char folder[FILE_PATH_BYTES];
	struct paths paths;

	return paths_find(args_text(args, "data", NULL), &paths, NULL) == OK &&
	       file_join(folder, sizeof(folder), paths.data, "keeper") &&
	       keeper_mark_read(folder, out_mark, NULL) == OK;
}

static enum err print_verified(const struct args *args, bool is_ours,
			       const struct verified_archive *verified)
{
	struct json_write write;
	struct buf line;
	char key[KEY_TEXT_BYTES];
	enum err err = key_to_text(verified->key, key);

	if (err)
		return err;
	if (!args_flag(args, "json")) {
		printf("%s is whole: %" PRIu64
		       " recordings of %s, made %s; %zu files; proven against a "
		       "journal of %" PRIu64 " entries\nsigned by %s: %s\n",
		       args->rest[0], verified->recordings, verified->owner,
		       verified->made, verified->files, verified->journal_size,
		       is_ours ? "the keeper of this house"
			       : "the key that lies in it, which no house here vouches "
				 "for",
		       key);
		return OK;
	}
	buf_init(&line, JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_bool(&write, "whole", true);
	json_add_text(&write, "owner", verified->owner);
	json_add_text(&write, "made", verified->made);
	json_add_int(&write, "recordings", (int64_t)verified->recordings);
	json_add_int(&write, "files", (int64_t)verified->files);
	json_add_int(&write, "journal_entries", (int64_t)verified->journal_size);
	json_add_bool(&write, "this_house", is_ours);
	json_add_text(&write, "key", key);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

enum cli_exit verify_archive_run(const struct args *args)
{
	char path[FILE_PATH_BYTES];
	const struct verify_source source = {path, open_path};
	struct verified_archive verified;
	struct err_note note = {""};
	struct keeper_mark mark;
	const bool is_ours = house_key(args, &mark);
	enum err err;

	if (!str_copy(path, sizeof(path), args->rest[0]))
		return command_fail(CLI_FAILED, "%.64s...: the path is too long",
				    args->rest[0]);
	err = verify_archive(&source, is_ours ? mark.key : NULL, &verified, &note);
	if (err)
		return command_fail(CLI_FAILED, "%s is not whole: %s", path,
				    note.text[0] ? note.text : err_words(err));
	err = print_verified(args, is_ours, &verified);
	return err ? command_fail_err(err, NULL, "standard output") : CLI_DONE;
}
