/* SPDX-License-Identifier: Apache-2.0 */
/* one_fault - see the header. */
#include "fault/one_fault.h"

/* As base/seal.c does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stddef.h>

static unsigned long called;
static unsigned long fail_at;
static bool was_memory;

void one_fault_at(unsigned long n)
{
	called = 0;
	fail_at = n;
	was_memory = false;
}

unsigned long one_fault_end(void)
{
	fail_at = 0;
	return called;
}

bool one_fault_was_memory(void)
{
	return was_memory;
}

static bool falls(bool is_memory)
{
	if (++called != fail_at)
		return false;
	was_memory = is_memory;
	return true;
}

#define FAULT(is_memory, type, name, parameters, arguments, failure)           \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return falls(is_memory) ? (failure) : __real_##name arguments; \
	}

FAULT(true, void *, calloc, (size_t count, size_t size), (count, size), NULL)
FAULT(true, void *, malloc, (size_t size), (size), NULL)
FAULT(true, void *, realloc, (void *memory, size_t size), (memory, size), NULL)
FAULT(true, void *, sodium_malloc, (size_t size), (size), NULL)
FAULT(true, EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
FAULT(true, int, crypto_pwhash,
      (unsigned char *out, unsigned long long out_size, const char *words,
       unsigned long long words_size, const unsigned char *salt,
       unsigned long long passes, size_t memory, int algorithm),
      (out, out_size, words, words_size, salt, passes, memory, algorithm), -1)
FAULT(false, int, SHA256_Init, (SHA256_CTX * context), (context), 0)
