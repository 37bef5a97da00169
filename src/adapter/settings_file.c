/* SPDX-License-Identifier: Apache-2.0 */
/* settings_file - bytes of behest.conf for the parser. */
#include "adapter/settings_file.h"

#include "base/file.h"

static enum err add_file(const char *path, struct settings *settings,
			 struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, SETTINGS_FILE_BYTES, &bytes, note);

	if (!err)
		err = settings_parse(settings, path, (const char *)bytes.bytes,
				     bytes.size, note);
	buf_finish(&bytes);
	return err;
}

enum err settings_file_read(const char *path, bool needed, struct settings *out_settings,
			    struct err_note *note)
{
	struct settings settings;
	enum err err = OK;

	settings_init(&settings);
	if (needed || file_exists(path))
		err = add_file(path, &settings, note);
	if (!err)
		*out_settings = settings;
	return err;
}

enum err settings_file_add(const char *folder, const char *name,
			   struct settings *settings, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	if (!file_join(path, sizeof(path), folder, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	return file_exists(path) ? add_file(path, settings, note) : OK;
}
