/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrasebook_file - what the house says in a language, from our own data files.
 */
#ifndef ADAPTER_PHRASEBOOK_FILE_H
#define ADAPTER_PHRASEBOOK_FILE_H

#include "base/err.h"
#include "phrase/phrasebook.h"

/* Beside a language's sentences, which it is none of. */
#define PHRASEBOOK_FILE_NAME "responses.yaml"

/* Reads share/lang/<language>/responses.yaml. The note names the path, and the line where
 * it is wrong. ERR_MISSING: not there. The caller owns *out_phrasebook. */
MUST_CHECK enum err phrasebook_file_open(const char *language,
					 struct phrasebook **out_phrasebook,
					 struct err_note *note);

#endif
