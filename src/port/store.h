/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - batches of already sealed rows on something durable.
 *
 * Knows no keys, no owners and no meaning: a row is (household, space, key) -> value, both
 * plain bytes. It is appended and, later, destroyed; only what holds nothing but the newest
 * of something is put in place of what was there.
 *
 * Asynchronous: submit, get and range return at once, and the answer comes from inside
 * store_step(), which the caller runs when fd is readable. Requests that wait together
 * may be carried out and answered in any order. Who needs an order waits for the answer
 * before asking the next. One thread.
 */
#ifndef PORT_STORE_H
#define PORT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/ids.h"

enum {
	STORE_KEY_BYTES_MAX = 48,
	STORE_VALUE_BYTES_MAX = 4 * 1024 * 1024,
	STORE_BATCH_WRITES_MAX = 1024,
	STORE_BATCH_BYTES_MAX = 24 * 1024 * 1024,
	STORE_RANGE_ROWS_MAX = 256,
	STORE_RANGE_BYTES_MAX = 8 * 1024 * 1024,
	STORE_WAITING_MAX = 64, /* requests not yet answered */
};

enum store_space {
#define SPACE(name, text, is_key, is_large) STORE_##name,
#include "port/store.def"
#undef SPACE
	STORE_SPACE_COUNT
};

/* Keys are compared as bytes; a shorter one that begins a longer one comes first. */
struct store_key {
	struct household_id household;
	enum store_space space;
	size_t size;
	uint8_t bytes[STORE_KEY_BYTES_MAX];
};

struct store_row {
	struct store_key key;
	const uint8_t *value;
	size_t size;
};

/* Destroying needs no value; when it is done, no byte of the row is left in any file
 * that the store controls. Clearing destroys a row that may be gone already.
 * Putting takes the place of the row, if there is one. */
enum store_act { STORE_APPEND, STORE_DESTROY, STORE_CLEAR, STORE_PUT };

static inline bool store_act_has_value(enum store_act act)
{
	return act == STORE_APPEND || act == STORE_PUT;
}

struct store_write {
	enum store_act act;
	struct store_row row;
};

struct store_rows {
	size_t count; /* 1 for get */
	const struct store_row *rows;
	bool more; /* range: it goes on behind the last row */
};

/* From the first key to the last, both included, of one household and space. */
struct store_range {
	struct store_key first;
	struct store_key last;
	bool backwards; /* begins with the last */
	size_t limit;   /* 1..STORE_RANGE_ROWS_MAX; fewer come when they are large */
};

/* Filled in by the keeper; both are called from inside store_step only. */
struct store_listener {
	void *context;
	/* Of a submit. OK: the whole batch is durable. ERR_EXISTS, ERR_MISSING (to be
	 * destroyed), ERR_LIMIT (the disk is full): nothing of it was written. Any other
	 * error: all of it or nothing; read before going on. */
	void (*done)(void *context, uint64_t token, enum err err);
	/* Of a get or range; borrowed for the call, NULL unless OK. ERR_MISSING for get;
	 * a range without rows is OK. */
	void (*rows)(void *context, uint64_t token, enum err err,
		     const struct store_rows *rows);
};

struct store_ops {
	/* Everything is copied. Two writes of one batch never name the same row, but that
	 * it is put twice: the last one stays. ERR_LIMIT or ERR_RANGE at once; then no
	 * answer follows. ERR_BUSY: too many wait. */
	enum err (*submit)(void *self, const struct store_write *writes, size_t count,
			   uint64_t token);
	enum err (*get)(void *self, const struct store_key *key, uint64_t token);
	enum err (*range)(void *self, const struct store_range *range, uint64_t token);
	/* Carries on, and answers what is ready. Requests made inside the callbacks are
	 * answered by a later step. */
	void (*step)(void *self);
	void (*close)(void *self); /* what waits is dropped, without an answer */
};

struct store {
	const struct store_ops *ops;
	void *self;
	int fd; /* readable while step() has something to do */
};

MUST_CHECK static inline enum err store_submit(struct store *store,
					       const struct store_write *writes,
					       size_t count, uint64_t token)
{
	return store->ops->submit(store->self, writes, count, token);
}

MUST_CHECK static inline enum err store_get(struct store *store,
					    const struct store_key *key, uint64_t token)
{
	return store->ops->get(store->self, key, token);
}

MUST_CHECK static inline enum err store_range_get(struct store *store,
						  const struct store_range *range,
						  uint64_t token)
{
	return store->ops->range(store->self, range, token);
}

static inline void store_step(struct store *store)
{
	store->ops->step(store->self);
}

static inline void store_close(struct store *store)
{
	if (store->ops)
		store->ops->close(store->self);
	store->ops = 0;
}

#endif
