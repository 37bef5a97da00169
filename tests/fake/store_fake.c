/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_fake - see the header. Rows lie in one sorted array; requests in another, from
 * which step takes them in random order until those that waited at its start are done.
 *
 * Invariant: the rows change only in carry_out, whole batches at a time.
 */
#include "fake/store_fake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/must.h"

enum request_kind { REQUEST_SUBMIT, REQUEST_GET, REQUEST_RANGE };

struct fake_request {
	enum request_kind kind;
	uint64_t token;
	size_t count;
	struct store_write *writes; /* with their values behind them */
	struct store_range range;
};

struct fake_row {
	struct store_row row;
	uint8_t *value;
};

struct store_fake {
	struct store_listener listener;
	uint64_t random;
	int fd;
	bool held;
	bool holds_writes;
	bool failing;
	bool may_be_written;
	size_t good_left;
	enum err fail_err;
	size_t bad_gets;
	enum err bad_get_err;
	size_t bad_question; /* counts down to it; 0: none */
	bool is_bad_at_once;
	enum err bad_question_err;
	bool has_failed;
	size_t row_count;
	size_t row_capacity;
	struct fake_row *rows;
	size_t waiting_count;
	struct fake_request waiting[STORE_WAITING_MAX];
};

/* splitmix64, by Sebastiano Vigna; public domain */
static uint64_t next_random(struct store_fake *fake)
{
	uint64_t z = (fake->random += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static int compare_keys(const struct store_key *a, const struct store_key *b)
{
	size_t shorter = a->size < b->size ? a->size : b->size;
	int order = memcmp(a->household.bytes, b->household.bytes, ID_BYTES);

	if (order == 0)
		order = (a->space > b->space) - (a->space < b->space);
	if (order == 0)
		order = memcmp(a->bytes, b->bytes, shorter);
	if (order == 0)
		order = (a->size > b->size) - (a->size < b->size);
	return order;
}

/* The first row that is not before key. */
static size_t find_row(const struct store_fake *fake, const struct store_key *key)
{
	size_t low = 0;
	size_t high = fake->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_keys(&fake->rows[middle].row.key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_row(const struct store_fake *fake, const struct store_key *key,
		    size_t *out_at)
{
	*out_at = find_row(fake, key);
	return *out_at < fake->row_count &&
	       compare_keys(&fake->rows[*out_at].row.key, key) == 0;
}

static bool key_is_good(const struct store_key *key)
{
	return key->space < STORE_SPACE_COUNT && key->size > 0 &&
	       key->size <= STORE_KEY_BYTES_MAX;
}

static void request_finish(struct fake_request *request)
{
	free(request->writes);
	request->writes = NULL;
}

static void wait_for_step(struct store_fake *fake, const struct fake_request *request)
{
	const uint64_t one = 1;

	fake->waiting[fake->waiting_count] = *request;
	fake->waiting_count++;
	must(write(fake->fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
}

/* One of these names that row, which the port forbids unless it is put twice. */
static bool is_named(const struct store_write *writes, size_t count,
		     const struct store_write *by)
{
	for (size_t i = 0; i < count; i++)
		if (compare_keys(&writes[i].row.key, &by->row.key) == 0 &&
		    (writes[i].act != STORE_PUT || by->act != STORE_PUT))
			return true;
	return false;
}

static enum err fake_submit(void *self, const struct store_write *writes, size_t count,
			    uint64_t token)
{
	struct store_fake *fake = self;
	struct fake_request request = {.kind = REQUEST_SUBMIT,
				       .token = token,
				       .count = count};
	size_t bytes = 0;
	uint8_t *to;

	if (fake->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	if (count == 0 || count > STORE_BATCH_WRITES_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		if (!key_is_good(&writes[i].row.key))
			return ERR_RANGE;
		must(!is_named(writes, i, &writes[i]));
		if (store_act_has_value(writes[i].act) &&
		    writes[i].row.size > STORE_VALUE_BYTES_MAX)
			return ERR_LIMIT;
		bytes += store_act_has_value(writes[i].act) ? writes[i].row.size : 0;
	}
	if (bytes > STORE_BATCH_BYTES_MAX)
		return ERR_LIMIT;
	request.writes = malloc(count * sizeof(*writes) + bytes);
	if (!request.writes)
		return ERR_MEMORY;
	memcpy(request.writes, writes, count * sizeof(*writes));
	to = (uint8_t *)request.writes + count * sizeof(*writes);
	for (size_t i = 0; i < count; i++) {
		if (!store_act_has_value(writes[i].act))
			continue;
		if (writes[i].row.size > 0)
			memcpy(to, writes[i].row.value, writes[i].row.size);
		request.writes[i].row.value = to;
		to += writes[i].row.size;
	}
	wait_for_step(fake, &request);
	return OK;
}

/* Whether it is this question that fails, and in that way. */
static bool falls(struct store_fake *fake, bool at_once)
{
	if (fake->bad_question == 0 || fake->is_bad_at_once != at_once)
		return false;
	fake->bad_question--;
	fake->has_failed = fake->bad_question == 0;
	return fake->has_failed;
}

static enum err fake_get(void *self, const struct store_key *key, uint64_t token)
{
	struct store_fake *fake = self;
	struct fake_request request = {.kind = REQUEST_GET, .token = token};

	if (fake->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	if (!key_is_good(key))
		return ERR_RANGE;
	if (falls(fake, true))
		return fake->bad_question_err;
	request.range.first = *key;
	wait_for_step(fake, &request);
	return OK;
}

static enum err fake_range(void *self, const struct store_range *range, uint64_t token)
{
	struct store_fake *fake = self;
	struct fake_request request = {.kind = REQUEST_RANGE,
				       .token = token,
				       .range = *range};

	if (fake->waiting_count == STORE_WAITING_MAX)
		return ERR_BUSY;
	if (!key_is_good(&range->first) || !key_is_good(&range->last) ||
	    range->first.space != range->last.space ||
	    !id_equal(range->first.household.bytes, range->last.household.bytes) ||
	    range->limit == 0 || range->limit > STORE_RANGE_ROWS_MAX)
		return ERR_RANGE;
	if (falls(fake, true))
		return fake->bad_question_err;
	wait_for_step(fake, &request);
	return OK;
}

static void remove_row(struct store_fake *fake, size_t at)
{
	free(fake->rows[at].value);
	fake->row_count--;
	memmove(&fake->rows[at], &fake->rows[at + 1],
		(fake->row_count - at) * sizeof(fake->rows[0]));
}

enum err store_fake_put(struct store_fake *fake, const struct store_row *row)
{
	size_t at = find_row(fake, &row->key);
	/* Not by malloc: where that is made to fail, the rows do not. */
	uint8_t *value = reallocarray(NULL, 1, row->size > 0 ? row->size : 1);

	if (!value)
		return ERR_MEMORY;
	if (fake->row_count == fake->row_capacity) {
		size_t capacity = fake->row_capacity * 2 + 64;
		struct fake_row *rows = reallocarray(fake->rows, capacity, sizeof(*rows));

		if (!rows) {
			free(value);
			return ERR_MEMORY;
		}
		fake->rows = rows;
		fake->row_capacity = capacity;
	}
	if (row->size > 0)
		memcpy(value, row->value, row->size);
	memmove(&fake->rows[at + 1], &fake->rows[at],
		(fake->row_count - at) * sizeof(fake->rows[0]));
	fake->rows[at] = (struct fake_row){.row = *row, .value = value};
	fake->rows[at].row.value = value;
	fake->row_count++;
	return OK;
}

/* First looks whether all of it can be done, then does it. */
static enum err carry_out(struct store_fake *fake, const struct fake_request *request)
{
	size_t at;

	for (size_t i = 0; i < request->count; i++) {
		bool there = has_row(fake, &request->writes[i].row.key, &at);

		if (there && request->writes[i].act == STORE_APPEND)
			return ERR_EXISTS;
		if (!there && request->writes[i].act == STORE_DESTROY)
			return ERR_MISSING;
	}
	for (size_t i = 0; i < request->count; i++) {
		const struct store_write *change = &request->writes[i];

		if (has_row(fake, &change->row.key, &at))
			remove_row(fake, at);
		if (store_act_has_value(change->act))
			must(store_fake_put(fake, &change->row) == OK);
	}
	return OK;
}

static enum err answer_submit(struct store_fake *fake, const struct fake_request *request)
{
	if (!fake->failing || fake->good_left > 0) {
		if (fake->failing)
			fake->good_left--;
		return carry_out(fake, request);
	}
	fake->has_failed = true;
	if (fake->may_be_written && next_random(fake) % 2 == 0)
		(void)!carry_out(fake, request);
	return fake->fail_err;
}

static void answer_get(struct store_fake *fake, const struct fake_request *request)
{
	struct store_rows rows = {.count = 1};
	enum err err = OK;
	size_t at = 0;

	if (fake->bad_gets > 0) {
		fake->bad_gets--;
		err = fake->bad_get_err;
	} else if (falls(fake, false)) {
		err = fake->bad_question_err;
	} else if (!has_row(fake, &request->range.first, &at)) {
		err = ERR_MISSING;
	}
	if (err != OK) {
		fake->listener.rows(fake->listener.context, request->token, err, NULL);
		return;
	}
	rows.rows = &fake->rows[at].row;
	fake->listener.rows(fake->listener.context, request->token, OK, &rows);
}

static void answer_range(struct store_fake *fake, const struct fake_request *request)
{
	const struct store_range *range = &request->range;
	struct store_row found[STORE_RANGE_ROWS_MAX];
	struct store_rows rows = {.count = 0, .rows = found};
	size_t first = find_row(fake, &range->first);
	size_t end = find_row(fake, &range->last);
	size_t bytes = 0;
	size_t at;

	if (falls(fake, false)) {
		fake->listener.rows(fake->listener.context, request->token,
				    fake->bad_question_err, NULL);
		return;
	}
	if (has_row(fake, &range->last, &at))
		end = at + 1;
	for (size_t i = first; i < end; i++) {
		if (rows.count == range->limit || bytes >= STORE_RANGE_BYTES_MAX) {
			rows.more = true;
			break;
		}
		at = range->backwards ? end - 1 - (i - first) : i;
		found[rows.count] = fake->rows[at].row;
		bytes += found[rows.count].size;
		rows.count++;
	}
	fake->listener.rows(fake->listener.context, request->token, OK, &rows);
}

static void answer(struct store_fake *fake, const struct fake_request *request)
{
	switch (request->kind) {
	case REQUEST_SUBMIT:
		fake->listener.done(fake->listener.context, request->token,
				    answer_submit(fake, request));
		break;
	case REQUEST_GET:
		answer_get(fake, request);
		break;
	case REQUEST_RANGE:
		answer_range(fake, request);
		break;
	}
}

/* How many of those that wait may be taken; they are put in front. */
static size_t takeable(struct store_fake *fake)
{
	size_t count = 0;

	for (size_t i = 0; i < fake->waiting_count; i++) {
		const struct fake_request request = fake->waiting[i];

		if (fake->holds_writes && request.kind == REQUEST_SUBMIT)
			continue;
		fake->waiting[i] = fake->waiting[count];
		fake->waiting[count++] = request;
	}
	return count;
}

/* Moves a random one of the first `from` waiting requests to `taken`. */
static void take_any(struct store_fake *fake, size_t from, struct fake_request *taken)
{
	size_t at = next_random(fake) % from;

	*taken = fake->waiting[at];
	fake->waiting[at] = fake->waiting[from - 1];
	fake->waiting_count--;
	fake->waiting[from - 1] = fake->waiting[fake->waiting_count];
}

/* Takes some of what waits, at least one, in random order. */
static void fake_step(void *self)
{
	struct store_fake *fake = self;
	struct fake_request due[STORE_WAITING_MAX];
	size_t may_be_taken = takeable(fake);
	size_t count;
	uint64_t unused;

	if (fake->held || may_be_taken == 0)
		return;
	count = 1 + next_random(fake) % may_be_taken;
	for (size_t i = 0; i < count; i++)
		take_any(fake, may_be_taken - i, &due[i]);
	for (size_t i = 0; i < count; i++) {
		answer(fake, &due[i]);
		request_finish(&due[i]);
	}
	if (fake->waiting_count == 0)
		(void)!read(fake->fd, &unused, sizeof(unused));
}

static void drop_waiting(struct store_fake *fake)
{
	uint64_t unused;

	(void)!read(fake->fd, &unused, sizeof(unused));
	for (size_t i = 0; i < fake->waiting_count; i++)
		request_finish(&fake->waiting[i]);
	fake->waiting_count = 0;
}

static void fake_close(void *self)
{
	drop_waiting(self);
}

static const struct store_ops fake_ops = {
	.submit = fake_submit,
	.get = fake_get,
	.range = fake_range,
	.step = fake_step,
	.close = fake_close,
};

enum err store_fake_create(uint64_t seed, struct store_fake **out_fake)
{
	struct store_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->random = seed;
	fake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fake->fd < 0) {
		free(fake);
		return ERR_IO;
	}
	*out_fake = fake;
	return OK;
}

void store_fake_destroy(struct store_fake *fake)
{
	if (!fake)
		return;
	drop_waiting(fake);
	for (size_t i = 0; i < fake->row_count; i++)
		free(fake->rows[i].value);
	free(fake->rows);
	(void)close(fake->fd);
	free(fake);
}

enum err store_fake_open(struct store_fake *fake, const struct store_listener *listener,
			 struct store *out_store)
{
	drop_waiting(fake);
	fake->listener = *listener;
	*out_store = (struct store){.ops = &fake_ops, .self = fake, .fd = fake->fd};
	return OK;
}

void store_fake_fail_after(struct store_fake *fake, size_t good, enum err err,
			   bool may_be_written)
{
	must(err != OK);
	fake->has_failed = false;
	fake->failing = true;
	fake->good_left = good;
	fake->fail_err = err;
	fake->may_be_written = may_be_written;
}

void store_fake_fail_question(struct store_fake *fake, size_t good, enum err err,
			      bool at_once)
{
	must(err != OK);
	fake->bad_question = good + 1;
	fake->bad_question_err = err;
	fake->is_bad_at_once = at_once;
	fake->has_failed = false;
}

bool store_fake_has_failed(const struct store_fake *fake)
{
	return fake->has_failed;
}

void store_fake_heal(struct store_fake *fake)
{
	fake->failing = false;
	fake->bad_question = 0;
	fake->has_failed = false;
}

void store_fake_fail_gets(struct store_fake *fake, size_t count, enum err err)
{
	must(err != OK);
	fake->bad_gets = count;
	fake->bad_get_err = err;
}

void store_fake_hold_writes(struct store_fake *fake, bool held)
{
	fake->holds_writes = held;
}

void store_fake_hold(struct store_fake *fake, bool held)
{
	fake->held = held;
}

size_t store_fake_waiting(const struct store_fake *fake)
{
	return fake->waiting_count;
}

size_t store_fake_row_count(const struct store_fake *fake)
{
	return fake->row_count;
}

const struct store_row *store_fake_row(const struct store_fake *fake, size_t index,
				       uint8_t **out_value)
{
	must(index < fake->row_count);
	if (out_value)
		*out_value = fake->rows[index].value;
	return &fake->rows[index].row;
}

void store_fake_remove(struct store_fake *fake, size_t index)
{
	must(index < fake->row_count);
	remove_row(fake, index);
}

void store_fake_swap_values(struct store_fake *fake, size_t a, size_t b)
{
	struct fake_row *first;
	struct fake_row *second;
	struct fake_row kept;

	must(a < fake->row_count && b < fake->row_count);
	first = &fake->rows[a];
	second = &fake->rows[b];
	kept = *first;
	first->value = second->value;
	first->row.value = second->value;
	first->row.size = second->row.size;
	second->value = kept.value;
	second->row.value = kept.value;
	second->row.size = kept.row.size;
}
