/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive - what a smart speaker made of talk in 2018: single words, anywhere in it.
 *
 * By the maker's own account a word like the name, then "send message", then a name, then
 * "right" were heard in a family's talk, and their talk was sent. Here to be measured
 * against, and to be what is left where a barrier of ours is taken out. Texts are lower
 * case words with one space between. Pure.
 */
#ifndef CLI_NAIVE_H
#define CLI_NAIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/policy.h"

bool naive_is_order(const char *text);    /* "send" or "message" */
bool naive_is_yes(const char *text);      /* right, yes, yeah, ok, okay, sure */
bool naive_is_purchase(const char *text); /* order, buy, get */
bool naive_is_opening(const char *text);  /* unlock, open, disarm */
bool naive_is_laugh(const char *text);    /* laugh, half, enough */
bool naive_has_code(const char *text, const char *code); /* its words, in a row */
bool naive_has_word(const char *text, const char *word);

/* The first contact of whose name a word is said, its first word alone where first_only;
 * NULL: none. */
const struct contact *naive_contact(const struct policy *policy, const char *text,
				    bool first_only);

#endif
