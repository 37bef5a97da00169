/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - strict JSON with limits, in both directions. The only user of jansson.
 *
 * Reading refuses duplicate keys, NUL in strings, depth over JSON_DEPTH_MAX and
 * anything behind the value. Values read are borrowed from their document. Pure
 * but for memory; one thread per document.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { JSON_DEPTH_MAX = 32 };

struct json;       /* a document; owned */
struct json_value; /* a value inside a document; borrowed */

/* name is what the note calls it ("home.json", a topic). Note: "name:line:column: ...".
 * ERR_LIMIT too large or too deep, ERR_FORMAT not strict JSON. Any value may be the root. */
MUST_CHECK enum err json_parse(const char *name, const char *bytes, size_t size,
			       size_t size_max, struct json **out_json,
			       struct err_note *note);
void json_destroy(struct json *json); /* NULL is fine */
const struct json_value *json_root(const struct json *json);

/* NULL values are "absent" everywhere: asking one gives NULL, 0, false or fallback. */
const struct json_value *json_get(const struct json_value *object, const char *key);
size_t json_count(const struct json_value *array_or_object);
const struct json_value *json_at(const struct json_value *array, size_t index);
bool json_is_object(const struct json_value *value);
bool json_is_array(const struct json_value *value);
bool json_is_text(const struct json_value *value);
bool json_is_number(const struct json_value *value);
bool json_is_bool(const struct json_value *value);
const char *json_text(const struct json_value *value, const char *fallback);
double json_number(const struct json_value *value, double fallback);
bool json_bool(const struct json_value *value, bool fallback);
/* The index-th key of an object and its value, in file order; NULL behind the last.
 * Walks there from the first key. */
const char *json_key_at(const struct json_value *object, size_t index,
			const struct json_value **out_value);

/* Writing: a small pushing writer that adds one value to a buf. Mistakes in nesting are
 * must(). Errors of the buf are kept and returned by json_write_finish. Bytes that are
 * not UTF-8 become U+FFFD, numbers that are not finite become null. */
enum { JSON_WRITE_DEPTH_MAX = 16 };
struct json_write {
	struct buf *to; /* borrowed */
	enum err err;
	unsigned depth;
	bool comma[JSON_WRITE_DEPTH_MAX + 1];   /* something was written at this depth */
	char closing[JSON_WRITE_DEPTH_MAX + 1]; /* the bracket that ends this depth */
};
void json_write_init(struct json_write *write, struct buf *to);
void json_open_object(struct json_write *write, const char *key); /* key NULL in arrays */
void json_open_array(struct json_write *write, const char *key);
void json_close(struct json_write *write, char bracket); /* '}' or ']' */
void json_add_text(struct json_write *write, const char *key,
		   const char *text); /* NULL: null */
void json_add_int(struct json_write *write, const char *key, int64_t value);
void json_add_double(struct json_write *write, const char *key, double value,
		     int decimals);
void json_add_bool(struct json_write *write, const char *key, bool value);
void json_add_null(struct json_write *write, const char *key);
MUST_CHECK enum err json_write_finish(struct json_write *write);

#endif
