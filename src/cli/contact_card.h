/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_card - what another house types to write to somebody here: behest contacts card.
 */
#ifndef CLI_CONTACT_CARD_H
#define CLI_CONTACT_CARD_H

#include "base/err.h"
#include "cli/args.h"
#include "cli/paths.h"
#include "domain/settings.h"

/* Where other houses reach this one, by the settings; borrowed from them. ERR_MISSING: they
 * do not say, or only of all addresses of this machine. */
MUST_CHECK enum err contact_card_address(const struct settings *settings,
					 const char **out_address, struct err_note *note);

enum { CONTACT_CARD_WORD_BYTES = 512 };

/* The word as a shell takes it back, in quotes. */
void contact_card_quote(char to[CONTACT_CARD_WORD_BYTES], const char *word);

/* Signs in and prints it; args->rest[1] is the person, or nothing: the owner. */
MUST_CHECK enum err contact_card(const struct args *args, const struct paths *paths,
				 struct err_note *note);

#endif
