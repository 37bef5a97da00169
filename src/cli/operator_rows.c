/* SPDX-License-Identifier: Apache-2.0 */
/* operator_rows - see the header. Each question is waited for: nothing else goes on. */
#include "cli/operator_rows.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/keeper_mark.h"
#include "adapter/store_sqlite.h"
#include "base/must.h"

enum { BATCH_BYTES_MAX = STORE_BATCH_BYTES_MAX / 2 };

static void on_done(void *context, uint64_t token, enum err err)
{
	struct operator_rows *rows = context;

	(void)token;
	rows->err = err;
}

static void forget(struct operator_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free((void *)(uintptr_t)rows->rows[i].value);
	rows->count = 0;
}

static enum err keep(struct operator_rows *rows, const struct store_row *row)
{
	uint8_t *copy = malloc(row->size > 0 ? row->size : 1);

	if (!copy)
		return ERR_MEMORY;
	if (row->size > 0)
		memcpy(copy, row->value, row->size);
	rows->rows[rows->count] = *row;
	rows->rows[rows->count].value = copy;
	rows->count++;
	return OK;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *found)
{
	struct operator_rows *rows = context;

	(void)token;
	rows->more = err == OK && found->more;
	for (size_t i = 0; err == OK && i < found->count; i++)
		err = keep(rows, &found->rows[i]);
	rows->err = err;
}

enum err operator_rows_open(const struct keeper_alone *keeper,
			    struct operator_rows *out_operator, struct err_note *note)
{
	const struct store_listener listener = {out_operator, on_done, on_rows};
	char folder[FILE_PATH_BYTES];
	struct keeper_mark mark;
	enum err err;

	memset(out_operator, 0, sizeof(*out_operator));
	must(file_join(folder, sizeof(folder), keeper->folder, "keeper"));
	err = keeper_mark_read(folder, &mark, note);
	if (!err)
		err = store_sqlite_open(folder, false, &listener, &out_operator->store,
					note);
	out_operator->household = mark.household;
	return err;
}

void operator_rows_close(struct operator_rows *rows)
{
	forget(rows);
	store_close(&rows->store);
}

static struct store_key key_of(const struct operator_rows *rows, enum store_space space,
			       struct owner_id owner, uint8_t rest)
{
	struct store_key key = {.household = rows->household,
				.space = space,
				.size = STORE_KEY_BYTES_MAX};

	memset(key.bytes, rest, sizeof(key.bytes));
	memcpy(key.bytes, owner.bytes, ID_BYTES);
	if (rest == 0)
		key.size = ID_BYTES;
	return key;
}

/* The owner's rows behind the last one that is held; of the first question, the first. */
static enum err ask(struct operator_rows *rows, enum store_space space,
		    struct owner_id owner, bool first)
{
	struct store_range range = {
		.first = key_of(rows, space, owner, 0),
		.last = key_of(rows, space, owner, 0xff),
		.limit = STORE_RANGE_ROWS_MAX,
	};
	enum err err;

	if (!first) {
		range.first = rows->rows[rows->count - 1].key;
		range.first.bytes[range.first.size++] = 0;
	}
	forget(rows);
	err = store_range_get(&rows->store, &range, 1);
	if (!err)
		store_step(&rows->store);
	return err ? err : rows->err;
}

enum err operator_rows_owner(struct operator_rows *rows, const char *name,
			     struct owner_id *out_owner)
{
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};
	enum err err;

	range.first = key_of(rows, STORE_OWNER, (struct owner_id){{0}}, 0);
	memset(&range.last, 0xff, sizeof(range.last));
	range.last.household = rows->household;
	range.last.space = STORE_OWNER;
	range.last.size = ID_BYTES;
	forget(rows);
	err = store_range_get(&rows->store, &range, 1);
	if (!err)
		store_step(&rows->store);
	for (size_t i = 0; !err && !rows->err && i < rows->count; i++) {
		if (!memmem(rows->rows[i].value, rows->rows[i].size, name, strlen(name)))
			continue;
		memcpy(out_owner->bytes, rows->rows[i].key.bytes, ID_BYTES);
		return OK;
	}
	return err ? err : rows->err ? rows->err : ERR_MISSING;
}

enum err operator_rows_count(struct operator_rows *rows, enum store_space space,
			     struct owner_id owner, size_t *out_count)
{
	bool first = true;
	enum err err;

	*out_count = 0;
	do {
		err = ask(rows, space, owner, first);
		*out_count += err ? 0 : rows->count;
		first = false;
	} while (!err && rows->more);
	return err;
}

/* As many of the rows that are held, from at on, as one batch takes. */
static enum err put_as(struct operator_rows *rows, struct owner_id to, size_t *at)
{
	struct store_write writes[STORE_RANGE_ROWS_MAX];
	size_t bytes = 0;
	size_t count = 0;
	enum err err;

	for (; *at < rows->count && bytes < (size_t)BATCH_BYTES_MAX; (*at)++) {
		writes[count] = (struct store_write){STORE_PUT, rows->rows[*at]};
		memcpy(writes[count].row.key.bytes, to.bytes, ID_BYTES);
		bytes += rows->rows[*at].size;
		count++;
	}
	err = store_submit(&rows->store, writes, count, 1);
	if (!err)
		store_step(&rows->store);
	return err ? err : rows->err;
}

enum err operator_rows_file_as(struct operator_rows *rows, enum store_space space,
			       struct owner_id from, struct owner_id to)
{
	bool first = true;
	enum err err;

	do {
		err = ask(rows, space, from, first);
		for (size_t at = 0; !err && at < rows->count;)
			err = put_as(rows, to, &at);
		first = false;
	} while (!err && rows->more);
	return err;
}

enum err operator_rows_exchange(struct operator_rows *rows, enum store_space space,
				struct owner_id one, struct owner_id other)
{
	struct store_write writes[2];
	struct store_row kept;
	enum err err = ask(rows, space, one, true);

	if (err || rows->count == 0)
		return err ? err : ERR_MISSING;
	kept = rows->rows[0];
	rows->rows[0].value = NULL; /* it is ours now */
	err = ask(rows, space, other, true);
	if (!err && rows->count == 0)
		err = ERR_MISSING;
	if (!err) {
		writes[0] = (struct store_write){STORE_PUT, rows->rows[0]};
		writes[0].row.key = kept.key;
		writes[1] = (struct store_write){STORE_PUT, kept};
		writes[1].row.key = rows->rows[0].key;
		err = store_submit(&rows->store, writes, 2, 1);
	}
	if (!err) {
		store_step(&rows->store);
		err = rows->err;
	}
	free((void *)(uintptr_t)kept.value);
	return err;
}
