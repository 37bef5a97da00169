/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiped - memory that is wiped whenever it is given back, in the shape of malloc's family.
 *
 * For a library that copies passwords into memory of its own. Says nothing about swap or
 * core dumps: what stays longer belongs into base/secret.h. Any thread.
 */
#ifndef ADAPTER_WIPED_H
#define ADAPTER_WIPED_H

#include <stddef.h>

void *wiped_malloc(size_t size);
void *wiped_calloc(size_t count, size_t size);
void *wiped_realloc(void *memory, size_t size);
char *wiped_strdup(const char *text);
void wiped_free(void *memory); /* NULL is fine */

#endif
