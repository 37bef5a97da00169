/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_memo - voice messages from strangers: whatever the bytes, decoding ends, holds to
 * its limits, and each failure has its line.
 *
 * Each input is tried as it is, and with the sums of its pages put right: they would keep
 * nearly everything from the decoder, and a stranger can work them out as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/memo_opus.h"
#include "adapter/ogg_page.h"
#include "base/must.h"
#include "base/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* As in fuzz_audio: what the libraries forget is not ours to find. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libsndfile\nleak:libopus\nleak:libogg\n";
}

static void decode(const uint8_t *bytes, size_t size)
{
	struct secret *sound = NULL;
	struct err_note note = {{0}};
	const enum err err = memo_opus_decode(bytes, size, &sound, &note);

	if (err) {
		must(note.text[0] != '\0' && !sound);
		must(err == ERR_FORMAT || err == ERR_LIMIT || err == ERR_UNSUPPORTED);
	} else {
		must(note.text[0] == '\0');
		must(memo_opus_sound(sound).count >= 1);
		must(memo_opus_sound(sound).count <= MEMO_SAMPLES_MAX);
	}
	secret_destroy(sound);
}

/* Gives all pages in a row one stream and the right sums. */
static void seal_pages(uint8_t *bytes, size_t size)
{
	struct ogg_page page;

	for (size_t at = 0; ogg_page_read(bytes + at, size - at, &page); at += page.size)
		ogg_page_seal(bytes + at, page.size, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *sealed = malloc(size > 0 ? size : 1);

	must(sealed && seal_init() == OK);
	decode(bytes, size);
	if (size > 0)
		memcpy(sealed, bytes, size);
	seal_pages(sealed, size);
	decode(sealed, size);
	free(sealed);
	return 0;
}
