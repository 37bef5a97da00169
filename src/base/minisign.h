/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minisign - signatures and public keys as the text files that the tool minisign reads and
 * writes, so that others check ours without our programs.
 *
 * Signed is the BLAKE2b-512 hash of the contents ("ED"), and, a second time, that signature
 * with the trusted comment. A key's number is the first 8 bytes of its BLAKE2b-512. Pure.
 */
#ifndef BASE_MINISIGN_H
#define BASE_MINISIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"

enum {
	MINISIGN_COMMENT_BYTES = 128,
	MINISIGN_KEY_BYTES = 256,       /* of the public key's file */
	MINISIGN_SIGNATURE_BYTES = 640, /* of the signature's file */
};

void minisign_key_write(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			char to[MINISIGN_KEY_BYTES]);
/* ERR_FORMAT. */
MUST_CHECK enum err minisign_key_read(const char *text, size_t size,
				      uint8_t out_key[SEAL_SIGN_PUBLIC_BYTES]);

/* trusted: one line of less than MINISIGN_COMMENT_BYTES. */
void minisign_write(const uint8_t seed[SEAL_SIGN_SEED_BYTES], const void *bytes,
		    size_t size, const char *trusted, char to[MINISIGN_SIGNATURE_BYTES]);
/* ERR_FORMAT: not such a file. ERR_AUTH: not of this key over exactly these bytes, or with
 * another trusted comment. */
MUST_CHECK enum err minisign_check(const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
				   const void *bytes, size_t size, const char *text,
				   size_t text_size,
				   char out_trusted[MINISIGN_COMMENT_BYTES]);

#endif
