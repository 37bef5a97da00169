/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_phrases - see the header.
 */
#include "own_phrases.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/must.h"

struct buf own_phrases_read(void)
{
	const char *source = getenv("BEHEST_SOURCE");
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct buf bytes;

	must(file_join(path, sizeof(path), source ? source : ".",
		       "share/lang/en/responses.yaml"));
	if (file_read(path, PHRASEBOOK_FILE_BYTES_MAX, &bytes, &note))
		must_fail(note.text, path, 0);
	return bytes;
}

const struct phrasebook *own_phrasebook(void)
{
	static struct phrasebook *phrasebook;
	struct err_note note = {""};

	if (phrasebook)
		return phrasebook;
	struct buf bytes = own_phrases_read();
	if (phrasebook_create("responses.yaml", (const char *)bytes.bytes, bytes.size,
			      &phrasebook, &note))
		must_fail(note.text, "responses.yaml", 0);
	buf_finish(&bytes);
	return phrasebook;
}

const char *own_words(const struct saying *saying)
{
	static char words[SAYING_SPOKEN_BYTES];

	phrasebook_say(own_phrasebook(), saying, words);
	return words;
}
