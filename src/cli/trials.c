/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trials - see the header. Workers take the next number from one counter.
 *
 * Does not know what is tried. Invariant: all workers are joined before it returns.
 */
#include "cli/trials.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"
#include "cli/progress.h"

enum { TRIALS_WORKERS_MAX = 16, TRIALS_LOOK_MS = 100 };

struct crew {
	const struct trials *trials;
	atomic_size_t next;
	atomic_size_t done;
	atomic_int err;
	pthread_mutex_t note_lock;
	struct err_note *note;
};

static void fail(struct crew *crew, enum err err, const struct err_note *note)
{
	must(pthread_mutex_lock(&crew->note_lock) == 0);
	if (atomic_load(&crew->err) == OK) {
		atomic_store(&crew->err, (int)err);
		if (crew->note)
			*crew->note = *note;
	}
	must(pthread_mutex_unlock(&crew->note_lock) == 0);
}

static void *work(void *context)
{
	struct crew *crew = context;
	const struct trials *trials = crew->trials;
	struct err_note note = {""};
	void *worker = NULL;
	enum err err = trials->open(trials->shared, &worker, &note);

	while (!err && atomic_load(&crew->err) == OK) {
		size_t index = atomic_fetch_add(&crew->next, 1);
		if (index >= trials->count)
			break;
		err = trials->try_one(trials->shared, worker, index, &note);
		atomic_fetch_add(&crew->done, 1);
	}
	if (err)
		fail(crew, err, &note);
	trials->close(worker);
	return NULL;
}

static size_t worker_count(const struct trials *trials)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = processors > 0 ? (size_t)processors : 1;

	if (count > TRIALS_WORKERS_MAX)
		count = TRIALS_WORKERS_MAX;
	return count < trials->count ? count : trials->count;
}

static void watch(struct crew *crew)
{
	struct progress progress;

	progress_begin(&progress, crew->trials->name, crew->trials->count);
	while (atomic_load(&crew->done) < crew->trials->count &&
	       atomic_load(&crew->err) == OK) {
		nanosleep(&(struct timespec){0, TRIALS_LOOK_MS * 1000000L}, NULL);
		progress_step(&progress, atomic_load(&crew->done));
	}
	progress_end(&progress);
}

enum err trials_run(const struct trials *trials, struct err_note *note)
{
	struct crew crew = {.trials = trials,
			    .note_lock = PTHREAD_MUTEX_INITIALIZER,
			    .note = note};
	pthread_t workers[TRIALS_WORKERS_MAX];
	size_t wanted = worker_count(trials);
	size_t count = 0;

	if (wanted == 0)
		return OK;
	while (count < wanted && pthread_create(&workers[count], NULL, work, &crew) == 0)
		count++;
	if (count == 0)
		return ERR_LIMIT;
	watch(&crew);
	for (size_t i = 0; i < count; i++)
		must(pthread_join(workers[i], NULL) == 0);
	return (enum err)atomic_load(&crew.err);
}
