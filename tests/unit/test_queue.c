/* SPDX-License-Identifier: Apache-2.0 */
/* queue: order, fullness, waiting, and many threads without loss. */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "base/queue.h"

enum { WRITERS = 3, ITEMS_EACH = 2000 };

struct item {
	uint32_t writer;
	uint32_t number;
};

static void order_and_limits(void **state)
{
	(void)state;
	struct queue *queue = NULL;
	assert_int_equal(queue_create(sizeof(int), 3, &queue), OK);
	int out = -1;
	assert_int_equal(queue_pop(queue, &out), ERR_MISSING);
	assert_int_equal(queue_wait(queue, 0, &out), ERR_TIMEOUT);
	assert_int_equal(queue_wait(queue, 1, &out), ERR_TIMEOUT);
	assert_int_equal(out, -1);
	int next_in = 0;
	int next_out = 0;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 3; i++) {
			assert_int_equal(queue_push(queue, &next_in), OK);
			next_in++;
		}
		assert_int_equal(queue_push(queue, &next_in), ERR_LIMIT);
		for (int i = 0; i < 3 - round % 2; i++) {
			assert_int_equal(queue_wait(queue, -1, &out), OK);
			assert_int_equal(out, next_out++);
		}
		while (queue_pop(queue, &out) == OK)
			assert_int_equal(out, next_out++);
	}
	assert_int_equal(next_in, next_out);
	queue_destroy(queue);
	queue_destroy(NULL);
}

static bool is_readable(const struct queue *queue)
{
	struct pollfd poll_fd = {.fd = queue_fd(queue), .events = POLLIN};
	return poll(&poll_fd, 1, 0) == 1;
}

static void the_descriptor_tells(void **state)
{
	(void)state;
	struct queue *queue = NULL;
	int value = 1;
	assert_int_equal(queue_create(sizeof(int), 2, &queue), OK);
	assert_false(is_readable(queue));
	assert_int_equal(queue_push(queue, &value), OK);
	assert_int_equal(queue_push(queue, &value), OK);
	assert_true(is_readable(queue));
	assert_int_equal(queue_pop(queue, &value), OK);
	assert_true(is_readable(queue));
	assert_int_equal(queue_pop(queue, &value), OK);
	assert_false(is_readable(queue));
	queue_destroy(queue);
}

struct writer {
	struct queue *queue;
	uint32_t number;
};

static void *write_items(void *context)
{
	const struct writer *writer = context;
	for (uint32_t i = 0; i < ITEMS_EACH; i++) {
		struct item item = {writer->number, i};
		while (queue_push(writer->queue, &item) == ERR_LIMIT)
			sched_yield();
	}
	return NULL;
}

static void threads_lose_nothing(void **state)
{
	(void)state;
	struct queue *queue = NULL;
	pthread_t threads[WRITERS];
	struct writer writers[WRITERS];
	uint32_t expected[WRITERS] = {0};
	assert_int_equal(queue_create(sizeof(struct item), 16, &queue), OK);
	for (uint32_t i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){queue, i};
		assert_int_equal(pthread_create(&threads[i], NULL, write_items,
						&writers[i]),
				 0);
	}
	for (int i = 0; i < WRITERS * ITEMS_EACH; i++) {
		struct item item;
		assert_int_equal(queue_wait(queue, -1, &item), OK);
		assert_true(item.writer < WRITERS);
		assert_int_equal(item.number, expected[item.writer]++);
	}
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_false(is_readable(queue));
	queue_destroy(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_limits),
		cmocka_unit_test(the_descriptor_tells),
		cmocka_unit_test(threads_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
