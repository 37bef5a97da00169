/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a phrasebook for those who know no paths.
 */
#include "adapter/phrasebook_file.h"

#include "adapter/share.h"
#include "base/buf.h"
#include "base/file.h"

enum err phrasebook_file_open(const char *language, struct phrasebook **out_phrasebook,
			      struct err_note *note)
{
	char name[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err;

	if (!file_join(name, sizeof(name), language, PHRASEBOOK_FILE_NAME))
		return err_say(ERR_LIMIT, note, "%.40s...: too long for a language",
			       language);
	err = share_find("lang", name, path, sizeof(path), note);
	if (err)
		return err;
	err = file_read(path, PHRASEBOOK_FILE_BYTES_MAX, &bytes, note);
	if (!err)
		err = phrasebook_create(path, (const char *)bytes.bytes, bytes.size,
					out_phrasebook, note);
	buf_finish(&bytes);
	return err;
}
