/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue - whole messages of one size, from one thread to another.
 *
 * Fixed capacity, copied in and out, no allocation after creation. The reader may
 * wait in poll(2) on queue_fd. Any number of writers and readers.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stddef.h>

#include "base/err.h"

struct queue;

MUST_CHECK enum err queue_create(size_t item_size, size_t count_max,
				 struct queue **out_queue);
void queue_destroy(struct queue *queue); /* NULL is fine; no thread may use it any more */

/* ERR_LIMIT when full: the writer decides what is lost. */
MUST_CHECK enum err queue_push(struct queue *queue, const void *item);

/* ERR_MISSING when empty. */
MUST_CHECK enum err queue_pop(struct queue *queue, void *out_item);

/* Waits up to timeout_ms (-1: for ever) for an item. ERR_TIMEOUT without one. */
MUST_CHECK enum err queue_wait(struct queue *queue, int timeout_ms, void *out_item);

/* Readable while the queue holds anything. Do not read from it. */
int queue_fd(const struct queue *queue);

#endif
