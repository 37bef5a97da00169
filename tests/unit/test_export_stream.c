/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_export_stream - an archive's files out of the keeper's stream, cut anywhere; and what
 * no keeper says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/pack.h"
#include "base/str.h"
#include "cli/export_stream.h"

enum { STREAM_BYTES = 4096, TOLD_BYTES = 4096 };

struct told {
	struct buf buf; /* "path size:bytes" */
};

static enum err on_open(void *context, const char *path, int64_t at_ms, uint64_t size)
{
	struct told *told = context;

	assert_int_equal(at_ms, 5);
	return size == EXPORT_STREAM_SIZE_UNKNOWN
		       ? buf_add_format(&told->buf, "|%s ?:", path)
		       : buf_add_format(&told->buf, "|%s %d:", path, (int)size);
}

static enum err on_add(void *context, const void *bytes, size_t size)
{
	struct told *told = context;

	return buf_add(&told->buf, bytes, size);
}

static void file(struct pack *pack, const char *path, uint64_t size)
{
	pack_u8(pack, 1);
	pack_text(pack, path);
	pack_i64(pack, 5);
	pack_u64(pack, size);
}

static void piece(struct pack *pack, const char *bytes)
{
	pack_u32(pack, (uint32_t)strlen(bytes));
	pack_bytes(pack, bytes, strlen(bytes));
}

static enum err feed(const uint8_t *bytes, size_t size, size_t cut, struct told *told,
		     bool *out_whole)
{
	const struct export_stream_listener listener = {told, on_open, on_add};
	struct export_stream stream;
	struct err_note note = {""};
	enum err err = OK;

	buf_init(&told->buf, TOLD_BYTES);
	export_stream_init(&stream, &listener);
	for (size_t at = 0; !err && at < size; at += cut)
		err = export_stream_feed(&stream, bytes + at,
					 size - at < cut ? size - at : cut, &note);
	*out_whole = export_stream_is_whole(&stream);
	assert_int_equal(err != OK, note.text[0] != '\0');
	return err;
}

static void files_come_whole_however_they_are_cut(void **state)
{
	uint8_t bytes[STREAM_BYTES];
	struct pack pack;

	(void)state;
	pack_init(&pack, bytes, sizeof(bytes));
	file(&pack, "a/b.wav", 5);
	piece(&pack, "abc");
	piece(&pack, "de");
	pack_u32(&pack, 0);
	file(&pack, "empty", 0);
	pack_u32(&pack, 0);
	file(&pack, "c", EXPORT_STREAM_SIZE_UNKNOWN);
	piece(&pack, "f");
	pack_u32(&pack, 0);
	pack_u8(&pack, 0);
	for (size_t cut = 1; cut <= pack.size; cut++) {
		struct told told;
		bool whole;

		assert_int_equal(feed(bytes, pack.size, cut, &told, &whole), OK);
		assert_true(whole);
		assert_string_equal((char *)told.buf.bytes,
				    "|a/b.wav 5:abcde|empty 0:|c ?:f");
		buf_finish(&told.buf);
	}
	for (size_t size = 0; size < pack.size; size++) {
		struct told told;
		bool whole;

		assert_int_equal(feed(bytes, size, 7, &told, &whole), OK);
		assert_false(whole);
		buf_finish(&told.buf);
	}
}

static void what_no_keeper_says_is_refused(void **state)
{
	static const char *const paths[] = {"",      "/a",   "../a", "a/../b",
					    "a/./b", "a//b", "a/.b", ".hide",
					    "a b",   "a\\b", "ä"};
	uint8_t bytes[STREAM_BYTES];
	struct told told;
	struct pack pack;
	bool whole;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(paths); i++) {
		pack_init(&pack, bytes, sizeof(bytes));
		file(&pack, paths[i], 0);
		assert_int_equal(feed(bytes, pack.size, 3, &told, &whole), ERR_FORMAT);
		assert_int_equal(told.buf.size, 0);
		buf_finish(&told.buf);
	}
	for (int longer = -1; longer <= 1; longer += 2) {
		pack_init(&pack, bytes, sizeof(bytes));
		file(&pack, "a", (uint64_t)(3 - longer));
		piece(&pack, "abc");
		pack_u32(&pack, 0);
		assert_int_equal(feed(bytes, pack.size, 3, &told, &whole), ERR_FORMAT);
		buf_finish(&told.buf);
	}
	/* A name that is too long, and one with an end in it. */
	pack_init(&pack, bytes, sizeof(bytes));
	pack_u8(&pack, 1);
	pack_u8(&pack, 255);
	assert_int_equal(feed(bytes, pack.size, 1, &told, &whole), ERR_FORMAT);
	buf_finish(&told.buf);
	pack_init(&pack, bytes, sizeof(bytes));
	file(&pack, "abc", 0);
	bytes[3] = '\0';
	assert_int_equal(feed(bytes, pack.size, 1, &told, &whole), ERR_FORMAT);
	buf_finish(&told.buf);
	pack_init(&pack, bytes, sizeof(bytes));
	pack_u8(&pack, 0);
	pack_u8(&pack, 0);
	assert_int_equal(feed(bytes, pack.size, 1, &told, &whole), ERR_FORMAT);
	buf_finish(&told.buf);
	bytes[0] = 2;
	assert_int_equal(feed(bytes, 1, 1, &told, &whole), ERR_FORMAT);
	buf_finish(&told.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_whole_however_they_are_cut),
		cmocka_unit_test(what_no_keeper_says_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
