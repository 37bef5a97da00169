/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue - whole messages of one size between threads.
 *
 * A ring under one mutex; the eventfd counts what is in it (semaphore mode), so that a
 * loop can poll. Invariant: under the lock the eventfd's value equals count. Items are
 * wiped once taken: they may be sound.
 */
#include "base/queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/must.h"

struct queue {
	pthread_mutex_t lock;
	int fd;
	size_t item_size;
	size_t count_max;
	size_t count;
	size_t first;
	uint8_t *items;
};

enum err queue_create(size_t item_size, size_t count_max, struct queue **out_queue)
{
	must(item_size > 0 && count_max > 0);
	enum err err = OK;
	struct queue *queue = calloc(1, sizeof(*queue));
	if (!queue)
		return ERR_MEMORY;
	queue->item_size = item_size;
	queue->count_max = count_max;
	queue->items = calloc(count_max, item_size);
	queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	if (!queue->items)
		err = ERR_MEMORY;
	else if (queue->fd < 0)
		err = ERR_IO;
	if (err != OK)
		goto out;
	must(pthread_mutex_init(&queue->lock, NULL) == 0);
	*out_queue = queue;
	queue = NULL;
out:
	if (queue) {
		free(queue->items);
		if (queue->fd >= 0)
			close(queue->fd);
		free(queue);
	}
	return err;
}

void queue_destroy(struct queue *queue)
{
	if (!queue)
		return;
	explicit_bzero(queue->items, queue->item_size * queue->count_max);
	free(queue->items);
	close(queue->fd);
	must(pthread_mutex_destroy(&queue->lock) == 0);
	free(queue);
}

enum err queue_push(struct queue *queue, const void *item)
{
	enum err err = OK;
	must(pthread_mutex_lock(&queue->lock) == 0);
	if (queue->count == queue->count_max) {
		err = ERR_LIMIT;
		goto out;
	}
	size_t place = (queue->first + queue->count) % queue->count_max;
	memcpy(queue->items + place * queue->item_size, item, queue->item_size);
	queue->count++;
	must(eventfd_write(queue->fd, 1) == 0);
out:
	must(pthread_mutex_unlock(&queue->lock) == 0);
	return err;
}

enum err queue_pop(struct queue *queue, void *out_item)
{
	enum err err = OK;
	must(pthread_mutex_lock(&queue->lock) == 0);
	if (queue->count == 0) {
		err = ERR_MISSING;
		goto out;
	}
	uint8_t *item = queue->items + queue->first * queue->item_size;
	memcpy(out_item, item, queue->item_size);
	explicit_bzero(item, queue->item_size);
	queue->first = (queue->first + 1) % queue->count_max;
	queue->count--;
	eventfd_t value = 0;
	must(eventfd_read(queue->fd, &value) == 0);
out:
	must(pthread_mutex_unlock(&queue->lock) == 0);
	return err;
}

/* What is left of a wait that ends at until_ms, for poll(2). */
static int remaining_ms(int timeout_ms, int64_t until_ms)
{
	if (timeout_ms < 0)
		return -1;
	int64_t left = until_ms - loop_now_ms();
	return left > 0 ? (int)left : 0;
}

enum err queue_wait(struct queue *queue, int timeout_ms, void *out_item)
{
	int64_t until_ms = loop_now_ms() + timeout_ms;
	while (true) {
		enum err err = queue_pop(queue, out_item);
		if (err == OK)
			return OK;
		int wait_ms = remaining_ms(timeout_ms, until_ms);
		struct pollfd poll_fd = {.fd = queue->fd, .events = POLLIN};
		int ready = poll(&poll_fd, 1, wait_ms);
		if (ready < 0 && errno != EINTR)
			return ERR_IO;
		if (ready == 0 && wait_ms == 0)
			return ERR_TIMEOUT;
	}
}

int queue_fd(const struct queue *queue)
{
	return queue->fd;
}
