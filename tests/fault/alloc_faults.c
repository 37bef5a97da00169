/* SPDX-License-Identifier: Apache-2.0 */
/* alloc_faults - see the header. */
#include "fault/alloc_faults.h"

#include <openssl/evp.h>
#include <sqlite3.h>
#include <stddef.h>

#include "base/must.h"
#include "fault/fault_ways.h"

static const bool *is_inside;
static bool is_armed;
static bool has_failed;
static uint64_t left; /* until it fails */

void alloc_faults_at(uint64_t n)
{
	is_armed = true;
	has_failed = false;
	left = n;
}

bool alloc_faults_has_failed(void)
{
	return has_failed;
}

void alloc_faults_heal(void)
{
	is_armed = false;
}

static bool falls(void)
{
	if (*is_inside)
		fault_ways_note();
	if (!is_armed || has_failed || !*is_inside)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	has_failed = true;
	return true;
}

/* --- ours: the linker puts these in the place of the library's -------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_sodium_malloc(size_t size);
EVP_MD_CTX *__real_EVP_MD_CTX_new(void);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_sodium_malloc(size_t size);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);

void *__wrap_malloc(size_t size)
{
	return falls() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return falls() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return falls() ? NULL : __real_realloc(memory, size);
}

void *__wrap_sodium_malloc(size_t size)
{
	return falls() ? NULL : __real_sodium_malloc(size);
}

EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void)
{
	return falls() ? NULL : __real_EVP_MD_CTX_new();
}

/* --- SQLite's --------------------------------------------------------------------------- */

static sqlite3_mem_methods whole;

static void *sqlite_malloc(int size)
{
	return falls() ? NULL : whole.xMalloc(size);
}

static void *sqlite_realloc(void *memory, int size)
{
	return falls() ? NULL : whole.xRealloc(memory, size);
}

void alloc_faults_init(const bool *inside)
{
	sqlite3_mem_methods ours;

	is_inside = inside;
	must(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &whole) == SQLITE_OK);
	ours = whole;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	must(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK);
}
