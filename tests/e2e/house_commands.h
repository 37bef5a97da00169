/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_commands - the command line in a house of house_fixture, and the light that its room
 * shows. What does not come within HOUSE_WAIT_MS fails the test. One thread.
 */
#ifndef E2E_HOUSE_COMMANDS_H
#define E2E_HOUSE_COMMANDS_H

#include "e2e/house_fixture.h"
#include "e2e/process.h"

#define HOUSE_COMMAND(...) ((const char *const[]){__VA_ARGS__, NULL})

/* `behest words[0] --data FOLDER words[1] ...`; NULL ends the words; process_ran_finish
 * afterwards. */
void house_behest(struct house *house, const char *const *words, struct process_ran *ran);
/* It ends so, and says that: on standard output with status 0, else in its one line. */
void house_says(struct house *house, const char *const *words, int status,
		const char *needle);
/* It ends well, and does not say that. */
void house_says_not(struct house *house, const char *const *words, const char *needle);

/* As the room itself tells it. */
bool house_light_is(struct house *house, const char *word);
void house_wait_light(struct house *house, const char *word);

#endif
