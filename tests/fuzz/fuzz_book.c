/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_book - entries of the house book as bytes, and times as somebody types them.
 *
 * The first byte chooses: its low bit one of the two, the rest the kind of the entry. What is
 * taken is written again, the same byte for byte, and is due at some time or never.
 */
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "domain/book.h"
#include "domain/book_when.h"

enum { TEXT_MAX = 128 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int64_t offset_s(void *context, int64_t utc_s)
{
	(void)context;
	return utc_s % 20000000 < 10000000 ? 3600 : 7200; /* clocks are moved */
}

static const struct book_zone ZONE = {.offset_s = offset_s};

static void check_due(const struct book_entry *entry)
{
	const int64_t due_ms = book_due_ms(entry, &ZONE, entry->created_ms);

	must(due_ms >= 0);
	must(entry->is_span || due_ms > entry->created_ms);
}

static void check_entry(unsigned kind, const uint8_t *bytes, size_t size)
{
	const struct book_id id = {{1}};
	uint8_t again[BOOK_BODY_BYTES_MAX];
	struct book_entry entry;
	size_t again_size = 0;
	const enum err err = book_decode(id, (enum book_kind)kind, bytes, size, &entry);

	must(err == OK || err == ERR_FORMAT || err == ERR_VERSION);
	if (err)
		return;
	must(book_encode(&entry, again, &again_size) == OK);
	must(again_size == size && memcmp(again, bytes, size) == 0);
	check_due(&entry);
}

static void check_text(const uint8_t *bytes, size_t size)
{
	const int64_t now_ms = INT64_C(1780000000000);
	struct book_entry entry = {.kind = BOOK_ALARM};
	char text[TEXT_MAX];
	struct book_when when;
	enum err err;

	if (size >= sizeof(text) || memchr(bytes, '\0', size))
		return;
	memcpy(text, bytes, size);
	text[size] = '\0';
	err = book_when_read(text, &when);
	must(err == OK || err == ERR_FORMAT || err == ERR_RANGE);
	if (err)
		return;
	err = book_when_set(&when, &ZONE, now_ms, &entry);
	must(err == OK || err == ERR_MISSING);
	must(err || book_due_ms(&entry, &ZONE, now_ms) > now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	if (bytes[0] & 1)
		check_text(bytes + 1, size - 1);
	else
		check_entry((bytes[0] >> 1) % BOOK_KIND_COUNT, bytes + 1, size - 1);
	return 0;
}
