/* SPDX-License-Identifier: Apache-2.0 */
/*
 * must - assertions that stay on in every build.
 *
 * must(condition) states what only a bug of ours could break. It prints the place
 * and stops the program; the supervisor restarts it. Never for outside input.
 */
#ifndef BASE_MUST_H
#define BASE_MUST_H

_Noreturn void must_fail(const char *condition, const char *file, int line);

#define must(condition) \
	((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

#endif
