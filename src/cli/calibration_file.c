/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_file - see the header. A line that is not a row refuses the whole file: a
 * floor is not chosen on half of what was asked.
 */
#include "cli/calibration_file.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

enum { LINE_BYTES_MAX = 16 * 1024, RATIO_MAX = 1000 };

static void write_row(struct json_write *write, const struct calibration_row *row)
{
	json_open_object(write, NULL);
	json_add_text(write, "file", row->file);
	json_add_text(write, "condition", row->condition);
	json_add_text(write, "source", row->source);
	json_add_bool(write, "command", row->command);
	json_add_bool(write, "right", row->right);
	json_add_text(write, "words", row->words);
	json_add_double(write, "ratio", row->ratio, 3);
	json_add_int(write, "speech_frames", row->speech_frames);
	json_add_int(write, "word_count", row->word_count);
	json_add_text(write, "class",
		      row->class_of == CALIBRATION_CLASS_NONE
			      ? NULL
			      : action_class_text((enum action_class)row->class_of));
	json_close(write, '}');
}

enum err calibration_write(const struct calibration *calibration, const char *path,
			   struct err_note *note)
{
	struct buf bytes;
	enum err err = OK;

	buf_init(&bytes, CALIBRATION_FILE_BYTES_MAX);
	for (size_t i = 0; i < calibration->count && !err; i++) {
		struct json_write write;

		json_write_init(&write, &bytes);
		write_row(&write, &calibration->rows[i]);
		err = json_write_finish(&write);
		if (!err)
			err = buf_add_text(&bytes, "\n");
	}
	if (err)
		err = err_say(err, note, "%s: %s", path, err_words(err));
	else
		err = file_write(path, bytes.bytes, bytes.size, 0600, note);
	buf_finish(&bytes);
	return err;
}

static bool read_name(const struct json_value *row, const char *key,
		      char to[CALIBRATION_NAME_BYTES])
{
	const char *text = json_text(json_get(row, key), "");

	return text[0] && str_copy(to, CALIBRATION_NAME_BYTES, text);
}

static bool read_count(const struct json_value *row, const char *key, uint32_t *out_count)
{
	const double value = json_number(json_get(row, key), -1);

	if (!(value >= 0 && value < 1e9))
		return false;
	*out_count = (uint32_t)value;
	return true;
}

static bool read_class(const struct json_value *row, int *out_class)
{
	const char *text = json_text(json_get(row, "class"), NULL);

	*out_class = CALIBRATION_CLASS_NONE;
	for (int i = 0; text && i <= CLASS_C; i++) {
		if (str_equal(text, action_class_text((enum action_class)i)))
			*out_class = i;
	}
	return !text || *out_class != CALIBRATION_CLASS_NONE;
}

/* file and words point into the document. */
static bool read_row(const struct json_value *from, struct calibration_row *row)
{
	*row = (struct calibration_row){
		.command = json_bool(json_get(from, "command"), false),
		.right = json_bool(json_get(from, "right"), false),
		.ratio = json_number(json_get(from, "ratio"), NAN),
	};
	if (!json_is_text(json_get(from, "file")) ||
	    !json_is_text(json_get(from, "words")))
		return false;
	row->file = json_text(json_get(from, "file"), "");
	row->words = json_text(json_get(from, "words"), "");
	return isfinite(row->ratio) && fabs(row->ratio) <= RATIO_MAX &&
	       json_is_bool(json_get(from, "command")) &&
	       read_name(from, "condition", row->condition) &&
	       read_name(from, "source", row->source) &&
	       read_count(from, "speech_frames", &row->speech_frames) &&
	       read_count(from, "word_count", &row->word_count) &&
	       read_class(from, &row->class_of);
}

static enum err add_line(struct calibration *calibration, const char *name,
			 const char *line, size_t size, struct err_note *note)
{
	struct calibration_row row;
	struct json *json = NULL;
	enum err err = json_parse(name, line, size, LINE_BYTES_MAX, &json, note);

	if (!err && !read_row(json_root(json), &row))
		err = err_say(ERR_FORMAT, note,
			      "%s: expected a row as behest calibrate --rows writes it",
			      name);
	if (!err)
		err = calibration_add(calibration, &row, note);
	json_destroy(json);
	return err;
}

enum err calibration_read(struct calibration *calibration, const char *path,
			  struct err_note *note)
{
	char name[FILE_PATH_BYTES + 32];
	size_t number = 0;
	struct buf bytes;
	enum err err;

	buf_init(&bytes, 0);
	err = file_read(path, CALIBRATION_FILE_BYTES_MAX, &bytes, note);
	for (size_t at = 0; !err && at < bytes.size;) {
		const char *line = (const char *)bytes.bytes + at;
		const char *end = memchr(line, '\n', bytes.size - at);
		const size_t size = end ? (size_t)(end - line) : bytes.size - at;

		(void)str_format(name, sizeof(name), "%s:%zu", path, ++number);
		if (size > 0)
			err = add_line(calibration, name, line, size, note);
		at += size + 1;
	}
	if (!err && number == 0)
		err = err_say(ERR_FORMAT, note, "%s: it is empty", path);
	buf_finish(&bytes);
	return err;
}
