/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json - documents from anywhere.
 *
 * Beyond not crashing: what is read can be written, and what was written reads the same
 * again and writes to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/must.h"

enum { SIZE_MAX_READ = 64 * 1024, WRITTEN_MAX = 1024 * 1024, DECIMALS = 9 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A place in a document: a list or object, and the next of its items. */
struct place {
	const struct json_value *value;
	size_t next;
};

static void write_leaf(struct json_write *write, const char *key,
		       const struct json_value *value)
{
	if (json_is_text(value))
		json_add_text(write, key, json_text(value, ""));
	else if (json_is_number(value))
		json_add_double(write, key, json_number(value, 0.0), DECIMALS);
	else if (json_is_bool(value))
		json_add_bool(write, key, json_bool(value, false));
	else
		json_add_null(write, key);
}

/* Writes a value that is no deeper than the writer goes; deeper ones become null. */
static void copy(struct json_write *write, const struct json_value *root)
{
	struct place places[JSON_WRITE_DEPTH_MAX] = {{.value = root}};
	size_t depth = 0;

	if (!json_is_object(root) && !json_is_array(root)) {
		write_leaf(write, NULL, root);
		return;
	}
	if (json_is_object(root))
		json_open_object(write, NULL);
	else
		json_open_array(write, NULL);
	for (depth = 1; depth > 0;) {
		struct place *place = &places[depth - 1];
		bool in_object = json_is_object(place->value);
		const struct json_value *value = NULL;
		const char *key = NULL;

		if (place->next == json_count(place->value)) {
			json_close(write, in_object ? '}' : ']');
			depth--;
			continue;
		}
		if (in_object)
			key = json_key_at(place->value, place->next, &value);
		else
			value = json_at(place->value, place->next);
		must(value && in_object == (key != NULL));
		must(!in_object || json_get(place->value, key) == value);
		place->next++;
		if (depth < JSON_WRITE_DEPTH_MAX &&
		    (json_is_object(value) || json_is_array(value))) {
			if (json_is_object(value))
				json_open_object(write, key);
			else
				json_open_array(write, key);
			places[depth++] = (struct place){.value = value};
		} else {
			write_leaf(write, key, value);
		}
	}
}

static bool write_again(const char *bytes, size_t size, struct buf *written)
{
	struct err_note note = {""};
	struct json_write write;
	struct json *json = NULL;
	enum err err = json_parse("input", bytes, size, SIZE_MAX_READ, &json, &note);

	if (err) {
		must(!json && (note.text[0] || err == ERR_MEMORY));
		return false;
	}
	json_write_init(&write, written);
	copy(&write, json_root(json));
	err = json_write_finish(&write);
	json_destroy(json);
	return err == OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct buf first;
	struct buf second;
	/* An own copy of exactly this size, so that reading behind it is seen. */
	char *exact = malloc(size > 0 ? size : 1);

	must(exact);
	if (size > 0)
		memcpy(exact, bytes, size);
	buf_init(&first, WRITTEN_MAX);
	buf_init(&second, WRITTEN_MAX);
	if (write_again(exact, size, &first) && first.size <= SIZE_MAX_READ) {
		must(write_again((const char *)first.bytes, first.size, &second));
		must(first.size == second.size &&
		     memcmp(first.bytes, second.bytes, first.size) == 0);
	}
	buf_finish(&first);
	buf_finish(&second);
	free(exact);
	return 0;
}
