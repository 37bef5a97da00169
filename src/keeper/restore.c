/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore - reads the three files, twice each: first all of them, to know that they are whole,
 * who signed them, and what opens; then again, to write what does.
 *
 * Invariants: nothing is written that is not to stay; whatever ends early removes what it
 * made; bytes of keys outside a struct secret are wiped.
 */
#include "keeper/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/clock_system.h"
#include "adapter/identity.h"
#include "adapter/rand_system.h"
#include "adapter/sandbox_linux.h"
#include "adapter/store_sqlite.h"
#include "base/file.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/household.h"
#include "keeper/restore_read.h"
#include "keeper/row_set.h"

enum {
	WRAPS_MAX = DESK_OWNERS_MAX * OWNER_WRAPS_MAX,
	WRAP_BYTES_MAX = 512,
	BATCH_ROWS = 512,
	BATCH_BYTES = 8 * 1024 * 1024,
	SETTLE_MS = 20,      /* between two looks at whether everything is written */
	SETTLE_ROUNDS = 500, /* without anything to do */
	PROGRESS_BYTES = 1024 * 1024,
};

/* What the file of the backup key holds. */
struct boxes {
	size_t owner_count;
	struct {
		struct owner owner;
		bool has_box;
		uint8_t box[BACKUP_BOX_BYTES];
	} owners[DESK_OWNERS_MAX];
	size_t wrap_count;
	struct {
		struct owner_id owner;
		uint8_t number;
		size_t size;
		uint8_t bytes[WRAP_BYTES_MAX];
	} wraps[WRAPS_MAX];
	bool has_by;
	struct owner_id by;
	uint8_t signature[SEAL_SIGNATURE_BYTES];
};

struct restore {
	const struct restore_words *words;
	struct restore_result result;
	struct err_note *note;
	char folder[FILE_PATH_BYTES]; /* DIR/keeper */
	bool is_writing;              /* what is there is ours */
	struct clock clock;
	struct rand rand;
	struct restore_file ciphertext;
	struct restore_file keys;
	struct restore_file key;
	struct boxes boxes;
	size_t owner; /* who restores, of the boxes */
	struct secret *backup_key;
	struct secret *seed;
	struct secret *house_key;
	struct secret *gate_seed; /* NULL: the house had no gate */
	struct row_set keys_set;  /* what the key table ends with */
	struct row_set rows_set;  /* the same of recordings and messages */
	struct store store;
	enum err stored; /* of the last batch */
	size_t write_count;
	size_t write_bytes;
	struct store_write writes[BATCH_ROWS];
	uint64_t read_bytes; /* of the files, both times */
	uint64_t told_bytes;
	uint64_t total_bytes;
	/* The desk's answer, while it is asked: */
	enum wire_type answer;
	struct wire_verified verified;
	struct wire_end ended;
	char refused[512];
};

/* --- files and folder -------------------------------------------------------------------- */

static enum err open_file(struct restore *restore, struct restore_file *file,
			  enum backup_kind kind, const char *path)
{
	struct stat about;

	*file = (struct restore_file){.path = path, .kind = kind};
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, restore->note,
			       "%s: expected the %s of a backup: %s", path,
			       backup_kind_words(kind), strerror(errno));
	if (fstat(file->fd, &about) != 0 || !S_ISREG(about.st_mode))
		return err_say(ERR_FORMAT, restore->note, "%s: is not a file", path);
	restore->total_bytes += 2 * (uint64_t)about.st_size;
	return OK;
}

static bool is_empty_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool is_empty = folder != NULL;

	while (is_empty && (entry = readdir(folder)))
		is_empty =
			str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..");
	if (folder)
		(void)closedir(folder);
	return is_empty;
}

/* Onto nothing but an empty folder: no house is ever written over. */
static enum err take_folder(struct restore *restore)
{
	const char *data = restore->words->data;

	if (!file_join(restore->folder, sizeof(restore->folder), data, "keeper"))
		return err_say(ERR_LIMIT, restore->note, "%s: the path is too long",
			       data);
	if (file_exists(restore->folder)) {
		if (is_empty_folder(restore->folder))
			return OK;
		return err_say(ERR_EXISTS, restore->note,
			       "%s: there is a house already; restore into an empty "
			       "folder",
			       data);
	}
	return file_make_folder(restore->folder, restore->note);
}

static enum err enter_sandbox(struct restore *restore)
{
	struct sandbox_rules rules = {.profile = SANDBOX_KEEPER};

	sandbox_allow(&rules, restore->folder, true);
	return sandbox_enter(&rules, NULL, restore->note);
}

/* What a restore that ended early has made, but for the folder: that is not ours to remove
 * any more. */
static void remove_files(const struct restore *restore)
{
	static const char *const names[] = {"keeper.db",     "keeper.db-journal",
					    "keeper.db-wal", "keeper.key",
					    "keeper.new",    "keeper.lock",
					    "gate.key"};
	char path[FILE_PATH_BYTES];

	for (size_t i = 0; restore->is_writing && i < STR_COUNT(names); i++) {
		if (file_join(path, sizeof(path), restore->folder, names[i]))
			(void)unlink(path);
	}
}

/* Every so many bytes. */
static void tell_progress(void *context, size_t bytes)
{
	struct restore *restore = context;

	restore->read_bytes += bytes;
	if (!restore->words->told ||
	    restore->read_bytes - restore->told_bytes < PROGRESS_BYTES)
		return;
	restore->told_bytes = restore->read_bytes;
	restore->words->told(restore->read_bytes, restore->total_bytes);
}

static enum err walk(struct restore *restore, struct restore_file *file,
		     const struct secret *key, backup_row_fn *row)
{
	const struct restore_walk how = {.key = key ? secret_view(key) : NULL,
					 .read = tell_progress,
					 .row = row,
					 .context = restore};

	return restore_read(file, &how, restore->note);
}

/* --- the backup key ---------------------------------------------------------------------- */

static size_t find_owner(const struct boxes *boxes, const uint8_t id[ID_BYTES])
{
	for (size_t i = 0; i < boxes->owner_count; i++) {
		if (id_equal(boxes->owners[i].owner.id.bytes, id))
			return i;
	}
	return DESK_OWNERS_MAX;
}

/* The header is not known to be signed yet; this only compares with itself. */
static enum err take_owner(struct restore *restore, const struct backup_row *row)
{
	struct boxes *boxes = &restore->boxes;
	enum err err;

	if (boxes->owner_count == DESK_OWNERS_MAX)
		return ERR_LIMIT;
	err = owner_read(restore->key.about.household, restore->key.about.keeper,
			 row->value, row->size, &boxes->owners[boxes->owner_count].owner);
	if (err == OK)
		boxes->owner_count++;
	return err;
}

static enum err take_wrap(struct boxes *boxes, const struct backup_row *row)
{
	if (boxes->wrap_count == WRAPS_MAX)
		return ERR_LIMIT;
	if (row->key_size != ID_BYTES + 1 || row->size > WRAP_BYTES_MAX)
		return ERR_FORMAT;
	memcpy(boxes->wraps[boxes->wrap_count].owner.bytes, row->key, ID_BYTES);
	memcpy(boxes->wraps[boxes->wrap_count].bytes, row->value, row->size);
	boxes->wraps[boxes->wrap_count].number = row->key[ID_BYTES];
	boxes->wraps[boxes->wrap_count].size = row->size;
	boxes->wrap_count++;
	return OK;
}

static enum err take_box(struct boxes *boxes, const struct backup_row *row)
{
	size_t owner;

	if (row->key_size != ID_BYTES || row->size != BACKUP_BOX_BYTES)
		return ERR_FORMAT;
	owner = find_owner(boxes, row->key);
	if (owner == DESK_OWNERS_MAX)
		return ERR_FORMAT;
	memcpy(boxes->owners[owner].box, row->value, row->size);
	boxes->owners[owner].has_box = true;
	return OK;
}

static enum err take_by(struct boxes *boxes, const struct backup_row *row)
{
	if (row->key_size != ID_BYTES || row->size != SEAL_SIGNATURE_BYTES)
		return ERR_FORMAT;
	memcpy(boxes->by.bytes, row->key, ID_BYTES);
	memcpy(boxes->signature, row->value, row->size);
	boxes->has_by = true;
	return OK;
}

static enum err take_key_row(void *context, const struct backup_row *row)
{
	struct restore *restore = context;

	if (row->is_gone)
		return ERR_FORMAT;
	if (row->extra == BACKUP_EXTRA_BOX)
		return take_box(&restore->boxes, row);
	if (row->extra == BACKUP_EXTRA_BY)
		return take_by(&restore->boxes, row);
	if (row->extra != BACKUP_EXTRA_NONE)
		return ERR_FORMAT;
	if (row->space == STORE_OWNER)
		return take_owner(restore, row);
	return row->space == STORE_WRAP ? take_wrap(&restore->boxes, row) : ERR_FORMAT;
}

static enum err choose_owner(struct restore *restore)
{
	const struct boxes *boxes = &restore->boxes;
	const char *name = restore->words->owner;
	size_t found = 0;

	for (size_t i = 0; i < boxes->owner_count; i++) {
		if (!boxes->owners[i].has_box ||
		    (name && !str_equal_folded(boxes->owners[i].owner.name, name)))
			continue;
		restore->owner = i;
		found++;
	}
	if (found == 1)
		return OK;
	if (!name)
		return err_say(ERR_DENIED, restore->note,
			       "this backup is for several owners; say --owner NAME");
	/* The same words as for a wrong passphrase. */
	owner_unlock_nobody((const char *)secret_view(restore->words->passphrase),
			    OWNER_COST);
	return err_say(ERR_DENIED, restore->note,
		       "%s: no owner with that name and passphrase", restore->key.path);
}

/* With a passphrase or a recovery code, whichever of the owner's wraps it opens. */
static enum err unlock(struct restore *restore, struct owner_view **out_view)
{
	const char *words = (const char *)secret_view(restore->words->passphrase);
	const struct boxes *boxes = &restore->boxes;
	const struct owner *owner = &boxes->owners[restore->owner].owner;
	struct owner_wrap_row rows[OWNER_WRAPS_MAX];
	size_t count = 0;
	uint8_t number;

	for (size_t i = 0; i < boxes->wrap_count && count < OWNER_WRAPS_MAX; i++) {
		if (id_equal(boxes->wraps[i].owner.bytes, owner->id.bytes))
			rows[count++] =
				(struct owner_wrap_row){.number = boxes->wraps[i].number,
							.bytes = boxes->wraps[i].bytes,
							.size = boxes->wraps[i].size};
	}
	if (owner_unlock_any(owner, rows, count, words, &restore->clock, out_view,
			     &number) == OK)
		return OK;
	return err_say(ERR_DENIED, restore->note,
		       "%s: no owner with that name and passphrase", restore->key.path);
}

/* Whether somebody made it up can be told by whom has made it. */
static enum err check_by(struct restore *restore)
{
	const struct boxes *boxes = &restore->boxes;
	const struct owner *owner = &boxes->owners[restore->owner].owner;
	const struct backup_about *about = &restore->key.about;
	const struct backup_by by = {.household = about->household,
				     .keeper = about->keeper,
				     .id = about->id,
				     .made_ms = about->made_ms};

	if (!boxes->has_by)
		return err_say(ERR_AUTH, restore->note, "%s: nobody signed it",
			       restore->key.path);
	if (!id_equal(boxes->by.bytes, owner->id.bytes))
		return OK;
	restore->result.by_whom_known = true;
	if (backup_by_verify(owner, &by, boxes->signature, sizeof(boxes->signature)) ==
	    OK)
		return OK;
	return err_say(ERR_AUTH, restore->note,
		       "%s: %s did not sign this backup; it is not of this house",
		       restore->key.path, owner->name);
}

static enum err open_box(struct restore *restore, struct owner_view *view)
{
	uint8_t commit[SEAL_COMMIT_BYTES];
	enum err err = secret_create(SEAL_KEY_BYTES, &restore->backup_key);

	if (err != OK)
		return err;
	err = owner_view_open_box(view, restore->boxes.owners[restore->owner].box,
				  BACKUP_BOX_BYTES, secret_bytes(restore->backup_key));
	seal_commit(secret_view(restore->backup_key), commit);
	if (err == OK && !seal_equal(commit, restore->key.about.commit, sizeof(commit)))
		err = ERR_AUTH;
	if (err != OK)
		return err_say(err, restore->note,
			       "%s: the backup key in it is not the one that it names",
			       restore->key.path);
	return OK;
}

static enum err read_key(struct restore *restore)
{
	struct owner_view *view = NULL;
	enum err err = walk(restore, &restore->key, NULL, take_key_row);

	if (err != OK)
		return err_say(err, restore->note, "%s: %s", restore->key.path,
			       err_words(err));
	err = choose_owner(restore);
	if (err == OK)
		err = unlock(restore, &view);
	if (err == OK)
		err = check_by(restore);
	if (err == OK)
		err = open_box(restore, view);
	owner_view_destroy(view);
	return err;
}

/* --- what opens -------------------------------------------------------------------------- */

static enum err take_keeper(struct restore *restore, const struct backup_row *row)
{
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	enum err err;

	if (restore->seed || row->size != BACKUP_KEEPER_BYTES ||
	    !id_equal(row->value, restore->key.about.household.bytes))
		return ERR_FORMAT;
	err = secret_copy(row->value + ID_BYTES, SEAL_SIGN_SEED_BYTES, &restore->seed);
	if (err == OK)
		err = secret_copy(row->value + ID_BYTES + SEAL_SIGN_SEED_BYTES,
				  SEAL_KEY_BYTES, &restore->house_key);
	if (err != OK)
		return err;
	seal_sign_pair(secret_view(restore->seed), key);
	return seal_equal(key, restore->key.about.keeper, sizeof(key)) ? OK : ERR_AUTH;
}

static enum err collect_key_row(void *context, const struct backup_row *row)
{
	struct restore *restore = context;
	uint64_t generation = 0;

	if (row->extra == BACKUP_EXTRA_KEEPER)
		return take_keeper(restore, row);
	if (row->extra == BACKUP_EXTRA_GATE && !restore->gate_seed &&
	    row->size == SEAL_SIGN_SEED_BYTES)
		return secret_copy(row->value, row->size, &restore->gate_seed);
	if (row->extra != BACKUP_EXTRA_NONE || backup_space_is_ciphertext(row->space))
		return ERR_FORMAT;
	/* One that cannot be read opens nothing, and is of no generation that there is. */
	if (row->space == STORE_EPOCH && !row->is_gone &&
	    epoch_peek(row->value, row->size, &generation) != OK)
		generation = UINT64_MAX;
	return row_set_add(&restore->keys_set, row->space, row->key, row->key_size,
			   row->is_gone, generation);
}

/* Of the household's box: some owner can open that key of it. */
static bool box_opens(const struct restore *restore, uint64_t generation)
{
	uint8_t bytes[8];
	struct pack pack;

	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, generation);
	return row_set_has(&restore->keys_set, STORE_BOX, BOX_STORE_KEY_BYTES, bytes,
			   sizeof(bytes));
}

/* The epoch's key is there, and what it is under. */
static bool epoch_opens(const struct restore *restore, struct owner_id owner,
			struct epoch_id id)
{
	uint8_t key[2 * ID_BYTES];
	uint8_t kek[KEK_STORE_KEY_BYTES];
	const struct row_entry *epoch;

	memcpy(key, owner.bytes, ID_BYTES);
	memcpy(key + ID_BYTES, id.bytes, ID_BYTES);
	epoch = row_set_find(&restore->keys_set, STORE_EPOCH, key, sizeof(key));
	if (!epoch)
		return false;
	if (epoch->tag == 0)
		return true; /* sealed to the owner's own key */
	if (id_equal(owner.bytes, kek_box_owner(restore->key.about.household).bytes))
		return box_opens(restore, epoch->tag);
	kek_store_key(owner, epoch->tag, kek);
	return row_set_find(&restore->keys_set, STORE_KEK, kek, sizeof(kek)) != NULL;
}

/* A recording, or a message, whose key is still there. */
static bool row_opens(const struct restore *restore, const struct backup_row *row)
{
	struct recording_about about;

	if (row->space == STORE_MEMO)
		return row_set_find(&restore->keys_set, STORE_MEMO_KEY, row->key,
				    row->key_size) != NULL;
	return recording_peek(row->value, row->size, &about) == OK &&
	       row_set_find(&restore->keys_set, STORE_SALT, row->key, row->key_size) &&
	       epoch_opens(restore, about.owner, about.epoch);
}

static bool has_key(enum store_space space)
{
	return space == STORE_RECORD || space == STORE_MEMO;
}

static enum err collect_row(void *context, const struct backup_row *row)
{
	struct restore *restore = context;
	bool opens;
	enum err err;

	if (row->extra != BACKUP_EXTRA_NONE || !backup_space_is_ciphertext(row->space))
		return ERR_FORMAT;
	if (!has_key(row->space))
		return OK;
	opens = !row->is_gone && row_opens(restore, row);
	err = row_set_add(&restore->rows_set, row->space, row->key, row->key_size,
			  row->is_gone, 0);
	if (err == OK)
		restore->rows_set.entries[restore->rows_set.count - 1].is_wanted = opens;
	return err;
}

/* All of one house, and the key table under the backup key. */
static enum err check_together(struct restore *restore)
{
	const struct backup_about *key = &restore->key.about;
	const struct restore_file *files[] = {&restore->keys, &restore->ciphertext};

	for (size_t i = 0; i < STR_COUNT(files); i++) {
		if (!id_equal(files[i]->about.household.bytes, key->household.bytes) ||
		    memcmp(files[i]->about.keeper, key->keeper, sizeof(key->keeper)) != 0)
			return err_say(ERR_AUTH, restore->note,
				       "%s and %s are of two houses", files[i]->path,
				       restore->key.path);
	}
	return OK;
}

static enum err check_key(struct restore *restore)
{
	const struct restore_walk form = {.read = tell_progress,
					  .row = collect_row,
					  .context = restore};
	enum err err = restore_read(&restore->keys, &form, restore->note);

	if (err != OK)
		return err;
	if (!seal_equal(restore->keys.about.commit, restore->key.about.commit,
			SEAL_COMMIT_BYTES))
		return err_say(
			ERR_AUTH, restore->note,
			"%s is under another backup key than the one in %s: one of "
			"them is older, and something was deleted in between",
			restore->keys.path, restore->key.path);
	return OK;
}

static enum err collect(struct restore *restore)
{
	enum err err = check_key(restore);

	if (err == OK)
		err = walk(restore, &restore->keys, restore->backup_key, collect_key_row);
	if (err == OK && !restore->seed)
		err = err_say(ERR_FORMAT, restore->note,
			      "%s: the keeper's keys are not "
			      "in it",
			      restore->keys.path);
	row_set_sort(&restore->keys_set);
	if (err == OK)
		err = walk(restore, &restore->ciphertext, NULL, collect_row);
	row_set_sort(&restore->rows_set);
	if (err == OK)
		err = check_together(restore);
	return err;
}

/* --- writing ----------------------------------------------------------------------------- */

static void on_stored(void *context, uint64_t token, enum err err)
{
	struct restore *restore = context;

	(void)token;
	restore->stored = err;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	(void)context;
	(void)token;
	(void)err;
	(void)rows;
}

static enum err flush(struct restore *restore)
{
	enum err err = OK;

	if (restore->write_count == 0)
		return OK;
	restore->stored = ERR_IO;
	err = store_submit(&restore->store, restore->writes, restore->write_count, 1);
	if (err == OK) {
		store_step(&restore->store);
		err = restore->stored;
	}
	for (size_t i = 0; i < restore->write_count; i++) {
		void *value = (void *)(uintptr_t)restore->writes[i].row.value;

		seal_wipe(value, restore->writes[i].row.size);
		free(value);
	}
	restore->write_count = 0;
	restore->write_bytes = 0;
	if (err == ERR_LIMIT)
		return err_say(err, restore->note, "%s: the disk is full",
			       restore->folder);
	return err;
}

/* Put, since what was copied twice comes twice. */
static enum err write_row(struct restore *restore, const struct backup_row *row)
{
	struct store_write *write;
	uint8_t *value;
	enum err err = OK;

	if (restore->write_count == BATCH_ROWS ||
	    restore->write_bytes + row->size > BATCH_BYTES)
		err = flush(restore);
	if (err != OK)
		return err;
	value = malloc(row->size > 0 ? row->size : 1);
	if (!value)
		return ERR_MEMORY;
	if (row->size > 0)
		memcpy(value, row->value, row->size);
	write = &restore->writes[restore->write_count];
	*write =
		(struct store_write){.act = STORE_PUT,
				     .row = {.key = {.household =
							     restore->key.about.household,
						     .space = row->space,
						     .size = row->key_size},
					     .value = value,
					     .size = row->size}};
	memcpy(write->row.key.bytes, row->key, row->key_size);
	restore->write_count++;
	restore->write_bytes += row->size;
	return OK;
}

/* Whether a key's row stays: a salt, or a message's key, only beside what it opens; and how
 * far the house had come with what it destroys by itself is told of another journal. */
static bool key_stays(const struct restore *restore, const struct backup_row *row)
{
	const struct row_entry *of;

	if (row->space == STORE_RETENTION ||
	    !row_set_find(&restore->keys_set, row->space, row->key, row->key_size))
		return false;
	if (row->space != STORE_SALT && row->space != STORE_MEMO_KEY)
		return true;
	of = row_set_find(&restore->rows_set,
			  row->space == STORE_SALT ? STORE_RECORD : STORE_MEMO, row->key,
			  row->key_size);
	return of && of->is_wanted;
}

static enum err write_key_row(void *context, const struct backup_row *row)
{
	struct restore *restore = context;

	if (row->extra != BACKUP_EXTRA_NONE || row->is_gone || !key_stays(restore, row))
		return OK;
	return write_row(restore, row);
}

static enum err write_data_row(void *context, const struct backup_row *row)
{
	struct restore *restore = context;
	struct row_entry *of = NULL;

	if (row->is_gone)
		return OK;
	if (has_key(row->space)) {
		of = row_set_find(&restore->rows_set, row->space, row->key,
				  row->key_size);
		if (!of || !of->is_wanted) {
			restore->result.left_out++;
			return OK;
		}
	}
	/* Copied twice, it counts once. */
	if (row->space == STORE_RECORD &&
	    row->key[row->key_size - 1] == RECORDING_SOUND && of && of->tag == 0)
		restore->result.recordings++;
	if (of)
		of->tag = 1;
	return write_row(restore, row);
}

static enum err write_keeper_key(struct restore *restore)
{
	const struct household household = {.id = restore->key.about.household,
					    .seed = restore->seed,
					    .house_key = restore->house_key};
	char path[FILE_PATH_BYTES];
	enum err err = household_write(restore->folder, &household, restore->note);

	if (err != OK || !restore->gate_seed)
		return err;
	if (!file_join(path, sizeof(path), restore->folder, "gate.key"))
		return ERR_LIMIT;
	return identity_write(path, restore->gate_seed, restore->note);
}

static enum err write_rows(struct restore *restore)
{
	const struct restore_file keys = restore->keys; /* as they were checked */
	const struct restore_file ciphertext = restore->ciphertext;
	enum err err = walk(restore, &restore->keys, restore->backup_key, write_key_row);

	if (err == OK)
		err = walk(restore, &restore->ciphertext, NULL, write_data_row);
	if (err == OK)
		err = flush(restore);
	if (err == OK && (!seal_equal(keys.hash, restore->keys.hash, sizeof(keys.hash)) ||
			  !seal_equal(ciphertext.hash, restore->ciphertext.hash,
				      sizeof(ciphertext.hash))))
		err = err_say(
			ERR_FORMAT, restore->note,
			"the files of the backup were changed while they were read");
	return err;
}

static enum err write_store(struct restore *restore)
{
	const struct store_listener listener = {.context = restore,
						.done = on_stored,
						.rows = on_rows};
	enum err err;

	restore->is_writing = true;
	err = write_keeper_key(restore);
	if (err == OK)
		err = store_sqlite_open(restore->folder, true, &listener, &restore->store,
					restore->note);
	if (err == OK)
		err = write_rows(restore);
	store_close(&restore->store);
	return err;
}

/* --- opening it as ever ------------------------------------------------------------------ */

static enum err hear(void *context, enum wire_type type, const void *fields)
{
	struct restore *restore = context;

	restore->answer = type;
	if (type == WIRE_verified)
		restore->verified = *(const struct wire_verified *)fields;
	if (type == WIRE_end)
		restore->ended = *(const struct wire_end *)fields;
	if (type == WIRE_refused)
		(void)str_copy(restore->refused, sizeof(restore->refused),
			       ((const struct wire_refused *)fields)->words);
	return OK;
}

/* Until nothing waits for the store, and what was called off is over. */
static enum err settle(struct restore *restore, struct desk *desk)
{
	struct pollfd ready = {.fd = restore->store.fd, .events = POLLIN};

	for (unsigned idle = 0; idle < SETTLE_ROUNDS; idle++) {
		while (poll(&ready, 1, 0) == 1) {
			store_step(&restore->store);
			idle = 0;
		}
		if (desk_state_of(desk) == DESK_BROKEN)
			return err_say(ERR_FORMAT, restore->note, "%s: %s",
				       restore->folder, desk_trouble(desk));
		if (desk_is_idle(desk))
			return OK;
		(void)poll(&ready, 1, SETTLE_MS);
	}
	return err_say(ERR_TIMEOUT, restore->note, "%s: the house does not settle",
		       restore->folder);
}

static enum err sign_in(struct restore *restore, struct desk *desk,
			struct desk_link *link)
{
	struct wire_message *message = calloc(1, sizeof(*message));
	const struct owner *owner = &restore->boxes.owners[restore->owner].owner;
	enum err err = OK;

	if (!message)
		return ERR_MEMORY;
	message->type = WIRE_unlock;
	must(str_copy(message->unlock.owner, sizeof(message->unlock.owner), owner->name));
	if (!str_copy(message->unlock.passphrase, sizeof(message->unlock.passphrase),
		      (const char *)secret_view(restore->words->passphrase)))
		err = ERR_RANGE;
	if (err == OK)
		desk_receive(desk, link, message);
	wire_wipe(message);
	free(message);
	if (err == OK)
		err = settle(restore, desk);
	if (err == OK && restore->answer != WIRE_unlocked)
		err = err_say(ERR_AUTH, restore->note,
			      "%s: %s cannot sign in to what was restored: %s",
			      restore->folder, owner->name, restore->refused);
	return err;
}

static enum err verify(struct restore *restore, struct desk *desk, struct desk_link *link)
{
	enum err err;

	desk_verify(desk, link);
	err = settle(restore, desk);
	if (err == OK && restore->answer != WIRE_verified)
		err = ERR_FORMAT;
	if (err == OK && !restore->verified.whole)
		err = err_say(ERR_AUTH, restore->note,
			      "%s: its journal does not verify: %s",
			      restore->ciphertext.path, restore->verified.trouble);
	return err;
}

static enum err settle_journal(struct restore *restore, struct desk *desk)
{
	const struct desk_restored about = {
		.made_ms = restore->ciphertext.about.made_ms,
		.recordings = restore->result.recordings,
		.by = restore->boxes.owners[restore->owner].owner.id};
	struct desk_link *link = NULL;
	enum err err = desk_open(desk, DESK_OWNER, hear, restore, &link);

	if (err == OK)
		err = sign_in(restore, desk, link);
	if (err == OK)
		err = verify(restore, desk, link);
	if (err == OK) {
		desk_restored(desk, link, &about);
		err = settle(restore, desk);
	}
	if (err == OK && (restore->answer != WIRE_end || restore->ended.err != OK))
		err = err_say(ERR_IO, restore->note,
			      "%s: that it was restored could not be written down",
			      restore->folder);
	desk_close(desk, link);
	return err;
}

static enum err open_house(struct restore *restore)
{
	struct desk_parts parts = {.household = restore->key.about.household,
				   .seed = restore->seed,
				   .house_key = restore->house_key,
				   .gate_seed = restore->gate_seed,
				   .clock = restore->clock,
				   .rand = restore->rand,
				   .cost = OWNER_COST,
				   .is_restored = true};
	struct store_listener listener;
	struct desk *desk = NULL;
	enum err err = OK;

	if (restore->gate_seed)
		seal_sign_pair(secret_view(restore->gate_seed), parts.gate_key);
	err = desk_create(&parts, &desk);
	if (err != OK)
		return err;
	listener = desk_store_listener(desk);
	err = store_sqlite_open(restore->folder, false, &listener, &restore->store,
				restore->note);
	if (err == OK) {
		desk_start(desk, &restore->store);
		err = settle(restore, desk);
	}
	if (err == OK)
		err = settle_journal(restore, desk);
	store_close(&restore->store);
	desk_destroy(desk);
	return err;
}

/* --- all of it --------------------------------------------------------------------------- */

static void finish(struct restore *restore)
{
	const struct restore_file *files[] = {&restore->ciphertext, &restore->keys,
					      &restore->key};

	for (size_t i = 0; i < STR_COUNT(files); i++) {
		if (files[i]->fd >= 0)
			(void)close(files[i]->fd);
	}
	for (size_t i = 0; i < restore->write_count; i++)
		free((void *)(uintptr_t)restore->writes[i].row.value);
	secret_destroy(restore->backup_key);
	secret_destroy(restore->seed);
	secret_destroy(restore->house_key);
	secret_destroy(restore->gate_seed);
	row_set_finish(&restore->keys_set);
	row_set_finish(&restore->rows_set);
	free(restore);
}

static enum err open_files(struct restore *restore)
{
	const struct restore_words *words = restore->words;
	enum err err = open_file(restore, &restore->key, BACKUP_KEY, words->key);

	if (err == OK)
		err = open_file(restore, &restore->keys, BACKUP_KEYS, words->keys);
	if (err == OK)
		err = open_file(restore, &restore->ciphertext, BACKUP_CIPHERTEXT,
				words->ciphertext);
	return err;
}

static enum err carry_out(struct restore *restore)
{
	enum err err = open_files(restore);

	if (err == OK)
		err = take_folder(restore);
	if (err == OK)
		err = enter_sandbox(restore);
	if (err == OK)
		err = read_key(restore);
	if (err == OK)
		err = collect(restore);
	if (err == OK)
		err = write_store(restore);
	if (err == OK)
		err = open_house(restore);
	return err;
}

enum err restore_house(const struct restore_words *words,
		       struct restore_result *out_result, struct err_note *note)
{
	struct restore *restore = calloc(1, sizeof(*restore));
	enum err err = restore ? seal_init() : ERR_MEMORY;

	if (!restore)
		return err;
	restore->words = words;
	restore->note = note;
	restore->clock = clock_system();
	restore->rand = rand_system();
	restore->ciphertext.fd = -1;
	restore->keys.fd = -1;
	restore->key.fd = -1;
	row_set_init(&restore->keys_set);
	row_set_init(&restore->rows_set);
	if (err == OK)
		err = carry_out(restore);
	if (err == OK) {
		restore->result.made_ms = restore->ciphertext.about.made_ms;
		restore->result.entries = restore->ciphertext.tail.journal_size;
		restore->result.is_older =
			!id_equal(restore->ciphertext.about.id, restore->keys.about.id);
		*out_result = restore->result;
	} else {
		remove_files(restore);
		(void)err_say(err, note, "%s: was not restored: %s", words->data,
			      err_words(err));
	}
	finish(restore);
	return err;
}
