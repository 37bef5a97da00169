/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_fake - a store in memory that is as awkward as the port permits: it carries
 * requests out one by one in random order, fails when told to, and loses what waits.
 *
 * The seed decides the order, so a failing test can be run again. One thread.
 */
#ifndef FAKE_STORE_FAKE_H
#define FAKE_STORE_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/store.h"

struct store_fake;

MUST_CHECK enum err store_fake_create(uint64_t seed, struct store_fake **out_fake);
void store_fake_destroy(struct store_fake *fake); /* NULL is fine */

/* The port; its rows outlive it, so that opening again finds them, as after a crash.
 * What waited before is lost. */
MUST_CHECK enum err store_fake_open(struct store_fake *fake,
				    const struct store_listener *listener,
				    struct store *out_store);

/* The submits after the next `good` ones fail with err. When may_be_written is set, some
 * of those are carried out all the same, as the port permits for ERR_IO. */
void store_fake_fail_after(struct store_fake *fake, size_t good, enum err err,
			   bool may_be_written);
void store_fake_heal(struct store_fake *fake);

/* The next so many gets fail with err. */
void store_fake_fail_gets(struct store_fake *fake, size_t count, enum err err);

/* The question (get or range) after the next `good` ones fails with err, once: at once, or
 * when its turn comes. */
void store_fake_fail_question(struct store_fake *fake, size_t good, enum err err,
			      bool at_once);

/* Whether it came to one of those that fail, since it was told to or healed. */
bool store_fake_has_failed(const struct store_fake *fake);

/* While held, steps do nothing. */
void store_fake_hold(struct store_fake *fake, bool held);
/* The same of writes alone: questions are answered in front of them. */
void store_fake_hold_writes(struct store_fake *fake, bool held);

size_t store_fake_waiting(const struct store_fake *fake);
size_t store_fake_row_count(const struct store_fake *fake);
/* The index-th row in key order; owned by the fake, which does not mind if a test
 * changes the value's bytes. */
const struct store_row *store_fake_row(const struct store_fake *fake, size_t index,
				       uint8_t **out_value);
/* What an intruder does: remove a row, exchange two values, put one. */
void store_fake_remove(struct store_fake *fake, size_t index);
void store_fake_swap_values(struct store_fake *fake, size_t a, size_t b);
MUST_CHECK enum err store_fake_put(struct store_fake *fake, const struct store_row *row);

#endif
