/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str - text in arrays of a known size.
 *
 * Knows no locale (numbers are read with a '.', whatever LC_NUMERIC says) and allocates
 * nothing. Whatever is written is ended; what does not fit is reported, never run over.
 */
#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { NUMBER_BYTES = 64 };

bool str_copy(char *to, size_t size, const char *text)
{
	return str_copy_bytes(to, size, text, strlen(text));
}

bool str_copy_bytes(char *to, size_t size, const char *bytes, size_t bytes_size)
{
	must(size > 0);
	if (bytes_size >= size) {
		to[0] = '\0';
		return false;
	}
	memmove(to, bytes, bytes_size);
	to[bytes_size] = '\0';
	return true;
}

bool str_format(char *to, size_t size, const char *format, ...)
{
	must(size > 0);
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(to, size, format, arguments);
	va_end(arguments);
	must(length >= 0);
	return (size_t)length < size;
}

bool str_append(char *to, size_t size, const char *format, ...)
{
	size_t used = strnlen(to, size);
	must(used < size);
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(to + used, size - used, format, arguments);
	va_end(arguments);
	must(length >= 0);
	return (size_t)length < size - used;
}

static char fold(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_equal_folded(const char *a, const char *b)
{
	while (*a != '\0' && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return fold(*a) == fold(*b);
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t text_size = strlen(text);
	size_t suffix_size = strlen(suffix);
	return suffix_size <= text_size &&
	       strcmp(text + text_size - suffix_size, suffix) == 0;
}

void str_fold(char *text)
{
	for (; *text != '\0'; text++)
		*text = fold(*text);
}

static bool is_space(char letter)
{
	return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

void str_trim(char *text)
{
	size_t begin = 0;
	while (is_space(text[begin]))
		begin++;
	size_t end = begin + strlen(text + begin);
	while (end > begin && is_space(text[end - 1]))
		end--;
	memmove(text, text + begin, end - begin);
	text[end - begin] = '\0';
}

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

bool str_to_int(const char *text, int64_t smallest, int64_t largest, int64_t *out_value)
{
	const char *at = text;
	bool negative = *at == '-';
	if (negative)
		at++;
	if (!is_digit(*at))
		return false;
	/* Collected as a negative number, which has the wider range. */
	int64_t value = 0;
	for (; is_digit(*at); at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, (int64_t)(*at - '0'), &value))
			return false;
	}
	if (*at != '\0')
		return false;
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	if (value < smallest || value > largest)
		return false;
	*out_value = value;
	return true;
}

/* True for -?digits[.digits], the only form we read. */
static bool is_plain_number(const char *text)
{
	const char *at = text;
	if (*at == '-')
		at++;
	if (!is_digit(*at))
		return false;
	while (is_digit(*at))
		at++;
	if (*at == '.') {
		at++;
		if (!is_digit(*at))
			return false;
		while (is_digit(*at))
			at++;
	}
	return *at == '\0' && (size_t)(at - text) < NUMBER_BYTES;
}

bool str_to_double(const char *text, double smallest, double largest, double *out_value)
{
	if (!is_plain_number(text))
		return false;
	/* By hand: strtod would follow the locale. 10^n is exact up to 10^22; beyond 18
	 * digits the rest is below what a double can hold. */
	const char *at = text[0] == '-' ? text + 1 : text;
	double whole = 0;
	for (; is_digit(*at); at++)
		whole = whole * 10 + (*at - '0');
	double part = 0;
	double scale = 1;
	if (*at == '.') {
		for (at++; is_digit(*at) && scale < 1e18; at++) {
			part = part * 10 + (*at - '0');
			scale *= 10;
		}
	}
	double value = whole + part / scale;
	if (text[0] == '-')
		value = -value;
	if (!isfinite(value) || value < smallest || value > largest)
		return false;
	*out_value = value;
	return true;
}

/* The size of the well-formed character at bytes, or 0 (Unicode 15, table 3-7). */
static size_t utf8_size(const uint8_t *bytes, size_t size)
{
	uint8_t first = bytes[0];
	if (first < 0x80)
		return first == 0 ? 0 : 1;
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t need = 0;
	if (first >= 0xc2 && first <= 0xdf) {
		need = 2;
	} else if (first >= 0xe0 && first <= 0xef) {
		need = 3;
		low = first == 0xe0 ? 0xa0 : low;   /* overlong */
		high = first == 0xed ? 0x9f : high; /* surrogates */
	} else if (first >= 0xf0 && first <= 0xf4) {
		need = 4;
		low = first == 0xf0 ? 0x90 : low;   /* overlong */
		high = first == 0xf4 ? 0x8f : high; /* above U+10FFFF */
	}
	if (need == 0 || size < need || bytes[1] < low || bytes[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	return need;
}

bool str_is_utf8(const char *bytes, size_t size)
{
	const uint8_t *at = (const uint8_t *)bytes;
	while (size > 0) {
		size_t step = utf8_size(at, size);
		if (step == 0)
			return false;
		at += step;
		size -= step;
	}
	return true;
}

bool str_is_line(const char *bytes, size_t size)
{
	if (!str_is_utf8(bytes, size))
		return false;
	for (size_t i = 0; i < size; i++) {
		const uint8_t byte = (uint8_t)bytes[i];

		if (byte < 0x20 || byte == 0x7f ||
		    (byte == 0xc2 && (uint8_t)bytes[i + 1] < 0xa0))
			return false;
	}
	return true;
}

/* True when bytes begin a character that is cut off by the end of the text. */
static bool is_cut(const uint8_t *bytes, size_t size)
{
	size_t need = bytes[0] >= 0xf0   ? 4
		      : bytes[0] >= 0xe0 ? 3
		      : bytes[0] >= 0xc2 ? 2
					 : 0;
	if (size >= need)
		return false;
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

void str_clean(char *text)
{
	uint8_t *at = (uint8_t *)text;
	size_t left = strlen(text);
	while (left > 0) {
		size_t step = utf8_size(at, left);
		if (step == 0 && is_cut(at, left)) {
			*at = '\0';
			return;
		}
		bool control = at[0] < 0x20 || at[0] == 0x7f ||
			       (step == 2 && at[0] == 0xc2 && at[1] < 0xa0);
		if (step == 0 || control)
			memset(at, '?', step > 0 ? step : 1);
		step = step > 0 ? step : 1;
		at += step;
		left -= step;
	}
}

void str_to_hex(char *to, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
	to[2 * size] = '\0';
}

static int hex_value(char digit)
{
	if (is_digit(digit))
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool str_from_hex(uint8_t *to, size_t size, const char *hex)
{
	if (strlen(hex) != 2 * size)
		return false;
	for (size_t i = 0; i < 2 * size; i++) {
		if (hex_value(hex[i]) < 0)
			return false;
	}
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
	return true;
}
