/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_mark - three lines of text, written whole and read strictly.
 */
#include "adapter/keeper_mark.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"

enum { MARK_BYTES_MAX = 256 };

static const char HEAD[] = "behest keeper mark v1";
static const char NAME[] = "keeper.mark";

static enum err path_of(const char *folder, char to[FILE_PATH_BYTES],
			struct err_note *note)
{
	if (!file_join(to, FILE_PATH_BYTES, folder, NAME))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return OK;
}

enum err keeper_mark_write(const char *folder, const struct keeper_mark *mark,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	char text[MARK_BYTES_MAX];
	char household[ID_TEXT_BYTES];
	char key[KEY_TEXT_BYTES];
	enum err err = path_of(folder, path, note);

	if (!err)
		err = key_to_text(mark->key, key);
	if (err)
		return err;
	id_to_text(household, mark->household.bytes);
	must(str_format(text, sizeof(text), "%s\n%s\n%s\n", HEAD, household, key));
	return file_write(path, text, strlen(text), 0600, note);
}

static bool read_lines(char *text, struct keeper_mark *mark)
{
	char *rest = text;
	const char *head = strsep(&rest, "\n");
	const char *household = rest ? strsep(&rest, "\n") : NULL;
	const char *key = rest ? strsep(&rest, "\n") : NULL;

	return key && rest && rest[0] == '\0' && str_equal(head, HEAD) &&
	       id_from_text(mark->household.bytes, household) &&
	       key_from_text(key, mark->key) == OK;
}

enum err keeper_mark_read(const char *folder, struct keeper_mark *out_mark,
			  struct err_note *note)
{
	struct keeper_mark mark;
	char path[FILE_PATH_BYTES];
	char text[MARK_BYTES_MAX] = "";
	struct buf bytes;
	enum err err = path_of(folder, path, note);

	if (err)
		return err;
	err = file_read(path, sizeof(text) - 1, &bytes, note);
	if (!err &&
	    (!str_copy_bytes(text, sizeof(text), (const char *)bytes.bytes, bytes.size) ||
	     !read_lines(text, &mark)))
		err = err_say(ERR_FORMAT, note, "%s: is not a keeper's mark", path);
	buf_finish(&bytes);
	if (!err)
		*out_mark = mark;
	return err;
}
