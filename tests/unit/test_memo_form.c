/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_memo_form - what is a voice message and what is not, one clear line for each of the
 * latter. The files are made here, page by page, of packets that hold no sound.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/memo_form.h"
#include "adapter/ogg_page.h"
#include "base/str.h"
#include "domain/memo.h"

enum {
	FILE_BYTES = 64 * 1024,
	PAGES_MAX = 16,
	PRESKIP = 312,
	LONG_TICKS = 5760,  /* of the packet LONG */
	LONG_PER_PAGE = 50, /* 6 s */
	HEAD_PAGE_BYTES = 47,
};

/* 120 ms of nothing: two frames of 60 ms without a byte. */
static const uint8_t LONG[] = {11 << 3 | 1};

struct made {
	uint8_t bytes[FILE_BYTES];
	size_t size;
	size_t pages[PAGES_MAX + 1]; /* where each begins */
	unsigned count;
	uint64_t ticks;
};

/* A page with count times the same packet. */
static void add_page(struct made *made, uint8_t flags, uint64_t granule,
		     const void *packet, size_t packet_size, unsigned count)
{
	uint8_t *page = made->bytes + made->size;
	uint8_t *at = page + OGG_PAGE_HEADER_BYTES;

	assert_true(packet_size < OGG_PAGE_SEGMENT_BYTES_MAX && made->count < PAGES_MAX);
	memset(page, 0, OGG_PAGE_HEADER_BYTES);
	memcpy(page, "OggS", 4);
	page[5] = flags;
	for (unsigned i = 0; i < 8; i++)
		page[6 + i] = (uint8_t)(granule >> (8 * i));
	page[18] = (uint8_t)made->count;
	page[26] = (uint8_t)count;
	for (unsigned i = 0; i < count; i++)
		*at++ = (uint8_t)packet_size;
	for (unsigned i = 0; i < count; i++, at += packet_size)
		memcpy(at, packet, packet_size);
	ogg_page_seal(page, (size_t)(at - page), 0);
	made->size += (size_t)(at - page);
	made->pages[++made->count] = made->size;
}

static const char HEAD[] = "OpusHead\1\1\x38\1\x80\x3e\0\0\0\0"; /* its NUL counts */
static const char TAGS[] = "OpusTags\0\0\0\0\0\0\0";

/* Head and tags. */
static void begin(struct made *made)
{
	memset(made, 0, sizeof(*made));
	add_page(made, OGG_PAGE_FIRST, 0, HEAD, sizeof(HEAD), 1);
	add_page(made, 0, 0, TAGS, sizeof(TAGS), 1);
}

/* Pages of nothing; the last one ends at granule, or with its packets when that is 0. */
static void add_long(struct made *made, unsigned packets, uint64_t granule)
{
	while (packets > 0) {
		const unsigned count = packets < LONG_PER_PAGE ? packets : LONG_PER_PAGE;
		const bool last = count == packets;

		packets -= count;
		made->ticks += (uint64_t)count * LONG_TICKS;
		add_page(made, last ? OGG_PAGE_LAST : 0,
			 last && granule > 0 ? granule : made->ticks, LONG, sizeof(LONG),
			 count);
	}
}

/* Of a copy of its own size, so that a sanitizer sees who reads on. */
static void expect(const char *what, const uint8_t *bytes, size_t size, enum err want,
		   const char *words)
{
	struct err_note note = {{0}};
	size_t samples = 77;
	uint8_t *copy = malloc(size + 1);
	enum err err = OK;

	assert_non_null(copy);
	memcpy(copy + 1, bytes, size);
	err = memo_form_check(copy + 1, size, &samples, &note);
	free(copy);
	if (err != want || !strstr(note.text, words))
		fail_msg("%s: got %d '%s', want %d '%s'", what, err, note.text, want,
			 words);
	assert_int_equal(samples, 77);
	assert_true(str_starts(note.text, "voice message: "));
}

static void test_a_good_one_says_how_long_it_is(void **state)
{
	static struct made made;
	size_t samples = 0;

	(void)state;
	begin(&made);
	add_long(&made, 60, 0);
	assert_int_equal(memo_form_check(made.bytes, made.size, &samples, NULL), OK);
	assert_int_equal(samples, (60 * LONG_TICKS - PRESKIP) / 3);
	begin(&made);
	add_long(&made, 1, PRESKIP + 3);
	assert_int_equal(memo_form_check(made.bytes, made.size, &samples, NULL), OK);
	assert_int_equal(samples, 1);
}

/* One byte of a good file changed, its page sealed again. */
static void test_each_thing_that_may_be_wrong(void **state)
{
	static const struct {
		const char *what;
		unsigned page;
		size_t at;
		uint8_t value;
		uint8_t serial;
		enum err err;
		const char *words;
	} ROWS[] = {
		{"magic", 0, 0, 'X', 0, ERR_UNSUPPORTED, "expected Opus in Ogg, 16000"},
		{"version of Ogg", 0, 4, 1, 0, ERR_FORMAT, "page 1 is cut short or no"},
		{"no beginning", 0, 5, 0, 0, ERR_FORMAT, "page 1 is of another kind"},
		{"position of the head", 0, 6, 1, 0, ERR_FORMAT, "page 1 has a position"},
		{"first page out of order", 0, 18, 1, 0, ERR_FORMAT, "page 1 is out of"},
		{"codec", 0, 28, 'X', 0, ERR_UNSUPPORTED, "expected Opus"},
		{"version of Opus", 0, 36, 2, 0, ERR_UNSUPPORTED, "expected Opus"},
		{"channels", 0, 37, 2, 0, ERR_UNSUPPORTED, "mono"},
		{"rate", 0, 41, 0xbb, 0, ERR_UNSUPPORTED, "16000 Hz"},
		{"gain", 0, 45, 0x7f, 0, ERR_UNSUPPORTED, "expected Opus"},
		{"mapping", 0, 46, 1, 0, ERR_UNSUPPORTED, "expected Opus"},
		{"no tags", 1, 28, 'X', 0, ERR_FORMAT, "page 2 holds no tags"},
		{"position of the tags", 1, 13, 1, 0, ERR_FORMAT,
		 "page 2 has a position"},
		{"continued", 2, 5, 1, 0, ERR_FORMAT, "page 3 is of another kind"},
		{"over before its end", 2, 5, 4, 0, ERR_FORMAT, "page 3 is of another"},
		{"a second beginning", 2, 5, 2, 0, ERR_FORMAT, "page 3 is of another"},
		{"not over", 3, 5, 0, 0, ERR_FORMAT, "page 4 is the last one and does"},
		{"other stream", 3, 5, 4, 9, ERR_FORMAT, "page 4 is out of order"},
		{"hole", 3, 18, 5, 0, ERR_FORMAT, "page 4 is out of order"},
		{"too little in the middle", 2, 7, 0x64, 0, ERR_FORMAT,
		 "page 3 does not"},
		{"hours in the middle", 2, 9, 4, 0, ERR_FORMAT, "page 3 does not end"},
		{"hours at the end", 3, 9, 4, 0, ERR_FORMAT, "page 4 does not end"},
		{"far ahead", 3, 10, 255, 0, ERR_FORMAT, "page 4 does not end"},
		{"no position", 3, 13, 255, 0, ERR_FORMAT, "page 4 does not end"},
		{"ends too early", 3, 8, 4, 0, ERR_FORMAT, "page 4 does not end"},
		{"one longer packet", 2, 27 + 50, 0, 0, ERR_FORMAT,
		 "page 3 does not end"},
		{"packet of three frames", 2, 27 + 50, 11 << 3 | 3, 0, ERR_FORMAT,
		 "page 3 holds something else"},
	};
	static struct made made;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		size_t from = 0;

		begin(&made);
		add_long(&made, 60, 0);
		from = made.pages[ROWS[i].page];
		made.bytes[from + ROWS[i].at] = ROWS[i].value;
		ogg_page_seal(made.bytes + from, made.pages[ROWS[i].page + 1] - from,
			      ROWS[i].serial);
		expect(ROWS[i].what, made.bytes, made.size, ROWS[i].err, ROWS[i].words);
	}
}

/* The same without a new sum, in every page. */
static void test_damage_is_told_from_other_things(void **state)
{
	static const char *const WORDS[] = {"page 1 is damaged", "page 2 is damaged",
					    "page 3 is damaged", "page 4 is damaged"};
	static struct made made;

	(void)state;
	for (unsigned page = 0; page < STR_COUNT(WORDS); page++) {
		begin(&made);
		add_long(&made, 60, 0);
		made.bytes[made.pages[page + 1] - 1] ^= 0x20;
		expect("a flipped bit", made.bytes, made.size, ERR_FORMAT, WORDS[page]);
	}
}

/* Heads that begin as they should. */
static void test_a_head_alone_on_its_page(void **state)
{
	static const struct {
		const char *what;
		size_t size;
		unsigned count;
	} ROWS[] = {{"short", 18, 1}, {"long", 20, 1}, {"twice", 19, 2}, {"none", 19, 0}};
	uint8_t head[sizeof(HEAD) + 1] = {0};
	static struct made made;

	(void)state;
	memcpy(head, HEAD, sizeof(HEAD));
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		memset(&made, 0, sizeof(made));
		add_page(&made, OGG_PAGE_FIRST, 0, head, ROWS[i].size, ROWS[i].count);
		expect(ROWS[i].what, made.bytes, made.size, ERR_UNSUPPORTED,
		       "expected Opus in Ogg");
	}
	begin(&made);
	made.size = made.pages[1];
	made.count = 1;
	add_page(&made, OGG_PAGE_LAST, 0, TAGS, 3, 1);
	expect("three letters of tags", made.bytes, made.size, ERR_FORMAT, "no tags");
}

/* A packet that goes on behind a whole one: Ogg knows that, a voice message does not. */
static void test_a_packet_that_goes_on(void **state)
{
	static struct made made;
	uint8_t long_one[OGG_PAGE_SEGMENT_BYTES_MAX - 1] = {LONG[0]};
	uint8_t *page = NULL;

	(void)state;
	begin(&made);
	add_page(&made, OGG_PAGE_LAST, LONG_TICKS, long_one, sizeof(long_one), 2);
	page = made.bytes + made.pages[2];
	page[OGG_PAGE_HEADER_BYTES + 1] = OGG_PAGE_SEGMENT_BYTES_MAX;
	ogg_page_seal(page, ++made.size - made.pages[2], 0);
	expect("goes on", made.bytes, made.size, ERR_FORMAT, "holds no whole packets");
}

static void test_packets_that_are_none(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[2];
		size_t size;
	} ROWS[] = {
		{"empty", {0}, 0},
		{"no second byte", {11 << 3 | 3}, 1},
		{"no frame", {11 << 3 | 3, 0}, 2},
		{"over 120 ms", {11 << 3 | 3, 3}, 2},
		{"over an hour, nearly", {11 << 3 | 3, 63}, 2},
	};
	static const uint8_t SHORT[] = {16 << 3 | 3};
	static struct made made;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		begin(&made);
		add_page(&made, OGG_PAGE_LAST, 960, ROWS[i].bytes, ROWS[i].size, 1);
		expect(ROWS[i].what, made.bytes, made.size, ERR_FORMAT,
		       "page 3 holds something else than Opus");
	}
	begin(&made);
	add_page(&made, OGG_PAGE_LAST, 960, LONG, sizeof(LONG), 0);
	expect("none at all", made.bytes, made.size, ERR_FORMAT,
	       "holds no whole packets");
	/* Its second byte would be the next page's 'O': 15 frames. */
	begin(&made);
	add_page(&made, 0, (uint64_t)15 * 120, SHORT, sizeof(SHORT), 1);
	add_page(&made, OGG_PAGE_LAST, 15 * 120 + LONG_TICKS, LONG, sizeof(LONG), 1);
	expect("a byte of the next", made.bytes, made.size, ERR_FORMAT,
	       "page 3 holds something else than Opus");
}

/* Each kind of frame counts for as long as it sounds: a page that says so is taken. */
static void test_every_kind_of_frame(void **state)
{
	static const struct {
		uint8_t kind;
		uint16_t ticks;
	} ROWS[] = {{0, 480},  {1, 960},  {2, 1920}, {3, 2880}, {7, 2880}, {8, 480},
		    {12, 480}, {13, 960}, {14, 480}, {15, 960}, {16, 120}, {17, 240},
		    {18, 480}, {19, 960}, {23, 960}, {28, 120}, {31, 960}};
	static struct made made;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const uint8_t packet[] = {(uint8_t)(ROWS[i].kind << 3)};
		const uint8_t two[] = {(uint8_t)(ROWS[i].kind << 3 | 3), 2};
		size_t samples = 0;

		begin(&made);
		add_page(&made, 0, 20U * ROWS[i].ticks, packet, sizeof(packet), 20);
		add_page(&made, OGG_PAGE_LAST, 60U * ROWS[i].ticks, two, sizeof(two), 20);
		assert_int_equal(memo_form_check(made.bytes, made.size, &samples, NULL),
				 OK);
		assert_int_equal(samples, (60U * ROWS[i].ticks - PRESKIP) / 3);
	}
}

static void test_limits_of_length(void **state)
{
	const uint64_t most = PRESKIP + 3 * (uint64_t)MEMO_SAMPLES_MAX;
	static struct made made;
	size_t samples = 0;

	(void)state;
	begin(&made);
	add_long(&made, 550, 0); /* 66 s */
	assert_int_equal(memo_form_check(made.bytes, made.size, &samples, NULL), OK);
	/* 13 pages of 50 are not enough for 120 s; 5 of 201 are. */
	begin(&made);
	for (unsigned i = 1; i <= 5; i++)
		add_page(&made, i == 5 ? OGG_PAGE_LAST : 0,
			 i == 5 ? most : (uint64_t)i * 200 * LONG_TICKS, LONG,
			 sizeof(LONG), i == 5 ? 201 : 200);
	assert_int_equal(memo_form_check(made.bytes, made.size, &samples, NULL), OK);
	assert_int_equal(samples, MEMO_SAMPLES_MAX);
	begin(&made);
	for (unsigned i = 1; i <= 5; i++)
		add_page(&made, i == 5 ? OGG_PAGE_LAST : 0,
			 i == 5 ? most + 3 : (uint64_t)i * 200 * LONG_TICKS, LONG,
			 sizeof(LONG), i == 5 ? 201 : 200);
	expect("a sample more", made.bytes, made.size, ERR_LIMIT, "longer than 120 s");
	begin(&made);
	for (unsigned i = 1; i <= 14; i++)
		add_page(&made, i == 14 ? OGG_PAGE_LAST : 0,
			 (uint64_t)i * 255 * LONG_TICKS, LONG, sizeof(LONG), 255);
	expect("seven minutes", made.bytes, made.size, ERR_LIMIT, "longer than 120 s");
	begin(&made);
	add_long(&made, 1, PRESKIP + 2);
	expect("all of it skipped", made.bytes, made.size, ERR_FORMAT, "holds no sound");
}

static void test_limits_of_size(void **state)
{
	static uint8_t bytes[MEMO_FORM_BYTES_MAX + 1];
	static struct made made;

	(void)state;
	memcpy(bytes, "OggS", 4);
	expect("too many bytes", bytes, sizeof(bytes), ERR_LIMIT, "has 524289 bytes");
	expect("as many as may be", bytes, sizeof(bytes) - 1, ERR_FORMAT, "page 1 ");
	expect("nothing", bytes, 0, ERR_FORMAT, "is empty");
	begin(&made);
	expect("no sound", made.bytes, made.size, ERR_FORMAT, "page 2 is the last one");
	expect("only a head", made.bytes, HEAD_PAGE_BYTES, ERR_FORMAT, "holds no sound");
}

static void test_too_many_tags(void **state)
{
	static struct made made;
	static uint8_t tags[200];
	uint8_t *page = NULL;
	size_t size = 0;

	(void)state;
	memcpy(tags, "OpusTags", 8);
	begin(&made);
	add_long(&made, 1, 0);
	/* Six segments of 200 bytes, five of which are made to go on. */
	made.size = made.pages[1];
	made.count = 1;
	add_page(&made, 0, 0, tags, sizeof(tags), 6);
	page = made.bytes + made.pages[1];
	memset(page + OGG_PAGE_HEADER_BYTES, 255, 4);
	page[OGG_PAGE_HEADER_BYTES + 4] = 180;
	page[OGG_PAGE_HEADER_BYTES + 5] = 0;
	page[26] = 5;
	memmove(page + OGG_PAGE_HEADER_BYTES + 5, page + OGG_PAGE_HEADER_BYTES + 6, 1200);
	size = OGG_PAGE_HEADER_BYTES + 5 + 1200;
	ogg_page_seal(page, size, 0);
	made.size = made.pages[1] + size;
	add_long(&made, 1, 0);
	expect("tags of 1,200 bytes", made.bytes, made.size, ERR_FORMAT, "or too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_one_says_how_long_it_is),
		cmocka_unit_test(test_each_thing_that_may_be_wrong),
		cmocka_unit_test(test_damage_is_told_from_other_things),
		cmocka_unit_test(test_a_head_alone_on_its_page),
		cmocka_unit_test(test_a_packet_that_goes_on),
		cmocka_unit_test(test_packets_that_are_none),
		cmocka_unit_test(test_every_kind_of_frame),
		cmocka_unit_test(test_limits_of_length),
		cmocka_unit_test(test_limits_of_size),
		cmocka_unit_test(test_too_many_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
