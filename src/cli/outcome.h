/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome - what a turn's JSON means for an exit status.
 */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

/* Acted and nothing stood against it, or held: done. Acted but the world failed: failed.
 * Refused or asked back: refused; then, and when it failed, one line on stderr. */
enum cli_exit outcome_of_turn(const char *json, size_t size);

/* Prints the turn (as it is with as_json, else its timeline) and gives its outcome. */
enum cli_exit outcome_show(const char *json, size_t size, bool as_json);

#endif
