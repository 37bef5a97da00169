/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_text - writes and reads public keys as letters; knows not whose they are.
 *
 * Invariant: one key has one text, and a text that is read back has the check of its key.
 */
#include "base/key_text.h"

#include <ctype.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"

enum {
	CHECK_BYTES = 3,
	CODE_BYTES = KEY_TEXT_KEY_BYTES + CHECK_BYTES,
	LETTER_BITS = 5,
	LETTER_COUNT = CODE_BYTES * 8 / LETTER_BITS,
	GROUP = 7,
	FINGERPRINT_HASH_BYTES = 10,
	FINGERPRINT_GROUP = 4,
};

_Static_assert(CODE_BYTES * 8 % LETTER_BITS == 0, "whole letters");
_Static_assert(LETTER_COUNT + LETTER_COUNT / GROUP == KEY_TEXT_BYTES, "text and its NUL");

/* Crockford's: no I, L, O, U. */
static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char FINGERPRINT_LABEL[] = "behest key fingerprint v1";

static enum err add_check(uint8_t code[CODE_BYTES])
{
	const struct seal_part part = {code, KEY_TEXT_KEY_BYTES};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(&part, 1, hash);

	if (err == OK)
		memcpy(code + KEY_TEXT_KEY_BYTES, hash, CHECK_BYTES);
	return err;
}

/* The five bits at a place; they lie in at most two bytes. */
static unsigned bits_at(const uint8_t code[CODE_BYTES], size_t bit)
{
	unsigned two = (unsigned)code[bit / 8] << 8;

	if (bit / 8 + 1 < CODE_BYTES)
		two |= code[bit / 8 + 1];
	return two >> (16 - LETTER_BITS - bit % 8) & 31;
}

enum err key_to_text(const uint8_t key[KEY_TEXT_KEY_BYTES], char to[KEY_TEXT_BYTES])
{
	uint8_t code[CODE_BYTES];
	size_t at = 0;

	to[0] = '\0';
	memcpy(code, key, KEY_TEXT_KEY_BYTES);
	enum err err = add_check(code);
	if (err != OK)
		return err;
	for (size_t i = 0; i < LETTER_COUNT; i++) {
		if (i > 0 && i % GROUP == 0)
			to[at++] = '-';
		to[at++] = LETTERS[bits_at(code, i * LETTER_BITS)];
	}
	to[at++] = '\0';
	must(at == KEY_TEXT_BYTES);
	return OK;
}

/* The value of a letter as people write it, or -1. */
static int letter_value(char letter)
{
	char upper = (char)toupper((unsigned char)letter);

	must(letter != '\0');
	if (upper == 'O')
		upper = '0';
	if (upper == 'I' || upper == 'L')
		upper = '1';
	const char *found = strchr(LETTERS, upper);
	return found ? (int)(found - LETTERS) : -1;
}

static void put_letter(uint8_t code[CODE_BYTES], size_t index, int value)
{
	for (size_t i = 0; i < LETTER_BITS; i++) {
		size_t bit = index * LETTER_BITS + i;

		if (value >> (LETTER_BITS - 1 - i) & 1)
			code[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
}

enum err key_from_text(const char *text, uint8_t out_key[KEY_TEXT_KEY_BYTES])
{
	uint8_t code[CODE_BYTES] = {0};
	uint8_t again[CODE_BYTES];
	size_t count = 0;

	for (; *text; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		int value = letter_value(*text);
		if (value < 0 || count == LETTER_COUNT)
			return ERR_FORMAT;
		put_letter(code, count++, value);
	}
	if (count != LETTER_COUNT)
		return ERR_FORMAT;
	memcpy(again, code, KEY_TEXT_KEY_BYTES);
	enum err err = add_check(again);
	if (err == OK && memcmp(again, code, CODE_BYTES) != 0)
		err = ERR_AUTH;
	if (err == OK)
		memcpy(out_key, code, KEY_TEXT_KEY_BYTES);
	return err;
}

enum err key_fingerprint(const uint8_t key[KEY_TEXT_KEY_BYTES],
			 char to[KEY_FINGERPRINT_BYTES])
{
	const struct seal_part parts[] = {{FINGERPRINT_LABEL, sizeof(FINGERPRINT_LABEL)},
					  {key, KEY_TEXT_KEY_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	char hex[2 * FINGERPRINT_HASH_BYTES + 1];
	size_t at = 0;

	to[0] = '\0';
	enum err err = seal_sha256(parts, STR_COUNT(parts), hash);
	if (err != OK)
		return err;
	str_to_hex(hex, hash, FINGERPRINT_HASH_BYTES);
	for (size_t i = 0; hex[i]; i++) {
		if (i > 0 && i % FINGERPRINT_GROUP == 0)
			to[at++] = ' ';
		to[at++] = hex[i];
	}
	to[at++] = '\0';
	must(at == KEY_FINGERPRINT_BYTES);
	return OK;
}
