/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jobs - see the header. The calling thread is worker 0 and the only one that tells of
 * progress; a lock guards the shared counters, not the work.
 */
#include "train/jobs.h"

#include <pthread.h>

#include "base/must.h"

struct team {
	const struct jobs *jobs;
	pthread_mutex_t lock;
	size_t next;
	size_t done;
	enum err err;
	struct err_note *note;
};

struct member {
	struct team *team;
	size_t worker;
	pthread_t thread;
};

/* False: nothing is left. */
static bool take(struct team *team, size_t *out_index, size_t *out_done)
{
	bool taken;

	must(pthread_mutex_lock(&team->lock) == 0);
	taken = !team->err && team->next < team->jobs->count;
	*out_index = team->next;
	*out_done = team->done;
	if (taken)
		team->next++;
	must(pthread_mutex_unlock(&team->lock) == 0);
	return taken;
}

static void finish(struct team *team, enum err err, const struct err_note *note)
{
	must(pthread_mutex_lock(&team->lock) == 0);
	team->done++;
	if (err && !team->err) {
		team->err = err;
		if (note->text[0])
			(void)err_say(err, team->note, "%s", note->text);
	}
	must(pthread_mutex_unlock(&team->lock) == 0);
}

static void work(struct member *member, const struct outside_watch *watch)
{
	struct team *team = member->team;
	size_t index;
	size_t done;

	while (take(team, &index, &done)) {
		struct err_note note = {""};
		enum err err;

		if (watch && team->jobs->parts == 0)
			watch->step(watch->self, done);
		err = team->jobs->run(team->jobs->context, member->worker, index, &note);
		finish(team, err, &note);
	}
}

static void *run_member(void *context)
{
	work(context, NULL);
	return NULL;
}

enum err jobs_run(const struct outside *outside, const struct jobs *jobs,
		  struct err_note *note)
{
	struct team team = {.jobs = jobs, .note = note};
	struct member members[OUTSIDE_JOBS_MAX];
	size_t total = jobs->count * (jobs->parts ? jobs->parts : 1);
	size_t started = 1;

	must(outside->jobs >= 1 && outside->jobs <= OUTSIDE_JOBS_MAX);
	must(pthread_mutex_init(&team.lock, NULL) == 0);
	outside->watch.stage(outside->watch.self, jobs->stage, total);
	for (size_t i = 0; i < outside->jobs; i++)
		members[i] = (struct member){.team = &team, .worker = i};
	while (started < outside->jobs && started < jobs->count &&
	       pthread_create(&members[started].thread, NULL, run_member,
			      &members[started]) == 0)
		started++; /* with fewer it takes longer */
	work(&members[0], &outside->watch);
	for (size_t i = 1; i < started; i++)
		must(pthread_join(members[i].thread, NULL) == 0);
	outside->watch.step(outside->watch.self, total);
	(void)pthread_mutex_destroy(&team.lock);
	return team.err;
}
