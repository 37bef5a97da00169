/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - bytes that grow up to a limit.
 *
 * The limit is part of the buffer: nothing that comes from outside can make it
 * larger. The contents are not wiped; for secrets see base/secret.h. One thread.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
	uint8_t *bytes; /* owned; one NUL behind the last byte once anything was added */
	size_t size;
	size_t capacity;
	size_t size_max;
};

/* An empty buffer that never holds more than size_max bytes. */
void buf_init(struct buf *buf, size_t size_max);

/* Frees the bytes; NULL is fine. The buffer is empty afterwards and usable. */
void buf_finish(struct buf *buf);

/* Forgets the contents, keeps the memory. */
void buf_clear(struct buf *buf);

/* ERR_LIMIT or ERR_MEMORY; then nothing was added. */
MUST_CHECK enum err buf_add(struct buf *buf, const void *bytes, size_t size);
MUST_CHECK enum err buf_add_text(struct buf *buf, const char *text);
MUST_CHECK enum err buf_add_format(struct buf *buf, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* Removes size bytes from the front; size <= buf->size. */
void buf_drop(struct buf *buf, size_t size);

#endif
