/* SPDX-License-Identifier: Apache-2.0 */
/* Reads behest.conf. */
#include "cli/settings_file.h"

#include "base/file.h"

enum err settings_file_read(const char *path, bool needed, struct settings *out_settings,
			    struct err_note *note)
{
	struct settings settings;
	struct buf bytes;
	enum err err;

	settings_init(&settings);
	if (!needed && !file_exists(path)) {
		*out_settings = settings;
		return OK;
	}
	err = file_read(path, SETTINGS_FILE_BYTES, &bytes, note);
	if (!err)
		err = settings_parse(&settings, path, (const char *)bytes.bytes,
				     bytes.size, note);
	buf_finish(&bytes);
	if (!err)
		*out_settings = settings;
	return err;
}
