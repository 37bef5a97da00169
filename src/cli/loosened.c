/* SPDX-License-Identifier: Apache-2.0 */
/* loosened - see the header. Decides nothing. */
#include "cli/loosened.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/when.h"

enum { LINE_BYTES = 1024, NUMBER_BYTES = 32, FILE_MODE = 0600 };

static bool path_of(const struct paths *paths, char to[FILE_PATH_BYTES])
{
	return file_join(to, FILE_PATH_BYTES, paths->data, "device/loosened");
}

void loosened_begin(struct loosened *loosened, const struct paths *paths, bool as_json)
{
	char path[FILE_PATH_BYTES];
	char text[NUMBER_BYTES] = "";
	struct buf bytes;
	int64_t number = 0;

	*loosened = (struct loosened){.paths = paths, .as_json = as_json};
	if (!path_of(paths, path) || !file_exists(path) ||
	    file_read(path, sizeof(text) - 1, &bytes, NULL) != OK)
		return;
	(void)str_copy_bytes(text, sizeof(text), (const char *)bytes.bytes, bytes.size);
	buf_finish(&bytes);
	str_trim(text);
	if (str_to_int(text, 0, INT64_MAX, &number))
		loosened->newest = loosened->kept = (uint64_t)number;
}

static void print_json(const struct policy_change *change)
{
	char at[WHEN_BYTES];
	struct json_write write;
	struct buf line;

	when_utc(at, change->at_ms);
	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_open_object(&write, "loosened");
	json_add_text(&write, "at", at);
	json_add_text(&write, "by", change->by);
	json_add_text(&write, "words", change->words);
	json_close(&write, '}');
	json_close(&write, '}');
	if (json_write_finish(&write) == OK)
		puts((const char *)line.bytes);
	buf_finish(&line);
}

static void print_words(const struct policy_change *change)
{
	char at[WHEN_BYTES];

	when_local(at, change->at_ms);
	printf("  !  %s  %s loosened what holds: %s\n", at, change->by, change->words);
}

void loosened_show(void *context, const struct policy_change *change)
{
	struct loosened *loosened = context;

	if (change->number <= loosened->newest)
		return;
	loosened->newest = change->number;
	if (loosened->is_quiet)
		return;
	if (loosened->as_json)
		print_json(change);
	else
		print_words(change);
	(void)fflush(stdout);
}

void loosened_keep(struct loosened *loosened)
{
	char path[FILE_PATH_BYTES];
	char text[NUMBER_BYTES];

	if (loosened->newest == loosened->kept || !path_of(loosened->paths, path) ||
	    !str_format(text, sizeof(text), "%" PRIu64 "\n", loosened->newest))
		return;
	if (file_write(path, text, strlen(text), FILE_MODE, NULL) == OK)
		loosened->kept = loosened->newest;
}
