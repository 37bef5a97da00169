/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_seen - see the header. Reads jarvis.json beside jarvis.head.
 */
#include "cli/wake_seen.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

enum { SHEET_BYTES_MAX = 4 * 1024 * 1024 };

/* The lists of a data sheet whose sounds set weights or thresholds. */
static const char *const lists[] = {"positive", "negative", "noise", "calibrate",
				    "validate"};

static const char *label_at(const struct json_value *list, size_t index)
{
	return json_text(json_get(json_at(list, index), "source"), "");
}

static bool has_label(const struct json_value *root, const char *label)
{
	for (size_t i = 0; i < STR_COUNT(lists); i++) {
		const struct json_value *list = json_get(root, lists[i]);

		for (size_t j = 0; j < json_count(list); j++) {
			if (str_equal(label_at(list, j), label))
				return true;
		}
	}
	return false;
}

/* A line that is full says less, and is no failure. */
static void add_labels(const struct json_value *root, char to[WAKE_SEEN_BYTES])
{
	const char *before = "learned from ";

	for (size_t i = 0; i < STR_COUNT(lists); i++) {
		const struct json_value *list = json_get(root, lists[i]);

		for (size_t j = 0; j < json_count(list); j++) {
			if (!str_append(to, WAKE_SEEN_BYTES, "%s", before) ||
			    !str_append(to, WAKE_SEEN_BYTES, "%s", label_at(list, j)))
				return;
			before = ", ";
		}
	}
	(void)str_append(to, WAKE_SEEN_BYTES, "; files of those are no test");
}

static void add_shared(const struct json_value *root,
		       const struct listing *const *listings, size_t count,
		       char to[WAKE_SEEN_BYTES])
{
	const char *before = "; of the same name here: ";

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < listings[i]->source_count; j++) {
			const char *label = listings[i]->sources[j].label;

			if (!has_label(root, label))
				continue;
			(void)str_append(to, WAKE_SEEN_BYTES, "%s", before);
			(void)str_append(to, WAKE_SEEN_BYTES, "%s", label);
			before = ", ";
		}
	}
}

enum err wake_seen_tell(const char *head_path, const struct listing *const *listings,
			size_t count, char to[WAKE_SEEN_BYTES], struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const char *dot = strrchr(head_path, '.');
	struct buf bytes;
	struct json *json = NULL;
	enum err err;

	if (!dot ||
	    !str_copy_bytes(path, sizeof(path), head_path, (size_t)(dot - head_path)) ||
	    !str_append(path, sizeof(path), ".json"))
		return err_say(ERR_FORMAT, note, "%s: expected a path ending in .head",
			       head_path);
	err = file_read(path, SHEET_BYTES_MAX, &bytes, note);
	if (!err)
		err = json_parse(path, (const char *)bytes.bytes, bytes.size,
				 SHEET_BYTES_MAX, &json, note);
	if (!err) {
		to[0] = '\0';
		add_labels(json_root(json), to);
		add_shared(json_root(json), listings, count, to);
	}
	json_destroy(json);
	buf_finish(&bytes);
	return err;
}
