/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str - text in arrays of a known size, never longer, always ended.
 *
 * Everything here is pure and knows no locale. Text is UTF-8; case folding is
 * ASCII only (other letters are compared as they are). Any thread.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define STR_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Copies text into to[size], ended. False, with to = "", when it does not fit. */
bool str_copy(char *to, size_t size, const char *text);

/* The same for a piece of text that is not ended. */
bool str_copy_bytes(char *to, size_t size, const char *bytes, size_t bytes_size);

/* Formats into to[size], ended; false when it was cut. */
bool str_format(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

/* Adds formatted text behind what to[size] holds; false when it was cut. */
bool str_append(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

bool str_equal(const char *a, const char *b);
bool str_equal_folded(const char *a, const char *b); /* ASCII case does not matter */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/* Lower-cases ASCII letters in place. */
void str_fold(char *text);

/* Cuts white space at both ends in place. */
void str_trim(char *text);

/* A whole decimal number within smallest..largest, nothing before or after it. */
bool str_to_int(const char *text, int64_t smallest, int64_t largest, int64_t *out_value);
bool str_to_double(const char *text, double smallest, double largest, double *out_value);

/* True for well-formed UTF-8 without NUL, surrogates or overlong forms. */
bool str_is_utf8(const char *bytes, size_t size);
/* UTF-8 without control characters (C0, DEL, C1): it can be shown and sent as it is. */
bool str_is_line(const char *bytes, size_t size);

/* Makes text fit to be shown and sent: control characters (C0, DEL, C1) and bytes that are
 * not well-formed UTF-8 become '?'; a character cut at the end goes. In place. */
void str_clean(char *text);

/* Lower-case hexadecimal, and back. to needs 2 * size + 1 bytes. */
void str_to_hex(char *to, const uint8_t *bytes, size_t size);
bool str_from_hex(uint8_t *to, size_t size, const char *hex);

#endif
