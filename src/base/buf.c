/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - bytes that grow up to a limit.
 *
 * Invariants: size <= capacity and size <= size_max; once bytes is set there is room for
 * one NUL behind the last byte, and it is there. Does not wipe.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { CAPACITY_FIRST = 64 };

void buf_init(struct buf *buf, size_t size_max)
{
	must(size_max < SIZE_MAX);
	*buf = (struct buf){.size_max = size_max};
}

void buf_finish(struct buf *buf)
{
	if (!buf)
		return;
	free(buf->bytes);
	buf_init(buf, buf->size_max);
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
	if (buf->bytes)
		buf->bytes[0] = 0;
}

/* Makes room for more bytes and a NUL. */
static enum err reserve(struct buf *buf, size_t more)
{
	must(buf->size <= buf->size_max);
	if (more > buf->size_max - buf->size)
		return ERR_LIMIT;
	size_t need = buf->size + more;
	if (buf->bytes && need <= buf->capacity)
		return OK;
	size_t capacity = buf->capacity > 0 ? buf->capacity : CAPACITY_FIRST;
	while (capacity < need && capacity <= buf->size_max / 2)
		capacity *= 2;
	if (capacity < need || capacity > buf->size_max)
		capacity = buf->size_max;
	uint8_t *bytes = realloc(buf->bytes, capacity + 1);
	if (!bytes)
		return ERR_MEMORY;
	buf->bytes = bytes;
	buf->capacity = capacity;
	return OK;
}

enum err buf_add(struct buf *buf, const void *bytes, size_t size)
{
	enum err err = reserve(buf, size);
	if (err != OK)
		return err;
	if (size > 0)
		memcpy(buf->bytes + buf->size, bytes, size);
	buf->size += size;
	buf->bytes[buf->size] = 0;
	must(buf->size <= buf->capacity);
	return OK;
}

enum err buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

enum err buf_add_format(struct buf *buf, const char *format, ...)
{
	enum err err = OK;
	va_list arguments;
	va_list again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	must(length >= 0);
	err = reserve(buf, (size_t)length);
	if (err != OK)
		goto out;
	int written = vsnprintf((char *)buf->bytes + buf->size, (size_t)length + 1,
				format, again);
	must(written == length);
	buf->size += (size_t)length;
out:
	va_end(again);
	va_end(arguments);
	return err;
}

void buf_drop(struct buf *buf, size_t size)
{
	must(size <= buf->size);
	if (size == 0)
		return;
	buf->size -= size;
	memmove(buf->bytes, buf->bytes + size, buf->size);
	buf->bytes[buf->size] = 0;
}
