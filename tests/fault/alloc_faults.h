/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alloc_faults - one allocation fails: of ours (the linker's --wrap), of libsodium's guarded
 * memory and OpenSSL's hashes that we ask for, and of SQLite's own.
 *
 * One thread.
 */
#ifndef FAULT_ALLOC_FAULTS_H
#define FAULT_ALLOC_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* Before SQLite is first used. Only those count that are asked for while *is_inside. */
void alloc_faults_init(const bool *is_inside);
/* The n-th from now on (the first is 0) fails, and only that. */
void alloc_faults_at(uint64_t n);
/* Whether it has come to that. */
bool alloc_faults_has_failed(void);
void alloc_faults_heal(void);

#endif
