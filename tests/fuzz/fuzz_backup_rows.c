/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a backup: in one piece and byte by byte they are the same, within their limits. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/must.h"
#include "vault/backup.h"

struct seen {
	uint64_t count;
	uint64_t sum;
};

static enum err see(void *context, const struct backup_row *row)
{
	struct seen *seen = context;

	must(row->key_size <= STORE_KEY_BYTES_MAX && row->size <= STORE_VALUE_BYTES_MAX);
	must(row->extra != BACKUP_EXTRA_NONE || row->key_size > 0);
	must(!row->is_gone || row->size == 0);
	seen->count++;
	for (size_t i = 0; i < row->key_size; i++)
		seen->sum = 31 * seen->sum + row->key[i];
	for (size_t i = 0; i < row->size; i++)
		seen->sum = 31 * seen->sum + row->value[i];
	return OK;
}

static enum err read_in_parts(const uint8_t *data, size_t size, size_t part,
			      struct seen *seen)
{
	struct backup_rows *rows = NULL;
	enum err err = OK;

	must(backup_rows_create(see, seen, &rows) == OK);
	for (size_t at = 0; err == OK && at < size; at += part)
		err = backup_rows_add(rows, data + at,
				      size - at < part ? size - at : part);
	if (err == OK)
		err = backup_rows_end(rows);
	must(err != OK || backup_rows_count(rows) == seen->count);
	backup_rows_destroy(rows);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = {.count = 0};
	struct seen parts = {.count = 0};
	const enum err err = read_in_parts(data, size, size + 1, &whole);

	must(read_in_parts(data, size, 1, &parts) == err);
	must(whole.count == parts.count && whole.sum == parts.sum);
	return 0;
}
