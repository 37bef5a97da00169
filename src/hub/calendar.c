/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar - a thread that reads, and one place in which it leaves what it read.
 *
 * Invariants: what is in that place belongs to whoever takes it out under the lock; the
 * reader holds no lock while it reads. A trouble is logged once, without words of events.
 */
#include "hub/calendar.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "adapter/calendar_ical.h"
#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

enum { DAY_S = 24 * 3600, MS_OF_SECOND = 1000 };

struct calendar {
	char path[FILE_PATH_BYTES];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	atomic_bool is_over;
	/* Under the lock: */
	bool is_new;
	struct agenda *read; /* owned; NULL: there is none */
	/* The thread's own: */
	bool was_there;
	struct stat seen;
	int64_t day;
	char logged[ERR_NOTE_BYTES];
	/* The caller's own: */
	struct agenda *newest; /* owned */
};

static bool go_on(void *context)
{
	struct calendar *calendar = context;

	return !atomic_load(&calendar->is_over);
}

static void tell(struct calendar *calendar, const char *trouble)
{
	if (str_equal(calendar->logged, trouble))
		return;
	(void)str_copy(calendar->logged, sizeof(calendar->logged), trouble);
	if (trouble[0])
		log_line("calendar: %s", trouble);
}

/* Takes the agenda; NULL: there is none. */
static void leave(struct calendar *calendar, struct agenda *agenda)
{
	must(pthread_mutex_lock(&calendar->lock) == 0);
	free(calendar->read);
	calendar->read = agenda;
	calendar->is_new = true;
	must(pthread_mutex_unlock(&calendar->lock) == 0);
}

static void read_anew(struct calendar *calendar, int64_t now_s)
{
	const struct calendar_span span = {
		.from_s = now_s - DAY_S,
		.until_s = now_s + (int64_t)CALENDAR_DAYS * DAY_S,
		.go_on = go_on,
		.context = calendar,
	};
	struct agenda *agenda = calloc(1, sizeof(*agenda));
	struct err_note note = {""};
	enum err err = ERR_MEMORY;

	if (agenda)
		err = calendar_ical_read(calendar->path, &span, agenda, &note);
	if (err == ERR_CLOSED) {
		free(agenda);
		return;
	}
	if (err) {
		free(agenda);
		agenda = NULL;
	}
	tell(calendar, note.text);
	leave(calendar, agenda);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void look(struct calendar *calendar)
{
	const int64_t now_s = (int64_t)time(NULL);
	struct stat about;

	/* What is no file, a pipe above all, might never be read to its end. */
	if (stat(calendar->path, &about) != 0 || !S_ISREG(about.st_mode)) {
		tell(calendar, "the file cannot be read");
		if (calendar->was_there)
			leave(calendar, NULL);
		calendar->was_there = false;
		return;
	}
	if (calendar->was_there && is_same(&about, &calendar->seen) &&
	    now_s / DAY_S == calendar->day)
		return;
	calendar->was_there = true;
	calendar->seen = about;
	calendar->day = now_s / DAY_S;
	read_anew(calendar, now_s);
}

static void *run(void *context)
{
	struct calendar *calendar = context;

	must(pthread_mutex_lock(&calendar->lock) == 0);
	while (go_on(calendar)) {
		struct timespec until;

		must(pthread_mutex_unlock(&calendar->lock) == 0);
		look(calendar);
		must(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
		until.tv_sec += CALENDAR_LOOK_MS / MS_OF_SECOND;
		must(pthread_mutex_lock(&calendar->lock) == 0);
		if (go_on(calendar))
			(void)pthread_cond_timedwait(&calendar->ended, &calendar->lock,
						     &until);
	}
	must(pthread_mutex_unlock(&calendar->lock) == 0);
	return NULL;
}

static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	must(pthread_condattr_init(&attributes) == 0);
	must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(condition, &attributes) == 0);
	(void)pthread_condattr_destroy(&attributes);
}

enum err calendar_create(const char *path, struct calendar **out_calendar)
{
	struct calendar *calendar = calloc(1, sizeof(*calendar));

	if (!calendar)
		return ERR_MEMORY;
	if (!str_copy(calendar->path, sizeof(calendar->path), path)) {
		free(calendar);
		return ERR_LIMIT;
	}
	must(pthread_mutex_init(&calendar->lock, NULL) == 0);
	init_condition(&calendar->ended);
	if (pthread_create(&calendar->thread, NULL, run, calendar) != 0) {
		(void)pthread_cond_destroy(&calendar->ended);
		(void)pthread_mutex_destroy(&calendar->lock);
		free(calendar);
		return ERR_LIMIT;
	}
	*out_calendar = calendar;
	return OK;
}

void calendar_destroy(struct calendar *calendar)
{
	if (!calendar)
		return;
	must(pthread_mutex_lock(&calendar->lock) == 0);
	atomic_store(&calendar->is_over, true);
	must(pthread_cond_signal(&calendar->ended) == 0);
	must(pthread_mutex_unlock(&calendar->lock) == 0);
	must(pthread_join(calendar->thread, NULL) == 0);
	(void)pthread_cond_destroy(&calendar->ended);
	(void)pthread_mutex_destroy(&calendar->lock);
	free(calendar->read);
	free(calendar->newest);
	free(calendar);
}

const struct agenda *calendar_newest(struct calendar *calendar)
{
	must(pthread_mutex_lock(&calendar->lock) == 0);
	if (calendar->is_new) {
		free(calendar->newest);
		calendar->newest = calendar->read;
		calendar->read = NULL;
		calendar->is_new = false;
	}
	must(pthread_mutex_unlock(&calendar->lock) == 0);
	return calendar->newest;
}
