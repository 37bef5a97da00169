/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_file - behest.conf read from disk; domain/settings.h parses it.
 */
#ifndef ADAPTER_SETTINGS_FILE_H
#define ADAPTER_SETTINGS_FILE_H

#include <stdbool.h>

#include "domain/settings.h"

/* A file that is not there is a file of defaults, unless it is needed. */
MUST_CHECK enum err settings_file_read(const char *path, bool needed,
				       struct settings *out_settings,
				       struct err_note *note);

/* Reads folder/name over what is there; one that is not there changes nothing. */
MUST_CHECK enum err settings_file_add(const char *folder, const char *name,
				      struct settings *settings, struct err_note *note);

#endif
