/* SPDX-License-Identifier: Apache-2.0 */
/* ending - see the header. */
#include "keeper/ending.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "adapter/keeper_mark.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/household.h"
#include "tlog/note.h"

static const char HEAD[] = "behest ending v1";
static const char LOCK[] = "keeper.lock";

/* Without these nothing of the others can be read or believed. */
static const char *const FIRST[] = {"keeper.key", "gate.key"};

enum { MARK_BYTES_MAX = 128, RECEIPT_BYTES_MAX = 1024 * 1024 };

static enum err path_of(const char *folder, const char *name, char to[FILE_PATH_BYTES],
			struct err_note *note)
{
	if (!file_join(to, FILE_PATH_BYTES, folder, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return OK;
}

/* --- the two files ---------------------------------------------------------------------- */

static enum err read_mark(const char *path, struct ending *ending, struct err_note *note)
{
	char expected[MARK_BYTES_MAX];
	char id[ID_TEXT_BYTES] = "";
	const size_t head = strlen(HEAD) + 1;
	struct buf text;
	enum err err = file_read(path, MARK_BYTES_MAX, &text, note);

	if (err != OK)
		return err;
	if (text.size > head + 1)
		(void)str_copy_bytes(id, sizeof(id), (const char *)text.bytes + head,
				     text.size - head - 1);
	if (!id_from_text(ending->by.bytes, id) ||
	    !str_format(expected, sizeof(expected), "%s\n%s\n", HEAD, id) ||
	    strlen(expected) != text.size || memcmp(expected, text.bytes, text.size) != 0)
		err = err_say(ERR_FORMAT, note, "%s: does not say whose word it is",
			      path);
	buf_finish(&text);
	return err;
}

enum err ending_look(const char *folder, struct ending *out_ending, struct err_note *note)
{
	struct ending ending = {.is_begun = false};
	char mark[FILE_PATH_BYTES];
	char receipt[FILE_PATH_BYTES];
	enum err err = path_of(folder, KEEPER_MARK_ENDING, mark, note);

	if (err == OK)
		err = path_of(folder, KEEPER_MARK_ENDED, receipt, note);
	if (err != OK)
		return err;
	ending.is_kept = file_exists(receipt);
	ending.is_begun = file_exists(mark);
	if (ending.is_begun && !ending.is_kept)
		err = read_mark(mark, &ending, note);
	if (err == OK)
		*out_ending = ending;
	return err;
}

enum err ending_begin(struct ending *ending, const char *folder, struct owner_id by,
		      struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	char text[MARK_BYTES_MAX];
	char id[ID_TEXT_BYTES];
	enum err err = path_of(folder, KEEPER_MARK_ENDING, path, note);

	id_to_text(id, by.bytes);
	must(str_format(text, sizeof(text), "%s\n%s\n", HEAD, id));
	if (err == OK)
		err = file_write(path, text, strlen(text), 0600, note);
	if (err == OK)
		*ending = (struct ending){.is_begun = true, .by = by};
	return err;
}

enum err ending_keep(struct ending *ending, const char *folder, const void *receipt,
		     size_t size, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = path_of(folder, KEEPER_MARK_ENDED, path, note);

	if (err == OK)
		err = file_write(path, receipt, size, 0600, note);
	ending->is_kept = err == OK;
	return err;
}

static enum err check_signature(const struct buf *text, const struct household *house)
{
	static const char MARK[] = "\n\n\xe2\x80\x94 ";
	const char *receipt = (const char *)text->bytes;
	const char *line = strstr(receipt, MARK);
	const char *end = line ? strchr(line + 2, '\n') : NULL;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char id[ID_TEXT_BYTES];
	char name[NOTE_NAME_BYTES];
	const struct note_key key = {name, NOTE_ED25519, public_key};
	enum err err;

	if (!end || !strstr(receipt, "\nwhat the household\n"))
		return ERR_AUTH;
	seal_sign_pair(secret_view(house->seed), public_key);
	id_to_text(id, house->id.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", id));
	err = note_read_line(&key, line + 2, (size_t)(end + 1 - line - 2), signature,
			     sizeof(signature));
	return err == OK ? seal_verify(public_key, receipt, (size_t)(line + 1 - receipt),
				       signature)
			 : ERR_AUTH;
}

enum err ending_check(const char *folder, const struct rand *rand, struct err_note *note)
{
	struct household house = {.seed = NULL};
	char path[FILE_PATH_BYTES];
	struct buf text;
	enum err err = path_of(folder, "keeper.key", path, note);

	if (err != OK || !file_exists(path) ||
	    household_open(folder, rand, &house, NULL) != OK)
		return err;
	err = path_of(folder, KEEPER_MARK_ENDED, path, note);
	buf_init(&text, 0);
	if (err == OK)
		err = file_read(path, RECEIPT_BYTES_MAX, &text, note);
	if (err == OK && check_signature(&text, &house) != OK)
		err = err_say(ERR_AUTH, note,
			      "%s: is not signed by this keeper; nothing was removed",
			      path);
	buf_finish(&text);
	household_close(&house);
	return err;
}

/* --- the files -------------------------------------------------------------------------- */

static enum err shred(const char *folder, const char *name, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = path_of(folder, name, path, note);

	return err == OK ? file_shred(path, note) : err;
}

static bool is_kept(const char *name)
{
	return str_equal(name, ".") || str_equal(name, "..") ||
	       str_equal(name, KEEPER_MARK_ENDED) || str_equal(name, LOCK);
}

static enum err shred_rest(const char *folder, struct err_note *note)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;
	enum err err = OK;

	if (!entries)
		return err_say(ERR_IO, note, "%s: cannot be read: %s", folder,
			       strerror(errno));
	while ((entry = readdir(entries))) {
		if (is_kept(entry->d_name))
			continue;
		const enum err one = shred(folder, entry->d_name, note);

		err = err == OK ? one : err;
	}
	(void)closedir(entries);
	return err;
}

/* So that what is removed stays so over a power cut. */
static void sync_folder(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!fsync(fd);
	close(fd);
}

static enum err shred_all(const char *folder, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < STR_COUNT(FIRST); i++)
		err = shred(folder, FIRST[i], note);
	sync_folder(folder);
	if (err == OK)
		err = shred_rest(folder, note);
	if (err == OK)
		err = shred(folder, LOCK, note);
	sync_folder(folder);
	return err;
}

enum err ending_shred(const char *folder, struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = path_of(folder, LOCK, path, note);
	int fd;

	if (err != OK)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_say(ERR_IO, note, "%s: cannot be written: %s", path,
			       strerror(errno));
	err = flock(fd, LOCK_EX | LOCK_NB) == 0
		      ? shred_all(folder, note)
		      : err_say(ERR_BUSY, note, "another keeper uses %s", folder);
	close(fd);
	return err;
}
