/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_age - what is encrypted here opens with the stock age, whatever its length and in
 * whatever pieces it came; keys are read to the letter; and minisign takes our signatures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/age.h"
#include "base/file.h"
#include "base/minisign.h"
#include "base/str.h"
#include "e2e/process.h"
#include "folder.h"

enum { CHUNK = 64 * 1024, SIZE_MAX_ = 3 * CHUNK, SCRIPT_BYTES = 2048 };

static char folder[] = "/tmp/behest-age-XXXXXX";
static uint8_t plain[SIZE_MAX_];

static int run(const char *script, struct process_ran *ran)
{
	char command[SCRIPT_BYTES];
	const char *words[] = {"/bin/sh", "-c", command, NULL};

	assert_true(str_format(command, sizeof(command), "cd %s && %s", folder, script));
	process_run(words, PROCESS_WAIT_MS, ran);
	return ran->status;
}

static void expect(const char *script)
{
	struct process_ran ran;

	if (run(script, &ran) != 0)
		fail_msg("%s: %s%s", script, process_out(&ran), process_err(&ran));
	process_ran_finish(&ran);
}

static void put(const char *name, const void *bytes, size_t size)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, bytes, size, 0600, NULL), OK);
}

static enum err add(void *context, const void *bytes, size_t size)
{
	return buf_add(context, bytes, size);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 31 + i / 256);
	expect("age-keygen -o key 2> /dev/null; age-keygen -y key > public; "
	       "age-keygen -o other 2> /dev/null");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static void read_public(struct age_recipient *recipient)
{
	struct process_ran ran;
	char text[128];

	assert_int_equal(run("cat public", &ran), 0);
	assert_true(str_copy(text, sizeof(text), process_out(&ran)));
	process_ran_finish(&ran);
	str_trim(text);
	assert_int_equal(age_recipient_read(text, recipient, NULL), OK);
}

static void lock(const struct age_recipient *recipient, size_t size, size_t piece)
{
	struct age_writer *writer = NULL;
	struct buf locked;
	struct sink sink = {&locked, add};

	buf_init(&locked, 2 * SIZE_MAX_);
	assert_int_equal(age_writer_create(recipient, 1, &sink, &writer), OK);
	for (size_t at = 0; at < size; at += piece)
		assert_int_equal(age_writer_add(writer, plain + at,
						size - at < piece ? size - at : piece),
				 OK);
	assert_int_equal(age_writer_end(writer), OK);
	age_writer_destroy(writer);
	put("locked", locked.bytes, locked.size);
	put("plain", plain, size);
	buf_finish(&locked);
}

static void age_opens_every_length(void **state)
{
	static const size_t sizes[] = {0,         1,         CHUNK - 1,     CHUNK,
				       CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7, 3 * CHUNK};
	static const size_t pieces[] = {SIZE_MAX_, 1000, CHUNK};
	struct age_recipient recipient;

	(void)state;
	read_public(&recipient);
	for (size_t i = 0; i < STR_COUNT(sizes); i++) {
		for (size_t j = 0; j < STR_COUNT(pieces); j++) {
			lock(&recipient, sizes[i], pieces[j]);
			expect("age -d -i key locked > opened && cmp opened plain");
		}
	}
	expect("! age -d -i other locked > /dev/null 2>&1");
	expect("head -c -1 locked > cut; ! age -d -i key cut > /dev/null 2>&1");
}

/* Of a right key with one letter changed none is taken, for BIP 173's check finds each. */
static void one_wrong_letter_is_found(void **state)
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	struct age_recipient recipient;
	struct process_ran ran;
	char right[128];

	(void)state;
	assert_int_equal(run("cat public", &ran), 0);
	assert_true(str_copy(right, sizeof(right), process_out(&ran)));
	process_ran_finish(&ran);
	str_trim(right);
	for (size_t i = 4; right[i]; i++) {
		for (const char *letter = letters; *letter; letter++) {
			struct err_note note = {""};
			char text[128];

			if (*letter == right[i])
				continue;
			assert_true(str_copy(text, sizeof(text), right));
			text[i] = *letter;
			assert_int_equal(age_recipient_read(text, &recipient, &note),
					 ERR_FORMAT);
			assert_non_null(strstr(note.text, "some letter of it is wrong"));
		}
	}
}

/* BIP 173: the letters' check of what precedes its six. */
static void put_check(char text[63])
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	static const uint32_t generators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
					      0x3d4233dd, 0x2a1462b3};
	uint8_t values[7 + 58] = {3, 3, 3, 0, 'a' & 31, 'g' & 31, 'e' & 31};
	uint32_t check = 1;

	for (size_t i = 0; i < 52; i++)
		values[7 + i] = (uint8_t)(strchr(letters, text[4 + i]) - letters);
	for (size_t i = 0; i < sizeof(values); i++) {
		const uint32_t top = check >> 25;

		check = (check & 0x1ffffff) << 5 ^ values[i];
		for (size_t bit = 0; bit < STR_COUNT(generators); bit++)
			check ^= top >> bit & 1 ? generators[bit] : 0;
	}
	check ^= 1;
	for (size_t i = 0; i < 6; i++)
		text[56 + i] = letters[check >> 5 * (5 - i) & 31];
}

/* The check fits, and yet no tool writes such a key: bits are left over. */
static void a_key_with_bits_left_over_is_none(void **state)
{
	struct age_recipient recipient;
	struct process_ran ran;
	char text[128];

	(void)state;
	assert_int_equal(run("cat public", &ran), 0);
	assert_true(str_copy(text, sizeof(text), process_out(&ran)));
	process_ran_finish(&ran);
	str_trim(text);
	put_check(text); /* as it was */
	assert_int_equal(age_recipient_read(text, &recipient, NULL), OK);
	text[55] = text[55] == 'p' ? 'z' : 'p';
	put_check(text);
	assert_int_equal(age_recipient_read(text, &recipient, NULL), ERR_FORMAT);
}

/* To which nothing can be locked: all agree with it on the same. */
static void a_key_that_is_no_point_is_refused(void **state)
{
	const struct age_recipient recipient = {{0}};
	struct age_writer *writer = NULL;
	struct buf locked;
	const struct sink sink = {&locked, add};

	(void)state;
	buf_init(&locked, SIZE_MAX_);
	assert_int_equal(age_writer_create(&recipient, 1, &sink, &writer), ERR_AUTH);
	assert_null(writer);
	assert_int_equal(locked.size, 0);
	buf_finish(&locked);
}

static void a_sink_that_is_full_is_said(void **state)
{
	struct age_recipient recipient;
	size_t size;

	(void)state;
	read_public(&recipient);
	for (size = 0; size < 3 * (size_t)CHUNK; size += 50) {
		struct age_writer *writer = NULL;
		struct buf locked;
		const struct sink sink = {&locked, add};
		enum err err;

		buf_init(&locked, size);
		err = age_writer_create(&recipient, 1, &sink, &writer);
		if (err == OK)
			err = age_writer_add(writer, plain, 2 * (size_t)CHUNK + 1);
		if (err == OK)
			err = age_writer_end(writer);
		age_writer_destroy(writer);
		buf_finish(&locked);
		if (err == OK)
			break;
		assert_int_equal(err, ERR_LIMIT);
	}
	assert_true(size > 2 * (size_t)CHUNK);
}

static void minisign_takes_our_signatures(void **state)
{
	static const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1, 2, 3};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t read[SEAL_SIGN_PUBLIC_BYTES];
	char text[MINISIGN_SIGNATURE_BYTES];
	char public_text[MINISIGN_KEY_BYTES];
	char trusted[MINISIGN_COMMENT_BYTES];

	(void)state;
	seal_sign_pair(seed, key);
	minisign_key_write(key, public_text);
	minisign_write(seed, plain, 1000, "what it is", text);
	put("k.pub", public_text, strlen(public_text));
	put("s", plain, 1000);
	put("s.minisig", text, strlen(text));
	expect("minisign -Vm s -p k.pub | grep -q 'what it is'");
	assert_int_equal(minisign_key_read(public_text, strlen(public_text), read), OK);
	assert_memory_equal(read, key, sizeof(key));
	assert_int_equal(minisign_check(key, plain, 1000, text, strlen(text), trusted),
			 OK);
	assert_string_equal(trusted, "what it is");
	assert_int_equal(minisign_check(key, plain, 999, text, strlen(text), trusted),
			 ERR_AUTH);
	/* No byte of it may be another. */
	for (size_t i = 0; text[i]; i++) {
		const char was = text[i];

		if (i < strcspn(text, "\n")) /* the untrusted comment */
			continue;
		text[i] = (char)(was == 'A' ? 'B' : 'A');
		assert_int_not_equal(minisign_check(key, plain, 1000, text, strlen(text),
						    trusted),
				     OK);
		text[i] = was;
	}
}

/* text with its n-th line, its end not among it, replaced. */
static size_t with_line(const char *text, size_t n, const char *line, size_t line_size,
			char to[2048])
{
	const char *from = text;
	size_t size;

	for (; n > 0; n--)
		from = strchr(from, '\n') + 1;
	size = (size_t)(from - text);
	memcpy(to, text, size);
	memcpy(to + size, line, line_size);
	size += line_size;
	from = strchr(from, '\n');
	memcpy(to + size, from, strlen(from));
	return size + strlen(from);
}

static void what_minisign_does_not_write_is_refused(void **state)
{
	static const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1, 2, 3};
	static const char zero[] = "trusted comment: a\0b";
	char words[MINISIGN_COMMENT_BYTES + sizeof("trusted comment: ")];
	const struct {
		const char *line;
		size_t size;
	} lines[] = {
		{"", 0},
		{"short", 5},
		{"a line that is no comment, and no base64 either", 47},
		{zero, sizeof(zero) - 1},
		{words, sizeof(words)},
	};
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES];
	char text[MINISIGN_SIGNATURE_BYTES];
	char public_text[MINISIGN_KEY_BYTES];
	char trusted[MINISIGN_COMMENT_BYTES];
	char odd[2048];

	(void)state;
	memset(words, 'x', sizeof(words));
	memcpy(words, zero, strlen("trusted comment: "));
	seal_sign_pair(seed, key);
	minisign_key_write(key, public_text);
	minisign_write(seed, plain, 1000, "what it is", text);
	for (size_t size = 0; size < strlen(public_text); size++)
		assert_int_equal(minisign_key_read(public_text, size, key), ERR_FORMAT);
	for (size_t size = 0; size < strlen(text); size++)
		assert_int_equal(minisign_check(key, plain, 1000, text, size, trusted),
				 ERR_FORMAT);
	/* With its end, and so with one byte behind it. */
	assert_int_equal(minisign_key_read(public_text, strlen(public_text) + 1, key),
			 ERR_FORMAT);
	assert_int_equal(minisign_check(key, plain, 1000, text, strlen(text) + 1,
					trusted),
			 ERR_FORMAT);
	for (size_t i = 0; i < STR_COUNT(lines); i++) {
		for (size_t n = 0; n < 4; n++) {
			const size_t size =
				with_line(text, n, lines[i].line, lines[i].size, odd);

			assert_int_equal(minisign_check(key, plain, 1000, odd, size,
							trusted),
					 ERR_FORMAT);
		}
		for (size_t n = 0; n < 2; n++) {
			const size_t size = with_line(public_text, n, lines[i].line,
						      lines[i].size, odd);

			assert_int_equal(minisign_key_read(odd, size, key), ERR_FORMAT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(age_opens_every_length),
		cmocka_unit_test(one_wrong_letter_is_found),
		cmocka_unit_test(a_key_with_bits_left_over_is_none),
		cmocka_unit_test(a_key_that_is_no_point_is_refused),
		cmocka_unit_test(a_sink_that_is_full_is_said),
		cmocka_unit_test(minisign_takes_our_signatures),
		cmocka_unit_test(what_minisign_does_not_write_is_refused),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
