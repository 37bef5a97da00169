/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_client - what the commands of the house book have in common: they ask the running hub,
 * whose requests they are as if they had been typed, and show what is in the book.
 */
#ifndef CLI_BOOK_CLIENT_H
#define CLI_BOOK_CLIENT_H

#include "cli/command.h"
#include "domain/book.h"
#include "domain/book_when.h"
#include "domain/intent.h"

/* Puts the operands from the first one on together, with a blank between. False: too long. */
bool book_client_join(const struct args *args, size_t first, char *to, size_t size);

/* Has the hub carry out the intent in --room; says what became of it. */
enum cli_exit book_client_ask(const struct args *args, const struct intent *intent);

/* Adds which entry is meant: an id as it is shown, or else a name. False: too long. */
bool book_client_name(struct intent *intent, const char *slot, const char *words);

/* Adds when; a usage error says what was wrong with the words. */
enum cli_exit book_client_when(struct intent *intent, const char *words);

/* Lists what there is of that kind; of things those on the list of that name. */
enum cli_exit book_client_show(const struct args *args, enum book_kind kind,
			       const char *list);

/* --all and the operands behind a verb, for a verb that is about entries that there are. */
enum cli_exit book_client_of(const struct args *args, const char *name, const char *slot);

#endif
